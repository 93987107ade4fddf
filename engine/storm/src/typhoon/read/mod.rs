//! Track files of the agencies: text → tracks. Nothing here opens a file.

mod cma;
mod ibtracs;
mod jma;
mod operational;

pub use cma::read_cma_best_track;
pub use ibtracs::read_ibtracs_csv;
pub use jma::read_jma_best_track;
pub use operational::{Operational, read_cma_operational};

use super::track::{Agency, Track};
use dayu_base::{Finding, Instant, Text, Zone};

/// One knot, m/s.
const KNOT_M_S: f64 = 0.514_444;
/// One nautical mile, km.
const NAUTICAL_MILE_KM: f64 = 1.852;

/// Reads a track whatever its format, told from its text: CMA best track, JMA best track, CMA operational JSON or IBTrACS CSV.
///
/// `storm` is the number or name asked for; it may be left out when the file holds one storm. `zone` is the zone of times that carry no
/// offset (operational JSON); without it such times are refused. From operational files the newest forecast, when there is one, follows
/// the analysed fixes.
///
/// # Errors
/// `TRK-020` unknown format; else as the readers say.
pub fn read_track(text: &str, storm: Option<&str>, zone: Option<&Zone>) -> Result<(Track, Vec<Finding>), Finding> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let head = text.trim_start();
    if head.starts_with('[') || head.starts_with('{') {
        let (read, findings) = read_cma_operational(text, storm, zone)?;
        return Ok((read.with_forecast(), findings));
    }
    if head.starts_with("66666") {
        // Data lines tell the two apart: ten digits of time in China, eight in Japan.
        let data = head.lines().find(|l| !l.starts_with("66666")).unwrap_or_default();
        let time = data.split_whitespace().next().unwrap_or_default();
        return if time.len() == 8 { read_jma_best_track(text, storm) } else { read_cma_best_track(text, storm) };
    }
    let first = head.lines().next().unwrap_or_default().to_ascii_lowercase();
    if first.split(',').any(|c| matches!(c.trim(), "sid" | "track_id")) {
        return read_ibtracs_csv(text, storm, Agency::Cma);
    }
    Err(Finding::error(
        "TRK-020",
        Text::new("不是可识别的台风路径文件", "the file is no track format known here"),
        Text::new(
            "支持：CMA 最佳路径、CMA 实时路径 JSON、JMA bst、IBTrACS 的 CSV 与 NetCDF",
            "known: CMA best track, CMA operational JSON, JMA bst, CSV and NetCDF of IBTrACS",
        ),
    )
    .field("track"))
}

fn row(n: usize) -> String {
    format!("第{n}行 row {n}")
}

fn not_found(storm: Option<&str>, known: &[String]) -> Finding {
    let list = known.iter().take(12).cloned().collect::<Vec<_>>().join(", ");
    let (zh, en) = match storm {
        Some(s) => (format!("文件中没有台风“{s}”"), format!("the file has no storm '{s}'")),
        None => ("文件中有多个台风，须指明".to_string(), "the file holds several storms: name one".to_string()),
    };
    Finding::error(
        "TRK-021",
        Text::new(zh, en),
        Text::new(
            format!("写 storm = 编号或名称；文件中有：{list}"),
            format!("write storm = number or name; the file has: {list}"),
        ),
    )
    .field("storm")
}

fn bad_row(n: usize, field: &str, text: &str) -> Finding {
    Finding::error(
        "TRK-022",
        Text::new(format!("“{text}”无法读作{field}"), format!("'{text}' cannot be read as {field}")),
        Text::new("按该格式的说明改正该行", "mend the row after the format's description"),
    )
    .at(row(n))
    .field(field)
}

/// Names match without regard to case, spaces and hyphens.
fn same_name(a: &str, b: &str) -> bool {
    let plain = |s: &str| s.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    !plain(a).is_empty() && plain(a) == plain(b)
}

/// UTC instant of calendar digits; `None` when there is no such date.
fn utc(year: &str, month: &str, day: &str, hour: &str) -> Option<Instant> {
    format!("{year}-{month}-{day}T{hour}:00:00Z").parse().ok()
}

/// A truncated storm: its header promises other than the file holds.
fn count_differs(n: usize, promised: usize, found: usize) -> Finding {
    Finding::warning(
        "TRK-023",
        Text::new(
            format!("台风头注明 {promised} 行，实有 {found} 行：文件可能不完整"),
            format!("the header promises {promised} lines, {found} are there: the file may be cut"),
        ),
        Text::new("重新取得完整文件", "fetch the whole file again"),
    )
    .at(row(n))
}
