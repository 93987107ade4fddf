//! What must hold for any terrain, rain, sinks and boundaries.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

mod problem;

use dayu_inundation::{Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Infiltration, Section, Series, Sink};
use dayu_terrain::GridSpec;
use problem::{depth_at, on_bed, run, run_with, uniform_rain};
use proptest::prelude::*;

fn grid(nx: usize, ny: usize, cell_m: f64) -> GridSpec {
    GridSpec { x0_m: 100.0, y0_m: 200.0, cell_m, nx, ny }
}

fn boundary(kind: BoundaryKind, place: FaceSet) -> Boundary {
    Boundary { id: Some(format!("{kind:?}").chars().take(5).collect()), kind, place }
}

fn edge(side: &str) -> FaceSet {
    FaceSet::Edge { side: side.into(), from: f64::NEG_INFINITY, to: f64::INFINITY }
}

/// Anything that may happen at once: walls, held cells, all kinds of edges, inflow, sinks, losses, smooth and rough ground.
fn any_problem() -> impl Strategy<Value = FlowProblem> {
    let shape = (3_usize..26, 3_usize..26, 2.0..60.0_f64);
    let ground = (0.0..8.0_f64, 0.0..0.1_f64, any::<u64>(), 0.0..0.3_f64);
    let water = (0.0..200.0_f64, 0.0..3.0_f64, 0.0..40.0_f64, -20.0..60.0_f64);
    (shape, ground, water, 0.2..0.75_f64, any::<bool>()).prop_map(
        |((nx, ny, cell), (relief, n, seed, walls), (rain, depth, loss, inflow), cfl, dry)| {
            let mut state = seed;
            let mut random = || {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 11) as f64 / (1_u64 << 53) as f64
            };
            let g = grid(nx, ny, cell);
            let bed: Vec<f64> =
                (0..g.len()).map(|_| if random() < walls { f64::NAN } else { 10.0 + relief * random() }).collect();
            let mut p = on_bed(g, bed, n);
            // One cell that is never a wall, for inflow, sink and gauge.
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
            p.boundaries = vec![
                boundary(
                    BoundaryKind::Stage(Series { at: vec![0.0, 300.0], value: vec![11.0, 10.0 + relief] }),
                    edge("west"),
                ),
                boundary(BoundaryKind::Free, edge("north")),
                boundary(BoundaryKind::Normal(None), edge("east")),
                boundary(
                    BoundaryKind::Inflow(Series { at: vec![0.0, 200.0], value: vec![0.0, inflow] }),
                    edge("south"),
                ),
                boundary(BoundaryKind::Inflow(Series::constant(inflow)), FaceSet::Cells(vec![cell])),
                boundary(
                    BoundaryKind::Stage(Series { at: vec![0.0, 500.0], value: vec![9.0, 12.0] }),
                    FaceSet::Cells(vec![0, 1, nx]),
                ),
            ];
            let keep = (seed % 64) as usize;
            let mut number = 0;
            p.boundaries.retain(|_| {
                number += 1;
                keep >> (number - 1) & 1 == 1
            });
            p.sinks = vec![Sink {
                id: "P".into(),
                cells: vec![cell, 2],
                capacity_m3_s: 3.0 * random(),
                start_depth_m: 0.2 * random(),
            }];
            p.gauges = vec![GaugePoint { id: "G".into(), cell }];
            p.sections =
                vec![Section { id: "S".into(), line: vec![(100.0, 200.0), (100.0 + nx as f64 * cell as f64, 230.0)] }];
            p.thresholds_m = vec![0.05, 0.5];
            (p.duration_s, p.interval_s, p.snapshots_s) = (600.0, 97.0, vec![0.0, 250.0, 600.0]);
            p.solver.cfl = cfl;
            p
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn water_is_neither_made_nor_lost_and_never_negative(p in any_problem()) {
        let r = run(&p);
        // Only the change to a coarser unit of depth, at most a few times a run, rounds.
        prop_assert!(r.relative_volume_error <= 1e-7, "{:e}", r.relative_volume_error);
        for (_, depth, u, v) in &r.snapshots {
            for (cell, h) in depth.iter().enumerate() {
                if r.active[cell] {
                    prop_assert!(*h >= 0.0 && h.is_finite() && u[cell].is_finite() && v[cell].is_finite(), "{h} in {cell}");
                } else {
                    prop_assert!(h.is_nan());
                }
            }
        }
        for (cell, active) in r.active.iter().enumerate().filter(|(_, a)| **a) {
            prop_assert!(*active && r.max_depth_m[cell].is_finite() && r.max_speed_m_s[cell].is_finite());
            prop_assert!(r.duration_s[cell] >= 0.0 && r.duration_s[cell] <= p.duration_s * (1.0 + 1e-9));
            prop_assert!(r.max_hazard[cell] <= 6);
            prop_assert_eq!(r.arrival_s[cell].is_nan(), r.max_depth_m[cell] < p.arrival_depth_m);
            for ((threshold, first), (_, last)) in r.crossing_s.iter().zip(&r.leaving_s) {
                prop_assert_eq!(first[cell].is_nan(), r.max_depth_m[cell] < *threshold);
                prop_assert!(first[cell].is_nan() || first[cell] <= last[cell]);
            }
        }
        let last = r.balance.last().unwrap();
        let change = last.stored_m3 - r.volumes.stored_start_m3;
        prop_assert_eq!(last.time_s, p.duration_s);
        prop_assert!((change - (last.rain_m3 + last.inflow_m3 - last.infiltrated_m3 - last.drained_m3 - last.outflow_m3) - last.error_m3).abs() <= 1e-9 * (1.0 + last.stored_m3));
        let net: f64 = r.flows.iter().filter(|f| f.time_s == p.duration_s && f.id != "S").map(|f| f.volume_m3).sum();
        prop_assert!((net - (last.inflow_m3 - last.outflow_m3)).abs() <= 1e-9 * (1.0 + last.inflow_m3 + last.outflow_m3));
    }

    #[test]
    fn a_lake_over_any_bed_stays_still(seed in any::<u64>(), nx in 3_usize..40, ny in 3_usize..40, relief in 0.0..6.0_f64, n in 0.0..0.05_f64) {
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let g = grid(nx, ny, 5.0);
        let bed: Vec<f64> = (0..g.len()).map(|_| if random() < 0.1 { f64::NAN } else { relief * random() }).collect();
        prop_assume!(bed.iter().any(|z| !z.is_nan()));
        let mut p = on_bed(g, bed, n);
        p.initial_depth_m = p.bed_m.iter().map(|z| if *z < 2.99 { 3.0 - z } else { 0.0 }).collect();
        // A shore cell that is left dry below the level would be filled: there is none.
        p.bed_m.iter_mut().filter(|z| **z >= 2.99 && **z <= 3.0).for_each(|z| *z = 3.1);
        (p.duration_s, p.solver.dry_depth_m) = (600.0, 1e-6);
        let r = run(&p);
        let fastest = r.max_speed_m_s.iter().copied().filter(|v| !v.is_nan()).fold(0.0, f64::max);
        prop_assert!(fastest == 0.0 && r.relative_volume_error == 0.0, "{fastest:e}");
    }
}

/// A problem of several bands.
fn large() -> FlowProblem {
    let g = grid(230, 190, 20.0);
    let bed = |c: usize| {
        let (x, y) = ((c % 230) as f64, (c / 230) as f64);
        if (x - 115.0).hypot(y - 40.0) > 150.0 {
            f64::NAN
        } else {
            8.0 + 3.0 * (x / 17.0).sin() * (y / 13.0).cos() + 0.02 * y
        }
    };
    let mut p = on_bed(g, (0..g.len()).map(bed).collect(), 0.03);
    p.rain = uniform_rain(&[(0.0, 90.0), (900.0, 0.0)]);
    p.infiltration = Infiltration::Constant { rate_mm_h: vec![3.0; g.len()] };
    p.boundaries = vec![
        boundary(BoundaryKind::Free, edge("all")),
        boundary(
            BoundaryKind::Stage(Series { at: vec![0.0, 900.0], value: vec![7.0, 9.0] }),
            FaceSet::Cells((60..120).map(|i| 95 * 230 + i).collect()),
        ),
    ];
    p.sinks = vec![Sink { id: "P".into(), cells: vec![40 * 230 + 100], capacity_m3_s: 0.5, start_depth_m: 0.02 }];
    p.sections = vec![Section { id: "S".into(), line: vec![(100.0, 2000.0), (4700.0, 2100.0)] }];
    p.thresholds_m = vec![0.05, 0.3];
    (p.duration_s, p.interval_s, p.snapshots_s) = (1500.0, 300.0, vec![1200.0]);
    p
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let p = large();
    let one = run_with(1, &p);
    assert!(one.stats.steps > 100 && one.relative_volume_error <= 1e-12);
    for threads in [2, 3] {
        // NaN is unlike itself: compare as written.
        assert!(format!("{one:?}") == format!("{:?}", run_with(threads, &p)), "{threads} threads");
    }
}

#[test]
fn mirrored_and_turned_ground_gives_mirrored_and_turned_water() {
    let n = 41;
    let g = grid(n, n, 10.0);
    let bed = |c: usize| {
        let (x, y) = ((c % n) as f64 - 20.0, (c / n) as f64 - 20.0);
        5.0 - 0.1 * (x * x + y * y).sqrt() + 0.3 * ((x * x * y * y) / 900.0).cos()
    };
    let mut p = on_bed(g, (0..g.len()).map(bed).collect(), 0.02);
    p.initial_depth_m =
        (0..g.len()).map(|c| if (c % n).abs_diff(20) + (c / n).abs_diff(20) < 9 { 1.0 } else { 0.0 }).collect();
    p.rain = uniform_rain(&[(0.0, 30.0)]);
    p.boundaries = vec![boundary(BoundaryKind::Normal(Some(0.01)), edge("all"))];
    (p.duration_s, p.snapshots_s) = (300.0, vec![300.0]);
    let r = run(&p);
    let h = depth_at(&r, 300.0);
    for j in 0..n {
        for i in 0..n {
            let at = |i: usize, j: usize| h[j * n + i].to_bits();
            let here = at(i, j);
            assert!(here == at(n - 1 - i, j) && here == at(i, n - 1 - j) && here == at(j, i), "({i}, {j})");
        }
    }
    assert!(h.iter().any(|h| *h > 0.05));
}

#[test]
fn still_deep_water_with_a_ripple_calms_down() {
    // The worst case of the linear scheme: uniform depth, hardly any friction, noise in every cell.
    let g = grid(40, 40, 10.0);
    let mut p = on_bed(g, vec![0.0; g.len()], 0.01);
    p.initial_depth_m = (0..g.len()).map(|c| 4.0 + if (c % 40 + c / 40) % 2 == 0 { 0.01 } else { -0.01 }).collect();
    (p.duration_s, p.interval_s, p.snapshots_s) = (3600.0, 600.0, vec![3600.0]);
    let r = run(&p);
    let worst = depth_at(&r, 3600.0).iter().map(|h| (h - 4.0).abs()).fold(0.0, f64::max);
    assert!(worst < 0.005, "{worst}");
}

#[test]
fn rain_on_a_plane_leaves_as_it_falls() {
    // Equilibrium: outflow = rain × area, depth at the foot by Manning.
    let g = grid(50, 3, 4.0);
    let mut p = on_bed(g, (0..150).map(|c| 10.0 - 0.04 * (c % 50) as f64).collect(), 0.03);
    p.rain = uniform_rain(&[(0.0, 100.0)]);
    p.boundaries = vec![boundary(BoundaryKind::Normal(Some(0.01)), edge("east"))];
    (p.duration_s, p.interval_s, p.snapshots_s, p.solver.dry_depth_m) = (7200.0, 600.0, vec![7200.0], 1e-6);
    let r = run(&p);
    let rain = 100e-3 / 3600.0 * 50.0 * 3.0 * 16.0;
    let out = -r.flows.last().unwrap().flow_m3_s;
    assert!((out / rain - 1.0).abs() < 1e-6, "{out} {rain}");
    let foot = depth_at(&r, 7200.0)[49];
    let manning = (rain / 12.0 * 0.03 / 0.1_f64).powf(0.6);
    assert!((foot / manning - 1.0).abs() < 0.02, "{foot} {manning}");
}

#[test]
fn held_river_floods_its_bank_and_does_not_dictate_the_step() {
    let g = grid(60, 20, 40.0);
    // A river 30 m deep in the west, land at 2 m in the east.
    let mut p = on_bed(g, (0..g.len()).map(|c| if c % 60 < 10 { -27.0 } else { 2.0 }).collect(), 0.03);
    let river = (0..g.len()).filter(|c| c % 60 < 10).collect();
    p.boundaries = vec![boundary(
        BoundaryKind::Stage(Series { at: vec![0.0, 1800.0], value: vec![1.0, 3.0] }),
        FaceSet::Cells(river),
    )];
    (p.duration_s, p.interval_s) = (7200.0, 600.0);
    let r = run(&p);
    assert!(r.max_depth_m[10 * 60 + 12] > 0.5 && r.max_depth_m[0] == 30.0);
    assert!(r.stats.dt_mean_s > 5.0, "{}", r.stats.dt_mean_s);
    assert!(r.volumes.inflow_m3 > 0.0 && r.relative_volume_error <= 1e-12);
}

#[test]
fn drains_and_pumps_take_what_is_there_and_no_more() {
    let g = grid(3, 3, 10.0);
    let mut p = on_bed(g, vec![1.0; 9], 0.03);
    p.initial_depth_m = vec![0.1; 9];
    p.infiltration = Infiltration::Constant { rate_mm_h: vec![10.0; 9] };
    p.drain_mm_h = vec![20.0; 9];
    p.sinks = vec![Sink { id: "P".into(), cells: (0..9).collect(), capacity_m3_s: 0.01, start_depth_m: 0.05 }];
    (p.duration_s, p.interval_s) = (1800.0, 900.0);
    let r = run(&p);
    // 5 mm and 10 mm of losses in half an hour; the pump takes what stands above 50 mm before them.
    assert!((r.volumes.infiltrated_m3 - 4.5).abs() < 1e-5, "{:?}", r.volumes);
    assert!((r.sinks[0].volume_m3 - 18.0).abs() < 0.5, "{:?}", r.sinks);
    assert!((r.volumes.drained_m3 - 9.0 - r.sinks[0].volume_m3).abs() < 1e-5);
    p.drain_mm_h = vec![5000.0; 9];
    let dry = run(&p);
    assert!(dry.volumes.stored_m3 < 1e-12 && dry.relative_volume_error <= 1e-12);
}

#[test]
fn stopping_and_bad_input_end_with_a_finding() {
    let refuse = |change: &dyn Fn(&mut FlowProblem)| {
        let mut p = on_bed(grid(4, 4, 10.0), vec![1.0; 16], 0.03);
        change(&mut p);
        dayu_inundation::simulate(&p, &|_| true).unwrap_err().code
    };
    assert_eq!(refuse(&|p| p.grid.cell_m = 0.0), "SIM-101");
    assert_eq!(refuse(&|p| p.bed_m = vec![f64::NAN; 16]), "SIM-102");
    assert_eq!(refuse(&|p| p.roughness.truncate(3)), "SIM-103");
    assert_eq!(refuse(&|p| p.roughness[5] = -0.1), "SIM-104");
    assert_eq!(refuse(&|p| p.initial_depth_m = vec![f64::NAN; 16]), "SIM-105");
    assert_eq!(refuse(&|p| p.duration_s = 0.0), "SIM-106");
    assert_eq!(refuse(&|p| p.interval_s = 0.0), "SIM-107");
    assert_eq!(refuse(&|p| p.solver.cfl = f64::NAN), "SIM-108");
    assert_eq!(refuse(&|p| p.boundaries = vec![boundary(BoundaryKind::Free, FaceSet::Cells(vec![99]))]), "SIM-109");
    assert_eq!(refuse(&|p| p.boundaries = vec![boundary(BoundaryKind::Free, FaceSet::Cells(vec![5]))]), "SIM-110");
    assert_eq!(
        refuse(
            &|p| p.boundaries = vec![boundary(BoundaryKind::Stage(Series { at: vec![], value: vec![] }), edge("west"))]
        ),
        "SIM-111"
    );
    assert_eq!(refuse(&|p| p.boundaries = vec![boundary(BoundaryKind::Free, edge("up"))]), "SIM-116");
    assert_eq!(refuse(&|p| p.drain_mm_h = vec![-1.0; 16]), "SIM-118");
    assert_eq!(refuse(&|p| p.bed_m[3] = f64::INFINITY), "SIM-119");
    assert_eq!(refuse(&|p| p.rain = uniform_rain(&[(0.0, -1.0)])), "SCN-203");
    assert_eq!(refuse(&|p| p.initial_depth_m = vec![1e16; 16]), "SIM-201");
    let p = on_bed(grid(4, 4, 10.0), vec![1.0; 16], 0.03);
    assert_eq!(dayu_inundation::simulate(&p, &|_| false).unwrap_err().code, "SIM-202");
}

#[test]
fn doubtful_input_runs_and_is_named() {
    let mut p = on_bed(grid(4, 4, 10.0), vec![1.0; 16], 0.03);
    p.bed_m[3] = f64::NAN;
    p.rain = uniform_rain(&[(0.0, 10.0), (60.0, f64::NAN), (120.0, 0.0)]);
    p.boundaries = vec![
        boundary(BoundaryKind::Stage(Series::constant(0.5)), edge("west")),
        boundary(BoundaryKind::Normal(None), edge("north")),
    ];
    p.gauges = vec![GaugePoint { id: "G".into(), cell: 3 }];
    p.sections = vec![Section { id: "S".into(), line: vec![(0.0, 0.0), (1.0, 1.0)] }];
    p.sinks = vec![Sink { id: "P".into(), cells: vec![3], capacity_m3_s: 1.0, start_depth_m: 0.0 }];
    let codes: Vec<String> = run(&p).findings.into_iter().map(|f| f.code).collect();
    assert_eq!(codes, ["SCN-207", "SIM-112", "SIM-113", "SIM-114", "SIM-115", "SIM-117", "SIM-126"]);
}

#[test]
fn a_million_steps_lose_nothing() {
    // Rain, losses, an open edge and a lake that drains and fills again: 10⁶ steps of 10 ms.
    let g = grid(7, 5, 5.0);
    let mut p =
        on_bed(g, (0..g.len()).map(|c| 3.0 - 0.02 * (c % 7) as f64 + 0.3 * ((c * 7) % 5) as f64).collect(), 0.03);
    p.initial_depth_m = (0..g.len()).map(|c| if c % 3 == 0 { 0.4 } else { 0.0 }).collect();
    p.rain = uniform_rain(&[(0.0, 7.3), (4000.0, 0.0), (7000.0, 55.1)]);
    p.infiltration = Infiltration::Constant { rate_mm_h: (0..g.len()).map(|c| 0.37 * (c % 5) as f64).collect() };
    p.boundaries = vec![boundary(BoundaryKind::Normal(Some(0.004)), edge("east"))];
    (p.duration_s, p.interval_s, p.solver.max_dt_s) = (10_000.0, 500.0, 0.01);
    let r = run(&p);
    let worst = r.balance.iter().map(|b| b.error_m3.abs()).fold(0.0, f64::max);
    println!("{} steps: worst error {worst:e} m³, relative {:e}", r.stats.steps, r.relative_volume_error);
    assert!(r.stats.steps >= 1_000_000 && r.relative_volume_error <= 1e-12);
    // Rain and losses are what was asked for, not only what was booked.
    let rain = g.len() as f64 * 25.0 * (7.3 * 4000.0 + 55.1 * 3000.0) / 3.6e6;
    assert!((r.volumes.rain_m3 / rain - 1.0).abs() < 1e-6, "{} {rain}", r.volumes.rain_m3);
}

#[test]
fn a_run_split_anywhere_is_the_whole_run() {
    let mut p = large();
    p.gauges = vec![GaugePoint { id: "G".into(), cell: 60 * 230 + 100 }];
    p.boundaries.push(boundary(BoundaryKind::Inflow(Series::constant(3.0)), FaceSet::Cells(vec![60 * 230 + 110])));
    p.snapshots_s = vec![200.0, 1200.0];
    let whole = run(&p);
    let (same, saved) = dayu_inundation::simulate_from(&p, None, &[0.0, 451.3, 1200.0], &|_| true).unwrap();
    assert!(format!("{same:?}") == format!("{whole:?}"), "saving changes nothing");
    assert_eq!(saved.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["0", "451.3", "1200"]);
    for state in &saved {
        let (end, _) = dayu_inundation::simulate_from(&p, Some(&state.bytes), &[], &|_| true).unwrap();
        assert!(format!("{end:?}") == format!("{whole:?}"), "from {} s", state.name);
    }
    // A first half that ends where the state is taken.
    let half = FlowProblem { duration_s: 900.0, snapshots_s: vec![200.0], ..p.clone() };
    let (_, saved) = dayu_inundation::simulate_from(&half, None, &[900.0], &|_| true).unwrap();
    let (end, _) = dayu_inundation::simulate_from(&p, Some(&saved[0].bytes), &[], &|_| true).unwrap();
    assert!(format!("{end:?}") == format!("{whole:?}"), "two halves");
    // What does not belong to the run, or is damaged, is refused.
    let refused = |p: &FlowProblem, bytes: &[u8]| {
        dayu_inundation::simulate_from(p, Some(bytes), &[], &|_| true).unwrap_err().code
    };
    let bytes = &saved[0].bytes;
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    for broken in [&damaged[..], &bytes[..bytes.len() - 9], &[], b"DAYUFLOW"] {
        assert_eq!(refused(&p, broken), "SIM-121");
    }
    let mut other = p.clone();
    other.bed_m[60 * 230 + 100] += 0.5;
    assert_eq!(refused(&other, bytes), "SIM-121");
    let mut other = p.clone();
    other.boundaries.pop();
    assert_eq!(refused(&other, bytes), "SIM-121");
    assert_eq!(refused(&half, bytes), "SIM-122");
}
