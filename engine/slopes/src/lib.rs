//! Rain-triggered slope hazard from rolling rain (thresholds.md §3.1). Pure.

mod assess;
mod thresholds;

pub use assess::{SlopeState, assess_slope};
pub use thresholds::{RainCurve, SlopeThresholds};
