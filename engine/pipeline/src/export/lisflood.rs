//! LISFLOOD-FP: a `.par` file and the files it names, as its user manual describes them (Bates et al., code release 5.9.6 and 8).

use super::Exported;
use super::places::{Face, Side};
use super::series::common_times;
use dayu_inundation::{BoundaryKind, Series};
use std::fmt::Write;

/// Written where there is no cell.
const NODATA: f64 = -9999.0;
/// Name of all files but their ending.
const STEM: &str = "case";

pub(super) fn files(e: &mut Exported<'_>) -> Vec<(String, Vec<u8>)> {
    let model = e.model;
    let p = &model.problem;
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut par = String::new();
    let mut key = |name: &str, value: &str| {
        let _ = writeln!(par, "{name:<16} {value}");
    };
    let dem = format!("{STEM}.dem.ascii");
    files.push((dem.clone(), ascii(e, &p.bed_m)));
    key("DEMfile", &dem);
    key("resroot", STEM);
    key("dirroot", "results");
    key("sim_time", &p.duration_s.to_string());
    key("initial_tstep", &p.solver.max_dt_s.min(10.0).to_string());
    key("massint", &p.interval_s.to_string());
    key("saveint", &p.duration_s.to_string());
    key("cfl", &p.solver.cfl.to_string());
    key("depththresh", &p.solver.dry_depth_m.to_string());
    match e.uniform(&p.roughness) {
        Some(n) => key("fpfric", &n.to_string()),
        None => {
            files.push((format!("{STEM}.n.ascii"), ascii(e, &p.roughness)));
            key("manningfile", &format!("{STEM}.n.ascii"));
        }
    }
    let losses = e.losses_mm_h();
    if losses.iter().any(|v| *v > 0.0) {
        match e.uniform(&losses) {
            // m/s here, mm/h in the raster.
            Some(rate) => key("infiltration", &(rate / 3.6e6).to_string()),
            None => {
                files.push((format!("{STEM}.inf.ascii"), ascii(e, &losses)));
                key("infilfile", &format!("{STEM}.inf.ascii"));
            }
        }
    }
    if p.initial_depth_m.iter().any(|h| *h > 0.0) {
        files.push((format!("{STEM}.start.ascii"), ascii(e, &p.initial_depth_m)));
        key("startfile", &format!("{STEM}.start.ascii"));
        if e.inputs.scenario.initial.as_ref().is_some_and(|i| i.velocity.is_some()) {
            e.lost("initial.velocity", "初始流速", "initial velocity");
        }
    }
    if let Some(rows) = e.rain() {
        files.push((format!("{STEM}.rain"), series_text(&format!("# rain of {STEM}, mm/h"), None, &rows)));
        key("rainfall", &format!("{STEM}.rain"));
    }
    let (bci, bdy) = boundaries(e);
    if !bci.is_empty() {
        files.push((format!("{STEM}.bci"), bci));
        key("bcifile", &format!("{STEM}.bci"));
    }
    if !bdy.is_empty() {
        files.push((format!("{STEM}.bdy"), bdy));
        key("bdyfile", &format!("{STEM}.bdy"));
    }
    if !e.inputs.scenario.gauge.is_empty() {
        let mut text = format!("{}\n", e.inputs.scenario.gauge.len());
        for gauge in &e.inputs.scenario.gauge {
            let _ = writeln!(text, "{} {}", gauge.x, gauge.y);
        }
        files.push((format!("{STEM}.stage"), text.into_bytes()));
        key("stagefile", &format!("{STEM}.stage"));
    }
    if !e.inputs.scenario.section.is_empty() {
        e.lost("section", "断面流量输出", "flows through sections");
    }
    key("elevoff", "");
    if e.inputs.scenario.solver.scheme == "dynamic" {
        key("fv1", "");
        e.changed(
            "solver.scheme",
            "完整浅水方程写作一阶有限体积 fv1",
            "full shallow water is written as the first-order solver fv1",
        );
    } else {
        key("acceleration", "");
    }
    files.push((format!("{STEM}.par"), par.into_bytes()));
    files.sort();
    files
}

/// ESRI ASCII grid, north row first.
fn ascii(e: &Exported<'_>, values: &[f64]) -> Vec<u8> {
    let p = &e.model.problem;
    let g = &p.grid;
    let mut text = format!(
        "ncols {}\nnrows {}\nxllcorner {}\nyllcorner {}\ncellsize {}\nNODATA_value {NODATA}\n",
        g.nx, g.ny, g.x0_m, g.y0_m, g.cell_m
    );
    for j in (0..g.ny).rev() {
        for i in 0..g.nx {
            let v = values[j * g.nx + i];
            let known = !v.is_nan() && !p.bed_m[j * g.nx + i].is_nan();
            let _ = write!(text, "{}{}", if i > 0 { " " } else { "" }, if known { v } else { NODATA });
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// Comment, name (bdy only), number of rows with unit, `value time` rows.
fn series_text(comment: &str, name: Option<&str>, rows: &[(f64, f64)]) -> Vec<u8> {
    let mut text = format!("{comment}\n");
    if let Some(name) = name {
        let _ = writeln!(text, "{name}");
    }
    let _ = writeln!(text, "{} seconds", rows.len());
    for (t, v) in rows {
        let _ = writeln!(text, "{v} {t}");
    }
    text.into_bytes()
}

/// The texts of bci and bdy; empty = none needed.
fn boundaries(e: &mut Exported<'_>) -> (Vec<u8>, Vec<u8>) {
    let model = e.model;
    let p = &model.problem;
    let (mut bci, mut bdy) = (String::new(), String::new());
    for (k, b) in p.boundaries.iter().enumerate() {
        let key = format!("boundary[{k}]");
        let faces: Vec<Face> = e.places.of(k).copied().collect();
        let inside: Vec<usize> = e.places.inside.iter().filter(|(n, _)| *n == k).flat_map(|(_, c)| c.clone()).collect();
        let inner = faces.iter().filter(|f| !f.outermost).count();
        let wall = matches!(b.kind, BoundaryKind::Wall);
        if inner > 0 && !wall {
            e.lost(
                &format!("{key}.where"),
                format!("边界有 {inner} 个面不在矩形网格的外边上"),
                format!("{inner} faces of the boundary do not lie on the sides of the rectangular grid"),
            );
        }
        let stretches = stretches(e, &faces);
        let name = format!("B{k}");
        // Unit discharge, m²/s: of an edge over its length, of a point over one cell.
        let d = p.grid.cell_m;
        let mut series = |bci: &mut String, word: &str, s: &Series, factor: f64| {
            let fixed = s.at.len() == 1 || s.value.iter().all(|v| *v == s.value[0]);
            let kind = if fixed { format!("{word}FIX {}", s.value[0] * factor) } else { format!("{word}VAR {name}") };
            for (side, from, to) in &stretches {
                let _ = writeln!(bci, "{side} {from} {to} {kind}");
            }
            for c in &inside {
                let (x, y) = p.grid.centre(*c);
                let _ = writeln!(bci, "P {x} {y} {kind}");
            }
            if !fixed {
                if bdy.is_empty() {
                    bdy.push_str("# boundary series\n");
                }
                let rows: Vec<(f64, f64)> =
                    common_times(&[s], p.duration_s).into_iter().map(|t| (t, s.value_at(t) * factor)).collect();
                let text = series_text("", Some(&name), &rows);
                bdy.push_str(String::from_utf8_lossy(&text).trim_start_matches('\n'));
            }
        };
        #[allow(unreachable_patterns, reason = "a kind added later must be named here, not written as a wall")]
        match &b.kind {
            BoundaryKind::Inflow(s) => {
                let n = (faces.len() - inner + inside.len()).max(1) as f64;
                series(&mut bci, "Q", s, 1.0 / (n * d));
            }
            BoundaryKind::Stage(s) => series(&mut bci, "H", s, 1.0),
            BoundaryKind::Free | BoundaryKind::Normal(_) => {
                let slope = match b.kind {
                    BoundaryKind::Normal(Some(slope)) => format!(" {slope}"),
                    _ => String::new(),
                };
                for (side, from, to) in &stretches {
                    let _ = writeln!(bci, "{side} {from} {to} FREE{slope}");
                }
                if matches!(b.kind, BoundaryKind::Free) {
                    e.changed(
                        &key,
                        "自由出流写成 FREE（按当地水面坡度）",
                        "free outflow is written as FREE: by the local slope of the water surface",
                    );
                }
            }
            BoundaryKind::Wall => {}
            _ => e.lost(&key, "这一类边界", "this kind of boundary"),
        }
    }
    (bci.into_bytes(), bdy.into_bytes())
}

/// Unbroken stretches of faces along the sides of the grid: letter, from, to. Each end lies a quarter of a cell inside the cell
/// beyond (as the program counts cells from both ends), so that rounding cannot move it.
fn stretches(e: &Exported<'_>, faces: &[Face]) -> Vec<(char, f64, f64)> {
    let g = &e.model.problem.grid;
    let mut out = Vec::new();
    for side in [Side::North, Side::East, Side::South, Side::West] {
        let vertical = matches!(side, Side::West | Side::East);
        let mut lines: Vec<usize> = faces
            .iter()
            .filter(|f| f.side == side && f.outermost)
            .map(|f| if vertical { f.cell / g.nx } else { f.cell % g.nx })
            .collect();
        lines.sort_unstable();
        let (letter, shift) = match side {
            Side::North => ('N', 0.25),
            Side::West => ('W', 0.25),
            Side::East => ('E', -0.25),
            Side::South => ('S', -0.25),
        };
        let origin = if vertical { g.y0_m } else { g.x0_m };
        for run in lines.chunk_by(|a, b| b - a == 1) {
            let (first, last) = (run[0] as f64, (run[run.len() - 1] + 1) as f64);
            out.push((letter, origin + (first + shift) * g.cell_m, origin + (last + shift) * g.cell_m));
        }
    }
    out
}
