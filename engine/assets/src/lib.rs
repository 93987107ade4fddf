//! The registers of a district (waterlogging points, drainage assets, slopes, shelters, …) in one registry with an R-tree. Pure.

mod asset;
mod build;
mod build_duties;
mod build_place;
mod build_regions;
mod chain;
mod fields;
mod gcj02;
mod outline;
mod query;
mod raw;
mod region;
mod registry;
mod responsibility;
mod route;
mod sheet;
mod tree;

pub use asset::{Asset, Details, Layer};
pub use build::build_registry;
pub use chain::{ROLE_ADMINISTRATIVE, ROLE_PATROL, ROLE_RESCUE, ROLE_TRANSFER, ROLE_WARNING, expected_roles};
pub use gcj02::{gcj02_to_wgs84, wgs84_to_gcj02};
pub use query::{Near, Relation};
pub use raw::{Alternates, RawAsset, RawRegion, RawResponsibility, RegistryInput};
pub use region::{Region, RegionLevel};
pub use registry::Registry;
pub use responsibility::{Contact, Household, Responsibility};
pub use route::Beside;
pub use tree::RegionTree;
