//! Measured rain beside a scenario, to judge its forecast by.

use super::named;
use super::rain::{RainRequest, column_error, read_stations};
use crate::files::Located;
use dayu_base::{Finding, Text};
use dayu_storm::StepSeries;

/// What a station measured.
pub(crate) struct Observed {
    pub id: String,
    pub x_m: f64,
    pub y_m: f64,
    /// mm/h; NaN = unknown
    pub rain: StepSeries,
}

/// Stations (`id,x,y` or `id,lon,lat`) that have a column in the series (`time_s,<id>…`).
pub(crate) fn read_observed(
    ask: &RainRequest<'_>,
    stations: &Located,
    series: &Located,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Observed>, Finding> {
    ask.files.note("observed", series)?;
    let (table, found) =
        dayu_table::read_series(&series.path, "time_s", Some(ask.start)).map_err(|f| named(series, f))?;
    findings.extend(found.into_iter().map(|f| named(series, f)));
    dayu_table::check_non_negative(&table, &series.name, &Text::new("雨强", "rain")).map_err(|f| named(series, f))?;
    let places = read_stations(ask, stations, findings)?;
    let list: Vec<Observed> = places
        .into_iter()
        .filter_map(|(id, x_m, y_m)| {
            let value = table.column(&id)?.to_vec();
            Some(Observed { id, x_m, y_m, rain: StepSeries { time_s: table.time_s.clone(), value } })
        })
        .collect();
    if list.is_empty() {
        return Err(column_error(series, "没有一列与站点编号相符", "no column matches a station id"));
    }
    Ok(list)
}
