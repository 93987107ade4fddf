//! Crests hold water back to their level and let over what a broad-crested weir lets over, under every scheme that moves water.
#![allow(clippy::unwrap_used)]

mod problem;

use dayu_inundation::{
    Boundary, BoundaryKind, Crest, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, simulate_from,
};
use dayu_terrain::{Axis, GridSpec};
use problem::{depth_at, on_bed, run};

/// Cells of the subgrid that end at the crest, and cells that it divides.
const SCHEMES: [Scheme; 4] =
    [Scheme::Inertial, Scheme::InertialSubgrid { side: 4 }, Scheme::InertialSubgrid { side: 5 }, Scheme::Dynamic];
const NX: usize = 40;
const NY: usize = 4;

/// A level channel, 8 m wide, with a crest across it in its middle (x) or, turned by a right angle, along x (y).
fn channel(along_x: bool, crest_m: f64, scheme: Scheme) -> FlowProblem {
    let (nx, ny) = if along_x { (NX, NY) } else { (NY, NX) };
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 2.0, nx, ny };
    let mut p = on_bed(grid, vec![1.0; nx * ny], 0.02);
    let crest = |k: usize| match along_x {
        true => Crest { axis: Axis::X, face: k * (nx + 1) + NX / 2, level_m: 1.0 + crest_m },
        false => Crest { axis: Axis::Y, face: NX / 2 * nx + k, level_m: 1.0 + crest_m },
    };
    p.crests = (0..NY).map(crest).collect();
    p.solver.scheme = scheme;
    p
}

fn is_before(along_x: bool, cell: usize) -> bool {
    if along_x { cell % NX < NX / 2 } else { cell / NY < NX / 2 }
}

#[test]
fn water_below_a_crest_stays_behind_it() {
    for (scheme, along_x) in SCHEMES.into_iter().flat_map(|s| [(s, true), (s, false)]) {
        let mut p = channel(along_x, 0.5, scheme);
        p.initial_depth_m = (0..p.grid.len()).map(|c| if is_before(along_x, c) { 0.4 } else { 0.0 }).collect();
        (p.duration_s, p.snapshots_s) = (120.0, vec![120.0]);
        let r = run(&p);
        for (c, h) in depth_at(&r, 120.0).iter().enumerate() {
            let still = if is_before(along_x, c) { 0.4 } else { 0.0 };
            assert!((h - still).abs() < 1e-8, "{scheme:?} {along_x} {c} {h}");
        }
    }
}

#[test]
fn what_passes_is_the_flow_of_a_broad_crested_weir() {
    for (scheme, along_x) in SCHEMES.into_iter().flat_map(|s| [(s, true), (s, false)]) {
        let mut p = channel(along_x, 0.8, scheme);
        let (from, to) = if along_x { ("west", "east") } else { ("south", "north") };
        let edge = |side: &str| FaceSet::Edge { side: side.into(), from: f64::NEG_INFINITY, to: f64::INFINITY };
        let q = 0.3;
        p.boundaries = vec![
            Boundary { id: None, kind: BoundaryKind::Inflow(Series::constant(q * 8.0)), place: edge(from) },
            Boundary { id: None, kind: BoundaryKind::Normal(Some(0.01)), place: edge(to) },
        ];
        p.initial_depth_m = (0..p.grid.len()).map(|c| if is_before(along_x, c) { 0.8 } else { 0.0 }).collect();
        (p.duration_s, p.interval_s) = (900.0, 300.0);
        let at = |k: usize| if along_x { NX + k } else { NY * k + 1 };
        p.gauges = vec![GaugePoint { id: "up".into(), cell: at(10) }];
        let line = if along_x { vec![(40.0, 0.0), (40.0, 8.0)] } else { vec![(8.0, 40.0), (0.0, 40.0)] };
        // A section runs along the sides of cells: cells that the crest divides have none there.
        let has_section = scheme != Scheme::InertialSubgrid { side: 5 } || NX / 2 % 5 == 0;
        if has_section {
            p.sections = vec![Section { id: "crest".into(), line }];
        }
        let r = run(&p);
        let level = r.gauges.last().unwrap().level_m;
        let head = level - 1.8;
        // The weir's head is that of the level before it; the channel loses little on the way.
        let weir = (2.0_f64 / 3.0).powf(1.5) * 9.81_f64.sqrt() * head.powf(1.5);
        assert!((weir / q - 1.0).abs() < 0.03, "{scheme:?} {along_x}: {weir} for {q}");
        if has_section {
            let flow = r.flows.iter().rfind(|f| f.id == "crest").unwrap().flow_m3_s;
            assert!((flow.abs() / (q * 8.0) - 1.0).abs() < 0.01, "{scheme:?} {along_x} {flow}");
        }
        assert!(r.relative_volume_error < 1e-9);
    }
}

/// A crest under deep water is no obstacle to levels: both sides end level.
#[test]
fn both_sides_of_a_drowned_crest_come_level() {
    for scheme in SCHEMES {
        let mut p = channel(true, 0.3, scheme);
        p.initial_depth_m = (0..p.grid.len()).map(|c| if is_before(true, c) { 1.2 } else { 0.6 }).collect();
        (p.duration_s, p.snapshots_s) = (1500.0, vec![1500.0]);
        let r = run(&p);
        for (c, h) in depth_at(&r, 1500.0).iter().enumerate() {
            assert!((h - 0.9).abs() < 0.01, "{scheme:?} {c} {h}");
        }
        assert!(r.relative_volume_error < 1e-9);
        // Water that falls over it is not lost nor made in a run that is split.
        let (_, saved) = simulate_from(&p, None, &[20.0], &|_| true).unwrap();
        let (end, _) = simulate_from(&p, Some(&saved[0].bytes), &[], &|_| true).unwrap();
        assert!(format!("{end:?}") == format!("{r:?}"), "{scheme:?}");
    }
}

/// A crest that ends inside a cell of the subgrid parts nothing there, one across it does.
#[test]
fn a_crest_across_a_cell_parts_its_water() {
    let mut p = channel(true, 5.0, Scheme::InertialSubgrid { side: 8 });
    p.initial_depth_m = (0..p.grid.len()).map(|c| if is_before(true, c) { 1.0 } else { 0.0 }).collect();
    (p.duration_s, p.interval_s, p.snapshots_s) = (1500.0, 600.0, vec![1500.0]);
    let whole = run(&p);
    assert!(
        (0..p.grid.len())
            .all(|c| (depth_at(&whole, 1500.0)[c] - if is_before(true, c) { 1.0 } else { 0.0 }).abs() < 1e-6)
    );
    p.crests.truncate(2);
    let half = run(&p);
    let depth = depth_at(&half, 1500.0);
    assert!(depth.iter().all(|h| (h - 0.5).abs() < 0.05), "{depth:?}");
}
