use crate::FlowProblem;
use crate::cell::FILM_M;
use crate::mesh::Mesh;
use crate::state::State;

/// Unit discharge of the faces at the start: the mean velocity of the two cells × the flow depth between them.
pub(crate) fn start_moving(problem: &FlowProblem, mesh: &Mesh, state: &mut State) {
    let Some((u, v)) = &problem.initial_velocity_m_s else { return };
    let nx = mesh.nx;
    let discharge = |a: usize, b: usize, sill: f64, eta: &[f64], speed: &[f64]| {
        let depth = eta[a].max(eta[b]) - sill;
        let wet = |c: usize| if eta[c] - mesh.bed_m[c] > FILM_M { speed[c] } else { 0.0 };
        if depth > FILM_M { 0.5 * (wet(a) + wet(b)) * depth } else { 0.0 }
    };
    for cell in 0..nx * mesh.ny {
        let (west, _, south, _) = mesh.faces(cell);
        if mesh.sill_x_m[west].is_finite() {
            state.q_x[west] = discharge(cell - 1, cell, mesh.sill_x_m[west], &state.eta_m, u);
        }
        if mesh.sill_y_m[south].is_finite() {
            state.q_y[south] = discharge(cell - nx, cell, mesh.sill_y_m[south], &state.eta_m, v);
        }
    }
}
