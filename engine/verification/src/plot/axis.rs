//! Ticks at round numbers.

/// Round numbers that span `lo..=hi` in about `count` steps; at least two.
pub(crate) fn ticks(lo: f64, hi: f64, count: usize) -> Vec<f64> {
    let span = hi - lo;
    if !span.is_finite() || span <= 0.0 {
        return vec![lo];
    }
    let raw = span / count.max(1) as f64;
    let power = libm::pow(10.0, libm::log10(raw).floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * power).find(|s| *s >= raw * 0.999).unwrap_or(10.0 * power);
    let (first, last) = ((lo / step - 1e-9).ceil() as i64, (hi / step + 1e-9).floor() as i64);
    (first..=last).map(|k| k as f64 * step).collect()
}

/// A number with as many digits as its neighbours at distance `step` need.
pub(crate) fn label(v: f64, step: f64) -> String {
    if v == 0.0 {
        return "0".into();
    }
    if v.abs() >= 1e6 || step.abs() < 1e-4 {
        return short(v);
    }
    let digits = (0..6).find(|d| {
        let scaled = step.abs() * libm::pow(10.0, f64::from(*d));
        (scaled - scaled.round()).abs() < 1e-6 * scaled.max(1.0) && scaled >= 0.999
    });
    format!("{v:.*}", digits.unwrap_or(6) as usize)
}

/// Up to three significant digits.
pub(crate) fn short(v: f64) -> String {
    if v == 0.0 {
        return "0".into();
    }
    if !v.is_finite() {
        return format!("{v}");
    }
    let size = libm::log10(v.abs()).floor() as i32;
    if (-3..6).contains(&size) {
        let text = format!("{v:.*}", (2 - size).max(0) as usize);
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
    } else {
        let text = format!("{v:.2e}");
        match text.split_once('e') {
            Some((m, e)) if m.contains('.') => format!("{}e{e}", m.trim_end_matches('0').trim_end_matches('.')),
            _ => text,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn round_numbers() {
        assert_eq!(ticks(0.0, 10.0, 5), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(label(0.25, 0.25), "0.25");
        assert_eq!(label(2000.0, 500.0), "2000");
        assert_eq!(label(1e-7, 1e-7), "1e-7");
        assert_eq!([0.01234, 1234.0, 2.5e-9, 0.5].map(short), ["0.0123", "1234", "2.5e-9", "0.5"]);
    }

    proptest! {
        #[test]
        fn ticks_lie_inside(lo in -1e5f64..1e5, span in 1e-6f64..1e6, n in 2usize..9) {
            let t = ticks(lo, lo + span, n);
            prop_assert!(t.len() <= 2 * n + 2);
            prop_assert!(t.iter().all(|v| *v >= lo - 1e-6 * span && *v <= lo + span * (1.0 + 1e-6)));
        }
    }
}
