//! The map as one web page that needs no network: library, images and data are inside.

use super::base::{MapBase, Overlay};
use super::margin;
use super::sheet::{COLOUR_WORDS, depths, header};
use super::symbol::{self, NEUTRAL, SHELTER, hex};
use super::vector::{self, Manner, manner};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dayu_base::{Finding, RiskColour, Text};
use dayu_package::{FeatureShape, MapFeature, MapLayer, Package};
use serde_json::{Map, Value, json};

const PAGE: &str = include_str!("../../templates/map.html");
const STYLE: &str = include_str!("../../templates/map.css");
const SCRIPT: &str = include_str!("../../templates/map.js");
const LEAFLET: &str = include_str!("../../assets/leaflet/leaflet.js");
const LEAFLET_STYLE: &str = include_str!("../../assets/leaflet/leaflet.css");

/// Quiet roads are drawn up to so many vertices; beyond, only the main ones, then as many as fit.
const MOST_ROAD_VERTICES: usize = 60_000;
/// Largest page, bytes.
const LARGEST_PAGE: usize = 6 * 1024 * 1024;

/// The page of a package.
///
/// # Errors
/// `RPT-012` when it would be larger than 6 MiB: then some layer is far beyond what a browser should draw.
pub fn page(pkg: &Package, base: &MapBase) -> Result<Vec<u8>, Finding> {
    let [x0, y0, x1, y1] = base.extent_m;
    let mut data = header(pkg);
    let extra = json!({
        "origin_m": [x0, y0],
        "size_m": [tenth(x1 - x0), tenth(y1 - y0)],
        "crs_id": pkg.header.crs,
        "depths": depths(),
        "colours": COLOUR_WORDS.iter().map(|(c, words)| json!({ "id": c.id(), "words": words, "svg": icon(&symbol::risk_point("circle", 0.0, 0.0, *c, 1.0)) })).collect::<Vec<_>>(),
        "layers": pkg.map.layers.iter().map(|l| layer(l, x0, y0)).collect::<Vec<_>>(),
        "overlays": base.members.iter().map(|o| overlay(o, x0, y0)).collect::<Vec<_>>(),
        "facts": pkg.map.facts.iter().map(|f| json!([f.title.zh, f.value])).collect::<Vec<_>>(),
    });
    if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
        data.extend(extra.clone());
    }
    let mut html = PAGE.to_string();
    let title = format!("{} 识别一张图 {}（{}）", pkg.header.district.zh, pkg.header.level.zh(), pkg.header.realm.zh());
    for (mark, text) in [
        ("%TITLE%", escape_html(&title)),
        ("%LEAFLET_STYLE%", without_links(LEAFLET_STYLE)),
        ("%STYLE%", STYLE.to_string()),
        ("%LEAFLET%", LEAFLET.replace("//# sourceMappingURL=leaflet.js.map", "")),
        ("%RELIEF%", STANDARD.encode(&base.relief_png)),
        ("%DEPTH%", STANDARD.encode(&base.depth_png)),
        ("%SCRIPT%", SCRIPT.to_string()),
        // The data come last, so that nothing in them can be taken for a mark.
        ("%DATA%", escape_json(&data.to_string())),
    ] {
        html = html.replacen(mark, &text, 1);
    }
    if html.len() > LARGEST_PAGE {
        let mb = html.len() / (1024 * 1024);
        return Err(Finding::error(
            "RPT-012",
            Text::new(
                format!("网页地图过大：约 {mb} MiB，上限 6 MiB"),
                format!("the web map would be about {mb} MiB, more than 6"),
            ),
            Text::new("简化路网、网格或水面图层的几何后重试", "simplify the geometry of roads, grids or water"),
        ));
    }
    Ok(html.into_bytes())
}

/// An image on its box, from the south-west corner, m.
fn overlay(o: &Overlay, x0: f64, y0: f64) -> Value {
    let [west, south, east, north] = o.extent_m;
    json!({
        "title": o.title,
        "box": [[tenth(south - y0), tenth(west - x0)], [tenth(north - y0), tenth(east - x0)]],
        "classes": o.classes.iter().map(|([r, g, b], words)| json!([format!("#{r:02x}{g:02x}{b:02x}"), words])).collect::<Vec<_>>(),
        "png": format!("data:image/png;base64,{}", STANDARD.encode(&o.png)),
    })
}

/// JSON that may stand in a script element: no character that could end it or start markup.
fn escape_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => out.push_str("\\u003c"),
            '>' => out.push_str("\\u003e"),
            '&' => out.push_str("\\u0026"),
            '\u{2028}' => out.push_str("\\u2028"),
            '\u{2029}' => out.push_str("\\u2029"),
            c => out.push(c),
        }
    }
    out
}

fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The style sheet without its references to image files, which the page does not use.
fn without_links(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some(at) = rest.find("url(") {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        out.push_str("none");
        rest = from.find(')').map_or("", |end| &from[end + 1..]);
    }
    out + rest
}

fn layer(layer: &MapLayer, x0: f64, y0: f64) -> Value {
    let manner = manner(layer);
    let (features, left_out) =
        if manner == Manner::Road { fewer_roads(layer) } else { (layer.features.iter().collect(), 0) };
    json!({
        "id": layer.id,
        "title": layer.title.zh,
        "note": (left_out > 0).then(|| format!("网页只画主要道路，另有 {left_out} 条见 map.gpkg")),
        "visible": layer.visible,
        "swatch": vector::swatch(layer),
        "style": style(manner),
        "icons": icons(layer, manner),
        "classes": classes(layer, manner),
        "columns": layer.columns.iter().map(|c| json!([c.0, c.1.zh])).collect::<Vec<_>>(),
        "features": features.into_iter().map(|f| feature(layer, manner, f, x0, y0)).collect::<Vec<_>>(),
    })
}

/// Drawing, words and number of each class of a layer that is coloured by a column of its own; empty for others.
fn classes(layer: &MapLayer, manner: Manner) -> Vec<Value> {
    if manner != Manner::Transfer {
        return Vec::new();
    }
    let present = margin::present(layer).into_iter();
    present.map(|(words, colour, count)| json!([vector::margin_swatch(colour), words, count])).collect()
}

/// Roads that fit the page, and how many do not.
fn fewer_roads(layer: &MapLayer) -> (Vec<&MapFeature>, usize) {
    let size = |f: &MapFeature| match &f.shape {
        FeatureShape::Lines(lines) => lines.iter().map(|l| l.0.len()).sum(),
        _ => 1,
    };
    let main =
        |f: &MapFeature| vector::field(layer, f, "class").and_then(Value::as_str).is_some_and(vector::is_main_road);
    let all: usize = layer.features.iter().map(size).sum();
    let mut room = MOST_ROAD_VERTICES;
    let chosen: Vec<&MapFeature> = layer
        .features
        .iter()
        .filter(|f| all <= MOST_ROAD_VERTICES || main(f))
        .take_while(|f| {
            let fits = size(f) <= room;
            room = room.saturating_sub(size(f));
            fits
        })
        .collect();
    let left_out = layer.features.len() - chosen.len();
    (chosen, left_out)
}

/// Line and fill of lines and areas; a missing colour means the risk colour.
fn style(manner: Manner) -> Value {
    match manner {
        Manner::Water => {
            json!({ "color": "#7d9dac", "weight": 0.8, "fill": true, "fillColor": "#bdd3dd", "fillOpacity": 1 })
        }
        Manner::Shade => json!({ "weight": 0.7, "fill": true, "fillOpacity": 0.09, "quiet": "#8d8a80" }),
        Manner::Border => json!({ "color": "#5a5148", "weight": 1.4, "dashArray": "8 3 2 3", "fill": false }),
        Manner::District => json!({ "color": "#33302c", "weight": 2.6, "fill": false }),
        Manner::Road => json!({ "color": "#9a9286", "weight": 1, "fill": false }),
        Manner::River => json!({ "color": "#6d98ae", "weight": 2, "fill": false }),
        Manner::RiskLine => json!({ "weight": 4, "fill": false }),
        Manner::Route => json!({ "color": SHELTER, "weight": 2.4, "dashArray": "7 5", "fill": false }),
        _ => json!({ "weight": 2, "fill": true, "fillOpacity": 0.45 }),
    }
}

/// Icons by colour (risk layers), or by use (shelters), or one.
fn icons(layer: &MapLayer, manner: Manner) -> Value {
    let mut icons = Map::new();
    let mut add = |key: &str, body: String| {
        icons.insert(key.into(), Value::from(icon(&body)));
    };
    match manner {
        Manner::Risk => {
            for (colour, _) in COLOUR_WORDS {
                add(colour.id(), symbol::risk_point(&layer.symbol, 0.0, 0.0, colour, 1.0));
            }
        }
        Manner::Shelter => {
            add("used", symbol::plain_point(&layer.symbol, 0.0, 0.0, 1.8, SHELTER, true));
            add("spare", symbol::plain_point(&layer.symbol, 0.0, 0.0, 1.2, SHELTER, false));
        }
        Manner::Transfer => {
            for (words, colour) in margin::CLASSES {
                add(words, margin::point(0.0, 0.0, colour));
            }
        }
        Manner::Track => add("any", symbol::plain_point(&layer.symbol, 0.0, 0.0, 2.2, "#111111", true)),
        _ => add("any", symbol::plain_point(&layer.symbol, 0.0, 0.0, 1.2, NEUTRAL, true)),
    }
    Value::Object(icons)
}

fn icon(body: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-3 -3 6 6\" width=\"26\" height=\"26\">{body}</svg>")
}

/// `[object_id, name, colour, icon, kind, coordinates, fields]`, coordinates from the south-west corner, m.
fn feature(layer: &MapLayer, manner: Manner, f: &MapFeature, x0: f64, y0: f64) -> Value {
    let icon = match manner {
        Manner::Risk => f.colour.id(),
        Manner::Shelter if vector::in_use(layer, f) => "used",
        Manner::Shelter => "spare",
        Manner::Transfer => margin::class_of(layer, f).0,
        _ => "any",
    };
    let ring = |line: &geo::LineString<f64>| -> Vec<[f64; 2]> {
        let mut points: Vec<[f64; 2]> = line
            .0
            .iter()
            .filter(|c| c.x.is_finite() && c.y.is_finite())
            .map(|c| [tenth(c.y - y0), tenth(c.x - x0)])
            .collect();
        points.dedup();
        points
    };
    let (kind, coordinates) = match &f.shape {
        FeatureShape::Point(x, y) => (0, json!([tenth(y - y0), tenth(x - x0)])),
        FeatureShape::Lines(lines) => (1, json!(lines.iter().map(ring).collect::<Vec<_>>())),
        FeatureShape::Polygons(polygons) => (
            2,
            json!(
                polygons
                    .iter()
                    .map(|p| std::iter::once(p.exterior()).chain(p.interiors()).map(ring).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            ),
        ),
    };
    // Word and colour of the chip, and of the circles that stand for icons beyond 1 500 points.
    let (word, worn) = match manner {
        Manner::Transfer => margin::class_of(layer, f),
        Manner::Risk => (f.colour.zh(), f.colour),
        _ if f.colour == RiskColour::Unknown => ("", f.colour),
        _ => (f.colour.zh(), f.colour),
    };
    json!([f.object_id, f.name, [word, hex(worn), worn <= RiskColour::Low], icon, kind, coordinates, f.fields])
}

fn tenth(v: f64) -> f64 {
    (v * 10.0).round() / 10.0
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_leave_their_script() {
        let text = escape_json(&json!({ "name": "</script><img src=x onerror=alert(1)>&\u{2028}" }).to_string());
        assert!(!text.contains(['<', '>', '&', '\u{2028}']));
        let back: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(back["name"], "</script><img src=x onerror=alert(1)>&\u{2028}");
    }

    #[test]
    fn the_library_brings_no_reference_to_other_files() {
        assert!(!without_links(LEAFLET_STYLE).contains("url("));
        assert_eq!(without_links("a{b:url(x.png);c:d}"), "a{b:none;c:d}");
    }
}
