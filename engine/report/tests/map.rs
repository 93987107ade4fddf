//! The map's files: complete, repeatable, safe.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod toy;

use dayu_base::ResponseLevel;
use dayu_report::map::{MapBase, map_files, qml_style};
use dayu_report::typesetting::Typesetter;

fn file<'a>(files: &'a [(String, Vec<u8>)], name: &str) -> &'a [u8] {
    &files.iter().find(|f| f.0 == name).unwrap().1
}

#[test]
fn sheet_and_page_are_made_and_repeat_byte_by_byte() {
    let package = toy::package(ResponseLevel::II, "");
    let base = MapBase::prepare(&package.map).unwrap();
    let first = map_files(&package, &base, &Typesetter::debian().unwrap()).unwrap();
    assert_eq!(first.iter().map(|f| f.0.as_str()).collect::<Vec<_>>(), ["map.html", "map.pdf", "map.png"]);
    let png = file(&first, "map.png");
    let side = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!((side(16), side(20)), (3307, 2339));
    assert!(file(&first, "map.pdf").starts_with(b"%PDF"));
    let again = std::thread::spawn(|| {
        let package = toy::package(ResponseLevel::II, "");
        let base = MapBase::prepare(&package.map).unwrap();
        map_files(&package, &base, &Typesetter::debian().unwrap()).unwrap()
    });
    assert_eq!(first, again.join().unwrap());
}

#[test]
fn the_page_needs_nothing_from_outside_and_keeps_text_as_text() {
    let package = toy::package(ResponseLevel::III, "</script><script>alert(1)</script>%DATA%");
    let base = MapBase::prepare(&package.map).unwrap();
    let files = map_files(&package, &base, &Typesetter::debian().unwrap()).unwrap();
    let html = String::from_utf8(file(&files, "map.html").to_vec()).unwrap();
    assert!(html.len() < 6 * 1024 * 1024);
    assert!(!html.contains("<script>alert"));
    for outside in ["src=\"http", "url(http", "<link", "@import"] {
        assert!(!html.to_lowercase().contains(outside), "{outside}");
    }
    assert!(html.contains("复盘") && html.contains("wp-000"));
}

#[test]
fn every_layer_has_a_style_for_qgis() {
    for layer in toy::package(ResponseLevel::I, "").map.layers {
        let style = qml_style(&layer);
        assert!(style.contains("<renderer-v2") && style.ends_with("</qgis>\n"), "{}", layer.id);
    }
}
