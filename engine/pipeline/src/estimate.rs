//! What a run will hold in memory, told before it starts: too large a grid is refused with a grid that fits, instead of dying half-way.

use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_impact::{Thresholds, thresholds_to_track};
use dayu_inundation::Scheme;
use dayu_terrain::GridSpec;

/// Registers, fonts, maps and the program itself.
const BESIDES_BYTES: f64 = 400e6;

/// Share of the free memory that a run may take.
const SHARE: f64 = 0.9;

/// Bytes of a run on a grid of so many cells (pixels), by the fields that live at once.
fn needed_bytes(cells: usize, thresholds: usize, snapshots: usize, scheme: Scheme) -> f64 {
    // Bed, roughness, three fields of infiltration, drains, initial depth; relief.
    let problem = 64;
    // Five fields of results, class and mask; twice 8 per threshold; depth, u and v of a snapshot; one field being written.
    let results = 42 + 16 * thresholds + 24 * snapshots + 16;
    let state = match scheme {
        // Whole-number state; two losses, a field of rain and the memory of the soil; times of further depths.
        Scheme::Inertial => 47 + 32 + 8 * (thresholds + 1),
        // Tables and times of a pixel.
        Scheme::InertialSubgrid { .. } => 40 + 8 * (thresholds + 1),
        // Two stages, fluxes of two faces, share, rain, ground, memory of the soil, extremes.
        Scheme::Dynamic => 48 + 64 + 16 + 37 + 16 + 33 + 16 * (thresholds + 1),
        // Order, leaves, trees of hollows.
        Scheme::FillSpill { .. } => 64,
    };
    cells as f64 * (problem + results + state) as f64 + BESIDES_BYTES
}

/// True when a plain grid of so many cells fits the free memory, or when the system does not tell what is free.
pub(crate) fn fits_memory(inputs: &Inputs, cells: usize) -> bool {
    let scheme = if inputs.scenario.solver.scheme == "dynamic" { Scheme::Dynamic } else { Scheme::Inertial };
    let snapshots = inputs.scenario.output.snapshots_s.len();
    free_bytes().is_none_or(|free| needed_bytes(cells, tracked(inputs), snapshots, scheme) <= SHARE * free)
}

/// Depths whose first crossing is kept.
fn tracked(inputs: &Inputs) -> usize {
    let registry = &inputs.district.registry;
    if registry.assets().is_empty() { 0 } else { thresholds_to_track(registry, &Thresholds::default()).len() }
}

/// Refuses a grid that does not fit the free memory of this machine.
///
/// # Errors
/// `RUN-083` with the smallest cell that would fit.
pub(crate) fn refuse_beyond_memory(inputs: &Inputs, grid: &GridSpec, scheme: Scheme) -> Result<(), Finding> {
    let Some(free) = free_bytes() else { return Ok(()) };
    let thresholds = tracked(inputs);
    let keys = inputs.scenario.grid.clone().unwrap_or_default();
    let snapshots = inputs.scenario.output.snapshots_s.len();
    let needed = needed_bytes(grid.len(), thresholds, snapshots, scheme);
    if needed <= SHARE * free {
        return Ok(());
    }
    let fits = grid.cell_m * ((needed - BESIDES_BYTES) / (SHARE * free - BESIDES_BYTES).max(1e6)).sqrt();
    let (gib, key) = (
        |bytes: f64| bytes / (1_u64 << 30) as f64,
        if keys.subgrid_m.is_some() { "grid.subgrid_m" } else { "grid.cell_m" },
    );
    Err(Finding::error(
        "RUN-083",
        Text::new(
            format!("{} 个单元（像元）约需内存 {:.1} GiB，本机可用 {:.1} GiB", grid.len(), gib(needed), gib(free)),
            format!(
                "{} cells (pixels) need about {:.1} GiB of memory, {:.1} GiB are free",
                grid.len(),
                gib(needed),
                gib(free)
            ),
        ),
        Text::new(
            format!("把 {key} 增大到 {:.0} 米以上，或缩小 grid.extent", fits.ceil()),
            format!("use a {key} of {:.0} m or more, or a smaller grid.extent", fits.ceil()),
        ),
    )
    .in_file(&inputs.scenario_file.name)
    .field(key))
}

/// Free memory, at most what the control group allows; `None` where the system does not tell.
fn free_bytes() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find(|l| l.starts_with("MemAvailable:"))?;
    let free = line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0;
    let group = |name: &str| std::fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?.trim().parse::<f64>().ok();
    let allowed = group("memory.max").map(|most| most - group("memory.current").unwrap_or(0.0));
    Some(allowed.map_or(free, |a| free.min(a.max(0.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_district_fits_and_a_province_does_not() {
        // 3 million pixels of 10 m with six depths: well under a gibibyte and a half.
        assert!(needed_bytes(3_000_000, 6, 0, Scheme::InertialSubgrid { side: 5 }) < 1.5e9);
        assert!(needed_bytes(50_000_000, 6, 4, Scheme::Inertial) > 16e9);
    }
}
