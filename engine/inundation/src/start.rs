use crate::FlowProblem;
use crate::face::{CLOSED, SIDE_WAY};
use crate::mesh::Mesh;
use crate::state::State;

/// Unit discharge of the faces at the start: the mean velocity of the two cells × the flow depth between them.
pub(crate) fn start_moving(problem: &FlowProblem, mesh: &Mesh, state: &mut State) {
    let Some((u, v)) = &problem.initial_velocity_m_s else { return };
    let (nx, depth) = (mesh.nx, &state.depth);
    let discharge = |behind: usize, ahead: usize, rise: i32, speed: &[f64]| {
        let rise = i64::from(rise & !SIDE_WAY);
        let level = i64::from(depth[behind]).max(i64::from(depth[ahead]) + rise);
        let over = (level - rise.max(0)).max(0) as f64 * mesh.unit.metres();
        let wet = |c: usize| if depth[c] > 0 { speed[c] } else { 0.0 };
        (0.5 * (wet(behind) + wet(ahead)) * over) as f32
    };
    for cell in 0..nx * mesh.ny {
        let (west, _, south, _) = mesh.faces(cell);
        if mesh.rise_x[west] != CLOSED {
            state.q_x[west] = discharge(cell - 1, cell, mesh.rise_x[west], u);
        }
        if mesh.rise_y[south] != CLOSED {
            state.q_y[south] = discharge(cell - nx, cell, mesh.rise_y[south], v);
        }
    }
}
