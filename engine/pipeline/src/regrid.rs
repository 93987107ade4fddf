//! The model of a scenario on other cells than it names.

use crate::Failure;
use crate::inputs::Inputs;
use crate::model::{Model, build_model};
use dayu_base::Finding;
use dayu_scenario::{GridKeys, ScenarioSpec, check_scenario};

/// Builds the model with another side of the cells, plain, and everything else as the scenario has it.
pub(crate) fn model_on(inputs: &mut Inputs, cell_m: f64) -> Result<Model, Failure> {
    with(inputs, |spec| on_cells(spec, cell_m, None))
}

/// The same for members: without gauges, sections, snapshots and further depths, which they do not keep. With a pixel the cells keep
/// the terrain of so wide pixels, as the run does.
pub(crate) fn member_model_on(inputs: &mut Inputs, cell_m: f64, subgrid_m: Option<f64>) -> Result<Model, Failure> {
    let mut model = with(inputs, |spec| {
        on_cells(spec, cell_m, subgrid_m);
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
        on_cells(spec, cell_m, None);
        spec.solver.scheme = "fill-spill".into();
    })
}

fn on_cells(spec: &mut ScenarioSpec, cell_m: f64, subgrid_m: Option<f64>) {
    let keys = spec.grid.take().unwrap_or_default();
    spec.grid = Some(GridKeys { cell_m: Some(cell_m), subgrid_m, ..keys });
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::on_cells;
    use dayu_scenario::parse_scenario;

    #[test]
    fn other_cells_keep_extent_and_mask_and_lose_the_state() {
        let text = "format = 1\nid = \"a\"\ntitle = { zh = \"甲\", en = \"a\" }\nkind = \"drill\"\ndataset = \"d\"\n\
            start = 2021-07-30T14:00:00+08:00\nduration_s = 60\n[grid]\ncell_m = 100.0\nsubgrid_m = 20.0\n\
            extent = [0.0, 0.0, 400.0, 400.0]\nmask = \"m.geojson\"\n[state]\nsave_s = [30]\n";
        let mut spec = parse_scenario("scenario.toml", text).unwrap();
        on_cells(&mut spec, 50.0, None);
        let keys = spec.grid.clone().unwrap();
        assert_eq!((keys.cell_m, keys.subgrid_m, keys.mask.as_deref()), (Some(50.0), None, Some("m.geojson")));
        assert!(keys.extent.is_some() && spec.state.is_none());
        on_cells(&mut spec, 200.0, Some(20.0));
        assert_eq!(spec.grid.unwrap().pixels_a_side(), 10);
    }
}
