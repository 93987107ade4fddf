use super::ground::Ground;
use crate::FlowProblem;
use crate::balance::Total;
use crate::cell::FILM_M;
use crate::saved::Tape;

/// Fluxes of all faces along one axis; see [`super::flux::Flux`].
pub(super) struct Faces {
    pub water: Vec<f64>,
    pub behind: Vec<f64>,
    pub ahead: Vec<f64>,
    pub along: Vec<f64>,
}

/// Depth and discharge of every cell.
pub(super) struct Stage {
    pub h: Vec<f64>,
    pub qx: Vec<f64>,
    pub qy: Vec<f64>,
}

/// What changes during a run.
pub(super) struct State {
    /// at the start of the step; at its end the new state
    pub now: Stage,
    /// after the first stage
    pub mid: Stage,
    pub x: Faces,
    pub y: Faces,
    /// share of the wanted outflow that a cell can give, 0–1
    pub share: Vec<f64>,
    /// per row: some share is below 1
    pub short: Vec<bool>,
    /// rain that holds now, m/s; 0 in walls
    pub rain_m_s: Vec<f64>,
    /// per row: columns that hold water
    pub wet: Vec<Span>,
    /// per row: columns computed in this step
    pub work: Vec<Span>,
}

/// Columns `from..to`; empty when equal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub from: usize,
    pub to: usize,
}

impl Span {
    pub fn is_empty(self) -> bool {
        self.from >= self.to
    }

    /// The smallest span that holds both.
    pub fn with(self, other: Self) -> Self {
        if self.is_empty() {
            other
        } else if other.is_empty() {
            self
        } else {
            Self { from: self.from.min(other.from), to: self.to.max(other.to) }
        }
    }

    /// Wider by `by` columns, within a row of `nx`.
    pub fn grown(self, by: usize, nx: usize) -> Self {
        if self.is_empty() { self } else { Self { from: self.from.saturating_sub(by), to: (self.to + by).min(nx) } }
    }

    pub fn contains(self, column: usize) -> bool {
        column >= self.from && column < self.to
    }
}

impl Faces {
    fn new(count: usize) -> Self {
        let face = || vec![0.0; count];
        Self { water: face(), behind: face(), ahead: face(), along: face() }
    }
}

impl State {
    pub fn new(ground: &Ground, problem: &FlowProblem) -> Self {
        let (nx, ny, n) = (ground.nx, ground.ny, ground.nx * ground.ny);
        let given = |values: &[f64], cell: usize| {
            if ground.active[cell] { values.get(cell).copied().unwrap_or(0.0) } else { 0.0 }
        };
        let h: Vec<f64> = (0..n).map(|c| given(&problem.initial_depth_m, c)).collect();
        let discharge = |velocity: &[f64]| -> Vec<f64> {
            (0..n).map(|c| if h[c] > FILM_M { h[c] * given(velocity, c) * ground.free[c] } else { 0.0 }).collect()
        };
        let (u, v) = problem.initial_velocity_m_s.as_ref().map_or((&[][..], &[][..]), |(u, v)| (u, v));
        let now = Stage { qx: discharge(u), qy: discharge(v), h };
        Self {
            mid: Stage { h: now.h.clone(), qx: now.qx.clone(), qy: now.qy.clone() },
            now,
            x: Faces::new((nx + 1) * ny),
            y: Faces::new(nx * (ny + 1)),
            share: vec![1.0; n],
            short: vec![false; ny],
            rain_m_s: vec![0.0; n],
            wet: vec![Span::default(); ny],
            work: vec![Span::default(); ny],
        }
    }

    pub fn tape(&mut self, tape: &mut Tape) {
        for values in [&mut self.now.h, &mut self.now.qx, &mut self.now.qy] {
            tape.slice(values);
        }
        for span in self.wet.iter_mut().chain(&mut self.work) {
            let (mut from, mut to) = (span.from as u64, span.to as u64);
            tape.value(&mut from);
            tape.value(&mut to);
            *span = Span { from: from as usize, to: to as usize };
        }
    }

    /// After a state was read: every column within the grid, every number finite, no depth below 0. What the first stage of a step does
    /// not write stands as it is now.
    pub fn settle(&mut self, nx: usize) -> bool {
        self.mid.h.clone_from(&self.now.h);
        self.mid.qx.clone_from(&self.now.qx);
        self.mid.qy.clone_from(&self.now.qy);
        self.wet.iter().chain(&self.work).all(|s| s.from <= nx && s.to <= nx)
            && self.now.h.iter().all(|h| h.is_finite() && *h >= 0.0)
            && self.now.qx.iter().chain(&self.now.qy).all(|q| q.is_finite())
    }

    /// Finds the columns of every row that hold water.
    pub fn survey(&mut self, ground: &Ground) {
        for (wet, row) in self.wet.iter_mut().zip(self.now.h.chunks_exact(ground.nx)) {
            *wet = wet_span(row);
        }
    }

    /// Columns each row computes in the next step: where there is water, rain or a boundary, and as far as water can get in the
    /// two stages of a step.
    pub fn plan(&mut self, ground: &Ground, forced: &[Span]) {
        let ny = ground.ny;
        let source = |wet: &[Span], j: usize| wet[j].with(forced[j]);
        for j in 0..ny {
            let mut hull = Span::default();
            for r in j.saturating_sub(2)..(j + 3).min(ny) {
                hull = hull.with(source(&self.wet, r));
            }
            let (from, to) = ground.span[j];
            let hull = hull.grown(2, ground.nx);
            let before = std::mem::replace(&mut self.work[j], Span { from: hull.from.max(from), to: hull.to.min(to) });
            // What the first stage no longer writes must stand there as it is: the second stage looks at it from beside.
            let new = self.work[j];
            for cell in (before.from..before.to).filter(|c| !new.contains(*c)).map(|c| j * ground.nx + c) {
                self.mid.h[cell] = self.now.h[cell];
                self.mid.qx[cell] = self.now.qx[cell];
                self.mid.qy[cell] = self.now.qy[cell];
            }
        }
    }

    /// Velocity of a cell (east, north), m/s; 0 when dry.
    pub fn velocity(&self, cell: usize, dry_m: f64) -> (f64, f64) {
        let h = self.now.h[cell];
        if h <= dry_m || h <= FILM_M { (0.0, 0.0) } else { (self.now.qx[cell] / h, self.now.qy[cell] / h) }
    }

    /// Water on the grid, m³: rows summed in order.
    pub fn stored_m3(&self, ground: &Ground) -> f64 {
        let mut total = Total::default();
        self.now.h.chunks_exact(ground.nx).for_each(|row| total.add(row.iter().sum()));
        total.value() * ground.cell_area_m2()
    }
}

/// Columns from the first to the last that holds more than a film.
pub(super) fn wet_span(row: &[f64]) -> Span {
    match row.iter().position(|h| *h > FILM_M) {
        None => Span::default(),
        Some(from) => Span { from, to: row.iter().rposition(|h| *h > FILM_M).map_or(from, |last| last + 1) },
    }
}
