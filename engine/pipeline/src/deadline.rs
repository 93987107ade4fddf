//! Answers by a deadline: a screening at once, coarse cells in seconds, then the finest cells that finish in time. Each answer is written
//! when it is there and supersedes the one before. Only the choice of the cells depends on the clock: the same cells give the same bytes.

use crate::estimate::fits_memory;
use crate::inputs::Inputs;
use crate::model::Model;
use crate::publish::Draft;
use crate::quality::Quality;
use crate::regrid::{model_on, screening_on};
use crate::simulation::{SimulationTimes, run_water, write_simulation};
use crate::{Failure, Progress, Stage};
use dayu_base::{Finding, Text};
use dayu_inundation::{Inundation, SavedState, Scheme};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant as Clock;

/// Cells of the first, timed grid.
const PROBE_CELLS: f64 = 2500.0;
/// Cells of the screening: under a second.
const SCREENING_CELLS: f64 = 600_000.0;
/// Share of the time left that the coarse answer may take.
const COARSE_SHARE: f64 = 0.1;
/// Time is estimated by the cube of the side; cells that no longer fit the processor's cache take longer.
const SAFETY: f64 = 1.15;
/// The plain kernel works with one thread below so many cells, and with all of them this much faster.
const ONE_THREAD_CELLS: usize = 60_000;
const SPEED_UP: f64 = 1.6;

/// A deadline of a command.
pub(crate) struct Deadline {
    pub began: Clock,
    pub seconds: f64,
    /// share of the time after the first answers that belongs to the water; the rest is for members and products
    pub water_share: f64,
}

impl Deadline {
    /// Seconds left.
    pub fn left_s(&self) -> f64 {
        self.seconds - self.began.elapsed().as_secs_f64()
    }
}

/// The answer that stands at the end.
pub(crate) struct Answered {
    pub model: Model,
    pub water: Inundation,
    pub states: Vec<SavedState>,
    pub findings: Vec<Finding>,
    /// cell-steps a second that the last answer took
    pub rate: f64,
    /// what the last answer was expected to take, s
    pub estimated_s: f64,
}

/// A grid that was computed, with what it took.
struct Timed {
    cell_m: f64,
    took_s: f64,
    model: Model,
    water: Inundation,
    states: Vec<SavedState>,
}

/// Computes the ladder of answers.
///
/// # Errors
/// Input refused, cancelled, `RUN-103` for a run that goes on from a state, or output not writable.
pub(crate) fn water_by(
    inputs: &mut Inputs,
    deadline: &Deadline,
    draft: &mut Draft,
    progress: Progress<'_>,
) -> Result<Answered, Failure> {
    if inputs.scenario.state.is_some() {
        return Err(no_state(inputs).into());
    }
    let keys = inputs.scenario.grid.clone().unwrap_or_default();
    // The timed grid tells pixel and area; its first guess of a side comes from the extent alone.
    let mut first = model_on(inputs, guess_m(inputs))?;
    let pixel_m = first.relief.as_ref().map_or(keys.pixel_m().unwrap_or(first.problem.grid.cell_m), |r| r.grid.cell_m);
    let own_m = keys.cell_m.unwrap_or(pixel_m);
    let area_m2 = active_m2(&first);
    let box_m2 = first.problem.grid.len() as f64 * first.problem.grid.cell_area_m2();
    let whole = |cell_m: f64| (cell_m / pixel_m - 1e-9).ceil().max(1.0) * pixel_m;
    let probe_m = whole((area_m2 / PROBE_CELLS).sqrt());
    if (probe_m - first.problem.grid.cell_m).abs() > 1e-9 {
        first = model_on(inputs, probe_m)?;
    }
    let mut findings = Vec::new();
    let mut number = 0;
    let mut rung =
        |inputs: &Inputs, model: &Model, water: &Inundation, (build, solve): (f64, f64), draft: &mut Draft| {
            number += 1;
            let mut times = SimulationTimes { build, solve, ..SimulationTimes::default() };
            let name = format!("ladder/{number}");
            let folder = draft.path().join(&name);
            std::fs::create_dir_all(&folder).map_err(|e| crate::publish::write_failed(&folder, &e))?;
            write_simulation(&folder, inputs, model, water, &mut times, &model.findings)?;
            draft.show_early(&name).map_err(Failure::from)
        };

    let clock = Clock::now();
    let screened = screening_on(inputs, whole((area_m2 / SCREENING_CELLS).sqrt().max(own_m)));
    let build = clock.elapsed().as_secs_f64();
    match screened.and_then(|mut model| {
        model.quality = Some(Quality::Screening);
        let (water, _) = run_water(&model, progress)?;
        Ok((model, water))
    }) {
        Ok((model, water)) => rung(inputs, &model, &water, (build, clock.elapsed().as_secs_f64() - build), draft)?,
        Err(Failure::Cancelled) => return Err(Failure::Cancelled),
        Err(failure) => findings.push(no_screening(inputs, &failure)),
    }

    let mut best = timed(first, own_m, None, progress)?.ok_or(Failure::Cancelled)?;
    // Coarse cells in a tenth of the time left, unless the timed grid is as fine as that.
    let estimate = |from: &Timed, cell_m: f64| {
        let cells = from.water.stats.active_cells as usize;
        let then = (cells as f64 * (from.cell_m / cell_m).powi(2)) as usize;
        let alone = from.model.problem.solver.scheme == Scheme::Inertial && rayon::current_num_threads() > 1;
        let faster = if alone && cells < ONE_THREAD_CELLS && then >= ONE_THREAD_CELLS { SPEED_UP } else { 1.0 };
        SAFETY * from.took_s * (from.cell_m / cell_m).powi(3) / faster
    };
    let finest = |from: &Timed, within_s: f64, inputs: &Inputs| {
        let mut cell_m = from.cell_m;
        loop {
            let next = cell_m - pixel_m;
            let cells = (box_m2 / (next * next)).ceil();
            if next < pixel_m - 1e-9 || estimate(from, next) > within_s || !fits_memory(inputs, cells as usize) {
                return cell_m;
            }
            cell_m = next;
        }
    };
    let coarse_m = finest(&best, COARSE_SHARE * deadline.left_s().max(0.0), inputs);
    if coarse_m < best.cell_m {
        let model = model_on(inputs, coarse_m)?;
        best = timed(model, own_m, None, progress)?.ok_or(Failure::Cancelled)?;
    }
    rung(inputs, &best.model, &best.water, (0.0, best.took_s), draft)?;

    let for_water_s = deadline.water_share * deadline.left_s().max(0.0);
    let fine_m = finest(&best, for_water_s, inputs);
    let expected_s = estimate(&best, fine_m);
    if fine_m < best.cell_m {
        let model = model_on(inputs, fine_m)?;
        let stop = Clock::now();
        // Beyond its share by half the answer that is there stands: members and products need the rest.
        let late = || stop.elapsed().as_secs_f64() > 1.5 * for_water_s;
        match timed(model, own_m, Some(&late), progress)? {
            Some(answer) => best = answer,
            None => findings.push(too_slow(inputs, fine_m, best.cell_m)),
        }
    }
    let steps = best.water.stats.active_cells as f64 * best.water.stats.steps as f64;
    findings.push(chosen(inputs, best.cell_m, own_m, pixel_m));
    Ok(Answered {
        rate: steps / best.took_s.max(1e-3),
        estimated_s: expected_s,
        model: best.model,
        water: best.water,
        states: best.states,
        findings,
    })
}

/// The model of a run that a deadline has put on these cells.
pub(crate) fn chosen_model(inputs: &mut Inputs, cell_m: f64) -> Result<(Model, Finding), Failure> {
    let mut model = model_on(inputs, cell_m)?;
    let keys = inputs.scenario.grid.clone().unwrap_or_default();
    let pixel_m = model.relief.as_ref().map_or(keys.pixel_m().unwrap_or(cell_m), |r| r.grid.cell_m);
    let own_m = keys.cell_m.unwrap_or(pixel_m);
    model.quality = Some(quality(cell_m, own_m));
    let finding = chosen(inputs, cell_m, own_m, pixel_m);
    Ok((model, finding))
}

fn quality(cell_m: f64, own_m: f64) -> Quality {
    if cell_m > own_m + 1e-9 { Quality::Coarse } else { Quality::Fine }
}

/// Runs a model and times it; `None` when it was stopped because it was late.
fn timed(
    mut model: Model,
    own_m: f64,
    late: Option<&(dyn Fn() -> bool + Sync)>,
    progress: Progress<'_>,
) -> Result<Option<Timed>, Failure> {
    let cell_m = model.problem.grid.cell_m;
    model.quality = Some(quality(cell_m, own_m));
    let clock = Clock::now();
    let stopped = AtomicBool::new(false);
    let told = |stage: Stage, fraction: f64| {
        if late.is_some_and(|l| l()) {
            stopped.store(true, Ordering::Relaxed);
            return false;
        }
        progress(stage, fraction)
    };
    match run_water(&model, &told) {
        Ok((water, states)) => Ok(Some(Timed { cell_m, took_s: clock.elapsed().as_secs_f64(), model, water, states })),
        Err(Failure::Cancelled) if stopped.load(Ordering::Relaxed) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Side of cells that cannot be many: a sixtieth of the extent named, else 500 m.
fn guess_m(inputs: &Inputs) -> f64 {
    let extent = inputs.scenario.grid.as_ref().and_then(|g| g.extent);
    extent.map_or(500.0, |[x0, y0, x1, y1]| ((x1 - x0).max(y1 - y0) / 60.0).max(1e-3))
}

fn active_m2(model: &Model) -> f64 {
    let grid = &model.problem.grid;
    model.problem.bed_m.iter().filter(|z| !z.is_nan()).count().max(1) as f64 * grid.cell_area_m2()
}

fn chosen(inputs: &Inputs, cell: f64, own_m: f64, pixel_m: f64) -> Finding {
    let mark = quality(cell, own_m).mark();
    let message = Text::new(
        format!("时限模式：选用 {cell} m 格网（{}；情景格网 {own_m} m，地形像元 {pixel_m} m）", mark.zh),
        format!(
            "deadline mode: cells of {cell} m ({}; the scenario's are {own_m} m, the terrain's pixels {pixel_m} m)",
            mark.en
        ),
    );
    let mend = if cell > own_m + 1e-9 {
        Text::new("有时间时去掉 --deadline 重算", "run again without --deadline when there is time")
    } else {
        Text::default()
    };
    let finding = if cell > own_m + 1e-9 {
        Finding::warning("RUN-104", message, mend)
    } else {
        Finding::info("RUN-104", message, mend)
    };
    finding.in_file(&inputs.scenario_file.name).field("grid.cell_m")
}

fn no_state(inputs: &Inputs) -> Finding {
    Finding::error(
        "RUN-103",
        Text::new(
            "时限模式不能续算或保存状态：格网由时限决定",
            "a deadline cannot go with saved states: it chooses the cells",
        ),
        Text::new("去掉 [state]，或不用 --deadline", "remove [state], or run without --deadline"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("state")
}

fn no_screening(inputs: &Inputs, failure: &Failure) -> Finding {
    Finding::info(
        "RUN-105",
        Text::new(
            format!(
                "没有筛查级答案：{}",
                failure.findings().first().map_or_else(String::new, |f| f.message.zh.clone())
            ),
            format!(
                "there is no screening: {}",
                failure.findings().first().map_or_else(String::new, |f| f.message.en.clone())
            ),
        ),
        Text::default(),
    )
    .in_file(&inputs.scenario_file.name)
}

fn too_slow(inputs: &Inputs, fine_m: f64, stands_m: f64) -> Finding {
    Finding::warning(
        "RUN-106",
        Text::new(
            format!("{fine_m} m 格网没有按时算完，已中止；{stands_m} m 格网的结果有效"),
            format!("the {fine_m} m cells were not done in time and were stopped; the answer on {stands_m} m stands"),
        ),
        Text::new("放宽 --deadline，或减少本机其他负载", "allow more time, or less other work on this machine"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("--deadline")
}
