//! A typhoon near the district: the nearest approach, and the wind at every object.

use crate::model::{Crossing, ObjectImpact, Quantity};
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_storm::typhoon::{PlaceWind, TropicalClass, WIND_GRADES, beaufort_limit_m_s};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a typhoon does to the district.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StormImpact {
    /// number, e.g. 2106
    pub number: String,
    /// name
    pub name: String,
    /// who analysed the track, and over what time its winds are means
    pub agency: Text,
    /// true when a part of it was a forecast; a best track made afterwards has none
    pub has_forecast: bool,
    /// least distance of the centre from the district within the scenario, km
    pub nearest_km: f64,
    /// when, s from start
    pub nearest_at_s: f64,
    /// direction from the district to the centre then, degrees clockwise from north
    pub bearing_deg: f64,
    /// largest mean wind (2 min) near the centre then, m/s; `None` = unknown
    pub largest_m_s: Option<f64>,
    /// pressure at the centre then, hPa; `None` = unknown
    pub pressure_hpa: Option<f64>,
    /// class then; `None` = unknown, or below a depression
    pub class: Option<TropicalClass>,
    /// where and when the centre comes ashore; `None` = no land polygons were given
    pub landfalls: Option<Vec<Landfall>>,
    /// strongest wind of the district's objects (or its middle); `None` = not computed
    pub strongest: Option<PlaceWind>,
    /// wind per object id
    pub winds: BTreeMap<String, PlaceWind>,
}

/// The centre passes from sea to land.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landfall {
    /// when, s from start; may lie before the scenario or after it
    pub at_s: f64,
    /// longitude, degrees
    pub lon_deg: f64,
    /// latitude, degrees
    pub lat_deg: f64,
    /// largest mean wind (2 min) near the centre then, m/s; `None` = unknown
    pub largest_m_s: Option<f64>,
}

impl StormImpact {
    /// First time a force of wind blows anywhere in the district, s from start.
    pub fn first_arrival(&self, grade: u8) -> Option<f64> {
        let all = self.winds.values().chain(self.strongest.as_ref());
        all.filter_map(|w| w.arrival(grade)).min_by(f64::total_cmp)
    }
    /// True when the track covers the whole scenario: what was not reached is then excluded by the computation.
    pub fn complete(&self) -> bool {
        self.strongest.as_ref().is_some_and(|w| w.complete)
    }
}

/// Mean wind from which an exposed structure is blue, yellow, orange, red: the forces of the national typhoon signals (6, 8, 10, 12;
/// domain thresholds §4.2, V). That they hold for sheds is a default of this program (D).
const EXPOSED: [(u8, RiskColour); 4] =
    [(12, RiskColour::Red), (10, RiskColour::Orange), (8, RiskColour::Yellow), (6, RiskColour::Blue)];

/// Temporary structures: what the wind does to them counts where it is worse than the water.
pub(crate) fn is_exposed(layer: Layer) -> bool {
    layer == Layer::WorkSheds
}

/// The object under the wind, when that is worse than what the water does to it, or the water's effect is unknown.
pub(crate) fn under_wind(object: ObjectImpact, wind: Option<&PlaceWind>) -> ObjectImpact {
    let Some(wind) = wind.filter(|_| is_exposed(object.layer)) else { return object };
    let step = EXPOSED.into_iter().find(|(grade, _)| wind.grade >= *grade);
    let Some((grade, colour)) = step.filter(|(_, colour)| *colour > object.colour) else { return object };
    let crossing =
        |grade: u8| Crossing { threshold: beaufort_limit_m_s(grade), at_s: wind.arrival(grade), until_s: None };
    let words = match (object.quantity, object.peak) {
        (Quantity::Depth, Some(d)) => (format!("；积水最深 {d:.2} m"), format!("; water {d:.2} m")),
        _ => ("；积水未知".to_string(), "; water unknown".to_string()),
    };
    ObjectImpact {
        colour,
        quantity: Quantity::Wind,
        peak: Some(wind.peak_m_s),
        peak_at_s: Some(wind.peak_at_s),
        threshold: Some(beaufort_limit_m_s(grade)),
        crossings: WIND_GRADES.into_iter().filter(|g| EXPOSED.iter().any(|e| e.0 == *g)).map(crossing).collect(),
        note: Text::new(
            format!(
                "大风：平均风 {:.1} m/s（{} 级），阵风约 {:.0} m/s，模型估算{}",
                wind.peak_m_s, wind.grade, wind.gust_m_s, words.0
            ),
            format!(
                "wind {:.1} m/s (Beaufort {}), gusts about {:.0} m/s, modelled{}",
                wind.peak_m_s, wind.grade, wind.gust_m_s, words.1
            ),
        ),
        ..object
    }
}
