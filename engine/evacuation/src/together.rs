//! Some places stay together, the others may be split: institutions, villages that one shelter must take whole.
//!
//! Of the optimum with splitting only few places are parted. Each of them, the largest first, is sent whole to the shelter that is cheapest
//! by the duals and holds it; the rest is solved anew, exactly, until no place is parted. The duals of the optimum with splitting bound every
//! such plan, so the gap is told.

use crate::assignment::{Canonical, assemble, contradiction};
use crate::order::id_order;
use crate::{AssignmentOutcome, AssignmentProblem, Move, Policy};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// Plan with the places that stay together whole, bounded by `relaxed`, the optimum with splitting.
pub(crate) fn some_together(
    problem: &AssignmentProblem,
    relaxed: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    if problem.policy == Policy::Longest {
        return Err(refused());
    }
    let mut rest = problem.with_splitting();
    let mut current = relaxed.clone();
    let mut sent: BTreeMap<u32, Option<Move>> = BTreeMap::new();
    loop {
        let parted = parted(problem, &current);
        if parted.is_empty() {
            break;
        }
        for demand in parted {
            let goes = cheapest(problem, &rest, &current, demand);
            let place = &mut rest.demand[demand as usize];
            (place.people, place.vulnerable) = (0, 0);
            if let Some(goes) = &goes {
                rest.shelters[goes.shelter as usize].capacity -= goes.people;
            }
            sent.insert(demand, goes);
        }
        current = Canonical::of(&rest)?.solve(&rest)?;
    }
    let mut left = vec![0; problem.demand.len()];
    current.unplaced.iter().for_each(|u| left[u.demand as usize] = u.people);
    let mut moves = current.moves;
    for (demand, goes) in sent {
        match goes {
            Some(goes) => moves.push(goes),
            None => left[demand as usize] = problem.demand[demand as usize].people,
        }
    }
    moves.sort_unstable_by_key(|m| (m.demand, m.shelter));
    let outcome = assemble(problem, moves, left, relaxed.certificate.clone())?;
    if outcome.gap() < 0 { Err(contradiction()) } else { Ok(outcome) }
}

/// Places that must stay together and do not, the largest first.
fn parted(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Vec<u32> {
    let mut parts = vec![0_u32; problem.demand.len()];
    outcome.moves.iter().for_each(|m| parts[m.demand as usize] += 1);
    outcome.unplaced.iter().for_each(|u| parts[u.demand as usize] += 1);
    let mut found: Vec<u32> = (0..problem.demand.len() as u32)
        .filter(|at| problem.demand[*at as usize].whole && parts[*at as usize] > 1)
        .collect();
    let key = |at: u32| &problem.demand[at as usize];
    found.sort_by(|a, b| key(*b).people.cmp(&key(*a).people).then_with(|| id_order(&key(*a).id, &key(*b).id)));
    found
}

/// The shelter with beds for all of a place that is cheapest by the duals; ties by id.
fn cheapest(
    problem: &AssignmentProblem,
    rest: &AssignmentProblem,
    current: &AssignmentOutcome,
    demand: u32,
) -> Option<Move> {
    let people = problem.demand[demand as usize].people;
    let mut row = Vec::new();
    problem.trips.row(demand, &mut row);
    let penalty_m = current.certificate.penalty_m;
    let cost = |shelter: u32, metres: u32| i64::from(metres) + current.certificate.w[shelter as usize].min(penalty_m);
    row.into_iter()
        .filter(|(shelter, _)| rest.shelters[*shelter as usize].capacity >= people)
        .min_by(|a, b| {
            let id = |shelter: u32| problem.shelters[shelter as usize].id.as_str();
            cost(a.0, a.1).cmp(&cost(b.0, b.1)).then_with(|| id_order(id(a.0), id(b.0)))
        })
        .map(|(shelter, metres)| Move { demand, shelter, people, cost: u64::from(metres) })
}

fn refused() -> Finding {
    Finding::error(
        "EVA-100",
        Text::new(
            "部分点不拆分（whole 列）只支持 policy = \"sum\"，未作计算。",
            "Places kept together one by one (column whole) are computed for policy = \"sum\" only; nothing was computed.",
        ),
        Text::new("改用 policy = \"sum\"，或 split = false。", "Use policy = \"sum\", or split = false."),
    )
    .field("policy")
}
