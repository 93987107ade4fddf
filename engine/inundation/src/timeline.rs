//! When a run writes, where its steps must land, and the way from one such time to the next.

use crate::simulate::{STEPS_A_CALL, not_finite, stopped};
use crate::{BalanceRow, FlowProblem};
use dayu_base::Finding;

/// Times of rows and snapshots, and all times a step must end at, rising and each once, s from the start.
pub(crate) struct Timeline {
    /// rows of gauges, flows and balance: 0, every interval, and the end
    pub outputs: Vec<f64>,
    pub snapshots: Vec<f64>,
    /// both, and the rows of the rain within the run
    pub events: Vec<f64>,
    rain: Vec<f64>,
}

/// A run that steps from event to event: what its equations do in a step, and what they write.
pub(crate) trait Marching {
    /// Length of the next step, cut by [`landing`], s.
    fn step_length(&self, time_s: f64, event_s: f64) -> Result<f64, Finding>;
    fn step(&mut self, time_s: f64, dt_s: f64, end_s: f64);
    /// steps so far
    fn steps(&self) -> u64;
    /// Adds the rows of a time; gives that of the balance.
    fn write_rows(&mut self, time_s: f64) -> Option<&BalanceRow>;
    fn write_snapshot(&mut self, time_s: f64);
    fn set_rain(&mut self, time_s: f64);
}

impl Timeline {
    pub fn new(problem: &FlowProblem, rain_rows: &[f64]) -> Self {
        let end = problem.duration_s;
        let outputs = output_times(end, problem.interval_s);
        let snapshots = rising(problem.snapshots_s.clone());
        let rain = rising(rain_rows.iter().copied().filter(|t| *t > 0.0 && *t < end).collect());
        let events = rising(outputs.iter().chain(&snapshots).chain(&rain).copied().collect());
        Self { outputs, snapshots, events, rain }
    }

    /// Takes a run through all events. `progress` is told the fraction done and returns `false` to stop.
    ///
    /// # Errors
    /// A step that cannot be taken, a balance that is not finite, stopped.
    pub fn march(&self, run: &mut impl Marching, progress: &(dyn Fn(f64) -> bool + Sync)) -> Result<(), Finding> {
        let duration = self.events.last().copied().unwrap_or(0.0);
        let is_at = |times: &[f64], event: f64| times.binary_search_by(|t| t.total_cmp(&event)).is_ok();
        let mut time = 0.0;
        for &event in &self.events {
            while time < event {
                let dt = run.step_length(time, event)?;
                let end = if time + dt >= event - 1e-9 * dt { event } else { time + dt };
                run.step(time, end - time, end);
                time = end;
                if run.steps().is_multiple_of(STEPS_A_CALL) && !progress(time / duration) {
                    return Err(stopped(time));
                }
            }
            if is_at(&self.outputs, event)
                && !run.write_rows(time).is_some_and(|row| row.stored_m3.is_finite() && row.error_m3.is_finite())
            {
                return Err(not_finite(time));
            }
            if is_at(&self.snapshots, event) {
                run.write_snapshot(time);
            }
            if is_at(&self.rain, event) {
                run.set_rain(event);
            }
        }
        if progress(1.0) { Ok(()) } else { Err(stopped(time)) }
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

fn rising(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times.dedup();
    times
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
        let line = Timeline::new(&p, &[0.0, 45.0, 90.0, 100.0, 500.0]);
        assert_eq!(line.outputs, [0.0, 30.0, 60.0, 90.0, 100.0]);
        assert_eq!(line.snapshots, [30.0, 75.0]);
        assert_eq!(line.events, [0.0, 30.0, 45.0, 60.0, 75.0, 90.0, 100.0]);
        assert_eq!([landing(2.0, 1.5), landing(2.0, 3.0), landing(2.0, 9.0)], [1.5, 1.5, 2.0]);
    }
}
