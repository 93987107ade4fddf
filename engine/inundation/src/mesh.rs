use crate::FlowProblem;
use crate::face::{CLOSED, SIDE_WAY};
use crate::unit::{CLIFF_UNITS, Unit};

/// Columns of a block, the part of a row that wakes and sleeps as a whole.
pub(crate) const BLOCK: usize = 128;

/// Below so many cells one thread does everything: handing parts to others would cost more than it saves.
const ONE_THREAD_CELLS: usize = 60_000;

/// Drops that differ by no more are equally steep, units: the rounding of three beds.
const SAME_DROP_UNITS: i64 = 4;

/// Rows of a band, the part of the grid that a thread takes at a time: about so many, and not fewer than the least. Each band computes the
/// faces of two rows more than it has.
const BAND_ROWS: usize = 64;
const LEAST_BAND_ROWS: usize = 32;

/// Bands come in multiples of this, so that 2, 4 or 8 threads have the same work.
const BANDS_TOGETHER: usize = 8;

/// A wall, dyke or line of sandbags on one face.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CrestFace {
    /// face in its row
    pub column: usize,
    /// face index
    pub face: usize,
    /// level of the crest above the higher bed, units, positive
    pub above: i32,
}

/// What does not change during a run: differences of beds, roughness, and which faces are open. A face is closed when either cell is
/// a wall or both are held at a level.
pub(crate) struct Mesh {
    pub nx: usize,
    pub ny: usize,
    pub dx_m: f64,
    pub unit: Unit,
    /// bed east − bed west of x faces, units; `nx + 1` a row
    pub rise_x: Vec<i32>,
    /// bed north − bed south of y faces; `ny + 1` rows
    pub rise_y: Vec<i32>,
    /// Manning n; −1 in walls
    pub roughness: Vec<f32>,
    /// first active column and one past the last, per row
    pub span: Vec<(usize, usize)>,
    /// active cells per row
    pub row_active: Vec<u32>,
    pub active_cells: u64,
    /// runs of columns per row that are not held
    pub free: Vec<Vec<(usize, usize)>>,
    /// held columns per row, rising
    pub held: Vec<Vec<usize>>,
    /// faces with a crest, per row
    pub crests_x: Vec<Vec<CrestFace>>,
    /// see `crests_x`; per row of faces
    pub crests_y: Vec<Vec<CrestFace>>,
    /// Rows per band, fixed by the grid alone: bands are handed to threads, so no number of threads changes a bit.
    pub band_rows: usize,
}

impl Mesh {
    pub fn new(problem: &FlowProblem, is_held: &[bool], unit: Unit) -> Self {
        let (nx, ny) = (problem.grid.nx, problem.grid.ny);
        let bed = &problem.bed_m;
        let is_active = |cell: usize| !bed[cell].is_nan();
        let row = |j: usize| &bed[j * nx..(j + 1) * nx];
        let span: Vec<(usize, usize)> = (0..ny)
            .map(|j| {
                let first = row(j).iter().position(|z| !z.is_nan()).unwrap_or(0);
                (first, row(j).iter().rposition(|z| !z.is_nan()).map_or(first, |last| last + 1))
            })
            .collect();
        let row_active: Vec<u32> = (0..ny).map(|j| row(j).iter().filter(|z| !z.is_nan()).count() as u32).collect();
        let any_held = is_held.iter().any(|h| *h);
        let held: Vec<Vec<usize>> = (0..ny)
            .map(|j| if any_held { (0..nx).filter(|i| is_held[j * nx + i]).collect() } else { Vec::new() })
            .collect();
        let free = span.iter().zip(&held).map(|(&(lo, hi), held)| runs_between(lo, hi, held)).collect();
        let mut mesh = Self {
            nx,
            ny,
            dx_m: problem.grid.cell_m,
            unit,
            rise_x: vec![CLOSED; (nx + 1) * ny],
            rise_y: vec![CLOSED; nx * (ny + 1)],
            roughness: problem
                .roughness
                .iter()
                .zip(bed)
                .map(|(n, z)| if z.is_nan() { -1.0 } else { *n as f32 })
                .collect(),
            active_cells: row_active.iter().map(|n| u64::from(*n)).sum(),
            span,
            row_active,
            free,
            held,
            crests_x: vec![Vec::new(); ny],
            crests_y: vec![Vec::new(); ny + 1],
            band_rows: band_rows(nx, ny),
        };
        mesh.set_rises(bed, |a, b| is_active(a) && is_active(b) && !(is_held[a] && is_held[b]));
        mesh.set_crests(problem);
        mesh
    }

    fn set_rises(&mut self, bed: &[f64], is_open: impl Fn(usize, usize) -> bool) {
        let (nx, unit) = (self.nx, self.unit);
        let rise = |a: usize, b: usize| {
            let rise = unit.bed(bed[b]).saturating_sub(unit.bed(bed[a]));
            rise.clamp(-CLIFF_UNITS, CLIFF_UNITS) as i32
        };
        for j in 0..self.ny {
            for i in 0..nx {
                let cell = j * nx + i;
                if i > 0 && is_open(cell - 1, cell) {
                    self.rise_x[j * (nx + 1) + i] = rise(cell - 1, cell);
                }
                if j > 0 && is_open(cell - nx, cell) {
                    self.rise_y[cell] = rise(cell - nx, cell);
                }
            }
        }
        self.mark_side_ways();
    }

    /// Marks the faces that lead down from a cell which has a steeper way down. Ways equally steep are all kept, up to rounding, so
    /// that mirrored ground gives mirrored flow.
    fn mark_side_ways(&mut self) {
        let nx = self.nx;
        let mut below: Vec<i32> = Vec::new();
        let mut here: Vec<i32> = Vec::new();
        // Steepest way down of the cells of a row.
        let steepest = |rise_x: &[i32], rise_y: &[i32], j: usize, into: &mut Vec<i32>| {
            let drop = |rise: i32, sign: i32| if rise == CLOSED { 0 } else { sign * (rise & !SIDE_WAY) };
            into.clear();
            into.extend((0..nx).map(|i| {
                let (west, cell) = (j * (nx + 1) + i, j * nx + i);
                let along = drop(rise_x[west], 1).max(drop(rise_x[west + 1], -1));
                along.max(drop(rise_y[cell], 1)).max(drop(rise_y[cell + nx], -1))
            }));
        };
        let mark = |rise: &mut i32, behind: i32, ahead: i32| {
            let drop = if *rise > 0 { ahead } else { behind };
            if *rise != CLOSED && *rise != 0 && i64::from(rise.abs()) + SAME_DROP_UNITS < i64::from(drop) {
                *rise |= SIDE_WAY;
            }
        };
        for j in 0..self.ny {
            std::mem::swap(&mut below, &mut here);
            steepest(&self.rise_x, &self.rise_y, j, &mut here);
            for i in 0..nx {
                if i > 0 {
                    mark(&mut self.rise_x[j * (nx + 1) + i], here[i - 1], here[i]);
                }
                if j > 0 {
                    mark(&mut self.rise_y[j * nx + i], below[i], here[i]);
                }
            }
        }
    }

    /// Takes another unit: everything counted in it is counted anew.
    pub fn set_unit(&mut self, problem: &FlowProblem, unit: Unit) {
        self.unit = unit;
        let (rise_x, rise_y) = (std::mem::take(&mut self.rise_x), std::mem::take(&mut self.rise_y));
        let nx = self.nx;
        (self.rise_x, self.rise_y) = (vec![CLOSED; rise_x.len()], vec![CLOSED; rise_y.len()]);
        self.set_rises(&problem.bed_m, |a, b| {
            let face = if nx > 1 && b == a + 1 { rise_x[b + b / nx] } else { rise_y[b] };
            face != CLOSED
        });
        self.set_crests(problem);
    }

    fn set_crests(&mut self, problem: &FlowProblem) {
        let (nx, unit, bed) = (self.nx, self.unit, &problem.bed_m);
        self.crests_x.iter_mut().chain(&mut self.crests_y).for_each(Vec::clear);
        for crest in &problem.crests {
            let along_x = crest.axis == dayu_terrain::Axis::X;
            let (row, column) = if along_x {
                (crest.face / (nx + 1), crest.face % (nx + 1))
            } else {
                (crest.face / nx, crest.face % nx)
            };
            let rise = if along_x { self.rise_x[crest.face] } else { self.rise_y[crest.face] };
            if rise == CLOSED {
                continue;
            }
            let ahead = if along_x { row * nx + column } else { crest.face };
            let behind = if along_x { ahead - 1 } else { ahead - nx };
            let sill = unit.bed(bed[ahead]).max(unit.bed(bed[behind]));
            let above = unit.count(crest.level_m).saturating_sub(sill).min(CLIFF_UNITS) as i32;
            let list = if along_x { &mut self.crests_x[row] } else { &mut self.crests_y[row] };
            match list.iter_mut().find(|c| c.column == column) {
                Some(there) => there.above = there.above.max(above),
                None if above > 0 => list.push(CrestFace { column, face: crest.face, above }),
                None => {}
            }
        }
        self.crests_x.iter_mut().chain(&mut self.crests_y).for_each(|list| list.sort_by_key(|c| c.column));
    }

    /// Bands of the grid.
    pub fn bands(&self) -> usize {
        self.ny.div_ceil(self.band_rows)
    }

    pub fn blocks(&self) -> usize {
        self.nx.div_ceil(BLOCK)
    }

    pub fn cell_area_m2(&self) -> f64 {
        self.dx_m * self.dx_m
    }

    /// Volume of one unit of depth in a cell, m³.
    pub fn unit_m3(&self) -> f64 {
        self.unit.metres() * self.cell_area_m2()
    }

    /// Indices of the west, east, south and north face of a cell.
    pub fn faces(&self, cell: usize) -> (usize, usize, usize, usize) {
        let west = cell + cell / self.nx;
        (west, west + 1, cell, cell + self.nx)
    }

    pub fn is_held(&self, cell: usize) -> bool {
        self.held[cell / self.nx].binary_search(&(cell % self.nx)).is_ok()
    }
}

/// Rows of a band, by the size of the grid alone.
fn band_rows(nx: usize, ny: usize) -> usize {
    if nx * ny < ONE_THREAD_CELLS {
        return ny;
    }
    let together = BAND_ROWS * BANDS_TOGETHER;
    let bands = ((ny + together / 2) / together).max(1) * BANDS_TOGETHER;
    ny.div_ceil(bands).max(LEAST_BAND_ROWS)
}

/// The columns `lo..hi` without those in `held`, as runs.
fn runs_between(lo: usize, hi: usize, held: &[usize]) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut first = lo;
    for &column in held {
        if column > first {
            runs.push((first, column));
        }
        first = column + 1;
    }
    if hi > first {
        runs.push((first, hi));
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_share_the_rows_evenly() {
        for (nx, ny, rows, bands) in [(1000, 1000, 63, 16), (375, 500, 63, 8), (1000, 60, 32, 2), (200, 200, 200, 1)] {
            assert_eq!((band_rows(nx, ny), ny.div_ceil(band_rows(nx, ny))), (rows, bands), "{nx} × {ny}");
        }
    }

    #[test]
    fn held_columns_cut_a_row_into_runs() {
        assert_eq!(runs_between(2, 9, &[2, 4, 5, 8]), [(3, 4), (6, 8)]);
        assert_eq!(runs_between(0, 3, &[]), [(0, 3)]);
        assert_eq!(runs_between(0, 0, &[]), []);
    }
}
