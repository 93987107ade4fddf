//! The typhoon of a scenario: track, wind at every object, facts for the plan's rules, and what the picture shows.

use crate::Failure;
use crate::files::Located;
use crate::inputs::Inputs;
use crate::typhoon_land::{ground, read_land};
use dayu_base::{Finding, Instant, Text};
use dayu_gis::Transformer;
use dayu_impact::{Landfall, StormImpact};
use dayu_package::{StormCircle, StormMap, StormPoint, TrackPoint};
use dayu_plan::{TyphoonClass, TyphoonFact, TyphoonState};
use dayu_storm::typhoon::{
    Approach, PlaceWind, Track, TropicalClass, WIND_GRADES, WindModel, closest_approach, landfalls, read_track,
    wind_at_places,
};
use geo::{Coord, MapCoords, MultiPolygon, Rect};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Objects whose wind is computed together.
const PLACES_A_TASK: usize = 512;
/// Degrees of the tracks: CGCS2000 and WGS 84 are one for this use.
pub(crate) const DEGREES: &str = "EPSG:4490";
/// Least wind of severe influence: Beaufort 7, the smallest wind circle.
const INFLUENCE_GRADE: u8 = 7;

/// A track with the district in its degrees.
pub(crate) struct Typhoon {
    pub track: Track,
    /// district, longitude and latitude
    pub area: MultiPolygon<f64>,
    pub approach: Option<Approach>,
    /// roughness length of the ground for which winds are told, m
    pub ground_m: f64,
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
    let land = match &spec.land {
        Some(land) => Some(read_land(inputs, land, &mut findings)?),
        None => None,
    };
    let landfalls = land.as_ref().map(|land| landfalls(&track, land));
    let (ground_m, told) = ground(&area, land.as_ref());
    findings.push(told.in_file(&inputs.scenario_file.name).field("typhoon.land"));
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
    Ok(Some(Typhoon { track, area, approach, ground_m, landfalls, findings }))
}

/// The text of a track file; a NetCDF of IBTrACS as the rows of its CSV.
pub(crate) fn track_text(inputs: &Inputs, layer: &str, file: &Located, storm: Option<&str>) -> Result<String, Finding> {
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
    let over = |places: &[(f64, f64)]| wind_at_places(&typhoon.track, &model, places, start, length, typhoon.ground_m);
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
        ground_m: typhoon.ground_m,
        winds,
    })
}

/// First time each force of wind blows at places of the plane: (Beaufort, s from start); empty where nothing is known or none is reached.
pub(crate) fn wind_arrivals(
    inputs: &Inputs,
    typhoon: &Typhoon,
    places: impl Iterator<Item = (f64, f64)>,
) -> Result<Vec<Vec<(u8, f64)>>, Finding> {
    let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = places.unzip();
    to_degrees(inputs)?.points(&mut xs, &mut ys)?;
    let places: Vec<(f64, f64)> = xs.into_iter().zip(ys).collect();
    let (model, length) = (WindModel::default(), inputs.scenario.duration_s);
    let of_task = |places: &[(f64, f64)]| {
        let winds = wind_at_places(&typhoon.track, &model, places, inputs.start, length, typhoon.ground_m);
        let reached = |wind: &PlaceWind| {
            WIND_GRADES.iter().zip(wind.arrival_s).filter_map(|(grade, at_s)| Some((*grade, at_s?))).collect()
        };
        winds.map_or_else(|| vec![Vec::new(); places.len()], |winds| winds.iter().map(reached).collect())
    };
    let tasks: Vec<Vec<Vec<(u8, f64)>>> = places.par_chunks(PLACES_A_TASK).map(of_task).collect();
    Ok(tasks.into_iter().flatten().collect())
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
