//! Rain files of EPA SWMM: the user-prepared format, `station year month day hour minute value`, rows only where it rains; and those of
//! the US weather service (`nws.rs`).

use crate::nws::{is_nws, read_nws};
use crate::read::{line_name, shown};
use crate::series::Series;
use dayu_base::{Finding, Instant, Text, Zone};
use std::collections::BTreeMap;
use std::path::Path;

/// Begin of an interval (s from start), its value and its line in the file.
pub(crate) type Reading = (f64, f64, usize);

/// Reads a rain file into rates of mm/h with one column per station. `unit` is `mm` (depth of the recording interval) or `mm/h`; files of
/// the US weather service state their own. The
/// recording interval is the shortest spacing of two rows of a station; what is not listed between first and last row is dry, as the
/// format has it. Times are wall-clock times of `zone`, for the format has no zone.
///
/// # Errors
/// `TAB-040` not readable, `TAB-041` unit not given or not one of the two, `TAB-042` a line that is none, `TAB-043` a time that does
/// not exist, `TAB-044` times not rising, `TAB-045` too few rows for an interval, `TAB-060`–`TAB-062` other formats that SWMM reads.
pub fn read_swmm_rain(
    path: &Path,
    start: Instant,
    zone: &Zone,
    unit: Option<&str>,
) -> Result<(Series, Vec<Finding>), Finding> {
    let named = |f: Finding| f.in_file(shown(path));
    let text = std::fs::read_to_string(path).map_err(|e| {
        named(Finding::error(
            "TAB-040",
            Text::new(format!("文件无法读取：{e}"), format!("the file cannot be read: {e}")),
            Text::new("请检查路径、权限与编码（应为文本）", "check path, permissions and encoding (it must be text)"),
        ))
    })?;
    let lines: Vec<(usize, &str)> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(k, line)| (k + 1, line.split(';').next().unwrap_or_default().trim_end()))
        .filter(|(_, line)| !line.trim().is_empty())
        .collect();
    // Headings may stand before the data.
    let head = &lines[..lines.len().min(HEADINGS)];
    for (_, line) in head {
        if is_nws(line).map_err(named)? {
            let (stations, interval_s, found) = read_nws(&lines, start, zone).map_err(named)?;
            let series = columns(path, &stations, interval_s, 3600.0 / interval_s);
            return Ok((series, found.into_iter().map(named).collect()));
        }
    }
    let depth = match unit {
        Some("mm") => true,
        Some("mm/h") => false,
        _ => {
            return Err(named(
                Finding::error(
                    "TAB-041",
                    Text::new("SWMM 雨量文件不写单位", "a SWMM rain file does not state its unit"),
                    Text::new(
                        "在 [[rain]] 写 unit = \"mm\"（时段雨量）或 \"mm/h\"（雨强）",
                        "write unit = \"mm\" (depth of the interval) or \"mm/h\" (intensity) in [[rain]]",
                    ),
                )
                .field("unit"),
            ));
        }
    };
    let mut stations: BTreeMap<String, Vec<Reading>> = BTreeMap::new();
    for (number, line) in lines {
        let (id, at_s, value) = row(line.trim(), start, zone).map_err(|f| named(f).at(line_name(number)))?;
        let rows = stations.entry(id).or_default();
        if rows.last().is_some_and(|(before, ..)| *before >= at_s) {
            return Err(named(Finding::error(
                "TAB-044",
                Text::new("该站的时间没有严格递增", "the times of the station do not rise strictly"),
                Text::new("按时间排序并去掉重复行", "sort by time and drop repeated rows"),
            ))
            .at(line_name(number)));
        }
        rows.push((at_s, value, number));
    }
    let spacings = stations.values().flat_map(|rows| rows.windows(2).map(|w| w[1].0 - w[0].0));
    let Some(interval_s) = spacings.min_by(f64::total_cmp) else {
        return Err(named(Finding::error(
            "TAB-045",
            Text::new("行数不足，无法得到记录间隔", "too few rows to tell the recording interval"),
            Text::new(
                "每站至少两行；或改用 time_s,mm_h 的 CSV",
                "give two rows per station, or use a CSV of time_s,mm_h",
            ),
        )));
    };
    let series = columns(path, &stations, interval_s, if depth { 3600.0 / interval_s } else { 1.0 });
    let said = named(Finding::info(
        "TAB-046",
        Text::new(
            format!("SWMM 雨量文件：记录间隔取 {interval_s:.0} 秒，未列时段按无雨，时间按数据集时区"),
            format!(
                "SWMM rain file: a recording interval of {interval_s:.0} s is taken, unlisted intervals are dry, times are of the dataset's zone"
            ),
        ),
        Text::new("若不符，请改用 time_s,mm_h 的 CSV", "if that is wrong, use a CSV of time_s,mm_h"),
    ));
    Ok((series, vec![said]))
}

/// Lines among which the first of data stands.
const HEADINGS: usize = 5;

fn row(line: &str, start: Instant, zone: &Zone) -> Result<(String, f64, f64), Finding> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let no_row = || {
        Finding::error(
            "TAB-042",
            Text::new(format!("不是雨量行：“{line}”"), format!("this is no rain row: '{line}'")),
            Text::new(
                "应为：站号 年 月 日 时 分 值，或美国 NWS 的 TD-3240、TD-3260",
                "write: station year month day hour minute value, or TD-3240, TD-3260 of the US weather service",
            ),
        )
    };
    let [id, year, month, day, hour, minute, value] = parts[..] else { return Err(no_row()) };
    let number = |t: &str| t.parse::<u32>().map_err(|_| no_row());
    let value: f64 = value.parse().ok().filter(|v: &f64| v.is_finite()).ok_or_else(no_row)?;
    let clock = format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:00",
        number(year)?,
        number(month)?,
        number(day)?,
        number(hour)?,
        number(minute)?
    );
    let at = zone.civil(&clock).ok_or_else(|| {
        Finding::error(
            "TAB-043",
            Text::new(format!("时间 {clock} 不存在"), format!("the time {clock} does not exist")),
            Text::new("改正该行", "correct the row"),
        )
    })?;
    Ok((id.to_string(), at.duration_since(start).as_secs_f64(), value))
}

/// Steps of all stations on one axis: every begin and every end of an interval.
fn columns(path: &Path, stations: &BTreeMap<String, Vec<Reading>>, interval_s: f64, factor: f64) -> Series {
    let all = || stations.values().flatten();
    let mut time_s: Vec<f64> = all().flat_map(|(t, ..)| [*t, t + interval_s]).collect();
    time_s.sort_by(f64::total_cmp);
    time_s.dedup_by(|a, b| (*a - *b).abs() < 1e-3);
    let at = |t: f64| time_s.partition_point(|x| *x < t - 1e-3);
    let mut lines = vec![0; time_s.len()];
    let mut columns = Vec::new();
    for (id, rows) in stations {
        let mut values = vec![0.0; time_s.len()];
        for (from, value, line) in rows {
            for k in at(*from)..at(from + interval_s) {
                values[k] = value * factor;
            }
            if let Some(slot) = lines.get_mut(at(*from)) {
                *slot = *line;
            }
        }
        columns.push((id.clone(), values));
    }
    Series { path: path.into(), time_s, columns, lines }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(text: &str, unit: Option<&str>) -> Result<(Series, Vec<Finding>), Finding> {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("rain.dat");
        std::fs::write(&path, text).unwrap();
        let zone = Zone::named("Asia/Shanghai").unwrap();
        read_swmm_rain(&path, "2021-07-25T08:00:00+08:00".parse().unwrap(), &zone, unit)
    }

    #[test]
    fn depths_become_rates_and_unlisted_intervals_are_dry() {
        let text = ";station rain\nA 2021 7 25 8 0 2.5\nA 2021 7 25 8 15 5.0\nB 2021 07 25 09 00 1.0\n";
        let (s, found) = read(text, Some("mm")).unwrap();
        assert_eq!(s.time_s, [0.0, 900.0, 1800.0, 3600.0, 4500.0]);
        assert_eq!(s.column("A").unwrap(), [10.0, 20.0, 0.0, 0.0, 0.0]);
        assert_eq!(s.column("B").unwrap(), [0.0, 0.0, 0.0, 4.0, 0.0]);
        assert_eq!(found[0].code, "TAB-046");
        let (s, _) = read(text, Some("mm/h")).unwrap();
        assert_eq!(s.column("A").unwrap()[..2], [2.5, 5.0]);
    }

    #[test]
    fn bad_files_are_refused() {
        let code = |text: &str, unit| read(text, unit).unwrap_err().code;
        let row = "A 2021 7 25 8 0 2.5\n";
        assert_eq!(code(row, None), "TAB-041");
        assert_eq!(code(row, Some("mm")), "TAB-045");
        assert_eq!(code("A 2021 7 25 8 2.5\n", Some("mm")), "TAB-042");
        assert_eq!(code("A 2021 2 30 8 0 2.5\n", Some("mm")), "TAB-043");
        assert_eq!(code(&format!("{row}{row}"), Some("mm")), "TAB-044");
        assert_eq!(code("A 2021 7 25 8 0 nan\n", Some("mm")), "TAB-042");
    }
}
