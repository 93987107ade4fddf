//! Culverts, underpasses, bridge openings and weirs: the cells at their ends.

use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_inundation::Link;
use dayu_scenario::LinkSpec;
use dayu_terrain::GridSpec;

/// Manning n of concrete barrels (FHWA HDS-5, table C.1: 0.012–0.013).
const CONCRETE: f64 = 0.013;
/// Loss of an entry with square edges (FHWA HDS-5, table C.2).
const SQUARE_EDGES: f64 = 0.5;
/// Discharge coefficient of a sharp orifice.
const ORIFICE: f64 = 0.6;

/// Links of a scenario with the cells of their ends.
///
/// # Errors
/// `RUN-150` an end lies outside the grid.
pub(crate) fn links(inputs: &Inputs, grid: &GridSpec) -> Result<Vec<Link>, Finding> {
    let link = |(k, spec): (usize, &LinkSpec)| {
        let cell = |key: &str, point: [f64; 2]| {
            grid.cell_at(point[0], point[1]).ok_or_else(|| {
                Finding::error(
                    "RUN-150",
                    Text::new("连通构造物的端点在计算网格之外", "an end of the link lies outside the grid"),
                    Text::new("核对坐标与 grid.extent", "check the coordinates against grid.extent"),
                )
                .in_file(&inputs.scenario_file.name)
                .field(format!("link[{k}].{key}"))
            })
        };
        let is_weir = spec.kind == "weir";
        Ok(Link {
            id: spec.id.clone(),
            from: cell("from", spec.from)?,
            to: cell("to", spec.to)?,
            width_m: spec.width_m,
            height_m: spec.height_m.filter(|_| !is_weir).unwrap_or(f64::INFINITY),
            invert_m: [spec.invert_m, spec.invert_to_m.unwrap_or(spec.invert_m)],
            length_m: spec.length_m(),
            roughness: spec.roughness.unwrap_or(CONCRETE),
            entry_loss: spec.entry_loss.unwrap_or(if is_weir { 0.0 } else { SQUARE_EDGES }),
            exit_loss: spec.exit_loss.unwrap_or(1.0),
            orifice: spec.discharge_coefficient.unwrap_or(ORIFICE),
        })
    };
    inputs.scenario.link.iter().enumerate().map(link).collect()
}
