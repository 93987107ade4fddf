//! What a run will hold in memory, told before it starts: too large a grid is refused with a grid that fits, instead of dying half-way.

use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_impact::{Thresholds, thresholds_to_track};
use dayu_inundation::Scheme;
use dayu_terrain::GridSpec;

/// The program itself, registers, fonts, what the raster library keeps.
const BESIDES_BYTES: f64 = 150e6;

/// Share of the free memory that a run may take.
const SHARE: f64 = 0.9;

/// What a run keeps per cell, by what its scenario asks for.
#[derive(Clone, Copy, Debug, Default)]
struct Asked {
    /// depths whose first crossing is kept
    thresholds: usize,
    snapshots: usize,
    /// fields of the soil, and whether it remembers
    soil_fields: usize,
    soil_remembers: bool,
    has_drains: bool,
    has_initial_depth: bool,
    has_initial_velocity: bool,
    /// no two cells need get the same rain
    rain_is_field: bool,
}

impl Asked {
    fn of(inputs: &Inputs) -> Self {
        let (spec, registry) = (&inputs.scenario, &inputs.district.registry);
        let (soil_fields, soil_remembers) = match spec.infiltration.as_ref().map_or("none", |soil| &soil.model) {
            "constant" => (1, false),
            "horton" | "green-ampt" => (3, true),
            "scs-cn" => (2, true),
            _ => (0, false),
        };
        let has_roofs = inputs.district.spec.terrain.as_ref().is_some_and(|t| t.buildings.is_some());
        let follows_place = |kind: &str| !matches!(kind, "uniform" | "chicago");
        Self {
            thresholds: if registry.assets().is_empty() {
                0
            } else {
                thresholds_to_track(registry, &Thresholds::default()).len()
            },
            snapshots: spec.output.snapshots_s.len(),
            soil_fields,
            soil_remembers,
            has_drains: spec.losses.as_ref().is_some_and(|l| l.drain_capacity_mm_h.is_some()),
            has_initial_depth: spec.initial.is_some(),
            has_initial_velocity: spec.initial.as_ref().is_some_and(|i| i.velocity.is_some()),
            rain_is_field: has_roofs || spec.rain.iter().any(|r| follows_place(&r.kind)),
        }
    }
}

/// Bytes of a run on a grid of so many cells (pixels), by the fields that live at once: either while water moves or while the rasters
/// are written.
fn needed_bytes(cells: usize, asked: Asked, scheme: Scheme) -> f64 {
    let Asked { thresholds, snapshots, .. } = asked;
    let some = |is_there: bool, bytes: usize| if is_there { bytes } else { 0 };
    // Bed and roughness, the soil, drains, how the water starts; the terrain as it was read.
    let problem = 16
        + 8 * asked.soil_fields
        + some(asked.has_drains, 8)
        + some(asked.has_initial_depth, 8)
        + some(asked.has_initial_velocity, 16)
        + 8;
    // Depth, u and v of a snapshot.
    let kept = 24 * snapshots;
    // Five fields of results, class and mask; twice 4 per depth; pixels, their overviews and the file of a raster being written.
    let results = 42 + 8 * thresholds + 16;
    let soil = some(asked.soil_fields > 0, 4) + some(asked.soil_remembers, 8 * asked.soil_fields + 16);
    let losses = soil + some(asked.has_drains, 4) + some(asked.rain_is_field, 12);
    let state = match scheme {
        // Whole-number state; times of further depths and the two depths between which a cell stands.
        Scheme::Inertial => 47 + losses + 8 * thresholds + some(thresholds > 0, 8),
        // Tables and times of a pixel.
        Scheme::InertialSubgrid { .. } => 40 + losses + 8 * (thresholds + 1),
        // Two stages, fluxes of two faces, share, rain, ground, memory of the soil, extremes.
        Scheme::Dynamic => 48 + 64 + 16 + 37 + 16 + losses + 16 * (thresholds + 1),
        // Order, leaves, trees of hollows.
        Scheme::FillSpill { .. } => 64,
    };
    // The plain scheme gives its state back field by field while results are made; the others hold both for a moment.
    let most = if scheme == Scheme::Inertial { results.max(state) } else { results + state };
    cells as f64 * (problem + kept + most) as f64 + BESIDES_BYTES
}

/// True when a plain grid of so many cells fits the free memory, or when the system does not tell what is free.
pub(crate) fn fits_memory(inputs: &Inputs, cells: usize) -> bool {
    let scheme = if inputs.scenario.solver.scheme == "dynamic" { Scheme::Dynamic } else { Scheme::Inertial };
    free_bytes().is_none_or(|free| needed_bytes(cells, Asked::of(inputs), scheme) <= SHARE * free)
}

/// Bytes that a run of this scenario is expected to hold at most; in the summary beside what the grid is.
pub(crate) fn expected_bytes(inputs: &Inputs, grid: &GridSpec, scheme: Scheme) -> f64 {
    needed_bytes(grid.len(), Asked::of(inputs), scheme)
}

/// Refuses a grid that does not fit the free memory of this machine.
///
/// # Errors
/// `RUN-083` with the smallest cell that would fit.
pub(crate) fn refuse_beyond_memory(inputs: &Inputs, grid: &GridSpec, scheme: Scheme) -> Result<(), Finding> {
    let Some(free) = free_bytes() else { return Ok(()) };
    let keys = inputs.scenario.grid.clone().unwrap_or_default();
    let needed = expected_bytes(inputs, grid, scheme);
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
        let asked = Asked { thresholds: 6, has_drains: true, ..Asked::default() };
        // 3 million pixels of 10 m with six depths: well under a gibibyte.
        assert!(needed_bytes(3_000_000, asked, Scheme::InertialSubgrid { side: 5 }) < 1.0e9);
        // A whole district at 5 m with all that it may ask for.
        assert!(needed_bytes(12_000_000, asked, Scheme::Inertial) < 2.0 * (1_u64 << 30) as f64);
        assert!(needed_bytes(150_000_000, Asked { snapshots: 4, ..asked }, Scheme::Inertial) > 16e9);
    }
}
