//! The smallest possible longest trip: bisection over the lengths of trips, each decided by augmenting paths.

use crate::Cuts;
use crate::assignment::Optimum;
use crate::columns::Rows;
use crate::tree::NONE;

/// Trips no longer than the longest of an optimal plan.
struct Short {
    first: Vec<u32>,
    /// (shelter, metres), ascending by metres in each row
    trips: Vec<(u32, u32)>,
}

/// The smallest length, m, with which as many people (and as many of the vulnerable) can be placed as in the optimum given.
pub(crate) fn shortest_longest(rows: &Rows<'_>, optimum: &Optimum, vulnerable: &[bool]) -> u32 {
    let network = &optimum.network;
    let (mut longest, mut placed) = (0, [0_i64; 2]);
    optimum.basis.flows(network, |demand, shelter, people, metres| {
        if shelter.is_some() {
            longest = longest.max(metres);
            placed[usize::from(vulnerable[demand as usize])] += people;
        }
    });
    let demands = network.people.len();
    let short = Short::below(rows, longest + 1);
    let mut lengths: Vec<u32> = short.trips.iter().map(|trip| trip.1).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let any_first = vulnerable.iter().any(|vulnerable| *vulnerable);
    let all: i64 = placed.iter().sum();
    // Nobody without a bed: then no length below anybody's shortest trip is enough.
    let nearest = |demand: u32| short.row(demand, u32::MAX).first().map_or(0, |trip| trip.1);
    let at_least =
        if all == network.people.iter().sum::<i64>() { (0..demands as u32).map(nearest).max() } else { None };
    let (mut low, mut high) = (0, lengths.len());
    if let Some(at_least) = at_least {
        low = lengths.partition_point(|&most_m| most_m < at_least);
    }
    // Whoever found a bed under a limit finds one under a higher one: a search that fell short is gone on with.
    let mut fell_short = Matching::new(&network.people, &network.beds);
    while low < high {
        let middle = low + (high - low) / 2;
        let most_m = lengths[middle];
        // Who can be placed at all does not depend on who else is: the vulnerable first, then everybody, each as many as can be.
        let mut flow = fell_short.clone();
        let enough = (!any_first || flow.place(&short, most_m, |demand| vulnerable[demand]) >= placed[1]) && {
            flow.place(&short, most_m, |_| true);
            flow.placed >= all
        };
        if enough {
            high = middle;
        } else {
            low = middle + 1;
            if !any_first {
                fell_short = flow;
            }
        }
    }
    lengths.get(low).copied().unwrap_or(longest)
}

impl Short {
    /// Trips shorter than a length, m.
    fn below(rows: &Rows<'_>, below_m: u32) -> Self {
        let mut short = Self { first: vec![0], trips: Vec::new() };
        let mut row = Vec::new();
        for demand in 0..rows.row_of.len() {
            rows.read(demand, &mut row);
            row.retain(|trip| trip.1 < below_m);
            row.sort_unstable_by_key(|trip| (trip.1, trip.0));
            short.trips.extend_from_slice(&row);
            short.first.push(short.trips.len() as u32);
        }
        short
    }
}

/// Why as many as in the optimum cannot be placed by trips shorter than `most_m`, and nobody more by any: `optimum` is that under the limit.
pub(crate) fn cuts(rows: &Rows<'_>, optimum: &Optimum, vulnerable: &[bool], most_m: u32, demands: usize) -> Cuts {
    let network = &optimum.network;
    let mut left = vec![0_i64; network.people.len()];
    let mut guests = vec![Vec::new(); network.beds.len()];
    optimum.basis.flows(network, |demand, shelter, people, _| match shelter {
        Some(shelter) => guests[shelter as usize].push(demand),
        None => left[demand as usize] += people,
    });
    let any_first = vulnerable.iter().any(|vulnerable| *vulnerable);
    let lacking = |first: bool, left: &[i64], guests: &[Vec<u32>], below_m: u32| {
        let of = |at: usize| !first || vulnerable[at];
        let mut reached: Vec<bool> = left.iter().enumerate().map(|(at, left)| of(at) && *left > 0).collect();
        let mut seen = vec![false; guests.len()];
        let mut queue: Vec<usize> = (0..reached.len()).filter(|at| reached[*at]).collect();
        let (mut lacks, mut row) = (vec![false; demands], Vec::new());
        while let Some(place) = queue.pop() {
            lacks[rows.row_of[place] as usize] = true;
            rows.read(place, &mut row);
            for &(shelter, _) in row.iter().filter(|trip| trip.1 < below_m) {
                if !std::mem::replace(&mut seen[shelter as usize], true) {
                    for &guest in guests[shelter as usize].iter().filter(|guest| of(**guest as usize)) {
                        if !std::mem::replace(&mut reached[guest as usize], true) {
                            queue.push(guest as usize);
                        }
                    }
                }
            }
        }
        lacks
    };
    let all = lacking(false, &left, &guests, u32::MAX);
    let all_vulnerable = if any_first { lacking(true, &left, &guests, u32::MAX) } else { vec![false; demands] };
    let short = Short::below(rows, most_m);
    let first_left: i64 = left.iter().zip(vulnerable).filter(|(_, first)| **first).map(|(left, _)| left).sum();
    let mut flow = Matching::new(&network.people, &network.beds);
    // Whichever falls short: the vulnerable, or everybody.
    let mut of_vulnerable = false;
    if any_first {
        flow.place(&short, u32::MAX, |at| vulnerable[at]);
        let short_left: i64 = flow.left.iter().zip(vulnerable).filter(|(_, first)| **first).map(|(left, _)| left).sum();
        of_vulnerable = short_left > first_left;
    }
    if !of_vulnerable {
        flow.place(&short, u32::MAX, |_| true);
    }
    let guests: Vec<Vec<u32>> = flow
        .guests
        .iter()
        .map(|guests| guests.iter().filter(|guest| guest.1 > 0).map(|guest| guest.0).collect())
        .collect();
    let shorter = lacking(of_vulnerable, &flow.left, &guests, most_m);
    Cuts { all, all_vulnerable, shorter, of_vulnerable }
}

/// People placed so far.
#[derive(Clone)]
struct Matching {
    left: Vec<i64>,
    free: Vec<i64>,
    /// per shelter the (demand, people) it holds, people > 0
    guests: Vec<Vec<(u32, i64)>>,
    placed: i64,
}

impl Matching {
    fn new(people: &[i64], beds: &[i64]) -> Self {
        Self { left: people.to_vec(), free: beds.to_vec(), guests: vec![Vec::new(); beds.len()], placed: 0 }
    }

    /// Places as many of the demand points asked for as the trips up to `most_m` allow, none of those placed before losing a bed;
    /// returns how many were added.
    fn place(&mut self, short: &Short, most_m: u32, of: impl Fn(usize) -> bool) -> i64 {
        let before = self.placed;
        let asked: Vec<u32> = (0..self.left.len() as u32).filter(|d| of(*d as usize)).collect();
        for &demand in &asked {
            for &(shelter, _) in short.row(demand, most_m) {
                let people = self.left[demand as usize].min(self.free[shelter as usize]);
                if people > 0 {
                    self.give(demand, shelter, people);
                }
            }
        }
        while self.augment(short, most_m, &asked) {}
        self.placed - before
    }

    fn give(&mut self, demand: u32, shelter: u32, people: i64) {
        self.left[demand as usize] -= people;
        self.free[shelter as usize] -= people;
        self.placed += people;
        self.hold(demand, shelter, people);
    }

    fn hold(&mut self, demand: u32, shelter: u32, people: i64) {
        let guests = &mut self.guests[shelter as usize];
        match guests.iter_mut().find(|guest| guest.0 == demand) {
            Some(guest) => guest.1 += people,
            None => guests.push((demand, people)),
        }
    }

    /// One round of Dinic (1970): shelters are numbered by the fewest exchanges that lead to them from people without a bed, then as
    /// many people as possible move on ways along which that number rises by one. False when no way leads to a free bed.
    fn augment(&mut self, short: &Short, most_m: u32, asked: &[u32]) -> bool {
        let starts: Vec<u32> = asked.iter().copied().filter(|d| self.left[*d as usize] > 0).collect();
        let mut round = Round {
            short,
            most_m,
            of_demand: vec![NONE; self.left.len()],
            of_shelter: vec![NONE; self.free.len()],
            trip: vec![0; self.left.len()],
            guest: vec![0; self.free.len()],
        };
        if !round.number(self, &starts) {
            return false;
        }
        for demand in starts {
            while self.left[demand as usize] > 0 {
                let people = round.push(self, demand, self.left[demand as usize]);
                if people == 0 {
                    break;
                }
                self.left[demand as usize] -= people;
                self.placed += people;
            }
        }
        for guests in &mut self.guests {
            guests.retain(|guest| guest.1 > 0);
        }
        true
    }
}

/// What one round knows: numbers of demand points and shelters, and how far each has been searched.
struct Round<'a> {
    short: &'a Short,
    most_m: u32,
    of_demand: Vec<u32>,
    of_shelter: Vec<u32>,
    trip: Vec<u32>,
    guest: Vec<u32>,
}

impl Round<'_> {
    /// Numbers shelters breadth first up to the first with a free bed; whether there is one.
    fn number(&mut self, flow: &Matching, starts: &[u32]) -> bool {
        let mut wave = starts.to_vec();
        wave.iter().for_each(|demand| self.of_demand[*demand as usize] = 0);
        let (mut level, mut found) = (0, false);
        while !wave.is_empty() && !found {
            let mut reached = Vec::new();
            for &demand in &wave {
                for &(shelter, _) in self.short.row(demand, self.most_m) {
                    if self.of_shelter[shelter as usize] == NONE {
                        self.of_shelter[shelter as usize] = level;
                        reached.push(shelter);
                        found |= flow.free[shelter as usize] > 0;
                    }
                }
            }
            level += 1;
            wave.clear();
            for shelter in reached {
                for &(guest, _) in &flow.guests[shelter as usize] {
                    if self.of_demand[guest as usize] == NONE {
                        self.of_demand[guest as usize] = level;
                        wave.push(guest);
                    }
                }
            }
        }
        found
    }

    /// Moves up to `people` of a demand point into shelters of its number, their guests making room; how many.
    fn push(&mut self, flow: &mut Matching, demand: u32, people: i64) -> i64 {
        let (at, row) = (demand as usize, self.short.row(demand, self.most_m));
        while let Some(&(shelter, _)) = row.get(self.trip[at] as usize) {
            let to = shelter as usize;
            if self.of_shelter[to] == self.of_demand[at] {
                let free = flow.free[to].min(people);
                if free > 0 {
                    flow.free[to] -= free;
                    flow.hold(demand, shelter, free);
                    return free;
                }
                // Guests that came in this round stand at the end and are numbered too low to be moved on.
                while let Some(&(guest, there)) = flow.guests[to].get(self.guest[to] as usize) {
                    if there > 0 && self.of_demand[guest as usize] == self.of_shelter[to] + 1 {
                        let moved = self.push(flow, guest, there.min(people));
                        if moved > 0 {
                            flow.guests[to][self.guest[to] as usize].1 -= moved;
                            flow.hold(demand, shelter, moved);
                            return moved;
                        }
                    }
                    self.guest[to] += 1;
                }
            }
            self.trip[at] += 1;
        }
        0
    }
}

impl Short {
    fn row(&self, demand: u32, most_m: u32) -> &[(u32, u32)] {
        let row = &self.trips[self.first[demand as usize] as usize..self.first[demand as usize + 1] as usize];
        &row[..row.partition_point(|trip| trip.1 <= most_m)]
    }
}
