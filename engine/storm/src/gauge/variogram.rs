use super::solve::solve;

/// Stations a variogram needs; with fewer the pairs of a distance class say nothing.
pub const LEAST_STATIONS: usize = 6;
/// Distance classes of the empirical semivariogram.
const CLASSES: usize = 10;
/// Pairs of stations and rows a class needs to take part.
const LEAST_PAIRS: usize = 8;
/// Rows with less rain than this at the mean of the stations do not take part, mm/h: their spread is the resolution of the gauges.
const LEAST_RATE_MM_H: f64 = 0.5;

/// Spherical semivariogram of rain divided by its variance over the stations: dimensionless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variogram {
    /// jump at distance 0
    pub nugget: f64,
    /// rise from the nugget to the sill
    pub partial_sill: f64,
    /// distance at which the sill is reached, m
    pub range_m: f64,
}

impl Variogram {
    /// Semivariance at a distance; 0 at 0.
    pub fn at(&self, distance_m: f64) -> f64 {
        if distance_m <= 0.0 {
            return 0.0;
        }
        self.nugget + self.partial_sill * spherical(distance_m / self.range_m)
    }
    /// Semivariance beyond the range.
    pub fn sill(&self) -> f64 {
        self.nugget + self.partial_sill
    }
}

/// Unit spherical model (Matheron 1963).
fn spherical(ratio: f64) -> f64 {
    if ratio >= 1.0 { 1.0 } else { ratio * (1.5 - 0.5 * ratio * ratio) }
}

/// Fits the climatological variogram of rain (Bastin et al. 1984; Lebel et al. 1987): the squared differences of every pair in
/// every row with rain, divided by the row's variance over the stations and pooled, so that one structure serves all rows and the
/// row's variance scales it. A spherical model is fitted by weighted least squares with the weights N(h)/γ(h)² of Cressie (1985):
/// range by search, nugget and sill by the normal equations, each kept ≥ 0.
///
/// `None` with fewer than [`LEAST_STATIONS`] stations, or when the rain shows no structure the model can take.
pub fn fit_variogram(places: &[(f64, f64)], rate_mm_h: &[Vec<f64>]) -> Option<Variogram> {
    if places.len() < LEAST_STATIONS {
        return None;
    }
    let pairs = pair_distances(places);
    let farthest = pairs.iter().map(|p| p.2).fold(0.0, f64::max);
    // Beyond half the extent pairs are few and all across the middle (Journel & Huijbregts 1978).
    let reach = 0.5 * farthest;
    if reach <= 0.0 {
        return None;
    }
    let mut sums = [(0.0, 0.0, 0_usize); CLASSES];
    let rows = rate_mm_h.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        let value = |k: usize| rate_mm_h.get(k).and_then(|r| r.get(row)).copied().unwrap_or(f64::NAN);
        let known: Vec<f64> = (0..places.len()).map(value).filter(|v| !v.is_nan()).collect();
        if known.len() < LEAST_STATIONS {
            continue;
        }
        let mean = known.iter().sum::<f64>() / known.len() as f64;
        let variance = known.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (known.len() - 1) as f64;
        if mean < LEAST_RATE_MM_H || variance <= 0.0 {
            continue;
        }
        for &(a, b, distance) in &pairs {
            let difference = value(a) - value(b);
            if distance > reach || difference.is_nan() {
                continue;
            }
            let class = ((distance / reach * CLASSES as f64) as usize).min(CLASSES - 1);
            sums[class].0 += distance;
            sums[class].1 += 0.5 * difference * difference / variance;
            sums[class].2 += 1;
        }
    }
    let points: Vec<(f64, f64, f64)> =
        sums.iter().filter(|s| s.2 >= LEAST_PAIRS).map(|s| (s.0 / s.2 as f64, s.1 / s.2 as f64, s.2 as f64)).collect();
    if points.len() < 3 {
        return None;
    }
    fit(&points, reach).filter(|v| v.partial_sill > 0.0 && v.sill().is_finite())
}

fn pair_distances(places: &[(f64, f64)]) -> Vec<(usize, usize, f64)> {
    let mut pairs = Vec::with_capacity(places.len() * places.len() / 2);
    for (a, p) in places.iter().enumerate() {
        for (b, q) in places.iter().enumerate().skip(a + 1) {
            pairs.push((a, b, ((p.0 - q.0) * (p.0 - q.0) + (p.1 - q.1) * (p.1 - q.1)).sqrt()));
        }
    }
    pairs
}

/// Weighted least squares over (distance, semivariance, pairs).
fn fit(points: &[(f64, f64, f64)], reach: f64) -> Option<Variogram> {
    const RANGES: usize = 60;
    // Ranges from a twentieth of the reach to twice it: longer ones cannot be told from a straight line.
    let candidate = |k: usize| reach * (0.05 + 1.95 * k as f64 / (RANGES - 1) as f64);
    let mut best: Option<(f64, Variogram)> = None;
    for range_m in (0..RANGES).map(candidate) {
        let mut model = least_squares(points, range_m, |_, gamma| gamma);
        // The weights need the model: three rounds settle them (Cressie 1985, §3).
        for _ in 0..3 {
            let now = model;
            model = least_squares(points, range_m, |h, _| now.at(h).max(1e-6));
        }
        let loss: f64 = points
            .iter()
            .map(|(h, gamma, n)| {
                let m = model.at(*h).max(1e-6);
                n * (gamma / m - 1.0) * (gamma / m - 1.0)
            })
            .sum();
        if best.is_none_or(|(least, _)| loss < least) {
            best = Some((loss, model));
        }
    }
    best.map(|(_, model)| model)
}

fn least_squares(points: &[(f64, f64, f64)], range_m: f64, weigh_by: impl Fn(f64, f64) -> f64) -> Variogram {
    let (mut s11, mut s12, mut s22, mut y1, mut y2) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for &(h, gamma, n) in points {
        let by = weigh_by(h, gamma).max(1e-6);
        let (w, f) = (n / (by * by), spherical(h / range_m));
        s11 += w;
        s12 += w * f;
        s22 += w * f * f;
        y1 += w * gamma;
        y2 += w * gamma * f;
    }
    let both = solve(vec![s11, s12, s12, s22], vec![y1, y2]);
    let (nugget, partial_sill) = match both.as_deref() {
        Some([a, b]) if *a >= 0.0 && *b >= 0.0 => (*a, *b),
        Some([a, _]) if *a < 0.0 => (0.0, (y2 / s22).max(0.0)),
        _ => ((y1 / s11).max(0.0), 0.0),
    };
    Variogram { nugget, partial_sill, range_m }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn weighted_fit_finds_the_model_behind_exact_points() {
        let truth =
            Variogram { nugget: 0.15, partial_sill: 0.9, range_m: 0.05 * 10_000.0 + 1.95 * 10_000.0 * 20.0 / 59.0 };
        let points: Vec<(f64, f64, f64)> =
            (1..=10).map(|k| f64::from(k) * 1000.0).map(|h| (h, truth.at(h), 30.0)).collect();
        let found = fit(&points, 10_000.0).unwrap();
        assert!((found.nugget - 0.15).abs() < 1e-6 && (found.partial_sill - 0.9).abs() < 1e-6);
        assert!((found.range_m - truth.range_m).abs() < 1e-6);
    }

    #[test]
    fn twelve_stations_with_a_gradient_have_a_structure() {
        let places: Vec<(f64, f64)> =
            (0..12_u32).map(|k| (f64::from(k * 7 % 12) * 110.0, f64::from(k * 5 % 12) * 100.0)).collect();
        let rates =
            places.iter().map(|(x, y)| vec![20.0 + x / 40.0, 40.0 - x / 100.0 + y / 50.0, 0.0]).collect::<Vec<_>>();
        let found = fit_variogram(&places, &rates).unwrap();
        assert!(found.nugget < 0.3 * found.sill() && found.range_m > 300.0, "{found:?}");
    }

    #[test]
    fn too_few_stations_or_no_structure_is_none() {
        let five: Vec<(f64, f64)> = (0..5).map(|k| (f64::from(k) * 1000.0, 0.0)).collect();
        assert_eq!(fit_variogram(&five, &vec![vec![1.0; 20]; 5]), None);
        let eight: Vec<(f64, f64)> = (0..8).map(|k| (f64::from(k) * 1000.0, 0.0)).collect();
        assert_eq!(fit_variogram(&eight, &vec![vec![2.0; 20]; 8]), None, "the same rain everywhere");
        assert_eq!(fit_variogram(&[(0.0, 0.0); 8], &vec![vec![2.0; 20]; 8]), None, "all at one place");
    }
}
