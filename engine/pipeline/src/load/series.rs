//! Series of boundaries, and signals.

use super::named;
use super::rain::column_error;
use crate::files::{InputFiles, Located};
use crate::load::instant_of;
use dayu_base::{Finding, Instant, RiskColour, Text, Zone};
use dayu_inundation::Series;
use dayu_plan::{Signal, SignalKind};
use dayu_scenario::BoundarySpec;

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
