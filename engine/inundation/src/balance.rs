use crate::{BalanceRow, Volumes};

/// A sum that carries its rounding along (Neumaier 1974), so that a million small steps add up exactly enough.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Total {
    sum: f64,
    rest: f64,
}

impl Total {
    pub fn add(&mut self, value: f64) {
        let sum = self.sum + value;
        self.rest += if self.sum.abs() >= value.abs() { (self.sum - sum) + value } else { (value - sum) + self.sum };
        self.sum = sum;
    }
    pub fn value(&self) -> f64 {
        self.sum + self.rest
    }
    /// Sum and rounding carried along, as stored.
    pub fn parts(self) -> [f64; 2] {
        [self.sum, self.rest]
    }
    /// From its stored form.
    pub fn from_parts([sum, rest]: [f64; 2]) -> Self {
        Self { sum, rest }
    }
}

/// Where every cubic metre went.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Balance {
    pub rain: Total,
    pub inflow: Total,
    pub infiltrated: Total,
    pub drained: Total,
    pub outflow: Total,
    pub stored_start_m3: f64,
    /// see [`Self::relative_error`]
    pub worst: f64,
}

impl Balance {
    /// The row of a time. Remembers the worst relative error.
    pub fn row(&mut self, time_s: f64, stored_m3: f64) -> BalanceRow {
        let mut error = Total::default();
        error.add(stored_m3);
        error.add(-self.stored_start_m3);
        for (total, sign) in [
            (&self.rain, -1.0),
            (&self.inflow, -1.0),
            (&self.infiltrated, 1.0),
            (&self.drained, 1.0),
            (&self.outflow, 1.0),
        ] {
            error.add(sign * total.sum);
            error.add(sign * total.rest);
        }
        let error_m3 = error.value();
        let all = self.stored_start_m3 + self.rain.value() + self.inflow.value();
        let relative = if all > 0.0 { error_m3.abs() / all } else { error_m3.abs() };
        // NaN must not pass as "no error".
        self.worst = if relative <= self.worst { self.worst } else { relative };
        BalanceRow {
            time_s,
            rain_m3: self.rain.value(),
            inflow_m3: self.inflow.value(),
            infiltrated_m3: self.infiltrated.value(),
            drained_m3: self.drained.value(),
            outflow_m3: self.outflow.value(),
            stored_m3,
            error_m3,
        }
    }

    /// max |error| ÷ (stored at start + rain + inflow) over all rows.
    pub fn relative_error(&self) -> f64 {
        self.worst
    }

    pub fn volumes(&self, last: &BalanceRow) -> Volumes {
        Volumes {
            rain_m3: last.rain_m3,
            inflow_m3: last.inflow_m3,
            infiltrated_m3: last.infiltrated_m3,
            drained_m3: last.drained_m3,
            outflow_m3: last.outflow_m3,
            stored_start_m3: self.stored_start_m3,
            stored_m3: last.stored_m3,
            error_m3: last.error_m3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_steps_are_not_lost() {
        let mut total = Total::default();
        total.add(1e9);
        (0..1_000_000).for_each(|_| total.add(1e-8));
        total.add(-1e9);
        assert!((total.value() - 0.01).abs() < 1e-12);
    }
}
