//! Rain that may start landslides: intensity over duration, and the rain of the days before.

/// Threshold I = a·D^b of a collection of landslides: a lower envelope. Exceeding it means "possible", never a probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntensityDuration {
    /// name
    pub id: &'static str,
    /// mm/h at one hour
    pub factor: f64,
    /// exponent
    pub exponent: f64,
    /// durations it was found for, h
    pub range_h: (f64, f64),
}

impl IntensityDuration {
    /// Caine (1980, Geografiska Annaler 62A:23) and Guzzetti et al. (2008, Landslides 5:3), world-wide (mark R: coefficients recalled).
    pub const ALL: [Self; 4] = [
        Self { id: "Caine1980", factor: 14.82, exponent: -0.39, range_h: (0.167, 500.0) },
        Self { id: "Guzzetti2008_all", factor: 2.20, exponent: -0.44, range_h: (0.1, 1000.0) },
        Self { id: "Guzzetti2008_short", factor: 2.28, exponent: -0.20, range_h: (0.1, 48.0) },
        Self { id: "Guzzetti2008_long", factor: 0.48, exponent: -0.11, range_h: (48.0, 1000.0) },
    ];

    /// Threshold of a duration, mm/h; `None` outside the durations it was found for.
    pub fn mm_h(&self, duration_h: f64) -> Option<f64> {
        let inside = (self.range_h.0..=self.range_h.1).contains(&duration_h);
        inside.then(|| self.factor * libm::pow(duration_h, self.exponent))
    }
}

/// Antecedent rain index, mm: API_t = k·API_{t−1} + P_t over daily sums, oldest first (k = 0.84 for free draining to 0.98; 0.88 is
/// usual). A day that is unknown (NaN) makes the index unknown.
pub fn antecedent_index_mm(daily_mm: &[f64], k: f64) -> Option<f64> {
    daily_mm.iter().try_fold(0.0, |index, day| day.is_finite().then_some(k * index + day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_index_fades_and_a_gap_makes_it_unknown() {
        assert_eq!(antecedent_index_mm(&[100.0, 0.0, 10.0], 0.5), Some(35.0));
        assert_eq!(antecedent_index_mm(&[100.0, f64::NAN, 10.0], 0.5), None);
        assert_eq!(IntensityDuration::ALL[0].mm_h(600.0), None);
    }
}
