use super::*;
use crate::cog::{CogType, write_cog};
use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

fn grid(nx: usize, ny: usize) -> GridSpec {
    GridSpec { x0_m: 500_000.0, y0_m: 2_490_000.0, cell_m: 10.0, nx, ny }
}

fn ramp(nx: usize, ny: usize) -> Raster<f64> {
    Raster { grid: grid(nx, ny), values: (0..nx * ny).map(|k| k as f64 * 0.5).collect() }
}

fn ask() -> ReadRaster<'static> {
    ReadRaster::new("EPSG:4547", "elevation")
}

fn asc(dir: &TempDir, body: &str) -> PathBuf {
    let path = dir.path().join("dem.asc");
    fs::write(&path, body).unwrap();
    path
}

/// Plain strip GeoTIFF with the values given from the north down.
fn plain_tif(path: &Path, nx: usize, ny: usize, values: Vec<f32>, options: &[&str]) {
    let options = RasterCreationOptions::from_iter(options.iter().copied());
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut ds = driver.create_with_band_type_with_options::<f32, _>(path, nx, ny, 1, &options).unwrap();
    ds.set_geo_transform(&[500_000.0, 10.0, 0.0, 2_490_000.0 + 10.0 * ny as f64, 0.0, -10.0]).unwrap();
    let Crs::Known(srs) = Crs::parse("EPSG:4547").unwrap() else { unreachable!() };
    ds.set_spatial_ref(&srs).unwrap();
    ds.rasterband(1).unwrap().write((0, 0), (nx, ny), &mut Buffer::new((nx, ny), values)).unwrap();
    ds.close().unwrap();
}

#[test]
fn pixels_as_they_stand_south_row_first() {
    let dir = TempDir::new().unwrap();
    let path =
        asc(&dir, "ncols 3\nnrows 2\nxllcorner 10\nyllcorner 20\ncellsize 5\nNODATA_value -9999\n1 2 3\n4 5 -9999\n");
    let (r, findings) = read_raster(&path, &ReadRaster::new("local-metres", "elevation")).unwrap();
    assert_eq!(r.grid, GridSpec { x0_m: 10.0, y0_m: 20.0, cell_m: 5.0, nx: 3, ny: 2 });
    assert_eq!(r.values[..2], [4.0, 5.0]);
    assert!(r.values[2].is_nan());
    assert_eq!(r.values[3..], [1.0, 2.0, 3.0]);
    assert!(findings.iter().any(|f| f.code == "GIS-011" && f.field == "elevation" && !f.file.is_empty()));
}

#[test]
fn part_and_grid() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    let whole = ramp(40, 30);
    write_cog(&path, &whole, "EPSG:4547", CogType::Float64, -9999.0, &[]).unwrap();
    let extent_m = Some([500_015.0, 2_490_020.0, 500_050.0, 2_490_045.0]);
    let (part, _) = read_raster(&path, &ReadRaster { extent_m, ..ask() }).unwrap();
    assert_eq!((part.grid.x0_m, part.grid.y0_m, part.grid.nx, part.grid.ny), (500_010.0, 2_490_020.0, 4, 3));
    assert_eq!(part.values[0], whole.values[2 * 40 + 1]);
    assert_eq!(part.values[4 * 2 + 3], whole.values[4 * 40 + 4]);
    // the same grid asked for by name is the same pixels, bit for bit
    let (same, _) = read_raster(&path, &ReadRaster { grid: Some(whole.grid), ..ask() }).unwrap();
    assert_eq!(same, whole);
    let off = GridSpec { x0_m: 0.0, ..whole.grid };
    assert_eq!(read_raster(&path, &ReadRaster { grid: Some(off), ..ask() }).unwrap_err().code, "GIS-015");
}

#[test]
fn reprojection_keeps_a_plane() {
    // A plane in the source stays a plane to within the curvature of the map over the raster.
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    let g = grid(400, 400);
    let values =
        (0..g.len()).map(|k| g.centre(k)).map(|(x, y)| (x - 500_000.0) * 0.01 + (y - 2_490_000.0) * 0.02).collect();
    write_cog(&path, &Raster { grid: g, values }, "EPSG:4547", CogType::Float64, -9999.0, &[]).unwrap();
    let to = "EPSG:32650";
    let (r, findings) = read_raster(&path, &ReadRaster::new(to, "elevation")).unwrap();
    assert!((r.grid.cell_m - 10.0).abs() < 0.05, "{}", r.grid.cell_m);
    assert!(findings.iter().any(|f| f.code == "GIS-020"));
    let back = Transformer::new(to, "EPSG:4547").unwrap();
    let mut checked = 0;
    for k in (0..r.grid.len()).step_by(97) {
        let (x, y) = r.grid.centre(k);
        let (u, v) = back.point(x, y).unwrap();
        let inside = (500_010.0..503_990.0).contains(&u) && (2_490_010.0..2_493_990.0).contains(&v);
        if inside {
            let want = (u - 500_000.0) * 0.01 + (v - 2_490_000.0) * 0.02;
            assert!((r.values[k] - want).abs() < 1e-6, "{} {want}", r.values[k]);
            checked += 1;
        }
    }
    assert!(checked > 1_000);
}

#[test]
fn crs_missing_wrong_and_contradicted() {
    let dir = TempDir::new().unwrap();
    let path = asc(&dir, "ncols 2\nnrows 2\nxllcorner 500000\nyllcorner 2490000\ncellsize 10\n1 2\n3 4\n");
    let e = read_raster(&path, &ask()).unwrap_err();
    assert_eq!((e.code.as_str(), e.field.as_str()), ("GIS-005", "crs"));
    assert!(e.file.ends_with("dem.asc"));
    assert!(read_raster(&path, &ReadRaster { source_crs: Some("EPSG:4547"), ..ask() }).is_ok());
    assert_eq!(read_raster(&path, &ReadRaster { source_crs: Some("nonsense"), ..ask() }).unwrap_err().code, "GIS-006");
    // plane metres declared as degrees
    assert_eq!(read_raster(&path, &ReadRaster { source_crs: Some("EPSG:4490"), ..ask() }).unwrap_err().code, "GIS-016");
    let tif = dir.path().join("b.tif");
    write_cog(&tif, &ramp(4, 4), "EPSG:4547", CogType::Float32, -9999.0, &[]).unwrap();
    let (_, findings) =
        read_raster(&tif, &ReadRaster { source_crs: Some("EPSG:4546"), ..ask() }).unwrap_or_else(|e| panic!("{e}"));
    assert!(findings.iter().any(|f| f.code == "GIS-018"));
}

#[test]
fn nan_and_infinite_cells_are_counted_and_placed() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    plain_tif(&path, 3, 2, vec![1.0, f32::NAN, 3.0, f32::INFINITY, 5.0, f32::NEG_INFINITY], &[]);
    let (r, findings) = read_raster(&path, &ask()).unwrap();
    let f = findings.iter().find(|f| f.code == "GIS-010").unwrap();
    assert!(f.message.en.starts_with("3 pixels") && f.place.contains("row 1, column 2"), "{f}");
    assert_eq!(r.values.iter().filter(|v| v.is_nan()).count(), 3);
    plain_tif(&path, 3, 1, vec![f32::NAN; 3], &[]);
    assert_eq!(read_raster(&path, &ask()).unwrap_err().code, "GIS-009");
}

#[test]
fn nodata_declared_undeclared_and_everywhere() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("a.tif");
    plain_tif(&path, 3, 1, vec![1.0, -9999.0, 3.0], &[]);
    let (_, findings) = read_raster(&path, &ask()).unwrap();
    assert!(findings.iter().any(|f| f.code == "GIS-012"));
    let (r, findings) = read_raster(&path, &ReadRaster { declared_nodata: Some(-9999.0), ..ask() }).unwrap();
    assert!(r.values[1].is_nan() && findings.iter().all(|f| f.code == "GIS-011"));
    plain_tif(&path, 3, 1, vec![-9999.0; 3], &[]);
    let e = read_raster(&path, &ReadRaster { declared_nodata: Some(-9999.0), ..ask() }).unwrap_err();
    assert_eq!(e.code, "GIS-009");
}

#[test]
fn missing_empty_folder_and_text_files() {
    let dir = TempDir::new().unwrap();
    assert_eq!(read_raster(&dir.path().join("none.tif"), &ask()).unwrap_err().code, "GIS-001");
    assert_eq!(read_raster(dir.path(), &ask()).unwrap_err().code, "GIS-003");
    let path = dir.path().join("empty.tif");
    fs::write(&path, b"").unwrap();
    assert_eq!(read_raster(&path, &ask()).unwrap_err().code, "GIS-002");
    fs::write(&path, b"this is no raster").unwrap();
    let e = read_raster(&path, &ask()).unwrap_err();
    assert_eq!(e.code, "GIS-003");
    assert!(!e.mend.zh.is_empty() && !e.mend.en.is_empty());
}

#[test]
fn no_truncated_file_passes_for_whole() {
    let dir = TempDir::new().unwrap();
    let (nx, ny) = (64, 64);
    let values: Vec<f32> = (0..nx * ny).map(|k| 1.0 + (k % 977) as f32).collect();
    let layouts: [&[&str]; 4] = [
        &[],
        &["COMPRESS=DEFLATE"],
        &["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16", "COMPRESS=LZW"],
        &["BLOCKYSIZE=4"],
    ];
    for (n, options) in layouts.iter().enumerate() {
        let whole = dir.path().join(format!("whole{n}.tif"));
        plain_tif(&whole, nx, ny, values.clone(), options);
        let good = read_raster(&whole, &ask()).unwrap().0;
        let bytes = fs::read(&whole).unwrap();
        for cut in (1..bytes.len() - 1).step_by(bytes.len() / 61) {
            let path = dir.path().join("cut.tif");
            fs::write(&path, &bytes[..cut]).unwrap();
            match read_raster(&path, &ask()) {
                Err(e) => assert!(["GIS-003", "GIS-004", "GIS-005", "GIS-007"].contains(&e.code.as_str()), "{e}"),
                // Only trailing bytes that carry no pixel may be lacking.
                Ok((r, _)) => assert_eq!(r, good, "layout {n}, {cut} of {} bytes", bytes.len()),
            }
        }
    }
}

#[test]
fn truncated_ascii_grid_is_refused() {
    let dir = TempDir::new().unwrap();
    let path = asc(&dir, "ncols 3\nnrows 3\nxllcorner 0\nyllcorner 0\ncellsize 5\n1 2 3\n4 5");
    assert_eq!(read_raster(&path, &ReadRaster::new("local-metres", "elevation")).unwrap_err().code, "GIS-004");
}

#[test]
fn blocks_never_written_are_no_data() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("sparse.tif");
    let options = RasterCreationOptions::from_iter(["SPARSE_OK=TRUE", "BLOCKYSIZE=1"]);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut ds = driver.create_with_band_type_with_options::<f32, _>(&path, 4, 3, 1, &options).unwrap();
    ds.set_geo_transform(&[500_000.0, 10.0, 0.0, 2_490_030.0, 0.0, -10.0]).unwrap();
    ds.rasterband(1).unwrap().write((0, 0), (4, 1), &mut Buffer::new((4, 1), vec![7.0_f32; 4])).unwrap();
    ds.close().unwrap();
    let (r, findings) = read_raster(&path, &ReadRaster::new("local-metres", "elevation")).unwrap();
    assert!(findings.iter().any(|f| f.code == "GIS-013"));
    assert!(r.values[..8].iter().all(|v| v.is_nan()));
    assert_eq!(r.values[8..], [7.0; 4]);
}

#[test]
fn rectangular_pixels_are_refused_with_a_mend() {
    let dir = TempDir::new().unwrap();
    let path = asc(&dir, "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ndx 10\ndy 12\n1 2\n3 4\n");
    let e = read_raster(&path, &ReadRaster::new("local-metres", "elevation")).unwrap_err();
    assert_eq!(e.code, "GIS-008");
    assert!(e.mend.en.contains("gdalwarp"));
}
