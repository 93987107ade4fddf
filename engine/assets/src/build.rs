//! From raw rows to the registry, with everything that is wrong with them. Nothing bad is thrown away in silence, and
//! nothing unknown becomes zero.
//!
//! | code | severity | meaning |
//! | --- | --- | --- |
//! | REG-001 002 003 004 | error error warning error | id missing, id twice, name missing, geometry missing |
//! | REG-005 006 007 008 009 | error error error warning info | not finite, lon/lat exchanged, GCJ-02, outside, no outline |
//! | REG-010 … 014 | error | no number, negative, not finite, no yes/no, not among the choices |
//! | REG-015 016 017 018 | warning | more vulnerable than people, alarm above closure, shelter without or with 0 beds |
//! | REG-020 021 | warning | unknown region code, no region holds the place |
//! | REG-030 … 036 | error, 035 036 warning | region tree |
//! | REG-040 041 042 | error warning warning | duty incomplete, duty for nothing, 缺责任人 |
//! | REG-050 051 052 053 | info warning info info | layer absent, layer empty, no regions, no responsibilities |

use crate::build_duties::{check_duties, report_missing_roles};
use crate::build_place::check_place;
use crate::build_regions::{build_regions, filled};
use crate::fields::Fields;
use crate::outline::Outline;
use crate::raw::{RawAsset, RegistryInput};
use crate::sheet::Sheet;
use crate::{Asset, Layer, Region, RegionLevel, RegionTree, Registry};
use dayu_base::{Finding, Text};
use geo::{Geometry, MultiPolygon};
use std::collections::BTreeMap;

/// Checks the rows, builds the registry of those that can be used, and lists what is wrong with the others.
///
/// Rows are taken in the order of the layers and of the files, so that of two equal ids the same one always stays.
pub fn build_registry(input: RegistryInput) -> (Registry, Vec<Finding>) {
    let mut sheet = Sheet::default();
    let regions = match &input.regions {
        Some(rows) => build_regions(rows, &mut sheet),
        None => {
            sheet.add(
                "",
                Finding::info(
                    "REG-052",
                    Text::new("没有区划图层：按网格、镇街的汇总无数据", "no regions layer: no data by grid or town"),
                    Text::new("在 dataset.toml 增加 [layers.regions]", "add [layers.regions] to dataset.toml"),
                ),
            );
            Vec::new()
        }
    };
    let outline = district_outline(input.outline, &regions, &mut sheet);
    let tree = RegionTree::new(regions);
    let mut assets: Vec<Asset> = Vec::with_capacity(input.layers.values().map(Vec::len).sum());
    let mut first_row: BTreeMap<String, (Layer, String)> = BTreeMap::new();
    for layer in Layer::ALL {
        let Some(rows) = input.layers.get(&layer) else {
            sheet.add(
                "",
                Finding::info(
                    "REG-050",
                    Text::new(
                        format!("没有“{}”图层（{}）：产品中显示“无数据”", layer.zh(), layer.id()),
                        format!("no layer {}: products show 'no data'", layer.id()),
                    ),
                    Text::new(
                        format!("有数据时在 dataset.toml 增加 [layers.{}]", layer.id()),
                        format!("add [layers.{}] to dataset.toml when there are data", layer.id()),
                    ),
                )
                .at(layer.id())
                .field(layer.id()),
            );
            continue;
        };
        if rows.is_empty() {
            sheet.add(
                "",
                Finding::warning(
                    "REG-051",
                    Text::new(format!("“{}”图层没有记录", layer.zh()), format!("layer {} has no rows", layer.id())),
                    Text::new(
                        "确认文件是否完整；确无对象时可保留",
                        "check that the file is whole; leave it when there really is none",
                    ),
                )
                .at(layer.id())
                .field(layer.id()),
            );
        }
        for raw in rows {
            if let Some(asset) = check_row(layer, raw, outline.as_ref(), &tree, &mut first_row, &mut sheet) {
                assets.push(asset);
            }
        }
    }
    let duties = match &input.responsibilities {
        Some(rows) => check_duties(rows, &first_row, &tree, &mut sheet),
        None => {
            sheet.add(
                "",
                Finding::info(
                    "REG-053",
                    Text::new(
                        "没有责任人图层：责任人一律显示“未知”",
                        "no responsibility layer: every responsible person is unknown",
                    ),
                    Text::new(
                        "在 dataset.toml 增加 [layers.responsibility]",
                        "add [layers.responsibility] to dataset.toml",
                    ),
                ),
            );
            Vec::new()
        }
    };
    let place: BTreeMap<&str, (&str, &str)> = input
        .layers
        .values()
        .flatten()
        .filter_map(|raw| Some((raw.id.as_deref()?.trim(), (raw.file.as_str(), raw.row.as_str()))))
        .rev()
        .collect();
    let registry = Registry::new(assets, tree.all().to_vec(), duties);
    if input.responsibilities.is_some() {
        report_missing_roles(&registry, &place, &mut sheet);
    }
    (registry, sheet.into_findings())
}

/// The outline given, or that of the regions of district level.
fn district_outline(given: Option<MultiPolygon<f64>>, regions: &[Region], sheet: &mut Sheet) -> Option<Outline> {
    let outline = given.or_else(|| {
        let district = regions.iter().filter(|r| r.level == RegionLevel::District);
        let parts: Vec<_> = district.filter_map(|r| r.outline.clone()).flat_map(|o| o.0).collect();
        (!parts.is_empty()).then(|| MultiPolygon::new(parts))
    });
    let outline = outline.and_then(Outline::new);
    if outline.is_none() {
        sheet.add(
            "",
            Finding::info(
                "REG-009",
                Text::new(
                    "没有辖区边界：无法检查点位是否在辖区内、经纬度是否颠倒",
                    "no outline of the district: places cannot be checked against it",
                ),
                Text::new("为区划图层的区级提供边界面", "give the region of level district an outline"),
            ),
        );
    }
    outline
}

/// One row: `None` when it must be left out.
fn check_row(
    layer: Layer,
    raw: &RawAsset,
    outline: Option<&Outline>,
    tree: &RegionTree,
    first_row: &mut BTreeMap<String, (Layer, String)>,
    sheet: &mut Sheet,
) -> Option<Asset> {
    let place = |f: Finding, field: &str| f.in_file(&raw.file).at(&raw.row).field(field);
    let Some(id) = filled(&raw.id) else {
        sheet.add(
            layer.id(),
            place(
                Finding::error(
                    "REG-001",
                    Text::new(
                        format!("“{}”记录没有编号，未采用", layer.zh()),
                        format!("a row of {} has no id; it was left out", layer.id()),
                    ),
                    Text::new("填写全库唯一的编号", "give an id that is unique over all layers"),
                ),
                "id",
            ),
        );
        return None;
    };
    if let Some((other, row)) = first_row.get(&id) {
        let (zh, en) = (other.zh(), other.id());
        sheet.add(
            layer.id(),
            place(
                Finding::error(
                    "REG-002",
                    Text::new(
                        format!("编号“{id}”重复（首次见于 {zh} {row}），保留首个，未采用该行"),
                        format!(
                            "id '{id}' is used twice (first in {en}, {row}); the first stays, this row was left out"
                        ),
                    ),
                    Text::new("编号须在所有图层中唯一", "ids must be unique over all layers"),
                ),
                "id",
            ),
        );
        return None;
    }
    let (x_m, y_m) = check_place(layer, raw, &id, outline, sheet)?;
    let name = filled(&raw.name).unwrap_or_else(|| {
        sheet.add(
            layer.id(),
            place(
                Finding::warning(
                    "REG-003",
                    Text::new(
                        format!("{}“{id}”没有名称，以编号代替", layer.zh()),
                        format!("'{id}' of {} has no name; its id stands in", layer.id()),
                    ),
                    Text::new("填写群众知晓的名称", "give the name that people know"),
                ),
                "name",
            ),
        );
        id.clone()
    });
    let region = check_region(layer, raw, &id, (x_m, y_m), tree, sheet);
    let details = Fields::of(raw, sheet).details(layer);
    first_row.insert(id.clone(), (layer, raw.row.clone()));
    let geometry = raw.geometry.clone().filter(|g| !matches!(g, Geometry::Point(_)));
    Some(Asset {
        id,
        layer,
        name,
        x_m,
        y_m,
        geometry,
        region,
        origin: raw.origin,
        name_origin: filled(&raw.name_origin),
        position_origin: filled(&raw.position_origin),
        data_time: raw.data_time,
        details,
    })
}

/// The region of a row: the one it names, else the smallest that holds its place.
fn check_region(
    layer: Layer,
    raw: &RawAsset,
    id: &str,
    at: (f64, f64),
    tree: &RegionTree,
    sheet: &mut Sheet,
) -> Option<String> {
    let mut report = |f: Finding| sheet.add(layer.id(), f.in_file(&raw.file).at(&raw.row).field("region"));
    let named = filled(&raw.region);
    if tree.all().is_empty() {
        // Nothing to compare with; the code is kept as it stands (REG-052 says that the tree is absent).
        return named;
    }
    if let Some(code) = named.as_deref().and_then(|code| tree.get(code)).map(|r| r.code.clone()) {
        return Some(code);
    }
    let held_by = tree.region_at(at.0, at.1).map(|r| r.code.clone());
    if let Some(code) = named {
        let (zh, en) = match &held_by {
            Some(r) => (format!("改按位置归入“{r}”"), format!("taken by its place into '{r}'")),
            None => {
                ("位置也不在任何区划内，归属未知".to_string(), "no region holds its place either; unknown".to_string())
            }
        };
        report(Finding::warning(
            "REG-020",
            Text::new(
                format!("{}“{id}”的区划编码“{code}”不存在，{zh}", layer.zh()),
                format!("region '{code}' of '{id}' does not exist; {en}"),
            ),
            Text::new("改正区划编码，或补充该区划", "correct the code, or add the region"),
        ));
    } else if held_by.is_none() {
        report(Finding::warning(
            "REG-021",
            Text::new(
                format!("{}“{id}”的位置不在任何区划内，归属未知", layer.zh()),
                format!("no region holds '{id}'; its region is unknown"),
            ),
            Text::new("填写区划编码，或核对坐标", "give its region code, or check its coordinates"),
        ));
    }
    held_by
}
