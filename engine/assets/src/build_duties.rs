//! Who answers for what, from raw rows; and for which objects nobody does (缺责任人).

use crate::build_regions::filled;
use crate::raw::RawResponsibility;
use crate::sheet::Sheet;
use crate::{Layer, RegionTree, Registry, Responsibility};
use dayu_base::{Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Duties that can be used; the others are reported.
pub(crate) fn check_duties(
    rows: &[RawResponsibility],
    objects: &BTreeMap<String, (Layer, String)>,
    tree: &RegionTree,
    sheet: &mut Sheet,
) -> Vec<Responsibility> {
    let mut duties = Vec::with_capacity(rows.len());
    for raw in rows {
        let mut report = |f: Finding, field: &str| sheet.add("", f.in_file(&raw.file).at(&raw.row).field(field));
        let cells = [("scope", filled(&raw.scope)), ("role", filled(&raw.role)), ("person_id", filled(&raw.person_id))];
        let absent: Vec<&str> = cells.iter().filter(|(_, v)| v.is_none()).map(|(f, _)| *f).collect();
        let [(_, Some(scope)), (_, Some(role)), (_, Some(person_id))] = cells else {
            let fields = absent.join(", ");
            report(
                Finding::error(
                    "REG-040",
                    Text::new(
                        format!("责任人记录缺少 {fields}，未采用"),
                        format!("a duty lacks {fields}; it was left out"),
                    ),
                    Text::new("补全对象或区划编码、责任类别、人员编号", "give scope, role and person_id"),
                ),
                &fields,
            );
            continue;
        };
        let level = filled(&raw.level).unwrap_or_default();
        // Duties of level 户 name a household, which stands in the protected register and is not known here.
        if level != "户" && !objects.contains_key(&scope) && tree.get(&scope).is_none() {
            report(
                Finding::warning(
                    "REG-041",
                    Text::new(
                        format!("责任人记录指向不存在的对象或区划“{scope}”，不起作用"),
                        format!("a duty names '{scope}', which is neither an object nor a region; it has no effect"),
                    ),
                    Text::new("改正编号，或删除该行", "correct the id, or remove the row"),
                ),
                "scope",
            );
        }
        duties.push(Responsibility {
            scope,
            role,
            person_id,
            level,
            post: filled(&raw.post).unwrap_or_default(),
            substitute_id: filled(&raw.substitute_id),
        });
    }
    duties
}

/// 缺责任人: roles that an object must have and that nobody in its chain holds.
pub(crate) fn report_missing_roles(registry: &Registry, place: &BTreeMap<&str, (&str, &str)>, sheet: &mut Sheet) {
    // Objects of one region without duties of their own share the answer, so each region's roles are gathered once.
    let mut roles_of_region: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for region in registry.regions().all() {
        let roles = registry.chain_of_region(&region.code).into_iter().map(|d| d.role.as_str()).collect();
        roles_of_region.insert(&region.code, roles);
    }
    for asset in registry.assets() {
        let own: BTreeSet<&str> = registry.duties_of(&asset.id).iter().map(|d| d.role.as_str()).collect();
        let above = asset.region.as_deref().and_then(|code| roles_of_region.get(code));
        for role in crate::expected_roles(asset.layer) {
            if own.contains(role) || above.is_some_and(|roles| roles.contains(role)) {
                continue;
            }
            let (file, row) = place.get(asset.id.as_str()).copied().unwrap_or_default();
            let (zh, id) = (asset.layer.zh(), &asset.id);
            let topic = format!("{zh} {role}");
            sheet.add(
                &topic,
                Finding::warning(
                    "REG-042",
                    Text::new(
                        format!("{zh}“{}”（{id}）缺责任人：{role}", asset.name),
                        format!("'{}' ({id}) has no responsible person for {role}", asset.name),
                    ),
                    Text::new(
                        "在责任人图层为该对象或其网格、村社、镇街补充",
                        "add one for the object or for its grid, village or town",
                    ),
                )
                .in_file(file)
                .at(row)
                .field("responsibility"),
            );
        }
    }
}
