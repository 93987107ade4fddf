//! Holes of gridded rain filled by a stated way, and how much of it: from the nearest known pixel within a limit, or from the field
//! before while a gap is short. Nothing else is guessed; what is left stays unknown.

use crate::{GridRain, NO_PIXEL};
use std::collections::BTreeMap;

/// What was filled.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Filling {
    /// largest share of the cells at one time that took a neighbouring pixel
    pub share: f64,
    /// time in which any cell did, s
    pub near_s: f64,
    /// farthest such pixel, m
    pub farthest_m: f64,
    /// time over which the field before held, s
    pub held_s: f64,
}

impl Filling {
    /// True when nothing was filled.
    pub fn is_none(&self) -> bool {
        self.near_s == 0.0 && self.held_s == 0.0
    }
}

impl GridRain {
    /// Fills unknown pixels of rows of which part is known from the nearest known one (`centres` of the pixels, m) no farther than
    /// `within_m`; cells that no pixel covers take the nearest pixel likewise. Then rows of which nothing is known, between rows that are
    /// known, take the row before when the gap is no longer than `gap_s`.
    pub fn fill(&mut self, within_m: Option<f64>, gap_s: Option<f64>, centres: &[(f64, f64)]) -> Filling {
        let mut filling = Filling::default();
        if let Some(limit_m) = within_m {
            self.fill_near(limit_m, centres, &mut filling);
        }
        if let Some(limit_s) = gap_s {
            self.fill_gaps(limit_s, &mut filling);
        }
        filling
    }

    fn fill_near(&mut self, limit_m: f64, centres: &[(f64, f64)], filling: &mut Filling) {
        let all = self.pixel_of_cell.len().max(1) as f64;
        let mut beyond = 0_usize;
        if self.pixel_of_cell.contains(&NO_PIXEL) {
            let every = Buckets::new(limit_m, centres, |_| true);
            for cell in 0..self.pixel_of_cell.len() {
                if self.pixel_of_cell[cell] == NO_PIXEL
                    && let Some((pixel, far_m)) = every.nearest(self.grid.centre(cell))
                {
                    self.pixel_of_cell[cell] = pixel as u32;
                    filling.farthest_m = filling.farthest_m.max(far_m);
                    beyond += 1;
                }
            }
        }
        let mut cells = vec![0_usize; centres.len()];
        for pixel in &self.pixel_of_cell {
            if let Some(n) = cells.get_mut(*pixel as usize) {
                *n += 1;
            }
        }
        // Blocked beams leave the same holes in field after field.
        let mut last: (Vec<bool>, Vec<(usize, usize, f64)>) = (Vec::new(), Vec::new());
        for row in 0..self.rate_mm_h.len() {
            let unknown: Vec<bool> = self.rate_mm_h[row].iter().map(|v| v.is_nan()).collect();
            if unknown.iter().all(|u| *u) {
                continue;
            }
            if last.0 != unknown {
                let known = Buckets::new(limit_m, centres, |p| !unknown.get(p).copied().unwrap_or(true));
                let holes = (0..centres.len()).filter(|p| unknown.get(*p).copied().unwrap_or(false));
                let donors = holes.filter_map(|p| known.nearest(centres[p]).map(|(from, far_m)| (p, from, far_m)));
                last.1 = donors.collect();
                last.0 = unknown;
            }
            let mut filled = beyond;
            for &(pixel, from, far_m) in &last.1 {
                self.rate_mm_h[row][pixel] = self.rate_mm_h[row][from];
                filled += cells[pixel];
                filling.farthest_m = filling.farthest_m.max(far_m);
            }
            if filled > 0 {
                filling.share = filling.share.max(filled as f64 / all);
                filling.near_s += self.length_s(row);
            }
        }
    }

    fn fill_gaps(&mut self, limit_s: f64, filling: &mut Filling) {
        let nothing = |rates: &Vec<f64>| rates.iter().all(|v| v.is_nan());
        let mut row = 0;
        while row < self.rate_mm_h.len() {
            let Some(gap) = (row..self.rate_mm_h.len()).find(|r| nothing(&self.rate_mm_h[*r])) else { return };
            let Some(end) = (gap..self.rate_mm_h.len()).find(|r| !nothing(&self.rate_mm_h[*r])) else { return };
            let length_s = self.time_s[end] - self.time_s[gap];
            if gap > 0 && length_s <= limit_s {
                for r in gap..end {
                    self.rate_mm_h[r] = self.rate_mm_h[gap - 1].clone();
                }
                filling.held_s += length_s;
            }
            row = end;
        }
    }

    /// How long a row holds, s; the last row counts as long as the one before.
    fn length_s(&self, row: usize) -> f64 {
        match (self.time_s.get(row + 1), row.checked_sub(1)) {
            (Some(next), _) => next - self.time_s[row],
            (None, Some(before)) => self.time_s[row] - self.time_s[before],
            (None, None) => 1.0,
        }
    }
}

/// Places in square buckets, for the nearest within a limit.
struct Buckets<'a> {
    side_m: f64,
    limit_m: f64,
    centres: &'a [(f64, f64)],
    places: BTreeMap<(i64, i64), Vec<usize>>,
}

/// Rings of buckets to the limit.
const RINGS: i64 = 6;

impl<'a> Buckets<'a> {
    fn new(limit_m: f64, centres: &'a [(f64, f64)], wanted: impl Fn(usize) -> bool) -> Self {
        let side_m = (limit_m / RINGS as f64).max(1e-3);
        let mut places: BTreeMap<(i64, i64), Vec<usize>> = BTreeMap::new();
        for (k, c) in centres.iter().enumerate().filter(|(k, _)| wanted(*k)) {
            places.entry(bucket(*c, side_m)).or_default().push(k);
        }
        Self { side_m, limit_m, centres, places }
    }

    /// The nearest place and its distance, m; of two at one distance the first.
    fn nearest(&self, (x, y): (f64, f64)) -> Option<(usize, f64)> {
        let (i, j) = bucket((x, y), self.side_m);
        let mut best: Option<(usize, f64)> = None;
        for ring in 0..=RINGS {
            // What lies in this ring is at least so far away.
            if best.is_some_and(|(_, d)| d < (ring - 1) as f64 * self.side_m) {
                break;
            }
            for dj in -ring..=ring {
                let step = if dj.abs() == ring { 1 } else { (2 * ring).max(1) };
                let mut di = -ring;
                while di <= ring {
                    for &k in self.places.get(&(i + di, j + dj)).into_iter().flatten() {
                        let d = libm::hypot(self.centres[k].0 - x, self.centres[k].1 - y);
                        let nearer = best.is_none_or(|(b, far)| d < far || (d == far && k < b));
                        if d <= self.limit_m && nearer {
                            best = Some((k, d));
                        }
                    }
                    di += step;
                }
            }
        }
        best
    }
}

fn bucket((x, y): (f64, f64), side_m: f64) -> (i64, i64) {
    ((x / side_m).floor() as i64, (y / side_m).floor() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_terrain::GridSpec;
    use proptest::prelude::*;

    const NAN: f64 = f64::NAN;
    const SIDE: usize = 5;

    fn field(rate_mm_h: Vec<Vec<f64>>) -> (GridRain, Vec<(f64, f64)>) {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 1000.0, nx: SIDE, ny: SIDE };
        let centres = (0..grid.len()).map(|c| grid.centre(c)).collect();
        let time_s = (0..rate_mm_h.len()).map(|k| 600.0 * k as f64).collect();
        (GridRain { grid, pixel_of_cell: (0..grid.len() as u32).collect(), time_s, rate_mm_h }, centres)
    }

    #[test]
    fn a_hole_takes_the_nearest_pixel_within_the_limit_only() {
        let mut rates: Vec<f64> = (0..25).map(f64::from).collect();
        rates[12] = NAN;
        (15..25).for_each(|k| rates[k] = NAN);
        let (mut rain, centres) = field(vec![rates]);
        let done = rain.fill(Some(1000.0), None, &centres);
        // Of four neighbours the first that is known; the northernmost row is 2 km from anything.
        assert_eq!((rain.rate_mm_h[0][12], rain.rate_mm_h[0][15]), (7.0, 10.0));
        assert!(rain.rate_mm_h[0][20].is_nan() && rain.rate_mm_h[0][17].is_nan());
        assert_eq!((done.share, done.farthest_m, done.held_s), (5.0 / 25.0, 1000.0, 0.0));
    }

    #[test]
    fn a_missing_field_is_held_over_while_short_and_never_at_the_end() {
        let (mut rain, centres) = field(vec![
            vec![NAN; 25],
            vec![3.0; 25],
            vec![NAN; 25],
            vec![5.0; 25],
            vec![NAN; 25],
            vec![NAN; 25],
            vec![1.0; 25],
            vec![NAN; 25],
        ]);
        let done = rain.fill(None, Some(600.0), &centres);
        let first: Vec<f64> = rain.rate_mm_h.iter().map(|r| r[0]).collect();
        assert_eq!(first[1..4], [3.0, 3.0, 5.0]);
        assert!(first[0].is_nan() && first[4].is_nan() && first[5].is_nan() && first[7].is_nan(), "{first:?}");
        assert_eq!((done.held_s, done.near_s), (600.0, 0.0));
        assert_eq!(rain.fill(None, Some(1200.0), &centres).held_s, 1200.0);
        assert_eq!(rain.rate_mm_h[5][3], 5.0);
    }

    #[test]
    fn cells_beyond_the_field_take_the_nearest_pixel_within_the_limit() {
        let (mut rain, centres) = field(vec![(0..25).map(f64::from).collect()]);
        for cell in [4, 9, 14, 19, 24, 3] {
            rain.pixel_of_cell[cell] = NO_PIXEL;
        }
        let done = rain.fill(Some(1100.0), None, &centres[..]);
        // A pixel's centre stands where it stood, though no cell is in it any more.
        assert_eq!(rain.rate(0, 9), 9.0);
        assert!((done.share - 6.0 / 25.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn what_is_known_stays_and_what_is_filled_is_the_nearest_known(
            holes in prop::collection::vec(any::<bool>(), SIDE * SIDE), limit_m in 500.0..6000.0_f64,
        ) {
            let known: Vec<f64> = (0..SIDE * SIDE).map(|k| 1.0 + k as f64).collect();
            let before: Vec<f64> = known.iter().zip(&holes).map(|(v, h)| if *h { NAN } else { *v }).collect();
            let (mut rain, centres) = field(vec![before.clone()]);
            rain.fill(Some(limit_m), None, &centres);
            for (p, (b, after)) in before.iter().zip(&rain.rate_mm_h[0]).enumerate() {
                if !b.is_nan() {
                    prop_assert_eq!(b, after);
                    continue;
                }
                let far = |q: usize| libm::hypot(centres[p].0 - centres[q].0, centres[p].1 - centres[q].1);
                let least = (0..centres.len()).filter(|q| !before[*q].is_nan()).map(far).fold(f64::INFINITY, f64::min);
                if least <= limit_m {
                    let from = (*after - 1.0) as usize;
                    prop_assert!(!before[from].is_nan() && (far(from) - least).abs() < 1e-9);
                } else {
                    prop_assert!(after.is_nan());
                }
            }
        }
    }
}
