//! Who and what is hit, how hard, when. Pure: registry + inundation + slopes → `Impact`.

mod model;

pub use model::{Crossing, Impact, ObjectImpact, Quantity, RainSummary, RegionImpact, WindowMaximum};
