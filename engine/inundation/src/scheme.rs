//! Which equations move the water, and what each of them does not compute.

use crate::{BoundaryKind, FlowProblem, Inundation, SavedState, Scheme};
use dayu_base::{Finding, Text};

/// Moves the water of a problem to its end by the equations its solver settings name. Runs on the caller's rayon pool; the
/// number of threads changes no bit. `progress` is told the fraction done and returns `false` to stop.
///
/// # Errors
/// A finding when the problem cannot be computed (`SIM-1xx`, `SCN-2xx`; `SIM-128` the scheme does not compute a part of it), when it
/// was stopped (`SIM-202`), and when the run went wrong and must not be used (`SIM-201` step collapsed, `SIM-203` not finite,
/// `SIM-204` water lost or made, `SIM-205` depth out of range).
pub fn simulate(problem: &FlowProblem, progress: &(dyn Fn(f64) -> bool + Sync)) -> Result<Inundation, Finding> {
    simulate_from(problem, None, &[], progress).map(|(inundation, _)| inundation)
}

/// [`simulate`] on the calling thread alone, for members that run side by side: no thread waits for another within a step. The same bits.
/// Schemes other than the plain inertial one use the pool as ever.
///
/// # Errors
/// As [`simulate`].
pub fn simulate_alone(problem: &FlowProblem, progress: &(dyn Fn(f64) -> bool + Sync)) -> Result<Inundation, Finding> {
    refuse_not_computed(problem, false)?;
    match problem.solver.scheme {
        Scheme::Inertial => crate::simulate::simulate_alone(problem, progress),
        _ => simulate(problem, progress),
    }
}

/// [`simulate`] from a saved state on (`None`: from the start), saving the state at times of its own (`save_s`, s).
///
/// A state is taken at the end of the first step at or after its time, so that saving changes no step: the run resumed from it ends with
/// the same bits as the run that went on, rows and snapshots before it included. Rain, series and settings may differ from then on.
///
/// # Errors
/// As [`simulate`]; `SIM-121` the state is damaged or belongs to another grid, ground, infiltration model or set of boundaries,
/// `SIM-122` it lies at or after the end. A screening has no state (`SIM-128`).
pub fn simulate_from(
    problem: &FlowProblem,
    from: Option<&[u8]>,
    save_s: &[f64],
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<(Inundation, Vec<SavedState>), Finding> {
    refuse_not_computed(problem, from.is_some() || !save_s.is_empty())?;
    let whole = |result: Result<Inundation, Finding>| result.map(|inundation| (inundation, Vec::new()));
    match problem.solver.scheme {
        Scheme::Inertial => crate::simulate::simulate_from(problem, from, save_s, progress),
        Scheme::InertialSubgrid { side } => crate::subgrid::simulate_subgrid(problem, side, from, save_s, progress),
        Scheme::Dynamic => crate::dynamic::simulate(problem, from, save_s, progress),
        Scheme::FillSpill { connectivity } => {
            whole(crate::fillspill::simulate_fill_spill(problem, connectivity, progress))
        }
    }
}

/// Refuses parts of a problem that its scheme does not compute: they would be ignored, and the result would look complete.
fn refuse_not_computed(problem: &FlowProblem, has_state: bool) -> Result<(), Finding> {
    let scheme = problem.solver.scheme;
    let (plain, dynamic) = (scheme == Scheme::Inertial, scheme == Scheme::Dynamic);
    let is_screening = matches!(scheme, Scheme::FillSpill { .. });
    let has_rating = problem.boundaries.iter().any(|b| matches!(b.kind, BoundaryKind::Rating(_)));
    let wanted = &problem.wanted;
    let has_motion = wanted.product || wanted.rating.is_some();
    let has_attribution = problem.attribution.is_some() && !crate::attribution::is_computed_by(scheme);
    let refused: [(bool, &str, &str, &str); 9] = [
        (has_attribution, "attribution", "来水归因", "the attribution of water to sources"),
        (!wanted.durations_m.is_empty() && is_screening, "output", "各水深以上的历时", "the time above further depths"),
        (has_motion && is_screening, "output", "水深与流速之积、危险等级值", "depth × speed and hazard ratings"),
        (!problem.links.is_empty() && is_screening, "link", "连通构造物 link", "links"),
        (has_state && is_screening, "state", "保存与续算", "saving and resuming"),
        (!problem.crests.is_empty() && is_screening, "crest", "堤墙 crest", "crests"),
        (
            problem.initial_velocity_m_s.is_some() && !plain && !dynamic,
            "initial.velocity",
            "初始流速",
            "an initial velocity",
        ),
        (has_rating && !plain && !dynamic, "boundary.kind", "水位流量关系边界", "a rating curve"),
        (
            problem.infiltration.remembers() && is_screening,
            "infiltration.model",
            "随时间变化的下渗模型",
            "infiltration that changes with time",
        ),
    ];
    let Some((_, field, zh, en)) = refused.into_iter().find(|r| r.0) else { return Ok(()) };
    let (zh_scheme, en_scheme) = match scheme {
        Scheme::Inertial => ("惯性格式", "the inertial scheme"),
        Scheme::InertialSubgrid { .. } => ("亚网格惯性格式", "the subgrid scheme"),
        Scheme::Dynamic => ("完整浅水方程", "the full shallow water scheme"),
        Scheme::FillSpill { .. } => ("填溢筛查", "the fill–spill screening"),
    };
    Err(Finding::error(
        "SIM-128",
        Text::new(format!("{zh_scheme}不计算{zh}"), format!("{en_scheme} does not compute {en}")),
        Text::new(
            "去掉该项，或改用 scheme = \"inertial\"（不用亚网格）",
            "remove it, or use scheme = \"inertial\" without subgrid",
        ),
    )
    .field(field))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::flat;
    use crate::{Boundary, Connectivity, Crest, FaceSet, Infiltration, Series};
    use dayu_terrain::Axis;

    #[test]
    fn what_a_scheme_does_not_compute_is_refused_by_name() {
        let subgrid = Scheme::InertialSubgrid { side: 2 };
        let screening = Scheme::FillSpill { connectivity: Connectivity::Eight };
        let with = |scheme: Scheme| {
            let mut p = flat(4, 4, 5.0);
            p.solver.scheme = scheme;
            p
        };
        let refused = |p: &FlowProblem| refuse_not_computed(p, false).err().map(|f| (f.code, f.field));
        let named = |field: &str| Some(("SIM-128".to_string(), field.to_string()));
        for scheme in [Scheme::Inertial, subgrid, Scheme::Dynamic, screening] {
            let plain = scheme == Scheme::Inertial;
            assert_eq!(refused(&with(scheme)), None);
            assert_eq!(refuse_not_computed(&with(scheme), true).is_ok(), scheme != screening);
            let mut p = with(scheme);
            p.crests = vec![Crest { axis: Axis::X, face: 1, level_m: 1.0 }];
            assert_eq!(refused(&p), if scheme == screening { named("crest") } else { None });
            let mut p = with(scheme);
            p.initial_velocity_m_s = Some((vec![0.0; 16], vec![0.0; 16]));
            let moves = plain || scheme == Scheme::Dynamic;
            assert_eq!(refused(&p), if moves { None } else { named("initial.velocity") });
            let mut p = with(scheme);
            let place = FaceSet::Edge { side: "east".into(), from: 0.0, to: 20.0 };
            p.boundaries = vec![Boundary { id: None, kind: BoundaryKind::Rating(Series::constant(1.0)), place }];
            assert_eq!(refused(&p), if moves { None } else { named("boundary.kind") });
            let mut p = with(scheme);
            p.infiltration = Infiltration::ScsCurveNumber { cn: vec![80.0; 16], ia_ratio: vec![0.2; 16] };
            assert_eq!(refused(&p), if scheme == screening { named("infiltration.model") } else { None });
        }
    }
}
