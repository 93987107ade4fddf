//! Rows and snapshots taken at output times.

use super::advance::y_span;
use super::exchange::Exchange;
use super::ground::Ground;
use super::state::State;
use crate::balance::{Balance, Total};
use crate::record::{flow_rows, gauge_row};
use crate::saved::Tape;
use crate::{BalanceRow, FlowProblem, FlowRow, GaugeRow, Snapshot};
use dayu_terrain::{Axis, CrossedFace, faces_on_line};

/// The faces of one section with its running volume.
struct SectionFlow {
    id: String,
    faces: Vec<CrossedFace>,
    /// this step, m³
    step_m3: f64,
    flow_m3_s: f64,
    volume_m3: Total,
}

/// Everything written while the water moves.
pub(super) struct Record {
    sections: Vec<SectionFlow>,
    gauge_cells: Vec<(String, usize)>,
    pub gauges: Vec<GaugeRow>,
    pub flows: Vec<FlowRow>,
    pub balance: Vec<BalanceRow>,
    pub snapshots: Vec<Snapshot>,
}

impl Record {
    /// Finds the faces of sections and the cells of gauges that stand in the open.
    pub fn new(problem: &FlowProblem, ground: &Ground) -> Self {
        let is_active = |cell: usize| ground.active.get(cell).copied().unwrap_or(false);
        let section = |s: &crate::Section| SectionFlow {
            id: s.id.clone(),
            faces: faces_on_line(&problem.grid, &s.line.clone().into()),
            step_m3: 0.0,
            flow_m3_s: 0.0,
            volume_m3: Total::default(),
        };
        let gauges = problem.gauges.iter().filter(|g| is_active(g.cell));
        Self {
            sections: problem.sections.iter().map(section).collect(),
            gauge_cells: gauges.map(|g| (g.id.clone(), g.cell)).collect(),
            gauges: Vec::new(),
            flows: Vec::new(),
            balance: Vec::new(),
            snapshots: Vec::new(),
        }
    }

    /// Adds the flow of one stage to the sections; each counts for half the step.
    pub fn stage(&mut self, ground: &Ground, state: &State, dt_s: f64) {
        let nx = ground.nx;
        let water = |face: &CrossedFace| match face.axis {
            Axis::X => {
                let (j, i) = (face.index / (nx + 1), face.index % (nx + 1));
                let span = state.work[j];
                if i >= span.from && i <= span.to && !span.is_empty() { state.x.water[face.index] } else { 0.0 }
            }
            Axis::Y => {
                let (j, i) = (face.index / nx, face.index % nx);
                if y_span(&state.work, j).contains(i) { state.y.water[face.index] } else { 0.0 }
            }
        };
        for section in &mut self.sections {
            let sum: f64 = section.faces.iter().map(|f| water(f) * f64::from(f.sign)).sum();
            section.step_m3 += 0.5 * sum * ground.dx_m * dt_s;
        }
    }

    /// Closes the step of the sections.
    pub fn step(&mut self, dt_s: f64) {
        for section in &mut self.sections {
            let volume = std::mem::take(&mut section.step_m3);
            section.flow_m3_s = volume / dt_s;
            section.volume_m3.add(volume);
        }
    }

    /// What was written so far.
    pub fn tape(&mut self, tape: &mut Tape) {
        let mut sections = self.sections.len() as u64;
        tape.value(&mut sections);
        if sections != self.sections.len() as u64 {
            return tape.fail();
        }
        for section in &mut self.sections {
            tape.value(&mut section.flow_m3_s);
            tape.total(&mut section.volume_m3);
        }
        tape.rows(&mut self.gauges, &mut self.flows, &mut self.balance);
        tape.snapshots(&mut self.snapshots);
    }

    /// Writes the rows of a time. The flow of a row is the mean of the step that ends then.
    pub fn rows(
        &mut self,
        problem: &FlowProblem,
        ground: &Ground,
        state: &State,
        exchange: &Exchange,
        balance: &mut Balance,
        time_s: f64,
    ) {
        for (id, cell) in &self.gauge_cells {
            let velocity = state.velocity(*cell, problem.solver.dry_depth_m);
            let depth_m = state.now.h[*cell];
            self.gauges.push(gauge_row(time_s, id, ground.bed_m[*cell] + depth_m, depth_m, velocity));
        }
        let boundaries = exchange.volumes.iter().map(|v| (v.flow_m3_s, v.volume_m3.value()));
        let sections = self.sections.iter().map(|s| (&s.id, s.flow_m3_s, s.volume_m3.value()));
        flow_rows(problem, time_s, boundaries, &exchange.links, sections, &mut self.flows);
        self.balance.push(balance.row(time_s, state.stored_m3(ground)));
    }

    /// Keeps depth and velocity of every cell; NaN in walls.
    pub fn snapshot(&mut self, ground: &Ground, state: &State, dry_m: f64, time_s: f64) {
        let n = ground.nx * ground.ny;
        let (mut depth, mut u, mut v) = (vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n]);
        for cell in (0..n).filter(|&c| ground.active[c]) {
            depth[cell] = state.now.h[cell];
            (u[cell], v[cell]) = state.velocity(cell, dry_m);
        }
        self.snapshots.push((time_s, depth, u, v));
    }
}
