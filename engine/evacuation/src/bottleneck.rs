//! The smallest possible longest trip: bisection over the lengths of trips, each decided by augmenting paths.

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
    let mut short = Short { first: vec![0], trips: Vec::new() };
    let mut row = Vec::new();
    for demand in 0..demands {
        rows.read(demand, &mut row);
        row.retain(|trip| trip.1 <= longest);
        row.sort_unstable_by_key(|trip| (trip.1, trip.0));
        short.trips.extend_from_slice(&row);
        short.first.push(short.trips.len() as u32);
    }
    let mut lengths: Vec<u32> = short.trips.iter().map(|trip| trip.1).collect();
    lengths.sort_unstable();
    lengths.dedup();
    let none_first = vulnerable.iter().all(|vulnerable| !vulnerable);
    let enough = |most_m: u32| {
        // Who can be placed at all does not depend on who else is: the vulnerable first, then everybody, each as many as can be.
        let all: i64 = placed.iter().sum();
        let mut flow = Matching::new(&network.people, &network.beds);
        if !none_first && flow.place(&short, most_m, |demand| vulnerable[demand]) < placed[1] {
            return false;
        }
        let before: i64 = flow.placed;
        flow.place(&short, most_m, |_| true) + before >= all
    };
    let at = lengths.partition_point(|&most_m| !enough(most_m));
    lengths.get(at).copied().unwrap_or(longest)
}

/// People placed so far.
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
        match guests.iter().position(|guest| guest.0 == demand) {
            Some(at) => {
                guests[at].1 += people;
                if guests[at].1 == 0 {
                    guests.swap_remove(at);
                }
            }
            None => guests.push((demand, people)),
        }
    }

    /// One search from all people without a bed through exchanges to free beds (breadth first); uses what it finds.
    fn augment(&mut self, short: &Short, most_m: u32, asked: &[u32]) -> bool {
        // Per shelter reached: the demand point that comes in, and the shelter it comes from (NONE: from home).
        let mut by = vec![(NONE, NONE); self.free.len()];
        let mut seen = vec![false; self.left.len()];
        let mut queue: Vec<u32> = Vec::new();
        let mut ends: Vec<u32> = Vec::new();
        let mut reach = |demand: u32, from: u32, queue: &mut Vec<u32>, free: &[i64]| {
            for &(shelter, _) in short.row(demand, most_m) {
                if by[shelter as usize].0 == NONE {
                    by[shelter as usize] = (demand, from);
                    if free[shelter as usize] > 0 {
                        ends.push(shelter);
                    } else {
                        queue.push(shelter);
                    }
                }
            }
        };
        for &demand in asked.iter().filter(|d| self.left[**d as usize] > 0) {
            seen[demand as usize] = true;
            reach(demand, NONE, &mut queue, &self.free);
        }
        let mut next = 0;
        while let Some(&shelter) = queue.get(next) {
            next += 1;
            for &(guest, _) in &self.guests[shelter as usize] {
                if !std::mem::replace(&mut seen[guest as usize], true) {
                    reach(guest, shelter, &mut queue, &self.free);
                }
            }
        }
        let mut used = false;
        for end in ends {
            let mut people = self.free[end as usize];
            let mut shelter = end;
            loop {
                let (demand, from) = by[shelter as usize];
                people = people.min(if from == NONE { self.left[demand as usize] } else { self.held(demand, from) });
                if from == NONE {
                    break;
                }
                shelter = from;
            }
            if people == 0 {
                continue;
            }
            used = true;
            self.free[end as usize] -= people;
            shelter = end;
            loop {
                let (demand, from) = by[shelter as usize];
                self.hold(demand, shelter, people);
                if from == NONE {
                    self.left[demand as usize] -= people;
                    break;
                }
                self.hold(demand, from, -people);
                shelter = from;
            }
            self.placed += people;
        }
        used
    }

    fn held(&self, demand: u32, shelter: u32) -> i64 {
        self.guests[shelter as usize].iter().find(|guest| guest.0 == demand).map_or(0, |guest| guest.1)
    }
}

impl Short {
    fn row(&self, demand: u32, most_m: u32) -> &[(u32, u32)] {
        let row = &self.trips[self.first[demand as usize] as usize..self.first[demand as usize + 1] as usize];
        &row[..row.partition_point(|trip| trip.1 <= most_m)]
    }
}
