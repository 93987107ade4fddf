//! The whole answer for a district: people on a road network with closed links, shelters of which some cannot be used.

use crate::access::{Accesses, cut_off_reasons};
use crate::asked::{Arc, Keep, Kept, instance, together_if_possible};
use crate::assignment::NO_REACHABLE_SHELTER;
use crate::order::sorted_by_id;
use crate::road::{RoadGraph, check_metres};
use crate::walk::Walk;
use crate::{AssignmentOutcome, AssignmentProblem, EvacInstance, NO_SUITABLE_SHELTER, Policies};
use dayu_base::{Finding, Text};
use rayon::prelude::*;

/// People at one place who must be housed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DemandPlace {
    /// unique key
    pub id: String,
    /// easting, m
    pub x: f64,
    /// northing, m
    pub y: f64,
    /// persons, those who go to relatives included
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// of the people, those who go to relatives and take no bed
    pub relatives: u64,
    /// what a shelter must offer to them, see [`crate::words`]
    pub needs: String,
    /// they go to one shelter together
    pub whole: bool,
}

/// A shelter and whether it may take people now.
#[derive(Clone, Debug, PartialEq)]
pub struct ShelterPlace {
    /// unique key
    pub id: String,
    /// easting, m
    pub x: f64,
    /// northing, m
    pub y: f64,
    /// free beds
    pub capacity: u64,
    /// why it gets no one (closed, under water, unsafe …), or `Ok`
    pub usable: Result<(), String>,
    /// what it offers, see [`crate::words`]
    pub offers: String,
    /// of its beds, those kept for people who need care; `None` = not told apart
    pub care_places: Option<u64>,
    /// share of its beds kept free; `None` = that of the policies
    pub reserve_share: Option<f64>,
    /// chance that a hazard reaches it; `None` = not known
    pub hazard_probability: Option<f64>,
}

impl ShelterPlace {
    /// A shelter of which only place and beds are known.
    pub fn new(id: impl Into<String>, (x, y): (f64, f64), capacity: u64) -> Self {
        let (offers, usable) = (String::new(), Ok(()));
        let (care_places, reserve_share, hazard_probability) = (None, None, None);
        Self { id: id.into(), x, y, capacity, usable, offers, care_places, reserve_share, hazard_probability }
    }
}

/// Bounds of the walk, and the rules.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanOptions {
    /// longest whole walk, from door to door, m
    pub max_walk_m: f64,
    /// farthest way from a door to the road, m
    pub max_snap_m: f64,
    /// only the k nearest usable shelters of each place; 0 = all within the walk
    pub k: u32,
    /// a place may be split between shelters
    pub split: bool,
    /// before anything else, fewest vulnerable people unplaced
    pub vulnerable_first: bool,
    /// shelters left out by their chance of a hazard, beds kept free
    pub policies: Policies,
    /// name of the problem, in its files and in findings
    pub name: &'static str,
}

/// How a place meets the road.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct DemandAccess {
    /// straight way to the link used, m; `None` = no passable link in reach
    pub access_m: Option<f64>,
    /// a nearer link is closed: people pass it to reach the one used
    pub past_closed_link: bool,
}

/// What a shelter gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShelterLoad {
    /// beds that could be used: its capacity, or 0
    pub capacity: u64,
    /// persons sent there
    pub assigned: u64,
    /// why it could not be used
    pub reason: Option<String>,
}

/// The way of one move.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// index of the demand place
    pub demand: u32,
    /// index of the shelter
    pub shelter: u32,
    /// persons
    pub people: u64,
    /// whole walk, m
    pub metres: u64,
    /// from door to door, m
    pub line: Vec<(f64, f64)>,
}

/// Who goes where on which way, who stays without a bed and why, with the proof that no plan is better.
#[derive(Clone, Debug, PartialEq)]
pub struct EvacuationPlan {
    /// the question with all its policies; its files are those that an answer carries
    pub instance: EvacInstance,
    /// the assignment that was solved, for tables and checks; care places are sites of their own
    pub problem: AssignmentProblem,
    /// shelter of each site of the problem
    pub shelter_of: Vec<u32>,
    /// its optimum; reasons: `no_reachable_shelter`, `shelters_full`, `too_far_from_road`, `road_closed`, `beyond_max_walk`,
    /// `no_suitable_shelter`, `no_room_for_all_together`
    pub outcome: AssignmentOutcome,
    /// per demand place
    pub demand: Vec<DemandAccess>,
    /// per shelter
    pub shelters: Vec<ShelterLoad>,
    /// one per move, in the order of `outcome.moves`
    pub routes: Vec<Route>,
    /// where an earlier plan was kept as far as could be: how far
    pub kept: Option<Kept>,
    /// what people must know of this plan
    pub findings: Vec<Finding>,
}

/// Sends people over passable links to usable shelters: fewest without a bed, then fewest person-metres. `passable` has one entry per link of
/// the graph. Nobody is sent over a closed link, to an unusable shelter, beyond `max_walk_m` or over capacity.
///
/// # Errors
/// `EVA-001` an id twice, `EVA-031` a mask of another length, `EVA-037` an option out of range, and those of [`solve_assignment`].
pub fn plan_evacuation(
    graph: &RoadGraph,
    passable: &[bool],
    demands: &[DemandPlace],
    shelters: &[ShelterPlace],
    options: PlanOptions,
    keep: Option<&Keep>,
) -> Result<EvacuationPlan, Finding> {
    check_metres("max_walk_m", options.max_walk_m, 0.0)?;
    check_metres("max_snap_m", options.max_snap_m, 0.0)?;
    if passable.len() != graph.edges().len() {
        return Err(Finding::error(
            "EVA-031",
            Text::new(
                format!("通行状态有 {} 项，路网有 {} 段。", passable.len(), graph.edges().len()),
                format!(
                    "The passability mask has {} entries, the network {} links.",
                    passable.len(),
                    graph.edges().len()
                ),
            ),
            Text::new("用同一路网生成通行状态。", "Make the mask from the same network."),
        ));
    }
    sorted_by_id("demand", demands.iter().map(|d| d.id.as_str()))?;
    let shelter_order = sorted_by_id("shelters", shelters.iter().map(|s| s.id.as_str()))?;
    let mut findings = Vec::new();
    let access = Accesses::find(graph, passable, demands, shelters, options.max_snap_m, &mut findings);
    let (arcs, pruned) = reachable(graph, passable, &access, &shelter_order, options);
    let mut reached = vec![false; demands.len()];
    arcs.iter().for_each(|arc| reached[arc.0 as usize] = true);
    let mut instance = instance(demands, shelters, &access, arcs, options);
    let sites = instance.sites();
    let (problem, mut outcome, kept) = together_if_possible(&mut instance, keep, &mut findings)?;
    let reasons = cut_off_reasons(graph, passable, &access);
    for rest in outcome.unplaced.iter_mut().filter(|rest| rest.reason == NO_REACHABLE_SHELTER) {
        // Within reach of a shelter, but none offers what they need.
        let unsuited = reached[rest.demand as usize] && !demands[rest.demand as usize].needs.is_empty();
        rest.reason = if unsuited { NO_SUITABLE_SHELTER } else { reasons[rest.demand as usize] }.to_owned();
    }
    let mut loads = vec![ShelterLoad { capacity: 0, assigned: 0, reason: None }; shelters.len()];
    for site in &sites {
        loads[site.row].capacity += site.beds;
        loads[site.row].reason.clone_from(&site.reason);
    }
    for step in &outcome.moves {
        loads[sites[step.shelter as usize].row].assigned += step.people;
    }
    let shelter_of: Vec<u32> = sites.iter().map(|site| site.row as u32).collect();
    findings.extend(beds_beyond_k(&outcome, &loads, &pruned, options.k));
    findings.extend(instance.policy_findings()?);
    let routes = routes(graph, passable, demands, shelters, &access, &outcome, &shelter_of, most_mm(options));
    Ok(EvacuationPlan {
        instance,
        problem,
        shelter_of,
        outcome,
        demand: access.reports,
        shelters: loads,
        routes,
        kept,
        findings,
    })
}

fn most_mm(options: PlanOptions) -> u32 {
    (options.max_walk_m * 1000.0).round() as u32
}

/// Arcs within the walk, and the (demand, shelter) pairs within the walk that `k` left out.
fn reachable(
    graph: &RoadGraph,
    passable: &[bool],
    access: &Accesses,
    shelter_order: &[u32],
    options: PlanOptions,
) -> (Vec<Arc>, Vec<(u32, u32)>) {
    let most_mm = most_mm(options);
    // In the order of ids, so that ties at the k-th shelter do not depend on the order of rows.
    let from_shelter: Vec<Vec<(u32, u32, u32)>> = shelter_order
        .par_iter()
        .map_init(
            || Walk::new(graph, passable),
            |walk, &shelter| {
                let Some(from) = &access.shelters[shelter as usize].0 else {
                    return Vec::new();
                };
                walk.run(from, most_mm);
                (0..)
                    .zip(&access.demand)
                    .filter_map(|(demand, to)| Some((demand, walk.way(from, to.as_ref()?)?.0)))
                    .filter(|(_, way_mm)| *way_mm <= most_mm)
                    .map(|(demand, way_mm)| (demand, way_mm, shelter))
                    .collect()
            },
        )
        .collect();
    let mut ways: Vec<(u32, u32, u32)> = from_shelter.into_iter().flatten().collect();
    // Stable: equal ways stay in the order of shelter ids.
    ways.sort_by_key(|&(demand, way_mm, _)| (demand, way_mm));
    let (mut arcs, mut pruned) = (Vec::with_capacity(ways.len()), Vec::new());
    for of_demand in ways.chunk_by(|a, b| a.0 == b.0) {
        for (place, &(demand, way_mm, shelter)) in (0..).zip(of_demand) {
            if options.k == 0 || place < options.k {
                arcs.push((demand, shelter, (u64::from(way_mm) + 500) / 1000));
            } else {
                pruned.push((demand, shelter));
            }
        }
    }
    (arcs, pruned)
}

/// A warning when people stay without a bed though a shelter within their walk, but not among their k nearest, has free beds.
fn beds_beyond_k(outcome: &AssignmentOutcome, loads: &[ShelterLoad], pruned: &[(u32, u32)], k: u32) -> Option<Finding> {
    let left = |demand: u32| {
        let place = outcome.unplaced.binary_search_by_key(&demand, |u| u.demand).ok()?;
        Some(outcome.unplaced[place].people)
    };
    let free = |shelter: u32| loads[shelter as usize].assigned < loads[shelter as usize].capacity;
    let mut touched: Vec<u32> = pruned
        .iter()
        .filter(|(demand, shelter)| left(*demand).is_some() && free(*shelter))
        .map(|pair| pair.0)
        .collect();
    touched.dedup();
    let people: u64 = touched.iter().filter_map(|&demand| left(demand)).sum();
    (people > 0).then(|| {
        Finding::warning(
            "EVA-035",
            Text::new(
                format!("{people} 人未安置，但在最近 {k} 个场所之外、步行范围之内仍有空床位。"),
                format!("{people} people have no bed although shelters within their walk, beyond the {k} nearest, have free beds."),
            ),
            Text::new("加大 k，或设 k = 0（不限）。", "Raise k, or set k = 0 (all)."),
        )
        .field("k")
    })
}

/// The ways of all moves: one search per shelter that gets people.
#[allow(clippy::too_many_arguments)]
fn routes(
    graph: &RoadGraph,
    passable: &[bool],
    demands: &[DemandPlace],
    shelters: &[ShelterPlace],
    access: &Accesses,
    outcome: &AssignmentOutcome,
    shelter_of: &[u32],
    most_mm: u32,
) -> Vec<Route> {
    let mut by_shelter: Vec<(u32, usize)> =
        outcome.moves.iter().enumerate().map(|(at, step)| (shelter_of[step.shelter as usize], at)).collect();
    by_shelter.sort_unstable();
    let groups: Vec<&[(u32, usize)]> = by_shelter.chunk_by(|a, b| a.0 == b.0).collect();
    let mut routes: Vec<(usize, Route)> = groups
        .par_iter()
        .map_init(
            || Walk::new(graph, passable),
            |walk, group| {
                let mut routes = Vec::with_capacity(group.len());
                let shelter = group[0].0 as usize;
                let Some(from) = &access.shelters[shelter].0 else {
                    return routes;
                };
                walk.run(from, most_mm);
                for &(_, at) in *group {
                    let step = &outcome.moves[at];
                    let demand = &demands[step.demand as usize];
                    let Some(to) = &access.demand[step.demand as usize] else { continue };
                    let Some((_, by)) = walk.way(from, to) else { continue };
                    let mut line = vec![(demand.x, demand.y)];
                    line.extend(walk.line(from, to, by));
                    line.push((shelters[shelter].x, shelters[shelter].y));
                    line.dedup();
                    routes.push((
                        at,
                        Route {
                            demand: step.demand,
                            shelter: shelter as u32,
                            people: step.people,
                            metres: step.cost,
                            line,
                        },
                    ));
                }
                routes
            },
        )
        .flatten_iter()
        .collect();
    routes.sort_by_key(|(at, _)| *at);
    routes.into_iter().map(|(_, route)| route).collect()
}
