//! The table as files: same bytes twice, unknown stays empty, nothing runs as a formula.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../package/tests/toy/mod.rs"]
mod toy;

use dayu_base::{Realm, ResponseLevel};
use dayu_package::{Cell, Package};
use dayu_table::table_files;
use toy::World;

fn package() -> Package {
    World::new(ResponseLevel::II, Realm::Replay).package()
}

fn csv(p: &Package) -> String {
    String::from_utf8(table_files(p).unwrap().into_iter().find(|f| f.0 == "table.csv").unwrap().1).unwrap()
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    let first = table_files(&package()).unwrap();
    // Longer than the two seconds that a ZIP time stamp can tell apart.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let second = table_files(&package()).unwrap();
    for (a, b) in first.iter().zip(&second) {
        assert!(a == b, "{} differs", a.0);
    }
    let names: Vec<&str> = first.iter().map(|f| f.0.as_str()).collect();
    assert_eq!(names, ["table.csv", "table.parquet", "table.xlsx"]);
}

#[test]
fn csv_has_a_bom_machine_keys_and_one_line_per_row() {
    let p = package();
    let text = csv(&p);
    assert!(text.starts_with("\u{feff}object_id,row_id,item,"));
    assert_eq!(text.matches("\r\n").count(), p.table.rows.len() + 1);
    assert!(text.contains("2021-07-25T13:30:00+08:00"));
}

#[test]
fn a_name_that_looks_like_a_formula_is_neutralised() {
    let mut p = package();
    for (k, evil) in ["=1+1", "+1", "-1", "@SUM(A1)"].into_iter().enumerate() {
        p.table.rows[k].cells[4] = Cell::Text(evil.into());
    }
    p.table.rows[4].cells[4] = Cell::Text("甲,\"乙\"".into());
    let text = csv(&p);
    for safe in [",'=1+1,", ",'+1,", ",'-1,", ",'@SUM(A1),", ",\"甲,\"\"乙\"\"\","] {
        assert!(text.contains(safe), "{safe}");
    }
}

#[test]
fn an_unknown_number_is_no_zero() {
    let mut p = package();
    let at = p.table.columns.iter().position(|c| c.key == "value").unwrap();
    p.table.rows[0].cells[at] = Cell::Real(f64::NAN);
    let text = csv(&p);
    let line = text.lines().nth(1).unwrap();
    assert_eq!(line.split(',').nth(at), Some(""));
}
