//! Sums of the whole units that passed each face since the window began: 32-bit at hand, spilled row by row into 64-bit where a row's
//! sums have grown large, so that they are exact and each step moves few bytes.

/// Sums beyond this are spilled. A face passes less in a step: the cell behind it would have to hold more than depths may have.
const LARGE: i32 = 1 << 29;

/// Sums of rows of faces.
pub(super) struct Sums {
    /// faces of a row
    width: usize,
    near: Vec<i32>,
    /// per row; empty until needed
    spilled: Vec<Vec<i64>>,
}

impl Sums {
    pub fn new(width: usize, rows: usize) -> Self {
        Self { width, near: vec![0; width * rows], spilled: vec![Vec::new(); rows] }
    }

    /// The sum of a face, which begins anew.
    pub fn take(&mut self, face: usize) -> i64 {
        let far = self.spilled[face / self.width].get_mut(face % self.width).map_or(0, std::mem::take);
        far + i64::from(std::mem::take(&mut self.near[face]))
    }

    /// All sums; every face begins anew.
    pub fn take_all(&mut self) -> Vec<i64> {
        let mut all: Vec<i64> = self.near.iter().map(|s| i64::from(*s)).collect();
        self.near.fill(0);
        for (row, far) in all.chunks_exact_mut(self.width).zip(&mut self.spilled) {
            row.iter_mut().zip(far.iter()).for_each(|(sum, far)| *sum += far);
            far.fill(0);
        }
        all
    }

    /// Puts sums back as they were.
    pub fn set(&mut self, all: &[i64]) {
        self.near.fill(0);
        for (row, far) in all.chunks_exact(self.width).zip(&mut self.spilled) {
            *far = if row.iter().any(|s| *s != 0) { row.to_vec() } else { Vec::new() };
        }
    }

    /// Rows `from..` cut off.
    pub fn split(&mut self, from: usize) -> (BandSums<'_>, BandSums<'_>) {
        let (near, rest) = self.near.split_at_mut(from * self.width);
        let (spilled, last) = self.spilled.split_at_mut(from);
        let width = self.width;
        (BandSums { width, near, spilled }, BandSums { width, near: rest, spilled: last })
    }
}

/// The sums of some rows.
pub(crate) struct BandSums<'a> {
    width: usize,
    near: &'a mut [i32],
    spilled: &'a mut [Vec<i64>],
}

impl<'a> BandSums<'a> {
    /// Cut into bands of `rows` rows.
    pub fn chunks(self, rows: usize) -> impl Iterator<Item = BandSums<'a>> {
        let width = self.width;
        let parts = self.near.chunks_mut(rows * width).zip(self.spilled.chunks_mut(rows));
        parts.map(move |(near, spilled)| BandSums { width, near, spilled })
    }

    /// Sums at hand of some faces of a row.
    #[inline(always)]
    pub fn near(&self, row: usize, columns: std::ops::Range<usize>) -> &[i32] {
        let at = row * self.width;
        &self.near[at + columns.start..at + columns.end]
    }

    /// Adds what passed the faces from column `from` of a row.
    #[inline(always)]
    pub fn add(&mut self, row: usize, from: usize, passes: &[i32]) {
        let at = row * self.width + from;
        let near = &mut self.near[at..at + passes.len()];
        let (mut most, mut least) = (0, 0);
        for (sum, units) in near.iter_mut().zip(passes) {
            *sum = sum.wrapping_add(*units);
            most = if *sum > most { *sum } else { most };
            least = if *sum < least { *sum } else { least };
        }
        if most > LARGE || least < -LARGE {
            self.spill(row);
        }
    }

    #[cold]
    #[inline(never)]
    fn spill(&mut self, row: usize) {
        let near = &mut self.near[row * self.width..(row + 1) * self.width];
        let far = &mut self.spilled[row];
        far.resize(self.width, 0);
        for (sum, far) in near.iter_mut().zip(far) {
            *far += i64::from(std::mem::take(sum));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_exact_however_large() {
        let mut sums = Sums::new(3, 4);
        let mut exact = vec![0_i64; 12];
        for step in 0..200 {
            for row in 0..4 {
                let passes = [i32::MAX / 4 - step, -7 * step, if row == 1 { -i32::MAX / 5 } else { 1 }];
                let mut bands: Vec<BandSums> = sums.split(4).0.chunks(2).collect();
                bands[row / 2].add(row % 2, 0, &passes);
                (0..3).for_each(|k| exact[row * 3 + k] += i64::from(passes[k]));
            }
        }
        let one = exact[4];
        assert_eq!(sums.take(4), one);
        exact[4] = 0;
        let all = sums.take_all();
        assert_eq!(all, exact);
        assert!(sums.take_all().iter().all(|s| *s == 0));
        sums.set(&exact);
        assert_eq!(sums.take_all(), exact);
    }
}
