//! `dayu evacuate` through the binary: bad rows, policies, a plan made again, a plan for many members, each verified from its folder.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::process::run_dayu;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// s070 without the figures of its header, so that its rows may be changed.
fn s070(folder: &Path) -> PathBuf {
    let data = dayu_tests::repository().join("engine/evacuation/tests/data");
    for part in ["demand.csv", "shelters.csv"] {
        std::fs::copy(data.join(format!("s070.{part}")), folder.join(format!("s070.{part}"))).unwrap();
    }
    let mut header: Value = serde_json::from_slice(&std::fs::read(data.join("s070.json")).unwrap()).unwrap();
    for key in ["n_demand", "n_shelter", "people", "capacity", "arcs", "arcs_sha256"] {
        header.as_object_mut().unwrap().remove(key);
    }
    std::fs::write(folder.join("s070.json"), header.to_string()).unwrap();
    folder.join("s070.json")
}

fn edit(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> = std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn evacuate(problem: &Path, out: &Path, more: &[&str], code: i32) -> Value {
    let mut arguments = vec!["evacuate", problem.to_str().unwrap(), "--out", out.to_str().unwrap(), "--json"];
    arguments.extend(more);
    run_dayu(&arguments, 120).expect_code(code).json()
}

fn verify(answer: &Path, code: i32) {
    run_dayu(&["evacuate", "--verify", answer.to_str().unwrap(), "--json"], 60).expect_code(code);
}

#[test]
fn bad_rows_are_named_and_the_rest_is_placed() {
    let folder = dayu_tests::temporary();
    let problem = s070(folder.path());
    edit(&folder.path().join("s070.demand.csv"), |lines| {
        lines[3] = lines[3].rsplitn(3, ',').nth(2).unwrap().to_owned() + ",-5,0";
        let twice = lines[7].clone();
        lines.push(twice);
        lines.push("9999,1,1,1000000000000,0".into());
    });
    edit(&folder.path().join("s070.shelters.csv"), |lines| {
        lines[2] = lines[2].rsplit_once(',').unwrap().0.to_owned() + ",-1"
    });
    let summary = evacuate(&problem, &folder.path().join("out"), &[], 3);
    let codes: Vec<&str> =
        summary["findings"].as_array().unwrap().iter().map(|f| f["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["EVA-016", "EVA-001", "EVA-016", "EVA-016"]);
    assert_eq!((&summary["unplaced"], &summary["gap"]), (&0.into(), &0.into()));
    verify(&folder.path().join("out"), 0);
}

#[test]
fn a_closed_shelter_moves_its_people_and_nobody_else() {
    let folder = dayu_tests::temporary();
    let problem = s070(folder.path());
    let old = folder.path().join("old");
    evacuate(&problem, &old, &[], 0);
    let plan = std::fs::read_to_string(old.join("plan.csv")).unwrap();
    let rows: Vec<Vec<&str>> = plan.lines().skip(1).map(|line| line.split(',').collect()).collect();
    // What the first row ordered is carried out; the shelter of the last row closes.
    let closed = rows.last().unwrap()[1];
    assert_ne!(rows[0][1], closed);
    let moved: u64 = rows[0][2].parse().unwrap();
    std::fs::write(folder.path().join("s070.done.csv"), format!("demand,shelter,people\n{}\n", rows[0][..3].join(",")))
        .unwrap();
    edit(&folder.path().join("s070.shelters.csv"), |lines| {
        let row = lines.iter_mut().find(|line| line.starts_with(&format!("{closed},"))).unwrap();
        *row = row.rsplit_once(',').unwrap().0.to_owned() + ",0";
    });
    std::fs::write(folder.path().join("s070.members.csv"), "member,shelter,capacity\n1,,\n2,0,0\n3,4,10\n").unwrap();
    let there: u64 = rows.iter().filter(|row| row[1] == closed).map(|row| row[2].parse::<u64>().unwrap()).sum();
    let new = folder.path().join("new");
    let again = ["--from", old.to_str().unwrap(), "--within", "0.02", "--threads", "1"];
    let summary = evacuate(&problem, &new, &again, 0);
    let replan = &summary["replan"];
    assert_eq!(replan["people_already_moved"], moved);
    assert_eq!(replan["people_changed"], there, "{replan}");
    assert_eq!(replan["people_kept"], replan["people_kept_at_most"], "{replan}");
    let changes = std::fs::read_to_string(new.join("changes.csv")).unwrap();
    let told = |line: &str| line.split(',').nth(1) == Some(closed) && line.ends_with(",shelter_closed");
    assert!(changes.lines().skip(1).all(told), "{changes}");
    let robust = &summary["robust"]["expected_without_bed"];
    assert!(robust["robust_plan"].as_f64() <= robust["nominal_plan"].as_f64(), "{robust}");
    verify(&new, 0);
    // The same bytes with other threads.
    let two = folder.path().join("two");
    evacuate(&problem, &two, &["--from", old.to_str().unwrap(), "--within", "0.02", "--threads", "2"], 0);
    let files =
        ["plan.csv", "unplaced.csv", "certificate.csv", "shelters.csv", "changes.csv", "change_certificate.csv"];
    for file in files.into_iter().chain(["robust_plan.csv", "robust_certificate.csv", "members.csv"]) {
        assert_eq!(std::fs::read(new.join(file)).unwrap(), std::fs::read(two.join(file)).unwrap(), "{file}");
    }
    // A number changed anywhere is seen.
    for file in
        ["plan.csv", "change_certificate.csv", "robust_plan.csv", "problem/s070.before.csv", "problem/s070.done.csv"]
    {
        let text = std::fs::read_to_string(new.join(file)).unwrap();
        let last = text.trim_end().rsplit_once(['\n', ',']).unwrap().1;
        let changed = text.trim_end().strip_suffix(last).unwrap().to_owned() + "7654321\n";
        std::fs::write(new.join(file), changed).unwrap();
        verify(&new, 1);
        std::fs::write(new.join(file), text).unwrap();
    }
    verify(&new, 0);
}
