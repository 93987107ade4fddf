//! Maximum depths of two models on the same cells.

use crate::metric::{Agreement, AgreementStat};
use crate::norm::Fold;
use crate::run::Run;
use crate::source::Wrong;
use dayu_terrain::{GridSpec, Raster};

/// Depth above which the mean difference is taken, m.
const BIAS_DEPTH_M: f64 = 0.05;

/// Both models on the peer's cells, m; dry = 0. Columns from `kept_columns` on are left out of the comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Compared {
    pub grid: GridSpec,
    pub ours_m: Vec<f64>,
    pub peer_m: Vec<f64>,
    pub kept_columns: usize,
}

impl Compared {
    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let kept = self.kept_columns;
        let rows = self.ours_m.chunks(self.grid.nx).zip(self.peer_m.chunks(self.grid.nx));
        rows.flat_map(move |(a, b)| a[..kept].iter().copied().zip(b[..kept].iter().copied()))
    }
    /// Critical success index at a depth: cells both hold flooded ÷ cells either does; 1 when neither floods any.
    pub fn csi(&self, level_m: f64) -> f64 {
        let (mut both, mut either) = (0_u64, 0_u64);
        for (x, y) in self.pairs() {
            both += u64::from(x >= level_m && y >= level_m);
            either += u64::from(x >= level_m || y >= level_m);
        }
        if either == 0 { 1.0 } else { both as f64 / either as f64 }
    }
    /// RMSE where a condition on the pair holds, m.
    fn rmse(&self, holds: impl Fn(f64, f64) -> bool) -> Result<f64, Wrong> {
        Fold::Rmse.of(&self.pairs().filter(|(x, y)| holds(*x, *y)).map(|(x, y)| x - y).collect::<Vec<_>>())
    }
}

/// The run's raster beside the peer's; a raster on cells n times as large is repeated onto the peer's.
pub(crate) fn compared(run: &Run<'_>, a: &Agreement) -> Result<Compared, Wrong> {
    let (ours, peer) = (run.raster(&a.raster)?, run.case_raster(&a.expected)?);
    let grid = peer.grid;
    let factor = grid.ny / ours.grid.ny.max(1);
    if factor == 0 || ours.grid.ny * factor != grid.ny || ours.grid.nx * factor != grid.nx {
        return Err(Wrong::new(format!(
            "grids differ: {} x {} and {} x {}",
            ours.grid.nx, ours.grid.ny, grid.nx, grid.ny
        )));
    }
    let skipped = (a.skip_east_m / grid.cell_m).round() as usize;
    Ok(Compared {
        ours_m: repeated(&ours, factor, &grid),
        peer_m: peer.values.iter().map(|v| if v.is_nan() { 0.0 } else { v * a.scale }).collect(),
        kept_columns: grid.nx.saturating_sub(skipped),
        grid,
    })
}

fn repeated(raster: &Raster<f64>, factor: usize, onto: &GridSpec) -> Vec<f64> {
    let value = |k: usize| {
        let v = raster.values[(k / onto.nx / factor) * raster.grid.nx + k % onto.nx / factor];
        if v.is_nan() { 0.0 } else { v }
    };
    (0..onto.len()).map(value).collect()
}

pub(super) fn agreement(run: &Run<'_>, a: &Agreement) -> Result<f64, Wrong> {
    let c = compared(run, a)?;
    match a.stat {
        AgreementStat::CsiDeficit => Ok(1.0 - c.csi(a.level)),
        AgreementStat::RmseAll => c.rmse(|_, _| true),
        AgreementStat::RmseWet => c.rmse(|x, y| x > a.level || y > a.level),
        AgreementStat::Bias => {
            let d: Vec<f64> =
                c.pairs().filter(|(x, y)| *x > BIAS_DEPTH_M || *y > BIAS_DEPTH_M).map(|(x, y)| x - y).collect();
            if d.is_empty() {
                Err(Wrong::new("nothing to compare"))
            } else {
                Ok((d.iter().sum::<f64>() / d.len() as f64).abs())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_by_hand() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx: 4, ny: 1 };
        let c = Compared { grid, ours_m: vec![0.2, 0.2, 0.0, 9.0], peer_m: vec![0.2, 0.1, 0.15, 0.0], kept_columns: 3 };
        assert_eq!(c.csi(0.15), 1.0 / 3.0);
        assert_eq!(c.csi(1.0), 1.0);
        let rmse = c.rmse(|_, _| true).unwrap();
        assert!((rmse - ((0.01 + 0.0225) / 3.0_f64).sqrt()).abs() < 1e-12);
        let coarse = Raster { grid: GridSpec { cell_m: 10.0, nx: 2, ny: 1, ..grid }, values: vec![1.0, f64::NAN] };
        let fine = GridSpec { nx: 4, ny: 2, ..grid };
        assert_eq!(repeated(&coarse, 2, &fine), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0]);
    }
}
