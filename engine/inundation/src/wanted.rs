//! Results that are kept only when they are asked for: time above further depths, depth × speed, the British hazard rating.

use crate::FlowProblem;
use dayu_base::{Finding, Text};

/// What a run keeps beside what it always keeps. Every entry costs memory per cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    /// depths among `thresholds_m` whose time above is summed, m
    pub durations_m: Vec<f64>,
    /// greatest product of depth and speed
    pub product: bool,
    /// greatest hazard rating, with this debris
    pub rating: Option<Debris>,
}

/// The results of [`Wanted`]; one value per cell, NaN in walls.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Further {
    /// per entry of `durations_m`: time at or above it, s
    pub stay_s: Vec<(f64, Vec<f64>)>,
    /// greatest instantaneous depth × speed where deeper than `dry_depth_m`, m²/s
    pub max_product_m2_s: Option<Vec<f64>>,
    /// greatest instantaneous [`hazard_rating`] where deeper than `dry_depth_m`, else 0
    pub max_rating: Option<Vec<f64>>,
}

/// What floats in the water: the debris factor of [`hazard_rating`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Debris {
    /// pasture and arable land
    Pasture,
    /// woodland
    Woodland,
    /// urban land
    Urban,
    /// land use unknown: the cautious values
    Conservative,
    /// one number
    Fixed(f64),
}

impl Debris {
    /// Debris factor at a depth (m) and squared speed (m²/s²).
    ///
    /// Steps at 0.25 m and at 0.75 m or 2 m/s: HR Wallingford (2006) Flood Risks to People, phase 2, FD2321/TR1; cautious values of
    /// the Defra/EA supplementary note of May 2008. The formula was read in a public manual, the table is recalled (mark R).
    pub fn factor(self, depth_m: f32, speed2: f32) -> f32 {
        let step = usize::from(depth_m > 0.25) + usize::from(depth_m > 0.75);
        let step = if speed2 > 4.0 { 2 } else { step };
        match self {
            Self::Pasture => [0.0, 0.0, 0.5][step],
            Self::Woodland => [0.0, 0.5, 1.0][step],
            Self::Urban => [0.0, 1.0, 1.0][step],
            Self::Conservative => {
                if depth_m > 0.25 {
                    1.0
                } else {
                    0.5
                }
            }
            Self::Fixed(factor) => factor as f32,
        }
    }
}

/// Hazard rating of Defra and the Environment Agency, `HR = d (v + 0.5) + DF` (FD2321/TR1, 2006): depth d in m, speed v in m/s, debris
/// factor DF. Below 0.75 low, to 1.25 danger for some, to 2.0 for most, above for all.
#[inline(always)]
pub fn hazard_rating(depth_m: f32, speed2: f32, debris: Debris) -> f32 {
    depth_m * (speed2.sqrt() + 0.5) + debris.factor(depth_m, speed2)
}

/// # Errors
/// `SIM-190` a duration of a depth that is not timed, or a debris factor out of range.
pub(crate) fn check_wanted(problem: &FlowProblem) -> Result<(), Finding> {
    let wanted = &problem.wanted;
    let refuse = |zh: String, en: String| {
        Err(Finding::error(
            "SIM-190",
            Text::new(zh, en),
            Text::new("改正 [output] 的设置", "mend the settings of [output]"),
        )
        .field("output"))
    };
    if let Some(depth) = wanted.durations_m.iter().find(|d| !problem.thresholds_m.contains(d)) {
        return refuse(
            format!("要求累计 {depth} 米以上的历时，但未对该水深计时"),
            format!("the time above {depth} m is asked for, but that depth is not timed"),
        );
    }
    if let Some(Debris::Fixed(factor)) = wanted.rating
        && !(0.0..=10.0).contains(&factor)
    {
        return refuse(
            format!("漂浮物系数为 {factor}，应在 0–10 之间"),
            format!("the debris factor is {factor}; use 0–10"),
        );
    }
    Ok(())
}

/// What must be said of a rating: its factor is a choice, and its table recalled.
pub(crate) fn told(problem: &FlowProblem) -> Option<Finding> {
    let (zh, en) = match problem.wanted.rating? {
        Debris::Pasture => ("草地、耕地".to_string(), "pasture and arable land".to_string()),
        Debris::Woodland => ("林地".into(), "woodland".into()),
        Debris::Urban => ("城镇".into(), "urban land".into()),
        Debris::Conservative => ("用地不明时的从严取值".into(), "the cautious values for unknown land use".into()),
        Debris::Fixed(factor) => (format!("定值 {factor}"), format!("the fixed number {factor}")),
    };
    Some(Finding::info(
        "SIM-191",
        Text::new(
            format!("危险等级值 HR = d(v + 0.5) + DF，漂浮物系数 DF 取{zh}（英国 FD2321/TR1 2006 与 2008 年补充说明；系数表凭记忆，标记 R，待核）"),
            format!("hazard rating HR = d(v + 0.5) + DF with the debris factor of {en} (FD2321/TR1 2006 and the note of 2008; the table of factors is recalled, mark R)"),
        ),
        Text::new("引用前请核对原文", "compare with the original before quoting"),
    )
    .field("output.debris"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratings_follow_the_formula_and_never_fall_with_depth_or_speed() {
        for (d, v, debris, rating) in [
            (0.1, 0.0, Debris::Urban, 0.05),
            (0.5, 1.5, Debris::Pasture, 1.0),
            (0.5, 1.5, Debris::Woodland, 1.5),
            (0.5, 1.5, Debris::Urban, 2.0),
            (1.0, 1.0, Debris::Pasture, 2.0),
            (0.1, 2.5, Debris::Urban, 1.3),
            (0.2, 0.0, Debris::Conservative, 0.6),
            (0.2, 0.0, Debris::Fixed(0.25), 0.35),
        ] {
            assert!((hazard_rating(d, v * v, debris) - rating).abs() < 1e-6, "{d} {v} {debris:?}");
        }
        for debris in [Debris::Pasture, Debris::Woodland, Debris::Urban, Debris::Conservative] {
            for k in 0..400 {
                let (d, v2) = (0.01 * k as f32, 0.05 * (k % 90) as f32);
                let here = hazard_rating(d, v2, debris);
                assert!(hazard_rating(d + 0.01, v2, debris) >= here && hazard_rating(d, v2 + 0.05, debris) >= here);
            }
        }
    }
}
