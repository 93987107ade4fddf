use crate::instruments::{InstrumentRules, InstrumentState, Readings, judge_instruments};
use crate::soil::SoilClass;
use crate::stability::{SlopeGeometry, Stability, StabilityModel};
use crate::{RainHistory, SlopeState, SlopeThresholds, assess_slope};
use dayu_base::{RiskColour, Text};
use dayu_storm::StepSeries;
use serde::{Deserialize, Serialize};

/// What a slope's colour rests on, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlopeTier {
    /// its own instruments
    Instruments,
    /// infinite slope with water coming in, by registered geometry and soil
    InfiniteSlope,
    /// rain thresholds alone
    Rain,
}

impl SlopeTier {
    /// Name on products.
    pub fn text(self) -> Text {
        match self {
            Self::Instruments => Text::new("仪器监测", "instruments"),
            Self::InfiniteSlope => Text::new("无限边坡模型", "infinite slope"),
            Self::Rain => Text::new("雨量阈值", "rain thresholds"),
        }
    }
}

/// What is known of a slope.
#[derive(Clone, Debug, Default)]
pub struct SlopeEvidence {
    /// safety class 1 (gravest) – 3
    pub class: Option<u8>,
    /// failed before
    pub past_failure: bool,
    /// angle and depth; with `soil` it opens the second tier
    pub geometry: Option<SlopeGeometry>,
    /// soil
    pub soil: Option<SoilClass>,
    /// registered as monitored: without readings that is an alarm about data
    pub monitored: bool,
    /// readings of its instruments
    pub readings: Vec<Readings>,
}

/// Judgement on one slope.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeAssessment {
    /// tier that decided
    pub tier: SlopeTier,
    /// its colour
    pub colour: RiskColour,
    /// third tier, always computed
    pub rain: SlopeState,
    /// what rain says beside the windows of the third tier
    pub history: RainHistory,
    /// second tier, where geometry and soil are known and all rain is
    pub stability: Option<Stability>,
    /// first tier, where there are instruments
    pub instruments: Option<InstrumentState>,
    /// data alarms, in words; empty when there are none
    pub alarm: Text,
    /// what a failure may reach, in words; empty when it was not looked for or nothing can be claimed
    pub run_out: Text,
}

impl From<SlopeState> for SlopeAssessment {
    fn from(rain: SlopeState) -> Self {
        let colour = rain.colour;
        Self {
            tier: SlopeTier::Rain,
            colour,
            rain,
            history: RainHistory::default(),
            stability: None,
            instruments: None,
            alarm: Text::default(),
            run_out: Text::default(),
        }
    }
}

/// Judges a slope by the best tier there is: instruments that speak, else the infinite slope (unless it lies more than one class below
/// what rain tells, which then decides), else rain. The lower tiers are computed
/// too and stand beside it. Rain with unknown rows closes the second tier: a gap would read as dry.
///
/// `until_s` ends the rain; `known_until_s` is the instant by which readings are known.
pub fn judge_slope(
    rain_mm_h: &StepSeries,
    evidence: &SlopeEvidence,
    thresholds: &SlopeThresholds,
    rules: &InstrumentRules,
    until_s: f64,
    known_until_s: f64,
) -> SlopeAssessment {
    let history = RainHistory::of(rain_mm_h, 0.0, until_s);
    let weak = evidence.past_failure || history.is_wet();
    let rain = assess_slope(rain_mm_h, evidence.class, weak, thresholds, 0.0, until_s);
    let model = evidence.geometry.as_ref().zip(evidence.soil).and_then(|(g, s)| StabilityModel::new(g, s));
    let stability =
        model.filter(|_| rain.complete).map(|m| m.judge(&rows(rain_mm_h, until_s), first_row_s(rain_mm_h, until_s)));
    let instruments = judge_instruments(&evidence.readings, rules, known_until_s);
    let speaking = instruments.as_ref().filter(|i| i.colour != RiskColour::Unknown);
    let (tier, colour) = match (speaking, &stability) {
        (Some(i), _) => (SlopeTier::Instruments, i.colour),
        (None, Some(s)) if !far_below(s.colour(), rain.colour) => (SlopeTier::InfiniteSlope, s.colour()),
        (None, _) => (SlopeTier::Rain, rain.colour),
    };
    let alarm = match &instruments {
        None if evidence.monitored => Text::new(
            "登记为有监测，但没有读数（数据报警，不等于安全）",
            "registered as monitored, but no readings (data alarm, not safety)",
        ),
        Some(i) if i.silent > 0 => i.note.clone(),
        _ => Text::default(),
    };
    SlopeAssessment { tier, colour, rain, history, stability, instruments, alarm, run_out: Text::default() }
}

/// More than one class below: a soil known by its class alone is not good enough to overrule that much experience (D).
fn far_below(model: RiskColour, rain: RiskColour) -> bool {
    let step = |c: RiskColour| match c {
        RiskColour::Unknown | RiskColour::Low => 0,
        RiskColour::Blue => 1,
        RiskColour::Yellow => 2,
        RiskColour::Orange => 3,
        RiskColour::Red => 4,
    };
    step(rain) > step(model) + 1
}

fn first_row_s(series: &StepSeries, until_s: f64) -> f64 {
    series.time_s.first().copied().unwrap_or(0.0).min(until_s)
}

/// Rows as lengths and rates up to an instant. No row is longer than an hour, so that a failure is timed.
fn rows(series: &StepSeries, until_s: f64) -> Vec<(f64, f64)> {
    let mut rows = Vec::new();
    for (k, (from, rate)) in series.time_s.iter().zip(&series.value).enumerate() {
        let mut from = *from;
        let to = series.time_s.get(k + 1).copied().unwrap_or(until_s).min(until_s);
        while from < to {
            let length = (to - from).min(3600.0);
            rows.push((length, *rate));
            from += length;
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::InstrumentKind;

    fn storm(rate: f64) -> StepSeries {
        StepSeries { time_s: vec![0.0, 43_200.0], value: vec![rate, 0.0] }
    }

    fn judge(evidence: &SlopeEvidence, series: &StepSeries) -> SlopeAssessment {
        judge_slope(series, evidence, &SlopeThresholds::default(), &InstrumentRules::default(), 86_400.0, 86_400.0)
    }

    #[test]
    fn the_best_tier_wins_and_is_named() {
        let mut e = SlopeEvidence { monitored: true, ..SlopeEvidence::default() };
        let a = judge(&e, &storm(20.0));
        assert_eq!((a.tier, a.colour), (SlopeTier::Rain, RiskColour::Red));
        assert!(!a.alarm.zh.is_empty(), "monitored and silent");
        e.geometry = Some(SlopeGeometry { slope_deg: 25.0, soil_depth_m: None });
        e.soil = Some(SoilClass::WeatheredRock);
        let a = judge(&e, &storm(20.0));
        // So strong a rain is not talked away by a soil known by its class alone.
        assert!(a.stability.as_ref().is_some_and(|s| s.colour() < RiskColour::Orange), "{:?}", a.stability);
        assert_eq!((a.tier, a.colour), (SlopeTier::Rain, RiskColour::Red));
        let weak = judge(&e, &storm(8.0));
        assert_eq!((weak.tier, weak.rain.colour), (SlopeTier::InfiniteSlope, RiskColour::Blue));
        let rows = vec![(0.0, 0.0), (43_200.0, 3.0), (86_000.0, 6.0)];
        e.readings = vec![Readings { kind: InstrumentKind::Displacement, rows }];
        let a = judge(&e, &storm(20.0));
        assert_eq!((a.tier, a.colour), (SlopeTier::Instruments, RiskColour::Orange));
        // Silent again: the next tier decides and the silence is told.
        e.readings[0].rows.truncate(2);
        let a = judge(&e, &storm(20.0));
        assert_eq!(a.tier, SlopeTier::Rain);
        assert!(a.alarm.zh.contains("数据报警"));
    }

    #[test]
    fn a_gap_in_the_rain_closes_the_second_tier() {
        let e = SlopeEvidence {
            geometry: Some(SlopeGeometry { slope_deg: 36.0, soil_depth_m: None }),
            soil: Some(SoilClass::Colluvium),
            ..SlopeEvidence::default()
        };
        let gap = StepSeries { time_s: vec![0.0, 3600.0, 7200.0], value: vec![5.0, f64::NAN, 5.0] };
        let a = judge(&e, &gap);
        assert_eq!((a.tier, a.colour), (SlopeTier::Rain, RiskColour::Unknown));
    }
}
