//! A typhoon near the district: the nearest approach, and the wind at every object.

use crate::assess::unknown;
use crate::model::{Crossing, ObjectImpact, Quantity};
use dayu_assets::{Asset, Layer};
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
    /// roughness length of the ground for which the winds are told, m
    pub ground_m: f64,
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
/// domain thresholds §4.2, V). That they hold for sheds, cranes and vessels is a default of this program (D): common rules stop tower
/// cranes and small craft at force 6 (JGJ 196-2010, local rules of navigation; R), nearly the same step.
const EXPOSED: [(u8, RiskColour); 4] =
    [(12, RiskColour::Red), (10, RiskColour::Orange), (8, RiskColour::Yellow), (6, RiskColour::Blue)];

/// What stands or floats in the wind: temporary structures, for which it counts where it is worse than the water; cranes and vessels,
/// for which it alone counts.
pub(crate) fn is_exposed(layer: Layer) -> bool {
    matches!(layer, Layer::WorkSheds | Layer::Cranes | Layer::Vessels)
}

/// An object that only the wind endangers. Below force 6 it is low when the whole span is known, else unknown.
pub(crate) fn assess_wind(asset: &Asset, wind: Option<&PlaceWind>) -> ObjectImpact {
    let nothing =
        unknown(asset, Text::new("情景时段内没有台风路径，风未知", "no track in that time: the wind is unknown"));
    let Some(wind) = wind else { return nothing };
    let colour = EXPOSED.into_iter().find(|(grade, _)| wind.grade >= *grade);
    let Some(colour) = colour.map(|(_, c)| c).or(wind.complete.then_some(RiskColour::Low)) else { return nothing };
    blown(nothing, wind, colour, &("", ""))
}

/// The object under the wind, when that is worse than what the water does to it, or the water's effect is unknown.
pub(crate) fn under_wind(object: ObjectImpact, wind: Option<&PlaceWind>) -> ObjectImpact {
    let Some(wind) = wind.filter(|_| is_exposed(object.layer)) else { return object };
    let step = EXPOSED.into_iter().find(|(grade, _)| wind.grade >= *grade);
    let Some((_, colour)) = step.filter(|(_, colour)| *colour > object.colour) else { return object };
    let words = match (object.quantity, object.peak) {
        (Quantity::Depth, Some(d)) => (format!("；积水最深 {d:.2} m"), format!("; water {d:.2} m")),
        _ => ("；积水未知".to_string(), "; water unknown".to_string()),
    };
    blown(object, wind, colour, &(&words.0, &words.1))
}

/// The object with its wind: what blows, and when each force of [`EXPOSED`] is first reached.
fn blown(object: ObjectImpact, wind: &PlaceWind, colour: RiskColour, more: &(&str, &str)) -> ObjectImpact {
    let limit = |grade: u8| beaufort_limit_m_s(grade);
    let crossing = |grade: u8| Crossing { threshold: limit(grade), at_s: wind.arrival(grade), until_s: None };
    let grades = || WIND_GRADES.into_iter().filter(|g| EXPOSED.iter().any(|e| e.0 == *g));
    ObjectImpact {
        colour,
        quantity: Quantity::Wind,
        peak: Some(wind.peak_m_s),
        peak_at_s: Some(wind.peak_at_s),
        threshold: EXPOSED.into_iter().find(|e| e.1 == colour).map(|e| limit(e.0)),
        crossings: grades().map(crossing).collect(),
        note: Text::new(
            format!(
                "大风：平均风 {:.1} m/s（{} 级），阵风约 {:.0} m/s，模型估算{}",
                wind.peak_m_s, wind.grade, wind.gust_m_s, more.0
            ),
            format!(
                "wind {:.1} m/s (Beaufort {}), gusts about {:.0} m/s, modelled{}",
                wind.peak_m_s, wind.grade, wind.gust_m_s, more.1
            ),
        ),
        ..object
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_assets::Details;
    use dayu_base::Origin;

    fn crane() -> Asset {
        Asset {
            id: "TD-1".into(),
            layer: Layer::Cranes,
            name: "塔吊".into(),
            x_m: 0.0,
            y_m: 0.0,
            geometry: None,
            region: None,
            origin: Origin::Synthetic,
            name_origin: None,
            position_origin: None,
            details: Details::Other { site: Some("塔式起重机".into()), amount: None },
            data_time: None,
        }
    }

    fn wind(peak_m_s: f64, arrival_s: [Option<f64>; 5], complete: bool) -> PlaceWind {
        let grade = dayu_storm::typhoon::beaufort(peak_m_s);
        PlaceWind { peak_m_s, grade, gust_m_s: 1.55 * peak_m_s, peak_at_s: 7200.0, from_deg: 0.0, arrival_s, complete }
    }

    #[test]
    fn a_crane_is_judged_by_the_wind_alone() {
        let strong = wind(26.0, [Some(0.0), Some(600.0), Some(1800.0), Some(5400.0), None], true);
        let o = assess_wind(&crane(), Some(&strong));
        assert_eq!(
            (o.colour, o.quantity, o.peak, o.threshold),
            (RiskColour::Orange, Quantity::Wind, Some(26.0), Some(24.5))
        );
        // 6, 8, 10, 12; not reached = no time.
        let times: Vec<Option<f64>> = o.crossings.iter().map(|c| c.at_s).collect();
        assert_eq!(times, [Some(0.0), Some(1800.0), Some(5400.0), None]);
        assert!(o.note.zh.contains("10 级") && o.people.is_none());
    }

    #[test]
    fn calm_is_low_only_where_the_track_covers_the_span() {
        let calm = |complete| assess_wind(&crane(), Some(&wind(5.0, [None; 5], complete))).colour;
        assert_eq!((calm(true), calm(false)), (RiskColour::Low, RiskColour::Unknown));
        assert_eq!(assess_wind(&crane(), None).colour, RiskColour::Unknown);
    }
}
