use super::{Contingency, Interval, bootstrap, brier, brier_skill, crps, crps_fair, roc_area};
use dayu_base::{Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Events below which nothing is judged.
pub const LEAST_EVENTS: usize = 10;

/// One forecast with its observation.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// event (storm) it belongs to: the block of the bootstrap
    pub event: String,
    /// place
    pub place: String,
    /// what and in which unit, such as `rain_1h_mm`
    pub quantity: String,
    /// valid time, seconds since 1970
    pub valid_unix_s: f64,
    /// lead time, s
    pub lead_s: f64,
    /// observed value; `None` = unknown
    pub observed: Option<f64>,
    /// single forecast; `None` = the median of the members, where there are any
    pub forecast: Option<f64>,
    /// members of the ensemble, in order; may be empty
    pub members: Vec<f64>,
    /// what was observed when the forecast was made: the baseline
    pub persistence: Option<f64>,
}

impl Pair {
    /// The single forecast, else the median of the members.
    pub fn single(&self) -> Option<f64> {
        self.forecast.or_else(|| {
            let mut sorted = self.members.clone();
            sorted.sort_by(f64::total_cmp);
            let m = sorted.len();
            (m > 0).then(|| if m % 2 == 1 { sorted[m / 2] } else { 0.5 * (sorted[m / 2 - 1] + sorted[m / 2]) })
        })
    }
    fn probability(&self, threshold: f64) -> Option<f64> {
        if self.members.is_empty() {
            return self.single().map(|v| f64::from(u8::from(v >= threshold)));
        }
        Some(self.members.iter().filter(|v| **v >= threshold).count() as f64 / self.members.len() as f64)
    }
}

/// What to verify.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VerifyOptions {
    /// value from which the event occurs
    pub threshold: f64,
    /// seed of the bootstrap
    pub seed: u64,
    /// resamples
    pub resamples: u32,
    /// level of the intervals, such as 0.9
    pub level: f64,
}

/// Scores of one forecast (or of its baseline).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// 2 × 2 table of all pairs
    pub table: Contingency,
    /// probability of detection
    pub pod: Interval,
    /// false alarm ratio
    pub far: Interval,
    /// critical success index
    pub csi: Interval,
    /// frequency bias
    pub frequency_bias: Interval,
    /// Brier score of reaching the threshold
    pub brier: Interval,
    /// its skill against the frequency observed in the sample
    pub brier_skill: Interval,
    /// area under the ROC curve
    pub roc_area: Interval,
    /// mean CRPS (of a single forecast: mean absolute error)
    pub crps: Interval,
    /// mean fair CRPS; not defined for a single forecast
    pub crps_fair: Interval,
}

/// Scores of one lead time: forecast and persistence over the same pairs.
#[derive(Clone, Debug, PartialEq)]
pub struct LeadScores {
    /// lead time, s
    pub lead_s: f64,
    /// pairs of which observation, forecast and persistence are known
    pub pairs: usize,
    /// pairs left out because one of them is not
    pub left_out: usize,
    /// events
    pub events: usize,
    /// fewer than [`LEAST_EVENTS`] events: nothing may be concluded
    pub too_few: bool,
    /// the forecast
    pub forecast: Scores,
    /// persistence
    pub persistence: Scores,
}

/// Scores per lead time, never averaged over lead times, with `VER-001` for each that has too few events to judge. A pair takes part
/// only when observation, forecast and persistence are all known, so that both are judged by the same pairs.
pub fn verify(pairs: &[Pair], options: &VerifyOptions) -> (Vec<LeadScores>, Vec<Finding>) {
    let mut by_lead: BTreeMap<i64, Vec<&Pair>> = BTreeMap::new();
    for pair in pairs.iter().filter(|p| p.lead_s.is_finite()) {
        by_lead.entry((pair.lead_s * 1000.0).round() as i64).or_default().push(pair);
    }
    let mut findings = Vec::new();
    let scores = by_lead
        .into_values()
        .map(|of| {
            let usable = |p: &&&Pair| {
                let known = |v: Option<f64>| v.is_some_and(f64::is_finite);
                known(p.observed)
                    && known(p.persistence)
                    && known(p.single())
                    && p.members.iter().all(|m| m.is_finite())
            };
            let known: Vec<&Pair> = of.iter().filter(usable).copied().collect();
            let names: BTreeSet<&str> = known.iter().map(|p| p.event.as_str()).collect();
            let events: Vec<Vec<&Pair>> =
                names.iter().map(|e| known.iter().filter(|p| p.event == **e).copied().collect()).collect();
            let lead_s = of.first().map_or(f64::NAN, |p| p.lead_s);
            let too_few = events.len() < LEAST_EVENTS;
            if too_few {
                findings.push(few(lead_s, events.len()));
            }
            LeadScores {
                lead_s,
                pairs: known.len(),
                left_out: of.len() - known.len(),
                events: events.len(),
                too_few,
                forecast: scores(&events, options, |p| (p.single(), &p.members)),
                persistence: scores(&events, options, |p| (p.persistence, &[])),
            }
        })
        .collect();
    (scores, findings)
}

fn few(lead_s: f64, events: usize) -> Finding {
    Finding::warning(
        "VER-001",
        Text::new(
            format!("提前 {:.0} 分钟：只有 {events} 场事件，样本太少，不能下结论", lead_s / 60.0),
            format!("lead {:.0} min: {events} events are too few to judge", lead_s / 60.0),
        ),
        Text::new(
            format!("积累到至少 {LEAST_EVENTS} 场后再评定"),
            format!("judge when there are at least {LEAST_EVENTS} events"),
        ),
    )
}

fn scores<'a>(
    events: &[Vec<&'a Pair>],
    options: &VerifyOptions,
    of: impl Fn(&'a Pair) -> (Option<f64>, &'a [f64]),
) -> Scores {
    let threshold = options.threshold;
    // Each event once, as what the scores need: single value, observed, probability, CRPS, fair CRPS.
    struct Row {
        forecast: bool,
        observed: bool,
        probability: f64,
        crps: Option<f64>,
        fair: Option<f64>,
    }
    let rows: Vec<Vec<Row>> = events
        .iter()
        .map(|pairs| {
            let row = |p: &&'a Pair| {
                let (single, members) = of(p);
                let (value, observed) = (single?, p.observed?);
                let probability = if members.is_empty() {
                    f64::from(u8::from(value >= threshold))
                } else {
                    p.probability(threshold)?
                };
                let score = if members.is_empty() { crps(&[value], observed) } else { crps(members, observed) };
                Some(Row {
                    forecast: value >= threshold,
                    observed: observed >= threshold,
                    probability,
                    crps: score,
                    fair: crps_fair(members, observed),
                })
            };
            pairs.iter().filter_map(row).collect()
        })
        .collect();
    let table = |drawn: &[usize]| {
        Contingency::count(drawn.iter().flat_map(|k| &rows[*k]).map(|r| (Some(r.forecast), Some(r.observed))))
    };
    let probabilities = |drawn: &[usize]| -> Vec<(f64, bool)> {
        drawn.iter().flat_map(|k| &rows[*k]).map(|r| (r.probability, r.observed)).collect()
    };
    let mean = |drawn: &[usize], pick: fn(&Row) -> Option<f64>| -> Option<f64> {
        let values: Vec<f64> = drawn.iter().flat_map(|k| &rows[*k]).map(pick).collect::<Option<_>>()?;
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let skill = |drawn: &[usize]| {
        let p = probabilities(drawn);
        let frequency = p.iter().filter(|(_, o)| *o).count() as f64 / p.len().max(1) as f64;
        brier_skill(brier(&p)?, frequency * (1.0 - frequency))
    };
    let interval = |score: &dyn Fn(&[usize]) -> Option<f64>| {
        bootstrap(rows.len(), options.resamples, options.level, options.seed, score)
    };
    Scores {
        table: table(&(0..rows.len()).collect::<Vec<_>>()),
        pod: interval(&|d| table(d).pod()),
        far: interval(&|d| table(d).far()),
        csi: interval(&|d| table(d).csi()),
        frequency_bias: interval(&|d| table(d).frequency_bias()),
        brier: interval(&|d| brier(&probabilities(d))),
        brier_skill: interval(&skill),
        roc_area: interval(&|d| roc_area(&probabilities(d))),
        crps: interval(&|d| mean(d, |r| r.crps)),
        crps_fair: interval(&|d| mean(d, |r| r.fair)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OPTIONS: VerifyOptions = VerifyOptions { threshold: 20.0, seed: 5, resamples: 200, level: 0.9 };

    fn pair(event: usize, lead_s: f64, observed: f64, members: &[f64], persistence: f64) -> Pair {
        Pair {
            event: format!("e{event:02}"),
            place: "P".into(),
            quantity: "rain_1h_mm".into(),
            valid_unix_s: event as f64 * 1e6,
            lead_s,
            observed: Some(observed),
            forecast: None,
            members: members.to_vec(),
            persistence: Some(persistence),
        }
    }

    /// Four events by hand. Medians 25, 10, 22, 5; observed 30, 25, 10, 0; threshold 20: one hit, one miss, one false alarm, one
    /// correct negative. Probabilities 1, 1/3, 2/3, 0.
    #[test]
    fn four_events_by_hand() {
        let pairs = [
            pair(1, 3600.0, 30.0, &[24.0, 25.0, 40.0], 10.0),
            pair(2, 3600.0, 25.0, &[8.0, 10.0, 21.0], 22.0),
            pair(3, 3600.0, 10.0, &[12.0, 22.0, 30.0], 25.0),
            pair(4, 3600.0, 0.0, &[1.0, 5.0, 9.0], 0.0),
        ];
        let (scores, findings) = verify(&pairs, &OPTIONS);
        let s = &scores[0];
        assert_eq!((s.pairs, s.events, s.too_few, findings[0].code.as_str()), (4, 4, true, "VER-001"));
        assert_eq!(s.forecast.table, Contingency { hits: 1, misses: 1, false_alarms: 1, correct_negatives: 1 });
        assert_eq!((s.forecast.pod.value, s.forecast.far.value), (Some(0.5), Some(0.5)));
        assert_eq!(s.forecast.csi.value, Some(1.0 / 3.0));
        // (0 + (2/3)² + (2/3)² + 0) ÷ 4; climatology ½·½.
        assert!((s.forecast.brier.value.unwrap() - 2.0 / 9.0).abs() < 1e-12);
        assert!((s.forecast.brier_skill.value.unwrap() - (1.0 - 8.0 / 9.0)).abs() < 1e-12);
        // Persistence 10, 22, 25, 0: the same table, absolute errors 20, 3, 15, 0.
        assert_eq!(s.persistence.table, s.forecast.table);
        assert_eq!((s.persistence.crps.value, s.persistence.crps_fair.value), (Some(9.5), None));
        let limits = s.forecast.crps.limits.unwrap();
        assert!(limits.0 <= s.forecast.crps.value.unwrap() && s.forecast.crps.value.unwrap() <= limits.1);
    }

    /// The same 40 ensembles of 9 members scored by other software: properscoring 0.1 (`crps_ensemble`, `brier_score`) and
    /// scikit-learn (`roc_auc_score`, `recall_score`, `precision_score`, `jaccard_score`).
    #[test]
    fn agrees_with_other_software() {
        let member = |i: u32, j: u32| f64::from((i * 37 + j * 61) % 101) / 2.0;
        let pairs: Vec<Pair> = (0..40_u32)
            .map(|i| {
                let members: Vec<f64> = (0..9).map(|j| member(i, j)).collect();
                pair(i as usize, 3600.0, f64::from((i * 53 + 7) % 97) / 2.0, &members, 0.0)
            })
            .collect();
        let (scores, findings) = verify(&pairs, &OPTIONS);
        let f = &scores[0].forecast;
        let close = |found: Interval, expected: f64| (found.value.unwrap() - expected).abs() < 1e-12;
        assert!(findings.is_empty());
        assert!(close(f.crps, 8.432_253_086_419_752), "{:?}", f.crps);
        assert!(close(f.brier, 0.233_024_691_358_024_73), "{:?}", f.brier);
        assert!(close(f.roc_area, 0.684_343_434_343_434_3), "{:?}", f.roc_area);
        assert!(close(f.pod, 1.0) && close(f.far, 0.45) && close(f.csi, 0.55));
    }

    #[test]
    fn lead_times_stay_apart_and_unknown_pairs_are_left_out() {
        let mut pairs: Vec<Pair> = (0..12).map(|k| pair(k, 3600.0, 20.0 + k as f64, &[18.0, 26.0], 5.0)).collect();
        pairs.extend((0..3).map(|k| pair(k, 7200.0, 20.0, &[20.0], 20.0)));
        pairs[0].observed = None;
        pairs[1].persistence = None;
        let (scores, findings) = verify(&pairs, &OPTIONS);
        assert_eq!(
            scores.iter().map(|s| (s.lead_s, s.pairs, s.left_out, s.too_few)).collect::<Vec<_>>(),
            [(3600.0, 10, 2, false), (7200.0, 3, 0, true),]
        );
        assert_eq!(findings.len(), 1);
        assert_eq!(verify(&pairs, &OPTIONS), verify(&pairs, &OPTIONS));
        assert_eq!(verify(&[], &OPTIONS), (vec![], vec![]));
    }
}
