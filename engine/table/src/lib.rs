//! Tables in and out: the only crate that names polars.

mod annex;
mod csv;
mod legend;
mod nws;
mod pairs;
mod read;
mod series;
mod swmm;
mod write;
mod xlsx;

pub use pairs::pair_files;
pub use read::{Table, read_table};
pub use series::{Series, check_non_negative, read_series};
pub use swmm::read_swmm_rain;
pub use write::table_files;
