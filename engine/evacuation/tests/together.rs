//! Some places stay together, the others may be split.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, NO_ROOM_FOR_ALL, Policy, least_change, solve_assignment, verify_certificate,
};
use problem::problem;
use proptest::prelude::*;

/// Shelters of a place, and those of it left.
fn of(outcome: &AssignmentOutcome, demand: u32) -> (usize, u64) {
    let left = outcome.unplaced.iter().filter(|u| u.demand == demand).map(|u| u.people).sum();
    (outcome.moves.iter().filter(|m| m.demand == demand).count(), left)
}

#[test]
fn a_care_home_stays_together_while_a_street_may_be_split() {
    // Both shelters are half as large as all people; the nearer one cannot hold the home of 8 beside anybody.
    let arcs = [(0, 0, 10), (0, 1, 20), (1, 0, 10), (1, 1, 20)];
    let mut asked = problem(&[8, 6], &[7, 9], &arcs);
    let free = solve_assignment(&asked).unwrap();
    assert_eq!((free.left(), free.gap()), (0, 0));
    asked.demand[0].whole = true;
    let plan = solve_assignment(&asked).unwrap();
    verify_certificate(&asked, &plan).unwrap();
    assert_eq!((of(&plan, 0), plan.left()), ((1, 0), 0));
    assert!(plan.moves.iter().any(|m| (m.demand, m.shelter, m.people) == (0, 1, 8)));
    // A plan that parts it does not pass, whatever it costs.
    let parted = AssignmentOutcome { lower_bound: free.lower_bound, ..free };
    if of(&parted, 0).0 > 1 {
        assert_eq!(verify_certificate(&asked, &parted).unwrap_err().code, "EVA-006");
    }
}

#[test]
fn a_place_too_large_for_every_shelter_is_left_whole_and_told() {
    let arcs = [(0, 0, 10), (0, 1, 20), (1, 0, 10), (1, 1, 20)];
    let mut asked = problem(&[12, 6], &[7, 9], &arcs);
    asked.demand[0].whole = true;
    let plan = solve_assignment(&asked).unwrap();
    assert_eq!((of(&plan, 0), of(&plan, 1).1), ((0, 12), 0));
    assert_eq!(plan.unplaced[0].reason, NO_ROOM_FOR_ALL);
    assert!(plan.gap() > 0, "the bound is that of the optimum with splitting");
}

#[test]
fn places_kept_together_one_by_one_are_refused_for_the_shortest_longest_trip() {
    let mut asked = AssignmentProblem { policy: Policy::Longest, ..problem(&[4], &[2, 2], &[(0, 0, 1), (0, 1, 2)]) };
    asked.demand[0].whole = true;
    assert_eq!(solve_assignment(&asked).unwrap_err().code, "EVA-100");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nobody_is_lost_and_nothing_whole_is_parted(
        rows in prop::collection::vec((0_u64..30, any::<bool>(), prop::collection::vec(prop::option::of(1_u64..900), 4)), 1..14),
        beds in prop::collection::vec(0_u64..60, 4),
        first in any::<bool>(),
    ) {
        let people: Vec<u64> = rows.iter().map(|row| row.0).collect();
        let arcs: Vec<(u32, u32, u64)> = (0..).zip(&rows)
            .flat_map(|(at, row)| (0..).zip(&row.2).filter_map(move |(s, m)| Some((at, s, (*m)?))))
            .collect();
        let mut asked = problem(&people, &beds, &arcs);
        for (demand, row) in asked.demand.iter_mut().zip(&rows) {
            demand.whole = row.1;
            demand.vulnerable = demand.people / 3;
        }
        asked.vulnerable_first = first;
        let plan = solve_assignment(&asked).unwrap();
        verify_certificate(&asked, &plan).unwrap();
        for (at, demand) in (0..).zip(&asked.demand).filter(|(_, demand)| demand.whole && demand.people > 0) {
            let (shelters, left) = of(&plan, at);
            prop_assert_eq!(shelters as u64 * demand.people + left, demand.people);
        }
        prop_assert!(plan.gap() >= 0);
        if !first {
            let free = solve_assignment(&asked.with_splitting()).unwrap();
            prop_assert!(plan.value() >= free.value());
            // The next plan after a bed is lost keeps them together, too.
            let orders: Vec<_> = plan.moves.iter().map(|m| dayu_evacuation::Order {
                demand: asked.demand[m.demand as usize].id.clone(),
                shelter: asked.shelters[m.shelter as usize].id.clone(),
                people: m.people,
            }).collect();
            let mut fewer = asked.clone();
            fewer.shelters[0].capacity /= 2;
            let next = least_change(&fewer, &orders, 100).unwrap();
            for (at, demand) in (0..).zip(&fewer.demand).filter(|(_, demand)| demand.whole && demand.people > 0) {
                let (shelters, left) = of(&next.outcome, at);
                prop_assert_eq!(shelters as u64 * demand.people + left, demand.people);
            }
        }
    }
}
