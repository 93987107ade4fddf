//! Culverts through the real binary: two basins that only the link joins.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// Cells of 10 m: 21 × 10, the column in the middle a wall; 2 m of water west of it.
fn basins(folder: &Path, grid: &str, solver: &str, link: &str) {
    let raster = |wall: &str, west: &str, east: &str| {
        let row = [vec![west; 10], vec![wall], vec![east; 10]].concat().join(" ");
        let mut text = "ncols 21\nnrows 10\nxllcorner 0\nyllcorner 0\ncellsize 10\nNODATA_value -9999\n".to_string();
        (0..10).for_each(|_| writeln!(text, "{row}").unwrap());
        text
    };
    let put = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    put("dem.asc", raster("-9999", "5", "5"));
    put("h0.asc", raster("-9999", "2", "0"));
    put(
        "dataset.toml",
        "format = 1\nid = \"basins\"\nname = { zh = \"两池\", en = \"Two basins\" }\ncrs = \"local-metres\"\nvertical_datum = \"local\"\n\
         origin = \"synthetic\"\n[terrain]\nelevation = \"dem.asc\"\nroughness = 0.03\n"
            .to_string(),
    );
    put(
        "scenario.toml",
        format!(
            "format = 1\nid = \"basins\"\ntitle = {{ zh = \"两池\", en = \"Two basins\" }}\nkind = \"benchmark\"\ndataset = \".\"\n\
             start = 2000-01-01T00:00:00Z\nduration_s = 7200\n[grid]\n{grid}\n[initial]\ndepth = \"h0.asc\"\n[solver]\n{solver}\n\
             [output]\ninterval_s = 600\nrasters = [\"max_depth\"]\n[[gauge]]\nid = \"W\"\nx = 25.0\ny = 55.0\n\
             [[gauge]]\nid = \"E\"\nx = 185.0\ny = 55.0\n[[link]]\nkind = \"culvert\"\nid = \"C1\"\nwidth_m = 1.0\nheight_m = 1.0\n{link}\n"
        ),
    );
}

const THROUGH: &str = "from = [95.0, 55.0]\nto = [115.0, 55.0]\ninvert_m = 5.0";

/// Last value of a column where `id` fits.
fn last(file: &Path, id: &str, column: &str) -> f64 {
    let text = std::fs::read_to_string(file).unwrap();
    let mut rows = text.trim_start_matches('\u{feff}').lines().map(|l| l.split(',').collect::<Vec<_>>());
    let heading = rows.next().unwrap();
    let at = |name: &str| heading.iter().position(|h| *h == name).unwrap();
    rows.filter(|r| r[at("id")] == id).last().unwrap()[at(column)].parse().unwrap()
}

#[test]
fn a_culvert_levels_two_basins_under_every_scheme() {
    for (grid, solver) in [
        ("cell_m = 10.0", "scheme = \"inertial\""),
        ("cell_m = 10.0", "scheme = \"dynamic\""),
        ("cell_m = 30.0\nsubgrid_m = 10.0", "scheme = \"inertial\""),
    ] {
        let folder = dayu_tests::temporary();
        basins(folder.path(), grid, solver, THROUGH);
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        run_dayu(&["simulate", &at("scenario.toml"), "--out", &at("out")], 120).expect_code(0);
        let out = folder.path().join("out");
        let summary: Value = serde_json::from_slice(&std::fs::read(out.join("summary.json")).unwrap()).unwrap();
        assert!(summary["relative_volume_error"].as_f64().unwrap() < 1e-9, "{grid} {solver}: {summary}");
        // 10 000 m² on either side: 1 m each, after 10 000 m³ have passed.
        for gauge in ["W", "E"] {
            let depth_m = last(&out.join("gauges.csv"), gauge, "depth_m");
            assert!((depth_m - 1.0).abs() < 0.01, "{grid} {solver} {gauge}: {depth_m}");
        }
        let passed_m3 = last(&out.join("flows.csv"), "C1", "volume_m3");
        assert!((passed_m3 - 10_000.0).abs() < 100.0, "{grid} {solver}: {passed_m3}");
    }
}

#[test]
fn links_that_cannot_act_are_refused_or_named() {
    let refuse = |link: &str, code: &str| {
        let folder = dayu_tests::temporary();
        basins(folder.path(), "cell_m = 10.0", "scheme = \"inertial\"", link);
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        let ended = run_dayu(&["simulate", &at("scenario.toml"), "--out", &at("out"), "--json"], 120).expect_code(1);
        assert!(!folder.path().join("out").exists());
        expect_finding(&findings(&ended), code, "error", "", "");
    };
    refuse("from = [105.0, 55.0]\nto = [115.0, 55.0]\ninvert_m = 5.0", "SIM-150");
    refuse("from = [95.0, 55.0]\nto = [96.0, 56.0]\ninvert_m = 5.0", "SIM-150");
    refuse("from = [95.0, 55.0]\nto = [999.0, 55.0]\ninvert_m = 5.0", "RUN-150");
    // Two ends in the same water of a coarse cell: computed, and said.
    let folder = dayu_tests::temporary();
    let inside = "from = [35.0, 35.0]\nto = [55.0, 55.0]\ninvert_m = 5.0";
    basins(folder.path(), "cell_m = 30.0\nsubgrid_m = 10.0", "scheme = \"inertial\"", inside);
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    run_dayu(&["simulate", &at("scenario.toml"), "--out", &at("out")], 120).expect_code(0);
    let summary: Value = serde_json::from_slice(&std::fs::read(at("out/summary.json")).unwrap()).unwrap();
    let list = summary["findings"].as_array().unwrap();
    assert!(list.iter().any(|f| f["code"] == "SIM-153"), "{list:#?}");
}

#[test]
fn the_layer_links_of_a_district_is_computed_and_bad_rows_are_named() {
    let run = |csv: &str, code: i32| {
        let folder = dayu_tests::temporary();
        basins(folder.path(), "cell_m = 10.0", "scheme = \"inertial\"", THROUGH);
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
        let without_link = |text: String| text[..text.find("[[link]]").unwrap()].to_string();
        std::fs::write(at("scenario.toml"), without_link(std::fs::read_to_string(at("scenario.toml")).unwrap()))
            .unwrap();
        std::fs::write(at("links.csv"), csv).unwrap();
        let dataset = std::fs::read_to_string(at("dataset.toml")).unwrap() + "[layers.links]\npath = \"links.csv\"\n";
        std::fs::write(at("dataset.toml"), dataset).unwrap();
        run_dayu(&["simulate", &at("scenario.toml"), "--out", &at("out")], 120).expect_code(code);
        let summary: Value = serde_json::from_slice(&std::fs::read(at("out/summary.json")).unwrap()).unwrap();
        (folder, summary["findings"].as_array().unwrap().clone())
    };
    let heading = "id,kind,from_x,from_y,to_x,to_y,width_m,height_m,invert_m\n";
    let (folder, found) = run(&format!("{heading}C1,culvert,95,55,115,55,1,1,5\n"), 0);
    assert!(!found.iter().any(|f| f["severity"] == "error"), "{found:#?}");
    let passed_m3 = last(&folder.path().join("out/flows.csv"), "C1", "volume_m3");
    assert!((passed_m3 - 10_000.0).abs() < 100.0, "{passed_m3}");
    // A row that cannot be read is an error and leaves the rest; one beside the computed area is said.
    let rows = "C1,culvert,95,55,115,55,1,1,5\nC2,culvert,95,45,115,45,wide,1,5\nC3,weir,95,35,115,35,1,,\nC4,culvert,95,25,999,25,1,1,5\n";
    let (folder, found) = run(&format!("{heading}{rows}"), 3);
    let has = |code: &str, place: &str, field: &str| {
        found.iter().any(|f| {
            f["code"] == code
                && f["file"] == "links.csv"
                && f["place"].as_str().unwrap().contains(place)
                && f["field"] == field
        })
    };
    assert!(
        has("RUN-203", "row 3", "width_m") && has("RUN-204", "row 4", "invert_m") && has("RUN-205", "row 5", ""),
        "{found:#?}"
    );
    assert!(last(&folder.path().join("out/flows.csv"), "C1", "volume_m3") > 9_000.0);
}
