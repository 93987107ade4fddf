//! From what was computed to what is handed out: the list and the table of one response level, the check that the three
//! products agree, and the manifest. Pure.

mod actions;
mod columns;
mod evacuation;
mod household;
mod input;
mod judgement;
mod leaving;
mod list;
mod manifest;
mod messages;
mod objects;
mod risks;
mod signals;
mod situation;
mod table;
mod totals;
mod wording;

pub use columns::{DISTRICT_ID, table_columns};
pub use evacuation::compose_evacuation;
pub use household::{HouseholdFacts, carrier_name, household_note};
pub use input::ComposeInput;
pub use leaving::PARTED;
pub use list::compose_list;
pub use manifest::{FileLine, manifest_json};
pub use objects::controlled_objects;
pub use table::compose_table;
pub use totals::check_totals;
