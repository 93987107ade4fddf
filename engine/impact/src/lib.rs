//! Who and what is hit, how hard, when. Pure: registry + inundation + slopes → `Impact`.

mod assess;
mod cells;
mod chances;
mod colour;
mod model;
mod rain;
mod region;
mod storm;
mod threshold;

pub use assess::{AssessInput, assess_impact};
pub use chances::{CHANCE_DEPTHS_M, Chances, ObjectChance, Probability, ShelterChance, probability};
pub use model::{Crossing, Impact, ObjectImpact, Quantity, RainSummary, RegionImpact, WindowMaximum};
pub use rain::summarise_rain;
pub use storm::{Landfall, StormImpact};
pub use threshold::{Thresholds, thresholds_to_track};
