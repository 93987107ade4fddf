//! Vector layers: GeoPackage, GeoJSON, Shapefile, OpenStreetMap extracts and whatever else GDAL opens.

use crate::crs::{Crs, east_north, label, same_crs};
use crate::fault::{cannot_open, cannot_read, first_failure, listen, readable_file, shown};
use crate::geopackage::{FieldKind, GeometryKind, OutFeature, OutLayer, write_geopackage};
use crate::osm;
use crate::placing::Placing;
use crate::shapefile::{Encoding, encoding_of};
use dayu_base::{Finding, Instant, Text};
use gdal::vector::sql::Dialect;
use gdal::vector::{Feature, LayerAccess};
use gdal::{Dataset, DatasetOptions, GdalOpenFlags};
use geo::Geometry;
use std::path::Path;

/// A layer in memory, in the target CRS.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorLayer {
    /// Name of the layer in its file.
    pub name: String,
    /// Field names in file order.
    pub fields: Vec<String>,
    /// Features in file order.
    pub features: Vec<VectorFeature>,
}

/// One feature.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorFeature {
    /// Number of the feature in its file.
    pub fid: u64,
    /// Geometry in the target CRS; `None` when there is none that can be used (a finding says why).
    pub geometry: Option<Geometry<f64>>,
    /// Longitude and latitude as they stand in the file (of the box's middle, unless it is a point), when the file is
    /// geographic: to tell swapped axes and shifted map systems.
    pub lon_lat: Option<(f64, f64)>,
    /// One text per field; `None` when null, unset or empty.
    pub values: Vec<Option<String>>,
}

impl VectorLayer {
    /// Position of a field.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f == name)
    }
}

/// Kind of file written by [`write_vector`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VectorFormat {
    /// OGC GeoPackage
    GeoPackage,
    /// GeoJSON, with the CRS named when it is not WGS 84
    GeoJson,
}

/// Names of the layers of a file, in file order.
///
/// # Errors
/// As [`read_vector`] for a file that cannot be opened.
pub fn list_layers(path: &Path) -> Result<Vec<String>, Finding> {
    let (dataset, _) = open(path)?;
    let (names, _) = listen(|| dataset.layers().map(|l| l.name()).collect());
    Ok(names)
}

/// Reads one layer and brings it into the target CRS. Without a layer name the file must have exactly one layer; of an
/// OpenStreetMap extract the road ways are taken, with the fields id, name, class (the highway tag), bridge, tunnel,
/// one_way (true | false), layer, access.
///
/// Empty and invalid geometries and features that cannot be transformed are findings; the other features stay.
///
/// # Errors
/// `GIS-001` missing, `GIS-002` empty file, `GIS-003` unknown format, `GIS-004` truncated or damaged, `GIS-005` no CRS,
/// `GIS-006` unknown CRS, `GIS-016` no way between the two CRS, `GIS-021` no such layer.
pub fn read_vector(
    path: &Path,
    layer: Option<&str>,
    source_crs: Option<&str>,
    target_crs: &str,
) -> Result<(VectorLayer, Vec<Finding>), Finding> {
    let in_file = |mut f: Finding| {
        if f.file.is_empty() {
            f.file = shown(path);
        }
        f
    };
    let target = Crs::parse(target_crs).map_err(in_file)?;
    let (dataset, mut findings) = open(path)?;
    let osm = dataset.driver().short_name() == "OSM";
    let read =
        if osm { read_roads(path, &dataset, &target) } else { read_layer(path, &dataset, layer, source_crs, &target) };
    let (layer, more) = read.map_err(in_file)?;
    findings.extend(more);
    Ok((layer, findings.into_iter().map(in_file).collect()))
}

fn open(path: &Path) -> Result<(Dataset, Vec<Finding>), Finding> {
    readable_file(path)?;
    let mut findings = Vec::new();
    let mut options = Vec::new();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("shp")) {
        match encoding_of(path) {
            Encoding::Settled => {}
            Encoding::Utf8 => options.push("ENCODING=UTF-8"),
            Encoding::Gb18030 => {
                options.push("ENCODING=GB18030");
                findings.push(Finding::info(
                    "GIS-024",
                    Text::new(
                        "属性表未声明编码，识别为 GB18030",
                        "the attribute table declares no encoding; recognised as GB18030",
                    ),
                    Text::new("请补交内容为 GB18030 的 .cpg 文件", "supply a .cpg file that says GB18030"),
                ));
            }
            Encoding::Unknown => findings.push(Finding::warning(
                "GIS-025",
                Text::new(
                    "属性表未声明编码，且既非 UTF-8 也非 GB18030，文字可能是乱码",
                    "the attribute table declares no encoding and is neither UTF-8 nor GB18030; texts may be garbled",
                ),
                Text::new("请补交 .cpg 文件，或转换为 GeoPackage", "supply a .cpg file or convert to GeoPackage"),
            )),
        }
    }
    let (opened, complaints) = listen(|| {
        let open_flags = GdalOpenFlags::GDAL_OF_READONLY | GdalOpenFlags::GDAL_OF_VECTOR;
        let open_options = (!options.is_empty()).then_some(options.as_slice());
        Dataset::open_ex(path, DatasetOptions { open_flags, open_options, ..Default::default() })
    });
    match opened {
        Ok(dataset) => Ok((dataset, findings)),
        Err(e) => Err(cannot_open(path, first_failure(&complaints).unwrap_or(&e.to_string()))),
    }
}

fn read_layer(
    path: &Path,
    dataset: &Dataset,
    wanted: Option<&str>,
    source_crs: Option<&str>,
    target: &Crs,
) -> Result<(VectorLayer, Vec<Finding>), Finding> {
    let (names, _) = listen(|| dataset.layers().map(|l| l.name()).collect::<Vec<_>>());
    let index = match wanted {
        Some(name) => names.iter().position(|n| n == name),
        None if names.len() == 1 => Some(0),
        // A styled GeoPackage has one layer that is no layer.
        None => {
            let mut real = names.iter().enumerate().filter(|(_, n)| *n != "layer_styles");
            real.next().map(|(k, _)| k).filter(|_| real.next().is_none())
        }
    };
    let Some(index) = index else { return Err(no_layer(wanted, &names)) };
    let (layer, complaints) = listen(|| dataset.layer(index));
    let mut layer = layer.map_err(|e| cannot_open(path, first_failure(&complaints).unwrap_or(&e.to_string())))?;
    let name = layer.name();
    let mut findings = Vec::new();
    let source = layer_crs(layer.spatial_ref(), source_crs, target, &mut findings)?;
    let mut place = Placing::new(&source, target, &mut findings)?;
    let fields: Vec<String> = layer.defn().fields().map(|f| f.name()).collect();
    let (features, complaints) = listen(|| {
        let mut features = Vec::new();
        for feature in layer.features() {
            let fid = feature.fid().unwrap_or(features.len() as u64);
            let (geometry, lon_lat) = place.geometry(&feature, fid);
            let values = (0..fields.len()).map(|k| text_of(&feature, k)).collect();
            features.push(VectorFeature { fid, geometry, lon_lat, values });
        }
        features
    });
    // A file that ends early only stops the iteration; the reason is in the complaints.
    if let Some(reason) = first_failure(&complaints) {
        return Err(cannot_read(path, &format!("图层 layer {name}"), reason));
    }
    findings.append(&mut place.findings);
    if features.is_empty() {
        findings.push(Finding::warning(
            "GIS-026",
            Text::new("图层没有要素", "the layer has no feature"),
            Text::new("请检查导出条件；空图层按“无数据”处理", "check the export; an empty layer counts as no data"),
        ));
    }
    let findings =
        findings.into_iter().map(|f| if f.place.is_empty() { f.at(format!("图层 layer {name}")) } else { f }).collect();
    Ok((VectorLayer { name, fields, features }, findings))
}

fn read_roads(path: &Path, dataset: &Dataset, target: &Crs) -> Result<(VectorLayer, Vec<Finding>), Finding> {
    let wgs84 = Crs::parse("EPSG:4326")?;
    let mut findings = Vec::new();
    let mut place = Placing::new(&wgs84, target, &mut findings)?;
    // By SQL the driver learns that the other layers are not wanted and does not pile them up.
    let (read, complaints) = listen(|| -> gdal::errors::Result<Vec<VectorFeature>> {
        let query = "SELECT osm_id, name, highway, other_tags FROM lines";
        let Some(mut rows) = dataset.execute_sql(query, None, Dialect::DEFAULT)? else { return Ok(Vec::new()) };
        let mut features = Vec::new();
        for feature in rows.features() {
            let tags = text_of(&feature, 3);
            let Some(values) =
                osm::road_values(text_of(&feature, 0), text_of(&feature, 1), text_of(&feature, 2), tags.as_deref())
            else {
                continue;
            };
            let fid = values[0].as_deref().and_then(|id| id.parse().ok()).unwrap_or(features.len() as u64);
            let (mut geometry, lon_lat) = place.geometry(&feature, fid);
            if osm::is_reversed(tags.as_deref())
                && let Some(Geometry::LineString(line)) = &mut geometry
            {
                line.0.reverse();
            }
            features.push(VectorFeature { fid, geometry, lon_lat, values });
        }
        Ok(features)
    });
    let place_name = "图层 layer lines";
    let features =
        read.map_err(|e| cannot_read(path, place_name, first_failure(&complaints).unwrap_or(&e.to_string())))?;
    if let Some(reason) = first_failure(&complaints) {
        return Err(cannot_read(path, place_name, reason));
    }
    if features.is_empty() {
        return Err(cannot_read(path, place_name, "没有道路 / no highway way"));
    }
    findings.append(&mut place.findings);
    let fields = osm::ROAD_FIELDS.iter().map(ToString::to_string).collect();
    Ok((VectorLayer { name: "lines".into(), fields, features }, findings))
}

fn text_of(feature: &Feature<'_>, field: usize) -> Option<String> {
    feature.field_as_string(field).ok().flatten().filter(|s| !s.trim().is_empty())
}

fn layer_crs(
    own: Option<gdal::spatial_ref::SpatialRef>,
    declared: Option<&str>,
    target: &Crs,
    findings: &mut Vec<Finding>,
) -> Result<Crs, Finding> {
    let own = own.filter(|s| !s.is_local()).map(east_north);
    if let Some(declared) = declared {
        let declared = Crs::parse(declared)?;
        if let (Some(own), Some(said)) = (&own, declared.srs())
            && !same_crs(own, said)
        {
            findings.push(Finding::warning(
                "GIS-018",
                Text::new(
                    format!("文件自带坐标系 {}，数据集声明为 {}，按声明处理", label(own), label(said)),
                    format!("the file says {}, the dataset says {}; the dataset is followed", label(own), label(said)),
                ),
                Text::new("请核对哪一个正确", "check which one is right"),
            ));
        }
        return Ok(declared);
    }
    match (own, target) {
        // A frame of its own has no CRS to name; GeoJSON then calls it WGS 84 because it must.
        (_, Crs::Local) => Ok(Crs::Local),
        (Some(own), _) => Ok(Crs::Known(own)),
        (None, _) => Err(Finding::error(
            "GIS-005",
            Text::new("图层没有坐标参考系", "the layer has no CRS"),
            Text::new(
                "请在 dataset.toml 中为该图层写 crs = \"EPSG:…\"，或补交 .prj；不做猜测",
                "write crs = \"EPSG:…\" for this layer in dataset.toml, or supply the .prj; nothing is guessed",
            ),
        )
        .field("crs")),
    }
}

fn no_layer(wanted: Option<&str>, names: &[String]) -> Finding {
    let list = names.join(", ");
    let (zh, en) = match wanted {
        Some(name) => (
            format!("没有名为“{name}”的图层；文件中有：{list}"),
            format!("there is no layer '{name}'; the file has: {list}"),
        ),
        None if names.is_empty() => ("文件不含图层".into(), "the file has no layer".into()),
        None => (
            format!("文件有多个图层，未指明用哪一个：{list}"),
            format!("the file has several layers and none is named: {list}"),
        ),
    };
    Finding::error(
        "GIS-021",
        Text::new(zh, en),
        Text::new("请在 dataset.toml 中写明 layer", "name the layer in dataset.toml"),
    )
}

/// Writes one layer as a file of its own. The date inside a GeoPackage is fixed, so equal input gives equal bytes.
///
/// # Errors
/// As [`write_geopackage`].
pub fn write_vector(
    path: &Path,
    format: VectorFormat,
    layer: &str,
    crs: &str,
    fields: &[(String, FieldKind)],
    features: &[OutFeature],
) -> Result<(), Finding> {
    match format {
        VectorFormat::GeoJson => crate::geojson::write(path, layer, crs, fields, features),
        VectorFormat::GeoPackage => {
            let out = OutLayer { name: layer, title: layer, kind: GeometryKind::of(features), fields, features };
            write_geopackage(path, crs, &[out], &[], Instant::UNIX_EPOCH)
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
#[path = "vector_tests.rs"]
mod tests;
