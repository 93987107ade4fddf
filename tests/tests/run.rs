//! A whole run of a small district through the binary: what it writes, that it adds up, that it is the same every time, and that
//! nothing personal leaves the protected register.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::folders::{assert_same_files, copy_folder, files_below};
use dayu_tests::process::{output_of, run_dayu};
use dayu_tests::small_district::{PERSONS, SmallDistrict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const LEVELS: [&str; 5] = ["attention", "IV", "III", "II", "I"];
const PRODUCTS: [&str; 13] = [
    "hazard.tif",
    "list.docx",
    "list.json",
    "list.pdf",
    "manifest.json",
    "map.gpkg",
    "map.html",
    "map.pdf",
    "map.png",
    "messages.txt",
    "table.csv",
    "table.parquet",
    "table.xlsx",
];

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))).unwrap()
}

#[test]
fn a_run_writes_every_product_of_every_level_and_they_agree() {
    let district = SmallDistrict::new();
    let out = district.at("out");
    let ended =
        run_dayu(&["run", &district.scenario(), "--out", out.to_str().unwrap(), "--threads", "1"], 300).expect_code(0);
    assert!(ended.stdout.contains("Ⅱ级") && ended.stdout.contains("package"), "{}", ended.stdout);

    for name in
        ["gauges.csv", "flows.csv", "balance.csv", "summary.json", "max_depth.tif", "max_hazard.tif", "depth_0001.tif"]
    {
        assert!(out.join("simulation").join(name).is_file(), "simulation/{name}");
    }
    let summary = json(&out.join("summary.json"));
    assert!(summary["simulation"]["relative_volume_error"].as_f64().unwrap() <= 1e-6, "{summary}");
    assert_eq!(summary["levels"].as_array().unwrap().len(), LEVELS.len());

    for level in LEVELS {
        let folder = out.join("package").join(level);
        let names: Vec<String> = files_below(&folder).into_keys().collect();
        assert_eq!(names, PRODUCTS, "{level}");
        run_dayu(&["check", folder.to_str().unwrap()], 30).expect_code(0);
        products_agree(&folder, level);
    }
    // Every level's evacuation is proven from its own folder, without the solver and the scenario.
    let answers: Vec<_> = LEVELS.iter().map(|l| out.join("evacuation").join(l)).filter(|f| f.is_dir()).collect();
    assert!(!answers.is_empty());
    for answer in answers {
        let verified =
            run_dayu(&["evacuate", "--verify", answer.to_str().unwrap(), "--json"], 30).expect_code(0).json();
        assert_eq!((&verified["verified"], &verified["gap"]), (&true.into(), &0.into()), "{verified}");
        assert_eq!(json(&answer.join("summary.json"))["vulnerable_first"], true);
    }
    // The weak and the few first: a higher level never moves fewer people.
    let moved: Vec<u64> = LEVELS
        .map(|l| json(&out.join("package").join(l).join("manifest.json"))["totals"]["to_move"].as_u64().unwrap())
        .into();
    assert!(moved.windows(2).all(|w| w[0] <= w[1]) && moved[4] > 0, "{moved:?}");
    nothing_personal(&district, &out, &[&ended.stdout, &ended.stderr]);
}

/// Totals of the manifest = sums of the table = the list; every object id of a product is an object of the district.
fn products_agree(folder: &Path, level: &str) {
    let manifest = json(&folder.join("manifest.json"));
    let list = json(&folder.join("list.json"));
    let table = csv_rows(&std::fs::read_to_string(folder.join("table.csv")).unwrap());
    assert_eq!(manifest["level"], level);
    for key in ["to_move", "to_house", "unplaced", "affected"] {
        assert_eq!(manifest["totals"][key], list["totals"][key], "{level} {key}: manifest and list");
    }
    assert_eq!(manifest["totals"]["objects"], list["objects"], "{level}: manifest and list");
    for key in ["to_move", "to_house", "unplaced"] {
        let want = manifest["totals"][key].as_u64().unwrap();
        let of_table: u64 = table.iter().filter_map(|r| r[key].parse::<u64>().ok()).sum();
        assert_eq!(of_table, want, "{level} {key}: table and manifest");
        let of_list: u64 = list["transfers"].as_array().unwrap().iter().map(|t| t[key].as_u64().unwrap()).sum();
        assert_eq!(of_list, want, "{level} {key}: list and manifest");
    }

    let mut known: BTreeSet<String> = ["DISTRICT"].map(String::from).into();
    for id in ["JS", "XC", "DT", "BN", "RK", "BP", "WF", "GP", "DW", "BZ"] {
        known.extend((1..=4).map(|k| format!("{id}-{k}")));
    }
    known.extend((1..=60).map(|k| format!("DL-{k:03}")));
    known.extend(["D", "T1", "T2", "G11", "G12", "G21", "G22"].map(String::from));
    let resolve =
        |id: &str, product: &str| assert!(known.contains(id), "{level} {product}: object_id '{id}' is no object");
    for row in &table {
        resolve(&row["object_id"], "table.csv");
    }
    for risk in list["risks"].as_array().unwrap() {
        resolve(risk["object_id"].as_str().unwrap(), "list.json");
    }
    for action in list["actions"].as_array().unwrap() {
        for id in action["object_ids"].as_array().unwrap() {
            resolve(id.as_str().unwrap(), "list.json");
        }
    }
    let map = folder.join("map.gpkg");
    let map = map.to_str().unwrap();
    let layers = output_of("ogrinfo", &["-q", "-ro", map]);
    let names: Vec<&str> = layers.lines().filter_map(|l| l.split(": ").nth(1)?.split(" (").next()).collect();
    assert!(names.contains(&"waterlogging_points") && names.contains(&"roads"), "{layers}");
    for layer in names.iter().filter(|n| **n != "layer_styles") {
        let features = output_of("ogr2ogr", &["-f", "CSV", "-select", "object_id", "/vsistdout/", map, layer]);
        for line in features.lines().skip(1) {
            let id = line.trim_matches(['"', ',']);
            // A route goes from the object that is cleared to a shelter: category:object>shelter#number.
            let parts: Vec<&str> = match (*layer, id.split_once(':').and_then(|(_, r)| r.split_once('>'))) {
                ("routes", Some((object, shelter))) => vec![object, shelter.split('#').next().unwrap()],
                _ => vec![id],
            };
            for part in parts {
                resolve(part, &format!("map.gpkg {layer}"));
            }
        }
    }
}

/// Rows of a CSV by heading. Quoted fields may hold commas and line feeds.
fn csv_rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut records: Vec<Vec<String>> = vec![Vec::new()];
    let (mut field, mut quoted) = (String::new(), false);
    let mut chars = text.trim_start_matches('\u{feff}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => field.push(chars.next().unwrap()),
            '"' => quoted = !quoted,
            ',' if !quoted => records.last_mut().unwrap().push(std::mem::take(&mut field)),
            '\r' if !quoted => {}
            '\n' if !quoted => {
                records.last_mut().unwrap().push(std::mem::take(&mut field));
                records.push(Vec::new());
            }
            _ => field.push(c),
        }
    }
    records.retain(|r| !r.is_empty());
    let heads = records.remove(0);
    records.iter().map(|r| heads.iter().cloned().zip(r.iter().cloned()).collect()).collect()
}

/// No name and no telephone number of the protected register stands in any product, summary or on the screen; the zipped
/// formats are searched unpacked, the PDFs as text.
fn nothing_personal(district: &SmallDistrict, out: &Path, screens: &[&str]) {
    let secrets: Vec<&str> = PERSONS.iter().flat_map(|(_, name, phone)| [*name, *phone]).collect();
    assert!(secrets.iter().all(|s| district.text("data/protected/contacts.csv").contains(s)));
    let search = |place: &str, bytes: &[u8]| {
        for secret in &secrets {
            assert!(!bytes.windows(secret.len()).any(|w| w == secret.as_bytes()), "{place} holds '{secret}'");
        }
    };
    for screen in screens {
        search("the screen", screen.as_bytes());
    }
    let python = dayu_tests::python();
    for (name, bytes) in files_below(out) {
        search(&name, &bytes);
        let path = out.join(&name);
        let path = path.to_str().unwrap();
        if name.ends_with(".pdf") {
            search(&name, output_of("pdftotext", &[path, "-"]).as_bytes());
        } else if name.ends_with(".docx") || name.ends_with(".xlsx") {
            let unpack = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nfor n in z.namelist():\n    sys.stdout.buffer.write(z.read(n))";
            search(&name, output_of(python.to_str().unwrap(), &["-c", unpack, path]).as_bytes());
        } else if name.ends_with(".parquet") {
            let unpack = "import sys, pyarrow.parquet as p\nprint(p.read_table(sys.argv[1]).to_pydict())";
            search(&name, output_of(python.to_str().unwrap(), &["-c", unpack, path]).as_bytes());
        }
    }
}

#[test]
fn threads_and_repetition_change_no_byte_and_a_package_can_be_made_again() {
    let district = SmallDistrict::new();
    let scenario = district.scenario();
    for (out, threads) in [("one", "1"), ("two", "2"), ("again", "2")] {
        run_dayu(&["run", &scenario, "--out", &district.argument(out), "--levels", "II", "--threads", threads], 300)
            .expect_code(0);
    }
    assert_same_files(&district.at("one/package"), &district.at("two/package"));
    assert_same_files(&district.at("two/package"), &district.at("again/package"));
    assert_same_files(&district.at("one/evacuation"), &district.at("two/evacuation"));

    let made = run_dayu(
        &["package", &district.argument("one"), "--level", "II", "--out", &district.argument("made"), "--json"],
        300,
    );
    let made = made.expect_code(0).json();
    let manifest = json(&district.at("one/package/II/manifest.json"));
    assert_eq!(made["package_id"], manifest["package_id"]);
    assert_same_files(&district.at("one/package/II"), &district.at("made"));

    // Opening a package verifies it: a changed byte, a missing file, a file too many.
    let spoil = |name: &str, code: &str, how: &dyn Fn(&Path)| {
        let copy = district.at("copy");
        copy_folder(&district.at("made"), &copy);
        how(&copy);
        let ended = run_dayu(&["check", copy.to_str().unwrap(), "--json"], 30).expect_code(1);
        dayu_tests::findings::expect_finding(
            &dayu_tests::findings::findings(&ended),
            code,
            "error",
            "manifest.json",
            name,
        );
        std::fs::remove_dir_all(copy).unwrap();
    };
    spoil("table.csv", "PKG-101", &|copy| {
        let mut bytes = std::fs::read(copy.join("table.csv")).unwrap();
        let last = bytes.len() - 2;
        bytes[last] ^= 1;
        std::fs::write(copy.join("table.csv"), bytes).unwrap();
    });
    spoil("map.png", "PKG-101", &|copy| std::fs::remove_file(copy.join("map.png")).unwrap());
    spoil("more.txt", "PKG-102", &|copy| std::fs::write(copy.join("more.txt"), "x").unwrap());

    // Inputs that have changed since are noticed, and nothing is written.
    district.replace("scenarios/storm/rain.csv", "1800,90", "1800,91");
    let changed = run_dayu(
        &["package", &district.argument("one"), "--level", "II", "--out", &district.argument("late"), "--json"],
        300,
    );
    let changed = changed.expect_code(1);
    dayu_tests::findings::expect_finding(
        &dayu_tests::findings::findings(&changed),
        "RUN-091",
        "error",
        "summary.json",
        "run_id",
    );
    assert!(!district.at("late").exists());
}

#[test]
fn the_recommendation_comes_with_its_rule_trace() {
    let district = SmallDistrict::new();
    let told = run_dayu(&["assess", &district.scenario(), "--json"], 120).expect_code(0).json();
    let flood = told["recommendations"]
        .as_array()
        .unwrap()
        .iter()
        .find(|r| r["chain"] == "flood")
        .expect("a flood recommendation");
    let trace = flood["trace"].as_array().unwrap();
    assert!(!trace.is_empty());
    for rule in trace {
        for key in ["level", "clause", "threshold", "basis", "mark"] {
            assert!(rule[key].as_str().is_some_and(|t| !t.is_empty()), "{key} of {rule}");
        }
        assert!(rule.get("held").is_some() && rule.get("value").is_some(), "{rule}");
    }
    // 55 mm in an hour reaches the attention level's and level III's hours of rain, not level I's 120 mm in 3 h.
    assert!(flood["level"].is_string(), "{flood}");
    assert_ne!(flood["level"], "I", "{flood}");
}

#[test]
fn an_assignment_problem_meets_its_reference_optimum() {
    let data = dayu_tests::repository().join("engine/evacuation/tests/data");
    let folder = dayu_tests::temporary();
    for part in ["json", "demand.csv", "shelters.csv"] {
        std::fs::copy(data.join(format!("s070.{part}")), folder.path().join(format!("s070.{part}"))).unwrap();
    }
    let reference = json(&data.join("s070.reference.json"));
    let (problem, out) = (folder.path().join("s070.json"), folder.path().join("out"));
    let ended = run_dayu(&["evacuate", problem.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"], 120)
        .expect_code(0);
    let summary = ended.json();
    for key in ["unplaced", "person_metres", "longest_metres"] {
        assert_eq!(summary[key], reference[key], "{key}: {summary} {reference}");
    }
    assert_eq!(summary["gap"], 0, "{summary}");
    for name in ["plan.csv", "unplaced.csv", "certificate.csv", "summary.json"] {
        assert!(out.join(name).is_file(), "{name}");
    }
    let verify = ["evacuate", "--verify", out.to_str().unwrap(), "--json"];
    assert_eq!(run_dayu(&verify, 60).expect_code(0).json()["verified"], true);
    let plan = std::fs::read_to_string(out.join("plan.csv")).unwrap();
    let (kept, _) = plan.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(out.join("plan.csv"), kept).unwrap();
    assert!(run_dayu(&verify, 60).expect_code(1).stderr.contains("EVA-006"));
    let refused = run_dayu(
        &[
            "evacuate",
            problem.to_str().unwrap(),
            "--out",
            folder.path().join("no").to_str().unwrap(),
            "--policy",
            "fastest",
            "--json",
        ],
        60,
    )
    .expect_code(1);
    assert!(refused.stderr.contains("fastest"), "{}", refused.stderr);
    assert!(!folder.path().join("no").exists());
}

/// Two road problems to their known optimum, their plans walked again by a checker that shares no code with this program.
#[test]
fn road_problems_meet_their_reference_and_survive_the_independent_replay() {
    let cases = dayu_tests::repository().join("tests/cases");
    let folder = dayu_tests::temporary();
    for name in ["r1", "r2"] {
        let data = cases.join(format!("evac_{name}"));
        let (problem, out) = (data.join(format!("{name}.json")), folder.path().join(name));
        let ended = run_dayu(&["evacuate", problem.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"], 120)
            .expect_code(0);
        let (summary, reference) = (ended.json(), json(&data.join(format!("{name}.reference.json"))));
        assert_eq!(summary["unplaced"], reference["optimal_unplaced"], "{summary}");
        assert_eq!(summary["sum_arrival_steps"], reference["optimal_sum_arrival_steps"], "{summary}");
        assert_eq!(summary["gap"], 0, "{summary}");
        let checked = std::process::Command::new("python3")
            .args([cases.join("check_road.py"), data, name.into(), out.join("plan.csv")])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(checked.status.success() && said.contains("\"gap_percent\": 0.0"), "{said}");
        let files = ["unplaced.csv", "certificate.csv", "link_load.csv", "shelter_board.csv", "change_events.xml"];
        for file in files {
            assert!(out.join(file).is_file(), "{file}");
        }
        // Proved again from its folder alone, without the solver; a changed table is refused.
        let verified = run_dayu(&["evacuate", "--verify", out.to_str().unwrap(), "--json"], 60).expect_code(0).json();
        assert_eq!((&verified["verified"], &verified["gap"]), (&Value::Bool(true), &Value::from(0)), "{verified}");
        let (file, plan) = (out.join("plan.csv"), std::fs::read_to_string(out.join("plan.csv")).unwrap());
        let (head, row) = plan.trim_end().rsplit_once('\n').unwrap();
        std::fs::write(&file, head).unwrap();
        let refused = run_dayu(&["evacuate", "--verify", out.to_str().unwrap(), "--json"], 60).expect_code(1);
        assert!(refused.stderr.contains("EVA-006"), "{row}: {}", refused.stderr);
        std::fs::write(&file, plan).unwrap();
        let routes = json(&out.join("routes.geojson"));
        let people = routes["features"].as_array().unwrap().iter().map(|f| f["properties"]["people"].as_u64().unwrap());
        assert_eq!(Some(people.sum::<u64>()), summary["people"].as_u64());
    }
}
