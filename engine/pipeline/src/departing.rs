//! Latest safe departures of the people of a level, and what would win time.

use crate::carriers::Means;
use crate::member_ways::MemberWays;
use crate::walking::{MAX_SNAP_M, Walking};
use dayu_evacuation::{Access, Cause, EvacuationPlan, Latest, LatestDepartures, MemberTimes, Place, over_members};
use dayu_plan::{DemandPlace, DepartBy, LastDeparture, TimeWon};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// Roads whose guarding is tried: those that decide over most people.
const GUARDED: usize = 4;
/// A gain below this is none, s.
const LEAST_GAIN_S: f64 = 300.0;

/// Searches that hold for every level of a run.
pub(crate) struct Departing<'a> {
    walking: &'a Walking,
    /// usable shelters, then those that could be opened
    seeds: Vec<(Place, Option<f64>)>,
    /// shelter of each seed
    shelter: Vec<usize>,
    usable: usize,
    any: LatestDepartures<'a>,
    opened: Option<LatestDepartures<'a>>,
    bus: LatestDepartures<'a>,
    boat: LatestDepartures<'a>,
    members: &'a [MemberWays],
    /// times over the members by object, as far as they were asked
    over_members: Mutex<BTreeMap<String, Option<MemberTimes>>>,
}

pub(crate) fn place_of(access: &Access) -> Place {
    Place { edge: access.edge, along_m: f64::from(access.along_mm) / 1000.0, off_m: f64::from(access.off_mm) / 1000.0 }
}

fn depart_by(latest: Latest) -> DepartBy {
    match latest {
        Latest::Never => DepartBy::Never,
        Latest::Always => DepartBy::Always,
        // Before the start there is nothing to leave for: the way is gone.
        Latest::Until { at_s, .. } if at_s < 0.0 => DepartBy::Never,
        Latest::Until { at_s, .. } => DepartBy::At(at_s),
    }
}

impl<'a> Departing<'a> {
    pub fn new(walking: &'a Walking, members: &'a [MemberWays]) -> Self {
        let open_at_start = |edge: usize| walking.roads.closing[edge].as_ref().is_none_or(|c| c.at_s > 0.0);
        let mut seeds = Vec::new();
        let mut shelter = Vec::new();
        let mut usable = 0;
        // Those that could be opened come after those in use.
        for openable in [false, true] {
            for (index, site) in walking.shelters.iter().enumerate() {
                let takes = match &site.usable {
                    Ok(()) => !openable && site.capacity > 0,
                    Err(reason) => openable && ["closed", "capacity_unknown"].contains(&reason.as_str()),
                };
                if !takes {
                    continue;
                }
                if let Some(access) = walking.graph.snap((site.x, site.y), MAX_SNAP_M, open_at_start) {
                    seeds.push((place_of(&access), None));
                    shelter.push(index);
                }
            }
            if !openable {
                usable = seeds.len();
            }
        }
        let nodes = walking.graph.node_count();
        let roads = &walking.roads;
        let to = |links, speed_m_s| LatestDepartures::to(links, nodes, speed_m_s, &seeds[..usable]);
        let (any, (bus, boat)) = rayon::join(
            || to(&roads.walk, roads.walk_m_s),
            || rayon::join(|| to(&roads.bus, roads.bus_m_s), || to(&roads.boat, roads.boat_m_s)),
        );
        let opened = (seeds.len() > usable).then(|| LatestDepartures::to(&roads.walk, nodes, roads.walk_m_s, &seeds));
        let over_members = Mutex::default();
        Self { walking, seeds, shelter, usable, any, opened, bus, boat, members, over_members }
    }

    /// One per place: until when its people can leave. `limited`: the plan uses links that close.
    pub fn of(&self, places: &[DemandPlace], plan: &EvacuationPlan, limited: bool) -> Vec<LastDeparture> {
        let doors: Vec<Vec<Place>> = places.par_iter().map(|p| self.doors(p)).collect();
        let any: Vec<Latest> = doors.iter().map(|d| best(d, &self.any)).collect();
        let assigned = self.assigned(&doors, plan, limited);
        let guarded = self.guarded(places, &any);
        let over = self.over_members(places, &doors);
        (0..places.len())
            .map(|k| {
                let now = any[k].seconds();
                let road = decided_by(any[k]).map(|edge| self.walking.road_id(edge as usize).to_owned());
                let mut won = Vec::new();
                if any[k] != Latest::Always {
                    won.extend(self.by_opening(&doors[k], now));
                    if let Some(search) = road.as_ref().and_then(|road| guarded.get(road)) {
                        let until = best(&doors[k], search);
                        if until.seconds() > now + LEAST_GAIN_S {
                            won.push(TimeWon { means: "road".into(), id: road.clone(), until: depart_by(until) });
                        }
                    }
                    // Where no register tells of any carrier, it is not known that there is none.
                    let registered =
                        |means| self.walking.teams.is_empty() || self.walking.teams.iter().any(|t| t.means == means);
                    let by_bus = best(&doors[k], &self.bus);
                    if registered(Means::Bus) && by_bus.seconds() > now + LEAST_GAIN_S {
                        won.push(TimeWon { means: "bus".into(), id: None, until: depart_by(by_bus) });
                    }
                    // A boat is asked for where a bus would not do as well.
                    let by_boat = best(&doors[k], &self.boat);
                    if registered(Means::Boat) && by_boat.seconds() > now.max(by_bus.seconds()) + LEAST_GAIN_S {
                        won.push(TimeWon { means: "boat".into(), id: None, until: depart_by(by_boat) });
                    }
                    won.retain(|w| w.until != DepartBy::Never);
                    won.sort_by(|a, b| b.until.seconds().total_cmp(&a.until.seconds()));
                }
                LastDeparture {
                    assigned: assigned[k].map(depart_by),
                    any: depart_by(any[k]),
                    prepare_s: self.walking.prepare_s(&places[k].object_id),
                    decided_by: road,
                    won,
                    members: over[k].map_or(1, |times| times.members as u32),
                    holds_90: over[k].and_then(|times| times.holds_90).map(depart_by),
                    holds_50: over[k].and_then(|times| times.holds_50).map(depart_by),
                    decided_by_90: (over[k].and_then(|times| times.holds_90).and_then(decided_by))
                        .map(|edge| self.walking.road_id(edge as usize).to_owned()),
                }
            })
            .collect()
    }

    /// Per place the times over the members to any safe open shelter; `None` without members. Every object is asked once for all levels.
    fn over_members(&self, places: &[DemandPlace], doors: &[Vec<Place>]) -> Vec<Option<MemberTimes>> {
        // A poisoned lock holds what was put in before: nothing half-written.
        let mut known = self.over_members.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let new: Vec<usize> = (0..places.len()).filter(|k| !known.contains_key(&places[*k].object_id)).collect();
        if !new.is_empty() && !self.members.is_empty() {
            let (nodes, roads) = (self.walking.graph.node_count(), &self.walking.roads);
            let of_members: Vec<Vec<Latest>> = (self.members.par_iter())
                .map(|member| {
                    let links = member.links(&roads.walk);
                    let dry = (0..self.usable).filter(|k| !member.hits(&self.walking.shelters[self.shelter[*k]].id));
                    let seeds: Vec<(Place, Option<f64>)> = dry.map(|k| self.seeds[k]).collect();
                    let search = LatestDepartures::to(&links, nodes, roads.walk_m_s, &seeds);
                    new.iter().map(|k| best(&doors[*k], &search)).collect()
                })
                .collect();
            for (row, k) in new.into_iter().enumerate() {
                let latest: Vec<Latest> = of_members.iter().map(|member| member[row]).collect();
                known.insert(places[k].object_id.clone(), over_members(&latest));
            }
        }
        places.iter().map(|place| known.get(&place.object_id).copied().flatten()).collect()
    }

    /// Where a place meets roads: the nearest link that is open at the start, and the nearest that never closes.
    fn doors(&self, place: &DemandPlace) -> Vec<Place> {
        let closing = &self.walking.roads.closing;
        let snap = |accepts: &dyn Fn(usize) -> bool| {
            self.walking.graph.snap((place.x_m, place.y_m), MAX_SNAP_M, accepts).map(|a| place_of(&a))
        };
        let open = snap(&|edge| closing[edge].as_ref().is_none_or(|c| c.at_s > 0.0));
        let dry = snap(&|edge| closing[edge].is_none());
        open.into_iter().chain(dry).collect()
    }

    /// Until when a bus can leave a place for a safe open shelter, s; `None` = throughout. No way at all is a time before the start.
    pub fn by_bus(&self, place: &DemandPlace) -> Option<f64> {
        let until = best(&self.doors(place), &self.bus).seconds();
        (until < f64::INFINITY).then_some(until.max(-1.0))
    }

    fn by_opening(&self, doors: &[Place], now: f64) -> Option<TimeWon> {
        let search = self.opened.as_ref()?;
        let door = doors.iter().max_by(|a, b| search.from(a).seconds().total_cmp(&search.from(b).seconds()))?;
        let (until, seed) = (search.from(door), search.shelter_from(door)?);
        (seed >= self.usable && until.seconds() > now + LEAST_GAIN_S).then(|| TimeWon {
            means: "shelter".into(),
            id: Some(self.walking.shelters[self.shelter[seed]].id.clone()),
            until: depart_by(until),
        })
    }

    /// Per place the latest departure to its shelters (the earliest of them); `None` = it has none. A plan over links that never close
    /// needs no search.
    fn assigned(&self, doors: &[Vec<Place>], plan: &EvacuationPlan, limited: bool) -> Vec<Option<Latest>> {
        let mut to: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for step in &plan.outcome.moves {
            to.entry(plan.shelter_of[step.shelter as usize]).or_default().push(step.demand);
        }
        let groups: Vec<(u32, Vec<u32>)> = to.into_iter().collect();
        let found: Vec<Vec<(u32, Latest)>> = groups
            .par_iter()
            .map(|(shelter, demands)| {
                if !limited {
                    return demands.iter().map(|d| (*d, Latest::Always)).collect();
                }
                let walking = self.walking;
                let seed = self.shelter[..self.usable].iter().position(|s| *s == *shelter as usize);
                let Some(seed) = seed.map(|k| self.seeds[k]) else { return Vec::new() };
                let site = &walking.shelters[*shelter as usize];
                let near = |node: u32| {
                    walking
                        .graph
                        .node_point(node)
                        .is_some_and(|(x, y)| libm::hypot(x - site.x, y - site.y) <= walking.rules.max_walk_m)
                };
                let (nodes, roads) = (walking.graph.node_count(), &walking.roads);
                let search = LatestDepartures::within(&roads.walk, nodes, roads.walk_m_s, &[seed], near);
                demands.iter().map(|d| (*d, best(&doors[*d as usize], &search))).collect()
            })
            .collect();
        let mut assigned: Vec<Option<Latest>> = vec![None; doors.len()];
        for (demand, latest) in found.into_iter().flatten() {
            let row = &mut assigned[demand as usize];
            if row.is_none_or(|known| latest.seconds() < known.seconds()) {
                *row = Some(latest);
            }
        }
        assigned
    }

    /// Searches with one of the deciding roads kept open, by road: where an order closes it. Nobody guards a road against the water.
    fn guarded(&self, places: &[DemandPlace], any: &[Latest]) -> BTreeMap<String, LatestDepartures<'a>> {
        let mut people: BTreeMap<String, u64> = BTreeMap::new();
        for (place, latest) in places.iter().zip(any) {
            let ordered = |edge: &u32| {
                let closing = self.walking.roads.closing[*edge as usize].as_ref();
                closing.is_some_and(|closing| matches!(closing.cause, Cause::Order(_)))
            };
            if let Some(edge) = decided_by(*latest).filter(ordered) {
                *people.entry(self.walking.road_id(edge as usize).to_owned()).or_default() += place.people;
            }
        }
        let mut roads: Vec<(String, u64)> = people.into_iter().collect();
        roads.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        roads.truncate(GUARDED);
        roads
            .into_par_iter()
            .map(|(road, _)| {
                let closes_s = |edge: u32| {
                    let here = self.walking.road_id(edge as usize) == road;
                    here.then(|| self.walking.roads.unordered_s[edge as usize])
                };
                let search = self.any.with_closing(&self.seeds[..self.usable], closes_s);
                (road, search)
            })
            .collect()
    }
}

fn best(doors: &[Place], search: &LatestDepartures<'_>) -> Latest {
    let found = doors.iter().map(|door| search.from(door));
    found.max_by(|a, b| a.seconds().total_cmp(&b.seconds())).unwrap_or(Latest::Never)
}

fn decided_by(latest: Latest) -> Option<u32> {
    if let Latest::Until { decided_by, .. } = latest { decided_by } else { None }
}
