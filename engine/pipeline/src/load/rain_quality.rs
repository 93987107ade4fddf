//! Flags of the quality control of rain stations, kept for the table beside a run.

use dayu_storm::gauge::{Doubt, DoubtKind};
use std::fmt::Write;

/// One flag: a run of rows of a station that is doubted.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RainFlag {
    pub station: String,
    /// begin of the first row, s from start
    pub time_s: f64,
    pub rows: usize,
    /// value of the first row as it came, mm/h
    pub rate_mm_h: f64,
    pub kind: DoubtKind,
}

/// Flags of checked stations.
pub(super) fn flags<'a>(
    ids: &'a [String],
    time_s: &'a [f64],
    doubts: &'a [Doubt],
) -> impl Iterator<Item = RainFlag> + 'a {
    doubts.iter().map(|d| RainFlag {
        station: ids.get(d.station).cloned().unwrap_or_default(),
        time_s: time_s.get(d.row).copied().unwrap_or(f64::NAN),
        rows: d.rows,
        rate_mm_h: d.rate_mm_h,
        kind: d.kind,
    })
}

/// `rain_quality.csv`: station, begin and number of rows, flag, value as it came, and what became of it.
pub(crate) fn quality_csv(flags: &[RainFlag]) -> String {
    let mut s = String::from("station,time_s,rows,flag,mm_h,taken_as\n");
    for f in flags {
        let (flag, taken) = match f.kind {
            DoubtKind::Range => ("range", "unknown"),
            DoubtKind::Rate => ("rate", "unknown"),
            DoubtKind::Stuck => ("stuck", "unknown"),
            DoubtKind::NeighboursHigh => ("neighbours_high", "kept"),
            DoubtKind::NeighboursLow => ("neighbours_low", "kept"),
        };
        let _ = writeln!(
            s,
            "{},{},{},{flag},{},{taken}",
            crate::simulation::field(&f.station),
            f.time_s,
            f.rows,
            f.rate_mm_h
        );
    }
    s
}
