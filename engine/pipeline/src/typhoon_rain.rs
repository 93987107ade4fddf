//! Rain along the track of a typhoon, for the scenario and for a member's track.

use crate::Failure;
use crate::inputs::Inputs;
use crate::typhoon::{to_degrees, track_text};
use dayu_base::Finding;
use dayu_scenario::RainSpec;
use dayu_storm::gauge::Spread;
use dayu_storm::typhoon::{
    OPEN_LAND_ROUGHNESS_M, Track, WindModel, convert_wind, distance_km, orographic_mm_h, rcliper, read_track,
};
use dayu_storm::{GridRain, RainSource};
use dayu_terrain::{GridSpec, Raster};

/// Spacing of the places at which the rain of a typhoon is computed, m; it changes over tens of kilometres.
const RAIN_SPACING_M: f64 = 4000.0;
/// Step of that rain, s.
const RAIN_STEP_S: f64 = 1800.0;
/// Width over which the ground is averaged for its slope, m.
const GROUND_WIDTH_M: f64 = 5000.0;

/// Rain of one entry of kind "typhoon" on a lattice over the grid, in steps of half an hour: the mean over the step at each place.
/// Steps outside the track are unknown.
pub(crate) fn typhoon_rain(
    inputs: &Inputs,
    entry: &RainSpec,
    grid: &GridSpec,
    bed_m: &[f64],
) -> Result<(RainSource, Vec<Finding>), Failure> {
    let (track, mut findings) = track_of(inputs, entry)?;
    findings.push(crate::load::climatology(&inputs.scenario_file, entry));
    Ok((rain_of_track(inputs, entry, &track, grid, bed_m)?, findings))
}

/// Spacing of the pixels that gauges correct, m: they lie some kilometres apart.
const MERGED_SPACING_M: f64 = 1000.0;

/// Rain of an entry of kind "typhoon" as a field over the grid, for gauges to correct, with the centres of its pixels.
pub(crate) fn typhoon_field(
    inputs: &Inputs,
    entry: &RainSpec,
    grid: &GridSpec,
    bed_m: &[f64],
) -> Result<(GridRain, Vec<(f64, f64)>, Vec<Finding>), Failure> {
    let (track, findings) = track_of(inputs, entry)?;
    let lattice = lattice(inputs, entry, &track, grid, bed_m, MERGED_SPACING_M)?;
    let [x0, y0, x1, y1] = grid.extent();
    let index =
        |v: f64, from: f64, until: f64, n: usize| (((v - from) / (until - from) * n as f64) as usize).min(n - 1);
    let pixel_of_cell = (0..grid.len())
        .map(|cell| {
            let (x, y) = grid.centre(cell);
            (index(y, y0, y1, lattice.ny) * lattice.nx + index(x, x0, x1, lattice.nx)) as u32
        })
        .collect();
    let rows = (0..lattice.time_s.len()).map(|row| lattice.rate_mm_h.iter().map(|place| place[row]).collect());
    let centres = lattice.stations.iter().map(|(_, x, y)| (*x, *y)).collect();
    let rate_mm_h = rows.collect();
    Ok((GridRain { grid: *grid, pixel_of_cell, time_s: lattice.time_s, rate_mm_h }, centres, findings))
}

/// The track of a rain entry.
fn track_of(inputs: &Inputs, entry: &RainSpec) -> Result<(Track, Vec<Finding>), Failure> {
    let file = inputs.scenario_file.beside(entry.track.as_deref().unwrap_or_default());
    let text = track_text(inputs, "rain", &file, entry.storm.as_deref())?;
    let named = |mut f: Finding| {
        f.file.clone_from(&file.name);
        f
    };
    let (track, found) = read_track(&text, entry.storm.as_deref(), Some(&inputs.district.zone)).map_err(named)?;
    Ok((track, found.into_iter().map(named).collect()))
}

/// Rain of a track: the same for the scenario's own and for a member's.
pub(crate) fn rain_of_track(
    inputs: &Inputs,
    entry: &RainSpec,
    track: &Track,
    grid: &GridSpec,
    bed_m: &[f64],
) -> Result<RainSource, Failure> {
    let Lattice { stations, time_s, rate_mm_h, .. } = lattice(inputs, entry, track, grid, bed_m, RAIN_SPACING_M)?;
    Ok(RainSource::Gauges { stations, time_s, rate_mm_h, spread: Spread::Idw })
}

/// Rain of a track at places over a grid, row by row from the south-west.
struct Lattice {
    nx: usize,
    ny: usize,
    stations: Vec<(String, f64, f64)>,
    time_s: Vec<f64>,
    /// per place, then step
    rate_mm_h: Vec<Vec<f64>>,
}

fn lattice(
    inputs: &Inputs,
    entry: &RainSpec,
    track: &Track,
    grid: &GridSpec,
    bed_m: &[f64],
    spacing_m: f64,
) -> Result<Lattice, Failure> {
    let transform = to_degrees(inputs)?;
    let [x0, y0, x1, y1] = grid.extent();
    let count = |length: f64| ((length / spacing_m).ceil() as usize).max(1);
    let (nx, ny) = (count(x1 - x0), count(y1 - y0));
    let mut stations = Vec::with_capacity(nx * ny);
    let mut slopes = Vec::with_capacity(nx * ny);
    let mut places = Vec::with_capacity(nx * ny);
    let ground = Raster { grid: *grid, values: bed_m.to_vec() };
    let with_ground = entry.model.as_deref() == Some("rcliper-orographic");
    for j in 0..ny {
        for i in 0..nx {
            let x = x0 + (i as f64 + 0.5) * (x1 - x0) / nx as f64;
            let y = y0 + (j as f64 + 0.5) * (y1 - y0) / ny as f64;
            stations.push((format!("{i}-{j}"), x, y));
            places.push(transform.point(x, y)?);
            slopes.push(if with_ground { mean_slope(&ground, x, y) } else { (0.0, 0.0) });
        }
    }
    let model = WindModel::default();
    let steps = (inputs.scenario.duration_s / RAIN_STEP_S).ceil() as usize;
    let time_s: Vec<f64> = (0..steps).map(|k| k as f64 * RAIN_STEP_S).collect();
    let mut rate_mm_h = vec![vec![f64::NAN; steps]; places.len()];
    for (k, t) in time_s.iter().enumerate() {
        let middle = inputs.start.as_second() as f64 + t + RAIN_STEP_S / 2.0;
        let Some(centre) = model.centre(track, middle) else { continue };
        let profile = rcliper(convert_wind(centre.largest_2min_m_s, 120.0, 60.0));
        for ((place, slope), rates) in places.iter().zip(&slopes).zip(&mut rate_mm_h) {
            let wind = centre.wind_at(*place, OPEN_LAND_ROUGHNESS_M);
            let added = orographic_mm_h((wind.east_m_s, wind.north_m_s), *slope);
            rates[k] = (profile.mm_h(distance_km(centre.place, *place)) + added).max(0.0);
        }
    }
    Ok(Lattice { nx, ny, stations, time_s, rate_mm_h })
}

/// Slope of the ground averaged over some kilometres (rise per metre east, north): a plane through the cells around, by least squares.
fn mean_slope(ground: &Raster<f64>, x_m: f64, y_m: f64) -> (f64, f64) {
    let grid = &ground.grid;
    let half = GROUND_WIDTH_M / 2.0;
    let index = |v: f64, from: f64, n: usize| (((v - from) / grid.cell_m).max(0.0) as usize).min(n.saturating_sub(1));
    let columns = index(x_m - half, grid.x0_m, grid.nx)..=index(x_m + half, grid.x0_m, grid.nx);
    let rows = index(y_m - half, grid.y0_m, grid.ny)..=index(y_m + half, grid.y0_m, grid.ny);
    let (mut n, mut s, mut q, mut p) = (0.0, [0.0; 3], [0.0; 3], [0.0; 2]);
    for j in rows {
        for i in columns.clone() {
            let cell = j * grid.nx + i;
            let z = ground.values[cell];
            if z.is_finite() {
                let (x, y) = grid.centre(cell);
                let (x, y) = (x - x_m, y - y_m);
                n += 1.0;
                s = [s[0] + x, s[1] + y, s[2] + z];
                q = [q[0] + x * x, q[1] + y * y, q[2] + x * y];
                p = [p[0] + x * z, p[1] + y * z];
            }
        }
    }
    if n < 3.0 {
        return (0.0, 0.0);
    }
    let (xx, yy, xy) = (q[0] - s[0] * s[0] / n, q[1] - s[1] * s[1] / n, q[2] - s[0] * s[1] / n);
    let (xz, yz) = (p[0] - s[0] * s[2] / n, p[1] - s[1] * s[2] / n);
    let det = xx * yy - xy * xy;
    if det > 0.0 { ((xz * yy - yz * xy) / det, (yz * xx - xz * xy) / det) } else { (0.0, 0.0) }
}
