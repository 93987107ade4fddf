//! When a run writes rows, keeps snapshots, changes its rain and saves its state.

use crate::FlowProblem;
use crate::simulate::output_times;

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
