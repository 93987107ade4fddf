//! What happens to every object: depth where it stands, times, class, colour, people.

use crate::cells::{Cells, Reading, crossing, read};
use crate::colour::{judge, steps};
use crate::model::{Crossing, Impact, ObjectImpact, Quantity, RainSummary};
use crate::region::assess_regions;
use crate::storm::{StormImpact, assess_wind, is_exposed, under_wind};
use crate::threshold::{Thresholds, distinct, same};
use dayu_assets::{Asset, Details, Layer, Registry};
use dayu_base::{RiskColour, Text};
use dayu_inundation::Inundation;
use dayu_slopes::{ACT_PROBABILITY, SlopeAssessment, SlopeTier, WARN_PROBABILITY};
use geo::{Geometry, LineString};
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Ratio of rain to the slope curve at which a slope is warned of (thresholds.md §3.1, D).
const SLOPE_WARN_RATIO: f64 = 0.6;
/// Ratio at which one acts (D).
const SLOPE_ACT_RATIO: f64 = 1.0;

/// Everything an assessment rests on.
#[derive(Clone, Debug)]
pub struct AssessInput<'a> {
    /// registers
    pub registry: &'a Registry,
    /// what the water does; its `thresholds_m` should come from [`crate::thresholds_to_track`]
    pub inundation: &'a Inundation,
    /// depth that `Inundation::duration_s` was counted at (`FlowProblem::arrival_depth_m`), m
    pub arrival_depth_m: f64,
    /// state of each slope by object id; a slope that is missing is unknown
    pub slope_states: BTreeMap<String, SlopeAssessment>,
    /// typhoon
    pub storm: Option<StormImpact>,
    /// rain
    pub rain: RainSummary,
    /// depths read from cells wider than this are marked 筛查级, m (default 20, D)
    pub street_width_m: f64,
    /// thresholds
    pub thresholds: Thresholds,
}

impl<'a> AssessInput<'a> {
    /// An input with the default thresholds, no slopes and no rain.
    pub fn new(registry: &'a Registry, inundation: &'a Inundation) -> Self {
        let thresholds = Thresholds::default();
        Self {
            registry,
            inundation,
            arrival_depth_m: thresholds.affected_m,
            slope_states: BTreeMap::new(),
            storm: None,
            rain: RainSummary::default(),
            street_width_m: 20.0,
            thresholds,
        }
    }
    /// Depths come from cells wider than a street.
    pub(crate) fn is_screening(&self) -> bool {
        self.inundation.grid.cell_m > self.street_width_m
    }
    /// True when durations were counted at the depth of "affected".
    pub(crate) fn has_durations(&self) -> bool {
        same(self.arrival_depth_m, self.thresholds.affected_m)
    }
}

/// Layers judged by the water at their place.
pub(crate) fn reads_depth(layer: Layer) -> bool {
    match layer {
        Layer::WaterloggingPoints
        | Layer::Underpasses
        | Layer::UndergroundSpaces
        | Layer::MetroEntrances
        | Layer::Pumps
        | Layer::Gates
        | Layer::Outfalls
        | Layer::OldHouses
        | Layer::WorkSheds
        | Layer::Institutions
        | Layer::Shelters
        | Layer::Roads
        | Layer::Population => true,
        Layer::Cranes
        | Layer::Vessels
        | Layer::MobilePumps
        | Layer::Rivers
        | Layer::Gauges
        | Layer::Slopes
        | Layer::Forces
        | Layer::Stores => false,
    }
}

/// Judges every object that can be hit and every region.
///
/// A point or polygon reads the cell at its representative point; a line reads every cell it passes (deepest cell for peak
/// and its time, earliest arrival and latest leaving of any cell); a tunnel reads the cells of its portals only. A bridge is
/// not flooded by the cell below it. Outside the grid or on a masked cell nothing is known. Objects are independent, so any
/// number of threads gives the same result.
pub fn assess_impact(input: &AssessInput) -> Impact {
    let residents = residents_per_cell(input);
    let objects: Vec<ObjectImpact> = input
        .registry
        .assets()
        .par_iter()
        .filter_map(|asset| match asset.layer {
            Layer::Slopes => Some(assess_slope(asset, input.slope_states.get(&asset.id))),
            layer if reads_depth(layer) => {
                let wind = input.storm.as_ref().and_then(|s| s.winds.get(&asset.id));
                Some(under_wind(assess_depth(input, asset, &residents), wind))
            }
            // Without a typhoon there is nothing to say of what only the wind endangers.
            layer if is_exposed(layer) => input.storm.as_ref().map(|s| assess_wind(asset, s.winds.get(&asset.id))),
            _ => None,
        })
        .collect();
    let regions = assess_regions(input, &objects);
    let blocks = objects.iter().filter(|o| is_affected_block(o, &input.thresholds));
    let affected = blocks.filter_map(|o| o.people).fold(0, u64::saturating_add);
    Impact {
        objects,
        regions,
        rain: input.rain.clone(),
        storm: input.storm.clone(),
        chances: None,
        fans: BTreeMap::new(),
        affected,
    }
}

/// A population block whose cell reaches the depth of "affected".
pub(crate) fn is_affected_block(object: &ObjectImpact, thresholds: &Thresholds) -> bool {
    object.layer == Layer::Population && object.peak.is_some_and(|p| p >= thresholds.affected_m)
}

/// Residents and those needing help per cell, from the population blocks; `None` where a block's number is unknown.
type Residents = BTreeMap<usize, Count>;

/// People, and those among them needing help.
type Count = (Option<u64>, Option<u64>);

fn residents_per_cell(input: &AssessInput) -> Residents {
    let mut per_cell = Residents::new();
    let plus = |a: Option<u64>, b: Option<u64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
    for block in input.registry.layer(Layer::Population) {
        let Some(cell) = input.inundation.grid.cell_at(block.x_m, block.y_m) else { continue };
        let (people, vulnerable) = people_of(&block.details);
        let sum = per_cell.entry(cell).or_insert((Some(0), Some(0)));
        *sum = (plus(sum.0, people), plus(sum.1, vulnerable));
    }
    per_cell
}

/// People in or under an object, and those among them needing help.
fn people_of(details: &Details) -> Count {
    match details {
        Details::Population { people, vulnerable, .. }
        | Details::OldHouse { people, vulnerable, .. }
        | Details::Institution { people, vulnerable, .. } => (*people, *vulnerable),
        Details::WorkShed { people, .. } | Details::UndergroundSpace { people, .. } => (*people, None),
        Details::Slope { people_below, .. } => (*people_below, None),
        Details::WaterloggingPoint { .. }
        | Details::Underpass { .. }
        | Details::MetroEntrance { .. }
        | Details::Drain { .. }
        | Details::Gate { .. }
        | Details::Shelter { .. }
        | Details::Road { .. }
        | Details::Gauge { .. }
        | Details::Force { .. }
        | Details::Other { .. } => (None, None),
    }
}

/// An object of which nothing is known yet.
pub(crate) fn unknown(asset: &Asset, note: Text) -> ObjectImpact {
    let (people, vulnerable) = people_of(&asset.details);
    ObjectImpact {
        object_id: asset.id.clone(),
        layer: asset.layer,
        name: asset.name.clone(),
        region: asset.region.clone(),
        x_m: asset.x_m,
        y_m: asset.y_m,
        origin: asset.origin,
        colour: RiskColour::Unknown,
        quantity: Quantity::Unknown,
        peak: None,
        peak_at_s: None,
        threshold: None,
        class: None,
        hazard: None,
        duration_s: None,
        crossings: Vec::new(),
        people,
        vulnerable,
        screening: false,
        note,
    }
}

fn assess_slope(asset: &Asset, state: Option<&SlopeAssessment>) -> ObjectImpact {
    let Some(state) = state.filter(|s| s.rain.ratio.is_finite() && s.colour != RiskColour::Unknown) else {
        return unknown(asset, Text::new("无降雨数据，边坡状态未知", "no rain data: state of the slope unknown"));
    };
    let rain = &state.rain;
    let passing = |threshold, at_s| Crossing { threshold, at_s, until_s: None };
    let (quantity, peak, [warn, act], times) = match state.tier {
        SlopeTier::Rain => {
            (Quantity::RainRatio, rain.ratio, [SLOPE_WARN_RATIO, SLOPE_ACT_RATIO], (rain.warn_at_s, rain.act_at_s))
        }
        SlopeTier::InfiniteSlope => {
            let s = state.stability.as_ref();
            let p = s.map_or(f64::NAN, |s| s.failing);
            let times = s.map_or((None, None), |s| (s.warn_at_s, s.act_at_s));
            (Quantity::FailureProbability, p, [WARN_PROBABILITY, ACT_PROBABILITY], times)
        }
        SlopeTier::Instruments => {
            let i = state.instruments.as_ref();
            let times = i.map_or((None, None), |i| (i.warn_at_s, i.act_at_s));
            // Orange begins at 2.5 times yellow for displacement; other kinds differ and are told in the note.
            (Quantity::InstrumentRatio, i.map_or(f64::NAN, |i| i.ratio), [1.0, 2.5], times)
        }
    };
    let threshold = match state.colour {
        RiskColour::Orange | RiskColour::Red => Some(if peak >= act { act } else { warn }),
        RiskColour::Yellow => Some(warn),
        _ => None,
    };
    ObjectImpact {
        colour: state.colour,
        quantity,
        peak: Some(peak).filter(|p| p.is_finite()),
        threshold: threshold.filter(|t| peak >= *t),
        crossings: vec![passing(warn, times.0), passing(act, times.1)],
        note: slope_words(state),
        ..unknown(asset, Text::default())
    }
}

/// Tier, what it says, and the rain beside it.
fn slope_words(state: &SlopeAssessment) -> Text {
    let mut notes = Notes::default();
    let rain = &state.rain;
    let tier = state.tier.text();
    notes.add(format!("依据：{}", tier.zh), format!("by {}", tier.en));
    if let Some(s) = &state.stability {
        notes.add(
            format!(
                "失稳概率 {:.0}%（{} 组土性样本，参数按土类取值，待核），最低安全系数 {:.2}",
                s.failing * 100.0,
                s.draws,
                s.lowest_safety
            ),
            format!(
                "probability of failure {:.0} % ({} draws of the soil, values of its class, to be checked), lowest safety {:.2}",
                s.failing * 100.0,
                s.draws,
                s.lowest_safety
            ),
        );
    }
    if let Some(i) = state.instruments.as_ref().filter(|i| i.silent == 0 && !i.note.zh.is_empty()) {
        notes.add(i.note.zh.clone(), i.note.en.clone());
    }
    notes.add(
        format!("{} h 滑动雨量 {:.1} mm，阈值 {:.0} mm", rain.window_h, rain.rain_mm, rain.threshold_mm),
        format!("rolling {} h rain {:.1} mm, threshold {:.0} mm", rain.window_h, rain.rain_mm, rain.threshold_mm),
    );
    let history = &state.history;
    // The world's lower envelope: told where it is exceeded; below it nothing is claimed.
    if history.caine_ratio >= 1.0 {
        notes.add(
            format!(
                "雨强为 Caine (1980) 世界下包线的 {:.1} 倍（{} h，表示可能）",
                history.caine_ratio, history.caine_h
            ),
            format!(
                "intensity {:.1} × the world's lower envelope of Caine (1980) over {} h: possible",
                history.caine_ratio, history.caine_h
            ),
        );
    }
    if let Some(mm) = history.antecedent_mm {
        let (zh, en) = if history.is_wet() {
            ("，偏湿，按曾失稳边坡从严", ", wet: judged as one that failed before")
        } else {
            ("", "")
        };
        notes.add(format!("前期雨量指数 {mm:.0} mm{zh}"), format!("antecedent index {mm:.0} mm{en}"));
    }
    if !state.alarm.zh.is_empty() {
        notes.add(state.alarm.zh.clone(), state.alarm.en.clone());
    }
    if !state.run_out.zh.is_empty() {
        notes.add(state.run_out.zh.clone(), state.run_out.en.clone());
    }
    notes.into_text()
}

/// Notes gather as sentences.
#[derive(Default)]
struct Notes(Vec<Text>);

impl Notes {
    fn add(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        self.0.push(Text::new(zh, en));
    }
    fn into_text(self) -> Text {
        let zh: Vec<&str> = self.0.iter().map(|t| t.zh.as_str()).collect();
        let en: Vec<&str> = self.0.iter().map(|t| t.en.as_str()).collect();
        Text::new(zh.join("；"), en.join("; "))
    }
}

/// Line parts of an object; empty for points and polygons.
fn lines_of(geometry: Option<&Geometry<f64>>) -> Vec<&LineString<f64>> {
    match geometry {
        Some(Geometry::LineString(line)) => vec![line],
        Some(Geometry::MultiLineString(lines)) => lines.0.iter().collect(),
        _ => Vec::new(),
    }
}

fn assess_depth(input: &AssessInput, asset: &Asset, residents: &Residents) -> ObjectImpact {
    let (inundation, t) = (input.inundation, &input.thresholds);
    let lines = lines_of(asset.geometry.as_ref());
    let (bridge, tunnel) = match asset.details {
        Details::Road { bridge, tunnel, .. } => (bridge == Some(true), tunnel == Some(true)),
        _ => (false, false),
    };
    let mut cells = match lines.as_slice() {
        [] => Cells::of_point(inundation, asset.x_m, asset.y_m),
        lines if tunnel => Cells::of_ends(inundation, lines),
        lines => Cells::of_lines(inundation, lines),
    };
    let mut notes = Notes::default();
    let steps = steps(asset.layer, &asset.details, t);
    if !lines.is_empty() && !bridge && !tunnel && cells.leave_out_standing_water(inundation, t.affected_m) {
        notes.add(
            "部分线路所在网格起算时即为水面（河湖），路面高程未知，该部分未计",
            "part of the line lies on cells that are water from the start (river, lake); its deck is unknown and that part is not judged",
        );
        if cells.active.is_empty() {
            return unknown(asset, notes.into_text());
        }
    }
    let reading = read(inundation, &cells.active, t.affected_m);
    if bridge && cells.in_grid {
        return on_bridge(input, asset, reading.as_ref(), &steps);
    }
    let Some(reading) = reading else {
        notes.add(
            "位置在计算范围外、不可计算（掩膜、建筑）或雨量不全的网格，水深未知",
            "outside the computed area, or on a cell that is masked, blocked or of unknown rain: depth unknown",
        );
        return unknown(asset, notes.into_text());
    };
    describe(input, asset, &cells, &reading, tunnel, &mut notes);
    let (colour, threshold) = judge(&steps, reading.peak_m);
    let mut early = false;
    let mut untimed = false;
    let mut crossings = Vec::new();
    for depth_m in depths_of(&steps, t) {
        match crossing(inundation, &cells.active, reading.peak_m, depth_m) {
            Some((c, lower)) => {
                early |= lower;
                crossings.push(c);
            }
            None => untimed = true,
        }
    }
    if early {
        notes.add(
            "部分阈值未逐格计时，到达时间取较低阈值（偏早）",
            "some thresholds were not timed; their times are those of a lower one (early)",
        );
    }
    if untimed {
        notes.add("部分已达阈值没有计时，时间未知", "some thresholds are reached at an unknown time");
    }
    let (mut people, mut vulnerable) = people_of(&asset.details);
    if matches!(asset.layer, Layer::WaterloggingPoints | Layer::Underpasses | Layer::MetroEntrances) {
        (people, vulnerable) = residents_of(residents, &cells.active);
    }
    ObjectImpact {
        colour,
        quantity: Quantity::Depth,
        peak: Some(reading.peak_m),
        peak_at_s: reading.peak_at_s,
        threshold,
        class: Some(format!("W{}", t.class_of(reading.peak_m))),
        hazard: Some(reading.hazard),
        duration_s: reading.duration_s.filter(|_| input.has_durations()),
        crossings,
        people,
        vulnerable,
        screening: input.is_screening(),
        note: notes.into_text(),
        ..unknown(asset, Text::default())
    }
}

/// All thresholds of an object, ascending: its own steps and the common ones.
fn depths_of(steps: &[(f64, RiskColour)], t: &Thresholds) -> Vec<f64> {
    distinct(steps.iter().map(|(d, _)| *d).chain(t.depths_m()).collect())
}

/// Residents of the cells; `None` when no block lies there or one of them is unknown.
fn residents_of(residents: &Residents, cells: &[usize]) -> Count {
    let found: Vec<_> = cells.iter().filter_map(|c| residents.get(c)).collect();
    if found.is_empty() {
        return (None, None);
    }
    let sum = |pick: fn(&Count) -> Option<u64>| {
        found.iter().map(|r| pick(r)).try_fold(0u64, |a, b| b.map(|b| a.saturating_add(b)))
    };
    (sum(|r| r.0), sum(|r| r.1))
}

/// The deck stands above the water of the cell; how high is not known, so the depth below is told.
fn on_bridge(input: &AssessInput, asset: &Asset, below: Option<&Reading>, steps: &[(f64, RiskColour)]) -> ObjectImpact {
    let depths = depths_of(steps, &input.thresholds);
    let (zh, en) = match below {
        Some(r) => (format!("桥下最大水深 {:.2} m", r.peak_m), format!("{:.2} m deep below it", r.peak_m)),
        None => ("桥下水深未知".to_string(), "depth below it unknown".to_string()),
    };
    ObjectImpact {
        colour: RiskColour::Low,
        quantity: Quantity::Depth,
        peak: Some(0.0),
        class: Some("W0".to_string()),
        hazard: Some(0),
        duration_s: Some(0.0),
        crossings: depths.into_iter().map(|threshold| Crossing { threshold, at_s: None, until_s: None }).collect(),
        screening: input.is_screening(),
        note: Text::new(
            format!("桥梁：按桥面不受桥下水体淹没计，{zh}，桥面标高未知，须现场核实"),
            format!("bridge: the deck is taken as above the water; {en}; deck level unknown, check on site"),
        ),
        ..unknown(asset, Text::default())
    }
}

/// What must be said beside the numbers.
fn describe(input: &AssessInput, asset: &Asset, cells: &Cells, reading: &Reading, tunnel: bool, notes: &mut Notes) {
    if tunnel {
        notes.add(
            "隧道：只按两端洞口处地面水深判断，洞内积水未计算",
            "tunnel: judged by the ground at its portals; water inside is not computed",
        );
    }
    if cells.gaps {
        notes.add(
            "部分位于计算范围外或不可计算的网格，该部分未知",
            "partly outside the computed area or on masked cells: unknown there",
        );
    }
    if reading.wet_at_start {
        notes.add(
            "所在网格起算时即有水（河湖或初始积水），须现场核实",
            "its cell held water from the start (river, lake or initial water): check on site",
        );
    }
    match &asset.details {
        Details::MetroEntrance { sill_height_m: None, .. } | Details::UndergroundSpace { sill_height_m: None, .. } => {
            notes.add(
                "门槛高度未知，按地面水深从严分级",
                "sill height unknown: judged strictly by the depth on the ground",
            );
        }
        Details::MetroEntrance { barrier: Some(true), .. } => {
            notes.add("有挡水板，未计其作用", "a flood board is at hand; it is not counted on");
        }
        _ => {}
    }
    match asset.layer {
        Layer::Pumps if reading.peak_m >= input.thresholds.affected_m => {
            notes.add("泵站所在网格积水，防机电受淹", "the pump's cell is flooded: protect motors and switchgear");
        }
        Layer::Gates | Layer::Outfalls if reading.peak_m >= input.thresholds.affected_m => {
            notes.add("水工设施，临水属正常，按水位判断", "it stands in water by nature: judge by the water level");
        }
        _ => {}
    }
    if !input.has_durations() {
        notes.add(
            format!("持续时间按 {} m 统计，与 {} m 口径不同，未列", input.arrival_depth_m, input.thresholds.affected_m),
            format!(
                "durations were counted at {} m, not at {} m, and are left out",
                input.arrival_depth_m, input.thresholds.affected_m
            ),
        );
    }
}
