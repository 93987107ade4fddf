use super::solve::solve;
use super::spread::{Known, Prepared};
use super::variogram::{Variogram, fit_variogram};
use crate::{CumulativeRain, GridRain, StepSeries};

/// How gauges correct a radar (or any gridded) estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MergeMethod {
    /// one factor for the whole field: Σ gauge ÷ Σ radar at the gauges over the hour that ends with the row (Wilson & Brandes 1979)
    MeanFieldBias,
    /// kriging of the gauges with the radar as external drift (Wackernagel 2003, ch. 16; Goudenhoofdt & Delobbe 2009)
    ExternalDrift,
    /// conditional merging (Sinclair & Pegram 2005): at every gauge the difference to the field, spread by inverse squared distances,
    /// is added: gauges are met, the field gives the shape between them
    Conditional,
}

/// What a merge did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MergeReport {
    /// gauges inside the field
    pub gauges: usize,
    /// rows corrected by the method asked for
    pub merged_rows: usize,
    /// rows corrected by the mean-field factor instead (too few gauges, or radar the same at all of them)
    pub fallback_rows: usize,
    /// rows of which the field knew nothing: the gauges alone, by inverse squared distances
    pub gauge_rows: usize,
    /// rows with holes in the field that the gauges filled likewise
    pub filled_rows: usize,
    /// rows left as the field had them (no gauge reports, or too little rain at the gauges to correct by)
    pub untouched_rows: usize,
    /// rows that neither the field nor a gauge knows: they stay unknown
    pub unknown_rows: usize,
    /// least and largest factor used
    pub factors: Option<(f64, f64)>,
    /// variogram of the residuals' stand-in, the gauges, where kriging was used
    pub variogram: Option<Variogram>,
}

/// Gauges a mean-field factor needs (D).
const LEAST_FOR_BIAS: usize = 3;
/// Gauges external drift needs (D): two drift coefficients and a structure.
const LEAST_FOR_DRIFT: usize = 6;
/// Rain at the gauges below which nothing is corrected, mm over the hour, summed over gauges (D).
const LEAST_SUM_MM: f64 = 1.0;
/// Factors are kept within this and its inverse: beyond it the radar is not biased but wrong (D).
const MOST_FACTOR: f64 = 5.0;
/// Length of the window the factor is taken over, s.
const BIAS_WINDOW_S: f64 = 3600.0;

/// One gauge with its place and series.
struct Gauge {
    pixel: usize,
    place: (f64, f64),
    rain: CumulativeRain,
    radar: CumulativeRain,
}

/// Corrects a gridded field by gauges `(x, y, series of mm/h)`. `pixel_of_gauge` is the field's pixel that holds each gauge, `None`
/// outside; `centres` are the pixels' centres. Where the field knows nothing the gauges that report speak alone, wherever they stand;
/// where they are silent too it stays unknown.
pub fn merge(
    field: &mut GridRain,
    method: MergeMethod,
    gauges: &[(f64, f64, StepSeries)],
    pixel_of_gauge: &[Option<usize>],
    centres: &[(f64, f64)],
) -> MergeReport {
    let inside: Vec<Gauge> = gauges
        .iter()
        .zip(pixel_of_gauge)
        .filter_map(|((x, y, series), pixel)| {
            let pixel = (*pixel)?;
            let radar = field.rate_mm_h.iter().map(|row| row.get(pixel).copied().unwrap_or(f64::NAN)).collect();
            Some(Gauge {
                pixel,
                place: (*x, *y),
                rain: CumulativeRain::new(series),
                radar: CumulativeRain::new(&StepSeries { time_s: field.time_s.clone(), value: radar }),
            })
        })
        .collect();
    let mut report = MergeReport { gauges: inside.len(), ..MergeReport::default() };
    let rows: Vec<(f64, f64)> = (0..field.time_s.len()).map(|row| row_span(&field.time_s, row)).collect();
    let mut filled: Vec<(usize, Option<Vec<f64>>)> = Vec::new();
    if method == MergeMethod::ExternalDrift {
        let rates: Vec<Vec<f64>> = inside
            .iter()
            .map(|g| rows.iter().map(|&(a, b)| mean_mm_h(&g.rain, a, b).unwrap_or(f64::NAN)).collect())
            .collect();
        report.variogram = fit_variogram(&inside.iter().map(|g| g.place).collect::<Vec<_>>(), &rates);
    }
    let all: Vec<((f64, f64), CumulativeRain)> =
        gauges.iter().map(|(x, y, series)| ((*x, *y), CumulativeRain::new(series))).collect();
    for (row, &(from_s, until_s)) in rows.iter().enumerate() {
        let gaps = field.rate_mm_h[row].iter().filter(|v| v.is_nan()).count();
        if gaps > 0 {
            let alone = gauges_alone(&all, from_s, until_s, centres);
            if gaps == field.rate_mm_h[row].len() {
                match alone {
                    Some(values) => {
                        field.rate_mm_h[row] = values;
                        report.gauge_rows += 1;
                    }
                    None => report.unknown_rows += 1,
                }
                continue;
            }
            filled.push((row, alone));
        }
        if method == MergeMethod::Conditional {
            match conditional(&field.rate_mm_h[row], &inside, from_s, until_s, centres) {
                Some(values) => {
                    field.rate_mm_h[row] = values;
                    report.merged_rows += 1;
                }
                None => report.untouched_rows += 1,
            }
            continue;
        }
        let drifted =
            report.variogram.and_then(|v| external_drift(&field.rate_mm_h[row], &inside, from_s, until_s, v, centres));
        if let Some(values) = drifted {
            field.rate_mm_h[row] = values;
            report.merged_rows += 1;
            continue;
        }
        match mean_field_factor(&inside, from_s, until_s) {
            Some(factor) => {
                field.rate_mm_h[row].iter_mut().for_each(|v| *v *= factor);
                let (least, most) = report.factors.unwrap_or((factor, factor));
                report.factors = Some((least.min(factor), most.max(factor)));
                if method == MergeMethod::MeanFieldBias {
                    report.merged_rows += 1;
                } else {
                    report.fallback_rows += 1;
                }
            }
            None => report.untouched_rows += 1,
        }
    }
    // Holes of a row are filled last: what is put there is no field to correct by.
    for (row, alone) in filled {
        let Some(alone) = alone else { continue };
        report.filled_rows += 1;
        field.rate_mm_h[row].iter_mut().zip(alone).filter(|(v, _)| v.is_nan()).for_each(|(v, a)| *v = a);
    }
    report
}

/// The gauges that report over a row, wherever they stand, at every centre by inverse squared distances; `None` when none reports.
fn gauges_alone(
    gauges: &[((f64, f64), CumulativeRain)],
    from_s: f64,
    until_s: f64,
    centres: &[(f64, f64)],
) -> Option<Vec<f64>> {
    let known: Vec<Known> =
        gauges.iter().filter_map(|((x, y), rain)| Some((*x, *y, mean_mm_h(rain, from_s, until_s)?))).collect();
    if known.is_empty() {
        return None;
    }
    let prepared = Prepared::Idw(known);
    let at = |&(x, y): &(f64, f64)| {
        let mut value = [0.0];
        prepared.line(y, |_| x, &mut value, &mut [0.0]);
        value[0].max(0.0)
    };
    Some(centres.iter().map(at).collect())
}

/// From the row's time to the next; the last row is taken as long as the one before.
fn row_span(time_s: &[f64], row: usize) -> (f64, f64) {
    let from = time_s[row];
    match time_s.get(row + 1) {
        Some(until) => (from, *until),
        None if row > 0 => (from, from + (from - time_s[row - 1])),
        None => (from, from + BIAS_WINDOW_S),
    }
}

fn mean_mm_h(rain: &CumulativeRain, from_s: f64, until_s: f64) -> Option<f64> {
    rain.known_between(from_s, until_s).then(|| rain.window_mm(until_s, until_s - from_s) * 3600.0 / (until_s - from_s))
}

fn mean_field_factor(gauges: &[Gauge], from_s: f64, until_s: f64) -> Option<f64> {
    let window_s = BIAS_WINDOW_S.max(until_s - from_s);
    let (mut count, mut gauge_mm, mut radar_mm) = (0, 0.0, 0.0);
    for g in gauges {
        let start_s = until_s - window_s;
        if g.rain.known_between(start_s, until_s) && g.radar.known_between(start_s, until_s) {
            count += 1;
            gauge_mm += g.rain.window_mm(until_s, window_s);
            radar_mm += g.radar.window_mm(until_s, window_s);
        }
    }
    (count >= LEAST_FOR_BIAS && gauge_mm >= LEAST_SUM_MM && radar_mm >= LEAST_SUM_MM)
        .then(|| (gauge_mm / radar_mm).clamp(1.0 / MOST_FACTOR, MOST_FACTOR))
}

/// One row with the differences at the gauges added. `None` when no gauge and pixel know it.
fn conditional(field: &[f64], gauges: &[Gauge], from_s: f64, until_s: f64, centres: &[(f64, f64)]) -> Option<Vec<f64>> {
    let known: Vec<((f64, f64), f64)> = gauges
        .iter()
        .filter_map(|g| {
            let own = field.get(g.pixel).copied().filter(|v| !v.is_nan())?;
            Some((g.place, mean_mm_h(&g.rain, from_s, until_s)? - own))
        })
        .collect();
    if known.is_empty() {
        return None;
    }
    let added = |c: &(f64, f64)| {
        let (mut sum, mut weights) = (0.0, 0.0);
        for ((x, y), difference) in &known {
            // A metre keeps the weight of a gauge at the pixel's centre finite.
            let weight = 1.0 / ((x - c.0) * (x - c.0) + (y - c.1) * (y - c.1)).max(1.0);
            sum += weight * difference;
            weights += weight;
        }
        sum / weights
    };
    Some(field.iter().zip(centres).map(|(v, c)| if v.is_nan() { f64::NAN } else { (v + added(c)).max(0.0) }).collect())
}

/// Kriging with external drift of one row over all pixels, dual form: Σ wᵢ γ(x − xᵢ) + a + b·radar(x), with Σ wᵢ = 0 and
/// Σ wᵢ·radarᵢ = 0. `None` with too few gauges, or where the radar is all but the same at all of them.
fn external_drift(
    radar: &[f64],
    gauges: &[Gauge],
    from_s: f64,
    until_s: f64,
    variogram: Variogram,
    centres: &[(f64, f64)],
) -> Option<Vec<f64>> {
    let mut known: Vec<((f64, f64), f64, f64)> = Vec::new();
    for g in gauges {
        let Some(value) = mean_mm_h(&g.rain, from_s, until_s) else { continue };
        let drift = radar.get(g.pixel).copied().filter(|v| !v.is_nan());
        // Of two gauges at one place the first counts: the system knows places only.
        if let Some(drift) = drift
            && known.iter().all(|k| k.0 != g.place)
        {
            known.push((g.place, value, drift));
        }
    }
    let n = known.len();
    if n < LEAST_FOR_DRIFT {
        return None;
    }
    let mean = known.iter().map(|k| k.2).sum::<f64>() / n as f64;
    let largest = known.iter().map(|k| k.2).fold(0.0, f64::max);
    let spread = known.iter().map(|k| (k.2 - mean).abs()).fold(0.0, f64::max);
    if largest <= 0.0 || spread < 0.05 * largest {
        return None;
    }
    let m = n + 2;
    let mut matrix = vec![0.0; m * m];
    let mut right = vec![0.0; m];
    for (i, p) in known.iter().enumerate() {
        for (j, q) in known.iter().enumerate() {
            let d2 = (p.0.0 - q.0.0) * (p.0.0 - q.0.0) + (p.0.1 - q.0.1) * (p.0.1 - q.0.1);
            matrix[i * m + j] = variogram.at(d2.sqrt());
        }
        // The drift is scaled to order 1 so that the pivots compare like with like.
        for (k, border) in [(n, 1.0), (n + 1, p.2 / largest)] {
            matrix[i * m + k] = border;
            matrix[k * m + i] = border;
        }
        right[i] = p.1;
    }
    let weights = solve(matrix, right)?;
    // A radar that runs against the gauges is no drift.
    if weights[n + 1] < 0.0 {
        return None;
    }
    let top = known.iter().map(|k| k.1).fold(0.0, f64::max) * MOST_FACTOR;
    let values = radar
        .iter()
        .zip(centres)
        .map(|(r, c)| {
            if r.is_nan() {
                return f64::NAN;
            }
            let residual: f64 = known
                .iter()
                .zip(&weights)
                .map(|(k, w)| {
                    let d2 = (k.0.0 - c.0) * (k.0.0 - c.0) + (k.0.1 - c.1) * (k.0.1 - c.1);
                    w * variogram.at(d2.sqrt())
                })
                .sum();
            (residual + weights[n] + weights[n + 1] * r / largest).clamp(0.0, top)
        })
        .collect();
    Some(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use dayu_terrain::GridSpec;

    const SIDE: usize = 12;
    const PIXEL_M: f64 = 1000.0;

    /// Rain of one passing cell at a pixel and row, mm/h: constructed.
    fn truth(pixel: usize, row: usize) -> f64 {
        let (x, y) = ((pixel % SIDE) as f64, (pixel / SIDE) as f64);
        let (cx, cy) = (2.0 + row as f64, 5.0 + 0.3 * row as f64);
        let d2 = (x - cx) * (x - cx) + (y - cy) * (y - cy);
        5.0 + 60.0 * libm::exp(-d2 / 18.0)
    }

    /// The radar sees `factor` times the truth and, when asked, fades to the east.
    fn field(factor: f64, fading: bool) -> GridRain {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: PIXEL_M, nx: SIDE, ny: SIDE };
        let rows = 6;
        let seen =
            |p: usize, row: usize| truth(p, row) * factor * if fading { 1.0 - 0.05 * (p % SIDE) as f64 } else { 1.0 };
        GridRain {
            grid,
            pixel_of_cell: (0..grid.len() as u32).collect(),
            time_s: (0..=rows).map(|k| k as f64 * 3600.0).collect(),
            rate_mm_h: (0..=rows)
                .map(|row| (0..grid.len()).map(|p| if row == rows { f64::NAN } else { seen(p, row) }).collect())
                .collect(),
        }
    }

    #[allow(clippy::type_complexity)]
    fn gauges(count: usize) -> (Vec<(f64, f64, StepSeries)>, Vec<Option<usize>>) {
        let pixels: Vec<usize> = (0..count).map(|k| (k * 29 + 7) % (SIDE * SIDE)).collect();
        let series = |p: usize| StepSeries {
            time_s: (0..=6).map(|k| f64::from(k) * 3600.0).collect(),
            value: (0..=6).map(|row| if row == 6 { 0.0 } else { truth(p, row) }).collect(),
        };
        let list = pixels.iter().map(|&p| {
            let (x, y) = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: PIXEL_M, nx: SIDE, ny: SIDE }.centre(p);
            (x, y, series(p))
        });
        (list.collect(), pixels.iter().map(|&p| Some(p)).collect())
    }

    fn centres() -> Vec<(f64, f64)> {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: PIXEL_M, nx: SIDE, ny: SIDE };
        (0..grid.len()).map(|p| grid.centre(p)).collect()
    }

    fn error(field: &GridRain) -> f64 {
        let all = (0..6).flat_map(|row| (0..SIDE * SIDE).map(move |p| (row, p)));
        let sum: f64 = all.map(|(row, p)| (field.rate_mm_h[row][p] - truth(p, row)).powi(2)).sum();
        (sum / (6 * SIDE * SIDE) as f64).sqrt()
    }

    #[test]
    fn one_factor_takes_a_uniform_bias_away() {
        let mut merged = field(0.5, false);
        let (list, pixels) = gauges(8);
        let report = merge(&mut merged, MergeMethod::MeanFieldBias, &list, &pixels, &centres());
        assert_eq!((report.gauges, report.merged_rows, report.gauge_rows), (8, 6, 1));
        assert!((report.factors.unwrap().0 - 2.0).abs() < 1e-9 && error(&merged) < 1e-9);
        assert!(merged.rate_mm_h[6].iter().all(|v| *v == 0.0), "the gauges report that it is over");
    }

    #[test]
    fn external_drift_beats_one_factor_where_the_bias_varies() {
        let (list, pixels) = gauges(16);
        let (mut plain, mut drift) = (field(0.6, true), field(0.6, true));
        let raw = error(&plain);
        merge(&mut plain, MergeMethod::MeanFieldBias, &list, &pixels, &centres());
        let report = merge(&mut drift, MergeMethod::ExternalDrift, &list, &pixels, &centres());
        assert_eq!(report.merged_rows, 6, "{report:?}");
        assert!(error(&plain) < raw && error(&drift) < error(&plain), "{raw} {} {}", error(&plain), error(&drift));
        // At a gauge the merged field is the gauge.
        for (g, p) in list.iter().zip(&pixels) {
            assert!((drift.rate_mm_h[2][p.unwrap()] - g.2.value[2]).abs() < 1e-6);
        }
    }

    #[test]
    fn conditional_merging_meets_the_gauges_and_keeps_the_shape_between() {
        let (list, pixels) = gauges(8);
        let (mut merged, raw) = (field(0.6, true), error(&field(0.6, true)));
        let report = merge(&mut merged, MergeMethod::Conditional, &list, &pixels, &centres());
        assert_eq!((report.merged_rows, report.gauge_rows, report.untouched_rows), (6, 1, 0));
        for (g, p) in list.iter().zip(&pixels) {
            assert!((merged.rate_mm_h[2][p.unwrap()] - g.2.value[2]).abs() < 1e-3);
        }
        assert!(error(&merged) < 0.5 * raw, "{raw} {}", error(&merged));
        // The field alone has the cell that passes between gauges: gauges without it know less.
        let mut flat = field(0.0, false);
        merge(&mut flat, MergeMethod::Conditional, &list, &pixels, &centres());
        assert!(error(&merged) < error(&flat));
    }

    #[test]
    fn measured_rain_outlives_a_field_that_ends_and_fills_its_holes() {
        let (list, pixels) = gauges(8);
        for method in [MergeMethod::MeanFieldBias, MergeMethod::ExternalDrift, MergeMethod::Conditional] {
            let mut merged = field(1.0, false);
            merged.rate_mm_h[3..].iter_mut().for_each(|row| row.fill(f64::NAN));
            merged.rate_mm_h[1][..SIDE].fill(f64::NAN);
            let report = merge(&mut merged, method, &list, &pixels, &centres());
            assert_eq!(
                (report.gauge_rows, report.filled_rows, report.unknown_rows),
                (4, 1, 0),
                "{method:?} {report:?}"
            );
            for (g, p) in list.iter().zip(&pixels) {
                assert!((merged.rate_mm_h[4][p.unwrap()] - g.2.value[4]).abs() < 1e-6);
            }
            assert!(merged.rate_mm_h.iter().flatten().all(|v| *v >= 0.0), "nothing is unknown where gauges report");
            // Where the gauges are silent as well it is unknown, not dry.
            let silent: Vec<_> = list
                .iter()
                .map(|(x, y, s)| {
                    (*x, *y, StepSeries { time_s: s.time_s.clone(), value: vec![f64::NAN; s.value.len()] })
                })
                .collect();
            let mut unknown = field(1.0, false);
            unknown.rate_mm_h[3..].iter_mut().for_each(|row| row.fill(f64::NAN));
            let report = merge(&mut unknown, method, &silent, &pixels, &centres());
            assert_eq!((report.gauge_rows, report.unknown_rows, report.untouched_rows), (0, 4, 3));
            assert!(unknown.rate_mm_h[4].iter().all(|v| v.is_nan()));
        }
    }

    #[test]
    fn too_few_gauges_fall_back_and_none_leaves_the_field() {
        let (list, pixels) = gauges(4);
        let mut few = field(0.5, false);
        let report = merge(&mut few, MergeMethod::ExternalDrift, &list, &pixels, &centres());
        assert_eq!((report.merged_rows, report.fallback_rows), (0, 6));
        let mut none = field(0.5, false);
        let report = merge(&mut none, MergeMethod::MeanFieldBias, &list, &[None; 4], &centres());
        assert_eq!((report.gauges, report.untouched_rows, report.gauge_rows), (0, 6, 1));
        assert_eq!(none.rate_mm_h[..6], field(0.5, false).rate_mm_h[..6]);
    }
}
