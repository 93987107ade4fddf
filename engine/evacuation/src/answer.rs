//! The answer as tables: plan, those without a bed, proof. Rows are in the order of ids, whatever the order of the input.

use crate::certificate::fault;
use crate::order::id_order;
use crate::sheet::{Sheet, quoted};
use crate::{AssignmentOutcome, AssignmentProblem, Certificate, Cuts, Move, UNPLACED_M, Unplaced};
use dayu_base::Finding;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// `plan.csv`: demand,shelter,people,cost (metres per person). Who lies in care places stands with the house.
pub fn plan_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let mut rows: Vec<_> =
        outcome.moves.iter().map(|m| (&*problem.demand[m.demand as usize].id, problem.house(m.shelter), m)).collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| id_order(a.1, b.1)));
    let mut text = String::from("demand,shelter,people,cost\n");
    for (demand, shelter, step) in rows {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{},{}", quoted(demand), quoted(shelter), step.people, step.cost);
    }
    text
}

/// `unplaced.csv`: id,people,reason.
pub fn unplaced_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let mut rows: Vec<_> = outcome.unplaced.iter().map(|u| (&*problem.demand[u.demand as usize].id, u)).collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| a.1.reason.cmp(&b.1.reason)));
    let mut text = String::from("id,people,reason\n");
    for (id, rest) in rows {
        let _ = writeln!(text, "{},{},{}", quoted(id), rest.people, quoted(&rest.reason));
    }
    text
}

/// `certificate.csv`: kind,id,value with kind demand (u) or shelter (w). Beyond the policy "sum": `vulnerable` (u of the vulnerable),
/// `care` (w of the care places of a shelter), `whole` (where no place is split: what a party pays for being placed, person-metres), `penalty` (weight of a person without a bed, where it is not 10⁸ m) and `longest` (the
/// longest trip that the proof allows, m), the last two without an id.
pub fn certificate_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
    let proof = &outcome.certificate;
    let mut text = String::from("kind,id,value\n");
    let demand = |values: &[i64]| problem.demand.iter().map(|d| d.id.clone()).zip(values.iter().copied()).collect();
    let sites = |care: bool| {
        let of_sort = problem.shelters.iter().zip(&proof.w).filter(move |(site, _)| site.care_of.is_some() == care);
        of_sort.map(|(site, w)| (site.care_of.as_ref().unwrap_or(&site.id).clone(), *w)).collect()
    };
    let vulnerable = proof.vulnerable.as_deref().map_or_else(Vec::new, demand);
    let sides: [(&str, Vec<(String, i64)>); 4] =
        [("demand", demand(&proof.u)), ("vulnerable", vulnerable), ("shelter", sites(false)), ("care", sites(true))];
    for (kind, mut rows) in sides {
        rows.sort_by(|a, b| id_order(&a.0, &b.0));
        for (id, value) in rows {
            let _ = writeln!(text, "{kind},{},{value}", quoted(&id));
        }
    }
    let mut whole: Vec<(&str, i64)> = (problem.demand.iter().zip(proof.whole.iter().flatten()))
        .map(|(demand, value)| (demand.id.as_str(), *value))
        .collect();
    whole.sort_by(|a, b| id_order(a.0, b.0));
    for (id, value) in whole {
        let _ = writeln!(text, "whole,{},{value}", quoted(id));
    }
    if let Some(cuts) = &proof.cuts {
        let shorter = if cuts.of_vulnerable { "shorter_vulnerable" } else { "shorter" };
        let kinds = [("cut", &cuts.all), ("cut_vulnerable", &cuts.all_vulnerable), (shorter, &cuts.shorter)];
        for (kind, lacks) in kinds {
            let all = problem.demand.iter().zip(lacks).filter(|(_, lacks)| **lacks);
            let mut ids: Vec<&str> = all.map(|(demand, _)| demand.id.as_str()).collect();
            ids.sort_by(|a, b| id_order(a, b));
            for id in ids {
                let _ = writeln!(text, "{kind},{},1", quoted(id));
            }
        }
    }
    if proof.penalty_m != UNPLACED_M {
        let _ = writeln!(text, "penalty,,{}", proof.penalty_m);
    }
    if let Some(most_m) = proof.most_m {
        let _ = writeln!(text, "longest,,{most_m}");
    }
    text
}

/// Reads an answer back from its tables, for [`crate::verify_certificate`]. Sums and bound are computed anew from them.
///
/// # Errors
/// `EVA-015`, `EVA-016` tables that cannot be read or name a place that the problem does not have, `EVA-006` values missing or said twice.
pub fn read_answer(
    problem: &AssignmentProblem,
    plan_csv: &str,
    unplaced_csv: &str,
    certificate_csv: &str,
) -> Result<AssignmentOutcome, Finding> {
    let moves = read_moves("plan.csv", problem, plan_csv)?;
    let demand: BTreeMap<&str, u32> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let sheet = Sheet::read("unplaced.csv", unplaced_csv, &["id", "people", "reason"], &[])?;
    let (mut unplaced, mut unplaced_vulnerable) = (Vec::new(), 0_u64);
    for (line, row) in &sheet.rows {
        let (at, people) = (known(&sheet, &demand, *line, row, 0)?, sheet.count(*line, row, 1)?);
        let place = &problem.demand[at as usize];
        let others = place.people - place.vulnerable.min(place.people);
        unplaced_vulnerable = unplaced_vulnerable.saturating_add(people.saturating_sub(others));
        unplaced.push(Unplaced { demand: at, people, reason: Sheet::text(row, 2).to_owned() });
    }
    unplaced.sort_by_key(|rest| rest.demand);
    let certificate = read_certificate(problem, certificate_csv)?;
    let sum = |numbers: &mut dyn Iterator<Item = u64>| numbers.fold(0, u64::saturating_add);
    let (placed, left) = (sum(&mut moves.iter().map(|m| m.people)), sum(&mut unplaced.iter().map(|u| u.people)));
    Ok(AssignmentOutcome {
        people: placed.saturating_add(left),
        placed,
        person_metres: moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum(),
        longest_m: moves.iter().map(|m| m.cost).max().unwrap_or(0),
        unplaced_vulnerable,
        lower_bound: certificate.proven(problem, left, unplaced_vulnerable).unwrap_or(i128::MIN),
        moves,
        unplaced,
        certificate,
    })
}

/// Reads the moves of a table demand,shelter,people,cost, sorted by demand, shelter.
///
/// # Errors
/// `EVA-015`, `EVA-016` a table that cannot be read or names a place that the problem does not have.
pub fn read_moves(file: &str, problem: &AssignmentProblem, text: &str) -> Result<Vec<Move>, Finding> {
    let demand: BTreeMap<&str, u32> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let houses = problem.houses();
    let sheet = Sheet::read(file, text, &["demand", "shelter", "people", "cost"], &[])?;
    let mut moves = Vec::with_capacity(sheet.rows.len());
    for (line, row) in &sheet.rows {
        let demand = known(&sheet, &demand, *line, row, 0)?;
        let id = Sheet::text(row, 1);
        let site = houses.site(id, problem.demand[demand as usize].care);
        moves.push(Move {
            demand,
            shelter: site.ok_or_else(|| unknown(&sheet, *line, 1, id))?,
            people: sheet.count(*line, row, 2)?,
            cost: sheet.count(*line, row, 3)?,
        });
    }
    moves.sort_unstable_by_key(|m| (m.demand, m.shelter));
    Ok(moves)
}

/// Index of the id in a column.
fn known(
    sheet: &Sheet<'_>,
    index: &BTreeMap<&str, u32>,
    line: usize,
    row: &[Option<Cow<'_, str>>],
    column: usize,
) -> Result<u32, Finding> {
    let id = Sheet::text(row, column);
    index.get(id).copied().ok_or_else(|| unknown(sheet, line, column, id))
}

fn unknown(sheet: &Sheet<'_>, line: usize, column: usize, id: &str) -> Finding {
    sheet.value(line, column, id, "不是已有的编号", "is no known id")
}

/// Reads duals back from what [`certificate_csv`] wrote, for [`crate::verify_duals`].
///
/// # Errors
/// As [`read_answer`].
pub fn read_certificate(problem: &AssignmentProblem, text: &str) -> Result<Certificate, Finding> {
    let demand: BTreeMap<&str, u32> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let sites = |care: bool| -> BTreeMap<&str, u32> {
        let all = (0..).zip(&problem.shelters).filter(|(_, site)| site.care_of.is_some() == care);
        all.map(|(at, _)| (problem.house(at), at)).collect()
    };
    let (shelters, care) = (sites(false), sites(true));
    let sheet = Sheet::read("certificate.csv", text, &["kind", "value"], &["id"])?;
    let mut of_demand = vec![None; problem.demand.len()];
    let mut of_vulnerable = vec![None; problem.demand.len()];
    let mut of_shelter = vec![None; problem.shelters.len()];
    let mut whole = vec![None; problem.demand.len()];
    let none = || vec![false; problem.demand.len()];
    let mut cuts = Cuts { all: none(), all_vulnerable: none(), shorter: none(), of_vulnerable: false };
    let (mut penalty, mut longest) = (None, None);
    for (line, row) in &sheet.rows {
        let (kind, value, id) = (Sheet::text(row, 0), Sheet::text(row, 1), Sheet::text(row, 2));
        let value: i64 =
            value.parse().map_err(|_| sheet.value(*line, 1, value, "不是整数", "is not a whole number"))?;
        let unknown = || unknown(&sheet, *line, 2, id);
        let place = match kind {
            "demand" => &mut of_demand[*demand.get(id).ok_or_else(unknown)? as usize],
            "vulnerable" => &mut of_vulnerable[*demand.get(id).ok_or_else(unknown)? as usize],
            "shelter" => &mut of_shelter[*shelters.get(id).ok_or_else(unknown)? as usize],
            "whole" => &mut whole[*demand.get(id).ok_or_else(unknown)? as usize],
            "care" => &mut of_shelter[*care.get(id).ok_or_else(unknown)? as usize],
            "cut" | "cut_vulnerable" | "shorter" | "shorter_vulnerable" => {
                let at = *demand.get(id).ok_or_else(unknown)? as usize;
                let lacks = match kind {
                    "cut" => &mut cuts.all[at],
                    "cut_vulnerable" => &mut cuts.all_vulnerable[at],
                    _ => &mut cuts.shorter[at],
                };
                if value != 1 || std::mem::replace(lacks, true) {
                    return Err(fault("证书中的割有误", "the certificate gives a cut wrongly", id.to_owned()));
                }
                cuts.of_vulnerable |= kind == "shorter_vulnerable";
                continue;
            }
            "penalty" => &mut penalty,
            "longest" => &mut longest,
            _ => return Err(sheet.value(*line, 0, kind, "不是已知的种类", "is no known kind")),
        };
        if place.replace(value).is_some() {
            return Err(fault("证书中同一对偶值出现两次", "the certificate gives a dual twice", id.to_owned()));
        }
    }
    let all = |values: Vec<Option<i64>>| values.into_iter().collect::<Option<Vec<i64>>>();
    let missing = || fault("证书缺少对偶值", "the certificate lacks duals", String::new());
    let most_m = longest.map(u32::try_from).transpose().map_err(|_| missing())?;
    Ok(Certificate {
        penalty_m: penalty.unwrap_or(UNPLACED_M),
        u: all(of_demand).ok_or_else(missing)?,
        vulnerable: problem.vulnerable_first.then(|| all(of_vulnerable).ok_or_else(missing)).transpose()?,
        w: all(of_shelter).ok_or_else(missing)?,
        most_m,
        cuts: most_m.filter(|_| problem.all_split()).map(|_| cuts),
        whole: whole.iter().any(Option::is_some).then(|| all(whole).ok_or_else(missing)).transpose()?,
    })
}
