use crate::xlsx::{Formats, PAPER, cell_format, head_format, row_height_pt, write_cell};
use dayu_package::{Annex, Cell, ColumnKind};
use rust_xlsxwriter::{Formula, Worksheet, XlsxError, utility};

/// An annex as a sheet: headings, rows with a filter, sums that follow the filter, notes.
pub(crate) fn annex_sheet(sheet: &mut Worksheet, annex: &Annex, formats: &Formats) -> Result<(), XlsxError> {
    let columns = &annex.columns;
    for (at, column) in (0u16..).zip(columns) {
        sheet.set_column_width(at, column.width)?;
        sheet.write_string_with_format(0, at, &column.title.zh, &formats.head)?;
    }
    sheet.set_row_height(0, 42)?;
    for (line, row) in (1u32..).zip(&annex.rows) {
        for (at, (column, cell)) in (0u16..).zip(columns.iter().zip(row)) {
            write_cell(sheet, line, at, column, cell, formats.of_kind(column.kind))?;
        }
        sheet.set_row_height(line, row_height_pt(columns, row))?;
    }
    let last_row = u32::try_from(annex.rows.len()).unwrap_or(u32::MAX);
    let last_column = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(u16::MAX);
    sheet.autofilter(0, 0, last_row.max(1), last_column)?;
    let strong = cell_format().set_bold().set_background_color(0xF2F2F2);
    for (at, (column, cell)) in (0u16..).zip(columns.iter().zip(&annex.sums)) {
        match cell {
            // 109: the visible rows only, so that a filter on a town shows the town's sum.
            Cell::Integer(n) if last_row > 0 => {
                let (from, to) = (utility::row_col_to_cell(1, at), utility::row_col_to_cell(last_row, at));
                let sum = Formula::new(format!("=SUBTOTAL(109,{from}:{to})")).set_result(n.to_string());
                sheet.write_formula_with_format(last_row + 1, at, sum, &strong.clone().set_num_format("0"))?;
            }
            _ => write_cell(sheet, last_row + 1, at, column, cell, &strong)?,
        }
    }
    // Notes are no part of the table: they stand below it over its whole width.
    let note = head_format().set_background_color(0xFFFFFF).set_font_color(0x5D666D).unset_bold();
    for (line, words) in (last_row + 3..).zip(&annex.notes) {
        let to = last_column.min(11).max(1);
        sheet.merge_range(line, 0, line, to, &words.zh, &note)?;
        let width: f64 = columns.iter().take(usize::from(to) + 1).map(|c| c.width).sum();
        let units: usize = words.zh.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        sheet.set_row_height(line, 4.0 + 13.0 * (units as f64 / (width - 2.0).max(1.0)).ceil())?;
    }
    // Names stay in sight while hours are read.
    let named = columns.iter().position(|c| c.kind == ColumnKind::Integer).unwrap_or(1).min(4);
    sheet.set_freeze_panes(1, u16::try_from(named).unwrap_or(1))?;
    sheet.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0).set_repeat_rows(0, 0)?;
    Ok(())
}
