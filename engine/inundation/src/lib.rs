//! Rain-driven surface flow on a grid. Pure: `simulate(&FlowProblem, progress) -> Inundation`.

mod balance;
mod cell;
mod depth;
mod exchange;
mod fillspill;
mod mesh;
mod momentum;
mod place;
mod problem;
mod record;
mod result;
mod series;
mod simulate;
mod soundness;
mod state;
mod subgrid;
mod track;

pub use fillspill::Connectivity;
pub use problem::{Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, Sink, Solver};
pub use result::{BalanceRow, FlowRow, GaugeRow, Inundation, RunStats, SinkTotal, Snapshot, Volumes};
pub use simulate::simulate;
