use serde::{Deserialize, Serialize};

/// A grid of square cells that tile an extent from its south-west corner. Row 0 is the **southernmost**; the value of cell
/// (column `i`, row `j`) stands at `j * nx + i`. A point on a side belongs east / north.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct GridSpec {
    /// x of the west side, m (projected CRS)
    pub x0_m: f64,
    /// y of the south side, m
    pub y0_m: f64,
    /// side of a cell, m
    pub cell_m: f64,
    /// columns (west → east)
    pub nx: usize,
    /// rows (south → north)
    pub ny: usize,
}

impl GridSpec {
    /// Number of cells.
    pub fn len(&self) -> usize {
        self.nx * self.ny
    }
    /// True when the grid has no cell.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Index of the cell that holds a point; `None` outside.
    pub fn cell_at(&self, x_m: f64, y_m: f64) -> Option<usize> {
        let (i, j) = (((x_m - self.x0_m) / self.cell_m).floor(), ((y_m - self.y0_m) / self.cell_m).floor());
        (i >= 0.0 && j >= 0.0 && i < self.nx as f64 && j < self.ny as f64).then(|| j as usize * self.nx + i as usize)
    }
    /// Centre of a cell, m.
    pub fn centre(&self, cell: usize) -> (f64, f64) {
        let (i, j) = (cell % self.nx, cell / self.nx);
        (self.x0_m + (i as f64 + 0.5) * self.cell_m, self.y0_m + (j as f64 + 0.5) * self.cell_m)
    }
    /// `[xmin, ymin, xmax, ymax]`, m.
    pub fn extent(&self) -> [f64; 4] {
        [self.x0_m, self.y0_m, self.x0_m + self.nx as f64 * self.cell_m, self.y0_m + self.ny as f64 * self.cell_m]
    }
    /// Area of one cell, m².
    pub fn cell_area_m2(&self) -> f64 {
        self.cell_m * self.cell_m
    }
}

/// Values on a grid, south row first. For floats NaN means "no data".
#[derive(Clone, Debug, PartialEq)]
pub struct Raster<T> {
    /// Where the values lie.
    pub grid: GridSpec,
    /// One value per cell, `grid.len()` of them.
    pub values: Vec<T>,
}

impl<T: Clone> Raster<T> {
    /// The same value everywhere.
    pub fn filled(grid: GridSpec, value: T) -> Self {
        Self { values: vec![value; grid.len()], grid }
    }
}
