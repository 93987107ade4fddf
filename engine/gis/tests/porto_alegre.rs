//! The real files of the shipped district of Porto Alegre, read as a run reads them.
#![allow(clippy::unwrap_used, missing_docs)]

use dayu_gis::{ReadRaster, read_raster, read_vector};
use geo::{BoundingRect, Geometry};
use std::path::PathBuf;

const CRS: &str = "EPSG:31982";

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../gis-data/porto-alegre").join(name)
}

#[test]
fn terrain_keeps_its_range_in_the_plane() {
    let (terrain, findings) = read_raster(&file("terrain.tif"), &ReadRaster::new(CRS, "elevation")).unwrap();
    assert!(findings.iter().all(|f| f.code == "GIS-020"), "{findings:?}");
    assert!((28.0..29.5).contains(&terrain.grid.cell_m), "{}", terrain.grid.cell_m);
    let (mut low, mut high, mut known) = (f64::INFINITY, f64::NEG_INFINITY, 0_usize);
    for v in terrain.values.iter().filter(|v| !v.is_nan()) {
        (low, high, known) = (low.min(*v), high.max(*v), known + 1);
    }
    assert!(low == 0.0 && (250.0..=255.0).contains(&high));
    // 413 × 403 pixels of 1″; slivers along the turned sides have no data
    let area_km2 = known as f64 * terrain.grid.cell_area_m2() / 1e6;
    assert!((136.0..138.5).contains(&area_km2), "{area_km2}");
}

#[test]
fn roads_come_with_their_class_and_bridges() {
    let (roads, findings) = read_vector(&file("roads.osm.pbf"), None, None, CRS).unwrap();
    assert!(findings.is_empty(), "{:?}", findings.first());
    // of 15 886 highway ways; the other 34 are closed ways that count as areas (squares, platforms)
    assert_eq!(roads.features.len(), 15_852);
    let column = |name: &str| roads.field(name).unwrap();
    let (class, bridge, one_way) = (column("class"), column("bridge"), column("one_way"));
    assert!(
        roads.features.iter().all(|f| f.values[class].is_some() && matches!(f.geometry, Some(Geometry::LineString(_))))
    );
    let count = |k: usize| roads.features.iter().filter(|f| f.values[k].as_deref() == Some("true")).count();
    assert!(count(bridge) > 20 && count(one_way) > 1_000, "{} {}", count(bridge), count(one_way));
}

#[test]
fn lake_and_regions_lie_in_the_plane() {
    let (lake, findings) = read_vector(&file("guaiba.geojson"), None, None, CRS).unwrap();
    assert!(findings.is_empty(), "{:?}", findings.first());
    let b = lake.features[0].geometry.as_ref().unwrap().bounding_rect().unwrap();
    assert!(b.min().x > 475_000.0 && b.max().x < 487_000.0 && b.height() > 10_000.0);
    let (regions, findings) = read_vector(&file("regions.geojson"), None, None, CRS).unwrap();
    assert!(findings.is_empty() && regions.features.len() == 7);
}
