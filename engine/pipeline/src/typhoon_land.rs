//! Land and sea around a district: polygons of a file, and the ground for which winds are told.

use crate::inputs::Inputs;
use crate::load::read_area;
use crate::typhoon::DEGREES;
use dayu_base::{Finding, Text};
use dayu_storm::typhoon::{INLAND_ROUGHNESS_M, OPEN_LAND_ROUGHNESS_M, distance_to_shore_km};
use geo::{Contains, CoordsIter, MultiPolygon, Point};

/// A district that lies farther from the sea than this has inland ground, km (D): the wind has then long left the sea.
const COASTAL_KM: f64 = 20.0;
/// The ground for which winds are told, m, and why. Without land nothing is known of the way over it: open land, the stronger wind.
pub(crate) fn ground(area: &MultiPolygon<f64>, land: Option<&MultiPolygon<f64>>) -> (f64, Finding) {
    let shore_km = land.and_then(|land| {
        let inside = area.coords_iter().all(|c| land.contains(&Point::from(c)));
        inside
            .then(|| area.coords_iter().filter_map(|c| distance_to_shore_km((c.x, c.y), land)).min_by(f64::total_cmp))?
    });
    let (ground_m, zh, en) = match shore_km {
        Some(km) if km > COASTAL_KM => (
            INLAND_ROUGHNESS_M,
            format!("本区距海岸（或所给陆地面的边）{km:.0} km：风按内陆地面（粗糙度 {INLAND_ROUGHNESS_M} m）推算"),
            format!(
                "the district lies {km:.0} km from the shore: winds over inland ground (roughness {INLAND_ROUGHNESS_M} m)"
            ),
        ),
        Some(km) => (
            OPEN_LAND_ROUGHNESS_M,
            format!("本区距海岸 {km:.0} km：风按沿海开阔地（粗糙度 {OPEN_LAND_ROUGHNESS_M} m）推算"),
            format!(
                "the district lies {km:.0} km from the shore: winds over open land (roughness {OPEN_LAND_ROUGHNESS_M} m)"
            ),
        ),
        None => (
            OPEN_LAND_ROUGHNESS_M,
            format!("不知本区离海多远：风按开阔地（粗糙度 {OPEN_LAND_ROUGHNESS_M} m）推算，内陆会偏强"),
            format!(
                "the distance to the sea is unknown: winds over open land (roughness {OPEN_LAND_ROUGHNESS_M} m), too strong inland"
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
