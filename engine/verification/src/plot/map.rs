//! Maps side by side, each with its colour bar; pixels as an indexed PNG inside the drawing.

use super::axis::{label, short, ticks};
use super::{c, escaped, open};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dayu_terrain::GridSpec;
use std::fmt::Write;

/// Colours of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ramp {
    /// white to dark blue, from 0
    Depth,
    /// blue – white – red around 0
    Difference,
}

/// A map of the row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct MapPanel {
    pub title: String,
    pub grid: GridSpec,
    /// south row first; NaN = no data
    pub values: Vec<f64>,
    pub ramp: Ramp,
    /// value at the end of the bar
    pub most: f64,
    pub unit: String,
    /// points with names, m
    pub points: Vec<(String, f64, f64)>,
}

const LEVELS: usize = 63;
const BAR: f64 = 26.0;
const GAP: f64 = 14.0;
/// Pixels of a map's longer side; larger grids are shown by the largest value of each block.
const MOST_PIXELS: usize = 640;

fn mixed(a: [u8; 3], b: [u8; 3], w: f64) -> [u8; 3] {
    [0, 1, 2].map(|k| (f64::from(a[k]) * (1.0 - w) + f64::from(b[k]) * w).round() as u8)
}

fn colour(ramp: Ramp, share: f64) -> [u8; 3] {
    let stops: &[[u8; 3]] = match ramp {
        Ramp::Depth => &[[247, 251, 255], [198, 219, 239], [107, 174, 214], [33, 113, 181], [8, 48, 107]],
        Ramp::Difference => &[[33, 60, 150], [146, 178, 222], [250, 250, 250], [240, 160, 130], [160, 20, 30]],
    };
    let at = share.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let k = (at as usize).min(stops.len() - 2);
    mixed(stops[k], stops[k + 1], at - k as f64)
}

fn share(ramp: Ramp, v: f64, most: f64) -> f64 {
    match ramp {
        Ramp::Depth => v / most,
        Ramp::Difference => 0.5 + 0.5 * v / most,
    }
}

impl MapPanel {
    /// The map in grey (no data) and colours, north up.
    fn png(&self) -> Vec<u8> {
        let g = &self.grid;
        let block = g.nx.max(g.ny).div_ceil(MOST_PIXELS).max(1);
        let (w, h) = (g.nx.div_ceil(block), g.ny.div_ceil(block));
        let mut pixels = vec![0_u8; w * h];
        for (py, row) in pixels.chunks_mut(w).enumerate() {
            for (px, pixel) in row.iter_mut().enumerate() {
                let mut most = f64::NAN;
                for j in ((h - 1 - py) * block)..((h - py) * block).min(g.ny) {
                    for v in &self.values[j * g.nx + px * block..j * g.nx + ((px + 1) * block).min(g.nx)] {
                        if !v.is_nan() && (most.is_nan() || v.abs() > most.abs()) {
                            most = *v;
                        }
                    }
                }
                *pixel = if most.is_nan() {
                    0
                } else {
                    1 + (share(self.ramp, most, self.most).clamp(0.0, 1.0) * (LEVELS - 1) as f64).round() as u8
                };
            }
        }
        let mut palette = vec![205_u8, 205, 205];
        for k in 0..LEVELS {
            palette.extend(colour(self.ramp, k as f64 / (LEVELS - 1) as f64));
        }
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, w as u32, h as u32);
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_palette(palette);
        encoder.set_compression(png::Compression::High);
        let written = encoder.write_header().and_then(|mut writer| {
            writer.write_image_data(&pixels)?;
            writer.finish()
        });
        // Writing into memory cannot fail; were it to, the map stays empty and its frame says so.
        if written.is_err() { Vec::new() } else { bytes }
    }
}

/// Maps in a row (or under one another when they are long), `width` wide.
pub(crate) fn maps(panels: &[MapPanel], width: f64) -> String {
    let Some(first) = panels.first() else { return String::new() };
    let aspect = first.grid.ny as f64 / first.grid.nx.max(1) as f64;
    let columns = if aspect < 0.3 { 1 } else { panels.len() };
    let cell = (width - GAP * (columns - 1) as f64) / columns as f64;
    let map_w = cell.min(360.0 / aspect.max(0.01)).max(40.0);
    let map_h = map_w * aspect;
    let row_h = 16.0 + map_h + BAR + GAP;
    let rows = panels.len().div_ceil(columns);
    let mut s = open(width, row_h * rows as f64);
    for (k, panel) in panels.iter().enumerate() {
        let (x, y) = ((k % columns) as f64 * (cell + GAP), (k / columns) as f64 * row_h);
        draw(&mut s, panel, x, y, map_w, map_h);
    }
    s.push_str("</svg>\n");
    s
}

fn draw(s: &mut String, panel: &MapPanel, x: f64, y: f64, w: f64, h: f64) {
    let top = y + 16.0;
    let _ =
        writeln!(s, "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>", c(x), c(y + 11.0), escaped(&panel.title));
    let _ = writeln!(
        s,
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64,{}\"/>",
        c(x),
        c(top),
        c(w),
        c(h),
        STANDARD.encode(panel.png())
    );
    let _ = writeln!(
        s,
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" fill=\"none\" stroke=\"#555555\" stroke-width=\"0.8\"/>",
        c(x),
        c(top),
        c(w),
        c(h)
    );
    let [x0, y0, x1, y1] = panel.grid.extent();
    for (name, px, py) in &panel.points {
        let (cx, cy) = (x + (px - x0) / (x1 - x0) * w, top + h - (py - y0) / (y1 - y0) * h);
        let _ = writeln!(
            s,
            "<circle cx=\"{a}\" cy=\"{b}\" r=\"2.5\" fill=\"#ffffff\" stroke=\"#111111\"/><text x=\"{t}\" y=\"{u}\" font-size=\"8.5\" stroke=\"#ffffff\" stroke-width=\"2.4\" paint-order=\"stroke\">{n}</text><text x=\"{t}\" y=\"{u}\" font-size=\"8.5\">{n}</text>",
            a = c(cx),
            b = c(cy),
            t = c(cx + 4.0),
            u = c(cy - 3.0),
            n = escaped(name)
        );
    }
    scale_bar(s, x, top + h, w, x1 - x0);
    colour_bar(s, panel, x + 0.40 * w, top + h + 6.0, 0.52 * w);
}

/// A round length of about a quarter of the map.
fn scale_bar(s: &mut String, x: f64, foot: f64, w: f64, metres: f64) {
    let length = ticks(0.0, metres * 0.3, 1).into_iter().rfind(|v| *v > 0.0).unwrap_or(metres * 0.25);
    let px = length / metres * w;
    let words =
        if length >= 1000.0 { format!("{} km", short(length / 1000.0)) } else { format!("{} m", short(length)) };
    let y = foot + 8.0;
    let _ = writeln!(
        s,
        "<path d=\"M{a},{t} V{b} H{e} V{t}\" fill=\"none\" stroke=\"#333333\"/><text x=\"{a}\" y=\"{w}\" font-size=\"8.5\">{words}</text>",
        a = c(x + 1.0),
        t = c(y - 2.0),
        b = c(y + 2.0),
        e = c(x + 1.0 + px),
        w = c(y + 12.0)
    );
}

fn colour_bar(s: &mut String, panel: &MapPanel, x: f64, y: f64, w: f64) {
    // Drawings stand in one page: the same name must mean the same colours.
    let name = if panel.ramp == Ramp::Depth { "depth" } else { "difference" };
    let _ = write!(s, "<defs><linearGradient id=\"ramp-{name}\">");
    for k in 0..=8 {
        let share = f64::from(k) / 8.0;
        let [r, g, b] = colour(panel.ramp, share);
        let _ = write!(s, "<stop offset=\"{}\" stop-color=\"#{r:02x}{g:02x}{b:02x}\"/>", share);
    }
    let _ = writeln!(
        s,
        "</linearGradient></defs><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"7\" fill=\"url(#ramp-{name})\" stroke=\"#777777\" stroke-width=\"0.5\"/>",
        c(x),
        c(y),
        c(w)
    );
    let lo = if panel.ramp == Ramp::Difference { -panel.most } else { 0.0 };
    let list = ticks(lo, panel.most, 3);
    let step = list.get(1).map_or(1.0, |n| n - list[0]);
    for (k, v) in list.iter().enumerate() {
        let at = x + (v - lo) / (panel.most - lo) * w;
        let unit = if k + 1 == list.len() { format!(" {}", panel.unit) } else { String::new() };
        let _ = writeln!(
            s,
            "<text x=\"{}\" y=\"{}\" font-size=\"8.5\" text-anchor=\"middle\">{}{}</text>",
            c(at),
            c(y + 16.0),
            label(*v, step),
            escaped(&unit)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_show_no_data_in_grey_and_are_repeatable() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 3, ny: 2 };
        let panel = MapPanel {
            title: "h".into(),
            grid,
            values: vec![0.0, 1.0, f64::NAN, 2.0, 0.5, 0.1],
            ramp: Ramp::Depth,
            most: 2.0,
            unit: "m".into(),
            points: vec![("P".into(), 5.0, 5.0)],
        };
        let svg = maps(&[panel.clone(), panel.clone()], 600.0);
        assert_eq!(svg, maps(&[panel.clone(), panel.clone()], 600.0));
        assert!(svg.contains("data:image/png;base64,") && !svg.contains("NaN"));
        let png = panel.png();
        let decoder = png::Decoder::new(std::io::Cursor::new(&png));
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut pixels).unwrap();
        assert_eq!(reader.info().size(), (3, 2));
        // North row first; the no-data cell of the south row is index 0.
        assert_eq!((pixels[5], pixels[0]), (0, LEVELS as u8));
    }
}
