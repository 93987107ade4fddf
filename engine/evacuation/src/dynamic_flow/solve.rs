//! Greedy plan, optimum within a budget, bound: the better plan goes out, whatever happened in between.

use super::bound::{FlowPrices, flow_lower_bound};
use super::expanded::{self, Found};
use super::greedy::{self, Added, Turn};
use super::network::Roads;
use super::problem::RoadProblem;
use super::replay::replay;
use super::reserve::Reservations;
use super::{CUT_OFF, NO_TIME};
use crate::UNPLACED_M;
use crate::assignment::{NO_REACHABLE_SHELTER, SHELTERS_FULL};
use dayu_base::{Finding, Text};

/// How hard to look for the optimum. A count of work, not of time: the same problem always gets the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// arcs of the time-expanded network that may be looked at; 0 = the greedy plan alone
    pub arcs: u64,
}

impl Default for Effort {
    /// Some ten seconds on one core of 2020.
    fn default() -> Self {
        Self { arcs: 2_000_000_000 }
    }
}

impl Effort {
    /// The greedy plan alone.
    pub const GREEDY: Self = Self { arcs: 0 };
}

/// People entering a link at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkEntry {
    /// index of the link
    pub link: u32,
    /// step
    pub step: u32,
    /// persons
    pub people: u64,
}

/// People taken in by a shelter at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ShelterArrival {
    /// index of the shelter
    pub shelter: u32,
    /// step
    pub step: u32,
    /// persons
    pub people: u64,
}

/// People who do not reach a shelter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FlowUnplaced {
    /// index of the source
    pub source: u32,
    /// persons
    pub people: u64,
    /// machine reason
    pub reason: &'static str,
}

/// Who enters which link when, who arrives when, who is left and why, and how far from the best this can be at most.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowPlan {
    /// by link and step
    pub entries: Vec<LinkEntry>,
    /// by shelter and step
    pub arrivals: Vec<ShelterArrival>,
    /// by source
    pub unplaced: Vec<FlowUnplaced>,
    /// all people
    pub people: u64,
    /// of them sheltered by the horizon
    pub sheltered: u64,
    /// sum of arrival steps
    pub sum_arrival_steps: u128,
    /// last arrival, step; `None` = nobody arrives
    pub last_arrival: Option<u32>,
    /// bound on [`FlowPlan::value`] over all plans, proved by `prices`
    pub lower_bound: i128,
    /// the proof
    pub prices: FlowPrices,
    /// objective value: 10⁸ × unplaced (vulnerable first: 2 × 10⁸ for each vulnerable one) + sum of arrival steps
    pub value: i128,
    /// sum of arrival steps of the greedy plan, and people it left
    pub greedy: (u128, u64),
}

impl FlowPlan {
    /// How far the plan can be from the best at most; 0 = it is the best.
    pub fn gap(&self) -> i128 {
        self.value - self.lower_bound
    }
}

/// A plan as people, not yet as an answer.
struct Draft {
    entries: Vec<LinkEntry>,
    arrivals: Vec<ShelterArrival>,
    left: Vec<u64>,
}

/// Solves a road problem: the greedy plan first, then the optimum as far as `effort` reaches.
///
/// # Errors
/// `EVA-006` when the plan does not survive its own replay.
pub fn solve_road_problem(problem: &RoadProblem, effort: Effort) -> Result<FlowPlan, Finding> {
    let roads = Roads::new(problem);
    let (greedy, mut bound) = rayon::join(|| greedy_plan(&roads), || greedy::free_bound(&roads));
    let greedy_figures = (sum(&greedy.arrivals), greedy.left.iter().sum());
    let mut best = greedy;
    let mut prices = FlowPrices::default();
    let contradiction = || {
        Finding::error(
            "EVA-006",
            Text::new(
                "疏散计算自相矛盾，结果已弃用。",
                "The evacuation contradicted itself; its result was discarded.",
            ),
            Text::new("请把本问题文件发给维护人员。", "Send this problem to the maintainers."),
        )
    };
    let mut window = match best.arrivals.iter().map(|a| a.step).max() {
        Some(last) if best.left.iter().all(|&n| n == 0) => (last + last / 4 + 10).min(problem.horizon),
        _ => problem.horizon,
    };
    let mut budget = effort.arcs;
    while budget > 0 && value_of(problem, &best) > bound && expanded::fits(&roads, window) {
        let (found, work) = expanded::solve(&roads, window, budget);
        budget = budget.saturating_sub(work);
        let proved = flow_lower_bound(problem, &found.prices).ok_or_else(contradiction)?;
        if proved > bound {
            bound = proved;
            prices = found.prices.clone();
        }
        let plan = completed(&roads, found);
        if value_of(problem, &plan) < value_of(problem, &best) {
            best = plan;
        }
        if window == problem.horizon {
            break;
        }
        window = window.saturating_mul(2).min(problem.horizon);
    }
    let plan = answer(&roads, best, bound, prices, greedy_figures);
    if plan.value < plan.lower_bound {
        return Err(contradiction());
    }
    replay(problem, &plan)?;
    Ok(plan)
}

fn sum(arrivals: &[ShelterArrival]) -> u128 {
    arrivals.iter().map(|a| u128::from(a.people) * u128::from(a.step)).sum()
}

/// Objective value of [`FlowPlan::value`]; `left` per source.
pub(super) fn value(problem: &RoadProblem, arrivals: &[ShelterArrival], left: &[u64]) -> i128 {
    let mut value = i128::try_from(sum(arrivals)).unwrap_or(i128::MAX);
    for (source, &left) in problem.sources.iter().zip(left) {
        let others = source.people - source.vulnerable;
        let vulnerable = if problem.vulnerable_first { left.saturating_sub(others) } else { 0 };
        value += i128::from(UNPLACED_M) * (i128::from(left) + i128::from(vulnerable));
    }
    value
}

fn value_of(problem: &RoadProblem, plan: &Draft) -> i128 {
    value(problem, &plan.arrivals, &plan.left)
}

fn greedy_plan(roads: &Roads<'_>) -> Draft {
    // Where somebody may be cut off, those whose roads close first are let go first as well, and the better plan is kept.
    let closes = roads.problem.links.iter().any(|l| l.close_step.is_some());
    let (first, second) = rayon::join(
        || greedy_with(roads, Turn::EarliestArrival),
        || closes.then(|| greedy_with(roads, Turn::LeastTime)),
    );
    match second {
        Some(second) if value_of(roads.problem, &second) < value_of(roads.problem, &first) => second,
        _ => first,
    }
}

fn greedy_with(roads: &Roads<'_>, turn: Turn) -> Draft {
    let mut reservations = Reservations::new(roads);
    let sources = &roads.problem.sources;
    let mut draft = Draft { entries: Vec::new(), arrivals: Vec::new(), left: vec![0; sources.len()] };
    let groups: [Vec<u64>; 2] = if roads.problem.vulnerable_first {
        [sources.iter().map(|s| s.vulnerable).collect(), sources.iter().map(|s| s.people - s.vulnerable).collect()]
    } else {
        [sources.iter().map(|s| s.people).collect(), vec![0; sources.len()]]
    };
    for people in groups {
        draft.add(greedy::send(roads, &mut reservations, &people, turn));
    }
    draft
}

impl Draft {
    fn add(&mut self, added: Added) {
        self.entries.extend(added.entries);
        self.arrivals.extend(added.arrivals);
        for (left, more) in self.left.iter_mut().zip(added.left) {
            *left += more;
        }
    }
}

/// What was found, and greedy ways for those the budget did not reach.
fn completed(roads: &Roads<'_>, found: Found) -> Draft {
    let mut draft = Draft { entries: found.entries, arrivals: found.arrivals, left: vec![0; found.left.len()] };
    let mut reservations = Reservations::new(roads);
    for entry in &draft.entries {
        reservations.enter(roads, entry.link, entry.step, entry.people);
    }
    for arrival in &draft.arrivals {
        reservations.beds[arrival.shelter as usize] -= arrival.people;
    }
    draft.add(greedy::send(roads, &mut reservations, &found.left, Turn::EarliestArrival));
    draft
}

/// People who go a way that is already decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixedRoute {
    /// index of the source
    pub source: u32,
    /// index of the shelter
    pub shelter: u32,
    /// persons
    pub people: u64,
    /// links in order from the source's node to the shelter's
    pub links: Vec<u32>,
}

/// Puts decided ways on the clock: each in turn (by time of readiness, then source) leaves as early and as many at a time as the links on
/// its way take. Who cannot get through before a link closes or the horizon ends is unplaced with [`NO_TIME`]. The bound is that of roads
/// without crowds.
///
/// # Errors
/// `EVA-055` when a route does not lead from its source to its shelter.
pub fn schedule_routes(problem: &RoadProblem, routes: &[FixedRoute]) -> Result<FlowPlan, Finding> {
    if let Some(wrong) = routes.iter().find(|route| !leads_there(problem, route)) {
        return Err(Finding::error(
            "EVA-055",
            Text::new("路线没有从起点连到安置场所。", "A route does not lead from its source to its shelter."),
            Text::new("按路段首尾相接给出路线。", "Give links that follow one another."),
        )
        .at(format!("source {}", wrong.source)));
    }
    let roads = Roads::new(problem);
    let mut reservations = Reservations::new(&roads);
    let mut draft =
        Draft { entries: Vec::new(), arrivals: Vec::new(), left: problem.sources.iter().map(|s| s.people).collect() };
    let mut order: Vec<&FixedRoute> = routes.iter().collect();
    order.sort_by_key(|r| problem.sources.get(r.source as usize).map(|s| (s.ready_step, r.source)));
    for route in order {
        let ready = problem.sources.get(route.source as usize).map_or(0, |s| s.ready_step);
        let mut people = route.people.min(draft.left.get(route.source as usize).copied().unwrap_or(0));
        while people > 0 {
            let mut batch = people.min(reservations.beds.get(route.shelter as usize).copied().unwrap_or(0));
            let mut step = ready;
            let mut legs = Vec::with_capacity(route.links.len());
            for &link in &route.links {
                let Some(entry) = reservations.first_entry(&roads, link, step) else {
                    batch = 0;
                    break;
                };
                batch = batch.min(reservations.room(&roads, link, entry));
                legs.push((link, entry));
                step = entry + problem.links[link as usize].steps;
            }
            if batch == 0 || step > problem.horizon {
                break;
            }
            for (link, step) in legs {
                reservations.enter(&roads, link, step, batch);
                draft.entries.push(LinkEntry { link, step, people: batch });
            }
            reservations.beds[route.shelter as usize] -= batch;
            draft.arrivals.push(ShelterArrival { shelter: route.shelter, step, people: batch });
            draft.left[route.source as usize] -= batch;
            people -= batch;
        }
    }
    let figures = (sum(&draft.arrivals), draft.left.iter().sum());
    let plan = answer(&roads, draft, greedy::free_bound(&roads), FlowPrices::default(), figures);
    replay(problem, &plan)?;
    Ok(plan)
}

fn leads_there(problem: &RoadProblem, route: &FixedRoute) -> bool {
    let ends = (problem.sources.get(route.source as usize), problem.shelters.get(route.shelter as usize));
    let (Some(source), Some(shelter)) = ends else { return false };
    let mut at = source.node;
    for link in &route.links {
        match problem.links.get(*link as usize) {
            Some(row) if row.from == at => at = row.to,
            _ => return false,
        }
    }
    at == shelter.node
}

fn answer(roads: &Roads<'_>, draft: Draft, bound: i128, prices: FlowPrices, greedy: (u128, u64)) -> FlowPlan {
    let problem = roads.problem;
    let value = value_of(problem, &draft);
    let mut entries = draft.entries;
    entries.sort_unstable();
    entries.dedup_by(|b, a| {
        let same = (a.link, a.step) == (b.link, b.step);
        a.people += if same { b.people } else { 0 };
        same
    });
    let mut arrivals = draft.arrivals;
    arrivals.sort_unstable();
    arrivals.dedup_by(|b, a| {
        let same = (a.shelter, a.step) == (b.shelter, b.step);
        a.people += if same { b.people } else { 0 };
        same
    });
    let reasons = reasons(roads, &arrivals);
    let unplaced: Vec<FlowUnplaced> = (0..)
        .zip(&draft.left)
        .filter(|(_, left)| **left > 0)
        .map(|(source, &people)| FlowUnplaced { source, people, reason: reasons[source as usize] })
        .collect();
    let people = problem.people();
    FlowPlan {
        sheltered: people - draft.left.iter().sum::<u64>(),
        sum_arrival_steps: sum(&arrivals),
        last_arrival: arrivals.iter().map(|a| a.step).max(),
        entries,
        arrivals,
        unplaced,
        people,
        lower_bound: bound,
        prices,
        value,
        greedy,
    }
}

/// Per source why somebody would be left there.
pub(super) fn reasons(roads: &Roads<'_>, arrivals: &[ShelterArrival]) -> Vec<&'static str> {
    let problem = roads.problem;
    // With every link open at all times: is there a way at all?
    let mut linked = vec![false; problem.nodes.len()];
    let mut into: Vec<Vec<u32>> = vec![Vec::new(); problem.nodes.len()];
    for link in problem.links.iter().filter(|l| l.people_per_step > 0) {
        into[link.to as usize].push(link.from);
    }
    let mut stack: Vec<u32> = problem.shelters.iter().filter(|s| s.capacity > 0).map(|s| s.node).collect();
    while let Some(node) = stack.pop() {
        if !std::mem::replace(&mut linked[node as usize], true) {
            stack.extend(&into[node as usize]);
        }
    }
    let taken: u128 = arrivals.iter().map(|a| u128::from(a.people)).sum();
    let full = taken == problem.shelters.iter().map(|s| u128::from(s.capacity)).sum();
    let last = roads.last_departure();
    let reason = |source: &super::FlowSource| {
        if !linked[source.node as usize] {
            NO_REACHABLE_SHELTER
        } else if last[source.node as usize].is_none_or(|last| source.ready_step > last) {
            CUT_OFF
        } else if full {
            SHELTERS_FULL
        } else {
            NO_TIME
        }
    };
    problem.sources.iter().map(reason).collect()
}
