//! Fill, spill, merge: exact answers, and what must hold on any ground.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod problem;

use dayu_inundation::{Boundary, BoundaryKind, Connectivity, FaceSet, FlowProblem, Infiltration, Scheme};
use dayu_terrain::GridSpec;
use problem::{depth_at, on_bed, read_asc, read_csv, run, run_with, uniform_rain};
use proptest::prelude::*;

fn screening(mut p: FlowProblem, connectivity: Connectivity) -> FlowProblem {
    p.solver.scheme = Scheme::FillSpill { connectivity };
    p
}

fn open_edges() -> Boundary {
    Boundary {
        id: Some("edges".into()),
        kind: BoundaryKind::Free,
        place: FaceSet::Edge { side: "all".into(), from: f64::NEG_INFINITY, to: f64::INFINITY },
    }
}

#[test]
fn unlimited_rain_gives_the_fill_surface_of_the_connectivity() {
    let (grid, bed) = read_asc("fsm_random_terrain", "dem.asc");
    for (connectivity, file, stored, ponds) in [
        (Connectivity::Eight, "expected_fill_D8.asc", 435_418.47, 2855),
        (Connectivity::Four, "expected_fill_D4.asc", 466_201.584, 3145),
    ] {
        let mut p = screening(on_bed(grid, bed.clone(), 0.035), connectivity);
        p.rain = uniform_rain(&[(0.0, 100_000.0), (3600.0, 0.0)]);
        (p.duration_s, p.interval_s, p.snapshots_s) = (3600.0, 3600.0, vec![3600.0]);
        p.boundaries = vec![open_edges()];
        let result = run(&p);
        let depth = depth_at(&result, 3600.0);
        let (_, fill) = read_asc("fsm_random_terrain", file);
        let off = depth.iter().zip(&bed).zip(&fill).map(|((h, z), f)| (h + z - f).abs()).fold(0.0, f64::max);
        assert!(off <= 1e-5, "{connectivity:?} {off}");
        assert!((result.volumes.stored_m3 / stored - 1.0).abs() < 1e-7, "{}", result.volumes.stored_m3);
        assert_eq!(depth.iter().filter(|h| **h > 0.0).count(), ponds);
        let flow = result.flows.last().unwrap();
        assert!((flow.volume_m3 + result.volumes.outflow_m3).abs() < 1e-6);
    }
}

#[test]
fn closed_transect_is_exact_for_every_rain() {
    let (whole, bed) = read_asc("fsm_transect_closed", "dem.asc");
    // The scenario's extent [2, 2, 242, 8]: the walls around are left out.
    let grid = GridSpec { x0_m: 2.0, y0_m: 2.0, nx: 120, ny: 3, ..whole };
    let own = (0..grid.len()).map(|c| bed[(c / grid.nx + 1) * whole.nx + c % grid.nx + 1]).collect();
    let mut p = screening(on_bed(grid, own, 0.05), Connectivity::Four);
    p.rain = uniform_rain(&[(0.0, 1000.0)]);
    (p.duration_s, p.interval_s) = (7200.0, 72.0);
    p.snapshots_s = vec![72.0, 360.0, 1080.0, 2160.0, 3600.0, 7200.0];
    let result = run(&p);
    let expected = read_csv("fsm_transect_closed", "expected.csv");
    assert_eq!(expected.len(), 720);
    for row in &expected {
        let depth = depth_at(&result, (row[0] * 3600.0).round());
        let cell = grid.cell_at(row[1], 5.0).unwrap();
        assert!((depth[cell] - row[3]).abs() < 1e-6, "rain {} x {}: {} {}", row[0], row[1], depth[cell], row[3]);
    }
    assert!((result.volumes.stored_m3 - 2880.0).abs() < 1e-9);
    assert!(result.relative_volume_error <= 1e-12);
}

/// Rough ground with walls, a rain, and edges that are open or not.
fn any_ground() -> impl Strategy<Value = FlowProblem> {
    ((2_usize..24, 2_usize..24), any::<u64>(), 0.0..0.3_f64, any::<bool>(), any::<bool>(), 1.0..3000.0_f64, 1..6_u8)
        .prop_map(|((nx, ny), seed, walls, open, diagonal, rain, levels)| {
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64
            };
            let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx, ny };
            // Few levels: many flats and ties.
            let step = |x: f64| if levels > 3 { x } else { (x * f64::from(levels) * 4.0).floor() };
            let mut bed: Vec<f64> =
                (0..grid.len()).map(|_| if random() < walls { f64::NAN } else { step(random()) }).collect();
            bed[0] = 0.5;
            let connectivity = if diagonal { Connectivity::Eight } else { Connectivity::Four };
            let mut p = screening(on_bed(grid, bed, 0.03), connectivity);
            p.rain = uniform_rain(&[(0.0, rain)]);
            (p.duration_s, p.interval_s, p.snapshots_s) = (3600.0, 1200.0, vec![3600.0]);
            p.infiltration = Infiltration::Constant { rate_mm_h: (0..grid.len()).map(|_| 20.0 * random()).collect() };
            if open {
                p.boundaries = vec![open_edges()];
            }
            p
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// No water is lost or made, and no pond stands above a neighbour it could run into.
    #[test]
    fn water_is_kept_and_lies_level(p in any_ground()) {
        let result = run(&p);
        prop_assert!(result.relative_volume_error <= 1e-9, "{}", result.relative_volume_error);
        let depth = depth_at(&result, 3600.0);
        let (nx, n) = (p.grid.nx, p.grid.len());
        let held: f64 = depth.iter().filter(|h| !h.is_nan()).sum::<f64>() * p.grid.cell_area_m2();
        prop_assert!((held - result.volumes.stored_m3).abs() <= 1e-9 * result.volumes.rain_m3);
        for c in 0..n {
            for o in [(c % nx + 1 < nx).then_some(c + 1), (c + nx < n).then_some(c + nx)].into_iter().flatten() {
                let (a, b) = (p.bed_m[c] + depth[c], p.bed_m[o] + depth[o]);
                // A pond is level, and where it ends the ground is higher.
                if depth[c] > 1e-9 { prop_assert!(b >= a - 1e-9 || b.is_nan(), "{a} {b}"); }
                if depth[o] > 1e-9 { prop_assert!(a >= b - 1e-9 || a.is_nan(), "{a} {b}"); }
            }
        }
        let again = run_with(3, &p);
        prop_assert_eq!(again.max_depth_m.iter().map(|h| h.to_bits()).collect::<Vec<_>>(),
            result.max_depth_m.iter().map(|h| h.to_bits()).collect::<Vec<_>>());
    }
}
