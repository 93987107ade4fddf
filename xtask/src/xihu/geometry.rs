//! Plane geometry on metres: distances, point in polygon, thick lines, rounding.

use geo::{Area, BooleanOps, Coord, LineString, MultiPolygon, Polygon};

/// A point, m.
pub type Point = (f64, f64);

/// Distance of two points, m.
pub fn distance(a: Point, b: Point) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}

/// Distance to a segment and the fraction of it where the nearest point lies; the sign tells the side (left positive).
pub fn to_segment(p: Point, a: Point, b: Point) -> (f64, f64, f64) {
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let t = (((p.0 - a.0) * dx + (p.1 - a.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let cross = dx * (p.1 - a.1) - dy * (p.0 - a.0);
    (distance(p, (a.0 + t * dx, a.1 + t * dy)), t, if cross >= 0.0 { 1.0 } else { -1.0 })
}

/// Distance to a polyline, m.
pub fn to_line(p: Point, line: &[Point]) -> f64 {
    line.windows(2).map(|w| to_segment(p, w[0], w[1]).0).fold(f64::INFINITY, f64::min)
}

/// Point in a simple ring (even–odd).
pub fn inside(p: Point, ring: &[Point]) -> bool {
    let mut odd = false;
    let mut j = ring.len() - 1;
    for i in 0..ring.len() {
        let (a, b) = (ring[i], ring[j]);
        if (a.1 > p.1) != (b.1 > p.1) && p.0 < (b.0 - a.0) * (p.1 - a.1) / (b.1 - a.1) + a.0 {
            odd = !odd;
        }
        j = i;
    }
    odd
}

/// Distance to the outline of a ring, negative inside, m.
pub fn to_ring(p: Point, ring: &[Point]) -> f64 {
    let mut d = to_line(p, ring);
    if let (Some(first), Some(last)) = (ring.first(), ring.last()) {
        d = d.min(to_segment(p, *last, *first).0);
    }
    if inside(p, ring) { -d } else { d }
}

/// A ring with its corners rounded twice (Chaikin), closed.
pub fn rounded(ring: &[Point], times: usize) -> Vec<Point> {
    let mut out = ring.to_vec();
    for _ in 0..times {
        let mut next = Vec::with_capacity(out.len() * 2);
        for i in 0..out.len() {
            let (a, b) = (out[i], out[(i + 1) % out.len()]);
            next.push((0.75 * a.0 + 0.25 * b.0, 0.75 * a.1 + 0.25 * b.1));
            next.push((0.25 * a.0 + 0.75 * b.0, 0.25 * a.1 + 0.75 * b.1));
        }
        out = next;
    }
    out
}

/// Decimetres: coordinates that print short and the same everywhere.
pub fn tenth(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

/// Ring to polygon, decimetres.
pub fn polygon(ring: &[Point]) -> Polygon<f64> {
    Polygon::new(LineString::new(ring.iter().map(|p| Coord { x: tenth(p.0), y: tenth(p.1) }).collect()), vec![])
}

/// All vertices to decimetres; slivers below 1 m² dropped.
pub fn tidy(shape: &MultiPolygon<f64>) -> MultiPolygon<f64> {
    let ring = |l: &LineString<f64>| {
        let mut c: Vec<Coord<f64>> = l.0.iter().map(|c| Coord { x: tenth(c.x), y: tenth(c.y) }).collect();
        c.dedup();
        LineString::new(c)
    };
    MultiPolygon::new(
        shape
            .0
            .iter()
            .map(|p| Polygon::new(ring(p.exterior()), p.interiors().iter().map(&ring).collect()))
            .filter(|p| p.unsigned_area() >= 1.0 && p.exterior().0.len() >= 4)
            .collect(),
    )
}

/// A line as wide as `2 × half`: a rectangle for every segment and a regular 12-gon at every vertex, united.
pub fn thick(line: &[Point], half: f64) -> MultiPolygon<f64> {
    let mut shape = MultiPolygon::new(vec![]);
    for &v in line {
        let ring: Vec<Point> = (0..12)
            .map(|k| {
                let a = f64::from(k) * std::f64::consts::PI / 6.0;
                (v.0 + half * libm::cos(a), v.1 + half * libm::sin(a))
            })
            .collect();
        shape = shape.union(&MultiPolygon::new(vec![polygon(&ring)]));
    }
    for w in line.windows(2) {
        let l = distance(w[0], w[1]);
        let (nx, ny) = (-(w[1].1 - w[0].1) / l * half, (w[1].0 - w[0].0) / l * half);
        let ring = [
            (w[0].0 + nx, w[0].1 + ny),
            (w[0].0 - nx, w[0].1 - ny),
            (w[1].0 - nx, w[1].1 - ny),
            (w[1].0 + nx, w[1].1 + ny),
        ];
        shape = shape.union(&MultiPolygon::new(vec![polygon(&ring)]));
    }
    shape
}
