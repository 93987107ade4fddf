//! Comma-separated text in (quotes as in RFC 4180, CRLF, byte order mark; no line ends inside fields) and out.

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
    /// rows left out for their shape: line, and what stands between the commas
    pub broken: Vec<(usize, Vec<String>)>,
}

impl<'a> Sheet<'a> {
    /// Reads `text`. Columns may stand in any order; `needed` must be there, `optional` may.
    ///
    /// # Errors
    /// `EVA-015` for an empty file, a missing or doubled column, bad quotes or a row of another length.
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

    /// As [`Sheet::read`], but a row of another length or with bad quotes is left out and told.
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
        let mut records = records(text.strip_prefix('\u{feff}').unwrap_or(text));
        let Some((head_line, heads)) = records.next() else {
            return Err(shape(file, 1, "文件为空。".into(), "The file is empty.".into()));
        };
        let bad_quotes = |line: usize, Quotes { zh, en }: Quotes, (so_zh, so_en): (&str, &str)| {
            shape(file, line, format!("{zh}{so_zh}。"), format!("Bad quotes: {en}{so_en}."))
        };
        let heads = fields(heads).map_err(|quotes| bad_quotes(head_line, quotes, ("", "")))?;
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
        let (mut rows, mut broken) = (Vec::new(), Vec::new());
        for (line, record) in records {
            let mut broken_row = || broken.push((line, record.split(',').map(str::to_owned).collect()));
            let mut fields = match fields(record) {
                Ok(fields) => fields,
                Err(quotes) => {
                    findings.push(bad_quotes(line, quotes, ("，该行未采用", "; the row was left out")));
                    broken_row();
                    continue;
                }
            };
            if fields.len() != heads.len() {
                let zh = format!("该行有 {} 个字段，表头有 {} 个，未采用。", fields.len(), heads.len());
                let en =
                    format!("The row has {} fields, the heading has {}; it cannot be used.", fields.len(), heads.len());
                findings.push(shape(file, line, zh, en));
                broken_row();
                continue;
            }
            rows.push((line, places.iter().map(|at| at.map(|at| std::mem::take(&mut fields[at]))).collect()));
        }
        Ok(Self { file: file.to_owned(), columns, rows, unread, broken })
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

/// Records with their line; blank lines are passed over. A record is one line: a field that goes on over a line end cannot be told from a
/// forgotten quote, and would take the rows below with it.
fn records(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = (1..).zip(text.split('\n'));
    lines.map(|(at, line)| (at, line.strip_suffix('\r').unwrap_or(line))).filter(|(_, line)| !line.trim().is_empty())
}

/// What is wrong with the quotes of a record.
struct Quotes {
    zh: &'static str,
    en: &'static str,
}

const NOT_CLOSED: Quotes = Quotes {
    zh: "引号没有在本行内闭合（字段内不允许换行）",
    en: "a quote is not closed within the line (fields hold no line ends)",
};
const INSIDE: Quotes = Quotes {
    zh: "未加引号的字段中有引号",
    en: "a quote stands inside a field that does not begin with one",
};
const AFTER: Quotes = Quotes { zh: "闭合的引号之后还有文字", en: "text follows a closing quote" };

/// Fields of a record: a quote opens only at the beginning of a field, and only a comma or the end may follow the one that closes it.
fn fields(record: &str) -> Result<Vec<Cow<'_, str>>, Quotes> {
    if !record.contains('"') {
        return Ok(record.split(',').map(Cow::Borrowed).collect());
    }
    let (mut fields, mut rest) = (Vec::new(), record);
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let (mut field, mut from) = (String::new(), quoted);
            let after = loop {
                let (text, after) = from.split_once('"').ok_or(NOT_CLOSED)?;
                field.push_str(text);
                match after.strip_prefix('"') {
                    Some(more) => {
                        field.push('"');
                        from = more;
                    }
                    None => break after,
                }
            };
            fields.push(Cow::Owned(field));
            match after.strip_prefix(',') {
                Some(next) => rest = next,
                None if after.is_empty() => return Ok(fields),
                None => return Err(AFTER),
            }
        } else {
            let (field, next) = rest.split_once(',').map_or((rest, None), |(field, next)| (field, Some(next)));
            if field.contains('"') {
                return Err(INSIDE);
            }
            fields.push(Cow::Borrowed(field));
            match next {
                Some(next) => rest = next,
                None => return Ok(fields),
            }
        }
    }
}

/// A field as it must stand in a file: quoted where it holds a comma, quote or line end.
pub(crate) fn quoted(field: &str) -> Cow<'_, str> {
    if field.contains([',', '"', '\n', '\r']) {
        Cow::Owned(format!("\"{}\"", field.replace('"', "\"\"")))
    } else {
        Cow::Borrowed(field)
    }
}
