//! Forward in time: when one who leaves a place arrives elsewhere. The mirror of the search back.

use super::link::{ALWAYS, TimedLink, ms_ceil};
use super::search::Place;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A network ready to be searched from many places.
pub struct Outward<'a> {
    links: &'a [TimedLink],
    /// links that leave each node: `first[n] .. first[n + 1]` of `outward`
    first: Vec<u32>,
    outward: Vec<u32>,
    /// both directions of a road link by its number
    of_edge: Vec<[Option<u32>; 2]>,
}

/// Earliest arrivals of one who left a place at a time.
pub struct Arrivals<'a> {
    network: &'a Outward<'a>,
    speed_m_s: f64,
    /// per node, ms
    at: Vec<i64>,
    from: Place,
    left_ms: i64,
}

impl<'a> Outward<'a> {
    /// Over `links` between `nodes` nodes.
    pub fn of(links: &'a [TimedLink], nodes: usize) -> Self {
        let edges = links.iter().map(|l| l.edge as usize + 1).max().unwrap_or(0);
        let mut of_edge = vec![[None; 2]; edges];
        let mut first = vec![0_u32; nodes + 1];
        for (at, link) in (0..).zip(links) {
            let pair: &mut [Option<u32>; 2] = &mut of_edge[link.edge as usize];
            pair[usize::from(pair[0].is_some())] = Some(at);
            first[link.from as usize + 1] += 1;
        }
        for node in 1..first.len() {
            first[node] += first[node - 1];
        }
        let mut next = first.clone();
        let mut outward = vec![0; links.len()];
        for (at, link) in (0..).zip(links) {
            outward[next[link.from as usize] as usize] = at;
            next[link.from as usize] += 1;
        }
        Self { links, first, outward, of_edge }
    }

    /// Directed links on which a place lies, with the metres from their beginning to it.
    fn on(&self, place: &Place) -> impl Iterator<Item = (u32, f64)> + '_ {
        let pair = self.of_edge.get(place.edge as usize).copied().unwrap_or_default();
        let (along_m, links) = (place.along_m, self.links);
        let metres = move |link: u32| links[link as usize].metres;
        let forth = pair[0].map(|link| (link, along_m.min(metres(link))));
        let back = pair[1].map(|link| (link, (metres(link) - along_m).max(0.0)));
        forth.into_iter().chain(back)
    }

    /// Searches from a place left at `at_s`, without waiting.
    pub fn from(&'a self, place: &Place, at_s: f64, speed_m_s: f64) -> Arrivals<'a> {
        let left_ms = ms_ceil(at_s) + ms_ceil(place.off_m / speed_m_s);
        let mut found =
            Arrivals { network: self, speed_m_s, at: vec![ALWAYS; self.first.len() - 1], from: *place, left_ms };
        let mut heap = BinaryHeap::new();
        for (link, done) in self.on(place) {
            let row = &self.links[link as usize];
            found.reach(row.to, row.exit((row.metres - done).max(0.0), left_ms, speed_m_s), &mut heap);
        }
        while let Some(Reverse((now, node))) = heap.pop() {
            if now > found.at[node as usize] {
                continue;
            }
            for &link in &self.outward[self.first[node as usize] as usize..self.first[node as usize + 1] as usize] {
                let row = &self.links[link as usize];
                found.reach(row.to, row.exit(row.metres, now, speed_m_s), &mut heap);
            }
        }
        found
    }
}

impl Arrivals<'_> {
    fn reach(&mut self, node: u32, then: Option<i64>, heap: &mut BinaryHeap<Reverse<(i64, u32)>>) {
        if let Some(then) = then.filter(|then| *then < self.at[node as usize]) {
            self.at[node as usize] = then;
            heap.push(Reverse((then, node)));
        }
    }

    /// Arrival at a place, s; `None` = no way is open in time.
    pub fn at(&self, place: &Place) -> Option<f64> {
        let mut best: Option<i64> = None;
        for (link, upto) in self.network.on(place) {
            let row = &self.network.links[link as usize];
            let begun = self.at[row.from as usize];
            let by_node = (begun < ALWAYS).then(|| row.exit(upto, begun, self.speed_m_s)).flatten();
            // Ahead on the link that one starts from.
            let behind = self.network.on(&self.from).find(|(other, _)| *other == link).map(|(_, done)| upto - done);
            let ahead = behind.filter(|m| *m >= 0.0).and_then(|m| row.exit(m, self.left_ms, self.speed_m_s));
            best = by_node.into_iter().chain(ahead).chain(best).min();
        }
        best.map(|ms| (ms + ms_ceil(place.off_m / self.speed_m_s)) as f64 / 1000.0)
    }
}
