//! Second half of a step: what the cells can give, the new depths, and what is remembered of them.

use crate::cell::{FILM_M, larger, smaller};
use crate::mesh::Mesh;
use crate::state::{RowResult, State, Work};
use crate::track::{Track, TrackRow, Tracker};
use rayon::prelude::*;

/// A cell gives at most this share of its water: the rest covers the rounding of the sums, so that no depth gets below 0.
const GIVEN_SHARE: f64 = 1.0 - 1e-14;

/// What takes water from every cell: infiltration first, then assumed drains; both at most what is there.
pub(crate) struct Losses {
    /// m/s per cell; empty = none
    pub infiltration_m_s: Vec<f64>,
    /// m/s per cell; empty = none
    pub drain_m_s: Vec<f64>,
}

/// Shares of the wanted outflow that the cells of a row can give, with a 1 for the outside at either end.
struct Shares {
    row: Option<usize>,
    share: Vec<f64>,
}

struct Band<'a> {
    first: usize,
    h_next: &'a mut [f64],
    eta: &'a mut [f64],
    q_x: &'a mut [f64],
    q_y: &'a mut [f64],
    rows: &'a mut [RowResult],
    track: TrackRow<'a>,
}

struct Before<'a> {
    mesh: &'a Mesh,
    h: &'a [f64],
    p_x: &'a [f64],
    p_y: &'a [f64],
    speed_x: &'a [f32],
    speed_y: &'a [f32],
    rain: &'a [f64],
    losses: &'a Losses,
    work: &'a [Work],
    dt_s: f64,
}

impl Before<'_> {
    /// Share each cell of a row can give: 1, or its water ÷ what all its outward faces want.
    fn shares(&self, row: usize, out: &mut Shares) {
        if out.row == Some(row) {
            return;
        }
        out.row = Some(row);
        out.share.fill(1.0);
        if row >= self.mesh.ny {
            return;
        }
        let (lo, hi) = self.mesh.span[row];
        let (nx, n) = (self.mesh.nx, hi - lo);
        let (cells, faces) = (row * nx + lo, row * (nx + 1) + lo);
        let wanted = &mut out.share[lo + 1..hi + 1];
        let (west, east) = (&self.p_x[faces..faces + n], &self.p_x[faces + 1..faces + 1 + n]);
        let (south, north) = (&self.p_y[cells..cells + n], &self.p_y[cells + nx..cells + nx + n]);
        let (h, free) = (&self.h[cells..cells + n], &self.mesh.free_g[cells..cells + n]);
        if outflow(west, east, south, north, h, self.dt_s / self.mesh.dx_m, wanted) {
            for ((share, h), free) in wanted.iter_mut().zip(h).zip(free) {
                let given = h * GIVEN_SHARE;
                // Held cells give without end.
                *share = if *share > given && *free > 0.0 { given / *share } else { 1.0 };
            }
        } else {
            wanted.fill(1.0);
        }
    }

    /// Discharge of the y faces south of row `j`, cut to what the cell they leave can give.
    fn y_flows(&self, j: usize, south: &Shares, north: &Shares, q: &mut [f64]) {
        let nx = self.mesh.nx;
        cut(&self.p_y[j * nx..(j + 1) * nx], &south.share[1..=nx], &north.share[1..=nx], q);
    }
}

/// Depth each cell wants to give in a step; true when any wants more than it can.
#[inline(never)]
fn outflow(
    west: &[f64],
    east: &[f64],
    south: &[f64],
    north: &[f64],
    h: &[f64],
    dt_dx: f64,
    wanted: &mut [f64],
) -> bool {
    let n = wanted.len();
    let (west, east, south, north, h) = (&west[..n], &east[..n], &south[..n], &north[..n], &h[..n]);
    for k in 0..n {
        let across = larger(east[k], 0.0) + larger(-west[k], 0.0);
        let along = larger(north[k], 0.0) + larger(-south[k], 0.0);
        wanted[k] = (across + along) * dt_dx;
    }
    let mut excess = [0.0_f64; 8];
    let (chunks, rest) = wanted.as_chunks::<8>();
    for (w, h) in chunks.iter().zip(h.as_chunks::<8>().0) {
        for k in 0..8 {
            excess[k] = larger(w[k] - h[k] * GIVEN_SHARE, excess[k]);
        }
    }
    let tail = rest.iter().zip(&h[n - rest.len()..]).any(|(w, h)| w - h * GIVEN_SHARE > 0.0);
    tail || excess.iter().any(|&e| e > 0.0)
}

/// Wanted discharge × share of the cell it leaves (`behind` when positive, else `ahead`).
#[inline(never)]
fn cut(p: &[f64], behind: &[f64], ahead: &[f64], q: &mut [f64]) {
    let n = q.len();
    let (p, behind, ahead) = (&p[..n], &behind[..n], &ahead[..n]);
    for k in 0..n {
        q[k] = p[k] * if p[k] >= 0.0 { behind[k] } else { ahead[k] };
    }
}

/// New depth and level from flow and rain.
#[inline(never)]
#[allow(clippy::too_many_arguments)] // one slice each, so that the compiler knows they do not overlap
fn fill(
    h: &[f64],
    free_g: &[f32],
    bed: &[f64],
    rain: &[f64],
    q_x: &[f64],
    q_south: &[f64],
    q_north: &[f64],
    steps: (f64, f64),
    h_next: &mut [f64],
    eta: &mut [f64],
) {
    let n = h_next.len();
    let (dt_s, dt_dx) = steps;
    let (h, free_g, bed, rain) = (&h[..n], &free_g[..n], &bed[..n], &rain[..n]);
    let (west, east, south, north, eta) = (&q_x[..n], &q_x[1..n + 1], &q_south[..n], &q_north[..n], &mut eta[..n]);
    for k in 0..n {
        let net = (west[k] - east[k]) + (south[k] - north[k]);
        let moved = (h[k] + dt_dx * net) + rain[k] * dt_s;
        let depth = if free_g[k] > 0.0 { moved } else { h[k] };
        h_next[k] = depth;
        eta[k] = bed[k] + depth;
    }
}

/// Takes a loss from free cells; returns its sum, m, made in eight lanes.
#[inline(never)]
fn lose(rate_m_s: &[f64], free_g: &[f32], bed: &[f64], dt_s: f64, h: &mut [f64], eta: &mut [f64]) -> f64 {
    let n = h.len();
    let mut lanes = [0.0; 8];
    let (h_8, h_rest) = h.as_chunks_mut::<8>();
    let (eta_8, eta_rest) = eta[..n].as_chunks_mut::<8>();
    let ((rate_8, rate_rest), (free_8, free_rest)) = (rate_m_s[..n].as_chunks::<8>(), free_g[..n].as_chunks::<8>());
    let (bed_8, bed_rest) = bed[..n].as_chunks::<8>();
    for ((((h, eta), rate), free), bed) in h_8.iter_mut().zip(eta_8).zip(rate_8).zip(free_8).zip(bed_8) {
        for k in 0..8 {
            let taken = smaller(h[k], rate[k] * dt_s) * if free[k] > 0.0 { 1.0 } else { 0.0 };
            h[k] -= taken;
            eta[k] = bed[k] + h[k];
            lanes[k] += taken;
        }
    }
    let rest = h_rest.iter_mut().zip(eta_rest).zip(rate_rest).zip(free_rest.iter().zip(bed_rest));
    for ((((h, eta), rate), (free, bed)), sum) in rest.zip(&mut lanes) {
        let taken = smaller(*h, rate * dt_s) * if *free > 0.0 { 1.0 } else { 0.0 };
        *h -= taken;
        *eta = bed + *h;
        *sum += taken;
    }
    lanes.iter().sum()
}

/// Square of the speed of each cell and of its fastest wave: √(g h), or the kinematic wave (5/3 of the speed, at most 10/3 of
/// √(g h), so that thin films cannot stall the run).
#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn speeds(
    h: &[f64],
    free_g: &[f32],
    q_x: &[f64],
    q_south: &[f64],
    q_north: &[f64],
    speed_x: &[f32],
    speed_south: &[f32],
    speed_north: &[f32],
    speed2: &mut [f64],
    wave2: &mut [f64],
) {
    let n = speed2.len();
    let (h, free_g, west, east) = (&h[..n], &free_g[..n], &q_x[..n], &q_x[1..n + 1]);
    let (south, north, wave2) = (&q_south[..n], &q_north[..n], &mut wave2[..n]);
    let (bound_w, bound_e, bound_s, bound_n) =
        (&speed_x[..n], &speed_x[1..n + 1], &speed_south[..n], &speed_north[..n]);
    for k in 0..n {
        let half = 0.5 / larger(h[k], FILM_M);
        let bound_u = f64::from(if bound_w[k] > bound_e[k] { bound_w[k] } else { bound_e[k] });
        let bound_v = f64::from(if bound_s[k] > bound_n[k] { bound_s[k] } else { bound_n[k] });
        let u = smaller(((west[k] + east[k]) * half).abs(), bound_u);
        let v = smaller(((south[k] + north[k]) * half).abs(), bound_v);
        let (square, celerity2) = (u * u + v * v, f64::from(free_g[k]) * h[k]);
        speed2[k] = square;
        wave2[k] = larger(celerity2, (25.0 / 9.0) * smaller(square, 4.0 * celerity2));
    }
}

/// Largest value of a row; eight lanes, so that it becomes vector code.
pub(crate) fn maximum(values: &[f64]) -> f64 {
    let (chunks, rest) = values.as_chunks::<8>();
    let mut lanes = [0.0_f64; 8];
    for chunk in chunks {
        for k in 0..8 {
            lanes[k] = larger(chunk[k], lanes[k]);
        }
    }
    rest.iter().chain(&lanes).fold(0.0, |a, &b| larger(b, a))
}

/// Makes the new depths of a band of rows.
fn band(before: &Before, tracker: &Tracker, band: Band, top: Option<&mut [f64]>) {
    let (mesh, nx) = (before.mesh, before.mesh.nx);
    let Band { first, h_next, eta, q_x, q_y, rows, mut track } = band;
    let shares = || Shares { row: None, share: vec![1.0; nx + 2] };
    let (mut below, mut here, mut above) = (shares(), shares(), shares());
    let mut spare = vec![0.0; nx];
    let (mut speed2, mut wave2) = (vec![0.0; nx], vec![0.0; nx]);
    let mut top = top;
    let count = rows.len();
    for k in 0..count {
        let j = first + k;
        match before.work[j] {
            Work::None => continue,
            Work::Clear => {
                h_next[k * nx..(k + 1) * nx].copy_from_slice(&before.h[j * nx..(j + 1) * nx]);
                q_x[k * (nx + 1)..(k + 1) * (nx + 1)].fill(0.0);
                q_y[k * nx..(k + 1) * nx].fill(0.0);
                rows[k] = RowResult { deepest_m: maximum(&h_next[k * nx..(k + 1) * nx]), ..RowResult::default() };
                continue;
            }
            Work::Full => {}
        }
        if here.row == Some(j) {
            // rolled on from the row before
        } else {
            before.shares(j.checked_sub(1).unwrap_or(usize::MAX), &mut below);
            before.shares(j, &mut here);
            before.y_flows(j, &below, &here, &mut q_y[k * nx..(k + 1) * nx]);
        }
        before.shares(j + 1, &mut above);
        let (south, rest) = q_y[k * nx..].split_at_mut(nx);
        let north = if k + 1 < count {
            &mut rest[..nx]
        } else if let (Some(top), true) = (top.as_deref_mut(), j + 1 == mesh.ny) {
            top
        } else {
            &mut spare
        };
        before.y_flows(j + 1, &here, &above, north);
        let q_row = &mut q_x[k * (nx + 1)..(k + 1) * (nx + 1)];
        cut(&before.p_x[j * (nx + 1)..(j + 1) * (nx + 1)], &here.share[..=nx], &here.share[1..], q_row);

        let (lo, hi) = mesh.span[j];
        let (cells, n) = (j * nx + lo, hi - lo);
        let (own, free_g, bed) =
            (k * nx + lo..k * nx + hi, &mesh.free_g[cells..cells + n], &mesh.bed_m[cells..cells + n]);
        let (h, eta) = (&mut h_next[own.clone()], &mut eta[own]);
        let (south, north, q_row) = (&south[lo..hi], &north[lo..hi], &q_row[lo..=hi]);
        let steps = (before.dt_s, before.dt_s / mesh.dx_m);
        fill(
            &before.h[cells..cells + n],
            free_g,
            bed,
            &before.rain[cells..cells + n],
            q_row,
            south,
            north,
            steps,
            h,
            eta,
        );
        let mut result = RowResult::default();
        let losses = before.losses;
        if !losses.infiltration_m_s.is_empty() {
            result.infiltrated_m = lose(&losses.infiltration_m_s[cells..cells + n], free_g, bed, before.dt_s, h, eta);
        }
        if !losses.drain_m_s.is_empty() {
            result.drained_m = lose(&losses.drain_m_s[cells..cells + n], free_g, bed, before.dt_s, h, eta);
        }
        let faces = j * (nx + 1) + lo;
        speeds(
            h,
            free_g,
            q_row,
            south,
            north,
            &before.speed_x[faces..faces + n + 1],
            &before.speed_y[cells..cells + n],
            &before.speed_y[cells + nx..cells + nx + n],
            &mut speed2[..n],
            &mut wave2[..n],
        );
        result.wave_m2_s2 = maximum(&wave2[..n]);
        result.deepest_m = maximum(h);
        tracker.remember(&mut track, k, lo, h, &speed2[..n], result.deepest_m, before.dt_s);
        rows[k] = result;
        // Roll on: what was here is below the next row, what was above is here.
        std::mem::swap(&mut below, &mut here);
        std::mem::swap(&mut here, &mut above);
    }
}

/// Applies the wanted flows to the depths: exact, since a face gives one cell what it takes from the other.
pub(crate) fn new_depths(
    mesh: &Mesh,
    state: &mut State,
    losses: &Losses,
    track: &mut Track,
    tracker: &Tracker,
    dt_s: f64,
) {
    let (nx, ny, size) = (mesh.nx, mesh.ny, mesh.band_rows);
    let before = Before {
        mesh,
        h: &state.h_m,
        p_x: &state.p_x,
        p_y: &state.p_y,
        speed_x: &state.speed_x,
        speed_y: &state.speed_y,
        rain: &state.rain_m_s,
        losses,
        work: &state.plan.depths,
        dt_s,
    };
    let (q_y, top) = state.q_y.split_at_mut(nx * ny);
    let mut top = Some(top);
    let mut bands = Vec::with_capacity(ny.div_ceil(size));
    let parts = state
        .h_next_m
        .chunks_mut(size * nx)
        .zip(state.eta_m.chunks_mut(size * nx))
        .zip(state.q_x.chunks_mut(size * (nx + 1)).zip(q_y.chunks_mut(size * nx)))
        .zip(state.rows.chunks_mut(size).zip(track.bands(size * nx)));
    for (b, (((h_next, eta), (q_x, q_y)), (rows, track))) in parts.enumerate() {
        let last = b * size + rows.len() == ny;
        bands
            .push((Band { first: b * size, h_next, eta, q_x, q_y, rows, track }, if last { top.take() } else { None }));
    }
    if bands.len() == 1 {
        bands.into_iter().for_each(|(part, top)| band(&before, tracker, part, top));
    } else {
        bands.into_par_iter().for_each(|(part, top)| band(&before, tracker, part, top));
    }
    std::mem::swap(&mut state.h_m, &mut state.h_next_m);
}
