//! Cells whose rain a run does not know. Water that is computed there is a lower bound: a depth that floods stands as "at least", and
//! a cell that stays dry tells nothing. It leaves the results as a masked cell does, so that no product calls it safe.

use dayu_base::{Finding, Text};
use dayu_impact::CHANCE_DEPTHS_M;
use dayu_inundation::{FlowProblem, Inundation};

/// From here on a cell is flooded whatever rain is missing, m.
const FLOODED_M: f64 = CHANCE_DEPTHS_M[0];

/// Cells of a result that stay below the depth of a flood under rain that is not known throughout; empty when all rain is known.
pub(crate) fn unknown_dry(problem: &FlowProblem, water: &Inundation) -> Vec<bool> {
    let mut cells = problem.rain.unknown_cells(&water.grid, problem.duration_s);
    if !cells.contains(&true) {
        return Vec::new();
    }
    for (cell, unknown) in cells.iter_mut().enumerate() {
        let flooded = water.max_depth_m[cell] >= FLOODED_M;
        *unknown &= water.active[cell] && !flooded;
    }
    cells
}

/// Takes those cells out of the results of a run and says how many they are (`SCN-303`).
pub(crate) fn leave_unknown(problem: &FlowProblem, water: &mut Inundation) {
    let unknown = unknown_dry(problem, water);
    let count = unknown.iter().filter(|u| **u).count();
    if count == 0 {
        return;
    }
    let computed = water.active.iter().filter(|a| **a).count();
    let nan = |values: &mut Vec<f64>| mark(values, &unknown, f64::NAN);
    for values in [
        &mut water.max_depth_m,
        &mut water.arrival_s,
        &mut water.duration_s,
        &mut water.max_speed_m_s,
        &mut water.peak_time_s,
    ] {
        nan(values);
    }
    water.further.stay_s.iter_mut().for_each(|(_, values)| nan(values));
    water.further.max_product_m2_s.iter_mut().for_each(nan);
    water.further.max_rating.iter_mut().for_each(nan);
    for (_, depth, u, v) in &mut water.snapshots {
        [depth, u, v].into_iter().for_each(nan);
    }
    for (_, times) in water.crossing_s.iter_mut().chain(&mut water.leaving_s) {
        mark(times, &unknown, f32::NAN);
    }
    mark(&mut water.max_hazard, &unknown, 0);
    mark(&mut water.active, &unknown, false);
    let share = 100.0 * count as f64 / computed.max(1) as f64;
    water.findings.push(Finding::warning(
        "SCN-303",
        Text::new(
            format!("{count} 个单元（{share:.1}%）雨量不全且推演水深不到 {FLOODED_M} m：按未知处理（栅格为 -9999），不称安全；其余单元的水深为下限。该处道路没有因积水封闭，通行须现场核实"),
            format!("{count} cells ({share:.1} %) whose rain is not known throughout stay below {FLOODED_M} m: they are unknown (-9999 in rasters), not safe; deeper ones are lower bounds. Roads there are not closed by water: check on the spot"),
        ),
        Text::new("补齐雨量后重新推演", "run again when the rain is complete"),
    ));
}

/// Sets the marked values.
fn mark<T: Copy>(values: &mut [T], marked: &[bool], to: T) {
    values.iter_mut().zip(marked).filter(|(_, m)| **m).for_each(|(v, _)| *v = to);
}
