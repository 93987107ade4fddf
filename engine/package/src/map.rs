use dayu_base::{Instant, RiskColour, Text};
use dayu_terrain::Raster;

/// Shape of a feature, m, dataset CRS.
#[derive(Clone, Debug, PartialEq)]
pub enum FeatureShape {
    /// point
    Point(f64, f64),
    /// lines
    Lines(geo::MultiLineString<f64>),
    /// polygons
    Polygons(geo::MultiPolygon<f64>),
}

/// One feature. `fields` follow the order of the layer's columns; `null` = unknown.
#[derive(Clone, Debug, PartialEq)]
pub struct MapFeature {
    /// same id in list and table
    pub object_id: String,
    /// name
    pub name: String,
    /// shape
    pub shape: FeatureShape,
    /// colour class
    pub colour: RiskColour,
    /// text drawn beside it on the sheet (short), when it deserves one
    pub label: Option<String>,
    /// attribute values, same length and order as the layer's `columns`
    pub fields: Vec<serde_json::Value>,
}

/// A layer of the map, bottom first.
#[derive(Clone, Debug, PartialEq)]
pub struct MapLayer {
    /// machine name (ASCII), table name in the GeoPackage
    pub id: String,
    /// title in the legend
    pub title: Text,
    /// (machine key, 中文 heading)
    pub columns: Vec<(String, Text)>,
    /// symbol: `circle` | `square` | `triangle` | `diamond` | `cross` | `house` | `line` | `fill` | `outline`
    pub symbol: String,
    /// drawn on the sheet by default at this level
    pub visible: bool,
    /// features sorted by object_id
    pub features: Vec<MapFeature>,
}

/// One line of the panel beside the map: what is known of rain, storm or sea, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapFact {
    /// e.g. 最大1小时雨量
    pub title: Text,
    /// e.g. 点最大 95.3 mm，面 61.0 mm
    pub value: String,
}

/// 识别一张图: vector layers and rasters.
#[derive(Clone, Debug)]
pub struct MapProduct {
    /// lines of the panel (rain sums, typhoon); empty when nothing is known
    pub facts: Vec<MapFact>,
    /// bottom first
    pub layers: Vec<MapLayer>,
    /// bed elevation, m (for hillshade); NaN outside
    pub elevation_m: Raster<f64>,
    /// deepest water, m; NaN = masked
    pub max_depth_m: Raster<f64>,
    /// ARR class 0–6; 255 = masked
    pub max_hazard: Raster<u8>,
    /// permanent water (rivers, lakes) for the base map
    pub water: Option<geo::MultiPolygon<f64>>,
    /// outline of the district
    pub outline: Option<geo::MultiPolygon<f64>>,
    /// typhoon on a picture of its own; `None` = no track
    pub storm: Option<StormMap>,
}

/// A storm's centre on its picture.
#[derive(Clone, Debug, PartialEq)]
pub struct StormPoint {
    /// when
    pub time: Instant,
    /// longitude, latitude
    pub place: (f64, f64),
    /// largest mean wind, m/s
    pub wind_m_s: Option<f64>,
    /// pressure at the centre, hPa
    pub pressure_hpa: Option<f64>,
    /// forecast
    pub forecast: bool,
    /// mean error of such a forecast, km; only for forecasts
    pub error_km: Option<f64>,
}

/// How far a force of wind reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct StormCircle {
    /// Beaufort
    pub grade: u8,
    /// longitude, latitude, in turn
    pub ring: Vec<(f64, f64)>,
}

/// A typhoon near the district, in degrees.
#[derive(Clone, Debug, PartialEq)]
pub struct StormMap {
    /// e.g. 台风 2106 In-fa
    pub title: String,
    /// who analysed it
    pub agency: String,
    /// fixes in order
    pub points: Vec<StormPoint>,
    /// district
    pub district: geo::MultiPolygon<f64>,
    /// time of the nearest approach
    pub nearest_at: Instant,
    /// centre then
    pub nearest_place: (f64, f64),
    /// distance then, km
    pub nearest_km: f64,
    /// modelled winds then, weakest first
    pub circles: Vec<StormCircle>,
    /// a part is a forecast
    pub has_forecast: bool,
}
