use crate::GridSpec;
use dayu_base::{Finding, Text};

/// Most cells a grid may have: beyond it the run would not fit the machine of a district office.
pub const MAX_CELLS: usize = 50_000_000;

/// Lays square cells over an extent `[xmin, ymin, xmax, ymax]` (m), from its south-west corner. A last column or row that the
/// extent covers only in part is kept, so that nothing of the extent is lost.
///
/// # Errors
/// `GIS-101` cell size not a positive number, `GIS-102` extent empty or not finite, `GIS-103` more than [`MAX_CELLS`] cells.
pub fn grid_from_extent(extent_m: [f64; 4], cell_m: f64) -> Result<GridSpec, Finding> {
    if !(cell_m.is_finite() && cell_m > 0.0) {
        return Err(Finding::error(
            "GIS-101",
            Text::new(
                format!("计算单元边长为 {cell_m} 米，必须大于 0"),
                format!("the cell size is {cell_m} m; it must be above 0"),
            ),
            Text::new("在 [grid] 中把 cell_m 改为正数，例如 20", "give cell_m in [grid] a positive number, such as 20"),
        )
        .field("cell_m"));
    }
    let [x0, y0, x1, y1] = extent_m;
    let (width, height) = (x1 - x0, y1 - y0);
    if !(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0) {
        return Err(Finding::error(
            "GIS-102",
            Text::new(
                format!("计算范围 [{x0}, {y0}, {x1}, {y1}] 为空或不是有限数"),
                format!("the extent [{x0}, {y0}, {x1}, {y1}] is empty or not finite"),
            ),
            Text::new(
                "范围按 [xmin, ymin, xmax, ymax] 填写，单位米",
                "write the extent as [xmin, ymin, xmax, ymax] in metres",
            ),
        )
        .field("extent"));
    }
    // A sliver below a millionth of a cell is rounding of the extent, not a column.
    let count = |length: f64| (length / cell_m - 1e-6).ceil().max(1.0);
    let (nx, ny) = (count(width), count(height));
    if nx * ny > MAX_CELLS as f64 {
        return Err(Finding::error(
            "GIS-103",
            Text::new(
                format!("网格为 {nx} × {ny} 个单元，超过上限 {MAX_CELLS}"),
                format!("the grid has {nx} × {ny} cells, more than the limit of {MAX_CELLS}"),
            ),
            Text::new("增大 cell_m 或缩小 extent", "use a larger cell_m or a smaller extent"),
        )
        .field("cell_m"));
    }
    Ok(GridSpec { x0_m: x0, y0_m: y0, cell_m, nx: nx as usize, ny: ny as usize })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn tiles_from_the_south_west_corner() {
        let g = grid_from_extent([2.0, 2.0, 242.0, 8.0], 2.0).unwrap();
        assert_eq!((g.nx, g.ny, g.x0_m, g.y0_m), (120, 3, 2.0, 2.0));
        // 0.1 × 3 is not exactly 0.3: no fourth column from rounding.
        assert_eq!(grid_from_extent([0.0, 0.0, 0.1 + 0.2, 0.3], 0.1).unwrap().nx, 3);
        assert_eq!(grid_from_extent([0.0, 0.0, 100.0, 90.0], 40.0).unwrap().len(), 9);
    }

    #[test]
    fn refuses_what_cannot_be_a_grid() {
        let code = |e, c| grid_from_extent(e, c).unwrap_err().code;
        let unit = [0.0, 0.0, 1.0, 1.0];
        for bad in [0.0, -5.0, f64::NAN, f64::INFINITY] {
            assert_eq!(code(unit, bad), "GIS-101");
        }
        assert_eq!(code([0.0, 0.0, 0.0, 1.0], 1.0), "GIS-102");
        assert_eq!(code([0.0, 0.0, f64::NAN, 1.0], 1.0), "GIS-102");
        assert_eq!(code([0.0, 0.0, 1e6, 1e6], 1.0), "GIS-103");
    }
}
