//! Members from outside, looked over before any water is computed.

use super::rain::{given_forcing, grouped, of_member};
use crate::Failure;
use crate::inputs::Inputs;
use crate::load::gridded_files;
use crate::regrid::member_model_on;
use dayu_base::Finding;
use dayu_scenario::EnsembleSpec;

/// The external ensemble of a scenario.
fn external(inputs: &Inputs) -> Option<EnsembleSpec> {
    inputs.scenario.ensemble.clone().filter(|e| e.method == "external")
}

/// Refuses a run of which a member's files are not there, before the water is computed: the first by number.
///
/// # Errors
/// `RUN-010`, `RUN-058` named by member.
pub(crate) fn refuse_missing(inputs: &Inputs) -> Result<(), Failure> {
    let Some(spec) = external(inputs) else { return Ok(()) };
    for number in 1..=spec.members {
        let Some(entry) = spec.rain_of(number) else { continue };
        let there = gridded_files(&inputs.scenario_file, &entry);
        there.map_err(|f| of_member(inputs, number, f))?;
    }
    Ok(())
}

/// Reads every member on coarse cells and says what is wrong with any of them.
pub(crate) fn check_external(inputs: &mut Inputs, cell_m: f64) -> Result<Vec<Finding>, Failure> {
    let Some(spec) = external(inputs) else { return Ok(Vec::new()) };
    let model = member_model_on(inputs, cell_m, None)?;
    let mut found = Vec::new();
    for number in 1..=spec.members {
        match given_forcing(inputs, &spec, number, &model.problem.grid, &model.problem.bed_m) {
            Ok(forcing) => found.extend(forcing.findings.into_iter().map(|f| (number, f))),
            Err(Failure::Cancelled) => return Err(Failure::Cancelled),
            Err(failure) => found.extend(failure.findings().into_iter().map(|f| (number, f))),
        }
    }
    // Each file that cannot be read is named: they are errors of their own, not one error of many members.
    let (errors, others): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(_, f)| f.severity == dayu_base::Severity::Error);
    Ok(errors.into_iter().map(|(_, f)| f).chain(grouped(others)).collect())
}
