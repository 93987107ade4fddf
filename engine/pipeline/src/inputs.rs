//! A scenario with everything it names, read and checked.

use crate::Failure;
use crate::files::{InputFiles, Located};
use crate::load::{self, District};
use dayu_base::{Finding, Instant, Severity, Text};
use dayu_plan::{PlanFile, Signal, check_plan, parse_plan};
use dayu_scenario::{ScenarioKind, ScenarioSpec, check_scenario, parse_scenario};
use dayu_slopes::Readings;
use std::collections::BTreeMap;
use std::path::Path;

/// Inputs of a run.
pub(crate) struct Inputs {
    pub files: InputFiles,
    pub scenario_file: Located,
    pub scenario: ScenarioSpec,
    pub district: District,
    pub start: Instant,
    pub end: Instant,
    pub as_of: Instant,
    /// readings of slope instruments by slope; empty when none are given
    pub readings: BTreeMap<String, Vec<Readings>>,
    pub findings: Vec<Finding>,
}

/// The plan of a run.
pub(crate) struct PlanInputs {
    pub file: Located,
    pub plan: PlanFile,
    pub signals: Option<Vec<Signal>>,
    pub findings: Vec<Finding>,
}

/// `(scenario id, dataset id)` of a scenario folder.
///
/// # Errors
/// When either file cannot be used.
pub fn scenario_identity(given: &Path) -> Result<(String, String), Failure> {
    let files = InputFiles::default();
    let file = Located::scenario(given);
    let scenario = parse_scenario(&file.name, &files.read_text("scenario", &file)?)?;
    let Some(dataset) = &scenario.dataset else { return Ok((scenario.id, String::new())) };
    let dataset = file.beside(dataset).inside("dataset.toml");
    let spec = dayu_scenario::parse_dataset(&dataset.name, &files.read_text("dataset", &dataset)?)?;
    Ok((scenario.id, spec.id))
}

/// Reads a scenario and its district.
pub(crate) fn read_inputs(given: &Path) -> Result<Inputs, Failure> {
    let files = InputFiles::default();
    let scenario_file = Located::scenario(given);
    let text = files.read_text("scenario", &scenario_file)?;
    let scenario = parse_scenario(&scenario_file.name, &text)?;
    let refused = check_scenario(&scenario_file.name, &scenario);
    if !refused.is_empty() {
        return Err(Failure::Refused(refused));
    }
    if scenario.kind == ScenarioKind::Benchmark {
        files.take_plain_rasters();
    }
    let dataset = scenario.dataset.as_deref().unwrap_or(".");
    let district = load::load(&files, scenario_file.beside(dataset).inside("dataset.toml"))?;
    let instant = |key: &str, value: &dyn std::fmt::Display| -> Result<Instant, Finding> {
        value.to_string().parse::<Instant>().map_err(|_| {
            Finding::error(
                "RUN-060",
                Text::new(
                    format!("时刻“{value}”没有时区或无效"),
                    format!("the instant '{value}' lacks its offset or is not valid"),
                ),
                Text::new("写成 2021-07-25T08:00:00+08:00", "write 2021-07-25T08:00:00+08:00"),
            )
            .in_file(&scenario_file.name)
            .field(key)
        })
    };
    let start = instant("start", &scenario.start)?;
    let length = jiff::SignedDuration::try_from_secs_f64(scenario.duration_s).map_err(|_| too_long(&scenario_file))?;
    let end = start.checked_add(length).map_err(|_| too_long(&scenario_file))?;
    let as_of = match &scenario.as_of {
        Some(given) => instant("as_of", given)?,
        // Known by then is observed: all of a replay, a design storm or a case; nothing of a forecast or drill.
        None => match scenario.kind {
            ScenarioKind::Replay | ScenarioKind::Design | ScenarioKind::Benchmark => end,
            ScenarioKind::Forecast | ScenarioKind::Drill => start,
        },
    };
    let (readings, findings) = match &scenario.slope_readings {
        Some(path) => {
            let file = scenario_file.beside(path);
            load::read_readings(&files, &file, &district.registry, start, &district.zone)?
        }
        None => (BTreeMap::new(), Vec::new()),
    };
    Ok(Inputs { files, scenario_file, scenario, district, start, end, as_of, readings, findings })
}

fn too_long(file: &Located) -> Finding {
    Finding::error(
        "RUN-061",
        Text::new("时长超出日历", "the duration leaves the calendar"),
        Text::new("缩短 duration_s", "shorten duration_s"),
    )
    .in_file(&file.name)
    .field("duration_s")
}

impl Inputs {
    /// Reads the plan in force and the official signals.
    pub fn read_plan(&self) -> Result<PlanInputs, Failure> {
        let file = match (&self.scenario.plan, &self.district.spec.plan) {
            (Some(own), _) => self.scenario_file.beside(own),
            (None, Some(shared)) => self.district.file.beside(shared),
            (None, None) => {
                return Err(Finding::error(
                    "RUN-062",
                    Text::new("没有指定响应预案", "no response plan is named"),
                    Text::new(
                        "在 dataset.toml 或 scenario.toml 写 plan = \"plan.toml\"",
                        "write plan = \"plan.toml\" in dataset.toml or scenario.toml",
                    ),
                )
                .in_file(&self.scenario_file.name)
                .field("plan")
                .into());
            }
        };
        let text = self.files.read_text("plan", &file)?;
        let plan = parse_plan(&file.name, &text).map_err(Failure::Refused)?;
        let mut findings = check_plan(&file.name, &plan);
        if findings.iter().any(|f| f.severity == Severity::Error) {
            return Err(Failure::Refused(findings));
        }
        let signals = match &self.scenario.signals {
            None => None,
            Some(path) => {
                let (signals, found) =
                    load::read_signals(&self.files, &self.scenario_file.beside(path), self.start, &self.district.zone)?;
                findings.extend(found);
                Some(signals)
            }
        };
        Ok(PlanInputs { file, plan, signals, findings })
    }
}
