//! The letter as DOCX after GB/T 9704-2012: A4, type area 156 × 225 mm, 仿宋 for the text, 黑体 for headings, the issuer in red
//! over a red rule. Text and tables are smaller than its 3号 (the standard allows it in special cases): one night's sheet must
//! stay short enough to be read standing.

use super::letter::{Block, Field, Letter};
use super::unwritable;
use dayu_base::{Finding, Zone};
use dayu_package::Package;
use docx_rs::{
    AlignmentType, BorderType, Docx, FieldCharType, Footer, Header, HeightRule, InstrNUMPAGES, InstrPAGE, InstrText,
    LineSpacing, LineSpacingType, PageMargin, Paragraph, ParagraphBorder, ParagraphBorderPosition, ParagraphBorders,
    Run, RunFonts, Shading, ShdType, SpecialIndentType, Table, TableCell, TableCellMargins, TableLayoutType, TableRow,
    VAlignType, WidthType,
};
use std::io::Cursor;

/// Width of the type area, twentieths of a point (156 mm).
const WIDTH: usize = 8845;
/// Half-points: 小四 12 pt.
const BODY: usize = 24;
/// Half-points: 小五 9 pt.
const SMALL: usize = 18;
/// Least distance of lines of the text, twentieths of a point.
const LINE: i32 = 320;
const RED: &str = "C00000";

/// The fonts of official documents in their East-Asian slot; Latin letters and digits in Times New Roman.
fn fonts(east_asia: &str) -> RunFonts {
    RunFonts::new().ascii("Times New Roman").hi_ansi("Times New Roman").cs("Times New Roman").east_asia(east_asia)
}

/// Paragraphs get their ids from here: a counter of the library would make the second document differ from the first.
struct Ids(u32);

impl Ids {
    fn paragraph(&mut self) -> Paragraph {
        self.0 += 1;
        Paragraph::new().id(format!("{:08x}", self.0))
    }
}

fn run(text: &str, size: usize, font: &str) -> Run {
    Run::new().add_text(text).size(size).fonts(fonts(font))
}

/// The size, half-points, up to `most`, at which a heading stays on one line of the type area; digits and signs are counted as
/// wide as Han, as a substituted font may set them so.
fn one_line(words: &str, most: usize) -> usize {
    let half_points = WIDTH / 10;
    most.min(half_points / words.chars().count().max(1))
}

fn spacing(before: u32, after: u32, line: i32) -> LineSpacing {
    LineSpacing::new().before(before).after(after).line(line).line_rule(LineSpacingType::AtLeast)
}

/// `list.docx`.
pub(super) fn letter_docx(letter: &Letter, package: &Package) -> Result<Vec<u8>, Finding> {
    let created = Zone::utc().rfc3339(package.header.as_of).replace("+00:00", "Z");
    let mut ids = Ids(0x0100_0000);
    let mut docx = Docx::new()
        .page_size(11906, 16838)
        .page_margin(PageMargin::new().top(1700).bottom(1500).left(1531).right(1531).header(850).footer(850))
        .default_fonts(fonts("仿宋"))
        .default_size(BODY)
        .created_at(&created)
        .updated_at(&created)
        .header(page_header(&mut ids, letter))
        .footer(page_footer(&mut ids, letter));
    docx = head(docx, &mut ids, letter);
    docx = blocks(docx, &mut ids, &letter.blocks);
    docx = foot(docx, &mut ids, letter);
    if !letter.annexes.is_empty() {
        docx = docx.add_paragraph(ids.paragraph().page_break_before(true).line_spacing(spacing(0, 0, LINE)));
        docx = blocks(docx, &mut ids, &letter.annexes);
    }
    let mut xml = docx.build();
    repeat_headings(&mut xml.document);
    let mut bytes = Cursor::new(Vec::new());
    xml.pack(&mut bytes).map_err(|e| unwritable("list.docx", &e.to_string()))?;
    Ok(bytes.into_inner())
}

/// Headings, paragraphs and ruled tables in order.
fn blocks(mut docx: Docx, ids: &mut Ids, blocks: &[Block]) -> Docx {
    for block in blocks {
        docx = match block {
            Block::Heading { text } => docx.add_paragraph(
                ids.paragraph()
                    .outline_lvl(0)
                    .keep_next(true)
                    .line_spacing(spacing(120, 40, LINE))
                    .indent(None, Some(SpecialIndentType::FirstLine(2 * BODY as i32 * 10)), None, None)
                    .add_run(run(text, BODY, "黑体")),
            ),
            Block::Subheading { text } => docx.add_paragraph(
                ids.paragraph()
                    .outline_lvl(1)
                    .keep_next(true)
                    .line_spacing(spacing(40, 0, LINE))
                    .indent(None, Some(SpecialIndentType::FirstLine(2 * BODY as i32 * 10)), None, None)
                    .add_run(run(text, BODY, "楷体").bold()),
            ),
            Block::Paragraph { text } => docx.add_paragraph(
                ids.paragraph()
                    .align(AlignmentType::Both)
                    .line_spacing(spacing(0, 0, LINE))
                    .indent(None, Some(SpecialIndentType::FirstLine(2 * BODY as i32 * 10)), None, None)
                    .add_run(run(text, BODY, "仿宋")),
            ),
            Block::Grid { head, shares, rows } => docx.add_table(grid(ids, head, shares, rows)).add_paragraph(
                ids.paragraph().line_spacing(LineSpacing::new().line(120).line_rule(LineSpacingType::Exact)),
            ),
        };
    }
    docx
}

/// Rows that are headings carry nothing but “do not split”: they are told to repeat on every page, which the library cannot say.
fn repeat_headings(document: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(document);
    *document = text
        .replace("<w:trPr><w:cantSplit /></w:trPr>", "<w:trPr><w:cantSplit /><w:tblHeader /></w:trPr>")
        .into_bytes();
}

fn page_header(ids: &mut Ids, letter: &Letter) -> Header {
    let mark = run(&letter.realm_mark, SMALL, "黑体").color(RED).bold();
    Header::new().add_paragraph(ids.paragraph().align(AlignmentType::Right).add_run(mark))
}

fn page_footer(ids: &mut Ids, letter: &Letter) -> Footer {
    let part = || Run::new().size(18).fonts(fonts("宋体"));
    // One run for each part of a field: word processors take the size of the number from its own run.
    let field = |paragraph: Paragraph, code: InstrText| {
        paragraph
            .add_run(part().add_field_char(FieldCharType::Begin, false))
            .add_run(part().add_instr_text(code))
            .add_run(part().add_field_char(FieldCharType::Separate, false))
            .add_run(part().add_text("1"))
            .add_run(part().add_field_char(FieldCharType::End, false))
    };
    let text = |words: &str| run(words, 18, "宋体");
    let line = ids.paragraph().align(AlignmentType::Center).add_run(text(&format!("{}　第 ", letter.footer)));
    let line = field(line, InstrText::PAGE(InstrPAGE {})).add_run(text(" 页 / 共 "));
    Footer::new().add_paragraph(field(line, InstrText::NUMPAGES(InstrNUMPAGES {})).add_run(text(" 页")))
}

/// Issuer, number and hour over the red rule, title, key figures, addressees.
fn head(docx: Docx, ids: &mut Ids, letter: &Letter) -> Docx {
    let issuer = run(&letter.issuer, one_line(&letter.issuer, 52), "方正小标宋简体").color(RED).bold();
    let mut rule = ids.paragraph().line_spacing(spacing(120, 160, 300));
    rule.property = rule.property.set_borders(ParagraphBorders::with_empty().set(
        ParagraphBorder::new(ParagraphBorderPosition::Bottom).val(BorderType::Single).size(18).space(4).color(RED),
    ));
    let tab = docx_rs::Tab::new().val(docx_rs::TabValueType::Right).pos(WIDTH);
    let number = rule
        .add_tab(tab)
        .add_run(run(&letter.number, BODY, "仿宋"))
        .add_run(Run::new().add_tab())
        .add_run(run(&letter.issued, BODY, "仿宋"));
    let title = run(&letter.title, one_line(&letter.title, 36), "方正小标宋简体").bold();
    let to = |s: &str| format!("主送：{s}：");
    docx.add_paragraph(ids.paragraph().align(AlignmentType::Center).line_spacing(spacing(0, 60, 640)).add_run(issuer))
        .add_paragraph(number)
        .add_paragraph(ids.paragraph().align(AlignmentType::Center).line_spacing(spacing(120, 160, 560)).add_run(title))
        .add_table(key_figures(ids, letter))
        .add_paragraph(ids.paragraph().line_spacing(spacing(120, 40, LINE)).add_run(run(
            &to(&letter.addressees),
            BODY,
            "仿宋",
        )))
}

fn cell(ids: &mut Ids, field: &Field, width: usize, size: usize, font: &str) -> TableCell {
    let mut cell = TableCell::new().width(width, WidthType::Dxa).vertical_align(VAlignType::Center);
    for line in field.text.split('\n') {
        let mut words = run(line, size, font);
        if field.bold {
            words = words.bold();
        }
        if field.white {
            words = words.color("FFFFFF");
        }
        let align = if field.centre { AlignmentType::Center } else { AlignmentType::Left };
        cell = cell.add_paragraph(ids.paragraph().align(align).line_spacing(spacing(0, 0, 200)).add_run(words));
    }
    match &field.fill {
        Some(fill) => cell.shading(Shading::new().shd_type(ShdType::Clear).color("auto").fill(fill)),
        None => cell,
    }
}

fn ruled(rows: Vec<TableRow>, widths: Vec<usize>) -> Table {
    Table::new(rows)
        .width(WIDTH, WidthType::Dxa)
        .layout(TableLayoutType::Fixed)
        .set_grid(widths)
        .margins(TableCellMargins::new().margin(30, 60, 30, 60))
}

/// Label over value, four pairs a line, then what falls due first.
fn key_figures(ids: &mut Ids, letter: &Letter) -> Table {
    let width = WIDTH / 8;
    let mut rows = Vec::new();
    for line in letter.key_figures.chunks(4) {
        let mut cells = Vec::new();
        for (label, value) in line {
            let label = Field { text: label.clone(), fill: Some("F2F2F2".into()), centre: true, ..Field::default() };
            let value = Field { text: value.clone(), bold: true, centre: true, ..Field::default() };
            cells.push(self::cell(ids, &label, width, SMALL, "黑体"));
            cells.push(self::cell(ids, &value, width, 21, "黑体"));
        }
        rows.push(TableRow::new(cells).cant_split().row_height(340.0).height_rule(HeightRule::AtLeast));
    }
    let due = if letter.first_due.is_empty() {
        "资料截止时刻之后没有已知时限".to_string()
    } else {
        letter.first_due.join("\n")
    };
    let label = Field { text: "最先到期".into(), fill: Some("F2F2F2".into()), centre: true, ..Field::default() };
    let due = Field { text: due, bold: true, ..Field::default() };
    let cells = vec![cell(ids, &label, width, SMALL, "黑体"), cell(ids, &due, 7 * width, SMALL, "黑体").grid_span(7)];
    rows.push(TableRow::new(cells).cant_split().row_height(340.0).height_rule(HeightRule::AtLeast));
    ruled(rows, vec![width; 8])
}

fn grid(ids: &mut Ids, head: &[String], shares: &[u32], rows: &[Vec<Field>]) -> Table {
    let whole: u32 = shares.iter().sum::<u32>().max(1);
    let widths: Vec<usize> = shares.iter().map(|s| WIDTH * *s as usize / whole as usize).collect();
    let mut lines = Vec::new();
    let mut heading = Vec::new();
    for (words, width) in head.iter().zip(&widths) {
        let field =
            Field { text: words.clone(), fill: Some("E7E6E6".into()), bold: true, centre: true, ..Field::default() };
        heading.push(cell(ids, &field, *width, SMALL, "黑体"));
    }
    lines.push(TableRow::new(heading).cant_split());
    for row in rows {
        let mut cells = Vec::new();
        for (field, width) in row.iter().zip(&widths) {
            cells.push(cell(ids, field, *width, SMALL, "仿宋"));
        }
        lines.push(TableRow::new(cells).cant_split().row_height(260.0).height_rule(HeightRule::AtLeast));
    }
    ruled(lines, widths)
}

/// Signing table, attachments.
fn foot(docx: Docx, ids: &mut Ids, letter: &Letter) -> Docx {
    let width = WIDTH / 4;
    let mut labels = Vec::new();
    let mut blanks = Vec::new();
    for (label, value) in &letter.signatures {
        let label = Field { text: label.clone(), fill: Some("F2F2F2".into()), centre: true, ..Field::default() };
        labels.push(cell(ids, &label, width, SMALL, "黑体"));
        let value = Field { text: value.clone(), centre: true, ..Field::default() };
        blanks.push(cell(ids, &value, width, SMALL, "仿宋"));
    }
    let rows = vec![
        TableRow::new(labels).cant_split().row_height(360.0).height_rule(HeightRule::AtLeast),
        TableRow::new(blanks).cant_split().row_height(900.0).height_rule(HeightRule::AtLeast),
    ];
    let attachments = ids.paragraph().keep_next(true).line_spacing(spacing(160, 100, LINE)).add_run(run(
        &letter.attachments,
        BODY,
        "仿宋",
    ));
    docx.add_paragraph(attachments).add_table(ruled(rows, vec![width; 4]))
}
