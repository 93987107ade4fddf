//! Winds are means over an agency's own time: 2 min in China, 10 min in Japan, 1 min in the United States. They are kept as given and
//! converted here, never silently.

/// Maximum wind over sea averaged over 10 min as a share of that over 1 min: Harper, Kepert & Ginger (2010), Guidelines for converting
/// between various wind averaging periods in tropical cyclone conditions, WMO/TD-No. 1555, table 1.2 (at-sea 0.93). Mark R.
const TEN_OF_ONE_MINUTE: f64 = 0.93;

/// Gust of 3 s over the 2-min mean on open land: the same source, table 1.1, in-land, G(3 s, 120 s) = 1.55. Mark R.
pub const GUST_FACTOR_OPEN_LAND: f64 = 1.55;

/// Converts a maximum mean wind from one averaging time to another. Between and beyond the published pair (60 s, 600 s) the factor is
/// taken linear in the logarithm of the time (a default of this program, D): 2 min is 0.978 of 1 min, 10 min is 0.951 of 2 min.
///
/// Shape: scalar, m/s (any unit of speed). Times outside 1 s–1 h, or not finite, give NaN.
pub fn convert_wind(speed: f64, from_s: f64, to_s: f64) -> f64 {
    let valid = |t: f64| (1.0..=3600.0).contains(&t);
    if !valid(from_s) || !valid(to_s) {
        return f64::NAN;
    }
    let decades = libm::log10(to_s / from_s);
    speed * libm::pow(TEN_OF_ONE_MINUTE, decades)
}

/// Gust (3 s) that goes with a 2-min mean on open land, m/s.
pub fn gust_of(mean_2min_m_s: f64) -> f64 {
    mean_2min_m_s * GUST_FACTOR_OPEN_LAND
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_minutes_are_weaker_than_one() {
        assert!((convert_wind(50.0, 60.0, 600.0) - 46.5).abs() < 1e-12);
        assert!((convert_wind(46.5, 600.0, 60.0) - 50.0).abs() < 1e-12);
        assert_eq!(convert_wind(30.0, 120.0, 120.0), 30.0);
        assert!((convert_wind(1.0, 120.0, 600.0) - 0.951).abs() < 1e-3);
        assert!(convert_wind(1.0, 0.0, 600.0).is_nan());
    }
}
