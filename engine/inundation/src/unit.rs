//! The unit in which depths are counted.

/// Depth from which a coarser unit is taken, in units: five times as much still fits into 32 bits, so that a cell into which all its
/// neighbours pour what they have is still counted right.
pub(crate) const DEEPEST_UNITS: u32 = 1 << 28;

/// Most that the beds of two neighbours differ for the flow, in units: a cliff higher than that pushes no harder.
pub(crate) const CLIFF_UNITS: i64 = 1 << 29;

/// A power of two of metres. Depths are whole numbers of it, so that water is only ever handed on, never made or lost by
/// rounding, and sums do not depend on their order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Unit {
    exponent: i32,
}

impl Unit {
    /// The finest unit in which a depth has room, with a factor of two to spare.
    pub fn for_depth(deepest_m: f64) -> Self {
        // 2^exponent × 2^28 ≥ 2 × deepest.
        let wanted = libm::log2(deepest_m.max(1e-6) * 2.0 / f64::from(DEEPEST_UNITS)).ceil();
        Self { exponent: (wanted as i32).clamp(-60, 60) }
    }
    /// From its stored form.
    pub fn from_exponent(exponent: i32) -> Option<Self> {
        (-60..=60).contains(&exponent).then_some(Self { exponent })
    }
    /// Its stored form.
    pub fn exponent(self) -> i32 {
        self.exponent
    }
    /// m
    pub fn metres(self) -> f64 {
        libm::scalbn(1.0, self.exponent)
    }
    /// Nearest whole number of units. Values out of range end at its limits.
    pub fn count(self, metres: f64) -> i64 {
        (metres / self.metres()).round() as i64
    }
    /// Level of a bed, the nearest even number of units: differences of beds keep their last bit for a mark.
    pub fn bed(self, metres: f64) -> i64 {
        self.count(0.5 * metres).saturating_mul(2)
    }
    /// Units of a depth that stands on a bed, both in metres: the difference of two rounded levels, so that level water stays
    /// level; at least 1 when there is any water. Limited to 32 bits.
    pub fn depth_on(self, bed_m: f64, depth_m: f64) -> i32 {
        if depth_m > 0.0 {
            let units = self.count(bed_m + depth_m).saturating_sub(self.bed(bed_m));
            units.clamp(1, i64::from(i32::MAX)) as i32
        } else {
            0
        }
    }
    /// m
    pub fn depth_m(self, units: i32) -> f64 {
        f64::from(units) * self.metres()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_for_twice_the_depth_and_fine_enough_for_drizzle() {
        for depth in [0.001, 0.2, 4.0, 30.0, 1e9] {
            let unit = Unit::for_depth(depth);
            let units = depth / unit.metres();
            assert!(units * 2.0 <= f64::from(DEEPEST_UNITS) && units * 4.0 > f64::from(DEEPEST_UNITS), "{depth}");
        }
        assert!(Unit::for_depth(4.0).metres() < 3.1e-8);
    }

    #[test]
    fn a_level_lake_is_level_in_units() {
        let unit = Unit::for_depth(4.0);
        for bed in [810.073_75, 811.238_36, 812.3, 811.999_999_99] {
            let level = 812.5_f64;
            assert_eq!(unit.bed(bed) + i64::from(unit.depth_on(bed, level - bed)), unit.count(level));
        }
        assert_eq!((unit.depth_on(3.0, 1e-15), unit.depth_on(3.0, 0.0)), (1, 0));
    }
}
