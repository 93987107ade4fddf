//! The judge: checks a plan and its proof from the problem alone, sharing nothing with the solver.

use crate::trips::Below;
use crate::{AssignmentOutcome, AssignmentProblem, Certificate, Policy, UNPLACED_M};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Whether the outcome is a plan at all (allowed trips at their cost, nobody lost or doubled, no shelter over capacity, no place split that
/// must not be, sums right) and whether its duals prove the bound: u ≤ penalty, w ≥ 0, u − w ≤ cost on every trip. Where
/// places may be split, the bound must equal the value; where none is, the knapsacks that may prove more are solved.
///
/// # Errors
/// `EVA-006` naming the first thing that does not hold.
pub fn verify_certificate(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    verify_plan(problem, outcome)?;
    let gap = outcome.gap();
    if problem.all_split() && gap != 0 {
        return Err(fault("下界与目标值不等", "bound and value differ", format!("{gap}")));
    }
    if problem.all_split() && problem.policy == Policy::Longest { verify_cuts(problem, outcome) } else { Ok(()) }
}

/// Whether no more people, and no more of the vulnerable, could be placed by any trips, and fewer by trips shorter than the longest allowed.
fn verify_cuts(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let missing =
        || fault("证书没有说明为何不能更短", "the proof does not say why no shorter trips would do", String::new());
    let cuts = outcome.certificate.cuts.as_ref().ok_or_else(missing)?;
    let most_m = outcome.certificate.most_m.ok_or_else(missing)?;
    let sizes = [cuts.all.len(), cuts.all_vulnerable.len(), cuts.shorter.len()];
    if sizes != [problem.demand.len(); 3] {
        return Err(missing());
    }
    let vulnerable = |at: usize| problem.demand[at].vulnerable.min(problem.demand[at].people);
    // People who can be placed at most: everybody outside the cut, and as many of it as there are beds where any of it may go.
    let at_most = |lacks: &[bool], only_vulnerable: bool, below_m: u32| {
        let people = |at: usize| if only_vulnerable { vulnerable(at) } else { problem.demand[at].people };
        let mut reached = vec![false; problem.shelters.len()];
        let (mut most, mut row) = (0_u128, Vec::new());
        for (at, lacks) in lacks.iter().enumerate() {
            if *lacks {
                problem.trips.row(at as u32, &mut row);
                row.iter().filter(|trip| trip.1 < below_m).for_each(|trip| reached[trip.0 as usize] = true);
            } else {
                most += u128::from(people(at));
            }
        }
        let open = problem.shelters.iter().zip(&reached).filter(|(_, reached)| **reached);
        most + open.map(|(site, _)| u128::from(site.capacity)).sum::<u128>()
    };
    let all_vulnerable: u64 = (0..problem.demand.len()).map(vulnerable).sum();
    let placed = u128::from(outcome.placed);
    let placed_vulnerable = u128::from(all_vulnerable.saturating_sub(outcome.unplaced_vulnerable));
    let most = at_most(&cuts.all, false, u32::MAX) == placed;
    let most_vulnerable =
        !problem.vulnerable_first || at_most(&cuts.all_vulnerable, true, u32::MAX) == placed_vulnerable;
    let enough = if cuts.of_vulnerable && problem.vulnerable_first { placed_vulnerable } else { placed };
    let of_vulnerable = cuts.of_vulnerable && problem.vulnerable_first;
    let shorter = outcome.moves.is_empty() || at_most(&cuts.shorter, of_vulnerable, most_m) < enough;
    if most && most_vulnerable && shorter {
        return Ok(());
    }
    Err(fault(
        "最长路程并非最短，或还能多安置",
        "the longest trip is not the shortest, or more could be placed",
        String::new(),
    ))
}

/// As [`verify_certificate`] for a plan that need not be the optimum, as one that keeps orders given before.
///
/// # Errors
/// `EVA-006` naming the first thing that does not hold.
pub fn verify_plan(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    people_and_beds(problem, outcome)?;
    moves(problem, outcome)?;
    verify_duals(problem, &outcome.certificate)?;
    bound(problem, outcome)
}

fn people_and_beds(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let mut left: Vec<i128> = problem.demand.iter().map(|d| i128::from(d.people)).collect();
    let mut free: Vec<i128> = problem.shelters.iter().map(|s| i128::from(s.capacity)).collect();
    for step in &outcome.moves {
        let (Some(left), Some(free)) = (left.get_mut(step.demand as usize), free.get_mut(step.shelter as usize)) else {
            return Err(fault("转移指向不存在的点或场所", "a move names a place that does not exist", String::new()));
        };
        if step.people == 0 {
            return Err(fault("有一项转移人数为零", "a move of nobody", String::new()));
        }
        *left -= i128::from(step.people);
        *free -= i128::from(step.people);
    }
    for rest in &outcome.unplaced {
        match left.get_mut(rest.demand as usize) {
            Some(left) if rest.people > 0 => *left -= i128::from(rest.people),
            _ => return Err(fault("未安置名单有误", "a wrong entry among the unplaced", String::new())),
        }
    }
    if let Some(demand) = left.iter().position(|&left| left != 0) {
        let id = problem.demand[demand].id.clone();
        return Err(fault("已安置与未安置之和不等于人数", "placed and unplaced do not add up to the people", id));
    }
    if let Some(shelter) = free.iter().position(|&free| free < 0) {
        let id = problem.shelters[shelter].id.clone();
        return Err(fault("场所超过容量", "a shelter is over capacity", id));
    }
    let people: u128 = problem.demand.iter().map(|d| u128::from(d.people)).sum();
    let placed: u128 = outcome.moves.iter().map(|m| u128::from(m.people)).sum();
    if u128::from(outcome.people) != people || u128::from(outcome.placed) != placed {
        return Err(fault("总人数有误", "wrong totals of people", String::new()));
    }
    Ok(())
}

/// Whether duals are within their range and keep every inequality: then their bound holds for every plan.
///
/// # Errors
/// `EVA-006` naming the first thing that does not hold.
pub fn verify_duals(problem: &AssignmentProblem, proof: &Certificate) -> Result<(), Finding> {
    let vulnerable = proof.vulnerable.as_ref();
    let sorts = vulnerable.unwrap_or(&proof.u);
    if proof.u.len() != problem.demand.len()
        || sorts.len() != problem.demand.len()
        || proof.w.len() != problem.shelters.len()
        || proof.penalty_m < UNPLACED_M
        || vulnerable.is_some() != problem.vulnerable_first
        || proof.most_m.is_some() != (problem.policy == Policy::Longest)
        || proof.u.iter().any(|&u| u > proof.penalty_m)
        || sorts.iter().any(|&u| u > 2 * proof.penalty_m)
        || proof.w.iter().any(|&w| w < 0)
        || proof.whole.as_ref().is_some_and(|whole| problem.split || whole.len() != problem.demand.len())
    {
        return Err(fault("对偶值超出范围", "duals out of range", String::new()));
    }
    let most_m = proof.most_m.unwrap_or(u32::MAX);
    let below = Below::new(proof.w.clone());
    let broken = (0..problem.demand.len() as u32).into_par_iter().map_init(Vec::new, |row, demand| {
        let dearest = proof.u[demand as usize].max(sorts[demand as usize]);
        problem.trips.row_below(demand, dearest, &below, row);
        let bad = row.iter().find(|trip| trip.1 <= most_m);
        bad.map(|trip| (demand, trip.0))
    });
    if let Some((demand, shelter)) = broken.find_first(Option::is_some).flatten() {
        let pair = format!("{} → {}", problem.demand[demand as usize].id, problem.shelters[shelter as usize].id);
        return Err(fault("对偶不等式不成立", "a dual inequality does not hold", pair));
    }
    Ok(())
}

fn moves(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let proof = &outcome.certificate;
    let limit_is_reached = |most_m: u32| outcome.moves.is_empty() || u64::from(most_m) == outcome.longest_m;
    if problem.all_split() && proof.most_m.is_some_and(|most_m| !limit_is_reached(most_m)) {
        return Err(fault("最长路程有误", "wrong longest trip", String::new()));
    }
    let mut moves: Vec<(u32, u32, u64)> = outcome.moves.iter().map(|m| (m.demand, m.shelter, m.cost)).collect();
    moves.sort_unstable();
    if moves.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
        return Err(fault("同一对点与场所出现两次", "a pair is used twice", String::new()));
    }
    let most_m = proof.most_m.unwrap_or(u32::MAX);
    for &(demand, shelter, cost) in &moves {
        let metres = problem.trips.metres(demand, shelter).filter(|metres| *metres <= most_m);
        if metres.map(u64::from) != Some(cost) {
            let pair = format!("{} → {}", problem.demand[demand as usize].id, problem.shelters[shelter as usize].id);
            return Err(fault("使用了不允许的弧或路程有误", "a move uses no allowed arc at its cost", pair));
        }
    }
    if !problem.all_split() {
        let whole = |demand: &u32| !problem.split || problem.demand[*demand as usize].whole;
        let mut same = moves.windows(2).filter(|pair| pair[0].0 == pair[1].0).map(|pair| pair[0].0);
        let twice = same.find(whole);
        let goes = |demand: u32| moves.binary_search_by_key(&demand, |m| m.0).is_ok();
        let part = outcome.unplaced.iter().map(|rest| rest.demand).find(|demand| whole(demand) && goes(*demand));
        if let Some(demand) = twice.or(part) {
            let id = problem.demand[demand as usize].id.clone();
            return Err(fault("不可拆分的需求点被拆分", "a place that must stay together is split", id));
        }
        if !problem.split {
            parties_together(problem, &moves)?;
        }
    }
    Ok(())
}

/// Every party in one shelter, or all of it without a bed. `moves` are (demand, shelter, metres) ascending, one a demand point.
fn parties_together(problem: &AssignmentProblem, moves: &[(u32, u32, u64)]) -> Result<(), Finding> {
    let mut goes: BTreeMap<&str, Option<u32>> = BTreeMap::new();
    for (at, demand) in (0..).zip(&problem.demand).filter(|(_, demand)| demand.people > 0) {
        let Some(party) = demand.party.as_deref() else { continue };
        let shelter = moves.binary_search_by_key(&at, |m| m.0).ok().map(|found| moves[found].1);
        if *goes.entry(party).or_insert(shelter) != shelter {
            return Err(fault("家庭或村组被分开", "a party is parted", party.to_owned()));
        }
    }
    Ok(())
}

fn bound(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let person_metres: u128 = outcome.moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum();
    let longest_m = outcome.moves.iter().map(|m| m.cost).max().unwrap_or(0);
    if person_metres != outcome.person_metres || longest_m != outcome.longest_m {
        return Err(fault("人·米或最长路程有误", "wrong person-metres or longest trip", String::new()));
    }
    let (mut left, mut left_vulnerable) = (0, 0);
    for rest in &outcome.unplaced {
        let place = &problem.demand[rest.demand as usize];
        left += rest.people;
        left_vulnerable += rest.people.saturating_sub(place.people - place.vulnerable.min(place.people));
    }
    if left_vulnerable != outcome.unplaced_vulnerable {
        return Err(fault("未安置的脆弱人数有误", "wrong number of vulnerable people unplaced", String::new()));
    }
    let bound = outcome.certificate.proven(problem, left, left_vulnerable);
    if bound != Some(outcome.lower_bound) {
        return Err(fault("下界有误", "wrong lower bound", format!("{bound:?} ≠ {}", outcome.lower_bound)));
    }
    let gap = outcome.gap();
    if gap < 0 {
        return Err(fault("下界与目标值不等", "bound and value differ", format!("{gap}")));
    }
    Ok(())
}

pub(crate) fn fault(zh: &str, en: &str, place: String) -> Finding {
    Finding::error(
        "EVA-006",
        Text::new(format!("安置方案未通过核验：{zh}。"), format!("The plan failed its check: {en}.")),
        Text::new(
            "不要使用本方案；请把问题文件发给维护人员。",
            "Do not use this plan; send the problem to the maintainers.",
        ),
    )
    .at(place)
}
