//! Rows of cells made ready for the faces: depth, level and velocity, and their limited slopes along one axis.

use super::flux::{Side, against_wall, limited, through};
use super::ground::Ground;
use crate::cell::{FILM_M, GRAVITY};

/// Cells thinner than this, and their neighbours, are not extended linearly, m: at a front the slopes are noise, and the order
/// falls to one there.
pub(super) const FRONT_M: f64 = 1e-6;

/// Columns kept free on either side of a row: what lies off the grid is dry.
pub(super) const PAD: usize = 2;

/// Depth, level and velocity of one row, `PAD` columns wider on either side.
#[derive(Clone)]
pub(super) struct Water {
    pub h: Vec<f64>,
    eta: Vec<f64>,
    u: Vec<f64>,
    v: Vec<f64>,
    /// 1 where deeper than [`FRONT_M`]
    wet: Vec<f64>,
}

/// Depth and discharge of the whole grid at one stage of a step.
pub(super) struct Fields<'a> {
    pub h: &'a [f64],
    pub qx: &'a [f64],
    pub qy: &'a [f64],
}

impl Water {
    pub fn new(nx: usize) -> Self {
        let row = || vec![0.0; nx + 2 * PAD];
        Self { h: row(), eta: row(), u: row(), v: row(), wet: row() }
    }

    /// Reads columns `from..to` of a row; rows off the grid are dry.
    pub fn read(&mut self, ground: &Ground, fields: &Fields, row: Option<usize>, from: usize, to: usize) {
        let (a, b) = (from + PAD, to + PAD);
        let Some(j) = row.filter(|&j| j < ground.ny) else {
            for values in [&mut self.h, &mut self.eta, &mut self.u, &mut self.v, &mut self.wet] {
                values[a - PAD..b + PAD].fill(0.0);
            }
            return;
        };
        let cells = j * ground.nx + from..j * ground.nx + to;
        let n = cells.len();
        let (bed, h_in) = (&ground.bed_m[cells.clone()], &fields.h[cells.clone()]);
        let (qx, qy) = (&fields.qx[cells.clone()], &fields.qy[cells]);
        let (h, eta, u) = (&mut self.h[a..b], &mut self.eta[a..b], &mut self.u[a..b]);
        let (v, wet) = (&mut self.v[a..b], &mut self.wet[a..b]);
        for k in 0..n {
            let depth = h_in[k];
            let per_depth = if depth > FILM_M { 1.0 / depth } else { 0.0 };
            h[k] = depth;
            eta[k] = bed[k] + depth;
            u[k] = qx[k] * per_depth;
            v[k] = qy[k] * per_depth;
            wet[k] = if depth > FRONT_M { 1.0 } else { 0.0 };
        }
    }

    /// The row seen along one axis: velocity across the faces of that axis first.
    fn along(&self, axis_x: bool) -> Seen<'_> {
        let (normal, along) = if axis_x { (&self.u, &self.v) } else { (&self.v, &self.u) };
        Seen { h: &self.h, eta: &self.eta, normal, along, wet: &self.wet }
    }
}

/// See [`Water::along`].
#[derive(Clone, Copy)]
struct Seen<'a> {
    h: &'a [f64],
    eta: &'a [f64],
    normal: &'a [f64],
    along: &'a [f64],
    wet: &'a [f64],
}

impl End {
    fn set(&mut self, at: usize, cell: Cell) {
        (self.h[at], self.eta[at], self.normal[at], self.along[at]) = (cell.h, cell.eta, cell.normal, cell.along);
    }
}

impl<'a> Seen<'a> {
    fn at(self, k: usize) -> Cell {
        Cell { h: self.h[k], eta: self.eta[k], normal: self.normal[k], along: self.along[k] }
    }

    fn cut(self, from: usize, n: usize) -> Self {
        let part = |v: &'a [f64]| &v[from..from + n];
        Self {
            h: part(self.h),
            eta: part(self.eta),
            normal: part(self.normal),
            along: part(self.along),
            wet: part(self.wet),
        }
    }
}

/// Depth, level and velocities of a cell, or of one end of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub h: f64,
    pub eta: f64,
    pub normal: f64,
    pub along: f64,
}

/// Both ends of a cell whose values rise by `rise` over half of it. Velocities so that depth × velocity keeps its mean over the
/// cell (Audusse et al. 2004, sec. 4).
#[inline(always)]
fn ends(here: Cell, rise: Cell) -> (Cell, Cell) {
    let (low, high) = (here.h - rise.h, here.h + rise.h);
    let per_depth = if here.h > FILM_M { 1.0 / here.h } else { 0.0 };
    let (share_b, share_a) = (high * per_depth, low * per_depth);
    let behind = Cell {
        h: low,
        eta: here.eta - rise.eta,
        normal: here.normal - share_b * rise.normal,
        along: here.along - share_b * rise.along,
    };
    let ahead = Cell {
        h: high,
        eta: here.eta + rise.eta,
        normal: here.normal + share_a * rise.normal,
        along: here.along + share_a * rise.along,
    };
    (behind, ahead)
}

/// Ends and tilt of a cell at an open edge from its inner neighbour, `towards` = +1 when that lies behind, −1 when ahead. Flat
/// where either is a film or the depth changes by more than half: there the slope is a front's.
pub(super) fn edge_ends(here: Cell, inner: Cell, towards: f64) -> (Cell, Cell, f64) {
    let half = 0.5 * towards;
    let rise = Cell {
        h: half * (here.h - inner.h),
        eta: half * (here.eta - inner.eta),
        // A velocity extended outwards would feed upon itself at an edge that lets waves through.
        normal: 0.0,
        along: 0.0,
    };
    if here.h > FRONT_M && inner.h > FRONT_M && rise.h.abs() < 0.25 * here.h {
        let (behind, ahead) = ends(here, rise);
        (behind, ahead, GRAVITY * here.h * rise.eta)
    } else {
        (here, here, 0.0)
    }
}

/// Values of each cell of a row at its face behind and its face ahead along one axis.
#[derive(Clone)]
pub(super) struct Extended {
    behind: End,
    ahead: End,
    tilt: Vec<f64>,
}

#[derive(Clone)]
struct End {
    h: Vec<f64>,
    eta: Vec<f64>,
    normal: Vec<f64>,
    along: Vec<f64>,
}

impl Extended {
    pub fn new(nx: usize) -> Self {
        let row = || vec![0.0; nx + 2 * PAD];
        let end = || End { h: row(), eta: row(), normal: row(), along: row() };
        Self { behind: end(), ahead: end(), tilt: row() }
    }

    /// Extends columns `from..to` (counted with the padding) along x.
    pub fn extend_x(&mut self, row: &Water, from: usize, to: usize) {
        let (seen, n) = (row.along(true), to - from);
        self.extend(seen.cut(from - 1, n), seen.cut(from, n), seen.cut(from + 1, n), from);
    }

    /// Extends columns `from..to` (counted with the padding) of `here` along y.
    pub fn extend_y(&mut self, south: &Water, here: &Water, north: &Water, from: usize, to: usize) {
        let n = to - from;
        let (south, here, north) = (south.along(false), here.along(false), north.along(false));
        self.extend(south.cut(from, n), here.cut(from, n), north.cut(from, n), from);
    }

    /// Extends the cells of row `j` at an open edge along x by the slope to their inner neighbour: beyond the edge there is none.
    pub fn rim_x(&mut self, ground: &Ground, row: &Water, j: usize) {
        let seen = row.along(true);
        for &(column, from_behind) in &ground.rim_x[j] {
            let at = column + PAD;
            self.rim(at, seen.at(at), seen.at(if from_behind { at - 1 } else { at + 1 }), from_behind);
        }
    }

    /// The same along y for row `j`, between its neighbours.
    pub fn rim_y(&mut self, ground: &Ground, south: &Water, here: &Water, north: &Water, j: usize) {
        for &(column, from_behind) in &ground.rim_y[j] {
            let at = column + PAD;
            let inner = if from_behind { south } else { north };
            self.rim(at, here.along(false).at(at), inner.along(false).at(at), from_behind);
        }
    }

    /// Leaves the cells beside a crest as they are along x: the water beyond it is another.
    pub fn flat_x(&mut self, ground: &Ground, row: &Water, j: usize) {
        ground.flat_x[j].iter().for_each(|column| self.flat(column + PAD, row.along(true)));
    }

    /// The same along y.
    pub fn flat_y(&mut self, ground: &Ground, here: &Water, j: usize) {
        ground.flat_y[j].iter().for_each(|column| self.flat(column + PAD, here.along(false)));
    }

    fn flat(&mut self, at: usize, row: Seen) {
        let cell = row.at(at);
        self.behind.set(at, cell);
        self.ahead.set(at, cell);
        self.tilt[at] = 0.0;
    }

    fn rim(&mut self, at: usize, here: Cell, inner: Cell, from_behind: bool) {
        let (behind, ahead, tilt) = edge_ends(here, inner, if from_behind { 1.0 } else { -1.0 });
        self.behind.set(at, behind);
        self.ahead.set(at, ahead);
        self.tilt[at] = tilt;
    }

    fn extend(&mut self, before: Seen, here: Seen, after: Seen, from: usize) {
        let n = here.h.len();
        let (behind, ahead) = (&mut self.behind, &mut self.ahead);
        let (h_b, h_a) = (&mut behind.h[from..from + n], &mut ahead.h[from..from + n]);
        let (eta_b, eta_a) = (&mut behind.eta[from..from + n], &mut ahead.eta[from..from + n]);
        let (normal_b, normal_a) = (&mut behind.normal[from..from + n], &mut ahead.normal[from..from + n]);
        let (along_b, along_a) = (&mut behind.along[from..from + n], &mut ahead.along[from..from + n]);
        let tilt = &mut self.tilt[from..from + n];
        for k in 0..n {
            let half = 0.5 * (before.wet[k] * here.wet[k] * after.wet[k]);
            let (h, eta) = (here.h[k], here.eta[k]);
            // Where the level falls by more than the depth, the bed makes the slope: at the edge of a step a steeper one would put up
            // a sill against the water from behind.
            let bend = limited(eta - before.eta[k], after.eta[k] - eta, 2.0);
            let most = if bend.abs() < h { 2.0 } else { 1.0 };
            let slope = |b: f64, c: f64, a: f64| half * limited(c - b, a - c, most);
            let rise = Cell {
                h: slope(before.h[k], h, after.h[k]),
                eta: slope(before.eta[k], eta, after.eta[k]),
                normal: slope(before.normal[k], here.normal[k], after.normal[k]),
                along: slope(before.along[k], here.along[k], after.along[k]),
            };
            let (b, a) = ends(Cell { h, eta, normal: here.normal[k], along: here.along[k] }, rise);
            (h_b[k], h_a[k], eta_b[k], eta_a[k]) = (b.h, a.h, b.eta, a.eta);
            (normal_b[k], normal_a[k], along_b[k], along_a[k]) = (b.normal, a.normal, b.along, a.along);
            tilt[k] = GRAVITY * h * rise.eta;
        }
    }
}

/// Fluxes of a row of faces.
pub(super) struct FaceRow<'a> {
    pub water: &'a mut [f64],
    pub behind: &'a mut [f64],
    pub ahead: &'a mut [f64],
    pub along: &'a mut [f64],
}

/// Computes `n` faces: behind face `k` lies column `behind + k` of the first row, ahead of it column `ahead + k` of the second.
/// Closed faces are walls on either side; so are steps higher than `wall_m` that the water does not reach.
pub(super) fn faces(
    cells: (&Extended, usize),
    next: (&Extended, usize),
    open: &[f64],
    wall_m: f64,
    out: &mut FaceRow<'_>,
) {
    let n = open.len();
    fn cut(values: &[f64], from: usize, n: usize) -> &[f64] {
        &values[from..from + n]
    }
    let ((row_b, b), (row_a, a)) = (cells, next);
    let (h_b, eta_b) = (cut(&row_b.ahead.h, b, n), cut(&row_b.ahead.eta, b, n));
    let (normal_b, along_b) = (cut(&row_b.ahead.normal, b, n), cut(&row_b.ahead.along, b, n));
    let (h_a, eta_a) = (cut(&row_a.behind.h, a, n), cut(&row_a.behind.eta, a, n));
    let (normal_a, along_a) = (cut(&row_a.behind.normal, a, n), cut(&row_a.behind.along, a, n));
    let (tilt_b, tilt_a) = (cut(&row_b.tilt, b, n), cut(&row_a.tilt, a, n));
    let (water, behind) = (&mut out.water[..n], &mut out.behind[..n]);
    let (ahead, along) = (&mut out.ahead[..n], &mut out.along[..n]);
    for k in 0..n {
        let from =
            Side { h_m: h_b[k], eta_m: eta_b[k], normal_m_s: normal_b[k], along_m_s: along_b[k], tilt: tilt_b[k] };
        let to = Side { h_m: h_a[k], eta_m: eta_a[k], normal_m_s: normal_a[k], along_m_s: along_a[k], tilt: tilt_a[k] };
        let f = through(from, to, wall_m);
        let is_open = open[k] > 0.0;
        water[k] = if is_open { f.water } else { 0.0 };
        along[k] = if is_open { f.along } else { 0.0 };
        behind[k] = if is_open { f.behind } else { against_wall(from.h_m, from.normal_m_s) + from.tilt };
        ahead[k] = if is_open { f.ahead } else { against_wall(to.h_m, -to.normal_m_s) - to.tilt };
    }
}
