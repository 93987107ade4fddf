//! Which sources of the water at the gauges are told apart, and `attribution.csv`.

use crate::inputs::Inputs;
use crate::simulation::field;
use dayu_base::{Finding, Text};
use dayu_inundation::{Attribution, Inundation, NO_REGION};
use dayu_terrain::{GridSpec, cells_in_polygon};
use geo::{Geometry, MultiPolygon};
use serde_json::{Value, json};
use std::fmt::Write;

/// Sources of a scenario with `[attribution]`: regions by the cells whose centre lies in their polygons, in file order (in two at once:
/// the first), and boundaries by their ids.
///
/// # Errors
/// `RUN-200` a region without a name or the field of the names is missing, `RUN-201` no region covers a cell.
pub(crate) fn attribution(
    inputs: &Inputs,
    grid: &GridSpec,
    bed_m: &[f64],
    findings: &mut Vec<Finding>,
) -> Result<Option<Attribution>, Finding> {
    let spec = &inputs.scenario;
    let Some(asked) = &spec.attribution else { return Ok(None) };
    let mut result = Attribution { region_of: vec![NO_REGION; grid.len()], ..Attribution::default() };
    for (number, boundary) in spec.boundary.iter().enumerate() {
        let Some(id) = &boundary.id else { continue };
        if asked.boundaries.as_ref().is_none_or(|names| names.contains(id)) {
            result.boundaries.push((number, id.clone()));
        }
    }
    if let Some(path) = &asked.regions {
        regions(inputs, path, asked.id_field(), grid, bed_m, &mut result, findings)?;
    }
    Ok(Some(result))
}

fn regions(
    inputs: &Inputs,
    path: &str,
    id_field: &str,
    grid: &GridSpec,
    bed_m: &[f64],
    result: &mut Attribution,
    findings: &mut Vec<Finding>,
) -> Result<(), Finding> {
    let file = inputs.scenario_file.beside(path);
    let refuse = |code: &str, zh: String, en: String, mend: (&str, &str)| {
        Finding::error(code, Text::new(zh, en), Text::new(mend.0, mend.1))
            .in_file(&file.name)
            .field("attribution.regions")
    };
    inputs.files.note("attribution", &file)?;
    let crs = &inputs.district.spec.crs;
    let (layer, found) = dayu_gis::read_vector(&file.path, None, None, crs).map_err(|f| f.in_file(&file.name))?;
    findings.extend(found.into_iter().map(|f| f.in_file(&file.name)));
    let Some(column) = layer.field(id_field) else {
        return Err(refuse(
            "RUN-200",
            format!("分区没有名称字段“{id_field}”（有：{}）", layer.fields.join("、")),
            format!("the regions have no field '{id_field}' (there are: {})", layer.fields.join(", ")),
            ("用 id_field 指明字段", "name the field by id_field"),
        ));
    };
    let mut shared = 0_usize;
    for feature in &layer.features {
        let polygons = match &feature.geometry {
            Some(Geometry::Polygon(p)) => MultiPolygon::new(vec![p.clone()]),
            Some(Geometry::MultiPolygon(m)) => m.clone(),
            _ => continue,
        };
        let Some(id) = feature.values.get(column).cloned().flatten() else {
            let mend = ("补全名称", "complete the names");
            return Err(refuse("RUN-200", "有分区没有名称".into(), "a region has no name".into(), mend)
                .at(format!("fid {}", feature.fid)));
        };
        // Parts of one region may stand apart in the file.
        let region = result.regions.iter().position(|r| *r == id).unwrap_or_else(|| {
            result.regions.push(id);
            result.regions.len() - 1
        });
        for cell in cells_in_polygon(grid, &polygons) {
            let own = &mut result.region_of[cell];
            shared += usize::from(*own != NO_REGION && usize::from(*own) != region);
            if *own == NO_REGION {
                *own = region as u16;
            }
        }
    }
    if !result.region_of.iter().zip(bed_m).any(|(r, z)| *r != NO_REGION && !z.is_nan()) {
        return Err(refuse(
            "RUN-201",
            "分区没有覆盖任何计算单元".into(),
            "the regions cover no computed cell".into(),
            ("核对分区的坐标系与范围", "check the CRS and the extent of the regions"),
        ));
    }
    if shared > 0 {
        findings.push(
            Finding::warning(
                "RUN-202",
                Text::new(
                    format!("分区相互重叠：{shared} 个单元在两个分区内，按文件中的先者计"),
                    format!(
                        "the regions overlap: {shared} cells lie in two of them and count for the first in the file"
                    ),
                ),
                Text::new("改正分区边界", "mend the regions"),
            )
            .in_file(&file.name)
            .field("attribution.regions"),
        );
    }
    Ok(())
}

/// `attribution.csv`: share of each source in the water at each gauge; empty where the gauge is dry.
pub(crate) fn attribution_csv(water: &Inundation) -> String {
    let mut s = String::from("time_s,id,source,share\n");
    for row in &water.attribution {
        let share = row.share.map(|v| v.to_string()).unwrap_or_default();
        let _ = writeln!(s, "{},{},{},{share}", row.time_s, field(&row.id), field(&row.source));
    }
    s
}

/// What became of each source, for `summary.json`.
pub(crate) fn source_totals(water: &Inundation) -> Value {
    let total = |t: &dayu_inundation::SourceTotal| {
        json!({
            "source": t.source, "entered_m3": t.entered_m3, "stored_m3": t.stored_m3, "gone_m3": t.gone_m3,
            "error_m3": t.error_m3,
        })
    };
    water.sources.iter().map(total).collect()
}
