//! Series in the forms of other models.

use dayu_inundation::Series;
use dayu_storm::StepSeries;

/// A step lies this long before the time at which it happens, for models that draw straight lines between rows, s.
const STEP_S: f64 = 0.001;

/// Rows (time, value) of rain whose straight lines are our steps, over `0..=end_s`.
pub(super) fn stepped(series: &StepSeries, end_s: f64) -> Vec<(f64, f64)> {
    let at = |t: f64| {
        let v = series.at(t);
        if v.is_nan() { 0.0 } else { v }
    };
    let mut rows = vec![(0.0, at(0.0))];
    for t in series.time_s.iter().copied().filter(|t| *t > 0.0 && *t < end_s) {
        let (_, before) = rows[rows.len() - 1];
        let now = at(t);
        if now != before {
            rows.push((t - STEP_S, before));
            rows.push((t, now));
        }
    }
    let (_, last) = rows[rows.len() - 1];
    rows.push((end_s, last));
    rows
}

/// Times of several series within `0..=end_s`, with both ends.
pub(super) fn common_times(list: &[&Series], end_s: f64) -> Vec<f64> {
    let mut times: Vec<f64> =
        list.iter().flat_map(|s| s.at.iter().copied()).filter(|t| *t > 0.0 && *t < end_s).chain([0.0, end_s]).collect();
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use dayu_inundation::{Boundary, FlowProblem, Infiltration, Scheme, Solver};
    use dayu_storm::RainField;
    use dayu_terrain::GridSpec;

    pub(crate) fn problem(grid: GridSpec, bed_m: Vec<f64>, boundaries: Vec<Boundary>) -> FlowProblem {
        FlowProblem {
            roughness: vec![0.03; grid.len()],
            grid,
            bed_m,
            infiltration: Infiltration::None,
            drain_mm_h: Vec::new(),
            rain: RainField::default(),
            roofs: Vec::new(),
            boundaries,
            initial_depth_m: Vec::new(),
            initial_velocity_m_s: None,
            sinks: Vec::new(),
            crests: Vec::new(),
            links: Vec::new(),
            gauges: Vec::new(),
            sections: Vec::new(),
            duration_s: 60.0,
            interval_s: 60.0,
            snapshots_s: Vec::new(),
            arrival_depth_m: 0.15,
            thresholds_m: Vec::new(),
            attribution: None,
            wanted: dayu_inundation::Wanted::default(),
            solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
        }
    }

    #[test]
    fn straight_lines_between_rows_are_steps() {
        let s = StepSeries { time_s: vec![0.0, 60.0, 120.0, 180.0], value: vec![1.0, 1.0, 3.0, 0.0] };
        let rows = stepped(&s, 200.0);
        assert_eq!(rows, [(0.0, 1.0), (119.999, 1.0), (120.0, 3.0), (179.999, 3.0), (180.0, 0.0), (200.0, 0.0)]);
        let volume: f64 = rows.windows(2).map(|w| 0.5 * (w[0].1 + w[1].1) * (w[1].0 - w[0].0)).sum();
        assert!((volume - 300.0).abs() < 0.01);
    }

    #[test]
    fn times_of_all_series_within_the_run() {
        let (a, b) = (
            Series { at: vec![-5.0, 10.0], value: vec![0.0, 1.0] },
            Series { at: vec![10.0, 99.0], value: vec![0.0, 1.0] },
        );
        assert_eq!(common_times(&[&a, &b], 50.0), [0.0, 10.0, 50.0]);
    }
}
