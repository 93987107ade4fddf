//! Charts: panels one under another with a common x axis.

use super::axis::{label, ticks};
use super::{c, escaped, open};
use std::fmt::Write;

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// a line
    Line,
    /// a dashed line
    Dashed,
    /// open circles
    Circles,
    /// filled down to the foot of the panel
    Ground,
    /// a vertical bar between pairs of points with the same x
    Bars,
}

/// A series of a panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Series {
    /// in the legend; empty = not named
    pub label: String,
    pub colour: String,
    pub manner: Manner,
    pub points: Vec<(f64, f64)>,
}

/// A panel.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Panel {
    pub y_label: String,
    pub height: f64,
    pub series: Vec<Series>,
    /// draws y = 0 and spans it
    pub zero: bool,
}

/// A chart.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chart {
    pub width: f64,
    pub x_label: String,
    pub panels: Vec<Panel>,
    /// names at x = 0, 1, 2 … instead of numbers
    pub names: Vec<String>,
    /// values are powers of ten, on both axes
    pub powers: bool,
}

const LEFT: f64 = 58.0;
const RIGHT: f64 = 12.0;
const GAP: f64 = 14.0;
const FOOT: f64 = 34.0;
const LEGEND_ROW: f64 = 15.0;
/// More points than this on a line are thinned to the extremes of each pixel column.
const MOST_POINTS: usize = 1200;

fn bounds(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).fold(None, |b, v| match b {
        None => Some((v, v)),
        Some((lo, hi)) => Some((v.min(lo), v.max(hi))),
    })
}

/// Widened so that nothing touches the frame. A span that is lost in the digits of the values is drawn as the flat line it is.
fn widened((lo, hi): (f64, f64), share: f64) -> (f64, f64) {
    let (span, size) = (hi - lo, lo.abs().max(hi.abs()));
    if span > 1e-5 * size && span > 0.0 {
        (lo - share * span, hi + share * span)
    } else {
        let room = if size > 0.0 { 0.05 * size } else { 1e-3 };
        (lo - room, hi + room)
    }
}

/// Exponents of 1, 2, 5, 10 … that lie in a range of exponents.
fn decades((lo, hi): (f64, f64)) -> Vec<f64> {
    let powers = (lo.floor() as i32)..=(hi.ceil() as i32);
    let each = powers.flat_map(|k| [1.0, 2.0, 5.0].map(|m: f64| f64::from(k) + libm::log10(m)));
    each.filter(|v| *v >= lo && *v <= hi).collect()
}

impl Chart {
    /// The drawing.
    pub fn svg(&self) -> String {
        let legend = self.legend();
        let rows = legend.len();
        let top = 8.0 + rows as f64 * LEGEND_ROW;
        let heights: f64 = self.panels.iter().map(|p| p.height).sum();
        let height = top + heights + GAP * self.panels.len().saturating_sub(1) as f64 + FOOT;
        let mut s = open(self.width, height);
        self.draw_legend(&mut s, &legend);
        let all = self.panels.iter().flat_map(|p| &p.series).flat_map(|l| l.points.iter().map(|p| p.0));
        let x = bounds(all).unwrap_or((0.0, 1.0));
        let x = if self.names.is_empty() {
            if self.powers { widened(x, 0.06) } else { widened(x, 0.0) }
        } else {
            (-0.5, self.names.len() as f64 - 0.5)
        };
        let mut y = top;
        for (k, panel) in self.panels.iter().enumerate() {
            self.draw_panel(&mut s, panel, y, x, k + 1 == self.panels.len());
            y += panel.height + GAP;
        }
        s.push_str("</svg>\n");
        s
    }

    /// Rows of (label, colour, manner, x).
    fn legend(&self) -> Vec<Vec<(&Series, f64)>> {
        let mut rows: Vec<Vec<(&Series, f64)>> = Vec::new();
        let (mut x, mut seen) = (LEFT, Vec::new());
        for series in self.panels.iter().flat_map(|p| &p.series) {
            if series.label.is_empty() || seen.contains(&&series.label) {
                continue;
            }
            seen.push(&series.label);
            let wide = 30.0 + series.label.chars().map(|c| if c.is_ascii() { 5.8 } else { 10.2 }).sum::<f64>();
            if rows.is_empty() || x + wide > self.width - RIGHT {
                rows.push(Vec::new());
                x = LEFT;
            }
            if let Some(row) = rows.last_mut() {
                row.push((series, x));
            }
            x += wide;
        }
        rows
    }

    fn draw_legend(&self, s: &mut String, rows: &[Vec<(&Series, f64)>]) {
        for (k, row) in rows.iter().enumerate() {
            let y = 12.0 + k as f64 * LEGEND_ROW;
            for (series, x) in row {
                let colour = &series.colour;
                let _ = match series.manner {
                    Manner::Circles => writeln!(
                        s,
                        "<circle cx=\"{}\" cy=\"{}\" r=\"3\" fill=\"none\" stroke=\"{colour}\"/>",
                        c(x + 9.0),
                        c(y)
                    ),
                    Manner::Ground => writeln!(
                        s,
                        "<rect x=\"{}\" y=\"{}\" width=\"18\" height=\"8\" fill=\"{colour}\"/>",
                        c(*x),
                        c(y - 4.0)
                    ),
                    Manner::Bars => writeln!(
                        s,
                        "<rect x=\"{}\" y=\"{}\" width=\"18\" height=\"5\" fill=\"{colour}\" fill-opacity=\"0.5\"/>",
                        c(*x),
                        c(y - 3.0)
                    ),
                    manner => writeln!(
                        s,
                        "<line x1=\"{}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\" stroke=\"{colour}\" stroke-width=\"1.6\"{dash}/>",
                        c(*x),
                        c(x + 18.0),
                        y = c(y),
                        dash = if manner == Manner::Dashed { " stroke-dasharray=\"5 3\"" } else { "" }
                    ),
                };
                let _ =
                    writeln!(s, "<text x=\"{}\" y=\"{}\">{}</text>", c(x + 22.0), c(y + 3.5), escaped(&series.label));
            }
        }
    }

    fn draw_panel(&self, s: &mut String, panel: &Panel, top: f64, x: (f64, f64), last: bool) {
        let (right, foot) = (self.width - RIGHT, top + panel.height);
        let ys = panel.series.iter().flat_map(|l| l.points.iter().map(|p| p.1));
        let mut y = bounds(ys).unwrap_or((0.0, 1.0));
        if panel.zero {
            y = (y.0.min(0.0), y.1.max(0.0));
        }
        let y = widened(y, 0.05);
        let px = |v: f64| LEFT + (v - x.0) / (x.1 - x.0) * (right - LEFT);
        let py = |v: f64| foot - (v - y.0) / (y.1 - y.0) * (foot - top);
        let yt = if self.powers { decades(y) } else { ticks(y.0, y.1, (panel.height / 24.0) as usize) };
        for v in &yt {
            let step = yt.get(1).map_or(1.0, |n| n - yt[0]);
            let words = if self.powers { power(*v) } else { label(*v, step) };
            let _ = writeln!(
                s,
                "<line x1=\"{LEFT}\" y1=\"{p}\" x2=\"{r}\" y2=\"{p}\" stroke=\"#e3e3e3\" stroke-width=\"0.7\"/><text x=\"{t}\" y=\"{b}\" text-anchor=\"end\" font-size=\"9\">{words}</text>",
                p = c(py(*v)),
                r = c(right),
                t = c(LEFT - 4.0),
                b = c(py(*v) + 3.2)
            );
        }
        self.x_ticks(s, x, (top, foot), &px, last);
        for series in &panel.series {
            draw_series(s, series, &px, &py, foot);
        }
        if panel.zero {
            let p = c(py(0.0));
            let _ = writeln!(
                s,
                "<line x1=\"{LEFT}\" y1=\"{p}\" x2=\"{}\" y2=\"{p}\" stroke=\"#777777\" stroke-width=\"0.7\"/>",
                c(right)
            );
        }
        let _ = writeln!(
            s,
            "<rect x=\"{LEFT}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#555555\" stroke-width=\"0.8\"/>",
            c(top),
            c(right - LEFT),
            c(panel.height)
        );
        let (lx, ly) = (c(12.0), c(0.5 * (top + foot)));
        let _ = writeln!(
            s,
            "<text transform=\"translate({lx} {ly}) rotate(-90)\" text-anchor=\"middle\">{}</text>",
            escaped(&panel.y_label)
        );
        if last {
            let _ = writeln!(
                s,
                "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>",
                c(0.5 * (LEFT + right)),
                c(foot + 29.0),
                escaped(&self.x_label)
            );
        }
    }

    fn x_ticks(&self, s: &mut String, x: (f64, f64), (top, foot): (f64, f64), px: &dyn Fn(f64) -> f64, last: bool) {
        let xt: Vec<f64> = if self.powers {
            decades(x)
        } else if self.names.is_empty() {
            ticks(x.0, x.1, (self.width / 75.0) as usize)
        } else {
            (0..self.names.len()).map(|k| k as f64).collect()
        };
        let step = xt.get(1).map_or(1.0, |n| n - xt[0]);
        for (k, v) in xt.iter().enumerate() {
            let p = c(px(*v));
            let _ = writeln!(
                s,
                "<line x1=\"{p}\" y1=\"{}\" x2=\"{p}\" y2=\"{}\" stroke=\"#e3e3e3\" stroke-width=\"0.7\"/>",
                c(top),
                c(foot)
            );
            if last {
                let words = match self.names.get(k) {
                    Some(name) => escaped(name),
                    None if self.powers => power(*v),
                    None => label(*v, step),
                };
                let _ = writeln!(
                    s,
                    "<text x=\"{p}\" y=\"{}\" text-anchor=\"middle\" font-size=\"9\">{words}</text>",
                    c(foot + 12.0)
                );
            }
        }
    }
}

/// 10 to this power, in words.
fn power(v: f64) -> String {
    super::axis::short(libm::pow(10.0, v))
}

fn draw_series(s: &mut String, series: &Series, px: &dyn Fn(f64) -> f64, py: &dyn Fn(f64) -> f64, foot: f64) {
    let colour = &series.colour;
    let shown: Vec<(f64, f64)> =
        series.points.iter().filter(|p| p.0.is_finite() && p.1.is_finite()).map(|p| (px(p.0), py(p.1))).collect();
    match series.manner {
        Manner::Circles => {
            // So many circles would hide what they show; each n-th stands for its neighbours.
            let every = shown.len().div_ceil(60).max(1);
            for (x, y) in shown.iter().step_by(every) {
                let _ = writeln!(
                    s,
                    "<circle cx=\"{}\" cy=\"{}\" r=\"2.6\" fill=\"none\" stroke=\"{colour}\"/>",
                    c(*x),
                    c(*y)
                );
            }
        }
        Manner::Bars => {
            for pair in shown.chunks_exact(2) {
                let (top, low) = (pair[0].1.min(pair[1].1), pair[0].1.max(pair[1].1));
                let _ = writeln!(
                    s,
                    "<rect x=\"{}\" y=\"{}\" width=\"14\" height=\"{}\" fill=\"{colour}\" fill-opacity=\"0.5\"/>",
                    c(pair[0].0 - 7.0),
                    c(top),
                    c((low - top).max(1.0))
                );
            }
        }
        Manner::Ground => {
            let (Some(first), Some(end)) = (shown.first(), shown.last()) else { return };
            let _ = write!(s, "<polygon fill=\"{colour}\" stroke=\"none\" points=\"{},{}", c(first.0), c(foot));
            thinned(&shown).iter().for_each(|(x, y)| {
                let _ = write!(s, " {},{}", c(*x), c(*y));
            });
            let _ = writeln!(s, " {},{}\"/>", c(end.0), c(foot));
        }
        Manner::Line | Manner::Dashed => {
            let dash = if series.manner == Manner::Dashed { " stroke-dasharray=\"5 3\"" } else { "" };
            let _ = write!(s, "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.3\"{dash} points=\"");
            for (k, (x, y)) in thinned(&shown).iter().enumerate() {
                let _ = write!(s, "{}{},{}", if k > 0 { " " } else { "" }, c(*x), c(*y));
            }
            s.push_str("\"/>\n");
        }
    }
}

/// Lowest and highest point of each half pixel, in order: peaks stay.
fn thinned(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if points.len() <= MOST_POINTS {
        return points.to_vec();
    }
    let mut out: Vec<(f64, f64)> = Vec::new();
    let column = |p: &(f64, f64)| (p.0 * 2.0).floor();
    let mut k = 0;
    while k < points.len() {
        let end = points[k..].iter().position(|p| column(p) != column(&points[k])).map_or(points.len(), |n| k + n);
        let part = &points[k..end];
        let (mut low, mut high) = (0, 0);
        for (i, p) in part.iter().enumerate() {
            if p.1 < part[low].1 {
                low = i;
            }
            if p.1 > part[high].1 {
                high = i;
            }
        }
        out.push(part[low.min(high)]);
        if low != high {
            out.push(part[low.max(high)]);
        }
        k = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: Vec<(f64, f64)>) -> Chart {
        let series = Series { label: "a<b".into(), colour: "#000".into(), manner: Manner::Line, points };
        let panel = Panel { y_label: "h".into(), height: 100.0, series: vec![series], zero: true };
        Chart { width: 300.0, x_label: "x".into(), panels: vec![panel], names: Vec::new(), powers: false }
    }

    #[test]
    fn a_chart_is_well_formed_whatever_the_data() {
        for points in [vec![], vec![(0.0, 1.0)], vec![(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0)]] {
            let svg = chart(points).svg();
            assert!(svg.starts_with("<svg") && svg.ends_with("</svg>\n") && svg.contains("a&lt;b"));
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
        }
    }

    #[test]
    fn thinning_keeps_the_peak() {
        let points: Vec<(f64, f64)> =
            (0..20_000).map(|i| (i as f64 / 100.0, if i == 7777 { 9.0 } else { 0.0 })).collect();
        let few = thinned(&points);
        assert!(few.len() < MOST_POINTS && few.iter().any(|p| p.1 == 9.0));
    }
}
