//! `dayu evacuate`: an assignment problem in, its proven optimum out (contract §6).

use crate::files::{InputFiles, Located};
use crate::publish::Draft;
use crate::replanning::{self, Before, ChangeFiles, Earlier};
use crate::robust::{self, RobustFiles};
use crate::{Failure, Progress, Stage};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Compared, Policy, WITHIN_DEFAULT, care_csv, certificate_csv,
    least_change_from, parse_instance, plan_csv, read_answer, robust_plan, solve_assignment, solve_assignment_from,
    unplaced_csv, verify_certificate, verify_plan,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::time::Instant as Clock;

/// Folder of an answer that holds the files of its problem.
pub(crate) const PROBLEM: &str = "problem";

/// File of an answer that tells who goes to relatives.
pub(crate) const RELATIVES: &str = "relatives.csv";
/// File of an answer that tells who of the plan lies in care places.
pub(crate) const CARE_PLACES: &str = "care.csv";

/// Flags that override the header's rules.
#[derive(Clone, Debug, Default)]
pub struct EvacuateOptions {
    /// objective
    pub policy: Option<String>,
    /// may a demand be split
    pub split: Option<bool>,
    /// vulnerable first
    pub vulnerable_first: Option<bool>,
    /// longest trip, m
    pub max_cost: Option<u64>,
    /// nearest shelters, 0 = all
    pub k: Option<u32>,
    /// folder of an earlier answer whose orders are kept as far as can be
    pub from: Option<PathBuf>,
    /// share by which all trips together may then be longer than in the new optimum; `None` = 0.01
    pub within: Option<f64>,
    /// replace an existing output folder
    pub overwrite: bool,
    /// threads
    pub threads: Option<usize>,
}

/// What `dayu evacuate` reports.
#[derive(Clone, Debug)]
pub struct EvacuationReport {
    /// `summary.json` as written
    pub summary: Value,
    /// findings
    pub findings: Vec<Finding>,
}

/// Solves NAME.json (with NAME.demand.csv, NAME.shelters.csv, NAME.arcs.csv beside it) and writes contract §6 into `out`.
///
/// # Errors
/// Input refused (a rule that is not computed yet is refused by name) or output not writable.
pub fn evacuate(
    problem: &Path,
    out: &Path,
    options: &EvacuateOptions,
    progress: Progress<'_>,
) -> Result<EvacuationReport, Failure> {
    let draft = Draft::begin(out, options.overwrite)?;
    crate::pool(options.threads)?.install(|| {
        let clock = Clock::now();
        progress(Stage::Load, 0.0);
        let files = InputFiles::default();
        let name = problem.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let header = Located {
            path: problem.to_path_buf(),
            name: problem.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        };
        let beside = |part: &str| header.beside(&format!("{name}.{part}.csv"));
        if beside("links").path.exists() {
            return crate::road_problem::evacuate_roads(&name, &header, options, &files, draft, progress);
        }
        let header_text = files.read_text("problem", &header)?;
        let demand = files.read_text("demand", &beside("demand"))?;
        let shelters = files.read_text("shelters", &beside("shelters"))?;
        let arcs = if beside("arcs").path.exists() { Some(files.read_text("arcs", &beside("arcs"))?) } else { None };
        let mut instance = parse_instance(&name, &header_text, &demand, &shelters, arcs.as_deref())?;
        let rules = &mut instance.header.rules;
        if let Some(policy) = &options.policy {
            rules.policy.clone_from(policy);
        }
        rules.split = options.split.unwrap_or(rules.split);
        rules.vulnerable_first = options.vulnerable_first.unwrap_or(rules.vulnerable_first);
        rules.max_cost = options.max_cost.or(rules.max_cost);
        rules.k = options.k.unwrap_or(rules.k);
        let assignment = instance.problem()?;
        let before = options.from.as_deref().map_or_else(Before::default, Before::of);
        let done = beside("done").path;
        let earlier = Earlier::read(&name, &before, &done, &files, &mut instance.findings)?;
        let members_text =
            if beside("members").path.exists() { Some(files.read_text("members", &beside("members"))?) } else { None };
        let load_s = clock.elapsed().as_secs_f64();
        let clock = Clock::now();
        progress(Stage::Decide, 0.0);
        let within = ten_thousandths(options.within)?;
        let all = people(&assignment);
        let (assignment, orders) = match &earlier {
            Some(earlier) => earlier.rest(&assignment, &mut instance.findings),
            None => (assignment, Vec::new()),
        };
        let (mut replan, mut optimum_s) = (None, None);
        if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.replans()) {
            let optimum = match earlier.start(&assignment, &orders) {
                Some(start) => solve_assignment_from(&assignment, &start)?,
                None => solve_assignment(&assignment)?,
            };
            optimum_s = Some(clock.elapsed().as_secs_f64());
            replan = Some(least_change_from(&assignment, &optimum, &orders, within)?);
        }
        let mut outcome = match &replan {
            Some(replan) => replan.outcome.clone(),
            None => solve_assignment(&assignment)?,
        };
        let robust = match &members_text {
            Some(text) => {
                let done = earlier.as_ref().map_or(&[][..], Earlier::done);
                let mut told = Vec::new();
                let members = instance.members(text, done, &mut told)?;
                instance.findings.extend(told);
                let robust = robust_plan(&assignment, &outcome, &members)?;
                instance.findings.extend(not_the_fewest(&robust.compared));
                Some((members, robust))
            }
            None => None,
        };
        instance.findings.extend(instance.policy_findings()?);
        instance.findings.extend(instance.name_reasons(&mut outcome));
        instance.findings.extend(instance.beds_beyond_k(&assignment, &outcome));
        let solve_s = clock.elapsed().as_secs_f64();
        let clock = Clock::now();
        // The answer carries its question, so that it can be verified wherever it goes.
        draft.write(&format!("{PROBLEM}/{name}.json"), header_text.as_bytes())?;
        let parts = [
            ("demand", Some(&demand)),
            ("shelters", Some(&shelters)),
            ("arcs", arcs.as_ref()),
            ("members", members_text.as_ref()),
        ];
        for (part, text) in parts {
            if let Some(text) = text {
                draft.write(&format!("{PROBLEM}/{name}.{part}.csv"), text.as_bytes())?;
            }
        }
        draft.write("plan.csv", plan_csv(&assignment, &outcome).as_bytes())?;
        for (file, text) in [(RELATIVES, instance.relatives_csv()), (CARE_PLACES, care_csv(&assignment, &outcome))] {
            text.map(|text| draft.write(file, text.as_bytes())).transpose()?;
        }
        draft.write("shelters.csv", instance.shelters_csv(&assignment, &outcome).as_bytes())?;
        draft.write("unplaced.csv", unplaced_csv(&assignment, &outcome).as_bytes())?;
        draft.write("certificate.csv", certificate_csv(&assignment, &outcome).as_bytes())?;
        let mut put = |file: &str, text: &str| Ok(draft.write(file, text.as_bytes())?);
        match (&earlier, &replan) {
            (Some(earlier), Some(replan)) => earlier.write(&mut put, &name, &assignment, &orders, replan)?,
            (Some(earlier), None) => earlier.write_orders(&mut put, &name, &assignment, &outcome)?,
            (None, _) => {}
        }
        if let Some((members, robust)) = &robust {
            robust::write(&draft, &assignment, members, robust)?;
        }
        let rules = &instance.header.rules;
        let mut summary = outcome_json(&assignment, &outcome);
        if let Value::Object(map) = &mut summary {
            map.insert("policy".into(), json!(rules.policy));
            map.insert("split".into(), json!(rules.split));
            map.insert("vulnerable_first".into(), json!(rules.vulnerable_first));
            map.insert("max_cost".into(), json!(rules.max_cost));
            map.insert("k".into(), json!(rules.k));
            let policies = &instance.header.policies;
            map.insert("max_hazard_probability".into(), json!(policies.max_hazard_probability));
            map.insert("reserve_share".into(), json!(policies.reserve_share));
            map.insert("relatives_share".into(), json!(policies.relatives_share));
            if let (Some(earlier), Some(replan)) = (&earlier, &replan) {
                map.insert("replan".into(), replanning::replan_json(replan, within, earlier.moved()));
            }
            if let Some((members, robust)) = &robust {
                let figures = robust::json_of(members, robust.left, robust.person_metres, &robust.compared);
                map.insert("robust".into(), figures);
            }
            map.insert("people_with_those_moved".into(), json!(all));
            map.insert("already_moved".into(), json!(all - outcome.people));
            let with_relatives: u64 = instance.relatives().iter().map(|(_, people)| people).sum();
            map.insert("with_relatives".into(), json!(with_relatives));
            map.insert(
                "wall_s".into(),
                // The new optimum alone is a part of solve where a plan is made again.
                json!({ "load": load_s, "optimum": optimum_s, "solve": solve_s, "write": clock.elapsed().as_secs_f64() }),
            );
            map.insert("threads".into(), json!(rayon::current_num_threads()));
            map.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
            let inputs =
                files.list().into_iter().map(|(n, f)| (n, Value::String(f.sha256))).collect::<serde_json::Map<_, _>>();
            map.insert("inputs".into(), Value::Object(inputs));
            map.insert("findings".into(), json!(instance.findings));
        }
        draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
        draft.publish()?;
        progress(Stage::Done, 1.0);
        Ok(EvacuationReport { summary, findings: instance.findings })
    })
}

/// Checks an answer of [`evacuate`]: its tables against the problem kept beside them (or the one given, with its own record of people
/// who went and its own members) under the rules of its summary, everybody moved, placed or listed, no shelter over capacity, duals and
/// bound by themselves, cuts for the shortest longest trip, knapsacks for places that are not split. What none of these proves is computed
/// anew: the optimum that a plan made again is held against, the figures of members, the shortest longest trip where places are not split. `from` is the answer whose orders a new plan says to keep to. Returns what was found to hold.
///
/// # Errors
/// The first thing that does not hold, or a file that cannot be read.
pub fn verify_evacuation(answer: &Path, problem: Option<&Path>, from: Option<&Path>) -> Result<Value, Failure> {
    let files = InputFiles::default();
    let part = |name: &str| files.read_text(name, &Located { path: answer.join(name), name: name.to_owned() });
    let summary_text = part("summary.json")?;
    let summary: Value = serde_json::from_str(&summary_text).map_err(|e| differs("summary.json", &e.to_string()))?;
    let header = match problem {
        Some(path) => path.to_path_buf(),
        None => kept_problem(answer)?,
    };
    let name = header.file_stem().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let header = Located { name: format!("{name}.json"), path: header };
    if summary["kind"] == "road" {
        return crate::road_problem::verify_roads(answer, &header, &name, &summary);
    }
    let asked = InputFiles::default();
    let header_text = asked.read_text("problem", &header)?;
    let beside = |part: &str| header.beside(&format!("{name}.{part}.csv"));
    let demand = asked.read_text("demand", &beside("demand"))?;
    let shelters = asked.read_text("shelters", &beside("shelters"))?;
    let arcs = if beside("arcs").path.exists() { Some(asked.read_text("arcs", &beside("arcs"))?) } else { None };
    let replanned = summary["replan"].is_object();
    let mut unread = Vec::new();
    // Orders given before are no part of a problem: without `from` those that the answer keeps are taken.
    let before = match (replanned, from) {
        (_, Some(from)) => Before::of(from),
        (true, None) => Before::kept(answer, &name),
        (false, None) => Before::default(),
    };
    let earlier = Earlier::read(&name, &before, &beside("done").path, &asked, &mut unread)?;
    let members_text =
        if beside("members").path.exists() { Some(asked.read_text("members", &beside("members"))?) } else { None };
    let read = asked.list();
    for (name, file) in &read {
        if summary["inputs"][name] != json!(file.sha256) {
            return Err(differs(name, "SHA-256").into());
        }
    }
    let stated = summary["inputs"].as_object().into_iter().flatten();
    if let Some((name, _)) = stated.into_iter().find(|(name, _)| !read.contains_key(*name)) {
        return Err(differs(name, "inputs").into());
    }
    let mut instance = parse_instance(&name, &header_text, &demand, &shelters, arcs.as_deref())?;
    let rules = &mut instance.header.rules;
    let wrong = |field: &str| Failure::from(differs("summary.json", field));
    rules.policy = summary["policy"].as_str().ok_or_else(|| wrong("policy"))?.to_owned();
    rules.split = summary["split"].as_bool().ok_or_else(|| wrong("split"))?;
    rules.vulnerable_first = summary["vulnerable_first"].as_bool().ok_or_else(|| wrong("vulnerable_first"))?;
    rules.max_cost = summary["max_cost"].as_u64();
    rules.k = summary["k"].as_u64().and_then(|k| u32::try_from(k).ok()).ok_or_else(|| wrong("k"))?;
    let assignment = instance.problem()?;
    let all = people(&assignment);
    let (assignment, orders) = match &earlier {
        Some(earlier) => earlier.rest(&assignment, &mut unread),
        None => (assignment, Vec::new()),
    };
    let outcome = read_answer(&assignment, &part("plan.csv")?, &part("unplaced.csv")?, &part("certificate.csv")?)?;
    if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.replans()) {
        verify_plan(&assignment, &outcome)?;
        let changes = ChangeFiles { changes: part("changes.csv")?, certificate: part("change_certificate.csv")? };
        replanning::verify_replan(&summary, &assignment, &orders, &outcome, &changes, earlier.moved())?;
    } else {
        verify_certificate(&assignment, &outcome)?;
        // Where places are not split, nothing proves that no shorter limit would do.
        if assignment.policy == Policy::Longest
            && !assignment.all_split()
            && solve_assignment(&assignment)?.certificate.most_m != outcome.certificate.most_m
        {
            return Err(differs("certificate.csv", "longest").into());
        }
    }
    if let Some(earlier) = &earlier
        && part("orders.csv")? != earlier.standing(&assignment, &outcome)
    {
        return Err(differs("orders.csv", "people").into());
    }
    if answer.join("shelters.csv").exists() && part("shelters.csv")? != instance.shelters_csv(&assignment, &outcome) {
        return Err(differs("shelters.csv", "assigned").into());
    }
    // A file that has nothing to say is not there.
    for (file, text) in [(RELATIVES, instance.relatives_csv()), (CARE_PLACES, care_csv(&assignment, &outcome))] {
        let there = answer.join(file).exists().then(|| part(file)).transpose()?;
        if there != text {
            return Err(differs(file, "people").into());
        }
    }
    match (&members_text, summary["robust"].is_object()) {
        (Some(text), true) => {
            let done = earlier.as_ref().map_or(&[][..], Earlier::done);
            let members = instance.members(text, done, &mut unread)?;
            let files = RobustFiles {
                plan: part("robust_plan.csv")?,
                certificate: part("robust_certificate.csv")?,
                members: part("members.csv")?,
            };
            robust::verify(&summary, &assignment, &outcome, &members, &files)?;
        }
        (None, false) => {}
        _ => return Err(wrong("robust")),
    }
    let mut found = outcome_json(&assignment, &outcome);
    if let Value::Object(found) = &mut found {
        // The relative gap follows from whole numbers that are compared.
        for (key, value) in found.iter().filter(|(key, _)| *key != "gap_relative") {
            if &summary[key] != value {
                return Err(wrong(key));
            }
        }
        found.insert("people_with_those_moved".into(), json!(all));
        found.insert("already_moved".into(), json!(all - outcome.people));
        // Against itself an answer can only be found consistent: who forges it forges its question as well.
        found.insert("problem_given".into(), json!(problem.is_some()));
        found.insert("orders_before_given".into(), if replanned { json!(from.is_some()) } else { Value::Null });
        found.insert("verified".into(), json!(true));
    }
    Ok(found)
}

/// Persons who need a bed, those who have gone already included.
fn people(problem: &AssignmentProblem) -> u64 {
    problem.demand.iter().map(|place| place.people).fold(0, u64::saturating_add)
}

/// A part of summary.json that must be as computed anew.
pub(crate) fn same(part: &str, said: &Value, found: &Value) -> Result<(), Finding> {
    // Both through text: what is written and read again may differ in the last digit of a fraction.
    let found: Value = serde_json::from_str(&found.to_string()).map_err(|e| differs("summary.json", &e.to_string()))?;
    let keys = found.as_object().into_iter().flatten().map(|(key, _)| key);
    match keys.clone().find(|key| said[key.as_str()] != found[key.as_str()]) {
        Some(key) => Err(differs("summary.json", &format!("{part}.{key}"))),
        None if said.as_object().map(serde_json::Map::len) == Some(keys.count()) => Ok(()),
        None => Err(differs("summary.json", part)),
    }
}

/// Said where the weight of a member was too low against long trips.
fn not_the_fewest(compared: &Compared) -> Option<Finding> {
    let (expected, least) = (compared.robust.expected(), compared.least_expected);
    (expected > least + 1e-9).then(|| {
        Finding::warning(
            "EVA-088",
            Text::new(
                format!("成员多而路程长：稳妥方案预计 {expected} 人没有床位，最少可为 {least} 人。"),
                format!(
                    "With many members and long trips the plan for all of them leaves {expected} people expected without a bed; {least} would be possible."
                ),
            ),
            Text::new("限制路程（max_cost）或减少成员后重新计算。", "Bound the trips (max_cost) or give fewer members."),
        )
        .in_file("robust_plan.csv")
    })
}

/// A share as whole ten-thousandths.
fn ten_thousandths(share: Option<f64>) -> Result<u32, Finding> {
    let Some(share) = share else { return Ok(WITHIN_DEFAULT) };
    if (0.0..=1.0).contains(&share) {
        return Ok((share * 10_000.0).round() as u32);
    }
    Err(Finding::error(
        "EVA-075",
        Text::new(
            format!("--within {share} 不在 0 与 1 之间，未作计算。"),
            format!("--within {share} is not between 0 and 1; nothing was computed."),
        ),
        Text::new(
            "例如 0.01：总路程比新的最优值最多长 1 %。",
            "For example 0.01: trips at most 1 % longer than the new optimum.",
        ),
    )
    .field("within"))
}

/// The one header among the files of the problem that an answer keeps.
pub(crate) fn kept_problem(answer: &Path) -> Result<PathBuf, Finding> {
    let folder = answer.join(PROBLEM);
    let mut headers: Vec<_> = std::fs::read_dir(&folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    match (headers.pop(), headers.is_empty()) {
        (Some(header), true) => Ok(header),
        _ => Err(Finding::error(
            "EVA-022",
            Text::new("答案文件夹中没有唯一的问题文件。", "The answer does not keep exactly one problem."),
            Text::new("同时给出问题文件 NAME.json。", "Give the problem NAME.json as well."),
        )
        .in_file(folder.display().to_string())),
    }
}

/// `EVA-022`: a file of an answer that is not what it was.
pub(crate) fn differs(file: &str, what: &str) -> Finding {
    Finding::error(
        "EVA-022",
        Text::new(
            format!("与答案不一致（{what}）：文件在计算之后被改动，或不属于同一次计算。"),
            format!(
                "It does not agree with the answer ({what}): it was changed after the computation or is of another one."
            ),
        ),
        Text::new("重新计算；不要使用本答案。", "Compute again; do not use this answer."),
    )
    .in_file(file)
    .field(what)
}

/// The figures of an optimum that `summary.json` carries.
pub(crate) fn outcome_json(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Value {
    let unplaced = outcome.people - outcome.placed;
    let value = i128::from(unplaced) * 100_000_000 + i128::try_from(outcome.person_metres).unwrap_or(i128::MAX);
    let gap = value - outcome.lower_bound;
    let relative = if value == 0 { 0.0 } else { gap as f64 / value as f64 };
    json!({
        "format": 1,
        "demands": problem.demand.len(),
        "shelters": problem.shelters.len(),
        "arcs": problem.trips.count(),
        "people": outcome.people,
        "placed": outcome.placed,
        "unplaced": unplaced,
        "unplaced_vulnerable": outcome.unplaced_vulnerable,
        "person_metres": whole(i128::try_from(outcome.person_metres).unwrap_or(i128::MAX)),
        "longest_metres": outcome.longest_m,
        "lower_bound": whole(outcome.lower_bound),
        "gap": whole(gap),
        "gap_relative": relative,
    })
}

/// A whole number as JSON: exact as long as it fits 64 bits, else as text so that no digit is lost.
pub(crate) fn whole(value: i128) -> Value {
    i64::try_from(value).map_or_else(|_| Value::String(value.to_string()), Value::from)
}

/// Said when a level has people to house but the district has no roads or no shelters.
pub(crate) fn nowhere_to_go() -> Finding {
    Finding::warning(
        "RUN-081",
        Text::new(
            "没有道路或避灾安置场所台账，无法安排安置",
            "there is no register of roads or shelters; nobody can be assigned",
        ),
        Text::new("在 dataset.toml 增加 roads 与 shelters 图层", "add the layers roads and shelters to dataset.toml"),
    )
}
