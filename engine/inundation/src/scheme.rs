use crate::{FlowProblem, Inundation, Scheme};
use dayu_base::Finding;

/// Moves the water of a problem to its end by the equations its solver settings name. Runs on the caller's rayon pool; the
/// number of threads changes no bit. `progress` is told the fraction done and returns `false` to stop.
///
/// # Errors
/// A finding when the problem cannot be computed (`SIM-1xx`, `SCN-2xx`), when it was stopped (`SIM-202`), and when the run went
/// wrong and must not be used (`SIM-201` step collapsed, `SIM-203` not finite, `SIM-204` water lost or made).
pub fn simulate(problem: &FlowProblem, progress: &(dyn Fn(f64) -> bool + Sync)) -> Result<Inundation, Finding> {
    match problem.solver.scheme {
        Scheme::Inertial => crate::simulate::simulate(problem, progress),
        Scheme::Dynamic => crate::dynamic::simulate(problem, progress),
    }
}
