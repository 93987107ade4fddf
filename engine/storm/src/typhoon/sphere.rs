//! Distances and directions on a sphere.

/// Radius of the sphere, km (mean radius of the Earth; the value of the verification cases).
pub const EARTH_RADIUS_KM: f64 = 6371.0;

/// Great-circle distance of two places (longitude, latitude in degrees), km: haversine form, good at all distances.
pub fn distance_km(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (la, lb) = (a.1.to_radians(), b.1.to_radians());
    let (sy, sx) = (libm::sin((lb - la) / 2.0), libm::sin((b.0 - a.0).to_radians() / 2.0));
    let h = sy * sy + libm::cos(la) * libm::cos(lb) * sx * sx;
    2.0 * EARTH_RADIUS_KM * libm::asin(h.sqrt().min(1.0))
}

/// Initial bearing from `a` to `b`, degrees clockwise from north, 0–360.
pub fn bearing_deg(a: (f64, f64), b: (f64, f64)) -> f64 {
    let (la, lb, d) = (a.1.to_radians(), b.1.to_radians(), (b.0 - a.0).to_radians());
    let y = libm::sin(d) * libm::cos(lb);
    let x = libm::cos(la) * libm::sin(lb) - libm::sin(la) * libm::cos(lb) * libm::cos(d);
    let deg = libm::atan2(y, x).to_degrees();
    if deg < 0.0 { deg + 360.0 } else { deg }
}

/// Place reached from `from` after `km` on a bearing, degrees.
pub(crate) fn destination(from: (f64, f64), bearing_deg: f64, km: f64) -> (f64, f64) {
    let (lat, lon, b, d) = (from.1.to_radians(), from.0.to_radians(), bearing_deg.to_radians(), km / EARTH_RADIUS_KM);
    let (sl, cl, sd, cd) = (libm::sin(lat), libm::cos(lat), libm::sin(d), libm::cos(d));
    let lat2 = libm::asin((sl * cd + cl * sd * libm::cos(b)).clamp(-1.0, 1.0));
    let lon2 = lon + libm::atan2(libm::sin(b) * sd * cl, cd - sl * libm::sin(lat2));
    (normal_longitude(lon2.to_degrees()), lat2.to_degrees())
}

/// Longitude in −180 ≤ λ < 180.
pub(crate) fn normal_longitude(lon_deg: f64) -> f64 {
    let turned = (lon_deg + 180.0).rem_euclid(360.0) - 180.0;
    if turned.is_finite() { turned } else { lon_deg }
}

/// Unit vector of a place.
pub(crate) fn vector((lon, lat): (f64, f64)) -> [f64; 3] {
    let (lon, lat) = (lon.to_radians(), lat.to_radians());
    [libm::cos(lat) * libm::cos(lon), libm::cos(lat) * libm::sin(lon), libm::sin(lat)]
}

/// Place of a vector of any length but zero.
pub(crate) fn place([x, y, z]: [f64; 3]) -> (f64, f64) {
    (libm::atan2(y, x).to_degrees(), libm::atan2(z, (x * x + y * y).sqrt()).to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_degree_of_latitude_and_the_way_back() {
        let d = distance_km((120.0, 30.0), (120.0, 31.0));
        assert!((d - EARTH_RADIUS_KM.mul_add(1f64.to_radians(), 0.0)).abs() < 1e-9);
        let there = destination((179.5, 20.0), 75.0, 300.0);
        assert!(there.0 < -170.0, "across the date line: {there:?}");
        assert!((distance_km((179.5, 20.0), there) - 300.0).abs() < 1e-6);
        assert!((bearing_deg((179.5, 20.0), there) - 75.0).abs() < 1e-6);
        assert_eq!(normal_longitude(200.0), -160.0);
    }
}
