//! Evacuation of a level as documents: who moves from where (by town, village and object), and who is where by the hour. Counts and posts
//! only, never names.

mod board;
mod people;

use super::input::{ComposeInput, Context};
use crate::{Annex, Cell, Column, ColumnKind, EvacuationFacts, EvacuationProduct, PlanProof};
use dayu_base::Text;

/// 镇街转移汇总, 村社转移汇总, 转移人员清单 and 避灾安置场所看板 of one level, and the proof of its plan in words; `None` when nobody moves.
pub fn compose_evacuation(input: ComposeInput<'_>, facts: &EvacuationFacts) -> Option<EvacuationProduct> {
    if input.plan.transfers.is_empty() {
        return None;
    }
    let cx = Context::new(input);
    let mut annexes = vec![people::by_town(&cx), people::by_village(&cx), people::by_object(&cx)];
    annexes.extend(board::shelters(&cx, &facts.hours));
    Some(EvacuationProduct { proof: facts.proof.as_ref().map(proof_in_words), annexes })
}

/// 安置方案最优，差距 0（…）.
fn proof_in_words(proof: &PlanProof) -> Text {
    let placed = proof.people - proof.unplaced;
    let metres = proof.person_metres;
    let (zh, en) = if proof.gap == 0 {
        ("安置方案最优，差距 0".to_string(), "proved optimum, gap 0".to_string())
    } else {
        let percent = 100.0 * proof.gap_relative;
        (
            format!("安置方案与下界的差距 {percent:.2}%（不多于此）"),
            format!("at most {percent:.2} % above the proven bound"),
        )
    };
    let (first_zh, first_en) =
        if proof.vulnerable_first { ("特殊人员优先，", "the vulnerable first, ") } else { ("", "") };
    Text::new(
        format!(
            "{zh}（安置 {placed} 人，未落实 {} 人，步行合计 {metres} 人·米；{first_zh}先求未落实最少，再求路程最短）",
            proof.unplaced
        ),
        format!(
            "{en} ({placed} placed, {} without a place, {metres} person-metres; {first_en}fewest without a place, then least walking)",
            proof.unplaced
        ),
    )
}

fn column(key: &str, zh: &str, en: &str, kind: ColumnKind, width: f64) -> Column {
    Column { key: key.into(), title: Text::new(zh, en), kind, width }
}

fn count(n: u64) -> Cell {
    i64::try_from(n).map_or(Cell::Empty, Cell::Integer)
}

fn words(text: impl Into<String>) -> Cell {
    let text = text.into();
    if text.is_empty() { Cell::Empty } else { Cell::Text(text) }
}

/// Sums of the columns named; 合计 in the first.
fn sums(annex: &Annex, keys: &[&str]) -> Vec<Cell> {
    let sum = |at: usize| {
        let whole = |row: &Vec<Cell>| if let Some(Cell::Integer(n)) = row.get(at) { *n } else { 0 };
        Cell::Integer(annex.rows.iter().map(whole).sum())
    };
    (annex.columns.iter().enumerate())
        .map(|(at, column)| match at {
            0 => Cell::Text("合计".into()),
            _ if keys.contains(&column.key.as_str()) => sum(at),
            _ => Cell::Empty,
        })
        .collect()
}
