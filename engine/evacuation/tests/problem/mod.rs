//! Small problems for the tests of the assignment.

use dayu_evacuation::{AssignmentProblem, Demand, Policy, ShelterSite, Trips};

/// Points `0`, `1`, … with people and shelters `s0`, `s1`, … with beds, joined by arcs (point, shelter, metres); policy "sum" with splitting.
pub fn problem(people: &[u64], beds: &[u64], arcs: &[(u32, u32, u64)]) -> AssignmentProblem {
    AssignmentProblem {
        demand: (people.iter().enumerate())
            .map(|(at, &people)| Demand {
                id: format!("{at}"),
                people,
                vulnerable: 0,
                party: None,
                whole: false,
                care: false,
            })
            .collect(),
        shelters: (beds.iter().enumerate())
            .map(|(at, &capacity)| ShelterSite { id: format!("s{at}"), capacity, care_of: None })
            .collect(),
        trips: Trips::listed(people.len(), beds.len(), arcs).unwrap(),
        policy: Policy::Sum,
        vulnerable_first: false,
        split: true,
    }
}
