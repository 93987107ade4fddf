//! Rain-driven surface flow on a grid. Pure: `simulate(&FlowProblem, progress) -> Inundation`.

mod problem;
mod result;

pub use problem::{Boundary, BoundaryKind, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Series, Sink, Solver};
pub use result::{BalanceRow, FlowRow, GaugeRow, Inundation, RunStats, SinkTotal, Volumes};
