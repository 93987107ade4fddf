//! Spatial questions to the registry. Every answer is exact (the R-tree only proposes candidates) and in a fixed order.

use crate::{Asset, Layer, Registry};
use geo::{Distance, Euclidean, Geometry, Intersects, LineString, MultiPolygon, Point, Rect, Relate, coord};
use rstar::AABB;
use std::collections::BTreeSet;

/// An object and how far it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near<'a> {
    /// the object
    pub asset: &'a Asset,
    /// distance from the place asked to the nearest part of the object, m (0 inside a polygon)
    pub distance_m: f64,
}

/// What a polygon query asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// any part of the object lies in the polygon (sides included)
    Intersects,
    /// the whole object lies in the polygon (sides included)
    Contains,
}

impl Registry {
    /// Objects any part of which lies in the box (sides included), by id. Empty when a limit is not finite.
    pub fn in_box(&self, low: (f64, f64), high: (f64, f64), layer: Option<Layer>) -> Vec<&Asset> {
        if ![low.0, low.1, high.0, high.1].iter().all(|v| v.is_finite()) || low.0 > high.0 || low.1 > high.1 {
            return Vec::new();
        }
        let rect = Rect::new(coord! {x: low.0, y: low.1}, coord! {x: high.0, y: high.1});
        let found = self.candidates([low.0, low.1], [high.0, high.1], layer);
        self.pick(found.into_iter().filter(|&k| match &self.assets[k as usize].geometry {
            // The box of a point is the point, so the R-tree has already answered.
            None => true,
            Some(geometry) => geometry.intersects(&rect),
        }))
    }

    /// Objects within a distance of a place (limit included), nearest first, then by id.
    pub fn within_radius(&self, x_m: f64, y_m: f64, radius_m: f64, layer: Option<Layer>) -> Vec<Near<'_>> {
        if !(x_m.is_finite() && y_m.is_finite() && radius_m.is_finite() && radius_m >= 0.0) {
            return Vec::new();
        }
        let found = self.candidates([x_m - radius_m, y_m - radius_m], [x_m + radius_m, y_m + radius_m], layer);
        let mut near: Vec<(f64, u32)> = found
            .into_iter()
            .map(|k| (distance_m(&self.assets[k as usize], x_m, y_m), k))
            .filter(|(d, _)| *d <= radius_m)
            .collect();
        near.sort_by(by_distance_then_id);
        self.near(near)
    }

    /// The `k` nearest objects by the distance to the object itself (not to its box), nearest first, then by id.
    pub fn nearest(&self, x_m: f64, y_m: f64, k: usize, layer: Option<Layer>) -> Vec<Near<'_>> {
        if k == 0 || !(x_m.is_finite() && y_m.is_finite()) {
            return Vec::new();
        }
        let mut best: Vec<(f64, u32)> = Vec::with_capacity(k + 1);
        let mut offer = |asset: u32| -> f64 {
            let entry = (distance_m(&self.assets[asset as usize], x_m, y_m), asset);
            let place = best.partition_point(|b| by_distance_then_id(b, &entry).is_lt());
            if place < k {
                best.insert(place, entry);
                best.truncate(k);
            }
            if best.len() < k { f64::INFINITY } else { best[k - 1].0 }
        };
        // A rare layer would make the R-tree walk through everything else first. With n of N objects it meets one of the
        // layer in N/n, so it visits about k·N/n, each some eight times as dear as an entry of the layer's own list.
        let list = layer.map(|l| self.by_layer.get(&l).map_or(&[][..], Vec::as_slice));
        let few = |n: usize| n.saturating_mul(n) <= k.saturating_mul(self.assets.len()).saturating_mul(8);
        if let Some(list) = list.filter(|list| few(list.len())) {
            for &asset in list {
                if self.is_placed(asset) {
                    offer(asset);
                }
            }
            return self.near(best);
        }
        let mut limit_m = f64::INFINITY;
        for (entry, box_distance_2) in self.index.nearest_neighbor_iter_with_distance_2([x_m, y_m]) {
            // No later box can hold anything nearer; the tiny margin keeps equal distances in the race after rounding.
            if box_distance_2 > limit_m * limit_m * (1.0 + 1e-12) {
                break;
            }
            if layer.is_none_or(|l| self.assets[entry.data as usize].layer == l) {
                limit_m = offer(entry.data);
            }
        }
        self.near(best)
    }

    /// Objects in a polygon, by id.
    pub fn in_polygon(&self, area: &MultiPolygon<f64>, relation: Relation, layer: Option<Layer>) -> Vec<&Asset> {
        let Some(rect) = geo::BoundingRect::bounding_rect(area) else { return Vec::new() };
        let found = self.candidates([rect.min().x, rect.min().y], [rect.max().x, rect.max().y], layer);
        self.pick(found.into_iter().filter(|&k| {
            let asset = &self.assets[k as usize];
            match (&asset.geometry, relation) {
                (None, _) => area.intersects(&Point::new(asset.x_m, asset.y_m)),
                (Some(geometry), Relation::Intersects) => geometry.intersects(area),
                (Some(geometry), Relation::Contains) => geometry.intersects(area) && area.relate(geometry).is_covers(),
            }
        }))
    }

    /// Objects of a region and everything below it, by id. Empty when the code is unknown.
    pub fn in_region(&self, code: &str, layer: Option<Layer>) -> Vec<&Asset> {
        let mut found: Vec<u32> = self
            .regions()
            .subtree(code)
            .into_iter()
            .filter_map(|region| self.by_region.get(region))
            .flatten()
            .copied()
            .filter(|&k| layer.is_none_or(|l| self.assets[k as usize].layer == l))
            .collect();
        found.sort_unstable();
        self.pick(found.into_iter())
    }

    /// Positions of objects whose box meets the box, ascending, that is by id.
    pub(crate) fn candidates(&self, low: [f64; 2], high: [f64; 2], layer: Option<Layer>) -> Vec<u32> {
        let mut found: Vec<u32> = self
            .index
            .locate_in_envelope_intersecting(AABB::from_corners(low, high))
            .map(|entry| entry.data)
            .filter(|&k| layer.is_none_or(|l| self.assets[k as usize].layer == l))
            .collect();
        found.sort_unstable();
        found
    }

    /// Candidates around every segment of a line.
    pub(crate) fn candidates_along(
        &self,
        line: &LineString<f64>,
        margin_m: f64,
        layer: Option<Layer>,
    ) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        for s in line.lines() {
            let (a, b) = (s.start, s.end);
            let low = [a.x.min(b.x) - margin_m, a.y.min(b.y) - margin_m];
            let high = [a.x.max(b.x) + margin_m, a.y.max(b.y) + margin_m];
            found.extend(self.candidates(low, high, layer));
        }
        found
    }

    fn is_placed(&self, k: u32) -> bool {
        let asset = &self.assets[k as usize];
        asset.geometry.is_some() || (asset.x_m.is_finite() && asset.y_m.is_finite())
    }

    fn pick(&self, positions: impl Iterator<Item = u32>) -> Vec<&Asset> {
        positions.map(|k| &self.assets[k as usize]).collect()
    }

    fn near(&self, sorted: Vec<(f64, u32)>) -> Vec<Near<'_>> {
        sorted.into_iter().map(|(distance_m, k)| Near { asset: &self.assets[k as usize], distance_m }).collect()
    }
}

/// Distance from a place to the nearest part of an object, m.
pub(crate) fn distance_m(asset: &Asset, x_m: f64, y_m: f64) -> f64 {
    match &asset.geometry {
        Some(geometry) => Euclidean.distance(&Geometry::Point(Point::new(x_m, y_m)), geometry),
        None => {
            let (dx, dy) = (asset.x_m - x_m, asset.y_m - y_m);
            (dx * dx + dy * dy).sqrt()
        }
    }
}

/// Positions ascend with the ids, so the position breaks ties by id.
fn by_distance_then_id(a: &(f64, u32), b: &(f64, u32)) -> std::cmp::Ordering {
    a.0.total_cmp(&b.0).then(a.1.cmp(&b.1))
}
