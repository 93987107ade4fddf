use crate::chances::Chances;
use crate::storm::StormImpact;
use dayu_assets::Layer;
use dayu_base::{Origin, RiskColour, Text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a judgement rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// water depth, m
    Depth,
    /// rolling rain over its threshold, –
    RainRatio,
    /// probability that a slope fails, 0–1
    FailureProbability,
    /// reading of an instrument over its yellow limit, –
    InstrumentRatio,
    /// mean wind, m/s
    Wind,
    /// nothing could be computed
    Unknown,
}

/// A threshold and when it is first reached.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Crossing {
    /// value of the threshold (m, or ratio)
    pub threshold: f64,
    /// s from start; `None` = not reached
    pub at_s: Option<f64>,
    /// last time at or above, s from start; `None` = not reached
    pub until_s: Option<f64>,
}

/// What happens to one object. Unknown stays unknown (`quantity = Unknown`, `peak = None`, colour `Unknown`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectImpact {
    /// id of the object
    pub object_id: String,
    /// its layer
    pub layer: Layer,
    /// its name
    pub name: String,
    /// code of its 网格
    pub region: Option<String>,
    /// m
    pub x_m: f64,
    /// m
    pub y_m: f64,
    /// real or constructed
    pub origin: Origin,
    /// colour class
    pub colour: RiskColour,
    /// what `peak` is
    pub quantity: Quantity,
    /// highest value
    pub peak: Option<f64>,
    /// when, s from start
    pub peak_at_s: Option<f64>,
    /// threshold that decided the colour
    pub threshold: Option<f64>,
    /// W0–W6 for depths
    pub class: Option<String>,
    /// ARR H1–H6 (0 = dry)
    pub hazard: Option<u8>,
    /// time at or above 0.15 m, s
    pub duration_s: Option<f64>,
    /// every threshold of this object
    pub crossings: Vec<Crossing>,
    /// people exposed (in or under it, or living in the cell), whatever the colour; `None` = unknown
    pub people: Option<u64>,
    /// of them needing help
    pub vulnerable: Option<u64>,
    /// depth read from cells wider than a street: 筛查级
    pub screening: bool,
    /// what else must be said
    pub note: Text,
}

/// A region's share, everything below it included. Cells that were under water from the start (lakes, rivers) do not
/// count as flooded; where `covered_m2` is 0 nothing could be computed and the depths are `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RegionImpact {
    /// region code
    pub code: String,
    /// worst colour of its objects; without any object, the depth class of its deepest cell; `Unknown` = no data
    pub colour: RiskColour,
    /// area at or above 0.15 m, m² (known only for the part in `covered_m2`)
    pub flooded_m2: f64,
    /// area with a computed depth, dry at the start, m²
    pub covered_m2: f64,
    /// deepest cell of `covered_m2`, m
    pub peak_m: Option<f64>,
    /// when, s from start
    pub peak_at_s: Option<f64>,
    /// W0–W6 of `peak_m`
    pub class: Option<String>,
    /// highest ARR class of those cells
    pub hazard: Option<u8>,
    /// longest time of a cell at or above 0.15 m, s
    pub duration_s: Option<f64>,
    /// per class limit: first cell that reaches it, last cell that leaves it
    pub crossings: Vec<Crossing>,
    /// residents of population blocks at or above 0.15 m (受影响)
    pub affected: u64,
    /// of them needing help
    pub affected_vulnerable: u64,
    /// population blocks whose people or depth are unknown: `affected` is then a lower bound
    pub blocks_unknown: u32,
    /// population blocks; 0 = no data of residents, `affected` says nothing
    pub blocks: u32,
    /// waterlogging points at or above 0.15 m
    pub points_flooded: u32,
    /// waterlogging points whose depth is unknown
    pub points_unknown: u32,
}

/// The largest rolling rain of one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowMaximum {
    /// length, h
    pub window_h: f64,
    /// district mean of the forcing, mm: largest rolling sum; `None` = unknown
    pub areal_mm: Option<f64>,
    /// largest rolling sum at any place of the forcing, mm
    pub point_mm: Option<f64>,
    /// end of the window with the largest point sum, s from start
    pub at_s: Option<f64>,
    /// the same, counting only time before `as_of` (observed)
    pub observed_point_mm: Option<f64>,
}

/// Rain of the scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RainSummary {
    /// windows 1, 2, 3, 4, 6, 8, 12, 24 h (as far as the scenario is long)
    pub windows: Vec<WindowMaximum>,
    /// total, district mean, mm
    pub total_mm: f64,
    /// time of the most intense hour's end, s
    pub peak_at_s: Option<f64>,
}

/// Everything that is hit. Sorted by `object_id`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Impact {
    /// one per asset that can be hit
    pub objects: Vec<ObjectImpact>,
    /// one per region, all levels of the tree, sorted by code
    pub regions: Vec<RegionImpact>,
    /// rain
    pub rain: RainSummary,
    /// typhoon; `None` = no track was given, nothing is known of one
    pub storm: Option<StormImpact>,
    /// what the members of an ensemble say; `None` = a single run, which says nothing of probability
    pub chances: Option<Chances>,
    /// shelters that a failure of a slope may reach (its run-out fan), by slope, whatever the colour of the slope
    #[serde(default)]
    pub fans: BTreeMap<String, Vec<String>>,
    /// residents in cells at or above 0.15 m (受影响人口); never mixed with 应转移 or 集中安置
    pub affected: u64,
}

impl Impact {
    /// The impact on an object.
    pub fn object(&self, id: &str) -> Option<&ObjectImpact> {
        let k = self.objects.binary_search_by(|o| o.object_id.as_str().cmp(id)).ok()?;
        Some(&self.objects[k])
    }
    /// The share of a region.
    pub fn region(&self, code: &str) -> Option<&RegionImpact> {
        let k = self.regions.binary_search_by(|r| r.code.as_str().cmp(code)).ok()?;
        Some(&self.regions[k])
    }
    /// False when there is no population layer: `affected` = 0 then means 未知, not nobody.
    pub fn has_population(&self) -> bool {
        self.objects.iter().any(|o| o.layer == Layer::Population)
    }
    /// Population blocks whose people or depth are unknown: `affected` is a lower bound when there are any.
    pub fn unknown_blocks(&self) -> usize {
        let blocks = self.objects.iter().filter(|o| o.layer == Layer::Population);
        blocks.filter(|o| o.people.is_none() || o.peak.is_none()).count()
    }
}
