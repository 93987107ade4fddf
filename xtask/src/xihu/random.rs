//! Deterministic numbers: SplitMix64 (Steele, Lea, Flood 2014) and value noise made from it. No clock, no platform library.

/// SplitMix64.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// The finaliser of SplitMix64: a good hash of one word.
pub fn mix(mut z: u64) -> u64 {
    z = z.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl Random {
    /// A stream of its own for every name: adding a register does not disturb the others.
    pub fn named(name: &str) -> Self {
        Self(name.bytes().fold(20_210_726, |h, b| mix(h ^ u64::from(b))))
    }
    /// Next word.
    pub fn word(&mut self) -> u64 {
        let out = mix(self.0);
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        out
    }
    /// Uniform in [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.word() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// Uniform in [low, high).
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    /// Whole number in low..=high.
    pub fn whole(&mut self, low: u64, high: u64) -> u64 {
        low + self.word() % (high - low + 1)
    }
    /// True with that chance.
    pub fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }
}

fn lattice(seed: u64, i: i64, j: i64) -> f64 {
    let h = mix(seed ^ mix(i as u64).wrapping_add(mix(j as u64).rotate_left(17)));
    (h >> 11) as f64 / (1u64 << 53) as f64
}

fn smooth(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

/// Value noise in the plane, 0–1, wavelength 1.
pub fn noise(seed: u64, x: f64, y: f64) -> f64 {
    let (i, j) = (x.floor(), y.floor());
    let (u, v) = (smooth(x - i), smooth(y - j));
    let (i, j) = (i as i64, j as i64);
    let south = lattice(seed, i, j) * (1.0 - u) + lattice(seed, i + 1, j) * u;
    let north = lattice(seed, i, j + 1) * (1.0 - u) + lattice(seed, i + 1, j + 1) * u;
    south * (1.0 - v) + north * v
}
