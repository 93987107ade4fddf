//! CSV as people send it: any of three delimiters, UTF-8 or GB18030, with rows that may be too short or too long.
//!
//! The rows are found and judged here, so that every finding can name the line; the sound rows then go to polars.

use crate::read::shown;
use dayu_base::{Finding, Severity, Text};
use encoding_rs::{Encoding, GB18030};
use std::path::Path;

/// Sound rows of a CSV file, ready to be parsed.
pub(crate) struct Sound {
    /// Headings, one per column kept.
    pub columns: Vec<String>,
    /// Position in the file of each column kept.
    pub kept: Vec<usize>,
    /// Number of columns in the file.
    pub width: usize,
    /// Delimiter.
    pub delimiter: u8,
    /// The rows again, each with `width` fields and a line feed.
    pub body: String,
    /// Line of the file at which each row starts, from 1.
    pub lines: Vec<usize>,
    /// Name of the encoding.
    pub encoding: &'static str,
}

fn error(path: &Path, code: &str, message: Text, mend: Text) -> Finding {
    Finding::error(code, message, mend).in_file(shown(path))
}

/// Text of a file in UTF-8, UTF-16 with a byte order mark, or GB18030.
pub(crate) fn decode(path: &Path, bytes: &[u8]) -> Result<(String, &'static str), Finding> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(error(
            path,
            "TAB-013",
            Text::new("这是电子表格或压缩文件，不是 CSV", "this is a spreadsheet or archive, not CSV"),
            Text::new("请在电子表格软件中另存为 CSV（UTF-8）", "save it as CSV (UTF-8) in the spreadsheet program"),
        ));
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
        return text.map(|t| (t.into_owned(), encoding.name())).ok_or_else(|| undecodable(path));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok((text.to_string(), "UTF-8"));
    }
    match GB18030.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) => Ok((text.into_owned(), "GB18030")),
        None => Err(undecodable(path)),
    }
}

fn undecodable(path: &Path) -> Finding {
    error(
        path,
        "TAB-004",
        Text::new(
            "文字既不是 UTF-8 也不是 GB18030，文件可能损坏",
            "the text is neither UTF-8 nor GB18030; the file may be damaged",
        ),
        Text::new("请另存为 CSV（UTF-8）后重新提交", "save it as CSV (UTF-8) and supply it again"),
    )
}

/// One row as it stands in the file.
struct Record<'a> {
    text: &'a str,
    line: usize,
    fields: usize,
    blank: bool,
}

/// Cuts the text into rows. Line ends inside quotes belong to the field (RFC 4180).
fn records<'a>(path: &Path, text: &'a str, delimiter: u8) -> Result<Vec<Record<'a>>, Finding> {
    let bytes = text.as_bytes();
    let mut rows = Vec::new();
    let (mut start, mut line, mut first_line, mut fields) = (0, 1, 1, 1);
    let (mut quoted, mut opened_at) = (false, 1);
    let push = |rows: &mut Vec<Record<'a>>, from: usize, to: usize, line: usize, fields: usize| {
        let row = text[from..to].trim_end_matches('\r');
        let blank = row.bytes().all(|b| b == delimiter || b.is_ascii_whitespace());
        rows.push(Record { text: row, line, fields, blank });
    };
    for (k, b) in bytes.iter().enumerate() {
        match *b {
            b'"' => {
                // A quote opens a field only at its start; elsewhere it is a plain character.
                let opens = k == start || bytes[k - 1] == delimiter;
                if quoted {
                    quoted = false;
                } else if opens || bytes[k - 1] == b'"' {
                    quoted = true;
                    opened_at = line;
                }
            }
            b'\n' => {
                line += 1;
                if !quoted {
                    push(&mut rows, start, k, first_line, fields);
                    (start, first_line, fields) = (k + 1, line, 1);
                }
            }
            b if b == delimiter && !quoted => fields += 1,
            _ => {}
        }
    }
    if quoted {
        return Err(error(
            path,
            "TAB-010",
            Text::new("引号没有闭合", "a quotation mark is never closed"),
            Text::new(
                "请补上缺失的引号，或检查文件是否被截断",
                "add the missing quotation mark, or check whether the file is truncated",
            ),
        )
        .at(crate::read::line_name(opened_at)));
    }
    if start < bytes.len() {
        push(&mut rows, start, bytes.len(), first_line, fields);
    }
    Ok(rows)
}

/// The delimiter that cuts the heading most often; comma when none does.
fn delimiter_of(text: &str) -> u8 {
    let heading = text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0_usize), (b';', 0), (b'\t', 0)];
    for b in heading.bytes() {
        if b == b'"' {
            quoted = !quoted;
        } else if !quoted && let Some(c) = counts.iter_mut().find(|c| c.0 == b) {
            c.1 += 1;
        }
    }
    // The first of equals: comma before semicolon before tab.
    counts.iter().rev().max_by_key(|c| c.1).map_or(b',', |c| c.0)
}

/// Headings of the first row, quotes taken off.
fn headings(row: &str, delimiter: u8) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut quoted = false;
    for c in row.chars() {
        if c == '"' {
            quoted = !quoted;
        } else if c == char::from(delimiter) && !quoted {
            names.push(String::new());
        } else if let Some(name) = names.last_mut() {
            name.push(c);
        }
    }
    names.iter().map(|n| n.trim().to_string()).collect()
}

/// Finds the rows that can be used and says what is wrong with the others.
pub(crate) fn sound_rows(path: &Path, bytes: &[u8], findings: &mut Vec<Finding>) -> Result<Sound, Finding> {
    let (text, encoding) = decode(path, bytes)?;
    if encoding != "UTF-8" {
        findings.push(
            Finding::info(
                "TAB-005",
                Text::new(
                    format!("文件编码识别为 {encoding}"),
                    format!("the file's encoding was recognised as {encoding}"),
                ),
                Text::new("建议另存为 UTF-8", "saving it as UTF-8 is advised"),
            )
            .in_file(shown(path)),
        );
    }
    let delimiter = delimiter_of(&text);
    let mut rows = records(path, &text, delimiter)?.into_iter().filter(|r| !r.blank);
    let Some(head) = rows.next() else {
        return Err(error(
            path,
            "TAB-002",
            Text::new("文件没有内容", "the file has no content"),
            Text::new("请重新导出；第一行应为列名", "export it again; the first row must hold the headings"),
        ));
    };
    let names = headings(head.text, delimiter);
    let width = names.len();
    let (mut columns, mut kept) = (Vec::new(), Vec::new());
    for (k, name) in names.iter().enumerate() {
        if name.is_empty() {
            // Trailing empty columns are what spreadsheets leave behind.
            if k + 1 < width && names[k + 1..].iter().any(|n| !n.is_empty()) {
                findings.push(heading_finding(
                    path,
                    Severity::Warning,
                    head.line,
                    &format!("{}", k + 1),
                    "TAB-011",
                    "没有列名，未使用",
                    "has no heading and is not used",
                ));
            }
        } else if columns.contains(name) {
            findings.push(heading_finding(
                path,
                Severity::Error,
                head.line,
                name,
                "TAB-006",
                "列名重复，只用第一列",
                "stands twice as a heading; the first is used",
            ));
        } else {
            columns.push(name.clone());
            kept.push(k);
        }
    }
    let (mut body, mut lines) = (String::new(), Vec::new());
    for row in rows {
        if row.fields > width {
            findings.push(row_finding(
                path,
                Severity::Error,
                &row,
                width,
                "TAB-007",
                "该行未使用",
                "the row is left out",
            ));
            continue;
        }
        if row.fields < width {
            findings.push(row_finding(
                path,
                Severity::Warning,
                &row,
                width,
                "TAB-008",
                "缺少的按空值处理",
                "the missing ones count as empty",
            ));
        }
        body.push_str(row.text);
        body.extend(std::iter::repeat_n(char::from(delimiter), width - row.fields));
        body.push('\n');
        lines.push(row.line);
    }
    if lines.is_empty() {
        findings.push(
            Finding::warning(
                "TAB-009",
                Text::new("只有列名，没有数据行", "there are headings but no row"),
                Text::new("请检查导出条件；空表按“无数据”处理", "check the export; an empty table counts as no data"),
            )
            .in_file(shown(path)),
        );
    }
    Ok(Sound { columns, kept, width, delimiter, body, lines, encoding })
}

fn heading_finding(
    path: &Path,
    severity: Severity,
    line: usize,
    field: &str,
    code: &str,
    zh: &str,
    en: &str,
) -> Finding {
    let mut finding = Finding::error(
        code,
        Text::new(format!("第 {line} 行：列“{field}”{zh}"), format!("line {line}: column '{field}' {en}")),
        Text::new("请给每一列一个不重复的列名", "give every column a heading of its own"),
    );
    finding.severity = severity;
    finding.in_file(shown(path)).at(crate::read::line_name(line)).field(field)
}

fn row_finding(
    path: &Path,
    severity: Severity,
    row: &Record<'_>,
    width: usize,
    code: &str,
    zh: &str,
    en: &str,
) -> Finding {
    let mut finding = Finding::error(
        code,
        Text::new(
            format!("该行有 {} 个字段，列名有 {width} 个；{zh}", row.fields),
            format!("the row has {} fields, the heading {width}; {en}", row.fields),
        ),
        Text::new(
            "请检查该行的分隔符；含分隔符的文字应加引号",
            "check the delimiters of this row; quote texts that contain one",
        ),
    );
    finding.severity = severity;
    finding.in_file(shown(path)).at(crate::read::line_name(row.line))
}
