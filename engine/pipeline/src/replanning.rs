//! Orders given before and what of them was carried out: a plan that keeps as many of them as it can, and its check.

use crate::Failure;
use crate::evacuate::{PROBLEM, differs, same, whole};
use crate::files::{InputFiles, Located};
use crate::vehicle_orders::OF_VEHICLES;
use dayu_base::Finding;
use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Order, Replan, Start, after_done, certificate_csv, changes, changes_csv,
    limit_of, orders_csv, priced, read_certificate, read_orders, solve_assignment, standing_orders, verify_duals,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Orders of an earlier answer, and the record of those carried out.
pub(crate) struct Earlier {
    before_text: Option<String>,
    done_text: Option<String>,
    /// duals of the earlier answer: where the new optimum begins
    basis_text: Option<String>,
    before: Vec<Order>,
    done: Vec<Order>,
    /// people who wait for a vehicle to the shelter they were told: they and their beds take no part in the assignment
    carried: Vec<Order>,
    carried_text: Option<String>,
    /// rows of changes.csv that tell of vehicles
    carried_changes: String,
}

/// Files of an earlier answer that a new one goes on from.
#[derive(Default)]
pub(crate) struct Before {
    orders: Option<PathBuf>,
    basis: Option<PathBuf>,
}

impl Before {
    /// Of the folder of an answer.
    pub fn of(answer: &Path) -> Self {
        Self { orders: Some(orders_file(answer)), basis: Some(answer.join("certificate.csv")) }
    }

    /// As an answer keeps them with its problem.
    pub fn kept(answer: &Path, name: &str) -> Self {
        let part = |part: &str| Some(answer.join(PROBLEM).join(format!("{name}.{part}.csv")));
        Self { orders: part("before"), basis: part("basis") }
    }
}

/// Where an answer tells all orders that stand: those carried out before it was made are in no plan.csv.
pub(crate) fn orders_file(answer: &Path) -> PathBuf {
    let orders = answer.join("orders.csv");
    if orders.exists() { orders } else { answer.join("plan.csv") }
}

impl Earlier {
    /// From orders that were read elsewhere. `carried`: people who wait for a vehicle, with the rows that tell of changes among them.
    pub fn of(before: Vec<Order>, done: Vec<Order>, (carried, carried_changes): (Vec<Order>, String)) -> Self {
        let text = |orders: &Vec<Order>| (!orders.is_empty()).then(|| orders_csv(orders));
        let (done_text, carried_text) = (text(&done), text(&carried));
        let before_text = Some(orders_csv(&before));
        Self { before_text, done_text, basis_text: None, before, done, carried, carried_text, carried_changes }
    }

    /// Reads the orders before, if there were any, NAME.done.csv and beside it NAME.carried.csv, if there are. `None` when there is neither.
    pub fn read(
        name: &str,
        before: &Before,
        done: &Path,
        files: &InputFiles,
        findings: &mut Vec<Finding>,
    ) -> Result<Option<Self>, Failure> {
        let read = |part: &str, path: &Path| {
            let file = Located { path: path.to_path_buf(), name: format!("{name}.{part}.csv") };
            files.read_text(part, &file)
        };
        let before_text = before.orders.as_deref().map(|path| read("before", path)).transpose()?;
        let basis = before.basis.as_deref().filter(|path| path.exists());
        let basis_text = basis.map(|path| read("basis", path)).transpose()?;
        let done_text = done.exists().then(|| read("done", done)).transpose()?;
        let carried = done.with_file_name(format!("{name}.carried.csv"));
        let carried_text = carried.exists().then(|| read("carried", &carried)).transpose()?;
        if before_text.is_none() && done_text.is_none() && carried_text.is_none() {
            return Ok(None);
        }
        let mut orders = |part: &str, text: &Option<String>| match text {
            Some(text) => read_orders(&format!("{name}.{part}.csv"), text, findings),
            None => Ok(Vec::new()),
        };
        let done = orders("done", &done_text)?;
        let before = orders("before", &before_text)?;
        let carried = orders("carried", &carried_text)?;
        let carried_changes = String::new();
        Ok(Some(Self { before, done, carried, before_text, done_text, basis_text, carried_text, carried_changes }))
    }

    /// Where the new optimum begins: with the orders and duals before. `None` where the points or shelters are not the same any more.
    pub fn start(&self, problem: &AssignmentProblem, orders: &[Order]) -> Option<Start> {
        let duals = read_certificate(problem, self.basis_text.as_deref()?).ok()?;
        let worth = problem.shelters.iter().map(|site| site.id.clone()).zip(duals.w).collect();
        Some(Start::new(problem, orders, &worth))
    }

    /// Whether orders were given before; else there is only a record of people who went.
    pub fn replans(&self) -> bool {
        self.before_text.is_some()
    }

    /// What is left to do, and the orders for it.
    pub fn rest(&self, problem: &AssignmentProblem, findings: &mut Vec<Finding>) -> (AssignmentProblem, Vec<Order>) {
        let done: Vec<Order> = self.done.iter().chain(&self.carried).cloned().collect();
        after_done(problem, &self.before, &done, findings)
    }

    pub fn done(&self) -> &[Order] {
        &self.done
    }

    pub fn moved(&self) -> u64 {
        self.done.iter().map(|order| order.people).fold(0, u64::saturating_add)
    }

    /// All orders that stand with this plan, as text.
    pub fn standing(&self, problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
        orders_csv(&standing_orders(problem, outcome, &self.done))
    }

    /// Keeps both with the problem, and writes all orders that stand now.
    pub fn write_orders(
        &self,
        put: &mut dyn FnMut(&str, &str) -> Result<(), Failure>,
        name: &str,
        problem: &AssignmentProblem,
        outcome: &AssignmentOutcome,
    ) -> Result<(), Failure> {
        for (part, text) in self.question() {
            put(&format!("{PROBLEM}/{name}.{part}.csv"), text)?;
        }
        put("orders.csv", &self.standing(problem, outcome))
    }

    /// As [`Self::write_orders`], with the difference sheet and the proof of how many could keep their order at most.
    pub fn write(
        &self,
        put: &mut dyn FnMut(&str, &str) -> Result<(), Failure>,
        name: &str,
        problem: &AssignmentProblem,
        orders: &[Order],
        replan: &Replan,
    ) -> Result<(), Failure> {
        self.write_orders(put, name, problem, &replan.outcome)?;
        put("changes.csv", &(changes_csv(&replan.changes) + &self.carried_changes))?;
        let points = priced(&problem.with_splitting(), orders, replan.price_m)?;
        put("change_certificate.csv", &certificate_csv(&points.problem, &replan.proof))
    }

    /// (part of the problem, text) of the orders before, of those carried out and of people who wait for a vehicle.
    pub fn question(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let parts = [
            ("before", &self.before_text),
            ("done", &self.done_text),
            ("basis", &self.basis_text),
            ("carried", &self.carried_text),
        ];
        parts.into_iter().filter_map(|(part, text)| Some((part, text.as_deref()?)))
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
        // Σ people·u − Σ beds·w of change_certificate.csv: a dual that was changed is seen even where the bound does not need it.
        "dual_value": whole(replan.dual_value),
    })
}

/// Files of an answer that tell what a new plan changes.
pub(crate) struct ChangeFiles {
    pub changes: String,
    pub certificate: String,
}

/// Checks a plan made again: nobody more without a bed than in the optimum, which is computed anew, its trips within their limit, and every
/// figure and row of the difference sheet as they follow from orders, plan and duals.
pub(crate) fn verify_replan(
    summary: &Value,
    problem: &AssignmentProblem,
    orders: &[Order],
    outcome: &AssignmentOutcome,
    files: &ChangeFiles,
    moved: u64,
) -> Result<(), Finding> {
    let said = &summary["replan"];
    let wrong = |field: &str| differs("summary.json", field);
    let price_m = said["price_metres"].as_u64().and_then(|price| u32::try_from(price).ok());
    let price_m = price_m.ok_or_else(|| wrong("price_metres"))?;
    let within = said["within"].as_f64().filter(|share| (0.0..=1.0).contains(share));
    let within = (within.ok_or_else(|| wrong("within"))? * 10_000.0).round() as u32;
    let optimum = solve_assignment(problem)?;
    let limit_m = limit_of(optimum.person_metres, within);
    if outcome.left() != optimum.left() {
        return Err(differs("plan.csv", "unplaced"));
    }
    if outcome.person_metres > limit_m {
        return Err(differs("plan.csv", "limit_person_metres"));
    }
    let points = priced(&problem.with_splitting(), orders, price_m)?;
    let duals = read_certificate(&points.problem, &files.certificate)?;
    verify_duals(&points.problem, &duals)?;
    let bad_duals = || differs("change_certificate.csv", "value");
    let kept_at_most = points.kept_at_most(&duals, outcome.left(), limit_m).ok_or_else(bad_duals)?;
    let (changes, kept) = changes(problem, orders, outcome);
    // Rows of vehicles follow from trips, which are no part of the assignment; answers of a problem alone have none.
    let has_trips = summary["carried"].is_object();
    let of_vehicles =
        |line: &&str| has_trips && line.rsplit(',').next().is_some_and(|why| why.starts_with(OF_VEHICLES));
    let told: String = files.changes.split_inclusive('\n').filter(|line| !of_vehicles(line)).collect();
    if changes_csv(&changes) != told {
        return Err(differs("changes.csv", "people"));
    }
    let found = Replan {
        outcome: outcome.clone(),
        optimum_m: optimum.person_metres,
        limit_m,
        ordered: orders.iter().map(|order| order.people).sum(),
        kept,
        kept_at_most,
        price_m,
        dual_value: duals.bound(&points.problem, 0, 0).ok_or_else(bad_duals)?,
        proof: optimum,
        changes,
    };
    same("replan", said, &replan_json(&found, within, moved))
}
