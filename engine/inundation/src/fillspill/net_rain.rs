//! Rain less infiltration and assumed drains, summed per leaf.

use crate::FlowProblem;
use crate::balance::Total;
use crate::fillspill::hierarchy::{Hierarchy, NONE};
use crate::roofs::drain_roofs;
use crate::simulate::MM_H;
use dayu_storm::RainSource;

/// Net rain up to a time. Within a row of the rain the losses take at most what falls.
pub(crate) struct NetRain<'a> {
    problem: &'a FlowProblem,
    hierarchy: &'a Hierarchy,
    rows: Vec<f64>,
    time_s: f64,
    rate_mm_h: Vec<f64>,
    /// cells of each leaf; the last is the outside
    cells: Vec<f64>,
    /// m of cell per leaf
    pub leaf_m: Vec<f64>,
    /// m of cell that fell where water leaves at once
    pub outside_m: f64,
    rain_m: Total,
    infiltrated_m: Total,
    drained_m: Total,
}

impl<'a> NetRain<'a> {
    pub fn new(problem: &'a FlowProblem, hierarchy: &'a Hierarchy) -> Self {
        let mut cells = vec![0.0; hierarchy.leaves + 1];
        let (mut leaf_m, mut outside_m) = (vec![0.0; hierarchy.leaves], 0.0);
        for &c in &hierarchy.order {
            let leaf = hierarchy.leaf_of[c as usize];
            let place = if leaf == NONE { hierarchy.leaves } else { leaf as usize };
            cells[place] += 1.0;
            let initial = problem.initial_depth_m.get(c as usize).copied().unwrap_or(0.0);
            match leaf_m.get_mut(place) {
                Some(m) => *m += initial,
                None => outside_m += initial,
            }
        }
        Self {
            rows: problem.rain.row_times(),
            time_s: 0.0,
            rate_mm_h: vec![0.0; problem.grid.len()],
            cells,
            leaf_m,
            outside_m,
            rain_m: Total::default(),
            infiltrated_m: Total::default(),
            drained_m: Total::default(),
            problem,
            hierarchy,
        }
    }

    pub fn rain_m3(&self) -> f64 {
        self.rain_m.value() * self.problem.grid.cell_area_m2()
    }
    pub fn infiltrated_m3(&self) -> f64 {
        self.infiltrated_m.value() * self.problem.grid.cell_area_m2()
    }
    pub fn drained_m3(&self) -> f64 {
        self.drained_m.value() * self.problem.grid.cell_area_m2()
    }
    pub fn lost_m3(&self) -> f64 {
        self.infiltrated_m3() + self.drained_m3()
    }

    /// Adds what falls until a time.
    pub fn advance(&mut self, until_s: f64) {
        while self.time_s < until_s {
            let next = self.rows.iter().copied().find(|t| *t > self.time_s).unwrap_or(f64::INFINITY);
            let end = next.min(until_s);
            self.add(self.time_s, end - self.time_s);
            self.time_s = end;
        }
    }

    fn add(&mut self, time_s: f64, length_s: f64) {
        let problem = self.problem;
        let infiltration = problem.infiltration.constant_mm_h();
        let losses = !infiltration.is_empty() || !problem.drain_mm_h.is_empty();
        let uniform = problem.rain.sources.iter().all(|s| matches!(s, RainSource::Uniform(_)));
        if uniform && !losses && problem.roofs.is_empty() {
            // One rate everywhere: leaves by their cells.
            let mut one = [0.0];
            let grid = dayu_terrain::GridSpec { nx: 1, ny: 1, ..problem.grid };
            problem.rain.rates_at(time_s, &grid, &mut one);
            let fallen = one[0] * MM_H * length_s;
            self.leaf_m.iter_mut().zip(&self.cells).for_each(|(m, n)| *m += fallen * n);
            self.outside_m += fallen * self.cells[self.hierarchy.leaves];
            self.rain_m.add(fallen * self.hierarchy.order.len() as f64);
            return;
        }
        problem.rain.rates_at(time_s, &problem.grid, &mut self.rate_mm_h);
        drain_roofs(&problem.roofs, &mut self.rate_mm_h);
        let rate = |rates: &[f64], cell: usize| rates.get(cell).copied().unwrap_or(0.0);
        let (mut rain, mut infiltrated, mut drained) = (0.0, 0.0, 0.0);
        for &c in &self.hierarchy.order {
            let cell = c as usize;
            let fallen = self.rate_mm_h[cell];
            let into = rate(infiltration, cell).min(fallen);
            let drain = rate(&problem.drain_mm_h, cell).min(fallen - into);
            (rain, infiltrated, drained) = (rain + fallen, infiltrated + into, drained + drain);
            let net = (fallen - into - drain) * MM_H * length_s;
            match self.leaf_m.get_mut(self.hierarchy.leaf_of[cell] as usize) {
                Some(m) => *m += net,
                None => self.outside_m += net,
            }
        }
        let scale = MM_H * length_s;
        self.rain_m.add(rain * scale);
        self.infiltrated_m.add(infiltrated * scale);
        self.drained_m.add(drained * scale);
    }
}
