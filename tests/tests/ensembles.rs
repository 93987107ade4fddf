//! What an ensemble may not say: shares from rain that is not known, from copies, from storms that were pushed out of the run.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::{BOWL, CORNER, SmallDistrict, placed};
use serde_json::Value;
use std::path::{Path, PathBuf};

const SCENARIO: &str = "scenarios/storm/scenario.toml";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

/// Runs the district; its folder and its findings.
fn run(district: &SmallDistrict, out: &str, code: i32) -> (PathBuf, Vec<Value>) {
    let out = district.at(out);
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II", "--json"];
    let ended = run_dayu(&arguments, 300).expect_code(code);
    (out, findings(&ended))
}

fn has(all: &[Value], code: &str) -> bool {
    all.iter().any(|f| f["code"] == code)
}

fn with_ensemble(keys: &str) -> SmallDistrict {
    let district = SmallDistrict::new();
    district.append(SCENARIO, &format!("[ensemble]\n{keys}\n"));
    district
}

/// Rain of an external member in two fields over 4 × 4 km: rates by field, `None` = no file; `holes`: nodata in the western columns.
fn member(district: &SmallDistrict, number: u32, rates: [Option<f64>; 2], holes: usize) {
    let folder = format!("scenarios/storm/members/{number:02}");
    std::fs::create_dir_all(district.at(&folder)).unwrap();
    let mut times = String::from("path,time_s,until_s\n");
    for (k, rate) in rates.into_iter().enumerate() {
        let Some(rate) = rate else { continue };
        let (name, from) = (["a.asc", "b.asc"][k], k * 3600);
        times.push_str(&format!("{name},{from},{}\n", from + 3600));
        let row: Vec<String> =
            (0..12).map(|c| if c < holes { "-9999".to_string() } else { rate.to_string() }).collect();
        let text = format!(
            "ncols 12\nnrows 12\nxllcorner 510000\nyllcorner 3345000\ncellsize 100\nNODATA_value -9999\n{}\n",
            vec![row.join(" "); 12].join("\n")
        );
        district.put(&format!("{folder}/{name}"), text.as_bytes());
    }
    district.put(&format!("{folder}/times.csv"), times.as_bytes());
}

const EXTERNAL: &str = "method = \"external\"\npath = \"members/{member:02}/*.asc\"\ntimes = \"members/{member:02}/times.csv\"\nunit = \"mm/h\"\ncrs = \"EPSG:4549\"";

#[test]
fn a_member_whose_rain_is_not_known_is_named_and_not_counted_as_dry() {
    let district = with_ensemble(&format!("members = 4\n{EXTERNAL}"));
    member(&district, 1, [Some(90.0), Some(0.0)], 0);
    member(&district, 2, [Some(90.0), None], 0);
    member(&district, 3, [Some(90.0), Some(60.0)], 6);
    member(&district, 4, [Some(60.0), Some(60.0)], 0);
    let (out, found) = run(&district, "out", 3);
    for number in ["2", "3"] {
        expect_finding(&found, "ENS-010", "error", &format!("members/0{number}"), &format!("成员 {number}"));
    }
    let ensemble = json(&out.join("simulation/ensemble.json"));
    assert_eq!(ensemble["unknown"], serde_json::json!([2, 3]));
    let numbers: Vec<u64> =
        ensemble["members"].as_array().unwrap().iter().map(|m| m["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 4]);
    let shares = std::fs::read_to_string(out.join("simulation/ensemble.csv")).unwrap();
    let members: Vec<&str> = shares.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert!(!members.is_empty() && members.iter().all(|n| *n == "2"), "{shares}");
    assert_eq!(json(&out.join("summary.json"))["members"]["members"], 2);
    // A check tells the same before anything is computed.
    let checked = run_dayu(&["check", &district.scenario(), "--json"], 120);
    expect_finding(&findings(&checked), "ENS-010", "error", "members/02", "ensemble.path");
}

#[test]
fn a_member_that_is_not_there_is_named_before_the_water_is_computed() {
    let district = with_ensemble(&format!("members = 3\n{EXTERNAL}"));
    member(&district, 1, [Some(90.0), Some(0.0)], 0);
    // Two are missing: the first by number is named, whatever the threads.
    for threads in ["1", "2"] {
        let out = district.argument("out");
        let arguments = ["run", &district.scenario(), "--out", &out, "--threads", threads];
        let refused = run_dayu(&arguments, 120).expect_code(1);
        assert!(refused.stderr.contains("ensemble.path") && refused.stderr.contains("成员 2"), "{}", refused.stderr);
        assert!(!refused.stderr.contains("rain[0]"), "{}", refused.stderr);
    }
    let checked = run_dayu(&["check", &district.scenario(), "--json"], 120);
    let found = findings(&checked);
    for number in ["2", "3"] {
        expect_finding(&found, "RUN-058", "error", "scenario.toml", &format!("成员 {number}"));
    }
    assert_ne!(checked.code, 0);
}

#[test]
fn copies_are_no_samples() {
    let district = with_ensemble("members = 6\nmethod = \"spatial-shift\"");
    let (out, found) = run(&district, "out", 0);
    expect_finding(&found, "ENS-001", "warning", "scenario.toml", "ensemble.method");
    assert!(!out.join("simulation/ensemble.json").exists() && !out.join("package/II/chance.tif").exists());
    assert!(json(&out.join("summary.json"))["members"].is_null());
    // Rain that a method could move, and that is the same after it: found from the answers.
    let district = with_ensemble("members = 3\nmethod = \"rain-scaling\"");
    district.put("scenarios/storm/rain.csv", b"time_s,mm_h\n0,0\n");
    let (_, found) = run(&district, "out", 0);
    expect_finding(&found, "ENS-003", "warning", "scenario.toml", "ensemble.method");
}

#[test]
fn a_storm_that_is_shifted_keeps_its_rain() {
    let district = with_ensemble("members = 8\nmethod = \"timing-shift\"");
    district.put("scenarios/storm/rain.csv", b"time_s,mm_h\n0,20\n1800,90\n5400,30\n9000,0\n");
    let (out, _) = run(&district, "out", 0);
    let ensemble = json(&out.join("simulation/ensemble.json"));
    let numbers =
        |key: &str| -> Vec<f64> { ensemble[key].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect() };
    let rain = numbers("rain_m3");
    // 20 mm/h for half an hour, 90 for an hour, 30 for the half hour that the run still sees, on 1.2 km × 1.2 km.
    assert!((rain[0] / (0.115 * 1.44e6) - 1.0).abs() < 1e-6, "{rain:?}");
    assert!(rain.iter().all(|r| (r / rain[0] - 1.0).abs() < 1e-6), "{rain:?}");
    let delays: Vec<f64> =
        ensemble["members"].as_array().unwrap().iter().map(|m| m["delay_s"].as_f64().unwrap()).collect();
    assert!(delays.iter().any(|d| *d > 600.0) && delays.iter().any(|d| *d < -600.0), "{delays:?}");
}

#[test]
fn members_of_a_subgrid_run_keep_the_subgrid() {
    let district = with_ensemble("members = 3\nmethod = \"rain-scaling\"");
    district.replace(SCENARIO, "cell_m = 20.0", "cell_m = 100.0\nsubgrid_m = 20.0");
    let (out, _) = run(&district, "out", 0);
    let ensemble = json(&out.join("simulation/ensemble.json"));
    assert_eq!(ensemble["cell_m"], 100.0);
    let agreement = &ensemble["against_run"];
    assert!(agreement["objects"].as_u64().unwrap() > 0, "{agreement}");
    assert_eq!((&agreement["missed"], &agreement["added"]), (&0.into(), &0.into()), "the unchanged member is the run");
}

#[test]
fn members_are_told_by_their_numbers_and_the_unchanged_one_by_its_rank() {
    let district = with_ensemble("members = 5\nmethod = \"rain-scaling\"");
    let (out, _) = run(&district, "out", 0);
    let ensemble = json(&out.join("simulation/ensemble.json"));
    let flooded: Vec<f64> = ensemble["flooded_m2"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    for (k, key) in ["low", "likely", "high"].into_iter().enumerate() {
        let number = ensemble["drawn"][key].as_u64().unwrap() as usize;
        assert_eq!(ensemble["drawn_flooded_m2"][k].as_f64().unwrap(), flooded[number], "{ensemble}");
    }
    let rank = 1 + flooded.iter().filter(|a| **a < flooded[0]).count();
    assert_eq!(ensemble["unchanged_rank"], rank);
    let list = std::fs::read_to_string(out.join("package/II/list.json")).unwrap();
    assert!(list.contains(&format!("列第 {rank}/5")), "{list}");
    // No track is perturbed, so no share of winds is told.
    assert_eq!(ensemble["wind"], serde_json::json!([]));
    assert!(!has(&json(&out.join("summary.json"))["findings"].as_array().unwrap().clone(), "ENS-001"));
}

#[test]
fn water_that_stands_at_the_start_is_no_flood_of_the_members() {
    let plain = with_ensemble("members = 3\nmethod = \"rain-scaling\"");
    let wet = with_ensemble("members = 3\nmethod = \"rain-scaling\"");
    let text = wet.text(SCENARIO);
    // A pond before the western edge, up to a metre deep.
    wet.put(SCENARIO, text.replace("[losses]", "[initial]\nlevel_m = 11.0\n\n[losses]").as_bytes());
    let area = |district: &SmallDistrict| {
        let (out, _) = run(district, "out", 0);
        let ensemble = json(&out.join("simulation/ensemble.json"));
        ensemble["flooded_m2"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).fold(0.0, f64::max)
    };
    let (dry, wet) = (area(&plain), area(&wet));
    // It is deeper than 0.15 m on 0.25 km² at the start.
    assert!(dry > 0.0 && wet < 0.25e6, "the pond is not counted: {dry} m² and {wet} m²");
}

/// Members on cells of 20 m that lie astride the terrain's pixels, under a run on cells of 10 m that do not: points and shelters along the
/// rim of the bowl.
fn astride() -> SmallDistrict {
    let district = with_ensemble("members = 6\nmethod = \"rain-scaling\"");
    let [x0, y0] = [CORNER.0 + 10.0, CORNER.1 + 10.0];
    let grid = format!("cell_m = 10.0\nextent = [{x0}, {y0}, {}, {}]", x0 + 1180.0, y0 + 1180.0);
    district.replace(SCENARIO, "cell_m = 20.0", &grid);
    let (mut points, mut shelters) = (String::new(), String::new());
    for k in 0..32 {
        let x = BOWL.0 - 160.0 + 10.0 * f64::from(k);
        let point = placed(&format!("RIM-{k:02}"), "rim", x, BOWL.1 + 5.0);
        points += &format!("{point},0.15,0.27,crew,pump,police\n");
        let shelter = placed(&format!("BR-{k:02}"), "rim", x, BOWL.1 - 5.0);
        shelters += &format!("{shelter},village,true,5,20,standby\n");
    }
    district.append("data/waterlogging_points.csv", &points);
    district.append("data/shelters.csv", &shelters);
    district
}

#[test]
fn shares_are_withheld_where_the_members_cells_contradict_the_run() {
    let district = astride();
    // Shelters of unknown chance are left out under the plan's limit, which is an error finding.
    let (out, found) = run(&district, "out", 3);
    let said = expect_finding(&found, "ENS-005", "warning", "scenario.toml", "");
    let ensemble = json(&out.join("simulation/ensemble.json"));
    let agreement = &ensemble["against_run"];
    let number = |key: &str| agreement[key].as_u64().unwrap();
    let shares = std::fs::read_to_string(out.join("simulation/ensemble.csv")).unwrap();
    let rows: Vec<Vec<&str>> = shares.lines().skip(1).map(|l| l.split(',').collect()).collect();
    let withheld: Vec<&str> = rows.iter().filter(|r| *r.last().unwrap() == "no").map(|r| r[0]).collect();
    assert!(!withheld.is_empty() && withheld.len() as u64 == number("missed") + number("added"), "{agreement}");
    assert_eq!(number("same") + withheld.len() as u64, number("objects"));
    assert!(said["message"]["en"].as_str().unwrap().contains(&format!("at {} objects", withheld.len())), "{said}");
    // A withheld share is empty, and empty on the table; the others have theirs.
    let table = district.text("out/package/II/table.csv");
    let heads: Vec<&str> = table.trim_start_matches('\u{feff}').lines().next().unwrap().split(',').collect();
    let share = heads.iter().position(|h| *h == "chance_015").unwrap();
    let of =
        |id: &str| table.lines().find(|l| l.starts_with(&format!("{id},"))).map(|l| l.split(',').nth(share).unwrap());
    for row in &rows {
        let told = row[2..11].iter().filter(|c| !c.is_empty()).count();
        assert_eq!(told, if withheld.contains(&row[0]) { 0 } else { 9 }, "{row:?}");
        if let Some(cell) = of(row[0]) {
            assert_eq!(cell.is_empty(), withheld.contains(&row[0]), "{row:?} {cell}");
        }
    }
    // A shelter is never closed by a share that is withheld, nor opened: its chance is unknown, and the limit of the plan leaves it out by
    // name. Those that the run itself floods need no chance.
    let places = |code: &str| -> Vec<String> {
        let of_code = found.iter().filter(|f| f["code"] == code).map(|f| f["place"].as_str().unwrap());
        of_code.flat_map(|p| p.split(", ").map(String::from).collect::<Vec<_>>()).collect()
    };
    let (closed, unknown) = (places("RUN-100"), places("EVA-064"));
    assert!(closed.iter().all(|id| !withheld.contains(&id.as_str())), "{closed:?} {withheld:?}");
    assert!(
        !unknown.is_empty() && unknown.iter().all(|id| withheld.contains(&id.as_str())),
        "{unknown:?} {withheld:?}"
    );
    let flooded = places("RUN-082");
    for id in withheld.iter().filter(|id| id.starts_with("BR-")) {
        assert!(unknown.iter().chain(&flooded).any(|u| u == id), "{id} takes people: {unknown:?} {flooded:?}");
    }
}

#[test]
fn without_cells_for_the_members_the_run_stands_and_says_so() {
    let district = with_ensemble("members = 4\nmethod = \"rain-scaling\"");
    // A wall of six metres parts two cells of 10 m and lies within one of 20 m.
    district.replace(SCENARIO, "cell_m = 20.0", "cell_m = 10.0");
    let (x, y) = (CORNER.0 + 905.0, CORNER.1 + 912.0);
    let wall = format!("[[crest]]\nid = \"W\"\nheight_m = 1.0\nline = [[{x}, {y}], [{x}, {}]]\n", y + 6.0);
    district.append(SCENARIO, &wall);
    let (out, found) = run(&district, "out", 3);
    let said = expect_finding(&found, "ENS-021", "error", "scenario.toml", "");
    assert!(said["message"]["zh"].as_str().unwrap().contains("本次没有集合成员"), "{said}");
    assert!(json(&out.join("summary.json"))["members"].is_null() && !out.join("package/II/chance.tif").exists());
    assert!(out.join("package/II/list.json").exists());
}
