//! `dayu simulate`: hydraulics alone, and the files of contract §5.

use crate::attribution::{attribution_csv, source_totals};
use crate::deadline::{Deadline, missed, water_by};
use crate::estimate::expected_bytes;
use crate::inputs::{Inputs, read_inputs};
use crate::load::quality_csv;
use crate::model::{Model, build_model};
use crate::publish::Draft;
use crate::unknown_rain::leave_unknown;
use crate::{Failure, Progress, Stage};
use dayu_base::Finding;
use dayu_gis::{CogOptions, CogType, Overview, write_cog_of};
use dayu_inundation::{Inundation, SavedState, Scheme, simulate_from};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::Path;
use std::time::Instant as Clock;

/// Nodata of every raster (contract §5).
const NODATA: f64 = -9999.0;

/// What `dayu simulate` reports.
#[derive(Clone, Debug)]
pub struct SimulationReport {
    /// `summary.json` as written
    pub summary: Value,
    /// findings of inputs and run
    pub findings: Vec<Finding>,
}

/// Options of `dayu simulate`.
#[derive(Clone, Copy, Debug, Default)]
pub struct SimulateOptions {
    /// threads; default: all cores. Results do not depend on it.
    pub threads: Option<usize>,
    /// replace an existing output folder
    pub overwrite: bool,
    /// the answer must be there in so many seconds: chooses the cells
    pub deadline_s: Option<f64>,
}

/// Share of the time for the water when nothing but its files is written after it.
const WATER_SHARE: f64 = 0.85;

/// Runs the hydraulics of a scenario and writes contract §5 into `out`.
///
/// # Errors
/// Input refused, cancelled, or the output cannot be written.
pub fn simulate_scenario(
    scenario: &Path,
    out: &Path,
    options: &SimulateOptions,
    progress: Progress<'_>,
) -> Result<SimulationReport, Failure> {
    let began = Clock::now();
    let mut draft = Draft::begin(out, options.overwrite)?;
    crate::pool(options.threads)?.install(|| {
        let mut wall = SimulationTimes::default();
        let clock = Clock::now();
        progress(Stage::Load, 0.0);
        let mut inputs = read_inputs(scenario)?;
        wall.load = clock.elapsed().as_secs_f64();
        let clock = Clock::now();
        progress(Stage::Build, 0.0);
        let (model, inundation, states, chosen) = if let Some(seconds) = options.deadline_s {
            let deadline = Deadline { began, seconds, water_share: WATER_SHARE };
            let answer = water_by(&mut inputs, &deadline, &mut draft, progress)?;
            wall.solve = clock.elapsed().as_secs_f64();
            (answer.model, answer.water, answer.states, answer.findings)
        } else {
            let mut model = build_model(&inputs)?;
            // Only maps show it, and here none is drawn.
            model.relief = None;
            wall.build = clock.elapsed().as_secs_f64();
            let clock = Clock::now();
            let (inundation, states) = run_water(&model, progress)?;
            wall.solve = clock.elapsed().as_secs_f64();
            (model, inundation, states, Vec::new())
        };
        let mut findings = inputs.district.findings.clone();
        findings.extend(inputs.findings.iter().chain(&model.findings).chain(&inundation.findings).cloned());
        findings.extend(chosen);
        write_states(draft.path(), &states)?;
        let mut summary = write_simulation(draft.path(), &inputs, &model, &inundation, &mut wall, &findings)?;
        if let Some(seconds) = options.deadline_s {
            findings.extend(missed(seconds, began.elapsed().as_secs_f64()));
            summary["deadline_s"] = seconds.into();
            summary["findings"] = serde_json::to_value(&findings).unwrap_or_default();
            draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
        }
        draft.publish()?;
        progress(Stage::Done, 1.0);
        Ok(SimulationReport { summary, findings })
    })
}

/// Times of `simulation/summary.json`, s.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SimulationTimes {
    pub load: f64,
    pub build: f64,
    pub solve: f64,
}

/// The water run with progress, and the states saved on the way; `Cancelled` when the caller says so.
pub(crate) fn run_water(model: &Model, progress: Progress<'_>) -> Result<(Inundation, Vec<SavedState>), Failure> {
    let cancelled = std::sync::atomic::AtomicBool::new(false);
    let told = |fraction: f64| {
        let go_on = progress(Stage::Simulate, fraction);
        if !go_on {
            cancelled.store(true, std::sync::atomic::Ordering::Relaxed);
        }
        go_on
    };
    let (mut water, states) =
        simulate_from(&model.problem, model.state.as_deref(), &model.save_s, &told).map_err(|f| {
            if cancelled.load(std::sync::atomic::Ordering::Relaxed) { Failure::Cancelled } else { Failure::from(f) }
        })?;
    leave_unknown(&model.problem, &mut water);
    Ok((water, states))
}

/// Writes the saved states, `state_<seconds>.bin`.
pub(crate) fn write_states(folder: &Path, states: &[SavedState]) -> Result<(), Failure> {
    for state in states {
        let path = folder.join(format!("state_{}.bin", state.name));
        std::fs::write(&path, &state.bytes).map_err(|e| crate::publish::write_failed(&path, &e))?;
    }
    Ok(())
}

/// Precision of the state, as the contract names it: depths of the plain inertial scheme are 32-bit whole numbers and its discharges
/// 32-bit; the other schemes keep 64-bit numbers.
fn precision(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Inertial => "f32",
        Scheme::InertialSubgrid { .. } | Scheme::Dynamic | Scheme::FillSpill { .. } => "f64",
    }
}

fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::Inertial | Scheme::InertialSubgrid { .. } => "inertial",
        Scheme::Dynamic => "dynamic",
        Scheme::FillSpill { .. } => "fill-spill",
    }
}

/// Writes every file of contract §5 and returns the summary.
pub(crate) fn write_simulation(
    folder: &Path,
    inputs: &Inputs,
    model: &Model,
    water: &Inundation,
    wall: &mut SimulationTimes,
    findings: &[Finding],
) -> Result<Value, Failure> {
    let clock = Clock::now();
    let text = |name: &str, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|e| crate::publish::write_failed(&path, &e))
    };
    text("gauges.csv", gauges_csv(water))?;
    text("flows.csv", flows_csv(water))?;
    text("balance.csv", balance_csv(water))?;
    if model.problem.attribution.is_some() {
        text("attribution.csv", attribution_csv(water))?;
    }
    if let Some(flags) = &model.rain_quality {
        text("rain_quality.csv", quality_csv(flags))?;
    }
    write_rasters(folder, inputs, model, water)?;
    let stats = &water.stats;
    let volumes = &water.volumes;
    let summary = json!({
        "format": 1,
        "scenario_id": inputs.scenario.id,
        "scheme": scheme_name(model.problem.solver.scheme),
        "cell_m": model.problem.cell_m(),
        "quality": model.quality.map(|q| json!({ "id": q.id(), "zh": q.mark().zh, "en": q.mark().en })),
        "precision": precision(model.problem.solver.scheme),
        "cells": stats.cells,
        "active_cells": stats.active_cells,
        "steps": stats.steps,
        "cell_updates": stats.cell_updates,
        "dt_s": { "min": stats.dt_min_s, "mean": stats.dt_mean_s, "max": stats.dt_max_s },
        "wall_s": { "load": wall.load, "build": wall.build, "solve": wall.solve, "write": clock.elapsed().as_secs_f64() },
        "threads": rayon::current_num_threads(),
        "memory_expected_bytes": expected_bytes(inputs, &model.problem.grid, model.problem.solver.scheme),
        "volumes": {
            "rain_m3": volumes.rain_m3,
            "inflow_m3": volumes.inflow_m3,
            "infiltrated_m3": volumes.infiltrated_m3,
            "drained_m3": volumes.drained_m3,
            "outflow_m3": volumes.outflow_m3,
            "stored_start_m3": volumes.stored_start_m3,
            "stored_m3": volumes.stored_m3,
            "error_m3": volumes.error_m3,
        },
        "attribution": source_totals(water),
        "relative_volume_error": water.relative_volume_error,
        "sinks": water.sinks.iter().map(|s| json!({ "id": s.id, "volume_m3": s.volume_m3, "running_s": s.running_s })).collect::<Vec<_>>(),
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": inputs.files.list().into_iter().map(|(name, f)| (name, Value::String(f.sha256))).collect::<serde_json::Map<_, _>>(),
        "findings": findings,
    });
    text("summary.json", crate::pretty(&summary))?;
    Ok(summary)
}

/// Full f64 digits: Rust prints the shortest text that reads back as the same number.
fn gauges_csv(water: &Inundation) -> String {
    let mut s = String::from("time_s,id,level_m,depth_m,speed_m_s,u_m_s,v_m_s\n");
    for g in &water.gauges {
        let _ = writeln!(
            s,
            "{},{},{},{},{},{},{}",
            g.time_s,
            field(&g.id),
            g.level_m,
            g.depth_m,
            g.speed_m_s,
            g.u_m_s,
            g.v_m_s
        );
    }
    s
}

fn flows_csv(water: &Inundation) -> String {
    let mut s = String::from("time_s,id,m3_s,volume_m3\n");
    for f in &water.flows {
        let _ = writeln!(s, "{},{},{},{}", f.time_s, field(&f.id), f.flow_m3_s, f.volume_m3);
    }
    s
}

fn balance_csv(water: &Inundation) -> String {
    let mut s = String::from("time_s,rain_m3,inflow_m3,infiltrated_m3,drained_m3,outflow_m3,stored_m3,error_m3\n");
    for b in &water.balance {
        let _ = writeln!(
            s,
            "{},{},{},{},{},{},{},{}",
            b.time_s, b.rain_m3, b.inflow_m3, b.infiltrated_m3, b.drained_m3, b.outflow_m3, b.stored_m3, b.error_m3
        );
    }
    s
}

pub(crate) fn field(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

fn write_rasters(folder: &Path, inputs: &Inputs, model: &Model, water: &Inundation) -> Result<(), Failure> {
    let output = &inputs.scenario.output;
    let float = if output.dtype == "float64" { CogType::Float64 } else { CogType::Float32 };
    let (crs, origin, datum) = (
        inputs.district.spec.crs.as_str(),
        inputs.district.spec.origin.id(),
        inputs.district.spec.vertical_datum.as_str(),
    );
    let cell = model.problem.cell_m().to_string();
    let mark = model.mark().map(|m| m.id().to_string());
    let write_of = |name: &str, of: &dyn Fn(usize) -> f64, kind, overview, unit: &str| -> Result<(), Finding> {
        let mut tags = vec![
            ("unit", unit),
            ("origin", origin),
            ("vertical_datum", datum),
            ("scenario", inputs.scenario.id.as_str()),
            ("scheme", scheme_name(model.problem.solver.scheme)),
            ("cell_m", cell.as_str()),
        ];
        tags.extend(mark.as_deref().map(|m| ("quality", m)));
        let how = CogOptions { kind, nodata: NODATA, overview, tags: &tags };
        write_cog_of(&folder.join(name), &water.grid, of, crs, &how)
    };
    let write =
        |name: &str, values: &[f64], kind, overview, unit: &str| write_of(name, &|c| values[c], kind, overview, unit);
    for raster in &output.rasters {
        let name = format!("{raster}.tif");
        match raster.as_str() {
            "max_depth" => write(&name, &water.max_depth_m, float, Overview::Max, "m")?,
            "arrival" => write(&name, &water.arrival_s, float, Overview::Min, "s")?,
            "duration" => write(&name, &water.duration_s, float, Overview::Max, "s")?,
            "max_speed" => write(&name, &water.max_speed_m_s, float, Overview::Max, "m/s")?,
            "max_hazard" => {
                let class = |c: usize| if water.active[c] { f64::from(water.max_hazard[c]) } else { f64::NAN };
                write_of(&name, &class, CogType::Int16, Overview::Max, "ARR class 0-6")?;
            }
            // Those below.
            _ => {}
        }
    }
    let kriged = model.problem.rain.sources.iter().find_map(dayu_storm::RainSource::strongest_kriging);
    if let Some(errors) = kriged.and_then(|(_, kriging)| kriging.standard_errors()) {
        let of = |c: usize| {
            let (x, y) = water.grid.centre(c);
            errors.at(x, y)
        };
        write_of("rain_standard_error.tif", &of, float, Overview::Max, "mm/h")?;
    }
    for f in crate::results::further_rasters(output, water, model.problem.duration_s) {
        write(&format!("{}.tif", f.name), &f.values, float, f.overview, f.unit)?;
    }
    for (k, (_, depth, u, v)) in water.snapshots.iter().enumerate() {
        for raster in &output.snapshot_rasters {
            let name = format!("{raster}_{:04}.tif", k + 1);
            match raster.as_str() {
                "depth" => write(&name, depth, float, Overview::Max, "m")?,
                "u" => write(&name, u, float, Overview::Nearest, "m/s")?,
                "v" => write(&name, v, float, Overview::Nearest, "m/s")?,
                _ => {
                    let level = |c: usize| depth[c] + model.problem.bed_m[c];
                    write_of(&name, &level, float, Overview::Max, "m")?;
                }
            }
        }
    }
    Ok(())
}
