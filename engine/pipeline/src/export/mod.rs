//! `dayu export`: the same case as input of another model. What that model cannot take is a finding, never left out silently.

mod lisflood;
mod places;
mod series;
mod sfincs;

use crate::Failure;
use crate::inputs::{Inputs, read_inputs};
use crate::model::{Model, build_model};
use crate::publish::Draft;
use dayu_base::{Finding, Text};
use dayu_inundation::Infiltration;
use dayu_storm::RainSource;
use places::{Places, resolve};
use serde_json::{Value, json};
use std::path::Path;

/// A model that takes our cases.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExportModel {
    /// SFINCS (Leijnse et al. 2021, doi:10.1016/j.coastaleng.2020.103796): files of its manual, version 2.4
    Sfincs,
    /// LISFLOOD-FP (Bates et al. 2010, doi:10.1016/j.jhydrol.2010.03.027): files of its manual, version 8
    Lisflood,
}

impl ExportModel {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Sfincs => "sfincs",
            Self::Lisflood => "lisflood",
        }
    }
    fn name(self) -> &'static str {
        match self {
            Self::Sfincs => "SFINCS",
            Self::Lisflood => "LISFLOOD-FP",
        }
    }
}

/// What an export reports.
#[derive(Clone, Debug)]
pub struct ExportReport {
    /// `summary.json` as written
    pub summary: Value,
    /// findings of the case, and what the model cannot take
    pub findings: Vec<Finding>,
}

/// A case ready to be written for another model.
pub(crate) struct Exported<'a> {
    pub inputs: &'a Inputs,
    pub model: &'a Model,
    pub places: Places,
    pub target: ExportModel,
    pub findings: Vec<Finding>,
}

impl Exported<'_> {
    /// Something of the case is lost: `EXP-001`, severity error.
    pub fn lost(&mut self, key: &str, zh: impl Into<String>, en: impl Into<String>) {
        let (zh, en): (String, String) = (zh.into(), en.into());
        let name = self.target.name();
        self.findings.push(
            Finding::error(
                "EXP-001",
                Text::new(format!("{name} 不能接受：{zh}"), format!("{name} cannot take it: {en}")),
                Text::new(
                    "比较结果时计入这一差别，或先从情景中去掉它",
                    "allow for this when comparing, or take it out of the scenario first",
                ),
            )
            .in_file(&self.inputs.scenario_file.name)
            .field(key),
        );
    }
    /// Something is written in another form: `EXP-002`, severity warning.
    pub fn changed(&mut self, key: &str, zh: &str, en: &str) {
        let name = self.target.name();
        self.findings.push(
            Finding::warning(
                "EXP-002",
                Text::new(format!("{name}：{zh}"), format!("{name}: {en}")),
                Text::new("比较结果时计入这一差别", "allow for this when comparing"),
            )
            .in_file(&self.inputs.scenario_file.name)
            .field(key),
        );
    }

    /// What no foreign model takes, or takes otherwise than we do.
    fn common(&mut self) {
        let spec = &self.inputs.scenario;
        if let Some(infiltration) = &spec.infiltration
            && !["none", "constant"].contains(&infiltration.model.as_str())
        {
            let model = infiltration.model.clone();
            self.lost("infiltration.model", format!("下渗模型“{model}”"), format!("infiltration model '{model}'"));
        }
        if self.model.assumed_drains {
            self.changed(
                "losses.drain_capacity_mm_h",
                "假定的排水能力并入恒定下渗率",
                "the assumed drain capacity is written as part of the constant infiltration",
            );
        }
        if !self.model.problem.sinks.is_empty() {
            let n = self.model.problem.sinks.len();
            self.lost("layers", format!("{n} 处泵站与排口"), format!("{n} pumps and outfalls"));
        }
        if self.model.problem.initial_velocity_m_s.is_some() {
            self.lost("initial.velocity", "初始流速", "the initial velocity");
        }
        if !self.model.problem.roofs.is_empty() {
            self.lost("terrain.buildings", "屋面雨水引至街道", "rain of roofs led to the street");
        }
        let (cell, sub) = spec.grid.as_ref().map_or((None, None), |g| (g.cell_m, g.subgrid_m));
        if sub.is_some() && sub != cell {
            self.lost(
                "grid.subgrid_m",
                "亚网格单元；写出的是像元网格",
                "cells that keep their pixels; the grid of the pixels is written",
            );
        }
        if spec.solver.scheme == "fill-spill" {
            self.lost("solver.scheme", "填溢筛查", "fill-spill screening");
        }
        if spec.state.as_ref().is_some_and(|s| s.load.is_some()) {
            self.lost("state.load", "热启动状态", "the saved state it goes on from");
        }
        for (key, count) in [("control", spec.control.len()), ("link", spec.link.len()), ("crest", spec.crest.len())] {
            if count > 0 {
                self.lost(key, format!("{count} 项 {key}"), format!("{count} entries of {key}"));
            }
        }
    }

    /// Constant losses of each cell, mm/h: infiltration and assumed drains; empty = none.
    pub fn losses_mm_h(&self) -> Vec<f64> {
        let p = &self.model.problem;
        let infiltration = match &p.infiltration {
            Infiltration::Constant { rate_mm_h } => rate_mm_h.as_slice(),
            _ => &[],
        };
        if infiltration.is_empty() && p.drain_mm_h.is_empty() {
            return Vec::new();
        }
        let at = |list: &[f64], k: usize| list.get(k).copied().filter(|v| v.is_finite()).unwrap_or(0.0);
        (0..p.grid.len()).map(|k| at(infiltration, k) + at(&p.drain_mm_h, k)).collect()
    }

    /// Rain as rows that are straight lines between steps; the areal mean when it varies in space. `None` = no rain.
    pub fn rain(&mut self) -> Option<Vec<(f64, f64)>> {
        let model = self.model;
        let p = &model.problem;
        if p.rain.sources.is_empty() {
            return None;
        }
        if p.rain.sources.iter().any(|s| !matches!(s, RainSource::Uniform(_))) {
            self.lost(
                "rain",
                "随空间变化的雨；写出的是面平均雨",
                "rain that varies in space; the areal mean is written",
            );
        }
        let active: Vec<bool> = p.bed_m.iter().map(|z| !z.is_nan()).collect();
        let mean = p.rain.areal_series(&p.grid, &active);
        if mean.value.iter().any(|v| v.is_nan()) {
            self.lost("rain", "未知的雨段；写作 0", "rows of unknown rain; written as 0");
        }
        Some(series::stepped(&mean, p.duration_s))
    }

    /// The same value in every active cell, if so.
    pub fn uniform(&self, values: &[f64]) -> Option<f64> {
        let bed = &self.model.problem.bed_m;
        let mut active = values.iter().zip(bed).filter(|(_, z)| !z.is_nan()).map(|(v, _)| *v);
        let first = active.next()?;
        active.all(|v| v == first).then_some(first)
    }
}

/// Writes a scenario as input of `target` into `out`, with `summary.json`.
///
/// # Errors
/// Input refused, or the output cannot be written. What the model cannot take is a finding of severity error, not a failure.
pub fn export(scenario: &Path, target: ExportModel, out: &Path, overwrite: bool) -> Result<ExportReport, Failure> {
    let draft = Draft::begin(out, overwrite)?;
    let inputs = read_inputs(scenario)?;
    let model = build_model(&inputs)?;
    let places = resolve(&model.problem);
    let mut exported = Exported { inputs: &inputs, model: &model, places, target, findings: Vec::new() };
    exported.common();
    let files = match target {
        ExportModel::Sfincs => sfincs::files(&mut exported),
        ExportModel::Lisflood => lisflood::files(&mut exported),
    };
    for (name, bytes) in &files {
        draft.write(name, bytes)?;
    }
    let mut findings = inputs.district.findings.clone();
    findings.extend(inputs.findings.iter().chain(&model.findings).chain(&exported.findings).cloned());
    let summary = json!({
        "format": 1,
        "scenario_id": inputs.scenario.id,
        "model": target.id(),
        "files": files.iter().map(|(name, bytes)| json!({ "path": name, "bytes": bytes.len(), "sha256": dayu_base::sha256_hex(bytes) })).collect::<Vec<_>>(),
        "version": env!("CARGO_PKG_VERSION"),
        "inputs": inputs.files.list().into_iter().map(|(name, f)| (name, Value::String(f.sha256))).collect::<serde_json::Map<_, _>>(),
        "findings": findings,
    });
    draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
    draft.publish()?;
    Ok(ExportReport { summary, findings })
}
