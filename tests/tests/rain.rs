//! Every kind of rain through the real binary on the small district: the water that falls is what the file or formula says.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::{output_of, run, run_dayu};
use dayu_tests::small_district::{CORNER, SmallDistrict};
use serde_json::Value;
use std::fmt::Write;

/// Area of the small district, m².
const AREA_M2: f64 = 1200.0 * 1200.0;

/// The district with other rain.
fn with_rain(entry: &str) -> SmallDistrict {
    let district = SmallDistrict::new();
    district.replace("scenarios/storm/scenario.toml", "kind = \"uniform\"\nseries = \"rain.csv\"", entry);
    district
}

/// Simulates it; the summary.
fn simulated(district: &SmallDistrict, code: i32) -> Value {
    let ended = run_dayu(&["simulate", &district.scenario(), "--out", &district.argument("out"), "--json"], 120);
    ended.expect_code(code);
    serde_json::from_slice(&std::fs::read(district.at("out/summary.json")).unwrap()).unwrap()
}

fn rain_mm(summary: &Value) -> f64 {
    summary["volumes"]["rain_m3"].as_f64().unwrap() / AREA_M2 * 1000.0
}

fn found<'a>(summary: &'a Value, code: &str) -> &'a Value {
    let list = summary["findings"].as_array().unwrap();
    list.iter().find(|f| f["code"] == code).unwrap_or_else(|| panic!("no {code} in {list:#?}"))
}

fn refused(district: &SmallDistrict, code: &str, file: &str) -> Value {
    let ended = run_dayu(&["simulate", &district.scenario(), "--out", &district.argument("out"), "--json"], 120);
    let ended = ended.expect_code(1);
    assert!(!district.at("out").exists());
    expect_finding(&findings(&ended), code, "error", file, "")
}

/// A GeoTIFF of 3 × 3 pixels of 500 m over the district, all of one value, its corner moved by `shift_m`.
fn field(district: &SmallDistrict, name: &str, value: f64, shift_m: f64) {
    let mut text = format!(
        "ncols 3\nnrows 3\nxllcorner {}\nyllcorner {}\ncellsize 500\nNODATA_value -9999\n",
        CORNER.0 - 150.0 + shift_m,
        CORNER.1 - 150.0
    );
    for _ in 0..3 {
        writeln!(text, "{value} {value} {value}").unwrap();
    }
    let asc = format!("{name}.asc");
    district.put(&asc, text.as_bytes());
    let out = district.argument(&format!("scenarios/storm/{name}"));
    output_of("gdal_translate", &["-q", "-a_srs", "EPSG:4549", "-ot", "Float32", &district.argument(&asc), &out]);
}

const GRID: &str = "kind = \"grid\"\npath = \"qpe_*.tif\"\ntimes = \"times.csv\"\n";

/// 10 mm, then 20 mm, in half an hour each.
fn two_fields(entry: &str) -> SmallDistrict {
    let district = with_rain(entry);
    field(&district, "qpe_1.tif", 10.0, 0.0);
    field(&district, "qpe_2.tif", 20.0, 0.0);
    district.put("scenarios/storm/times.csv", b"path,time_s,until_s\nqpe_1.tif,0,1800\nqpe_2.tif,1800,3600\n");
    district
}

#[test]
fn fields_of_sums_and_of_intensities() {
    let summary = simulated(&two_fields(&format!("{GRID}unit = \"mm\"")), 3);
    assert!((rain_mm(&summary) - 30.0).abs() < 1e-5, "{}", rain_mm(&summary));
    // After the last field the rain is unknown, not none.
    assert_eq!(found(&summary, "SCN-207")["severity"], "error");
    let summary = simulated(&two_fields(&format!("{GRID}unit = \"mm/h\"")), 3);
    assert!((rain_mm(&summary) - 15.0).abs() < 1e-6, "{}", rain_mm(&summary));
}

#[test]
fn netcdf_with_its_own_time_axis() {
    let district = two_fields("kind = \"grid\"\npath = \"qpe.nc\"\nunit = \"mm\"");
    let at = |name: &str| district.argument(&format!("scenarios/storm/{name}"));
    output_of("gdalbuildvrt", &["-q", "-separate", &at("qpe.vrt"), &at("qpe_1.tif"), &at("qpe_2.tif")]);
    // Hours ending at 07:00 and 08:00 UTC: the run is 06:00 to 08:00 UTC.
    let axis = [
        "NETCDF_DIM_EXTRA={time}",
        "NETCDF_DIM_time_DEF={2,6}",
        "NETCDF_DIM_time_VALUES={1,2}",
        "time#units=hours since 2021-07-30T06:00:00Z",
    ];
    let mut arguments = vec!["-q", "-of", "netCDF"];
    axis.iter().for_each(|m| arguments.extend(["-mo", m]));
    let (from, to) = (at("qpe.vrt"), at("qpe.nc"));
    arguments.extend([from.as_str(), to.as_str()]);
    output_of("gdal_translate", &arguments);
    let summary = simulated(&district, 0);
    assert!((rain_mm(&summary) - 30.0).abs() < 1e-5, "{}", rain_mm(&summary));
    found(&summary, "SCN-248");
}

#[test]
fn a_field_that_says_too_little_or_something_else_is_refused() {
    refused(&two_fields(GRID), "SCN-240", "qpe_1.tif");
    refused(&two_fields("kind = \"grid\"\npath = \"qpe_*.tif\"\nunit = \"mm\""), "RUN-059", "qpe_1.tif");
    refused(&two_fields("kind = \"grid\"\npath = \"none_*.tif\"\nunit = \"mm\""), "RUN-058", "scenario.toml");
    let entry = format!("{GRID}unit = \"mm\"");
    let district = two_fields(&entry);
    field(&district, "qpe_2.tif", 20.0, 250.0);
    refused(&district, "GIS-044", "qpe_2.tif");
    let district = two_fields(&entry);
    district.put("scenarios/storm/times.csv", b"path,time_s,until_s\nqpe_1.tif,0,3600\nqpe_2.tif,1800,3600\n");
    refused(&district, "SCN-246", "qpe_2.tif");
    let district = two_fields(&entry);
    district.put("scenarios/storm/times.csv", b"path,time_s\nqpe_1.tif,0\n");
    refused(&district, "RUN-050", "times.csv");
    // A NetCDF that says kg m-2 against a scenario that says mm/h.
    let district = two_fields("kind = \"grid\"\npath = \"qpe.nc\"\nunit = \"mm/h\"");
    let at = |name: &str| district.argument(&format!("scenarios/storm/{name}"));
    output_of("gdal_translate", &["-q", "-of", "VRT", &at("qpe_1.tif"), &at("u.vrt")]);
    let vrt = district
        .text("scenarios/storm/u.vrt")
        .replace("<NoDataValue>", "<Metadata><MDI key=\"units\">kg m-2</MDI></Metadata><NoDataValue>");
    district.put("scenarios/storm/u.vrt", vrt.as_bytes());
    output_of("gdal_translate", &["-q", "-of", "netCDF", &at("u.vrt"), &at("qpe.nc")]);
    refused(&district, "SCN-242", "qpe.nc");
    let district = with_rain("kind = \"grid\"\npath = \"damaged.tif\"\nunit = \"mm\"");
    district.put("scenarios/storm/damaged.tif", b"no raster at all");
    refused(&district, "GIS-003", "damaged.tif");
}

const CHICAGO: &str = "kind = \"chicago\"\nreturn_period_a = 50\nduration_s = 7200\npeak_ratio = 0.4\n";

#[test]
fn design_storms_bring_the_formulas_total() {
    // Shenzhen central, 50 a, 120 min: 4367.217 ÷ 167 · 120 ÷ (120 + 19.736)^0.621.
    let total = 4367.217 / 167.0 * 120.0 / (120.0_f64 + 19.736).powf(0.621);
    for kind in ["chicago", "alternating-block"] {
        let entry = CHICAGO.replace("chicago", kind) + "formula = \"shenzhen-central-2024\"";
        let summary = simulated(&with_rain(&entry), 0);
        assert!((rain_mm(&summary) / total - 1.0).abs() < 1e-7, "{kind}: {} against {total}", rain_mm(&summary));
        assert!(summary["findings"].as_array().unwrap().iter().all(|f| f["code"] != "SCN-223"));
    }
    let profile = "kind = \"profile\"\nformula = \"shenzhen-central-2024\"\nreturn_period_a = 50\nduration_s = 7200\nareal_factor = 0.9\nseries = \"rain.csv\"";
    assert!((rain_mm(&simulated(&with_rain(profile), 0)) / (0.9 * total) - 1.0).abs() < 1e-7);
}

#[test]
fn a_recalled_formula_is_marked_on_the_products() {
    let district = with_rain(&(CHICAGO.to_string() + "formula = \"hangzhou-new\""));
    let ended =
        run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--levels", "II", "--json"], 300);
    ended.expect_code(0);
    let read = |name: &str| std::fs::read_to_string(district.at(&format!("out/package/II/{name}"))).unwrap();
    assert!(read("list.json").contains("未经核实"), "the list does not say so");
    // On every product that is read: sheets, letter, page and workbook.
    let at = |name: &str| district.argument(&format!("out/package/II/{name}"));
    let squeezed = |text: String| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    for name in ["map.pdf", "list.pdf"] {
        let text = squeezed(output_of("pdftotext", &[&at(name), "-"]));
        assert!(text.contains("未经核实"), "{name} does not say so");
    }
    assert!(read("map.html").contains("未经核实"), "the page does not say so");
    let zip = "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); sys.stdout.buffer.write(b''.join(z.read(n) for n in z.namelist()))";
    for name in ["list.docx", "table.xlsx"] {
        let all = output_of(dayu_tests::python().to_str().unwrap(), &["-c", zip, &at(name)]);
        assert!(all.contains("未经核实"), "{name} does not say so");
    }
    let manifest: Value = serde_json::from_str(&read("manifest.json")).unwrap();
    assert_eq!(found(&manifest, "SCN-223")["severity"], "warning");
    // The rain of that storm calls for a colour in both towns; nobody issued one.
    assert!(read("list.json").contains("按雨量推算") && read("list.json").contains("未录入"));
    let district = with_rain(&(CHICAGO.to_string() + "formula = \"atlantis\""));
    refused(&district, "SCN-221", "scenario.toml");
    let district = with_rain(&(CHICAGO.replace("= 50", "= 500") + "formula = \"hangzhou-new\""));
    refused(&district, "SCN-222", "scenario.toml");
}

#[test]
fn rain_beyond_the_design_standard_is_named() {
    let district = with_rain(&(CHICAGO.to_string() + "formula = \"shenzhen-central-2024\""));
    let design =
        "[design_rain]\nformula = \"shenzhen-central-2024\"\nreturn_period_a = 20\n\n[[source]]\nlayer = \"terrain\"";
    district.replace("data/dataset.toml", "[[source]]\nlayer = \"terrain\"", design);
    let summary = simulated(&district, 0);
    let said = found(&summary, "SCN-229");
    assert_eq!(said["severity"], "warning");
    assert!(said["message"]["zh"].as_str().unwrap().contains("超设计"), "{said}");
}

/// Stations over the district with gradients of rain, in three rows.
fn gauges(district: &SmallDistrict, count: usize) {
    let (mut stations, mut heads, mut rows) =
        (String::from("id,x,y\n"), String::from("time_s"), [String::new(), String::new(), String::new()]);
    for k in 0..count {
        let (x, y) = ((k * 7 % 12) as f64 * 110.0, (k * 5 % 12) as f64 * 100.0);
        writeln!(stations, "S{k},{},{}", CORNER.0 + x, CORNER.1 + y).unwrap();
        write!(heads, ",S{k}").unwrap();
        for (row, text) in rows.iter_mut().enumerate() {
            write!(text, ",{}", [20.0 + x / 40.0, 40.0 - x / 100.0 + y / 50.0, 0.0][row]).unwrap();
        }
    }
    let text = format!("{heads}\n0{}\n1800{}\n3600{}\n", rows[0], rows[1], rows[2]);
    district.put("scenarios/storm/stations.csv", stations.as_bytes());
    district.put("scenarios/storm/gauges.csv", text.as_bytes());
}

const KRIGING: &str = "kind = \"gauges\"\nstations = \"stations.csv\"\nseries = \"gauges.csv\"\ninterpolation = \"kriging\"\norigin = \"real\"";

#[test]
fn kriging_says_what_was_fitted_or_why_not() {
    let district = with_rain(KRIGING);
    gauges(&district, 12);
    let summary = simulated(&district, 0);
    assert!(found(&summary, "RUN-056")["message"]["en"].as_str().unwrap().contains("standard error"));
    // The error is written for every cell: next to nothing beside a station, most of all far from them.
    let error = |x: f64, y: f64| -> f64 {
        let (x, y) = ((CORNER.0 + x).to_string(), (CORNER.1 + y).to_string());
        let file = district.argument("out/rain_standard_error.tif");
        output_of("gdallocationinfo", &["-valonly", "-geoloc", &file, &x, &y]).trim().parse().unwrap()
    };
    assert!(error(1.0, 1.0) < error(1190.0, 1190.0) && error(1190.0, 1190.0) < 20.0, "{}", error(1190.0, 1190.0));
    // Between the driest and the wettest station in both half hours.
    assert!((24.0..57.0).contains(&rain_mm(&summary)), "{}", rain_mm(&summary));
    let few = with_rain(KRIGING);
    gauges(&few, 4);
    found(&simulated(&few, 0), "RUN-055");
}

#[test]
fn measured_rain_is_checked_and_bad_stations_are_refused() {
    let district = with_rain(KRIGING);
    gauges(&district, 12);
    district.replace("scenarios/storm/gauges.csv", "0,20,", "0,5000,");
    let summary = simulated(&district, 0);
    assert_eq!(found(&summary, "SCN-230")["field"], "S0");
    assert!(rain_mm(&summary) < 57.0);
    let flags = std::fs::read_to_string(district.at("out/rain_quality.csv")).unwrap();
    assert!(flags.lines().any(|l| l == "S0,0,1,range,5000,unknown"), "{flags}");
    let spoil = |old: &str, new: &str| {
        let district = with_rain(KRIGING);
        gauges(&district, 12);
        let file = if old.starts_with('S') { "scenarios/storm/stations.csv" } else { "scenarios/storm/gauges.csv" };
        district.replace(file, old, new);
        district
    };
    refused(&spoil(&format!("S0,{},{}", CORNER.0, CORNER.1), "S0,0,0"), "RUN-050", "stations.csv");
    refused(&spoil("\n1800,", "\n0,"), "TAB-023", "gauges.csv");
    refused(&spoil("0,20,", "0,-20,"), "TAB-026", "gauges.csv");
    refused(&spoil("0,20,", "0,NaN,"), "TAB-025", "gauges.csv");
    let zone = spoil("time_s,", "time,");
    zone.replace("scenarios/storm/gauges.csv", "\n0,", "\n2021-07-30 14:00,");
    refused(&zone, "TAB-021", "gauges.csv");
}

#[test]
fn rain_that_ends_early_is_named() {
    let district = SmallDistrict::new();
    district.put("scenarios/storm/rain.csv", b"time_s,mm_h\n0,20\n600,30\n");
    let summary = simulated(&district, 0);
    assert!(found(&summary, "SCN-208")["message"]["en"].as_str().unwrap().contains("30.0 mm/h"));
}

#[test]
fn gauges_correct_a_radar_that_sees_half() {
    let merge = format!(
        "{GRID}unit = \"mm\"\nmerge = \"mean-field-bias\"\nstations = \"stations.csv\"\nseries = \"truth.csv\"\norigin = \"real\""
    );
    let district = two_fields(&merge);
    gauges(&district, 6);
    // The radar's 10 and 20 mm in half an hour were 20 and 40 mm at every gauge.
    let row = |t: u32, v: u32| format!("{t}{}\n", format!(",{v}").repeat(6));
    let text = format!("time_s,S0,S1,S2,S3,S4,S5\n{}{}{}", row(0, 40), row(1800, 80), row(3600, 0));
    district.put("scenarios/storm/truth.csv", text.as_bytes());
    // The radar ends after an hour; the gauges say that the rain does too.
    let summary = simulated(&district, 0);
    assert!((rain_mm(&summary) - 60.0).abs() < 1e-5, "{}", rain_mm(&summary));
    assert!(found(&summary, "RUN-057")["message"]["en"].as_str().unwrap().contains("2.00"));
}

#[test]
fn a_swmm_rain_file_is_read_with_the_unit_the_scenario_states() {
    let district = with_rain("kind = \"uniform\"\nseries = \"rain.dat\"\nunit = \"mm\"");
    district.put(
        "scenarios/storm/rain.dat",
        b"; station rain\nS1 2021 7 30 14 0 5.0\nS1 2021 7 30 14 30 7.5\nS1 2021 7 30 14 45 2.5\n",
    );
    let summary = simulated(&district, 0);
    assert!((rain_mm(&summary) - 15.0).abs() < 1e-6, "{}", rain_mm(&summary));
    found(&summary, "TAB-046");
    let district = with_rain("kind = \"uniform\"\nseries = \"rain.dat\"");
    district.put("scenarios/storm/rain.dat", b"S1 2021 7 30 14 0 5.0\nS1 2021 7 30 14 30 7.5\n");
    refused(&district, "TAB-041", "rain.dat");
}

#[test]
fn a_series_in_parquet_is_read_like_its_csv() {
    let csv = simulated(&with_rain("kind = \"uniform\"\nseries = \"rain.csv\""), 0);
    let district = with_rain("kind = \"uniform\"\nseries = \"rain.parquet\"");
    let at = |name: &str| district.argument(&format!("scenarios/storm/{name}"));
    let write = format!(
        "import pyarrow.csv as c, pyarrow.parquet as p; p.write_table(c.read_csv('{}'), '{}')",
        at("rain.csv"),
        at("rain.parquet")
    );
    run(std::process::Command::new(dayu_tests::python()).args(["-c", &write]), 60).expect_code(0);
    let parquet = simulated(&district, 0);
    assert_eq!(csv["volumes"], parquet["volumes"]);
}

#[test]
fn fill_values_are_never_rain() {
    // Of a uniform or constructed series: refused with the row.
    for value in ["9.96921e36", "32767"] {
        let district = SmallDistrict::new();
        district.put("scenarios/storm/rain.csv", format!("time_s,mm_h\n0,20\n1800,{value}\n3600,0\n").as_bytes());
        let found = refused(&district, "RUN-170", "rain.csv");
        assert!(found["place"].as_str().unwrap().contains('3') && found["field"] == "mm_h", "{found}");
    }
    let district = SmallDistrict::new();
    district.put("scenarios/storm/rain.csv", b"time_s,mm_h\n0,20\n1800,-32768\n3600,0\n");
    refused(&district, "TAB-026", "rain.csv");
    // Of a measured station: flagged and unknown; its neighbours rain on.
    let district = with_rain(KRIGING);
    gauges(&district, 12);
    district.replace("scenarios/storm/gauges.csv", "0,20,", "0,9.96921e36,");
    let summary = simulated(&district, 0);
    assert_eq!(found(&summary, "SCN-230")["field"], "S0");
    assert!((24.0..57.0).contains(&rain_mm(&summary)), "{}", rain_mm(&summary));
    // Of a field: unknown where they stand, and named.
    for value in [-32768.0, 9.969_21e36] {
        let district = two_fields(&format!("{GRID}unit = \"mm\""));
        field(&district, "qpe_2.tif", value, 0.0);
        let summary = simulated(&district, 3);
        assert!(rain_mm(&summary) <= 10.0 + 1e-6, "{}", rain_mm(&summary));
        found(&summary, "GIS-042");
        found(&summary, "SCN-207");
    }
}

#[test]
fn a_gap_of_all_stations_is_unknown_and_no_dry_hour() {
    let district = with_rain(&KRIGING.replace("kriging", "idw"));
    gauges(&district, 4);
    let text = district.text("scenarios/storm/gauges.csv");
    let gap: Vec<String> =
        text.lines().map(|l| if l.starts_with("1800,") { "1800,,,,".to_string() } else { l.into() }).collect();
    district.put("scenarios/storm/gauges.csv", (gap.join("\n") + "\n").as_bytes());
    let said = found(&simulated(&district, 3), "SCN-207").clone();
    assert!(said["message"]["zh"].as_str().unwrap().contains("缺测"), "{said}");
    // One station alone silent: the others tell, and nothing is unknown.
    let district = with_rain(&KRIGING.replace("kriging", "idw"));
    gauges(&district, 4);
    district.replace("scenarios/storm/gauges.csv", "0,20,", "0,,");
    let summary = simulated(&district, 0);
    assert!(summary["findings"].as_array().unwrap().iter().all(|f| f["code"] != "SCN-207"), "{summary:#}");
    assert!(rain_mm(&summary) > 20.0);
}

#[test]
fn a_field_of_the_whole_earth_counted_from_0_to_360_is_turned() {
    let district = with_rain("kind = \"grid\"\npath = \"world.tif\"\nunit = \"mm\"\ntimes = \"times.csv\"");
    // Columns of 20° from 60° E: the district, at 120.1° E, lies in the fourth, whatever way longitude is counted.
    let world = |x0: i32| {
        let columns: Vec<String> = (0..18).map(|c| ((x0 + 20 * c).rem_euclid(360) / 20).to_string()).collect();
        let mut text = format!("ncols 18\nnrows 9\nxllcorner {x0}\nyllcorner -90\ncellsize 20\nNODATA_value -9999\n");
        (0..9).for_each(|_| writeln!(text, "{}", columns.join(" ")).unwrap());
        district.put("world.asc", text.as_bytes());
        let (from, to) = (district.argument("world.asc"), district.argument("scenarios/storm/world.tif"));
        output_of("gdal_translate", &["-q", "-a_srs", "EPSG:4326", "-ot", "Float32", &from, &to]);
    };
    district.put("scenarios/storm/times.csv", b"path,time_s,until_s\nworld.tif,0,7200\n");
    for x0 in [0, -180, 180] {
        world(x0);
        let summary = simulated(&district, 0);
        assert!((rain_mm(&summary) - 6.0).abs() < 1e-5, "from {x0}: {}", rain_mm(&summary));
        std::fs::remove_dir_all(district.at("out")).unwrap();
    }
}

#[test]
fn wet_days_before_are_told_at_the_slope() {
    let district = SmallDistrict::new();
    // 80 mm on each of the two days before: index 0.88 · 80 + 80 = 150 mm and more, wet.
    let days = "-172800,3.3333\n0,20\n1800,90\n5400,0\n";
    district.put("scenarios/storm/rain.csv", format!("time_s,mm_h\n{days}").as_bytes());
    let out = district.argument("out");
    run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);
    let page = district.text("out/package/II/map.html");
    assert!(page.contains("前期雨量指数") && page.contains("偏湿"), "the slope's note does not tell it");
    let summary: Value = serde_json::from_str(&district.text("out/simulation/summary.json")).unwrap();
    let before = rain_mm(&summary);
    district.put("scenarios/storm/rain.csv", b"time_s,mm_h\n0,20\n1800,90\n5400,0\n");
    std::fs::remove_dir_all(district.at("out")).unwrap();
    assert!((rain_mm(&simulated(&district, 0)) - before).abs() < 1e-9, "rain before the start is not simulated");
}

#[test]
fn nearest_and_inverse_distance_stay_within_the_stations() {
    for kind in ["idw", "nearest"] {
        let district = with_rain(&KRIGING.replace("kriging", kind));
        gauges(&district, 4);
        let summary = simulated(&district, 0);
        assert!((24.0..57.0).contains(&rain_mm(&summary)), "{kind}: {}", rain_mm(&summary));
    }
}

#[test]
fn external_drift_brings_a_radar_to_its_gauges() {
    let entry = format!(
        "{GRID}unit = \"mm/h\"\nmerge = \"kriging-external-drift\"\nstations = \"stations.csv\"\nseries = \"gauges.csv\"\norigin = \"real\""
    );
    let district = two_fields(&entry);
    gauges(&district, 12);
    // A radar that sees half of what the gauges measure, with the same gradients, on pixels of 250 m.
    let radar = |name: &str, rate: &dyn Fn(f64, f64) -> f64| {
        let mut text = format!(
            "ncols 6\nnrows 6\nxllcorner {}\nyllcorner {}\ncellsize 250\nNODATA_value -9999\n",
            CORNER.0 - 150.0,
            CORNER.1 - 150.0
        );
        let middle = |k: usize| -25.0 + 250.0 * k as f64;
        for row in (0..6).rev() {
            let values: Vec<String> = (0..6).map(|c| (rate(middle(c), middle(row)) / 2.0).to_string()).collect();
            writeln!(text, "{}", values.join(" ")).unwrap();
        }
        district.put(&format!("{name}.asc"), text.as_bytes());
        let (from, to) =
            (district.argument(&format!("{name}.asc")), district.argument(&format!("scenarios/storm/{name}")));
        output_of("gdal_translate", &["-q", "-a_srs", "EPSG:4549", "-ot", "Float32", &from, &to]);
    };
    radar("qpe_1.tif", &|x, _| 20.0 + x / 40.0);
    radar("qpe_2.tif", &|x, y| 40.0 - x / 100.0 + y / 50.0);
    // After the radar the gauges tell that the rain is over.
    let summary = simulated(&district, 0);
    // Half an hour of the plane 20 + x/40 and of 40 − x/100 + y/50 over the square of 1200 m: 17.5 + 23 mm.
    assert!((rain_mm(&summary) - 40.5).abs() < 0.5, "{}", rain_mm(&summary));
    assert!(found(&summary, "RUN-057")["message"]["en"].as_str().unwrap().contains("2 rows corrected"));
}

#[test]
fn a_grib2_sum_of_two_hours_is_rain_of_two_hours() {
    let district = with_rain("kind = \"grid\"\npath = \"qpe.grib2\"");
    let row = "12 12 12 12\n".repeat(4);
    district.put(
        "g.asc",
        format!("ncols 4\nnrows 4\nxllcorner 119.9\nyllcorner 30.0\ncellsize 0.1\nNODATA_value -9999\n{row}")
            .as_bytes(),
    );
    // Template 4.8: total precipitation, accumulated over the two hours that end at 08:00 UTC.
    let template =
        "PDS_TEMPLATE_ASSEMBLED_VALUES=1 8 2 255 255 0 0 1 0 1 0 0 255 0 0 2021 7 30 8 0 0 1 0 1 2 1 2 255 0";
    let options =
        ["DISCIPLINE=0", "IDS_REF_TIME=2021-07-30T06:00:00Z", "PDS_PDTN=8", template, "DATA_ENCODING=SIMPLE_PACKING"];
    let mut arguments = vec!["-q", "-of", "GRIB", "-a_srs", "EPSG:4326", "-ot", "Float64"];
    options.iter().for_each(|o| arguments.extend(["-co", o]));
    let (from, to) = (district.argument("g.asc"), district.argument("scenarios/storm/qpe.grib2"));
    arguments.extend([from.as_str(), to.as_str()]);
    output_of("gdal_translate", &arguments);
    let summary = simulated(&district, 0);
    assert!((rain_mm(&summary) - 12.0).abs() < 1e-4, "{}", rain_mm(&summary));
}

#[test]
fn windows_reach_to_three_days() {
    let district = with_rain("kind = \"uniform\"\nmm_h = 1.0");
    district.replace("scenarios/storm/scenario.toml", "duration_s = 7200", "duration_s = 259200");
    district.replace("scenarios/storm/scenario.toml", "interval_s = 600", "interval_s = 86400");
    let out = district.argument("out");
    run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);
    let list = district.text("out/package/II/list.json");
    for hours in [1, 3, 6, 12, 24, 48, 72] {
        assert!(list.contains(&format!("{hours}h {hours}.0 mm")), "no window of {hours} h: {list}");
    }
}

#[test]
fn rain_files_of_the_us_weather_service_state_their_unit_and_their_gaps() {
    let entry = "kind = \"uniform\"\nseries = \"rain.dat\"";
    let district = with_rain(entry);
    // Wall-clock hours of 30 July: 0.50 in up to 15 h and 1.00 in up to 16 h; the run is 14 h to 16 h.
    district.put("scenarios/storm/rain.dat", b"HPD12345600HPCPHI20210700300031500000050  1600000100  2500000150I \n");
    let summary = simulated(&district, 0);
    assert!((rain_mm(&summary) - 38.1).abs() < 1e-5, "{}", rain_mm(&summary));
    found(&summary, "TAB-063");
    // The second hour missing: unknown, not dry.
    let district = with_rain(entry);
    district.put("scenarios/storm/rain.dat", b"123456,00,HPCP,HI,2021,07,30,1500,    50, , ,1600, 99999,M, ,\n");
    let summary = simulated(&district, 3);
    assert!((rain_mm(&summary) - 12.7).abs() < 1e-5, "{}", rain_mm(&summary));
    found(&summary, "SCN-207");
    let district = with_rain(entry);
    district.put(
        "scenarios/storm/rain.dat",
        b"STATION          DATE               HPCP\nCOOP:123456      20210730 15:00     50\n",
    );
    refused(&district, "TAB-060", "rain.dat");
}
