//! Water in the hollows: what each takes, what runs over, and the level it stands at.

use crate::fillspill::hierarchy::{Hierarchy, NONE};

/// Water of the hollows, m of cell.
pub(crate) struct Poured {
    /// of a joined hollow: what stands in it once both its parts are full; before that, the capacity of both
    volume: Vec<f64>,
    full: Vec<bool>,
    /// where water goes that reaches a full hollow; the place after the last is the outside
    next: Vec<u32>,
    /// what left the grid
    pub left: f64,
}

impl Poured {
    /// No water yet.
    pub fn new(hierarchy: &Hierarchy) -> Self {
        let hollows = &hierarchy.hollows;
        let capacity = |k: u32| hollows[k as usize].capacity;
        let base = |children: Option<(u32, u32)>| children.map_or(0.0, |(a, b)| capacity(a) + capacity(b));
        Self {
            volume: hollows.iter().map(|h| base(h.children)).collect(),
            full: vec![false; hollows.len()],
            next: (0..=hollows.len() as u32).collect(),
            left: 0.0,
        }
    }

    /// Lets water run down into a leaf, fill, spill and merge (Barnes, Callaghan & Wickert 2021, Earth Surf. Dynam. 9:105). A full
    /// hollow hands on to the leaf beyond its sill, or to the hollow it has joined with; where that leads is remembered. The outcome does
    /// not depend on the order of leaves.
    pub fn pour(&mut self, hierarchy: &Hierarchy, leaf: u32, mut amount: f64) {
        let hollows = &hierarchy.hollows;
        let mut at = leaf;
        while amount > 0.0 {
            at = self.destination(at);
            let Some(hollow) = hollows.get(at as usize) else {
                self.left += amount;
                return;
            };
            let free = hollow.capacity - self.volume[at as usize];
            if amount < free {
                self.volume[at as usize] += amount;
                return;
            }
            amount -= free.max(0.0);
            self.volume[at as usize] = hollow.capacity;
            self.full[at as usize] = true;
            let parent = hollows.get(hollow.parent as usize);
            let sibling = parent.and_then(|p| p.children).map(|(a, b)| if a == at { b } else { a });
            self.next[at as usize] = match sibling {
                // Both full: the water stands above their sill.
                Some(sibling) if self.full[sibling as usize] => hollow.parent,
                _ if hollow.over_to == NONE => hollows.len() as u32,
                _ => hollow.over_to,
            };
        }
    }

    /// The hollow that takes what comes to another.
    fn destination(&mut self, mut at: u32) -> u32 {
        while self.next[at as usize] != at {
            let on = self.next[self.next[at as usize] as usize];
            self.next[at as usize] = on;
            at = on;
        }
        at
    }

    /// Level at which each leaf stands, m; −∞ = dry.
    pub fn levels(&self, hierarchy: &Hierarchy, bed_m: &[f64]) -> Vec<f64> {
        let hollows = &hierarchy.hollows;
        let mut level = vec![f64::NEG_INFINITY; hierarchy.leaves];
        // Leaf → its pond, when the pond is not full and its level has to be found.
        let mut ponds: Vec<Vec<u32>> = Vec::new();
        let mut pond_of = vec![NONE; hierarchy.leaves];
        let mut todo: Vec<u32> = (0..hollows.len() as u32).filter(|&k| hollows[k as usize].parent == NONE).collect();
        while let Some(at) = todo.pop() {
            let hollow = &hollows[at as usize];
            if let Some((a, b)) = hollow.children
                && !(self.full[a as usize] && self.full[b as usize])
            {
                todo.extend([a, b]);
                continue;
            }
            if self.volume[at as usize] <= 0.0 {
                continue;
            }
            let leaves = leaves_of(hierarchy, at);
            if self.full[at as usize] {
                leaves.iter().for_each(|&l| level[l as usize] = hollow.sill_m);
            } else {
                leaves.iter().for_each(|&l| pond_of[l as usize] = ponds.len() as u32);
                ponds.push(vec![at]);
            }
        }
        // One pass over the cells from below: a pond's cells are met in rising order.
        let mut pools: Vec<(f64, f64, f64)> =
            ponds.iter().map(|p| (self.volume[p[0] as usize], 0.0, f64::INFINITY)).collect();
        let lowest = hierarchy.order.first().map_or(0.0, |&c| bed_m[c as usize]);
        let mut count = vec![0.0; pools.len()];
        for &cell in &hierarchy.order {
            let leaf = hierarchy.leaf_of[cell as usize];
            let Some(&pond) = pond_of.get(leaf as usize).filter(|p| **p != NONE) else { continue };
            let (pool, n) = (&mut pools[pond as usize], &mut count[pond as usize]);
            let z = bed_m[cell as usize] - lowest;
            if z < pool.2 {
                pool.1 += z;
                *n += 1.0;
                pool.2 = (pool.0 + pool.1) / *n;
            }
        }
        for (leaf, pond) in pond_of.iter().enumerate().filter(|(_, p)| **p != NONE) {
            level[leaf] = pools[*pond as usize].2 + lowest;
        }
        level
    }
}

fn leaves_of(hierarchy: &Hierarchy, at: u32) -> Vec<u32> {
    let (mut leaves, mut todo) = (Vec::new(), vec![at]);
    while let Some(k) = todo.pop() {
        match hierarchy.hollows[k as usize].children {
            Some((a, b)) => todo.extend([a, b]),
            None => leaves.push(k),
        }
    }
    leaves
}
