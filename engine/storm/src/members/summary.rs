use serde::{Deserialize, Serialize};

/// Share of members in which something happens, with how sure such a share is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probability {
    /// members in which it happens
    pub hits: u32,
    /// members in which it is known
    pub members: u32,
    /// share, 0–1
    pub share: f64,
    /// limits of the 90 % interval of Wilson (1927): what so few members can tell
    pub interval: (f64, f64),
}

/// Probability of an event from what each member says; `None` in a member = unknown there. `None` when no member knows.
pub fn probability(happens: impl IntoIterator<Item = Option<bool>>) -> Option<Probability> {
    let (mut hits, mut members) = (0, 0);
    for known in happens.into_iter().flatten() {
        members += 1;
        hits += u32::from(known);
    }
    if members == 0 {
        return None;
    }
    const Z: f64 = 1.644_853_627;
    let (n, p) = (f64::from(members), f64::from(hits) / f64::from(members));
    let middle = (p + Z * Z / (2.0 * n)) / (1.0 + Z * Z / n);
    let half = Z / (1.0 + Z * Z / n) * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    // At the ends the formula is exact; rounding would leave 1e-17.
    let low = if hits == 0 { 0.0 } else { (middle - half).max(0.0) };
    let high = if hits == members { 1.0 } else { (middle + half).min(1.0) };
    let interval = (low, high);
    Some(Probability { hits, members, share: p, interval })
}

/// The three members that products draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrawnMembers {
    /// 10 %: low
    pub low: usize,
    /// 50 %: likely
    pub likely: usize,
    /// 90 %: high
    pub high: usize,
}

/// The members at 10, 50 and 90 % of a measure of how bad each is (nearest rank; ties by number). `None` without members or when a
/// measure is not a number.
pub fn drawn_members(measure: &[f64]) -> Option<DrawnMembers> {
    if measure.is_empty() || measure.iter().any(|m| m.is_nan()) {
        return None;
    }
    let mut order: Vec<usize> = (0..measure.len()).collect();
    order.sort_by(|a, b| measure[*a].total_cmp(&measure[*b]).then(a.cmp(b)));
    let rank = |q: f64| order[((q * measure.len() as f64).ceil() as usize).clamp(1, measure.len()) - 1];
    Some(DrawnMembers { low: rank(0.1), likely: rank(0.5), high: rank(0.9) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn shares_carry_their_sample() {
        let p = probability([Some(true), None, Some(false), Some(true), Some(true)]).unwrap();
        assert_eq!((p.hits, p.members, p.share), (3, 4, 0.75));
        assert!(p.interval.0 < 0.5 && p.interval.1 > 0.9);
        assert_eq!(probability([None, None]), None);
        let all = probability(vec![Some(true); 20]).unwrap();
        assert!(all.interval.0 < 0.9 && all.interval.1 == 1.0, "twenty of twenty is not certain");
    }

    #[test]
    fn the_drawn_members_are_members() {
        let measure: Vec<f64> = (0..20).map(|k| f64::from((k * 7) % 20)).collect();
        let d = drawn_members(&measure).unwrap();
        assert_eq!((measure[d.low], measure[d.likely], measure[d.high]), (1.0, 9.0, 17.0));
        assert_eq!(drawn_members(&[5.0]), Some(DrawnMembers { low: 0, likely: 0, high: 0 }));
        assert_eq!(drawn_members(&[]), None);
    }
}
