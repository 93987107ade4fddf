//! The only room that speaks to GDAL: rasters, vectors and coordinate systems in and out.
//!
//! Coordinates handed out are `(x, y)` = (east, north) or (longitude, latitude), whatever axis order an authority
//! prescribes. Everything that is wrong with a file comes back as a [`dayu_base::Finding`] that names file, place and
//! mend; nothing is guessed silently and nothing half-written is left under the final name.

mod cog;
mod crs;
mod fault;
mod frames;
mod geojson;
mod geopackage;
mod ibtracs;
mod osm;
mod pixels;
mod placing;
mod raster;
mod sampling;
mod shapefile;
#[cfg(test)]
mod testing_netcdf;
mod vector;

pub use cog::{CogOptions, CogType, Overview, write_cog, write_cog_of, write_cog_with};
pub use crs::{CrsFacts, LOCAL_METRES, Transformer, describe_crs};
pub use frames::{Frame, Frames, NO_PIXEL, Placement, ReadFrames, read_frames};
pub use geopackage::{FieldKind, GeometryKind, LayerStyle, OutFeature, OutLayer, Value, write_geopackage};
pub use ibtracs::{is_netcdf, read_ibtracs_netcdf};
pub use raster::{ReadRaster, Sampling, read_raster};
pub use vector::{VectorFeature, VectorFormat, VectorLayer, list_layers, read_vector, write_vector};

/// Release of the GDAL library in use, such as `3.6.2`.
pub fn gdal_version() -> String {
    gdal::version::VersionInfo::release_name()
}
