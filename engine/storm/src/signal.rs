//! Colours of warning signals that the rain (or wind) would call for: proposals, never official signals.

use crate::{CumulativeRain, StepSeries};
use dayu_base::RiskColour;

/// A threshold of the rainstorm signal (暴雨预警信号).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RainSignalRule {
    /// colour
    pub colour: RiskColour,
    /// window, h
    pub window_h: f64,
    /// rain of the window, mm
    pub rain_mm: f64,
}

/// The four national colours (China Meteorological Administration; read on weather.cma.cn, mark V): will reach, or has reached and
/// may last.
pub const RAIN_SIGNALS: [RainSignalRule; 4] = [
    RainSignalRule { colour: RiskColour::Red, window_h: 3.0, rain_mm: 100.0 },
    RainSignalRule { colour: RiskColour::Orange, window_h: 3.0, rain_mm: 50.0 },
    RainSignalRule { colour: RiskColour::Yellow, window_h: 6.0, rain_mm: 50.0 },
    RainSignalRule { colour: RiskColour::Blue, window_h: 12.0, rain_mm: 50.0 },
];

/// A colour the series calls for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proposal {
    /// colour
    pub colour: RiskColour,
    /// window of the threshold, h
    pub window_h: f64,
    /// largest value of the window: mm, or m/s for wind
    pub value: f64,
    /// first time the threshold is reached, s
    pub reached_s: f64,
    /// from when the signal would be due: the window's length before that, not before the first second asked about
    pub due_s: f64,
}

/// Highest colour of rain reached between two times, with all of the rules looked at; and whether all of that rain is known. Without
/// any threshold reached: `None`, and with `false` it is unknown, not calm.
pub fn propose_rain_signal(rain: &CumulativeRain, from_s: f64, until_s: f64) -> (Option<Proposal>, bool) {
    let longest_s = 12.0 * 3600.0;
    let known = rain.known_between(from_s - longest_s, until_s);
    let reached = RAIN_SIGNALS.iter().find_map(|rule| {
        let reached_s = rain.first_reach(rule.window_h, rule.rain_mm, from_s, until_s)?;
        Some(Proposal {
            colour: rule.colour,
            window_h: rule.window_h,
            value: rain.maximum(rule.window_h, from_s, until_s).rain_mm,
            reached_s,
            due_s: (reached_s - rule.window_h * 3600.0).max(from_s),
        })
    });
    (reached, known)
}

/// Thresholds of the typhoon signal (台风预警信号; mark V): within hours, mean wind at least, or gust at least, m/s (lower limits of
/// Beaufort 6/8, 8/10, 10/12, 12/14, GB/T 28591).
const WIND_SIGNALS: [(RiskColour, f64, f64, f64); 4] = [
    (RiskColour::Red, 6.0, 32.7, 41.5),
    (RiskColour::Orange, 12.0, 24.5, 32.7),
    (RiskColour::Yellow, 24.0, 17.2, 24.5),
    (RiskColour::Blue, 24.0, 10.8, 17.2),
];

/// Highest colour the wind calls for between two times. Mean and gust are step series of m/s; one of them may be unknown.
pub fn propose_wind_signal(
    mean_m_s: Option<&StepSeries>,
    gust_m_s: Option<&StepSeries>,
    from_s: f64,
    until_s: f64,
) -> Option<Proposal> {
    let first = |series: Option<&StepSeries>, least: f64| -> Option<(f64, f64)> {
        let s = series?;
        (0..s.time_s.len())
            .filter(|&k| s.value[k] >= least)
            .map(|k| (s.time_s[k].max(from_s), s.time_s.get(k + 1).copied().unwrap_or(f64::INFINITY), s.value[k]))
            .find(|(at, end, _)| *at <= until_s && *end > from_s)
            .map(|(at, _, v)| (at, v))
    };
    WIND_SIGNALS.iter().find_map(|&(colour, window_h, mean, gust)| {
        let found = [first(mean_m_s, mean), first(gust_m_s, gust)];
        let (reached_s, value) = found.into_iter().flatten().min_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(Proposal { colour, window_h, value, reached_s, due_s: (reached_s - window_h * 3600.0).max(from_s) })
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn hourly(values: &[f64]) -> CumulativeRain {
        let time_s = (0..=values.len()).map(|k| k as f64 * 3600.0).collect();
        CumulativeRain::new(&StepSeries { time_s, value: values.iter().copied().chain([0.0]).collect() })
    }

    fn colour(values: &[f64]) -> Option<RiskColour> {
        propose_rain_signal(&hourly(values), 0.0, 20.0 * 3600.0).0.map(|p| p.colour)
    }

    #[test]
    fn each_colour_at_its_threshold() {
        assert_eq!(colour(&[4.0; 12]), None, "48 mm in 12 h");
        assert_eq!(colour(&[4.5; 12]), Some(RiskColour::Blue));
        assert_eq!(colour(&[9.0; 6]), Some(RiskColour::Yellow));
        assert_eq!(colour(&[20.0, 20.0, 10.0]), Some(RiskColour::Orange));
        assert_eq!(colour(&[20.0, 40.0, 40.0]), Some(RiskColour::Red));
    }

    #[test]
    fn window_value_and_times_are_told() {
        let (p, known) = propose_rain_signal(&hourly(&[0.0, 0.0, 0.0, 60.0, 0.0]), 0.0, 10.0 * 3600.0);
        let p = p.unwrap();
        assert_eq!((p.colour, p.window_h, p.value.round()), (RiskColour::Orange, 3.0, 60.0));
        assert!(
            (p.reached_s - (3.0 + 50.0 / 60.0) * 3600.0).abs() < 1e-6
                && (p.due_s - (p.reached_s - 10_800.0)).abs() < 1e-6
        );
        assert!(known);
        let (none, known) = propose_rain_signal(&hourly(&[1.0, f64::NAN, 1.0]), 0.0, 10_800.0);
        assert!(none.is_none() && !known);
    }

    #[test]
    fn wind_by_mean_or_gust() {
        let s = |v: &[f64]| StepSeries { time_s: (0..v.len()).map(|k| k as f64 * 3600.0).collect(), value: v.to_vec() };
        let colour = |mean: Option<&[f64]>, gust: Option<&[f64]>| {
            propose_wind_signal(mean.map(s).as_ref(), gust.map(s).as_ref(), 0.0, 36_000.0).map(|p| p.colour)
        };
        assert_eq!(colour(Some(&[5.0, 10.7]), None), None);
        assert_eq!(colour(Some(&[5.0, 10.8]), None), Some(RiskColour::Blue));
        assert_eq!(colour(Some(&[5.0, 11.0]), Some(&[33.0])), Some(RiskColour::Orange));
        assert_eq!(colour(None, Some(&[f64::NAN, 41.5])), Some(RiskColour::Red));
        assert_eq!(colour(None, None), None);
    }
}
