use super::*;
use crate::crs::east_north;
use gdal::DriverManager;
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use std::path::PathBuf;
use tempfile::TempDir;

const GRID: GridSpec = GridSpec { x0_m: 500_000.0, y0_m: 2_490_000.0, cell_m: 50.0, nx: 40, ny: 20 };

fn ask(points: &[(f64, f64)]) -> ReadFrames<'_> {
    ReadFrames { target_crs: "EPSG:4547", source_crs: None, variable: None, grid: GRID, points }
}

/// A GeoTIFF of 4 × 2 pixels of 500 m over the grid, values from the north down.
fn field(dir: &TempDir, name: &str, values: [f32; 8], transform: [f64; 6], epsg: Option<u32>) -> PathBuf {
    let path = dir.path().join(name);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let options = RasterCreationOptions::default();
    let mut ds = driver.create_with_band_type_with_options::<f32, _>(&path, 4, 2, 1, &options).unwrap();
    ds.set_geo_transform(&transform).unwrap();
    if let Some(code) = epsg {
        ds.set_spatial_ref(&east_north(SpatialRef::from_epsg(code).unwrap())).unwrap();
    }
    ds.rasterband(1).unwrap().write((0, 0), (4, 2), &mut Buffer::new((4, 2), values.to_vec())).unwrap();
    ds.close().unwrap();
    path
}

const OVER: [f64; 6] = [500_000.0, 500.0, 0.0, 2_491_000.0, 0.0, -500.0];
const VALUES: [f32; 8] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];

fn cell(frames: &Frames, x: f64, y: f64) -> f64 {
    let k = frames.placement.pixel_of_cell[GRID.cell_at(x, y).unwrap()];
    if k == NO_PIXEL { f64::NAN } else { frames.frames[0].values[k as usize] }
}

#[test]
fn each_cell_takes_the_pixel_that_holds_it() {
    let dir = TempDir::new().unwrap();
    let path = field(&dir, "a.tif", VALUES, OVER, Some(4547));
    let points = [(501_600.0, 2_490_100.0), (400_000.0, 2_490_100.0)];
    let f = read_frames(&path, &ask(&points), None).unwrap();
    assert_eq!((cell(&f, 500_010.0, 2_490_990.0), cell(&f, 501_990.0, 2_490_010.0)), (1.0, 8.0));
    assert_eq!(f.placement.pixel_of_cell.iter().collect::<std::collections::BTreeSet<_>>().len(), 8);
    assert_eq!(f.frames[0].values[f.placement.pixel_of_point[0] as usize], 8.0);
    assert_eq!(f.placement.pixel_of_point[1], NO_PIXEL);
    assert_eq!((f.frames[0].stamp_unix_s, f.unit.as_deref()), (None, None));
    assert!(f.findings.is_empty(), "{:?}", f.findings);
}

#[test]
fn longitudes_to_360_and_rotated_pixels_are_understood() {
    let dir = TempDir::new().unwrap();
    // A field of the whole Earth counted from 0 to 360°, seen from west of Greenwich (Porto Alegre).
    let world = field(&dir, "w.tif", VALUES, [0.0, 90.0, 0.0, 90.0, 0.0, -90.0], Some(4326));
    let grid = GridSpec { x0_m: 480_000.0, y0_m: 6_675_000.0, cell_m: 100.0, nx: 5, ny: 5 };
    let f = read_frames(&world, &ReadFrames { target_crs: "EPSG:31982", grid, ..ask(&[]) }, None).unwrap();
    // 51° W = 309° E: fourth column, southern row.
    assert_eq!(f.frames[0].values, [8.0]);
    assert!(f.findings.iter().any(|g| g.code == "GIS-048"));
    // Turned by a quarter: columns run south, rows run west.
    let turned = [502_000.0, 0.0, -1000.0, 2_491_000.0, -250.0, 0.0];
    let f = read_frames(&field(&dir, "r.tif", VALUES, turned, Some(4547)), &ask(&[]), None).unwrap();
    assert_eq!((cell(&f, 501_990.0, 2_490_990.0), cell(&f, 500_010.0, 2_490_010.0)), (1.0, 8.0));
    assert!(f.findings.iter().any(|g| g.code == "GIS-047"));
}

#[test]
fn half_a_pixel_off_is_refused() {
    let dir = TempDir::new().unwrap();
    let first = read_frames(&field(&dir, "a.tif", VALUES, OVER, Some(4547)), &ask(&[]), None).unwrap();
    let mut shifted = OVER;
    shifted[0] += 250.0;
    let path = field(&dir, "b.tif", VALUES, shifted, Some(4547));
    let refused = read_frames(&path, &ask(&[]), Some(&first.placement)).unwrap_err();
    assert_eq!(refused.code, "GIS-044");
    assert!(refused.message.en.contains("0.50") && refused.file.ends_with("b.tif"), "{refused}");
    let again =
        read_frames(&field(&dir, "c.tif", [9.0; 8], OVER, Some(4547)), &ask(&[]), Some(&first.placement)).unwrap();
    assert_eq!(again.frames[0].values, [9.0; 8]);
}

#[test]
fn undeclared_fill_values_are_unknown_and_named() {
    let dir = TempDir::new().unwrap();
    let values = [1.0, -32768.0, 9.96921e36, f32::NAN, 0.0, -3.0, 7.0, 8.0];
    let f = read_frames(&field(&dir, "a.tif", values, OVER, Some(4547)), &ask(&[]), None).unwrap();
    assert_eq!(f.frames[0].values.iter().filter(|v| v.is_nan()).count(), 4);
    let said = f.findings.iter().find(|g| g.code == "GIS-042").unwrap();
    assert!(said.message.en.starts_with("3 pixels") && said.place.contains("row 1, column 2"), "{said}");
}

#[test]
fn cells_beyond_the_field_are_unknown_and_no_overlap_is_refused() {
    let dir = TempDir::new().unwrap();
    let mut west = OVER;
    west[0] -= 1000.0;
    let f = read_frames(&field(&dir, "a.tif", VALUES, west, Some(4547)), &ask(&[]), None).unwrap();
    assert!(cell(&f, 501_500.0, 2_490_500.0).is_nan());
    assert!(f.findings.iter().any(|g| g.code == "GIS-041"));
    let code =
        |t: [f64; 6], epsg| read_frames(&field(&dir, "b.tif", VALUES, t, epsg), &ask(&[]), None).unwrap_err().code;
    let mut far = OVER;
    far[3] += 1e6;
    assert_eq!(code(far, Some(4547)), "GIS-015");
    assert_eq!(code(OVER, None), "GIS-005");
    std::fs::write(dir.path().join("c.tif"), "no raster").unwrap();
    assert_eq!(read_frames(&dir.path().join("c.tif"), &ask(&[]), None).unwrap_err().code, "GIS-003");
    assert_eq!(read_frames(&dir.path().join("none.tif"), &ask(&[]), None).unwrap_err().code, "GIS-001");
}

/// A message of GRIB1: rain of one parameter on 2 × 2 pixels of a degree from 114° E, 23° N, whole millimetres.
fn edition_1(product: [u8; 9], values: [u8; 4]) -> Vec<u8> {
    let three = |v: u32| v.to_be_bytes()[1..].to_vec();
    let [year, month, day, hour, unit, begin, end, range, parameter] = product;
    let mut body = three(28);
    body.extend([2, 7, 255, 255, 0x80, parameter, 1, 0, 0, year, month, day, hour, 0, unit, begin, end, range]);
    body.extend([0, 0, 0, 21, 0, 0, 0]);
    body.extend(three(32));
    body.extend([0, 255, 0, 0, 2, 0, 2]);
    for degrees in [23_000, 114_000] {
        body.extend(three(degrees));
    }
    body.push(0x80);
    for degrees in [22_000, 115_000] {
        body.extend(three(degrees));
    }
    body.extend([3, 232, 3, 232, 0, 0, 0, 0, 0]);
    body.extend(three(15 + 1));
    // 8 bits a value; the last octet is filling.
    body.extend([8, 0, 0, 0, 0, 0, 0, 8]);
    body.extend(values);
    body.push(0);
    body.extend(b"7777");
    let mut message = b"GRIB".to_vec();
    message.extend(three(body.len() as u32 + 8));
    message.push(1);
    message.extend(body);
    message
}

#[test]
fn grib_of_edition_1_tells_its_intervals() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("rain.grib");
    // APCP of 2023-09-07: sums over 12–13 h and 13–16 h after 00 UTC.
    let bytes = [
        edition_1([23, 9, 7, 0, 1, 12, 13, 4, 61], [10, 20, 30, 40]),
        edition_1([23, 9, 7, 0, 1, 13, 16, 4, 61], [1, 2, 3, 4]),
    ];
    std::fs::write(&path, bytes.concat()).unwrap();
    // A grid around 114° E, 23° N: pixel centres stand on whole degrees.
    let grid = GridSpec { x0_m: 499_000.0, y0_m: 2_543_000.0, cell_m: 1000.0, nx: 2, ny: 2 };
    let f = read_frames(&path, &ReadFrames { grid, ..ask(&[]) }, None).unwrap();
    let at = |text: &str| text.parse::<dayu_base::Instant>().unwrap().as_second() as f64;
    let told: Vec<_> = f.frames.iter().map(|f| (f.stamp_unix_s.unwrap(), f.length_s.unwrap(), f.values[0])).collect();
    assert_eq!(
        told,
        [(at("2023-09-07T13:00:00Z"), 3600.0, 10.0), (at("2023-09-07T16:00:00Z"), 10_800.0, 1.0)],
        "{f:?}"
    );
    assert_eq!(f.unit.as_deref(), Some("[kg/m^2]"));
}

#[test]
fn scalar_times_of_a_netcdf_of_one_field_are_its_interval() {
    use crate::testing_netcdf::{Values, Variable, classic};
    let dir = TempDir::new().unwrap();
    const SINCE: &str = "seconds since 2020-10-31 00:00:00 UTC";
    let axis = |name, d, values: [f64; 4], what| Variable {
        name,
        dimensions: d,
        texts: what,
        numbers: &[],
        values: Values::Doubles(values.to_vec()),
    };
    let scalar = |name, value: f64| Variable {
        name,
        dimensions: &[],
        texts: &[("standard_name", "time"), ("units", SINCE)],
        numbers: &[],
        values: Values::Doubles(vec![value]),
    };
    let projection = Variable {
        name: "proj",
        dimensions: &[],
        texts: &[("grid_mapping_name", "transverse_mercator")],
        numbers: &[
            ("longitude_of_central_meridian", 114.0),
            ("latitude_of_projection_origin", 0.0),
            ("scale_factor_at_central_meridian", 1.0),
            ("false_easting", 500_000.0),
            ("false_northing", 0.0),
            ("semi_major_axis", 6_378_137.0),
            ("inverse_flattening", 298.257_222_101),
        ],
        values: Values::Doubles(vec![0.0]),
    };
    let rain = Variable {
        name: "precipitation",
        dimensions: &[0, 1],
        texts: &[("units", "kg m-2"), ("grid_mapping", "proj")],
        numbers: &[("_FillValue", -1.0), ("scale_factor", 0.05), ("add_offset", 0.0)],
        values: Values::Shorts((0..16).map(|k| if k == 5 { -1 } else { k * 20 }).collect()),
    };
    let x = [500_250.0, 500_750.0, 501_250.0, 501_750.0];
    let y = [2_491_750.0, 2_491_250.0, 2_490_750.0, 2_490_250.0];
    let variables = [
        axis("y", &[0], y, &[("standard_name", "projection_y_coordinate"), ("units", "m")]),
        axis("x", &[1], x, &[("standard_name", "projection_x_coordinate"), ("units", "m")]),
        projection,
        rain,
        scalar("start_time", 10_800.0),
        scalar("valid_time", 11_400.0),
    ];
    let path = dir.path().join("qpe.nc");
    std::fs::write(&path, classic(&[("y", 4), ("x", 4)], &variables)).unwrap();
    let f = read_frames(&path, &ReadFrames { variable: Some("precipitation"), ..ask(&[]) }, None).unwrap();
    let end = "2020-10-31T03:10:00Z".parse::<dayu_base::Instant>().unwrap().as_second() as f64;
    let first = &f.frames[0];
    assert_eq!((first.stamp_unix_s, first.stamp_is_begin, first.length_s), (Some(end), false, Some(600.0)));
    // South-west corner of the grid: last row, first column, 12 × 20 × 0.05 mm.
    assert_eq!(cell(&f, 500_010.0, 2_490_010.0), 12.0);
    assert_eq!(f.unit.as_deref(), Some("kg m-2"));
}

#[test]
fn packed_files_are_refused_with_the_tool_that_unpacks_them() {
    let dir = TempDir::new().unwrap();
    for (name, head, tool) in
        [("a.xz", b"\xfd7zXZ\0".as_slice(), "xz -dk"), ("a.zip", b"PK\x03\x04", "unzip"), ("a.bz2", b"BZh9", "bunzip2")]
    {
        let path = dir.path().join(name);
        std::fs::write(&path, [head, &[0; 300]].concat()).unwrap();
        let refused = read_frames(&path, &ask(&[]), None).unwrap_err();
        assert!(refused.code == "GIS-049" && refused.mend.en.contains(tool), "{refused}");
    }
}
