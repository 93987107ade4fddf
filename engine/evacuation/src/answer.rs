//! The answer as tables: plan, those without a bed, proof. Rows are in the order of ids, whatever the order of the input.

use crate::order::id_order;
use crate::sheet::quoted;
use crate::{AssignmentOutcome, AssignmentProblem};
use std::fmt::Write;

/// `plan.csv`: demand,shelter,people,cost (metres per person).
pub fn plan_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let mut rows: Vec<_> = outcome
        .moves
        .iter()
        .map(|m| (&*problem.demand[m.demand as usize].id, &*problem.shelters[m.shelter as usize].id, m))
        .collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| id_order(a.1, b.1)));
    let mut text = String::from("demand,shelter,people,cost\n");
    for (demand, shelter, step) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{},{}", quoted(demand), quoted(shelter), step.people, step.cost);
    }
    text
}

/// `unplaced.csv`: id,people,reason.
pub fn unplaced_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let mut rows: Vec<_> = outcome.unplaced.iter().map(|u| (&*problem.demand[u.demand as usize].id, u)).collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| a.1.reason.cmp(&b.1.reason)));
    let mut text = String::from("id,people,reason\n");
    for (id, rest) in rows {
        let _ = writeln!(text, "{},{},{}", quoted(id), rest.people, quoted(&rest.reason));
    }
    text
}

/// `certificate.csv`: kind,id,value with kind demand (u) or shelter (w).
pub fn certificate_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let proof = &outcome.certificate;
    let mut text = String::from("kind,id,value\n");
    let demand = problem.demand.iter().map(|d| &*d.id).zip(&proof.u).collect();
    let shelters = problem.shelters.iter().map(|s| &*s.id).zip(&proof.w).collect();
    let sides: [(&str, Vec<(&str, &i64)>); 2] = [("demand", demand), ("shelter", shelters)];
    for (kind, mut rows) in sides {
        rows.sort_by(|a, b| id_order(a.0, b.0));
        for (id, value) in rows {
            let _ = writeln!(text, "{kind},{},{value}", quoted(id));
        }
    }
    text
}
