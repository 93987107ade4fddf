//! No cell gives more than it holds.

use crate::band::{Band, FaceBuffer};
use crate::sweep::{SEGMENT, Step};

/// Cuts what leaves the cells of a row to what they hold: a cell that would give more gives every outward face the same share.
#[inline(always)]
pub(crate) fn limit(
    step: &Step,
    band: &Band,
    row: usize,
    x: &mut FaceBuffer,
    south: &mut FaceBuffer,
    north: &mut FaceBuffer,
) {
    let depth = band.depth_row(row);
    for &(lo, hi) in &step.plan_cells[row] {
        let mut at = lo;
        while at < hi {
            let n = SEGMENT.min(hi - at);
            // The same with a number that the compiler knows.
            let excess = if n == SEGMENT {
                gives_too_much(at, SEGMENT, depth, x, south, north)
            } else {
                gives_too_much(at, n, depth, x, south, north)
            };
            if excess {
                limit_cells(step, row, at..at + n, depth, x, south, north);
            }
            at += n;
        }
    }
}

/// True when a cell among some would give more than it holds.
#[inline(always)]
fn gives_too_much(at: usize, n: usize, depth: &[i32], x: &FaceBuffer, south: &FaceBuffer, north: &FaceBuffer) -> bool {
    let (west, east) = (&x.passes[at..at + n], &x.passes[at + 1..at + 1 + n]);
    let (below, above) = (&south.passes[at..at + n], &north.passes[at..at + n]);
    let h = &depth[at..at + n];
    let mut excess = 0;
    for k in 0..n {
        excess |= i32::from(leaving(west[k], east[k], below[k], above[k]) > h[k].cast_unsigned());
    }
    excess != 0
}

/// Units that want to leave a cell.
#[inline(always)]
fn leaving(west: i32, east: i32, south: i32, north: i32) -> u32 {
    let out = |passes: i32| if passes > 0 { passes.cast_unsigned() } else { 0 };
    (out(east) + out(-west)) + (out(north) + out(-south))
}

#[cold]
#[inline(never)]
fn limit_cells(
    step: &Step,
    row: usize,
    cells: std::ops::Range<usize>,
    depth: &[i32],
    x: &mut FaceBuffer,
    south: &mut FaceBuffer,
    north: &mut FaceBuffer,
) {
    let held = &step.mesh.held[row];
    for c in cells {
        let out = leaving(x.passes[c], x.passes[c + 1], south.passes[c], north.passes[c]);
        let there = depth[c].cast_unsigned();
        // Held cells, and what lies beyond the edge, give without end.
        let is_wall = step.mesh.roughness[row * step.mesh.nx + c] < 0.0;
        if out <= there || is_wall || (!held.is_empty() && held.binary_search(&c).is_ok()) {
            continue;
        }
        let share = there as f32 / out as f32;
        let cut = |face: &mut FaceBuffer, column: usize, outward: i32| {
            let passes = face.passes[column];
            if passes.signum() == outward {
                // In whole numbers, towards 0: the sum is never more than there is.
                face.passes[column] = (i64::from(passes) * i64::from(there) / i64::from(out)) as i32;
                face.q[column] *= share;
            }
        };
        cut(x, c, -1);
        cut(x, c + 1, 1);
        cut(south, c, -1);
        cut(north, c, 1);
    }
}
