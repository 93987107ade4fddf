//! What the ground takes: laws of one cell (`laws.rs`), the models of the contract (`model.rs`), and the memory of all cells.
//!
//! A solver holds one [`Soil`]. After the water of a step has moved it calls [`SoilBand::take`] for the cells it has computed,
//! with the water that stands on them and the rain that fell during the step; it gets back what infiltrates, never more than
//! there is. Cells it does not compute need no call: a dry spell is made up for when water comes again.

use crate::saved::Tape;
use crate::simulate::MM_H;

pub mod laws;
mod model;

pub use model::Infiltration;

/// Parameters of the models, metres and seconds.
#[derive(Clone, Debug)]
enum Law {
    None,
    Constant { rate: Vec<f64> },
    Horton { f0: Vec<f64>, fc: Vec<f64>, decay: Vec<f64> },
    GreenAmpt { ksat: Vec<f64>, head: Vec<f64> },
    CurveNumber { retention: Vec<f64>, ia_ratio: Vec<f64> },
}

/// The infiltration model with the memory of every cell.
#[derive(Clone, Debug)]
pub(crate) struct Soil {
    law: Law,
    /// m: excess (Horton), wetting front (Green & Ampt), rain so far (curve number)
    memory_m: Vec<f64>,
    /// until when the memory holds, s
    known_s: Vec<f64>,
}

/// The memory of a run of cells; bands of one soil may be worked on at once.
pub(crate) struct SoilBand<'a> {
    law: &'a Law,
    first: usize,
    memory_m: &'a mut [f64],
    known_s: &'a mut [f64],
}

impl Soil {
    /// Dry ground at the start.
    pub fn new(model: &Infiltration, cells: usize) -> Self {
        let scaled = |values: &[f64], by: f64| values.iter().map(|v| v * by).collect::<Vec<_>>();
        let law = match model {
            Infiltration::None => Law::None,
            Infiltration::Constant { rate_mm_h } => Law::Constant { rate: scaled(rate_mm_h, MM_H) },
            Infiltration::Horton { f0_mm_h, fc_mm_h, decay_1_h } => Law::Horton {
                f0: scaled(f0_mm_h, MM_H),
                fc: scaled(fc_mm_h, MM_H),
                decay: scaled(decay_1_h, 1.0 / 3600.0),
            },
            Infiltration::GreenAmpt { ksat_mm_h, suction_m, deficit } => Law::GreenAmpt {
                ksat: scaled(ksat_mm_h, MM_H),
                head: suction_m.iter().zip(deficit).map(|(s, d)| s * d).collect(),
            },
            Infiltration::ScsCurveNumber { cn, ia_ratio } => Law::CurveNumber {
                retention: cn.iter().map(|cn| 25.4 / cn - 0.254).collect(),
                ia_ratio: ia_ratio.clone(),
            },
        };
        let n = if model.remembers() { cells } else { 0 };
        Self { law, memory_m: vec![0.0; n], known_s: vec![0.0; n] }
    }

    /// True when nothing infiltrates.
    pub fn is_idle(&self) -> bool {
        matches!(self.law, Law::None)
    }

    /// Cut into `count` bands of `cells` cells (the last may hold fewer).
    pub fn bands(&mut self, cells: usize, count: usize) -> Vec<SoilBand<'_>> {
        let law = &self.law;
        let mut memory = self.memory_m.chunks_mut(cells);
        let mut known = self.known_s.chunks_mut(cells);
        (0..count)
            .map(|b| SoilBand {
                law,
                first: b * cells,
                memory_m: memory.next().unwrap_or_default(),
                known_s: known.next().unwrap_or_default(),
            })
            .collect()
    }

    /// What the next step depends on. Another model's memory means nothing here.
    pub fn tape(&mut self, tape: &mut Tape) {
        let own = match self.law {
            Law::None => 0_u8,
            Law::Constant { .. } => 1,
            Law::Horton { .. } => 2,
            Law::GreenAmpt { .. } => 3,
            Law::CurveNumber { .. } => 4,
        };
        let mut model = own;
        tape.value(&mut model);
        if model != own {
            return tape.fail();
        }
        tape.slice(&mut self.memory_m);
        tape.slice(&mut self.known_s);
    }

    /// All cells as one band.
    #[cfg(test)]
    pub fn whole(&mut self) -> SoilBand<'_> {
        SoilBand { law: &self.law, first: 0, memory_m: &mut self.memory_m, known_s: &mut self.known_s }
    }
}

impl SoilBand<'_> {
    /// Water that the cells from `at` (counted in the band) take in a step of `dt_s` that ends at `end_s`, m; at most `water_m`.
    /// `rain_m_s` is the rain that fell on them. Returns the sum.
    pub fn take(
        &mut self,
        at: usize,
        water_m: &[f64],
        rain_m_s: &[f64],
        end_s: f64,
        dt_s: f64,
        taken_m: &mut [f64],
    ) -> f64 {
        let n = taken_m.len();
        let cells = self.first + at..self.first + at + n;
        let start_s = end_s - dt_s;
        let mut sum = 0.0;
        match self.law {
            Law::None => taken_m.fill(0.0),
            Law::Constant { rate } => {
                for ((taken, water), rate) in taken_m.iter_mut().zip(water_m).zip(&rate[cells]) {
                    *taken = crate::cell::smaller(*water, rate * dt_s);
                    sum += *taken;
                }
            }
            Law::Horton { f0, fc, decay } => {
                for k in 0..n {
                    let cell = cells.start + k;
                    taken_m[k] = if water_m[k] > 0.0 {
                        let memory = self.recall(at + k, start_s, end_s, laws::left_after);
                        laws::horton(memory, water_m[k], dt_s, f0[cell], fc[cell], decay[cell])
                    } else {
                        0.0
                    };
                    sum += taken_m[k];
                }
            }
            Law::GreenAmpt { ksat, head } => {
                for k in 0..n {
                    let cell = cells.start + k;
                    taken_m[k] = if water_m[k] > 0.0 {
                        let left = |dry_s| laws::front_left_after(dry_s, ksat[cell]);
                        let memory = self.recall(at + k, start_s, end_s, left);
                        laws::green_ampt(memory, water_m[k], dt_s, ksat[cell], head[cell])
                    } else {
                        0.0
                    };
                    sum += taken_m[k];
                }
            }
            Law::CurveNumber { retention, ia_ratio } => {
                for k in 0..n {
                    let cell = cells.start + k;
                    let rain_m = rain_m_s[k] * dt_s;
                    taken_m[k] = if rain_m > 0.0 {
                        let memory = self.recall(at + k, start_s, end_s, laws::left_after);
                        laws::curve_number(memory, water_m[k], rain_m, retention[cell], ia_ratio[cell])
                    } else {
                        0.0
                    };
                    sum += taken_m[k];
                }
            }
        }
        sum
    }

    /// The memory of a cell at the start of a wet step, after the dry spell since it was last known.
    fn recall(&mut self, k: usize, start_s: f64, end_s: f64, left: impl Fn(f64) -> f64) -> &mut f64 {
        let (memory, known) = (&mut self.memory_m[k], &mut self.known_s[k]);
        // Steps follow one another up to rounding.
        if *memory > 0.0 && start_s - *known > 1e-6 {
            *memory *= left(start_s - *known);
        }
        *known = end_s;
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn green_ampt() -> Infiltration {
        Infiltration::GreenAmpt { ksat_mm_h: vec![6.5; 3], suction_m: vec![0.167; 3], deficit: vec![0.34; 3] }
    }

    #[test]
    fn never_more_than_there_is_and_dry_cells_keep_their_ground() {
        let models = [
            Infiltration::Constant { rate_mm_h: vec![50.0; 3] },
            Infiltration::Horton { f0_mm_h: vec![76.0; 3], fc_mm_h: vec![13.0; 3], decay_1_h: vec![4.0; 3] },
            green_ampt(),
            Infiltration::ScsCurveNumber { cn: vec![75.0; 3], ia_ratio: vec![0.2; 3] },
        ];
        for model in &models {
            let mut soil = Soil::new(model, 3);
            let mut taken = [9.0; 3];
            let sum = soil.whole().take(0, &[0.0, 1e-5, 2.0], &[0.0, 1e-4, 1e-4], 10.0, 10.0, &mut taken);
            assert_eq!(sum, taken.iter().sum::<f64>());
            assert!(taken[0] == 0.0 && taken[1] <= 1e-5 && taken[2] <= 2.0 && taken[2] > 0.0, "{model:?} {taken:?}");
        }
    }

    #[test]
    fn bands_do_what_the_whole_does() {
        let (mut a, mut b) = (Soil::new(&green_ampt(), 3), Soil::new(&green_ampt(), 3));
        let (mut one, mut two) = ([0.0; 3], [0.0; 3]);
        for step in 1..50 {
            let (end, water) = (f64::from(step) * 7.0, [1e-4, 3e-4, 1e-3]);
            a.whole().take(0, &water, &[0.0; 3], end, 7.0, &mut one);
            for (k, band) in b.bands(2, 2).iter_mut().enumerate() {
                let range = 2 * k..(2 * k + 2).min(3);
                band.take(0, &water[range.clone()], &[0.0; 3][range.clone()], end, 7.0, &mut two[range]);
            }
            assert_eq!(one, two);
        }
    }

    #[test]
    fn a_dry_spell_between_two_storms_gives_capacity_back() {
        let storm = |dry_s: f64| {
            let mut soil = Soil::new(&green_ampt(), 3);
            let mut taken = [0.0; 3];
            (1..=60).for_each(|k| {
                soil.whole().take(0, &[1e-3; 3], &[0.0; 3], f64::from(k) * 60.0, 60.0, &mut taken);
            });
            soil.whole().take(0, &[1e-3; 3], &[0.0; 3], 3660.0 + dry_s, 60.0, &mut taken);
            taken[0]
        };
        assert!(storm(0.0) < storm(86_400.0) && storm(86_400.0) < storm(10.0 * 86_400.0));
    }
}
