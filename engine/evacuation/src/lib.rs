//! Who goes to which shelter by which road. Pure: road graph, walking distances, exact min-cost flow.
//!
//! Two entries: [`plan_evacuation`] for a district (roads, closed links, shelters), [`solve_assignment`] for a bare assignment problem
//! (`dayu evacuate`). Both answers carry a proof that [`verify_certificate`] checks without the solver.

mod access;
mod answer;
mod asked;
mod assignment;
mod bottleneck;
mod certificate;
mod changes;
mod columns;
mod departure;
mod dynamic_flow;
mod formula;
mod header;
mod houses;
mod instance;
mod knapsacks;
mod measured;
mod members;
mod mixing;
mod multipliers;
mod noding;
mod order;
mod orders;
mod pairs;
mod plan;
mod planar;
mod policies;
mod priced;
mod problem;
mod question;
mod replan;
mod road;
mod robust;
mod rows;
mod sheet;
mod simplex;
mod snap;
mod suitability;
mod together;
mod tours;
mod tree;
mod trips;
mod walk;
mod warm;
mod whole;

pub use access::{BEYOND_MAX_WALK, NO_CAPACITY, ROAD_CLOSED, TOO_FAR_FROM_ROAD};
pub use answer::{certificate_csv, plan_csv, read_answer, read_certificate, read_moves, unplaced_csv};
pub use asked::{Keep, Kept};
pub use assignment::{NO_REACHABLE_SHELTER, NO_ROOM_FOR_ALL, SHELTERS_FULL, solve_assignment, solve_assignment_from};
pub use certificate::{verify_certificate, verify_duals, verify_plan};
pub use changes::{Change, change_reason, changes, changes_csv};
pub use departure::{
    Arrivals, Cause, Closing, DepthFactor, Latest, LatestDepartures, LinkWater, MemberTimes, Mode, Outward, Pace,
    Place, Preparation, TimedLink, Weather, closing_for, forward_arrival, over_members, wind_closing,
};
pub use dynamic_flow::{
    CUT_OFF, Effort, FixedRoute, FlowLink, FlowNode, FlowPlan, FlowPrices, FlowShelter, FlowSource, FlowUnplaced,
    LinkEntry, NO_TIME, RoadFiles, RoadProblem, ShelterArrival, Trip, change_events_xml, flow_certificate_csv,
    flow_lower_bound, flow_plan_csv, flow_routes_geojson, flow_trips, flow_unplaced_csv, link_load_csv,
    parse_road_problem, replay, schedule_routes, shelter_board_csv, solve_road_problem, verify_flow_answer,
};
pub use formula::{GridPlace, trip_m};
pub use header::{EvacHeader, EvacRules, Policies, Stated, TripFormula};
pub use houses::care_csv;
pub use instance::{EvacInstance, parse_instance};
pub use members::Members;
pub use noding::RoadLine;
pub use order::id_order;
pub use orders::{Order, after_done, orders_csv, read_orders, standing_orders};
pub use plan::{
    DemandAccess, DemandPlace, EvacuationPlan, PlanOptions, Route, ShelterLoad, ShelterPlace, plan_evacuation,
};
pub use policies::{CARE, HAZARD_TOO_LIKELY, HAZARD_UNKNOWN, NO_SUITABLE_SHELTER, Site};
pub use priced::{Priced, priced};
pub use problem::{
    AssignmentOutcome, AssignmentProblem, Certificate, Cuts, Demand, Move, Policy, ShelterSite, UNPLACED_M, Unplaced,
};
pub use question::ProblemFiles;
pub use replan::{Replan, WITHIN_DEFAULT, least_change, least_change_from, limit_of};
pub use road::{RoadEdge, RoadGraph, RoadOptions};
pub use robust::{
    Compared, Judged, Layered, Robust, compare, judge, layered, members_csv, robust_plan, robust_plan_csv,
    verify_robust,
};
pub use rows::{BAD_CAPACITY, BAD_COORDINATES, DemandRow, ShelterRow};
pub use snap::Access;
pub use suitability::{Suitability, words};
pub use tours::{Carrier, Ride, Tour, TourPlan, TourShelter, TourStop, plan_tours};
pub use trips::Trips;
pub use warm::Start;
