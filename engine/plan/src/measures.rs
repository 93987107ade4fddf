use crate::recommend::clause;
use crate::scene::Spot;
use crate::shelter::shelter_danger;
use crate::timing::{Due, Timetable};
use crate::{Closure, DecideInput, Measure, PlanFile, ReportDuty, TransferRow};
use dayu_assets::Layer;
use dayu_base::{Finding, ResponseLevel, Text};
use dayu_impact::Impact;
use std::collections::BTreeMap;

use crate::reach::{Reach, reaches_depth};

/// What is to be done at an object. A measure at a shelter in danger must never read as an order to open it.
fn action_at(text: &Text, spot: Option<&Spot<'_>>, impact: &Impact) -> Text {
    let shelter = spot.filter(|s| s.asset.layer == Layer::Shelters);
    let Some(why) = shelter.and_then(|s| shelter_danger(s.asset.x_m, s.asset.y_m, s.impact, impact)) else {
        return text.clone();
    };
    Text::new(
        format!("{}：不得开放和安置，另选场所（原措施：{}）", why.zh, text.zh),
        format!("{}: do not open, choose another (measure of the plan: {})", why.en, text.en),
    )
}

/// Measures of a level: its own and those of lower levels that nothing stronger has replaced; duties of the whole
/// district first, then by object. An object whose state is unknown is looked after too: unknown is not safe.
pub(crate) fn measures(
    plan: &PlanFile,
    level: ResponseLevel,
    spots: &[Spot<'_>],
    impact: &Impact,
    times: &Timetable<'_>,
) -> Vec<Measure> {
    let mut district = Vec::new();
    let mut by_object: Vec<(String, usize, Measure)> = Vec::new();
    let mut numbers: BTreeMap<ResponseLevel, usize> = BTreeMap::new();
    for (order, action) in plan.action.iter().enumerate() {
        let number = numbers.entry(action.level).or_default();
        *number += 1;
        if action.level > level || action.until.is_some_and(|u| u <= level) {
            continue;
        }
        let id = format!("{}-{number:02}", action.level.id());
        let measure = |spot: Option<&Spot<'_>>| {
            let due = Due {
                level: action.level,
                before: &action.before,
                within_min: action.deadline_min,
                daylight: false,
                object: spot.and_then(|s| s.impact),
                selector: action.per_object.as_ref(),
            };
            let (deadline_s, note) = times.deadline(&due);
            let open_ended = action.before.is_empty() && action.deadline_min.is_none();
            let deadline_note =
                if open_ended { Text::new("响应期间持续", "as long as the response lasts") } else { note };
            Measure {
                id: spot.map_or_else(|| id.clone(), |s| format!("{id}:{}", s.asset.id)),
                object_id: spot.map(|s| s.asset.id.clone()),
                owner: action.department.clone(),
                action: action_at(&action.text, spot, impact),
                clause: clause(&action.clause),
                mark: action.mark.clone(),
                start_s: times.opening(action.level),
                deadline_s,
                deadline_note,
            }
        };
        match &action.per_object {
            None => district.push(measure(None)),
            Some(selector) => {
                for spot in spots.iter().filter(|s| s.matches(selector) != Some(false)) {
                    by_object.push((spot.asset.id.clone(), order, measure(Some(spot))));
                }
            }
        }
    }
    by_object.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    district.extend(by_object.into_iter().map(|(_, _, m)| m));
    district
}

/// Work with a deadline at a shelter that takes people in (check, open, staff) ends before the first of them must have arrived,
/// whatever later time the plan's own clause would allow; never before the work may start.
pub(crate) fn ready_before_arrival(measures: &mut [Measure], transfers: &[TransferRow]) {
    let mut first_s: BTreeMap<&str, f64> = BTreeMap::new();
    for row in transfers {
        let Some(due_s) = row.deadline_s else { continue };
        for (shelter, _) in &row.shelters {
            first_s.entry(shelter).and_modify(|t| *t = t.min(due_s)).or_insert(due_s);
        }
    }
    for measure in measures {
        let first = measure.object_id.as_deref().and_then(|id| first_s.get(id)).copied();
        let (Some(first_s), Some(own_s)) = (first, measure.deadline_s) else { continue };
        let due_s = measure.start_s.map_or(first_s, |start| first_s.max(start));
        if due_s < own_s {
            measure.deadline_s = Some(due_s);
            measure.deadline_note.zh.push_str("；须先于首批转移人员到达，提前至其转移时限");
            measure
                .deadline_note
                .en
                .push_str("; ready before the first people arrive: brought forward to their deadline");
        }
    }
}

/// Closures of a level, by time. An object is closed once, at the shallowest depth that a rule in force asks for.
pub(crate) fn closures(
    input: &DecideInput<'_>,
    level: ResponseLevel,
    spots: &[Spot<'_>],
    findings: &mut Vec<Finding>,
) -> Vec<Closure> {
    let mut by_object: BTreeMap<&str, Closure> = BTreeMap::new();
    let mut unknown: BTreeMap<&str, ()> = BTreeMap::new();
    for rule in input.plan.closure.iter().filter(|r| r.level <= level) {
        for spot in spots.iter().filter(|s| rule.layers.contains(&s.asset.layer)) {
            let own = spot.own_close_depth_m();
            let depth = match own {
                Some(d) if rule.always => d.min(rule.depth_m),
                Some(d) => d,
                None => rule.depth_m,
            };
            let reach = spot.impact.map_or(Reach::Unknown, |i| reaches_depth(i, depth));
            let id = spot.asset.id.as_str();
            let (at_s, until_s) = match reach {
                Reach::Yes { at_s, until_s } => (at_s, until_s),
                Reach::No => continue,
                Reach::Unknown => {
                    unknown.insert(id, ());
                    continue;
                }
            };
            if by_object.get(id).is_some_and(|c| c.close_depth_m <= depth) {
                continue;
            }
            let closure = Closure {
                object_id: id.to_string(),
                close_by_s: at_s.map(|t| (t - rule.lead_min * 60.0).max(0.0)),
                reopen_s: until_s.filter(|u| *u < input.duration_s),
                close_depth_m: depth,
                peak_m: spot.impact.and_then(|i| i.peak),
                executor: spot.own_executor().unwrap_or(&rule.executor).to_string(),
                mark: rule.mark.clone(),
            };
            by_object.insert(id, closure);
        }
    }
    if !unknown.is_empty() {
        let (n, first) = (unknown.len(), unknown.keys().next().copied().unwrap_or_default());
        findings.push(
            Finding::warning(
                "PLN-022",
                Text::new(
                    format!("{n} 处没有水深结果，无法判断是否封控（不等于不需封控），如 {first}"),
                    format!("{n} objects have no computed depth, so closure cannot be judged (which is not 'open'), e.g. {first}"),
                ),
                Text::new("由责任人现场核实水深", "have the depth checked on the spot"),
            )
            .field("closure"),
        );
    }
    let mut all: Vec<Closure> = by_object.into_values().collect();
    let time = |c: &Closure| c.close_by_s.unwrap_or(f64::INFINITY);
    all.sort_by(|a, b| time(a).total_cmp(&time(b)).then_with(|| a.object_id.cmp(&b.object_id)));
    all
}

/// Reporting duties of a level: the periodic one of the highest level reached, and those after events.
pub(crate) fn reports(plan: &PlanFile, level: ResponseLevel) -> Vec<ReportDuty> {
    let periodic = plan.report.iter().filter(|r| r.every_min.is_some() && r.level_at_least <= level);
    let top = periodic.map(|r| r.level_at_least).max();
    plan.report
        .iter()
        .filter(|r| r.level_at_least <= level && (r.every_min.is_none() || Some(r.level_at_least) == top))
        .map(|r| ReportDuty {
            every_min: r.every_min,
            zero_report: r.zero_report,
            text: r.text.clone(),
            clause: clause(&r.clause),
            mark: r.mark.clone(),
        })
        .collect()
}
