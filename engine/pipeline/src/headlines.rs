//! `summary.json` of a run and its first lines.

use crate::heading::header;
use crate::run::Judged;
use crate::summary::{LevelSummary, MembersSummary, RunSummary, SimulationSummary};
use dayu_assets::Layer;
use dayu_base::{ResponseLevel, Severity, Text};
use std::collections::BTreeMap;
use std::path::Path;

pub(crate) fn level_summaries(judged: &Judged, ids: BTreeMap<ResponseLevel, (String, u64)>) -> Vec<LevelSummary> {
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

/// The summary of a run with the packages that were written.
pub(crate) fn summary(scenario: &Path, judged: &Judged, ids: BTreeMap<ResponseLevel, (String, u64)>) -> RunSummary {
    let header = header(&judged.inputs, &judged.plan, &judged.model, &judged.decision, &[]);
    let points: Vec<_> = judged.impact.objects.iter().filter(|o| o.layer == Layer::WaterloggingPoints).collect();
    RunSummary {
        from: None,
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
            quality: judged.model.quality,
            active_cells: judged.water.stats.active_cells,
            steps: judged.water.stats.steps,
            relative_volume_error: judged.water.relative_volume_error,
            points_flooded: points.iter().filter(|o| o.peak.is_some_and(|d| d >= 0.15)).count() as u64,
            points: points.len() as u64,
        },
        members: judged.ensemble.as_ref().map(|e| MembersSummary {
            members: e.members.len() as u64,
            method: e.words.clone(),
            cell_m: e.cell_m,
            cell_steps: e.cell_steps,
            origin: e.chances.origin.id().into(),
        }),
        deadline_s: None,
        wall_s: judged.wall,
        threads: rayon::current_num_threads(),
        findings: judged.findings.clone(),
    }
}

/// What a person wants to know first.
pub(crate) fn headlines(judged: &Judged, summary: &RunSummary) -> Vec<Text> {
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
    if let Some(quality) = s.quality {
        let mark = quality.mark();
        lines.push(Text::new(
            format!("时限模式：{}，{} m 格网", mark.zh, s.cell_m),
            format!("deadline mode: {}, cells of {} m", mark.en, s.cell_m),
        ));
    }
    lines.extend(summary.findings.iter().filter(|f| f.code == "RUN-109").map(|f| f.message.clone()));
    if let Some(m) = &summary.members {
        lines.push(Text::new(
            format!("集合 {} 个成员，{:.0} m 格网，{}", m.members, m.cell_m, m.method.zh),
            format!("{} members on cells of {:.0} m, {}", m.members, m.cell_m, m.method.en),
        ));
    }
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
