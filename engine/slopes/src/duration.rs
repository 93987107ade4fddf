//! Rain that may start landslides: intensity over duration, and the rain of the days before.

use dayu_storm::{CumulativeRain, StepSeries};

/// Threshold I = a·D^b of a collection of landslides: a lower envelope. Exceeding it means "possible", never a probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntensityDuration {
    /// name
    pub id: &'static str,
    /// mm/h at one hour
    pub factor: f64,
    /// exponent
    pub exponent: f64,
    /// durations it was found for, h
    pub range_h: (f64, f64),
}

impl IntensityDuration {
    /// Caine (1980, Geografiska Annaler 62A:23) and Guzzetti et al. (2008, Landslides 5:3), world-wide (mark R: coefficients recalled).
    pub const ALL: [Self; 4] = [
        Self { id: "Caine1980", factor: 14.82, exponent: -0.39, range_h: (0.167, 500.0) },
        Self { id: "Guzzetti2008_all", factor: 2.20, exponent: -0.44, range_h: (0.1, 1000.0) },
        Self { id: "Guzzetti2008_short", factor: 2.28, exponent: -0.20, range_h: (0.1, 48.0) },
        Self { id: "Guzzetti2008_long", factor: 0.48, exponent: -0.11, range_h: (48.0, 1000.0) },
    ];

    /// Threshold of a duration, mm/h; `None` outside the durations it was found for.
    pub fn mm_h(&self, duration_h: f64) -> Option<f64> {
        let inside = (self.range_h.0..=self.range_h.1).contains(&duration_h);
        inside.then(|| self.factor * libm::pow(duration_h, self.exponent))
    }
}

/// What rain says beside the rolling windows: the world-wide curve of intensity over duration, and the days before.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RainHistory {
    /// largest mean intensity over the threshold of Caine (1980); a lower bound where rain is unknown. A lower envelope of the world's
    /// landslides: 1 and more means possible
    pub caine_ratio: f64,
    /// duration of it, h
    pub caine_h: f64,
    /// antecedent index of the whole days before, mm ([`ANTECEDENT_FACTOR`]); `None` = the series has no whole day before
    pub antecedent_mm: Option<f64>,
}

/// Factor of the antecedent index for a day: usual (thresholds in public use run from 0.84 to 0.98).
pub const ANTECEDENT_FACTOR: f64 = 0.88;
/// Antecedent index from which a slope is judged as one that failed before, mm: 0.6 of the threshold of 24 h (D; no limit is published).
pub const ANTECEDENT_HIGH_MM: f64 = 120.0;
/// Days that the index looks back; older rain weighs less than a twentieth.
const DAYS: usize = 24;
const DAY_S: f64 = 86_400.0;

impl RainHistory {
    /// Of a series between two times; its rows before `from_s` are the days before.
    pub fn of(rain_mm_h: &StepSeries, from_s: f64, until_s: f64) -> Self {
        let sums = CumulativeRain::new(rain_mm_h);
        let mut history = Self::default();
        for h in [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 72.0] {
            let Some(limit) = IntensityDuration::ALL[0].mm_h(h) else { continue };
            let ratio = sums.maximum(h, from_s, until_s).rain_mm / h / limit;
            if ratio > history.caine_ratio {
                (history.caine_ratio, history.caine_h) = (ratio, h);
            }
        }
        let first = rain_mm_h.time_s.first().copied().unwrap_or(from_s);
        let days = ((from_s - first) / DAY_S + 1e-9).floor().clamp(0.0, DAYS as f64) as usize;
        let day = |k: usize| {
            let end = from_s - (days - 1 - k) as f64 * DAY_S;
            if sums.known_between(end - DAY_S, end) { sums.window_mm(end, DAY_S) } else { f64::NAN }
        };
        let daily: Vec<f64> = (0..days).map(day).collect();
        history.antecedent_mm = if days > 0 { antecedent_index_mm(&daily, ANTECEDENT_FACTOR) } else { None };
        history
    }

    /// The days before were so wet that a slope is judged as one that failed before.
    pub fn is_wet(&self) -> bool {
        self.antecedent_mm.is_some_and(|mm| mm >= ANTECEDENT_HIGH_MM)
    }
}

/// Antecedent rain index, mm: API_t = k·API_{t−1} + P_t over daily sums, oldest first (k = 0.84 for free draining to 0.98; 0.88 is
/// usual). A day that is unknown (NaN) makes the index unknown.
pub fn antecedent_index_mm(daily_mm: &[f64], k: f64) -> Option<f64> {
    daily_mm.iter().try_fold(0.0, |index, day| day.is_finite().then_some(k * index + day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_before_and_the_curve_of_a_series() {
        // 100 mm on the second day before, 60 mm on the day before, then 90 mm in three hours.
        let series = StepSeries {
            time_s: vec![-2.0 * DAY_S, -DAY_S, 0.0, 10_800.0],
            value: vec![100.0 / 24.0, 60.0 / 24.0, 30.0, 0.0],
        };
        let h = RainHistory::of(&series, 0.0, DAY_S);
        assert!((h.antecedent_mm.unwrap_or(0.0) - (0.88 * 100.0 + 60.0)).abs() < 1e-9 && h.is_wet());
        assert_eq!(h.caine_h, 3.0);
        assert!((h.caine_ratio - 30.0 / (14.82 * libm::pow(3.0, -0.39))).abs() < 1e-9);
        let dry = StepSeries { time_s: vec![0.0, 10_800.0], value: vec![30.0, 0.0] };
        let h = RainHistory::of(&dry, 0.0, DAY_S);
        assert!(h.antecedent_mm.is_none() && !h.is_wet(), "no day before is known: not dry, unknown");
        let gap = StepSeries { time_s: vec![-DAY_S, -3600.0, 0.0], value: vec![9.0, f64::NAN, 0.0] };
        assert!(RainHistory::of(&gap, 0.0, DAY_S).antecedent_mm.is_none());
    }

    #[test]
    fn the_index_fades_and_a_gap_makes_it_unknown() {
        assert_eq!(antecedent_index_mm(&[100.0, 0.0, 10.0], 0.5), Some(35.0));
        assert_eq!(antecedent_index_mm(&[100.0, f64::NAN, 10.0], 0.5), None);
        assert_eq!(IntensityDuration::ALL[0].mm_h(600.0), None);
    }
}
