//! Shelters as people know them. The care places of a shelter are a site of their own in a problem, but orders and plans name the house:
//! who needs care goes to its care places, everybody else to its other beds, so nothing is lost.

use crate::{AssignmentOutcome, AssignmentProblem, Order};
use std::collections::BTreeMap;

/// Sites by the ids that files give.
pub(crate) struct Houses<'a> {
    sites: BTreeMap<&'a str, u32>,
    /// care places of a house
    care: BTreeMap<&'a str, u32>,
    /// house of each site
    house: Vec<&'a str>,
}

impl<'a> Houses<'a> {
    /// From (id, house whose care places these are) of each site.
    pub fn of(sites: impl Iterator<Item = (&'a str, Option<&'a str>)>) -> Self {
        let mut houses = Self { sites: BTreeMap::new(), care: BTreeMap::new(), house: Vec::new() };
        for (at, (id, care_of)) in (0..).zip(sites) {
            houses.sites.insert(id, at);
            if let Some(house) = care_of {
                houses.care.insert(house, at);
            }
            houses.house.push(care_of.unwrap_or(id));
        }
        houses
    }

    /// The site that an id stands for where people go who need care, or who do not.
    pub fn site(&self, id: &str, care: bool) -> Option<u32> {
        let named = *self.sites.get(id)?;
        let house = self.house[named as usize];
        if care { self.care.get(house) } else { None }.or_else(|| self.sites.get(house)).copied()
    }
}

impl AssignmentProblem {
    pub(crate) fn houses(&self) -> Houses<'_> {
        Houses::of(self.shelters.iter().map(|site| (site.id.as_str(), site.care_of.as_deref())))
    }

    /// The id under which people know a shelter.
    pub fn house(&self, shelter: u32) -> &str {
        let site = &self.shelters[shelter as usize];
        site.care_of.as_deref().unwrap_or(&site.id)
    }

    /// The house that an id of an order names: care places are part of theirs.
    pub fn house_of<'a>(&'a self, id: &'a str) -> &'a str {
        let site = self.shelters.iter().find(|site| site.id == id);
        site.and_then(|site| site.care_of.as_deref()).unwrap_or(id)
    }

    /// Orders with the sites that they name in place of the houses; ids that the problem does not have are left as they are.
    pub(crate) fn sited(&self, orders: &[Order]) -> Vec<Order> {
        let houses = self.houses();
        let care: BTreeMap<&str, bool> = self.demand.iter().map(|d| (d.id.as_str(), d.care)).collect();
        let mut sited: Vec<Order> = Vec::with_capacity(orders.len());
        let mut at: BTreeMap<(String, String), usize> = BTreeMap::new();
        for order in orders {
            let care = care.get(order.demand.as_str()).copied().unwrap_or(false);
            let site = houses.site(&order.shelter, care);
            let shelter = site.map_or(&order.shelter, |site| &self.shelters[site as usize].id).clone();
            match at.get(&(order.demand.clone(), shelter.clone())) {
                Some(&known) => sited[known].people = sited[known].people.saturating_add(order.people),
                None => {
                    at.insert((order.demand.clone(), shelter.clone()), sited.len());
                    sited.push(Order { shelter, ..order.clone() });
                }
            }
        }
        sited
    }
}

/// `care.csv`: demand,shelter,people of a plan who lie in care places, in the order of ids. Empty where no shelter tells them apart.
pub fn care_csv(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Option<String> {
    problem.shelters.iter().any(|site| site.care_of.is_some()).then(|| {
        let in_care = outcome.moves.iter().filter(|m| problem.shelters[m.shelter as usize].care_of.is_some());
        let mut orders: Vec<Order> = in_care
            .map(|m| Order {
                demand: problem.demand[m.demand as usize].id.clone(),
                shelter: problem.house(m.shelter).to_owned(),
                people: m.people,
            })
            .collect();
        crate::orders::sort(&mut orders);
        crate::orders_csv(&orders)
    })
}
