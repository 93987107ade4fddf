//! People to shelters: which roads stay passable, which shelters are safe and open, and the exact assignment.

use crate::carriers::{Team, teams};
use crate::departing::Departing;
use crate::earlier_run::kept_words;
use crate::inputs::Inputs;
use crate::sheltering::{left_out, nothing_offered, shelters};
use crate::timed_roads::{Driven, TimedRoads};
use crate::typhoon::{Typhoon, wind_arrivals};
use dayu_assets::{Details, Layer};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    DemandPlace as Place, EvacuationPlan, Keep, PlanOptions, Policies, Preparation, RoadGraph, RoadLine, RoadOptions,
    ShelterPlace, plan_evacuation,
};
use dayu_impact::Impact;
use dayu_inundation::Inundation;
use dayu_plan::{DemandPlace, EvacAnswer, Housed, HousingRules};
use geo::{Geometry, LineString};
use std::collections::{BTreeMap, BTreeSet};

/// Farthest a door may lie from a road, m (D).
pub(crate) const MAX_SNAP_M: f64 = 400.0;
/// The roads of a district, dry.
pub(crate) struct Network {
    pub graph: RoadGraph,
    /// road of each line
    pub road_of_line: Vec<String>,
    /// how a line may be driven
    pub driven: Vec<Driven>,
    /// when the typhoon's wind reaches which force on a bridge, by link: (Beaufort, s). Members keep the wind of the run.
    pub wind: BTreeMap<u32, Vec<(u8, f64)>>,
}

impl Network {
    /// `None` when the district has no roads or no shelters; a finding of the registry says so.
    pub fn of(inputs: &Inputs, typhoon: Option<&Typhoon>) -> Result<Option<Self>, Finding> {
        let registry = &inputs.district.registry;
        if registry.layer(Layer::Roads).len() == 0 || registry.layer(Layer::Shelters).len() == 0 {
            return Ok(None);
        }
        let (lines, road_of_line, driven) = road_lines(inputs);
        let graph = RoadGraph::build(&lines, RoadOptions::default())?;
        let bridges: Vec<u32> = (0..).zip(graph.edges()).filter(|(_, e)| e.bridge).map(|(edge, _)| edge).collect();
        let middles = bridges.iter().map(|edge| {
            let line = graph.edge_polyline(*edge as usize);
            line[line.len() / 2]
        });
        let wind = match typhoon {
            Some(typhoon) => bridges.iter().copied().zip(wind_arrivals(inputs, typhoon, middles)?).collect(),
            None => BTreeMap::new(),
        };
        Ok(Some(Self { graph, road_of_line, driven, wind }))
    }
}

/// Roads and shelters of a district under one inundation.
pub(crate) struct Walking {
    pub graph: RoadGraph,
    /// when each link closes
    pub roads: TimedRoads,
    /// links that never close to walkers
    pub passable: Vec<bool>,
    pub shelters: Vec<ShelterPlace>,
    /// how people are housed
    pub rules: HousingRules,
    /// the limit on the chance of a hazard holds: members were computed
    members: bool,
    /// vehicles and teams of helpers
    pub teams: Vec<Team>,
    /// some shelter says what it offers
    offers_known: bool,
    /// road of each line
    road_of_line: Vec<String>,
    /// objects that need an hour to set out
    institutions: BTreeSet<String>,
    pub findings: Vec<Finding>,
}

impl Walking {
    /// `None` without roads or shelters.
    pub fn prepare(
        inputs: &Inputs,
        water: &Inundation,
        impact: &Impact,
        rules: &HousingRules,
        network: Option<Network>,
    ) -> Option<Self> {
        let network = network?;
        let registry = &inputs.district.registry;
        let roads = TimedRoads::new(&network, water, impact, None);
        let Network { graph, road_of_line, .. } = network;
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
        let offers_known = shelters.iter().any(|s| !s.offers.is_empty() || s.care_places.is_some());
        findings.extend(offers_known.then(|| nothing_offered(&shelters)).flatten());
        let institutions = registry.layer(Layer::Institutions).map(|a| a.id.clone()).collect();
        Some(Self {
            graph,
            roads,
            passable,
            shelters,
            rules: rules.clone(),
            members: impact.chances.is_some(),
            teams: teams(inputs, &mut findings),
            offers_known,
            road_of_line,
            institutions,
            findings,
        })
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
    /// `keep`: an earlier plan to change as little as can be.
    pub fn assign(
        &self,
        departing: &Departing<'_>,
        places: &[DemandPlace],
        keep: Option<&Keep>,
    ) -> Result<Assigned, Finding> {
        let demands: Vec<Place> = places
            .iter()
            .map(|p| Place {
                id: p.transfer_id.clone(),
                x: p.x_m,
                y: p.y_m,
                people: p.people.saturating_add(p.relatives),
                vulnerable: p.vulnerable,
                relatives: p.relatives,
                // Where no shelter says what it offers nothing can be compared: said, and not taken as "offers nothing".
                needs: if self.offers_known { p.needs.clone() } else { String::new() },
                whole: p.whole,
            })
            .collect();
        let options = PlanOptions {
            max_walk_m: self.rules.max_walk_m,
            max_snap_m: MAX_SNAP_M,
            k: 0,
            split: self.rules.split,
            // Least-change plans are computed without this order of people; where all find a bed it makes no difference.
            vulnerable_first: keep.is_none(),
            policies: Policies {
                max_hazard_probability: self.members.then_some(self.rules.max_hazard_probability),
                reserve_share: (self.rules.reserve_share > 0.0).then_some(self.rules.reserve_share),
                relatives_share: None,
            },
            name: places.first().map_or("", |p| p.level.id()),
        };
        let mut plan = plan_evacuation(&self.graph, &self.passable, &demands, &self.shelters, options, keep)?;
        let mut used = self.passable.clone();
        let left = |plan: &EvacuationPlan| plan.outcome.people - plan.outcome.placed;
        let mut findings = Vec::new();
        findings.extend((!self.offers_known).then(|| needs_not_compared(places)).flatten());
        if left(&plan) > 0 {
            let sets_out_s = places.iter().map(|p| p.order.at_s + self.prepare_s(&p.object_id)).fold(0.0, f64::max);
            let through_s = sets_out_s + self.rules.max_walk_m / self.roads.walk_m_s;
            let longer = self.roads.open_until(through_s);
            if longer != used {
                let early = plan_evacuation(&self.graph, &longer, &demands, &self.shelters, options, keep)?;
                if left(&early) < left(&plan) {
                    findings.push(leave_early(left(&plan) - left(&early)));
                    (plan, used) = (early, longer);
                }
            }
        }
        let limited = used != self.passable;
        let mut rows = vec![Housed::default(); places.len()];
        for m in &plan.outcome.moves {
            let shelter = plan.shelter_of[m.shelter as usize];
            let (row, place) = (&mut rows[m.demand as usize], &places[m.demand as usize]);
            row.shelters.push((self.shelter_id(shelter).to_owned(), m.people, m.cost));
            let arrives_s = place.order.at_s + self.prepare_s(&place.object_id) + m.cost as f64 / self.roads.walk_m_s;
            row.through_s = Some(row.through_s.map_or(arrives_s, |s| s.max(arrives_s)));
        }
        moved_before(&plan, keep, &mut rows);
        for u in &plan.outcome.unplaced {
            rows[u.demand as usize].unplaced.push((u.people, u.reason.clone()));
        }
        for (row, departure) in rows.iter_mut().zip(departing.of(places, &plan, limited)) {
            row.departure = Some(departure);
        }
        findings.extend(plan.findings.iter().cloned());
        let level = places.first().map(|p| p.level);
        findings.extend(plan.kept.as_ref().zip(level).map(|(kept, level)| kept_words(level, kept)));
        Ok(Assigned { answer: EvacAnswer { rows, findings }, plan, used })
    }

    /// Id of a shelter.
    pub fn shelter_id(&self, index: u32) -> &str {
        &self.shelters[index as usize].id
    }
}

/// People who have moved already: they stand with the shelter they went to.
fn moved_before(plan: &EvacuationPlan, keep: Option<&Keep>, rows: &mut [Housed]) {
    let rows_of: BTreeMap<&str, usize> = plan.problem.demand.iter().map(|d| d.id.as_str()).zip(0..).collect();
    for order in keep.map(|keep| keep.done.as_slice()).unwrap_or_default() {
        let Some(&at) = rows_of.get(order.demand.as_str()) else { continue };
        let row = &plan.instance.demand[at];
        let asked = row.people - row.relatives.unwrap_or(0).min(row.people);
        let told: u64 = rows[at].moved;
        let people = order.people.min(asked - plan.problem.demand[at].people - told);
        let shelter = plan.problem.house_of(&order.shelter);
        rows[at].moved += people;
        rows[at].shelters.push((shelter.to_owned(), people, 0));
    }
}

/// An answer, the plan behind it and the links it goes over.
pub(crate) struct Assigned {
    pub answer: EvacAnswer,
    pub plan: EvacuationPlan,
    pub used: Vec<bool>,
}

/// Said when people have needs but no shelter of the register says what it offers.
fn needs_not_compared(places: &[DemandPlace]) -> Option<Finding> {
    let people: u64 = places.iter().filter(|p| !p.needs.is_empty()).map(|p| p.people).sum();
    (people > 0).then(|| {
        Finding::warning(
            "RUN-160",
            Text::new(
                format!("{people} 人需要护理或无障碍等条件，而场所台账没有 offers 列：去向是否适宜未核"),
                format!("{people} people need care, step-free access or the like, but no shelter registers what it offers: whether theirs suits is not checked"),
            ),
            Text::new(
                "在避灾安置场所台账填写 offers（care、access、pets、women、men）与 care_places",
                "fill offers (care, access, pets, women, men) and care_places in the register of shelters",
            ),
        )
        .in_file("shelters")
        .field("offers")
    })
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

/// Classes of ways that no bus can take.
const FOOTWAYS: [&str; 8] = ["footway", "path", "steps", "pedestrian", "cycleway", "bridleway", "corridor", "track"];

/// Lines, the road of each, and how it may be driven.
fn road_lines(inputs: &Inputs) -> (Vec<RoadLine>, Vec<String>, Vec<Driven>) {
    let (mut lines, mut roads, mut drivens) = (Vec::new(), Vec::new(), Vec::new());
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
        let driven = match (FOOTWAYS.contains(&class), one_way) {
            (true, _) => Driven::Not,
            (false, true) => Driven::OneWay,
            (false, false) => Driven::BothWays,
        };
        let many = parts.len() > 1;
        for (k, part) in parts.into_iter().enumerate() {
            roads.push(road.id.clone());
            drivens.push(driven);
            lines.push(RoadLine {
                id: if many { format!("{}#{}", road.id, k + 1) } else { road.id.clone() },
                points: part.0.iter().map(|c| (c.x, c.y)).collect(),
                walkable,
                bridge,
            });
        }
    }
    (lines, roads, drivens)
}
