//! Flow area and depth of a link between two parts, tabled against the height of the water above its sill.

/// Entries of a table. Heights grow with the square of the entry, so the first steps, where streets and channels begin to flow, are the
/// finest: 1/225 of the range.
pub(crate) const ENTRIES: usize = 16;

/// A range is at least this, m.
const LEAST_RANGE_M: f32 = 0.05;

/// Tables of all links. Area is linear between entries and beyond the last; so is the depth that carries the area's conveyance
/// (`K = A h^(2/3) ÷ n`). 128 bytes a link, and 20 for the range, width and sill.
#[derive(Default)]
pub(crate) struct Sections {
    /// flow area, m²
    area_m2: Vec<[f32; ENTRIES]>,
    /// depth of the same conveyance, m
    depth_m: Vec<[f32; ENTRIES]>,
    /// (entries − 1)² ÷ range, 1/m
    scale: Vec<f32>,
    range_m: Vec<f32>,
    /// width of all lanes, m
    pub width_m: Vec<f32>,
    /// lowest lane, m
    pub sill_m: Vec<f64>,
    /// g n², m^(1/3)
    pub drag: Vec<f32>,
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

/// One table before it joins the others.
pub(crate) struct Table {
    area_m2: [f32; ENTRIES],
    depth_m: [f32; ENTRIES],
    range_m: f32,
    width_m: f32,
    sill_m: f64,
    drag: f32,
}

impl Table {
    /// Lanes of one width side by side. Each lane conveys by itself (wide channel, `h^(5/3) ÷ n`).
    pub fn new(lanes: &[Lane], lane_m: f64) -> Self {
        let sill_m = lanes.iter().fold(f64::INFINITY, |a, l| a.min(l.sill_m));
        let highest = lanes.iter().fold(f64::NEG_INFINITY, |a, l| a.max(l.sill_m));
        let n = lanes.iter().map(|l| l.n).sum::<f64>() / lanes.len().max(1) as f64;
        let range_m = ((highest - sill_m) as f32).max(LEAST_RANGE_M);
        let (mut area_m2, mut depth_m) = ([0.0; ENTRIES], [0.0; ENTRIES]);
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
            area_m2[k] = (area * lane_m) as f32;
            depth_m[k] = ((mean * mean.sqrt()) as f32).max(depth_m[k - 1]);
        }
        let width_m = (lanes.len() as f64 * lane_m) as f32;
        Self { area_m2, depth_m, range_m, width_m, sill_m, drag: (crate::cell::GRAVITY * n * n) as f32 }
    }
}

impl Sections {
    pub fn push(&mut self, table: Table) {
        self.scale.push(((ENTRIES - 1) * (ENTRIES - 1)) as f32 / table.range_m);
        self.area_m2.push(table.area_m2);
        self.depth_m.push(table.depth_m);
        self.range_m.push(table.range_m);
        self.width_m.push(table.width_m);
        self.sill_m.push(table.sill_m);
        self.drag.push(table.drag);
    }

    pub fn len(&self) -> usize {
        self.sill_m.len()
    }

    /// Area and depth at a height above the sill (> 0).
    #[inline(always)]
    pub fn at(&self, link: usize, height_m: f32) -> Flowing {
        let (area, depth) = (&self.area_m2[link], &self.depth_m[link]);
        let x2 = height_m * self.scale[link];
        let last = ((ENTRIES - 1) * (ENTRIES - 1)) as f32;
        if x2 < last {
            let k = (x2.sqrt() as usize).min(ENTRIES - 2);
            let share = (x2 - (k * k) as f32) * STEP[k];
            Flowing {
                area_m2: area[k] + share * (area[k + 1] - area[k]),
                depth_m: depth[k] + share * (depth[k + 1] - depth[k]),
            }
        } else {
            let over = height_m - self.range_m[link];
            Flowing { area_m2: area[ENTRIES - 1] + self.width_m[link] * over, depth_m: depth[ENTRIES - 1] + over }
        }
    }

    /// Bytes of the tables.
    pub fn bytes(&self) -> usize {
        self.len() * (8 * ENTRIES + 24)
    }
}
