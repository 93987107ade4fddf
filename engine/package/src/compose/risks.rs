use super::input::Context;
use super::objects::controlled_objects;
use super::wording::{expectation, first_crossing_s};
use crate::RiskItem;
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_impact::ObjectImpact;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// Risks printed on the list; the table holds all.
const TOP: usize = 15;

/// Worst first: colour, people exposed, earliest threshold, id.
pub(super) fn worst_first(a: &ObjectImpact, b: &ObjectImpact) -> Ordering {
    let time = |o: &ObjectImpact| first_crossing_s(o).unwrap_or(f64::INFINITY);
    let key = b.colour.cmp(&a.colour).then(b.people.unwrap_or(0).cmp(&a.people.unwrap_or(0)));
    key.then(time(a).total_cmp(&time(b))).then_with(|| a.object_id.cmp(&b.object_id))
}

/// 三、重点风险: the controlled objects of the level, worst first, and how many stand in the table only. Together they are all
/// controlled objects, so that the list's count can be held against the table's.
pub(super) fn rank(cx: &Context<'_>) -> (Vec<RiskItem>, u64) {
    let ids = controlled_objects(cx.input.plan, cx.input.impact);
    let mut known: Vec<&ObjectImpact> =
        ids.iter().filter_map(|id| cx.impact_of(id)).filter(|o| o.colour >= RiskColour::Blue).collect();
    known.sort_by(|a, b| worst_first(a, b));
    // A road is cut into many stretches: its worst stretch stands for it on paper, the others are in the table.
    let mut roads = BTreeSet::new();
    let one_per_road = |o: &&ObjectImpact| o.layer != Layer::Roads || roads.insert(o.name.clone());
    let items: Vec<RiskItem> = known.into_iter().filter(one_per_road).take(TOP).map(|o| item(cx, o)).collect();
    let rest = ids.len().saturating_sub(items.len());
    (items, rest as u64)
}

fn item(cx: &Context<'_>, o: &ObjectImpact) -> RiskItem {
    let place = cx.place(&o.object_id, None);
    let mut expected: Text = expectation(o);
    if let Some(class) = &o.class {
        expected.zh.push_str(&format!("，{class}"));
        expected.en.push_str(&format!(", {class}"));
    }
    if let Some(chance) = cx.input.impact.chances.as_ref().and_then(|m| m.of(&o.object_id)) {
        expected.zh.push_str(&format!("，{} 成员达 0.15 m", chance.counted()));
        expected.en.push_str(&format!(", {} members at 0.15 m", chance.counted()));
    }
    RiskItem {
        object_id: o.object_id.clone(),
        name: place.name,
        kind: place.kind,
        town: place.town,
        colour: o.colour,
        expectation: expected,
        when: cx.short(first_crossing_s(o)),
        people: o.people,
    }
}
