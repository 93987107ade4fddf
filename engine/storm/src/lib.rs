//! Rain over the grid: series, gauges, rolling windows. Pure.

mod field;
mod forcing;
mod rolling;
mod soundness;

pub use forcing::{RainField, RainSource, StepSeries};
pub use rolling::{CumulativeRain, ROLLING_WINDOWS_H, WindowMaximum, rolling_maxima};
