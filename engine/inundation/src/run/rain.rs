//! Rain as it holds until its next row.

use super::Run;
use crate::simulate::MM_H;
use crate::unit::DEEPEST_UNITS;

/// Rain that holds now.
pub(super) enum RainNow {
    /// m/s, the same everywhere
    Uniform(f64),
    /// m/s per cell, 0 in walls
    Field(Vec<f32>),
}

impl Run<'_> {
    /// Units of uniform rain that fall in a step; what is left of a unit falls later.
    pub(super) fn uniform_rain(&mut self, dt_s: f64, unit_m: f64) -> i32 {
        let RainNow::Uniform(rate) = self.rain else { return 0 };
        self.rain_owed += rate * dt_s / unit_m;
        let whole = (self.rain_owed + 0.5).floor().clamp(0.0, f64::from(DEEPEST_UNITS));
        self.rain_owed -= whole;
        whole as i32
    }

    /// Takes the rain of the row that begins now, and remembers where it falls.
    pub(super) fn set_rain(&mut self, time_s: f64) {
        let (mesh, rain) = (&self.mesh, &self.problem.rain);
        let uniform = rain.sources.iter().try_fold(0.0, |sum, source| match source {
            dayu_storm::RainSource::Uniform(series) => {
                Some(sum + Some(series.at(time_s)).filter(|r| *r > 0.0).unwrap_or(0.0))
            }
            _ => None,
        });
        // Rain of roofs falls on their streets: no two cells need get the same.
        let uniform = uniform.filter(|_| self.problem.roofs.is_empty());
        let (nx, blocks) = (mesh.nx, mesh.blocks());
        self.rain = match uniform {
            Some(rate) => {
                self.plan.raining.fill(rate > 0.0);
                RainNow::Uniform(rate * MM_H)
            }
            None => {
                let mut rates = vec![0.0; self.problem.grid.len()];
                rain.rates_at(time_s, &self.problem.grid, &mut rates);
                crate::roofs::drain_roofs(&self.problem.roofs, &mut rates);
                let rate = |(r, z): (&f64, &f64)| if z.is_nan() { 0.0 } else { (r * MM_H) as f32 };
                let rates: Vec<f32> = rates.iter().zip(&self.problem.bed_m).map(rate).collect();
                for (j, row) in rates.chunks_exact(nx).enumerate() {
                    for (b, block) in row.chunks(crate::mesh::BLOCK).enumerate() {
                        self.plan.raining[j * blocks + b] = block.iter().any(|r| *r > 0.0);
                    }
                }
                RainNow::Field(rates)
            }
        };
    }
}
