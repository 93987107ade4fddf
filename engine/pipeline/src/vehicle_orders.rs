//! Orders of an earlier run to people whom vehicles and boats fetch: they keep the shelter they were told, and its beds, where those are
//! still there, before anybody else is given a bed.

use crate::carrying::{Carried, Stop};
use crate::earlier_run::kept_words_with;
use crate::walking::{Assigned, MAX_SNAP_M, Walking};
use dayu_base::{Finding, ResponseLevel};
use dayu_evacuation::{
    BEYOND_MAX_WALK, CARE, EvacHeader, EvacInstance, Keep, Kept, Order, Policies, ShelterRow, Site, id_order, words,
};
use dayu_plan::DemandPlace;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Orders of one level of an earlier run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Before {
    /// on foot, and those carried out
    pub keep: Keep,
    /// to people whom vehicles fetch
    pub carried: Vec<Order>,
}

/// Orders to people whom vehicles fetch, not carried out yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// as the earlier run gave them
    pub before: Vec<Order>,
    /// of them, those whose people and beds are there now
    pub orders: Vec<Order>,
}

impl Before {
    /// Which vehicle orders can stand: people who have moved and beds that are gone are taken off.
    pub fn told(&self, walking: &Walking, places: &[DemandPlace]) -> Told {
        let pair = |order: &Order| (order.demand.clone(), order.shelter.clone());
        // An order carried out is one on foot as far as such an order was given.
        let mut done: BTreeMap<(String, String), u64> = BTreeMap::new();
        let mut room = Room::of_shelters(walking);
        let in_care = places.iter().filter(|p| words(&p.needs).any(|word| word == CARE));
        let care: BTreeSet<&str> = in_care.map(|p| p.transfer_id.as_str()).collect();
        let mut people: BTreeMap<&str, u64> = places.iter().map(|p| (p.transfer_id.as_str(), p.people)).collect();
        for order in &self.keep.done {
            *done.entry(pair(order)).or_default() += order.people;
            if let Some(room) = room.of(order, care.contains(order.demand.as_str())) {
                *room = room.saturating_sub(order.people);
            }
            if let Some(people) = people.get_mut(order.demand.as_str()) {
                *people = people.saturating_sub(order.people);
            }
        }
        for order in &self.keep.before {
            if let Some(done) = done.get_mut(&pair(order)) {
                *done = done.saturating_sub(order.people);
            }
        }
        let mut told = Told::default();
        for order in &self.carried {
            let gone = done.get(&pair(order)).copied().unwrap_or(0);
            let waiting = order.people.saturating_sub(gone);
            if waiting == 0 {
                continue;
            }
            told.before.push(Order { people: waiting, ..order.clone() });
            let (Some(here), Some(room)) =
                (people.get_mut(order.demand.as_str()), room.of(order, care.contains(order.demand.as_str())))
            else {
                continue;
            };
            let stay = waiting.min(*here).min(*room);
            *here -= stay;
            *room -= stay;
            if stay > 0 {
                told.orders.push(Order { people: stay, ..order.clone() });
            }
        }
        told
    }

    /// What the assignment on foot keeps to: people who have moved and people who wait for their vehicle take part in it no more.
    pub fn keep_with(&self, told: &Told) -> Keep {
        let done = self.keep.done.iter().chain(&told.orders).cloned().collect();
        Keep { done, ..self.keep.clone() }
    }
}

/// Beds of each shelter that may take people, as the assignment counts them: without the share kept free, care places (`true`) apart.
struct Room(BTreeMap<(String, bool), u64>);

impl Room {
    /// The beds an order is about: care places for who needs care where a shelter tells them apart.
    fn of(&mut self, order: &Order, care: bool) -> Option<&mut u64> {
        let key = (order.shelter.clone(), care);
        let key = if self.0.contains_key(&key) { key } else { (key.0, false) };
        self.0.get_mut(&key)
    }

    fn of_shelters(walking: &Walking) -> Self {
        let reserve_share = (walking.rules.reserve_share > 0.0).then_some(walking.rules.reserve_share);
        let header =
            EvacHeader { policies: Policies { reserve_share, ..Policies::default() }, ..EvacHeader::default() };
        let near = |x: f64, y: f64| walking.graph.snap((x, y), MAX_SNAP_M, |edge| walking.passable[edge]).is_some();
        let rows = walking.shelters.iter().filter(|s| s.usable.is_ok() && near(s.x, s.y)).map(|s| ShelterRow {
            id: s.id.clone(),
            x_m: None,
            y_m: None,
            kind: None,
            capacity: s.capacity,
            offers: s.offers.clone(),
            care_places: s.care_places.map(|care| care.min(s.capacity)),
            reserve_share: s.reserve_share,
            hazard_probability: None,
            excluded: None,
        });
        let instance = EvacInstance::of_rows("beds", header, Vec::new(), rows.collect(), Vec::new());
        let house = |site: &Site| instance.shelters[site.row].id.clone();
        let sites = instance.sites();
        Self(sites.iter().map(|site| ((house(site), house(site) != site.id), site.beds)).collect())
    }
}

/// The assignment on foot has people who wait for their vehicle among those who have moved: they are taken out of its answer, to be fetched.
pub(crate) fn waiting(assigned: &mut Assigned, told: &Told) -> Vec<Stop> {
    let problem = &assigned.plan.problem;
    let demand: BTreeMap<&str, usize> = problem.demand.iter().zip(0..).map(|(d, at)| (d.id.as_str(), at)).collect();
    let sites: BTreeMap<(&str, bool), u32> =
        (0..).zip(&problem.shelters).map(|(at, s)| ((problem.house(at), s.care_of.is_some()), at)).collect();
    let mut stops = Vec::new();
    for order in told.orders.iter().rev() {
        let Some(&place) = demand.get(order.demand.as_str()) else { continue };
        let site = |care: bool| sites.get(&(order.shelter.as_str(), care)).copied();
        let in_care = if problem.demand[place].care { site(true) } else { None };
        let Some(site) = in_care.or_else(|| site(false)) else { continue };
        let row = &mut assigned.answer.rows[place];
        let Some(stands) = row.shelters.iter_mut().rev().find(|s| s.0 == order.shelter && s.2 == 0 && s.1 > 0) else {
            continue;
        };
        let people = order.people.min(stands.1);
        stands.1 -= people;
        row.shelters.retain(|s| s.1 > 0);
        row.moved -= people.min(row.moved);
        row.unplaced.push((people, BEYOND_MAX_WALK.to_owned()));
        stops.push(Stop { place, people, bed: Some(site), led: false });
    }
    stops.reverse();
    stops
}

/// `carried.csv`: demand,shelter,people,carried (bus | boat) of all orders to people whom vehicles fetch.
pub(crate) fn carried_csv(orders: &[(Order, &'static str)]) -> String {
    let mut sums: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for (order, means) in orders {
        *sums.entry((&order.demand, &order.shelter, means)).or_default() += order.people;
    }
    let mut rows: Vec<_> = sums.into_iter().collect();
    rows.sort_by(|a, b| id_order(a.0.0, b.0.0).then_with(|| id_order(a.0.1, b.0.1)).then_with(|| a.0.2.cmp(b.0.2)));
    rows.into_iter().fold(String::from("demand,shelter,people,carried\n"), |mut text, ((demand, shelter, means), n)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{n},{means}", quoted(demand), quoted(shelter));
        text
    })
}

fn quoted(field: &str) -> String {
    if field.contains([',', '"']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field.to_owned() }
}

/// How vehicle orders changed: rows of `changes.csv`, and how many people keep theirs.
#[derive(Clone, Debug, Default)]
pub(crate) struct VehicleChanges {
    pub rows: String,
    pub ordered: u64,
    pub kept: u64,
}

/// Reasons of rows of `changes.csv` that tell of vehicles begin so.
pub(crate) const OF_VEHICLES: &str = "carried_";

impl VehicleChanges {
    /// The earlier orders against the trips of now.
    pub fn of(told: &Told, now: &[(Order, &'static str)]) -> Self {
        let mut is: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for (order, _) in now {
            *is.entry(&order.demand).or_default().entry(&order.shelter).or_default() += order.people;
        }
        let mut changes = Self::default();
        let mut gone: BTreeMap<&str, Vec<(&str, u64)>> = BTreeMap::new();
        for order in &told.before {
            changes.ordered += order.people;
            let there = is.get_mut(order.demand.as_str()).and_then(|row| row.get_mut(order.shelter.as_str()));
            let kept = there.map_or(0, |there| {
                let kept = order.people.min(*there);
                *there -= kept;
                kept
            });
            changes.kept += kept;
            if order.people > kept {
                gone.entry(&order.demand).or_default().push((&order.shelter, order.people - kept));
            }
        }
        let mut demands: Vec<&str> = gone.keys().chain(is.keys()).copied().collect();
        demands.sort_by(|a, b| id_order(a, b));
        demands.dedup();
        for demand in demands {
            let mut come: Vec<(&str, u64)> =
                is.get(demand).into_iter().flatten().filter(|s| *s.1 > 0).map(|(id, n)| (*id, *n)).collect();
            come.sort_by(|a, b| id_order(a.0, b.0));
            for (from, mut people) in gone.remove(demand).unwrap_or_default() {
                for (to, there) in &mut come {
                    let moved = people.min(*there);
                    (people, *there) = (people - moved, *there - moved);
                    changes.row(demand, from, to, moved, "elsewhere");
                }
                changes.row(demand, from, "", people, "no_more");
            }
            for (to, people) in come {
                changes.row(demand, "", to, people, "anew");
            }
        }
        changes
    }

    fn row(&mut self, demand: &str, from: &str, to: &str, people: u64, reason: &str) {
        if people > 0 {
            let (demand, from, to) = (quoted(demand), quoted(from), quoted(to));
            // Writing to a String cannot fail.
            let _ = writeln!(self.rows, "{demand},{from},{to},{people},{OF_VEHICLES}{reason}");
        }
    }
}

/// Orders of a level to people whom vehicles fetch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vehicles {
    /// all of now, with the means
    pub orders: Vec<(Order, &'static str)>,
    /// those of an earlier run that were to be kept
    pub told: Vec<Order>,
    /// now against the earlier run
    pub changes: VehicleChanges,
}

impl Vehicles {
    /// The trips of now against what an earlier run told; where there was one, what is said of it counts them too.
    pub fn of(
        level: ResponseLevel,
        told: Told,
        carried: &Carried,
        kept: Option<&Kept>,
        findings: &mut [Finding],
    ) -> Self {
        let changes = VehicleChanges::of(&told, &carried.orders);
        if let Some(kept) = kept {
            let words = kept_words_with(level, kept, &changes);
            findings.iter_mut().filter(|f| f.code == words.code).for_each(|f| *f = words.clone());
        }
        Self { orders: carried.orders.clone(), told: told.orders, changes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(demand: &str, shelter: &str, people: u64) -> Order {
        Order { demand: demand.into(), shelter: shelter.into(), people }
    }

    #[test]
    fn every_vehicle_order_is_kept_changed_or_ended_and_counted_once() {
        let before = vec![order("a", "s", 10), order("a", "t", 5), order("b", "s", 4)];
        let told = Told { orders: before.clone(), before };
        let now = [(order("a", "s", 7), "bus"), (order("a", "u", 6), "boat"), (order("c", "s", 2), "bus")];
        let changes = VehicleChanges::of(&told, &now);
        assert_eq!((changes.ordered, changes.kept), (19, 7));
        assert_eq!(
            changes.rows,
            "a,s,u,3,carried_elsewhere\na,t,u,3,carried_elsewhere\na,t,,2,carried_no_more\nb,s,,4,carried_no_more\nc,,s,2,carried_anew\n"
        );
        let same = VehicleChanges::of(&told, &told.before.iter().map(|o| (o.clone(), "bus")).collect::<Vec<_>>());
        assert!(same.rows.is_empty() && same.kept == 19);
    }

    #[test]
    fn one_row_for_each_place_shelter_and_means() {
        let trips = [(order("a", "s2", 7), "bus"), (order("a", "s2", 6), "bus"), (order("a", "t", 1), "boat")];
        assert_eq!(carried_csv(&trips), "demand,shelter,people,carried\na,s2,13,bus\na,t,1,boat\n");
    }
}
