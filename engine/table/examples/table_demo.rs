//! Writes the table of an invented night into a folder, to be looked at: `cargo run --example table_demo -- OUT [level]`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "../../package/tests/toy/mod.rs"]
mod toy;

use dayu_base::{Realm, ResponseLevel};
use dayu_table::table_files;

fn main() {
    let folder = std::path::PathBuf::from(std::env::args().nth(1).expect("a folder"));
    let level = std::env::args().nth(2).and_then(|id| ResponseLevel::from_id(&id)).unwrap_or(ResponseLevel::II);
    let package = toy::World::new(level, Realm::Replay).package();
    dayu_package::check_totals(&package).unwrap();
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in table_files(&package).unwrap() {
        println!("{name} {}", bytes.len());
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
