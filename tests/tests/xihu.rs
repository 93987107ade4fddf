//! The shipped districts and scenarios: sound, of the stated sizes, and with the contrast between the two storms that was observed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_pipeline::load_district;
use dayu_tests::process::{output_of, run_dayu};
use std::collections::BTreeMap;

fn rows(name: &str) -> Vec<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(dayu_tests::repository().join("gis-data/xihu").join(name)).unwrap();
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    // Only columns before the first quoted text are read here.
    lines.map(|l| heads.iter().map(|h| h.to_string()).zip(l.split(',').map(String::from)).collect()).collect()
}

#[test]
fn shipped_datasets_scenarios_and_plans_have_no_fault() {
    let root = dayu_tests::repository();
    let mut checked = 0;
    for (folder, file) in [("scenarios", "scenario.toml"), ("gis-data", "dataset.toml")] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.join(file).is_file() {
                let told = run_dayu(&["check", path.to_str().unwrap(), "--json"], 300).expect_code(0).json();
                let errors = told["findings"].as_array().unwrap().iter().filter(|f| f["severity"] == "error").count();
                assert_eq!(errors, 0, "{}", path.display());
                checked += 1;
            }
        }
    }
    for entry in std::fs::read_dir(root.join("gis-data/plans")).unwrap() {
        run_dayu(&["check", entry.unwrap().path().to_str().unwrap()], 60).expect_code(0);
        checked += 1;
    }
    assert!(checked >= 6, "only {checked} shipped inputs were found");
}

#[test]
fn the_registers_have_the_size_that_the_district_reports() {
    let district = load_district(&dayu_tests::repository().join("gis-data/xihu")).unwrap();
    let regions = rows("regions.csv");
    let of = |level: &str| regions.iter().filter(|r| r["level"] == level).count();
    assert_eq!((of("district"), of("town"), of("grid")), (1, 11, 691), "区, 镇街, 网格");
    assert_eq!(district.registry.regions().all().len(), regions.len(), "every region is in the tree");
    let counts: BTreeMap<&str, usize> = district.registry.counts().into_iter().map(|(l, n)| (l.id(), n)).collect();
    assert_eq!(counts["waterlogging_points"], 18, "积水点");
    assert_eq!(counts["shelters"], 200, "避灾安置场所");
    assert_eq!(rows("shelters.csv").iter().filter(|r| r["standardised"] == "true").count(), 30, "规范化避灾安置场所");
    let points = rows("waterlogging_points.csv");
    assert!(points.iter().all(|p| p["plan_document"].starts_with("一点一方案")), "each point has its own plan");
    // 安全码: one for each person to be moved, given to households as ranges a/b of numbers.
    let mut codes = 0_u64;
    for household in rows("protected/households.csv") {
        let code = household["code_id"].trim_start_matches("AQM-").to_string();
        let (from, to) = code.split_once('/').map_or((code.clone(), code.clone()), |(a, b)| (a.into(), b.into()));
        codes += to.parse::<u64>().unwrap() - from.parse::<u64>().unwrap() + 1;
    }
    assert_eq!(codes, 1085, "安全码");
    let people: u64 = district.households.iter().map(|h| h.people).sum();
    assert_eq!(people, 1085, "people of the registered households");
    for contact in rows("protected/contacts.csv") {
        assert!(
            contact["name"].starts_with("演示人员") && contact["phone"].starts_with("000-0000-"),
            "only fictitious people: {contact:?}"
        );
    }
}

/// The scenario as it is shipped, but for its members: they cost as much again and change nothing of the run itself.
fn without_members(shipped: &std::path::Path, to: &std::path::Path) -> std::path::PathBuf {
    let copy = to.join("alone");
    dayu_tests::folders::copy_folder(shipped, &copy);
    let text = std::fs::read_to_string(copy.join("scenario.toml")).unwrap();
    let root = format!("{}/", dayu_tests::repository().display());
    let (alone, _) = text.split_once("[ensemble]").expect("the shipped scenario has members");
    std::fs::write(copy.join("scenario.toml"), alone.replace("../../", &root)).unwrap();
    copy
}

/// With one setting of the drains for both, the hour of 95.3 mm must flood at least three times as many of the 18 points as the
/// typhoon's day, as it did in 2021.
#[test]
fn the_short_storm_floods_three_times_as_many_points_as_the_typhoon() {
    let folder = dayu_tests::temporary();
    let flooded = |scenario: &str, members: u64| -> u64 {
        let mut path = dayu_tests::repository().join("scenarios").join(scenario);
        if members == 0 {
            path = without_members(&path, folder.path());
        }
        let out = folder.path().join(scenario);
        run_dayu(&["run", path.to_str().unwrap(), "--out", out.to_str().unwrap(), "--levels", "II"], 420)
            .expect_code(0);
        let summary: serde_json::Value =
            serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
        let simulation = &summary["simulation"];
        assert_eq!(summary["members"]["members"].as_u64().unwrap_or(0), members, "{}", summary["members"]);
        assert_eq!(simulation["points"], 18);
        assert!(simulation["relative_volume_error"].as_f64().unwrap() <= 1e-6, "{simulation}");
        assert!(simulation["cell_m"].as_f64().unwrap() <= 40.0, "{simulation}");
        run_dayu(&["check", out.join("package/II").to_str().unwrap()], 60).expect_code(0);
        simulation["points_flooded"].as_u64().unwrap()
    };
    let (storm, typhoon) = (flooded("xihu-rainstorm-20210730", 20), flooded("xihu-infa-2021", 0));
    assert!(typhoon >= 1, "the typhoon flooded points in 2021");
    assert!(storm >= 3 * typhoon, "07-30 floods {storm} of 18 points, the In-Fa day {typhoon}");
}

#[test]
fn the_repository_stays_small() {
    let root = dayu_tests::repository();
    let listed = output_of("git", &["-c", "safe.directory=*", "-C", root.to_str().unwrap(), "ls-files", "-z"]);
    let bytes: u64 = listed
        .split('\0')
        .filter(|n| !n.is_empty())
        .filter_map(|n| root.join(n).metadata().ok())
        .map(|m| m.len())
        .sum();
    assert!(bytes > 1 << 20 && bytes < 60 << 20, "tracked files hold {:.1} MiB", bytes as f64 / f64::from(1 << 20));
}
