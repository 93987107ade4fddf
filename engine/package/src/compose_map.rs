//! 识别一张图 from what was computed: one map product per level, every feature with the id it carries in list and table.

mod areas;
mod labels;
mod movement;
mod objects;

#[cfg(test)]
mod tests;

use crate::{MapFact, MapLayer, MapProduct, StormMap};
use dayu_assets::{Asset, Region};
use dayu_base::{Instant, Origin, RiskColour, Text, Zone};
use dayu_impact::{Impact, ObjectImpact};
use dayu_plan::{Closure, DerivedSignal, LevelPlan, SignalKind};
use dayu_terrain::Raster;
use serde_json::Value;
use std::collections::BTreeMap;

/// A way people walk from an endangered object to a shelter.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteLine {
    /// transfer row (`TransferRow::id`)
    pub transfer_id: String,
    /// shelter
    pub shelter_id: String,
    /// persons on it
    pub people: u64,
    /// walking distance, m
    pub length_m: f64,
    /// the way, m, dataset CRS
    pub line: geo::LineString<f64>,
}

/// One position of a storm's centre.
#[derive(Clone, Debug, PartialEq)]
pub struct TrackPoint {
    /// when
    pub time: Instant,
    /// m, dataset CRS
    pub x_m: f64,
    /// m, dataset CRS
    pub y_m: f64,
    /// largest mean wind, m/s
    pub wind_m_s: Option<f64>,
    /// pressure at the centre, hPa
    pub pressure_hpa: Option<f64>,
    /// true when it was a forecast at `as_of`
    pub forecast: bool,
}

/// What the map of one level is made from. Everything in the dataset CRS, metres.
#[derive(Clone, Debug)]
pub struct MapInput<'a> {
    /// all objects of the registry, any order
    pub assets: &'a [Asset],
    /// the region tree
    pub regions: &'a [Region],
    /// what is hit
    pub impact: &'a Impact,
    /// measures, closures and transfers of the level
    pub plan: &'a LevelPlan,
    /// ways to shelters; empty when none were computed
    pub routes: &'a [RouteLine],
    /// storm centre; empty when there is no storm or no track
    pub track: &'a [TrackPoint],
    /// its picture; `None` = no track
    pub storm: Option<&'a StormMap>,
    /// bed elevation, m; NaN outside
    pub elevation_m: &'a Raster<f64>,
    /// deepest water, m; NaN = masked
    pub max_depth_m: &'a Raster<f64>,
    /// ARR class 0–6; 255 = masked
    pub max_hazard: &'a Raster<u8>,
    /// permanent water
    pub water: Option<&'a geo::MultiPolygon<f64>>,
    /// outline of the district
    pub outline: Option<&'a geo::MultiPolygon<f64>>,
    /// warning colours that rain and wind call for, by 镇街; not official
    pub derived: &'a [DerivedSignal],
    /// origin of what carries none itself (regions, water, routes, track)
    pub origin: Origin,
    /// start of the scenario: times in `impact` and `plan` count from it
    pub start: Instant,
    /// zone of printed times
    pub zone: &'a Zone,
}

/// Lookups shared by the layers.
struct Context<'a> {
    input: &'a MapInput<'a>,
    impacts: BTreeMap<&'a str, &'a ObjectImpact>,
    closures: BTreeMap<&'a str, &'a Closure>,
    measures: BTreeMap<&'a str, Vec<&'a str>>,
    transfers: BTreeMap<&'a str, Vec<&'a dayu_plan::TransferRow>>,
    beds_used: BTreeMap<&'a str, u64>,
    regions: BTreeMap<&'a str, &'a Region>,
}

impl<'a> Context<'a> {
    fn new(input: &'a MapInput<'a>) -> Self {
        let mut measures: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for m in &input.plan.measures {
            if let Some(object) = &m.object_id {
                measures.entry(object).or_default().push(&m.id);
            }
        }
        let mut transfers: BTreeMap<&str, Vec<&dayu_plan::TransferRow>> = BTreeMap::new();
        let mut beds_used: BTreeMap<&str, u64> = BTreeMap::new();
        for row in &input.plan.transfers {
            transfers.entry(&row.object_id).or_default().push(row);
            for (shelter, people) in &row.shelters {
                *beds_used.entry(shelter).or_default() += people;
            }
        }
        Self {
            input,
            impacts: input.impact.objects.iter().map(|o| (o.object_id.as_str(), o)).collect(),
            closures: input.plan.closures.iter().map(|c| (c.object_id.as_str(), c)).collect(),
            measures,
            transfers,
            beds_used,
            regions: input.regions.iter().map(|r| (r.code.as_str(), r)).collect(),
        }
    }

    /// Printed time of an offset from the start; `null` when unknown.
    fn time(&self, offset_s: Option<f64>) -> Value {
        offset_s
            .filter(|s| s.is_finite())
            .and_then(|s| Instant::from_second(self.input.start.as_second() + s.round() as i64).ok())
            .map_or(Value::Null, |t| Value::from(self.input.zone.short(t)))
    }

    /// Name of the 镇街 that holds a region; `null` when the tree does not say.
    fn town(&self, region: Option<&str>) -> Value {
        let mut code = region;
        // The tree has five steps; a longer walk means that it is tied in a loop.
        for _ in 0..8 {
            let Some(region) = code.and_then(|c| self.regions.get(c)) else { return Value::Null };
            if region.level == dayu_assets::RegionLevel::Town {
                return Value::from(region.name.clone());
            }
            code = region.parent.as_deref();
        }
        Value::Null
    }

    fn colour(&self, object_id: &str) -> RiskColour {
        self.impacts.get(object_id).map_or(RiskColour::Unknown, |i| i.colour)
    }

    /// Ids of the level's measures for an object, as in the table; `null` when there is none.
    fn measure_ids(&self, object_id: &str) -> Value {
        self.measures.get(object_id).map_or(Value::Null, |ids| Value::from(ids.join(";")))
    }
}

/// Key and heading of a column.
fn column(key: &str, zh: &str, en: &str) -> (String, Text) {
    (key.to_string(), Text::new(zh, en))
}

/// A number that JSON can hold; unknown and not-a-number become `null`.
fn number(value: Option<f64>, decimals: i32) -> Value {
    let k = 10f64.powi(decimals);
    value.filter(|v| v.is_finite()).map_or(Value::Null, |v| Value::from((v * k).round() / k))
}

/// Composes the map of one level. Layers come bottom first, features sorted by `object_id`; a layer without features is left
/// out. Depth is shown at every level: the level says who must act, not where the water stands.
pub fn compose_map(input: &MapInput) -> MapProduct {
    let context = Context::new(input);
    let mut layers: Vec<MapLayer> = Vec::new();
    layers.extend(areas::layers(&context));
    layers.extend(movement::lines(&context));
    layers.extend(objects::supporting(&context));
    layers.extend(movement::transfers(&context));
    layers.extend(objects::shelters(&context));
    layers.extend(objects::endangered(&context));
    layers.retain(|l| !l.features.is_empty());
    for layer in &mut layers {
        layer.features.sort_by(|a, b| a.object_id.cmp(&b.object_id));
    }
    labels::choose(&context, &mut layers);
    MapProduct {
        facts: facts(&context),
        layers,
        elevation_m: input.elevation_m.clone(),
        max_depth_m: input.max_depth_m.clone(),
        max_hazard: input.max_hazard.clone(),
        water: input.water.cloned(),
        outline: input.outline.cloned(),
        storm: input.storm.cloned(),
    }
}

/// Rain sums and the storm in words.
fn facts(context: &Context) -> Vec<MapFact> {
    let mm = |v: Option<f64>| v.filter(|v| v.is_finite()).map_or("未知".to_string(), |v| format!("{v:.1} mm"));
    let mut facts = Vec::new();
    for window in &context.input.impact.rain.windows {
        // 1, 3 and 24 h are the windows of the warning signals and of the usual report; the rest stands in the list.
        if ![1.0, 3.0, 24.0].contains(&window.window_h) {
            continue;
        }
        let h = window.window_h;
        facts.push(MapFact {
            title: Text::new(format!("最大{h}小时雨量"), format!("largest {h} h rain")),
            value: format!("点 {} · 面 {}", mm(window.point_mm), mm(window.areal_mm)),
        });
    }
    if !context.input.impact.rain.windows.is_empty() {
        facts.push(MapFact {
            title: Text::new("过程面雨量", "areal rain total"),
            value: mm(Some(context.input.impact.rain.total_mm)),
        });
    }
    if let Some(storm) = context.input.impact.storm.as_ref().filter(|s| s.nearest_km.is_finite()) {
        let when = context.time(Some(storm.nearest_at_s));
        facts.push(MapFact {
            title: Text::new("台风中心最近", "storm centre nearest"),
            value: format!(
                "{:.0} km（{}，{}）",
                storm.nearest_km,
                when.as_str().unwrap_or("时间未知"),
                storm.class.map_or("未达热带低压或强度未知", |c| c.zh())
            ),
        });
        facts.push(MapFact {
            title: Text::new("区内最大平均风", "strongest mean wind"),
            value: storm.strongest.as_ref().map_or("未知".into(), |w| {
                format!("{:.1} m/s（{} 级），阵风约 {:.0} m/s，模型估算", w.peak_m_s, w.grade, w.gust_m_s)
            }),
        });
    }
    facts.extend([SignalKind::Rain, SignalKind::Typhoon].into_iter().filter_map(|kind| proposed(context, kind)));
    facts
}

/// Colours proposed for the 镇街 by one kind of signal: how many of each, and the gravest with its value.
fn proposed(context: &Context, kind: SignalKind) -> Option<MapFact> {
    let of: Vec<&DerivedSignal> = context.input.derived.iter().filter(|d| d.kind == kind).collect();
    let gravest = of.iter().copied().max_by(|a, b| a.colour.cmp(&b.colour).then(a.value.total_cmp(&b.value)))?;
    let unknown = of.iter().filter(|d| d.colour == RiskColour::Unknown).count();
    let counts: Vec<String> = [RiskColour::Red, RiskColour::Orange, RiskColour::Yellow, RiskColour::Blue]
        .into_iter()
        .map(|c| (c, of.iter().filter(|d| d.colour == c).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(c, n)| format!("{} {n}", c.zh()))
        .collect();
    let value = match (kind, counts.is_empty()) {
        (_, true) if unknown > 0 => format!("未知（{unknown} 个镇街资料不全）"),
        (_, true) => "均未达到蓝色标准".to_string(),
        (SignalKind::Typhoon, _) => {
            format!("{}（{} 平均风 {:.1} m/s）", counts.join("、"), gravest.area, gravest.value)
        }
        _ => format!("{}（{} {:.0}h {:.1} mm）", counts.join("、"), gravest.area, gravest.window_h, gravest.value),
    };
    let title = kind.text();
    Some(MapFact {
        title: Text::new(format!("{}推算", title.zh.trim_end_matches("信号")), format!("{} proposed", title.en)),
        value: format!("{value}，镇街数，非官方"),
    })
}
