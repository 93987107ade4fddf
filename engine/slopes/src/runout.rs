//! How far a failed slope may reach: a fan downhill, ended by the line of reach (Fahrböschung).

use dayu_terrain::Raster;
use geo::{LineString, Polygon};

/// Tangent of the reach angle of a slide of a volume: Corominas (1996): lg(H/L) = −0.085 lg V + log₁₀ of 0.897 (all movements; V in m³,
/// mark R). Kept in 0.2–0.8.
pub fn reach_tangent(volume_m3: f64) -> f64 {
    libm::pow(10.0, -0.085 * libm::log10(volume_m3.max(1.0)) - 0.047).clamp(0.2, 0.8)
}

/// Volume taken where nothing is known of the slope's size, m³ (D): gives a reach angle of 26.5°.
pub const USUAL_VOLUME_M3: f64 = 1000.0;
/// Half the opening of the fan, degrees (D).
const HALF_FAN_DEG: f64 = 35.0;
/// Rays of the fan are this far apart, degrees.
const RAY_DEG: f64 = 5.0;
/// No fan is longer than this, m (D).
const LONGEST_M: f64 = 500.0;

/// A fan that a failure may cover.
#[derive(Clone, Debug, PartialEq)]
pub struct RunOut {
    /// outline, m, coordinate system of the raster
    pub area: Polygon<f64>,
    /// longest ray, m
    pub reach_m: f64,
    /// direction downhill, degrees clockwise from north
    pub downhill_deg: f64,
    /// angle of the ground at the place, degrees, as coarse as the raster
    pub ground_deg: f64,
}

/// Gradient of the ground at a place (rise per metre east, north), over the cells around it; `None` at an edge or beside a gap.
pub fn gradient(ground_m: &Raster<f64>, x_m: f64, y_m: f64) -> Option<(f64, f64)> {
    let grid = &ground_m.grid;
    let at = |x: f64, y: f64| grid.cell_at(x, y).map(|c| ground_m.values[c]).filter(|z| z.is_finite());
    let d = grid.cell_m;
    let east = (at(x_m + d, y_m)? - at(x_m - d, y_m)?) / (2.0 * d);
    let north = (at(x_m, y_m + d)? - at(x_m, y_m - d)?) / (2.0 * d);
    Some((east, north))
}

/// The fan of a slope at a place: every ray within ±35° of the steepest way down goes on while the ground lies below a line falling
/// from the crest at the reach angle. The crest is the highest ground within one cell (and `height_m`, when it is known, above the
/// place at least).
///
/// `None` on flat ground (below 5°), outside the raster, or where no ray leaves the first cell: the raster is then too coarse to show
/// the slope, and nothing is claimed.
pub fn run_out(ground_m: &Raster<f64>, x_m: f64, y_m: f64, height_m: Option<f64>, volume_m3: f64) -> Option<RunOut> {
    let (east, north) = gradient(ground_m, x_m, y_m)?;
    let steep = (east * east + north * north).sqrt();
    let ground_deg = libm::atan(steep).to_degrees();
    if ground_deg < 5.0 {
        return None;
    }
    let grid = &ground_m.grid;
    let at = |x: f64, y: f64| grid.cell_at(x, y).map(|c| ground_m.values[c]).filter(|z| z.is_finite());
    let d = grid.cell_m;
    let here = at(x_m, y_m)?;
    let around = [(-d, 0.0), (d, 0.0), (0.0, -d), (0.0, d), (0.0, 0.0)]
        .into_iter()
        .filter_map(|(dx, dy)| at(x_m + dx, y_m + dy));
    let crest = around.fold(here + height_m.unwrap_or(0.0), f64::max);
    let downhill_deg = libm::atan2(-east, -north).to_degrees().rem_euclid(360.0);
    let tangent = reach_tangent(volume_m3);
    let step = (d / 4.0).max(1.0);
    let rays = (2.0 * HALF_FAN_DEG / RAY_DEG) as i32;
    let mut outline = vec![(x_m, y_m)];
    let mut reach_m: f64 = 0.0;
    for k in 0..=rays {
        let azimuth = (downhill_deg - HALF_FAN_DEG + f64::from(k) * RAY_DEG).to_radians();
        let (ux, uy) = (libm::sin(azimuth), libm::cos(azimuth));
        let mut length: f64 = 0.0;
        while length < LONGEST_M {
            let next = length + step;
            match at(x_m + ux * next, y_m + uy * next) {
                Some(z) if z <= crest - tangent * next => length = next,
                _ => break,
            }
        }
        reach_m = reach_m.max(length);
        outline.push((x_m + ux * length, y_m + uy * length));
    }
    if reach_m < d {
        return None;
    }
    outline.push((x_m, y_m));
    Some(RunOut { area: Polygon::new(LineString::from(outline), Vec::new()), reach_m, downhill_deg, ground_deg })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use dayu_terrain::GridSpec;
    use geo::{Area, Contains, Point};

    /// Ground falling east at 45° from x = 100 to x = 140, flat beyond: a slope 40 m high.
    fn ground() -> Raster<f64> {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 100, ny: 60 };
        let z = |x: f64| (140.0 - x).clamp(0.0, 40.0);
        Raster { grid, values: (0..grid.len()).map(|c| z(grid.centre(c).0)).collect() }
    }

    #[test]
    fn the_fan_reaches_as_far_as_the_angle_tells() {
        let r = run_out(&ground(), 107.0, 150.0, None, USUAL_VOLUME_M3).unwrap();
        assert!((r.downhill_deg - 90.0).abs() < 1e-9 && (r.ground_deg - 45.0).abs() < 1.0);
        // Crest some 37.5 m over the flat at the place's western neighbour, tan of the reach angle 0.5: about 75 m.
        assert!((60.0..=80.0).contains(&r.reach_m), "{}", r.reach_m);
        assert!(r.area.contains(&Point::new(160.0, 150.0)) && !r.area.contains(&Point::new(60.0, 150.0)));
        assert!(r.area.unsigned_area() > 1000.0);
        let high = run_out(&ground(), 107.0, 150.0, Some(30.0), USUAL_VOLUME_M3).unwrap();
        assert!(high.reach_m > r.reach_m);
    }

    #[test]
    fn flat_ground_and_edges_claim_nothing() {
        assert_eq!(run_out(&ground(), 300.0, 150.0, None, USUAL_VOLUME_M3), None);
        assert_eq!(run_out(&ground(), 1.0, 1.0, None, USUAL_VOLUME_M3), None);
        assert!((reach_tangent(1000.0) - 0.5).abs() < 0.01 && reach_tangent(1e5) < reach_tangent(1e3));
    }
}
