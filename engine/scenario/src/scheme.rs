//! What each scheme does not compute, refused by name.

use crate::{GridKeys, ScenarioSpec};
use dayu_base::{Finding, Text};

/// The schemes of the contract; cells that keep their pixels are a form of `inertial`.
pub(crate) const SCHEMES: [&str; 3] = ["inertial", "dynamic", "fill-spill"];

/// Rasters that a screening has no water in motion for.
const NEEDS_MOTION: [&str; 3] = ["max_dv", "max_hr", "ebb"];

/// Refuses keys that are computed, but not by the scheme that the scenario names.
pub(crate) fn check_scheme(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let scheme = spec.solver.scheme.as_str();
    if !SCHEMES.contains(&scheme) {
        return;
    }
    let is_subgrid = spec.grid.as_ref().is_some_and(|grid| GridKeys::pixels_a_side(grid) > 1);
    let is_plain = scheme == "inertial" && !is_subgrid;
    let moves = is_plain || scheme == "dynamic";
    let name = if scheme == "inertial" && is_subgrid { "inertial + grid.subgrid_m" } else { scheme };
    let mut refuse = |key: String, zh: &str, en: &str, schemes: &str| {
        found.push(
            Finding::error(
                "SCN-010",
                Text::new(
                    format!("本版本尚不能计算：{zh}，在 scheme = \"{name}\" 下"),
                    format!("not computed by this version: {en} under scheme = \"{name}\""),
                ),
                Text::new(format!("去掉“{key}”，或改用 {schemes}"), format!("remove '{key}', or use {schemes}")),
            )
            .in_file(file)
            .field(key),
        );
    };
    const MOVING: &str = "scheme = \"inertial\" (cell_m = subgrid_m) | \"dynamic\"";
    if scheme == "dynamic" && is_subgrid {
        refuse("grid.subgrid_m".into(), "亚网格地形", "subgrid terrain", "scheme = \"inertial\"");
    }
    if spec.attribution.is_some() && !is_plain {
        refuse(
            "attribution".into(),
            "来水归因",
            "attribution to sources",
            "scheme = \"inertial\" (cell_m = subgrid_m)",
        );
    }
    if spec.state.is_some() && scheme == "fill-spill" {
        refuse("state".into(), "热启动状态", "saved states", "scheme = \"inertial\" | \"dynamic\"");
    }
    if !spec.crest.is_empty() && scheme == "fill-spill" {
        refuse("crest".into(), "堤墙", "crests", "scheme = \"inertial\" | \"dynamic\"");
    }
    for raster in spec.output.rasters.iter().filter(|r| scheme == "fill-spill" && NEEDS_MOTION.contains(&r.as_str())) {
        refuse(
            "output.rasters".into(),
            &format!("“{raster}”"),
            &format!("'{raster}'"),
            "scheme = \"inertial\" | \"dynamic\"",
        );
    }
    if !spec.output.arrival_depths_m.is_empty() && scheme == "fill-spill" {
        refuse(
            "output.arrival_depths_m".into(),
            "多个水深的到达与历时",
            "arrival and duration of several depths",
            "scheme = \"inertial\" | \"dynamic\"",
        );
    }
    if !spec.link.is_empty() && scheme == "fill-spill" {
        refuse("link".into(), "连通构造物", "links", "scheme = \"inertial\" | \"dynamic\"");
    }
    if spec.initial.as_ref().is_some_and(|i| i.velocity.is_some()) && !moves {
        refuse("initial.velocity".into(), "初始流速", "an initial velocity", MOVING);
    }
    for (k, _) in spec.boundary.iter().enumerate().filter(|(_, b)| b.kind == "rating" && !moves) {
        refuse(format!("boundary[{k}].kind"), "水位流量关系边界", "a rating curve", MOVING);
    }
    let remembers = |model: &str| ["horton", "green-ampt", "scs-cn"].contains(&model);
    if let Some(soil) = spec.infiltration.as_ref().filter(|i| scheme == "fill-spill" && remembers(&i.model)) {
        refuse(
            "infiltration.model".into(),
            &format!("下渗模型“{}”", soil.model),
            &format!("infiltration model '{}'", soil.model),
            "scheme = \"inertial\" | \"dynamic\"",
        );
    }
}
