//! One step over one band of rows: face discharges, the limit of what cells can give, new depths, maxima. All of it in one pass from
//! south to north, the depths two rows behind the faces, so that every value passes once through the processor.

use crate::aligned::Line;
use crate::band::{Band, FaceBuffer};
use crate::crest::weir_limited;
use crate::face::{Face, FaceRow, StepFactors, WantedRow, passing, wanted_row};
use crate::loss::{Fallen, LossStep, due};
use crate::mesh::{BLOCK, Mesh};
use crate::outflow::limit;
use crate::prefetch::{Coming, Prefetch};
use crate::track::{Stretch, Tracker};

/// Cells looked at together: their intermediate values stay in the innermost cache. Divides [`BLOCK`].
pub(crate) const SEGMENT: usize = 128;

/// Rain of a step.
#[derive(Clone, Copy)]
pub(crate) enum Rain<'a> {
    /// the same units everywhere
    Uniform(i32),
    /// rates (m/s, 0 in walls) with the two ends of the step as factors
    Field(&'a [f32], f32, f32),
}

/// What all bands share in a step.
pub(crate) struct Step<'a> {
    pub mesh: &'a Mesh,
    pub plan_cells: &'a [Vec<(usize, usize)>],
    pub plan_y_faces: &'a [Vec<(usize, usize)>],
    pub factors: StepFactors,
    pub rain: Rain<'a>,
    pub loss: LossStep,
    pub tracker: &'a Tracker,
    /// boundary faces (column, number) of each row of x faces
    pub edges_x: &'a [Vec<(usize, usize)>],
    /// of each row of y faces, with the row of the cell
    pub edges_y: &'a [Vec<(usize, usize, usize)>],
    /// discharge and speed that boundaries want, per number
    pub edge_q: &'a [(f32, f32)],
    /// depth that held cells take at the end of the step, units, in order of cells
    pub held_depth: &'a [i32],
    /// number of the first held cell of each row
    pub held_from: &'a [usize],
    /// cells that inflows, pumps and outfalls changed before the flow, rising, with the depth they had
    pub touched: &'a [(usize, i32)],
    /// walls are in the grid: rain must skip them
    pub has_walls: bool,
    pub prefetch: Prefetch,
}

/// Does a step in a band.
#[inline(always)]
pub(crate) fn sweep(step: &Step, band: &mut Band) {
    let ny = step.mesh.ny;
    let (first, end) = (band.first, band.end());
    let (from, until) = (first.saturating_sub(1), end.min(ny - 1));
    let mut x = std::mem::take(&mut band.halo.x);
    let mut y = std::mem::take(&mut band.halo.y);
    for row in first..(first + 2).min(end) {
        bring_row(step, band, row);
    }
    y_faces(step, band, from, &mut y[from % 3]);
    for row in from..=until {
        x_faces(step, band, row, &mut x[row % 2]);
        y_faces(step, band, row + 1, &mut y[(row + 1) % 3]);
        let (south, north) = two(&mut y, row % 3, (row + 1) % 3);
        limit(step, band, row, &mut x[row % 2], south, north);
        if row > first {
            new_depths(step, band, row - 1, &x[(row - 1) % 2], &y[(row - 1) % 3], &y[row % 3]);
        }
    }
    if end == ny {
        new_depths(step, band, ny - 1, &x[(ny - 1) % 2], &y[(ny - 1) % 3], &y[ny % 3]);
        if let Some(top) = &mut band.top {
            top.copy_from_slice(&y[ny % 3].q[..step.mesh.nx]);
        }
        if let Some(top) = band.sums.as_mut().and_then(|sums| sums.top.as_mut()) {
            top.add(0, 0, &y[ny % 3].passes[..step.mesh.nx]);
        }
    }
    (band.halo.x, band.halo.y) = (x, y);
}

/// Asks for the first rows of a band, for which no row before could ask.
#[inline(always)]
fn bring_row(step: &Step, band: &Band, row: usize) {
    let (mesh, nx) = (step.mesh, step.mesh.nx);
    for &(lo, hi) in &step.plan_cells[row] {
        let (cells, faces) = (row * nx + lo..row * nx + hi, row * (nx + 1) + lo..row * (nx + 1) + hi);
        let state = Coming {
            prefetch: step.prefetch,
            whole: [&band.depth_row(row)[lo..hi], &mesh.rise_y[cells.clone()], &[]],
            real: [&band.q_x_row(row)[lo..hi], &band.q_y_row(row)[lo..hi], &mesh.roughness[cells]],
        };
        let rise = Coming { prefetch: step.prefetch, whole: [&mesh.rise_x[faces], &[], &[]], real: [&[]; 3] };
        for first in (0..hi - lo).step_by(BLOCK) {
            state.bring::<BLOCK>(first);
            rise.bring::<BLOCK>(first);
        }
    }
}

/// Two different of three.
fn two(y: &mut [FaceBuffer; 3], a: usize, b: usize) -> (&mut FaceBuffer, &mut FaceBuffer) {
    let [p, q, r] = y;
    match (a, b) {
        (0, 1) => (p, q),
        (1, 2) => (q, r),
        _ => (r, p),
    }
}

/// What is remembered of some cells of a row; nothing where the row belongs to another band.
#[inline(always)]
fn tracked<'a>(
    band: &'a Band,
    nx: usize,
    row: usize,
    columns: std::ops::Range<usize>,
) -> (&'a [i32], &'a [f32], &'a [f32]) {
    if row < band.first || row >= band.end() {
        return (&[], &[], &[]);
    }
    let at = (row - band.first) * nx;
    band.track.maxima(at + columns.start..at + columns.end)
}

/// Wanted discharges of the x faces of a row.
#[inline(always)]
fn x_faces(step: &Step, band: &Band, row: usize, out: &mut FaceBuffer) {
    let (mesh, nx) = (step.mesh, step.mesh.nx);
    let (depth, q, south, north) = (band.depth_row(row), band.q_x_row(row), band.q_y_row(row), band.q_y_row(row + 1));
    let rise = &mesh.rise_x[row * (nx + 1)..(row + 1) * (nx + 1)];
    let n = &mesh.roughness[row * nx..(row + 1) * nx];
    for &(lo, hi) in &step.plan_cells[row] {
        out.set(lo, 0.0, 0, 0.0);
        out.set(hi, 0.0, 0, 0.0);
        let faces = lo + 1..hi;
        let (cells, ahead) = (lo..hi - 1, lo + 1..hi);
        let across = [&south[cells.clone()], &south[ahead.clone()], &north[cells.clone()], &north[ahead.clone()]];
        let (deepest, fastest, _) = tracked(band, nx, row, lo..hi);
        let sums = band.sums.as_ref().filter(|_| row >= band.first && row < band.end());
        let sums = sums.map_or(&[][..], |sums| sums.x.near(row - band.first, lo..hi));
        let next = row + 2;
        let is_own = next < band.end();
        let coming = Coming {
            prefetch: step.prefetch,
            whole: [if is_own { &band.depth_row(next)[lo..hi] } else { &[] }, deepest, sums],
            real: [
                if is_own { &band.q_x_row(next)[lo..hi] } else { &[] },
                if is_own { &mesh.roughness[next * nx + lo..next * nx + hi] } else { &[] },
                fastest,
            ],
        };
        let input = FaceRow {
            behind: &depth[cells.clone()],
            ahead: &depth[ahead.clone()],
            rise: &rise[faces.clone()],
            n_behind: &n[cells],
            n_ahead: &n[ahead],
            q: &q[faces.clone()],
            q_behind: &q[lo..hi - 1],
            q_ahead: &q[lo + 2..hi + 1],
            across,
            coming,
        };
        wanted_row(
            &input,
            step.factors,
            &mut WantedRow {
                q: &mut out.q[faces.clone()],
                passes: &mut out.passes[faces.clone()],
                speed: &mut out.speed[faces],
            },
        );
    }
    for crest in &mesh.crests_x[row] {
        let c = crest.column;
        let face = Face {
            behind: depth[c - 1],
            ahead: depth[c],
            rise: rise[c],
            roughness: n[c - 1] + n[c],
            q: q[c],
            q_behind: q[c - 1],
            q_ahead: q[c + 1],
            q_across: (south[c - 1] + south[c]) + (north[c - 1] + north[c]),
        };
        let w = weir_limited(face, crest.above, step.factors);
        out.set(c, w.q, w.passes, w.speed);
    }
    for &(column, number) in &step.edges_x[row] {
        let (q, speed) = step.edge_q[number];
        out.set(column, q, passing(q, step.factors), speed);
    }
}

/// Wanted discharges of the y faces south of a row.
#[inline(always)]
fn y_faces(step: &Step, band: &Band, row: usize, out: &mut FaceBuffer) {
    let (mesh, nx) = (step.mesh, step.mesh.nx);
    if row == 0 || row == mesh.ny {
        out.clear();
    } else {
        let (south, north) = (band.depth_row(row - 1), band.depth_row(row));
        let (q_behind, q, q_ahead) = (band.q_y_row(row - 1), band.q_y_row(row), band.q_y_row(row + 1));
        let (below, above) = (band.q_x_row(row - 1), band.q_x_row(row));
        let rise = &mesh.rise_y[row * nx..(row + 1) * nx];
        let (n_south, n_north) = (&mesh.roughness[(row - 1) * nx..row * nx], &mesh.roughness[row * nx..(row + 1) * nx]);
        for &(lo, hi) in &step.plan_y_faces[row] {
            let east = lo + 1..hi + 1;
            let (_, _, peak) = tracked(band, nx, row - 1, lo..hi);
            let sums = band.sums.as_ref().filter(|_| row > band.first && row <= band.end());
            let sums = sums.map_or(&[][..], |sums| sums.y.near(row - 1 - band.first, lo..hi));
            let next = row + 1;
            let is_own = next + 1 < band.end();
            let coming = Coming {
                prefetch: step.prefetch,
                whole: [
                    if is_own { &mesh.rise_y[next * nx + lo..next * nx + hi] } else { &[] },
                    if is_own { &mesh.rise_x[row * (nx + 1) + lo..row * (nx + 1) + hi] } else { &[] },
                    sums,
                ],
                real: [if is_own { &band.q_y_row(next + 1)[lo..hi] } else { &[] }, peak, &[]],
            };
            let input = FaceRow {
                behind: &south[lo..hi],
                ahead: &north[lo..hi],
                rise: &rise[lo..hi],
                n_behind: &n_south[lo..hi],
                n_ahead: &n_north[lo..hi],
                q: &q[lo..hi],
                q_behind: &q_behind[lo..hi],
                q_ahead: &q_ahead[lo..hi],
                across: [&below[lo..hi], &above[lo..hi], &below[east.clone()], &above[east]],
                coming,
            };
            wanted_row(
                &input,
                step.factors,
                &mut WantedRow {
                    q: &mut out.q[lo..hi],
                    passes: &mut out.passes[lo..hi],
                    speed: &mut out.speed[lo..hi],
                },
            );
        }
        for crest in &mesh.crests_y[row] {
            let c = crest.column;
            let face = Face {
                behind: south[c],
                ahead: north[c],
                rise: rise[c],
                roughness: n_south[c] + n_north[c],
                q: q[c],
                q_behind: q_behind[c],
                q_ahead: q_ahead[c],
                q_across: (below[c] + above[c]) + (below[c + 1] + above[c + 1]),
            };
            let w = weir_limited(face, crest.above, step.factors);
            out.set(c, w.q, w.passes, w.speed);
        }
    }
    for &(column, number, _) in &step.edges_y[row] {
        let (q, speed) = step.edge_q[number];
        out.set(column, q, passing(q, step.factors), speed);
    }
}

/// New depths of a row, and what is remembered of them; the discharges of its west and south faces are kept.
#[inline(always)]
fn new_depths(step: &Step, band: &mut Band, row: usize, x: &FaceBuffer, south: &FaceBuffer, north: &FaceBuffer) {
    let (mesh, nx) = (step.mesh, step.mesh.nx);
    let own = row - band.first;
    let blocks = mesh.blocks();
    band.wet[own * blocks..(own + 1) * blocks].fill(false);
    let runs = &step.plan_cells[row];
    for &(lo, hi) in runs {
        for &(free_lo, free_hi) in &mesh.free[row] {
            let (mut at, until) = (lo.max(free_lo), hi.min(free_hi));
            while at < until {
                let n = (SEGMENT - at % SEGMENT).min(until - at);
                if n == SEGMENT {
                    // The same with a number that the compiler knows.
                    segment(step, band, row, at, SEGMENT, x, south, north);
                } else {
                    segment(step, band, row, at, n, x, south, north);
                }
                at += n;
            }
        }
    }
    if !mesh.held[row].is_empty() {
        held_cells(step, band, row, x, south, north);
    }
    for &(column, number) in &step.edges_x[row] {
        band.out.passed.push((number, x.passes[column]));
    }
    for (faces, list) in [(south, &step.edges_y[row]), (north, &step.edges_y[row + 1])] {
        for &(column, number, _) in list.iter().filter(|(_, _, cell_row)| *cell_row == row) {
            band.out.passed.push((number, faces.passes[column]));
        }
    }
    for &(lo, hi) in runs {
        let (w, c) = (own * (nx + 1), own * nx);
        band.q_x[w + lo..w + hi + 1].copy_from_slice(&x.q[lo..hi + 1]);
        band.q_y[c + lo..c + hi].copy_from_slice(&south.q[lo..hi]);
        if let Some(sums) = &mut band.sums {
            sums.x.add(own, lo, &x.passes[lo..hi + 1]);
            sums.y.add(own, lo, &south.passes[lo..hi]);
        }
    }
}

/// The largest of each kind over some cells.
struct Extremes {
    wave: f32,
    deepest: u32,
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn segment(
    step: &Step,
    band: &mut Band,
    row: usize,
    at: usize,
    n: usize,
    x: &FaceBuffer,
    south: &FaceBuffer,
    north: &FaceBuffer,
) {
    let own = (row - band.first) * step.mesh.nx + at;
    let (mut depth, mut speed2) = (Line([0_i32; SEGMENT]), Line([0.0_f32; SEGMENT]));
    let (Line(depth), Line(speed2)) = (&mut depth, &mut speed2);
    let before = &band.depth[own..own + n];
    let (tw, te) = (&x.passes[at..at + n], &x.passes[at + 1..at + 1 + n]);
    let (ts, tn) = (&south.passes[at..at + n], &north.passes[at..at + n]);
    for k in 0..n {
        depth[k] = before[k].wrapping_add(tw[k] - te[k]).wrapping_add(ts[k] - tn[k]);
    }
    if step.has_walls {
        // What passes an edge where a wall is goes out of the grid, not into the wall.
        let walls = &step.mesh.roughness[row * step.mesh.nx + at..row * step.mesh.nx + at + n];
        for k in 0..n {
            depth[k] = if walls[k] >= 0.0 { depth[k] } else { 0 };
        }
    }
    match step.rain {
        Rain::Uniform(0) => {}
        Rain::Uniform(rain) if !step.has_walls => {
            depth[..n].iter_mut().for_each(|h| *h += rain);
            band.out.rain += i64::from(rain) * n as i64;
        }
        Rain::Uniform(rain) => {
            let walls = &step.mesh.roughness[row * step.mesh.nx + at..row * step.mesh.nx + at + n];
            let mut sum = 0;
            for k in 0..n {
                let here = if walls[k] >= 0.0 { rain } else { 0 };
                depth[k] += here;
                sum += here;
            }
            band.out.rain += i64::from(sum);
        }
        Rain::Field(rates, from, until) => {
            let rates = &rates[row * step.mesh.nx + at..row * step.mesh.nx + at + n];
            let mut sum = 0;
            for k in 0..n {
                let here = due(rates[k], from, until);
                depth[k] += here;
                sum += here;
            }
            band.out.rain += i64::from(sum);
        }
    }
    let fallen = match step.rain {
        Rain::Uniform(rain) => Fallen::Uniform(rain),
        Rain::Field(rates, ..) => Fallen::Field(&rates[row * step.mesh.nx + at..row * step.mesh.nx + at + n]),
    };
    for (loss, sum) in band.losses.iter_mut().zip(&mut band.out.lost) {
        *sum += loss.take(own, &mut depth[..n], fallen, step.loss);
    }
    let found = speeds(step, at, n, depth, x, south, north, speed2);
    band.out.wave_m2_s2 = if found.wave > band.out.wave_m2_s2 { found.wave } else { band.out.wave_m2_s2 };
    band.out.deepest = band.out.deepest.max(found.deepest);
    band.wet[(row - band.first) * step.mesh.blocks() + at / BLOCK] |= found.deepest > 0;
    let cells = row * step.mesh.nx + at..row * step.mesh.nx + at + n;
    restore(step, cells, &mut band.depth[own..own + n]);
    let before = &band.depth[own..own + n];
    band.track.remember(&Stretch { at: own, before, depth: &depth[..n], speed2: &speed2[..n] }, step.tracker);
    band.depth[own..own + n].copy_from_slice(&depth[..n]);
}

/// Gives cells back the depth that they had before inflows and sinks changed it.
#[inline(always)]
fn restore(step: &Step, cells: std::ops::Range<usize>, depth: &mut [i32]) {
    if step.touched.is_empty() {
        return;
    }
    let from = step.touched.partition_point(|(c, _)| *c < cells.start);
    let touched = step.touched[from..].iter().take_while(|(c, _)| *c < cells.end);
    touched.for_each(|(c, was)| depth[c - cells.start] = *was);
}

/// Squares of the speed of cells (0 where not wet), and the fastest wave: √(g h), or the kinematic wave (5/3 of the speed, at most
/// 10/3 of √(g h), so that thin films cannot stall the run).
#[inline(always)]
#[allow(clippy::too_many_arguments)]
fn speeds(
    step: &Step,
    at: usize,
    n: usize,
    depth: &[i32; SEGMENT],
    x: &FaceBuffer,
    south: &FaceBuffer,
    north: &FaceBuffer,
    speed2: &mut [f32; SEGMENT],
) -> Extremes {
    let (qw, qe) = (&x.q[at..at + n], &x.q[at + 1..at + 1 + n]);
    let (sw, se) = (&x.speed[at..at + n], &x.speed[at + 1..at + 1 + n]);
    let (qs, qn) = (&south.q[at..at + n], &north.q[at..at + n]);
    let (ss, sn) = (&south.speed[at..at + n], &north.speed[at..at + n]);
    let (unit_m, dry) = (step.factors.unit_m, step.tracker.dry);
    let (mut wave_bits, mut deepest) = (0, 0);
    for k in 0..n {
        let h = depth[k];
        let (square, wave) = cell_speed(h, [qw[k], qe[k], qs[k], qn[k]], [sw[k], se[k], ss[k], sn[k]], unit_m);
        speed2[k] = if h > dry { square } else { 0.0 };
        // Bits of numbers that are not negative are in order; not-a-number comes last.
        wave_bits = wave.to_bits().cast_signed().max(wave_bits);
        deepest = h.cast_unsigned().max(deepest);
    }
    Extremes { wave: f32::from_bits(wave_bits.cast_unsigned()), deepest }
}

/// Square of the speed of a cell and of its fastest wave, from the discharges and speeds of its faces (west, east, south, north).
#[inline(always)]
fn cell_speed(h: i32, q: [f32; 4], s: [f32; 4], unit_m: f32) -> (f32, f32) {
    const G: f32 = crate::face::GRAVITY as f32;
    let depth_m = h as f32 * unit_m;
    let half = 0.5 / (if h > 1 { depth_m } else { unit_m });
    let (bound_u, bound_v) = (if s[0] > s[1] { s[0] } else { s[1] }, if s[2] > s[3] { s[2] } else { s[3] });
    let (u, v) = (((q[0] + q[1]) * half).abs(), ((q[2] + q[3]) * half).abs());
    let (u, v) = (if u < bound_u { u } else { bound_u }, if v < bound_v { v } else { bound_v });
    let (square, celerity2) = (u * u + v * v, G * depth_m);
    let kinematic = if square < 4.0 * celerity2 { square } else { 4.0 * celerity2 };
    let kinematic = (25.0 / 9.0) * kinematic;
    (square, if kinematic > celerity2 { kinematic } else { celerity2 })
}

/// Cells held at a level: what flow and rain left there is made up from outside.
#[inline(never)]
fn held_cells(step: &Step, band: &mut Band, row: usize, x: &FaceBuffer, south: &FaceBuffer, north: &FaceBuffer) {
    let nx = step.mesh.nx;
    for (number, &c) in (step.held_from[row]..).zip(&step.mesh.held[row]) {
        let own = (row - band.first) * nx + c;
        let before = band.depth[own];
        let net = (i64::from(x.passes[c]) - i64::from(x.passes[c + 1]))
            + (i64::from(south.passes[c]) - i64::from(north.passes[c]));
        let rain = match step.rain {
            Rain::Uniform(rain) => rain,
            Rain::Field(rates, from, until) => due(rates[row * nx + c], from, until),
        };
        band.out.rain += i64::from(rain);
        let depth = step.held_depth[number];
        band.out.held.push(i64::from(depth) - (i64::from(before) + net + i64::from(rain)));
        band.depth[own] = depth;
        let q = [x.q[c], x.q[c + 1], south.q[c], north.q[c]];
        let speeds = [x.speed[c], x.speed[c + 1], south.speed[c], north.speed[c]];
        let (square, _) = cell_speed(depth, q, speeds, step.factors.unit_m);
        let speed2 = [if depth > step.tracker.dry { square } else { 0.0 }];
        band.wet[(row - band.first) * step.mesh.blocks() + c / BLOCK] |= depth > 0;
        let stretch = Stretch { at: own, before: &[before], depth: &[depth], speed2: &speed2 };
        band.track.remember(&stretch, step.tracker);
    }
}
