//! Series, rain and signals.

use super::named;
use crate::files::{InputFiles, Located};
use crate::load::instant_of;
use dayu_base::{Finding, Instant, RiskColour, Text, Zone};
use dayu_gis::Transformer;
use dayu_inundation::Series;
use dayu_plan::{Signal, SignalKind};
use dayu_scenario::{BoundarySpec, RainSpec};
use dayu_storm::{RainField, RainSource, StepSeries};

/// Rain entries of a scenario.
pub(crate) fn read_rain(
    files: &InputFiles,
    scenario: &Located,
    entries: &[RainSpec],
    crs: &str,
    start: Instant,
) -> Result<(RainField, Option<f64>, Vec<Finding>), Finding> {
    let mut findings = Vec::new();
    let mut until_s: Option<f64> = None;
    let mut sources = Vec::new();
    for (k, entry) in entries.iter().enumerate() {
        if let Some(rate) = entry.mm_h {
            sources.push(RainSource::Uniform(StepSeries { time_s: vec![0.0], value: vec![rate] }));
            continue;
        }
        let Some(path) = &entry.series else { continue };
        let file = scenario.beside(path);
        files.note("rain", &file)?;
        let (series, found) =
            dayu_table::read_series(&file.path, "time_s", Some(start)).map_err(|f| named(&file, f))?;
        findings.extend(found.into_iter().map(|f| named(&file, f)));
        dayu_table::check_non_negative(&series, &file.name, &Text::new("雨强", "rain")).map_err(|f| named(&file, f))?;
        until_s = known_until(&series).into_iter().chain(until_s).max_by(f64::total_cmp);
        if entry.kind == "uniform" {
            let Some((_, value)) = series.columns.first().filter(|_| series.columns.len() == 1) else {
                return Err(column_error(&file, "应有 time_s 与 mm_h 两列", "needs the columns time_s and mm_h"));
            };
            sources.push(RainSource::Uniform(StepSeries { time_s: series.time_s, value: value.clone() }));
            continue;
        }
        let Some(stations_path) = &entry.stations else { continue };
        let stations_file = scenario.beside(stations_path);
        let stations = read_stations(files, &stations_file, crs)?;
        let mut chosen = Vec::new();
        let mut rates = Vec::new();
        for (id, x, y) in stations {
            match series.columns.iter().find(|(name, _)| *name == id) {
                Some((_, values)) => {
                    chosen.push((id, x, y));
                    rates.push(values.clone());
                }
                None => findings.push(
                    Finding::warning(
                        "RUN-051",
                        Text::new(
                            format!("站点“{id}”没有雨量序列，未采用"),
                            format!("station '{id}' has no series and was left out"),
                        ),
                        Text::new("在序列文件中增加该列", "add its column to the series"),
                    )
                    .in_file(&file.name)
                    .field(id.clone()),
                ),
            }
        }
        for (name, _) in &series.columns {
            if !chosen.iter().any(|(id, ..)| id == name) {
                findings.push(
                    Finding::warning(
                        "RUN-052",
                        Text::new(
                            format!("序列列“{name}”没有对应站点，未采用"),
                            format!("column '{name}' has no station and was left out"),
                        ),
                        Text::new("在站点文件中增加该站", "add the station to the stations file"),
                    )
                    .in_file(&file.name)
                    .field(name.clone()),
                );
            }
        }
        if chosen.is_empty() {
            return Err(column_error(&file, "没有一列与站点编号相符", "no column matches a station id"));
        }
        sources.push(RainSource::Gauges {
            stations: chosen,
            time_s: series.time_s,
            rate_mm_h: rates,
            nearest: entries[k].interpolation.as_deref() == Some("nearest"),
        });
    }
    Ok((RainField { sources }, until_s, findings))
}

/// End of the last row in which any column is known: a row holds as long as the one before it did.
fn known_until(series: &dayu_table::Series) -> Option<f64> {
    let last = (0..series.time_s.len()).rev().find(|k| series.columns.iter().any(|(_, v)| v[*k].is_finite()))?;
    let held = if last > 0 { series.time_s[last] - series.time_s[last - 1] } else { 0.0 };
    Some(series.time_s[last] + held)
}

fn read_stations(files: &InputFiles, file: &Located, crs: &str) -> Result<Vec<(String, f64, f64)>, Finding> {
    files.note("rain", file)?;
    let (table, _) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let column = |name: &str| table.columns.iter().position(|c| c == name);
    let id = column("id").ok_or_else(|| column_error(file, "缺少 id 列", "the column id is missing"))?;
    let (cx, cy, from) = match (column("x").zip(column("y")), column("lon").zip(column("lat"))) {
        (Some((x, y)), _) => (x, y, crs),
        (None, Some((lon, lat))) => (lon, lat, "EPSG:4490"),
        _ => return Err(column_error(file, "缺少 x,y 或 lon,lat 列", "the columns x,y or lon,lat are missing")),
    };
    let transform = Transformer::new(from, crs).map_err(|f| named(file, f))?;
    let mut stations = Vec::new();
    for (k, row) in table.rows.iter().enumerate() {
        let number = |c: usize| {
            row.get(c).and_then(|v| v.as_deref()).and_then(|v| v.trim().parse::<f64>().ok()).filter(|v| v.is_finite())
        };
        let name = row.get(id).cloned().flatten();
        let (Some(name), Some(x), Some(y)) = (name, number(cx), number(cy)) else {
            return Err(column_error(
                file,
                "站点编号或坐标缺失、无效",
                "a station's id or coordinates are missing or not valid",
            )
            .at(format!("第{}行 row {}", k + 2, k + 2)));
        };
        if x == 0.0 && y == 0.0 {
            return Err(column_error(file, "站点坐标为 (0, 0)", "a station lies at (0, 0)").at(format!(
                "第{}行 row {}",
                k + 2,
                k + 2
            )));
        }
        if stations.iter().any(|(known, ..): &(String, f64, f64)| *known == name) {
            return Err(column_error(file, "站点编号重复", "a station's id is repeated")
                .at(format!("第{}行 row {}", k + 2, k + 2))
                .field("id"));
        }
        let (x, y) = transform.point(x, y).map_err(|f| named(file, f))?;
        stations.push((name, x, y));
    }
    Ok(stations)
}

fn column_error(file: &Located, zh: &str, en: &str) -> Finding {
    Finding::error("RUN-050", Text::new(zh, en), Text::new("按说明补全列", "complete the columns as documented"))
        .in_file(&file.name)
}

/// The series of an inflow or stage boundary: a file or one number.
pub(crate) fn read_series_of(
    files: &InputFiles,
    scenario: &Located,
    boundary: &BoundarySpec,
    start: Instant,
) -> Result<Series, Finding> {
    if let Some(value) = boundary.m3_s.or(boundary.level_m) {
        return Ok(Series::constant(value));
    }
    let Some(path) = &boundary.series else {
        return Err(column_error(scenario, "边界缺少 series", "the boundary lacks its series"));
    };
    let file = scenario.beside(path);
    files.note("boundary", &file)?;
    let (series, _) = dayu_table::read_series(&file.path, "time_s", Some(start)).map_err(|f| named(&file, f))?;
    let wanted = if boundary.kind == "stage" { "level_m" } else { "m3_s" };
    let column =
        series.columns.iter().find(|(name, _)| name == wanted).ok_or_else(|| {
            column_error(&file, &format!("缺少 {wanted} 列"), &format!("the column {wanted} is missing"))
        })?;
    if let Some(k) = column.1.iter().position(|v| !v.is_finite()) {
        return Err(column_error(&file, "边界序列有空缺", "the boundary's series has a gap")
            .at(format!("第{}行 row {}", k + 2, k + 2))
            .field(wanted));
    }
    Ok(Series { at: series.time_s, value: column.1.clone() })
}

/// The curve of a rating boundary: level_m,m3_s, levels rising.
pub(crate) fn read_rating(files: &InputFiles, scenario: &Located, boundary: &BoundarySpec) -> Result<Series, Finding> {
    let Some(path) = &boundary.series else {
        return Err(column_error(scenario, "边界缺少 series", "the boundary lacks its series"));
    };
    let file = scenario.beside(path);
    files.note("boundary", &file)?;
    let (curve, _) = dayu_table::read_series(&file.path, "level_m", None).map_err(|f| named(&file, f))?;
    let column = curve
        .columns
        .iter()
        .find(|(name, _)| name == "m3_s")
        .ok_or_else(|| column_error(&file, "缺少 m3_s 列", "the column m3_s is missing"))?;
    if let Some(k) = column.1.iter().position(|v| !v.is_finite()) {
        return Err(column_error(&file, "水位流量关系有空缺", "the rating curve has a gap")
            .at(format!("第{}行 row {}", k + 2, k + 2))
            .field("m3_s"));
    }
    Ok(Series { at: curve.time_s, value: column.1.clone() })
}

/// Official warnings: time,area,kind,colour.
pub(crate) fn read_signals(
    files: &InputFiles,
    file: &Located,
    start: Instant,
    zone: &Zone,
) -> Result<(Vec<Signal>, Vec<Finding>), Finding> {
    files.note("signals", file)?;
    let (table, _) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let need = |name: &str| {
        table
            .columns
            .iter()
            .position(|c| c == name)
            .ok_or_else(|| column_error(file, &format!("缺少 {name} 列"), &format!("the column {name} is missing")))
    };
    let (time, area, kind, colour) = (need("time")?, need("area")?, need("kind")?, need("colour")?);
    let mut signals = Vec::new();
    let mut findings = Vec::new();
    for (k, row) in table.rows.iter().enumerate() {
        let text = |c: usize| row.get(c).and_then(|v| v.as_deref()).unwrap_or_default().trim();
        let parsed = (
            instant_of(text(time), zone),
            SignalKind::from_id(text(kind)),
            RiskColour::from_id(text(colour)).filter(|c| *c > RiskColour::Low),
        );
        if let (Some(at), Some(kind), Some(colour)) = parsed {
            signals.push(Signal {
                at_s: at.duration_since(start).as_secs_f64(),
                area: text(area).into(),
                kind,
                colour,
                official: true,
            });
        } else {
            findings.push(
                Finding::error(
                    "RUN-053",
                    Text::new("该条预警信号无法识别，未采用", "the warning signal is not understood and was left out"),
                    Text::new(
                        "time 写 RFC 3339；kind 为 rain | typhoon | geohazard；colour 为 blue | yellow | orange | red",
                        "time in RFC 3339; kind rain | typhoon | geohazard; colour blue | yellow | orange | red",
                    ),
                )
                .in_file(&file.name)
                .at(format!("第{}行 row {}", k + 2, k + 2)),
            );
        }
    }
    Ok((signals, findings))
}
