//! Series in: a rising column of times (or levels) and columns of numbers beside it.

use crate::read::{Table, read_table, shown};
use dayu_base::{Finding, Instant, Text};
use std::path::{Path, PathBuf};

/// Columns of numbers over a rising axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Where it came from.
    pub path: PathBuf,
    /// The axis, strictly rising: seconds since the start (or what the axis column is, such as `level_m` of a rating).
    pub time_s: Vec<f64>,
    /// Heading and values of each column, as long as the axis; NaN is unknown.
    pub columns: Vec<(String, Vec<f64>)>,
    /// Line of the file of each row, from 1.
    pub lines: Vec<usize>,
}

impl Series {
    /// Values of a column.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_slice())
    }

    /// Line of a row in the file, as findings name it; empty where no line stands for it.
    pub fn place(&self, row: usize) -> String {
        self.lines.get(row).map_or_else(String::new, |l| crate::read::line_name(*l))
    }
}

/// Reads a series. The axis is the column `axis` (`time_s`, or `level_m` of a rating); else the column `time` with RFC 3339
/// instants, counted from `start`. Columns that hold no number at all (notes) are left aside.
///
/// # Errors
/// As [`read_table`]; `TAB-020` no axis, `TAB-021` an axis cell empty or not readable, `TAB-022` the axis falls, `TAB-023`
/// the axis repeats, `TAB-025` a cell that is no number, `TAB-027` nothing beside the axis, `TAB-029` no row.
pub fn read_series(path: &Path, axis: &str, start: Option<Instant>) -> Result<(Series, Vec<Finding>), Finding> {
    let (table, mut findings) = read_table(path)?;
    let (axis_column, time_s) = axis_values(&table, axis, start)?;
    if time_s.is_empty() {
        return Err(Finding::error(
            "TAB-029",
            Text::new("序列没有数据行", "the series has no row"),
            Text::new("请补充数据，至少一行", "supply data, one row at least"),
        )
        .in_file(shown(path)));
    }
    rising(&table, axis_column, &time_s)?;
    let mut columns = Vec::new();
    for (k, name) in table.columns.iter().enumerate() {
        if k == axis_column || name == "time" || name == axis {
            continue;
        }
        if let Some(values) = numbers(&table, k, &mut findings)? {
            columns.push((name.clone(), values));
        }
    }
    if columns.is_empty() {
        return Err(Finding::error(
            "TAB-027",
            Text::new(format!("除“{axis}”外没有数值列"), format!("there is no column of numbers beside '{axis}'")),
            Text::new("请补充数值列", "add a column of numbers"),
        )
        .in_file(shown(path)));
    }
    findings.extend(step_gap(&table, &time_s));
    Ok((Series { path: path.into(), time_s, columns, lines: table.lines }, findings))
}

/// Refuses negative values (rain, capacities), naming the first.
///
/// # Errors
/// `TAB-026` with line and column.
pub fn check_non_negative(series: &Series, file: &str, what: &Text) -> Result<(), Finding> {
    for (name, values) in &series.columns {
        if let Some(row) = values.iter().position(|v| *v < 0.0) {
            let v = values[row];
            return Err(Finding::error(
                "TAB-026",
                Text::new(format!("{}不能为负：{v}", what.zh), format!("{} must not be negative: {v}", what.en)),
                Text::new(
                    "请更正；缺测请留空，不要用负数代码",
                    "correct it; leave missing values empty instead of a negative code",
                ),
            )
            .in_file(file)
            .at(series.place(row))
            .field(name.as_str()));
        }
    }
    Ok(())
}

fn axis_values(table: &Table, axis: &str, start: Option<Instant>) -> Result<(usize, Vec<f64>), Finding> {
    if let Some(k) = table.column(axis) {
        let values =
            (0..table.rows.len()).map(|row| table.number(row, k)?.ok_or_else(|| unreadable(table, row, k, "")));
        return Ok((k, values.collect::<Result<_, _>>()?));
    }
    if let (Some(k), Some(start)) = (table.column("time"), start) {
        let seconds = |row: usize| {
            let text = table.cell(row, k).unwrap_or_default();
            let at: Instant = text.parse().map_err(|_| unreadable(table, row, k, text))?;
            Ok(at.duration_since(start).as_secs_f64())
        };
        return Ok((k, (0..table.rows.len()).map(seconds).collect::<Result<_, _>>()?));
    }
    Err(Finding::error(
        "TAB-020",
        Text::new(format!("没有“{axis}”列"), format!("there is no column '{axis}'")),
        Text::new(
            format!("第一列请命名为 {axis}，或用 time 列给出 RFC 3339 时刻；现有列：{}", table.columns.join(", ")),
            format!(
                "name the first column {axis}, or give RFC 3339 instants in a column time; columns: {}",
                table.columns.join(", ")
            ),
        ),
    )
    .in_file(shown(&table.path))
    .field(axis))
}

fn unreadable(table: &Table, row: usize, column: usize, text: &str) -> Finding {
    table.at(
        row,
        column,
        Finding::error(
            "TAB-021",
            Text::new(format!("时间为空或无法识别：“{text}”"), format!("the time is empty or not readable: '{text}'")),
            Text::new(
                "请写秒数，或带时区的时刻，如 2023-09-07T17:00:00+08:00",
                "write seconds, or an instant with offset such as 2023-09-07T17:00:00+08:00",
            ),
        ),
    )
}

fn rising(table: &Table, column: usize, axis: &[f64]) -> Result<(), Finding> {
    for row in 1..axis.len() {
        let (before, now) = (axis[row - 1], axis[row]);
        if now > before {
            continue;
        }
        let (code, zh, en) = if now == before {
            ("TAB-023", "重复", "repeats")
        } else {
            ("TAB-022", "没有按升序排列", "is not in rising order")
        };
        let (a, b) = (table.place(row - 1), table.place(row));
        let message = Text::new(
            format!("{a} 与 {b} 的时间{zh}：{before}，{now}"),
            format!("the time {zh_en}: {before} at {a}, {now} at {b}", zh_en = en),
        );
        let mend = Text::new("请按时间升序排列，每个时刻只留一行", "sort by time and keep one row per instant");
        return Err(table.at(row, column, Finding::error(code, message, mend)));
    }
    Ok(())
}

/// Values of a column; `None` for a column of words.
fn numbers(table: &Table, column: usize, findings: &mut Vec<Finding>) -> Result<Option<Vec<f64>>, Finding> {
    let mut values = Vec::with_capacity(table.rows.len());
    let (mut bad, mut missing, mut first_missing) = (None, 0_usize, 0);
    for row in 0..table.rows.len() {
        match table.number(row, column) {
            Ok(Some(v)) => values.push(v),
            Ok(None) => {
                if missing == 0 {
                    first_missing = row;
                }
                missing += 1;
                values.push(f64::NAN);
            }
            Err(finding) => {
                values.push(f64::NAN);
                bad.get_or_insert(finding);
            }
        }
    }
    if let Some(mut finding) = bad {
        if values.iter().all(|v| v.is_nan()) {
            return Ok(None);
        }
        finding.code = "TAB-025".into();
        return Err(finding);
    }
    if missing > 0 {
        findings.push(table.at(
            first_missing,
            column,
            Finding::warning(
                "TAB-024",
                Text::new(
                    format!("缺测 {missing} 个（共 {} 个），按未知处理，不按 0", values.len()),
                    format!("{missing} of {} values are missing; taken as unknown, not as 0", values.len()),
                ),
                Text::new("请补测或注明缺测原因", "supply the values or state why they are missing"),
            ),
        ));
    }
    Ok(Some(values))
}

/// A step three times the usual one: rows may be missing.
fn step_gap(table: &Table, axis: &[f64]) -> Option<Finding> {
    const ENOUGH_ROWS: usize = 6;
    if axis.len() < ENOUGH_ROWS {
        return None;
    }
    let mut steps: Vec<f64> = axis.windows(2).map(|w| w[1] - w[0]).collect();
    let row = steps.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1).then(b.0.cmp(&a.0))).map(|(k, _)| k)?;
    let longest = steps[row];
    steps.sort_by(f64::total_cmp);
    let usual = steps[steps.len() / 2];
    (longest >= 3.0 * usual).then(|| {
        Finding::info(
            "TAB-028",
            Text::new(
                format!("相邻两行相隔 {longest}，通常为 {usual}，可能缺行"),
                format!("two rows are {longest} apart, usually {usual}; rows may be missing"),
            ),
            Text::new("若非有意，请补齐", "supply the rows unless this is intended"),
        )
        .in_file(shown(&table.path))
        .at(table.place(row + 1))
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "series_tests.rs"]
mod tests;
