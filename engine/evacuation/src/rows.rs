//! Tables of an assignment problem, row by row: a row that cannot be used is left out and named, the rest is answered.

use crate::order::id_order;
use crate::sheet::Sheet;
use dayu_base::{Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// More people than live on Earth: a slip, and one that would take every bed.
pub(crate) const MOST_PEOPLE: u64 = 10_000_000_000;
/// Findings of one kind that are told one by one.
const TOLD: usize = 20;

/// A row of NAME.demand.csv.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemandRow {
    /// unique key
    pub id: String,
    /// easting, m; `None` = not stated
    pub x_m: Option<f64>,
    /// northing, m; `None` = not stated
    pub y_m: Option<f64>,
    /// persons
    pub people: u64,
    /// of them needing help; `None` = not stated
    pub vulnerable: Option<u64>,
    /// what a shelter must offer to them, see [`crate::words`]
    pub needs: String,
    /// family, village group or institution that stays together where points are not split
    pub party: Option<String>,
    /// of the people, those who go to relatives and take no bed; `None` = not stated
    pub relatives: Option<u64>,
    /// the place goes to one shelter as a whole, even where others may be split
    pub whole: bool,
}

/// A row of NAME.shelters.csv.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShelterRow {
    /// unique key
    pub id: String,
    /// easting, m; `None` = not stated
    pub x_m: Option<f64>,
    /// northing, m; `None` = not stated
    pub y_m: Option<f64>,
    /// kind of building, as written
    pub kind: Option<String>,
    /// beds
    pub capacity: u64,
    /// what it offers, see [`crate::words`]
    pub offers: String,
    /// of its beds, those kept for people who need `care`; `None` = not told apart
    pub care_places: Option<u64>,
    /// share of its beds kept free, 0 … 1; `None` = the header's
    pub reserve_share: Option<f64>,
    /// chance that a hazard reaches it, 0 … 1; `None` = not known
    pub hazard_probability: Option<f64>,
    /// why it gets no one; `None` = it may be used
    pub excluded: Option<String>,
}

/// Columns that must be there, and that may.
pub(crate) const DEMAND: (&[&str], &[&str]) =
    (&["id", "people"], &["x", "y", "vulnerable", "needs", "party", "relatives", "whole"]);
pub(crate) const SHELTERS: (&[&str], &[&str]) = (
    &["id", "capacity"],
    &["x", "y", "kind", "offers", "care_places", "reserve_share", "hazard_probability", "excluded"],
);

/// Reason of a shelter or demand point whose row cannot be measured from.
pub const BAD_COORDINATES: &str = "bad_coordinates";
/// Reason of a shelter whose number of beds cannot be read.
pub const BAD_CAPACITY: &str = "bad_capacity";

/// The rows, and the ids of those that were left out.
pub(crate) struct Rows<T> {
    pub rows: Vec<T>,
    pub left_out: BTreeSet<String>,
}

/// Turns a finding about a value into one that says what became of the row.
pub(crate) fn so(finding: Finding, zh: &str, en: &str) -> Finding {
    let message = Text::new(format!("{}{zh}", finding.message.zh), format!("{} {en}", finding.message.en));
    Finding { message, ..finding }
}

pub(crate) fn read_demand(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Rows<DemandRow>, Finding> {
    let sheet = Sheet::read_rows(file, text, DEMAND.0, DEMAND.1, findings)?;
    note_unread(file, &sheet.unread, findings);
    let (mut rows, mut left_out, mut seen) = (Vec::with_capacity(sheet.rows.len()), BTreeSet::new(), BTreeSet::new());
    for (line, row) in &sheet.rows {
        let id = Sheet::text(row, 0);
        let people = sheet.count(*line, row, 1).and_then(|people| {
            let text = people.to_string();
            if people > MOST_PEOPLE {
                return Err(sheet.value(*line, 1, &text, "超过全球人口", "is more than all people on Earth"));
            }
            Ok(people)
        });
        let people = match (unique(&sheet, *line, id, &seen), people) {
            (Ok(()), Ok(people)) => people,
            (Err(finding), _) | (_, Err(finding)) => {
                let (zh, en) = ("该行未参与安置，须人工落实。", "The row was left out: house these people by hand.");
                findings.push(so(finding, &format!("编号“{id}”{zh}"), &format!("Id \"{id}\": {en}")));
                left_out.insert(id.to_owned());
                continue;
            }
        };
        seen.insert(id.to_owned());
        // People whose row is doubtful elsewhere still need a bed.
        let part = |column: usize, findings: &mut Vec<Finding>| match sheet.optional_count(*line, row, column) {
            Ok(Some(part)) if part > people => {
                let text = part.to_string();
                let finding = sheet.value(*line, column, &text, "大于该点人数", "is more than the people there");
                findings.push(so(finding, "按该点全部人数计。", "All people there are taken instead."));
                Some(people)
            }
            Ok(part) => part,
            Err(finding) => {
                findings.push(so(finding, "按未知处理。", "It is taken as not known."));
                None
            }
        };
        let vulnerable = part(4, findings);
        let relatives = part(7, findings);
        let (x_m, y_m) = (number(&sheet, *line, row, 2, findings), number(&sheet, *line, row, 3, findings));
        rows.push(DemandRow {
            id: id.to_owned(),
            x_m,
            y_m,
            people,
            vulnerable,
            needs: Sheet::text(row, 5).to_owned(),
            party: Some(Sheet::text(row, 6)).filter(|party| !party.is_empty()).map(str::to_owned),
            relatives,
            whole: whole(&sheet, *line, row, findings),
        });
    }
    left_out.retain(|id| !seen.contains(id));
    Ok(Rows { rows, left_out })
}

pub(crate) fn read_shelters(file: &str, text: &str, findings: &mut Vec<Finding>) -> Result<Rows<ShelterRow>, Finding> {
    let sheet = Sheet::read_rows(file, text, SHELTERS.0, SHELTERS.1, findings)?;
    note_unread(file, &sheet.unread, findings);
    let (mut rows, mut left_out, mut seen) = (Vec::with_capacity(sheet.rows.len()), BTreeSet::new(), BTreeSet::new());
    for (line, row) in &sheet.rows {
        let id = Sheet::text(row, 0);
        if let Err(finding) = unique(&sheet, *line, id, &seen) {
            let en = "The row was left out: beds are not counted twice.";
            findings.push(so(finding, "该行未采用：床位不重复计算。", en));
            left_out.insert(id.to_owned());
            continue;
        }
        seen.insert(id.to_owned());
        let mut excluded = Some(Sheet::text(row, 9)).filter(|reason| !reason.is_empty()).map(str::to_owned);
        let capacity = sheet.count(*line, row, 1).unwrap_or_else(|finding| {
            findings.push(so(finding, "该场所不安排人员。", "The shelter gets no one."));
            excluded = Some(BAD_CAPACITY.to_owned());
            0
        });
        let mut care_places = sheet.optional_count(*line, row, 6).unwrap_or_else(|finding| {
            findings.push(so(finding, "按没有护理床位处理。", "It is taken to have no care places."));
            Some(0)
        });
        if let Some(most) = care_places.filter(|most| *most > capacity) {
            let text = most.to_string();
            let finding = sheet.value(*line, 6, &text, "大于床位总数", "is more than all its beds");
            findings.push(so(finding, "按床位总数计。", "All its beds are taken instead."));
            care_places = Some(capacity);
        }
        let mut share = |column: usize, or: Option<f64>| {
            let share = sheet.number(*line, row, column).and_then(|share| match share {
                Some(share) if !(0.0..=1.0).contains(&share) => {
                    Err(sheet.value(*line, column, &share.to_string(), "不在 0 与 1 之间", "is not between 0 and 1"))
                }
                share => Ok(share),
            });
            share.unwrap_or_else(|finding| {
                findings.push(so(finding, "按最不利情形处理。", "The worst is assumed."));
                or
            })
        };
        // Not readable: keep all beds free, take the hazard as certain.
        let (reserve_share, hazard_probability) = (share(7, Some(1.0)), share(8, Some(1.0)));
        rows.push(ShelterRow {
            id: id.to_owned(),
            x_m: number(&sheet, *line, row, 2, findings),
            y_m: number(&sheet, *line, row, 3, findings),
            kind: Some(Sheet::text(row, 4)).filter(|kind| !kind.is_empty()).map(str::to_owned),
            capacity,
            offers: Sheet::text(row, 5).to_owned(),
            care_places,
            reserve_share,
            hazard_probability,
            excluded,
        });
    }
    left_out.retain(|id| !seen.contains(id));
    Ok(Rows { rows, left_out })
}

/// Arcs (demand, shelter, metres). Arcs of rows that were left out go with them; of two arcs of a pair the longer counts.
pub(crate) fn read_arcs(
    file: &str,
    text: &str,
    demand: &Rows<DemandRow>,
    shelters: &Rows<ShelterRow>,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(u32, u32, u64)>, Finding> {
    let from: BTreeMap<&str, u32> = demand.rows.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let to: BTreeMap<&str, u32> = shelters.rows.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let mut bad = Vec::new();
    let sheet = Sheet::read_rows(file, text, &["demand", "shelter", "cost"], &[], &mut bad)?;
    note_unread(file, &sheet.unread, findings);
    let mut arcs = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let (d, s) = (Sheet::text(row, 0), Sheet::text(row, 1));
        if demand.left_out.contains(d) || shelters.left_out.contains(s) {
            continue;
        }
        let at = |index: &BTreeMap<&str, u32>, column: usize, id: &str| {
            index.get(id).copied().ok_or_else(|| sheet.value(*line, column, id, "不是已有的编号", "is no known id"))
        };
        let metres = sheet.count(*line, row, 2).and_then(|metres| {
            let too_long = || sheet.value(*line, 2, &metres.to_string(), "达到 10⁸ 米", "reaches 10⁸ m");
            if metres < crate::UNPLACED_M.unsigned_abs() { Ok(metres) } else { Err(too_long()) }
        });
        let arc = at(&from, 0, d).and_then(|d| Ok((d, at(&to, 1, s)?, metres?, *line)));
        match arc {
            Ok(arc) => arcs.push(arc),
            Err(finding) => bad.push(so(finding, "该弧未采用。", "The arc was left out.")),
        }
    }
    arcs.sort_unstable_by_key(|arc| (arc.0, arc.1, std::cmp::Reverse(arc.2), arc.3));
    let mut kept: Vec<(u32, u32, u64)> = Vec::with_capacity(arcs.len());
    for (d, s, metres, line) in arcs {
        if kept.last().is_some_and(|last| (last.0, last.1) == (d, s)) {
            bad.push(
                Finding::error(
                    "EVA-003",
                    Text::new(
                        format!("{metres} 米：同一需求点到同一场所的弧出现不止一次，以较长者为准。"),
                        format!(
                            "{metres} m: more than one arc joins this demand point and shelter; the longer counts."
                        ),
                    ),
                    Text::new("每一对只保留一条弧。", "Keep one arc per pair."),
                )
                .in_file(file)
                .at(format!("line {line}")),
            );
        } else {
            kept.push((d, s, metres));
        }
    }
    let more = bad.len().saturating_sub(TOLD);
    findings.extend(bad.into_iter().take(TOLD));
    if more > 0 {
        findings.push(
            Finding::error(
                "EVA-062",
                Text::new(format!("另有 {more} 条弧未采用。"), format!("{more} more arcs were left out.")),
                Text::new("按上面列出的各行改正整张表。", "Correct the table as the rows named above show."),
            )
            .in_file(file),
        );
    }
    Ok(kept)
}

/// `EVA-001` for an id that is empty or was met before.
fn unique(sheet: &Sheet<'_>, line: usize, id: &str, seen: &BTreeSet<String>) -> Result<(), Finding> {
    if !id.is_empty() && !seen.contains(id) {
        return Ok(());
    }
    let found = sheet.value(line, 0, id, "为空或已出现过", "is empty or occurs more than once");
    let mend = Text::new("为每一行给出唯一的编号。", "Give every row its own id.");
    Err(Finding { code: "EVA-001".into(), mend, ..found })
}

/// A number, `None` and a finding where there is something else.
fn number(
    sheet: &Sheet<'_>,
    line: usize,
    row: &[Option<std::borrow::Cow<'_, str>>],
    column: usize,
    findings: &mut Vec<Finding>,
) -> Option<f64> {
    sheet.number(line, row, column).unwrap_or_else(|finding| {
        findings.push(so(finding, "位置按未知处理。", "The place is taken as not known."));
        None
    })
}

/// Whether a place stays together. What cannot be read keeps it together.
fn whole(
    sheet: &Sheet<'_>,
    line: usize,
    row: &[Option<std::borrow::Cow<'_, str>>],
    findings: &mut Vec<Finding>,
) -> bool {
    match Sheet::text(row, 8) {
        "" | "0" | "false" | "否" => false,
        "1" | "true" | "是" => true,
        text => {
            let finding = sheet.value(line, 8, text, "应为 1 或 0", "must be 1 or 0");
            findings.push(so(finding, "按不拆分处理。", "The place is kept together."));
            true
        }
    }
}

pub(crate) fn note_unread(file: &str, columns: &[String], findings: &mut Vec<Finding>) {
    for column in columns {
        findings.push(
            Finding::warning(
                "EVA-020",
                Text::new(format!("列“{column}”未被读取。"), format!("The column \"{column}\" is not read.")),
                Text::new("如属笔误，改为约定的列名。", "If it is a slip, use the agreed name."),
            )
            .in_file(file)
            .field(column),
        );
    }
}

/// Ids in their order, for a finding: the first ten.
pub(crate) fn some_ids<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let mut ids: Vec<&str> = ids.collect();
    ids.sort_by(|a, b| id_order(a, b));
    format!("{}{}", ids[..ids.len().min(10)].join(", "), if ids.len() > 10 { ", …" } else { "" })
}
