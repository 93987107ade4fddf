//! The typhoon of a scenario: track, wind at every object, rain, facts for the plan's rules, and what the picture shows.

use crate::Failure;
use crate::files::Located;
use crate::inputs::Inputs;
use crate::load::read_area;
use dayu_base::{Finding, Instant, Text};
use dayu_gis::Transformer;
use dayu_impact::{Landfall, StormImpact};
use dayu_package::{StormCircle, StormMap, StormPoint, TrackPoint};
use dayu_plan::{TyphoonClass, TyphoonFact, TyphoonState};
use dayu_scenario::RainSpec;
use dayu_storm::gauge::Spread;
use dayu_storm::typhoon::{
    Approach, PlaceWind, Track, TropicalClass, WindModel, closest_approach, convert_wind, distance_km, landfalls,
    orographic_mm_h, rcliper, read_track, wind_at_places,
};
use dayu_storm::{GridRain, RainSource};
use dayu_terrain::{GridSpec, Raster};
use geo::{Coord, MapCoords, MultiPolygon, Rect};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Ground around a weather station: open land, m. Winds of signals and rules are told for such ground.
pub(crate) const OPEN_LAND_M: f64 = 0.03;
/// Objects whose wind is computed together.
const PLACES_A_TASK: usize = 512;
/// Degrees of the tracks: CGCS2000 and WGS 84 are one for this use.
const DEGREES: &str = "EPSG:4490";
/// Least wind of severe influence: Beaufort 7, the smallest wind circle.
const INFLUENCE_GRADE: u8 = 7;

/// A track with the district in its degrees.
pub(crate) struct Typhoon {
    pub track: Track,
    /// district, longitude and latitude
    pub area: MultiPolygon<f64>,
    pub approach: Option<Approach>,
    /// instants and places at which the centre comes ashore; `None` = no land was given
    pub landfalls: Option<Vec<(Instant, (f64, f64))>>,
    pub findings: Vec<Finding>,
}

/// Reads the track that the scenario names; `None` when it names none.
pub(crate) fn read_typhoon(inputs: &Inputs) -> Result<Option<Typhoon>, Failure> {
    let Some(spec) = inputs.scenario.track() else { return Ok(None) };
    let file = inputs.scenario_file.beside(&spec.track);
    let text = track_text(inputs, "typhoon", &file, spec.storm.as_deref())?;
    let named = |mut f: Finding| {
        f.file.clone_from(&file.name);
        f
    };
    let (track, found) = read_track(&text, spec.storm.as_deref(), Some(&inputs.district.zone)).map_err(named)?;
    let mut findings: Vec<Finding> = found.into_iter().map(named).collect();
    let area = area_in_degrees(inputs)?;
    let landfalls = match &spec.land {
        Some(land) => Some(landfalls_on(inputs, land, &track, &mut findings)?),
        None => None,
    };
    let approach = closest_approach(&track, &area, inputs.start, inputs.end);
    if inputs.start < track.begins() || inputs.end > track.ends() {
        findings.push(
            Finding::warning(
                "TRK-030",
                Text::new(
                    format!("台风路径（{} 至 {}）没有覆盖整个情景时段：其外风雨未知", track.begins(), track.ends()),
                    format!(
                        "the track ({} to {}) does not cover the scenario: wind is unknown outside",
                        track.begins(),
                        track.ends()
                    ),
                ),
                Text::new("补充路径或缩短情景", "supply the rest of the track, or shorten the scenario"),
            )
            .in_file(&file.name),
        );
    }
    if !track.has_forecast() {
        findings.push(
            Finding::info(
                "TRK-031",
                Text::new(
                    "台风路径为事后整理或实况定位，不含预报：不是当时所知，不画不确定范围",
                    "the track holds no forecast: it is not what was known at the time, and no cone is drawn",
                ),
                Text::new("实战请用含预报的实时路径", "in operation use a track with its forecast"),
            )
            .in_file(&file.name),
        );
    }
    Ok(Some(Typhoon { track, area, approach, landfalls, findings }))
}

/// Landfalls on the polygons of a file.
fn landfalls_on(
    inputs: &Inputs,
    land: &str,
    track: &Track,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(Instant, (f64, f64))>, Finding> {
    let file = inputs.scenario_file.beside(land);
    let (area, found) = read_area(&inputs.files, "typhoon", &file, DEGREES)?;
    findings.extend(found);
    if area.polygons.0.is_empty() {
        return Err(Finding::error(
            "TRK-033",
            Text::new("陆地文件没有面要素", "the file of land has no polygon"),
            Text::new("给出陆地的面（海岸线须闭合成面）", "supply polygons of land (a coast line must be closed)"),
        )
        .in_file(&file.name)
        .field("typhoon.land"));
    }
    Ok(landfalls(track, &area.polygons))
}

/// The text of a track file; a NetCDF of IBTrACS as the rows of its CSV.
fn track_text(inputs: &Inputs, layer: &str, file: &Located, storm: Option<&str>) -> Result<String, Finding> {
    if dayu_gis::is_netcdf(&file.path) {
        inputs.files.note(layer, file)?;
        return dayu_gis::read_ibtracs_netcdf(&file.path, storm).map_err(|mut f| {
            f.file.clone_from(&file.name);
            f
        });
    }
    inputs.files.read_text(layer, file)
}

/// The outline of the district (or the box of its objects) in degrees.
fn area_in_degrees(inputs: &Inputs) -> Result<MultiPolygon<f64>, Failure> {
    let transform = to_degrees(inputs)?;
    let assets = inputs.district.registry.assets();
    let plane = inputs.district.outline.clone().unwrap_or_else(|| {
        let (mut low, mut high) = ((f64::INFINITY, f64::INFINITY), (f64::NEG_INFINITY, f64::NEG_INFINITY));
        for a in assets {
            low = (low.0.min(a.x_m), low.1.min(a.y_m));
            high = (high.0.max(a.x_m), high.1.max(a.y_m));
        }
        MultiPolygon::new(vec![Rect::new(Coord { x: low.0, y: low.1 }, Coord { x: high.0, y: high.1 }).to_polygon()])
    });
    Ok(plane.try_map_coords(|c| transform.point(c.x, c.y).map(|(x, y)| Coord { x, y }))?)
}

pub(crate) fn to_degrees(inputs: &Inputs) -> Result<Transformer, Finding> {
    Transformer::new(&inputs.district.spec.crs, DEGREES)
        .map_err(|f| f.in_file(&inputs.scenario_file.name).field("typhoon.track"))
}

/// Wind at every object and the nearest approach.
pub(crate) fn storm_impact(inputs: &Inputs, typhoon: &Typhoon) -> Result<StormImpact, Failure> {
    let transform = to_degrees(inputs)?;
    let assets = inputs.district.registry.assets();
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = assets.iter().map(|a| (a.x_m, a.y_m)).unzip();
    transform.points(&mut xs, &mut ys)?;
    let places: Vec<(f64, f64)> = xs.into_iter().zip(ys).collect();
    let model = WindModel::default();
    let (start, length) = (inputs.start, inputs.scenario.duration_s);
    let over = |places: &[(f64, f64)]| wind_at_places(&typhoon.track, &model, places, start, length, OPEN_LAND_M);
    let winds: Vec<Option<Vec<PlaceWind>>> = places.par_chunks(PLACES_A_TASK).map(over).collect();
    let winds: BTreeMap<String, PlaceWind> =
        assets.iter().map(|a| a.id.clone()).zip(winds.into_iter().flatten().flatten()).collect();
    let strongest = winds.values().max_by(|a, b| a.peak_m_s.total_cmp(&b.peak_m_s)).cloned();
    let nearest = typhoon.approach.as_ref();
    let centre = nearest.and_then(|a| model.centre(&typhoon.track, a.at.as_second() as f64));
    let track = &typhoon.track;
    Ok(StormImpact {
        number: track.storm.clone(),
        name: track.name.clone(),
        agency: track.agency.text(),
        has_forecast: track.has_forecast(),
        nearest_km: nearest.map_or(f64::NAN, |a| a.distance_km),
        nearest_at_s: nearest.map_or(f64::NAN, |a| a.at.duration_since(start).as_secs_f64()),
        bearing_deg: nearest.map_or(f64::NAN, |a| a.bearing_deg),
        largest_m_s: centre.as_ref().map(|c| c.largest_2min_m_s),
        pressure_hpa: centre.as_ref().map(|c| c.pressure_hpa),
        class: centre.as_ref().and_then(|c| TropicalClass::of(c.largest_2min_m_s)),
        landfalls: typhoon.landfalls.as_ref().map(|list| {
            list.iter()
                .map(|(at, (lon_deg, lat_deg))| Landfall {
                    at_s: at.duration_since(start).as_secs_f64(),
                    lon_deg: *lon_deg,
                    lat_deg: *lat_deg,
                    largest_m_s: model.centre(track, at.as_second() as f64).map(|c| c.largest_2min_m_s),
                })
                .collect()
        }),
        strongest,
        winds,
    })
}

/// Facts for the plan's rules. Without a track nothing is known of a typhoon.
pub(crate) fn typhoon_fact(storm: Option<&StormImpact>, as_of_s: f64, duration_s: f64) -> TyphoonFact {
    let Some(storm) = storm.filter(|s| s.nearest_km.is_finite()) else { return TyphoonFact::Unknown };
    let class = storm.class.map(|c| match c {
        TropicalClass::TD => TyphoonClass::TD,
        TropicalClass::TS => TyphoonClass::TS,
        TropicalClass::STS => TyphoonClass::STS,
        TropicalClass::TY => TyphoonClass::TY,
        TropicalClass::STY => TyphoonClass::STY,
        TropicalClass::SuperTY => TyphoonClass::SuperTY,
    });
    let influence = storm.first_arrival(INFLUENCE_GRADE);
    TyphoonFact::Present(TyphoonState {
        class,
        distance_km: Some(storm.nearest_km),
        influence_in_h: influence.map(|t| ((t - as_of_s) / 3600.0).max(0.0)),
        no_influence_within_h: (influence.is_none() && storm.complete())
            .then(|| (duration_s - as_of_s).max(0.0) / 3600.0),
        wind: storm.strongest.as_ref().filter(|w| w.complete || w.grade >= INFLUENCE_GRADE).map(|w| w.grade),
        at_s: Some(0.0),
    })
}

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
            let wind = centre.wind_at(*place, OPEN_LAND_M);
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

/// Hours of the track before and after the scenario that products show.
const SHOWN_H: f64 = 36.0;

fn shown(inputs: &Inputs, at: Instant) -> bool {
    let s = at.duration_since(inputs.start).as_secs_f64();
    (-SHOWN_H * 3600.0..=inputs.scenario.duration_s + SHOWN_H * 3600.0).contains(&s)
}

/// Positions of the centre in the dataset's CRS, for the map's layer; those that cannot be projected are left out.
pub(crate) fn track_points(inputs: &Inputs, typhoon: &Typhoon) -> Vec<TrackPoint> {
    let Ok(transform) = Transformer::new(DEGREES, &inputs.district.spec.crs) else { return Vec::new() };
    let fixes = typhoon.track.fixes.iter().filter(|f| shown(inputs, f.at));
    fixes
        .filter_map(|f| {
            let (x_m, y_m) = transform.point(f.lon_deg, f.lat_deg).ok()?;
            Some(TrackPoint {
                time: f.at,
                x_m,
                y_m,
                wind_m_s: f.wind_m_s,
                pressure_hpa: f.pressure_hpa,
                forecast: f.forecast,
            })
        })
        .collect()
}

/// What the typhoon's picture shows; `None` when the centre is never nearer than the picture reaches.
pub(crate) fn storm_map(inputs: &Inputs, typhoon: &Typhoon, storm: &StormImpact) -> Option<StormMap> {
    let approach = typhoon.approach.as_ref()?;
    let model = WindModel::default();
    let centre = model.centre(&typhoon.track, approach.at.as_second() as f64);
    let circles = centre.iter().flat_map(|c| {
        [7u8, 10, 12].into_iter().filter_map(|grade| {
            let wind = dayu_storm::typhoon::beaufort_limit_m_s(grade);
            let ring: Vec<(f64, f64)> = (0..72)
                .filter_map(|k| {
                    let direction = f64::from(k) * 5.0;
                    Some(c.place_at(direction, c.radius_towards_km(wind, direction)?))
                })
                .collect();
            (ring.len() > 2).then_some(StormCircle { grade, ring })
        })
    });
    let points = typhoon.track.fixes.iter().filter(|f| shown(inputs, f.at)).map(|f| StormPoint {
        time: f.at,
        place: f.place(),
        wind_m_s: f.wind_m_s,
        pressure_hpa: f.pressure_hpa,
        forecast: f.forecast,
        error_km: f.forecast.then(|| {
            let issued = typhoon.track.fixes.iter().rfind(|x| !x.forecast).map_or(f.at, |x| x.at);
            dayu_storm::members::mean_track_error_km(f.at.duration_since(issued).as_secs_f64() / 3600.0)
        }),
    });
    Some(StormMap {
        title: format!("台风 {} {}", storm.number, storm.name),
        agency: storm.agency.zh.clone(),
        points: points.collect(),
        district: typhoon.area.clone(),
        nearest_at: approach.at,
        nearest_place: approach.centre,
        nearest_km: approach.distance_km,
        circles: circles.collect(),
        has_forecast: storm.has_forecast,
    })
}
