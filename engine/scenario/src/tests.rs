#![allow(clippy::unwrap_used)]
use super::*;

const MINIMAL: &str = r#"
format = 1
id = "s"
title = { zh = "例", en = "example" }
kind = "benchmark"
dataset = "."
start = 2000-01-01T00:00:00Z
duration_s = 60
[grid]
cell_m = 10
"#;

#[test]
fn a_minimal_scenario_has_the_contracts_defaults() {
    let s = parse_scenario("scenario.toml", MINIMAL).unwrap();
    assert_eq!((s.solver.cfl, s.solver.max_dt_s, s.solver.dry_depth_m), (0.7, 60.0, 0.001));
    assert_eq!((s.output.interval_s, s.output.arrival_depth_m), (300.0, 0.15));
    assert!(check_scenario("scenario.toml", &s).is_empty());
}

#[test]
fn an_unknown_key_names_file_line_key_and_nearest() {
    let f = parse_scenario("scenario.toml", &MINIMAL.replace("cell_m", "cel_m")).unwrap_err();
    assert_eq!((f.code.as_str(), f.file.as_str(), f.field.as_str()), ("SCN-002", "scenario.toml", "cel_m"));
    assert!(f.place.contains("10"), "{}", f.place);
    assert!(f.mend.en.contains("'cell_m'"), "{}", f.mend.en);
}

#[test]
fn what_is_not_computed_yet_is_refused_by_name() {
    for (extra, key) in [
        ("[solver]\nscheme = \"dynamic\"", "solver.scheme"),
        ("[[rain]]\nkind = \"typhoon\"\ntrack = \"t.txt\"", "rain[0]"),
        ("[infiltration]\nmodel = \"horton\"", "infiltration.model"),
        ("[ensemble]\nmembers = 20\nmethod = \"rain-scaling\"", "ensemble"),
    ] {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n{extra}\n")).unwrap();
        let found = check_scenario("s.toml", &s);
        assert!(found.iter().any(|f| f.code == "SCN-010" && f.field == key), "{key}: {found:?}");
    }
}

#[test]
fn a_crest_has_a_line_and_one_height() {
    let found = |keys: &str| {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[[crest]]\n{keys}\n")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| format!("{} {}", f.code, f.field)).collect::<Vec<_>>()
    };
    assert!(found("line = [[0, 0], [5, 0]]\nheight_m = 0.8").is_empty());
    assert!(found("line = [[0, 0], [5, 0]]\nlevel_m = 6").is_empty());
    assert_eq!(found("line = [[0, 0], [5, 0]]"), ["SCN-012 crest[0].level_m"]);
    assert_eq!(found("line = [[0, 0], [5, 0]]\nlevel_m = 6\nheight_m = 1"), ["SCN-012 crest[0].level_m"]);
    assert_eq!(found("line = [[0, 0]]\nlevel_m = 6"), ["SCN-012 crest[0].line"]);
    assert_eq!(found("line = [[0, 0], [5, 0]]\nheight_m = 0"), ["SCN-011 crest.height_m"]);
}

#[test]
fn values_out_of_range_are_refused() {
    let s = parse_scenario("s.toml", &MINIMAL.replace("cell_m = 10", "cell_m = 0")).unwrap();
    assert!(check_scenario("s.toml", &s).iter().any(|f| f.code == "SCN-011" && f.field == "grid.cell_m"));
    let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[state]\nsave_s = [-1]\n")).unwrap();
    assert!(check_scenario("s.toml", &s).iter().any(|f| f.code == "SCN-011" && f.field == "state.save_s"));
    let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[[rain]]\nkind = \"uniform\"\nmm_h = -3\n")).unwrap();
    assert!(check_scenario("s.toml", &s).iter().any(|f| f.field == "rain.mm_h"));
}

#[test]
fn empty_and_unreadable_text_is_a_finding() {
    assert_eq!(parse_scenario("s.toml", " \n").unwrap_err().code, "SCN-003");
    assert_eq!(parse_scenario("s.toml", "format = [").unwrap_err().code, "SCN-001");
    assert_eq!(parse_scenario("s.toml", &MINIMAL.replace("format = 1", "format = 2")).unwrap_err().code, "SCN-004");
}
