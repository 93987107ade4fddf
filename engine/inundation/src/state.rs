use crate::cell::{FILM_M, GRAVITY, larger};
use crate::mesh::Mesh;

/// What changes during a run. `p` is the discharge a step wants, `q` what the cells could give.
pub(crate) struct State {
    /// depth, m
    pub h_m: Vec<f64>,
    /// depth being made
    pub h_next_m: Vec<f64>,
    /// level, m
    pub eta_m: Vec<f64>,
    /// unit discharge of x faces, m²/s, east positive
    pub q_x: Vec<f64>,
    /// of y faces, north positive
    pub q_y: Vec<f64>,
    /// wanted
    pub p_x: Vec<f64>,
    /// wanted
    pub p_y: Vec<f64>,
    /// speed in faces, m/s, no sign: bounds the speed of cells
    pub speed_x: Vec<f32>,
    /// see `speed_x`
    pub speed_y: Vec<f32>,
    /// rain that holds now, m/s; 0 in walls
    pub rain_m_s: Vec<f64>,
    /// what each row did in the last step
    pub rows: Vec<RowResult>,
    /// work of each row in this step
    pub plan: Plan,
}

/// Sums and maxima of one row, made in a fixed order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RowResult {
    /// square of the fastest wave, m²/s²
    pub wave_m2_s2: f64,
    /// deepest, m
    pub deepest_m: f64,
    /// infiltrated, m (sum over cells)
    pub infiltrated_m: f64,
    /// drained, m
    pub drained_m: f64,
}

/// What a step does with a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// compute
    Full,
    /// fell dry: write zeros once
    Clear,
    /// was and stays dry
    None,
}

/// Work of every row: faces and depths.
pub(crate) struct Plan {
    pub x_faces: Vec<Work>,
    pub y_faces: Vec<Work>,
    pub depths: Vec<Work>,
    awake: Vec<bool>,
}

impl State {
    pub fn new(mesh: &Mesh, initial_depth_m: &[f64]) -> Self {
        let (nx, ny, n) = (mesh.nx, mesh.ny, mesh.nx * mesh.ny);
        let depth =
            |cell: usize| if mesh.active[cell] { initial_depth_m.get(cell).copied().unwrap_or(0.0) } else { 0.0 };
        let h_m: Vec<f64> = (0..n).map(depth).collect();
        Self {
            eta_m: mesh.bed_m.iter().zip(&h_m).map(|(z, h)| z + h).collect(),
            h_next_m: h_m.clone(),
            h_m,
            q_x: vec![0.0; (nx + 1) * ny],
            q_y: vec![0.0; nx * (ny + 1)],
            p_x: vec![0.0; (nx + 1) * ny],
            p_y: vec![0.0; nx * (ny + 1)],
            speed_x: vec![0.0; (nx + 1) * ny],
            speed_y: vec![0.0; nx * (ny + 1)],
            rain_m_s: vec![0.0; n],
            rows: vec![RowResult::default(); ny],
            plan: Plan {
                x_faces: vec![Work::Clear; ny],
                y_faces: vec![Work::Clear; ny + 1],
                depths: vec![Work::Clear; ny],
                awake: vec![false; ny],
            },
        }
    }

    /// Row results as they stand before the first step.
    pub fn survey(&mut self, mesh: &Mesh) {
        for (j, row) in self.rows.iter_mut().enumerate() {
            *row = RowResult::default();
            for cell in j * mesh.nx..(j + 1) * mesh.nx {
                let wave = if mesh.free_g[cell] > 0.0 { GRAVITY * self.h_m[cell] } else { 0.0 };
                row.wave_m2_s2 = larger(row.wave_m2_s2, wave);
                row.deepest_m = larger(row.deepest_m, self.h_m[cell]);
            }
        }
    }

    /// Decides which rows have work: a row with water, rain or a boundary is awake; its neighbours may receive from it.
    pub fn plan_step(&mut self, forced: &[bool], raining: &[bool]) {
        let ny = self.rows.len();
        let awake = &mut self.plan.awake;
        for j in 0..ny {
            awake[j] = forced[j] || raining[j] || self.rows[j].deepest_m > FILM_M;
        }
        let next = |busy: bool, before: Work| match (busy, before) {
            (true, _) => Work::Full,
            (false, Work::Full) => Work::Clear,
            (false, _) => Work::None,
        };
        let up = |j: usize| awake.get(j).copied().unwrap_or(false);
        let down = |j: usize| j.checked_sub(1).is_some_and(|k| awake[k]);
        for j in 0..ny {
            self.plan.x_faces[j] = next(awake[j], self.plan.x_faces[j]);
            self.plan.depths[j] = next(awake[j] || up(j + 1) || down(j), self.plan.depths[j]);
        }
        for j in 0..=ny {
            self.plan.y_faces[j] = next(up(j) || down(j), self.plan.y_faces[j]);
        }
    }

    /// Velocity of a cell (east, north), m/s: mean unit discharge of its faces ÷ depth, but not above the faster of the two
    /// faces (at a wetting front the depth lags behind the discharge, and the quotient alone would be no speed at all). 0 when
    /// dry.
    pub fn velocity(&self, mesh: &Mesh, cell: usize, dry_m: f64) -> (f64, f64) {
        let h = self.h_m[cell];
        if h <= dry_m || h <= FILM_M {
            return (0.0, 0.0);
        }
        let (west, east, south, north) = mesh.faces(cell);
        let part = |a: f64, b: f64, sa: f32, sb: f32| {
            let bound = f64::from(if sa > sb { sa } else { sb });
            (0.5 * (a + b) / h).clamp(-bound, bound)
        };
        (
            part(self.q_x[west], self.q_x[east], self.speed_x[west], self.speed_x[east]),
            part(self.q_y[south], self.q_y[north], self.speed_y[south], self.speed_y[north]),
        )
    }

    /// Water on the grid, m³: rows summed in order.
    pub fn stored_m3(&self, mesh: &Mesh) -> f64 {
        let mut total = crate::balance::Total::default();
        self.h_m.chunks_exact(mesh.nx).for_each(|row| total.add(row.iter().sum()));
        total.value() * mesh.cell_area_m2()
    }
}
