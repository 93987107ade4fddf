//! Many slopes under many courses of rain, row by row of one length: what an ensemble needs.

use crate::SlopeThresholds;
use crate::stability::{StabilityModel, colour_of};
use dayu_base::RiskColour;
use rayon::prelude::*;

/// A course of rain in rows of one length.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EvenRain {
    /// length of a row, s
    pub row_s: f64,
    /// rows
    pub rows: usize,
}

/// A slope of an ensemble.
#[derive(Clone, Debug, Default)]
pub struct SlopeUnderRain {
    /// class 1 or failed before: orange becomes red
    pub grave: bool,
    /// second tier, where geometry and soil are known
    pub stability: Option<StabilityModel>,
}

/// What the members say of a slope.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberVerdict {
    /// members in which the slope is at least blue, yellow, orange, red
    pub reached: [u32; 4],
    /// largest rain over threshold of each member, in the members' order
    pub ratio: Vec<f32>,
    /// mean over the members of the probability that the slope fails; `None` without the second tier
    pub failing: Option<f64>,
}

/// Judges every slope under every member. `rain` writes the rain of a slope in a member, mm per row; it is called once for each pair.
///
/// Costs about rows × windows additions a pair (72 h by the hour and seven windows: under a microsecond), and rows × 64 × 2 more where
/// the second tier is known. Slopes are independent: any number of threads gives the same result.
pub fn assess_members(
    slopes: &[SlopeUnderRain],
    members: usize,
    rain: &(dyn Fn(usize, usize, &mut [f64]) + Sync),
    course: EvenRain,
    thresholds: &SlopeThresholds,
) -> Vec<MemberVerdict> {
    // A window that is no whole number of rows is taken shorter; one longer than the course is the whole course.
    let windows: Vec<(usize, f64)> = thresholds
        .curve
        .iter()
        .filter(|c| c.window_h > 0.0 && c.rain_mm > 0.0)
        .map(|c| (((c.window_h * 3600.0 / course.row_s + 1e-9) as usize).clamp(1, course.rows.max(1)), 1.0 / c.rain_mm))
        .collect();
    let steps = |grave: bool| {
        let red = if grave { thresholds.act_ratio } else { thresholds.severe_ratio };
        [thresholds.watch_ratio, thresholds.warn_ratio, thresholds.act_ratio, red]
    };
    slopes
        .par_iter()
        .enumerate()
        .map_init(
            || (vec![0.0; course.rows], vec![0.0; course.rows + 1], Vec::with_capacity(course.rows)),
            |(rows, sums, taken), (k, slope)| {
                let mut verdict = MemberVerdict { reached: [0; 4], ratio: Vec::with_capacity(members), failing: None };
                let mut failing = 0.0;
                let mut stability = slope.stability.as_ref().map(|m| m.for_members(course.row_s, course.rows));
                for member in 0..members {
                    rain(k, member, rows);
                    for (i, mm) in rows.iter().enumerate() {
                        sums[i + 1] = sums[i] + mm;
                    }
                    let mut ratio: f64 = 0.0;
                    for (length, per_mm) in &windows {
                        let most = sums[*length..].iter().zip(sums.iter()).map(|(b, a)| b - a).fold(0.0, f64::max);
                        ratio = ratio.max(most * per_mm);
                    }
                    verdict.ratio.push(ratio as f32);
                    let colour = match &mut stability {
                        Some(model) => {
                            let p = model.failing(rows, taken);
                            failing += p / members as f64;
                            colour_of(p)
                        }
                        None => {
                            let reached = steps(slope.grave).iter().filter(|from| ratio >= **from).count();
                            [RiskColour::Low, RiskColour::Blue, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red]
                                [reached]
                        }
                    };
                    let all = [RiskColour::Blue, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red];
                    for (count, from) in verdict.reached.iter_mut().zip(all) {
                        *count += u32::from(colour >= from);
                    }
                }
                verdict.failing = slope.stability.is_some().then_some(failing);
                verdict
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::{SlopeGeometry, SoilClass, assess_slope};
    use dayu_storm::StepSeries;

    const COURSE: EvenRain = EvenRain { row_s: 3600.0, rows: 72 };

    /// A storm that grows with the member.
    fn rain(slope: usize, member: usize, rows: &mut [f64]) {
        for (k, mm) in rows.iter_mut().enumerate() {
            *mm = if (20..32).contains(&k) { 2.0 + member as f64 * 3.0 + (slope % 7) as f64 } else { 0.1 };
        }
    }

    #[test]
    fn members_agree_with_one_slope_at_a_time() {
        let stability =
            StabilityModel::new(&SlopeGeometry { slope_deg: 36.0, soil_depth_m: None }, SoilClass::Colluvium);
        let slopes = vec![
            SlopeUnderRain::default(),
            SlopeUnderRain { grave: true, stability: None },
            SlopeUnderRain { grave: false, stability },
        ];
        let thresholds = SlopeThresholds::default();
        let verdicts = assess_members(&slopes, 10, &rain, COURSE, &thresholds);
        for (k, verdict) in verdicts.iter().enumerate().take(2) {
            let mut reached = [0; 4];
            for member in 0..10 {
                let mut rows = vec![0.0; 72];
                rain(k, member, &mut rows);
                let time_s = (0..72).map(|h| f64::from(h) * 3600.0).collect();
                let series = StepSeries { time_s, value: rows };
                let s = assess_slope(&series, None, slopes[k].grave, &thresholds, 0.0, 72.0 * 3600.0);
                assert!((s.ratio - f64::from(verdict.ratio[member])).abs() < 1e-6);
                for (count, c) in
                    reached.iter_mut().zip([RiskColour::Blue, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red])
                {
                    *count += u32::from(s.colour >= c);
                }
            }
            assert_eq!(verdict.reached, reached);
        }
        assert!(verdicts[2].failing.unwrap() > 0.0 && verdicts[0].failing.is_none());
    }
}
