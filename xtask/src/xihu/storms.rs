//! The two storms: hourly series built so that they meet the published sums and maxima, and nothing more is claimed of them.

use super::geodesy::gauss_krueger;
use super::registers::GAUGES;

/// In-Fa, calendar day 26 July 2021, station 58457: more than 100 mm in the day, at most 23.9 mm in an hour, every other hour below
/// 10 mm (published). The hours themselves are constructed.
pub const INFA_MM: [f64; 24] = [
    3.1, 4.2, 5.6, 6.8, 8.1, 7.4, 9.2, 23.9, 9.6, 8.3, 6.1, 4.4, 3.2, 2.8, 2.1, 1.9, 1.4, 1.2, 0.9, 0.8, 0.6, 0.4, 0.2,
    0.1,
];
/// Share of the station's rain at the constructed stations (none above the published maximum).
pub const INFA_SHARE: [f64; 8] = [1.0, 1.0, 0.95, 0.97, 0.88, 0.92, 0.98, 0.90];
/// 30 July 2021 at 北高峰: 95.3 mm in one hour (published); the hours beside it are constructed.
pub const BURST_MM: [f64; 6] = [1.2, 8.6, 95.3, 14.2, 2.3, 0.3];
/// Its share at the other stations, constructed; station 58457 has no published value and is left out.
pub const BURST_SHARE: [f64; 8] = [0.0, 1.0, 0.84, 0.80, 0.54, 0.70, 0.76, 0.39];

/// `rain_stations.csv` (id,x,y) and `rain.csv` (time_s,id…, mm/h) of a storm; stations with share 0 are left out.
pub fn tables(hours: &[f64], shares: &[f64; 8]) -> (String, String) {
    let mut stations = String::from("id,x,y\n");
    let mut series = String::from("time_s");
    for (g, share) in GAUGES.iter().zip(shares) {
        if *share > 0.0 {
            let (x, y) = gauss_krueger(g.2.0, g.2.1);
            stations.push_str(&format!("{},{x:.1},{y:.1}\n", g.0));
            series.push_str(&format!(",{}", g.0));
        }
    }
    series.push('\n');
    for h in 0..=hours.len() {
        series.push_str(&format!("{}", h * 3600));
        for share in shares.iter().filter(|s| **s > 0.0) {
            series.push_str(&format!(",{:.1}", hours.get(h).copied().unwrap_or(0.0) * share));
        }
        series.push('\n');
    }
    (stations, series)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn series_meet_the_published_figures() {
        assert!(INFA_MM.iter().sum::<f64>() > 100.0);
        assert!((INFA_MM.iter().copied().fold(0.0, f64::max) - 23.9).abs() < 1e-9);
        assert_eq!(INFA_MM.iter().filter(|v| **v >= 10.0).count(), 1);
        assert!((BURST_MM.iter().copied().fold(0.0, f64::max) - 95.3).abs() < 1e-9);
        assert!(INFA_SHARE.iter().chain(&BURST_SHARE).all(|s| *s <= 1.0));
    }
}
