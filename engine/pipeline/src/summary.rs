use crate::EarlierRun;
use crate::quality::Quality;
use dayu_base::{Finding, ResponseLevel, Text};
use dayu_plan::{Recommendation, TransferTotals};
use serde::{Deserialize, Serialize};

/// `DIR/summary.json` of a run: the recommendation with its rule trace and the times of execution, which stand nowhere else.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// 1
    pub format: u32,
    /// scenario
    pub scenario_id: String,
    /// scenario as it was given, so that a package can be made again
    pub scenario_path: String,
    /// SHA-256 of inputs, options and program version
    pub run_id: String,
    /// earlier run whose orders were kept as far as could be
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<EarlierRun>,
    /// program version
    pub version: String,
    /// real | synthetic | mixed
    pub origin: String,
    /// what is known by then is observed
    pub as_of: String,
    /// one per chain
    pub recommendations: Vec<Recommendation>,
    /// one per level that was composed
    pub levels: Vec<LevelSummary>,
    /// how the water run went
    pub simulation: SimulationSummary,
    /// members of the run; `None` = a single run
    #[serde(default)]
    pub members: Option<MembersSummary>,
    /// time within which the answer was asked for, s; it chose the cells
    #[serde(default)]
    pub deadline_s: Option<f64>,
    /// times of execution, s
    pub wall_s: WallTimes,
    /// threads used
    pub threads: usize,
    /// everything a person must know
    pub findings: Vec<Finding>,
}

/// One level in the summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelSummary {
    /// level
    pub level: ResponseLevel,
    /// digest of the package
    pub package_id: String,
    /// counts
    pub totals: TransferTotals,
    /// controlled objects
    pub objects: u64,
    /// measures
    pub measures: usize,
    /// closures
    pub closures: usize,
    /// transfer rows
    pub transfers: usize,
}

/// The water run in the summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimulationSummary {
    /// cell, m
    pub cell_m: f64,
    /// how good the answer is, when a deadline chose the cells
    #[serde(default)]
    pub quality: Option<Quality>,
    /// active cells
    pub active_cells: u64,
    /// steps
    pub steps: u64,
    /// max |error| ÷ (stored at start + rain + inflow)
    pub relative_volume_error: f64,
    /// waterlogging points at or above 0.15 m
    pub points_flooded: u64,
    /// waterlogging points in the register
    pub points: u64,
}

/// The members in the summary.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MembersSummary {
    /// members, the unchanged one included
    pub members: u64,
    /// how they were made
    pub method: Text,
    /// side of their cells, m
    pub cell_m: f64,
    /// cell-steps of all of them
    pub cell_steps: u64,
    /// real | synthetic | mixed: drawn members are constructed
    pub origin: String,
}

/// Times of execution, s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WallTimes {
    /// reading and checking
    pub load: f64,
    /// grid, registry, roads
    pub build: f64,
    /// water
    pub simulate: f64,
    /// what the water was expected to take on the cells that a deadline chose
    #[serde(default)]
    pub estimated_simulate: Option<f64>,
    /// members, grid included
    #[serde(default)]
    pub members: f64,
    /// impact
    pub assess: f64,
    /// rules, measures, assignment
    pub decide: f64,
    /// products
    pub compose: f64,
    /// all
    pub total: f64,
}
