//! QGIS 3 styles, for the `layer_styles` table of the GeoPackage.

use super::margin;
use super::symbol::{NEUTRAL, SHELTER};
use super::vector::{Manner, manner};
use dayu_base::RiskColour;
use dayu_package::{FeatureShape, MapLayer};
use std::fmt::Write;

/// Colours in the order of the legend.
const COLOURS: [RiskColour; 6] =
    [RiskColour::Red, RiskColour::Orange, RiskColour::Yellow, RiskColour::Blue, RiskColour::Low, RiskColour::Unknown];

/// Style of a layer as QML: categories by the field `colour` (machine names) where the layer carries a risk, else one symbol.
pub fn qml_style(layer: &MapLayer) -> String {
    let plain = match manner(layer) {
        Manner::Water => Some("#bdd3dd"),
        Manner::Border => Some("#5a5148"),
        Manner::District => Some("#33302c"),
        Manner::Road => Some("#8f877a"),
        Manner::River => Some("#6d98ae"),
        Manner::Track => Some("#111111"),
        Manner::Neutral => Some(NEUTRAL),
        Manner::Shelter | Manner::Route => Some(SHELTER),
        Manner::Shade | Manner::RiskLine | Manner::Risk | Manner::Transfer => None,
    };
    let renderer = match plain {
        Some(colour) => format!(
            "<renderer-v2 type=\"singleSymbol\" symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\"><symbols>{}</symbols></renderer-v2>",
            symbol(layer, 0, rgb(colour), RiskColour::Low)
        ),
        None if manner(layer) == Manner::Transfer => {
            categorised(layer, margin::KEY, margin::CLASSES.map(|(words, colour)| (words, words, colour)))
        }
        None => categorised(layer, "colour", COLOURS.map(|c| (c.id(), c.zh(), c))),
    };
    format!(
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n<qgis version=\"3.22.0\" styleCategories=\"Symbology\">{renderer}<blendMode>0</blendMode><layerGeometryType>{}</layerGeometryType></qgis>\n",
        match kind(layer) {
            Kind::Point => 0,
            Kind::Line => 1,
            Kind::Area => 2,
        }
    )
}

#[derive(Clone, Copy)]
enum Kind {
    Point,
    Line,
    Area,
}

fn kind(layer: &MapLayer) -> Kind {
    match layer.features.first().map(|f| &f.shape) {
        Some(FeatureShape::Lines(_)) => Kind::Line,
        Some(FeatureShape::Polygons(_)) => Kind::Area,
        Some(FeatureShape::Point(..)) => Kind::Point,
        None => match layer.symbol.as_str() {
            "line" => Kind::Line,
            "fill" | "outline" => Kind::Area,
            _ => Kind::Point,
        },
    }
}

/// Categories by a field: (value, words, colour).
fn categorised(layer: &MapLayer, attribute: &str, classes: [(&str, &str, RiskColour); 6]) -> String {
    let (mut categories, mut symbols) = (String::new(), String::new());
    for (k, (value, words, colour)) in classes.into_iter().enumerate() {
        let _ = write!(
            categories,
            "<category value=\"{value}\" symbol=\"{k}\" label=\"{words}\" type=\"string\" render=\"true\"/>"
        );
        symbols.push_str(&symbol(layer, k, colour.rgb(), colour));
    }
    format!(
        "<renderer-v2 type=\"categorizedSymbol\" attr=\"{attribute}\" symbollevels=\"0\" enableorderby=\"0\" forceraster=\"0\"><categories>{categories}</categories><symbols>{symbols}</symbols></renderer-v2>"
    )
}

fn symbol(layer: &MapLayer, name: usize, [r, g, b]: [u8; 3], colour: RiskColour) -> String {
    let solid = format!("{r},{g},{b},255");
    let (symbol_type, class, options): (&str, &str, Vec<(&str, String)>) = match kind(layer) {
        Kind::Point => (
            "marker",
            "SimpleMarker",
            vec![
                ("color", solid),
                ("name", marker(&layer.symbol).into()),
                ("outline_color", "35,35,35,255".into()),
                ("outline_style", "solid".into()),
                ("outline_width", "0.3".into()),
                ("outline_width_unit", "MM".into()),
                ("size", format!("{:.1}", 2.0 * super::symbol::radius_mm(colour).max(1.1))),
                ("size_unit", "MM".into()),
            ],
        ),
        Kind::Line => (
            "line",
            "SimpleLine",
            vec![
                ("line_color", solid),
                ("line_style", if manner(layer) == Manner::Route { "dash" } else { "solid" }.into()),
                ("line_width", if manner(layer) == Manner::Road { "0.2" } else { "0.8" }.into()),
                ("line_width_unit", "MM".into()),
                ("capstyle", "round".into()),
                ("joinstyle", "round".into()),
            ],
        ),
        Kind::Area => {
            let alpha = match manner(layer) {
                Manner::Water => 255,
                Manner::Border | Manner::District => 0,
                _ if colour <= RiskColour::Low => 0,
                _ => 60,
            };
            (
                "fill",
                "SimpleFill",
                vec![
                    ("color", format!("{r},{g},{b},{alpha}")),
                    ("style", if alpha == 0 { "no" } else { "solid" }.into()),
                    ("outline_color", solid),
                    ("outline_style", if manner(layer) == Manner::Border { "dash" } else { "solid" }.into()),
                    ("outline_width", if manner(layer) == Manner::District { "0.7" } else { "0.26" }.into()),
                    ("outline_width_unit", "MM".into()),
                ],
            )
        }
    };
    let mut body = String::new();
    for (k, v) in &options {
        let _ = write!(body, "<Option name=\"{k}\" type=\"QString\" value=\"{v}\"/>");
    }
    format!(
        "<symbol type=\"{symbol_type}\" name=\"{name}\" alpha=\"1\" clip_to_extent=\"1\" force_rhr=\"0\"><layer class=\"{class}\" pass=\"0\" locked=\"0\" enabled=\"1\"><Option type=\"Map\">{body}</Option></layer></symbol>"
    )
}

/// Name of a marker shape in QGIS.
fn marker(symbol: &str) -> &'static str {
    match symbol {
        "square" => "square",
        "triangle" => "triangle",
        "diamond" => "diamond",
        "cross" => "cross_fill",
        "house" => "pentagon",
        _ => "circle",
    }
}

fn rgb(hex: &str) -> [u8; 3] {
    let part = |k: usize| hex.get(1 + 2 * k..3 + 2 * k).and_then(|s| u8::from_str_radix(s, 16).ok()).unwrap_or(0);
    [part(0), part(1), part(2)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_base::Text;

    fn layer(id: &str, symbol: &str) -> MapLayer {
        MapLayer {
            id: id.into(),
            title: Text::default(),
            columns: vec![],
            symbol: symbol.into(),
            visible: true,
            features: vec![],
        }
    }

    #[test]
    fn risks_are_categorised_and_the_rest_is_not() {
        let points = qml_style(&layer("waterlogging_points", "circle"));
        assert!(
            points.contains("attr=\"colour\"") && points.contains("value=\"red\"") && points.contains("200,30,43,255")
        );
        assert_eq!(points.matches("<category ").count(), 6);
        let pumps = qml_style(&layer("pumps", "diamond"));
        assert!(pumps.contains("singleSymbol") && pumps.contains("65,80,94,255"));
        assert!(qml_style(&layer("grids", "fill")).contains("SimpleFill"));
    }

    #[test]
    fn elements_are_balanced() {
        for (id, symbol) in [("waterlogging_points", "circle"), ("grids", "fill"), ("routes", "line")] {
            let qml = qml_style(&layer(id, symbol));
            for tag in ["qgis", "renderer-v2", "symbols", "symbol", "layer"] {
                let open = qml.matches(&format!("<{tag} ")).count() + qml.matches(&format!("<{tag}>")).count();
                assert_eq!(open, qml.matches(&format!("</{tag}>")).count(), "{id} {tag}");
            }
        }
    }
}
