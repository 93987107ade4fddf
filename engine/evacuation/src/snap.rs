//! From a house to the road: the nearest point of the nearest link.

use crate::road::{RoadEdge, RoadGraph};
use rstar::{AABB, PointDistance, RTree, RTreeObject};

/// Where a place meets the network: a virtual cut of a link.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Access {
    /// link
    pub edge: u32,
    /// way along the link from its `a`, mm
    pub along_mm: u32,
    /// straight way from the place to the link, mm
    pub off_mm: u32,
    /// easting of the point on the link, m
    pub x: f64,
    /// northing of the point on the link, m
    pub y: f64,
}

/// R-tree over the straight pieces of the links.
pub(crate) struct SnapIndex(RTree<Piece>);

struct Piece {
    edge: u32,
    /// way along the link to `from`, m
    along_m: f64,
    from: [f64; 2],
    to: [f64; 2],
}

impl Piece {
    /// Nearest point of the piece, and its distance from `from`.
    fn foot(&self, point: [f64; 2]) -> ([f64; 2], f64) {
        let (dx, dy) = (self.to[0] - self.from[0], self.to[1] - self.from[1]);
        let square = dx * dx + dy * dy;
        let along = (point[0] - self.from[0]) * dx + (point[1] - self.from[1]) * dy;
        let share = if square > 0.0 { (along / square).clamp(0.0, 1.0) } else { 0.0 };
        ([self.from[0] + share * dx, self.from[1] + share * dy], share * square.sqrt())
    }
}

impl RTreeObject for Piece {
    type Envelope = AABB<[f64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners(self.from, self.to)
    }
}

impl PointDistance for Piece {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        let (foot, _) = self.foot(*point);
        let (dx, dy) = (foot[0] - point[0], foot[1] - point[1]);
        dx * dx + dy * dy
    }
}

impl SnapIndex {
    pub fn new(edges: &[RoadEdge], points: &[(f64, f64)], first_point: &[u32]) -> Self {
        let mut pieces = Vec::with_capacity(points.len());
        for (edge, range) in (0..edges.len() as u32).zip(first_point.windows(2)) {
            let mut along_m = 0.0;
            for pair in points[range[0] as usize..range[1] as usize].windows(2) {
                let (from, to) = ([pair[0].0, pair[0].1], [pair[1].0, pair[1].1]);
                pieces.push(Piece { edge, along_m, from, to });
                let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
                along_m += (dx * dx + dy * dy).sqrt();
            }
        }
        Self(RTree::bulk_load(pieces))
    }
}

impl RoadGraph {
    /// The nearest link that `accepts` within `max_m` of the point (m); the lowest link of equally near ones. `None` if there is none or the
    /// point is not finite.
    pub fn snap(&self, point: (f64, f64), max_m: f64, accepts: impl Fn(usize) -> bool) -> Option<Access> {
        if !crate::planar::usable(point) {
            return None;
        }
        let place = [point.0, point.1];
        let mut best: Option<(f64, &Piece)> = None;
        for (piece, square) in self.snap_index.0.nearest_neighbor_iter_with_distance_2(place) {
            if square > max_m * max_m || best.is_some_and(|(least, _)| square > least) {
                break;
            }
            if accepts(piece.edge as usize) && best.is_none_or(|(_, known)| piece.edge < known.edge) {
                best = Some((square, piece));
            }
        }
        let (square, piece) = best?;
        let (foot, part_m) = piece.foot(place);
        let edge = &self.edges()[piece.edge as usize];
        let along_mm = (((piece.along_m + part_m) * 1000.0).round() as u32).min(edge.length_mm);
        let off_mm = (square.sqrt() * 1000.0).round() as u32;
        Some(Access { edge: piece.edge, along_mm, off_mm, x: foot[0], y: foot[1] })
    }
}
