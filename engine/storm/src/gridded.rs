use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;

/// Cell outside every pixel of a gridded field.
pub const NO_PIXEL: u32 = u32::MAX;
/// Pixels looked at for the wettest place; with more, those with the largest totals.
const MOST_PLACES: usize = 2000;

/// Gridded rain (radar, satellite, model): every cell takes the value of the pixel that holds its centre.
#[derive(Clone, Debug)]
pub struct GridRain {
    /// the grid the cells belong to
    pub grid: GridSpec,
    /// pixel of each cell; [`NO_PIXEL`] = not covered: unknown there
    pub pixel_of_cell: Vec<u32>,
    /// rows, s from start, rising; each holds until the next
    pub time_s: Vec<f64>,
    /// `rate_mm_h[row][pixel]`, NaN = unknown
    pub rate_mm_h: Vec<Vec<f64>>,
}

impl GridRain {
    /// Rate of a cell in a row, mm/h; NaN = unknown.
    pub fn rate(&self, row: usize, cell: usize) -> f64 {
        let pixel = self.pixel_of_cell.get(cell).copied().unwrap_or(NO_PIXEL);
        self.rate_mm_h.get(row).and_then(|r| r.get(pixel as usize)).copied().unwrap_or(f64::NAN)
    }

    /// Adds rows at these times (s, any order), each with what holds then, so that a correction by a faster series keeps its peaks.
    /// Times before the first row or not finite add none. With `unknown_only` rows are added only where the field knows nothing.
    pub fn add_rows_at(&mut self, times_s: &[f64], unknown_only: bool) {
        let Some(&first) = self.time_s.first() else { return };
        let row = |t: f64| self.time_s.partition_point(|own| *own <= t).saturating_sub(1);
        let wanted = |t: f64| !unknown_only || self.rate_mm_h[row(t)].iter().all(|v| v.is_nan());
        let mut times: Vec<f64> =
            times_s.iter().copied().filter(|t| t.is_finite() && *t > first && wanted(*t)).collect();
        times.extend(&self.time_s);
        times.sort_by(f64::total_cmp);
        times.dedup();
        self.rate_mm_h = times.iter().map(|t| self.rate_mm_h[row(*t)].clone()).collect();
        self.time_s = times;
    }

    /// Moves the field over the grid by (east, north), m. What moves in from outside is taken from the nearest cell of the grid.
    pub(crate) fn move_by(&mut self, moved_m: (f64, f64)) {
        let [west, south, east, north] = self.grid.extent();
        let half = 0.5 * self.grid.cell_m;
        let from = |cell: usize| {
            let (x, y) = self.grid.centre(cell);
            let (x, y) =
                ((x - moved_m.0).clamp(west + half, east - half), (y - moved_m.1).clamp(south + half, north - half));
            self.grid.cell_at(x, y).and_then(|c| self.pixel_of_cell.get(c)).copied().unwrap_or(NO_PIXEL)
        };
        self.pixel_of_cell = (0..self.pixel_of_cell.len()).map(from).collect();
    }

    /// Rate at a place; NaN outside the grid.
    pub(crate) fn at_place(&self, row: usize, x_m: f64, y_m: f64) -> f64 {
        self.grid.cell_at(x_m, y_m).map_or(f64::NAN, |cell| self.rate(row, cell))
    }

    /// One place in each pixel: the centre of its first cell.
    pub(crate) fn places(&self) -> Vec<(f64, f64)> {
        let pixels = self.rate_mm_h.first().map_or(0, Vec::len);
        let mut first = vec![None; pixels];
        for (cell, pixel) in self.pixel_of_cell.iter().enumerate() {
            if let Some(slot) = first.get_mut(*pixel as usize) {
                slot.get_or_insert(cell);
            }
        }
        let mut used: Vec<(usize, usize)> = first.iter().enumerate().filter_map(|(p, c)| c.map(|c| (p, c))).collect();
        if used.len() > MOST_PLACES {
            let total = |p: usize| -> f64 {
                let spans = self.time_s.windows(2).zip(&self.rate_mm_h);
                spans.map(|(t, row)| row[p].max(0.0) * (t[1] - t[0])).sum()
            };
            let mut totals: Vec<(f64, usize, usize)> = used.iter().map(|(p, c)| (total(*p), *p, *c)).collect();
            totals.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            used = totals.into_iter().take(MOST_PLACES).map(|(_, p, c)| (p, c)).collect();
            used.sort_unstable();
        }
        used.into_iter().map(|(_, cell)| self.grid.centre(cell)).collect()
    }

    /// Flags pixels that stand far above all their neighbours in a row: clutter, hail or a broken beam (`SCN-234`). Kept.
    pub fn spikes(&self) -> Option<Finding> {
        const SPIKE_MM_H: f64 = 100.0;
        const FACTOR: f64 = 5.0;
        let (nx, ny) = (self.grid.nx, self.grid.ny);
        let mut found: Option<(usize, usize, f64)> = None;
        let mut count = 0_usize;
        for (row, values) in self.rate_mm_h.iter().enumerate() {
            if !values.iter().any(|v| *v > SPIKE_MM_H) {
                continue;
            }
            // Largest value in cells of other pixels that touch a pixel's cells.
            let mut around = vec![f64::NAN; values.len()];
            for (cell, pixel) in self.pixel_of_cell.iter().enumerate() {
                let Some(slot) = around.get_mut(*pixel as usize) else { continue };
                let (i, j) = (cell % nx, cell / nx);
                for (a, b) in [(i + 1, j), (i.wrapping_sub(1), j), (i, j + 1), (i, j.wrapping_sub(1))] {
                    if a < nx && b < ny {
                        let other = self.pixel_of_cell[b * nx + a];
                        let v = values.get(other as usize).copied().unwrap_or(f64::NAN);
                        if other != *pixel && !v.is_nan() {
                            *slot = if slot.is_nan() { v } else { slot.max(v) };
                        }
                    }
                }
            }
            for (pixel, (v, near)) in values.iter().zip(&around).enumerate() {
                if *v > SPIKE_MM_H && *v > FACTOR * near {
                    count += 1;
                    found.get_or_insert((row, pixel, *v));
                }
            }
        }
        let (row, pixel, rate) = found?;
        let cell = self.pixel_of_cell.iter().position(|p| *p as usize == pixel)?;
        let (x, y) = self.grid.centre(cell);
        Some(
            Finding::warning(
                "SCN-234",
                Text::new(
                    format!("格网雨量有 {count} 处孤立高值（首个 {rate:.0} mm/h，第 {:.0} 秒），疑似杂波或冰雹，保留并存疑", self.time_s[row]),
                    format!("{count} isolated high values in the gridded rain (first {rate:.0} mm/h at {:.0} s): clutter or hail; kept and doubted", self.time_s[row]),
                ),
                Text::new("核对雷达产品与雨量站", "check the radar product against gauges"),
            )
            .at(format!("x={x:.0} y={y:.0}")),
        )
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn field() -> GridRain {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 4, ny: 2 };
        GridRain {
            grid,
            pixel_of_cell: vec![0, 0, 1, NO_PIXEL, 0, 0, 1, NO_PIXEL],
            time_s: vec![0.0, 600.0, 1200.0],
            rate_mm_h: vec![vec![5.0, 8.0], vec![5.0, 150.0], vec![f64::NAN; 2]],
        }
    }

    #[test]
    fn cells_take_their_pixel_and_none_is_unknown() {
        let f = field();
        assert_eq!((f.rate(0, 0), f.rate(0, 6)), (5.0, 8.0));
        assert!(f.rate(0, 3).is_nan() && f.at_place(0, -1.0, 0.0).is_nan());
        assert_eq!(f.places(), [(5.0, 5.0), (25.0, 5.0)]);
    }

    #[test]
    fn added_rows_hold_what_held_then() {
        let mut f = field();
        f.add_rows_at(&[300.0, -60.0, 600.0, 1500.0, f64::NAN], false);
        assert_eq!(f.time_s, [0.0, 300.0, 600.0, 1200.0, 1500.0]);
        assert_eq!((f.rate_mm_h[1][1], f.rate_mm_h[2][1]), (8.0, 150.0));
        assert!(f.rate_mm_h[4].iter().all(|v| v.is_nan()));
        let mut f = field();
        f.add_rows_at(&[300.0, 1500.0], true);
        assert_eq!(f.time_s, [0.0, 600.0, 1200.0, 1500.0]);
    }

    #[test]
    fn an_isolated_high_value_is_named() {
        let f = field().spikes().unwrap();
        assert_eq!(f.code, "SCN-234");
        assert!(f.place.contains("x=25") && f.message.en.contains("600 s"), "{f}");
        let mut calm = field();
        calm.rate_mm_h[1][0] = 90.0;
        assert!(calm.spikes().is_none());
    }
}
