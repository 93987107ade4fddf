//! One plan for many members, against every possible plan.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_evacuation::{
    AssignmentProblem, EvacInstance, Members, Order, Policy, Robust, judge, layered, members_csv, parse_instance,
    robust_plan, robust_plan_csv, solve_assignment, verify_certificate, verify_robust,
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
        let arrived_without_bed = vec![0; kept.len()];
        let members = Members { ids, beds: kept.iter().map(capped).collect(), arrived_without_bed };
        let nominal = solve_assignment(&problem).unwrap();
        let robust = robust_plan(&problem, &nominal, &members).unwrap();
        let asked = layered(&problem, &members).unwrap().problem;
        verify_certificate(&asked, &robust.proof).unwrap();
        let left = verify_robust(&problem, &members, &robust.moves, &robust.proof.certificate).unwrap();
        prop_assert_eq!(left, robust.left);
        let Robust { compared, .. } = &robust;
        let without: u64 = compared.robust.without.iter().map(|people| people - robust.left).sum();
        prop_assert_eq!((robust.left, without, robust.person_metres), exhaustive(&problem, &members));
        prop_assert!((compared.robust.expected() - compared.least_expected).abs() < 1e-9);
        prop_assert!(compared.robust.expected() <= compared.nominal.expected() + 1e-9);
        prop_assert_eq!(compared.optimum, (nominal.left(), nominal.person_metres));
        prop_assert!(robust.left == nominal.left() && robust.person_metres >= nominal.person_metres);
        for (at, known) in compared.known.iter().enumerate() {
            prop_assert!(known.0 <= compared.robust.without[at] && known.0 <= compared.nominal.without[at]);
        }
        prop_assert_eq!(&judge(&robust.moves, robust.left, &members), &compared.robust);
        // One person fewer, or one at a wrong cost, is no proven plan.
        if let Some(first) = robust.moves.first() {
            let mut fewer = robust.moves.clone();
            if first.people == 1 { fewer.remove(0); } else { fewer[0].people -= 1; }
            prop_assert!(verify_robust(&problem, &members, &fewer, &robust.proof.certificate).is_err());
            let mut shorter = robust.moves.clone();
            shorter[0].cost += 1;
            prop_assert!(verify_robust(&problem, &members, &shorter, &robust.proof.certificate).is_err());
        }
    }
}

/// Houses s0 and s1 with 4 beds each, 1 and 5 m away from 4 people.
fn two_houses() -> EvacInstance {
    let arcs = "demand,shelter,cost\n0,s0,1\n0,s1,5\n";
    parse_instance("p", "{}", "id,people\n0,4\n", "id,capacity\ns0,4\ns1,4\n", Some(arcs)).unwrap()
}

#[test]
fn members_are_read_and_told() {
    let instance = two_houses();
    let problem = instance.problem().unwrap();
    let text = "member,shelter,capacity\n10,s0,0\n9,s0,1\n9,s1,99\n2,,\n2,s7,3\n2,s1,x\n";
    let mut findings = Vec::new();
    let members = instance.members(text, &[], &mut findings).unwrap();
    let beds = vec![vec![4, 0], vec![1, 4], vec![0, 4]];
    let ids = ["2", "9", "10"].map(String::from).to_vec();
    assert_eq!(members, Members { ids, beds, arrived_without_bed: vec![0; 3] });
    assert_eq!(findings.len(), 2);
    let nominal = solve_assignment(&problem).unwrap();
    let members = Members { beds: vec![vec![4, 4], vec![1, 4], vec![0, 4]], ..members };
    let robust = robust_plan(&problem, &nominal, &members).unwrap();
    assert_eq!(robust_plan_csv(&problem, &robust), "demand,shelter,people,cost\n0,s1,4,5\n");
    assert_eq!(
        members_csv(&members, &robust.compared),
        "member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres,arrived_without_bed\n\
         2,0,0,0,4,0\n9,3,0,0,16,0\n10,4,0,0,20,0\n"
    );
    assert_eq!((robust.compared.nominal.worst(), robust.compared.robust.worst()), (4, 0));
    assert_eq!(instance.members("member,shelter,capacity\n", &[], &mut findings).unwrap_err().code, "EVA-074");
}

#[test]
fn what_cannot_be_read_makes_no_member_better() {
    let mut findings = Vec::new();
    // A blank id is nobody; a column that is not read is said; a broken row takes its member out, by name.
    let text = "member,shelter,capacity,probability\n1,s0,2,0.5\n,s0,0,0.5\n2,,,0.5\n2,s0\n\"3,s0,0,1\n";
    let members = two_houses().members(text, &[], &mut findings).unwrap();
    assert_eq!((members.ids, members.beds), (vec!["1".to_owned()], vec![vec![2, 4]]));
    let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["EVA-015", "EVA-015", "EVA-020", "EVA-016", "EVA-086"]);
    assert!(findings[4].place.contains('2'), "{}", findings[4].place);
}

#[test]
fn a_member_closes_the_whole_house_and_keeps_its_reserve() {
    let shelters = "id,capacity,care_places,reserve_share\nS,100,20,0.1\nT,50,,\n";
    let arcs = "demand,shelter,cost\na,S,1\na,T,2\n";
    let instance = parse_instance("p", "{}", "id,people\na,60\n", shelters, Some(arcs)).unwrap();
    let members = "member,shelter,capacity\n1,S,0\n2,S,60\n3,S,15\n4,S,200\n5,T,7\n";
    let read = |done: &[Order]| instance.members(members, done, &mut Vec::new()).unwrap();
    // 100 beds: 72 and 18 for care; of 60 six stay free and care comes first.
    let beds = vec![vec![0, 50, 0], vec![36, 50, 18], vec![0, 50, 13], vec![72, 50, 18], vec![72, 7, 18]];
    assert_eq!(read(&[]).beds, beds);
    // 30 are there already: they lie in beds of S, or have none.
    let done = [Order { demand: "a".into(), shelter: "S".into(), people: 30 }];
    let with = read(&done);
    assert_eq!(with.beds[1], [6, 50, 18]);
    assert_eq!(with.arrived_without_bed, [30, 0, 30, 0, 0]);
}

#[test]
fn the_price_is_against_the_optimum_and_the_fewest_come_first() {
    // A longest trip that is short costs metres; the price of robustness is told against the least metres.
    let dear = problem(&[1, 1], &[1, 1], &[100, 300, 210, 310]);
    let longest = AssignmentProblem { policy: Policy::Longest, ..dear.clone() };
    let members = Members { ids: vec!["1".into()], beds: vec![vec![1, 1]], arrived_without_bed: vec![0] };
    let robust = robust_plan(&longest, &solve_assignment(&longest).unwrap(), &members).unwrap();
    assert_eq!(robust.compared.optimum.1, solve_assignment(&dear).unwrap().person_metres);
    assert!(robust.person_metres >= robust.compared.optimum.1);
    // 1000 members, one without the near shelter, a detour of 59 km: nobody is without a bed all the same.
    let far = problem(&[10], &[10, 10], &[1000, 60_000]);
    let ids: Vec<String> = (0..1000).map(|at| at.to_string()).collect();
    let mut beds = vec![vec![10, 10]; 1000];
    beds[7] = vec![0, 10];
    let members = Members { ids, beds, arrived_without_bed: vec![0; 1000] };
    let robust = robust_plan(&far, &solve_assignment(&far).unwrap(), &members).unwrap();
    assert!(robust.compared.robust.expected() == 0.0 && robust.compared.least_expected == 0.0);
    // Where no weight is high enough, what would have been possible is told.
    let farther = problem(&[10], &[10, 10], &[1000, 200_000]);
    let robust = robust_plan(&farther, &solve_assignment(&farther).unwrap(), &members).unwrap();
    assert!(robust.compared.robust.expected() > robust.compared.least_expected);
    // Ids that look like layers are no trouble.
    let mut twins = problem(&[4], &[2, 2], &[1, 2]);
    twins.shelters[0].id = "A".into();
    twins.shelters[1].id = "A>1".into();
    let members = Members {
        ids: vec!["1".into(), "2".into()],
        beds: vec![vec![1, 2], vec![2, 1]],
        arrived_without_bed: vec![0; 2],
    };
    assert!(robust_plan(&twins, &solve_assignment(&twins).unwrap(), &members).is_ok());
}
