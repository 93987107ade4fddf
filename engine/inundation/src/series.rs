use crate::Series;

impl Series {
    /// Value at a time: linear between rows, ends held. 0 for a series without rows (such a series is refused before a run).
    pub fn value_at(&self, time_s: f64) -> f64 {
        let k = self.at.partition_point(|&t| t <= time_s);
        match (k.checked_sub(1), self.at.get(k)) {
            (None, _) => self.value.first().copied().unwrap_or(0.0),
            (Some(j), None) => self.value[j],
            (Some(j), Some(next)) => {
                let w = (time_s - self.at[j]) / (next - self.at[j]);
                self.value[j] + w * (self.value[k] - self.value[j])
            }
        }
    }

    /// Mean value between two times, exact over every bend.
    pub fn mean_between(&self, from_s: f64, until_s: f64) -> f64 {
        if until_s <= from_s {
            return self.value_at(from_s);
        }
        let (mut t, mut v, mut sum) = (from_s, self.value_at(from_s), 0.0);
        let first = self.at.partition_point(|&x| x <= from_s);
        for k in first..self.at.len() {
            if self.at[k] >= until_s {
                break;
            }
            sum += 0.5 * (v + self.value[k]) * (self.at[k] - t);
            (t, v) = (self.at[k], self.value[k]);
        }
        sum += 0.5 * (v + self.value_at(until_s)) * (until_s - t);
        sum / (until_s - from_s)
    }

    /// True when it has rows, as many values as times, all finite, and times rise strictly.
    pub fn is_sound(&self) -> bool {
        !self.at.is_empty()
            && self.at.len() == self.value.len()
            && self.at.iter().chain(&self.value).all(|x| x.is_finite())
            && self.at.windows(2).all(|w| w[0] < w[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_between_rows_and_held_at_the_ends() {
        let s = Series { at: vec![10.0, 20.0, 40.0], value: vec![1.0, 3.0, -1.0] };
        assert_eq!([0.0, 10.0, 15.0, 20.0, 30.0, 99.0].map(|t| s.value_at(t)), [1.0, 1.0, 2.0, 3.0, 1.0, -1.0]);
        assert_eq!(s.mean_between(0.0, 10.0), 1.0);
        assert_eq!(s.mean_between(10.0, 40.0), (20.0 + 20.0) / 30.0);
        assert_eq!(s.mean_between(5.0, 15.0), (5.0 + 7.5) / 10.0);
        assert_eq!(Series::constant(4.0).mean_between(3.0, 3.0), 4.0);
    }

    #[test]
    fn unsound_series_are_seen() {
        assert!(Series::constant(1.0).is_sound());
        for (at, value) in
            [(vec![], vec![]), (vec![0.0, 0.0], vec![1.0, 1.0]), (vec![0.0], vec![f64::NAN]), (vec![0.0], vec![])]
        {
            assert!(!Series { at, value }.is_sound());
        }
    }
}
