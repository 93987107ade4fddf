//! The solver against exhaustive and independent answers, and what must never happen.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_evacuation::{
    AssignmentOutcome, AssignmentProblem, DemandRow, EvacHeader, EvacInstance, EvacRules, NO_REACHABLE_SHELTER, Policy,
    ProblemFiles, SHELTERS_FULL, ShelterRow, Trips, UNPLACED_M, certificate_csv, parse_instance, plan_csv, read_answer,
    solve_assignment, unplaced_csv, verify_certificate,
};
use problem::problem;

/// The files of a problem without policies.
fn files_of(problem: &AssignmentProblem) -> ProblemFiles {
    let rules = EvacRules {
        policy: problem.policy.name().into(),
        split: problem.split,
        vulnerable_first: problem.vulnerable_first,
        max_cost: None,
        k: 0,
    };
    let demand = problem.demand.iter().map(|d| DemandRow {
        id: d.id.clone(),
        people: d.people,
        vulnerable: Some(d.vulnerable),
        party: d.party.clone(),
        whole: d.whole,
        ..DemandRow::default()
    });
    let shelters =
        problem.shelters.iter().map(|s| ShelterRow { id: s.id.clone(), capacity: s.capacity, ..ShelterRow::default() });
    let mut arcs = Vec::new();
    let mut row = Vec::new();
    for at in 0..problem.demand.len() as u32 {
        problem.trips.row(at, &mut row);
        arcs.extend(row.iter().map(|&(shelter, metres)| (at, shelter, u64::from(metres))));
    }
    let header = EvacHeader { rules, ..EvacHeader::default() };
    EvacInstance::of_rows("p", header, demand.collect(), shelters.collect(), arcs).files()
}
use proptest::prelude::*;

/// (demand, shelter, metres) of all trips.
fn arcs(problem: &AssignmentProblem) -> Vec<(u32, u32, u64)> {
    let mut row = Vec::new();
    (0..problem.demand.len() as u32)
        .flat_map(|demand| {
            problem.trips.row(demand, &mut row);
            row.iter().map(|trip| (demand, trip.0, u64::from(trip.1))).collect::<Vec<_>>()
        })
        .collect()
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
        for (_, to, cost) in arcs(problem).into_iter().filter(|arc| arc.0 as usize == demand) {
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

/// Every way to place every point whole.
fn exhaustive_whole(problem: &AssignmentProblem) -> (u64, u128) {
    fn place(problem: &AssignmentProblem, arcs: &[(u32, u32, u64)], demand: usize, free: &mut [u64]) -> (u64, u128) {
        let Some(here) = problem.demand.get(demand) else {
            return (0, 0);
        };
        let stay = place(problem, arcs, demand + 1, free);
        let mut best = (stay.0 + here.people, stay.1);
        for &(_, to, cost) in arcs.iter().filter(|arc| arc.0 as usize == demand) {
            if free[to as usize] >= here.people {
                free[to as usize] -= here.people;
                let rest = place(problem, arcs, demand + 1, free);
                free[to as usize] += here.people;
                best = best.min((rest.0, rest.1 + u128::from(cost * here.people)));
            }
        }
        best
    }
    let mut free: Vec<u64> = problem.shelters.iter().map(|s| s.capacity).collect();
    place(problem, &arcs(problem), 0, &mut free)
}

/// Successive shortest paths (Bellman-Ford): most people first, each at the least extra cost. Shares nothing with the solver.
fn successive_paths(problem: &AssignmentProblem) -> (u64, u128) {
    let (n, m) = (problem.demand.len(), problem.shelters.len());
    let (source, sink) = (n + m, n + m + 1);
    let listed = arcs(problem);
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
    for (d, s, cost) in listed {
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
        let all = arcs(&problem);
        let arcs = order(all.len(), 18).into_iter().map(|at| all[at]);
        let arcs: Vec<_> = arcs.map(|(d, s, cost)| (place(&demand, d), place(&shelters, s), cost)).collect();
        let mixed = AssignmentProblem {
            demand: demand.iter().map(|&at| problem.demand[at].clone()).collect(),
            shelters: shelters.iter().map(|&at| problem.shelters[at].clone()).collect(),
            trips: Trips::listed(demand.len(), shelters.len(), &arcs).unwrap(),
            ..problem.clone()
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
    fn the_longest_trip_is_the_shortest_possible(problem in arbitrary(5, 4, 3, 4, 9)) {
        let longest = solve_assignment(&AssignmentProblem { policy: Policy::Longest, ..problem.clone() }).unwrap();
        let fewest = solve_assignment(&problem).unwrap().left();
        // The first limit under which as many find a bed, and the least total under it.
        let limit = (0..=9).find(|most_m| {
            let near = AssignmentProblem { trips: problem.trips.up_to(*most_m), ..problem.clone() };
            exhaustive(&near).0 == fewest
        });
        let near = AssignmentProblem { trips: problem.trips.up_to(limit.unwrap()), ..problem.clone() };
        prop_assert_eq!(figures(&longest), exhaustive(&near));
        prop_assert_eq!(longest.gap(), 0);
        // Without its cut, or with a limit one longer, the proof does not hold.
        let asked = AssignmentProblem { policy: Policy::Longest, ..problem.clone() };
        let mut forged = longest.clone();
        forged.certificate.cuts.as_mut().unwrap().shorter.fill(false);
        prop_assert_eq!(verify_certificate(&asked, &forged).is_ok(), longest.moves.is_empty());
        forged.certificate.cuts = None;
        prop_assert!(verify_certificate(&asked, &forged).is_err());
    }

    #[test]
    fn the_vulnerable_come_first(problem in arbitrary(6, 4, 6, 6, 30), share in 0_u64..4) {
        let mut problem = problem;
        problem.demand.iter_mut().for_each(|d| d.vulnerable = d.people * share / 4);
        // As many of the vulnerable find a bed as if nobody else asked for one.
        let mut alone = problem.clone();
        alone.demand.iter_mut().for_each(|d| d.people = d.vulnerable);
        let fewest = solve_assignment(&alone).unwrap().left();
        let all = solve_assignment(&problem).unwrap().left();
        let first = solve_assignment(&AssignmentProblem { vulnerable_first: true, ..problem.clone() }).unwrap();
        prop_assert_eq!((first.unplaced_vulnerable, first.left(), first.gap()), (fewest, all, 0));
    }

    #[test]
    fn nobody_is_split_and_the_bound_holds(problem in arbitrary(6, 3, 5, 9, 30)) {
        let whole = solve_assignment(&AssignmentProblem { split: false, ..problem.clone() }).unwrap();
        let best = exhaustive_whole(&problem);
        let value = |(left, metres): (u64, u128)| i128::from(left) * i128::from(UNPLACED_M) + metres as i128;
        prop_assert!(whole.lower_bound <= value(best) && value(best) <= whole.value());
        let mut places: Vec<u32> = whole.moves.iter().map(|m| m.demand).chain(whole.unplaced.iter().map(|u| u.demand)).collect();
        let all = places.len();
        places.sort_unstable();
        places.dedup();
        prop_assert_eq!(places.len(), all);
    }

    #[test]
    fn two_points_at_one_place_are_as_one(problem in arbitrary(7, 5, 9, 15, 30), parts in prop::collection::vec(0_u64..9, 7)) {
        let mut apart = problem.clone();
        let mut both = arcs(&problem);
        for (at, demand) in problem.demand.iter().enumerate() {
            let part = parts[at].min(demand.people);
            apart.demand[at].people -= part;
            apart.demand.push(dayu_evacuation::Demand { id: format!("{at} too"), people: part, ..demand.clone() });
            let there = problem.demand.len() as u32;
            both.extend(arcs(&problem).into_iter().filter(|arc| arc.0 as usize == at).map(|arc| (arc.0 + there, arc.1, arc.2)));
        }
        apart.trips = Trips::listed(apart.demand.len(), apart.shelters.len(), &both).unwrap();
        prop_assert_eq!(figures(&solve_assignment(&apart).unwrap()), figures(&solve_assignment(&problem).unwrap()));
    }

    #[test]
    fn a_longer_list_of_needs_never_places_more(problem in arbitrary(7, 5, 9, 15, 30), needs in prop::collection::vec(0_usize..4, 7), offers in prop::collection::vec(0_usize..4, 5)) {
        let words = ["", "care", "pets", "care pets"];
        let needs: Vec<&str> = needs.iter().map(|at| words[*at]).collect();
        let offers: Vec<&str> = offers.iter().map(|at| words[*at]).collect();
        let suits = dayu_evacuation::Suitability::of(&needs, &offers).unwrap();
        let suited = AssignmentProblem { trips: problem.trips.clone().suited(&suits), ..problem.clone() };
        let (free, bound) = (solve_assignment(&problem).unwrap(), solve_assignment(&suited).unwrap());
        prop_assert!(bound.placed <= free.placed && bound.value() >= free.value());
        prop_assert_eq!(figures(&bound), successive_paths(&suited));
        for m in &bound.moves {
            let (needed, offered) = (needs[m.demand as usize], offers[m.shelter as usize]);
            prop_assert!(needed.split(' ').all(|word| word.is_empty() || offered.contains(word)));
        }
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
    let arc = |arcs: &[(u32, u32, u64)]| Trips::listed(1, 1, arcs).unwrap_err().code;
    assert_eq!(arc(&[(0, 1, 5)]), "EVA-002");
    assert_eq!(arc(&[(7, 0, 5)]), "EVA-002");
    assert_eq!(arc(&[(0, 0, 5), (0, 0, 6)]), "EVA-003");
    assert_eq!(arc(&[(0, 0, 100_000_000)]), "EVA-004");
    let mut others = problem(&[1], &[1], &[(0, 0, 5)]);
    others.trips = Trips::listed(2, 1, &[]).unwrap();
    assert_eq!(code(&others), "EVA-002");
    assert_eq!(code(&problem(&[u64::MAX, 1], &[1], &[])), "EVA-005");
    assert_eq!(code(&problem(&[1 << 60], &[1], &[])), "EVA-005");
}

#[test]
fn an_answer_read_back_verifies_and_an_edited_one_does_not() {
    let base = problem(&[5, 3, 9], &[4, 6], &[(0, 0, 10), (0, 1, 20), (1, 1, 30), (2, 0, 7)]);
    let mut sorts = base.clone();
    sorts.demand.iter_mut().for_each(|d| d.vulnerable = d.people / 2);
    let variants = [
        base.clone(),
        AssignmentProblem { policy: Policy::Longest, ..base.clone() },
        AssignmentProblem { vulnerable_first: true, ..sorts },
        AssignmentProblem { split: false, ..base },
    ];
    for asked in variants {
        let outcome = solve_assignment(&asked).unwrap();
        let tables = [plan_csv(&asked, &outcome), unplaced_csv(&asked, &outcome), certificate_csv(&asked, &outcome)];
        let judged = |tables: &[String; 3]| {
            read_answer(&asked, &tables[0], &tables[1], &tables[2]).and_then(|read| {
                verify_certificate(&asked, &read)?;
                Ok(read)
            })
        };
        assert_eq!(judged(&tables).unwrap(), outcome);
        // The question read back from its files is the same question, whose answer the tables are.
        let files = files_of(&asked);
        let instance = parse_instance("p", &files.header, &files.demand, &files.shelters, Some(&files.arcs)).unwrap();
        assert_eq!((instance.findings.as_slice(), instance.problem().unwrap()), ([].as_slice(), asked.clone()));
        for (table, text) in tables.iter().enumerate() {
            for (line, row) in text.lines().enumerate().skip(1) {
                // A row left out; a number changed. A dual of nobody or of no bed may change without changing the proof: none is here.
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.remove(line);
                let mut without = tables.clone();
                without[table] = lines.join("\n");
                assert!(judged(&without).is_err(), "{row} left out");
                let Some(number) = row.split(',').filter_map(|field| field.parse::<i64>().ok()).next_back() else {
                    continue;
                };
                let mut edited = tables.clone();
                edited[table] = text.replace(row, &row.replace(&format!(",{number}"), &format!(",{}", number + 1)));
                if table == 2 && !asked.split {
                    // A worse bound is still a bound.
                    continue;
                }
                assert!(judged(&edited).is_err(), "{row} edited");
            }
        }
    }
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
