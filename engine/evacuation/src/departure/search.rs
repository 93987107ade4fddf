//! The search back in time.

use super::link::{ALWAYS, NEVER, TimedLink, ms_ceil, ms_floor};
use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A place on the network: part of the way along a link, as of [`crate::Access`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// number of the road link ([`TimedLink::edge`])
    pub edge: u32,
    /// m from the node where the road link begins
    pub along_m: f64,
    /// straight way from the place to the link, m
    pub off_m: f64,
}

/// Until when one can leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latest {
    /// there is no safe way, not even at the start
    Never,
    /// a way stays open throughout
    Always,
    /// leave by
    Until {
        /// s from start; may be negative: before the start
        at_s: f64,
        /// number of the road link whose closing decides; `None` = the shelter's own
        decided_by: Option<u32>,
    },
}

impl Latest {
    fn of(at: i64, decided_by: Option<u32>) -> Self {
        match at {
            NEVER => Self::Never,
            ALWAYS => Self::Always,
            at => Self::Until { at_s: at as f64 / 1000.0, decided_by },
        }
    }

    /// As a number: −∞ never, +∞ always.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Never => f64::NEG_INFINITY,
            Self::Always => f64::INFINITY,
            Self::Until { at_s, .. } => at_s,
        }
    }

    /// The time to give the order: `prepare_s` before.
    #[must_use]
    pub fn less(self, prepare_s: f64) -> Self {
        match self {
            Self::Until { at_s, decided_by } => Self::Until { at_s: at_s - prepare_s, decided_by },
            other => other,
        }
    }
}

#[derive(Clone, Copy)]
struct Label {
    at: i64,
    decided_by: Option<u32>,
    /// shelter reached, by its number in the set
    shelter: u32,
}

const NONE: Label = Label { at: NEVER, decided_by: None, shelter: u32::MAX };

/// Latest departures to a set of shelters.
pub struct LatestDepartures<'a> {
    links: Cow<'a, [TimedLink]>,
    nodes: usize,
    speed_m_s: f64,
    /// (both directions of a road link) by its number
    of_edge: Vec<(Option<u32>, Option<u32>)>,
    label: Vec<Label>,
    shelters: Vec<Place>,
}

impl<'a> LatestDepartures<'a> {
    /// Searches back from `shelters` (each with the time from which it is no longer safe, s; `None` = throughout). Per road link the
    /// first of `links` leads along it, the second back; a one-way link has one.
    pub fn to(links: &'a [TimedLink], nodes: usize, speed_m_s: f64, shelters: &[(Place, Option<f64>)]) -> Self {
        Self::within(links, nodes, speed_m_s, shelters, |_| true)
    }

    /// As [`LatestDepartures::to`] over the nodes that `near` accepts.
    pub fn within(
        links: &'a [TimedLink],
        nodes: usize,
        speed_m_s: f64,
        shelters: &[(Place, Option<f64>)],
        near: impl Fn(u32) -> bool,
    ) -> Self {
        Self::search(Cow::Borrowed(links), nodes, speed_m_s, shelters, near)
    }

    /// The same search with other closing times of some road links: what keeping them open longer would win. `closes_s`: `None` = as it is.
    #[must_use]
    pub fn with_closing(
        &self,
        shelters: &[(Place, Option<f64>)],
        closes_s: impl Fn(u32) -> Option<Option<f64>>,
    ) -> Self {
        let mut links = self.links.to_vec();
        for link in &mut links {
            if let Some(other) = closes_s(link.edge) {
                link.closes_s = other;
            }
        }
        Self::search(Cow::Owned(links), self.nodes, self.speed_m_s, shelters, |_| true)
    }

    fn search(
        links: Cow<'a, [TimedLink]>,
        nodes: usize,
        speed_m_s: f64,
        shelters: &[(Place, Option<f64>)],
        near: impl Fn(u32) -> bool,
    ) -> Self {
        let edges = links.iter().map(|l| l.edge as usize + 1).max().unwrap_or(0);
        let mut of_edge: Vec<(Option<u32>, Option<u32>)> = vec![(None, None); edges];
        let mut first_in = vec![0_u32; nodes + 1];
        for (at, link) in (0..).zip(links.iter()) {
            let pair = &mut of_edge[link.edge as usize];
            if pair.0.is_none() {
                pair.0 = Some(at)
            } else {
                pair.1 = Some(at)
            }
            first_in[link.to as usize + 1] += 1;
        }
        for at in 1..first_in.len() {
            first_in[at] += first_in[at - 1];
        }
        let mut next = first_in.clone();
        let mut inward = vec![0_u32; links.len()];
        for (at, link) in (0..).zip(links.iter()) {
            inward[next[link.to as usize] as usize] = at;
            next[link.to as usize] += 1;
        }
        let mut found = Self {
            links,
            nodes,
            speed_m_s,
            of_edge,
            label: vec![NONE; nodes],
            shelters: shelters.iter().map(|s| s.0).collect(),
        };
        let mut heap = BinaryHeap::new();
        for (number, (place, until_s)) in (0_u32..).zip(shelters) {
            let until = until_s.map_or(ALWAYS, ms_floor);
            let door = found.off(place.off_m, until);
            for (link, rest) in found.towards(place) {
                let row = &found.links[link as usize];
                let label = found.before(link, rest, Label { at: door, decided_by: None, shelter: number });
                let from = row.from;
                found.improve(from, label, &mut heap);
            }
        }
        while let Some((at, Reverse(node))) = heap.pop() {
            if at < found.label[node as usize].at || !near(node) {
                continue;
            }
            let here = found.label[node as usize];
            for &link in &inward[first_in[node as usize] as usize..first_in[node as usize + 1] as usize] {
                let (from, metres) = (found.links[link as usize].from, found.links[link as usize].metres);
                let label = found.before(link, metres, here);
                found.improve(from, label, &mut heap);
            }
        }
        found
    }

    fn improve(&mut self, node: u32, label: Label, heap: &mut BinaryHeap<(i64, Reverse<u32>)>) {
        if label.at > self.label[node as usize].at {
            self.label[node as usize] = label;
            heap.push((label.at, Reverse(node)));
        }
    }

    /// The label one must have at the beginning of `metres` of a link to have `after` at their end.
    fn before(&self, link: u32, metres: f64, after: Label) -> Label {
        let row = &self.links[link as usize];
        let at = row.latest_entry(metres, after.at, self.speed_m_s);
        let closes = row.closes_s.map_or(ALWAYS, ms_floor);
        let decided_by = if closes < after.at { Some(row.edge) } else { after.decided_by };
        Label { at, decided_by, shelter: after.shelter }
    }

    fn off(&self, metres: f64, by: i64) -> i64 {
        if by == ALWAYS || by == NEVER { by } else { by - ms_ceil(metres / self.speed_m_s) }
    }

    /// Directed links on which a place lies, with the metres from their beginning to it.
    fn towards(&self, place: &Place) -> Vec<(u32, f64)> {
        let (along, back) = self.of_edge.get(place.edge as usize).copied().unwrap_or((None, None));
        let metres = |link: u32| self.links[link as usize].metres;
        let forth = along.map(|l| (l, place.along_m.min(metres(l))));
        let other = back.map(|l| (l, (metres(l) - place.along_m).max(0.0)));
        forth.into_iter().chain(other).collect()
    }

    fn label_of(&self, place: &Place) -> Label {
        let mut best = NONE;
        for (link, done) in self.towards(place) {
            let row = &self.links[link as usize];
            let label = self.before(link, (row.metres - done).max(0.0), self.label[row.to as usize]);
            if label.at > best.at {
                best = label;
            }
            // A shelter ahead on the same link.
            for (number, shelter) in (0_u32..).zip(&self.shelters).filter(|(_, s)| s.edge == place.edge) {
                let ahead = self.towards(shelter).into_iter().find(|(l, _)| *l == link).map(|(_, there)| there - done);
                if let Some(ahead) = ahead.filter(|m| *m >= 0.0) {
                    let door = Label { at: self.off(shelter.off_m, ALWAYS), decided_by: None, shelter: number };
                    let label = self.before(link, ahead, door);
                    if label.at > best.at {
                        best = label;
                    }
                }
            }
        }
        Label { at: self.off(place.off_m, best.at), ..best }
    }

    /// Until when one can leave a place.
    pub fn from(&self, place: &Place) -> Latest {
        let label = self.label_of(place);
        Latest::of(label.at, label.decided_by)
    }

    /// The shelter of the set that the last way from a place leads to.
    pub fn shelter_from(&self, place: &Place) -> Option<usize> {
        let label = self.label_of(place);
        (label.at != NEVER).then_some(label.shelter as usize)
    }

    /// Until when one can leave a node.
    pub fn from_node(&self, node: u32) -> Latest {
        self.label.get(node as usize).map_or(Latest::Never, |l| Latest::of(l.at, l.decided_by))
    }
}

/// Earliest arrival, s, of one who leaves `node` at `at_s` at the first of `goals`; `None` = roads close before. Forward in time, without
/// waiting: the check of the search back.
pub fn forward_arrival(
    links: &[TimedLink],
    nodes: usize,
    speed_m_s: f64,
    node: u32,
    at_s: f64,
    goals: &[u32],
) -> Option<f64> {
    let mut best = vec![ALWAYS; nodes];
    let mut heap = BinaryHeap::new();
    // Departures are told in whole milliseconds; 64.766 s × 1000 is a little more than 64 766 and must not become the next one.
    let start = ms_floor(at_s + 0.0005);
    best[node as usize] = start;
    heap.push(Reverse((start, node)));
    let mut out = vec![Vec::new(); nodes];
    for (at, link) in links.iter().enumerate() {
        out[link.from as usize].push(at);
    }
    while let Some(Reverse((now, node))) = heap.pop() {
        if now > best[node as usize] {
            continue;
        }
        if goals.contains(&node) {
            return Some(now as f64 / 1000.0);
        }
        for &link in &out[node as usize] {
            let row = &links[link];
            let Some(then) = row.exit(row.metres, now, speed_m_s) else { continue };
            if then < best[row.to as usize] {
                best[row.to as usize] = then;
                heap.push(Reverse((then, row.to)));
            }
        }
    }
    None
}
