use dayu_base::{Finding, Instant, Mark, Origin, Realm, ResponseLevel, Text, Zone};
use dayu_plan::TransferTotals;

/// The plan a package applies.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanLine {
    /// id
    pub id: String,
    /// name, with 示范 when it is a demonstration
    pub name: String,
    /// document number or "示范，无文号"
    pub doc_number: String,
    /// `2021-09-01`
    pub effective_from: String,
    /// digest of the plan file
    pub sha256: String,
    /// marks used in it, so that products can warn of R and D
    pub marks: Vec<Mark>,
    /// authority whose plan it is
    pub authority: String,
    /// true for a demonstration plan: 示范 is printed
    pub demonstration: bool,
}

/// One input in the manifest.
#[derive(Clone, Debug, PartialEq)]
pub struct InputLine {
    /// layer
    pub layer: String,
    /// relative path
    pub path: String,
    /// size
    pub bytes: u64,
    /// digest
    pub sha256: String,
    /// when the data were true
    pub data_time: Option<Instant>,
    /// real | synthetic | mixed
    pub origin: Origin,
}

/// Source and licence line printed on products.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceLine {
    /// layer
    pub layer: String,
    /// title
    pub title: String,
    /// licence
    pub licence: String,
    /// origin
    pub origin: Origin,
}

/// Who, what, when, from what. Printed on every product.
#[derive(Clone, Debug, PartialEq)]
pub struct Header {
    /// SHA-256 of inputs, options and version
    pub run_id: String,
    /// the level of this package
    pub level: ResponseLevel,
    /// recommended level(s) in words, e.g. 建议：防汛Ⅲ级
    pub recommended: Text,
    /// replay, drill, design, forecast, benchmark
    pub kind: String,
    /// 实战 | 演练 | 复盘
    pub realm: Realm,
    /// origin of the whole
    pub origin: Origin,
    /// district name
    pub district: Text,
    /// scenario id and title
    pub scenario_id: String,
    /// scenario title
    pub scenario_title: Text,
    /// digest of the scenario file
    pub scenario_sha256: String,
    /// dataset id
    pub dataset_id: String,
    /// digest of dataset.toml
    pub dataset_sha256: String,
    /// `EPSG:…` or `local-metres`
    pub crs: String,
    /// vertical datum
    pub vertical_datum: String,
    /// zone of printed times
    pub zone: Zone,
    /// what is known by then is observed
    pub as_of: Instant,
    /// start of the scenario
    pub start: Instant,
    /// end of the scenario
    pub end: Instant,
    /// latest time of the data used
    pub data_time: Option<Instant>,
    /// plan
    pub plan: PlanLine,
    /// program version
    pub version: String,
    /// sources
    pub sources: Vec<SourceLine>,
    /// inputs for the manifest
    pub inputs: Vec<InputLine>,
    /// assumptions and limits that must be printed (constructed layers, assumed drains, screening quality, recalled rules)
    pub notes: Vec<Text>,
    /// findings
    pub findings: Vec<Finding>,
    /// counts that must agree in map, list and table
    pub totals: TransferTotals,
    /// controlled objects in the table
    pub objects: u64,
    /// computational cell, m
    pub cell_m: f64,
    /// mark of an answer that a deadline chose or of a screening: for machines, and in words; `None` = as the scenario asks
    pub quality: Option<(String, Text)>,
}
