//! Where the centre is between fixes, and how it moves.

use super::sphere::{distance_km, place, vector};
use super::track::{Fix, Track, WindRadii};
use dayu_base::Instant;

/// Fixes further apart than this are joined by a great circle: a cubic would invent a bend, h (D).
const CUBIC_GAP_H: f64 = 12.5;

/// A storm at one instant, between or at fixes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    pub lon_deg: f64,
    pub lat_deg: f64,
    /// motion of the centre, m/s: east, north
    pub motion_m_s: (f64, f64),
    pub pressure_hpa: Option<f64>,
    pub wind_m_s: Option<f64>,
    pub rmw_km: Option<f64>,
    pub radii: Vec<WindRadii>,
}

/// Half the time over which the motion is measured, s.
const MOTION_HALF_S: f64 = 1800.0;

impl Track {
    fn leg(&self, unix_s: f64) -> Option<(usize, f64)> {
        let seconds = |f: &Fix| f.at.as_second() as f64;
        let (first, last) = (self.fixes.first()?, self.fixes.last()?);
        if !(seconds(first)..=seconds(last)).contains(&unix_s) {
            return None;
        }
        let k = self.fixes.partition_point(|f| seconds(f) <= unix_s).clamp(1, self.fixes.len() - 1) - 1;
        let (a, b) = (seconds(&self.fixes[k]), seconds(&self.fixes[k + 1]));
        Some((k, (unix_s - a) / (b - a)))
    }

    /// Centre at an instant (seconds since 1970, UTC): longitude, latitude; `None` before the first or after the last fix.
    ///
    /// Cubic (Hermite with tangents of the neighbouring fixes, on unit vectors) where four fixes lie close enough in time; along the
    /// great circle elsewhere. Passes through every fix.
    pub fn position(&self, unix_s: f64) -> Option<(f64, f64)> {
        let (k, share) = self.leg(unix_s)?;
        let f = &self.fixes;
        let hours = |i: usize| f[i + 1].at.duration_since(f[i].at).as_secs_f64() / 3600.0;
        let cubic = k > 0 && k + 2 < f.len() && (k - 1..=k + 1).all(|i| hours(i) <= CUBIC_GAP_H);
        let (p, q) = (vector(f[k].place()), vector(f[k + 1].place()));
        let mixed: [f64; 3] = if cubic {
            let (before, after) = (vector(f[k - 1].place()), vector(f[k + 2].place()));
            let (h0, h1, h2) = (hours(k - 1), hours(k), hours(k + 1));
            let (s2, s3) = (share * share, share * share * share);
            core::array::from_fn(|i| {
                // Tangents by the parabola through three fixes, so that unequal steps (3 h and 6 h) do no harm.
                let (d0, d1, d2) = ((p[i] - before[i]) / h0, (q[i] - p[i]) / h1, (after[i] - q[i]) / h2);
                let m0 = (d0 * h1 + d1 * h0) / (h0 + h1);
                let m1 = (d1 * h2 + d2 * h1) / (h1 + h2);
                (2.0 * s3 - 3.0 * s2 + 1.0) * p[i]
                    + (s3 - 2.0 * s2 + share) * h1 * m0
                    + (3.0 * s2 - 2.0 * s3) * q[i]
                    + (s3 - s2) * h1 * m1
            })
        } else {
            let angle = distance_km(f[k].place(), f[k + 1].place()) / super::sphere::EARTH_RADIUS_KM;
            let sine = libm::sin(angle);
            let (a, b) = if sine < 1e-9 {
                (1.0 - share, share)
            } else {
                (libm::sin((1.0 - share) * angle) / sine, libm::sin(share * angle) / sine)
            };
            core::array::from_fn(|i| a * p[i] + b * q[i])
        };
        Some(place(mixed))
    }

    /// Motion of the centre at an instant, m/s (east, north): the way of an hour around it, shorter at the ends.
    pub fn motion(&self, unix_s: f64) -> Option<(f64, f64)> {
        let (from, to) = (self.begins().as_second() as f64, self.ends().as_second() as f64);
        let here = self.position(unix_s)?;
        let (a, b) = ((unix_s - MOTION_HALF_S).max(from), (unix_s + MOTION_HALF_S).min(to));
        let (p, q) = (self.position(a)?, self.position(b)?);
        let km = super::sphere::EARTH_RADIUS_KM * 1f64.to_radians();
        let mut dx = q.0 - p.0;
        if dx.abs() > 180.0 {
            dx -= 360.0 * dx.signum();
        }
        let east = dx * km * libm::cos(here.1.to_radians()) * 1000.0 / (b - a);
        let north = (q.1 - p.1) * km * 1000.0 / (b - a);
        Some((east, north))
    }

    /// Distance and mean speed of each leg: (km along the great circle, m/s).
    pub fn legs(&self) -> Vec<(f64, f64)> {
        let leg = |w: &[Fix]| {
            let km = distance_km(w[0].place(), w[1].place());
            (km, km * 1000.0 / w[1].at.duration_since(w[0].at).as_secs_f64())
        };
        self.fixes.windows(2).map(leg).collect()
    }

    /// Everything known at an instant: intensity linear in time between fixes that both know it; a value known on one side only is held
    /// (half the leg); radii of the nearer fix.
    pub(crate) fn moment(&self, unix_s: f64) -> Option<Moment> {
        let (k, share) = self.leg(unix_s)?;
        let (a, b) = (&self.fixes[k], &self.fixes[k + 1]);
        let near = if share < 0.5 { a } else { b };
        let mix = |x: Option<f64>, y: Option<f64>, own: Option<f64>| match (x, y) {
            (Some(x), Some(y)) => Some(x + (y - x) * share),
            _ => own,
        };
        let (lon_deg, lat_deg) = self.position(unix_s)?;
        Some(Moment {
            lon_deg,
            lat_deg,
            motion_m_s: self.motion(unix_s)?,
            pressure_hpa: mix(a.pressure_hpa, b.pressure_hpa, near.pressure_hpa),
            wind_m_s: mix(a.wind_m_s, b.wind_m_s, near.wind_m_s),
            rmw_km: mix(a.rmw_km, b.rmw_km, near.rmw_km),
            radii: near.radii.clone(),
        })
    }

    /// True when an instant lies in a part of the track that was a forecast.
    pub fn is_forecast_at(&self, at: Instant) -> bool {
        let k = self.fixes.partition_point(|f| f.at < at);
        self.fixes.get(k).is_some_and(|f| f.forecast)
    }
}
