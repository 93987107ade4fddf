use super::input::{Context, Place};
use super::wording::{category_title, merged_zh};
use crate::{ActionItem, TransferLine};
use dayu_assets::Layer;
use dayu_base::Text;
use dayu_plan::{Closure, Measure};
use std::collections::BTreeMap;

/// Closures printed on the list; the table holds all.
const CLOSURES_SHOWN: usize = 20;

/// 四、工作要求: measures that say the same to the same owner become one numbered item that names its objects. Items keep the
/// plan's order; the deadline is the earliest.
pub(super) fn group_measures(cx: &Context<'_>) -> Vec<ActionItem> {
    let mut groups: Vec<Vec<&Measure>> = Vec::new();
    let mut index: BTreeMap<(&str, &str, &str, bool), usize> = BTreeMap::new();
    for m in &cx.input.plan.measures {
        let key = (m.owner.as_str(), m.action.zh.as_str(), m.clause.as_str(), m.object_id.is_some());
        match index.get(&key).and_then(|i| groups.get_mut(*i)) {
            Some(group) => group.push(m),
            None => {
                index.insert(key, groups.len());
                groups.push(vec![m]);
            }
        }
    }
    (1..).zip(groups).filter_map(|(number, group)| group_item(cx, number, &group)).collect()
}

fn group_item(cx: &Context<'_>, number: u32, group: &[&Measure]) -> Option<ActionItem> {
    let first = *group.first()?;
    let object_ids: Vec<String> = group.iter().filter_map(|m| m.object_id.clone()).collect();
    let names: Vec<String> = object_ids.iter().map(|id| cx.name_of(id)).collect();
    let timed = group.iter().filter_map(|m| m.deadline_s.map(|s| (s, *m))).min_by(|a, b| a.0.total_cmp(&b.0));
    let leading = timed.map_or(first, |t| t.1);
    let differ = group.iter().any(|m| m.deadline_s != leading.deadline_s);
    let mut note = leading.deadline_note.clone();
    if differ {
        note.zh.push_str(if note.zh.is_empty() {
            "最早一处；各处时限见表"
        } else {
            "；最早一处，各处时限见表"
        });
        note.en.push_str("; earliest, see the table");
    }
    let at_once = timed.is_none() && leading.deadline_note.zh.contains("立即");
    let deadline = if at_once { "立即".to_string() } else { cx.due(timed.map(|t| t.0)) };
    Some(ActionItem {
        number,
        owner: first.owner.clone(),
        action: first.action.clone(),
        deadline,
        deadline_note: note,
        clause: first.clause.clone(),
        mark: first.mark.clone(),
        places: if names.is_empty() { "全区".into() } else { merged_zh(&names, 4) },
        object_ids,
    })
}

/// 五、人员转移 by category, in the plan's precedence (order of first appearance).
pub(super) fn transfer_lines(cx: &Context<'_>) -> Vec<TransferLine> {
    let mut lines: Vec<(TransferLine, Option<f64>)> = Vec::new();
    for t in &cx.input.plan.transfers {
        let at = match lines.iter().position(|(l, _)| l.category == t.category) {
            Some(at) => at,
            None => {
                let title = category_title(&t.category);
                let category = t.category.clone();
                let line = TransferLine {
                    category,
                    title,
                    rows: 0,
                    to_move: 0,
                    vulnerable: 0,
                    to_house: 0,
                    unplaced: 0,
                    deadline: String::new(),
                };
                lines.push((line, None));
                lines.len() - 1
            }
        };
        if let Some((line, deadline)) = lines.get_mut(at) {
            line.rows += 1;
            line.to_move += t.people;
            line.vulnerable += t.vulnerable;
            line.to_house += t.to_house;
            line.unplaced += t.unplaced.iter().map(|u| u.0).sum::<u64>();
            *deadline = [*deadline, t.deadline_s].into_iter().flatten().min_by(f64::total_cmp);
        }
    }
    let printed = |(mut line, deadline): (TransferLine, Option<f64>)| {
        line.deadline = cx.due(deadline);
        line
    };
    lines.into_iter().map(printed).collect()
}

/// People without a place, summed by reason, most first.
pub(super) fn unplaced_by_reason(cx: &Context<'_>) -> Vec<(u64, Text)> {
    let mut by: BTreeMap<&Text, u64> = BTreeMap::new();
    for u in &cx.input.plan.unplaced {
        *by.entry(&u.reason).or_default() += u.people;
    }
    let mut lines: Vec<(u64, Text)> =
        by.into_iter().filter(|(_, n)| *n > 0).map(|(reason, n)| (n, reason.clone())).collect();
    lines.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    lines
}

/// 六、封控, by time; the stretches of one road are one line: the earliest time, the deepest water, the last to fall.
pub(super) fn closure_lines(cx: &Context<'_>) -> Vec<Text> {
    let closures = &cx.input.plan.closures;
    let mut groups: Vec<(Place, Vec<&Closure>)> = Vec::new();
    for k in closures {
        let place = cx.place(&k.object_id, None);
        let same = |(p, first): &&mut (Place, Vec<&Closure>)| {
            p.kind == Layer::Roads.zh()
                && (&p.kind, &p.name, &p.town) == (&place.kind, &place.name, &place.town)
                && first
                    .first()
                    .is_some_and(|f| f.executor == k.executor && f.close_depth_m == k.close_depth_m && f.mark == k.mark)
        };
        match groups.iter_mut().find(same) {
            Some((_, group)) => group.push(k),
            None => groups.push((place, vec![k])),
        }
    }
    let mut lines: Vec<Text> =
        groups.iter().take(CLOSURES_SHOWN).filter_map(|(place, group)| closure_line(cx, place, group)).collect();
    let told: usize = groups.iter().take(CLOSURES_SHOWN).map(|(_, group)| group.len()).sum();
    if closures.len() > told {
        let n = closures.len() - told;
        lines.push(Text::new(format!("其余 {n} 处见《管控一张表》。"), format!("{n} more in the table.")));
    }
    if !closures.is_empty() && cx.input.plan.totals.to_house > 0 {
        lines.push(Text::new(
            "封闭后至道路实际不能通行前，放行转移人员和接运车辆；转移路线和时刻按实际不能通行的时刻计。",
            "After a closure people and vehicles of the evacuation are let through until the road is in fact impassable; ways and times count on that.",
        ));
    }
    lines
}

fn closure_line(cx: &Context<'_>, place: &Place, group: &[&Closure]) -> Option<Text> {
    let first = *group.first()?;
    let close_by = group.iter().filter_map(|k| k.close_by_s).min_by(f64::total_cmp);
    // One stretch that stays under water, or of which nothing is known, keeps the whole line open.
    let falls: Option<Vec<f64>> = group.iter().map(|k| k.reopen_s).collect();
    let falls = falls.and_then(|all| all.into_iter().max_by(f64::total_cmp));
    let deepest = group.iter().filter_map(|k| k.peak_m).filter(|p| p.is_finite()).max_by(f64::total_cmp);
    let peak = deepest.map_or_else(|| "未知".into(), |p| format!("{p:.2} m"));
    let executor = if first.executor.is_empty() { "未明确（须当场指定）" } else { first.executor.as_str() };
    let by = match close_by {
        Some(s) if cx.is_overdue(Some(s)) => format!("立即封闭（应于 {} 前封闭）", cx.short(Some(s))),
        Some(s) => format!("最迟 {} 封闭", cx.short(Some(s))),
        None => "封闭时刻未知，现场达到封控水深立即封闭".to_string(),
    };
    let mark = if first.mark.is_unofficial() { format!("〔{}〕", first.mark.zh()) } else { String::new() };
    let name = if group.len() > 1 { format!("{}等{}段", place.name, group.len()) } else { place.name.clone() };
    Some(Text::new(
        format!(
            "{name}（{}，{}）：{by}；封控水深 {:.2} m{mark}，预计最深 {peak}；{}；执行：{executor}。",
            place.town,
            place.kind,
            first.close_depth_m,
            cx.falls_below(falls),
        ),
        format!("{name}: close by {}, closure depth {:.2} m.", cx.short(close_by), first.close_depth_m),
    ))
}
