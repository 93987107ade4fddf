//! Water and rain → what is hit.

use crate::inputs::Inputs;
use crate::model::Model;
use dayu_assets::{Details, Layer};
use dayu_impact::{AssessInput, Impact, RainSummary, WindowMaximum, assess_impact};
use dayu_inundation::Inundation;
use dayu_plan::RainQuery;
use dayu_slopes::{SlopeState, SlopeThresholds, assess_slope};
use dayu_storm::{CumulativeRain, ROLLING_WINDOWS_H};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Assesses every object of the district.
pub(crate) fn assess(inputs: &Inputs, model: &Model, water: &Inundation) -> Impact {
    let registry = &inputs.district.registry;
    assess_impact(&AssessInput {
        arrival_depth_m: model.problem.arrival_depth_m,
        slope_states: slopes(inputs, model),
        rain: rain_summary(inputs, model, water),
        ..AssessInput::new(registry, water)
    })
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
            let rain = CumulativeRain::new(&model.problem.rain.series_at(asset.x_m, asset.y_m));
            (asset.id.clone(), assess_slope(&rain, 0.0, until_s, class, past_failure, &thresholds))
        })
        .collect()
}

/// Largest rolling rain of the scenario, over the district and at its wettest place, and how much of it is observed.
fn rain_summary(inputs: &Inputs, model: &Model, water: &Inundation) -> RainSummary {
    let rain = &model.problem.rain;
    if rain.sources.is_empty() {
        return RainSummary::default();
    }
    let until_s = inputs.scenario.duration_s;
    let as_of_s = inputs.as_of.duration_since(inputs.start).as_secs_f64().clamp(0.0, until_s);
    let windows: Vec<f64> = ROLLING_WINDOWS_H.into_iter().filter(|w| w * 3600.0 <= until_s).collect();
    let areal = CumulativeRain::new(&rain.areal_series(&water.grid, &water.active));
    let points = rain.point_maxima(&water.grid, &windows, 0.0, until_s);
    let observed = rain.point_maxima(&water.grid, &windows, 0.0, as_of_s);
    let list: Vec<WindowMaximum> = windows
        .iter()
        .zip(points.iter().zip(&observed))
        .map(|(&window_h, (point, seen))| {
            let area = areal.maximum(window_h, 0.0, until_s);
            WindowMaximum {
                window_h,
                areal_mm: area.complete.then_some(area.rain_mm),
                point_mm: Some(point.rain_mm),
                at_s: Some(point.end_s),
                observed_point_mm: (as_of_s > 0.0).then_some(seen.rain_mm),
            }
        })
        .collect();
    let peak_at_s = list.iter().find(|w| w.window_h == 1.0).and_then(|w| w.at_s);
    RainSummary { total_mm: areal.until(until_s) - areal.until(0.0), windows: list, peak_at_s }
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
        .filter_map(|(x, y)| CumulativeRain::new(&rain.series_at(x, y)).first_reach(query.window_h, query.mm, 0.0, until_s))
        .min_by(f64::total_cmp)
}
