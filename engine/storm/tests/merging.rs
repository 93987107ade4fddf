//! Radar and gauges brought together on a real field: an hour of RADOLAN over 40 km × 40 km (tests/samples/rain) is the truth, gauges are
//! read from it, and the radar sees it with a bias that varies over the field. Errors are judged at pixels without a gauge.
#![allow(clippy::unwrap_used, clippy::panic)]

use dayu_storm::gauge::{Kriging, MergeMethod, fit_variogram, merge};
use dayu_storm::verification::CounterRandom;
use dayu_storm::{GridRain, StepSeries};
use dayu_terrain::GridSpec;
use std::path::PathBuf;

const SIDE: usize = 40;
const GRID: GridSpec = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 1000.0, nx: SIDE, ny: SIDE };

/// Rain of the hour, mm/h, rows from the south.
fn truth() -> Vec<f64> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/samples/rain/RW_20221018-0450.asc");
    let text = std::fs::read_to_string(file).unwrap();
    let rows: Vec<Vec<f64>> = text
        .lines()
        .skip(6)
        .map(|l| l.split_whitespace().map(|v| v.parse::<f64>().unwrap() / 10.0).collect())
        .collect();
    rows.into_iter().rev().flatten().collect()
}

/// Pixels with a gauge, drawn once each.
fn gauges(count: usize) -> Vec<usize> {
    let random = CounterRandom::new(20_221_018);
    let mut pixels: Vec<usize> = Vec::new();
    let mut k = 0;
    while pixels.len() < count {
        let pixel = (random.unit(k) * (SIDE * SIDE) as f64) as usize;
        if !pixels.contains(&pixel) {
            pixels.push(pixel);
        }
        k += 1;
    }
    pixels
}

fn field(rates: Vec<f64>) -> GridRain {
    GridRain {
        grid: GRID,
        pixel_of_cell: (0..GRID.len() as u32).collect(),
        time_s: vec![0.0, 3600.0],
        rate_mm_h: vec![rates, vec![0.0; GRID.len()]],
    }
}

/// Root mean square error away from the gauges, mm/h.
fn error(rates: &[f64], truth: &[f64], gauges: &[usize]) -> f64 {
    let away: Vec<f64> =
        (0..truth.len()).filter(|p| !gauges.contains(p)).map(|p| (rates[p] - truth[p]).powi(2)).collect();
    (away.iter().sum::<f64>() / away.len() as f64).sqrt()
}

#[test]
fn each_way_of_merging_is_better_than_radar_or_gauges_alone() {
    let truth = truth();
    let pixels = gauges(24);
    let centres: Vec<(f64, f64)> = (0..GRID.len()).map(|p| GRID.centre(p)).collect();
    // The beam loses more with its distance: from 0.75 of the rain in the west to 0.4 in the east.
    let radar: Vec<f64> =
        truth.iter().enumerate().map(|(p, v)| v * (0.75 - 0.35 * (p % SIDE) as f64 / SIDE as f64)).collect();
    let list: Vec<(f64, f64, StepSeries)> = pixels
        .iter()
        .map(|p| (centres[*p].0, centres[*p].1, StepSeries { time_s: vec![0.0, 3600.0], value: vec![truth[*p], 0.0] }))
        .collect();
    let inside: Vec<Option<usize>> = pixels.iter().map(|p| Some(*p)).collect();
    let merged = |method| {
        let mut field = field(radar.clone());
        let report = merge(&mut field, method, &list, &inside, &centres);
        assert_eq!(report.merged_rows + report.untouched_rows, 2, "{method:?} {report:?}");
        assert!(report.merged_rows >= 1, "{method:?} {report:?}");
        error(&field.rate_mm_h[0], &truth, &pixels)
    };
    let raw = error(&radar, &truth, &pixels);
    let places: Vec<(f64, f64)> = list.iter().map(|g| (g.0, g.1)).collect();
    let rates: Vec<Vec<f64>> = pixels.iter().map(|p| vec![truth[*p]]).collect();
    let variogram = fit_variogram(&places, &rates).expect("the field has a structure");
    let stations: Vec<(f64, f64, f64)> = list.iter().map(|g| (g.0, g.1, g.2.value[0])).collect();
    let kriging = Kriging::new(&stations, variogram).unwrap();
    let alone: Vec<f64> = centres.iter().map(|c| kriging.at(c.0, c.1)).collect();
    let by_gauges = error(&alone, &truth, &pixels);
    let (bias, drift, conditional) =
        (merged(MergeMethod::MeanFieldBias), merged(MergeMethod::ExternalDrift), merged(MergeMethod::Conditional));
    let told = format!(
        "radar {raw:.2}, gauges {by_gauges:.2}, bias {bias:.2}, drift {drift:.2}, conditional {conditional:.2}"
    );
    assert!(bias < 0.6 * raw, "{told}");
    for merged in [drift, conditional] {
        assert!(merged < bias && merged < by_gauges, "{told}");
    }
    // The standard error of kriging says what the error is, within a factor of two.
    let expected: Vec<f64> = centres.iter().filter_map(|c| kriging.standard_error(c.0, c.1)).map(|e| e * e).collect();
    let expected = (expected.iter().sum::<f64>() / expected.len() as f64).sqrt();
    assert!((0.5..2.0).contains(&(expected / by_gauges)), "{expected:.2} against {told}");
}
