//! Wind over time at places: peak, gust and the hours when a force of wind first blows.

use super::averaging::gust_of;
use super::track::Track;
use super::wind::{Centre, WindModel};
use dayu_base::Instant;
use serde::{Deserialize, Serialize};

/// Lower limits of Beaufort 1–17, m/s (GB/T 28591-2012 风力等级, mark R).
const BEAUFORT_M_S: [f64; 17] =
    [0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7, 37.0, 41.5, 46.2, 51.0, 56.1];

/// Forces of wind whose arrival is told at every place: 6, 8, 10, 12 of the warning signals, 7 of the wind circles.
pub const WIND_GRADES: [u8; 5] = [6, 7, 8, 10, 12];

/// Beaufort number of a wind, 0–17.
pub fn beaufort(wind_m_s: f64) -> u8 {
    BEAUFORT_M_S.iter().take_while(|limit| wind_m_s >= **limit).count() as u8
}

/// Lower limit of a Beaufort number, m/s; 0 for 0, that of 17 beyond.
pub fn beaufort_limit_m_s(grade: u8) -> f64 {
    match usize::from(grade).checked_sub(1) {
        None => 0.0,
        Some(k) => BEAUFORT_M_S[k.min(16)],
    }
}

/// Wind at one place over a span of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceWind {
    /// largest mean wind (2 min, 10 m, over the ground asked for), m/s
    pub peak_m_s: f64,
    /// its Beaufort number
    pub grade: u8,
    /// gust (3 s) that goes with it, m/s
    pub gust_m_s: f64,
    /// when, s from start
    pub peak_at_s: f64,
    /// where it comes from at the peak, degrees clockwise from north
    pub from_deg: f64,
    /// first time the mean wind of each of [`WIND_GRADES`] blows, s from start; `None` = not reached while it was computed
    pub arrival_s: [Option<f64>; 5],
    /// false when the track does not cover the whole span: what is not reached is then unknown, not excluded
    pub complete: bool,
}

impl PlaceWind {
    /// First time a force of wind blows, s from start; `None` = not reached, or not one of [`WIND_GRADES`].
    pub fn arrival(&self, grade: u8) -> Option<f64> {
        WIND_GRADES.iter().position(|g| *g == grade).and_then(|k| self.arrival_s[k])
    }
}

/// Step in which the wind is looked at, s: a centre moves some 3 km in it.
const STEP_S: f64 = 600.0;

/// Wind at places (longitude, latitude) from `start` for `duration_s`, over ground of one roughness length. One result per place in
/// order; `None` when the track knows nothing in that span.
///
/// Costs places × steps (144 a day), about 0.2 µs each.
pub fn wind_at_places(
    track: &Track,
    model: &WindModel,
    places: &[(f64, f64)],
    start: Instant,
    duration_s: f64,
    roughness_m: f64,
) -> Option<Vec<PlaceWind>> {
    let steps = (duration_s / STEP_S).ceil() as usize;
    let time = |k: usize| (k as f64 * STEP_S).min(duration_s);
    let centres: Vec<(f64, Option<Centre>)> =
        (0..=steps).map(|k| (time(k), model.centre(track, start.as_second() as f64 + time(k)))).collect();
    if centres.iter().all(|(_, c)| c.is_none()) {
        return None;
    }
    let complete = centres.iter().all(|(_, c)| c.is_some());
    Some(places.iter().map(|p| over_time(&centres, *p, roughness_m, complete)).collect())
}

fn over_time(centres: &[(f64, Option<Centre>)], place: (f64, f64), roughness_m: f64, complete: bool) -> PlaceWind {
    let mut w = PlaceWind {
        peak_m_s: 0.0,
        grade: 0,
        gust_m_s: 0.0,
        peak_at_s: 0.0,
        from_deg: 0.0,
        arrival_s: [None; 5],
        complete,
    };
    let mut before: Option<(f64, f64)> = None;
    let mut first = true;
    for (t, centre) in centres {
        let Some(centre) = centre else {
            before = None;
            continue;
        };
        let wind = centre.wind_at(place, roughness_m);
        let v = wind.speed_m_s();
        if first || v > w.peak_m_s {
            (w.peak_m_s, w.peak_at_s, w.from_deg) = (v, *t, wind.from_deg());
            first = false;
        }
        for (grade, arrival) in WIND_GRADES.iter().zip(&mut w.arrival_s) {
            let limit = beaufort_limit_m_s(*grade);
            if arrival.is_none() && v >= limit {
                // Linear between two steps, so that the time does not jump by ten minutes.
                *arrival = Some(match before {
                    Some((t0, v0)) if v0 < limit => t0 + (t - t0) * (limit - v0) / (v - v0),
                    _ => *t,
                });
            }
        }
        before = Some((*t, v));
    }
    w.grade = beaufort(w.peak_m_s);
    w.gust_m_s = gust_of(w.peak_m_s);
    w
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beaufort_has_its_limits() {
        assert_eq!([0.0, 10.7, 10.8, 17.2, 32.7, 70.0].map(beaufort), [0, 5, 6, 8, 12, 17]);
        assert!((1..=17).all(|g| beaufort(beaufort_limit_m_s(g)) == g));
    }
}
