//! Rain-driven surface flow on a grid. Pure: `simulate(&FlowProblem, progress) -> Inundation`.

mod aligned;
mod attribution;
mod balance;
mod band;
mod cell;
mod crest;
mod critical;
mod doubts;
mod dynamic;
mod exchange;
mod face;
mod fillspill;
mod infiltration;
mod link;
mod loss;
mod mesh;
mod outflow;
#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod paths;
mod place;
mod plan;
mod prefetch;
mod problem;
mod rating;
mod record;
mod result;
mod roofs;
mod run;
mod saved;
mod schedule;
mod scheme;
mod series;
mod simulate;
mod soil_loss;
mod soundness;
mod start;
mod state;
mod subgrid;
mod sweep;
#[cfg(test)]
mod testing;
mod track;
mod unit;
mod vectors;
mod wanted;

pub use attribution::{Attribution, AttributionRow, NO_REGION, SourceTotal};
pub use fillspill::Connectivity;
pub use infiltration::{Infiltration, laws as infiltration_laws};
pub use link::Link;
pub use problem::{
    Boundary, BoundaryKind, Crest, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, Sink, Solver,
};
pub use result::{BalanceRow, FlowRow, GaugeRow, Inundation, RunStats, SinkTotal, Snapshot, Volumes};
pub use roofs::lead_roofs;
pub use saved::SavedState;
pub use scheme::{simulate, simulate_alone, simulate_from};
pub use wanted::{Debris, Further, Wanted, hazard_rating};
