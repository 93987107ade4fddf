//! Rain files of the US weather service that SWMM reads: hourly (TD-3240, element HPCP) and quarter-hourly (TD-3260, QPCP)
//! precipitation in fixed, space- or comma-delimited fields (NCDC, Data Documentation for DSI-3240 and DSI-3260; EPA SWMM Reference
//! Manual I). One line is a day of a station: what it was, then groups of time, value and two flags. Times end their interval; only wet
//! intervals are listed, and hour 25 is the sum of the day.

use crate::read::line_name;
use crate::swmm::Reading;
use dayu_base::{Finding, Instant, Text, Zone};
use std::collections::BTreeMap;

/// A hundredth of an inch, mm.
const HUNDREDTH_MM: f64 = 0.254;
/// Value of an interval that was not measured.
const MISSING: i64 = 99_999;
/// Columns of a group in fixed fields: time, value, two flags.
const GROUP: usize = 12;
/// The same in fields parted by a blank.
const SPACED_GROUP: usize = 16;

/// Fields of a line.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Fixed,
    Spaced,
    Comma,
}

/// Readings of all stations (depths of intervals, mm; NaN = unknown), the interval, and what must be said.
pub(crate) type Readings = (BTreeMap<String, Vec<Reading>>, f64, Vec<Finding>);

/// A line's element and where it stands; `None` for a line of another format.
fn element(line: &str) -> Option<(&str, usize)> {
    let (at, name) = ["HPCP", "QPCP", "QGAG"].iter().filter_map(|e| Some((line.find(e)?, *e))).min()?;
    // The station, of six digits, stands before it.
    let digits = line.get(..at)?.chars().filter(char::is_ascii_digit).count();
    (digits >= 6).then(|| (&line[at..at + name.len()], at))
}

/// The format of a file whose first line of data is this: `Ok(true)` one of these, `Ok(false)` another (the user-prepared).
///
/// # Errors
/// `TAB-060` for a format that SWMM reads and this program does not, by name.
pub(crate) fn is_nws(line: &str) -> Result<bool, Finding> {
    let head = line.trim_start();
    if element(line).is_some() {
        return Ok(true);
    }
    let digits = head.chars().take_while(char::is_ascii_digit).count();
    let name = if head.starts_with("COOP:") {
        "NCDC online (COOP:)"
    } else if digits >= 16 && head.len() > 150 {
        "Environment Canada (AES/CMC HLY03, HLY21, FIF21)"
    } else {
        return Ok(false);
    };
    Err(Finding::error(
        "TAB-060",
        Text::new(
            format!("SWMM 雨量文件为 {name} 格式，本程序不读"),
            format!("the SWMM rain file is of the format {name}, which is not read"),
        ),
        Text::new(
            "请换成“站号 年 月 日 时 分 值”的格式，或 time_s,mm_h 的 CSV",
            "convert it to 'station year month day hour minute value', or to a CSV of time_s,mm_h",
        ),
    ))
}

/// Reads the lines of a file.
///
/// # Errors
/// `TAB-061` a line that is none, `TAB-062` a unit or element that is not read, `TAB-043` a day that does not exist, `TAB-044` times that
/// do not rise.
pub(crate) fn read_nws(lines: &[(usize, &str)], start: Instant, zone: &Zone) -> Result<Readings, Finding> {
    let mut days: Vec<Day> = Vec::new();
    for (number, line) in lines {
        // Headings of the delimited files.
        if element(line).is_none() && days.is_empty() {
            continue;
        }
        days.push(day(line, *number, start, zone).map_err(|f| f.at(line_name(*number)))?);
    }
    let interval_s = days.first().map_or(3600.0, |d| d.interval_s);
    if let Some(other) = days.iter().find(|d| d.interval_s != interval_s) {
        return Err(not_read("HPCP 与 QPCP 混用", "HPCP and QPCP in one file").at(line_name(other.line)));
    }
    let mut stations: BTreeMap<String, Station> = BTreeMap::new();
    for day in &days {
        let station = stations.entry(day.station.clone()).or_default();
        for group in &day.groups {
            station.take(group, interval_s).map_err(|f| f.at(line_name(group.line)))?;
        }
    }
    let mut findings = Vec::new();
    let spread: usize = stations.values().map(|s| s.spread).sum();
    let unknown: usize = stations.values().map(|s| s.unknown).sum();
    findings.push(Finding::info(
        "TAB-063",
        Text::new(
            format!("美国 NWS 雨量文件：间隔 {interval_s:.0} 秒，单位百分之一英寸，时间为间隔末（按数据集时区），未列时段按无雨；{unknown} 个时段缺测，按未知"),
            format!("NWS rain file: intervals of {interval_s:.0} s in hundredths of an inch, times end them (in the dataset's zone), unlisted ones are dry; {unknown} intervals are missing: unknown"),
        ),
        Text::default(),
    ));
    if spread > 0 {
        findings.push(Finding::warning(
            "TAB-064",
            Text::new(
                format!("{spread} 个时段只有合计雨量（标志 a…A），按均匀分配，峰值偏低"),
                format!(
                    "{spread} intervals are known by their sum alone (flags a…A) and share it evenly: peaks are too low"
                ),
            ),
            Text::new("有逐时雨量时请改用", "use hourly values where there are any"),
        ));
    }
    Ok((stations.into_iter().map(|(id, s)| (id, s.readings)).collect(), interval_s, findings))
}

struct Day {
    station: String,
    interval_s: f64,
    line: usize,
    groups: Vec<Group>,
}

/// One reported value.
struct Group {
    /// end of the interval, s from start
    end_s: f64,
    /// mm; `None` = not measured
    mm: Option<f64>,
    flag: char,
    line: usize,
}

/// Readings of a station, and periods that are open.
#[derive(Default)]
struct Station {
    readings: Vec<Reading>,
    /// begin of a missing period, and of one whose sum alone is known
    missing_from_s: Option<f64>,
    sum_from_s: Option<f64>,
    spread: usize,
    unknown: usize,
}

impl Station {
    fn take(&mut self, group: &Group, interval_s: f64) -> Result<(), Finding> {
        let from_s = group.end_s - interval_s;
        if self.readings.last().is_some_and(|r| r.0 > from_s - 1.0) {
            return Err(Finding::error(
                "TAB-044",
                Text::new("该站的时间没有严格递增", "the times of the station do not rise strictly"),
                Text::new("按时间排序并去掉重复行", "sort by time and drop repeated rows"),
            ));
        }
        match group.flag {
            '[' | '{' => {
                self.missing_from_s = Some(from_s);
                self.push(from_s, group.end_s, f64::NAN, interval_s, group.line);
            }
            ']' | '}' => {
                let from_s = self.missing_from_s.take().map_or(from_s, |begin| begin + interval_s);
                self.push(from_s, group.end_s, f64::NAN, interval_s, group.line);
            }
            // The hours before the sum are told with it.
            'a' => self.sum_from_s = Some(from_s),
            'A' => {
                let from_s = self.sum_from_s.take().unwrap_or(from_s);
                let n = ((group.end_s - from_s) / interval_s).round().max(1.0);
                self.spread += n as usize;
                self.push(from_s, group.end_s, group.mm.map_or(f64::NAN, |mm| mm / n), interval_s, group.line);
            }
            _ => self.push(from_s, group.end_s, group.mm.unwrap_or(f64::NAN), interval_s, group.line),
        }
        Ok(())
    }

    fn push(&mut self, from_s: f64, end_s: f64, mm: f64, interval_s: f64, line: usize) {
        let n = ((end_s - from_s) / interval_s).round().max(0.0) as usize;
        self.unknown += if mm.is_nan() { n } else { 0 };
        self.readings.extend((0..n).map(|k| (from_s + k as f64 * interval_s, mm, line)));
    }
}

fn day(line: &str, number: usize, start: Instant, zone: &Zone) -> Result<Day, Finding> {
    let no_line = || {
        Finding::error(
            "TAB-061",
            Text::new("不是 NWS 雨量行", "this is no line of NWS rain"),
            Text::new("核对文件是否完整（TD-3240、TD-3260）", "check that the file is whole (TD-3240, TD-3260)"),
        )
    };
    if !line.is_ascii() {
        return Err(no_line());
    }
    let (name, at) = element(line).ok_or_else(no_line)?;
    let interval_s = match name {
        "HPCP" => 3600.0,
        "QPCP" => 900.0,
        _ => return Err(not_read("QGAG 为雨量筒累计读数", "QGAG are readings of the bucket")),
    };
    let layout = match line.as_bytes().get(at + 4) {
        Some(b',') => Layout::Comma,
        Some(b' ') => Layout::Spaced,
        _ => Layout::Fixed,
    };
    let after = &line[at + 4..];
    // Unit, year, month, day; then groups of time, value and two flags.
    let (head, groups): (Vec<&str>, Vec<[&str; 3]>) = match layout {
        Layout::Comma => {
            let parts: Vec<&str> = after.trim_start_matches(',').split(',').map(str::trim).collect();
            let groups = parts.get(4..).unwrap_or_default().chunks(4).filter(|g| g.len() >= 2 && !g[0].is_empty());
            let groups = groups.map(|g| [g[0], g[1], g.get(2).copied().unwrap_or_default()]).collect();
            (parts.into_iter().take(4).collect(), groups)
        }
        Layout::Spaced => {
            let head: Vec<&str> = after.split_ascii_whitespace().take(4).collect();
            // " HI 2020 01 30", then " HHMM vvvvvv F F".
            let rest = after.get(14..).unwrap_or_default();
            let of = |k: usize| {
                let g = rest.get(k * SPACED_GROUP..)?;
                Some([g.get(1..5)?, g.get(6..12)?.trim(), g.get(13..14).unwrap_or_default()])
            };
            (head, (0..).map_while(of).collect())
        }
        Layout::Fixed => {
            let head = [after.get(..2), after.get(2..6), after.get(6..8), after.get(8..12)];
            let rest = after.get(15..).unwrap_or_default();
            let of = |k: usize| {
                let g = rest.get(k * GROUP..)?;
                Some([g.get(..4)?, g.get(4..10)?.trim(), g.get(10..11).unwrap_or_default()])
            };
            (head.into_iter().flatten().collect(), (0..).map_while(of).collect())
        }
    };
    let [unit, year, month, day] = head[..] else { return Err(no_line()) };
    if unit != "HI" {
        return Err(not_read(&format!("单位 {unit}"), &format!("the unit {unit}")));
    }
    let whole = |text: &str| text.trim().parse::<i64>().map_err(|_| no_line());
    let clock = format!("{:04}-{:02}-{:02}T00:00:00", whole(year)?, whole(month)?, whole(day)?);
    let midnight = zone.civil(&clock).ok_or_else(|| {
        Finding::error(
            "TAB-043",
            Text::new(format!("时间 {clock} 不存在"), format!("the time {clock} does not exist")),
            Text::new("改正该行", "correct the row"),
        )
    })?;
    let midnight_s = midnight.duration_since(start).as_secs_f64();
    // Behind the kind of the record ("HPD", "15M") in fixed fields.
    let six = line[..at].split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.get(..6));
    let station = six.ok_or_else(no_line)?.to_string();
    let mut list = Vec::new();
    for [time, value, flag] in groups {
        let (time, value) = (whole(time)?, whole(value)?);
        let (hour, minute) = (time / 100, time % 100);
        // Hour 25 is the sum of the day.
        if hour == 25 {
            continue;
        }
        if !(0..=24).contains(&hour) || !(0..60).contains(&minute) {
            return Err(no_line());
        }
        let flag = flag.chars().next().unwrap_or(' ');
        let known = (0..MISSING).contains(&value) && !['M', '[', ']', '{', '}', 'a'].contains(&flag);
        list.push(Group {
            end_s: midnight_s + (hour * 3600 + minute * 60) as f64,
            mm: known.then_some(value as f64 * HUNDREDTH_MM),
            flag,
            line: number,
        });
    }
    Ok(Day { station, interval_s, line: number, groups: list })
}

fn not_read(zh: &str, en: &str) -> Finding {
    Finding::error(
        "TAB-062",
        Text::new(format!("NWS 雨量文件：{zh}，本程序不读"), format!("NWS rain file: {en}, which is not read")),
        Text::new("请换成 time_s,mm_h 的 CSV", "convert it to a CSV of time_s,mm_h"),
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Readings, Finding> {
        let lines: Vec<(usize, &str)> = text.lines().enumerate().map(|(k, l)| (k + 1, l)).collect();
        read_nws(&lines, "2021-07-25T00:00:00+08:00".parse().unwrap(), &Zone::named("Asia/Shanghai").unwrap())
    }

    /// 0.25 in up to 1 h, 0.10 in up to 2 h, 3 h missing, the day's sum.
    const FIXED: &str = "HPD12345600HPCPHI20210700250040100000025  0200000010  0300099999M 2500000035I \n";
    const COMMA: &str = "COOPID,CD,ELEM,UN,YEAR,MO,DA,TIME,VALUE,F,F\n123456,00,HPCP,HI,2021,07,25,0100,    25, , ,0200,    10, , ,0300, 99999,M, ,2500,    35,I, ,\n";
    const SPACED: &str =
        "123456 00 HPCP HI 2021 07 25 0100     25     0200     10     0300  99999 M   2500     35 I  \n";

    #[test]
    fn three_layouts_tell_the_same() {
        let (stations, interval_s, found) = read(FIXED).unwrap();
        let own = &stations["123456"];
        assert_eq!(interval_s, 3600.0);
        assert_eq!((own[0].0, own[1].0, own[2].0, own.len()), (0.0, 3600.0, 7200.0, 3));
        assert!((own[0].1 - 6.35).abs() < 1e-12 && (own[1].1 - 2.54).abs() < 1e-12 && own[2].1.is_nan());
        assert!(found[0].code == "TAB-063" && found[0].message.en.contains("1 intervals are missing"), "{found:?}");
        for text in [COMMA, SPACED] {
            let (other, ..) = read(text).unwrap();
            let bits = |s: &BTreeMap<String, Vec<Reading>>| {
                s["123456"].iter().map(|r| (r.0.to_bits(), r.1.to_bits())).collect::<Vec<_>>()
            };
            assert_eq!(bits(&stations), bits(&other), "{text}");
        }
        let named = SPACED.replace("123456 ", &format!("123456 {:30} ", "SOMEWHERE"));
        assert_eq!(read(&named).unwrap().0["123456"].len(), 3);
    }

    #[test]
    fn missing_periods_are_unknown_and_sums_are_shared_evenly() {
        // Missing from 1 h to 4 h; 0.60 in between 5 h and 8 h by its sum alone; a quarter of an hour elsewhere.
        let text = "HPD12345600HPCPHI20210700250040200099999[ 0400099999] 0600099999a 0800000060A \n";
        let (stations, _, found) = read(text).unwrap();
        let own = &stations["123456"];
        let hours: Vec<f64> = own.iter().map(|r| r.0 / 3600.0).collect();
        assert_eq!(hours, [1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
        assert!(own[..3].iter().all(|r| r.1.is_nan()));
        assert!(own[3..].iter().all(|r| (r.1 - 5.08).abs() < 1e-12), "{own:?}");
        assert_eq!(found[1].code, "TAB-064");
        let quarter = "15M12345600QPCPHI20210700250010015000010  \n";
        let (stations, interval_s, _) = read(quarter).unwrap();
        assert_eq!((interval_s, stations["123456"][0].0), (900.0, 0.0));
    }

    #[test]
    fn other_formats_are_refused_by_name() {
        let code = |t: &str| read(t).unwrap_err().code;
        assert_eq!(code(&FIXED.replace("HI2021", "HT2021")), "TAB-062");
        assert_eq!(code(&FIXED.replace("HPCP", "QGAG")), "TAB-062");
        assert_eq!(code(&FIXED.replace("20210700250", "20210200300")), "TAB-043");
        assert_eq!(code(&format!("{FIXED}{FIXED}")), "TAB-044");
        assert_eq!(code(&FIXED.replace("0100000025", "01000000x5")), "TAB-061");
        assert_eq!(is_nws("COOP:123456       20210725 01:00      25").unwrap_err().code, "TAB-060");
        assert_eq!(is_nws(&format!("6158350021072512300{}", "00000 ".repeat(30))).unwrap_err().code, "TAB-060");
        assert!(!is_nws("A 2021 7 25 8 0 2.5").unwrap() && is_nws(FIXED).unwrap());
    }
}
