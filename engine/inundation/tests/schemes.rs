//! What every scheme must do alike: take what the ground takes, lead roofs into the street, save what it remembers.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_inundation::{Connectivity, FlowProblem, Infiltration, Scheme, lead_roofs, simulate_from};
use dayu_terrain::GridSpec;
use problem::{on_bed, run, uniform_rain};

const SCREENING: Scheme = Scheme::FillSpill { connectivity: Connectivity::Eight };

fn level(nx: usize, ny: usize) -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 4.0, nx, ny };
    let mut p = on_bed(grid, vec![1.0; nx * ny], 0.03);
    p.rain = uniform_rain(&[(0.0, 60.0), (1800.0, 0.0)]);
    (p.duration_s, p.interval_s, p.solver.max_dt_s) = (3600.0, 600.0, 10.0);
    p
}

fn models(n: usize) -> Vec<Infiltration> {
    vec![
        Infiltration::Constant { rate_mm_h: vec![12.0; n] },
        Infiltration::Horton { f0_mm_h: vec![76.0; n], fc_mm_h: vec![13.0; n], decay_1_h: vec![4.14; n] },
        Infiltration::GreenAmpt { ksat_mm_h: vec![6.5; n], suction_m: vec![0.167; n], deficit: vec![0.34; n] },
        Infiltration::ScsCurveNumber { cn: vec![80.0; n], ia_ratio: vec![0.2; n] },
    ]
}

#[test]
fn every_scheme_lets_the_same_water_into_the_ground() {
    for model in models(144) {
        let mut p = level(12, 12);
        p.infiltration = model.clone();
        let taken = |scheme: Scheme| {
            let mut p = p.clone();
            p.solver.scheme = scheme;
            let r = run(&p);
            assert!(r.relative_volume_error < 1e-7, "{scheme:?} {:e}", r.relative_volume_error);
            r.volumes.infiltrated_m3
        };
        let plain = taken(Scheme::Inertial);
        assert!(plain > 0.1 * 144.0 * 16.0 * 0.03, "{model:?} {plain}");
        for scheme in [Scheme::InertialSubgrid { side: 4 }, Scheme::Dynamic] {
            let other = taken(scheme);
            assert!(
                (other / plain - 1.0).abs() < 0.01,
                "{:?} {scheme:?}: {other} {plain}",
                std::mem::discriminant(&model)
            );
        }
    }
}

#[test]
fn rain_of_roofs_stands_in_the_street_under_every_scheme() {
    let mut p = level(12, 12);
    let roofs: Vec<usize> = (4..8).flat_map(|j| (4..8).map(move |i| j * 12 + i)).collect();
    roofs.iter().for_each(|&c| p.bed_m[c] = f64::NAN);
    let open: Vec<bool> = p.bed_m.iter().map(|z| !z.is_nan()).collect();
    p.roofs = lead_roofs(12, &open, &roofs);
    for scheme in [Scheme::Inertial, Scheme::InertialSubgrid { side: 4 }, Scheme::Dynamic, SCREENING] {
        p.solver.scheme = scheme;
        let r = run(&p);
        let whole = 144.0 * 16.0 * 0.03;
        assert!((r.volumes.rain_m3 / whole - 1.0).abs() < 1e-6, "{scheme:?} {}", r.volumes.rain_m3);
        assert!((r.volumes.stored_m3 / whole - 1.0).abs() < 1e-6, "{scheme:?} {}", r.volumes.stored_m3);
    }
}

#[test]
fn a_saved_state_remembers_the_ground() {
    for model in models(96).into_iter().skip(1) {
        let mut p = level(12, 8);
        p.bed_m = (0..96).map(|c| 1.0 + 0.01 * ((c * 7) % 13) as f64).collect();
        p.rain = uniform_rain(&[(0.0, 60.0), (600.0, 0.0), (2000.0, 90.0), (2600.0, 0.0)]);
        p.infiltration = model.clone();
        let whole = run(&p);
        let (_, saved) = simulate_from(&p, None, &[450.0, 1500.0], &|_| true).unwrap();
        for state in &saved {
            let (end, _) = simulate_from(&p, Some(&state.bytes), &[], &|_| true).unwrap();
            assert!(format!("{end:?}") == format!("{whole:?}"), "{model:?} from {} s", state.name);
        }
        // Another model's memory means nothing.
        for other in models(96) {
            let is_other = std::mem::discriminant(&other) != std::mem::discriminant(&model);
            let q = FlowProblem { infiltration: other, ..p.clone() };
            let resumed = simulate_from(&q, Some(&saved[0].bytes), &[], &|_| true);
            assert_eq!(resumed.err().map(|f| f.code), is_other.then(|| "SIM-121".to_string()));
        }
    }
}
