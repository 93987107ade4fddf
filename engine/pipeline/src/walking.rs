//! People to shelters: which roads stay passable, which shelters are safe and open, and the exact assignment.

use crate::departing::Departing;
use crate::inputs::Inputs;
use crate::timed_roads::TimedRoads;
use dayu_assets::{Details, Layer};
use dayu_base::{Finding, RiskColour, Text};
use dayu_evacuation::{
    DemandPlace as Place, EvacuationPlan, PlanOptions, Preparation, RoadGraph, RoadLine, RoadOptions, ShelterPlace,
    plan_evacuation,
};
use dayu_impact::Impact;
use dayu_inundation::Inundation;
use dayu_plan::{DemandPlace, EvacAnswer, Housed, SHELTER_DEPTH_M, SHELTER_SHARE, SLOPE_CLEARANCE_M, shelter_at_risk};
use geo::{Geometry, LineString};
use std::collections::{BTreeMap, BTreeSet};

/// Longest walk, m (thresholds.toml `shelter.max_walk_m.rural`, D).
pub(crate) const MAX_WALK_M: f64 = 1500.0;
/// Farthest a door may lie from a road, m (D).
pub(crate) const MAX_SNAP_M: f64 = 400.0;
/// Roads and shelters of a district under one inundation.
pub(crate) struct Walking {
    pub graph: RoadGraph,
    /// when each link closes
    pub roads: TimedRoads,
    /// links that never close to walkers
    pub passable: Vec<bool>,
    pub shelters: Vec<ShelterPlace>,
    /// road of each line
    road_of_line: Vec<String>,
    /// objects that need an hour to set out
    institutions: BTreeSet<String>,
    pub findings: Vec<Finding>,
}

impl Walking {
    /// `None` when the district has no roads or no shelters; a finding of the registry says so.
    pub fn prepare(inputs: &Inputs, water: &Inundation, impact: &Impact) -> Result<Option<Self>, Finding> {
        let registry = &inputs.district.registry;
        if registry.layer(Layer::Roads).len() == 0 || registry.layer(Layer::Shelters).len() == 0 {
            return Ok(None);
        }
        let (lines, road_of_line, one_way) = road_lines(inputs);
        let graph = RoadGraph::build(&lines, RoadOptions::default())?;
        let roads = TimedRoads::new(&graph, &one_way, water, impact);
        let passable = roads.always_open();
        let mut findings = graph.findings().to_vec();
        let closed = passable.iter().filter(|p| !**p).count();
        if closed > 0 {
            findings.push(Finding::info(
                "RUN-080",
                Text::new(
                    format!("推演期内有 {closed} 段道路（共 {} 段）水深达 0.3 m、险度达 H3、经过封控点或位于危险边坡下，此后不安排步行转移", passable.len()),
                    format!("{closed} of {} links reach 0.3 m or H3, pass a closed point or lie below a dangerous slope during the run and carry no one from then on", passable.len()),
                ),
                Text::new("现场核实后可开放", "open them after a check on the spot"),
            ));
        }
        let shelters = shelters(inputs, impact);
        findings.extend(
            shelters.iter().filter_map(|s| s.usable.as_ref().err().map(|reason| left_out(impact, &s.id, reason))),
        );
        let institutions = registry.layer(Layer::Institutions).map(|a| a.id.clone()).collect();
        Ok(Some(Self { graph, roads, passable, shelters, road_of_line, institutions, findings }))
    }

    /// Id of the road a link belongs to.
    pub fn road_id(&self, edge: usize) -> &str {
        &self.road_of_line[self.graph.edges()[edge].line as usize]
    }

    /// From the order to the first step, s.
    pub fn prepare_s(&self, object_id: &str) -> f64 {
        let slow = self.institutions.contains(object_id);
        if slow { Preparation::Institution } else { Preparation::Household }.seconds()
    }

    /// The exact assignment of the places asked about, over links that never close; when that leaves people without a place, over links
    /// that stay open until everybody who sets out on the order is through, if fewer stay behind then. Returns the links it used, too.
    pub fn assign(&self, departing: &Departing<'_>, places: &[DemandPlace]) -> Result<Assigned, Finding> {
        let demands: Vec<Place> = places
            .iter()
            .map(|p| Place {
                id: p.transfer_id.clone(),
                x: p.x_m,
                y: p.y_m,
                people: p.people,
                vulnerable: p.vulnerable,
            })
            .collect();
        let options =
            PlanOptions { max_walk_m: MAX_WALK_M, max_snap_m: MAX_SNAP_M, k: 0, split: true, vulnerable_first: true };
        let mut plan = plan_evacuation(&self.graph, &self.passable, &demands, &self.shelters, options)?;
        let mut used = self.passable.clone();
        let left = |plan: &EvacuationPlan| plan.outcome.people - plan.outcome.placed;
        let mut findings = Vec::new();
        if let Some(order_s) = places.first().and_then(|p| p.opening_s).filter(|_| left(&plan) > 0) {
            let prepare_s = places.iter().map(|p| self.prepare_s(&p.object_id)).fold(0.0, f64::max);
            let through_s = order_s.max(0.0) + prepare_s + MAX_WALK_M / self.roads.walk_m_s;
            let longer = self.roads.open_until(through_s);
            if longer != used {
                let early = plan_evacuation(&self.graph, &longer, &demands, &self.shelters, options)?;
                if left(&early) < left(&plan) {
                    findings.push(leave_early(left(&plan) - left(&early)));
                    (plan, used) = (early, longer);
                }
            }
        }
        let limited = used != self.passable;
        let mut rows = vec![Housed::default(); places.len()];
        for m in &plan.outcome.moves {
            rows[m.demand as usize].shelters.push((self.shelters[m.shelter as usize].id.clone(), m.people, m.cost));
        }
        for u in &plan.outcome.unplaced {
            rows[u.demand as usize].unplaced.push((u.people, u.reason.clone()));
        }
        for (row, departure) in rows.iter_mut().zip(departing.of(places, &plan, limited)) {
            row.departure = Some(departure);
        }
        findings.extend(plan.findings.iter().cloned());
        Ok(Assigned { answer: EvacAnswer { rows, findings }, plan, used })
    }

    /// Shelter of an index of the plan.
    pub fn shelter_id(&self, index: u32) -> &str {
        &self.shelters[index as usize].id
    }
}

/// An answer, the plan behind it and the links it goes over.
pub(crate) struct Assigned {
    pub answer: EvacAnswer,
    pub plan: EvacuationPlan,
    pub used: Vec<bool>,
}

fn leave_early(people: u64) -> Finding {
    Finding::warning(
        "RUN-083",
        Text::new(
            format!("{people} 人只有在道路被淹之前出发才能到达安置场所：须在最晚安全撤离时刻前离开"),
            format!(
                "{people} people reach a shelter only if they set out before roads go under: by the latest safe departure"
            ),
        ),
        Text::new(
            "启动后立即通知，优先转移；时刻见管控一张表",
            "order them first, at once; the times stand in the table",
        ),
    )
}

/// Lines, the road of each, and whether it may be driven one way only.
fn road_lines(inputs: &Inputs) -> (Vec<RoadLine>, Vec<String>, Vec<bool>) {
    let (mut lines, mut roads, mut one_ways) = (Vec::new(), Vec::new(), Vec::new());
    for road in inputs.district.registry.layer(Layer::Roads) {
        let (class, bridge, tunnel, one_way) = match &road.details {
            Details::Road { class, bridge, tunnel, one_way } => {
                let is = |flag: &Option<bool>| flag.unwrap_or(false);
                (class.as_deref().unwrap_or_default(), is(bridge), is(tunnel), is(one_way))
            }
            _ => ("", false, false, false),
        };
        let fast = ["motorway", "motorway_link", "trunk", "trunk_link"].contains(&class);
        // Nobody is sent along an expressway or through a tunnel: water inside a tunnel is not computed.
        let walkable = !(fast || tunnel);
        let parts: Vec<&LineString<f64>> = match &road.geometry {
            Some(Geometry::LineString(l)) => vec![l],
            Some(Geometry::MultiLineString(m)) => m.0.iter().collect(),
            _ => Vec::new(),
        };
        let many = parts.len() > 1;
        for (k, part) in parts.into_iter().enumerate() {
            roads.push(road.id.clone());
            one_ways.push(one_way);
            lines.push(RoadLine {
                id: if many { format!("{}#{}", road.id, k + 1) } else { road.id.clone() },
                points: part.0.iter().map(|c| (c.x, c.y)).collect(),
                walkable,
                bridge,
            });
        }
    }
    (lines, roads, one_ways)
}

/// Says why a shelter gets no one.
fn left_out(impact: &Impact, id: &str, reason: &str) -> Finding {
    if let Some(chance) =
        shelter_at_risk(impact, id).filter(|_| reason == "under_water_in_members").map(|c| c.reached[0])
    {
        let least = 100.0 * SHELTER_SHARE;
        return Finding::warning(
            "RUN-100",
            Text::new(
                format!("避灾安置场所“{id}”不安排人员：{} 个成员中 {} 个进水达 0.15 m（不安排的界限为 {least:.0}%，系统默认）", chance.members, chance.hits),
                format!("shelter '{id}' gets no one: it gets 0.15 m of water in {} of {} members (limit {least:.0} %, a default)", chance.hits, chance.members),
            ),
            Text::new("现场核实；改用其他场所", "check on the spot; use another one"),
        )
        .in_file("shelters")
        .at(id);
    }
    let (zh, en, mend) = match reason {
        "closed" => (
            "台账标为关闭",
            "the register says that it is closed",
            ("可用时改台账 state", "change its state in the register when it can be used"),
        ),
        "capacity_unknown" => (
            "床位数未知",
            "its number of beds is not known",
            ("在台账填写 capacity_people", "give capacity_people in the register"),
        ),
        "under_water" => (
            "推演中进水达 0.15 m",
            "it gets 0.15 m of water or more in this run",
            ("现场核实；改用未受淹的场所", "check on the spot; use one that stays dry"),
        ),
        "near_dangerous_slope" => (
            "邻近橙色以上边坡",
            "it lies beside a slope at orange or red",
            ("请地质人员核实；改用其他场所", "have a geologist check; use another one"),
        ),
        _ => (
            "所在位置没有推演结果，安全未知",
            "the run tells nothing of its place; its safety is unknown",
            ("核对坐标与计算范围", "check its place against the computed area"),
        ),
    };
    Finding::warning(
        "RUN-082",
        Text::new(format!("避灾安置场所“{id}”不安排人员：{zh}"), format!("shelter '{id}' gets no one: {en}")),
        Text::new(mend.0, mend.1),
    )
    .in_file("shelters")
    .at(id)
}

fn shelters(inputs: &Inputs, impact: &Impact) -> Vec<ShelterPlace> {
    let registry = &inputs.district.registry;
    let impacts: BTreeMap<&str, _> = impact.objects.iter().map(|o| (o.object_id.as_str(), o)).collect();
    let dangerous_slopes: Vec<(f64, f64)> = impact
        .objects
        .iter()
        .filter(|o| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange)
        .map(|o| (o.x_m, o.y_m))
        .collect();
    registry
        .layer(Layer::Shelters)
        .map(|asset| {
            let (capacity, state) = match &asset.details {
                Details::Shelter { capacity_people, state, .. } => (*capacity_people, state.as_deref()),
                _ => (None, None),
            };
            let hit = impacts.get(asset.id.as_str());
            let near_slope =
                dangerous_slopes.iter().any(|(x, y)| libm::hypot(asset.x_m - x, asset.y_m - y) <= SLOPE_CLEARANCE_M);
            let usable = if state.is_some_and(|s| ["closed", "关闭", "停用"].contains(&s)) {
                Err("closed")
            } else if capacity.is_none() {
                Err("capacity_unknown")
            } else if hit.is_some_and(|o| o.peak.is_some_and(|d| d >= SHELTER_DEPTH_M)) {
                Err("under_water")
            } else if shelter_at_risk(impact, &asset.id).is_some() {
                Err("under_water_in_members")
            } else if near_slope {
                Err("near_dangerous_slope")
            } else if hit.is_none_or(|o| o.peak.is_none()) {
                Err("safety_unknown")
            } else {
                Ok(())
            };
            ShelterPlace {
                id: asset.id.clone(),
                x: asset.x_m,
                y: asset.y_m,
                capacity: capacity.unwrap_or(0),
                usable: usable.map_err(String::from),
            }
        })
        .collect()
}
