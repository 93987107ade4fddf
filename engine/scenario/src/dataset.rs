use crate::scenario::FieldSource;
use dayu_base::{Origin, Text};
use serde::Deserialize;
use std::collections::BTreeMap;

/// `dataset.toml`: one folder per district (contract §1).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DatasetSpec {
    /// 1
    pub format: u32,
    /// identifier
    pub id: String,
    /// name
    pub name: Text,
    /// GB/T 2260 code
    pub adcode: Option<String>,
    /// `EPSG:…` (projected, metres) or `local-metres`
    pub crs: String,
    /// vertical datum
    pub vertical_datum: String,
    /// time zone of products
    #[serde(default = "shanghai")]
    pub time_zone: String,
    /// response plan
    pub plan: Option<String>,
    /// real | synthetic | mixed
    #[serde(default)]
    pub origin: Origin,
    /// what every product must say of the data
    #[serde(default)]
    pub notes: Vec<Text>,
    /// sources
    #[serde(default, rename = "source")]
    pub sources: Vec<SourceSpec>,
    /// terrain
    pub terrain: Option<TerrainSpec>,
    /// registers by layer name
    #[serde(default)]
    pub layers: BTreeMap<String, LayerSpec>,
    /// rainstorm formula and design standard of the district
    pub design_rain: Option<DesignRainSpec>,
    /// drainage network (refused until it is computed)
    pub drainage: Option<DrainageSpec>,
}

fn shanghai() -> String {
    "Asia/Shanghai".into()
}

/// One source: what, whose, under which licence.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// layer
    pub layer: String,
    /// title
    pub title: String,
    /// licence
    #[serde(default)]
    pub licence: String,
    /// address
    #[serde(default)]
    pub url: String,
    /// day of retrieval
    pub retrieved: Option<toml::value::Datetime>,
    /// real | synthetic | mixed
    #[serde(default)]
    pub origin: Origin,
    /// when the data were true (RFC 3339)
    pub data_time: Option<toml::value::Datetime>,
    /// anything else
    #[serde(default)]
    pub note: String,
}

/// `[terrain]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TerrainSpec {
    /// raster, or one number
    pub elevation: FieldSource,
    /// CRS of the raster when the file does not say
    pub crs: Option<String>,
    /// nodata of the raster when the file does not say
    pub nodata: Option<f64>,
    /// Manning n
    pub roughness: Option<FieldSource>,
    /// classes
    pub landcover: Option<String>,
    /// CSV `code,name,…`: parameters by land cover
    pub landcover_table: Option<String>,
    /// polygons
    pub buildings: Option<String>,
    /// block | raise | porosity
    pub treatment: Option<String>,
    /// for raise
    pub raise_m: Option<f64>,
    /// permanent water, drawn on the map
    pub water: Option<String>,
    /// outline of the district: points outside are findings
    pub outline: Option<String>,
}

/// `[layers.NAME]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LayerSpec {
    /// file
    pub path: String,
    /// layer in the file (GeoPackage, PBF)
    pub layer: Option<String>,
    /// CRS when the file does not say
    pub crs: Option<String>,
    /// our name → the user's heading
    #[serde(default)]
    pub columns: BTreeMap<String, String>,
    /// outlines beside a CSV (regions)
    pub outlines: Option<String>,
}

/// `[drainage]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DrainageSpec {
    /// EPA SWMM 5 input file
    pub network: String,
}

/// `[design_rain]`: by what the rarity of rain is judged.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DesignRainSpec {
    /// identifier of the formula
    pub formula: String,
    /// design standard against waterlogging (内涝防治设计重现期), years
    pub return_period_a: Option<f64>,
}
