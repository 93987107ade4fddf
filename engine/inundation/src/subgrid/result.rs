//! Results of the parts written back to their pixels.

use crate::subgrid::ground::Ground;
use crate::subgrid::track::Track;
use crate::{FlowProblem, Further, hazard_rating};

/// Rasters at pixel scale; NaN in walls (hazard 0).
pub(crate) struct Fields {
    pub max_depth_m: Vec<f64>,
    pub arrival_s: Vec<f64>,
    pub duration_s: Vec<f64>,
    pub max_speed_m_s: Vec<f64>,
    pub max_hazard: Vec<u8>,
    pub peak_time_s: Vec<f64>,
    /// per threshold after the first
    pub crossing_s: Vec<Vec<f32>>,
    pub leaving_s: Vec<Vec<f32>>,
    pub further: Further,
}

/// Writes what was remembered of the parts to their pixels.
pub(crate) fn fields(problem: &FlowProblem, ground: &Ground, track: &Track) -> Fields {
    let (thresholds, dry_m, wanted) = (problem.thresholds_m.len() + 1, problem.solver.dry_depth_m, &problem.wanted);
    let n = ground.pixels.len();
    let unknown = || vec![f64::NAN; n];
    let mut fields = Fields {
        max_depth_m: unknown(),
        arrival_s: unknown(),
        duration_s: unknown(),
        max_speed_m_s: unknown(),
        max_hazard: vec![0; n],
        peak_time_s: unknown(),
        crossing_s: vec![vec![f32::NAN; n]; thresholds - 1],
        leaving_s: vec![vec![f32::NAN; n]; thresholds - 1],
        further: Further {
            stay_s: wanted.durations_m.iter().map(|depth| (*depth, unknown())).collect(),
            max_product_m2_s: wanted.product.then(unknown),
            max_rating: wanted.rating.map(|_| unknown()),
        },
    };
    // The time of each asked depth.
    let stays: Vec<usize> = wanted
        .durations_m
        .iter()
        .filter_map(|depth| problem.thresholds_m.iter().position(|t| t == depth))
        .filter_map(|k| track.timed(k + 1))
        .collect();
    let known = |s: f32| if s.is_finite() { s } else { f32::NAN };
    for part in 0..ground.parts() {
        for entry in ground.start[part] as usize..ground.start[part + 1] as usize {
            let pixel = ground.pixel_of[entry] as usize;
            let depth = (track.highest_m[part] - f64::from(ground.rise_m[entry])).max(0.0);
            fields.max_depth_m[pixel] = depth;
            fields.duration_s[pixel] = f64::from(track.duration_s[entry * track.times()]);
            fields.peak_time_s[pixel] = if depth > 0.0 { track.peak_time_s[part] } else { 0.0 };
            let wet = depth > dry_m;
            fields.max_speed_m_s[pixel] = if wet { f64::from(track.speed2[part]).sqrt() } else { 0.0 };
            fields.max_hazard[pixel] = if wet { track.hazard[entry].max(1) } else { 0 };
            for ((_, stay), time) in fields.further.stay_s.iter_mut().zip(&stays) {
                stay[pixel] = f64::from(track.duration_s[entry * track.times() + time]);
            }
            if let Some(product) = &mut fields.further.max_product_m2_s {
                product[pixel] = f64::from(track.product[entry]);
            }
            if let (Some(rating), Some(debris)) = (&mut fields.further.max_rating, wanted.rating) {
                // Speeds are looked at every few steps, the deepest is never missed.
                let still = hazard_rating(depth as f32, 0.0, debris);
                rating[pixel] = if wet { f64::from(track.rating[entry].max(still)) } else { 0.0 };
            }
            let times = entry * thresholds;
            fields.arrival_s[pixel] = f64::from(known(track.first_s[times]));
            for k in 1..thresholds {
                fields.crossing_s[k - 1][pixel] = known(track.first_s[times + k]);
                fields.leaving_s[k - 1][pixel] = known(track.last_s[times + k]);
            }
        }
    }
    fields
}
