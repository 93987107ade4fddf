//! Members and deadlines of a run through the binary: what they write, what they say of themselves, and that it is the same every time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::folders::{assert_same_files, files_below};
use dayu_tests::process::{output_of, run_dayu};
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
    for name in ["members.png", "chance.tif", "member_10.tif", "member_50.tif", "member_90.tif"] {
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
    let numbers: Vec<&str> = chances.lines().skip(1).map(|l| l.split(',').nth(1).unwrap()).collect();
    assert!(numbers.len() > 5 && numbers.iter().all(|n| *n == "6"), "{chances}");
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

/// Values of the only band of a raster, by other software; no data are left out.
fn pixels(path: &Path) -> Vec<f64> {
    let text = output_of("gdal_translate", &["-q", "-of", "XYZ", path.to_str().unwrap(), "/vsistdout/"]);
    let values = text.lines().map(|l| l.split_whitespace().nth(2).unwrap().parse::<f64>().unwrap());
    values.filter(|v| *v > -9998.0).collect()
}

#[test]
fn three_members_are_drawn_and_the_chance_is_a_share_of_the_members() {
    let district = SmallDistrict::new();
    district.append("scenarios/storm/scenario.toml", "[ensemble]\nmembers = 5\nmethod = \"rain-scaling\"\n");
    let out = run(&district, "out", &[]);
    let ensemble = json(&out.join("simulation/ensemble.json"));
    let flooded: Vec<f64> = ensemble["flooded_m2"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    let area = |key: &str| flooded[ensemble["drawn"][key].as_u64().unwrap() as usize];
    assert!(
        area("low") <= area("likely") && area("likely") <= area("high") && area("low") < area("high"),
        "{flooded:?}"
    );
    // Each raster is the deepest water of that member: its wet cells are that member's flooded area.
    let package = out.join("package/II");
    for (percent, key) in [(10, "low"), (50, "likely"), (90, "high")] {
        let depths = pixels(&package.join(format!("member_{percent}.tif")));
        let wet = depths.iter().filter(|d| **d >= 0.15).count() as f64 * 400.0;
        assert!((wet - area(key)).abs() <= 400.0, "{percent} %: {wet} m² against {}", area(key));
    }
    // Shares are fifths; they agree with the objects' own.
    let chances = pixels(&package.join("chance.tif"));
    assert!(chances.len() > 1000 && chances.iter().all(|c| (c * 5.0 - (c * 5.0).round()).abs() < 1e-4));
    assert!(chances.iter().any(|c| *c > 0.0 && *c < 1.0), "no cell is open");
    // On the map: the three members by number, with the sample size.
    let page = std::fs::read_to_string(package.join("map.html")).unwrap();
    for percent in ["10", "50", "90"] {
        assert!(page.contains(&format!("{percent}%")), "{percent} % is not on the map");
    }
    let table = std::fs::read_to_string(package.join("table.csv")).unwrap();
    let heads: Vec<&str> = table.lines().next().unwrap().split(',').collect();
    let at = |key: &str| heads.iter().position(|h| h.trim_start_matches('\u{feff}') == key).unwrap();
    let row: Vec<&str> = table.lines().find(|l| l.starts_with("JS-1,")).unwrap().split(',').collect();
    assert_eq!(row[at("members")], "5");
    let depths: Vec<f64> = ["depth_10_m", "depth_50_m", "depth_90_m"].map(|k| row[at(k)].parse().unwrap()).to_vec();
    assert!(depths[0] <= depths[1] && depths[1] <= depths[2], "{depths:?}");
}

#[test]
fn members_follow_the_seed() {
    let district = SmallDistrict::new();
    district.append("scenarios/storm/scenario.toml", "[ensemble]\nmembers = 4\nmethod = \"combined\"\n");
    let drawn = |name: &str| json(&run(&district, name, &[]).join("simulation/ensemble.json"))["members"].clone();
    let first = drawn("first");
    district.replace("scenarios/storm/scenario.toml", "duration_s = 7200", "duration_s = 7200\nseed = 7");
    let other = drawn("other");
    assert_ne!(first[1], other[1], "another seed draws other members");
    assert_eq!(first[0], other[0], "number 0 is the scenario unchanged, whatever the seed");
    assert_eq!(first[0]["rain_factor"], 1.0);
}

#[test]
fn a_coarse_answer_is_marked_on_every_product_and_the_screening_is_quick() {
    let district = SmallDistrict::new();
    // The terrain's pixels are 20 m: a deadline goes no finer, and cells of 5 m were asked for.
    district.replace("scenarios/storm/scenario.toml", "cell_m = 20.0", "cell_m = 5.0");
    let out = run(&district, "out", &["--deadline", "1s"]);
    let summary = json(&out.join("summary.json"));
    assert_eq!(summary["simulation"]["quality"], "coarse");
    let read = |name: &str| std::fs::read_to_string(out.join("package/II").join(name)).unwrap();
    for name in ["list.json", "map.html", "manifest.json"] {
        assert!(read(name).contains("粗网格"), "{name} does not say that its cells are coarse");
    }
    // Screening: its own time, in its own summary.
    let wall = &json(&out.join("ladder/1/summary.json"))["wall_s"];
    assert!(wall["solve"].as_f64().unwrap() < 1.0, "{wall}");
    let codes: Vec<&str> =
        summary["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"RUN-104"), "{codes:?}");
}

#[test]
fn a_deadline_that_is_no_time_is_wrong_use() {
    let district = SmallDistrict::new();
    for wrong in ["soon", "0s", "3 weeks"] {
        let out = district.argument("out");
        run_dayu(&["run", &district.scenario(), "--out", &out, "--deadline", wrong], 60).expect_code(2);
    }
}
