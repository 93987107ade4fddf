//! Who goes to which shelter by which road. Pure: road graph, walking distances, exact min-cost flow. 

mod problem;

pub use problem::{AssignmentOutcome, AssignmentProblem, Certificate, Demand, Move, Policy, ShelterSite, Unplaced};
