//! On which cells the members of a run are computed. The choice is made from counted work, not from a clock, so that the same inputs
//! give the same members on every machine.

/// Cell-steps that all members together are estimated to take, at most (they took a tenth more on the shipped storms): 20 members of a
/// day on 110 m cells over 300 km², less than half a minute on two cores
/// of 2025.
pub(crate) const MOST_CELL_STEPS: f64 = 1.75e9;
/// A member's grid keeps at least this many cells, however long the run (D).
const LEAST_CELLS: f64 = 2000.0;

/// Side of the members' cells, m: the least whole multiple of the terrain's pixel, not finer than the run's own cells, with which
/// `members` runs are estimated to stay within `most` cell-steps. A run of twice the cell takes a quarter of the cells and half the steps.
pub(super) fn members_cell_m(pixel_m: f64, own_cell_m: f64, cells: f64, steps: f64, members: u32, most: f64) -> f64 {
    let work = |cell_m: f64| cells * steps * f64::from(members) * (own_cell_m / cell_m).powi(3);
    let fine_enough = |cell_m: f64| cells * (own_cell_m / cell_m).powi(2) >= LEAST_CELLS;
    let first = (own_cell_m / pixel_m - 1e-9).ceil().max(1.0);
    let mut cell_m = first * pixel_m;
    while work(cell_m) > most && fine_enough(cell_m + pixel_m) {
        cell_m += pixel_m;
    }
    cell_m
}

#[cfg(test)]
mod tests {
    use super::{MOST_CELL_STEPS, members_cell_m};

    #[test]
    fn members_take_the_finest_cells_that_the_work_allows() {
        // A day at 40 m on 10 m pixels, as the district's long storm, and six hours of it.
        assert_eq!(members_cell_m(10.0, 40.0, 187_598.0, 8397.0, 20, MOST_CELL_STEPS), 110.0);
        assert_eq!(members_cell_m(10.0, 40.0, 187_598.0, 1540.0, 20, MOST_CELL_STEPS), 60.0);
        // Never finer than the run, and never so coarse that nothing is left of a small district.
        assert_eq!(members_cell_m(30.0, 90.0, 17_000.0, 4000.0, 20, MOST_CELL_STEPS), 90.0);
        assert_eq!(members_cell_m(5.0, 5.0, 2500.0, 1e9, 20, MOST_CELL_STEPS), 5.0);
        assert_eq!(members_cell_m(5.0, 7.0, 90_000.0, 100.0, 2, MOST_CELL_STEPS), 10.0);
    }
}
