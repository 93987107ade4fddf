//! Stability of an infinite slope and the pressure of water that rain brings into it.

/// Weight of water, N/m³.
pub const WATER_N_M3: f64 = 9810.0;

/// What an infinite slope is made of. Depths are vertical.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ground {
    /// angle of the slope, degrees, above 0 and below 90
    pub slope_deg: f64,
    /// effective cohesion, Pa
    pub cohesion_pa: f64,
    /// effective friction angle, degrees
    pub friction_deg: f64,
    /// unit weight of the soil, N/m³
    pub weight_n_m3: f64,
    /// depth of the base, m
    pub base_m: f64,
    /// depth of the water table before the rain, m
    pub water_table_m: f64,
    /// saturated conductivity, m/s
    pub conductivity_m_s: f64,
    /// diffusivity D0, m²/s
    pub diffusivity_m2_s: f64,
}

/// Factor of safety at a depth with a pressure head: Iverson (2000), eq. 28; TRIGRS (Baum et al. 2008), eq. 14:
/// tan φ/tan δ + (c − ψ γw tan φ)/(γs Z sin δ cos δ).
pub fn factor_of_safety(ground: &Ground, depth_m: f64, head_m: f64) -> f64 {
    let (delta, phi) = (ground.slope_deg.to_radians(), ground.friction_deg.to_radians());
    let (sine, cosine) = (libm::sin(delta), libm::cos(delta));
    let tan_phi = libm::tan(phi);
    tan_phi * cosine / sine
        + (ground.cohesion_pa - head_m * WATER_N_M3 * tan_phi) / (ground.weight_n_m3 * depth_m * sine * cosine)
}

/// Pressure head at which the factor of safety is 1, m.
pub fn critical_head_m(ground: &Ground, depth_m: f64) -> f64 {
    let (delta, phi) = (ground.slope_deg.to_radians(), ground.friction_deg.to_radians());
    let (sine, cosine) = (libm::sin(delta), libm::cos(delta));
    let tan_phi = libm::tan(phi);
    let driving = ground.weight_n_m3 * depth_m * sine * cosine;
    (ground.cohesion_pa + driving * (tan_phi * cosine / sine - 1.0)) / (WATER_N_M3 * tan_phi)
}

/// Response of a deep soil to rain, Iverson (2000), eq. 27d: R(t*) = √(t*/π)·exp(−1/t*) − erfc(1/√t*).
fn response(t: f64) -> f64 {
    if t <= 0.0 {
        return 0.0;
    }
    (t / core::f64::consts::PI).sqrt() * libm::exp(-1.0 / t) - libm::erfc(1.0 / t.sqrt())
}

/// Pressure head in a deep soil at a depth and time after rain of one rate and length began, m: Iverson (2000), eqs. 26–27, without
/// steady seepage. `rate_ratio` is rain over conductivity. Never above the head of water standing to the surface.
pub fn iverson_head_m(ground: &Ground, depth_m: f64, time_s: f64, rain_s: f64, rate_ratio: f64) -> f64 {
    let cosine = libm::cos(ground.slope_deg.to_radians());
    let beta = cosine * cosine;
    let scale = 4.0 * ground.diffusivity_m2_s * beta / (depth_m * depth_m);
    let (now, ends) = (time_s * scale, rain_s * scale);
    let grown = rate_ratio * (response(now) - if now > ends { response(now - ends) } else { 0.0 });
    (beta * (depth_m - ground.water_table_m) + depth_m * grown).min(beta * depth_m)
}

/// Waves of the pressure that are followed one by one; those beyond have died within minutes.
const WAVES: usize = 12;

/// Pressure head at one depth of a soil with an impermeable base under rain of any course: TRIGRS, saturated, finite depth (Baum,
/// Savage & Godt 2008, eq. 1 with the terms of m), in its other form: a mean that grows with the water taken in, and waves
/// cos(nπZ/d) that fade as exp(−D (nπ/d)² t). Rain of one rate is then answered exactly in one step, however long, so a course of k
/// rows costs k steps and not k².
#[derive(Clone, Debug)]
pub struct FiniteDepth {
    /// 1/s
    fading: [f64; WAVES],
    /// 1 over `fading`, s
    settling_s: [f64; WAVES],
    /// cos(nπZ/d)
    shape: [f64; WAVES],
    wave: [f64; WAVES],
    mean: f64,
    /// m of head a second for a rate of one conductivity
    filling_1_s: f64,
    steady: f64,
    start_m: f64,
    ceiling_m: f64,
    scale: f64,
    conductivity_m_s: f64,
    rate: f64,
    base_m: f64,
    /// what is left of each wave after `step_s`: rows of rain are mostly of one length
    left: [f64; WAVES],
    step_s: f64,
}

impl FiniteDepth {
    /// The soil before the rain, seen at a depth (vertical, m, at most the base).
    pub fn new(ground: &Ground, depth_m: f64) -> Self {
        let cosine = libm::cos(ground.slope_deg.to_radians());
        let beta = cosine * cosine;
        let diffusivity = ground.diffusivity_m2_s / beta;
        let d = ground.base_m;
        let z = (depth_m / d).clamp(0.0, 1.0);
        let number = |k: usize| (k + 1) as f64 * core::f64::consts::PI;
        let fading = core::array::from_fn(|k| diffusivity * (number(k) / d) * (number(k) / d));
        Self {
            fading,
            settling_s: fading.map(|f: f64| 1.0 / f),
            shape: core::array::from_fn(|k| libm::cos(number(k) * z)),
            wave: [0.0; WAVES],
            mean: 0.0,
            filling_1_s: diffusivity / d,
            // Sum of 2 cos(nπz)/(nπ)² over all n.
            steady: 1.0 / 3.0 - z + z * z / 2.0,
            start_m: (depth_m - ground.water_table_m) * beta,
            ceiling_m: depth_m * beta,
            scale: 2.0 * diffusivity / d,
            conductivity_m_s: ground.conductivity_m_s,
            rate: 0.0,
            base_m: d,
            left: [1.0; WAVES],
            step_s: 0.0,
        }
    }

    /// Lets rain of one rate (m/s) fall for a time (s). What the soil cannot take in runs off: at most the conductivity counts.
    pub fn advance(&mut self, rain_m_s: f64, seconds: f64) {
        let ratio = (rain_m_s / self.conductivity_m_s).clamp(0.0, 1.0);
        self.mean += self.filling_1_s * ratio * seconds;
        if seconds != self.step_s {
            self.left = core::array::from_fn(|k| libm::exp(-self.fading[k] * seconds));
            self.step_s = seconds;
        }
        for k in 0..WAVES {
            let settled = ratio * self.settling_s[k];
            self.wave[k] = settled + (self.wave[k] - settled) * self.left[k];
        }
        self.rate = ratio;
    }

    /// Head above the start, not capped, m.
    fn risen_m(&self) -> f64 {
        // The settled part of all waves is a parabola; only what has not settled yet is summed wave by wave.
        let unsettled: f64 = (0..WAVES).map(|k| self.shape[k] * (self.wave[k] - self.rate * self.settling_s[k])).sum();
        self.mean + self.rate * self.base_m * self.steady + self.scale * unsettled
    }

    /// What a row of rain of one conductivity adds to the uncapped head at its own end and at the ends of the dry rows after it, m: the head
    /// after any course of such rows is the start plus the sum of these, each times its row's rate over the conductivity.
    pub fn answer(&self, row_s: f64, adds_m: &mut [f64]) {
        let left: [f64; WAVES] = core::array::from_fn(|k| libm::exp(-self.fading[k] * row_s));
        let strength: [f64; WAVES] = core::array::from_fn(|k| self.scale * self.shape[k] * self.settling_s[k]);
        let filled = self.filling_1_s * row_s;
        let mut wave: [f64; WAVES] = core::array::from_fn(|k| strength[k] * (1.0 - left[k]));
        for (n, add) in adds_m.iter_mut().enumerate() {
            if n == 0 {
                let unsettled: f64 = (0..WAVES).map(|k| strength[k] * left[k]).sum();
                *add = filled + self.base_m * self.steady - unsettled;
            } else {
                for k in 0..WAVES {
                    wave[k] *= left[k];
                }
                *add = filled + wave.iter().sum::<f64>();
            }
        }
    }

    /// Head before any rain, not capped, and most that a row of rain of one conductivity can ever add, m.
    pub(crate) fn reserve_m(&self, row_s: f64) -> (f64, f64) {
        (self.start_m, self.filling_1_s * row_s)
    }

    /// Rate of rain that it can take in at most, m/s.
    pub(crate) fn conductivity_m_s(&self) -> f64 {
        self.conductivity_m_s
    }

    /// Head now, m, as the equations give it.
    pub fn uncapped_m(&self) -> f64 {
        self.start_m + self.risen_m()
    }

    /// Head of water standing to the surface, m.
    pub fn highest_m(&self) -> f64 {
        self.ceiling_m
    }

    /// Head now, m; never above that of water standing to the surface.
    pub fn head_m(&self) -> f64 {
        self.uncapped_m().min(self.ceiling_m)
    }
}
