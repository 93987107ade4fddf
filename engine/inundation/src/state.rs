use crate::band::Halo;
use crate::mesh::Mesh;
use crate::unit::Unit;

/// Cells with so many units can give or take a few hundred of them, a hundredth, and nobody sees it.
const DEEP_UNITS: i32 = 1 << 16;

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

    /// Counts depths in a coarser unit, level water staying level but for single units. Answers the depths before.
    ///
    /// Each cell rounds by up to a unit, and films thinner than one keep one: of many cells that would be more water than a balance may
    /// miss. So what the whole grid gained or lost is made up by the deep cells (there is one at least: for it the unit is changed), a unit or a few each;
    /// less than one unit in all is left.
    pub fn set_unit(&mut self, mesh: &Mesh, bed_m: &[f64], unit: Unit) -> Vec<i32> {
        let depth = |(depth, bed): (&i32, &f64)| {
            if bed.is_nan() { 0 } else { unit.depth_on(*bed, mesh.unit.depth_m(*depth)) }
        };
        let stored_m = self.stored_units() as f64 * mesh.unit.metres();
        let after = self.depth.iter().zip(bed_m).map(depth).collect();
        let before = std::mem::replace(&mut self.depth, after);
        self.make_up((stored_m / unit.metres()).round() as i64 - self.stored_units());
        before
    }

    /// Adds units of depth (or takes them), spread over the cells with [`DEEP_UNITS`] and more, of each at most a hundredth of those.
    fn make_up(&mut self, units: i64) {
        const MOST_A_CELL: i64 = DEEP_UNITS as i64 / 100;
        let deep = self.depth.iter().filter(|h| **h >= DEEP_UNITS).count() as i64;
        if deep == 0 {
            return;
        }
        let units = units.clamp(-MOST_A_CELL * deep, MOST_A_CELL * deep);
        let (each, more) = (units.div_euclid(deep), units.rem_euclid(deep));
        for (k, h) in (0_i64..).zip(self.depth.iter_mut().filter(|h| **h >= DEEP_UNITS)) {
            *h += (each + i64::from(k < more)) as i32;
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_coarser_unit_makes_and_loses_no_water() {
        let mut problem = crate::testing::flat(40, 25, 5.0);
        problem.bed_m.iter_mut().enumerate().for_each(|(c, z)| *z = 0.1 * ((c * 7) % 13) as f64);
        let fine = Unit::for_depth(0.5);
        let mesh = Mesh::new(&problem, &[false; 1000], fine);
        let mut state = State::new(&mesh, &problem.bed_m, &[]);
        // Films thinner than a coarse unit nearly everywhere, a few deep cells.
        for (cell, h) in state.depth.iter_mut().enumerate() {
            *h = if cell % 50 == 0 { 50_000_000 + cell as i32 } else { (cell % 40) as i32 };
        }
        let coarse = Unit::for_depth(200.0);
        let (before, factor) = (state.stored_units(), coarse.metres() / fine.metres());
        assert!(factor >= 256.0);
        let kept = state.set_unit(&mesh, &problem.bed_m, coarse);
        assert_eq!(kept.iter().map(|h| i64::from(*h)).sum::<i64>(), before);
        assert!((state.stored_units() as f64 - before as f64 / factor).abs() <= 0.5, "{}", state.stored_units());
        assert!(state.depth.iter().zip(&kept).all(|(after, before)| (*after > 0) == (*before > 0)));
    }
}
