//! A run from its start to its end: events, step lengths, steps, results.

mod finish;
mod rain;
mod resume;

use crate::attribution::Tracer;
use crate::balance::Balance;
use crate::band::{Band, BandResult};
use crate::exchange::Exchange;
use crate::face::{GRAVITY, NEIGHBOUR_SHARE, SHEET_M, StepFactors};
use crate::loss::{ConstantLoss, Loss, LossStep};
use crate::mesh::Mesh;
use crate::plan::Plan;
use crate::record::Record;
use crate::saved::SavedState;
use crate::schedule::{Schedule, landing};
use crate::simulate::{SHORTEST_STEP_S, STEPS_A_CALL, collapsed, not_finite, out_of_range, stopped};
use crate::soil_loss::SoilLoss;
use crate::state::State;
use crate::sweep::{Rain, Step};
use crate::track::{Track, Tracker};
use crate::unit::{DEEPEST_UNITS, Unit};
use crate::vectors::Vectors;
use crate::{FlowProblem, Inundation, RunStats};
use dayu_base::Finding;
use finish::further_depths;
use rain::RainNow;
use rayon::prelude::*;

/// A run on its way.
pub(crate) struct Run<'a> {
    problem: &'a FlowProblem,
    vectors: Vectors,
    mesh: Mesh,
    state: State,
    exchange: Exchange<'a>,
    tracer: Option<Tracer<'a>>,
    record: Record,
    balance: Balance,
    track: Track,
    tracker: Tracker,
    losses: Vec<Box<dyn Loss>>,
    plan: Plan,
    rain: RainNow,
    /// uniform rain that was less than a unit so far, units
    rain_owed: f64,
    rain_rows: Vec<f64>,
    /// square of the fastest wave after the step before, m²/s²
    wave_m2_s2: f64,
    stats: RunStats,
    time_s: f64,
    is_resumed: bool,
    /// bands one after the other on the calling thread
    is_alone: bool,
}

impl<'a> Run<'a> {
    pub fn new(
        problem: &'a FlowProblem,
        vectors: Vectors,
        mesh: Mesh,
        state: State,
        exchange: Exchange<'a>,
        tracer: Option<Tracer<'a>>,
        record: Record,
    ) -> Self {
        let mut losses: Vec<Box<dyn Loss>> = Vec::new();
        if problem.infiltration.remembers() {
            losses.push(Box::new(SoilLoss::new(&problem.infiltration, problem.grid.len())));
        }
        for (rates, is_infiltration) in
            [(problem.infiltration.constant_mm_h(), true), (problem.drain_mm_h.as_slice(), false)]
        {
            if rates.iter().any(|r| *r > 0.0) {
                losses.push(Box::new(ConstantLoss::new(rates, is_infiltration)));
            }
        }
        let mut plan = Plan::new(&mesh);
        exchange.forced_cells().for_each(|cell| plan.force(&mesh, cell));
        let tracker = tracker(problem, mesh.unit);
        Self {
            track: Track::new(&mesh, &further_depths(problem), &problem.wanted),
            tracker,
            rain: RainNow::Uniform(0.0),
            rain_owed: 0.0,
            rain_rows: problem.rain.row_times(),
            wave_m2_s2: 0.0,
            stats: RunStats {
                cells: problem.grid.len() as u64,
                active_cells: mesh.active_cells,
                ..RunStats::default()
            },
            balance: Balance::default(),
            time_s: 0.0,
            is_resumed: false,
            is_alone: false,
            problem,
            vectors,
            mesh,
            state,
            exchange,
            tracer,
            record,
            losses,
            plan,
        }
    }

    /// Keeps the run on the thread that calls it.
    pub fn alone(self) -> Self {
        Self { is_alone: true, ..self }
    }

    /// Runs to the end. States are taken at the first step that ends at or after each of `save_s` (rising): saving never changes the
    /// steps of a run.
    pub fn complete(
        mut self,
        save_s: &[f64],
        progress: &(dyn Fn(f64) -> bool + Sync),
        findings: Vec<Finding>,
    ) -> Result<(Inundation, Vec<SavedState>), Finding> {
        let duration = self.problem.duration_s;
        let resumed_at_s = self.is_resumed.then_some(self.time_s);
        let mut schedule = Schedule::new(self.problem, &self.rain_rows, save_s, resumed_at_s);
        let mut saved = Vec::new();
        if self.is_resumed {
            self.set_rain(self.time_s);
        } else {
            self.start();
        }
        for event in std::mem::take(&mut schedule.events) {
            while self.time_s < event {
                self.save(&mut schedule, &mut saved);
                let dt = self.step_length(event)?;
                let end = if self.time_s + dt >= event - 1e-9 * dt { event } else { self.time_s + dt };
                self.step(end)?;
                if self.stats.steps.is_multiple_of(STEPS_A_CALL) && !progress(self.time_s / duration) {
                    return Err(stopped(self.time_s));
                }
            }
            if schedule.is_output(event) {
                self.record.rows(self.problem, &self.mesh, &self.state, &self.exchange, &mut self.balance, event);
                self.attribute(event);
                if !self.is_finite() {
                    return Err(not_finite(event));
                }
            }
            if schedule.is_snapshot(event) {
                self.record.snapshot(self.problem, &self.mesh, &self.state, event);
            }
            if self.rain_rows.binary_search_by(|t| t.total_cmp(&event)).is_ok() {
                self.set_rain(event);
            }
        }
        self.save(&mut schedule, &mut saved);
        if !progress(1.0) {
            return Err(stopped(self.time_s));
        }
        Ok((self.finish(findings)?, saved))
    }

    /// Rows of the sources at an output time.
    fn attribute(&mut self, time_s: f64) {
        if let Some(tracer) = &mut self.tracer {
            tracer.close(&self.mesh, &self.state.depth);
            let Record { gauge_cells, attribution, .. } = &mut self.record;
            tracer.rows(time_s, gauge_cells, &self.state.depth, attribution);
        }
    }

    /// The state before the first step.
    fn start(&mut self) {
        self.exchange.hold_at_start(&self.mesh, &mut self.state, 0.0);
        self.balance.stored_start_m3 = self.state.stored_m3(&self.mesh);
        if let Some(tracer) = &mut self.tracer {
            tracer.start(&self.mesh, &self.state.depth);
        }
        let cells = self.mesh.nx * self.mesh.ny;
        for band in &mut self.track.bands(cells) {
            band.start(&self.state.depth, &self.tracker);
        }
        let (nx, blocks) = (self.mesh.nx, self.mesh.blocks());
        let mut deepest = 0;
        for (j, row) in self.state.depth.chunks_exact(nx).enumerate() {
            for (i, h) in row.iter().enumerate().filter(|(_, h)| **h > 0) {
                self.plan.wet[j * blocks + i / crate::mesh::BLOCK] = true;
                deepest = if self.mesh.is_held(j * nx + i) { deepest } else { deepest.max(*h) };
            }
        }
        self.wave_m2_s2 = (GRAVITY * self.mesh.unit.depth_m(deepest)).max(self.start_wave_m2_s2());
        self.set_rain(0.0);
    }

    /// Square of the fastest kinematic wave of an initial velocity, limited as in every step, m²/s².
    fn start_wave_m2_s2(&self) -> f64 {
        let Some((u, v)) = &self.problem.initial_velocity_m_s else { return 0.0 };
        let depths = self.state.depth.iter().map(|h| self.mesh.unit.depth_m(*h));
        let waves = u.iter().zip(v).zip(depths).filter(|(_, h)| *h > 0.0);
        waves.map(|((u, v), h)| 25.0 / 9.0 * (u * u + v * v).min(4.0 * GRAVITY * h)).fold(0.0, f64::max)
    }

    fn is_finite(&self) -> bool {
        let numbers = self.state.q_x.iter().chain(&self.state.q_y);
        // The sum is not finite when any of them is not, and cannot overflow when all are discharges of water.
        numbers.fold(0.0_f32, |sum, q| sum + q * 0.0) == 0.0
    }

    /// Length of the next step: Courant condition of the fastest wave of cells that move freely and of boundaries, cut so that
    /// steps land on the next event without leaving a sliver.
    ///
    /// With θ < 1 the two-dimensional scheme is stable up to `√((1 − 2·share) ÷ 2)` (checkerboard mode of the linear scheme), not
    /// `√(1 ÷ 2)`; the factor keeps the customary Courant number of 0.7 on the safe side.
    fn step_length(&self, event_s: f64) -> Result<f64, Finding> {
        let solver = &self.problem.solver;
        let wave = self.exchange.wave_m2_s2(&self.mesh, &self.state, self.time_s).max(self.wave_m2_s2);
        let courant = solver.cfl * (1.0 - 2.0 * NEIGHBOUR_SHARE).sqrt() * self.mesh.dx_m;
        let dt = if wave > 0.0 { (courant / wave.sqrt()).min(solver.max_dt_s) } else { solver.max_dt_s };
        if !(wave.is_finite() && self.wave_m2_s2.is_finite()) {
            return Err(not_finite(self.time_s));
        }
        if dt < SHORTEST_STEP_S {
            return Err(collapsed(self.time_s, dt, wave.sqrt()));
        }
        Ok(landing(dt, event_s - self.time_s))
    }

    fn step(&mut self, end_s: f64) -> Result<(), Finding> {
        let (time_s, dt_s, unit_m) = (self.time_s, end_s - self.time_s, self.mesh.unit.metres());
        let unit_m3 = self.mesh.unit_m3();
        let factors = StepFactors {
            unit_m: unit_m as f32,
            push: (GRAVITY * dt_s / self.mesh.dx_m * unit_m) as f32,
            drag: (GRAVITY * dt_s) as f32,
            sheet: self.mesh.unit.count(SHEET_M) as i32,
            passes: (dt_s / self.mesh.dx_m / unit_m) as f32,
        };
        let pumped = self.exchange.point_exchange(&self.mesh, &mut self.state, time_s, dt_s);
        self.exchange.edge_flows(&self.mesh, &self.state, factors, time_s, dt_s);
        self.exchange.set_held_depths(&self.mesh, end_s);
        self.tracker.before_s = time_s;
        self.tracker.time_s = end_s;
        let rain_units = self.uniform_rain(dt_s, unit_m);
        self.plan.decide(&self.mesh);
        let results = self.sweep(factors, rain_units, LossStep { from_s: time_s, until_s: end_s, unit_m });

        let mut all = BandResult { lost: vec![0; self.losses.len()], ..BandResult::default() };
        let mut held = 0;
        for result in results {
            // Not-a-number must get through.
            all.wave_m2_s2 = if result.wave_m2_s2 <= all.wave_m2_s2 { all.wave_m2_s2 } else { result.wave_m2_s2 };
            all.deepest = all.deepest.max(result.deepest);
            all.rain += result.rain;
            all.lost.iter_mut().zip(&result.lost).for_each(|(sum, lost)| *sum += lost);
            result.passed.iter().for_each(|(number, units)| self.exchange.passed(*number, *units));
            self.exchange.made_up(held, &result.held);
            held += result.held.len();
        }
        let (inflow, outflow) = self.exchange.book(&self.mesh, dt_s);
        self.time_s = end_s;
        self.wave_m2_s2 = f64::from(all.wave_m2_s2);
        self.record.step(&self.mesh, &self.state, dt_s);
        let balance = &mut self.balance;
        balance.inflow.add(inflow as f64 * unit_m3);
        balance.outflow.add(outflow as f64 * unit_m3);
        balance.rain.add(all.rain as f64 * unit_m3);
        balance.drained.add(pumped as f64 * unit_m3);
        for (loss, units) in self.losses.iter().zip(&all.lost) {
            let total = if loss.is_infiltration() { &mut balance.infiltrated } else { &mut balance.drained };
            total.add(*units as f64 * unit_m3);
        }
        let stats = &mut self.stats;
        stats.dt_min_s = if stats.steps == 0 { dt_s } else { stats.dt_min_s.min(dt_s) };
        stats.dt_max_s = stats.dt_max_s.max(dt_s);
        stats.steps += 1;
        stats.cell_updates += self.plan.updates(&self.mesh);
        if all.deepest > i32::MAX.cast_unsigned() {
            return Err(out_of_range(end_s));
        }
        if let (Some(tracer), Some(moves)) = (&mut self.tracer, &mut self.exchange.moves) {
            tracer.step(&self.mesh, &self.state.depth, moves);
        }
        if all.deepest > DEEPEST_UNITS {
            self.take_coarser_unit(all.deepest);
        }
        Ok(())
    }

    /// One step in all bands. Results in the order of the bands.
    fn sweep(&mut self, factors: StepFactors, rain_units: i32, loss: LossStep) -> Vec<BandResult> {
        let (mesh, state, plan) = (&self.mesh, &mut self.state, &mut self.plan);
        let (nx, ny, rows, blocks) = (mesh.nx, mesh.ny, mesh.band_rows, mesh.blocks());
        let span = |t: f64| (t / loss.unit_m) as f32;
        let from_s = loss.from_s % crate::loss::PERIOD_S;
        let rain = match &self.rain {
            RainNow::Uniform(_) => Rain::Uniform(rain_units),
            RainNow::Field(rates) => Rain::Field(rates, span(from_s), span(from_s + (loss.until_s - loss.from_s))),
        };
        let step = Step {
            mesh,
            plan_cells: &plan.cells,
            plan_y_faces: &plan.y_faces,
            factors,
            rain,
            loss,
            tracker: &self.tracker,
            edges_x: &self.exchange.edges_x,
            edges_y: &self.exchange.edges_y,
            edge_q: &self.exchange.edge_q,
            held_depth: &self.exchange.held_depth,
            held_from: &self.exchange.held_from,
            touched: &self.exchange.touched,
            has_walls: mesh.active_cells < (nx * ny) as u64,
            prefetch: crate::prefetch::Prefetch::new(),
        };
        let is_parallel = !self.is_alone && mesh.bands() > 1 && rayon::current_num_threads() > 1;
        let (depth, q_x, q_y) = (&state.depth, &state.q_x, &state.q_y);
        let fetch = |(b, halo): (usize, &mut crate::band::Halo)| halo.fetch(mesh, b, depth, q_x, q_y);
        if is_parallel {
            state.halos.par_iter_mut().enumerate().for_each(fetch);
        } else {
            state.halos.iter_mut().enumerate().for_each(fetch);
        }
        let mut losses: Vec<_> = self.losses.iter_mut().map(|l| l.bands(rows * nx).into_iter()).collect();
        let mut sums = self.tracer.as_mut().map(|t| t.bands(rows, ny)).into_iter().flatten();
        let (q_y, top) = state.q_y.split_at_mut(nx * ny);
        let mut top = Some(top);
        let parts = state
            .depth
            .chunks_mut(rows * nx)
            .zip(state.q_x.chunks_mut(rows * (nx + 1)).zip(q_y.chunks_mut(rows * nx)))
            .zip(state.halos.iter_mut().zip(self.track.bands(rows * nx)))
            .zip(plan.wet.chunks_mut(rows * blocks));
        let count = losses.len();
        let mut bands: Vec<Band> = parts
            .enumerate()
            .map(|(b, (((depth, (q_x, q_y)), (halo, track)), wet))| {
                let (first, rows) = (b * rows, depth.len() / nx);
                Band {
                    first,
                    rows,
                    depth,
                    q_x,
                    q_y,
                    top: if first + rows == ny { top.take() } else { None },
                    halo,
                    track,
                    losses: losses.iter_mut().filter_map(Iterator::next).collect(),
                    sums: sums.next(),
                    wet,
                    out: BandResult { lost: vec![0; count], ..BandResult::default() },
                }
            })
            .collect();
        let vectors = self.vectors;
        if is_parallel {
            bands.par_iter_mut().for_each(|band| vectors.sweep(&step, band));
        } else {
            bands.iter_mut().for_each(|band| vectors.sweep(&step, band));
        }
        bands.into_iter().map(|band| band.out).collect()
    }

    /// Counts in a unit that has room for what the water has risen to.
    fn take_coarser_unit(&mut self, deepest: u32) {
        let old = self.mesh.unit;
        let unit = Unit::for_depth(f64::from(deepest) * old.metres());
        let factor = old.metres() / unit.metres();
        if let Some(tracer) = &mut self.tracer {
            tracer.close(&self.mesh, &self.state.depth);
        }
        let before = self.state.set_unit(&self.mesh, &self.problem.bed_m, unit);
        if let Some(tracer) = &mut self.tracer {
            tracer.set_unit(&self.state.depth);
        }
        self.mesh.set_unit(self.problem, unit);
        let (time_s, before_s) = (self.tracker.time_s, self.tracker.before_s);
        let tracker = Tracker { time_s, before_s, ..tracker(self.problem, unit) };
        self.track.set_unit(&self.tracker, &tracker, &before, &self.state.depth);
        self.tracker = tracker;
        self.rain_owed *= factor;
    }
}

fn tracker(problem: &FlowProblem, unit: Unit) -> Tracker {
    let (dry_m, arrival_m) = (problem.solver.dry_depth_m, problem.arrival_depth_m);
    Tracker::new(unit, dry_m, arrival_m, &further_depths(problem), problem.wanted.rating)
}
