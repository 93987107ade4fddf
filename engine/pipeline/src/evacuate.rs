//! `dayu evacuate`: an assignment problem in, its proven optimum out (contract §6).

use crate::files::{InputFiles, Located};
use crate::publish::Draft;
use crate::{Failure, Progress, Stage};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, certificate_csv, parse_instance, plan_csv, solve_assignment, unplaced_csv,
};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Instant as Clock;

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
        let load_s = clock.elapsed().as_secs_f64();
        let clock = Clock::now();
        progress(Stage::Decide, 0.0);
        let outcome = solve_assignment(&assignment)?;
        let solve_s = clock.elapsed().as_secs_f64();
        let clock = Clock::now();
        draft.write("plan.csv", plan_csv(&assignment, &outcome).as_bytes())?;
        draft.write("unplaced.csv", unplaced_csv(&assignment, &outcome).as_bytes())?;
        draft.write("certificate.csv", certificate_csv(&assignment, &outcome).as_bytes())?;
        let rules = &instance.header.rules;
        let mut summary = outcome_json(&assignment, &outcome);
        if let Value::Object(map) = &mut summary {
            map.insert("policy".into(), json!(rules.policy));
            map.insert("split".into(), json!(rules.split));
            map.insert("vulnerable_first".into(), json!(rules.vulnerable_first));
            map.insert("max_cost".into(), json!(rules.max_cost));
            map.insert("k".into(), json!(rules.k));
            map.insert(
                "wall_s".into(),
                json!({ "load": load_s, "solve": solve_s, "write": clock.elapsed().as_secs_f64() }),
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
        "arcs": problem.arcs.len(),
        "people": outcome.people,
        "placed": outcome.placed,
        "unplaced": unplaced,
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
