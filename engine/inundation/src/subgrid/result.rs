//! Results of the parts written back to their pixels.

use crate::subgrid::ground::Ground;
use crate::subgrid::track::Track;

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
}

/// Writes what was remembered of the parts to their pixels.
pub(crate) fn fields(ground: &Ground, track: &Track, thresholds: usize, dry_m: f64) -> Fields {
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
    };
    let known = |s: f32| if s.is_finite() { s } else { f32::NAN };
    for part in 0..ground.parts() {
        for entry in ground.start[part] as usize..ground.start[part + 1] as usize {
            let pixel = ground.pixel_of[entry] as usize;
            let depth = (track.highest_m[part] - f64::from(ground.rise_m[entry])).max(0.0);
            fields.max_depth_m[pixel] = depth;
            fields.duration_s[pixel] = f64::from(track.duration_s[entry]);
            fields.peak_time_s[pixel] = if depth > 0.0 { track.peak_time_s[part] } else { 0.0 };
            let wet = depth > dry_m;
            fields.max_speed_m_s[pixel] = if wet { f64::from(track.speed2[part]).sqrt() } else { 0.0 };
            fields.max_hazard[pixel] = if wet { track.hazard[entry].max(1) } else { 0 };
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
