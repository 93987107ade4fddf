//! Rain-driven surface flow on a grid. Pure: `simulate(&FlowProblem, progress) -> Inundation`.

mod balance;
mod cell;
mod depth;
mod doubts;
mod dynamic;
mod exchange;
mod infiltration;
mod mesh;
mod momentum;
mod place;
mod problem;
mod rating;
mod record;
mod result;
mod roofs;
mod scheme;
mod series;
mod simulate;
mod soundness;
mod start;
mod state;
mod track;

pub use infiltration::Infiltration;
pub use problem::{Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, Sink, Solver};
pub use result::{BalanceRow, FlowRow, GaugeRow, Inundation, RunStats, SinkTotal, Snapshot, Volumes};
pub use roofs::lead_roofs;
pub use scheme::simulate;
