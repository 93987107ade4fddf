//! A basis to start from: where people were sent before, and what a bed was worth then.
//!
//! The arcs that carried people before make a forest. It hangs on arcs without people that were tight by the duals before, and becomes a
//! strongly feasible tree: what no longer fits (people beyond the beds, beds that came free in a shelter that was full) starts as a place of
//! its own, so that the simplex has only the change to work on. Any orders give a valid start; the better they were, the shorter the way.

use crate::assignment::Canonical;
use crate::simplex::{Basis, Network, PENALTY};
use crate::tree::{NONE, Tree};
use crate::trips::Below;
use crate::{AssignmentOutcome, AssignmentProblem, Order, Trips};
use std::collections::BTreeMap;

/// Trips so much dearer than tight by the duals before may still join two parts of the forest, m.
const NEARLY_TIGHT_M: i64 = 256;

/// Where people were sent, and what a bed was worth.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Start {
    /// per demand of the problem: (shelter, people)
    pub(crate) sent: Vec<Vec<(u32, u64)>>,
    /// per shelter, m
    pub(crate) w: Vec<i64>,
}

impl Start {
    /// From orders (as [`crate::after_done`] gives them) and what a bed was worth by their duals: (shelter, m).
    pub fn new(problem: &AssignmentProblem, orders: &[Order], beds_m: &BTreeMap<String, i64>) -> Self {
        let demand: BTreeMap<&str, usize> = problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
        let shelters: BTreeMap<&str, u32> = problem.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
        let mut sent = vec![Vec::new(); problem.demand.len()];
        for order in orders {
            if let (Some(&at), Some(&to)) = (demand.get(order.demand.as_str()), shelters.get(order.shelter.as_str())) {
                let sent: &mut Vec<(u32, u64)> = &mut sent[at];
                match sent.iter_mut().find(|known| known.0 == to) {
                    Some(known) => known.1 = known.1.saturating_add(order.people),
                    None => sent.push((to, order.people)),
                }
            }
        }
        // No more than a person without a bed may weigh, however long the trips.
        let worth = |id: &String| beds_m.get(id).copied().unwrap_or(0).clamp(0, 1 << 40);
        let w = problem.shelters.iter().map(|site| worth(&site.id)).collect();
        Self { sent, w }
    }

    /// Mean of the trips, m.
    pub(crate) fn mean_m(&self, trips: &Trips) -> i64 {
        let (mut people, mut metres) = (0_u128, 0_u128);
        for (demand, sent) in (0..).zip(&self.sent) {
            for &(shelter, count) in sent {
                people += u128::from(count);
                metres += u128::from(count) * u128::from(trips.metres(demand, shelter).unwrap_or(0));
            }
        }
        i64::try_from(metres / people.max(1)).unwrap_or(0)
    }

    /// From an optimum of a problem with the same points and shelters.
    pub fn of(outcome: &AssignmentOutcome) -> Self {
        let mut sent = vec![Vec::new(); outcome.certificate.u.len()];
        outcome.moves.iter().for_each(|m| sent[m.demand as usize].push((m.shelter, m.people)));
        Self { sent, w: outcome.certificate.w.clone() }
    }
}

/// People of one place on one arc of the start.
#[derive(Clone, Copy)]
struct Piece {
    /// shelter of the network, the root for no bed
    to: u32,
    metres: u32,
    people: i64,
}

/// A start in the making: places of the network grow by what does not fit.
struct Making<'a> {
    canonical: Canonical,
    network: Network,
    trips: &'a Trips,
    w: Vec<i64>,
    below: Below,
    root: u32,
    /// per place; one piece is a leaf
    pieces: Vec<Vec<Piece>>,
    /// free beds that hang on the root
    free: Vec<i64>,
    /// shelters and root: parts of the forest
    part: Vec<u32>,
}

/// The network with a basis to start from; its places are those of `canonical` and some more. `None` where the vulnerable come first.
pub(crate) fn warm(
    problem: &AssignmentProblem,
    trips: &Trips,
    canonical: &Canonical,
    penalty_m: i64,
    start: &Start,
) -> Option<(Canonical, Network, Basis)> {
    if problem.vulnerable_first || start.sent.len() != problem.demand.len() {
        return None;
    }
    let network = canonical.network(problem, penalty_m);
    let canonical = canonical.clone();
    let root = canonical.shelter_at.len() as u32;
    let mut w = vec![i64::MAX / 2; problem.shelters.len()];
    canonical.shelter_at.iter().for_each(|&at| w[at as usize] = start.w.get(at as usize).copied().unwrap_or(0));
    let below = Below::new(w);
    let mut making = Making {
        w: canonical.shelter_at.iter().map(|&at| below.w[at as usize]).collect(),
        free: network.beds.clone(),
        part: (0..=root).collect(),
        pieces: Vec::with_capacity(network.people.len()),
        canonical,
        network,
        trips,
        below,
        root,
    };
    making.send(start);
    making.within_beds();
    making.forest();
    making.free_beds();
    making.join();
    let basis = making.basis();
    Some((making.canonical, making.network, basis))
}

impl Making<'_> {
    /// Sends people where they were sent, as far as they are there and may still go.
    fn send(&mut self, start: &Start) {
        for (place, &demand) in self.canonical.demand_at.iter().enumerate() {
            let mut left = self.network.people[place];
            let mut pieces = Vec::new();
            for &(shelter, people) in &start.sent[demand as usize] {
                let to = self.canonical.place_of[shelter as usize];
                let people = left.min(i64::try_from(people).unwrap_or(i64::MAX));
                if let (true, Some(metres)) = (to != NONE && people > 0, self.trips.metres(demand, shelter)) {
                    pieces.push(Piece { to, metres, people });
                    left -= people;
                    self.free[to as usize] -= people;
                }
            }
            if left > 0 {
                pieces.push(Piece { to: self.root, metres: PENALTY, people: left });
            }
            self.pieces.push(pieces);
        }
    }

    /// Takes the smallest parties out of shelters that cannot hold all.
    fn within_beds(&mut self) {
        if self.free.iter().all(|free| *free >= 0) {
            return;
        }
        let mut there: Vec<(u32, i64, u32)> = Vec::new();
        for (place, pieces) in (0..).zip(&self.pieces) {
            let over = pieces.iter().filter(|piece| piece.to != self.root && self.free[piece.to as usize] < 0);
            there.extend(over.map(|piece| (piece.to, piece.people, place)));
        }
        there.sort_unstable();
        for (to, people, place) in there {
            let free = &mut self.free[to as usize];
            let out = people.min(-*free);
            if out > 0 {
                *free += out;
                let root = self.root;
                let pieces = &mut self.pieces[place as usize];
                pieces.iter_mut().filter(|piece| piece.to == to).for_each(|piece| piece.people -= out);
                pieces.retain(|piece| piece.people > 0);
                match pieces.iter_mut().find(|piece| piece.to == root) {
                    Some(left) => left.people += out,
                    None => pieces.push(Piece { to: root, metres: PENALTY, people: out }),
                }
            }
        }
    }

    /// Places on several arcs become nodes as long as no cycle closes; what would close one is a place of its own.
    fn forest(&mut self) {
        for place in 0..self.pieces.len() {
            if self.pieces[place].len() < 2 {
                continue;
            }
            let pieces = std::mem::take(&mut self.pieces[place]);
            let dual = pieces.iter().filter(|p| p.to != self.root).map(|p| self.w[p.to as usize] + i64::from(p.metres));
            let no_bed_is_tight = dual.max().is_some_and(|dual| dual >= self.network.penalty_m[place]);
            let mut kept: Vec<Piece> = Vec::new();
            for piece in pieces {
                let joins = piece.to != self.root || no_bed_is_tight;
                let other = kept.iter().any(|k| self.find(k.to) == self.find(piece.to));
                if kept.is_empty() && piece.to != self.root || joins && !other && !kept.is_empty() {
                    kept.push(piece);
                } else {
                    self.apart(place, piece);
                }
            }
            for pair in 1..kept.len() {
                self.unite(kept[0].to, kept[pair].to);
            }
            self.pieces[place] = kept;
        }
    }

    /// A place of its own for people of `place`, or for free beds (`place` beyond all).
    fn apart(&mut self, place: usize, piece: Piece) {
        let (demand, penalty_m) = match self.canonical.demand_at.get(place) {
            Some(&demand) => (demand, self.network.penalty_m[place]),
            None => (NONE, 0),
        };
        if let Some(people) = self.network.people.get_mut(place) {
            *people -= piece.people;
        }
        self.canonical.demand_at.push(demand);
        self.canonical.vulnerable.push(false);
        self.network.people.push(piece.people);
        self.network.penalty_m.push(penalty_m);
        self.pieces.push(vec![piece]);
    }

    /// Free beds hang on the root where a bed was worth nothing; in a shelter that was full they are held by nobody who needs none.
    fn free_beds(&mut self) {
        for shelter in 0..self.root {
            let free = self.free[shelter as usize];
            if free == 0 {
                continue;
            }
            if self.w[shelter as usize] == 0 && self.find(shelter) != self.find(self.root) {
                self.unite(shelter, self.root);
            } else {
                self.free[shelter as usize] = 0;
                self.apart(usize::MAX, Piece { to: shelter, metres: 0, people: free });
            }
        }
    }

    /// Hangs every part without root on another by an arc without people, the tightest first.
    fn join(&mut self) {
        let root = self.find(self.root);
        if (0..self.root).all(|shelter| self.find(shelter) == root) {
            return;
        }
        let (mut found, mut row) = (Vec::new(), Vec::new());
        for (place, pieces) in self.pieces.iter().enumerate() {
            let (Some(piece), demand) = (pieces.first(), self.canonical.demand_at[place]) else { continue };
            if piece.to == self.root || demand == NONE || find(&self.part, piece.to) == root {
                continue;
            }
            let dual = i64::from(piece.metres) + self.w[piece.to as usize];
            self.trips.row_below(demand, dual + NEARLY_TIGHT_M, &self.below, &mut row);
            for &(shelter, metres) in &row {
                let to = self.canonical.place_of[shelter as usize];
                if to != NONE && find(&self.part, to) != find(&self.part, piece.to) {
                    found.push((i64::from(metres) + self.w[to as usize] - dual, place as u32, to, metres));
                }
            }
        }
        found.sort_unstable();
        loop {
            let root = self.find(self.root);
            let hangs = |place: u32| self.pieces[place as usize].first().map(|piece| find(&self.part, piece.to));
            let next = found.iter().find(|arc| hangs(arc.1) != Some(root) && find(&self.part, arc.2) == root);
            if let Some(&(_, place, to, metres)) = next {
                let from = self.pieces[place as usize][0].to;
                self.pieces[place as usize].push(Piece { to, metres, people: 0 });
                self.unite(from, to);
                continue;
            }
            let Some(lone) = (0..self.root).find(|shelter| find(&self.part, *shelter) != root) else { return };
            self.hang_on_root(lone);
        }
    }

    /// Hangs the part of a shelter on the root: by free beds, else by somebody who might go without.
    fn hang_on_root(&mut self, lone: u32) {
        let part = self.find(lone);
        let here = |piece: &Piece| piece.to != self.root && find(&self.part, piece.to) == part;
        let found = |free: bool| {
            let mut places = 0..self.pieces.len();
            places.find(|at| self.pieces[*at].iter().any(here) && (self.canonical.demand_at[*at] == NONE) == free)
        };
        if let Some(place) = found(true).or_else(|| found(false)) {
            let to = self.pieces[place][0].to;
            self.pieces[place].push(Piece { to: self.root, metres: PENALTY, people: 0 });
            self.unite(to, self.root);
        } else {
            // A shelter with beds holds guests or free beds: this cannot be.
            self.unite(lone, self.root);
        }
    }

    fn basis(&mut self) -> Basis {
        let shelters = self.root as usize;
        let nodes = 2 * shelters + 3;
        let mut leaf = vec![(self.root, PENALTY); self.pieces.len()];
        let mut node_of = vec![NONE; self.pieces.len()];
        let mut demand_of = vec![NONE; nodes];
        let mut unused: Vec<u32> = (self.root + 1..nodes as u32).rev().collect();
        let mut hangs: Vec<Vec<(u32, Piece)>> = vec![Vec::new(); nodes];
        for (place, pieces) in self.pieces.iter().enumerate() {
            match pieces.as_slice() {
                [] => {}
                [piece] => leaf[place] = (piece.to, piece.metres),
                _ => {
                    // A forest has fewer inner places than shelters.
                    let Some(node) = unused.pop() else { continue };
                    (node_of[place], demand_of[node as usize]) = (node, place as u32);
                    for piece in pieces {
                        hangs[node as usize].push((piece.to, *piece));
                        hangs[piece.to as usize].push((node, *piece));
                    }
                }
            }
        }
        let root = self.root;
        for shelter in (0..root).filter(|shelter| self.free[*shelter as usize] > 0) {
            let piece = Piece { to: shelter, metres: 0, people: self.free[shelter as usize] };
            hangs[root as usize].push((shelter, piece));
        }
        let (mut parent, mut pred, mut up) = (vec![NONE; nodes], vec![0; nodes], vec![false; nodes]);
        let (mut flow, mut dual) = (vec![0; nodes], vec![0; nodes]);
        let (mut preorder, mut stack) = (Vec::with_capacity(nodes), vec![root]);
        while let Some(node) = stack.pop() {
            preorder.push(node);
            for &(other, piece) in &hangs[node as usize] {
                let at = other as usize;
                if other == root || parent[node as usize] == other || parent[at] != NONE {
                    continue;
                }
                (parent[at], pred[at], flow[at]) = (node, piece.metres, piece.people);
                up[at] = other > root;
                let metres = match piece.metres {
                    PENALTY => self.network.penalty_m[demand_of[node.max(other) as usize] as usize],
                    metres => i64::from(metres),
                };
                dual[at] = dual[node as usize] + if other > root { metres } else { -metres };
                stack.push(other);
            }
        }
        let tree = Tree::new(&preorder, parent, pred, up, flow, dual);
        Basis::of_tree(tree, leaf, node_of, demand_of, unused, root)
    }

    fn find(&self, at: u32) -> u32 {
        find(&self.part, at)
    }

    fn unite(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.part[a as usize] = b;
    }
}

fn find(part: &[u32], mut at: u32) -> u32 {
    while part[at as usize] != at {
        at = part[at as usize];
    }
    at
}
