use crate::reach::{Reach, first_threshold, reaches_colour, reaches_depth};
use crate::wording::number;
use crate::{Before, DecideInput, OrderTime, Selector};
use dayu_base::{ResponseLevel, Text};
use dayu_impact::ObjectImpact;
use std::collections::BTreeMap;

/// Times that deadlines hang on.
pub(crate) struct Timetable<'a> {
    rain_peak_s: Option<f64>,
    /// dusks, s from start, ascending, a day before the start to a day after the end
    dusks: Vec<f64>,
    openings: BTreeMap<ResponseLevel, f64>,
    input: &'a DecideInput<'a>,
}

/// What is asked of a deadline.
pub(crate) struct Due<'b> {
    pub level: ResponseLevel,
    pub before: &'b [Before],
    pub within_min: Option<f64>,
    pub daylight: bool,
    pub object: Option<&'b ObjectImpact>,
    pub selector: Option<&'b Selector>,
}

const MINUTE_S: f64 = 60.0;
const HOUR_S: f64 = 3600.0;
const DAY_S: f64 = 86_400.0;

impl<'a> Timetable<'a> {
    pub fn new(input: &'a DecideInput<'a>, openings: BTreeMap<ResponseLevel, f64>) -> Self {
        let dusk = input.plan.plan.dusk_hour;
        let mut dusks = Vec::new();
        let mut at = -DAY_S;
        let mut before = input.local_hour(at);
        while at <= input.duration_s + DAY_S {
            at += MINUTE_S;
            let hour = input.local_hour(at);
            if before.is_some_and(|h| h < dusk) && hour.is_some_and(|h| h >= dusk) {
                dusks.push(at);
            }
            before = hour;
        }
        // The wettest hour is told by its end; who must be away before the rain peak leaves before that hour begins.
        let rain_peak_s = input.impact.rain.peak_at_s.map(|end_s| (end_s - HOUR_S).max(0.0));
        Self { rain_peak_s, dusks, openings, input }
    }

    /// When the level opens; `None` = it never did in this replay.
    pub fn opening(&self, level: ResponseLevel) -> Option<f64> {
        self.openings.get(&level).copied()
    }

    /// When something that `from` asks for can be ordered on the sheet of `sheet`: once the first of the levels between them opens. Where
    /// none does, it is assumed to be ordered with the last level below that does, or at the earliest.
    pub fn order(&self, from: ResponseLevel, sheet: ResponseLevel) -> OrderTime {
        let as_of_s = self.input.as_of_s;
        // After the end everything is looked back on: what was known at each time is not limited to its end.
        let earliest_s = if as_of_s < self.input.duration_s { as_of_s.max(0.0) } else { 0.0 };
        let opened = self.openings.range(from.min(sheet)..=sheet).map(|(_, at_s)| *at_s).min_by(f64::total_cmp);
        let below = || self.openings.range(..=sheet).map(|(_, at_s)| *at_s).max_by(f64::total_cmp);
        OrderTime { at_s: opened.or_else(below).unwrap_or(0.0).max(earliest_s), assumed: opened.is_none() }
    }

    fn is_night(&self, at_s: f64) -> bool {
        let head = &self.input.plan.plan;
        self.input.local_hour(at_s).is_some_and(|h| h >= head.dusk_hour || h < head.dawn_hour)
    }

    fn one(&self, before: Before, due: &Due<'_>) -> (Option<f64>, Text) {
        let opened = self.opening(due.level);
        let known = |at: Option<f64>, zh: &str, en: &str| match at {
            Some(t) => (Some(t), Text::new(zh, en)),
            None => (None, Text::new(format!("{zh}（时间未知）"), format!("{en} (time unknown)"))),
        };
        match before {
            Before::AtOnce => (opened, Text::new("立即", "at once")),
            Before::RainPeak => known(self.rain_peak_s, "雨峰前", "before the rain peak"),
            Before::Threshold => {
                let reach = due.object.map_or(Reach::Unknown, |o| match due.selector {
                    Some(Selector { depth_m: Some(d), .. }) => reaches_depth(o, *d),
                    Some(Selector { min_colour: Some(c), .. }) => reaches_colour(o, *c),
                    _ => first_threshold(o),
                });
                match reach {
                    Reach::Yes { at_s, .. } => known(at_s, "达到阈值前", "before the threshold is reached"),
                    Reach::No => (None, Text::new("计算不达阈值", "threshold not reached in the computation")),
                    Reach::Unknown => known(None, "达到阈值前", "before the threshold is reached"),
                }
            }
            Before::Dusk => {
                let dusk = opened.and_then(|t| self.dusks.iter().copied().find(|d| *d >= t));
                known(dusk, "启动后首个黄昏前", "before the first dusk after opening")
            }
            Before::Wind8 => self.wind(8, due.object),
            Before::Wind10 => self.wind(10, due.object),
            Before::OwnPlan => {
                (None, Text::new("按单位自有预案，时间未知", "by the institution's own plan, time unknown"))
            }
            Before::Warning => {
                (None, Text::new("按水利预警，时间未知", "on the water authority's warning, time unknown"))
            }
        }
    }

    /// Arrival of a force of wind at an object, or first anywhere in the district. Without a track it is unknown; a track that covers
    /// the scenario can also exclude it.
    fn wind(&self, grade: u8, object: Option<&ObjectImpact>) -> (Option<f64>, Text) {
        let zh = format!("{grade}级大风到达前");
        let en = format!("before wind Beaufort {grade} arrives");
        let unknown = || (None, Text::new(format!("{zh}（时间未知）"), format!("{en} (time unknown)")));
        let Some(storm) = &self.input.impact.storm else { return unknown() };
        let own = object.and_then(|o| storm.winds.get(&o.object_id));
        let arrival = match own {
            Some(wind) => wind.arrival(grade),
            None => storm.first_arrival(grade),
        };
        match arrival {
            Some(t) => (Some(t), Text::new(format!("{zh}（模型估算）"), format!("{en} (modelled)"))),
            None if storm.complete() => (
                None,
                Text::new(
                    format!("计算时段内不达{grade}级风"),
                    format!("wind Beaufort {grade} not reached in the computation"),
                ),
            ),
            None => unknown(),
        }
    }

    /// The deadline and why: the earliest of what is known, in daylight where asked, never before the level opens (then
    /// it reads 立即). What cannot be computed is named in the note and stays `None`.
    pub fn deadline(&self, due: &Due<'_>) -> (Option<f64>, Text) {
        let opened = self.opening(due.level);
        let mut parts: Vec<(Option<f64>, Text)> = due.before.iter().map(|b| self.one(*b, due)).collect();
        if let Some(min) = due.within_min {
            let (m, level) = (number(min), due.level);
            let zh = format!("{}启动后{m}分钟内", level.zh());
            let en = format!("within {m} min of opening {}", level.en());
            parts.push((opened.map(|t| t + min * MINUTE_S), Text::new(zh, en)));
        }
        let mut at = parts.iter().filter_map(|(t, _)| *t).min_by(f64::total_cmp);
        let mut zh: Vec<String> = parts.iter().map(|(_, n)| n.zh.clone()).collect();
        let mut en: Vec<String> = parts.into_iter().map(|(_, n)| n.en).collect();
        if let Some(t) = at.filter(|t| due.daylight && self.is_night(*t)) {
            at = Some(self.dusks.iter().copied().rfind(|d| *d <= t).unwrap_or(0.0));
            zh.push("期限在夜间，提前到天黑前".into());
            en.push("falls into the night, brought forward to dusk".into());
        }
        if let (Some(t), Some(o)) = (at, opened)
            && t < o
        {
            at = Some(o);
            zh.push("该时刻早于启动，立即执行".into());
            en.push("earlier than the opening: at once".into());
        }
        if opened.is_none() {
            zh.push("本次复盘中该级未达启动条件".into());
            en.push("this level was not reached in the replay".into());
        }
        (at.map(|t| t.max(0.0)), Text::new(zh.join("；"), en.join("; ")))
    }
}
