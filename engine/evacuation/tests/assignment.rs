//! The solver against exhaustive and independent answers, and what must never happen.
#![allow(clippy::unwrap_used)]

use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, Demand, NO_REACHABLE_SHELTER, Policy, SHELTERS_FULL, ShelterSite, UNPLACED_M,
    certificate_csv, plan_csv, solve_assignment, unplaced_csv, verify_certificate,
};
use proptest::prelude::*;

fn problem(people: &[u64], beds: &[u64], arcs: &[(u32, u32, u64)]) -> AssignmentProblem {
    AssignmentProblem {
        demand: (people.iter().enumerate())
            .map(|(at, &people)| Demand { id: format!("{at}"), people, vulnerable: 0 })
            .collect(),
        shelters: (beds.iter().enumerate())
            .map(|(at, &capacity)| ShelterSite { id: format!("s{at}"), capacity })
            .collect(),
        arcs: arcs.to_vec(),
        policy: Policy::Sum,
    }
}

/// (unplaced, person-metres)
fn figures(outcome: &AssignmentOutcome) -> (u64, u128) {
    (outcome.people - outcome.placed, outcome.person_metres)
}

/// Every way to place every single person.
fn exhaustive(problem: &AssignmentProblem) -> (u64, u128) {
    fn place(problem: &AssignmentProblem, demand: usize, person: u64, free: &mut [u64]) -> (u64, u128) {
        let Some(here) = problem.demand.get(demand) else {
            return (0, 0);
        };
        if person == here.people {
            return place(problem, demand + 1, 0, free);
        }
        let stay = place(problem, demand, person + 1, free);
        let mut best = (stay.0 + 1, stay.1);
        for &(_, to, cost) in problem.arcs.iter().filter(|arc| arc.0 as usize == demand) {
            if free[to as usize] > 0 {
                free[to as usize] -= 1;
                let rest = place(problem, demand, person + 1, free);
                free[to as usize] += 1;
                best = best.min((rest.0, rest.1 + u128::from(cost)));
            }
        }
        best
    }
    let mut free: Vec<u64> = problem.shelters.iter().map(|s| s.capacity).collect();
    place(problem, 0, 0, &mut free)
}

/// Successive shortest paths (Bellman-Ford): most people first, each at the least extra cost. Shares nothing with the solver.
fn successive_paths(problem: &AssignmentProblem) -> (u64, u128) {
    let (n, m) = (problem.demand.len(), problem.shelters.len());
    let (source, sink) = (n + m, n + m + 1);
    let mut arcs: Vec<(usize, usize, i64, i128)> = Vec::new();
    let mut add = |from, to, room: u64, cost: u64| {
        arcs.push((from, to, room as i64, i128::from(cost)));
        arcs.push((to, from, 0, -i128::from(cost)));
    };
    for (at, demand) in problem.demand.iter().enumerate() {
        add(source, at, demand.people, 0);
    }
    for (at, shelter) in problem.shelters.iter().enumerate() {
        add(n + at, sink, shelter.capacity, 0);
    }
    for &(d, s, cost) in &problem.arcs {
        add(d as usize, n + s as usize, u64::MAX >> 2, cost);
    }
    let (mut placed, mut total) = (0, 0);
    loop {
        let mut far: Vec<Option<(i128, usize)>> = vec![None; n + m + 2];
        far[source] = Some((0, usize::MAX));
        let mut changed = true;
        while changed {
            changed = false;
            for (at, &(from, to, room, cost)) in arcs.iter().enumerate() {
                if let (true, Some((here, _))) = (room > 0, far[from])
                    && far[to].is_none_or(|(there, _)| here + cost < there)
                {
                    far[to] = Some((here + cost, at));
                    changed = true;
                }
            }
        }
        let Some((cost, mut arc)) = far[sink] else { break };
        let (mut path, mut room) = (Vec::new(), i64::MAX);
        while arc != usize::MAX {
            path.push(arc);
            room = room.min(arcs[arc].2);
            arc = far[arcs[arc].0].unwrap().1;
        }
        for arc in path {
            arcs[arc].2 -= room;
            arcs[arc ^ 1].2 += room;
        }
        placed += room as u64;
        total += cost * i128::from(room);
    }
    (problem.demand.iter().map(|d| d.people).sum::<u64>() - placed, total as u128)
}

fn arbitrary(
    points: usize,
    shelters: usize,
    people: u64,
    beds: u64,
    metres: u64,
) -> impl Strategy<Value = AssignmentProblem> {
    let cost = prop_oneof![4 => (0..metres).prop_map(Some), 1 => Just(Some(metres)), 3 => Just(None)];
    (1..=points, 0..=shelters)
        .prop_flat_map(move |(n, m)| {
            (
                prop::collection::vec(0..=people, n),
                prop::collection::vec(0..=beds, m),
                prop::collection::vec(cost.clone(), n * m),
            )
        })
        .prop_map(|(people, beds, costs)| {
            let arcs: Vec<_> = (costs.iter().enumerate())
                .filter_map(|(at, cost)| Some(((at / beds.len()) as u32, (at % beds.len()) as u32, (*cost)?)))
                .collect();
            problem(&people, &beds, &arcs)
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn equals_every_way_of_placing(problem in arbitrary(4, 3, 2, 3, 12)) {
        let outcome = solve_assignment(&problem).unwrap();
        prop_assert_eq!(figures(&outcome), exhaustive(&problem));
        prop_assert_eq!(outcome.gap(), 0);
    }

    #[test]
    fn equals_successive_shortest_paths(problem in arbitrary(25, 9, 40, 90, 60)) {
        let outcome = solve_assignment(&problem).unwrap();
        prop_assert_eq!(figures(&outcome), successive_paths(&problem));
        verify_certificate(&problem, &outcome).unwrap();
        let housed: u64 = outcome.moves.iter().map(|m| m.people).sum();
        let left: u64 = outcome.unplaced.iter().map(|u| u.people).sum();
        prop_assert_eq!(housed + left, problem.demand.iter().map(|d| d.people).sum::<u64>());
    }

    #[test]
    fn placing_comes_before_distance_however_long_the_trips(problem in arbitrary(9, 5, 3, 4, 99_999_999)) {
        let outcome = solve_assignment(&problem).unwrap();
        prop_assert_eq!(figures(&outcome), successive_paths(&problem));
        prop_assert_eq!(outcome.gap(), 0);
    }

    #[test]
    fn the_answer_does_not_depend_on_the_order_of_rows(
        problem in arbitrary(12, 6, 20, 40, 9),
        keys in prop::collection::vec(any::<u32>(), 12 + 6 + 72),
    ) {
        let answer = |p: &AssignmentProblem| {
            let o = solve_assignment(p).unwrap();
            (plan_csv(p, &o), unplaced_csv(p, &o), certificate_csv(p, &o))
        };
        let order = |count: usize, from: usize| {
            let mut order: Vec<usize> = (0..count).collect();
            order.sort_by_key(|at| keys[from + at]);
            order
        };
        let (demand, shelters) = (order(problem.demand.len(), 0), order(problem.shelters.len(), 12));
        let place = |order: &[usize], at: u32| order.iter().position(|&o| o == at as usize).unwrap() as u32;
        let arcs = order(problem.arcs.len(), 18).into_iter().map(|at| problem.arcs[at]);
        let mixed = AssignmentProblem {
            demand: demand.iter().map(|&at| problem.demand[at].clone()).collect(),
            shelters: shelters.iter().map(|&at| problem.shelters[at].clone()).collect(),
            arcs: arcs.map(|(d, s, cost)| (place(&demand, d), place(&shelters, s), cost)).collect(),
            policy: problem.policy,
        };
        prop_assert_eq!(answer(&problem), answer(&mixed));
    }

    #[test]
    fn another_bed_never_leaves_more_without_one(problem in arbitrary(8, 5, 9, 15, 30), which in 0_usize..5) {
        let before = solve_assignment(&problem).unwrap();
        let mut more = problem.clone();
        if let Some(shelter) = more.shelters.get_mut(which) {
            shelter.capacity += 1;
        }
        let after = solve_assignment(&more).unwrap();
        prop_assert!(after.placed >= before.placed);
        prop_assert!(after.value() <= before.value());
    }

    #[test]
    fn twice_the_people_and_beds_is_twice_the_value(problem in arbitrary(8, 5, 9, 15, 30)) {
        let mut twice = problem.clone();
        twice.demand.iter_mut().for_each(|d| d.people *= 2);
        twice.shelters.iter_mut().for_each(|s| s.capacity *= 2);
        let (one, two) = (solve_assignment(&problem).unwrap(), solve_assignment(&twice).unwrap());
        prop_assert_eq!(one.value() * 2, two.value());
    }
}

#[test]
fn reasons_tell_full_from_unreachable() {
    let outcome = solve_assignment(&problem(&[5, 3, 2, 0], &[4, 0], &[(0, 0, 100), (1, 1, 50)])).unwrap();
    let reasons: Vec<_> = outcome.unplaced.iter().map(|u| (u.demand, u.people, u.reason.as_str())).collect();
    assert_eq!(reasons, [(0, 1, SHELTERS_FULL), (1, 3, NO_REACHABLE_SHELTER), (2, 2, NO_REACHABLE_SHELTER)]);
    assert_eq!((outcome.people, outcome.placed, outcome.longest_m), (10, 4, 100));
}

#[test]
fn nothing_to_do_is_an_answer() {
    for empty in [problem(&[], &[], &[]), problem(&[0, 0], &[7], &[(0, 0, 1)]), problem(&[], &[3, 0], &[])] {
        let outcome = solve_assignment(&empty).unwrap();
        assert_eq!((figures(&outcome), outcome.gap(), outcome.moves.len()), ((0, 0), 0, 0));
    }
    let outcome = solve_assignment(&problem(&[4], &[], &[])).unwrap();
    assert_eq!(figures(&outcome), (4, 0));
    assert_eq!(outcome.lower_bound, 4 * i128::from(UNPLACED_M));
}

#[test]
fn a_million_million_people_do_not_overflow() {
    let many = 1_000_000_000_000;
    let outcome = solve_assignment(&problem(
        &[many, many],
        &[many, u64::MAX],
        &[(0, 0, 99_999_999), (1, 0, 1), (1, 1, 99_999_999)],
    ))
    .unwrap();
    assert_eq!(figures(&outcome), (0, 2 * u128::from(many) * 99_999_999));
    let outcome = solve_assignment(&problem(&[many], &[], &[])).unwrap();
    assert_eq!(outcome.value(), i128::from(many) * i128::from(UNPLACED_M));
}

#[test]
fn a_longer_chain_of_trips_than_the_weight_still_places() {
    // Placing the person of point 0 sends two others from next door to the far end of the world.
    let far = 99_999_999;
    let chain = problem(&[1, 1, 1], &[1, 1, 1], &[(0, 0, far), (1, 0, 0), (1, 1, far), (2, 1, 0), (2, 2, far)]);
    let outcome = solve_assignment(&chain).unwrap();
    assert_eq!(figures(&outcome), (0, 3 * u128::from(far)));
    assert!(outcome.certificate.penalty_m > UNPLACED_M);
    assert_eq!(outcome.gap(), 0);
}

#[test]
fn bad_problems_are_refused_by_name() {
    let code = |problem: &AssignmentProblem| solve_assignment(problem).unwrap_err().code;
    let mut twice = problem(&[1, 1], &[1], &[(0, 0, 5)]);
    twice.demand[1].id = "0".into();
    assert_eq!(code(&twice), "EVA-001");
    let mut nameless = problem(&[1], &[1], &[(0, 0, 5)]);
    nameless.shelters[0].id.clear();
    assert_eq!(code(&nameless), "EVA-001");
    assert_eq!(code(&problem(&[1], &[1], &[(0, 1, 5)])), "EVA-002");
    assert_eq!(code(&problem(&[1], &[1], &[(7, 0, 5)])), "EVA-002");
    assert_eq!(code(&problem(&[1], &[1], &[(0, 0, 5), (0, 0, 6)])), "EVA-003");
    assert_eq!(code(&problem(&[1], &[1], &[(0, 0, 100_000_000)])), "EVA-004");
    assert_eq!(code(&problem(&[u64::MAX, 1], &[1], &[])), "EVA-005");
    assert_eq!(code(&problem(&[1 << 60], &[1], &[])), "EVA-005");
}

#[test]
fn the_judge_sees_every_kind_of_fraud() {
    let honest = problem(&[5, 3], &[4, 6], &[(0, 0, 10), (0, 1, 20), (1, 1, 30)]);
    let outcome = solve_assignment(&honest).unwrap();
    let frauds: [fn(&mut AssignmentOutcome); 10] = [
        |o| o.moves[0].people += 1,
        |o| o.moves[0].people = 0,
        |o| o.moves[0].cost -= 1,
        |o| o.moves[0].shelter = 9,
        |o| o.moves[0].demand = 9,
        |o| o.placed += 1,
        |o| o.person_metres -= 1,
        |o| o.lower_bound -= 1,
        |o| o.certificate.u[0] += 1,
        |o| o.certificate.w[1] = -1,
    ];
    for fraud in frauds {
        let mut outcome = outcome.clone();
        fraud(&mut outcome);
        assert_eq!(verify_certificate(&honest, &outcome).unwrap_err().code, "EVA-006");
    }
    // Two more in a shelter than it has beds, with all sums right.
    let mut crowded = outcome.clone();
    crowded.moves.retain(|m| m.demand != 0);
    crowded.moves.insert(0, dayu_evacuation::Move { demand: 0, shelter: 0, people: 5, cost: 10 });
    assert_eq!(verify_certificate(&honest, &crowded).unwrap_err().code, "EVA-006");
    verify_certificate(&honest, &outcome).unwrap();
}
