//! Rain-triggered slope hazard from rolling rain (thresholds.md §3.1). Pure.

use dayu_base::RiskColour;

/// What rain does to one place with a slope.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeState {
    /// colour class: yellow from 0.6 × the curve (warn), orange from 1.0 × (act), red from 1.0 × with a past failure or class 1, …
    pub colour: RiskColour,
    /// window whose ratio decides, h
    pub window_h: f64,
    /// largest rolling rain of that window, mm
    pub rain_mm: f64,
    /// threshold of that window, mm
    pub threshold_mm: f64,
    /// `rain_mm / threshold_mm`, the largest over windows
    pub ratio: f64,
    /// first time the warn ratio was reached, s from start
    pub warn_at_s: Option<f64>,
    /// first time the act ratio was reached, s from start
    pub act_at_s: Option<f64>,
}
