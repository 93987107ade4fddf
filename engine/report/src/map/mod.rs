//! 识别一张图 as files: A3 sheet (PNG, PDF), web page, and styles for the GeoPackage.

mod base;
mod frame;
mod label;
mod margin;
mod members;
mod qml;
mod sheet;
mod storm;
mod symbol;
mod vector;
mod web;

pub use base::{DEPTH_CLASSES, DepthClass, MapBase, Overlay, depth_class};
pub use qml::qml_style;

use crate::typesetting::Typesetter;
use dayu_base::Finding;
use dayu_package::Package;

/// Pixels per point of `map.png`: 200 dpi on A3, 3307 × 2339.
const PIXEL_PER_PT: f64 = 200.0 / 72.0;

/// `map.png`, `map.pdf`, `map.html`, with a typhoon `typhoon.png`, with members `members.png` of a package, by file name. `base` is made once per run ([`MapBase::prepare`]) and
/// shared by all levels.
///
/// # Errors
/// `RPT-002`, `RPT-003`, `RPT-004` when the sheet cannot be set or exported; `RPT-012` when the page cannot be written.
pub fn map_files(pkg: &Package, base: &MapBase, typesetter: &Typesetter) -> Result<Vec<(String, Vec<u8>)>, Finding> {
    let set = typesetter.compile(&sheet::sheet(pkg, base))?;
    let mut files = vec![
        ("map.html".into(), web::page(pkg, base)?),
        ("map.pdf".into(), set.pdf()?),
        ("map.png".into(), set.png(PIXEL_PER_PT)?),
    ];
    if let Some(storm) = storm::sheet(pkg) {
        files.push(("typhoon.png".into(), typesetter.compile_png(&storm, PIXEL_PER_PT)?));
    }
    if let Some(members) = members::sheet(pkg, base) {
        files.push(("members.png".into(), typesetter.compile_png(&members, PIXEL_PER_PT)?));
    }
    Ok(files)
}
