//! GeoPackages out: layers with their styles for QGIS, the same bytes every time.

use crate::cog::part_name;
use crate::crs::Crs;
use crate::fault::{cannot_write, first_failure, listen, shown, writing};
use dayu_base::{Finding, Instant, Text};
use gdal::config::{clear_thread_local_config_option, set_thread_local_config_option};
use gdal::errors::Result as GdalResult;
use gdal::vector::sql::Dialect;
use gdal::vector::{Feature, FieldDefn, LayerAccess, LayerOptions, OGRFieldType, OGRwkbGeometryType, ToGdal};
use gdal::{Dataset, DriverManager};
use geo::{Geometry, MultiLineString, MultiPoint, MultiPolygon};
use std::path::Path;

/// Type of a written field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// text, UTF-8
    Text,
    /// 64-bit whole number
    Integer,
    /// 64-bit float
    Real,
}

/// A written value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// unknown
    Null,
    /// text
    Text(String),
    /// whole number
    Integer(i64),
    /// float; a NaN is written as null
    Real(f64),
}

impl From<Option<f64>> for Value {
    fn from(v: Option<f64>) -> Self {
        v.map_or(Self::Null, Self::Real)
    }
}
impl From<Option<i64>> for Value {
    fn from(v: Option<i64>) -> Self {
        v.map_or(Self::Null, Self::Integer)
    }
}
impl From<Option<String>> for Value {
    fn from(v: Option<String>) -> Self {
        v.map_or(Self::Null, Self::Text)
    }
}
impl From<&str> for Value {
    fn from(v: &str) -> Self {
        Self::Text(v.into())
    }
}

/// Geometry type of a written layer. Single geometries are widened where the layer is a multi type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GeometryKind {
    /// points
    Point,
    /// lines
    LineString,
    /// lines of several parts
    MultiLineString,
    /// areas
    Polygon,
    /// areas of several parts
    MultiPolygon,
    /// of any type
    Mixed,
    /// a table without geometry
    None,
}

impl GeometryKind {
    /// The narrowest type that holds all features.
    pub fn of(features: &[OutFeature]) -> Self {
        let kinds = features.iter().filter_map(|f| f.geometry.as_ref()).map(|g| match g {
            Geometry::Point(_) => Self::Point,
            Geometry::LineString(_) | Geometry::Line(_) => Self::LineString,
            Geometry::MultiLineString(_) => Self::MultiLineString,
            Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => Self::Polygon,
            Geometry::MultiPolygon(_) => Self::MultiPolygon,
            Geometry::MultiPoint(_) | Geometry::GeometryCollection(_) => Self::Mixed,
        });
        kinds
            .reduce(|a, b| match (a, b) {
                (a, b) if a == b => a,
                (Self::LineString, Self::MultiLineString) | (Self::MultiLineString, Self::LineString) => {
                    Self::MultiLineString
                }
                (Self::Polygon, Self::MultiPolygon) | (Self::MultiPolygon, Self::Polygon) => Self::MultiPolygon,
                _ => Self::Mixed,
            })
            .unwrap_or(Self::None)
    }

    fn ogr(self) -> OGRwkbGeometryType::Type {
        match self {
            Self::Point => OGRwkbGeometryType::wkbPoint,
            Self::LineString => OGRwkbGeometryType::wkbLineString,
            Self::MultiLineString => OGRwkbGeometryType::wkbMultiLineString,
            Self::Polygon => OGRwkbGeometryType::wkbPolygon,
            Self::MultiPolygon => OGRwkbGeometryType::wkbMultiPolygon,
            Self::Mixed => OGRwkbGeometryType::wkbUnknown,
            Self::None => OGRwkbGeometryType::wkbNone,
        }
    }

    /// The geometry as this layer type wants it.
    fn widen(self, geometry: &Geometry<f64>) -> Geometry<f64> {
        match (self, geometry) {
            (Self::MultiPolygon, Geometry::Polygon(p)) => Geometry::MultiPolygon(MultiPolygon(vec![p.clone()])),
            (Self::MultiLineString, Geometry::LineString(l)) => {
                Geometry::MultiLineString(MultiLineString(vec![l.clone()]))
            }
            (Self::Mixed, Geometry::MultiPoint(MultiPoint(points))) if points.len() == 1 => Geometry::Point(points[0]),
            (_, other) => other.clone(),
        }
    }
}

/// One feature to write; `values` in the order of the layer's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct OutFeature {
    /// geometry in the CRS of the file
    pub geometry: Option<Geometry<f64>>,
    /// one per field
    pub values: Vec<Value>,
}

/// One layer to write.
#[derive(Clone, Copy, Debug)]
pub struct OutLayer<'a> {
    /// table name
    pub name: &'a str,
    /// title shown to people; unique in the file
    pub title: &'a str,
    /// geometry type
    pub kind: GeometryKind,
    /// field names and types; `fid` and `geom` are taken
    pub fields: &'a [(String, FieldKind)],
    /// features, in the order they are to be drawn
    pub features: &'a [OutFeature],
}

/// A QGIS style kept in the file, so that the layer opens as drawn.
#[derive(Clone, Copy, Debug)]
pub struct LayerStyle<'a> {
    /// layer it belongs to
    pub layer: &'a str,
    /// name of the style
    pub name: &'a str,
    /// QML document
    pub qml: &'a str,
}

/// Writes a GeoPackage: layers, spatial indexes and QGIS styles. `current_date` is the only date inside. Written under
/// another name, read back, then renamed.
///
/// # Errors
/// `GIS-030` when the disk is full, the folder refuses or a field name is taken; `GIS-032` when the file does not read
/// back whole; `GIS-006` for an unknown CRS.
pub fn write_geopackage(
    path: &Path,
    crs: &str,
    layers: &[OutLayer<'_>],
    styles: &[LayerStyle<'_>],
    current_date: Instant,
) -> Result<(), Finding> {
    let crs = Crs::parse(crs).map_err(|f| f.in_file(shown(path)))?;
    if let Some(layer) = layers.iter().find(|l| l.features.iter().any(|f| f.values.len() != l.fields.len())) {
        return Err(cannot_write(path, "要素的值与字段数不符 / values do not match the fields").at(layer.name));
    }
    let part = part_name(path);
    let _guard = writing();
    let outcome = remove(&part)
        .and_then(|()| write_part(&part, path, &crs, layers, styles, current_date))
        .and_then(|()| check_part(&part, path, layers, styles))
        .and_then(|()| std::fs::rename(&part, path).map_err(|e| cannot_write(path, &e.to_string())));
    if outcome.is_err() {
        // Best effort: the error that matters is already on its way.
        let _ = remove(&part);
    }
    outcome
}

/// Removes a half-written file and what SQLite keeps beside it.
fn remove(part: &Path) -> Result<(), Finding> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        let mut name = part.as_os_str().to_owned();
        name.push(suffix);
        match std::fs::remove_file(&name) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => return Err(cannot_write(part, &e.to_string())),
            _ => {}
        }
    }
    Ok(())
}

const DATE_OPTION: &str = "OGR_CURRENT_DATE";

fn write_part(
    part: &Path,
    path: &Path,
    crs: &Crs,
    layers: &[OutLayer<'_>],
    styles: &[LayerStyle<'_>],
    current_date: Instant,
) -> Result<(), Finding> {
    let stamp = current_date.strftime("%Y-%m-%dT%H:%M:%S.000Z").to_string();
    let (done, complaints) = listen(|| -> GdalResult<()> {
        set_thread_local_config_option(DATE_OPTION, &stamp)?;
        let written = (|| {
            let mut dataset = DriverManager::get_driver_by_name("GPKG")?.create_vector_only(part)?;
            for layer in layers {
                write_layer(&mut dataset, crs, layer)?;
            }
            if !styles.is_empty() {
                write_styles(&mut dataset, styles, &stamp)?;
            }
            dataset.close()
        })();
        clear_thread_local_config_option(DATE_OPTION)?;
        written
    });
    match (done, first_failure(&complaints)) {
        (Ok(()), None) => Ok(()),
        (_, Some(reason)) => Err(cannot_write(path, reason)),
        (Err(e), None) => Err(cannot_write(path, &e.to_string())),
    }
}

fn write_layer(dataset: &mut Dataset, crs: &Crs, out: &OutLayer<'_>) -> GdalResult<()> {
    let identifier = format!("IDENTIFIER={}", out.title);
    let options = ["FID=fid", "GEOMETRY_NAME=geom", "SPATIAL_INDEX=YES", &identifier];
    let options = if out.kind == GeometryKind::None { vec![options[0], options[3]] } else { options.to_vec() };
    let mut transaction = dataset.start_transaction()?;
    let layer = transaction.create_layer(LayerOptions {
        name: out.name,
        srs: crs.srs().filter(|_| out.kind != GeometryKind::None),
        ty: out.kind.ogr(),
        options: Some(&options),
    })?;
    for (name, kind) in out.fields {
        let ogr = match kind {
            FieldKind::Text => OGRFieldType::OFTString,
            FieldKind::Integer => OGRFieldType::OFTInteger64,
            FieldKind::Real => OGRFieldType::OFTReal,
        };
        FieldDefn::new(name, ogr)?.add_to_layer(&layer)?;
    }
    for item in out.features {
        let mut feature = Feature::new(layer.defn())?;
        for (k, value) in item.values.iter().enumerate() {
            match value {
                Value::Null => feature.set_field_null(k)?,
                Value::Real(v) if v.is_nan() => feature.set_field_null(k)?,
                Value::Text(v) => feature.set_field_string(k, v)?,
                Value::Integer(v) => feature.set_field_integer64(k, *v)?,
                Value::Real(v) => feature.set_field_double(k, *v)?,
            }
        }
        if let Some(geometry) = item.geometry.as_ref().filter(|_| out.kind != GeometryKind::None) {
            feature.set_geometry(out.kind.widen(geometry).to_gdal()?)?;
        }
        feature.create(&layer)?;
    }
    transaction.commit()
}

/// The table in which QGIS looks for styles (QgsOgrProvider::saveStyle lays it out so).
fn write_styles(dataset: &mut Dataset, styles: &[LayerStyle<'_>], stamp: &str) -> GdalResult<()> {
    const FIELDS: [(&str, OGRFieldType::Type, i32); 11] = [
        ("f_table_catalog", OGRFieldType::OFTString, 256),
        ("f_table_schema", OGRFieldType::OFTString, 256),
        ("f_table_name", OGRFieldType::OFTString, 256),
        ("f_geometry_column", OGRFieldType::OFTString, 256),
        ("styleName", OGRFieldType::OFTString, 256),
        ("styleQML", OGRFieldType::OFTString, 0),
        ("styleSLD", OGRFieldType::OFTString, 0),
        ("useAsDefault", OGRFieldType::OFTInteger, 0),
        ("description", OGRFieldType::OFTString, 0),
        ("owner", OGRFieldType::OFTString, 30),
        ("update_time", OGRFieldType::OFTDateTime, 0),
    ];
    let mut transaction = dataset.start_transaction()?;
    let options = ["FID=id", "IDENTIFIER=layer_styles"];
    let layer = transaction.create_layer(LayerOptions {
        name: "layer_styles",
        srs: None,
        ty: OGRwkbGeometryType::wkbNone,
        options: Some(&options),
    })?;
    for (name, kind, width) in FIELDS {
        let field = FieldDefn::new(name, kind)?;
        if width > 0 {
            field.set_width(width);
        }
        field.add_to_layer(&layer)?;
    }
    for (k, style) in styles.iter().enumerate() {
        let first_of_layer = styles[..k].iter().all(|s| s.layer != style.layer);
        let mut feature = Feature::new(layer.defn())?;
        for (field, text) in [
            (0, ""),
            (1, ""),
            (2, style.layer),
            (3, "geom"),
            (4, style.name),
            (5, style.qml),
            (6, ""),
            (8, ""),
            (9, ""),
            (10, stamp),
        ] {
            feature.set_field_string(field, text)?;
        }
        feature.set_field_integer(7, i32::from(first_of_layer))?;
        feature.create(&layer)?;
    }
    transaction.commit()
}

/// Before release 3.7 a failed close is not reported: the file is opened again and every row counted.
fn check_part(part: &Path, path: &Path, layers: &[OutLayer<'_>], styles: &[LayerStyle<'_>]) -> Result<(), Finding> {
    let (whole, complaints) = listen(|| -> GdalResult<bool> {
        let dataset = Dataset::open_ex(
            part,
            gdal::DatasetOptions { open_flags: gdal::GdalOpenFlags::GDAL_OF_VECTOR, ..Default::default() },
        )?;
        for layer in layers {
            let read = dataset.layer_by_name(layer.name)?.features().count();
            if read != layer.features.len() {
                return Ok(false);
            }
        }
        if !styles.is_empty() && dataset.layer_by_name("layer_styles")?.features().count() != styles.len() {
            return Ok(false);
        }
        let Some(mut rows) = dataset.execute_sql("PRAGMA integrity_check", None, Dialect::DEFAULT)? else {
            return Ok(false);
        };
        let verdict = rows.features().next().and_then(|f| f.field_as_string(0).ok().flatten());
        Ok(verdict.as_deref() == Some("ok"))
    });
    match (whole, first_failure(&complaints)) {
        (Ok(true), None) => Ok(()),
        (_, Some(reason)) => Err(cannot_write(path, reason)),
        (Err(e), None) => Err(cannot_write(path, &e.to_string())),
        (Ok(false), None) => Err(Finding::error(
            "GIS-032",
            Text::new("写入后回读不完整", "what was written does not read back whole"),
            Text::new("请检查磁盘空间与硬件后重做", "check disk space and hardware, then repeat"),
        )
        .in_file(shown(path))),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "geopackage_tests.rs"]
mod tests;
