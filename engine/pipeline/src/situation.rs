//! Water and rain → what is hit.

use crate::fans::Fans;
use crate::inputs::Inputs;
use crate::model::Model;
use dayu_assets::{Asset, Details, Layer, RegionLevel};
use dayu_base::RiskColour;
use dayu_impact::{AssessInput, Impact, StormImpact, assess_impact, summarise_rain};
use dayu_inundation::{Inundation, Scheme};
use dayu_plan::{DerivedSignal, RainQuery, SignalKind, StationState, WaterState};
use dayu_slopes::{
    InstrumentRules, SlopeAssessment, SlopeEvidence, SlopeGeometry, SlopeThresholds, SoilClass, judge_slope,
};
use dayu_storm::signal::{Proposal, propose_rain_signal};
use dayu_storm::{CumulativeRain, RainField};
use geo::{Contains, InteriorPoint, Point};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Assesses every object of the district.
pub(crate) fn assess(inputs: &Inputs, model: &Model, water: &Inundation, storm: Option<StormImpact>) -> Impact {
    let registry = &inputs.district.registry;
    let input = AssessInput::new(registry, water);
    let fans = Fans::of(inputs, model);
    let mut slope_states = slopes(inputs, &model.problem.rain);
    slope_states.iter_mut().for_each(|(slope, state)| state.run_out = fans.words(inputs, slope));
    let impact = assess_impact(&AssessInput {
        // A fill–spill run is a screening, however small its cells.
        street_width_m: if is_screening(model) { 0.0 } else { input.street_width_m },
        arrival_depth_m: model.problem.arrival_depth_m,
        slope_states,
        storm,
        rain: summarise_rain(
            &model.problem.rain,
            &water.grid,
            &water.active,
            inputs.scenario.duration_s,
            inputs.as_of.duration_since(inputs.start).as_secs_f64(),
        ),
        ..input
    });
    Impact { fans: fans.shelters(inputs), ..impact }
}

/// True when the scheme itself is a screening.
pub(crate) fn is_screening(model: &Model) -> bool {
    matches!(model.problem.solver.scheme, Scheme::FillSpill { .. })
}

/// The state of every slope under some rain.
pub(crate) fn slopes(inputs: &Inputs, rain: &RainField) -> BTreeMap<String, SlopeAssessment> {
    let thresholds = SlopeThresholds::default();
    let rules = InstrumentRules::default();
    let until_s = inputs.scenario.duration_s;
    let known_until_s = inputs.as_of.duration_since(inputs.start).as_secs_f64().clamp(0.0, until_s);
    let slopes: Vec<_> = inputs.district.registry.layer(Layer::Slopes).collect();
    slopes
        .par_iter()
        .map(|asset| {
            let rain = rain.series_at(asset.x_m, asset.y_m);
            let state = judge_slope(&rain, &evidence(inputs, asset), &thresholds, &rules, until_s, known_until_s);
            (asset.id.clone(), state)
        })
        .collect()
}

fn evidence(inputs: &Inputs, asset: &Asset) -> SlopeEvidence {
    let Details::Slope { class, past_failure, monitored, slope_deg, soil, soil_depth_m, .. } = &asset.details else {
        return SlopeEvidence::default();
    };
    SlopeEvidence {
        class: *class,
        past_failure: past_failure.unwrap_or(false),
        geometry: slope_deg.map(|slope_deg| SlopeGeometry { slope_deg, soil_depth_m: *soil_depth_m }),
        soil: soil.as_deref().and_then(SoilClass::from_word),
        monitored: monitored.unwrap_or(false),
        readings: inputs.readings.get(&asset.id).cloned().unwrap_or_default(),
    }
}

/// First time the rolling rain reaches a depth, s from start: over the district, or at the wettest of the forcing's places.
pub(crate) fn rain_reached(model: &Model, water: &Inundation, until_s: f64, query: RainQuery) -> Option<f64> {
    let rain = &model.problem.rain;
    if query.areal {
        let areal = CumulativeRain::new(&rain.areal_series(&water.grid, &water.active));
        return areal.first_reach(query.window_h, query.mm, 0.0, until_s);
    }
    rain.places(&water.grid)
        .into_iter()
        .filter_map(|(x, y)| {
            CumulativeRain::new(&rain.series_at(x, y)).first_reach(query.window_h, query.mm, 0.0, until_s)
        })
        .min_by(f64::total_cmp)
}

/// Warning colours the rain calls for, one entry per 镇街 with an outline: at its inner point and at every station or pixel of the
/// forcing inside it, the strongest. Without regions the grid's places stand for the whole district. Empty without rain.
pub(crate) fn derived_signals(inputs: &Inputs, model: &Model) -> Vec<DerivedSignal> {
    let (rain, grid) = (&model.problem.rain, &model.problem.grid);
    if rain.sources.is_empty() {
        return Vec::new();
    }
    let places = rain.places(grid);
    let towns: Vec<_> = inputs
        .district
        .registry
        .regions()
        .all()
        .iter()
        .filter(|r| r.level == RegionLevel::Town)
        .filter_map(|r| r.outline.as_ref().map(|o| (r.name.clone(), o)))
        .collect();
    let until_s = inputs.scenario.duration_s;
    if towns.is_empty() {
        return vec![derived_signal(rain, inputs.district.spec.name.zh.clone(), &places, until_s)];
    }
    towns
        .par_iter()
        .map(|(name, outline)| {
            let mut inside: Vec<(f64, f64)> =
                places.iter().copied().filter(|(x, y)| outline.contains(&Point::new(*x, *y))).collect();
            inside.extend(outline.interior_point().map(|p| (p.x(), p.y())));
            derived_signal(rain, name.clone(), &inside, until_s)
        })
        .collect()
}

fn derived_signal(rain: &RainField, area: String, places: &[(f64, f64)], until_s: f64) -> DerivedSignal {
    let mut best: Option<Proposal> = None;
    let mut known = true;
    for (x, y) in places {
        let (proposal, complete) = propose_rain_signal(&CumulativeRain::new(&rain.series_at(*x, *y)), 0.0, until_s);
        known &= complete;
        if let Some(p) = proposal
            && best.is_none_or(|b| p.colour > b.colour || (p.colour == b.colour && p.value > b.value))
        {
            best = Some(p);
        }
    }
    let colour = match best {
        Some(p) => p.colour,
        None if known => RiskColour::Low,
        None => RiskColour::Unknown,
    };
    DerivedSignal {
        area,
        kind: SignalKind::Rain,
        colour,
        window_h: best.map_or(0.0, |p| p.window_h),
        value: best.map_or(0.0, |p| p.value),
        reached_s: best.map(|p| p.reached_s),
        due_s: best.map(|p| p.due_s),
    }
}

/// States of the registered stations that the scenario has a gauge for, by their own stages; `None` when there is none, which
/// leaves the plan's conditions on rivers open.
pub(crate) fn river_states(inputs: &Inputs, water: &Inundation) -> Option<Vec<StationState>> {
    let mut states = Vec::new();
    for station in inputs.district.registry.layer(Layer::Gauges) {
        let Details::Gauge { fortify_level_m, warning_level_m, guaranteed_level_m, .. } = &station.details else {
            continue;
        };
        let stages: Vec<(f64, WaterState)> = [
            (*guaranteed_level_m, WaterState::Guaranteed),
            (*warning_level_m, WaterState::Warning),
            (*fortify_level_m, WaterState::Fortify),
        ]
        .into_iter()
        .filter_map(|(level, state)| Some((level?, state)))
        .collect();
        let rows: Vec<_> = water.gauges.iter().filter(|g| g.id == station.id).collect();
        let Some(first) = rows.first().filter(|_| !stages.is_empty()) else { continue };
        let reached = stages
            .iter()
            .find_map(|(level, state)| rows.iter().find(|g| g.level_m >= *level).map(|g| (*state, g.time_s)));
        let (state, at_s) = reached.unwrap_or((WaterState::Normal, first.time_s));
        states.push(StationState { id: station.id.clone(), state, at_s });
    }
    (!states.is_empty()).then_some(states)
}
