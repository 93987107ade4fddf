//! Trial of the district: both storms through the project's own solver on the 40 m cells, to see which points flood.

use super::Model;
use super::cover::{TABLE, WATER};
use super::geodesy::gauss_krueger;
use super::geometry::inside;
use super::places::POINTS;
use super::regions::{CELL, CELLS, cell_centre, cell_of};
use super::registers::GAUGES;
use super::relief::{ORIGIN, SIZE};
use super::storms::{BURST_MM, BURST_SHARE, INFA_MM, INFA_SHARE};
use anyhow::{Result, anyhow};
use dayu_inundation::{
    Boundary, BoundaryKind, FaceSet, FlowProblem, Infiltration, Inundation, Scheme, Series, Solver, simulate,
};
use dayu_storm::{RainField, RainSource};
use dayu_terrain::GridSpec;

/// Depth that counts as flooded, m.
const FLOODED_M: f64 = 0.15;

/// Mean of a column of the land-cover table over the 16 pixels of every cell.
fn column(model: &Model, index: usize) -> Vec<f64> {
    let mut value = [0.0f64; 256];
    for line in TABLE.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        if let (Some(Ok(code)), Some(Ok(v))) =
            (cells.first().map(|c| c.parse::<u8>()), cells.get(index).map(|c| c.parse()))
        {
            value[code as usize] = v;
        }
    }
    (0..CELLS.0 * CELLS.1)
        .map(|c| mean(c, |k| (model.cover[k] != 0).then(|| value[model.cover[k] as usize])).unwrap_or(0.0))
        .collect()
}

fn mean(c: usize, of: impl Fn(usize) -> Option<f64>) -> Option<f64> {
    let (ci, cj) = (c % CELLS.0, c / CELLS.0);
    let (mut sum, mut n) = (0.0, 0u32);
    for b in 0..4 {
        for a in 0..4 {
            if let Some(v) = of((cj * 4 + b) * SIZE.0 + ci * 4 + a) {
                sum += v;
                n += 1;
            }
        }
    }
    (n > 0).then(|| sum / f64::from(n))
}

fn problem(model: &Model, hours: &[f64], shares: &[f64; 8]) -> FlowProblem {
    let grid = GridSpec { x0_m: ORIGIN.0, y0_m: ORIGIN.1, cell_m: CELL, nx: CELLS.0, ny: CELLS.1 };
    let bed_m: Vec<f64> = (0..grid.len())
        .map(|c| {
            let known = inside(cell_centre(c), &model.geography.outline);
            if known {
                mean(c, |k| Some(model.relief.z[k]).filter(|z| z.is_finite())).unwrap_or(f64::NAN)
            } else {
                f64::NAN
            }
        })
        .collect();
    let boundaries = model
        .geography
        .waters
        .iter()
        .map(|w| Boundary {
            id: Some(w.id.clone()),
            kind: BoundaryKind::Stage(Series::constant(w.level_m)),
            place: FaceSet::Cells(
                (0..grid.len()).filter(|&c| bed_m[c].is_finite() && w.distance(cell_centre(c)) <= 0.0).collect(),
            ),
        })
        .collect();
    let mut stations = Vec::new();
    let mut rate_mm_h = Vec::new();
    for (g, share) in GAUGES.iter().zip(shares).filter(|(_, s)| **s > 0.0) {
        let (x, y) = gauss_krueger(g.2.0, g.2.1);
        stations.push((g.0.to_string(), x, y));
        rate_mm_h.push(hours.iter().map(|h| (h * share * 10.0).round() / 10.0).chain([0.0]).collect());
    }
    let time_s = (0..=hours.len()).map(|h| h as f64 * 3600.0).collect();
    FlowProblem {
        grid,
        bed_m,
        roughness: column(model, 2),
        roofs: Vec::new(),
        infiltration: Infiltration::Constant { rate_mm_h: column(model, 3) },
        drain_mm_h: column(model, 4),
        rain: RainField {
            sources: vec![RainSource::Gauges { stations, time_s, rate_mm_h, spread: dayu_storm::gauge::Spread::Idw }],
        },
        boundaries,
        initial_depth_m: Vec::new(),
        initial_velocity_m_s: None,
        sinks: Vec::new(),
        crests: Vec::new(),
        links: Vec::new(),
        gauges: Vec::new(),
        sections: Vec::new(),
        duration_s: hours.len() as f64 * 3600.0,
        interval_s: 3600.0,
        snapshots_s: Vec::new(),
        arrival_depth_m: FLOODED_M,
        thresholds_m: vec![FLOODED_M],
        attribution: None,
        wanted: dayu_inundation::Wanted::default(),
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
    }
}

fn report(model: &Model, name: &str, result: &Inundation) -> usize {
    let at = |p| cell_of(p).map_or(f64::NAN, |c| result.max_depth_m[c]);
    let mut flooded = 0;
    eprintln!("== {name}: {:?}, volume error {:.1e}", result.stats, result.relative_volume_error);
    for (s, &p) in POINTS.iter().zip(&model.relief.points) {
        let depth = at(p);
        flooded += usize::from(depth >= FLOODED_M);
        let lasting = cell_of(p).map_or(0.0, |c| result.duration_s[c]);
        eprintln!("{} {:5.2} m {:6.0} s  {}", s.id, depth, lasting, s.name);
    }
    let under = model.relief.underpasses.iter().filter(|&&p| at(p) >= 0.25).count();
    let people: u64 = model.blocks.iter().filter(|b| at(b.at) >= FLOODED_M).map(|b| b.people).sum();
    let count = |sheet: &str| {
        let rows = model.registers.sheets.iter().find(|s| s.path == sheet).map_or(&[][..], |s| &s.rows[..]);
        rows.iter()
            .filter(|r| match (r[2].parse(), r[3].parse()) {
                (Ok(x), Ok(y)) => at((x, y)) >= FLOODED_M,
                _ => false,
            })
            .count()
    };
    let (shelters, metro, schools) = (count("shelters.csv"), count("metro_entrances.csv"), count("institutions.csv"));
    let roads = model.roads.iter().filter(|r| !r.tunnel && !r.bridge && r.line.iter().any(|&p| at(p) >= 0.3)).count();
    let land = |c: usize| {
        let k = (c / CELLS.0 * 4 + 2) * SIZE.0 + c % CELLS.0 * 4 + 2;
        model.cover[k] != WATER
    };
    let wet = (0..result.max_depth_m.len()).filter(|&c| result.max_depth_m[c] >= FLOODED_M && land(c)).count();
    eprintln!(
        "points {flooded}, underpasses {under}, residents {people}, shelters {shelters}, metro {metro}, institutions {schools}, roads {roads}, land cells {wet}"
    );
    let mut deepest: Vec<usize> =
        (0..result.max_depth_m.len()).filter(|&c| result.max_depth_m[c] > 0.0 && land(c)).collect();
    deepest.sort_by(|&a, &b| result.max_depth_m[b].total_cmp(&result.max_depth_m[a]));
    for &c in deepest.iter().take(5) {
        eprintln!("deepest {:.2} m at {:?}", result.max_depth_m[c], cell_centre(c));
    }
    let mut classes = [0u32; 8];
    for c in (0..result.max_depth_m.len()).filter(|&c| result.max_depth_m[c] >= FLOODED_M && land(c)) {
        let k = (c / CELLS.0 * 4 + 2) * SIZE.0 + c % CELLS.0 * 4 + 2;
        classes[usize::from(model.cover[k]).min(7)] += 1;
    }
    eprintln!("wet cells by land-cover code {classes:?}");
    flooded
}

/// Runs both storms; fails when the cloudburst does not flood at least three times as many points as the typhoon day.
///
/// # Errors
/// The solver's finding, or the counts.
pub fn run(model: &Model) -> Result<()> {
    let run = |name: &str, hours: &[f64], shares: &[f64; 8]| -> Result<usize> {
        let result = simulate(&problem(model, hours, shares), &|_| true).map_err(|f| anyhow!("{f}"))?;
        Ok(report(model, name, &result))
    };
    let burst = run("2021-07-30", &BURST_MM, &BURST_SHARE)?;
    let typhoon = run("In-Fa 2021-07-26", &INFA_MM, &INFA_SHARE)?;
    anyhow::ensure!(typhoon > 0 && burst >= 3 * typhoon && burst >= 12, "07-30 floods {burst} points, In-Fa {typhoon}");
    Ok(())
}
