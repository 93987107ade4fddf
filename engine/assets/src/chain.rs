//! Who answers for an object: its own duties first, then those of its 网格, 村社, 战区, 镇街 and 区.

use crate::{Asset, Layer, Registry, Responsibility};
use std::collections::BTreeSet;

/// 行政责任人
pub const ROLE_ADMINISTRATIVE: &str = "行政责任人";
/// 巡查责任人
pub const ROLE_PATROL: &str = "巡查责任人";
/// 预警责任人
pub const ROLE_WARNING: &str = "预警责任人";
/// 转移责任人
pub const ROLE_TRANSFER: &str = "转移责任人";
/// 抢险责任人
pub const ROLE_RESCUE: &str = "抢险责任人";

/// Roles that an object of a layer must have somewhere in its chain. A default of this program (mark D), after the chains
/// of Zhejiang's 一点一策 tables; empty for layers without a duty of their own.
pub fn expected_roles(layer: Layer) -> &'static [&'static str] {
    match layer {
        Layer::WaterloggingPoints | Layer::Underpasses => &[ROLE_ADMINISTRATIVE, ROLE_PATROL, ROLE_RESCUE],
        Layer::Slopes => &[ROLE_ADMINISTRATIVE, ROLE_PATROL, ROLE_WARNING, ROLE_TRANSFER],
        Layer::OldHouses | Layer::WorkSheds | Layer::Institutions | Layer::Population => {
            &[ROLE_ADMINISTRATIVE, ROLE_TRANSFER]
        }
        Layer::UndergroundSpaces
        | Layer::MetroEntrances
        | Layer::Pumps
        | Layer::Gates
        | Layer::Outfalls
        | Layer::Cranes
        | Layer::Vessels
        | Layer::Shelters => &[ROLE_ADMINISTRATIVE],
        Layer::MobilePumps | Layer::Rivers | Layer::Gauges | Layer::Roads | Layer::Forces | Layer::Stores => &[],
    }
}

impl Registry {
    /// Duties of one scope (an object id or a region code), sorted.
    pub fn duties_of(&self, scope: &str) -> &[Responsibility] {
        self.duties.get(scope).map_or(&[], Vec::as_slice)
    }

    /// The whole chain of an object: its own duties, then those of its region upwards (网格 → 村社 → 战区 → 镇街 → 区).
    pub fn chain_of(&self, asset: &Asset) -> Vec<&Responsibility> {
        let regions = asset.region.as_deref().map(|code| self.ancestors(code)).unwrap_or_default();
        let scopes = std::iter::once(asset.id.as_str()).chain(regions.into_iter().map(|r| r.code.as_str()));
        scopes.flat_map(|scope| self.duties_of(scope)).collect()
    }

    /// The chain of a region: its own duties, then those of its parents.
    pub fn chain_of_region(&self, code: &str) -> Vec<&Responsibility> {
        self.ancestors(code).into_iter().flat_map(|region| self.duties_of(&region.code)).collect()
    }

    /// The nearest duty of a role in the chain of an object.
    pub fn responsible(&self, asset: &Asset, role: &str) -> Option<&Responsibility> {
        self.chain_of(asset).into_iter().find(|duty| duty.role == role)
    }

    /// Roles that the object must have ([`expected_roles`]) and that nobody in its chain holds.
    pub fn missing_roles(&self, asset: &Asset) -> Vec<&'static str> {
        let expected = expected_roles(asset.layer);
        if expected.is_empty() {
            return Vec::new();
        }
        let held: BTreeSet<&str> = self.chain_of(asset).into_iter().map(|duty| duty.role.as_str()).collect();
        expected.iter().copied().filter(|role| !held.contains(role)).collect()
    }
}
