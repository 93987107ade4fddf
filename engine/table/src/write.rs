use crate::xlsx::table_xlsx;
use dayu_base::{Finding, Text};
use dayu_package::{Cell, Column, ColumnKind, Package, TableProduct};
use polars::prelude::{Column as Series, DataFrame, ParquetCompression, ParquetWriter, PolarsResult};

/// 管控一张表 as files: `table.xlsx` for people, `table.csv` (UTF-8 with BOM, machine keys) and `table.parquet`. The same
/// package gives the same bytes.
///
/// # Errors
/// `TAB-050`, `TAB-051` when a format cannot be written: a defect, not bad input.
pub fn table_files(package: &Package) -> Result<Vec<(String, Vec<u8>)>, Finding> {
    Ok(vec![
        ("table.csv".into(), table_csv(&package.table)),
        ("table.parquet".into(), table_parquet(&package.table)?),
        ("table.xlsx".into(), table_xlsx(package)?),
    ])
}

/// RFC 4180 with a BOM, so that spreadsheets read it as UTF-8.
pub(crate) fn table_csv(table: &TableProduct) -> Vec<u8> {
    let mut text = String::from("\u{feff}");
    let keys: Vec<String> = table.columns.iter().map(|c| quoted(&c.key)).collect();
    text.push_str(&keys.join(","));
    text.push_str("\r\n");
    for row in &table.rows {
        let cells: Vec<String> = table.columns.iter().zip(&row.cells).map(|(c, cell)| csv_cell(c, cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

fn csv_cell(column: &Column, cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Integer(n) => n.to_string(),
        Cell::Real(v) if !v.is_finite() => String::new(),
        Cell::Real(v) => match column.kind {
            ColumnKind::Real(decimals) => format!("{v:.*}", usize::from(decimals)),
            _ => v.to_string(),
        },
        Cell::Text(text) => csv_text(text),
    }
}

/// A text as a CSV cell: no formula, quoted where needed.
pub(crate) fn csv_text(text: &str) -> String {
    quoted(&neutral(text))
}

/// A text that a spreadsheet would take for a formula gets an apostrophe in front (CSV injection, CWE-1236).
fn neutral(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_string() }
}

fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_string() }
}

/// One row group, one thread, fixed compression: the same bytes for the same rows.
fn table_parquet(table: &TableProduct) -> Result<Vec<u8>, Finding> {
    let written = || -> PolarsResult<Vec<u8>> {
        let columns: Vec<Series> = table.columns.iter().enumerate().map(|(k, c)| series(table, k, c)).collect();
        let mut frame = DataFrame::new(table.rows.len(), columns)?;
        let mut bytes = Vec::new();
        ParquetWriter::new(&mut bytes)
            .with_compression(ParquetCompression::Snappy)
            .set_parallel(false)
            .finish(&mut frame)?;
        Ok(bytes)
    };
    written().map_err(|e| {
        Finding::error(
            "TAB-051",
            Text::new(format!("table.parquet 无法生成：{e}"), format!("table.parquet could not be made: {e}")),
            Text::new(
                "这是程序缺陷，请保留输入并报告",
                "this is a defect of the program: keep the input and report it",
            ),
        )
        .in_file("table.parquet")
    })
}

/// Unknown is null; text and times are strings, counts 64-bit integers, measurements doubles.
fn series(table: &TableProduct, k: usize, column: &Column) -> Series {
    let cells = || table.rows.iter().map(|r| r.cells.get(k));
    let name = column.key.as_str().into();
    match column.kind {
        ColumnKind::Text | ColumnKind::Time => {
            let values: Vec<Option<&str>> =
                cells().map(|c| if let Some(Cell::Text(t)) = c { Some(t.as_str()) } else { None }).collect();
            Series::new(name, values)
        }
        ColumnKind::Integer => {
            let values: Vec<Option<i64>> =
                cells().map(|c| if let Some(Cell::Integer(n)) = c { Some(*n) } else { None }).collect();
            Series::new(name, values)
        }
        ColumnKind::Real(_) => {
            let value = |c: Option<&Cell>| match c {
                Some(Cell::Real(v)) if v.is_finite() => Some(*v),
                Some(Cell::Integer(n)) => Some(*n as f64),
                _ => None,
            };
            Series::new(name, cells().map(value).collect::<Vec<Option<f64>>>())
        }
    }
}
