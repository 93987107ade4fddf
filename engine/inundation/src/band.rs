//! A band of rows: the part of the grid that one thread takes at a time, its state, what it knows of its neighbours, what it did.

use crate::aligned::Aligned;
use crate::attribution::FaceSums;
use crate::loss::LossBand;
use crate::mesh::Mesh;
use crate::track::TrackBand;

/// The state of a band, and what it writes.
pub(crate) struct Band<'a> {
    pub first: usize,
    pub rows: usize,
    pub depth: &'a mut [i32],
    pub q_x: &'a mut [f32],
    pub q_y: &'a mut [f32],
    /// y faces north of the grid, with the last band
    pub top: Option<&'a mut [f32]>,
    pub halo: &'a mut Halo,
    pub track: TrackBand<'a>,
    pub losses: Vec<Box<dyn LossBand + 'a>>,
    /// sums of what passes the faces, when sources are told apart
    pub sums: Option<FaceSums<'a>>,
    /// per block: has water
    pub wet: &'a mut [bool],
    pub out: BandResult,
}

/// What a band did in a step.
#[derive(Clone, Debug, Default)]
pub(crate) struct BandResult {
    /// square of the fastest wave, m²/s²
    pub wave_m2_s2: f32,
    /// deepest, units; beyond 32 bits with sign: counted wrong
    pub deepest: u32,
    /// units
    pub rain: i64,
    /// units, per loss
    pub lost: Vec<i64>,
    /// boundary faces (number) and the units that passed
    pub passed: Vec<(usize, i32)>,
    /// units that held cells got from outside to keep their level, in order of cells
    pub held: Vec<i64>,
}

/// Rows of the neighbouring bands as they were before the step, and room for rows in the making.
pub(crate) struct Halo {
    depth: Vec<Vec<i32>>,
    q_x: Vec<Vec<f32>>,
    q_y: Vec<Vec<f32>>,
    /// x faces of this row and the last
    pub x: [FaceBuffer; 2],
    /// y faces around these rows
    pub y: [FaceBuffer; 3],
}

/// What the faces of a row want, later what they get.
#[derive(Default)]
pub(crate) struct FaceBuffer {
    pub q: Aligned<f32>,
    pub passes: Aligned<i32>,
    pub speed: Aligned<f32>,
}

impl FaceBuffer {
    /// `ahead` of the `n` faces stand before the first one that is computed in vectors.
    pub fn new(n: usize, ahead: usize) -> Self {
        Self { q: Aligned::new(n, ahead), passes: Aligned::new(n, ahead), speed: Aligned::new(n, ahead) }
    }
    pub fn set(&mut self, column: usize, q: f32, passes: i32, speed: f32) {
        (self.q[column], self.passes[column], self.speed[column]) = (q, passes, speed);
    }
    pub fn clear(&mut self) {
        self.q.fill(0.0);
        self.passes.fill(0);
        self.speed.fill(0.0);
    }
}

/// Rows before a band that its first row needs, and after it.
const REACH: usize = 2;

impl Halo {
    pub fn new(mesh: &Mesh, band: usize) -> Self {
        let nx = mesh.nx;
        let rows = if mesh.bands() > 1 { 2 * REACH } else { 0 };
        let (x, y) = (|| FaceBuffer::new(nx + 1, 1), || FaceBuffer::new(nx, 0));
        debug_assert!(band < mesh.bands());
        Self {
            depth: vec![vec![0; if rows > 0 { nx } else { 0 }]; rows],
            q_x: vec![vec![0.0; if rows > 0 { nx + 1 } else { 0 }]; rows],
            q_y: vec![vec![0.0; if rows > 0 { nx } else { 0 }]; if rows > 0 { rows + 1 } else { 0 }],
            x: [x(), x()],
            y: [y(), y(), y()],
        }
    }

    /// Copies the rows around a band.
    pub fn fetch(&mut self, mesh: &Mesh, band: usize, depth: &[i32], q_x: &[f32], q_y: &[f32]) {
        if self.depth.is_empty() {
            return;
        }
        let (nx, ny) = (mesh.nx, mesh.ny);
        let (first, last) = (band * mesh.band_rows, ((band + 1) * mesh.band_rows).min(ny));
        for k in 0..2 * REACH + 1 {
            let row = if k < REACH { (first + k).checked_sub(REACH) } else { Some(last + k - REACH) };
            let Some(row) = row else { continue };
            if k < 2 * REACH && row < ny {
                self.depth[k].copy_from_slice(&depth[row * nx..(row + 1) * nx]);
                self.q_x[k].copy_from_slice(&q_x[row * (nx + 1)..(row + 1) * (nx + 1)]);
            }
            if row <= ny {
                self.q_y[k].copy_from_slice(&q_y[row * nx..(row + 1) * nx]);
            }
        }
    }
}

impl Band<'_> {
    pub fn end(&self) -> usize {
        self.first + self.rows
    }

    #[inline(always)]
    pub fn depth_row(&self, row: usize) -> &[i32] {
        let nx = self.depth.len() / self.rows;
        match self.place(row) {
            Ok(own) => &self.depth[own * nx..(own + 1) * nx],
            Err(k) => &self.halo.depth[k],
        }
    }

    #[inline(always)]
    pub fn q_x_row(&self, row: usize) -> &[f32] {
        let nx = self.q_x.len() / self.rows;
        match self.place(row) {
            Ok(own) => &self.q_x[own * nx..(own + 1) * nx],
            Err(k) => &self.halo.q_x[k],
        }
    }

    #[inline(always)]
    pub fn q_y_row(&self, row: usize) -> &[f32] {
        let nx = self.q_y.len() / self.rows;
        match (self.place(row), &self.top) {
            (Ok(own), _) => &self.q_y[own * nx..(own + 1) * nx],
            (Err(_), Some(top)) if row == self.end() => top,
            (Err(k), _) => &self.halo.q_y[k],
        }
    }

    /// Own row, or row of the halo.
    #[inline(always)]
    fn place(&self, row: usize) -> Result<usize, usize> {
        if row < self.first {
            Err(row + REACH - self.first)
        } else if row < self.end() {
            Ok(row - self.first)
        } else {
            Err(row - self.end() + REACH)
        }
    }
}
