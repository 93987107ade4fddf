//! People on roads that close: whole people, whole steps, links with a capacity per step and a closing step.
//!
//! Objective, lexicographic: most people sheltered by the horizon, then least sum of arrival steps. [`greedy`] answers at once (capacity
//! constrained route planning, Lu, George and Shekhar 2005); [`expanded`] finds the optimum on the time-expanded network (Ford and
//! Fulkerson 1958) with the prices that prove it; [`bound`] turns any prices into a lower bound without trusting the solver.

mod answer;
mod bound;
mod expanded;
mod greedy;
mod network;
mod problem;
mod queue;
mod read;
mod replay;
mod reserve;
mod solve;
mod tables;
mod trips;

pub use answer::verify_flow_answer;
pub use bound::{FlowPrices, flow_lower_bound};
pub use problem::{FlowLink, FlowNode, FlowShelter, FlowSource, RoadProblem};
pub use read::{RoadFiles, parse_road_problem};
pub use replay::replay;
pub use solve::{
    Effort, FixedRoute, FlowPlan, FlowUnplaced, LinkEntry, ShelterArrival, schedule_routes, solve_road_problem,
};
pub use tables::{
    change_events_xml, flow_certificate_csv, flow_plan_csv, flow_routes_geojson, flow_unplaced_csv, link_load_csv,
    shelter_board_csv,
};
pub use trips::{Trip, flow_trips};

/// Reason: every road from there has closed before anybody can be through.
pub const CUT_OFF: &str = "road_closed";
/// Reason: a way is open for a while, but not for so many people, or not before the horizon.
pub const NO_TIME: &str = "road_capacity";
