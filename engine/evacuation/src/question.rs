//! An assignment problem as the files that [`crate::parse_instance`] reads, so that an answer can carry its question.

use crate::AssignmentProblem;
use crate::order::id_order;
use crate::sheet::quoted;
use serde_json::json;
use std::fmt::Write;

/// Texts of NAME.json, NAME.demand.csv, NAME.shelters.csv and NAME.arcs.csv.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemFiles {
    /// rules
    pub header: String,
    /// id,people,vulnerable, and party where there are any
    pub demand: String,
    /// id,capacity; beds that may be used, 0 for a shelter that gets no one
    pub shelters: String,
    /// demand,shelter,cost (m); every trip that is allowed
    pub arcs: String,
}

/// The files of a problem; rows are in the order of ids.
pub fn problem_files(problem: &AssignmentProblem, name: &str) -> ProblemFiles {
    let mut order: Vec<(&str, u32)> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    order.sort_by(|a, b| id_order(a.0, b.0));
    let (mut demand, mut arcs) = (String::from("id,people,vulnerable"), String::from("demand,shelter,cost\n"));
    let mut row = Vec::new();
    let parties = problem.demand.iter().any(|d| d.party.is_some());
    demand.push_str(if parties { ",party\n" } else { "\n" });
    for (id, at) in order {
        let place = &problem.demand[at as usize];
        let id = quoted(id);
        // Writing to a String cannot fail.
        let _ = write!(demand, "{id},{},{}", place.people, place.vulnerable.min(place.people));
        if parties {
            let _ = write!(demand, ",{}", quoted(place.party.as_deref().unwrap_or("")));
        }
        demand.push('\n');
        problem.trips.row(at, &mut row);
        row.sort_unstable_by(|a, b| id_order(&problem.shelters[a.0 as usize].id, &problem.shelters[b.0 as usize].id));
        for &(shelter, metres) in &row {
            let _ = writeln!(arcs, "{id},{},{metres}", quoted(&problem.shelters[shelter as usize].id));
        }
    }
    let mut sites: Vec<_> = problem.shelters.iter().collect();
    sites.sort_by(|a, b| id_order(&a.id, &b.id));
    let mut shelters = String::from("id,capacity\n");
    for site in sites {
        let _ = writeln!(shelters, "{},{}", quoted(&site.id), site.capacity);
    }
    let header = json!({
        "name": name,
        "n_demand": problem.demand.len(),
        "n_shelter": problem.shelters.len(),
        "arcs": problem.trips.count(),
        "policy": problem.policy.name(),
        "split": problem.split,
        "vulnerable_first": problem.vulnerable_first,
        "k": 0,
    });
    ProblemFiles { header: format!("{header:#}\n"), demand, shelters, arcs }
}
