//! Slopes that rain may bring down, judged by the best of three tiers: instruments, an infinite slope with water coming in, and rain
//! thresholds. Pure.

mod assess;
mod duration;
mod infinite;
mod instruments;
mod members;
mod runout;
mod soil;
mod stability;
mod thresholds;
mod tier;

pub use assess::{SlopeState, assess_slope};
pub use duration::{ANTECEDENT_FACTOR, ANTECEDENT_HIGH_MM, IntensityDuration, RainHistory, antecedent_index_mm};
pub use infinite::{FiniteDepth, Ground, WATER_N_M3, critical_head_m, factor_of_safety, iverson_head_m};
pub use instruments::{InstrumentKind, InstrumentRules, InstrumentState, Readings, judge_instruments};
pub use members::{EvenRain, MemberVerdict, SlopeUnderRain, assess_members};
pub use runout::{RunOut, USUAL_VOLUME_M3, gradient, reach_tangent, run_out};
pub use soil::{SoilClass, SoilParameters, Spread};
pub use stability::{
    ACT_PROBABILITY, PROBABILITY_STEPS, SOIL_DRAWS, SlopeGeometry, Stability, StabilityModel, USUAL_RAIN_MM,
    WARN_PROBABILITY,
};
pub use thresholds::{RainCurve, SlopeThresholds};
pub use tier::{SlopeAssessment, SlopeEvidence, SlopeTier, judge_slope};
