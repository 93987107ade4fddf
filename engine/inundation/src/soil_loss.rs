//! Infiltration that remembers, as a loss of the whole-number kernel.

use crate::infiltration::{Infiltration, Soil, SoilBand};
use crate::loss::{Fallen, Loss, LossBand, LossStep};
use crate::saved::Tape;

/// Cells that go through the laws at a time.
const CELLS: usize = 64;

/// The soil of every cell, and the water that each was to take and that was less than a unit so far.
pub(crate) struct SoilLoss {
    soil: Soil,
    /// m, below one unit
    owed_m: Vec<f32>,
}

impl SoilLoss {
    pub fn new(model: &Infiltration, cells: usize) -> Self {
        Self { soil: Soil::new(model, cells), owed_m: vec![0.0; cells] }
    }
}

impl Loss for SoilLoss {
    fn bands(&mut self, cells: usize) -> Vec<Box<dyn LossBand + '_>> {
        let count = self.owed_m.len().div_ceil(cells);
        let bands = self.soil.bands(cells, count).into_iter().zip(self.owed_m.chunks_mut(cells));
        bands.map(|(soil, owed_m)| Box::new(SoilLossBand { soil, owed_m }) as Box<dyn LossBand>).collect()
    }
    fn is_infiltration(&self) -> bool {
        true
    }
    fn tape(&mut self, tape: &mut Tape) {
        self.soil.tape(tape);
        tape.slice(&mut self.owed_m);
    }
}

struct SoilLossBand<'a> {
    soil: SoilBand<'a>,
    owed_m: &'a mut [f32],
}

impl LossBand for SoilLossBand<'_> {
    fn take(&mut self, first: usize, depth: &mut [i32], fallen: Fallen, step: LossStep) -> i64 {
        let (dt_s, mut sum) = (step.until_s - step.from_s, 0);
        for (k, depth) in depth.chunks_mut(CELLS).enumerate() {
            let (at, n) = (first + k * CELLS, depth.len());
            let (mut water, mut rain, mut taken) = ([0.0; CELLS], [0.0; CELLS], [0.0; CELLS]);
            for (j, h) in depth.iter().enumerate() {
                water[j] = f64::from(*h) * step.unit_m;
                // Walls stand dry: no rain is theirs.
                rain[j] = if *h > 0 { fallen.rate_m_s(k * CELLS + j, step) } else { 0.0 };
            }
            self.soil.take(at, &water[..n], &rain[..n], step.until_s, dt_s, &mut taken[..n]);
            for ((h, taken), owed) in depth.iter_mut().zip(&taken).zip(&mut self.owed_m[at..at + n]) {
                if *taken > 0.0 {
                    let due = (taken + f64::from(*owed)) / step.unit_m;
                    let whole = due.floor().min(f64::from(*h));
                    *owed = if whole < f64::from(*h) { ((due - whole) * step.unit_m) as f32 } else { 0.0 };
                    *h -= whole as i32;
                    sum += whole as i64;
                }
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Unit;

    #[test]
    fn counted_infiltration_is_that_of_the_law() {
        let model = Infiltration::Horton { f0_mm_h: vec![76.0; 3], fc_mm_h: vec![13.0; 3], decay_1_h: vec![4.14; 3] };
        let unit_m = Unit::for_depth(4.0).metres();
        let (mut counted, mut summed) = (SoilLoss::new(&model, 3), Soil::new(&model, 3));
        let start = (0.5 / unit_m) as i32;
        let mut depth = [start, 0, 1000];
        let (mut law_m, mut taken) = (0.0, [0.0]);
        for k in 0..18_000 {
            let (from_s, until_s) = (f64::from(k) * 0.2, f64::from(k + 1) * 0.2);
            let step = LossStep { from_s, until_s, unit_m };
            counted.bands(3)[0].take(0, &mut depth, Fallen::Uniform(0), step);
            law_m += summed.whole().take(0, &[0.5], &[0.0], until_s, 0.2, &mut taken);
        }
        let gone_m = f64::from(start - depth[0]) * unit_m;
        assert!((gone_m / law_m - 1.0).abs() < 1e-6, "{gone_m} {law_m}");
        assert_eq!(&depth[1..], [0, 0]);
    }
}
