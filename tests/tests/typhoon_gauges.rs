//! A typhoon's rain held to gauges: what was measured reaches the model, whatever the track knows.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::process::run_dayu;
use dayu_tests::small_district::SmallDistrict;
use serde_json::Value;

/// A constructed storm over the district that is known until an hour after the start (06:00 UTC) of the two hours of the run.
const SHORT: &str = "66666 2101    3 0001 2101 0 6 Toy                              20220101\n\
    2021073000 6 303 1230  930      60\n\
    2021073006 6 303 1210  930      60\n\
    2021073007 6 303 1200  930      60\n";
/// The same, known throughout.
const LONG: &str = "66666 2101    3 0001 2101 0 6 Toy                              20220101\n\
    2021073000 6 303 1230  930      60\n\
    2021073006 6 303 1210  930      60\n\
    2021073012 6 303 1190  935      55\n";

/// Rain of the track held to one gauge in the middle; its findings, and rain of each five minutes, mm.
fn simulated(track: &str, series: &str, code: i32) -> (Vec<Value>, Vec<f64>) {
    let district = SmallDistrict::new();
    let scenario = "scenarios/storm/scenario.toml";
    let merged = "kind = \"typhoon\"\ntrack = \"track.txt\"\nstorm = \"2101\"\nmodel = \"rcliper\"\nmerge = \"conditional\"\nstations = \"stations.csv\"\nseries = \"measured.csv\"\n";
    district.replace(scenario, "kind = \"uniform\"\nseries = \"rain.csv\"\n", merged);
    district.replace(scenario, "interval_s = 600", "interval_s = 300");
    district.put("scenarios/storm/track.txt", track.as_bytes());
    district.put("scenarios/storm/stations.csv", b"id,x,y\nS,510600,3345600\n");
    district.put("scenarios/storm/measured.csv", format!("time_s,S\n{series}").as_bytes());
    let out = district.at("out");
    let arguments = ["simulate", &district.scenario(), "--out", out.to_str().unwrap(), "--json"];
    let ended = run_dayu(&arguments, 120).expect_code(code);
    let balance = std::fs::read_to_string(out.join("balance.csv")).unwrap();
    let sums: Vec<f64> =
        balance.lines().skip(1).map(|l| l.split(',').nth(1).unwrap().parse::<f64>().unwrap() / 1440.0).collect();
    let steps = sums.windows(2).map(|w| w[1] - w[0]).collect();
    (ended.json()["findings"].as_array().unwrap().clone(), steps)
}

fn has(found: &[Value], code: &str, severity: &str) -> bool {
    found.iter().any(|f| f["code"] == code && f["severity"] == severity)
}

#[test]
fn measured_rain_outlives_a_track_that_ends() {
    let (found, steps) = simulated(SHORT, "0,45\n7200,0\n", 0);
    let total: f64 = steps.iter().sum();
    // Within the hour that the track knows its shape tilts the field about the gauge by a little.
    assert!((total - 90.0).abs() < 0.05, "90 mm were measured, {total} mm rained");
    assert!(!has(&found, "SCN-207", "error"), "{found:?}");
    assert!(
        found
            .iter()
            .any(|f| f["code"] == "RUN-057" && f["message"]["en"].as_str().unwrap().contains("by the gauges alone"))
    );
}

#[test]
fn a_cloudburst_of_five_minutes_keeps_its_peak() {
    let (found, steps) = simulated(LONG, "0,20\n1500,200\n1800,20\n7200,0\n", 0);
    let wettest = steps.iter().copied().fold(0.0, f64::max);
    assert!((wettest - 200.0 / 12.0).abs() < 0.01, "{wettest} mm in five minutes of 16.7 measured");
    // The gauge holds every row: nothing of the climatology is left alone.
    assert!(!has(&found, "TRK-032", "warning") && has(&found, "RUN-057", "info"), "{found:?}");
}

#[test]
fn where_the_gauges_are_silent_the_climatology_is_named() {
    let (found, steps) = simulated(LONG, "0,20\n1800,\n3600,20\n7200,0\n", 0);
    assert!(has(&found, "TRK-032", "warning") && has(&found, "RUN-057", "warning"), "{found:?}");
    assert!(steps[7] > 0.0, "the profile stands where no gauge reports");
    // Neither track nor gauge: unknown, and said.
    let (found, _) = simulated(SHORT, "0,20\n3600,\n7200,0\n", 3);
    assert!(has(&found, "SCN-207", "error"), "{found:?}");
}
