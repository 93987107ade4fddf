//! Land cover at 10 m and the table of its parameters.

use super::geodesy::gauss_krueger;
use super::geography::WETLAND;
use super::geometry::{Point, distance, to_segment};
use super::places::{Feed, POINTS, TOWNS};
use super::random::noise;
use super::relief::{Relief, SIZE, centre, pixel};

/// Class codes of `landcover.tif`.
pub const FOREST: u8 = 1;
/// tea and fields
pub const FIELD: u8 = 2;
/// wetland
pub const WET: u8 = 3;
/// built-up
pub const BUILT: u8 = 4;
/// road
pub const ROAD: u8 = 5;
/// water
pub const WATER: u8 = 6;
/// green land
pub const GREEN: u8 = 7;

/// `landcover.csv`. Roughness: usual overland values (Engman 1986, class means); infiltration: saturated soil after days of rain;
/// drains: about the 2-year hour of Hangzhou, taken by the program, not by any drainage plan.
pub const TABLE: &str = "\
code,name,roughness,infiltration_mm_h,drain_capacity_mm_h,basis
1,林地,0.12,4.0,0,系统假定
2,茶园农田,0.06,10.0,0,系统假定
3,湿地,0.05,2.0,0,系统假定
4,建成区,0.035,2.0,36.0,系统假定（约2年一遇1小时）
5,道路,0.02,0.0,40.0,系统假定（约2年一遇1小时）
6,水域,0.03,0.0,0,系统假定
7,绿地,0.06,12.0,0,系统假定
";

/// Town (index into `TOWNS`) whose centre is nearest.
pub fn nearest_town(p: Point) -> usize {
    let mut best = (f64::INFINITY, 0);
    for (i, t) in TOWNS.iter().enumerate() {
        let d = distance(p, gauss_krueger(t.2.0, t.2.1));
        if d < best.0 {
            best = (d, i);
        }
    }
    best.1
}

/// Classes of all pixels, 0 outside. Roads are burnt in later.
pub fn classify(relief: &Relief) -> Vec<u8> {
    let centres: Vec<Point> = TOWNS.iter().map(|t| gauss_krueger(t.2.0, t.2.1)).collect();
    let wet_at = gauss_krueger(WETLAND.0.0, WETLAND.0.1);
    let dips: Vec<(Point, f64)> = relief
        .points
        .iter()
        .zip(POINTS)
        .map(|(&p, s)| (p, if s.feed == Feed::Hills { 110.0 } else { 260.0 }))
        .chain(relief.underpasses.iter().map(|&p| (p, 180.0)))
        .collect();
    let hollows: Vec<(Point, Point)> =
        relief.points.iter().zip(POINTS).filter_map(|(&p, s)| s.head.map(|h| (p, gauss_krueger(h.0, h.1)))).collect();
    (0..SIZE.0 * SIZE.1)
        .map(|k| {
            if !relief.z[k].is_finite() {
                return 0;
            }
            if relief.water[k] >= 0 {
                return WATER;
            }
            let p = centre(k);
            let hill = relief.hill[k];
            if hill > 14.0 {
                return FOREST;
            }
            if hill < 9.0 && dips.iter().any(|(c, r)| distance(p, *c) < *r) {
                return BUILT;
            }
            // Wooded hollows above the points that hill water reaches.
            if hollows.iter().any(|(a, b)| to_segment(p, *a, *b).0 < 260.0) {
                return FOREST;
            }
            let wet = distance(p, wet_at) + 500.0 * (noise(31, p.0 / 500.0, p.1 / 500.0) - 0.5);
            if wet < WETLAND.1 && hill < 2.0 {
                return WET;
            }
            let mut near = (f64::INFINITY, 0);
            for (i, c) in centres.iter().enumerate() {
                let d = distance(p, *c);
                if d < near.0 {
                    near = (d, i);
                }
            }
            let share = TOWNS[near.1].4;
            let core = (1.0 - near.0 / 2600.0).max(0.0) * 0.35;
            let patch = noise(32, p.0 / 330.0, p.1 / 330.0) * 0.65 + noise(33, p.0 / 120.0, p.1 / 120.0) * 0.35;
            // Noise of this kind is bell-shaped round 0.5: stretch it so that `share` is nearly the share of built-up land.
            let stretched = (patch - 0.5) * 1.9 + 0.5;
            if hill < 6.0 && stretched < share + core && relief.bank[k] > 15.0 {
                BUILT
            } else if share > 0.8 && hill < 6.0 {
                GREEN
            } else {
                FIELD
            }
        })
        .collect()
}

/// Burns roads of a given half-width into the classes (not over water and tunnels).
pub fn burn(cover: &mut [u8], line: &[Point], half: f64) {
    for w in line.windows(2) {
        let steps = (distance(w[0], w[1]) / 4.0).ceil().max(1.0);
        for s in 0..=steps as usize {
            let t = s as f64 / steps;
            let p = (w[0].0 + (w[1].0 - w[0].0) * t, w[0].1 + (w[1].1 - w[0].1) * t);
            let across = (half / 5.0).ceil() as i64;
            for a in -across..=across {
                for b in -across..=across {
                    let q = (p.0 + a as f64 * 5.0, p.1 + b as f64 * 5.0);
                    if distance(p, q) <= half
                        && let Some(k) = pixel(q)
                        && cover[k] != 0
                        && cover[k] != WATER
                    {
                        cover[k] = ROAD;
                    }
                }
            }
        }
    }
}
