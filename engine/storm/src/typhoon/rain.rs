//! Rain around a typhoon: a climatological profile, and what slopes of the ground add.

/// One knot, m/s.
const KNOT_M_S: f64 = 0.514_444;
/// One inch a day, mm/h.
const INCH_DAY_MM_H: f64 = 25.4 / 24.0;

/// Profile of R-CLIPER for one intensity: Tuleya, DeMaria & Kuligowski (2007), table 2 (NHC, bias adjusted).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rcliper {
    /// rain at the centre, mm/h
    pub centre_mm_h: f64,
    /// largest rain, mm/h
    pub largest_mm_h: f64,
    /// radius of the largest rain, km
    pub largest_km: f64,
    /// e-folding length outside, km
    pub folding_km: f64,
}

/// Coefficients for a largest wind (1-min mean, m/s): U = 1 + (v_kn − 35)/33; T0 = −1.10 + 3.96 U and Tm = −1.60 + 4.80 U inches a
/// day; rm = 64.5 − 13 U and re = 150 − 16 U km. Rates are never below zero, lengths never below 10 km (outside the fitted range).
pub fn rcliper(largest_1min_m_s: f64) -> Rcliper {
    let u = 1.0 + (largest_1min_m_s / KNOT_M_S - 35.0) / 33.0;
    Rcliper {
        centre_mm_h: ((-1.10 + 3.96 * u) * INCH_DAY_MM_H).max(0.0),
        largest_mm_h: ((-1.60 + 4.80 * u) * INCH_DAY_MM_H).max(0.0),
        largest_km: (64.5 - 13.0 * u).max(10.0),
        folding_km: (150.0 - 16.0 * u).max(10.0),
    }
}

impl Rcliper {
    /// Rain at a radius, mm/h: linear up to the largest, exponential outside.
    pub fn mm_h(&self, r_km: f64) -> f64 {
        if r_km < self.largest_km {
            self.centre_mm_h + (self.largest_mm_h - self.centre_mm_h) * r_km / self.largest_km
        } else {
            self.largest_mm_h * libm::exp(-(r_km - self.largest_km) / self.folding_km)
        }
    }
}

/// Water vapour of saturated air near the surface in a typhoon, kg/m³ (26 °C; mark R).
const VAPOUR_KG_M3: f64 = 0.0225;
/// Share of the lifted vapour that falls on the slope itself (D; 0.1–0.5 in upslope models such as Smith & Barstad 2004).
const FALLING_SHARE: f64 = 0.2;
/// More than this slopes neither add nor take away, mm/h: beyond it the upslope idea, which knows no drift, overstates (D).
const MOST_MM_H: f64 = 25.0;

/// Rain that rising ground adds (negative: sinking air takes away), mm/h: vapour × vertical speed of the wind over the slope, as in the
/// upslope term of PHRaM (Lonfat, Rogers, Marchok & Marks 2007). `slope` is the gradient (east, north) of ground averaged over some
/// 5 km, the wind in m/s (east, north). The caller keeps the sum with the profile at or above zero.
pub fn orographic_mm_h(wind_m_s: (f64, f64), slope: (f64, f64)) -> f64 {
    let rising_m_s = wind_m_s.0 * slope.0 + wind_m_s.1 * slope.1;
    // kg/m³ · m/s = mm/s of water.
    (FALLING_SHARE * VAPOUR_KG_M3 * rising_m_s * 3600.0).clamp(-MOST_MM_H, MOST_MM_H)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_weak_low_rains_little_and_never_below_zero() {
        let weak = rcliper(5.0);
        assert!(weak.centre_mm_h >= 0.0 && weak.largest_mm_h >= 0.0 && weak.mm_h(500.0) >= 0.0);
        let strong = rcliper(50.0);
        assert!((strong.mm_h(strong.largest_km) - strong.largest_mm_h).abs() < 1e-12);
    }

    #[test]
    fn rising_ground_adds_and_sinking_takes_away() {
        let up = orographic_mm_h((-15.0, 5.0), (-0.02, 0.0));
        assert!((up - 0.2 * 0.0225 * 0.3 * 3600.0).abs() < 1e-12);
        assert_eq!(orographic_mm_h((-15.0, 5.0), (0.02, 0.0)), -up);
        assert_eq!(orographic_mm_h((60.0, 0.0), (1.0, 0.0)), MOST_MM_H);
    }
}
