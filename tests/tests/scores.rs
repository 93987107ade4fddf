//! `dayu data scores`: the scores of a file of pairs are those of other software, beside persistence, with n and intervals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::{CORNER, SmallDistrict};
use serde_json::Value;
use std::fmt::Write;

/// 40 events of two hours each with 9 members; the second hour repeats the first, half as high.
fn pairs() -> String {
    let mut text = String::from("event,place,quantity,valid_unix_s,lead_s,observed,forecast,persistence");
    (1..=9).for_each(|k| write!(text, ",member_{k}").unwrap());
    text.push('\n');
    for i in 0..40_u32 {
        let members: Vec<f64> = (0..9).map(|j| f64::from((i * 37 + j * 61) % 101) / 2.0).collect();
        let observed = f64::from((i * 53 + 7) % 97) / 2.0;
        write!(text, "e{i:02},P,rain_1h_mm,{},3600,{observed},,0", 1_000_000 * i).unwrap();
        members.iter().for_each(|m| write!(text, ",{m}").unwrap());
        text.push('\n');
    }
    text
}

fn scored(text: &str, more: &[&str]) -> (dayu_tests::process::Ended, tempfile::TempDir) {
    let folder = dayu_tests::temporary();
    let file = folder.path().join("pairs.csv");
    std::fs::write(&file, text).unwrap();
    let out = folder.path().join("out");
    let mut arguments = vec!["data", "scores", file.to_str().unwrap(), "--threshold", "20", "--json"];
    arguments.extend(["--out", out.to_str().unwrap()]);
    arguments.extend(more);
    (run_dayu(&arguments, 60), folder)
}

/// properscoring 0.1 (`crps_ensemble`, `brier_score`) and scikit-learn (`roc_auc_score`, `recall_score`, `precision_score`,
/// `jaccard_score`) on the same 40 ensembles.
#[test]
fn scores_are_those_of_other_software() {
    let (ended, folder) = scored(&pairs(), &[]);
    let summary: Value = serde_json::from_str(&ended.expect_code(0).stdout).unwrap();
    let lead = &summary["leads"][0];
    assert_eq!((&lead["pairs"], &lead["events"], &lead["too_few"]), (&40.into(), &40.into(), &false.into()));
    for (name, expected) in [
        ("crps", 8.432_253_086_419_752),
        ("brier", 0.233_024_691_358_024_73),
        ("roc_area", 0.684_343_434_343_434_3),
        ("pod", 1.0),
        ("far", 0.45),
        ("csi", 0.55),
    ] {
        let score = &lead["scores"]["forecast"][name];
        assert!((score["value"].as_f64().unwrap() - expected).abs() < 1e-12, "{name} {score}");
        let (low, high) = (score["interval"][0].as_f64().unwrap(), score["interval"][1].as_f64().unwrap());
        assert!(low <= expected && expected <= high, "{name} {score}");
    }
    // Persistence of nothing warns of nothing.
    assert_eq!(lead["scores"]["persistence"]["pod"]["value"], 0.0);
    let out = folder.path().join("out");
    let scores = std::fs::read_to_string(out.join("scores.csv")).unwrap();
    assert!(scores.lines().any(|l| l.starts_with("rain_1h_mm,3600,persistence,crps,")), "{scores}");
    let reliability = std::fs::read_to_string(out.join("reliability.csv")).unwrap();
    let counted: u32 = reliability.lines().skip(1).map(|l| l.split(',').nth(4).unwrap().parse::<u32>().unwrap()).sum();
    assert_eq!(counted, 40);
}

/// By hand: peaks of three-hour courses; the forecast is one hour late in one event and right in the other, persistence two hours
/// early and one hour late.
#[test]
fn times_of_peaks_by_hand() {
    let mut text = String::from("event,place,quantity,valid_unix_s,lead_s,observed,forecast,persistence\n");
    let courses = [
        ("a", [1.0, 30.0, 5.0], [1.0, 5.0, 25.0], [9.0, 8.0, 7.0]),
        ("b", [2.0, 5.0, 40.0], [0.0, 1.0, 44.0], [50.0, 3.0, 4.0]),
    ];
    for (event, observed, forecast, persistence) in courses {
        for h in 0..3 {
            writeln!(text, "{event},P,rain_1h_mm,{},7200,{},{},{}", h * 3600, observed[h], forecast[h], persistence[h])
                .unwrap();
        }
    }
    let (ended, folder) = scored(&text, &[]);
    // Two events are too few: said, and never an error of the program.
    let summary: Value = serde_json::from_str(&ended.expect_code(0).stdout).unwrap();
    let lead = &summary["leads"][0];
    assert_eq!(lead["too_few"], true);
    assert_eq!(lead["scores"]["forecast"]["peak_time_error_s"]["value"], 1800.0);
    assert_eq!(lead["scores"]["persistence"]["peak_time_error_s"]["value"], 5400.0);
    let peaks = std::fs::read_to_string(folder.path().join("out/peaks.csv")).unwrap();
    assert!(
        peaks.contains("rain_1h_mm,7200,a,P,forecast,-5,3600")
            && peaks.contains("rain_1h_mm,7200,b,P,persistence,10,-7200"),
        "{peaks}"
    );
}

#[test]
fn bad_pairs_are_refused_with_their_place() {
    let good = pairs();
    for (text, code, field) in [
        (good.replace("persistence", "persist"), "VER-030", "persistence"),
        (good.replacen(",3600,", ",soon,", 1), "VER-031", "lead_s"),
        (good.replace(",,0,", ",,,"), "VER-032", ""),
    ] {
        let (ended, folder) = scored(&text, &[]);
        let ended = ended.expect_code(1);
        let found = expect_finding(&findings(&ended), code, "error", "pairs.csv", "");
        assert!(field.is_empty() || found["field"] == field, "{found}");
        assert!(!folder.path().join("out").exists());
    }
    let repeated = format!("{good}{}\n", good.lines().last().unwrap());
    let (ended, _) = scored(&repeated, &[]);
    expect_finding(&findings(&ended.expect_code(1)), "VER-033", "error", "pairs.csv", "42");
}

#[test]
fn pairs_of_a_forecast_are_made_and_scored() {
    let district = SmallDistrict::new();
    let scenario = "scenarios/storm/scenario.toml";
    district.replace(scenario, "kind = \"replay\"", "kind = \"forecast\"");
    district.append(scenario, "\n[ensemble]\nmembers = 5\nmethod = \"rain-scaling\"\n");
    let at = |x: f64, y: f64| format!("{},{}", CORNER.0 + x, CORNER.1 + y);
    district.put("stations.csv", format!("id,x,y\nA,{}\nB,{}\n", at(100.0, 100.0), at(900.0, 900.0)).as_bytes());
    // The hour before, and the two of the run; the second hour of B was not measured.
    district.put("observed.csv", b"time_s,A,B\n-3600,10,4\n0,50,60\n3600,30,\n7200,0,\n");
    let (stations, observed, out) =
        (district.argument("stations.csv"), district.argument("observed.csv"), district.argument("pairs"));
    let make = |scenario: &str, code: i32| {
        let arguments = ["--stations", &stations, "--observed", &observed, "--out", &out, "--json"];
        run_dayu(&[&["data", "pairs", scenario][..], &arguments].concat(), 120).expect_code(code)
    };
    let summary = make(&district.scenario(), 0).json();
    assert_eq!((&summary["pairs"], &summary["known"], &summary["members"]), (&4.into(), &3.into(), &5.into()));
    let text = district.text("pairs/pairs.csv");
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    assert_eq!(heads.last(), Some(&"member_5"));
    let rows: Vec<Vec<&str>> = lines.map(|l| l.split(',').collect()).collect();
    // 20 and 90 mm/h for half an hour each, then 90 and 0: 55 and 45 mm.
    let of = |row: usize, head: &str| rows[row][heads.iter().position(|h| *h == head).unwrap()];
    let number = |row: usize, head: &str| of(row, head).parse::<f64>().unwrap();
    for (row, place, observed, forecast, persistence) in
        [(0, "A", 50.0, 55.0, 10.0), (1, "A", 30.0, 45.0, 10.0), (2, "B", 60.0, 55.0, 4.0)]
    {
        assert_eq!((of(row, "place"), of(row, "quantity")), (place, "rain_1h_mm"));
        assert!((number(row, "observed") - observed).abs() < 1e-9 && (number(row, "forecast") - forecast).abs() < 1e-9);
        assert!((number(row, "persistence") - persistence).abs() < 1e-9);
        // The unchanged member is the forecast; the others are it times their factor.
        assert!((number(row, "member_1") - forecast).abs() < 1e-9 && number(row, "member_2") != forecast);
    }
    assert_eq!((of(3, "place"), of(3, "observed")), ("B", ""), "what was not measured is no dry hour");
    assert_eq!((number(0, "lead_s"), number(1, "lead_s")), (3600.0, 7200.0));
    // They are what scores reads.
    let file = district.argument("pairs/pairs.csv");
    let scored =
        run_dayu(&["data", "scores", &file, "--threshold", "40", "--out", &district.argument("scores"), "--json"], 60);
    let scored = scored.expect_code(0).json();
    assert_eq!(scored["leads"][0]["pairs"], 2, "{scored}");
    assert_eq!(scored["leads"][0]["scores"]["forecast"]["pod"]["value"], 1.0, "{scored}");
    // A replay forecasts nothing.
    district.replace(scenario, "kind = \"forecast\"", "kind = \"replay\"");
    let refused = run_dayu(
        &[
            "data",
            "pairs",
            &district.scenario(),
            "--stations",
            &stations,
            "--observed",
            &observed,
            "--out",
            &district.argument("none"),
            "--json",
        ],
        120,
    );
    expect_finding(&findings(&refused.expect_code(1)), "VER-040", "error", "scenario.toml", "");
}
