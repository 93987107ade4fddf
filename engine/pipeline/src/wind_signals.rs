//! Warning colours that the wind of a typhoon calls for, by 镇街, beside those of the rain; the tables of both and of the wind at objects.

use crate::inputs::Inputs;
use crate::typhoon::{Typhoon, to_degrees};
use dayu_assets::{RegionLevel, Registry};
use dayu_base::{Finding, RiskColour};
use dayu_impact::StormImpact;
use dayu_plan::{DerivedSignal, SignalKind};
use dayu_storm::StepSeries;
use dayu_storm::signal::propose_wind_signal;
use dayu_storm::typhoon::{Centre, WIND_GRADES, WindModel, gust_of};
use geo::{BoundingRect, InteriorPoint};
use rayon::prelude::*;
use std::fmt::Write;

/// Step in which the wind is looked at, s.
const STEP_S: f64 = 600.0;

/// One entry per 镇街 with an outline, at its inner point (without any: the middle of the district, in its name). Mean wind of 2 min and the
/// gust that goes with it, over the ground of the district. Empty when the track knows nothing of the scenario's time.
pub(crate) fn wind_signals(inputs: &Inputs, typhoon: &Typhoon) -> Result<Vec<DerivedSignal>, Finding> {
    let transform = to_degrees(inputs)?;
    let regions = inputs.district.registry.regions();
    let mut places: Vec<(String, (f64, f64))> = Vec::new();
    for region in regions.all().iter().filter(|r| r.level == RegionLevel::Town) {
        let Some(inner) = region.outline.as_ref().and_then(InteriorPoint::interior_point) else { continue };
        places.push((region.name.clone(), transform.point(inner.x(), inner.y())?));
    }
    if places.is_empty() {
        let Some(middle) = typhoon.area.bounding_rect().map(|r| r.center()) else { return Ok(Vec::new()) };
        places.push((inputs.district.spec.name.zh.clone(), (middle.x, middle.y)));
    }
    let duration_s = inputs.scenario.duration_s;
    let steps = (duration_s / STEP_S).ceil() as usize;
    let (model, start) = (WindModel::default(), inputs.start.as_second() as f64);
    let time_s: Vec<f64> = (0..=steps).map(|k| (k as f64 * STEP_S).min(duration_s)).collect();
    let centres: Vec<Option<Centre>> = time_s.iter().map(|t| model.centre(&typhoon.track, start + t)).collect();
    if centres.iter().all(Option::is_none) {
        return Ok(Vec::new());
    }
    let complete = centres.iter().all(Option::is_some);
    Ok(places
        .par_iter()
        .map(|(area, place)| signal(area, *place, typhoon.ground_m, &time_s, &centres, complete, duration_s))
        .collect())
}

fn signal(
    area: &str,
    place: (f64, f64),
    ground_m: f64,
    time_s: &[f64],
    centres: &[Option<Centre>],
    complete: bool,
    duration_s: f64,
) -> DerivedSignal {
    let speed = |c: &Option<Centre>| c.as_ref().map_or(f64::NAN, |c| c.wind_at(place, ground_m).speed_m_s());
    let mean = StepSeries { time_s: time_s.to_vec(), value: centres.iter().map(speed).collect() };
    let gust = StepSeries { time_s: time_s.to_vec(), value: mean.value.iter().map(|v| gust_of(*v)).collect() };
    let proposal = propose_wind_signal(Some(&mean), Some(&gust), 0.0, duration_s);
    let strongest = mean.value.iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    DerivedSignal {
        area: area.into(),
        kind: SignalKind::Typhoon,
        colour: match proposal {
            Some(p) => p.colour,
            None if complete => RiskColour::Low,
            None => RiskColour::Unknown,
        },
        window_h: proposal.map_or(0.0, |p| p.window_h),
        value: strongest,
        reached_s: proposal.map(|p| p.reached_s),
        due_s: proposal.map(|p| p.due_s),
    }
}

/// `wind.csv`: the strongest wind at every object of the registers and when each force first blows there, s from start. An empty time is
/// not reached where `complete` is 1, else unknown.
pub(crate) fn wind_csv(storm: &StormImpact, registry: &Registry) -> String {
    let mut s = String::from("object_id,layer,mean_wind_m_s,grade,gust_m_s,peak_time_s,from_deg");
    WIND_GRADES.iter().for_each(|g| s.push_str(&format!(",wind_{g}_time_s")));
    s.push_str(",complete\n");
    for asset in registry.assets() {
        let Some(w) = storm.winds.get(&asset.id) else { continue };
        let _ = write!(
            s,
            "{},{},{:.2},{},{:.1},{:.0},{:.0}",
            crate::simulation::field(&asset.id),
            asset.layer.id(),
            w.peak_m_s,
            w.grade,
            w.gust_m_s,
            w.peak_at_s,
            w.from_deg
        );
        for time in w.arrival_s {
            let _ = write!(s, ",{}", time.map_or(String::new(), |t| format!("{t:.0}")));
        }
        let _ = writeln!(s, ",{}", u8::from(w.complete));
    }
    s
}

/// `proposed_signals.csv`: every 镇街 with the colour that rain or wind calls for, its window and value. Official signals are not in it.
pub(crate) fn proposed_csv(derived: &[DerivedSignal]) -> String {
    let mut s = String::from("area,kind,colour,window_h,value,unit,reached_s,due_s,official\n");
    for d in derived {
        let (kind, unit) = match d.kind {
            SignalKind::Rain => ("rain", "mm"),
            SignalKind::Typhoon => ("typhoon", "m/s"),
            SignalKind::Geohazard => ("geohazard", ""),
        };
        let number = |v: Option<f64>| v.map_or(String::new(), |v| format!("{v:.0}"));
        let known = d.reached_s.is_some();
        let _ = writeln!(
            s,
            "{},{kind},{},{},{},{unit},{},{},0",
            crate::simulation::field(&d.area),
            d.colour.id(),
            if known { format!("{}", d.window_h) } else { String::new() },
            if known || d.kind == SignalKind::Typhoon { format!("{:.1}", d.value) } else { String::new() },
            number(d.reached_s),
            number(d.due_s),
        );
    }
    s
}
