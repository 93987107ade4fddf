//! What is asked and what is answered, without any road or file.

use crate::Trips;
use crate::knapsacks::{groups, relaxed};

/// Which optimum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// fewest unplaced, then least person-metres
    Sum,
    /// fewest unplaced, then shortest longest trip, then least person-metres
    Longest,
}

impl Policy {
    /// Its name in headers, flags and summaries.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sum => "sum",
            Self::Longest => "longest",
        }
    }
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
    /// Points of one party (a family, a village) go to one shelter where points are not split; `None` = a party of its own.
    pub party: Option<String>,
    /// the place goes to one shelter as a whole, even where others may be split
    pub whole: bool,
    /// the people need care: of a shelter with care places they take those
    pub care: bool,
}

/// A shelter that may take people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelterSite {
    /// unique key
    pub id: String,
    /// free beds
    pub capacity: u64,
    /// the shelter whose care places these are; `None` = a shelter itself
    pub care_of: Option<String>,
}

/// Demand, shelters, allowed trips and the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignmentProblem {
    /// demand points
    pub demand: Vec<Demand>,
    /// shelters
    pub shelters: Vec<ShelterSite>,
    /// allowed trips between their indices
    pub trips: Trips,
    /// objective
    pub policy: Policy,
    /// before anything else, fewest vulnerable people unplaced
    pub vulnerable_first: bool,
    /// a demand point may be split between shelters
    pub split: bool,
}

impl AssignmentProblem {
    /// Whether every place may be split: then the optimum is exact and its bound equals its value.
    pub fn all_split(&self) -> bool {
        self.split && !self.demand.iter().any(|demand| demand.whole && demand.people > 0)
    }

    /// The same problem where every place may be split.
    #[must_use]
    pub fn with_splitting(&self) -> Self {
        let demand = self.demand.iter().map(|demand| Demand { whole: false, ..demand.clone() }).collect();
        Self { demand, split: true, ..self.clone() }
    }
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

/// Duals: u ≤ penalty, w ≥ 0, u − w ≤ cost on every allowed arc. By weak duality Σ people·u − Σ capacity·w is a lower bound of
/// penalty × unplaced + person-metres for every plan, split or not.
///
/// With `vulnerable` the people of a point fall into two sorts with a dual each, and an unplaced vulnerable person weighs twice
/// the penalty. With `most_m` the duals hold for plans without a longer trip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Weight of one unplaced person in this proof, m. It is [`UNPLACED_M`] unless trips are so long that this weight would not
    /// put the fewest unplaced first; then it is larger.
    pub penalty_m: i64,
    /// per demand; of those not vulnerable where `vulnerable` is there
    pub u: Vec<i64>,
    /// per demand, of the vulnerable, when they come first
    pub vulnerable: Option<Vec<i64>>,
    /// per shelter
    pub w: Vec<i64>,
    /// longest trip that the policy "longest" leaves, m
    pub most_m: Option<u32>,
    /// Where no place is split: what the knapsacks of the shelters are made of, person-metres per demand, those of a party at its first
    /// point. They prove a bound of their own, for every plan without splitting.
    pub whole: Option<Vec<i64>>,
    /// Where the longest trip counts and places may be split: why no shorter one would do.
    pub cuts: Option<Cuts>,
}

/// Demand points that lack beds within reach: of them no more can be placed than the shelters hold to which any of them may go. Each entry
/// marks the points of one such cut (Ford and Fulkerson 1956).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// without a limit of the trips; nobody more can be placed
    pub all: Vec<bool>,
    /// the same of the vulnerable, where they come first
    pub all_vulnerable: Vec<bool>,
    /// with trips shorter than the longest of the plan; fewer can be placed
    pub shorter: Vec<bool>,
    /// `shorter` counts the vulnerable only
    pub of_vulnerable: bool,
}

impl Certificate {
    /// Lower bound of 10⁸ × unplaced + person-metres by all that the certificate holds: [`Self::bound`], or the knapsacks where they prove
    /// more. `None` only when the certificate does not fit the problem.
    pub fn proven(&self, problem: &AssignmentProblem, unplaced: u64, unplaced_vulnerable: u64) -> Option<i128> {
        let bound = self.bound(problem, unplaced, unplaced_vulnerable)?;
        let Some(whole) = &self.whole else { return Some(bound) };
        if problem.split || whole.len() != problem.demand.len() {
            return None;
        }
        let groups = groups(problem);
        let v: Vec<i64> = (groups.iter())
            .map(|group| group.members.iter().map(|member| whole[*member as usize]).fold(0, i64::saturating_add))
            .collect();
        Some(bound.max(relaxed(problem, &groups, &v, self.most_m.unwrap_or(u32::MAX)).bound))
    }

    /// Lower bound of 10⁸ × unplaced + person-metres over the plans that leave as many people, and as many vulnerable people, unplaced.
    /// `None` only when the certificate does not fit the problem.
    pub fn bound(&self, problem: &AssignmentProblem, unplaced: u64, unplaced_vulnerable: u64) -> Option<i128> {
        let sorts = self.vulnerable.as_ref().unwrap_or(&self.u);
        if [self.u.len(), sorts.len()] != [problem.demand.len(); 2] || self.w.len() != problem.shelters.len() {
            return None;
        }
        let mut bound = 0_i128;
        for (demand, (&u, &of_vulnerable)) in problem.demand.iter().zip(self.u.iter().zip(sorts)) {
            let vulnerable = demand.vulnerable.min(demand.people);
            bound += i128::from(demand.people - vulnerable) * i128::from(u);
            bound += i128::from(vulnerable) * i128::from(of_vulnerable);
        }
        for (shelter, &w) in problem.shelters.iter().zip(&self.w) {
            bound -= i128::from(shelter.capacity) * i128::from(w);
        }
        let twice = if self.vulnerable.is_some() { unplaced_vulnerable } else { 0 };
        bound -= i128::from(twice) * i128::from(self.penalty_m);
        Some(bound - i128::from(unplaced) * i128::from(self.penalty_m - UNPLACED_M))
    }
}

/// A plan with its proof: the exact optimum where points may be split.
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
    /// vulnerable people among the unplaced: as few as the unplaced of each point allow
    pub unplaced_vulnerable: u64,
    /// of 10⁸ × unplaced + person_metres, from the certificate
    pub lower_bound: i128,
    /// proof
    pub certificate: Certificate,
}

impl AssignmentOutcome {
    /// 10⁸ × unplaced + person-metres: the value whose least possible figure is `lower_bound`.
    pub fn value(&self) -> i128 {
        (i128::from(self.people) - i128::from(self.placed)) * i128::from(UNPLACED_M) + self.person_metres.cast_signed()
    }

    /// People without a bed.
    pub fn left(&self) -> u64 {
        self.people - self.placed
    }

    /// Value less lower bound; 0 means proven optimal.
    pub fn gap(&self) -> i128 {
        self.value() - self.lower_bound
    }
}
