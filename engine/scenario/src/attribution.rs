//! `[attribution]`: which sources of the water at the gauges are told apart.

use crate::ScenarioSpec;
use dayu_base::{Finding, Text};
use serde::Deserialize;

/// `[attribution]`
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AttributionSpec {
    /// polygons of catchments or regions: rain that falls on them
    pub regions: Option<String>,
    /// field with the name of a polygon; default `id`
    pub id_field: Option<String>,
    /// ids of boundaries told apart; default: every boundary with an id
    pub boundaries: Option<Vec<String>>,
}

impl AttributionSpec {
    /// Field with the name of a polygon.
    pub fn id_field(&self) -> &str {
        self.id_field.as_deref().unwrap_or("id")
    }
}

/// Refuses an attribution without places to tell it for, and boundaries that do not exist.
pub(crate) fn check_attribution(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let Some(asked) = &spec.attribution else { return };
    let mut refuse = |code: &str, key: &str, zh: String, en: String, mend: (&str, &str)| {
        found.push(Finding::error(code, Text::new(zh, en), Text::new(mend.0, mend.1)).in_file(file).field(key));
    };
    if spec.gauge.is_empty() {
        refuse(
            "SCN-251",
            "attribution",
            "来水归因没有地点：情景没有 [[gauge]]".into(),
            "there is no place to attribute the water of: the scenario has no [[gauge]]".into(),
            ("为要说明来水的地点各写一个 [[gauge]]", "write a [[gauge]] for each place"),
        );
    }
    if asked.regions.is_none() && asked.id_field.is_some() {
        refuse(
            "SCN-014",
            "attribution.id_field",
            "“attribution.id_field”在这里不起作用：没有 regions".into(),
            "'attribution.id_field' has no effect here: there are no regions".into(),
            ("给出 regions，或去掉该键", "give regions, or remove the key"),
        );
    }
    let known = |id: &String| spec.boundary.iter().any(|b| b.id.as_ref() == Some(id));
    for id in asked.boundaries.iter().flatten().filter(|id| !known(id)) {
        let ids: Vec<&str> = spec.boundary.iter().filter_map(|b| b.id.as_deref()).collect();
        refuse(
            "SCN-252",
            "attribution.boundaries",
            format!("没有 id 为“{id}”的边界（有：{}）", ids.join("、")),
            format!("no boundary has the id '{id}' (there are: {})", ids.join(", ")),
            ("改正名称，或给该边界写上 id", "mend the name, or give the boundary an id"),
        );
    }
}
