//! The answer to a road problem as files.

use super::bound::FlowPrices;
use super::problem::RoadProblem;
use super::solve::FlowPlan;
use super::trips::Trip;
use crate::sheet::quoted;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// `plan.csv`: kind,id,step,people; link = enters, arrive = taken in at the shelter's node.
pub fn flow_plan_csv(problem: &RoadProblem, plan: &FlowPlan) -> String {
    let mut text = String::from("kind,id,step,people\n");
    for e in &plan.entries {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "link,{},{},{}", quoted(&problem.links[e.link as usize].id), e.step, e.people);
    }
    for a in &plan.arrivals {
        let node = problem.shelters[a.shelter as usize].node;
        let _ = writeln!(text, "arrive,{},{},{}", quoted(problem.node_id(node)), a.step, a.people);
    }
    text
}

/// `unplaced.csv`: id,people,reason,ready_step; id = the source's node.
pub fn flow_unplaced_csv(problem: &RoadProblem, plan: &FlowPlan) -> String {
    let mut text = String::from("id,people,reason,ready_step\n");
    for rest in &plan.unplaced {
        let source = &problem.sources[rest.source as usize];
        let id = quoted(problem.node_id(source.node));
        let _ = writeln!(text, "{id},{},{},{}", rest.people, rest.reason, source.ready_step);
    }
    text
}

/// `certificate.csv`: kind,id,step,value; prices of links per step and of beds (step empty). [`super::flow_lower_bound`] checks them.
pub fn flow_certificate_csv(problem: &RoadProblem, prices: &FlowPrices) -> String {
    let mut text = String::from("kind,id,step,value\n");
    for (link, step, price) in &prices.links {
        let _ = writeln!(text, "link,{},{step},{price}", quoted(&problem.links[*link as usize].id));
    }
    for (shelter, price) in &prices.shelters {
        let node = problem.shelters[*shelter as usize].node;
        let _ = writeln!(text, "shelter,{},,{price}", quoted(problem.node_id(node)));
    }
    text
}

/// `link_load.csv`: id,step,people,capacity for every link and step at which somebody enters.
pub fn link_load_csv(problem: &RoadProblem, plan: &FlowPlan) -> String {
    let mut text = String::from("id,step,people,capacity\n");
    for e in &plan.entries {
        let link = &problem.links[e.link as usize];
        let _ = writeln!(text, "{},{},{},{}", quoted(&link.id), e.step, e.people, link.people_per_step);
    }
    text
}

/// `shelter_board.csv`: node,until_step,planned,arrived,free, a row per shelter and hour (or per step if a step is longer).
pub fn shelter_board_csv(problem: &RoadProblem, plan: &FlowPlan) -> String {
    let steps = (3600 / problem.step_s.min(3600)).max(1);
    let mut text = String::from("node,until_step,planned,arrived,free\n");
    let last = plan.last_arrival.unwrap_or(0).div_ceil(steps).max(1) * steps;
    for (place, shelter) in (0..).zip(&problem.shelters) {
        let of_shelter = || plan.arrivals.iter().filter(|a| a.shelter == place);
        let planned: u64 = of_shelter().map(|a| a.people).sum();
        for until in (steps..=last).step_by(steps as usize) {
            let arrived: u64 = of_shelter().filter(|a| a.step <= until).map(|a| a.people).sum();
            let (id, free) = (quoted(problem.node_id(shelter.node)).into_owned(), shelter.capacity - arrived);
            let _ = writeln!(text, "{id},{until},{planned},{arrived},{free}");
        }
    }
    text
}

/// `routes.geojson`: one line per source, shelter and way, in the coordinates of the nodes.
pub fn flow_routes_geojson(problem: &RoadProblem, trips: &[Trip]) -> String {
    // (source, shelter, links) → people, first departure, last arrival, metres
    let mut routes: BTreeMap<(u32, u32, Vec<u32>), (u64, u32, u32)> = BTreeMap::new();
    for trip in trips {
        let links = trip.way.iter().map(|leg| leg.0).collect();
        let departs = trip.way.first().map_or(trip.arrival_step, |leg| leg.1);
        let row = routes.entry((trip.source, trip.shelter, links)).or_insert((0, u32::MAX, 0));
        *row = (row.0 + trip.people, row.1.min(departs), row.2.max(trip.arrival_step));
    }
    let features: Vec<Value> = routes
        .into_iter()
        .map(|((source, shelter, links), (people, departs, arrives))| {
            let (from, to) = (problem.sources[source as usize].node, problem.shelters[shelter as usize].node);
            let mut line = vec![point(problem, from)];
            line.extend(links.iter().map(|&l| point(problem, problem.links[l as usize].to)));
            if line.len() == 1 {
                line.push(point(problem, to));
            }
            let metres: u64 = links.iter().map(|&l| problem.links[l as usize].metres).sum();
            json!({
                "type": "Feature",
                "properties": {
                    "source": problem.node_id(from), "shelter": problem.node_id(to), "people": people,
                    "first_departure_step": departs, "last_arrival_step": arrives, "metres": metres,
                },
                "geometry": { "type": "LineString", "coordinates": line },
            })
        })
        .collect();
    let mut text = json!({ "type": "FeatureCollection", "features": features }).to_string();
    text.push('\n');
    text
}

fn point(problem: &RoadProblem, node: u32) -> Value {
    let node = &problem.nodes[node as usize];
    json!([node.x_m, node.y_m])
}

/// `change_events.xml`: closings as MATSim network change events (schema networkChangeEvents, matsim.org), time from the start.
/// `closings`: (link id, s), any order.
pub fn change_events_xml<'a>(closings: impl IntoIterator<Item = (&'a str, f64)>) -> String {
    let mut by_time: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
    for (id, at_s) in closings {
        by_time.entry(at_s.max(0.0) as u64).or_default().push(id);
    }
    let mut text = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<networkChangeEvents xmlns=\"http://www.matsim.org/files/dtd\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"http://www.matsim.org/files/dtd \
         http://www.matsim.org/files/dtd/networkChangeEvents.xsd\">\n",
    );
    for (at_s, mut ids) in by_time {
        ids.sort_by(|a, b| crate::order::id_order(a, b));
        let (h, m, s) = (at_s / 3600, at_s / 60 % 60, at_s % 60);
        let _ = writeln!(text, "  <networkChangeEvent startTime=\"{h:02}:{m:02}:{s:02}\">");
        for id in ids {
            let id = id.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            let _ = writeln!(text, "    <link refId=\"{id}\"/>");
        }
        text.push_str(
            "    <flowCapacity type=\"absolute\" value=\"0.0\"/>\n    <freespeed type=\"absolute\" value=\"0.0\"/>\n",
        );
        text.push_str("  </networkChangeEvent>\n");
    }
    text.push_str("</networkChangeEvents>\n");
    text
}
