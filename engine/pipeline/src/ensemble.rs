//! Members of a run: each is simulated, and only its summary is kept.

use crate::inputs::Inputs;
use crate::model::Model;
use crate::typhoon::{Typhoon, rain_of_track};
use crate::{Failure, Progress, Stage};
use dayu_assets::{Asset, Layer};
use dayu_base::{Finding, sha256_hex};
use dayu_inundation::{FlowProblem, Inundation, simulate};
use dayu_scenario::EnsembleSpec;
use dayu_storm::RainField;
use dayu_storm::members::{
    DrawnMembers, Member, Method, Probability, draw_members, drawn_members, member_rain, member_track, probability,
};
use dayu_storm::typhoon::{WindModel, wind_at_places};
use rayon::prelude::*;
use serde::Serialize;
use std::fmt::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// Depths whose probability is told at every object, m: affected, and water in dwellings.
const DEPTHS_M: [f64; 2] = [0.15, 0.30];
/// A cell counts as flooded from here, m.
const FLOODED_M: f64 = 0.15;
/// Forces of wind whose probability is told.
const GRADES: [u8; 3] = [8, 10, 12];

/// What one member came to: no field is kept.
struct MemberSummary {
    /// deepest water per object, m; NaN = not computed
    peaks_m: Vec<f32>,
    flooded_m2: f64,
    rain_m3: f64,
    /// strongest mean wind at the district's middle, m/s
    wind_m_s: Option<f64>,
}

/// Members of a run in numbers.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Ensemble {
    pub method: &'static str,
    pub members: Vec<Member>,
    /// members of low, likely and high flooded area
    pub drawn: Option<DrawnMembers>,
    /// flooded area of each member, m²
    pub flooded_m2: Vec<f64>,
    /// rain of each member, m³
    pub rain_m3: Vec<f64>,
    /// probability that the mean wind at the district's middle reaches 8, 10, 12; empty without a track
    pub wind: Vec<(u8, Probability)>,
    #[serde(skip)]
    pub objects: Vec<ObjectChance>,
}

/// An object's chances.
#[derive(Clone, Debug)]
pub(crate) struct ObjectChance {
    pub id: String,
    pub reached: [Option<Probability>; 2],
    /// deepest water of the low, likely and high value of its own, m
    pub depths_m: Option<[f64; 3]>,
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

/// Simulates the members beside the run itself, which is member 0. Memory: one field per thread and one number per object and member.
///
/// # Errors
/// Cancelled, or a member that cannot be simulated.
pub(crate) fn run_members(
    inputs: &Inputs,
    model: &Model,
    water: &Inundation,
    typhoon: Option<&Typhoon>,
    spec: &EnsembleSpec,
    progress: Progress<'_>,
) -> Result<Option<Ensemble>, Failure> {
    let Some(method) = Method::from_id(&spec.method).filter(|_| spec.members > 1) else { return Ok(None) };
    let digest = inputs.files.list().get(&inputs.scenario_file.name).map(|f| f.sha256.clone()).unwrap_or_default();
    let key = sha256_hex(format!("{digest} {}", inputs.scenario.seed).as_bytes());
    let key = u64::from_str_radix(key.get(..16).unwrap_or_default(), 16).unwrap_or_default();
    let members = draw_members(key, spec.members, method);
    let objects = asked(inputs);
    let done = AtomicUsize::new(0);
    let cancelled = AtomicBool::new(false);
    let summaries: Vec<MemberSummary> = members
        .par_iter()
        .map(|member| -> Result<MemberSummary, Failure> {
            let wind_m_s = wind(inputs, typhoon, member);
            let summary = if member.number == 0 {
                summarise(&objects, water, wind_m_s)
            } else {
                let rain = rain_of(inputs, model, typhoon, member)?;
                let problem = FlowProblem { rain, snapshots_s: Vec::new(), ..model.problem.clone() };
                let told = |_: f64| !cancelled.load(Ordering::Relaxed);
                let member_water = simulate(&problem, &told).map_err(|f| {
                    if cancelled.load(Ordering::Relaxed) { Failure::Cancelled } else { Failure::from(f) }
                })?;
                summarise(&objects, &member_water, wind_m_s)
            };
            let so_far = done.fetch_add(1, Ordering::Relaxed) + 1;
            if !progress(Stage::Simulate, so_far as f64 / members.len() as f64) {
                cancelled.store(true, Ordering::Relaxed);
                return Err(Failure::Cancelled);
            }
            Ok(summary)
        })
        .collect::<Result<_, _>>()?;
    Ok(Some(together(method, members, &objects, &summaries)))
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

/// The rain of a member: stations and uniform rain changed as they stand, typhoon rain made again along the member's track.
fn rain_of(inputs: &Inputs, model: &Model, typhoon: Option<&Typhoon>, member: &Member) -> Result<RainField, Failure> {
    let entries: Vec<_> = inputs.scenario.rain.iter().filter(|r| r.kind == "typhoon").collect();
    let sources = &model.problem.rain.sources;
    let given = RainField { sources: sources[..sources.len() - entries.len().min(sources.len())].to_vec() };
    let mut rain = member_rain(&given, member);
    for entry in entries {
        let Some(typhoon) = typhoon else { continue };
        let track = member_track(&typhoon.track, member, inputs.start);
        let source = rain_of_track(inputs, entry, &track, &model.problem.grid, &model.problem.bed_m)?;
        let scaled =
            member_rain(&RainField { sources: vec![source] }, &Member { delay_s: 0.0, moved_m: (0.0, 0.0), ..*member });
        rain.sources.extend(scaled.sources);
    }
    Ok(rain)
}

fn summarise(objects: &[&Asset], water: &Inundation, wind_m_s: Option<f64>) -> MemberSummary {
    let at = |a: &&Asset| {
        let cell = water.grid.cell_at(a.x_m, a.y_m).filter(|c| water.active[*c]);
        cell.map_or(f32::NAN, |c| water.max_depth_m[c] as f32)
    };
    let flooded = water.max_depth_m.iter().zip(&water.active).filter(|(d, a)| **a && **d >= FLOODED_M).count();
    MemberSummary {
        peaks_m: objects.iter().map(at).collect(),
        flooded_m2: flooded as f64 * water.grid.cell_area_m2(),
        rain_m3: water.volumes.rain_m3,
        wind_m_s,
    }
}

fn together(method: Method, members: Vec<Member>, objects: &[&Asset], summaries: &[MemberSummary]) -> Ensemble {
    let flooded_m2: Vec<f64> = summaries.iter().map(|s| s.flooded_m2).collect();
    let chance = |k: usize| {
        let peaks: Vec<f64> = summaries.iter().map(|s| f64::from(s.peaks_m[k])).collect();
        let known = |p: &f64| p.is_finite();
        let reached = DEPTHS_M.map(|d| probability(peaks.iter().map(|p| known(p).then_some(*p >= d))));
        let depths_m = drawn_members(&peaks).map(|d| [peaks[d.low], peaks[d.likely], peaks[d.high]]);
        ObjectChance { id: objects[k].id.clone(), reached, depths_m }
    };
    let wind = GRADES.into_iter().filter_map(|grade| {
        let limit = dayu_storm::typhoon::beaufort_limit_m_s(grade);
        Some((grade, probability(summaries.iter().map(|s| s.wind_m_s.map(|v| v >= limit)))?))
    });
    Ensemble {
        method: method.id(),
        drawn: drawn_members(&flooded_m2),
        rain_m3: summaries.iter().map(|s| s.rain_m3).collect(),
        wind: wind.collect(),
        objects: (0..objects.len()).map(chance).collect(),
        flooded_m2,
        members,
    }
}

impl Ensemble {
    /// `ensemble.csv`: chances of every object.
    pub fn csv(&self) -> String {
        let mut s = String::from(
            "object_id,members,p_015,p_015_low,p_015_high,p_030,p_030_low,p_030_high,depth_10_m,depth_50_m,depth_90_m\n",
        );
        for o in &self.objects {
            let n = o.reached[0].map_or(0, |p| p.members);
            let _ = write!(s, "{},{n}", o.id);
            for p in &o.reached {
                let _ = match p {
                    Some(p) => write!(s, ",{:.3},{:.3},{:.3}", p.share, p.interval.0, p.interval.1),
                    None => write!(s, ",,,"),
                };
            }
            let _ = match o.depths_m {
                Some([a, b, c]) => writeln!(s, ",{a:.3},{b:.3},{c:.3}"),
                None => writeln!(s, ",,,"),
            };
        }
        s
    }

    /// What every product says of the members.
    pub fn note(&self) -> dayu_base::Text {
        let n = self.members.len();
        let points: usize = self.objects.iter().filter(|o| o.reached[0].is_some_and(|p| p.share >= 0.5)).count();
        let wind: Vec<String> = self.wind.iter().map(|(g, p)| format!("{g}级 {}/{}", p.hits, p.members)).collect();
        let wind =
            if wind.is_empty() { String::new() } else { format!("；达到风力的成员数：{}", wind.join("，")) };
        let area = self.drawn.map_or("未知".to_string(), |d| {
            let ha = |k: usize| format!("{:.0}", self.flooded_m2[k] / 1e4);
            format!("{}/{}/{} 公顷（成员 {}、{}、{}）", ha(d.low), ha(d.likely), ha(d.high), d.low, d.likely, d.high)
        });
        dayu_base::Text::new(
            format!(
                "集合 {n} 个成员（{}，离散度为系统默认，非业务预报误差）：淹没面积 10/50/90% 为 {area}；{points} 处对象半数以上成员达 0.15 m{wind}。样本少，概率区间见 simulation/ensemble.csv",
                self.method
            ),
            format!(
                "{n} members ({}): {points} objects reach 0.15 m in at least half of them; spreads are defaults",
                self.method
            ),
        )
    }
}

/// A run of many members without any rain would only repeat itself.
pub(crate) fn without_effect(inputs: &Inputs) -> Option<Finding> {
    let spec = inputs.scenario.ensemble.as_ref().filter(|e| e.members > 1)?;
    let only_track = spec.method == "track" && !inputs.scenario.rain.iter().any(|r| r.kind == "typhoon");
    only_track.then(|| {
        Finding::warning(
            "ENS-001",
            dayu_base::Text::new(
                "集合只改变台风路径，而雨量不来自路径：各成员积水相同，只有风不同",
                "members change the track alone, but the rain does not come from it: water is the same in all, only wind differs",
            ),
            dayu_base::Text::new("method 用 combined，或用 [[rain]] kind = \"typhoon\"", "use method combined, or [[rain]] kind = \"typhoon\""),
        )
        .in_file(&inputs.scenario_file.name)
        .field("ensemble.method")
    })
}
