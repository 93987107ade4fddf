//! The main job: scenario in, packages of the levels out.

use crate::carriers::{evacuation_basis, is_night};
use crate::carrying::carry;
use crate::composing::{Composer, write_package};
use crate::deadline::{BY_THE_CLOCK, Deadline, chosen_model, missed, water_by};
use crate::departing::Departing;
use crate::earlier_run::EarlierRun;
use crate::ensemble::{Ensemble, MOST_CELL_STEPS, MemberCells, MembersRun, refuse_missing, run_members};
use crate::evacuate::nowhere_to_go;
use crate::evacuation_files::{product, routes, write_evacuations};
use crate::heading::header;
use crate::headlines::{headlines, level_summaries, summary};
use crate::inputs::{Inputs, PlanInputs, read_inputs};
use crate::member_ways::MemberWatch;
use crate::model::{Model, build_model};
use crate::movement::{Movement, movement};
use crate::publish::Draft;
use crate::simulation::{SimulationTimes, run_water, write_simulation, write_states};
use crate::summary::{LevelSummary, RunSummary, WallTimes};
use crate::typhoon::{Typhoon, read_typhoon, storm_impact, typhoon_fact};
use crate::vehicle_orders::{Before, Vehicles, waiting};
use crate::walking::{Assigned, Network, Walking};
use crate::wind_signals::{proposed_csv, wind_csv, wind_signals};
use crate::{Failure, Progress, Stage, situation};
use dayu_base::{Finding, ResponseLevel, Text};
use dayu_evacuation::EvacuationPlan;
use dayu_impact::Impact;
use dayu_inundation::{Inundation, SavedState};
use dayu_plan::{DecideInput, Decision, DemandPlace, DerivedSignal, EvacAnswer, Facts, Housed, RainQuery, decide};
use dayu_report::map::MapBase;
use dayu_report::typesetting::Typesetter;
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant as Clock;

/// Options of a run.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// levels to write; empty = all of the plan
    pub levels: Vec<ResponseLevel>,
    /// threads; default: all cores. Results do not depend on it.
    pub threads: Option<usize>,
    /// replace an existing output folder
    pub overwrite: bool,
    /// products must be there in so many seconds: chooses the cells of the run and of its members
    pub deadline_s: Option<f64>,
    /// an earlier run whose orders are kept as far as can be
    pub from: Option<EarlierRun>,
}

/// On what cells a run is made.
enum Cells<'a> {
    /// as the scenario says
    Own,
    /// as an earlier run chose by its deadline
    Chosen(&'a RunSummary),
    /// chosen now; earlier answers go into the draft
    By(&'a Deadline, &'a mut Draft),
}

/// What a run reports.
#[derive(Clone, Debug)]
pub struct RunReport {
    /// `summary.json` as written
    pub summary: RunSummary,
    /// one line per fact a person wants first
    pub headlines: Vec<Text>,
}

/// The situation and the decision, before any file is written.
pub(crate) struct Judged {
    pub inputs: Inputs,
    pub plan: PlanInputs,
    pub model: Model,
    pub water: Inundation,
    /// states saved on the way
    pub states: Vec<SavedState>,
    pub typhoon: Option<Typhoon>,
    pub ensemble: Option<Ensemble>,
    pub impact: Impact,
    pub decision: Decision,
    /// warning colours that rain and wind call for, by 镇街
    pub derived: Vec<DerivedSignal>,
    /// evacuation plan of each level that has people to house
    pub evacuations: BTreeMap<ResponseLevel, (EvacuationPlan, Vec<String>)>,
    /// roads and shelters in time; `None` without registers of them
    pub walking: Option<Walking>,
    /// orders of an earlier run, by level; empty when there is none to keep
    pub earlier: BTreeMap<ResponseLevel, Before>,
    /// what was ordered to people whom vehicles fetch, and how that changed, by level
    pub vehicles: BTreeMap<ResponseLevel, Vehicles>,
    /// the plan of a level on the clock
    pub movements: BTreeMap<ResponseLevel, Movement>,
    pub findings: Vec<Finding>,
    pub wall: WallTimes,
}

/// Shares of the time left for the water, and after it for the members of a run; the rest is for products.
const WATER_SHARE: f64 = 0.45;
const MEMBERS_SHARE: f64 = 0.5;

/// Load, build, simulate, assess, decide. Runs inside the caller's pool.
fn judge(
    scenario: &Path,
    cells: Cells<'_>,
    from: Option<&EarlierRun>,
    progress: Progress<'_>,
) -> Result<Judged, Failure> {
    let mut wall = WallTimes::default();
    let step = |stage: Stage| if progress(stage, 0.0) { Ok(Clock::now()) } else { Err(Failure::Cancelled) };
    let clock = step(Stage::Load)?;
    let mut inputs = read_inputs(scenario)?;
    let plan = inputs.read_plan()?;
    refuse_missing(&inputs)?;
    let levels = &plan.plan.plan.levels;
    let earlier = match from {
        Some(from) => from.read(&inputs.files, levels, &mut inputs.findings)?,
        None => BTreeMap::new(),
    };
    wall.load = clock.elapsed().as_secs_f64();

    let clock = step(Stage::Build)?;
    let mut member_cells = Some(MemberCells::Within(MOST_CELL_STEPS));
    let mut replayed = MembersRun::default();
    let (mut model, water, states, chosen) = match cells {
        Cells::By(deadline, draft) => {
            let answer = water_by(&mut inputs, deadline, draft, progress)?;
            let for_members_s = MEMBERS_SHARE * deadline.left_s().max(0.0);
            member_cells = Some(MemberCells::Within((answer.rate * for_members_s).min(MOST_CELL_STEPS)));
            wall.simulate = clock.elapsed().as_secs_f64();
            wall.estimated_simulate = Some(answer.estimated_s);
            (answer.model, answer.water, answer.states, answer.findings)
        }
        own => {
            let (model, chosen) = if let Cells::Chosen(earlier) = own {
                // What the clock had said is taken as it was; members that it left out stay out.
                let said = |f: &&Finding| BY_THE_CLOCK.contains(&f.code.as_str());
                let chosen = earlier.findings.iter().filter(said).cloned().collect();
                member_cells = earlier.members.as_ref().map(|m| MemberCells::Of(m.cell_m));
                let of_members = |f: &&Finding| f.code.starts_with("ENS-");
                replayed.findings = earlier.findings.iter().filter(of_members).cloned().collect();
                (chosen_model(&mut inputs, earlier.simulation.cell_m)?, chosen)
            } else {
                (build_model(&inputs)?, Vec::new())
            };
            wall.build = clock.elapsed().as_secs_f64();
            let clock = step(Stage::Simulate)?;
            let (water, states) = run_water(&model, progress)?;
            wall.simulate = clock.elapsed().as_secs_f64();
            (model, water, states, chosen)
        }
    };

    let clock = step(Stage::Assess)?;
    let typhoon = read_typhoon(&inputs)?;
    let members_clock = Clock::now();
    let by_deadline = model.quality.is_some();
    let network = Network::of(&inputs, typhoon.as_ref())?;
    let watch = network.as_ref().map(|n| MemberWatch::new(&inputs, &model, n));
    let MembersRun { ensemble, findings: of_members } = match member_cells {
        Some(cells) => run_members(&mut inputs, &model, &water, typhoon.as_ref(), cells, watch.as_ref(), progress)?,
        None => MembersRun::default(),
    };
    drop(watch);
    // The choice of the members' cells is part of what the clock had said.
    let of_members = if replayed.findings.is_empty() { of_members } else { replayed.findings };
    model.members_cell_m = ensemble.as_ref().map(|e| e.cell_m);
    wall.members = members_clock.elapsed().as_secs_f64();
    let storm = typhoon.as_ref().map(|t| storm_impact(&inputs, t)).transpose()?;
    let mut impact = situation::assess(&inputs, &model, &water, storm);
    impact.chances = ensemble.as_ref().map(|e| e.chances.clone());
    if let Some(chances) = &mut impact.chances {
        chances.shelter_limit = plan.plan.housing.max_hazard_probability;
    }
    wall.assess = clock.elapsed().as_secs_f64() - wall.members;

    let clock = step(Stage::Decide)?;
    let walking = Walking::prepare(&inputs, &water, &impact, &plan.plan.housing, network);
    let ways = ensemble.as_ref().map(|e| e.ways.as_slice()).unwrap_or_default();
    let departing = walking.as_ref().map(|w| Departing::new(w, ways));
    let kept = RefCell::new(Kept { duration_s: inputs.scenario.duration_s, ..Kept::default() });
    let assign = |places: &[DemandPlace]| -> EvacAnswer {
        let before = places.first().and_then(|p| earlier.get(&p.level));
        let night = |at_s: f64| is_night(&inputs, at_s);
        assign(departing.as_ref(), walking.as_ref(), places, before, &night, &kept)
    };
    let as_of_s = inputs.as_of.duration_since(inputs.start).as_secs_f64();
    let facts = Facts {
        rivers: situation::river_states(&inputs, &water),
        typhoon: typhoon_fact(impact.storm.as_ref(), as_of_s, inputs.scenario.duration_s),
        ..Facts::default()
    };
    let mut derived = situation::derived_signals(&inputs, &model);
    if let Some(typhoon) = &typhoon {
        derived.extend(wind_signals(&inputs, typhoon)?);
    }
    let rain_reached = |query: RainQuery| situation::rain_reached(&model, &water, inputs.scenario.duration_s, query);
    let (decision, decided) = decide(&DecideInput {
        plan: &plan.plan,
        plan_file: &plan.file.name,
        impact: &impact,
        assets: inputs.district.registry.assets().iter().collect(),
        households: &inputs.district.households,
        signals: plan.signals.as_deref(),
        derived: &derived,
        facts: &facts,
        rain_reached: Some(&rain_reached),
        start: inputs.start,
        zone: &inputs.district.zone,
        as_of_s,
        duration_s: inputs.scenario.duration_s,
        data_time_s: crate::heading::rain_data_time(&inputs, &model)
            .map(|t| t.duration_since(inputs.start).as_secs_f64()),
        assign: &assign,
    });
    drop(departing);
    let kept = kept.into_inner();
    if let Some(f) = kept.failed {
        return Err(Failure::from(f));
    }
    let mut findings = inputs.district.findings.clone();
    findings
        .extend(inputs.findings.iter().chain(&plan.findings).chain(&model.findings).chain(&water.findings).cloned());
    findings.extend(chosen);
    findings.extend(of_members);
    findings.extend(ensemble.as_ref().map(|e| e.chosen(by_deadline)));
    findings.extend(typhoon.iter().flat_map(|t| t.findings.clone()));
    findings.extend(walking.iter().flat_map(|w| w.findings.clone()));
    findings.extend(decided);
    let (evacuations, movements, vehicles) = (kept.evacuations, kept.movements, kept.vehicles);
    wall.decide = clock.elapsed().as_secs_f64();
    Ok(Judged {
        inputs,
        plan,
        model,
        water,
        states,
        typhoon,
        ensemble,
        impact,
        decision,
        derived,
        evacuations,
        walking,
        earlier,
        vehicles,
        movements,
        findings,
        wall,
    })
}

/// What the answers of all levels leave behind.
#[derive(Default)]
struct Kept {
    duration_s: f64,
    evacuations: BTreeMap<ResponseLevel, (EvacuationPlan, Vec<String>)>,
    movements: BTreeMap<ResponseLevel, Movement>,
    vehicles: BTreeMap<ResponseLevel, Vehicles>,
    failed: Option<Finding>,
}

/// Answers the plan's question who goes where, and keeps the proof of each level's answer.
fn assign(
    departing: Option<&Departing<'_>>,
    walking: Option<&Walking>,
    places: &[DemandPlace],
    before: Option<&Before>,
    night: &dyn Fn(f64) -> bool,
    kept: &RefCell<Kept>,
) -> EvacAnswer {
    let Some(level) = places.first().map(|p| p.level) else { return EvacAnswer::default() };
    let nowhere = |reason: &str| EvacAnswer {
        rows: places
            .iter()
            .map(|p| Housed { unplaced: vec![(p.people, reason.to_string())], ..Housed::default() })
            .collect(),
        findings: Vec::new(),
    };
    let (Some(walking), Some(departing)) = (walking, departing) else {
        return EvacAnswer { findings: vec![nowhere_to_go()], ..nowhere("no_open_shelter") };
    };
    let mut kept = kept.borrow_mut();
    let told = before.map(|before| before.told(walking, places)).unwrap_or_default();
    let keep = before.map(|before| before.keep_with(&told));
    let on_the_clock = |mut assigned: Assigned| {
        let stops = waiting(&mut assigned, &told);
        let carried = carry(walking, departing, places, &assigned, stops, kept.duration_s, night)?;
        let moved = movement(walking, places, &assigned, &carried.rides, kept.duration_s)?;
        Ok((assigned, moved, carried))
    };
    match walking.assign(departing, places, keep.as_ref()).and_then(on_the_clock) {
        Ok((Assigned { mut answer, plan, .. }, moved, carried)) => {
            let vehicles = Vehicles::of(level, told, &carried, plan.kept.as_ref(), &mut answer.findings);
            kept.vehicles.insert(level, vehicles);
            carried.into_answer(&mut answer);
            let shelters = (0..plan.shelters.len()).map(|k| walking.shelter_id(k as u32).to_string()).collect();
            kept.evacuations.insert(level, (plan, shelters));
            if let Some(moved) = moved {
                answer.findings.extend(moved.findings.iter().cloned());
                kept.movements.insert(level, moved);
            }
            answer
        }
        Err(f) => {
            kept.failed.get_or_insert(f);
            nowhere("no_reachable_shelter")
        }
    }
}

/// Runs the main job and writes contract §4 into `out`.
///
/// # Errors
/// Input refused, cancelled, totals that do not agree, or output not writable. Nothing half-written stays.
pub fn run(scenario: &Path, out: &Path, options: &RunOptions, progress: Progress<'_>) -> Result<RunReport, Failure> {
    let total = Clock::now();
    let mut draft = Draft::begin(out, options.overwrite)?;
    let typesetter = Typesetter::debian()?;
    crate::pool(options.threads)?.install(|| {
        let deadline = options.deadline_s.map(|seconds| Deadline { began: total, seconds, water_share: WATER_SHARE });
        let cells = deadline.as_ref().map_or(Cells::Own, |d| Cells::By(d, &mut draft));
        let mut judged = judge(scenario, cells, options.from.as_ref(), progress)?;
        let wanted = wanted_levels(&judged, &options.levels)?;
        let clock = Clock::now();
        if !progress(Stage::Compose, 0.0) {
            return Err(Failure::Cancelled);
        }
        let simulation = draft.path().join("simulation");
        std::fs::create_dir_all(&simulation).map_err(|e| crate::publish::write_failed(&simulation, &e))?;
        let mut times =
            SimulationTimes { load: judged.wall.load, build: judged.wall.build, solve: judged.wall.simulate };
        write_states(&simulation, &judged.states)?;
        write_simulation(&simulation, &judged.inputs, &judged.model, &judged.water, &mut times, &judged.findings)?;
        draft.write("simulation/proposed_signals.csv", proposed_csv(&judged.derived).as_bytes())?;
        if let Some(storm) = &judged.impact.storm {
            let text = wind_csv(storm, &judged.inputs.district.registry);
            draft.write("simulation/wind.csv", text.as_bytes())?;
        }
        judged.ensemble.iter().try_for_each(|ensemble| ensemble.write(&draft))?;
        let composer = composer(&judged);
        write_evacuations(&draft, &judged, &composer)?;
        let ids = compose_levels(&draft, &judged, &composer, &wanted, &typesetter, progress)?;
        drop(composer);
        judged.wall.compose = clock.elapsed().as_secs_f64();
        judged.wall.total = total.elapsed().as_secs_f64();
        let mut summary = RunSummary { from: options.from.clone(), ..summary(scenario, &judged, ids) };
        summary.deadline_s = options.deadline_s;
        summary.findings.extend(options.deadline_s.and_then(|s| missed(s, judged.wall.total)));
        let text = serde_json::to_value(&summary).map(|v| crate::pretty(&v)).unwrap_or_default();
        draft.write("summary.json", text.as_bytes())?;
        draft.publish()?;
        progress(Stage::Done, 1.0);
        Ok(RunReport { headlines: headlines(&judged, &summary), summary })
    })
}

/// Makes the package of one level again into `out`. The run is made again from its scenario; that its `run_id` is the same is
/// checked, so the bytes are too.
///
/// # Errors
/// As [`run`]; `RUN-091` when the inputs have changed since.
pub fn package_again(
    run_dir: &Path,
    level: ResponseLevel,
    out: &Path,
    overwrite: bool,
    threads: Option<usize>,
    progress: Progress<'_>,
) -> Result<LevelSummary, Failure> {
    let path = run_dir.join("summary.json");
    let shown = path.display().to_string();
    let mend = || Text::new("给出 dayu run 的输出文件夹", "name an output folder of dayu run");
    let text = std::fs::read_to_string(&path).map_err(|e| {
        Finding::error("RUN-090", Text::new(format!("无法读取：{e}"), format!("cannot be read: {e}")), mend())
            .in_file(&shown)
    })?;
    let earlier: RunSummary = serde_json::from_str(&text).map_err(|e| {
        Finding::error(
            "RUN-090",
            Text::new(format!("不是运行摘要：{e}"), format!("is no summary of a run: {e}")),
            mend(),
        )
        .in_file(&shown)
    })?;
    let draft = Draft::begin(out, overwrite)?;
    let typesetter = Typesetter::debian()?;
    crate::pool(threads)?.install(|| {
        let cells = match earlier.simulation.quality {
            Some(_) => Cells::Chosen(&earlier),
            None => Cells::Own,
        };
        let judged = judge(Path::new(&earlier.scenario_path), cells, earlier.from.as_ref(), progress)?;
        let wanted = wanted_levels(&judged, &[level])?;
        progress(Stage::Compose, 0.0);
        let header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &judged.findings);
        if header.run_id != earlier.run_id {
            return Err(Finding::error(
                "RUN-091",
                Text::new("自该次运行以来，输入或程序版本已改变", "inputs or program have changed since that run"),
                Text::new("重新执行 dayu run", "run dayu run again"),
            )
            .in_file(&shown)
            .field("run_id")
            .into());
        }
        let ids = compose_levels(&draft, &judged, &composer(&judged), &wanted, &typesetter, progress)?;
        draft.lift(&format!("package/{}", level.id()))?;
        draft.publish()?;
        progress(Stage::Done, 1.0);
        level_summaries(&judged, ids).into_iter().next().ok_or(Failure::Cancelled)
    })
}

/// Judges a scenario without writing anything: the recommendation with its trace.
///
/// # Errors
/// Input refused or cancelled.
pub fn assess_scenario(scenario: &Path, threads: Option<usize>, progress: Progress<'_>) -> Result<RunSummary, Failure> {
    crate::pool(threads)?.install(|| {
        let total = Clock::now();
        let mut judged = judge(scenario, Cells::Own, None, progress)?;
        judged.wall.total = total.elapsed().as_secs_f64();
        progress(Stage::Done, 1.0);
        Ok(summary(scenario, &judged, BTreeMap::new()))
    })
}

fn wanted_levels(judged: &Judged, asked: &[ResponseLevel]) -> Result<Vec<ResponseLevel>, Failure> {
    let has: Vec<ResponseLevel> = judged.decision.levels.iter().map(|l| l.level).collect();
    for level in asked {
        if !has.contains(level) {
            let list = has.iter().map(|l| l.id()).collect::<Vec<_>>().join(", ");
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-092",
                    Text::new(format!("预案没有“{}”级", level.id()), format!("the plan has no level '{}'", level.id())),
                    Text::new(format!("预案的级别：{list}"), format!("levels of the plan: {list}")),
                )
                .in_file(&judged.plan.file.name)
                .field("levels"),
            ));
        }
    }
    Ok(if asked.is_empty() { has } else { has.into_iter().filter(|l| asked.contains(l)).collect() })
}

/// What every level of a run shares.
fn composer(judged: &Judged) -> Composer<'_> {
    let mut header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &judged.findings);
    header.notes.extend(judged.ensemble.as_ref().map(Ensemble::note));
    header.notes.extend(judged.walking.as_ref().map(evacuation_basis));
    Composer::new(
        &judged.inputs,
        &judged.model,
        &judged.water,
        &judged.impact,
        &judged.decision,
        (judged.plan.signals.as_deref(), &judged.derived),
        header,
    )
    .with_typhoon(judged.typhoon.as_ref())
    .with_members(judged.ensemble.as_ref())
}

/// Composes, checks, renders and writes the wanted levels side by side.
fn compose_levels(
    draft: &Draft,
    judged: &Judged,
    composer: &Composer<'_>,
    wanted: &[ResponseLevel],
    typesetter: &Typesetter,
    progress: Progress<'_>,
) -> Result<BTreeMap<ResponseLevel, (String, u64)>, Failure> {
    // Every level is composed and its totals checked before the first file of any is written.
    let packages = judged
        .decision
        .levels
        .iter()
        .filter(|l| wanted.contains(&l.level))
        .map(|l| composer.compose(l, &routes(judged, l.level), product(composer, judged, l)))
        .collect::<Result<Vec<_>, Finding>>()?;
    let Some(first) = packages.first() else { return Ok(BTreeMap::new()) };
    let base = MapBase::prepare(&first.map)?;
    let done = std::sync::atomic::AtomicUsize::new(0);
    packages
        .par_iter()
        .map(|package| {
            let id = write_package(draft, package, &base, typesetter)?;
            let so_far = done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
            if !progress(Stage::Compose, so_far as f64 / packages.len() as f64) {
                return Err(Failure::Cancelled);
            }
            Ok((package.header.level, (id, package.header.objects)))
        })
        .collect()
}
