//! Finding fit places for constructed objects.

use super::geography::Geography;
use super::geometry::{Point, distance, tenth, to_ring};
use super::people::Block;
use super::random::Random;
use super::regions::{Region, cell_of};
use super::relief::{Relief, pixel};

/// What the registers need to know of the district.
pub struct District<'a> {
    /// shapes
    pub geography: &'a Geography,
    /// surface
    pub relief: &'a Relief,
    /// classes
    pub cover: &'a [u8],
    /// tree
    pub regions: &'a [Region],
    /// population
    pub blocks: &'a [Block],
    /// index into `regions` of the 网格 of every counting cell
    grid_of_cell: Vec<u32>,
    /// bottom of every dip
    dips: Vec<Point>,
    cell_level: Vec<f64>,
}

impl<'a> District<'a> {
    /// Prepares the look-ups.
    pub fn new(
        geography: &'a Geography,
        relief: &'a Relief,
        cover: &'a [u8],
        regions: &'a [Region],
        blocks: &'a [Block],
    ) -> Self {
        let mut grid_of_cell = vec![u32::MAX; super::regions::CELLS.0 * super::regions::CELLS.1];
        for (i, r) in regions.iter().enumerate().filter(|(_, r)| r.level == "grid") {
            for &c in &r.cells {
                grid_of_cell[c as usize] = i as u32;
            }
        }
        let cell_level = (0..grid_of_cell.len())
            .map(|c| relief.cell_mean(super::regions::cell_centre(c)).unwrap_or(f64::NAN))
            .collect();
        let dips = relief.points.iter().chain(&relief.underpasses).copied().collect();
        Self { geography, relief, cover, regions, blocks, grid_of_cell, dips, cell_level }
    }
    /// The 网格 of a place.
    pub fn grid(&self, p: Point) -> Option<&'a Region> {
        cell_of(p).map(|c| self.grid_of_cell[c]).filter(|&g| g != u32::MAX).map(|g| &self.regions[g as usize])
    }
    /// Distance to the district's outline, m (negative outside).
    pub fn edge(&self, p: Point) -> f64 {
        -to_ring(p, &self.geography.outline)
    }
    /// Class at a place.
    pub fn class(&self, p: Point) -> u8 {
        pixel(p).map_or(0, |k| self.cover[k])
    }
    /// Height of hills at a place, m.
    pub fn hill(&self, p: Point) -> f64 {
        pixel(p).map_or(0.0, |k| self.relief.hill[k])
    }
    /// Distance to the nearest bank, m (negative in water).
    pub fn bank(&self, p: Point) -> f64 {
        pixel(p).map_or(f64::INFINITY, |k| if self.relief.water[k] >= 0 { -1.0 } else { self.relief.bank[k] })
    }
    /// Distance to the nearest dip, m.
    pub fn dip(&self, p: Point) -> f64 {
        self.dips.iter().map(|&d| distance(d, p)).fold(f64::INFINITY, f64::min)
    }
    /// Hill pixels that drain through a place or within 50 m of it, at most.
    pub fn upstream(&self, p: Point) -> u32 {
        let mut most = 0;
        for b in -5..=5 {
            for a in -5..=5 {
                if let Some(k) = pixel((p.0 + f64::from(a) * 10.0, p.1 + f64::from(b) * 10.0)) {
                    most = most.max(self.relief.upstream[k]);
                }
            }
        }
        most
    }
    /// How far the computational cell lies above the lowest cell round it, m: 0 = a hole, larger = safer.
    pub fn above_neighbours(&self, p: Point) -> f64 {
        let Some(c) = cell_of(p) else { return 0.0 };
        let (w, h) = super::regions::CELLS;
        let (i, j) = (c % w, c / w);
        if i < 2 || j < 2 || i + 2 >= w || j + 2 >= h {
            return 0.0;
        }
        let mut low = f64::INFINITY;
        for b in j - 1..=j + 1 {
            for a in i - 1..=i + 1 {
                let v = self.cell_level[b * w + a];
                if v.is_finite() && (a, b) != (i, j) {
                    low = low.min(v);
                }
            }
        }
        self.cell_level[c] - low
    }
    /// Draws places near residents until one fits and is apart from the others.
    pub fn near_people(
        &self,
        random: &mut Random,
        apart: f64,
        taken: &[Point],
        reach: f64,
        fits: impl Fn(&Self, Point) -> bool,
    ) -> Option<Point> {
        for relax in [1.0, 0.6, 0.3] {
            for _ in 0..4000 {
                let b = &self.blocks[random.whole(0, self.blocks.len() as u64 - 1) as usize];
                let p = (tenth(b.at.0 + random.between(-reach, reach)), tenth(b.at.1 + random.between(-reach, reach)));
                if self.grid(p).is_some()
                    && self.edge(p) > 25.0
                    && fits(self, p)
                    && taken.iter().all(|&t| distance(t, p) > apart * relax)
                {
                    return Some(p);
                }
            }
        }
        None
    }
    /// Draws places anywhere in the district until one fits.
    pub fn anywhere(
        &self,
        random: &mut Random,
        apart: f64,
        taken: &[Point],
        fits: impl Fn(&Self, Point) -> bool,
    ) -> Option<Point> {
        let root = self.regions.first()?;
        for relax in [1.0, 0.6, 0.3] {
            for _ in 0..30_000 {
                let c = root.cells[random.whole(0, root.cells.len() as u64 - 1) as usize] as usize;
                let m = super::regions::cell_centre(c);
                let p = (tenth(m.0 + random.between(-19.0, 19.0)), tenth(m.1 + random.between(-19.0, 19.0)));
                if self.grid(p).is_some()
                    && self.edge(p) > 25.0
                    && fits(self, p)
                    && taken.iter().all(|&t| distance(t, p) > apart * relax)
                {
                    return Some(p);
                }
            }
        }
        None
    }
}

/// An object that others refer to: duties, households.
#[derive(Clone)]
pub struct Object {
    /// id
    pub id: String,
    /// layer
    pub layer: &'static str,
    /// code of its 网格
    pub region: String,
    /// people it endangers or holds, when they are registered
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// households
    pub households: u64,
}
