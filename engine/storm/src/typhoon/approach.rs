//! When the centre comes ashore and when it is nearest to a district.

use super::sphere::{bearing_deg, destination, distance_km};
use super::track::Track;
use dayu_base::Instant;
use geo::{BoundingRect, Contains, Intersects, LineString, MultiPolygon, Point};

/// A centre near a district.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Approach {
    /// when
    pub at: Instant,
    /// least distance of the centre from any part of the district, km; 0 = over it
    pub distance_km: f64,
    /// where the centre is then: longitude, latitude
    pub centre: (f64, f64),
    /// direction from the district's middle to the centre, degrees clockwise from north
    pub bearing_deg: f64,
}

/// Step of the search, s; refined by halving afterwards.
const STEP_S: f64 = 600.0;

/// Distance of a place from a polygon (longitude, latitude), km; 0 inside. `None` for an empty polygon.
///
/// The nearest point of each side is found on a plane tangent at the place, then measured on the sphere: exact to some 0.1 % within
/// 1000 km.
pub(crate) fn distance_to_area_km(place: (f64, f64), area: &MultiPolygon<f64>) -> Option<f64> {
    if area.contains(&Point::from(place)) {
        return Some(0.0);
    }
    let stretch = libm::cos(place.1.to_radians()).max(1e-6);
    let plane = |c: &geo::Coord<f64>| ((c.x - place.0) * stretch, c.y - place.1);
    let mut best: Option<f64> = None;
    let rings = area.0.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
    for side in rings.flat_map(LineString::lines) {
        let (a, b) = (plane(&side.start), plane(&side.end));
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let length2 = dx * dx + dy * dy;
        let share = if length2 > 0.0 { (-(a.0 * dx + a.1 * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
        let near =
            (side.start.x + share * (side.end.x - side.start.x), side.start.y + share * (side.end.y - side.start.y));
        let km = distance_km(place, near);
        best = Some(best.map_or(km, |old| old.min(km)));
    }
    best
}

/// Nearest approach of the centre to an area (longitude, latitude) between two instants; `None` when the track does not cover any of
/// that time, or the area is empty.
pub fn closest_approach(track: &Track, area: &MultiPolygon<f64>, from: Instant, until: Instant) -> Option<Approach> {
    let middle = area.bounding_rect()?.center();
    let from_s = from.max(track.begins()).as_second() as f64;
    let until_s = until.min(track.ends()).as_second() as f64;
    if from_s > until_s {
        return None;
    }
    let distance = |t: f64| distance_to_area_km(track.position(t)?, area);
    let steps = ((until_s - from_s) / STEP_S).ceil() as usize;
    let time = |k: usize| (from_s + k as f64 * STEP_S).min(until_s);
    let (k, _) =
        (0..=steps).map(|k| (k, distance(time(k)).unwrap_or(f64::INFINITY))).min_by(|a, b| a.1.total_cmp(&b.1))?;
    // Ternary search in the two steps around the best: the distance has one minimum there.
    let (mut a, mut b) = (time(k.saturating_sub(1)), time((k + 1).min(steps)));
    while b - a > 1.0 {
        let (c, d) = (a + (b - a) / 3.0, b - (b - a) / 3.0);
        if distance(c)? <= distance(d)? { b = d } else { a = c }
    }
    let best = [a, time(k)].into_iter().min_by(|x, y| {
        let d = |t: &f64| distance(*t).unwrap_or(f64::INFINITY);
        d(x).total_cmp(&d(y))
    })?;
    let centre = track.position(best)?;
    Some(Approach {
        at: Instant::from_second(best.round() as i64).ok()?,
        distance_km: distance(best)?,
        centre,
        bearing_deg: bearing_deg((middle.x, middle.y), centre),
    })
}

/// Share of the ground within a distance of a place (longitude, latitude) that is land, 0–1: 80 places on five rings of equal area. What
/// lies outside the polygons is sea, also beyond the side at which a coast was cut off.
pub fn land_share(place: (f64, f64), land: &MultiPolygon<f64>, radius_km: f64) -> f64 {
    const RINGS: u32 = 5;
    const DIRECTIONS: u32 = 16;
    let on_land = |ring: u32, k: u32| {
        let r_km = radius_km * ((f64::from(ring) + 0.5) / f64::from(RINGS)).sqrt();
        let turn = f64::from(k) + 0.5 * f64::from(ring % 2);
        land.contains(&Point::from(destination(place, turn * 360.0 / f64::from(DIRECTIONS), r_km)))
    };
    let places = (0..RINGS).flat_map(|ring| (0..DIRECTIONS).map(move |k| (ring, k)));
    places.filter(|(ring, k)| on_land(*ring, *k)).count() as f64 / f64::from(RINGS * DIRECTIONS)
}

/// A centre that comes back over the same land mass within so many seconds has not landed again: bays and narrow straits of one
/// island or coast count once (D: 6 h, two fixes of a best track).
const SAME_LANDFALL_S: f64 = 6.0 * 3600.0;

/// Instants and places at which the centre passes from the sea to land, the polygons of an area. Coming back to the polygon that was
/// left within six hours is the same landfall.
///
/// A landfall is as exact as the fixes and the coast line: with positions of 0.1° every three hours and a coast of 1:10 000 000 some
/// ten kilometres, hence an hour at the usual speed.
pub fn landfalls(track: &Track, area: &MultiPolygon<f64>) -> Vec<(Instant, (f64, f64))> {
    let boxes: Vec<_> = area.0.iter().map(BoundingRect::bounding_rect).collect();
    let land_at = |t: f64| {
        let place = Point::from(track.position(t)?);
        let near = |k: &usize| boxes[*k].is_some_and(|b| b.intersects(&place));
        (0..area.0.len()).filter(near).find(|k| area.0[*k].contains(&place))
    };
    let (from_s, until_s) = (track.begins().as_second() as f64, track.ends().as_second() as f64);
    let mut found = Vec::new();
    let mut t = from_s;
    let mut was = land_at(t);
    // The land that was left last, and when.
    let mut left: Option<(usize, f64)> = None;
    while t < until_s {
        let next = (t + STEP_S).min(until_s);
        let is = land_at(next);
        match (was, is) {
            (Some(land), None) => left = Some((land, next)),
            (None, Some(land)) if left.is_none_or(|(l, at)| l != land || next - at > SAME_LANDFALL_S) => {
                let (mut a, mut b) = (t, next);
                while b - a > 1.0 {
                    let c = (a + b) / 2.0;
                    if land_at(c).is_some() { b = c } else { a = c }
                }
                if let (Ok(at), Some(p)) = (Instant::from_second(b.round() as i64), track.position(b)) {
                    found.push((at, p));
                }
            }
            _ => {}
        }
        (was, t) = (is, next);
    }
    found
}
