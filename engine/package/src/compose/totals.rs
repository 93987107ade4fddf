use super::columns::DISTRICT_ID;
use crate::{Cell, Package, TableProduct};
use dayu_base::{Finding, Text};
use dayu_plan::TransferTotals;
use std::collections::BTreeSet;

/// The counts of one product: objects and people. `affected` is in the header alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Counts {
    objects: u64,
    to_move: u64,
    to_house: u64,
    unplaced: u64,
}

/// Derives 管控对象, 应转移, 需集中安置 and 未落实 from the map's features, the list's lines, the table's rows and the annexes, each for
/// itself, and holds them against the header.
///
/// # Errors
/// `PKG-001` names product and count when one differs; nothing may be published then.
pub fn check_totals(package: &Package) -> Result<(), Finding> {
    let TransferTotals { to_move, to_house, unplaced, .. } = package.header.totals;
    let said = Counts { objects: package.header.objects, to_move, to_house, unplaced };
    for (product, found) in
        [("管控一张表", of_table(&package.table)?), ("研判一张单", of_list(package)), ("识别一张图", of_map(package)?)]
    {
        let pairs = [
            ("管控对象", "objects", found.objects, said.objects),
            ("应转移", "to_move", found.to_move, said.to_move),
            ("需集中安置", "to_house", found.to_house, said.to_house),
            ("未落实", "unplaced", found.unplaced, said.unplaced),
        ];
        if let Some((zh, key, got, want)) = pairs.into_iter().find(|p| p.2 != p.3) {
            return Err(disagree(product, zh, key, got, want));
        }
    }
    let people =
        [("应转移", "to_move", to_move), ("需集中安置", "to_house", to_house), ("未落实", "unplaced", unplaced)];
    for annex in package.evacuation.iter().flat_map(|e| &e.annexes) {
        for (zh, key, want) in people {
            let Some(at) = annex.column(key) else { continue };
            let got = sum_of(annex.rows.iter().filter_map(|r| r.get(at)));
            if got != want {
                return Err(disagree(&annex.title.zh, zh, key, got, want));
            }
        }
    }
    Ok(())
}

fn sum_of<'a>(cells: impl Iterator<Item = &'a Cell>) -> u64 {
    cells.map(|cell| if let Cell::Integer(n) = cell { u64::try_from(*n).unwrap_or(0) } else { 0 }).sum()
}

fn disagree(product: &str, zh: &str, key: &str, got: u64, want: u64) -> Finding {
    Finding::error(
        "PKG-001",
        Text::new(
            format!("《{product}》的{zh}合计为 {got}，与产品包头 {want} 不一致，产品包不予发布"),
            format!("'{key}' adds up to {got} in {product}, the header says {want}; the package is not published"),
        ),
        Text::new(
            "这是程序缺陷，不是数据问题：请保留输入并报告",
            "This is a defect of the program: keep the input and report it",
        ),
    )
    .at(product)
    .field(key)
}

fn missing(product: &str, key: &str) -> Finding {
    Finding::error(
        "PKG-002",
        Text::new(
            format!("《{product}》缺少核对合计所需的列“{key}”"),
            format!("{product} lacks the column '{key}' that the totals are checked by"),
        ),
        Text::new("这是程序缺陷：请报告", "This is a defect of the program: report it"),
    )
    .at(product)
    .field(key)
}

fn of_table(table: &TableProduct) -> Result<Counts, Finding> {
    let sum = |key: &str| -> Result<u64, Finding> {
        let at = table.columns.iter().position(|c| c.key == key).ok_or_else(|| missing("管控一张表", key))?;
        Ok(sum_of(table.rows.iter().filter_map(|r| r.cells.get(at))))
    };
    let ids: BTreeSet<&str> = table.rows.iter().map(|r| r.object_id.as_str()).filter(|id| *id != DISTRICT_ID).collect();
    Ok(Counts {
        objects: ids.len() as u64,
        to_move: sum("to_move")?,
        to_house: sum("to_house")?,
        unplaced: sum("unplaced")?,
    })
}

/// The list counts its risks (printed and only counted) and adds its transfer lines up; the reasons of people without a place
/// must add up to the same number, or it stands for the list.
fn of_list(package: &Package) -> Counts {
    let list = &package.list;
    let by_line: u64 = list.transfers.iter().map(|t| t.unplaced).sum();
    let by_reason: u64 = list.unplaced.iter().map(|u| u.0).sum();
    Counts {
        objects: list.risks.len() as u64 + list.more_risks,
        to_move: list.transfers.iter().map(|t| t.to_move).sum(),
        to_house: list.transfers.iter().map(|t| t.to_house).sum(),
        unplaced: if by_line == package.header.totals.unplaced { by_reason } else { by_line },
    }
}

/// The map must draw every object of the table (by id) that has coordinates; its features' `to_move`, `to_house` and `unplaced`
/// add up.
fn of_map(package: &Package) -> Result<Counts, Finding> {
    let layers = &package.map.layers;
    let drawn: BTreeSet<&str> = layers.iter().flat_map(|l| &l.features).map(|f| f.object_id.as_str()).collect();
    let x = package.table.columns.iter().position(|c| c.key == "x_m").ok_or_else(|| missing("管控一张表", "x_m"))?;
    let placeless = |r: &crate::Row| !matches!(r.cells.get(x), Some(Cell::Real(x)) if x.is_finite());
    let rows = package.table.rows.iter().filter(|r| r.object_id != DISTRICT_ID);
    let shown: BTreeSet<&str> =
        rows.filter(|r| drawn.contains(r.object_id.as_str()) || placeless(r)).map(|r| r.object_id.as_str()).collect();
    let sum = |key: &str| -> Result<u64, Finding> {
        let mut total = 0_u64;
        let mut seen = false;
        for layer in layers {
            if let Some(at) = layer.columns.iter().position(|c| c.0 == key) {
                seen = true;
                total += layer
                    .features
                    .iter()
                    .filter_map(|f| f.fields.get(at).and_then(serde_json::Value::as_u64))
                    .sum::<u64>();
            }
        }
        // A level that moves nobody need not draw transfers.
        if seen || package.header.totals.to_move == 0 { Ok(total) } else { Err(missing("识别一张图", key)) }
    };
    Ok(Counts {
        objects: shown.len() as u64,
        to_move: sum("to_move")?,
        to_house: sum("to_house")?,
        unplaced: sum("unplaced")?,
    })
}
