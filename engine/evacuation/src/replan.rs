//! A new plan that changes as few orders as possible: as many people as can keep the shelter they were told, while no more stay without
//! a bed than must, and all trips together are at most a share longer than in the new optimum.
//!
//! Every trip that is not an order given before is charged a price. At price 0 the plan is the new optimum, at a high price nobody changes
//! who need not; the highest price at which the trips stay within their limit gives the plan, and its duals a bound (Lagrangian relaxation of
//! the limit, Everett 1963): no plan within the limit keeps more people than the bound says.

use crate::assignment::{assemble, contradiction, solve_assignment};
use crate::order::id_order;
use crate::sheet::quoted;
use crate::{AssignmentOutcome, AssignmentProblem, Demand, Move, Order, Policy, Trips};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Share by which all trips together may be longer than in the new optimum, in ten-thousandths. Mark D: a default of this program.
pub const WITHIN_DEFAULT: u32 = 100;
/// Highest price of a change, m.
const MOST_PRICE_M: u32 = 1 << 20;

/// A plan and what it changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replan {
    /// plan for the people still to move; its proof is that of the new optimum
    pub outcome: AssignmentOutcome,
    /// person-metres of the new optimum
    pub optimum_m: u128,
    /// person-metres that the plan may have
    pub limit_m: u128,
    /// people under orders that are not carried out yet
    pub ordered: u64,
    /// of them, those who keep their shelter
    pub kept: u64,
    /// no plan within the limit, split or not, keeps more
    pub kept_at_most: u64,
    /// price of a change at which the plan was found, m
    pub price_m: u32,
    /// optimum at that price where points may be split, with the duals that prove `kept_at_most`
    pub proof: AssignmentOutcome,
    /// rows of changes.csv
    pub changes: Vec<Change>,
}

/// People whose order changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// id of the demand point
    pub demand: String,
    /// shelter before; `None` = had no order
    pub from: Option<String>,
    /// shelter now; `None` = none
    pub to: Option<String>,
    /// persons
    pub people: u64,
    /// machine reason
    pub reason: &'static str,
}

/// Reasons of [`Change`].
pub mod change_reason {
    /// people without an order before
    pub const NEW_PEOPLE: &str = "new_people";
    /// fewer people are there than were ordered
    pub const FEWER_PEOPLE: &str = "fewer_people";
    /// the shelter gets no one any more
    pub const SHELTER_CLOSED: &str = "shelter_closed";
    /// the shelter has fewer beds than were ordered there
    pub const SHELTER_SMALLER: &str = "shelter_smaller";
    /// the way is no longer allowed
    pub const WAY_CLOSED: &str = "way_closed";
    /// to make room for others, or to keep all trips within their limit
    pub const MAKES_ROOM: &str = "makes_room";
}

/// The problem with a point for each order and one for the rest of each place, at one price of a change.
pub struct Priced {
    /// the problem
    pub problem: AssignmentProblem,
    /// demand of the problem for each point
    of: Vec<u32>,
    /// shelter that each point was ordered to
    kept: Vec<Option<u32>>,
}

/// The points of [`Priced`]: ids are `demand>shelter` and `demand>`.
///
/// # Errors
/// As [`Trips::listed`].
pub fn priced(problem: &AssignmentProblem, before: &[Order], price_m: u32) -> Result<Priced, Finding> {
    let shelters: BTreeMap<&str, u32> = problem.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let mut ordered: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    for order in before {
        ordered.entry(order.demand.as_str()).or_default().push(order);
    }
    let (mut demand, mut of, mut kept, mut rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut row = Vec::new();
    for (at, place) in (0..).zip(&problem.demand) {
        problem.trips.row(at, &mut row);
        let mut orders: Vec<(u64, u32, &str)> = Vec::new();
        for order in ordered.get(place.id.as_str()).into_iter().flatten() {
            let open = |shelter: &u32| problem.shelters[*shelter as usize].capacity > 0;
            let shelter = shelters.get(order.shelter.as_str()).copied().filter(open);
            let metres = shelter.and_then(|s| row.iter().find(|trip| trip.0 == s));
            if let Some(trip) = metres {
                orders.push((order.people, trip.0, order.shelter.as_str()));
            }
        }
        // Not split: all go where most were told. Split: where fewer people are left than were ordered, long trips end first.
        let metres = |s: u32| row.iter().find(|trip| trip.0 == s).map_or(0, |trip| trip.1);
        if problem.split && !place.whole {
            orders.sort_by(|a, b| metres(a.1).cmp(&metres(b.1)).then_with(|| id_order(a.2, b.2)));
        } else {
            orders.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| id_order(a.2, b.2)));
            orders.truncate(1);
            orders.iter_mut().for_each(|order| order.0 = place.people);
        }
        let mut left = place.people;
        let mut add = |people: u64, to: Option<(u32, &str)>| {
            let id = format!("{}>{}", place.id, to.map_or("", |to| to.1));
            demand.push(Demand { id, people, vulnerable: 0, party: place.party.clone(), whole: place.whole });
            of.push(at);
            kept.push(to.map(|to| to.0));
            let charged = |trip: &(u32, u32)| {
                let charge = if to.is_some_and(|to| to.0 == trip.0) { 0 } else { price_m };
                (at_least(of.len()), trip.0, u64::from(trip.1) + u64::from(charge))
            };
            rows.extend(row.iter().map(charged));
        };
        for (people, shelter, id) in orders {
            let people = people.min(left);
            left -= people;
            if people > 0 {
                add(people, Some((shelter, id)));
            }
        }
        if left > 0 {
            add(left, None);
        }
    }
    let trips = Trips::listed(demand.len(), problem.shelters.len(), &rows)?;
    let shelters = problem.shelters.clone();
    let problem = AssignmentProblem {
        demand,
        shelters,
        trips,
        policy: Policy::Sum,
        vulnerable_first: false,
        split: problem.split,
    };
    Ok(Priced { problem, of, kept })
}

/// Index of the last of `count` points.
fn at_least(count: usize) -> u32 {
    count as u32 - 1
}

impl Priced {
    /// People who keep their shelter.
    fn keeps(&self, outcome: &AssignmentOutcome) -> u64 {
        let kept = |m: &&Move| self.kept[m.demand as usize] == Some(m.shelter);
        outcome.moves.iter().filter(kept).map(|m| m.people).sum()
    }

    /// People whose shelter is still there and in reach.
    pub fn can_stay(&self) -> u64 {
        let ordered = self.kept.iter().zip(&self.problem.demand).filter(|(kept, _)| kept.is_some());
        ordered.map(|(_, demand)| demand.people).sum()
    }

    /// Person-metres without the price.
    fn metres(&self, outcome: &AssignmentOutcome, price_m: u32) -> u128 {
        let changed = outcome.placed - self.keeps(outcome);
        outcome.person_metres - u128::from(changed) * u128::from(price_m)
    }
}

/// Most people who can keep their order in a plan that places `placed` people at no more than `limit_m` person-metres, when person-metres
/// with `price_m` for each person placed elsewhere are at least `priced_m`: with K people elsewhere, limit + price·K ≥ priced.
pub fn kept_at_most(placed: u64, priced_m: u128, limit_m: u128, price_m: u32) -> u64 {
    if price_m == 0 {
        return placed;
    }
    let least = priced_m.saturating_sub(limit_m).div_ceil(u128::from(price_m));
    placed.saturating_sub(u64::try_from(least).unwrap_or(u64::MAX))
}

/// The least-change plan for `problem` after the orders `before`, all of them not carried out yet; `within` in ten-thousandths.
///
/// # Errors
/// `EVA-073` a policy that this is not computed for, and those of [`solve_assignment`].
pub fn least_change(problem: &AssignmentProblem, before: &[Order], within: u32) -> Result<Replan, Finding> {
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
    let optimum = solve_assignment(problem)?;
    let optimum_m = optimum.person_metres;
    let limit_of = |metres: u128| metres + metres * u128::from(within) / 10_000;
    let split = problem.with_splitting();
    let bound_limit_m = limit_of(optimum_m);
    // The price by plans with splitting, which are exact.
    let split_limit_m =
        if problem.all_split() { bound_limit_m } else { limit_of(solve_assignment(&split)?.person_metres) };
    let at = |price_m: u32| -> Result<(Priced, AssignmentOutcome, u128), Finding> {
        let priced = priced(&split, before, price_m)?;
        let outcome = solve_assignment(&priced.problem)?;
        let metres = priced.metres(&outcome, price_m);
        Ok((priced, outcome, metres))
    };
    let (mut low, mut high) = (0, MOST_PRICE_M + 1);
    let mut best = None;
    // Most changes are worth less than the longest trip: begin there.
    let mut tried = problem.trips.longest_m().clamp(1, MOST_PRICE_M);
    while high - low > 1 {
        let next = at(tried)?;
        if next.2 <= split_limit_m {
            let nobody_must_change = next.0.keeps(&next.1) == next.0.can_stay();
            (low, best) = (tried, Some(next));
            if nobody_must_change {
                break;
            }
        } else {
            high = tried;
        }
        tried = low + (high - low) / 2;
        if low >= tried {
            break;
        }
    }
    let price_m = low;
    let (points, proof, _) = match best {
        Some(best) => best,
        None => at(0)?,
    };
    let kept_at_most = kept_at_most(proof.placed, proof.person_metres, bound_limit_m, price_m).min(points.can_stay());
    let outcome = if problem.all_split() {
        plan_of(problem, &points, &proof, &optimum)?
    } else {
        whole(problem, before, price_m, bound_limit_m, &optimum)?
    };
    let mut all_kept = 0;
    let changes = changes(problem, before, &outcome, &mut all_kept);
    Ok(Replan {
        optimum_m,
        limit_m: bound_limit_m,
        ordered: before.iter().map(|order| order.people).sum(),
        kept: all_kept,
        kept_at_most,
        price_m,
        proof,
        changes,
        outcome,
    })
}

/// The plan of the points as a plan of the places, with the proof of the optimum.
fn plan_of(
    problem: &AssignmentProblem,
    points: &Priced,
    outcome: &AssignmentOutcome,
    optimum: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let mut people: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for step in &outcome.moves {
        *people.entry((points.of[step.demand as usize], step.shelter)).or_default() += step.people;
    }
    let mut left = vec![0; problem.demand.len()];
    for rest in &outcome.unplaced {
        left[points.of[rest.demand as usize] as usize] += rest.people;
    }
    let mut moves = Vec::with_capacity(people.len());
    for ((demand, shelter), people) in people {
        let cost = u64::from(problem.trips.metres(demand, shelter).ok_or_else(contradiction)?);
        moves.push(Move { demand, shelter, people, cost });
    }
    assemble(problem, moves, left, optimum.certificate.clone())
}

/// Without splitting: at ever lower prices until the trips stay within their limit; at price 0 it is the plan compared with.
fn whole(
    problem: &AssignmentProblem,
    before: &[Order],
    price_m: u32,
    limit_m: u128,
    optimum: &AssignmentOutcome,
) -> Result<AssignmentOutcome, Finding> {
    let mut price_m = price_m;
    while price_m > 0 {
        let points = priced(problem, before, price_m)?;
        let outcome = solve_assignment(&points.problem)?;
        if outcome.left() <= optimum.left() && points.metres(&outcome, price_m) <= limit_m {
            return plan_of(problem, &points, &outcome, optimum);
        }
        price_m /= 4;
    }
    Ok(optimum.clone())
}

/// Orders before against the plan, demand by demand; counts who keeps the shelter.
fn changes(problem: &AssignmentProblem, before: &[Order], outcome: &AssignmentOutcome, kept: &mut u64) -> Vec<Change> {
    use change_reason::{FEWER_PEOPLE, MAKES_ROOM, NEW_PEOPLE, SHELTER_CLOSED, SHELTER_SMALLER, WAY_CLOSED};
    let mut was: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut ordered: BTreeMap<&str, u64> = BTreeMap::new();
    for order in before {
        *was.entry(&order.demand).or_default().entry(&order.shelter).or_default() += order.people;
        *ordered.entry(&order.shelter).or_default() += order.people;
    }
    let mut is: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    for step in &outcome.moves {
        let (demand, shelter) = (&problem.demand[step.demand as usize].id, &problem.shelters[step.shelter as usize].id);
        is.entry(demand).or_default().insert(shelter, step.people);
    }
    let demand_at: BTreeMap<&str, u32> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let shelter_at: BTreeMap<&str, u32> = problem.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let mut ids: Vec<&str> = was.keys().chain(is.keys()).copied().collect();
    ids.sort_by(|a, b| id_order(a, b));
    ids.dedup();
    let mut changes = Vec::new();
    for id in ids {
        let none = BTreeMap::new();
        let (was, is) = (was.get(id).unwrap_or(&none), is.get(id).unwrap_or(&none));
        let less = |a: &BTreeMap<&str, u64>, b: &BTreeMap<&str, u64>| {
            let mut rest: Vec<(String, u64)> = (a.iter())
                .map(|(shelter, people)| {
                    ((*shelter).to_owned(), people.saturating_sub(b.get(shelter).copied().unwrap_or(0)))
                })
                .filter(|(_, people)| *people > 0)
                .collect();
            rest.sort_by(|a, b| id_order(&a.0, &b.0));
            rest
        };
        *kept += was.iter().map(|(shelter, people)| *people.min(is.get(shelter).unwrap_or(&0))).sum::<u64>();
        let (gone, come) = (less(was, is), less(is, was));
        let here = demand_at.get(id).map_or(0, |at| problem.demand[*at as usize].people);
        let mut fewer = was.values().sum::<u64>().saturating_sub(here);
        let mut come = come.into_iter().peekable();
        let mut taken = 0;
        for (from, people) in gone {
            let site = shelter_at.get(from.as_str()).map(|at| (*at, problem.shelters[*at as usize].capacity));
            let way =
                site.zip(demand_at.get(id)).and_then(|((shelter, _), demand)| problem.trips.metres(*demand, shelter));
            let why = match site {
                None | Some((_, 0)) => SHELTER_CLOSED,
                _ if way.is_none() => WAY_CLOSED,
                Some((_, beds)) if beds < ordered[from.as_str()] => SHELTER_SMALLER,
                _ => MAKES_ROOM,
            };
            let mut people = people;
            while people > 0 {
                let (to, moved) = match come.peek() {
                    Some((to, there)) => (Some(to.clone()), people.min(there - taken)),
                    None => (None, people),
                };
                let gone_for_good = if to.is_none() { fewer.min(moved) } else { 0 };
                fewer -= gone_for_good;
                let mut told = |people: u64, reason: &'static str| {
                    if people > 0 {
                        let (demand, from) = (id.to_owned(), Some(from.clone()));
                        changes.push(Change { demand, from, to: to.clone(), people, reason });
                    }
                };
                told(gone_for_good, FEWER_PEOPLE);
                told(moved - gone_for_good, why);
                people -= moved;
                taken += moved;
                if come.peek().is_some_and(|(_, there)| *there == taken) {
                    come.next();
                    taken = 0;
                }
            }
        }
        for (to, people) in come {
            let people = people - std::mem::take(&mut taken);
            changes.push(Change { demand: id.to_owned(), from: None, to: Some(to), people, reason: NEW_PEOPLE });
        }
    }
    changes
}

/// `changes.csv`: demand,from,to,people,reason; empty = none.
pub fn changes_csv(changes: &[Change]) -> String {
    changes.iter().fold(String::from("demand,from,to,people,reason\n"), |mut text, change| {
        let of = |id: &Option<String>| quoted(id.as_deref().unwrap_or("")).into_owned();
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "{},{},{},{},{}",
            quoted(&change.demand),
            of(&change.from),
            of(&change.to),
            change.people,
            change.reason
        );
        text
    })
}
