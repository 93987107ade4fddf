//! Which pictures a case gets: what its checks compare, drawn with the answer; all its runs in one drawing.

mod fields;
mod lines;

use crate::book::Picture;
use crate::check::RunChecks;
use crate::convergence::Convergence;
use crate::metric::Metric;
use crate::plot::RUNS;
use crate::plot::chart::{Chart, Manner, Panel, Series};
use crate::run::Run;
use dayu_base::Text;

/// A run that was computed, with what is compared in it and its ink.
pub(crate) struct Drawn<'a> {
    pub spec: &'a RunChecks,
    pub run: &'a Run<'a>,
    pub colour: &'static str,
    pub manner: Manner,
}

impl Drawn<'_> {
    /// In legends: scheme and, where it is not the file's plain name, the run.
    pub fn label(&self) -> String {
        let cell =
            self.run.scenario.grid.as_ref().and_then(|g| g.cell_m).map(|c| format!(" {c} m")).unwrap_or_default();
        format!("dayu {}{cell}（{}）", self.run.summary.scheme, self.spec.stem())
    }
}

/// Width of a drawing of half the page, and of the whole page.
pub(crate) const HALF: f64 = 420.0;
pub(crate) const WHOLE: f64 = 860.0;

/// The pictures of a case from the runs that were computed.
pub fn pictures(runs: &[(&RunChecks, &Run<'_>)]) -> Vec<Picture> {
    let drawn: Vec<Drawn<'_>> = runs
        .iter()
        .enumerate()
        .map(|(k, (spec, run))| Drawn {
            spec,
            run,
            colour: RUNS[k % RUNS.len()],
            manner: if k % 2 == 0 { Manner::Line } else { Manner::Dashed },
        })
        .collect();
    let mut list = lines::profiles(&drawn);
    list.extend(lines::series(&drawn));
    list.extend(lines::marks(&drawn));
    for d in &drawn {
        list.extend(fields::of_run(d));
    }
    // Half pictures come in pairs: a lone last one takes the whole width only when it is the only one.
    list
}

/// Metrics of all runs in order.
pub(crate) fn metrics<'a>(drawn: &'a [Drawn<'a>]) -> impl Iterator<Item = (&'a Drawn<'a>, &'a Metric)> {
    drawn.iter().flat_map(|d| d.spec.checks.iter().map(move |c| (d, &c.metric)))
}

/// Error against cell size, both logarithmic, with the line of first and second order.
pub fn convergence_picture(c: &Convergence) -> Option<Picture> {
    let points: Vec<(f64, f64)> = c
        .resolutions
        .iter()
        .filter_map(|r| r.error.filter(|e| *e > 0.0).map(|e| (libm::log10(r.cell_m), libm::log10(e))))
        .collect();
    let (first, last) = (*points.first()?, *points.last()?);
    if points.len() < 2 {
        return None;
    }
    let slope = |order: f64, label: &str, colour: &str| Series {
        label: label.into(),
        colour: colour.into(),
        manner: Manner::Dashed,
        points: vec![(first.0, last.1 + order * (first.0 - last.0)), last],
    };
    let series = vec![
        slope(1.0, "一阶 first order", "#b0b0b0"),
        slope(2.0, "二阶 second order", "#7a7a7a"),
        Series { label: "dayu".into(), colour: RUNS[0].into(), manner: Manner::Line, points: points.clone() },
        Series { label: String::new(), colour: RUNS[0].into(), manner: Manner::Circles, points },
    ];
    let chart = Chart {
        width: HALF,
        x_label: "单元边长 cell (m)".into(),
        panels: vec![Panel { y_label: c.check.clone(), height: 170.0, series, zero: false }],
        names: Vec::new(),
        powers: true,
    };
    Some(Picture {
        title: Text::new(format!("收敛阶 {}", c.check), format!("Order of convergence, {}", c.check)),
        caption: Text::new("误差随单元边长，双对数。", "Error against cell size, both logarithmic."),
        wide: false,
        svg: chart.svg(),
    })
}
