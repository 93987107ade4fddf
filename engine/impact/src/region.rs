//! The share of every region, from 网格 to 区.
//!
//! Each cell belongs to the smallest region that holds its centre, each object to the region of its record; sums go up the
//! tree. Counts are whole numbers of cells, so the sums do not depend on any order.

use crate::assess::{AssessInput, is_affected_block};
use crate::cells::is_wet_at_start;
use crate::model::{Crossing, ObjectImpact, RegionImpact};
use crate::threshold::same;
use dayu_assets::Layer;
use dayu_base::RiskColour;
use rayon::prelude::*;

/// Running sums of one region.
#[derive(Clone, Debug, Default)]
struct Sum {
    colour: Option<RiskColour>,
    covered_cells: u64,
    flooded_cells: u64,
    deepest: Option<(f64, Option<f64>)>,
    hazard: u8,
    duration_s: Option<f64>,
    first_s: Vec<Option<f64>>,
    last_s: Vec<Option<f64>>,
    affected: u64,
    affected_vulnerable: u64,
    blocks_unknown: u32,
    blocks: u32,
    points_flooded: u32,
    points_unknown: u32,
}

/// The larger (or smaller) of two numbers that may be unknown.
fn extreme(a: Option<f64>, b: Option<f64>, pick: fn(f64, f64) -> f64) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(pick(a, b)),
        (a, b) => a.or(b),
    }
}

/// One entry per region of the tree, sorted by code.
pub(crate) fn assess_regions(input: &AssessInput, objects: &[ObjectImpact]) -> Vec<RegionImpact> {
    let tree = input.registry.regions();
    let lineage: Vec<Vec<usize>> = tree
        .all()
        .iter()
        .map(|r| tree.ancestors(&r.code).iter().filter_map(|a| tree.position(&a.code)).collect())
        .collect();
    let limits = input.thresholds.class_m;
    let empty = Sum { first_s: vec![None; limits.len()], last_s: vec![None; limits.len()], ..Sum::default() };
    let mut sums = vec![empty; tree.all().len()];
    add_cells(input, &lineage, &mut sums);
    for object in objects {
        let Some(k) = object.region.as_deref().and_then(|code| tree.position(code)) else { continue };
        for &up in &lineage[k] {
            add_object(&mut sums[up], object, input);
        }
    }
    let cell_m2 = input.inundation.grid.cell_area_m2();
    let all = tree.all().iter().zip(sums);
    all.map(|(region, sum)| region_impact(input, region.code.clone(), sum, cell_m2)).collect()
}

/// The smallest region of each cell that was dry at the start and has a depth.
fn add_cells(input: &AssessInput, lineage: &[Vec<usize>], sums: &mut [Sum]) {
    let (inundation, t) = (input.inundation, &input.thresholds);
    let tree = input.registry.regions();
    let home: Vec<Option<usize>> = (0..inundation.grid.len())
        .into_par_iter()
        .map(|cell| {
            let active = inundation.active.get(cell).copied().unwrap_or(false);
            let depth = inundation.max_depth_m.get(cell).is_some_and(|d| d.is_finite());
            let (x, y) = inundation.grid.centre(cell);
            (active && depth && !is_wet_at_start(inundation, cell, t.affected_m)).then(|| tree.position_at(x, y))?
        })
        .collect();
    let rows = |table: &[(f64, Vec<f32>)]| -> Vec<Option<usize>> {
        t.class_m.iter().map(|&limit| table.iter().position(|(d, _)| same(*d, limit))).collect()
    };
    let (first_rows, last_rows) = (rows(&inundation.crossing_s), rows(&inundation.leaving_s));
    let finite = |v: Option<&f64>| v.copied().filter(|v| v.is_finite());
    let time = |row: &[f32], cell: usize| row.get(cell).map(|t| f64::from(*t)).filter(|t| t.is_finite());
    for (cell, k) in home.into_iter().enumerate().filter_map(|(cell, k)| Some((cell, k?))) {
        let depth_m = inundation.max_depth_m[cell];
        for &up in &lineage[k] {
            let sum = &mut sums[up];
            sum.covered_cells += 1;
            sum.flooded_cells += u64::from(depth_m >= t.affected_m);
            if sum.deepest.is_none_or(|(d, _)| depth_m > d) {
                let at_s = finite(inundation.peak_time_s.get(cell)).filter(|_| depth_m > 0.0);
                sum.deepest = Some((depth_m, at_s));
            }
            sum.hazard = sum.hazard.max(inundation.max_hazard.get(cell).copied().unwrap_or(0));
            sum.duration_s = extreme(sum.duration_s, finite(inundation.duration_s.get(cell)), f64::max);
            for (class, (first, last)) in first_rows.iter().zip(&last_rows).enumerate() {
                let at = first.and_then(|r| time(&inundation.crossing_s[r].1, cell));
                let until = last.and_then(|r| time(&inundation.leaving_s[r].1, cell));
                sum.first_s[class] = extreme(sum.first_s[class], at, f64::min);
                sum.last_s[class] = extreme(sum.last_s[class], until, f64::max);
            }
        }
    }
}

fn add_object(sum: &mut Sum, object: &ObjectImpact, input: &AssessInput) {
    sum.colour = sum.colour.max(Some(object.colour));
    match object.layer {
        Layer::Population => {
            sum.blocks += 1;
            sum.blocks_unknown += u32::from(object.people.is_none() || object.peak.is_none());
            if is_affected_block(object, &input.thresholds) {
                sum.affected = sum.affected.saturating_add(object.people.unwrap_or(0));
                sum.affected_vulnerable = sum.affected_vulnerable.saturating_add(object.vulnerable.unwrap_or(0));
            }
        }
        Layer::WaterloggingPoints => match object.peak {
            Some(peak) => sum.points_flooded += u32::from(peak >= input.thresholds.affected_m),
            None => sum.points_unknown += 1,
        },
        _ => {}
    }
}

fn region_impact(input: &AssessInput, code: String, sum: Sum, cell_m2: f64) -> RegionImpact {
    let t = &input.thresholds;
    let peak_m = sum.deepest.map(|(d, _)| d);
    // Without any object of its own a region still has ground that may lie deep under water.
    let by_ground = peak_m.map_or(RiskColour::Unknown, |d| match t.class_of(d) {
        0 => RiskColour::Low,
        1 => RiskColour::Blue,
        2 => RiskColour::Yellow,
        3 => RiskColour::Orange,
        _ => RiskColour::Red,
    });
    let reached = |limit: f64| peak_m.is_some_and(|d| d >= limit);
    let crossings = t
        .class_m
        .iter()
        .enumerate()
        // A limit that is reached but was not timed is left out rather than called "not reached".
        .filter(|&(k, &limit)| peak_m.is_some() && (!reached(limit) || sum.first_s[k].is_some()))
        .map(|(k, &threshold)| Crossing { threshold, at_s: sum.first_s[k], until_s: sum.last_s[k] })
        .collect();
    RegionImpact {
        code,
        colour: sum.colour.unwrap_or(by_ground),
        flooded_m2: sum.flooded_cells as f64 * cell_m2,
        covered_m2: sum.covered_cells as f64 * cell_m2,
        peak_m,
        peak_at_s: sum.deepest.and_then(|(_, at)| at),
        class: peak_m.map(|d| format!("W{}", t.class_of(d))),
        hazard: peak_m.map(|_| sum.hazard),
        duration_s: sum.duration_s.filter(|_| input.has_durations()),
        crossings,
        affected: sum.affected,
        affected_vulnerable: sum.affected_vulnerable,
        blocks_unknown: sum.blocks_unknown,
        blocks: sum.blocks,
        points_flooded: sum.points_flooded,
        points_unknown: sum.points_unknown,
    }
}
