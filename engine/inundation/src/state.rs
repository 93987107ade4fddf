use crate::band::Halo;
use crate::mesh::Mesh;
use crate::unit::Unit;

/// What changes during a run.
pub(crate) struct State {
    /// depth, units; 0 in walls
    pub depth: Vec<i32>,
    /// unit discharge of x faces, m²/s, east positive
    pub q_x: Vec<f32>,
    /// of y faces, north positive
    pub q_y: Vec<f32>,
    /// room of each band
    pub halos: Vec<Halo>,
}

impl State {
    pub fn new(mesh: &Mesh, bed_m: &[f64], initial_depth_m: &[f64]) -> Self {
        let (nx, ny) = (mesh.nx, mesh.ny);
        let depth = |(cell, bed): (usize, &f64)| match initial_depth_m.get(cell) {
            Some(depth) if !bed.is_nan() => mesh.unit.depth_on(*bed, *depth),
            _ => 0,
        };
        Self {
            depth: bed_m.iter().enumerate().map(depth).collect(),
            q_x: vec![0.0; (nx + 1) * ny],
            q_y: vec![0.0; nx * (ny + 1)],
            halos: (0..mesh.bands()).map(|b| Halo::new(mesh, b)).collect(),
        }
    }

    /// Counts depths in another unit, level water staying level. Answers the depths before.
    pub fn set_unit(&mut self, mesh: &Mesh, bed_m: &[f64], unit: Unit) -> Vec<i32> {
        let depth = |(depth, bed): (&i32, &f64)| {
            if bed.is_nan() { 0 } else { unit.depth_on(*bed, mesh.unit.depth_m(*depth)) }
        };
        let after = self.depth.iter().zip(bed_m).map(depth).collect();
        std::mem::replace(&mut self.depth, after)
    }

    /// Velocity of a cell (east, north), m/s: mean unit discharge of its faces ÷ depth, but not above the faster of the two faces (at
    /// a wetting front the depth lags behind the discharge, and the quotient alone would be no speed at all). 0 when dry.
    pub fn velocity(&self, mesh: &Mesh, cell: usize, dry_m: f64) -> (f64, f64) {
        let (h, unit_m) = (mesh.unit.depth_m(self.depth[cell]), mesh.unit.metres());
        if h <= dry_m || h <= 0.0 {
            return (0.0, 0.0);
        }
        let (west, east, south, north) = mesh.faces(cell);
        let nx = mesh.nx;
        let speed = |q: f32, rise: i32, behind: usize, ahead: usize| {
            // Faces of the edge have the depth of their cell.
            let over = if rise == crate::face::CLOSED {
                i64::from(self.depth[cell])
            } else {
                let rise = rise & !crate::face::SIDE_WAY;
                let raised = i64::from(self.depth[ahead]) + i64::from(rise);
                raised.max(i64::from(self.depth[behind])) - i64::from(rise.max(0))
            };
            f64::from(q).abs() / (over.max(1) as f64 * unit_m)
        };
        let part = |a: f32, b: f32, bound: f64| (0.5 * (f64::from(a) + f64::from(b)) / h).clamp(-bound, bound);
        let (q_w, q_e, q_s, q_n) = (self.q_x[west], self.q_x[east], self.q_y[south], self.q_y[north]);
        let bound_x = speed(q_w, mesh.rise_x[west], cell.wrapping_sub(1), cell).max(speed(
            q_e,
            mesh.rise_x[east],
            cell,
            cell + 1,
        ));
        let bound_y = speed(q_s, mesh.rise_y[south], cell.wrapping_sub(nx), cell).max(speed(
            q_n,
            mesh.rise_y[north],
            cell,
            cell + nx,
        ));
        (part(q_w, q_e, bound_x), part(q_s, q_n, bound_y))
    }

    /// Units of depth on the grid.
    pub fn stored_units(&self) -> i64 {
        self.depth.iter().map(|h| i64::from(*h)).sum()
    }

    /// Water on the grid, m³: a whole number of units, so that the order of the sum does not matter.
    pub fn stored_m3(&self, mesh: &Mesh) -> f64 {
        self.stored_units() as f64 * mesh.unit_m3()
    }
}
