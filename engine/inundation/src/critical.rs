//! The most that a face carries. Without the convective term nothing in the local inertial equations makes falling water dearer than its
//! depth allows: out of a reservoir, through a gap or round a corner they let too much go. Peers cut the discharge of a face at a Froude
//! number of 1 or a little less (Coulthard et al. 2013, Earth Surf. Process. Landforms 38:1897; Adams et al. 2017, Geosci. Model Dev.
//! 10:1645). That would also hold back what runs down a steep bed in balance with friction, as every sheet on a slope does. So here the
//! square of the limit is the sum of those of critical flow, `g h³`, and of Manning's normal flow down the bed itself, `h^(10/3) S₀ ÷ n²`:
//! on level or rising ground flow is critical at most, on a slope it still gets as fast as friction lets it.

use crate::face::{GRAVITY, SIDE_WAY, StepFactors};

/// What a face is judged by.
#[derive(Clone, Copy)]
pub(crate) struct Approach {
    /// 4 dt g n² ÷ h^(7/3), s/m²
    friction: f32,
    /// 1 ÷ h, 1/m
    per_depth: f32,
    /// fall of the bed in the direction of flow, units; 0 where it rises
    bed_fall: f32,
}

impl Approach {
    /// `momentum` has the direction of the flow.
    #[inline(always)]
    pub fn new(friction: f32, per_depth: f32, momentum: f32, marked_rise: i32) -> Self {
        let rise = marked_rise & !SIDE_WAY;
        let fall = if momentum > 0.0 { rise.wrapping_neg() } else { rise };
        Self { friction, per_depth, bed_fall: (if fall > 0 { fall } else { 0 }) as f32 }
    }

    /// 1 ÷ h³
    #[inline(always)]
    fn per_cube(self) -> f32 {
        self.per_depth * self.per_depth * self.per_depth
    }

    /// `4 g dt ÷ dx × fall of the bed ÷ h²`: ÷ friction it is the share of normal flow in the square of the limit ÷ h³.
    #[inline(always)]
    fn normal(self, k: StepFactors) -> f32 {
        4.0 * k.push * self.bed_fall * (self.per_depth * self.per_depth)
    }

    /// True when a discharge (m²/s) is above the limit. Frictionless beds that fall know no normal flow: there is no limit.
    #[inline(always)]
    pub fn is_beyond(self, q: f32, k: StepFactors) -> bool {
        let above = q * q * self.per_cube() - GRAVITY as f32;
        (above > 0.0) & (above * self.friction >= self.normal(k))
    }

    /// The discharge, its size cut to the limit.
    #[inline(always)]
    pub fn limited(self, q: f32, k: StepFactors) -> f32 {
        if !self.is_beyond(q, k) {
            return q;
        }
        let by_bed = if self.bed_fall > 0.0 { self.normal(k) / self.friction } else { 0.0 };
        let most = ((GRAVITY as f32 + by_bed) / self.per_cube()).sqrt();
        if q > most {
            most
        } else if q < -most {
            -most
        } else {
            q
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Unit;

    fn factors(dt_s: f64, dx_m: f64, unit: Unit) -> StepFactors {
        StepFactors {
            unit_m: unit.metres() as f32,
            push: (GRAVITY * dt_s / dx_m * unit.metres()) as f32,
            drag: (GRAVITY * dt_s) as f32,
            sheet: 0,
            passes: 1.0,
        }
    }

    #[test]
    fn critical_on_level_ground_and_normal_flow_on_a_steep_slope() {
        let (unit, h, n, dx, dt) = (Unit::for_depth(1.0), 0.2_f64, 0.03, 5.0, 1.0);
        let k = factors(dt, dx, unit);
        let friction = (4.0 * GRAVITY * dt * n * n / libm::pow(h, 7.0 / 3.0)) as f32;
        let most = |friction: f32, fall_m: f64, q: f32| {
            Approach::new(friction, (1.0 / h) as f32, q, -(unit.bed(fall_m * f64::from(q.signum())) as i32))
                .limited(q, k)
        };
        let critical = (GRAVITY * h * h * h).sqrt();
        assert!((f64::from(most(friction, 0.0, 9.0)) / critical - 1.0).abs() < 1e-5);
        assert!((f64::from(most(friction, 0.0, -9.0)) / critical + 1.0).abs() < 1e-5);
        assert_eq!(most(friction, 0.0, 0.99 * critical as f32), 0.99 * critical as f32);
        let normal = libm::pow(h, 5.0 / 3.0) * (0.5_f64 / dx).sqrt() / n;
        assert!(normal > 1.2 * critical);
        for q in [1.001 * normal as f32, -1.001 * normal as f32] {
            assert_eq!(most(friction, 0.5, q), q);
        }
        assert!((f64::from(most(friction, 0.5, 99.0)) / libm::hypot(normal, critical) - 1.0).abs() < 1e-5);
        assert!((f64::from(most(friction, -0.5, 99.0)) / critical - 1.0).abs() < 1e-5);
        assert!((f64::from(most(0.0, 0.0, 9.0)) / critical - 1.0).abs() < 1e-5);
        assert_eq!(most(0.0, 0.5, 9.0), 9.0);
    }
}
