//! Rain-driven surface flow on a grid. Pure: `simulate(&FlowProblem, progress) -> Inundation`.

mod balance;
mod crest;
mod exchange;
mod face;
mod loss;
mod fillspill;
mod mesh;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod paths;
mod place;
mod plan;
mod problem;
mod record;
mod result;
mod run;
mod saved;
mod series;
mod simulate;
mod soundness;
mod state;
mod sweep;
#[cfg(test)]
mod testing;
mod subgrid;
mod track;
mod unit;

pub use problem::{
    Boundary, BoundaryKind, Crest, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, Sink, Solver,
};
pub use fillspill::Connectivity;
pub use result::{BalanceRow, FlowRow, GaugeRow, Inundation, RunStats, SinkTotal, Snapshot, Volumes};
pub use saved::SavedState;
pub use simulate::{simulate, simulate_from};
