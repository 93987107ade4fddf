//! 镇街转移汇总, 村社转移汇总, 转移人员清单, 避灾安置场所看板: they count what the table counts, and nobody is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod toy;

use dayu_base::{Finding, Origin, Realm, ResponseLevel, Text};
use dayu_package::{Annex, Cell, PARTED, PlanProof, check_totals, compose_evacuation, compose_list, compose_table};
use dayu_plan::Ride;
use toy::World;

fn world() -> World {
    World::new(ResponseLevel::II, Realm::Replay)
}

fn annexes() -> Vec<Annex> {
    world().package().evacuation.unwrap().annexes
}

fn sum(annex: &Annex, key: &str) -> i64 {
    let at = annex.column(key).unwrap();
    annex.rows.iter().map(|r| if let Cell::Integer(n) = r[at] { n } else { 0 }).sum()
}

#[test]
fn rows_and_sums_are_as_long_as_the_columns() {
    for annex in annexes() {
        let width = annex.columns.len();
        assert!(annex.rows.iter().all(|r| r.len() == width) && annex.sums.len() == width, "{}", annex.id);
        for (at, column) in annex.columns.iter().enumerate().skip(1) {
            if let Cell::Integer(said) = annex.sums[at] {
                assert_eq!(said, sum(&annex, &column.key), "{} {}", annex.id, column.key);
            }
        }
    }
}

#[test]
fn villages_objects_and_header_count_the_same_people() {
    let package = world().package();
    let totals = package.header.totals;
    let product = package.evacuation.unwrap();
    for annex in &product.annexes[..3] {
        assert_eq!(sum(annex, "to_move"), totals.to_move as i64, "{}", annex.id);
        assert_eq!(sum(annex, "to_house"), totals.to_house as i64);
        assert_eq!(sum(annex, "unplaced"), totals.unplaced as i64);
    }
    let board = &product.annexes[3];
    assert_eq!(sum(board, "planned"), (totals.to_house - totals.unplaced) as i64);
    assert_eq!(sum(board, "late"), 3);
    assert_eq!(sum(board, "arrived_2h"), sum(board, "planned") - 3);
    assert_eq!(sum(board, "free_2h"), sum(board, "free") + 3);
    // Beds that nobody has counted are empty cells, not none.
    let (id, beds, free) = (0, board.column("beds").unwrap(), board.column("free").unwrap());
    let row = board.rows.iter().find(|r| r[id] == Cell::Text("sh-05".into())).unwrap();
    assert_eq!((&row[beds], &row[free]), (&Cell::Empty, &Cell::Empty));
}

#[test]
fn a_person_too_many_in_an_annex_stops_the_package() {
    let mut package = world().package();
    let annex = &mut package.evacuation.as_mut().unwrap().annexes[2];
    let at = annex.column("to_move").unwrap();
    annex.rows[0][at] = Cell::Integer(1_000_000);
    assert_eq!(check_totals(&package).unwrap_err().place, "转移人员清单");
}

#[test]
fn margins_name_every_class_and_no_number_where_there_is_none() {
    let list = &annexes()[2];
    let (class, minutes) = (list.column("margin").unwrap(), list.column("margin_min").unwrap());
    let mut seen = std::collections::BTreeSet::new();
    for row in &list.rows {
        let Cell::Text(words) = &row[class] else { panic!("no class") };
        seen.insert(words.clone());
        let at = matches!(row[minutes], Cell::Integer(_));
        assert_eq!(at, words.contains("小时"), "{words}");
    }
    assert!(seen.contains("余量未知") && seen.contains("推演期内有路") && seen.contains("无路或已过时刻"), "{seen:?}");
}

#[test]
fn a_proof_is_told_as_what_it_is() {
    let world = world();
    let mut facts = world.evacuation();
    let told = |facts: &_| compose_evacuation(world.input(), facts).unwrap().proof.unwrap().zh;
    assert!(told(&facts).starts_with("步行安置部分最优，差距 0"));
    facts.proof = Some(PlanProof { gap: 5300, gap_relative: 0.0053, ..facts.proof.unwrap() });
    let words = told(&facts);
    assert!(words.contains("0.53%") && !words.contains("最优，"), "{words}");
}

#[test]
fn without_an_opening_there_is_no_clock() {
    let mut world = world();
    world.plan.transfers.iter_mut().for_each(|row| row.order.assumed = true);
    let product = compose_evacuation(world.input(), &world.evacuation()).unwrap();
    let board = &product.annexes[3];
    assert!(board.columns.iter().any(|c| c.title.zh == "下令后1小时 已到(人)"), "{:?}", board.columns);
    assert_eq!(board.notes.len(), 2);
}

#[test]
fn a_long_evacuation_is_shown_in_at_most_nine_hours() {
    let world = world();
    let mut facts = world.evacuation();
    for shelter in &mut facts.hours {
        let planned = shelter.planned;
        shelter.arrived = (1..=31).map(|hour| planned * hour / 31).collect();
    }
    let product = compose_evacuation(world.input(), &facts).unwrap();
    let hours = product.annexes[3].columns.iter().filter(|c| c.key.starts_with("arrived_")).count();
    assert!(hours <= 9, "{hours}");
    assert_eq!(sum(&product.annexes[3], "arrived_31h"), sum(&product.annexes[3], "planned"));
}

#[test]
fn a_level_that_moves_nobody_has_no_annex() {
    let mut world = world();
    world.plan.transfers.clear();
    assert_eq!(compose_evacuation(world.input(), &world.evacuation()), None);
}

#[test]
fn a_count_that_rests_on_constructed_vehicles_says_so() {
    let mut world = world();
    let row = &mut world.plan.transfers[0];
    let id = row.id.clone();
    row.rides.push(Ride {
        carrier: "F-05#1".into(),
        force_id: "F-05".into(),
        means: "bus".into(),
        origin: Origin::Synthetic,
        trip: 1,
        shelter_id: "S".into(),
        people: 4,
        led: false,
        starts_s: 0.0,
        pickup_s: 600.0,
        leaves_s: 700.0,
        arrives_s: 900.0,
    });
    let place = format!("{}/{id}", world.plan.level.id());
    world.header.findings.push(Finding::warning(PARTED, Text::new("分送", "split"), Text::new("", "")).at(place));
    let left = world.plan.totals.unplaced;
    let product = compose_evacuation(world.input(), &world.evacuation()).unwrap();
    let proof = product.proof.unwrap().zh;
    assert!(proof.starts_with("步行安置部分最优，差距 0（"), "{proof}");
    let on_foot = format!("步行未落实 {} 人 → 车辆船艇接运 4 人", left + 4);
    assert!(proof.contains(&on_foot) && proof.contains(&format!("仍未落实 {left} 人")), "{proof}");
    assert!(proof.contains("构造运力"), "{proof}");
    let note = "（已计构造运力接运 4 人）";
    assert_eq!(product.unplaced_note.zh, note);
    for annex in product.annexes.iter().filter(|a| a.column("unplaced").is_some()) {
        assert!(annex.notes.iter().any(|n| n.zh.contains(note)), "{}", annex.id);
    }
    let list = compose_list(world.input());
    let says = |lines: &[Text], words: &str| lines.iter().any(|l| l.zh.contains(words));
    assert!(says(&list.situation, &format!("未落实去处 {left} 人{note}")), "{:?}", list.situation);
    assert!(says(&list.judgement, "整体安置未能做到") && says(&list.judgement, &id));
    // Fleet 05 and its vehicle 1 are told apart.
    let table = compose_table(world.input());
    let at = table.columns.iter().position(|c| c.key == "rides").unwrap();
    assert!(table.rows.iter().any(|r| matches!(&r.cells[at], Cell::Text(t) if t.contains("F-05·1号车"))));
}
