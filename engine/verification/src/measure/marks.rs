//! Levels at gauges against observed marks.

use crate::metric::{MarkStat, Marks};
use crate::norm::Fold;
use crate::run::Run;
use crate::source::{Wrong, need};

/// One mark beside the model.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MarkPoint {
    pub id: String,
    pub model_m: f64,
    pub mark_m: f64,
    /// the columns of the band, m
    pub band_m: Vec<f64>,
}

/// Mean levels from `from` to the end beside the marks.
pub(crate) fn mark_points(run: &Run<'_>, a: &Marks) -> Result<Vec<MarkPoint>, Wrong> {
    let rows = run.expected(&a.expected, a.rows.as_ref())?;
    let (ids, marks) = (rows.words("id")?, rows.numbers(&a.column)?);
    let bands = a.band.iter().map(|c| rows.numbers(c)).collect::<Result<Vec<_>, _>>()?;
    let mut points = Vec::new();
    for (k, id) in ids.iter().enumerate() {
        let (t, v) = run.series("gauges.csv", id, "level_m")?;
        let late: Vec<f64> = t.iter().zip(&v).filter(|(t, _)| **t >= a.from).map(|(_, v)| *v).collect();
        need(!late.is_empty(), || format!("no rows after {} s", a.from))?;
        points.push(MarkPoint {
            id: (*id).into(),
            model_m: late.iter().sum::<f64>() / late.len() as f64,
            mark_m: marks[k],
            band_m: bands.iter().map(|b| b[k]).collect(),
        });
    }
    Ok(points)
}

pub(super) fn marks(run: &Run<'_>, a: &Marks) -> Result<f64, Wrong> {
    let points = mark_points(run, a)?;
    let errors: Vec<f64> = points.iter().map(|p| p.model_m - p.mark_m).collect();
    match a.stat {
        MarkStat::Mean => Fold::Mean.of(&errors),
        MarkStat::Max => Fold::Max.of(&errors),
        MarkStat::Rmse => Fold::Rmse.of(&errors),
        MarkStat::Outside => {
            let outside = points.iter().filter(|p| {
                let (lo, hi) =
                    p.band_m.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
                !p.band_m.is_empty() && (p.model_m < lo - a.widen || p.model_m > hi + a.widen)
            });
            Ok(outside.count() as f64)
        }
    }
}
