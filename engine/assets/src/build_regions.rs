//! The region tree from raw rows: every code once, every parent there, no circle.

use crate::fields::Fields;
use crate::raw::RawRegion;
use crate::sheet::Sheet;
use crate::{Region, RegionLevel};
use dayu_base::{Finding, Text};
use std::collections::BTreeMap;

/// A cell that holds nothing but blanks says nothing.
pub(crate) fn filled(cell: &Option<String>) -> Option<String> {
    let text = cell.as_deref()?.trim();
    (!text.is_empty()).then(|| text.to_string())
}

fn level_of(word: &str) -> Option<RegionLevel> {
    match word.to_lowercase().as_str() {
        "district" | "county" | "区" | "县" | "区县" | "县区" => Some(RegionLevel::District),
        "town" | "street" | "subdistrict" | "镇街" | "街道" | "镇" | "乡" | "乡镇" => Some(RegionLevel::Town),
        "zone" | "战区" | "片区" => Some(RegionLevel::Zone),
        "village" | "community" | "村社" | "村" | "社区" => Some(RegionLevel::Village),
        "grid" | "网格" => Some(RegionLevel::Grid),
        _ => None,
    }
}

/// Checks the rows and gives the regions that can stand in a tree, in the order of the rows.
pub(crate) fn build_regions(rows: &[RawRegion], sheet: &mut Sheet) -> Vec<Region> {
    let mut regions: Vec<Region> = Vec::with_capacity(rows.len());
    let mut row_of: BTreeMap<String, usize> = BTreeMap::new();
    let mut kept_rows: Vec<&RawRegion> = Vec::with_capacity(rows.len());
    for raw in rows {
        let mut report = |field: &str, finding: Finding| {
            sheet.add("", finding.in_file(&raw.file).at(&raw.row).field(field));
        };
        let Some(code) = filled(&raw.code) else {
            report(
                "code",
                Finding::error(
                    "REG-030",
                    Text::new("区划没有编码，未采用该行", "the region has no code; the row was left out"),
                    Text::new("填写唯一编码", "give a unique code"),
                ),
            );
            continue;
        };
        if let Some(&first) = row_of.get(&code) {
            let place = &kept_rows[first].row;
            report(
                "code",
                Finding::error(
                    "REG-031",
                    Text::new(
                        format!("区划编码“{code}”重复（首次见于 {place}），保留首个，未采用该行"),
                        format!(
                            "region code '{code}' is used twice (first at {place}); the first stays, this row was left out"
                        ),
                    ),
                    Text::new("每个区划使用唯一编码", "give every region its own code"),
                ),
            );
            continue;
        }
        let word = filled(&raw.level).unwrap_or_default();
        let Some(level) = level_of(&word) else {
            report(
                "level",
                Finding::error(
                    "REG-034",
                    Text::new(
                        format!("区划“{code}”的层级“{word}”无法识别，未采用该行"),
                        format!("level '{word}' of region '{code}' is unknown; the row was left out"),
                    ),
                    Text::new(
                        "填写 区 | 镇街 | 战区 | 村社 | 网格（district | town | zone | village | grid）",
                        "write district | town | zone | village | grid",
                    ),
                ),
            );
            continue;
        };
        let name = filled(&raw.name).unwrap_or_else(|| {
            report(
                "name",
                Finding::warning(
                    "REG-003",
                    Text::new(
                        format!("区划“{code}”没有名称，以编码代替"),
                        format!("region '{code}' has no name; its code stands in"),
                    ),
                    Text::new("填写名称", "give a name"),
                ),
            );
            code.clone()
        });
        let cells: BTreeMap<String, String> =
            raw.population.iter().map(|p| ("population".to_string(), p.clone())).collect();
        let population =
            Fields { file: &raw.file, row: &raw.row, attributes: &cells, sheet: &mut *sheet }.count("population");
        row_of.insert(code.clone(), regions.len());
        kept_rows.push(raw);
        regions.push(Region {
            code,
            parent: filled(&raw.parent),
            level,
            name,
            population,
            outline: raw.outline.clone(),
        });
    }
    check_parents(&mut regions, &kept_rows, &row_of, sheet);
    break_cycles(&mut regions, &kept_rows, &row_of, sheet);
    regions
}

fn check_parents(regions: &mut [Region], rows: &[&RawRegion], row_of: &BTreeMap<String, usize>, sheet: &mut Sheet) {
    let levels: Vec<RegionLevel> = regions.iter().map(|r| r.level).collect();
    for (region, raw) in regions.iter_mut().zip(rows) {
        let place = |f: Finding| f.in_file(&raw.file).at(&raw.row).field("parent");
        let code = &region.code;
        match region.parent.clone() {
            None if region.level != RegionLevel::District => sheet.add(
                "",
                place(Finding::warning(
                    "REG-036",
                    Text::new(format!("区划“{code}”没有上级"), format!("region '{code}' has no parent")),
                    Text::new("填写上级区划的编码", "give the code of its parent"),
                )),
            ),
            None => {}
            Some(parent) => match row_of.get(&parent) {
                None => {
                    region.parent = None;
                    sheet.add(
                        "",
                        place(Finding::error(
                            "REG-032",
                            Text::new(
                                format!("区划“{code}”的上级“{parent}”不存在，已脱离区划树"),
                                format!("parent '{parent}' of region '{code}' does not exist; the region hangs loose"),
                            ),
                            Text::new("补上级区划，或改正编码", "add the parent, or correct its code"),
                        )),
                    );
                }
                Some(&k) if levels[k] >= region.level && parent != *code => sheet.add(
                    "",
                    place(Finding::warning(
                        "REG-035",
                        Text::new(
                            format!("区划“{code}”的层级不低于其上级“{parent}”"),
                            format!("region '{code}' is not of a lower level than its parent '{parent}'"),
                        ),
                        Text::new("核对两者的层级", "check the levels of both"),
                    )),
                ),
                Some(_) => {}
            },
        }
    }
}

/// Follows each region upwards; a way that comes back to itself loses the link that closes the circle.
fn break_cycles(regions: &mut [Region], rows: &[&RawRegion], row_of: &BTreeMap<String, usize>, sheet: &mut Sheet) {
    // 0 = not seen, otherwise the number of the walk that saw it.
    let mut seen = vec![0usize; regions.len()];
    for start in 0..regions.len() {
        let walk = start + 1;
        let mut at = start;
        while seen[at] == 0 {
            seen[at] = walk;
            let Some(&parent) = regions[at].parent.as_ref().and_then(|p| row_of.get(p)) else { break };
            if seen[parent] == walk {
                let (code, up) = (regions[at].code.clone(), regions[parent].code.clone());
                regions[at].parent = None;
                sheet.add(
                    "",
                    Finding::error(
                        "REG-033",
                        Text::new(
                            format!("区划“{code}”与上级“{up}”成环，已断开该上级关系"),
                            format!(
                                "region '{code}' and its parent '{up}' form a circle; the link to the parent was cut"
                            ),
                        ),
                        Text::new("改正上级编码", "correct the parent's code"),
                    )
                    .in_file(&rows[at].file)
                    .at(&rows[at].row)
                    .field("parent"),
                );
                break;
            }
            at = parent;
        }
    }
}
