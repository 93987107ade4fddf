use super::formula::RainFormula;
use crate::{CumulativeRain, rolling_maxima};

/// How rare an amount of rain is by a formula.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Recurrence {
    /// rarer than nothing: below the formula's shortest return period, years
    Below(f64),
    /// return period, years
    Years(f64),
    /// beyond the formula's longest return period, years
    Beyond(f64),
}

/// The wettest window of an observed storm and its return period.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowRecurrence {
    /// window, min
    pub window_min: f64,
    /// largest rain, mm
    pub rain_mm: f64,
    /// end of that window, s
    pub end_s: f64,
    /// false: part of the rain is unknown, the storm may have been rarer
    pub complete: bool,
    /// how rare
    pub recurrence: Recurrence,
    /// rarer than the design standard asked about
    pub beyond_design: bool,
}

/// Return period of a depth fallen in a duration, by bisection (depth rises with the return period).
pub fn recurrence_of(formula: &RainFormula, window_min: f64, rain_mm: f64) -> Recurrence {
    let [least, most] = formula.period_range_a();
    let depth = |p: f64| formula.curve(p).map_or(f64::NAN, |c| c.depth_mm(window_min));
    if rain_mm < depth(least) {
        return Recurrence::Below(least);
    }
    if rain_mm > depth(most) {
        return Recurrence::Beyond(most);
    }
    let (mut low, mut high) = (least, most);
    for _ in 0..60 {
        let middle = 0.5 * (low + high);
        if depth(middle) < rain_mm { low = middle } else { high = middle }
    }
    Recurrence::Years(0.5 * (low + high))
}

/// Return period of the wettest part of a storm for each window within the formula's durations, and whether it lies beyond the
/// design standard (years).
pub fn window_recurrences(
    formula: &RainFormula,
    rain: &CumulativeRain,
    windows_min: &[f64],
    from_s: f64,
    until_s: f64,
    design_a: Option<f64>,
) -> Vec<WindowRecurrence> {
    let [shortest, longest] = formula.t_range_min.unwrap_or([5.0, 180.0]);
    let windows: Vec<f64> = windows_min.iter().copied().filter(|w| (shortest..=longest).contains(w)).collect();
    let hours: Vec<f64> = windows.iter().map(|w| w / 60.0).collect();
    rolling_maxima(rain, &hours, from_s, until_s)
        .into_iter()
        .zip(windows)
        .map(|(best, window_min)| {
            let recurrence = recurrence_of(formula, window_min, best.rain_mm);
            let beyond_design = design_a.is_some_and(|d| {
                matches!(recurrence, Recurrence::Beyond(_))
                    || matches!(recurrence, Recurrence::Years(p) if p > d * (1.0 + 1e-6))
            });
            WindowRecurrence {
                window_min,
                rain_mm: best.rain_mm,
                end_s: best.end_s,
                complete: best.complete,
                recurrence,
                beyond_design,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::design::{chicago, rain_formula, rain_formulas};

    #[test]
    fn a_design_storm_has_its_own_return_period() {
        let formula = rain_formula("shenzhen-central-2024").unwrap();
        let storm = chicago(&formula.curve(50.0).unwrap(), 10_800.0, 0.4, 60.0);
        let found =
            window_recurrences(&formula, &CumulativeRain::new(&storm), &[180.0, 1440.0], 0.0, 20_000.0, Some(30.0));
        assert_eq!(found.len(), 1, "1440 min lies outside the formula");
        let Recurrence::Years(p) = found[0].recurrence else { panic!("{found:?}") };
        // The last digits differ: beside the listed 50 a stands the interval formula.
        assert!((p - 50.0).abs() < 1.5, "{p}");
        assert!(found[0].beyond_design && found[0].complete);
        let lenient = window_recurrences(&formula, &CumulativeRain::new(&storm), &[180.0], 0.0, 20_000.0, Some(100.0));
        assert!(!lenient[0].beyond_design);
    }

    #[test]
    fn inverse_of_the_formula() {
        for formula in rain_formulas().unwrap().iter().filter(|f| f.mark.is_unofficial()) {
            for p in [1.5, 3.0, 17.0, 99.0] {
                let mm = formula.curve(p).unwrap().depth_mm(60.0);
                let Recurrence::Years(found) = recurrence_of(formula, 60.0, mm) else { panic!("{p}") };
                assert!((found - p).abs() < 1e-6 * p, "{found} {p}");
            }
        }
    }

    /// Shenzhen, 7–8 September 2023: 246.8 mm in the wettest 3 h at any station (zt.xjrb.net/zt/2023/0908/172908.html).
    #[test]
    fn the_storm_of_7_september_2023_is_beyond_the_formula() {
        let formula = rain_formula("shenzhen-central-2024").unwrap();
        assert_eq!(recurrence_of(&formula, 180.0, 246.8), Recurrence::Beyond(100.0));
        assert_eq!(recurrence_of(&formula, 180.0, 5.0), Recurrence::Below(1.0));
    }
}
