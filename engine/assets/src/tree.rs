//! The region tree 区 – 镇街 – 战区 – 村社 – 网格 and the question which region holds a place.

use crate::{Region, RegionLevel};
use geo::{Area, BoundingRect, Intersects, Point};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use std::collections::{BTreeMap, BTreeSet};

/// The regions of a district, sorted by code, with an index of their outlines.
#[derive(Clone, Debug, Default)]
pub struct RegionTree {
    regions: Vec<Region>,
    area_m2: Vec<f64>,
    children: BTreeMap<String, Vec<String>>,
    outlines: RTree<GeomWithData<Rectangle<[f64; 2]>, u32>>,
}

impl RegionTree {
    /// Builds the tree. Of regions with the same code the first stays ([`crate::build_registry`] reports the others).
    pub fn new(mut regions: Vec<Region>) -> Self {
        regions.sort_by(|a, b| a.code.cmp(&b.code));
        regions.dedup_by(|later, first| later.code == first.code);
        let mut children: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut boxes = Vec::new();
        let mut area_m2 = Vec::with_capacity(regions.len());
        for (k, region) in regions.iter().enumerate() {
            if let Some(parent) = &region.parent {
                children.entry(parent.clone()).or_default().push(region.code.clone());
            }
            area_m2.push(region.outline.as_ref().map_or(f64::INFINITY, Area::unsigned_area));
            if let Some(rect) = region.outline.as_ref().and_then(BoundingRect::bounding_rect) {
                let envelope = Rectangle::from_corners([rect.min().x, rect.min().y], [rect.max().x, rect.max().y]);
                boxes.push(GeomWithData::new(envelope, k as u32));
            }
        }
        Self { regions, area_m2, children, outlines: RTree::bulk_load(boxes) }
    }

    /// All regions, sorted by code.
    pub fn all(&self) -> &[Region] {
        &self.regions
    }

    /// Position in [`Self::all`] of a code.
    pub fn position(&self, code: &str) -> Option<usize> {
        self.regions.binary_search_by(|r| r.code.as_str().cmp(code)).ok()
    }

    /// The region with that code.
    pub fn get(&self, code: &str) -> Option<&Region> {
        self.position(code).map(|k| &self.regions[k])
    }

    /// Codes of the direct children, sorted.
    pub fn children(&self, code: &str) -> &[String] {
        self.children.get(code).map_or(&[], Vec::as_slice)
    }

    /// The region and everything below it, sorted by code; empty when the code is unknown.
    pub fn subtree(&self, code: &str) -> BTreeSet<&str> {
        let mut found = BTreeSet::new();
        let mut open: Vec<&str> = self.get(code).map(|r| r.code.as_str()).into_iter().collect();
        while let Some(next) = open.pop() {
            // A cycle ends here: a code is expanded once.
            if found.insert(next) {
                open.extend(self.children(next).iter().map(String::as_str));
            }
        }
        found
    }

    /// The region itself, then its parents up to the root (网格 … 区); empty when the code is unknown.
    pub fn ancestors(&self, code: &str) -> Vec<&Region> {
        let mut chain: Vec<&Region> = Vec::new();
        let mut next = self.get(code);
        while let Some(region) = next {
            if chain.iter().any(|r| r.code == region.code) {
                break;
            }
            chain.push(region);
            next = region.parent.as_deref().and_then(|p| self.get(p));
        }
        chain
    }

    /// The ancestor (or the region itself) of a level.
    pub fn ancestor_at(&self, code: &str, level: RegionLevel) -> Option<&Region> {
        self.ancestors(code).into_iter().find(|r| r.level == level)
    }

    /// The smallest region whose outline holds the point (sides included): deepest level, then least area, then code.
    /// `None` when no outline holds it or the point is not finite.
    pub fn region_at(&self, x_m: f64, y_m: f64) -> Option<&Region> {
        self.position_at(x_m, y_m).map(|k| &self.regions[k])
    }

    /// Position in [`Self::all`] of the smallest region that holds the point.
    pub fn position_at(&self, x_m: f64, y_m: f64) -> Option<usize> {
        if !(x_m.is_finite() && y_m.is_finite()) {
            return None;
        }
        let point = Point::new(x_m, y_m);
        self.outlines
            .locate_in_envelope_intersecting(AABB::from_point([x_m, y_m]))
            .map(|found| found.data as usize)
            .filter(|&k| self.regions[k].outline.as_ref().is_some_and(|o| o.intersects(&point)))
            .min_by(|&a, &b| {
                let level = self.regions[b].level.cmp(&self.regions[a].level);
                level.then(self.area_m2[a].total_cmp(&self.area_m2[b])).then(a.cmp(&b))
            })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use geo::{MultiPolygon, Rect, coord};

    fn square(code: &str, parent: Option<&str>, level: RegionLevel, side: (f64, f64, f64, f64)) -> Region {
        let rect = Rect::new(coord! {x: side.0, y: side.1}, coord! {x: side.2, y: side.3});
        let outline = Some(MultiPolygon::new(vec![rect.to_polygon()]));
        Region {
            code: code.into(),
            parent: parent.map(Into::into),
            level,
            name: code.into(),
            population: None,
            outline,
        }
    }

    fn tree() -> RegionTree {
        RegionTree::new(vec![
            square("D", None, RegionLevel::District, (0.0, 0.0, 100.0, 100.0)),
            square("T1", Some("D"), RegionLevel::Town, (0.0, 0.0, 50.0, 100.0)),
            square("T2", Some("D"), RegionLevel::Town, (50.0, 0.0, 100.0, 100.0)),
            square("G1", Some("T1"), RegionLevel::Grid, (0.0, 0.0, 50.0, 50.0)),
            square("G2", Some("T1"), RegionLevel::Grid, (0.0, 50.0, 50.0, 90.0)),
        ])
    }

    #[test]
    fn smallest_region_wins_and_sides_count() {
        let tree = tree();
        let at = |x, y| tree.region_at(x, y).map(|r| r.code.clone());
        assert_eq!(at(10.0, 10.0).as_deref(), Some("G1"));
        assert_eq!(at(10.0, 95.0).as_deref(), Some("T1"));
        assert_eq!(at(75.0, 10.0).as_deref(), Some("T2"));
        assert_eq!(at(10.0, 50.0).as_deref(), Some("G2"), "shared side: the smaller");
        assert_eq!(at(101.0, 10.0), None);
        assert_eq!(at(f64::NAN, 10.0), None);
    }

    #[test]
    fn chains_and_subtrees() {
        let tree = tree();
        let chain: Vec<_> = tree.ancestors("G2").iter().map(|r| r.code.as_str()).collect();
        assert_eq!(chain, ["G2", "T1", "D"]);
        assert_eq!(tree.subtree("T1").into_iter().collect::<Vec<_>>(), ["G1", "G2", "T1"]);
        assert_eq!(tree.ancestor_at("G1", RegionLevel::Town).unwrap().code, "T1");
        assert!(tree.ancestors("?").is_empty() && tree.subtree("?").is_empty());
    }

    #[test]
    fn a_cycle_does_not_hang() {
        let mut a = square("A", Some("B"), RegionLevel::Town, (0.0, 0.0, 1.0, 1.0));
        a.outline = None;
        let b = square("B", Some("A"), RegionLevel::Town, (0.0, 0.0, 1.0, 1.0));
        let tree = RegionTree::new(vec![a, b]);
        assert_eq!(tree.ancestors("A").len(), 2);
        assert_eq!(tree.subtree("A").len(), 2);
    }
}
