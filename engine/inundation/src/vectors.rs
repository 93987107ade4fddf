//! The sets of instructions that a step is compiled for.

use crate::band::Band;
use crate::sweep::{Step, sweep};

/// Instructions that the inner loops use. All give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Vectors {
    /// the widest that the processor has, found out when the program runs
    Best,
    /// those that every processor of the architecture has
    #[cfg(test)]
    Baseline,
    /// those of 256 bits, where the processor has them
    #[cfg(all(test, target_arch = "x86_64"))]
    Avx2,
}

impl Vectors {
    pub fn best() -> Self {
        Self::Best
    }
    pub fn sweep(self, step: &Step, band: &mut Band) {
        match self {
            Self::Best => pulp::Arch::new().dispatch(Sweep(step, band)),
            #[cfg(test)]
            Self::Baseline => sweep(step, band),
            #[cfg(all(test, target_arch = "x86_64"))]
            Self::Avx2 => match pulp::x86::V3::try_new() {
                Some(v3) => pulp::Simd::vectorize(v3, Sweep(step, band)),
                None => sweep(step, band),
            },
        }
    }
}

/// [`sweep`] as the dispatcher wants it: made once for every set of instructions.
struct Sweep<'a, 'b, 'c>(&'a Step<'a>, &'b mut Band<'c>);

impl pulp::WithSimd for Sweep<'_, '_, '_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        sweep(self.0, self.1);
    }
}
