//! Which parts of the grid a step must compute: blocks with water, rain or a boundary, and those around them.

use crate::mesh::{BLOCK, Mesh};

/// Runs of columns, per row.
pub(crate) type Runs = Vec<Vec<(usize, usize)>>;

/// Work of a step.
pub(crate) struct Plan {
    blocks: usize,
    /// per block: has water after the step before
    pub wet: Vec<bool>,
    /// had water before that
    was_wet: Vec<bool>,
    /// has a boundary
    forced: Vec<bool>,
    /// rain falls on it
    pub raining: Vec<bool>,
    work: Vec<bool>,
    /// cells of each row
    pub cells: Runs,
    /// y faces of each row of faces
    pub y_faces: Runs,
    /// everything is computed: nothing to look at again while that lasts
    is_whole: bool,
}

impl Plan {
    pub fn new(mesh: &Mesh) -> Self {
        let (blocks, ny) = (mesh.blocks(), mesh.ny);
        let flags = || vec![false; blocks * ny];
        Self {
            blocks,
            wet: flags(),
            was_wet: vec![true; blocks * ny],
            forced: flags(),
            raining: flags(),
            work: flags(),
            cells: vec![Vec::new(); ny],
            y_faces: vec![Vec::new(); ny + 1],
            is_whole: false,
        }
    }

    /// What the next step depends on.
    pub fn tape(&mut self, tape: &mut crate::saved::Tape) {
        tape.slice(&mut self.wet);
        tape.slice(&mut self.was_wet);
    }

    /// The block of a cell must always be computed.
    pub fn force(&mut self, mesh: &Mesh, cell: usize) {
        self.forced[cell / mesh.nx * self.blocks + cell % mesh.nx / BLOCK] = true;
    }

    /// Decides the work of the next step. A block is computed when it, or one around it, has or just lost its water: what stood in
    /// the faces of a block that falls dry is computed to 0 once more.
    pub fn decide(&mut self, mesh: &Mesh) {
        let (blocks, ny) = (self.blocks, mesh.ny);
        let awake = |k: usize| self.wet[k] || self.was_wet[k] || self.raining[k] || self.forced[k];
        if (0..blocks * ny).all(awake) {
            self.was_wet.copy_from_slice(&self.wet);
            if !self.is_whole {
                self.is_whole = true;
                self.work.fill(true);
                self.set_runs(mesh);
            }
            return;
        }
        self.is_whole = false;
        let mut across = vec![false; blocks * ny];
        for j in 0..ny {
            for b in 0..blocks {
                let k = j * blocks + b;
                across[k] = awake(k) || (b > 0 && awake(k - 1)) || (b + 1 < blocks && awake(k + 1));
            }
        }
        for j in 0..ny {
            for b in 0..blocks {
                let k = j * blocks + b;
                self.work[k] = across[k] || (j > 0 && across[k - blocks]) || (j + 1 < ny && across[k + blocks]);
            }
        }
        self.was_wet.copy_from_slice(&self.wet);
        self.set_runs(mesh);
    }

    fn set_runs(&mut self, mesh: &Mesh) {
        let (blocks, ny, nx) = (self.blocks, mesh.ny, mesh.nx);
        let runs = |into: &mut Vec<(usize, usize)>, lo: usize, hi: usize, is_work: &dyn Fn(usize) -> bool| {
            into.clear();
            for b in (0..blocks).filter(|&b| is_work(b)) {
                let (first, last) = ((b * BLOCK).max(lo), ((b + 1) * BLOCK).min(hi));
                match into.last_mut() {
                    _ if first >= last => {}
                    Some(run) if run.1 == first => run.1 = last,
                    _ => into.push((first, last)),
                }
            }
        };
        let work = |j: usize, b: usize| self.work[j * blocks + b];
        for j in 0..ny {
            let (lo, hi) = mesh.span[j];
            runs(&mut self.cells[j], lo, hi, &|b| work(j, b));
        }
        for j in 0..=ny {
            runs(&mut self.y_faces[j], 0, nx, &|b| (j > 0 && work(j - 1, b)) || (j < ny && work(j, b)));
        }
    }

    /// Active cells that a step computes.
    pub fn updates(&self, mesh: &Mesh) -> u64 {
        if self.is_whole {
            return mesh.active_cells;
        }
        let row = |(j, runs): (usize, &Vec<(usize, usize)>)| {
            let cells: usize = runs.iter().map(|r| r.1 - r.0).sum();
            // In a row with walls the computed part counts in proportion.
            let width = (mesh.span[j].1 - mesh.span[j].0).max(1);
            (cells as f64 / width as f64 * f64::from(mesh.row_active[j])).round() as u64
        };
        self.cells.iter().enumerate().map(row).sum()
    }
}
