//! Readings of slope instruments: one row each, `time,object_id,kind,value`.

use super::named;
use crate::files::{InputFiles, Located};
use crate::load::instant_of;
use dayu_assets::{Layer, Registry};
use dayu_base::{Finding, Instant, Text, Zone};
use dayu_slopes::{InstrumentKind, Readings};
use std::collections::BTreeMap;

/// Readings by slope. A row that cannot be read, or names no slope, is a finding and left out; an empty value is no reading.
pub(crate) fn read_readings(
    files: &InputFiles,
    file: &Located,
    registry: &Registry,
    start: Instant,
    zone: &Zone,
) -> Result<(BTreeMap<String, Vec<Readings>>, Vec<Finding>), Finding> {
    files.note("slope_readings", file)?;
    let (table, found) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let mut findings: Vec<Finding> = found.into_iter().map(|f| named(file, f)).collect();
    let column = |name: &str| {
        table.columns.iter().position(|c| c == name).ok_or_else(|| {
            Finding::error(
                "RUN-055",
                Text::new(format!("缺少 {name} 列"), format!("the column {name} is missing")),
                Text::new("列为 time,object_id,kind,value", "the columns are time,object_id,kind,value"),
            )
            .in_file(&file.name)
            .field(name)
        })
    };
    let (time, object, kind, value) = (column("time")?, column("object_id")?, column("kind")?, column("value")?);
    let mut rows: BTreeMap<(String, InstrumentKind), Vec<(f64, f64)>> = BTreeMap::new();
    for (k, row) in table.rows.iter().enumerate() {
        let text = |c: usize| row.get(c).and_then(|v| v.as_deref()).unwrap_or_default().trim();
        let known = registry.by_id(text(object)).is_some_and(|a| a.layer == Layer::Slopes);
        let number = if text(value).is_empty() {
            Some(f64::NAN)
        } else {
            text(value).parse().ok().filter(|v: &f64| v.is_finite())
        };
        let parsed = (instant_of(text(time), zone), InstrumentKind::from_id(text(kind)), number);
        if let ((Some(at), Some(kind), Some(v)), true) = (parsed, known) {
            rows.entry((text(object).to_string(), kind)).or_default().push((at.duration_since(start).as_secs_f64(), v));
        } else {
            findings.push(
                Finding::error(
                    "RUN-056",
                    Text::new("该条监测读数无法识别，未采用", "the reading is not understood and was left out"),
                    Text::new(
                        "time 写 RFC 3339；object_id 为边坡编号；kind 为 displacement（mm）| crack（mm）| tilt（度）| pore_head（m）；value 为数",
                        "time in RFC 3339; object_id of a slope; kind displacement (mm) | crack (mm) | tilt (degrees) | pore_head (m); value a number",
                    ),
                )
                .in_file(&file.name)
                .at(format!("第{}行 row {}", k + 2, k + 2)),
            );
        }
    }
    let mut readings: BTreeMap<String, Vec<Readings>> = BTreeMap::new();
    for ((id, kind), mut rows) in rows {
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        readings.entry(id).or_default().push(Readings { kind, rows });
    }
    Ok((readings, findings))
}
