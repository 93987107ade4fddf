//! The plan at once: again and again the earliest arrival over what capacity is left (capacity constrained route planning, Lu, George and
//! Shekhar, SSTD 2005), found by A* towards the nearest shelter. Links that will close are simply not entered too late, and nobody is
//! led where he could no longer get out.

use super::network::{NEVER, Roads};
use super::queue::Waiting;
use super::reserve::Reservations;
use super::solve::{LinkEntry, ShelterArrival};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Who goes first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// whoever can arrive first
    EarliestArrival,
    /// whoever is cut off first
    LeastTime,
}

/// What a greedy pass adds to a plan.
#[derive(Clone, Default)]
pub(crate) struct Added {
    pub entries: Vec<LinkEntry>,
    pub arrivals: Vec<ShelterArrival>,
    /// people left, per source
    pub left: Vec<u64>,
}

/// Sends `people` (per source) over what `reservations` leave free.
pub(crate) fn send(roads: &Roads<'_>, reservations: &mut Reservations, people: &[u64], turn: Turn) -> Added {
    let mut search = Search::new(roads);
    let mut added = Added { left: people.to_vec(), ..Added::default() };
    let mut queue = BinaryHeap::new();
    for (place, source) in (0_u32..).zip(&roads.problem.sources) {
        let known = &search.nodes[source.node as usize];
        if people[place as usize] == 0 || source.ready_step >= known.too_late {
            continue;
        }
        let key = match turn {
            Turn::EarliestArrival => source.ready_step.saturating_add(known.to_shelter),
            Turn::LeastTime => known.too_late - 1 - source.ready_step,
        };
        queue.push(Reverse((key, place)));
    }
    let mut ways: Vec<Option<Way>> = vec![None; roads.problem.sources.len()];
    while let Some(Reverse((key, place))) = queue.pop() {
        let source = &roads.problem.sources[place as usize];
        let known = ways[place as usize].take().filter(|_| search.all_work > PROVED_ARCS);
        let known = known.and_then(|way| way.again(roads, reservations, source.ready_step));
        let found = known.or_else(|| {
            let (arrival, node) = search.run(reservations, source.node, source.ready_step)?;
            let shelter = roads.shelter_at[node as usize]?;
            let mut legs = Vec::new();
            search.trace(node, |link, step| legs.push((link, step)));
            legs.reverse();
            let latest = arrival + 1 + (arrival - source.ready_step) / DELAY_SHARE;
            Some(Way { legs, shelter, arrival, latest })
        });
        let Some(way) = found else { continue };
        let arrival = way.arrival;
        // Bookings only delay: an arrival that is no later than the next one's earliest is the earliest of all.
        if turn == Turn::EarliestArrival && queue.peek().is_some_and(|Reverse(next)| (arrival, place) > *next) {
            queue.push(Reverse((arrival, place)));
            ways[place as usize] = Some(way);
            continue;
        }
        let left = &mut added.left[place as usize];
        let mut batch = (*left).min(reservations.beds[way.shelter as usize]);
        for &(link, step) in &way.legs {
            batch = batch.min(reservations.room(roads, link, step));
        }
        for &(link, step) in &way.legs {
            reservations.enter(roads, link, step, batch);
            added.entries.push(LinkEntry { link, step, people: batch });
        }
        reservations.beds[way.shelter as usize] -= batch;
        if reservations.beds[way.shelter as usize] == 0 {
            search.filled = true;
        }
        added.arrivals.push(ShelterArrival { shelter: way.shelter, step: arrival, people: batch });
        *left -= batch;
        if *left > 0 {
            queue.push(Reverse((if turn == Turn::EarliestArrival { arrival } else { key }, place)));
            ways[place as usize] = Some(way);
        }
    }
    added
}

/// Links looked at before the search takes it easier: until then every batch goes the way that arrives first. A count, not a time.
const PROVED_ARCS: usize = 1_000_000;
/// After that a batch may follow the one before it on its way as long as this makes its journey no longer than by one part in so many.
const DELAY_SHARE: u32 = 4;

/// The way of the last batch of a source.
#[derive(Clone)]
struct Way {
    /// (link, step of entry) in order
    legs: Vec<(u32, u32)>,
    shelter: u32,
    arrival: u32,
    /// a later arrival is worth another search
    latest: u32,
}

impl Way {
    /// The same way once more at the first steps with room; `None` when it closes, its shelter is full or it has become too slow.
    fn again(mut self, roads: &Roads<'_>, reservations: &mut Reservations, ready: u32) -> Option<Self> {
        if reservations.beds[self.shelter as usize] == 0 {
            return None;
        }
        let mut step = ready;
        for (link, entry) in &mut self.legs {
            *entry = reservations.first_entry(roads, *link, step)?;
            step = *entry + roads.problem.links[*link as usize].steps;
        }
        self.arrival = step;
        (step <= self.latest).then_some(self)
    }
}

/// The bound of roads without crowds: everybody arrives as if alone. Proved by empty prices.
pub(crate) fn free_bound(roads: &Roads<'_>) -> i128 {
    let mut empty = Reservations::new(roads);
    let mut search = Search::new(roads);
    let mut bound = 0_i128;
    for source in roads.problem.sources.iter().filter(|s| s.people > 0) {
        let alone = search.run(&mut empty, source.node, source.ready_step).map(|(step, _)| i128::from(step));
        let first = if roads.problem.vulnerable_first { source.vulnerable } else { 0 };
        let given_up = i128::from(crate::UNPLACED_M);
        bound += i128::from(source.people - first) * alone.unwrap_or(given_up);
        bound += i128::from(first) * alone.unwrap_or(2 * given_up);
    }
    bound
}

/// What a search knows of a node, side by side in memory.
#[derive(Clone, Copy)]
struct Known {
    /// by the run at hand; [`NEVER`] = not reached
    arrival: u32,
    /// (link, step of entry) by which it was reached
    came: (u32, u32),
    /// steps to the nearest shelter that had beds when this was computed: never too many
    to_shelter: u32,
    /// one past the last step at which some shelter can still be reached; 0 = none ever
    too_late: u32,
    /// (step, arrival): one who is here at that step or later arrives then at the earliest. Bookings only grow, so what one search has
    /// shown holds for all that follow (adaptive A*, Koenig and Likhachev 2005).
    learned: (u32, u32),
}

/// Earliest arrivals from one place, kept between runs to spare the allocation.
struct Search<'a, 'p> {
    roads: &'a Roads<'p>,
    nodes: Vec<Known>,
    /// a shelter filled since `to_shelter` was computed
    filled: bool,
    work: usize,
    /// links looked at in all
    all_work: usize,
    touched: Vec<u32>,
    waiting: Waiting,
}

impl<'a, 'p> Search<'a, 'p> {
    fn new(roads: &'a Roads<'p>) -> Self {
        let known = |(to_shelter, last): (u32, Option<u32>)| Known {
            arrival: NEVER,
            came: (NEVER, 0),
            to_shelter,
            too_late: last.map_or(0, |last| last + 1),
            learned: (NEVER, 0),
        };
        Self {
            roads,
            nodes: roads.steps_to_shelter(|_| true).into_iter().zip(roads.last_departure()).map(known).collect(),
            filled: false,
            work: 0,
            all_work: 0,
            touched: Vec::new(),
            waiting: Waiting::default(),
        }
    }

    /// Arrival step and node of the shelter with beds that is reached first.
    fn run(&mut self, reservations: &mut Reservations, node: u32, ready: u32) -> Option<(u32, u32)> {
        // The estimate stays valid when shelters fill, but it misleads; a new one pays once the detours have cost as much.
        if self.filled && self.work > 4 * self.nodes.len() {
            let to_shelter = self.roads.steps_to_shelter(|s| reservations.beds[s] > 0);
            self.nodes.iter_mut().zip(to_shelter).for_each(|(node, steps)| node.to_shelter = steps);
            self.filled = false;
            self.work = 0;
        }
        for node in self.touched.drain(..) {
            self.nodes[node as usize].arrival = NEVER;
        }
        self.waiting.clear();
        self.reach(node, ready, (NEVER, 0));
        let found = self.goal(reservations);
        let arrival = found.map_or(NEVER, |(step, _)| step);
        for &node in &self.touched {
            let node = &mut self.nodes[node as usize];
            if arrival > node.learned.1 || (arrival == node.learned.1 && node.arrival < node.learned.0) {
                node.learned = (node.arrival, arrival);
            }
        }
        found
    }

    fn goal(&mut self, reservations: &mut Reservations) -> Option<(u32, u32)> {
        let roads = self.roads;
        while let Some((step, node)) = self.waiting.pop() {
            if step > self.nodes[node as usize].arrival {
                continue;
            }
            if roads.shelter_at[node as usize].is_some_and(|s| reservations.beds[s as usize] > 0) {
                return Some((step, node));
            }
            let legs = roads.legs(node);
            self.work += legs.len();
            self.all_work += legs.len();
            for leg in legs {
                if let Some(entry) = reservations.first_entry_by(leg.link, step, leg.last_entry) {
                    self.reach(leg.to, entry + leg.steps, (leg.link, entry));
                }
            }
        }
        None
    }

    fn reach(&mut self, node: u32, step: u32, came: (u32, u32)) {
        let known = &mut self.nodes[node as usize];
        if step >= known.arrival || known.to_shelter == NEVER || step >= known.too_late {
            return;
        }
        let (from, least) = known.learned;
        let least = if step >= from { least } else { 0 };
        if least == NEVER {
            return;
        }
        if known.arrival == NEVER {
            self.touched.push(node);
        }
        known.arrival = step;
        known.came = came;
        self.waiting.push(least.max(step + known.to_shelter), step, node);
    }

    /// The links of the way to a node of the last run, from its end.
    fn trace(&self, mut node: u32, mut each: impl FnMut(u32, u32)) {
        loop {
            let (link, step) = self.nodes[node as usize].came;
            if link == NEVER {
                return;
            }
            each(link, step);
            node = self.roads.problem.links[link as usize].from;
        }
    }
}
