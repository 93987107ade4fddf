//! Objects along a route, in the order in which one passes them.

use crate::{Asset, Layer, Registry};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{Coord, Geometry, Intersects, Line, LineString, LinesIter, Point};

/// An object beside a route.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside<'a> {
    /// the object
    pub asset: &'a Asset,
    /// distance along the route from its start to the place nearest to the object, m (the first such place)
    pub chainage_m: f64,
    /// distance from the route, m (0 = on it)
    pub distance_m: f64,
}

impl Registry {
    /// Objects within `distance_m` of a route (limit included), by chainage, then distance, then id. A route of fewer than
    /// two vertices, or a limit that is not a number ≥ 0, has no answer.
    pub fn along_route(&self, route: &LineString<f64>, distance_m: f64, layer: Option<Layer>) -> Vec<Beside<'_>> {
        let finite = route.coords().all(|c| c.x.is_finite() && c.y.is_finite());
        if !finite || !distance_m.is_finite() || distance_m < 0.0 {
            return Vec::new();
        }
        let mut found: Vec<Beside<'_>> = self
            .candidates_along(route, distance_m, layer)
            .into_iter()
            .filter_map(|k| {
                let asset = &self.assets[k as usize];
                let (chainage_m, away_m) = nearest_on_route(route, asset)?;
                (away_m <= distance_m).then_some(Beside { asset, chainage_m, distance_m: away_m })
            })
            .collect();
        // The list came sorted by id and the sort is stable.
        found.sort_by(|a, b| a.chainage_m.total_cmp(&b.chainage_m).then(a.distance_m.total_cmp(&b.distance_m)));
        found
    }
}

/// Chainage and distance of the first place on the route that is nearest to the object.
pub(crate) fn nearest_on_route(route: &LineString<f64>, asset: &Asset) -> Option<(f64, f64)> {
    let mut best: Option<(f64, f64)> = None;
    let mut start_m = 0.0;
    for segment in route.lines() {
        let (along_m, away_m) = match &asset.geometry {
            None => nearest_on_segment(segment, Coord { x: asset.x_m, y: asset.y_m }),
            Some(geometry) => nearest_to_geometry(segment, geometry),
        };
        if best.is_none_or(|(_, d)| away_m < d) {
            best = Some((start_m + along_m, away_m));
        }
        start_m += length(segment);
    }
    best
}

fn length(segment: Line<f64>) -> f64 {
    let (dx, dy) = (segment.dx(), segment.dy());
    (dx * dx + dy * dy).sqrt()
}

/// Distance along a segment of the foot of a point, and distance to it.
fn nearest_on_segment(segment: Line<f64>, c: Coord<f64>) -> (f64, f64) {
    let (dx, dy) = (segment.dx(), segment.dy());
    let square = dx * dx + dy * dy;
    let (px, py) = (c.x - segment.start.x, c.y - segment.start.y);
    let t = if square > 0.0 { ((px * dx + py * dy) / square).clamp(0.0, 1.0) } else { 0.0 };
    let (ex, ey) = (px - t * dx, py - t * dy);
    (t * square.sqrt(), (ex * ex + ey * ey).sqrt())
}

/// The same for a line or polygon: exact over all pairs of segments; a start inside a polygon is at distance 0.
fn nearest_to_geometry(segment: Line<f64>, geometry: &Geometry<f64>) -> (f64, f64) {
    if geometry.intersects(&segment.start_point()) {
        return (0.0, 0.0);
    }
    let mut best = (0.0, f64::INFINITY);
    let mut offer = |entry: (f64, f64)| {
        if entry.1 < best.1 || (entry.1 == best.1 && entry.0 < best.0) {
            best = entry;
        }
    };
    for part in geometry_lines(geometry) {
        if part.start == part.end {
            offer(nearest_on_segment(segment, part.start));
            continue;
        }
        match line_intersection(segment, part) {
            Some(LineIntersection::SinglePoint { intersection, .. }) => {
                offer((nearest_on_segment(segment, intersection).0, 0.0));
            }
            Some(LineIntersection::Collinear { intersection }) => {
                offer((nearest_on_segment(segment, intersection.start).0, 0.0));
                offer((nearest_on_segment(segment, intersection.end).0, 0.0));
            }
            None => {
                offer(nearest_on_segment(segment, part.start));
                offer(nearest_on_segment(segment, part.end));
                offer((0.0, nearest_on_segment(part, segment.start).1));
                offer((length(segment), nearest_on_segment(part, segment.end).1));
            }
        }
    }
    best
}

/// All segments of lines and rings.
fn geometry_lines(geometry: &Geometry<f64>) -> Vec<Line<f64>> {
    match geometry {
        Geometry::Line(l) => vec![*l],
        Geometry::LineString(l) => l.lines_iter().collect(),
        Geometry::MultiLineString(l) => l.lines_iter().collect(),
        Geometry::Polygon(p) => p.lines_iter().collect(),
        Geometry::MultiPolygon(p) => p.lines_iter().collect(),
        Geometry::Rect(r) => r.to_polygon().lines_iter().collect(),
        Geometry::Triangle(t) => t.to_polygon().lines_iter().collect(),
        Geometry::GeometryCollection(c) => c.iter().flat_map(geometry_lines).collect(),
        // A point among others counts as a segment without length.
        Geometry::Point(p) => vec![point_line(*p)],
        Geometry::MultiPoint(m) => m.iter().map(|p| point_line(*p)).collect(),
    }
}

fn point_line(p: Point<f64>) -> Line<f64> {
    Line::new(p.0, p.0)
}
