//! Maps of a run against its answer or a peer; of the water alone where nothing else is drawn.

use super::{Drawn, WHOLE};
use crate::book::Picture;
use crate::measure::{Compared, compared, same_place};
use crate::metric::{Agreement, Field, Metric};
use crate::plot::map::{MapPanel, Ramp, maps};
use crate::source::Wrong;
use dayu_base::Text;
use dayu_terrain::GridSpec;

/// A map needs as many cells each way to show anything.
const LEAST_CELLS: usize = 20;

pub(super) fn of_run(d: &Drawn<'_>) -> Vec<Picture> {
    let mut list = Vec::new();
    let mut peers: Vec<&str> = Vec::new();
    for check in &d.spec.checks {
        let picture = match &check.metric {
            Metric::Field(a) => field(d, a),
            Metric::Agreement(a) if !peers.contains(&a.expected.as_str()) => {
                peers.push(&a.expected);
                agreement(d, a)
            }
            _ => continue,
        };
        list.extend(picture.ok());
    }
    if list.is_empty() { water(d).ok().flatten().into_iter().collect() } else { list }
}

/// A round number at or above the 99.5th percentile of the absolute values: one deep cell must not bleach the map.
fn most(values: &[f64]) -> f64 {
    let mut list: Vec<f64> = values.iter().filter(|v| v.is_finite() && **v != 0.0).map(|v| v.abs()).collect();
    list.sort_by(f64::total_cmp);
    let high = list.get((list.len() as f64 * 0.995) as usize).or(list.last()).copied().unwrap_or(1.0);
    let power = libm::pow(10.0, libm::log10(high).floor());
    [1.0, 2.0, 3.0, 5.0, 10.0].iter().map(|m| m * power).find(|m| *m >= high * 0.999).unwrap_or(high)
}

fn panel(d: &Drawn<'_>, title: &str, grid: GridSpec, values: Vec<f64>, ramp: Ramp, most: f64, unit: &str) -> MapPanel {
    let points = d.run.scenario.gauge.iter().map(|g| (g.id.clone(), g.x, g.y)).collect();
    MapPanel { title: title.into(), grid, values, ramp, most, unit: unit.into(), points }
}

fn field(d: &Drawn<'_>, a: &Field) -> Result<Picture, Wrong> {
    let (model, answer) = (d.run.field(&a.raster, a.at)?, d.run.case_raster(&a.expected)?);
    same_place(&model, &answer)?;
    let add = a.add.as_ref().map(|name| d.run.case_raster(name)).transpose()?;
    // The bed is taken off again: a map of levels would show the ground, not the water.
    let base = |k: usize| add.as_ref().map_or(0.0, |r| r.values[k]);
    let wanted: Vec<f64> = answer.values.iter().enumerate().map(|(k, v)| v - base(k)).collect();
    let difference: Vec<f64> = model.values.iter().zip(&wanted).map(|(m, w)| m - w).collect();
    let (scale, off) = (most(&wanted), most(&difference));
    let g = model.grid;
    let svg = maps(
        &[
            panel(d, "计算 model", g, model.values.clone(), Ramp::Depth, scale, "m"),
            panel(d, "答案 answer", g, wanted, Ramp::Depth, scale, "m"),
            panel(d, "计算减答案 difference", g, difference, Ramp::Difference, off, "m"),
        ],
        WHOLE,
    );
    let when = a.at.map(|t| format!("，t = {t} s")).unwrap_or_default();
    Ok(Picture {
        title: Text::new(
            format!("水深与答案{when}：{}", d.label()),
            format!("Depth and answer{}: {}", when.replace('，', ", "), d.label()),
        ),
        caption: Text::new("灰色为墙或无数据。", "Grey: walls or no data."),
        wide: true,
        svg,
    })
}

fn agreement(d: &Drawn<'_>, a: &Agreement) -> Result<Picture, Wrong> {
    let c: Compared = compared(d.run, a)?;
    let difference: Vec<f64> = c.ours_m.iter().zip(&c.peer_m).map(|(x, y)| x - y).collect();
    let (scale, off) = (most(&c.peer_m), most(&difference));
    let peer = a.expected.trim_end_matches(".tif").trim_start_matches("max_").trim_end_matches("_mm");
    let (csi, low) = (c.csi(a.level), c.csi(2.0 * a.level));
    let skipped = c.grid.nx - c.kept_columns;
    let svg = maps(
        &[
            panel(d, "dayu", c.grid, c.ours_m.clone(), Ramp::Depth, scale, "m"),
            panel(d, peer, c.grid, c.peer_m.clone(), Ramp::Depth, scale, "m"),
            panel(d, "差 difference", c.grid, difference, Ramp::Difference, off, "m"),
        ],
        WHOLE,
    );
    Ok(Picture {
        title: Text::new(
            format!("最大水深与 {peer}：{}", d.label()),
            format!("Maximum depth and {peer}: {}", d.label()),
        ),
        caption: Text::new(
            format!("CSI({} m) = {csi:.3}，CSI({} m) = {low:.3}；东侧 {skipped} 列不计。", a.level, 2.0 * a.level),
            format!(
                "CSI({} m) = {csi:.3}, CSI({} m) = {low:.3}; the {skipped} easternmost columns are left out.",
                a.level,
                2.0 * a.level
            ),
        ),
        wide: true,
        svg,
    })
}

/// Maximum depth alone.
fn water(d: &Drawn<'_>) -> Result<Option<Picture>, Wrong> {
    if !d.run.scenario.output.rasters.iter().any(|r| r == "max_depth") {
        return Ok(None);
    }
    let drawn_otherwise = d.spec.checks.iter().any(|c| matches!(c.metric, Metric::Profile(_) | Metric::Series(_)));
    let depth = d.run.raster("max_depth")?;
    let g = depth.grid;
    let urban = d.spec.checks.iter().any(|c| matches!(c.metric, Metric::Marks(_)));
    if g.nx.min(g.ny) < LEAST_CELLS || (drawn_otherwise && !urban) {
        return Ok(None);
    }
    let scale = most(&depth.values);
    let shown = panel(d, "最大水深 maximum depth", g, depth.values.clone(), Ramp::Depth, scale, "m");
    Ok(Some(Picture {
        title: Text::new(format!("最大水深：{}", d.label()), format!("Maximum depth: {}", d.label())),
        caption: Text::new("灰色为墙或无数据。", "Grey: walls or no data."),
        wide: false,
        svg: maps(&[shown], super::HALF),
    }))
}
