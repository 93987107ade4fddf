//! Between two plans: how far one can go from the first towards the second within a limit of person-metres.
//!
//! The difference of two plans that leave as many people without a bed falls into exchanges, each a ring of people who take over one
//! another's beds (flow decomposition; Ahuja, Magnanti and Orlin 1993, §3.5). Every number of people may take part in an exchange up to
//! its own, and any of them alone leaves a plan.

use std::collections::BTreeMap;

/// One exchange: people leave and take up beds along a ring.
struct Ring {
    /// (demand point, shelter it takes up, demand point that leaves there)
    steps: Vec<(u32, u32, u32)>,
    people: i64,
    metres: i128,
    kept: i128,
}

/// People of each pair (demand point, shelter); one more shelter stands for no bed, one more point for empty beds.
pub(crate) type Flow = BTreeMap<(u32, u32), i64>;

/// `from`, gone on towards `to` as far as the person-metres of `from` and of the exchanges stay within `limit_m`, those with the most
/// people kept per metre first. Both must have the same people at each point and the same load at each shelter, empty beds and people
/// without a bed among them. `worth` tells metres and people kept of one person of a pair.
pub(crate) fn towards(from: &Flow, to: &Flow, limit_m: i128, worth: impl Fn(u32, u32) -> (i128, i128)) -> Option<Flow> {
    let mut metres: i128 = from.iter().map(|(pair, people)| i128::from(*people) * worth(pair.0, pair.1).0).sum();
    let mut rings = rings(from, to, &worth)?;
    // Most kept per metre; what costs nothing comes first.
    rings.retain(|ring| ring.kept > 0);
    rings.sort_by(|a, b| (b.kept * a.metres.max(0)).cmp(&(a.kept * b.metres.max(0))).then(b.kept.cmp(&a.kept)));
    let mut plan = from.clone();
    for ring in rings {
        let room = limit_m - metres;
        let people = if ring.metres <= 0 {
            ring.people
        } else {
            i64::try_from((room / ring.metres).clamp(0, i128::from(ring.people))).ok()?
        };
        metres += i128::from(people) * ring.metres;
        for (point, shelter, leaves) in ring.steps {
            *plan.entry((point, shelter)).or_default() += people;
            *plan.entry((leaves, shelter)).or_default() -= people;
        }
    }
    plan.retain(|_, people| *people != 0);
    // The exchanges add up to a plan only if none was taken further than it goes.
    plan.values().all(|people| *people > 0).then_some(plan)
}

fn rings(from: &Flow, to: &Flow, worth: &impl Fn(u32, u32) -> (i128, i128)) -> Option<Vec<Ring>> {
    let mut takes: BTreeMap<u32, BTreeMap<u32, i64>> = BTreeMap::new();
    let mut leaves: BTreeMap<u32, BTreeMap<u32, i64>> = BTreeMap::new();
    for &pair in from.keys().chain(to.keys()) {
        let more = to.get(&pair).copied().unwrap_or(0) - from.get(&pair).copied().unwrap_or(0);
        if more > 0 {
            takes.entry(pair.0).or_default().insert(pair.1, more);
        } else if more < 0 {
            leaves.entry(pair.1).or_default().insert(pair.0, -more);
        }
    }
    let mut rings = Vec::new();
    while let Some(&start) = takes.keys().next() {
        let mut steps: Vec<(u32, u32, u32)> = Vec::new();
        let mut place_of = BTreeMap::from([(start, 0)]);
        let mut point = start;
        let begin = loop {
            let shelter = *takes.get(&point)?.keys().next()?;
            let next = *leaves.get(&shelter)?.keys().next()?;
            steps.push((point, shelter, next));
            if let Some(&begin) = place_of.get(&next) {
                break begin;
            }
            place_of.insert(next, steps.len());
            point = next;
        };
        let steps = steps.split_off(begin);
        let amounts = steps.iter().map(|step| takes[&step.0][&step.1].min(leaves[&step.1][&step.2]));
        let people = amounts.min()?;
        let (mut metres, mut kept) = (0, 0);
        for &(point, shelter, leaving) in &steps {
            let (come, go) = (worth(point, shelter), worth(leaving, shelter));
            metres += come.0 - go.0;
            kept += come.1 - go.1;
            less(&mut takes, point, shelter, people);
            less(&mut leaves, shelter, leaving, people);
        }
        rings.push(Ring { steps, people, metres, kept });
    }
    leaves.is_empty().then_some(rings)
}

fn less(side: &mut BTreeMap<u32, BTreeMap<u32, i64>>, from: u32, to: u32, people: i64) {
    if let Some(row) = side.get_mut(&from) {
        if let Some(there) = row.get_mut(&to) {
            *there -= people;
            if *there == 0 {
                row.remove(&to);
            }
        }
        if row.is_empty() {
            side.remove(&from);
        }
    }
}
