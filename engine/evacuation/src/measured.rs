//! Trips of the published formula, measured row by row in a form that is quick to bound: nearly every question about a row is answered by the
//! street-grid distance alone, sixteen shelters at a time, and only what that leaves open costs a draw of the winding factor.

use crate::formula::{GridPlace, wound_m};
use crate::header::TripFormula;
use crate::{Suitability, UNPLACED_M};

/// Shelters looked at together.
pub(crate) const LANES: usize = 16;

/// Where a place lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    id: u32,
    /// from the corner, m
    x_m: i32,
    y_m: i32,
    /// beyond the river
    beyond: bool,
    /// bridges west of it
    west: u32,
}

/// Trips of a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Measured {
    salt: u64,
    from: Vec<Spot>,
    to: Vec<Spot>,
    /// eastings and northings of the shelters, filled up to whole lanes
    to_m: [Vec<i32>; 2],
    /// bridges, ascending, from the corner, m
    bridges_m: Vec<i32>,
    /// no trip is longer, m
    pub longest_m: u32,
    /// longer trips are not allowed, m
    pub most_m: u32,
    /// trips to shelters that do not suit are not allowed
    pub suits: Option<Suitability>,
}

impl Measured {
    /// `None` if a trip could reach 10⁸ m.
    pub fn of(formula: &TripFormula, from: &[GridPlace], to: &[GridPlace], most_m: u32) -> Option<Self> {
        let places = || from.iter().chain(to);
        let eastings = || places().map(|p| p.x_m).chain(formula.bridges_x_m.iter().copied());
        let span = |low: Option<i64>, high: Option<i64>| low.zip(high).map_or(0, |(low, high)| high - low);
        let wide = span(eastings().min(), eastings().max());
        let high = span(places().map(|p| p.y_m).min(), places().map(|p| p.y_m).max());
        let longest = (2 * wide + high).checked_mul(135)? / 100;
        let longest_m = u32::try_from(longest).ok().filter(|_| longest < UNPLACED_M)?;
        // From here on every difference of coordinates is below 10⁸ m.
        let corner = (eastings().min().unwrap_or(0), places().map(|p| p.y_m).min().unwrap_or(0));
        let mut bridges_m: Vec<i32> = formula.bridges_x_m.iter().map(|b| (b - corner.0) as i32).collect();
        bridges_m.sort_unstable();
        let spot = |p: &GridPlace| {
            let (x_m, y_m) = ((p.x_m - corner.0) as i32, (p.y_m - corner.1) as i32);
            let west = bridges_m.partition_point(|bridge| *bridge < x_m) as u32;
            Spot { id: p.id, x_m, y_m, beyond: p.y_m > formula.river_y_m, west }
        };
        let (from, to): (Vec<Spot>, Vec<Spot>) = (from.iter().map(spot).collect(), to.iter().map(spot).collect());
        let filled = |coordinate: fn(&Spot) -> i32| {
            let mut all: Vec<i32> = to.iter().map(coordinate).collect();
            all.resize(to.len().next_multiple_of(LANES), 0);
            all
        };
        let to_m = [filled(|spot| spot.x_m), filled(|spot| spot.y_m)];
        Some(Self { salt: formula.salt, from, to, to_m, bridges_m, longest_m, most_m, suits: None })
    }

    pub fn demands(&self) -> usize {
        self.from.len()
    }

    pub fn shelters(&self) -> usize {
        self.to.len()
    }

    pub fn suits(&self, demand: u32, shelter: u32) -> bool {
        self.suits.as_ref().is_none_or(|suits| suits.suits(demand, shelter))
    }

    pub fn metres(&self, demand: u32, shelter: u32) -> u32 {
        let (from, to) = (self.from[demand as usize], self.to[shelter as usize]);
        wound_m(self.salt, from.id, to.id, self.base_m(from, to))
    }

    /// Street-grid distance, the river crossed at the best bridge, m. One between both places is no detour.
    fn base_m(&self, from: Spot, to: Spot) -> u32 {
        let straight = from.x_m.abs_diff(to.x_m);
        let along = if from.beyond == to.beyond || from.west != to.west {
            straight
        } else {
            let by = |bridge: &i32| from.x_m.abs_diff(*bridge) + to.x_m.abs_diff(*bridge);
            let east = self.bridges_m.get(from.west as usize).map(by);
            let west = from.west.checked_sub(1).and_then(|at| self.bridges_m.get(at as usize)).map(by);
            east.into_iter().chain(west).min().unwrap_or(straight)
        };
        along + from.y_m.abs_diff(to.y_m)
    }

    /// Street-grid distances to all shelters as if there were no river: no trip is shorter.
    pub fn at_least_m(&self, demand: u32) -> impl Iterator<Item = u32> {
        let here = self.from[demand as usize];
        let [xs, ys] = &self.to_m;
        let all = xs.iter().zip(ys).take(self.to.len());
        all.map(move |(to_x, to_y)| here.x_m.abs_diff(*to_x) + here.y_m.abs_diff(*to_y))
    }

    /// Calls `each` with every (shelter, metres) whose trip plus `low` is below `u`, ascending, and with few others.
    pub fn perhaps_below(&self, demand: u32, u: i64, low: &[i32], mut each: impl FnMut(u32, u32)) {
        let here = self.from[demand as usize];
        let most = i32::try_from(u).unwrap_or(if u < 0 { i32::MIN } else { i32::MAX });
        let [xs, ys] = &self.to_m;
        let chunks = xs.as_chunks::<LANES>().0.iter().zip(ys.as_chunks::<LANES>().0).zip(low.as_chunks::<LANES>().0);
        for (first, ((xs, ys), low)) in (0..).step_by(LANES).zip(chunks) {
            let at_least = at_least(here, xs, ys, low);
            if at_least.iter().fold(i32::MAX, |least, value| least.min(*value)) >= most {
                continue;
            }
            for (lane, _) in (0_u32..).zip(at_least).filter(|(_, value)| *value < most) {
                let Some(&to) = self.to.get((first + lane) as usize) else { return };
                let base_m = self.base_m(here, to);
                if base_m as i32 + low[lane as usize] < most {
                    each(first + lane, wound_m(self.salt, here.id, to.id, base_m));
                }
            }
        }
    }
}

/// Distance as if there were no river, plus `low`. Distances fit: they are below 10⁸ m, and `low` is at most 2³⁰.
#[inline]
fn at_least(here: Spot, xs: &[i32; LANES], ys: &[i32; LANES], low: &[i32; LANES]) -> [i32; LANES] {
    let mut value = [0; LANES];
    for lane in 0..LANES {
        value[lane] = (here.x_m - xs[lane]).abs() + (here.y_m - ys[lane]).abs() + low[lane];
    }
    value
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::formula::trip_m;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_trip_is_as_published(
            places in prop::collection::vec((0_u32..99, -50_i64..50, -50_i64..50), 2..40),
            bridges_x_m in prop::collection::vec(-60_i64..60, 0..5),
            u in 0_i64..200,
            w in prop::collection::vec(prop_oneof![0_i64..60, Just(i64::MAX / 2), Just(-(1_i64 << 40))], 39),
        ) {
            let formula = TripFormula { salt: 7, river_y_m: 3, bridges_x_m };
            let places: Vec<GridPlace> = places.into_iter().map(|(id, x_m, y_m)| GridPlace { id, x_m, y_m }).collect();
            let measured = Measured::of(&formula, &places[..1], &places[1..], u32::MAX).unwrap();
            let trips = crate::Trips::measured(&formula, places[..1].to_vec(), places[1..].to_vec(), u32::MAX).unwrap();
            let duals = crate::trips::Below::new(w[..places.len() - 1].to_vec());
            let (mut row, mut expected) = (Vec::new(), Vec::new());
            for (at, place) in (0_u32..).zip(&places[1..]) {
                let metres = trip_m(&formula, places[0], *place);
                prop_assert_eq!(u64::from(measured.metres(0, at)), metres);
                if metres as i64 + w[at as usize] < u {
                    expected.push((at, metres as u32));
                }
            }
            trips.row_below(0, u, &duals, &mut row);
            prop_assert_eq!(row, expected);
        }
    }
}
