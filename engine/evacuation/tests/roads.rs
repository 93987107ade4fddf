//! Roads: how lines become a network, and plans over it with closed links.
#![allow(clippy::unwrap_used)]

use dayu_evacuation::{
    BEYOND_MAX_WALK, DemandPlace, EvacuationPlan, PlanOptions, Policies, ROAD_CLOSED, RoadGraph, RoadLine, RoadOptions,
    SHELTERS_FULL, ShelterPlace, TOO_FAR_FROM_ROAD, plan_evacuation, verify_certificate,
};
use proptest::prelude::*;

const WIDE: RoadOptions = RoadOptions { snap_m: 1.0, max_link_m: 1000.0 };
const FAR: PlanOptions = PlanOptions {
    max_walk_m: 100_000.0,
    max_snap_m: 50.0,
    k: 0,
    split: true,
    vulnerable_first: false,
    policies: Policies { max_hazard_probability: None, reserve_share: None, relatives_share: None },
    name: "II",
};

fn line(id: &str, points: &[(f64, f64)]) -> RoadLine {
    RoadLine { id: id.into(), points: points.to_vec(), walkable: true, bridge: false }
}

fn bridge(id: &str, points: &[(f64, f64)]) -> RoadLine {
    RoadLine { bridge: true, ..line(id, points) }
}

fn people(id: &str, x: f64, y: f64, people: u64) -> DemandPlace {
    DemandPlace { id: id.into(), x, y, people, ..DemandPlace::default() }
}

fn shelter(id: &str, x: f64, y: f64, capacity: u64) -> ShelterPlace {
    ShelterPlace::new(id, (x, y), capacity)
}

fn parts(graph: &RoadGraph) -> u32 {
    graph.components(|_| true).into_iter().max().map_or(0, |last| last + 1)
}

fn plan(graph: &RoadGraph, closed: &[usize], d: &[DemandPlace], s: &[ShelterPlace], o: PlanOptions) -> EvacuationPlan {
    let plan = plan_evacuation(graph, &graph.mask(|edge| !closed.contains(&edge)), d, s, o, None).unwrap();
    verify_certificate(&plan.problem, &plan.outcome).unwrap();
    assert_eq!(plan.routes.len(), plan.outcome.moves.len());
    for route in &plan.routes {
        let walked: f64 = route.line.windows(2).map(|p| (p[1].0 - p[0].0).hypot(p[1].1 - p[0].1)).sum();
        assert!((walked - route.metres as f64).abs() < 0.6, "{walked} m drawn, {} m counted", route.metres);
    }
    plan
}

#[test]
fn ground_roads_that_cross_meet() {
    let cross = [line("a", &[(0.0, 50.0), (100.0, 50.0)]), line("b", &[(50.0, 0.0), (50.0, 100.0)])];
    let graph = RoadGraph::build(&cross, WIDE).unwrap();
    assert_eq!((graph.edges().len(), graph.node_count(), parts(&graph)), (4, 5, 1));
    assert!(graph.edges().iter().all(|edge| edge.length_mm == 50_000));
}

#[test]
fn a_bridge_passes_over_and_joins_at_its_ends() {
    let roads = [line("a", &[(0.0, 50.0), (100.0, 50.0)]), bridge("b", &[(50.0, 0.0), (50.0, 100.0)])];
    assert_eq!(parts(&RoadGraph::build(&roads, WIDE).unwrap()), 2);
    // Its end lies on a road; a road that ends under it stays apart.
    let ends = [
        line("a", &[(0.0, 100.4), (100.0, 100.4)]),
        bridge("b", &[(50.0, 0.0), (50.0, 100.0)]),
        line("c", &[(0.0, 30.0), (49.5, 30.0)]),
    ];
    let graph = RoadGraph::build(&ends, WIDE).unwrap();
    assert_eq!((graph.edges().len(), parts(&graph)), (4, 2));
    // A shared vertex always joins.
    let shared = [
        line("a", &[(0.0, 50.0), (50.0, 50.0), (100.0, 50.0)]),
        bridge("b", &[(50.0, 0.0), (50.0, 50.0), (50.0, 100.0)]),
    ];
    assert_eq!(parts(&RoadGraph::build(&shared, WIDE).unwrap()), 1);
}

#[test]
fn ends_within_the_tolerance_are_joined_and_others_not() {
    let gap = |metres: f64| {
        let roads = [line("a", &[(0.0, 0.0), (100.0, 0.0)]), line("b", &[(50.0, metres), (50.0, 80.0)])];
        parts(&RoadGraph::build(&roads, WIDE).unwrap())
    };
    assert_eq!((gap(0.0), gap(0.9), gap(1.2)), (1, 1, 2));
    let facing = [line("a", &[(0.0, 0.0), (50.0, 0.0)]), line("b", &[(50.7, 0.3), (100.0, 0.0)])];
    let graph = RoadGraph::build(&facing, WIDE).unwrap();
    assert_eq!((graph.edges().len(), graph.node_count()), (2, 3));
}

#[test]
fn overlapping_lines_are_one_way() {
    let roads = [line("a", &[(0.0, 0.0), (100.0, 0.0)]), line("b", &[(60.0, 0.0), (160.0, 0.0)])];
    let graph = RoadGraph::build(&roads, WIDE).unwrap();
    assert_eq!((graph.node_count(), parts(&graph)), (4, 1));
}

#[test]
fn long_links_are_divided_and_keep_their_shape() {
    let bent = [line("a", &[(0.0, 0.0), (30.0, 40.0), (30.0, 140.0)])];
    let graph = RoadGraph::build(&bent, RoadOptions { snap_m: 1.0, max_link_m: 40.0 }).unwrap();
    assert_eq!(graph.edges().len(), 4);
    assert_eq!(graph.edges().iter().map(|edge| edge.length_mm).sum::<u32>(), 150_000);
    let ends: Vec<_> = (0..4).map(|edge| *graph.edge_polyline(edge).last().unwrap()).collect();
    assert_eq!(ends[3], (30.0, 140.0));
    assert!(graph.edge_polyline(1).contains(&(30.0, 40.0)));
    assert_eq!(graph.edge_polyline(9), []);
}

#[test]
fn unusable_lines_are_findings_not_panics() {
    let mut motorway = line("m", &[(0.0, 0.0), (1.0, 1.0)]);
    motorway.walkable = false;
    let roads = [
        line("nan", &[(f64::NAN, 0.0), (1.0, 1.0)]),
        line("inf", &[(f64::INFINITY, 0.0), (1.0, 1.0)]),
        line("dot", &[(5.0, 5.0), (5.0, 5.0)]),
        line("none", &[]),
        motorway,
    ];
    let graph = RoadGraph::build(&roads, WIDE).unwrap();
    assert_eq!(graph.edges().len(), 0);
    assert_eq!(graph.findings().iter().filter(|f| f.code == "EVA-030").count(), 4);
    let left = plan(&graph, &[], &[people("p", 0.0, 0.0, 4)], &[shelter("s", 0.0, 0.0, 9)], FAR);
    assert_eq!(left.outcome.unplaced[0].reason, TOO_FAR_FROM_ROAD);
    let wrong = RoadOptions { snap_m: f64::NAN, max_link_m: 10.0 };
    assert_eq!(RoadGraph::build(&roads, wrong).err().unwrap().code, "EVA-037");
}

#[test]
fn door_to_door_along_one_link() {
    let graph = RoadGraph::build(&[line("a", &[(0.0, 0.0), (100.0, 0.0)])], WIDE).unwrap();
    let plan = plan(&graph, &[], &[people("p", 20.0, 5.0, 4)], &[shelter("s", 60.0, -3.0, 9)], FAR);
    assert_eq!(plan.outcome.moves[0].cost, 48);
    assert_eq!(plan.routes[0].line, [(20.0, 5.0), (20.0, 0.0), (60.0, 0.0), (60.0, -3.0)]);
    assert_eq!(plan.demand[0].access_m, Some(5.0));
    assert_eq!((plan.shelters[0].assigned, plan.shelters[0].capacity), (4, 9));
}

/// A square of four roads: (0,0) (100,0) (100,100) (0,100).
fn square() -> RoadGraph {
    let roads = [
        line("south", &[(0.0, 0.0), (100.0, 0.0)]),
        line("east", &[(100.0, 0.0), (100.0, 100.0)]),
        line("north", &[(100.0, 100.0), (0.0, 100.0)]),
        line("west", &[(0.0, 100.0), (0.0, 0.0)]),
    ];
    RoadGraph::build(&roads, WIDE).unwrap()
}

fn link(graph: &RoadGraph, line: u32) -> usize {
    graph.edges().iter().position(|edge| edge.line == line).unwrap()
}

#[test]
fn a_closed_link_is_walked_around() {
    let graph = square();
    let (from, to) = ([people("p", 10.0, 0.0, 4)], [shelter("s", 100.0, 10.0, 9)]);
    assert_eq!(plan(&graph, &[], &from, &to, FAR).outcome.moves[0].cost, 100);
    let around = plan(&graph, &[link(&graph, 3)], &from, &to, FAR);
    assert_eq!(around.outcome.moves[0].cost, 100);
    // Their own road is closed: they reach the west road across the yard, and that is said.
    let detour = plan(&graph, &[link(&graph, 0)], &from, &to, FAR);
    assert_eq!(detour.outcome.moves[0].cost, 10 + 100 + 100 + 90);
    assert!(detour.demand[0].past_closed_link);
    assert_eq!(detour.findings[0].code, "EVA-034");
    let corner = detour.routes[0].line.clone();
    assert_eq!(corner, [(10.0, 0.0), (0.0, 0.0), (0.0, 100.0), (100.0, 100.0), (100.0, 10.0)]);
    let cut = plan(&graph, &[link(&graph, 0), link(&graph, 2)], &from, &to, FAR);
    assert_eq!((cut.outcome.placed, cut.outcome.unplaced[0].reason.as_str()), (0, ROAD_CLOSED));
}

#[test]
fn every_reason_is_told_apart() {
    let mut roads = vec![line("a", &[(0.0, 0.0), (3000.0, 0.0)])];
    roads.push(line("island", &[(0.0, 9000.0), (100.0, 9000.0)]));
    let graph = RoadGraph::build(&roads, WIDE).unwrap();
    let demands = [
        people("near", 100.0, 0.0, 5),
        people("far", 2900.0, 0.0, 3),
        people("field", 100.0, 500.0, 2),
        people("island", 50.0, 9000.0, 1),
        people("nowhere", f64::NAN, 0.0, 7),
        people("nobody", 2950.0, 0.0, 0),
    ];
    let options = PlanOptions { max_walk_m: 1000.0, ..FAR };
    let plan = plan(&graph, &[], &demands, &[shelter("s", 0.0, 0.0, 4)], options);
    let reasons: Vec<_> = plan.outcome.unplaced.iter().map(|u| (u.demand, u.people, u.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (0, 1, SHELTERS_FULL),
            (1, 3, BEYOND_MAX_WALK),
            (2, 2, TOO_FAR_FROM_ROAD),
            (3, 1, dayu_evacuation::NO_REACHABLE_SHELTER),
            (4, 7, TOO_FAR_FROM_ROAD),
        ]
    );
    assert!(plan.findings.iter().any(|f| f.code == "EVA-036" && f.place == "nowhere"));
    assert_eq!(plan.outcome.people, 18);
}

#[test]
fn unusable_shelters_get_no_one() {
    let graph = square();
    let mut flooded = shelter("flooded", 0.0, 0.0, 100);
    flooded.usable = Err("under_water".into());
    let shelters =
        [flooded, shelter("empty", 0.0, 1.0, 0), shelter("away", 400.0, 400.0, 50), shelter("open", 100.0, 100.0, 2)];
    let plan = plan(&graph, &[], &[people("p", 0.0, 0.0, 5)], &shelters, FAR);
    let loads: Vec<_> = plan.shelters.iter().map(|s| (s.assigned, s.reason.as_deref())).collect();
    assert_eq!(loads, [(0, Some("under_water")), (0, Some("no_capacity")), (0, Some("too_far_from_road")), (2, None)]);
    assert!(plan.findings.iter().any(|f| f.code == "EVA-033"));
    assert_eq!(plan.outcome.unplaced[0].people, 3);
}

#[test]
fn beds_that_k_hides_are_said() {
    let graph = square();
    let shelters = [shelter("near", 10.0, 0.0, 2), shelter("next", 90.0, 0.0, 9)];
    let demand = [people("p", 0.0, 0.0, 5)];
    let hidden = plan(&graph, &[], &demand, &shelters, PlanOptions { k: 1, ..FAR });
    assert_eq!((hidden.outcome.placed, hidden.findings[0].code.as_str()), (2, "EVA-035"));
    let all = plan(&graph, &[], &demand, &shelters, FAR);
    assert_eq!((all.outcome.placed, all.findings.len()), (5, 0));
}

#[test]
fn wrong_calls_are_refused() {
    let graph = square();
    let code = |passable: &[bool], demands: &[DemandPlace], options: PlanOptions| {
        plan_evacuation(&graph, passable, demands, &[], options, None).unwrap_err().code
    };
    assert_eq!(code(&[true], &[], FAR), "EVA-031");
    assert_eq!(code(&[true; 4], &[people("p", 0.0, 0.0, 1), people("p", 1.0, 0.0, 1)], FAR), "EVA-001");
    assert_eq!(code(&[true; 4], &[], PlanOptions { max_walk_m: -1.0, ..FAR }), "EVA-037");
}

/// Streets every 100 m with gaps, people and shelters beside them.
fn town() -> impl Strategy<Value = (Vec<RoadLine>, Vec<DemandPlace>, Vec<ShelterPlace>, Vec<bool>)> {
    let spot = || (0..600_u32, 0..600_u32);
    (
        prop::collection::vec((0..6_u32, 0..6_u32, any::<bool>(), 1..6_u32, any::<bool>()), 4..18),
        prop::collection::vec((spot(), 0..30_u64), 1..12),
        prop::collection::vec((spot(), 0..60_u64, any::<bool>()), 1..5),
        prop::collection::vec(prop::bool::weighted(0.8), 400),
    )
        .prop_map(|(streets, homes, shelters, open)| {
            let roads = streets.iter().enumerate().map(|(at, &(x, y, east, blocks, bridge))| {
                let (x, y, far) = (f64::from(x) * 100.0, f64::from(y) * 100.0, f64::from(blocks) * 100.0);
                let end = if east { (x + far, y) } else { (x, y + far) };
                RoadLine { id: format!("r{at}"), points: vec![(x, y), end], walkable: true, bridge }
            });
            let homes = homes
                .iter()
                .enumerate()
                .map(|(at, &((x, y), count))| people(&format!("{at}"), f64::from(x), f64::from(y), count));
            let shelters = shelters.iter().enumerate().map(|(at, &((x, y), beds, usable))| ShelterPlace {
                usable: if usable { Ok(()) } else { Err("closed".into()) },
                ..shelter(&format!("{at}"), f64::from(x), f64::from(y), beds)
            });
            (roads.collect(), homes.collect(), shelters.collect(), open)
        })
}

/// By id what a plan says, free of the order of rows.
fn told(plan: &EvacuationPlan) -> Vec<String> {
    let mut rows: Vec<String> = plan
        .routes
        .iter()
        .map(|r| {
            let (d, s) = (&plan.problem.demand[r.demand as usize].id, &plan.problem.shelters[r.shelter as usize].id);
            format!("{d} {s} {} {} {:?}", r.people, r.metres, r.line)
        })
        .chain(
            plan.outcome
                .unplaced
                .iter()
                .map(|u| format!("{} {} {}", plan.problem.demand[u.demand as usize].id, u.people, u.reason)),
        )
        .collect();
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn routes_stay_on_open_links_and_nobody_is_lost((roads, homes, shelters, open) in town()) {
        let graph = RoadGraph::build(&roads, RoadOptions { snap_m: 1.0, max_link_m: 60.0 }).unwrap();
        let closed: Vec<usize> = (0..graph.edges().len()).filter(|&edge| !open[edge % open.len()]).collect();
        let plan = plan(&graph, &closed, &homes, &shelters, PlanOptions { max_walk_m: 900.0, ..FAR });
        let left: u64 = plan.outcome.unplaced.iter().map(|u| u.people).sum();
        let housed: u64 = plan.routes.iter().map(|r| r.people).sum();
        prop_assert_eq!(left + housed, homes.iter().map(|h| h.people).sum::<u64>());
        for (load, shelter) in plan.shelters.iter().zip(&shelters) {
            prop_assert!(load.assigned <= shelter.capacity);
            prop_assert!(load.assigned == 0 || shelter.usable.is_ok());
        }
        for route in &plan.routes {
            prop_assert!(route.metres <= 900);
            // The first and last piece lead from door to road; every other piece lies on an open link.
            for pair in route.line.windows(2) {
                let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
                let own = pair[0] == route.line[0] || pair[1] == route.line[route.line.len() - 1];
                let on_open = graph.snap(middle, 0.01, |edge| !closed.contains(&edge)).is_some();
                prop_assert!(own || on_open, "{:?}", pair);
            }
        }
    }

    #[test]
    fn the_order_of_roads_and_places_changes_nothing((roads, homes, shelters, open) in town()) {
        let build = |roads: &[RoadLine]| RoadGraph::build(roads, RoadOptions { snap_m: 1.0, max_link_m: 60.0 }).unwrap();
        let back = |mut roads: Vec<RoadLine>| { roads.reverse(); roads };
        let (one, two) = (build(&roads), build(&back(roads)));
        prop_assert_eq!(one.edges().len(), two.edges().len());
        for edge in 0..one.edges().len() {
            prop_assert_eq!(one.edge_polyline(edge), two.edge_polyline(edge));
        }
        let closed: Vec<usize> = (0..one.edges().len()).filter(|&edge| !open[edge % open.len()]).collect();
        let options = PlanOptions { max_walk_m: 900.0, k: 2, ..FAR };
        let first = plan(&one, &closed, &homes, &shelters, options);
        let (mut homes, mut shelters) = (homes, shelters);
        homes.reverse();
        shelters.reverse();
        prop_assert_eq!(told(&first), told(&plan(&two, &closed, &homes, &shelters, options)));
    }

    #[test]
    fn the_number_of_threads_changes_nothing((roads, homes, shelters, open) in town()) {
        let run = |threads: usize| {
            rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| {
                let graph = RoadGraph::build(&roads, RoadOptions { snap_m: 1.0, max_link_m: 60.0 }).unwrap();
                let passable = graph.mask(|edge| open[edge % open.len()]);
                plan_evacuation(&graph, &passable, &homes, &shelters, FAR, None).unwrap()
            })
        };
        let one = run(1);
        prop_assert_eq!(&one, &run(2));
        prop_assert_eq!(&one, &run(8));
    }

    #[test]
    fn opening_all_links_never_leaves_more_without_a_bed((roads, homes, shelters, open) in town()) {
        let graph = RoadGraph::build(&roads, RoadOptions { snap_m: 1.0, max_link_m: 60.0 }).unwrap();
        let closed: Vec<usize> = (0..graph.edges().len()).filter(|&edge| !open[edge % open.len()]).collect();
        let options = PlanOptions { max_snap_m: 20.0, ..FAR };
        let (before, after) = (plan(&graph, &closed, &homes, &shelters, options), plan(&graph, &[], &homes, &shelters, options));
        // In a network of several parts an opened link may be nearer to a door and belong to another part than the one used before.
        let parts = graph.components(|_| true).into_iter().max().unwrap_or(0);
        prop_assert!(after.outcome.placed >= before.outcome.placed || parts > 0);
    }
}
