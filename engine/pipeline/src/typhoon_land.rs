//! Land and sea around a district: polygons of a file, and the ground for which winds are told.

use crate::inputs::Inputs;
use crate::load::read_area;
use crate::typhoon::DEGREES;
use dayu_base::{Finding, Text};
use dayu_storm::typhoon::{INLAND_ROUGHNESS_M, OPEN_LAND_ROUGHNESS_M, land_share};
use geo::{BoundingRect, MultiPolygon};

/// A district is inland when at least this share of the ground within [`AROUND_KM`] of its middle is land (D): a river's mouth does not
/// make a coast, a city on the open sea is one.
const INLAND_SHARE: f64 = 0.9;
/// Way over which the wind settles to the ground below it, km (D).
const AROUND_KM: f64 = 50.0;

/// The ground for which winds are told, m, and why. Without land nothing is known of the way over it: open land, the stronger wind.
pub(crate) fn ground(area: &MultiPolygon<f64>, land: Option<&MultiPolygon<f64>>) -> (f64, Finding) {
    let middle = area.bounding_rect().map(|r| r.center());
    let share = land.zip(middle).map(|(land, m)| land_share((m.x, m.y), land, AROUND_KM));
    let percent = share.unwrap_or(f64::NAN) * 100.0;
    let (ground_m, zh, en) = match share {
        Some(s) if s >= INLAND_SHARE => (
            INLAND_ROUGHNESS_M,
            format!("本区 {AROUND_KM} km 内陆地占 {percent:.0}%：风按内陆地面（粗糙度 {INLAND_ROUGHNESS_M} m）推算"),
            format!(
                "{percent:.0} % of the ground within {AROUND_KM} km is land: winds over inland ground (roughness {INLAND_ROUGHNESS_M} m)"
            ),
        ),
        Some(_) => (
            OPEN_LAND_ROUGHNESS_M,
            format!(
                "本区 {AROUND_KM} km 内陆地占 {percent:.0}%：风按沿海开阔地（粗糙度 {OPEN_LAND_ROUGHNESS_M} m）推算"
            ),
            format!(
                "{percent:.0} % of the ground within {AROUND_KM} km is land: winds over open land (roughness {OPEN_LAND_ROUGHNESS_M} m)"
            ),
        ),
        None => (
            OPEN_LAND_ROUGHNESS_M,
            format!("没有陆地面，不知本区离海多远：风按开阔地（粗糙度 {OPEN_LAND_ROUGHNESS_M} m）推算，内陆会偏强"),
            format!(
                "no land is given, the distance to the sea is unknown: winds over open land (roughness {OPEN_LAND_ROUGHNESS_M} m), too strong inland"
            ),
        ),
    };
    let mend = match land {
        Some(_) => Text::default(),
        None => Text::new("用 [typhoon] land 给出陆地面", "supply polygons of land by [typhoon] land"),
    };
    (ground_m, Finding::info("TRK-034", Text::new(zh, en), mend))
}

/// The polygons of land of a file.
pub(crate) fn read_land(
    inputs: &Inputs,
    land: &str,
    findings: &mut Vec<Finding>,
) -> Result<MultiPolygon<f64>, Finding> {
    let file = inputs.scenario_file.beside(land);
    let (area, found) = read_area(&inputs.files, "typhoon", &file, DEGREES)?;
    findings.extend(found);
    if area.polygons.0.is_empty() {
        return Err(Finding::error(
            "TRK-033",
            Text::new("陆地文件没有面要素", "the file of land has no polygon"),
            Text::new("给出陆地的面（海岸线须闭合成面）", "supply polygons of land (a coast line must be closed)"),
        )
        .in_file(&file.name)
        .field("typhoon.land"));
    }
    Ok(area.polygons)
}
