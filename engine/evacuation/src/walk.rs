//! Walking distances and ways from a shelter over the links that stay passable.

use crate::road::RoadGraph;
use crate::snap::Access;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

const FAR: u32 = u32::MAX;

/// Shortest ways from one place (Dijkstra, Numer. Math. 1, 1959). Kept between runs to spare the allocation.
pub(crate) struct Walk<'a> {
    graph: &'a RoadGraph,
    passable: &'a [bool],
    /// from the place to each node, mm
    distance_mm: Vec<u32>,
    /// (link, node before) on that way; no node before at the ends of the link of the place
    came: Vec<(u32, u32)>,
    touched: Vec<u32>,
    heap: BinaryHeap<Reverse<(u32, u32)>>,
}

impl<'a> Walk<'a> {
    pub fn new(graph: &'a RoadGraph, passable: &'a [bool]) -> Self {
        let nodes = graph.node_count();
        Self {
            graph,
            passable,
            distance_mm: vec![FAR; nodes],
            came: vec![(FAR, FAR); nodes],
            touched: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// Finds all nodes within `most_mm` of `from` (its own way to the road included). Equal ways: the first found in the order of
    /// distance, node and link, which are numbers of geometry, not of the run.
    pub fn run(&mut self, from: &Access, most_mm: u32) {
        for node in self.touched.drain(..) {
            self.distance_mm[node as usize] = FAR;
        }
        self.heap.clear();
        let edge = self.graph.edges()[from.edge as usize];
        self.reach(edge.a, from.off_mm.saturating_add(from.along_mm), (from.edge, FAR), most_mm);
        self.reach(edge.b, from.off_mm.saturating_add(edge.length_mm - from.along_mm), (from.edge, FAR), most_mm);
        while let Some(Reverse((distance, node))) = self.heap.pop() {
            if distance > self.distance_mm[node as usize] {
                continue;
            }
            let graph = self.graph;
            for &(link, other) in graph.links(node) {
                if self.passable[link as usize] {
                    let length = graph.edges()[link as usize].length_mm;
                    self.reach(other, distance.saturating_add(length), (link, node), most_mm);
                }
            }
        }
    }

    fn reach(&mut self, node: u32, distance: u32, came: (u32, u32), most_mm: u32) {
        let known = &mut self.distance_mm[node as usize];
        if distance > most_mm || distance >= *known {
            return;
        }
        if *known == FAR {
            self.touched.push(node);
        }
        *known = distance;
        self.came[node as usize] = came;
        self.heap.push(Reverse((distance, node)));
    }

    /// Whole way from `from` of the last run to `to`, mm, and the node by which it reaches the link of `to` (`None`: along the
    /// common link). `None` if there is none within the bound.
    pub fn way(&self, from: &Access, to: &Access) -> Option<(u32, Option<u32>)> {
        let edge = self.graph.edges()[to.edge as usize];
        let over = |node: u32, rest: u32| {
            let distance = self.distance_mm[node as usize];
            (distance != FAR).then(|| (distance.saturating_add(rest).saturating_add(to.off_mm), Some(node)))
        };
        let along = (from.edge == to.edge)
            .then(|| (from.off_mm.saturating_add(from.along_mm.abs_diff(to.along_mm)).saturating_add(to.off_mm), None));
        // Of equal ways the first of this list.
        [along, over(edge.a, to.along_mm), over(edge.b, edge.length_mm - to.along_mm)]
            .into_iter()
            .flatten()
            .min_by_key(|(distance, _)| *distance)
    }

    /// The line on the road from `to` back to `from` of the last run, entering by the node that [`Walk::way`] named.
    pub fn line(&self, from: &Access, to: &Access, by: Option<u32>) -> Vec<(f64, f64)> {
        let graph = self.graph;
        let mut line = vec![(to.x, to.y)];
        let Some(mut node) = by else {
            self.follow(&mut line, to.edge, to.along_mm, from.along_mm);
            line.push((from.x, from.y));
            line.dedup();
            return line;
        };
        let edge = graph.edges()[to.edge as usize];
        // On a loop both ends are one node: the shorter side was meant.
        let start = edge.a == node && (edge.b != node || to.along_mm <= edge.length_mm - to.along_mm);
        self.follow(&mut line, to.edge, to.along_mm, if start { 0 } else { edge.length_mm });
        loop {
            let (link, before) = self.came[node as usize];
            let edge = graph.edges()[link as usize];
            if before == FAR {
                let start = edge.a == node && (edge.b != node || from.along_mm <= edge.length_mm - from.along_mm);
                self.follow(&mut line, link, if start { 0 } else { edge.length_mm }, from.along_mm);
                break;
            }
            let (start, end) = if edge.a == node { (0, edge.length_mm) } else { (edge.length_mm, 0) };
            self.follow(&mut line, link, start, end);
            node = before;
        }
        line.push((from.x, from.y));
        line.dedup();
        line
    }

    /// Adds the vertices of a link strictly between two places of it, and its ends when they are the places.
    fn follow(&self, line: &mut Vec<(f64, f64)>, edge: u32, start_mm: u32, end_mm: u32) {
        let points = self.graph.edge_polyline(edge as usize);
        let whole_mm = self.graph.edges()[edge as usize].length_mm;
        let (low, high) = (start_mm.min(end_mm), start_mm.max(end_mm));
        let mut along_m = 0.0;
        let mut inside = Vec::new();
        for (at, &point) in points.iter().enumerate() {
            if at > 0 {
                let (dx, dy) = (point.0 - points[at - 1].0, point.1 - points[at - 1].1);
                along_m += (dx * dx + dy * dy).sqrt();
            }
            let along_mm = if at + 1 == points.len() { whole_mm } else { (along_m * 1000.0).round() as u32 };
            let is_node = (at == 0 && low == 0) || (at + 1 == points.len() && high == whole_mm);
            if is_node || (low < along_mm && along_mm < high) {
                inside.push(point);
            }
        }
        if start_mm > end_mm {
            inside.reverse();
        }
        line.extend(inside);
    }
}
