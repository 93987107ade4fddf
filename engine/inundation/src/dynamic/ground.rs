use super::crest::CrestFace;
use crate::FlowProblem;
use crate::cell::GRAVITY;
use crate::place::Places;
use dayu_terrain::Axis;

/// Cells a band should hold at least: below, handing it to another thread costs more than it saves.
const BAND_CELLS: usize = 4096;

/// What does not change during a run. A face is closed when either cell is a wall, or both are held at a level.
pub(super) struct Ground {
    pub nx: usize,
    pub ny: usize,
    pub dx_m: f64,
    pub active: Vec<bool>,
    pub active_cells: u64,
    /// m; 0 in walls, where nothing reads it
    pub bed_m: Vec<f64>,
    /// g n², m^(1/3)
    pub drag: Vec<f32>,
    /// 1 where water moves freely; 0 in walls and held cells, which flow does not change
    pub free: Vec<f64>,
    /// 1 = open, `nx + 1` a row
    pub open_x: Vec<f64>,
    /// 1 = open, `ny + 1` rows
    pub open_y: Vec<f64>,
    /// first active column and one past the last, per row
    pub span: Vec<(usize, usize)>,
    /// per row: columns of cells at an open edge along x, and whether their inner neighbour lies behind (west)
    pub rim_x: Vec<Vec<(usize, bool)>>,
    /// the same along y (south)
    pub rim_y: Vec<Vec<(usize, bool)>>,
    /// per row: columns of cells beside a crest, which are not extended along x
    pub flat_x: Vec<Vec<usize>>,
    /// the same along y
    pub flat_y: Vec<Vec<usize>>,
    /// highest step between two open neighbours, m
    pub highest_step_m: f64,
    /// rows per band, fixed by the grid alone
    pub band_rows: usize,
}

impl Ground {
    /// Faces with a crest are closed: what passes over them is written apart.
    pub fn new(problem: &FlowProblem, places: &Places, crests: &[CrestFace]) -> Self {
        let (nx, ny) = (problem.grid.nx, problem.grid.ny);
        let mut held = vec![false; nx * ny];
        places.held.iter().for_each(|h| held[h.cell] = true);
        let (mut rim_x, mut rim_y) = (vec![Vec::new(); ny], vec![Vec::new(); ny]);
        for e in &places.edges {
            // Cells with open edges on both sides have no inner neighbour to speak of.
            let Some(inner) = e.inner else { continue };
            let rim = if e.axis == Axis::X { &mut rim_x } else { &mut rim_y };
            rim[e.cell / nx].push((e.cell % nx, inner < e.cell));
        }
        let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
        let passes = |a: usize, b: usize| if active[a] && active[b] && !(held[a] && held[b]) { 1.0 } else { 0.0 };
        let (mut open_x, mut open_y) = (vec![0.0; (nx + 1) * ny], vec![0.0; nx * (ny + 1)]);
        for j in 0..ny {
            for i in 0..nx {
                let cell = j * nx + i;
                if i > 0 {
                    open_x[cell + j] = passes(cell - 1, cell);
                }
                if j > 0 {
                    open_y[cell] = passes(cell - nx, cell);
                }
            }
        }
        let (mut flat_x, mut flat_y) = (vec![Vec::new(); ny], vec![Vec::new(); ny]);
        for crest in crests {
            let (open, flat) = match crest.axis {
                Axis::X => (&mut open_x, &mut flat_x),
                Axis::Y => (&mut open_y, &mut flat_y),
            };
            open[crest.face] = 0.0;
            crest.cells.iter().for_each(|c| flat[c / nx].push(c % nx));
        }
        let bed = &problem.bed_m;
        let step = |a: usize, b: usize| if active[a] && active[b] { (bed[a] - bed[b]).abs() } else { 0.0 };
        let steps = (0..nx * ny).map(|c| {
            let west = if c % nx > 0 { step(c - 1, c) } else { 0.0 };
            if c >= nx { west.max(step(c - nx, c)) } else { west }
        });
        let highest_step_m = steps.fold(0.0, f64::max);
        let span = (0..ny).map(|j| {
            let row = &active[j * nx..(j + 1) * nx];
            let first = row.iter().position(|&a| a).unwrap_or(0);
            (first, row.iter().rposition(|&a| a).map_or(first, |last| last + 1))
        });
        Self {
            nx,
            ny,
            dx_m: problem.grid.cell_m,
            active_cells: active.iter().filter(|&&a| a).count() as u64,
            bed_m: problem.bed_m.iter().map(|z| if z.is_nan() { 0.0 } else { *z }).collect(),
            drag: problem
                .roughness
                .iter()
                .map(|n| if n.is_finite() { (GRAVITY * n * n) as f32 } else { 0.0 })
                .collect(),
            free: active.iter().zip(&held).map(|(&a, &h)| if a && !h { 1.0 } else { 0.0 }).collect(),
            span: span.collect(),
            highest_step_m,
            rim_x,
            rim_y,
            flat_x,
            flat_y,
            band_rows: (BAND_CELLS / nx.max(1)).max(4),
            open_x,
            open_y,
            active,
        }
    }

    pub fn cell_area_m2(&self) -> f64 {
        self.dx_m * self.dx_m
    }
}
