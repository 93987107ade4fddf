use dayu_base::RiskColour;
use dayu_impact::{ObjectImpact, Quantity};

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

/// Depth at or above `depth_m`.
pub(crate) fn reaches_depth(object: &ObjectImpact, depth_m: f64) -> Reach {
    let (Quantity::Depth, Some(peak)) = (object.quantity, object.peak) else { return Reach::Unknown };
    if let Some(c) = object.crossings.iter().find(|c| (c.threshold - depth_m).abs() < SAME_M) {
        return match c.at_s {
            Some(at) => Reach::Yes { at_s: Some(at), until_s: c.until_s },
            None => Reach::No,
        };
    }
    if peak < depth_m {
        return Reach::No;
    }
    let lower = object.crossings.iter().filter(|c| c.threshold < depth_m).max_by(|a, b| a.threshold.total_cmp(&b.threshold));
    Reach::Yes { at_s: lower.and_then(|c| c.at_s), until_s: lower.and_then(|c| c.until_s) }
}

/// Colour at or above `colour`. Slopes are timed by their crossings (yellow: the lowest, above: the highest reached),
/// objects in water by the threshold that decided their colour.
pub(crate) fn reaches_colour(object: &ObjectImpact, colour: RiskColour) -> Reach {
    if object.colour == RiskColour::Unknown {
        return Reach::Unknown;
    }
    if object.colour < colour {
        return Reach::No;
    }
    let reached = || object.crossings.iter().filter(|c| c.at_s.is_some());
    let first = if object.quantity == Quantity::RainRatio && colour >= RiskColour::Orange {
        reached().max_by(|a, b| a.threshold.total_cmp(&b.threshold))
    } else {
        reached().min_by(|a, b| a.threshold.total_cmp(&b.threshold))
    };
    Reach::Yes { at_s: first.and_then(|c| c.at_s), until_s: first.and_then(|c| c.until_s) }
}

/// First time any threshold of the object is reached.
pub(crate) fn first_threshold(object: &ObjectImpact) -> Reach {
    if object.quantity == Quantity::Unknown || object.peak.is_none() {
        return Reach::Unknown;
    }
    let first = object.crossings.iter().filter(|c| c.at_s.is_some()).min_by(|a, b| a.threshold.total_cmp(&b.threshold));
    first.map_or(Reach::No, |c| Reach::Yes { at_s: c.at_s, until_s: c.until_s })
}
