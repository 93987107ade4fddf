//! A link in time: how fast one moves on it when, until when it is open. Whole milliseconds, rounded to the safe side.

/// Never closes; a time no run reaches.
pub(crate) const ALWAYS: i64 = i64::MAX;
/// No time is early enough.
pub(crate) const NEVER: i64 = i64::MIN;

/// What closes a link.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// water reaches a depth, m
    Depth(f64),
    /// ARR class of depth and speed
    Hazard(u8),
    /// a slope above it, by object id
    Slope(String),
    /// wind on a bridge, Beaufort
    Wind(u8),
    /// closed by order, by id of the order or the closed point
    Order(String),
}

/// When a link closes and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Closing {
    /// s from start
    pub at_s: f64,
    /// why
    pub cause: Cause,
}

/// A link in one direction for one mode.
#[derive(Clone, Debug, PartialEq)]
pub struct TimedLink {
    /// node it leaves
    pub from: u32,
    /// node it leads to
    pub to: u32,
    /// m
    pub metres: f64,
    /// number of the road link it stands for, for reports
    pub edge: u32,
    /// (from s on, share of the dry speed, 0 < share ≤ 1), ascending; 1 before the first
    pub slower: Vec<(f64, f64)>,
    /// open from, s; `None` = from the start
    pub opens_s: Option<f64>,
    /// nobody is on it after this time, s; `None` = never closes
    pub closes_s: Option<f64>,
}

pub(crate) fn ms_floor(s: f64) -> i64 {
    (s * 1000.0).floor().clamp(-9e15, 9e15) as i64
}
pub(crate) fn ms_ceil(s: f64) -> i64 {
    (s * 1000.0).ceil().clamp(-9e15, 9e15) as i64
}

impl TimedLink {
    fn closes_ms(&self) -> i64 {
        self.closes_s.map_or(ALWAYS, ms_floor)
    }
    fn opens_ms(&self) -> i64 {
        self.opens_s.map_or(NEVER, ms_ceil)
    }
    /// Share of the speed in force just before `at`, and since when.
    fn piece_before(&self, at: i64) -> (f64, i64) {
        let later = self.slower.partition_point(|p| ms_ceil(p.0) < at);
        if later == 0 { (1.0, NEVER) } else { (self.slower[later - 1].1, ms_ceil(self.slower[later - 1].0)) }
    }

    /// Latest time, ms, to begin `metres` of this link and be through by `by` and before it closes. [`NEVER`] if there is none.
    pub(crate) fn latest_entry(&self, metres: f64, by: i64, speed_m_s: f64) -> i64 {
        let mut at = by.min(self.closes_ms());
        if at == ALWAYS || at == NEVER || speed_m_s <= 0.0 {
            return if speed_m_s > 0.0 { at } else { NEVER };
        }
        let mut left = metres;
        loop {
            let (share, since) = self.piece_before(at);
            if share <= 0.0 {
                return NEVER;
            }
            let needs = ms_ceil(left / (speed_m_s * share));
            if since == NEVER || at - needs >= since {
                let entry = at - needs;
                return if entry >= self.opens_ms() { entry } else { NEVER };
            }
            left -= (at - since) as f64 / 1000.0 * speed_m_s * share;
            at = since;
        }
    }

    /// When one who enters at `at`, ms, is through; `None` if it closes or is not yet open.
    pub(crate) fn exit(&self, metres: f64, at: i64, speed_m_s: f64) -> Option<i64> {
        if at < self.opens_ms() || speed_m_s <= 0.0 {
            return None;
        }
        let (mut now, mut left) = (at, metres);
        loop {
            let next = self.slower.partition_point(|p| ms_ceil(p.0) <= now);
            let share = if next == 0 { 1.0 } else { self.slower[next - 1].1 };
            if share <= 0.0 {
                return None;
            }
            let until = self.slower.get(next).map_or(ALWAYS, |p| ms_ceil(p.0));
            // One millisecond less per piece than the search back rounds up.
            let needs = (left / (speed_m_s * share) * 1000.0).floor() as i64;
            if until == ALWAYS || now + needs <= until {
                now += needs;
                return (now <= self.closes_ms()).then_some(now);
            }
            left -= (until - now) as f64 / 1000.0 * speed_m_s * share;
            now = until;
        }
    }
}
