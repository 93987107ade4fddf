//! The outputs of one run (contract §5) beside its case, read as they are needed and checked on the way.

use crate::norm::same;
use crate::source::{Folder, Wrong, need};
use crate::table::Table;
use dayu_scenario::ScenarioSpec;
use dayu_terrain::Raster;
use serde::Deserialize;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// Headings of gauges.csv.
pub(crate) const GAUGES: &[&str] = &["time_s", "id", "level_m", "depth_m", "speed_m_s", "u_m_s", "v_m_s"];
/// Headings of flows.csv.
pub(crate) const FLOWS: &[&str] = &["time_s", "id", "m3_s", "volume_m3"];
/// Headings of balance.csv.
pub(crate) const BALANCE: &[&str] =
    &["time_s", "rain_m3", "inflow_m3", "infiltrated_m3", "drained_m3", "outflow_m3", "stored_m3", "error_m3"];

/// The part of summary.json that is judged or shown.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Summary {
    /// equations
    pub scheme: String,
    /// f32 | f64
    pub precision: String,
    /// cells of the grid
    pub cells: u64,
    /// cells that are not walls
    pub active_cells: u64,
    /// steps
    pub steps: u64,
    /// cells really updated, over all steps
    pub cell_updates: u64,
    /// relative volume error
    pub relative_volume_error: f64,
    /// seconds by part
    pub wall_s: WallSeconds,
    /// threads
    pub threads: u64,
    /// version of the program
    pub version: String,
}

/// Times of summary.json, s.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
pub struct WallSeconds {
    /// reading
    pub load: f64,
    /// building the model
    pub build: f64,
    /// the water
    pub solve: f64,
    /// writing
    pub write: f64,
}

/// One run under the judge.
pub struct Run<'a> {
    case: &'a dyn Folder,
    out: &'a dyn Folder,
    /// its scenario
    pub scenario: ScenarioSpec,
    /// its summary
    pub summary: Summary,
    tables: RefCell<BTreeMap<String, Rc<Table>>>,
    rasters: RefCell<BTreeMap<String, Rc<Raster<f64>>>>,
}

impl<'a> Run<'a> {
    /// Reads scenario and summary.
    ///
    /// # Errors
    /// When the summary is absent, lacks a key, or names another scheme than the scenario.
    pub fn open(case: &'a dyn Folder, out: &'a dyn Folder, scenario: ScenarioSpec) -> Result<Self, Wrong> {
        let summary: Summary =
            serde_json::from_str(&out.text("summary.json")?).map_err(|e| Wrong::new(format!("summary.json: {e}")))?;
        need(["f32", "f64"].contains(&summary.precision.as_str()), || {
            format!("summary.json: precision {:?}", summary.precision)
        })?;
        need(summary.scheme == scenario.solver.scheme, || format!("summary.json: scheme {}", summary.scheme))?;
        Ok(Self { case, out, scenario, summary, tables: RefCell::default(), rasters: RefCell::default() })
    }

    /// A table of the run with these headings first; every number is finite.
    ///
    /// # Errors
    /// When it is not what the contract promises.
    pub(crate) fn table(&self, name: &str, head: &[&str]) -> Result<Rc<Table>, Wrong> {
        if let Some(known) = self.tables.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let table = Table::parse(name, &self.out.text(name)?)?;
        need(table.heading.len() >= head.len() && table.heading.iter().zip(head).all(|(a, b)| a == b), || {
            format!("{name}: heading is {:?}, not {head:?}", table.heading)
        })?;
        need(!table.rows.is_empty(), || format!("{name} has no rows"))?;
        for column in head.iter().filter(|c| **c != "id") {
            for v in table.numbers(column)? {
                need(v.is_finite(), || format!("{name}: {column} = {v}"))?;
            }
        }
        let table = Rc::new(table);
        self.tables.borrow_mut().insert(name.into(), Rc::clone(&table));
        Ok(table)
    }

    /// A raster of the run by name without `.tif`; no infinite value.
    ///
    /// # Errors
    /// When it is absent or holds infinite values.
    pub(crate) fn raster(&self, name: &str) -> Result<Rc<Raster<f64>>, Wrong> {
        if let Some(known) = self.rasters.borrow().get(name) {
            return Ok(Rc::clone(known));
        }
        let raster = self.out.raster(&format!("{name}.tif"))?;
        need(!raster.values.iter().any(|v| v.is_infinite()), || format!("{name}.tif holds an infinite value"))?;
        let raster = Rc::new(raster);
        self.rasters.borrow_mut().insert(name.into(), Rc::clone(&raster));
        Ok(raster)
    }

    /// The snapshot of a quantity at a time.
    ///
    /// # Errors
    /// When the scenario writes none then.
    pub(crate) fn snapshot(&self, what: &str, at_s: f64) -> Result<Rc<Raster<f64>>, Wrong> {
        let n = self.scenario.output.snapshots_s.iter().position(|t| same(*t, at_s));
        let n = n.ok_or_else(|| Wrong::new(format!("{at_s} s is not in snapshots_s")))?;
        self.raster(&format!("{what}_{:04}", n + 1))
    }

    /// A snapshot (`at`) or a raster of maxima.
    ///
    /// # Errors
    /// As [`Self::snapshot`] and [`Self::raster`].
    pub(crate) fn field(&self, raster: &str, at: Option<f64>) -> Result<Rc<Raster<f64>>, Wrong> {
        match at {
            Some(at) => self.snapshot(raster, at),
            None => self.raster(raster),
        }
    }

    /// A raster of the case.
    ///
    /// # Errors
    /// When it is absent.
    pub(crate) fn case_raster(&self, name: &str) -> Result<Raster<f64>, Wrong> {
        self.case.raster(name)
    }

    /// A column of balance.csv at a time (`None`: the end).
    ///
    /// # Errors
    /// When there is no such row or column.
    pub(crate) fn balance(&self, column: &str, at: Option<f64>) -> Result<f64, Wrong> {
        let table = self.table("balance.csv", BALANCE)?;
        let values = table.numbers(column)?;
        let row = match at {
            None => values.len() - 1,
            Some(at) => {
                let times = table.numbers("time_s")?;
                let row = times.iter().position(|t| same(*t, at));
                row.ok_or_else(|| Wrong::new(format!("balance.csv has no row at {at} s")))?
            }
        };
        Ok(values[row])
    }

    /// Times and values of one id of gauges.csv or flows.csv; times rise.
    ///
    /// # Errors
    /// When the id is absent or its times do not rise.
    pub(crate) fn series(&self, file: &str, id: &str, column: &str) -> Result<(Vec<f64>, Vec<f64>), Wrong> {
        let table = self.table(file, if file == "gauges.csv" { GAUGES } else { FLOWS })?;
        let (ids, times, values) = (table.words("id")?, table.numbers("time_s")?, table.numbers(column)?);
        let rows: Vec<usize> = (0..ids.len()).filter(|k| ids[*k] == id).collect();
        need(!rows.is_empty(), || format!("{file} has no id {id}"))?;
        let t: Vec<f64> = rows.iter().map(|k| times[*k]).collect();
        need(t.windows(2).all(|w| w[0] < w[1]), || format!("{file}: times of {id} do not rise"))?;
        Ok((t, rows.iter().map(|k| values[*k]).collect()))
    }

    /// A table of the case, kept where a column has a value.
    ///
    /// # Errors
    /// When it is absent or nothing is left.
    pub(crate) fn expected(&self, name: &str, rows: Option<&(String, f64)>) -> Result<Table, Wrong> {
        let mut table = Table::parse(name, &self.case.text(name)?)?;
        if let Some((column, value)) = rows {
            let keep: Vec<bool> = table.numbers(column)?.iter().map(|v| same(*v, *value)).collect();
            let mut keep = keep.into_iter();
            table.rows.retain(|_| keep.next().unwrap_or(false));
        }
        need(!table.rows.is_empty(), || format!("{name}: no rows for {rows:?}"))?;
        Ok(table)
    }
}

/// Row of cells (south row = 0) through `y`; default: the middle row, the northern one of two. A point on a side belongs
/// to the row north of it.
pub(crate) fn row_of(raster: &Raster<f64>, y: Option<f64>) -> usize {
    let g = &raster.grid;
    let from_north = match y {
        None => g.ny / 2,
        Some(y) => {
            let top = g.y0_m + g.ny as f64 * g.cell_m;
            let k = ((top - y) / g.cell_m - 1e-9).ceil() - 1.0;
            k.clamp(0.0, (g.ny - 1) as f64) as usize
        }
    };
    g.ny - 1 - from_north
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_terrain::GridSpec;

    #[test]
    fn rows_by_their_place() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 1, ny: 4 };
        let raster = Raster::filled(grid, 0.0);
        assert_eq!(row_of(&raster, None), 1);
        assert_eq!(row_of(&raster, Some(5.0)), 0);
        assert_eq!(row_of(&raster, Some(10.0)), 1);
        assert_eq!(row_of(&raster, Some(-3.0)), 0);
        assert_eq!(row_of(&raster, Some(99.0)), 3);
    }
}
