//! `scheme = "dynamic"`: the full shallow water equations, for steep, transcritical and dam-break flow.

mod advance;
mod crest;
mod edge;
mod exchange;
mod extremes;
mod finish;
mod flux;
mod ground;
mod record;
mod resume;
mod rows;
mod state;

use crate::balance::Balance;
use crate::doubts::doubts;
use crate::infiltration::Soil;
use crate::place::resolve;
use crate::saved::{SavedState, start_reading};
use crate::schedule::{Schedule, landing};
use crate::simulate::{MM_H, SHORTEST_STEP_S, STEPS_A_CALL, collapsed, not_finite, stopped, water_lost};
use crate::soundness::check;
use crate::{FlowProblem, Further, Inundation, RunStats};
use advance::{first_stage, fluxes, limit_outflow};
use crest::{CrestFace, crest_faces, crest_fluxes};
use dayu_base::Finding;
use exchange::Exchange;
use extremes::Extremes;
use finish::{Losses, RowResult, finish};
use ground::Ground;
use record::Record;
use state::{Span, State};

/// Moves the water of a problem to its end by the full shallow water equations.
///
/// Finite volumes, 64-bit state: slopes limited by the monotonised central limiter, hydrostatic reconstruction, HLLC, Heun's
/// method in two Euler steps, Manning friction implicit in each. A lake at rest stays at rest to round-off, islands and walls
/// included; depths stay ≥ 0 since a cell that would give more than it has gives every outward face the same share, and
/// nothing is clipped. Order within a step: inflows inside, rated outflows, pumps and outfalls; flow with rain; infiltration;
/// assumed drains. Runs on the caller's rayon pool; the number of threads changes no bit. `progress` is told the fraction done
/// and returns `false` to stop.
///
/// # Errors
/// As [`crate::simulate_from`].
///
/// # References
/// Audusse et al. (2004) SIAM J. Sci. Comput. 25:2050; Chen & Noelle (2017) SIAM J. Numer. Anal. 55:758; Toro (2001)
/// Shock-capturing methods for free-surface shallow flows, Wiley; Shu & Osher (1988) J. Comput. Phys. 77:439.
pub(crate) fn simulate(
    problem: &FlowProblem,
    from: Option<&[u8]>,
    save_s: &[f64],
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<(Inundation, Vec<SavedState>), Finding> {
    check(problem)?;
    let mut findings = problem.rain.soundness(problem.duration_s, &problem.grid, &problem.bed_m)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    let places = resolve(problem, &active)?;
    findings.extend(doubts(problem, &places, &active));
    let crests = crest_faces(problem);
    let ground = Ground::new(problem, &places, &crests);
    let exchange = Exchange::new(problem, &ground, places);
    let thresholds: Vec<f64> =
        std::iter::once(problem.arrival_depth_m).chain(problem.thresholds_m.iter().copied()).collect();
    let drain_m_s = problem.drain_mm_h.iter().map(|r| r * MM_H).collect();
    let run = Run {
        forced: exchange.forced(&ground),
        raining: vec![Span::default(); ground.ny],
        rain_rows: problem.rain.row_times(),
        rain_sum_m_s: 0.0,
        fastest_start_m_s: 0.0,
        extremes: Extremes::new(active.len(), thresholds, problem.solver.dry_depth_m, &problem.wanted),
        losses: Losses { soil: Soil::new(&problem.infiltration, active.len()), drain_m_s },
        stats: RunStats { cells: problem.grid.len() as u64, active_cells: ground.active_cells, ..RunStats::default() },
        balance: Balance::default(),
        record: Record::new(problem, &ground),
        state: State::new(&ground, problem),
        crests,
        rows: vec![RowResult::default(); ground.ny],
        time_s: 0.0,
        is_resumed: false,
        problem,
        exchange,
        ground,
    };
    let run = match from {
        Some(bytes) => run.resume(start_reading(problem, bytes)?)?,
        None => run,
    };
    run.complete(save_s, progress, findings)
}

struct Run<'a> {
    problem: &'a FlowProblem,
    ground: Ground,
    state: State,
    exchange: Exchange<'a>,
    record: Record,
    balance: Balance,
    extremes: Extremes,
    losses: Losses,
    crests: Vec<CrestFace>,
    rows: Vec<RowResult>,
    forced: Vec<Span>,
    raining: Vec<Span>,
    rain_rows: Vec<f64>,
    /// sum of the rates of all active cells
    rain_sum_m_s: f64,
    fastest_start_m_s: f64,
    stats: RunStats,
    time_s: f64,
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
        let resumed_at_s = self.is_resumed.then_some(self.time_s);
        let mut schedule = Schedule::new(self.problem, &self.rain_rows, save_s, resumed_at_s);
        let mut saved = Vec::new();
        if !self.is_resumed {
            self.exchange.hold(&self.ground, &mut self.state, 0.0);
            self.state.survey(&self.ground);
            self.balance.stored_start_m3 = self.state.stored_m3(&self.ground);
            self.start();
        }
        self.set_rain(self.time_s);
        for event in std::mem::take(&mut schedule.events) {
            while self.time_s < event {
                self.save(&mut schedule, &mut saved);
                let time = self.time_s;
                let dt = self.step_length(time, event)?;
                let end = if time + dt >= event - 1e-9 * dt { event } else { time + dt };
                self.step(time, end - time, end);
                self.time_s = end;
                if self.stats.steps.is_multiple_of(STEPS_A_CALL) && !progress(end / duration) {
                    return Err(stopped(end));
                }
            }
            if schedule.is_output(event) {
                self.record.rows(self.problem, &self.ground, &self.state, &self.exchange, &mut self.balance, event);
                if !self.record.balance.last().is_some_and(|row| row.stored_m3.is_finite() && row.error_m3.is_finite())
                {
                    return Err(not_finite(event));
                }
            }
            if schedule.is_snapshot(event) {
                self.record.snapshot(&self.ground, &self.state, self.problem.solver.dry_depth_m, event);
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

    /// Extremes and waves of the state before the first step.
    fn start(&mut self) {
        let (ground, state) = (&self.ground, &self.state);
        let nx = ground.nx;
        let speed2: Vec<f64> =
            (0..nx * ground.ny).map(|c| state.velocity(c, 0.0)).map(|(u, v)| u * u + v * v).collect();
        self.fastest_start_m_s = speed2.iter().copied().fold(0.0, f64::max).sqrt();
        for (j, (row, mut band)) in self.rows.iter_mut().zip(self.extremes.bands(nx)).enumerate() {
            let cells = j * nx..(j + 1) * nx;
            band.remember(0, &state.now.h[cells.clone()], &speed2[cells.clone()], 0.0, 0.0);
            let waves = cells.map(|c| {
                let (u, v) = state.velocity(c, 0.0);
                ground.free[c] * (u.abs() + v.abs() + 2.0 * (crate::cell::GRAVITY * state.now.h[c]).sqrt())
            });
            row.wave_m_s = waves.fold(0.0, f64::max);
            row.deepest_m = state.now.h[j * nx..(j + 1) * nx].iter().copied().fold(0.0, f64::max);
        }
    }

    /// Length of the next step: `cfl × dx ÷ (|u| + |v| + 2 √(g h))` of the fastest cell that moves freely and of boundaries, cut so
    /// that steps land on the next event without leaving a sliver.
    fn step_length(&self, time_s: f64, event_s: f64) -> Result<f64, Finding> {
        let solver = &self.problem.solver;
        let cells = self.rows.iter().fold(0.0, |a, row| crate::cell::larger(row.wave_m_s, a));
        let wave = self.exchange.wave_m_s(&self.ground, &self.state, time_s).max(cells);
        if !wave.is_finite() || self.rows.iter().any(|row| row.wave_m_s.is_nan()) {
            return Err(not_finite(time_s));
        }
        let dt = if wave > 0.0 { (solver.cfl * self.ground.dx_m / wave).min(solver.max_dt_s) } else { solver.max_dt_s };
        if dt < SHORTEST_STEP_S {
            return Err(collapsed(time_s, dt, wave));
        }
        Ok(landing(dt, event_s - time_s))
    }

    /// Bound of all speeds in a step: one and a half times the front of a dam break (2 √(g H), Ritter 1892) of the deepest water on
    /// the highest step of the ground, or of what boundaries send in, or the fastest start.
    fn fastest_m_s(&self, time_s: f64) -> f64 {
        let deepest = self.rows.iter().fold(0.0, |a, row| crate::cell::larger(row.deepest_m, a));
        let front = 3.0 * (crate::cell::GRAVITY * (deepest + self.ground.highest_step_m)).sqrt();
        front.max(self.exchange.wave_m_s(&self.ground, &self.state, time_s)).max(self.fastest_start_m_s)
    }

    fn step(&mut self, time_s: f64, dt_s: f64, end_s: f64) {
        let (ground, state) = (&self.ground, &mut self.state);
        self.balance.drained.add(self.exchange.point_exchange(ground, state, time_s, dt_s));
        let fastest = self.fastest_m_s(time_s);
        let (ground, state) = (&self.ground, &mut self.state);
        let sources: Vec<Span> = self.forced.iter().zip(&self.raining).map(|(f, r)| f.with(*r)).collect();
        state.plan(ground, &sources);
        for second in [false, true] {
            let from = if second { &state.mid } else { &state.now };
            fluxes(ground, from, &mut state.x, &mut state.y, &state.work);
            crest_fluxes(&mut self.crests, ground, state, second, dt_s);
            self.exchange.edge_fluxes(ground, state, second, time_s, dt_s);
            limit_outflow(ground, state, second, dt_s);
            self.exchange.book_stage(ground, state, dt_s);
            self.record.stage(ground, state, dt_s);
            if second {
                self.exchange.hold(ground, state, end_s);
                finish(ground, state, &mut self.losses, &mut self.extremes, &mut self.rows, fastest, (end_s, dt_s));
            } else {
                first_stage(ground, state, fastest, dt_s);
            }
        }
        let (inflow, outflow) = self.exchange.book(ground, state, dt_s);
        self.record.step(dt_s);
        let area = ground.cell_area_m2();
        self.balance.inflow.add(inflow);
        self.balance.outflow.add(outflow);
        self.balance.rain.add(self.rain_sum_m_s * dt_s * area);
        let (mut infiltrated, mut drained) = (0.0, 0.0);
        for row in &self.rows {
            infiltrated += row.infiltrated_m;
            drained += row.drained_m;
        }
        self.balance.infiltrated.add(infiltrated * area);
        self.balance.drained.add(drained * area);
        let stats = &mut self.stats;
        stats.dt_min_s = if stats.steps == 0 { dt_s } else { stats.dt_min_s.min(dt_s) };
        stats.dt_max_s = stats.dt_max_s.max(dt_s);
        stats.steps += 1;
        stats.cell_updates += state.work.iter().map(|w| w.to.saturating_sub(w.from) as u64).sum::<u64>();
    }

    fn set_rain(&mut self, time_s: f64) {
        let (ground, rain) = (&self.ground, &mut self.state.rain_m_s);
        self.problem.rain.rates_at(time_s, &self.problem.grid, rain);
        crate::roofs::drain_roofs(&self.problem.roofs, rain);
        let mut total = crate::balance::Total::default();
        for (j, row) in rain.chunks_exact_mut(ground.nx).enumerate() {
            let active = &ground.active[j * ground.nx..(j + 1) * ground.nx];
            row.iter_mut().zip(active).for_each(|(r, a)| *r = if *a { *r * MM_H } else { 0.0 });
            let first = row.iter().position(|r| *r > 0.0).unwrap_or(0);
            self.raining[j] = Span { from: first, to: row.iter().rposition(|r| *r > 0.0).map_or(first, |k| k + 1) };
            total.add(row.iter().sum());
        }
        self.rain_sum_m_s = total.value();
    }

    fn finish(mut self, mut findings: Vec<Finding>) -> Result<Inundation, Finding> {
        let relative_volume_error = self.balance.relative_error();
        if relative_volume_error.is_nan() || relative_volume_error > 1e-6 {
            return Err(water_lost(relative_volume_error));
        }
        let (ground, kept, dry) = (&self.ground, &self.extremes, self.problem.solver.dry_depth_m);
        let walls_nan = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&ground.active).map(|(v, a)| if *a { *v } else { f64::NAN }).collect()
        };
        let class = |(class, depth): (&u8, &f64)| if *depth > dry { (*class).max(1) } else { 0 };
        let times = |first: bool| -> Vec<(f64, Vec<f32>)> {
            let of = |k: usize| kept.times(k, first).into_iter().map(|s| s as f32).collect();
            self.problem.thresholds_m.iter().zip(1..).map(|(t, k)| (*t, of(k))).collect()
        };
        let stay = |t: &f64| -> Vec<f64> {
            let k = self.problem.thresholds_m.iter().position(|o| o == t);
            k.map_or_else(Vec::new, |k| walls_nan(kept.stay_s(k + 1)))
        };
        let asked = |values: &[f64]| (!values.is_empty()).then(|| walls_nan(values));
        let further = Further {
            stay_s: self.problem.wanted.durations_m.iter().map(|t| (*t, stay(t))).collect(),
            max_product_m2_s: asked(&kept.product2.iter().map(|p| p.sqrt()).collect::<Vec<_>>()),
            max_rating: asked(&kept.rating),
        };
        findings.extend(crate::wanted::told(self.problem));
        let last = self.record.balance.last().copied().unwrap_or_default();
        self.stats.dt_mean_s = self.problem.duration_s / self.stats.steps.max(1) as f64;
        findings.sort();
        Ok(Inundation {
            attribution: Vec::new(),
            sources: Vec::new(),
            further,
            grid: self.problem.grid,
            max_depth_m: walls_nan(&kept.max_depth_m),
            arrival_s: kept.times(0, true),
            duration_s: walls_nan(&kept.duration_s),
            max_speed_m_s: walls_nan(&kept.max_speed2.iter().map(|v| v.sqrt()).collect::<Vec<_>>()),
            max_hazard: kept.hazard.iter().zip(&kept.max_depth_m).map(class).collect(),
            crossing_s: times(true),
            leaving_s: times(false),
            peak_time_s: walls_nan(&kept.peak_time_s),
            volumes: self.balance.volumes(&last),
            active: self.ground.active,
            snapshots: self.record.snapshots,
            gauges: self.record.gauges,
            flows: self.record.flows,
            balance: self.record.balance,
            sinks: self.exchange.sinks,
            relative_volume_error,
            stats: self.stats,
            findings,
        })
    }
}
