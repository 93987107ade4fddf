//! The network people walk on: links between places where ways part.

use crate::noding::{RoadLine, divide, metres, node_lines};
use crate::planar::{Mm, distance_mm, to_m};
use crate::snap::SnapIndex;
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// How lines become a network.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RoadOptions {
    /// a loose end is joined to a line within this distance, m
    pub snap_m: f64,
    /// links longer than this are divided, so that water on one stretch closes no more than that, m
    pub max_link_m: f64,
}

impl Default for RoadOptions {
    /// 1 m for gaps of drawing; 100 m as stretch that is closed as one.
    fn default() -> Self {
        Self { snap_m: 1.0, max_link_m: 100.0 }
    }
}

/// A link, walked both ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RoadEdge {
    /// index of its road line
    pub line: u32,
    /// node at its start
    pub a: u32,
    /// node at its end
    pub b: u32,
    /// length, mm
    pub length_mm: u32,
    /// on a bridge or in a tunnel: the depth of the cells under it says nothing
    pub bridge: bool,
}

/// Links and nodes. Their numbers depend on ids and geometry of the lines, not on the order of the lines.
pub struct RoadGraph {
    nodes: Vec<Mm>,
    edges: Vec<RoadEdge>,
    points: Vec<(f64, f64)>,
    first_point: Vec<u32>,
    first_link: Vec<u32>,
    /// (edge, node at its other end) by node
    links: Vec<(u32, u32)>,
    pub(crate) snap_index: SnapIndex,
    findings: Vec<Finding>,
}

impl RoadGraph {
    /// Builds the network of the walkable lines. Lines that cannot be used are findings (`EVA-030`); so is a network in several
    /// parts (`EVA-032`).
    ///
    /// # Errors
    /// `EVA-037` when an option is negative or not a number; `EVA-005` when there are too many links.
    pub fn build(lines: &[RoadLine], options: RoadOptions) -> Result<Self, Finding> {
        check_metres("snap_m", options.snap_m, 0.0)?;
        check_metres("max_link_m", options.max_link_m, 1.0)?;
        let mut findings = Vec::new();
        let noded = node_lines(lines, options.snap_m * 1000.0, &mut findings);
        // A vertex is a node where a line ends or which is used more than once.
        let mut uses: BTreeMap<Mm, u32> = BTreeMap::new();
        for line in &noded {
            for (at, &point) in line.points.iter().enumerate() {
                let end = at == 0 || at + 1 == line.points.len();
                *uses.entry(point).or_default() += if end { 2 } else { 1 };
            }
        }
        let mut drawn = Vec::new();
        for line in &noded {
            let mut from = 0;
            for at in 1..line.points.len() {
                if uses.get(&line.points[at]).is_some_and(|&uses| uses > 1) {
                    for piece in divide(&line.points[from..=at], options.max_link_m * 1000.0) {
                        drawn.push((line.line, line.bridge, piece));
                    }
                    from = at;
                }
            }
        }
        Self::join(&drawn, findings)
    }

    fn join(drawn: &[(u32, bool, Vec<Mm>)], mut findings: Vec<Finding>) -> Result<Self, Finding> {
        let mut nodes: Vec<Mm> =
            drawn.iter().flat_map(|(_, _, piece)| piece.first().into_iter().chain(piece.last()).copied()).collect();
        nodes.sort_unstable();
        nodes.dedup();
        let vertices: usize = drawn.iter().map(|(_, _, piece)| piece.len()).sum();
        if vertices >= (u32::MAX / 4) as usize {
            return Err(Finding::error(
                "EVA-005",
                Text::new("道路点数超出可计算的范围。", "There are more road vertices than can be counted."),
                Text::new("分区计算，或简化道路几何。", "Solve the areas one by one, or simplify the roads."),
            )
            .at("roads"));
        }
        let node = |point: Option<&Mm>| point.map_or(0, |p| nodes.partition_point(|node| node < p)) as u32;
        let mut edges = Vec::with_capacity(drawn.len());
        let mut points = Vec::with_capacity(vertices);
        let mut first_point = vec![0];
        for (line, bridge, piece) in drawn {
            let length: f64 = piece.windows(2).map(|pair| distance_mm(pair[0], pair[1])).sum();
            let length_mm = length.round().clamp(1.0, f64::from(u32::MAX / 4)) as u32;
            edges.push(RoadEdge {
                line: *line,
                a: node(piece.first()),
                b: node(piece.last()),
                length_mm,
                bridge: *bridge,
            });
            points.extend(metres(piece));
            first_point.push(points.len() as u32);
        }
        let mut first_link = vec![0_u32; nodes.len() + 1];
        for edge in &edges {
            first_link[edge.a as usize + 1] += 1;
            first_link[edge.b as usize + 1] += 1;
        }
        for at in 1..first_link.len() {
            first_link[at] += first_link[at - 1];
        }
        let mut next = first_link.clone();
        let mut links = vec![(0, 0); 2 * edges.len()];
        for (at, edge) in (0..).zip(&edges) {
            for (from, to) in [(edge.a, edge.b), (edge.b, edge.a)] {
                links[next[from as usize] as usize] = (at, to);
                next[from as usize] += 1;
            }
        }
        let snap_index = SnapIndex::new(&edges, &points, &first_point);
        let mut graph = Self { nodes, edges, points, first_point, first_link, links, snap_index, findings: Vec::new() };
        findings.extend(graph.falls_apart());
        graph.findings = findings;
        Ok(graph)
    }

    /// Links, in the order of `passable` masks.
    pub fn edges(&self) -> &[RoadEdge] {
        &self.edges
    }

    /// The line of a link from its `a` to its `b`, m; empty for a number that is no link.
    pub fn edge_polyline(&self, edge: usize) -> &[(f64, f64)] {
        match (self.first_point.get(edge), self.first_point.get(edge + 1)) {
            (Some(&from), Some(&to)) => &self.points[from as usize..to as usize],
            _ => &[],
        }
    }

    /// How many nodes there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// Place of a node, m.
    pub fn node_point(&self, node: u32) -> Option<(f64, f64)> {
        self.nodes.get(node as usize).map(|&p| to_m(p))
    }

    /// (link, node at its other end) for each link at a node; empty for a number that is no node.
    pub fn links(&self, node: u32) -> &[(u32, u32)] {
        let node = node as usize;
        match (self.first_link.get(node), self.first_link.get(node + 1)) {
            (Some(&from), Some(&to)) => &self.links[from as usize..to as usize],
            _ => &[],
        }
    }

    /// What was left out or looks wrong.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The mask `passable` of [`crate::plan_evacuation`] from a judgement of each link.
    pub fn mask(&self, link_passable: impl Fn(usize) -> bool) -> Vec<bool> {
        (0..self.edges.len()).map(link_passable).collect()
    }

    /// Per node the number of its connected part when only links with `open` are walked. Parts are numbered by their first node.
    pub fn components(&self, open: impl Fn(usize) -> bool) -> Vec<u32> {
        let mut part = vec![u32::MAX; self.nodes.len()];
        let mut stack = Vec::new();
        let mut parts = 0;
        for start in 0..self.nodes.len() as u32 {
            if part[start as usize] != u32::MAX {
                continue;
            }
            part[start as usize] = parts;
            stack.push(start);
            while let Some(node) = stack.pop() {
                for &(edge, other) in self.links(node) {
                    if part[other as usize] == u32::MAX && open(edge as usize) {
                        part[other as usize] = parts;
                        stack.push(other);
                    }
                }
            }
            parts += 1;
        }
        part
    }

    fn falls_apart(&self) -> Option<Finding> {
        let part = self.components(|_| true);
        let mut length_mm = vec![0_u64; part.iter().max().map_or(0, |&last| last as usize + 1)];
        for edge in &self.edges {
            length_mm[part[edge.a as usize] as usize] += u64::from(edge.length_mm);
        }
        let (all, largest) = (length_mm.iter().sum::<u64>(), length_mm.iter().copied().max().unwrap_or(0));
        let (parts, percent) = (length_mm.len(), largest * 100 / all.max(1));
        let texts = || {
            Text::new(
                format!("步行路网分成 {parts} 个互不相通的部分，最大部分占总长 {percent} %。"),
                format!(
                    "The walking network is in {parts} separate parts; the largest holds {percent} % of its length."
                ),
            )
        };
        let mend = || {
            Text::new(
                "检查道路端点是否相接；必要时加大 snap_m。",
                "Check that roads meet at their ends; raise snap_m if need be.",
            )
        };
        match parts {
            0 | 1 => None,
            _ if percent < 90 => Some(Finding::warning("EVA-032", texts(), mend()).at("roads")),
            _ => Some(Finding::info("EVA-032", texts(), mend()).at("roads")),
        }
    }
}

/// `EVA-037` unless the option is a number of metres from `least` to 10⁶.
pub(crate) fn check_metres(name: &str, metres: f64, least: f64) -> Result<(), Finding> {
    if (least..=1e6).contains(&metres) {
        return Ok(());
    }
    Err(Finding::error(
        "EVA-037",
        Text::new(
            format!("{name} = {metres} 应在 {least} 至 10⁶ 米之间。"),
            format!("{name} = {metres} must be between {least} and 10⁶ m."),
        ),
        Text::new("改正该选项。", "Correct the option."),
    )
    .field(name))
}
