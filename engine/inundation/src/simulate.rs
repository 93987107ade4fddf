use crate::balance::Balance;
use crate::cell::{NEIGHBOUR_SHARE, larger};
use crate::depth::{Losses, new_depths};
use crate::exchange::Exchange;
use crate::infiltration::Soil;
use crate::mesh::Mesh;
use crate::momentum::wanted_flows;
use crate::place::resolve;
use crate::record::Record;
use crate::soundness::check;
use crate::state::State;
use crate::track::{Track, Tracker};
use crate::{FlowProblem, Inundation, RunStats};
use dayu_base::{Finding, Text};

/// A step shorter than this means that the numbers have gone wrong.
pub(crate) const SHORTEST_STEP_S: f64 = 1e-6;

/// Steps between two calls of `progress`.
pub(crate) const STEPS_A_CALL: u64 = 16;

/// mm/h → m/s
pub(crate) const MM_H: f64 = 1e-3 / 3600.0;

/// Moves the water of a problem to its end.
///
/// Local inertial flow on a staggered grid, 64-bit state. Order within a step: inflows inside, pumps and outfalls, flow between
/// cells, rain, infiltration, assumed drains; each takes at most what is there. A cell whose outflow would exceed its water
/// gives every outward face the same share, so depths stay ≥ 0 and nothing is clipped. Runs on the caller's rayon pool; the
/// number of threads changes no bit. `progress` is told the fraction done and returns `false` to stop.
///
/// # Errors
/// A finding when the problem cannot be computed (`SIM-1xx`, `SCN-2xx`), when it was stopped (`SIM-202`), and when the run went
/// wrong and must not be used (`SIM-201` step collapsed, `SIM-203` not finite, `SIM-204` water lost or made).
///
/// # References
/// Bates, Horritt & Fewtrell (2010) J. Hydrol. 387:33; de Almeida, Bates, Freer & Souvignet (2012) Water Resour. Res. 48:W05528;
/// de Almeida & Bates (2013) Water Resour. Res. 49:4833.
pub(crate) fn simulate(problem: &FlowProblem, progress: &(dyn Fn(f64) -> bool + Sync)) -> Result<Inundation, Finding> {
    check(problem)?;
    let mut findings = problem.rain.soundness(problem.duration_s)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    let places = resolve(problem, &active)?;
    findings.extend(crate::doubts::ends_early(problem));
    findings.extend(crate::doubts::stands_dry(problem, &places));
    let mut held = vec![false; active.len()];
    places.held.iter().for_each(|h| held[h.cell] = true);
    let mesh = Mesh::new(problem, &held);
    let mut exchange = Exchange::new(problem, &mesh, places);
    name_doubts(problem, &mesh, &exchange, &mut findings);
    let record = Record::new(problem, &mesh, &mut findings);
    let mut state = State::new(&mesh, &problem.initial_depth_m);
    crate::start::start_moving(problem, &mesh, &mut state);
    let thresholds: Vec<f64> =
        std::iter::once(problem.arrival_depth_m).chain(problem.thresholds_m.iter().copied()).collect();
    let lowest_m = thresholds.iter().copied().fold(f64::INFINITY, f64::min);
    let track = Track::new(&mesh, thresholds.len(), lowest_m);
    let rate = |mm_h: &[f64]| mm_h.iter().map(|r| r * MM_H).collect();
    let losses =
        Losses { infiltration_m_s: rate(problem.infiltration.constant_mm_h()), drain_m_s: rate(&problem.drain_mm_h) };
    exchange.start_flow(0.0);
    let run = Run {
        forced: exchange.forced_rows(&mesh),
        raining: vec![false; mesh.ny],
        rain_rows: problem.rain.row_times(),
        rain_sum_m_s: 0.0,
        tracker: Tracker::new(mesh.nx, problem.solver.dry_depth_m, thresholds),
        stats: RunStats { cells: problem.grid.len() as u64, active_cells: mesh.active_cells, ..RunStats::default() },
        balance: Balance::default(),
        soil: Soil::new(&problem.infiltration, mesh.active.len()),
        problem,
        exchange,
        record,
        state,
        track,
        losses,
        mesh,
    };
    run.complete(progress, findings)
}

struct Run<'a> {
    problem: &'a FlowProblem,
    mesh: Mesh,
    state: State,
    exchange: Exchange<'a>,
    record: Record,
    balance: Balance,
    track: Track,
    tracker: Tracker,
    losses: Losses,
    soil: Soil,
    forced: Vec<bool>,
    raining: Vec<bool>,
    rain_rows: Vec<f64>,
    /// sum of the rates of all active cells
    rain_sum_m_s: f64,
    stats: RunStats,
}

impl Run<'_> {
    fn complete(
        mut self,
        progress: &(dyn Fn(f64) -> bool + Sync),
        findings: Vec<Finding>,
    ) -> Result<Inundation, Finding> {
        let duration = self.problem.duration_s;
        let outputs = output_times(duration, self.problem.interval_s);
        let mut snapshots = self.problem.snapshots_s.clone();
        snapshots.sort_by(f64::total_cmp);
        snapshots.dedup();
        let mut events: Vec<f64> = outputs.iter().chain(&snapshots).copied().collect();
        events.extend(self.rain_rows.iter().copied().filter(|t| *t > 0.0 && *t < duration));
        events.sort_by(f64::total_cmp);
        events.dedup();

        self.exchange.hold(&self.mesh, &mut self.state, 0.0);
        self.state.survey(&self.mesh);
        self.balance.stored_start_m3 = self.state.stored_m3(&self.mesh);
        self.tracker.remember_start(&self.mesh, &self.state, &mut self.track);
        self.set_rain(0.0);

        let (mut time, mut next_output, mut next_snapshot) = (0.0, 0, 0);
        for &event in &events {
            while time < event {
                let dt = self.step_length(time, event)?;
                let end = if time + dt >= event - 1e-9 * dt { event } else { time + dt };
                self.step(time, end - time, end);
                time = end;
                if self.stats.steps.is_multiple_of(STEPS_A_CALL) && !progress(time / duration) {
                    return Err(stopped(time));
                }
            }
            if outputs.get(next_output) == Some(&event) {
                next_output += 1;
                self.record.rows(self.problem, &self.mesh, &self.state, &self.exchange, &mut self.balance, time);
                if !self.record.balance.last().is_some_and(|row| row.stored_m3.is_finite() && row.error_m3.is_finite())
                {
                    return Err(not_finite(time));
                }
            }
            if snapshots.get(next_snapshot) == Some(&event) {
                next_snapshot += 1;
                self.record.snapshot(&self.mesh, &self.state, self.problem.solver.dry_depth_m, time);
            }
            if self.rain_rows.binary_search_by(|t| t.total_cmp(&event)).is_ok() {
                self.set_rain(event);
            }
        }
        if !progress(1.0) {
            return Err(stopped(time));
        }
        self.finish(findings)
    }

    /// Length of the next step: Courant condition of the fastest wave of cells that move freely and of boundaries, cut so that
    /// steps land on the next event without leaving a sliver.
    ///
    /// With θ < 1 the two-dimensional scheme is stable up to `√((1 − 2·share) ÷ 2)` (checkerboard mode of the linear scheme), not
    /// `√(1 ÷ 2)`; the factor keeps the customary Courant number of 0.7 on the safe side.
    fn step_length(&self, time_s: f64, event_s: f64) -> Result<f64, Finding> {
        let solver = &self.problem.solver;
        let rows = self.state.rows.iter().fold(0.0, |a, row| larger(row.wave_m2_s2, a));
        let wave = larger(self.exchange.wave_m2_s2(&self.mesh, &self.state, time_s), rows);
        let courant = solver.cfl * (1.0 - 2.0 * NEIGHBOUR_SHARE).sqrt() * self.mesh.dx_m;
        let dt = if wave > 0.0 { (courant / wave.sqrt()).min(solver.max_dt_s) } else { solver.max_dt_s };
        if !wave.is_finite() {
            return Err(not_finite(time_s));
        }
        if dt < SHORTEST_STEP_S {
            return Err(collapsed(time_s, dt, wave.sqrt()));
        }
        let left = event_s - time_s;
        Ok(if left <= dt {
            left
        } else if left < 2.0 * dt {
            0.5 * left
        } else {
            dt
        })
    }

    fn step(&mut self, time_s: f64, dt_s: f64, end_s: f64) {
        let (mesh, state) = (&self.mesh, &mut self.state);
        self.balance.drained.add(self.exchange.point_exchange(mesh, state, time_s, dt_s));
        let soaked_m = if self.soil.remembers() { self.soil.soak(mesh, state, end_s, dt_s) } else { 0.0 };
        state.plan_step(&self.forced, &self.raining);
        wanted_flows(mesh, state, dt_s);
        self.exchange.edge_flows(mesh, state, time_s, dt_s);
        self.exchange.hold(mesh, state, end_s);
        self.tracker.before_s = self.tracker.time_s;
        self.tracker.time_s = end_s;
        new_depths(mesh, state, &self.losses, &mut self.track, &self.tracker, dt_s);
        let (inflow, outflow) = self.exchange.book(mesh, state, dt_s);
        self.record.step(mesh, state, dt_s);
        let area = mesh.cell_area_m2();
        self.balance.inflow.add(inflow);
        self.balance.outflow.add(outflow);
        self.balance.rain.add(self.rain_sum_m_s * dt_s * area);
        let (mut infiltrated, mut drained, mut updates) = (soaked_m, 0.0, 0);
        for ((row, work), cells) in state.rows.iter().zip(&state.plan.depths).zip(&mesh.row_active) {
            infiltrated += row.infiltrated_m;
            drained += row.drained_m;
            updates += if *work == crate::state::Work::Full { u64::from(*cells) } else { 0 };
        }
        self.balance.infiltrated.add(infiltrated * area);
        self.balance.drained.add(drained * area);
        let stats = &mut self.stats;
        stats.dt_min_s = if stats.steps == 0 { dt_s } else { stats.dt_min_s.min(dt_s) };
        stats.dt_max_s = stats.dt_max_s.max(dt_s);
        stats.steps += 1;
        stats.cell_updates += updates;
    }

    fn set_rain(&mut self, time_s: f64) {
        let (mesh, rain) = (&self.mesh, &mut self.state.rain_m_s);
        self.problem.rain.rates_at(time_s, &self.problem.grid, rain);
        crate::roofs::drain_roofs(&self.problem.roofs, rain);
        let mut total = crate::balance::Total::default();
        for (j, row) in rain.chunks_exact_mut(mesh.nx).enumerate() {
            let active = &mesh.active[j * mesh.nx..(j + 1) * mesh.nx];
            row.iter_mut().zip(active).for_each(|(r, a)| *r = if *a { *r * MM_H } else { 0.0 });
            self.raining[j] = row.iter().any(|r| *r > 0.0);
            total.add(row.iter().sum());
        }
        self.rain_sum_m_s = total.value();
    }

    fn finish(mut self, mut findings: Vec<Finding>) -> Result<Inundation, Finding> {
        self.track.close(&self.tracker);
        let relative_volume_error = self.balance.relative_error();
        if relative_volume_error.is_nan() || relative_volume_error > 1e-6 {
            return Err(water_lost(relative_volume_error));
        }
        let (mesh, track, dry) = (&self.mesh, &self.track, self.problem.solver.dry_depth_m);
        let walls_nan = |values: &[f64]| -> Vec<f64> {
            values.iter().zip(&mesh.active).map(|(v, a)| if *a { *v } else { f64::NAN }).collect()
        };
        let class = |(class, depth): (&u8, &f64)| if *depth > dry { (*class).max(1) } else { 0 };
        let times = |first: bool| -> Vec<(f64, Vec<f64>)> {
            self.problem.thresholds_m.iter().zip(1..).map(|(t, k)| (*t, track.times(k, first))).collect()
        };
        let last = self.record.balance.last().copied().unwrap_or_default();
        let mut stats = self.stats;
        stats.dt_mean_s = self.problem.duration_s / stats.steps.max(1) as f64;
        findings.sort();
        Ok(Inundation {
            grid: self.problem.grid,
            max_depth_m: walls_nan(&track.max_depth_m),
            arrival_s: track.times(0, true),
            duration_s: walls_nan(&track.duration_s),
            max_speed_m_s: walls_nan(&track.max_speed2.iter().map(|v| v.sqrt()).collect::<Vec<_>>()),
            max_hazard: track.hazard.iter().zip(&track.max_depth_m).map(class).collect(),
            crossing_s: times(true),
            leaving_s: times(false),
            peak_time_s: walls_nan(&track.peak_time_s),
            volumes: self.balance.volumes(&last),
            active: self.mesh.active,
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
}

/// 0, every interval, and the end.
pub(crate) fn output_times(duration_s: f64, interval_s: f64) -> Vec<f64> {
    let whole = ((duration_s / interval_s) * (1.0 - 1e-12)).floor() as u64;
    (0..=whole).map(|k| k as f64 * interval_s).filter(|t| *t < duration_s).chain([duration_s]).collect()
}

fn name_doubts(problem: &FlowProblem, mesh: &Mesh, exchange: &Exchange, findings: &mut Vec<Finding>) {
    let (below, rising) = exchange.doubtful(mesh);
    let name = |number: usize| problem.boundaries[number].id.clone().unwrap_or_else(|| format!("boundary[{number}]"));
    for (number, count) in below {
        findings.push(
            Finding::warning(
                "SIM-112",
                Text::new(
                    format!("开始时给定水位低于 {count} 个单元的床面：这些单元按无水处理，只能出流"),
                    format!("at the start the level lies below the bed of {count} cells: they hold no water and only let it out"),
                ),
                Text::new("核对水位与高程的基准面", "check the datum of the level against that of the elevation"),
            )
            .at(name(number)),
        );
    }
    for (number, count) in rising {
        findings.push(
            Finding::warning(
                "SIM-117",
                Text::new(
                    format!("正常水深边界有 {count} 个面的床坡不向外：这些面不出流"),
                    format!("at {count} faces of the normal-depth boundary the bed does not fall outwards: nothing leaves there"),
                ),
                Text::new("为该边界给出 slope", "give the boundary a slope"),
            )
            .at(name(number)),
        );
    }
    for id in exchange.idle_sinks() {
        findings.push(
            Finding::warning(
                "SIM-115",
                Text::new(
                    "泵站或排口没有落在可流动的单元上，不抽排",
                    "the pump or outfall stands on no free cell and takes nothing",
                ),
                Text::new("检查其位置", "check its position"),
            )
            .at(id),
        );
    }
}

fn unusable(code: &str, zh: String, en: String) -> Finding {
    Finding::error(
        code,
        Text::new(
            format!("{zh}。本次结果不可用，未予输出"),
            format!("{en}. The run is unusable and nothing of it is given out"),
        ),
        Text::new("检查该处地形、糙率与边界；或减小 cfl", "check terrain, roughness and boundaries; or lower cfl"),
    )
}

pub(crate) fn collapsed(time_s: f64, dt_s: f64, wave_m_s: f64) -> Finding {
    unusable(
        "SIM-201",
        format!("第 {time_s:.1} 秒时间步缩至 {dt_s:.1e} 秒（波速 {wave_m_s:.1} 米/秒）"),
        format!("at {time_s:.1} s the step collapsed to {dt_s:.1e} s (wave {wave_m_s:.1} m/s)"),
    )
}

pub(crate) fn not_finite(time_s: f64) -> Finding {
    unusable("SIM-203", format!("第 {time_s:.1} 秒出现非有限数"), format!("at {time_s:.1} s a value is not finite"))
}

pub(crate) fn water_lost(relative: f64) -> Finding {
    unusable(
        "SIM-204",
        format!("水量误差 {relative:.2e} 超过 1e-6"),
        format!("the volume error {relative:.2e} is above 1e-6"),
    )
}

pub(crate) fn stopped(time_s: f64) -> Finding {
    Finding::error(
        "SIM-202",
        Text::new(
            format!("计算在第 {time_s:.0} 秒被取消，没有结果"),
            format!("the run was stopped at {time_s:.0} s; there is no result"),
        ),
        Text::new("需要结果时重新运行", "run again when a result is needed"),
    )
}
