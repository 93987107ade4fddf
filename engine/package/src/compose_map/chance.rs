//! Where how many of the members flood.

use super::{Context, column};
use crate::{FeatureShape, MapFeature, MapLayer};
use dayu_base::{RiskColour, Text};
use serde_json::Value;

/// Areas by share of the members that reach 0.15 m; `None` for a single run.
pub(super) fn layer(context: &Context) -> Option<MapLayer> {
    let (maps, chances) = (context.input.members?, context.input.impact.chances.as_ref()?);
    let features = maps.areas.iter().map(|(least, most, area)| {
        let (least, most) = ((least * 100.0).round(), (most * 100.0).round());
        let name = if most < 100.0 { format!("{least:.0}%–{most:.0}%") } else { format!("{least:.0}% 及以上") };
        MapFeature {
            object_id: format!("chance-{least:.0}"),
            name: format!("积水达 0.15 m 的成员占 {name}"),
            shape: FeatureShape::Polygons(area.clone()),
            colour: match least {
                l if l >= 90.0 => RiskColour::Red,
                l if l >= 50.0 => RiskColour::Orange,
                _ => RiskColour::Yellow,
            },
            label: None,
            fields: vec![
                Value::from(least),
                Value::from(most),
                Value::from(chances.members),
                Value::from(chances.cell_m),
                Value::from(chances.method.zh.clone()),
                Value::from(chances.origin.id()),
            ],
        }
    });
    Some(MapLayer {
        id: "flood_chance".into(),
        title: Text::new(
            format!("积水可能（{} 个成员）", chances.members),
            format!("chance of flooding ({} members)", chances.members),
        ),
        columns: vec![
            column("least_percent", "成员比例不小于（%）", "least share, %"),
            column("most_percent", "成员比例小于（%，最后一级含 100）", "greatest share, %"),
            column("members", "成员数", "members"),
            column("cell_m", "成员格网（m）", "members' cells, m"),
            column("method", "成员做法", "method"),
            column("origin", "数据来源", "origin"),
        ],
        symbol: "fill".into(),
        visible: false,
        features: features.collect(),
    })
}
