use super::solve::solve;
use super::variogram::Variogram;

/// Ordinary kriging from one set of stations and values (Matheron 1963; Cressie 1993, §3.2), in its dual form: the system is solved
/// once, each place then costs one semivariance per station.
#[derive(Clone, Debug)]
pub struct Kriging {
    places: Vec<(f64, f64)>,
    variogram: Variogram,
    weights: Vec<f64>,
    mean: f64,
    least: f64,
    largest: f64,
    variance: f64,
}

impl Kriging {
    /// The estimate of values times a factor at places moved by (east, north), m: it is linear in the values.
    pub(crate) fn scaled_and_moved(&self, factor: f64, moved_m: (f64, f64)) -> Self {
        Self {
            places: self.places.iter().map(|(x, y)| (x + moved_m.0, y + moved_m.1)).collect(),
            variogram: self.variogram,
            weights: self.weights.iter().map(|w| w * factor).collect(),
            mean: self.mean * factor,
            least: self.least * factor,
            largest: self.largest * factor,
            variance: self.variance * factor * factor,
        }
    }

    /// Prepares the estimate from stations `(x, y, value)`; `None` with fewer than two stations or two at one place.
    pub fn new(stations: &[(f64, f64, f64)], variogram: Variogram) -> Option<Self> {
        let n = stations.len();
        if n < 2 {
            return None;
        }
        let places: Vec<(f64, f64)> = stations.iter().map(|s| (s.0, s.1)).collect();
        let mut right: Vec<f64> = stations.iter().map(|s| s.2).collect();
        let mean = right.iter().sum::<f64>() / n as f64;
        let variance = right.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / (n - 1) as f64;
        let least = right.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = right.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        right.push(0.0);
        let mut weights = solve(system(&places, &variogram), right)?;
        let mean = weights.pop()?;
        Some(Self { places, variogram, weights, mean, least, largest, variance })
    }

    /// Estimate at a place. Kept between the least and the largest station: negative weights of screened stations must not make
    /// rain that no station has seen, nor less than none.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let sum: f64 =
            self.places.iter().zip(&self.weights).map(|(p, w)| w * self.variogram.at(distance(*p, (x, y)))).sum();
        (self.mean + sum).clamp(self.least, self.largest)
    }

    /// Largest value of the stations.
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    /// Standard errors at many places: the system is inverted once. `None` where it is singular.
    pub fn standard_errors(&self) -> Option<StandardErrors<'_>> {
        let n = self.places.len() + 1;
        let matrix = system(&self.places, &self.variogram);
        let unit = |k: usize| (0..n).map(|i| if i == k { 1.0 } else { 0.0 }).collect();
        let inverse: Option<Vec<Vec<f64>>> = (0..n).map(|k| solve(matrix.clone(), unit(k))).collect();
        Some(StandardErrors { kriging: self, inverse: inverse? })
    }

    /// Standard error of the estimate at a place, in the unit of the values: √(σ²·kriging variance), the variogram being that of
    /// values divided by their variance σ² over the stations.
    pub fn standard_error(&self, x: f64, y: f64) -> Option<f64> {
        let mut gamma: Vec<f64> = self.places.iter().map(|p| self.variogram.at(distance(*p, (x, y)))).collect();
        gamma.push(1.0);
        let lambda = solve(system(&self.places, &self.variogram), gamma.clone())?;
        let kriging_variance: f64 = lambda.iter().zip(&gamma).map(|(l, g)| l * g).sum();
        Some((self.variance * kriging_variance.max(0.0)).sqrt())
    }
}

/// Standard errors of one estimate, ready for many places.
#[derive(Clone, Debug)]
pub struct StandardErrors<'a> {
    kriging: &'a Kriging,
    inverse: Vec<Vec<f64>>,
}

impl StandardErrors<'_> {
    /// As [`Kriging::standard_error`].
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let k = self.kriging;
        let mut gamma: Vec<f64> = k.places.iter().map(|p| k.variogram.at(distance(*p, (x, y)))).collect();
        gamma.push(1.0);
        let form = |row: &Vec<f64>| row.iter().zip(&gamma).map(|(a, g)| a * g).sum::<f64>();
        let variance: f64 = self.inverse.iter().zip(&gamma).map(|(row, g)| g * form(row)).sum();
        (k.variance * variance.max(0.0)).sqrt()
    }
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}

/// Semivariances between the stations, bordered by the condition that the weights add up to 1.
fn system(places: &[(f64, f64)], variogram: &Variogram) -> Vec<f64> {
    let n = places.len() + 1;
    let mut matrix = vec![0.0; n * n];
    for (i, p) in places.iter().enumerate() {
        for (j, q) in places.iter().enumerate() {
            matrix[i * n + j] = variogram.at(distance(*p, *q));
        }
        matrix[i * n + n - 1] = 1.0;
        matrix[(n - 1) * n + i] = 1.0;
    }
    matrix
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const MODEL: Variogram = Variogram { nugget: 0.0, partial_sill: 1.0, range_m: 5000.0 };

    /// Two stations, by hand: halfway the weights are ½ each, and the variance is 2·½·γ(d/2) − ½·γ(d)… = 2γ(d/2) − γ(d)/2.
    #[test]
    fn halfway_between_two_stations_by_hand() {
        let k = Kriging::new(&[(0.0, 0.0, 10.0), (2000.0, 0.0, 20.0)], MODEL).unwrap();
        assert!((k.at(1000.0, 0.0) - 15.0).abs() < 1e-12);
        let expected = (50.0_f64 * (2.0 * MODEL.at(1000.0) - 0.5 * MODEL.at(2000.0))).sqrt();
        assert!((k.standard_error(1000.0, 0.0).unwrap() - expected).abs() < 1e-9);
        assert_eq!(k.standard_error(0.0, 0.0), Some(0.0));
    }

    #[test]
    fn one_station_or_two_at_one_place_has_no_estimate() {
        assert!(Kriging::new(&[(0.0, 0.0, 1.0)], MODEL).is_none());
        assert!(Kriging::new(&[(0.0, 0.0, 1.0), (0.0, 0.0, 2.0)], MODEL).is_none());
    }

    proptest! {
        #[test]
        fn exact_at_stations_and_within_their_range(
            places in proptest::collection::btree_set((0_i32..50, 0_i32..50), 3..12),
            values in proptest::collection::vec(0.0_f64..80.0, 12),
            x in 0.0_f64..5000.0, y in 0.0_f64..5000.0,
        ) {
            let stations: Vec<(f64, f64, f64)> = places.iter().zip(&values).map(|(p, v)| (f64::from(p.0) * 100.0, f64::from(p.1) * 100.0, *v)).collect();
            let k = Kriging::new(&stations, MODEL).unwrap();
            for s in &stations {
                prop_assert!((k.at(s.0, s.1) - s.2).abs() < 1e-6);
            }
            let (least, largest) = values[..stations.len()].iter().fold((f64::INFINITY, 0.0_f64), |a, v| (a.0.min(*v), a.1.max(*v)));
            prop_assert!((least..=largest).contains(&k.at(x, y)));
            let error = k.standard_error(x, y).unwrap();
            prop_assert!(error >= 0.0);
            prop_assert!((k.standard_errors().unwrap().at(x, y) - error).abs() < 1e-5 * (1.0 + error));
        }
    }
}
