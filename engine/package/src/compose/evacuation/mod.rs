//! Evacuation of a level as documents: who moves from where (by town, village and object), and who is where by the hour. Counts and posts
//! only, never names.

mod board;
mod people;

use super::input::{ComposeInput, Context};
use super::leaving::{fetched, unplaced_note};
use crate::{Annex, Cell, Column, ColumnKind, EvacuationFacts, EvacuationProduct, PlanProof};
use dayu_base::Text;

/// 镇街转移汇总, 村社转移汇总, 转移人员清单 and 避灾安置场所看板 of one level, and the proof of its plan in words; `None` when nobody moves.
pub fn compose_evacuation(input: ComposeInput<'_>, facts: &EvacuationFacts) -> Option<EvacuationProduct> {
    if input.plan.transfers.is_empty() {
        return None;
    }
    let cx = Context::new(input);
    let mut annexes = vec![people::by_town(&cx), people::by_village(&cx), people::by_object(&cx)];
    let unplaced_note = unplaced_note(&cx);
    if !unplaced_note.zh.is_empty() {
        let (zh, en) = (&unplaced_note.zh, &unplaced_note.en);
        let note = Text::new(format!("未落实人数{zh}。"), format!("People without a place{en}."));
        annexes.iter_mut().for_each(|annex| annex.notes.push(note.clone()));
    }
    annexes.extend(board::shelters(&cx, &facts.hours));
    Some(EvacuationProduct {
        proof: facts.proof.as_ref().map(|proof| proof_in_words(&cx, proof)),
        unplaced_note,
        annexes,
    })
}

/// 步行安置部分最优，差距 0（…）: trips of vehicles are planned one after the other and are no part of the proof.
fn proof_in_words(cx: &Context<'_>, proof: &PlanProof) -> Text {
    let placed = proof.people - proof.unplaced;
    let metres = proof.person_metres;
    let (zh, en) = if proof.gap == 0 {
        ("步行安置部分最优，差距 0".to_string(), "walking part: proved optimum, gap 0".to_string())
    } else {
        let percent = 100.0 * proof.gap_relative;
        (
            format!("步行安置部分与下界的差距 {percent:.2}%（不多于此）"),
            format!("walking part: at most {percent:.2} % above the proven bound"),
        )
    };
    let (first_zh, first_en) =
        if proof.vulnerable_first { ("特殊人员优先，", "the vulnerable first, ") } else { ("", "") };
    let (left_zh, left_en) = match fetched(cx) {
        (0, _) => (format!("未落实 {} 人", proof.unplaced), format!("{} without a place", proof.unplaced)),
        (people, constructed) => {
            let left = cx.input.plan.totals.unplaced;
            let on_foot = left.saturating_add(people);
            let (made, made_en) = if constructed { ("，构造运力", ", constructed vehicles") } else { ("", "") };
            (
                format!(
                    "步行未落实 {on_foot} 人 → 车辆船艇接运 {people} 人（逐趟就近安排，不在最优证明之内{made}）→ 仍未落实 {left} 人"
                ),
                format!(
                    "{on_foot} without a place on foot, {people} of them fetched by vehicles and boats (trip by trip, no part of the proof{made_en}), {left} still without one"
                ),
            )
        }
    };
    Text::new(
        format!(
            "{zh}（步行安置 {placed} 人，{left_zh}，步行合计 {metres} 人·米；{first_zh}先求未落实最少，再求路程最短）"
        ),
        format!(
            "{en} ({placed} placed on foot, {left_en}, {metres} person-metres; {first_en}fewest without a place, then least walking)"
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
