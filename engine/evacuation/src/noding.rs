//! From drawn road lines to lines that share a vertex wherever one can walk from one to the other.

use crate::order::id_order;
use crate::planar::{Mm, between, crossing, distance_mm, nearest_on, to_m, to_mm, usable};
use dayu_base::{Finding, Text};
use rayon::prelude::*;
use rstar::{AABB, RTree, RTreeObject};
use std::collections::BTreeMap;

/// A road as drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct RoadLine {
    /// asset id
    pub id: String,
    /// vertices, m, in the projected CRS
    pub points: Vec<(f64, f64)>,
    /// may be walked on
    pub walkable: bool,
    /// bridge or tunnel: crosses others without meeting them
    pub bridge: bool,
}

/// A walkable line with a vertex at every place where it meets another.
pub(crate) struct NodedLine {
    /// index of the road line
    pub line: u32,
    pub bridge: bool,
    pub points: Vec<Mm>,
}

/// A vertex this close to another ground line lies on it: drawing and rounding are no better.
const TOUCH_MM: f64 = 5.0;

/// Straight piece `at` of line `line`.
#[derive(Clone, Copy)]
struct Piece {
    line: u32,
    at: u32,
}

struct Boxed {
    piece: Piece,
    corners: AABB<[i64; 2]>,
}

impl RTreeObject for Boxed {
    type Envelope = AABB<[i64; 2]>;
    fn envelope(&self) -> Self::Envelope {
        self.corners
    }
}

/// Joins loose ends to lines within `snap_mm`, then ground lines where they cross or touch. Bridges and tunnels meet others only
/// in shared vertices and at ends. The result does not depend on the order of `lines`.
pub(crate) fn node_lines(lines: &[RoadLine], snap_mm: f64, findings: &mut Vec<Finding>) -> Vec<NodedLine> {
    let mut noded = walkable(lines, findings);
    let mut cuts = snap_ends(&mut noded, snap_mm);
    cuts.append(&mut crossings(&noded));
    insert(&mut noded, cuts);
    noded
}

fn walkable(lines: &[RoadLine], findings: &mut Vec<Finding>) -> Vec<NodedLine> {
    let mut noded = Vec::new();
    for (line, road) in (0..).zip(lines).filter(|(_, road)| road.walkable) {
        let good = road.points.iter().all(|&point| usable(point));
        let mut points: Vec<Mm> = if good { road.points.iter().map(|&p| to_mm(p)).collect() } else { Vec::new() };
        points.dedup();
        if points.len() < 2 {
            let (zh, en) = if good {
                (
                    "道路不足两个不同的点，未用于步行路网。",
                    "The road has fewer than two distinct points; it is not walked on.",
                )
            } else {
                ("道路坐标无效，未用于步行路网。", "The road has invalid coordinates; it is not walked on.")
            };
            findings.push(
                Finding::warning(
                    "EVA-030",
                    Text::new(zh, en),
                    Text::new("改正该道路的几何。", "Correct its geometry."),
                )
                .at(format!("roads {}", road.id)),
            );
            continue;
        }
        noded.push(NodedLine { line, bridge: road.bridge, points });
    }
    noded.sort_by(|a, b| {
        let (left, right) = (&lines[a.line as usize], &lines[b.line as usize]);
        id_order(&left.id, &right.id).then_with(|| a.points.cmp(&b.points)).then(a.bridge.cmp(&b.bridge))
    });
    noded
}

fn index(lines: &[NodedLine]) -> RTree<Boxed> {
    let boxes = (0..).zip(lines).flat_map(|(line, noded)| {
        (0..).zip(noded.points.windows(2)).map(move |(at, ends)| Boxed {
            piece: Piece { line, at },
            corners: AABB::from_corners([ends[0].0, ends[0].1], [ends[1].0, ends[1].1]),
        })
    });
    RTree::bulk_load(boxes.collect())
}

fn ends(lines: &[NodedLine], piece: Piece) -> (Mm, Mm) {
    let points = &lines[piece.line as usize].points;
    (points[piece.at as usize], points[piece.at as usize + 1])
}

/// Vertices to insert: (line, piece, vertex).
type Cuts = Vec<(u32, u32, Mm)>;

/// Moves each end that no other vertex shares to the nearest vertex, else the nearest point, of a line within `snap_mm`.
fn snap_ends(lines: &mut [NodedLine], snap_mm: f64) -> Cuts {
    let mut cuts = Cuts::new();
    let reach = snap_mm.ceil() as i64;
    if reach == 0 {
        return cuts;
    }
    let tree = index(lines);
    let mut uses: BTreeMap<Mm, u32> = BTreeMap::new();
    for &point in lines.iter().flat_map(|line| &line.points) {
        *uses.entry(point).or_default() += 1;
    }
    let mut cuts_of: BTreeMap<(u32, u32), Vec<Mm>> = BTreeMap::new();
    for line in 0..lines.len() as u32 {
        for last in [false, true] {
            let own = &lines[line as usize];
            let count = own.points.len();
            let at = if last { count - 1 } else { 0 };
            let end = own.points[at];
            // An end that moves must not swallow its own line.
            let neighbour = own.points[if last { count - 2 } else { 1 }];
            if uses.get(&end).is_some_and(|&uses| uses > 1) || distance_mm(end, neighbour) <= 2.0 * snap_mm {
                continue;
            }
            let own_piece = if last { count - 2 } else { 0 } as u32;
            // Ends seen earlier have moved by up to the same reach.
            let around =
                AABB::from_corners([end.0 - 2 * reach, end.1 - 2 * reach], [end.0 + 2 * reach, end.1 + 2 * reach]);
            // (no vertex, distance, place, piece): the least is taken.
            let mut best: Option<(bool, f64, Mm, Piece)> = None;
            for found in tree.locate_in_envelope_intersecting(around) {
                let piece = found.piece;
                if piece.line == line && piece.at == own_piece {
                    continue;
                }
                let other = &lines[piece.line as usize];
                let (a, b) = ends(lines, piece);
                // A bridge comes down at its end; under the middle of a bridge a road passes by.
                let interior = own.bridge || !other.bridge;
                let place = piece.at as usize;
                let known = [(a, interior || place == 0), (b, interior || place + 2 == other.points.len())];
                let cut = cuts_of.get(&(piece.line, piece.at)).into_iter().flatten().map(|&p| (p, interior));
                let vertices = known.into_iter().chain(cut).filter(|&(p, allowed)| allowed && p != end);
                let foot = nearest_on(a, b, end).0;
                let options = vertices
                    .map(|(p, _)| (false, p))
                    .chain((interior && foot != a && foot != b).then_some((true, foot)));
                for (foot, place) in options {
                    let option = (foot, distance_mm(end, place), place, piece);
                    let better = |than: &(bool, f64, Mm, Piece)| {
                        (option.0.cmp(&than.0))
                            .then(option.1.total_cmp(&than.1))
                            .then(option.2.cmp(&than.2))
                            .then((piece.line, piece.at).cmp(&(than.3.line, than.3.at)))
                            .is_lt()
                    };
                    if option.1 <= snap_mm && best.as_ref().is_none_or(better) {
                        best = Some(option);
                    }
                }
            }
            let Some((is_foot, _, place, piece)) = best else { continue };
            if is_foot {
                cuts.push((piece.line, piece.at, place));
                cuts_of.entry((piece.line, piece.at)).or_default().push(place);
                *uses.entry(place).or_default() += 1;
            }
            uses.entry(end).and_modify(|uses| *uses -= 1);
            *uses.entry(place).or_default() += 1;
            lines[line as usize].points[at] = place;
        }
    }
    cuts
}

/// Where ground lines cross, touch or overlap.
fn crossings(lines: &[NodedLine]) -> Cuts {
    let tree = index(lines);
    let touch = TOUCH_MM.ceil() as i64;
    let pieces: Vec<Piece> = (0..)
        .zip(lines)
        .filter(|(_, line)| !line.bridge)
        .flat_map(|(line, noded)| (0..noded.points.len() as u32 - 1).map(move |at| Piece { line, at }))
        .collect();
    let found: Vec<Cuts> = pieces
        .par_iter()
        .map(|&piece| {
            let (a, b) = ends(lines, piece);
            let around = AABB::from_corners(
                [a.0.min(b.0) - touch, a.1.min(b.1) - touch],
                [a.0.max(b.0) + touch, a.1.max(b.1) + touch],
            );
            let mut cuts = Cuts::new();
            for other in tree.locate_in_envelope_intersecting(around).map(|boxed| boxed.piece) {
                let same = (other.line, other.at) == (piece.line, piece.at);
                if same || lines[other.line as usize].bridge {
                    continue;
                }
                let (c, d) = ends(lines, other);
                let before = cuts.len();
                cuts.extend([c, d].into_iter().filter(|&p| on(a, b, p)).map(|p| (piece.line, piece.at, p)));
                let touched = cuts.len() > before || [a, b].into_iter().any(|p| p == c || p == d || on(c, d, p));
                if !touched && let Some(place) = meeting(piece, other, (a, b), (c, d)) {
                    cuts.push((piece.line, piece.at, place));
                }
            }
            cuts
        })
        .collect();
    found.into_iter().flatten().collect()
}

/// The crossing of two pieces: computed in one order, so that both get the same point.
fn meeting(one: Piece, other: Piece, first: (Mm, Mm), second: (Mm, Mm)) -> Option<Mm> {
    if (one.line, one.at) < (other.line, other.at) {
        crossing(first.0, first.1, second.0, second.1)
    } else {
        crossing(second.0, second.1, first.0, first.1)
    }
}

/// Whether `p` lies on the inside of a–b.
fn on(a: Mm, b: Mm, p: Mm) -> bool {
    let (foot, share) = nearest_on(a, b, p);
    p != a && p != b && share > 0.0 && share < 1.0 && distance_mm(foot, p) <= TOUCH_MM
}

fn insert(lines: &mut [NodedLine], mut cuts: Cuts) {
    cuts.sort_unstable();
    cuts.dedup();
    for of_line in cuts.chunk_by(|x, y| x.0 == y.0) {
        let points = &mut lines[of_line[0].0 as usize].points;
        let mut all = Vec::with_capacity(points.len() + of_line.len());
        let mut rest = of_line;
        for (at, pair) in (0..).zip(points.windows(2)) {
            all.push(pair[0]);
            let (here, later) = rest.split_at(rest.partition_point(|cut| cut.1 <= at));
            rest = later;
            let mut here: Vec<(f64, Mm)> =
                here.iter().map(|cut| (nearest_on(pair[0], pair[1], cut.2).1, cut.2)).collect();
            here.sort_by(|x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            all.extend(here.into_iter().map(|(_, p)| p));
        }
        all.extend(points.last().copied());
        all.dedup();
        *points = all;
    }
}

/// Cuts a polyline into pieces no longer than `longest_mm`, equal along the line.
pub(crate) fn divide(points: &[Mm], longest_mm: f64) -> Vec<Vec<Mm>> {
    let total: f64 = points.windows(2).map(|pair| distance_mm(pair[0], pair[1])).sum();
    let parts = (total / longest_mm).ceil().max(1.0) as usize;
    let mut pieces = Vec::with_capacity(parts);
    let mut piece = vec![points[0]];
    let mut walked = 0.0;
    for pair in points.windows(2) {
        let length = distance_mm(pair[0], pair[1]);
        while pieces.len() + 1 < parts {
            let target = total * (pieces.len() + 1) as f64 / parts as f64;
            if target >= walked + length {
                break;
            }
            let place = between(pair[0], pair[1], (target - walked) / length);
            piece.push(place);
            pieces.push(std::mem::replace(&mut piece, vec![place]));
        }
        piece.push(pair[1]);
        walked += length;
    }
    pieces.push(piece);
    for piece in &mut pieces {
        piece.dedup();
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// Metres of a polyline in millimetres, as in the file of roads.
pub(crate) fn metres(points: &[Mm]) -> impl Iterator<Item = (f64, f64)> {
    points.iter().map(|&p| to_m(p))
}
