//! Grids and rasters: where a cell lies, what it holds, and how values move between grids. Pure.

mod grid;

pub use grid::{GridSpec, Raster};
