//! One stage of a step: fluxes of all faces, what the cells can give, and the new depths and discharges.

use super::ground::Ground;
use super::rows::{Extended, FaceRow, Fields, PAD, Water, faces};
use super::state::{Faces, Span, Stage, State};
use crate::cell::{FILM_M, inverse_cube_root, larger};
use rayon::prelude::*;

/// A cell gives at most this share of its water: the rest covers the rounding of the sums, so that no depth gets below 0.
const GIVEN_SHARE: f64 = 1.0 - 1e-14;

/// Friction is that of a film of at least this depth, m: keeps its powers within 32 bits.
const FRICTION_FILM_M: f32 = 1e-7;

/// Columns whose y faces south of row `j` are computed.
pub(super) fn y_span(work: &[Span], j: usize) -> Span {
    let at = |j: usize| work.get(j).copied().unwrap_or_default();
    j.checked_sub(1).map(at).unwrap_or_default().with(at(j))
}

/// Fluxes of every face of the rows at work.
pub(super) fn fluxes(ground: &Ground, from: &Stage, x: &mut Faces, y: &mut Faces, work: &[Span]) {
    let (nx, ny, size) = (ground.nx, ground.ny, ground.band_rows);
    let fields = Fields { h: &from.h, qx: &from.qx, qy: &from.qy };
    fn bands(values: &mut Faces, cells: usize) -> Vec<FaceRow<'_>> {
        values
            .water
            .chunks_mut(cells)
            .zip(values.behind.chunks_mut(cells))
            .zip(values.ahead.chunks_mut(cells).zip(values.along.chunks_mut(cells)))
            .map(|((water, behind), (ahead, along))| FaceRow { water, behind, ahead, along })
            .collect()
    }
    let x_bands = bands(x, size * (nx + 1));
    let mut y_bands = bands(y, size * nx);
    // Where the rows fill the bands exactly, the row of faces north of the grid is a band of its own.
    let top = if y_bands.len() > x_bands.len() { y_bands.pop() } else { None };
    let count = x_bands.len();
    let mut parts: Vec<_> = x_bands.into_iter().zip(y_bands).enumerate().map(|(b, (x, y))| (b, x, y, None)).collect();
    if let Some(last) = parts.get_mut(count - 1) {
        last.3 = top;
    }
    parts.into_par_iter().for_each_init(
        || Scratch::new(nx),
        |scratch, (b, x, y, top)| {
            let rows = b * size..((b + 1) * size).min(ny);
            band_fluxes(ground, &fields, work, rows, x, y, top, scratch);
        },
    );
}

/// Rows kept at hand while a band is worked through.
struct Scratch {
    water: Vec<Water>,
    south: Extended,
    here: Extended,
    in_x: Extended,
}

impl Scratch {
    fn new(nx: usize) -> Self {
        let extended = || Extended::new(nx);
        Self { water: vec![Water::new(nx); 4], south: extended(), here: extended(), in_x: extended() }
    }
}

/// Row `at` of a band of faces with `n` faces a row, columns `from..to`.
fn row<'a>(band: &'a mut FaceRow<'_>, at: usize, n: usize, span: Span) -> FaceRow<'a> {
    let range = at * n + span.from..at * n + span.to;
    FaceRow {
        water: &mut band.water[range.clone()],
        behind: &mut band.behind[range.clone()],
        ahead: &mut band.ahead[range.clone()],
        along: &mut band.along[range],
    }
}

#[allow(clippy::too_many_arguments)] // the parts of one band
fn band_fluxes(
    ground: &Ground,
    fields: &Fields,
    work: &[Span],
    rows: std::ops::Range<usize>,
    mut x: FaceRow,
    mut y: FaceRow,
    mut top: Option<FaceRow>,
    scratch: &mut Scratch,
) {
    let (nx, ny, first) = (ground.nx, ground.ny, rows.start);
    let last = if rows.end == ny { ny + 1 } else { rows.end };
    if (first.saturating_sub(1)..(rows.end + 1).min(ny)).all(|j| work[j].is_empty()) {
        return;
    }
    // Columns wide enough for every row of the band: what is read beyond a row's own columns is dry or not used.
    let around = first.saturating_sub(2)..(rows.end + 2).min(ny);
    let wide = around.fold(Span::default(), |a, j| a.with(work[j])).grown(2, nx);
    let Scratch { water, south, here, in_x } = scratch;
    // Row r is kept in place r mod 4, counted from two rows below the band.
    let row_of = |k: usize| (k + first).checked_sub(2);
    for (k, held) in water.iter_mut().take(3).enumerate() {
        held.read(ground, fields, row_of(k), wide.from, wide.to);
    }
    let all = Span { from: wide.from + PAD, to: wide.to + PAD };
    south.extend_y(&water[0], &water[1], &water[2], all.from, all.to);
    if first > 0 {
        south.rim_y(ground, &water[0], &water[1], &water[2], first - 1);
        south.flat_y(ground, &water[1], first - 1);
    }
    for j in first..last {
        // Rows j − 2 … j + 1 lie in places (j − first) … (j − first + 3), mod 4.
        let k = j - first;
        let place = |r: usize| (k + r) % 4;
        water[place(3)].read(ground, fields, Some(j + 1), wide.from, wide.to);
        let span = y_span(work, j);
        here.extend_y(&water[place(1)], &water[place(2)], &water[place(3)], all.from, all.to);
        if j < ny {
            here.rim_y(ground, &water[place(1)], &water[place(2)], &water[place(3)], j);
            here.flat_y(ground, &water[place(2)], j);
        }
        if !span.is_empty() {
            let open = &ground.open_y[j * nx + span.from..j * nx + span.to];
            let at = span.from + PAD;
            let in_band = y.water.len() / nx;
            let mut out = match &mut top {
                Some(top) if k >= in_band => row(top, 0, nx, span),
                _ => row(&mut y, k, nx, span),
            };
            faces((south, at), (here, at), open, ground.dx_m, &mut out);
        }
        if j < rows.end && !work[j].is_empty() {
            let span = work[j];
            in_x.extend_x(&water[place(2)], span.from + PAD - 1, span.to + PAD + 1);
            in_x.rim_x(ground, &water[place(2)], j);
            in_x.flat_x(ground, &water[place(2)], j);
            let open = &ground.open_x[j * (nx + 1) + span.from..j * (nx + 1) + span.to + 1];
            let mut out = row(&mut x, k, nx + 1, Span { from: span.from, to: span.to + 1 });
            faces((in_x, span.from + PAD - 1), (in_x, span.from + PAD), open, ground.dx_m, &mut out);
        }
        std::mem::swap(south, here);
    }
}

/// Cuts the fluxes of cells that want to give more water than they have: every outward face of such a cell gets the same share
/// of its flux, so no depth falls below 0 and what one cell does not lose no other gains. Held cells give without end.
pub(super) fn limit_outflow(ground: &Ground, state: &mut State, second: bool, dt_s: f64) {
    let State { now, mid, x, y, share, short, work, .. } = state;
    let h = if second { &mid.h } else { &now.h };
    let (nx, dt_dx, size) = (ground.nx, dt_s / ground.dx_m, ground.band_rows);
    let (x_water, y_water) = (&x.water, &y.water);
    let band = |(b, (share, short)): (usize, (&mut [f64], &mut [bool]))| {
        for (k, short) in short.iter_mut().enumerate() {
            let j = b * size + k;
            let Span { from, to } = work[j];
            *short = false;
            if from >= to {
                continue;
            }
            let n = to - from;
            let (cells, faces) = (j * nx + from, j * (nx + 1) + from);
            let share = &mut share[k * nx + from..k * nx + to];
            let (west, east) = (&x_water[faces..faces + n], &x_water[faces + 1..faces + 1 + n]);
            let (south, north) = (&y_water[cells..cells + n], &y_water[cells + nx..cells + nx + n]);
            let (h, free) = (&h[cells..cells + n], &ground.free[cells..cells + n]);
            let mut lack = 0.0;
            for i in 0..n {
                let across = larger(east[i], 0.0) + larger(-west[i], 0.0);
                let along = larger(north[i], 0.0) + larger(-south[i], 0.0);
                let (wanted, given) = ((across + along) * dt_dx, h[i] * GIVEN_SHARE);
                let is_short = wanted > given && free[i] > 0.0;
                share[i] = if is_short { given / wanted } else { 1.0 };
                lack = larger(lack, 1.0 - share[i]);
            }
            *short = lack > 0.0;
        }
    };
    let bands = share.par_chunks_mut(size * nx).zip(short.par_chunks_mut(size)).enumerate();
    bands.for_each(band);
    for (j, _) in short.iter().enumerate().filter(|(_, short)| **short) {
        for cell in j * nx + work[j].from..j * nx + work[j].to {
            let share = share[cell];
            if share < 1.0 {
                let west = cell + j;
                cut(x, west, -1.0, share);
                cut(x, west + 1, 1.0, share);
                cut(y, cell, -1.0, share);
                cut(y, cell + nx, 1.0, share);
            }
        }
    }
}

/// Leaves a share of the flux of a face when it goes `outward`.
fn cut(faces: &mut Faces, face: usize, outward: f64, share: f64) {
    if faces.water[face] * outward > 0.0 {
        for part in [&mut faces.water, &mut faces.behind, &mut faces.ahead, &mut faces.along] {
            part[face] *= share;
        }
    }
}

/// Manning friction of a depth as the implicit answer of `F |q| q + q = q*`, F = dt g n² ÷ h^(7/3): returns q ÷ q*, 0–1.
/// Films neither overshoot nor turn round, and steady flow is left as it is.
#[inline(always)]
pub(super) fn friction(h_m: f64, size: f64, dt_drag: f32) -> f64 {
    let h = h_m as f32;
    let y = inverse_cube_root(if h > FRICTION_FILM_M { h } else { FRICTION_FILM_M });
    let (y2, y3) = (y * y, y * y * y);
    let strength = dt_drag * (y2 * y2 * y3) * (size as f32);
    f64::from(2.0 / (1.0 + (1.0 + 4.0 * strength).sqrt()))
}

/// Faces, rain and columns of a stage.
pub(super) struct StepFaces<'a> {
    pub x: &'a Faces,
    pub y: &'a Faces,
    pub rain: &'a [f64],
    pub work: &'a [Span],
    /// no water moves faster: what is left of the momentum of a cell that ran dry may not become a jet, m/s
    pub fastest_m_s: f64,
}

/// Depths and discharges of a row.
pub(super) struct Row<'a> {
    pub h: &'a [f64],
    pub qx: &'a [f64],
    pub qy: &'a [f64],
}

/// Where a row of new values is written.
pub(super) struct RowOut<'a> {
    pub h: &'a mut [f64],
    pub qx: &'a mut [f64],
    pub qy: &'a mut [f64],
}

/// Euler step of the columns at work of row `j` from `old`, written to `out`: fluxes, rain, then friction. All
/// slices begin at the span's first column.
pub(super) fn euler(ground: &Ground, state: &StepFaces, old: &Row, j: usize, dt_s: f64, out: RowOut) {
    let nx = ground.nx;
    let Span { from, to } = state.work[j];
    let (n, dt_dx, dt) = (to - from, dt_s / ground.dx_m, dt_s as f32);
    let (cells, fx) = (j * nx + from, j * (nx + 1) + from);
    let (x, y) = (state.x, state.y);
    let (west, east) = (&x.water[fx..fx + n], &x.water[fx + 1..fx + 1 + n]);
    let (south, north) = (&y.water[cells..cells + n], &y.water[cells + nx..cells + nx + n]);
    let (gain_x, lose_x) = (&x.ahead[fx..fx + n], &x.behind[fx + 1..fx + 1 + n]);
    let (gain_y, lose_y) = (&y.ahead[cells..cells + n], &y.behind[cells + nx..cells + nx + n]);
    let (side_w, side_e) = (&x.along[fx..fx + n], &x.along[fx + 1..fx + 1 + n]);
    let (side_s, side_n) = (&y.along[cells..cells + n], &y.along[cells + nx..cells + nx + n]);
    let (rain, drag) = (&state.rain[cells..cells + n], &ground.drag[cells..cells + n]);
    let free = &ground.free[cells..cells + n];
    let (h, qx, qy) = (&old.h[..n], &old.qx[..n], &old.qy[..n]);
    let (h_out, qx_out, qy_out) = (&mut out.h[..n], &mut out.qx[..n], &mut out.qy[..n]);
    for k in 0..n {
        let net = (west[k] - east[k]) + (south[k] - north[k]);
        let depth = (h[k] + dt_dx * net) + rain[k] * dt_s;
        let depth = if free[k] > 0.0 { depth } else { h[k] };
        let a = qx[k] + dt_dx * ((gain_x[k] - lose_x[k]) + (side_s[k] - side_n[k]));
        let b = qy[k] + dt_dx * ((gain_y[k] - lose_y[k]) + (side_w[k] - side_e[k]));
        let (size, most) = ((a * a + b * b).sqrt(), depth * state.fastest_m_s);
        let bound = if size > most { most / size } else { 1.0 };
        let kept = bound * friction(depth, size * bound, dt * drag[k]);
        let moves = if depth > FILM_M && free[k] > 0.0 { kept } else { 0.0 };
        h_out[k] = depth;
        qx_out[k] = a * moves;
        qy_out[k] = b * moves;
    }
}

/// First stage: `mid = now + dt × …`.
pub(super) fn first_stage(ground: &Ground, state: &mut State, fastest_m_s: f64, dt_s: f64) {
    let (nx, size) = (ground.nx, ground.band_rows);
    let faces = StepFaces { x: &state.x, y: &state.y, rain: &state.rain_m_s, work: &state.work, fastest_m_s };
    let (now, mid) = (&state.now, &mut state.mid);
    let bands =
        mid.h.par_chunks_mut(size * nx).zip(mid.qx.par_chunks_mut(size * nx)).zip(mid.qy.par_chunks_mut(size * nx));
    bands.enumerate().for_each(|(b, ((h, qx), qy))| {
        for k in 0..h.len() / nx {
            let j = b * size + k;
            let span = faces.work[j];
            if span.is_empty() {
                continue;
            }
            let (cells, own) = (j * nx + span.from..j * nx + span.to, k * nx + span.from..k * nx + span.to);
            let old = Row { h: &now.h[cells.clone()], qx: &now.qx[cells.clone()], qy: &now.qy[cells] };
            let out = RowOut { h: &mut h[own.clone()], qx: &mut qx[own.clone()], qy: &mut qy[own] };
            euler(ground, &faces, &old, j, dt_s, out);
        }
    });
}
