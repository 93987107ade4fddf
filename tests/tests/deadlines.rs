//! Runs by the clock: what they may not break, and what they must say of themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::folders::{assert_same_files, copy_folder};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::SmallDistrict;
use serde_json::Value;
use std::path::Path;

const SCENARIO: &str = "scenarios/storm/scenario.toml";

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

fn codes(folder: &Path, file: &str) -> Vec<String> {
    let found = json(&folder.join(file))["findings"].as_array().unwrap().clone();
    found.iter().map(|f| f["code"].as_str().unwrap().to_string()).collect()
}

#[test]
fn a_package_of_a_run_by_the_clock_is_made_again_with_all_that_the_clock_had_said() {
    let district = SmallDistrict::new();
    // What the screening does not compute: the ladder begins with the coarse cells, and the package says so.
    district.append(SCENARIO, "[infiltration]\nmodel = \"horton\"\nf0_mm_h = 60\nfc_mm_h = 5\ndecay_1_h = 2\n");
    district.append(SCENARIO, "[ensemble]\nmembers = 3\nmethod = \"rain-scaling\"\n");
    let out = district.at("out");
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II"];
    run_dayu(&[&arguments[..], &["--deadline", "60s"]].concat(), 300).expect_code(0);
    let told = codes(&out.join("package/II"), "manifest.json");
    assert!(told.iter().any(|c| c == "RUN-105") && told.iter().any(|c| c == "RUN-104"), "{told:?}");
    let again = district.at("again");
    let arguments = ["package", out.to_str().unwrap(), "--level", "II", "--out", again.to_str().unwrap()];
    run_dayu(&arguments, 300).expect_code(0);
    assert_same_files(&again, &out.join("package/II"));
    // Members whose cells the clock has chosen do not claim that it has not.
    let found = json(&out.join("summary.json"))["findings"].as_array().unwrap().clone();
    let chosen = expect_message(&found, "RUN-102");
    assert!(chosen.contains("deadline") && !chosen.contains("not by the clock"), "{chosen}");
}

fn expect_message(found: &[Value], code: &str) -> String {
    let one = found.iter().find(|f| f["code"] == code).unwrap_or_else(|| panic!("no {code} in {found:?}"));
    one["message"]["en"].as_str().unwrap().to_string()
}

#[test]
fn a_deadline_that_is_missed_is_said_and_not_in_the_package() {
    let district = SmallDistrict::new();
    let out = district.at("out");
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II"];
    let ended = run_dayu(&[&arguments[..], &["--deadline", "1s"]].concat(), 300).expect_code(0);
    let summary = json(&out.join("summary.json"));
    assert_eq!(summary["deadline_s"], 1.0);
    // A machine that makes everything in a second has nothing to say.
    let missed = summary["wall_s"]["total"].as_f64().unwrap() > 1.0;
    if missed {
        expect_finding(summary["findings"].as_array().unwrap(), "RUN-109", "warning", "", "--deadline");
    }
    assert_eq!(codes(&out, "summary.json").contains(&"RUN-109".to_string()), missed);
    assert_eq!(ended.stdout.contains("超过时限"), missed, "{}", ended.stdout);
    assert!(!codes(&out.join("package/II"), "manifest.json").contains(&"RUN-109".to_string()));
    let out = district.at("water");
    let arguments = ["simulate", &district.scenario(), "--out", out.to_str().unwrap(), "--deadline", "1s"];
    run_dayu(&arguments, 300).expect_code(0);
    assert_eq!(json(&out.join("summary.json"))["deadline_s"], 1.0);
}

#[test]
fn what_fails_on_wide_cells_costs_no_answer() {
    let district = SmallDistrict::new();
    // A wall of 40 m: it separates no two cells of the first, wide grid.
    let at = |x: f64| format!("[{}, {}]", 510_000.0 + x, 3_345_610.0);
    district.append(SCENARIO, &format!("[[crest]]\nline = [{}, {}]\nheight_m = 1.0\n", at(610.0), at(650.0)));
    let out = district.at("out");
    let arguments = ["simulate", &district.scenario(), "--out", out.to_str().unwrap(), "--deadline", "60s"];
    run_dayu(&arguments, 300).expect_code(0);
    let found = codes(&out, "summary.json");
    assert!(found.contains(&"RUN-107".to_string()), "{found:?}");
    assert_eq!(json(&out.join("summary.json"))["quality"]["id"], "fine");
    // What is wrong whatever the cells is still refused.
    district.replace(SCENARIO, "height_m = 1.0", "height_m = 1.0\n[[gauge]]\nid = \"far\"\nx = 0.0\ny = 0.0");
    let out = district.argument("refused");
    let refused = run_dayu(&["simulate", &district.scenario(), "--out", &out, "--deadline", "60s"], 300).expect_code(1);
    assert!(refused.stderr.contains("RUN-076"), "{}", refused.stderr);
}

#[test]
fn a_run_that_fails_late_leaves_the_earlier_answer_whole() {
    let district = SmallDistrict::new();
    let out = district.at("out");
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap()];
    run_dayu(&[&arguments[..], &["--levels", "II"]].concat(), 300).expect_code(0);
    let before = district.at("before");
    copy_folder(&out, &before);
    // The track is read when the water has been computed and the ladder shown.
    let scenario = district.text(SCENARIO);
    district.append(SCENARIO, "[typhoon]\ntrack = \"missing.txt\"\nstorm = \"2101\"\n");
    let over = ["--levels", "II", "--overwrite", "--deadline", "60s"];
    let refused = run_dayu(&[&arguments[..], &over].concat(), 300).expect_code(1);
    assert!(refused.stderr.contains("missing.txt"), "{}", refused.stderr);
    assert_same_files(&out, &before);
    let ladder = district.at("out.ladder");
    assert_eq!(json(&ladder.join("1/summary.json"))["quality"]["id"], "screening");
    // A run that ends well holds the ladder itself.
    district.put(SCENARIO, scenario.as_bytes());
    run_dayu(&[&arguments[..], &over].concat(), 300).expect_code(0);
    assert!(out.join("ladder/1/summary.json").is_file() && !ladder.exists());
}

#[test]
fn a_screening_stays_a_screening_and_rasters_and_messages_say_so() {
    let district = SmallDistrict::new();
    district.append(SCENARIO, "[solver]\nscheme = \"fill-spill\"\n");
    district.replace(SCENARIO, "snapshots_s = [3600]\n", "");
    let out = district.at("out");
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II"];
    run_dayu(&[&arguments[..], &["--deadline", "60s"]].concat(), 300).expect_code(0);
    assert_eq!(json(&out.join("summary.json"))["simulation"]["quality"], "screening");
    let holds = |name: &str, text: &str| {
        let bytes = std::fs::read(out.join(name)).unwrap();
        bytes.windows(text.len()).any(|w| w == text.as_bytes())
    };
    for raster in ["simulation/max_depth.tif", "package/II/hazard.tif", "ladder/1/max_depth.tif"] {
        assert!(
            holds(raster, "name=\"quality\" >screening<") || holds(raster, "name=\"quality\">screening<"),
            "{raster}"
        );
        assert!(holds(raster, "name=\"cell_m\""), "{raster}");
    }
    let messages = std::fs::read_to_string(out.join("package/II/messages.txt")).unwrap();
    assert!(messages.contains("【筛查级】"), "{messages}");
    // A subgrid on plain cells as wide as its own is coarse, not fine.
    let district = SmallDistrict::new();
    district.replace(SCENARIO, "cell_m = 20.0", "cell_m = 100.0\nsubgrid_m = 20.0");
    let out = district.at("out");
    let arguments = ["simulate", &district.scenario(), "--out", out.to_str().unwrap(), "--deadline", "60s", "--json"];
    let ended = run_dayu(&arguments, 300).expect_code(0);
    for rung in ["ladder/2", "."] {
        let summary = json(&out.join(rung).join("summary.json"));
        let fine = summary["cell_m"].as_f64().unwrap() <= 20.0;
        assert_eq!(summary["quality"]["id"], if fine { "fine" } else { "coarse" }, "{rung}");
    }
    let found = findings(&ended);
    let message = expect_message(&found, "RUN-104");
    assert!(message.contains("subgrid of 20 m, not used"), "{message}");
}
