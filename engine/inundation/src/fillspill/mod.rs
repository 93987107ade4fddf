//! Fill, spill, merge: where the net rain ends when it has run down. A screening of a moment, without time or motion.

mod hierarchy;
mod net_rain;
mod pour;

use crate::balance::Balance;
use crate::cell::arr_class;
use crate::place::resolve;
use crate::schedule::output_times;
use crate::simulate::{stopped, water_lost};
use crate::soundness::check;
use crate::{BoundaryKind, FlowProblem, FlowRow, GaugeRow, Inundation, RunStats, Series};
use dayu_base::{Finding, Text};
pub use hierarchy::Connectivity;
use hierarchy::{Hierarchy, NONE};
use net_rain::NetRain;
use pour::Poured;

/// Places the net rain up to each output time and snapshot in the hollows of the ground.
///
/// Held cells, and edges that are free, normal or held at a level, take what reaches them (a level dams the edge up to it); there are no
/// velocities. Times of arrival are the first output time at which the depth is reached.
///
/// # Errors
/// As [`crate::simulate`].
pub(crate) fn simulate_fill_spill(
    problem: &FlowProblem,
    connectivity: Connectivity,
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<Inundation, Finding> {
    check(problem)?;
    let mut findings = problem.rain.soundness(problem.duration_s, &problem.grid, &problem.bed_m)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    let places = resolve(problem, &active)?;
    let level_at_start = |boundary: usize| match &problem.boundaries[boundary].kind {
        BoundaryKind::Stage(level) => Some(level.value_at(0.0)),
        BoundaryKind::Free | BoundaryKind::Normal(_) => Some(f64::NEG_INFINITY),
        // A rating curve is refused before a run.
        BoundaryKind::Inflow(_) | BoundaryKind::Rating(_) | BoundaryKind::Wall => None,
    };
    let outlets: Vec<(u32, f64)> =
        places.edges.iter().filter_map(|e| level_at_start(e.boundary).map(|level| (e.cell as u32, level))).collect();
    let mut open = vec![false; active.len()];
    places.held.iter().for_each(|h| open[h.cell] = true);
    let hierarchy = Hierarchy::new(problem.grid.nx, &problem.bed_m, connectivity, &outlets, &open);
    if !progress(0.5) {
        return Err(stopped(0.0));
    }
    let inflows = inflows(problem, &places);
    let mut screening = Screening::new(problem, &hierarchy, &open, active);
    findings.push(told(problem));
    let mut rain = NetRain::new(problem, &hierarchy);

    let outputs = output_times(problem.duration_s, problem.interval_s);
    let mut snapshots = problem.snapshots_s.clone();
    snapshots.sort_by(f64::total_cmp);
    snapshots.dedup();
    let mut times: Vec<f64> = outputs.iter().chain(&snapshots).copied().collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    for &time in &times {
        rain.advance(time);
        let depth = screening.place(&rain, &inflows, time);
        if outputs.binary_search_by(|t| t.total_cmp(&time)).is_ok() {
            screening.rows(&rain, &inflows, &depth, time);
        }
        if snapshots.binary_search_by(|t| t.total_cmp(&time)).is_ok() {
            let still: Vec<f64> = depth.iter().map(|h| if h.is_nan() { f64::NAN } else { 0.0 }).collect();
            screening.result.snapshots.push((time, depth, still.clone(), still));
        }
        if !progress(0.5 + 0.5 * time / problem.duration_s) {
            return Err(stopped(time));
        }
    }
    screening.finish(findings)
}

/// Water that boundaries bring: series and the leaves that take it in equal shares.
fn inflows<'a>(problem: &'a FlowProblem, places: &crate::place::Places) -> Vec<(usize, &'a Series, Vec<usize>)> {
    let mut found = Vec::new();
    for (number, boundary) in problem.boundaries.iter().enumerate() {
        let BoundaryKind::Inflow(series) = &boundary.kind else { continue };
        let edge = places.edges.iter().filter(|e| e.boundary == number).map(|e| e.cell);
        let inside = places.inflows.iter().filter(|i| i.boundary == number).flat_map(|i| i.cells.iter().copied());
        found.push((number, series, edge.chain(inside).collect()));
    }
    found
}

/// Results while they are gathered.
struct Screening<'a> {
    problem: &'a FlowProblem,
    hierarchy: &'a Hierarchy,
    open: &'a [bool],
    balance: Balance,
    left_m3: f64,
    stored_m3: f64,
    result: Inundation,
}

impl<'a> Screening<'a> {
    fn new(problem: &'a FlowProblem, hierarchy: &'a Hierarchy, open: &'a [bool], active: Vec<bool>) -> Self {
        let walls_nan = |value: f64| active.iter().map(|a| if *a { value } else { f64::NAN }).collect::<Vec<_>>();
        let n = active.len();
        let never = || problem.thresholds_m.iter().map(|t| (*t, vec![f32::NAN; n])).collect::<Vec<_>>();
        let stats = RunStats {
            cells: n as u64,
            active_cells: active.iter().filter(|a| **a).count() as u64,
            ..RunStats::default()
        };
        let result = Inundation {
            attribution: Vec::new(),
            sources: Vec::new(),
            further: crate::Further::default(),
            grid: problem.grid,
            max_depth_m: walls_nan(0.0),
            arrival_s: vec![f64::NAN; n],
            duration_s: walls_nan(0.0),
            max_speed_m_s: walls_nan(0.0),
            max_hazard: vec![0; n],
            crossing_s: never(),
            leaving_s: never(),
            peak_time_s: walls_nan(0.0),
            snapshots: Vec::new(),
            gauges: Vec::new(),
            flows: Vec::new(),
            balance: Vec::new(),
            sinks: problem
                .sinks
                .iter()
                .map(|s| crate::SinkTotal { id: s.id.clone(), volume_m3: 0.0, running_s: 0.0 })
                .collect(),
            volumes: crate::Volumes::default(),
            relative_volume_error: 0.0,
            stats,
            findings: Vec::new(),
            active,
        };
        let mut balance = Balance::default();
        let initial: f64 =
            problem.initial_depth_m.iter().zip(&result.active).filter(|(_, a)| **a).map(|(h, _)| h).sum();
        balance.stored_start_m3 = initial * problem.grid.cell_area_m2();
        Self { problem, hierarchy, open, balance, left_m3: 0.0, stored_m3: 0.0, result }
    }

    /// Depth of every cell with all water up to a time in place; NaN in walls.
    fn place(&mut self, rain: &NetRain, inflows: &[(usize, &Series, Vec<usize>)], time_s: f64) -> Vec<f64> {
        let (problem, hierarchy) = (self.problem, self.hierarchy);
        let area = problem.grid.cell_area_m2();
        let mut water = rain.leaf_m.clone();
        let mut outside = rain.outside_m;
        let mut brought = 0.0;
        for (_, series, cells) in inflows {
            let volume = series.mean_between(0.0, time_s) * time_s;
            brought += volume;
            for &cell in cells {
                let share = volume / (cells.len() as f64 * area);
                match water.get_mut(hierarchy.leaf_of[cell] as usize) {
                    Some(leaf) => *leaf += share,
                    None => outside += share,
                }
            }
        }
        let mut poured = Poured::new(hierarchy);
        for (leaf, amount) in (0_u32..).zip(&water) {
            poured.pour(hierarchy, leaf, *amount);
        }
        let level = poured.levels(hierarchy, &problem.bed_m);
        let mut depth = vec![f64::NAN; problem.grid.len()];
        for &c in &hierarchy.order {
            let cell = c as usize;
            let leaf = hierarchy.leaf_of[cell];
            depth[cell] = if leaf == NONE || self.open[cell] {
                0.0
            } else {
                (level[leaf as usize] - problem.bed_m[cell]).max(0.0)
            };
        }
        // Whatever entered is either outside or in the hollows.
        self.left_m3 = (outside + poured.left) * area;
        self.stored_m3 = self.balance.stored_start_m3 + rain.rain_m3() + brought - rain.lost_m3() - self.left_m3;
        depth
    }

    fn rows(&mut self, rain: &NetRain, inflows: &[(usize, &Series, Vec<usize>)], depth: &[f64], time_s: f64) {
        let problem = self.problem;
        for gauge in &problem.gauges {
            if let (Some(h), Some(z)) = (depth.get(gauge.cell), problem.bed_m.get(gauge.cell))
                && h.is_finite()
            {
                let id = gauge.id.clone();
                let (level_m, depth_m) = (z + h, *h);
                let still = GaugeRow { time_s, id, level_m, depth_m, speed_m_s: 0.0, u_m_s: 0.0, v_m_s: 0.0 };
                self.result.gauges.push(still);
            }
        }
        let mut brought = 0.0;
        for (number, series, _) in inflows {
            let volume_m3 = series.mean_between(0.0, time_s) * time_s;
            brought += volume_m3;
            if let Some(id) = &problem.boundaries[*number].id {
                self.result.flows.push(FlowRow {
                    time_s,
                    id: id.clone(),
                    flow_m3_s: series.value_at(time_s),
                    volume_m3,
                });
            }
        }
        // The water that leaves is not told apart by boundary unless there is one.
        let taking: Vec<_> = problem
            .boundaries
            .iter()
            .filter(|b| matches!(b.kind, BoundaryKind::Free | BoundaryKind::Normal(_) | BoundaryKind::Stage(_)))
            .collect();
        if let [only] = taking.as_slice()
            && let Some(id) = &only.id
        {
            let before =
                self.result.flows.iter().rev().find(|r| r.id == *id).map_or((0.0, 0.0), |r| (r.time_s, r.volume_m3));
            let flow_m3_s = if time_s > before.0 { (-self.left_m3 - before.1) / (time_s - before.0) } else { 0.0 };
            self.result.flows.push(FlowRow { time_s, id: id.clone(), flow_m3_s, volume_m3: -self.left_m3 });
        }
        let set = |total: &mut crate::balance::Total, value: f64| {
            *total = crate::balance::Total::default();
            total.add(value);
        };
        set(&mut self.balance.rain, rain.rain_m3());
        set(&mut self.balance.inflow, brought);
        set(&mut self.balance.infiltrated, rain.infiltrated_m3());
        set(&mut self.balance.drained, rain.drained_m3());
        set(&mut self.balance.outflow, self.left_m3);
        let mut held = crate::balance::Total::default();
        depth.iter().filter(|h| **h > 0.0).for_each(|h| held.add(*h));
        let in_cells = held.value() * problem.grid.cell_area_m2();
        // Water in the hollows' books and on the ground must agree; the row holds the books where they do.
        let all = self.balance.stored_start_m3 + rain.rain_m3() + brought;
        let stored = if (in_cells - self.stored_m3).abs() <= 1e-9 * all { self.stored_m3 } else { in_cells };
        self.result.balance.push(self.balance.row(time_s, stored));
        self.remember(depth, time_s);
    }

    /// Deepest, first and last times, by the output times.
    fn remember(&mut self, depth: &[f64], time_s: f64) {
        let problem = self.problem;
        let step = self.result.balance.iter().rev().nth(1).map_or(0.0, |b| time_s - b.time_s);
        let result = &mut self.result;
        for &c in &self.hierarchy.order {
            let (cell, h) = (c as usize, depth[c as usize]);
            if h <= 0.0 {
                continue;
            }
            if h > result.max_depth_m[cell] {
                (result.max_depth_m[cell], result.peak_time_s[cell]) = (h, time_s);
            }
            if h > problem.solver.dry_depth_m {
                result.max_hazard[cell] = result.max_hazard[cell].max(arr_class(h, 0.0));
            }
            if h >= problem.arrival_depth_m {
                let first = result.arrival_s[cell];
                result.arrival_s[cell] = if first.is_nan() { time_s } else { first };
                result.duration_s[cell] += step;
            }
            for (k, _) in problem.thresholds_m.iter().enumerate().filter(|(_, t)| h >= **t) {
                let first = &mut result.crossing_s[k].1[cell];
                *first = if first.is_nan() { time_s as f32 } else { *first };
                result.leaving_s[k].1[cell] = time_s as f32;
            }
        }
    }

    fn finish(mut self, mut findings: Vec<Finding>) -> Result<Inundation, Finding> {
        let relative = self.balance.relative_error();
        if relative.is_nan() || relative > 1e-6 {
            return Err(water_lost(relative));
        }
        let last = self.result.balance.last().copied().unwrap_or_default();
        self.result.volumes = self.balance.volumes(&last);
        self.result.relative_volume_error = relative;
        findings.sort();
        self.result.findings = findings;
        Ok(self.result)
    }
}

/// What a screening is and is not.
fn told(problem: &FlowProblem) -> Finding {
    let mut left_out: Vec<(&str, &str)> = vec![("流速", "velocity")];
    if !problem.sinks.is_empty() {
        left_out.push(("泵站与排口", "pumps and outfalls"));
    }
    if !problem.sections.is_empty() {
        left_out.push(("断面流量", "flow of sections"));
    }
    let (zh, en): (Vec<&str>, Vec<&str>) = left_out.into_iter().unzip();
    Finding::info(
        "SIM-140",
        Text::new(
            format!(
                "填溢筛查：净雨一次落到洼地，不计过程；到达时间取最早达到该水深的输出时刻；不计{}（栅格中流速为 0 表示未计算）",
                zh.join("、")
            ),
            format!(
                "fill–spill screening: the net rain stands in the hollows at once; arrival is the first output time at which the depth \
                 is reached; without {} (a speed of 0 in rasters is not computed)",
                en.join(", ")
            ),
        ),
        Text::new("需要过程时改用 scheme = \"inertial\"", "use scheme = \"inertial\" for the course of events"),
    )
}
