//! The plan of a level on the clock: who is on which link when, who arrives when.

use crate::departing::place_of;
use crate::walking::{Assigned, MAX_SNAP_M, Walking};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    FixedRoute, FlowLink, FlowNode, FlowPlan, FlowShelter, FlowSource, RoadProblem, TimedLink, schedule_routes,
};
use dayu_plan::{DemandPlace, Ride};
use std::collections::BTreeMap;

/// Length of a step, s.
pub(crate) const STEP_S: u32 = 10;
/// People a walked link takes per minute: 2 m of width at 60 persons per metre and minute (D; below the 75 ped/min/m that a walkway can
/// carry at most, HCM 2000, exhibit 18-3, recalled).
pub(crate) const WALKERS_PER_MIN: u64 = 120;

/// A level's people on the clock. Steps count from the first order.
pub(crate) struct Movement {
    pub plan: FlowPlan,
    /// when the first order is given, s from start
    pub order_s: f64,
    /// some order is known and not assumed
    pub opened: bool,
    /// road link of each link of the problem; `None` = between door and road
    pub edge: Vec<Option<u32>>,
    /// shelter id of each shelter of the problem
    pub shelters: Vec<String>,
    /// people sent to each shelter, through in time or not
    pub going: BTreeMap<String, u64>,
    pub findings: Vec<Finding>,
}

/// Legs of a problem in the making.
#[derive(Default)]
struct Legs {
    /// (from, to, road link) → index
    known: BTreeMap<(String, String, Option<u32>), u32>,
    rows: Vec<(String, String, f64, Option<u32>, Option<f64>)>,
    places: BTreeMap<String, (f64, f64)>,
}

impl Legs {
    fn leg(&mut self, from: &str, to: &str, metres: f64, edge: Option<u32>, closes_s: Option<f64>) -> u32 {
        let key = (from.to_owned(), to.to_owned(), edge);
        let next = self.rows.len() as u32;
        *self.known.entry(key).or_insert_with(|| {
            self.rows.push((from.to_owned(), to.to_owned(), metres, edge, closes_s));
            next
        })
    }
}

/// Puts the routes of a plan on the clock; `None` when nobody walks. `carried`: trips of vehicles and teams, whose people do not walk on
/// their own.
pub(crate) fn movement(
    walking: &Walking,
    places: &[DemandPlace],
    assigned: &Assigned,
    carried: &[(usize, Ride)],
    duration_s: f64,
) -> Result<Option<Movement>, Finding> {
    let plan = &assigned.plan;
    // People with a bed of the assignment who are led or driven to it.
    let mut led: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    for (place, ride) in carried.iter().filter(|(_, ride)| ride.led) {
        *led.entry((*place, &ride.shelter_id)).or_default() += ride.people;
    }
    let nodes: BTreeMap<(i64, i64), u32> = (0..walking.graph.node_count() as u32)
        .filter_map(|n| Some((millimetres(walking.graph.node_point(n)?), n)))
        .collect();
    let mut legs = Legs::default();
    let mut ways: Vec<(usize, usize, u64, Vec<u32>)> = Vec::new();
    for route in &plan.routes {
        let (demand, shelter) = (route.demand as usize, route.shelter as usize);
        let with_help = led.get_mut(&(demand, walking.shelter_id(route.shelter)));
        let alone = with_help.map_or(route.people, |left| {
            let here = route.people.min(*left);
            *left -= here;
            route.people - here
        });
        if alone > 0 {
            let way = legs_of(walking, places, assigned, route, &nodes, &mut legs);
            ways.push((demand, shelter, alone, way));
        }
    }
    if ways.is_empty() {
        return Ok(None);
    }
    let order_s = places.iter().map(|p| p.order.at_s).min_by(f64::total_cmp).unwrap_or(0.0);
    let step = |s: f64| (s / f64::from(STEP_S)).clamp(0.0, 1e6);
    let horizon = (step(duration_s - order_s).floor() as u32).max(6 * 3600 / STEP_S);
    let index: BTreeMap<&str, u32> = (0..).zip(legs.places.keys()).map(|(k, id)| (id.as_str(), k)).collect();
    let flow_nodes = legs.places.iter().map(|(id, at)| FlowNode { id: id.clone(), x_m: at.0, y_m: at.1 }).collect();
    let speed = walking.roads.walk_m_s;
    let id_of = |k: usize| format!("{k:08}");
    let links: Vec<FlowLink> = legs
        .rows
        .iter()
        .enumerate()
        .map(|(k, (from, to, metres, _, closes_s))| FlowLink {
            id: id_of(k),
            from: index[from.as_str()],
            to: index[to.as_str()],
            metres: metres.round() as u64,
            steps: (step(metres / speed).ceil() as u32).max(1),
            people_per_step: WALKERS_PER_MIN * u64::from(STEP_S) / 60,
            close_step: closes_s.map(|s| step(s - order_s).floor() as u32),
        })
        .collect();
    let mut going: BTreeMap<usize, u64> = BTreeMap::new();
    for (demand, _, people, _) in &ways {
        *going.entry(*demand).or_default() += people;
    }
    let sources: Vec<FlowSource> = going
        .iter()
        .map(|(demand, people)| FlowSource {
            node: index[door(*demand).as_str()],
            people: *people,
            vulnerable: places[*demand].vulnerable.min(*people),
            ready_step: step(places[*demand].order.at_s - order_s + walking.prepare_s(&places[*demand].object_id))
                .ceil() as u32,
        })
        .collect();
    let mut used: Vec<usize> = ways.iter().map(|w| w.1).collect();
    used.sort_unstable();
    used.dedup();
    let shelters: Vec<FlowShelter> = used
        .iter()
        .map(|s| FlowShelter { node: index[gate(*s).as_str()], capacity: walking.shelters[*s].capacity })
        .collect();
    let problem = RoadProblem::checked(horizon, STEP_S, flow_nodes, links, sources, shelters)?;
    let source_of =
        |demand: usize| problem.node(&door(demand)).and_then(|n| problem.sources().iter().position(|s| s.node == n));
    let shelter_of =
        |s: usize| problem.node(&gate(s)).and_then(|n| problem.shelters().iter().position(|x| x.node == n));
    let routes: Vec<FixedRoute> = ways
        .iter()
        .filter_map(|(demand, shelter, people, way)| {
            let (source, shelter) = (source_of(*demand)? as u32, shelter_of(*shelter)? as u32);
            Some(FixedRoute { source, shelter, people: *people, links: way.clone() })
        })
        .collect();
    let flow = schedule_routes(&problem, &routes)?;
    let mut findings = Vec::new();
    if flow.sheltered < flow.people {
        findings.push(too_late(flow.people - flow.sheltered, places));
    }
    let mut to: BTreeMap<String, u64> = BTreeMap::new();
    for (_, shelter, people, _) in &ways {
        *to.entry(walking.shelter_id(*shelter as u32).to_owned()).or_default() += people;
    }
    let ids = used.iter().map(|s| (gate(*s), walking.shelter_id(*s as u32).to_owned())).collect::<BTreeMap<_, _>>();
    let shelters =
        problem.shelters().iter().map(|s| ids[problem.nodes()[s.node as usize].id.as_str()].clone()).collect();
    Ok(Some(Movement {
        edge: legs.rows.iter().map(|r| r.3).collect(),
        plan: flow,
        order_s,
        opened: places.iter().any(|p| !p.order.assumed),
        shelters,
        going: to,
        findings,
    }))
}

fn millimetres(point: (f64, f64)) -> (i64, i64) {
    ((point.0 * 1000.0).round() as i64, (point.1 * 1000.0).round() as i64)
}

fn door(demand: usize) -> String {
    format!("d{demand}")
}
fn gate(shelter: usize) -> String {
    format!("s{shelter}")
}

/// The legs of a route: door → road nodes → gate. The parts of links at both ends close with their link.
fn legs_of(
    walking: &Walking,
    places: &[DemandPlace],
    assigned: &Assigned,
    route: &dayu_evacuation::Route,
    nodes: &BTreeMap<(i64, i64), u32>,
    legs: &mut Legs,
) -> Vec<u32> {
    let closing = |edge: u32| walking.roads.closing[edge as usize].as_ref().map(|c| c.at_s);
    let end = |x: f64, y: f64| {
        let access = walking.graph.snap((x, y), MAX_SNAP_M, |edge| assigned.used[edge])?;
        closing(place_of(&access).edge)
    };
    let (demand, site) = (&places[route.demand as usize], &walking.shelters[route.shelter as usize]);
    let (from, to) = (door(route.demand as usize), gate(route.shelter as usize));
    legs.places.insert(from.clone(), (demand.x_m, demand.y_m));
    legs.places.insert(to.clone(), (site.x, site.y));
    let mut way = Vec::new();
    let (mut at, mut at_node, mut walked) = (from, None, 0.0);
    let last = route.line.len().saturating_sub(1);
    for (k, pair) in route.line.windows(2).enumerate() {
        walked += libm::hypot(pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
        let Some(&node) = nodes.get(&millimetres(pair[1])).filter(|_| k + 1 < last) else { continue };
        if at_node == Some(node) {
            continue;
        }
        let id = format!("n{node}");
        legs.places.insert(id.clone(), pair[1]);
        let edge = at_node.and_then(|before| edge_between(walking, before, node, walked));
        let closes_s = match edge {
            Some(edge) => closing(edge),
            None => end(demand.x_m, demand.y_m),
        };
        way.push(legs.leg(&at, &id, walked, edge, closes_s));
        (at, at_node, walked) = (id, Some(node), 0.0);
    }
    way.push(legs.leg(&at, &to, walked, None, end(site.x, site.y)));
    way
}

/// The link between two nodes whose length is nearest to what was walked.
fn edge_between(walking: &Walking, from: u32, to: u32, metres: f64) -> Option<u32> {
    let off = |edge: u32| {
        let link: &TimedLink = &walking.roads.walk[2 * edge as usize];
        (link.metres - metres).abs()
    };
    let between = walking.graph.links(from).iter().filter(|(_, other)| *other == to).map(|(edge, _)| *edge);
    between.min_by(|a, b| off(*a).total_cmp(&off(*b)))
}

fn too_late(people: u64, places: &[DemandPlace]) -> Finding {
    let level = places.first().map_or("", |p| p.level.id());
    Finding::warning(
        "RUN-084",
        Text::new(
            format!("按道路通过能力，{people} 人在道路被淹或推演结束前走不完步行路线"),
            format!("by the capacity of the roads, {people} people are not through before roads close or the run ends"),
        ),
        Text::new("提前下令、分批错峰或派车接运", "order earlier, in waves, or send buses"),
    )
    .at(level)
}
