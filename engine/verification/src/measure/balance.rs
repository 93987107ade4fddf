//! The water balance against known volumes.

use crate::metric::{Below, Known, Volume};
use crate::run::Run;
use crate::source::Wrong;

pub(super) fn volume(run: &Run<'_>, a: &Volume) -> Result<f64, Wrong> {
    let got = run.balance(&a.column, a.at)?;
    let want = match &a.value {
        Known::Number(v) => *v,
        Known::Word(w) if w == "start" => run.balance("stored_m3", Some(0.0))?,
        Known::Word(w) => return Err(Wrong::new(format!("volume: unknown value '{w}'"))),
    };
    Ok((got / want - 1.0).abs())
}

pub(super) fn below(run: &Run<'_>, a: &Below) -> Result<f64, Wrong> {
    Ok((run.balance(&a.column, a.at)? - a.value).max(0.0))
}
