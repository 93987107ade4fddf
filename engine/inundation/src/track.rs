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
    /// Per cell the thresholds its depth stands between: nothing is written while it stays there.
    floor_m: Vec<f64>,
    next_m: Vec<f64>,
    /// per row: some cell stands above a threshold
    any_above: Vec<bool>,
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
    floor_m: &'a mut [f64],
    next_m: &'a mut [f64],
    any_above: &'a mut [bool],
}

/// What a step remembers by.
pub(crate) struct Tracker {
    pub nx: usize,
    pub time_s: f64,
    /// end of the step before
    pub before_s: f64,
    pub dry_m: f64,
    /// the first is that of arrival and duration
    pub thresholds_m: Vec<f64>,
    pub lowest_m: f64,
    /// each threshold once, rising, with the places of `thresholds_m` that hold it
    steps: Vec<(f64, Vec<usize>)>,
}

impl Track {
    pub fn new(mesh: &Mesh, thresholds: usize, lowest_m: f64) -> Self {
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
            floor_m: vec![f64::NEG_INFINITY; n],
            next_m: vec![lowest_m; n],
            any_above: vec![false; mesh.ny],
        }
    }

    /// Cells that stand above a threshold at the end were last above it then.
    pub fn close(&mut self, tracker: &Tracker) {
        for (cell, floor) in self.floor_m.iter().enumerate() {
            let row = cell / self.nx * self.nx * self.thresholds + cell % self.nx;
            for (_, places) in tracker.steps.iter().take_while(|(limit, _)| limit <= floor) {
                for k in places {
                    self.last_s[row + k * self.nx] = tracker.time_s;
                }
            }
        }
    }

    /// Cut into bands of `cells` cells.
    pub fn bands(&mut self, cells: usize) -> impl Iterator<Item = TrackRow<'_>> {
        let times =
            self.first_s.chunks_mut(cells * self.thresholds).zip(self.last_s.chunks_mut(cells * self.thresholds));
        let depths = self.max_depth_m.chunks_mut(cells).zip(self.peak_time_s.chunks_mut(cells));
        let speeds = self.max_speed2.chunks_mut(cells).zip(self.hazard.chunks_mut(cells));
        let levels = self.floor_m.chunks_mut(cells).zip(self.next_m.chunks_mut(cells));
        let levels = levels.zip(self.any_above.chunks_mut((cells / self.nx).max(1)));
        depths.zip(speeds).zip(self.duration_s.chunks_mut(cells)).zip(times).zip(levels).map(
            |(
                ((((max_depth_m, peak_time_s), (max_speed2, hazard)), duration_s), (first_s, last_s)),
                ((floor_m, next_m), any_above),
            )| TrackRow {
                max_depth_m,
                peak_time_s,
                max_speed2,
                hazard,
                duration_s,
                first_s,
                last_s,
                floor_m,
                next_m,
                any_above,
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
        let mut order: Vec<f64> = thresholds_m.iter().copied().filter(|t| !t.is_nan()).collect();
        order.sort_by(f64::total_cmp);
        order.dedup();
        let places = |t: f64| (0..thresholds_m.len()).filter(|k| thresholds_m[*k] == t).collect();
        let steps = order.into_iter().map(|t| (t, places(t))).collect();
        Self { nx, time_s: 0.0, before_s: 0.0, dry_m, thresholds_m, lowest_m, steps }
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
        let was_above = band.any_above[row];
        if !beyond && deepest_m < self.lowest_m && !was_above {
            return;
        }
        band.any_above[row] = deepest_m >= self.lowest_m;
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
            if deep >= self.lowest_m || was_above {
                let times = self.thresholds_m.len() * row * self.nx + lo + s * SEGMENT;
                self.crossings(band, at, times, h);
            }
            if deep >= self.lowest_m {
                if let Some(&arrival) = self.thresholds_m.first() {
                    for (h, d) in h.iter().zip(&mut band.duration_s[at..at + h.len()]) {
                        *d += if *h >= arrival { dt_s } else { 0.0 };
                    }
                }
            }
        }
    }

    /// Writes first and last times of the cells that have left the interval between two thresholds since the step before.
    fn crossings(&self, band: &mut TrackRow, cells: usize, times: usize, h: &[f64]) {
        let (floors, nexts) = (&mut band.floor_m[cells..cells + h.len()], &mut band.next_m[cells..cells + h.len()]);
        if !h.iter().zip(floors.iter().zip(nexts.iter())).fold(false, |any, (h, (f, n))| any | (*h < *f) | (*h >= *n)) {
            return;
        }
        for (i, (h, (floor, next))) in h.iter().zip(floors.iter_mut().zip(nexts.iter_mut())).enumerate() {
            if *h >= *floor && *h < *next {
                continue;
            }
            let above = self.steps.partition_point(|(limit, _)| limit <= h);
            for (limit, places) in &self.steps {
                for k in places {
                    let at = times + k * self.nx + i;
                    if *limit <= *h && self.time_s < band.first_s[at] {
                        band.first_s[at] = self.time_s;
                    } else if *limit > *h && *limit <= *floor {
                        band.last_s[at] = self.before_s;
                    }
                }
            }
            *floor = above.checked_sub(1).map_or(f64::NEG_INFINITY, |k| self.steps[k].0);
            *next = self.steps.get(above).map_or(f64::INFINITY, |(limit, _)| *limit);
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
