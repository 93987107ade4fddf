//! People on roads that close: the two published instances to the proven optimum, and a large city by the greedy plan.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use dayu_evacuation::{
    Effort, FlowLink, FlowNode, FlowShelter, FlowSource, RoadFiles, RoadProblem, parse_road_problem, solve_road_problem,
};
use std::time::Instant;

macro_rules! case {
    ($name:literal) => {{
        macro_rules! part {
            ($part:literal) => {
                include_str!(concat!("../../tests/cases/evac_", $name, "/", $name, ".", $part))
            };
        }
        let files = RoadFiles {
            header: part!("json"),
            nodes: part!("nodes.csv"),
            links: part!("links.csv"),
            sources: part!("sources.csv"),
            shelters: part!("shelters.csv"),
        };
        ($name, parse_road_problem($name, files).unwrap().0)
    }};
}

/// SplitMix64: the same city on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }
}

/// A street grid of 250 × 200 nodes and about 100 000 links with a flood front from the south-west, 500 sources, 1 250 shelters.
fn city() -> RoadProblem {
    let (nx, ny) = (250_u32, 200_u32);
    let mut random = Random(7);
    let node = |k: u32| FlowNode { id: k.to_string(), x_m: f64::from(k % nx) * 100.0, y_m: f64::from(k / nx) * 100.0 };
    let nodes: Vec<FlowNode> = (0..nx * ny).map(node).collect();
    let mut links = Vec::new();
    for at in 0..nx * ny {
        let (c, r) = (at % nx, at / nx);
        for (to, exists) in [(at + 1, c + 1 < nx), (at + nx, r + 1 < ny)] {
            if !exists {
                continue;
            }
            let (steps, most) = (1 + random.below(3) as u32, 12 + random.below(30));
            let close_step = (c + r < 200).then_some(20 + c + r);
            for (from, to) in [(at, to), (to, at)] {
                let id = links.len().to_string();
                links.push(FlowLink { id, from, to, metres: 100, steps, people_per_step: most, close_step });
            }
        }
    }
    links.truncate(100_000);
    let mut sources: Vec<FlowSource> = (0..500)
        .map(|_| {
            let (c, r) = (random.below(120) as u32, random.below(120) as u32);
            let (people, ready_step) = (40 + random.below(380), random.below(20) as u32);
            FlowSource { node: r * nx + c, people, vulnerable: people / 10, ready_step }
        })
        .collect();
    sources.sort_by_key(|s| s.node);
    sources.dedup_by_key(|s| s.node);
    let mut shelters: Vec<FlowShelter> = (0..1250)
        .map(|_| FlowShelter { node: (random.below(u64::from(nx * ny))) as u32, capacity: 50 + random.below(100) })
        .collect();
    shelters.sort_by_key(|s| s.node);
    shelters.dedup_by_key(|s| s.node);
    RoadProblem::checked(240, 60, nodes, links, sources, shelters).unwrap()
}

fn main() {
    let (name, city) = ("city", city());
    let of = |name: &str, problem: &RoadProblem, effort: Effort, how: &str| {
        let mut least = f64::INFINITY;
        let mut plan = None;
        for _ in 0..3 {
            let clock = Instant::now();
            plan = Some(solve_road_problem(problem, effort).unwrap());
            least = least.min(clock.elapsed().as_secs_f64());
        }
        let plan = plan.unwrap();
        println!(
            "{name} {how}: {} nodes, {} links, {} sources; {least:.3} s; {} of {} sheltered, {} person-steps, last {:?}, bound {}, gap {:.2} %",
            problem.nodes().len(),
            problem.links().len(),
            problem.sources().len(),
            plan.sheltered,
            plan.people,
            plan.sum_arrival_steps,
            plan.last_arrival,
            plan.lower_bound,
            100.0 * plan.gap() as f64 / plan.value as f64,
        );
    };
    for (name, problem) in [case!("r1"), case!("r2")] {
        of(name, &problem, Effort::GREEDY, "greedy");
        of(name, &problem, Effort::default(), "best");
    }
    of(name, &city, Effort::GREEDY, "greedy");
    of(name, &city.clone().vulnerable_first(true), Effort::GREEDY, "greedy, vulnerable first");
}
