//! A run split anywhere is the whole run, bit for bit, under every scheme that has a state.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_inundation::{
    Boundary, BoundaryKind, Debris, FaceSet, FlowProblem, GaugePoint, Infiltration, Link, Scheme, Section, Series,
    Sink, Wanted, simulate_from,
};
use dayu_terrain::GridSpec;
use problem::{on_bed, run, uniform_rain};
use proptest::prelude::*;

const SCHEMES: [Scheme; 3] = [Scheme::Inertial, Scheme::InertialSubgrid { side: 4 }, Scheme::Dynamic];

fn busy(seed: u64, scheme: Scheme) -> FlowProblem {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 30, ny: 21 };
    let n = grid.len();
    let mut p = on_bed(grid, (0..n).map(|_| if random() < 0.08 { f64::NAN } else { 2.0 * random() }).collect(), 0.03);
    // Where things stand must be open.
    for c in [100, 101, 222, 305, 410, 411] {
        p.bed_m[c] = 0.5 + random();
    }
    p.initial_depth_m = (0..n).map(|c| if c % 30 < 6 { random() } else { 0.0 }).collect();
    p.rain = uniform_rain(&[(0.0, 30.0 * random()), (150.0, 90.0), (333.0, 0.0), (500.0, 20.0)]);
    p.infiltration = Infiltration::Horton { f0_mm_h: vec![60.0; n], fc_mm_h: vec![5.0; n], decay_1_h: vec![3.0; n] };
    let boundary = |id: &str, kind: BoundaryKind, place: FaceSet| Boundary { id: Some(id.into()), kind, place };
    let edge = |side: &str| FaceSet::Edge { side: side.into(), from: f64::NEG_INFINITY, to: f64::INFINITY };
    p.boundaries = vec![
        boundary(
            "in",
            BoundaryKind::Inflow(Series { at: vec![0.0, 600.0], value: vec![1.0, 4.0] }),
            FaceSet::Cells(vec![222]),
        ),
        boundary("sea", BoundaryKind::Stage(Series { at: vec![0.0, 600.0], value: vec![0.2, 1.6] }), edge("east")),
        boundary(
            "river",
            BoundaryKind::Stage(Series { at: vec![0.0, 600.0], value: vec![0.4, 1.9] }),
            FaceSet::Cells(vec![410, 411]),
        ),
        boundary("out", BoundaryKind::Normal(Some(0.002)), edge("north")),
    ];
    p.sinks = vec![Sink { id: "P".into(), cells: vec![305], capacity_m3_s: 0.2, start_depth_m: 0.05 }];
    p.links = vec![Link {
        id: Some("L".into()),
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
    p.gauges = vec![GaugePoint { id: "G".into(), cell: 101 }];
    p.sections = vec![Section { id: "S".into(), line: vec![(60.0, 0.0), (60.0, 105.0)] }];
    p.thresholds_m = vec![0.3, 0.6];
    p.wanted = Wanted { durations_m: vec![0.6], product: true, rating: Some(Debris::Woodland) };
    (p.duration_s, p.interval_s, p.snapshots_s) = (600.0, 97.0, vec![0.0, 250.0, 600.0]);
    p.solver.scheme = scheme;
    p
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_run_split_anywhere_is_the_whole_run(seed in any::<u64>(), which in 0_usize..3, at in 0.0..599.0_f64) {
        let p = busy(seed, SCHEMES[which]);
        let whole = format!("{:?}", run(&p));
        // A row of rain, a row of output, and anywhere.
        let (same, saved) = simulate_from(&p, None, &[333.0, at, 97.0], &|_| true).unwrap();
        prop_assert!(format!("{same:?}") == whole, "saving changes nothing");
        prop_assert_eq!(saved.len(), 3);
        for state in &saved {
            let (end, _) = simulate_from(&p, Some(&state.bytes), &[], &|_| true).unwrap();
            prop_assert!(format!("{end:?}") == whole, "from {} s", state.name);
        }
    }
}

#[test]
fn what_does_not_belong_to_the_run_is_refused() {
    for scheme in SCHEMES {
        let p = busy(7, scheme);
        let (_, saved) = simulate_from(&p, None, &[300.0], &|_| true).unwrap();
        let bytes = &saved[0].bytes;
        let refused = |p: &FlowProblem, bytes: &[u8]| simulate_from(p, Some(bytes), &[], &|_| true).unwrap_err().code;
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 1;
        for broken in [&damaged[..], &bytes[..bytes.len() - 9], &[]] {
            assert_eq!(refused(&p, broken), "SIM-121", "{scheme:?}");
        }
        let change = |change: &dyn Fn(&mut FlowProblem)| {
            let mut other = p.clone();
            change(&mut other);
            refused(&other, bytes)
        };
        assert_eq!(change(&|p| p.bed_m[101] += 0.5), "SIM-121");
        assert_eq!(
            change(&|p| {
                p.links.clear();
            }),
            "SIM-121"
        );
        assert_eq!(
            change(&|p| {
                p.sections.clear();
            }),
            "SIM-121"
        );
        assert_eq!(change(&|p| p.thresholds_m.push(0.9)), "SIM-121");
        assert_eq!(change(&|p| p.infiltration = Infiltration::None), "SIM-121");
        assert_eq!(change(&|p| p.duration_s = 250.0), "SIM-107");
        assert_eq!(
            change(&|p| {
                p.duration_s = 250.0;
                p.snapshots_s.clear();
            }),
            "SIM-122"
        );
        for other in SCHEMES.into_iter().chain([Scheme::InertialSubgrid { side: 3 }]).filter(|s| *s != scheme) {
            assert_eq!(change(&|p| p.solver.scheme = other), "SIM-121", "{scheme:?} {other:?}");
        }
    }
}
