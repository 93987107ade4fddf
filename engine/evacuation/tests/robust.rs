//! One plan for many members, against every possible plan.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_evacuation::{
    AssignmentProblem, Members, judge, layered, members_csv, read_members, robust_plan, robust_plan_csv,
    solve_assignment, verify_certificate,
};
use proptest::prelude::*;

fn problem(people: &[u64], beds: &[u64], costs: &[u64]) -> AssignmentProblem {
    let arcs: Vec<(u32, u32, u64)> = (costs.iter().enumerate())
        .map(|(at, cost)| ((at / beds.len()) as u32, (at % beds.len()) as u32, *cost))
        .collect();
    problem::problem(people, beds, &arcs)
}

/// Least (without a planned bed, Σ over members of people without it, person-metres) of all plans.
fn exhaustive(problem: &AssignmentProblem, members: &Members) -> (u64, u64, u128) {
    fn go(
        p: &AssignmentProblem,
        m: &Members,
        demand: usize,
        person: u64,
        load: &mut [u64],
        left: u64,
        metres: u128,
    ) -> (u64, u64, u128) {
        let Some(here) = p.demand.get(demand) else {
            let over = m.beds.iter().flat_map(|beds| beds.iter().zip(load.iter()));
            return (left, over.map(|(beds, load)| load.saturating_sub(*beds)).sum(), metres);
        };
        if person == here.people {
            return go(p, m, demand + 1, 0, load, left, metres);
        }
        let mut best = go(p, m, demand, person + 1, load, left + 1, metres);
        for shelter in 0..p.shelters.len() {
            if load[shelter] < p.shelters[shelter].capacity {
                load[shelter] += 1;
                let way = p.trips.metres(demand as u32, shelter as u32).unwrap();
                best = best.min(go(p, m, demand, person + 1, load, left, metres + u128::from(way)));
                load[shelter] -= 1;
            }
        }
        best
    }
    go(problem, members, 0, 0, &mut vec![0; problem.shelters.len()], 0, 0)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_plan_leaves_fewer_without_their_bed(
        people in prop::collection::vec(0_u64..=2, 1..=3),
        beds in prop::collection::vec(0_u64..=3, 3),
        costs in prop::collection::vec(0_u64..30, 9),
        kept in prop::collection::vec(prop::collection::vec(0_u64..=3, 3), 1..5),
    ) {
        let problem = problem(&people, &beds, &costs[..3 * people.len()]);
        let capped = |kept: &Vec<u64>| kept.iter().zip(&beds).map(|(kept, beds)| *kept.min(beds)).collect();
        let ids = (0..kept.len()).map(|at| format!("m{at}")).collect();
        let members = Members { ids, beds: kept.iter().map(capped).collect() };
        let nominal = solve_assignment(&problem).unwrap();
        let robust = robust_plan(&problem, &nominal, &members).unwrap();
        let (asked, _) = layered(&problem, &members).unwrap();
        verify_certificate(&asked, &robust.proof).unwrap();
        let without: u64 = robust.robust.without.iter().map(|people| people - robust.left).sum();
        prop_assert_eq!((robust.left, without, robust.person_metres), exhaustive(&problem, &members));
        prop_assert!(robust.robust.expected() <= robust.nominal.expected() + 1e-9);
        prop_assert!(robust.person_metres >= nominal.person_metres || robust.left > nominal.left());
        for (at, known) in robust.known.iter().enumerate() {
            prop_assert!(known.0 <= robust.robust.without[at] && known.0 <= robust.nominal.without[at]);
        }
        prop_assert_eq!(judge(&robust.moves, robust.left, &members), robust.robust);
    }
}

#[test]
fn members_are_read_and_told() {
    let problem = problem(&[4], &[4, 4], &[1, 5]);
    let text = "member,shelter,capacity\n10,s0,0\n9,s0,1\n9,s1,99\n2,,\n2,s7,3\n2,s0,x\n";
    let mut findings = Vec::new();
    let members = read_members("p.members.csv", text, &problem, &mut findings).unwrap();
    assert_eq!(
        members,
        Members { ids: ["2", "9", "10"].map(String::from).to_vec(), beds: vec![vec![4, 4], vec![1, 4], vec![0, 4]] }
    );
    assert_eq!(findings.len(), 2);
    let nominal = solve_assignment(&problem).unwrap();
    let robust = robust_plan(&problem, &nominal, &members).unwrap();
    assert_eq!(robust_plan_csv(&problem, &robust), "demand,shelter,people,cost\n0,s1,4,5\n");
    assert_eq!(
        members_csv(&members, &robust),
        "member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres\n2,0,0,0,4\n9,3,0,0,16\n10,4,0,0,20\n"
    );
    assert_eq!((robust.nominal.worst(), robust.robust.worst()), (4, 0));
    assert_eq!(read_members("p", "member,shelter,capacity\n", &problem, &mut findings).unwrap_err().code, "EVA-074");
}
