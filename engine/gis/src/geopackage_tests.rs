use super::*;
use geo::{LineString, point, polygon};
use std::fs;
use tempfile::TempDir;

fn write(path: &Path) -> Result<(), Finding> {
    let fields = vec![("object_id".to_string(), FieldKind::Text), ("depth_m".to_string(), FieldKind::Real)];
    let points: Vec<_> = (0..700)
        .map(|k| OutFeature {
            geometry: Some(Geometry::Point(point!(x: 500_000.0 + f64::from(k), y: 2_490_000.0 - f64::from(k % 13)))),
            values: vec![
                Value::Text(format!("W{k:03}")),
                Value::Real(if k % 7 == 0 { f64::NAN } else { 0.01 * f64::from(k) }),
            ],
        })
        .collect();
    let areas = [OutFeature {
        geometry: Some(polygon![(x: 0.0, y: 0.0), (x: 9.0, y: 0.0), (x: 9.0, y: 9.0), (x: 0.0, y: 0.0)].into()),
        values: vec![],
    }];
    let layers = [
        OutLayer {
            name: "waterlogging_points",
            title: "积水点",
            kind: GeometryKind::Point,
            fields: &fields,
            features: &points,
        },
        OutLayer { name: "regions", title: "分区", kind: GeometryKind::MultiPolygon, fields: &[], features: &areas },
        OutLayer {
            name: "about",
            title: "说明",
            kind: GeometryKind::None,
            fields: &fields[..1],
            features: &[OutFeature { geometry: None, values: vec!["x".into()] }],
        },
    ];
    let styles = [LayerStyle { layer: "waterlogging_points", name: "风险色", qml: "<qgis version=\"3.22\"/>" }];
    write_geopackage(path, "EPSG:4547", &layers, &styles, "2021-07-25T08:00:00+08:00".parse().unwrap())
}

#[test]
fn same_bytes_twice_with_the_date_given() {
    let dir = TempDir::new().unwrap();
    let (a, b) = (dir.path().join("a.gpkg"), dir.path().join("b.gpkg"));
    write(&a).unwrap();
    write(&b).unwrap();
    assert!(fs::read(&a).unwrap() == fs::read(&b).unwrap());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    let ds = Dataset::open(&a).unwrap();
    let mut rows = ds.execute_sql("SELECT last_change FROM gpkg_contents", None, Dialect::DEFAULT).unwrap().unwrap();
    for row in rows.features() {
        assert!(row.field_as_string(0).unwrap().unwrap().replace('/', "-").starts_with("2021-07-25"));
    }
}

#[test]
fn written_in_parallel_stays_the_same() {
    let dir = TempDir::new().unwrap();
    let paths: Vec<_> = (0..4).map(|k| dir.path().join(format!("{k}.gpkg"))).collect();
    std::thread::scope(|s| {
        for p in &paths {
            s.spawn(|| write(p).unwrap());
        }
    });
    let first = fs::read(&paths[0]).unwrap();
    assert!(paths.iter().all(|p| fs::read(p).unwrap() == first));
}

#[test]
fn styles_stand_where_qgis_looks() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.gpkg");
    write(&path).unwrap();
    let ds = Dataset::open(&path).unwrap();
    let query = "SELECT f_table_name, f_geometry_column, styleName, styleQML, useAsDefault FROM layer_styles";
    let mut rows = ds.execute_sql(query, None, Dialect::DEFAULT).unwrap().unwrap();
    let row = rows.features().next().unwrap();
    let text = |k| row.field_as_string(k).unwrap().unwrap();
    assert_eq!(
        (text(0), text(1), text(2), text(4)),
        ("waterlogging_points".into(), "geom".into(), "风险色".into(), "1".into())
    );
    assert!(text(3).starts_with("<qgis"));
}

#[test]
fn a_refused_folder_or_taken_name_leaves_nothing() {
    let dir = TempDir::new().unwrap();
    assert_eq!(write(&dir.path().join("no/such/a.gpkg")).unwrap_err().code, "GIS-030");
    let fields = vec![("fid".to_string(), FieldKind::Text)];
    let feature =
        OutFeature { geometry: Some(LineString::from(vec![(0.0, 0.0), (1.0, 1.0)]).into()), values: vec!["x".into()] };
    let layer =
        OutLayer { name: "l", title: "l", kind: GeometryKind::LineString, fields: &fields, features: &[feature] };
    let path = dir.path().join("a.gpkg");
    assert_eq!(write_geopackage(&path, "EPSG:4547", &[layer], &[], Instant::UNIX_EPOCH).unwrap_err().code, "GIS-030");
    let layer = OutLayer { features: &[OutFeature { geometry: None, values: vec![] }], ..layer };
    assert_eq!(write_geopackage(&path, "EPSG:4547", &[layer], &[], Instant::UNIX_EPOCH).unwrap_err().code, "GIS-030");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

/// A file system of 64 KiB, where the machine lets one be mounted.
struct TinyDisk(TempDir);

impl TinyDisk {
    fn mount() -> Option<Self> {
        let dir = TempDir::new().ok()?;
        let done = std::process::Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(dir.path())
            .output()
            .ok()?;
        done.status.success().then_some(Self(dir))
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_is_an_error_and_leaves_nothing() {
    let Some(disk) = TinyDisk::mount() else { return };
    let e = write(&disk.0.path().join("a.gpkg")).unwrap_err();
    assert!(["GIS-030", "GIS-032"].contains(&e.code.as_str()), "{e}");
    let grid = dayu_terrain::GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 1.0, nx: 300, ny: 300 };
    let values = (0..grid.len()).map(|k| f64::from(((k as u32).wrapping_mul(2_654_435_761)) >> 8)).collect();
    let raster = dayu_terrain::Raster { grid, values };
    let path = disk.0.path().join("a.tif");
    let e = crate::write_cog(&path, &raster, "EPSG:4547", crate::CogType::Float64, -9999.0, &[]).unwrap_err();
    assert!(["GIS-030", "GIS-032"].contains(&e.code.as_str()), "{e}");
    let features: Vec<_> = (0..2_000)
        .map(|k| OutFeature { geometry: Some(Geometry::Point(point!(x: f64::from(k), y: 0.0))), values: vec![] })
        .collect();
    let path = disk.0.path().join("a.geojson");
    let e = crate::write_vector(&path, crate::VectorFormat::GeoJson, "l", "EPSG:4547", &[], &features).unwrap_err();
    assert_eq!(e.code, "GIS-030");
    assert_eq!(fs::read_dir(disk.0.path()).unwrap().count(), 0);
}
