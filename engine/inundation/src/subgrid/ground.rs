//! Ground at pixel scale: every cell is divided into the parts in which water stands at one level.

use crate::subgrid::weir::Crests;
use dayu_terrain::GridSpec;
use rayon::prelude::*;

/// Hollows of a cell that a ridge parts by at least this much above the higher of the two floors keep levels of their own, m. About
/// the accuracy of a terrain model, and a third of the depth at which ground counts as flooded.
const RIDGE_M: f64 = 0.05;

/// No part: a wall.
pub(crate) const NO_PART: u32 = u32::MAX;

/// Not held: the part moves freely.
pub(crate) const FREE: u32 = u32::MAX;

/// Cells made of pixels. The volume–level relation of a part is its own pixels in rising order: exact, monotone, and linear above the
/// highest.
pub(crate) struct Ground {
    /// the terrain's pixels
    pub pixels: GridSpec,
    /// the computational cells; those at the east and north side may be cut off by the extent
    pub cells: GridSpec,
    /// pixels along a side of a cell
    pub side: usize,
    /// part of each pixel; [`NO_PART`] = wall
    pub part_of: Vec<u32>,
    /// lowest bed of each part, m
    pub floor_m: Vec<f64>,
    /// first entry of each part in `rise_m` and `pixel_of`; one more at the end
    pub start: Vec<u32>,
    /// height of the pixels above the part's floor, rising, m
    pub rise_m: Vec<f32>,
    /// pixel of each entry
    pub pixel_of: Vec<u32>,
    /// cell of each part
    pub cell_of: Vec<u32>,
    /// boundary that holds the part, or [`FREE`]
    pub held: Vec<u32>,
}

/// One part of a cell: its pixels from the lowest to the highest, and who holds it.
struct Part {
    pixels: Vec<u32>,
    held: u32,
}

impl Ground {
    /// Divides the cells of `side` × `side` pixels. `held` names the boundary that holds a pixel, or [`FREE`];
    /// crests part pixels as ridges do.
    pub fn new(pixels: GridSpec, side: usize, bed_m: &[f64], held: &[u32], crests: &Crests) -> Self {
        let cells = GridSpec {
            cell_m: pixels.cell_m * side as f64,
            nx: pixels.nx.div_ceil(side),
            ny: pixels.ny.div_ceil(side),
            ..pixels
        };
        let rows: Vec<Vec<(u32, Part)>> = (0..cells.ny)
            .into_par_iter()
            .map(|j| {
                let mut divider = Divider::default();
                let mut row = Vec::new();
                for i in 0..cells.nx {
                    let (x, y) = (i * side, j * side);
                    let size = (side.min(pixels.nx - x), side.min(pixels.ny - y));
                    let at = |k: usize| (y + k / size.0) * pixels.nx + x + k % size.0;
                    let cell = (j * cells.nx + i) as u32;
                    row.extend(divider.divide(size, at, bed_m, held, crests).into_iter().map(|p| (cell, p)));
                }
                row
            })
            .collect();
        let count = rows.iter().flatten().map(|(_, p)| p.pixels.len()).sum();
        let mut ground = Self {
            pixels,
            cells,
            side,
            part_of: vec![NO_PART; pixels.len()],
            floor_m: Vec::new(),
            start: vec![0],
            rise_m: Vec::with_capacity(count),
            pixel_of: Vec::with_capacity(count),
            cell_of: Vec::new(),
            held: Vec::new(),
        };
        for (cell, part) in rows.into_iter().flatten() {
            let number = ground.floor_m.len() as u32;
            let floor = part.pixels.first().map_or(0.0, |&p| bed_m[p as usize]);
            for &pixel in &part.pixels {
                ground.part_of[pixel as usize] = number;
                ground.rise_m.push((bed_m[pixel as usize] - floor) as f32);
            }
            ground.pixel_of.extend(&part.pixels);
            ground.start.push(ground.pixel_of.len() as u32);
            ground.floor_m.push(floor);
            ground.cell_of.push(cell);
            ground.held.push(part.held);
        }
        ground
    }

    pub fn parts(&self) -> usize {
        self.floor_m.len()
    }

    pub fn pixel_area_m2(&self) -> f64 {
        self.pixels.cell_area_m2()
    }

    /// Pixels of a part above its floor, rising, m.
    pub fn rises(&self, part: usize) -> &[f32] {
        &self.rise_m[self.start[part] as usize..self.start[part + 1] as usize]
    }

    /// Water of a part at a level, m³.
    pub fn volume_m3(&self, part: usize, level_m: f64) -> f64 {
        let over = level_m - self.floor_m[part];
        let depths = self.rises(part).iter().map(|&r| over - f64::from(r)).take_while(|d| *d > 0.0);
        depths.sum::<f64>() * self.pixel_area_m2()
    }

    /// Digest of how the pixels are divided: held cells and crests divide them too, so the bed alone does not tell.
    pub fn digest(&self) -> u64 {
        let parts = self.part_of.iter().map(|p| u64::from(*p));
        parts.fold(0xcbf2_9ce4_8422_2325, |h, p| (h ^ p).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(23))
    }

    /// Bytes of the ground's tables.
    pub fn bytes(&self) -> usize {
        self.rise_m.len() * 8 + self.part_of.len() * 4 + self.parts() * 20
    }
}

/// Divides one cell after the other, keeping its working space.
#[derive(Default)]
struct Divider {
    order: Vec<u32>,
    label: Vec<u32>,
    /// per label: label it was merged into, floor
    parent: Vec<u32>,
    floor: Vec<f64>,
}

impl Divider {
    fn root(&self, mut label: u32) -> u32 {
        while self.parent[label as usize] != label {
            label = self.parent[label as usize];
        }
        label
    }

    /// Floods the cell from below: a pixel without a lower neighbour starts a part; where two parts meet they become one unless the
    /// ridge is high.
    fn divide(
        &mut self,
        size: (usize, usize),
        at: impl Fn(usize) -> usize,
        bed_m: &[f64],
        held: &[u32],
        crests: &Crests,
    ) -> Vec<Part> {
        let (m, n) = (size.0, size.0 * size.1);
        self.order.clear();
        self.order.extend((0..n as u32).filter(|&k| !bed_m[at(k as usize)].is_nan()));
        let bed = |k: u32| bed_m[at(k as usize)];
        self.order.sort_by(|&a, &b| bed(a).total_cmp(&bed(b)).then(a.cmp(&b)));
        self.label.clear();
        self.label.resize(n, NO_PART);
        self.parent.clear();
        self.floor.clear();
        // Parts held by one boundary are one, wherever they lie in the cell.
        let mut held_label: Vec<(u32, u32)> = Vec::new();
        for o in 0..self.order.len() {
            let k = self.order[o];
            let (z, holder, kk) = (bed(k), held[at(k as usize)], k as usize);
            if holder != FREE {
                let label = match held_label.iter().find(|(h, _)| *h == holder) {
                    Some(&(_, label)) => label,
                    None => {
                        let label = self.add(z);
                        held_label.push((holder, label));
                        label
                    }
                };
                self.label[kk] = label;
                continue;
            }
            let around = [
                (kk % m > 0).then(|| kk - 1),
                (kk % m + 1 < m).then_some(kk + 1),
                kk.checked_sub(m),
                (kk + m < n).then_some(kk + m),
            ];
            // Lowest neighbour already flooded: that is where the pixel drains to.
            let mut lowest: Option<(f64, u32)> = None;
            let mut met = [(NO_PART, z); 4];
            for ((slot, ridge), p) in met.iter_mut().zip(around) {
                let Some(p) = p else { continue };
                if self.label[p] == NO_PART || held[at(p)] != FREE {
                    continue;
                }
                let crest = crests.between(at(kk), at(p));
                (*slot, *ridge) = (self.root(self.label[p]), z.max(crest));
                let zp = bed_m[at(p)];
                // Over a crest a pixel does not drain.
                if crest - z < RIDGE_M && lowest.is_none_or(|(z, _)| zp < z) {
                    lowest = Some((zp, *slot));
                }
            }
            let Some((_, mut own)) = lowest else {
                self.label[kk] = self.add(z);
                continue;
            };
            self.label[kk] = own;
            for (other, ridge) in met {
                if other == NO_PART {
                    continue;
                }
                let (a, b) = (self.root(own), self.root(other));
                if a != b && ridge - self.floor[a as usize].max(self.floor[b as usize]) < RIDGE_M {
                    let (low, high) = if self.floor[a as usize] <= self.floor[b as usize] { (a, b) } else { (b, a) };
                    self.parent[high as usize] = low;
                    own = low;
                }
            }
        }
        let mut parts: Vec<(u32, Part)> = Vec::new();
        for o in 0..self.order.len() {
            let k = self.order[o] as usize;
            let root = self.root(self.label[k]);
            let pixel = at(k) as u32;
            match parts.iter_mut().find(|(r, _)| *r == root) {
                Some((_, part)) => part.pixels.push(pixel),
                None => parts.push((root, Part { pixels: vec![pixel], held: held[at(k)] })),
            }
        }
        parts.into_iter().map(|(_, p)| p).collect()
    }

    fn add(&mut self, floor: f64) -> u32 {
        let label = self.parent.len() as u32;
        self.parent.push(label);
        self.floor.push(floor);
        label
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ground(bed: &[f64], held: &[u32]) -> Ground {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 5, ny: 3 };
        Ground::new(grid, 5, bed, held, &Crests::default())
    }

    #[test]
    fn a_ridge_parts_a_cell_and_a_bump_does_not() {
        let row = |ridge: f64| [1.0, 1.0, ridge, 0.9, 0.8].repeat(3);
        assert_eq!(ground(&row(3.0), &[FREE; 15]).parts(), 2);
        assert_eq!(ground(&row(1.0 + 0.5 * RIDGE_M), &[FREE; 15]).parts(), 1);
        let parted = ground(&row(3.0), &[FREE; 15]);
        let volumes: f64 = (0..2).map(|p| parted.volume_m3(p, 4.0)).sum();
        assert!((volumes - row(3.0).iter().map(|z| (4.0 - z) * 25.0).sum::<f64>()).abs() < 1e-4);
    }

    #[test]
    fn walls_belong_to_nobody_and_held_pixels_to_their_boundary() {
        let mut bed = vec![1.0; 15];
        bed[7] = f64::NAN;
        let mut held = [FREE; 15];
        (held[0], held[14]) = (3, 3);
        let ground = ground(&bed, &held);
        assert_eq!((ground.parts(), ground.part_of[7]), (2, NO_PART));
        assert_eq!(ground.part_of[0], ground.part_of[14]);
        assert_eq!(ground.held[ground.part_of[0] as usize], 3);
        assert_eq!(ground.rises(ground.part_of[0] as usize).len(), 2);
    }
}
