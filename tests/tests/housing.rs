//! How a run houses people: policies from registers and plan, vehicles, members, an earlier run kept as far as can be. Each answer proves itself.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_tests::findings::expect_finding;
use dayu_tests::process::run_dayu;
use dayu_tests::small_district::{SmallDistrict, placed};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn run(district: &SmallDistrict, out: &str, more: &[&str]) -> (PathBuf, Vec<Value>) {
    ran(district, out, more, 0)
}

fn ran(district: &SmallDistrict, out: &str, more: &[&str], code: i32) -> (PathBuf, Vec<Value>) {
    let out = district.at(out);
    let arguments = ["run", &district.scenario(), "--out", out.to_str().unwrap(), "--levels", "II", "--json"];
    let ended = run_dayu(&[&arguments[..], more].concat(), 300).expect_code(code);
    (out, dayu_tests::findings::findings(&ended))
}

fn verified(out: &Path) -> Value {
    let answer = out.join("evacuation/II");
    run_dayu(&["evacuate", "--verify", answer.to_str().unwrap()], 60).expect_code(0);
    serde_json::from_str(&text(&answer.join("summary.json"))).unwrap()
}

/// Fields of the rows of a table whose first field begins so.
fn rows(table: &str, begins: &str) -> Vec<Vec<String>> {
    let lines = table.lines().filter(|line| line.trim_start_matches('\u{feff}').starts_with(begins));
    lines.map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

/// Two shelters that say what they offer, a bus, two teams of helpers, and a plan that keeps beds free.
fn equipped() -> SmallDistrict {
    let district = SmallDistrict::new();
    let shelters = [
        placed("BN-1", "南坡小学", 900.0, 300.0) + ",120,standby,access,",
        placed("BN-2", "北坡中学", 900.0, 860.0) + ",200,standby,care;access,40",
        placed("BN-3", "碗底礼堂", 510.0, 590.0) + ",500,standby,care;access,50",
    ];
    let heads = "id,name,x,y,capacity_people,state,offers,care_places\n";
    district.put("data/shelters.csv", (heads.to_owned() + &shelters.join("\n") + "\n").as_bytes());
    // Somebody who needs care, on dry ground.
    let house = placed("WF-1", "南镇危房", 700.0, 300.0) + ",D,4,2,care";
    let heads = "id,name,x,y,grade,people,vulnerable,needs\n";
    district.put("data/old_houses.csv", (heads.to_owned() + &house + "\n").as_bytes());
    let forces = [
        placed("DW-F1", "构造车队", 1100.0, 900.0) + ",转运车队,1 辆,bus,1,40",
        placed("DW-F2", "构造护送队", 700.0, 500.0) + ",镇街应急队,2 组,escort,2,2",
        placed("DW-F3", "构造直升机队", 300.0, 500.0) + ",航空救援队,1 架,helicopter,1,8",
    ];
    let heads = "id,name,x,y,site,amount,carrier,units,seats\n";
    district.put("data/forces.csv", (heads.to_owned() + &forces.join("\n") + "\n").as_bytes());
    district.append("data/dataset.toml", "\n[layers.forces]\npath = \"forces.csv\"\ncrs = \"EPSG:4549\"\n");
    district.append(
        "data/plan.toml",
        "\n[housing]\nreserve_share = 0.1\nmax_walk_m = 1400\nclause = \"试验\"\nmark = \"D\"\n",
    );
    district
}

#[test]
fn registers_and_plan_decide_who_goes_where_and_the_answer_proves_it() {
    let district = equipped();
    let (out, findings) = run(&district, "out", &[]);
    let summary = verified(&out);
    assert_eq!((&summary["max_cost"], &summary["reserve_share"]), (&1400.into(), &0.1.into()), "{summary}");
    assert!(summary["with_relatives"].as_u64().unwrap() > 0, "{summary}");
    let answer = out.join("evacuation/II");
    let plan = text(&answer.join("plan.csv"));
    let home: Vec<_> = plan.lines().filter(|line| line.contains(":DW-1,")).collect();
    assert_eq!(home.len(), 1, "the home stays together: {plan}");
    assert!(home[0].contains(",BN-2,") && !plan.contains('#') && !plan.contains("relatives"), "{plan}");
    let care = text(&answer.join("care.csv"));
    assert!(care.contains(home[0].rsplit_once(',').unwrap().0), "the care home goes to care places: {care}");
    let relatives = text(&answer.join("relatives.csv"));
    let with_relatives = relatives.lines().skip(1).map(|l| l.rsplit_once(',').unwrap().1.parse::<u64>().unwrap());
    assert_eq!(with_relatives.sum::<u64>(), summary["with_relatives"], "{relatives}");
    let demand = text(&answer.join("problem/II.demand.csv"));
    assert!(demand.lines().next().unwrap().contains("needs") && demand.contains("care"), "{demand}");
    let shelters = text(&answer.join("shelters.csv"));
    assert_eq!(rows(&shelters, "BN-1,")[0][1..3], ["120", "108"], "a tenth is kept free: {shelters}");
    assert_eq!(rows(&shelters, "BN-3,")[0][4], "under_water", "{shelters}");

    // Who needs care is led; every trip stands in the file, the table and the list, as constructed.
    let tours = text(&answer.join("tours.csv"));
    let led: u64 =
        rows(&tours, "DW-F2#").iter().filter(|r| r[11] == "true").map(|r| r[10].parse::<u64>().unwrap()).sum();
    assert!(led > 0 && tours.contains("synthetic"), "{tours}");
    let table = text(&out.join("package/II/table.csv"));
    assert!(table.lines().next().unwrap().contains("rides"), "{table}");
    assert!(table.contains("构造护送队") && table.contains("构造运力"), "{table}");
    assert!(table.contains("投亲靠友"), "{table}");
    let list = text(&out.join("package/II/list.json"));
    assert!(list.contains("车辆与护送（运力为构造数据）") && list.contains("不启用的避灾安置场所"), "{list}");
    assert!(list.contains("预留床位 10%") && list.contains("系统默认"), "{list}");
    let unknown = expect_finding(&findings, "RUN-164", "warning", "forces", "DW-F3");
    assert!(unknown["message"]["zh"].as_str().unwrap().contains("helicopter"), "{unknown}");

    // The board by the hour counts everybody once: on foot, carried and led.
    let board = board(&text(&answer.join("shelter_board.csv")));
    let (planned, arrived) = board.values().fold((0, 0), |sum, (planned, arrived)| (sum.0 + planned, sum.1 + arrived));
    let number = |group: &str, key: &str| summary[group][key].as_u64().unwrap();
    let carried = number("carried", "fetched") + number("carried", "led");
    assert_eq!(planned, number("movement", "on_foot") + carried, "{board:?} {summary}");
    assert_eq!(arrived, number("movement", "through_in_time") + carried, "{board:?} {summary}");
    assert!(carried > 0, "{summary}");
}

/// By shelter: people planned, and arrived by the last hour.
fn board(table: &str) -> BTreeMap<String, (u64, u64)> {
    let number = |field: &String| field.parse::<u64>().unwrap();
    rows(table, "BN-").into_iter().map(|row| (row[0].clone(), (number(&row[4]), number(&row[5])))).collect()
}

#[test]
fn boats_fetch_whom_no_bus_can() {
    let district = equipped();
    district.replace("data/forces.csv", "helicopter,1,8", "boat,2,8");
    district.replace("data/forces.csv", "bus,1,40", ",,");
    district.replace("data/plan.toml", "max_walk_m = 1400", "max_walk_m = 10");
    let (out, _) = run(&district, "out", &[]);
    verified(&out);
    let answer = out.join("evacuation/II");
    let trips = rows(&text(&answer.join("tours.csv")), "DW-F3#");
    assert!(!trips.is_empty() && trips.iter().all(|row| row[3] == "boat"), "{trips:?}");
    assert!(trips.iter().all(|row| row[10].parse::<u64>().unwrap() <= 8), "no boat takes more than it has seats");
    // Nobody walks, and still the board knows who comes when.
    let fetched: u64 = trips.iter().map(|row| row[10].parse::<u64>().unwrap()).sum();
    let board = board(&text(&answer.join("shelter_board.csv")));
    assert!(board.values().map(|row| row.1).sum::<u64>() >= fetched, "{board:?}");
    let list = text(&out.join("package/II/list.json"));
    assert!(list.contains(&format!("船艇接运 {fetched} 人")), "{list}");
}

#[test]
fn what_no_shelter_registers_is_said_and_not_taken_as_nothing() {
    let district = SmallDistrict::new();
    let (out, findings) = run(&district, "out", &[]);
    verified(&out);
    expect_finding(&findings, "RUN-160", "warning", "shelters", "");
    expect_finding(&findings, "RUN-162", "info", "forces", "");
    assert!(!out.join("evacuation/II/tours.csv").exists());
}

#[test]
fn unusable_policies_are_named() {
    let district = SmallDistrict::new();
    district.append("data/plan.toml", "\n[housing]\nreserve_share = 1.5\n");
    let ended = run_dayu(&["run", &district.scenario(), "--out", &district.argument("out"), "--json"], 60);
    assert!(ended.expect_code(1).stderr.contains("reserve_share"));
    let district = equipped();
    district.replace("data/shelters.csv", "care;access,40", "care;access,400");
    district.replace("data/forces.csv", "bus,1,40", "bus,1,0");
    let (_, findings) = ran(&district, "out", &[], 3);
    expect_finding(&findings, "RUN-164", "warning", "forces", "DW-F1");
    assert!(findings.iter().any(|f| f["code"] == "REG-047"), "care places beyond all beds are told");
}

#[test]
fn members_tell_until_when_people_can_leave() {
    let district = equipped();
    district.append("scenarios/storm/scenario.toml", "[ensemble]\nmembers = 10\nmethod = \"rain-scaling\"\n");
    let (out, _) = run(&district, "out", &["--threads", "2"]);
    let summary = verified(&out);
    assert_eq!(summary["max_hazard_probability"], 0.1, "{summary}");
    let problem = text(&out.join("evacuation/II/problem/II.shelters.csv"));
    assert!(problem.lines().next().unwrap().contains("hazard_probability"), "{problem}");
    let table = text(&out.join("package/II/table.csv"));
    assert!(table.lines().next().unwrap().contains("leave_by_90"), "{table}");
    assert!(table.contains("10 个成员：九成把握"), "{table}");
    // One thread says the same.
    let (one, _) = run(&district, "one", &["--threads", "1"]);
    assert_eq!(table, text(&one.join("package/II/table.csv")));
}

#[test]
fn an_earlier_run_is_kept_but_for_what_must_change() {
    let district = equipped();
    let (before, _) = run(&district, "before", &[]);
    let plan = text(&before.join("evacuation/II/plan.csv"));
    let orders: Vec<Vec<String>> = plan.lines().skip(1).map(|l| l.split(',').map(str::to_owned).collect()).collect();
    let to_north = orders.iter().find(|o| o[1] == "BN-2").expect("somebody goes to BN-2").clone();
    assert!(orders.iter().any(|o| o[1] == "BN-1"), "{plan}");
    district.put("moved.csv", format!("demand,shelter,people\n{},BN-2,{}\n", to_north[0], to_north[2]).as_bytes());
    district.replace("data/shelters.csv", "120,standby,access", "70,standby,access");
    let from = before.to_str().unwrap().to_owned();
    let moved = district.argument("moved.csv");
    let (after, findings) = run(&district, "after", &["--from", &from, "--moved", &moved]);
    let summary = verified(&after);
    let replan = &summary["replan"];
    let number = |key: &str| replan[key].as_u64().unwrap();
    assert_eq!(number("people_already_moved"), to_north[2].parse::<u64>().unwrap(), "{replan}");
    assert!(number("people_kept") <= number("people_kept_at_most"), "{replan}");
    assert!(number("people_kept") > 0, "{replan}");
    let changes = text(&after.join("evacuation/II/changes.csv"));
    assert!(changes.starts_with("demand,from,to,people,reason"), "{changes}");
    expect_finding(&findings, "RUN-166", "info", "", "II");
    // Those who have moved stand in the table where they went.
    let table = text(&after.join("package/II/table.csv"));
    assert!(table.contains("北坡中学"), "{table}");
    // Nothing changes: nobody is ordered anew.
    let (same, _) = run(&district, "same", &["--from", after.to_str().unwrap(), "--moved", &moved]);
    assert_eq!(verified(&same)["replan"]["people_changed"], 0);
    assert_eq!(text(&same.join("evacuation/II/changes.csv")).lines().count(), 1);
    // A folder that is no run is refused by name.
    let wrong = district.argument("data");
    let ended = run_dayu(&["run", &district.scenario(), "--out", &district.argument("x"), "--from", &wrong], 60);
    assert!(ended.expect_code(1).stderr.contains("RUN-165"));
}

/// Nobody walks: a bus on dry ground and a boat for the rest fetch everybody.
fn carried_district() -> SmallDistrict {
    let district = equipped();
    district.replace("data/forces.csv", "helicopter,1,8", "boat,2,8");
    district.replace("data/plan.toml", "max_walk_m = 1400", "max_walk_m = 10");
    district
}

#[test]
fn households_that_are_fetched_are_told_to_wait_and_not_to_walk() {
    let district = carried_district();
    let (out, _) = run(&district, "out", &[]);
    let answer = out.join("evacuation/II");
    let tours = text(&answer.join("tours.csv"));
    let notes = text(&answer.join("protected/households.csv"));
    let home = rows(&notes, "南镇").into_iter().find(|row| row[2] == "HU-1").expect("the household of WF-1").join(",");
    assert!(!rows(&tours, "DW-F").iter().filter(|row| row[6] == "T3:WF-1").collect::<Vec<_>>().is_empty(), "{tours}");
    assert!(home.contains("等候") && (home.contains("接往") || home.contains("上门护送至")), "{home}");
    assert!(!home.contains("步行至") && !home.contains("离开；"), "{home}");
    assert!(!notes.contains("最迟 2021"), "no deadline of completion is a time of leaving: {notes}");
    // Vehicles are told apart from the number of their fleet, and what the times rest on stands in every table.
    assert!(tours.contains("构造车队·1号车") && tours.contains("系统默认"), "{tours}");
    assert!(text(&answer.join("shelter_board.csv")).contains("系统默认"));
    // The proof is one of those on foot, and the count of those left says that it rests on constructed vehicles.
    let list = text(&out.join("package/II/list.json"));
    assert!(list.contains("步行安置部分") && list.contains("车辆船艇接运") && list.contains("仍未落实"), "{list}");
    assert!(list.contains("已计构造运力接运") && list.contains("疏散时刻所依据的数值"), "{list}");
}

#[test]
fn people_who_stay_together_are_driven_to_one_shelter_or_their_parts_are_named() {
    let home = |district: &SmallDistrict, north_beds: u32| {
        let house = placed("WF-1", "南镇宿舍", 700.0, 300.0) + ",D,30,0,access";
        let heads = "id,name,x,y,grade,people,vulnerable,needs\n";
        district.put("data/old_houses.csv", (heads.to_owned() + &house + "\n").as_bytes());
        let keep = "[housing]\nkeep_together = [\"institutions\", \"old_houses\"]\nreserve_share = 0.1";
        district.replace("data/plan.toml", "[housing]\nreserve_share = 0.1", keep);
        district.replace("data/shelters.csv", ",120,standby", ",12,standby");
        district.replace("data/shelters.csv", ",200,standby,care;access,40", &format!(",{north_beds},standby,access,"));
    };
    let to = |out: &Path| -> BTreeMap<String, u64> {
        let tours = text(&out.join("evacuation/II/tours.csv"));
        let mut to = BTreeMap::new();
        for row in rows(&tours, "DW-F").iter().filter(|row| row[6] == "T3:WF-1") {
            *to.entry(row[8].clone()).or_default() += row[10].parse::<u64>().unwrap();
        }
        to
    };
    // The near school has a few beds, the far one enough for all.
    let district = carried_district();
    home(&district, 200);
    let (out, findings) = run(&district, "out", &[]);
    let all = to(&out);
    assert!(all.len() == 1 && all.contains_key("BN-2"), "{all:?}");
    assert!(!findings.iter().any(|f| f["code"] == "RUN-240" && f["place"] == "II/T3:WF-1"), "{findings:?}");
    // No school has beds for all, several together have.
    let district = carried_district();
    home(&district, 20);
    let more = [("BN-4", 300.0), ("BN-5", 500.0), ("BN-6", 700.0)]
        .map(|(id, x)| placed(id, "北坡社区用房", x, 1100.0) + ",20,standby,access,\n");
    district.append("data/shelters.csv", &more.concat());
    let (out, findings) = run(&district, "out", &[]);
    let parts = to(&out);
    assert!(parts.len() >= 2, "{parts:?}");
    let told = expect_finding(&findings, "RUN-240", "warning", "", "II/T3:WF-1");
    let words = told["message"]["zh"].as_str().unwrap();
    assert!(parts.iter().all(|(id, people)| words.contains(&format!("{id} {people} 人"))), "{told} {parts:?}");
    let list = text(&out.join("package/II/list.json"));
    assert!(list.contains("整体安置未能做到：南镇宿舍（T3:WF-1）"), "{list}");
}

#[test]
fn an_earlier_run_is_kept_for_people_whom_vehicles_fetch() {
    let carried = |summary: &Value, key: &str| summary["carried"][key].as_u64().unwrap();
    let beds_of = |out: &Path| text(&out.join("evacuation/II/carried.csv"));
    let district = carried_district();
    let (before, _) = run(&district, "before", &[]);
    let fetched = carried(&verified(&before), "fetched");
    assert!(fetched > 0);
    let from = before.to_str().unwrap().to_owned();
    // Nothing changes: everybody keeps the shelter told.
    let (same, findings) = run(&district, "same", &["--from", &from]);
    let summary = verified(&same);
    assert_eq!((carried(&summary, "ordered_before"), carried(&summary, "kept")), (fetched, fetched), "{summary}");
    assert_eq!(text(&same.join("evacuation/II/changes.csv")).lines().count(), 1);
    let counted = |table: &str| -> BTreeMap<(String, String), u64> {
        let mut sums = BTreeMap::new();
        for row in rows(table, "T") {
            *sums.entry((row[0].clone(), row[1].clone())).or_default() += row[2].parse::<u64>().unwrap();
        }
        sums
    };
    assert_eq!(counted(&beds_of(&same)), counted(&beds_of(&before)));
    let told = expect_finding(&findings, "RUN-166", "info", "", "II");
    assert!(told["message"]["zh"].as_str().unwrap().contains(&format!("{fetched} 人场所不变")), "{told}");
    // Beds are gone: those who have none are ordered anew or listed, and all changes are counted.
    district.replace("data/shelters.csv", "120,standby,access", "20,standby,access");
    let (after, _) = run(&district, "after", &["--from", &from]);
    let summary = verified(&after);
    let (ordered, kept) = (carried(&summary, "ordered_before"), carried(&summary, "kept"));
    assert!(ordered == fetched && kept < ordered, "{summary}");
    let changes = text(&after.join("evacuation/II/changes.csv"));
    let left: u64 = changes
        .lines()
        .filter(|l| l.contains(",carried_") && !l.ends_with("carried_anew"))
        .map(|l| l.split(',').nth(3).unwrap().parse::<u64>().unwrap())
        .sum();
    assert_eq!(left, ordered - kept, "{changes}");
    // Beds told to people who wait for a bus are not given to people who can walk now.
    district.replace("data/shelters.csv", "20,standby,access", "120,standby,access");
    district.replace("data/plan.toml", "max_walk_m = 10", "max_walk_m = 1400");
    let (walk, _) = run(&district, "walk", &["--from", &from]);
    let summary = verified(&walk);
    assert_eq!(carried(&summary, "kept"), fetched, "{summary}");
}
