//! Tables in: CSV and Parquet as columns of text. No type is guessed; an empty cell is unknown.

use crate::csv::sound_rows;
use dayu_base::{Finding, Text};
use polars::prelude::{
    CsvParseOptions, CsvReadOptions, DataFrame, DataType, ParquetReader, PolarsResult, Schema, SerReader,
};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A table as text.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Where it came from.
    pub path: PathBuf,
    /// Headings, no two alike.
    pub columns: Vec<String>,
    /// One entry per column; `None` is an empty cell: unknown.
    pub rows: Vec<Vec<Option<String>>>,
    /// Line of the file at which each row starts, from 1 (Parquet: number of the row).
    pub lines: Vec<usize>,
    /// Encoding of the text.
    pub encoding: &'static str,
}

impl Table {
    /// Position of a heading.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    /// Text of a cell; `None` when empty or outside the table.
    pub fn cell(&self, row: usize, column: usize) -> Option<&str> {
        self.rows.get(row)?.get(column)?.as_deref()
    }

    /// Number in a cell; `None` when the cell is empty.
    ///
    /// # Errors
    /// `TAB-030` when the text is no finite number.
    pub fn number(&self, row: usize, column: usize) -> Result<Option<f64>, Finding> {
        let Some(text) = self.cell(row, column) else { return Ok(None) };
        match text.parse::<f64>() {
            Ok(v) if v.is_finite() => Ok(Some(v)),
            _ => Err(self.at(
                row,
                column,
                Finding::error(
                    "TAB-030",
                    Text::new(format!("“{text}”不是数字"), format!("'{text}' is not a number")),
                    Text::new(
                        "请填写数字（小数点为“.”，不带单位和千分位），未知请留空",
                        "write a number (decimal point, no unit, no thousands mark); leave unknown cells empty",
                    ),
                ),
            )),
        }
    }

    /// Names file, line and column in a finding.
    #[must_use]
    pub fn at(&self, row: usize, column: usize, finding: Finding) -> Finding {
        let finding = finding.in_file(shown(&self.path)).at(self.place(row));
        match self.columns.get(column) {
            Some(name) => finding.field(name.as_str()),
            None => finding,
        }
    }

    /// A row as findings show it.
    pub fn place(&self, row: usize) -> String {
        self.lines.get(row).map_or_else(String::new, |l| line_name(*l))
    }
}

/// A line of a file as findings show it.
pub(crate) fn line_name(line: usize) -> String {
    format!("第 {line} 行 line {line}")
}

/// A path as findings show it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Reads a CSV (comma, semicolon or tab; UTF-8, UTF-16 with mark, GB18030) or, by its first bytes, a Parquet file.
///
/// # Errors
/// `TAB-001` missing, `TAB-002` empty, `TAB-003` unreadable, `TAB-004` undecodable text, `TAB-010` a quotation mark never
/// closed or a damaged file, `TAB-013` no table at all. Everything that spoils single rows or columns is a finding.
pub fn read_table(path: &Path) -> Result<(Table, Vec<Finding>), Finding> {
    let bytes = bytes_of(path)?;
    let mut findings = Vec::new();
    let table = if bytes.starts_with(b"PAR1") {
        parquet(path, bytes, &mut findings)?
    } else {
        csv(path, &bytes, &mut findings)?
    };
    Ok((table, findings))
}

fn bytes_of(path: &Path) -> Result<Vec<u8>, Finding> {
    let bytes = std::fs::read(path).map_err(|e| {
        let missing = e.kind() == std::io::ErrorKind::NotFound;
        let (code, zh, en) = if missing {
            ("TAB-001", "文件不存在".to_string(), "the file does not exist".to_string())
        } else {
            ("TAB-003", format!("文件无法读取：{e}"), format!("the file cannot be read: {e}"))
        };
        Finding::error(
            code,
            Text::new(zh, en),
            Text::new("请检查路径、文件名（区分大小写）与读取权限", "check path, name (case matters) and permissions"),
        )
        .in_file(shown(path))
    })?;
    if bytes.is_empty() {
        return Err(Finding::error(
            "TAB-002",
            Text::new("文件为空（0 字节）", "the file is empty (0 bytes)"),
            Text::new("请重新导出或重新传输该文件", "export or transfer the file again"),
        )
        .in_file(shown(path)));
    }
    Ok(bytes)
}

fn damaged(path: &Path, reason: &str) -> Finding {
    Finding::error(
        "TAB-010",
        Text::new(format!("文件无法解析：{reason}"), format!("the file cannot be parsed: {reason}")),
        Text::new("请重新导出或重新传输该文件", "export or transfer the file again"),
    )
    .in_file(shown(path))
}

fn csv(path: &Path, bytes: &[u8], findings: &mut Vec<Finding>) -> Result<Table, Finding> {
    let sound = sound_rows(path, bytes, findings)?;
    let rows = if sound.lines.is_empty() {
        Vec::new()
    } else {
        let schema = Schema::from_iter((0..sound.width).map(|k| (format!("c{k}").into(), DataType::String)));
        let frame = CsvReadOptions::default()
            .with_has_header(false)
            .with_schema(Some(Arc::new(schema)))
            .with_n_threads(Some(1))
            .with_rechunk(true)
            .with_parse_options(CsvParseOptions::default().with_separator(sound.delimiter))
            .into_reader_with_file_handle(Cursor::new(sound.body))
            .finish()
            .map_err(|e| damaged(path, &e.to_string()))?;
        texts(&frame, &sound.kept).map_err(|e| damaged(path, &e.to_string()))?
    };
    if rows.len() != sound.lines.len() {
        return Err(damaged(path, "行数不一致 / the number of rows does not agree"));
    }
    Ok(Table { path: path.into(), columns: sound.columns, rows, lines: sound.lines, encoding: sound.encoding })
}

fn parquet(path: &Path, bytes: Vec<u8>, findings: &mut Vec<Finding>) -> Result<Table, Finding> {
    let frame = ParquetReader::new(Cursor::new(bytes)).finish().map_err(|e| damaged(path, &e.to_string()))?;
    let mut text_columns = Vec::new();
    for column in frame.columns() {
        match column.cast(&DataType::String) {
            Ok(text) => text_columns.push(text),
            Err(_) => findings.push(
                Finding::error(
                    "TAB-012",
                    Text::new(
                        format!("列类型 {} 不受支持，未使用", column.dtype()),
                        format!("column type {} is not supported; left out", column.dtype()),
                    ),
                    Text::new("请改为文本、数字或时间列", "use a column of text, numbers or times"),
                )
                .in_file(shown(path))
                .field(column.name().as_str()),
            ),
        }
    }
    let columns: Vec<String> = text_columns.iter().map(|c| c.name().to_string()).collect();
    let kept: Vec<usize> = (0..columns.len()).collect();
    let height = frame.height();
    let frame = DataFrame::new(height, text_columns).map_err(|e| damaged(path, &e.to_string()))?;
    let rows = texts(&frame, &kept).map_err(|e| damaged(path, &e.to_string()))?;
    if rows.is_empty() {
        findings.push(
            Finding::warning(
                "TAB-009",
                Text::new("只有列名，没有数据行", "there are headings but no row"),
                Text::new("请检查导出条件；空表按“无数据”处理", "check the export; an empty table counts as no data"),
            )
            .in_file(shown(path)),
        );
    }
    let lines = (1..=rows.len()).collect();
    Ok(Table { path: path.into(), columns, rows, lines, encoding: "UTF-8" })
}

/// Rows of the columns asked for; blanks around a text are cut, an empty text is none.
fn texts(frame: &DataFrame, kept: &[usize]) -> PolarsResult<Vec<Vec<Option<String>>>> {
    let mut rows: Vec<Vec<Option<String>>> = (0..frame.height()).map(|_| Vec::with_capacity(kept.len())).collect();
    for k in kept {
        for (row, text) in rows.iter_mut().zip(frame.columns()[*k].str()?.iter()) {
            row.push(text.map(str::trim).filter(|t| !t.is_empty()).map(Into::into));
        }
    }
    Ok(rows)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
#[path = "read_tests.rs"]
mod tests;
