//! Hollows of the ground and how they join: every cell drains to one hollow; hollows that meet at a sill become one larger hollow.

use rayon::prelude::*;

/// No cell, hollow or parent.
pub(crate) const NONE: u32 = u32::MAX;

/// Which neighbours touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Connectivity {
    /// sides
    Four,
    /// sides and corners
    Eight,
}

/// One hollow: a leaf is a single pit with the cells that drain to it, the others are two hollows joined over a sill.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hollow {
    pub children: Option<(u32, u32)>,
    /// hollow joined into at the sill, or [`NONE`]
    pub parent: u32,
    /// level at which it runs over, m; ∞ when it never does
    pub sill_m: f64,
    /// water it holds up to its sill, m of cell
    pub capacity: f64,
    /// leaf that takes what runs over; [`NONE`] = leaves the grid
    pub over_to: u32,
    /// what runs over ends outside
    pub outside: bool,
}

/// The hollows of a grid: leaves first, then joined ones by rising sill.
pub(crate) struct Hierarchy {
    pub hollows: Vec<Hollow>,
    pub leaves: usize,
    /// leaf of each cell; [`NONE`] in walls and where water leaves the grid at once
    pub leaf_of: Vec<u32>,
    /// active cells from the lowest to the highest
    pub order: Vec<u32>,
}

/// What grows while the flood rises: water surface and content of a joined hollow.
#[derive(Clone, Copy)]
struct Pool {
    /// the hollow that stands for it now; [`NONE`] = joined with the outside
    hollow: u32,
    cells: f64,
    /// sum of the beds above the lowest of all
    beds: f64,
}

impl Hierarchy {
    /// Floods the grid from below (Barnes, Callaghan & Wickert 2020, Earth Surf. Dynam. 8:431). `outlets` are cells with the level at
    /// which their water leaves the grid; `open` are cells that take every water (held rivers).
    pub fn new(nx: usize, bed_m: &[f64], connectivity: Connectivity, outlets: &[(u32, f64)], open: &[bool]) -> Self {
        let mut keyed: Vec<(u64, u32)> =
            (0_u32..).zip(bed_m).filter(|(_, z)| !z.is_nan()).map(|(c, z)| (rising(*z), c)).collect();
        keyed.par_sort_unstable();
        let order: Vec<u32> = keyed.into_iter().map(|(_, c)| c).collect();
        let lowest = order.first().map_or(0.0, |&c| bed_m[c as usize]);
        let mut leaf_of = vec![NONE; bed_m.len()];
        let mut seen = vec![false; bed_m.len()];
        let mut flood = Flood { hollows: Vec::new(), parent: Vec::new(), pools: Vec::new() };
        // Leaves must be numbered before hollows are joined: a first pass names the leaf of every cell.
        for &c in &order {
            let cell = c as usize;
            seen[cell] = true;
            if open[cell] {
                continue;
            }
            let z = bed_m[cell];
            let mut best: Option<(f64, u32)> = None;
            let mut level: Option<u32> = None;
            let mut to_open = false;
            for (n, distance) in neighbours(cell, nx, bed_m.len(), connectivity) {
                if !seen[n] || bed_m[n].is_nan() {
                    continue;
                }
                let fall = (z - bed_m[n]) / distance;
                if fall > 0.0 && best.is_none_or(|(f, _)| fall > f) {
                    best = Some((fall, leaf_of[n]));
                    to_open = open[n] || leaf_of[n] == NONE;
                } else if fall == 0.0 && level.is_none() {
                    level = Some(leaf_of[n]);
                }
            }
            leaf_of[cell] = match (best, level) {
                (Some(_), _) if to_open => NONE,
                (Some((_, leaf)), _) => leaf,
                (None, Some(leaf)) => leaf,
                (None, None) => flood.add_leaf(),
            };
        }
        let leaves = flood.hollows.len();
        // The outside is a pool of its own.
        let outside = flood.parent.len() as u32;
        flood.parent.push(outside);
        flood.pools.push(Pool { hollow: NONE, cells: 0.0, beds: 0.0 });
        let mut outlets: Vec<(u64, u32, f64)> = outlets
            .iter()
            .map(|&(c, level)| (rising(level.max(bed_m[c as usize])), c, level.max(bed_m[c as usize])))
            .collect();
        outlets.sort_unstable_by_key(|o| (o.0, o.1));
        let mut next_outlet = 0;
        seen.fill(false);
        let leaf = |cell: usize| if leaf_of[cell] == NONE { outside } else { leaf_of[cell] };
        for &c in &order {
            let cell = c as usize;
            let z = bed_m[cell];
            while let Some(&(_, at, level)) = outlets.get(next_outlet).filter(|o| o.2 < z) {
                flood.join(leaf(at as usize), outside, level - lowest, outside);
                next_outlet += 1;
            }
            seen[cell] = true;
            let own = leaf(cell);
            if own != outside {
                let root = flood.root(own);
                let pool = &mut flood.pools[root as usize];
                pool.cells += 1.0;
                pool.beds += z - lowest;
            }
            for (n, _) in neighbours(cell, nx, bed_m.len(), connectivity) {
                if seen[n] && leaf(n) != own {
                    flood.join(own, leaf(n), z - lowest, outside);
                }
            }
            while let Some(&(_, at, level)) = outlets.get(next_outlet).filter(|o| o.2 <= z) {
                flood.join(leaf(at as usize), outside, level - lowest, outside);
                next_outlet += 1;
            }
        }
        for &(_, at, level) in &outlets[next_outlet..] {
            flood.join(leaf(at as usize), outside, level - lowest, outside);
        }
        let mut hollows = flood.hollows;
        hollows.iter_mut().for_each(|h| h.sill_m += lowest);
        Self { hollows, leaves, leaf_of, order }
    }
}

struct Flood {
    hollows: Vec<Hollow>,
    /// union–find over leaves and the outside
    parent: Vec<u32>,
    /// of roots
    pools: Vec<Pool>,
}

impl Flood {
    fn add_leaf(&mut self) -> u32 {
        let leaf = self.hollows.len() as u32;
        self.hollows.push(Hollow {
            children: None,
            parent: NONE,
            sill_m: f64::INFINITY,
            capacity: f64::INFINITY,
            over_to: NONE,
            outside: false,
        });
        self.parent.push(leaf);
        self.pools.push(Pool { hollow: leaf, cells: 0.0, beds: 0.0 });
        leaf
    }

    fn root(&mut self, mut leaf: u32) -> u32 {
        while self.parent[leaf as usize] != leaf {
            let up = self.parent[self.parent[leaf as usize] as usize];
            self.parent[leaf as usize] = up;
            leaf = up;
        }
        leaf
    }

    /// Joins the pools of two leaves (or the outside) that meet at a level above the lowest bed.
    fn join(&mut self, a: u32, b: u32, level: f64, outside: u32) {
        let (ra, rb) = (self.root(a), self.root(b));
        if ra == rb {
            return;
        }
        let (pa, pb) = (self.pools[ra as usize], self.pools[rb as usize]);
        for (pool, to) in [(pa, b), (pb, a)] {
            if let Some(hollow) = self.hollows.get_mut(pool.hollow as usize).filter(|_| pool.hollow != NONE) {
                hollow.sill_m = level;
                hollow.capacity = (pool.cells * level - pool.beds).max(0.0);
                hollow.over_to = if to == outside { NONE } else { to };
                hollow.outside = pa.hollow == NONE || pb.hollow == NONE;
            }
        }
        let hollow = if pa.hollow == NONE || pb.hollow == NONE {
            NONE
        } else {
            let joined = self.hollows.len() as u32;
            self.hollows[pa.hollow as usize].parent = joined;
            self.hollows[pb.hollow as usize].parent = joined;
            self.hollows.push(Hollow {
                children: Some((pa.hollow, pb.hollow)),
                parent: NONE,
                sill_m: f64::INFINITY,
                capacity: f64::INFINITY,
                over_to: NONE,
                outside: false,
            });
            joined
        };
        let (root, other) = if pa.cells >= pb.cells { (ra, rb) } else { (rb, ra) };
        self.parent[other as usize] = root;
        self.pools[root as usize] = Pool { hollow, cells: pa.cells + pb.cells, beds: pa.beds + pb.beds };
    }
}

/// Bits that rise with the number.
fn rising(z: f64) -> u64 {
    let bits = z.to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Neighbours of a cell with their distance in cells.
fn neighbours(cell: usize, nx: usize, n: usize, connectivity: Connectivity) -> impl Iterator<Item = (usize, f64)> {
    const AROUND: [(isize, isize, f64); 8] = [
        (-1, 0, 1.0),
        (1, 0, 1.0),
        (0, -1, 1.0),
        (0, 1, 1.0),
        (-1, -1, std::f64::consts::SQRT_2),
        (1, -1, std::f64::consts::SQRT_2),
        (-1, 1, std::f64::consts::SQRT_2),
        (1, 1, std::f64::consts::SQRT_2),
    ];
    let count = if connectivity == Connectivity::Four { 4 } else { 8 };
    let column = (cell % nx) as isize;
    AROUND[..count].iter().filter_map(move |&(dx, dy, distance)| {
        let to = column + dx;
        let at = cell as isize + dy * nx as isize + dx;
        (to >= 0 && to < nx as isize && at >= 0 && at < n as isize).then_some((at as usize, distance))
    })
}
