//! People to shelters: which roads stay passable, which shelters are safe and open, and the exact assignment.

use crate::inputs::Inputs;
use dayu_assets::{Details, Layer};
use dayu_base::{Finding, RiskColour, Text};
use dayu_evacuation::{
    DemandPlace as Place, EvacuationPlan, PlanOptions, RoadGraph, RoadLine, RoadOptions, ShelterPlace, plan_evacuation,
};
use dayu_impact::Impact;
use dayu_inundation::Inundation;
use dayu_plan::{DemandPlace, EvacAnswer, Housed, SHELTER_DEPTH_M, SLOPE_CLEARANCE_M};
use geo::{Coord, Geometry, LineString};
use std::collections::{BTreeMap, BTreeSet};

/// Longest walk, m (thresholds.toml `shelter.max_walk_m.rural`, D).
const MAX_WALK_M: f64 = 1500.0;
/// Farthest a door may lie from a road, m (D).
const MAX_SNAP_M: f64 = 400.0;
/// Nobody is sent through water this deep: the road is closed to everybody by then (closure depth 30 cm, D), though a grown person
/// could still wade (thresholds.toml `walk_depth_factor`) …
const WADING_LIMIT_M: f64 = 0.30;
/// … or of this ARR class and worse (thresholds.md §6, D).
const WADING_HAZARD: u8 = 3;
/// Spacing at which a road is looked at for water, m.
const SAMPLE_M: f64 = 10.0;

/// Roads and shelters of a district under one inundation.
pub(crate) struct Walking {
    graph: RoadGraph,
    passable: Vec<bool>,
    shelters: Vec<ShelterPlace>,
    pub findings: Vec<Finding>,
}

impl Walking {
    /// `None` when the district has no roads or no shelters; a finding of the registry says so.
    pub fn prepare(inputs: &Inputs, water: &Inundation, impact: &Impact) -> Result<Option<Self>, Finding> {
        let registry = &inputs.district.registry;
        if registry.layer(Layer::Roads).len() == 0 || registry.layer(Layer::Shelters).len() == 0 {
            return Ok(None);
        }
        let lines = road_lines(inputs);
        let graph = RoadGraph::build(&lines, RoadOptions::default())?;
        let closed = closed_cells(water, impact);
        let passable =
            graph.mask(|edge| graph.edges()[edge].bridge || !under_water(graph.edge_polyline(edge), water, &closed));
        let mut findings = graph.findings().to_vec();
        let closed = passable.iter().filter(|p| !**p).count();
        if closed > 0 {
            findings.push(Finding::info(
                "RUN-080",
                Text::new(
                    format!("推演期内有 {closed} 段道路（共 {} 段）水深达 {WADING_LIMIT_M} m、险度达 H3 或经过封控点，不安排步行转移", passable.len()),
                    format!("{closed} of {} links reach {WADING_LIMIT_M} m or H3 or pass a closed point during the run and carry no one", passable.len()),
                ),
                Text::new("现场核实后可开放", "open them after a check on the spot"),
            ));
        }
        let shelters = shelters(inputs, impact);
        findings.extend(shelters.iter().filter_map(|s| s.usable.as_ref().err().map(|reason| left_out(&s.id, reason))));
        Ok(Some(Self { graph, passable, shelters, findings }))
    }

    /// The exact assignment of the places asked about, and the plan behind it.
    pub fn assign(&self, places: &[DemandPlace]) -> Result<(EvacAnswer, EvacuationPlan), Finding> {
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
        let options = PlanOptions { max_walk_m: MAX_WALK_M, max_snap_m: MAX_SNAP_M, k: 0 };
        let plan = plan_evacuation(&self.graph, &self.passable, &demands, &self.shelters, options)?;
        let mut rows = vec![Housed::default(); places.len()];
        for m in &plan.outcome.moves {
            rows[m.demand as usize].shelters.push((self.shelters[m.shelter as usize].id.clone(), m.people, m.cost));
        }
        for u in &plan.outcome.unplaced {
            rows[u.demand as usize].unplaced.push((u.people, u.reason.clone()));
        }
        Ok((EvacAnswer { rows, findings: plan.findings.clone() }, plan))
    }

    /// Shelter of an index of the plan.
    pub fn shelter_id(&self, index: u32) -> &str {
        &self.shelters[index as usize].id
    }
}

fn road_lines(inputs: &Inputs) -> Vec<RoadLine> {
    let mut lines = Vec::new();
    for road in inputs.district.registry.layer(Layer::Roads) {
        let (class, bridge, tunnel) = match &road.details {
            Details::Road { class, bridge, tunnel, .. } => {
                (class.as_deref().unwrap_or_default(), bridge.unwrap_or(false), tunnel.unwrap_or(false))
            }
            _ => ("", false, false),
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
            lines.push(RoadLine {
                id: if many { format!("{}#{}", road.id, k + 1) } else { road.id.clone() },
                points: part.0.iter().map(|c| (c.x, c.y)).collect(),
                walkable,
                bridge,
            });
        }
    }
    lines
}

/// Cells of waterlogging points and underpasses that get yellow or worse: they are closed, whoever could still wade there.
fn closed_cells(water: &Inundation, impact: &Impact) -> BTreeSet<usize> {
    impact
        .objects
        .iter()
        .filter(|o| matches!(o.layer, Layer::WaterloggingPoints | Layer::Underpasses) && o.colour >= RiskColour::Yellow)
        .filter_map(|o| water.grid.cell_at(o.x_m, o.y_m))
        .collect()
}

/// True when any place along the line gets too deep or too dangerous to walk through at any time of the run.
fn under_water(line: &[(f64, f64)], water: &Inundation, closed: &BTreeSet<usize>) -> bool {
    let wet = |x: f64, y: f64| {
        water.grid.cell_at(x, y).is_some_and(|c| {
            water.active[c]
                && (water.max_depth_m[c] >= WADING_LIMIT_M
                    || water.max_hazard[c] >= WADING_HAZARD
                    || closed.contains(&c))
        })
    };
    line.windows(2).any(|pair| {
        let (from, to) = (Coord::from(pair[0]), Coord::from(pair[1]));
        let length = libm::hypot(to.x - from.x, to.y - from.y);
        let steps = (length / SAMPLE_M).ceil().max(1.0) as usize;
        (0..=steps).any(|k| {
            let f = k as f64 / steps as f64;
            wet(from.x + (to.x - from.x) * f, from.y + (to.y - from.y) * f)
        })
    })
}

/// Says why a shelter gets no one.
fn left_out(id: &str, reason: &str) -> Finding {
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
