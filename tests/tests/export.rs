//! `dayu export`: what is written is read back by the rules of the other model's manual and gives the same case.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::SmallDistrict;
use std::collections::BTreeMap;
use std::path::Path;

fn exported(to: &str, scenario: &str, code: i32) -> (tempfile::TempDir, dayu_tests::process::Ended) {
    let folder = dayu_tests::temporary();
    let out = folder.path().join("out");
    let ended = run_dayu(&["export", "--to", to, scenario, out.to_str().unwrap(), "--json"], 120).expect_code(code);
    (folder, ended)
}

fn case(name: &str) -> String {
    dayu_tests::repository().join("tests/cases").join(name).to_str().unwrap().to_string()
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join("out").join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// `key = value` lines of sfincs.inp.
fn keys(folder: &Path) -> BTreeMap<String, String> {
    let inp = text(folder, "sfincs.inp");
    inp.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.trim().into(), v.trim().into())).collect()
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace().map(|w| w.parse().unwrap_or_else(|_| panic!("{line}"))).collect()
}

/// Rain as straight lines between rows, mm.
fn rain_mm(rows: &[(f64, f64)]) -> f64 {
    rows.windows(2).map(|w| 0.5 * (w[0].1 + w[1].1) * (w[1].0 - w[0].0) / 3600.0).sum()
}

#[test]
fn the_urban_storm_reads_back_from_sfincs_files() {
    let (folder, _) = exported("sfincs", &case("urban_400/scenario.toml"), 0);
    let folder = folder.path();
    let k = keys(folder);
    assert_eq!((k["mmax"].as_str(), k["nmax"].as_str(), k["dx"].as_str()), ("400", "400", "5"));
    assert_eq!((k["manning"].as_str(), k["advection"].as_str(), k["huthresh"].as_str()), ("0.035", "0", "0.001"));
    assert_eq!((k["tstart"].as_str(), k["tstop"].as_str()), ("20000101 000000", "20000101 030000"));
    let bytes = |name: &str| std::fs::read(folder.join("out").join(name)).unwrap();
    let (index, depths, mask) = (bytes(&k["indexfile"]), bytes(&k["depfile"]), bytes(&k["mskfile"]));
    let index: Vec<i32> = index.chunks(4).map(|b| i32::from_le_bytes(b.try_into().unwrap())).collect();
    let n = index[0] as usize;
    assert_eq!((n, index.len() - 1, depths.len() / 4, mask.len()), (160_000, n, n, n));
    assert!(index[1..].windows(2).all(|w| w[0] < w[1]) && index[1] == 1 && index[n] == 160_000);
    // The outlet: 40 cells of the last column between y = 985 and 1185, all held at 1.99 m.
    let held: Vec<usize> = (0..n).filter(|c| mask[*c] == 2).collect();
    assert_eq!(held.len(), 40);
    assert!(held.iter().all(|c| c / 400 == 399 && (197..237).contains(&(c % 400))));
    let points: Vec<Vec<f64>> = text(folder, &k["bndfile"]).lines().map(numbers).collect();
    assert_eq!((points.len(), points[0][0], points[0][1]), (40, 1997.5, 987.5));
    for row in text(folder, &k["bzsfile"]).lines().map(numbers) {
        assert!(row.len() == 41 && row[1..].iter().all(|v| *v == 1.99));
    }
    let rain: Vec<(f64, f64)> = text(folder, &k["precipfile"]).lines().map(numbers).map(|r| (r[0], r[1])).collect();
    assert!(rain.windows(2).all(|w| w[0].0 < w[1].0) && rain[rain.len() - 1].0 == 10_800.0);
    assert!((rain_mm(&rain) - 90.0).abs() < 0.01, "{}", rain_mm(&rain));
}

#[test]
fn the_urban_storm_reads_back_from_lisflood_files() {
    let (folder, _) = exported("lisflood", &case("urban_400/scenario.toml"), 0);
    let folder = folder.path();
    let par: BTreeMap<String, String> = text(folder, "case.par")
        .lines()
        .map(|l| {
            l.split_once(char::is_whitespace)
                .map_or((l.to_string(), String::new()), |(k, v)| (k.into(), v.trim().into()))
        })
        .collect();
    assert_eq!((par["sim_time"].as_str(), par["fpfric"].as_str()), ("10800", "0.035"));
    assert!(par.contains_key("acceleration") && !par.contains_key("startfile"));
    let dem = text(folder, &par["DEMfile"]);
    let head: Vec<&str> = dem.lines().take(6).collect();
    assert_eq!(head, ["ncols 400", "nrows 400", "xllcorner 0", "yllcorner 0", "cellsize 5", "NODATA_value -9999"]);
    assert!(dem.lines().skip(6).all(|l| l.split(' ').count() == 400) && dem.lines().count() == 406);
    // As the program counts: from the top, both ends truncated.
    let bci = text(folder, &par["bcifile"]);
    let words: Vec<&str> = bci.split_whitespace().collect();
    assert_eq!((words[0], words[3], words[4]), ("E", "HFIX", "1.99"));
    let row = |y: &str| ((2000.0 - y.parse::<f64>().unwrap()) / 5.0) as i32;
    assert_eq!((row(words[2]), row(words[1]) - 1), (163, 202));
    let rain = text(folder, &par["rainfall"]);
    let rain: Vec<&str> = rain.lines().collect();
    assert_eq!(rain[1].split_whitespace().next().unwrap().parse::<usize>().unwrap(), rain.len() - 2);
    let rows: Vec<(f64, f64)> = rain[2..].iter().map(|l| numbers(l)).map(|r| (r[1], r[0])).collect();
    assert!((rain_mm(&rows) - 90.0).abs() < 0.01);
}

#[test]
fn inflow_stage_start_and_gauges_are_taken_along() {
    let (folder, ended) = exported("sfincs", &case("sw_macdonald_subcritical/scenario-inertial.toml"), 0);
    let k = keys(folder.path());
    let sources: Vec<Vec<f64>> = text(folder.path(), &k["srcfile"]).lines().map(numbers).collect();
    for row in text(folder.path(), &k["disfile"]).lines().map(numbers) {
        assert!((row[1..].iter().sum::<f64>() - 30.0).abs() < 1e-9 && row.len() == sources.len() + 1);
    }
    expect_finding(&findings(&ended), "EXP-002", "warning", "scenario-inertial.toml", "boundary[0]");
    let (folder, _) = exported("lisflood", &case("sw_lake_at_rest/scenario-inertial.toml"), 0);
    let start = text(folder.path(), "case.start.ascii");
    let wet = start
        .lines()
        .skip(6)
        .flat_map(|l| l.split(' ').collect::<Vec<_>>())
        .filter(|w| w.parse::<f64>().unwrap() > 0.0);
    assert_eq!(wet.count(), 9526);
    assert_eq!(text(folder.path(), "case.stage").lines().next(), Some("2"));
}

#[test]
fn what_a_model_cannot_take_is_named() {
    let district = SmallDistrict::new();
    let (_folder, ended) = exported("sfincs", &district.scenario(), 3);
    let found = expect_finding(&findings(&ended), "EXP-001", "error", "scenario.toml", "layers");
    assert!(found["message"]["en"].as_str().unwrap().contains("pumps"), "{found}");
}
