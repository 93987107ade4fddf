//! Lines (roads, rivers, routes, the storm's track) and the people to be moved.

use super::{Context, column, number, objects};
use crate::{FeatureShape, MapFeature, MapLayer};
use dayu_assets::{Asset, Details, Layer};
use dayu_base::{ResponseLevel, RiskColour, Text};
use dayu_plan::{DepartBy, DepartureMargin, margin_s};
use serde_json::Value;

/// Rivers, roads (quiet, flooded, closed ones), routes and track, bottom first.
pub(super) fn lines(context: &Context) -> Vec<MapLayer> {
    let level = context.input.plan.level;
    let roads: Vec<&Asset> = context.input.assets.iter().filter(|a| a.layer == Layer::Roads).collect();
    let (closed, open): (Vec<&Asset>, Vec<&Asset>) =
        roads.into_iter().partition(|a| context.closures.contains_key(a.id.as_str()));
    let (wet, quiet): (Vec<&Asset>, Vec<&Asset>) =
        open.into_iter().partition(|a| context.colour(&a.id) >= RiskColour::Blue);
    let risky = |id: &str, title: Text, roads: Vec<&Asset>| MapLayer {
        id: id.into(),
        title,
        columns: objects::columns(Layer::Roads),
        symbol: "line".into(),
        visible: level >= ResponseLevel::III,
        features: roads.into_iter().filter_map(|a| objects::feature(context, a)).collect(),
    };
    vec![
        objects::layer(context, Layer::Rivers, "line", true),
        MapLayer {
            id: "roads".into(),
            title: Text::new("道路", "roads"),
            columns: vec![column("class", "等级", "class"), column("origin", "数据来源", "origin")],
            symbol: "line".into(),
            visible: true,
            features: quiet.into_iter().filter_map(|a| road(context, a)).collect(),
        },
        risky("roads_flooded", Text::new("积水路段（≥0.05 m，未封控）", "flooded stretches, not closed"), wet),
        risky("roads_closed", Text::new("封控路段", "closed stretches"), closed),
        routes(context),
        track(context),
    ]
}

fn road(context: &Context, asset: &Asset) -> Option<MapFeature> {
    let class = match &asset.details {
        Details::Road { class, .. } => class.clone(),
        _ => None,
    };
    Some(MapFeature {
        object_id: asset.id.clone(),
        name: asset.name.clone(),
        shape: objects::shape(asset)?,
        colour: context.colour(&asset.id),
        label: None,
        fields: vec![class.map_or(Value::Null, Value::from), Value::from(asset.origin.id())],
    })
}

fn routes(context: &Context) -> MapLayer {
    let features = context
        .input
        .routes
        .iter()
        .filter(|r| r.line.0.len() > 1)
        .enumerate()
        .map(|(i, route)| MapFeature {
            object_id: format!("{}>{}#{}", route.transfer_id, route.shelter_id, i),
            name: format!("{} 人转移路线", route.people),
            shape: FeatureShape::Lines(geo::MultiLineString(vec![route.line.clone()])),
            colour: route_colour(context, &route.transfer_id),
            label: None,
            fields: vec![
                Value::from(route.transfer_id.clone()),
                Value::from(route.shelter_id.clone()),
                Value::from(route.people),
                number(Some(route.length_m), 0),
                Value::from(context.input.origin.id()),
            ],
        })
        .collect();
    MapLayer {
        id: "routes".into(),
        title: Text::new("转移路线", "evacuation routes"),
        columns: vec![
            column("transfer_id", "转移行", "transfer row"),
            column("shelter_id", "安置场所", "shelter"),
            column("people", "人数", "people"),
            column("length_m", "步行距离（m）", "walking distance, m"),
            column("origin", "数据来源", "origin"),
        ],
        symbol: "line".into(),
        visible: context.input.plan.level >= ResponseLevel::III,
        features,
    }
}

fn track(context: &Context) -> MapLayer {
    let features = context
        .input
        .track
        .iter()
        .map(|p| MapFeature {
            object_id: format!("track-{}", p.time.as_second()),
            name: context.input.zone.short(p.time),
            shape: FeatureShape::Point(p.x_m, p.y_m),
            colour: RiskColour::Unknown,
            label: None,
            fields: vec![
                Value::from(context.input.zone.rfc3339(p.time)),
                number(p.wind_m_s, 1),
                number(p.pressure_hpa, 0),
                Value::from(if p.forecast { "预报" } else { "实况" }),
                Value::from(context.input.origin.id()),
            ],
        })
        .collect();
    MapLayer {
        id: "typhoon".into(),
        title: Text::new("台风中心", "storm centre"),
        columns: vec![
            column("time", "时间", "time"),
            column("wind_m_s", "最大风速（m/s）", "wind, m/s"),
            column("pressure_hpa", "中心气压（hPa）", "pressure, hPa"),
            column("basis", "实况/预报", "observed or forecast"),
            column("origin", "数据来源", "origin"),
        ],
        symbol: "cross".into(),
        visible: true,
        features,
    }
}

/// A way that closes in the run is orange, one that is cut from the start red; one that stays open green.
fn route_colour(context: &Context, transfer_id: &str) -> RiskColour {
    let row = context.input.plan.transfers.iter().find(|t| t.id == transfer_id);
    match row.and_then(|t| t.departure.as_ref()).map(|d| d.leave_by()) {
        Some(DepartBy::Never) => RiskColour::Red,
        Some(DepartBy::At(_)) => RiskColour::Orange,
        Some(DepartBy::Always) | None => RiskColour::Low,
    }
}

/// People to be moved, one feature per endangered object: counts only, never names.
pub(super) fn transfers(context: &Context) -> Vec<MapLayer> {
    let mut features = Vec::new();
    for asset in context.input.assets {
        let Some(rows) = context.transfers.get(asset.id.as_str()) else { continue };
        let sum = |f: fn(&dayu_plan::TransferRow) -> u64| rows.iter().map(|r| f(r)).sum::<u64>();
        let to_move = sum(|r| r.people);
        if to_move == 0 {
            continue;
        }
        let mut categories: Vec<&str> = rows.iter().map(|r| r.category.as_str()).collect();
        categories.dedup();
        let mut shelters: Vec<&str> = rows.iter().flat_map(|r| &r.shelters).map(|(id, _)| id.as_str()).collect();
        shelters.sort_unstable();
        shelters.dedup();
        let deadline = rows.iter().filter_map(|r| r.deadline_s).min_by(f64::total_cmp);
        let leave_by = rows.iter().filter_map(|r| r.departure.as_ref()?.leave_by().at_s()).min_by(f64::total_cmp);
        let class = |r: &&dayu_plan::TransferRow| DepartureMargin::of(r.departure.as_ref(), r.order.known_s());
        let margin = rows.iter().map(class).max().unwrap_or(DepartureMargin::Unknown);
        let margin_min = (rows.iter().filter_map(|r| margin_s(r.departure.as_ref()?, r.order.known_s())))
            .min_by(f64::total_cmp)
            .map(|s| (s / 60.0).floor() as i64);
        features.push(MapFeature {
            object_id: asset.id.clone(),
            name: asset.name.clone(),
            shape: FeatureShape::Point(asset.x_m, asset.y_m),
            colour: rows.iter().map(|r| r.colour).max().unwrap_or(RiskColour::Unknown),
            label: None,
            fields: vec![
                context.town(asset.region.as_deref()),
                Value::from(categories.join(";")),
                Value::from(to_move),
                Value::from(sum(|r| r.vulnerable)),
                Value::from(sum(|r| r.to_house)),
                Value::from(sum(|r| r.unplaced.iter().map(|(n, _)| n).sum())),
                Value::from(shelters.join(";")),
                context.time(deadline),
                context.time(leave_by),
                Value::from(margin.zh()),
                margin_min.map_or(Value::Null, Value::from),
                Value::from(rows.iter().map(|r| r.id.as_str()).collect::<Vec<_>>().join(";")),
                Value::from(asset.origin.id()),
            ],
        });
    }
    vec![MapLayer {
        id: "transfers".into(),
        title: Text::new("应转移对象", "people to be moved"),
        columns: vec![
            column("town", "镇街", "town"),
            column("category", "转移类别", "category"),
            column("to_move", "应转移（人）", "to move"),
            column("vulnerable", "需协助（人）", "needing help"),
            column("to_house", "需集中安置（人）", "to house"),
            column("unplaced", "未落实（人）", "unplaced"),
            column("shelter_ids", "安置场所", "shelters"),
            column("deadline", "完成时限", "deadline"),
            column("leave_by", "最晚安全撤离时刻", "latest safe departure"),
            column("margin", "时间余量", "time left"),
            column("margin_min", "时间余量（分）", "time left, min"),
            column("transfer_ids", "转移行", "transfer rows"),
            column("origin", "数据来源", "origin"),
        ],
        symbol: "square".into(),
        // First transfers may stand in the list at Ⅳ already: then they are shown, too.
        visible: true,
        features,
    }]
}
