use dayu_base::RiskColour;
use dayu_impact::{Crossing, ObjectImpact, Quantity};

/// Whether and when an object reaches a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Reach {
    /// reached; first time and last time at or above, s from start, as far as they are known
    Yes {
        /// first time; where the exact threshold was not tracked, that of the next lower one (earlier, thus safe)
        at_s: Option<f64>,
        /// last time at or above
        until_s: Option<f64>,
    },
    /// not reached
    No,
    /// nothing could be computed
    Unknown,
}

/// Thresholds are written with two decimals; anything nearer than this is the same threshold.
const SAME_M: f64 = 1e-6;

/// First and last time of a threshold that is known to be reached.
fn times(crossing: Option<&Crossing>) -> Reach {
    Reach::Yes { at_s: crossing.and_then(|c| c.at_s), until_s: crossing.and_then(|c| c.until_s) }
}

fn lowest_reached(object: &ObjectImpact) -> Option<&Crossing> {
    object.crossings.iter().filter(|c| c.at_s.is_some()).min_by(|a, b| a.threshold.total_cmp(&b.threshold))
}

/// Depth at or above `depth_m`. The peak decides; the crossings only say when.
pub(crate) fn reaches_depth(object: &ObjectImpact, depth_m: f64) -> Reach {
    let (Quantity::Depth, Some(peak)) = (object.quantity, object.peak.filter(|p| p.is_finite())) else {
        return Reach::Unknown;
    };
    let exact = object.crossings.iter().find(|c| (c.threshold - depth_m).abs() < SAME_M);
    if peak < depth_m && exact.is_none_or(|c| c.at_s.is_none()) {
        return Reach::No;
    }
    if exact.is_some() {
        return times(exact);
    }
    let lower = object.crossings.iter().filter(|c| c.threshold < depth_m && c.at_s.is_some());
    times(lower.max_by(|a, b| a.threshold.total_cmp(&b.threshold)))
}

/// Colour at or above `colour`, timed by the threshold that brought the object's colour when that is the one asked for,
/// else by the lowest threshold reached (earlier, thus safe); slopes above yellow by the highest.
pub(crate) fn reaches_colour(object: &ObjectImpact, colour: RiskColour) -> Reach {
    if object.colour == RiskColour::Unknown {
        return Reach::Unknown;
    }
    if object.colour < colour {
        return Reach::No;
    }
    let reached = || object.crossings.iter().filter(|c| c.at_s.is_some());
    let slope =
        matches!(object.quantity, Quantity::RainRatio | Quantity::FailureProbability | Quantity::InstrumentRatio);
    if slope && colour >= RiskColour::Orange {
        return times(reached().max_by(|a, b| a.threshold.total_cmp(&b.threshold)));
    }
    let decisive = object.threshold.filter(|_| object.colour == colour);
    let exact = decisive.and_then(|t| reached().find(|c| (c.threshold - t).abs() < SAME_M));
    times(exact.or_else(|| lowest_reached(object)))
}

/// Depth from which an object counts as threatened when the plan names none: the lane limit, m (GB 50014-2021 §4.1.4,
/// recalled).
const LANE_LIMIT_M: f64 = 0.15;

/// First time the object is threatened: 0.15 m of water, or the first threshold of a slope.
pub(crate) fn first_threshold(object: &ObjectImpact) -> Reach {
    match object.quantity {
        Quantity::Depth => reaches_depth(object, LANE_LIMIT_M),
        Quantity::RainRatio | Quantity::FailureProbability | Quantity::InstrumentRatio | Quantity::Wind => {
            lowest_reached(object).map_or(Reach::No, |c| times(Some(c)))
        }
        Quantity::Unknown => Reach::Unknown,
    }
}
