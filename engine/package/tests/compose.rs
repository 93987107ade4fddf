//! The list, the table, their totals and the manifest of one level.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod toy;

use dayu_base::{Realm, ResponseLevel};
use dayu_package::{Cell, DISTRICT_ID, Package, check_totals, manifest_json};
use toy::World;

fn package() -> Package {
    World::new(ResponseLevel::II, Realm::Replay).package()
}

fn cell<'a>(p: &'a Package, row: usize, key: &str) -> &'a Cell {
    let at = p.table.columns.iter().position(|c| c.key == key).unwrap();
    &p.table.rows[row].cells[at]
}

#[test]
fn totals_of_the_three_products_agree() {
    for level in ResponseLevel::ALL {
        check_totals(&World::new(level, Realm::Replay).package()).unwrap();
    }
}

#[test]
fn a_person_too_many_in_any_product_stops_the_package() {
    let mut p = package();
    p.list.transfers[0].to_move += 1;
    assert_eq!(check_totals(&p).unwrap_err().place, "研判一张单");
    let mut p = package();
    p.header.totals.to_house += 1;
    let f = check_totals(&p).unwrap_err();
    assert_eq!((f.code.as_str(), f.field.as_str()), ("PKG-001", "to_house"));
    let mut p = package();
    p.list.unplaced.clear();
    assert_eq!(check_totals(&p).unwrap_err().field, "unplaced");
    let mut p = package();
    let row = p.table.rows.iter().position(|r| r.object_id == "ws-07").unwrap();
    p.table.rows.remove(row);
    assert_eq!(check_totals(&p).unwrap_err().place, "管控一张表");
    let mut p = package();
    p.map.layers.retain(|l| l.id != "slopes" && l.id != "transfers");
    assert_eq!(check_totals(&p).unwrap_err().place, "识别一张图");
}

#[test]
fn rows_are_complete_sorted_and_unknown_is_empty() {
    let p = package();
    let width = p.table.columns.len();
    assert_eq!(p.table.columns[0].key, "object_id");
    assert!(p.table.rows.iter().all(|r| r.cells.len() == width && r.cells[0] == Cell::Text(r.object_id.clone())));
    let towns: Vec<&str> = p.table.rows.iter().map(|r| r.town.as_str()).collect();
    assert_eq!(towns[0], "全区");
    assert!(p.table.rows.windows(2).all(|w| w[0].town != w[1].town || w[0].colour >= w[1].colour));
    // 时限未知 has no time and says why.
    let shed = p.table.rows.iter().position(|r| r.object_id == "ws-00").unwrap();
    assert_eq!(*cell(&p, shed, "deadline"), Cell::Empty);
    assert!(matches!(cell(&p, shed, "deadline_note"), Cell::Text(t) if t.contains("未知")|| t.contains("不能计算")));
    // Nobody holds 抢险责任人 at a waterlogging point: said, not hidden.
    let point = p.table.rows.iter().position(|r| r.object_id == "wp-01").unwrap();
    assert_eq!(*cell(&p, point, "duty_rescue"), Cell::Text("缺责任人".into()));
    assert_eq!(*cell(&p, point, "duty_administrative"), Cell::Text("北山街道行政负责人".into()));
    assert_eq!(*cell(&p, point, "to_move"), Cell::Empty);
    assert_eq!(*cell(&p, point, "deadline"), Cell::Text("2021-07-25T13:30:00+08:00".into()));
    assert_eq!(*cell(&p, point, "minutes_to_threshold"), Cell::Integer(150));
}

#[test]
fn district_duties_are_rows_but_no_objects() {
    let p = package();
    assert_eq!(p.table.rows.iter().filter(|r| r.object_id == DISTRICT_ID).count(), 4);
    assert_eq!(p.list.risks.len() as u64 + p.list.more_risks, p.header.objects);
}

#[test]
fn the_sheet_follows_the_level() {
    let sheet = |level| World::new(level, Realm::Replay).package().list.sheet;
    assert_eq!(sheet(ResponseLevel::Attention), "风险提示单");
    assert_eq!(sheet(ResponseLevel::IV), "预警响应单");
    assert_eq!(sheet(ResponseLevel::I), "管控指令单");
    assert_eq!(package().list.number, "西防指〔复盘〕Ⅱ-01号");
    assert_eq!(World::new(ResponseLevel::Attention, Realm::Live).package().list.number, "西防指〔2021〕关注-01号");
}

#[test]
fn measures_that_say_the_same_are_one_item() {
    let p = package();
    let crew = p.list.actions.iter().find(|a| a.owner == "城管排水").unwrap();
    assert!(crew.object_ids.len() > 5 && crew.deadline_note.zh.contains("各处时限见表"), "{crew:?}");
    assert_eq!(p.list.actions.iter().find(|a| a.owner == "住建局").unwrap().deadline, "立即");
    assert_eq!(p.list.actions.iter().find(|a| a.owner == "城管局").unwrap().deadline, "未知");
}

#[test]
fn messages_fit_and_carry_the_realm() {
    for (realm, prefix) in [(Realm::Replay, "【复盘】"), (Realm::Drill, "【演练】"), (Realm::Live, "")] {
        let p = World::new(ResponseLevel::II, realm).package();
        assert!(p.list.messages.len() >= 8);
        for (to, text) in &p.list.messages {
            let limit = if to.starts_with("叫应") {
                70
            } else if to == "全区广播" {
                700
            } else {
                210
            };
            assert!(text.chars().count() <= limit, "{to}: {text}");
            assert!(text.starts_with(prefix), "{text}");
            assert!(text.ends_with(['。', '；']), "{text}");
        }
    }
}

#[test]
fn what_is_not_known_is_said() {
    let p = package();
    let all: String = p.list.unknowns.iter().map(|t| t.zh.as_str()).collect();
    for words in ["积水点 1 处", "保证水位", "完成时限", "GIS-031"] {
        assert!(all.contains(words), "{words}: {all}");
    }
    assert!(p.list.judgement.iter().any(|t| t.zh.contains("提级会商") && t.zh.contains("120 mm")));
    assert!(
        p.list
            .reasons
            .iter()
            .any(|t| t.zh.contains("阈值 80 mm") && t.zh.contains("系统默认") && t.zh.contains("25分钟"))
    );
}

#[test]
fn the_manifest_names_every_file_once_and_is_stable() {
    let p = package();
    let file = |path: &str, digit: &str| (path.to_string(), 3u64, digit.repeat(64), "text/csv".to_string());
    let (a, b) = (file("table.csv", "1"), file("map.png", "2"));
    let text = manifest_json(&p.header, &[a.clone(), b.clone()]);
    assert_eq!(text, manifest_json(&p.header, &[b, a]));
    let v: serde_json::Value = serde_json::from_str(&text).unwrap();
    let lines = format!("{}  map.png\n{}  table.csv\n", "2".repeat(64), "1".repeat(64));
    assert_eq!(v["package_id"], dayu_base::sha256_hex(lines.as_bytes()));
    assert_eq!(v["files"][0]["path"], "map.png");
    assert_eq!(v["generated_at"], "2021-07-25T12:00:00+08:00");
    assert_eq!(v["inputs"][0]["age_s"], -28800);
    assert_eq!(v["totals"]["objects"], p.header.objects);
    assert_eq!(v["findings"][0]["severity"], "warning");
}

#[test]
fn what_is_overdue_is_due_at_once() {
    let p = package();
    assert!(p.list.closures.iter().any(|t| t.zh.contains("立即封闭（应于 07-25 10:30 前封闭）")));
    let executor = p.list.messages.iter().find(|m| m.0 == "叫应·封控执行单位").unwrap();
    assert!(executor.1.contains("立即封闭"), "{}", executor.1);
    // Looked back on, a time stays what it was.
    let mut world = World::new(ResponseLevel::II, Realm::Replay);
    world.header.as_of = world.header.end;
    let p = world.package();
    assert!(p.list.closures.iter().all(|t| !t.zh.contains("立即")), "{:?}", p.list.closures);
    assert!(p.list.judgement[0].zh.contains("研判时段已结束"));
    let executor = p.list.messages.iter().find(|m| m.0 == "叫应·封控执行单位").unwrap();
    assert!(executor.1.contains("（当时应）"), "{}", executor.1);
}

#[test]
fn constructed_rain_never_reads_as_measured() {
    let said = |origin: dayu_base::Origin| {
        let mut world = World::new(ResponseLevel::II, Realm::Replay);
        world.header.inputs.iter_mut().filter(|i| i.layer == "rain").for_each(|i| i.origin = origin);
        assert!(world.header.inputs.iter().any(|i| i.layer == "rain"));
        let list = world.package().list;
        list.situation.iter().chain(&list.reasons).map(|t| t.zh.clone()).collect::<String>()
    };
    let constructed = said(dayu_base::Origin::Synthetic);
    assert!(constructed.contains("构造") && !constructed.contains("雨情（实测"), "{constructed}");
    assert!(said(dayu_base::Origin::Real).contains("雨情（实测"));
}

#[test]
fn shares_of_members_stand_in_table_and_list_with_their_number() {
    let p = package();
    let row = p.table.rows.iter().position(|r| r.object_id == "wp-02").unwrap();
    assert_eq!(*cell(&p, row, "members"), Cell::Integer(20));
    assert_eq!((cell(&p, row, "chance_015"), cell(&p, row, "depth_90_m")), (&Cell::Real(0.4), &Cell::Real(0.4)));
    // An object that the members do not tell of has no share, not a share of nothing.
    let other = p.table.rows.iter().position(|r| r.object_id == "wp-09").unwrap();
    assert_eq!((cell(&p, other, "members"), cell(&p, other, "chance_015")), (&Cell::Empty, &Cell::Empty));
    // The share stands with its interval, its cells, and whether they judge as the run does.
    let Cell::Real(low) = cell(&p, row, "chance_015_low") else { panic!() };
    assert!(*low > 0.2 && *low < 0.4, "{low}");
    assert_eq!(cell(&p, row, "members_agree"), &Cell::Text("一致".into()));
    let doubtful = p.table.rows.iter().position(|r| r.object_id == "wp-05").unwrap();
    assert_eq!(
        (cell(&p, doubtful, "chance_015"), cell(&p, doubtful, "members_cell_m")),
        (&Cell::Empty, &Cell::Real(100.0))
    );
    assert!(matches!(cell(&p, doubtful, "members_agree"), Cell::Text(t) if t.contains("不可信")));
    let told = p.list.judgement.iter().find(|t| t.zh.contains("20 个成员")).unwrap();
    assert!(told.zh.contains("构造") && told.zh.contains("100 m 格网"), "{}", told.zh);
    assert!(p.list.risks.iter().any(|r| r.expectation.zh.contains("8/20 成员达 0.15 m")));
}
