//! Published answers: the cases of tests/cases run through the binary and judged by check_case.py; and keys of the contract that
//! this version does not compute are refused by name, never ignored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::{run, run_dayu};
use dayu_tests::small_district::SmallDistrict;
use std::process::Command;

fn passes(case: &str, stem: &str) {
    let cases = dayu_tests::repository().join("tests/cases");
    let folder = dayu_tests::temporary();
    let out = folder.path().join("out");
    let scenario = cases.join(case).join(format!("{stem}.toml"));
    run_dayu(&["simulate", scenario.to_str().unwrap(), "--out", out.to_str().unwrap()], 300).expect_code(0);
    let mut judge = Command::new(dayu_tests::python());
    judge.arg(cases.join("check_case.py")).arg(cases.join(case)).arg(&out).args(["--run", stem]);
    let verdict = run(&mut judge, 120).expect_code(0);
    assert!(verdict.stdout.contains("pass") && !verdict.stdout.contains("FAIL"), "{}", verdict.stdout);
}

#[test]
fn a_lake_at_rest_stays_at_rest() {
    passes("sw_lake_at_rest", "scenario-inertial");
}

#[test]
fn rain_on_a_plane_reaches_equilibrium_and_recedes() {
    passes("ro_kinematic_plane_equilibrium", "scenario");
}

#[test]
fn the_tilted_v_catchment_meets_its_hydrograph() {
    passes("ro_tilted_v_catchment", "scenario");
}

#[test]
fn the_catchment_tilted_both_ways_meets_its_plateau() {
    passes("ro_tilted_v_catchment", "scenario-tilted");
}

#[test]
fn hollows_fill_spill_and_merge_without_loss() {
    passes("fsm_transect_closed", "scenario-inertial");
}

#[test]
fn schemes_that_are_not_computed_yet_are_refused_by_name() {
    let cases = dayu_tests::repository().join("tests/cases");
    let later = [
        ("sw_lake_at_rest/scenario.toml", "solver.scheme", "dynamic"),
        ("ro_kinematic_plane_equilibrium/scenario-dynamic.toml", "solver.scheme", "dynamic"),
        ("ro_tilted_v_catchment/scenario-dynamic.toml", "solver.scheme", "dynamic"),
        ("fsm_transect_closed/scenario.toml", "solver.scheme", "fill-spill"),
        ("fsm_transect_closed/scenario.toml", "solver.connectivity", "connectivity"),
    ];
    for (scenario, key, word) in later {
        let folder = dayu_tests::temporary();
        let out = folder.path().join("out");
        let path = cases.join(scenario);
        let ended = run_dayu(&["simulate", path.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"], 60)
            .expect_code(1);
        let found = expect_finding(&findings(&ended), "SCN-010", "error", "toml", key);
        assert!(found.to_string().contains(word), "{found}");
        assert!(ended.stderr.contains(key), "the key is not named on the screen: {}", ended.stderr);
        assert!(!out.exists());
    }
}

#[test]
fn keys_that_are_not_computed_yet_are_refused_by_name() {
    let later = [
        ("[[control]]\nat_s = 60\ntarget = \"pump:BZ-1\"\nset = \"off\"\n", "control"),
        ("[[link]]\nkind = \"culvert\"\nfrom = [510100, 3345100]\nto = [510200, 3345100]\n", "link"),
        ("[[crest]]\nline = [[510100, 3345100], [510200, 3345100]]\nlevel_m = 12.0\n", "crest"),
        ("[state]\nsave_s = [3600]\n", "state"),
        ("[ensemble]\nmembers = 20\nmethod = \"rain-scaling\"\n", "ensemble"),
        ("[drainage]\nenabled = true\nnetwork = \"network.inp\"\n", "drainage.enabled"),
        (
            "[infiltration]\nmodel = \"green-ampt\"\nksat_mm_h = 3\nsuction_m = 0.1\ndeficit = 0.3\n",
            "infiltration.model",
        ),
        ("[initial]\nvelocity = [\"u.tif\", \"v.tif\"]\n", "initial.velocity"),
        ("[[rain]]\nkind = \"typhoon\"\ntrack = \"t.txt\"\n", "rain[1]"),
        ("[[boundary]]\nkind = \"rating\"\nseries = \"q.csv\"\nwhere = { edge = \"east\" }\n", "boundary[1].kind"),
    ];
    let district = SmallDistrict::new();
    let original = district.text("scenarios/storm/scenario.toml");
    for (lines, key) in later {
        district.put("scenarios/storm/scenario.toml", format!("{original}\n{lines}").as_bytes());
        let out = district.argument("out");
        let ended = run_dayu(&["simulate", &district.scenario(), "--out", &out, "--json"], 60).expect_code(1);
        expect_finding(&findings(&ended), "SCN-010", "error", "scenario.toml", key);
        assert!(!district.at("out").exists(), "{key}");
    }
    // A key nobody knows is named with the nearest valid one.
    district.put("scenarios/storm/scenario.toml", original.replace("cell_m", "cel_m").as_bytes());
    let ended = run_dayu(&["check", &district.scenario(), "--json"], 60).expect_code(1);
    let found = expect_finding(&findings(&ended), "SCN-002", "error", "scenario.toml", "cel_m");
    assert!(found["mend"]["en"].as_str().unwrap().contains("'cell_m'"), "{found}");
}
