//! What holds for every run, whatever its case: promised files, no depth below zero, a closed balance, balance = raster.

use crate::check::{RunChecks, Tolerance};
use crate::norm::{exact_sum, same};
use crate::run::{BALANCE, GAUGES, Run};
use crate::source::{Wrong, need};
use std::collections::BTreeSet;

/// Smallest volume that a residual is related to, m³.
const LEAST_VOLUME_M3: f64 = 1e-30;

/// Name, value and limit of each basic check.
///
/// # Errors
/// When a promised output is absent.
pub(crate) fn basics(run: &Run<'_>, spec: &RunChecks) -> Result<Vec<(&'static str, f64, Tolerance)>, Wrong> {
    let output = &run.scenario.output;
    let table = run.table("balance.csv", BALANCE)?;
    let times = table.numbers("time_s")?;
    let end = run.scenario.duration_s;
    need(times.contains(&0.0) && times.iter().any(|t| (t - end).abs() < 1e-6 * end), || {
        format!("balance.csv must have rows at 0 and {end} s")
    })?;
    if !run.scenario.gauge.is_empty() {
        let written = run.table("gauges.csv", GAUGES)?;
        let got: BTreeSet<&str> = written.words("id")?.into_iter().collect();
        let want: BTreeSet<&str> = run.scenario.gauge.iter().map(|g| g.id.as_str()).collect();
        need(got == want, || format!("gauges.csv has {got:?}"))?;
    }
    for name in &output.rasters {
        run.raster(name)?;
    }
    let mut list = Vec::new();
    if !output.snapshots_s.is_empty() {
        let mut low = 0.0_f64;
        for t in &output.snapshots_s {
            let depth = run.snapshot("depth", *t)?;
            low = depth.values.iter().fold(low, |l, v| if *v < l { *v } else { l });
        }
        list.push(("negative_depth_m", 0.0 - low, Tolerance::Number(0.0)));
    }
    list.push(("balance_residual", residual(run)?, spec.mass));
    if let Some(last) = output.snapshots_s.iter().copied().reduce(f64::max) {
        let depth = run.snapshot("depth", last)?;
        let held = exact_sum(depth.values.iter().copied().filter(|v| !v.is_nan())) * depth.grid.cell_area_m2();
        let row = times.iter().position(|t| same(*t, last));
        need(row.is_some(), || format!("balance.csv has no row at {last} s"))?;
        let stored = run.balance("stored_m3", Some(last))?;
        let difference = (held - stored).abs() / stored.max(LEAST_VOLUME_M3);
        list.push(("raster_against_balance", difference, Tolerance::Number(1e-5)));
    }
    Ok(list)
}

/// Largest relative residual of the balance, recomputed from its columns.
fn residual(run: &Run<'_>) -> Result<f64, Wrong> {
    let table = run.table("balance.csv", BALANCE)?;
    let column = |name: &str| table.numbers(name);
    let (rain, inflow, infiltrated) = (column("rain_m3")?, column("inflow_m3")?, column("infiltrated_m3")?);
    let (drained, outflow, stored) = (column("drained_m3")?, column("outflow_m3")?, column("stored_m3")?);
    let start = run.balance("stored_m3", Some(0.0))?;
    let mut worst = 0.0_f64;
    for k in 0..stored.len() {
        let gain = rain[k] + inflow[k] - infiltrated[k] - drained[k] - outflow[k];
        let size = (start + rain[k] + inflow[k]).max(LEAST_VOLUME_M3);
        worst = worst.max((stored[k] - start - gain).abs() / size);
    }
    Ok(worst)
}
