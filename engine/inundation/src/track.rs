//! What is remembered of every cell: deepest, fastest, hazard, first and last time above thresholds.

use crate::cell::{arr_class, larger};
use crate::depth::maximum;
use crate::mesh::Mesh;
use crate::state::State;

/// Cells looked at together: one test decides whether any of them needs more than the maxima.
const SEGMENT: usize = 64;

/// Per cell. Times are +∞ (first) or −∞ (last) until they happen.
pub(crate) struct Track {
    nx: usize,
    thresholds: usize,
    pub max_depth_m: Vec<f64>,
    pub peak_time_s: Vec<f64>,
    pub max_speed2: Vec<f64>,
    pub hazard: Vec<u8>,
    pub duration_s: Vec<f64>,
    /// row by row, in a row threshold by threshold
    first_s: Vec<f64>,
    last_s: Vec<f64>,
}

/// The part of [`Track`] that belongs to a band of rows.
pub(crate) struct TrackRow<'a> {
    max_depth_m: &'a mut [f64],
    peak_time_s: &'a mut [f64],
    max_speed2: &'a mut [f64],
    hazard: &'a mut [u8],
    duration_s: &'a mut [f64],
    first_s: &'a mut [f64],
    last_s: &'a mut [f64],
}

/// What a step remembers by.
pub(crate) struct Tracker {
    pub nx: usize,
    pub time_s: f64,
    pub dry_m: f64,
    /// the first is that of arrival and duration
    pub thresholds_m: Vec<f64>,
    pub lowest_m: f64,
}

impl Track {
    pub fn new(mesh: &Mesh, thresholds: usize) -> Self {
        let n = mesh.nx * mesh.ny;
        Self {
            nx: mesh.nx,
            thresholds,
            max_depth_m: vec![0.0; n],
            peak_time_s: vec![0.0; n],
            max_speed2: vec![0.0; n],
            hazard: vec![0; n],
            duration_s: vec![0.0; n],
            first_s: vec![f64::INFINITY; n * thresholds],
            last_s: vec![f64::NEG_INFINITY; n * thresholds],
        }
    }

    /// Cut into bands of `cells` cells.
    pub fn bands(&mut self, cells: usize) -> impl Iterator<Item = TrackRow<'_>> {
        let times =
            self.first_s.chunks_mut(cells * self.thresholds).zip(self.last_s.chunks_mut(cells * self.thresholds));
        let depths = self.max_depth_m.chunks_mut(cells).zip(self.peak_time_s.chunks_mut(cells));
        let speeds = self.max_speed2.chunks_mut(cells).zip(self.hazard.chunks_mut(cells));
        depths.zip(speeds).zip(self.duration_s.chunks_mut(cells)).zip(times).map(
            |((((max_depth_m, peak_time_s), (max_speed2, hazard)), duration_s), (first_s, last_s))| TrackRow {
                max_depth_m,
                peak_time_s,
                max_speed2,
                hazard,
                duration_s,
                first_s,
                last_s,
            },
        )
    }

    /// First (or last) times of a threshold, one per cell; NaN = never.
    pub fn times(&self, threshold: usize, first: bool) -> Vec<f64> {
        let all = if first { &self.first_s } else { &self.last_s };
        let rows = all.chunks_exact(self.nx * self.thresholds);
        rows.flat_map(|row| &row[threshold * self.nx..(threshold + 1) * self.nx])
            .map(|t| if t.is_finite() { *t } else { f64::NAN })
            .collect()
    }
}

impl Tracker {
    pub fn new(nx: usize, dry_m: f64, thresholds_m: Vec<f64>) -> Self {
        let lowest_m = thresholds_m.iter().copied().fold(f64::INFINITY, f64::min);
        Self { nx, time_s: 0.0, dry_m, thresholds_m, lowest_m }
    }

    /// The state before the first step.
    pub fn remember_start(&self, mesh: &Mesh, state: &State, track: &mut Track) {
        let still = vec![0.0; mesh.nx];
        let nx = mesh.nx;
        for mut band in track.bands(nx * mesh.ny) {
            for j in 0..mesh.ny {
                let (lo, hi) = mesh.span[j];
                let h = &state.h_m[j * nx + lo..j * nx + hi];
                self.remember(&mut band, j, lo, h, &still[..hi - lo], maximum(h), 0.0);
            }
        }
    }

    /// Remembers the depths and squared speeds of columns `lo..` of the band's row `row`.
    #[allow(clippy::too_many_arguments)]
    pub fn remember(
        &self,
        band: &mut TrackRow,
        row: usize,
        lo: usize,
        h: &[f64],
        speed2: &[f64],
        deepest_m: f64,
        dt_s: f64,
    ) {
        let (start, n) = (row * self.nx + lo, h.len());
        peaks(h, self.time_s, &mut band.max_depth_m[start..start + n], &mut band.peak_time_s[start..start + n]);
        fastest(h, speed2, self.dry_m, &mut band.max_speed2[start..start + n]);
        // Rows that are shallow and slow throughout need no more: H1 is given to wet cells at the end.
        let quick = maximum(speed2);
        let beyond = deepest_m > 0.3 || beyond_h1(quick, deepest_m);
        if !beyond && deepest_m < self.lowest_m {
            return;
        }
        for (s, (h, speed2)) in h.chunks(SEGMENT).zip(speed2.chunks(SEGMENT)).enumerate() {
            let at = start + s * SEGMENT;
            let deep = maximum(h);
            if beyond && (deep > 0.3 || beyond_h1(maximum(speed2), deep)) {
                for ((h, v2), class) in h.iter().zip(speed2).zip(&mut band.hazard[at..at + h.len()]) {
                    if *h > self.dry_m {
                        *class = (*class).max(arr_class(*h, v2.sqrt()));
                    }
                }
            }
            if deep >= self.lowest_m {
                let times = self.thresholds_m.len() * row * self.nx + lo + s * SEGMENT;
                self.crossings(band, times, h, deep);
                if let Some(&arrival) = self.thresholds_m.first() {
                    for (h, d) in h.iter().zip(&mut band.duration_s[at..at + h.len()]) {
                        *d += if *h >= arrival { dt_s } else { 0.0 };
                    }
                }
            }
        }
    }

    fn crossings(&self, band: &mut TrackRow, times: usize, h: &[f64], deep_m: f64) {
        for (k, &threshold) in self.thresholds_m.iter().enumerate().filter(|(_, t)| **t <= deep_m) {
            let at = times + k * self.nx;
            let (first, last) = (&mut band.first_s[at..at + h.len()], &mut band.last_s[at..at + h.len()]);
            for ((h, first), last) in h.iter().zip(first).zip(last) {
                let above = *h >= threshold;
                *first = if above & (self.time_s < *first) { self.time_s } else { *first };
                *last = if above { self.time_s } else { *last };
            }
        }
    }
}

/// True when a cell among some of up to 0.3 m may be above H1, given the highest squared speed and depth among them.
fn beyond_h1(speed2: f64, depth_m: f64) -> bool {
    speed2 > 4.0 || depth_m * depth_m * speed2 > 0.09
}

/// True when any value exceeds the highest so far. Looking first spares most writes: memory, not arithmetic, is what costs here.
fn exceeds(values: &[f64], highest: &[f64]) -> bool {
    let mut lanes = [0.0_f64; 8];
    let ((v_8, v_rest), (h_8, h_rest)) = (values.as_chunks::<8>(), highest[..values.len()].as_chunks::<8>());
    for (v, h) in v_8.iter().zip(h_8) {
        for k in 0..8 {
            lanes[k] = larger(v[k] - h[k], lanes[k]);
        }
    }
    lanes.iter().any(|&e| e > 0.0) || v_rest.iter().zip(h_rest).any(|(v, h)| v > h)
}

fn peaks(h: &[f64], time_s: f64, deepest: &mut [f64], when: &mut [f64]) {
    for ((h, deepest), when) in h.chunks(SEGMENT).zip(deepest.chunks_mut(SEGMENT)).zip(when.chunks_mut(SEGMENT)) {
        if exceeds(h, deepest) {
            for ((h, deepest), when) in h.iter().zip(deepest).zip(when) {
                *when = if *h > *deepest { time_s } else { *when };
                *deepest = larger(*h, *deepest);
            }
        }
    }
}

fn fastest(h: &[f64], speed2: &[f64], dry_m: f64, highest: &mut [f64]) {
    for ((h, speed2), highest) in h.chunks(SEGMENT).zip(speed2.chunks(SEGMENT)).zip(highest.chunks_mut(SEGMENT)) {
        if exceeds(speed2, highest) {
            for ((h, speed2), highest) in h.iter().zip(speed2).zip(highest) {
                let square = if *h > dry_m { *speed2 } else { 0.0 };
                *highest = larger(square, *highest);
            }
        }
    }
}
