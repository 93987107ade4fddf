//! What is asked and what is answered, without any road or file.

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

/// Metres that one unplaced person weighs in the proven value: 10⁸ × unplaced + person-metres.
pub const UNPLACED_M: i64 = 100_000_000;

/// Duals of the optimum: u ≤ penalty, w ≥ 0, u − w ≤ cost on every arc. By weak duality Σ people·u − Σ capacity·w is a lower
/// bound of penalty × unplaced + person-metres for every plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Weight of one unplaced person in this proof, m. It is [`UNPLACED_M`] unless trips are so long that this weight would not
    /// put the fewest unplaced first; then it is larger.
    pub penalty_m: i64,
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
    /// of 10⁸ × unplaced + person_metres, from the certificate (over the plans with the fewest unplaced)
    pub lower_bound: i128,
    /// proof
    pub certificate: Certificate,
}

impl AssignmentOutcome {
    /// 10⁸ × unplaced + person-metres: the value whose least possible figure is `lower_bound`.
    pub fn value(&self) -> i128 {
        (i128::from(self.people) - i128::from(self.placed)) * i128::from(UNPLACED_M) + self.person_metres.cast_signed()
    }

    /// Value less lower bound; 0 means proven optimal.
    pub fn gap(&self) -> i128 {
        self.value() - self.lower_bound
    }
}
