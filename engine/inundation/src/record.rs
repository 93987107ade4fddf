//! Rows and snapshots taken at output times.

use crate::balance::{Balance, Total};
use crate::exchange::Exchange;
use crate::link::LinkFlow;
use crate::mesh::Mesh;
use crate::state::State;
use crate::{AttributionRow, BalanceRow, FlowProblem, FlowRow, GaugeRow, Section, Snapshot};
use dayu_terrain::{Axis, CrossedFace, faces_on_line};

/// The faces of one section with its running volume.
pub(crate) struct SectionFlow {
    id: String,
    faces: Vec<CrossedFace>,
    pub flow_m3_s: f64,
    pub volume_m3: Total,
}

/// Everything written while the water moves.
pub(crate) struct Record {
    pub sections: Vec<SectionFlow>,
    pub gauge_cells: Vec<(String, usize)>,
    pub gauges: Vec<GaugeRow>,
    pub flows: Vec<FlowRow>,
    pub balance: Vec<BalanceRow>,
    pub snapshots: Vec<Snapshot>,
    pub attribution: Vec<AttributionRow>,
}

/// The row of a gauge; velocity east, north, m/s.
pub(crate) fn gauge_row(time_s: f64, id: &str, level_m: f64, depth_m: f64, velocity: (f64, f64)) -> GaugeRow {
    let (u_m_s, v_m_s) = velocity;
    let speed_m_s = (u_m_s * u_m_s + v_m_s * v_m_s).sqrt();
    GaugeRow { time_s, id: id.into(), level_m, depth_m, speed_m_s, u_m_s, v_m_s }
}

/// Adds the rows of a time: named boundaries, named links, sections. Flows and volumes are (m³/s, m³ since 0).
pub(crate) fn flow_rows<'a>(
    problem: &FlowProblem,
    time_s: f64,
    boundaries: impl Iterator<Item = (f64, f64)>,
    links: &[LinkFlow],
    sections: impl Iterator<Item = (&'a String, f64, f64)>,
    rows: &mut Vec<FlowRow>,
) {
    let links = links.iter().map(|l| (l.flow_m3_s, l.volume_m3.value()));
    let boundaries = problem.boundaries.iter().map(|b| b.id.as_ref()).zip(boundaries);
    let named = boundaries.chain(problem.links.iter().map(|l| l.id.as_ref()).zip(links));
    let named = named.filter_map(|(id, (flow, volume))| Some((id?, flow, volume)));
    let row =
        |(id, flow_m3_s, volume_m3): (&String, f64, f64)| FlowRow { time_s, id: id.clone(), flow_m3_s, volume_m3 };
    rows.extend(named.map(row));
    rows.extend(sections.map(row));
}

impl Record {
    /// Finds the faces of sections and the cells of gauges; a gauge on a wall or off the grid is left out.
    pub fn new(problem: &FlowProblem) -> Self {
        let is_active = |cell: usize| problem.bed_m.get(cell).is_some_and(|z| !z.is_nan());
        let on = problem.gauges.iter().filter(|g| is_active(g.cell));
        let section = |s: &Section| SectionFlow {
            id: s.id.clone(),
            faces: faces_on_line(&problem.grid, &s.line.clone().into()),
            flow_m3_s: 0.0,
            volume_m3: Total::default(),
        };
        let sections = problem.sections.iter().map(section).collect();
        Self {
            sections,
            gauge_cells: on.map(|g| (g.id.clone(), g.cell)).collect(),
            gauges: Vec::new(),
            flows: Vec::new(),
            balance: Vec::new(),
            snapshots: Vec::new(),
            attribution: Vec::new(),
        }
    }

    /// Adds the flow of a step to the sections.
    pub fn step(&mut self, mesh: &Mesh, state: &State, dt_s: f64) {
        for section in &mut self.sections {
            let mut sum = 0.0;
            for face in &section.faces {
                let q = match face.axis {
                    Axis::X => state.q_x[face.index],
                    Axis::Y => state.q_y[face.index],
                };
                sum += f64::from(q) * f64::from(face.sign);
            }
            section.flow_m3_s = sum * mesh.dx_m;
            section.volume_m3.add(section.flow_m3_s * dt_s);
        }
    }

    /// Writes the rows of a time. The flow of a row is the mean of the step that ends then.
    pub fn rows(
        &mut self,
        problem: &FlowProblem,
        mesh: &Mesh,
        state: &State,
        exchange: &Exchange,
        balance: &mut Balance,
        time_s: f64,
    ) {
        for (id, cell) in &self.gauge_cells {
            let velocity = state.velocity(mesh, *cell, problem.solver.dry_depth_m);
            let depth_m = mesh.unit.depth_m(state.depth[*cell]);
            self.gauges.push(gauge_row(time_s, id, problem.bed_m[*cell] + depth_m, depth_m, velocity));
        }
        let boundaries = exchange.volumes.iter().map(|v| (v.flow_m3_s, v.volume_m3.value()));
        let sections = self.sections.iter().map(|s| (&s.id, s.flow_m3_s, s.volume_m3.value()));
        flow_rows(problem, time_s, boundaries, &exchange.links, sections, &mut self.flows);
        self.balance.push(balance.row(time_s, state.stored_m3(mesh)));
    }

    /// Keeps depth and velocity of every cell; NaN in walls.
    pub fn snapshot(&mut self, problem: &FlowProblem, mesh: &Mesh, state: &State, time_s: f64) {
        let (n, dry_m) = (mesh.nx * mesh.ny, problem.solver.dry_depth_m);
        let (mut depth, mut u, mut v) = (vec![f64::NAN; n], vec![f64::NAN; n], vec![f64::NAN; n]);
        for cell in (0..n).filter(|&c| !problem.bed_m[c].is_nan()) {
            depth[cell] = mesh.unit.depth_m(state.depth[cell]);
            (u[cell], v[cell]) = state.velocity(mesh, cell, dry_m);
        }
        self.snapshots.push((time_s, depth, u, v));
    }
}
