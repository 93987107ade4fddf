//! What is remembered of every cell: deepest, fastest, hazard, first and last time above thresholds.

use crate::cell::arr_class;

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
}

impl Extremes {
    pub fn new(cells: usize, thresholds_m: Vec<f64>, dry_m: f64) -> Self {
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
            thresholds_m,
        }
    }

    /// Cut into bands of `cells` cells.
    pub fn bands(&mut self, cells: usize) -> Vec<ExtremesBand<'_>> {
        let mut first: Vec<_> = self.first_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
        let mut last: Vec<_> = self.last_s.iter_mut().map(|v| v.chunks_mut(cells)).collect();
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
            })
            .collect()
    }

    /// First (or last) times of a threshold, one per cell; NaN = never.
    pub fn times(&self, threshold: usize, first: bool) -> Vec<f64> {
        let all = if first { &self.first_s } else { &self.last_s };
        all[threshold].iter().map(|t| if t.is_finite() { *t } else { f64::NAN }).collect()
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
