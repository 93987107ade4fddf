//! People to shelters: fewest without a bed first, then fewest person-metres, with a proof.

use crate::certificate::verify_certificate;
use crate::order::sorted_by_id;
use crate::simplex::{Flow, Network};
use crate::{AssignmentOutcome, AssignmentProblem, Certificate, Move, UNPLACED_M, Unplaced};
use dayu_base::{Finding, Text};

/// Reason of [`Unplaced`]: no arc leads to a shelter with beds.
pub const NO_REACHABLE_SHELTER: &str = "no_reachable_shelter";
/// Reason of [`Unplaced`]: every shelter that may be used is full.
pub const SHELTERS_FULL: &str = "shelters_full";

/// People in total beyond which sums could overflow.
const MOST_PEOPLE: u64 = 1 << 60;

/// The exact optimum with its proof. The answer depends on ids, people, capacities and costs alone: not on the order of the rows.
/// Demand points may be split between shelters.
///
/// # Errors
/// A finding of severity error: `EVA-001` empty or duplicate id, `EVA-002` an arc to nowhere, `EVA-003` two arcs for one pair,
/// `EVA-004` an arc of 10⁸ m or more, `EVA-005` more people or places than can be counted, `EVA-006` the answer failed its own proof.
pub fn solve_assignment(problem: &AssignmentProblem) -> Result<AssignmentOutcome, Finding> {
    let canonical = Canonical::of(problem)?;
    let outcome = canonical.solve(problem)?;
    verify_certificate(problem, &outcome)?;
    Ok(outcome)
}

/// The problem sorted by id, arcs by demand then shelter, and what of it takes part in the flow: points with people and
/// shelters with beds.
struct Canonical {
    /// (demand, shelter, metres), by rank of id
    arcs: Vec<(u32, u32, u32)>,
    /// rank → index of the problem
    demand_at: Vec<u32>,
    shelter_at: Vec<u32>,
    /// rank → place in the network, for those with people or beds
    demand_in: Vec<Option<u32>>,
    shelter_in: Vec<Option<u32>>,
    /// place in the network → rank
    demand_rank: Vec<u32>,
    shelter_rank: Vec<u32>,
}

impl Canonical {
    fn of(problem: &AssignmentProblem) -> Result<Self, Finding> {
        check_size(problem)?;
        let demand_at = sorted_by_id("demand", problem.demand.iter().map(|d| d.id.as_str()))?;
        let shelter_at = sorted_by_id("shelters", problem.shelters.iter().map(|s| s.id.as_str()))?;
        let (demand_of, shelter_of) = (ranks(&demand_at), ranks(&shelter_at));
        let mut arcs = Vec::with_capacity(problem.arcs.len());
        for &(demand, shelter, cost) in &problem.arcs {
            let (Some(&d), Some(&s)) = (demand_of.get(demand as usize), shelter_of.get(shelter as usize)) else {
                return Err(Finding::error(
                    "EVA-002",
                    Text::new(
                        format!("弧（{demand} → {shelter}）指向不存在的需求点或场所。"),
                        format!("The arc {demand} → {shelter} names a demand point or shelter that does not exist."),
                    ),
                    Text::new("改正弧表中的编号。", "Correct the ids in the arcs."),
                )
                .at("arcs"));
            };
            if cost >= UNPLACED_M.unsigned_abs() {
                return Err(Finding::error(
                    "EVA-004",
                    Text::new(
                        format!("弧的路程 {cost} 米达到或超过 10⁸ 米。"),
                        format!("An arc of {cost} m reaches or exceeds 10⁸ m."),
                    ),
                    Text::new("路程以米为单位，须小于 10⁸。", "Costs are metres and must be below 10⁸."),
                )
                .at(pair_name(problem, demand, shelter))
                .field("cost"));
            }
            arcs.push((d, s, cost as u32));
        }
        arcs.sort_unstable();
        if let Some(pair) = arcs.windows(2).find(|pair| pair[0].0 == pair[1].0 && pair[0].1 == pair[1].1) {
            let (demand, shelter) = (demand_at[pair[0].0 as usize], shelter_at[pair[0].1 as usize]);
            return Err(Finding::error(
                "EVA-003",
                Text::new("同一需求点到同一场所的弧出现两次。", "Two arcs join the same demand point and shelter."),
                Text::new("每一对只保留一条弧。", "Keep one arc per pair."),
            )
            .at(pair_name(problem, demand, shelter)));
        }
        let (demand_in, demand_rank) = active(demand_at.iter().map(|&d| problem.demand[d as usize].people > 0));
        let (shelter_in, shelter_rank) = active(shelter_at.iter().map(|&s| problem.shelters[s as usize].capacity > 0));
        Ok(Self { arcs, demand_at, shelter_at, demand_in, shelter_in, demand_rank, shelter_rank })
    }

    fn demand_index(&self, place: u32) -> u32 {
        self.demand_at[self.demand_rank[place as usize] as usize]
    }

    fn shelter_index(&self, place: u32) -> u32 {
        self.shelter_at[self.shelter_rank[place as usize] as usize]
    }

    fn network(&self, problem: &AssignmentProblem) -> Network {
        let total: u64 = problem.demand.iter().map(|d| d.people).sum();
        let people = (0..self.demand_rank.len() as u32)
            .map(|d| problem.demand[self.demand_index(d) as usize].people.cast_signed())
            .collect();
        // A shelter with more beds than people never fills: one bed beyond all people says the same and cannot overflow.
        let beds = (0..self.shelter_rank.len() as u32)
            .map(|s| problem.shelters[self.shelter_index(s) as usize].capacity.min(total + 1).cast_signed())
            .collect();
        let mut network = Network { people, beds, tail: Vec::new(), head: Vec::new(), cost: Vec::new() };
        network.tail.reserve_exact(self.arcs.len());
        network.head.reserve_exact(self.arcs.len());
        network.cost.reserve_exact(self.arcs.len());
        for &(d, s, cost) in &self.arcs {
            if let (Some(tail), Some(head)) = (self.demand_in[d as usize], self.shelter_in[s as usize]) {
                network.tail.push(tail);
                network.head.push(head);
                network.cost.push(cost);
            }
        }
        network
    }

    fn solve(&self, problem: &AssignmentProblem) -> Result<AssignmentOutcome, Finding> {
        let network = self.network(problem);
        let mut penalty_m = UNPLACED_M;
        let mut flow = network.solve(penalty_m).ok_or_else(contradiction)?;
        if !fewest_unplaced(&network, &flow) {
            // Moving one more person in can lengthen one trip per shelter at most: beyond that weight, placing always pays.
            let longest = network.cost.iter().copied().max().unwrap_or(0);
            penalty_m = UNPLACED_M.max(i64::from(longest) * network.beds.len() as i64 + 1);
            flow = network.solve(penalty_m).ok_or_else(contradiction)?;
        }
        let certificate = self.certificate(problem, &flow, penalty_m);
        Ok(self.outcome(problem, &network, &flow, certificate))
    }

    fn outcome(
        &self,
        problem: &AssignmentProblem,
        network: &Network,
        flow: &Flow,
        certificate: Certificate,
    ) -> AssignmentOutcome {
        let mut moves: Vec<Move> = flow
            .moves
            .iter()
            .map(|&(demand, shelter, people, cost)| Move {
                demand: self.demand_index(demand),
                shelter: self.shelter_index(shelter),
                people: people.unsigned_abs(),
                cost: u64::from(cost),
            })
            .collect();
        moves.sort_unstable_by_key(|m| (m.demand, m.shelter));
        let mut has_arc = vec![false; network.people.len()];
        for &tail in &network.tail {
            has_arc[tail as usize] = true;
        }
        let mut unplaced: Vec<Unplaced> = (0..)
            .zip(&flow.unplaced)
            .zip(has_arc)
            .filter(|((_, people), _)| **people > 0)
            .map(|((place, people), has_arc)| Unplaced {
                demand: self.demand_index(place),
                people: people.unsigned_abs(),
                reason: if has_arc { SHELTERS_FULL } else { NO_REACHABLE_SHELTER }.to_owned(),
            })
            .collect();
        unplaced.sort_unstable_by_key(|u| u.demand);
        let people = problem.demand.iter().map(|d| d.people).sum();
        let left: u64 = unplaced.iter().map(|u| u.people).sum();
        AssignmentOutcome {
            people,
            placed: people - left,
            person_metres: moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum(),
            longest_m: moves.iter().map(|m| m.cost).max().unwrap_or(0),
            lower_bound: lower_bound(problem, &certificate, left),
            moves,
            unplaced,
            certificate,
        }
    }

    /// Duals of all points and shelters, also of those that took no part in the flow.
    fn certificate(&self, problem: &AssignmentProblem, flow: &Flow, penalty_m: i64) -> Certificate {
        let mut u: Vec<i64> =
            self.demand_in.iter().map(|place| place.map_or(penalty_m, |p| flow.u[p as usize])).collect();
        let mut w: Vec<i64> = self.shelter_in.iter().map(|place| place.map_or(0, |p| flow.w[p as usize])).collect();
        // A bed that does not exist costs the bound nothing, however dear.
        for &(d, s, cost) in &self.arcs {
            let (d, s) = (d as usize, s as usize);
            if self.shelter_in[s].is_none() && self.demand_in[d].is_some() {
                w[s] = w[s].max(u[d] - i64::from(cost));
            }
        }
        for &(d, s, cost) in &self.arcs {
            let (d, s) = (d as usize, s as usize);
            if self.demand_in[d].is_none() {
                u[d] = u[d].min(i64::from(cost) + w[s]);
            }
        }
        let mut certificate =
            Certificate { penalty_m, u: vec![0; problem.demand.len()], w: vec![0; problem.shelters.len()] };
        for (&index, value) in self.demand_at.iter().zip(u) {
            certificate.u[index as usize] = value;
        }
        for (&index, value) in self.shelter_at.iter().zip(w) {
            certificate.w[index as usize] = value;
        }
        certificate
    }
}

/// Σ people·u − Σ capacity·w, brought from the certificate's penalty to 10⁸ for plans that leave `left` people unplaced.
pub(crate) fn lower_bound(problem: &AssignmentProblem, certificate: &Certificate, left: u64) -> i128 {
    let gain: i128 =
        problem.demand.iter().zip(&certificate.u).map(|(d, &u)| i128::from(d.people) * i128::from(u)).sum();
    let price: i128 =
        problem.shelters.iter().zip(&certificate.w).map(|(s, &w)| i128::from(s.capacity) * i128::from(w)).sum();
    gain - price - i128::from(left) * i128::from(certificate.penalty_m - UNPLACED_M)
}

/// Whether no chain of exchanges leads from a person without a bed to a free bed (Ford and Fulkerson: then the number is least).
fn fewest_unplaced(network: &Network, flow: &Flow) -> bool {
    let (demands, shelters) = (network.people.len(), network.beds.len());
    let mut reached: Vec<bool> = flow.unplaced.iter().map(|&people| people > 0).collect();
    let mut queue: Vec<usize> = (0..demands).filter(|&d| reached[d]).collect();
    if queue.is_empty() {
        return true;
    }
    let mut free = network.beds.clone();
    let mut guests = vec![Vec::new(); shelters];
    for &(demand, shelter, people, _) in &flow.moves {
        free[shelter as usize] -= people;
        guests[shelter as usize].push(demand as usize);
    }
    let mut seen = vec![false; shelters];
    while let Some(demand) = queue.pop() {
        let first = network.tail.partition_point(|&tail| (tail as usize) < demand);
        let arcs = network.tail[first..].iter().zip(&network.head[first..]);
        for (_, &shelter) in arcs.take_while(|(tail, _)| **tail as usize == demand) {
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
    let places = problem.demand.len() + problem.shelters.len() + problem.arcs.len();
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

fn contradiction() -> Finding {
    Finding::error(
        "EVA-006",
        Text::new("分配计算自相矛盾，结果已弃用。", "The assignment contradicted itself; its result was discarded."),
        Text::new("请把本问题文件发给维护人员。", "Send this problem to the maintainers."),
    )
}

fn pair_name(problem: &AssignmentProblem, demand: u32, shelter: u32) -> String {
    format!("{} → {}", problem.demand[demand as usize].id, problem.shelters[shelter as usize].id)
}

fn ranks(order: &[u32]) -> Vec<u32> {
    let mut rank = vec![0; order.len()];
    for (place, &index) in (0..).zip(order) {
        rank[index as usize] = place;
    }
    rank
}

/// Consecutive numbers for those that take part, and the way back.
fn active(takes_part: impl Iterator<Item = bool>) -> (Vec<Option<u32>>, Vec<u32>) {
    let mut back = Vec::new();
    let forth = (0..)
        .zip(takes_part)
        .map(|(rank, yes)| {
            yes.then(|| {
                back.push(rank);
                back.len() as u32 - 1
            })
        })
        .collect();
    (forth, back)
}
