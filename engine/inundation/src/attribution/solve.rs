//! The balance of one window: what entered and left every cell, and the shares that follow.

use crate::mesh::Mesh;
use std::collections::BTreeMap;

/// Sources solved together: one vector.
pub(super) const LANES: usize = 4;

/// Shares are solved to this.
const TOLERANCE: f64 = 1e-11;

/// Passes at most. Cells follow those that give to them, so that one pass solves all but what lies in or below water that goes round.
const MOST_PASSES: usize = 400;

/// Has its place in the order.
const PLACED: u8 = u8::MAX;

/// A window of steps in whole units.
pub(super) struct Window<'a> {
    nx: usize,
    ny: usize,
    is_free: Vec<bool>,
    before: &'a [i32],
    after: &'a [i32],
    sums_x: &'a [i64],
    sums_y: &'a [i64],
    /// giving cell, getting cell, units
    links: &'a [(usize, usize, i64)],
    /// per cell: 1 ÷ (what it held and what entered), 0 where nothing did
    per_water: Vec<f64>,
    /// per cell: rain less losses of the window (negative: losses less rain)
    rained: Vec<i64>,
    /// source of the rain of a cell
    rain_source: Vec<u8>,
    /// given by boundaries: cell, source, units
    given: Vec<(usize, usize, i64)>,
    taken: Vec<(usize, i64)>,
    /// per row: columns with water
    span: Vec<(usize, usize)>,
    right: Vec<[f64; LANES]>,
    /// cells with water, each after those that give to it
    order: Vec<u32>,
    /// place in the order from which passes are repeated: the first cell that comes before one that gives to it
    again_from: usize,
}

impl<'a> Window<'a> {
    pub fn new(
        mesh: &Mesh,
        before: &'a [i32],
        after: &'a [i32],
        [sums_x, sums_y]: [&'a [i64]; 2],
        links: &'a [(usize, usize, i64)],
    ) -> Self {
        let n = mesh.nx * mesh.ny;
        let is_free = (0..n).map(|c| mesh.roughness[c] >= 0.0 && !mesh.is_held(c)).collect();
        Self {
            nx: mesh.nx,
            ny: mesh.ny,
            is_free,
            before,
            after,
            sums_x,
            sums_y,
            links,
            per_water: vec![0.0; n],
            rained: vec![0; n],
            rain_source: vec![0; n],
            given: Vec::new(),
            taken: Vec::new(),
            span: vec![(0, 0); mesh.ny],
            right: vec![[0.0; LANES]; n],
            order: Vec::new(),
            again_from: 0,
        }
    }

    /// Units that come over the faces of a cell from west, east, south and north; negative: leave.
    fn over_faces(&self, cell: usize) -> [i64; 4] {
        let west = cell + cell / self.nx;
        [self.sums_x[west], -self.sums_x[west + 1], self.sums_y[cell], -self.sums_y[cell + self.nx]]
    }

    /// What entered every cell.
    pub fn settle(
        &mut self,
        given: &BTreeMap<(usize, usize), i64>,
        taken: &BTreeMap<usize, i64>,
        rain_source: &dyn Fn(usize) -> usize,
    ) {
        self.given = given.iter().map(|((cell, source), units)| (*cell, *source, *units)).collect();
        self.taken = taken.iter().map(|(cell, units)| (*cell, *units)).collect();
        // Cells with something beside faces and rain: what it brought, in all and gross.
        let mut beside: BTreeMap<usize, (i64, i64)> = BTreeMap::new();
        let mut note = |cell: usize, net: i64| {
            let entry = beside.entry(cell).or_default();
            entry.0 += net;
            entry.1 += net.max(0);
        };
        self.given.iter().for_each(|(cell, _, units)| note(*cell, *units));
        self.taken.iter().for_each(|(cell, units)| note(*cell, -units));
        for (from, to, units) in self.links {
            note(*from, -units);
            note(*to, *units);
        }
        let mut beside = beside.into_iter().peekable();
        for j in 0..self.ny {
            let (mut first, mut last) = (self.nx, 0);
            for i in 0..self.nx {
                let cell = j * self.nx + i;
                let (net, gross) = match beside.peek() {
                    Some((at, found)) if *at == cell => {
                        let found = *found;
                        beside.next();
                        found
                    }
                    _ => (0, 0),
                };
                if !self.is_free[cell] {
                    continue;
                }
                let faces = self.over_faces(cell);
                let (was, is) = (i64::from(self.before[cell]), i64::from(self.after[cell]));
                let rained = is - was - faces.iter().sum::<i64>() - net;
                let water = was + faces.iter().map(|f| (*f).max(0)).sum::<i64>() + gross + rained.max(0);
                self.rained[cell] = rained;
                if water > 0 {
                    self.per_water[cell] = 1.0 / water as f64;
                    self.rain_source[cell] = if rained > 0 { rain_source(cell) as u8 } else { 0 };
                    (first, last) = (first.min(i), i + 1);
                }
            }
            self.span[j] = (first.min(last), last);
        }
        self.arrange();
    }

    /// Puts the cells with water in an order in which each follows those that give to it. Where water goes round, the first cell of the
    /// grid that waits goes before its givers. Links do not count: what they bring is looked up again in each pass.
    fn arrange(&mut self) {
        let n = self.per_water.len();
        let has_water = |cell: usize| self.per_water.get(cell).is_some_and(|w| *w > 0.0);
        let mut waits_for = vec![PLACED; n];
        for cell in (0..n).filter(|cell| has_water(*cell)) {
            let givers = self.over_faces(cell).into_iter().zip(self.around(cell));
            waits_for[cell] = givers.filter(|(units, giver)| *units > 0 && has_water(*giver)).count() as u8;
        }
        let mut order: Vec<u32> = Vec::with_capacity(n);
        let mut ready: Vec<u32> = Vec::new();
        let mut again_from = None;
        for is_forced in [false, true] {
            for cell in 0..n {
                if waits_for[cell] == PLACED || (waits_for[cell] > 0 && !is_forced) {
                    continue;
                }
                if is_forced {
                    again_from = again_from.or(Some(order.len()));
                }
                waits_for[cell] = PLACED;
                ready.push(cell as u32);
                while let Some(next) = ready.pop() {
                    order.push(next);
                    let next = next as usize;
                    for (units, getter) in self.over_faces(next).into_iter().zip(self.around(next)) {
                        if units >= 0 || waits_for.get(getter).is_none_or(|waits| *waits == PLACED) {
                            continue;
                        }
                        waits_for[getter] -= 1;
                        if waits_for[getter] == 0 {
                            waits_for[getter] = PLACED;
                            ready.push(getter as u32);
                        }
                    }
                }
            }
        }
        self.again_from = if self.links.is_empty() { again_from.unwrap_or(order.len()) } else { 0 };
        self.order = order;
    }

    /// Units that entered free cells, per source.
    pub fn entered(&self, sources: usize, held: &[(usize, usize)], source_of: impl Fn(usize) -> usize) -> Vec<i64> {
        let mut entered = vec![0; sources];
        for (cell, rained) in self.rained.iter().enumerate().filter(|(_, r)| **r > 0) {
            entered[usize::from(self.rain_source[cell])] += rained;
        }
        self.given.iter().filter(|g| self.is_free[g.0]).for_each(|(_, source, units)| entered[*source] += units);
        for (cell, boundary) in held {
            // What leaves a held cell comes from its boundary.
            let out: i64 = self.beside_free(*cell).map(|units| (-units).max(0)).sum();
            let linked = self.links.iter().filter(|l| l.0 == *cell && self.is_free[l.1]).map(|l| l.2).sum::<i64>();
            entered[source_of(*boundary)] += out + linked;
        }
        entered
    }

    /// Units over the faces of a cell that lead to free cells, entering positive.
    fn beside_free(&self, cell: usize) -> impl Iterator<Item = i64> + '_ {
        let around = self.around(cell);
        let is_free = move |c: usize| c < self.is_free.len() && self.is_free[c];
        self.over_faces(cell).into_iter().zip(around).filter(move |(_, c)| is_free(*c)).map(|(f, _)| f)
    }

    /// Cells around a cell; what lies off the grid has no number. Faces of the rim carry nothing here.
    fn around(&self, cell: usize) -> [usize; 4] {
        [cell.wrapping_sub(1), cell + 1, cell.wrapping_sub(self.nx), cell + self.nx]
    }

    /// Shares of a group of sources.
    pub fn solve(&mut self, group: usize, shares: &mut [[f64; LANES]]) {
        let mut right = std::mem::take(&mut self.right);
        for j in 0..self.ny {
            let (first, last) = self.span[j];
            for cell in j * self.nx + first..j * self.nx + last {
                let was = f64::from(self.before[cell]);
                right[cell] = shares[cell].map(|share| was * share);
                let (rained, source) = (self.rained[cell], usize::from(self.rain_source[cell]));
                if rained > 0 && source / LANES == group {
                    right[cell][source % LANES] += rained as f64;
                }
            }
        }
        for (cell, source, units) in self.given.iter().filter(|g| g.1 / LANES == group) {
            right[*cell][source % LANES] += *units as f64;
        }
        // Water of links is taken from the pass before.
        let mut linked: Vec<[f64; LANES]> = vec![[0.0; LANES]; self.links.len()];
        for pass in 0..MOST_PASSES {
            for ((from, to, units), last) in self.links.iter().zip(&mut linked) {
                let now = shares[*from].map(|share| share * *units as f64);
                (0..LANES).for_each(|k| right[*to][k] += now[k] - last[k]);
                *last = now;
            }
            let from = if pass == 0 { 0 } else { self.again_from };
            let mut most = [0.0_f64; LANES];
            for cell in &self.order[from..] {
                self.mix(*cell as usize, &right, shares, &mut most);
            }
            if self.again_from == self.order.len() || most.iter().all(|change| *change <= TOLERANCE) {
                break;
            }
        }
        self.right = right;
    }

    /// Shares of a cell from those of the cells that give to it; notes the greatest changes.
    #[inline(always)]
    fn mix(&self, cell: usize, right: &[[f64; LANES]], shares: &mut [[f64; LANES]], most: &mut [f64; LANES]) {
        let mut sum = right[cell];
        for (units, giver) in self.over_faces(cell).into_iter().zip(self.around(cell)) {
            if units > 0
                && let Some(giver) = shares.get(giver)
            {
                let (units, giver) = (units as f64, *giver);
                (0..LANES).for_each(|k| sum[k] += units * giver[k]);
            }
        }
        let (per_water, own) = (self.per_water[cell], &mut shares[cell]);
        for k in 0..LANES {
            let share = sum[k] * per_water;
            let change = (share - own[k]).abs();
            most[k] = if change > most[k] { change } else { most[k] };
            own[k] = share;
        }
    }

    /// Units of the group's sources that left free cells for good.
    pub fn gone(&self, shares: &[[f64; LANES]]) -> [f64; LANES] {
        let mut gone = [0.0; LANES];
        let mut leaves = |cell: usize, units: i64| {
            (0..LANES).for_each(|k| gone[k] += units as f64 * shares[cell][k]);
        };
        for j in 0..self.ny {
            let (first, last) = self.span[j];
            for cell in j * self.nx + first..j * self.nx + last {
                if !self.is_free[cell] {
                    continue;
                }
                if self.rained[cell] < 0 {
                    leaves(cell, -self.rained[cell]);
                }
                for (units, other) in self.over_faces(cell).into_iter().zip(self.around(cell)) {
                    if units < 0 && !self.is_free.get(other).copied().unwrap_or(false) {
                        leaves(cell, -units);
                    }
                }
            }
        }
        self.taken.iter().filter(|t| self.is_free[t.0]).for_each(|(cell, units)| leaves(*cell, *units));
        for (from, to, units) in self.links {
            if self.is_free[*from] && !self.is_free[*to] {
                leaves(*from, *units);
            }
        }
        gone
    }
}
