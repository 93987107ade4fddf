//! People to shelters: fewest without a bed first, then fewest person-metres, with a proof.

use crate::bottleneck::{cuts, shortest_longest};
use crate::certificate::verify_certificate;
use crate::columns::Rows;
use crate::order::sorted_by_id;
use crate::simplex::{Basis, Candidates, Network};
use crate::together::some_together;
use crate::tree::NONE;
use crate::warm::{Start, warm};
use crate::whole::{bounded, whole_places};
use crate::{AssignmentOutcome, AssignmentProblem, Certificate, Move, Policy, Trips, UNPLACED_M, Unplaced};
use dayu_base::{Finding, Text};

/// Reason of [`Unplaced`]: no arc leads to a shelter with beds.
pub const NO_REACHABLE_SHELTER: &str = "no_reachable_shelter";
/// Reason of [`Unplaced`]: every shelter that may be used is full.
pub const SHELTERS_FULL: &str = "shelters_full";
/// Reason of [`Unplaced`]: the place may not be split and no shelter within reach has that many beds left.
pub const NO_ROOM_FOR_ALL: &str = "no_room_for_all_together";

/// People in total beyond which sums could overflow.
const MOST_PEOPLE: u64 = 1 << 60;

/// The plan with its proof: the exact optimum where demand points may be split; else a good plan with its gap to the optimum with
/// splitting. The answer depends on ids, people, capacities and costs alone: not on the order of the rows, nor on the threads.
///
/// # Errors
/// A finding of severity error: `EVA-001` empty or duplicate id, `EVA-002` trips of other places, `EVA-005` more people or places than
/// can be counted, `EVA-006` the answer failed its own proof.
pub fn solve_assignment(problem: &AssignmentProblem) -> Result<AssignmentOutcome, Finding> {
    let mut outcome = place(problem)?;
    if !problem.split {
        outcome = bounded(problem, outcome)?;
    }
    verify_certificate(problem, &outcome)?;
    Ok(outcome)
}

/// As [`solve_assignment`], not verified; where no place is split, with the bound of the optimum with splitting only.
pub(crate) fn place(problem: &AssignmentProblem) -> Result<AssignmentOutcome, Finding> {
    let canonical = Canonical::of(problem)?;
    let relaxed = canonical.solve(problem)?;
    if problem.all_split() {
        Ok(relaxed)
    } else if problem.split {
        some_together(problem, &relaxed)
    } else {
        whole_places(problem, &canonical, &relaxed)
    }
}

/// As [`solve_assignment`], beginning at what was before: after a small change the optimum takes a small part of the time. Its value is
/// the same; of several optima it may be another one. Where places are not split, the vulnerable come first or the longest trip counts,
/// nothing is gained.
///
/// # Errors
/// Those of [`solve_assignment`].
pub fn solve_assignment_from(problem: &AssignmentProblem, start: &Start) -> Result<AssignmentOutcome, Finding> {
    if !problem.all_split() {
        return solve_assignment(problem);
    }
    let outcome = Canonical::of(problem)?.solve_from(problem, start)?;
    verify_certificate(problem, &outcome)?;
    Ok(outcome)
}

/// The problem sorted by id, and what of it takes part in the flow: points with people and shelters with beds.
#[derive(Clone)]
pub(crate) struct Canonical {
    /// place in the network → demand of the problem, `NONE` for free beds; the vulnerable of a point take a place of their own when they
    /// come first
    pub demand_at: Vec<u32>,
    /// per place, whether it stands for the vulnerable
    pub vulnerable: Vec<bool>,
    /// place in the network → shelter of the problem
    pub shelter_at: Vec<u32>,
    /// shelter of the problem → place in the network or `NONE`
    pub place_of: Vec<u32>,
}

/// Flows and duals of a network at its optimum.
pub(crate) struct Optimum {
    pub network: Network,
    pub candidates: Candidates,
    pub basis: Basis,
}

impl Canonical {
    pub fn of(problem: &AssignmentProblem) -> Result<Self, Finding> {
        check_size(problem)?;
        let demand = sorted_by_id("demand", problem.demand.iter().map(|d| d.id.as_str()))?;
        let shelters = sorted_by_id("shelters", problem.shelters.iter().map(|s| s.id.as_str()))?;
        let (mut demand_at, mut vulnerable) = (Vec::new(), Vec::new());
        for at in demand {
            let people = problem.demand[at as usize].people;
            let first = if problem.vulnerable_first { problem.demand[at as usize].vulnerable.min(people) } else { 0 };
            for (sort, people) in [(true, first), (false, people - first)] {
                if people > 0 {
                    demand_at.push(at);
                    vulnerable.push(sort);
                }
            }
        }
        let shelter_at: Vec<u32> =
            shelters.into_iter().filter(|at| problem.shelters[*at as usize].capacity > 0).collect();
        let mut place_of = vec![NONE; problem.shelters.len()];
        for (place, &at) in (0..).zip(&shelter_at) {
            place_of[at as usize] = place;
        }
        Ok(Self { demand_at, vulnerable, shelter_at, place_of })
    }

    pub fn rows<'a>(&'a self, trips: &'a Trips) -> Rows<'a> {
        Rows { trips, row_of: &self.demand_at, place_of: &self.place_of }
    }

    pub fn network(&self, problem: &AssignmentProblem, penalty_m: i64) -> Network {
        let total: u64 = problem.demand.iter().map(|d| d.people).sum();
        let people = (self.demand_at.iter().zip(&self.vulnerable))
            .map(|(&at, &vulnerable)| {
                let demand = &problem.demand[at as usize];
                let first = if problem.vulnerable_first { demand.vulnerable.min(demand.people) } else { 0 };
                if vulnerable { first.cast_signed() } else { (demand.people - first).cast_signed() }
            })
            .collect();
        // A shelter with more beds than people never fills: one bed beyond all people says the same and cannot overflow.
        let beds = (self.shelter_at.iter())
            .map(|&at| problem.shelters[at as usize].capacity.min(total + 1).cast_signed())
            .collect();
        let weight = |vulnerable: &bool| if *vulnerable { 2 * penalty_m } else { penalty_m };
        Network { people, beds, penalty_m: self.vulnerable.iter().map(weight).collect() }
    }

    /// The optimum of the problem with splitting.
    pub fn solve(&self, problem: &AssignmentProblem) -> Result<AssignmentOutcome, Finding> {
        let (sum, penalty_m) = self.least(problem, &problem.trips)?;
        if problem.policy == Policy::Sum {
            return self.outcome(problem, &problem.trips, &sum, penalty_m, None);
        }
        let most_m = shortest_longest(&self.rows(&problem.trips), &sum, &self.vulnerable);
        let trips = problem.trips.up_to(most_m);
        let (best, penalty_m) = self.least(problem, &trips)?;
        let mut outcome = self.outcome(problem, &trips, &best, penalty_m, Some(most_m))?;
        let free = self.rows(&problem.trips);
        outcome.certificate.cuts = Some(cuts(&free, &best, &self.vulnerable, most_m, problem.demand.len()));
        Ok(outcome)
    }

    /// As [`Self::solve`] for the policy "sum", from a basis of what was before.
    pub fn solve_from(&self, problem: &AssignmentProblem, start: &Start) -> Result<AssignmentOutcome, Finding> {
        let trips = &problem.trips;
        let begun = (problem.policy == Policy::Sum).then(|| warm(problem, trips, self, UNPLACED_M, start)).flatten();
        let Some((canonical, network, mut basis)) = begun else { return self.solve(problem) };
        let rows = canonical.rows(trips);
        // Half of a mean trip: more than most duals change by.
        let mut candidates = rows.tight(&network, &basis, start.mean_m(trips) / 2);
        rows.solve(&network, &mut candidates, &mut basis).ok_or_else(contradiction)?;
        let optimum = Optimum { network, candidates, basis };
        if UNPLACED_M >= self.enough_m(trips) || fewest_unplaced(&rows, &optimum) {
            return canonical.outcome(problem, trips, &optimum, UNPLACED_M, None);
        }
        self.solve(problem)
    }

    /// Moving one more person in can lengthen one trip per shelter at most: beyond that weight, placing always pays.
    fn enough_m(&self, trips: &Trips) -> i64 {
        i64::from(trips.longest_m()) * self.shelter_at.len() as i64 + 1
    }

    /// The least of penalty × unplaced + person-metres over the trips, with a penalty that puts the fewest unplaced first.
    pub fn least(&self, problem: &AssignmentProblem, trips: &Trips) -> Result<(Optimum, i64), Finding> {
        let rows = self.rows(trips);
        let mut candidates = rows.near();
        let mut penalty_m = UNPLACED_M;
        loop {
            let network = self.network(problem, penalty_m);
            let mut basis = Basis::nearest(&network, &candidates);
            rows.solve(&network, &mut candidates, &mut basis).ok_or_else(contradiction)?;
            let optimum = Optimum { network, candidates, basis };
            let enough_m = self.enough_m(trips);
            if penalty_m >= enough_m || fewest_unplaced(&rows, &optimum) {
                return Ok((optimum, penalty_m));
            }
            penalty_m = enough_m;
            candidates = optimum.candidates;
        }
    }

    pub fn outcome(
        &self,
        problem: &AssignmentProblem,
        trips: &Trips,
        optimum: &Optimum,
        penalty_m: i64,
        most_m: Option<u32>,
    ) -> Result<AssignmentOutcome, Finding> {
        let mut moves = Vec::with_capacity(self.demand_at.len());
        let mut left = vec![0_u64; problem.demand.len()];
        optimum.basis.flows(&optimum.network, |demand, shelter, people, metres| {
            let (demand, people) = (self.demand_at[demand as usize], people.unsigned_abs());
            if demand == NONE {
                return;
            }
            match shelter {
                Some(shelter) => {
                    let shelter = self.shelter_at[shelter as usize];
                    moves.push(Move { demand, shelter, people, cost: u64::from(metres) });
                }
                None => left[demand as usize] += people,
            }
        });
        moves.sort_unstable_by_key(|m| (m.demand, m.shelter, m.people));
        // Both sorts of people of a point may go to one shelter.
        moves.dedup_by(|next, kept| {
            let same = (next.demand, next.shelter) == (kept.demand, kept.shelter);
            kept.people += if same { next.people } else { 0 };
            same
        });
        let certificate = self.certificate(problem, trips, optimum, penalty_m, most_m);
        assemble(problem, moves, left, certificate)
    }

    /// Duals of all points and shelters, also of those that took no part in the flow.
    fn certificate(
        &self,
        problem: &AssignmentProblem,
        trips: &Trips,
        optimum: &Optimum,
        penalty_m: i64,
        most_m: Option<u32>,
    ) -> Certificate {
        let mut w = vec![0; problem.shelters.len()];
        for (&at, &value) in self.shelter_at.iter().zip(optimum.basis.w()) {
            w[at as usize] = value;
        }
        let mut u = [vec![None; problem.demand.len()], vec![None; problem.demand.len()]];
        let people = self.demand_at.iter().zip(&self.vulnerable).enumerate().filter(|(_, (at, _))| **at != NONE);
        for (place, (&at, &vulnerable)) in people {
            u[usize::from(vulnerable)][at as usize] = Some(optimum.basis.u(&optimum.network, place));
        }
        // A bed that does not exist costs the bound nothing, however dear.
        for shelter in (0..).zip(&self.place_of).filter(|(_, place)| **place == NONE).map(|(at, _): (u32, _)| at) {
            for demand in 0..problem.demand.len() as u32 {
                let dearest = u[0][demand as usize].max(u[1][demand as usize]);
                if let (Some(u), Some(metres)) = (dearest, trips.metres(demand, shelter)) {
                    w[shelter as usize] = w[shelter as usize].max(u - i64::from(metres));
                }
            }
        }
        let mut row = Vec::new();
        let mut rest = |demand: usize, penalty_m: i64| {
            trips.row(demand as u32, &mut row);
            row.iter().map(|trip| w[trip.0 as usize] + i64::from(trip.1)).fold(penalty_m, i64::min)
        };
        let mut all = |sort: usize, penalty_m: i64| {
            (0..).zip(&u[sort]).map(|(demand, u)| u.unwrap_or_else(|| rest(demand, penalty_m))).collect()
        };
        let (others, vulnerable) = (all(0, penalty_m), problem.vulnerable_first.then(|| all(1, 2 * penalty_m)));
        Certificate { penalty_m, u: others, vulnerable, w, most_m, whole: None, cuts: None }
    }
}

/// The outcome of moves (sorted) and of those left per demand point.
pub(crate) fn assemble(
    problem: &AssignmentProblem,
    moves: Vec<Move>,
    left: Vec<u64>,
    certificate: Certificate,
) -> Result<AssignmentOutcome, Finding> {
    let most_m = certificate.most_m.unwrap_or(u32::MAX);
    let mut row = Vec::new();
    let mut unplaced = Vec::new();
    let mut unplaced_vulnerable = 0;
    let mut beds: Vec<u64> = problem.shelters.iter().map(|s| s.capacity).collect();
    for step in &moves {
        let beds = &mut beds[step.shelter as usize];
        *beds = beds.checked_sub(step.people).ok_or_else(contradiction)?;
    }
    for (demand, people) in (0..).zip(left).filter(|(_, people)| *people > 0) {
        problem.trips.row(demand, &mut row);
        row.retain(|trip| trip.1 <= most_m && problem.shelters[trip.0 as usize].capacity > 0);
        let reason = if row.is_empty() {
            NO_REACHABLE_SHELTER
        } else if row.iter().all(|trip| beds[trip.0 as usize] == 0) {
            SHELTERS_FULL
        } else {
            NO_ROOM_FOR_ALL
        };
        let place = &problem.demand[demand as usize];
        unplaced_vulnerable += people.saturating_sub(place.people - place.vulnerable.min(place.people));
        unplaced.push(Unplaced { demand, people, reason: reason.to_owned() });
    }
    let people = problem.demand.iter().map(|d| d.people).sum();
    let left: u64 = unplaced.iter().map(|u| u.people).sum();
    Ok(AssignmentOutcome {
        people,
        placed: people - left,
        person_metres: moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum(),
        longest_m: moves.iter().map(|m| m.cost).max().unwrap_or(0),
        unplaced_vulnerable,
        lower_bound: certificate.proven(problem, left, unplaced_vulnerable).ok_or_else(contradiction)?,
        moves,
        unplaced,
        certificate,
    })
}

/// Whether no chain of exchanges leads from a person without a bed to a free bed (Ford and Fulkerson: then the number is least).
fn fewest_unplaced(rows: &Rows<'_>, optimum: &Optimum) -> bool {
    let network = &optimum.network;
    let mut reached = vec![false; network.people.len()];
    let mut free = network.beds.clone();
    let mut guests = vec![Vec::new(); network.beds.len()];
    optimum.basis.flows(network, |demand, shelter, people, _| match shelter {
        // A free bed is free.
        _ if rows.row_of[demand as usize] == NONE => {}
        Some(shelter) => {
            free[shelter as usize] -= people;
            guests[shelter as usize].push(demand as usize);
        }
        None => reached[demand as usize] = true,
    });
    let mut queue: Vec<usize> = (0..reached.len()).filter(|&d| reached[d]).collect();
    let mut seen = vec![false; network.beds.len()];
    let mut row = Vec::new();
    while let Some(demand) = queue.pop() {
        rows.read(demand, &mut row);
        for &(shelter, _) in &row {
            let shelter = shelter as usize;
            if free[shelter] > 0 {
                return false;
            }
            if !std::mem::replace(&mut seen[shelter], true) {
                for &guest in &guests[shelter] {
                    if !std::mem::replace(&mut reached[guest], true) {
                        queue.push(guest);
                    }
                }
            }
        }
    }
    true
}

fn check_size(problem: &AssignmentProblem) -> Result<(), Finding> {
    let people = problem.demand.iter().try_fold(0_u64, |sum, d| sum.checked_add(d.people));
    let places = problem.demand.len() + problem.shelters.len();
    if problem.trips.demands() != problem.demand.len() {
        return Err(Finding::error(
            "EVA-002",
            Text::new(
                format!("路程表有 {} 个需求点，问题有 {} 个。", problem.trips.demands(), problem.demand.len()),
                format!(
                    "The trips are of {} demand points, the problem has {}.",
                    problem.trips.demands(),
                    problem.demand.len()
                ),
            ),
            Text::new("用同一问题的路程。", "Use the trips of the same problem."),
        )
        .at("arcs"));
    }
    if people.is_some_and(|people| people < MOST_PEOPLE) && places < (u32::MAX / 2) as usize {
        return Ok(());
    }
    Err(Finding::error(
        "EVA-005",
        Text::new("人数或点、弧的数量超出可计算的范围。", "There are more people, places or arcs than can be counted."),
        Text::new("检查人数；分区分别计算。", "Check the numbers of people; solve the areas one by one."),
    )
    .at("demand")
    .field("people"))
}

pub(crate) fn contradiction() -> Finding {
    Finding::error(
        "EVA-006",
        Text::new("分配计算自相矛盾，结果已弃用。", "The assignment contradicted itself; its result was discarded."),
        Text::new("请把本问题文件发给维护人员。", "Send this problem to the maintainers."),
    )
}
