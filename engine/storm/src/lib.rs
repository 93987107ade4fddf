//! Rain over the grid: series, gauges, rolling windows; typhoon tracks, wind and rain ([`typhoon`]); members ([`members`]). Pure.

mod field;
mod forcing;
mod rolling;
mod soundness;

pub mod members;
pub mod typhoon;

pub use forcing::{RainField, RainSource, StepSeries};
pub use rolling::{CumulativeRain, ROLLING_WINDOWS_H, WindowMaximum, rolling_maxima};
