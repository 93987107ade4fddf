//! One plan for many members: shelters that keep fewer beds, or none, in some of them.
//!
//! A person is without the bed of the plan in a member where more people are sent to a shelter than it has beds there. The expected number
//! of them is a convex function of the load of each shelter: the bed after which k of M members have none costs k/M of a person. So
//! beds fall into layers with a surcharge each, and the plan with the fewest expected people without their bed, then the
//! least person-metres, is an ordinary optimum with an ordinary proof.

use crate::assignment::{contradiction, solve_assignment};
use crate::order::id_order;
use crate::sheet::{Sheet, quoted};
use crate::{AssignmentOutcome, AssignmentProblem, Move, Policy, ShelterSite, Trips};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Metres that one expected person without the planned bed weighs. Half of the weight of a person without any planned bed.
pub const EXPECTED_M: u64 = 50_000_000;

/// Beds of the shelters in each member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// ids, in their order
    pub ids: Vec<String>,
    /// per member, per shelter of the problem
    pub beds: Vec<Vec<u64>>,
}

/// What became of a plan in the members.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// per member, people without the bed of the plan (those without any included)
    pub without: Vec<u64>,
}

impl Judged {
    /// Mean over the members.
    pub fn expected(&self) -> f64 {
        let sum: u128 = self.without.iter().map(|people| u128::from(*people)).sum();
        sum as f64 / self.without.len().max(1) as f64
    }

    /// Most in any member.
    pub fn worst(&self) -> u64 {
        self.without.iter().copied().max().unwrap_or(0)
    }
}

/// The plan that is good for all members, beside the nominal one and the optimum of each member.
#[derive(Clone, Debug, PartialEq)]
pub struct Robust {
    /// moves of the plan, sorted by demand, shelter
    pub moves: Vec<Move>,
    /// people without a planned bed
    pub left: u64,
    /// Σ people × metres
    pub person_metres: u128,
    /// the layered optimum whose duals prove that no plan has a lower value
    pub proof: AssignmentOutcome,
    /// the plan in the members
    pub robust: Judged,
    /// the plan that knows only the problem, in the members
    pub nominal: Judged,
    /// per member, (people without a bed, person-metres) when the plan is made knowing the member: what re-planning can reach
    pub known: Vec<(u64, u128)>,
}

/// Reads NAME.members.csv: member,shelter,capacity. A shelter that a member does not name keeps its beds; no member has more than the
/// problem. Rows that cannot be read are left out and named.
///
/// # Errors
/// `EVA-015` a table without these columns, `EVA-074` no member.
pub fn read_members(
    file: &str,
    text: &str,
    problem: &AssignmentProblem,
    findings: &mut Vec<Finding>,
) -> Result<Members, Finding> {
    let at: BTreeMap<&str, usize> = problem.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
    let sheet = Sheet::read_rows(file, text, &["member", "shelter", "capacity"], &[], findings)?;
    let nominal: Vec<u64> = problem.shelters.iter().map(|s| s.capacity).collect();
    let mut members: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (line, row) in &sheet.rows {
        let (member, shelter) = (Sheet::text(row, 0), Sheet::text(row, 1));
        let beds = members.entry(member).or_insert_with(|| nominal.clone());
        // A member in which nothing changes has a row without a shelter.
        if shelter.is_empty() {
            continue;
        }
        match (at.get(shelter), sheet.count(*line, row, 2)) {
            (Some(&at), Ok(capacity)) => beds[at] = beds[at].min(capacity),
            (None, _) => findings.push(sheet.value(*line, 1, shelter, "不是已有的编号", "is no known id")),
            (_, Err(finding)) => findings.push(finding),
        }
    }
    if members.is_empty() {
        return Err(Finding::error(
            "EVA-074",
            Text::new("成员表中没有成员。", "The table of members has no member."),
            Text::new(
                "每个成员至少一行：member,shelter,capacity。",
                "Give each member a row: member,shelter,capacity.",
            ),
        )
        .in_file(file));
    }
    let mut members: Vec<(&str, Vec<u64>)> = members.into_iter().collect();
    members.sort_by(|a, b| id_order(a.0, b.0));
    let (ids, beds) = members.into_iter().map(|(id, beds)| (id.to_owned(), beds)).unzip();
    Ok(Members { ids, beds })
}

/// Beds of one shelter that are there in the same members.
struct Layer {
    shelter: u32,
    beds: u64,
    /// members without these beds
    without: u64,
}

fn layers(problem: &AssignmentProblem, members: &Members) -> Vec<Layer> {
    let mut layers = Vec::new();
    for (at, site) in (0_u32..).zip(&problem.shelters) {
        let mut beds: Vec<u64> = members.beds.iter().map(|beds| beds[at as usize].min(site.capacity)).collect();
        beds.push(site.capacity);
        beds.sort_unstable();
        let mut below = 0;
        for (place, &most) in beds.iter().enumerate() {
            if most > below {
                // So many members have no more than `below` beds.
                layers.push(Layer { shelter: at, beds: most - below, without: place as u64 });
                below = most;
            }
        }
    }
    layers
}

/// The layered problem: shelters `id` and, where some members lack beds, `id>k` for those that k members lack; trips carry the surcharge.
///
/// # Errors
/// `EVA-004` when a trip with its surcharge reaches 10⁸ m.
pub fn layered(problem: &AssignmentProblem, members: &Members) -> Result<(AssignmentProblem, Vec<u32>), Finding> {
    let layers = layers(problem, members);
    let mut of_shelter: Vec<Vec<(u32, u64)>> = vec![Vec::new(); problem.shelters.len()];
    for (at, layer) in (0..).zip(&layers) {
        let surcharge = EXPECTED_M * layer.without / members.ids.len() as u64;
        of_shelter[layer.shelter as usize].push((at, surcharge));
    }
    let (mut arcs, mut row) = (Vec::new(), Vec::new());
    for demand in 0..problem.demand.len() as u32 {
        problem.trips.row(demand, &mut row);
        for &(shelter, metres) in &row {
            let all = of_shelter[shelter as usize].iter();
            arcs.extend(all.map(|(layer, surcharge)| (demand, *layer, u64::from(metres) + surcharge)));
        }
    }
    let id = |layer: &Layer| {
        let id = &problem.shelters[layer.shelter as usize].id;
        if layer.without == 0 { id.clone() } else { format!("{id}>{}", layer.without) }
    };
    let shelters = layers.iter().map(|layer| ShelterSite { id: id(layer), capacity: layer.beds }).collect::<Vec<_>>();
    let trips = Trips::listed(problem.demand.len(), shelters.len(), &arcs)?;
    let of = layers.iter().map(|layer| layer.shelter).collect();
    Ok((AssignmentProblem { shelters, trips, policy: Policy::Sum, ..problem.with_splitting() }, of))
}

/// How many have no bed in each member when a plan is followed to the letter.
pub fn judge(moves: &[Move], left: u64, members: &Members) -> Judged {
    let mut load = vec![0_u64; members.beds.first().map_or(0, Vec::len)];
    for step in moves {
        load[step.shelter as usize] += step.people;
    }
    let over = |beds: &Vec<u64>| load.iter().zip(beds).map(|(load, beds)| load.saturating_sub(*beds)).sum::<u64>();
    Judged { without: members.beds.iter().map(|beds| left + over(beds)).collect() }
}

/// The plan with the fewest people expected without a bed over the members, then the least person-metres; people may be split. `nominal` is
/// the optimum of the problem itself.
///
/// # Errors
/// Those of [`solve_assignment`], and `EVA-004` when trips are too long for the surcharge.
pub fn robust_plan(
    problem: &AssignmentProblem,
    nominal: &AssignmentOutcome,
    members: &Members,
) -> Result<Robust, Finding> {
    let (asked, of) = layered(problem, members)?;
    let proof = solve_assignment(&asked)?;
    let mut people: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for step in &proof.moves {
        *people.entry((step.demand, of[step.shelter as usize])).or_default() += step.people;
    }
    let mut moves = Vec::with_capacity(people.len());
    for ((demand, shelter), people) in people {
        let cost = u64::from(problem.trips.metres(demand, shelter).ok_or_else(contradiction)?);
        moves.push(Move { demand, shelter, people, cost });
    }
    let known = members
        .beds
        .par_iter()
        .map(|beds| {
            let mut member = AssignmentProblem { policy: Policy::Sum, ..problem.with_splitting() };
            member.shelters.iter_mut().zip(beds).for_each(|(site, beds)| site.capacity = *beds);
            solve_assignment(&member).map(|outcome| (outcome.left(), outcome.person_metres))
        })
        .collect::<Result<Vec<_>, Finding>>()?;
    let left = proof.left();
    Ok(Robust {
        person_metres: moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum(),
        robust: judge(&moves, left, members),
        nominal: judge(&nominal.moves, nominal.left(), members),
        left,
        moves,
        proof,
        known,
    })
}

/// `robust_plan.csv`: demand,shelter,people,cost, in the order of ids.
pub fn robust_plan_csv(problem: &AssignmentProblem, robust: &Robust) -> String {
    let mut rows: Vec<(&str, &str, &Move)> = (robust.moves.iter())
        .map(|m| (&*problem.demand[m.demand as usize].id, &*problem.shelters[m.shelter as usize].id, m))
        .collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| id_order(a.1, b.1)));
    rows.into_iter().fold(String::from("demand,shelter,people,cost\n"), |mut text, (demand, shelter, step)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{},{}", quoted(demand), quoted(shelter), step.people, step.cost);
        text
    })
}

/// `members.csv`: member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres.
pub fn members_csv(members: &Members, robust: &Robust) -> String {
    let mut text =
        String::from("member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres\n");
    for (at, id) in members.ids.iter().enumerate() {
        let (nominal, robust_without) = (robust.nominal.without[at], robust.robust.without[at]);
        let (known, metres) = robust.known[at];
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{nominal},{robust_without},{known},{metres}", quoted(id));
    }
    text
}
