//! A plan walked again, step by step, without the solver: nobody leaves before being there, no closed link, no link or shelter over
//! capacity, nobody lost.

use super::problem::RoadProblem;
use super::solve::FlowPlan;
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// Checks a plan against its problem.
///
/// # Errors
/// `EVA-006` naming the first thing that does not hold.
pub fn replay(problem: &RoadProblem, plan: &FlowPlan) -> Result<(), Finding> {
    let refuse = |what: &str, at: String| {
        Err(Finding::error(
            "EVA-006",
            Text::new(format!("方案复演不成立：{what}。"), format!("The plan does not survive its replay: {what}.")),
            Text::new("请把本问题文件发给维护人员。", "Send this problem to the maintainers."),
        )
        .at(at))
    };
    // Change of the people standing at (node, step).
    let mut change: BTreeMap<(u32, u32), i128> = BTreeMap::new();
    let mut going: Vec<i128> = problem.sources.iter().map(|s| i128::from(s.people)).collect();
    for rest in &plan.unplaced {
        // Who is left sets out nowhere, so that nobody else can go in his stead.
        match going.get_mut(rest.source as usize) {
            Some(going) if rest.people > 0 && *going >= i128::from(rest.people) => *going -= i128::from(rest.people),
            _ => return refuse("more are left than there are 未落实人数多于实有", rest.source.to_string()),
        }
    }
    for (source, going) in problem.sources.iter().zip(going) {
        *change.entry((source.node, source.ready_step)).or_default() += going;
    }
    let mut entering: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for entry in &plan.entries {
        let Some(link) = problem.links.get(entry.link as usize) else {
            return refuse("unknown link", entry.link.to_string());
        };
        let out = u64::from(entry.step) + u64::from(link.steps);
        let end = link.close_step.map_or(problem.horizon, |close| close.min(problem.horizon));
        if entry.people == 0 || out > u64::from(end) {
            return refuse(
                "a link is used after it closed 路段已关闭",
                format!("links {} step {}", link.id, entry.step),
            );
        }
        let sum = entering.entry((entry.link, entry.step)).or_default();
        *sum = sum.saturating_add(entry.people);
        if *sum > link.people_per_step {
            return refuse("a link is over capacity 路段超容", format!("links {} step {}", link.id, entry.step));
        }
        *change.entry((link.from, entry.step)).or_default() -= i128::from(entry.people);
        *change.entry((link.to, out as u32)).or_default() += i128::from(entry.people);
    }
    let mut taken = vec![0_u64; problem.shelters.len()];
    for arrival in &plan.arrivals {
        let Some(shelter) = problem.shelters.get(arrival.shelter as usize) else {
            return refuse("unknown shelter", arrival.shelter.to_string());
        };
        let sum = &mut taken[arrival.shelter as usize];
        *sum = sum.saturating_add(arrival.people);
        if *sum > shelter.capacity || arrival.step > problem.horizon {
            return refuse("a shelter is over capacity 场所超容", problem.node_id(shelter.node).to_owned());
        }
        *change.entry((shelter.node, arrival.step)).or_default() -= i128::from(arrival.people);
    }
    let mut standing = (u32::MAX, 0_i128);
    for ((node, step), more) in change {
        if standing.0 != node {
            standing = (node, 0);
        }
        standing.1 += more;
        if standing.1 < 0 {
            return refuse(
                "people leave before they are there 人未到先走",
                format!("{} step {step}", problem.node_id(node)),
            );
        }
    }
    let left: u128 = plan.unplaced.iter().map(|u| u128::from(u.people)).sum();
    let arrived: u128 = taken.iter().map(|n| u128::from(*n)).sum();
    if arrived != u128::from(plan.sheltered) || arrived + left != u128::from(problem.people()) {
        return refuse("people were lost 人数不符", format!("{arrived} + {left}"));
    }
    Ok(())
}
