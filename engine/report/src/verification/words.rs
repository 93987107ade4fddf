//! What the book says, once for both forms.

use dayu_verification::{Book, CaseReport, Convergence, Counts, RunReport, Verdict, general};
use serde_json::{Value, json};

pub(super) const SUMMARY_HEAD: [&str; 7] =
    ["算例 case", "答案性质 kind", "结论 verdict", "通过 pass", "未通过 fail", "参考 info", "未算 not computed"];
pub(super) const RUN_HEAD: [&str; 7] =
    ["情景 run", "方程 scheme", "状态精度", "有效单元 cells", "步数 steps", "水量相对误差 volume error", "说明 remark"];
pub(super) const LINE_HEAD: [&str; 5] = ["情景 run", "指标 metric", "数值 value", "允许 tolerance", "结论 verdict"];

/// The verdict of a case in words.
pub(super) fn verdict(case: &CaseReport) -> String {
    let counts = Counts::of(&case.lines);
    match counts.verdict() {
        Verdict::Pass => "通过".into(),
        Verdict::Fail => format!("未通过（{} 项超出允许）", counts.fail),
        Verdict::Info => "仅供参考".into(),
        Verdict::NotComputed if counts.pass + counts.info > 0 => "部分未能计算".into(),
        Verdict::NotComputed => "未能计算".into(),
    }
}

/// pass | fail | open: the colour of a verdict.
pub(super) fn tone(case: &CaseReport) -> &'static str {
    tone_of(Counts::of(&case.lines).verdict())
}

pub(super) fn tone_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "fail",
        Verdict::Info => "info",
        Verdict::NotComputed => "open",
    }
}

/// The first sentence of the book.
pub(super) fn summary(book: &Book) -> String {
    let c = book.counts();
    let by = |v: Verdict| book.cases.iter().filter(|k| Counts::of(&k.lines).verdict() == v).count();
    format!(
        "{} 个算例：{} 个全部通过，{} 个有指标未通过，{} 个有情景未能计算。有允许误差的指标 {} 项通过，{} 项未通过；{} 项仅供参考；{} 项未能计算。",
        book.cases.len(),
        by(Verdict::Pass),
        by(Verdict::Fail),
        by(Verdict::NotComputed),
        c.pass,
        c.fail,
        c.info,
        c.not_computed
    )
}

/// What the book covers and what its words mean.
pub(super) fn scope(book: &Book) -> String {
    let form =
        if book.short { "本册为简版：只含以秒计的算例与情景。" } else { "本册为全部算例。" };
    format!(
        "{form}数值、图与结论由 dayu {} 计算与判定，与机器和时刻无关；用时另见 runtime.csv。“未能计算”指程序按名拒绝该情景，不作通过论。",
        book.version
    )
}

/// Row of the summary table; the second part is its tone.
pub(super) fn summary_row(case: &CaseReport) -> Value {
    let c = Counts::of(&case.lines);
    json!({
        "cells": [
            format!("{} {}", case.title.zh, case.name),
            case.kind.zh,
            verdict(case),
            c.pass.to_string(),
            c.fail.to_string(),
            c.info.to_string(),
            c.not_computed.to_string(),
        ],
        "tone": tone(case),
        "name": case.name,
    })
}

/// What the author of the case says.
pub(super) fn about(case: &CaseReport) -> Vec<(&'static str, String)> {
    let r = &case.readme;
    [
        ("来源 source", &r.source),
        ("许可 licence", &r.licence),
        ("布置 set-up", &r.geometry),
        ("指标 metric", &r.metric),
        ("允许与同行 tolerance and peers", &r.tolerance),
    ]
    .into_iter()
    .filter(|(_, v)| !v.is_empty())
    .map(|(k, v)| (k, v.replace('`', "")))
    .collect()
}

pub(super) fn run_row(run: &RunReport) -> Value {
    let cell = run.cell_m.map(|c| format!("，单元 {c} m")).unwrap_or_default();
    let scheme = match run.scheme.as_str() {
        "inertial" => "局部惯性 inertial",
        "dynamic" => "完整浅水 dynamic",
        "fill-spill" => "填溢 fill-spill",
        other => other,
    };
    let title = if run.title.zh.is_empty() { run.stem.clone() } else { format!("{} {}", run.stem, run.title.zh) };
    let mut row = vec![title, format!("{scheme}{cell}")];
    match &run.facts {
        Some(f) => row.extend([
            f.precision.clone(),
            f.active_cells.to_string(),
            f.steps.to_string(),
            format!("{:.1e}", f.relative_volume_error),
        ]),
        // Why stands under the table of comparisons.
        None => row.extend(["没有结果 no result", "—", "—", "—"].map(String::from)),
    }
    json!(row)
}

/// Rows of the table of comparisons with their tones.
pub(super) fn line_rows(case: &CaseReport) -> Vec<Value> {
    case.lines
        .iter()
        .map(|l| {
            let number = |v: Option<f64>| v.map_or_else(|| "—".to_string(), general);
            json!({
                "cells": [l.run, l.name, number(l.value), number(l.tolerance), l.verdict.zh()],
                "tone": tone_of(l.verdict),
            })
        })
        .collect()
}

/// Why values are missing: each reason once, with the runs it concerns.
pub(super) fn reasons(case: &CaseReport) -> Vec<String> {
    let mut list: Vec<(String, Vec<&str>)> = Vec::new();
    for line in case.lines.iter().filter(|l| !l.why.is_empty()) {
        match list.iter_mut().find(|(why, _)| *why == line.why) {
            Some((_, runs)) if !runs.contains(&line.run.as_str()) => runs.push(&line.run),
            Some(_) => {}
            None => list.push((line.why.clone(), vec![&line.run])),
        }
    }
    list.into_iter().map(|(why, runs)| format!("{}：{why}", runs.join("、"))).collect()
}

pub(super) fn convergence_rows(c: &Convergence) -> Value {
    let rows: Vec<[String; 3]> = c
        .resolutions
        .iter()
        .map(|r| {
            [
                format!("{} m", r.cell_m),
                r.error.map_or_else(|| "未能计算".into(), general),
                r.order.map_or_else(|| "—".into(), |o| format!("{o:.2}")),
            ]
        })
        .collect();
    json!({ "check": c.check, "rows": rows, "why": c.why })
}
