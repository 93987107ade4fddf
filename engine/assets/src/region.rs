use serde::{Deserialize, Serialize};

/// 区 – 镇街 – 战区 – 村社 – 网格.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    /// 区
    District,
    /// 镇街
    Town,
    /// 战区
    Zone,
    /// 村社
    Village,
    /// 网格
    Grid,
}

/// One node of the region tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    /// unique code
    pub code: String,
    /// code of the parent; `None` for the root
    pub parent: Option<String>,
    /// its step in the tree
    pub level: RegionLevel,
    /// name
    pub name: String,
    /// residents; `None` = unknown
    pub population: Option<u64>,
    /// outline, m, dataset CRS; `None` when only the tree is known
    pub outline: Option<geo::MultiPolygon<f64>>,
}
