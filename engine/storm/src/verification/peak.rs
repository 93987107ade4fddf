use crate::StepSeries;

/// Errors of the largest value of a forecast course.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PeakError {
    /// forecast minus observed peak, in the unit of the series
    pub value: f64,
    /// forecast minus observed time of the (first) peak, s: positive = forecast too late
    pub time_s: f64,
}

/// Peak of the forecast against that of the observation; `None` when either has a gap (its peak is not known) or no value.
pub fn peak_error(forecast: &StepSeries, observed: &StepSeries) -> Option<PeakError> {
    let (f, o) = (peak(forecast)?, peak(observed)?);
    Some(PeakError { value: f.1 - o.1, time_s: f.0 - o.0 })
}

fn peak(series: &StepSeries) -> Option<(f64, f64)> {
    if series.value.iter().any(|v| v.is_nan()) {
        return None;
    }
    let best = series.value.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let row = series.value.iter().position(|v| *v == best)?;
    Some((series.time_s[row], best))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn late_and_low() {
        let s = |value: &[f64]| StepSeries {
            time_s: (0..value.len()).map(|k| k as f64 * 600.0).collect(),
            value: value.to_vec(),
        };
        let e = peak_error(&s(&[0.0, 1.0, 5.0, 5.0]), &s(&[0.0, 8.0, 5.0, 0.0]));
        assert_eq!(e, Some(PeakError { value: -3.0, time_s: 600.0 }));
        assert_eq!(peak_error(&s(&[0.0, f64::NAN]), &s(&[0.0, 8.0])), None);
        assert_eq!(peak_error(&s(&[]), &s(&[0.0])), None);
    }
}
