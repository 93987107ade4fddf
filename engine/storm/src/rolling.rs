use crate::StepSeries;

/// Windows of rolling rain that products show, h.
pub const ROLLING_WINDOWS_H: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 48.0, 72.0];

/// Rain summed since the first row of a step series, mm: piecewise linear, so sums over any window are exact.
#[derive(Clone, Debug, PartialEq)]
pub struct CumulativeRain {
    time_s: Vec<f64>,
    rate_mm_s: Vec<f64>,
    sum_mm: Vec<f64>,
    unknown: Vec<bool>,
}

/// Largest rain of one window length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowMaximum {
    /// length of the window, h
    pub window_h: f64,
    /// largest sum, mm
    pub rain_mm: f64,
    /// end of the first window with that sum, s
    pub end_s: f64,
    /// false when some of the rain looked at is unknown: the true maximum may be higher
    pub complete: bool,
}

impl CumulativeRain {
    /// Sums a series of mm/h. Unknown rows (NaN) add nothing but are remembered.
    pub fn new(series: &StepSeries) -> Self {
        let unknown: Vec<bool> = series.value.iter().map(|v| v.is_nan()).collect();
        let rate_mm_s: Vec<f64> = series.value.iter().map(|v| if v.is_nan() { 0.0 } else { v / 3600.0 }).collect();
        let mut sum_mm = Vec::with_capacity(series.time_s.len());
        let mut sum = 0.0;
        for k in 0..series.time_s.len() {
            if k > 0 {
                sum += rate_mm_s[k - 1] * (series.time_s[k] - series.time_s[k - 1]);
            }
            sum_mm.push(sum);
        }
        Self { time_s: series.time_s.clone(), rate_mm_s, sum_mm, unknown }
    }

    /// Rain since the first row, mm.
    pub fn until(&self, time_s: f64) -> f64 {
        match self.time_s.partition_point(|&t| t <= time_s).checked_sub(1) {
            None => 0.0,
            Some(k) => self.sum_mm[k] + self.rate_mm_s[k] * (time_s - self.time_s[k]),
        }
    }

    /// Rain of the window that ends at `end_s`, mm. What fell before the first row is not known to the series and counts 0.
    pub fn window_mm(&self, end_s: f64, window_s: f64) -> f64 {
        self.until(end_s) - self.until(end_s - window_s)
    }

    /// True when every row that holds between two times is known.
    pub fn known_between(&self, from_s: f64, until_s: f64) -> bool {
        let last = self.time_s.partition_point(|&t| t < until_s);
        let first = self.time_s.partition_point(|&t| t <= from_s).saturating_sub(1);
        !self.unknown[first.min(last)..last].iter().any(|&u| u)
    }

    /// Times at which the rolling sum of a window can turn, between two times, rising. Between them it is linear.
    fn turning_points(&self, window_s: f64, from_s: f64, until_s: f64) -> Vec<f64> {
        let inner = |t: &f64| *t > from_s && *t < until_s;
        let (starts, ends) = (self.time_s.iter().copied(), self.time_s.iter().map(|t| t + window_s));
        let mut points: Vec<f64> = std::iter::once(from_s).chain(starts.chain(ends).filter(inner)).collect();
        if until_s > from_s {
            points.push(until_s);
        }
        points.sort_by(f64::total_cmp);
        points.dedup();
        points
    }

    /// Largest sum over windows that end between two times.
    pub fn maximum(&self, window_h: f64, from_s: f64, until_s: f64) -> WindowMaximum {
        let window_s = window_h * 3600.0;
        let mut best = WindowMaximum {
            window_h,
            rain_mm: 0.0,
            end_s: from_s,
            complete: self.known_between(from_s - window_s, until_s),
        };
        for end_s in self.turning_points(window_s, from_s, until_s) {
            let rain_mm = self.window_mm(end_s, window_s);
            if rain_mm > best.rain_mm {
                (best.rain_mm, best.end_s) = (rain_mm, end_s);
            }
        }
        best
    }

    /// First time, between two times, at which the rain of a window reaches a depth; `None` when it does not.
    pub fn first_reach(&self, window_h: f64, depth_mm: f64, from_s: f64, until_s: f64) -> Option<f64> {
        let window_s = window_h * 3600.0;
        let mut before: Option<(f64, f64)> = None;
        for end_s in self.turning_points(window_s, from_s, until_s) {
            let rain_mm = self.window_mm(end_s, window_s);
            if rain_mm >= depth_mm {
                return Some(before.map_or(end_s, |(t, r)| t + (end_s - t) * ((depth_mm - r) / (rain_mm - r))));
            }
            before = Some((end_s, rain_mm));
        }
        None
    }
}

/// Largest rolling rain of each window that ends between `from_s` and `until_s` (the end, or the instant up to which rain is
/// known).
pub fn rolling_maxima(rain: &CumulativeRain, windows_h: &[f64], from_s: f64, until_s: f64) -> Vec<WindowMaximum> {
    windows_h.iter().map(|&w| rain.maximum(w, from_s, until_s)).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hourly(values: &[f64]) -> CumulativeRain {
        let time_s = (0..=values.len()).map(|k| k as f64 * 3600.0).collect();
        CumulativeRain::new(&StepSeries { time_s, value: values.iter().copied().chain([0.0]).collect() })
    }

    #[test]
    fn windows_find_the_wettest_hours() {
        let rain = hourly(&[5.0, 20.0, 40.0, 10.0, 0.0, 30.0]);
        let best = rolling_maxima(&rain, &[1.0, 2.0, 3.0, 24.0], 0.0, 36_000.0);
        assert_eq!(best.iter().map(|b| b.rain_mm.round()).collect::<Vec<_>>(), [40.0, 60.0, 70.0, 105.0]);
        assert_eq!(best.iter().map(|b| b.end_s / 3600.0).collect::<Vec<_>>(), [3.0, 3.0, 4.0, 6.0]);
        assert!(best.iter().all(|b| b.complete));
    }

    #[test]
    fn nothing_after_the_cut_is_seen() {
        let rain = hourly(&[5.0, 20.0, 40.0, 10.0]);
        let best = rain.maximum(1.0, 0.0, 9000.0);
        assert!((best.rain_mm - 30.0).abs() < 1e-9 && best.end_s == 9000.0);
    }

    #[test]
    fn rain_before_the_start_counts_in_the_window() {
        let series = StepSeries { time_s: vec![-3600.0, 0.0], value: vec![50.0, 0.0] };
        let best = CumulativeRain::new(&series).maximum(2.0, 0.0, 7200.0);
        assert_eq!((best.rain_mm.round(), best.end_s), (50.0, 0.0));
    }

    #[test]
    fn a_gap_makes_the_maximum_a_lower_bound() {
        let rain = hourly(&[5.0, f64::NAN, 40.0]);
        assert!(!rain.maximum(1.0, 0.0, 10_800.0).complete);
        assert!(rain.maximum(1.0, 0.0, 3600.0).complete);
        assert!(rain.maximum(1.0, 10_800.0, 10_800.0).complete);
        assert!(!rain.maximum(2.0, 10_800.0, 10_800.0).complete);
    }

    #[test]
    fn crossing_is_found_within_a_row() {
        let rain = hourly(&[0.0, 60.0, 60.0]);
        assert!((rain.first_reach(1.0, 30.0, 0.0, 36_000.0).unwrap() - 5400.0).abs() < 1e-6);
        assert!((rain.first_reach(2.0, 90.0, 0.0, 36_000.0).unwrap() - 9000.0).abs() < 1e-6);
        assert_eq!(rain.first_reach(1.0, 61.0, 0.0, 36_000.0), None);
        assert_eq!(rain.first_reach(1.0, 30.0, 0.0, 5000.0), None);
    }

    #[test]
    fn rolling_maximum_equals_a_fine_scan() {
        let values: Vec<f64> = (0..40_u32).map(|k| f64::from(k * 7919 % 31)).collect();
        let time_s: Vec<f64> = (0..40_u32).map(|k| f64::from(k * 600 + k * 37 % 300)).collect();
        let rain = CumulativeRain::new(&StepSeries { time_s, value: values });
        for window_h in [0.5, 1.0, 3.0] {
            let scan = (0..30_000).map(|t| rain.window_mm(f64::from(t), window_h * 3600.0)).fold(0.0, f64::max);
            let exact = rain.maximum(window_h, 0.0, 30_000.0).rain_mm;
            assert!(exact >= scan - 1e-9 && exact - scan < 0.05, "{window_h} h: {exact} against {scan}");
        }
    }
}
