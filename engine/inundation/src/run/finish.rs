//! From what was remembered to results.

use super::Run;
use crate::simulate::water_lost;
use crate::{FlowProblem, Further, Inundation};
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
        findings.extend(crate::wanted::told(self.problem));
        findings.sort();
        let (unit, problem, track) = (self.mesh.unit, self.problem, self.track);
        let sources = self.tracer.as_ref().map(|t| t.totals(&self.mesh, &self.state.depth)).unwrap_or_default();
        findings.extend(crate::attribution::told(&sources));
        findings.sort();
        // What the steps needed goes before the results come: the run holds the most memory here.
        drop((self.mesh, self.state, self.plan, self.losses, self.tracer));
        let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
        let values = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
            active.iter().enumerate().map(|(c, a)| if *a { of(c) } else { f64::NAN }).collect()
        };
        let dry = self.tracker.dry;
        let class = |(class, depth): (&u8, &i32)| if *depth > dry { (*class).max(1) } else { 0 };
        let crate::track::Further { floor, next, first_s, last_s, stay_s } = track.further;
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
        let order = further_depths(problem);
        let stays = || {
            let of = |t: &f64| {
                order.iter().position(|o| o == t).map_or_else(Vec::new, |k| values(&|c| f64::from(stay_s[k][c])))
            };
            problem.wanted.durations_m.iter().map(|t| (*t, of(t))).collect()
        };
        let asked = |kept: &[f32], of: &dyn Fn(f32) -> f64| (!kept.is_empty()).then(|| values(&|c| of(kept[c])));
        let further = Further {
            stay_s: stays(),
            max_product_m2_s: asked(&track.product2, &|p| f64::from(p).sqrt()),
            max_rating: asked(&track.rating, &f64::from),
        };
        Ok(Inundation {
            attribution: self.record.attribution,
            sources,
            further,
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

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use crate::simulate::prepare;
    use crate::testing::flat;
    use crate::vectors::Vectors;

    /// Nothing of a run that makes water, or whose numbers are none, is given out.
    #[test]
    fn a_run_that_went_wrong_is_refused_whole() {
        let mut p = flat(8, 4, 5.0);
        p.initial_depth_m = vec![0.2; 32];
        let ended = |spoil: &dyn Fn(&mut super::Run)| {
            let (mut run, findings) = prepare(&p, Vectors::best()).unwrap();
            // Water that the books do not know: as if the steps had made it.
            run.is_resumed = true;
            spoil(&mut run);
            run.complete(&[], &|_| true, findings).map(|_| ()).unwrap_err()
        };
        let made = ended(&|_| {});
        assert_eq!(made.code, "SIM-204");
        assert!(made.message.zh.contains("不可用") && made.message.en.contains("unusable"), "{made}");
        let no_number = ended(&|run| run.state.q_x[10] = f32::NAN);
        assert_eq!(no_number.code, "SIM-203");
    }
}
