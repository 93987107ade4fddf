//! The list as files: same bytes twice, the same words in both documents, the realm on every page.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../../package/tests/toy/mod.rs"]
mod toy;

use dayu_base::{Realm, ResponseLevel};
use dayu_report::{list::list_files, typesetting::Typesetter};
use std::collections::BTreeMap;
use toy::World;

fn files(level: ResponseLevel, realm: Realm) -> BTreeMap<String, Vec<u8>> {
    let package = World::new(level, realm).package();
    list_files(&package, &Typesetter::debian().unwrap()).unwrap().into_iter().collect()
}

#[test]
fn the_same_package_gives_the_same_bytes() {
    let first = files(ResponseLevel::II, Realm::Replay);
    // Longer than the two seconds that a ZIP time stamp can tell apart; another thread has other counters.
    std::thread::sleep(std::time::Duration::from_millis(2100));
    let second = files(ResponseLevel::II, Realm::Replay);
    let third = std::thread::spawn(|| files(ResponseLevel::II, Realm::Replay)).join().unwrap();
    for (name, bytes) in &first {
        assert!(bytes == &second[name] && bytes == &third[name], "{name} differs");
    }
    assert_eq!(
        first.keys().map(String::as_str).collect::<Vec<_>>(),
        ["list.docx", "list.json", "list.pdf", "messages.txt"]
    );
}

#[test]
fn the_json_is_the_list_with_its_identity() {
    let files = files(ResponseLevel::III, Realm::Drill);
    let json: serde_json::Value = serde_json::from_slice(&files["list.json"]).unwrap();
    assert_eq!(json["format"], 1);
    assert_eq!(json["level"], "III");
    assert_eq!(json["realm"], "drill");
    assert_eq!(json["sheet"], "管控指令单");
    assert_eq!(json["risks"][0]["object_id"], "wp-13");
    let moved: u64 = json["transfers"].as_array().unwrap().iter().map(|t| t["to_move"].as_u64().unwrap()).sum();
    assert_eq!(json["totals"]["to_move"], moved);
}

#[test]
fn every_level_and_realm_can_be_set() {
    for level in ResponseLevel::ALL {
        let files = files(level, Realm::Live);
        assert!(files["list.pdf"].starts_with(b"%PDF") && files["list.docx"].starts_with(b"PK"));
    }
    let text = String::from_utf8(files(ResponseLevel::II, Realm::Drill)["messages.txt"].clone()).unwrap();
    assert!(text.starts_with("【演练】") && text.contains("[全区广播]"));
}
