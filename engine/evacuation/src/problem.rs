/// Which optimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// fewest unplaced, then least person-metres
    Sum,
}

/// People at one place who need a bed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// unique key
    pub id: String,
    /// persons
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
}

/// A shelter that may take people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelterSite {
    /// unique key
    pub id: String,
    /// free beds
    pub capacity: u64,
}

/// Demand, shelters and allowed arcs `(demand index, shelter index, metres)`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentProblem {
    /// demand points
    pub demand: Vec<Demand>,
    /// shelters
    pub shelters: Vec<ShelterSite>,
    /// allowed arcs with integer cost (metres); at most one per pair
    pub arcs: Vec<(u32, u32, u64)>,
    /// objective
    pub policy: Policy,
}

/// People sent from one demand point to one shelter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// index into `demand`
    pub demand: u32,
    /// index into `shelters`
    pub shelter: u32,
    /// persons
    pub people: u64,
    /// metres per person
    pub cost: u64,
}

/// People who could not be placed, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplaced {
    /// index into `demand`
    pub demand: u32,
    /// persons
    pub people: u64,
    /// machine reason: `no_reachable_shelter` | `shelters_full` | …
    pub reason: String,
}

/// Duals of the optimum (format and meaning of shared/benchmarks/evac: u ≤ 10⁸, w ≥ 0, u − w ≤ cost).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// per demand
    pub u: Vec<i64>,
    /// per shelter
    pub w: Vec<i64>,
}

/// The exact optimum with its proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentOutcome {
    /// sorted by demand, shelter
    pub moves: Vec<Move>,
    /// sorted by demand
    pub unplaced: Vec<Unplaced>,
    /// Σ people
    pub people: u64,
    /// Σ placed
    pub placed: u64,
    /// Σ people × metres
    pub person_metres: u128,
    /// longest trip used, m
    pub longest_m: u64,
    /// of 10⁸ × unplaced + person_metres, from the certificate
    pub lower_bound: i128,
    /// proof
    pub certificate: Certificate,
}
