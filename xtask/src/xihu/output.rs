//! Files of the district, written through the project's own room for geodata.

use super::geography::Geography;
use super::geometry::{polygon, thick, tidy};
use super::people::Block;
use super::regions::Region;
use super::relief::{ORIGIN, PIXEL, Relief, SIZE};
use super::roads::Road;
use super::sheet::{Sheet, t, xy};
use anyhow::{Context, Result, anyhow};
use dayu_gis::{
    CogOptions, CogType, FieldKind, OutFeature, Overview, Value, VectorFormat, write_cog_with, write_vector,
};
use dayu_terrain::{GridSpec, Raster};
use geo::{BooleanOps, Coord, Geometry, LineString, MultiPolygon};
use std::path::Path;

/// CGCS2000 / 3-degree Gauss–Krüger CM 120E.
pub const CRS: &str = "EPSG:4549";

fn grid() -> GridSpec {
    GridSpec { x0_m: ORIGIN.0, y0_m: ORIGIN.1, cell_m: PIXEL, nx: SIZE.0, ny: SIZE.1 }
}

/// `terrain.tif` and `landcover.tif`.
pub fn rasters(dir: &Path, relief: &Relief, cover: &[u8]) -> Result<()> {
    let z = Raster { grid: grid(), values: relief.z.clone() };
    let tags = [("unit", "m"), ("vertical_datum", "1985国家高程基准"), ("origin", "synthetic 构造（示意）")];
    let how = CogOptions { kind: CogType::Float32, nodata: -9999.0, overview: Overview::Nearest, tags: &tags };
    write_cog_with(&dir.join("terrain.tif"), &z, CRS, &how).map_err(|f| anyhow!("{f}"))?;
    let values = cover.iter().map(|&c| if c == 0 { f64::NAN } else { f64::from(c) }).collect();
    let tags = [("classes", "landcover.csv"), ("origin", "synthetic 构造（示意）")];
    let how = CogOptions { kind: CogType::Byte, nodata: 0.0, overview: Overview::Nearest, tags: &tags };
    write_cog_with(&dir.join("landcover.tif"), &Raster { grid: grid(), values }, CRS, &how).map_err(|f| anyhow!("{f}"))
}

fn vector(
    path: &Path,
    format: VectorFormat,
    layer: &str,
    fields: &[(&str, FieldKind)],
    features: &[OutFeature],
) -> Result<()> {
    let fields: Vec<(String, FieldKind)> = fields.iter().map(|(n, k)| (t(n), *k)).collect();
    write_vector(path, format, layer, CRS, &fields, features).map_err(|f| anyhow!("{f}"))
}

/// `water.gpkg`, one stage polygon file per held level, `outline.geojson`.
pub fn waters(dir: &Path, geography: &Geography) -> Result<()> {
    let outline = MultiPolygon::new(vec![polygon(&geography.outline)]);
    let fields = [
        ("id", FieldKind::Text),
        ("name", FieldKind::Text),
        ("site", FieldKind::Text),
        ("level_m", FieldKind::Real),
        ("origin", FieldKind::Text),
        ("name_origin", FieldKind::Text),
        ("position_origin", FieldKind::Text),
    ];
    let mut all = Vec::new();
    let mut groups: Vec<(&str, Vec<OutFeature>)> =
        vec![("river", vec![]), ("westlake", vec![]), ("north", vec![]), ("south", vec![])];
    for w in &geography.waters {
        let shape = if w.half_m > 0.0 { thick(&w.line, w.half_m) } else { MultiPolygon::new(vec![polygon(&w.line)]) };
        let shape = tidy(&shape.intersection(&outline));
        let feature = OutFeature {
            geometry: Some(Geometry::MultiPolygon(shape)),
            values: vec![
                w.id.as_str().into(),
                w.name.as_str().into(),
                w.kind.into(),
                Value::Real(w.level_m),
                "synthetic".into(),
                w.name_origin.as_str().into(),
                "位置构造".into(),
            ],
        };
        let group = match w.stem.as_str() {
            "river" => 0,
            "westlake" => 1,
            _ if w.level_m < 3.5 => 2,
            _ => 3,
        };
        groups[group].1.push(feature.clone());
        all.push(feature);
    }
    vector(&dir.join("water.gpkg"), VectorFormat::GeoPackage, "water", &fields, &all)?;
    for (stem, features) in &groups {
        let name = format!("stage_{stem}");
        vector(&dir.join(format!("{name}.geojson")), VectorFormat::GeoJson, &name, &fields, features)?;
    }
    let outline = OutFeature {
        geometry: Some(Geometry::MultiPolygon(tidy(&outline))),
        values: vec!["330106".into(), "西湖区（示意范围，非行政界线）".into(), "synthetic".into()],
    };
    let fields = [("code", FieldKind::Text), ("name", FieldKind::Text), ("origin", FieldKind::Text)];
    vector(&dir.join("outline.geojson"), VectorFormat::GeoJson, "outline", &fields, &[outline])
}

/// `regions.csv` and `regions.gpkg`.
pub fn regions(dir: &Path, regions: &[Region]) -> Result<()> {
    let mut sheet = Sheet::new("regions.csv", "code,parent,level,name,population,households,origin,name_origin");
    let mut features = Vec::new();
    for r in regions {
        let named = if r.level == "district" || r.level == "town" {
            "名称真实（公开常识）、范围示意"
        } else {
            "名称构造、范围示意"
        };
        sheet.push(vec![
            r.code.clone(),
            r.parent.clone(),
            t(r.level),
            r.name.clone(),
            t(r.people),
            t(r.households),
            t("synthetic"),
            t(named),
        ]);
        features.push(OutFeature {
            geometry: Some(Geometry::MultiPolygon(r.shape.clone())),
            values: vec![r.code.as_str().into(), r.level.into(), r.name.as_str().into(), "synthetic".into()],
        });
    }
    sheets(dir, &[sheet])?;
    let fields =
        [("code", FieldKind::Text), ("level", FieldKind::Text), ("name", FieldKind::Text), ("origin", FieldKind::Text)];
    vector(&dir.join("regions.gpkg"), VectorFormat::GeoPackage, "regions", &fields, &features)
}

/// `roads.gpkg`.
pub fn roads(dir: &Path, roads: &[Road]) -> Result<()> {
    let fields = [
        ("id", FieldKind::Text),
        ("name", FieldKind::Text),
        ("class", FieldKind::Text),
        ("bridge", FieldKind::Text),
        ("tunnel", FieldKind::Text),
        ("one_way", FieldKind::Text),
        ("origin", FieldKind::Text),
        ("name_origin", FieldKind::Text),
    ];
    let features: Vec<OutFeature> = roads
        .iter()
        .map(|r| OutFeature {
            geometry: Some(Geometry::LineString(LineString::new(
                r.line.iter().map(|p| Coord { x: p.0, y: p.1 }).collect(),
            ))),
            values: vec![
                r.id.as_str().into(),
                r.name.as_str().into(),
                r.class.into(),
                Value::Text(t(r.bridge)),
                Value::Text(t(r.tunnel)),
                "false".into(),
                "synthetic".into(),
                r.name_origin.into(),
            ],
        })
        .collect();
    vector(&dir.join("roads.gpkg"), VectorFormat::GeoPackage, "roads", &fields, &features)
}

/// `population.csv`.
pub fn population(dir: &Path, blocks: &[Block]) -> Result<()> {
    let mut sheet = Sheet::new("population.csv", "id,name,x,y,people,vulnerable,households,region,origin,data_time");
    for (i, b) in blocks.iter().enumerate() {
        sheet.push(vec![
            b.id.clone(),
            format!("示意居住片区{:04}", i + 1),
            xy(b.at.0),
            xy(b.at.1),
            t(b.people),
            t(b.vulnerable),
            t(b.households),
            b.region.clone(),
            t("synthetic"),
            t(super::registers::DATA_TIME),
        ]);
    }
    sheets(dir, &[sheet])
}

/// CSV files.
pub fn sheets(dir: &Path, sheets: &[Sheet]) -> Result<()> {
    for s in sheets {
        let path = dir.join(s.path);
        if let Some(up) = path.parent() {
            std::fs::create_dir_all(up)?;
        }
        std::fs::write(&path, s.text()).with_context(|| format!("{}", path.display()))?;
    }
    Ok(())
}
