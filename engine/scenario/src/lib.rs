//! Datasets and scenarios as text: TOML in, typed and checked specifications out. Pure; paths are kept as written, relative to
//! the file that names them. Keys of the contract that this version does not compute yet are refused by name, never ignored.

mod attribution;
mod cells;
mod dataset;
mod link;
mod output;
mod parse;
mod scenario;
mod scheme;
mod validate;

pub use attribution::AttributionSpec;
pub use dataset::{DatasetSpec, DesignRainSpec, DrainageSpec, LayerSpec, SourceSpec, TerrainSpec};
pub use link::{LinkSpec, link_findings};
pub use output::{DebrisKey, OutputSpec};
pub use parse::{parse_dataset, parse_scenario, parse_toml};
pub use scenario::{
    BoundarySpec, CrestSpec, EnsembleSpec, FieldSource, GaugeSpec, GridKeys, InfiltrationSpec, InitialSpec, LossesSpec,
    RainSpec, ScenarioDrainage, ScenarioKind, ScenarioSpec, SectionSpec, SolverSpec, StateSpec, TYPHOON_RAIN_MODELS,
    TyphoonSpec, Where,
};
pub use validate::check_scenario;

#[cfg(test)]
mod tests;
