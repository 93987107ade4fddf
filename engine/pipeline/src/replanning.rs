//! `dayu evacuate --from`: a plan that keeps as many orders of an earlier answer as it can; and the plan for many members.

use crate::Failure;
use crate::evacuate::{PROBLEM, differs, whole};
use crate::files::{InputFiles, Located};
use crate::publish::Draft;
use dayu_base::Finding;
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Members, Order, Replan, Robust, after_done, certificate_csv, changes_csv,
    judge, kept_at_most, layered, members_csv, orders_csv, priced, read_answer, read_certificate, read_members,
    read_orders, robust_plan_csv, verify_duals,
};
use serde_json::{Value, json};

/// Orders of an earlier answer, and the record of those carried out.
pub(crate) struct Earlier {
    before_text: String,
    done_text: Option<String>,
    before: Vec<Order>,
    done: Vec<Order>,
}

impl Earlier {
    /// From orders that were read elsewhere.
    pub fn of(before: Vec<Order>, done: Vec<Order>) -> Self {
        let done_text = (!done.is_empty()).then(|| orders_csv(&done));
        Self { before_text: orders_csv(&before), done_text, before, done }
    }

    /// Reads plan.csv of the earlier answer and, if there is one, NAME.done.csv beside the problem.
    pub fn read(
        name: &str,
        plan: &std::path::Path,
        done: &std::path::Path,
        files: &InputFiles,
        findings: &mut Vec<Finding>,
    ) -> Result<Self, Failure> {
        let before_name = format!("{name}.before.csv");
        let before = Located { path: plan.to_path_buf(), name: before_name.clone() };
        let before_text = files.read_text("before", &before)?;
        let done = Located { path: done.to_path_buf(), name: format!("{name}.done.csv") };
        let done_text = if done.path.exists() { Some(files.read_text("done", &done)?) } else { None };
        let carried_out = match &done_text {
            Some(text) => read_orders(&done.name, text, findings)?,
            None => Vec::new(),
        };
        let before = read_orders(&before_name, &before_text, findings)?;
        Ok(Self { before, done: carried_out, before_text, done_text })
    }

    /// What is left to do, and the orders for it.
    pub fn rest(&self, problem: &AssignmentProblem, findings: &mut Vec<Finding>) -> (AssignmentProblem, Vec<Order>) {
        after_done(problem, &self.before, &self.done, findings)
    }

    pub fn moved(&self) -> u64 {
        self.done.iter().map(|order| order.people).sum()
    }

    /// Keeps both with the problem, and writes the difference sheet and the proof that no plan within the limit changes fewer.
    pub fn write(
        &self,
        put: &mut dyn FnMut(&str, &str) -> Result<(), Finding>,
        name: &str,
        problem: &AssignmentProblem,
        orders: &[Order],
        replan: &Replan,
    ) -> Result<(), Failure> {
        for (part, text) in self.question() {
            put(&format!("{PROBLEM}/{name}.{part}.csv"), text)?;
        }
        put("changes.csv", &changes_csv(&replan.changes))?;
        let points = priced(&problem.with_splitting(), orders, replan.price_m)?;
        put("change_certificate.csv", &certificate_csv(&points.problem, &replan.proof))?;
        Ok(())
    }

    /// (part of the problem, text) of the orders before and of those carried out.
    pub fn question(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [("before", Some(&self.before_text)), ("done", self.done_text.as_ref())]
            .into_iter()
            .filter_map(|(part, text)| Some((part, text?.as_str())))
    }
}

/// The part `replan` of summary.json.
pub(crate) fn replan_json(replan: &Replan, within: u32, moved: u64) -> Value {
    let metres = |value: u128| whole(i128::try_from(value).unwrap_or(i128::MAX));
    json!({
        "within": f64::from(within) / 10_000.0,
        "people_already_moved": moved,
        "optimum_person_metres": metres(replan.optimum_m),
        "limit_person_metres": metres(replan.limit_m),
        "people_ordered": replan.ordered,
        "people_kept": replan.kept,
        "people_kept_at_most": replan.kept_at_most,
        "people_changed": replan.ordered - replan.kept,
        "orders_changed": replan.changes.len(),
        "price_metres": replan.price_m,
    })
}

/// Checks the difference sheet and its bound from the files: orders before less those carried out, the plan within its limit, who keeps
/// the shelter, and the duals of the priced problem.
pub(crate) fn verify_replan(
    summary: &Value,
    problem: &AssignmentProblem,
    orders: &[Order],
    outcome: &AssignmentOutcome,
    proof: &str,
) -> Result<(), Finding> {
    let said = &summary["replan"];
    let wrong = |field: &str| differs("summary.json", field);
    let number = |key: &str| said[key].as_u64().ok_or_else(|| wrong(key));
    let price_m = u32::try_from(number("price_metres")?).map_err(|_| wrong("price_metres"))?;
    let within = said["within"].as_f64().map(|share| (share * 10_000.0).round() as u128);
    let within = within.ok_or_else(|| wrong("within"))?;
    let optimum_m = u128::from(number("optimum_person_metres")?);
    let limit_m = optimum_m + optimum_m * within / 10_000;
    let left = outcome.left();
    // Where places may be split the duals of the plan prove the optimum; else it is the best plan found.
    let bound = outcome.certificate.bound(problem, left, 0).map(|b| b - i128::from(left) * 100_000_000);
    if problem.all_split() && bound.and_then(|b| u128::try_from(b).ok()) != Some(optimum_m) {
        return Err(wrong("optimum_person_metres"));
    }
    if u128::from(number("limit_person_metres")?) != limit_m || outcome.person_metres > limit_m {
        return Err(wrong("limit_person_metres"));
    }
    let kept: u64 = (outcome.moves.iter())
        .map(|m| {
            let (demand, shelter) = (&problem.demand[m.demand as usize].id, &problem.shelters[m.shelter as usize].id);
            let order = orders.iter().find(|o| (&o.demand, &o.shelter) == (demand, shelter));
            order.map_or(0, |order| order.people.min(m.people))
        })
        .sum();
    if kept != number("people_kept")? {
        return Err(wrong("people_kept"));
    }
    let points = priced(&problem.with_splitting(), orders, price_m)?;
    let duals = read_certificate(&points.problem, proof)?;
    verify_duals(&points.problem, &duals)?;
    let priced_m = duals.bound(&points.problem, left, 0).map(|b| b - i128::from(left) * 100_000_000);
    let priced_m = priced_m.map_or(0, |metres| u128::try_from(metres).unwrap_or(0));
    let at_most = kept_at_most(outcome.placed, priced_m, limit_m, price_m).min(points.can_stay());
    // A plan without splitting may leave more people without a bed than the duals are for; then the bound of the summary is not of it.
    if problem.all_split() && at_most != number("people_kept_at_most")? {
        return Err(wrong("people_kept_at_most"));
    }
    Ok(())
}

/// Reads NAME.members.csv.
pub(crate) fn members(
    name: &str,
    text: &str,
    problem: &AssignmentProblem,
    findings: &mut Vec<Finding>,
) -> Result<Members, Finding> {
    read_members(&format!("{name}.members.csv"), text, problem, findings)
}

/// Writes the plan for all members, its proof and what becomes of each plan in each member.
pub(crate) fn write_robust(
    draft: &Draft,
    problem: &AssignmentProblem,
    members: &Members,
    robust: &Robust,
) -> Result<(), Failure> {
    draft.write("robust_plan.csv", robust_plan_csv(problem, robust).as_bytes())?;
    draft.write("members.csv", members_csv(members, robust).as_bytes())?;
    let (layers, _) = layered(problem, members)?;
    draft.write("robust_certificate.csv", certificate_csv(&layers, &robust.proof).as_bytes())?;
    Ok(())
}

/// The part `robust` of summary.json: both plans in the members, and what the robust one costs where nothing happens.
pub(crate) fn robust_json(members: &Members, robust: &Robust, nominal: &AssignmentOutcome) -> Value {
    let metres = |value: u128| i128::try_from(value).unwrap_or(i128::MAX);
    let known: u128 = robust.known.iter().map(|known| u128::from(known.0)).sum();
    json!({
        "members": members.ids.len(),
        "expected_without_bed": { "nominal_plan": robust.nominal.expected(), "robust_plan": robust.robust.expected(),
            "known": known as f64 / members.ids.len() as f64 },
        "worst_without_bed": { "nominal_plan": robust.nominal.worst(), "robust_plan": robust.robust.worst(),
            "known": robust.known.iter().map(|known| known.0).max() },
        "unplaced": robust.left,
        "person_metres": whole(metres(robust.person_metres)),
        "price_unplaced": robust.left as i64 - nominal.left() as i64,
        "price_person_metres": whole(metres(robust.person_metres) - metres(nominal.person_metres)),
    })
}

/// Checks the plan for all members from its files: a plan within the beds, its value equal to the bound of its duals, and its figures.
pub(crate) fn verify_robust(
    summary: &Value,
    problem: &AssignmentProblem,
    members: &Members,
    plan: &str,
    proof: &str,
) -> Result<(), Finding> {
    let wrong = |field: &str| differs("robust_plan.csv", field);
    let (layers, _) = layered(problem, members)?;
    let duals = read_certificate(&layers, proof)?;
    verify_duals(&layers, &duals)?;
    let split = problem.with_splitting();
    // Only its moves are asked for: who has no bed follows from them.
    let empty: String = certificate_of_nothing(&split);
    let read = read_answer(&split, plan, "id,people,reason\n", &empty)?;
    let (mut load, mut sent) = (vec![0_u64; split.shelters.len()], vec![0_u64; split.demand.len()]);
    for step in &read.moves {
        load[step.shelter as usize] += step.people;
        sent[step.demand as usize] += step.people;
        if split.trips.metres(step.demand, step.shelter).map(u64::from) != Some(step.cost) {
            return Err(wrong("cost"));
        }
    }
    let crowded = load.iter().zip(&split.shelters).any(|(load, site)| *load > site.capacity);
    let doubled = sent.iter().zip(&split.demand).any(|(sent, place)| *sent > place.people);
    if crowded || doubled {
        return Err(wrong("people"));
    }
    let people: u64 = split.demand.iter().map(|d| d.people).sum();
    let left = people - sent.iter().sum::<u64>();
    let judged = judge(&read.moves, left, members);
    let said = &summary["robust"];
    if said["expected_without_bed"]["robust_plan"] != json!(judged.expected())
        || said["worst_without_bed"]["robust_plan"] != json!(judged.worst())
        || said["person_metres"] != whole(i128::try_from(read.person_metres).unwrap_or(i128::MAX))
    {
        return Err(wrong("summary.json"));
    }
    // Value of the plan over the layers: its people fill the cheapest layers of each shelter first.
    let mut value = i128::from(left) * 100_000_000 + i128::try_from(read.person_metres).unwrap_or(i128::MAX);
    let mut load = load;
    for (site, shelter) in layers.shelters.iter().zip(layered(problem, members)?.1) {
        let without = site.id.strip_prefix(problem.shelters[shelter as usize].id.as_str());
        let without = without.and_then(|rest| rest.strip_prefix('>')).and_then(|k| k.parse::<u64>().ok()).unwrap_or(0);
        let here = load[shelter as usize].min(site.capacity);
        load[shelter as usize] -= here;
        let surcharge = dayu_evacuation::EXPECTED_M * without / members.ids.len() as u64;
        value += i128::from(here) * i128::from(surcharge);
    }
    if split.vulnerable_first || duals.bound(&layers, left, 0) == Some(value) { Ok(()) } else { Err(wrong("value")) }
}

/// Duals that prove nothing, for a table of moves that is read without its own.
fn certificate_of_nothing(problem: &AssignmentProblem) -> String {
    let mut text = String::from("kind,id,value\n");
    let row = |text: &mut String, kind: &str, id: &str| {
        text.push_str(&format!("{kind},\"{}\",0\n", id.replace('"', "\"\"")));
    };
    for place in &problem.demand {
        row(&mut text, "demand", &place.id);
        if problem.vulnerable_first {
            row(&mut text, "vulnerable", &place.id);
        }
    }
    problem.shelters.iter().for_each(|site| row(&mut text, "shelter", &site.id));
    text
}
