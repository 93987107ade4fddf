//! Small drawings as SVG: charts with stacked panels, maps with a colour bar. The same data give the same bytes.

pub(crate) mod axis;
pub(crate) mod chart;
pub(crate) mod map;

/// Ink of the answer.
pub(crate) const ANSWER: &str = "#111111";
/// Inks of runs, told apart also by their dashes.
pub(crate) const RUNS: [&str; 6] = ["#0b62a4", "#d1600a", "#2a8c4a", "#8a3fa0", "#b8860b", "#5a5a5a"];
/// Ink of peers.
pub(crate) const PEERS: [&str; 4] = ["#8c8c8c", "#b39ddb", "#80b98a", "#c9a06a"];

/// Text that may stand in SVG.
pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A coordinate with one decimal.
pub(crate) fn c(v: f64) -> String {
    let r = (v * 10.0).round() / 10.0;
    // −0 would differ from 0 in the bytes.
    format!("{}", if r == 0.0 { 0.0 } else { r })
}

/// Opens a drawing of this size.
pub(crate) fn open(width: f64, height: f64) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-family=\"Noto Sans CJK SC, sans-serif\" font-size=\"10\">\n<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n",
        w = c(width),
        h = c(height)
    )
}
