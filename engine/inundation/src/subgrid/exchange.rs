//! Boundaries, pumps and outfalls of a subgrid run, and the water they exchange.

use crate::balance::Total;
use crate::cell::{FILM_M, GRAVITY, friction, kept, normal_discharge, root};
use crate::link::{End, Link, LinkFlow, fastest_m2_s};
use crate::place::Places;
use crate::saved::Tape;
use crate::subgrid::ground::{Ground, NO_PART};
use crate::subgrid::links::{Edge, Links};
use crate::subgrid::section::Flowing;
use crate::subgrid::water::Water;
use crate::{BoundaryKind, FlowProblem, SinkTotal};
use dayu_base::{Finding, Text};

/// What one boundary did.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BoundaryVolume {
    /// mean flow of the last step, inward positive, m³/s
    pub flow_m3_s: f64,
    entered_m3: f64,
    left_m3: f64,
    /// net since 0, m³
    pub volume_m3: Total,
}

impl BoundaryVolume {
    fn add(&mut self, volume_m3: f64) {
        if volume_m3 > 0.0 {
            self.entered_m3 += volume_m3;
        } else {
            self.left_m3 -= volume_m3;
        }
    }
}

/// All boundaries and sinks with their running sums.
pub(crate) struct Exchange<'a> {
    problem: &'a FlowProblem,
    /// faces of each edge boundary, to share an inflow
    face_count: Vec<usize>,
    /// held parts with their boundary and their water before they were set, m³
    held: Vec<(usize, usize, f64)>,
    /// parts of each inflow inside with their share
    inflows: Vec<(usize, Vec<(usize, f64)>)>,
    pub volumes: Vec<BoundaryVolume>,
    /// per sink: part and bed of the pixel
    sinks_at: Vec<Vec<(usize, f64)>>,
    pub sinks: Vec<SinkTotal>,
    /// parts at both ends of each link of the problem
    links_at: Vec<[usize; 2]>,
    /// per link of the problem
    pub links: Vec<LinkFlow>,
}

impl<'a> Exchange<'a> {
    pub fn new(problem: &'a FlowProblem, ground: &Ground, places: &Places) -> Self {
        let mut face_count = vec![0; problem.boundaries.len()];
        places.edges.iter().for_each(|e| face_count[e.boundary] += 1);
        let held = (0..ground.parts()).filter_map(|part| {
            let boundary = ground.held[part];
            (boundary != crate::subgrid::ground::FREE).then_some((part, boundary as usize, 0.0))
        });
        let part_of = |cell: usize| ground.part_of.get(cell).copied().filter(|p| *p != NO_PART).map(|p| p as usize);
        let free = |cell: usize| part_of(cell).filter(|&p| ground.held[p] == crate::subgrid::ground::FREE);
        let inflows = places.inflows.iter().map(|inflow| {
            let share = 1.0 / inflow.cells.len() as f64;
            let mut parts: Vec<(usize, f64)> =
                inflow.cells.iter().filter_map(|&c| free(c)).map(|p| (p, share)).collect();
            parts.sort_unstable_by_key(|(p, _)| *p);
            parts.dedup_by(|a, b| {
                a.0 == b.0 && {
                    b.1 += a.1;
                    true
                }
            });
            (inflow.boundary, parts)
        });
        let sinks_at = problem.sinks.iter().map(|sink| {
            let mut cells = sink.cells.clone();
            cells.sort_unstable();
            cells.dedup();
            cells.iter().filter_map(|&c| free(c).map(|p| (p, problem.bed_m[c]))).collect()
        });
        let links_at = problem.links.iter().map(|l| [l.from, l.to].map(|c| ground.part_of[c] as usize));
        Self {
            links_at: links_at.collect(),
            links: vec![LinkFlow::default(); problem.links.len()],
            problem,
            face_count,
            held: held.collect(),
            inflows: inflows.collect(),
            volumes: vec![BoundaryVolume::default(); problem.boundaries.len()],
            sinks_at: sinks_at.collect(),
            sinks: problem
                .sinks
                .iter()
                .map(|s| SinkTotal { id: s.id.clone(), volume_m3: 0.0, running_s: 0.0 })
                .collect(),
        }
    }

    /// Links whose ends stand in one part (`SIM-153`): its water has one level, so they pass nothing.
    pub fn idle_links(&self) -> Vec<Finding> {
        let idle =
            self.problem.links.iter().zip(&self.links_at).enumerate().filter(|(_, (_, parts))| parts[0] == parts[1]);
        let warning = |(k, (link, _)): (usize, (&Link, _))| {
            Finding::warning(
                "SIM-153",
                Text::new(
                    "连通构造物的两端在同一计算单元的同一水域内，不过水",
                    "both ends of the link stand in the same water of one cell: it passes nothing",
                ),
                Text::new(
                    "把两端移到阻水构造物的两侧，或减小 cell_m",
                    "move the ends to both sides of what it passes, or lower cell_m",
                ),
            )
            .at(link.id.clone().unwrap_or_else(|| format!("link[{k}]")))
            .field("to")
        };
        idle.map(warning).collect()
    }

    fn level_m(&self, boundary: usize, time_s: f64) -> f64 {
        match &self.problem.boundaries[boundary].kind {
            BoundaryKind::Stage(level) => level.value_at(time_s),
            _ => f64::NAN,
        }
    }

    /// Square of the fastest wave that boundaries may send in, m²/s².
    pub fn wave_m2_s2(&self, ground: &Ground, links: &Links, time_s: f64) -> f64 {
        let mut wave: f64 = 0.0;
        let critical = |q: f64| libm::pow(GRAVITY * q.abs(), 2.0 / 3.0);
        for edge in &links.edges {
            match &self.problem.boundaries[edge.boundary].kind {
                BoundaryKind::Stage(level) => {
                    wave = wave.max(GRAVITY * (level.value_at(time_s) - links.sections[edge.link].sill_m));
                }
                BoundaryKind::Inflow(series) => {
                    let faces = self.face_count[edge.boundary].max(1) as f64;
                    wave = wave.max(4.0 * critical(series.value_at(time_s) / (faces * ground.pixels.cell_m)));
                }
                _ => {}
            }
        }
        for (boundary, parts) in &self.inflows {
            if let BoundaryKind::Inflow(series) = &self.problem.boundaries[*boundary].kind {
                let width = parts.len().max(1) as f64 * ground.cells.cell_m;
                wave = wave.max(4.0 * critical(series.value_at(time_s) / width));
            }
        }
        wave.max(4.0 * critical(fastest_m2_s(&self.links, ground.cells.cell_m)))
    }

    /// Parts that change at any time, whatever their links do.
    pub fn restless(&self, links: &Links) -> impl Iterator<Item = usize> {
        let inflows = self.inflows.iter().flat_map(|(_, parts)| parts.iter().map(|(part, _)| *part));
        let sinks = self.sinks_at.iter().flatten().map(|(part, _)| *part);
        let edges = links.edges.iter().map(|edge| edge.part);
        inflows.chain(sinks).chain(edges).chain(self.links_at.iter().flatten().copied())
    }

    /// Sets held parts to their level at a time, remembering their water before.
    pub fn hold(&mut self, ground: &Ground, water: &mut Water, time_s: f64) {
        for k in 0..self.held.len() {
            let (part, boundary, _) = self.held[k];
            self.held[k].2 = water.volume_m3[part];
            let level = self.level_m(boundary, time_s);
            // Most rivers and lakes stand still.
            if water.level_m[part].to_bits() != level.to_bits() || water.rise_per_m3[part] != 0.0 {
                water.set_level(ground, part, level);
                water.activity.disturb(part);
            }
        }
    }

    /// Inflows inside, and pumps and outfalls, for one step; both before the flow of the step. Returns what the sinks took, m³.
    pub fn point_exchange(&mut self, ground: &Ground, water: &mut Water, time_s: f64, dt_s: f64) -> f64 {
        for (boundary, parts) in &self.inflows {
            let BoundaryKind::Inflow(series) = &self.problem.boundaries[*boundary].kind else { continue };
            let volume = series.mean_between(time_s, time_s + dt_s) * dt_s;
            for &(part, share) in parts {
                // A negative inflow takes at most what is there.
                let change = (volume * share).max(-water.volume_m3[part]);
                water.volume_m3[part] += change;
                water.relevel(ground, part);
                self.volumes[*boundary].add(change);
            }
        }
        let mut taken = Total::default();
        for ((sink, places), total) in self.problem.sinks.iter().zip(&self.sinks_at).zip(&mut self.sinks) {
            let above = |water: &Water, &(part, bed): &(usize, f64)| {
                let start = bed + sink.start_depth_m.max(0.0);
                if water.level_m[part] > start { water.volume_m3[part] - ground.volume_m3(part, start) } else { 0.0 }
            };
            let available: f64 = places.iter().map(|p| above(water, p)).sum();
            if available <= 0.0 || sink.capacity_m3_s <= 0.0 {
                continue;
            }
            let share = (sink.capacity_m3_s * dt_s / available).min(1.0);
            for place in places {
                let take = (above(water, place) * share).clamp(0.0, water.volume_m3[place.0]);
                water.volume_m3[place.0] -= take;
                water.relevel(ground, place.0);
                taken.add(take);
                total.volume_m3 += take;
            }
            total.running_s += dt_s;
        }
        self.link_exchange(ground, water, dt_s);
        taken.value()
    }

    /// Water through the links, one after the other. The areas are those of the pixels that stand in water now: what rises spreads wider,
    /// what falls draws in, so a giving part is followed down its table.
    fn link_exchange(&mut self, ground: &Ground, water: &mut Water, dt_s: f64) {
        for (k, (link, flow)) in self.problem.links.iter().zip(&mut self.links).enumerate() {
            let end = |side: usize, cell: usize| {
                let part = self.links_at[k][side];
                let (bed_m, level_m) = (self.problem.bed_m[cell], water.level_m[part].max(self.problem.bed_m[cell]));
                let wet = ground.rises(part).iter().filter(|r| f64::from(**r) < level_m - ground.floor_m[part]).count();
                // No part takes from below the pixel of its end.
                let volume_m3 = (water.volume_m3[part] - ground.volume_m3(part, bed_m)).max(0.0);
                let is_held = ground.held[part] != crate::subgrid::ground::FREE;
                End { level_m, bed_m, volume_m3, area_m2: wet.max(1) as f64 * ground.pixel_area_m2(), is_held }
            };
            let (from, to) = (end(0, link.from), end(1, link.to));
            let mut passes = link.passes_m3(from, to, dt_s);
            let (give, get) = if passes >= 0.0 { (0, 1) } else { (1, 0) };
            let [give, get] = [give, get].map(|side: usize| self.links_at[k][side]);
            if give == get || passes == 0.0 {
                flow.book(0.0, dt_s);
                continue;
            }
            let up = from.level_m.max(to.level_m);
            let (mut low, mut high) = (from.level_m.min(to.level_m).max(link.sill_m()), up);
            if ground.held[give] == crate::subgrid::ground::FREE {
                // The level that would stand on both sides: the giving side never falls below it.
                for _ in 0..40 {
                    let level = 0.5 * (low + high);
                    let given = water.volume_m3[give] - ground.volume_m3(give, level);
                    let is_held = ground.held[get] != crate::subgrid::ground::FREE;
                    let taken =
                        if is_held { f64::INFINITY } else { ground.volume_m3(get, level) - water.volume_m3[get] };
                    (low, high) = if given > taken { (level, high) } else { (low, level) };
                }
                let most = (water.volume_m3[give] - ground.volume_m3(give, high)).max(0.0);
                passes = passes.clamp(-most, most);
            }
            water.volume_m3[give] -= passes.abs();
            water.volume_m3[get] += passes.abs();
            water.relevel(ground, give);
            water.relevel(ground, get);
            flow.book(passes, dt_s);
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

    /// Wanted discharge through the grid's edge.
    pub fn edge_flows(&self, ground: &Ground, links: &Links, water: &mut Water, time_s: f64, dt_s: f64) {
        for edge in &links.edges {
            let (q, area) = self.edge_flow(edge, ground, links, water, time_s, dt_s);
            water.wanted_m3_s[edge.link] = q;
            water.speed_m_s[edge.link] = if area > 0.0 { (q / area) as f32 } else { 0.0 };
        }
    }

    fn edge_flow(
        &self,
        edge: &Edge,
        ground: &Ground,
        links: &Links,
        water: &Water,
        time_s: f64,
        dt_s: f64,
    ) -> (f64, f64) {
        let (sill, link, rise) = (links.sections[edge.link].sill_m, edge.link, water.rise_per_m3[edge.part]);
        let level = water.level_m[edge.part];
        let at = |level: f64| {
            let height = (level - sill) as f32;
            (f64::from(height) > FILM_M).then(|| links.sections[link].at(height))
        };
        match &self.problem.boundaries[edge.boundary].kind {
            BoundaryKind::Inflow(series) => {
                let share = edge.faces as f64 / self.face_count[edge.boundary].max(1) as f64;
                let q = series.mean_between(time_s, time_s + dt_s) * share * edge.inward;
                let width = edge.faces as f64 * ground.pixels.cell_m;
                let critical = width * libm::cbrt(q * q / (width * width) / GRAVITY);
                (q, at(level).map_or(critical, |f| f64::from(f.area_m2).max(critical)))
            }
            BoundaryKind::Stage(series) => {
                // The water outside is never below the bed; the level acts half a cell away from the part's.
                let outside = series.value_at(time_s + dt_s).max(sill);
                let Some(f) = at(level.max(outside)) else { return (0.0, 0.0) };
                let area = f64::from(f.area_m2);
                let stiff = GRAVITY * area * 2.0 / ground.cells.cell_m * dt_s;
                let excess = (stiff * dt_s * f64::from(rise)).max(1.0);
                let fall = (outside - level) * edge.inward;
                let momentum = water.flow_m3_s[link] + stiff / excess * fall;
                let (drag, _) = friction(f.depth_m, dt_s as f32 * links.sections[link].drag);
                // friction() is per unit width: F ÷ h^(7/3) of q; here of Q = q A ÷ h.
                let drag = drag * f.depth_m / (f.area_m2 * excess as f32);
                let size = momentum.abs() as f32;
                let q = momentum * f64::from(kept(drag, root(drag, size), size, 0.0, 1.0));
                let deep = f64::from(f.depth_m).min(level.max(outside) - sill);
                let critical = area * (GRAVITY * deep).sqrt();
                (q.clamp(-critical, critical), area)
            }
            BoundaryKind::Free => {
                // Zero gradient of depth and velocity; what would enter is unknown and does not.
                let Some(f) = at(level) else { return (0.0, 0.0) };
                let speed = f64::from(water.speed_m_s[edge.opposite]);
                let area = f64::from(f.area_m2);
                (if speed * edge.inward < 0.0 { speed * area } else { 0.0 }, area)
            }
            BoundaryKind::Normal(slope) => {
                let Some(f) = at(level) else { return (0.0, 0.0) };
                let n = (f64::from(links.sections[link].drag) / GRAVITY).sqrt();
                let slope = slope.unwrap_or(edge.slope);
                let normal = |f: Flowing| {
                    let (area, depth) = (f64::from(f.area_m2), f64::from(f.depth_m));
                    normal_discharge(depth, n, slope) * area / depth
                };
                let before = (-edge.inward * water.flow_m3_s[link]).max(0.0);
                let growth = 5.0 / 3.0 * dt_s * before.max(normal(f)) / f64::from(f.depth_m);
                let excess = (growth * f64::from(rise)).max(1.0);
                // As in the inner links: a pool that is small for the step comes into balance over several.
                (-edge.inward * (before + (normal(f) - before) / excess), f64::from(f.area_m2))
            }
            // A rating curve is refused before a run.
            BoundaryKind::Rating(_) | BoundaryKind::Wall => (0.0, 0.0),
        }
    }

    /// Books what passed edges and what held parts gave or took: change of their water that neither flow nor rain explains, net over
    /// the boundary. Returns inflow and outflow of the step, m³.
    pub fn book(&mut self, links: &Links, water: &Water, dt_s: f64) -> (f64, f64) {
        for edge in &links.edges {
            self.volumes[edge.boundary].add(water.flow_m3_s[edge.link] * edge.inward * dt_s);
        }
        let mut net = vec![0.0; if self.held.is_empty() { 0 } else { self.volumes.len() }];
        for &(part, boundary, before) in &self.held {
            let flow: f64 = links.of(part).iter().map(|end| end.brings(water.flow_m3_s[end.link()])).sum();
            net[boundary] += water.volume_m3[part] - before - (flow + water.rain_m3_s[part]) * dt_s;
        }
        // A river reach as a whole gives or takes; what goes round inside it is no exchange.
        self.volumes.iter_mut().zip(net).for_each(|(volume, net)| volume.add(net));
        let (mut inflow, mut outflow) = (0.0, 0.0);
        for volume in &mut self.volumes {
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
    pub fn start_flow(&mut self) {
        for (volume, boundary) in self.volumes.iter_mut().zip(&self.problem.boundaries) {
            if let BoundaryKind::Inflow(series) = &boundary.kind {
                volume.flow_m3_s = series.value_at(0.0);
            }
        }
    }
}
