//! Gridded rain with holes through the real binary: unknown is never dry, from the file down to the products.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::{output_of, run_dayu};
use dayu_tests::small_district::{CORNER, SmallDistrict};
use serde_json::Value;
use std::collections::BTreeMap;

const SCENARIO: &str = "scenarios/storm/scenario.toml";
const GRID: &str = "kind = \"grid\"\npath = \"qpe_*.asc\"\ntimes = \"times.csv\"\nunit = \"mm\"\ncrs = \"EPSG:4549\"\n";
/// Cells of the small district in the pixel of the north-east: from 850 m on, in both directions; a centre on its side lies east, or south.
const NORTH_EAST: f64 = 18.0 * 17.0 / 3600.0;

/// 3 × 3 pixels of 500 m from 150 m beside the corner on, rows from the north; `hole`: the one in the north-east is unknown.
fn field(district: &SmallDistrict, number: u32, value: f64, hole: bool) {
    let head = format!(
        "ncols 3\nnrows 3\nxllcorner {}\nyllcorner {}\ncellsize 500\nNODATA_value -9999\n",
        CORNER.0 - 150.0,
        CORNER.1 - 150.0
    );
    let corner = if hole { "-9999".into() } else { value.to_string() };
    let text = format!("{head}{value} {value} {corner}\n{value} {value} {value}\n{value} {value} {value}\n");
    district.put(&format!("scenarios/storm/qpe_{number}.asc"), text.as_bytes());
}

/// Four half hours of fields; `None` is no file.
fn district(rain: [Option<(f64, bool)>; 4], keys: &str) -> SmallDistrict {
    let district = SmallDistrict::new();
    district.replace(SCENARIO, "kind = \"uniform\"\nseries = \"rain.csv\"", &format!("{GRID}{keys}"));
    let mut times = String::from("path,time_s,until_s\n");
    for (k, (value, hole)) in rain.into_iter().enumerate().filter_map(|(k, f)| Some((k, f?))) {
        field(&district, k as u32, value, hole);
        times += &format!("qpe_{k}.asc,{},{}\n", k * 1800, (k + 1) * 1800);
    }
    district.put("scenarios/storm/times.csv", times.as_bytes());
    district
}

fn summary(district: &SmallDistrict, code: i32) -> Value {
    let arguments = ["simulate", &district.scenario(), "--out", &district.argument("out"), "--json", "--overwrite"];
    run_dayu(&arguments, 120).expect_code(code);
    serde_json::from_slice(&std::fs::read(district.at("out/summary.json")).unwrap()).unwrap()
}

fn found<'a>(summary: &'a Value, code: &str) -> Option<&'a Value> {
    summary["findings"].as_array().unwrap().iter().find(|f| f["code"] == code)
}

fn rain_mm(summary: &Value) -> f64 {
    summary["volumes"]["rain_m3"].as_f64().unwrap() / 1.44e3
}

/// Value of a raster at metres from the corner, by other software.
fn at(district: &SmallDistrict, name: &str, x: f64, y: f64) -> f64 {
    let (x, y) = ((CORNER.0 + x).to_string(), (CORNER.1 + y).to_string());
    output_of("gdallocationinfo", &["-valonly", "-geoloc", &district.argument(name), &x, &y]).trim().parse().unwrap()
}

#[test]
fn a_hole_is_named_with_its_share_and_time_and_its_dry_cells_are_unknown() {
    let holed = district([Some((30.0, false)), Some((30.0, true)), Some((0.0, false)), Some((0.0, false))], "");
    let said = summary(&holed, 3);
    let hole = found(&said, "SCN-300").expect("no finding of the hole");
    let words = hole["message"]["en"].as_str().unwrap();
    let share = format!("{:.1} % at most (at 1800 s)", 100.0 * NORTH_EAST);
    assert!(hole["severity"] == "error" && words.contains(&share) && words.contains("1800 of 7200 s"), "{hole}");
    assert_eq!(hole["place"].as_str().unwrap().split(' ').next(), Some("rain[0]"));
    let unknown = found(&said, "SCN-303").expect("nothing says that cells are unknown");
    assert_eq!(unknown["severity"], "warning");
    // On the slope in the hole nothing is known; in the bowl beside it the water is what it is.
    assert_eq!(at(&holed, "out/max_depth.tif", 1000.0, 1000.0), -9999.0);
    assert_eq!(at(&holed, "out/max_hazard.tif", 1000.0, 1000.0), -9999.0);
    assert!(at(&holed, "out/max_depth.tif", 500.0, 600.0) > 0.15);
    assert!(at(&holed, "out/max_depth.tif", 800.0, 800.0) >= 0.0);
}

#[test]
fn objects_in_a_hole_are_unknown_on_the_products_and_never_safe() {
    let holed = district([Some((30.0, false)), Some((30.0, true)), Some((0.0, false)), Some((0.0, false))], "");
    let arguments = ["run", &holed.scenario(), "--out", &holed.argument("out"), "--levels", "II", "--json"];
    let ended = run_dayu(&arguments, 300).expect_code(3);
    expect_finding(&findings(&ended), "SCN-300", "error", "", "rain[0]");
    let table = holed.text("out/package/II/table.csv");
    let mut lines = table.trim_start_matches('\u{feff}').lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: BTreeMap<&str, Vec<&str>> =
        lines.map(|l| (l.split(',').next().unwrap(), l.split(',').collect())).collect();
    let cell = |id: &str, head: &str| rows[id][heads.iter().position(|h| *h == head).unwrap()];
    // JS-2 stands on the slope in the hole, JS-1 in the bowl.
    assert_eq!((cell("JS-2", "colour"), cell("JS-2", "value")), ("未知", ""), "{:?}", rows["JS-2"]);
    assert!(cell("JS-1", "value").parse::<f64>().unwrap() > 0.15, "{:?}", rows["JS-1"]);
    // A shelter in the hole takes nobody: its safety is unknown.
    let said = findings(&ended);
    assert!(said.iter().any(|f| f["code"] == "RUN-082" && f["place"] == "BN-2"), "{said:?}");
}

#[test]
fn holes_are_filled_only_as_the_scenario_states_and_that_is_said() {
    let rain = [Some((30.0, false)), Some((30.0, true)), Some((0.0, false)), Some((0.0, false))];
    // A pixel farther than the limit is no neighbour.
    assert!(found(&summary(&district(rain, "fill_within_m = 100.0\n"), 3), "SCN-300").is_some());
    let filled = district(rain, "fill_within_m = 600.0\n");
    let said = summary(&filled, 0);
    assert!((rain_mm(&said) - 60.0).abs() < 1e-5 && found(&said, "SCN-300").is_none(), "{}", rain_mm(&said));
    let words = found(&said, "SCN-301").unwrap()["message"]["zh"].as_str().unwrap();
    assert!(words.contains("非实测") && words.contains(&format!("{:.1}%", 100.0 * NORTH_EAST)), "{words}");
    let out = filled.argument("run");
    run_dayu(&["run", &filled.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);
    assert!(filled.text("run/package/II/list.json").contains("格网雨量的空洞已填补"), "the list does not say so");
    // A limit that is none.
    let wrong = district(rain, "fill_within_m = 0.0\n");
    run_dayu(&["check", &wrong.scenario()], 60).expect_code(1);
}

#[test]
fn a_missing_field_is_unknown_and_bridged_only_as_stated() {
    let rain = [Some((30.0, false)), None, Some((10.0, false)), Some((0.0, false))];
    let gap = district(rain, "");
    let said = summary(&gap, 3);
    assert!(found(&said, "SCN-207").is_some());
    assert_eq!(at(&gap, "out/max_depth.tif", 1000.0, 1000.0), -9999.0);
    assert!(at(&gap, "out/max_depth.tif", 500.0, 600.0) > 0.15, "what is flooded all the same is told");
    let said = summary(&district(rain, "fill_gap_s = 1800.0\n"), 0);
    assert!((rain_mm(&said) - 70.0).abs() < 1e-5, "{}", rain_mm(&said));
    assert!(found(&said, "SCN-301").unwrap()["message"]["en"].as_str().unwrap().contains("1800 s without a field"));
    assert!(found(&summary(&district(rain, "fill_gap_s = 900.0\n"), 3), "SCN-207").is_some());
}

#[test]
fn gauges_fill_the_holes_of_the_field_they_correct() {
    let merge = "merge = \"mean-field-bias\"\nstations = \"stations.csv\"\nseries = \"truth.csv\"\norigin = \"real\"\n";
    let rain = [Some((30.0, false)), Some((30.0, true)), Some((0.0, false)), Some((0.0, false))];
    let merged = district(rain, merge);
    let at = |x: f64, y: f64| format!("{},{}", CORNER.0 + x, CORNER.1 + y);
    let stations = format!("station_id,x,y\nA,{}\nB,{}\nC,{}\n", at(100.0, 100.0), at(600.0, 500.0), at(1000.0, 200.0));
    merged.put("scenarios/storm/stations.csv", stations.as_bytes());
    merged.put("scenarios/storm/truth.csv", b"time_s,A,B,C\n0,60,60,60\n1800,60,60,60\n3600,0,0,0\n");
    let said = summary(&merged, 0);
    assert!((rain_mm(&said) - 60.0).abs() < 1e-4 && found(&said, "SCN-300").is_none(), "{}", rain_mm(&said));
    let words = found(&said, "RUN-057").unwrap()["message"]["en"].as_str().unwrap();
    assert!(words.contains("1 rows with holes in it that the gauges alone fill"), "{words}");
}

#[test]
fn fields_that_begin_after_the_run_are_named() {
    let late = district([None, Some((30.0, false)), Some((0.0, false)), Some((0.0, false))], "");
    let said = summary(&late, 0);
    let late = found(&said, "SCN-302").expect("a late begin is not named");
    assert!(late["severity"] == "warning" && late["message"]["en"].as_str().unwrap().contains("1800 s"), "{late}");
}
