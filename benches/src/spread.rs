use std::fmt;
use std::time::Instant;

/// Least, middle and greatest of repeated figures: with a handful of repeats on a shared machine a mean would hide the disturbed
/// ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// smallest
    pub least: f64,
    /// median (of an even number the upper of the two in the middle)
    pub middle: f64,
    /// largest
    pub most: f64,
}

impl Spread {
    /// Of some figures; NaN when there are none.
    pub fn of(mut figures: Vec<f64>) -> Self {
        figures.sort_by(f64::total_cmp);
        let at = |k: usize| figures.get(k).copied().unwrap_or(f64::NAN);
        Self { least: at(0), middle: at(figures.len() / 2), most: at(figures.len().saturating_sub(1)) }
    }

    /// Wall times of `repeats` runs, s. What `prepare` makes is handed to `run` and is not timed; nor is dropping the result.
    pub fn of_times<T, R>(repeats: usize, mut prepare: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> Self {
        let time = || {
            let input = prepare();
            let clock = Instant::now();
            let result = std::hint::black_box(run(std::hint::black_box(input)));
            let elapsed = clock.elapsed().as_secs_f64();
            drop(result);
            elapsed
        };
        Self::of(std::iter::repeat_with(time).take(repeats).collect())
    }

    /// Every figure times a factor (change of unit).
    pub fn times(self, factor: f64) -> Self {
        Self { least: self.least * factor, middle: self.middle * factor, most: self.most * factor }
    }
}

/// `least / middle / most`, with the precision of the format (`{:.2}`; 2 decimals when none is given).
impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = f.precision().unwrap_or(2);
        write!(f, "{:.digits$} / {:.digits$} / {:.digits$}", self.least, self.middle, self.most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_and_prints() {
        let spread = Spread::of(vec![3.0, 1.0, 2.0]);
        assert_eq!((spread.least, spread.middle, spread.most), (1.0, 2.0, 3.0));
        assert_eq!(format!("{:.1}", spread.times(2.0)), "2.0 / 4.0 / 6.0");
        assert!(Spread::of(vec![]).middle.is_nan());
    }
}
