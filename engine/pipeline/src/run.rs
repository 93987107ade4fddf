//! The main job: scenario in, packages of the levels out.

use crate::composing::{Composer, write_package};
use crate::departing::Departing;
use crate::ensemble::{Ensemble, run_members, without_effect};
use crate::evacuate::{PROBLEM, nowhere_to_go, outcome_json};
use crate::heading::header;
use crate::inputs::{Inputs, PlanInputs, read_inputs};
use crate::model::{Model, build_model};
use crate::movement::{Movement, STEP_S, movement};
use crate::publish::Draft;
use crate::simulation::{SimulationTimes, run_water, write_simulation, write_states};
use crate::summary::{LevelSummary, RunSummary, SimulationSummary, WallTimes};
use crate::typhoon::{Typhoon, read_typhoon, storm_impact, typhoon_fact};
use crate::walking::{Assigned, Walking};
use crate::wind_signals::{proposed_csv, wind_signals};
use crate::{Failure, Progress, Stage, boards, situation};
use dayu_assets::Layer;
use dayu_base::{Finding, ResponseLevel, Severity, Text, sha256_hex};
use dayu_evacuation::{EvacuationPlan, certificate_csv, plan_csv, problem_files, unplaced_csv};
use dayu_impact::Impact;
use dayu_inundation::{Inundation, SavedState};
use dayu_package::RouteLine;
use dayu_plan::{DecideInput, Decision, DemandPlace, DerivedSignal, EvacAnswer, Facts, Housed, RainQuery, decide};
use dayu_report::map::MapBase;
use dayu_report::typesetting::Typesetter;
use geo::LineString;
use rayon::prelude::*;
use serde_json::json;
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
    /// the plan of a level on the clock
    pub movements: BTreeMap<ResponseLevel, Movement>,
    pub findings: Vec<Finding>,
    pub wall: WallTimes,
}

/// Load, build, simulate, assess, decide. Runs inside the caller's pool.
pub(crate) fn judge(scenario: &Path, progress: Progress<'_>) -> Result<Judged, Failure> {
    let mut wall = WallTimes::default();
    let step = |stage: Stage| if progress(stage, 0.0) { Ok(Clock::now()) } else { Err(Failure::Cancelled) };
    let clock = step(Stage::Load)?;
    let inputs = read_inputs(scenario)?;
    let plan = inputs.read_plan()?;
    wall.load = clock.elapsed().as_secs_f64();

    let clock = step(Stage::Build)?;
    let model = build_model(&inputs)?;
    wall.build = clock.elapsed().as_secs_f64();

    let clock = step(Stage::Simulate)?;
    let (water, states) = run_water(&model, progress)?;
    wall.simulate = clock.elapsed().as_secs_f64();

    let clock = step(Stage::Assess)?;
    let typhoon = read_typhoon(&inputs)?;
    let ensemble = match &inputs.scenario.ensemble {
        Some(spec) => run_members(&inputs, &model, &water, typhoon.as_ref(), spec, progress)?,
        None => None,
    };
    let storm = typhoon.as_ref().map(|t| storm_impact(&inputs, t)).transpose()?;
    let impact = situation::assess(&inputs, &model, &water, storm);
    wall.assess = clock.elapsed().as_secs_f64();

    let clock = step(Stage::Decide)?;
    let walking = Walking::prepare(&inputs, &water, &impact)?;
    let departing = walking.as_ref().map(Departing::new);
    let kept = RefCell::new(Kept { duration_s: inputs.scenario.duration_s, ..Kept::default() });
    let assign = |places: &[DemandPlace]| -> EvacAnswer { assign(departing.as_ref(), walking.as_ref(), places, &kept) };
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
    findings.extend(without_effect(&inputs));
    findings.extend(typhoon.iter().flat_map(|t| t.findings.clone()));
    findings.extend(walking.iter().flat_map(|w| w.findings.clone()));
    findings.extend(decided);
    let (evacuations, movements) = (kept.evacuations, kept.movements);
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
    failed: Option<Finding>,
}

/// Answers the plan's question who goes where, and keeps the proof of each level's answer.
fn assign(
    departing: Option<&Departing<'_>>,
    walking: Option<&Walking>,
    places: &[DemandPlace],
    kept: &RefCell<Kept>,
) -> EvacAnswer {
    let Some(level) = places.first().map(|p| p.level) else { return EvacAnswer::default() };
    let nowhere = |reason: &str| EvacAnswer {
        rows: places
            .iter()
            .map(|p| Housed { shelters: Vec::new(), unplaced: vec![(p.people, reason.to_string())], departure: None })
            .collect(),
        findings: Vec::new(),
    };
    let (Some(walking), Some(departing)) = (walking, departing) else {
        return EvacAnswer { findings: vec![nowhere_to_go()], ..nowhere("no_open_shelter") };
    };
    let mut kept = kept.borrow_mut();
    let on_the_clock = |assigned: Assigned| {
        let moved = movement(walking, places, &assigned, kept.duration_s)?;
        Ok((assigned, moved))
    };
    match walking.assign(departing, places).and_then(on_the_clock) {
        Ok((Assigned { mut answer, plan, .. }, moved)) => {
            let shelters = (0..plan.problem.shelters.len()).map(|k| walking.shelter_id(k as u32).to_string()).collect();
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
    let draft = Draft::begin(out, options.overwrite)?;
    let typesetter = Typesetter::debian()?;
    crate::pool(options.threads)?.install(|| {
        let total = Clock::now();
        let mut judged = judge(scenario, progress)?;
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
        write_ensemble(&draft, &judged)?;
        write_evacuations(&draft, &judged)?;
        let ids = compose_levels(&draft, &judged, &wanted, &typesetter, progress)?;
        judged.wall.compose = clock.elapsed().as_secs_f64();
        judged.wall.total = total.elapsed().as_secs_f64();
        let summary = summary(scenario, &judged, ids);
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
        let judged = judge(Path::new(&earlier.scenario_path), progress)?;
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
        let ids = compose_levels(&draft, &judged, &wanted, &typesetter, progress)?;
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
        let mut judged = judge(scenario, progress)?;
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

/// Composes, checks, renders and writes the wanted levels side by side.
fn compose_levels(
    draft: &Draft,
    judged: &Judged,
    wanted: &[ResponseLevel],
    typesetter: &Typesetter,
    progress: Progress<'_>,
) -> Result<BTreeMap<ResponseLevel, (String, u64)>, Failure> {
    let mut header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &judged.findings);
    header.notes.extend(judged.ensemble.as_ref().map(crate::ensemble::Ensemble::note));
    let composer = Composer::new(
        &judged.inputs,
        &judged.model,
        &judged.water,
        &judged.impact,
        &judged.decision,
        (judged.plan.signals.as_deref(), &judged.derived),
        header,
    )
    .with_typhoon(judged.typhoon.as_ref());
    // Every level is composed and its totals checked before the first file of any is written.
    let packages = judged
        .decision
        .levels
        .iter()
        .filter(|l| wanted.contains(&l.level))
        .map(|l| composer.compose(l, &routes(judged, l.level)))
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

fn routes(judged: &Judged, level: ResponseLevel) -> Vec<RouteLine> {
    let Some((plan, shelters)) = judged.evacuations.get(&level) else { return Vec::new() };
    plan.routes
        .iter()
        .map(|r| RouteLine {
            transfer_id: plan.problem.demand[r.demand as usize].id.clone(),
            shelter_id: shelters[r.shelter as usize].clone(),
            people: r.people,
            length_m: r.metres as f64,
            line: LineString::from(r.line.clone()),
        })
        .collect()
}

/// `simulation/ensemble.json` and `ensemble.csv`, when the scenario has members.
fn write_ensemble(draft: &Draft, judged: &Judged) -> Result<(), Failure> {
    let Some(ensemble) = &judged.ensemble else { return Ok(()) };
    let json = serde_json::to_value(ensemble).map(|v| crate::pretty(&v)).unwrap_or_default();
    draft.write("simulation/ensemble.json", json.as_bytes())?;
    draft.write("simulation/ensemble.csv", ensemble.csv().as_bytes())?;
    Ok(())
}

/// `evacuation/<level>/` (contract §6).
fn write_evacuations(draft: &Draft, judged: &Judged) -> Result<(), Failure> {
    let crs = &judged.inputs.district.spec.crs;
    if let Some(walking) = judged.walking.as_ref().filter(|_| !judged.evacuations.is_empty()) {
        let events = walking.roads.change_events(|edge| walking.road_id(edge).to_string());
        draft.write("evacuation/change_events.xml", events.as_bytes())?;
    }
    for (level, (plan, shelters)) in &judged.evacuations {
        let folder = format!("evacuation/{}", level.id());
        let put = |name: &str, text: String| draft.write(&format!("{folder}/{name}"), text.as_bytes());
        put("plan.csv", plan_csv(&plan.problem, &plan.outcome))?;
        put("unplaced.csv", unplaced_csv(&plan.problem, &plan.outcome))?;
        put("certificate.csv", certificate_csv(&plan.problem, &plan.outcome))?;
        // The answer carries its question, as `dayu evacuate` does, so that it can be verified wherever it goes.
        let asked = problem_files(&plan.problem, level.id());
        let mut inputs = serde_json::Map::new();
        for (ending, text) in [
            ("json", asked.header),
            ("demand.csv", asked.demand),
            ("shelters.csv", asked.shelters),
            ("arcs.csv", asked.arcs),
        ] {
            let file = format!("{}.{ending}", level.id());
            put(&format!("{PROBLEM}/{file}"), text.clone())?;
            inputs.insert(file, json!(sha256_hex(text.as_bytes())));
        }
        if let (Some(moved), Some(walking)) = (judged.movements.get(level), &judged.walking) {
            put("shelter_board.csv", boards::shelter_board(&judged.inputs, moved))?;
            put("link_load.csv", boards::link_load(&judged.inputs, walking, moved))?;
        }
        if let Some(of_level) = judged.decision.levels.iter().find(|l| l.level == *level) {
            put("transfer_list.csv", boards::transfer_list(&judged.inputs, of_level))?;
            if let Some(notes) = boards::household_notes(&judged.inputs, of_level) {
                put("protected/households.csv", notes)?;
            }
        }
        let features: Vec<dayu_gis::OutFeature> = plan
            .routes
            .iter()
            .map(|r| dayu_gis::OutFeature {
                geometry: Some(geo::Geometry::LineString(LineString::from(r.line.clone()))),
                values: vec![
                    dayu_gis::Value::Text(plan.problem.demand[r.demand as usize].id.clone()),
                    dayu_gis::Value::Text(shelters[r.shelter as usize].clone()),
                    dayu_gis::Value::Integer(r.people as i64),
                    dayu_gis::Value::Integer(r.metres as i64),
                ],
            })
            .collect();
        let fields = [
            ("demand", dayu_gis::FieldKind::Text),
            ("shelter", dayu_gis::FieldKind::Text),
            ("people", dayu_gis::FieldKind::Integer),
            ("metres", dayu_gis::FieldKind::Integer),
        ]
        .map(|(n, k)| (n.to_string(), k));
        let path = draft.path().join(&folder).join("routes.geojson");
        dayu_gis::write_vector(&path, dayu_gis::VectorFormat::GeoJson, "routes", crs, &fields, &features)?;
        let mut summary = outcome_json(&plan.problem, &plan.outcome);
        if let serde_json::Value::Object(map) = &mut summary {
            map.insert("policy".into(), json!(plan.problem.policy.name()));
            map.insert("split".into(), json!(plan.problem.split));
            map.insert("vulnerable_first".into(), json!(plan.problem.vulnerable_first));
            // The longest walk is part of the trips allowed.
            map.insert("max_cost".into(), json!(null));
            map.insert("k".into(), json!(0));
            map.insert("inputs".into(), serde_json::Value::Object(inputs));
            map.insert("version".into(), json!(env!("CARGO_PKG_VERSION")));
            map.insert("findings".into(), json!(plan.findings));
            if let Some(moved) = judged.movements.get(level) {
                let minutes = |step: Option<u32>| step.map(|s| f64::from(s * STEP_S) / 60.0);
                map.insert(
                    "movement".into(),
                    json!({
                        "on_foot": moved.plan.people,
                        "through_in_time": moved.plan.sheltered,
                        "last_arrival_min_after_order": minutes(moved.plan.last_arrival),
                        "mean_arrival_min_after_order": moved.plan.sum_arrival_steps as f64 * f64::from(STEP_S)
                            / 60.0 / (moved.plan.sheltered.max(1) as f64),
                    }),
                );
            }
        }
        put("summary.json", crate::pretty(&summary))?;
    }
    Ok(())
}

fn level_summaries(judged: &Judged, ids: BTreeMap<ResponseLevel, (String, u64)>) -> Vec<LevelSummary> {
    judged
        .decision
        .levels
        .iter()
        .filter_map(|l| {
            let (package_id, objects) = ids.get(&l.level)?.clone();
            Some(LevelSummary {
                level: l.level,
                package_id,
                totals: l.totals,
                objects,
                measures: l.measures.len(),
                closures: l.closures.len(),
                transfers: l.transfers.len(),
            })
        })
        .collect()
}

fn summary(scenario: &Path, judged: &Judged, ids: BTreeMap<ResponseLevel, (String, u64)>) -> RunSummary {
    let header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &[]);
    let points: Vec<_> = judged.impact.objects.iter().filter(|o| o.layer == Layer::WaterloggingPoints).collect();
    RunSummary {
        format: 1,
        scenario_id: judged.inputs.scenario.id.clone(),
        scenario_path: scenario.canonicalize().unwrap_or_else(|_| scenario.to_path_buf()).display().to_string(),
        run_id: header.run_id,
        version: env!("CARGO_PKG_VERSION").into(),
        origin: judged.inputs.district.spec.origin.id().into(),
        as_of: header.zone.rfc3339(judged.inputs.as_of),
        recommendations: judged.decision.recommendations.clone(),
        levels: level_summaries(judged, ids),
        simulation: SimulationSummary {
            cell_m: judged.model.problem.cell_m(),
            active_cells: judged.water.stats.active_cells,
            steps: judged.water.stats.steps,
            relative_volume_error: judged.water.relative_volume_error,
            points_flooded: points.iter().filter(|o| o.peak.is_some_and(|d| d >= 0.15)).count() as u64,
            points: points.len() as u64,
        },
        wall_s: judged.wall,
        threads: rayon::current_num_threads(),
        findings: judged.findings.clone(),
    }
}

/// What a person wants to know first.
fn headlines(judged: &Judged, summary: &RunSummary) -> Vec<Text> {
    let header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &[]);
    let mut lines = vec![
        Text::new(
            format!(
                "{} · {}（{}，{}）",
                judged.inputs.district.spec.name.zh,
                judged.inputs.scenario.title.zh,
                header.realm.zh(),
                header.origin.zh()
            ),
            format!(
                "{} · {} ({}, {})",
                judged.inputs.district.spec.name.en,
                judged.inputs.scenario.title.en,
                header.realm.id(),
                header.origin.id()
            ),
        ),
        Text::new(
            format!("建议响应：{}（须由有权人决定）", header.recommended.zh),
            format!("proposed: {} (a person decides)", header.recommended.en),
        ),
    ];
    let s = &summary.simulation;
    lines.push(Text::new(
        format!(
            "积水点 {} 处中 {} 处达 0.15 m；水量相对误差 {:.1e}",
            s.points, s.points_flooded, s.relative_volume_error
        ),
        format!(
            "{} of {} waterlogging points reach 0.15 m; relative volume error {:.1e}",
            s.points_flooded, s.points, s.relative_volume_error
        ),
    ));
    for l in &summary.levels {
        let t = &l.totals;
        lines.push(Text::new(
            format!(
                "{}：管控对象 {}，措施 {}，封控 {}；受影响 {} 人，应转移 {} 人，需集中安置 {} 人，未落实 {} 人",
                l.level.zh(),
                l.objects,
                l.measures,
                l.closures,
                t.affected,
                t.to_move,
                t.to_house,
                t.unplaced
            ),
            format!(
                "{}: {} objects, {} measures, {} closures; {} affected, {} to move, {} to house, {} unplaced",
                l.level.en(),
                l.objects,
                l.measures,
                l.closures,
                t.affected,
                t.to_move,
                t.to_house,
                t.unplaced
            ),
        ));
    }
    let count = |severity| summary.findings.iter().filter(|f| f.severity == severity).count();
    lines.push(Text::new(
        format!(
            "发现：错误 {}，警告 {}，提示 {}",
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Info)
        ),
        format!(
            "findings: {} errors, {} warnings, {} infos",
            count(Severity::Error),
            count(Severity::Warning),
            count(Severity::Info)
        ),
    ));
    lines
}
