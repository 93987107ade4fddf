//! Boundaries, pumps and outfalls at work during a step, and the water they exchange.

use crate::balance::Total;
use crate::cell::{FILM_M, Face, GRAVITY, face_flow, normal_discharge};
use crate::mesh::Mesh;
use crate::place::{EdgeFace, Places};
use crate::rating::{rated_edges, rated_flows};
use crate::state::State;
use crate::{BoundaryKind, FlowProblem, Sink, SinkTotal};
use dayu_terrain::Axis;

/// Boundaries (by number) with a count of faces or cells.
pub(crate) type FaceCounts = Vec<(usize, usize)>;

/// What one boundary did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BoundaryVolume {
    /// mean flow of the last step, inward positive, m³/s
    pub flow_m3_s: f64,
    /// this step, m³, never negative
    entered_m3: f64,
    left_m3: f64,
    /// net of held cells this step, either sign
    held_m3: f64,
    /// net since 0
    pub volume_m3: Total,
}

/// All boundaries and sinks with their running sums.
pub(crate) struct Exchange<'a> {
    problem: &'a FlowProblem,
    places: Places,
    /// faces of each edge boundary, to share an inflow
    face_count: Vec<usize>,
    /// slope of each edge face for normal flow
    slope: Vec<f64>,
    /// open faces of held cells: x?, index, cell on the other side
    banks: Vec<(f64, usize, usize)>,
    /// depth of held cells before they were set
    held_before_m: Vec<f64>,
    pub volumes: Vec<BoundaryVolume>,
    sink_cells: Vec<Vec<usize>>,
    pub sinks: Vec<SinkTotal>,
}

impl<'a> Exchange<'a> {
    pub fn new(problem: &'a FlowProblem, mesh: &Mesh, places: Places) -> Self {
        let mut face_count = vec![0; problem.boundaries.len()];
        places.edges.iter().for_each(|e| face_count[e.boundary] += 1);
        let slope = |e: &EdgeFace| match problem.boundaries[e.boundary].kind {
            BoundaryKind::Normal(Some(slope)) => slope,
            _ => e.inner.map_or(0.0, |inner| (mesh.bed_m[inner] - mesh.bed_m[e.cell]) / mesh.dx_m),
        };
        let mut banks = Vec::new();
        for held in &places.held {
            let c = held.cell;
            let (west, east, south, north) = mesh.faces(c);
            let around = [
                (west, c.wrapping_sub(1), true),
                (east, c + 1, true),
                (south, c.wrapping_sub(mesh.nx), false),
                (north, c + mesh.nx, false),
            ];
            for (face, other, along_x) in around {
                let sill = if along_x { mesh.sill_x_m[face] } else { mesh.sill_y_m[face] };
                if sill.is_finite() {
                    banks.push((sill, c, other));
                }
            }
        }
        let usable = |sink: &Sink| {
            let mut cells: Vec<usize> =
                sink.cells.iter().copied().filter(|&c| mesh.free_g.get(c).is_some_and(|&g| g > 0.0)).collect();
            cells.sort_unstable();
            cells.dedup();
            cells
        };
        Self {
            slope: places.edges.iter().map(slope).collect(),
            face_count,
            banks,
            held_before_m: vec![0.0; places.held.len()],
            volumes: vec![BoundaryVolume::default(); problem.boundaries.len()],
            sink_cells: problem.sinks.iter().map(usable).collect(),
            sinks: problem
                .sinks
                .iter()
                .map(|s| SinkTotal { id: s.id.clone(), volume_m3: 0.0, running_s: 0.0 })
                .collect(),
            problem,
            places,
        }
    }

    /// Rows that must be computed even when dry.
    pub fn forced_rows(&self, mesh: &Mesh) -> Vec<bool> {
        let mut forced = vec![false; mesh.ny];
        let edges = self.places.edges.iter().map(|e| e.cell);
        let held = self.places.held.iter().map(|h| h.cell);
        let inflows = self.places.inflows.iter().chain(&self.places.ratings).flat_map(|i| i.cells.iter().copied());
        edges.chain(held).chain(inflows).for_each(|cell| forced[cell / mesh.nx] = true);
        forced
    }

    /// Level of a stage boundary.
    fn level_m(&self, boundary: usize, time_s: f64) -> f64 {
        match &self.problem.boundaries[boundary].kind {
            BoundaryKind::Stage(level) => level.value_at(time_s),
            _ => f64::NAN,
        }
    }

    /// Square of the fastest wave that boundaries may send in, m²/s²: over banks of held cells, through stage faces, and for
    /// inflows twice the critical celerity, so that the first water on dry ground is stepped finely enough.
    pub fn wave_m2_s2(&self, mesh: &Mesh, state: &State, time_s: f64) -> f64 {
        let mut wave: f64 = 0.0;
        for &(sill, cell, other) in &self.banks {
            wave = wave.max(GRAVITY * (state.eta_m[cell].max(state.eta_m[other]) - sill));
        }
        let critical = |q: f64| libm::pow(GRAVITY * q.abs(), 2.0 / 3.0);
        for e in &self.places.edges {
            match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Stage(level) => wave = wave.max(GRAVITY * (level.value_at(time_s) - mesh.bed_m[e.cell])),
                BoundaryKind::Inflow(series) => {
                    let q = series.value_at(time_s) / (self.face_count[e.boundary].max(1) as f64 * mesh.dx_m);
                    wave = wave.max(4.0 * critical(q));
                }
                _ => {}
            }
        }
        for inflow in &self.places.inflows {
            if let BoundaryKind::Inflow(series) = &self.problem.boundaries[inflow.boundary].kind {
                wave = wave.max(4.0 * critical(series.value_at(time_s) / (inflow.cells.len() as f64 * mesh.dx_m)));
            }
        }
        wave
    }

    /// Sets held cells to their level at a time, remembering their depth before.
    pub fn hold(&mut self, mesh: &Mesh, state: &mut State, time_s: f64) {
        let mut last = (usize::MAX, 0.0);
        for (held, before) in self.places.held.iter().zip(&mut self.held_before_m) {
            if last.0 != held.boundary {
                last = (
                    held.boundary,
                    match &self.problem.boundaries[held.boundary].kind {
                        BoundaryKind::Stage(level) => level.value_at(time_s),
                        _ => f64::NAN,
                    },
                );
            }
            let depth = (last.1 - mesh.bed_m[held.cell]).max(0.0);
            *before = state.h_m[held.cell];
            state.h_m[held.cell] = depth;
            state.eta_m[held.cell] = mesh.bed_m[held.cell] + depth;
        }
    }

    /// Inflows inside, and pumps and outfalls, for one step; both before the flow of the step. Returns what the sinks took, m³.
    pub fn point_exchange(&mut self, mesh: &Mesh, state: &mut State, time_s: f64, dt_s: f64) -> f64 {
        let area = mesh.cell_area_m2();
        for inflow in &self.places.inflows {
            let BoundaryKind::Inflow(series) = &self.problem.boundaries[inflow.boundary].kind else { continue };
            let volume = series.mean_between(time_s, time_s + dt_s) * dt_s;
            let rise = volume / (inflow.cells.len() as f64 * area);
            for &cell in &inflow.cells {
                // A negative inflow takes at most what is there.
                let change = if mesh.free_g[cell] > 0.0 { rise.max(-state.h_m[cell]) } else { rise };
                if mesh.free_g[cell] > 0.0 {
                    state.h_m[cell] += change;
                    state.eta_m[cell] = mesh.bed_m[cell] + state.h_m[cell];
                    self.volumes[inflow.boundary].add(change * area);
                }
            }
        }
        for rating in &self.places.ratings {
            let BoundaryKind::Rating(curve) = &self.problem.boundaries[rating.boundary].kind else { continue };
            let cells: Vec<usize> = rating.cells.iter().copied().filter(|&c| mesh.free_g[c] > 0.0).collect();
            let water: Vec<(f64, f64)> = cells.iter().map(|&c| (state.h_m[c], mesh.bed_m[c])).collect();
            for (&cell, flow) in cells.iter().zip(rated_flows(curve, &water)) {
                let change = (-flow * dt_s / area).max(-state.h_m[cell]);
                state.h_m[cell] += change;
                state.eta_m[cell] = mesh.bed_m[cell] + state.h_m[cell];
                self.volumes[rating.boundary].add(change * area);
            }
        }
        let mut taken = Total::default();
        for ((sink, cells), total) in self.problem.sinks.iter().zip(&self.sink_cells).zip(&mut self.sinks) {
            let above = |depth: f64| (depth - sink.start_depth_m.max(0.0)).max(0.0);
            let available: f64 = cells.iter().map(|&c| above(state.h_m[c])).sum::<f64>() * area;
            if available <= 0.0 || sink.capacity_m3_s <= 0.0 {
                continue;
            }
            let share = (sink.capacity_m3_s * dt_s / available).min(1.0);
            for &cell in cells {
                let before = state.h_m[cell];
                let take = (above(before) * share).min(before);
                state.h_m[cell] = before - take;
                state.eta_m[cell] = mesh.bed_m[cell] + state.h_m[cell];
                taken.add(take * area);
                total.volume_m3 += take * area;
            }
            total.running_s += dt_s;
        }
        taken.value()
    }

    /// Discharge through the edge faces; written where the interior left 0.
    pub fn edge_flows(&self, mesh: &Mesh, state: &mut State, time_s: f64, dt_s: f64) {
        let rated = rated_edges(self.problem, &self.places, &state.h_m, &mesh.bed_m);
        for (k, (e, &slope)) in self.places.edges.iter().zip(&self.slope).enumerate() {
            let (bed, level) = (mesh.bed_m[e.cell], state.eta_m[e.cell]);
            let depth = level - bed;
            let n = self.problem.roughness[e.cell];
            let (before, interior, sill) = match e.axis {
                Axis::X => (state.q_x[e.face], state.p_x[e.opposite], mesh.sill_x_m[e.opposite]),
                Axis::Y => (state.q_y[e.face], state.p_y[e.opposite], mesh.sill_y_m[e.opposite]),
            };
            let (q, flow_depth) = match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Inflow(series) => {
                    let length = self.face_count[e.boundary].max(1) as f64 * mesh.dx_m;
                    let q = series.mean_between(time_s, time_s + dt_s) / length;
                    (q * e.inward, depth.max(libm::cbrt(q * q / GRAVITY)))
                }
                BoundaryKind::Stage(series) => {
                    // The water at the face is never below its bed; the level acts half a cell away from the cell's.
                    let outside = series.value_at(time_s + dt_s).max(bed);
                    let (behind, ahead) = if e.inward > 0.0 { (outside, level) } else { (level, outside) };
                    let face = Face {
                        eta_behind_m: behind,
                        eta_ahead_m: ahead,
                        sill_m: bed,
                        side_way: 0.0,
                        drag: (GRAVITY * n * n) as f32,
                        q: before,
                        q_behind: 0.0,
                        q_ahead: 0.0,
                        q_across: 0.0,
                    };
                    let (q, _) = face_flow(face, dt_s as f32, 2.0 * GRAVITY * dt_s / mesh.dx_m);
                    let h = (outside.max(level) - bed).max(0.0);
                    let critical = h * (GRAVITY * h).sqrt();
                    (q.clamp(-critical, critical), h)
                }
                BoundaryKind::Free => {
                    // Zero gradient of depth and velocity; what would enter is unknown and does not.
                    let flow_depth = e.inner.map_or(0.0, |inner| level.max(state.eta_m[inner]) - sill);
                    let speed = if flow_depth > FILM_M { interior / flow_depth } else { 0.0 };
                    (if speed * e.inward < 0.0 { speed * depth } else { 0.0 }, depth)
                }
                BoundaryKind::Normal(_) => (-e.inward * normal_discharge(depth, n, slope), depth),
                BoundaryKind::Rating(_) => {
                    let q = rated[k] / mesh.dx_m;
                    (-e.inward * q, depth.max(libm::cbrt(q * q / GRAVITY)))
                }
                BoundaryKind::Wall => (0.0, 0.0),
            };
            let speed = if flow_depth > FILM_M { (q / flow_depth).abs() } else { 0.0 };
            match e.axis {
                Axis::X => (state.p_x[e.face], state.speed_x[e.face]) = (q, speed as f32),
                Axis::Y => (state.p_y[e.face], state.speed_y[e.face]) = (q, speed as f32),
            }
        }
    }

    /// Books what passed edges and what held cells gave or took. Held cells: change of their water that neither flow nor rain
    /// explains, net over the boundary. Returns inflow and outflow of the step, m³.
    pub fn book(&mut self, mesh: &Mesh, state: &State, dt_s: f64) -> (f64, f64) {
        for e in &self.places.edges {
            let q = match e.axis {
                Axis::X => state.q_x[e.face],
                Axis::Y => state.q_y[e.face],
            };
            self.volumes[e.boundary].add(q * e.inward * (mesh.dx_m * dt_s));
        }
        for (held, before) in self.places.held.iter().zip(&self.held_before_m) {
            let (west, east, south, north) = mesh.faces(held.cell);
            let net = (state.q_x[west] - state.q_x[east]) + (state.q_y[south] - state.q_y[north]);
            let flow_and_rain = net * (dt_s / mesh.dx_m) + state.rain_m_s[held.cell] * dt_s;
            self.volumes[held.boundary].held_m3 +=
                (state.h_m[held.cell] - before - flow_and_rain) * mesh.cell_area_m2();
        }
        let (mut inflow, mut outflow) = (0.0, 0.0);
        for volume in &mut self.volumes {
            // A river reach as a whole gives or takes; what goes round inside it is no exchange.
            let held_m3 = std::mem::take(&mut volume.held_m3);
            volume.add(held_m3);
            inflow += volume.entered_m3;
            outflow += volume.left_m3;
            let net = volume.entered_m3 - volume.left_m3;
            volume.flow_m3_s = net / dt_s;
            volume.volume_m3.add(net);
            (volume.entered_m3, volume.left_m3) = (0.0, 0.0);
        }
        (inflow, outflow)
    }

    /// Flow of a boundary before the first step: what an inflow starts with, else 0.
    pub fn start_flow(&mut self, time_s: f64) {
        for (volume, boundary) in self.volumes.iter_mut().zip(&self.problem.boundaries) {
            if let BoundaryKind::Inflow(series) = &boundary.kind {
                volume.flow_m3_s = series.value_at(time_s);
            }
        }
    }

    /// Held cells and edges whose level lies below the bed at the start (boundary, count), and normal faces whose bed rises
    /// outwards.
    pub fn doubtful(&self, mesh: &Mesh) -> (FaceCounts, FaceCounts) {
        let count = self.problem.boundaries.len();
        let (mut below, mut rising) = (vec![0; count], vec![0; count]);
        for held in &self.places.held {
            below[held.boundary] += usize::from(self.level_m(held.boundary, 0.0) < mesh.bed_m[held.cell]);
        }
        for (e, &slope) in self.places.edges.iter().zip(&self.slope) {
            below[e.boundary] += usize::from(self.level_m(e.boundary, 0.0) < mesh.bed_m[e.cell]);
            let normal = matches!(self.problem.boundaries[e.boundary].kind, BoundaryKind::Normal(_));
            rising[e.boundary] += usize::from(normal && slope <= 0.0);
        }
        let named = |counts: Vec<usize>| counts.into_iter().enumerate().filter(|&(_, n)| n > 0).collect();
        (named(below), named(rising))
    }

    /// Sinks none of whose cells can give water.
    pub fn idle_sinks(&self) -> Vec<&str> {
        self.problem
            .sinks
            .iter()
            .zip(&self.sink_cells)
            .filter(|(_, cells)| cells.is_empty())
            .map(|(s, _)| s.id.as_str())
            .collect()
    }
}

impl BoundaryVolume {
    fn add(&mut self, volume_m3: f64) {
        if volume_m3 >= 0.0 {
            self.entered_m3 += volume_m3;
        } else {
            self.left_m3 -= volume_m3;
        }
    }
}
