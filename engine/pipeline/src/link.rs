//! Culverts, underpasses, bridge openings and weirs: the cells at their ends.

use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_inundation::Link;
use dayu_scenario::LinkSpec;
use dayu_terrain::GridSpec;

/// Manning n of concrete barrels (recalled from FHWA HDS-5, not checked against it).
const CONCRETE: f64 = 0.013;
/// Loss of an entry with square edges (recalled from FHWA HDS-5, not checked against it).
const SQUARE_EDGES: f64 = 0.5;
/// Discharge coefficient of a sharp orifice (recalled).
const ORIFICE: f64 = 0.6;

/// Links of the scenario and of the district's layer `links`, with the cells of their ends. A `[[link]]` with the id of one of the layer
/// stands for it. What of the layer cannot be computed on this grid is left out and named.
///
/// # Errors
/// `RUN-150` an end of a `[[link]]` lies outside the grid.
pub(crate) fn links(
    inputs: &Inputs,
    grid: &GridSpec,
    bed_m: &[f64],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Link>, Finding> {
    let cell = |point: [f64; 2]| grid.cell_at(point[0], point[1]);
    let own = |(k, spec): (usize, &LinkSpec)| {
        let end = |key: &str, point: [f64; 2]| {
            cell(point).ok_or_else(|| {
                Finding::error(
                    "RUN-150",
                    Text::new("连通构造物的端点在计算网格之外", "an end of the link lies outside the grid"),
                    Text::new("核对坐标与 grid.extent", "check the coordinates against grid.extent"),
                )
                .in_file(&inputs.scenario_file.name)
                .field(format!("link[{k}].{key}"))
            })
        };
        Ok(link_between(spec, end("from", spec.from)?, end("to", spec.to)?))
    };
    let scenario = &inputs.scenario;
    let mut links: Vec<Link> = scenario.link.iter().enumerate().map(own).collect::<Result<_, Finding>>()?;
    let is_screening = scenario.solver.scheme == "fill-spill";
    let replaced = |spec: &LinkSpec| spec.id.is_some() && scenario.link.iter().any(|l| l.id == spec.id);
    for of_layer in inputs.district.links.iter().filter(|l| !replaced(&l.spec)) {
        let spec = &of_layer.spec;
        let open = |point: [f64; 2]| cell(point).filter(|c| !bed_m[*c].is_nan());
        let (zh, en) = match (open(spec.from), open(spec.to)) {
            _ if is_screening => ("填溢筛查不计算连通构造物", "the screening does not compute links"),
            (Some(from), Some(to)) if from != to => {
                links.push(link_between(spec, from, to));
                continue;
            }
            (Some(_), Some(_)) => ("两端在同一个计算单元内", "both ends lie in one cell"),
            _ => ("有端点不在可计算的单元上", "an end lies on no computed cell"),
        };
        findings.push(
            Finding::warning(
                "RUN-205",
                Text::new(
                    format!("图层 links 的连通构造物“{}”未计入：{zh}", spec.id.as_deref().unwrap_or("")),
                    format!("the link '{}' of the layer links is left out: {en}", spec.id.as_deref().unwrap_or("")),
                ),
                Text::new("核对端点位置、计算范围与 cell_m", "check the ends against the extent and cell_m"),
            )
            .in_file(&of_layer.file)
            .at(&of_layer.place),
        );
    }
    Ok(links)
}

fn link_between(spec: &LinkSpec, from: usize, to: usize) -> Link {
    let is_weir = spec.kind == "weir";
    Link {
        id: spec.id.clone(),
        from,
        to,
        width_m: spec.width_m,
        height_m: spec.height_m.filter(|_| !is_weir).unwrap_or(f64::INFINITY),
        invert_m: [spec.invert_m, spec.invert_to_m.unwrap_or(spec.invert_m)],
        length_m: spec.length_m(),
        roughness: spec.roughness.unwrap_or(CONCRETE),
        entry_loss: spec.entry_loss.unwrap_or(if is_weir { 0.0 } else { SQUARE_EDGES }),
        exit_loss: spec.exit_loss.unwrap_or(1.0),
        orifice: spec.discharge_coefficient.unwrap_or(ORIFICE),
    }
}
