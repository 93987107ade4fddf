//! Rain over the grid: series, gauges, rolling windows. Pure.

mod forcing;

pub use forcing::{RainField, RainSource, StepSeries};
