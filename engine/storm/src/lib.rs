//! Rain over the grid: series, gauges, rolling windows; typhoon tracks, wind and rain ([`typhoon`]); members ([`members`]). Pure.

pub mod design;
mod field;
mod filling;
mod forcing;
mod gaps;
pub mod gauge;
mod gridded;
mod interval;
mod rolling;
pub mod signal;
mod soundness;
mod unit;
pub mod verification;

pub mod members;
pub mod typhoon;

pub use filling::Filling;
pub use forcing::{RainField, RainSource, StepSeries};
pub use gridded::{GridRain, NO_PIXEL};
pub use interval::{RainFrame, RateRows, rate_rows};
pub use rolling::{CumulativeRain, ROLLING_WINDOWS_H, WindowMaximum, rolling_maxima};
pub use unit::RainUnit;
