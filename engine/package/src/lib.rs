//! The package of one response level as a document model: 一张图, 一张单, 一张表, before any file format. Pure.

mod compose;
mod compose_map;
mod evacuation;
mod header;
mod list;
mod map;
mod table;

pub use compose::{
    ComposeInput, DISTRICT_ID, FileLine, HouseholdFacts, PARTED, carrier_name, check_totals, compose_evacuation,
    compose_list, compose_table, controlled_objects, household_note, manifest_json, table_columns,
};
pub use compose_map::{MapInput, RouteLine, TrackPoint, compose_map};
pub use evacuation::{Annex, EvacuationFacts, EvacuationProduct, PlanProof, ShelterHours};
pub use header::{Header, InputLine, PlanLine, SourceLine};
pub use list::{ActionItem, ListProduct, RiskItem, TransferLine};
pub use map::{
    DrawnMember, FeatureShape, MapFact, MapFeature, MapLayer, MapProduct, MemberMaps, StormCircle, StormMap,
    StormPoint, chance_areas,
};
pub use table::{Cell, Column, ColumnKind, Row, TableProduct};

/// Everything one level hands to the writers.
#[derive(Clone, Debug)]
pub struct Package {
    /// who, what, when, from what
    pub header: Header,
    /// 识别一张图
    pub map: MapProduct,
    /// 研判一张单
    pub list: ListProduct,
    /// 管控一张表
    pub table: TableProduct,
    /// people who move, shelters by hour, the proof of the plan; `None` = nobody moves at this level
    pub evacuation: Option<EvacuationProduct>,
}
