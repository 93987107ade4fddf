//! Members of a run: each is simulated on the members' own cells, and only its summary and its deepest water are kept.

mod cells;
mod external;
mod grid;
mod rain;
mod together;
mod told;

pub(crate) use cells::MemberCells;
pub(crate) use external::{check_external, refuse_missing};
pub(crate) use grid::MOST_CELL_STEPS;

use crate::inputs::Inputs;
use crate::member_ways::{MemberWatch, MemberWays};
use crate::model::Model;
use crate::typhoon::Typhoon;
use crate::unknown_rain::unknown_dry;
use crate::{Failure, Progress, Stage};
use dayu_base::{Finding, Text, sha256_hex};
use dayu_impact::{CHANCE_DEPTHS_M, Chances};
use dayu_inundation::{Inundation, simulate, simulate_alone};
use dayu_package::MemberMaps;
use dayu_scenario::EnsembleSpec;
use dayu_storm::RainField;
use dayu_storm::members::{Member, Method, Probability, draw_members, member_track};
use dayu_storm::typhoon::{WindModel, wind_at_places};
use rain::{drawn_forcing, given_forcing, grouped, member_problem, responds};
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use together::{Masks, MemberSummary, summarise, together};

/// A cell counts as flooded from here, m.
const FLOODED_M: f64 = CHANCE_DEPTHS_M[0];
/// Members of a run in numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ensemble {
    pub method: &'static str,
    /// how the members were made, in words
    pub words: Text,
    /// side of the members' cells, m
    pub cell_m: f64,
    pub members: Vec<Member>,
    /// numbers of members whose rain is not known: they are not among the members
    pub unknown: Vec<u32>,
    /// numbers of the members of low, likely and high flooded area
    pub drawn: Option<DrawnNumbers>,
    /// their flooded areas, m²
    pub drawn_flooded_m2: Option<[f64; 3]>,
    /// place of the unchanged run among all by flooded area, 1 = least; of an ensemble from outside it is no member
    pub unchanged_rank: usize,
    /// flooded area of the unchanged run on the members' cells, m²
    pub unchanged_flooded_m2: f64,
    /// flooded area of each member outside held water, m²
    pub flooded_m2: Vec<f64>,
    /// rain of each member, m³
    pub rain_m3: Vec<f64>,
    /// probability that the mean wind at the district's middle reaches 8, 10, 12; empty unless the members differ in their track
    pub wind: Vec<(u8, Probability)>,
    /// how the unchanged member on the members' cells compares with the run itself
    pub against_run: Agreement,
    /// cell-steps of all members
    pub cell_steps: u64,
    #[serde(skip)]
    pub chances: Chances,
    /// roads and slopes of each member; empty without roads or shelters
    #[serde(skip)]
    pub ways: Vec<MemberWays>,
    #[serde(skip)]
    pub maps: MemberMaps,
}

/// Objects that the run itself and its unchanged member on the members' cells put on the same side of 0.15 m.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Agreement {
    pub objects: usize,
    pub same: usize,
    /// flooded in the run, dry in the member
    pub missed: usize,
    /// dry in the run, flooded in the member
    pub added: usize,
}

/// Numbers of the drawn members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct DrawnNumbers {
    /// 10 %: low
    pub low: u32,
    /// 50 %: likely
    pub likely: u32,
    /// 90 %: high
    pub high: u32,
}

/// What running the members came to. Without an ensemble the findings say why.
#[derive(Default)]
pub(crate) struct MembersRun {
    pub ensemble: Option<Ensemble>,
    pub findings: Vec<Finding>,
}

/// What one task of a member leaves: nothing of a member whose rain is not known.
type Task = (Option<MemberSummary>, Vec<Finding>);

/// Simulates the members side by side, number 0 unchanged. Memory: one problem and state per thread and a depth per cell and member.
///
/// # Errors
/// Cancelled, a member that cannot be read or simulated (the first by number), or `RUN-101` for a run that goes on from a saved state.
pub(crate) fn run_members(
    inputs: &mut Inputs,
    model: &Model,
    water: &Inundation,
    typhoon: Option<&Typhoon>,
    cells: MemberCells,
    watch: Option<&MemberWatch<'_>>,
    progress: Progress<'_>,
) -> Result<MembersRun, Failure> {
    let Some(spec) = inputs.scenario.ensemble.clone().filter(|e| e.members > 1) else {
        return Ok(MembersRun::default());
    };
    let Some(method) = Method::from_id(&spec.method) else { return Ok(MembersRun::default()) };
    if model.state.is_some() {
        return Err(no_state(inputs).into());
    }
    // Members given from outside are numbered from 1; the unchanged run, number 0, is then compared with and not counted.
    let members = members_of(inputs, &spec, method);
    if !responds(inputs, model, method) {
        let winds: Vec<Option<f64>> = members.iter().map(|m| wind(inputs, typhoon, m)).collect();
        let winds = if method.moves_track() { together::winds(&winds) } else { Vec::new() };
        return Ok(MembersRun { ensemble: None, findings: vec![told::without_effect(inputs, &winds)] });
    }
    let (mut coarse, mut findings) = match cells::build(inputs, model, water, &members, cells)? {
        (Some(coarse), findings) => (coarse, findings),
        (None, findings) => return Ok(MembersRun { ensemble: None, findings }),
    };
    coarse.problem.thresholds_m = watch.map(MemberWatch::depths_m).unwrap_or_default();
    let coarse = coarse;
    let external = method == Method::External;
    let done = AtomicUsize::new(0);
    let cancelled = AtomicBool::new(false);
    let steps = AtomicUsize::new(0);
    let masks = Masks::of(&coarse.problem);
    let inputs = &*inputs;
    // A thread a member: within a step none waits for another, nor takes up a further member while it waits.
    let side_by_side = members.len() >= rayon::current_num_threads();
    let known_codes =
        |code: &str| model.findings.iter().chain(&water.findings).chain(&coarse.findings).any(|f| f.code == code);
    let tasks: Vec<Result<Task, Failure>> = members
        .par_iter()
        .with_max_len(1)
        .map(|member| -> Result<Task, Failure> {
            let problem = &coarse.problem;
            let forcing = if external && member.number > 0 {
                given_forcing(inputs, &spec, member.number, &problem.grid, &problem.bed_m)?
            } else {
                drawn_forcing(inputs, &coarse, typhoon, member)?
            };
            let mut found = forcing.findings;
            let summary = if forcing.known {
                let problem = member_problem(problem, forcing.rain, forcing.margin_s);
                let told = |_: f64| !cancelled.load(Ordering::Relaxed);
                let water = if side_by_side { simulate_alone(&problem, &told) } else { simulate(&problem, &told) };
                let water = water.map_err(|f| {
                    if cancelled.load(Ordering::Relaxed) { Failure::Cancelled } else { Failure::from(f) }
                })?;
                steps.fetch_add((water.stats.active_cells * water.stats.steps) as usize, Ordering::Relaxed);
                // What the run itself says of its boundaries and rain need not be said again for each member; holes in the rain of one
                // from outside are said above, in words of the member.
                let said = |f: &&Finding| known_codes(&f.code) || f.code == "SCN-300";
                let new = water.findings.iter().filter(|f| !said(f)).cloned();
                found.extend(new.map(|f| rain::of_member(inputs, member.number, f)));
                let ways = watch.map(|w| w.of(inputs, &problem.rain, &water, problem.arrival_depth_m, masks.held()));
                let unknown = unknown_dry(&problem, &water);
                Some(summarise(
                    &water,
                    (&masks, &unknown),
                    wind(inputs, typhoon, member).filter(|_| method.moves_track()),
                    ways,
                ))
            } else {
                None
            };
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !progress(Stage::Simulate, so_far as f64 / members.len() as f64) {
                cancelled.store(true, Ordering::Relaxed);
                return Err(Failure::Cancelled);
            }
            Ok((summary, found))
        })
        .collect();
    if cancelled.load(Ordering::Relaxed) {
        return Err(Failure::Cancelled);
    }
    let (mut summaries, mut found) = (Vec::new(), Vec::new());
    for (member, task) in members.iter().zip(tasks) {
        let (summary, own) = task?;
        summaries.push(summary);
        found.extend(own.into_iter().map(|f| (member.number, f)));
    }
    findings.extend(grouped(found));
    let steps = steps.into_inner() as u64;
    let (ensemble, why) = together(inputs, method, members, &coarse, water, summaries, (&masks, steps));
    findings.extend(why);
    Ok(MembersRun { ensemble, findings })
}

/// Rain of each member of a scenario with the seconds by which its clock begins before the run's, without any water; empty without an
/// ensemble. A member from outside whose rain is not known throughout stays among them: its gaps are unknown.
pub(crate) fn member_rains(
    inputs: &Inputs,
    model: &Model,
    typhoon: Option<&Typhoon>,
) -> Result<(Vec<(RainField, f64)>, Vec<Finding>), Failure> {
    let Some(spec) = inputs.scenario.ensemble.clone().filter(|e| e.members > 1) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let Some(method) = Method::from_id(&spec.method) else { return Ok((Vec::new(), Vec::new())) };
    let external = method == Method::External;
    let (mut rains, mut found) = (Vec::new(), Vec::new());
    for member in members_of(inputs, &spec, method).iter().filter(|m| !external || m.number > 0) {
        let forcing = if external {
            given_forcing(inputs, &spec, member.number, &model.problem.grid, &model.problem.bed_m)?
        } else {
            drawn_forcing(inputs, model, typhoon, member)?
        };
        found.extend(forcing.findings.into_iter().map(|f| (member.number, f)));
        rains.push((forcing.rain, forcing.margin_s.0));
    }
    Ok((rains, grouped(found)))
}

/// The members of a scenario: the key is made of its digest and its seed.
fn members_of(inputs: &Inputs, spec: &EnsembleSpec, method: Method) -> Vec<Member> {
    let digest = inputs.files.list().get(&inputs.scenario_file.name).map(|f| f.sha256.clone()).unwrap_or_default();
    let key = sha256_hex(format!("{digest} {}", inputs.scenario.seed).as_bytes());
    let key = u64::from_str_radix(key.get(..16).unwrap_or_default(), 16).unwrap_or_default();
    draw_members(key, spec.members + u32::from(method == Method::External), method)
}

fn no_state(inputs: &Inputs) -> Finding {
    Finding::error(
        "RUN-101",
        Text::new(
            "从保存状态续算的情景不能有集合成员：成员用另一套格网",
            "a run that goes on from a saved state cannot have members: they are computed on other cells",
        ),
        Text::new("去掉 [ensemble]，或从头计算", "remove [ensemble], or run from the start"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("ensemble")
}

fn wind(inputs: &Inputs, typhoon: Option<&Typhoon>, member: &Member) -> Option<f64> {
    use geo::BoundingRect;
    let typhoon = typhoon?;
    let middle = typhoon.area.bounding_rect()?.center();
    let track = member_track(&typhoon.track, member, inputs.start);
    let place = [(middle.x, middle.y)];
    let (start, length) = (inputs.start, inputs.scenario.duration_s);
    let winds = wind_at_places(&track, &WindModel::default(), &place, start, length, typhoon.ground_m)?;
    winds.first().filter(|w| w.complete).map(|w| w.peak_m_s)
}
