//! Grids and rasters: where a cell lies, what it holds, and how values move between grids. Pure.

mod grid;
mod layout;
mod resample;
mod trace;

pub use grid::{GridSpec, Raster};
pub use layout::{MAX_CELLS, grid_from_extent};
pub use resample::resample_by_area;
pub use trace::{Axis, CrossedFace, cells_in_circle, cells_in_polygon, cells_on_line, faces_on_line};
