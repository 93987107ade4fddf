//! Rain products of weather services through the real binary, over flat ground where they lie: what falls is what an independent
//! computation reads from them; what cannot be read is refused with the reason.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::{output_of, run_dayu};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn sample(name: &str) -> String {
    dayu_tests::repository().join("tests/samples/rain").join(name).to_str().unwrap().to_string()
}

/// Flat ground of 20 km × 20 km in cells of 500 m and a scenario over it.
struct Flat {
    folder: tempfile::TempDir,
}

impl Flat {
    fn new(epsg: u32, corner: (f64, f64), start: &str, duration_s: u32, rain: &str) -> Self {
        let folder = dayu_tests::temporary();
        let dataset = format!(
            "format = 1\nid = \"flat\"\nname = {{ zh = \"平地\", en = \"flat\" }}\ncrs = \"EPSG:{epsg}\"\nvertical_datum = \"x\"\n\
             origin = \"mixed\"\n[[source]]\nlayer = \"terrain\"\ntitle = \"flat\"\nlicence = \"CC0-1.0\"\norigin = \"synthetic\"\n\
             [terrain]\nelevation = 0.0\nroughness = 0.03\n"
        );
        let (x, y) = corner;
        let scenario = format!(
            "format = 1\nid = \"sample\"\ntitle = {{ zh = \"样本\", en = \"sample\" }}\nkind = \"replay\"\ndataset = \".\"\n\
             start = {start}\nduration_s = {duration_s}\n[grid]\ncell_m = 500.0\nextent = [{x:.1}, {y:.1}, {:.1}, {:.1}]\n\
             [output]\ninterval_s = {duration_s}\n[[rain]]\nkind = \"grid\"\n{rain}\n",
            x + 20_000.0,
            y + 20_000.0
        );
        std::fs::write(folder.path().join("dataset.toml"), dataset).unwrap();
        std::fs::write(folder.path().join("scenario.toml"), scenario).unwrap();
        Self { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn simulate(&self, code: i32) -> dayu_tests::process::Ended {
        let (scenario, out) = (self.folder.path().to_str().unwrap(), self.at("out"));
        run_dayu(&["simulate", scenario, "--out", out.to_str().unwrap(), "--json"], 120).expect_code(code)
    }

    /// Mean rain over the ground, mm, and the summary.
    fn rain_mm(&self, code: i32) -> (f64, Value) {
        self.simulate(code);
        let summary: Value = serde_json::from_slice(&std::fs::read(self.at("out/summary.json")).unwrap()).unwrap();
        (summary["volumes"]["rain_m3"].as_f64().unwrap() / 4e5, summary)
    }

    fn refused(&self, code: &str, file: &str) -> Value {
        expect_finding(&findings(&self.simulate(1)), code, "error", file, "")
    }
}

fn codes(summary: &Value) -> Vec<&str> {
    summary["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect()
}

#[test]
fn radolan_binary_of_the_german_weather_service() {
    let rain = format!("path = \"{}\"", sample("raa01-rw_10000-1408102050-dwd---bin.gz"));
    let corner = (461_000.0, 5_529_000.0);
    let (mm, summary) = Flat::new(32632, corner, "2014-08-10T19:50:00Z", 3600, &rain).rain_mm(0);
    assert!((mm - 1.440_25).abs() < 1e-4, "{mm} {:?}", codes(&summary));
    // Half of the ground lies beyond the cut-out: no data there, which is not dry.
    let (_, summary) =
        Flat::new(32632, (corner.0 + 20_000.0, corner.1), "2014-08-10T19:50:00Z", 3600, &rain).rain_mm(3);
    assert!(codes(&summary).contains(&"SCN-300"), "{:?}", codes(&summary));
    // The hour before it is not in the file.
    let (_, summary) = Flat::new(32632, corner, "2014-08-10T18:50:00Z", 7200, &rain).rain_mm(0);
    assert!(codes(&summary).contains(&"SCN-302"), "{:?}", codes(&summary));
}

#[test]
fn radolan_ascii_needs_its_projection_unit_and_time() {
    let path = format!("path = \"{}\"\n", sample("RW_20221018-0450.asc"));
    let corner = (519_000.0, 5_612_000.0);
    let of = |keys: &str| {
        let flat = Flat::new(32632, corner, "2022-10-18T03:50:00Z", 3600, &format!("{path}{keys}"));
        std::fs::write(flat.at("times.csv"), "path,time_s,until_s\nRW_20221018-0450.asc,0,3600\n").unwrap();
        flat
    };
    let (mm, summary) = of("crs = \"radolan\"\nunit = \"0.1 mm\"\ntimes = \"times.csv\"").rain_mm(0);
    assert!((mm - 9.174_687_5).abs() < 1e-4, "{mm} {:?}", codes(&summary));
    of("unit = \"0.1 mm\"\ntimes = \"times.csv\"").refused("GIS-005", "RW_20221018-0450.asc");
    of("crs = \"radolan\"\ntimes = \"times.csv\"").refused("SCN-240", "RW_20221018-0450.asc");
    of("crs = \"radolan\"\nunit = \"0.1 mm\"").refused("RUN-059", "RW_20221018-0450.asc");
}

#[test]
fn stage_iv_on_curvilinear_pixels_with_its_own_hours() {
    let rain = format!("path = \"{}\"", sample("stageiv_florence_3h.nc"));
    let flat = Flat::new(32618, (223_000.0, 3_778_000.0), "2018-09-14T06:00:00Z", 10_800, &rain);
    let (mm, summary) = flat.rain_mm(0);
    assert!((mm - 18.841_61).abs() < 1e-3, "{mm} {:?}", codes(&summary));
    // The last of the hours alone.
    let flat = Flat::new(32618, (223_000.0, 3_778_000.0), "2018-09-14T08:00:00Z", 3600, &rain);
    assert!((flat.rain_mm(0).0 - 5.194_91).abs() < 1e-3);
}

#[test]
fn run_length_packing_of_jma_is_refused_with_the_way_out() {
    let flat = Flat::new(32654, (380_000.0, 3_940_000.0), "2016-08-22T02:00:00Z", 3600, "path = \"nowcast.grib2\"");
    // Sections 0, 1, 3, 4 and the begin of 5: data representation template 5.200.
    let mut bytes = b"GRIB\0\0\0\x02\0\0\0\0\0\0\x28\x51".to_vec();
    for (length, number) in [(21_u32, 1_u8), (72, 3), (34, 4)] {
        bytes.extend(length.to_be_bytes());
        bytes.push(number);
        bytes.resize(bytes.len() + length as usize - 5, 0);
    }
    bytes.extend([0, 0, 1, 19, 5, 0, 2, 12, 240, 0, 200]);
    bytes.resize(600, 0);
    std::fs::write(flat.at("nowcast.grib2"), bytes).unwrap();
    let refused = flat.refused("GIS-040", "nowcast.grib2");
    assert!(refused["mend"]["en"].as_str().unwrap().contains("wgrib2"), "{refused}");
}

/// A NetCDF of two fields of one value in degrees over Hangzhou, with what its time axis and unit say.
fn netcdf(into: &Path, value: f64, unit: &str, axis: &[(&str, &str)]) {
    let row = [value.to_string().as_str(); 6].join(" ");
    let rows = [row.as_str(); 6].join("\n");
    let asc = format!("ncols 6\nnrows 6\nxllcorner 119.7\nyllcorner 29.9\ncellsize 0.1\nNODATA_value -9999\n{rows}\n");
    let at = |name: &str| into.join(name).to_str().unwrap().to_string();
    std::fs::write(into.join("a.asc"), asc).unwrap();
    output_of("gdal_translate", &["-q", "-a_srs", "EPSG:4326", "-ot", "Float32", &at("a.asc"), &at("a.tif")]);
    output_of("gdalbuildvrt", &["-q", "-separate", &at("a.vrt"), &at("a.tif"), &at("a.tif")]);
    let mut arguments = vec!["-q".to_string(), "-of".into(), "netCDF".into()];
    let own = [("NETCDF_DIM_EXTRA", "{time}"), ("NETCDF_DIM_time_DEF", "{2,6}"), ("NETCDF_DIM_time_VALUES", "{1,2}")];
    for (key, words) in own.iter().chain(axis) {
        arguments.extend(["-mo".into(), format!("{key}={words}")]);
    }
    let vrt = std::fs::read_to_string(into.join("a.vrt")).unwrap();
    let unit = format!("<Metadata><MDI key=\"units\">{unit}</MDI></Metadata>");
    std::fs::write(into.join("a.vrt"), vrt.replace("<NoDataValue>", &format!("{unit}<NoDataValue>"))).unwrap();
    arguments.extend([at("a.vrt"), at("rain.nc")]);
    output_of("gdal_translate", &arguments.iter().map(String::as_str).collect::<Vec<_>>());
}

const HANGZHOU: (f64, f64) = (500_000.0, 3_335_000.0);

#[test]
fn units_of_the_file_become_millimetres() {
    let axis = [("time#units", "hours since 2021-07-25T00:00:00Z"), ("time#calendar", "standard")];
    // Two fields, hourly: rates for two hours from 01 UTC on, sums of the hours that end at 01 and 02 UTC.
    let cases = [
        ("mm", 5.0, 10.0),
        ("kg m-2", 5.0, 10.0),
        ("m", 0.005, 10.0),
        ("mm h-1", 5.0, 5.0),
        ("kg m-2 s-1", 5.0 / 3600.0, 5.0),
        ("mm/day", 120.0, 5.0),
    ];
    for (unit, value, expected) in cases {
        let flat = Flat::new(4549, HANGZHOU, "2021-07-25T00:00:00Z", 7200, "path = \"rain.nc\"");
        netcdf(flat.folder.path(), value, unit, &axis);
        let (mm, summary) = flat.rain_mm(0);
        assert!((mm / expected - 1.0).abs() < 1e-5, "{unit}: {mm} mm, {:?}", codes(&summary));
    }
}

#[test]
fn calendars_of_climate_models_and_units_without_length_are_refused() {
    let start = "2021-07-25T00:00:00Z";
    for (units, calendar, code) in [
        ("days since 2000-01-01", "360_day", "GIS-070"),
        ("hours since 2021-07-25", "noleap", "GIS-070"),
        ("months since 2000-01-01", "standard", "GIS-071"),
    ] {
        let flat = Flat::new(4549, HANGZHOU, start, 7200, "path = \"rain.nc\"");
        netcdf(flat.folder.path(), 5.0, "mm", &[("time#units", units), ("time#calendar", calendar)]);
        let refused = flat.refused(code, "rain.nc");
        assert_eq!(refused["field"], "times", "{refused}");
    }
}

#[test]
fn a_turned_grid_gives_its_turned_pixels() {
    let flat = Flat::new(
        4549,
        HANGZHOU,
        "2021-07-25T00:00:00Z",
        3600,
        "path = \"turned.tif\"\nunit = \"mm\"\ntimes = \"t.csv\"",
    );
    std::fs::write(flat.at("t.csv"), "path,time_s,until_s\nturned.tif,0,3600\n").unwrap();
    // Two columns of 30 km, turned by a quarter: the first column lies in the south half of the ground, the second in the north.
    std::fs::write(flat.at("a.asc"), "ncols 2\nnrows 2\nxllcorner 0\nyllcorner 0\ncellsize 1\n4 12\n4 12\n").unwrap();
    let at = |name: &str| flat.at(name).to_str().unwrap().to_string();
    output_of(
        "gdal_translate",
        &["-q", "-of", "VRT", "-ot", "Float32", "-a_srs", "EPSG:4549", &at("a.asc"), &at("a.vrt")],
    );
    let vrt = std::fs::read_to_string(flat.at("a.vrt")).unwrap();
    let (begin, end) = (vrt.find("<GeoTransform>").unwrap(), vrt.find("</GeoTransform>").unwrap());
    let (west, south) = (HANGZHOU.0 - 20_000.0, HANGZHOU.1 - 20_000.0);
    let turned = format!("<GeoTransform>{west}, 0, 30000, {south}, 30000, 0");
    std::fs::write(flat.at("b.vrt"), format!("{}{turned}{}", &vrt[..begin], &vrt[end..])).unwrap();
    output_of("gdal_translate", &["-q", &at("b.vrt"), &at("turned.tif")]);
    let (mm, summary) = flat.rain_mm(0);
    assert!((mm - 8.0).abs() < 1e-5 && codes(&summary).contains(&"GIS-047"), "{mm} {:?}", codes(&summary));
}
