//! Scores of forecasts against observations, always beside persistence, with the number of events and bootstrap intervals.
//!
//! A block of the bootstrap is an event: hours of one storm are not independent, so n counts events.

mod bootstrap;
mod contingency;
mod ensemble;
mod peak;
mod probability;
mod report;

pub use bootstrap::{CounterRandom, Interval, bootstrap};
pub use contingency::Contingency;
pub use ensemble::{crps, crps_fair};
pub use peak::{PeakError, peak_error};
pub use probability::{ReliabilityBin, brier, brier_skill, reliability, roc_area};
pub use report::{LEAST_EVENTS, LeadScores, Pair, Scores, VerifyOptions, verify};
