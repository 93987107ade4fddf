//! Design rain: city formulas with their marks, hyetographs, areal reduction, and how rare an observed storm was.

mod formula;
mod hyetograph;
mod recurrence;

pub use formula::{IntensityCurve, RainFormula, rain_formula, rain_formulas};
pub use hyetograph::{
    alternating_block, areal_reduction_leclerc_schaake, chicago, design_soundness, scale_profile, total_mm,
};
pub use recurrence::{Recurrence, WindowRecurrence, recurrence_findings, recurrence_of, window_recurrences};
