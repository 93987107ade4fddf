use super::kriging::Kriging;
use super::variogram::Variogram;

/// Nearest a cell can be to a station, m²: at the station itself the weight stays finite and all but exact.
const NEAREST_M2: f64 = 1e-6;

/// How station values reach a place.
#[derive(Clone, Debug)]
pub enum Spread {
    /// mean weighted by 1 ÷ distance² (Shepard 1968, power 2)
    Idw,
    /// the nearest station; ties go to the one named first
    Nearest,
    /// ordinary kriging, one solution per row; a row without one (fewer than two stations report) is spread as [`Self::Idw`]
    Kriging(Vec<Option<Kriging>>),
}

impl Spread {
    /// Ordinary kriging of every row with one variogram. Of the stations those that report in a row take part.
    pub fn kriging(variogram: Variogram, stations: &[(String, f64, f64)], rate_mm_h: &[Vec<f64>]) -> Self {
        let rows = rate_mm_h.iter().map(Vec::len).max().unwrap_or(0);
        Self::Kriging((0..rows).map(|row| Kriging::new(&known_in(stations, rate_mm_h, row), variogram)).collect())
    }
}

/// A station that reports: x, y (m), value.
pub(crate) type Known = (f64, f64, f64);

/// Stations that report in a row.
pub(crate) fn known_in(stations: &[(String, f64, f64)], rate_mm_h: &[Vec<f64>], row: usize) -> Vec<Known> {
    let known = stations.iter().zip(rate_mm_h).filter_map(|((_, x, y), rates)| {
        let rate = rates.get(row).copied().unwrap_or(f64::NAN);
        (!rate.is_nan()).then_some((*x, *y, rate))
    });
    known.collect()
}

/// A spread with the stations of one row.
pub(crate) enum Prepared<'a> {
    Idw(Vec<Known>),
    Nearest(Vec<Known>),
    Kriging(&'a Kriging),
}

impl<'a> Prepared<'a> {
    pub(crate) fn new(spread: &'a Spread, row: usize, known: Vec<Known>) -> Self {
        match spread {
            Spread::Nearest => Self::Nearest(known),
            Spread::Idw => Self::Idw(known),
            Spread::Kriging(rows) => rows.get(row).and_then(Option::as_ref).map_or(Self::Idw(known), Self::Kriging),
        }
    }

    /// Gives each place of a line (same y) its value; NaN when no station is known. `weight` is room to work in.
    pub(crate) fn line(&self, y_m: f64, x_m: impl Fn(usize) -> f64, value: &mut [f64], weight: &mut [f64]) {
        match self {
            Self::Idw(known) | Self::Nearest(known) if known.is_empty() => value.fill(f64::NAN),
            Self::Kriging(kriging) => value.iter_mut().enumerate().for_each(|(i, v)| *v = kriging.at(x_m(i), y_m)),
            Self::Nearest(known) => {
                weight.fill(f64::INFINITY);
                for &(x, y, rate) in known {
                    let dy2 = (y_m - y) * (y_m - y);
                    for (i, (v, best)) in value.iter_mut().zip(weight.iter_mut()).enumerate() {
                        let d2 = (x_m(i) - x) * (x_m(i) - x) + dy2;
                        (*v, *best) = if d2 < *best { (rate, d2) } else { (*v, *best) };
                    }
                }
            }
            Self::Idw(known) => {
                value.fill(0.0);
                weight.fill(0.0);
                for &(x, y, rate) in known {
                    let dy2 = (y_m - y) * (y_m - y);
                    for (i, (v, sum)) in value.iter_mut().zip(weight.iter_mut()).enumerate() {
                        let d2 = (x_m(i) - x) * (x_m(i) - x) + dy2;
                        let w = 1.0 / if d2 > NEAREST_M2 { d2 } else { NEAREST_M2 };
                        *v += w * rate;
                        *sum += w;
                    }
                }
                value.iter_mut().zip(weight.iter()).for_each(|(v, sum)| *v /= sum);
            }
        }
    }
}
