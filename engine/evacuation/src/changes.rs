//! The difference sheet: orders given before against a new plan.

use crate::order::id_order;
use crate::sheet::quoted;
use crate::{AssignmentOutcome, AssignmentProblem, Order};
use std::collections::BTreeMap;
use std::fmt::Write;

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

/// Orders before (as [`crate::after_done`] gives them) against the plan, demand by demand, and how many people keep their shelter.
pub fn changes(problem: &AssignmentProblem, before: &[Order], outcome: &AssignmentOutcome) -> (Vec<Change>, u64) {
    use change_reason::{FEWER_PEOPLE, MAKES_ROOM, NEW_PEOPLE, SHELTER_CLOSED, SHELTER_SMALLER, WAY_CLOSED};
    let mut was: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut ordered: BTreeMap<&str, u64> = BTreeMap::new();
    for order in before {
        let was = was.entry(&order.demand).or_default().entry(&order.shelter).or_default();
        *was = was.saturating_add(order.people);
        let all = ordered.entry(&order.shelter).or_default();
        *all = all.saturating_add(order.people);
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
    let (mut changes, mut kept) = (Vec::new(), 0);
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
        kept += was.iter().map(|(shelter, people)| *people.min(is.get(shelter).unwrap_or(&0))).sum::<u64>();
        let (gone, come) = (less(was, is), less(is, was));
        let here = demand_at.get(id).map_or(0, |at| problem.demand[*at as usize].people);
        let mut fewer = was.values().fold(0, |sum: u64, people| sum.saturating_add(*people)).saturating_sub(here);
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
                        let house = |id: &String| problem.house_of(id).to_owned();
                        let (demand, from, to) = (id.to_owned(), Some(house(&from)), to.as_ref().map(house));
                        changes.push(Change { demand, from, to, people, reason });
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
            let to = Some(problem.house_of(&to).to_owned());
            changes.push(Change { demand: id.to_owned(), from: None, to, people, reason: NEW_PEOPLE });
        }
    }
    (changes, kept)
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
