//! Road problems: the published optima, brute force, and what must hold of every plan.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use dayu_evacuation::{
    Effort, FixedRoute, FlowLink, FlowNode, FlowPlan, FlowShelter, FlowSource, RoadFiles, RoadProblem,
    flow_lower_bound, flow_plan_csv, flow_trips, parse_road_problem, replay, schedule_routes, solve_road_problem,
};
use proptest::prelude::*;
use serde_json::Value;

macro_rules! case {
    ($name:literal) => {{
        macro_rules! part {
            ($part:literal) => {
                include_str!(concat!("../../../tests/cases/evac_", $name, "/", $name, ".", $part))
            };
        }
        let files = RoadFiles {
            header: part!("json"),
            nodes: part!("nodes.csv"),
            links: part!("links.csv"),
            sources: part!("sources.csv"),
            shelters: part!("shelters.csv"),
        };
        (files, part!("reference.json"))
    }};
}

fn agrees(name: &str, (files, reference): (RoadFiles<'_>, &str)) {
    let reference: Value = serde_json::from_str(reference).unwrap();
    let (problem, findings) = parse_road_problem(name, files).unwrap();
    assert_eq!(findings, []);
    let clock = std::time::Instant::now();
    let greedy = solve_road_problem(&problem, Effort::GREEDY).unwrap();
    let greedy_s = clock.elapsed().as_secs_f64();
    assert_eq!(greedy.unplaced, []);
    assert_eq!(Some(greedy.lower_bound as u64), reference["lower_bound_no_capacity"]["sum_arrival_steps"].as_u64());
    let clock = std::time::Instant::now();
    let plan = solve_road_problem(&problem, Effort::default()).unwrap();
    println!(
        "{name}: greedy {} in {greedy_s:.3} s, best {} in {:.3} s, bound {}",
        greedy.value,
        plan.value,
        clock.elapsed().as_secs_f64(),
        plan.lower_bound
    );
    assert_eq!(Some(plan.sheltered), reference["max_sheltered"].as_u64());
    assert_eq!(Some(plan.sum_arrival_steps as u64), reference["optimal_sum_arrival_steps"].as_u64());
    assert_eq!(plan.gap(), 0);
    // The proof stands without the solver.
    assert_eq!(flow_lower_bound(&problem, &plan.prices), Some(plan.value));
    let all: u64 = flow_trips(&problem, &plan).iter().map(|t| t.people).sum();
    assert_eq!(all, plan.sheltered);
    assert!(flow_plan_csv(&problem, &plan).starts_with("kind,id,step,people\nlink,"));
}

#[test]
fn r1_is_solved_to_the_optimum_and_proved() {
    agrees("r1", case!("r1"));
}

#[test]
fn r2_is_solved_to_the_optimum_and_proved() {
    agrees("r2", case!("r2"));
}

fn node(k: usize) -> FlowNode {
    FlowNode { id: k.to_string(), x_m: k as f64 * 100.0, y_m: 0.0 }
}

fn link(k: usize, from: u32, to: u32, steps: u32, people_per_step: u64, close_step: Option<u32>) -> FlowLink {
    FlowLink { id: k.to_string(), from, to, metres: 100, steps, people_per_step, close_step }
}

/// Nodes 0 … n − 1 and what lies on them.
#[derive(Clone, Debug)]
struct Tiny {
    horizon: u32,
    nodes: usize,
    links: Vec<(u32, u32, u32, u64, Option<u32>)>,
    sources: Vec<(u32, u64, u64, u32)>,
    shelters: Vec<(u32, u64)>,
}

impl Tiny {
    fn problem(&self) -> RoadProblem {
        RoadProblem::checked(
            self.horizon,
            60,
            (0..self.nodes).map(node).collect(),
            (self.links.iter().enumerate()).map(|(k, &(a, b, s, c, e))| link(k, a, b, s, c, e)).collect(),
            (self.sources.iter())
                .map(|&(node, people, vulnerable, ready_step)| FlowSource { node, people, vulnerable, ready_step })
                .collect(),
            self.shelters.iter().map(|&(node, capacity)| FlowShelter { node, capacity }).collect(),
        )
        .unwrap()
    }

    fn best(&self) -> FlowPlan {
        let problem = self.problem();
        let plan = solve_road_problem(&problem, Effort::default()).unwrap();
        replay(&problem, &plan).unwrap();
        assert_eq!(plan.gap(), 0, "{self:?}");
        assert_eq!(flow_lower_bound(&problem, &plan.prices), Some(plan.value));
        let walked = flow_trips(&problem, &plan);
        assert_eq!(walked.iter().map(|t| t.people).sum::<u64>(), plan.sheltered);
        for trip in &walked {
            let source = &problem.sources()[trip.source as usize];
            let (mut at, mut now) = (source.node, source.ready_step);
            for &(link, step) in &trip.way {
                let row = &problem.links()[link as usize];
                assert!(row.from == at && step >= now);
                (at, now) = (row.to, step + row.steps);
            }
            assert!(at == problem.shelters()[trip.shelter as usize].node && now <= trip.arrival_step);
        }
        plan
    }

    /// Every person in turn takes every way; the least (unplaced, sum). Only for a few people.
    fn brute(&self) -> (u64, u128) {
        let people: Vec<(u32, u32)> =
            self.sources.iter().flat_map(|&(n, p, _, ready)| (0..p).map(move |_| (n, ready))).collect();
        let mut used = std::collections::BTreeMap::new();
        let mut beds: Vec<u64> =
            (0..self.nodes as u32).map(|n| self.shelters.iter().filter(|s| s.0 == n).map(|s| s.1).sum()).collect();
        let mut best = (u64::MAX, u128::MAX);
        self.place(&people, 0, (0, 0), &mut used, &mut beds, &mut best);
        best
    }

    fn place(
        &self,
        people: &[(u32, u32)],
        next: usize,
        so_far: (u64, u128),
        used: &mut std::collections::BTreeMap<(usize, u32), u64>,
        beds: &mut Vec<u64>,
        best: &mut (u64, u128),
    ) {
        if so_far >= *best {
            return;
        }
        let Some(&(node, ready)) = people.get(next) else {
            *best = so_far;
            return;
        };
        if ready <= self.horizon {
            self.walk(people, next, (node, ready), so_far, used, beds, best);
        }
        self.place(people, next + 1, (so_far.0 + 1, so_far.1), used, beds, best);
    }

    #[allow(clippy::too_many_arguments)]
    fn walk(
        &self,
        people: &[(u32, u32)],
        next: usize,
        (node, step): (u32, u32),
        so_far: (u64, u128),
        used: &mut std::collections::BTreeMap<(usize, u32), u64>,
        beds: &mut Vec<u64>,
        best: &mut (u64, u128),
    ) {
        if beds[node as usize] > 0 {
            beds[node as usize] -= 1;
            self.place(people, next + 1, (so_far.0, so_far.1 + u128::from(step)), used, beds, best);
            beds[node as usize] += 1;
        }
        for (k, &(from, to, steps, most, close)) in self.links.iter().enumerate() {
            if from != node {
                continue;
            }
            for enter in step..=self.horizon {
                let out = enter + steps;
                if out > close.unwrap_or(self.horizon).min(self.horizon) {
                    break;
                }
                if used.get(&(k, enter)).copied().unwrap_or(0) < most {
                    *used.entry((k, enter)).or_insert(0) += 1;
                    self.walk(people, next, (to, out), so_far, used, beds, best);
                    *used.get_mut(&(k, enter)).unwrap() -= 1;
                }
            }
        }
    }
}

fn tiny(nodes: usize, horizon: u32, most: u64) -> impl Strategy<Value = Tiny> {
    let n = nodes as u32;
    let links = prop::collection::vec((0..n, 0..n, 1..4_u32, 0..3_u64, prop::option::of(0..=horizon)), 1..7);
    let sources = prop::collection::vec((0..n, 0..=most, 0..=most, 0..3_u32), 1..3);
    let shelters = prop::collection::vec((0..n, 0..=most + 1), 1..3);
    (links, sources, shelters).prop_map(move |(links, mut sources, mut shelters)| {
        sources.sort_by_key(|s| (s.0, s.3));
        sources.dedup_by_key(|s| (s.0, s.3));
        shelters.sort_by_key(|s| s.0);
        shelters.dedup_by_key(|s| s.0);
        Tiny { horizon, nodes, links, sources, shelters }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn the_optimum_is_that_of_trying_everything(case in tiny(4, 6, 2)) {
        let plan = case.best();
        prop_assert_eq!((plan.people - plan.sheltered, plan.sum_arrival_steps), case.brute());
    }

    #[test]
    fn removing_a_closure_never_lowers_and_a_bed_never_harms(case in tiny(6, 20, 30), which in any::<prop::sample::Index>()) {
        let plan = case.best();
        let mut open = case.clone();
        let k = which.index(open.links.len());
        open.links[k].4 = None;
        prop_assert!(open.best().sheltered >= plan.sheltered);
        let mut roomier = case.clone();
        let k = which.index(roomier.shelters.len());
        roomier.shelters[k].1 += 1;
        prop_assert!(roomier.best().value <= plan.value);
    }

    #[test]
    fn rows_in_another_order_give_the_same_plan(case in tiny(6, 20, 30)) {
        let mut problem = case.problem();
        let mut links: Vec<FlowLink> = problem.links().to_vec();
        links.reverse();
        let turned = RoadProblem::checked(
            case.horizon, 60, problem.nodes().to_vec(), links, problem.sources().iter().rev().cloned().collect(),
            problem.shelters().iter().rev().cloned().collect(),
        ).unwrap();
        prop_assert_eq!(&turned, &problem);
        // The vulnerable come first when asked, and no one more is left behind for it.
        let all = solve_road_problem(&problem, Effort::default()).unwrap();
        problem = problem.vulnerable_first(true);
        let first = solve_road_problem(&problem, Effort::default()).unwrap();
        prop_assert_eq!(first.gap(), 0);
        prop_assert_eq!(first.sheltered, all.sheltered);
        let left = |plan: &FlowPlan| -> u64 {
            plan.unplaced.iter().map(|u| {
                let s = &problem.sources()[u.source as usize];
                u.people.saturating_sub(s.people - s.vulnerable)
            }).sum()
        };
        prop_assert!(left(&first) <= left(&all));
    }

    #[test]
    fn a_short_effort_gives_a_sound_plan_and_a_sound_bound(case in tiny(6, 20, 30), arcs in 1..400_u64) {
        let problem = case.problem();
        let plan = solve_road_problem(&problem, Effort { arcs }).unwrap();
        let best = case.best();
        prop_assert!(plan.lower_bound <= best.value && best.value <= plan.value);
    }
}

#[test]
fn decided_ways_queue_for_a_narrow_link_and_closing_cuts_the_rest_off() {
    // Two places meet at node 2; the last link takes 3 people a step and closes at step 6.
    let case = Tiny {
        horizon: 50,
        nodes: 4,
        links: vec![(0, 2, 1, 9, None), (1, 2, 2, 9, None), (2, 3, 1, 3, Some(6))],
        sources: vec![(0, 9, 0, 0), (1, 9, 0, 0)],
        shelters: vec![(3, 100)],
    };
    let route = |source, links: &[u32]| FixedRoute { source, shelter: 0, people: 9, links: links.to_vec() };
    let problem = case.problem();
    let plan = schedule_routes(&problem, &[route(1, &[1, 2]), route(0, &[0, 2])]).unwrap();
    // Entries of the last link at steps 1 to 5: fifteen people; the others are told.
    assert_eq!((plan.sheltered, plan.unplaced.len(), plan.unplaced[0].reason), (15, 1, "road_capacity"));
    assert_eq!(plan.last_arrival, Some(6));
    assert!(schedule_routes(&problem, &[route(1, &[0, 2])]).is_err());
}

fn refused(name: &str, change: impl Fn(&mut [String; 5])) -> String {
    let mut parts = [
        r#"{"name": "t", "horizon": 10, "step_s": 60, "people": 5}"#.to_owned(),
        "id,x,y\na,0,0\nb,100,0\n".to_owned(),
        "id,from,to,metres,steps,people_per_step,close_step\n1,a,b,100,2,3,-1\n".to_owned(),
        "node,people,ready_step\na,5,0\n".to_owned(),
        "node,capacity\nb,9\n".to_owned(),
    ];
    change(&mut parts);
    let [header, nodes, links, sources, shelters] = &parts;
    match parse_road_problem(name, RoadFiles { header, nodes, links, sources, shelters }) {
        Ok((problem, findings)) => {
            let plan = solve_road_problem(&problem, Effort::default()).unwrap();
            let codes: Vec<String> = findings.into_iter().map(|f| f.code).collect();
            let reasons: Vec<String> = plan.unplaced.iter().map(|u| format!("{}:{}", u.people, u.reason)).collect();
            format!("{} {}", codes.join(","), reasons.join(","))
        }
        Err(f) => format!("{} {} {}", f.code, f.file, f.place),
    }
}

#[test]
fn bad_input_is_named_and_the_rest_still_placed() {
    let swap =
        |at: usize, from: &'static str, to: &'static str| move |p: &mut [String; 5]| p[at] = p[at].replace(from, to);
    assert_eq!(refused("t", |_| {}), " ");
    assert_eq!(
        refused("t", swap(2, "3,-1", "3,-7")),
        "EVA-052 5:no_reachable_shelter".replace("no_reachable_shelter", "road_closed")
    );
    assert_eq!(refused("t", swap(2, "3,-1", "3,1")), " 5:road_closed");
    assert_eq!(refused("t", swap(2, "3,-1", "3,2")), " 2:road_capacity");
    assert_eq!(refused("t", swap(2, "3,-1", "-3,-1")), "EVA-016 t.links.csv line 2");
    assert_eq!(refused("t", swap(2, "a,b", "a,c")), "EVA-002 t.links.csv line 2");
    assert_eq!(refused("t", swap(2, "100,2", "100,0")), "EVA-016 t.links.csv line 2");
    assert_eq!(refused("t", swap(2, "a,b", "b,a")), " 5:no_reachable_shelter");
    assert_eq!(refused("t", swap(2, "1,a,b,100,2,3,-1", "1,a,b,100,2,3,-1\n1,a,b,100,2,3,-1")), "EVA-001 t links");
    assert_eq!(refused("t", swap(3, "a,5,0", "a,2,0\na,3,0")), "EVA-001 t sources a");
    assert_eq!(refused("t", swap(3, "a,5,0", "a,5,11")), "EVA-053 5:road_closed");
    assert_eq!(refused("t", swap(3, "a,5", "a,-5")), "EVA-016 t.sources.csv line 2");
    assert_eq!(refused("t", swap(3, "a,5", "a,4")), "EVA-017 t.json ");
    assert_eq!(refused("t", swap(4, "b,9", "b,0")), "EVA-054 5:no_reachable_shelter");
    assert_eq!(refused("t", swap(4, "b,9", "b,3")), " 2:shelters_full");
    assert_eq!(refused("t", swap(4, "b,9", "q,3")), "EVA-002 t.shelters.csv line 2");
    assert_eq!(refused("t", swap(0, "horizon", "horizont")), "EVA-011 t.json ");
    assert_eq!(refused("t", swap(0, "10", "0")), "EVA-050 t ");
    let crowd = |p: &mut [String; 5]| {
        p[0] = r#"{"horizon": 10}"#.into();
        p[3] = "node,people,ready_step\na,1000000000000,0\n".into();
    };
    assert_eq!(refused("t", crowd), " 999999999991:shelters_full");
    assert_eq!(
        refused("t", |p| p[3] = format!("node,people,ready_step\na,{},0\nb,{},0\n", u64::MAX, u64::MAX)),
        "EVA-017 t.json "
    );
}
