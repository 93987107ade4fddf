//! What is doubtful about boundaries, sinks, gauges and sections: named before a run, never repaired.

use crate::place::Places;
use crate::{BoundaryKind, FlowProblem, Series};
use dayu_base::{Finding, Text};
use dayu_terrain::faces_on_line;
use std::collections::BTreeMap;

/// Looks over where boundaries act and what stands on walls.
pub(crate) fn doubts(problem: &FlowProblem, places: &Places, active: &[bool]) -> Vec<Finding> {
    let mut found = water_doubts(problem, places, active);
    places_read(problem, active, &mut found);
    found
}

/// What is doubtful about rain, boundaries, pumps and outfalls.
pub(crate) fn water_doubts(problem: &FlowProblem, places: &Places, active: &[bool]) -> Vec<Finding> {
    let mut found = stands_dry(problem, places);
    found.extend(crate::link::link_doubts(problem));
    stages(problem, places, &mut found);
    rising_outlets(problem, places, &mut found);
    let free = |cell: usize| active.get(cell).copied().unwrap_or(false) && !places.held.iter().any(|h| h.cell == cell);
    for sink in problem.sinks.iter().filter(|s| !s.cells.iter().any(|&c| free(c))) {
        found.push(
            Finding::warning(
                "SIM-115",
                Text::new(
                    "泵站或排口没有落在可流动的单元上，不抽排",
                    "the pump or outfall stands on no free cell and takes nothing",
                ),
                Text::new("检查其位置", "check its position"),
            )
            .at(sink.id.clone()),
        );
    }
    found
}

/// Gauges and sections that read nothing.
fn places_read(problem: &FlowProblem, active: &[bool], found: &mut Vec<Finding>) {
    for gauge in problem.gauges.iter().filter(|g| !active.get(g.cell).copied().unwrap_or(false)) {
        found.push(
            Finding::warning(
                "SIM-113",
                Text::new(
                    "测点落在墙体、建筑或无数据单元上，未输出",
                    "the gauge stands in a wall, building or nodata cell and is left out",
                ),
                Text::new("移动测点", "move the gauge"),
            )
            .at(format!("gauge {}", gauge.id)),
        );
    }
    for section in problem.sections.iter().filter(|s| faces_on_line(&problem.grid, &s.line.clone().into()).is_empty()) {
        found.push(
            Finding::warning(
                "SIM-114",
                Text::new("断面没有穿过任何单元边，流量恒为 0", "the section crosses no cell face; its flow is 0"),
                Text::new("延长断面或移入计算范围", "lengthen the section or move it into the extent"),
            )
            .at(format!("section {}", section.id)),
        );
    }
}

fn name(problem: &FlowProblem, number: usize) -> String {
    problem.boundaries[number].id.clone().unwrap_or_else(|| format!("boundary[{number}]"))
}

/// Highest value of a series between two times.
fn highest(series: &Series, until_s: f64) -> f64 {
    let within = series.at.iter().zip(&series.value).filter(|(t, _)| **t >= 0.0 && **t <= until_s).map(|(_, v)| *v);
    within.chain([series.value_at(0.0), series.value_at(until_s)]).fold(f64::NEG_INFINITY, f64::max)
}

/// Cells that each boundary acts on.
fn cells_of(places: &Places) -> BTreeMap<usize, Vec<usize>> {
    let mut cells: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let all = places.edges.iter().map(|e| (e.boundary, e.cell)).chain(places.held.iter().map(|h| (h.boundary, h.cell)));
    all.for_each(|(boundary, cell)| cells.entry(boundary).or_default().push(cell));
    cells
}

/// Stage boundaries that stand on dry ground throughout (`SIM-126`): their level never reaches the lowest bed they act on, and no
/// water is there at the start. They let water out and nothing else, which few mean.
fn stands_dry(problem: &FlowProblem, places: &Places) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, cells) in cells_of(places) {
        let BoundaryKind::Stage(level) = &problem.boundaries[number].kind else { continue };
        let lowest = cells.iter().map(|&c| problem.bed_m[c]).fold(f64::INFINITY, f64::min);
        let wet = cells.iter().any(|&c| problem.initial_depth_m.get(c).is_some_and(|h| *h > 0.0));
        let top = highest(level, problem.duration_s);
        if top <= lowest && !wet {
            found.push(Finding::warning(
                "SIM-126",
                Text::new(
                    format!("给定水位最高 {top} 米，不及其所在单元的最低床面 {lowest:.2} 米：边界始终在干地上"),
                    format!("the level reaches {top} m at most, below the lowest bed of its cells, {lowest:.2} m: the boundary stands on dry ground throughout"),
                ),
                Text::new(
                    "核对水位与高程的基准面，或移动边界；只需出流时用 free 或 normal",
                    "check the datum of the level against that of the elevation, or move the boundary; use free or normal where water is only to leave",
                ),
            )
            .at(name(problem, number))
            .field("level_m"));
        }
    }
    found
}

fn stages(problem: &FlowProblem, places: &Places, found: &mut Vec<Finding>) {
    for (number, cells) in cells_of(places) {
        let BoundaryKind::Stage(level) = &problem.boundaries[number].kind else { continue };
        let start = level.value_at(0.0);
        let below = cells.iter().filter(|&&c| start < problem.bed_m[c]).count();
        if below > 0 {
            found.push(
                Finding::warning(
                    "SIM-112",
                    Text::new(
                        format!("开始时给定水位低于 {below} 个单元的床面：这些单元按无水处理，只能出流"),
                        format!("at the start the level lies below the bed of {below} cells: they hold no water and only let it out"),
                    ),
                    Text::new("核对水位与高程的基准面", "check the datum of the level against that of the elevation"),
                )
                .at(name(problem, number)),
            );
        }
    }
}

fn rising_outlets(problem: &FlowProblem, places: &Places, found: &mut Vec<Finding>) {
    let mut rising: BTreeMap<usize, usize> = BTreeMap::new();
    for e in &places.edges {
        let slope = match problem.boundaries[e.boundary].kind {
            BoundaryKind::Normal(Some(slope)) => slope,
            BoundaryKind::Normal(None) => e.inner.map_or(0.0, |inner| problem.bed_m[inner] - problem.bed_m[e.cell]),
            _ => continue,
        };
        *rising.entry(e.boundary).or_default() += usize::from(slope <= 0.0);
    }
    for (number, count) in rising.into_iter().filter(|(_, count)| *count > 0) {
        found.push(
            Finding::warning(
                "SIM-117",
                Text::new(
                    format!("正常水深边界有 {count} 个面的床坡不向外：这些面不出流"),
                    format!("at {count} faces of the normal-depth boundary the bed does not fall outwards: nothing leaves there"),
                ),
                Text::new("为该边界给出 slope", "give the boundary a slope"),
            )
            .at(name(problem, number)),
        );
    }
}
