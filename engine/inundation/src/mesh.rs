use crate::FlowProblem;
use crate::cell::GRAVITY;

/// What does not change during a run: beds, sills, friction, and which faces are open. A face between cells `a` and `b` is
/// closed (`sill = +∞`, so its flow depth is never positive) when either is a wall or both are held at a level.
pub(crate) struct Mesh {
    pub nx: usize,
    pub ny: usize,
    pub dx_m: f64,
    pub active: Vec<bool>,
    pub active_cells: u64,
    /// m; 0 in walls, where nothing reads it
    pub bed_m: Vec<f64>,
    /// x faces, `nx + 1` a row
    pub sill_x_m: Vec<f64>,
    /// y faces, `ny + 1` rows
    pub sill_y_m: Vec<f64>,
    /// +1 (−1): the cell west (east) is higher and has a steeper way down than this x face; 0 otherwise
    pub side_way_x: Vec<f32>,
    /// the same for y faces, south and north
    pub side_way_y: Vec<f32>,
    /// g n² of x faces
    pub drag_x: Vec<f32>,
    /// g n² of y faces
    pub drag_y: Vec<f32>,
    /// g where water moves freely; 0 in walls and held cells, which neither change by flow nor dictate the step
    pub free_g: Vec<f32>,
    /// first active column and one past the last, per row
    pub span: Vec<(usize, usize)>,
    /// active cells per row
    pub row_active: Vec<u32>,
    /// rows per band, fixed by the grid alone: bands are handed to threads, sums are made per row, so no number of threads
    /// changes a bit
    pub band_rows: usize,
}

/// Cells a band should hold at least: below, handing it to another thread costs more than it saves.
const BAND_CELLS: usize = 8192;

impl Mesh {
    pub fn new(problem: &FlowProblem, held: &[bool]) -> Self {
        let (nx, ny) = (problem.grid.nx, problem.grid.ny);
        let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
        let bed_m: Vec<f64> = problem.bed_m.iter().map(|z| if z.is_nan() { 0.0 } else { *z }).collect();
        let closed = f64::INFINITY;
        let (mut sill_x_m, mut drag_x) = (vec![closed; (nx + 1) * ny], vec![0.0; (nx + 1) * ny]);
        let (mut sill_y_m, mut drag_y) = (vec![closed; nx * (ny + 1)], vec![0.0; nx * (ny + 1)]);
        let n = &problem.roughness;
        let face = |a: usize, b: usize| {
            let open = active[a] && active[b] && !(held[a] && held[b]);
            let mean = 0.5 * (n[a] + n[b]);
            open.then(|| (bed_m[a].max(bed_m[b]), (GRAVITY * mean * mean) as f32))
        };
        for j in 0..ny {
            for i in 0..nx {
                let cell = j * nx + i;
                if let Some((sill, drag)) = (i > 0).then(|| face(cell - 1, cell)).flatten() {
                    (sill_x_m[j * (nx + 1) + i], drag_x[j * (nx + 1) + i]) = (sill, drag);
                }
                if let Some((sill, drag)) = (j > 0).then(|| face(cell - nx, cell)).flatten() {
                    (sill_y_m[cell], drag_y[cell]) = (sill, drag);
                }
            }
        }
        let (side_way_x, side_way_y) = side_ways(nx, &bed_m, &sill_x_m, &sill_y_m);
        let row = |j: usize| &active[j * nx..(j + 1) * nx];
        let span = (0..ny).map(|j| {
            let first = row(j).iter().position(|&a| a).unwrap_or(0);
            (first, row(j).iter().rposition(|&a| a).map_or(first, |last| last + 1))
        });
        Self {
            nx,
            ny,
            dx_m: problem.grid.cell_m,
            span: span.collect(),
            row_active: (0..ny).map(|j| row(j).iter().filter(|&&a| a).count() as u32).collect(),
            active_cells: active.iter().filter(|&&a| a).count() as u64,
            free_g: active.iter().zip(held).map(|(&a, &h)| if a && !h { GRAVITY as f32 } else { 0.0 }).collect(),
            band_rows: (BAND_CELLS / nx.max(1)).max(2),
            active,
            bed_m,
            side_way_x,
            side_way_y,
            sill_x_m,
            sill_y_m,
            drag_x,
            drag_y,
        }
    }

    /// Columns of the y faces south of row `j` that may be open.
    pub fn y_span(&self, j: usize) -> (usize, usize) {
        let ((a, b), (c, d)) = (self.span[j - 1], self.span[j]);
        let first = a.max(c);
        (first, b.min(d).max(first))
    }

    pub fn cell_area_m2(&self) -> f64 {
        self.dx_m * self.dx_m
    }
    /// Indices of the west, east, south and north face of a cell.
    pub fn faces(&self, cell: usize) -> (usize, usize, usize, usize) {
        let west = cell + cell / self.nx;
        (west, west + 1, cell, cell + self.nx)
    }
}

/// Marks the faces that lead down from a cell which has a steeper way down. Ways equally steep are all kept, up to rounding, so
/// that mirrored ground gives mirrored flow.
fn side_ways(nx: usize, bed_m: &[f64], sill_x_m: &[f64], sill_y_m: &[f64]) -> (Vec<f32>, Vec<f32>) {
    let x_cells = |face: usize| (face - face / (nx + 1)).wrapping_sub(1);
    let open_x =
        || sill_x_m.iter().enumerate().filter(|(_, s)| s.is_finite()).map(|(f, _)| (f, x_cells(f), x_cells(f) + 1));
    let open_y = || sill_y_m.iter().enumerate().filter(|(_, s)| s.is_finite()).map(|(f, _)| (f, f - nx, f));
    let mut steepest = vec![0.0_f64; bed_m.len()];
    for (_, a, b) in open_x().chain(open_y()) {
        steepest[a] = steepest[a].max(bed_m[a] - bed_m[b]);
        steepest[b] = steepest[b].max(bed_m[b] - bed_m[a]);
    }
    let mark = |a: usize, b: usize| {
        let drop = bed_m[a] - bed_m[b];
        let is_steepest = |cell: usize| drop.abs() >= steepest[cell] * (1.0 - 1e-9);
        if drop > 0.0 && !is_steepest(a) {
            1.0
        } else if drop < 0.0 && !is_steepest(b) {
            -1.0
        } else {
            0.0
        }
    };
    let (mut x, mut y) = (vec![0.0; sill_x_m.len()], vec![0.0; sill_y_m.len()]);
    open_x().for_each(|(f, a, b)| x[f] = mark(a, b));
    open_y().for_each(|(f, a, b)| y[f] = mark(a, b));
    (x, y)
}
