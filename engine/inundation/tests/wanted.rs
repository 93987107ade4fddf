//! Results kept only when asked for, under every scheme that moves water.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_inundation::{Debris, FlowProblem, Infiltration, Scheme, Wanted, hazard_rating, simulate};
use dayu_terrain::GridSpec;
use problem::{on_bed, run, uniform_rain};
use proptest::prelude::*;

const SCHEMES: [Scheme; 3] = [Scheme::Inertial, Scheme::InertialSubgrid { side: 4 }, Scheme::Dynamic];

/// A level closed basin: 60 mm/h for an hour, 30 mm/h drained throughout.
fn basin() -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 4.0, nx: 12, ny: 8 };
    let mut p = on_bed(grid, vec![2.0; 96], 0.03);
    p.rain = uniform_rain(&[(0.0, 60.0), (3600.0, 0.0)]);
    p.drain_mm_h = vec![30.0; 96];
    (p.duration_s, p.interval_s, p.solver.max_dt_s) = (5400.0, 600.0, 5.0);
    p.arrival_depth_m = 0.005;
    p.thresholds_m = vec![0.02, 0.01, 0.5];
    p.wanted = Wanted { durations_m: vec![0.01, 0.02, 0.5], product: true, rating: Some(Debris::Urban) };
    p
}

#[test]
fn times_above_several_depths_and_the_ebb_are_those_of_the_closed_form() {
    for scheme in SCHEMES {
        let mut p = basin();
        p.solver.scheme = scheme;
        let r = run(&p);
        let stay = |depth: f64| r.further.stay_s.iter().find(|s| s.0 == depth).unwrap().1[17];
        // Up by 30 mm/h from 0, down by as much from 3600 s on; the run ends at 15 mm.
        let near = |a: f64, b: f64| (a - b).abs() <= 10.0;
        assert!(near(stay(0.02), 2400.0) && near(stay(0.01), 5400.0 - 1200.0), "{scheme:?}");
        assert_eq!(stay(0.5), 0.0);
        let ebb = |depth: f64| r.ebb_s(depth, p.duration_s).unwrap()[17];
        assert!(near(ebb(0.02), 4800.0), "{scheme:?} {}", ebb(0.02));
        assert!(ebb(0.01).is_nan() && ebb(0.5).is_nan());
        assert!(r.ebb_s(0.3, p.duration_s).is_none());
        let rating = r.further.max_rating.as_ref().unwrap()[17];
        assert!((rating - 0.015).abs() < 1e-3, "{scheme:?} {rating}");
        assert_eq!(r.further.max_product_m2_s.as_ref().unwrap()[17], 0.0);
        assert!(r.findings.iter().any(|f| f.code == "SIM-191"));
        // Nothing is kept that was not asked for.
        p.wanted = Wanted::default();
        let bare = run(&p);
        assert!(bare.further == dayu_inundation::Further::default() && bare.max_depth_m == r.max_depth_m);
    }
}

#[test]
fn a_duration_of_a_depth_that_is_not_timed_is_refused() {
    let mut p = basin();
    p.wanted.durations_m = vec![0.25];
    assert_eq!(simulate(&p, &|_| true).unwrap_err().code, "SIM-190");
    let mut p = basin();
    p.wanted.rating = Some(Debris::Fixed(f64::NAN));
    assert_eq!(simulate(&p, &|_| true).unwrap_err().code, "SIM-190");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// The greatest product is no more than the greatest depth times the greatest speed, and no less than that of any moment looked at.
    #[test]
    fn products_and_ratings_lie_between_their_bounds(seed in any::<u64>(), which in 0_usize..3) {
        let mut state = seed;
        let mut random = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 11) as f64 / (1_u64 << 53) as f64
        };
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 24, ny: 16 };
        let bed: Vec<f64> = (0..grid.len()).map(|_| if random() < 0.05 { f64::NAN } else { 2.0 * random() }).collect();
        let mut p = on_bed(grid, bed, 0.03);
        p.initial_depth_m = (0..grid.len()).map(|c| if c % 24 < 8 { 3.0 * random() } else { 0.0 }).collect();
        p.infiltration = Infiltration::Constant { rate_mm_h: vec![100.0; grid.len()] };
        p.solver.scheme = SCHEMES[which];
        (p.duration_s, p.snapshots_s) = (120.0, vec![20.0, 60.0, 120.0]);
        p.wanted = Wanted { durations_m: vec![], product: true, rating: Some(Debris::Conservative) };
        let r = run(&p);
        let (product, rating) = (r.further.max_product_m2_s.as_ref().unwrap(), r.further.max_rating.as_ref().unwrap());
        for c in (0..grid.len()).filter(|c| r.active[*c]) {
            let (h, v) = (r.max_depth_m[c], r.max_speed_m_s[c]);
            prop_assert!(product[c] <= h * v * (1.0 + 1e-5) + 1e-9, "{} {h} {v}", product[c]);
            let most = f64::from(hazard_rating(h as f32, (v * v) as f32, Debris::Conservative));
            prop_assert!(rating[c] <= most * (1.0 + 1e-5) + 1e-6);
            let still = if h > p.solver.dry_depth_m { 0.5 * h } else { 0.0 };
            prop_assert!(rating[c] >= still - 1e-6, "{} {h}", rating[c]);
            // One velocity in snapshots and extremes; the other schemes bound it at fronts each in its way.
            for (_, depth, u, v) in r.snapshots.iter().filter(|_| SCHEMES[which] == Scheme::Dynamic) {
                let now = depth[c] * (u[c] * u[c] + v[c] * v[c]).sqrt();
                prop_assert!(product[c] >= now * (1.0 - 1e-9) - 1e-12, "{} {now}", product[c]);
            }
        }
        prop_assert!(r.active.iter().zip(product).all(|(a, p)| *a || p.is_nan()));
    }
}
