//! How fast waves run on the links of a step, and what of it dictates the length of the next.

/// Of the links that flow, this share may have faster gravity waves than the step can follow.
const SPARED: f64 = 1e-3;

/// The spared links at most halve the number of steps: their waves may be this often too fast, squared.
const MOST_EXCESS: f32 = 4.0;

/// Classes of squared speed, each √2 (half an octave, nearly) wide.
const CLASSES: usize = 64;

/// Squared speed at which the first class ends: 2⁻²⁰ m²/s², as the upper bits of its 32-bit form.
const FIRST: usize = ((127 - 20) << 1) as usize;

/// Squares of the gravity waves of links, counted by class. Whole numbers: the same for any order of adding.
#[derive(Clone, Debug)]
pub(crate) struct Waves {
    fastest_m2_s2: f32,
    count: [u32; CLASSES],
}

impl Waves {
    pub fn none() -> Self {
        Self { fastest_m2_s2: 0.0, count: [0; CLASSES] }
    }

    /// Adds the square of a wave; one that is not a number stays visible.
    #[inline(always)]
    pub fn add(&mut self, square_m2_s2: f32) {
        if square_m2_s2 > self.fastest_m2_s2 || square_m2_s2.is_nan() {
            self.fastest_m2_s2 = square_m2_s2;
        }
        let class = (square_m2_s2.to_bits() >> 22) as usize;
        self.count[class.saturating_sub(FIRST).min(CLASSES - 1)] += 1;
    }

    pub fn and(mut self, other: &Self) -> Self {
        if other.fastest_m2_s2 > self.fastest_m2_s2 || other.fastest_m2_s2.is_nan() {
            self.fastest_m2_s2 = other.fastest_m2_s2;
        }
        self.count.iter_mut().zip(&other.count).for_each(|(own, other)| *own += other);
        self
    }

    /// Square of the wave that dictates the step, m²/s².
    ///
    /// It is the fastest, unless only a few links have it: a single deep hole would else hold up a whole district. Where the step is too
    /// long for a link, the excess of that link slows its own waves (`flow.rs`); what stands still is not touched by it.
    pub fn dictating_m2_s2(&self) -> f32 {
        let spared = (f64::from(self.count.iter().sum::<u32>()) * SPARED) as u32;
        let mut above = 0;
        let mut end = f32::INFINITY;
        for (class, count) in self.count.iter().enumerate().rev() {
            above += count;
            if above > spared {
                break;
            }
            end = f32::from_bits(((class + FIRST) << 22) as u32);
        }
        let fastest = self.fastest_m2_s2;
        if fastest.is_nan() { fastest } else { fastest.min(end).max(fastest / MOST_EXCESS) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waves(squares: &[(f32, usize)]) -> Waves {
        let mut waves = Waves::none();
        squares.iter().for_each(|&(square, n)| (0..n).for_each(|_| waves.add(square)));
        waves
    }

    #[test]
    fn the_fastest_dictates_unless_it_is_one_in_a_thousand() {
        assert_eq!(waves(&[(9.0, 999)]).dictating_m2_s2(), 9.0);
        assert_eq!(waves(&[(9.0, 990), (70.0, 10)]).dictating_m2_s2(), 70.0);
        // The class of 9 ends at 12.
        assert_eq!(waves(&[(9.0, 9990), (30.0, 3)]).dictating_m2_s2(), 12.0);
        // Not even then more than twice as slow.
        assert_eq!(waves(&[(9.0, 9990), (70.0, 3)]).dictating_m2_s2(), 17.5);
        assert_eq!(Waves::none().dictating_m2_s2(), 0.0);
    }

    #[test]
    fn order_does_not_matter_and_what_is_no_number_stays() {
        let (a, b) = (waves(&[(1.0, 5), (3.0, 7)]), waves(&[(2.0, 9), (80.0, 1)]));
        let (ab, ba) = (a.clone().and(&b), b.clone().and(&a));
        assert_eq!((ab.dictating_m2_s2(), ab.count), (ba.dictating_m2_s2(), ba.count));
        assert!(waves(&[(1.0, 5000), (f32::NAN, 1)]).and(&a).dictating_m2_s2().is_nan());
        assert!(a.and(&waves(&[(1.0, 5000), (f32::NAN, 1)])).dictating_m2_s2().is_nan());
    }
}
