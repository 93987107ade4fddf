//! From what was remembered to results.

use super::Run;
use crate::simulate::water_lost;
use crate::track::Further;
use crate::{FlowProblem, Inundation};
use dayu_base::Finding;

impl Run<'_> {
    /// Results of a run that has come to its end.
    ///
    /// # Errors
    /// `SIM-204` water was made or lost.
    pub(super) fn finish(mut self, mut findings: Vec<Finding>) -> Result<Inundation, Finding> {
        self.track.close(&self.tracker, &self.state.depth);
        let relative_volume_error = self.balance.relative_error();
        if relative_volume_error.is_nan() || relative_volume_error > 1e-6 {
            return Err(water_lost(relative_volume_error));
        }
        let last = self.record.balance.last().copied().unwrap_or_default();
        let mut stats = self.stats;
        stats.dt_mean_s = self.time_s / stats.steps.max(1) as f64;
        findings.sort();
        let (unit, problem, track) = (self.mesh.unit, self.problem, self.track);
        // What the steps needed goes before the results come: the run holds the most memory here.
        drop((self.mesh, self.state, self.plan, self.losses));
        let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
        let values = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
            active.iter().enumerate().map(|(c, a)| if *a { of(c) } else { f64::NAN }).collect()
        };
        let dry = self.tracker.dry;
        let class = |(class, depth): (&u8, &i32)| if *depth > dry { (*class).max(1) } else { 0 };
        let Further { floor, next, first_s, last_s } = track.further;
        drop((floor, next));
        let max_hazard = track.hazard.iter().zip(&track.max_depth).map(class).collect();
        drop(track.hazard);
        let max_depth_m = values(&|c| unit.depth_m(track.max_depth[c]));
        drop(track.max_depth);
        let peak_time_s = values(&|c| f64::from(track.peak_s[c]));
        drop(track.peak_s);
        let max_speed_m_s = values(&|c| f64::from(track.max_speed2[c]).sqrt());
        drop(track.max_speed2);
        let arrival_s = values(&|c| f64::from(track.arrival_s[c]));
        drop(track.arrival_s);
        let duration_s = values(&|c| f64::from(track.stay_s[c]));
        drop(track.stay_s);
        Ok(Inundation {
            grid: problem.grid,
            max_depth_m,
            arrival_s,
            duration_s,
            max_speed_m_s,
            max_hazard,
            crossing_s: as_asked(problem, first_s),
            leaving_s: as_asked(problem, last_s),
            peak_time_s,
            volumes: self.balance.volumes(&last),
            snapshots: self.record.snapshots,
            gauges: self.record.gauges,
            flows: self.record.flows,
            balance: self.record.balance,
            sinks: self.exchange.sinks,
            active,
            relative_volume_error,
            stats,
            findings,
        })
    }
}

/// Times of the further depths in the order of the problem: as they were remembered, copied only where a depth is asked for twice. No
/// wall was ever above one.
fn as_asked(problem: &FlowProblem, mut times_s: Vec<Vec<f32>>) -> Vec<(f64, Vec<f32>)> {
    let (asked, order) = (&problem.thresholds_m, further_depths(problem));
    let mut of = |number: usize, depth: f64| {
        let Some(times) = order.iter().position(|o| *o == depth).and_then(|k| times_s.get_mut(k)) else {
            return Vec::new();
        };
        if asked[number + 1..].contains(&depth) { times.clone() } else { std::mem::take(times) }
    };
    asked.iter().enumerate().map(|(number, depth)| (*depth, of(number, *depth))).collect()
}

/// The further depths, rising, each once.
pub(super) fn further_depths(problem: &FlowProblem) -> Vec<f64> {
    let mut depths = problem.thresholds_m.clone();
    depths.sort_by(f64::total_cmp);
    depths.dedup();
    depths
}
