//! Wind around the centre at one instant: profile, asymmetry, inflow, ground.

use super::averaging::convert_wind;
use super::motion::Moment;
use super::profile::{Holland, holland_2010_b, radius_of_maximum_wind_km, roughness_ratio};
use super::sphere::{bearing_deg, distance_km};
use super::track::{Track, WindRadii};

/// How the wind is computed. Each number has its source; the defaults are used by every run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindModel {
    /// pressure outside the storm, hPa (D: 1010, a mean of the western North Pacific)
    pub outer_pressure_hpa: f64,
    /// share of the centre's motion in the surface wind: 0.55 (Lin & Chavas 2012, R)
    pub motion_share: f64,
    /// turn of that part against the motion, degrees, to the left in the north: 20 (Lin & Chavas 2012, R)
    pub motion_turn_deg: f64,
}

impl Default for WindModel {
    fn default() -> Self {
        Self { outer_pressure_hpa: 1010.0, motion_share: 0.55, motion_turn_deg: 20.0 }
    }
}

/// Mean wind (2 min, 10 m) at one place and instant.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// east, m/s
    pub east_m_s: f64,
    /// north, m/s
    pub north_m_s: f64,
}

impl Wind {
    /// Speed, m/s.
    pub fn speed_m_s(&self) -> f64 {
        (self.east_m_s * self.east_m_s + self.north_m_s * self.north_m_s).sqrt()
    }
    /// Direction the wind comes from, degrees clockwise from north.
    pub fn from_deg(&self) -> f64 {
        libm::atan2(-self.east_m_s, -self.north_m_s).to_degrees().rem_euclid(360.0)
    }
}

/// A storm at one instant, made ready for many places.
#[derive(Clone, Debug, PartialEq)]
pub struct Centre {
    /// longitude, latitude
    pub place: (f64, f64),
    /// motion, m/s: east, north
    pub motion_m_s: (f64, f64),
    /// largest mean wind over 2 min, m/s
    pub largest_2min_m_s: f64,
    /// pressure at the centre, hPa (estimated from the wind when nobody told it)
    pub pressure_hpa: f64,
    profile: Holland,
    radii: Option<WindRadii>,
    added_m_s: (f64, f64),
}

/// Largest wind (1-min mean) from the pressure: Atkinson & Holliday (1977): v_kn = 6.7 (1010 − p)^0.644 (mark R).
fn wind_of_pressure_m_s(pressure_hpa: f64) -> f64 {
    6.7 * libm::pow((1010.0 - pressure_hpa).max(0.0), 0.644) * 0.514_444
}

fn pressure_of_wind_hpa(wind_1min_m_s: f64) -> f64 {
    1010.0 - libm::pow(wind_1min_m_s / 0.514_444 / 6.7, 1.0 / 0.644)
}

impl WindModel {
    /// The storm at an instant (seconds since 1970, UTC); `None` outside the track or where neither wind nor pressure is known.
    pub fn centre(&self, track: &Track, unix_s: f64) -> Option<Centre> {
        let m: Moment = track.moment(unix_s)?;
        let averaging_s = track.agency.averaging_s();
        let largest = match (m.wind_m_s, m.pressure_hpa) {
            (Some(v), _) => convert_wind(v, averaging_s, 120.0),
            (None, Some(p)) => convert_wind(wind_of_pressure_m_s(p), 60.0, 120.0),
            (None, None) => return None,
        };
        let pressure_hpa = m.pressure_hpa.unwrap_or_else(|| pressure_of_wind_hpa(convert_wind(largest, 120.0, 60.0)));
        let drop_hpa = (self.outer_pressure_hpa - pressure_hpa).max(1.0);
        // The innermost radius is the nearest to the centre that somebody analysed; the outermost wind sets the fall of the wind.
        let radii = m.radii.last().map(|r| WindRadii { wind_m_s: convert_wind(r.wind_m_s, averaging_s, 120.0), ..*r });
        let (u, v) = m.motion_m_s;
        let turn = self.motion_turn_deg.to_radians() * if m.lat_deg < 0.0 { -1.0 } else { 1.0 };
        let (s, c) = (libm::sin(turn), libm::cos(turn));
        let share = self.motion_share;
        // Analysed quadrants already hold the asymmetry: the motion is then not added a second time.
        let added_m_s = if radii.is_some() { (0.0, 0.0) } else { (share * (u * c - v * s), share * (u * s + v * c)) };
        let added = (added_m_s.0 * added_m_s.0 + added_m_s.1 * added_m_s.1).sqrt();
        let symmetric = (largest - added).max(0.5 * largest);
        let b = holland_2010_b(drop_hpa, m.lat_deg, (u * u + v * v).sqrt());
        let rmw_km = m.rmw_km.unwrap_or_else(|| radius_of_maximum_wind_km(largest, m.lat_deg));
        Some(Centre {
            place: (m.lon_deg, m.lat_deg),
            motion_m_s: m.motion_m_s,
            largest_2min_m_s: largest,
            pressure_hpa,
            profile: Holland { rmw_km, largest_m_s: symmetric, b },
            radii,
            added_m_s,
        })
    }
}

/// Mean radius of 30 kn winds, km: 126 + 6.2 × largest wind (10-min mean, m/s). Fitted here by least squares to every second of ten
/// typhoons of RSMC Tokyo 2015–2020 (tests/cases/ty_jma_tracks_china); the other five test it.
const USUAL_GALE_KM: f64 = 126.0;
const USUAL_GALE_KM_PER_M_S: f64 = 6.2;

/// Inflow angle, degrees: Bretschneider (1972) as given by Phadke et al. (2003) (mark R): 10° at the centre to 20° at the radius of
/// the largest wind, 25° from 1.2 of it outward.
fn inflow_deg(r_over_rmw: f64) -> f64 {
    if r_over_rmw < 1.0 {
        10.0 * (1.0 + r_over_rmw)
    } else if r_over_rmw < 1.2 {
        20.0 + 25.0 * (r_over_rmw - 1.0)
    } else {
        25.0
    }
}

impl Centre {
    /// Radius of the largest wind, km.
    pub fn rmw_km(&self) -> f64 {
        self.profile.rmw_km
    }

    /// Place in a direction and distance from the centre: longitude, latitude.
    pub fn place_at(&self, direction_deg: f64, km: f64) -> (f64, f64) {
        super::sphere::destination(self.place, direction_deg, km)
    }

    /// Speed of the symmetric vortex over sea in a direction from the centre, m/s (2-min mean).
    fn vortex_m_s(&self, r_km: f64, direction_deg: f64) -> f64 {
        let outer = self.radii.as_ref().map(|r| (r.towards_km(direction_deg), r.wind_m_s));
        match outer {
            None => self.profile.wind_m_s(r_km, Some(self.usual_gale())),
            Some(_) => self.profile.wind_m_s(r_km, outer),
        }
    }

    /// Radius and wind (2-min mean) that stand in where nobody analysed a radius: that of 30 kn (10-min mean) in the western North Pacific,
    /// growing with the largest wind.
    fn usual_gale(&self) -> (f64, f64) {
        let largest_10min = convert_wind(self.largest_2min_m_s, 120.0, 600.0);
        (USUAL_GALE_KM + USUAL_GALE_KM_PER_M_S * largest_10min, convert_wind(30.0 * 0.514_444, 600.0, 120.0))
    }

    /// Mean wind (2 min, 10 m) at a place over ground of a roughness length (0 = sea), m/s.
    ///
    /// Over land the whole wind is reduced by [`roughness_ratio`], also when the analysed largest wind was itself measured over land:
    /// the result may then be some 15 % low.
    pub fn wind_at(&self, place: (f64, f64), roughness_m: f64) -> Wind {
        let r_km = distance_km(self.place, place);
        if r_km < 1e-6 {
            return Wind { east_m_s: 0.0, north_m_s: 0.0 };
        }
        let direction = bearing_deg(self.place, place);
        let speed = self.vortex_m_s(r_km, direction);
        let south = if self.place.1 < 0.0 { -1.0 } else { 1.0 };
        // Counter-clockwise around the centre in the north, turned inward by the inflow.
        let heading = (direction - south * (90.0 + inflow_deg(r_km / self.profile.rmw_km))).to_radians();
        let weight = if self.profile.largest_m_s > 0.0 { (speed / self.profile.largest_m_s).min(1.0) } else { 0.0 };
        let ground = roughness_ratio(roughness_m);
        Wind {
            east_m_s: ground * (speed * libm::sin(heading) + weight * self.added_m_s.0),
            north_m_s: ground * (speed * libm::cos(heading) + weight * self.added_m_s.1),
        }
    }

    /// Mean radius over eight directions at which a wind (2-min mean over sea, m/s) is reached outside the largest wind, km; `None` when
    /// it is nowhere reached.
    pub fn radius_of_km(&self, wind_m_s: f64) -> Option<f64> {
        let radii: Vec<f64> = (0..8).filter_map(|k| self.radius_towards_km(wind_m_s, f64::from(k) * 45.0)).collect();
        (!radii.is_empty()).then(|| radii.iter().sum::<f64>() / 8.0)
    }

    /// Distance from the centre at which the wind over sea falls below a value in a direction, km; `None` when it is not reached.
    pub fn radius_towards_km(&self, wind_m_s: f64, direction_deg: f64) -> Option<f64> {
        let speed = |r: f64| self.wind_at(super::sphere::destination(self.place, direction_deg, r), 0.0).speed_m_s();
        let mut a = self.profile.rmw_km;
        if speed(a) < wind_m_s {
            return None;
        }
        let mut b = 2000.0;
        for _ in 0..40 {
            let c = (a + b) / 2.0;
            if speed(c) >= wind_m_s { a = c } else { b = c }
        }
        Some(a)
    }
}
