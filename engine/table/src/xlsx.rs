use crate::annex::annex_sheet;
use crate::legend::explain;
use dayu_base::{Finding, Realm, RiskColour, Text};
use dayu_package::{Annex, Cell, Column, ColumnKind, Package, Row};
use rust_xlsxwriter::{
    ConditionalFormatCell, ConditionalFormatCellRule, DataValidation, DocProperties, ExcelDateTime, Format,
    FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

const FONT: &str = "微软雅黑";
/// A3.
pub(crate) const PAPER: u8 = 8;

/// Columns folded away by default (the + above the sheet shows them; they are not printed): keys for machines and what an
/// officer looks up only now and then.
const FOLDED: [&str; 40] = [
    "row_id",
    "village",
    "grid",
    "x_m",
    "y_m",
    "indicator",
    "unit",
    "peak_time",
    "duty_patrol",
    "category_title",
    "ratio",
    "minutes_to_threshold",
    "gust_m_s",
    "wind_7_time",
    "wind_10_time",
    "wind_12_time",
    "members",
    "chance_030",
    "chance_015_low",
    "chance_015_high",
    "members_cell_m",
    "members_agree",
    "depth_10_m",
    "depth_50_m",
    "depth_90_m",
    "duration_min",
    "hazard",
    "data_time",
    "data_age_min",
    "data_origin",
    "duty_department",
    "duty_warning",
    "duty_rescue",
    "contacts",
    "level",
    "clause",
    "start",
    "category",
    "shelter_ids",
    "distance_m",
];

/// States a row passes through, with the fill of each (domain: one map, one list, one table §3). The word always stands in the
/// cell; the fill only helps the eye.
pub(crate) const STATES: [(&str, u32); 12] = [
    ("待下达", 0xE7E6E6),
    ("已下达", 0xDDEBF7),
    ("已签收", 0xBDD7EE),
    ("进行中", 0xFFF2CC),
    ("已反馈", 0xE2EFDA),
    ("已核实", 0xC6E0B4),
    ("已销号", 0xA9D08E),
    ("逾期", 0xF8CBAD),
    ("提级叫应", 0xF4B084),
    ("复查不过", 0xFFC7CE),
    ("已取消", 0xD9D9D9),
    ("监视", 0xEDEDED),
];

fn rgb(colour: RiskColour) -> u32 {
    let [r, g, b] = colour.rgb();
    u32::from(r) << 16 | u32::from(g) << 8 | u32::from(b)
}

/// Fill of a colour cell; the font is white where the fill is dark.
pub(crate) fn colour_format(colour: RiskColour) -> Format {
    let font = if matches!(colour, RiskColour::Yellow | RiskColour::Orange | RiskColour::Unknown) {
        0x000000
    } else {
        0xFFFFFF
    };
    cell_format().set_background_color(rgb(colour)).set_font_color(font).set_bold().set_align(FormatAlign::Center)
}

pub(crate) fn cell_format() -> Format {
    Format::new()
        .set_font_name(FONT)
        .set_font_size(9)
        .set_border(FormatBorder::Thin)
        .set_border_color(0xBFBFBF)
        .set_align(FormatAlign::Top)
        .set_text_wrap()
}

pub(crate) fn head_format() -> Format {
    cell_format()
        .set_bold()
        .set_background_color(0x1F3864)
        .set_font_color(0xFFFFFF)
        .set_align(FormatAlign::VerticalCenter)
}

/// Formats of one workbook, made once.
pub(crate) struct Formats {
    pub head: Format,
    text: Format,
    integer: Format,
    time: Format,
    reals: Vec<Format>,
    colours: Vec<(RiskColour, Format)>,
    states: Vec<(&'static str, Format)>,
}

impl Formats {
    fn new() -> Self {
        let real =
            |decimals: usize| if decimals == 0 { "0".to_string() } else { format!("0.{}", "0".repeat(decimals)) };
        let all = [
            RiskColour::Unknown,
            RiskColour::Low,
            RiskColour::Blue,
            RiskColour::Yellow,
            RiskColour::Orange,
            RiskColour::Red,
        ];
        Self {
            head: head_format(),
            text: cell_format(),
            integer: cell_format().set_num_format("0"),
            time: cell_format().set_num_format("mm-dd hh:mm").set_align(FormatAlign::Center),
            reals: (0..5).map(|d| cell_format().set_num_format(real(d))).collect(),
            colours: all.into_iter().map(|c| (c, colour_format(c))).collect(),
            states: STATES
                .iter()
                .map(|&(word, fill)| (word, cell_format().set_background_color(fill).set_align(FormatAlign::Center)))
                .collect(),
        }
    }
    fn of(&self, column: &Column, row: &Row, cell: &Cell) -> &Format {
        let colour = || self.colours.iter().find(|c| c.0 == row.colour).map(|c| &c.1);
        let state = || self.states.iter().find(|s| s.0 == row.state).map(|s| &s.1);
        let special = match column.key.as_str() {
            // A duty of the whole district has no colour.
            "colour" if *cell != Cell::Empty => colour(),
            "state" => state(),
            _ => None,
        };
        special.unwrap_or_else(|| self.of_kind(column.kind))
    }
    pub fn of_kind(&self, kind: ColumnKind) -> &Format {
        match kind {
            ColumnKind::Text => &self.text,
            ColumnKind::Integer => &self.integer,
            ColumnKind::Time => &self.time,
            ColumnKind::Real(d) => self.reals.get(usize::from(d)).unwrap_or(&self.text),
        }
    }
}

/// Sheet names that Excel accepts: none of `[]:*?/\`, no quote at an end, at most 31 characters, none twice, not “History”.
pub(crate) fn sheet_names(wanted: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for want in wanted {
        let clean: String =
            want.chars().map(|c| if "[]:*?/\\".contains(c) || c.is_control() { '_' } else { c }).collect();
        let clean = clean.trim().trim_matches('\'');
        let clean = if clean.is_empty() || clean.eq_ignore_ascii_case("history") { "表" } else { clean };
        let mut name: String = clean.chars().take(31).collect();
        let mut n = 2;
        while names.iter().any(|have| have.eq_ignore_ascii_case(&name)) {
            name = clean.chars().take(27).collect::<String>() + &format!("({n})");
            n += 1;
        }
        names.push(name);
    }
    names
}

/// table.xlsx: sheet 总表, a sheet per annex, one per 镇街, sheet 说明. Times of creation come from `as_of`.
pub(crate) fn table_xlsx(package: &Package) -> Result<Vec<u8>, Finding> {
    workbook(package).map_err(|e| {
        Finding::error(
            "TAB-050",
            Text::new(format!("table.xlsx 无法生成：{e}"), format!("table.xlsx could not be made: {e}")),
            Text::new(
                "这是程序缺陷，请保留输入并报告",
                "this is a defect of the program: keep the input and report it",
            ),
        )
        .in_file("table.xlsx")
    })
}

/// What a sheet shows.
enum Sheet<'a> {
    /// the rows of a town, or all
    Rows(Option<&'a str>),
    Annex(&'a Annex),
    /// 说明
    Words,
}

fn workbook(package: &Package) -> Result<Vec<u8>, XlsxError> {
    let header = &package.header;
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(header.as_of.as_second())?;
    let title = format!("{}管控一张表", header.district.zh);
    book.set_properties(
        &DocProperties::new()
            .set_title(title)
            .set_author("dayu")
            .set_comment(&header.run_id)
            .set_creation_datetime(&created),
    );
    let mut towns: Vec<&str> = package.table.rows.iter().map(|r| r.town.as_str()).collect();
    towns.dedup();
    let annexes: &[Annex] = package.evacuation.as_ref().map_or(&[], |e| &e.annexes);
    let mut sheets: Vec<(String, Sheet<'_>)> = vec![("总表".into(), Sheet::Rows(None))];
    sheets.extend(annexes.iter().map(|a| (a.title.zh.clone(), Sheet::Annex(a))));
    sheets.extend(towns.iter().map(|t| ((*t).to_string(), Sheet::Rows(Some(t)))));
    sheets.push(("说明".into(), Sheet::Words));
    let names = sheet_names(&sheets.iter().map(|s| s.0.clone()).collect::<Vec<_>>());
    let formats = Formats::new();
    for (name, (_, what)) in names.iter().zip(&sheets) {
        let sheet = book.add_worksheet();
        sheet.set_name(name)?;
        match what {
            Sheet::Rows(town) => rows_sheet(sheet, package, *town, &formats)?,
            Sheet::Annex(annex) => annex_sheet(sheet, annex, &formats)?,
            Sheet::Words => explain(sheet, package)?,
        }
        margins(sheet, package)?;
    }
    book.save_to_buffer()
}

/// The rows of one town, or all.
fn rows_sheet(
    sheet: &mut Worksheet,
    package: &Package,
    town: Option<&str>,
    formats: &Formats,
) -> Result<(), XlsxError> {
    let columns = &package.table.columns;
    let rows: Vec<&Row> = package.table.rows.iter().filter(|r| town.is_none_or(|t| r.town == t)).collect();
    for (at, column) in (0u16..).zip(columns) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, &column.title.zh, &formats.head)?;
    }
    sheet.set_row_height(0, 30)?;
    for (line, row) in (1u32..).zip(&rows) {
        for (at, (column, cell)) in (0u16..).zip(columns.iter().zip(&row.cells)) {
            write_cell(sheet, line, at, column, cell, formats.of(column, row, cell))?;
        }
    }
    for (line, row) in (1u32..).zip(&rows) {
        sheet.set_row_height(line, row_height_pt(columns, &row.cells))?;
    }
    let last_row = u32::try_from(rows.len()).unwrap_or(u32::MAX).max(1);
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    fold(sheet, columns)?;
    sheet.set_freeze_panes(
        1,
        columns.iter().position(|c| c.key == "town").and_then(|k| u16::try_from(k).ok()).unwrap_or(1),
    )?;
    sheet.autofilter(0, 0, last_row, last_column)?;
    if let Some(state) = columns.iter().position(|c| c.key == "state").and_then(|k| u16::try_from(k).ok()) {
        states(sheet, state, last_row)?;
    }
    sheet.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    // The tab of a town wears the worst colour of its rows.
    if let Some(worst) = rows.iter().map(|r| r.colour).max().filter(|c| *c > RiskColour::Unknown) {
        sheet.set_tab_color(rgb(worst));
    }
    Ok(())
}

/// Height that shows all of the row's printed text, pt. Office programs do not agree on fitting rows by themselves. A Chinese
/// character takes two units of a column's width, a Latin one takes one.
pub(crate) fn row_height_pt(columns: &[Column], row: &[Cell]) -> f64 {
    let lines = |(column, cell): (&Column, &Cell)| match cell {
        Cell::Text(text) if column.kind == ColumnKind::Text && !FOLDED.contains(&column.key.as_str()) => {
            let units: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
            // A wrapped line seldom fills its column to the last unit.
            (units as f64 / (column.width - 1.0).max(1.0)).ceil()
        }
        _ => 1.0,
    };
    let most = columns.iter().zip(row).map(lines).fold(1.0, f64::max);
    (3.0 + 12.5 * most).min(400.0)
}

pub(crate) fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    of: &Column,
    cell: &Cell,
    format: &Format,
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => sheet.write_blank(row, column, format)?,
        Cell::Integer(n) => sheet.write_number_with_format(row, column, *n as f64, format)?,
        Cell::Real(v) if v.is_finite() => sheet.write_number_with_format(row, column, *v, format)?,
        Cell::Real(_) => sheet.write_blank(row, column, format)?,
        Cell::Text(text) => match (of.kind, local_time(text)) {
            (ColumnKind::Time, Some(time)) => sheet.write_datetime_with_format(row, column, &time, format)?,
            // Written as a string, never as a formula, whatever its first character is.
            _ => sheet.write_string_with_format(row, column, text.chars().take(32_000).collect::<String>(), format)?,
        },
    };
    Ok(())
}

/// The wall-clock time of `2021-07-25T08:00:00+08:00`, as the duty room reads it.
fn local_time(rfc3339: &str) -> Option<ExcelDateTime> {
    ExcelDateTime::parse_from_str(rfc3339.get(..19)?).ok()
}

/// Folds runs of neighbouring columns.
fn fold(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let mut start: Option<usize> = None;
    for at in 0..=columns.len() {
        let folded = columns.get(at).is_some_and(|c| FOLDED.contains(&c.key.as_str()));
        match (start, folded) {
            (None, true) => start = Some(at),
            (Some(first), false) => {
                let (first, last) = (u16::try_from(first).unwrap_or(0), u16::try_from(at - 1).unwrap_or(0));
                sheet.group_columns_collapsed(first, last)?;
                start = None;
            }
            _ => {}
        }
    }
    Ok(())
}

/// The state is chosen from a list and colours itself as the row is worked through.
fn states(sheet: &mut Worksheet, column: u16, last_row: u32) -> Result<(), XlsxError> {
    let words: Vec<&str> = STATES.iter().map(|s| s.0).collect();
    sheet.add_data_validation(1, column, last_row, column, &DataValidation::new().allow_list_strings(&words)?)?;
    for (word, fill) in STATES {
        let rule = ConditionalFormatCell::new()
            .set_rule(ConditionalFormatCellRule::EqualTo(word))
            .set_format(Format::new().set_background_color(fill));
        sheet.add_conditional_format(1, column, last_row, column, &rule)?;
    }
    Ok(())
}

/// Realm, district, level and times on every printed page. `&` starts a code there and is doubled.
fn margins(sheet: &mut Worksheet, package: &Package) -> Result<(), XlsxError> {
    let header = &package.header;
    let safe = |s: &str| s.replace('&', "&&");
    let realm = format!("【{}】", header.realm.zh());
    let live = if header.realm == Realm::Live { "" } else { "（非实战）" };
    sheet.set_header(format!(
        "&L&\"{FONT},Bold\"&12{realm}{live}&C&\"{FONT},Bold\"&14{}管控一张表 {}&R&9截至 {}",
        safe(&header.district.zh),
        header.level.zh(),
        header.zone.short(header.as_of)
    ));
    // A header of Excel holds 255 characters.
    let run: String = header.run_id.chars().take(16).collect();
    let proof = package.evacuation.as_ref().and_then(|e| e.proof.as_ref());
    // The gap stands before the bracket; the rest is on sheet 说明.
    let proof = proof.map_or(String::new(), |p| format!(" · {}", p.zh.split('（').next().unwrap_or_default()));
    sheet.set_footer(format!(
        "&L&8运行 {run} · {}{}&C&8第 &P 页 / 共 &N 页&R&8{}",
        safe(header.origin.zh()),
        safe(&proof),
        safe(&header.scenario_id)
    ));
    sheet.set_margins(0.4, 0.4, 0.75, 0.6, 0.3, 0.3);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::sheet_names;

    #[test]
    fn sheet_names_are_those_excel_accepts() {
        let wanted: Vec<String> = ["总表", "甲/乙[1]", "甲_乙_1_", "'", "History", &"长".repeat(40), &"长".repeat(41)]
            .map(String::from)
            .into();
        let names = sheet_names(&wanted);
        assert_eq!(names[1], "甲_乙_1_");
        assert_eq!(names[2], "甲_乙_1_(2)");
        assert_eq!((names[3].as_str(), names[4].as_str()), ("表", "表(2)"));
        assert!(names.iter().all(|n| n.chars().count() <= 31));
        assert_ne!(names[5], names[6]);
    }
}
