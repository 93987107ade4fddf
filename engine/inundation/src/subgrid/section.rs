//! Flow area and depth of a link between two parts, tabled against the height of the water above its sill.

/// Entries of a table. Heights grow with the square of the entry, so the first steps, where streets and channels begin to flow, are the
/// finest: 1/225 of the range.
pub(crate) const ENTRIES: usize = 16;

/// A range is at least this, m.
const LEAST_RANGE_M: f32 = 0.05;

/// Table of one link. Area is linear between entries and beyond the last; so is the depth that carries the area's conveyance
/// (`K = A h^(2/3) ÷ n`). 144 bytes.
pub(crate) struct Section {
    /// flow area, m², and depth of the same conveyance, m
    entries: [[f32; 2]; ENTRIES],
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

/// The straight piece of a table on which a height lies. Heights move slowly: a link keeps its piece and reads the table only when it
/// leaves it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Piece {
    /// heights it holds for, m: from (inclusive), to
    from_m: f32,
    to_m: f32,
    area_m2: f32,
    depth_m: f32,
    /// growth per metre of height
    area_slope: f32,
    depth_slope: f32,
}

impl Piece {
    #[inline(always)]
    pub fn holds(&self, height_m: f32) -> bool {
        height_m >= self.from_m && height_m < self.to_m
    }

    #[inline(always)]
    pub fn at(&self, height_m: f32) -> Flowing {
        let over = height_m - self.from_m;
        Flowing { area_m2: self.area_m2 + self.area_slope * over, depth_m: self.depth_m + self.depth_slope * over }
    }
}

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
            range_m,
            width_m: (lanes.len() as f64 * lane_m) as f32,
            drag: (crate::cell::GRAVITY * n * n) as f32,
            sill_m,
        }
    }

    /// All lanes lie at one level, as far as matters.
    pub fn is_level(&self) -> bool {
        self.range_m <= LEAST_RANGE_M
    }

    /// The piece that holds a height above the sill.
    pub fn piece(&self, height_m: f32) -> Piece {
        let last = ENTRIES - 1;
        let height = |k: usize| self.range_m * ((k * k) as f32 / (last * last) as f32);
        let mut k = ((height_m / self.range_m).sqrt() * last as f32) as usize;
        k = k.min(last);
        // Rounding must not put a height beside its piece.
        while k > 0 && height_m < height(k) {
            k -= 1;
        }
        while k < last && height_m >= height(k + 1) {
            k += 1;
        }
        let [area_m2, depth_m] = self.entries[k];
        if k == last {
            let (area_slope, depth_slope) = (self.width_m, 1.0);
            return Piece { from_m: height(last), to_m: f32::INFINITY, area_m2, depth_m, area_slope, depth_slope };
        }
        let (from_m, to_m) = (height(k), height(k + 1));
        let [area, depth] = self.entries[k + 1];
        let per_m = 1.0 / (to_m - from_m);
        let (area_slope, depth_slope) = ((area - area_m2) * per_m, (depth - depth_m) * per_m);
        Piece { from_m, to_m, area_m2, depth_m, area_slope, depth_slope }
    }

    /// Area and depth at a height above the sill.
    pub fn at(&self, height_m: f32) -> Flowing {
        self.piece(height_m).at(height_m)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(sills: &[f64]) -> Vec<Lane> {
        sills.iter().map(|&sill_m| Lane { sill_m, n: 0.03 }).collect()
    }

    #[test]
    fn one_level_bed_is_exact_at_every_height() {
        let section = Section::new(&lanes(&[5.0; 4]), 5.0);
        for height in [1e-6_f32, 0.003, 0.2, 1.0, 40.0] {
            let f = section.at(height);
            assert!((f.area_m2 / (20.0 * height) - 1.0).abs() < 1e-5, "{height} {f:?}");
            assert!((f.depth_m / height - 1.0).abs() < 1e-5, "{height} {f:?}");
        }
    }

    #[test]
    fn tables_rise_and_are_exact_at_entries_and_above_the_range() {
        let sills = [2.0, 2.1, 2.1, 2.6, 10.0];
        let section = Section::new(&lanes(&sills), 5.0);
        let exact = |height: f64| -> (f64, f64) {
            let depths = || sills.iter().map(|s| (height - (s - 2.0)).max(0.0));
            let area: f64 = depths().sum::<f64>() * 5.0;
            let conveyance: f64 = depths().map(|h| libm::pow(h, 5.0 / 3.0) * 5.0).sum();
            (area, libm::pow(conveyance / area, 1.5))
        };
        let (mut area, mut depth) = (0.0, 0.0);
        for k in 1..2000 {
            let f = section.at(0.006 * k as f32);
            assert!(f.area_m2 > area && f.depth_m >= depth, "{k} {f:?}");
            (area, depth) = (f.area_m2, f.depth_m);
        }
        for k in 1..ENTRIES {
            let height = 8.0 * (k * k) as f64 / 225.0;
            let (a, d) = exact(height);
            let f = section.at(height as f32);
            assert!((f64::from(f.area_m2) / a - 1.0).abs() < 1e-4 && (f64::from(f.depth_m) / d - 1.0).abs() < 1e-4);
        }
        assert!((f64::from(section.at(20.0).area_m2) / exact(20.0).0 - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_kept_piece_gives_what_the_table_gives() {
        let section = Section::new(&lanes(&[1.0, 1.2, 1.9]), 2.0);
        let mut piece = Piece::default();
        for k in 0..5000 {
            let height = (1.5 + 1.5 * libm::sin(f64::from(k) * 0.013)) as f32 + 1e-6;
            if !piece.holds(height) {
                piece = section.piece(height);
            }
            assert!(piece.holds(height));
            assert_eq!(piece.at(height), section.at(height));
        }
    }
}
