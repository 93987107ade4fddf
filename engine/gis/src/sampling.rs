//! Values of a raster at the cells of another grid: bilinear for continuous fields, nearest for classes.
//!
//! Done here and not by the library's warper, so that the result does not depend on its version, its memory blocks or
//! its threads, and so that "no data" never bleeds into a value.

use crate::crs::Transformer;
use dayu_base::Finding;
use dayu_terrain::GridSpec;

/// Affine map from pixel (column, row) to coordinates, in the six numbers of GDAL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Affine(pub [f64; 6]);

impl Affine {
    /// Coordinates of a pixel position; (0, 0) is the outer corner of the first pixel.
    pub(crate) fn apply(&self, col: f64, row: f64) -> (f64, f64) {
        let g = &self.0;
        (g[0] + col * g[1] + row * g[2], g[3] + col * g[4] + row * g[5])
    }
    /// The map back; `None` when pixels have no area.
    pub(crate) fn inverse(&self) -> Option<Self> {
        let g = &self.0;
        let det = g[1] * g[5] - g[2] * g[4];
        if !det.is_finite() || det == 0.0 {
            return None;
        }
        let (a, b, d, e) = (g[5] / det, -g[2] / det, -g[4] / det, g[1] / det);
        Some(Self([-(g[0] * a + g[3] * b), a, b, -(g[0] * d + g[3] * e), d, e]))
    }
}

/// Pixel positions in the source for each cell centre of a grid, exact at lattice nodes and bilinear between.
pub(crate) struct Positions {
    grid: GridSpec,
    step: usize,
    columns: usize,
    nodes: Vec<(f64, f64)>,
}

/// Below this many cells every centre is transformed exactly.
const EXACT_CELLS: usize = 65_536;
/// Else every eighth in each direction: with 30 m cells the chord of 240 m departs from a map projection's curve by well
/// under a millimetre.
const LATTICE_STEP: usize = 8;

impl Positions {
    /// Transforms the cell centres of `grid` (target CRS) into pixel positions of the source.
    pub(crate) fn new(grid: GridSpec, to_source: &Transformer, pixel_of: Affine) -> Result<Self, Finding> {
        let step = if grid.len() <= EXACT_CELLS { 1 } else { LATTICE_STEP };
        let count = |n: usize| if n <= 1 { n } else { (n - 1).div_ceil(step) + 1 };
        let (columns, rows) = (count(grid.nx), count(grid.ny));
        let mut nodes = Vec::with_capacity(columns * rows);
        for j in 0..rows {
            // The last node may lie beyond the last centre: linear extrapolation of the grid, still exact on the map.
            let y = grid.y0_m + ((j * step) as f64 + 0.5) * grid.cell_m;
            let mut xs: Vec<f64> = (0..columns).map(|i| grid.x0_m + ((i * step) as f64 + 0.5) * grid.cell_m).collect();
            let mut ys = vec![y; columns];
            to_source.points(&mut xs, &mut ys)?;
            nodes.extend(xs.iter().zip(&ys).map(|(x, y)| pixel_of.apply(*x, *y)));
        }
        Ok(Self { grid, step, columns, nodes })
    }

    /// Smallest box of pixel positions that holds all nodes: `[col_min, row_min, col_max, row_max]`.
    pub(crate) fn bounds(&self) -> [f64; 4] {
        self.nodes.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, &(c, r)| {
            [b[0].min(c), b[1].min(r), b[2].max(c), b[3].max(r)]
        })
    }

    /// Pixel position of the centre of cell (i, j).
    pub(crate) fn at(&self, i: usize, j: usize) -> (f64, f64) {
        let (p, q) = (i / self.step, j / self.step);
        let (a, b) = ((i % self.step) as f64 / self.step as f64, (j % self.step) as f64 / self.step as f64);
        let k = q * self.columns + p;
        let n00 = self.nodes[k];
        if a == 0.0 && b == 0.0 {
            return n00;
        }
        let n10 = if a > 0.0 { self.nodes[k + 1] } else { n00 };
        let n01 = if b > 0.0 { self.nodes[k + self.columns] } else { n00 };
        let n11 = match (a > 0.0, b > 0.0) {
            (true, true) => self.nodes[k + self.columns + 1],
            (true, false) => n10,
            _ => n01,
        };
        let mix = |v00: f64, v10: f64, v01: f64, v11: f64| {
            (v00 * (1.0 - a) + v10 * a) * (1.0 - b) + (v01 * (1.0 - a) + v11 * a) * b
        };
        (mix(n00.0, n10.0, n01.0, n11.0), mix(n00.1, n10.1, n01.1, n11.1))
    }

    /// Samples a window of the source at every cell.
    pub(crate) fn sample(&self, window: &Window, smooth: bool) -> Vec<f64> {
        let mut out = Vec::with_capacity(self.grid.len());
        for j in 0..self.grid.ny {
            for i in 0..self.grid.nx {
                let (col, row) = self.at(i, j);
                out.push(if smooth { window.bilinear(col, row) } else { window.nearest(col, row) });
            }
        }
        out
    }
}

/// Part of a raster in memory, rows as in the file; NaN is "no data".
pub(crate) struct Window {
    /// first column and row of the part
    pub origin: (usize, usize),
    /// columns and rows of the part
    pub size: (usize, usize),
    /// columns and rows of the whole raster
    pub full: (usize, usize),
    /// values, row by row
    pub values: Vec<f64>,
}

impl Window {
    fn value(&self, col: usize, row: usize) -> f64 {
        let (Some(i), Some(j)) = (col.checked_sub(self.origin.0), row.checked_sub(self.origin.1)) else {
            return f64::NAN;
        };
        if i < self.size.0 && j < self.size.1 { self.values[j * self.size.0 + i] } else { f64::NAN }
    }

    /// Pixel that holds a position; positions on the outer side belong to the last pixel.
    fn pixel(&self, col: f64, row: f64) -> Option<(usize, usize)> {
        const SLACK: f64 = 1e-9;
        let axis = |v: f64, n: usize| {
            (n > 0 && v >= -SLACK && v <= n as f64 + SLACK).then(|| (v.max(0.0).floor() as usize).min(n - 1))
        };
        Some((axis(col, self.full.0)?, axis(row, self.full.1)?))
    }

    /// Value of the pixel that holds the position; NaN outside.
    fn nearest(&self, col: f64, row: f64) -> f64 {
        self.pixel(col, row).map_or(f64::NAN, |(i, j)| self.value(i, j))
    }

    /// Bilinear between pixel centres. Where the pixel itself has no data there is none; missing neighbours are left out
    /// and the weights of the others scaled up.
    fn bilinear(&self, col: f64, row: f64) -> f64 {
        let Some((ci, cj)) = self.pixel(col, row) else { return f64::NAN };
        let centre = self.value(ci, cj);
        if centre.is_nan() {
            return f64::NAN;
        }
        // A position on a centre but for rounding reads that pixel untouched.
        let part = |v: f64| {
            let (whole, f) = ((v - 0.5).floor(), (v - 0.5) - (v - 0.5).floor());
            if f < 1e-6 {
                (whole, 0.0)
            } else if f > 1.0 - 1e-6 {
                (whole + 1.0, 0.0)
            } else {
                (whole, f)
            }
        };
        let ((i0, fx), (j0, fy)) = (part(col), part(row));
        let clamp = |v: f64, n: usize| (v.max(0.0) as usize).min(n - 1);
        let (mut sum, mut weight) = (0.0, 0.0);
        for (dj, wy) in [(0.0, 1.0 - fy), (1.0, fy)] {
            for (di, wx) in [(0.0, 1.0 - fx), (1.0, fx)] {
                let w = wx * wy;
                let v = self.value(clamp(i0 + di, self.full.0), clamp(j0 + dj, self.full.1));
                if w > 0.0 && !v.is_nan() {
                    sum += w * v;
                    weight += w;
                }
            }
        }
        if weight == 1.0 || weight == 0.0 { if weight == 0.0 { centre } else { sum } } else { sum / weight }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn window() -> Window {
        Window { origin: (0, 0), size: (3, 2), full: (3, 2), values: vec![0.0, 10.0, 20.0, 30.0, 40.0, f64::NAN] }
    }

    #[test]
    fn bilinear_between_centres_and_at_sides() {
        let w = window();
        assert_eq!(w.bilinear(0.5, 0.5), 0.0);
        assert_eq!(w.bilinear(1.0, 0.5), 5.0);
        assert_eq!(w.bilinear(1.0, 1.0), 20.0);
        assert_eq!(w.bilinear(0.0, 0.0), 0.0);
        assert!(w.bilinear(-0.1, 0.5).is_nan());
        assert!(w.bilinear(2.5, 1.5).is_nan());
        // neighbour without data: its weight goes to the others
        assert_eq!(w.bilinear(1.75, 1.5), 40.0);
        assert_eq!(w.nearest(2.99, 0.99), 20.0);
    }

    #[test]
    fn affine_inverts() {
        let a = Affine([100.0, 2.0, 0.5, 900.0, 0.25, -3.0]);
        let inv = a.inverse().unwrap();
        let (x, y) = a.apply(7.0, 11.0);
        let (c, r) = inv.apply(x, y);
        assert!((c - 7.0).abs() < 1e-9 && (r - 11.0).abs() < 1e-9);
        assert!(Affine([0.0; 6]).inverse().is_none());
    }
}
