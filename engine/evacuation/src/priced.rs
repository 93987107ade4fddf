//! A problem in which every change of an order costs a price, and what its duals say about who could keep theirs.

use crate::order::id_order;
use crate::tree::NONE;
use crate::trips::Charged;
use crate::warm::Start;
use crate::{AssignmentOutcome, AssignmentProblem, Certificate, Demand, Order, Policy, ShelterSite, Trips};
use dayu_base::Finding;
use std::collections::BTreeMap;
use std::sync::Arc;

/// An id as part of another: `>` joins them and stands nowhere else.
pub(crate) fn escaped(id: &str) -> String {
    id.replace('%', "%25").replace('>', "%3E")
}

/// The problem with a point for each order and one for the rest of each place, at one price of a change.
///
/// Where more people are ordered than are there, the points hold all orders, and a shelter of the place's own takes the surplus at no
/// cost; all other trips are then a metre longer, so that it is filled first. Every real plan is a plan of these points, and the other
/// way round.
pub struct Priced {
    /// the problem
    pub problem: AssignmentProblem,
    /// demand of the problem for each point
    pub(crate) of: Vec<u32>,
    /// shelter that each point was ordered to
    pub(crate) kept: Vec<Option<u32>>,
    /// shelters of the problem itself; those that follow take surpluses
    pub(crate) shelters: u32,
    /// what was added to every real trip, m
    shift_m: u32,
    price_m: u32,
    can_stay: u64,
    people: u64,
}

/// Orders of a place that can still be kept: (people, shelter), one a shelter, in the order of ids.
type Kept = Vec<(u64, u32)>;

fn orders_of(problem: &AssignmentProblem, before: &[Order]) -> Vec<Kept> {
    let shelters: BTreeMap<&str, u32> = problem.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let places: BTreeMap<&str, u32> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    let mut orders: Vec<Kept> = vec![Vec::new(); problem.demand.len()];
    for order in before {
        let (Some(&place), Some(&shelter)) = (places.get(order.demand.as_str()), shelters.get(order.shelter.as_str()))
        else {
            continue;
        };
        let open = problem.shelters[shelter as usize].capacity > 0 && problem.trips.metres(place, shelter).is_some();
        // More than are there cannot go to one shelter.
        let people = order.people.min(problem.demand[place as usize].people);
        if open && people > 0 {
            orders[place as usize].push((people, shelter));
        }
    }
    for kept in &mut orders {
        kept.sort_by(|a, b| id_order(&problem.shelters[a.1 as usize].id, &problem.shelters[b.1 as usize].id));
    }
    orders
}

/// The points of [`Priced`], for a problem where places may be split: ids are `demand>shelter` and `demand>`, shelters that take surpluses
/// `>demand`; in the parts `%` stands as `%25` and `>` as `%3E`.
///
/// # Errors
/// `EVA-004` trips and price together reach 10⁸ m.
pub fn priced(problem: &AssignmentProblem, before: &[Order], price_m: u32) -> Result<Priced, Finding> {
    let orders = orders_of(problem, before);
    let surplus = |place: usize| {
        let ordered: u128 = orders[place].iter().map(|order| u128::from(order.0)).sum();
        u64::try_from(ordered.saturating_sub(u128::from(problem.demand[place].people))).unwrap_or(u64::MAX)
    };
    let shift_m = u32::from((0..orders.len()).any(|place| surplus(place) > 0));
    let site = |id: String, capacity: u64| ShelterSite { id, capacity, care_of: None };
    let mut shelters: Vec<ShelterSite> =
        problem.shelters.iter().map(|shelter| site(escaped(&shelter.id), shelter.capacity)).collect();
    let (mut demand, mut of, mut kept, mut points) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut can_stay = 0;
    for (at, place) in (0_u32..).zip(&problem.demand) {
        let id = escaped(&place.id);
        let ordered = &orders[at as usize];
        let spare = surplus(at as usize);
        let known = ordered.iter().fold(0, |sum: u64, order| sum.saturating_add(order.0));
        can_stay += known.min(place.people);
        if spare > 0 {
            shelters.push(site(format!(">{id}"), spare));
        }
        let own = if spare > 0 { shelters.len() as u32 - 1 } else { NONE };
        let mut add = |people: u64, to: Option<u32>| {
            let name = to.map_or("", |to| shelters[to as usize].id.as_str());
            demand.push(Demand { id: format!("{id}>{name}"), people, vulnerable: 0, ..place.clone() });
            of.push(at);
            kept.push(to);
            points.push((at, to.unwrap_or(NONE), own));
        };
        ordered.iter().for_each(|order| add(order.0, Some(order.1)));
        if place.people > known {
            add(place.people - known, None);
        }
    }
    let base = Arc::new(problem.trips.clone());
    let trips = Trips::charged(Charged { base, points, shift_m, price_m })?;
    let (vulnerable_first, policy, split) = (false, Policy::Sum, true);
    Ok(Priced {
        people: problem.demand.iter().map(|place| place.people).sum(),
        shelters: problem.shelters.len() as u32,
        problem: AssignmentProblem { demand, shelters, trips, policy, vulnerable_first, split },
        of,
        kept,
        shift_m,
        price_m,
        can_stay,
    })
}

/// The problem itself where places stay together: going elsewhere than ordered costs the price for the share of a place that changes.
///
/// # Errors
/// As [`Trips::listed`].
pub(crate) fn priced_whole(
    problem: &AssignmentProblem,
    before: &[Order],
    price_m: u32,
) -> Result<AssignmentProblem, Finding> {
    let orders = orders_of(problem, before);
    let (mut rows, mut row) = (Vec::new(), Vec::new());
    for (at, place) in (0_u32..).zip(&problem.demand) {
        problem.trips.row(at, &mut row);
        for &(shelter, metres) in &row {
            let stay = orders[at as usize].iter().find(|order| order.1 == shelter).map_or(0, |order| order.0);
            // A share of a price that fits 32 bits.
            let change = u128::from(price_m) * u128::from(place.people - stay) / u128::from(place.people.max(1));
            rows.push((at, shelter, u64::from(metres) + u64::try_from(change).unwrap_or(u64::MAX)));
        }
    }
    let trips = Trips::listed(problem.demand.len(), problem.shelters.len(), &rows)?;
    Ok(AssignmentProblem { trips, ..problem.clone() })
}

impl Priced {
    /// People of each point who keep their shelter.
    pub(crate) fn keeps(&self, outcome: &AssignmentOutcome) -> u64 {
        let kept = outcome.moves.iter().filter(|m| self.kept[m.demand as usize] == Some(m.shelter));
        kept.map(|m| m.people).sum()
    }

    /// Everybody where they were ordered to; `w` is what a bed of each shelter of the problem is worth.
    pub(crate) fn start(&self, w: &[i64]) -> Start {
        let sent = self.kept.iter().zip(&self.problem.demand).map(|(kept, point)| {
            let kept = kept.map(|kept| (kept, point.people));
            kept.into_iter().collect()
        });
        let mut w = w.to_vec();
        w.resize(self.problem.shelters.len(), 0);
        Start { sent: sent.collect(), w }
    }

    /// People whose shelter is still there and in reach.
    pub fn can_stay(&self) -> u64 {
        self.can_stay
    }

    /// Most people who can keep their order in a plan, split or not, that leaves `left` people without a bed and whose trips are no more
    /// than `limit_m` person-metres. By the duals every such plan has person-metres + price · changed ≥ their value, so with K kept
    /// limit + price · (placed − K) ≥ value (Lagrangian bound; Everett 1963). `None` only when the duals do not fit the problem.
    pub fn kept_at_most(&self, duals: &Certificate, left: u64, limit_m: u128) -> Option<u64> {
        let placed = self.people.checked_sub(left)?;
        let value = duals.bound(&self.problem, left, 0)? - i128::from(left) * i128::from(crate::UNPLACED_M);
        let metres = value - i128::from(placed) * i128::from(self.shift_m);
        let most = placed.min(self.can_stay);
        if self.price_m == 0 {
            return Some(most);
        }
        let over = metres.saturating_sub(i128::try_from(limit_m).unwrap_or(i128::MAX));
        let least = u128::try_from(over).unwrap_or(0).div_ceil(u128::from(self.price_m));
        Some(most.min(placed.saturating_sub(u64::try_from(least).unwrap_or(u64::MAX))))
    }
}
