//! Least-change plans against every possible plan, and what must hold of the difference sheet.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_evacuation::{
    AssignmentProblem, Order, Policy, Replan, Start, after_done, change_reason, changes_csv, least_change, priced,
    read_orders, solve_assignment, solve_assignment_from, standing_orders, verify_certificate, verify_plan,
};
use proptest::prelude::*;

fn problem(people: &[u64], beds: &[u64], costs: &[Option<u64>]) -> AssignmentProblem {
    let arcs: Vec<(u32, u32, u64)> = (costs.iter().enumerate())
        .filter_map(|(at, cost)| Some(((at / beds.len()) as u32, (at % beds.len()) as u32, (*cost)?)))
        .collect();
    problem::problem(people, beds, &arcs)
}

fn order(demand: usize, shelter: usize, people: u64) -> Order {
    Order { demand: demand.to_string(), shelter: format!("s{shelter}"), people }
}

/// Every plan: (without a bed, person-metres, people who keep their order).
fn all_plans(problem: &AssignmentProblem, before: &[Order]) -> Vec<(u64, u64, u64)> {
    fn go(p: &AssignmentProblem, at: usize, person: u64, sent: &mut Vec<Vec<u64>>, all: &mut Vec<Vec<Vec<u64>>>) {
        let Some(here) = p.demand.get(at) else {
            all.push(sent.clone());
            return;
        };
        if person == here.people {
            return go(p, at + 1, 0, sent, all);
        }
        for to in 0..=p.shelters.len() {
            // People of a place are alike: only ascending choices.
            if sent[at].iter().skip(to + 1).any(|people| *people > 0) {
                continue;
            }
            let there: u64 = sent.iter().map(|row| row[to]).sum();
            let fits = to == p.shelters.len()
                || (there < p.shelters[to].capacity && p.trips.metres(at as u32, to as u32).is_some());
            if fits {
                sent[at][to] += 1;
                go(p, at, person + 1, sent, all);
                sent[at][to] -= 1;
            }
        }
    }
    let mut plans = Vec::new();
    let mut sent = vec![vec![0; problem.shelters.len() + 1]; problem.demand.len()];
    go(problem, 0, 0, &mut sent, &mut plans);
    let told = |plan: Vec<Vec<u64>>| {
        let (mut left, mut metres, mut kept) = (0, 0, 0);
        for (d, row) in plan.iter().enumerate() {
            left += row[problem.shelters.len()];
            for (s, people) in row[..problem.shelters.len()].iter().enumerate() {
                metres += people * u64::from(problem.trips.metres(d as u32, s as u32).unwrap_or(0));
                let was = before.iter().filter(|b| **b == order(d, s, b.people)).map(|b| b.people).sum::<u64>();
                kept += was.min(*people);
            }
        }
        (left, metres, kept)
    };
    plans.into_iter().map(told).collect()
}

/// As [`all_plans`], where no place is split.
fn all_whole(problem: &AssignmentProblem, before: &[Order]) -> Vec<(u64, u64, u64)> {
    let choices = problem.shelters.len() + 1;
    let all = choices.pow(problem.demand.len() as u32);
    let plan = |code: usize| {
        let mut beds: Vec<u64> = problem.shelters.iter().map(|site| site.capacity).collect();
        let (mut left, mut metres, mut kept, mut code) = (0, 0, 0, code);
        for (d, place) in problem.demand.iter().enumerate() {
            let to = code % choices;
            code /= choices;
            if to + 1 == choices {
                left += place.people;
                continue;
            }
            beds[to] = beds[to].checked_sub(place.people)?;
            metres += place.people * u64::from(problem.trips.metres(d as u32, to as u32)?);
            kept += before
                .iter()
                .filter(|b| **b == order(d, to, b.people))
                .map(|b| b.people.min(place.people))
                .sum::<u64>();
        }
        Some((left, metres, kept))
    };
    (0..all).filter_map(plan).collect()
}

fn check(problem: &AssignmentProblem, before: &[Order], within: u32) -> Replan {
    let plan = least_change(problem, before, within).unwrap();
    let outcome = &plan.outcome;
    assert!(outcome.person_metres <= plan.limit_m);
    verify_plan(problem, outcome).unwrap();
    let changed: u64 = plan.changes.iter().filter(|c| c.from.is_some()).map(|c| c.people).sum();
    assert_eq!(changed + plan.kept, plan.ordered);
    let come: u64 = plan.changes.iter().filter(|c| c.to.is_some()).map(|c| c.people).sum();
    assert_eq!(come + plan.kept, outcome.placed);
    // The bound follows from duals that hold, in a problem that is solved to its optimum.
    let points = priced(&problem.with_splitting(), before, plan.price_m).unwrap();
    verify_certificate(&points.problem, &plan.proof).unwrap();
    let said = points.kept_at_most(&plan.proof.certificate, outcome.left(), plan.limit_m);
    assert_eq!(said, Some(plan.kept_at_most));
    assert!(plan.kept <= plan.kept_at_most && plan.kept_at_most <= points.can_stay());
    plan
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_plan_within_the_limit_keeps_more(
        people in prop::collection::vec(0_u64..=2, 1..=3),
        beds in prop::collection::vec(0_u64..=3, 3),
        costs in prop::collection::vec(prop_oneof![5 => (0_u64..12).prop_map(Some), 1 => Just(None)], 9),
        orders in prop::collection::vec((0_usize..4, 0_usize..3, 1_u64..3), 0..4),
        within in prop_oneof![Just(0_u32), Just(100), Just(2000), Just(1_000_000)],
    ) {
        let problem = problem(&people, &beds, &costs[..3 * people.len()]);
        let mut before: Vec<Order> = Vec::new();
        for (d, s, people) in orders {
            if before.iter().all(|b| *b != order(d, s, b.people)) {
                before.push(order(d, s, people));
            }
        }
        let plan = check(&problem, &before, within);
        let plans = all_plans(&problem, &before);
        let fewest = plans.iter().map(|p| p.0).min().unwrap();
        prop_assert_eq!(plan.outcome.left(), fewest);
        let best = plans.iter().filter(|p| p.0 == fewest && u128::from(p.1) <= plan.limit_m).map(|p| p.2).max().unwrap();
        prop_assert!(plan.kept <= best && best <= plan.kept_at_most, "{} {} {}", plan.kept, best, plan.kept_at_most);
        // Exchanges go by whole people: one may stay in between.
        prop_assert!(plan.kept + 1 >= best, "{} {}", plan.kept, best);
        if within == 1_000_000 {
            prop_assert_eq!(plan.kept, best);
        }
        // Places that stay together: the same promise, among the plans that leave as many without a bed.
        let whole = AssignmentProblem { split: false, ..problem };
        let plan = check(&whole, &before, within);
        let left = plan.outcome.left();
        let best = all_whole(&whole, &before).into_iter().filter(|p| p.0 == left && u128::from(p.1) <= plan.limit_m);
        let best = best.map(|p| p.2).max().unwrap();
        prop_assert!(plan.kept <= best && best <= plan.kept_at_most, "{} {} {}", plan.kept, best, plan.kept_at_most);
    }

    #[test]
    fn an_optimum_is_the_same_wherever_it_begins(
        people in prop::collection::vec(0_u64..=9, 1..=8),
        beds in prop::collection::vec(0_u64..=14, 5),
        costs in prop::collection::vec(prop_oneof![5 => (0_u64..99).prop_map(Some), 1 => Just(None)], 40),
        orders in prop::collection::vec((0_usize..9, 0_usize..6, 1_u64..12), 0..16),
        worth in prop::collection::btree_map("s[0-4]", prop_oneof![9 => 0_i64..120, 1 => any::<i64>()], 0..5),
        after in prop::collection::vec((0_usize..8, 0_u64..12), 0..4),
        closed in 0_usize..8,
    ) {
        let mut problem = problem(&people, &beds, &costs[..5 * people.len()]);
        let agrees = |problem: &AssignmentProblem, start: &Start| {
            let warm = solve_assignment_from(problem, start).unwrap();
            verify_certificate(problem, &warm).unwrap();
            prop_assert_eq!(warm.value(), solve_assignment(problem).unwrap().value());
            Ok(())
        };
        // From any orders and any worth of beds.
        let before: Vec<Order> = orders.into_iter().map(|(d, s, people)| order(d, s, people)).collect();
        agrees(&problem, &Start::new(&problem, &before, &worth))?;
        // From the optimum before a change.
        let start = Start::of(&solve_assignment(&problem).unwrap());
        agrees(&problem, &start)?;
        for (at, people) in after {
            if let Some(place) = problem.demand.get_mut(at) {
                place.people = people;
            }
        }
        if let Some(site) = problem.shelters.get_mut(closed) {
            site.capacity = 0;
        }
        agrees(&problem, &start)?;
    }

    #[test]
    fn nothing_changes_where_nothing_changed(
        people in prop::collection::vec(0_u64..=9, 1..=6),
        beds in prop::collection::vec(0_u64..=12, 4),
        costs in prop::collection::vec(prop_oneof![5 => (0_u64..99).prop_map(Some), 1 => Just(None)], 24),
        split in any::<bool>(),
    ) {
        let problem = AssignmentProblem { split, ..problem(&people, &beds, &costs[..4 * people.len()]) };
        let old = solve_assignment(&problem).unwrap();
        let before: Vec<Order> =
            old.moves.iter().map(|m| order(m.demand as usize, m.shelter as usize, m.people)).collect();
        let plan = check(&problem, &before, 100);
        prop_assert_eq!(changes_csv(&plan.changes), "demand,from,to,people,reason\n");
        prop_assert_eq!(plan.outcome.moves, old.moves);
    }
}

#[test]
fn the_limit_is_used_up() {
    // 20 m more for each of 1000 people who stay, 1 % of 980 km allowed: 490 can.
    let before = [order(0, 0, 1000)];
    let plan = check(&problem(&[1000], &[1000, 1000], &[Some(1000), Some(980)]), &before, 100);
    assert_eq!((plan.kept, plan.outcome.person_metres, plan.limit_m), (490, 989_800, 989_800));
    assert!(plan.kept_at_most <= 515, "{}", plan.kept_at_most);
}

#[test]
fn fewer_people_than_orders_keep_what_they_can() {
    let plan = check(&problem(&[5], &[1, 5], &[Some(100), Some(200)]), &[order(0, 0, 5), order(0, 1, 5)], 100);
    assert_eq!((plan.kept, plan.kept_at_most), (5, 5));
    // Without splitting fewer are placed than with it: the bound is for the plan handed out.
    let whole = problem(&[4, 6], &[4, 4], &[Some(100), Some(200), Some(100), None]);
    let plan = check(&AssignmentProblem { split: false, ..whole }, &[order(0, 0, 4)], 100);
    assert_eq!((plan.kept, plan.outcome.left()), (4, 6));
    assert_eq!(plan.kept_at_most, 4);
}

#[test]
fn long_trips_and_awkward_ids_are_no_obstacle() {
    let long = problem(&[3, 3], &[3, 3], &[Some(99_999_990), Some(99_000_000), Some(99_000_000), Some(98_000_000)]);
    let plan = check(&long, &[order(0, 0, 3)], 10_000);
    assert_eq!(plan.outcome.left(), 0);
    let mut twins = problem(&[2, 2], &[2, 2], &[Some(1), Some(2), Some(2), Some(1)]);
    twins.demand[0].id = "a".into();
    twins.demand[1].id = "a>b".into();
    twins.shelters[0].id = "b>c".into();
    twins.shelters[1].id = "c".into();
    let named = |demand: &str, shelter: &str| Order { demand: demand.into(), shelter: shelter.into(), people: 2 };
    let plan = check(&twins, &[named("a", "b>c"), named("a>b", "c")], 100);
    assert_eq!((plan.kept, plan.kept_at_most), (4, 4));
}

#[test]
fn each_change_says_why() {
    let costs = [Some(1), Some(2), None, Some(1), Some(9), Some(9), Some(9), Some(1), Some(1)];
    let problem = problem(&[4, 3, 2], &[2, 5, 9], &costs);
    let before = [order(0, 0, 3), order(1, 0, 3), order(2, 7, 1), order(0, 2, 1), order(9, 1, 5)];
    let plan = check(&problem, &before, 1_000_000);
    let rows: Vec<String> = changes_csv(&plan.changes).lines().skip(1).map(str::to_owned).collect();
    assert_eq!(plan.outcome.left(), 0);
    assert!(
        rows.contains(&"2,s7,s1,1,shelter_closed".to_owned()) || rows.contains(&"2,s7,s2,1,shelter_closed".to_owned())
    );
    assert!(rows.iter().any(|row| row.starts_with("0,s2,") && row.ends_with(change_reason::WAY_CLOSED)));
    assert!(rows.iter().any(|row| row.ends_with(change_reason::SHELTER_SMALLER)));
    assert!(rows.iter().any(|row| row.starts_with("2,,") && row.ends_with(change_reason::NEW_PEOPLE)));
    assert!(rows.contains(&"9,s1,,5,fewer_people".to_owned()));
}

#[test]
fn what_was_carried_out_is_not_ordered_again() {
    let problem = problem(&[4, 3], &[5, 2], &[Some(1), Some(2), Some(1), Some(2)]);
    let before = [order(0, 0, 4), order(1, 0, 1), order(1, 1, 2)];
    let mut findings = Vec::new();
    let (rest, orders) = after_done(&problem, &before, &[order(0, 0, 3)], &mut findings);
    assert_eq!((rest.demand[0].people, rest.shelters[0].capacity), (1, 2));
    assert_eq!((orders[0].people, findings.len()), (1, 0));
    let done = [order(0, 1, 3), order(1, 0, 9), order(7, 0, 1), order(0, 9, 1)];
    let (rest, _) = after_done(&problem, &before, &done, &mut findings);
    assert_eq!((rest.demand[0].people, rest.demand[1].people), (0, 0));
    let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["EVA-072", "EVA-071", "EVA-072", "EVA-071", "EVA-072", "EVA-072"]);
    // Made again and again with one record: no order is forgotten.
    let (mut standing, done) = (vec![order(0, 0, 4), order(1, 0, 1), order(1, 1, 2)], [order(0, 0, 3)]);
    for _ in 0..3 {
        let (rest, orders) = after_done(&problem, &standing, &done, &mut Vec::new());
        assert_eq!(orders, [order(0, 0, 1), order(1, 0, 1), order(1, 1, 2)]);
        let plan = least_change(&rest, &orders, 10_000).unwrap();
        assert_eq!(plan.kept, 4);
        standing = standing_orders(&rest, &plan.outcome, &done);
        assert!(standing.contains(&order(0, 0, 4)), "{standing:?}");
    }
    let text = "demand,shelter,people,cost\n0,s0,3,9\n0,s0,1,9\n1,s0,-2,1\n";
    let mut findings = Vec::new();
    assert_eq!(read_orders("plan.csv", text, &mut findings).unwrap(), [order(0, 0, 4)]);
    assert_eq!(findings.len(), 1);
    // No slip of the pen adds up to more people than can be counted.
    let many = format!("demand,shelter,people\n0,s0,{0}\n0,s0,{0}\n0,\"s0,3\n0,s0,2\n", u64::MAX);
    let mut findings = Vec::new();
    assert_eq!(read_orders("done.csv", &many, &mut findings).unwrap(), [order(0, 0, 2)]);
    let codes: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["EVA-015", "EVA-016", "EVA-016"]);
    let longest = AssignmentProblem { policy: Policy::Longest, ..problem };
    assert_eq!(least_change(&longest, &before, 100).unwrap_err().code, "EVA-073");
}
