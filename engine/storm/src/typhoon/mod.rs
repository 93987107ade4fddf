//! Typhoons: tracks as agencies publish them, where the centre is at any time, and the wind and rain around it.
//!
//! Every formula names its source. Winds are means over a stated time (an agency's own, or 2 min as in China) at 10 m; gusts are
//! told apart. Longitudes run −180…180, east positive; times are UTC instants.

mod approach;
mod averaging;
mod exposure;
mod motion;
mod profile;
mod rain;
mod read;
mod sphere;
mod track;
mod wind;

pub use approach::{Approach, closest_approach, land_share, landfalls};
pub use averaging::{GUST_FACTOR_OPEN_LAND, convert_wind, gust_of};
pub use exposure::{PlaceWind, WIND_GRADES, beaufort, beaufort_limit_m_s, wind_at_places};
pub use profile::{
    AIR_DENSITY_KG_M3, Holland, INLAND_ROUGHNESS_M, OPEN_LAND_ROUGHNESS_M, coriolis_1_s, holland_1980_b,
    holland_1980_gradient_m_s, holland_1980_pressure_hpa, holland_2010_b, holland_2010_surface_m_s,
    radius_of_maximum_wind_km, roughness_ratio,
};
pub use rain::{Rcliper, orographic_mm_h, rcliper};
pub use read::{
    Operational, read_cma_best_track, read_cma_operational, read_ibtracs_csv, read_jma_best_track, read_track,
};
pub(crate) use sphere::destination as sphere_destination;
pub use sphere::{EARTH_RADIUS_KM, bearing_deg, distance_km};
pub use track::{Agency, Fix, Track, TropicalClass, WindRadii};
pub use wind::{Centre, Wind, WindModel};
