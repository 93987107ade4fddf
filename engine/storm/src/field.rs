use crate::gauge::{Known, Kriging, Prepared, Spread, known_in};
use crate::{CumulativeRain, RainField, RainSource, StepSeries, WindowMaximum, rolling_maxima};
use dayu_terrain::GridSpec;

/// Share of the cells that may be unknown while the mean over the others stands for the district (D).
const MOST_UNKNOWN: f64 = 0.1;

impl StepSeries {
    /// Row that holds at a time; `None` before the first.
    pub fn row_at(&self, time_s: f64) -> Option<usize> {
        self.time_s.partition_point(|&t| t <= time_s).checked_sub(1)
    }
    /// Value that holds at a time: 0 before the first row; NaN when the row is unknown.
    pub fn at(&self, time_s: f64) -> f64 {
        self.row_at(time_s).and_then(|row| self.value.get(row)).copied().unwrap_or(0.0)
    }
}

impl RainSource {
    pub(crate) fn times_s(&self) -> &[f64] {
        match self {
            Self::Uniform(series) => &series.time_s,
            Self::Gauges { time_s, .. } => time_s,
            Self::Grid(grid) => &grid.time_s,
        }
    }

    /// True when it rains anywhere in a row, or may: unknown rain counts.
    pub(crate) fn rains(&self, row: usize) -> bool {
        let wet = |v: &f64| *v > 0.0 || v.is_nan();
        match self {
            Self::Uniform(series) => series.value.get(row).is_some_and(wet),
            Self::Gauges { rate_mm_h, .. } => rate_mm_h.iter().any(|rates| rates.get(row).is_some_and(wet)),
            Self::Grid(field) => field.rate_mm_h.get(row).is_some_and(|rates| rates.iter().any(wet)),
        }
    }

    /// Begin (s from start) and solution of the row with the strongest rain at a station, of stations spread by kriging.
    pub fn strongest_kriging(&self) -> Option<(f64, &Kriging)> {
        let Self::Gauges { time_s, spread: Spread::Kriging(rows), .. } = self else { return None };
        let solved = rows.iter().zip(time_s).filter_map(|(k, t)| Some((*t, k.as_ref()?)));
        solved.max_by(|a, b| a.1.largest().total_cmp(&b.1.largest()).then(b.0.total_cmp(&a.0)))
    }

    /// The row that holds at a time and the stations known in it; `None` before the first row.
    fn known_stations(&self, time_s: f64) -> Option<(usize, Vec<Known>)> {
        let Self::Gauges { stations, time_s: times, rate_mm_h, .. } = self else { return None };
        let row = row_at(times, time_s)?;
        Some((row, known_in(stations, rate_mm_h, row)))
    }

    /// Rate at one place, mm/h; NaN = unknown.
    fn at_place(&self, time_s: f64, x_m: f64, y_m: f64) -> f64 {
        match self {
            Self::Uniform(series) => series.at(time_s),
            Self::Gauges { spread, .. } => match self.known_stations(time_s) {
                None => 0.0,
                Some((row, known)) => {
                    let mut value = [f64::NAN];
                    Prepared::new(spread, row, known).line(y_m, |_| x_m, &mut value, &mut [0.0]);
                    value[0]
                }
            },
            Self::Grid(grid) => match row_at(&grid.time_s, time_s) {
                None => 0.0,
                Some(row) => grid.at_place(row, x_m, y_m),
            },
        }
    }
}

fn row_at(times: &[f64], time_s: f64) -> Option<usize> {
    times.partition_point(|&t| t <= time_s).checked_sub(1)
}

impl RainField {
    /// Times at which any entry changes, rising, each once, s. Steps of a simulation land on them; between two of them the
    /// rain is constant.
    pub fn row_times(&self) -> Vec<f64> {
        let mut times: Vec<f64> = self.sources.iter().flat_map(|s| s.times_s().iter().copied()).collect();
        times.sort_by(f64::total_cmp);
        times.dedup();
        times
    }

    /// Writes the rate (mm/h) that holds at a time into one value per cell, all entries added. Returns `false` when an entry is
    /// unknown then, in all cells (no station reports) or in some (a field with holes): it then adds nothing there, and the caller
    /// must say so.
    ///
    /// Costs cells × stations divisions for a gauge entry; call it once per row of [`Self::row_times`], not per step.
    pub fn rates_at(&self, time_s: f64, grid: &GridSpec, rate_mm_h: &mut [f64]) -> bool {
        let mut unknown = vec![false; rate_mm_h.len()];
        self.rates_with_gaps(time_s, grid, rate_mm_h, &mut unknown);
        !unknown.contains(&true)
    }

    /// As [`Self::rates_at`], with the cells where an entry is unknown marked.
    fn rates_with_gaps(&self, time_s: f64, grid: &GridSpec, rate_mm_h: &mut [f64], unknown: &mut [bool]) {
        rate_mm_h.fill(0.0);
        unknown.fill(false);
        for source in &self.sources {
            match source {
                RainSource::Uniform(series) => {
                    let rate = series.at(time_s);
                    if rate.is_nan() {
                        unknown.fill(true);
                    }
                    if rate > 0.0 {
                        rate_mm_h.iter_mut().for_each(|r| *r += rate);
                    }
                }
                RainSource::Gauges { spread, .. } => {
                    let Some((row, known)) = source.known_stations(time_s) else { continue };
                    if known.is_empty() {
                        unknown.fill(true);
                    }
                    if known.iter().any(|&(_, _, rate)| rate > 0.0) {
                        let prepared = Prepared::new(spread, row, known);
                        let (mut value, mut weight) = (vec![0.0; grid.nx], vec![0.0; grid.nx]);
                        for (row, line) in rate_mm_h.chunks_exact_mut(grid.nx).enumerate() {
                            let y = grid.y0_m + (row as f64 + 0.5) * grid.cell_m;
                            let x = |i: usize| grid.x0_m + (i as f64 + 0.5) * grid.cell_m;
                            prepared.line(y, x, &mut value, &mut weight);
                            line.iter_mut().zip(&value).for_each(|(r, v)| *r += v);
                        }
                    }
                }
                RainSource::Grid(field) => {
                    let Some(row) = row_at(&field.time_s, time_s) else { continue };
                    let same = field.grid == *grid;
                    for (cell, (r, unknown)) in rate_mm_h.iter_mut().zip(unknown.iter_mut()).enumerate() {
                        let rate = if same {
                            field.rate(row, cell)
                        } else {
                            let (x, y) = grid.centre(cell);
                            field.at_place(row, x, y)
                        };
                        *unknown |= rate.is_nan();
                        *r += rate.max(0.0);
                    }
                }
            }
        }
    }

    /// Rain at one place, mm/h, all entries added; a row is NaN when any entry is unknown then.
    pub fn series_at(&self, x_m: f64, y_m: f64) -> StepSeries {
        let time_s = self.row_times();
        let value = time_s.iter().map(|&t| self.sources.iter().map(|s| s.at_place(t, x_m, y_m)).sum()).collect();
        StepSeries { time_s, value }
    }

    /// Mean rain over the cells marked in `active`, mm/h. Cells where an entry is unknown are left out while they are no more than a
    /// tenth; a row with more is NaN.
    pub fn areal_series(&self, grid: &GridSpec, active: &[bool]) -> StepSeries {
        let time_s = self.row_times();
        let (mut rate, mut unknown) = (vec![0.0; grid.len()], vec![false; grid.len()]);
        let count = active.iter().filter(|&&a| a).count();
        let value = time_s
            .iter()
            .map(|&t| {
                self.rates_with_gaps(t, grid, &mut rate, &mut unknown);
                let known = || rate.iter().zip(active.iter().zip(&unknown)).filter(|(_, (a, u))| **a && !**u);
                let told = known().count();
                if count > 0 && told as f64 >= (1.0 - MOST_UNKNOWN) * count as f64 && told > 0 {
                    known().map(|(r, _)| *r).sum::<f64>() / told as f64
                } else {
                    f64::NAN
                }
            })
            .collect();
        StepSeries { time_s, value }
    }

    /// Places of the grid where the rain can be largest: the stations (no spread goes above its largest station), each moved to the
    /// nearest point of the grid's extent, one place per pixel of a field, and the grid's centre.
    pub fn places(&self, grid: &GridSpec) -> Vec<(f64, f64)> {
        let [x0, y0, x1, y1] = grid.extent();
        let mut places = vec![(0.5 * (x0 + x1), 0.5 * (y0 + y1))];
        for source in &self.sources {
            match source {
                RainSource::Uniform(_) => {}
                RainSource::Gauges { stations, .. } => {
                    places.extend(stations.iter().map(|(_, x, y)| (x.clamp(x0, x1), y.clamp(y0, y1))));
                }
                RainSource::Grid(field) => places.extend(field.places()),
            }
        }
        places
    }

    /// Largest rolling rain at any place of the grid, per window, looked for at [`Self::places`].
    pub fn point_maxima(&self, grid: &GridSpec, windows_h: &[f64], from_s: f64, until_s: f64) -> Vec<WindowMaximum> {
        let mut best: Vec<WindowMaximum> = Vec::new();
        for (x, y) in self.places(grid) {
            let here = rolling_maxima(&CumulativeRain::new(&self.series_at(x, y)), windows_h, from_s, until_s);
            if best.is_empty() {
                best = here;
                continue;
            }
            for (b, h) in best.iter_mut().zip(here) {
                let complete = b.complete && h.complete;
                if h.rain_mm > b.rain_mm {
                    *b = h;
                }
                b.complete = complete;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: GridSpec = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 4, ny: 3 };

    fn gauges(nearest: bool, rate_mm_h: Vec<Vec<f64>>) -> RainSource {
        let spread = if nearest { Spread::Nearest } else { Spread::Idw };
        let stations = vec![("A".into(), 5.0, 5.0), ("B".into(), 35.0, 25.0)];
        RainSource::Gauges { stations, time_s: vec![0.0, 600.0], rate_mm_h, spread }
    }

    fn uniform(time_s: Vec<f64>, value: Vec<f64>) -> RainSource {
        RainSource::Uniform(StepSeries { time_s, value })
    }

    #[test]
    fn a_series_holds_until_its_next_row() {
        let s = StepSeries { time_s: vec![10.0, 20.0], value: vec![3.0, 7.0] };
        assert_eq!([9.9, 10.0, 19.9, 20.0, 1e9].map(|t| s.at(t)), [0.0, 3.0, 3.0, 7.0, 7.0]);
    }

    #[test]
    fn entries_add_up_and_a_cell_at_a_station_has_its_rain() {
        let field = RainField {
            sources: vec![gauges(false, vec![vec![10.0, 0.0], vec![50.0, 0.0]]), uniform(vec![300.0], vec![2.0])],
        };
        assert_eq!(field.row_times(), [0.0, 300.0, 600.0]);
        let mut rate = vec![0.0; GRID.len()];
        assert!(field.rates_at(0.0, &GRID, &mut rate));
        assert!((rate[0] - 10.0).abs() < 1e-6 && (rate[11] - 50.0).abs() < 1e-6);
        assert!(rate.iter().all(|r| (10.0..=50.0).contains(r)));
        assert!(field.rates_at(300.0, &GRID, &mut rate));
        assert!((rate[0] - 12.0).abs() < 1e-6);
        field.rates_at(700.0, &GRID, &mut rate);
        assert_eq!(rate, vec![2.0; 12]);
    }

    #[test]
    fn place_and_grid_agree() {
        for nearest in [false, true] {
            let field = RainField { sources: vec![gauges(nearest, vec![vec![10.0, 1.0], vec![50.0, f64::NAN]])] };
            let mut rate = vec![0.0; GRID.len()];
            for (row, t) in [0.0, 600.0].into_iter().enumerate() {
                assert!(field.rates_at(t, &GRID, &mut rate));
                for (cell, r) in rate.iter().enumerate() {
                    let (x, y) = GRID.centre(cell);
                    assert_eq!(field.series_at(x, y).value[row], *r);
                }
            }
        }
    }

    #[test]
    fn a_silent_station_is_left_out_and_all_silent_is_unknown() {
        let nan = f64::NAN;
        let field = RainField { sources: vec![gauges(false, vec![vec![10.0, nan], vec![nan, nan]])] };
        let mut rate = vec![0.0; GRID.len()];
        assert!(field.rates_at(0.0, &GRID, &mut rate));
        assert!(rate.iter().all(|r| (r - 10.0).abs() < 1e-12));
        assert!(!field.rates_at(600.0, &GRID, &mut rate));
        let mean = field.areal_series(&GRID, &[true; 12]);
        assert!((mean.value[0] - 10.0).abs() < 1e-12 && mean.value[1].is_nan());
    }

    #[test]
    fn the_wettest_place_is_a_station() {
        let field = RainField { sources: vec![gauges(false, vec![vec![10.0, 0.0], vec![60.0, 0.0]])] };
        let best = field.point_maxima(&GRID, &[1.0], 0.0, 7200.0);
        assert!((best[0].rain_mm - 10.0).abs() < 1e-6 && best[0].complete && best[0].end_s == 600.0);
    }
}
