//! Walls, dykes, kerbs and lines of sandbags: a closed face that lets over what a broad-crested weir lets over.

use super::advance::y_span;
use super::flux::against_wall;
use super::ground::Ground;
use super::state::{Stage, State};
use crate::FlowProblem;
use crate::cell::{FILM_M, GRAVITY};
use crate::crest::weir_m2_s;
use crate::saved::Tape;
use dayu_terrain::Axis;

/// One face with a crest above both beds.
#[derive(Clone, Copy, Debug)]
pub(super) struct CrestFace {
    pub axis: Axis,
    pub face: usize,
    /// cells behind (west, south) and ahead
    pub cells: [usize; 2],
    level_m: f64,
    /// Manning n, mean of both cells
    roughness: f64,
    /// unit discharge over the crest, m²/s
    q_m2_s: f64,
}

/// Crests on faces between two active cells that rise above both beds; of two on a face the higher.
pub(super) fn crest_faces(problem: &FlowProblem) -> Vec<CrestFace> {
    let nx = problem.grid.nx;
    let mut all: Vec<CrestFace> = Vec::new();
    for crest in &problem.crests {
        let ahead = match crest.axis {
            Axis::X => crest.face / (nx + 1) * nx + crest.face % (nx + 1),
            Axis::Y => crest.face,
        };
        let is_inner = match crest.axis {
            Axis::X => crest.face % (nx + 1) > 0 && crest.face % (nx + 1) < nx,
            Axis::Y => crest.face >= nx,
        };
        let behind = ahead.wrapping_sub(if crest.axis == Axis::X { 1 } else { nx });
        let (Some(&a), Some(&b)) = (problem.bed_m.get(behind), problem.bed_m.get(ahead)) else { continue };
        // Not a number is no bed: a wall stands there already.
        if !is_inner || a.is_nan() || b.is_nan() || crest.level_m <= a.max(b) {
            continue;
        }
        all.push(CrestFace {
            axis: crest.axis,
            face: crest.face,
            cells: [behind, ahead],
            level_m: crest.level_m,
            roughness: 0.5 * (problem.roughness[behind] + problem.roughness[ahead]),
            q_m2_s: 0.0,
        });
    }
    all.sort_by(|a, b| (a.axis, a.face).cmp(&(b.axis, b.face)).then(b.level_m.total_cmp(&a.level_m)));
    all.dedup_by_key(|c| (c.axis, c.face));
    all
}

impl CrestFace {
    pub fn tape(&mut self, tape: &mut Tape) {
        tape.value(&mut self.q_m2_s);
    }

    /// Depth of the water over the crest on each side, m.
    fn over_m(&self, ground: &Ground, stage: &Stage) -> [f64; 2] {
        self.cells.map(|c| (ground.bed_m[c] + stage.h[c] - self.level_m).max(0.0))
    }

    /// Discharge of the next step: the local inertial flow of the face with a raised sill, no more than the weir's, and never against the
    /// fall, as in the plain scheme.
    fn flow_on(&mut self, ground: &Ground, stage: &Stage, dt_s: f64) {
        let [behind, ahead] = self.over_m(ground, stage);
        let (head, tail) = (behind.max(ahead), behind.min(ahead));
        if head <= FILM_M {
            self.q_m2_s = 0.0;
            return;
        }
        let fall = behind - ahead;
        let pushed = self.q_m2_s + GRAVITY * head * dt_s / ground.dx_m * fall;
        let drag = GRAVITY * dt_s * self.roughness * self.roughness / (head * head * libm::cbrt(head));
        let free = pushed / (0.5 + (0.25 + drag * pushed.abs()).sqrt());
        let most = weir_m2_s(head, tail);
        self.q_m2_s = if free * fall > 0.0 { free.clamp(-most, most) } else { 0.0 };
    }
}

/// Writes the fluxes of crests over those of the closed faces that stand there. Both stages of a step carry one discharge.
///
/// Water takes the momentum of the cell that it leaves along; what the fall adds is lost where it lands. The wall throws back the water
/// that runs against it and does not pass.
pub(super) fn crest_fluxes(crests: &mut [CrestFace], ground: &Ground, state: &mut State, second: bool, dt_s: f64) {
    let State { now, mid, x, y, work, .. } = state;
    let stage = if second { mid } else { now };
    for crest in crests {
        let faces = match crest.axis {
            Axis::X => {
                let (j, i) = (crest.face / (ground.nx + 1), crest.face % (ground.nx + 1));
                if work[j].is_empty() || i < work[j].from || i > work[j].to {
                    continue;
                }
                &mut *x
            }
            Axis::Y => {
                if !y_span(work, crest.face / ground.nx).contains(crest.face % ground.nx) {
                    continue;
                }
                &mut *y
            }
        };
        if !second {
            crest.flow_on(ground, stage, dt_s);
        }
        let q = crest.q_m2_s;
        let velocity = |cell: usize| {
            let per_depth = if stage.h[cell] > FILM_M { 1.0 / stage.h[cell] } else { 0.0 };
            let (u, v) = (stage.qx[cell] * per_depth, stage.qy[cell] * per_depth);
            if crest.axis == Axis::X { (u, v) } else { (v, u) }
        };
        let thrown = |side: usize| {
            let (h, sign) = (stage.h[crest.cells[side]], if side == 0 { 1.0 } else { -1.0 });
            let towards = velocity(crest.cells[side]).0 * sign;
            let passing = if h > FILM_M { q.abs() / h } else { 0.0 };
            // Only what does not pass is thrown back; what runs away is followed by what comes over.
            let leaves = q * sign > 0.0;
            let unmatched = if leaves {
                towards - passing
            } else if towards > 0.0 {
                towards
            } else {
                (towards + passing).min(0.0)
            };
            against_wall(h, unmatched)
        };
        let (across, along) = velocity(crest.cells[usize::from(q < 0.0)]);
        let f = crest.face;
        let (behind, ahead) = (thrown(0) + q * across, thrown(1) + q * across);
        (faces.water[f], faces.behind[f], faces.ahead[f]) = (q, behind, ahead);
        faces.along[f] = q * along;
    }
}
