//! Where demand places and shelters meet the road, and why some people cannot reach a shelter.

use crate::assignment::NO_REACHABLE_SHELTER;
use crate::plan::{DemandAccess, DemandPlace, ShelterPlace};
use crate::planar::usable;
use crate::road::RoadGraph;
use crate::snap::Access;
use dayu_base::{Finding, Text};
use rayon::prelude::*;

/// Reason: no road within the longest way to the road.
pub const TOO_FAR_FROM_ROAD: &str = "too_far_from_road";
/// Reason: closed links cut the people off; with all links open there would be a way to a shelter.
pub const ROAD_CLOSED: &str = "road_closed";
/// Reason: there is a way to a shelter, but it is longer than the longest walk.
pub const BEYOND_MAX_WALK: &str = "beyond_max_walk";
/// Reason that a shelter gets no one: it has no beds.
pub const NO_CAPACITY: &str = "no_capacity";

/// Accesses of all places.
pub(crate) struct Accesses {
    /// per demand place the passable link used
    pub demand: Vec<Option<Access>>,
    /// per demand place the nearest link of all
    pub nearest: Vec<Option<Access>>,
    /// per demand place what to report of it
    pub reports: Vec<DemandAccess>,
    /// per shelter the passable link used, or why the shelter gets no one
    pub shelters: Vec<(Option<Access>, Option<String>)>,
    /// per shelter with beds that could be used if all links were open, its nearest link
    pub if_open: Vec<Option<Access>>,
}

impl Accesses {
    pub fn find(
        graph: &RoadGraph,
        passable: &[bool],
        demands: &[DemandPlace],
        shelters: &[ShelterPlace],
        max_snap_m: f64,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let both = |point: (f64, f64)| {
            (graph.snap(point, max_snap_m, |edge| passable[edge]), graph.snap(point, max_snap_m, |_| true))
        };
        let of_demand: Vec<_> = demands.par_iter().map(|d| both((d.x, d.y))).collect();
        let of_shelter: Vec<_> = shelters.par_iter().map(|s| both((s.x, s.y))).collect();
        let reports: Vec<DemandAccess> = of_demand
            .iter()
            .map(|(used, nearest)| DemandAccess {
                access_m: used.map(|a| f64::from(a.off_mm) / 1000.0),
                past_closed_link: matches!((used, nearest), (Some(u), Some(n)) if u.off_mm > n.off_mm),
            })
            .collect();
        for (place, id) in
            (demands.iter().map(|d| ((d.x, d.y), &d.id))).chain(shelters.iter().map(|s| ((s.x, s.y), &s.id)))
        {
            if !usable(place) {
                findings.push(bad_place(id));
            }
        }
        findings.extend(past_closed(demands, &reports));
        let mut sites = Vec::with_capacity(shelters.len());
        let mut if_open = Vec::with_capacity(shelters.len());
        for (shelter, (used, nearest)) in shelters.iter().zip(of_shelter) {
            let why_not = match &shelter.usable {
                Err(reason) => Some(reason.clone()),
                Ok(()) if shelter.capacity == 0 => Some(NO_CAPACITY.to_owned()),
                Ok(()) => None,
            };
            if_open.push(nearest.filter(|_| why_not.is_none()));
            sites.push(match (why_not, used, nearest) {
                (Some(reason), _, _) => (None, Some(reason)),
                (None, Some(used), _) => (Some(used), None),
                (None, None, nearest) => {
                    let reason = if nearest.is_some() { ROAD_CLOSED } else { TOO_FAR_FROM_ROAD };
                    findings.push(no_road(&shelter.id, nearest.is_some(), max_snap_m));
                    (None, Some(reason.to_owned()))
                }
            });
        }
        let (demand, nearest) = of_demand.into_iter().unzip();
        Self { demand, nearest, reports, shelters: sites, if_open }
    }
}

/// Per demand place why no shelter can be reached, should that be so: asked of the connected parts of the network, with and
/// without the closed links.
pub(crate) fn cut_off_reasons(graph: &RoadGraph, passable: &[bool], access: &Accesses) -> Vec<&'static str> {
    let now = graph.components(|edge| passable[edge]);
    let open = graph.components(|_| true);
    let part = |parts: &[u32], access: &Access| parts[graph.edges()[access.edge as usize].a as usize];
    let mut served_now = vec![false; graph.node_count()];
    let mut served_open = vec![false; graph.node_count()];
    for site in access.shelters.iter().filter_map(|(site, _)| site.as_ref()) {
        served_now[part(&now, site) as usize] = true;
    }
    for site in access.if_open.iter().flatten() {
        served_open[part(&open, site) as usize] = true;
    }
    access
        .demand
        .iter()
        .zip(&access.nearest)
        .map(|(used, nearest)| match (used, nearest) {
            (Some(used), _) if served_now[part(&now, used) as usize] => BEYOND_MAX_WALK,
            (_, Some(nearest)) if served_open[part(&open, nearest) as usize] => ROAD_CLOSED,
            (_, Some(_)) => NO_REACHABLE_SHELTER,
            (_, None) => TOO_FAR_FROM_ROAD,
        })
        .collect()
}

fn bad_place(id: &str) -> Finding {
    Finding::error(
        "EVA-036",
        Text::new("坐标无效，无法接入路网。", "The coordinates are invalid; the place cannot be joined to the roads."),
        Text::new("改正该点的坐标。", "Correct its coordinates."),
    )
    .at(id)
    .field("x,y")
}

fn no_road(id: &str, closed: bool, max_snap_m: f64) -> Finding {
    let (zh, en) = if closed {
        ("附近道路均不可通行", "every road near it is closed")
    } else {
        ("附近没有道路", "there is no road near it")
    };
    Finding::warning(
        "EVA-033",
        Text::new(
            format!("场所未被启用：{max_snap_m} 米内{zh}。"),
            format!("The shelter gets no one: within {max_snap_m} m {en}."),
        ),
        Text::new("核对场所位置与道路，或加大 max_snap_m。", "Check its place and the roads, or raise max_snap_m."),
    )
    .at(format!("shelters {id}"))
}

/// One warning for all places whose nearest road is closed but which have another.
fn past_closed(demands: &[DemandPlace], reports: &[DemandAccess]) -> Option<Finding> {
    let touched: Vec<&DemandPlace> =
        demands.iter().zip(reports).filter(|(d, r)| r.past_closed_link && d.people > 0).map(|(d, _)| d).collect();
    let people: u64 = touched.iter().map(|d| d.people).sum();
    let mut ids: Vec<&str> = touched.iter().map(|d| d.id.as_str()).collect();
    ids.sort_by(|a, b| crate::order::id_order(a, b));
    (!ids.is_empty()).then(|| {
        Finding::warning(
            "EVA-034",
            Text::new(
                format!("{} 处（{people} 人）最近的道路不可通行，须先到稍远的道路。", ids.len()),
                format!(
                    "The nearest road of {} places ({people} people) is closed; they must first reach one farther off.",
                    ids.len()
                ),
            ),
            Text::new("现场确认出门通道，或提前转移。", "Confirm the way out on site, or move these people earlier."),
        )
        .at(format!(
            "demand {}{}",
            ids[..ids.len().min(10)].join(", "),
            if ids.len() > 10 { ", …" } else { "" }
        ))
    })
}
