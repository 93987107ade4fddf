//! Sources of the water: shares sum to 1, volumes balance, and closed forms are met.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_inundation::{
    Attribution, Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Infiltration, Link, NO_REGION, Scheme,
    Series, Sink, simulate, simulate_from,
};
use dayu_terrain::GridSpec;
use problem::{on_bed, run, run_with, uniform_rain};
use proptest::prelude::*;

fn edge(side: &str) -> FaceSet {
    FaceSet::Edge { side: side.into(), from: f64::NEG_INFINITY, to: f64::INFINITY }
}

fn named(id: &str, kind: BoundaryKind, place: FaceSet) -> Boundary {
    Boundary { id: Some(id.into()), kind, place }
}

fn busy(seed: u64) -> FlowProblem {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 30, ny: 21 };
    let n = grid.len();
    let mut p = on_bed(grid, (0..n).map(|_| if random() < 0.08 { f64::NAN } else { 2.0 * random() }).collect(), 0.03);
    for c in [100, 222, 305, 410, 411] {
        p.bed_m[c] = 0.5 + random();
    }
    p.initial_depth_m = (0..n).map(|c| if c % 30 < 6 { random() } else { 0.0 }).collect();
    p.rain = uniform_rain(&[(0.0, 30.0 * random()), (150.0, 90.0), (333.0, 0.0)]);
    p.infiltration = Infiltration::Constant { rate_mm_h: vec![8.0; n] };
    p.boundaries = vec![
        named(
            "in",
            BoundaryKind::Inflow(Series { at: vec![0.0, 600.0], value: vec![1.0, 4.0] }),
            FaceSet::Cells(vec![222]),
        ),
        named("sea", BoundaryKind::Stage(Series { at: vec![0.0, 600.0], value: vec![0.2, 1.6] }), edge("east")),
        named(
            "river",
            BoundaryKind::Stage(Series { at: vec![0.0, 600.0], value: vec![0.4, 1.9] }),
            FaceSet::Cells(vec![410, 411]),
        ),
        named("out", BoundaryKind::Normal(Some(0.002)), edge("north")),
    ];
    p.sinks = vec![Sink { id: "P".into(), cells: vec![305], capacity_m3_s: 0.2, start_depth_m: 0.05 }];
    p.links = vec![Link {
        id: None,
        from: 100,
        to: 305,
        width_m: 1.0,
        height_m: 1.0,
        invert_m: [0.4, 0.3],
        length_m: 20.0,
        roughness: 0.013,
        entry_loss: 0.5,
        exit_loss: 1.0,
        orifice: 0.6,
    }];
    p.gauges = vec![GaugePoint { id: "G".into(), cell: 305 }, GaugePoint { id: "H".into(), cell: 100 }];
    p.attribution = Some(Attribution {
        regions: vec!["hill".into(), "town".into()],
        region_of: (0..n).map(|c| [0, 1, NO_REGION][c % 30 / 10]).collect(),
        boundaries: vec![(0, "in".into()), (1, "sea".into()), (2, "river".into())],
    });
    (p.duration_s, p.interval_s) = (600.0, 97.0);
    p
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shares_sum_to_one_and_every_source_balances(seed in any::<u64>()) {
        let p = busy(seed);
        let r = run(&p);
        let names: Vec<&str> = r.sources.iter().map(|s| s.source.as_str()).collect();
        prop_assert_eq!(names, ["hill", "town", "rain:elsewhere", "in", "sea", "river", "boundary:others", "initial"]);
        let entered: f64 = r.sources.iter().map(|s| s.entered_m3).sum();
        for s in &r.sources {
            prop_assert!(s.error_m3.abs() <= 1e-8 * entered, "{s:?}");
            prop_assert!(s.stored_m3 >= 0.0 && s.gone_m3 >= -1e-9 && s.entered_m3 >= 0.0, "{s:?}");
        }
        for rows in r.attribution.chunks(8) {
            let shares: Vec<f64> = rows.iter().filter_map(|row| row.share).collect();
            prop_assert!(shares.is_empty() || shares.len() == 8);
            prop_assert!(shares.iter().all(|s| (-1e-12..=1.0 + 1e-12).contains(s)));
            prop_assert!(shares.is_empty() || (shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        // Nothing else changes, and a split run is the whole run.
        let bare = run(&FlowProblem { attribution: None, ..p.clone() });
        prop_assert!(bare.max_depth_m.iter().map(|v| v.to_bits()).eq(r.max_depth_m.iter().map(|v| v.to_bits())) && bare.balance == r.balance);
        let (_, saved) = simulate_from(&p, None, &[200.0], &|_| true).unwrap();
        let (end, _) = simulate_from(&p, Some(&saved[0].bytes), &[], &|_| true).unwrap();
        let (end, whole) = (format!("{end:?}"), format!("{r:?}"));
        prop_assert!(end == whole, "a split run is another");
    }
}

/// Two inflows into a closed basin: once mixed, shares are those of the volumes.
#[test]
fn a_basin_fills_with_what_flows_in() {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 8, ny: 8 };
    let mut p = on_bed(grid, vec![1.0; 64], 0.03);
    p.boundaries = vec![
        named("a", BoundaryKind::Inflow(Series::constant(0.3)), FaceSet::Cells(vec![27])),
        named("b", BoundaryKind::Inflow(Series::constant(0.1)), FaceSet::Cells(vec![36])),
    ];
    p.gauges = vec![GaugePoint { id: "G".into(), cell: 27 }];
    p.attribution = Some(Attribution {
        regions: vec![],
        region_of: vec![NO_REGION; 64],
        boundaries: vec![(0, "a".into()), (1, "b".into())],
    });
    p.duration_s = 3600.0;
    let r = run(&p);
    let total = |name: &str| r.sources.iter().find(|s| s.source == name).unwrap();
    for (name, q) in [("a", 0.3), ("b", 0.1)] {
        assert!((total(name).entered_m3 / (q * 3600.0) - 1.0).abs() < 1e-6);
        assert!((total(name).stored_m3 / (q * 3600.0) - 1.0).abs() < 1e-6);
        assert!(total(name).gone_m3.abs() < 1e-9);
    }
    let share = |name: &str| r.attribution.iter().rfind(|a| a.source == name).unwrap().share.unwrap();
    assert!(share("a") > 0.75 && share("b") < 0.25 && share("initial") == 0.0);
}

/// Water that runs down a channel past a gauge: the front of the source arrives with the water, and steady shares are those of the flows.
#[test]
fn steady_shares_are_those_of_the_flows() {
    let (nx, ny) = (100, 3);
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx, ny };
    let mut p = on_bed(grid, (0..nx * ny).map(|c| 10.0 - 0.01 * (c % nx) as f64).collect(), 0.03);
    p.rain = uniform_rain(&[(0.0, 50.0)]);
    p.boundaries = vec![
        named("river", BoundaryKind::Inflow(Series::constant(0.5)), edge("west")),
        named("out", BoundaryKind::Normal(Some(0.002)), edge("east")),
    ];
    p.gauges = vec![GaugePoint { id: "G".into(), cell: nx + 90 }];
    p.attribution = Some(Attribution {
        regions: vec!["upper".into(), "lower".into()],
        region_of: (0..nx * ny).map(|c| u16::from(c % nx >= 50)).collect(),
        boundaries: vec![(0, "river".into())],
    });
    (p.duration_s, p.interval_s) = (7200.0, 600.0);
    let r = run(&p);
    let rain = 50.0 / 3.6e6 * 25.0 * 3.0;
    let flows = [("upper", 50.0 * rain), ("lower", 41.0 * rain), ("river", 0.5)];
    let all: f64 = flows.iter().map(|f| f.1).sum();
    for (name, flow) in flows {
        let share = r.attribution.iter().rfind(|a| a.source == name).unwrap().share.unwrap();
        assert!((share - flow / all).abs() < 0.004, "{name} {share} {}", flow / all);
    }
}

#[test]
fn neither_threads_nor_other_schemes_change_the_answer() {
    let mut p = busy(3);
    let (one, two) = (run_with(1, &p), run_with(2, &p));
    assert!(format!("{one:?}") == format!("{two:?}"));
    for scheme in [Scheme::Dynamic, Scheme::InertialSubgrid { side: 3 }] {
        p.solver.scheme = scheme;
        assert_eq!(simulate(&p, &|_| true).unwrap_err().code, "SIM-128");
    }
    p.solver.scheme = Scheme::Inertial;
    p.attribution.as_mut().unwrap().regions[1] = "hill".into();
    assert_eq!(simulate(&p, &|_| true).unwrap_err().code, "SIM-192");
}
