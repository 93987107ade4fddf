//! Second stage of a step, what the ground and the drains take, and what is remembered.

use super::advance::{Row, RowOut, StepFaces, euler};
use super::extremes::{Extremes, ExtremesBand};
use super::ground::Ground;
use super::rows::FRONT_M;
use super::state::{Span, State, wet_span};
use crate::cell::{FILM_M, GRAVITY, larger, smaller};
use crate::infiltration::{Soil, SoilBand};
use rayon::prelude::*;

/// What one row did in a step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RowResult {
    /// fastest wave, both axes summed, m/s: |u| + |v| + 2 √(g h)
    pub wave_m_s: f64,
    /// deepest, m
    pub deepest_m: f64,
    /// m, sum over cells
    pub infiltrated_m: f64,
    /// m, sum over cells
    pub drained_m: f64,
}

/// What takes water from every cell.
pub(super) struct Losses {
    pub soil: Soil,
    /// m/s per cell; empty = none
    pub drain_m_s: Vec<f64>,
}

struct Band<'a> {
    first: usize,
    h: &'a mut [f64],
    qx: &'a mut [f64],
    qy: &'a mut [f64],
    rows: &'a mut [RowResult],
    wet: &'a mut [Span],
    extremes: ExtremesBand<'a>,
    soil: SoilBand<'a>,
}

/// Rows kept at hand while a band is worked through.
struct Scratch {
    h: Vec<f64>,
    qx: Vec<f64>,
    qy: Vec<f64>,
    taken: Vec<f64>,
}

/// Second stage: `now = ½ (now + mid + dt × …)` (Heun's method in the form of Shu & Osher 1988: a mean of two Euler steps, so
/// what each of them keeps, the step keeps), then infiltration, then drains.
pub(super) fn finish(
    ground: &Ground,
    state: &mut State,
    losses: &mut Losses,
    extremes: &mut Extremes,
    rows: &mut [RowResult],
    fastest_m_s: f64,
    time: (f64, f64),
) {
    let (nx, size) = (ground.nx, ground.band_rows);
    let State { now, mid, x, y, rain_m_s, work, wet, .. } = state;
    let faces = StepFaces { x, y, rain: rain_m_s, work, fastest_m_s };
    let (soil, drains) = (&mut losses.soil, losses.drain_m_s.as_slice());
    let (idle, count) = (soil.is_idle(), ground.ny.div_ceil(size));
    let fields = now.h.chunks_mut(size * nx).zip(now.qx.chunks_mut(size * nx)).zip(now.qy.chunks_mut(size * nx));
    let kept = rows.chunks_mut(size).zip(wet.chunks_mut(size)).zip(extremes.bands(size * nx));
    let bands: Vec<Band> = fields
        .zip(kept)
        .zip(soil.bands(size * nx, count))
        .enumerate()
        .map(|(b, ((((h, qx), qy), ((rows, wet), extremes)), soil))| Band {
            first: b * size,
            h,
            qx,
            qy,
            rows,
            wet,
            extremes,
            soil,
        })
        .collect();
    bands.into_par_iter().for_each_init(
        || Scratch { h: vec![0.0; nx], qx: vec![0.0; nx], qy: vec![0.0; nx], taken: vec![0.0; nx] },
        |scratch, mut band| {
            for k in 0..band.rows.len() {
                let j = band.first + k;
                let span = faces.work[j];
                band.rows[k] = RowResult::default();
                if span.is_empty() {
                    continue;
                }
                let n = span.to - span.from;
                let (cells, own) = (j * nx + span.from..j * nx + span.to, k * nx + span.from..k * nx + span.to);
                let old = Row { h: &mid.h[cells.clone()], qx: &mid.qx[cells.clone()], qy: &mid.qy[cells.clone()] };
                let out = RowOut { h: &mut scratch.h, qx: &mut scratch.qx, qy: &mut scratch.qy };
                euler(ground, &faces, &old, j, time.1, out);
                let (h, qx, qy) = (&mut band.h[own.clone()], &mut band.qx[own.clone()], &mut band.qy[own.clone()]);
                mean(h, qx, qy, &ground.free[cells.clone()], scratch);
                let mut result = RowResult::default();
                if !idle {
                    let taken = &mut scratch.taken[..n];
                    let free = &ground.free[cells.clone()];
                    let water = &mut scratch.h[..n];
                    water.iter_mut().zip(h.iter()).zip(free).for_each(|((w, h), f)| *w = h * f);
                    let rain = &faces.rain[cells.clone()];
                    result.infiltrated_m = band.soil.take(own.start, water, rain, time.0, time.1, taken);
                    lose(h, qx, qy, taken);
                }
                if !drains.is_empty() {
                    let taken = &mut scratch.taken[..n];
                    let mut sum = 0.0;
                    let rates = drains[cells.clone()].iter().zip(&ground.free[cells.clone()]);
                    for ((taken, h), (rate, free)) in taken.iter_mut().zip(h.iter()).zip(rates) {
                        *taken = smaller(*h, rate * time.1) * free;
                        sum += *taken;
                    }
                    result.drained_m = sum;
                    lose(h, qx, qy, taken);
                }
                let speed2 = &mut scratch.taken[..n];
                result.deepest_m = h.iter().fold(0.0, |a, b| larger(*b, a));
                result.wave_m_s = speeds(h, qx, qy, &ground.free[cells], speed2);
                band.wet[k] = {
                    let wet = wet_span(h);
                    if wet.is_empty() { wet } else { Span { from: wet.from + span.from, to: wet.to + span.from } }
                };
                band.extremes.remember(own.start, h, speed2, time.0, time.1);
                band.rows[k] = result;
            }
        },
    );
}

fn mean(h: &mut [f64], qx: &mut [f64], qy: &mut [f64], free: &[f64], second: &Scratch) {
    let n = h.len();
    let (h2, qx2, qy2, free) = (&second.h[..n], &second.qx[..n], &second.qy[..n], &free[..n]);
    let (qx, qy) = (&mut qx[..n], &mut qy[..n]);
    for k in 0..n {
        let depth = 0.5 * (h[k] + h2[k]);
        h[k] = if free[k] > 0.0 { depth } else { h[k] };
        let moves = if depth > FILM_M { 0.5 * free[k] } else { 0.0 };
        qx[k] = moves * (qx[k] + qx2[k]);
        qy[k] = moves * (qy[k] + qy2[k]);
    }
}

/// Takes water away; what stays keeps its velocity.
fn lose(h: &mut [f64], qx: &mut [f64], qy: &mut [f64], taken: &[f64]) {
    for (((h, qx), qy), taken) in h.iter_mut().zip(qx).zip(qy).zip(taken) {
        let left = *h - taken;
        let share = if left > FILM_M { left / *h } else { 0.0 };
        (*h, *qx, *qy) = (left, *qx * share, *qy * share);
    }
}

/// Square of the speed of each cell; returns the fastest wave of cells that move freely.
fn speeds(h: &[f64], qx: &[f64], qy: &[f64], free: &[f64], speed2: &mut [f64]) -> f64 {
    let n = h.len();
    let (qx, qy, free, speed2) = (&qx[..n], &qy[..n], &free[..n], &mut speed2[..n]);
    let mut fastest = [0.0_f64; 8];
    for k in 0..n {
        let per_depth = if h[k] > FILM_M { 1.0 / h[k] } else { 0.0 };
        let (u, v) = (qx[k] * per_depth, qy[k] * per_depth);
        speed2[k] = u * u + v * v;
        // A film's speed is noise and its water is limited by what there is: it does not dictate the step.
        let counts = if h[k] > FRONT_M { free[k] } else { 0.0 };
        let wave = counts * ((u.abs() + v.abs()) + 2.0 * (GRAVITY * h[k]).sqrt());
        fastest[k % 8] = larger(wave, fastest[k % 8]);
    }
    fastest.iter().fold(0.0, |a, b| larger(*b, a))
}
