//! Water and rain → what is hit.

use crate::inputs::Inputs;
use crate::model::Model;
use dayu_assets::{Details, Layer};
use dayu_impact::{AssessInput, Impact, assess_impact, summarise_rain};
use dayu_inundation::{Inundation, Scheme};
use dayu_plan::{RainQuery, StationState, WaterState};
use dayu_slopes::{SlopeState, SlopeThresholds, assess_slope};
use dayu_storm::CumulativeRain;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Assesses every object of the district.
pub(crate) fn assess(inputs: &Inputs, model: &Model, water: &Inundation) -> Impact {
    let registry = &inputs.district.registry;
    let input = AssessInput::new(registry, water);
    assess_impact(&AssessInput {
        // A fill–spill run is a screening, however small its cells.
        street_width_m: if is_screening(model) { 0.0 } else { input.street_width_m },
        arrival_depth_m: model.problem.arrival_depth_m,
        slope_states: slopes(inputs, model),
        rain: summarise_rain(
            &model.problem.rain,
            &water.grid,
            &water.active,
            inputs.scenario.duration_s,
            inputs.as_of.duration_since(inputs.start).as_secs_f64(),
        ),
        ..input
    })
}

/// True when the scheme itself is a screening.
pub(crate) fn is_screening(model: &Model) -> bool {
    matches!(model.problem.solver.scheme, Scheme::FillSpill { .. })
}

fn slopes(inputs: &Inputs, model: &Model) -> BTreeMap<String, SlopeState> {
    let thresholds = SlopeThresholds::default();
    let until_s = inputs.scenario.duration_s;
    let slopes: Vec<_> = inputs.district.registry.layer(Layer::Slopes).collect();
    slopes
        .par_iter()
        .map(|asset| {
            let (class, past_failure) = match &asset.details {
                Details::Slope { class, past_failure, .. } => (*class, past_failure.unwrap_or(false)),
                _ => (None, false),
            };
            let rain = model.problem.rain.series_at(asset.x_m, asset.y_m);
            (asset.id.clone(), assess_slope(&rain, class, past_failure, &thresholds, 0.0, until_s))
        })
        .collect()
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
