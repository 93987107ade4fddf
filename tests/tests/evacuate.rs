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
    verify_against(answer, &[], code);
}

/// Code of the only finding, empty where the answer holds.
fn verify_against(answer: &Path, more: &[&str], code: i32) -> Value {
    let mut arguments = vec!["evacuate", "--verify", answer.to_str().unwrap(), "--json"];
    arguments.extend(more);
    run_dayu(&arguments, 60).expect_code(code).json()
}

/// A problem p of tables: (ending, text).
fn tables(folder: &Path, header: &str, tables: &[(&str, &str)]) -> PathBuf {
    for (ending, text) in tables {
        std::fs::write(folder.join(format!("p.{ending}.csv")), text).unwrap();
    }
    std::fs::write(folder.join("p.json"), header).unwrap();
    folder.join("p.json")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

/// Rewrites a file of an answer, and what its summary says of it and of the figures in `set` (JSON pointers).
fn forge(answer: &Path, files: &[(&str, &str)], set: &[(&str, Value)]) {
    let mut summary: Value = serde_json::from_str(&read(&answer.join("summary.json"))).unwrap();
    for (file, text) in files {
        std::fs::write(answer.join(file), text).unwrap();
        if let Some(name) = file.strip_prefix("problem/") {
            summary["inputs"][name] = dayu_base::sha256_hex(text.as_bytes()).into();
        }
    }
    for (pointer, value) in set {
        *summary.pointer_mut(pointer).unwrap() = value.clone();
    }
    std::fs::write(answer.join("summary.json"), summary.to_string()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &there) } else { std::fs::copy(&path, &there).map(drop).unwrap() }
    }
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
    let expected = |plan: &str| robust[plan].as_f64().unwrap();
    assert!(expected("robust_plan") < expected("nominal_plan"), "{robust}");
    assert_eq!((expected("robust_plan"), expected("known")), (expected("least"), 0.0), "{robust}");
    assert!(summary["robust"]["price_person_metres"].as_i64().unwrap() > 0, "{}", summary["robust"]);
    assert_eq!(summary["already_moved"], moved);
    verify(&new, 0);
    let given = [problem.to_str().unwrap(), "--from", old.to_str().unwrap()];
    let found = verify_against(&new, &given, 0);
    assert_eq!((&found["problem_given"], &found["orders_before_given"]), (&true.into(), &true.into()));
    let count = |key: &str| found[key].as_u64().unwrap();
    assert_eq!(count("already_moved") + count("placed") + count("unplaced"), count("people_with_those_moved"));
    // The same bytes with other threads.
    let two = folder.path().join("two");
    evacuate(&problem, &two, &["--from", old.to_str().unwrap(), "--within", "0.02", "--threads", "2"], 0);
    let files = [
        "plan.csv",
        "orders.csv",
        "unplaced.csv",
        "certificate.csv",
        "shelters.csv",
        "changes.csv",
        "change_certificate.csv",
    ];
    for file in files.into_iter().chain(["robust_plan.csv", "robust_certificate.csv", "members.csv"]) {
        assert_eq!(std::fs::read(new.join(file)).unwrap(), std::fs::read(two.join(file)).unwrap(), "{file}");
    }
    // A number changed anywhere is seen.
    for file in [
        "plan.csv",
        "orders.csv",
        "certificate.csv",
        "shelters.csv",
        "changes.csv",
        "change_certificate.csv",
        "robust_plan.csv",
        "robust_certificate.csv",
        "members.csv",
        "problem/s070.before.csv",
        "problem/s070.basis.csv",
        "problem/s070.done.csv",
        "problem/s070.members.csv",
    ] {
        let text = std::fs::read_to_string(new.join(file)).unwrap();
        let last = text.trim_end().rsplit_once(['\n', ',']).unwrap().1;
        let changed = text.trim_end().strip_suffix(last).unwrap().to_owned() + "7654321\n";
        std::fs::write(new.join(file), changed).unwrap();
        verify(&new, 1);
        std::fs::write(new.join(file), text).unwrap();
    }
    verify(&new, 0);
    // Every figure of the new plan and of the members, too.
    let text = read(&new.join("summary.json"));
    let summary: Value = serde_json::from_str(&text).unwrap();
    let mut figures: Vec<String> = ["replan", "robust"]
        .iter()
        .flat_map(|part| summary[part].as_object().unwrap().keys().map(move |key| format!("/{part}/{key}")))
        .collect();
    // At a higher price the same duals hold as well and prove what they prove.
    figures.retain(|figure| !figure.ends_with("_without_bed") && figure != "/replan/price_metres");
    figures.extend(["/robust/expected_without_bed/least".to_owned(), "/robust/worst_without_bed/known".to_owned()]);
    for figure in figures {
        forge(&new, &[], &[(&figure, 123_457.into())]);
        verify(&new, 1);
        std::fs::write(new.join("summary.json"), &text).unwrap();
    }
    verify(&new, 0);
}

const ARCS: &str = "demand,shelter,cost\na,S,100\na,T,5000\nb,S,300\nb,T,200\n";

#[test]
fn plans_made_again_and_again_forget_no_order() {
    let folder = dayu_tests::temporary();
    let arcs = |to_t: u64| format!("demand,shelter,cost\na,S,100\na,T,{to_t}\n");
    let problem = tables(
        folder.path(),
        "{}",
        &[("demand", "id,people\na,10\n"), ("shelters", "id,capacity\nS,20\nT,20\n"), ("arcs", &arcs(200))],
    );
    let out = |name: &str| folder.path().join(name);
    evacuate(&problem, &out("r0"), &[], 0);
    std::fs::write(out("p.done.csv"), "demand,shelter,people\na,S,5\n").unwrap();
    evacuate(&problem, &out("r1"), &["--from", out("r0").to_str().unwrap()], 0);
    // Now the other shelter is a metre nearer: who was ordered before stays with it, however often that is asked.
    std::fs::write(out("p.arcs.csv"), arcs(99)).unwrap();
    for (name, from) in [("r2", "r1"), ("r3", "r2")] {
        let again = ["--from", out(from).to_str().unwrap(), "--within", "0.1"].map(str::to_owned);
        let again: Vec<&str> = again.iter().map(String::as_str).collect();
        let summary = evacuate(&problem, &out(name), &again, 0);
        assert_eq!(read(&out(name).join("plan.csv")), "demand,shelter,people,cost\na,S,5,100\n");
        assert_eq!(read(&out(name).join("orders.csv")), "demand,shelter,people\na,S,10\n");
        assert_eq!(summary["replan"]["people_kept"], 5);
        verify(&out(name), 0);
    }
    // Without an earlier answer nobody who has gone is ordered once more.
    let summary = evacuate(&problem, &out("anew"), &[], 0);
    assert_eq!((&summary["people"], &summary["already_moved"]), (&5.into(), &5.into()));
    verify_against(&out("anew"), &[problem.to_str().unwrap()], 0);
}

/// plan.csv as the contract has it, read by nothing of this program: (demand, shelter, people, cost), whole numbers only.
fn contract_rows(answer: &Path) -> Vec<[u64; 4]> {
    let text = read(&answer.join("plan.csv"));
    let mut lines = text.lines();
    assert_eq!(lines.next(), Some("demand,shelter,people,cost"));
    let row =
        |line: &str| line.split(',').map(|field| field.parse().unwrap()).collect::<Vec<u64>>().try_into().unwrap();
    lines.map(row).collect()
}

#[test]
fn readers_of_the_contract_find_shelters_and_sums() {
    let folder = dayu_tests::temporary();
    let demand = "id,people,needs,relatives\n1,10,,2\n2,6,care,1\n3,4,,\n";
    let shelters = "id,capacity,care_places\n1,12,5\n2,20,\n";
    let arcs = "demand,shelter,cost\n1,1,100\n1,2,300\n2,1,50\n3,1,20\n3,2,400\n";
    let problem = tables(folder.path(), "{}", &[("demand", demand), ("shelters", shelters), ("arcs", arcs)]);
    let out = |name: &str| folder.path().join(name);
    let summary = evacuate(&problem, &out("first"), &[], 0);
    let rows = contract_rows(&out("first"));
    assert_eq!(rows, [[1, 1, 3, 100], [1, 2, 5, 300], [2, 1, 5, 50], [3, 1, 4, 20]]);
    assert_eq!((&summary["placed"], &summary["with_relatives"]), (&17.into(), &3.into()));
    assert_eq!(rows.iter().map(|row| row[2]).sum::<u64>(), 17);
    assert_eq!(rows.iter().map(|row| row[2] * row[3]).sum::<u64>(), summary["person_metres"].as_u64().unwrap());
    assert_eq!(read(&out("first").join("relatives.csv")), "id,people\n1,2\n2,1\n");
    assert_eq!(read(&out("first").join("care.csv")), "demand,shelter,people\n2,1,5\n");
    for (name, forged) in [("relatives.csv", "id,people\n1,3\n"), ("care.csv", "demand,shelter,people\n2,1,4\n")] {
        let kept = read(&out("first").join(name));
        verify(&out("first"), 0);
        forge(&out("first"), &[(name, forged)], &[]);
        verify(&out("first"), 1);
        std::fs::remove_file(out("first").join(name)).unwrap();
        verify(&out("first"), 1);
        forge(&out("first"), &[(name, &kept)], &[]);
    }
    // Orders name the house; made again and again, who lies in care places stays there and takes nobody else's bed.
    std::fs::write(folder.path().join("p.done.csv"), "demand,shelter,people\n2,1,2\n1,1,1\n").unwrap();
    std::fs::write(folder.path().join("p.members.csv"), "member,shelter,capacity\n1,1,5\n2,,\n").unwrap();
    for (from, name) in [("first", "second"), ("second", "third")] {
        let summary = evacuate(&problem, &out(name), &["--from", out(from).to_str().unwrap()], 0);
        assert_eq!(contract_rows(&out(name)), [[1, 1, 2, 100], [1, 2, 5, 300], [2, 1, 3, 50], [3, 1, 4, 20]]);
        assert_eq!(read(&out(name).join("orders.csv")), "demand,shelter,people\n1,1,3\n1,2,5\n2,1,5\n3,1,4\n");
        assert_eq!(read(&out(name).join("changes.csv")), "demand,from,to,people,reason\n");
        assert_eq!((&summary["already_moved"], &summary["replan"]["people_kept"]), (&3.into(), &14.into()));
        verify_against(&out(name), &[problem.to_str().unwrap(), "--from", out(from).to_str().unwrap()], 0);
    }
    // A shelter that tells its care places apart no longer: its guests keep the house.
    std::fs::remove_file(folder.path().join("p.members.csv")).unwrap();
    let offers = "id,capacity,offers\n1,12,care\n2,20,\n";
    std::fs::write(folder.path().join("p.shelters.csv"), offers).unwrap();
    let summary = evacuate(&problem, &out("fourth"), &["--from", out("third").to_str().unwrap()], 0);
    assert_eq!(summary["replan"]["people_kept"], 14, "{}", summary["replan"]);
    assert!(!out("fourth").join("care.csv").exists());
    verify(&out("fourth"), 0);
}

#[test]
fn a_forged_answer_does_not_hold_against_the_problem() {
    let folder = dayu_tests::temporary();
    let demand = "id,people\na,100\nb,50\n";
    let problem =
        tables(folder.path(), "{}", &[("demand", demand), ("shelters", "id,capacity\nS,100\nT,200\n"), ("arcs", ARCS)]);
    let out = |name: &str| folder.path().join(name);
    evacuate(&problem, &out("old"), &[], 0);
    let from = ["--from", out("old").to_str().unwrap()].map(str::to_owned);
    let from: Vec<&str> = from.iter().map(String::as_str).collect();
    evacuate(&problem, &out("new"), &from, 0);
    let given = [problem.to_str().unwrap(), from[0], from[1]];
    verify_against(&out("new"), &given, 0);
    // Everybody is said to have gone.
    copy(&out("new"), &out("gone"));
    let none = [
        "/people",
        "/placed",
        "/unplaced",
        "/person_metres",
        "/longest_metres",
        "/lower_bound",
        "/gap",
        "/replan/optimum_person_metres",
        "/replan/limit_person_metres",
        "/replan/people_kept",
        "/replan/people_kept_at_most",
        "/replan/people_ordered",
    ];
    let mut set: Vec<(&str, Value)> = none.iter().map(|key| (*key, 0.into())).collect();
    set.push(("/replan/people_already_moved", 150.into()));
    forge(
        &out("gone"),
        &[
            ("problem/p.done.csv", "demand,shelter,people\na,S,100\nb,T,50\n"),
            ("problem/p.before.csv", "demand,shelter,people\n"),
            ("plan.csv", "demand,shelter,people,cost\n"),
            ("certificate.csv", "kind,id,value\ndemand,a,0\ndemand,b,0\nshelter,S,0\nshelter,T,0\n"),
        ],
        &set,
    );
    verify_against(&out("gone"), &given, 1);
    // A far worse plan within a limit that nobody would grant, and the same without saying so.
    for within in [1e6, 0.01] {
        copy(&out("new"), &out("worse"));
        forge(
            &out("worse"),
            &[("plan.csv", "demand,shelter,people,cost\na,T,100,5000\nb,T,50,200\n")],
            &[
                ("/replan/within", within.into()),
                ("/person_metres", 510_000.into()),
                ("/longest_metres", 5000.into()),
                ("/gap", 490_000.into()),
            ],
        );
        verify(&out("worse"), 1);
    }
}

#[test]
fn a_plan_is_not_the_shortest_longest_trip_by_its_name() {
    let folder = dayu_tests::temporary();
    let arcs = "demand,shelter,cost\na,S,100\nb,S,300\na,T,210\nb,T,310\n";
    let problem = tables(
        folder.path(),
        "{}",
        &[("demand", "id,people\na,1\nb,1\n"), ("shelters", "id,capacity\nS,1\nT,1\n"), ("arcs", arcs)],
    );
    let out = |name: &str| folder.path().join(name);
    evacuate(&problem, &out("sum"), &[], 0);
    let longest = evacuate(&problem, &out("longest"), &["--policy", "longest"], 0);
    verify(&out("longest"), 0);
    assert_eq!(longest["longest_metres"], 300);
    let certificate = read(&out("sum").join("certificate.csv")) + "longest,,310\n";
    forge(&out("sum"), &[("certificate.csv", &certificate)], &[("/policy", "longest".into())]);
    verify(&out("sum"), 1);
}

#[test]
fn the_plan_for_members_is_checked_where_the_vulnerable_come_first() {
    let folder = dayu_tests::temporary();
    let demand = "id,people,vulnerable\na,100,10\nb,50,0\n";
    let problem = tables(
        folder.path(),
        r#"{"vulnerable_first": true}"#,
        &[
            ("demand", demand),
            ("shelters", "id,capacity\nS,100\nT,200\n"),
            ("arcs", ARCS),
            ("members", "member,shelter,capacity\n1,S,10\n2,,\n"),
        ],
    );
    let out = folder.path().join("out");
    evacuate(&problem, &out, &[], 0);
    verify(&out, 0);
    forge(&out, &[("robust_plan.csv", "demand,shelter,people,cost\n")], &[]);
    verify(&out, 1);
}

#[test]
fn figures_beyond_64_bits_are_verified() {
    let folder = dayu_tests::temporary();
    let many = |head: &str, row: &dyn Fn(usize) -> String| (0..12).fold(head.to_owned(), |text, at| text + &row(at));
    let problem = tables(
        folder.path(),
        "{}",
        &[
            ("demand", &many("id,people\n", &|at| format!("{at},10000000000\n"))),
            ("shelters", "id,capacity\nS,200000000000\n"),
            ("arcs", &many("demand,shelter,cost\n", &|at| format!("{at},S,{}\n", 99_000_000 + at))),
        ],
    );
    let out = |name: &str| folder.path().join(name);
    let old = evacuate(&problem, &out("old"), &[], 0);
    assert!(old["person_metres"].is_string(), "{old}");
    let summary = evacuate(&problem, &out("new"), &["--from", out("old").to_str().unwrap()], 0);
    assert_eq!(summary["replan"]["people_kept"], 120_000_000_000_u64);
    verify(&out("new"), 0);
}
