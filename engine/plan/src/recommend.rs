use crate::evaluate::evaluate;
use crate::{Condition, DecideInput, Recommendation, RuleTrace};
use dayu_base::{HazardChain, ResponseLevel};
use std::collections::BTreeMap;

/// One recommendation per chain of the plan: the highest level with a rule that held, the highest above it that unknown
/// data leave open (what only people can judge does not count), and the whole trace, highest level first.
pub(crate) fn recommend(input: &DecideInput<'_>) -> Vec<Recommendation> {
    let mut chains: BTreeMap<HazardChain, Vec<RuleTrace>> = BTreeMap::new();
    let mut open: BTreeMap<HazardChain, Option<ResponseLevel>> = BTreeMap::new();
    for rule in &input.plan.rule {
        let mut held = false;
        let mut unknown = false;
        for condition in &rule.any {
            let found = evaluate(condition, input);
            held |= found.held == Some(true);
            unknown |= found.held.is_none() && !matches!(condition, Condition::Manual { .. });
            chains.entry(rule.hazard).or_default().push(RuleTrace {
                level: rule.level,
                chain: rule.hazard,
                clause: clause(&rule.clause),
                condition: condition.words(),
                value: found.value,
                threshold: condition.threshold(),
                basis: found.basis.into(),
                data_age_s: found.age_s,
                held: found.held,
                mark: rule.mark.clone(),
                first_held_s: found.at_s,
            });
        }
        if unknown && !held {
            let best = open.entry(rule.hazard).or_default();
            *best = (*best).max(Some(rule.level));
        }
    }
    chains
        .into_iter()
        .map(|(chain, mut trace)| {
            let level = trace.iter().filter(|t| t.held == Some(true)).map(|t| t.level).max();
            let cannot_exclude = open.get(&chain).copied().flatten().filter(|l| Some(*l) > level);
            // Stable: within a level the plan's own order stays.
            trace.sort_by_key(|t| std::cmp::Reverse(t.level));
            Recommendation { chain, level, cannot_exclude, trace }
        })
        .collect()
}

/// The clause printed, or that none is named.
pub(crate) fn clause(clause: &str) -> String {
    if clause.trim().is_empty() { "未注明".into() } else { clause.into() }
}

/// When each level opens, s from start: when a rule of it or of a higher level first held, but not after `as_of` (what is
/// forecast is decided on now). A level that is not recommended opens at `as_of` while the event still runs; in a
/// finished replay it never opened: absent.
pub(crate) fn openings(input: &DecideInput<'_>, recommendations: &[Recommendation]) -> BTreeMap<ResponseLevel, f64> {
    let mut opened = BTreeMap::new();
    for level in &input.plan.plan.levels {
        let held: Vec<&RuleTrace> = recommendations
            .iter()
            .flat_map(|r| &r.trace)
            .filter(|t| t.level >= *level && t.held == Some(true))
            .collect();
        let first = held.iter().filter_map(|t| t.first_held_s).min_by(f64::total_cmp);
        let at = match first {
            Some(t) => Some(t.min(input.as_of_s)),
            None if input.as_of_s < input.duration_s => Some(input.as_of_s),
            None => None,
        };
        if let Some(at) = at {
            opened.insert(*level, at.max(0.0));
        }
    }
    opened
}
