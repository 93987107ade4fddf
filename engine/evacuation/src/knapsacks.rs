//! What no plan without splitting can be cheaper than: the Lagrangian relaxation of "every party goes somewhere", with one 0/1 knapsack per
//! shelter (Ross and Soland, Math. Program. 8, 1975; Fisher, Jörnsten and Jaikumar 1986; Guignard and Rosenwein, Oper. Res. 37, 1989).
//!
//! A party p of a people pays v for being placed; every shelter takes the parties that are worth most to it, v − person-metres, within its
//! beds. Then Σ v + Σ min(0, 10⁸ a − v) − Σ (worth taken) bounds 10⁸ × unplaced + person-metres from below, whatever the v. Knapsacks
//! are solved exactly: items that cannot be otherwise in anything better than the greedy filling are fixed (Dantzig's bound), the few others go
//! through a table over the beds left (Bellman 1957). Where that table would be too large, Dantzig's bound itself stands for the worth.

use crate::trips::Below;
use crate::{AssignmentProblem, UNPLACED_M};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Table entries beyond which a knapsack is bounded instead of solved.
const MOST_ENTRIES: u64 = 1 << 25;
/// Parties that are worth a thread: hundreds of short steps wait for one another on a busy machine, and so do 32nds of them in shelters.
const SHARED: usize = 4096;
/// Whole numbers up to here are exact as 64-bit floats.
const EXACT: i64 = 1 << 53;

/// People who go to one shelter together.
pub(crate) struct Group {
    /// demand points
    pub members: Vec<u32>,
    pub people: i64,
}

/// Parties with people, in the order of their first point.
pub(crate) fn groups(problem: &AssignmentProblem) -> Vec<Group> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    let mut groups: Vec<Group> = Vec::new();
    for (at, demand) in (0..).zip(&problem.demand).filter(|(_, demand)| demand.people > 0) {
        let next = groups.len();
        let known = demand.party.as_deref().map_or(next, |party| *named.entry(party).or_insert(next));
        if known == next {
            groups.push(Group { members: Vec::new(), people: 0 });
        }
        groups[known].members.push(at);
        // No problem has 2⁶⁰ people.
        groups[known].people += demand.people.cast_signed();
    }
    groups
}

/// A party that a shelter could take.
#[derive(Clone, Copy)]
struct Item {
    worth: i64,
    people: i64,
    group: u32,
}

/// The bound at some v.
pub(crate) struct Relaxed {
    pub bound: i128,
    /// per party, shelters that take it
    pub taken: Vec<u32>,
    /// items and table entries
    pub work: u64,
}

/// The bound for plans whose trips are no longer than `most_m`, at `v` per party (person-metres).
pub(crate) fn relaxed(problem: &AssignmentProblem, groups: &[Group], v: &[i64], most_m: u32) -> Relaxed {
    let none = Below::new(vec![0; problem.shelters.len()]);
    let found: Vec<Vec<(u32, Item)>> = (0..groups.len())
        .into_par_iter()
        .with_min_len(SHARED)
        .map_init(Vec::new, |row, at| worthwhile(problem, &groups[at], at as u32, v[at], most_m, &none, row))
        .collect();
    let mut items: Vec<Vec<Item>> = vec![Vec::new(); problem.shelters.len()];
    for (shelter, item) in found.into_iter().flatten() {
        items[shelter as usize].push(item);
    }
    let filled: Vec<Filled> = (items.into_par_iter().zip(&problem.shelters))
        .with_min_len(SHARED / 32)
        .map(|(items, site)| Filled::of(items, i64::try_from(site.capacity).unwrap_or(i64::MAX)))
        .collect();
    let mut relaxed = Relaxed { bound: 0, taken: vec![0; groups.len()], work: 0 };
    for (group, v) in groups.iter().zip(v) {
        let without_bed = i128::from(group.people) * i128::from(UNPLACED_M);
        relaxed.bound += i128::from(*v).min(without_bed);
    }
    for filled in filled {
        relaxed.bound -= i128::from(filled.worth);
        relaxed.work += filled.work;
        filled.taken.iter().for_each(|group| relaxed.taken[*group as usize] += 1);
    }
    relaxed
}

/// Shelters to which a party is worth something.
fn worthwhile(
    problem: &AssignmentProblem,
    group: &Group,
    at: u32,
    v: i64,
    most_m: u32,
    none: &Below,
    row: &mut Vec<(u32, u32)>,
) -> Vec<(u32, Item)> {
    let people = group.people;
    let item = |metres: i128| {
        let worth = i128::from(v) - metres;
        Item { worth: i64::try_from(worth.max(0)).unwrap_or(i64::MAX), people, group: at }
    };
    let holds = |shelter: u32| problem.shelters[shelter as usize].capacity >= people.unsigned_abs();
    if let [demand] = group.members[..] {
        if v > 0 {
            problem.trips.row_below(demand, (v - 1) / people + 1, none, row);
        } else {
            row.clear();
        }
        let trips = row.iter().filter(|trip| trip.1 <= most_m && holds(trip.0));
        return trips.map(|trip| (trip.0, item(i128::from(trip.1) * i128::from(people)))).collect();
    }
    let mut all: BTreeMap<u32, (usize, i128)> = BTreeMap::new();
    for &demand in &group.members {
        problem.trips.row(demand, row);
        for trip in row.iter().filter(|trip| trip.1 <= most_m) {
            let sum = all.entry(trip.0).or_default();
            let metres = i128::from(trip.1) * i128::from(problem.demand[demand as usize].people);
            *sum = (sum.0 + 1, sum.1 + metres);
        }
    }
    let everybody = all.into_iter().filter(|(shelter, sum)| sum.0 == group.members.len() && holds(*shelter));
    everybody.map(|(shelter, sum)| (shelter, item(sum.1))).filter(|(_, item)| item.worth > 0).collect()
}

/// A shelter filled with the parties that are worth most to it.
struct Filled {
    /// most worth, or an upper bound of it
    worth: i64,
    taken: Vec<u32>,
    work: u64,
}

impl Filled {
    fn of(mut items: Vec<Item>, beds: i64) -> Self {
        let sum = |of: &dyn Fn(&Item) -> i64| items.iter().map(|item| i128::from(of(item))).sum::<i128>();
        let (people, worth) = (sum(&|item| item.people), sum(&|item| item.worth));
        let mut work = items.len() as u64;
        let Ok(worth) = i64::try_from(worth) else {
            return Self { worth: i64::MAX, taken: Vec::new(), work };
        };
        if people <= i128::from(beds) {
            return Self { worth, taken: items.iter().map(|item| item.group).collect(), work };
        }
        // Worth per person, the most first.
        items.sort_unstable_by(|a, b| {
            let order = (i128::from(b.worth) * i128::from(a.people)).cmp(&(i128::from(a.worth) * i128::from(b.people)));
            order.then(a.group.cmp(&b.group))
        });
        // All up to the first that has no room, then whoever has.
        let (mut left, mut greedy, mut first) = (beds, 0, None);
        let mut in_greedy = vec![false; items.len()];
        for (at, item) in items.iter().enumerate() {
            if item.people <= left {
                left -= item.people;
                greedy += item.worth;
                in_greedy[at] = true;
            } else if first.is_none() {
                first = Some((at, left, greedy));
            }
        }
        let taken = |chosen: &[bool]| {
            let all = items.iter().zip(chosen).filter(|(_, chosen)| **chosen);
            all.map(|(item, _)| item.group).collect::<Vec<u32>>()
        };
        let Some((at, room, before)) = first else { return Self { worth: greedy, taken: taken(&in_greedy), work } };
        let (worth, people) = (i128::from(items[at].worth), i128::from(items[at].people));
        let split = i128::from(before) + i128::from(room) * worth / people;
        // By how much the bound falls when an item is not as in the split filling.
        let falls = |item: &Item| {
            let differs = i128::from(item.worth) * people - i128::from(item.people) * worth;
            differs.abs() / people
        };
        let open: Vec<bool> = items.iter().map(|item| split - falls(item) > i128::from(greedy)).collect();
        let (mut fixed, mut room) = (0, beds);
        for item in items[..at].iter().zip(&open).filter(|(_, open)| !**open).map(|(item, _)| item) {
            fixed += item.worth;
            room -= item.people;
        }
        let core: Vec<usize> = (0..items.len()).filter(|at| open[*at] && items[*at].people <= room).collect();
        let entries = core.len() as u64 * (room.unsigned_abs() + 1);
        if entries > MOST_ENTRIES || i64::try_from(split).unwrap_or(i64::MAX) >= EXACT {
            return Self { worth: i64::try_from(split).unwrap_or(i64::MAX), taken: taken(&in_greedy), work };
        }
        work += entries;
        let (best, in_core) = table(&items, &core, room as usize);
        if fixed + best <= greedy {
            return Self { worth: greedy, taken: taken(&in_greedy), work };
        }
        let mut chosen: Vec<bool> = (0..items.len()).map(|item| item < at && !open[item]).collect();
        in_core.into_iter().for_each(|item| chosen[item] = true);
        Self { worth: fixed + best, taken: taken(&chosen), work }
    }
}

/// The most worth of some items within the beds, and which they are.
fn table(items: &[Item], core: &[usize], beds: usize) -> (i64, Vec<usize>) {
    let width = beds + 1;
    let (mut best, mut next) = (vec![0.0_f64; width], vec![0.0_f64; width]);
    let mut taken = vec![false; width * core.len()];
    for (&at, taken) in core.iter().zip(taken.chunks_exact_mut(width)) {
        let (people, worth) = (items[at].people as usize, items[at].worth as f64);
        next[..people].copy_from_slice(&best[..people]);
        let pairs = best[people..].iter().zip(&best[..width - people]);
        for ((next, taken), (without, with)) in next[people..].iter_mut().zip(&mut taken[people..]).zip(pairs) {
            let with = with + worth;
            *taken = with > *without;
            *next = if with > *without { with } else { *without };
        }
        std::mem::swap(&mut best, &mut next);
    }
    let (mut room, mut chosen) = (beds, Vec::new());
    for (&at, taken) in core.iter().zip(taken.chunks_exact(width)).rev() {
        if taken[room] {
            room -= items[at].people as usize;
            chosen.push(at);
        }
    }
    (best[beds] as i64, chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_choice_is_worth_more(
            of in prop::collection::vec((1_i64..60, 1_i64..20), 0..10),
            beds in 0_i64..60,
        ) {
            let items: Vec<Item> = of.iter().zip(0..).map(|((worth, people), group)| Item { worth: *worth, people: *people, group }).collect();
            let sums = |chosen: &dyn Fn(usize) -> bool| {
                let all = of.iter().enumerate().filter(|(at, _)| chosen(*at));
                all.fold((0, 0), |sum, (_, item)| (sum.0 + item.0, sum.1 + item.1))
            };
            let every = (0..1_usize << of.len()).map(|set| sums(&|at| set >> at & 1 == 1));
            let best = every.filter(|sum| sum.1 <= beds).map(|sum| sum.0).max();
            let filled = Filled::of(items.into_iter().filter(|item| item.people <= beds).collect(), beds);
            prop_assert_eq!(Some(filled.worth), best);
            let (worth, people) = sums(&|at| filled.taken.contains(&(at as u32)));
            prop_assert!(worth == filled.worth && people <= beds);
        }
    }
}
