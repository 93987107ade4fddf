//! Longitude and latitude (CGCS2000) to the 3-degree Gauss–Krüger zone of central meridian 120° E (EPSG:4549).

/// Easting and northing, m. Krüger's series in n up to n³ (Kawase 2011, Bulletin of the GSI 59): millimetres inside a zone.
pub fn gauss_krueger(lon_deg: f64, lat_deg: f64) -> (f64, f64) {
    const A: f64 = 6_378_137.0;
    const F: f64 = 1.0 / 298.257_222_101;
    let n = F / (2.0 - F);
    let radius = A / (1.0 + n) * (1.0 + n * n / 4.0 + n * n * n * n / 64.0);
    let alpha = [
        n / 2.0 - 2.0 / 3.0 * n * n + 5.0 / 16.0 * n * n * n,
        13.0 / 48.0 * n * n - 3.0 / 5.0 * n * n * n,
        61.0 / 240.0 * n * n * n,
    ];
    let (lat, dlon) = (lat_deg.to_radians(), (lon_deg - 120.0).to_radians());
    let e = 2.0 * n.sqrt() / (1.0 + n);
    let s = libm::sin(lat);
    let t = libm::sinh(libm::atanh(s) - e * libm::atanh(e * s));
    let xi = libm::atan2(t, libm::cos(dlon));
    let eta = libm::atanh(libm::sin(dlon) / (1.0 + t * t).sqrt());
    let (mut x, mut y) = (eta, xi);
    for (k, a) in alpha.iter().enumerate() {
        let m = 2.0 * (k + 1) as f64;
        x += a * libm::cos(m * xi) * libm::sinh(m * eta);
        y += a * libm::sin(m * xi) * libm::cosh(m * eta);
    }
    (500_000.0 + radius * x, radius * y)
}

#[cfg(test)]
mod tests {
    use super::gauss_krueger;

    #[test]
    fn central_meridian_and_offset() {
        // Meridian arc of GRS 80 from the equator to 30° N: 3 320 113.398 m (Kawase 2011 and any GIS).
        let (x, y) = gauss_krueger(120.0, 30.0);
        assert!((x - 500_000.0).abs() < 1e-6 && (y - 3_320_113.398).abs() < 0.01, "{x} {y}");
        let (x, _) = gauss_krueger(120.1, 30.2);
        assert!((x - 509_632.0).abs() < 10.0, "{x}");
    }
}
