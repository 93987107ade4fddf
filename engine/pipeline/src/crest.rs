//! Walls, dykes, kerbs and lines of sandbags: the faces they stand on and their levels.

use crate::inputs::Inputs;
use dayu_base::{Finding, Text};
use dayu_inundation::Crest;
use dayu_scenario::CrestSpec;
use dayu_terrain::{Axis, GridSpec, faces_on_line};
use geo::LineString;

/// Crests of a scenario on the faces that their lines separate. A crest that touches no face between two computed cells is refused; one
/// that lies below the ground everywhere does nothing, and is named.
///
/// # Errors
/// `RUN-078` the line separates no two computed cells.
pub(crate) fn crests(
    inputs: &Inputs,
    grid: &GridSpec,
    bed_m: &[f64],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Crest>, Finding> {
    let mut all = Vec::new();
    for (k, spec) in inputs.scenario.crest.iter().enumerate() {
        let name = spec.id.clone().unwrap_or_else(|| format!("crest[{k}]"));
        let line: LineString<f64> = spec.line.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>().into();
        let faces = faces_on_line(grid, &line).into_iter().filter_map(|face| {
            let ground_m = higher_ground_m(grid, bed_m, face.axis, face.index)?;
            let level_m = level_m(spec, ground_m)?;
            Some((Crest { axis: face.axis, face: face.index, level_m }, level_m > ground_m))
        });
        let faces: Vec<(Crest, bool)> = faces.collect();
        if faces.is_empty() {
            return Err(Finding::error(
                "RUN-078",
                Text::new(
                    format!("堤墙“{name}”没有隔开任何两个计算单元"),
                    format!("the crest '{name}' separates no two computed cells"),
                ),
                Text::new(
                    "核对 line 的坐标与计算范围；短于一个单元的线可能不穿过单元边",
                    "check the coordinates of line against the extent; a line shorter than a cell may cross no face",
                ),
            )
            .in_file(&inputs.scenario_file.name)
            .field(format!("crest[{k}].line")));
        }
        let below = faces.iter().filter(|(_, is_above)| !is_above).count();
        if below > 0 {
            findings.push(
                Finding::warning(
                    "RUN-079",
                    Text::new(
                        format!("堤墙“{name}”在 {below}/{} 个单元边上不高于地面，该处不挡水", faces.len()),
                        format!(
                            "the crest '{name}' is not above the ground at {below} of {} faces and holds nothing there",
                            faces.len()
                        ),
                    ),
                    Text::new("核对顶高程的基准面", "check the datum of the crest"),
                )
                .in_file(&inputs.scenario_file.name)
                .field(format!("crest[{k}].level_m")),
            );
        }
        all.extend(faces.into_iter().filter(|(_, is_above)| *is_above).map(|(crest, _)| crest));
    }
    Ok(all)
}

/// The higher bed of the two cells of a face; `None` on the outer side and where either is a wall.
fn higher_ground_m(grid: &GridSpec, bed_m: &[f64], axis: Axis, face: usize) -> Option<f64> {
    let nx = grid.nx;
    let (behind, ahead) = match axis {
        Axis::X => {
            let (row, column) = (face / (nx + 1), face % (nx + 1));
            if column == 0 || column == nx {
                return None;
            }
            (row * nx + column - 1, row * nx + column)
        }
        Axis::Y => (face.checked_sub(nx)?, face),
    };
    let (a, b) = (bed_m.get(behind)?, bed_m.get(ahead)?);
    (!a.is_nan() && !b.is_nan()).then(|| a.max(*b))
}

fn level_m(spec: &CrestSpec, ground_m: f64) -> Option<f64> {
    spec.level_m.or_else(|| spec.height_m.map(|height| ground_m + height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_higher_ground_of_a_face_counts() {
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 1.0, nx: 2, ny: 2 };
        let bed = [1.0, 4.0, 2.0, f64::NAN];
        assert_eq!(higher_ground_m(&grid, &bed, Axis::X, 1), Some(4.0));
        assert_eq!(higher_ground_m(&grid, &bed, Axis::Y, 2), Some(2.0));
        for (axis, face) in [(Axis::X, 0), (Axis::X, 2), (Axis::X, 4), (Axis::Y, 0), (Axis::Y, 3), (Axis::Y, 4)] {
            assert_eq!(higher_ground_m(&grid, &bed, axis, face), None);
        }
    }
}
