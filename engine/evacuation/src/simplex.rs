//! Primal network simplex for people to shelters: exact, in whole people and whole metres.
//!
//! The root stands for "no bed": an unplaced person goes demand → root at the penalty, a free bed is filled root → shelter at no
//! cost. So every shelter is filled exactly, no arc needs an upper bound, and an arc outside the tree carries nobody.
//! Strongly feasible trees (Cunningham 1976), block search (Grigoriadis 1986; Király and Kovács, Acta Univ. Sapientiae Inform. 4, 2012).

use crate::tree::{NONE, Tree};

/// People to shelters with beds, in canonical order. Everyone has people, every shelter has beds, at most one arc per pair.
pub(crate) struct Network {
    /// people per demand point, > 0
    pub people: Vec<i64>,
    /// beds per shelter, > 0
    pub beds: Vec<i64>,
    /// demand point of each arc, ascending
    pub tail: Vec<u32>,
    /// shelter of each arc
    pub head: Vec<u32>,
    /// metres of each arc
    pub cost: Vec<u32>,
}

/// Optimal flows and duals of a [`Network`].
pub(crate) struct Flow {
    /// (demand, shelter, people, metres), unsorted
    pub moves: Vec<(u32, u32, i64, u32)>,
    /// people without a bed per demand point
    pub unplaced: Vec<i64>,
    /// dual per demand point
    pub u: Vec<i64>,
    /// dual per shelter
    pub w: Vec<i64>,
}

/// The arc with the largest violation seen so far.
#[derive(Clone, Copy)]
struct Entering {
    arc: u32,
    violation: i64,
}

impl Network {
    fn demands(&self) -> usize {
        self.people.len()
    }
    fn shelters(&self) -> usize {
        self.beds.len()
    }
    fn arcs(&self) -> usize {
        self.cost.len()
    }
    fn root(&self) -> u32 {
        (self.demands() + self.shelters()) as u32
    }

    /// Ends of an arc as tree nodes: trips first, then demand → root, then root → shelter.
    fn ends(&self, arc: u32) -> (u32, u32) {
        let place = arc as usize;
        let demands = self.demands();
        if place < self.arcs() {
            (self.tail[place], demands as u32 + self.head[place])
        } else if place < self.arcs() + demands {
            ((place - self.arcs()) as u32, self.root())
        } else {
            (self.root(), (place - self.arcs()) as u32)
        }
    }

    /// Finds the least of penalty × unplaced + person-metres. `None` only if the arithmetic contradicts itself.
    pub fn solve(&self, penalty_m: i64) -> Option<Flow> {
        let mut tree = self.nearest_start(penalty_m);
        let mut search = BlockSearch::new(self, penalty_m);
        while let Some(entering) = search.next(&tree.dual) {
            let (tail, head) = self.ends(entering.arc);
            let block = tree.blocking(tail, head)?;
            tree.pivot(entering.arc, tail, head, entering.violation, &block);
        }
        Some(self.read(&tree))
    }

    /// A strongly feasible first tree: each demand point in turn goes whole to its nearest shelter that keeps a free bed, else it
    /// stays at the root.
    fn nearest_start(&self, penalty_m: i64) -> Tree {
        let (demands, shelters) = (self.demands(), self.shelters());
        let nodes = demands + shelters + 1;
        let root = self.root();
        let mut free = self.beds.clone();
        let mut choice = vec![NONE; demands];
        let mut first = 0;
        for (demand, choice) in choice.iter_mut().enumerate() {
            let mut nearest = (u32::MAX, NONE);
            let mut arc = first;
            while arc < self.arcs() && self.tail[arc] as usize == demand {
                if self.cost[arc] < nearest.0 && free[self.head[arc] as usize] > self.people[demand] {
                    nearest = (self.cost[arc], arc as u32);
                }
                arc += 1;
            }
            first = arc;
            *choice = nearest.1;
            if nearest.1 != NONE {
                free[self.head[nearest.1 as usize] as usize] -= self.people[demand];
            }
        }
        let mut guests: Vec<Vec<u32>> = vec![Vec::new(); shelters + 1];
        let mut parent = vec![root; nodes];
        let mut pred = vec![NONE; nodes];
        let mut up = vec![false; nodes];
        let mut flow = vec![0; nodes];
        let mut dual = vec![0; nodes];
        parent[root as usize] = NONE;
        for (demand, &arc) in choice.iter().enumerate() {
            up[demand] = true;
            flow[demand] = self.people[demand];
            if arc == NONE {
                guests[shelters].push(demand as u32);
                pred[demand] = (self.arcs() + demand) as u32;
                dual[demand] = penalty_m;
            } else {
                let head = self.head[arc as usize];
                guests[head as usize].push(demand as u32);
                parent[demand] = demands as u32 + head;
                pred[demand] = arc;
                dual[demand] = i64::from(self.cost[arc as usize]);
            }
        }
        let mut preorder = Vec::with_capacity(nodes);
        preorder.push(root);
        preorder.append(&mut guests[shelters]);
        for shelter in 0..shelters {
            let node = demands + shelter;
            pred[node] = (self.arcs() + node) as u32;
            flow[node] = free[shelter];
            preorder.push(node as u32);
            preorder.append(&mut guests[shelter]);
        }
        Tree::new(&preorder, parent, pred, up, flow, dual)
    }

    fn read(&self, tree: &Tree) -> Flow {
        let demands = self.demands();
        let mut moves = Vec::with_capacity(demands);
        let mut unplaced = vec![0; demands];
        for node in 0..self.root() as usize {
            let arc = tree.pred[node] as usize;
            if tree.flow[node] == 0 {
                continue;
            }
            if arc < self.arcs() {
                moves.push((self.tail[arc], self.head[arc], tree.flow[node], self.cost[arc]));
            } else if arc < self.arcs() + demands {
                unplaced[arc - self.arcs()] = tree.flow[node];
            }
        }
        let u = tree.dual[..demands].to_vec();
        let w = tree.dual[demands..self.root() as usize].to_vec();
        Flow { moves, unplaced, u, w }
    }
}

/// Looks through the arcs in blocks, round and round, and lets the worst of a block enter.
struct BlockSearch<'a> {
    network: &'a Network,
    penalty_m: i64,
    block: usize,
    next: usize,
    total: usize,
}

impl<'a> BlockSearch<'a> {
    fn new(network: &'a Network, penalty_m: i64) -> Self {
        let total = network.arcs() + network.demands() + network.shelters();
        Self { network, penalty_m, block: total.isqrt().max(20), next: 0, total }
    }

    /// The next arc to enter, or `None` when all arcs satisfy the duals: the optimum.
    fn next(&mut self, dual: &[i64]) -> Option<Entering> {
        let mut seen = 0;
        let mut best = Entering { arc: NONE, violation: 0 };
        while seen < self.total {
            let from = self.next;
            let to = self.total.min(from + self.block.min(self.total - seen));
            self.scan(from, to, dual, &mut best);
            seen += to - from;
            self.next = if to == self.total { 0 } else { to };
            if best.violation > 0 {
                return Some(best);
            }
        }
        None
    }

    fn scan(&self, from: usize, to: usize, dual: &[i64], best: &mut Entering) {
        let network = self.network;
        let (arcs, demands) = (network.arcs(), network.demands());
        let trips_to = to.min(arcs);
        if from < trips_to {
            let (of_demand, of_shelter) = dual.split_at(demands);
            let trips = network.tail[from..trips_to]
                .iter()
                .zip(&network.head[from..trips_to])
                .zip(&network.cost[from..trips_to]);
            for (arc, ((&tail, &head), &cost)) in (from as u32..).zip(trips) {
                let violation = of_demand[tail as usize] - of_shelter[head as usize] - i64::from(cost);
                if violation > best.violation {
                    *best = Entering { arc, violation };
                }
            }
        }
        for arc in from.max(arcs)..to {
            let node = arc - arcs;
            let violation = if node < demands { dual[node] - self.penalty_m } else { -dual[node] };
            if violation > best.violation {
                *best = Entering { arc: arc as u32, violation };
            }
        }
    }
}
