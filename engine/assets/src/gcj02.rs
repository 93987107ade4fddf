//! GCJ-02 (the offset coordinates of Chinese web maps) to WGS 84 and back.
//!
//! The offset is not published officially; the polynomial below is the widely reproduced reconstruction (eviltransform,
//! coordtransform and others agree on its constants), good to a few decimetres. CGCS2000 equals WGS 84 here to centimetres.

use std::f64::consts::PI;

/// Semi-major axis of the Krasovsky 1940 ellipsoid, m.
const KRASOVSKY_A_M: f64 = 6_378_245.0;
/// Its first eccentricity squared.
const KRASOVSKY_E2: f64 = 0.006_693_421_622_965_943;

/// Outside this box (degrees) the two systems are the same.
fn is_offset_area(lon: f64, lat: f64) -> bool {
    (72.004..=137.8347).contains(&lon) && (0.8293..=55.8271).contains(&lat)
}

/// Offset (longitude, latitude) in degrees that GCJ-02 adds at a WGS 84 place.
fn offset_deg(lon: f64, lat: f64) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let root = x.abs().sqrt();
    let s = |v: f64| libm::sin(v * PI);
    let ripple = (20.0 * s(6.0 * x) + 20.0 * s(2.0 * x)) * 2.0 / 3.0;
    let north_m = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * root
        + ripple
        + (20.0 * s(y) + 40.0 * s(y / 3.0)) * 2.0 / 3.0
        + (160.0 * s(y / 12.0) + 320.0 * s(y / 30.0)) * 2.0 / 3.0;
    let east_m = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * root
        + ripple
        + (20.0 * s(x) + 40.0 * s(x / 3.0)) * 2.0 / 3.0
        + (150.0 * s(x / 12.0) + 300.0 * s(x / 30.0)) * 2.0 / 3.0;
    let phi = lat.to_radians();
    let sin_phi = libm::sin(phi);
    let w2 = 1.0 - KRASOVSKY_E2 * sin_phi * sin_phi;
    let meridian_m = KRASOVSKY_A_M * (1.0 - KRASOVSKY_E2) / (w2 * w2.sqrt());
    let parallel_m = KRASOVSKY_A_M / w2.sqrt() * libm::cos(phi);
    ((east_m / parallel_m).to_degrees(), (north_m / meridian_m).to_degrees())
}

/// WGS 84 longitude, latitude (degrees) to GCJ-02; unchanged outside China.
pub fn wgs84_to_gcj02(lon: f64, lat: f64) -> (f64, f64) {
    if !is_offset_area(lon, lat) {
        return (lon, lat);
    }
    let (dlon, dlat) = offset_deg(lon, lat);
    (lon + dlon, lat + dlat)
}

/// GCJ-02 longitude, latitude (degrees) to WGS 84, by fixed-point iteration of the forward formula; unchanged outside
/// China. The remainder after the iteration is below 1e-9 degrees (0.1 mm).
pub fn gcj02_to_wgs84(lon: f64, lat: f64) -> (f64, f64) {
    if !is_offset_area(lon, lat) {
        return (lon, lat);
    }
    let (mut wgs_lon, mut wgs_lat) = (lon, lat);
    // The offset changes by some 1e-3 of a step, so each round gains about three digits.
    for _ in 0..12 {
        let (dlon, dlat) = offset_deg(wgs_lon, wgs_lat);
        let next = (lon - dlon, lat - dlat);
        let moved = (next.0 - wgs_lon).abs().max((next.1 - wgs_lat).abs());
        (wgs_lon, wgs_lat) = next;
        if moved < 1e-12 {
            break;
        }
    }
    (wgs_lon, wgs_lat)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_pair_of_public_converters() {
        // (116.404, 39.915) WGS 84 → (116.41024449916938, 39.91640428150164) GCJ-02: the pair in the tests of coordtransform.
        let (lon, lat) = wgs84_to_gcj02(116.404, 39.915);
        assert!((lon - 116.410_244_499_169_38).abs() < 1e-8, "{lon}");
        assert!((lat - 39.916_404_281_501_64).abs() < 1e-8, "{lat}");
    }

    #[test]
    fn inverse_undoes_forward_all_over_china() {
        for i in 0..30 {
            for j in 0..20 {
                let (lon, lat) = (75.0 + 2.0 * f64::from(i), 5.0 + 2.3 * f64::from(j));
                let (g_lon, g_lat) = wgs84_to_gcj02(lon, lat);
                let (w_lon, w_lat) = gcj02_to_wgs84(g_lon, g_lat);
                assert!((w_lon - lon).abs() < 1e-9 && (w_lat - lat).abs() < 1e-9, "{lon} {lat}");
            }
        }
    }

    #[test]
    fn unchanged_outside_china() {
        assert_eq!(gcj02_to_wgs84(-51.2, -30.0), (-51.2, -30.0));
        assert_eq!(wgs84_to_gcj02(-51.2, -30.0), (-51.2, -30.0));
    }
}
