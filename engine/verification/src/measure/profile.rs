//! Along a row of cells: error norms, wet fronts, jumps.

use crate::metric::{Front, Jump, Profile};
use crate::norm::{interpolate, last_crossing};
use crate::run::{Run, row_of};
use crate::source::{Wrong, need};

/// Places, values.
pub(crate) type Points = Vec<(f64, f64)>;

/// Cell size and (x, value) of a quantity along a row, walls left out.
pub(crate) fn model_profile(run: &Run<'_>, quantity: &str, at: f64, y: Option<f64>) -> Result<(f64, Points), Wrong> {
    let depth = run.snapshot("depth", at)?;
    let g = depth.grid;
    let row = row_of(&depth, y);
    let cut = |values: &[f64]| -> Vec<f64> { values[row * g.nx..(row + 1) * g.nx].to_vec() };
    let values = match quantity {
        "depth" => cut(&depth.values),
        "q" => {
            let u = run.snapshot("u", at)?;
            cut(&depth.values).iter().zip(cut(&u.values)).map(|(h, u)| h * u).collect()
        }
        other => cut(&run.snapshot(other, at)?.values),
    };
    let points = values.into_iter().enumerate().map(|(i, v)| (g.centre(row * g.nx + i).0, v));
    Ok((g.cell_m, points.filter(|(_, v)| !v.is_nan()).collect()))
}

/// Places and values of the answer.
pub(crate) fn answer_profile(run: &Run<'_>, a: &Profile) -> Result<(Vec<f64>, Vec<f64>), Wrong> {
    let rows = run.expected(&a.expected, a.rows.as_ref())?;
    Ok((rows.numbers(&a.x)?, rows.numbers(&a.column)?))
}

pub(super) fn profile(run: &Run<'_>, a: &Profile) -> Result<f64, Wrong> {
    let (xs, ys) = answer_profile(run, a)?;
    let (cell, model) = model_profile(run, &a.quantity, a.at, a.y)?;
    let (Some(first), Some(last)) = (model.first(), model.last()) else {
        return Err(Wrong::new("the row holds no cell"));
    };
    let (from, to) = (xs[0], xs[xs.len() - 1]);
    need((first.0 - from).abs() <= cell && (last.0 - to).abs() <= cell, || {
        format!("row spans {}..{}, expected {from}..{to}", first.0, last.0)
    })?;
    let [lo, hi] = a.window.unwrap_or([f64::NEG_INFINITY, f64::INFINITY]);
    let [s0, s1] = a.skip.unwrap_or([f64::INFINITY, f64::NEG_INFINITY]);
    let mut errors = Vec::new();
    for (x, v) in model {
        let e = interpolate(x, &xs, &ys);
        if lo <= x && x <= hi && !(s0 <= x && x <= s1) && (e > 0.0 || !a.wet) {
            errors.push((v - e) / if a.relative { e } else { 1.0 });
        }
    }
    Ok(a.fold.of(&errors)? / a.divide)
}

pub(super) fn front(run: &Run<'_>, a: &Front) -> Result<f64, Wrong> {
    let (_, model) = model_profile(run, &a.quantity, a.at, a.y)?;
    let want = match (a.value, &a.expected) {
        (Some(value), _) => value,
        (None, Some(expected)) => {
            let rows = run.expected(expected, a.rows.as_ref())?;
            let points: Points = rows.numbers(&a.x)?.into_iter().zip(rows.numbers(&a.column)?).collect();
            last_crossing(&points, a.level)?
        }
        (None, None) => return Err(Wrong::new("front needs 'value' or 'expected'")),
    };
    Ok((last_crossing(&model, a.level)? - want).abs())
}

pub(super) fn jump(run: &Run<'_>, a: &Jump) -> Result<f64, Wrong> {
    let (_, model) = model_profile(run, &a.quantity, a.at, a.y)?;
    // The steepest rise; of equal ones the easternmost.
    let mut steepest: Option<(f64, f64)> = None;
    for pair in model.windows(2) {
        let (rise, x) = (pair[1].1 - pair[0].1, 0.5 * (pair[0].0 + pair[1].0));
        if steepest.is_none_or(|(most, _)| rise >= most) {
            steepest = Some((rise, x));
        }
    }
    let (_, x) = steepest.ok_or_else(|| Wrong::new("the row holds fewer than two cells"))?;
    Ok((x - a.value).abs())
}
