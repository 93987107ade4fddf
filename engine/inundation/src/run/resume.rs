//! States of a run on the way, and going on from one.

use super::{Run, tracker};
use crate::saved::{SavedState, Tape, damaged, finish_writing, is_complete, start_writing};
use crate::schedule::Schedule;
use crate::simulate::ends_before;
use crate::unit::Unit;
use dayu_base::Finding;

impl Run<'_> {
    /// Takes the states that are due.
    pub(super) fn save(&mut self, schedule: &mut Schedule, saved: &mut Vec<SavedState>) {
        while let Some(due) = schedule.save_due(self.time_s) {
            let mut tape = start_writing(self.problem);
            self.tape(&mut tape);
            saved.push(SavedState { name: due.to_string(), bytes: finish_writing(tape) });
        }
    }

    /// Takes over a saved state instead of the start.
    ///
    /// # Errors
    /// `SIM-121` the state belongs to another run.
    pub fn resume(mut self, mut tape: Tape) -> Result<Self, Finding> {
        let mut unit = 0;
        // The unit comes first: all else is counted in it.
        tape.value(&mut unit);
        let unit = Unit::from_exponent(unit).ok_or_else(damaged)?;
        self.mesh.set_unit(self.problem, unit);
        self.tracker = tracker(self.problem, unit);
        self.tape_rest(&mut tape);
        let is_sound = self.time_s.is_finite()
            && self.time_s >= 0.0
            && self.state.depth.iter().all(|h| *h >= 0)
            && self.wave_m2_s2.is_finite();
        if !is_complete(&tape) || !is_sound || !self.is_finite() {
            return Err(damaged());
        }
        if self.time_s >= self.problem.duration_s {
            return Err(ends_before(self.time_s, self.problem.duration_s));
        }
        self.tracker.time_s = self.time_s;
        self.is_resumed = true;
        Ok(self)
    }

    fn tape(&mut self, tape: &mut Tape) {
        let mut exponent = self.mesh.unit.exponent();
        tape.value(&mut exponent);
        self.tape_rest(tape);
    }

    /// Everything that the next step depends on, and everything that the results are made of.
    fn tape_rest(&mut self, tape: &mut Tape) {
        for v in [&mut self.time_s, &mut self.rain_owed, &mut self.wave_m2_s2] {
            tape.value(v);
        }
        tape.stats(&mut self.stats);
        tape.balance(&mut self.balance);
        self.exchange.tape(tape);
        let record = &mut self.record;
        for section in &mut record.sections {
            tape.value(&mut section.flow_m3_s);
            tape.total(&mut section.volume_m3);
        }
        tape.rows(&mut record.gauges, &mut record.flows, &mut record.balance);
        tape.snapshots(&mut record.snapshots);
        tape.slice(&mut self.state.depth);
        tape.slice(&mut self.state.q_x);
        tape.slice(&mut self.state.q_y);
        self.track.tape(tape);
        self.plan.tape(tape);
        let mut traced = u64::from(self.tracer.is_some());
        let own = traced;
        tape.value(&mut traced);
        if traced != own {
            return tape.fail();
        }
        if let Some(tracer) = &mut self.tracer {
            tracer.tape(tape);
            tape.shares(&mut self.record.attribution);
        }
        let mut losses = self.losses.len() as u64;
        tape.value(&mut losses);
        if losses != self.losses.len() as u64 {
            return tape.fail();
        }
        self.losses.iter_mut().for_each(|loss| loss.tape(tape));
    }
}
