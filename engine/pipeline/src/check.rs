//! `dayu check`: findings of a dataset, scenario, plan or package.

use crate::Failure;
use crate::ensemble::check_external;
use crate::files::{InputFiles, Located};
use crate::inputs::read_inputs;
use crate::load::load_district;
use crate::manifest::read_manifest;
use crate::model::build_model;
use dayu_base::{Finding, Text};
use dayu_plan::{check_plan, parse_plan};
use std::path::Path;

/// What was checked, and what is wrong with it.
#[derive(Clone, Debug)]
pub struct CheckReport {
    /// dataset | scenario | plan | package
    pub kind: &'static str,
    /// findings
    pub findings: Vec<Finding>,
}

/// Checks a dataset folder, a scenario folder or file, a plan file, or a package folder.
///
/// # Errors
/// When the path is none of these or cannot be used at all.
pub fn check(path: &Path) -> Result<CheckReport, Failure> {
    if path.join("manifest.json").is_file() {
        read_manifest(path)?;
        return Ok(CheckReport { kind: "package", findings: Vec::new() });
    }
    if path.join("dataset.toml").is_file() && !path.join("scenario.toml").is_file() {
        return Ok(CheckReport { kind: "dataset", findings: load_district(path)?.findings });
    }
    if path.is_file() {
        let file = Located {
            path: path.to_path_buf(),
            name: path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
        };
        let text = InputFiles::default().read_text("plan", &file)?;
        if text.lines().any(|l| l.trim() == "[plan]") {
            let plan = parse_plan(&file.name, &text).map_err(Failure::Refused)?;
            return Ok(CheckReport { kind: "plan", findings: check_plan(&file.name, &plan) });
        }
    } else if !path.join("scenario.toml").is_file() {
        return Err(Failure::Usage(
            Finding::error(
                "RUN-093",
                Text::new("这里没有数据集、情景、预案或成果包", "there is no dataset, scenario, plan or package here"),
                Text::new(
                    "给出含 dataset.toml、scenario.toml 或 manifest.json 的文件夹，或一个 TOML 文件",
                    "name a folder with dataset.toml, scenario.toml or manifest.json, or a TOML file",
                ),
            )
            .in_file(path.display().to_string()),
        ));
    }
    let mut inputs = read_inputs(path)?;
    let mut findings = inputs.district.findings.clone();
    let model = build_model(&inputs)?;
    findings.extend(model.findings.iter().cloned());
    // Members are read on the cells of the run: whatever they are computed on, their files are the same.
    findings.extend(check_external(&mut inputs, model.problem.cell_m())?);
    if inputs.scenario.plan.is_some() || inputs.district.spec.plan.is_some() {
        findings.extend(inputs.read_plan()?.findings);
    }
    Ok(CheckReport { kind: "scenario", findings })
}
