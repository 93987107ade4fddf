//! Warnings against reported events: hits and misses at the events, alarms at random other times of the same places. The rain comes
//! from a climatology along the track of the storm that the report names; events of other rain cannot be scored and are counted.

use crate::book::Picture;
use crate::judge::{Line, Verdict};
use crate::picture::WHOLE;
use crate::plot::RUNS;
use crate::plot::chart::{Chart, Manner, Panel, Series};
use crate::source::{Folder, Wrong};
use crate::table::Table;
use dayu_base::{Instant, Text};
use dayu_slopes::{IntensityDuration, SlopeThresholds, assess_slope};
use dayu_storm::members::{Probability, probability};
use dayu_storm::typhoon::{Track, WindModel, convert_wind, distance_km, rcliper, read_cma_best_track};
use dayu_storm::verification::CounterRandom;
use dayu_storm::{CumulativeRain, StepSeries};
use serde::Deserialize;

/// Days are uncertain by one: the three days around a report are one chance to warn.
const WINDOW_H: usize = 72;
const HOUR_S: f64 = 3600.0;
/// Durations at which intensity is held against a curve, h.
const DURATIONS_H: [f64; 8] = [1.0, 2.0, 3.0, 6.0, 12.0, 24.0, 48.0, 72.0];

/// A back-test of `tables.toml`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackTest {
    /// name in the report
    name: String,
    /// reported events: columns longitude, latitude, that of the time, and perhaps storm_name and location_accuracy
    events: String,
    /// CMA best tracks of the storms, one after another
    tracks: String,
    /// column of the time: `m/d/yyyy`, `yyyy/m/d` or `yyyy/m/d_h:mm`
    time: String,
    /// hours of the reports' clock ahead of UTC
    zone_h: i64,
    /// storm of all events, where the table names none
    storm: Option<String>,
    /// events known within this distance take part, where the table states an accuracy, km
    within_km: f64,
    /// random times per event
    draws: u64,
    /// of these draws
    seed: u64,
}

/// Thresholds that are tried: word in the report, name on the picture.
const THRESHOLDS: [(&str, &str); 4] = [
    ("hk_0.6", "香港滚动雨量 ×0.6"),
    ("hk_1.0", "香港滚动雨量 ×1.0"),
    ("caine", "Caine 1980"),
    ("guzzetti", "Guzzetti 2008"),
];

fn warnings(rain: &StepSeries) -> [bool; THRESHOLDS.len()] {
    let until_s = WINDOW_H as f64 * HOUR_S;
    let ratio = assess_slope(rain, None, false, &SlopeThresholds::default(), 0.0, until_s).ratio;
    let sums = CumulativeRain::new(rain);
    let beyond = |id: &str| {
        let curve = IntensityDuration::ALL.iter().find(|c| c.id == id);
        DURATIONS_H.iter().any(|h| {
            let mean = sums.maximum(*h, 0.0, until_s).rain_mm / h;
            curve.and_then(|c| c.mm_h(*h)).is_some_and(|limit| mean >= limit)
        })
    };
    [ratio >= 0.6, ratio >= 1.0, beyond("Caine1980"), beyond("Guzzetti2008_all")]
}

/// Hourly rain of a storm at a place from an instant on; none where the track does not reach.
fn rain(track: &Track, place: (f64, f64), from_s: f64) -> StepSeries {
    let rate = |k: usize| {
        let centre = WindModel::default().centre(track, from_s + (k as f64 + 0.5) * HOUR_S)?;
        Some(rcliper(convert_wind(centre.largest_2min_m_s, 120.0, 60.0)).mm_h(distance_km(centre.place, place)))
    };
    StepSeries {
        time_s: (0..WINDOW_H).map(|k| k as f64 * HOUR_S).collect(),
        value: (0..WINDOW_H).map(|k| rate(k).unwrap_or(0.0)).collect(),
    }
}

struct Event {
    place: (f64, f64),
    /// of the window, seconds since 1970
    from_s: f64,
    track: usize,
}

/// Events left out: no storm named (rain unknown), place not known well enough, no time.
#[derive(Default)]
struct LeftOut {
    no_rain: usize,
    vague: usize,
    no_time: usize,
}

impl BackTest {
    pub fn judge(&self, case: &dyn Folder) -> (Vec<Line>, Vec<Picture>) {
        match self.score(case) {
            Ok(found) => found,
            Err(why) => (vec![Line::without("back-test", &self.name, None, Verdict::Fail, why.0)], Vec::new()),
        }
    }

    fn score(&self, case: &dyn Folder) -> Result<(Vec<Line>, Vec<Picture>), Wrong> {
        let tracks = self.read_tracks(case)?;
        let (events, left_out) = self.read_events(case, &tracks)?;
        if events.is_empty() {
            return Err(Wrong::new(format!("{}: no event can be scored", self.events)));
        }
        let at_events: Vec<_> = events.iter().map(|e| warnings(&rain(&tracks[e.track], e.place, e.from_s))).collect();
        let random = CounterRandom::new(self.seed);
        let mut at_random = Vec::new();
        for (k, event) in events.iter().enumerate() {
            for draw in 0..self.draws {
                let at = |n: u64| (k as u64 * self.draws + draw) * 64 + n;
                if let Some((track, from_s)) = (0..32).find_map(|n| other_time(&tracks, event, &random, at(2 * n))) {
                    at_random.push(warnings(&rain(&tracks[track], event.place, from_s)));
                }
            }
        }
        let mut storms: Vec<usize> = events.iter().map(|e| e.track).collect();
        storms.sort_unstable();
        storms.dedup();
        let mut lines = vec![
            self.told("events_scored", events.len() as f64, &format!("{} 场台风 storms；三日窗 windows of three days；雨量为 R-CLIPER 气候廓线（沿 CMA 最佳路径），不是实测 rain is a climatology along the track, not measured", storms.len())),
            self.told("events_without_rain", left_out.no_rain as f64, "未指明台风，无雨量资料，不能评分 no storm is named: no rain at hand, not scored"),
            self.told("events_too_vague", left_out.vague as f64, &format!("位置精度大于 {} km 或未知 place known less well", self.within_km)),
            self.told("events_without_time", left_out.no_time as f64, "时间缺失 no time"),
        ];
        let share = |list: &[[bool; THRESHOLDS.len()]], t: usize| probability(list.iter().map(|w| Some(w[t])));
        let mut shares = Vec::new();
        for (t, (id, _)) in THRESHOLDS.iter().enumerate() {
            let (Some(hit), Some(alarm)) = (share(&at_events, t), share(&at_random, t)) else { continue };
            let counted =
                |p: &Probability| format!("{}/{}，90% {:.2}–{:.2}", p.hits, p.members, p.interval.0, p.interval.1);
            lines.push(self.told(
                &format!("{id} hit_rate"),
                hit.share,
                &format!("{id} 命中 hits {}，漏报 misses {}", counted(&hit), hit.members - hit.hits),
            ));
            lines.push(self.told(
                &format!("{id} alarm_rate"),
                alarm.share,
                &format!("{id} 随机时段空报 alarms at random times {}", counted(&alarm)),
            ));
            lines.push(self.told(
                &format!("{id} skill"),
                hit.share - alarm.share,
                "技巧 = 命中率 − 随机时段报警率 skill = hit rate − alarm rate at random times",
            ));
            shares.push((hit, alarm));
        }
        Ok((lines, vec![self.picture(&shares)]))
    }

    fn told(&self, name: &str, value: f64, why: &str) -> Line {
        Line { why: why.into(), ..Line::held("back-test", &format!("{} {name}", self.name), value, None) }
    }

    fn read_tracks(&self, case: &dyn Folder) -> Result<Vec<Track>, Wrong> {
        let text = case.text(&self.tracks)?;
        let mut blocks: Vec<String> = Vec::new();
        for line in text.lines() {
            if line.starts_with("66666") {
                blocks.push(String::new());
            }
            if let Some(block) = blocks.last_mut() {
                block.push_str(line);
                block.push('\n');
            }
        }
        let read = |block: &String| read_cma_best_track(block, None).map(|(t, _)| t);
        blocks
            .iter()
            .map(read)
            .collect::<Result<_, _>>()
            .map_err(|f| Wrong::new(format!("{}: {}", self.tracks, f.message)))
    }

    fn read_events(&self, case: &dyn Folder, tracks: &[Track]) -> Result<(Vec<Event>, LeftOut), Wrong> {
        let table = Table::parse(&self.events, &case.text(&self.events)?)?;
        let (lon, lat, time) = (table.numbers("longitude")?, table.numbers("latitude")?, table.words(&self.time)?);
        let storms = if table.has("storm_name") { Some(table.words("storm_name")?) } else { None };
        let accuracy = if table.has("location_accuracy") { Some(table.words("location_accuracy")?) } else { None };
        let (mut events, mut left_out) = (Vec::new(), LeftOut::default());
        for k in 0..lon.len() {
            let storm = self.storm.as_deref().or(storms.as_ref().map(|s| s[k])).unwrap_or_default();
            if storm.is_empty() {
                left_out.no_rain += 1;
                continue;
            }
            if accuracy.as_ref().is_some_and(|a| known_within_km(a[k]).is_none_or(|km| km > self.within_km)) {
                left_out.vague += 1;
                continue;
            }
            let Some(day_s) = self.day_unix_s(time[k]) else {
                left_out.no_time += 1;
                continue;
            };
            let from_s = day_s - 86_400.0;
            // A name comes again after years: the storm must live in the window.
            let lives = |t: &Track| {
                (t.begins().as_second() as f64) < from_s + WINDOW_H as f64 * HOUR_S
                    && (t.ends().as_second() as f64) > from_s
            };
            match tracks.iter().position(|t| named(storm, &t.name) && lives(t)) {
                Some(track) => events.push(Event { place: (lon[k], lat[k]), from_s, track }),
                None => left_out.no_rain += 1,
            }
        }
        Ok((events, left_out))
    }

    /// Midnight of the reported day, seconds since 1970.
    fn day_unix_s(&self, text: &str) -> Option<f64> {
        let date = text.split('_').next()?;
        let parts: Vec<u32> = date.split('/').map(|p| p.trim().parse().ok()).collect::<Option<_>>()?;
        let [a, b, c] = parts[..] else { return None };
        let (year, month, day) = if a > 31 { (a, b, c) } else { (c, a, b) };
        let midnight: Instant = format!("{year:04}-{month:02}-{day:02}T00:00:00Z").parse().ok()?;
        Some((midnight.as_second() - self.zone_h * 3600) as f64)
    }

    /// Hit rate and alarm rate side by side with their intervals.
    fn picture(&self, shares: &[(Probability, Probability)]) -> Picture {
        let side = |label: &str, colour: &str, shift: f64, of: fn(&(Probability, Probability)) -> Probability| {
            let bars = shares.iter().enumerate().flat_map(|(k, p)| {
                let (x, p) = (k as f64 + shift, of(p));
                [(x, p.interval.0), (x, p.interval.1)]
            });
            let points = shares.iter().enumerate().map(|(k, p)| (k as f64 + shift, of(p).share));
            [
                Series { label: label.into(), colour: colour.into(), manner: Manner::Bars, points: bars.collect() },
                Series {
                    label: String::new(),
                    colour: colour.into(),
                    manner: Manner::Circles,
                    points: points.collect(),
                },
            ]
        };
        let series = [
            side("命中率 hit rate", RUNS[0], -0.12, |p| p.0),
            side("随机时段报警率 alarm rate at random times", RUNS[1], 0.12, |p| p.1),
        ];
        let chart = Chart {
            width: WHOLE,
            x_label: "阈值 threshold".into(),
            panels: vec![Panel { y_label: "比例 share".into(), height: 190.0, series: series.concat(), zero: true }],
            names: THRESHOLDS.iter().map(|t| t.1.to_string()).collect(),
            powers: false,
        };
        Picture {
            title: Text::new("事件命中与随机时段报警", "Hits at events, alarms at random times"),
            caption: Text::new(
                "竖线为 90% 区间（Wilson）。没有可靠的“未发生”记录：命中率与报警率须并看，不给准确率。",
                "Bars are 90 % intervals (Wilson). There are no reliable negatives: read both together; no accuracy is claimed.",
            ),
            wide: true,
            svg: chart.svg(),
        }
    }
}

/// A storm and the begin of three days in its life that do not touch the window of the event.
fn other_time(tracks: &[Track], event: &Event, random: &CounterRandom, counter: u64) -> Option<(usize, f64)> {
    let track = random.below(counter, tracks.len() as u64) as usize;
    let (begins, ends) = (tracks[track].begins().as_second() as f64, tracks[track].ends().as_second() as f64);
    let length = WINDOW_H as f64 * HOUR_S;
    let from_s = begins - length + random.unit(counter + 1) * (ends - begins + length);
    let clear = (from_s - event.from_s).abs() >= length;
    clear.then_some((track, from_s))
}

/// `Known_within_5_km`, `Known_within_5km` → 5; `Exact_Location` → 0.
fn known_within_km(text: &str) -> Option<f64> {
    if text.eq_ignore_ascii_case("Exact_Location") {
        return Some(0.0);
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    text.starts_with("Known_within").then(|| digits.parse().ok())?
}

/// `Typhoon Morakot`, `Typhon Morakot (Kiko)`, `Tropical Storm Dodong (Sarika)` hold the name of the track as a word.
fn named(report: &str, name: &str) -> bool {
    let plain = |s: &str| s.to_lowercase().replace(['-', '(', ')'], " ");
    let (report, name) = (plain(report), plain(name));
    format!(" {} ", report.split_whitespace().collect::<Vec<_>>().join(" "))
        .contains(&format!(" {} ", name.split_whitespace().collect::<Vec<_>>().join(" ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_terrain::Raster;

    struct Files(String);
    impl Folder for Files {
        fn text(&self, name: &str) -> Result<String, Wrong> {
            Ok(if name == "t.txt" { self.0.clone() } else { EVENTS.into() })
        }
        fn raster(&self, name: &str) -> Result<Raster<f64>, Wrong> {
            Err(Wrong::new(name))
        }
    }

    /// One place under the track, one far from it, one without storm, one that is vague, one of another year.
    const EVENTS: &str = "date,storm_name,location_accuracy,latitude,longitude\n\
        7/3/2021,Typhoon Xx (Yy),Known_within_5_km,22.0,120.0\n\
        7/3/2021,Xx,Known_within_1km,40.0,90.0\n\
        7/3/2021,,Known_within_1km,22.0,120.0\n\
        7/3/2021,Xx,Unknown,22.0,120.0\n\
        7/3/2011,Xx,Exact_Location,22.0,120.0\n";

    #[test]
    fn hits_misses_and_what_is_left_out() {
        // A strong storm that stays for five days.
        let mut text = String::from("66666 2101   21 0001 2101 0 6 XX 20220101\n");
        for k in 0..21 {
            text += &format!("202107{:02}{:02} 6 220 1200 920 60\n", k / 4 + 1, k % 4 * 6);
        }
        let toml = "[[backtest]]\nname = \"x\"\nevents = \"e.csv\"\ntracks = \"t.txt\"\ntime = \"date\"\nzone_h = 8\nwithin_km = 10\ndraws = 5\nseed = 7\n";
        let checks = super::super::parse_tables("tables.toml", toml).unwrap();
        let (lines, pictures) = super::super::judge_tables(&Files(text), &checks);
        let value = |name: &str| lines.iter().find(|l| l.name == format!("x {name}")).unwrap().value.unwrap();
        assert_eq!([value("events_scored"), value("events_without_rain"), value("events_too_vague")], [2.0, 2.0, 1.0]);
        assert_eq!((value("hk_0.6 hit_rate"), value("caine hit_rate")), (0.5, 0.5));
        assert!(lines.iter().all(|l| l.verdict == Verdict::Info) && pictures.len() == 1);
    }

    #[test]
    fn names_in_reports() {
        assert!(named("Typhon Morakot (Kiko)", "Morakot") && named("Kong Rey", "Kong-rey") && named("Utor", "Utor"));
        assert!(!named("Typhoon Meranti", "Megi") && !named("", "Megi"));
        assert_eq!((known_within_km("Known_within_50km"), known_within_km("Unknown")), (Some(50.0), None));
    }
}
