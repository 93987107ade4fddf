use super::*;
use crate::geopackage::Value;
use gdal::DriverManager;
use gdal::vector::{FieldDefn, LayerOptions, OGRFieldType, OGRwkbGeometryType};
use geo::{LineString, point, polygon};
use std::fs;
use tempfile::TempDir;

fn fields() -> Vec<(String, FieldKind)> {
    vec![("name".into(), FieldKind::Text), ("depth_m".into(), FieldKind::Real), ("people".into(), FieldKind::Integer)]
}

fn features() -> Vec<OutFeature> {
    vec![
        OutFeature {
            geometry: Some(Geometry::Point(point!(x: 500_000.0, y: 2_490_000.0))),
            values: vec!["积水点一".into(), Value::Real(0.35), Value::Integer(12)],
        },
        OutFeature {
            geometry: Some(Geometry::Point(point!(x: 500_100.5, y: 2_490_000.0))),
            values: vec![Value::Null, Value::Null, Value::Null],
        },
    ]
}

#[test]
fn round_trip_of_both_formats() {
    let dir = TempDir::new().unwrap();
    for (format, name) in [(VectorFormat::GeoPackage, "a.gpkg"), (VectorFormat::GeoJson, "a.geojson")] {
        let (path, again) = (dir.path().join(name), dir.path().join(format!("again-{name}")));
        write_vector(&path, format, "points", "EPSG:4547", &fields(), &features()).unwrap();
        write_vector(&again, format, "points", "EPSG:4547", &fields(), &features()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), fs::read(&again).unwrap());
        let (layer, findings) = read_vector(&path, None, None, "EPSG:4547").unwrap();
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(layer.fields, ["name", "depth_m", "people"]);
        assert_eq!(layer.features[0].values, [Some("积水点一".into()), Some("0.35".into()), Some("12".into())]);
        assert_eq!(layer.features[1].values, [None, None, None]);
        assert_eq!(layer.features[1].geometry, Some(Geometry::Point(point!(x: 500_100.5, y: 2_490_000.0))));
        assert_eq!(layer.features[0].lon_lat, None);
    }
}

#[test]
fn geojson_without_crs_is_degrees() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.geojson");
    let one = |x: f64, y: f64| {
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"id":"a"}},"geometry":{{"type":"Point","coordinates":[{x},{y}]}}}}]}}"#
        )
    };
    fs::write(&path, one(114.0, 22.5)).unwrap();
    let (layer, _) = read_vector(&path, None, None, "EPSG:4547").unwrap();
    let Some(Geometry::Point(p)) = layer.features[0].geometry else { unreachable!() };
    assert!((p.x() - 500_000.0).abs() < 1.0);
    assert_eq!(layer.features[0].lon_lat, Some((114.0, 22.5)));
    // plane metres without a CRS member: said, not guessed
    fs::write(&path, one(500_000.0, 2_490_000.0)).unwrap();
    let (layer, findings) = read_vector(&path, None, None, "EPSG:4547").unwrap();
    assert_eq!(findings[0].code, "GIS-028");
    assert!(layer.features[0].geometry.is_none());
    assert!(read_vector(&path, None, Some("EPSG:4547"), "EPSG:4547").unwrap().0.features[0].geometry.is_some());
    assert!(read_vector(&path, None, None, "local-metres").unwrap().0.features[0].geometry.is_some());
}

#[test]
fn bad_geometries_are_findings_and_the_rest_stays() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.gpkg");
    let bow = polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 10.0), (x: 10.0, y: 0.0), (x: 0.0, y: 10.0), (x: 0.0, y: 0.0)];
    let good = polygon![(x: 0.0, y: 0.0), (x: 10.0, y: 0.0), (x: 10.0, y: 10.0), (x: 0.0, y: 0.0)];
    let feature = |g: Option<Geometry<f64>>| OutFeature { geometry: g, values: vec![] };
    let all = [feature(Some(bow.into())), feature(Some(good.into())), feature(None)];
    write_vector(&path, VectorFormat::GeoPackage, "areas", "EPSG:4547", &[], &all).unwrap();
    let (layer, findings) = read_vector(&path, Some("areas"), None, "EPSG:4547").unwrap();
    assert_eq!(layer.features.len(), 3);
    assert!(layer.features[1].geometry.is_some() && layer.features[2].geometry.is_none());
    let codes: Vec<_> = findings.iter().map(|f| f.code.as_str()).collect();
    assert_eq!(codes, ["GIS-027", "GIS-022"]);
    assert!(
        findings[0].message.en.contains("Self-intersection") && findings[0].place.contains("feature 1"),
        "{}",
        findings[0]
    );
    assert!(findings.iter().all(|f| f.file.ends_with("a.gpkg")));
}

#[test]
fn layers_are_chosen_by_name_or_must_be_one() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.gpkg");
    let all = features();
    let layer = |name| OutLayer { name, title: name, kind: GeometryKind::Point, fields: &[], features: &[] };
    let full = fields();
    let first =
        OutLayer { name: "first", title: "第一层", kind: GeometryKind::Point, fields: &full, features: &all };
    write_geopackage(&path, "EPSG:4547", &[first, layer("second")], &[], Instant::UNIX_EPOCH).unwrap();
    assert_eq!(list_layers(&path).unwrap(), ["first", "second"]);
    assert_eq!(read_vector(&path, None, None, "EPSG:4547").unwrap_err().code, "GIS-021");
    assert_eq!(read_vector(&path, Some("third"), None, "EPSG:4547").unwrap_err().code, "GIS-021");
    assert_eq!(read_vector(&path, Some("first"), None, "EPSG:4547").unwrap().0.features.len(), 2);
    assert_eq!(read_vector(&path, Some("second"), None, "EPSG:4547").unwrap().1[0].code, "GIS-026");
}

/// A Shapefile whose table is in GB18030, with or without saying so.
fn gb_shapefile(dir: &TempDir, declared: bool) -> std::path::PathBuf {
    let path = dir.path().join("gb.shp");
    let driver = DriverManager::get_driver_by_name("ESRI Shapefile").unwrap();
    let mut ds = driver.create_vector_only(&path).unwrap();
    let Crs::Known(srs) = Crs::parse("EPSG:4547").unwrap() else { unreachable!() };
    let options = ["ENCODING=GB18030"];
    let layer = ds
        .create_layer(LayerOptions {
            name: "gb",
            srs: Some(&srs),
            ty: OGRwkbGeometryType::wkbPoint,
            options: Some(&options),
        })
        .unwrap();
    FieldDefn::new("mc", OGRFieldType::OFTString).unwrap().add_to_layer(&layer).unwrap();
    let mut feature = Feature::new(layer.defn()).unwrap();
    feature.set_field_string(0, "翻身桥下穿").unwrap();
    feature.set_geometry(gdal::vector::Geometry::from_wkt("POINT (500000 2490000)").unwrap()).unwrap();
    feature.create(&layer).unwrap();
    drop(feature);
    ds.close().unwrap();
    if !declared {
        let cpg = path.with_extension("cpg");
        if cpg.exists() {
            fs::remove_file(cpg).unwrap();
        }
        let dbf = path.with_extension("dbf");
        let mut bytes = fs::read(&dbf).unwrap();
        bytes[29] = 0;
        fs::write(&dbf, bytes).unwrap();
    }
    path
}

#[test]
fn gb18030_shapefile_with_and_without_declaration() {
    for declared in [true, false] {
        let dir = TempDir::new().unwrap();
        let path = gb_shapefile(&dir, declared);
        let (layer, findings) = read_vector(&path, None, None, "EPSG:4547").unwrap();
        assert_eq!(layer.features[0].values[0].as_deref(), Some("翻身桥下穿"), "declared: {declared}");
        assert_eq!(findings.iter().any(|f| f.code == "GIS-024"), !declared);
    }
}

#[test]
fn shapefile_without_prj_has_no_crs() {
    let dir = TempDir::new().unwrap();
    let path = gb_shapefile(&dir, true);
    fs::remove_file(path.with_extension("prj")).unwrap();
    assert_eq!(read_vector(&path, None, None, "EPSG:4547").unwrap_err().code, "GIS-005");
}

#[test]
fn missing_empty_and_truncated_files() {
    let dir = TempDir::new().unwrap();
    assert_eq!(read_vector(&dir.path().join("no.gpkg"), None, None, "EPSG:4547").unwrap_err().code, "GIS-001");
    let path = dir.path().join("a.geojson");
    fs::write(&path, "").unwrap();
    assert_eq!(read_vector(&path, None, None, "EPSG:4547").unwrap_err().code, "GIS-002");
    write_vector(&path, VectorFormat::GeoJson, "points", "EPSG:4547", &fields(), &features()).unwrap();
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 60]).unwrap();
    let e = read_vector(&path, None, None, "EPSG:4547").unwrap_err();
    assert!(["GIS-003", "GIS-004"].contains(&e.code.as_str()), "{e}");
    let gpkg = dir.path().join("a.gpkg");
    write_vector(&gpkg, VectorFormat::GeoPackage, "points", "EPSG:4547", &fields(), &features()).unwrap();
    let bytes = fs::read(&gpkg).unwrap();
    fs::write(&gpkg, &bytes[..bytes.len() / 2]).unwrap();
    let e = read_vector(&gpkg, None, None, "EPSG:4547").unwrap_err();
    assert!(["GIS-003", "GIS-004", "GIS-021"].contains(&e.code.as_str()), "{e}");
}

#[test]
fn roads_of_an_openstreetmap_extract() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.osm");
    fs::write(
        &path,
        r#"<?xml version="1.0"?><osm version="0.6">
        <node id="1" lat="22.50" lon="114.00" version="1"/><node id="2" lat="22.51" lon="114.00" version="1"/>
        <node id="3" lat="22.52" lon="114.01" version="1"/>
        <way id="10" version="1"><nd ref="1"/><nd ref="2"/><tag k="highway" v="primary"/><tag k="name" v="深南路"/><tag k="bridge" v="yes"/><tag k="oneway" v="-1"/></way>
        <way id="11" version="1"><nd ref="2"/><nd ref="3"/><tag k="waterway" v="river"/></way></osm>"#,
    )
    .unwrap();
    let (layer, _) = read_vector(&path, None, None, "EPSG:4547").unwrap();
    assert_eq!(layer.features.len(), 1);
    let road = &layer.features[0];
    let value = |name: &str| road.values[layer.field(name).unwrap()].as_deref();
    assert_eq!(
        (road.fid, value("id"), value("class"), value("name")),
        (10, Some("10"), Some("primary"), Some("深南路"))
    );
    assert_eq!((value("bridge"), value("tunnel"), value("one_way")), (Some("true"), Some("false"), Some("true")));
    // oneway = -1: the line is turned into the direction of travel
    let Some(Geometry::LineString(LineString(line))) = &road.geometry else { unreachable!() };
    assert!(line[0].y > line[1].y);
}
