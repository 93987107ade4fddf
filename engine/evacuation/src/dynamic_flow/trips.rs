//! From flows to ways: who of which source walks when over which links to which shelter.

use super::problem::RoadProblem;
use super::solve::FlowPlan;
use std::collections::{BTreeMap, VecDeque};

/// People who go together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trip {
    /// index of the source
    pub source: u32,
    /// index of the shelter
    pub shelter: u32,
    /// persons
    pub people: u64,
    /// step of arrival
    pub arrival_step: u32,
    /// (link, step of entry) in order; empty: they start at the shelter
    pub way: Vec<(u32, u32)>,
}

#[derive(Clone, Copy)]
struct Group {
    source: u32,
    people: u64,
    /// last leg, by number; `u32::MAX` = still at home
    leg: u32,
}

/// Divides a plan into trips. At every place those who were there first leave first; of links that are entered at one step, the
/// lower number takes them first. Sorted by source, shelter, arrival and way.
pub fn flow_trips(problem: &RoadProblem, plan: &FlowPlan) -> Vec<Trip> {
    #[derive(Clone, Copy)]
    enum Event {
        Enter(u32, u64),
        Arrive(u32, u64),
    }
    let mut left = vec![0_u64; problem.sources.len()];
    for rest in &plan.unplaced {
        left[rest.source as usize] = rest.people;
    }
    let mut coming: Vec<BTreeMap<u32, Vec<Group>>> = vec![BTreeMap::new(); problem.nodes.len()];
    for (place, source) in (0..).zip(&problem.sources) {
        // Those who are left never set out, so they stand in nobody's way.
        let people = source.people - left[place as usize];
        let group = Group { source: place, people, leg: u32::MAX };
        coming[source.node as usize].entry(source.ready_step).or_default().push(group);
    }
    let mut events: BTreeMap<(u32, u32), Vec<Event>> = BTreeMap::new();
    for arrival in &plan.arrivals {
        let node = problem.shelters[arrival.shelter as usize].node;
        events.entry((arrival.step, node)).or_default().push(Event::Arrive(arrival.shelter, arrival.people));
    }
    for entry in &plan.entries {
        let node = problem.links[entry.link as usize].from;
        events.entry((entry.step, node)).or_default().push(Event::Enter(entry.link, entry.people));
    }
    // (leg before, link, step)
    let mut legs: Vec<(u32, u32, u32)> = Vec::new();
    let mut standing: Vec<VecDeque<Group>> = vec![VecDeque::new(); problem.nodes.len()];
    let mut done = Vec::new();
    for ((step, node), list) in events {
        // Everybody who came to this node until now, in the order of coming.
        let later = coming[node as usize].split_off(&(step + 1));
        for groups in std::mem::replace(&mut coming[node as usize], later).into_values() {
            standing[node as usize].extend(groups);
        }
        for event in list {
            let (Event::Enter(_, mut want) | Event::Arrive(_, mut want)) = event;
            while want > 0 {
                let Some(group) = standing[node as usize].front_mut() else { break };
                let people = group.people.min(want);
                group.people -= people;
                want -= people;
                let moved = Group { people, ..*group };
                if group.people == 0 {
                    standing[node as usize].pop_front();
                }
                if people == 0 {
                    continue;
                }
                match event {
                    Event::Enter(link, _) => {
                        legs.push((moved.leg, link, step));
                        let row = &problem.links[link as usize];
                        let group = Group { leg: legs.len() as u32 - 1, ..moved };
                        coming[row.to as usize].entry(step + row.steps).or_default().push(group);
                    }
                    Event::Arrive(shelter, _) => done.push((shelter, step, moved)),
                }
            }
        }
    }
    let mut trips: Vec<Trip> = done
        .into_iter()
        .map(|(shelter, arrival_step, group)| {
            let mut way = Vec::new();
            let mut leg = group.leg;
            while leg != u32::MAX {
                let (before, link, step) = legs[leg as usize];
                way.push((link, step));
                leg = before;
            }
            way.reverse();
            Trip { source: group.source, shelter, people: group.people, arrival_step, way }
        })
        .collect();
    trips.sort_by(|a, b| {
        (a.source, a.shelter, a.arrival_step, &a.way).cmp(&(b.source, b.shelter, b.arrival_step, &b.way))
    });
    trips.dedup_by(|b, a| {
        let same = (a.source, a.shelter, &a.way) == (b.source, b.shelter, &b.way);
        a.people += if same { b.people } else { 0 };
        same
    });
    trips
}
