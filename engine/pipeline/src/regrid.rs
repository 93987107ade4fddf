//! The model of a scenario on other cells than it names.

use crate::Failure;
use crate::inputs::Inputs;
use crate::model::{Model, build_model};
use dayu_base::Finding;
use dayu_scenario::{GridKeys, ScenarioSpec, check_scenario};

/// Builds the model with another side of the cells, plain, and everything else as the scenario has it.
pub(crate) fn model_on(inputs: &mut Inputs, cell_m: f64) -> Result<Model, Failure> {
    with(inputs, |spec| on_cells(spec, cell_m))
}

/// The same for members: without gauges, sections, snapshots and further depths, which they do not keep.
pub(crate) fn member_model_on(inputs: &mut Inputs, cell_m: f64) -> Result<Model, Failure> {
    let mut model = with(inputs, |spec| {
        on_cells(spec, cell_m);
        spec.gauge.clear();
        spec.attribution = None;
        spec.section.clear();
        spec.output.snapshots_s.clear();
    })?;
    model.problem.thresholds_m.clear();
    model.problem.wanted = dayu_inundation::Wanted::default();
    Ok(model)
}

/// The scenario as a screening on these cells.
///
/// # Errors
/// What the screening does not compute, by name.
pub(crate) fn screening_on(inputs: &mut Inputs, cell_m: f64) -> Result<Model, Failure> {
    with(inputs, |spec| {
        on_cells(spec, cell_m);
        spec.solver.scheme = "fill-spill".into();
    })
}

fn on_cells(spec: &mut ScenarioSpec, cell_m: f64) {
    let keys = spec.grid.take().unwrap_or_default();
    spec.grid = Some(GridKeys { cell_m: Some(cell_m), subgrid_m: None, ..keys });
    spec.state = None;
}

fn with(inputs: &mut Inputs, change: impl FnOnce(&mut ScenarioSpec)) -> Result<Model, Failure> {
    let own = inputs.scenario.clone();
    change(&mut inputs.scenario);
    let refused: Vec<Finding> = check_scenario(&inputs.scenario_file.name, &inputs.scenario);
    let built = if refused.is_empty() { build_model(inputs) } else { Err(Failure::Refused(refused)) };
    inputs.scenario = own;
    built
}
