//! Cells, the pixels they keep, and what of the solver depends on them.

use crate::{GridKeys, ScenarioSpec};
use dayu_base::{Finding, Text};

/// Most pixels along a side of a cell.
const MOST_PIXELS: f64 = 64.0;

impl GridKeys {
    /// Side of the pixels that results are written at, when the keys tell it: `subgrid_m`, else `cell_m`.
    pub fn pixel_m(&self) -> Option<f64> {
        self.subgrid_m.or(self.cell_m)
    }

    /// Pixels along a side of a cell: 1 without subgrid.
    pub fn pixels_a_side(&self) -> usize {
        match (self.cell_m, self.subgrid_m) {
            (Some(cell), Some(pixel)) if pixel > 0.0 => (cell / pixel).round().clamp(1.0, MOST_PIXELS) as usize,
            _ => 1,
        }
    }
}

/// Refuses pixels that do not tile a cell, and a connectivity without meaning.
pub(crate) fn check_cells(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let mut refuse = |code: &str, key: &str, message: (String, String), mend: (&str, &str)| {
        let finding = Finding::error(code, Text::new(message.0, message.1), Text::new(mend.0, mend.1));
        found.push(finding.in_file(file).field(key));
    };
    if let Some(grid) = &spec.grid
        && let Some(pixel) = grid.subgrid_m
    {
        match grid.cell_m {
            None => refuse(
                "SCN-012",
                "grid.cell_m",
                ("缺少“grid.cell_m”".into(), "'grid.cell_m' is missing".into()),
                ("给出 subgrid_m 时须同时给出 cell_m", "give cell_m where subgrid_m is given"),
            ),
            Some(cell) => {
                let ratio = cell / pixel;
                let whole = (ratio - ratio.round()).abs() <= 1e-6 * ratio;
                if !(pixel > 0.0 && (1.0 - 1e-9..=MOST_PIXELS).contains(&ratio) && whole) {
                    refuse(
                        "SCN-011",
                        "grid.subgrid_m",
                        (
                            format!("grid.subgrid_m = {pixel} 不能均分 cell_m = {cell}"),
                            format!("grid.subgrid_m = {pixel} does not divide cell_m = {cell}"),
                        ),
                        ("cell_m 应为 subgrid_m 的 1–64 倍（整数倍）", "cell_m must be 1–64 whole times subgrid_m"),
                    );
                }
            }
        }
    }
    match spec.solver.connectivity {
        Some(_) if spec.solver.scheme != "fill-spill" => refuse(
            "SCN-014",
            "solver.connectivity",
            (
                "“solver.connectivity”在这里不起作用：只用于 scheme = \"fill-spill\"".into(),
                "'solver.connectivity' has no effect here: it belongs to scheme = \"fill-spill\"".into(),
            ),
            ("去掉该键，或改正 scheme", "remove the key, or correct the scheme"),
        ),
        Some(4 | 8) | None => {}
        Some(other) => refuse(
            "SCN-013",
            "solver.connectivity",
            (format!("“{other}”不是有效取值"), format!("'{other}' is not a valid value")),
            ("有效取值：4、8", "valid values: 4, 8"),
        ),
    }
}
