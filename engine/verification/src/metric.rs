//! Arguments of each metric, as `check.toml` writes them.

use crate::norm::Fold;
use serde::Deserialize;

fn one() -> f64 {
    1.0
}
fn rmse() -> Fold {
    Fold::Rmse
}
fn largest() -> Fold {
    Fold::Max
}
fn depth() -> String {
    "depth".into()
}
fn x_m() -> String {
    "x_m".into()
}
fn h_m() -> String {
    "h_m".into()
}
fn t_s() -> String {
    "t_s".into()
}

/// A profile along the row of cells through `y` (default: the middle row) against columns of a table, which is interpolated
/// at the cell centres.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// time of the snapshot, s
    pub at: f64,
    /// depth | u | v | level | q (depth × u, m²/s)
    #[serde(default = "depth")]
    pub quantity: String,
    /// the row, m
    pub y: Option<f64>,
    /// table of answers
    pub expected: String,
    /// rows of it: column, value
    #[serde(rename = "where")]
    pub rows: Option<(String, f64)>,
    /// its place column
    #[serde(default = "x_m")]
    pub x: String,
    /// its value column
    #[serde(default = "h_m")]
    pub column: String,
    /// the norm is divided by this
    #[serde(default = "one")]
    pub divide: f64,
    /// errors relative to the answer
    #[serde(default)]
    pub relative: bool,
    /// only this stretch
    pub window: Option<[f64; 2]>,
    /// not this stretch
    pub skip: Option<[f64; 2]>,
    /// only where the answer is above 0
    #[serde(default)]
    pub wet: bool,
    /// the norm
    #[serde(default = "rmse")]
    pub fold: Fold,
}

/// Distance between the last crossings of a level, model and answer (or `value`).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Front {
    /// time of the snapshot, s
    pub at: f64,
    /// as in [`Profile`]
    #[serde(default = "depth")]
    pub quantity: String,
    /// the row, m
    pub y: Option<f64>,
    /// the level that marks the front
    pub level: f64,
    /// known place
    pub value: Option<f64>,
    /// table of answers
    pub expected: Option<String>,
    /// rows of it
    #[serde(rename = "where")]
    pub rows: Option<(String, f64)>,
    /// its place column
    #[serde(default = "x_m")]
    pub x: String,
    /// its value column
    #[serde(default = "h_m")]
    pub column: String,
}

/// Distance of the steepest rise from a known place.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jump {
    /// time of the snapshot, s
    pub at: f64,
    /// as in [`Profile`]
    #[serde(default = "depth")]
    pub quantity: String,
    /// the row, m
    pub y: Option<f64>,
    /// known place
    pub value: f64,
}

/// What a series metric takes from a series.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stat {
    /// model interpolated at the times of the answer
    Rmse,
    /// largest value
    Peak,
    /// first time of the largest value
    PeakTime,
    /// mean of the rows
    Mean,
    /// last row
    End,
    /// first time above `level`
    Arrival,
}

/// A gauge or a flow against a series or a value.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeriesCheck {
    /// id in flows.csv
    pub flow: Option<String>,
    /// factor of that flow
    #[serde(default = "one")]
    pub sign: f64,
    /// id in gauges.csv
    pub gauge: Option<String>,
    /// depth | level | speed | u | v
    #[serde(default = "depth")]
    pub quantity: String,
    /// what is compared
    pub stat: Stat,
    /// the result is divided by this
    #[serde(default = "one")]
    pub divide: f64,
    /// relative to the answer
    #[serde(default)]
    pub relative: bool,
    /// from this time, s
    pub from: Option<f64>,
    /// to this time, s
    pub to: Option<f64>,
    /// level of arrival
    pub level: Option<f64>,
    /// the same in the model, where it differs
    pub model_level: Option<f64>,
    /// known answer
    pub value: Option<f64>,
    /// table of answers
    pub expected: Option<String>,
    /// rows of it
    #[serde(rename = "where")]
    pub rows: Option<(String, f64)>,
    /// its time column
    #[serde(default = "t_s")]
    pub time: String,
    /// its value column
    pub column: Option<String>,
    /// factor of that column
    #[serde(default = "one")]
    pub scale: f64,
}

/// Mean time between upward crossings of mid-range, relative error.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Period {
    /// id in flows.csv
    pub flow: Option<String>,
    /// factor of that flow
    #[serde(default = "one")]
    pub sign: f64,
    /// id in gauges.csv
    pub gauge: Option<String>,
    /// as in [`SeriesCheck`]
    #[serde(default = "depth")]
    pub quantity: String,
    /// known period, s
    pub value: f64,
}

/// A number, or the volume stored at the start.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Known {
    /// a number
    Number(f64),
    /// `"start"`
    Word(String),
}

/// Relative error of a column of balance.csv.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Volume {
    /// time, s; default: the end
    pub at: Option<f64>,
    /// column
    pub column: String,
    /// answer
    pub value: Known,
}

/// Excess of a column of balance.csv over a bound; 0 below it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Below {
    /// time, s; default: the end
    pub at: Option<f64>,
    /// column
    pub column: String,
    /// the bound
    pub value: f64,
}

/// A raster of the run: a snapshot (`at`) or a raster of maxima.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// depth, u, … with `at`; else max_depth, …
    #[serde(default = "depth")]
    pub raster: String,
    /// time of the snapshot, s
    pub at: Option<f64>,
    /// raster of answers
    pub expected: String,
    /// raster added to the model's (the bed)
    pub add: Option<String>,
    /// only where the answer is above
    pub where_expected_above: Option<f64>,
    /// only what the model has too much
    #[serde(default)]
    pub excess: bool,
    /// the norm
    #[serde(default = "largest")]
    pub fold: Fold,
}

/// Largest absolute value, or symmetry, of a raster.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OneField {
    /// as in [`Field`]
    #[serde(default = "depth")]
    pub raster: String,
    /// time of the snapshot, s
    pub at: Option<f64>,
}

/// Number of cells with water against a known number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wet {
    /// as in [`Field`]
    #[serde(default = "depth")]
    pub raster: String,
    /// time of the snapshot, s
    pub at: Option<f64>,
    /// known number
    pub value: f64,
}

/// What a comparison with marks takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MarkStat {
    /// mean of the absolute errors
    Mean,
    /// largest absolute error
    Max,
    /// root of the mean square
    Rmse,
    /// number of points outside the widened band
    Outside,
}

/// Levels at the gauges, mean from `from` to the end, against marks.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Marks {
    /// what is taken
    pub stat: MarkStat,
    /// table of marks with column `id`
    pub expected: String,
    /// rows of it
    #[serde(rename = "where")]
    pub rows: Option<(String, f64)>,
    /// column of the marks, m
    pub column: String,
    /// from this time, s
    pub from: f64,
    /// columns that span the band
    #[serde(default)]
    pub band: Vec<String>,
    /// the band is widened by this on both sides, m
    #[serde(default)]
    pub widen: f64,
}

/// What a comparison of two maximum depths takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementStat {
    /// 1 − CSI at `level` (critical success index, Schaefer 1990: hits ÷ cells that either holds wet)
    CsiDeficit,
    /// RMSE over all cells, m
    RmseAll,
    /// RMSE where either is deeper than `level`, m
    RmseWet,
    /// |mean difference| where either is deeper than 0.05 m, m
    Bias,
}

fn mm() -> f64 {
    0.001
}
fn wet_level() -> f64 {
    0.15
}
fn max_depth() -> String {
    "max_depth".into()
}

/// Agreement with the maximum depth of a peer model; no data = dry. Coarser rasters are repeated onto the peer's cells.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// raster of the run
    #[serde(default = "max_depth")]
    pub raster: String,
    /// the peer's raster
    pub expected: String,
    /// factor that makes the peer's values metres
    #[serde(default = "mm")]
    pub scale: f64,
    /// what is taken
    pub stat: AgreementStat,
    /// depth that counts as flooded, m
    #[serde(default = "wet_level")]
    pub level: f64,
    /// a strip along the east side left out, m (codes treat the outlet differently)
    #[serde(default)]
    pub skip_east_m: f64,
}

/// What is measured.
#[derive(Clone, Debug, PartialEq)]
pub enum Metric {
    /// along a row
    Profile(Profile),
    /// wet front
    Front(Front),
    /// hydraulic jump
    Jump(Jump),
    /// in time
    Series(SeriesCheck),
    /// oscillation
    Period(Period),
    /// balance
    Volume(Volume),
    /// bound of the balance
    Below(Below),
    /// raster against raster
    Field(Field),
    /// largest value
    Max(OneField),
    /// wet cells
    Wet(Wet),
    /// mirror images
    Symmetry(OneField),
    /// observed marks
    Marks(Marks),
    /// two models
    Agreement(Agreement),
}

impl Metric {
    /// From the arguments without `name` and `tol`; the words say what is wrong.
    pub(crate) fn parse(mut table: toml::Table) -> Result<Self, String> {
        let Some(toml::Value::String(metric)) = table.remove("metric") else {
            return Err("'metric' is missing".into());
        };
        fn of<T: serde::de::DeserializeOwned>(table: toml::Table) -> Result<T, String> {
            toml::Value::Table(table).try_into().map_err(|e: toml::de::Error| e.message().to_string())
        }
        Ok(match metric.as_str() {
            "profile" => Self::Profile(of(table)?),
            "front" => Self::Front(of(table)?),
            "jump" => Self::Jump(of(table)?),
            "series" => Self::Series(of(table)?),
            "period" => Self::Period(of(table)?),
            "volume" => Self::Volume(of(table)?),
            "below" => Self::Below(of(table)?),
            "field" => Self::Field(of(table)?),
            "max" => Self::Max(of(table)?),
            "wet" => Self::Wet(of(table)?),
            "symmetry" => Self::Symmetry(of(table)?),
            "marks" => Self::Marks(of(table)?),
            "agreement" => Self::Agreement(of(table)?),
            other => return Err(format!("unknown metric '{other}'")),
        })
    }
}
