use crate::GridRain;
use crate::gauge::Spread;

/// A step series: `value[k]` holds from `time_s[k]` until `time_s[k + 1]`; 0 before the first row, the last row holds on.
/// NaN is unknown (a gap), never zero.
#[derive(Clone, Debug, PartialEq)]
pub struct StepSeries {
    /// seconds from the scenario's start, strictly increasing
    pub time_s: Vec<f64>,
    /// mm/h (or what the field says)
    pub value: Vec<f64>,
}

/// One rain entry of a scenario; entries add up.
#[derive(Clone, Debug)]
pub enum RainSource {
    /// The same rate everywhere.
    Uniform(StepSeries),
    /// Stations with series, interpolated onto cells. All series share `time_s`; a NaN value means the station is unknown then
    /// and is left out of the interpolation of that interval.
    Gauges {
        /// station id, x, y (m)
        stations: Vec<(String, f64, f64)>,
        /// common times, s
        time_s: Vec<f64>,
        /// `rate_mm_h[station][row]`
        rate_mm_h: Vec<Vec<f64>>,
        /// how it is spread
        spread: Spread,
    },
    /// A field per row: radar, satellite, model.
    Grid(GridRain),
}

/// All rain entries of a scenario, ready to give the rate of every cell in any interval.
#[derive(Clone, Debug, Default)]
pub struct RainField {
    /// entries, summed
    pub sources: Vec<RainSource>,
}
