//! Column generation: the simplex sees a few near shelters of each point, the duals then price every allowed trip, and those that
//! would improve the plan are added, until none is left. So the answer is the optimum over all trips.

use crate::Trips;
use crate::simplex::{Basis, Candidates, Network};
use crate::tree::NONE;
use crate::trips::Below;
use rayon::prelude::*;

/// Near shelters a point begins with.
const NEAR: usize = 12;
/// Most trips that a row gets in one round.
const ADDED: usize = 4;
/// Trips that a point begins with where duals are known. Measured on m095 after a change.
const TIGHT: usize = 6;
/// Rows that one task reads.
const CHUNK: usize = 256;

/// Rows of trips in the order of a network.
pub(crate) struct Rows<'a> {
    pub trips: &'a Trips,
    /// demand point of the network → row of the trips, `NONE` for one without trips
    pub row_of: &'a [u32],
    /// shelter of the trips → shelter of the network, `NONE` for one that takes no part
    pub place_of: &'a [u32],
}

impl Rows<'_> {
    /// Sets `row` to the (shelter, metres) of a demand point that take part.
    pub fn read(&self, demand: usize, row: &mut Vec<(u32, u32)>) {
        row.clear();
        if self.row_of[demand] == NONE {
            return;
        }
        self.trips.row(self.row_of[demand], row);
        row.retain_mut(|trip| {
            trip.0 = self.place_of[trip.0 as usize];
            trip.0 != NONE
        });
    }

    fn collect<T: Send>(&self, each: impl Fn(usize, &mut Vec<(u32, u32)>, &mut Vec<T>) + Sync) -> Vec<Vec<T>> {
        let chunks: Vec<usize> = (0..self.row_of.len()).step_by(CHUNK).collect();
        chunks
            .into_par_iter()
            .map(|from| {
                let (mut row, mut found) = (Vec::new(), Vec::new());
                for demand in from..self.row_of.len().min(from + CHUNK) {
                    each(demand, &mut row, &mut found);
                }
                found
            })
            .collect()
    }

    /// The nearest trips of each point, ties by shelter.
    pub fn near(&self) -> Candidates {
        let found = self.collect(|demand, row, found: &mut Vec<(u32, u32, u32)>| {
            self.trips.nearest(self.row_of[demand], NEAR, self.place_of, row);
            found.extend(row.iter().map(|trip| (demand as u32, self.place_of[trip.0 as usize], trip.1)));
        });
        let mut near = Candidates::none(self.row_of.len());
        near.add(&found.concat());
        near
    }

    /// Trips that violate the duals, or are up to `slack_m` dearer, the cheapest `most` of each row, ascending by demand point.
    fn below(&self, network: &Network, basis: &Basis, slack_m: i64, most: usize) -> Vec<(u32, u32, u32)> {
        // A shelter that takes no part is too dear for everybody.
        let place = |place: &u32| basis.w().get(*place as usize).copied().unwrap_or(i64::MAX / 2);
        let below = Below::new(self.place_of.iter().map(place).collect());
        let found = self.collect(|demand, row, found| {
            if self.row_of[demand] == NONE {
                return;
            }
            self.trips.row_below(self.row_of[demand], basis.u(network, demand) + slack_m, &below, row);
            let value =
                |trip: &(u32, u32)| (below.w[trip.0 as usize] + i64::from(trip.1), self.place_of[trip.0 as usize]);
            if row.len() > most {
                row.select_nth_unstable_by_key(most, value);
                row.truncate(most);
            }
            row.sort_unstable_by_key(value);
            let worst = row.iter().take(most);
            found.extend(worst.map(|trip| (demand as u32, self.place_of[trip.0 as usize], trip.1)));
        });
        found.concat()
    }

    /// The cheapest trips of each point by the duals of a basis, up to `slack_m` dearer than its own.
    pub fn tight(&self, network: &Network, basis: &Basis, slack_m: i64) -> Candidates {
        let mut tight = Candidates::none(self.row_of.len());
        tight.add(&self.below(network, basis, slack_m, TIGHT));
        tight
    }

    /// Optimises over all trips. `None` only if the arithmetic contradicts itself.
    pub fn solve(&self, network: &Network, candidates: &mut Candidates, basis: &mut Basis) -> Option<()> {
        loop {
            basis.optimise(network, candidates)?;
            let found = self.below(network, basis, 0, ADDED);
            if found.is_empty() {
                return Some(());
            }
            candidates.add(&found);
        }
    }
}

impl Candidates {
    /// Adds (demand, shelter, metres), ascending by demand point, none of them there before.
    fn add(&mut self, found: &[(u32, u32, u32)]) {
        let mut arcs = Vec::with_capacity(self.arcs.len() + found.len());
        let mut first = Vec::with_capacity(self.first.len());
        let mut rest = found;
        for demand in 0..self.first.len() - 1 {
            first.push(arcs.len() as u32);
            arcs.extend_from_slice(self.row(demand));
            let count = rest.iter().take_while(|trip| trip.0 as usize == demand).count();
            arcs.extend(rest[..count].iter().map(|trip| (trip.1, trip.2)));
            rest = &rest[count..];
        }
        first.push(arcs.len() as u32);
        (self.arcs, self.first) = (arcs, first);
    }
}
