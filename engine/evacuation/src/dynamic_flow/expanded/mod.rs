//! The optimum on the time-expanded network, found without writing that network down.
//!
//! A primal–dual method (Ford and Fulkerson 1962): potentials say what the cheapest way on costs from each
//! node at each step, people are sent over ways that keep to them as long as there are any, then the potentials of all
//! that can still be reached rise together. Costs lie on arrivals alone, so each round raises them by a step or more, and the number of
//! rounds is about the longest delay. The prices read from the potentials prove the answer ([`super::bound`]).

mod arcs;

use super::bound::FlowPrices;
use super::network::Roads;
use super::solve::{LinkEntry, ShelterArrival};
use crate::UNPLACED_M;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FAR: i32 = i32::MAX;
const SINK: u32 = u32::MAX;
/// States of a place in a pass, beside `u32::MAX` = not seen.
const ON_WAY: u32 = 0;
const DEAD: u32 = 1;
const OPEN: u32 = 2;
const UNPLACED: i32 = UNPLACED_M as i32;

/// What was reached: people on their ways, and prices.
pub(crate) struct Found {
    pub entries: Vec<LinkEntry>,
    pub arrivals: Vec<ShelterArrival>,
    /// people not on any way yet, per source: unplaced, unless the budget ended first
    pub left: Vec<u64>,
    pub prices: FlowPrices,
}

struct Arc {
    to: u32,
    cost: i32,
    room: i32,
}

/// Flows and potentials; nodes are node × step, then shelters, then sources.
struct Expanded<'a, 'p> {
    roads: &'a Roads<'p>,
    /// steps per node: 0 … width − 1
    width: u32,
    shelters: u32,
    sources: u32,
    /// first source at a node
    source_at: Vec<u32>,
    on_link: Vec<i32>,
    waiting: Vec<i32>,
    arriving: Vec<i32>,
    taken: Vec<i32>,
    beds: Vec<i32>,
    sent: Vec<i32>,
    /// given up at 10⁸ and (the vulnerable) at 2 × 10⁸
    given_up: Vec<[i32; 2]>,
    supply: Vec<i32>,
    potential: Vec<i32>,
    /// state of a place in this pass
    state: Vec<u32>,
    /// next arc to try; in [`Expanded::raise`] the distance + 1
    slot: Vec<u32>,
    seen: Vec<u32>,
    work: u64,
}

/// The memory a window of `steps` takes, in flows and potentials; more than this is not tried.
pub(crate) const MOST_CELLS: u64 = 40_000_000;

/// Whether a window of `steps` can be solved at all: people and cells must fit.
pub(crate) fn fits(roads: &Roads<'_>, steps: u32) -> bool {
    let problem = roads.problem;
    let cells =
        (3 * problem.nodes.len() + problem.links.len() + problem.shelters.len()) as u64 * (u64::from(steps) + 1);
    cells <= MOST_CELLS && problem.people() < 1 << 30
}

/// Solves the window 0 … `last` (≤ horizon), looking at no more than `budget` arcs.
/// The second value is the work done.
pub(crate) fn solve(roads: &Roads<'_>, last: u32, budget: u64) -> (Found, u64) {
    let mut net = Expanded::new(roads, last);
    net.first_potentials();
    while net.work < budget {
        let moved = net.send();
        if !moved && !net.rise() {
            break;
        }
    }
    let work = net.work.max(1);
    (net.found(), work)
}

impl<'a, 'p> Expanded<'a, 'p> {
    fn new(roads: &'a Roads<'p>, last: u32) -> Self {
        let problem = roads.problem;
        let (nodes, links) = (problem.nodes.len(), problem.links.len());
        let (shelters, sources) = (problem.shelters.len(), problem.sources.len());
        let width = last as usize + 1;
        let all = nodes * width + shelters + sources;
        let source_at = (0..=nodes as u32).map(|n| problem.sources.partition_point(|s| s.node < n) as u32).collect();
        let most = 1 << 30;
        Self {
            roads,
            width: width as u32,
            shelters: shelters as u32,
            sources: sources as u32,
            source_at,
            on_link: vec![0; links * width],
            waiting: vec![0; nodes * width],
            arriving: vec![0; shelters * width],
            taken: vec![0; shelters],
            beds: problem.shelters.iter().map(|s| s.capacity.min(most) as i32).collect(),
            sent: vec![0; sources],
            given_up: vec![[0; 2]; sources],
            supply: problem.sources.iter().map(|s| s.people as i32).collect(),
            potential: vec![UNPLACED; all],
            state: vec![u32::MAX; all],
            slot: vec![0; all],
            seen: Vec::new(),
            work: 0,
        }
    }

    fn places(&self) -> u32 {
        self.roads.problem.nodes.len() as u32 * self.width
    }
    fn shelter_node(&self, shelter: u32) -> u32 {
        self.places() + shelter
    }
    fn source_node(&self, source: u32) -> u32 {
        self.places() + self.shelters + source
    }

    /// Cheapest ways on the empty network, from the last step back.
    fn first_potentials(&mut self) {
        let roads = self.roads;
        let problem = roads.problem;
        let dearest = if problem.vulnerable_first { 2 * UNPLACED } else { UNPLACED };
        for step in (0..self.width).rev() {
            for node in 0..problem.nodes.len() as u32 {
                let at = node * self.width + step;
                let mut best = if step + 1 < self.width { self.potential[at as usize + 1] } else { dearest };
                if roads.shelter_at[node as usize].is_some() {
                    best = best.min(step as i32);
                }
                for &link in roads.out(node) {
                    let to = &problem.links[link as usize];
                    if roads.last_entry[link as usize].is_some_and(|last| step <= last) && step + to.steps < self.width
                    {
                        best = best.min(self.potential[(to.to * self.width + step + to.steps) as usize]);
                    }
                }
                self.potential[at as usize] = best;
            }
        }
        for shelter in 0..self.shelters {
            let at = self.shelter_node(shelter) as usize;
            self.potential[at] = if self.beds[shelter as usize] > 0 { 0 } else { dearest };
        }
        for source in 0..self.sources {
            let from = &problem.sources[source as usize];
            let on = if from.ready_step < self.width {
                self.potential[(from.node * self.width + from.ready_step) as usize]
            } else {
                dearest
            };
            let at = self.source_node(source) as usize;
            let give_up = if self.give_up_room(source, 0) > 0 { UNPLACED } else { dearest };
            self.potential[at] = on.min(give_up);
        }
    }

    fn give_up_room(&self, source: u32, tier: usize) -> i32 {
        let from = &self.roads.problem.sources[source as usize];
        let vulnerable = if self.roads.problem.vulnerable_first { from.vulnerable as i32 } else { 0 };
        let most = if tier == 0 { from.people as i32 - vulnerable } else { vulnerable };
        most - self.given_up[source as usize][tier]
    }

    fn potential_of(&self, x: u32) -> i32 {
        if x == SINK { 0 } else { self.potential[x as usize] }
    }

    /// After a pass that moved nobody: raises the potentials of all that can be reached by as much as the next way costs more. False: nobody
    /// is left to send.
    fn rise(&mut self) -> bool {
        self.clear();
        for source in 0..self.sources {
            if self.supply[source as usize] > 0 {
                self.stand(self.source_node(source), DEAD);
            }
        }
        if self.seen.is_empty() {
            return false;
        }
        let mut least = FAR;
        let mut place = 0;
        while let Some(&x) = self.seen.get(place) {
            place += 1;
            let here = self.potential[x as usize];
            let mut slot = 0;
            while let Some(arc) = self.arc(x, slot) {
                slot += 1;
                if arc.room <= 0 {
                    continue;
                }
                let extra = arc.cost - here + self.potential_of(arc.to);
                if arc.to == SINK {
                    least = least.min(extra);
                } else if extra == 0 && self.state[arc.to as usize] == u32::MAX {
                    self.stand(arc.to, DEAD);
                }
            }
            self.work += u64::from(slot);
        }
        self.raise(least)
    }

    /// Dijkstra on from all that was reached at no extra cost, and new potentials.
    fn raise(&mut self, mut least: i32) -> bool {
        let mut heap: BinaryHeap<Reverse<(i32, u32)>> = BinaryHeap::new();
        let mut extra_of: Vec<(u32, i32)> = self.seen.iter().map(|&x| (x, 0)).collect();
        // `slot` serves as distance + 1 of nodes beyond; it is cleared with `seen`.
        let reached = self.seen.len();
        for place in 0..reached {
            let x = self.seen[place];
            self.relax(x, 0, &mut least, &mut heap);
        }
        while let Some(Reverse((distance, x))) = heap.pop() {
            if distance >= least {
                break;
            }
            if self.state[x as usize] != u32::MAX || self.slot[x as usize] != distance as u32 + 1 {
                continue;
            }
            self.state[x as usize] = DEAD;
            extra_of.push((x, distance));
            self.relax(x, distance, &mut least, &mut heap);
        }
        // Giving up is always possible, so a way is always found; should it not be, end rather than turn round for ever.
        if least == FAR || least <= 0 {
            return least == 0;
        }
        for (x, distance) in extra_of {
            self.potential[x as usize] += least - distance;
        }
        true
    }

    fn relax(&mut self, x: u32, distance: i32, least: &mut i32, heap: &mut BinaryHeap<Reverse<(i32, u32)>>) {
        let here = self.potential[x as usize];
        let mut slot = 0;
        while let Some(arc) = self.arc(x, slot) {
            slot += 1;
            if arc.room <= 0 {
                continue;
            }
            let further = distance.saturating_add(arc.cost - here + self.potential_of(arc.to));
            if further >= *least {
                continue;
            }
            if arc.to == SINK {
                *least = further;
            } else if self.state[arc.to as usize] == u32::MAX {
                let known = self.slot[arc.to as usize];
                if known == 0 || (further as u32) < known - 1 {
                    if known == 0 {
                        self.seen.push(arc.to);
                    }
                    self.slot[arc.to as usize] = further as u32 + 1;
                    heap.push(Reverse((further, arc.to)));
                }
            }
        }
        self.work += u64::from(slot);
    }

    /// Sends people over ways at no extra cost. A place that leads nowhere is not tried again in this pass; a place on the present way is
    /// not entered twice, so a pass can miss a way, and passes repeat until one moves nobody.
    fn send(&mut self) -> bool {
        self.clear();
        let mut way: Vec<(u32, u32)> = Vec::new();
        let mut moved = false;
        for source in 0..self.sources {
            if self.supply[source as usize] == 0 {
                continue;
            }
            way.clear();
            let mut x = self.source_node(source);
            self.stand(x, ON_WAY);
            while self.supply[source as usize] > 0 {
                let slot = self.slot[x as usize];
                self.work += 1;
                match self.arc(x, slot) {
                    None => {
                        self.state[x as usize] = DEAD;
                        let Some((before, _)) = way.pop() else { break };
                        self.slot[before as usize] += 1;
                        x = before;
                    }
                    Some(arc) if self.leads_on(x, &arc) => {
                        way.push((x, slot));
                        if arc.to == SINK {
                            moved = true;
                            x = self.go(source, &mut way);
                        } else {
                            x = arc.to;
                            self.stand(x, ON_WAY);
                        }
                    }
                    Some(_) => self.slot[x as usize] += 1,
                }
            }
            for (x, _) in way.drain(..) {
                self.state[x as usize] = OPEN;
            }
            if self.state[x as usize] == ON_WAY {
                self.state[x as usize] = OPEN;
            }
        }
        moved
    }

    /// Moves as many as fit along a whole way and steps back to where it is full. Returns that place.
    fn go(&mut self, source: u32, way: &mut Vec<(u32, u32)>) -> u32 {
        let room = |&(x, slot): &(u32, u32)| self.arc(x, slot).map_or(0, |arc| arc.room);
        let rooms: Vec<i32> = way.iter().map(room).collect();
        let people = rooms.iter().copied().min().unwrap_or(0).min(self.supply[source as usize]);
        for &(x, slot) in way.iter() {
            self.push(x, slot, people);
        }
        self.work += way.len() as u64;
        self.supply[source as usize] -= people;
        let full = rooms.iter().position(|&room| room == people).unwrap_or(0);
        let back = way[full].0;
        for (x, _) in way.drain(full..).skip(1) {
            self.state[x as usize] = OPEN;
        }
        back
    }

    fn stand(&mut self, x: u32, state: u32) {
        if self.state[x as usize] == u32::MAX {
            self.seen.push(x);
        }
        self.state[x as usize] = state;
    }

    fn clear(&mut self) {
        for x in self.seen.drain(..) {
            self.state[x as usize] = u32::MAX;
            self.slot[x as usize] = 0;
        }
    }

    fn leads_on(&self, x: u32, arc: &Arc) -> bool {
        arc.room > 0
            && (arc.to == SINK || self.state[arc.to as usize] > DEAD)
            && arc.cost - self.potential[x as usize] + self.potential_of(arc.to) == 0
    }

    fn found(self) -> Found {
        let problem = self.roads.problem;
        let mut entries = Vec::new();
        let mut prices = FlowPrices::default();
        for (link, row) in (0_u32..).zip(problem.links.iter()) {
            let Some(last) = self.roads.last_entry[link as usize] else { continue };
            for step in 0..=last {
                if step + row.steps >= self.width {
                    break;
                }
                let people = self.on_link[(link * self.width + step) as usize];
                if people > 0 {
                    entries.push(LinkEntry { link, step, people: people as u64 });
                }
                let from = self.potential[(row.from * self.width + step) as usize];
                let to = self.potential[(row.to * self.width + step + row.steps) as usize];
                if from > to && people as u64 == row.people_per_step {
                    prices.links.push((link, step, i64::from(from - to)));
                }
            }
        }
        let mut arrivals = Vec::new();
        for shelter in 0..self.shelters {
            for step in 0..self.width {
                let people = self.arriving[(shelter * self.width + step) as usize];
                if people > 0 {
                    arrivals.push(ShelterArrival { shelter, step, people: people as u64 });
                }
            }
            let price = self.potential[self.shelter_node(shelter) as usize];
            if price > 0 && problem.shelters[shelter as usize].capacity > 0 {
                prices.shelters.push((shelter, i64::from(price)));
            }
        }
        let left = (0..self.sources as usize).map(|s| problem.sources[s].people - self.sent[s] as u64).collect();
        Found { entries, arrivals, left, prices }
    }
}
