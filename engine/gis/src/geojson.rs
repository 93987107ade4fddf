//! GeoJSON out (RFC 7946), one feature per line.

use crate::cog::part_name;
use crate::crs::Crs;
use crate::fault::{cannot_write, shown};
use crate::geopackage::{FieldKind, OutFeature, Value};
use dayu_base::Finding;
use geo::{Coord, Geometry, LineString, Polygon};
use serde_json::{Value as Json, json};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

/// Writes features as a GeoJSON file. Coordinates stand as given; a CRS other than WGS 84 is named in the `crs` member of
/// the 2008 specification, which GDAL and QGIS still read.
pub(crate) fn write(
    path: &Path,
    layer: &str,
    crs: &str,
    fields: &[(String, FieldKind)],
    features: &[OutFeature],
) -> Result<(), Finding> {
    let parsed = Crs::parse(crs).map_err(|f| f.in_file(shown(path)))?;
    let code = crs.trim().get(5..).unwrap_or_default();
    let named = parsed.srs().filter(|_| code != "4326").map(|_| format!("urn:ogc:def:crs:EPSG::{code}"));
    let part = part_name(path);
    let outcome = write_part(&part, layer, named, fields, features)
        .and_then(|()| std::fs::rename(&part, path))
        .map_err(|e| cannot_write(path, &e.to_string()));
    if outcome.is_err() {
        // Best effort: the error that matters is already on its way.
        let _ = std::fs::remove_file(&part);
    }
    outcome
}

fn write_part(
    part: &Path,
    layer: &str,
    crs: Option<String>,
    fields: &[(String, FieldKind)],
    features: &[OutFeature],
) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(part)?);
    writeln!(out, "{{\n\"type\": \"FeatureCollection\",\n\"name\": {},", json!(layer))?;
    if let Some(crs) = crs {
        writeln!(out, "\"crs\": {},", json!({ "type": "name", "properties": { "name": crs } }))?;
    }
    writeln!(out, "\"features\": [")?;
    for (k, feature) in features.iter().enumerate() {
        // By hand: properties in the order of the fields, and "type" first.
        let properties: Vec<String> = fields
            .iter()
            .zip(&feature.values)
            .map(|((name, _), value)| format!("{}:{}", json!(name), value_json(value)))
            .collect();
        let geometry = feature.geometry.as_ref().map_or(Ok(Json::Null), geometry_json)?;
        let comma = if k + 1 < features.len() { "," } else { "" };
        writeln!(
            out,
            "{{\"type\":\"Feature\",\"properties\":{{{}}},\"geometry\":{geometry}}}{comma}",
            properties.join(",")
        )?;
    }
    writeln!(out, "]\n}}")?;
    // The last block reaches the disk here; a full disk must not pass for success.
    out.into_inner().map_err(std::io::IntoInnerError::into_error)?.sync_all()
}

fn value_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Text(v) => json!(v),
        Value::Integer(v) => json!(v),
        // serde_json writes what is not finite as null
        Value::Real(v) => json!(v),
    }
}

fn geometry_json(geometry: &Geometry<f64>) -> std::io::Result<Json> {
    let of = |kind: &str, coordinates: Json| json!({ "type": kind, "coordinates": coordinates });
    Ok(match geometry {
        Geometry::Point(p) => of("Point", position(p.0)?),
        Geometry::Line(l) => of("LineString", Json::Array(vec![position(l.start)?, position(l.end)?])),
        Geometry::LineString(l) => of("LineString", positions(l)?),
        Geometry::Polygon(p) => of("Polygon", rings(p)?),
        Geometry::Rect(r) => of("Polygon", rings(&r.to_polygon())?),
        Geometry::Triangle(t) => of("Polygon", rings(&t.to_polygon())?),
        Geometry::MultiPoint(m) => of("MultiPoint", list(m.iter().map(|p| position(p.0)))?),
        Geometry::MultiLineString(m) => of("MultiLineString", list(m.iter().map(positions))?),
        Geometry::MultiPolygon(m) => of("MultiPolygon", list(m.iter().map(rings))?),
        Geometry::GeometryCollection(c) => {
            json!({ "type": "GeometryCollection", "geometries": list(c.iter().map(geometry_json))? })
        }
    })
}

fn list(items: impl Iterator<Item = std::io::Result<Json>>) -> std::io::Result<Json> {
    items.collect::<std::io::Result<Vec<_>>>().map(Json::Array)
}

fn rings(polygon: &Polygon<f64>) -> std::io::Result<Json> {
    list(std::iter::once(polygon.exterior()).chain(polygon.interiors()).map(positions))
}

fn positions(line: &LineString<f64>) -> std::io::Result<Json> {
    list(line.coords().map(|c| position(*c)))
}

fn position(c: Coord<f64>) -> std::io::Result<Json> {
    if c.x.is_finite() && c.y.is_finite() {
        Ok(json!([c.x, c.y]))
    } else {
        Err(std::io::Error::other("坐标不是有限数 / a coordinate is not finite"))
    }
}
