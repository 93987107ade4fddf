//! What is remembered of every cell: deepest, fastest, hazard, arrival, time above a depth, first and last time above others.

use crate::mesh::Mesh;
use crate::saved::Tape;
use crate::unit::Unit;
use crate::{Debris, Wanted, hazard_rating};

/// Per cell. Times are NaN until they happen.
pub(crate) struct Track {
    /// units
    pub max_depth: Vec<i32>,
    /// when that was, s
    pub peak_s: Vec<f32>,
    /// square of the fastest, m²/s²
    pub max_speed2: Vec<f32>,
    /// ARR class where it exceeded 1, else 0
    pub hazard: Vec<u8>,
    /// first time at or above the arrival depth, s
    pub arrival_s: Vec<f32>,
    /// Time at or above the arrival depth, s. Of a cell that is above now, the time when it came up is taken off already: its end is
    /// added when it goes down.
    pub stay_s: Vec<f32>,
    /// square of the greatest depth × speed, m⁴/s²; empty when not asked for
    pub product2: Vec<f32>,
    /// greatest hazard rating; empty when not asked for
    pub rating: Vec<f32>,
    /// further depths; empty when there are none
    pub further: Further,
}

/// First and last time at or above further depths.
#[derive(Default)]
pub(crate) struct Further {
    /// depths between which a cell stands, units: nothing is written while it stays there
    pub floor: Vec<i32>,
    pub next: Vec<i32>,
    /// per depth, per cell
    pub first_s: Vec<Vec<f32>>,
    pub last_s: Vec<Vec<f32>>,
    /// time at or above it as in [`Track::stay_s`]; empty for a depth whose time is not asked for
    pub stay_s: Vec<Vec<f32>>,
}

/// What a step remembers by.
pub(crate) struct Tracker {
    /// end of the step
    pub time_s: f64,
    /// end of the step before
    pub before_s: f64,
    pub unit: Unit,
    /// m in a unit
    pub unit_m: f32,
    /// units; deeper cells count as wet
    pub dry: i32,
    /// lowest number of units at or above the arrival depth
    pub arrival: i32,
    /// the same of each further depth, rising
    pub further: Vec<i32>,
    /// debris of the hazard rating
    pub debris: Option<Debris>,
}

impl Tracker {
    /// `further_m` rising.
    pub fn new(unit: Unit, dry_m: f64, arrival_m: f64, further_m: &[f64], debris: Option<Debris>) -> Self {
        let at_least = |m: f64| (m / unit.metres()).ceil().clamp(1.0, f64::from(i32::MAX)) as i32;
        Self {
            time_s: 0.0,
            before_s: 0.0,
            unit,
            unit_m: unit.metres() as f32,
            dry: (dry_m / unit.metres()).floor().clamp(0.0, f64::from(i32::MAX)) as i32,
            arrival: at_least(arrival_m),
            further: further_m.iter().map(|m| at_least(*m)).collect(),
            debris,
        }
    }
}

impl Track {
    /// `further_m` rising.
    pub fn new(mesh: &Mesh, further_m: &[f64], wanted: &Wanted) -> Self {
        let (n, further) = (mesh.nx * mesh.ny, further_m.len());
        let when = |asked: bool| if asked { vec![0.0; n] } else { Vec::new() };
        let further = if further == 0 {
            Further::default()
        } else {
            Further {
                floor: vec![i32::MIN; n],
                next: vec![i32::MIN; n],
                first_s: vec![vec![f32::NAN; n]; further],
                last_s: vec![vec![f32::NAN; n]; further],
                stay_s: further_m.iter().map(|m| when(wanted.durations_m.contains(m))).collect(),
            }
        };
        Self {
            max_depth: vec![0; n],
            peak_s: vec![0.0; n],
            max_speed2: vec![0.0; n],
            hazard: vec![0; n],
            arrival_s: vec![f32::NAN; n],
            stay_s: vec![0.0; n],
            product2: when(wanted.product),
            rating: when(wanted.rating.is_some()),
            further,
        }
    }

    /// All of it.
    pub fn tape(&mut self, tape: &mut Tape) {
        tape.slice(&mut self.max_depth);
        tape.slice(&mut self.hazard);
        for field in [&mut self.peak_s, &mut self.max_speed2, &mut self.arrival_s, &mut self.stay_s] {
            tape.slice(field);
        }
        tape.slice(&mut self.product2);
        tape.slice(&mut self.rating);
        let further = &mut self.further;
        tape.slice(&mut further.floor);
        tape.slice(&mut further.next);
        let mut count = further.first_s.len() as u64;
        tape.value(&mut count);
        if count == further.first_s.len() as u64 {
            further
                .first_s
                .iter_mut()
                .chain(&mut further.last_s)
                .chain(&mut further.stay_s)
                .for_each(|times| tape.slice(times));
        }
    }

    /// Cut into bands of `cells` cells.
    pub fn bands(&mut self, cells: usize) -> Vec<TrackBand<'_>> {
        let further = &mut self.further;
        let count = self.max_depth.len().div_ceil(cells);
        let mut first: Vec<_> = further.first_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let mut last: Vec<_> = further.last_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let mut stay: Vec<_> = further.stay_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let (mut product2, mut rating) = (self.product2.chunks_mut(cells), self.rating.chunks_mut(cells));
        let (mut floor, mut next) = (further.floor.chunks_mut(cells), further.next.chunks_mut(cells));
        let mut depths = self.max_depth.chunks_mut(cells).zip(self.peak_s.chunks_mut(cells));
        let mut speeds = self.max_speed2.chunks_mut(cells).zip(self.hazard.chunks_mut(cells));
        let mut times = self.arrival_s.chunks_mut(cells).zip(self.stay_s.chunks_mut(cells));
        (0..count)
            .filter_map(|_| {
                let (max_depth, peak_s) = depths.next()?;
                let (max_speed2, hazard) = speeds.next()?;
                let (arrival_s, stay_s) = times.next()?;
                Some(TrackBand {
                    max_depth,
                    peak_s,
                    max_speed2,
                    hazard,
                    arrival_s,
                    stay_s,
                    floor: floor.next().unwrap_or_default(),
                    next: next.next().unwrap_or_default(),
                    first_s: first.iter_mut().filter_map(Iterator::next).collect(),
                    last_s: last.iter_mut().filter_map(Iterator::next).collect(),
                    // Depths whose time is not asked for hold nothing.
                    further_stay_s: stay.iter_mut().map(|v| v.next().unwrap_or_default()).collect(),
                    product2: product2.next().unwrap_or_default(),
                    rating: rating.next().unwrap_or_default(),
                })
            })
            .collect()
    }

    /// Depths in another unit. What rounding lifts over a limit, or drops below it, counts as having crossed it.
    pub fn set_unit(&mut self, old: &Tracker, new: &Tracker, before: &[i32], depth: &[i32]) {
        let (factor, now) = (old.unit.metres() / new.unit.metres(), new.time_s as f32);
        for (cell, (&was, &is)) in before.iter().zip(depth).enumerate() {
            match (was >= old.arrival, is >= new.arrival) {
                (false, true) => {
                    self.stay_s[cell] -= now;
                    self.arrival_s[cell] = if self.arrival_s[cell].is_nan() { now } else { self.arrival_s[cell] };
                }
                (true, false) => self.stay_s[cell] += now,
                _ => {}
            }
            let mut deepest = ((f64::from(self.max_depth[cell]) * factor).round() as i32).max(is);
            let limits = new.further.iter().zip(self.further.first_s.iter().map(|first| first[cell]));
            for (&limit, first_s) in limits.chain([(&new.arrival, self.arrival_s[cell])]) {
                deepest = if first_s.is_nan() { deepest.min(limit - 1) } else { deepest.max(limit) };
            }
            self.max_depth[cell] = deepest.max(is);
        }
        // Looked up anew in the next step.
        for (floor, next) in self.further.floor.iter_mut().zip(&mut self.further.next) {
            let limit = |l: i32| old.further.iter().position(|o| *o == l).map(|k| new.further[k]);
            (*floor, *next) = (limit(*floor).unwrap_or(i32::MIN), limit(*next).unwrap_or(i32::MAX));
        }
    }

    /// Cells that stand above a depth at the end were last above it then.
    pub fn close(&mut self, tracker: &Tracker, depth: &[i32]) {
        let end = tracker.time_s as f32;
        for (stay, h) in self.stay_s.iter_mut().zip(depth) {
            *stay = if *h >= tracker.arrival { *stay + end } else { *stay };
        }
        for (limit, stay) in tracker.further.iter().zip(&mut self.further.stay_s) {
            for (stay, h) in stay.iter_mut().zip(depth) {
                *stay = if h >= limit { *stay + end } else { *stay };
            }
        }
        for (limit, last) in tracker.further.iter().zip(&mut self.further.last_s) {
            for (last, h) in last.iter_mut().zip(depth) {
                *last = if h >= limit { end } else { *last };
            }
        }
    }
}

/// The part of [`Track`] that belongs to a band of rows.
pub(crate) struct TrackBand<'a> {
    max_depth: &'a mut [i32],
    peak_s: &'a mut [f32],
    max_speed2: &'a mut [f32],
    hazard: &'a mut [u8],
    arrival_s: &'a mut [f32],
    stay_s: &'a mut [f32],
    floor: &'a mut [i32],
    next: &'a mut [i32],
    first_s: Vec<&'a mut [f32]>,
    last_s: Vec<&'a mut [f32]>,
    further_stay_s: Vec<&'a mut [f32]>,
    product2: &'a mut [f32],
    rating: &'a mut [f32],
}

/// A few cells side by side after a step.
pub(crate) struct Stretch<'a> {
    /// first of them in the band
    pub at: usize,
    /// depth before, units
    pub before: &'a [i32],
    /// depth now, units
    pub depth: &'a [i32],
    /// square of the speed now, m²/s², 0 where not wet
    pub speed2: &'a [f32],
}

impl TrackBand<'_> {
    /// Deepest, fastest and when deepest of some cells.
    #[inline(always)]
    pub fn maxima(&self, cells: std::ops::Range<usize>) -> (&[i32], &[f32], &[f32]) {
        (&self.max_depth[cells.clone()], &self.max_speed2[cells.clone()], &self.peak_s[cells])
    }

    /// Remembers the state of some cells. Looking first spares most writes.
    #[inline(always)]
    pub fn remember(&mut self, s: &Stretch, t: &Tracker) {
        let n = s.depth.len();
        let range = s.at..s.at + n;
        let (before, depth, speed2) = (&s.before[..n], &s.depth[..n], &s.speed2[..n]);
        let (max_depth, max_speed2) = (&mut self.max_depth[range.clone()], &mut self.max_speed2[range.clone()]);
        let (mut deeper, mut faster, mut crossed, mut quick, mut deep) = (0, 0, 0, 0, 0);
        for k in 0..n {
            deeper |= i32::from(depth[k] > max_depth[k]);
            faster |= i32::from(speed2[k] > max_speed2[k]);
            crossed |= i32::from((depth[k] >= t.arrival) != (before[k] >= t.arrival));
            // Bits of numbers that are not negative are in order.
            quick = quick.max(speed2[k].to_bits().cast_signed());
            deep = deep.max(depth[k]);
        }
        if deeper != 0 {
            let (now, peak_s) = (t.time_s as f32, &mut self.peak_s[range.clone()]);
            for k in 0..n {
                let is_deeper = depth[k] > max_depth[k];
                peak_s[k] = if is_deeper { now } else { peak_s[k] };
                max_depth[k] = if is_deeper { depth[k] } else { max_depth[k] };
            }
        }
        if faster != 0 {
            for k in 0..n {
                max_speed2[k] = if speed2[k] > max_speed2[k] { speed2[k] } else { max_speed2[k] };
            }
        }
        if crossed != 0 {
            self.cross(s, t);
        }
        let (deep_m, quick) = (deep as f32 * t.unit_m, f32::from_bits(quick.cast_unsigned()));
        if is_beyond_h1(deep_m, quick) {
            let hazard = &mut self.hazard[range];
            let unit_m = t.unit_m;
            for k in 0..n {
                let class = if depth[k] > t.dry { arr_class(depth[k] as f32 * unit_m, speed2[k]) } else { 0 };
                hazard[k] = hazard[k].max(class);
            }
        }
        if !t.further.is_empty() {
            self.cross_further(s, t);
        }
        if !self.product2.is_empty() {
            self.keep_product(s, t);
        }
        if let Some(debris) = t.debris {
            self.keep_rating(s, t, debris);
        }
    }

    fn keep_product(&mut self, s: &Stretch, t: &Tracker) {
        let unit_m = t.unit_m;
        for ((kept, depth), speed2) in self.product2[s.at..].iter_mut().zip(s.depth).zip(s.speed2) {
            let depth_m = *depth as f32 * unit_m;
            let product2 = depth_m * depth_m * *speed2;
            *kept = if product2 > *kept { product2 } else { *kept };
        }
    }

    fn keep_rating(&mut self, s: &Stretch, t: &Tracker, debris: Debris) {
        let unit_m = t.unit_m;
        for ((kept, depth), speed2) in self.rating[s.at..].iter_mut().zip(s.depth).zip(s.speed2) {
            if *depth > t.dry {
                *kept = kept.max(hazard_rating(*depth as f32 * unit_m, *speed2, debris));
            }
        }
    }

    fn cross(&mut self, s: &Stretch, t: &Tracker) {
        for (k, (before, now)) in s.before.iter().zip(s.depth).enumerate() {
            let cell = s.at + k;
            match (*before >= t.arrival, *now >= t.arrival) {
                (false, true) => {
                    self.stay_s[cell] -= t.before_s as f32;
                    if self.arrival_s[cell].is_nan() {
                        self.arrival_s[cell] = t.time_s as f32;
                    }
                }
                (true, false) => self.stay_s[cell] += t.before_s as f32,
                _ => {}
            }
        }
    }

    /// The state before the first step.
    pub fn start(&mut self, depth: &[i32], t: &Tracker) {
        for (k, &h) in depth.iter().enumerate() {
            self.max_depth[k] = h;
            if h >= t.arrival {
                self.arrival_s[k] = t.time_s as f32;
                self.stay_s[k] -= t.time_s as f32;
            }
        }
        let speed2 = vec![0.0; depth.len()];
        self.remember(&Stretch { at: 0, before: depth, depth, speed2: &speed2 }, t);
    }

    /// Writes first and last times of the cells that have left the interval between two depths since the step before.
    fn cross_further(&mut self, s: &Stretch, t: &Tracker) {
        let n = s.depth.len();
        let (floor, next) = (&mut self.floor[s.at..s.at + n], &mut self.next[s.at..s.at + n]);
        let mut left = 0;
        for k in 0..n {
            left |= i32::from((s.depth[k] < floor[k]) | (s.depth[k] >= next[k]));
        }
        if left == 0 {
            return;
        }
        for (k, &h) in s.depth.iter().enumerate() {
            if h >= floor[k] && h < next[k] {
                continue;
            }
            let cell = s.at + k;
            let times = self.first_s.iter_mut().zip(&mut self.last_s).zip(&mut self.further_stay_s);
            for (limit, ((first, last), stay)) in t.further.iter().zip(times) {
                if *limit <= h && first[cell].is_nan() {
                    first[cell] = t.time_s as f32;
                }
                let (was, is) = (*limit <= floor[k], *limit <= h);
                if was && !is {
                    last[cell] = t.before_s as f32;
                }
                if let Some(stay) = stay.get_mut(cell).filter(|_| was != is) {
                    *stay += if is { -t.before_s as f32 } else { t.before_s as f32 };
                }
            }
            let above = t.further.partition_point(|limit| *limit <= h);
            floor[k] = above.checked_sub(1).map_or(i32::MIN, |a| t.further[a]);
            next[k] = t.further.get(above).copied().unwrap_or(i32::MAX);
        }
    }
}

/// True when a cell among some of at most this depth (m) and squared speed may be above H1.
#[inline(always)]
fn is_beyond_h1(depth_m: f32, speed2: f32) -> bool {
    depth_m > 0.3 || speed2 > 4.0 || depth_m * depth_m * speed2 > 0.09
}

/// ARR 2019 hazard class 1–6 of a wet cell from its depth (m) and squared speed: the lowest whose limits of depth × speed, depth and
/// speed all hold (Ball et al. 2019, book 6, chapter 7; Smith, Davey & Cox 2014). As the limits rise from class to class, that is 1
/// plus the number of classes of which one is exceeded.
#[inline(always)]
pub(crate) fn arr_class(depth_m: f32, speed2: f32) -> u8 {
    const LIMITS: [(f32, f32, f32); 5] =
        [(0.3, 0.3, 2.0), (0.6, 0.5, 2.0), (0.6, 1.2, 2.0), (1.0, 2.0, 2.0), (4.0, 4.0, 4.0)];
    let product2 = depth_m * depth_m * speed2;
    let mut class = 1;
    for (product, depth, speed) in LIMITS {
        class += u8::from((product2 > product * product) | (depth_m > depth) | (speed2 > speed * speed));
    }
    class
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hazard_classes_follow_the_table() {
        for (d, v, class) in [
            (0.1, 0.5, 1),
            (0.3, 0.999, 1),
            (0.4, 0.0, 2),
            (0.9, 0.0, 3),
            (0.5, 1.3, 4),
            (1.5, 0.2, 4),
            (0.05, 2.5, 5),
            (3.0, 1.0, 5),
            (2.0, 2.5, 6),
            (4.5, 0.0, 6),
            (0.2, 4.5, 6),
        ] {
            assert_eq!(arr_class(d, v * v), class, "{d} m, {v} m/s");
        }
    }

    #[test]
    fn times_above_add_up() {
        let problem = crate::testing::flat(4, 1, 1.0);
        let unit = Unit::for_depth(1.0);
        let mesh = Mesh::new(&problem, &[false; 4], unit);
        let wanted = Wanted { durations_m: vec![0.15], product: true, rating: Some(Debris::Urban) };
        let mut track = Track::new(&mesh, &[0.15], &wanted);
        let mut t = Tracker::new(unit, 0.0, 0.15, &[0.15], wanted.rating);
        let depth = |m: f64| [unit.count(m) as i32; 4];
        track.bands(4)[0].start(&depth(0.1), &t);
        let mut before = depth(0.1);
        for (step, m) in [0.2, 0.3, 0.1, 0.2, 0.16].into_iter().enumerate() {
            (t.before_s, t.time_s) = (step as f64 * 10.0, (step + 1) as f64 * 10.0);
            let now = depth(m);
            track.bands(4)[0].remember(&Stretch { at: 0, before: &before, depth: &now, speed2: &[0.0; 4] }, &t);
            before = now;
        }
        track.close(&t, &before);
        assert_eq!((track.stay_s[1], track.arrival_s[1], track.peak_s[1]), (40.0, 10.0, 20.0));
        assert_eq!((track.further.first_s[0][2], track.further.last_s[0][2]), (10.0, 50.0));
        assert_eq!((track.further.stay_s[0][2], track.product2[2]), (40.0, 0.0));
        assert!((track.rating[0] - hazard_rating(0.3, 0.0, Debris::Urban)).abs() < 1e-6);
    }
}
