//! When a shelter must stay shut: one judgement for measures and map.

use crate::reach::{Reach, reaches_depth};
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_impact::ObjectImpact;

/// A shelter that gets this much water takes nobody, m (the affected depth, D).
pub const SHELTER_DEPTH_M: f64 = 0.15;
/// A shelter this near to a slope at orange or red takes nobody, m (D; a run-out model replaces it one day).
pub const SLOPE_CLEARANCE_M: f64 = 50.0;

/// Why a shelter at (x, y), m, with this impact must not be opened; `None` = nothing computed speaks against it (its state or an
/// unknown depth may).
pub fn shelter_danger(x_m: f64, y_m: f64, own: Option<&ObjectImpact>, objects: &[ObjectImpact]) -> Option<Text> {
    if own.is_some_and(|i| matches!(reaches_depth(i, SHELTER_DEPTH_M), Reach::Yes { .. })) {
        return Some(Text::new("受淹", "flooded"));
    }
    let near = |o: &&ObjectImpact| {
        let (dx, dy) = (o.x_m - x_m, o.y_m - y_m);
        dx * dx + dy * dy <= SLOPE_CLEARANCE_M * SLOPE_CLEARANCE_M
    };
    let slope = objects.iter().filter(|o| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange).find(near)?;
    Some(Text::new(format!("邻近危险边坡（{}）", slope.name), format!("beside a dangerous slope ({})", slope.name)))
}
