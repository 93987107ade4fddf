//! Functions of the program that tables are held against, by name.

use super::{Given, infiltration, slope, typhoon};
use crate::source::{Folder, Wrong};
use crate::table::Table;
use serde::Deserialize;

/// What is evaluated for each row of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Law {
    /// factor of safety at a ratio of wetted depth
    InfiniteSlope,
    /// head in a deep soil
    IversonHead,
    /// factor of safety by it
    IversonSafety,
    /// head over an impermeable base, not capped
    FiniteDepthUncapped,
    /// the same, capped at water to the surface
    FiniteDepthHead,
    /// factor of safety by it
    FiniteDepthSafety,
    /// rain intensity that may start landslides
    IntensityDuration,
    /// the same as a sum
    IntensityDurationSum,
    /// gradient wind
    Holland1980Wind,
    /// the same without the turning of the Earth
    Holland1980Cyclostrophic,
    /// gradient wind with the Earth's turning from the latitude
    Holland1980WindAtLatitude,
    /// pressure
    Holland1980Pressure,
    /// shape from the largest wind
    Holland1980Shape,
    /// surface wind
    Holland2010Wind,
    /// rain rate
    RcliperRain,
    /// length of the legs of a track of IBTrACS
    IbtracsLegKm,
    /// speed of the centre on them
    IbtracsLegSpeed,
    /// length of the legs of a track of RSMC Tokyo
    JmaLegKm,
    /// speed of the centre on them
    JmaLegSpeed,
    /// radius of 30 kn by pressure and largest wind alone, of storms that nothing was fitted to
    JmaRadius30,
    /// radius of 50 kn
    JmaRadius50,
    /// water taken in under constant rain
    GreenAmptRain,
    /// the textbook's quantities by name
    GreenAmptTextbook,
    /// water taken in on ponded ground
    HortonDepth,
    /// rate of it
    HortonRate,
    /// runoff
    CurveNumber,
}

impl Law {
    /// Word of `tables.toml`.
    pub fn id(self) -> &'static str {
        match self {
            Self::InfiniteSlope => "infinite-slope",
            Self::IversonHead => "iverson-head",
            Self::IversonSafety => "iverson-safety",
            Self::FiniteDepthUncapped => "finite-depth-uncapped",
            Self::FiniteDepthHead => "finite-depth-head",
            Self::FiniteDepthSafety => "finite-depth-safety",
            Self::IntensityDuration => "intensity-duration",
            Self::IntensityDurationSum => "intensity-duration-sum",
            Self::Holland1980Wind => "holland1980-wind",
            Self::Holland1980Cyclostrophic => "holland1980-cyclostrophic",
            Self::Holland1980WindAtLatitude => "holland1980-wind-at-latitude",
            Self::Holland1980Pressure => "holland1980-pressure",
            Self::Holland1980Shape => "holland1980-shape",
            Self::Holland2010Wind => "holland2010-wind",
            Self::RcliperRain => "rcliper-rain",
            Self::IbtracsLegKm => "ibtracs-leg-km",
            Self::IbtracsLegSpeed => "ibtracs-leg-speed",
            Self::JmaLegKm => "jma-leg-km",
            Self::JmaLegSpeed => "jma-leg-speed",
            Self::JmaRadius30 => "jma-radius30",
            Self::JmaRadius50 => "jma-radius50",
            Self::GreenAmptRain => "green-ampt-rain",
            Self::GreenAmptTextbook => "green-ampt-textbook",
            Self::HortonDepth => "horton-depth",
            Self::HortonRate => "horton-rate",
            Self::CurveNumber => "curve-number",
        }
    }

    /// One value per row; NaN where the program has none.
    ///
    /// # Errors
    /// When the table lacks a column or names something unknown.
    pub fn evaluate(self, case: &dyn Folder, table: &Table, given: &Given) -> Result<Vec<f64>, Wrong> {
        match self {
            Self::InfiniteSlope => slope::infinite(table),
            Self::IversonHead => slope::iverson(table, given, false),
            Self::IversonSafety => slope::iverson(table, given, true),
            Self::FiniteDepthUncapped => slope::finite_depth(case, table, given, |s, _, _| s.uncapped_m()),
            Self::FiniteDepthHead => slope::finite_depth(case, table, given, |s, _, _| s.head_m()),
            Self::FiniteDepthSafety => slope::finite_depth(case, table, given, |s, ground, z| {
                dayu_slopes::factor_of_safety(ground, z, s.head_m())
            }),
            Self::IntensityDuration => slope::intensity(table, false),
            Self::IntensityDurationSum => slope::intensity(table, true),
            Self::Holland1980Wind => typhoon::gradient_wind(table, &table.numbers("coriolis_f")?),
            Self::Holland1980Cyclostrophic => typhoon::gradient_wind(table, &vec![0.0; table.rows.len()]),
            Self::Holland1980WindAtLatitude => {
                let turn: Vec<f64> =
                    table.numbers("lat_deg")?.into_iter().map(dayu_storm::typhoon::coriolis_1_s).collect();
                typhoon::gradient_wind(table, &turn)
            }
            Self::Holland1980Pressure => typhoon::pressure(table),
            Self::Holland1980Shape => typhoon::shape(table),
            Self::Holland2010Wind => typhoon::surface_wind(table),
            Self::RcliperRain => typhoon::rain(table),
            Self::IbtracsLegKm => typhoon::ibtracs_legs(case, given, |leg| leg.0),
            Self::IbtracsLegSpeed => typhoon::ibtracs_legs(case, given, |leg| leg.1),
            Self::JmaLegKm => typhoon::jma_legs(case, given, |leg| leg.0),
            Self::JmaLegSpeed => typhoon::jma_legs(case, given, |leg| leg.1),
            Self::JmaRadius30 => typhoon::jma_radius(case, table, given, 30.0),
            Self::JmaRadius50 => typhoon::jma_radius(case, table, given, 50.0),
            Self::GreenAmptRain => infiltration::green_ampt(table, given),
            Self::GreenAmptTextbook => infiltration::textbook(table, given),
            Self::HortonDepth => infiltration::horton(table, false),
            Self::HortonRate => infiltration::horton(table, true),
            Self::CurveNumber => infiltration::curve_number(table),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Law;

    #[test]
    fn names_are_those_of_the_file() {
        for law in [Law::Holland1980WindAtLatitude, Law::JmaRadius30, Law::FiniteDepthUncapped, Law::Holland2010Wind] {
            let text = format!("law = \"{}\"", law.id());
            let read: std::collections::BTreeMap<String, Law> = toml::from_str(&text).unwrap();
            assert_eq!(read["law"], law);
        }
    }
}
