//! Rows as they were read from files: nothing is checked yet, everything knows where it came from.

use crate::Layer;
use dayu_base::{Instant, Origin};
use geo::{Geometry, MultiPolygon};
use std::collections::BTreeMap;

/// The same place under two other readings of the raw coordinates, already projected to the dataset's CRS by the caller
/// (m). `None` when the source was not geographic or the reading cannot be projected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Alternates {
    /// longitude and latitude exchanged
    pub swapped: Option<(f64, f64)>,
    /// the raw values taken as GCJ-02 ([`crate::gcj02_to_wgs84`], then projected)
    pub gcj02: Option<(f64, f64)>,
}

/// One row of a layer.
#[derive(Clone, Debug, PartialEq)]
pub struct RawAsset {
    /// file, relative to the dataset
    pub file: String,
    /// place in the file, e.g. `第12行 row 12` or `FID 7`
    pub row: String,
    /// unique id over all layers
    pub id: Option<String>,
    /// name
    pub name: Option<String>,
    /// geometry, m, in the dataset's CRS
    pub geometry: Option<Geometry<f64>>,
    /// longitude, latitude as they stood in the file, when the source was geographic
    pub lon_lat_guess: Option<(f64, f64)>,
    /// other readings of the coordinates
    pub alternates: Alternates,
    /// region code, when the row gives one
    pub region: Option<String>,
    /// real or constructed
    pub origin: Origin,
    /// what is real of the name, in words
    pub name_origin: Option<String>,
    /// what is real of the place, in words
    pub position_origin: Option<String>,
    /// when the record was last true
    pub data_time: Option<Instant>,
    /// the other columns, by their names in `dataset.toml` (those of [`crate::Details`])
    pub attributes: BTreeMap<String, String>,
}

/// One row of the region tree.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawRegion {
    /// file, relative to the dataset
    pub file: String,
    /// place in the file
    pub row: String,
    /// unique code
    pub code: Option<String>,
    /// code of the parent; `None` for the root
    pub parent: Option<String>,
    /// `district` | `town` | `zone` | `village` | `grid`, or 区, 镇街, 战区, 村社, 网格
    pub level: Option<String>,
    /// name
    pub name: Option<String>,
    /// residents
    pub population: Option<String>,
    /// outline, m, in the dataset's CRS
    pub outline: Option<MultiPolygon<f64>>,
}

/// One row of the responsibility register.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RawResponsibility {
    /// file, relative to the dataset
    pub file: String,
    /// place in the file
    pub row: String,
    /// object id or region code
    pub scope: Option<String>,
    /// role
    pub role: Option<String>,
    /// 区 | 镇街 | 战区 | 村社 | 网格 | 户
    pub level: Option<String>,
    /// key into the protected contacts
    pub person_id: Option<String>,
    /// post shown on products
    pub post: Option<String>,
    /// substitute
    pub substitute_id: Option<String>,
}

/// Everything [`crate::build_registry`] needs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RegistryInput {
    /// rows per layer; a layer that is no key is absent ("no data"), one without rows is an empty file
    pub layers: BTreeMap<Layer, Vec<RawAsset>>,
    /// rows of the region tree; `None` = no such layer
    pub regions: Option<Vec<RawRegion>>,
    /// rows of the responsibility register; `None` = no such layer
    pub responsibilities: Option<Vec<RawResponsibility>>,
    /// outline of the district, m, in the dataset's CRS; default: the outlines of the district level of the tree
    pub outline: Option<MultiPolygon<f64>>,
}
