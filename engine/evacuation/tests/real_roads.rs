//! Real streets: bridges pass over, one-way streets stay one-way for vehicles, parts that are cut off stay apart, places meet the nearest
//! road or are refused.
#![allow(clippy::unwrap_used, clippy::panic)]

use dayu_evacuation::{
    DemandPlace, EvacuationPlan, Latest, LatestDepartures, Place, PlanOptions, Policies, ROAD_CLOSED, RoadGraph,
    RoadLine, RoadOptions, ShelterPlace, TOO_FAR_FROM_ROAD, TimedLink, plan_evacuation, verify_certificate,
};
use std::collections::{BTreeMap, BTreeSet};

struct Streets {
    name: &'static str,
    lines: Vec<RoadLine>,
    one_way: Vec<bool>,
    graph: RoadGraph,
}

/// (name, file, connected parts and share of the largest, counted apart; see the README beside the files)
const TOWNS: [(&str, &str, usize, f64); 3] = [
    ("andorra", include_str!("data/roads/andorra.csv"), 12, 0.8595),
    ("porto_alegre", include_str!("data/roads/porto_alegre.csv"), 11, 0.9554),
    ("xian", include_str!("data/roads/xian.csv"), 1, 1.0),
];

fn streets(name: &'static str, text: &str) -> Streets {
    let (mut lines, mut one_way) = (Vec::new(), Vec::new());
    for row in text.lines().skip(1) {
        let [id, class, bridge, tunnel, one, points] = row.split(',').collect::<Vec<_>>()[..] else { panic!("{row}") };
        let point = |words: &str| {
            let (x, y) = words.split_once(' ').unwrap();
            (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
        };
        // As in a run: nobody is sent along an expressway or through a tunnel.
        let fast = ["motorway", "motorway_link", "trunk", "trunk_link"].contains(&class);
        lines.push(RoadLine {
            id: id.into(),
            points: points.split(';').map(point).collect(),
            walkable: !fast && tunnel == "0",
            bridge: bridge == "1",
        });
        one_way.push(one == "1");
    }
    let graph = RoadGraph::build(&lines, RoadOptions::default()).unwrap();
    Streets { name, lines, one_way, graph }
}

fn towns() -> Vec<Streets> {
    TOWNS.iter().map(|(name, text, ..)| streets(name, text)).collect()
}

fn apart(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Distance of a point from a straight piece.
fn off(p: (f64, f64), a: (f64, f64), b: (f64, f64)) -> f64 {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let square = dx * dx + dy * dy;
    let t = if square > 0.0 { (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    apart(p, (a.0 + t * dx, a.1 + t * dy))
}

/// Doors every 150 m over the square, with people; shelters every 400 m.
fn places() -> (Vec<DemandPlace>, Vec<ShelterPlace>) {
    let door = |k: u32| DemandPlace {
        id: format!("d{k:02}"),
        x: 37.0 + 150.0 * f64::from(k % 8),
        y: 61.0 + 150.0 * f64::from(k / 8),
        people: 20 + u64::from(k * 37 % 50),
        vulnerable: u64::from(k % 7),
        relatives: 0,
        needs: String::new(),
        whole: false,
    };
    let shelter = |k: u32| {
        let at = (190.0 + 400.0 * f64::from(k % 3), 210.0 + 400.0 * f64::from(k / 3));
        ShelterPlace::new(format!("s{k}"), at, 230 + u64::from(k * 60))
    };
    ((0..64).map(door).collect(), (0..9).map(shelter).collect())
}

const OPTIONS: PlanOptions = PlanOptions {
    max_walk_m: 1500.0,
    max_snap_m: 120.0,
    k: 0,
    split: true,
    vulnerable_first: true,
    policies: Policies { max_hazard_probability: None, reserve_share: None, relatives_share: None },
    name: "streets",
};

/// Plans, and checks what must hold of any plan: nobody lost, no shelter over capacity, no way over a closed link, drawn and counted
/// lengths the same.
fn plan(town: &Streets, open: &[bool]) -> EvacuationPlan {
    let (doors, shelters) = places();
    let plan = plan_evacuation(&town.graph, open, &doors, &shelters, OPTIONS, None).unwrap();
    verify_certificate(&plan.problem, &plan.outcome).unwrap();
    let mut gone: BTreeMap<u32, u64> = BTreeMap::new();
    for m in &plan.outcome.moves {
        *gone.entry(m.demand).or_default() += m.people;
    }
    for u in &plan.outcome.unplaced {
        *gone.entry(u.demand).or_default() += u.people;
    }
    let all: Vec<u64> = (0..doors.len() as u32).map(|d| gone.get(&d).copied().unwrap_or(0)).collect();
    assert_eq!(all, doors.iter().map(|d| d.people).collect::<Vec<_>>(), "{}", town.name);
    assert!(plan.shelters.iter().zip(&shelters).all(|(load, s)| load.assigned <= s.capacity));
    let shut: BTreeSet<usize> = (0..open.len()).filter(|e| !open[*e]).collect();
    for route in &plan.routes {
        let walked: f64 = route.line.windows(2).map(|p| apart(p[0], p[1])).sum();
        assert!((walked - route.metres as f64).abs() < 0.6, "{}: {walked} m, {} m", town.name, route.metres);
        // The middle of a piece of the way lies on an open link, wherever it lies on a link at all.
        for pair in route.line.windows(2).skip(1).take(route.line.len().saturating_sub(3)) {
            let middle = ((pair[0].0 + pair[1].0) / 2.0, (pair[0].1 + pair[1].1) / 2.0);
            let on = |edge: &usize| town.graph.edge_polyline(*edge).windows(2).any(|p| off(middle, p[0], p[1]) < 0.01);
            let closed = shut.iter().any(&on) && !(0..open.len()).filter(|e| open[*e]).any(|e| on(&e));
            assert!(!closed, "{}: somebody walks a closed link at {middle:?}", town.name);
        }
    }
    plan
}

#[test]
fn parts_and_lengths_are_those_counted_apart() {
    for (town, (name, _, parts, share)) in towns().iter().zip(TOWNS) {
        let part = town.graph.components(|_| true);
        assert_eq!(part.iter().max().unwrap() + 1, parts as u32, "{name}");
        let mut length = vec![0.0; parts];
        for edge in town.graph.edges() {
            length[part[edge.a as usize] as usize] += f64::from(edge.length_mm) / 1000.0;
        }
        let (all, largest) = (length.iter().sum::<f64>(), length.iter().copied().fold(0.0, f64::max));
        let drawn: f64 = (town.lines.iter().filter(|l| l.walkable))
            .map(|l| l.points.windows(2).map(|p| apart(p[0], p[1])).sum::<f64>())
            .sum();
        assert!((all - drawn).abs() < 0.005 * drawn, "{name}: {all} m of {drawn} m");
        assert!((largest / all - share).abs() < 0.005, "{name}: {}", largest / all);
        // A network in parts says so.
        assert_eq!(town.graph.findings().iter().any(|f| f.code == "EVA-032"), parts > 1, "{name}");
    }
}

#[test]
fn a_bridge_meets_others_only_at_its_ends_and_in_shared_vertices() {
    let mut looked_at = 0;
    for town in towns() {
        for node in 0..town.graph.node_count() as u32 {
            let at = town.graph.node_point(node).unwrap();
            let lines: BTreeSet<u32> =
                town.graph.links(node).iter().map(|(e, _)| town.graph.edges()[*e as usize].line).collect();
            for &bridge in lines.iter().filter(|l| lines.len() > 1 && town.lines[**l as usize].bridge) {
                looked_at += 1;
                let points = &town.lines[bridge as usize].points;
                let end = [points[0], points[points.len() - 1]].iter().any(|p| apart(*p, at) < 1.01);
                let shared = points.iter().any(|p| {
                    apart(*p, at) < 0.002
                        && lines.iter().any(|l| {
                            *l != bridge && town.lines[*l as usize].points.iter().any(|q| apart(*q, at) < 1.01)
                        })
                });
                assert!(end || shared, "{}: {} is entered in its middle at {at:?}", town.name, points.len());
            }
        }
    }
    assert!(looked_at > 40, "{looked_at}: the extracts prove nothing");
}

#[test]
fn places_meet_the_nearest_road_and_are_refused_beyond_the_limit() {
    for town in towns() {
        let (doors, _) = places();
        let open = vec![true; town.graph.edges().len()];
        let found = plan(&town, &open);
        for (door, access) in doors.iter().zip(&found.demand) {
            let of = |edge| {
                town.graph.edge_polyline(edge).windows(2).map(|p| off((door.x, door.y), p[0], p[1])).fold(1e9, f64::min)
            };
            let least = (0..open.len()).map(of).fold(1e9, f64::min);
            match access.access_m {
                Some(told) => assert!((told - least).abs() < 0.002 && told <= 120.0, "{} {told} {least}", door.id),
                None => assert!(least > 120.0, "{}: {least} m", door.id),
            }
        }
        for rest in found.outcome.unplaced.iter().filter(|u| u.reason == TOO_FAR_FROM_ROAD) {
            assert_eq!(found.demand[rest.demand as usize].access_m, None);
        }
    }
}

#[test]
fn closed_bridges_cut_off_whom_they_carried() {
    let mut cut = 0;
    for town in towns() {
        let open = vec![true; town.graph.edges().len()];
        let before = plan(&town, &open);
        let without: Vec<bool> = town.graph.edges().iter().map(|e| !e.bridge).collect();
        let after = plan(&town, &without);
        let left = |p: &EvacuationPlan| p.outcome.people - p.outcome.placed;
        assert!(left(&after) >= left(&before), "{}: fewer roads never help", town.name);
        cut += after.outcome.unplaced.iter().filter(|u| u.reason == ROAD_CLOSED).count();
        // Opening them again gives back the first plan.
        assert_eq!(plan(&town, &open).outcome.moves, before.outcome.moves, "{}", town.name);
    }
    assert!(cut > 0, "nobody depended on a bridge: the extracts prove nothing");
}

/// Links of a vehicle: both directions, those against a one-way street closed before the start, as in a run.
fn driven(town: &Streets, one_way: bool) -> Vec<TimedLink> {
    let mut links = Vec::new();
    for (edge, row) in (0_u32..).zip(town.graph.edges()) {
        let link = |from, to, closes_s| TimedLink {
            from,
            to,
            metres: f64::from(row.length_mm) / 1000.0,
            edge,
            slower: vec![],
            opens_s: None,
            closes_s,
        };
        links.push(link(row.a, row.b, None));
        links.push(link(row.b, row.a, (one_way && town.one_way[row.line as usize]).then_some(-1e9)));
    }
    links
}

#[test]
fn vehicles_keep_to_one_way_streets() {
    let mut turned_away = 0;
    for town in towns() {
        let (_, shelters) = places();
        let nodes = town.graph.node_count();
        let access = shelters.iter().find_map(|s| town.graph.snap((s.x, s.y), 120.0, |_| true)).unwrap();
        let seed = Place { edge: access.edge, along_m: f64::from(access.along_mm) / 1000.0, off_m: 0.0 };
        let links = driven(&town, true);
        let found = LatestDepartures::to(&links, nodes, 8.0, &[(seed, None)]);
        // Who can drive there, by following the drawn directions back from both ends of the shelter's link.
        let row = town.graph.edges()[access.edge as usize];
        let mut reaches = vec![false; nodes];
        let mut stack = vec![row.a];
        if !town.one_way[row.line as usize] {
            stack.push(row.b);
        }
        while let Some(node) = stack.pop() {
            if std::mem::replace(&mut reaches[node as usize], true) {
                continue;
            }
            stack.extend(links.iter().filter(|l| l.to == node && l.closes_s.is_none()).map(|l| l.from));
        }
        let both = driven(&town, false);
        let free = LatestDepartures::to(&both, nodes, 8.0, &[(seed, None)]);
        for node in 0..nodes as u32 {
            let now = matches!(found.from_node(node), Latest::Always);
            assert_eq!(now, reaches[node as usize], "{} node {node}", town.name);
            let if_both = matches!(free.from_node(node), Latest::Always);
            assert!(if_both || !now, "{} node {node}", town.name);
            turned_away += usize::from(if_both && !now);
        }
    }
    assert!(turned_away > 20, "{turned_away}: the extracts prove nothing");
}

#[test]
fn the_order_of_rows_changes_nothing() {
    for (name, text, ..) in TOWNS {
        let first = streets(name, text);
        let mut rows: Vec<&str> = text.lines().skip(1).collect();
        rows.reverse();
        let turned = streets(name, &format!("\n{}", rows.join("\n")));
        let routes = |town: &Streets| {
            let plan = plan(town, &vec![true; town.graph.edges().len()]);
            plan.routes.into_iter().map(|r| (r.demand, r.shelter, r.people, r.line)).collect::<Vec<_>>()
        };
        assert_eq!(routes(&first), routes(&turned), "{name}");
    }
}
