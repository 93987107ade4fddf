//! Problems for unit tests.

use crate::{FlowProblem, Infiltration, Scheme, Solver, Wanted};
use dayu_storm::RainField;
use dayu_terrain::GridSpec;

/// Dry, level, closed ground without rain.
pub(crate) fn flat(nx: usize, ny: usize, cell_m: f64) -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m, nx, ny };
    FlowProblem {
        bed_m: vec![0.0; grid.len()],
        roughness: vec![0.03; grid.len()],
        grid,
        infiltration: Infiltration::None,
        drain_mm_h: vec![],
        rain: RainField::default(),
        roofs: vec![],
        boundaries: vec![],
        initial_depth_m: vec![],
        initial_velocity_m_s: None,
        sinks: vec![],
        crests: vec![],
        links: vec![],
        gauges: vec![],
        sections: vec![],
        duration_s: 600.0,
        interval_s: 60.0,
        snapshots_s: vec![],
        arrival_depth_m: 0.15,
        thresholds_m: vec![],
        attribution: None,
        wanted: Wanted::default(),
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
    }
}
