use crate::SlopeThresholds;
use dayu_base::RiskColour;
use dayu_storm::{CumulativeRain, StepSeries};

/// What rain does to one place with a slope.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeState {
    /// colour class: blue from 0.5 × the curve (watch), yellow from 0.6 × (warn), orange from 1.0 × (act), red from 1.0 × with a past
    /// failure or class 1, else from 1.25 ×; unknown when some of the rain is unknown and what is known does not yet make it red
    pub colour: RiskColour,
    /// window whose ratio decides, h
    pub window_h: f64,
    /// largest rolling rain of that window, mm
    pub rain_mm: f64,
    /// threshold of that window, mm
    pub threshold_mm: f64,
    /// `rain_mm / threshold_mm`, the largest over windows
    pub ratio: f64,
    /// first time the warn ratio was reached, s from start
    pub warn_at_s: Option<f64>,
    /// first time the act ratio was reached, s from start
    pub act_at_s: Option<f64>,
    /// false when some of the rain is unknown: ratio and rain are then lower bounds
    pub complete: bool,
    /// colour by the known rain alone, a lower bound when `complete` is false
    pub at_least: RiskColour,
}

/// Judges a slope by the rain at its place between `from_s` and `until_s` (the end, or the instant up to which rain is known).
/// Rows before `from_s` count in the windows, so antecedent rain may be given.
///
/// `class` is the safety class of the slope, 1 (gravest) to 3, when it is known. When some of the rain is unknown the colour is
/// `Unknown` unless the known rain alone already makes it red: a gap never reads as safety, and never hides the worst. With no
/// threshold, or none that is positive, the colour is `Unknown` too.
///
/// Costs (rows × windows) per slope: thousands of slopes take milliseconds.
pub fn assess_slope(
    rain_mm_h: &StepSeries,
    class: Option<u8>,
    past_failure: bool,
    thresholds: &SlopeThresholds,
    from_s: f64,
    until_s: f64,
) -> SlopeState {
    let rain = CumulativeRain::new(rain_mm_h);
    let usable = || thresholds.curve.iter().filter(|c| c.window_h > 0.0 && c.rain_mm > 0.0);
    let mut state = SlopeState {
        colour: RiskColour::Unknown,
        window_h: 0.0,
        rain_mm: 0.0,
        threshold_mm: 0.0,
        ratio: 0.0,
        warn_at_s: None,
        act_at_s: None,
        complete: !rain_mm_h.time_s.is_empty() && usable().next().is_some(),
        at_least: RiskColour::Unknown,
    };
    for curve in usable() {
        let best = rain.maximum(curve.window_h, from_s, until_s);
        state.complete &= best.complete;
        let ratio = best.rain_mm / curve.rain_mm;
        if state.window_h == 0.0 || ratio > state.ratio {
            (state.window_h, state.rain_mm, state.threshold_mm, state.ratio) =
                (curve.window_h, best.rain_mm, curve.rain_mm, ratio);
        }
        for (share, first) in
            [(thresholds.warn_ratio, &mut state.warn_at_s), (thresholds.act_ratio, &mut state.act_at_s)]
        {
            if ratio >= share {
                let at = rain.first_reach(curve.window_h, share * curve.rain_mm, from_s, until_s).unwrap_or(best.end_s);
                *first = Some(first.map_or(at, |earlier: f64| earlier.min(at)));
            }
        }
    }
    if state.window_h > 0.0 && !rain_mm_h.time_s.is_empty() {
        state.at_least = colour(state.ratio, class == Some(1) || past_failure, thresholds);
    }
    let decided = state.complete || state.at_least == RiskColour::Red;
    state.colour = if decided { state.at_least } else { RiskColour::Unknown };
    state
}

fn colour(ratio: f64, grave: bool, thresholds: &SlopeThresholds) -> RiskColour {
    let steps = [
        (if grave { thresholds.act_ratio } else { thresholds.severe_ratio }, RiskColour::Red),
        (thresholds.act_ratio, RiskColour::Orange),
        (thresholds.warn_ratio, RiskColour::Yellow),
        (thresholds.watch_ratio, RiskColour::Blue),
    ];
    steps.into_iter().find(|(from, _)| ratio >= *from).map_or(RiskColour::Low, |(_, colour)| colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hourly(values: &[f64]) -> StepSeries {
        let time_s = (0..=values.len()).map(|k| k as f64 * 3600.0).collect();
        StepSeries { time_s, value: values.iter().copied().chain([0.0]).collect() }
    }

    fn state(values: &[f64], class: Option<u8>, past_failure: bool) -> SlopeState {
        assess_slope(&hourly(values), class, past_failure, &SlopeThresholds::default(), 0.0, 86_400.0)
    }

    #[test]
    fn colours_follow_the_ratio_of_one_hour() {
        for (rain, colour) in [
            (30.0, RiskColour::Low),
            (38.0, RiskColour::Blue),
            (46.0, RiskColour::Yellow),
            (76.0, RiskColour::Orange),
            (94.0, RiskColour::Red),
        ] {
            let s = state(&[rain], Some(2), false);
            assert_eq!((s.colour, s.window_h, s.threshold_mm, s.complete), (colour, 1.0, 75.0, true), "{rain} mm");
        }
    }

    #[test]
    fn past_failure_or_class_one_raises_orange_to_red() {
        assert_eq!(state(&[76.0], Some(1), false).colour, RiskColour::Red);
        assert_eq!(state(&[76.0], None, true).colour, RiskColour::Red);
        assert_eq!(state(&[46.0], Some(1), true).colour, RiskColour::Yellow, "below act nothing is raised");
    }

    #[test]
    fn the_longest_rain_may_decide() {
        let s = state(&[10.0; 24], None, false);
        assert_eq!((s.window_h, s.rain_mm.round(), s.colour), (24.0, 240.0, RiskColour::Orange));
        // 0.6 × 200 mm after 12 h, but 0.6 × 180 mm in 12 h already after 10.8 h and 0.6 × 100 mm in 4 h never.
        assert!(s.warn_at_s.is_some_and(|t| (t / 3600.0 - 10.8).abs() < 1e-9));
        assert!(s.act_at_s.is_some_and(|t| (t / 3600.0 - 20.0).abs() < 1e-9));
    }

    #[test]
    fn only_rain_until_the_cut_counts() {
        let series = hourly(&[0.0, 40.0, 100.0]);
        let cut = assess_slope(&series, None, false, &SlopeThresholds::default(), 0.0, 7200.0);
        assert_eq!((cut.colour, cut.rain_mm.round(), cut.act_at_s), (RiskColour::Blue, 40.0, None));
    }

    #[test]
    fn unknown_rain_is_not_safety() {
        let gap = state(&[10.0, f64::NAN, 5.0], None, false);
        assert_eq!((gap.colour, gap.complete, gap.at_least), (RiskColour::Unknown, false, RiskColour::Low));
        let red = state(&[100.0, f64::NAN], None, false);
        assert_eq!((red.colour, red.complete), (RiskColour::Red, false));
        let none = StepSeries { time_s: vec![], value: vec![] };
        let empty = assess_slope(&none, None, false, &SlopeThresholds::default(), 0.0, 3600.0);
        assert_eq!((empty.colour, empty.complete), (RiskColour::Unknown, false));
        let no_curve = SlopeThresholds { curve: vec![], ..SlopeThresholds::default() };
        assert_eq!(assess_slope(&hourly(&[9.0]), None, false, &no_curve, 0.0, 3600.0).colour, RiskColour::Unknown);
    }
}
