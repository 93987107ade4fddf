//! Boundaries, pumps and outfalls at work during a step, and the water they exchange.

use super::edge::{EdgeFlux, Inside};
use super::ground::Ground;
use super::rows::{Cell, edge_ends};
use super::state::{Faces, Span, Stage, State};
use crate::balance::Total;
use crate::cell::{FILM_M, GRAVITY};
use crate::link::{End, LinkFlow, fastest_m2_s};
use crate::place::{EdgeFace, Places};
use crate::rating::{rated_edges, rated_flows};
use crate::saved::Tape;
use crate::{BoundaryKind, FlowProblem, Sink, SinkTotal};
use dayu_terrain::Axis;

/// What one boundary did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BoundaryVolume {
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
pub(super) struct Exchange<'a> {
    problem: &'a FlowProblem,
    places: Places,
    /// faces of each edge boundary, to share an inflow
    face_count: Vec<usize>,
    /// slope of each edge face for normal flow
    slope: Vec<f64>,
    /// open faces of held cells: the held cell and the free one
    banks: Vec<(usize, usize)>,
    /// depth of held cells before they were set
    held_before_m: Vec<f64>,
    pub volumes: Vec<BoundaryVolume>,
    sink_cells: Vec<Vec<usize>>,
    pub sinks: Vec<SinkTotal>,
    /// per link of the problem
    pub links: Vec<LinkFlow>,
}

impl<'a> Exchange<'a> {
    pub fn new(problem: &'a FlowProblem, ground: &Ground, places: Places) -> Self {
        let mut face_count = vec![0; problem.boundaries.len()];
        places.edges.iter().for_each(|e| face_count[e.boundary] += 1);
        let slope = |e: &EdgeFace| match problem.boundaries[e.boundary].kind {
            BoundaryKind::Normal(Some(slope)) => slope,
            _ => e.inner.map_or(0.0, |inner| (ground.bed_m[inner] - ground.bed_m[e.cell]) / ground.dx_m),
        };
        let mut banks = Vec::new();
        for held in &places.held {
            let (c, west) = (held.cell, held.cell + held.cell / ground.nx);
            let around = [
                (ground.open_x[west], c.wrapping_sub(1)),
                (ground.open_x[west + 1], c + 1),
                (ground.open_y[c], c.wrapping_sub(ground.nx)),
                (ground.open_y[c + ground.nx], c + ground.nx),
            ];
            banks.extend(around.iter().filter(|(open, _)| *open > 0.0).map(|&(_, other)| (c, other)));
        }
        let usable = |sink: &Sink| {
            let mut cells: Vec<usize> =
                sink.cells.iter().copied().filter(|&c| ground.free.get(c).is_some_and(|&f| f > 0.0)).collect();
            cells.sort_unstable();
            cells.dedup();
            cells
        };
        let sinks = problem.sinks.iter().map(|s| SinkTotal { id: s.id.clone(), volume_m3: 0.0, running_s: 0.0 });
        let mut volumes = vec![BoundaryVolume::default(); problem.boundaries.len()];
        for (volume, boundary) in volumes.iter_mut().zip(&problem.boundaries) {
            // Before the first step an inflow shows what it starts with.
            if let BoundaryKind::Inflow(series) = &boundary.kind {
                volume.flow_m3_s = series.value_at(0.0);
            }
        }
        Self {
            slope: places.edges.iter().map(slope).collect(),
            face_count,
            banks,
            held_before_m: vec![0.0; places.held.len()],
            volumes,
            sink_cells: problem.sinks.iter().map(usable).collect(),
            sinks: sinks.collect(),
            links: vec![LinkFlow::default(); problem.links.len()],
            problem,
            places,
        }
    }

    /// Columns that must be computed even when dry.
    pub fn forced(&self, ground: &Ground) -> Vec<Span> {
        let mut forced = vec![Span::default(); ground.ny];
        let edges = self.places.edges.iter().map(|e| e.cell);
        let held = self.places.held.iter().map(|h| h.cell);
        let inside = self.places.inflows.iter().chain(&self.places.ratings).flat_map(|i| i.cells.iter().copied());
        let links = self.problem.links.iter().flat_map(|l| [l.from, l.to]);
        for cell in edges.chain(held).chain(inside).chain(links) {
            let (j, i) = (cell / ground.nx, cell % ground.nx);
            forced[j] = forced[j].with(Span { from: i, to: i + 1 });
        }
        forced
    }

    /// Fastest wave that boundaries may send in, m/s, both axes summed: over the banks of held cells, through stage faces, and
    /// for inflows that of critical flow, so that the first water on dry ground is stepped finely enough.
    pub fn wave_m_s(&self, ground: &Ground, state: &State, time_s: f64) -> f64 {
        let h = &state.now.h;
        let of_depth = |depth: f64| 3.0 * (GRAVITY * depth.max(0.0)).sqrt();
        let of_flow = |q: f64| 3.0 * libm::cbrt(GRAVITY * q.abs());
        let mut wave: f64 = 0.0;
        for &(held, free) in &self.banks {
            let level = (ground.bed_m[held] + h[held]).max(ground.bed_m[free] + h[free]);
            wave = wave.max(of_depth(level - ground.bed_m[held].max(ground.bed_m[free])));
        }
        for e in &self.places.edges {
            match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Stage(level) => wave = wave.max(of_depth(level.value_at(time_s) - ground.bed_m[e.cell])),
                BoundaryKind::Inflow(series) => {
                    let length = self.face_count[e.boundary].max(1) as f64 * ground.dx_m;
                    wave = wave.max(of_flow(series.value_at(time_s) / length));
                }
                _ => {}
            }
        }
        for inflow in &self.places.inflows {
            if let BoundaryKind::Inflow(series) = &self.problem.boundaries[inflow.boundary].kind {
                wave = wave.max(of_flow(series.value_at(time_s) / (inflow.cells.len() as f64 * ground.dx_m)));
            }
        }
        wave.max(of_flow(fastest_m2_s(&self.links, ground.dx_m)))
    }

    /// Sets held cells to their level at a time, remembering their depth before. Held water does not move of itself.
    pub fn hold(&mut self, ground: &Ground, state: &mut State, time_s: f64) {
        for (held, before) in self.places.held.iter().zip(&mut self.held_before_m) {
            let BoundaryKind::Stage(level) = &self.problem.boundaries[held.boundary].kind else { continue };
            *before = state.now.h[held.cell];
            state.now.h[held.cell] = (level.value_at(time_s) - ground.bed_m[held.cell]).max(0.0);
            state.mid.h[held.cell] = state.now.h[held.cell];
        }
    }

    /// Inflows and rated outflows inside, pumps and outfalls, for one step; all before the flow of the step. Water enters without
    /// momentum and leaves with its own. Returns what the sinks took, m³.
    pub fn point_exchange(&mut self, ground: &Ground, state: &mut State, time_s: f64, dt_s: f64) -> f64 {
        let area = ground.cell_area_m2();
        for inflow in &self.places.inflows {
            let BoundaryKind::Inflow(series) = &self.problem.boundaries[inflow.boundary].kind else { continue };
            let volume = series.mean_between(time_s, time_s + dt_s) * dt_s;
            let rise = volume / (inflow.cells.len() as f64 * area);
            for &cell in inflow.cells.iter().filter(|&&c| ground.free[c] > 0.0) {
                let change = change_depth(&mut state.now, cell, rise);
                self.volumes[inflow.boundary].add(change * area);
            }
        }
        for rating in &self.places.ratings {
            let BoundaryKind::Rating(curve) = &self.problem.boundaries[rating.boundary].kind else { continue };
            let cells: Vec<usize> = rating.cells.iter().copied().filter(|&c| ground.free[c] > 0.0).collect();
            let water: Vec<(f64, f64)> = cells.iter().map(|&c| (state.now.h[c], ground.bed_m[c])).collect();
            for (&cell, flow) in cells.iter().zip(rated_flows(curve, &water)) {
                let change = change_depth(&mut state.now, cell, -flow * dt_s / area);
                self.volumes[rating.boundary].add(change * area);
            }
        }
        let mut taken = Total::default();
        for ((sink, cells), total) in self.problem.sinks.iter().zip(&self.sink_cells).zip(&mut self.sinks) {
            let above = |depth: f64| (depth - sink.start_depth_m.max(0.0)).max(0.0);
            let available: f64 = cells.iter().map(|&c| above(state.now.h[c])).sum::<f64>() * area;
            if available <= 0.0 || sink.capacity_m3_s <= 0.0 {
                continue;
            }
            let share = (sink.capacity_m3_s * dt_s / available).min(1.0);
            for &cell in cells {
                let wanted = above(state.now.h[cell]) * share;
                let take = -change_depth(&mut state.now, cell, -wanted);
                taken.add(take * area);
                total.volume_m3 += take * area;
            }
            total.running_s += dt_s;
        }
        self.link_exchange(ground, state, dt_s);
        taken.value()
    }

    /// Water through the links, one after the other; it arrives without momentum.
    fn link_exchange(&mut self, ground: &Ground, state: &mut State, dt_s: f64) {
        let area_m2 = ground.cell_area_m2();
        for (link, flow) in self.problem.links.iter().zip(&mut self.links) {
            let end = |cell: usize| {
                let (bed_m, depth) = (ground.bed_m[cell], state.now.h[cell]);
                let (level_m, volume_m3) = (bed_m + depth, depth * area_m2);
                End { level_m, bed_m, volume_m3, area_m2, is_held: ground.free[cell] == 0.0 }
            };
            let passes = link.passes_m3(end(link.from), end(link.to), dt_s);
            let (give, get) = if passes >= 0.0 { (link.from, link.to) } else { (link.to, link.from) };
            let taken = -change_depth(&mut state.now, give, -passes.abs() / area_m2);
            change_depth(&mut state.now, get, taken);
            flow.book(taken * area_m2 * passes.signum(), dt_s);
        }
    }

    /// What the next step and the results depend on.
    pub fn tape(&mut self, tape: &mut Tape) {
        let own = [self.volumes.len() as u64, self.sinks.len() as u64, self.links.len() as u64];
        let mut counts = own;
        tape.slice(&mut counts);
        if counts != own {
            return tape.fail();
        }
        for volume in &mut self.volumes {
            tape.value(&mut volume.flow_m3_s);
            tape.total(&mut volume.volume_m3);
        }
        for sink in &mut self.sinks {
            tape.value(&mut sink.volume_m3);
            tape.value(&mut sink.running_s);
        }
        self.links.iter_mut().for_each(|link| link.tape(tape));
    }

    /// Fluxes through the edge faces, over those of the walls that the inside left there.
    pub fn edge_fluxes(&self, ground: &Ground, state: &mut State, second: bool, time_s: f64, dt_s: f64) {
        let State { now, mid, x, y, .. } = state;
        let water = if second { mid } else { now };
        let rated = rated_edges(self.problem, &self.places, |c| water.h[c]);
        let at = if second { time_s + dt_s } else { time_s };
        for (k, e) in self.places.edges.iter().enumerate() {
            let inside = inside(ground, water, e, self.problem.roughness[e.cell]);
            let length = self.face_count[e.boundary].max(1) as f64 * ground.dx_m;
            let flux = match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Inflow(series) => inside.inflow(series.mean_between(time_s, time_s + dt_s) / length),
                BoundaryKind::Stage(level) => inside.stage(level.value_at(at)),
                BoundaryKind::Free => inside.free(),
                BoundaryKind::Normal(_) => inside.normal(self.slope[k]),
                BoundaryKind::Rating(_) => inside.leaving(rated[k] / ground.dx_m),
                BoundaryKind::Wall => inside.wall(),
            };
            write(if e.axis == Axis::X { x } else { y }, e, flux);
        }
    }

    /// Books what passed edges and banks in one stage, each of which counts for half the step.
    pub fn book_stage(&mut self, ground: &Ground, state: &State, dt_s: f64) {
        let half = 0.5 * dt_s * ground.dx_m;
        for e in &self.places.edges {
            let faces = if e.axis == Axis::X { &state.x } else { &state.y };
            self.volumes[e.boundary].add(faces.water[e.face] * e.inward * half);
        }
        for held in &self.places.held {
            let (c, west) = (held.cell, held.cell + held.cell / ground.nx);
            let (x, y) = (&state.x.water, &state.y.water);
            let net = (x[west] - x[west + 1]) + (y[c] - y[c + ground.nx]);
            let rain = state.rain_m_s[c] * ground.dx_m;
            self.volumes[held.boundary].held_m3 -= (net + rain) * half;
        }
    }

    /// Closes the books of a step; held cells gave or took what neither flow nor rain explains. Returns inflow and outflow, m³.
    pub fn book(&mut self, ground: &Ground, state: &State, dt_s: f64) -> (f64, f64) {
        for (held, before) in self.places.held.iter().zip(&self.held_before_m) {
            self.volumes[held.boundary].held_m3 += (state.now.h[held.cell] - before) * ground.cell_area_m2();
        }
        let (mut inflow, mut outflow) = (0.0, 0.0);
        for volume in &mut self.volumes {
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

/// Adds a depth to a cell, at most taking what is there; returns the change. What leaves takes its momentum along.
fn change_depth(stage: &mut Stage, cell: usize, by_m: f64) -> f64 {
    let before = stage.h[cell];
    let change = by_m.max(-before);
    let after = before + change;
    if change < 0.0 {
        let share = if after > FILM_M { after / before } else { 0.0 };
        stage.qx[cell] *= share;
        stage.qy[cell] *= share;
    }
    stage.h[cell] = after;
    after - before
}

/// The cell at an edge, extended to the face as the faces within see it.
fn inside(ground: &Ground, water: &Stage, e: &EdgeFace, roughness: f64) -> Inside {
    let cell = |c: usize| {
        let h = water.h[c];
        let per_depth = if h > FILM_M { 1.0 / h } else { 0.0 };
        let (u, v) = (water.qx[c] * per_depth, water.qy[c] * per_depth);
        let (normal, along) = if e.axis == Axis::X { (u, v) } else { (v, u) };
        Cell { h, eta: ground.bed_m[c] + h, normal, along }
    };
    let here = cell(e.cell);
    let end = e.inner.map_or(here, |inner| {
        let (behind, ahead, _) = edge_ends(here, cell(inner), if inner < e.cell { 1.0 } else { -1.0 });
        if e.inward > 0.0 { behind } else { ahead }
    });
    Inside {
        h_m: end.h,
        bed_m: end.eta - end.h,
        inward_m_s: end.normal * e.inward,
        along_m_s: end.along,
        roughness,
        tilt: GRAVITY * here.h * (end.eta - here.eta),
    }
}

/// Writes the flux of an edge face, seen along the axis: momentum across is even in the direction.
fn write(faces: &mut Faces, e: &EdgeFace, flux: EdgeFlux) {
    faces.water[e.face] = flux.water * e.inward;
    faces.along[e.face] = flux.along * e.inward;
    if e.inward > 0.0 {
        faces.ahead[e.face] = flux.across;
    } else {
        faces.behind[e.face] = flux.across;
    }
}
