//! One place, one shelter: no demand point is split, parties stay together. NP-hard (generalised assignment), so: a good plan and
//! its gap to the certified optimum with splitting.
//!
//! The optimum with splitting says which shelters are worth considering for a party (least reduced cost) and where most parties
//! go. From there, pairs of shelters are divided anew until none gains, with an amount of work fixed by the size of the problem and
//! draws of a fixed seed: the same answer each time.

use crate::assignment::{Canonical, assemble, contradiction};
use crate::multipliers::multipliers;
use crate::order::id_order;
use crate::pairs::{Pairs, Party, Spread};
use crate::tree::NONE;
use crate::{AssignmentOutcome, AssignmentProblem, Move, Policy};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Shelters a party may go to, the best by reduced cost.
const CHOICES: usize = 20;
/// Table entries to fill, per party and at most.
const WORK: u64 = 1_200_000;
const WORK_MOST: u64 = 3_800_000_000;
/// Beds per shelter that are kept free under pressure, at most.
const MOST_MARGIN: i64 = 1000;
/// People beyond which person-metres do not fit the search.
const MOST_PEOPLE: u64 = 1 << 34;

/// Plan without splitting, bounded by `relaxed`, the optimum with splitting.
pub(crate) fn whole_places(
    problem: &AssignmentProblem,
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    if relaxed.people > MOST_PEOPLE {
        return Err(Finding::error(
            "EVA-005",
            Text::new(
                "人数过多，无法在不拆分的条件下计算。",
                "There are too many people to be placed without splitting.",
            ),
            Text::new(
                "核对人数；或允许拆分（split = true）。",
                "Check the numbers of people, or allow splitting (split = true).",
            ),
        )
        .at("demand")
        .field("people"));
    }
    planned(problem, canonical, relaxed)
}

/// The plan with the better of its bounds.
pub(crate) fn bounded(
    problem: &AssignmentProblem,
    mut outcome: AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    if let Some((whole, bound)) = multipliers(problem, &outcome) {
        (outcome.certificate.whole, outcome.lower_bound) = (Some(whole), bound);
    }
    if outcome.gap() < 0 { Err(contradiction()) } else { Ok(outcome) }
}

fn planned(
    problem: &AssignmentProblem,
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    if problem.policy == Policy::Sum {
        return plan(problem, canonical, relaxed);
    }
    // Shortest longest trip: the least limit that leaves no more without a bed than no limit does, and never less than with splitting.
    let lengths = |limit: u32| {
        let bounded = AssignmentProblem { trips: problem.trips.up_to(limit), ..problem.clone() };
        let (best, penalty_m) = canonical.least(&bounded, &bounded.trips)?;
        let relaxed = canonical.outcome(&bounded, &bounded.trips, &best, penalty_m, Some(limit))?;
        plan(&bounded, canonical, &relaxed)
    };
    let free = lengths(problem.trips.longest_m())?;
    let (mut low, mut high) = (relaxed.longest_m as u32, free.longest_m as u32);
    let target = (free.unplaced_vulnerable * u64::from(problem.vulnerable_first), free.left());
    let mut best = lengths(high)?;
    let worse =
        |o: &AssignmentOutcome| (o.unplaced_vulnerable * u64::from(problem.vulnerable_first), o.left()) > target;
    if worse(&best) {
        return Ok(free);
    }
    while low < high {
        let middle = low + (high - low) / 2;
        let tried = lengths(middle)?;
        if worse(&tried) {
            low = middle + 1;
        } else {
            high = (tried.longest_m as u32).min(middle);
            best = tried;
        }
    }
    Ok(best)
}

fn plan(
    problem: &AssignmentProblem,
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let (members, parties) = parties(problem, canonical, relaxed);
    let beds = canonical.shelter_at.iter().map(|&at| problem.shelters[at as usize].capacity);
    let beds: Vec<i64> = beds.map(|beds| beds.min(relaxed.people + 1).cast_signed()).collect();
    let roomy = with_room(problem, canonical, relaxed, parties.len())?;
    let (start, room) = match &roomy {
        Some((roomy, room)) => (start(canonical, roomy, &members, &parties), room.cast_signed()),
        None => (start(canonical, relaxed, &members, &parties), 0),
    };
    let work = (WORK * parties.len() as u64).min(WORK_MOST);
    // Little pressure first: it costs least metres. Where it leaves people out for whom there should be a bed, more of it.
    let mut pairs = Pairs::new(parties.clone(), beds.clone(), &start);
    let mut over = pairs.spread(Spread { margin: room, dear_m: 500 }, work / 10);
    for margin in [3 * room, 6 * room].map(|margin| margin.min(MOST_MARGIN)) {
        if over > 0 && relaxed.left() == 0 && margin > 0 {
            let mut pressed = Pairs::new(parties.clone(), beds.clone(), &start);
            let still_over = pressed.spread(Spread { margin, dear_m: 3000 }, work / 5);
            if still_over < over {
                (pairs, over) = (pressed, still_over);
            }
        }
    }
    let goes = pairs.run(work);
    let mut moves = Vec::new();
    let mut left = vec![0; problem.demand.len()];
    for (members, shelter) in members.iter().zip(goes) {
        for &demand in members {
            let people = problem.demand[demand as usize].people;
            match shelter {
                Some(place) => {
                    let shelter = canonical.shelter_at[place as usize];
                    let cost = u64::from(problem.trips.metres(demand, shelter).ok_or_else(contradiction)?);
                    moves.push(Move { demand, shelter, people, cost });
                }
                None => left[demand as usize] = people,
            }
        }
    }
    moves.sort_unstable_by_key(|m| (m.demand, m.shelter));
    assemble(problem, moves, left, relaxed.certificate.clone())
}

/// The optimum with splitting when each shelter keeps about one party's beds free, as far as there are beds to spare: sending each
/// split party to one of its shelters then overfills few of them. With the beds kept free per shelter. `None` where beds are short.
fn with_room(
    problem: &AssignmentProblem,
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
    parties: usize,
) -> Result<Option<(AssignmentOutcome, u64)>, Finding> {
    let beds: u128 = problem.shelters.iter().map(|s| u128::from(s.capacity)).sum();
    let spare = beds.saturating_sub(u128::from(relaxed.people)) as u64;
    let room = (relaxed.people / parties.max(1) as u64).min(spare / 3 / problem.shelters.len().max(1) as u64);
    if relaxed.left() > 0 {
        return Ok(None);
    }
    for room in [1, 2, 4, 8, 16, 32].map(|part| room / part).into_iter().filter(|room| *room > 0) {
        let mut roomy = problem.clone();
        for shelter in &mut roomy.shelters {
            shelter.capacity -= room.min(shelter.capacity / 4);
        }
        let (best, penalty_m) = canonical.least(&roomy, &roomy.trips)?;
        let most_m = relaxed.certificate.most_m;
        let outcome = canonical.outcome(&roomy, &roomy.trips, &best, penalty_m, most_m)?;
        if outcome.left() == 0 {
            return Ok(Some((outcome, room)));
        }
    }
    Ok(None)
}

/// Demand points of each party, parties in the order of their first id, and what the search has to know of them.
fn parties(
    problem: &AssignmentProblem,
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
) -> (Vec<Vec<u32>>, Vec<Party>) {
    let mut order = canonical.demand_at.clone();
    order.sort_by(|a, b| id_order(&problem.demand[*a as usize].id, &problem.demand[*b as usize].id));
    order.dedup();
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut members: Vec<Vec<u32>> = Vec::new();
    for demand in order {
        let next = members.len();
        let at = match problem.demand[demand as usize].party.as_deref() {
            Some(party) => *named.entry(party).or_insert(next),
            None => next,
        };
        match members.get_mut(at) {
            Some(members) => members.push(demand),
            None => members.push(vec![demand]),
        }
    }
    let penalty_m = relaxed.certificate.penalty_m;
    let longest_m = i64::from(problem.trips.longest_m());
    let parties = members
        .par_iter()
        .map(|members| {
            // (reduced cost, shelter, person-metres), only shelters that every member may use
            let mut all: BTreeMap<u32, (usize, i64)> = BTreeMap::new();
            let mut row = Vec::new();
            let (mut people, mut vulnerable) = (0, 0);
            for &demand in members {
                let place = &problem.demand[demand as usize];
                people += place.people.cast_signed();
                vulnerable += place.vulnerable.min(place.people).cast_signed();
                problem.trips.row(demand, &mut row);
                for &(shelter, metres) in row.iter().filter(|trip| canonical.place_of[trip.0 as usize] != NONE) {
                    let at = all.entry(canonical.place_of[shelter as usize]).or_default();
                    *at = (at.0 + 1, at.1 + i64::from(metres) * place.people.cast_signed());
                }
            }
            let fits = |(shelter, (count, cost)): (u32, (usize, i64))| {
                let w = relaxed.certificate.w[canonical.shelter_at[shelter as usize] as usize].min(penalty_m);
                let beds = problem.shelters[canonical.shelter_at[shelter as usize] as usize].capacity;
                (count == members.len() && people.unsigned_abs() <= beds).then_some((cost + w * people, shelter, cost))
            };
            let mut choices: Vec<(i64, u32, i64)> = all.into_iter().filter_map(fits).collect();
            choices.sort_unstable();
            choices.truncate(CHOICES);
            // Far more than any chain of trips saves; the vulnerable first where the policy says so.
            let weight_m = 20 * longest_m.max(50_000);
            let first = if problem.vulnerable_first { 20 * vulnerable } else { 0 };
            Party {
                people,
                choices: choices.into_iter().map(|(_, shelter, cost)| (shelter, cost)).collect(),
                left_cost: weight_m * (people + first),
            }
        })
        .collect();
    (members, parties)
}

/// Where the optimum with splitting sends most of each party, if all members are allowed there and it holds them all.
fn start(
    canonical: &Canonical,
    relaxed: &AssignmentOutcome,
    members: &[Vec<u32>],
    parties: &[Party],
) -> Vec<Option<u32>> {
    (members.iter().zip(parties))
        .map(|(members, party)| {
            let mut sent: BTreeMap<u32, u64> = BTreeMap::new();
            for &demand in members {
                let from = relaxed.moves.partition_point(|m| m.demand < demand);
                for step in relaxed.moves[from..].iter().take_while(|m| m.demand == demand) {
                    *sent.entry(canonical.place_of[step.shelter as usize]).or_default() += step.people;
                }
            }
            let most = sent.into_iter().max_by_key(|(shelter, people)| (*people, std::cmp::Reverse(*shelter)));
            let allowed = |shelter: &u32| party.choices.iter().any(|choice| choice.0 == *shelter);
            // Sent to shelters that are all too small for it: the best of those that are not.
            let first = party.choices.first().map(|choice| choice.0);
            most.and_then(|(shelter, _)| Some(shelter).filter(allowed).or(first))
        })
        .collect()
}
