//! What is remembered of every pixel: deepest, first and last time above thresholds, hazard. Nothing is done while the level of a part
//! stays between two heights at which one of its pixels crosses one of the depths.

use crate::cell::arr_class;
use crate::saved::Tape;
use crate::subgrid::ground::Ground;
use crate::subgrid::water::CHUNK;
use crate::{Debris, Wanted, hazard_rating};

/// The moment a step ends, and the one before.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub time_s: f64,
    pub before_s: f64,
}

/// Entries are the pixels of the parts in rising order.
pub(crate) struct Track<'a> {
    start: &'a [u32],
    rise_m: &'a [f32],
    /// depths whose crossings are kept; the first is that of arrival and duration
    thresholds_m: Vec<f64>,
    /// per part: highest level above the floor, m, and its time, s
    pub highest_m: Vec<f64>,
    pub peak_time_s: Vec<f64>,
    /// per part: heights between which nothing happens
    floor_m: Vec<f32>,
    next_m: Vec<f32>,
    /// per part and threshold: pixels above it
    above: Vec<u32>,
    /// per entry and threshold, s; ∞ and −∞ = never
    pub first_s: Vec<f32>,
    pub last_s: Vec<f32>,
    /// per threshold: which of the summed times is its own
    timed: Vec<Option<usize>>,
    times: usize,
    /// per entry and summed time: since when it stands above, s, and how long it stood in all
    since_s: Vec<f32>,
    pub duration_s: Vec<f32>,
    /// per entry: highest class
    pub hazard: Vec<u8>,
    /// per entry: greatest depth × speed, m²/s; empty when not asked for
    pub product: Vec<f32>,
    debris: Option<Debris>,
    /// per entry: greatest rating while the water moved; empty when not asked for
    pub rating: Vec<f32>,
    /// per part: square of the highest speed, m²/s²
    pub speed2: Vec<f32>,
}

/// The part of [`Track`] that belongs to a chunk of parts.
pub(crate) struct Part<'a> {
    start: &'a [u32],
    rise_m: &'a [f32],
    thresholds_m: &'a [f64],
    highest_m: &'a mut [f64],
    peak_time_s: &'a mut [f64],
    floor_m: &'a mut [f32],
    next_m: &'a mut [f32],
    above: &'a mut [u32],
    first_s: &'a mut [f32],
    last_s: &'a mut [f32],
    timed: &'a [Option<usize>],
    times: usize,
    since_s: &'a mut [f32],
    duration_s: &'a mut [f32],
}

impl<'a> Track<'a> {
    pub fn new(ground: &'a Ground, thresholds_m: Vec<f64>, wanted: &Wanted) -> Self {
        let (parts, entries, t) = (ground.parts(), ground.rise_m.len(), thresholds_m.len());
        let mut times = 0;
        let mut timed = Vec::with_capacity(t);
        for (k, depth) in thresholds_m.iter().enumerate() {
            let asked = k == 0 || wanted.durations_m.contains(depth);
            timed.push(asked.then_some(times));
            times += usize::from(asked);
        }
        let when = |asked: bool| if asked { vec![0.0; entries] } else { Vec::new() };
        let lowest = thresholds_m.iter().copied().fold(f64::INFINITY, f64::min);
        Self {
            start: &ground.start,
            rise_m: &ground.rise_m,
            highest_m: vec![0.0; parts],
            peak_time_s: vec![0.0; parts],
            floor_m: vec![f32::NEG_INFINITY; parts],
            next_m: vec![lowest as f32; parts],
            above: vec![0; parts * t],
            first_s: vec![f32::INFINITY; entries * t],
            last_s: vec![f32::NEG_INFINITY; entries * t],
            since_s: vec![0.0; entries * times],
            duration_s: vec![0.0; entries * times],
            timed,
            times,
            product: when(wanted.product),
            debris: wanted.rating,
            rating: when(wanted.rating.is_some()),
            hazard: vec![0; entries],
            speed2: vec![0.0; parts],
            thresholds_m,
        }
    }

    pub fn tape(&mut self, tape: &mut Tape) {
        tape.slice(&mut self.highest_m);
        tape.slice(&mut self.peak_time_s);
        tape.slice(&mut self.above);
        tape.slice(&mut self.hazard);
        for values in [
            &mut self.floor_m,
            &mut self.next_m,
            &mut self.first_s,
            &mut self.last_s,
            &mut self.since_s,
            &mut self.duration_s,
            &mut self.speed2,
            &mut self.product,
            &mut self.rating,
        ] {
            tape.slice(values);
        }
    }

    /// Chunks of [`CHUNK`] parts.
    pub fn chunks(&mut self) -> impl Iterator<Item = Part<'_>> {
        let (start, rise_m, thresholds_m) = (self.start, self.rise_m, self.thresholds_m.as_slice());
        let t = thresholds_m.len();
        let (timed, times) = (self.timed.as_slice(), self.times);
        let parts = self.highest_m.len();
        let (mut first, mut last) = (self.first_s.as_mut_slice(), self.last_s.as_mut_slice());
        let (mut since, mut duration) = (self.since_s.as_mut_slice(), self.duration_s.as_mut_slice());
        let per_part = self
            .highest_m
            .chunks_mut(CHUNK)
            .zip(self.peak_time_s.chunks_mut(CHUNK))
            .zip(self.floor_m.chunks_mut(CHUNK).zip(self.next_m.chunks_mut(CHUNK)))
            .zip(self.above.chunks_mut((CHUNK * t).max(1)));
        per_part.enumerate().map(move |(c, (((highest_m, peak_time_s), (floor_m, next_m)), above))| {
            let (from, to) = (c * CHUNK, ((c + 1) * CHUNK).min(parts));
            let entries = (start[to] - start[from]) as usize;
            Part {
                start: &start[from..=to],
                rise_m: &rise_m[start[from] as usize..start[to] as usize],
                thresholds_m,
                highest_m,
                peak_time_s,
                floor_m,
                next_m,
                above,
                first_s: cut(&mut first, entries * t),
                last_s: cut(&mut last, entries * t),
                timed,
                times,
                since_s: cut(&mut since, entries * times),
                duration_s: cut(&mut duration, entries * times),
            }
        })
    }

    /// Remembers the state before the first step.
    pub fn remember_start(&mut self, over_m: impl Fn(usize) -> f64) {
        let mut part = 0;
        for mut chunk in self.chunks() {
            for k in 0..chunk.highest_m.len() {
                chunk.remember(k, over_m(part), Moment::default());
                part += 1;
            }
        }
    }

    /// Looks at the hazard of the pixels of a part that moves at `speed_m_s`.
    pub fn see_hazard(&mut self, part: usize, over_m: f64, speed_m_s: f64, dry_m: f64) {
        let speed2 = (speed_m_s * speed_m_s) as f32;
        if over_m > dry_m && speed2 > self.speed2[part] {
            self.speed2[part] = speed2;
        }
        if self.debris.is_some() || !self.product.is_empty() {
            self.see_pixels(part, over_m, speed_m_s, dry_m);
        }
        // Below these every wet pixel is of class 1.
        if over_m <= 0.3 && speed_m_s <= 2.0 && over_m * speed_m_s <= 0.3 {
            return;
        }
        let (from, to) = (self.start[part] as usize, self.start[part + 1] as usize);
        for (rise, class) in self.rise_m[from..to].iter().zip(&mut self.hazard[from..to]) {
            let depth = over_m - f64::from(*rise);
            if depth <= dry_m {
                break;
            }
            *class = (*class).max(arr_class(depth, speed_m_s));
        }
    }

    /// Depth × speed and rating of the wet pixels of a part.
    fn see_pixels(&mut self, part: usize, over_m: f64, speed_m_s: f64, dry_m: f64) {
        let speed2 = (speed_m_s * speed_m_s) as f32;
        for entry in self.start[part] as usize..self.start[part + 1] as usize {
            let depth = over_m - f64::from(self.rise_m[entry]);
            if depth <= dry_m {
                break;
            }
            if let Some(kept) = self.product.get_mut(entry) {
                *kept = kept.max((depth * speed_m_s) as f32);
            }
            if let (Some(kept), Some(debris)) = (self.rating.get_mut(entry), self.debris) {
                *kept = kept.max(hazard_rating(depth as f32, speed2, debris));
            }
        }
    }

    /// Number of depths whose time is summed.
    pub fn times(&self) -> usize {
        self.times
    }

    /// Which of the summed times is that of a threshold.
    pub fn timed(&self, threshold: usize) -> Option<usize> {
        self.timed.get(threshold).copied().flatten()
    }

    /// Pixels that stand above a threshold at the end were last above it then.
    pub fn close(&mut self, moment: Moment) {
        let t = self.thresholds_m.len();
        for part in 0..self.highest_m.len() {
            let from = self.start[part] as usize;
            for k in 0..t {
                for e in from..from + self.above[part * t + k] as usize {
                    self.last_s[e * t + k] = moment.time_s as f32;
                    if let Some(time) = self.timed[k] {
                        let at = e * self.times + time;
                        self.duration_s[at] += moment.time_s as f32 - self.since_s[at];
                    }
                }
            }
        }
    }
}

/// Takes the first values off a slice.
fn cut<'a>(values: &mut &'a mut [f32], n: usize) -> &'a mut [f32] {
    let (own, rest) = std::mem::take(values).split_at_mut(n);
    *values = rest;
    own
}

impl Part<'_> {
    /// Remembers the height of the water of part `k` of the chunk above its floor.
    #[inline(always)]
    pub fn remember(&mut self, k: usize, over_m: f64, moment: Moment) {
        if over_m > self.highest_m[k] {
            (self.highest_m[k], self.peak_time_s[k]) = (over_m, moment.time_s);
        }
        let over = over_m as f32;
        if over >= self.next_m[k] || over < self.floor_m[k] {
            self.cross(k, over, moment);
        }
    }

    #[inline(never)]
    fn cross(&mut self, k: usize, over_m: f32, moment: Moment) {
        let t = self.thresholds_m.len();
        let base = self.start[0];
        let (from, to) = ((self.start[k] - base) as usize, (self.start[k + 1] - base) as usize);
        let rises = &self.rise_m[from..to];
        let (mut floor, mut next) = (f32::NEG_INFINITY, f32::INFINITY);
        for (n, threshold) in self.thresholds_m.iter().enumerate() {
            let limit = |e: usize| rises[e] + *threshold as f32;
            let count = &mut self.above[k * t + n];
            let mut at = *count as usize;
            while at < rises.len() && limit(at) <= over_m {
                let e = from + at;
                let first = &mut self.first_s[e * t + n];
                *first = first.min(moment.time_s as f32);
                if let Some(time) = self.timed[n] {
                    self.since_s[e * self.times + time] = moment.before_s as f32;
                }
                at += 1;
            }
            while at > 0 && limit(at - 1) > over_m {
                at -= 1;
                let e = from + at;
                self.last_s[e * t + n] = moment.before_s as f32;
                if let Some(time) = self.timed[n] {
                    let own = e * self.times + time;
                    self.duration_s[own] += moment.before_s as f32 - self.since_s[own];
                }
            }
            *count = at as u32;
            if at > 0 {
                floor = floor.max(limit(at - 1));
            }
            if at < rises.len() {
                next = next.min(limit(at));
            }
        }
        (self.floor_m[k], self.next_m[k]) = (floor, next);
    }
}
