//! `dayu data scores`: the scores of a file of pairs are those of other software, beside persistence, with n and intervals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::{expect_finding, findings};
use dayu_tests::process::run_dayu;
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
