//! 时间余量: how long after it can be given an order may still be given.

use crate::{DepartBy, LastDeparture};
use serde::{Deserialize, Serialize};

/// Less than this is short, s (D).
const SHORT_S: f64 = 3600.0;
/// From this on it is ample, s (D).
const AMPLE_S: f64 = 3.0 * 3600.0;

/// Class of the time between the order of a transfer and its last safe order. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepartureMargin {
    /// roads or the order are not known: not the same as enough
    Unknown,
    /// a way stays open throughout the run
    Open,
    /// three hours or more
    Ample,
    /// one to three hours
    Hours,
    /// less than an hour
    Short,
    /// no way, or the last safe order lies before the order
    Gone,
}

impl DepartureMargin {
    /// All, the worst first.
    pub const ALL: [Self; 6] = [Self::Gone, Self::Short, Self::Hours, Self::Ample, Self::Open, Self::Unknown];

    /// The class of a transfer ordered at a time, s from start (`None` = no order is known); `margin_s` is its time in seconds when there is
    /// one.
    pub fn of(departure: Option<&LastDeparture>, order_s: Option<f64>) -> Self {
        let Some(departure) = departure else { return Self::Unknown };
        match (departure.leave_by(), margin_s(departure, order_s)) {
            (DepartBy::Never, _) => Self::Gone,
            (DepartBy::Always, _) => Self::Open,
            (DepartBy::At(_), None) => Self::Unknown,
            (_, Some(s)) if s < 0.0 => Self::Gone,
            (_, Some(s)) if s < SHORT_S => Self::Short,
            (_, Some(s)) if s < AMPLE_S => Self::Hours,
            _ => Self::Ample,
        }
    }

    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Open => "open",
            Self::Ample => "ample",
            Self::Hours => "hours",
            Self::Short => "short",
            Self::Gone => "gone",
        }
    }

    /// In words.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Unknown => "余量未知",
            Self::Open => "推演期内有路",
            Self::Ample => "余量 3 小时以上",
            Self::Hours => "余量 1–3 小时",
            Self::Short => "余量不足 1 小时",
            Self::Gone => "无路或已过时刻",
        }
    }
}

/// Seconds from the order (the start of the run, if later) to the last safe order; `None` = no such time, or no order is known.
pub fn margin_s(departure: &LastDeparture, order_s: Option<f64>) -> Option<f64> {
    Some(departure.order_by_s()? - order_s?.max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaving(assigned: DepartBy) -> LastDeparture {
        LastDeparture {
            assigned: Some(assigned),
            any: DepartBy::Always,
            prepare_s: 1800.0,
            decided_by: None,
            won: Vec::new(),
            members: 1,
            holds_90: None,
            holds_50: None,
            decided_by_90: None,
        }
    }

    #[test]
    fn classes_count_from_the_opening_and_take_off_what_it_takes_to_get_ready() {
        let class = |at: DepartBy, opening| DepartureMargin::of(Some(&leaving(at)), opening);
        assert_eq!(class(DepartBy::At(3600.0 + 1799.0), Some(3600.0)), DepartureMargin::Gone);
        assert_eq!(class(DepartBy::At(3600.0 + 1800.0), Some(3600.0)), DepartureMargin::Short);
        assert_eq!(class(DepartBy::At(1800.0 + 3600.0), Some(-600.0)), DepartureMargin::Hours);
        assert_eq!(class(DepartBy::At(1800.0 + 3.0 * 3600.0), Some(0.0)), DepartureMargin::Ample);
    }

    #[test]
    fn unknown_is_never_enough_and_no_way_is_never_unknown() {
        assert_eq!(DepartureMargin::of(None, Some(0.0)), DepartureMargin::Unknown);
        assert_eq!(DepartureMargin::of(Some(&leaving(DepartBy::At(9e5))), None), DepartureMargin::Unknown);
        assert_eq!(DepartureMargin::of(Some(&leaving(DepartBy::Never)), None), DepartureMargin::Gone);
        assert_eq!(DepartureMargin::of(Some(&leaving(DepartBy::Always)), None), DepartureMargin::Open);
    }

    #[test]
    fn all_holds_each_class_once_the_worst_first() {
        assert!(DepartureMargin::ALL.windows(2).all(|w| w[0] > w[1]));
    }
}
