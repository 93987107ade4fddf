//! Rasters: against an answer, their largest value, wet cells, symmetry.

use crate::metric::{Field, OneField, Wet};
use crate::run::Run;
use crate::source::{Wrong, need};
use dayu_terrain::Raster;

/// `Err` unless both lie on the same cells.
pub(crate) fn same_place(model: &Raster<f64>, answer: &Raster<f64>) -> Result<(), Wrong> {
    let (m, e) = (&model.grid, &answer.grid);
    need((m.nx, m.ny) == (e.nx, e.ny), || format!("raster is {} x {}, expected {} x {}", m.nx, m.ny, e.nx, e.ny))?;
    let ([mx, _, _, my], [ex, _, _, ey]) = (m.extent(), e.extent());
    need((mx - ex).abs() + (my - ey).abs() < 1e-3 * e.cell_m, || {
        format!("raster's corner is {mx}, {my}, expected {ex}, {ey}")
    })
}

pub(super) fn field(run: &Run<'_>, a: &Field) -> Result<f64, Wrong> {
    let (model, answer) = (run.field(&a.raster, a.at)?, run.case_raster(&a.expected)?);
    same_place(&model, &answer)?;
    let add = match &a.add {
        Some(name) => {
            let add = run.case_raster(name)?;
            same_place(&add, &answer)?;
            Some(add)
        }
        None => None,
    };
    let over = a.where_expected_above.unwrap_or(f64::NEG_INFINITY);
    let mut errors = Vec::new();
    for (k, want) in answer.values.iter().enumerate() {
        if *want > over {
            let got = model.values[k] + add.as_ref().map_or(0.0, |r| r.values[k]);
            need(!got.is_nan(), || {
                let nx = model.grid.nx;
                format!("nodata at row {}, column {}", model.grid.ny - 1 - k / nx, k % nx)
            })?;
            let d = got - want;
            errors.push(if a.excess { d.max(0.0) } else { d });
        }
    }
    a.fold.of(&errors)
}

pub(super) fn largest(run: &Run<'_>, a: &OneField) -> Result<f64, Wrong> {
    let raster = run.field(&a.raster, a.at)?;
    let known = raster.values.iter().filter(|v| !v.is_nan());
    known.map(|v| v.abs()).reduce(f64::max).ok_or_else(|| Wrong::new("the raster holds no value"))
}

pub(super) fn wet(run: &Run<'_>, a: &Wet) -> Result<f64, Wrong> {
    let raster = run.field(&a.raster, a.at)?;
    Ok((raster.values.iter().filter(|v| **v > 0.0).count() as f64 - a.value).abs())
}

pub(super) fn symmetry(run: &Run<'_>, a: &OneField) -> Result<f64, Wrong> {
    let raster = run.field(&a.raster, a.at)?;
    let n = raster.grid.nx;
    need(raster.grid.ny == n, || "the field is not square".into())?;
    let at = |r: usize, c: usize| raster.values[r * n + c];
    let mut most = 0.0_f64;
    for r in 0..n {
        for c in 0..n {
            for other in [at(r, n - 1 - c), at(n - 1 - r, c), at(c, r)] {
                let d = (at(r, c) - other).abs();
                need(!d.is_nan(), || format!("nodata at row {r}, column {c}"))?;
                most = most.max(d);
            }
        }
    }
    Ok(most)
}
