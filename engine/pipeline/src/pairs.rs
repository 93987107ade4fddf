//! `dayu data pairs`: what a scenario says of the rain at stations beside what they measured, as pairs to score. No water is computed.

use crate::Failure;
use crate::ensemble::member_rains;
use crate::files::Located;
use crate::inputs::{Inputs, read_inputs};
use crate::load::{Observed, RainRequest, read_observed};
use crate::model::build_model;
use crate::publish::Draft;
use crate::typhoon::read_typhoon;
use dayu_base::{Finding, Text};
use dayu_scenario::ScenarioKind;
use dayu_storm::verification::Pair;
use dayu_storm::{CumulativeRain, RainField, StepSeries};
use serde_json::{Value, json};
use std::path::Path;

/// What to pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairOptions {
    /// length of the rolling windows that are compared, h
    pub window_h: f64,
    /// replace an existing output folder
    pub overwrite: bool,
}

/// What was paired.
#[derive(Clone, Debug)]
pub struct PairReport {
    /// `summary.json` as written
    pub summary: Value,
    /// what must be said of forecast and observations
    pub findings: Vec<Finding>,
}

/// Compares the rain of a scenario (its own, and that of each member) with what stations measured, in windows that end every
/// `window_h` after `as_of`, and writes `pairs.csv`, `pairs.parquet` and `summary.json`. A window that either side does not know
/// throughout is empty there; persistence is the window before `as_of`.
///
/// # Errors
/// `VER-040` no window after `as_of` lies in the scenario, `VER-041` a window that is none; those of reading and writing.
pub fn rain_pairs(
    scenario: &Path,
    stations: &Path,
    observed: &Path,
    out: &Path,
    options: &PairOptions,
) -> Result<PairReport, Failure> {
    let window_s = options.window_h * 3600.0;
    if !(window_s.is_finite() && window_s > 0.0) {
        return Err(Finding::error(
            "VER-041",
            Text::new("时窗须大于 0 小时", "a window is longer than 0 h"),
            Text::new("例如 --window-h 1", "such as --window-h 1"),
        )
        .field("window_h")
        .into());
    }
    let draft = Draft::begin(out, options.overwrite)?;
    let inputs = read_inputs(scenario)?;
    let as_of_s = inputs.as_of.duration_since(inputs.start).as_secs_f64();
    let windows = ((inputs.scenario.duration_s - as_of_s) / window_s + 1e-9).floor().max(0.0) as usize;
    if windows == 0 {
        return Err(nothing_forecast(&inputs).into());
    }
    let model = build_model(&inputs)?;
    let mut findings = model.findings.clone();
    let typhoon = read_typhoon(&inputs)?;
    let (members, found) = member_rains(&inputs, &model, typhoon.as_ref())?;
    findings.extend(found);
    let here = |path: &Path| Located { path: path.to_path_buf(), name: path.display().to_string() };
    let ask = RainRequest {
        files: &inputs.files,
        scenario: &inputs.scenario_file,
        crs: inputs.district.spec.crs.as_str(),
        grid: model.problem.grid,
        start: inputs.start,
        zone: &inputs.district.zone,
        origin: inputs.district.spec.origin,
        is_benchmark: inputs.scenario.kind == ScenarioKind::Benchmark,
    };
    let list = read_observed(&ask, &here(stations), &here(observed), &mut findings)?;
    let quantity = format!("rain_{}h_mm", options.window_h);
    let mut pairs = Vec::new();
    for station in &list {
        let place = (station.x_m, station.y_m);
        let measured = Told::observed(station);
        let own = Told::of(&model.problem.rain, place, 0.0);
        let members: Vec<Told> = members.iter().map(|(rain, early_s)| Told::of(rain, place, *early_s)).collect();
        for k in 1..=windows {
            let end_s = as_of_s + k as f64 * window_s;
            pairs.push(Pair {
                event: inputs.scenario.id.clone(),
                place: station.id.clone(),
                quantity: quantity.clone(),
                valid_unix_s: inputs.start.as_second() as f64 + end_s,
                lead_s: end_s - as_of_s,
                observed: measured.window_mm(end_s, window_s),
                forecast: own.window_mm(end_s, window_s),
                members: members.iter().map(|m| m.window_mm(end_s, window_s).unwrap_or(f64::NAN)).collect(),
                persistence: measured.window_mm(as_of_s, window_s),
            });
        }
    }
    for (name, bytes) in dayu_table::pair_files(&pairs)? {
        draft.write(&name, &bytes)?;
    }
    let known = pairs.iter().filter(|p| p.observed.is_some() && p.forecast.is_some()).count();
    let summary = json!({
        "format": 1,
        "scenario_id": inputs.scenario.id,
        "quantity": quantity,
        "places": list.len(),
        "pairs": pairs.len(),
        "known": known,
        "members": members.len(),
        "version": env!("CARGO_PKG_VERSION"),
        "findings": findings,
    });
    draft.write("summary.json", crate::pretty(&summary).as_bytes())?;
    draft.publish()?;
    Ok(PairReport { summary, findings })
}

/// Rain at a place, and the time in which anything is told of it.
struct Told {
    rain: CumulativeRain,
    from_s: f64,
    until_s: f64,
    /// the clock of a member begins so much before the scenario's
    early_s: f64,
}

impl Told {
    fn of(rain: &RainField, (x_m, y_m): (f64, f64), early_s: f64) -> Self {
        let series = rain.series_at(x_m, y_m);
        // Rain that begins late tells nothing of the time before.
        let from_s = series.time_s.first().copied().unwrap_or(f64::INFINITY);
        Self { rain: CumulativeRain::new(&series), from_s, until_s: f64::INFINITY, early_s }
    }

    /// A measurement tells nothing before its first row nor after its last, which is taken as long as the one before.
    fn observed(station: &Observed) -> Self {
        let StepSeries { time_s, .. } = &station.rain;
        let until_s = match time_s[..] {
            [.., before, last] => last + (last - before),
            _ => f64::NEG_INFINITY,
        };
        let from_s = time_s.first().copied().unwrap_or(f64::INFINITY);
        Self { rain: CumulativeRain::new(&station.rain), from_s, until_s, early_s: 0.0 }
    }

    /// Rain of the window that ends at `end_s`, mm; `None` where part of it is unknown.
    fn window_mm(&self, end_s: f64, window_s: f64) -> Option<f64> {
        let (from_s, until_s) = (end_s - window_s + self.early_s, end_s + self.early_s);
        let told = from_s >= self.from_s - 1e-6 && until_s <= self.until_s + 1e-6;
        (told && self.rain.known_between(from_s, until_s)).then(|| self.rain.window_mm(until_s, window_s))
    }
}

fn nothing_forecast(inputs: &Inputs) -> Finding {
    Finding::error(
        "VER-040",
        Text::new(
            "as_of 之后没有一个完整时窗：情景没有预报可检验",
            "no whole window lies after as_of: the scenario forecasts nothing to be judged",
        ),
        Text::new(
            "写 kind = \"forecast\"，或把 as_of 写成起报时刻，或缩短 --window-h",
            "write kind = \"forecast\", or give as_of as the time of the forecast, or use a shorter --window-h",
        ),
    )
    .in_file(&inputs.scenario_file.name)
    .field("as_of")
}
