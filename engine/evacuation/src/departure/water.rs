//! From what the water does on a link to what a mode can do there.

use super::link::{Cause, Closing};
use super::mode::Mode;

/// Water on one road link: when its deepest place first reaches each of some depths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkWater {
    /// (depth m, first time s), ascending by depth; depths never reached are absent
    pub reaches: Vec<(f64, f64)>,
    /// depths that were timed, m, ascending: what is not listed in `reaches` of them is never reached
    pub timed_m: Vec<f64>,
    /// deepest, m
    pub peak_m: f64,
    /// worst ARR class, and the first time the link was wet enough for it, s
    pub hazard: Option<(u8, f64)>,
}

impl LinkWater {
    /// First time the depth reaches `depth_m`, or a timed depth below it (earlier, thus safe); `None` = never.
    fn first(&self, depth_m: f64) -> Option<f64> {
        if self.peak_m < depth_m {
            return None;
        }
        let at = self.reaches.partition_point(|r| r.0 <= depth_m + 1e-9);
        // Reached, but nothing at or below it was timed: then at an unknown time, so from the start.
        Some(if at == 0 { 0.0 } else { self.reaches[at - 1].1 })
    }
}

/// When the water closes a link to a mode, and where it slows it down: (from s, share). A bridge stands above the water of its cells. A
/// boat has no closing but the hazard: before there is water it is told by the third value, the opening.
pub fn closing_for(mode: &Mode, water: &LinkWater, bridge: bool) -> (Option<Closing>, Vec<(f64, f64)>, Option<f64>) {
    if bridge {
        let opens = mode.needs_depth_m.map(|_| f64::INFINITY);
        return (None, Vec::new(), opens);
    }
    let mut closings = Vec::new();
    let mut slower = Vec::new();
    if let Some((limit, at_s)) = mode.limit_m().and_then(|limit| Some((limit, water.first(limit)?))) {
        closings.push(Closing { at_s, cause: Cause::Depth(limit) });
    }
    for pair in mode.depth_factors.windows(2) {
        if let Some(at_s) = water.first(pair[0].below_m) {
            slower.push((at_s, pair[1].factor));
        }
    }
    if let Some((class, at_s)) = water.hazard.filter(|h| h.0 >= mode.closed_from_hazard) {
        closings.push(Closing { at_s, cause: Cause::Hazard(class) });
    }
    slower.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    let opens = mode.needs_depth_m.map(|depth| water.first(depth).unwrap_or(f64::INFINITY));
    let first = closings.into_iter().min_by(|a, b| a.at_s.total_cmp(&b.at_s));
    (first, slower, opens)
}

/// When wind closes a bridge to a mode: the first time it reaches the mode's limit. `wind`: (Beaufort, first time s it is reached), any
/// order; a force that is not listed is not reached.
pub fn wind_closing(mode: &Mode, bridge: bool, wind: &[(u8, f64)]) -> Option<Closing> {
    let limit = mode.bridge_wind.filter(|_| bridge)?;
    let reached = wind.iter().filter(|w| w.0 >= limit).min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(Closing { at_s: reached.1, cause: Cause::Wind(reached.0) })
}
