//! A subgrid run from its problem to its result.

mod resume;

use crate::balance::{Balance, Total};
use crate::cell::NEIGHBOUR_SHARE;
use crate::doubts::water_doubts;
use crate::infiltration::Soil;
use crate::place::resolve;
use crate::saved::{SavedState, start_reading};
use crate::schedule::{Schedule, landing};
use crate::simulate::{MM_H, SHORTEST_STEP_S, STEPS_A_CALL, collapsed, not_finite, stopped, water_lost};
use crate::soundness::check;
use crate::subgrid::activity::{Activity, BLOCK};
use crate::subgrid::exchange::Exchange;
use crate::subgrid::flow::wanted_flows;
use crate::subgrid::ground::{FREE, Ground, NO_PART};
use crate::subgrid::links::Links;
use crate::subgrid::record::Record;
use crate::subgrid::result::fields;
use crate::subgrid::track::{Moment, Track};
use crate::subgrid::water::{Losses, Water, means_of_parts, new_levels};
use crate::subgrid::weir::{Crests, limit_weirs};
use crate::{FlowProblem, Inundation, RunStats};
use dayu_base::{Finding, Text};

/// Steps between two looks at speed and hazard.
const STEPS_A_LOOK: u64 = 16;

/// Most pixels along a side of a cell.
const MOST_SIDE: usize = 64;

/// Moves the water of a problem whose cells are `side` × `side` of its grid's pixels.
///
/// All fields and results are at pixel scale. A cell is divided into parts that ridges keep apart; each part has one level over the
/// pixels it reaches; links between parts carry the area and conveyance of their pixel faces.
///
/// # Errors
/// As [`crate::simulate_from`].
pub(crate) fn simulate_subgrid(
    problem: &FlowProblem,
    side: usize,
    from: Option<&[u8]>,
    save_s: &[f64],
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<(Inundation, Vec<SavedState>), Finding> {
    if side == 0 || side > MOST_SIDE {
        return Err(wrong_side(side));
    }
    check(problem)?;
    let mut findings = problem.rain.soundness(problem.duration_s, &problem.grid, &problem.bed_m)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    let places = resolve(problem, &active)?;
    findings.extend(water_doubts(problem, &places, &active));
    let mut held = vec![FREE; active.len()];
    places.held.iter().for_each(|h| held[h.cell] = h.boundary as u32);
    let crests = Crests::new(problem);
    let ground = Ground::new(problem.grid, side, &problem.bed_m, &held, &crests);
    drop(held);
    let links = Links::new(&ground, &problem.bed_m, &problem.roughness, &places.edges, &crests);
    let mut exchange = Exchange::new(problem, &ground, &places);
    findings.extend(exchange.idle_links());
    let record = Record::new(problem, &ground, &links, &mut findings);
    let activity = Activity::new(&ground, &links, exchange.restless(&links));
    let mut water = Water::new(&ground, &links, &problem.bed_m, &problem.initial_depth_m, activity);
    water.losses = Losses {
        infiltration_m_s: Losses::of_parts(&ground, problem.infiltration.constant_mm_h()),
        drain_m_s: Losses::of_parts(&ground, &problem.drain_mm_h),
        soil: problem.infiltration.remembers().then(|| {
            let of_parts = problem.infiltration.with(|values| means_of_parts(&ground, values));
            Soil::new(&of_parts, ground.parts())
        }),
    };
    let thresholds: Vec<f64> =
        std::iter::once(problem.arrival_depth_m).chain(problem.thresholds_m.iter().copied()).collect();
    let track = Track::new(&ground, thresholds, &problem.wanted);
    exchange.start_flow();
    let run = Run {
        problem,
        ground: &ground,
        links: &links,
        active,
        rain_rows: problem.rain.row_times(),
        rain_sum_m3_s: 0.0,
        wave_m2_s2: 0.0,
        stats: RunStats {
            cells: problem.grid.len() as u64,
            active_cells: ground.parts() as u64,
            ..RunStats::default()
        },
        balance: Balance::default(),
        moment: Moment::default(),
        is_resumed: false,
        exchange,
        record,
        water,
        track,
    };
    let run = match from {
        Some(bytes) => run.resume(start_reading(problem, bytes)?)?,
        None => run,
    };
    run.complete(save_s, progress, findings)
}

fn wrong_side(side: usize) -> Finding {
    Finding::error(
        "SIM-131",
        Text::new(
            format!("单元每边 {side} 个像元，应为 1–{MOST_SIDE}"),
            format!("{side} pixels along a side of a cell; use 1–{MOST_SIDE}"),
        ),
        Text::new("改正 cell_m 与 subgrid_m", "mend cell_m and subgrid_m"),
    )
    .field("solver.scheme")
}

struct Run<'a> {
    problem: &'a FlowProblem,
    ground: &'a Ground,
    links: &'a Links,
    active: Vec<bool>,
    water: Water,
    exchange: Exchange<'a>,
    record: Record,
    balance: Balance,
    track: Track<'a>,
    moment: Moment,
    rain_rows: Vec<f64>,
    rain_sum_m3_s: f64,
    /// square of the gravity wave of the links that dictates the step, m²/s²
    wave_m2_s2: f32,
    stats: RunStats,
    is_resumed: bool,
}

impl Run<'_> {
    fn complete(
        mut self,
        save_s: &[f64],
        progress: &(dyn Fn(f64) -> bool + Sync),
        findings: Vec<Finding>,
    ) -> Result<(Inundation, Vec<SavedState>), Finding> {
        let duration = self.problem.duration_s;
        let resumed_at_s = self.is_resumed.then_some(self.moment.time_s);
        let mut schedule = Schedule::new(self.problem, &self.rain_rows, save_s, resumed_at_s);
        let mut saved = Vec::new();
        if !self.is_resumed {
            self.exchange.hold(self.ground, &mut self.water, 0.0);
            self.balance.stored_start_m3 = self.water.stored_m3();
            let (water, ground) = (&self.water, self.ground);
            self.track.remember_start(|part| water.level_m[part] - ground.floor_m[part]);
            // A step of no length tells the waves of the links.
            self.wave_m2_s2 = wanted_flows(self.links, &mut self.water, 0.0).dictating_m2_s2();
        }
        self.set_rain(self.moment.time_s);
        for event in std::mem::take(&mut schedule.events) {
            while self.moment.time_s < event {
                self.save(&mut schedule, &mut saved);
                let time = self.moment.time_s;
                let dt = self.step_length(time, event)?;
                let end = if time + dt >= event - 1e-9 * dt { event } else { time + dt };
                self.step(time, end - time, end);
                if self.stats.steps.is_multiple_of(STEPS_A_CALL) && !progress(end / duration) {
                    return Err(stopped(end));
                }
            }
            if schedule.is_output(event) {
                let (ground, links) = (self.ground, self.links);
                self.record.rows(self.problem, ground, links, &self.water, &self.exchange, &mut self.balance, event);
                let last = self.record.balance.last();
                if !last.is_some_and(|row| row.stored_m3.is_finite() && row.error_m3.is_finite()) {
                    return Err(not_finite(event));
                }
            }
            if schedule.is_snapshot(event) {
                self.record.snapshot(self.ground, self.links, &self.water, self.problem.solver.dry_depth_m, event);
            }
            if self.rain_rows.binary_search_by(|t| t.total_cmp(&event)).is_ok() {
                self.set_rain(event);
            }
        }
        self.save(&mut schedule, &mut saved);
        if !progress(1.0) {
            return Err(stopped(self.moment.time_s));
        }
        Ok((self.finish(findings)?, saved))
    }

    /// Courant condition of the gravity waves of links (`wave.rs`) and of boundaries, cut so that steps land on the next event.
    fn step_length(&self, time_s: f64, event_s: f64) -> Result<f64, Finding> {
        let solver = &self.problem.solver;
        let inner = f64::from(self.wave_m2_s2);
        let wave = self.exchange.wave_m2_s2(self.ground, self.links, time_s).max(inner);
        if !wave.is_finite() || self.wave_m2_s2.is_nan() {
            return Err(not_finite(time_s));
        }
        let courant = solver.cfl * (1.0 - 2.0 * NEIGHBOUR_SHARE).sqrt() * self.ground.cells.cell_m;
        let dt = if wave > 0.0 { (courant / wave.sqrt()).min(solver.max_dt_s) } else { solver.max_dt_s };
        if dt < SHORTEST_STEP_S {
            return Err(collapsed(time_s, dt, wave.sqrt()));
        }
        Ok(landing(dt, event_s - time_s))
    }

    fn step(&mut self, time_s: f64, dt_s: f64, end_s: f64) {
        let (ground, links, water) = (self.ground, self.links, &mut self.water);
        self.balance.drained.add(self.exchange.point_exchange(ground, water, time_s, dt_s));
        self.wave_m2_s2 = wanted_flows(links, water, dt_s).dictating_m2_s2();
        limit_weirs(&links.weirs, links, water, ground.pixels.cell_m);
        self.exchange.edge_flows(ground, links, water, time_s, dt_s);
        self.exchange.hold(ground, water, end_s);
        self.moment = Moment { time_s: end_s, before_s: self.moment.time_s };
        let lost = new_levels(ground, links, water, &mut self.track, self.moment, dt_s);
        let (inflow, outflow) = self.exchange.book(links, water, dt_s);
        self.record.step(water, dt_s);
        self.balance.inflow.add(inflow);
        self.balance.outflow.add(outflow);
        self.balance.rain.add(self.rain_sum_m3_s * dt_s);
        self.balance.infiltrated.add(lost.infiltrated_m3);
        self.balance.drained.add(lost.drained_m3);
        let stats = &mut self.stats;
        stats.dt_min_s = if stats.steps == 0 { dt_s } else { stats.dt_min_s.min(dt_s) };
        stats.dt_max_s = stats.dt_max_s.max(dt_s);
        stats.steps += 1;
        stats.cell_updates += lost.updates;
        if stats.steps.is_multiple_of(STEPS_A_LOOK) {
            self.look();
        }
    }

    /// Speed and hazard of every part.
    fn look(&mut self) {
        let dry = self.problem.solver.dry_depth_m;
        for part in 0..self.ground.parts() {
            if self.water.activity.empty[part / BLOCK] && self.ground.held[part] == FREE {
                continue;
            }
            let over = self.water.level_m[part] - self.ground.floor_m[part];
            if over > dry {
                let (u, v) = self.water.velocity(self.ground, self.links, part);
                self.track.see_hazard(part, over, (u * u + v * v).sqrt(), dry);
            }
        }
    }

    fn set_rain(&mut self, time_s: f64) {
        let ground = self.ground;
        let mut rate = vec![0.0; ground.cells.len()];
        self.problem.rain.rates_at(time_s, &ground.cells, &mut rate);
        let mut total = Total::default();
        for (part, rain) in self.water.rain_m3_s.iter_mut().enumerate() {
            let area = ground.rises(part).len() as f64 * ground.pixel_area_m2();
            *rain = rate[ground.cell_of[part] as usize] * MM_H * area;
        }
        let (side, nx) = (ground.side, ground.pixels.nx);
        for &(roof, street) in &self.problem.roofs {
            let part = ground.part_of[street];
            let cell = roof / nx / side * ground.cells.nx + roof % nx / side;
            if part != NO_PART {
                self.water.rain_m3_s[part as usize] += rate[cell] * MM_H * ground.pixel_area_m2();
            }
        }
        self.water.rain_m3_s.iter().for_each(|rain| total.add(*rain));
        self.water.set_rain(ground);
        self.rain_sum_m3_s = total.value();
    }

    fn finish(mut self, mut findings: Vec<Finding>) -> Result<Inundation, Finding> {
        self.look();
        self.track.close(self.moment);
        let relative_volume_error = self.balance.relative_error();
        if relative_volume_error.is_nan() || relative_volume_error > 1e-6 {
            return Err(water_lost(relative_volume_error));
        }
        let thresholds = &self.problem.thresholds_m;
        let fields = fields(self.problem, self.ground, &self.track);
        let last = self.record.balance.last().copied().unwrap_or_default();
        let mut stats = self.stats;
        stats.dt_mean_s = self.problem.duration_s / stats.steps.max(1) as f64;
        findings.push(self.told());
        findings.extend(crate::wanted::told(self.problem));
        findings.sort();
        Ok(Inundation {
            attribution: Vec::new(),
            sources: Vec::new(),
            further: fields.further,
            grid: self.problem.grid,
            max_depth_m: fields.max_depth_m,
            arrival_s: fields.arrival_s,
            duration_s: fields.duration_s,
            max_speed_m_s: fields.max_speed_m_s,
            max_hazard: fields.max_hazard,
            crossing_s: thresholds.iter().copied().zip(fields.crossing_s).collect(),
            leaving_s: thresholds.iter().copied().zip(fields.leaving_s).collect(),
            peak_time_s: fields.peak_time_s,
            volumes: self.balance.volumes(&last),
            active: self.active,
            snapshots: self.record.snapshots,
            gauges: self.record.gauges,
            flows: self.record.flows,
            balance: self.record.balance,
            sinks: self.exchange.sinks,
            relative_volume_error,
            stats,
            findings,
        })
    }

    /// What the tables hold, and how much water the written-back pixels hold against the parts.
    fn told(&self) -> Finding {
        let (parts, links) = (self.ground.parts(), self.links.inner.len());
        let bytes = (self.ground.bytes() + self.links.bytes()) as f64 / self.ground.cells.len() as f64;
        let (side, cell, pixel) = (self.ground.side, self.ground.cells.cell_m, self.ground.pixels.cell_m);
        let difference = self.record.mass_difference;
        Finding::info(
            "SIM-130",
            Text::new(
                format!(
                    "亚网格：{cell} 米单元含 {side} × {side} 个 {pixel} 米像元，分为 {parts} 个水位区、{links} 条连接；表 {bytes:.0} 字节/单元；\
                     快照像元水量与水位区之差不超过 {difference:.1e}"
                ),
                format!(
                    "subgrid: cells of {cell} m with {side} × {side} pixels of {pixel} m, {parts} parts, {links} links; tables of \
                     {bytes:.0} bytes a cell; pixels of snapshots hold the water of the parts within {difference:.1e}"
                ),
            ),
            Text::new("无需处理", "nothing to do"),
        )
    }
}
