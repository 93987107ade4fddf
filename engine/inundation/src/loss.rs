//! What takes water from every cell during a step. Models plug in here: each is asked, for a few cells at a time, how much it would
//! take; it gets at most what is there.

use crate::face::nearest;
use crate::saved::Tape;

/// A step as the losses see it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LossStep {
    /// start, s
    pub from_s: f64,
    /// end, s
    pub until_s: f64,
    /// m in a unit of depth
    pub unit_m: f64,
}

/// Rain that fell in the step on the cells a band is asked for.
#[derive(Clone, Copy)]
pub(crate) enum Fallen<'a> {
    /// the same units everywhere
    Uniform(i32),
    /// rates, m/s
    Field(&'a [f32]),
}

impl Fallen<'_> {
    /// Mean rate on one of the cells, m/s.
    pub fn rate_m_s(self, k: usize, step: LossStep) -> f64 {
        match self {
            Self::Uniform(units) => f64::from(units) * step.unit_m / (step.until_s - step.from_s),
            Self::Field(rates) => rates.get(k).copied().map_or(0.0, f64::from),
        }
    }
}

/// A loss over the whole grid.
pub(crate) trait Loss: Send {
    /// Cut into bands of `cells` cells, so that threads work side by side.
    fn bands(&mut self, cells: usize) -> Vec<Box<dyn LossBand + '_>>;
    /// True when it is booked as infiltrated, false: as drained.
    fn is_infiltration(&self) -> bool;
    /// What the next step depends on; nothing for a loss without a memory.
    fn tape(&mut self, _tape: &mut Tape) {}
}

/// The part of a loss that belongs to a band of rows.
pub(crate) trait LossBand: Send {
    /// Takes water (units) from the cells that start at `first` of the band, never more than there is, and answers how much.
    fn take(&mut self, first: usize, depth: &mut [i32], fallen: Fallen, step: LossStep) -> i64;
}

/// A rate that never changes, as constant infiltration or an assumed drain capacity.
pub(crate) struct ConstantLoss {
    rate_m_s: Vec<f32>,
    is_infiltration: bool,
}

impl ConstantLoss {
    /// One rate per cell, mm/h.
    pub fn new(rate_mm_h: &[f64], is_infiltration: bool) -> Self {
        let rate = |r: &f64| if r.is_finite() { (r * (1e-3 / 3600.0)) as f32 } else { 0.0 };
        Self { rate_m_s: rate_mm_h.iter().map(rate).collect(), is_infiltration }
    }
}

impl Loss for ConstantLoss {
    fn bands(&mut self, cells: usize) -> Vec<Box<dyn LossBand + '_>> {
        self.rate_m_s.chunks(cells).map(|rate| Box::new(ConstantBand(rate)) as Box<dyn LossBand>).collect()
    }
    fn is_infiltration(&self) -> bool {
        self.is_infiltration
    }
}

struct ConstantBand<'a>(&'a [f32]);

impl LossBand for ConstantBand<'_> {
    fn take(&mut self, first: usize, depth: &mut [i32], _: Fallen, step: LossStep) -> i64 {
        let (from, until) = span_units(step);
        let rates = &self.0[first..first + depth.len()];
        let mut sum = 0_i64;
        for (depth, rate) in depth.chunks_mut(64).zip(rates.chunks(64)) {
            let mut taken = 0_i64;
            for (h, rate) in depth.iter_mut().zip(rate) {
                let wanted = due(*rate, from, until);
                let take = if wanted < *h { wanted } else { *h };
                *h -= take;
                taken += i64::from(take);
            }
            sum += taken;
        }
        sum
    }
}

/// The two ends of a step as factors of a rate (m/s → units), counted from a full period of [`PERIOD_S`].
fn span_units(step: LossStep) -> (f32, f32) {
    let from = step.from_s % PERIOD_S;
    ((from / step.unit_m) as f32, ((from + (step.until_s - step.from_s)) / step.unit_m) as f32)
}

/// Sums since the start of a period are rounded, not the amount of each step, so that no rounding builds up; a new period starts
/// before the sum outgrows the digits of its number, s.
pub(crate) const PERIOD_S: f64 = 4096.0;

/// Whole units of a rate between two times (as factors).
#[inline(always)]
pub(crate) fn due(rate: f32, from: f32, until: f32) -> i32 {
    const MOST: f32 = 1.0e9;
    let limit = |x: f32| if x < MOST { x } else { MOST };
    nearest(limit(rate * until)).wrapping_sub(nearest(limit(rate * from)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_rate_in_the_long_run_and_never_more_than_there_is() {
        let mut loss = ConstantLoss::new(&[0.5, 7.3, 1e6], true);
        let unit_m = 1.0 / 33_554_432.0;
        let mut depth = [1 << 27, 1 << 27, 1000];
        let mut total = 0;
        for step in 0..36_000 {
            let (from_s, until_s) = (f64::from(step) * 0.1, f64::from(step + 1) * 0.1);
            total += loss.bands(3)[0].take(0, &mut depth, Fallen::Uniform(0), LossStep { from_s, until_s, unit_m });
        }
        let gone = |k: usize, start: i32| f64::from(start - depth[k]) * unit_m * 1000.0;
        assert!((gone(0, 1 << 27) / 0.5 - 1.0).abs() < 1e-4 && (gone(1, 1 << 27) / 7.3 - 1.0).abs() < 1e-5);
        assert_eq!((depth[2], total), (0, i64::from(2 * (1 << 27) + 1000 - depth[0] - depth[1])));
    }
}
