use super::formula::IntensityCurve;
use crate::StepSeries;
use dayu_base::{Finding, Text};

/// Most rows of a design storm.
const MOST_STEPS: f64 = 100_000.0;

/// Checks duration, step and peak ratio of a design storm.
///
/// # Errors
/// `SCN-225` naming the key.
pub fn design_soundness(curve: &IntensityCurve, duration_s: f64, step_s: f64, peak_ratio: f64) -> Result<(), Finding> {
    let refuse = |key: &str, value: f64, zh: &str, en: &str| {
        Err(Finding::error(
            "SCN-225",
            Text::new(format!("{key} = {value} 不可用"), format!("{key} = {value} cannot be used")),
            Text::new(zh, en),
        )
        .field(key))
    };
    if !(duration_s.is_finite() && duration_s > 0.0) {
        return refuse("duration_s", duration_s, "历时应大于 0", "use a duration above 0");
    }
    if !(step_s.is_finite() && step_s > 0.0 && step_s <= duration_s) || duration_s / step_s > MOST_STEPS {
        return refuse(
            "step_s",
            step_s,
            "步长应大于 0、不超过历时，且不超过十万步",
            "use a step above 0, not above the duration, and at most 100 000 steps",
        );
    }
    if !(0.0..=1.0).contains(&peak_ratio) {
        return refuse("peak_ratio", peak_ratio, "雨峰系数应在 0–1 之间", "use 0–1");
    }
    if duration_s / 60.0 > curve.longest_min() {
        return refuse(
            "duration_s",
            duration_s,
            "超过该公式雨量随历时增加的范围",
            "beyond the duration up to which the formula's rain rises",
        );
    }
    Ok(())
}

/// Rain of the whole design storm, mm.
pub fn total_mm(curve: &IntensityCurve, duration_s: f64) -> f64 {
    curve.depth_mm(duration_s / 60.0)
}

/// Ends of the steps: whole steps, the last one shorter where the duration is no multiple.
fn edges(duration_s: f64, step_s: f64) -> Vec<f64> {
    let count = (duration_s / step_s - 1e-9).ceil().max(1.0) as usize;
    (0..=count).map(|k| if k == count { duration_s } else { k as f64 * step_s }).collect()
}

/// Rows of mm/h from the sums at the edges, ended by a row of 0.
fn rows(edges: &[f64], sums_mm: &[f64]) -> StepSeries {
    let mut value: Vec<f64> = edges
        .windows(2)
        .zip(sums_mm.windows(2))
        .map(|(t, s)| (s[1] - s[0]).max(0.0) * 3600.0 / (t[1] - t[0]))
        .collect();
    value.push(0.0);
    StepSeries { time_s: edges.to_vec(), value }
}

/// Chicago hyetograph (Keifer & Chu 1957) of `i = a/(t+b)^n` with the peak at `peak_ratio` of the duration.
///
/// Keifer and Chu split every duration around the peak in the ratio r : 1 − r, so the rain between the peak and a time τ
/// before it is r·H(τ/r), after it (1 − r)·H(τ/(1 − r)), with H(t) = a·t/(t+b)^n. Steps are differences of these sums: each is
/// the exact mean over its step and all together are H(duration), whatever step and ratio.
pub fn chicago(curve: &IntensityCurve, duration_s: f64, peak_ratio: f64, step_s: f64) -> StepSeries {
    let edges = edges(duration_s, step_s);
    let peak_s = peak_ratio * duration_s;
    let limb = |share: f64, tau_s: f64| if share > 0.0 { share * curve.depth_mm(tau_s / share / 60.0) } else { 0.0 };
    let before_peak = limb(peak_ratio, peak_s);
    let sums: Vec<f64> = edges
        .iter()
        .map(|&t| {
            if t <= peak_s {
                before_peak - limb(peak_ratio, peak_s - t)
            } else {
                before_peak + limb(1.0 - peak_ratio, t - peak_s)
            }
        })
        .collect();
    rows(&edges, &sums)
}

/// Alternating block storm (Chow, Maidment & Mays 1988, §14.4): increments of the depth–duration curve, the largest in the block
/// that holds the peak, the next ones in turn after and before it.
pub fn alternating_block(curve: &IntensityCurve, duration_s: f64, peak_ratio: f64, step_s: f64) -> StepSeries {
    let edges = edges(duration_s, step_s);
    let count = edges.len() - 1;
    let sums: Vec<f64> = edges.iter().map(|t| curve.depth_mm(t / 60.0)).collect();
    let mut blocks: Vec<f64> = sums.windows(2).map(|s| s[1] - s[0]).collect();
    blocks.sort_by(|a, b| b.total_cmp(a));
    let peak = ((peak_ratio * count as f64) as usize).min(count - 1);
    let mut order = vec![peak];
    for away in 1..count {
        order.extend((peak + away < count).then_some(peak + away));
        order.extend(peak.checked_sub(away));
    }
    let mut placed = vec![0.0; count];
    for (slot, block) in order.into_iter().zip(blocks) {
        placed[slot] = block;
    }
    let mut sum = 0.0;
    let mut placed_sums = vec![0.0];
    for block in placed {
        sum += block;
        placed_sums.push(sum);
    }
    rows(&edges, &placed_sums)
}

/// Scales an observed course to a design total: same shape, every row multiplied alike. The course is a step series that ends
/// with a row of 0.
///
/// # Errors
/// `SCN-226` when the course has a gap, is endless (last row not 0) or has no rain.
pub fn scale_profile(profile: &StepSeries, total_mm: f64) -> Result<StepSeries, Finding> {
    let refuse = |zh: &str, en: &str, mend_zh: &str, mend_en: &str| {
        Err(Finding::error("SCN-226", Text::new(zh, en), Text::new(mend_zh, mend_en)).field("series"))
    };
    if let Some(row) = profile.value.iter().position(|v| !(v.is_finite() && *v >= 0.0)) {
        return refuse(
            &format!("实测雨型第 {} 行缺测或为负", row + 1),
            &format!("row {} of the profile is unknown or negative", row + 1),
            "补全雨型",
            "complete the profile",
        );
    }
    if profile.value.last().is_none_or(|v| *v > 0.0) {
        return refuse(
            "实测雨型没有结束：最后一行应为 0",
            "the profile does not end: its last row must be 0",
            "在雨停时刻加一行 0",
            "add a row of 0 when the rain ends",
        );
    }
    let sum: f64 = profile.time_s.windows(2).zip(&profile.value).map(|(t, v)| v * (t[1] - t[0]) / 3600.0).sum();
    if sum <= 0.0 {
        return refuse("实测雨型没有雨", "the profile has no rain", "换用有雨的过程", "use a course with rain");
    }
    let factor = total_mm / sum;
    Ok(StepSeries { time_s: profile.time_s.clone(), value: profile.value.iter().map(|v| v * factor).collect() })
}

/// Areal reduction of point rain: 1 − e^(−1.1·D^0.25) + e^(−1.1·D^0.25 − 0.01·A), D in hours, A in square miles (Leclerc &
/// Schaake 1972, fitted to U.S. Weather Bureau TP-29). Fitted to the United States and quoted from memory: mark R.
pub fn areal_reduction_leclerc_schaake(duration_s: f64, area_km2: f64) -> f64 {
    const KM2_PER_SQUARE_MILE: f64 = 2.589_988_110_336;
    let d = -1.1 * libm::pow(duration_s / 3600.0, 0.25);
    1.0 - libm::exp(d) + libm::exp(d - 0.01 * area_km2 / KM2_PER_SQUARE_MILE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{CumulativeRain, design::rain_formulas};
    use proptest::prelude::*;

    fn sum_mm(series: &StepSeries) -> f64 {
        CumulativeRain::new(series).until(1e9)
    }

    proptest! {
        #[test]
        fn design_storms_hold_the_formulas_total(
            formula in 0_usize..8, p in 1.0_f64..100.0, minutes in 5.0_f64..360.0, ratio in 0.0_f64..=1.0, step in 7.0_f64..1800.0,
        ) {
            let curve = rain_formulas().unwrap()[formula].curve(p).unwrap();
            let (duration_s, step_s) = (minutes * 60.0, step.min(minutes * 60.0));
            prop_assert!(design_soundness(&curve, duration_s, step_s, ratio).is_ok());
            let total = total_mm(&curve, duration_s);
            for series in [chicago(&curve, duration_s, ratio, step_s), alternating_block(&curve, duration_s, ratio, step_s)] {
                prop_assert!((sum_mm(&series) - total).abs() < 1e-9 * total, "{} against {total}", sum_mm(&series));
                prop_assert!(series.time_s.windows(2).all(|w| w[1] > w[0]));
                prop_assert!(series.value.iter().all(|v| v.is_finite() && *v >= 0.0));
                prop_assert_eq!(*series.value.last().unwrap(), 0.0);
            }
        }

        #[test]
        fn no_window_of_a_chicago_storm_exceeds_the_formula(p in 1.0_f64..100.0, ratio in 0.0_f64..=1.0, window_min in 5.0_f64..120.0) {
            let curve = rain_formulas().unwrap()[0].curve(p).unwrap();
            let rain = CumulativeRain::new(&chicago(&curve, 10_800.0, ratio, 60.0));
            let found = rain.maximum(window_min / 60.0, 0.0, 10_800.0).rain_mm;
            let formula = curve.depth_mm(window_min);
            prop_assert!(found <= formula + 1e-9);
            // With steps much shorter than the window the maximum is all but the formula's.
            prop_assert!(found > 0.95 * formula, "{found} against {formula}");
        }
    }

    #[test]
    fn the_peak_stands_where_the_ratio_says() {
        let curve = rain_formulas().unwrap()[0].curve(100.0).unwrap();
        let storm = chicago(&curve, 10_800.0, 0.4, 300.0);
        let peak = (0..storm.value.len()).max_by(|a, b| storm.value[*a].total_cmp(&storm.value[*b])).unwrap();
        // 0.4 × 10 800 s = 4320 s lies in the step 4200–4500 s.
        assert_eq!(storm.time_s[peak], 4200.0);
        assert!((sum_mm(&storm) - 190.929).abs() < 0.01);
        let blocks = alternating_block(&curve, 10_800.0, 0.4, 300.0);
        assert!((blocks.value[14] - curve.depth_mm(5.0) * 12.0).abs() < 1e-9);
    }

    #[test]
    fn bad_storms_are_refused() {
        let curve = IntensityCurve { a: 60.0, b: 30.0, n: 1.016 };
        let code = |d: f64, s: f64, r: f64| design_soundness(&curve, d, s, r).unwrap_err().field;
        assert_eq!(code(0.0, 60.0, 0.4), "duration_s");
        assert_eq!(code(f64::NAN, 60.0, 0.4), "duration_s");
        assert_eq!(code(3600.0, 7200.0, 0.4), "step_s");
        assert_eq!(code(3600.0, 0.0, 0.4), "step_s");
        assert_eq!(code(3600.0, 60.0, 1.4), "peak_ratio");
        assert_eq!(code(3600.0 * 40.0, 600.0, 0.4), "duration_s");
    }

    #[test]
    fn a_profile_keeps_its_shape() {
        let profile = StepSeries { time_s: vec![0.0, 1800.0, 3600.0], value: vec![10.0, 30.0, 0.0] };
        let scaled = scale_profile(&profile, 60.0).unwrap();
        assert_eq!(scaled.value, [30.0, 90.0, 0.0]);
        for (value, word) in
            [(vec![10.0, f64::NAN, 0.0], "缺测"), (vec![1.0, 2.0, 3.0], "没有结束"), (vec![0.0; 3], "没有雨")]
        {
            let bad = StepSeries { time_s: profile.time_s.clone(), value };
            assert!(scale_profile(&bad, 60.0).unwrap_err().message.zh.contains(word));
        }
    }

    #[test]
    fn areal_reduction_falls_with_area_and_rises_with_duration() {
        assert!((areal_reduction_leclerc_schaake(3600.0, 0.0) - 1.0).abs() < 1e-12);
        let f = |h: f64, a: f64| areal_reduction_leclerc_schaake(h * 3600.0, a);
        assert!(f(1.0, 100.0) < f(1.0, 10.0) && f(1.0, 100.0) < f(24.0, 100.0));
        // D = 1 h, A = 100 mi²: 1 − e^−1.1 + e^−2.1 = 0.78959…
        assert!((f(1.0, 258.998_811) - 0.789_585).abs() < 1e-5);
    }
}
