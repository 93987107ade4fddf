/// A counter-based generator: number k of a seed is a hash of both (the finaliser of SplitMix64, Steele et al. 2014), so draws do not
/// depend on the order or the thread in which they are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CounterRandom {
    seed: u64,
}

impl CounterRandom {
    /// A generator of a seed.
    pub fn new(seed: u64) -> Self {
        Self { seed: mix(seed ^ 0x5851_f42d_4c95_7f2d) }
    }
    /// The `counter`-th 64 bits.
    pub fn bits(&self, counter: u64) -> u64 {
        mix(self.seed.wrapping_add(counter.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }
    /// The `counter`-th number below `n` (multiply–shift; the bias is below n ÷ 2⁶⁴).
    pub fn below(&self, counter: u64, n: u64) -> u64 {
        ((u128::from(self.bits(counter)) * u128::from(n)) >> 64) as u64
    }
    /// The `counter`-th number in [0, 1).
    pub fn unit(&self, counter: u64) -> f64 {
        (self.bits(counter) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A score with its interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Interval {
    /// score of all events; `None` = not defined
    pub value: Option<f64>,
    /// lower and upper limit; `None` when fewer than half of the resamples have the score
    pub limits: Option<(f64, f64)>,
}

/// Percentile bootstrap over events (Efron & Tibshirani 1993, ch. 13): draws as many events as there are, with replacement, and takes
/// the score of each draw. `score` gets the numbers of the events drawn.
pub fn bootstrap(
    events: usize,
    resamples: u32,
    level: f64,
    seed: u64,
    score: impl Fn(&[usize]) -> Option<f64>,
) -> Interval {
    let all: Vec<usize> = (0..events).collect();
    let value = score(&all);
    if events < 2 || resamples == 0 {
        return Interval { value, limits: None };
    }
    let random = CounterRandom::new(seed);
    let mut drawn: Vec<f64> = (0..u64::from(resamples))
        .filter_map(|r| {
            let pick = |k: usize| random.below(r * events as u64 + k as u64, events as u64) as usize;
            score(&(0..events).map(pick).collect::<Vec<_>>())
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let limits = (2 * drawn.len() >= resamples as usize && !drawn.is_empty()).then(|| {
        let at = |q: f64| drawn[((q * drawn.len() as f64) as usize).min(drawn.len() - 1)];
        (at(0.5 * (1.0 - level)), at(0.5 * (1.0 + level)))
    });
    Interval { value, limits }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn draws_are_even_and_seeded() {
        let r = CounterRandom::new(7);
        let mut counts = [0_u32; 10];
        (0..100_000).for_each(|k| counts[r.below(k, 10) as usize] += 1);
        // Five standard deviations of a tenth of 100 000.
        assert!(counts.iter().all(|c| c.abs_diff(10_000) < 475), "{counts:?}");
        assert_ne!(CounterRandom::new(8).bits(0), r.bits(0));
        assert!((0..1000).all(|k| (0.0..1.0).contains(&r.unit(k))));
    }

    #[test]
    fn interval_of_a_mean_covers_as_theory_says() {
        // 200 even draws in [0, 1): mean 0.5, its standard error √(1/12/200) = 0.0204.
        let r = CounterRandom::new(3);
        let data: Vec<f64> = (0..200).map(|k| r.unit(k)).collect();
        let mean = |e: &[usize]| Some(e.iter().map(|k| data[*k]).sum::<f64>() / e.len() as f64);
        let i = bootstrap(200, 2000, 0.95, 11, mean);
        let (low, high) = i.limits.unwrap();
        assert!(low < i.value.unwrap() && i.value.unwrap() < high);
        assert!(((high - low) / (2.0 * 1.96 * 0.0204) - 1.0).abs() < 0.15, "{low} {high}");
        assert_eq!(i, bootstrap(200, 2000, 0.95, 11, mean));
        assert_eq!(bootstrap(1, 100, 0.9, 1, |_| Some(1.0)).limits, None);
    }
}
