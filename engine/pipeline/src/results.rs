//! Results that a scenario asks for beside the usual ones: which depths are timed, what is kept, and the rasters made of it.

use dayu_assets::Registry;
use dayu_gis::Overview;
use dayu_impact::{Thresholds, thresholds_to_track};
use dayu_inundation::{Debris, Inundation, Wanted};
use dayu_scenario::{DebrisKey, OutputSpec};

/// Depths whose crossings are kept, m: those of the objects, and those of `[output]`.
pub(crate) fn timed_depths(output: &OutputSpec, registry: &Registry) -> Vec<f64> {
    let of_objects = !registry.assets().is_empty();
    let mut depths = if of_objects { thresholds_to_track(registry, &Thresholds::default()) } else { Vec::new() };
    let own = output.has("ebb").then_some(output.arrival_depth_m);
    for depth in own.into_iter().chain(output.arrival_depths_m.iter().copied()) {
        if !depths.contains(&depth) {
            depths.push(depth);
        }
    }
    depths
}

/// What the run keeps for the rasters of `[output]`.
pub(crate) fn wanted(output: &OutputSpec) -> Wanted {
    let debris = || match &output.debris {
        Some(DebrisKey::Number(factor)) => Debris::Fixed(*factor),
        Some(DebrisKey::Land(land)) => match land.as_str() {
            "pasture" => Debris::Pasture,
            "woodland" => Debris::Woodland,
            "urban" => Debris::Urban,
            _ => Debris::Conservative,
        },
        None => Debris::Conservative,
    };
    Wanted {
        durations_m: if output.has("duration") { output.arrival_depths_m.clone() } else { Vec::new() },
        product: output.has("max_dv"),
        rating: output.has("max_hr").then(debris),
    }
}

/// A raster to write.
pub(crate) struct FurtherRaster {
    /// file name without ending
    pub name: String,
    pub values: Vec<f64>,
    pub overview: Overview,
    pub unit: &'static str,
}

/// The rasters of what was asked for. Times: -9999 where the depth was never reached; ebb also where water still stood above it at the
/// end of the run.
pub(crate) fn further_rasters(output: &OutputSpec, water: &Inundation, end_s: f64) -> Vec<FurtherRaster> {
    let mut all = Vec::new();
    let mut add = |name: String, values: Option<Vec<f64>>, overview: Overview, unit: &'static str| {
        all.extend(values.map(|values| FurtherRaster { name, values, overview, unit }));
    };
    if output.has("max_dv") {
        add("max_dv".into(), water.further.max_product_m2_s.clone(), Overview::Max, "m2/s");
    }
    if output.has("max_hr") {
        add("max_hr".into(), water.further.max_rating.clone(), Overview::Max, "hazard rating d(v+0.5)+DF");
    }
    if output.has("peak_time") {
        let wet = water.peak_time_s.iter().zip(&water.max_depth_m).map(|(t, h)| if *h > 0.0 { *t } else { f64::NAN });
        add("peak_time".into(), Some(wet.collect()), Overview::Nearest, "s");
    }
    if output.has("ebb") {
        add("ebb".into(), water.ebb_s(output.arrival_depth_m, end_s), Overview::Max, "s");
    }
    let stay = |depth: f64| water.further.stay_s.iter().find(|r| r.0 == depth).map(|r| r.1.clone());
    let first = |depth: f64| {
        let row = water.crossing_s.iter().find(|r| r.0 == depth)?;
        Some(row.1.iter().map(|s| f64::from(*s)).collect())
    };
    for &depth in &output.arrival_depths_m {
        if output.has("arrival") {
            add(format!("arrival_{depth}m"), first(depth), Overview::Min, "s");
        }
        if output.has("duration") {
            add(format!("duration_{depth}m"), stay(depth), Overview::Max, "s");
        }
        if output.has("ebb") {
            add(format!("ebb_{depth}m"), water.ebb_s(depth, end_s), Overview::Max, "s");
        }
    }
    all
}
