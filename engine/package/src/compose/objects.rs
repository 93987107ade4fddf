use dayu_assets::Layer;
use dayu_base::RiskColour;
use dayu_impact::{Impact, ObjectImpact};
use dayu_plan::LevelPlan;
use std::collections::BTreeSet;

/// True for an object that stands in the table for its risk alone, even when the plan names no measure for it: blue or worse,
/// and no road or population block (those are controlled through closures and transfers).
pub(super) fn is_watched(o: &ObjectImpact) -> bool {
    o.colour >= RiskColour::Blue && !matches!(o.layer, Layer::Roads | Layer::Population | Layer::Gauges | Layer::Rivers)
}

/// Ids of the objects that the table of this level controls: those with a measure, a closure or a transfer, and those that are
/// blue or worse. `Header::objects` is their number.
pub fn controlled_objects(plan: &LevelPlan, impact: &Impact) -> BTreeSet<String> {
    let measures = plan.measures.iter().filter_map(|m| m.object_id.clone());
    let closures = plan.closures.iter().map(|c| c.object_id.clone());
    let transfers = plan.transfers.iter().map(|t| t.object_id.clone());
    let watched = impact.objects.iter().filter(|o| is_watched(o)).map(|o| o.object_id.clone());
    measures.chain(closures).chain(transfers).chain(watched).collect()
}
