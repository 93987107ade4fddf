//! States of a run on the way, and going on from one.

use super::Run;
use crate::saved::{SavedState, Tape, damaged, finish_writing, is_complete, start_writing};
use crate::schedule::Schedule;
use crate::simulate::ends_before;
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
    /// `SIM-121` the state belongs to another run, `SIM-122` it lies at or after the end.
    pub(super) fn resume(mut self, mut tape: Tape) -> Result<Self, Finding> {
        self.tape(&mut tape);
        let is_sound = self.state.settle(self.ground.nx) && self.time_s.is_finite() && self.time_s >= 0.0;
        if !is_complete(&tape) || !is_sound || self.rows.iter().any(|row| !row.wave_m_s.is_finite()) {
            return Err(damaged());
        }
        if self.time_s >= self.problem.duration_s {
            return Err(ends_before(self.time_s, self.problem.duration_s));
        }
        self.is_resumed = true;
        Ok(self)
    }

    /// Everything that the next step depends on, and everything that the results are made of.
    fn tape(&mut self, tape: &mut Tape) {
        tape.value(&mut self.time_s);
        tape.value(&mut self.fastest_start_m_s);
        tape.stats(&mut self.stats);
        tape.balance(&mut self.balance);
        self.exchange.tape(tape);
        self.record.tape(tape);
        self.state.tape(tape);
        for row in &mut self.rows {
            tape.value(&mut row.wave_m_s);
            tape.value(&mut row.deepest_m);
        }
        let mut crests = self.crests.len() as u64;
        tape.value(&mut crests);
        if crests != self.crests.len() as u64 {
            return tape.fail();
        }
        self.crests.iter_mut().for_each(|crest| crest.tape(tape));
        self.extremes.tape(tape);
        self.losses.soil.tape(tape);
    }
}
