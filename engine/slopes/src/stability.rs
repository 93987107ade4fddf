//! Probability that a slope fails in a rain, its soil being known only by class.

use crate::infinite::{FiniteDepth, Ground, critical_head_m};
use crate::soil::{SoilClass, SoilParameters, Spread};
use dayu_base::RiskColour;
use serde::{Deserialize, Serialize};

/// Draws of the soil. Probabilities come in steps of one over those that stand before the rain.
pub const SOIL_DRAWS: usize = 64;

/// Rain of a day that a slope has seen many times, mm, evenly over 24 h: about the yearly maximum of the region (D). Without it a class of
/// soil alone makes half the slopes of a district fail in any wet day, which they do not.
pub const USUAL_RAIN_MM: f64 = 100.0;

/// Fewer draws than this that stand say that the class of soil cannot be right for so steep a slope (D).
const LEAST_DRAWS: u32 = 8;

/// Geometry of a slope as registered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlopeGeometry {
    /// angle, degrees
    pub slope_deg: f64,
    /// depth to firm ground, m; `None` = usual for the soil
    pub soil_depth_m: Option<f64>,
}

/// How likely a slope fails, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// probability that the factor of safety falls below 1 by the end, 0–1
    pub failing: f64,
    /// draws it rests on: those of [`SOIL_DRAWS`] in which the slope stands in the rain of every year
    pub draws: u32,
    /// smallest factor of safety with the middle values of the soil
    pub lowest_safety: f64,
    /// when that is, s from start
    pub lowest_at_s: f64,
    /// first time the probability reaches that of yellow, s from start
    pub warn_at_s: Option<f64>,
    /// first time it reaches that of orange, s from start
    pub act_at_s: Option<f64>,
}

/// Colour of a probability of failure.
pub(crate) fn colour_of(failing: f64) -> RiskColour {
    PROBABILITY_STEPS.into_iter().find(|(from, _)| failing >= *from).map_or(RiskColour::Low, |(_, c)| c)
}

/// Probabilities from which a slope is blue, yellow, orange, red (defaults of this program, D).
pub const PROBABILITY_STEPS: [(f64, RiskColour); 4] =
    [(0.50, RiskColour::Red), (0.25, RiskColour::Orange), (0.10, RiskColour::Yellow), (0.05, RiskColour::Blue)];
/// Probability of yellow.
pub const WARN_PROBABILITY: f64 = 0.10;
/// Probability of orange.
pub const ACT_PROBABILITY: f64 = 0.25;

impl Stability {
    /// Colour of the probability.
    pub fn colour(&self) -> RiskColour {
        colour_of(self.failing)
    }
}

/// Quasi-random number k of dimension d in 0–1: additive recurrence with the powers of the root of x⁷ = x + 1 (Roberts 2018), which
/// fills six dimensions evenly with few points and is the same everywhere.
fn even(k: usize, dimension: u32) -> f64 {
    const ROOT: f64 = 1.112_775_684_278_705_5;
    let mut step = 1.0;
    for _ in 0..=dimension {
        step /= ROOT;
    }
    (0.5 + (k + 1) as f64 * step).fract()
}

/// Normal deviate of a probability: rational approximation of Acklam (2003), relative error below 1.2e−9.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 5] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 4] =
        [7.784_695_709_041_462e-3, 3.224_671_290_700_398e-1, 2.445_134_137_142_996, 3.754_408_661_907_416];
    let tail = |q: f64| {
        (((((C[0] * q + C[1]) * q + C[2]) * q + C[3]) * q + C[4]) * q + C[5])
            / ((((D[0] * q + D[1]) * q + D[2]) * q + D[3]) * q + 1.0)
    };
    if p < 0.024_25 {
        tail((-2.0 * libm::log(p)).sqrt())
    } else if p > 1.0 - 0.024_25 {
        -tail((-2.0 * libm::log(1.0 - p)).sqrt())
    } else {
        let q = p - 0.5;
        let r = q * q;
        (((((A[0] * r + A[1]) * r + A[2]) * r + A[3]) * r + A[4]) * r + A[5]) * q
            / (((((B[0] * r + B[1]) * r + B[2]) * r + B[3]) * r + B[4]) * r + 1.0)
    }
}

fn draw(spread: Spread, p: f64) -> f64 {
    // Strengths are never below a tenth of their middle: a normal tail would reach zero.
    (spread.middle + spread.deviation * normal_quantile(p)).max(0.1 * spread.middle)
}

fn draw_log(spread: Spread, p: f64) -> f64 {
    spread.middle * libm::pow(10.0, spread.deviation * normal_quantile(p))
}

/// One possible ground of a slope; `None` = its middle values, the water table at three quarters of the depth.
fn ground(geometry: &SlopeGeometry, soil: &SoilParameters, k: Option<usize>) -> Ground {
    let at = |dimension: u32| k.map_or(0.5, |k| even(k, dimension));
    // Depth within ±20 %, water table between half the depth and the base: neither is measured (D).
    let base_m = geometry.soil_depth_m.unwrap_or(soil.depth_m) * (0.8 + 0.4 * at(4));
    Ground {
        slope_deg: geometry.slope_deg,
        cohesion_pa: draw(soil.cohesion_pa, at(0)),
        friction_deg: draw(soil.friction_deg, at(1)),
        weight_n_m3: soil.weight_n_m3,
        base_m,
        water_table_m: base_m * (0.5 + 0.5 * at(5)),
        conductivity_m_s: draw_log(soil.conductivity_m_s, at(2)),
        diffusivity_m2_s: draw_log(soil.diffusivity_m2_s, at(3)),
    }
}

/// A slope ready to be judged under many rains.
#[derive(Clone, Debug)]
pub struct StabilityModel {
    /// draws that stand in the rain of every year
    standing: u32,
    /// of them those that water to the surface would bring down: critical head at the base, soil before the rain
    able: Vec<(f64, FiniteDepth)>,
    middle: (Ground, FiniteDepth),
}

impl StabilityModel {
    /// Draws the grounds of a slope. Those that would fail without rain, or in a rain such as comes every year ([`USUAL_RAIN_MM`]), are
    /// set aside: the slope stands, so its ground is not of that kind. `None` when the angle is not between 5° and 75°, the depth not between 0.2 m and 30 m, or fewer than eight draws stand (the class
    /// of soil cannot be right): nothing is claimed then.
    pub fn new(geometry: &SlopeGeometry, soil: SoilClass) -> Option<Self> {
        let depth_ok = geometry.soil_depth_m.is_none_or(|d| (0.2..=30.0).contains(&d));
        if !(5.0..=75.0).contains(&geometry.slope_deg) || !depth_ok {
            return None;
        }
        let parameters = soil.parameters();
        let stands = |k: usize| {
            let g = ground(geometry, &parameters, Some(k));
            let soil = FiniteDepth::new(&g, g.base_m);
            let critical = critical_head_m(&g, g.base_m);
            let mut tried = soil.clone();
            let mut stood = soil.head_m() < critical;
            for _ in 0..24 {
                tried.advance(USUAL_RAIN_MM / 24.0 / 3.6e6, 3600.0);
                stood &= tried.head_m() < critical;
            }
            stood.then_some((critical, soil))
        };
        let mut able: Vec<_> = (0..SOIL_DRAWS).filter_map(stands).collect();
        let standing = able.len() as u32;
        able.retain(|(critical, soil)| soil.highest_m() >= *critical);
        let middle = ground(geometry, &parameters, None);
        (standing >= LEAST_DRAWS).then(|| Self {
            standing,
            able,
            middle: (middle, FiniteDepth::new(&middle, middle.base_m)),
        })
    }

    /// Made ready for many courses of rain of the same rows.
    pub(crate) fn for_members(&self, row_s: f64, rows: usize) -> MemberStability<'_> {
        MemberStability { model: self, row_s, rows, answers: vec![Vec::new(); self.able.len()] }
    }

    /// Judges a course of rain: rows of (length in s, rate in mm/h) from `from_s` on. Failure is looked for at the base of the soil.
    pub fn judge(&self, rows: &[(f64, f64)], from_s: f64) -> Stability {
        let metres = |mm_h: f64| mm_h / 3.6e6;
        let mut failed = vec![0u32; rows.len()];
        // Nothing happens before the first rain.
        let dry = rows.iter().take_while(|(_, mm_h)| *mm_h <= 0.0).count();
        for (critical, start) in &self.able {
            let mut soil = start.clone();
            for (row, (seconds, mm_h)) in rows.iter().enumerate().skip(dry) {
                soil.advance(metres(*mm_h), *seconds);
                if soil.head_m() >= *critical {
                    failed[row] += 1;
                    break;
                }
            }
        }
        let total = f64::from(self.standing);
        let (ground, start) = &self.middle;
        let mut soil = start.clone();
        let mut time = from_s;
        let safety = |soil: &FiniteDepth| crate::infinite::factor_of_safety(ground, ground.base_m, soil.head_m());
        let mut s = Stability {
            failing: 0.0,
            draws: self.standing,
            lowest_safety: safety(&soil),
            lowest_at_s: from_s,
            warn_at_s: None,
            act_at_s: None,
        };
        let mut count = 0;
        for ((seconds, mm_h), new) in rows.iter().zip(&failed) {
            soil.advance(metres(*mm_h), *seconds);
            time += seconds;
            count += new;
            s.failing = f64::from(count) / total;
            // A row is judged at its end; the failure lies within it, so the row's beginning is the time that is safe to name.
            if s.failing >= WARN_PROBABILITY {
                s.warn_at_s.get_or_insert(time - seconds);
            }
            if s.failing >= ACT_PROBABILITY {
                s.act_at_s.get_or_insert(time - seconds);
            }
            if safety(&soil) < s.lowest_safety {
                (s.lowest_safety, s.lowest_at_s) = (safety(&soil), time);
            }
        }
        s
    }
}

/// A slope under many courses of rain. At the base of a soil that lets nothing through the head never falls (its answer to a pulse of
/// rain is a theta function that rises from 0 to 1), so whether a draw fails is told by its head at the end alone; and that is linear in
/// what the soil takes in.
pub(crate) struct MemberStability<'a> {
    model: &'a StabilityModel,
    row_s: f64,
    rows: usize,
    /// of each draw, the last row first: [`FiniteDepth::answer`] turned round; empty until it is needed
    answers: Vec<Vec<f64>>,
}

impl MemberStability<'_> {
    /// Probability that the slope fails by the end of rows of rain, mm; `taken` is room for the rows.
    pub fn failing(&mut self, rain_mm: &[f64], taken: &mut Vec<f64>) -> f64 {
        let mut failed = 0_u32;
        for ((critical, soil), answer) in self.model.able.iter().zip(&mut self.answers) {
            let per_mm = 1e-3 / self.row_s / soil.conductivity_m_s();
            taken.clear();
            taken.extend(rain_mm.iter().map(|mm| (mm * per_mm).clamp(0.0, 1.0)));
            let (start, most) = soil.reserve_m(self.row_s);
            // Water that has reached the base in full is the most there can be.
            if start + most * sum(taken) < *critical {
                continue;
            }
            if answer.is_empty() {
                answer.resize(self.rows, 0.0);
                soil.answer(self.row_s, answer);
                answer.reverse();
            }
            failed += u32::from(start + dot(taken, answer) >= *critical);
        }
        f64::from(failed) / f64::from(self.model.standing)
    }
}

/// Sums in eight lanes, so that the processor can add them side by side; the order is fixed.
fn sum(values: &[f64]) -> f64 {
    let (head, tail) = values.as_chunks::<8>();
    let mut lanes = [0.0; 8];
    for chunk in head {
        for k in 0..8 {
            lanes[k] += chunk[k];
        }
    }
    lanes.iter().chain(tail).sum()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    let ((ah, at), (bh, bt)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let mut lanes = [0.0; 8];
    for (x, y) in ah.iter().zip(bh) {
        for k in 0..8 {
            lanes[k] += x[k] * y[k];
        }
    }
    lanes.iter().sum::<f64>() + at.iter().zip(bt).map(|(x, y)| x * y).sum::<f64>()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// The short way of many members against the rows one by one, on storms of many shapes.
    #[test]
    fn many_members_fail_as_one_does() {
        for (k, class) in SoilClass::ALL.into_iter().enumerate() {
            let Some(model) = StabilityModel::new(&SlopeGeometry { slope_deg: 30.0 + k as f64, ..GEOMETRY }, class)
            else {
                continue;
            };
            let mut members = model.for_members(3600.0, 72);
            let mut room = Vec::new();
            let mut seen = std::collections::BTreeSet::new();
            for storm in 0..40_usize {
                let rain: Vec<f64> = (0..72_usize)
                    .map(|h| {
                        let wave = (h * 7 + storm * 13) % (11 + storm % 5);
                        if (h / (3 + storm % 9)).is_multiple_of(2) {
                            wave as f64 * (1.0 + storm as f64 / 6.0)
                        } else {
                            0.0
                        }
                    })
                    .collect();
                let rows: Vec<(f64, f64)> = rain.iter().map(|mm| (3600.0, *mm)).collect();
                let failing = model.judge(&rows, 0.0).failing;
                assert_eq!(members.failing(&rain, &mut room), failing, "{class:?} {storm}");
                seen.insert(failing.to_bits());
            }
            assert!(seen.len() > 2, "{class:?}: storms differ");
        }
    }

    const GEOMETRY: SlopeGeometry = SlopeGeometry { slope_deg: 36.0, soil_depth_m: None };

    fn failing(rate_mm_h: f64, hours: usize) -> f64 {
        let model = StabilityModel::new(&GEOMETRY, SoilClass::Colluvium).unwrap();
        model.judge(&vec![(3600.0, rate_mm_h); hours], 0.0).failing
    }

    #[test]
    fn more_rain_is_never_safer() {
        let mut last = 0.0;
        for rate in [0.0, 5.0, 20.0, 60.0, 120.0] {
            let p = failing(rate, 24);
            assert!(p >= last, "{rate} mm/h: {p} < {last}");
            last = p;
        }
        assert_eq!(failing(0.0, 72), 0.0, "a slope that stands stays without rain");
        assert_eq!(failing(USUAL_RAIN_MM / 24.0, 24), 0.0, "and in the rain of every year");
        assert!(last > 0.2, "{last}");
        assert!(failing(60.0, 24) >= failing(60.0, 6));
    }

    #[test]
    fn times_follow_the_probability() {
        let model = StabilityModel::new(&GEOMETRY, SoilClass::Colluvium).unwrap();
        let s = model.judge(&[(3600.0, 60.0); 24], 600.0);
        assert!(s.colour() >= RiskColour::Orange);
        let (warn, act) = (s.warn_at_s.unwrap(), s.act_at_s.unwrap());
        assert!(600.0 <= warn && warn <= act && act < 600.0 + 24.0 * 3600.0);
        assert!(s.lowest_safety < 1.3 && s.draws >= LEAST_DRAWS);
        assert_eq!(model.judge(&[(3600.0, 60.0); 24], 600.0), s);
    }

    #[test]
    fn what_cannot_be_a_slope_is_not_judged() {
        for slope_deg in [0.0, 4.9, 80.0, f64::NAN] {
            assert!(StabilityModel::new(&SlopeGeometry { slope_deg, ..GEOMETRY }, SoilClass::Fill).is_none());
        }
        // Fill at 70° cannot stand with any of its strengths.
        assert!(
            StabilityModel::new(&SlopeGeometry { slope_deg: 70.0, soil_depth_m: Some(8.0) }, SoilClass::Fill).is_none()
        );
    }

    #[test]
    fn draws_are_even_and_quantiles_right() {
        for d in 0..6 {
            let mean = (0..SOIL_DRAWS).map(|k| even(k, d)).sum::<f64>() / SOIL_DRAWS as f64;
            assert!((mean - 0.5).abs() < 0.02, "{d}: {mean}");
        }
        for (p, z) in [(0.5, 0.0), (0.975, 1.959_963_985), (0.01, -2.326_347_874)] {
            assert!((normal_quantile(p) - z).abs() < 1e-8);
        }
    }
}
