//! Primal network simplex for people to shelters: exact, in whole people and whole metres.
//!
//! The root stands for "no bed": an unplaced person goes demand → root at the penalty, a free bed is filled root → shelter at no
//! cost. So every shelter is filled exactly, no arc needs an upper bound, and an arc outside the tree carries nobody.
//! Strongly feasible trees (Cunningham 1976), block search (Grigoriadis 1986; Király and Kovács, Acta Univ. Sapientiae Inform. 4, 2012).
//!
//! There are few shelters and many demand points, and nearly all demand points are leaves of the tree: they go whole to one
//! shelter. Leaves are kept outside the tree as (shelter, metres), so that the tree holds the shelters, the root and the points that are
//! split: at most 2 × shelters + 2 nodes. A pivot then costs as much as the shelters involved, however many people live there.

use crate::tree::{Block, NONE, Tree};

/// In place of the metres of an arc: the penalty of the demand point.
pub(crate) const PENALTY: u32 = u32::MAX;

/// People to shelters with beds, in canonical order. Everyone has people, every shelter has beds.
pub(crate) struct Network {
    /// people per demand point, > 0
    pub people: Vec<i64>,
    /// beds per shelter, > 0
    pub beds: Vec<i64>,
    /// weight of one unplaced person per demand point, m
    pub penalty_m: Vec<i64>,
}

/// Arcs that take part, one row of (shelter, metres) a demand point, each shelter at most once.
#[derive(Clone, Default)]
pub(crate) struct Candidates {
    /// where the row of each demand point begins, and the end
    pub first: Vec<u32>,
    /// (shelter, metres)
    pub arcs: Vec<(u32, u32)>,
}

impl Candidates {
    /// No trip for each of so many points.
    pub fn none(points: usize) -> Self {
        Self { first: vec![0; points + 1], arcs: Vec::new() }
    }

    pub fn row(&self, demand: usize) -> &[(u32, u32)] {
        &self.arcs[self.first[demand] as usize..self.first[demand + 1] as usize]
    }
}

/// A strongly feasible basis with its flows and duals.
pub(crate) struct Basis {
    tree: Tree,
    /// per demand point that is a leaf: its shelter (the root for nobody placed) and the metres there
    leaf: Vec<(u32, u32)>,
    /// per demand point: its node, `NONE` for a leaf
    node_of: Vec<u32>,
    /// per node beyond the root: its demand point
    demand_of: Vec<u32>,
    /// nodes not in use
    unused: Vec<u32>,
    root: u32,
    /// demand point at which the search goes on
    cursor: usize,
}

/// An arc that violates the duals.
#[derive(Clone, Copy)]
struct Entering {
    /// demand point; `NONE` for the free beds of `shelter`
    demand: u32,
    /// shelter, or the root
    shelter: u32,
    metres: u32,
    violation: i64,
}

impl Basis {
    /// Each demand point in turn goes whole to the nearest of its shelters that keeps a free bed, else it stays without.
    pub fn nearest(network: &Network, candidates: &Candidates) -> Self {
        let shelters = network.beds.len();
        let mut free = network.beds.clone();
        let leaf = (network.people.iter().enumerate())
            .map(|(demand, &people)| {
                let open = candidates.row(demand).iter().filter(|arc| free[arc.0 as usize] > people);
                let nearest = open.min_by_key(|arc| (arc.1, arc.0)).copied();
                if let Some((shelter, _)) = nearest {
                    free[shelter as usize] -= people;
                }
                nearest.unwrap_or((shelters as u32, PENALTY))
            })
            .collect();
        Self::of_leaves(leaf, &free)
    }

    /// Every demand point a leaf, every shelter with at least one free bed.
    fn of_leaves(leaf: Vec<(u32, u32)>, free: &[i64]) -> Self {
        let shelters = free.len();
        let root = shelters as u32;
        let nodes = 2 * shelters + 3;
        let mut parent = vec![root; nodes];
        parent[shelters..].fill(NONE);
        let mut flow = free.to_vec();
        flow.resize(nodes, 0);
        let preorder: Vec<u32> = std::iter::once(root).chain(0..root).collect();
        let tree = Tree::new(&preorder, parent, vec![0; nodes], vec![false; nodes], flow, vec![0; nodes]);
        let demands = leaf.len();
        Self {
            tree,
            leaf,
            node_of: vec![NONE; demands],
            demand_of: vec![NONE; nodes],
            unused: (root + 1..nodes as u32).rev().collect(),
            root,
            cursor: 0,
        }
    }

    /// From a strongly feasible tree.
    pub fn of_tree(
        tree: Tree,
        leaf: Vec<(u32, u32)>,
        node_of: Vec<u32>,
        demand_of: Vec<u32>,
        unused: Vec<u32>,
        root: u32,
    ) -> Self {
        Self { tree, leaf, node_of, demand_of, unused, root, cursor: 0 }
    }

    /// Dual of a demand point, m: what one person more there would cost.
    pub fn u(&self, network: &Network, demand: usize) -> i64 {
        match self.node_of[demand] {
            NONE => {
                let (shelter, metres) = self.leaf[demand];
                let metres = if metres == PENALTY { network.penalty_m[demand] } else { i64::from(metres) };
                metres + self.tree.dual[shelter as usize]
            }
            node => self.tree.dual[node as usize],
        }
    }

    /// Duals of the shelters, m: what one bed more there would save. Below 0 only before the optimum.
    pub fn w(&self) -> &[i64] {
        &self.tree.dual[..self.root as usize]
    }

    /// Pivots until no candidate violates the duals. `None` only if the arithmetic contradicts itself.
    pub fn optimise(&mut self, network: &Network, candidates: &Candidates) -> Option<()> {
        let demands = network.people.len();
        // Measured on the instances of tests/data: 8 … 64 rows a block differ by less than a tenth.
        let rows = (demands.isqrt() / 4).clamp(4, 32);
        while let Some(entering) = self.search(network, candidates, rows) {
            self.pivot(network, entering)?;
        }
        Some(())
    }

    /// The worst arc of the next block of rows that has one.
    fn search(&mut self, network: &Network, candidates: &Candidates, rows: usize) -> Option<Entering> {
        let demands = network.people.len();
        let mut best = Entering { demand: NONE, shelter: NONE, metres: 0, violation: 0 };
        let mut seen = 0;
        while seen <= demands {
            let to = (self.cursor + rows.min(demands + 1 - seen)).min(demands + 1);
            for demand in self.cursor..to.min(demands) {
                self.price(network, candidates, demand, &mut best);
            }
            if to > demands {
                for (shelter, &w) in (0..).zip(self.w()) {
                    if -w > best.violation {
                        best = Entering { demand: NONE, shelter, metres: 0, violation: -w };
                    }
                }
            }
            seen += to - self.cursor;
            self.cursor = if to > demands { 0 } else { to };
            if best.violation > 0 {
                return Some(best);
            }
        }
        None
    }

    #[inline]
    fn price(&self, network: &Network, candidates: &Candidates, demand: usize, best: &mut Entering) {
        let u = self.u(network, demand);
        let dual = self.w();
        let mut least = (i64::MAX, NONE, 0);
        for &(shelter, metres) in candidates.row(demand) {
            let value = dual[shelter as usize] + i64::from(metres);
            if value < least.0 {
                least = (value, shelter, metres);
            }
        }
        let penalty = network.penalty_m[demand];
        if penalty < least.0 {
            least = (penalty, self.root, PENALTY);
        }
        if u - least.0 > best.violation {
            *best = Entering { demand: demand as u32, shelter: least.1, metres: least.2, violation: u - least.0 };
        }
    }

    fn pivot(&mut self, network: &Network, entering: Entering) -> Option<()> {
        let Entering { demand, shelter, metres, violation } = entering;
        if demand == NONE {
            let block = self.tree.blocking(self.root, shelter, i64::MAX)?;
            return self.exchange(self.root, shelter, 0, violation, &block);
        }
        let at = demand as usize;
        let node = self.node_of[at];
        if node != NONE {
            let block = self.tree.blocking(node, shelter, i64::MAX)?;
            return self.exchange(node, shelter, metres, violation, &block);
        }
        let people = network.people[at];
        let (here, metres_here) = self.leaf[at];
        let block = self.tree.blocking(here, shelter, people)?;
        if block.out == NONE {
            self.tree.pass_on(here, shelter, block.join, people);
            self.leaf[at] = (shelter, metres);
            return Some(());
        }
        let u = self.u(network, at);
        let node = self.unused.pop()?;
        self.tree.attach(node, here, metres_here, people, u);
        self.node_of[at] = node;
        self.demand_of[node as usize] = demand;
        self.exchange(node, shelter, metres, violation, &block)
    }

    /// Lets an arc between nodes enter the tree, and takes a demand point that is left with one arc out of it.
    fn exchange(&mut self, tail: u32, head: u32, metres: u32, violation: i64, block: &Block) -> Option<()> {
        let ends = [block.out, self.tree.parent[block.out as usize]];
        self.tree.pivot(metres, tail, head, violation, block);
        for node in ends {
            if node > self.root && self.tree.size(node) == 1 {
                let at = node as usize;
                let demand = self.demand_of[at] as usize;
                self.leaf[demand] = (self.tree.parent[at], self.tree.pred[at]);
                self.tree.detach(node);
                self.node_of[demand] = NONE;
                self.demand_of[at] = NONE;
                self.unused.push(node);
            }
        }
        Some(())
    }

    /// Calls `each(demand, shelter, people, metres)` for every arc that carries people, `shelter` `None` and metres 0 for no bed.
    pub fn flows(&self, network: &Network, mut each: impl FnMut(u32, Option<u32>, i64, u32)) {
        let root = self.root;
        let mut told = |demand: u32, shelter: u32, people: i64, metres: u32| {
            if people > 0 && shelter == root {
                each(demand, None, people, 0);
            } else if people > 0 {
                each(demand, Some(shelter), people, metres);
            }
        };
        for (demand, (&(shelter, metres), &node)) in (0..).zip(self.leaf.iter().zip(&self.node_of)) {
            if node == NONE {
                told(demand, shelter, network.people[demand as usize], metres);
            }
        }
        for node in 0..self.demand_of.len() as u32 {
            let at = node as usize;
            let above = self.tree.parent[at];
            if above == NONE {
                continue;
            }
            if node > root {
                told(self.demand_of[at], above, self.tree.flow[at], self.tree.pred[at]);
            } else if above > root {
                told(self.demand_of[above as usize], node, self.tree.flow[at], self.tree.pred[at]);
            }
        }
    }
}
