//! First half of a step: the discharge every face wants.

use crate::cell::{Face, friction, kept, push, root};
use crate::mesh::Mesh;
use crate::state::{State, Work};
use rayon::prelude::*;

/// Faces of one row that are computed together. `n` faces; levels, discharges and discharges across lie on both sides.
struct Row<'a> {
    eta_behind: &'a [f64],
    eta_ahead: &'a [f64],
    sill: &'a [f64],
    side_way: &'a [f32],
    drag: &'a [f32],
    q: &'a [f64],
    q_behind: &'a [f64],
    q_ahead: &'a [f64],
    /// the four discharges around, in pairs that mirror images and the diagonal keep
    across: [&'a [f64]; 4],
}

/// Faces a loop goes over at a time: their intermediate values stay in the innermost cache.
const CHUNK: usize = 64;

fn row_flow(row: &Row, dt_s: f32, g_dt_dx: f64, p: &mut [f64], speed: &mut [f32]) {
    for (c, (p, speed)) in p.chunks_mut(CHUNK).zip(speed.chunks_mut(CHUNK)).enumerate() {
        chunk_flow(row, c * CHUNK, dt_s, g_dt_dx, p, speed);
    }
}

/// [`crate::cell::face_flow`] for up to [`CHUNK`] faces from `first`, part by part.
#[inline(never)]
fn chunk_flow(row: &Row, first: usize, dt_s: f32, g_dt_dx: f64, p: &mut [f64], speed: &mut [f32]) {
    let n = p.len().min(CHUNK);
    fn cut(values: &[f64], first: usize, n: usize) -> &[f64] {
        &values[first..first + n]
    }
    let (p, speed) = (&mut p[..n], &mut speed[..n]);
    let (eta_behind, eta_ahead, sill) =
        (cut(row.eta_behind, first, n), cut(row.eta_ahead, first, n), cut(row.sill, first, n));
    let (side_way, drag) = (&row.side_way[first..first + n], &row.drag[first..first + n]);
    let (q, q_behind, q_ahead) = (cut(row.q, first, n), cut(row.q_behind, first, n), cut(row.q_ahead, first, n));
    let [a, b, c, d] = row.across.map(|x| cut(x, first, n));
    let (mut depth, mut open, mut size) = ([0.0_f32; CHUNK], [0.0_f32; CHUNK], [0.0_f32; CHUNK]);
    let (mut across, mut drags, mut roots) = ([0.0_f32; CHUNK], [0.0_f32; CHUNK], [0.0_f32; CHUNK]);
    for k in 0..n {
        let q_across = 0.25 * ((a[k] + b[k]) + (c[k] + d[k]));
        let face = Face {
            eta_behind_m: eta_behind[k],
            eta_ahead_m: eta_ahead[k],
            sill_m: sill[k],
            side_way: side_way[k],
            drag: drag[k],
            q: q[k],
            q_behind: q_behind[k],
            q_ahead: q_ahead[k],
            q_across,
        };
        let pushed = push(face, g_dt_dx);
        p[k] = pushed.momentum;
        (depth[k], open[k], size[k]) = (pushed.depth_m, pushed.open, pushed.momentum.abs() as f32);
        across[k] = q_across as f32;
    }
    for k in 0..n {
        let (f, per_depth) = friction(depth[k], dt_s * drag[k]);
        (drags[k], speed[k]) = (f, per_depth);
    }
    for k in 0..n {
        roots[k] = root(drags[k], size[k]);
    }
    for k in 0..n {
        let share = kept(drags[k], roots[k], size[k], across[k], open[k]);
        p[k] *= f64::from(share);
        speed[k] *= size[k] * share;
    }
}

/// Writes the wanted discharge of all inner faces. Edge faces are left to the boundaries.
pub(crate) fn wanted_flows(mesh: &Mesh, state: &mut State, dt_s: f64) {
    let nx = mesh.nx;
    let g_dt_dx = crate::cell::GRAVITY * dt_s / mesh.dx_m;
    let dt_s = dt_s as f32;
    let (eta, q_x, q_y, plan) = (&state.eta_m, &state.q_x, &state.q_y, &state.plan);
    let x_row = |j: usize, p: &mut [f64], speed: &mut [f32]| match plan.x_faces[j] {
        Work::None => {}
        Work::Clear => p.fill(0.0),
        Work::Full => {
            let (lo, hi) = mesh.span[j];
            if hi < lo + 2 {
                return;
            }
            let (n, cells, faces) = (hi - lo - 1, j * nx + lo, j * (nx + 1) + lo);
            let row = Row {
                eta_behind: &eta[cells..cells + n],
                eta_ahead: &eta[cells + 1..cells + 1 + n],
                sill: &mesh.sill_x_m[faces + 1..faces + 1 + n],
                side_way: &mesh.side_way_x[faces + 1..faces + 1 + n],
                drag: &mesh.drag_x[faces + 1..faces + 1 + n],
                q: &q_x[faces + 1..faces + 1 + n],
                q_behind: &q_x[faces..faces + n],
                q_ahead: &q_x[faces + 2..faces + 2 + n],
                across: [
                    &q_y[cells..cells + n],
                    &q_y[cells + 1..cells + 1 + n],
                    &q_y[cells + nx..cells + nx + n],
                    &q_y[cells + nx + 1..cells + nx + 1 + n],
                ],
            };
            row_flow(&row, dt_s, g_dt_dx, &mut p[lo + 1..hi], &mut speed[lo + 1..hi]);
        }
    };
    let y_row = |j: usize, p: &mut [f64], speed: &mut [f32]| match plan.y_faces[j] {
        Work::None => {}
        Work::Clear => p.fill(0.0),
        Work::Full if j == 0 => {}
        Work::Full => {
            let (lo, hi) = mesh.y_span(j);
            let (n, north, faces) = (hi - lo, j * nx + lo, j * (nx + 1) + lo);
            let (south, west_below) = (north - nx, faces - nx - 1);
            let row = Row {
                eta_behind: &eta[south..south + n],
                eta_ahead: &eta[north..north + n],
                sill: &mesh.sill_y_m[north..north + n],
                side_way: &mesh.side_way_y[north..north + n],
                drag: &mesh.drag_y[north..north + n],
                q: &q_y[north..north + n],
                q_behind: &q_y[south..south + n],
                q_ahead: &q_y[north + nx..north + nx + n],
                across: [
                    &q_x[west_below..west_below + n],
                    &q_x[faces..faces + n],
                    &q_x[west_below + 1..west_below + 1 + n],
                    &q_x[faces + 1..faces + 1 + n],
                ],
            };
            row_flow(&row, dt_s, g_dt_dx, &mut p[lo..hi], &mut speed[lo..hi]);
        }
    };
    let rows = mesh.band_rows;
    let band = |b: usize, p_x: &mut [f64], speed_x: &mut [f32], p_y: &mut [f64], speed_y: &mut [f32]| {
        let x = p_x.chunks_exact_mut(nx + 1).zip(speed_x.chunks_exact_mut(nx + 1));
        let y = p_y.chunks_exact_mut(nx).zip(speed_y.chunks_exact_mut(nx));
        for (k, ((p_x, speed_x), (p_y, speed_y))) in x.zip(y).enumerate() {
            x_row(b * rows + k, p_x, speed_x);
            y_row(b * rows + k, p_y, speed_y);
        }
    };
    // The row of y faces north of the grid holds only edge faces.
    let (p_y, top) = state.p_y.split_at_mut(nx * mesh.ny);
    if plan.y_faces[mesh.ny] == Work::Clear {
        top.fill(0.0);
    }
    let speed_y = &mut state.speed_y[..nx * mesh.ny];
    if rows >= mesh.ny {
        band(0, &mut state.p_x, &mut state.speed_x, p_y, speed_y);
        return;
    }
    let x = state.p_x.par_chunks_mut(rows * (nx + 1)).zip(state.speed_x.par_chunks_mut(rows * (nx + 1)));
    let y = p_y.par_chunks_mut(rows * nx).zip(speed_y.par_chunks_mut(rows * nx));
    x.zip(y).enumerate().for_each(|(b, ((p_x, speed_x), (p_y, speed_y)))| band(b, p_x, speed_x, p_y, speed_y));
}
