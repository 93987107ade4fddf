//! Draws the map of a made-up district: `cargo run --release -p dayu-report --example map_demo -- FOLDER [LEVEL]`.

#[path = "../tests/toy/mod.rs"]
mod toy;

use dayu_base::ResponseLevel;
use dayu_report::map::{MapBase, map_files};
use dayu_report::typesetting::Typesetter;
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("name a folder for the files")?);
    let level = match arguments.next() {
        Some(id) => ResponseLevel::from_id(&id).ok_or("LEVEL is attention, IV, III, II or I")?,
        None => ResponseLevel::II,
    };
    std::fs::create_dir_all(&folder)?;
    let clock = Instant::now();
    let typesetter = Typesetter::debian()?;
    eprintln!("fonts {:.2} s", clock.elapsed().as_secs_f64());
    let package = toy::package(level, "");
    let clock = Instant::now();
    let base = MapBase::prepare(&package.map)?;
    eprintln!("base  {:.2} s", clock.elapsed().as_secs_f64());
    for round in 1..=2 {
        let clock = Instant::now();
        for (name, bytes) in map_files(&package, &base, &typesetter)? {
            eprintln!("{name} {} kB", bytes.len() / 1000);
            std::fs::write(folder.join(name), bytes)?;
        }
        eprintln!("round {round}: {:.2} s", clock.elapsed().as_secs_f64());
    }
    Ok(())
}
