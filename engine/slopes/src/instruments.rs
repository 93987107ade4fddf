//! Slopes with instruments: what the readings say. A silent instrument is an alarm about data, never a sign of safety.

use dayu_base::{RiskColour, Text};
use serde::{Deserialize, Serialize};

/// What an instrument measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InstrumentKind {
    /// displacement, mm
    Displacement,
    /// opening of a crack, mm
    Crack,
    /// tilt, degrees
    Tilt,
    /// pore pressure as head over the base, m
    PoreHead,
}

impl InstrumentKind {
    /// The kind with that name.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "displacement" => Some(Self::Displacement),
            "crack" => Some(Self::Crack),
            "tilt" => Some(Self::Tilt),
            "pore_head" => Some(Self::PoreHead),
            _ => None,
        }
    }
    fn zh(self) -> &'static str {
        match self {
            Self::Displacement => "位移",
            Self::Crack => "裂缝",
            Self::Tilt => "倾斜",
            Self::PoreHead => "孔压水头",
        }
    }
}

/// Readings of one instrument, rising in time; NaN = no reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Readings {
    /// what
    pub kind: InstrumentKind,
    /// (s from start, value in the unit of the kind)
    pub rows: Vec<(f64, f64)>,
}

/// Limits of blue, yellow, orange, red per kind. All are defaults of this program (thresholds of domain §3.3, D).
#[derive(Clone, Debug, PartialEq)]
pub struct InstrumentRules {
    /// displacement rate, mm a day: yellow, orange, red
    pub rate_mm_d: [f64; 3],
    /// growth of a crack in 24 h, mm: yellow, orange, red
    pub crack_mm: [f64; 3],
    /// change of tilt in 24 h, degrees: yellow, orange, red
    pub tilt_deg: [f64; 3],
    /// head over the base, m: yellow, orange, red
    pub head_m: [f64; 3],
    /// no reading for longer than this is an alarm about data, s
    pub silent_s: f64,
}

impl Default for InstrumentRules {
    /// 2, 5, 10 mm/d; crack 5, 10, 20 mm; tilt 0.1, 0.2, 0.5°; head 1.0, 1.5, 2.0 m; silence after 30 min.
    fn default() -> Self {
        Self {
            rate_mm_d: [2.0, 5.0, 10.0],
            crack_mm: [5.0, 10.0, 20.0],
            tilt_deg: [0.1, 0.2, 0.5],
            head_m: [1.0, 1.5, 2.0],
            silent_s: 1800.0,
        }
    }
}

/// What the instruments of a slope say by an instant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InstrumentState {
    /// worst colour of those that speak; `Unknown` when all are silent
    pub colour: RiskColour,
    /// largest value over its yellow limit
    pub ratio: f64,
    /// first time yellow was reached, s from start
    pub warn_at_s: Option<f64>,
    /// first time orange was reached, s from start
    pub act_at_s: Option<f64>,
    /// instruments without a reading for too long
    pub silent: u32,
    /// time of failure by the inverse of the velocity, s from start, when three readings accelerate
    pub failure_at_s: Option<f64>,
    /// in words
    pub note: Text,
}

const DAY_S: f64 = 86_400.0;

/// Judges the readings known by `until_s`. `None` when there is no instrument.
///
/// Rates are taken over the last 24 h of readings (or what there is, at least 30 min apart). Three rates that rise one after the other
/// raise a displacement by one colour, and give a time of failure by the inverse velocity (Fukuzono 1985): the straight line through
/// the last three values of 1/v meets zero then; only told while velocities are above 1 mm a day.
pub fn judge_instruments(readings: &[Readings], rules: &InstrumentRules, until_s: f64) -> Option<InstrumentState> {
    if readings.is_empty() {
        return None;
    }
    let mut state = InstrumentState {
        colour: RiskColour::Unknown,
        ratio: 0.0,
        warn_at_s: None,
        act_at_s: None,
        silent: 0,
        failure_at_s: None,
        note: Text::default(),
    };
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    for one in readings {
        let known: Vec<(f64, f64)> = one.rows.iter().copied().filter(|(t, v)| *t <= until_s && v.is_finite()).collect();
        let last = known.last().map(|r| r.0);
        if last.is_none_or(|t| until_s - t > rules.silent_s) {
            state.silent += 1;
            zh.push(format!("{}无读数超过{:.0}分钟（数据报警，不等于安全）", one.kind.zh(), rules.silent_s / 60.0));
            en.push(format!("{:?} silent (data alarm, not safety)", one.kind));
            continue;
        }
        let (limits, values) = match one.kind {
            InstrumentKind::Displacement => (rules.rate_mm_d, changes(&known, true)),
            InstrumentKind::Crack => (rules.crack_mm, changes(&known, false)),
            InstrumentKind::Tilt => (rules.tilt_deg, changes(&known, false)),
            InstrumentKind::PoreHead => (rules.head_m, known.clone()),
        };
        let step = |v: f64| limits.iter().take_while(|l| v.abs() >= **l).count();
        let Some((_, now)) = values.last().copied() else {
            state.colour = state.colour.max(RiskColour::Low);
            continue;
        };
        let accelerates = one.kind == InstrumentKind::Displacement
            && values.len() >= 3
            && values[values.len() - 3..].windows(2).all(|w| w[1].1 > w[0].1 && w[0].1 > 0.0);
        let raised = usize::from(accelerates && step(now) > 0);
        let colours = [RiskColour::Low, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red];
        state.colour = state.colour.max(colours[(step(now) + raised).min(3)]);
        state.ratio = state.ratio.max(now.abs() / limits[0]);
        let first = |n: usize| values.iter().find(|v| step(v.1) >= n).map(|v| v.0);
        let earlier = |a: Option<f64>, b: Option<f64>| a.into_iter().chain(b).min_by(f64::total_cmp);
        state.warn_at_s = earlier(state.warn_at_s, first(1));
        state.act_at_s = earlier(state.act_at_s, first(2));
        if accelerates {
            let failure = inverse_velocity(&values[values.len() - 3..]).filter(|t| *t > until_s);
            state.failure_at_s = earlier(state.failure_at_s, failure);
        }
        if step(now) > 0 {
            let more = if accelerates { "，加速" } else { "" };
            zh.push(format!("{}监测值 {now:.2}，为黄色限值的 {:.1} 倍{more}", one.kind.zh(), now.abs() / limits[0]));
            en.push(format!("{:?} {now:.2}, {:.1} of its yellow limit", one.kind, now.abs() / limits[0]));
        }
    }
    state.note = Text::new(zh.join("；"), en.join("; "));
    Some(state)
}

/// Change over the day before each reading: per day, or as it stands.
fn changes(rows: &[(f64, f64)], per_day: bool) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    for (k, (t, v)) in rows.iter().enumerate() {
        let from = rows[..k].iter().find(|r| t - r.0 <= DAY_S).filter(|r| t - r.0 >= 1800.0);
        if let Some((t0, v0)) = from {
            found.push((*t, if per_day { (v - v0) * DAY_S / (t - t0) } else { v - v0 }));
        }
    }
    found
}

/// Time at which the straight line (least squares) through 1/v of three readings meets zero.
fn inverse_velocity(rates_mm_d: &[(f64, f64)]) -> Option<f64> {
    if rates_mm_d.iter().any(|(_, v)| *v < 1.0) {
        return None;
    }
    let n = rates_mm_d.len() as f64;
    let (mt, mi) = rates_mm_d.iter().fold((0.0, 0.0), |s, (t, v)| (s.0 + t / n, s.1 + 1.0 / v / n));
    let (mut stt, mut sti) = (0.0, 0.0);
    for (t, v) in rates_mm_d {
        stt += (t - mt) * (t - mt);
        sti += (t - mt) * (1.0 / v - mi);
    }
    let slope = sti / stt;
    (stt > 0.0 && slope < 0.0).then(|| mt - mi / slope)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn displacement(rows: &[(f64, f64)]) -> Vec<Readings> {
        let rows = rows.iter().map(|(h, v)| (h * 3600.0, *v)).collect();
        vec![Readings { kind: InstrumentKind::Displacement, rows }]
    }

    fn judge(rows: &[(f64, f64)], until_h: f64) -> InstrumentState {
        judge_instruments(&displacement(rows), &InstrumentRules::default(), until_h * 3600.0).unwrap()
    }

    #[test]
    fn rates_have_colours_and_only_what_is_known_counts() {
        assert_eq!(judge(&[(0.0, 0.0), (24.0, 1.0)], 24.0).colour, RiskColour::Low);
        assert_eq!(judge(&[(0.0, 0.0), (24.0, 3.0)], 24.0).colour, RiskColour::Yellow);
        assert_eq!(judge(&[(0.0, 0.0), (24.0, 6.0)], 24.0).colour, RiskColour::Orange);
        let s = judge(&[(0.0, 0.0), (24.0, 12.0), (24.2, 90.0)], 24.0);
        assert_eq!((s.colour, s.act_at_s), (RiskColour::Red, Some(86_400.0)));
    }

    #[test]
    fn silence_is_an_alarm_and_no_colour() {
        let s = judge(&[(0.0, 0.0), (24.0, 1.0)], 25.0);
        assert_eq!((s.colour, s.silent), (RiskColour::Unknown, 1));
        assert!(s.note.zh.contains("数据报警"));
        assert_eq!(judge_instruments(&[], &InstrumentRules::default(), 0.0), None);
    }

    #[test]
    fn acceleration_raises_and_tells_the_time_of_failure() {
        // v = 1 / (A (tf − t)) with tf = 60 h: displacement −ln(tf − t)·A, read every 6 h; rates over the day before lag a little.
        let rows: Vec<(f64, f64)> =
            (0..9).map(|k| f64::from(k) * 6.0).map(|h| (h, -2.0 * libm::log((60.0 - h) / 60.0))).collect();
        let slow: Vec<(f64, f64)> = rows.iter().map(|(h, v)| (*h, v * 0.2)).collect();
        assert_eq!(judge(&slow, 48.0).colour, RiskColour::Low);
        let fast: Vec<(f64, f64)> = rows.iter().map(|(h, v)| (*h, v * 5.0)).collect();
        let s = judge(&fast, 48.0);
        assert!(s.colour >= RiskColour::Orange);
        let failure_h = s.failure_at_s.unwrap() / 3600.0;
        assert!((56.0..80.0).contains(&failure_h), "{failure_h}");
    }
}
