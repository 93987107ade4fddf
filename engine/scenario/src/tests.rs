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
        ("[solver]\nscheme = \"kinematic\"", "solver.scheme"),
        ("[infiltration]\nmodel = \"philip\"", "infiltration.model"),
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
        ("[ensemble]\nmembers = 20\nmethod = \"external\"", "SCN-012", "ensemble.path"),
        ("[ensemble]\nmembers = 20\nmethod = \"external\"\npath = \"rain.nc\"", "SCN-012", "ensemble.path"),
        ("[ensemble]\nmembers = 1\nmethod = \"external\"\npath = \"{member}.nc\"", "SCN-012", "ensemble.members"),
        ("[ensemble]\nmembers = 20\nmethod = \"combined\"\nunit = \"mm\"", "SCN-012", "ensemble.unit"),
        ("[ensemble]\nmembers = 20\nmethod = \"rain\"", "SCN-013", "ensemble.method"),
        ("[ensemble]\nmembers = 0\nmethod = \"combined\"", "SCN-011", "ensemble.members"),
        ("[[rain]]\nkind = \"typhoon\"", "SCN-012", "rain[0].track"),
        ("[[rain]]\nkind = \"typhoon\"\ntrack = \"t\"\nmodel = \"x\"", "SCN-013", "rain.model"),
    ] {
        assert!(check(extra).contains(&(code.into(), field.into())), "{extra}: {:?}", check(extra));
    }
}

#[test]
fn what_another_scheme_computes_is_refused_by_name() {
    let found = |solver: &str, extra: &str| {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[solver]\n{solver}\n{extra}\n")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| format!("{} {}", f.code, f.field)).collect::<Vec<_>>()
    };
    let (dynamic, screening) = ("scheme = \"dynamic\"", "scheme = \"fill-spill\"");
    for (extra, key, by_dynamic, by_screening) in [
        ("[state]\nsave_s = [10]", "state", true, false),
        ("[[crest]]\nline = [[0, 0], [5, 0]]\nlevel_m = 6", "crest", true, false),
        ("[initial]\nvelocity = [\"u.tif\", \"v.tif\"]", "initial.velocity", true, false),
        (
            "[[boundary]]\nkind = \"rating\"\nseries = \"q.csv\"\nwhere = { edge = \"east\" }",
            "boundary[0].kind",
            true,
            false,
        ),
        ("[infiltration]\nmodel = \"scs-cn\"\ncn = 80", "infiltration.model", true, false),
        ("[infiltration]\nmodel = \"constant\"\nrate_mm_h = 3", "", true, true),
    ] {
        let refused = |is_computed: bool| if is_computed { vec![] } else { vec![format!("SCN-010 {key}")] };
        assert_eq!(found("", extra), Vec::<String>::new(), "{extra}");
        assert_eq!(found(dynamic, extra), refused(by_dynamic), "{extra}");
        assert_eq!(found(screening, extra), refused(by_screening), "{extra}");
    }
    let s = MINIMAL.replace("cell_m = 10", "cell_m = 10\nsubgrid_m = 2");
    let s = parse_scenario("s.toml", &format!("{s}\n[solver]\n{dynamic}\n[state]\nsave_s = [10]\n")).unwrap();
    let keys: Vec<String> = check_scenario("s.toml", &s).into_iter().map(|f| f.field).collect();
    assert_eq!(keys, ["grid.subgrid_m"]);
}

#[test]
fn a_link_is_refused_where_it_has_no_meaning() {
    let found = |kind: &str, keys: &str| {
        let link = format!("[[link]]\nkind = \"{kind}\"\nfrom = [1, 1]\nto = [9, 1]\ninvert_m = 3\n{keys}\n");
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n{link}")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| format!("{} {}", f.code, f.field)).collect::<Vec<_>>()
    };
    for kind in ["culvert", "underpass", "bridge"] {
        assert!(found(kind, "width_m = 2\nheight_m = 1.5").is_empty());
        assert_eq!(found(kind, "width_m = 2"), ["SCN-012 link[0].height_m"]);
    }
    assert!(found("weir", "width_m = 2").is_empty());
    assert_eq!(found("weir", "width_m = 2\nheight_m = 1"), ["SCN-014 link[0].height_m"]);
    assert_eq!(found("tunnel", "width_m = 2\nheight_m = 1"), ["SCN-013 link[0].kind"]);
    assert_eq!(found("culvert", "width_m = 0\nheight_m = 1"), ["SCN-011 link[0].width_m"]);
    assert_eq!(found("culvert", "width_m = 2\nheight_m = 1\nroughness = -1"), ["SCN-011 link[0].roughness"]);
    let s = format!("{MINIMAL}\n[[link]]\nkind = \"culvert\"\nfrom = [0, 0]\nto = [1, 0]\nwidth = 2\ninvert_m = 0\n");
    let finding = parse_scenario("s.toml", &s).unwrap_err();
    assert_eq!((finding.code.as_str(), finding.field.as_str()), ("SCN-002", "width"));
    assert!(finding.mend.en.contains("'width_m'"), "{finding:?}");
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
fn every_infiltration_model_needs_its_own_parameters_and_no_others() {
    let found = |lines: &str| {
        let s = parse_scenario("s.toml", &format!("{MINIMAL}\n[infiltration]\n{lines}\n")).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| (f.code, f.field)).collect::<Vec<_>>()
    };
    for whole in [
        "model = \"none\"",
        "model = \"constant\"\nrate_mm_h = 3",
        "model = \"horton\"\nf0_mm_h = 76\nfc_mm_h = 13\ndecay_1_h = 4.14",
        "model = \"green-ampt\"\nksat_mm_h = 6.5\nsuction_m = { column = \"psi\" }\ndeficit = \"deficit.tif\"",
        "model = \"scs-cn\"\ncn = 80",
    ] {
        assert_eq!(found(whole), vec![], "{whole}");
    }
    assert_eq!(found("model = \"scs-cn\""), [("SCN-012".into(), "infiltration.cn".into())]);
    assert_eq!(found("model = \"horton\"\nf0_mm_h = 9\nfc_mm_h = 1").len(), 1);
    assert_eq!(found("model = \"none\"\ncn = 70"), [("SCN-014".into(), "infiltration.cn".into())]);
    assert_eq!(found("model = \"scs-cn\"\ncn = -70"), [("SCN-011".into(), "infiltration.cn".into())]);
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

#[test]
fn further_results_are_named_and_cost_nothing_unasked() {
    let found = |lines: &str, solver: &str| {
        let text = format!("{MINIMAL}\n[solver]\n{solver}\n[output]\n{lines}\n");
        let s = parse_scenario("s.toml", &text).unwrap();
        check_scenario("s.toml", &s).into_iter().map(|f| format!("{} {}", f.code, f.field)).collect::<Vec<_>>()
    };
    let whole = "rasters = [\"arrival\", \"duration\", \"ebb\", \"max_dv\", \"max_hr\", \"peak_time\"]\narrival_depths_m = [0.3, 0.5]\ndebris = \"urban\"";
    assert!(found(whole, "").is_empty() && found(whole, "scheme = \"dynamic\"").is_empty());
    let screened = found(whole, "scheme = \"fill-spill\"");
    assert_eq!(screened.iter().filter(|f| f.starts_with("SCN-010 output.")).count(), 4, "{screened:?}");
    assert_eq!(found("arrival_depths_m = [0.3, 0.3]", ""), ["SCN-250 output.arrival_depths_m"]);
    assert_eq!(found("arrival_depths_m = [0.15]", ""), ["SCN-250 output.arrival_depths_m"]);
    assert_eq!(found("arrival_depths_m = [-1]", ""), ["SCN-011 output.arrival_depths_m"]);
    assert_eq!(found("rasters = [\"max_depth\"]\narrival_depths_m = [0.3]", ""), ["SCN-014 output.arrival_depths_m"]);
    assert_eq!(found("debris = \"urban\"", ""), ["SCN-014 output.debris"]);
    assert_eq!(found("rasters = [\"max_hr\"]\ndebris = \"sea\"", ""), ["SCN-013 output.debris"]);
    assert_eq!(found("rasters = [\"max_hr\"]\ndebris = 11", ""), ["SCN-011 output.debris"]);
    assert_eq!(found("rasters = [\"depth\"]", ""), ["SCN-013 output.rasters"]);
}
