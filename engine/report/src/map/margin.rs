//! People to be moved, coloured by the time that is left to order it.

use super::symbol::{self, TRANSFER};
use super::vector::field;
use dayu_base::RiskColour;
use dayu_package::{MapFeature, MapLayer};

/// Column of the layer that holds the class.
pub const KEY: &str = "margin";

/// Classes in the words of the map product, the worst first, each with the colour its square is filled with.
pub static CLASSES: [(&str, RiskColour); 6] = [
    ("无路或已过时刻", RiskColour::Red),
    ("余量不足 1 小时", RiskColour::Orange),
    ("余量 1–3 小时", RiskColour::Yellow),
    ("余量 3 小时以上", RiskColour::Blue),
    ("推演期内有路", RiskColour::Low),
    ("余量未知", RiskColour::Unknown),
];

/// Class of a feature; an unknown word, or none, is the last class: not known.
pub fn class_of(layer: &MapLayer, feature: &MapFeature) -> (&'static str, RiskColour) {
    let words = field(layer, feature, KEY).and_then(serde_json::Value::as_str);
    let found = CLASSES.iter().find(|c| Some(c.0) == words);
    *found.unwrap_or(&CLASSES[CLASSES.len() - 1])
}

/// A square framed in the colour of transfers, filled by the class: the worse, the larger, with the core of its risk colour.
pub fn point(x: f64, y: f64, colour: RiskColour) -> String {
    let inner = symbol::risk_point("square", x, y, colour, 0.62);
    let half = 0.62 * symbol::radius_mm(colour) + 0.42;
    format!("<path d=\"{}\" fill=\"{TRANSFER}\"/>{inner}", symbol::path("square", x, y, half))
}

/// Classes that the layer has, with the number of features of each.
pub fn present(layer: &MapLayer) -> Vec<(&'static str, RiskColour, usize)> {
    CLASSES
        .iter()
        .map(|&(words, colour)| {
            (words, colour, layer.features.iter().filter(|f| class_of(layer, f).0 == words).count())
        })
        .filter(|c| c.2 > 0)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dayu_plan::DepartureMargin;

    #[test]
    fn every_class_of_the_plan_has_its_colour() {
        let words: Vec<&str> = DepartureMargin::ALL.iter().map(|m| m.zh()).collect();
        assert_eq!(words, CLASSES.map(|c| c.0));
        assert!(CLASSES.windows(2).all(|w| w[0].1 > w[1].1));
    }
}
