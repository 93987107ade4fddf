use super::*;
use crate::raster::{ReadRaster, read_raster};
use dayu_terrain::GridSpec;
use std::fs;
use tempfile::TempDir;

fn raster(nx: usize, ny: usize) -> Raster<f64> {
    let grid = GridSpec { x0_m: 500_000.0, y0_m: 2_490_000.0, cell_m: 10.0, nx, ny };
    let mut values: Vec<f64> = (0..nx * ny).map(|k| (k % 251) as f64 * 0.25).collect();
    values[3] = f64::NAN;
    Raster { grid, values }
}

#[test]
fn round_trip_of_every_type() {
    let dir = TempDir::new().unwrap();
    let whole = raster(37, 21);
    for (kind, step) in [(CogType::Float32, 0.0), (CogType::Float64, 0.0), (CogType::Int16, 0.5), (CogType::Byte, 0.5)]
    {
        let path = dir.path().join("a.tif");
        let nodata = if kind == CogType::Byte { 255.0 } else { -9999.0 };
        write_cog(&path, &whole, "EPSG:4547", kind, nodata, &[("unit", "m")]).unwrap();
        let (read, _) = read_raster(&path, &ReadRaster::new("EPSG:4547", "depth")).unwrap();
        assert_eq!(read.grid, whole.grid);
        for (a, b) in read.values.iter().zip(&whole.values) {
            assert!((a.is_nan() && b.is_nan()) || (a - b).abs() <= step, "{kind:?} {a} {b}");
        }
        let ds = Dataset::open(&path).unwrap();
        assert_eq!(ds.metadata_item("unit", "").as_deref(), Some("m"));
        assert_eq!(ds.metadata_item("LAYOUT", "IMAGE_STRUCTURE").as_deref(), Some("COG"));
        assert_eq!(ds.rasterband(1).unwrap().no_data_value(), Some(nodata));
    }
}

#[test]
fn same_bytes_twice_and_no_leftovers() {
    let dir = TempDir::new().unwrap();
    let (a, b) = (dir.path().join("a.tif"), dir.path().join("b.tif"));
    let r = raster(1_100, 700);
    write_cog(&a, &r, "EPSG:4547", CogType::Float32, -9999.0, &[("datum", "1985国家高程基准")]).unwrap();
    write_cog(&b, &r, "EPSG:4547", CogType::Float32, -9999.0, &[("datum", "1985国家高程基准")]).unwrap();
    assert_eq!(fs::read(&a).unwrap(), fs::read(&b).unwrap());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn overviews_show_the_deepest_spot() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    let mut r = raster(1_100, 700);
    r.values.fill(0.0);
    r.values[351 * 1_100 + 555] = 2.5;
    write_cog(&path, &r, "EPSG:4547", CogType::Float32, -9999.0, &[]).unwrap();
    let ds = Dataset::open(&path).unwrap();
    let band = ds.rasterband(1).unwrap();
    assert!(band.overview_count().unwrap() >= 2);
    for k in 0..2 {
        let o = band.overview(k).unwrap().read_band_as::<f32>().unwrap();
        assert_eq!(o.data().iter().copied().fold(f32::NEG_INFINITY, f32::max), 2.5);
    }
    let how = CogOptions { kind: CogType::Float32, nodata: -9999.0, overview: Overview::Min, tags: &[] };
    r.values.fill(3_600.0);
    r.values[5] = f64::NAN;
    r.values[351 * 1_100 + 555] = 60.0;
    write_cog_with(&path, &r, "EPSG:4547", &how).unwrap();
    let ds = Dataset::open(&path).unwrap();
    let o = ds.rasterband(1).unwrap().overview(0).unwrap().read_band_as::<f32>().unwrap();
    assert_eq!(o.data().iter().copied().fold(f32::INFINITY, f32::min), 60.0);
}

#[test]
fn values_that_do_not_fit_are_refused_and_leave_nothing() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    let mut r = raster(8, 8);
    r.values[9] = 300.0;
    let e = write_cog(&path, &r, "EPSG:4547", CogType::Byte, 255.0, &[]).unwrap_err();
    assert_eq!((e.code.as_str(), e.place.as_str()), ("GIS-031", "(1, 1)"));
    r.values[9] = f64::INFINITY;
    assert_eq!(write_cog(&path, &r, "EPSG:4547", CogType::Float32, -9999.0, &[]).unwrap_err().code, "GIS-031");
    r.values[9] = -9999.0;
    assert_eq!(write_cog(&path, &r, "EPSG:4547", CogType::Float64, -9999.0, &[]).unwrap_err().code, "GIS-031");
    let e = write_cog(&dir.path().join("no/such/folder.tif"), &raster(8, 8), "EPSG:4547", CogType::Byte, 255.0, &[]);
    assert_eq!(e.unwrap_err().code, "GIS-030");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn local_metres_have_no_crs() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    write_cog(&path, &raster(8, 8), "local-metres", CogType::Float64, -9999.0, &[]).unwrap();
    assert!(read_raster(&path, &ReadRaster::new("local-metres", "depth")).is_ok());
    assert_eq!(read_raster(&path, &ReadRaster::new("EPSG:4547", "depth")).unwrap_err().code, "GIS-005");
}
