//! Gauges onto places: weights by distance, ordinary kriging with a fitted variogram, radar–gauge merging, quality control.

mod kriging;
mod merge;
mod quality;
mod solve;
mod spread;
mod variogram;

pub use kriging::{Kriging, StandardErrors};
pub use merge::{MergeMethod, MergeReport, merge};
pub use quality::{Doubt, DoubtKind, QualityLimits, check_quality, doubt_findings};
pub use spread::Spread;
pub(crate) use spread::{Known, Prepared, known_in};
pub use variogram::{LEAST_STATIONS, Variogram, fit_variogram};
