//! Terrain at 10 m: plains that fall to held water, hills as flanks of ridges, everything drained (priority flood), then the dips.

use super::geodesy::gauss_krueger;
use super::geography::{Geography, LAKE_M};
use super::geometry::{Point, distance, inside, to_ring, to_segment};
use super::places::{Feed, POINTS, PointSite};
use super::random::noise;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// West and south side of the grid, m.
pub const ORIGIN: Point = (501_600.0, 3_328_400.0);
/// Columns and rows of 10 m.
pub const SIZE: (usize, usize) = (1520, 3080);
/// Pixel, m.
pub const PIXEL: f64 = 10.0;

/// Centre of a pixel, m.
pub fn centre(k: usize) -> Point {
    (ORIGIN.0 + ((k % SIZE.0) as f64 + 0.5) * PIXEL, ORIGIN.1 + ((k / SIZE.0) as f64 + 0.5) * PIXEL)
}

/// Pixel of a point.
pub fn pixel(p: Point) -> Option<usize> {
    let (i, j) = (((p.0 - ORIGIN.0) / PIXEL).floor(), ((p.1 - ORIGIN.1) / PIXEL).floor());
    (i >= 0.0 && j >= 0.0 && i < SIZE.0 as f64 && j < SIZE.1 as f64).then(|| j as usize * SIZE.0 + i as usize)
}

/// The finished surface, south row first.
pub struct Relief {
    /// height, m; NaN outside the outline and its margin
    pub z: Vec<f64>,
    /// height of hills above the plain, m
    pub hill: Vec<f64>,
    /// water body, −1 = land
    pub water: Vec<i16>,
    /// distance to the nearest bank, m
    pub bank: Vec<f64>,
    /// inside the outline
    pub inside: Vec<bool>,
    /// hill pixels that drain through here
    pub upstream: Vec<u32>,
    /// where the points were laid, in the order of `POINTS`
    pub points: Vec<Point>,
    /// where the underpasses were laid
    pub underpasses: Vec<Point>,
}

/// Where the dips of underpasses are wanted.
pub const UNDERPASSES: &[(f64, f64)] = &[
    (120.0900, 30.2670),
    (120.1180, 30.2720),
    (120.1000, 30.2935),
    (120.0870, 30.3120),
    (120.0700, 30.3080),
    (120.0550, 30.2890),
    (120.1330, 30.2870),
    (120.1000, 30.1580),
    (120.0860, 30.1400),
    (120.0620, 30.1420),
];

/// Plain and hill height of one place; `(z, hill above plain)`.
fn surface(geography: &Geography, p: Point, lake: f64, river: f64, north: f64, south: f64) -> (f64, f64) {
    let rise = |level: f64, d: f64| {
        let d = d.max(0.0);
        level + 1.25 + 0.0017 * d.min(1600.0) + 0.012 * (d - 1600.0).max(0.0)
    };
    let basin = rise(super::geography::NORTH_M, north).min(rise(super::geography::SOUTH_M, south));
    let shore = LAKE_M + 0.9;
    let plain = basin.min(shore + 0.004 * lake.max(0.0)).max(shore - 0.004 * (lake - 80.0).max(0.0));
    let dyke = 9.4 - 0.06 * (river - 45.0).max(0.0);
    let mut flank = 0.0f64;
    for (r, (line, width)) in geography.ridges.iter().enumerate() {
        let mut along = 0.0;
        for w in line.windows(2) {
            let (a, b) = ((w[0].0, w[0].1), (w[1].0, w[1].1));
            let length = distance(a, b);
            let (d, t, side) = to_segment(p, a, b);
            if d < width * 1.45 {
                let s = (along + t * length) / 420.0;
                let spur = noise(100 + r as u64, s, side * 7.5 + d / 2400.0);
                let w_here = width * (0.62 + 0.78 * spur);
                let u = (d / w_here).min(1.0);
                let top = w[0].2 + (w[1].2 - w[0].2) * t - plain;
                let g = (1.0 - u) * (1.0 - u) * (1.0 + 0.6 * u);
                flank = flank.max(top.max(0.0) * g);
            }
            along += length;
        }
    }
    if flank > 0.0 {
        let rough = noise(7, p.0 / 260.0, p.1 / 260.0) * 0.7 + noise(8, p.0 / 110.0, p.1 / 110.0) * 0.3;
        let damp = (flank / 60.0).min(1.0) * (1.0 - (flank / 420.0).min(1.0));
        flank += damp * 22.0 * (rough - 0.5);
    }
    let land = (plain + flank.max(0.0)).max(if river > 0.0 { dyke } else { f64::NEG_INFINITY });
    (land, flank.max(0.0))
}

const NEAR: [(i64, i64); 8] = [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)];

fn neighbours(k: usize, size: (usize, usize), count: usize) -> impl Iterator<Item = usize> {
    let (i, j) = ((k % size.0) as i64, (k / size.0) as i64);
    NEAR.into_iter().take(count).filter_map(move |(di, dj)| {
        let (a, b) = (i + di, j + dj);
        (a >= 0 && b >= 0 && a < size.0 as i64 && b < size.1 as i64).then_some((b * size.0 as i64 + a) as usize)
    })
}

/// Priority flood (Barnes, Lehman, Mulla 2014) over `active` places from the `held` ones, through sides only, with a least rise:
/// no place keeps water that it could pass on. Returns the receiver of each place and the order of visits.
fn drain(z: &mut [f64], size: (usize, usize), active: &[bool], held: &[bool], rise: f64) -> (Vec<u32>, Vec<u32>) {
    let key = |v: f64| (v * 1000.0).round() as i64;
    let mut heap = BinaryHeap::new();
    let mut seen = vec![false; z.len()];
    let mut to = vec![u32::MAX; z.len()];
    let mut order = Vec::with_capacity(z.len());
    for k in 0..z.len() {
        if held[k] && active[k] {
            heap.push(Reverse((key(z[k]), k)));
            seen[k] = true;
        }
    }
    while let Some(Reverse((_, k))) = heap.pop() {
        order.push(k as u32);
        for n in neighbours(k, size, 4) {
            if !seen[n] && active[n] {
                seen[n] = true;
                z[n] = z[n].max(z[k] + rise);
                to[n] = k as u32;
                heap.push(Reverse((key(z[n]), n)));
            }
        }
    }
    (to, order)
}

/// The 40 m cell of a pixel.
fn cell(k: usize) -> usize {
    k / SIZE.0 / 4 * (SIZE.0 / 4) + k % SIZE.0 / 4
}

/// The nearest good place for a bowl: plain, dry, off the water and the edge, and with as little hill behind it as can be had.
fn settle(r: &Relief, geography: &Geography, want: Point, taken: &[Point]) -> Point {
    let mut best = (f64::INFINITY, want);
    for ring in 0..16 {
        let n = if ring == 0 { 1 } else { 6 * ring };
        for k in 0..n {
            let a = 2.0 * std::f64::consts::PI * f64::from(k) / f64::from(n);
            let p = (want.0 + f64::from(ring) * 50.0 * libm::cos(a), want.1 + f64::from(ring) * 50.0 * libm::sin(a));
            let Some(c) = pixel(p) else { continue };
            let edge = to_ring(p, &geography.outline);
            let other = taken.iter().map(|&t| distance(t, p)).fold(f64::INFINITY, f64::min);
            if !r.inside[c] || r.bank[c] < 240.0 || edge > -260.0 || other < 520.0 || r.hill[c] > 0.5 {
                continue;
            }
            let mut behind = 0.0f64;
            let mut steep = 0.0f64;
            for q in 0..16 {
                let b = std::f64::consts::PI / 8.0 * f64::from(q);
                for rad in [80.0, 160.0, 230.0] {
                    if let Some(m) = pixel((p.0 + rad * libm::cos(b), p.1 + rad * libm::sin(b))) {
                        behind = behind.max(f64::from(r.upstream[m]));
                        steep = steep.max(r.hill[m]);
                    }
                }
            }
            let score = f64::from(ring) * 50.0 + behind * 2.0 + steep * 60.0;
            if score < best.0 {
                best = (score, p);
            }
        }
    }
    best.1
}

/// Lowers the ground round a place: a funnel of radius `outer` and a dip of radius `inner`, closed by `depth` below the lowest rim.
fn bowl(r: &mut Relief, at: Point, outer: f64, funnel: f64, inner: f64, dip: f64) {
    let mut rim = f64::INFINITY;
    for q in 0..72 {
        let a = std::f64::consts::PI / 36.0 * f64::from(q);
        if let Some(k) = pixel((at.0 + outer * libm::cos(a), at.1 + outer * libm::sin(a))) {
            rim = rim.min(r.z[k]);
        }
    }
    let reach = (outer / PIXEL).ceil() as i64 + 1;
    let (ci, cj) = (((at.0 - ORIGIN.0) / PIXEL).floor() as i64, ((at.1 - ORIGIN.1) / PIXEL).floor() as i64);
    for dj in -reach..=reach {
        for di in -reach..=reach {
            let (i, j) = (ci + di, cj + dj);
            if i < 0 || j < 0 || i >= SIZE.0 as i64 || j >= SIZE.1 as i64 {
                continue;
            }
            let k = j as usize * SIZE.0 + i as usize;
            let d = distance(centre(k), at);
            if d < outer && r.water[k] < 0 {
                let f = funnel * (1.0 - d / outer);
                let u = (d / inner).min(1.0);
                r.z[k] = r.z[k].min(rim - f - dip * (1.0 - u * u * u * u));
            }
        }
    }
}

/// Cuts a V into the hills that leads to a point.
fn hollow(z: &mut [f64], water: &[i16], site: &PointSite) {
    let (Some(head), at) = (site.head, gauss_krueger(site.at.0, site.at.1)) else { return };
    let head = gauss_krueger(head.0, head.1);
    let length = distance(at, head);
    let Some(foot) = pixel(at).map(|k| z[k]) else { return };
    for (k, v) in z.iter_mut().enumerate() {
        let p = centre(k);
        let (d, t, _) = to_segment(p, at, head);
        if water[k] < 0 && d < 420.0 && v.is_finite() {
            let s = t * length;
            let floor = foot + 0.012 * s + 0.00004 * s * s + 0.16 * (d - 25.0).max(0.0);
            *v = v.min(floor);
        }
    }
}

impl Relief {
    /// Builds the surface.
    pub fn build(geography: &Geography) -> Self {
        let n = SIZE.0 * SIZE.1;
        let mut r = Self {
            z: vec![f64::NAN; n],
            hill: vec![0.0; n],
            water: vec![-1; n],
            bank: vec![f64::INFINITY; n],
            inside: vec![false; n],
            upstream: vec![0; n],
            points: Vec::new(),
            underpasses: Vec::new(),
        };
        for k in 0..n {
            let p = centre(k);
            r.inside[k] = inside(p, &geography.outline);
            if !r.inside[k] && to_ring(p, &geography.outline) > 60.0 {
                continue;
            }
            let (mut north, mut south) = (f64::INFINITY, f64::INFINITY);
            let (mut lake, mut river) = (f64::INFINITY, f64::INFINITY);
            for (w, body) in geography.waters.iter().enumerate() {
                let d = body.distance(p);
                if d <= 0.0 {
                    r.water[k] = w as i16;
                }
                r.bank[k] = r.bank[k].min(d);
                match w {
                    0 => river = d,
                    1 => lake = d,
                    _ if body.level_m < 3.5 => north = north.min(d),
                    _ => south = south.min(d),
                }
            }
            let w = r.water[k];
            if w >= 0 {
                // The bed under held water is nominal: half a metre, so that it does not dictate the time step.
                r.z[k] = geography.waters[w as usize].level_m - 0.5;
            } else {
                (r.z[k], r.hill[k]) = surface(geography, p, lake, river, north, south);
            }
        }
        for site in POINTS.iter().filter(|s| s.feed == Feed::Hills) {
            hollow(&mut r.z, &r.water, site);
        }
        r.drained(geography);
        r.dips(geography);
        r.summits(geography);
        for v in &mut r.z {
            if v.is_finite() {
                *v = (*v * 20.0).round() / 20.0;
            }
        }
        r
    }

    /// Lets everything run to the held water, on the pixels and again on the means of the 40 m cells that are computed with
    /// (a valley that crosses the cells askew would otherwise be a string of pools).
    fn drained(&mut self, geography: &Geography) {
        let cells = (SIZE.0 / 4, SIZE.1 / 4);
        let middle =
            |c: usize| (ORIGIN.0 + ((c % cells.0) as f64 + 0.5) * 40.0, ORIGIN.1 + ((c / cells.0) as f64 + 0.5) * 40.0);
        let n = cells.0 * cells.1;
        let active: Vec<bool> = (0..n).map(|c| inside(middle(c), &geography.outline)).collect();
        let held: Vec<bool> =
            (0..n).map(|c| active[c] && geography.waters.iter().any(|w| w.distance(middle(c)) <= 0.0)).collect();
        let pixels = self.z.len();
        let active_pixel: Vec<bool> = (0..pixels).map(|k| active[cell(k)] && self.z[k].is_finite()).collect();
        let held_pixel: Vec<bool> = (0..pixels).map(|k| held[cell(k)] && self.water[k] >= 0).collect();
        let (to, order) = drain(&mut self.z, SIZE, &active_pixel, &held_pixel, 0.003);
        for &k in order.iter().rev() {
            let k = k as usize;
            self.upstream[k] += u32::from(self.hill[k] > 8.0);
            if to[k] != u32::MAX {
                self.upstream[to[k] as usize] += self.upstream[k];
            }
        }
        let (mut sum, mut count) = (vec![0.0; n], vec![0.0; n]);
        for k in 0..pixels {
            if self.z[k].is_finite() {
                sum[cell(k)] += self.z[k];
                count[cell(k)] += 1.0;
            }
        }
        let mean: Vec<f64> = (0..n).map(|c| if count[c] > 0.0 { sum[c] / count[c] } else { f64::NAN }).collect();
        let mut level = mean.clone();
        drain(&mut level, cells, &active, &held, 0.006);
        for k in 0..pixels {
            let c = cell(k);
            if active[c] && level[c] > mean[c] {
                self.z[k] += level[c] - mean[c];
            }
        }
    }

    fn dips(&mut self, geography: &Geography) {
        let mut taken: Vec<Point> = Vec::new();
        for site in POINTS {
            let want = gauss_krueger(site.at.0, site.at.1);
            let at = if site.feed == Feed::Hills { want } else { settle(self, geography, want, &taken) };
            taken.push(at);
        }
        self.points.clone_from(&taken);
        for &(lon, lat) in UNDERPASSES {
            let at = settle(self, geography, gauss_krueger(lon, lat), &taken);
            taken.push(at);
            self.underpasses.push(at);
        }
        for (i, at) in taken.iter().enumerate() {
            match POINTS.get(i).map(|s| s.feed) {
                Some(Feed::Hills) => bowl(self, *at, 150.0, 0.25, 85.0, 0.75),
                Some(Feed::Rain) => bowl(self, *at, 210.0, 0.45, 72.0, 0.50),
                Some(Feed::Shallow) => bowl(self, *at, 120.0, 0.04, 60.0, 0.09),
                None => bowl(self, *at, 110.0, 0.30, 50.0, 0.75),
            }
        }
    }

    /// Sets the named summits to their printed heights exactly.
    fn summits(&mut self, geography: &Geography) {
        for (line, _) in &geography.ridges {
            for &(x, y, h) in line {
                let Some(k) = pixel((x, y)) else { continue };
                if !self.z[k].is_finite() {
                    continue;
                }
                for n in neighbours(k, SIZE, 8).chain([k]).collect::<Vec<_>>() {
                    self.z[n] = if n == k { h } else { self.z[n].min(h - 0.5).max(h - 3.0) };
                }
            }
        }
    }

    /// Height of a place; `None` off the grid.
    pub fn at(&self, p: Point) -> Option<f64> {
        pixel(p).map(|k| self.z[k]).filter(|z| z.is_finite())
    }
    /// Mean height of the 40 m cell round a place (the computational cell sees no more).
    pub fn cell_mean(&self, p: Point) -> Option<f64> {
        let (i, j) = (((p.0 - ORIGIN.0) / 40.0).floor(), ((p.1 - ORIGIN.1) / 40.0).floor());
        let (mut sum, mut n) = (0.0, 0.0);
        for b in 0..4 {
            for a in 0..4 {
                let q =
                    (ORIGIN.0 + i * 40.0 + f64::from(a) * 10.0 + 5.0, ORIGIN.1 + j * 40.0 + f64::from(b) * 10.0 + 5.0);
                if let Some(z) = self.at(q) {
                    sum += z;
                    n += 1.0;
                }
            }
        }
        (n > 0.0).then(|| sum / n)
    }
}
