//! Where the water of a place came from: shares of sources in every cell, carried along with the whole units that pass the faces.
//!
//! Each cell is well mixed. What passes faces, links and boundaries is summed over a window of steps in whole units; then the shares at
//! the end of the window follow from one balance per cell and source, implicit and upwind:
//! `φ (V₀ + in) = V₀ φ₀ + Σ in φ(donor)`, where `in` is all that entered, rain included. Every share is a mean of others, so they stay
//! within 0–1 and sum to 1; what leaves has the share of its cell. Losses of a cell are set against its rain of the same window.

mod solve;
mod sums;

use crate::balance::Total;
use crate::mesh::Mesh;
use crate::place::Places;
use crate::saved::Tape;
use crate::{FlowProblem, Scheme};
use dayu_base::{Finding, Text};
use dayu_terrain::Axis;
use solve::{LANES, Window};
use std::collections::BTreeMap;
use sums::{BandSums, Sums};

/// Steps in a window at most: each costs one look at the whole grid.
const WINDOW_STEPS: u32 = 200;

/// Sources of one run at most.
const MOST_SOURCES: usize = 64;

/// No region.
pub const NO_REGION: u16 = u16::MAX;

/// Which sources are told apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// names of regions: rain that falls on their cells
    pub regions: Vec<String>,
    /// region of each cell; [`NO_REGION`] = elsewhere
    pub region_of: Vec<u16>,
    /// boundaries told apart (entries of the problem's) with their names; the others are one source
    pub boundaries: Vec<(usize, String)>,
}

/// One row of `attribution.csv`.
#[derive(Clone, Debug, PartialEq)]
pub struct AttributionRow {
    /// s
    pub time_s: f64,
    /// gauge
    pub id: String,
    /// source
    pub source: String,
    /// share of the water in the gauge's cell, 0–1; `None` = dry
    pub share: Option<f64>,
}

/// What became of the water of one source, m³: entered = stored + gone within `error_m3`.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceTotal {
    /// source
    pub source: String,
    /// entered since 0 (what stood there at the start: then)
    pub entered_m3: f64,
    /// still there
    pub stored_m3: f64,
    /// left over edges, into held water, drains, pumps or the ground
    pub gone_m3: f64,
    /// entered − stored − gone
    pub error_m3: f64,
}

/// A change of one cell that no face explains.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Move {
    /// a boundary gives (takes, when negative) units
    Boundary { cell: usize, boundary: usize, units: i64 },
    /// a pump or outfall takes units
    Taken { cell: usize, units: i64 },
    /// units pass a link of the problem from its beginning to its end
    Link { link: usize, units: i64 },
}

/// Sums of the units that passed the faces of a band.
pub(crate) struct FaceSums<'a> {
    pub x: BandSums<'a>,
    pub y: BandSums<'a>,
    /// y faces north of the grid, with the last band
    pub top: Option<BandSums<'a>>,
}

/// What one source brought and lost, m³.
#[derive(Clone, Copy, Debug, Default)]
struct Books {
    entered: Total,
    gone: Total,
}

/// Shares of all cells and the sums of the window under way.
pub(crate) struct Tracer<'a> {
    problem: &'a FlowProblem,
    names: Vec<String>,
    /// source of the rain of each region, then that of elsewhere
    region_source: Vec<usize>,
    boundary_source: Vec<usize>,
    /// per group of [`LANES`] sources, per cell
    shares: Vec<Vec<[f64; LANES]>>,
    /// depth at the beginning of the window, units
    before: Vec<i32>,
    sums_x: Sums,
    sums_y: Sums,
    /// units by cell and source; by cell; by link
    given: BTreeMap<(usize, usize), i64>,
    taken: BTreeMap<usize, i64>,
    links: Vec<i64>,
    steps: u32,
    books: Vec<Books>,
    /// held cells with their boundary
    held: Vec<(usize, usize)>,
    /// edge faces: axis, face, cell, boundary, +1 when positive flow enters
    edges: Vec<(Axis, usize, usize, usize, i64)>,
}

impl<'a> Tracer<'a> {
    /// `None` when nothing is asked for.
    pub fn new(problem: &'a FlowProblem, mesh: &Mesh, places: &Places) -> Option<Self> {
        let asked = problem.attribution.as_ref()?;
        let n = problem.grid.len();
        let mut names = asked.regions.clone();
        let mut region_source: Vec<usize> = (0..names.len()).collect();
        let is_open = |c: usize| !problem.bed_m[c].is_nan();
        let mut add = |name: &str| {
            names.push(name.into());
            names.len() - 1
        };
        // Only sources that exist are named.
        let has_elsewhere = (0..n).any(|c| is_open(c) && asked.region_of.get(c).is_none_or(|r| *r == NO_REGION));
        region_source.push(if has_elsewhere { add("rain:elsewhere") } else { 0 });
        let mut boundary_source = vec![usize::MAX; problem.boundaries.len()];
        for (boundary, name) in &asked.boundaries {
            boundary_source[*boundary] = add(name);
        }
        if boundary_source.contains(&usize::MAX) {
            let others = add("boundary:others");
            boundary_source.iter_mut().filter(|s| **s == usize::MAX).for_each(|s| *s = others);
        }
        let initial = add("initial");
        let groups = names.len().div_ceil(LANES);
        let one = |source: usize, group: usize| {
            let mut lanes = [0.0; LANES];
            if source / LANES == group {
                lanes[source % LANES] = 1.0;
            }
            lanes
        };
        let mut shares: Vec<Vec<[f64; LANES]>> = (0..groups).map(|g| vec![one(initial, g); n]).collect();
        let held: Vec<(usize, usize)> = places.held.iter().map(|h| (h.cell, h.boundary)).collect();
        for (cell, boundary) in &held {
            // Held water is that of its boundary.
            shares.iter_mut().enumerate().for_each(|(g, all)| all[*cell] = one(boundary_source[*boundary], g));
        }
        let edge =
            |e: &crate::place::EdgeFace| (e.axis, e.face, e.cell, e.boundary, if e.inward > 0.0 { 1 } else { -1 });
        Some(Self {
            problem,
            books: vec![Books::default(); names.len()],
            names,
            region_source,
            boundary_source,
            shares,
            before: vec![0; n],
            sums_x: Sums::new(mesh.nx + 1, mesh.ny),
            sums_y: Sums::new(mesh.nx, mesh.ny + 1),
            given: BTreeMap::new(),
            taken: BTreeMap::new(),
            links: vec![0; problem.links.len()],
            steps: 0,
            held,
            edges: places.edges.iter().map(edge).collect(),
        })
    }

    /// The water at the start is a source of its own.
    pub fn start(&mut self, mesh: &Mesh, depth: &[i32]) {
        self.before.copy_from_slice(depth);
        let held: i64 = self.held.iter().map(|h| i64::from(depth[h.0])).sum();
        let all: i64 = depth.iter().map(|h| i64::from(*h)).sum();
        if let Some(books) = self.books.last_mut() {
            books.entered.add((all - held) as f64 * mesh.unit_m3());
        }
    }

    /// Room for the sums of each band of `rows` rows.
    pub fn bands(&mut self, rows: usize, ny: usize) -> Vec<FaceSums<'_>> {
        let (y, top) = self.sums_y.split(ny);
        let mut top = Some(top);
        let count = ny.div_ceil(rows);
        let (x, _) = self.sums_x.split(ny);
        let parts = x.chunks(rows).zip(y.chunks(rows)).enumerate();
        parts.map(|(b, (x, y))| FaceSums { x, y, top: if b + 1 == count { top.take() } else { None } }).collect()
    }

    /// Books what happened in a step beside the flow; ends the window when it is long enough.
    pub fn step(&mut self, mesh: &Mesh, depth: &[i32], moves: &mut Vec<Move>) {
        for event in moves.drain(..) {
            match event {
                Move::Boundary { cell, boundary, units } if units >= 0 => {
                    *self.given.entry((cell, self.boundary_source[boundary])).or_default() += units;
                }
                Move::Boundary { cell, units, .. } => *self.taken.entry(cell).or_default() -= units,
                Move::Taken { cell, units } => *self.taken.entry(cell).or_default() += units,
                Move::Link { link, units } => self.links[link] += units,
            }
        }
        self.steps += 1;
        if self.steps >= WINDOW_STEPS {
            self.close(mesh, depth);
        }
    }

    /// Shares at the end of the window.
    pub fn close(&mut self, mesh: &Mesh, depth: &[i32]) {
        if self.steps == 0 {
            return;
        }
        self.steps = 0;
        // What passed the edges is given to and taken from their cells.
        for &(axis, face, cell, boundary, inward) in &self.edges {
            let sum = match axis {
                Axis::X => self.sums_x.take(face),
                Axis::Y => self.sums_y.take(face),
            } * inward;
            if sum > 0 {
                *self.given.entry((cell, self.boundary_source[boundary])).or_default() += sum;
            } else if sum < 0 {
                *self.taken.entry(cell).or_default() -= sum;
            }
        }
        let unit_m3 = mesh.unit_m3();
        let asked = self.problem.attribution.as_ref();
        let source_of_rain = |cell: usize| {
            let region = asked.and_then(|a| a.region_of.get(cell)).map_or(NO_REGION, |r| *r);
            let last = self.region_source.len() - 1;
            self.region_source[if region == NO_REGION { last } else { usize::from(region).min(last) }]
        };
        let mut links: Vec<(usize, usize, i64)> = Vec::new();
        for (link, units) in self.problem.links.iter().zip(&mut self.links) {
            match std::mem::take(units) {
                0 => {}
                units if units > 0 => links.push((link.from, link.to, units)),
                units => links.push((link.to, link.from, -units)),
            }
        }
        let (sums_x, sums_y) = (self.sums_x.take_all(), self.sums_y.take_all());
        let mut window = Window::new(mesh, &self.before, depth, [&sums_x, &sums_y], &links);
        window.settle(&self.given, &self.taken, &source_of_rain);
        for (books, units) in
            self.books.iter_mut().zip(window.entered(self.names.len(), &self.held, |b| self.boundary_source[b]))
        {
            books.entered.add(units as f64 * unit_m3);
        }
        for (group, shares) in self.shares.iter_mut().enumerate() {
            window.solve(group, shares);
            for (lane, units) in window.gone(shares).into_iter().enumerate() {
                if let Some(books) = self.books.get_mut(group * LANES + lane) {
                    books.gone.add(units * unit_m3);
                }
            }
        }
        self.given.clear();
        self.taken.clear();
        self.before.copy_from_slice(depth);
    }

    /// Depths in another unit: between two windows.
    pub fn set_unit(&mut self, depth: &[i32]) {
        self.before.copy_from_slice(depth);
    }

    /// Rows of the gauges now.
    pub fn rows(&self, time_s: f64, gauges: &[(String, usize)], depth: &[i32], rows: &mut Vec<AttributionRow>) {
        for (id, cell) in gauges {
            let share = |source: usize| self.shares[source / LANES][*cell][source % LANES];
            let sum: f64 = (0..self.names.len()).map(share).sum();
            for (source, name) in self.names.iter().enumerate() {
                let share = (depth[*cell] > 0 && sum > 0.0).then(|| share(source) / sum);
                rows.push(AttributionRow { time_s, id: id.clone(), source: name.clone(), share });
            }
        }
    }

    /// What became of each source.
    pub fn totals(&self, mesh: &Mesh, depth: &[i32]) -> Vec<SourceTotal> {
        let is_held = |cell: usize| self.held.binary_search_by_key(&cell, |h| h.0).is_ok();
        let total = |(source, (name, books)): (usize, (&String, &Books))| {
            let shares = &self.shares[source / LANES];
            let mut stored = Total::default();
            for (cell, h) in depth.iter().enumerate().filter(|(cell, h)| **h > 0 && !is_held(*cell)) {
                stored.add(f64::from(*h) * shares[cell][source % LANES]);
            }
            let (entered_m3, stored_m3) = (books.entered.value(), stored.value() * mesh.unit_m3());
            let gone_m3 = books.gone.value();
            let error_m3 = entered_m3 - stored_m3 - gone_m3;
            SourceTotal { source: name.clone(), entered_m3, stored_m3, gone_m3, error_m3 }
        };
        self.names.iter().zip(&self.books).enumerate().map(total).collect()
    }

    pub fn tape(&mut self, tape: &mut Tape) {
        let own = [self.names.len() as u64, self.links.len() as u64];
        let mut counts = own;
        tape.slice(&mut counts);
        if counts != own {
            return tape.fail();
        }
        for lanes in self.shares.iter_mut().flatten() {
            lanes.iter_mut().for_each(|share| tape.value(share));
        }
        tape.slice(&mut self.before);
        for sums in [&mut self.sums_x, &mut self.sums_y] {
            let mut all = sums.take_all();
            tape.slice(&mut all);
            sums.set(&all);
        }
        tape.slice(&mut self.links);
        tape.value(&mut self.steps);
        let given: Vec<[u64; 3]> = self
            .given
            .iter()
            .map(|((cell, source), units)| [*cell as u64, *source as u64, units.cast_unsigned()])
            .collect();
        let mut flat: Vec<u64> = given.into_iter().flatten().collect();
        tape.list(&mut flat);
        let n = self.problem.grid.len() as u64;
        let is_sound = |cell: u64, source: u64| cell < n && source < self.names.len() as u64;
        if flat.chunks_exact(3).any(|g| !is_sound(g[0], g[1])) {
            return tape.fail();
        }
        self.given = flat.chunks_exact(3).map(|g| ((g[0] as usize, g[1] as usize), g[2].cast_signed())).collect();
        let mut flat: Vec<u64> =
            self.taken.iter().flat_map(|(cell, units)| [*cell as u64, units.cast_unsigned()]).collect();
        tape.list(&mut flat);
        if flat.chunks_exact(2).any(|t| !is_sound(t[0], 0)) {
            return tape.fail();
        }
        self.taken = flat.chunks_exact(2).map(|t| (t[0] as usize, t[1].cast_signed())).collect();
        for books in &mut self.books {
            tape.total(&mut books.entered);
            tape.total(&mut books.gone);
        }
    }
}

/// Refuses what cannot be told apart.
///
/// # Errors
/// `SIM-192` unlike lengths, unknown boundaries, names given twice, or too many sources.
pub(crate) fn check_attribution(problem: &FlowProblem) -> Result<(), Finding> {
    let Some(asked) = &problem.attribution else { return Ok(()) };
    let refuse = |zh: String, en: String| {
        Err(Finding::error("SIM-192", Text::new(zh, en), Text::new("改正 [attribution]", "mend [attribution]"))
            .field("attribution"))
    };
    let mut names: Vec<&str> =
        asked.regions.iter().chain(asked.boundaries.iter().map(|b| &b.1)).map(String::as_str).collect();
    let count = names.len();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|w| w[0] == w[1]) {
        return refuse(format!("来源“{}”出现两次", twice[0]), format!("the source '{}' is named twice", twice[0]));
    }
    if count + 3 > MOST_SOURCES {
        return refuse(
            format!("来源 {count} 个，最多 {} 个", MOST_SOURCES - 3),
            format!("{count} sources; {} at most", MOST_SOURCES - 3),
        );
    }
    let in_range = |region: &u16| *region == NO_REGION || usize::from(*region) < asked.regions.len();
    if asked.region_of.len() != problem.grid.len() || !asked.region_of.iter().all(in_range) {
        return refuse("分区与网格不符".into(), "the regions do not fit the grid".into());
    }
    if asked.boundaries.iter().any(|(b, _)| *b >= problem.boundaries.len()) {
        return refuse("所列边界不存在".into(), "a boundary that is named does not exist".into());
    }
    Ok(())
}

/// The greatest error of a source, told with the run (`SIM-193`).
pub(crate) fn told(sources: &[SourceTotal]) -> Option<Finding> {
    let entered: f64 = sources.iter().map(|s| s.entered_m3).sum();
    let worst = sources.iter().map(|s| s.error_m3.abs()).fold(0.0, f64::max);
    let relative = if entered > 0.0 { worst / entered } else { return None };
    let text = Text::new(
        format!("来水归因：{} 个来源，单元内按充分混合；各来源水量误差不超过总入流的 {relative:.1e}", sources.len()),
        format!(
            "attribution: {} sources, cells well mixed; the volume of each balances within {relative:.1e} of all that entered",
            sources.len()
        ),
    );
    let mend = Text::new("无需处理", "nothing to do");
    let finding =
        if relative <= 1e-6 { Finding::info("SIM-193", text, mend) } else { Finding::warning("SIM-193", text, mend) };
    Some(finding.field("attribution"))
}

/// Only the plain scheme counts whole units over its faces.
pub(crate) fn is_computed_by(scheme: Scheme) -> bool {
    scheme == Scheme::Inertial
}
