//! Which cells an object touches, and what the water does there.

use crate::model::Crossing;
use crate::threshold::same;
use dayu_inundation::Inundation;
use dayu_terrain::GridSpec;
use geo::{Line, LineString};
use std::collections::BTreeSet;

/// Cells of one object, and whether part of it lies where nothing was computed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Cells {
    /// active cells, in order along the object, each once
    pub active: Vec<usize>,
    /// outside the grid or on masked or blocked cells in part
    pub gaps: bool,
    /// some part lies in the grid, active or not
    pub in_grid: bool,
    seen: BTreeSet<usize>,
}

impl Cells {
    fn add(&mut self, inundation: &Inundation, cell: Option<usize>) {
        self.in_grid |= cell.is_some();
        match cell {
            Some(c) if inundation.active.get(c).copied().unwrap_or(false) => {
                if self.seen.insert(c) {
                    self.active.push(c);
                }
            }
            _ => self.gaps = true,
        }
    }

    /// The cell that holds a point.
    pub(crate) fn of_point(inundation: &Inundation, x_m: f64, y_m: f64) -> Self {
        let mut cells = Self::default();
        cells.add(inundation, inundation.grid.cell_at(x_m, y_m));
        cells
    }

    /// Every cell that a line passes.
    pub(crate) fn of_lines(inundation: &Inundation, lines: &[&LineString<f64>]) -> Self {
        let mut cells = Self::default();
        for line in lines {
            for segment in line.lines() {
                for (x, y) in midpoints_per_cell(&inundation.grid, segment) {
                    cells.add(inundation, inundation.grid.cell_at(x, y));
                }
            }
        }
        cells
    }

    /// The cells of both ends of each line.
    pub(crate) fn of_ends(inundation: &Inundation, lines: &[&LineString<f64>]) -> Self {
        let mut cells = Self::default();
        for line in lines {
            for end in [line.0.first(), line.0.last()].into_iter().flatten() {
                cells.add(inundation, inundation.grid.cell_at(end.x, end.y));
            }
        }
        cells
    }
}

impl Cells {
    /// Leaves out cells that held water from the start: the level of a lake says nothing of the deck of a road that the map leads
    /// over it. Answers whether any was left out.
    pub(crate) fn leave_out_standing_water(&mut self, inundation: &Inundation, wet_m: f64) -> bool {
        let before = self.active.len();
        self.active.retain(|&c| !is_wet_at_start(inundation, c, wet_m));
        self.active.len() < before
    }
}

/// One point within each piece into which the grid lines cut a segment, in order; a segment without length gives its place.
fn midpoints_per_cell(grid: &GridSpec, segment: Line<f64>) -> Vec<(f64, f64)> {
    let (a, d) = (segment.start, segment.delta());
    if ![a.x, a.y, d.x, d.y].iter().all(|v| v.is_finite()) {
        return vec![(f64::NAN, f64::NAN)];
    }
    let mut cuts = vec![0.0, 1.0];
    let [x_min, y_min, x_max, y_max] = grid.extent();
    for (start, delta, origin, low, high) in [(a.x, d.x, grid.x0_m, x_min, x_max), (a.y, d.y, grid.y0_m, y_min, y_max)]
    {
        if delta == 0.0 {
            continue;
        }
        // Only grid lines inside the grid matter: a line that leaves it may be as long as it likes.
        let from = start.min(start + delta).max(low);
        let to = start.max(start + delta).min(high);
        if from > to {
            continue;
        }
        let first = ((from - origin) / grid.cell_m).ceil() as i64;
        let last = ((to - origin) / grid.cell_m).floor() as i64;
        cuts.extend((first..=last).map(|k| (origin + k as f64 * grid.cell_m - start) / delta));
    }
    cuts.retain(|t| (0.0..=1.0).contains(t));
    cuts.sort_by(f64::total_cmp);
    let pieces = cuts.windows(2).filter(|w| w[1] > w[0]).map(|w| 0.5 * (w[0] + w[1]));
    let points: Vec<(f64, f64)> = pieces.map(|t| (a.x + t * d.x, a.y + t * d.y)).collect();
    if points.is_empty() { vec![(a.x, a.y)] } else { points }
}

/// What the water does in a set of cells: the deepest cell for peak and its time, the earliest and latest cell for times,
/// the highest hazard, the longest duration.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reading {
    pub peak_m: f64,
    pub peak_at_s: Option<f64>,
    pub hazard: u8,
    pub duration_s: Option<f64>,
    /// water stood at or above the depth asked from the start in the deepest cell
    pub wet_at_start: bool,
}

/// Reads the cells; `None` when there is none with a depth.
pub(crate) fn read(inundation: &Inundation, cells: &[usize], wet_m: f64) -> Option<Reading> {
    let depth = |c: usize| inundation.max_depth_m.get(c).copied().filter(|d| d.is_finite());
    let deepest = cells
        .iter()
        .copied()
        .filter(|&c| depth(c).is_some())
        .reduce(|best, c| if depth(c) > depth(best) { c } else { best })?;
    let peak_m = depth(deepest)?;
    let finite = |v: Option<&f64>| v.copied().filter(|v| v.is_finite());
    let duration = cells.iter().filter_map(|&c| finite(inundation.duration_s.get(c))).max_by(f64::total_cmp);
    Some(Reading {
        peak_m,
        // A cell that stays dry has no time of its peak.
        peak_at_s: finite(inundation.peak_time_s.get(deepest)).filter(|_| peak_m > 0.0),
        hazard: cells.iter().filter_map(|&c| inundation.max_hazard.get(c).copied()).max().unwrap_or(0),
        duration_s: duration,
        wet_at_start: is_wet_at_start(inundation, deepest, wet_m),
    })
}

/// Did the cell stand at or above the depth from time 0 on? `false` when that depth was not timed.
pub(crate) fn is_wet_at_start(inundation: &Inundation, cell: usize, wet_m: f64) -> bool {
    let timed = inundation.crossing_s.iter().find(|(depth, _)| same(*depth, wet_m));
    timed.and_then(|(_, first)| first.get(cell)).is_some_and(|&t| t <= 0.0)
}

/// First time any of the cells reaches the depth and last time any is at or above it.
///
/// A depth that was not timed takes the times of the next lower one that was: the first is then early and the last late,
/// which is safe; the second value says so. `None`: reached, but nothing lower was timed either.
pub(crate) fn crossing(
    inundation: &Inundation,
    cells: &[usize],
    peak_m: f64,
    depth_m: f64,
) -> Option<(Crossing, bool)> {
    if peak_m < depth_m {
        return Some((Crossing { threshold: depth_m, at_s: None, until_s: None }, false));
    }
    let times = |row: &[f32]| -> Vec<f64> {
        cells.iter().filter_map(|&c| row.get(c).map(|t| f64::from(*t))).filter(|t| t.is_finite()).collect()
    };
    // From the depth itself downwards: a cell whose peak equals a threshold to the last bit may not have been timed for it.
    let downwards = |rows: &[(f64, Vec<f32>)], pick: fn(&f64, &f64) -> std::cmp::Ordering| -> Option<(f64, f64)> {
        let mut usable: Vec<&(f64, Vec<f32>)> =
            rows.iter().filter(|(d, _)| *d <= depth_m || same(*d, depth_m)).collect();
        usable.sort_by(|a, b| b.0.total_cmp(&a.0));
        usable.into_iter().find_map(|(d, row)| Some((*d, times(row).into_iter().max_by(pick)?)))
    };
    let (timed_m, at_s) = downwards(&inundation.crossing_s, |a, b| b.total_cmp(a))?;
    let until_s = downwards(&inundation.leaving_s, f64::total_cmp).map(|(_, t)| t);
    Some((Crossing { threshold: depth_m, at_s: Some(at_s), until_s }, !same(timed_m, depth_m)))
}
