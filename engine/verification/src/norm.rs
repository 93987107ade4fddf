//! Error norms and the small numerical tools of the judge.

use crate::source::{Wrong, need};
use serde::Deserialize;

/// How many errors become one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fold {
    /// root of the mean square
    Rmse,
    /// mean of the absolute values (L1)
    Mean,
    /// largest absolute value (L∞)
    Max,
}

impl Fold {
    /// One number from many errors.
    ///
    /// # Errors
    /// When there is nothing to compare.
    pub fn of(self, errors: &[f64]) -> Result<f64, Wrong> {
        need(!errors.is_empty(), || "nothing to compare".into())?;
        let n = errors.len() as f64;
        Ok(match self {
            Self::Rmse => (errors.iter().map(|e| e * e).sum::<f64>() / n).sqrt(),
            Self::Mean => errors.iter().map(|e| e.abs()).sum::<f64>() / n,
            // A NaN must not vanish in a maximum.
            Self::Max => errors.iter().fold(0.0, |m: f64, e| if e.is_nan() { f64::NAN } else { e.abs().max(m) }),
        })
    }
}

/// Linear between points, ends held; `xs` ascending and not empty.
pub fn interpolate(x: f64, xs: &[f64], ys: &[f64]) -> f64 {
    let k = xs.partition_point(|v| *v <= x);
    match (k.checked_sub(1), xs.get(k)) {
        (None, _) => ys.first().copied().unwrap_or(f64::NAN),
        (Some(j), None) => ys.get(j).copied().unwrap_or(f64::NAN),
        (Some(j), Some(next)) => {
            let w = (x - xs[j]) / (next - xs[j]);
            ys[j] * (1.0 - w) + ys[k] * w
        }
    }
}

/// Place where a profile last falls through a level, between points.
///
/// # Errors
/// When it never does.
pub fn last_crossing(points: &[(f64, f64)], level: f64) -> Result<f64, Wrong> {
    for pair in points.windows(2).rev() {
        let ((x0, v0), (x1, v1)) = (pair[0], pair[1]);
        if v0 > level && level >= v1 {
            return Ok(x0 + (x1 - x0) * (v0 - level) / (v0 - v1));
        }
    }
    Err(Wrong::new(format!("no crossing of {level}")))
}

/// Time at which a series first exceeds a level, between rows.
///
/// # Errors
/// When it never does.
pub fn arrival(t: &[f64], v: &[f64], level: f64) -> Result<f64, Wrong> {
    match v.iter().position(|y| *y > level) {
        None => Err(Wrong::new(format!("{level} is never exceeded"))),
        Some(0) => Ok(t[0]),
        Some(i) => Ok(t[i - 1] + (t[i] - t[i - 1]) * (level - v[i - 1]) / (v[i] - v[i - 1])),
    }
}

/// Sum with a running compensation (Neumaier 1974): good to the last digit for millions of cells.
pub fn exact_sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0_f64);
    for v in values {
        let t = sum + v;
        lost += if sum.abs() >= v.abs() { (sum - t) + v } else { (v - t) + sum };
        sum = t;
    }
    sum + lost
}

/// |a − b| < 1e-6 × max(1, |b|): equality of times and keys read from text.
pub(crate) fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6 * b.abs().max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn norms_by_hand() {
        let e = [3.0, -4.0];
        assert_eq!(Fold::Mean.of(&e), Ok(3.5));
        assert_eq!(Fold::Max.of(&e), Ok(4.0));
        assert_eq!(Fold::Rmse.of(&e), Ok(12.5_f64.sqrt()));
        assert!(Fold::Rmse.of(&[]).is_err());
        assert!(Fold::Max.of(&[1.0, f64::NAN]).unwrap().is_nan());
    }

    #[test]
    fn crossings_by_hand() {
        let p = [(0.0, 1.0), (1.0, 0.0), (2.0, 0.5), (4.0, 0.0)];
        assert_eq!(last_crossing(&p, 0.25), Ok(3.0));
        assert!(last_crossing(&p, 2.0).is_err());
        assert_eq!(arrival(&[0.0, 10.0], &[0.0, 2.0], 1.0), Ok(5.0));
        assert_eq!(arrival(&[3.0, 10.0], &[2.0, 2.0], 1.0), Ok(3.0));
        assert!(arrival(&[0.0], &[0.0], 1.0).is_err());
    }

    #[test]
    fn a_compensated_sum_keeps_the_small() {
        assert_eq!(exact_sum([1.0, 1e100, 1.0, -1e100]), 2.0);
    }

    proptest! {
        #[test]
        fn interpolation_stays_between_its_points(ys in prop::collection::vec(-5.0f64..5.0, 2..20), x in -3.0f64..25.0) {
            let xs: Vec<f64> = (0..ys.len()).map(|i| i as f64).collect();
            let v = interpolate(x, &xs, &ys);
            let (lo, hi) = ys.iter().fold((f64::MAX, f64::MIN), |(a, b), y| (a.min(*y), b.max(*y)));
            prop_assert!(v >= lo - 1e-12 && v <= hi + 1e-12);
        }
        #[test]
        fn norms_are_ordered(e in prop::collection::vec(-9.0f64..9.0, 1..40)) {
            let (l1, l2, linf) = (Fold::Mean.of(&e).unwrap(), Fold::Rmse.of(&e).unwrap(), Fold::Max.of(&e).unwrap());
            prop_assert!(l1 <= l2 + 1e-12 && l2 <= linf + 1e-12);
        }
    }
}
