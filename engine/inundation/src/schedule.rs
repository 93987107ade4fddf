//! When a run writes rows, keeps snapshots, changes its rain and saves its state.

use crate::FlowProblem;

/// Times that steps land on, and what is due at each.
pub(crate) struct Schedule {
    /// from the first that is still to come
    pub events: Vec<f64>,
    outputs: Vec<f64>,
    snapshots: Vec<f64>,
    save_s: Vec<f64>,
    next_save: usize,
}

impl Schedule {
    /// From the start, or from the time of a saved state on: what lies at it or before it is done.
    pub fn new(problem: &FlowProblem, rain_rows: &[f64], save_s: &[f64], resumed_at_s: Option<f64>) -> Self {
        let rising = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_by(f64::total_cmp);
            values.dedup();
            values
        };
        let duration = problem.duration_s;
        let (outputs, snapshots) = (output_times(duration, problem.interval_s), rising(&problem.snapshots_s));
        let rain = rain_rows.iter().copied().filter(|t| *t > 0.0 && *t < duration);
        let all: Vec<f64> = outputs.iter().chain(&snapshots).copied().chain(rain).collect();
        let is_due = |t: &f64| resumed_at_s.is_none_or(|at| *t > at);
        let save_s: Vec<f64> = rising(save_s).into_iter().filter(is_due).collect();
        Self { events: rising(&all).into_iter().filter(is_due).collect(), outputs, snapshots, save_s, next_save: 0 }
    }

    pub fn is_output(&self, event: f64) -> bool {
        self.outputs.binary_search_by(|t| t.total_cmp(&event)).is_ok()
    }

    pub fn is_snapshot(&self, event: f64) -> bool {
        self.snapshots.binary_search_by(|t| t.total_cmp(&event)).is_ok()
    }

    /// The next save that is due now: a state is taken at the end of the first step at or after its time.
    pub fn save_due(&mut self, time_s: f64) -> Option<f64> {
        let due = self.save_s.get(self.next_save).copied().filter(|due| *due <= time_s)?;
        self.next_save += 1;
        Some(due)
    }
}

/// A step of at most `dt_s` on the way to an event that is `left_s` away: the last two share what is left, so that none is a sliver.
pub(crate) fn landing(dt_s: f64, left_s: f64) -> f64 {
    if left_s <= dt_s {
        left_s
    } else if left_s < 2.0 * dt_s {
        0.5 * left_s
    } else {
        dt_s
    }
}

/// 0, every interval, and the end.
pub(crate) fn output_times(duration_s: f64, interval_s: f64) -> Vec<f64> {
    let whole = ((duration_s / interval_s) * (1.0 - 1e-12)).floor() as u64;
    (0..=whole).map(|k| k as f64 * interval_s).filter(|t| *t < duration_s).chain([duration_s]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flat;

    #[test]
    fn every_time_is_met_once_and_none_lies_outside() {
        let mut p = flat(1, 1, 1.0);
        (p.duration_s, p.interval_s, p.snapshots_s) = (100.0, 30.0, vec![75.0, 30.0, 75.0]);
        let rain = [0.0, 45.0, 90.0, 100.0, 500.0];
        let line = Schedule::new(&p, &rain, &[], None);
        assert_eq!(line.outputs, [0.0, 30.0, 60.0, 90.0, 100.0]);
        assert_eq!(line.snapshots, [30.0, 75.0]);
        assert_eq!(line.events, [0.0, 30.0, 45.0, 60.0, 75.0, 90.0, 100.0]);
        assert_eq!(Schedule::new(&p, &rain, &[], Some(60.0)).events, [75.0, 90.0, 100.0]);
        assert_eq!([landing(2.0, 1.5), landing(2.0, 3.0), landing(2.0, 9.0)], [1.5, 1.5, 2.0]);
    }
}
