//! A typhoon through the binary: wind at every object, landfall, signals proposed and official, and tracks that must be refused.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::{SmallDistrict, placed};
use serde_json::Value;

/// A constructed storm that comes ashore at 120.7° E about an hour after the start (06:00 UTC) and passes north of the district
/// (120.1° E, 30.2° N) some hours later.
const TRACK: &str = "66666 2101    4 0001 2101 0 6 Toy                              20220101\n\
    2021073000 6 303 1230  930      60\n\
    2021073006 6 303 1210  930      60\n\
    2021073012 6 303 1190  935      55\n\
    2021073018 5 303 1170  950      45\n";

/// Land west of 120.7° E.
const LAND: &str = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",
    "coordinates":[[[115.0,28.0],[120.7,28.0],[120.7,33.0],[115.0,33.0],[115.0,28.0]]]}}]}"#;

fn with_track(track: &str) -> SmallDistrict {
    let district = SmallDistrict::new();
    district.put("scenarios/storm/track.txt", track.as_bytes());
    district.put("scenarios/storm/land.geojson", LAND.as_bytes());
    district.append(
        "scenarios/storm/scenario.toml",
        "\n[typhoon]\ntrack = \"track.txt\"\nstorm = \"2101\"\nland = \"land.geojson\"\n",
    );
    district
}

fn with_cranes_and_vessels() -> SmallDistrict {
    let district = with_track(TRACK);
    for (layer, id, name, site) in
        [("cranes", "TD-1", "北镇塔吊", "塔式起重机"), ("vessels", "CB-1", "南镇泊位", "货船")]
    {
        let row = placed(id, name, 800.0, 400.0);
        district.put(&format!("data/{layer}.csv"), format!("id,name,x,y,site,amount\n{row},{site},1\n").as_bytes());
        district
            .append("data/dataset.toml", &format!("\n[layers.{layer}]\npath = \"{layer}.csv\"\ncrs = \"EPSG:4549\"\n"));
    }
    district.replace(
        "scenarios/storm/scenario.toml",
        "duration_s = 7200",
        "duration_s = 7200\nsignals = \"signals.csv\"",
    );
    district.put(
        "scenarios/storm/signals.csv",
        b"time,area,kind,colour\n2021-07-30T13:00:00+08:00,\xe5\x8d\x97\xe9\x95\x87,typhoon,blue\n",
    );
    district
}

/// Rows of a CSV without quoted fields by their headings.
fn rows(text: &str) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let heads: Vec<String> = lines.next().unwrap().split(',').map(String::from).collect();
    lines.map(|l| heads.iter().cloned().zip(l.split(',').map(String::from)).collect()).collect()
}

#[test]
fn wind_landfall_and_signals_reach_list_table_and_files() {
    let district = with_cranes_and_vessels();
    let out = district.argument("out");
    run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);

    let wind = rows(&district.text("out/simulation/wind.csv"));
    let of = |id: &str| wind.iter().find(|r| r["object_id"] == id).unwrap_or_else(|| panic!("no wind at {id}"));
    for id in ["JS-1", "WF-1", "GP-1", "BN-1", "TD-1", "CB-1", "DL-001"] {
        let row = of(id);
        // Whatever is reached is reached in the order of the forces, and the peak is not before.
        let times: Vec<f64> = [6, 7, 8, 10].map(|g| row[&format!("wind_{g}_time_s")].parse().unwrap()).to_vec();
        assert!(times.windows(2).all(|w| w[0] <= w[1]) && times[3] > 0.0, "{row:?}");
        assert!(row["peak_time_s"].parse::<f64>().unwrap() >= times[3] && row["complete"] == "1", "{row:?}");
    }

    let list = district.text("out/package/II/list.json");
    let said: Value = serde_json::from_str(&list).unwrap();
    let lines: Vec<&str> = said["situation"].as_array().unwrap().iter().map(|l| l["zh"].as_str().unwrap()).collect();
    let line = |words: &str| lines.iter().find(|l| l.contains(words)).unwrap_or_else(|| panic!("{words}: {lines:#?}"));
    // 0.3° of the 2° of six hours: ashore 54 min after the start.
    assert!(line("登陆").contains("登陆 07-30 14:5"), "{}", line("登陆"));
    assert!(line("登陆").contains("内陆地面"), "{}", line("登陆"));
    // Official signals stand alone; what the wind calls for is said to be no official signal, per town.
    assert!(line("官方发布）").contains("南镇") && line("官方发布）").contains("蓝"), "{lines:#?}");
    let proposed = line("按风力模型推算");
    assert!(
        proposed.contains("南镇 台风预警信号")
            && proposed.contains("北镇 台风预警信号")
            && proposed.contains("非官方发布")
    );
    let signals = rows(&district.text("out/simulation/proposed_signals.csv"));
    let typhoon: Vec<_> = signals.iter().filter(|r| r["kind"] == "typhoon").collect();
    assert_eq!(typhoon.iter().map(|r| r["area"].as_str()).collect::<Vec<_>>(), ["南镇", "北镇"]);
    assert!(
        signals.iter().all(|r| r["official"] == "0") && typhoon.iter().all(|r| r["colour"] != "blue"),
        "{signals:?}"
    );

    // Cranes and vessels: coloured by the wind, with the hours of its forces, and what to do.
    let table = rows(&district.text("out/package/II/table.csv"));
    for (id, order) in [("TD-1", "停止塔吊"), ("CB-1", "船舶回港")] {
        let row = table.iter().find(|r| r["object_id"] == id && r["action"].contains(order));
        let row = row.unwrap_or_else(|| panic!("no order for {id}"));
        assert_eq!(
            (row["indicator"].as_str(), row["unit"].as_str(), row["mark"].as_str()),
            ("平均风速", "m/s", "系统默认")
        );
        assert!(
            row["value"].parse::<f64>().unwrap() > 20.0 && row["wind_10_time"].starts_with("2021-07-30T1"),
            "{row:?}"
        );
        assert!(["橙", "红"].contains(&row["colour"].as_str()), "{row:?}");
    }
    let colours = line("风险对象");
    assert!(colours.contains("塔吊") && colours.contains("船舶"), "{colours}");
    let page = district.text("out/package/II/map.html");
    assert!(page.contains("TD-1") && page.contains("CB-1"));
}

#[test]
fn without_a_track_nothing_is_said_of_wind() {
    let district = with_cranes_and_vessels();
    let text = district.text("scenarios/storm/scenario.toml");
    district.put("scenarios/storm/scenario.toml", text[..text.find("[typhoon]").unwrap()].as_bytes());
    let out = district.argument("out");
    run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);
    assert!(!district.at("out/simulation/wind.csv").exists());
    let list = district.text("out/package/II/list.json");
    assert!(!list.contains("平均风 0") && !list.contains("按风力模型推算"), "unknown wind is not calm");
    let table = rows(&district.text("out/package/II/table.csv"));
    let crane =
        table.iter().find(|r| r["object_id"] == "TD-1").expect("an object of which nothing is known is looked after");
    assert_eq!((crane["colour"].as_str(), crane["value"].as_str(), crane["wind_10_time"].as_str()), ("未知", "", ""));
}

#[test]
fn tracks_that_cannot_be_are_refused_with_their_row() {
    let lines: Vec<&str> = TRACK.lines().collect();
    let one = format!("{}\n{}\n", lines[0], lines[1]);
    let back = TRACK.replace("2021073012", "2021073003");
    let filled = TRACK.replace("303 1190", "-32768 -32768");
    let cut = TRACK.replace("2021073012 6 303 1190", "2021073012 6 303");
    for (track, code, place) in [
        (one.as_str(), "TRK-001", ""),
        (&back, "TRK-002", "row 4"),
        (&filled, "TRK-003", "row 4"),
        (&cut, "TRK-022", "row 4"),
        ("no track at all\n", "TRK-020", ""),
    ] {
        let district = with_track(track);
        let out = district.argument("out");
        let ended = run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II", "--json"], 120);
        expect_finding(&findings(&ended.expect_code(1)), code, "error", "track.txt", place);
        assert!(!district.at("out").exists());
    }
}

#[test]
fn fill_values_of_a_track_are_unknown_and_named() {
    let district = with_track(&TRACK.replace("930      60", "9.96921e36 60"));
    let out = district.argument("out");
    let ended = run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II", "--json"], 300).expect_code(0);
    let manifest: Value = serde_json::from_str(&district.text("out/package/II/manifest.json")).unwrap();
    let said = manifest["findings"].as_array().unwrap();
    let found = expect_finding(said, "TRK-007", "warning", "track.txt", "row 2");
    assert!(found["message"]["en"].as_str().unwrap().starts_with("2 value(s)"), "{found} {ended:?}");
}

#[test]
fn land_must_be_polygons() {
    let district = with_track(TRACK);
    district.put(
        "scenarios/storm/land.geojson",
        br#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"LineString","coordinates":[[120.7,28.0],[120.7,33.0]]}}]}"#,
    );
    let out = district.argument("out");
    let ended = run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II", "--json"], 120);
    expect_finding(&findings(&ended.expect_code(1)), "TRK-033", "error", "land.geojson", "land");
}

#[test]
fn wind_closes_bridges() {
    let closed = |track: bool| {
        let district = if track { with_track(TRACK) } else { SmallDistrict::new() };
        district.replace(
            "data/roads.geojson",
            "\"name\":\"测试路001\",\"class\":\"residential\"",
            "\"name\":\"测试路001\",\"class\":\"residential\",\"bridge\":true",
        );
        let out = district.argument("out");
        run_dayu(&["run", &district.scenario(), "--out", &out, "--levels", "II"], 300).expect_code(0);
        district.text("out/evacuation/change_events.xml")
    };
    assert!(closed(true).contains("DL-001@"), "the bridge closes at Beaufort 10");
    assert!(!closed(true).contains("DL-011@"), "wind closes no other road");
    assert!(!closed(false).contains("DL-001@"), "without wind the bridge stays open");
}
