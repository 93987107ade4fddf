use crate::{AttributionRow, Further, SourceTotal};
use dayu_base::Finding;
use dayu_terrain::GridSpec;

/// One row of `gauges.csv` (dry: level = bed).
#[derive(Clone, Debug, PartialEq)]
pub struct GaugeRow {
    /// s
    pub time_s: f64,
    /// gauge
    pub id: String,
    /// m
    pub level_m: f64,
    /// m
    pub depth_m: f64,
    /// m/s
    pub speed_m_s: f64,
    /// east, m/s
    pub u_m_s: f64,
    /// north, m/s
    pub v_m_s: f64,
}

/// One row of `flows.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowRow {
    /// s
    pub time_s: f64,
    /// boundary or section
    pub id: String,
    /// m³/s (boundary: inward positive; section: left to right)
    pub flow_m3_s: f64,
    /// sum since 0, m³
    pub volume_m3: f64,
}

/// One row of `balance.csv`: sums since 0, stored now, error = change of stored − rain − inflow + infiltrated + drained + outflow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct BalanceRow {
    /// s
    pub time_s: f64,
    /// m³
    pub rain_m3: f64,
    /// m³
    pub inflow_m3: f64,
    /// m³
    pub infiltrated_m3: f64,
    /// m³
    pub drained_m3: f64,
    /// m³
    pub outflow_m3: f64,
    /// m³
    pub stored_m3: f64,
    /// m³
    pub error_m3: f64,
}

/// Volumes at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Volumes {
    /// m³
    pub rain_m3: f64,
    /// m³
    pub inflow_m3: f64,
    /// m³
    pub infiltrated_m3: f64,
    /// m³ (assumed drains, pumps and outfalls)
    pub drained_m3: f64,
    /// m³
    pub outflow_m3: f64,
    /// m³
    pub stored_start_m3: f64,
    /// m³
    pub stored_m3: f64,
    /// m³
    pub error_m3: f64,
}

/// What one pump or outfall took.
#[derive(Clone, Debug, PartialEq)]
pub struct SinkTotal {
    /// asset id
    pub id: String,
    /// m³
    pub volume_m3: f64,
    /// s during which it ran
    pub running_s: f64,
}

/// How the run went.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RunStats {
    /// cells of the grid
    pub cells: u64,
    /// active cells
    pub active_cells: u64,
    /// steps
    pub steps: u64,
    /// cells really updated, summed over steps
    pub cell_updates: u64,
    /// shortest step, s
    pub dt_min_s: f64,
    /// mean step, s
    pub dt_mean_s: f64,
    /// longest step, s
    pub dt_max_s: f64,
}

/// Time (s), and per cell depth (m), u and v (m/s); NaN in walls.
pub type Snapshot = (f64, Vec<f64>, Vec<f64>, Vec<f64>);

/// What the water did. Rasters: one value per cell (south row first); masked cells hold NaN (0 for hazard; use `active`).
#[derive(Clone, Debug, PartialEq)]
pub struct Inundation {
    /// the grid
    pub grid: GridSpec,
    /// false = wall
    pub active: Vec<bool>,
    /// deepest, m
    pub max_depth_m: Vec<f64>,
    /// first time the depth reached `arrival_depth_m`, s; NaN = never
    pub arrival_s: Vec<f64>,
    /// time spent at or above `arrival_depth_m`, s
    pub duration_s: Vec<f64>,
    /// fastest where deeper than `dry_depth_m`, m/s
    pub max_speed_m_s: Vec<f64>,
    /// highest instantaneous ARR class, 0–6
    pub max_hazard: Vec<u8>,
    /// per entry of `thresholds_m`: first crossing per cell, s; NaN = never. 32-bit: with six depths these are the largest part of a
    /// result, and no step of a run is as short as their last digit
    pub crossing_s: Vec<(f64, Vec<f32>)>,
    /// per entry of `thresholds_m`: last time at or above per cell, s; NaN = never
    pub leaving_s: Vec<(f64, Vec<f32>)>,
    /// results asked for by [`crate::Wanted`]
    pub further: Further,
    /// time of the deepest, s
    pub peak_time_s: Vec<f64>,
    /// depth, u, v at each snapshot
    pub snapshots: Vec<Snapshot>,
    /// rows
    pub gauges: Vec<GaugeRow>,
    /// rows
    pub flows: Vec<FlowRow>,
    /// rows: sources of the water at the gauges
    pub attribution: Vec<AttributionRow>,
    /// what became of each source
    pub sources: Vec<SourceTotal>,
    /// rows
    pub balance: Vec<BalanceRow>,
    /// per sink
    pub sinks: Vec<SinkTotal>,
    /// at the end
    pub volumes: Volumes,
    /// max |error| ÷ (stored at start + rain + inflow)
    pub relative_volume_error: f64,
    /// steps and cells
    pub stats: RunStats,
    /// what must be known of the run
    pub findings: Vec<Finding>,
}

impl Inundation {
    /// When the water fell below a depth of `thresholds_m` for good, s; NaN where it never came up, or stood above it still at the end
    /// (`end_s`). `None` when that depth was not timed.
    pub fn ebb_s(&self, depth_m: f64, end_s: f64) -> Option<Vec<f64>> {
        let (_, last) = self.leaving_s.iter().find(|(depth, _)| *depth == depth_m)?;
        // Times were kept in 32 bits: a cell that stands above at the end was closed at that very number.
        let end = end_s as f32;
        Some(last.iter().map(|&t| if t < end { f64::from(t) } else { f64::NAN }).collect())
    }
}
