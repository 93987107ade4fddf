//! The A3 sheet: words and numbers for the template, with texts placed on the map.

use super::base::{DEPTH_CLASSES, MapBase};
use super::frame::{FRAME_HEIGHT_MM, FRAME_WIDTH_MM, Frame};
use super::label::{self, Box2, Wish};
use super::margin;
use super::vector;
use crate::typesetting::Sheet;
use dayu_base::{Instant, Origin, Realm, ResponseLevel, RiskColour};
use dayu_package::{FeatureShape, MapFeature, MapLayer, Package};
use geo::InteriorPoint;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Risks listed beside the map; the rest stands in the list.
const MOST_RISKS: usize = 10;
/// Size of object labels, pt.
const OBJECT_PT: f64 = 8.5;
/// Size of town names, pt.
const TOWN_PT: f64 = 10.0;
const MM_PER_PT: f64 = 0.352_778;

/// The template of the sheet.
const TEMPLATE: &str = include_str!("../../templates/map.typ");

/// The sheet of a package, ready to be set.
pub fn sheet(pkg: &Package, base: &MapBase) -> Sheet<'static> {
    let frame = Frame::around(&pkg.map);
    let numbers = risk_numbers(pkg);
    let (texts, leaders, marks) = texts(pkg, &frame, &numbers);
    let mut files = BTreeMap::new();
    let mut legend = Vec::new();
    for layer in pkg.map.layers.iter().filter(|l| l.visible) {
        let name = format!("legend_{}.svg", layer.id);
        files.insert(name.clone(), vector::swatch(layer).into_bytes());
        legend.push(json!({ "file": name, "title": layer.title.zh, "count": count(layer) }));
        if layer.id == "transfers" {
            for (words, colour, count) in margin::present(layer) {
                let name = format!("legend_margin_{}.svg", colour.id());
                files.insert(name.clone(), vector::margin_swatch(colour).into_bytes());
                legend.push(json!({ "file": name, "title": format!("· {words}"), "count": count }));
            }
        }
        let shut = layer.features.iter().filter(|f| vector::must_stay_shut(layer, f)).count();
        if shut > 0 {
            files.insert("legend_shut.svg".into(), vector::shut_swatch(layer).into_bytes());
            legend.push(json!({ "file": "legend_shut.svg", "title": "不得开放的场所（划线）", "count": shut }));
        }
    }
    let colours: Vec<Value> = COLOUR_WORDS
        .iter()
        .map(|(colour, words)| {
            let name = format!("colour_{}.svg", colour.id());
            files.insert(name.clone(), vector::colour_swatch(*colour).into_bytes());
            json!({ "file": name, "words": words })
        })
        .collect();
    let mut data = header(pkg);
    let (bar_m, bar_mm) = frame.scale_bar(60.0);
    let (east, north) = frame.ticks();
    let [x0, y0, x1, y1] = base.extent_m;
    let (left, top) = frame.place(x0, y1);
    let extra = json!({
        "frame": { "w": FRAME_WIDTH_MM, "h": FRAME_HEIGHT_MM },
        "base": { "x": left, "y": top, "w": (x1 - x0) / frame.m_per_mm, "h": (y1 - y0) / frame.m_per_mm },
        "texts": texts,
        "scale": { "denominator": thousands(frame.denominator()), "mm": bar_mm, "words": length(bar_m), "half": length(bar_m / 2.0) },
        "east": east.iter().map(|(m, mm)| json!({ "at": mm, "words": kilometres(*m) })).collect::<Vec<_>>(),
        "north": north.iter().map(|(m, mm)| json!({ "at": mm, "words": kilometres(*m) })).collect::<Vec<_>>(),
        "legend": legend,
        "colours": colours,
        "depths": depths(),
        "risks": risks(pkg, &numbers),
        "more_risks": pkg.list.more_risks + (pkg.list.risks.len().saturating_sub(MOST_RISKS)) as u64,
        "facts": pkg.map.facts.iter().map(|f| json!([f.title.zh, f.value])).collect::<Vec<_>>(),
    });
    if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
        data.extend(extra.clone());
    }
    files.insert("data.json".into(), data.to_string().into_bytes());
    files.insert("relief.png".into(), base.relief_png.clone());
    files.insert("depth.png".into(), base.depth_png.clone());
    files.insert("vectors.svg".into(), vector::draw(&pkg.map, &frame, &leaders, &marks).into_bytes());
    Sheet {
        template: TEMPLATE,
        files,
        instant: pkg.header.as_of,
        ident: format!("{}/{}/map", pkg.header.run_id, pkg.header.level.id()),
    }
}

/// Colours in the words of graded risk control (重大、较大、一般、低), the worst first.
pub const COLOUR_WORDS: [(RiskColour, &str); 6] = [
    (RiskColour::Red, "红 重大风险"),
    (RiskColour::Orange, "橙 较大风险"),
    (RiskColour::Yellow, "黄 一般风险"),
    (RiskColour::Blue, "蓝 低风险"),
    (RiskColour::Low, "未达阈值"),
    (RiskColour::Unknown, "灰 未知（无数据，不等于安全）"),
];

/// Depth classes with their limits in words.
pub fn depths() -> Vec<Value> {
    DEPTH_CLASSES
        .iter()
        .enumerate()
        .map(|(k, class)| {
            let range = match DEPTH_CLASSES.get(k + 1) {
                Some(next) => format!("{:.2}–{:.2} m", class.from_m, next.from_m),
                None => format!("≥ {:.2} m", class.from_m),
            };
            let [r, g, b] = class.rgb;
            json!({ "id": class.id, "zh": class.zh, "range": range, "rgb": format!("#{r:02x}{g:02x}{b:02x}") })
        })
        .collect()
}

/// Header, totals and small print shared by the sheet and the page.
pub fn header(pkg: &Package) -> Value {
    let h = &pkg.header;
    let zone = &h.zone;
    let sources = sources(pkg, |title| title.to_string());
    // The sheet has no room for what stands in brackets; the page, the table and the manifest say it.
    let sources_brief = sources_brief(pkg);
    let marks = {
        let unofficial = h.plan.marks.iter().any(dayu_base::Mark::is_unofficial);
        let demonstration = if h.plan.demonstration { "示范预案，非任何机关正式文件；" } else { "" };
        format!("{demonstration}{}", if unofficial { "含待核原文或系统默认条款" } else { "" })
    };
    json!({
        "lang": "zh",
        "district": h.district.zh,
        "title": "识别一张图",
        "level": { "id": h.level.id(), "zh": h.level.zh(), "rgb": level_rgb(h.level), "ink": level_ink(h.level), "word": level_word(h.level) },
        "realm": { "id": h.realm.id(), "zh": h.realm.zh(), "note": realm_note(h.realm) },
        "scenario": h.scenario_title.zh,
        "recommended": h.recommended.zh,
        "totals": [
            ["受影响人口", h.totals.affected, "淹没 ≥ 0.15 m 范围内居民"],
            ["应转移", h.totals.to_move, "按预案本级别须转移"],
            ["需集中安置", h.totals.to_house, "应转移中须安排床位"],
            ["未落实安置", h.totals.unplaced, format!("须指挥长协调{}", pkg.evacuation.as_ref().map_or("", |e| e.unplaced_mark()))],
        ],
        "as_of": zone.zh(h.as_of),
        "window": format!("{} 至 {}（{} 小时）", zone.short(h.start), zone.short(h.end), (h.end.as_second() - h.start.as_second()) / 3600),
        "basis": basis_of(pkg),
        "age": data_age(h.data_time, h.as_of, |t| zone.short(t)),
        "origin": { "id": h.origin.id(), "zh": origin_line(h.origin) },
        "crs": format!("坐标系 {}；高程基准 {}；水深格网 {} m", crs_words(&h.crs), h.vertical_datum, trim(h.cell_m)),
        "approval": "示意图，未经地图审核；行政界线为示意，不作划界依据",
        "plan": format!("预案：{}（{}，{} 起施行）{}", h.plan.name, h.plan.doc_number, h.plan.effective_from, if marks.is_empty() { String::new() } else { format!("；{marks}") }),
        "notes": h.notes.iter().map(|n| brief(&n.zh)).collect::<Vec<_>>(),
        "sources": sources,
        "sources_brief": sources_brief,
        "identity": format!("运行 {}　dayu {}", h.run_id.get(..16).unwrap_or(&h.run_id), h.version),
        "zone": "时间为北京时间（东八区）",
        "hours": (h.end.as_second() - h.start.as_second()) / 3600,
    })
}

/// Sources of one licence and origin as one line, in order of first appearance.
fn sources(pkg: &Package, title: impl Fn(&str) -> String) -> Vec<String> {
    let mut groups: Vec<((&str, Origin), Vec<String>)> = Vec::new();
    for s in &pkg.header.sources {
        let key = (s.licence.as_str(), s.origin);
        let words = title(&s.title);
        match groups.iter_mut().find(|(k, _)| *k == key) {
            Some((_, titles)) if titles.contains(&words) => {}
            Some((_, titles)) => titles.push(words),
            None => groups.push((key, vec![words])),
        }
    }
    groups.iter().map(|((licence, origin), t)| format!("{}（{licence}，{}）", t.join("、"), origin.zh())).collect()
}

fn sources_brief(pkg: &Package) -> Vec<String> {
    sources(pkg, |title| title.split('（').next().unwrap_or(title).trim().to_string())
}

fn crs_words(crs: &str) -> String {
    if crs == "local-metres" { "当地平面坐标（米）".into() } else { crs.to_string() }
}

fn origin_line(origin: Origin) -> &'static str {
    match origin {
        Origin::Real => "真实数据",
        Origin::Synthetic => "构造数据（非真实） · 示意边界",
        Origin::Mixed => "真实与构造数据混合 · 示意边界",
    }
}

fn realm_note(realm: Realm) -> &'static str {
    match realm {
        Realm::Live => "",
        Realm::Drill => "演练产品，不作为实际指令",
        Realm::Replay => "历史过程复盘，不作为实际指令",
    }
}

/// What is observed and what is not; constructed rain is no observation.
fn basis_of(pkg: &Package) -> String {
    let h = &pkg.header;
    let constructed = h.inputs.iter().any(|i| i.layer == "rain" && i.origin != Origin::Real);
    format!("{}{}", basis(h.start, h.end, h.as_of), if constructed { "；雨量过程为构造" } else { "" })
}

fn basis(start: Instant, end: Instant, as_of: Instant) -> &'static str {
    if as_of >= end {
        "全时段为实况"
    } else if as_of <= start {
        "全时段为预报或情景"
    } else {
        "数据截止前为实况，其后为预报或情景"
    }
}

fn data_age(data: Option<Instant>, as_of: Instant, print: impl Fn(Instant) -> String) -> String {
    let Some(data) = data else { return "未知（不得视为最新）".into() };
    let minutes = (as_of.as_second() - data.as_second()) / 60;
    let age = match minutes {
        m if m < 0 => format!("晚于截止时刻 {} 分钟", -m),
        m if m < 60 => format!("{m} 分钟"),
        m if m < 2880 => format!("{} 小时 {} 分钟", m / 60, m % 60),
        m => format!("{} 天", m / 1440),
    };
    format!("{age}（最新数据 {}）", print(data))
}

fn level_rgb(level: ResponseLevel) -> String {
    match level {
        // 关注 has no colour of its own.
        ResponseLevel::Attention => "#4f6d7a".into(),
        _ => super::symbol::hex(level.colour()),
    }
}

fn level_ink(level: ResponseLevel) -> &'static str {
    if level == ResponseLevel::III { "#221a00" } else { "#ffffff" }
}

fn level_word(level: ResponseLevel) -> String {
    match level {
        ResponseLevel::Attention => "尚未启动响应".into(),
        _ => format!("{}色", level.colour().zh()),
    }
}

/// Number of each object in the list's order of risks.
fn risk_numbers(pkg: &Package) -> BTreeMap<&str, usize> {
    let mut numbers = BTreeMap::new();
    for (k, risk) in pkg.list.risks.iter().take(MOST_RISKS).enumerate() {
        numbers.entry(risk.object_id.as_str()).or_insert(k + 1);
    }
    numbers
}

fn risks(pkg: &Package, numbers: &BTreeMap<&str, usize>) -> Vec<Value> {
    pkg.list
        .risks
        .iter()
        .take(MOST_RISKS)
        .map(|r| {
            json!({
                "n": numbers.get(r.object_id.as_str()),
                "name": r.name,
                "kind": r.kind,
                "town": r.town,
                "rgb": super::symbol::hex(r.colour),
                "ink": if r.colour == RiskColour::Yellow { "#221a00" } else { "#ffffff" },
                "colour": r.colour.zh(),
                "words": r.expectation.zh,
                "when": r.when,
                "people": r.people.map_or("人数未知".to_string(), |p| format!("{p} 人")),
            })
        })
        .collect()
}

fn count(layer: &MapLayer) -> Option<usize> {
    let areas = matches!(layer.symbol.as_str(), "fill" | "outline") || matches!(layer.id.as_str(), "roads" | "rivers");
    (!areas).then_some(layer.features.len())
}

type Leaders = Vec<((f64, f64), (f64, f64))>;
/// Places of numbered risks whose own layer is not drawn.
type Marks = Vec<((f64, f64), RiskColour)>;

/// Texts on the map that found a place, with the leader lines they need.
fn texts(pkg: &Package, frame: &Frame, numbers: &BTreeMap<&str, usize>) -> (Vec<Value>, Leaders, Marks) {
    let mut named: Vec<(bool, &MapLayer, &MapFeature, String, (f64, f64))> = Vec::new();
    let mut symbols: Vec<Box2> = Vec::new();
    for layer in pkg.map.layers.iter().filter(|l| l.visible) {
        let area = matches!(layer.symbol.as_str(), "fill" | "outline");
        for feature in &layer.features {
            let Some(at) = anchor(feature).map(|(x, y)| frame.place(x, y)).filter(|p| frame.holds(*p, 2.0)) else {
                continue;
            };
            if !area && feature.colour >= RiskColour::Yellow {
                symbols.push(Box2 { x: at.0 - 1.6, y: at.1 - 1.6, w: 3.2, h: 3.2 });
            }
            // An object may stand in two layers (itself, people to be moved): it is named once.
            let number = numbers.get(feature.object_id.as_str()).filter(|_| layer.id != "transfers");
            let text = match (&feature.label, number) {
                (Some(text), _) => text.clone(),
                (None, Some(_)) if !area => whole_or_ends(&feature.name),
                _ => continue,
            };
            named.push((area, layer, feature, text, at));
        }
    }
    // A numbered risk stands on the map even when its layer is not drawn (population blocks): the panel says that it does.
    let mut marks = Marks::new();
    let shown: BTreeSet<&str> = named.iter().filter(|n| !n.0).map(|n| n.2.object_id.as_str()).collect();
    let mut hidden: BTreeSet<&str> = numbers.keys().copied().filter(|id| !shown.contains(id)).collect();
    for layer in pkg.map.layers.iter().filter(|l| l.id != "transfers") {
        for feature in &layer.features {
            if !hidden.contains(feature.object_id.as_str()) {
                continue;
            }
            let Some(at) = anchor(feature).map(|(x, y)| frame.place(x, y)).filter(|p| frame.holds(*p, 2.0)) else {
                continue;
            };
            hidden.remove(feature.object_id.as_str());
            symbols.push(Box2 { x: at.0 - 1.6, y: at.1 - 1.6, w: 3.2, h: 3.2 });
            if !layer.visible {
                marks.push((at, feature.colour));
            }
            let text = whole_or_ends(&feature.name);
            named.push((false, layer, feature, text, at));
        }
    }
    // Numbered risks first, then the rest by colour, names of towns last.
    let rank = |f: &MapFeature| numbers.get(f.object_id.as_str()).copied().unwrap_or(usize::MAX);
    named.sort_by(|a, b| {
        (a.0, rank(a.2), std::cmp::Reverse(a.2.colour), &a.2.object_id).cmp(&(
            b.0,
            rank(b.2),
            std::cmp::Reverse(b.2.colour),
            &b.2.object_id,
        ))
    });
    let wishes: Vec<Wish> = named
        .iter()
        .map(|(area, _, feature, text, at)| {
            let (pt, number) =
                if *area { (TOWN_PT, 0.0) } else { (OBJECT_PT, if rank(feature) < usize::MAX { 4.6 } else { 0.0 }) };
            Wish {
                anchor: *at,
                w: label::width_em(text) * pt * MM_PER_PT * if *area { 1.12 } else { 1.0 } + number + 2.8,
                h: pt * MM_PER_PT + 1.5,
                on_anchor: *area,
            }
        })
        .collect();
    let furniture = [
        Box2 { x: 0.0, y: FRAME_HEIGHT_MM - 19.0, w: 84.0, h: 19.0 },
        Box2 { x: FRAME_WIDTH_MM - 21.0, y: 0.0, w: 21.0, h: 27.0 },
    ];
    let placed = label::place(&wishes, &furniture, &symbols, FRAME_WIDTH_MM, FRAME_HEIGHT_MM);
    let (mut texts, mut leaders) = (Vec::new(), Vec::new());
    for (((area, _, feature, text, at), _), place) in named.iter().zip(&wishes).zip(placed) {
        let Some(b) = place else { continue };
        if !area {
            leaders.extend(label::leader(*at, &b).map(|to| (*at, to)));
        }
        let n = numbers.get(feature.object_id.as_str()).filter(|_| !area);
        texts.push(json!({
            "x": round(b.x), "y": round(b.y), "w": round(b.w), "h": round(b.h),
            "area": area, "text": text, "n": n,
            "rgb": super::symbol::hex(feature.colour),
            "ink": if feature.colour == RiskColour::Yellow { "#221a00" } else { "#ffffff" },
        }));
    }
    (texts, leaders, marks)
}

/// A name that fits beside its number; of a longer one both ends, as the end tells it from its like.
fn whole_or_ends(name: &str) -> String {
    const WIDEST_EM: f64 = 14.0;
    if label::width_em(name) <= WIDEST_EM {
        return name.to_string();
    }
    let all: Vec<char> = name.chars().collect();
    let end = all.len().saturating_sub(5);
    all.iter().take(7.min(end)).chain(['…'].iter()).chain(all.iter().skip(end)).collect()
}

/// The point that stands for a feature: itself, the middle vertex of its longest line, a point inside its largest polygon.
fn anchor(feature: &MapFeature) -> Option<(f64, f64)> {
    match &feature.shape {
        FeatureShape::Point(x, y) => (x.is_finite() && y.is_finite()).then_some((*x, *y)),
        FeatureShape::Lines(lines) => {
            let line = lines.iter().max_by_key(|l| l.0.len())?;
            line.0.get(line.0.len() / 2).map(|c| (c.x, c.y))
        }
        FeatureShape::Polygons(polygons) => polygons.interior_point().map(|p| (p.x(), p.y())),
    }
}

fn round(v: f64) -> f64 {
    (v * 100.0).round() / 100.0
}

fn thousands(v: f64) -> String {
    let digits = format!("{v:.0}");
    let mut out = String::new();
    for (k, c) in digits.chars().enumerate() {
        if k > 0 && (digits.len() - k) % 3 == 0 {
            out.push(' ');
        }
        out.push(c);
    }
    out
}

fn length(m: f64) -> String {
    if m >= 1000.0 { format!("{} km", trim(m / 1000.0)) } else { format!("{} m", trim(m)) }
}

fn kilometres(m: f64) -> String {
    format!("{} km", trim(m / 1000.0))
}

/// A number without needless zeros.
fn trim(v: f64) -> String {
    format!("{}", (v * 1000.0).round() / 1000.0)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn age_of_data_is_said_in_words() {
        let print = |_: Instant| "T".to_string();
        let as_of = at("2021-07-25T08:00:00Z");
        assert_eq!(data_age(None, as_of, print), "未知（不得视为最新）");
        assert_eq!(data_age(Some(at("2021-07-25T07:50:00Z")), as_of, print), "10 分钟（最新数据 T）");
        assert_eq!(data_age(Some(at("2021-07-25T05:50:00Z")), as_of, print), "2 小时 10 分钟（最新数据 T）");
        assert_eq!(data_age(Some(at("2021-07-20T08:00:00Z")), as_of, print), "5 天（最新数据 T）");
        assert_eq!(data_age(Some(at("2021-07-25T08:05:00Z")), as_of, print), "晚于截止时刻 5 分钟（最新数据 T）");
    }

    #[test]
    fn observed_and_forecast_are_not_mixed_silently() {
        let (a, b, c) = (at("2021-07-25T00:00:00Z"), at("2021-07-25T12:00:00Z"), at("2021-07-26T00:00:00Z"));
        assert!(basis(a, b, c).contains("实况"));
        assert!(basis(b, c, a).contains("预报"));
        assert!(basis(a, c, b).contains("其后"));
    }

    #[test]
    fn numbers_are_printed_without_needless_zeros() {
        assert_eq!(
            (length(500.0), length(2000.0), thousands(82000.0)),
            ("500 m".into(), "2 km".into(), "82 000".into())
        );
        assert_eq!(trim(40.0), "40");
    }
}

/// A note for the small print: a long list of values behind a dash stands in the letter.
fn brief(note: &str) -> String {
    match note.split_once("——") {
        Some((about, values)) if values.chars().count() > 60 => format!("{about}为系统默认值，逐项见研判一张单"),
        _ => note.to_owned(),
    }
}
