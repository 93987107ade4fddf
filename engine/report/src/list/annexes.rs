//! What follows the signatures: shelters in use by the hour, and who moves by town. The whole of both is in table.xlsx.

use super::letter::{Block, Field, centred, plain, strong};
use dayu_package::{Annex, Cell, ColumnKind, Package};

/// Rows printed of an annex; the rest is counted and stands in table.xlsx.
const MOST_ROWS: usize = 30;
/// Hours of arrivals printed of the board.
const MOST_HOURS: usize = 3;

/// The proof of the assignment in words; `None` = nobody had to be assigned.
pub(super) fn proof(package: &Package) -> Option<&str> {
    package.evacuation.as_ref()?.proof.as_ref().map(|p| p.zh.as_str())
}

/// The gap alone, for the foot of a page: 步行最优，差距 0.
pub(super) fn in_brief(proof: &str) -> String {
    proof.split('（').next().unwrap_or_default().replace("步行安置部分", "步行")
}

/// Said beside a count of people without a place: how many are counted as fetched, and by constructed vehicles.
pub(super) fn unplaced_note(package: &Package) -> &str {
    package.evacuation.as_ref().map_or("", |e| e.unplaced_note.zh.as_str())
}

fn find<'a>(package: &'a Package, id: &str) -> Option<&'a Annex> {
    package.evacuation.as_ref()?.annexes.iter().find(|a| a.id == id)
}

/// The line under the text that names what belongs to it.
pub(super) fn attachments(package: &Package) -> String {
    let mut named = vec!["识别一张图".to_string(), "管控一张表（含逐项转移人员清单）".into()];
    for id in ["transfer_towns", "shelter_board"] {
        named.extend(find(package, id).map(|a| format!("{}（附后）", a.title.zh)));
    }
    let named: Vec<String> = (1..).zip(named).map(|(n, words)| format!("{n}. {words}")).collect();
    format!("附件：{}", named.join("；"))
}

/// 镇街转移汇总 and 避灾安置场所看板 as blocks; empty when nobody moves.
pub(super) fn annexes(package: &Package) -> Vec<Block> {
    let mut all = Vec::new();
    if let Some(annex) = find(package, "transfer_towns") {
        let keys = [
            "town",
            "rows",
            "to_move",
            "vulnerable",
            "to_house",
            "unplaced",
            "gone",
            "order_by",
            "leave_by",
            "deadline",
        ];
        let shares = vec![12, 7, 9, 9, 9, 8, 9, 12, 12, 12];
        all.extend(printed(annex, 3, &keys.map(String::from), shares, |_| true));
    }
    if let Some(annex) = find(package, "shelter_board") {
        let mut keys: Vec<String> = ["name", "town", "beds", "planned"].map(String::from).into();
        // The first two hours and the last say how an evacuation goes.
        let hours: Vec<&String> = annex.columns.iter().map(|c| &c.key).filter(|k| k.starts_with("arrived_")).collect();
        let late = hours.len().saturating_sub(1).max(MOST_HOURS - 1);
        keys.extend(hours.iter().take(MOST_HOURS - 1).chain(hours.iter().skip(late)).map(|k| (*k).clone()));
        keys.extend(["free", "late"].map(String::from));
        let shares = [24, 12].into_iter().chain(std::iter::repeat_n(9, keys.len() - 2)).collect();
        let planned = annex.column("planned");
        let used = |row: &[Cell]| planned.is_some_and(|at| matches!(row[at], Cell::Integer(n) if n > 0));
        all.extend(printed(annex, 4, &keys, shares, used));
    }
    all
}

/// Chosen columns of the rows that count, sums of all rows, notes.
fn printed(
    annex: &Annex,
    number: usize,
    keys: &[String],
    shares: Vec<u32>,
    counts: impl Fn(&[Cell]) -> bool,
) -> Vec<Block> {
    let at: Vec<usize> = keys.iter().filter_map(|key| annex.column(key)).collect();
    let field = |row: &[Cell], at: usize| match (&row[at], annex.columns[at].kind) {
        (Cell::Text(text), ColumnKind::Time) => centred(clock(text)),
        (Cell::Text(text), _) => plain(text.as_str()),
        (Cell::Integer(n), _) => centred(n.to_string()),
        (Cell::Real(v), _) => centred(v.to_string()),
        (Cell::Empty, _) => centred(""),
    };
    let chosen: Vec<&Vec<Cell>> = annex.rows.iter().filter(|r| counts(r)).collect();
    let mut rows: Vec<Vec<Field>> =
        chosen.iter().take(MOST_ROWS).map(|row| at.iter().map(|&at| field(row, at)).collect()).collect();
    let sum = |(k, &at): (usize, &usize)| match &annex.sums[at] {
        Cell::Integer(n) => strong(n.to_string()),
        _ if k == 0 => strong("合计"),
        _ => plain(""),
    };
    rows.push(at.iter().enumerate().map(sum).collect());
    let mut blocks = vec![
        Block::Heading { text: format!("附件{number}　{}", annex.title.zh) },
        Block::Grid { head: at.iter().map(|&at| annex.columns[at].title.zh.clone()).collect(), shares, rows },
    ];
    let (left_out, quiet) = (chosen.len().saturating_sub(MOST_ROWS), annex.rows.len() - chosen.len());
    let mut notes: Vec<String> = annex.notes.iter().map(|n| n.zh.clone()).collect();
    if left_out > 0 {
        notes.push(format!("另有 {left_out} 行见《管控一张表》“{}”页，合计含全部。", annex.title.zh));
    }
    if quiet > 0 {
        notes.push(format!(
            "未列 {quiet} 处备用或不得开放的场所，合计含其床位，见《管控一张表》“{}”页。",
            annex.title.zh
        ));
    }
    blocks.push(Block::Paragraph { text: notes.concat() });
    blocks
}

/// `07-25 08:00` of `2021-07-25T08:00:00+08:00`.
fn clock(rfc3339: &str) -> String {
    rfc3339.get(5..16).unwrap_or(rfc3339).replace('T', " ")
}
