//! `dayu data scores`: forecast–observation pairs in, scores beside persistence out.

use crate::Failure;
use crate::publish::Draft;
use dayu_base::{Finding, Text};
use dayu_storm::StepSeries;
use dayu_storm::verification::{
    Interval, LEAST_EVENTS, LeadScores, Pair, Scores, VerifyOptions, bootstrap, peak_error, reliability, verify,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

/// Classes of the reliability table.
const CLASSES: usize = 10;

/// What to score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScoreOptions {
    /// value from which the event occurs, in the unit of the pairs
    pub threshold: f64,
    /// seed of the bootstrap
    pub seed: u64,
    /// resamples of the bootstrap
    pub resamples: u32,
    /// level of the intervals, such as 0.9
    pub level: f64,
    /// replace an existing output folder
    pub overwrite: bool,
}

/// What was scored.
#[derive(Clone, Debug)]
pub struct ScoreReport {
    /// `summary.json` as written
    pub summary: Value,
    /// what must be said of the sample
    pub findings: Vec<Finding>,
}

/// Reads `pairs.csv` or `.parquet` (the columns of the export: event, place, quantity, valid_unix_s, lead_s, observed, forecast,
/// persistence, member_1 …; empty = unknown) and writes `scores.csv`, `reliability.csv`, `peaks.csv` and `summary.json`.
///
/// # Errors
/// `VER-030` a column is missing, `VER-031` a cell that is no number, `VER-032` no pair can be scored; those of reading and writing.
pub fn score_pairs(pairs: &Path, out: &Path, options: &ScoreOptions) -> Result<ScoreReport, Failure> {
    let read = read_pairs(pairs)?;
    let mut quantities: BTreeMap<&str, Vec<Pair>> = BTreeMap::new();
    for pair in &read {
        quantities.entry(pair.quantity.as_str()).or_default().push(pair.clone());
    }
    let ask = VerifyOptions {
        threshold: options.threshold,
        seed: options.seed,
        resamples: options.resamples,
        level: options.level,
    };
    let draft = Draft::begin(out, options.overwrite)?;
    let mut findings = Vec::new();
    let mut scores = String::from("quantity,lead_s,method,score,value,low,high,pairs,left_out,events,too_few\n");
    let mut classes =
        String::from("quantity,lead_s,class_from,class_to,pairs,forecast_probability,observed_frequency\n");
    let mut peaks = String::from("quantity,lead_s,event,place,method,value_error,time_error_s\n");
    let mut leads = Vec::new();
    let mut scored = 0;
    for (quantity, of) in &quantities {
        let (by_lead, found) = verify(of, &ask);
        findings.extend(found);
        for lead in &by_lead {
            scored += lead.pairs;
            let at_lead: Vec<&Pair> = of.iter().filter(|p| (p.lead_s - lead.lead_s).abs() < 5e-4).collect();
            let peak = peak_scores(quantity, lead.lead_s, &at_lead, &ask, &mut peaks);
            write_scores(&mut scores, quantity, lead, &peak);
            write_reliability(&mut classes, quantity, lead.lead_s, &at_lead, options.threshold);
            leads.push(told(quantity, lead, &peak));
        }
    }
    if scored == 0 {
        return Err(Finding::error(
            "VER-032",
            Text::new(
                "没有一对可评定：观测、预报、持续性预报须都已知",
                "no pair can be scored: observation, forecast and persistence must all be known",
            ),
            Text::new(
                "补充 observed、forecast（或 member_…）与 persistence",
                "supply observed, forecast (or member_…) and persistence",
            ),
        )
        .in_file(pairs.display().to_string())
        .into());
    }
    let summary = json!({
        "format": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "threshold": options.threshold,
        "seed": options.seed,
        "resamples": options.resamples,
        "level": options.level,
        "pairs": read.len(),
        "least_events": LEAST_EVENTS,
        "leads": leads,
        "findings": findings,
    });
    draft.write("scores.csv", scores.as_bytes())?;
    draft.write("reliability.csv", classes.as_bytes())?;
    draft.write("peaks.csv", peaks.as_bytes())?;
    draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
    draft.publish()?;
    Ok(ScoreReport { summary, findings })
}

/// Median absolute error of the peak's time and value of forecast and persistence.
struct PeakScores {
    courses: usize,
    time_s: [Interval; 2],
    value: [Interval; 2],
}

const METHODS: [&str; 2] = ["forecast", "persistence"];

/// Courses are the pairs of one event, place and lead in the order of their valid times.
fn peak_scores(quantity: &str, lead_s: f64, pairs: &[&Pair], ask: &VerifyOptions, csv: &mut String) -> PeakScores {
    let mut courses: BTreeMap<(&str, &str), Vec<&Pair>> = BTreeMap::new();
    for pair in pairs {
        courses.entry((pair.event.as_str(), pair.place.as_str())).or_default().push(pair);
    }
    let mut errors: Vec<BTreeMap<&str, Vec<(f64, f64)>>> = vec![BTreeMap::new(), BTreeMap::new()];
    for ((event, place), course) in &mut courses {
        course.sort_by(|a, b| a.valid_unix_s.total_cmp(&b.valid_unix_s));
        // One instant has no course.
        if course.len() < 2 {
            continue;
        }
        let series = |of: &dyn Fn(&Pair) -> Option<f64>| StepSeries {
            time_s: course.iter().map(|p| p.valid_unix_s).collect(),
            value: course.iter().map(|p| of(p).unwrap_or(f64::NAN)).collect(),
        };
        let observed = series(&|p| p.observed);
        for (k, forecast) in [series(&Pair::single), series(&|p| p.persistence)].iter().enumerate() {
            if let Some(e) = peak_error(forecast, &observed) {
                let _ = writeln!(
                    csv,
                    "{},{lead_s},{},{},{},{},{}",
                    crate::simulation::field(quantity),
                    crate::simulation::field(event),
                    crate::simulation::field(place),
                    METHODS[k],
                    e.value,
                    e.time_s
                );
                errors[k].entry(event).or_default().push((e.time_s.abs(), e.value.abs()));
            }
        }
    }
    // The same courses judge both.
    let events: Vec<&str> = errors[0].keys().filter(|e| errors[1].contains_key(*e)).copied().collect();
    let interval = |k: usize, pick: fn(&(f64, f64)) -> f64| {
        bootstrap(events.len(), ask.resamples, ask.level, ask.seed, |drawn| {
            median(drawn.iter().flat_map(|d| &errors[k][events[*d]]).map(pick).collect())
        })
    };
    PeakScores {
        courses: errors[0].values().map(Vec::len).sum(),
        time_s: [0, 1].map(|k| interval(k, |e| e.0)),
        value: [0, 1].map(|k| interval(k, |e| e.1)),
    }
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    (n > 0).then(|| if n % 2 == 1 { values[n / 2] } else { 0.5 * (values[n / 2 - 1] + values[n / 2]) })
}

fn list(scores: &Scores) -> [(&'static str, Interval); 9] {
    [
        ("pod", scores.pod),
        ("far", scores.far),
        ("csi", scores.csi),
        ("frequency_bias", scores.frequency_bias),
        ("brier", scores.brier),
        ("brier_skill", scores.brier_skill),
        ("roc_area", scores.roc_area),
        ("crps", scores.crps),
        ("crps_fair", scores.crps_fair),
    ]
}

/// Every score of a lead time: method, name, value with interval.
fn all<'a>(
    lead: &'a LeadScores,
    peak: &'a PeakScores,
) -> impl Iterator<Item = (&'static str, &'static str, Interval)> + 'a {
    [&lead.forecast, &lead.persistence].into_iter().enumerate().flat_map(move |(k, scores)| {
        let peaks = [("peak_time_error_s", peak.time_s[k]), ("peak_value_error", peak.value[k])];
        list(scores).into_iter().chain(peaks).map(move |(name, interval)| (METHODS[k], name, interval))
    })
}

fn write_scores(csv: &mut String, quantity: &str, lead: &LeadScores, peak: &PeakScores) {
    let number = |v: Option<f64>| v.map_or(String::new(), |v| v.to_string());
    for (method, name, i) in all(lead, peak) {
        let _ = writeln!(
            csv,
            "{},{},{method},{name},{},{},{},{},{},{},{}",
            crate::simulation::field(quantity),
            lead.lead_s,
            number(i.value),
            number(i.limits.map(|l| l.0)),
            number(i.limits.map(|l| l.1)),
            lead.pairs,
            lead.left_out,
            lead.events,
            u8::from(lead.too_few)
        );
    }
}

fn write_reliability(csv: &mut String, quantity: &str, lead_s: f64, pairs: &[&Pair], threshold: f64) {
    let known: Vec<(f64, bool)> = pairs
        .iter()
        .filter_map(|p| {
            let observed = p.observed.filter(|v| v.is_finite())?;
            let members = p.members.len();
            if members == 0 || p.members.iter().any(|m| !m.is_finite()) {
                return None;
            }
            let share = p.members.iter().filter(|m| **m >= threshold).count() as f64 / members as f64;
            Some((share, observed >= threshold))
        })
        .collect();
    let number = |v: Option<f64>| v.map_or(String::new(), |v| v.to_string());
    for (k, class) in reliability(&known, CLASSES).iter().enumerate() {
        let _ = writeln!(
            csv,
            "{},{lead_s},{},{},{},{},{}",
            crate::simulation::field(quantity),
            k as f64 / CLASSES as f64,
            (k + 1) as f64 / CLASSES as f64,
            class.n,
            number(class.forecast),
            number(class.observed)
        );
    }
}

fn told(quantity: &str, lead: &LeadScores, peak: &PeakScores) -> Value {
    let mut methods = serde_json::Map::new();
    for (method, name, i) in all(lead, peak) {
        let entry = methods.entry(method).or_insert_with(|| json!({}));
        entry[name] = json!({ "value": i.value, "interval": i.limits });
    }
    let table = |s: &Scores| json!({ "hits": s.table.hits, "misses": s.table.misses, "false_alarms": s.table.false_alarms, "correct_negatives": s.table.correct_negatives });
    json!({
        "quantity": quantity,
        "lead_s": lead.lead_s,
        "pairs": lead.pairs,
        "left_out": lead.left_out,
        "events": lead.events,
        "courses_with_peak": peak.courses,
        "too_few": lead.too_few,
        "contingency": { "forecast": table(&lead.forecast), "persistence": table(&lead.persistence) },
        "scores": methods,
    })
}

fn read_pairs(path: &Path) -> Result<Vec<Pair>, Finding> {
    let (table, _) = dayu_table::read_table(path)?;
    let file = path.display().to_string();
    let need = |name: &str| {
        table.column(name).ok_or_else(|| {
            Finding::error(
                "VER-030",
                Text::new(format!("缺少列 {name}"), format!("the column {name} is missing")),
                Text::new(
                    "列：event,place,quantity,valid_unix_s,lead_s,observed,forecast,persistence,member_1…",
                    "columns: event,place,quantity,valid_unix_s,lead_s,observed,forecast,persistence,member_1…",
                ),
            )
            .in_file(&file)
            .field(name)
        })
    };
    let (event, place, quantity) = (need("event")?, need("place")?, need("quantity")?);
    let (valid, lead, observed, persistence) =
        (need("valid_unix_s")?, need("lead_s")?, need("observed")?, need("persistence")?);
    let forecast = table.column("forecast");
    let members: Vec<usize> = (1..).map_while(|k| table.column(&format!("member_{k}"))).collect();
    if forecast.is_none() && members.is_empty() {
        need("forecast")?;
    }
    let mut seen = BTreeSet::new();
    (0..table.rows.len())
        .map(|row| {
            let number = |c: usize| -> Result<Option<f64>, Finding> {
                let text = table.cell(row, c).unwrap_or_default().trim();
                if text.is_empty() {
                    return Ok(None);
                }
                text.parse::<f64>().ok().filter(|v| v.is_finite()).map(Some).ok_or_else(|| {
                    Finding::error(
                        "VER-031",
                        Text::new(format!("“{text}”不是数"), format!("'{text}' is no number")),
                        Text::new("改正；未知请留空", "mend it; leave it empty where unknown"),
                    )
                    .in_file(&file)
                    .at(table.place(row))
                    .field(table.columns[c].clone())
                })
            };
            let word = |c: usize| table.cell(row, c).unwrap_or_default().to_string();
            let always = |c: usize| number(c).map(|v| v.unwrap_or(f64::NAN));
            let pair = Pair {
                event: word(event),
                place: word(place),
                quantity: word(quantity),
                valid_unix_s: always(valid)?,
                lead_s: always(lead)?,
                observed: number(observed)?,
                forecast: forecast.map_or(Ok(None), number)?,
                members: members.iter().filter_map(|c| number(*c).transpose()).collect::<Result<_, _>>()?,
                persistence: number(persistence)?,
            };
            let key = (
                pair.event.clone(),
                pair.place.clone(),
                pair.quantity.clone(),
                pair.valid_unix_s.to_bits(),
                pair.lead_s.to_bits(),
            );
            if !seen.insert(key) {
                return Err(Finding::error(
                    "VER-033",
                    Text::new(
                        "同一事件、地点、要素、时刻与提前量出现两次",
                        "the same event, place, quantity, time and lead twice",
                    ),
                    Text::new("删去重复行", "drop the repeated row"),
                )
                .in_file(&file)
                .at(table.place(row)));
            }
            Ok(pair)
        })
        .collect()
}
