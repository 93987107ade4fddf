//! The question of a district as rows with all policies, and its solution: kept together where possible, close to earlier orders where asked.

use crate::access::Accesses;
use crate::assignment::solve_assignment;
use crate::plan::{DemandPlace, PlanOptions, ShelterPlace};
use crate::rows::some_ids;
use crate::{
    AssignmentOutcome, AssignmentProblem, DemandRow, EvacHeader, EvacInstance, EvacRules, NO_ROOM_FOR_ALL, Order,
    Policy, Replan, ShelterRow, after_done, least_change,
};
use dayu_base::{Finding, Text};

/// (demand, shelter, metres)
pub(crate) type Arc = (u32, u32, u64);

/// An earlier plan to keep as far as can be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Keep {
    /// its orders
    pub before: Vec<Order>,
    /// those carried out: their people stay where they are
    pub done: Vec<Order>,
    /// share by which all trips together may be longer than in the new optimum, in ten-thousandths
    pub within: u32,
}

/// How far an earlier plan was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// the new plan against it
    pub replan: Replan,
    /// orders that were not carried out yet
    pub orders: Vec<Order>,
}

/// The question as rows: what keeps a shelter from being used stands with it.
pub(crate) fn instance(
    demands: &[DemandPlace],
    shelters: &[ShelterPlace],
    access: &Accesses,
    arcs: Vec<Arc>,
    options: PlanOptions,
) -> EvacInstance {
    let rules = EvacRules {
        policy: Policy::Sum.name().to_owned(),
        split: options.split,
        vulnerable_first: options.vulnerable_first,
        // Walks are told in whole metres, to the nearest: none is longer than the limit rounded up.
        max_cost: (options.max_walk_m < MOST_WALK_M).then(|| options.max_walk_m.ceil() as u64),
        k: 0,
    };
    let header = EvacHeader { rules, policies: options.policies, ..EvacHeader::default() };
    let of_demand = |d: &DemandPlace| DemandRow {
        id: d.id.clone(),
        x_m: Some(d.x).filter(|x| x.is_finite()),
        y_m: Some(d.y).filter(|y| y.is_finite()),
        people: d.people,
        vulnerable: Some(d.vulnerable),
        needs: d.needs.clone(),
        party: None,
        relatives: Some(d.relatives).filter(|relatives| *relatives > 0),
        whole: d.whole,
    };
    let of_shelter = |(s, (_, reason)): (&ShelterPlace, &(_, Option<String>))| ShelterRow {
        id: s.id.clone(),
        x_m: Some(s.x).filter(|x| x.is_finite()),
        y_m: Some(s.y).filter(|y| y.is_finite()),
        kind: None,
        capacity: s.capacity,
        offers: s.offers.clone(),
        care_places: s.care_places.map(|care| care.min(s.capacity)),
        reserve_share: s.reserve_share,
        hazard_probability: s.hazard_probability,
        excluded: reason.clone(),
    };
    let demand = demands.iter().map(of_demand).collect();
    let shelters = shelters.iter().zip(&access.shelters).map(of_shelter).collect();
    EvacInstance::of_rows(options.name, header, demand, shelters, arcs)
}

/// Solves the question; places that should stay together but find no shelter with beds for all of them may be split instead of being left
/// without any, and are told.
pub(crate) fn together_if_possible(
    instance: &mut EvacInstance,
    keep: Option<&Keep>,
    findings: &mut Vec<Finding>,
) -> Result<(AssignmentProblem, AssignmentOutcome, Option<Kept>), Finding> {
    let mut parted = Vec::new();
    loop {
        let asked = instance.problem()?;
        let mut told = Vec::new();
        let (problem, outcome, kept) = match keep {
            None => {
                let outcome = solve_assignment(&asked)?;
                (asked, outcome, None)
            }
            Some(keep) => {
                let (rest, orders) = after_done(&asked, &keep.before, &keep.done, &mut told);
                let replan = least_change(&rest, &orders, keep.within)?;
                (rest, replan.outcome.clone(), Some(Kept { replan, orders }))
            }
        };
        let mut none = true;
        for rest in outcome.unplaced.iter().filter(|rest| rest.reason == NO_ROOM_FOR_ALL) {
            let row = &mut instance.demand[rest.demand as usize];
            if row.whole {
                (row.whole, none) = (false, false);
                parted.push((row.id.clone(), row.people));
            }
        }
        if none {
            findings.extend(told);
            findings.extend(may_be_parted(&parted));
            return Ok((problem, outcome, kept));
        }
    }
}

fn may_be_parted(parted: &[(String, u64)]) -> Option<Finding> {
    let people: u64 = parted.iter().map(|part| part.1).sum();
    (!parted.is_empty()).then(|| {
        Finding::warning(
            "EVA-101",
            Text::new(
                format!("{} 处（{people} 人）应整体安置，但步行范围内没有一处场所容得下：改为允许拆分。", parted.len()),
                format!(
                    "{} places ({people} people) should stay together, but no shelter within reach holds them: they may be split.",
                    parted.len()
                ),
            ),
            Text::new("另备较大的场所，或派车送往较远的场所。", "Prepare a larger shelter, or drive them farther."),
        )
        .at(some_ids(parted.iter().map(|part| part.0.as_str())))
    })
}

/// Beyond this no walk is limited, m.
const MOST_WALK_M: f64 = 1e7;
