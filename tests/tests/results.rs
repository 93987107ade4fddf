//! Results on request through the real binary: further depths, ebb, depth × speed, hazard rating, sources of the water.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use serde_json::Value;
use std::path::Path;

/// A level basin of 20 × 10 cells, closed: an inflow in its west, rain on it.
fn basin(folder: &Path, more: &str) {
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    put(
        "dataset.toml",
        "format = 1\nid = \"basin\"\nname = { zh = \"池\", en = \"Basin\" }\ncrs = \"EPSG:4549\"\nvertical_datum = \"local\"\n\
         origin = \"synthetic\"\n[terrain]\nelevation = 5.0\nroughness = 0.03\n",
    );
    let square = |id: &str, west: f64, east: f64| {
        format!(
            "{{\"type\":\"Feature\",\"properties\":{{\"id\":\"{id}\"}},\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":\
             [[[{west},3345000],[{east},3345000],[{east},3345100],[{west},3345100],[{west},3345000]]]}}}}"
        )
    };
    let regions = [square("西片", 510_000.0, 510_100.0), square("东片", 510_100.0, 510_200.0)].join(",");
    put(
        "regions.geojson",
        &format!(
            "{{\"type\":\"FeatureCollection\",\"crs\":{{\"type\":\"name\",\"properties\":{{\"name\":\"urn:ogc:def:crs:EPSG::4549\"}}}},\"features\":[{regions}]}}"
        ),
    );
    put(
        "scenario.toml",
        &format!(
            "format = 1\nid = \"basin\"\ntitle = {{ zh = \"池\", en = \"Basin\" }}\nkind = \"benchmark\"\ndataset = \".\"\n\
             start = 2000-01-01T00:00:00Z\nduration_s = 3600\n[grid]\ncell_m = 10.0\nextent = [510000, 3345000, 510200, 3345100]\n\
             [[rain]]\nkind = \"uniform\"\nmm_h = 100\n\
             [[boundary]]\nkind = \"inflow\"\nid = \"river\"\nm3_s = 1\nwhere = {{ point = [510015.0, 3345055.0] }}\n\
             [[gauge]]\nid = \"W\"\nx = 510035.0\ny = 3345055.0\n[[gauge]]\nid = \"E\"\nx = 510195.0\ny = 3345055.0\n{more}\n"
        ),
    );
}

fn simulate(more: &str, code: i32) -> (tempfile::TempDir, Vec<Value>) {
    let folder = dayu_tests::temporary();
    basin(folder.path(), more);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let ended = run_dayu(&["simulate", &at("scenario.toml"), "--out", &at("out"), "--json"], 120).expect_code(code);
    let found = findings(&ended);
    (folder, found)
}

#[test]
fn rasters_are_written_when_they_are_asked_for() {
    let asked = "[output]\nrasters = [\"arrival\", \"duration\", \"ebb\", \"max_dv\", \"max_hr\", \"peak_time\"]\n\
                 arrival_depths_m = [0.05, 0.2]\ndebris = \"urban\"\n[losses]\ndrain_capacity_mm_h = 20";
    for solver in ["scheme = \"inertial\"", "scheme = \"dynamic\""] {
        let (folder, found) = simulate(&format!("{asked}\n[solver]\n{solver}"), 0);
        expect_finding(&found, "SIM-191", "info", "", "");
        for name in [
            "arrival",
            "arrival_0.05m",
            "arrival_0.2m",
            "duration",
            "duration_0.05m",
            "duration_0.2m",
            "ebb",
            "ebb_0.05m",
            "ebb_0.2m",
            "max_dv",
            "max_hr",
            "peak_time",
        ] {
            assert!(folder.path().join(format!("out/{name}.tif")).exists(), "{solver} {name}");
        }
        assert!(
            !folder.path().join("out/max_depth.tif").exists() && !folder.path().join("out/attribution.csv").exists()
        );
    }
}

#[test]
fn the_sources_of_the_water_are_told() {
    let asked = "[attribution]\nregions = \"regions.geojson\"\n[output]\ninterval_s = 600\nrasters = []";
    let (folder, _) = simulate(asked, 0);
    let text = std::fs::read_to_string(folder.path().join("out/attribution.csv")).unwrap();
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("time_s,id,source,share"));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    let share = |gauge: &str, source: &str| {
        let row = rows.iter().rfind(|r| r[1] == gauge && r[2] == source).unwrap();
        row[3].parse::<f64>().unwrap()
    };
    for gauge in ["W", "E"] {
        let all: f64 = ["西片", "东片", "river", "initial"].iter().map(|s| share(gauge, s)).sum();
        assert!((all - 1.0).abs() < 1e-12, "{gauge} {all}");
    }
    assert!(share("W", "river") > share("E", "river") && share("E", "东片") > share("W", "东片"));
    // The first rows stand before the first water.
    assert_eq!(rows[0][3], "");
    let summary: Value =
        serde_json::from_slice(&std::fs::read(folder.path().join("out/summary.json")).unwrap()).unwrap();
    let sources = summary["attribution"].as_array().unwrap();
    let total = |key: &str| sources.iter().map(|s| s[key].as_f64().unwrap()).sum::<f64>();
    assert!((total("entered_m3") - 3600.0 - 2000.0).abs() < 1.0, "{sources:#?}");
    assert!((total("entered_m3") - total("stored_m3") - total("gone_m3")).abs() < 1e-3);
}

#[test]
fn an_attribution_that_cannot_be_told_is_refused() {
    let refuse = |more: &str, code: &str| {
        let (folder, found) = simulate(more, 1);
        assert!(!folder.path().join("out").exists());
        expect_finding(&found, code, "error", "", "");
    };
    refuse("[attribution]\nboundaries = [\"lake\"]", "SCN-252");
    refuse("[attribution]\nregions = \"regions.geojson\"\nid_field = \"code\"", "RUN-200");
    refuse("[attribution]\n[solver]\nscheme = \"dynamic\"", "SCN-010");
}
