//! Problems for the tests.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_inundation::{FlowProblem, Infiltration, Inundation, Scheme, Solver, Wanted, simulate};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::GridSpec;

/// A dry, closed, rainless problem on a bed.
pub fn on_bed(grid: GridSpec, bed_m: Vec<f64>, roughness: f64) -> FlowProblem {
    FlowProblem {
        roughness: vec![roughness; grid.len()],
        grid,
        bed_m,
        infiltration: Infiltration::None,
        drain_mm_h: vec![],
        rain: RainField::default(),
        roofs: vec![],
        boundaries: vec![],
        initial_depth_m: vec![],
        initial_velocity_m_s: None,
        sinks: vec![],
        crests: vec![],
        links: vec![],
        gauges: vec![],
        sections: vec![],
        duration_s: 600.0,
        interval_s: 60.0,
        snapshots_s: vec![],
        arrival_depth_m: 0.15,
        thresholds_m: vec![],
        attribution: None,
        wanted: Wanted::default(),
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
    }
}

pub fn uniform_rain(rows: &[(f64, f64)]) -> RainField {
    let (time_s, value) = rows.iter().copied().unzip();
    RainField { sources: vec![RainSource::Uniform(StepSeries { time_s, value })] }
}

pub fn run(problem: &FlowProblem) -> Inundation {
    simulate(problem, &|_| true).unwrap_or_else(|finding| panic!("{finding}"))
}

/// Runs in a pool of that many threads.
pub fn run_with(threads: usize, problem: &FlowProblem) -> Inundation {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(|| run(problem))
}

/// Depth of a snapshot.
pub fn depth_at(result: &Inundation, time_s: f64) -> &[f64] {
    &result.snapshots.iter().find(|s| s.0 == time_s).expect("snapshot").1
}

/// A file of a case: beside this crate, or among the cases of the whole program.
fn data(case: &str, file: &str) -> String {
    let crate_folder = env!("CARGO_MANIFEST_DIR");
    let places = [format!("{crate_folder}/tests/data"), format!("{crate_folder}/../../tests/cases")];
    let path = places.iter().map(|p| format!("{p}/{case}/{file}")).find(|p| std::path::Path::new(p).exists());
    let path = path.unwrap_or_else(|| panic!("no {file} of {case}"));
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// An ESRI ASCII grid, turned so that row 0 is the southernmost; nodata = NaN.
pub fn read_asc(case: &str, file: &str) -> (GridSpec, Vec<f64>) {
    let text = data(case, file);
    let words: Vec<&str> = text.split_whitespace().collect();
    let head = |k: usize| words[2 * k + 1].parse::<f64>().unwrap();
    let (nx, ny) = (head(0) as usize, head(1) as usize);
    let grid = GridSpec { x0_m: head(2), y0_m: head(3), cell_m: head(4), nx, ny };
    let north_first: Vec<f64> = words[12..].iter().map(|w| w.parse().unwrap()).collect();
    assert_eq!(north_first.len(), nx * ny);
    let value = |v: &f64| if *v == head(5) { f64::NAN } else { *v };
    (grid, north_first.chunks(nx).rev().flat_map(|row| row.iter().map(value)).collect())
}

/// Columns of a CSV file of numbers.
pub fn read_csv(case: &str, file: &str) -> Vec<Vec<f64>> {
    data(case, file).lines().skip(1).map(|line| line.split(',').map(|w| w.trim().parse().unwrap()).collect()).collect()
}

/// Linear, ends held.
pub fn interpolate(x: f64, points: &[(f64, f64)]) -> f64 {
    let k = points.partition_point(|p| p.0 <= x);
    if k == 0 {
        return points[0].1;
    }
    if k == points.len() {
        return points[k - 1].1;
    }
    let (a, b) = (points[k - 1], points[k]);
    a.1 + (b.1 - a.1) * (x - a.0) / (b.0 - a.0)
}
