//! The judge: checks a plan and its proof from the problem alone, sharing nothing with the solver.

use crate::{AssignmentOutcome, AssignmentProblem, UNPLACED_M};
use dayu_base::{Finding, Text};

/// Whether the outcome is a plan at all (allowed arcs at their cost, nobody lost or doubled, no shelter over capacity, sums right) and whether
/// its duals prove it optimal: u ≤ penalty, w ≥ 0, u − w ≤ cost on every arc, and bound = value.
///
/// # Errors
/// `EVA-006` naming the first thing that does not hold.
pub fn verify_certificate(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    people_and_beds(problem, outcome)?;
    moves_and_duals(problem, outcome)?;
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

fn moves_and_duals(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let proof = &outcome.certificate;
    if proof.u.len() != problem.demand.len()
        || proof.w.len() != problem.shelters.len()
        || proof.penalty_m < UNPLACED_M
        || proof.u.iter().any(|&u| u > proof.penalty_m)
        || proof.w.iter().any(|&w| w < 0)
    {
        return Err(fault("对偶值超出范围", "duals out of range", String::new()));
    }
    let mut moves: Vec<(u32, u32, u64)> = outcome.moves.iter().map(|m| (m.demand, m.shelter, m.cost)).collect();
    moves.sort_unstable();
    if moves.windows(2).any(|pair| (pair[0].0, pair[0].1) == (pair[1].0, pair[1].1)) {
        return Err(fault("同一对点与场所出现两次", "a pair is used twice", String::new()));
    }
    let mut first = vec![0; problem.demand.len() + 1];
    for step in &moves {
        first[step.0 as usize + 1] += 1;
    }
    for demand in 0..problem.demand.len() {
        first[demand + 1] += first[demand];
    }
    let mut found = 0;
    for &(demand, shelter, cost) in &problem.arcs {
        let (d, s) = (demand as usize, shelter as usize);
        let (Some(&u), Some(&w)) = (proof.u.get(d), proof.w.get(s)) else {
            return Err(fault("弧指向不存在的点或场所", "an arc names a place that does not exist", String::new()));
        };
        if i128::from(u) - i128::from(w) > i128::from(cost) {
            let pair = format!("{} → {}", problem.demand[d].id, problem.shelters[s].id);
            return Err(fault("对偶不等式不成立", "a dual inequality does not hold", pair));
        }
        found += moves[first[d]..first[d + 1]].iter().filter(|m| m.1 == shelter && m.2 == cost).count();
    }
    if found != moves.len() {
        return Err(fault("使用了不允许的弧或路程有误", "a move uses no allowed arc at its cost", String::new()));
    }
    Ok(())
}

fn bound(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Result<(), Finding> {
    let person_metres: u128 = outcome.moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum();
    let longest_m = outcome.moves.iter().map(|m| m.cost).max().unwrap_or(0);
    if person_metres != outcome.person_metres || longest_m != outcome.longest_m {
        return Err(fault("人·米或最长路程有误", "wrong person-metres or longest trip", String::new()));
    }
    let left: u128 = outcome.unplaced.iter().map(|u| u128::from(u.people)).sum();
    let proof = &outcome.certificate;
    let mut dual_value = 0_i128;
    for (demand, &u) in problem.demand.iter().zip(&proof.u) {
        dual_value += i128::from(demand.people) * i128::from(u);
    }
    for (shelter, &w) in problem.shelters.iter().zip(&proof.w) {
        dual_value -= i128::from(shelter.capacity) * i128::from(w);
    }
    let value = left.cast_signed() * i128::from(proof.penalty_m) + person_metres.cast_signed();
    if value != dual_value || outcome.lower_bound != outcome.value() {
        return Err(fault("下界与目标值不等", "bound and value differ", format!("{value} ≠ {dual_value}")));
    }
    Ok(())
}

fn fault(zh: &str, en: &str, place: String) -> Finding {
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
