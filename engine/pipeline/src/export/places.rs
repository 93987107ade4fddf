//! Where boundaries act, cell by cell: outer faces of the outermost active cells, and cells inside.

use dayu_inundation::{FaceSet, FlowProblem};
use std::collections::BTreeMap;

/// A side of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    West,
    East,
    South,
    North,
}

impl Side {
    const ALL: [Self; 4] = [Self::West, Self::East, Self::South, Self::North];
    fn named(self, name: &str) -> bool {
        name == "all" || name == self.id()
    }
    pub fn id(self) -> &'static str {
        match self {
            Self::West => "west",
            Self::East => "east",
            Self::South => "south",
            Self::North => "north",
        }
    }
}

/// An outer face of a cell on which a boundary acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Face {
    pub side: Side,
    pub cell: usize,
    /// entry of the problem's boundaries
    pub boundary: usize,
    /// the face lies on the side of the whole grid, with no inactive cell beyond
    pub outermost: bool,
}

/// Faces by side and place, cells inside by entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(super) faces: Vec<Face>,
    pub(super) inside: Vec<(usize, Vec<usize>)>,
}

/// On a face the later entry wins.
pub(super) fn resolve(problem: &FlowProblem) -> Places {
    let g = &problem.grid;
    let active = |cell: usize| !problem.bed_m[cell].is_nan();
    let mut faces: BTreeMap<(Side, usize), Face> = BTreeMap::new();
    let mut inside = Vec::new();
    for (boundary, b) in problem.boundaries.iter().enumerate() {
        match &b.place {
            FaceSet::Cells(cells) => {
                inside.push((boundary, cells.iter().copied().filter(|c| active(*c)).collect()));
            }
            FaceSet::Edge { side, from, to } => {
                for s in Side::ALL.into_iter().filter(|s| s.named(side)) {
                    let lines = if matches!(s, Side::West | Side::East) { g.ny } else { g.nx };
                    for k in 0..lines {
                        let cell_of = |n: usize| match s {
                            Side::West | Side::East => k * g.nx + n,
                            Side::South | Side::North => n * g.nx + k,
                        };
                        let along = if matches!(s, Side::West | Side::East) { g.nx } else { g.ny };
                        let found = match s {
                            Side::West | Side::South => (0..along).find(|n| active(cell_of(*n))),
                            Side::East | Side::North => (0..along).rev().find(|n| active(cell_of(*n))),
                        };
                        let Some(n) = found else { continue };
                        let cell = cell_of(n);
                        let (x, y) = g.centre(cell);
                        let at = if matches!(s, Side::West | Side::East) { y } else { x };
                        if *from <= at && at <= *to {
                            let outermost = match s {
                                Side::West | Side::South => n == 0,
                                Side::East | Side::North => n + 1 == along,
                            };
                            faces.insert((s, k), Face { side: s, cell, boundary, outermost });
                        }
                    }
                }
            }
        }
    }
    Places { faces: faces.into_values().collect(), inside }
}

impl Places {
    /// Faces of an entry.
    pub(super) fn of(&self, boundary: usize) -> impl Iterator<Item = &Face> {
        self.faces.iter().filter(move |f| f.boundary == boundary)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use dayu_inundation::{Boundary, BoundaryKind};
    use dayu_terrain::GridSpec;

    fn boundary(kind: BoundaryKind, side: &str, from: f64, to: f64) -> Boundary {
        Boundary { id: None, kind, place: FaceSet::Edge { side: side.into(), from, to } }
    }

    #[test]
    fn outermost_active_cells_and_later_entries() {
        let nan = f64::NAN;
        let problem = crate::export::series::tests::problem(
            GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 3, ny: 2 },
            vec![nan, 0.0, 0.0, 0.0, 0.0, nan],
            vec![
                boundary(BoundaryKind::Free, "all", f64::NEG_INFINITY, f64::INFINITY),
                boundary(BoundaryKind::Wall, "west", 10.0, 20.0),
            ],
        );
        let places = resolve(&problem);
        let west: Vec<_> = places.faces.iter().filter(|f| f.side == Side::West).collect();
        assert_eq!((west[0].cell, west[0].boundary, west[0].outermost), (1, 0, false));
        assert_eq!((west[1].cell, west[1].boundary, west[1].outermost), (3, 1, true));
        let east: Vec<_> = places.faces.iter().filter(|f| f.side == Side::East).map(|f| f.cell).collect();
        assert_eq!(east, [2, 4]);
        assert_eq!(places.of(0).count(), 2 + 3 + 3 + 1);
    }
}
