/// The 2 × 2 table of an event forecast (Wilks 2011, §8.2). Pairs with an unknown side are not in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contingency {
    /// forecast and observed
    pub hits: u64,
    /// observed, not forecast
    pub misses: u64,
    /// forecast, not observed
    pub false_alarms: u64,
    /// neither
    pub correct_negatives: u64,
}

impl Contingency {
    /// Counts pairs (forecast, observed) of an event; a side that is `None` is unknown and leaves the pair out.
    pub fn count(pairs: impl IntoIterator<Item = (Option<bool>, Option<bool>)>) -> Self {
        let mut table = Self::default();
        for pair in pairs {
            match pair {
                (Some(true), Some(true)) => table.hits += 1,
                (Some(false), Some(true)) => table.misses += 1,
                (Some(true), Some(false)) => table.false_alarms += 1,
                (Some(false), Some(false)) => table.correct_negatives += 1,
                _ => {}
            }
        }
        table
    }
    /// All pairs counted.
    pub fn total(&self) -> u64 {
        self.hits + self.misses + self.false_alarms + self.correct_negatives
    }
    /// Probability of detection, hits ÷ observed; `None` when nothing was observed.
    pub fn pod(&self) -> Option<f64> {
        ratio(self.hits, self.hits + self.misses)
    }
    /// False alarm ratio, false alarms ÷ forecast; `None` when nothing was forecast.
    pub fn far(&self) -> Option<f64> {
        ratio(self.false_alarms, self.hits + self.false_alarms)
    }
    /// Critical success index (threat score).
    pub fn csi(&self) -> Option<f64> {
        ratio(self.hits, self.hits + self.misses + self.false_alarms)
    }
    /// Frequency bias, forecast ÷ observed.
    pub fn frequency_bias(&self) -> Option<f64> {
        ratio(self.hits + self.false_alarms, self.hits + self.misses)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Finley's tornado forecasts of 1884, the classic table (Wilks 2011, table 8.1): 28 hits, 23 misses, 72 false alarms, 2680
    /// correct negatives.
    #[test]
    fn finley_1884() {
        let t = Contingency { hits: 28, misses: 23, false_alarms: 72, correct_negatives: 2680 };
        assert_eq!(t.total(), 2803);
        let close = |v: Option<f64>, e: f64| v.is_some_and(|v| (v - e).abs() < 5e-4);
        assert!(close(t.pod(), 0.549) && close(t.far(), 0.720) && close(t.csi(), 0.228));
        assert!(close(t.frequency_bias(), 1.961));
    }

    #[test]
    fn unknown_pairs_are_left_out_and_empty_scores_are_unknown() {
        let t = Contingency::count([(Some(true), None), (None, Some(false)), (Some(false), Some(false))]);
        assert_eq!((t.total(), t.pod(), t.far(), t.csi(), t.frequency_bias()), (1, None, None, None, None));
    }
}
