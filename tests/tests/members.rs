//! Members and deadlines of a run through the binary: what they write, what they say of themselves, and that it is the same every time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::folders::{assert_same_files, files_below};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::SmallDistrict;
use serde_json::Value;
use std::path::Path;

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

fn run(district: &SmallDistrict, out: &str, more: &[&str]) -> std::path::PathBuf {
    let out = district.at(out);
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II"];
    run_dayu(&[&arguments[..], more].concat(), 300).expect_code(0);
    out
}

#[test]
fn members_stand_in_every_product_with_their_number_whatever_the_threads() {
    let district = SmallDistrict::new();
    district.append("scenarios/storm/scenario.toml", "[ensemble]\nmembers = 6\nmethod = \"rain-scaling\"\n");
    let (one, two) = (run(&district, "one", &["--threads", "1"]), run(&district, "two", &["--threads", "2"]));
    let package = one.join("package/II");
    assert_same_files(&package, &two.join("package/II"));
    let names: Vec<String> = files_below(&package).into_keys().collect();
    for name in ["chance.tif", "member_10.tif", "member_50.tif", "member_90.tif"] {
        assert!(names.iter().any(|n| n == name), "{names:?}");
    }
    let list = std::fs::read_to_string(package.join("list.json")).unwrap();
    assert!(list.contains("6 个成员") && list.contains("构造"), "{list}");
    let table = std::fs::read_to_string(package.join("table.csv")).unwrap();
    assert!(table.lines().next().unwrap().contains("members,chance_015"));
    let page = std::fs::read_to_string(package.join("map.html")).unwrap();
    assert!(page.contains("达 0.15 m 的成员比例：6 个成员"));

    let summary = json(&one.join("summary.json"));
    assert_eq!((&summary["members"]["members"], &summary["members"]["origin"]), (&6.into(), &"synthetic".into()));
    let ensemble = json(&one.join("simulation/ensemble.json"));
    // The members' cells are those of the run here, so its unchanged member is the run itself.
    let agreement = &ensemble["against_run"];
    assert_eq!((&agreement["missed"], &agreement["added"]), (&0.into(), &0.into()), "{agreement}");
    let rain: Vec<f64> = ensemble["rain_m3"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let flooded: Vec<f64> = ensemble["flooded_m2"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    for a in 0..rain.len() {
        for b in 0..rain.len() {
            assert!(rain[a] > rain[b] || flooded[a] <= flooded[b], "more rain floods no less: {rain:?} {flooded:?}");
        }
    }
    let chances = std::fs::read_to_string(one.join("simulation/ensemble.csv")).unwrap();
    assert!(chances.lines().skip(1).all(|l| l.split(',').nth(1) == Some("6")), "{chances}");
}

#[test]
fn members_from_outside_are_counted_alone_and_a_missing_one_is_named() {
    let district = SmallDistrict::new();
    let keys = "[ensemble]\nmembers = 2\nmethod = \"external\"\npath = \"members/{member:02}/*.asc\"\ntimes = \"members/{member:02}/times.csv\"\nunit = \"mm/h\"\ncrs = \"EPSG:4549\"\n";
    district.append("scenarios/storm/scenario.toml", keys);
    let member = |number: u32, rate: f64| {
        let folder = format!("scenarios/storm/members/{number:02}");
        std::fs::create_dir_all(district.at(&folder)).unwrap();
        district.put(&format!("{folder}/times.csv"), b"path,time_s,until_s\na.asc,0,3600\nb.asc,3600,7200\n");
        for (name, factor) in [("a", 1.0), ("b", 0.0)] {
            let value = format!("{}", rate * factor);
            let rows = vec![vec![value; 4].join(" "); 4].join("\n");
            let text = format!(
                "ncols 4\nnrows 4\nxllcorner 509000\nyllcorner 3344000\ncellsize 1000\nNODATA_value -9999\n{rows}\n"
            );
            district.put(&format!("{folder}/{name}.asc"), text.as_bytes());
        }
    };
    member(1, 0.0);
    let out = district.argument("missing");
    let refused = run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(1);
    assert!(refused.stderr.contains("members/02"), "{}", refused.stderr);
    member(2, 90.0);
    let out = run(&district, "out", &[]);
    let ensemble = json(&out.join("simulation/ensemble.json"));
    let rain: Vec<f64> = ensemble["rain_m3"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert!(rain.len() == 2 && rain[0] == 0.0 && rain[1] > 0.0, "{rain:?}");
    let summary = json(&out.join("summary.json"));
    assert_eq!(summary["members"]["members"], 2);
    let chances = std::fs::read_to_string(out.join("simulation/ensemble.csv")).unwrap();
    let shares: Vec<&str> = chances.lines().skip(1).map(|l| l.split(',').nth(2).unwrap()).collect();
    assert!(shares.contains(&"0.500") && !shares.contains(&"1.000"), "{chances}");
}

#[test]
fn a_deadline_shows_a_ladder_of_answers_and_its_cells_can_be_run_again() {
    let district = SmallDistrict::new();
    let out = run(&district, "out", &["--deadline", "60s"]);
    let quality = |folder: &str| json(&out.join(folder).join("summary.json"))["quality"]["id"].clone();
    assert_eq!(quality("ladder/1"), "screening");
    assert!(["coarse", "fine"].contains(&quality("ladder/2").as_str().unwrap()));
    let summary = json(&out.join("summary.json"));
    assert_eq!(summary["simulation"]["quality"], quality("simulation"));
    let cells = |folder: &str| json(&out.join(folder).join("summary.json"))["cell_m"].as_f64().unwrap();
    assert!(cells("simulation") <= cells("ladder/2"), "each answer supersedes the one before");
    let found = summary["findings"].as_array().unwrap();
    assert!(found.iter().any(|f| f["code"] == "RUN-104"), "{found:?}");
    let list = std::fs::read_to_string(out.join("package/II/list.json")).unwrap();
    assert!(list.contains("时限模式"), "{list}");
    // The clock chose the cells and nothing else: the package is made again, byte for byte, on the same cells.
    let again = district.at("again");
    let arguments = ["package", out.to_str().unwrap(), "--level", "II", "--out", again.to_str().unwrap()];
    run_dayu(&arguments, 300).expect_code(0);
    assert_same_files(&again, &out.join("package/II"));
}

#[test]
fn a_deadline_that_is_no_time_is_wrong_use() {
    let district = SmallDistrict::new();
    for wrong in ["soon", "0s", "3 weeks"] {
        let out = district.argument("out");
        run_dayu(&["run", &district.scenario(), "--out", &out, "--deadline", wrong], 60).expect_code(2);
    }
}
