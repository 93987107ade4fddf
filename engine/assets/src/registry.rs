//! All objects of all layers of a district in one registry with one R-tree.

use crate::tree::RegionTree;
use crate::{Asset, Layer, Region, RegionLevel, Responsibility};
use geo::BoundingRect;
use rstar::RTree;
use rstar::primitives::{GeomWithData, Rectangle};
use std::collections::BTreeMap;

/// A box in the R-tree with the position of its asset. A point is a box without size.
pub(crate) type Entry = GeomWithData<Rectangle<[f64; 2]>, u32>;

/// Everything a district registered: objects (sorted by id), the region tree and who answers for what.
///
/// Immutable once built. Spatial queries stand in this crate's `query` module, responsibility in `chain`.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub(crate) assets: Vec<Asset>,
    pub(crate) index: RTree<Entry>,
    pub(crate) by_layer: BTreeMap<Layer, Vec<u32>>,
    pub(crate) by_region: BTreeMap<String, Vec<u32>>,
    pub(crate) duties: BTreeMap<String, Vec<Responsibility>>,
    regions: RegionTree,
}

impl Registry {
    /// Builds the registry from clean records; of equal ids the first stays. Raw rows go through [`crate::build_registry`],
    /// which reports what is wrong with them.
    pub fn new(assets: Vec<Asset>, regions: Vec<Region>, responsibilities: Vec<Responsibility>) -> Self {
        let mut assets = sorted_by_id(assets);
        assets.dedup_by(|later, first| later.id == first.id);
        let mut by_layer: BTreeMap<Layer, Vec<u32>> = BTreeMap::new();
        let mut in_region: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut entries = Vec::with_capacity(assets.len());
        for (k, asset) in assets.iter().enumerate() {
            let k = k as u32;
            by_layer.entry(asset.layer).or_default().push(k);
            if let Some(region) = &asset.region {
                in_region.entry(region.as_str()).or_default().push(k);
            }
            // A place that is not a number can never be found by a box; it stays reachable by id.
            if let Some(envelope) = envelope(asset) {
                entries.push(GeomWithData::new(envelope, k));
            }
        }
        let by_region = in_region.into_iter().map(|(code, list)| (code.to_string(), list)).collect();
        let mut duties: BTreeMap<String, Vec<Responsibility>> = BTreeMap::new();
        for duty in responsibilities {
            duties.entry(duty.scope.clone()).or_default().push(duty);
        }
        for list in duties.values_mut() {
            list.sort();
            list.dedup();
        }
        Self {
            index: RTree::bulk_load(entries),
            assets,
            by_layer,
            by_region,
            duties,
            regions: RegionTree::new(regions),
        }
    }

    /// All objects, sorted by id.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The object with that id.
    pub fn by_id(&self, id: &str) -> Option<&Asset> {
        let k = self.assets.binary_search_by(|a| a.id.as_str().cmp(id)).ok()?;
        Some(&self.assets[k])
    }

    /// Objects of one layer, sorted by id.
    pub fn layer(&self, layer: Layer) -> impl ExactSizeIterator<Item = &Asset> {
        let list = self.by_layer.get(&layer).map_or(&[][..], Vec::as_slice);
        list.iter().map(|&k| &self.assets[k as usize])
    }

    /// Number of objects of each layer that has any.
    pub fn counts(&self) -> BTreeMap<Layer, usize> {
        self.by_layer.iter().map(|(&layer, list)| (layer, list.len())).collect()
    }

    /// The region tree.
    pub fn regions(&self) -> &RegionTree {
        &self.regions
    }

    /// The smallest region (网格 where known) that holds a place.
    pub fn region_at(&self, x_m: f64, y_m: f64) -> Option<&Region> {
        self.regions.region_at(x_m, y_m)
    }

    /// The region with that code and its parents, 网格 first, 区 last.
    pub fn ancestors(&self, code: &str) -> Vec<&Region> {
        self.regions.ancestors(code)
    }

    /// The 镇街 an object belongs to; `None` when its region or the tree does not say.
    pub fn town_of(&self, asset: &Asset) -> Option<&Region> {
        self.regions.ancestor_at(asset.region.as_deref()?, RegionLevel::Town)
    }
}

/// Sorts large records by sorting their positions first, so that each record moves once.
fn sorted_by_id(assets: Vec<Asset>) -> Vec<Asset> {
    if assets.is_sorted_by(|a, b| a.id <= b.id) {
        return assets;
    }
    let mut order: Vec<(u32, &str)> = assets.iter().enumerate().map(|(k, a)| (k as u32, a.id.as_str())).collect();
    order.sort_unstable_by(|a, b| a.1.cmp(b.1).then(a.0.cmp(&b.0)));
    let order: Vec<u32> = order.into_iter().map(|(k, _)| k).collect();
    let mut slots: Vec<Option<Asset>> = assets.into_iter().map(Some).collect();
    order.into_iter().filter_map(|k| slots[k as usize].take()).collect()
}

/// Bounding box of an object; `None` when a coordinate is not finite.
fn envelope(asset: &Asset) -> Option<Rectangle<[f64; 2]>> {
    let point = [asset.x_m, asset.y_m];
    let (low, high) = match asset.geometry.as_ref().and_then(BoundingRect::bounding_rect) {
        Some(rect) => ([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]),
        None => (point, point),
    };
    [low, high].iter().flatten().all(|v| v.is_finite()).then(|| Rectangle::from_corners(low, high))
}
