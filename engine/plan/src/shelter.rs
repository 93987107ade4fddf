//! When a shelter must stay shut: one judgement for measures and map.

use crate::reach::{Reach, reaches_depth};
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_impact::{Impact, ObjectChance, ObjectImpact};

/// A shelter that gets this much water takes nobody, m (the affected depth, D).
pub const SHELTER_DEPTH_M: f64 = 0.15;
/// A shelter this near to a slope at orange or red takes nobody, m (D; a run-out model replaces it one day).
pub const SLOPE_CLEARANCE_M: f64 = 50.0;

/// A shelter that is under water in this share of the members of an ensemble takes nobody (D).
pub const SHELTER_SHARE: f64 = 0.10;

/// The chance of a shelter to get 0.15 m of water when it is too high to send people there; `None` = not too high, or not known.
pub fn shelter_at_risk(impact: &Impact, id: &str) -> Option<ObjectChance> {
    let chance = *impact.chances.as_ref()?.of(id)?;
    (chance.reached[0].share >= SHELTER_SHARE).then_some(chance)
}

/// Why a shelter at (x, y), m, with this impact must not be opened; `None` = nothing computed speaks against it (its state or an
/// unknown depth may).
pub fn shelter_danger(x_m: f64, y_m: f64, own: Option<&ObjectImpact>, impact: &Impact) -> Option<Text> {
    if own.is_some_and(|i| matches!(reaches_depth(i, SHELTER_DEPTH_M), Reach::Yes { .. })) {
        return Some(Text::new("受淹", "flooded"));
    }
    if let Some(chance) = own.and_then(|i| shelter_at_risk(impact, &i.object_id)) {
        let n = chance.counted();
        return Some(Text::new(format!("{n} 个成员受淹"), format!("flooded in {n} members")));
    }
    let near = |o: &&ObjectImpact| {
        let (dx, dy) = (o.x_m - x_m, o.y_m - y_m);
        dx * dx + dy * dy <= SLOPE_CLEARANCE_M * SLOPE_CLEARANCE_M
    };
    let dangerous = |o: &&ObjectImpact| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange;
    let slope = impact.objects.iter().filter(dangerous).find(near)?;
    Some(Text::new(format!("邻近危险边坡（{}）", slope.name), format!("beside a dangerous slope ({})", slope.name)))
}
