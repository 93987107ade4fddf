//! Culverts, underpasses and openings in all schemes that move water.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod problem;

use dayu_inundation::{FlowProblem, Link, Scheme, simulate, simulate_from};
use dayu_terrain::GridSpec;
use problem::{depth_at, on_bed, run, run_with, uniform_rain};
use proptest::prelude::*;

const MOVING: [Scheme; 3] = [Scheme::Inertial, Scheme::InertialSubgrid { side: 2 }, Scheme::Dynamic];

fn culvert(from: usize, to: usize) -> Link {
    Link {
        id: Some("C1".into()),
        from,
        to,
        width_m: 2.0,
        height_m: 1.0,
        invert_m: [0.0; 2],
        length_m: 30.0,
        roughness: 0.013,
        entry_loss: 0.5,
        exit_loss: 1.0,
        orifice: 0.6,
    }
}

/// Two basins of 10 × 8 cells of 5 m with a wall of two columns between them, water in the western one.
fn basins(depth_m: f64) -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 22, ny: 8 };
    let wall = |c: usize| (10..12).contains(&(c % 22));
    let mut p = on_bed(grid, (0..grid.len()).map(|c| if wall(c) { f64::NAN } else { 0.0 }).collect(), 0.03);
    p.initial_depth_m = (0..grid.len()).map(|c| if c % 22 < 10 { depth_m } else { 0.0 }).collect();
    p.links = vec![culvert(3 * 22 + 9, 3 * 22 + 12)];
    p
}

#[test]
fn two_basins_level_out_through_a_wall_and_no_water_is_lost() {
    for scheme in MOVING {
        let mut p = basins(1.5);
        p.solver.scheme = scheme;
        p.duration_s = 7200.0;
        p.snapshots_s = vec![7200.0];

        let result = run(&p);
        let depth = depth_at(&result, 7200.0);
        for c in (0..depth.len()).filter(|c| !depth[*c].is_nan()) {
            assert!((depth[c] - 0.75).abs() < 0.01, "{scheme:?} {c} {}", depth[c]);
        }
        assert!(result.relative_volume_error < 1e-12, "{scheme:?} {}", result.relative_volume_error);
        let flows: Vec<_> = result.flows.iter().filter(|f| f.id == "C1").collect();
        let through = flows.last().unwrap().volume_m3;
        let east: f64 = (0..depth.len()).filter(|c| c % 22 >= 12).map(|c| depth[c] * 25.0).sum();
        assert!((through - east).abs() < 1e-6 * east, "{scheme:?} {through} {east}");
        if scheme == Scheme::Inertial {
            assert_eq!(result.balance.last().unwrap().error_m3, 0.0);
        }
        // The first minute runs under a nearly constant head of 1.5 m.
        let link = &p.links[0];
        let free = link.discharge_m3_s(1.5, 0.0);
        let first = flows[1].volume_m3 / 60.0;
        assert!(first < free && first > 0.7 * free, "{scheme:?} {first} {free}");
    }
}

/// Large basins hold their levels: the discharge is the closed form.
#[test]
fn a_steady_link_carries_its_closed_form() {
    for scheme in MOVING {
        for (west, east) in [(2.0, 0.2), (2.0, 1.6), (0.6, 0.0), (1.2, 2.2)] {
            let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 50.0, nx: 14, ny: 6 };
            let bed = (0..grid.len()).map(|c| if (6..8).contains(&(c % 14)) { f64::NAN } else { -0.5 });
            let mut p = on_bed(grid, bed.collect(), 0.02);
            p.initial_depth_m = (0..grid.len()).map(|c| 0.5 + if c % 14 < 7 { west } else { east }).collect();
            p.solver.scheme = scheme;
            (p.duration_s, p.interval_s) = (60.0, 20.0);
            p.links = vec![culvert(2 * 14 + 5, 2 * 14 + 8)];
            let result = run(&p);
            let volume = result.flows.iter().rfind(|f| f.id == "C1").unwrap().volume_m3;
            let expected = p.links[0].discharge_m3_s(west, east) * 60.0;
            assert!((volume / expected - 1.0).abs() < 0.02, "{scheme:?} {west} {east}: {volume} {expected}");
        }
    }
}

#[test]
fn what_cannot_be_a_link_is_refused_by_name() {
    let refused = |change: fn(&mut Link)| {
        let mut p = basins(1.0);
        change(&mut p.links[0]);
        MOVING.map(|scheme| {
            p.solver.scheme = scheme;
            simulate(&p, &|_| true).err().map(|f| (f.code, f.field))
        })
    };
    let named = |code: &str, field: &str| [(); 3].map(|()| Some((code.to_string(), field.to_string())));
    assert_eq!(refused(|l| l.to = 10_000), named("SIM-150", "to"));
    assert_eq!(refused(|l| l.from = 10), named("SIM-150", "from"));
    assert_eq!(refused(|l| l.to = l.from), named("SIM-150", "to"));
    assert_eq!(refused(|l| l.width_m = 0.0), named("SIM-151", "width_m"));
    assert_eq!(refused(|l| l.height_m = -1.0), named("SIM-151", "height_m"));
    assert_eq!(refused(|l| l.invert_m[1] = f64::NAN), named("SIM-151", "invert_m"));
    assert_eq!(refused(|l| l.roughness = -0.01), named("SIM-151", "roughness"));
    let mut p = basins(1.0);
    p.links[0].invert_m = [1.5; 2];
    let result = run(&p);
    assert!(result.findings.iter().any(|f| f.code == "SIM-152" && f.place == "C1"), "{:?}", result.findings);
    assert!(result.flows.iter().filter(|f| f.id == "C1").all(|f| f.volume_m3 == 0.0));
    p.solver.scheme = Scheme::FillSpill { connectivity: dayu_inundation::Connectivity::Eight };
    assert_eq!(simulate(&p, &|_| true).err().map(|f| f.code), Some("SIM-128".into()));
}

#[test]
fn a_run_with_links_goes_on_from_its_state_bit_for_bit() {
    let mut p = basins(1.3);
    p.rain = uniform_rain(&[(0.0, 40.0), (300.0, 0.0)]);
    let (whole, saved) = simulate_from(&p, None, &[250.0], &|_| true).unwrap();
    let (rest, _) = simulate_from(&p, Some(&saved[0].bytes), &[], &|_| true).unwrap();
    let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!((bits(&rest.max_depth_m) == bits(&whole.max_depth_m), rest.flows == whole.flows), (true, true));
    assert_eq!(rest.balance, whole.balance);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    /// Whatever the links: depths ≥ 0, volumes exact, the same bits on any number of threads.
    #[test]
    fn links_neither_make_nor_lose_water(
        depths in prop::collection::vec(0.0_f64..2.0, 176),
        ends in prop::collection::vec((0_usize..160, 0_usize..160, 0.1_f64..6.0, -1.0_f64..1.0), 1..6),
        scheme in 0_usize..3,
        max_dt_s in 5.0_f64..200.0,
    ) {
        let mut p = basins(0.0);
        p.solver.scheme = MOVING[scheme];
        p.solver.max_dt_s = max_dt_s;
        let open: Vec<usize> = (0..176).filter(|c| !p.bed_m[*c].is_nan()).collect();
        p.initial_depth_m = depths;
        p.links = ends.iter().filter(|e| e.0 != e.1).map(|&(from, to, width_m, invert)| {
            Link { width_m, invert_m: [invert, invert + 0.1], ..culvert(open[from], open[to]) }
        }).collect();
        p.snapshots_s = vec![90.0, 600.0];
        let result = run_with(1, &p);
        prop_assert!(result.relative_volume_error <= 1e-12, "{}", result.relative_volume_error);
        for s in &result.snapshots {
            prop_assert!(s.1.iter().all(|h| h.is_nan() || *h >= 0.0));
        }
        let again = run_with(2, &p);
        prop_assert!((&result.flows, &result.balance) == (&again.flows, &again.balance));
        let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert!(bits(&result.max_depth_m) == bits(&again.max_depth_m));
    }
}
