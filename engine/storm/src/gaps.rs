//! Rain that a run does not know: where and when. A field with holes is no field of dry places.

use crate::{GridRain, RainField, RainSource};
use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;

/// Holes of a gridded entry over the cells that are computed, within a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Holes {
    /// time in which any cell is unknown while another is known, s
    pub unknown_s: f64,
    /// begin of the first and end of the last such row, s
    pub span_s: (f64, f64),
    /// largest share of the cells that is unknown at one time, and from when
    pub most: (f64, f64),
    /// share of the cells that is unknown at any such time
    pub ever: f64,
    /// middle of the cells that are, m
    pub middle: (f64, f64),
}

/// Part of a run in which a row holds, s; `None` outside 0 to `duration_s`.
fn within(times_s: &[f64], row: usize, duration_s: f64) -> Option<(f64, f64)> {
    let from = times_s.get(row)?.max(0.0);
    let until = times_s.get(row + 1).copied().unwrap_or(f64::INFINITY).min(duration_s);
    (until > from).then_some((from, until))
}

impl GridRain {
    /// Pixel of each cell of a grid; [`crate::NO_PIXEL`] where there is none.
    pub(crate) fn pixels_on(&self, grid: &GridSpec) -> Vec<u32> {
        if self.grid == *grid {
            return self.pixel_of_cell.clone();
        }
        let of = |cell: usize| {
            let (x, y) = grid.centre(cell);
            self.grid.cell_at(x, y).and_then(|c| self.pixel_of_cell.get(c)).copied().unwrap_or(crate::NO_PIXEL)
        };
        (0..grid.len()).map(of).collect()
    }

    /// Holes over the cells of `grid` that count; `None` when there is none. Rows of which nothing is known are another matter.
    pub(crate) fn holes(&self, grid: &GridSpec, counts: impl Fn(usize) -> bool, duration_s: f64) -> Option<Holes> {
        let pixels = self.rate_mm_h.first().map_or(0, Vec::len);
        let pixel_of = self.pixels_on(grid);
        let mut weight = vec![0_usize; pixels];
        let (mut outside, mut all) = (0_usize, 0_usize);
        for (_, pixel) in pixel_of.iter().enumerate().filter(|(cell, _)| counts(*cell)) {
            all += 1;
            match weight.get_mut(*pixel as usize) {
                Some(w) => *w += 1,
                None => outside += 1,
            }
        }
        let mut ever = vec![false; pixels];
        let mut holes: Option<Holes> = None;
        for (row, rates) in self.rate_mm_h.iter().enumerate() {
            let Some((from, until)) = within(&self.time_s, row, duration_s) else { continue };
            if rates.iter().all(|v| v.is_nan()) {
                continue;
            }
            let unknown = || rates.iter().zip(&weight).filter(|(v, w)| v.is_nan() && **w > 0);
            let count = outside + unknown().map(|(_, w)| *w).sum::<usize>();
            if count == 0 {
                continue;
            }
            ever.iter_mut().zip(rates).for_each(|(e, v)| *e |= v.is_nan());
            let share = count as f64 / all as f64;
            let h = holes.get_or_insert(Holes {
                unknown_s: 0.0,
                span_s: (from, until),
                most: (share, from),
                ever: 0.0,
                middle: (0.0, 0.0),
            });
            h.unknown_s += until - from;
            h.span_s.1 = until;
            if share > h.most.0 {
                h.most = (share, from);
            }
        }
        let mut holes = holes?;
        let (mut x_sum, mut y_sum, mut cells) = (0.0, 0.0, 0_usize);
        for (cell, pixel) in pixel_of.iter().enumerate().filter(|(cell, _)| counts(*cell)) {
            if ever.get(*pixel as usize).copied().unwrap_or(true) {
                let (x, y) = grid.centre(cell);
                (x_sum, y_sum, cells) = (x_sum + x, y_sum + y, cells + 1);
            }
        }
        holes.ever = cells as f64 / all as f64;
        holes.middle = (x_sum / cells as f64, y_sum / cells as f64);
        Some(holes)
    }
}

impl RainField {
    /// Cells of a grid in which an entry is unknown at any time from 0 to `duration_s`: what is computed there is a lower bound.
    pub fn unknown_cells(&self, grid: &GridSpec, duration_s: f64) -> Vec<bool> {
        let mut unknown = vec![false; grid.len()];
        for source in &self.sources {
            let times = source.times_s();
            let rows = || (0..times.len()).filter(|row| within(times, *row, duration_s).is_some());
            let RainSource::Grid(field) = source else {
                if rows().any(|row| source.is_unknown(row)) {
                    unknown.fill(true);
                }
                continue;
            };
            let mut ever = vec![false; field.rate_mm_h.first().map_or(0, Vec::len)];
            let mut any = false;
            for row in rows() {
                any = true;
                let rates = field.rate_mm_h.get(row).into_iter().flatten();
                ever.iter_mut().zip(rates).for_each(|(e, v)| *e |= v.is_nan());
            }
            if any {
                for (u, pixel) in unknown.iter_mut().zip(field.pixels_on(grid)) {
                    *u |= ever.get(pixel as usize).copied().unwrap_or(true);
                }
            }
        }
        unknown
    }
}

/// A field that is unknown in part of the cells (`SCN-300`): the simulated rain is a lower bound there and downstream.
pub(crate) fn holes_finding(holes: &Holes, number: usize, duration_s: f64) -> Finding {
    let Holes { unknown_s, span_s: (from, until), most: (share, at_s), ever, middle: (x, y) } = holes;
    Finding::error(
        "SCN-300",
        Text::new(
            format!(
                "格网雨量有空洞：第 {from:.0}–{until:.0} 秒之间共 {unknown_s:.0} 秒（推演 {duration_s:.0} 秒）部分单元雨量未知，最多时占 {:.1}%（第 {at_s:.0} 秒），前后共涉及 {:.1}% 的单元；未知处不当作无雨：该处及其下游的水深只是下限",
                100.0 * share,
                100.0 * ever
            ),
            format!(
                "the gridded rain has holes: for {unknown_s:.0} of {duration_s:.0} s, between {from:.0} s and {until:.0} s, part of the cells is unknown, {:.1} % at most (at {at_s:.0} s), {:.1} % at one time or another; unknown is not dry: depths there and downstream are lower bounds",
                100.0 * share,
                100.0 * ever
            ),
        ),
        Text::new(
            "补齐雨量场；或写 fill_within_m（取此距离内最近的已知像元）、fill_gap_s（缺场不超过此时长时沿用前一场），或用 merge 以雨量站补缺",
            "supply whole fields; or write fill_within_m (nearest known pixel within that distance), fill_gap_s (the field before holds over missing ones for so long at most), or merge with gauges",
        ),
    )
    .at(format!("rain[{number}] x={x:.0} y={y:.0}"))
}

impl RainSource {
    /// Stations or fields that begin after the run does (`SCN-302`): by the contract there is no rain before the first row.
    pub fn begins_late(&self, place: &str) -> Option<Finding> {
        let first = *self.times_s().first()?;
        let measured = matches!(self, Self::Gauges { .. } | Self::Grid(_));
        (measured && first > 0.0).then(|| {
            Finding::warning(
                "SCN-302",
                Text::new(
                    format!("雨量自第 {first:.0} 秒才有，此前按无雨计算"),
                    format!("the rain begins at {first:.0} s only; none is taken before"),
                ),
                Text::new("补齐起始时段的雨量，或推后 start", "supply the rain from the start on, or start later"),
            )
            .at(place)
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{GridRain, NO_PIXEL, RainField, RainSource, StepSeries};
    use dayu_terrain::GridSpec;

    const NAN: f64 = f64::NAN;
    const GRID: GridSpec = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 4, ny: 2 };

    fn field(rate_mm_h: Vec<Vec<f64>>) -> RainField {
        RainField {
            sources: vec![RainSource::Grid(GridRain {
                grid: GRID,
                pixel_of_cell: vec![0, 0, 1, 2, 0, 0, 1, 2],
                time_s: (0..rate_mm_h.len()).map(|k| k as f64 * 600.0).collect(),
                rate_mm_h,
            })],
        }
    }

    #[test]
    fn holes_are_named_with_share_and_time_and_only_where_cells_are_computed() {
        let rain = field(vec![vec![1.0, 2.0, 3.0], vec![1.0, NAN, 3.0], vec![NAN, NAN, 3.0], vec![0.0; 3]]);
        let found = rain.soundness(3600.0, &GRID, &[0.0; 8]).unwrap();
        assert_eq!(found.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["SCN-300"]);
        let said = &found[0].message.en;
        assert!(said.contains("1200 of 3600 s") && said.contains("75.0 % at most (at 1200 s)"), "{said}");
        assert_eq!(rain.unknown_cells(&GRID, 3600.0), [true, true, true, false, true, true, true, false]);
        // Before its second hole the run is over.
        assert_eq!(rain.unknown_cells(&GRID, 1200.0), [false, false, true, false, false, false, true, false]);
        assert!(rain.unknown_cells(&GRID, 600.0).iter().all(|u| !u));
        assert!(rain.soundness(600.0, &GRID, &[0.0; 8]).unwrap().is_empty());
        // Walls need no rain.
        let walls = [NAN, NAN, NAN, 0.0, NAN, NAN, NAN, 0.0];
        assert!(rain.soundness(3600.0, &GRID, &walls).unwrap().is_empty());
    }

    #[test]
    fn cells_that_no_pixel_covers_are_unknown() {
        let mut rain = field(vec![vec![1.0, 2.0, 3.0]]);
        let RainSource::Grid(own) = &mut rain.sources[0] else { unreachable!() };
        own.pixel_of_cell[3] = NO_PIXEL;
        let found = rain.soundness(60.0, &GRID, &[0.0; 8]).unwrap();
        assert!(found[0].code == "SCN-300" && found[0].message.en.contains("12.5 % at most"), "{}", found[0]);
        assert_eq!(rain.unknown_cells(&GRID, 60.0).iter().filter(|u| **u).count(), 1);
        // On other cells it is the pixel below their centres.
        let wide = GridSpec { cell_m: 20.0, nx: 2, ny: 1, ..GRID };
        assert_eq!(rain.unknown_cells(&wide, 60.0), [false, false]);
    }

    #[test]
    fn a_silent_hour_is_unknown_everywhere() {
        let series = StepSeries { time_s: vec![0.0, 600.0, 1200.0], value: vec![1.0, NAN, 0.0] };
        let rain = RainField { sources: vec![RainSource::Uniform(series)] };
        assert!(rain.unknown_cells(&GRID, 3600.0).iter().all(|u| *u));
        assert!(rain.unknown_cells(&GRID, 600.0).iter().all(|u| !u));
    }

    #[test]
    fn fields_that_begin_late_are_named() {
        let mut rain = field(vec![vec![1.0, 2.0, 3.0]]);
        let RainSource::Grid(own) = &mut rain.sources[0] else { unreachable!() };
        own.time_s[0] = 900.0;
        let found = rain.sources[0].begins_late("rain[0]").unwrap();
        assert!(found.code == "SCN-302" && found.message.en.contains("900 s"), "{found}");
    }
}
