use super::formula::RainFormula;
use crate::WindowMaximum;
use dayu_base::{Finding, Text};

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

/// Return period of the largest rain of each window within the formula's durations, and whether it lies beyond the design standard
/// (years).
pub fn window_recurrences(
    formula: &RainFormula,
    maxima: &[WindowMaximum],
    design_a: Option<f64>,
) -> Vec<WindowRecurrence> {
    let [shortest, longest] = formula.t_range_min.unwrap_or([5.0, 180.0]);
    let covered = |m: &&WindowMaximum| (shortest - 1e-9..=longest + 1e-9).contains(&(m.window_h * 60.0));
    maxima
        .iter()
        .filter(covered)
        .map(|best| {
            let window_min = best.window_h * 60.0;
            let recurrence = recurrence_of(formula, window_min, best.rain_mm);
            let beyond = |p: f64| design_a.is_some_and(|d| p > d * (1.0 + 1e-6));
            let beyond_design = match recurrence {
                Recurrence::Below(_) => false,
                Recurrence::Years(p) => beyond(p),
                // Above the formula's longest period it is beyond every design standard the formula can serve.
                Recurrence::Beyond(_) => design_a.is_some(),
            };
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

/// The rarities as one finding: `SCN-229`, a warning 超设计 when any window lies beyond the design standard; and the formula's own
/// doubts.
pub fn recurrence_findings(
    formula: &RainFormula,
    rarities: &[WindowRecurrence],
    design_a: Option<f64>,
) -> Vec<Finding> {
    if rarities.is_empty() {
        return Vec::new();
    }
    let line = |r: &WindowRecurrence| {
        let (zh, en) = match r.recurrence {
            Recurrence::Below(p) => (format!("不足 {p:.0} 年一遇"), format!("below {p:.0} a")),
            Recurrence::Years(p) => (format!("约 {p:.0} 年一遇"), format!("about {p:.0} a")),
            Recurrence::Beyond(p) => (format!("超过 {p:.0} 年一遇"), format!("beyond {p:.0} a")),
        };
        let at_least = if r.complete { "" } else { "≥ " };
        (
            format!("{:.0} min {at_least}{:.1} mm {zh}", r.window_min, r.rain_mm),
            format!("{:.0} min {at_least}{:.1} mm {en}", r.window_min, r.rain_mm),
        )
    };
    let (zh, en): (Vec<String>, Vec<String>) = rarities.iter().map(line).unzip();
    let (zh, en) = (zh.join("；"), en.join("; "));
    let mut findings = if rarities.iter().any(|r| r.beyond_design) {
        let d = design_a.unwrap_or(f64::NAN);
        vec![Finding::warning(
            "SCN-229",
            Text::new(
                format!("超设计降雨：超过 {d:.0} 年一遇的内涝防治标准。{zh}（按“{}”）", formula.name.zh),
                format!("rain beyond the design standard of {d:.0} a: {en} (by '{}')", formula.id),
            ),
            Text::new(
                "排水设施能力已不足以应对，按超标准降雨预案处置",
                "the drains are not made for it: act by the plan for rain beyond the standard",
            ),
        )]
    } else {
        vec![Finding::info(
            "SCN-229",
            Text::new(
                format!("降雨重现期（最大点雨量，按“{}”）：{zh}", formula.name.zh),
                format!("return period of the largest point rain (by '{}'): {en}", formula.id),
            ),
            Text::default(),
        )]
    };
    findings.extend(formula.doubts(60.0, 60.0));
    findings
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::design::{chicago, rain_formula, rain_formulas};
    use crate::{CumulativeRain, StepSeries, rolling_maxima};

    #[test]
    fn a_design_storm_has_its_own_return_period() {
        let formula = rain_formula("shenzhen-central-2024").unwrap();
        let storm = chicago(&formula.curve(50.0).unwrap(), 10_800.0, 0.4, 60.0);
        let maxima = |s: &StepSeries| rolling_maxima(&CumulativeRain::new(s), &[3.0, 24.0], 0.0, 20_000.0);
        let found = window_recurrences(&formula, &maxima(&storm), Some(30.0));
        assert_eq!(found.len(), 1, "1440 min lies outside the formula");
        let Recurrence::Years(p) = found[0].recurrence else { panic!("{found:?}") };
        // The last digits differ: beside the listed 50 a stands the interval formula.
        assert!((p - 50.0).abs() < 1.5, "{p}");
        assert!(found[0].beyond_design && found[0].complete);
        let said = recurrence_findings(&formula, &found, Some(30.0));
        assert!(said[0].severity == dayu_base::Severity::Warning && said[0].message.zh.contains("超设计"));
        let lenient = window_recurrences(&formula, &maxima(&storm), Some(100.0));
        assert!(!lenient[0].beyond_design);
        assert_eq!(recurrence_findings(&formula, &lenient, Some(100.0))[0].severity, dayu_base::Severity::Info);
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
