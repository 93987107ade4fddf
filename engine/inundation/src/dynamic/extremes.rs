//! What is remembered of every cell: deepest, fastest, hazard, first and last time above thresholds.

use crate::cell::arr_class;
use crate::saved::Tape;
use crate::{Debris, Wanted, hazard_rating};

/// Per cell. Times are +∞ (first) or −∞ (last) until they happen.
pub(super) struct Extremes {
    /// the first is that of arrival and duration
    thresholds_m: Vec<f64>,
    dry_m: f64,
    pub max_depth_m: Vec<f64>,
    pub peak_time_s: Vec<f64>,
    pub max_speed2: Vec<f64>,
    pub hazard: Vec<u8>,
    pub duration_s: Vec<f64>,
    /// per threshold
    first_s: Vec<Vec<f64>>,
    last_s: Vec<Vec<f64>>,
    /// per threshold: time above; empty where not asked for
    stay_s: Vec<Vec<f64>>,
    /// square of the greatest depth × speed; empty when not asked for
    pub product2: Vec<f64>,
    debris: Option<Debris>,
    /// greatest rating; empty when not asked for
    pub rating: Vec<f64>,
}

/// The part of [`Extremes`] that belongs to a band of rows.
pub(super) struct ExtremesBand<'a> {
    thresholds_m: &'a [f64],
    dry_m: f64,
    max_depth_m: &'a mut [f64],
    peak_time_s: &'a mut [f64],
    max_speed2: &'a mut [f64],
    hazard: &'a mut [u8],
    duration_s: &'a mut [f64],
    first_s: Vec<&'a mut [f64]>,
    last_s: Vec<&'a mut [f64]>,
    stay_s: Vec<&'a mut [f64]>,
    product2: &'a mut [f64],
    debris: Option<Debris>,
    rating: &'a mut [f64],
}

impl Extremes {
    pub fn new(cells: usize, thresholds_m: Vec<f64>, dry_m: f64, wanted: &Wanted) -> Self {
        let when = |asked: bool| if asked { vec![0.0; cells] } else { Vec::new() };
        let times = |value: f64| vec![vec![value; cells]; thresholds_m.len()];
        Self {
            dry_m,
            max_depth_m: vec![0.0; cells],
            peak_time_s: vec![0.0; cells],
            max_speed2: vec![0.0; cells],
            hazard: vec![0; cells],
            duration_s: vec![0.0; cells],
            first_s: times(f64::INFINITY),
            last_s: times(f64::NEG_INFINITY),
            // The first is that of `duration_s`.
            stay_s: thresholds_m
                .iter()
                .enumerate()
                .map(|(k, t)| when(k > 0 && wanted.durations_m.contains(t)))
                .collect(),
            product2: when(wanted.product),
            debris: wanted.rating,
            rating: when(wanted.rating.is_some()),
            thresholds_m,
        }
    }

    pub fn tape(&mut self, tape: &mut Tape) {
        let mut count = self.first_s.len() as u64;
        tape.value(&mut count);
        if count != self.first_s.len() as u64 {
            return tape.fail();
        }
        tape.slice(&mut self.hazard);
        let own = [
            &mut self.max_depth_m,
            &mut self.peak_time_s,
            &mut self.max_speed2,
            &mut self.duration_s,
            &mut self.product2,
            &mut self.rating,
        ];
        let times = self.first_s.iter_mut().chain(&mut self.last_s).chain(&mut self.stay_s);
        own.into_iter().chain(times).for_each(|values| tape.slice(values));
    }

    /// Cut into bands of `cells` cells.
    pub fn bands(&mut self, cells: usize) -> Vec<ExtremesBand<'_>> {
        let mut first: Vec<_> = self.first_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let mut last: Vec<_> = self.last_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let mut stay: Vec<_> = self.stay_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let (mut product2, mut rating) = (self.product2.chunks_mut(cells), self.rating.chunks_mut(cells));
        let debris = self.debris;
        let depths = self.max_depth_m.chunks_mut(cells).zip(self.peak_time_s.chunks_mut(cells));
        let speeds = self.max_speed2.chunks_mut(cells).zip(self.hazard.chunks_mut(cells));
        let (thresholds_m, dry_m) = (self.thresholds_m.as_slice(), self.dry_m);
        depths
            .zip(speeds)
            .zip(self.duration_s.chunks_mut(cells))
            .map(|(((max_depth_m, peak_time_s), (max_speed2, hazard)), duration_s)| ExtremesBand {
                thresholds_m,
                dry_m,
                max_depth_m,
                peak_time_s,
                max_speed2,
                hazard,
                duration_s,
                first_s: first.iter_mut().filter_map(Iterator::next).collect(),
                last_s: last.iter_mut().filter_map(Iterator::next).collect(),
                stay_s: stay.iter_mut().map(|v| v.next().unwrap_or_default()).collect(),
                product2: product2.next().unwrap_or_default(),
                debris,
                rating: rating.next().unwrap_or_default(),
            })
            .collect()
    }

    /// First (or last) times of a threshold, one per cell; NaN = never.
    pub fn times(&self, threshold: usize, first: bool) -> Vec<f64> {
        let all = if first { &self.first_s } else { &self.last_s };
        all[threshold].iter().map(|t| if t.is_finite() { *t } else { f64::NAN }).collect()
    }

    /// Time above a threshold, s; empty when it was not asked for.
    pub fn stay_s(&self, threshold: usize) -> &[f64] {
        &self.stay_s[threshold]
    }
}

impl ExtremesBand<'_> {
    /// Remembers the depths and squared speeds of the cells from `at`, which have stood so since `dt_s` before `time_s`.
    pub fn remember(&mut self, at: usize, h: &[f64], speed2: &[f64], time_s: f64, dt_s: f64) {
        let n = h.len();
        let (deepest, when) = (&mut self.max_depth_m[at..at + n], &mut self.peak_time_s[at..at + n]);
        let (fastest, speed2) = (&mut self.max_speed2[at..at + n], &speed2[..n]);
        let (mut high, mut quick) = (0.0_f64, 0.0_f64);
        for k in 0..n {
            when[k] = if h[k] > deepest[k] { time_s } else { when[k] };
            deepest[k] = if h[k] > deepest[k] { h[k] } else { deepest[k] };
            let square = if h[k] > self.dry_m { speed2[k] } else { 0.0 };
            fastest[k] = if square > fastest[k] { square } else { fastest[k] };
            high = if h[k] > high { h[k] } else { high };
            quick = if square > quick { square } else { quick };
        }
        // Rows that are shallow and slow throughout need no more: H1 is given to wet cells at the end.
        if high > 0.3 || quick > 4.0 || high * high * quick > 0.09 {
            for ((h, speed2), class) in h.iter().zip(speed2).zip(&mut self.hazard[at..at + n]) {
                if *h > self.dry_m && (*h > 0.3 || *speed2 > 4.0 || h * h * speed2 > 0.09) {
                    *class = (*class).max(arr_class(*h, speed2.sqrt()));
                }
            }
        }
        for ((kept, h), speed2) in self.product2.iter_mut().skip(at).zip(h).zip(speed2) {
            let square = if *h > self.dry_m { h * h * speed2 } else { 0.0 };
            *kept = if square > *kept { square } else { *kept };
        }
        if let Some(debris) = self.debris {
            for ((kept, h), speed2) in self.rating.iter_mut().skip(at).zip(h).zip(speed2) {
                if *h > self.dry_m {
                    *kept = kept.max(f64::from(hazard_rating(*h as f32, *speed2 as f32, debris)));
                }
            }
        }
        for (limit, stay) in self.thresholds_m.iter().zip(&mut self.stay_s) {
            if high < *limit || stay.is_empty() {
                continue;
            }
            for (h, stay) in h.iter().zip(&mut stay[at..at + n]) {
                *stay += if h >= limit { dt_s } else { 0.0 };
            }
        }
        for ((limit, first), last) in self.thresholds_m.iter().zip(&mut self.first_s).zip(&mut self.last_s) {
            if high < *limit {
                continue;
            }
            for ((h, first), last) in h.iter().zip(&mut first[at..at + n]).zip(&mut last[at..at + n]) {
                let above = h >= limit;
                *first = if above && *first > time_s { time_s } else { *first };
                *last = if above { time_s } else { *last };
            }
        }
        if let Some(&arrival) = self.thresholds_m.first().filter(|arrival| high >= **arrival) {
            for (h, duration) in h.iter().zip(&mut self.duration_s[at..at + n]) {
                *duration += if *h >= arrival { dt_s } else { 0.0 };
            }
        }
    }
}
