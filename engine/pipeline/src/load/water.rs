//! What the ground takes and how the water starts.

use super::terrain::{FieldKey, LandCover, field_values, level_values};
use crate::files::{InputFiles, Located};
use dayu_base::Finding;
use dayu_inundation::Infiltration;
use dayu_scenario::{FieldSource, ScenarioSpec};
use dayu_terrain::GridSpec;

/// Initial abstraction ÷ retention of the curve number when none is given (contract §2).
const IA_RATIO: f64 = 0.2;

/// Reads the infiltration model of a scenario.
pub(crate) fn read_infiltration(
    files: &InputFiles,
    scenario: &Located,
    spec: &ScenarioSpec,
    grid: &GridSpec,
    crs: &str,
    landcover: Option<&LandCover>,
) -> Result<Infiltration, Finding> {
    let Some(soil) = &spec.infiltration else { return Ok(Infiltration::None) };
    let ratio = FieldSource::Number(IA_RATIO);
    // A key that a model needs and that is absent has been refused before.
    let field = |name: &str| {
        let given = soil.parameters().into_iter().find(|(key, ..)| *key == name).and_then(|(_, _, field)| field);
        let source = given.unwrap_or(&ratio);
        field_values(files, &FieldKey { key: name, file: scenario }, source, grid, crs, landcover)
    };
    Ok(match soil.model.as_str() {
        "constant" => Infiltration::Constant { rate_mm_h: field("infiltration.rate_mm_h")? },
        "horton" => Infiltration::Horton {
            f0_mm_h: field("infiltration.f0_mm_h")?,
            fc_mm_h: field("infiltration.fc_mm_h")?,
            decay_1_h: field("infiltration.decay_1_h")?,
        },
        "green-ampt" => Infiltration::GreenAmpt {
            ksat_mm_h: field("infiltration.ksat_mm_h")?,
            suction_m: field("infiltration.suction_m")?,
            deficit: field("infiltration.deficit")?,
        },
        "scs-cn" => {
            Infiltration::ScsCurveNumber { cn: field("infiltration.cn")?, ia_ratio: field("infiltration.ia_ratio")? }
        }
        _ => Infiltration::None,
    })
}

/// Reads the velocities at the start; either sign is allowed.
pub(crate) fn read_initial_velocity(
    files: &InputFiles,
    scenario: &Located,
    spec: &ScenarioSpec,
    grid: &GridSpec,
    crs: &str,
) -> Result<Option<(Vec<f64>, Vec<f64>)>, Finding> {
    let Some([u, v]) = spec.initial.as_ref().and_then(|i| i.velocity.as_ref()) else { return Ok(None) };
    let read = |path: &String| {
        let key = FieldKey { key: "initial.velocity", file: scenario };
        level_values(files, &key, &FieldSource::Path(path.clone()), grid, crs)
    };
    Ok(Some((read(u)?, read(v)?)))
}
