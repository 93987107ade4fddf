//! Flow area and depth of a link between two parts, tabled against the height of the water above its sill.

/// Entries of a table. Heights grow with the square of the entry, so the first steps, where streets and channels begin to flow, are the
/// finest: 1/225 of the range.
pub(crate) const ENTRIES: usize = 16;

/// A range is at least this, m.
const LEAST_RANGE_M: f32 = 0.05;

/// Table of one link. Area is linear between entries and beyond the last; so is the depth that carries the area's conveyance
/// (`K = A h^(2/3) ÷ n`). 152 bytes.
pub(crate) struct Section {
    /// flow area, m², and depth of the same conveyance, m
    entries: [[f32; 2]; ENTRIES],
    /// (entries − 1)² ÷ range, 1/m
    scale: f32,
    range_m: f32,
    /// width of all lanes, m
    pub width_m: f32,
    /// g n², m^(1/3)
    pub drag: f32,
    /// lowest lane, m
    pub sill_m: f64,
}

/// A lane of a link: one pair of pixels.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lane {
    /// higher bed of the two pixels, m
    pub sill_m: f64,
    /// Manning n
    pub n: f64,
}

/// Flow area (m²) and depth (m) at a height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Flowing {
    pub area_m2: f32,
    pub depth_m: f32,
}

/// 1 ÷ (2k + 1)
const STEP: [f32; ENTRIES] = {
    let mut step = [0.0; ENTRIES];
    let mut k = 0;
    while k < ENTRIES {
        step[k] = 1.0 / (2 * k + 1) as f32;
        k += 1;
    }
    step
};

impl Section {
    /// Lanes of one width side by side. Each lane conveys by itself (wide channel, `h^(5/3) ÷ n`).
    pub fn new(lanes: &[Lane], lane_m: f64) -> Self {
        let sill_m = lanes.iter().fold(f64::INFINITY, |a, l| a.min(l.sill_m));
        let highest = lanes.iter().fold(f64::NEG_INFINITY, |a, l| a.max(l.sill_m));
        let n = lanes.iter().map(|l| l.n).sum::<f64>() / lanes.len().max(1) as f64;
        let range_m = ((highest - sill_m) as f32).max(LEAST_RANGE_M);
        let mut entries = [[0.0; 2]; ENTRIES];
        for k in 1..ENTRIES {
            let height = f64::from(range_m) * (k * k) as f64 / ((ENTRIES - 1) * (ENTRIES - 1)) as f64;
            let (mut area, mut conveyance) = (0.0, 0.0);
            for lane in lanes {
                let h = height - (lane.sill_m - sill_m);
                if h > 0.0 {
                    area += h;
                    // Without friction anywhere the lanes still share by depth.
                    conveyance += h * libm::cbrt(h * h) * if n > 0.0 { n / lane.n.max(0.01 * n) } else { 1.0 };
                }
            }
            let mean = conveyance / area;
            entries[k] = [(area * lane_m) as f32, ((mean * mean.sqrt()) as f32).max(entries[k - 1][1])];
        }
        Self {
            entries,
            scale: ((ENTRIES - 1) * (ENTRIES - 1)) as f32 / range_m,
            range_m,
            width_m: (lanes.len() as f64 * lane_m) as f32,
            drag: (crate::cell::GRAVITY * n * n) as f32,
            sill_m,
        }
    }

    /// Area and depth at a height above the sill (> 0).
    #[inline(always)]
    pub fn at(&self, height_m: f32) -> Flowing {
        let x2 = height_m * self.scale;
        let last = ((ENTRIES - 1) * (ENTRIES - 1)) as f32;
        if x2 < last {
            let k = (x2.sqrt() as usize).min(ENTRIES - 2);
            let share = (x2 - (k * k) as f32) * STEP[k];
            let ([a, c], [b, d]) = (self.entries[k], self.entries[k + 1]);
            Flowing { area_m2: a + share * (b - a), depth_m: c + share * (d - c) }
        } else {
            let over = height_m - self.range_m;
            let [area, depth] = self.entries[ENTRIES - 1];
            Flowing { area_m2: area + self.width_m * over, depth_m: depth + over }
        }
    }
}
