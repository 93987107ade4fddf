//! Where boundaries act: outer faces of the outermost active cells, and cells inside.

use crate::{Boundary, BoundaryKind, FaceSet, FlowProblem};
use dayu_base::{Finding, Text};
use dayu_terrain::Axis;
use std::collections::BTreeMap;

/// One face on which an edge boundary acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct EdgeFace {
    pub axis: Axis,
    /// index among x or y faces
    pub face: usize,
    /// face on the other side of the cell
    pub opposite: usize,
    pub cell: usize,
    /// the cell behind the opposite face, when there is one in the grid
    pub inner: Option<usize>,
    /// +1 when positive flow enters, −1 when it leaves
    pub inward: f64,
    /// entry of the problem's boundaries
    pub boundary: usize,
}

/// A cell inside whose level is held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct HeldCell {
    pub cell: usize,
    pub boundary: usize,
}

/// Cells inside that an inflow (shared by area) or a rating curve acts on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InsideInflow {
    pub cells: Vec<usize>,
    pub boundary: usize,
}

/// Every place of every boundary.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Places {
    pub edges: Vec<EdgeFace>,
    pub held: Vec<HeldCell>,
    pub inflows: Vec<InsideInflow>,
    /// rating curves inside: the cells are read and drawn from together
    pub ratings: Vec<InsideInflow>,
}

/// Finds the faces and cells of all boundaries. On a face, and for held cells, the later entry wins.
///
/// # Errors
/// `SIM-109` a boundary touches no active cell, `SIM-110` free or normal inside, `SIM-116` unknown side.
pub(crate) fn resolve(problem: &FlowProblem, active: &[bool]) -> Result<Places, Finding> {
    let mut edges: BTreeMap<(Axis, usize), EdgeFace> = BTreeMap::new();
    let mut held: BTreeMap<usize, HeldCell> = BTreeMap::new();
    let (mut inflows, mut ratings) = (Vec::new(), Vec::new());
    for (number, boundary) in problem.boundaries.iter().enumerate() {
        match &boundary.place {
            FaceSet::Edge { side, from, to } => {
                let found = edge_faces(problem, active, side, (*from, *to), number)?;
                if found.is_empty() {
                    return Err(touches_nothing(number, boundary));
                }
                for face in found {
                    edges.insert((face.axis, face.face), face);
                }
            }
            FaceSet::Cells(cells) => {
                let mut cells: Vec<usize> =
                    cells.iter().copied().filter(|&c| active.get(c).copied().unwrap_or(false)).collect();
                cells.sort_unstable();
                cells.dedup();
                if cells.is_empty() {
                    return Err(touches_nothing(number, boundary));
                }
                match boundary.kind {
                    BoundaryKind::Inflow(_) => inflows.push(InsideInflow { cells, boundary: number }),
                    BoundaryKind::Rating(_) => ratings.push(InsideInflow { cells, boundary: number }),
                    BoundaryKind::Stage(_) => {
                        held.extend(cells.into_iter().map(|cell| (cell, HeldCell { cell, boundary: number })))
                    }
                    BoundaryKind::Wall => cells.iter().for_each(|cell| {
                        held.remove(cell);
                    }),
                    BoundaryKind::Free | BoundaryKind::Normal(_) => return Err(not_inside(number, boundary)),
                }
            }
        }
    }
    edges.retain(|_, face| !matches!(problem.boundaries[face.boundary].kind, BoundaryKind::Wall));
    Ok(Places { edges: edges.into_values().collect(), held: held.into_values().collect(), inflows, ratings })
}

fn edge_faces(
    problem: &FlowProblem,
    active: &[bool],
    side: &str,
    limits: (f64, f64),
    boundary: usize,
) -> Result<Vec<EdgeFace>, Finding> {
    let (grid, nx, ny) = (&problem.grid, problem.grid.nx, problem.grid.ny);
    let sides: &[&str] = match side {
        "west" | "east" | "south" | "north" => &[side],
        "all" => &["west", "east", "south", "north"],
        _ => return Err(unknown_side(boundary, side)),
    };
    let within = |at: f64| at >= limits.0.min(limits.1) && at <= limits.0.max(limits.1);
    let mut faces = Vec::new();
    for &side in sides {
        let along_x = side == "west" || side == "east";
        for line in 0..if along_x { ny } else { nx } {
            let cells: Vec<usize> = if along_x {
                (0..nx).map(|i| line * nx + i).collect()
            } else {
                (0..ny).map(|j| j * nx + line).collect()
            };
            let first = side == "west" || side == "south";
            let outermost =
                if first { cells.iter().position(|&c| active[c]) } else { cells.iter().rposition(|&c| active[c]) };
            let Some(at) = outermost else { continue };
            let cell = cells[at];
            let (x, y) = grid.centre(cell);
            if !within(if along_x { y } else { x }) {
                continue;
            }
            let west = cell + cell / nx;
            let (low, high) = if along_x { (west, west + 1) } else { (cell, cell + nx) };
            let inner = if first { cells.get(at + 1) } else { at.checked_sub(1).and_then(|k| cells.get(k)) };
            faces.push(EdgeFace {
                axis: if along_x { Axis::X } else { Axis::Y },
                face: if first { low } else { high },
                opposite: if first { high } else { low },
                cell,
                inner: inner.copied().filter(|&c| active[c]),
                inward: if first { 1.0 } else { -1.0 },
                boundary,
            });
        }
    }
    Ok(faces)
}

fn name(number: usize, boundary: &Boundary) -> String {
    boundary.id.as_ref().map_or_else(|| format!("boundary[{number}]"), |id| format!("boundary[{number}] {id}"))
}

fn touches_nothing(number: usize, boundary: &Boundary) -> Finding {
    Finding::error(
        "SIM-109",
        Text::new("该边界没有落在任何计算单元上", "the boundary touches no active cell"),
        Text::new(
            "检查 where 的坐标、边名与 from/to，以及掩膜范围",
            "check the coordinates, side and from/to of `where`, and the mask",
        ),
    )
    .at(name(number, boundary))
    .field("where")
}

fn not_inside(number: usize, boundary: &Boundary) -> Finding {
    Finding::error(
        "SIM-110",
        Text::new(
            "自由出流与正常水深边界只能设在外边缘，不能设在网格内部",
            "free and normal boundaries act on edges, not inside the grid",
        ),
        Text::new("改用 edge，或在内部使用 inflow、stage", "use `edge`, or inside use inflow or stage"),
    )
    .at(name(number, boundary))
    .field("kind")
}

fn unknown_side(number: usize, side: &str) -> Finding {
    Finding::error(
        "SIM-116",
        Text::new(format!("未知的边“{side}”"), format!("unknown side '{side}'")),
        Text::new("应为 west、east、north、south 或 all", "use west, east, north, south or all"),
    )
    .at(format!("boundary[{number}]"))
    .field("edge")
}
