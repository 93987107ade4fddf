//! One plan for many members: shelters that keep fewer beds, or none, in some of them.
//!
//! A person is without the bed of the plan in a member where more people are sent to a shelter than it has beds there. The expected number
//! of them is a convex function of the load of each shelter: the bed after which k of M members have none costs k/M of a person. So
//! beds fall into layers with a surcharge each, and the plan with the fewest expected people without their bed, then the
//! least person-metres, is an ordinary optimum with an ordinary proof. The surcharge is as high as the weight of a person without any bed
//! allows; whether it was high enough is found out by asking for the fewest expected people alone.

use crate::assignment::{contradiction, solve_assignment, solve_assignment_from};
use crate::order::id_order;
use crate::priced::escaped;
use crate::sheet::quoted;
use crate::warm::Start;
use crate::{
    AssignmentOutcome, AssignmentProblem, Certificate, Members, Move, Policy, ShelterSite, Trips, UNPLACED_M,
    verify_duals,
};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write;

/// What became of a plan in the members.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// per member, people without the bed of the plan (those without any, and those who arrived and have none, included)
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

/// The plan that is good for all members.
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
    /// the plan beside the one that is handed out, and beside what is possible at all
    pub compared: Compared,
}

/// Two plans in the members, and figures that need no plan: each the optimum of a problem, so each has one value only.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    /// the plan for all members
    pub robust: Judged,
    /// the plan that knows only the problem (plan.csv)
    pub nominal: Judged,
    /// per member, (people without a bed, person-metres) when the plan is made knowing the member: what re-planning can reach
    pub known: Vec<(u64, u128)>,
    /// (people without a planned bed, person-metres) of the optimum of the problem where places may be split: what robustness is paid
    /// against
    pub optimum: (u64, u128),
    /// the fewest people expected without their bed that any plan can reach which leaves no more without a planned one
    pub least_expected: f64,
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

/// A problem whose shelters are layers of beds.
pub struct Layered {
    /// the problem
    pub problem: AssignmentProblem,
    /// shelter of the problem itself for each layer
    of: Vec<u32>,
    /// members without each layer
    without: Vec<u64>,
    /// metres that a person without their bed weighs, per member
    surcharge_m: u64,
}

/// The layered problem: shelters `id` and, where some members lack beds, `id>k` for those that k members lack (in the id `%` stands as
/// `%25` and `>` as `%3E`); trips carry the surcharge.
///
/// # Errors
/// `EVA-087` so many members that no surcharge is left below the weight of a person without any bed.
pub fn layered(problem: &AssignmentProblem, members: &Members) -> Result<Layered, Finding> {
    // With its surcharge no trip reaches the weight of a person without any bed.
    let room_m = UNPLACED_M.unsigned_abs() - 1 - u64::from(problem.trips.longest_m());
    let surcharge_m = room_m / members.ids.len().max(1) as u64;
    if surcharge_m == 0 {
        return Err(Finding::error(
            "EVA-087",
            Text::new(
                format!("成员有 {} 个，路程又长，无法再按成员加权。", members.ids.len()),
                format!("With {} members and trips this long no weight is left for a member.", members.ids.len()),
            ),
            Text::new("减少成员，或限制路程（max_cost）。", "Give fewer members, or bound the trips (max_cost)."),
        )
        .field("member"));
    }
    with_layers(problem, members, surcharge_m, true)
}

fn with_layers(
    problem: &AssignmentProblem,
    members: &Members,
    surcharge_m: u64,
    walks: bool,
) -> Result<Layered, Finding> {
    let layers = layers(problem, members);
    let mut of_shelter: Vec<Vec<(u32, u64)>> = vec![Vec::new(); problem.shelters.len()];
    for (at, layer) in (0..).zip(&layers) {
        of_shelter[layer.shelter as usize].push((at, surcharge_m * layer.without));
    }
    let (mut arcs, mut row) = (Vec::new(), Vec::new());
    for demand in 0..problem.demand.len() as u32 {
        problem.trips.row(demand, &mut row);
        for &(shelter, metres) in &row {
            let metres = if walks { u64::from(metres) } else { 0 };
            let all = of_shelter[shelter as usize].iter();
            arcs.extend(all.map(|(layer, surcharge)| (demand, *layer, metres + surcharge)));
        }
    }
    let id = |layer: &Layer| {
        let id = escaped(&problem.shelters[layer.shelter as usize].id);
        if layer.without == 0 { id } else { format!("{id}>{}", layer.without) }
    };
    let shelters = layers
        .iter()
        .map(|layer| ShelterSite { id: id(layer), capacity: layer.beds, care_of: None })
        .collect::<Vec<_>>();
    let trips = Trips::listed(problem.demand.len(), shelters.len(), &arcs)?;
    Ok(Layered {
        problem: AssignmentProblem { shelters, trips, policy: Policy::Sum, ..problem.with_splitting() },
        of: layers.iter().map(|layer| layer.shelter).collect(),
        without: layers.iter().map(|layer| layer.without).collect(),
        surcharge_m,
    })
}

/// How many have no bed in each member when a plan is followed to the letter.
pub fn judge(moves: &[Move], left: u64, members: &Members) -> Judged {
    let mut load = vec![0_u64; members.beds.first().map_or(0, Vec::len)];
    for step in moves {
        load[step.shelter as usize] += step.people;
    }
    let over = |beds: &Vec<u64>| load.iter().zip(beds).map(|(load, beds)| load.saturating_sub(*beds)).sum::<u64>();
    let all = members.beds.iter().zip(&members.arrived_without_bed);
    Judged { without: all.map(|(beds, arrived)| left + arrived + over(beds)).collect() }
}

/// Two plans (moves, people without a planned bed) in the members, beside what is possible at all.
///
/// # Errors
/// Those of [`solve_assignment`].
pub fn compare(
    problem: &AssignmentProblem,
    nominal: (&[Move], u64),
    robust: (&[Move], u64),
    members: &Members,
) -> Result<Compared, Finding> {
    let free = AssignmentProblem { policy: Policy::Sum, ..problem.with_splitting() };
    let optimum = solve_assignment(&free)?;
    // A member differs from the problem by a few shelters.
    let start = Start::of(&optimum);
    let known = (members.beds.par_iter().zip(&members.arrived_without_bed))
        .map(|(beds, arrived)| {
            let mut member = free.clone();
            member.shelters.iter_mut().zip(beds).for_each(|(site, beds)| site.capacity = *beds);
            solve_assignment_from(&member, &start).map(|outcome| (outcome.left() + arrived, outcome.person_metres))
        })
        .collect::<Result<Vec<_>, Finding>>()?;
    let fewest = solve_assignment(&with_layers(problem, members, 1, false)?.problem)?;
    let arrived: u128 = members.arrived_without_bed.iter().map(|people| u128::from(*people)).sum();
    let count = members.ids.len().max(1);
    let least = fewest.person_metres + arrived + u128::from(fewest.left()) * count as u128;
    Ok(Compared {
        robust: judge(robust.0, robust.1, members),
        nominal: judge(nominal.0, nominal.1, members),
        known,
        optimum: (optimum.left(), optimum.person_metres),
        least_expected: least as f64 / count as f64,
    })
}

/// The plan with the fewest people expected without a bed over the members, then the least person-metres; people may be split. `nominal` is
/// the plan that is handed out.
///
/// # Errors
/// Those of [`layered`] and [`solve_assignment`].
pub fn robust_plan(
    problem: &AssignmentProblem,
    nominal: &AssignmentOutcome,
    members: &Members,
) -> Result<Robust, Finding> {
    let layers = layered(problem, members)?;
    let proof = solve_assignment(&layers.problem)?;
    let mut people: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for step in &proof.moves {
        *people.entry((step.demand, layers.of[step.shelter as usize])).or_default() += step.people;
    }
    let mut moves = Vec::with_capacity(people.len());
    for ((demand, shelter), people) in people {
        let cost = u64::from(problem.trips.metres(demand, shelter).ok_or_else(contradiction)?);
        moves.push(Move { demand, shelter, people, cost });
    }
    let left = proof.left();
    let compared = compare(problem, (&nominal.moves, nominal.left()), (&moves, left), members)?;
    Ok(Robust {
        person_metres: moves.iter().map(|m| u128::from(m.people) * u128::from(m.cost)).sum(),
        left,
        moves,
        proof,
        compared,
    })
}

/// Whether the plan is within the beds and duals over the layers prove that none has a lower value. Returns the people without a planned bed.
///
/// # Errors
/// `EVA-006` naming what does not hold.
pub fn verify_robust(
    problem: &AssignmentProblem,
    members: &Members,
    moves: &[Move],
    duals: &Certificate,
) -> Result<u64, Finding> {
    let fault = crate::certificate::fault;
    let layers = layered(problem, members)?;
    verify_duals(&layers.problem, duals)?;
    let (mut load, mut sent) = (vec![0_u64; problem.shelters.len()], vec![0_u64; problem.demand.len()]);
    let mut value = 0_i128;
    for step in moves {
        let (Some(load), Some(sent)) = (load.get_mut(step.shelter as usize), sent.get_mut(step.demand as usize)) else {
            return Err(fault("转移指向不存在的点或场所", "a move names a place that does not exist", String::new()));
        };
        *load = load.saturating_add(step.people);
        *sent = sent.saturating_add(step.people);
        value += i128::from(step.people) * i128::from(step.cost);
        if problem.trips.metres(step.demand, step.shelter).map(u64::from) != Some(step.cost) || step.people == 0 {
            let id = problem.demand[step.demand as usize].id.clone();
            return Err(fault("使用了不允许的弧或路程有误", "a move uses no allowed arc at its cost", id));
        }
    }
    let (mut left, mut left_vulnerable) = (0, 0);
    for (sent, place) in sent.iter().zip(&problem.demand) {
        let Some(rest) = place.people.checked_sub(*sent) else {
            return Err(fault("转移人数多于该点人数", "more people are moved than are there", place.id.clone()));
        };
        left += rest;
        left_vulnerable += rest.saturating_sub(place.people - place.vulnerable.min(place.people));
    }
    // People fill the layers of each shelter that the fewest members lack first.
    for ((site, shelter), without) in layers.problem.shelters.iter().zip(&layers.of).zip(&layers.without) {
        let load = &mut load[*shelter as usize];
        let here = (*load).min(site.capacity);
        *load -= here;
        value += i128::from(here) * i128::from(layers.surcharge_m * without);
    }
    if let Some(at) = load.iter().position(|load| *load > 0) {
        return Err(fault("场所超过容量", "a shelter is over capacity", problem.shelters[at].id.clone()));
    }
    value += i128::from(left) * i128::from(UNPLACED_M);
    if duals.bound(&layers.problem, left, left_vulnerable) != Some(value) {
        return Err(fault(
            "稳妥方案的下界与目标值不等",
            "bound and value of the plan for all members differ",
            String::new(),
        ));
    }
    Ok(left)
}

/// `robust_plan.csv`: demand,shelter,people,cost, in the order of ids.
pub fn robust_plan_csv(problem: &AssignmentProblem, robust: &Robust) -> String {
    let mut rows: Vec<(&str, &str, &Move)> =
        (robust.moves.iter()).map(|m| (&*problem.demand[m.demand as usize].id, problem.house(m.shelter), m)).collect();
    rows.sort_by(|a, b| id_order(a.0, b.0).then_with(|| id_order(a.1, b.1)));
    rows.into_iter().fold(String::from("demand,shelter,people,cost\n"), |mut text, (demand, shelter, step)| {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{},{},{}", quoted(demand), quoted(shelter), step.people, step.cost);
        text
    })
}

/// `members.csv`: member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres,arrived_without_bed; those who arrived
/// and have no bed are in the three figures before as well.
pub fn members_csv(members: &Members, compared: &Compared) -> String {
    let mut text = String::from(
        "member,nominal_without_bed,robust_without_bed,known_without_bed,known_person_metres,arrived_without_bed\n",
    );
    for (at, id) in members.ids.iter().enumerate() {
        let (nominal, robust) = (compared.nominal.without[at], compared.robust.without[at]);
        let ((known, metres), arrived) = (compared.known[at], members.arrived_without_bed[at]);
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{},{nominal},{robust},{known},{metres},{arrived}", quoted(id));
    }
    text
}
