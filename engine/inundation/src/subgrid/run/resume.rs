//! States of a run on the way, and going on from one.

use super::Run;
use crate::saved::{SavedState, Tape, damaged, finish_writing, is_complete, start_writing};
use crate::schedule::Schedule;
use crate::simulate::ends_before;
use dayu_base::Finding;

impl Run<'_> {
    /// Takes the states that are due.
    pub(super) fn save(&mut self, schedule: &mut Schedule, saved: &mut Vec<SavedState>) {
        while let Some(due) = schedule.save_due(self.moment.time_s) {
            let mut tape = start_writing(self.problem);
            self.tape(&mut tape);
            saved.push(SavedState { name: due.to_string(), bytes: finish_writing(tape) });
        }
    }

    /// Takes over a saved state instead of the start.
    ///
    /// # Errors
    /// `SIM-121` the state belongs to another run, `SIM-122` it lies at or after the end.
    pub(super) fn resume(mut self, mut tape: Tape) -> Result<Self, Finding> {
        self.tape(&mut tape);
        let time_s = self.moment.time_s;
        let is_sound = time_s.is_finite() && time_s >= 0.0 && self.wave_m2_s2.is_finite() && self.water.is_sound();
        if !is_complete(&tape) || !is_sound {
            return Err(damaged());
        }
        if time_s >= self.problem.duration_s {
            return Err(ends_before(time_s, self.problem.duration_s));
        }
        self.is_resumed = true;
        Ok(self)
    }

    /// Everything that the next step depends on, and everything that the results are made of.
    fn tape(&mut self, tape: &mut Tape) {
        let own = self.ground.digest();
        let mut parts = own;
        tape.value(&mut parts);
        if parts != own {
            return tape.fail();
        }
        tape.value(&mut self.moment.time_s);
        tape.value(&mut self.moment.before_s);
        tape.value(&mut self.wave_m2_s2);
        tape.stats(&mut self.stats);
        tape.balance(&mut self.balance);
        self.exchange.tape(tape);
        self.record.tape(tape);
        self.water.tape(self.ground, tape);
        self.track.tape(tape);
    }
}
