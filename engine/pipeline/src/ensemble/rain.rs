//! The rain of each member, what is wrong with it, and the time a member needs to see all of it.

use crate::Failure;
use crate::inputs::Inputs;
use crate::load::{RainRequest, read_rain};
use crate::model::Model;
use crate::typhoon::Typhoon;
use crate::typhoon_rain::rain_of_track;
use dayu_base::{Finding, Text};
use dayu_inundation::{BoundaryKind, FlowProblem};
use dayu_scenario::{EnsembleSpec, RainSpec, ScenarioKind};
use dayu_storm::members::{Member, Method, member_margin_s, member_rain, member_track, within_run};
use dayu_storm::{RainField, RainSource};
use dayu_terrain::GridSpec;

/// What a member is simulated with.
pub(super) struct Forcing {
    pub rain: RainField,
    /// seconds by which the member begins before and ends after the run, so that a shifted storm stays whole
    pub margin_s: (f64, f64),
    /// the rain is known throughout; a member that is not says nothing
    pub known: bool,
    pub findings: Vec<Finding>,
}

/// Rain of the scenario that is given and not made from a track: the entries that follow the track stand last in the model's rain.
pub(super) fn given(inputs: &Inputs, model: &Model) -> RainField {
    let by_track = inputs.scenario.rain.iter().filter(|r| r.follows_track()).count();
    let sources = &model.problem.rain.sources;
    RainField { sources: sources[..sources.len() - by_track.min(sources.len())].to_vec() }
}

/// Rain of a drawn member: stations, fields and uniform rain changed as they stand, typhoon rain made again along the member's track.
pub(super) fn drawn_forcing(
    inputs: &Inputs,
    model: &Model,
    typhoon: Option<&Typhoon>,
    member: &Member,
) -> Result<Forcing, Failure> {
    let duration_s = model.problem.duration_s;
    let own = given(inputs, model);
    let margin_s = member_margin_s(&own, member.delay_s, duration_s);
    let later = Member { delay_s: member.delay_s + margin_s.0, ..*member };
    let own = if member.delay_s == 0.0 { own } else { within_run(&own, duration_s) };
    let mut rain = member_rain(&own, &later);
    for entry in inputs.scenario.rain.iter().filter(|r| r.follows_track()) {
        let Some(typhoon) = typhoon else { continue };
        let track = member_track(&typhoon.track, member, inputs.start);
        let source = rain_of_track(inputs, entry, &track, &model.problem.grid, &model.problem.bed_m)?;
        // It moves with its track; the clock of the member alone begins earlier.
        let mut made = RainField { sources: vec![source] };
        if margin_s != (0.0, 0.0) {
            made = within_run(&made, duration_s);
        }
        let scaled = member_rain(&made, &Member { delay_s: margin_s.0, moved_m: (0.0, 0.0), ..*member });
        rain.sources.extend(scaled.sources);
    }
    Ok(Forcing { rain, margin_s, known: true, findings: Vec::new() })
}

/// The problem of a member: the run's, with the member's rain, from so much earlier to so much later.
pub(super) fn member_problem(coarse: &FlowProblem, rain: RainField, margin_s: (f64, f64)) -> FlowProblem {
    let mut problem = FlowProblem { rain, ..coarse.clone() };
    problem.duration_s += margin_s.0 + margin_s.1;
    for boundary in &mut problem.boundaries {
        if let BoundaryKind::Inflow(series) | BoundaryKind::Stage(series) = &mut boundary.kind {
            series.at.iter_mut().for_each(|t| *t += margin_s.0);
        }
    }
    problem
}

/// Rain of a member from outside, with what is wrong with it. It replaces all rain of the scenario. A member of which more than a tenth
/// of the area is unknown at any time of the run says nothing of floods: `known` is then false.
///
/// # Errors
/// A file that cannot be read, named by member.
pub(super) fn given_forcing(
    inputs: &Inputs,
    spec: &EnsembleSpec,
    number: u32,
    grid: &GridSpec,
    bed_m: &[f64],
) -> Result<Forcing, Failure> {
    let Some(entry) = spec.rain_of(number) else {
        return Ok(Forcing { rain: RainField::default(), margin_s: (0.0, 0.0), known: false, findings: Vec::new() });
    };
    let ask = RainRequest {
        files: &inputs.files,
        scenario: &inputs.scenario_file,
        crs: inputs.district.spec.crs.as_str(),
        grid: *grid,
        start: inputs.start,
        zone: &inputs.district.zone,
        origin: inputs.district.spec.origin,
        is_benchmark: inputs.scenario.kind == ScenarioKind::Benchmark,
    };
    let read = read_rain(&ask, std::slice::from_ref(&entry)).map_err(|f| of_member(inputs, number, f))?;
    // That rain begins late is said below, in words of the member.
    let own = read.findings.into_iter().filter(|f| f.code != "SCN-302");
    let mut findings: Vec<Finding> = own.map(|f| of_member(inputs, number, f)).collect();
    let gaps = gaps(&read.field, grid, bed_m, inputs.scenario.duration_s);
    findings.extend(gaps.finding(inputs, number, &entry));
    Ok(Forcing { rain: read.field, margin_s: (0.0, 0.0), known: gaps.unknown_s == 0.0, findings })
}

/// Seconds of a run in which a member's rain is unknown: in more than a tenth of the area, or in a smaller part; and before its first row.
#[derive(Default)]
struct Gaps {
    unknown_s: f64,
    partly_s: f64,
    before_s: f64,
}

fn gaps(rain: &RainField, grid: &GridSpec, bed_m: &[f64], duration_s: f64) -> Gaps {
    let active: Vec<bool> = bed_m.iter().map(|z| !z.is_nan()).collect();
    let mean = rain.areal_series(grid, &active);
    let mut rate = vec![0.0; grid.len()];
    let mut gaps = Gaps { before_s: duration_s, ..Gaps::default() };
    for (row, from) in mean.time_s.iter().enumerate() {
        let until = mean.time_s.get(row + 1).copied().unwrap_or(f64::INFINITY).min(duration_s);
        let span = until - from.max(0.0);
        if row == 0 {
            gaps.before_s = from.clamp(0.0, duration_s);
        }
        if span <= 0.0 {
            continue;
        }
        if mean.value[row].is_nan() {
            gaps.unknown_s += span;
        } else if !rain.rates_at(*from, grid, &mut rate) {
            gaps.partly_s += span;
        }
    }
    gaps
}

impl Gaps {
    fn finding(&self, inputs: &Inputs, number: u32, entry: &RainSpec) -> Option<Finding> {
        let duration_s = inputs.scenario.duration_s;
        let mend = || {
            Text::new(
                "补齐该成员全时段、全区的雨量",
                "supply the member's rain for the whole run and the whole district",
            )
        };
        let path = entry.path.as_deref().unwrap_or_default();
        let found = if self.unknown_s > 0.0 {
            Finding::error(
                "ENS-010",
                Text::new(
                    format!(
                        "成员 {number} 的雨量在 {duration_s:.0} 秒中有 {:.0} 秒未知：该成员不计入，不当作无雨",
                        self.unknown_s
                    ),
                    format!(
                        "the rain of member {number} is unknown for {:.0} of {duration_s:.0} s: it is left out, not taken as dry",
                        self.unknown_s
                    ),
                ),
                mend(),
            )
        } else if self.partly_s > 0.0 {
            Finding::warning(
                "ENS-011",
                Text::new(
                    format!(
                        "成员 {number} 的雨量有 {:.0} 秒在不足一成的区域未知，该处未受淹的单元在此成员中按未知处理",
                        self.partly_s
                    ),
                    format!(
                        "the rain of member {number} is unknown in less than a tenth of the area for {:.0} s: cells there that stay dry are unknown in this member",
                        self.partly_s
                    ),
                ),
                mend(),
            )
        } else if self.before_s > 0.0 {
            Finding::warning(
                "ENS-012",
                Text::new(
                    format!("成员 {number} 的雨量自第 {:.0} 秒才有，此前按无雨计算", self.before_s),
                    format!("the rain of member {number} begins at {:.0} s only; none is taken before", self.before_s),
                ),
                mend(),
            )
        } else {
            return None;
        };
        Some(found.in_file(inputs.scenario_file.beside(path).name).at(place_of(number)).field("ensemble.path"))
    }
}

fn place_of(number: u32) -> String {
    format!("成员 {number} member {number}")
}

/// A finding about a member's rain: what names the scenario names `[ensemble]`, not an entry of `[[rain]]` that is not there.
pub(super) fn of_member(inputs: &Inputs, number: u32, mut finding: Finding) -> Finding {
    if finding.file.is_empty() || finding.file == inputs.scenario_file.name {
        finding.file.clone_from(&inputs.scenario_file.name);
        let key = match finding.field.as_str() {
            known @ ("path" | "times" | "unit" | "variable" | "crs") => known,
            _ => "path",
        };
        finding.field = format!("ensemble.{key}");
        finding.place = String::new();
    }
    finding.place = match finding.place.is_empty() {
        true => place_of(number),
        false => format!("{}，{}", place_of(number), finding.place),
    };
    finding
}

/// True when the method changes the water of any member: when one of the rain sources answers to it.
pub(super) fn responds(inputs: &Inputs, model: &Model, method: Method) -> bool {
    let has_place = |source: &RainSource| match source {
        RainSource::Gauges { stations, .. } => stations.len() > 1,
        RainSource::Grid(_) => true,
        RainSource::Uniform(_) => false,
    };
    match method {
        Method::External => true,
        Method::RainScaling | Method::Combined => !model.problem.rain.sources.is_empty(),
        Method::TimingShift => !given(inputs, model).sources.is_empty(),
        Method::SpatialShift => given(inputs, model).sources.iter().any(has_place),
        Method::Track => inputs.scenario.rain.iter().any(RainSpec::follows_track),
    }
}

/// The first of each kind of finding, with the members it holds for: twenty members need not say the same twenty times.
pub(super) fn grouped(found: Vec<(u32, Finding)>) -> Vec<Finding> {
    let mut groups: Vec<(Finding, Vec<u32>)> = Vec::new();
    for (number, finding) in found {
        // A member that is left out is named by itself.
        let same = |g: &&mut (Finding, Vec<u32>)| g.0.code == finding.code && finding.code != "ENS-010";
        match groups.iter_mut().find(same) {
            Some((_, numbers)) if numbers.contains(&number) => {}
            Some((_, numbers)) => numbers.push(number),
            None => groups.push((finding, vec![number])),
        }
    }
    let many = |(mut finding, numbers): (Finding, Vec<u32>)| {
        if numbers.len() > 1 {
            let list = numbers.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            finding.place = format!("{}（成员 members {list}）", finding.place);
        }
        finding
    };
    groups.into_iter().map(many).collect()
}
