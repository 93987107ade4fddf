//! Which v make the bound of [`crate::knapsacks`] high: steps along deflected subgradients from the duals of the optimum with splitting
//! (Held, Wolfe and Crowder, Math. Program. 6, 1974; Camerini, Fratta and Maffioli, Math. Program. Study 3, 1975). The work is counted, not
//! timed, so that the same problem has the same bound.

use crate::knapsacks::{groups, relaxed};
use crate::{AssignmentOutcome, AssignmentProblem, UNPLACED_M};

/// Items and table entries to look at.
const WORK: u64 = 600_000_000;
/// Steps, at most.
const STEPS: usize = 600;
/// Steps without a higher bound after which they are halved: at first, when they may be far too long, and later.
const IMPATIENCE: usize = 2;
const PATIENCE: usize = 12;
/// By how much a step that gained lengthens the next.
const LONGER: f64 = 1.1;
/// Steps shorter than this share of the first gain nothing.
const SHORTEST: f64 = 1e-4;

/// Person-metres per demand point, those of a party at its first point, whose bound is the highest found; `None` where none is above the
/// bound that the outcome has.
pub(crate) fn multipliers(problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Option<(Vec<i64>, i128)> {
    let groups = groups(problem);
    let most_m = outcome.certificate.most_m.unwrap_or(u32::MAX);
    let most: Vec<i64> = groups.iter().map(|group| group.people.saturating_mul(UNPLACED_M)).collect();
    let mut v: Vec<f64> = groups
        .iter()
        .map(|group| {
            let of = |demand: &u32| {
                let people = problem.demand[*demand as usize].people as f64;
                people * outcome.certificate.u[*demand as usize] as f64
            };
            group.members.iter().map(of).sum()
        })
        .collect();
    let (mut best, mut record) = (None, outcome.lower_bound);
    let mut along = vec![0.0; groups.len()];
    let (mut step, mut idle, mut work) = (1.0, 0, 0);
    for _ in 0..STEPS {
        let whole: Vec<i64> = v.iter().zip(&most).map(|(v, most)| (v.round() as i64).clamp(0, *most)).collect();
        let at = relaxed(problem, &groups, &whole, most_m);
        work += at.work + groups.len() as u64;
        idle += 1;
        if at.bound > record {
            (record, idle) = (at.bound, 0);
            step = (step * LONGER).min(1.5);
            best = Some(whole.clone());
        }
        let gap = (outcome.value() - at.bound) as f64;
        if gap < 1.0 || work > WORK {
            break;
        }
        if idle >= if best.is_some() { PATIENCE } else { IMPATIENCE } {
            (step, idle) = (step / 2.0, 0);
        }
        if step < SHORTEST {
            break;
        }
        // Nobody takes a party: it pays too little; several do: too much.
        let here: Vec<f64> = at.taken.iter().map(|taken| 1.0 - f64::from(*taken)).collect();
        let weigh = |a: &[f64], b: &[f64]| -> f64 {
            let all = a.iter().zip(b).zip(&groups);
            all.map(|((a, b), group)| a * b * group.people as f64).sum()
        };
        let (back, long) = (weigh(&here, &along), weigh(&along, &along));
        let deflect = if back < 0.0 && long > 0.0 { -1.5 * back / long } else { 0.0 };
        along.iter_mut().zip(&here).for_each(|(along, here)| *along = here + deflect * *along);
        let norm = weigh(&along, &along);
        if norm <= 0.0 {
            break;
        }
        let metres = step * gap / norm;
        for (((v, along), group), most) in v.iter_mut().zip(&along).zip(&groups).zip(&most) {
            *v = (*v + metres * along * group.people as f64).clamp(0.0, *most as f64);
        }
    }
    let best = best?;
    let mut of_demand = vec![0; problem.demand.len()];
    for (group, v) in groups.iter().zip(best) {
        of_demand[group.members[0] as usize] = v;
    }
    Some((of_demand, record))
}
