//! Comma-separated text in (RFC 4180: quotes, CRLF, byte order mark) and out.

use dayu_base::{Finding, Text};
use std::borrow::Cow;

/// One table with the columns asked for.
pub(crate) struct Sheet<'a> {
    file: String,
    columns: Vec<&'static str>,
    /// (line of the file, one field per column; `None` where the table lacks an optional column)
    pub rows: Vec<(usize, Vec<Option<Cow<'a, str>>>)>,
    /// columns of the file that nobody asked for
    pub unread: Vec<String>,
}

impl<'a> Sheet<'a> {
    /// Reads `text`. Columns may stand in any order; `needed` must be there, `optional` may.
    ///
    /// # Errors
    /// `EVA-015` for an empty file, a missing or doubled column or a row of another length.
    pub fn read(
        file: &str,
        text: &'a str,
        needed: &[&'static str],
        optional: &[&'static str],
    ) -> Result<Self, Finding> {
        let mut findings = Vec::new();
        let sheet = Self::read_rows(file, text, needed, optional, &mut findings)?;
        match findings.into_iter().next() {
            Some(finding) => Err(finding),
            None => Ok(sheet),
        }
    }

    /// As [`Sheet::read`], but a row of another length is left out and told.
    ///
    /// # Errors
    /// `EVA-015` for an empty file, a missing or doubled column.
    pub fn read_rows(
        file: &str,
        text: &'a str,
        needed: &[&'static str],
        optional: &[&'static str],
        findings: &mut Vec<Finding>,
    ) -> Result<Self, Finding> {
        let mut records = Records { rest: text.strip_prefix('\u{feff}').unwrap_or(text), line: 1 };
        let Some((_, heads)) = records.next() else {
            return Err(shape(file, 1, "文件为空。".into(), "The file is empty.".into()));
        };
        let heads: Vec<&str> = heads.iter().map(|head| head.trim()).collect();
        let columns: Vec<&'static str> = needed.iter().chain(optional).copied().collect();
        let mut places = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let mut found = heads.iter().enumerate().filter(|(_, head)| *head == column).map(|(at, _)| at);
            let at = found.next();
            if found.next().is_some() {
                let (zh, en) = (format!("列“{column}”出现两次。"), format!("The column \"{column}\" occurs twice."));
                return Err(shape(file, 1, zh, en).field(*column));
            }
            if at.is_none() && place < needed.len() {
                let (zh, en) = (format!("缺少列“{column}”。"), format!("The column \"{column}\" is missing."));
                return Err(shape(file, 1, zh, en).field(*column));
            }
            places.push(at);
        }
        let unread = heads.iter().filter(|head| !columns.contains(head)).map(|head| (*head).to_owned()).collect();
        let mut rows = Vec::new();
        for (line, mut fields) in records {
            if fields.len() != heads.len() {
                let zh = format!("该行有 {} 个字段，表头有 {} 个，未采用。", fields.len(), heads.len());
                let en =
                    format!("The row has {} fields, the heading has {}; it cannot be used.", fields.len(), heads.len());
                findings.push(shape(file, line, zh, en));
                continue;
            }
            rows.push((line, places.iter().map(|at| at.map(|at| std::mem::take(&mut fields[at]))).collect()));
        }
        Ok(Self { file: file.to_owned(), columns, rows, unread })
    }

    /// The text of a needed column without surrounding blanks.
    pub fn text<'r>(row: &'r [Option<Cow<'a, str>>], column: usize) -> &'r str {
        row[column].as_deref().unwrap_or("").trim()
    }

    /// A whole number ≥ 0, or `EVA-016`.
    pub fn count(&self, line: usize, row: &[Option<Cow<'a, str>>], column: usize) -> Result<u64, Finding> {
        let text = Self::text(row, column);
        text.parse().map_err(|_| self.value(line, column, text, "不是非负整数", "is not a whole number ≥ 0"))
    }

    /// As [`Sheet::count`], `None` where the field is empty or the column is absent.
    pub fn optional_count(
        &self,
        line: usize,
        row: &[Option<Cow<'a, str>>],
        column: usize,
    ) -> Result<Option<u64>, Finding> {
        if Self::text(row, column).is_empty() { Ok(None) } else { self.count(line, row, column).map(Some) }
    }

    /// A finite number, `None` where the field is empty or the column is absent, or `EVA-016`.
    pub fn number(&self, line: usize, row: &[Option<Cow<'a, str>>], column: usize) -> Result<Option<f64>, Finding> {
        let text = Self::text(row, column);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.map(Some).ok_or_else(|| self.value(line, column, text, "不是有限的数", "is not a finite number"))
    }

    /// `EVA-016`: a value that cannot be used.
    pub fn value(&self, line: usize, column: usize, text: &str, zh: &str, en: &str) -> Finding {
        Finding::error(
            "EVA-016",
            Text::new(format!("值“{text}”{zh}。"), format!("The value \"{text}\" {en}.")),
            Text::new("改正该值。", "Correct the value."),
        )
        .in_file(&self.file)
        .at(format!("line {line}"))
        .field(self.columns[column])
    }
}

fn shape(file: &str, line: usize, zh: String, en: String) -> Finding {
    Finding::error(
        "EVA-015",
        Text::new(zh, en),
        Text::new("按约定的列重写该文件。", "Write the file with the agreed columns."),
    )
    .in_file(file)
    .at(format!("line {line}"))
}

/// Records with the line they begin on; blank lines are passed over.
struct Records<'a> {
    rest: &'a str,
    line: usize,
}

impl<'a> Iterator for Records<'a> {
    type Item = (usize, Vec<Cow<'a, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let start = self.line;
            let end = self.end_of_record();
            let (record, rest) = self.rest.split_at(end);
            self.rest = rest;
            self.line += record.matches('\n').count();
            let record = record.strip_suffix('\n').unwrap_or(record);
            let record = record.strip_suffix('\r').unwrap_or(record);
            if !record.trim().is_empty() {
                return Some((start, fields(record)));
            }
        }
    }
}

impl Records<'_> {
    /// One past the line feed that ends the record; line feeds between quotes do not.
    fn end_of_record(&self) -> usize {
        let mut quoted = false;
        for (at, byte) in self.rest.bytes().enumerate() {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' if !quoted => return at + 1,
                _ => {}
            }
        }
        self.rest.len()
    }
}

fn fields(record: &str) -> Vec<Cow<'_, str>> {
    if !record.contains('"') {
        return record.split(',').map(Cow::Borrowed).collect();
    }
    let (mut fields, mut field, mut quoted) = (Vec::new(), String::new(), false);
    let mut chars = record.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                field.push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(Cow::Owned(std::mem::take(&mut field))),
            c => field.push(c),
        }
    }
    fields.push(Cow::Owned(field));
    fields
}

/// A field as it must stand in a file: quoted where it holds a comma, quote or line end.
pub(crate) fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}
