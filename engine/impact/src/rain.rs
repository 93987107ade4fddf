//! Rolling rain of a scenario in the windows that plans and products speak of.

use crate::model::{RainSummary, WindowMaximum};
use dayu_storm::{CumulativeRain, ROLLING_WINDOWS_H, RainField, rolling_maxima};
use dayu_terrain::GridSpec;

/// Largest rolling rain per window (those not longer than the scenario), total and time of the wettest hour.
///
/// `active` marks the cells of the district mean. A part of the rain that is unknown adds nothing: the sums are then lower
/// bounds (the rain's own findings name the gaps), and a window of which nothing at all is known stays `None`. Without any rain
/// entry every window is `None`: not told is not dry. `observed_point_mm` counts windows that end by `as_of_s`; `None` when
/// nothing of the scenario lies before it.
pub fn summarise_rain(
    rain: &RainField,
    grid: &GridSpec,
    active: &[bool],
    duration_s: f64,
    as_of_s: f64,
) -> RainSummary {
    let lengths: Vec<f64> = ROLLING_WINDOWS_H.into_iter().filter(|h| h * 3600.0 <= duration_s + 1e-6).collect();
    if rain.sources.is_empty() {
        let nothing =
            |window_h| WindowMaximum { window_h, areal_mm: None, point_mm: None, at_s: None, observed_point_mm: None };
        return RainSummary { windows: lengths.into_iter().map(nothing).collect(), ..RainSummary::default() };
    }
    let areal = CumulativeRain::new(&rain.areal_series(grid, active));
    let mean = rolling_maxima(&areal, &lengths, 0.0, duration_s);
    let point = rain.point_maxima(grid, &lengths, 0.0, duration_s);
    let until_s = as_of_s.min(duration_s);
    let observed = if until_s > 0.0 { rain.point_maxima(grid, &lengths, 0.0, until_s) } else { Vec::new() };
    let known = |m: &dayu_storm::WindowMaximum| (m.complete || m.rain_mm > 0.0).then_some(m.rain_mm);
    let windows: Vec<WindowMaximum> = lengths
        .iter()
        .enumerate()
        .map(|(k, &window_h)| WindowMaximum {
            window_h,
            areal_mm: mean.get(k).and_then(known),
            point_mm: point.get(k).and_then(known),
            at_s: point.get(k).filter(|m| m.rain_mm > 0.0).map(|m| m.end_s),
            observed_point_mm: observed.get(k).and_then(known),
        })
        .collect();
    // A scenario shorter than an hour has no hourly window; its wettest hour is then not told.
    let peak_at_s = windows.iter().find(|w| w.window_h == 1.0).and_then(|w| w.at_s);
    RainSummary { windows, total_mm: areal.until(duration_s), peak_at_s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_storm::{RainSource, StepSeries};

    const GRID: GridSpec = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 2, ny: 1 };

    #[test]
    fn windows_total_and_observed_part() {
        let series = StepSeries { time_s: vec![0.0, 3600.0, 7200.0, 10_800.0], value: vec![10.0, 50.0, 20.0, 0.0] };
        let rain = RainField { sources: vec![RainSource::Uniform(series)] };
        let s = summarise_rain(&rain, &GRID, &[true, true], 14_400.0, 3600.0);
        assert_eq!(s.windows.iter().map(|w| w.window_h).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 4.0]);
        assert_eq!(
            s.windows.iter().map(|w| w.point_mm.map(f64::round)).collect::<Vec<_>>(),
            [50.0, 70.0, 80.0, 80.0].map(Some)
        );
        assert_eq!(s.windows[0].observed_point_mm.map(f64::round), Some(10.0));
        assert_eq!(s.peak_at_s, Some(7200.0));
        assert!((s.total_mm - 80.0).abs() < 1e-9);
        assert_eq!(summarise_rain(&rain, &GRID, &[true, true], 14_400.0, 0.0).windows[0].observed_point_mm, None);
    }

    #[test]
    fn no_rain_entry_and_unknown_rain_are_not_dry() {
        let none = summarise_rain(&RainField::default(), &GRID, &[true, true], 7200.0, 7200.0);
        assert!(none.windows.len() == 2 && none.windows.iter().all(|w| w.point_mm.is_none()));
        let gap = StepSeries { time_s: vec![0.0], value: vec![f64::NAN] };
        let rain = RainField { sources: vec![RainSource::Uniform(gap)] };
        let unknown = summarise_rain(&rain, &GRID, &[true, true], 7200.0, 7200.0);
        assert!(unknown.windows.iter().all(|w| w.point_mm.is_none() && w.areal_mm.is_none()));
    }
}
