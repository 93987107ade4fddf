//! Cells that keep the terrain of their pixels: what must hold on any ground, and where the plain scheme gives the answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod problem;

use dayu_inundation::{
    Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Infiltration, Inundation, Scheme, Section, Series, Sink,
};
use dayu_terrain::GridSpec;
use problem::{depth_at, on_bed, run, run_with, uniform_rain};
use proptest::prelude::*;

fn grid(nx: usize, ny: usize, cell_m: f64) -> GridSpec {
    GridSpec { x0_m: 100.0, y0_m: 200.0, cell_m, nx, ny }
}

fn random(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn edge(side: &str) -> FaceSet {
    FaceSet::Edge { side: side.into(), from: f64::NEG_INFINITY, to: f64::INFINITY }
}

fn named(id: &str, kind: BoundaryKind, place: FaceSet) -> Boundary {
    Boundary { id: Some(id.into()), kind, place }
}

/// Everything at once on rough ground: walls, held pixels, all kinds of edges, inflow, sinks, losses.
fn any_problem() -> impl Strategy<Value = FlowProblem> {
    let shape = (4_usize..40, 4_usize..40, 2.0..15.0_f64, 2_usize..8);
    let ground = (0.0..8.0_f64, 0.0..0.1_f64, any::<u64>(), 0.0..0.3_f64);
    let water = (0.0..200.0_f64, 0.0..3.0_f64, 0.0..40.0_f64, -20.0..60.0_f64);
    (shape, ground, water, 0.2..0.75_f64, any::<bool>()).prop_map(
        |((nx, ny, pixel, side), (relief, n, seed, walls), (rain, depth, loss, inflow), cfl, dry)| {
            let mut random = random(seed);
            let g = grid(nx, ny, pixel);
            let bed =
                (0..g.len()).map(|_| if random() < walls { f64::NAN } else { 10.0 + relief * random() }).collect();
            let mut p = on_bed(g, bed, n);
            let cell = g.len() / 2;
            p.bed_m[cell] = 10.0;
            (0..nx).for_each(|i| p.bed_m[i] = 10.5);
            p.roughness.iter_mut().for_each(|r| *r *= random());
            p.initial_depth_m =
                (0..g.len()).map(|_| if dry || random() < 0.5 { 0.0 } else { depth * random() }).collect();
            p.rain = uniform_rain(&[(0.0, rain), (137.0, 0.0), (411.0, rain * 2.0)]);
            if loss > 20.0 {
                p.infiltration = Infiltration::Constant { rate_mm_h: (0..g.len()).map(|_| loss * random()).collect() };
                p.drain_mm_h = (0..g.len()).map(|_| loss * random()).collect();
            }
            let stage = Series { at: vec![0.0, 300.0], value: vec![11.0, 10.0 + relief] };
            p.boundaries = vec![
                named("west", BoundaryKind::Stage(stage.clone()), edge("west")),
                named("north", BoundaryKind::Free, edge("north")),
                named("east", BoundaryKind::Normal(None), edge("east")),
                named(
                    "south",
                    BoundaryKind::Inflow(Series { at: vec![0.0, 200.0], value: vec![0.0, inflow] }),
                    edge("south"),
                ),
                named("inside", BoundaryKind::Inflow(Series::constant(inflow * 0.1)), FaceSet::Cells(vec![cell])),
            ];
            if dry {
                p.boundaries.push(named(
                    "river",
                    BoundaryKind::Stage(stage),
                    FaceSet::Cells(vec![0, 1, nx + 1, nx + 2]),
                ));
            }
            p.sinks = vec![Sink { id: "pump".into(), cells: vec![cell], capacity_m3_s: 0.5, start_depth_m: 0.05 }];
            p.gauges = vec![GaugePoint { id: "g".into(), cell }];
            let [x0, y0, x1, y1] = g.extent();
            p.sections = vec![Section { id: "s".into(), line: vec![(x0, y0), (x1, y1)] }];
            p.thresholds_m = vec![0.3, 0.6];
            (p.duration_s, p.interval_s, p.snapshots_s) = (600.0, 150.0, vec![300.0, 600.0]);
            p.solver.cfl = cfl;
            p.solver.scheme = Scheme::InertialSubgrid { side };
            p
        },
    )
}

fn bits(result: &Inundation) -> Vec<u64> {
    let fields = [&result.max_depth_m, &result.arrival_s, &result.max_speed_m_s, &result.duration_s];
    let rows = result.flows.iter().flat_map(|f| [f.flow_m3_s, f.volume_m3]);
    fields.into_iter().flatten().copied().chain(rows).map(f64::to_bits).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// No depth below zero, no water lost or made, pixels hold the water of the parts, the same bytes for any number of threads.
    #[test]
    fn water_is_kept_whatever_happens(p in any_problem()) {
        let result = run_with(1, &p);
        prop_assert!(result.relative_volume_error <= 1e-9, "{:e}", result.relative_volume_error);
        for (time, depth, ..) in &result.snapshots {
            prop_assert!(depth.iter().all(|h| h.is_nan() || *h >= 0.0));
            let held = depth.iter().filter(|h| !h.is_nan()).sum::<f64>() * p.grid.cell_area_m2();
            let stored = result.balance.iter().find(|b| b.time_s == *time).unwrap().stored_m3;
            prop_assert!((held - stored).abs() <= 1e-6 * stored + 1e-9, "{held} {stored}");
        }
        for (c, z) in p.bed_m.iter().enumerate() {
            prop_assert_eq!(z.is_nan(), result.max_depth_m[c].is_nan());
            let arrived = !result.arrival_s[c].is_nan();
            prop_assert_eq!(arrived, result.max_depth_m[c] >= 0.15 - 1e-6 && (arrived || result.max_depth_m[c] >= 0.15 + 1e-6));
            if arrived {
                prop_assert!(result.arrival_s[c] <= result.peak_time_s[c] + 0.01 && result.duration_s[c] >= 0.0);
            }
        }
        prop_assert_eq!(bits(&result), bits(&run_with(3, &p)));
    }

    /// A lake over rough ground stays at rest, whatever stands out of it.
    #[test]
    fn a_lake_stays_at_rest(seed: u64, side in 2_usize..7, relief in 0.1..6.0_f64, walls in 0.0..0.2_f64) {
        let mut random = random(seed);
        let g = grid(31, 23, 5.0);
        let bed: Vec<f64> =
            (0..g.len()).map(|_| if random() < walls { f64::NAN } else { 20.0 + relief * random() }).collect();
        let mut p = on_bed(g, bed, 0.03);
        let level = 20.0 + 0.6 * relief;
        p.initial_depth_m = p.bed_m.iter().map(|z| if z.is_nan() { 0.0 } else { (level - z).max(0.0) }).collect();
        p.solver.scheme = Scheme::InertialSubgrid { side };
        p.snapshots_s = vec![600.0];
        let result = run(&p);
        let depth = depth_at(&result, 600.0);
        for (h, before) in depth.iter().zip(&p.initial_depth_m).filter(|(h, _)| !h.is_nan()) {
            prop_assert!((h - before).abs() < 1e-5, "{h} {before}");
        }
        prop_assert!(result.max_speed_m_s.iter().all(|v| v.is_nan() || *v < 1e-9));
    }
}

/// On level pixels the tables are those of the plain scheme: a mound of water runs apart the same way, as long as it stays below the
/// critical discharge that only the plain scheme knows as a limit.
#[test]
fn level_pixels_give_the_plain_scheme() {
    let (cells, pixels) = (grid(20, 14, 20.0), grid(80, 56, 5.0));
    let mound = |g: &GridSpec, c: usize| {
        let (x, y) = g.centre(c);
        if x < 240.0 && y < 360.0 { 1.5 } else { 0.9 }
    };
    let of = |g: GridSpec| {
        let mut p = on_bed(g, vec![5.0; g.len()], 0.03);
        p.initial_depth_m = (0..g.len()).map(|c| mound(&g, c)).collect();
        p.rain = uniform_rain(&[(0.0, 40.0)]);
        p.boundaries = vec![named("out", BoundaryKind::Normal(Some(0.001)), edge("east"))];
        (p.duration_s, p.snapshots_s) = (400.0, vec![60.0, 400.0]);
        // Steps of one length in both.
        p.solver.max_dt_s = 2.0;
        p
    };
    let plain = run(&of(cells));
    let mut p = of(pixels);
    p.solver.scheme = Scheme::InertialSubgrid { side: 4 };
    let own = run(&p);
    for time in [60.0, 400.0] {
        let (a, b) = (depth_at(&plain, time), depth_at(&own, time));
        let worst = (0..pixels.len())
            .map(|c| {
                let (x, y) = pixels.centre(c);
                (a[cells.cell_at(x, y).unwrap()] - b[c]).abs()
            })
            .fold(0.0, f64::max);
        assert!(worst < 0.01, "{time} s: {worst}");
    }
    assert!((own.volumes.outflow_m3 / plain.volumes.outflow_m3 - 1.0).abs() < 2e-3);
}

/// Rain on a plane of pixels: at equilibrium everything that falls leaves (as a mean: the small pools of a steep slope let it go in
/// turns of a few steps).
#[test]
fn rain_on_a_slope_leaves_at_the_rate_it_falls() {
    let g = grid(60, 20, 5.0);
    let mut random = random(7);
    let bed = (0..g.len()).map(|c| 10.0 + 0.02 * (300.0 - (g.centre(c).0 - 100.0)) + 0.02 * random()).collect();
    let mut p = on_bed(g, bed, 0.03);
    p.rain = uniform_rain(&[(0.0, 60.0)]);
    p.boundaries = vec![named("out", BoundaryKind::Normal(Some(0.02)), edge("east"))];
    (p.duration_s, p.interval_s) = (5400.0, 300.0);
    p.solver.scheme = Scheme::InertialSubgrid { side: 5 };
    let result = run(&p);
    let falls = 60.0 * 1e-3 / 3600.0 * g.len() as f64 * 25.0;
    let rows = &result.flows[result.flows.len() - 2..];
    let leaves = (rows[0].volume_m3 - rows[1].volume_m3) / (rows[1].time_s - rows[0].time_s);
    assert!((leaves / falls - 1.0).abs() < 0.001, "{leaves} of {falls}");
}

/// Two streets on either side of a block inside one row of cells keep levels of their own.
#[test]
fn a_block_inside_a_cell_parts_its_streets() {
    let g = grid(40, 5, 5.0);
    // The middle row of pixels is a block of 8 m; the southern street falls in to a hollow, the northern is dry.
    let bed = (0..g.len()).map(|c| if c / 40 == 2 { 18.0 } else { 10.0 }).collect();
    let mut p = on_bed(g, bed, 0.03);
    p.initial_depth_m = (0..g.len()).map(|c| if c / 40 < 2 { 1.0 } else { 0.0 }).collect();
    p.solver.scheme = Scheme::InertialSubgrid { side: 5 };
    p.snapshots_s = vec![600.0];
    let result = run(&p);
    let depth = depth_at(&result, 600.0);
    assert!((0..80).all(|c| (depth[c] - 1.0).abs() < 1e-6) && (80..200).all(|c| depth[c] == 0.0));
}

/// A river reach held at its level floods the street beside it only as far as the street lies below it.
#[test]
fn a_held_river_keeps_to_its_pixels() {
    let g = grid(20, 20, 5.0);
    let bed: Vec<f64> = (0..g.len())
        .map(|c| {
            if c % 20 == 7 {
                2.0
            } else if c % 20 < 7 {
                6.0
            } else {
                4.0
            }
        })
        .collect();
    let river: Vec<usize> = (0..g.len()).filter(|c| c % 20 == 7).collect();
    let mut p = on_bed(g, bed, 0.03);
    p.boundaries = vec![named("river", BoundaryKind::Stage(Series::constant(4.5)), FaceSet::Cells(river))];
    p.solver.scheme = Scheme::InertialSubgrid { side: 4 };
    (p.duration_s, p.snapshots_s) = (3600.0, vec![3600.0]);
    let result = run(&p);
    let depth = depth_at(&result, 3600.0);
    for (c, h) in depth.iter().enumerate() {
        let expected = match c % 20 {
            7 => 2.5,
            0..7 => 0.0,
            _ => 0.5,
        };
        assert!((h - expected).abs() < 0.01, "{c}: {h}");
    }
    let net = result.flows.last().unwrap().volume_m3;
    assert!((net - 12.0 * 20.0 * 25.0 * 0.5).abs() < 30.0, "{net}");
}
