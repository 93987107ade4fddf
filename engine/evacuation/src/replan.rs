//! A new plan that changes few orders: as many people as can keep the shelter they were told, while no more stay without a bed than must,
//! and all trips together are at most a share longer than in the new optimum.
//!
//! Every trip that is not an order given before is charged a price. At price 0 the plan is the new optimum, at a high price nobody changes
//! who need not. Between the plan of the highest price whose trips stay within the limit and the plan of the next price, exchanges are
//! made one by one until the limit is reached. The duals bound how many any plan within the limit can keep (Lagrangian relaxation of the
//! limit, Everett 1963): what lies between that bound and the plan is its gap. Where places are not split the plan is the best of a few
//! prices, and its gap may be wide.

use crate::assignment::{assemble, contradiction, place, solve_assignment, solve_assignment_from};
use crate::changes::{Change, changes};
use crate::mixing::{Flow, towards};
use crate::priced::{Priced, priced, priced_whole};
use crate::warm::Start;
use crate::{AssignmentOutcome, AssignmentProblem, Move, Order, Policy, UNPLACED_M};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// Share by which all trips together may be longer than in the new optimum, in ten-thousandths. Mark D: a default of this program.
pub const WITHIN_DEFAULT: u32 = 100;
/// Highest price of a change, m; less where trips are so long that both together would reach the weight of a person without a bed.
const MOST_PRICE_M: u32 = 1 << 20;

/// A plan and what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replan {
    /// plan for the people still to move; its proof is that of the new optimum
    pub outcome: AssignmentOutcome,
    /// person-metres of the new optimum; where places are not split, of the best plan found for them
    pub optimum_m: u128,
    /// person-metres that the plan may have
    pub limit_m: u128,
    /// people under orders that are not carried out yet
    pub ordered: u64,
    /// of them, those who keep their shelter
    pub kept: u64,
    /// no plan within the limit that leaves as many people without a bed keeps more, split or not
    pub kept_at_most: u64,
    /// price of a change whose duals say so, m
    pub price_m: u32,
    /// optimum at that price where places may be split, with the duals that prove `kept_at_most`
    pub proof: AssignmentOutcome,
    /// Σ people·u − Σ beds·w of these duals
    pub dual_value: i128,
    /// rows of changes.csv
    pub changes: Vec<Change>,
}

/// The least-change plan for `problem` after the orders `before`, all of them not carried out yet; `within` in ten-thousandths.
///
/// # Errors
/// `EVA-073` a policy that this is not computed for, and those of [`solve_assignment`].
pub fn least_change(problem: &AssignmentProblem, before: &[Order], within: u32) -> Result<Replan, Finding> {
    least_change_from(problem, &solve_assignment(problem)?, before, within)
}

/// As [`least_change`] where the new optimum is known.
///
/// # Errors
/// Those of [`least_change`].
pub fn least_change_from(
    problem: &AssignmentProblem,
    optimum: &AssignmentOutcome,
    before: &[Order],
    within: u32,
) -> Result<Replan, Finding> {
    if problem.policy != Policy::Sum || problem.vulnerable_first {
        return Err(Finding::error(
            "EVA-073",
            Text::new(
                "按最少改动重新安排只支持 policy = \"sum\" 且 vulnerable_first = false，未作计算。",
                "Least-change plans are computed for policy = \"sum\" and vulnerable_first = false only; nothing was computed.",
            ),
            Text::new("改用该目标，或不带 --from 重新计算。", "Use this objective, or compute anew without --from."),
        )
        .field("policy"));
    }
    let limit_m = limit_of(optimum.person_metres, within);
    let split = problem.with_splitting();
    // The price by plans with splitting, which are exact.
    let split_limit_m =
        if problem.all_split() { limit_m } else { limit_of(solve_assignment(&split)?.person_metres, within) };
    let (within_limit, beyond) = by_price(&split, &optimum.certificate.w, before, split_limit_m)?;
    let outcome = if problem.all_split() {
        mixed(problem, &within_limit, beyond.as_ref(), limit_m, optimum)?
    } else {
        whole(problem, before, &within_limit, limit_m, optimum)?
    };
    // Of both prices, the duals that say more.
    let left = outcome.left();
    let at_most =
        |at: &AtPrice| at.points.kept_at_most(&at.outcome.certificate, left, limit_m).ok_or_else(contradiction);
    let mut kept_at_most = at_most(&within_limit)?;
    let mut proof = within_limit;
    if let Some(beyond) = beyond {
        let other = at_most(&beyond)?;
        if other < kept_at_most {
            (kept_at_most, proof) = (other, beyond);
        }
    }
    let (changes, kept) = changes(problem, before, &outcome);
    Ok(Replan {
        optimum_m: optimum.person_metres,
        limit_m,
        ordered: before.iter().map(|order| order.people).fold(0, u64::saturating_add),
        kept,
        kept_at_most,
        price_m: proof.price_m,
        dual_value: proof.outcome.certificate.bound(&proof.points.problem, 0, 0).ok_or_else(contradiction)?,
        proof: proof.outcome,
        changes,
        outcome,
    })
}

/// Person-metres that a plan may have, `within` ten-thousandths beyond an optimum.
pub fn limit_of(optimum_m: u128, within: u32) -> u128 {
    optimum_m + optimum_m * u128::from(within) / 10_000
}

/// The optimum of the points at one price of a change.
struct AtPrice {
    price_m: u32,
    points: Priced,
    outcome: AssignmentOutcome,
    /// person-metres without price
    metres: u128,
}

/// The plan of the highest price whose trips stay within the limit, and that of the next price unless the first keeps all who can stay.
fn by_price(
    problem: &AssignmentProblem,
    w: &[i64],
    before: &[Order],
    limit_m: u128,
) -> Result<(AtPrice, Option<AtPrice>), Finding> {
    let mut last: Option<Start> = None;
    let mut at = |price_m: u32| -> Result<AtPrice, Finding> {
        let points = priced(problem, before, price_m)?;
        // Everybody where they were ordered to, then as at the price before.
        let start = last.take().unwrap_or_else(|| points.start(w));
        let outcome = solve_assignment_from(&points.problem, &start)?;
        last = Some(Start::of(&outcome));
        let metres = real(problem, &points, &outcome).map(|m| u128::from(m.people) * u128::from(m.cost)).sum();
        Ok(AtPrice { price_m, points, outcome, metres })
    };
    let longest_m = problem.trips.longest_m();
    // One metre for the trips beside a surplus.
    let most_m = MOST_PRICE_M.min((UNPLACED_M as u32).saturating_sub(longest_m).saturating_sub(2));
    let (mut low, mut high) = (0, most_m + 1);
    let (mut best, mut beyond) = (None, None);
    // Most changes are worth less than the longest trip: begin there.
    let mut tried = longest_m.clamp(1, most_m.max(1));
    while high - low > 1 {
        let next = at(tried)?;
        if next.metres <= limit_m {
            let nobody_must_change = next.points.keeps(&next.outcome) == next.points.can_stay();
            (low, best) = (tried, Some(next));
            if nobody_must_change {
                return Ok((best.ok_or_else(contradiction)?, None));
            }
        } else {
            (high, beyond) = (tried, Some(next));
        }
        tried = low + (high - low) / 2;
    }
    let best = match best {
        Some(best) => best,
        None => at(0)?,
    };
    Ok((best, beyond))
}

/// Moves of the points into shelters of the problem, with the metres of the problem.
fn real<'a>(
    problem: &'a AssignmentProblem,
    points: &'a Priced,
    outcome: &'a AssignmentOutcome,
) -> impl Iterator<Item = Move> + 'a {
    outcome.moves.iter().filter(|m| m.shelter < points.shelters).map(|m| {
        let demand = points.of[m.demand as usize];
        let cost = u64::from(problem.trips.metres(demand, m.shelter).unwrap_or(0));
        Move { demand, shelter: m.shelter, people: m.people, cost }
    })
}

/// The plan within the limit, gone on towards the plan beyond it as far as the limit allows.
fn mixed(
    problem: &AssignmentProblem,
    within: &AtPrice,
    beyond: Option<&AtPrice>,
    limit_m: u128,
    optimum: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let points = &within.points;
    let (nobody, no_bed) = (points.problem.demand.len() as u32, points.problem.shelters.len() as u32);
    let flow = |outcome: &AssignmentOutcome| {
        let count = |people: u64| i64::try_from(people).map_err(|_| contradiction());
        // More beds than all people are as many as one wants.
        let mut free: Vec<u64> = points.problem.shelters.iter().map(|site| site.capacity.min(1 << 61)).collect();
        let mut flow = Flow::new();
        for step in &outcome.moves {
            let free = &mut free[step.shelter as usize];
            *free = free.checked_sub(step.people).ok_or_else(contradiction)?;
            flow.insert((step.demand, step.shelter), count(step.people)?);
        }
        for rest in &outcome.unplaced {
            flow.insert((rest.demand, no_bed), count(rest.people)?);
        }
        for (shelter, beds) in (0..).zip(free).filter(|(_, beds)| *beds > 0) {
            flow.insert((nobody, shelter), count(beds)?);
        }
        Ok::<Flow, Finding>(flow)
    };
    let worth = |point: u32, shelter: u32| {
        if point == nobody || shelter >= points.shelters {
            return (0, 0);
        }
        let metres = problem.trips.metres(points.of[point as usize], shelter).unwrap_or(0);
        (i128::from(metres), i128::from(points.kept[point as usize] == Some(shelter)))
    };
    let here = flow(&within.outcome)?;
    let plan = match beyond {
        Some(beyond) if beyond.outcome.left() == within.outcome.left() => {
            let there = flow(&beyond.outcome)?;
            towards(&here, &there, i128::try_from(limit_m).unwrap_or(i128::MAX), worth).ok_or_else(contradiction)?
        }
        _ => here,
    };
    let mut people: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    let mut left = vec![0; problem.demand.len()];
    for ((point, shelter), count) in plan {
        if point == nobody {
            continue;
        }
        let demand = points.of[point as usize];
        if shelter == no_bed {
            left[demand as usize] += count.unsigned_abs();
        } else if shelter < points.shelters {
            *people.entry((demand, shelter)).or_default() += count.unsigned_abs();
        }
    }
    plan_of(problem, people, left, optimum)
}

fn plan_of(
    problem: &AssignmentProblem,
    people: BTreeMap<(u32, u32), u64>,
    left: Vec<u64>,
    optimum: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let mut moves = Vec::with_capacity(people.len());
    for ((demand, shelter), people) in people {
        let cost = u64::from(problem.trips.metres(demand, shelter).ok_or_else(contradiction)?);
        moves.push(Move { demand, shelter, people, cost });
    }
    assemble(problem, moves, left, optimum.certificate.clone())
}

/// Without splitting: the first plan within the limit at ever lower prices that keeps more people than the plan compared with, which is
/// taken where it keeps all who can stay or none keeps more.
fn whole(
    problem: &AssignmentProblem,
    before: &[Order],
    split: &AtPrice,
    limit_m: u128,
    optimum: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let kept = changes(problem, before, optimum).1;
    let mut price_m = if kept < split.points.can_stay() { split.price_m } else { 0 };
    while price_m > 0 {
        let asked = priced_whole(problem, before, price_m)?;
        let outcome = place(&asked)?;
        let mut left = vec![0; problem.demand.len()];
        outcome.unplaced.iter().for_each(|rest| left[rest.demand as usize] = rest.people);
        let people = outcome.moves.iter().map(|m| ((m.demand, m.shelter), m.people)).collect();
        let plan = plan_of(problem, people, left, optimum)?;
        let better = changes(problem, before, &plan).1 > kept;
        if plan.left() == optimum.left() && plan.person_metres <= limit_m && better {
            return Ok(plan);
        }
        price_m /= 4;
    }
    Ok(optimum.clone())
}
