//! Exact and published answers for slopes (tests/cases/slope_*).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use dayu_slopes::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

type Row = BTreeMap<String, String>;

fn table(path: &str) -> Vec<Row> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.lines();
    let head: Vec<String> = lines.next().unwrap().split(',').map(str::to_string).collect();
    lines.map(|l| head.iter().cloned().zip(l.split(',').map(str::to_string)).collect()).collect()
}

fn n(row: &Row, key: &str) -> f64 {
    row[key].parse().unwrap_or(f64::NAN)
}

/// The soil of the transient case.
const GROUND: Ground = Ground {
    slope_deg: 35.0,
    cohesion_pa: 1500.0,
    friction_deg: 36.0,
    weight_n_m3: 21_000.0,
    base_m: 3.0,
    water_table_m: 2.0,
    conductivity_m_s: 1e-5,
    diffusivity_m2_s: 5e-5,
};

#[test]
fn infinite_slope_from_dry_to_saturated() {
    let rows = table("slope_infinite_static/expected.csv");
    assert_eq!(rows.len(), 60);
    for r in rows {
        let ground = Ground {
            slope_deg: n(&r, "slope_deg"),
            friction_deg: n(&r, "phi_deg"),
            cohesion_pa: n(&r, "c_Pa"),
            weight_n_m3: n(&r, "gamma_s_Nm3"),
            ..GROUND
        };
        let depth = n(&r, "Z_m");
        let cosine = libm::cos(ground.slope_deg.to_radians());
        let head = n(&r, "m_watertable_ratio") * depth * cosine * cosine;
        let fs = factor_of_safety(&ground, depth, head);
        // Expected values carry eight digits.
        assert!((fs / n(&r, "FS") - 1.0).abs() < 6e-8, "{r:?} {fs}");
        assert!((factor_of_safety(&ground, depth, critical_head_m(&ground, depth)) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn pressure_in_deep_soil() {
    for r in table("slope_transient_pressure/expected_iverson.csv") {
        let (z, t, length) = (n(&r, "Z_m"), n(&r, "t_h") * 3600.0, n(&r, "rain_h") * 3600.0);
        let head = iverson_head_m(&GROUND, z, t, length, n(&r, "Iz_over_Kz"));
        assert!((head - n(&r, "psi_m")).abs() <= 1e-7, "{r:?} {head}");
        assert!((factor_of_safety(&GROUND, z, head) / n(&r, "FS") - 1.0).abs() <= 1e-7);
    }
}

#[test]
fn pressure_over_an_impermeable_base() {
    let steps: Vec<(f64, f64, f64)> = table("slope_transient_pressure/rain_steps.csv")
        .iter()
        .map(|r| (n(r, "t0_s"), n(r, "t1_s"), n(r, "I_ms")))
        .collect();
    let mut worst: f64 = 0.0;
    for r in table("slope_transient_pressure/expected_trigrs_finite_depth.csv") {
        let (z, until) = (n(&r, "Z_m"), n(&r, "t_h") * 3600.0);
        let mut soil = FiniteDepth::new(&GROUND, z);
        let mut instants: Vec<f64> = steps.iter().flat_map(|s| [s.0, s.1]).filter(|t| *t < until).collect();
        instants.extend([0.0, until]);
        instants.sort_by(f64::total_cmp);
        for w in instants.windows(2) {
            let rain = steps.iter().find(|s| s.0 <= w[0] && w[0] < s.1).map_or(0.0, |s| s.2);
            soil.advance(rain, w[1] - w[0]);
        }
        let error = (soil.uncapped_m() - n(&r, "psi_uncapped_m")).abs();
        worst = worst.max(error);
        assert!(error <= 1e-4, "{r:?} {}", soil.uncapped_m());
        assert!((soil.head_m() - n(&r, "psi_m")).abs() <= 1e-4);
        assert!((factor_of_safety(&GROUND, z, soil.head_m()) / n(&r, "FS") - 1.0).abs() <= 1e-3);
    }
    println!("worst head error {worst:e} m");
}

#[test]
fn intensity_and_duration() {
    for r in table("slope_rain_thresholds/expected.csv") {
        let curve = IntensityDuration::ALL.into_iter().find(|c| c.id == r["threshold"]).unwrap();
        let rate = curve.mm_h(n(&r, "D_h")).unwrap();
        assert!((rate / n(&r, "I_mmh") - 1.0).abs() <= 1e-6, "{r:?} {rate}");
        assert!((rate * n(&r, "D_h") / n(&r, "E_mm") - 1.0).abs() <= 1e-6);
    }
}
