//! The tree 区–镇街–战区–村社–网格: outlines by recursive halving of the schematic outline, more where people live.

use super::cover::{BUILT, FIELD, FOREST, GREEN, ROAD, WATER, nearest_town};
use super::geodesy::gauss_krueger;
use super::geography::Geography;
use super::geometry::{Point, distance, polygon, tidy};
use super::places::TOWNS;
use super::random::Random;
use super::relief::{ORIGIN, Relief, SIZE};
use geo::{BooleanOps, MultiPolygon};

/// Side of the counting cells, m (the computational cell).
pub const CELL: f64 = 40.0;
/// Columns and rows of counting cells.
pub const CELLS: (usize, usize) = (SIZE.0 / 4, SIZE.1 / 4);

/// One region.
#[derive(Clone)]
pub struct Region {
    /// unique code
    pub code: String,
    /// parent; empty for the root
    pub parent: String,
    /// district | town | zone | village | grid
    pub level: &'static str,
    /// name
    pub name: String,
    /// outline
    pub shape: MultiPolygon<f64>,
    /// counting cells inside
    pub cells: Vec<u32>,
    /// residents, filled in by the population
    pub people: u64,
    /// households
    pub households: u64,
    /// index of the 镇街
    pub town: usize,
}

/// Centre of a counting cell.
pub fn cell_centre(c: usize) -> Point {
    (ORIGIN.0 + ((c % CELLS.0) as f64 + 0.5) * CELL, ORIGIN.1 + ((c / CELLS.0) as f64 + 0.5) * CELL)
}

/// Counting cell of a point.
pub fn cell_of(p: Point) -> Option<usize> {
    let (i, j) = (((p.0 - ORIGIN.0) / CELL).floor(), ((p.1 - ORIGIN.1) / CELL).floor());
    (i >= 0.0 && j >= 0.0 && i < CELLS.0 as f64 && j < CELLS.1 as f64).then(|| j as usize * CELLS.0 + i as usize)
}

/// Where people live: relative residents per counting cell (0 outside).
pub fn weights(relief: &Relief, cover: &[u8]) -> Vec<f64> {
    (0..CELLS.0 * CELLS.1)
        .map(|c| {
            let (ci, cj) = (c % CELLS.0, c / CELLS.0);
            let p = cell_centre(c);
            let town = TOWNS[nearest_town(p)].3;
            let mut sum = 0.0;
            for b in 0..4 {
                for a in 0..4 {
                    let k = (cj * 4 + b) * SIZE.0 + ci * 4 + a;
                    if relief.inside[k] {
                        sum += match cover[k] {
                            BUILT => town,
                            ROAD => 0.0,
                            FIELD => 0.02 * town,
                            _ => 0.0,
                        };
                    }
                }
            }
            sum
        })
        .collect()
}

fn area_weight(relief: &Relief, cover: &[u8], c: usize) -> f64 {
    let k = (c / CELLS.0 * 4 + 2) * SIZE.0 + c % CELLS.0 * 4 + 2;
    match (relief.inside[k], cover[k]) {
        (false, _) => 0.0,
        (_, BUILT | ROAD | GREEN) => 0.9,
        (_, FIELD) => 0.55,
        (_, FOREST) => 0.22,
        (_, WATER) => 0.06,
        _ => 0.25,
    }
}

/// Half-plane `n · p ≤ d` as a large polygon.
fn half_plane(n: Point, d: f64, keep_low: bool) -> MultiPolygon<f64> {
    let big = 80_000.0;
    let mid = (ORIGIN.0 + 7_600.0, ORIGIN.1 + 15_400.0);
    let off = d - (n.0 * mid.0 + n.1 * mid.1);
    let at = (mid.0 + n.0 * off, mid.1 + n.1 * off);
    let t = (-n.1, n.0);
    let s = if keep_low { -big } else { big };
    let q = |a: f64, b: f64| (at.0 + t.0 * a + n.0 * b, at.1 + t.1 * a + n.1 * b);
    MultiPolygon::new(vec![polygon(&[q(-big, 0.0), q(big, 0.0), q(big, s), q(-big, s)])])
}

struct Part {
    shape: MultiPolygon<f64>,
    cells: Vec<u32>,
}

/// Cuts a part into `n` of about equal weight by straight lines across its longest direction, a little turned.
fn split(part: Part, n: usize, weight: &[f64], random: &mut Random, out: &mut Vec<Part>) {
    if n <= 1 {
        out.push(part);
        return;
    }
    let total: f64 = part.cells.iter().map(|&c| weight[c as usize]).sum();
    let (mut mx, mut my) = (0.0, 0.0);
    for &c in &part.cells {
        let p = cell_centre(c as usize);
        mx += p.0 * weight[c as usize] / total;
        my += p.1 * weight[c as usize] / total;
    }
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for &c in &part.cells {
        let p = cell_centre(c as usize);
        let (dx, dy) = (p.0 - mx, p.1 - my);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    let angle = 0.5 * libm::atan2(2.0 * xy, xx - yy) + random.between(-0.35, 0.35);
    let n_hat = (libm::cos(angle), libm::sin(angle));
    let low = n / 2;
    let mut along: Vec<(f64, u32)> = part
        .cells
        .iter()
        .map(|&c| {
            let p = cell_centre(c as usize);
            (p.0 * n_hat.0 + p.1 * n_hat.1, c)
        })
        .collect();
    along.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let goal = total * low as f64 / n as f64;
    let mut sum = 0.0;
    let mut cut = 1;
    for (i, (_, c)) in along.iter().enumerate() {
        sum += weight[*c as usize];
        if sum >= goal {
            cut = i + 1;
            break;
        }
    }
    cut = cut.clamp(low, along.len() - (n - low));
    let d = (along[cut - 1].0 + along[cut].0) / 2.0;
    let lower = Part {
        shape: part.shape.intersection(&half_plane(n_hat, d, true)),
        cells: along[..cut].iter().map(|a| a.1).collect(),
    };
    let upper = Part {
        shape: part.shape.intersection(&half_plane(n_hat, d, false)),
        cells: along[cut..].iter().map(|a| a.1).collect(),
    };
    split(lower, low, weight, random, out);
    split(upper, n - low, weight, random, out);
}

/// Shares a whole number among weights, at least `least` each (largest remainder).
pub fn share(total: usize, weight: &[f64], least: usize) -> Vec<usize> {
    let sum: f64 = weight.iter().sum();
    let free = total.saturating_sub(least * weight.len());
    let exact: Vec<f64> = weight.iter().map(|w| if sum > 0.0 { w / sum * free as f64 } else { 0.0 }).collect();
    let mut out: Vec<usize> = exact.iter().map(|e| least + e.floor() as usize).collect();
    let mut rest: Vec<usize> = (0..weight.len()).collect();
    rest.sort_by(|&a, &b| (exact[b] - exact[b].floor()).total_cmp(&(exact[a] - exact[a].floor())).then(a.cmp(&b)));
    let missing = total - out.iter().sum::<usize>();
    for &i in rest.iter().cycle().take(missing) {
        out[i] += 1;
    }
    out
}

/// Builds the tree: 1 district, 11 towns, 40 zones, 206 villages, 691 grids, parents before children.
pub fn build(geography: &Geography, relief: &Relief, cover: &[u8], residents: &[f64]) -> Vec<Region> {
    let mut random = Random::named("regions");
    let weight: Vec<f64> = (0..CELLS.0 * CELLS.1)
        .map(|c| if residents[c] > 0.0 { residents[c] } else { 0.0 } + area_weight(relief, cover, c))
        .collect();
    let outline = MultiPolygon::new(vec![polygon(&geography.outline)]);
    let all: Vec<u32> = (0..CELLS.0 * CELLS.1)
        .filter(|&c| super::geometry::inside(cell_centre(c), &geography.outline))
        .map(|c| c as u32)
        .collect();
    let root = Region {
        code: "330106".into(),
        parent: String::new(),
        level: "district",
        name: "西湖区（示意）".into(),
        shape: tidy(&outline),
        cells: all.clone(),
        people: 0,
        households: 0,
        town: 0,
    };
    let centres: Vec<Point> = TOWNS.iter().map(|t| gauss_krueger(t.2.0, t.2.1)).collect();
    let mut towns: Vec<Part> = Vec::new();
    for (i, &a) in centres.iter().enumerate() {
        let mut shape = outline.clone();
        for (j, &b) in centres.iter().enumerate() {
            if i != j {
                let l = distance(a, b);
                let n = ((b.0 - a.0) / l, (b.1 - a.1) / l);
                let mid = ((a.0 + b.0) / 2.0, (a.1 + b.1) / 2.0);
                shape = shape.intersection(&half_plane(n, n.0 * mid.0 + n.1 * mid.1, true));
            }
        }
        towns.push(Part {
            shape,
            cells: all.iter().copied().filter(|&c| nearest_town(cell_centre(c as usize)) == i).collect(),
        });
    }
    let sum = |p: &Part| p.cells.iter().map(|&c| weight[c as usize]).sum::<f64>();
    let town_weight: Vec<f64> = towns.iter().map(sum).collect();
    let zones = share(40, &town_weight, 2);
    let villages = share(206, &town_weight, 8);
    let grids = share(691, &town_weight, 24);
    let mut out = vec![root];
    for (t, part) in towns.into_iter().enumerate() {
        let code = format!("330106{}", TOWNS[t].0);
        out.push(Region {
            code: code.clone(),
            parent: "330106".into(),
            level: "town",
            name: TOWNS[t].1.into(),
            shape: tidy(&part.shape),
            cells: part.cells.clone(),
            people: 0,
            households: 0,
            town: t,
        });
        let short: String = TOWNS[t].1.trim_end_matches("街道").trim_end_matches('镇').into();
        let mut zone_parts = Vec::new();
        split(part, zones[t], &weight, &mut random, &mut zone_parts);
        let per_zone = share(villages[t], &zone_parts.iter().map(sum).collect::<Vec<_>>(), 1);
        let mut done: Vec<(usize, Vec<Part>)> = Vec::new();
        let mut village_weight = Vec::new();
        for (z, zone) in zone_parts.into_iter().enumerate() {
            let zone_code = format!("{code}Z{:02}", z + 1);
            out.push(Region {
                code: zone_code,
                parent: code.clone(),
                level: "zone",
                name: format!("{short}第{}战区（示意）", z + 1),
                shape: tidy(&zone.shape),
                cells: zone.cells.clone(),
                people: 0,
                households: 0,
                town: t,
            });
            let mut parts = Vec::new();
            split(zone, per_zone[z], &weight, &mut random, &mut parts);
            village_weight.extend(parts.iter().map(sum));
            done.push((z, parts));
        }
        let per_village = share(grids[t], &village_weight, 1);
        let mut v = 0;
        for (z, parts) in done {
            for village in parts {
                let village_code = format!("{code}{:03}", v + 1);
                out.push(Region {
                    code: village_code.clone(),
                    parent: format!("{code}Z{:02}", z + 1),
                    level: "village",
                    name: format!("{short}示意村社{:02}", v + 1),
                    shape: tidy(&village.shape),
                    cells: village.cells.clone(),
                    people: 0,
                    households: 0,
                    town: t,
                });
                let mut cut = Vec::new();
                split(village, per_village[v], &weight, &mut random, &mut cut);
                for (g, grid) in cut.into_iter().enumerate() {
                    out.push(Region {
                        code: format!("{village_code}{:02}", g + 1),
                        parent: village_code.clone(),
                        level: "grid",
                        name: format!("{short}示意村社{:02}第{}网格", v + 1, g + 1),
                        shape: tidy(&grid.shape),
                        cells: grid.cells,
                        people: 0,
                        households: 0,
                        town: t,
                    });
                }
                v += 1;
            }
        }
    }
    out
}
