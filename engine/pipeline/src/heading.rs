//! The header of a package: who, what, when, from what.

use crate::inputs::{Inputs, PlanInputs};
use crate::model::Model;
use dayu_assets::{Asset, Layer};
use dayu_base::{Finding, Instant, Mark, Origin, Realm, ResponseLevel, Text, sha256_hex};
use dayu_inundation::Scheme;
use dayu_package::{Header, InputLine, PlanLine, SourceLine};
use dayu_plan::{Decision, TransferTotals};
use dayu_scenario::ScenarioKind;
use std::collections::BTreeMap;

/// Cells wider than this do not resolve a street: depths are of screening quality, m (D).
const STREET_WIDTH_M: f64 = 20.0;

/// What all levels of a run have in common.
pub(crate) fn header(
    inputs: &Inputs,
    plan: &PlanInputs,
    model: &Model,
    decision: &Decision,
    findings: &[Finding],
) -> Header {
    let spec = &inputs.scenario;
    let dataset = &inputs.district.spec;
    let files = inputs.files.list();
    let digest = |name: &str| files.get(name).map(|f| f.sha256.clone()).unwrap_or_default();
    let rain_until = rain_data_time(inputs, model);
    let zone = &inputs.district.zone;
    let source = |layer: &str| dataset.sources.iter().find(|s| s.layer == layer);
    let input_lines: Vec<InputLine> = files
        .iter()
        .map(|(name, f)| InputLine {
            layer: f.layer.clone(),
            path: name.clone(),
            bytes: f.bytes,
            sha256: f.sha256.clone(),
            data_time: if f.layer == "rain" {
                rain_until
            } else {
                source(&f.layer)
                    .and_then(|s| s.data_time.as_ref().or(s.retrieved.as_ref()))
                    .and_then(|t| crate::load::instant_of(&t.to_string(), zone))
            },
            origin: if f.layer == "rain" {
                rain_origin(inputs)
            } else {
                source(&f.layer).map_or(dataset.origin, |s| s.origin)
            },
        })
        .collect();
    Header {
        run_id: run_id(&input_lines, model),
        level: ResponseLevel::Attention,
        recommended: recommended(decision),
        kind: spec.kind.id().into(),
        realm: realm(spec.kind, dataset.origin == Origin::Real && !plan.plan.plan.demonstration),
        origin: dataset.origin,
        district: dataset.name.clone(),
        scenario_id: spec.id.clone(),
        scenario_title: spec.title.clone(),
        scenario_sha256: digest(&inputs.scenario_file.name),
        dataset_id: dataset.id.clone(),
        dataset_sha256: digest(&inputs.district.file.name),
        crs: dataset.crs.clone(),
        vertical_datum: dataset.vertical_datum.clone(),
        zone: inputs.district.zone.clone(),
        as_of: inputs.as_of,
        start: inputs.start,
        end: inputs.end,
        data_time: data_time(&input_lines),
        plan: plan_line(plan, digest(&plan.file.name)),
        version: env!("CARGO_PKG_VERSION").into(),
        sources: dataset
            .sources
            .iter()
            .map(|s| SourceLine {
                layer: s.layer.clone(),
                title: s.title.clone(),
                licence: s.licence.clone(),
                origin: s.origin,
            })
            .collect(),
        inputs: input_lines,
        notes: notes(inputs, plan, model),
        findings: findings.to_vec(),
        totals: TransferTotals::default(),
        objects: 0,
        cell_m: model.problem.grid.cell_m,
        quality: model.mark().map(|q| (q.id().to_string(), q.mark())),
    }
}

/// Only a forecast on real data under a real plan is live. A drill says so, and so does a forecast on constructed data or under a
/// demonstration plan: its orders must never look like orders.
fn realm(kind: ScenarioKind, real: bool) -> Realm {
    match kind {
        ScenarioKind::Forecast if real => Realm::Live,
        ScenarioKind::Forecast | ScenarioKind::Drill => Realm::Drill,
        ScenarioKind::Replay | ScenarioKind::Design | ScenarioKind::Benchmark => Realm::Replay,
    }
}

fn data_time(inputs: &[InputLine]) -> Option<Instant> {
    inputs.iter().filter(|i| i.layer == "rain").filter_map(|i| i.data_time).max()
}

/// Until when the rain tells anything: the end of its last known row, and not beyond `as_of`. `None` = no series.
pub(crate) fn rain_data_time(inputs: &Inputs, model: &Model) -> Option<Instant> {
    let until = jiff::SignedDuration::try_from_secs_f64(model.rain_until_s?).ok()?;
    Some(inputs.start.checked_add(until).ok()?.min(inputs.as_of))
}

/// Origin of the rain as the scenario states it; an entry that says nothing has the dataset's.
fn rain_origin(inputs: &Inputs) -> Origin {
    let mut origins = inputs.scenario.rain.iter().map(|r| r.origin.unwrap_or(inputs.district.spec.origin));
    let first = origins.next().unwrap_or(inputs.district.spec.origin);
    if origins.all(|o| o == first) { first } else { Origin::Mixed }
}

/// SHA-256 over the digests of the inputs and the version of the program. Levels only choose what is written and threads change
/// nothing, so neither takes part.
fn run_id(inputs: &[InputLine], model: &Model) -> String {
    let mut text = format!("dayu {}\n", env!("CARGO_PKG_VERSION"));
    // Cells that a deadline chose are an option of the run.
    if model.quality.is_some() {
        text.push_str(&format!("cell_m {} {:?}\n", model.problem.cell_m(), model.members_cell_m));
    }
    for i in inputs {
        text.push_str(&i.sha256);
        text.push_str("  ");
        text.push_str(&i.path);
        text.push('\n');
    }
    sha256_hex(text.as_bytes())
}

fn recommended(decision: &Decision) -> Text {
    let proposed: Vec<(String, String)> = decision
        .recommendations
        .iter()
        .filter_map(|r| {
            r.level.map(|l| (format!("{}{}", r.chain.zh(), l.zh()), format!("{} {}", r.chain.en(), l.en())))
        })
        .collect();
    if proposed.is_empty() {
        return Text::new("未达任何启动条件", "no launch condition is met");
    }
    let (zh, en): (Vec<_>, Vec<_>) = proposed.into_iter().unzip();
    Text::new(zh.join("、"), en.join(", "))
}

fn plan_line(inputs: &PlanInputs, sha256: String) -> PlanLine {
    let head = &inputs.plan.plan;
    let mut marks: Vec<Mark> = inputs.plan.marks();
    marks.sort();
    marks.dedup();
    PlanLine {
        id: head.id.clone(),
        name: head.name.clone(),
        doc_number: head.doc_number.clone(),
        effective_from: head.effective_from.as_ref().map(ToString::to_string).unwrap_or_default(),
        sha256,
        marks,
        authority: head.authority.clone(),
        demonstration: head.demonstration,
    }
}

/// Registers in which some names or places are real and others are not: how many of each.
fn origins_within_layers(assets: &[Asset]) -> Vec<Text> {
    let mut counts: BTreeMap<Layer, BTreeMap<String, usize>> = BTreeMap::new();
    // Lines (roads, rivers) are background: their own columns say it.
    let objects = assets.iter().filter(|a| !matches!(a.layer, Layer::Roads | Layer::Rivers));
    for asset in objects.filter(|a| a.name_origin.is_some() || a.position_origin.is_some()) {
        *counts.entry(asset.layer).or_default().entry(asset.origins_of_parts()).or_default() += 1;
    }
    let differing = counts.into_iter().filter(|(_, kinds)| kinds.len() > 1);
    differing
        .map(|(layer, kinds)| {
            let sum: usize = kinds.values().sum();
            let mut kinds: Vec<(String, usize)> = kinds.into_iter().collect();
            kinds.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            let parts: Vec<String> = kinds.iter().map(|(words, n)| format!("{n} 处{words}")).collect();
            let zh = format!("{} {sum} 处：{}", layer.zh(), parts.join("；"));
            Text::new(zh, format!("{}: {}", layer.id().replace('_', " "), parts.join("; ")))
        })
        .collect()
}

/// What must be printed: assumptions and limits, the scenario's and the data's own words first.
fn notes(inputs: &Inputs, plan: &PlanInputs, model: &Model) -> Vec<Text> {
    let mut notes = inputs.scenario.notes.clone();
    notes.extend(inputs.district.spec.notes.iter().cloned());
    if inputs.district.spec.origin != Origin::Real {
        notes.push(Text::new(
            "数据含构造内容，不得用于实际指挥；对象的“来源”栏逐一标明真实或构造",
            "the data are partly constructed and not for real command; the column 'origin' tells each object's",
        ));
    }
    notes.extend(origins_within_layers(inputs.district.registry.assets()));
    notes.extend(model.rain_notes.iter().cloned());
    if model.assumed_drains {
        notes.push(Text::new(
            "没有管网数据：排水按假定能力扣除（系统假定）",
            "no drainage network is known: drains act as an assumed capacity",
        ));
    }
    let cell = model.problem.grid.cell_m;
    if let Scheme::InertialSubgrid { .. } = model.problem.solver.scheme {
        let wide = model.problem.cell_m();
        notes.push(Text::new(
            format!("计算单元 {wide} m，保留 {cell} m 像元的地形（亚网格），水深写回 {cell} m 像元"),
            format!(
                "cells of {wide} m keep the terrain of {cell} m pixels (subgrid); depths are written back to {cell} m"
            ),
        ));
    }
    if crate::situation::is_screening(model) {
        notes.push(Text::new(
            "填溢筛查：净雨一次落到洼地，不计过程与流速；水深为筛查级",
            "fill–spill screening: the net rain stands in the hollows at once, without course or velocity; depths are of screening quality",
        ));
    } else if cell > STREET_WIDTH_M {
        notes.push(Text::new(
            format!("计算单元 {cell} m，宽于街道：点位水深为筛查级"),
            format!("cells of {cell} m are wider than a street: depths at points are of screening quality"),
        ));
    }
    if let Some(quality) = model.quality {
        let mark = quality.mark();
        notes.push(Text::new(
            format!("时限模式：本次为{}答案（{cell} m 格网由时限选定）", mark.zh),
            format!("deadline mode: a {} answer (cells of {cell} m chosen by the deadline)", mark.en),
        ));
    }
    let head = &plan.plan.plan;
    notes.push(plan.plan.housing.words(head.relatives_share, &head.mark));
    if plan.plan.plan.demonstration {
        notes.push(Text::new(
            "所用为示范预案，不是任何机关的正式文件",
            "the plan is a demonstration, no official document",
        ));
    }
    notes
}
