//! Boundaries, pumps and outfalls at work during a step, and the water they exchange.

use crate::attribution::Move;
use crate::balance::Total;
use crate::cell::normal_discharge;
use crate::face::{CLOSED, Face, GRAVITY, StepFactors, flow};
use crate::link::{End, LinkFlow, fastest_m2_s};
use crate::mesh::Mesh;
use crate::place::{EdgeFace, Places};
use crate::rating::{rated_edges, rated_flows};
use crate::saved::Tape;
use crate::state::State;
use crate::{BoundaryKind, FlowProblem, Sink, SinkTotal};
use dayu_terrain::Axis;

/// What one boundary did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct BoundaryVolume {
    /// mean flow of the last step, inward positive, m³/s
    pub flow_m3_s: f64,
    /// this step, units of depth, never negative
    entered: i64,
    left: i64,
    /// net of held cells this step, either sign
    held: i64,
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
    /// open faces of held cells: cell, cell on the other side, which is the one ahead
    banks: Vec<(usize, usize)>,
    pub volumes: Vec<BoundaryVolume>,
    /// water of each inflow inside that was less than a unit so far, m³
    pub owed_m3: Vec<f64>,
    /// part of a unit that each cell of a rating curve inside has still to get
    pub rated_owed: Vec<Vec<f64>>,
    sink_cells: Vec<Vec<usize>>,
    pub sinks: Vec<SinkTotal>,
    /// part of a unit that each sink has still to take
    pub sink_owed: Vec<f64>,
    /// per link of the problem
    pub links: Vec<LinkFlow>,
    /// boundary faces (column, number) per row of x faces
    pub edges_x: Vec<Vec<(usize, usize)>>,
    /// per row of y faces, with the row of the cell
    pub edges_y: Vec<Vec<(usize, usize, usize)>>,
    /// discharge (m²/s) and speed (m/s) that each edge face wants in the step
    pub edge_q: Vec<(f32, f32)>,
    /// cells that inflows, pumps and outfalls changed in the step, rising, with the depth they had
    pub touched: Vec<(usize, i32)>,
    /// depth that held cells take at the end of the step, units
    pub held_depth: Vec<i32>,
    /// number of the first held cell of each row
    pub held_from: Vec<usize>,
    /// what the step did beside the flow, kept when sources are told apart
    pub moves: Option<Vec<Move>>,
}

impl<'a> Exchange<'a> {
    pub fn new(problem: &'a FlowProblem, mesh: &Mesh, places: Places) -> Self {
        let (nx, bed) = (mesh.nx, &problem.bed_m);
        let mut face_count = vec![0; problem.boundaries.len()];
        places.edges.iter().for_each(|e| face_count[e.boundary] += 1);
        let slope = |e: &EdgeFace| match problem.boundaries[e.boundary].kind {
            BoundaryKind::Normal(Some(slope)) => slope,
            _ => e.inner.map_or(0.0, |inner| (bed[inner] - bed[e.cell]) / mesh.dx_m),
        };
        let mut banks = Vec::new();
        for held in &places.held {
            let c = held.cell;
            let (west, east, south, north) = mesh.faces(c);
            let around = [
                (mesh.rise_x[west], c.wrapping_sub(1)),
                (mesh.rise_x[east], c + 1),
                (mesh.rise_y[south], c.wrapping_sub(nx)),
                (mesh.rise_y[north], c + nx),
            ];
            banks.extend(around.iter().filter(|(rise, _)| *rise != CLOSED).map(|(_, other)| (c, *other)));
        }
        let usable = |sink: &Sink| {
            let is_free = |c: usize| bed.get(c).is_some_and(|z| !z.is_nan()) && !mesh.is_held(c);
            let mut cells: Vec<usize> = sink.cells.iter().copied().filter(|&c| is_free(c)).collect();
            cells.sort_unstable();
            cells.dedup();
            cells
        };
        let (mut edges_x, mut edges_y) = (vec![Vec::new(); mesh.ny], vec![Vec::new(); mesh.ny + 1]);
        for (number, e) in places.edges.iter().enumerate() {
            match e.axis {
                Axis::X => edges_x[e.face / (nx + 1)].push((e.face % (nx + 1), number)),
                Axis::Y => edges_y[e.face / nx].push((e.face % nx, number, e.cell / nx)),
            }
        }
        let held_from = (0..mesh.ny).map(|j| places.held.partition_point(|h| h.cell < j * nx)).collect();
        let zero = |s: &Sink| SinkTotal { id: s.id.clone(), volume_m3: 0.0, running_s: 0.0 };
        Self {
            slope: places.edges.iter().map(slope).collect(),
            face_count,
            banks,
            volumes: vec![BoundaryVolume::default(); problem.boundaries.len()],
            owed_m3: vec![0.0; places.inflows.len()],
            rated_owed: places.ratings.iter().map(|r| vec![0.0; r.cells.len()]).collect(),
            sink_cells: problem.sinks.iter().map(usable).collect(),
            sinks: problem.sinks.iter().map(zero).collect(),
            sink_owed: vec![0.0; problem.sinks.len()],
            links: vec![LinkFlow::default(); problem.links.len()],
            edges_x,
            edges_y,
            edge_q: vec![(0.0, 0.0); places.edges.len()],
            touched: Vec::new(),
            held_depth: vec![0; places.held.len()],
            held_from,
            moves: problem.attribution.as_ref().map(|_| Vec::new()),
            problem,
            places,
        }
    }

    /// Cells whose part of the grid must be computed even when dry.
    pub fn forced_cells(&self) -> impl Iterator<Item = usize> + '_ {
        let edges = self.places.edges.iter().map(|e| e.cell);
        let held = self.places.held.iter().map(|h| h.cell);
        let inside = self.places.inflows.iter().chain(&self.places.ratings);
        let links = self.problem.links.iter().flat_map(|l| [l.from, l.to]);
        edges.chain(held).chain(inside.flat_map(|i| i.cells.iter().copied())).chain(links)
    }

    /// Deepest water that stages bring at any time, m.
    pub fn deepest_stage_m(problem: &FlowProblem, places: &Places) -> f64 {
        let highest = |boundary: usize| match &problem.boundaries[boundary].kind {
            BoundaryKind::Stage(level) => level.value.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            _ => f64::NEG_INFINITY,
        };
        let cells = places.edges.iter().map(|e| (e.boundary, e.cell));
        let cells = cells.chain(places.held.iter().map(|h| (h.boundary, h.cell)));
        let top: Vec<f64> = (0..problem.boundaries.len()).map(highest).collect();
        cells.map(|(boundary, cell)| top[boundary] - problem.bed_m[cell]).fold(0.0, f64::max)
    }

    /// Square of the fastest wave that boundaries may send in, m²/s²: over banks of held cells, through stage faces, and for
    /// inflows twice the critical celerity, so that the first water on dry ground is stepped finely enough.
    pub fn wave_m2_s2(&self, mesh: &Mesh, state: &State, time_s: f64) -> f64 {
        let (mut wave, bed) = (0.0_f64, &self.problem.bed_m);
        let level = |cell: usize| bed[cell] + mesh.unit.depth_m(state.depth[cell]);
        for &(cell, other) in &self.banks {
            wave = wave.max(GRAVITY * (level(cell).max(level(other)) - bed[cell].max(bed[other])));
        }
        let critical = |q: f64| libm::pow(GRAVITY * q.abs(), 2.0 / 3.0);
        for e in &self.places.edges {
            match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Stage(level) => wave = wave.max(GRAVITY * (level.value_at(time_s) - bed[e.cell])),
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
        wave.max(4.0 * critical(fastest_m2_s(&self.links, mesh.dx_m)))
    }

    /// Depths of held cells at a time.
    pub fn set_held_depths(&mut self, mesh: &Mesh, time_s: f64) {
        let mut last = (usize::MAX, 0.0);
        for (held, depth) in self.places.held.iter().zip(&mut self.held_depth) {
            if last.0 != held.boundary {
                last = (
                    held.boundary,
                    match &self.problem.boundaries[held.boundary].kind {
                        BoundaryKind::Stage(level) => level.value_at(time_s),
                        _ => f64::NAN,
                    },
                );
            }
            let bed = self.problem.bed_m[held.cell];
            *depth = mesh.unit.depth_on(bed, last.1 - bed);
        }
    }

    /// Sets held cells to their level at the start.
    pub fn hold_at_start(&mut self, mesh: &Mesh, state: &mut State, time_s: f64) {
        self.set_held_depths(mesh, time_s);
        for (held, depth) in self.places.held.iter().zip(&self.held_depth) {
            state.depth[held.cell] = *depth;
        }
    }

    /// Inflows inside, and pumps and outfalls, for one step; both before the flow of the step. Returns what the sinks took, units.
    pub fn point_exchange(&mut self, mesh: &Mesh, state: &mut State, time_s: f64, dt_s: f64) -> i64 {
        let unit_m3 = mesh.unit_m3();
        self.touched.clear();
        for (inflow, owed) in self.places.inflows.iter().zip(&mut self.owed_m3) {
            let BoundaryKind::Inflow(series) = &self.problem.boundaries[inflow.boundary].kind else { continue };
            *owed += series.mean_between(time_s, time_s + dt_s) * dt_s;
            let each = (*owed / (unit_m3 * inflow.cells.len() as f64)).trunc();
            *owed -= each * unit_m3 * inflow.cells.len() as f64;
            let rise = each as i64;
            for &cell in inflow.cells.iter().filter(|&&c| !mesh.is_held(c)) {
                // A negative inflow takes at most what is there.
                let h = i64::from(state.depth[cell]);
                self.touched.push((cell, state.depth[cell]));
                let change = rise.clamp(-h, i64::from(i32::MAX) - h);
                state.depth[cell] = (h + change) as i32;
                self.volumes[inflow.boundary].add(change);
                let moves = self.moves.as_mut();
                moves
                    .into_iter()
                    .for_each(|m| m.push(Move::Boundary { cell, boundary: inflow.boundary, units: change }));
            }
        }
        for (rating, owed) in self.places.ratings.iter().zip(&mut self.rated_owed) {
            let BoundaryKind::Rating(curve) = &self.problem.boundaries[rating.boundary].kind else { continue };
            let cells: Vec<usize> = rating.cells.iter().copied().filter(|&c| !mesh.is_held(c)).collect();
            let water: Vec<(f64, f64)> =
                cells.iter().map(|&c| (mesh.unit.depth_m(state.depth[c]), self.problem.bed_m[c])).collect();
            for ((&cell, flow), owed) in cells.iter().zip(rated_flows(curve, &water)).zip(owed) {
                let due = *owed - flow * dt_s / unit_m3;
                *owed = due - due.trunc();
                let h = i64::from(state.depth[cell]);
                let change = (due.trunc() as i64).clamp(-h, i64::from(i32::MAX) - h);
                self.touched.push((cell, state.depth[cell]));
                state.depth[cell] = (h + change) as i32;
                self.volumes[rating.boundary].add(change);
                let moves = self.moves.as_mut();
                moves
                    .into_iter()
                    .for_each(|m| m.push(Move::Boundary { cell, boundary: rating.boundary, units: change }));
            }
        }
        let mut taken = 0;
        let sinks = self.problem.sinks.iter().zip(&self.sink_cells).zip(self.sinks.iter_mut().zip(&mut self.sink_owed));
        for ((sink, cells), (total, owed)) in sinks {
            let start = mesh.unit.count(sink.start_depth_m.max(0.0));
            let above = |depth: i32| (i64::from(depth) - start).max(0);
            let available: i64 = cells.iter().map(|&c| above(state.depth[c])).sum();
            if available <= 0 || sink.capacity_m3_s <= 0.0 {
                continue;
            }
            let capacity = sink.capacity_m3_s * dt_s / unit_m3 + *owed;
            let wanted = capacity.floor().min(available as f64) as i64;
            *owed = if wanted < available { capacity - capacity.floor() } else { 0.0 };
            let mut left = wanted;
            for (k, &cell) in cells.iter().enumerate() {
                let here = above(state.depth[cell]);
                // Each gives in proportion to what stands above the start; the last ones what rounding left.
                let share = (here as f64 * (wanted as f64 / available as f64)).ceil() as i64;
                let take = if k + 1 == cells.len() { left } else { share }.min(left).min(here);
                self.touched.push((cell, state.depth[cell]));
                state.depth[cell] -= take as i32;
                left -= take;
                self.moves.as_mut().into_iter().for_each(|m| m.push(Move::Taken { cell, units: take }));
            }
            let took = wanted - left;
            taken += took;
            total.volume_m3 += took as f64 * unit_m3;
            total.running_s += dt_s;
        }
        self.link_exchange(mesh, state, dt_s);
        // The first entry of a cell holds the depth before all.
        self.touched.sort_by_key(|(cell, _)| *cell);
        self.touched.dedup_by_key(|(cell, _)| *cell);
        taken
    }

    /// Whole units through the links, one after the other.
    fn link_exchange(&mut self, mesh: &Mesh, state: &mut State, dt_s: f64) {
        let unit_m3 = mesh.unit_m3();
        for (number, (link, flow)) in self.problem.links.iter().zip(&mut self.links).enumerate() {
            let end = |cell: usize| {
                let (bed_m, depth_m) = (self.problem.bed_m[cell], mesh.unit.depth_m(state.depth[cell]));
                let (level_m, volume_m3) = (bed_m + depth_m, depth_m * mesh.cell_area_m2());
                End { level_m, bed_m, volume_m3, area_m2: mesh.cell_area_m2(), is_held: mesh.is_held(cell) }
            };
            let due = flow.owed + link.passes_m3(end(link.from), end(link.to), dt_s) / unit_m3;
            let (give, get) = if due >= 0.0 { (link.from, link.to) } else { (link.to, link.from) };
            let room = i64::from(i32::MAX) - i64::from(state.depth[get]);
            let units = (due.abs().floor() as i64).min(i64::from(state.depth[give])).min(room);
            let signed = if due >= 0.0 { units } else { -units };
            // What is less than a unit waits for the next step.
            flow.owed = (due - signed as f64).clamp(-1.0, 1.0);
            for (cell, change) in [(give, -units), (get, units)] {
                self.touched.push((cell, state.depth[cell]));
                state.depth[cell] = (i64::from(state.depth[cell]) + change) as i32;
            }
            flow.book(signed as f64 * unit_m3, dt_s);
            self.moves.as_mut().into_iter().for_each(|m| m.push(Move::Link { link: number, units: signed }));
        }
    }

    /// Discharge that edge faces want, from the state before the step.
    pub fn edge_flows(&mut self, mesh: &Mesh, state: &State, k: StepFactors, time_s: f64, dt_s: f64) {
        let unit_m = mesh.unit.metres();
        let rated = rated_edges(self.problem, &self.places, |c| mesh.unit.depth_m(state.depth[c]));
        for (number, ((e, &slope), wanted)) in
            self.places.edges.iter().zip(&self.slope).zip(&mut self.edge_q).enumerate()
        {
            let bed = self.problem.bed_m[e.cell];
            let depth = mesh.unit.depth_m(state.depth[e.cell]);
            let n = self.problem.roughness[e.cell];
            let (before, interior, rise) = match e.axis {
                Axis::X => (state.q_x[e.face], state.q_x[e.opposite], mesh.rise_x[e.opposite]),
                Axis::Y => (state.q_y[e.face], state.q_y[e.opposite], mesh.rise_y[e.opposite]),
            };
            let (q, flow_depth) = match &self.problem.boundaries[e.boundary].kind {
                BoundaryKind::Inflow(series) => {
                    let length = self.face_count[e.boundary].max(1) as f64 * mesh.dx_m;
                    let q = series.mean_between(time_s, time_s + dt_s) / length;
                    (q * e.inward, depth.max(libm::cbrt(q * q / GRAVITY)))
                }
                BoundaryKind::Stage(series) => {
                    // The water at the face is never below its bed; the level acts half a cell away from the cell's.
                    let outside = (series.value_at(time_s + dt_s) - bed).max(0.0);
                    let h = outside.max(depth);
                    let fall = e.inward * (depth - outside) / unit_m;
                    let face = Face {
                        behind: 0,
                        ahead: 0,
                        rise: 0,
                        roughness: 2.0 * n as f32,
                        q: before,
                        q_behind: 0.0,
                        q_ahead: 0.0,
                        q_across: 0.0,
                    };
                    let half_way = StepFactors { push: 2.0 * k.push, ..k };
                    let q = f64::from(flow(face, h.max(unit_m) as f32, fall as f32, h > 0.0, half_way).q);
                    let critical = h * (GRAVITY * h).sqrt();
                    (q.clamp(-critical, critical), h)
                }
                BoundaryKind::Free => {
                    // Zero gradient of depth and velocity; what would enter is unknown and does not.
                    let flow_depth = e.inner.filter(|_| rise != CLOSED).map_or(0.0, |inner| {
                        let inner_bed = self.problem.bed_m[inner];
                        let level = (bed + depth).max(inner_bed + mesh.unit.depth_m(state.depth[inner]));
                        level - bed.max(inner_bed)
                    });
                    let speed = if flow_depth > unit_m { f64::from(interior) / flow_depth } else { 0.0 };
                    (if speed * e.inward < 0.0 { speed * depth } else { 0.0 }, depth)
                }
                BoundaryKind::Normal(_) => (-e.inward * normal_discharge(depth, n, slope), depth),
                BoundaryKind::Rating(_) => {
                    let q = rated[number] / mesh.dx_m;
                    (-e.inward * q, depth.max(libm::cbrt(q * q / GRAVITY)))
                }
                BoundaryKind::Wall => (0.0, 0.0),
            };
            let speed = if flow_depth > 0.0 { (q / flow_depth).abs() } else { 0.0 };
            *wanted = (q as f32, speed as f32);
        }
    }

    /// Books what passed an edge face in the step.
    pub fn passed(&mut self, number: usize, units: i32) {
        let e = &self.places.edges[number];
        self.volumes[e.boundary].add(if e.inward > 0.0 { i64::from(units) } else { -i64::from(units) });
    }

    /// Books what held cells got (in order) in the step.
    pub fn made_up(&mut self, first: usize, units: &[i64]) {
        for (held, units) in self.places.held[first..].iter().zip(units) {
            self.volumes[held.boundary].held += units;
        }
    }

    /// Closes the books of a step. Returns inflow and outflow, units.
    pub fn book(&mut self, mesh: &Mesh, dt_s: f64) -> (i64, i64) {
        let (mut inflow, mut outflow) = (0, 0);
        for volume in &mut self.volumes {
            // A river reach as a whole gives or takes; what goes round inside it is no exchange.
            let held = std::mem::take(&mut volume.held);
            volume.add(held);
            inflow += volume.entered;
            outflow += volume.left;
            let net_m3 = (volume.entered - volume.left) as f64 * mesh.unit_m3();
            volume.flow_m3_s = net_m3 / dt_s;
            volume.volume_m3.add(net_m3);
            (volume.entered, volume.left) = (0, 0);
        }
        (inflow, outflow)
    }

    /// What the next step and the results depend on.
    pub fn tape(&mut self, tape: &mut Tape) {
        let own = [self.volumes.len() as u64, self.sinks.len() as u64, self.links.len() as u64];
        let mut counts = own;
        tape.slice(&mut counts);
        if counts != own {
            return;
        }
        for volume in &mut self.volumes {
            tape.value(&mut volume.flow_m3_s);
            tape.total(&mut volume.volume_m3);
        }
        tape.slice(&mut self.owed_m3);
        self.rated_owed.iter_mut().for_each(|owed| tape.slice(owed));
        tape.slice(&mut self.sink_owed);
        for sink in &mut self.sinks {
            tape.value(&mut sink.volume_m3);
            tape.value(&mut sink.running_s);
        }
        self.links.iter_mut().for_each(|link| link.tape(tape));
    }

    /// Flow of a boundary before the first step: what an inflow starts with, else 0.
    pub fn start_flow(&mut self, time_s: f64) {
        for (volume, boundary) in self.volumes.iter_mut().zip(&self.problem.boundaries) {
            if let BoundaryKind::Inflow(series) = &boundary.kind {
                volume.flow_m3_s = series.value_at(time_s);
            }
        }
    }
}

impl BoundaryVolume {
    fn add(&mut self, units: i64) {
        if units >= 0 {
            self.entered += units;
        } else {
            self.left -= units;
        }
    }
}
