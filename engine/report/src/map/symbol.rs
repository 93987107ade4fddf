//! Symbols of points: drawn the same on the sheet, in its legend and on the web page.

use dayu_base::RiskColour;
use std::fmt::Write;

/// Fill of layers that carry no risk of their own (drainage, stations, forces).
pub const NEUTRAL: &str = "#41505e";
/// Fill of shelters in use and of routes to them.
pub const SHELTER: &str = "#0b7248";
/// Fill of people to be moved.
pub const TRANSFER: &str = "#7b2d8b";

/// `#rrggbb` of a risk colour.
pub fn hex(colour: RiskColour) -> String {
    let [r, g, b] = colour.rgb();
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Outline of a symbol with its centre at (x, y) and half its size r, as SVG path data.
pub fn path(symbol: &str, x: f64, y: f64, r: f64) -> String {
    let mut d = String::new();
    let polygon = |d: &mut String, points: &[(f64, f64)]| {
        for (k, (px, py)) in points.iter().enumerate() {
            let _ = write!(d, "{}{:.2} {:.2}", if k == 0 { "M" } else { "L" }, x + r * px, y + r * py);
        }
        d.push('Z');
    };
    match symbol {
        "square" => polygon(&mut d, &[(-0.85, -0.85), (0.85, -0.85), (0.85, 0.85), (-0.85, 0.85)]),
        "triangle" => polygon(&mut d, &[(0.0, -1.1), (1.05, 0.8), (-1.05, 0.8)]),
        "diamond" => polygon(&mut d, &[(0.0, -1.2), (1.2, 0.0), (0.0, 1.2), (-1.2, 0.0)]),
        "cross" => polygon(
            &mut d,
            &[
                (-0.3, -1.0),
                (0.3, -1.0),
                (0.3, -0.3),
                (1.0, -0.3),
                (1.0, 0.3),
                (0.3, 0.3),
                (0.3, 1.0),
                (-0.3, 1.0),
                (-0.3, 0.3),
                (-1.0, 0.3),
                (-1.0, -0.3),
                (-0.3, -0.3),
            ],
        ),
        "house" => polygon(
            &mut d,
            &[(0.0, -1.15), (1.15, -0.1), (0.8, -0.1), (0.8, 0.95), (-0.8, 0.95), (-0.8, -0.1), (-1.15, -0.1)],
        ),
        _ => {
            let _ = write!(
                d,
                "M{:.2} {y:.2}a{r:.2} {r:.2} 0 1 0 {:.2} 0a{r:.2} {r:.2} 0 1 0 {:.2} 0Z",
                x - r,
                2.0 * r,
                -2.0 * r
            );
        }
    }
    d
}

/// Half the size of a point of this colour, mm: the worse, the larger.
pub fn radius_mm(colour: RiskColour) -> f64 {
    match colour {
        RiskColour::Red => 1.75,
        RiskColour::Orange => 1.55,
        RiskColour::Yellow => 1.35,
        RiskColour::Blue => 1.15,
        RiskColour::Low => 0.7,
        RiskColour::Unknown => 0.8,
    }
}

/// SVG of one point in a risk colour. Colour never stands alone: red has a ring around and a white core, orange a white core,
/// yellow a dark core, blue is hollow, low is small, unknown is a small grey ring.
pub fn risk_point(symbol: &str, x: f64, y: f64, colour: RiskColour, scale: f64) -> String {
    let r = radius_mm(colour) * scale;
    let fill = hex(colour);
    let outline = path(symbol, x, y, r);
    let core = |tone: &str| format!("<path d=\"{}\" fill=\"{tone}\"/>", path("circle", x, y, r * 0.34));
    match colour {
        RiskColour::Red => format!(
            "<path d=\"{}\" fill=\"#fff\" fill-opacity=\".75\" stroke=\"{fill}\" stroke-width=\".32\"/><path d=\"{outline}\" fill=\"{fill}\" stroke=\"#3d0609\" stroke-width=\".18\"/>{}",
            path(symbol, x, y, r * 1.55),
            core("#fff")
        ),
        RiskColour::Orange => {
            format!("<path d=\"{outline}\" fill=\"{fill}\" stroke=\"#4a2200\" stroke-width=\".2\"/>{}", core("#fff"))
        }
        RiskColour::Yellow => {
            format!("<path d=\"{outline}\" fill=\"{fill}\" stroke=\"#4d3c00\" stroke-width=\".2\"/>{}", core("#4d3c00"))
        }
        RiskColour::Blue => format!("<path d=\"{outline}\" fill=\"#fff\" stroke=\"{fill}\" stroke-width=\".45\"/>"),
        RiskColour::Low => format!("<path d=\"{outline}\" fill=\"{fill}\" stroke=\"#fff\" stroke-width=\".12\"/>"),
        RiskColour::Unknown => {
            format!(
                "<path d=\"{outline}\" fill=\"#fff\" fill-opacity=\".8\" stroke=\"#6d6d6d\" stroke-width=\".28\" stroke-dasharray=\".5 .3\"/>"
            )
        }
    }
}

/// SVG of one point in a plain colour, filled or hollow.
pub fn plain_point(symbol: &str, x: f64, y: f64, r: f64, colour: &str, filled: bool) -> String {
    let outline = path(symbol, x, y, r);
    if filled {
        format!("<path d=\"{outline}\" fill=\"{colour}\" stroke=\"#fff\" stroke-width=\".18\"/>")
    } else {
        format!("<path d=\"{outline}\" fill=\"#fff\" fill-opacity=\".85\" stroke=\"{colour}\" stroke-width=\".25\"/>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worse_is_larger() {
        let sizes =
            [RiskColour::Low, RiskColour::Blue, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red].map(radius_mm);
        assert!(sizes.windows(2).all(|w| w[0] < w[1]));
    }

    #[test]
    fn every_symbol_is_a_closed_path() {
        for symbol in ["circle", "square", "triangle", "diamond", "cross", "house", "line"] {
            let d = path(symbol, 3.0, 4.0, 1.0);
            assert!(d.starts_with('M') && d.ends_with('Z'), "{symbol}: {d}");
        }
    }
}
