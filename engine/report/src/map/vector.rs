//! The vectors of the sheet as an SVG drawing in millimetres of the map frame. It holds no text: texts are set by the template.

use super::frame::{FRAME_HEIGHT_MM, FRAME_WIDTH_MM, Frame};
use super::margin;
use super::symbol::{self, NEUTRAL, SHELTER, TRANSFER, hex};
use dayu_base::RiskColour;
use dayu_package::{FeatureShape, MapFeature, MapLayer, MapProduct};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Casing of closed roads.
const CLOSED_CASING: &str = "stroke=\"#3a2a20\" stroke-opacity=\".8\" stroke-width=\".75\"";

/// How a layer is drawn, apart from its symbol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// permanent water
    Water,
    /// region filled by its risk colour
    Shade,
    /// town border
    Border,
    /// border of the district
    District,
    /// quiet road
    Road,
    /// river line
    River,
    /// line in its risk colour
    RiskLine,
    /// route to a shelter
    Route,
    /// storm centre
    Track,
    /// point or area in its risk colour
    Risk,
    /// point without a risk of its own
    Neutral,
    /// shelter
    Shelter,
    /// people to be moved
    Transfer,
}

/// The manner of a layer, from its name and symbol.
pub fn manner(layer: &MapLayer) -> Manner {
    match layer.id.as_str() {
        "water" => Manner::Water,
        "towns" => Manner::Border,
        "district" => Manner::District,
        "roads" => Manner::Road,
        "rivers" => Manner::River,
        "routes" => Manner::Route,
        "typhoon" => Manner::Track,
        "shelters" => Manner::Shelter,
        "transfers" => Manner::Transfer,
        "pumps" | "gates" | "outfalls" | "mobile_pumps" | "gauges" | "forces" | "stores" => Manner::Neutral,
        _ => match layer.symbol.as_str() {
            "fill" => Manner::Shade,
            "outline" => Manner::Border,
            "line" => Manner::RiskLine,
            _ => Manner::Risk,
        },
    }
}

/// A field of a feature by its key.
pub fn field<'a>(layer: &MapLayer, feature: &'a MapFeature, key: &str) -> Option<&'a serde_json::Value> {
    let at = layer.columns.iter().position(|c| c.0 == key)?;
    feature.fields.get(at).filter(|v| !v.is_null())
}

/// True for a shelter that takes people at this level.
pub fn in_use(layer: &MapLayer, feature: &MapFeature) -> bool {
    field(layer, feature, "assigned_people").and_then(serde_json::Value::as_u64).is_some_and(|n| n > 0)
}

/// True for a shelter that must stay shut.
pub fn must_stay_shut(layer: &MapLayer, feature: &MapFeature) -> bool {
    layer.id == "shelters" && field(layer, feature, "use").and_then(serde_json::Value::as_str) == Some("不得开放")
}

/// The stroke through a shelter that must stay shut.
fn stroke_through(x: f64, y: f64) -> String {
    let d = format!("M{:.2} {:.2}l3.6 3.6", x - 1.8, y - 1.8);
    format!(
        "<path d=\"{d}\" fill=\"none\" stroke=\"#fff\" stroke-width=\"1\"/><path d=\"{d}\" fill=\"none\" stroke=\"{}\" stroke-width=\".6\"/>",
        hex(RiskColour::Red)
    )
}

/// A legend drawing of a shelter that must stay shut, 6 × 4 mm.
pub fn shut_swatch(layer: &MapLayer) -> String {
    boxed(&(symbol::plain_point(&layer.symbol, 3.0, 2.0, 1.0, SHELTER, false) + &stroke_through(3.0, 2.0)))
}

/// Draws the visible layers, then the places of numbered risks whose layer is not drawn, then the leader lines from labels to their points.
pub fn draw(
    map: &MapProduct,
    frame: &Frame,
    leaders: &[((f64, f64), (f64, f64))],
    marks: &[((f64, f64), RiskColour)],
) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{FRAME_WIDTH_MM}\" height=\"{FRAME_HEIGHT_MM}\" viewBox=\"0 0 {FRAME_WIDTH_MM} {FRAME_HEIGHT_MM}\" stroke-linejoin=\"round\" stroke-linecap=\"round\">"
    );
    for layer in map.layers.iter().filter(|l| l.visible) {
        if layer.id == "roads" {
            graticule(frame, &mut svg);
        }
        draw_layer(layer, frame, &mut svg);
    }
    for ((x0, y0), (x1, y1)) in leaders {
        let d = format!("M{x0:.2} {y0:.2}L{x1:.2} {y1:.2}");
        let _ = write!(
            svg,
            "<path d=\"{d}\" fill=\"none\" stroke=\"#fff\" stroke-width=\".7\"/><path d=\"{d}\" fill=\"none\" stroke=\"#222\" stroke-width=\".22\"/>"
        );
    }
    for ((x, y), colour) in marks {
        svg.push_str(&symbol::risk_point("circle", *x, *y, *colour, 0.9));
    }
    svg.push_str("</svg>");
    svg
}

/// Small crosses where coordinate lines meet.
fn graticule(frame: &Frame, svg: &mut String) {
    let (east, north) = frame.ticks();
    let mut d = String::new();
    for (_, x) in &east {
        for (_, y) in &north {
            let _ = write!(d, "M{:.2} {y:.2}h3M{x:.2} {:.2}v3", x - 1.5, y - 1.5);
        }
    }
    let _ = write!(svg, "<path d=\"{d}\" fill=\"none\" stroke=\"#555\" stroke-width=\".12\"/>");
}

fn draw_layer(layer: &MapLayer, frame: &Frame, svg: &mut String) {
    match manner(layer) {
        Manner::Water => stroke_all(
            layer,
            frame,
            svg,
            "fill=\"#bdd3dd\" fill-rule=\"evenodd\" stroke=\"#7d9dac\" stroke-width=\".15\"",
        ),
        Manner::Border => stroke_all(
            layer,
            frame,
            svg,
            "fill=\"none\" stroke=\"#5a5148\" stroke-width=\".28\" stroke-dasharray=\"2.2 .8 .4 .8\"",
        ),
        Manner::District => {
            stroke_all(layer, frame, svg, "fill=\"none\" stroke=\"#fff\" stroke-opacity=\".8\" stroke-width=\"1.5\"");
            stroke_all(layer, frame, svg, "fill=\"none\" stroke=\"#33302c\" stroke-width=\".6\"");
        }
        Manner::Road => roads(layer, frame, svg),
        Manner::River => stroke_all(layer, frame, svg, "fill=\"none\" stroke=\"#6d98ae\" stroke-width=\".5\""),
        Manner::Route => {
            stroke_all(layer, frame, svg, "fill=\"none\" stroke=\"#fff\" stroke-width=\".85\"");
            let style = format!("fill=\"none\" stroke=\"{SHELTER}\" stroke-width=\".45\" stroke-dasharray=\"1.3 .9\"");
            stroke_all(layer, frame, svg, &style);
        }
        Manner::Shade => by_colour(layer, frame, svg, |colour| match colour {
            RiskColour::Unknown | RiskColour::Low => {
                "fill=\"none\" stroke=\"#8d8a80\" stroke-width=\".07\"".to_string()
            }
            _ => format!(
                "fill=\"{0}\" fill-opacity=\".09\" stroke=\"{0}\" stroke-opacity=\".55\" stroke-width=\".12\" fill-rule=\"evenodd\"",
                hex(colour)
            ),
        }),
        // Closed lines stand out; lines that are only wet leave the water below them to be seen.
        Manner::RiskLine if layer.id == "roads_closed" => {
            stroke_all(layer, frame, svg, &format!("fill=\"none\" {CLOSED_CASING}"));
            by_colour(layer, frame, svg, |c| format!("fill=\"none\" stroke=\"{}\" stroke-width=\".45\"", hex(c)));
        }
        Manner::RiskLine => by_colour(layer, frame, svg, |c| {
            let (opacity, width) = if c >= RiskColour::Orange { (0.85, 0.5) } else { (0.5, 0.28) };
            format!("fill=\"none\" stroke=\"{}\" stroke-opacity=\"{opacity}\" stroke-width=\"{width}\"", hex(c))
        }),
        Manner::Track | Manner::Neutral | Manner::Risk | Manner::Shelter | Manner::Transfer => {
            points(layer, frame, svg)
        }
    }
}

/// One path of all lines and polygons of a layer.
fn stroke_all(layer: &MapLayer, frame: &Frame, svg: &mut String, style: &str) {
    let d: String = layer.features.iter().map(|f| outline(&f.shape, frame)).collect();
    if !d.is_empty() {
        let _ = write!(svg, "<path d=\"{d}\" {style}/>");
    }
}

/// One path per colour, the worst on top.
fn by_colour(layer: &MapLayer, frame: &Frame, svg: &mut String, style: impl Fn(RiskColour) -> String) {
    let mut paths: BTreeMap<RiskColour, String> = BTreeMap::new();
    for feature in &layer.features {
        paths.entry(feature.colour).or_default().push_str(&outline(&feature.shape, frame));
    }
    for (colour, d) in paths.into_iter().filter(|(_, d)| !d.is_empty()) {
        let _ = write!(svg, "<path d=\"{d}\" {}/>", style(colour));
    }
}

/// Main roads wider than the others.
fn roads(layer: &MapLayer, frame: &Frame, svg: &mut String) {
    let (mut main, mut other) = (String::new(), String::new());
    for feature in &layer.features {
        let wide = field(layer, feature, "class").and_then(|c| c.as_str()).is_some_and(is_main_road);
        if wide { &mut main } else { &mut other }.push_str(&outline(&feature.shape, frame));
    }
    for (d, stroke, width) in [(&other, "#b3aca0", ".12"), (&main, "#8f877a", ".5"), (&main, "#fbf8f1", ".3")] {
        if !d.is_empty() {
            let _ = write!(svg, "<path d=\"{d}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"{width}\"/>");
        }
    }
}

/// OpenStreetMap classes of through roads.
pub fn is_main_road(class: &str) -> bool {
    ["motorway", "trunk", "primary", "secondary"].iter().any(|c| class.starts_with(c))
}

fn points(layer: &MapLayer, frame: &Frame, svg: &mut String) {
    let manner = manner(layer);
    // Worse ones are drawn later, on top of the rest.
    let mut order: Vec<&MapFeature> = layer.features.iter().collect();
    let shown = |f: &MapFeature| if manner == Manner::Transfer { margin::class_of(layer, f).1 } else { f.colour };
    order.sort_by(|a, b| (shown(a), &a.object_id).cmp(&(shown(b), &b.object_id)));
    for feature in order {
        let FeatureShape::Point(x_m, y_m) = feature.shape else {
            let d = outline(&feature.shape, frame);
            let area = matches!(feature.shape, FeatureShape::Polygons(_));
            let fill = if area { hex(feature.colour) } else { "none".into() };
            let _ = write!(
                svg,
                "<path d=\"{d}\" fill=\"{fill}\" fill-opacity=\".5\" stroke=\"{}\" stroke-width=\".35\"/>",
                hex(feature.colour)
            );
            continue;
        };
        let (x, y) = frame.place(x_m, y_m);
        if frame.holds((x, y), 0.5) {
            svg.push_str(&point(layer, manner, feature, x, y));
        }
    }
}

fn point(layer: &MapLayer, manner: Manner, feature: &MapFeature, x: f64, y: f64) -> String {
    match manner {
        Manner::Neutral => symbol::plain_point(&layer.symbol, x, y, 0.95, NEUTRAL, true),
        Manner::Track => symbol::plain_point(&layer.symbol, x, y, 2.2, "#111111", true),
        Manner::Transfer => margin::point(x, y, margin::class_of(layer, feature).1),
        Manner::Shelter => {
            let used = in_use(layer, feature);
            let mut s = symbol::plain_point(&layer.symbol, x, y, if used { 1.7 } else { 1.0 }, SHELTER, used);
            if must_stay_shut(layer, feature) {
                s.push_str(&stroke_through(x, y));
            }
            s
        }
        _ => symbol::risk_point(&layer.symbol, x, y, feature.colour, 1.0),
    }
}

/// Path data of lines and polygons on paper; vertices closer than a fifth of a pen's width are left out.
fn outline(shape: &FeatureShape, frame: &Frame) -> String {
    let mut d = String::new();
    match shape {
        FeatureShape::Point(..) => {}
        FeatureShape::Lines(lines) => lines.iter().for_each(|l| trace(&l.0, false, frame, &mut d)),
        FeatureShape::Polygons(polygons) => {
            for polygon in polygons {
                trace(&polygon.exterior().0, true, frame, &mut d);
                polygon.interiors().iter().for_each(|r| trace(&r.0, true, frame, &mut d));
            }
        }
    }
    d
}

fn trace(points: &[geo::Coord<f64>], closed: bool, frame: &Frame, d: &mut String) {
    const NEAREST_MM: f64 = 0.04;
    let placed: Vec<(f64, f64)> =
        points.iter().map(|c| frame.place(c.x, c.y)).filter(|p| p.0.is_finite() && p.1.is_finite()).collect();
    let outside = placed.iter().all(|p| p.0 < -1.0)
        || placed.iter().all(|p| p.0 > FRAME_WIDTH_MM + 1.0)
        || placed.iter().all(|p| p.1 < -1.0)
        || placed.iter().all(|p| p.1 > FRAME_HEIGHT_MM + 1.0);
    if placed.len() < 2 || outside {
        return;
    }
    let mut last = (f64::INFINITY, f64::INFINITY);
    for (k, &(x, y)) in placed.iter().enumerate() {
        let near = (x - last.0).abs() < NEAREST_MM && (y - last.1).abs() < NEAREST_MM;
        if near && k + 1 < placed.len() {
            continue;
        }
        let _ = write!(d, "{}{x:.2} {y:.2}", if k == 0 { "M" } else { "L" });
        last = (x, y);
    }
    if closed {
        d.push('Z');
    }
}

/// A legend drawing of a layer, 6 × 4 mm.
pub fn swatch(layer: &MapLayer) -> String {
    let line = |style: &str| format!("<path d=\"M.4 3L2.2 1.2L3.8 2.6L5.6 1\" fill=\"none\" {style}/>");
    let area = |style: &str| format!("<path d=\"M.5 .6h5v2.8h-5z\" {style}/>");
    let body = match manner(layer) {
        Manner::Water => area("fill=\"#bdd3dd\" stroke=\"#7d9dac\" stroke-width=\".2\""),
        Manner::Border => {
            area("fill=\"none\" stroke=\"#5a5148\" stroke-width=\".28\" stroke-dasharray=\"2.2 .8 .4 .8\"")
        }
        Manner::District => area("fill=\"none\" stroke=\"#33302c\" stroke-width=\".6\""),
        Manner::Shade => area("fill=\"#ee7b1e\" fill-opacity=\".2\" stroke=\"#ee7b1e\" stroke-width=\".15\""),
        Manner::Road => line("stroke=\"#8f877a\" stroke-width=\".4\""),
        Manner::River => line("stroke=\"#6d98ae\" stroke-width=\".5\""),
        Manner::RiskLine if layer.id == "roads_closed" => {
            line(CLOSED_CASING) + &line("stroke=\"#ee7b1e\" stroke-width=\".45\"")
        }
        Manner::RiskLine => line("stroke=\"#ee7b1e\" stroke-width=\".5\""),
        Manner::Route => line(&format!("stroke=\"{SHELTER}\" stroke-width=\".5\" stroke-dasharray=\"1.3 .9\"")),
        Manner::Neutral => symbol::plain_point(&layer.symbol, 3.0, 2.0, 1.1, NEUTRAL, true),
        Manner::Track => symbol::plain_point(&layer.symbol, 3.0, 2.0, 1.6, "#111111", true),
        Manner::Transfer => symbol::plain_point(&layer.symbol, 3.0, 2.0, 1.1, TRANSFER, true),
        Manner::Shelter => {
            symbol::plain_point(&layer.symbol, 1.5, 2.0, 1.3, SHELTER, true)
                + &symbol::plain_point(&layer.symbol, 4.5, 2.0, 1.0, SHELTER, false)
        }
        Manner::Risk => symbol::plain_point(&layer.symbol, 3.0, 2.0, 1.4, "#5b5b5b", true),
    };
    boxed(&body)
}

/// A legend drawing of a class of the time left, 6 × 4 mm.
pub fn margin_swatch(colour: RiskColour) -> String {
    boxed(&margin::point(3.0, 2.0, colour))
}

/// A legend drawing of a risk colour, 6 × 4 mm.
pub fn colour_swatch(colour: RiskColour) -> String {
    boxed(&symbol::risk_point("circle", 3.0, 2.0, colour, 0.72))
}

fn boxed(body: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"6\" height=\"4\" viewBox=\"0 0 6 4\" stroke-linejoin=\"round\">{body}</svg>"
    )
}
