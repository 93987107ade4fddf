//! Objects of the registers: what threatens, what helps, what may be hit.

use super::{Context, column, number};
use crate::{FeatureShape, MapFeature, MapLayer};
use dayu_assets::{Asset, Details, Layer};
use dayu_base::{ResponseLevel, RiskColour, Text};
use dayu_impact::Quantity;
use dayu_plan::shelter_danger;
use serde_json::Value;

/// Drainage, stations, forces and stores.
pub(super) fn supporting(context: &Context) -> Vec<MapLayer> {
    let level = context.input.plan.level;
    let (three, two) = (level >= ResponseLevel::III, level >= ResponseLevel::II);
    vec![
        layer(context, Layer::Outfalls, "diamond", two),
        layer(context, Layer::Gates, "diamond", two),
        layer(context, Layer::Pumps, "diamond", two),
        layer(context, Layer::MobilePumps, "diamond", three),
        layer(context, Layer::Gauges, "cross", true),
        layer(context, Layer::Stores, "cross", three),
        layer(context, Layer::Forces, "cross", three),
    ]
}

/// Objects with people or traffic in danger; the most watched ones on top.
pub(super) fn endangered(context: &Context) -> Vec<MapLayer> {
    let level = context.input.plan.level;
    let (three, two) = (level >= ResponseLevel::III, level >= ResponseLevel::II);
    vec![
        layer(context, Layer::Population, "circle", false),
        layer(context, Layer::Institutions, "square", three),
        layer(context, Layer::WorkSheds, "square", three),
        layer(context, Layer::Cranes, "triangle", three),
        layer(context, Layer::Vessels, "diamond", three),
        layer(context, Layer::OldHouses, "square", three),
        layer(context, Layer::UndergroundSpaces, "square", two),
        layer(context, Layer::MetroEntrances, "square", two),
        layer(context, Layer::Slopes, "triangle", true),
        layer(context, Layer::Underpasses, "diamond", true),
        layer(context, Layer::WaterloggingPoints, "circle", true),
    ]
}

/// Shelters with their beds: needed ones are coloured by use, the others stay quiet.
pub(super) fn shelters(context: &Context) -> Vec<MapLayer> {
    let features = context
        .input
        .assets
        .iter()
        .filter(|a| a.layer == Layer::Shelters)
        .map(|asset| {
            let Details::Shelter { grade, capacity_people, state, standardised, .. } = &asset.details else {
                return (asset, None, None, None, None);
            };
            (asset, grade.clone(), *capacity_people, state.clone(), *standardised)
        })
        .map(|(asset, grade, capacity, state, standardised)| {
            let used = context.beds_used.get(asset.id.as_str()).copied().unwrap_or(0);
            let impact = context.impacts.get(asset.id.as_str());
            MapFeature {
                object_id: asset.id.clone(),
                name: asset.name.clone(),
                shape: FeatureShape::Point(asset.x_m, asset.y_m),
                colour: impact.map_or(RiskColour::Unknown, |i| i.colour),
                label: None,
                fields: vec![
                    context.town(asset.region.as_deref()),
                    grade.map_or(Value::Null, Value::from),
                    standardised.map_or(Value::Null, |s| Value::from(if s { "是" } else { "否" })),
                    capacity.map_or(Value::Null, Value::from),
                    Value::from(used),
                    Value::from(match shelter_danger(asset.x_m, asset.y_m, impact.copied(), context.input.impact) {
                        Some(_) => "不得开放",
                        None if used > 0 => "启用",
                        None => "备用",
                    }),
                    state.map_or(Value::Null, Value::from),
                    impact.map_or(Value::Null, |i| number(i.peak, 2)),
                    chance(context, &asset.id),
                    context.measure_ids(&asset.id),
                    Value::from(asset.origin.id()),
                    said(asset.name_origin.as_deref()),
                    said(asset.position_origin.as_deref()),
                ],
            }
        })
        .collect();
    vec![MapLayer {
        id: Layer::Shelters.id().into(),
        title: Text::new(Layer::Shelters.zh(), "shelters"),
        columns: vec![
            column("town", "镇街", "town"),
            column("grade", "等级", "grade"),
            column("standardised", "规范化", "standardised"),
            column("capacity_people", "容量（人）", "beds"),
            column("assigned_people", "拟安置（人）", "assigned"),
            column("use", "本级别", "use at this level"),
            column("state", "登记状态", "registered state"),
            column("peak_depth_m", "最大水深（m）", "deepest water, m"),
            column("chance", "达 0.15 m 的成员数/成员数", "members at 0.15 m"),
            column("measure_ids", "管控表措施", "measures"),
            column("origin", "数据来源", "origin"),
            column("name_origin", "名称来历", "what is real of the name"),
            column("position_origin", "位置来历", "what is real of the place"),
        ],
        symbol: "house".into(),
        visible: context.input.plan.level >= ResponseLevel::III,
        features,
    }]
}

/// A word of the register; nothing when it has none.
fn said(word: Option<&str>) -> Value {
    word.map_or(Value::Null, Value::from)
}

/// A layer of one register.
pub(super) fn layer(context: &Context, layer: Layer, symbol: &str, visible: bool) -> MapLayer {
    MapLayer {
        id: layer.id().into(),
        title: Text::new(layer.zh(), layer.id().replace('_', " ")),
        columns: columns(layer),
        symbol: symbol.into(),
        visible,
        features: context
            .input
            .assets
            .iter()
            .filter(|a| a.layer == layer)
            .filter_map(|a| feature(context, a))
            .collect(),
    }
}

/// Columns of a register's layer, in the order of [`feature`]'s fields.
pub(super) fn columns(layer: Layer) -> Vec<(String, Text)> {
    let mut columns = vec![column("town", "镇街", "town"), column("region", "网格编码", "grid")];
    columns.push(if layer == Layer::Slopes {
        column("slope_value", "判据值（雨量/阈值、失稳概率或监测倍数）", "value judged")
    } else {
        column("peak_depth_m", "最大水深（m）", "deepest water, m")
    });
    columns.extend([
        column("class", "水深等级", "depth class"),
        column("hazard", "危险度 H", "ARR hazard"),
        column("peak_at", "峰值时刻", "time of peak"),
        column("first_at", "首次达阈值", "first crossing"),
        column("duration_min", "≥0.15 m 历时（分）", "minutes at 0.15 m"),
        column("people", "受影响人数", "people exposed"),
        column("vulnerable", "需协助人数", "needing help"),
        column("close_by", "封控时限", "close by"),
        column("chance", "达 0.15 m 的成员数/成员数", "members at 0.15 m"),
        column("detail", "登记信息", "register"),
        column("quality", "精度", "quality"),
        column("note", "说明", "note"),
        column("measure_ids", "管控表措施", "measures"),
        column("origin", "数据来源", "origin"),
        column("name_origin", "名称来历", "what is real of the name"),
        column("position_origin", "位置来历", "what is real of the place"),
    ]);
    columns
}

/// A feature of a register's layer; `None` when the shape cannot be drawn.
pub(super) fn feature(context: &Context, asset: &Asset) -> Option<MapFeature> {
    let impact = context.impacts.get(asset.id.as_str());
    // The column of other layers holds depths alone; slopes name in the note what their value is.
    let wanted = |q: Quantity| (q == Quantity::Depth) != (asset.layer == Layer::Slopes);
    let peak = impact.filter(|i| wanted(i.quantity)).and_then(|i| i.peak);
    let first = impact.and_then(|i| i.crossings.iter().filter_map(|c| c.at_s).min_by(f64::total_cmp));
    let fields = vec![
        context.town(asset.region.as_deref()),
        asset.region.clone().map_or(Value::Null, Value::from),
        number(peak, 2),
        impact.and_then(|i| i.class.clone()).map_or(Value::Null, Value::from),
        impact.and_then(|i| i.hazard).map_or(Value::Null, Value::from),
        context.time(impact.and_then(|i| i.peak_at_s)),
        context.time(first),
        number(impact.and_then(|i| i.duration_s).map(|s| s / 60.0), 0),
        impact.and_then(|i| i.people).map_or(Value::Null, Value::from),
        impact.and_then(|i| i.vulnerable).map_or(Value::Null, Value::from),
        context.time(context.closures.get(asset.id.as_str()).and_then(|c| c.close_by_s)),
        chance(context, &asset.id),
        detail(&asset.details).map_or(Value::Null, Value::from),
        impact.filter(|i| i.screening).map_or(Value::Null, |_| Value::from("筛查级")),
        impact.map(|i| i.note.zh.clone()).filter(|n| !n.is_empty()).map_or(Value::Null, Value::from),
        context.measure_ids(&asset.id),
        Value::from(asset.origin.id()),
        said(asset.name_origin.as_deref()),
        said(asset.position_origin.as_deref()),
    ];
    Some(MapFeature {
        object_id: asset.id.clone(),
        name: asset.name.clone(),
        shape: shape(asset)?,
        colour: impact.map_or(RiskColour::Unknown, |i| i.colour),
        label: None,
        fields,
    })
}

/// Members that flood an object, `14/20`; that the members' cells contradict the run there; or nothing.
fn chance(context: &Context, id: &str) -> Value {
    let Some(chances) = &context.input.impact.chances else { return Value::Null };
    match chances.agrees(id) {
        Some(false) => Value::from("成员格网不可信"),
        _ => chances.of(id).map_or(Value::Null, |c| Value::from(c.counted())),
    }
}

/// What the register says of an object, in one line; `None` when it says nothing.
fn detail(details: &Details) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut say = |title: &str, value: Option<String>| {
        if let Some(value) = value.filter(|v| !v.is_empty()) {
            parts.push(format!("{title}{value}"));
        }
    };
    let metres = |v: &Option<f64>| v.map(|v| format!("{v:.2} m"));
    match details {
        Details::WaterloggingPoint {
            warn_depth_m, close_depth_m, historic_max_depth_m, plan_document, detour, ..
        } => {
            say("预警", metres(warn_depth_m));
            say("封控", metres(close_depth_m));
            say("历史最深", metres(historic_max_depth_m));
            say("一点一方案 ", plan_document.clone());
            say("绕行：", detour.clone());
        }
        Details::Underpass { warn_depth_m, close_depth_m, .. } => {
            say("预警", metres(warn_depth_m));
            say("封控", metres(close_depth_m));
        }
        Details::MetroEntrance { station, sill_height_m, barrier } => {
            say("", station.clone());
            say("门槛高", metres(sill_height_m));
            say("挡板", barrier.map(|b| if b { "有".into() } else { "无".into() }));
        }
        Details::UndergroundSpace { sill_height_m, .. } => say("门槛高", metres(sill_height_m)),
        Details::Drain { capacity_m3_s, state, power } => {
            say("能力", capacity_m3_s.map(|v| format!("{v:.2} m³/s")));
            say("状态 ", state.clone());
            say("电源 ", power.clone());
        }
        Details::Gate { state, river } => {
            say("", river.clone());
            say("状态 ", state.clone());
        }
        Details::Slope { site, class, households_below, monitored, slope_deg, height_m, soil, .. } => {
            say("", site.clone());
            say("等级 ", class.map(|c| c.to_string()));
            say("受威胁户数 ", households_below.map(|h| h.to_string()));
            say("坡角 ", slope_deg.map(|v| format!("{v:.0}°")));
            say("坡高 ", height_m.map(|v| format!("{v:.0} m")));
            say("土类 ", soil.clone());
            say("监测", monitored.map(|m| if m { "有".into() } else { "无".into() }));
        }
        Details::OldHouse { grade, .. } => say("危房等级 ", grade.clone()),
        Details::Institution { site, .. } => say("", site.clone()),
        Details::Road { class, .. } => say("", class.clone()),
        Details::Gauge { site, amount, .. } | Details::Force { site, amount, .. } | Details::Other { site, amount } => {
            say("", site.clone());
            say("", amount.clone());
        }
        Details::WorkShed { in_water, .. } => say("涉水", in_water.map(|w| if w { "是".into() } else { "否".into() })),
        Details::Population { .. } | Details::Shelter { .. } => {}
    }
    (!parts.is_empty()).then(|| parts.join("；"))
}

/// The drawable shape of an object: its line or polygon, else its point.
pub(super) fn shape(asset: &Asset) -> Option<FeatureShape> {
    use geo::Geometry as G;
    match &asset.geometry {
        Some(G::Line(l)) => {
            Some(FeatureShape::Lines(geo::MultiLineString(vec![geo::LineString::from(vec![l.start, l.end])])))
        }
        Some(G::LineString(l)) => Some(FeatureShape::Lines(geo::MultiLineString(vec![l.clone()]))),
        Some(G::MultiLineString(m)) => Some(FeatureShape::Lines(m.clone())),
        Some(G::Polygon(p)) => Some(FeatureShape::Polygons(geo::MultiPolygon(vec![p.clone()]))),
        Some(G::MultiPolygon(m)) => Some(FeatureShape::Polygons(m.clone())),
        _ => (asset.x_m.is_finite() && asset.y_m.is_finite()).then_some(FeatureShape::Point(asset.x_m, asset.y_m)),
    }
}
