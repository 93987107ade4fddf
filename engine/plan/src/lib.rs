//! Response plans as data: levels, launch rules, measures, transfers, reports; and the decision they lead to. Pure.
//!
//! [`parse_plan`] reads a plan file, [`check_plan`] judges it, [`decide`] applies it to an assessed situation.

mod check;
mod condition;
mod decide;
mod decision;
mod departure;
mod evaluate;
mod file;
mod housing;
mod housing_rules;
mod input;
mod margin;
mod measures;
mod parse;
mod people;
mod reach;
mod recommend;
mod scene;
mod shelter;
mod timing;
mod transfers;
mod wording;

pub use check::check_plan;
pub use condition::{Basis, Condition, Place, SignalKind, TyphoonClass, WaterState};
pub use decide::decide;
pub use decision::{
    Closure, Decision, LevelPlan, Measure, OrderTime, Recommendation, ReportDuty, Ride, RuleTrace, TransferRow,
    TransferTotals, UnplacedPeople,
};
pub use departure::{DepartBy, LastDeparture, TimeWon};
pub use file::{Action, Before, CATEGORIES, ClosureRule, PlanFile, PlanHead, ReportRule, Rule, Selector, TransferRule};
pub use housing::unplaced_reason;
pub use housing_rules::HousingRules;
pub use input::{
    DecideInput, DemandPlace, DerivedSignal, EvacAnswer, Facts, Housed, RainQuery, Signal, StationState, TyphoonFact,
    TyphoonState,
};
pub use margin::{DepartureMargin, margin_s};
pub use parse::parse_plan;
pub use shelter::{SHELTER_DEPTH_M, SLOPE_CLEARANCE_M, shelter_at_risk, shelter_danger, slope_above};
