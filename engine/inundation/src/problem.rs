use crate::Connectivity;
use crate::{Attribution, Infiltration, Link, Wanted};
use dayu_storm::{RainField, StepSeries};
use dayu_terrain::{Axis, GridSpec};

/// Values at times: linear between rows, ends held. One row = constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// s from start, increasing (a rating curve: level, m)
    pub at: Vec<f64>,
    /// values
    pub value: Vec<f64>,
}

/// What a boundary does.
#[derive(Clone, Debug, PartialEq)]
pub enum BoundaryKind {
    /// total inflow, m³/s, shared by face length (edge) or cell area (inside)
    Inflow(Series),
    /// level acting at the face (edge) or held in the cells (inside), m
    Stage(Series),
    /// zero gradient
    Free,
    /// normal depth with this slope (`None`: the bed's)
    Normal(Option<f64>),
    /// flow that leaves at a level (rows: level, m → m³/s; negative enters), read at the mean level of the wet faces or cells
    Rating(Series),
    /// closed
    Wall,
}

/// Where a boundary acts. Coordinates in the grid's CRS.
#[derive(Clone, Debug, PartialEq)]
pub enum FaceSet {
    /// Outer faces of the outermost active cell of each row (column), midpoint within `from..=to` (y on west, east; else x).
    Edge {
        /// `west` | `east` | `north` | `south` | `all`
        side: String,
        /// lower limit, m
        from: f64,
        /// upper limit, m
        to: f64,
    },
    /// Cells inside the grid (a point, a circle, a polygon or cells crossed by a line, already resolved by the caller).
    Cells(Vec<usize>),
}

/// A boundary entry; on a face the later entry wins.
#[derive(Clone, Debug, PartialEq)]
pub struct Boundary {
    /// name in flows.csv
    pub id: Option<String>,
    /// what it does
    pub kind: BoundaryKind,
    /// where
    pub place: FaceSet,
}

/// A drainage asset that takes water off the surface (pump, outfall) until the cell is dry: at most `capacity_m3_s`, from the
/// cells given, only above `start_depth_m`.
#[derive(Clone, Debug, PartialEq)]
pub struct Sink {
    /// asset id
    pub id: String,
    /// cells it draws from
    pub cells: Vec<usize>,
    /// rated flow, m³/s
    pub capacity_m3_s: f64,
    /// depth at which it starts, m
    pub start_depth_m: f64,
}

/// A point whose level, depth and velocity are written.
#[derive(Clone, Debug, PartialEq)]
pub struct GaugePoint {
    /// name
    pub id: String,
    /// the cell
    pub cell: usize,
}

/// A line whose flow is written; left to right positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Section {
    /// name
    pub id: String,
    /// vertices, m
    pub line: Vec<(f64, f64)>,
}

/// A wall, dyke, kerb or line of sandbags on one face: water passes over its crest only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crest {
    /// which faces
    pub axis: Axis,
    /// face: `j · (nx + 1) + i` west of cell (i, j) along x, `j · nx + i` south of it along y
    pub face: usize,
    /// level of the crest, m; below the ground it does nothing
    pub level_m: f64,
}

/// The equations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// local inertial (Bates et al. 2010; de Almeida et al. 2012, 2013)
    Inertial,
    /// the same on cells of `side` × `side` pixels that keep their terrain: the problem's grid, fields, cells and results are at pixel
    /// scale (van Ormondt et al. 2025)
    InertialSubgrid {
        /// pixels along a side of a cell, at least 1
        side: usize,
    },
    /// screening: the net rain up to each output in the hollows of the ground (Barnes et al. 2020, 2021)
    FillSpill {
        /// which neighbours touch
        connectivity: Connectivity,
    },
    /// full shallow water (Audusse et al. 2004; Toro 2001)
    Dynamic,
}

/// Numerical settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Solver {
    /// equations
    pub scheme: Scheme,
    /// Courant number
    pub cfl: f64,
    /// longest step, s
    pub max_dt_s: f64,
    /// depth below which a cell counts as dry for speed and wetness, m (flow is computed on all depths)
    pub dry_depth_m: f64,
}

/// Everything the surface flow needs. Fields have one value per cell (south row first).
#[derive(Clone, Debug)]
pub struct FlowProblem {
    /// the grid
    pub grid: GridSpec,
    /// bed, m; NaN = wall (nodata, masked, blocked)
    pub bed_m: Vec<f64>,
    /// Manning n, s/m^(1/3); 0 = no friction
    pub roughness: Vec<f64>,
    /// what the ground takes
    pub infiltration: Infiltration,
    /// assumed drain capacity, mm/h (empty = none)
    pub drain_mm_h: Vec<f64>,
    /// rain
    pub rain: RainField,
    /// blocked cells (roofs) with the open cell (street) that takes their rain
    pub roofs: Vec<(usize, usize)>,
    /// boundary entries in order
    pub boundaries: Vec<Boundary>,
    /// depth at the start, m (empty = dry)
    pub initial_depth_m: Vec<f64>,
    /// velocity at the start, east and north, m/s (`None` = at rest)
    pub initial_velocity_m_s: Option<(Vec<f64>, Vec<f64>)>,
    /// pumps and outfalls
    pub sinks: Vec<Sink>,
    /// crests on faces; of two on a face the higher counts
    pub crests: Vec<Crest>,
    /// culverts, underpasses, bridge openings, weirs
    pub links: Vec<Link>,
    /// gauges
    pub gauges: Vec<GaugePoint>,
    /// sections
    pub sections: Vec<Section>,
    /// length, s
    pub duration_s: f64,
    /// CSV rows at 0, every this many s, and the end
    pub interval_s: f64,
    /// snapshots of depth, u, v at these times, s
    pub snapshots_s: Vec<f64>,
    /// depth of `arrival` and `duration`, m
    pub arrival_depth_m: f64,
    /// further depths whose first crossing is kept per cell, m (for points, roads, shelters)
    pub thresholds_m: Vec<f64>,
    /// sources of the water at the gauges
    pub attribution: Option<Attribution>,
    /// results kept only when asked for
    pub wanted: Wanted,
    /// settings
    pub solver: Solver,
}

impl FlowProblem {
    /// Side of the cells that are computed, m: several pixels of the grid under a subgrid scheme.
    pub fn cell_m(&self) -> f64 {
        match self.solver.scheme {
            Scheme::InertialSubgrid { side } => self.grid.cell_m * side as f64,
            Scheme::Inertial | Scheme::Dynamic | Scheme::FillSpill { .. } => self.grid.cell_m,
        }
    }
}

/// Kept so that a caller can build a constant series.
impl Series {
    /// The same value at all times.
    pub fn constant(value: f64) -> Self {
        Self { at: vec![0.0], value: vec![value] }
    }
}

impl From<&StepSeries> for Series {
    fn from(s: &StepSeries) -> Self {
        Self { at: s.time_s.clone(), value: s.value.clone() }
    }
}
