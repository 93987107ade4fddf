//! Members of a run: each is simulated on the members' own cells, and only its summary and its deepest water are kept.

mod grid;
mod told;

pub(crate) use grid::MOST_CELL_STEPS;
pub(crate) use told::without_effect;

use crate::inputs::Inputs;
use crate::load::{RainRequest, read_rain};
use crate::member_ways::{MemberWatch, MemberWays, shelter_chances};
use crate::model::Model;
use crate::regrid::member_model_on;
use crate::typhoon::{Typhoon, rain_of_track};
use crate::{Failure, Progress, Stage};
use dayu_assets::{Asset, Layer};
use dayu_base::{Finding, Origin, Text, sha256_hex};
use dayu_impact::{CHANCE_DEPTHS_M, Chances, ObjectChance};
use dayu_inundation::{BoundaryKind, FaceSet, FlowProblem, Inundation, simulate};
use dayu_package::{DrawnMember, MemberMaps, chance_areas};
use dayu_scenario::{EnsembleSpec, RainSpec};
use dayu_storm::RainField;
use dayu_storm::members::{
    DrawnMembers, Member, Method, Probability, draw_members, drawn_members, member_rain, member_track, probability,
};
use dayu_storm::typhoon::{WindModel, wind_at_places};
use dayu_terrain::{GridSpec, Raster};
use rayon::prelude::*;
use serde::Serialize;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// A cell counts as flooded from here, m.
const FLOODED_M: f64 = CHANCE_DEPTHS_M[0];
/// Forces of wind whose probability is told.
const GRADES: [u8; 3] = [8, 10, 12];

/// What one member came to. Its deepest water is kept with 32 bits: it is drawn, not computed with.
struct MemberSummary {
    max_depth_m: Vec<f32>,
    flooded_m2: f64,
    rain_m3: f64,
    /// strongest mean wind at the district's middle, m/s
    wind_m_s: Option<f64>,
    /// roads and slopes; `None` = not asked
    ways: Option<MemberWays>,
}

/// Members of a run in numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ensemble {
    pub method: &'static str,
    /// how the members were made, in words
    pub words: Text,
    /// side of the members' cells, m
    pub cell_m: f64,
    pub members: Vec<Member>,
    /// members of low, likely and high flooded area
    pub drawn: Option<DrawnMembers>,
    /// flooded area of each member outside held water, m²
    pub flooded_m2: Vec<f64>,
    /// rain of each member, m³
    pub rain_m3: Vec<f64>,
    /// probability that the mean wind at the district's middle reaches 8, 10, 12; empty without a track
    pub wind: Vec<(u8, Probability)>,
    /// how the unchanged member on the members' cells compares with the run itself
    pub against_run: Agreement,
    /// cell-steps of all members
    pub cell_steps: u64,
    #[serde(skip)]
    pub chances: Chances,
    /// roads and slopes of each member; empty without roads or shelters
    #[serde(skip)]
    pub ways: Vec<MemberWays>,
    #[serde(skip)]
    pub maps: MemberMaps,
}

/// Objects that the run itself and its unchanged member on the members' cells put on the same side of 0.15 m.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Agreement {
    pub objects: usize,
    pub same: usize,
    /// flooded in the run, dry in the member
    pub missed: usize,
    /// dry in the run, flooded in the member
    pub added: usize,
}

/// Objects whose depth is asked in every member.
fn asked(inputs: &Inputs) -> Vec<&Asset> {
    let wanted = [
        Layer::WaterloggingPoints,
        Layer::Underpasses,
        Layer::UndergroundSpaces,
        Layer::MetroEntrances,
        Layer::OldHouses,
        Layer::WorkSheds,
        Layer::Institutions,
        Layer::Shelters,
    ];
    inputs.district.registry.assets().iter().filter(|a| wanted.contains(&a.layer)).collect()
}

/// The cells of the members.
#[derive(Clone, Copy, Debug)]
pub(crate) enum MemberCells {
    /// the finest with which all members together take at most so many cell-steps
    Within(f64),
    /// of this side, m
    Of(f64),
}

/// Simulates the members side by side, number 0 unchanged. Memory: one problem and state per thread and a depth per cell and member.
///
/// # Errors
/// Cancelled, a member that cannot be simulated, or `RUN-101` for a run that goes on from a saved state.
pub(crate) fn run_members(
    inputs: &mut Inputs,
    model: &Model,
    water: &Inundation,
    typhoon: Option<&Typhoon>,
    cells: MemberCells,
    watch: Option<&MemberWatch<'_>>,
    progress: Progress<'_>,
) -> Result<Option<Ensemble>, Failure> {
    let Some(spec) = inputs.scenario.ensemble.clone().filter(|e| e.members > 1) else { return Ok(None) };
    let Some(method) = Method::from_id(&spec.method) else { return Ok(None) };
    if model.state.is_some() {
        return Err(no_state(inputs).into());
    }
    let pixel_m = model.relief.as_ref().map_or(model.problem.cell_m(), |r| r.grid.cell_m);
    let (active, steps) = (water.stats.active_cells as f64, water.stats.steps as f64);
    let cell_m = match cells {
        MemberCells::Within(most) => {
            grid::members_cell_m(pixel_m, model.problem.cell_m(), active, steps, spec.members, most)
        }
        MemberCells::Of(cell_m) => cell_m,
    };
    let mut coarse = member_model_on(inputs, cell_m)?;
    coarse.problem.thresholds_m = watch.map(MemberWatch::depths_m).unwrap_or_default();
    let coarse = coarse;
    let external = method == Method::External;
    // Members given from outside are numbered from 1; the unchanged run, number 0, is then compared with and not counted.
    let members = members_of(inputs, &spec, method);
    let done = AtomicUsize::new(0);
    let cancelled = AtomicBool::new(false);
    let steps = AtomicUsize::new(0);
    let held = held_cells(&coarse.problem);
    let inputs = &*inputs;
    let summaries: Vec<MemberSummary> = members
        .par_iter()
        .with_max_len(1)
        .map(|member| -> Result<MemberSummary, Failure> {
            let rain = match spec.rain_of(member.number).filter(|_| external && member.number > 0) {
                Some(entry) => given_rain(inputs, &entry, &coarse.problem.grid)?,
                None => rain_of(inputs, &coarse, typhoon, member)?,
            };
            let problem = FlowProblem { rain, ..coarse.problem.clone() };
            let told = |_: f64| !cancelled.load(Ordering::Relaxed);
            let water = simulate(&problem, &told)
                .map_err(|f| if cancelled.load(Ordering::Relaxed) { Failure::Cancelled } else { Failure::from(f) })?;
            steps.fetch_add((water.stats.active_cells * water.stats.steps) as usize, Ordering::Relaxed);
            let ways = watch.map(|w| w.of(inputs, &problem.rain, &water, problem.arrival_depth_m, &held));
            let summary = summarise(&water, &held, wind(inputs, typhoon, member), ways);
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !progress(Stage::Simulate, so_far as f64 / members.len() as f64) {
                cancelled.store(true, Ordering::Relaxed);
                return Err(Failure::Cancelled);
            }
            Ok(summary)
        })
        .collect::<Result<_, _>>()?;
    let steps = steps.into_inner() as u64;
    Ok(Some(together(inputs, method, members, &coarse, water, summaries, steps)))
}

/// The members of a scenario: the key is made of its digest and its seed.
fn members_of(inputs: &Inputs, spec: &EnsembleSpec, method: Method) -> Vec<Member> {
    let digest = inputs.files.list().get(&inputs.scenario_file.name).map(|f| f.sha256.clone()).unwrap_or_default();
    let key = sha256_hex(format!("{digest} {}", inputs.scenario.seed).as_bytes());
    let key = u64::from_str_radix(key.get(..16).unwrap_or_default(), 16).unwrap_or_default();
    draw_members(key, spec.members + u32::from(method == Method::External), method)
}

/// The rain of a member from outside. It replaces all rain of the scenario.
fn given_rain(inputs: &Inputs, entry: &RainSpec, grid: &GridSpec) -> Result<RainField, Failure> {
    let ask = RainRequest {
        files: &inputs.files,
        scenario: &inputs.scenario_file,
        crs: inputs.district.spec.crs.as_str(),
        grid: *grid,
        start: inputs.start,
        zone: &inputs.district.zone,
        origin: inputs.district.spec.origin,
    };
    Ok(read_rain(&ask, std::slice::from_ref(entry))?.field)
}

fn no_state(inputs: &Inputs) -> Finding {
    Finding::error(
        "RUN-101",
        Text::new(
            "从保存状态续算的情景不能有集合成员：成员用另一套格网",
            "a run that goes on from a saved state cannot have members: they are computed on other cells",
        ),
        Text::new("去掉 [ensemble]，或从头计算", "remove [ensemble], or run from the start"),
    )
    .in_file(&inputs.scenario_file.name)
    .field("ensemble")
}

fn wind(inputs: &Inputs, typhoon: Option<&Typhoon>, member: &Member) -> Option<f64> {
    use geo::BoundingRect;
    let typhoon = typhoon?;
    let middle = typhoon.area.bounding_rect()?.center();
    let track = member_track(&typhoon.track, member, inputs.start);
    let place = [(middle.x, middle.y)];
    let (start, length) = (inputs.start, inputs.scenario.duration_s);
    let winds = wind_at_places(&track, &WindModel::default(), &place, start, length, crate::typhoon::OPEN_LAND_M)?;
    winds.first().filter(|w| w.complete).map(|w| w.peak_m_s)
}

/// The rain of a member: stations, fields and uniform rain changed as they stand, typhoon rain made again along the member's track.
fn rain_of(inputs: &Inputs, model: &Model, typhoon: Option<&Typhoon>, member: &Member) -> Result<RainField, Failure> {
    let by_track: Vec<_> = inputs.scenario.rain.iter().filter(|r| r.follows_track()).collect();
    let sources = &model.problem.rain.sources;
    // Entries that follow the track stand last in the model's rain.
    let given = RainField { sources: sources[..sources.len() - by_track.len().min(sources.len())].to_vec() };
    let mut rain = member_rain(&given, member);
    for entry in by_track {
        let Some(typhoon) = typhoon else { continue };
        let track = member_track(&typhoon.track, member, inputs.start);
        let source = rain_of_track(inputs, entry, &track, &model.problem.grid, &model.problem.bed_m)?;
        let scaled =
            member_rain(&RainField { sources: vec![source] }, &Member { delay_s: 0.0, moved_m: (0.0, 0.0), ..*member });
        rain.sources.extend(scaled.sources);
    }
    Ok(rain)
}

/// Cells whose level the scenario holds: rivers, lakes, canals. They are water in every member and tell nothing of a flood.
fn held_cells(problem: &FlowProblem) -> Vec<bool> {
    let mut held = vec![false; problem.grid.len()];
    for boundary in &problem.boundaries {
        if let (BoundaryKind::Stage(_), FaceSet::Cells(cells)) = (&boundary.kind, &boundary.place) {
            cells.iter().for_each(|c| held[*c] = true);
        }
    }
    held
}

fn summarise(water: &Inundation, held: &[bool], wind_m_s: Option<f64>, ways: Option<MemberWays>) -> MemberSummary {
    let cells = water.max_depth_m.iter().zip(&water.active).zip(held);
    let max_depth_m: Vec<f32> = cells.map(|((d, a), held)| if *a && !held { *d as f32 } else { f32::NAN }).collect();
    let flooded = max_depth_m.iter().filter(|d| f64::from(**d) >= FLOODED_M).count();
    MemberSummary {
        flooded_m2: flooded as f64 * water.grid.cell_area_m2(),
        max_depth_m,
        rain_m3: water.volumes.rain_m3,
        wind_m_s,
        ways,
    }
}

fn together(
    inputs: &Inputs,
    method: Method,
    members: Vec<Member>,
    coarse: &Model,
    run: &Inundation,
    mut summaries: Vec<MemberSummary>,
    cell_steps: u64,
) -> Ensemble {
    let grid = coarse.problem.grid;
    let external = method == Method::External;
    let origin = if external {
        inputs.scenario.ensemble.as_ref().and_then(|e| e.origin).unwrap_or(inputs.district.spec.origin)
    } else {
        Origin::Synthetic
    };
    // The unchanged run is no member of an ensemble that comes from outside.
    let counted = usize::from(external);
    let members = members[counted..].to_vec();
    let unchanged = &summaries[0].max_depth_m.clone();
    summaries.drain(..counted);
    let flooded_m2: Vec<f64> = summaries.iter().map(|s| s.flooded_m2).collect();
    let drawn = drawn_members(&flooded_m2);
    let words = told::method_words(method);
    let mut chances = Chances {
        members: members.len() as u32,
        method: words.clone(),
        origin,
        cell_m: grid.cell_m,
        objects: std::collections::BTreeMap::new(),
        shelters: std::collections::BTreeMap::new(),
        shelter_limit: dayu_plan::HousingRules::default().max_hazard_probability,
    };
    let mut against_run = Agreement { objects: 0, same: 0, missed: 0, added: 0 };
    for asset in asked(inputs) {
        let Some(cell) = grid.cell_at(asset.x_m, asset.y_m) else { continue };
        let depths: Vec<f64> = summaries.iter().map(|s| f64::from(s.max_depth_m[cell])).collect();
        let (Some(d), Some(a), Some(b)) =
            (drawn_members(&depths), chance(&depths, CHANCE_DEPTHS_M[0]), chance(&depths, CHANCE_DEPTHS_M[1]))
        else {
            continue;
        };
        let own = run.grid.cell_at(asset.x_m, asset.y_m).filter(|c| run.active[*c]).map(|c| run.max_depth_m[c]);
        if let Some(own) = own {
            against_run.objects += 1;
            match (own >= FLOODED_M, f64::from(unchanged[cell]) >= FLOODED_M) {
                (true, false) => against_run.missed += 1,
                (false, true) => against_run.added += 1,
                _ => against_run.same += 1,
            }
        }
        let depths_m = [depths[d.low], depths[d.likely], depths[d.high]];
        chances.objects.insert(asset.id.clone(), ObjectChance { reached: [a, b], depths_m });
    }
    let ways: Vec<MemberWays> = summaries.iter_mut().filter_map(|s| s.ways.take()).collect();
    let registry = &inputs.district.registry;
    let wet = |id: &str| -> Option<Vec<Option<bool>>> {
        let asset = registry.by_id(id)?;
        let cell = grid.cell_at(asset.x_m, asset.y_m)?;
        let depth = |s: &MemberSummary| Some(s.max_depth_m[cell]).filter(|d| d.is_finite());
        Some(summaries.iter().map(|s| depth(s).map(|d| f64::from(d) >= FLOODED_M)).collect())
    };
    chances.shelters = shelter_chances(registry.layer(Layer::Shelters).map(|s| s.id.as_str()), wet, &ways);
    let wind = GRADES.into_iter().filter_map(|grade| {
        let limit = dayu_storm::typhoon::beaufort_limit_m_s(grade);
        Some((grade, probability(summaries.iter().map(|s| s.wind_m_s.map(|v| v >= limit)))?))
    });
    let share = |cell: usize| {
        let known = summaries.iter().map(|s| s.max_depth_m[cell]).filter(|d| !d.is_nan());
        let (n, hits) = known.fold((0_u32, 0_u32), |(n, h), d| (n + 1, h + u32::from(f64::from(d) >= FLOODED_M)));
        if n == 0 { f64::NAN } else { f64::from(hits) / f64::from(n) }
    };
    let chance_raster = Raster { grid, values: (0..grid.len()).map(share).collect() };
    let deepest = |percent: u8, k: usize| DrawnMember {
        percent,
        number: members[k].number,
        max_depth_m: Raster { grid, values: summaries[k].max_depth_m.iter().map(|d| f64::from(*d)).collect() },
    };
    let maps = MemberMaps {
        origin,
        words: told::members_words(members.len(), &words, grid.cell_m),
        areas: chance_areas(&chance_raster),
        chance: chance_raster,
        drawn: drawn.map(|d| vec![deepest(10, d.low), deepest(50, d.likely), deepest(90, d.high)]).unwrap_or_default(),
    };
    Ensemble {
        method: method.id(),
        words,
        cell_m: grid.cell_m,
        drawn,
        rain_m3: summaries.iter().map(|s| s.rain_m3).collect(),
        wind: wind.collect(),
        against_run,
        cell_steps,
        chances,
        ways,
        maps,
        flooded_m2,
        members,
    }
}

fn chance(depths: &[f64], least_m: f64) -> Option<Probability> {
    probability(depths.iter().map(|p| p.is_finite().then_some(*p >= least_m)))
}
