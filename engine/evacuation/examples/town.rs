//! Temporary timing of a town.
#![allow(clippy::unwrap_used, clippy::print_stdout)]
use dayu_evacuation::*;
use std::time::Instant;
fn main() {
    let n: u32 = 150;
    let mut z = 1u64;
    let mut r = move |m: u64| { z = z.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407); (z >> 33) % m };
    let mut roads = vec![];
    for i in 0..n { for j in 0..n { let (x, y) = (i as f64 * 70.0, j as f64 * 70.0);
        let mut add = |dx: f64, dy: f64| if r(10) > 0 { roads.push(RoadLine { id: format!("r{}", roads.len()), points: vec![(x, y), (x + dx * 0.5 + 3.0, y + dy * 0.5), (x + dx, y + dy)], walkable: true, bridge: r(50) == 0 }) };
        add(70.0, 0.0); add(0.0, 70.0); } }
    let t = Instant::now();
    let g = RoadGraph::build(&roads, RoadOptions::default()).unwrap();
    println!("lines {} edges {} nodes {} build {:?} {:?}", roads.len(), g.edges().len(), g.node_count(), t.elapsed(), g.findings());
    let d: Vec<_> = (0..5000).map(|i| DemandPlace { id: i.to_string(), x: r(10000) as f64, y: r(10000) as f64, people: r(200), vulnerable: 0 }).collect();
    let s: Vec<_> = (0..200).map(|i| ShelterPlace { id: i.to_string(), x: r(10000) as f64, y: r(10000) as f64, capacity: r(5000), usable: Ok(()) }).collect();
    let p = g.mask(|e| e % 17 != 0);
    for w in [1500.0, 3000.0, 20000.0] {
        let t = Instant::now();
        let plan = plan_evacuation(&g, &p, &d, &s, PlanOptions { max_walk_m: w, max_snap_m: 300.0, k: 0 }).unwrap();
        println!("walk {w}: arcs {} placed {} of {} longest {} routes {} in {:?}", plan.problem.arcs.len(), plan.outcome.placed, plan.outcome.people, plan.outcome.longest_m, plan.routes.len(), t.elapsed());
        let mut by = std::collections::BTreeMap::new();
        for u in &plan.outcome.unplaced { *by.entry(u.reason.clone()).or_insert(0) += u.people; }
        println!("  {by:?}");
    }
}
