//! The registers of a district (waterlogging points, drainage assets, slopes, shelters, …) in one registry with an R-tree. Pure.

mod asset;
mod region;
mod responsibility;

pub use asset::{Asset, Details, Layer};
pub use region::{Region, RegionLevel};
pub use responsibility::{Contact, Household, Responsibility};
