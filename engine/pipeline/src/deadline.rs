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
/// Cells that cannot be computed are followed by cells of this share of their side.
const FINER: f64 = 0.7;
/// Tries of a first grid, from the guess down to the scenario's own cells; each half as wide when it names none.
const TRIES: u8 = 5;
const HALF: f64 = 0.5;
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

/// What the scenario asks for: sides of its cells and of the pixels that they keep (the same without a subgrid), and of the terrain's
/// pixels, below which cells tell nothing more.
#[derive(Clone, Copy)]
struct Asked {
    own_m: f64,
    kept_m: f64,
    pixel_m: f64,
}

impl Asked {
    fn of(inputs: &Inputs, model: &Model) -> Self {
        let keys = inputs.scenario.grid.clone().unwrap_or_default();
        let cell_m = model.problem.grid.cell_m;
        let pixel_m = model.relief.as_ref().map_or(keys.pixel_m().unwrap_or(cell_m), |r| r.grid.cell_m);
        let own_m = keys.cell_m.unwrap_or(pixel_m);
        Self { own_m, kept_m: keys.subgrid_m.unwrap_or(own_m), pixel_m }
    }
    fn quality(self, model: &Model) -> Quality {
        Quality::of(model.problem.solver.scheme, model.problem.cell_m(), self.own_m, self.kept_m)
    }
    /// The least whole multiple of the terrain's pixel that is not finer, m.
    fn whole(self, cell_m: f64) -> f64 {
        (cell_m / self.pixel_m - 1e-9).ceil().max(1.0) * self.pixel_m
    }
}

/// Codes of the findings that only a run by the clock has. A package made again takes them from the run's summary.
pub(crate) const BY_THE_CLOCK: [&str; 4] = ["RUN-104", "RUN-105", "RUN-106", "RUN-107"];

/// Computes the ladder of answers.
///
/// # Errors
/// Input refused, cancelled, `RUN-103` for a run that goes on from a state, or output not writable. Cells that cannot be built or
/// computed cost an answer only when there is no other: then finer ones are tried, down to the scenario's own.
pub(crate) fn water_by(
    inputs: &mut Inputs,
    deadline: &Deadline,
    draft: &mut Draft,
    progress: Progress<'_>,
) -> Result<Answered, Failure> {
    if inputs.scenario.state.is_some() {
        return Err(no_state(inputs).into());
    }
    draft.promise_early()?;
    let mut findings = Vec::new();
    // The first grid tells pixel and area; the guess of its side comes from the extent alone.
    let guessed_m = guess_m(inputs);
    let first = model_from(inputs, guessed_m, &mut findings)?;
    let asked = Asked::of(inputs, &first);
    let area_m2 = active_m2(&first);
    let box_m2 = first.problem.grid.len() as f64 * first.problem.grid.cell_area_m2();
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
    let screened = screening_on(inputs, asked.whole((area_m2 / SCREENING_CELLS).sqrt().max(asked.own_m)));
    let build = clock.elapsed().as_secs_f64();
    match screened.and_then(|mut model| {
        model.quality = Some(asked.quality(&model));
        let (water, _) = run_water(&model, progress)?;
        Ok((model, water))
    }) {
        Ok((model, water)) => rung(inputs, &model, &water, (build, clock.elapsed().as_secs_f64() - build), draft)?,
        Err(Failure::Cancelled) => return Err(Failure::Cancelled),
        Err(failure) => findings.push(no_screening(inputs, &failure)),
    }

    let probe_m = asked.whole((area_m2 / PROBE_CELLS).sqrt());
    let mut best = probe(inputs, first, (probe_m, asked), &mut findings, progress)?;
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
            let next = cell_m - asked.pixel_m;
            let cells = (box_m2 / (next * next)).ceil();
            if next < asked.pixel_m - 1e-9 || estimate(from, next) > within_s || !fits_memory(inputs, cells as usize) {
                return cell_m;
            }
            cell_m = next;
        }
    };
    let coarse_m = finest(&best, COARSE_SHARE * deadline.left_s().max(0.0), inputs);
    if coarse_m < best.cell_m {
        match model_on(inputs, coarse_m).and_then(|model| timed(model, asked, None, progress)) {
            Ok(answer) => best = answer.ok_or(Failure::Cancelled)?,
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => findings.push(stands(inputs, coarse_m, best.cell_m, &failure)),
        }
    }
    rung(inputs, &best.model, &best.water, (0.0, best.took_s), draft)?;

    let for_water_s = deadline.water_share * deadline.left_s().max(0.0);
    let fine_m = finest(&best, for_water_s, inputs);
    let expected_s = estimate(&best, fine_m);
    if fine_m < best.cell_m {
        let stop = Clock::now();
        // Beyond its share by half the answer that is there stands: members and products need the rest.
        let late = || stop.elapsed().as_secs_f64() > 1.5 * for_water_s;
        match model_on(inputs, fine_m).and_then(|model| timed(model, asked, Some(&late), progress)) {
            Ok(Some(answer)) => best = answer,
            Ok(None) => findings.push(too_slow(inputs, fine_m, best.cell_m)),
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => findings.push(stands(inputs, fine_m, best.cell_m, &failure)),
        }
    }
    let steps = best.water.stats.active_cells as f64 * best.water.stats.steps as f64;
    findings.push(chosen(inputs, &best.model, asked));
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
pub(crate) fn chosen_model(inputs: &mut Inputs, cell_m: f64) -> Result<Model, Failure> {
    let mut model = model_on(inputs, cell_m)?;
    model.quality = Some(Asked::of(inputs, &model).quality(&model));
    Ok(model)
}

/// A model on cells of this side or, where that cannot be built, on finer ones, at last on the scenario's own.
fn model_from(inputs: &mut Inputs, guess_m: f64, findings: &mut Vec<Finding>) -> Result<Model, Failure> {
    let own_m = inputs.scenario.grid.as_ref().and_then(|g| g.cell_m);
    let mut cell_m = guess_m;
    // What is wrong whatever the cells is told after a few tries.
    for left in (0..TRIES).rev() {
        match model_on(inputs, cell_m) {
            Err(Failure::Refused(found)) => {
                let half = own_m.map_or(HALF * cell_m, |own| (HALF * cell_m).max(own.min(cell_m)));
                let finer_m = if left == 0 { own_m.unwrap_or(half) } else { half };
                if finer_m > cell_m - 1e-9 {
                    return Err(Failure::Refused(found));
                }
                findings.push(finer(inputs, cell_m, finer_m, &Failure::Refused(found)));
                cell_m = finer_m;
            }
            other => return other,
        }
    }
    model_on(inputs, cell_m)
}

/// The first answer: on about so wide cells, or on finer ones where these cannot be built or computed.
fn probe(
    inputs: &mut Inputs,
    first: Model,
    (probe_m, asked): (f64, Asked),
    findings: &mut Vec<Finding>,
    progress: Progress<'_>,
) -> Result<Timed, Failure> {
    let mut cell_m = probe_m;
    let mut model = Some(first).filter(|m| (m.problem.grid.cell_m - probe_m).abs() < 1e-9);
    loop {
        let built = match model.take() {
            Some(model) => Ok(model),
            None => model_on(inputs, cell_m),
        };
        match built.and_then(|model| timed(model, asked, None, progress)) {
            Ok(answer) => return answer.ok_or(Failure::Cancelled),
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => {
                let finer_m = asked.whole(FINER * cell_m).max(asked.own_m.min(cell_m));
                if finer_m > cell_m - 1e-9 {
                    return Err(failure);
                }
                findings.push(finer(inputs, cell_m, finer_m, &failure));
                cell_m = finer_m;
            }
        }
    }
}

/// Runs a model and times it; `None` when it was stopped because it was late.
fn timed(
    mut model: Model,
    asked: Asked,
    late: Option<&(dyn Fn() -> bool + Sync)>,
    progress: Progress<'_>,
) -> Result<Option<Timed>, Failure> {
    let cell_m = model.problem.grid.cell_m;
    model.quality = Some(asked.quality(&model));
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

fn chosen(inputs: &Inputs, model: &Model, asked: Asked) -> Finding {
    let cell = model.problem.cell_m();
    let quality = asked.quality(model);
    let mark = quality.mark();
    let Asked { own_m, kept_m, pixel_m } = asked;
    let (subgrid, subgrid_en) = if kept_m < own_m {
        (
            format!("、亚网格 {kept_m} m（时限模式不用亚网格）"),
            format!(" with a subgrid of {kept_m} m, not used by a deadline"),
        )
    } else {
        (String::new(), String::new())
    };
    let message = Text::new(
        format!("时限模式：选用 {cell} m 格网（{}；情景格网 {own_m} m{subgrid}，地形像元 {pixel_m} m）", mark.zh),
        format!(
            "deadline mode: cells of {cell} m ({}; the scenario's are {own_m} m{subgrid_en}, the terrain's pixels {pixel_m} m)",
            mark.en
        ),
    );
    let finding = if quality == Quality::Coarse {
        let mend = Text::new("有时间时去掉 --deadline 重算", "run again without --deadline when there is time");
        Finding::warning("RUN-104", message, mend)
    } else {
        Finding::info("RUN-104", message, Text::default())
    };
    finding.in_file(&inputs.scenario_file.name).field("grid.cell_m")
}

fn reason(failure: &Failure) -> Text {
    failure.findings().first().map(|f| f.message.clone()).unwrap_or_default()
}

/// Cells that cannot be built or computed, while there is no answer yet.
fn finer(inputs: &Inputs, cell_m: f64, finer_m: f64, failure: &Failure) -> Finding {
    let why = reason(failure);
    Finding::info(
        "RUN-107",
        Text::new(
            format!("{cell_m} m 格网算不成（{}），改用 {finer_m} m", why.zh),
            format!("cells of {cell_m} m cannot be computed ({}); {finer_m} m are tried", why.en),
        ),
        Text::default(),
    )
    .in_file(&inputs.scenario_file.name)
    .field("--deadline")
}

/// Finer cells that cannot be built or computed, while an answer stands.
fn stands(inputs: &Inputs, cell_m: f64, stands_m: f64, failure: &Failure) -> Finding {
    let why = reason(failure);
    Finding::warning(
        "RUN-107",
        Text::new(
            format!("{cell_m} m 格网算不成（{}）；{stands_m} m 格网的结果有效", why.zh),
            format!("cells of {cell_m} m cannot be computed ({}); the answer on {stands_m} m stands", why.en),
        ),
        Text::new("改正所述之处，或放宽 --deadline", "mend what is named, or allow more time"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("--deadline")
}

/// That the whole took longer than was asked. Stands in the summary and its first lines alone: packages know no clock.
pub(crate) fn missed(asked_s: f64, took_s: f64) -> Option<Finding> {
    (took_s > asked_s).then(|| {
        Finding::warning(
            "RUN-109",
            Text::new(
                format!("超过时限：要求 {asked_s} 秒，实际 {took_s:.1} 秒"),
                format!("the deadline was missed: {asked_s} s asked, {took_s:.1} s taken"),
            ),
            Text::new(
                "放宽 --deadline，或减少级别、成员与本机其他负载",
                "allow more time, or ask for fewer levels, members or less other work on this machine",
            ),
        )
        .field("--deadline")
    })
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{Asked, missed};

    #[test]
    fn cells_are_whole_pixels_and_not_finer_than_asked() {
        let asked = Asked { own_m: 40.0, kept_m: 40.0, pixel_m: 10.0 };
        assert_eq!([1.0, 10.0, 10.1, 55.0, 60.0].map(|m| asked.whole(m)), [10.0, 10.0, 20.0, 60.0, 60.0]);
    }

    #[test]
    fn only_a_deadline_that_is_missed_is_said() {
        assert!(missed(5.0, 4.9).is_none());
        let finding = missed(1.0, 5.1).unwrap();
        assert!(finding.message.en.contains("1 s asked, 5.1 s taken"), "{finding}");
    }
}
