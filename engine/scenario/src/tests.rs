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
        ("[[rain]]\nkind = \"grid\"\npath = \"q.nc\"", "rain[0]"),
        ("[infiltration]\nmodel = \"horton\"", "infiltration.model"),
        ("[ensemble]\nmembers = 20\nmethod = \"external\"", "ensemble.method"),
        ("[state]\nsave_s = [10]", "state"),
        ("[[crest]]\nlevel_m = 6.0", "crest"),
    ] {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n{extra}\n")).unwrap();
        let found = check_scenario("s.toml", &s);
        assert!(found.iter().any(|f| f.code == "SCN-010" && f.field == key), "{key}: {found:?}");
    }
}

#[test]
fn rain_kinds_need_their_keys_and_refuse_others() {
    let found = |rain: &str| {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[[rain]]\n{rain}\n")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| (f.code, f.field)).collect::<Vec<_>>()
    };
    let chicago = "formula = \"shenzhen-central-2024\"\nreturn_period_a = 50\nduration_s = 7200\n";
    for good in [
        format!("kind = \"chicago\"\n{chicago}peak_ratio = 0.4\nstep_s = 60\nareal_factor = 0.9"),
        format!("kind = \"alternating-block\"\n{chicago}"),
        format!("kind = \"profile\"\nseries = \"p.csv\"\n{chicago}"),
        "kind = \"grid\"\npath = \"qpe/*.tif\"\nunit = \"mm\"\ntimes = \"t.csv\"".into(),
        "kind = \"grid\"\npath = \"a.nc\"\nmerge = \"mean-field-bias\"\nstations = \"s.csv\"\nseries = \"r.csv\""
            .into(),
        "kind = \"gauges\"\nstations = \"s.csv\"\nseries = \"r.csv\"\ninterpolation = \"kriging\"".into(),
        "kind = \"uniform\"\nseries = \"r.dat\"\nunit = \"mm\"".into(),
    ] {
        assert_eq!(found(&good), [], "{good}");
    }
    let one = |code: &str, field: &str| vec![(code.to_string(), format!("rain[0].{field}"))];
    assert_eq!(found("kind = \"grid\"").first(), one("SCN-012", "path").first());
    assert_eq!(found(&format!("kind = \"profile\"\n{chicago}")), one("SCN-012", "series"));
    assert_eq!(
        found(&format!("kind = \"profile\"\nseries = \"p.csv\"\npeak_ratio = 0.4\n{chicago}")),
        one("SCN-014", "peak_ratio")
    );
    assert_eq!(found("kind = \"chicago\"").len(), 3);
    assert_eq!(found("kind = \"uniform\"\nmm_h = 3\nunit = \"mm\""), one("SCN-014", "unit"));
    assert_eq!(found("kind = \"grid\"\npath = \"a.nc\"\nstations = \"s.csv\""), one("SCN-014", "stations"));
    assert_eq!(
        found("kind = \"grid\"\npath = \"a.nc\"\nmerge = \"magic\"\nstations = \"s.csv\"\nseries = \"r.csv\""),
        one("SCN-012", "merge")
    );
    assert_eq!(found(&format!("kind = \"chicago\"\n{chicago}areal_factor = 1.2"))[0].0, "SCN-011");
}

#[test]
fn typhoons_and_members_are_checked() {
    let check = |extra: &str| {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n{extra}\n")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| (f.code, f.field)).collect::<Vec<_>>()
    };
    let track = "[typhoon]\ntrack = \"t.txt\"\nstorm = \"2106\"\n";
    assert!(check(track).is_empty());
    assert!(check("[ensemble]\nmembers = 20\nmethod = \"rain-scaling\"").is_empty());
    assert!(check(&format!("{track}[ensemble]\nmembers = 20\nmethod = \"track\"")).is_empty());
    for (extra, code, field) in [
        ("[ensemble]\nmembers = 20\nmethod = \"track\"", "SCN-012", "ensemble.method"),
        ("[ensemble]\nmembers = 20\nmethod = \"rain\"", "SCN-013", "ensemble.method"),
        ("[ensemble]\nmembers = 0\nmethod = \"combined\"", "SCN-011", "ensemble.members"),
        ("[[rain]]\nkind = \"typhoon\"", "SCN-012", "rain[0].track"),
        ("[[rain]]\nkind = \"typhoon\"\ntrack = \"t\"\nmodel = \"x\"", "SCN-013", "rain.model"),
    ] {
        assert!(check(extra).contains(&(code.into(), field.into())), "{extra}: {:?}", check(extra));
    }
}

#[test]
fn values_out_of_range_are_refused() {
    let s = parse_scenario("s.toml", &MINIMAL.replace("cell_m = 10", "cell_m = 0")).unwrap();
    assert!(check_scenario("s.toml", &s).iter().any(|f| f.code == "SCN-011" && f.field == "grid.cell_m"));
    let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[[rain]]\nkind = \"uniform\"\nmm_h = -3\n")).unwrap();
    assert!(check_scenario("s.toml", &s).iter().any(|f| f.field == "rain.mm_h"));
}

#[test]
fn empty_and_unreadable_text_is_a_finding() {
    assert_eq!(parse_scenario("s.toml", " \n").unwrap_err().code, "SCN-003");
    assert_eq!(parse_scenario("s.toml", "format = [").unwrap_err().code, "SCN-001");
    assert_eq!(parse_scenario("s.toml", &MINIMAL.replace("format = 1", "format = 2")).unwrap_err().code, "SCN-004");
}
