use crate::OutputSpec;
use dayu_base::{Origin, Text};
use serde::Deserialize;

/// A number, a raster (or file), or a column of the land-cover table.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum FieldSource {
    /// the same everywhere
    Number(f64),
    /// a raster
    Path(String),
    /// `{ column = "…" }` of the land-cover table
    Column {
        /// heading
        column: String,
    },
}

/// design | forecast | replay | drill | benchmark
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ScenarioKind {
    /// design storm
    Design,
    /// forecast
    Forecast,
    /// replay of a past event
    Replay,
    /// drill: products carry 演练
    Drill,
    /// verification case
    Benchmark,
}

impl ScenarioKind {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Design => "design",
            Self::Forecast => "forecast",
            Self::Replay => "replay",
            Self::Drill => "drill",
            Self::Benchmark => "benchmark",
        }
    }
}

/// `scenario.toml` (contract §2).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioSpec {
    /// 1
    pub format: u32,
    /// identifier
    pub id: String,
    /// title
    pub title: Text,
    /// kind
    pub kind: ScenarioKind,
    /// folder of the dataset
    pub dataset: Option<String>,
    /// start
    pub start: toml::value::Datetime,
    /// length, s
    pub duration_s: f64,
    /// what is known by then is observed
    pub as_of: Option<toml::value::Datetime>,
    /// seed of members
    #[serde(default)]
    pub seed: u64,
    /// plan instead of the dataset's
    pub plan: Option<String>,
    /// official warnings
    pub signals: Option<String>,
    /// readings of slope instruments: CSV time,object_id,kind,value
    pub slope_readings: Option<String>,
    /// what every product must say of this scenario
    #[serde(default)]
    pub notes: Vec<Text>,
    /// `[grid]`
    pub grid: Option<GridKeys>,
    /// `[[rain]]`
    #[serde(default)]
    pub rain: Vec<RainSpec>,
    /// `[typhoon]`: wind, and the facts of plan rules
    pub typhoon: Option<TyphoonSpec>,
    /// `[infiltration]`
    pub infiltration: Option<InfiltrationSpec>,
    /// `[losses]`
    pub losses: Option<LossesSpec>,
    /// `[[boundary]]`
    #[serde(default)]
    pub boundary: Vec<BoundarySpec>,
    /// `[initial]`
    pub initial: Option<InitialSpec>,
    /// `[solver]`
    #[serde(default)]
    pub solver: SolverSpec,
    /// `[[gauge]]`
    #[serde(default)]
    pub gauge: Vec<GaugeSpec>,
    /// `[[section]]`
    #[serde(default)]
    pub section: Vec<SectionSpec>,
    /// `[output]`
    #[serde(default)]
    pub output: OutputSpec,
    /// `[drainage]`
    pub drainage: Option<ScenarioDrainage>,
    /// `[[control]]`: not computed yet
    #[serde(default)]
    pub control: Vec<toml::Table>,
    /// `[[link]]`
    #[serde(default)]
    pub link: Vec<crate::LinkSpec>,
    /// `[[crest]]`
    #[serde(default)]
    pub crest: Vec<CrestSpec>,
    /// `[attribution]`
    pub attribution: Option<crate::AttributionSpec>,
    /// `[state]`
    pub state: Option<StateSpec>,
    /// `[ensemble]`
    pub ensemble: Option<EnsembleSpec>,
}

/// `[grid]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridKeys {
    /// computational cell; default: the terrain's pixel
    pub cell_m: Option<f64>,
    /// terrain pixel kept in a cell
    pub subgrid_m: Option<f64>,
    /// xmin, ymin, xmax, ymax
    pub extent: Option<[f64; 4]>,
    /// polygon file
    pub mask: Option<String>,
}

/// One `[[rain]]`; which keys are needed depends on `kind`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RainSpec {
    /// uniform | gauges | grid | chicago | alternating-block | profile | typhoon
    pub kind: String,
    /// CSV time_s,mm_h or time_s,`id`…
    pub series: Option<String>,
    /// constant rate instead of a series
    pub mm_h: Option<f64>,
    /// CSV id,x,y | id,lon,lat
    pub stations: Option<String>,
    /// idw | nearest | kriging
    pub interpolation: Option<String>,
    /// real | synthetic | mixed: measured rain, or a course constructed to meet stated sums; default: the dataset's
    pub origin: Option<Origin>,
    /// grid: a file, or files with `*` in the last part
    pub path: Option<String>,
    /// grid: variable (NetCDF) or element (GRIB)
    pub variable: Option<String>,
    /// grid: unit when the file says none (one that contradicts the file is refused); SWMM rain files: mm | mm/h
    pub unit: Option<String>,
    /// grid: CSV path,time_s\[,until_s\] when the files do not tell their times
    pub times: Option<String>,
    /// grid: CRS when the file says none; `radolan` for the ASCII products of RADOLAN
    pub crs: Option<String>,
    /// grid, typhoon: correction by `stations` and `series`: mean-field-bias | kriging-external-drift | conditional
    pub merge: Option<String>,
    /// grid: holes take the nearest known pixel within this distance, m; default: they stay unknown
    pub fill_within_m: Option<f64>,
    /// grid: missing fields are bridged by the field before for so long at most, s; default: they stay unknown
    pub fill_gap_s: Option<f64>,
    /// design storms: identifier of the city formula
    pub formula: Option<String>,
    /// design storms: return period, years
    pub return_period_a: Option<f64>,
    /// design storms: duration, s
    pub duration_s: Option<f64>,
    /// chicago, alternating-block: position of the peak, 0–1; default 0.4
    pub peak_ratio: Option<f64>,
    /// chicago, alternating-block: step, s; default 300
    pub step_s: Option<f64>,
    /// design storms: factor from point to area, 0–1, of the local handbook
    pub areal_factor: Option<f64>,
    /// design storms: area for the reduction of Leclerc & Schaake where no local factor is known, km²
    pub area_km2: Option<f64>,
    /// typhoon
    pub track: Option<String>,
    /// typhoon
    pub storm: Option<String>,
    /// typhoon
    pub model: Option<String>,
}

impl RainSpec {
    /// Rain of a typhoon's profile that no gauges hold to what fell: it goes where the track goes.
    pub fn follows_track(&self) -> bool {
        self.kind == "typhoon" && self.merge.is_none()
    }
}

/// `[typhoon]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TyphoonSpec {
    /// track file: CMA best track, CMA operational JSON, JMA bst, CSV or NetCDF of IBTrACS
    pub track: String,
    /// number or name; may be left out when the file holds one storm
    pub storm: Option<String>,
    /// polygons of land: the centre's landfalls on them are told
    pub land: Option<String>,
}

impl ScenarioSpec {
    /// The track that the scenario names: `[typhoon]`, else that of the first typhoon rain.
    pub fn track(&self) -> Option<TyphoonSpec> {
        let of_rain = || {
            let entry = self.rain.iter().find(|r| r.kind == "typhoon")?;
            Some(TyphoonSpec { track: entry.track.clone()?, storm: entry.storm.clone(), land: None })
        };
        self.typhoon.clone().or_else(of_rain)
    }
}

/// Names of typhoon rain models; the first is the default.
pub const TYPHOON_RAIN_MODELS: [&str; 2] = ["rcliper", "rcliper-orographic"];

/// `[infiltration]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InfiltrationSpec {
    /// none | constant | horton | green-ampt | scs-cn
    pub model: String,
    /// constant
    pub rate_mm_h: Option<FieldSource>,
    /// horton
    pub f0_mm_h: Option<FieldSource>,
    /// horton
    pub fc_mm_h: Option<FieldSource>,
    /// horton
    pub decay_1_h: Option<FieldSource>,
    /// green-ampt
    pub ksat_mm_h: Option<FieldSource>,
    /// green-ampt
    pub suction_m: Option<FieldSource>,
    /// green-ampt
    pub deficit: Option<FieldSource>,
    /// scs-cn
    pub cn: Option<FieldSource>,
    /// scs-cn
    pub ia_ratio: Option<FieldSource>,
}

impl InfiltrationSpec {
    /// Every parameter: key, the model it belongs to, and its source when given.
    pub fn parameters(&self) -> [(&'static str, &'static str, Option<&FieldSource>); 9] {
        [
            ("infiltration.rate_mm_h", "constant", self.rate_mm_h.as_ref()),
            ("infiltration.f0_mm_h", "horton", self.f0_mm_h.as_ref()),
            ("infiltration.fc_mm_h", "horton", self.fc_mm_h.as_ref()),
            ("infiltration.decay_1_h", "horton", self.decay_1_h.as_ref()),
            ("infiltration.ksat_mm_h", "green-ampt", self.ksat_mm_h.as_ref()),
            ("infiltration.suction_m", "green-ampt", self.suction_m.as_ref()),
            ("infiltration.deficit", "green-ampt", self.deficit.as_ref()),
            ("infiltration.cn", "scs-cn", self.cn.as_ref()),
            ("infiltration.ia_ratio", "scs-cn", self.ia_ratio.as_ref()),
        ]
    }
}

/// `[losses]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LossesSpec {
    /// assumed drain capacity
    pub drain_capacity_mm_h: Option<FieldSource>,
}

/// `where = { … }`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Where {
    /// polyline
    pub line: Option<Vec<[f64; 2]>>,
    /// point
    pub point: Option<[f64; 2]>,
    /// x, y, radius
    pub circle: Option<[f64; 3]>,
    /// polygon or line file
    pub path: Option<String>,
    /// west | east | north | south | all
    pub edge: Option<String>,
    /// lower limit along the edge
    pub from: Option<f64>,
    /// upper limit along the edge
    pub to: Option<f64>,
}

/// One `[[boundary]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BoundarySpec {
    /// inflow | stage | free | normal | wall | rating
    pub kind: String,
    /// name in flows.csv
    pub id: Option<String>,
    /// where
    #[serde(rename = "where")]
    pub place: Where,
    /// CSV
    pub series: Option<String>,
    /// constant inflow
    pub m3_s: Option<f64>,
    /// constant stage
    pub level_m: Option<f64>,
    /// for normal
    pub slope: Option<f64>,
}

/// `[initial]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InitialSpec {
    /// the same level everywhere
    pub level_m: Option<f64>,
    /// raster
    pub depth: Option<FieldSource>,
    /// raster
    pub level: Option<String>,
    /// rasters u (east) and v (north), m/s
    pub velocity: Option<[String; 2]>,
}

/// `[solver]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SolverSpec {
    /// inertial | dynamic | fill-spill
    pub scheme: String,
    /// Courant number
    pub cfl: f64,
    /// s
    pub max_dt_s: f64,
    /// m
    pub dry_depth_m: f64,
    /// fill-spill
    pub connectivity: Option<u8>,
}

impl Default for SolverSpec {
    fn default() -> Self {
        Self { scheme: "inertial".into(), cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001, connectivity: None }
    }
}

/// `[[gauge]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GaugeSpec {
    /// name
    pub id: String,
    /// m
    pub x: f64,
    /// m
    pub y: f64,
}

/// `[[section]]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SectionSpec {
    /// name
    pub id: String,
    /// vertices
    pub line: Vec<[f64; 2]>,
}

/// `[[crest]]`: a wall, dyke, kerb or line of sandbags
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CrestSpec {
    /// name, for messages
    pub id: Option<String>,
    /// vertices
    pub line: Vec<[f64; 2]>,
    /// level of the crest, m
    pub level_m: Option<f64>,
    /// height above the higher ground on either side, m
    pub height_m: Option<f64>,
}

/// `[drainage]` of a scenario
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScenarioDrainage {
    /// couple it
    #[serde(default)]
    pub enabled: bool,
    /// instead of the dataset's
    pub network: Option<String>,
}

/// `[state]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StateSpec {
    /// times at which the state is saved as `state_<seconds>.bin`, s
    #[serde(default)]
    pub save_s: Vec<f64>,
    /// state to go on from
    pub load: Option<String>,
}

/// `[ensemble]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EnsembleSpec {
    /// number, the unchanged one included
    pub members: u32,
    /// rain-scaling | timing-shift | spatial-shift | track | combined | external
    pub method: String,
    /// external: rain of each member, as `path` of a gridded rain, with `{member}` or `{member:02}` where the number stands, from 1
    pub path: Option<String>,
    /// external: variable (NetCDF) or element (GRIB)
    pub variable: Option<String>,
    /// external: unit when the files say none
    pub unit: Option<String>,
    /// external: CSV path,time_s\[,until_s\] when the files do not tell their times; the number may stand in its name
    pub times: Option<String>,
    /// external: CRS when the files say none
    pub crs: Option<String>,
    /// external: real | synthetic | mixed; default: the dataset's
    pub origin: Option<Origin>,
}

impl EnsembleSpec {
    /// The gridded rain of an external member; `None` for drawn members.
    pub fn rain_of(&self, member: u32) -> Option<RainSpec> {
        let numbered = |name: &String| {
            name.replace("{member:02}", &format!("{member:02}")).replace("{member}", &member.to_string())
        };
        Some(RainSpec {
            kind: "grid".into(),
            path: Some(numbered(self.path.as_ref()?)),
            times: self.times.as_ref().map(numbered),
            variable: self.variable.clone(),
            unit: self.unit.clone(),
            crs: self.crs.clone(),
            origin: self.origin,
            ..RainSpec::default()
        })
    }
}
