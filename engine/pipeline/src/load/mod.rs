//! Files → inputs: every file is read once, named as the scenario names it, and digested.

mod district;
mod links;
mod observed;
mod place;
mod rain;
mod rain_grid;
mod rain_quality;
mod readings;
mod rows;
mod series;
mod terrain;
mod water;

pub use district::{District, load_district};
pub(crate) use district::{instant_of, load};
pub(crate) use observed::{Observed, read_observed};
pub(crate) use place::read_area;
pub(crate) use rain::{RainRequest, read_rain};
pub(crate) use rain_grid::{climatology, gridded_files, hold_to_gauges};
pub(crate) use rain_quality::{RainFlag, quality_csv};
pub(crate) use readings::read_readings;
pub(crate) use series::{read_rating, read_series_of, read_signals};
pub(crate) use terrain::{FieldKey, field_values, level_values, read_elevation, read_landcover};
pub(crate) use water::{read_infiltration, read_initial_velocity};

use crate::files::Located;
use dayu_base::Finding;

/// Libraries name a file by its path; products name it from the scenario.
pub(crate) fn named(file: &Located, mut finding: Finding) -> Finding {
    finding.file.clone_from(&file.name);
    finding
}
