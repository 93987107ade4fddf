use dayu_base::{Instant, Origin, RiskColour, Text};
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
    /// chance of flooding and drawn members; `None` = a single run
    pub members: Option<MemberMaps>,
}

/// What the members of an ensemble say of cells, on the members' own grid.
#[derive(Clone, Debug)]
pub struct MemberMaps {
    /// members, how they were made and on what cells, in words
    pub words: Text,
    /// drawn members are constructed; others are what their source is
    pub origin: Origin,
    /// share of the members in which a cell reaches 0.15 m, 0–1; NaN = masked
    pub chance: Raster<f64>,
    /// areas of a chance of 10–50, 50–90 and 90 % or more: least share, greatest share, area
    pub areas: Vec<(f64, f64, geo::MultiPolygon<f64>)>,
    /// deepest water of the members at 10, 50 and 90 % of the flooded area, m
    pub drawn: Vec<DrawnMember>,
}

/// One of the members that products draw.
#[derive(Clone, Debug)]
pub struct DrawnMember {
    /// 10 | 50 | 90
    pub percent: u8,
    /// number of the member, 0 = unchanged
    pub number: u32,
    /// deepest water, m; NaN = masked
    pub max_depth_m: Raster<f64>,
}

/// Least shares of the classes of [`MemberMaps::areas`].
const CHANCE_CLASSES: [f64; 3] = [0.1, 0.5, 0.9];

/// Areas of the classes of chance: cells of a class joined along their sides. A class without cells is left out.
pub fn chance_areas(chance: &Raster<f64>) -> Vec<(f64, f64, geo::MultiPolygon<f64>)> {
    let grid = &chance.grid;
    let mut areas = Vec::new();
    for (k, least) in CHANCE_CLASSES.into_iter().enumerate() {
        let most = CHANCE_CLASSES.get(k + 1).copied().unwrap_or(f64::INFINITY);
        let inside = |j: usize, i: usize| (least..most).contains(&chance.values[j * grid.nx + i]);
        let mut strips = Vec::new();
        for j in 0..grid.ny {
            let mut i = 0;
            while i < grid.nx {
                if !inside(j, i) {
                    i += 1;
                    continue;
                }
                let from = i;
                while i < grid.nx && inside(j, i) {
                    i += 1;
                }
                let at = |i: usize, j: usize| geo::Coord {
                    x: grid.x0_m + i as f64 * grid.cell_m,
                    y: grid.y0_m + j as f64 * grid.cell_m,
                };
                strips.push(geo::Rect::new(at(from, j), at(i, j + 1)).to_polygon());
            }
        }
        if !strips.is_empty() {
            areas.push((least, most.min(1.0), geo::unary_union(&strips)));
        }
    }
    areas
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

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_terrain::GridSpec;
    use geo::Area;

    #[test]
    fn cells_of_a_class_are_joined_and_keep_their_area() {
        let grid = GridSpec { x0_m: 100.0, y0_m: 200.0, cell_m: 10.0, nx: 4, ny: 3 };
        let values = vec![0.0, 0.1, 0.45, f64::NAN, 0.05, 0.2, 0.5, 1.0, 0.0, 0.0, 0.9, 0.95];
        let areas = chance_areas(&Raster { grid, values });
        let told: Vec<(f64, f64, f64, usize)> =
            areas.iter().map(|(a, b, p)| (*a, *b, p.unsigned_area(), p.0.len())).collect();
        assert_eq!(told, [(0.1, 0.5, 300.0, 1), (0.5, 0.9, 100.0, 1), (0.9, 1.0, 300.0, 1)]);
    }
}
