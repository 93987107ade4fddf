//! SFINCS: `sfincs.inp` and the files it names, as its manual describes them (https://sfincs.readthedocs.io, version 2.4).
//!
//! Binary files hold the active cells column by column from the south-west (`sfincs.ind`); everything else is text.

use super::Exported;
use super::series::common_times;
use dayu_base::Zone;
use dayu_inundation::{BoundaryKind, Series};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Kinds of cell in `sfincs.msk`.
const ACTIVE: u8 = 1;
const STAGE: u8 = 2;
const OUTFLOW: u8 = 3;
/// Smallest threshold that single precision still resolves in a metre of water, m.
const LEAST_THRESHOLD_M: f64 = 1e-4;

pub(super) fn files(e: &mut Exported<'_>) -> Vec<(String, Vec<u8>)> {
    let model = e.model;
    let p = &model.problem;
    let g = &p.grid;
    // Column by column from the south-west, as SFINCS counts.
    let active: Vec<usize> =
        (0..g.nx).flat_map(|i| (0..g.ny).map(move |j| j * g.nx + i)).filter(|c| !p.bed_m[*c].is_nan()).collect();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut keys = heading(e);
    let floats = |values: &dyn Fn(usize) -> f64| -> Vec<u8> {
        active.iter().flat_map(|c| (values(*c) as f32).to_le_bytes()).collect()
    };

    let mut index = (active.len() as i32).to_le_bytes().to_vec();
    index.extend(active.iter().flat_map(|c| (((c % g.nx) * g.ny + c / g.nx + 1) as i32).to_le_bytes()));
    files.push(("sfincs.ind".into(), index));
    files.push(("sfincs.dep".into(), floats(&|c| p.bed_m[c])));
    keys.extend([
        ("inputformat", "bin".to_string()),
        ("indexfile", "sfincs.ind".into()),
        ("depfile", "sfincs.dep".into()),
        ("mskfile", "sfincs.msk".into()),
    ]);
    match e.uniform(&p.roughness) {
        Some(n) => keys.push(("manning", n.to_string())),
        None => {
            files.push(("sfincs.rgh".into(), floats(&|c| p.roughness[c])));
            keys.push(("manningfile", "sfincs.rgh".into()));
        }
    }
    let losses = e.losses_mm_h();
    if losses.iter().any(|v| *v > 0.0) {
        files.push(("sfincs.qinf".into(), floats(&|c| losses[c])));
        keys.push(("qinffile", "sfincs.qinf".into()));
    }
    if p.initial_depth_m.iter().any(|h| *h > 0.0) {
        files.push(("sfincs.ini".into(), floats(&|c| p.bed_m[c] + p.initial_depth_m[c])));
        keys.push(("inifile", "sfincs.ini".into()));
        if e.inputs.scenario.initial.as_ref().is_some_and(|i| i.velocity.is_some()) {
            e.lost("initial.velocity", "初始流速", "initial velocity");
        }
    } else {
        // Below every bed: dry.
        keys.push(("zsini", "-99999".into()));
    }
    if let Some(rows) = e.rain() {
        files.push(("sfincs.prcp".into(), rows_of(rows.into_iter().map(|(t, v)| (t, vec![v])))));
        keys.push(("precipfile", "sfincs.prcp".into()));
        keys.push(("storecumprcp", "1".into()));
    }
    let mask = boundaries(e, &mut files, &mut keys);
    files.push(("sfincs.msk".into(), active.iter().map(|c| mask.get(c).copied().unwrap_or(ACTIVE)).collect()));
    points(e, &mut files, &mut keys);

    let mut inp = String::new();
    for (key, value) in &keys {
        let _ = writeln!(inp, "{key:<15} = {value}");
    }
    files.push(("sfincs.inp".into(), inp.into_bytes()));
    files.sort();
    files
}

/// Grid, time and numerics.
fn heading(e: &mut Exported<'_>) -> Vec<(&'static str, String)> {
    let (spec, p) = (&e.inputs.scenario, &e.model.problem);
    let g = &p.grid;
    let zone = Zone::utc();
    let instant = |at| {
        let text: String = zone.rfc3339(at).chars().filter(char::is_ascii_digit).take(14).collect();
        format!("{} {}", text.get(..8).unwrap_or_default(), text.get(8..).unwrap_or_default())
    };
    let whole = jiff::SignedDuration::from_secs(p.duration_s.ceil() as i64);
    let end = e.inputs.start.checked_add(whole).unwrap_or(e.inputs.end);
    let threshold = p.solver.dry_depth_m.max(LEAST_THRESHOLD_M);
    let dynamic = spec.solver.scheme == "dynamic";
    let mut keys = vec![
        ("mmax", g.nx.to_string()),
        ("nmax", g.ny.to_string()),
        ("dx", g.cell_m.to_string()),
        ("dy", g.cell_m.to_string()),
        ("x0", g.x0_m.to_string()),
        ("y0", g.y0_m.to_string()),
        ("rotation", "0".into()),
        ("tref", instant(e.inputs.start)),
        ("tstart", instant(e.inputs.start)),
        ("tstop", instant(end)),
        ("dtout", p.duration_s.ceil().to_string()),
        ("dtmaxout", p.duration_s.ceil().to_string()),
        ("dthisout", p.interval_s.to_string()),
        ("outputformat", "net".into()),
        ("advection", if dynamic { "1" } else { "0" }.into()),
        ("alpha", "0.5".into()),
        ("theta", "1.0".into()),
        ("viscosity", "0".into()),
        ("huthresh", threshold.to_string()),
        ("storevelmax", "1".into()),
    ];
    if let Some(code) = e.inputs.district.spec.crs.strip_prefix("EPSG:") {
        keys.push(("epsg", code.into()));
    }
    if p.duration_s.fract() != 0.0 {
        e.changed("duration_s", "时间以整秒计，末时刻取整", "times are whole seconds; the end is rounded up");
    }
    if p.solver.dry_depth_m < threshold {
        e.changed(
            "solver.dry_depth_m",
            "单精度，阈值取 1e-4 m",
            "single precision: the threshold is written as 1e-4 m",
        );
    }
    keys
}

/// Writes bnd, bzs, src and dis; gives the kind of every boundary cell.
fn boundaries(
    e: &mut Exported<'_>,
    files: &mut Vec<(String, Vec<u8>)>,
    keys: &mut Vec<(&'static str, String)>,
) -> BTreeMap<usize, u8> {
    let model = e.model;
    let p = &model.problem;
    let mut mask: BTreeMap<usize, u8> = BTreeMap::new();
    let mut held: BTreeMap<usize, &Series> = BTreeMap::new();
    let mut sources: BTreeMap<usize, Vec<(&Series, f64)>> = BTreeMap::new();
    for (k, b) in p.boundaries.iter().enumerate() {
        let key = format!("boundary[{k}]");
        let faces: Vec<usize> = e.places.of(k).map(|f| f.cell).collect();
        let inside: Vec<usize> = e.places.inside.iter().filter(|(n, _)| *n == k).flat_map(|(_, c)| c.clone()).collect();
        let cells = || faces.iter().chain(&inside).copied();
        #[allow(unreachable_patterns, reason = "a kind added later must be named here, not written as a wall")]
        match &b.kind {
            BoundaryKind::Inflow(series) => {
                let n = (faces.len() + inside.len()).max(1) as f64;
                cells().for_each(|c| sources.entry(c).or_default().push((series, 1.0 / n)));
                if !faces.is_empty() {
                    e.changed(
                        &key,
                        "边界入流写成单元内源（无动量）",
                        "inflow at an edge is written as sources in its cells, without momentum",
                    );
                }
            }
            BoundaryKind::Stage(series) => {
                for c in cells() {
                    mask.insert(c, STAGE);
                    held.insert(c, series);
                }
            }
            BoundaryKind::Free => {
                cells().for_each(|c| {
                    mask.insert(c, OUTFLOW);
                });
                e.changed(
                    &key,
                    "自由出流写成 msk = 3（边界单元水位保持在河床）",
                    "free outflow is written as msk = 3: the level of the boundary cell is held at its bed",
                );
            }
            BoundaryKind::Normal(_) => {
                cells().for_each(|c| {
                    mask.insert(c, OUTFLOW);
                });
                e.lost(
                    &key,
                    "正常水深边界的坡度；写成 msk = 3",
                    "the slope of a normal-depth boundary; written as msk = 3",
                );
            }
            BoundaryKind::Wall => {}
            _ => e.lost(&key, "这一类边界", "this kind of boundary"),
        }
    }
    if !held.is_empty() {
        e.changed(
            "boundary",
            "水位在边界单元内给定，而不是在其外面",
            "levels are held in the boundary cells, not at their outer faces",
        );
        // A point in every cell: SFINCS mixes the two nearest points, and a cell's own point is the nearest.
        let list: Vec<&Series> = held.values().copied().collect();
        let rows =
            common_times(&list, p.duration_s).into_iter().map(|t| (t, list.iter().map(|s| s.value_at(t)).collect()));
        files.push(("sfincs.bzs".into(), rows_of(rows)));
        files.push(("sfincs.bnd".into(), places_of(e, held.keys().copied())));
        keys.push(("bndfile", "sfincs.bnd".into()));
        keys.push(("bzsfile", "sfincs.bzs".into()));
    }
    if !sources.is_empty() {
        let all: Vec<&Series> = sources.values().flatten().map(|(s, _)| *s).collect();
        let rows = common_times(&all, p.duration_s).into_iter().map(|t| {
            (t, sources.values().map(|list| list.iter().map(|(s, share)| s.value_at(t) * share).sum()).collect())
        });
        files.push(("sfincs.dis".into(), rows_of(rows)));
        files.push(("sfincs.src".into(), places_of(e, sources.keys().copied())));
        keys.push(("srcfile", "sfincs.src".into()));
        keys.push(("disfile", "sfincs.dis".into()));
    }
    mask
}

/// Observation points and sections.
fn points(e: &mut Exported<'_>, files: &mut Vec<(String, Vec<u8>)>, keys: &mut Vec<(&'static str, String)>) {
    let spec = &e.inputs.scenario;
    if !spec.gauge.is_empty() {
        let mut text = String::new();
        for gauge in &spec.gauge {
            let _ = writeln!(text, "{} {} \"{}\"", gauge.x, gauge.y, gauge.id.replace('"', "'"));
        }
        files.push(("sfincs.obs".into(), text.into_bytes()));
        keys.push(("obsfile", "sfincs.obs".into()));
    }
    if !spec.section.is_empty() {
        let mut text = String::new();
        for section in &spec.section {
            let _ = writeln!(text, "{}\n{} 2", section.id.replace(char::is_whitespace, "_"), section.line.len());
            for [x, y] in &section.line {
                let _ = writeln!(text, "{x} {y}");
            }
        }
        files.push(("sfincs.crs".into(), text.into_bytes()));
        keys.push(("crsfile", "sfincs.crs".into()));
    }
}

/// `x y` of the cells' centres.
fn places_of(e: &Exported<'_>, cells: impl Iterator<Item = usize>) -> Vec<u8> {
    let mut text = String::new();
    for c in cells {
        let (x, y) = e.model.problem.grid.centre(c);
        let _ = writeln!(text, "{x} {y}");
    }
    text.into_bytes()
}

/// `time value value …`
fn rows_of(rows: impl Iterator<Item = (f64, Vec<f64>)>) -> Vec<u8> {
    let mut text = String::new();
    for (t, values) in rows {
        let _ = write!(text, "{t}");
        for v in values {
            let _ = write!(text, " {v}");
        }
        text.push('\n');
    }
    text.into_bytes()
}
