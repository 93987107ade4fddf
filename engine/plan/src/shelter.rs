//! When a shelter must stay shut: one judgement for measures and map.

use crate::reach::{Reach, reaches_depth};
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_impact::{Impact, ObjectImpact, ShelterChance};

/// A shelter that gets this much water takes nobody, m (the affected depth, D).
pub const SHELTER_DEPTH_M: f64 = 0.15;
/// A shelter this near to a slope at orange or red takes nobody, m (D); nor does one in its run-out fan.
pub const SLOPE_CLEARANCE_M: f64 = 50.0;

/// The chance of a shelter to be reached by a hazard when it is above the plan's limit; `None` = not above it, or not known.
pub fn shelter_at_risk(impact: &Impact, id: &str) -> Option<ShelterChance> {
    let chances = impact.chances.as_ref()?;
    let chance = chances.shelter(id)?;
    (chance.hazard.share > chances.shelter_limit).then_some(chance)
}

/// The slope at orange or red in whose run-out fan a shelter lies; of several the first by id.
pub fn slope_above<'a>(impact: &'a Impact, shelter: &str) -> Option<&'a ObjectImpact> {
    let holds = impact.fans.iter().filter(|(_, shelters)| shelters.iter().any(|id| id == shelter));
    let mut slopes = holds.filter_map(|(slope, _)| impact.object(slope));
    slopes.find(|slope| slope.colour >= RiskColour::Orange)
}

/// Why a shelter at (x, y), m, with this impact must not be opened; `None` = nothing computed speaks against it (its state or an
/// unknown depth may).
pub fn shelter_danger(x_m: f64, y_m: f64, own: Option<&ObjectImpact>, impact: &Impact) -> Option<Text> {
    if own.is_some_and(|i| matches!(reaches_depth(i, SHELTER_DEPTH_M), Reach::Yes { .. })) {
        return Some(Text::new("受淹", "flooded"));
    }
    if let Some(chance) = own.and_then(|i| shelter_at_risk(impact, &i.object_id)) {
        return Some(chance.words());
    }
    let near = |o: &&ObjectImpact| {
        let (dx, dy) = (o.x_m - x_m, o.y_m - y_m);
        dx * dx + dy * dy <= SLOPE_CLEARANCE_M * SLOPE_CLEARANCE_M
    };
    let dangerous = |o: &&ObjectImpact| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange;
    if let Some(slope) = impact.objects.iter().filter(dangerous).find(near) {
        return Some(Text::new(
            format!("邻近危险边坡（{}）", slope.name),
            format!("beside a dangerous slope ({})", slope.name),
        ));
    }
    let slope = own.and_then(|i| slope_above(impact, &i.object_id))?;
    Some(Text::new(
        format!("在危险边坡滑动范围内（{}）", slope.name),
        format!("in the run-out of a slope ({})", slope.name),
    ))
}
