//! From depth and kind of object to one of four colours. A default of this program (mark D): no authority publishes such a
//! table; the limits are those of [`Thresholds`].
//!
//! | objects | blue | yellow | orange | red |
//! | --- | --- | --- | --- | --- |
//! | waterlogging points, underpasses, roads | W1 | W2, or own alarm depth | W3, or closure depth | W4 and above |
//! | underground spaces, metro entrances, sill known | W1 | half the sill | sill less 0.10 m | sill (water enters) |
//! | the same, sill unknown | – | W1 | W2 | W3 and above |
//! | population, old houses C, work sheds, institutions | W1 | 0.15 m | 0.30 m | W4 and above |
//! | old houses D, institutions with people needing help | – | W1 | 0.15 m | 0.30 m and above |
//! | shelters | – | W1 | 0.15 m | 0.30 m and above |
//! | pumps | W1 | 0.15 m | 0.30 m | W4 and above |
//! | gates, outfalls (they stand in water) | 0.15 m | – | – | – |
//!
//! Slopes take the colour of their `SlopeState`. The class of the whole is the worst step that is reached.

use crate::threshold::Thresholds;
use dayu_assets::{Details, Layer};
use dayu_base::RiskColour;

/// Freeboard below the sill at which flood boards must stand, m.
const SILL_FREEBOARD_M: f64 = 0.10;

/// Depth from which each colour holds, ascending in concern; a missing step is not used.
pub(crate) fn steps(layer: Layer, details: &Details, t: &Thresholds) -> Vec<(f64, RiskColour)> {
    let mut steps = raw_steps(layer, details, t);
    for (depth_m, _) in &mut steps {
        // Whole micrometres, so that 0.4 − 0.1 and 0.3 are one threshold.
        *depth_m = (*depth_m * 1e6).round() / 1e6;
    }
    steps
}

fn raw_steps(layer: Layer, details: &Details, t: &Thresholds) -> Vec<(f64, RiskColour)> {
    let [w1, w2, w3, w4, ..] = t.class_m;
    let frail = [(w1, RiskColour::Yellow), (t.affected_m, RiskColour::Orange), (t.dwelling_m, RiskColour::Red)];
    let dwelling = [
        (w1, RiskColour::Blue),
        (t.affected_m, RiskColour::Yellow),
        (t.dwelling_m, RiskColour::Orange),
        (w4, RiskColour::Red),
    ];
    let mut road =
        vec![(w1, RiskColour::Blue), (w2, RiskColour::Yellow), (w3, RiskColour::Orange), (w4, RiskColour::Red)];
    match (layer, details) {
        (_, Details::WaterloggingPoint { warn_depth_m, close_depth_m, .. }) => {
            own(&mut road, *warn_depth_m, RiskColour::Yellow);
            own(&mut road, Some(close_depth_m.unwrap_or(t.road_close_m)), RiskColour::Orange);
            road
        }
        (_, Details::Underpass { warn_depth_m, close_depth_m, .. }) => {
            own(&mut road, *warn_depth_m, RiskColour::Yellow);
            own(&mut road, Some(close_depth_m.unwrap_or(t.underpass_close_m)), RiskColour::Orange);
            road
        }
        (_, Details::UndergroundSpace { sill_height_m, .. } | Details::MetroEntrance { sill_height_m, .. }) => {
            match sill_height_m.filter(|s| s.is_finite()) {
                Some(sill) => vec![
                    (w1, RiskColour::Blue),
                    ((0.5 * sill).max(w1), RiskColour::Yellow),
                    ((sill - SILL_FREEBOARD_M).max(w1), RiskColour::Orange),
                    (sill.max(w1), RiskColour::Red),
                ],
                None => vec![(w1, RiskColour::Yellow), (w2, RiskColour::Orange), (w3, RiskColour::Red)],
            }
        }
        (_, Details::OldHouse { grade, .. }) if grade.as_deref().is_some_and(is_grade_d) => frail.to_vec(),
        (_, Details::Institution { vulnerable, .. }) if vulnerable.is_some_and(|v| v > 0) => frail.to_vec(),
        (_, Details::Shelter { .. }) => frail.to_vec(),
        (Layer::Gates | Layer::Outfalls, _) => vec![(t.affected_m, RiskColour::Blue)],
        (
            _,
            Details::OldHouse { .. }
            | Details::WorkShed { .. }
            | Details::Institution { .. }
            | Details::Population { .. },
        ) => dwelling.to_vec(),
        (Layer::Pumps, _) => dwelling.to_vec(),
        _ => road,
    }
}

/// Adds an object's own depth, when it has one.
fn own(steps: &mut Vec<(f64, RiskColour)>, depth_m: Option<f64>, colour: RiskColour) {
    steps.extend(depth_m.filter(|d| d.is_finite() && *d > 0.0).map(|d| (d, colour)));
}

fn is_grade_d(grade: &str) -> bool {
    grade.trim_end_matches(['级', '类']).eq_ignore_ascii_case("d")
}

/// The worst colour reached and the lowest threshold that brought it.
pub(crate) fn judge(steps: &[(f64, RiskColour)], depth_m: f64) -> (RiskColour, Option<f64>) {
    let reached = || steps.iter().filter(|(limit, _)| depth_m >= *limit);
    let Some(colour) = reached().map(|(_, c)| *c).max() else { return (RiskColour::Low, None) };
    let limit = reached().filter(|(_, c)| *c == colour).map(|(l, _)| *l).min_by(f64::total_cmp);
    (colour, limit)
}
