//! Water, regions and the district: what lies under everything else.

use super::{Context, column, number};
use crate::{FeatureShape, MapFeature, MapLayer};
use dayu_assets::{Region, RegionLevel};
use dayu_base::{RiskColour, Text};
use dayu_impact::RegionImpact;
use serde_json::Value;
use std::collections::BTreeMap;

/// Permanent water, 网格, 镇街 and the outline of the district, bottom first.
pub(super) fn layers(context: &Context) -> Vec<MapLayer> {
    let input = context.input;
    let impacts: BTreeMap<&str, &RegionImpact> = input.impact.regions.iter().map(|r| (r.code.as_str(), r)).collect();
    let district = input.regions.iter().find(|r| r.level == RegionLevel::District);
    let mut layers =
        vec![single("water", Text::new("常年水面", "permanent water"), "fill", input.water, context, None)];
    layers.push(region_layer(context, &impacts, RegionLevel::Grid, "grids", Text::new("网格", "grids"), "fill"));
    layers.push(region_layer(context, &impacts, RegionLevel::Town, "towns", Text::new("镇街界", "towns"), "outline"));
    layers.push(single(
        "district",
        Text::new("区界（示意）", "district (schematic)"),
        "outline",
        input.outline,
        context,
        district,
    ));
    layers
}

fn single(
    id: &str,
    title: Text,
    symbol: &str,
    shape: Option<&geo::MultiPolygon<f64>>,
    context: &Context,
    region: Option<&Region>,
) -> MapLayer {
    let features = shape.map(|polygons| MapFeature {
        object_id: region.map_or_else(|| id.to_string(), |r| r.code.clone()),
        name: region.map_or_else(|| title.zh.clone(), |r| r.name.clone()),
        shape: FeatureShape::Polygons(polygons.clone()),
        colour: RiskColour::Low,
        label: None,
        fields: vec![Value::from(context.input.origin.id())],
    });
    MapLayer {
        id: id.to_string(),
        title,
        columns: vec![column("origin", "数据来源", "origin")],
        symbol: symbol.to_string(),
        visible: true,
        features: features.into_iter().collect(),
    }
}

fn region_layer(
    context: &Context,
    impacts: &BTreeMap<&str, &RegionImpact>,
    level: RegionLevel,
    id: &str,
    title: Text,
    symbol: &str,
) -> MapLayer {
    let features = context
        .input
        .regions
        .iter()
        .filter(|r| r.level == level)
        .filter_map(|region| {
            let impact = impacts.get(region.code.as_str());
            Some(MapFeature {
                object_id: region.code.clone(),
                name: region.name.clone(),
                shape: FeatureShape::Polygons(region.outline.clone()?),
                colour: impact.map_or(RiskColour::Unknown, |i| i.colour),
                label: (level == RegionLevel::Town).then(|| region.name.clone()),
                fields: vec![
                    context.town(Some(&region.code)),
                    region.population.map_or(Value::Null, Value::from),
                    impact.filter(|i| i.blocks > 0).map_or(Value::Null, |i| Value::from(i.affected)),
                    impact.map_or(Value::Null, |i| Value::from(i.points_flooded)),
                    impact.map_or(Value::Null, |i| Value::from(i.points_unknown)),
                    impact.filter(|i| i.covered_m2 > 0.0).map_or(Value::Null, |i| number(Some(i.flooded_m2 / 1e4), 2)),
                    number(impact.and_then(|i| i.peak_m), 2),
                    context.time(impact.and_then(|i| i.peak_at_s)),
                    Value::from(context.input.origin.id()),
                ],
            })
        })
        .collect();
    MapLayer {
        id: id.to_string(),
        title,
        columns: vec![
            column("town", "镇街", "town"),
            column("population", "人口", "population"),
            column("affected", "受影响人口", "affected"),
            column("points_flooded", "积水点（≥0.15 m）", "flooded points"),
            column("points_unknown", "水深未知的积水点", "points of unknown depth"),
            column("flooded_ha", "淹没面积（公顷）", "flooded area, ha"),
            column("peak_depth_m", "最大水深（m）", "deepest water, m"),
            column("peak_at", "峰值时刻", "time of peak"),
            column("origin", "数据来源", "origin"),
        ],
        symbol: symbol.to_string(),
        visible: true,
        features,
    }
}
