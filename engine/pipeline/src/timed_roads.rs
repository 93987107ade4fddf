//! When each road link closes, to walkers, buses and boats: by water, below slopes, by order, bridges by wind.

use crate::walking::Network;
use dayu_assets::Layer;
use dayu_base::RiskColour;
use dayu_evacuation::{
    Cause, Closing, LinkWater, Mode, Pace, TimedLink, Weather, change_events_xml, closing_for, wind_closing,
};
use dayu_impact::{Impact, ObjectImpact};
use dayu_inundation::Inundation;
use dayu_plan::SLOPE_CLEARANCE_M;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Spacing at which a road is looked at for water, m.
const SAMPLE_M: f64 = 10.0;

/// How a road may be driven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driven {
    Not,
    /// in the direction of its line only
    OneWay,
    BothWays,
}

/// The road graph in time. Link 2·e leads along road link e, 2·e + 1 back.
pub(crate) struct TimedRoads {
    pub walk: Vec<TimedLink>,
    pub bus: Vec<TimedLink>,
    /// boats on trailers
    pub boat: Vec<TimedLink>,
    /// per road link, when it closes to walkers and why
    pub closing: Vec<Option<Closing>>,
    /// per road link, when it would close to walkers if no order did, s
    pub unordered_s: Vec<Option<f64>>,
    pub walk_m_s: f64,
    pub bus_m_s: f64,
    pub boat_m_s: f64,
}

/// Walkers are taken as slow ones in heavy rain: the last one counts, not the first.
pub(crate) fn walking_mode() -> Mode {
    Mode::walk(Pace::Slow, Weather { night: false, heavy_rain: true })
}

impl TimedRoads {
    /// `passed_over`: cells that tell nothing of roads.
    pub fn new(network: &Network, water: &Inundation, impact: &Impact, passed_over: Option<&[bool]>) -> Self {
        let counts = |cell: usize| passed_over.is_none_or(|over| !over[cell]);
        let Network { graph, driven, wind, .. } = network;
        let (walker, bus, boat) = (walking_mode(), Mode::bus(), Mode::boat_on_trailer());
        let mut orders = closed_cells(water, impact);
        orders.retain(|cell, _| counts(*cell));
        let slopes = Slopes::new(water, impact);
        let of_edge: Vec<_> = (0..graph.edges().len())
            .into_par_iter()
            .map(|edge| {
                let places = samples(graph.edge_polyline(edge));
                let bridge = graph.edges()[edge].bridge;
                let wet = link_water(&places, water, &counts);
                let (mut below, mut ordered) = (Vec::new(), Vec::new());
                if !bridge {
                    let cells = places.iter().filter_map(|p| water.grid.cell_at(p.0, p.1));
                    let orders = cells.filter_map(|c| orders.get(&c));
                    ordered.extend(orders.map(|(at_s, id)| Closing { at_s: *at_s, cause: Cause::Order(id.clone()) }));
                    below.extend(slopes.above(&places, water));
                }
                let blows = wind.get(&(edge as u32)).map_or(&[][..], Vec::as_slice);
                // Points closed for their water are what boats are for.
                let closed_to = |mode: &Mode, ordered: &[Closing]| {
                    let (closing, slower, _) = closing_for(mode, &wet, bridge);
                    let all = closing.into_iter().chain(wind_closing(mode, bridge, blows));
                    let all = all.chain(below.iter().chain(ordered).cloned());
                    (all.min_by(|a, b| a.at_s.total_cmp(&b.at_s)), slower)
                };
                let unordered = closed_to(&walker, &[]).0;
                (closed_to(&walker, &ordered), closed_to(&bus, &ordered), closed_to(&boat, &[]), unordered)
            })
            .collect();
        let mut roads = Self {
            walk: Vec::with_capacity(2 * of_edge.len()),
            bus: Vec::with_capacity(2 * of_edge.len()),
            boat: Vec::with_capacity(2 * of_edge.len()),
            closing: Vec::with_capacity(of_edge.len()),
            unordered_s: Vec::with_capacity(of_edge.len()),
            walk_m_s: walker.speed_m_s,
            bus_m_s: bus.speed_m_s,
            boat_m_s: boat.speed_m_s,
        };
        for ((edge, row), (walk, bus, boat, unordered)) in (0_u32..).zip(graph.edges()).zip(of_edge) {
            let metres = f64::from(row.length_mm) / 1000.0;
            let link = |from, to, closing: &Option<Closing>, slower: &[(f64, f64)]| TimedLink {
                from,
                to,
                metres,
                edge,
                slower: slower.to_vec(),
                opens_s: None,
                closes_s: closing.as_ref().map(|c| c.at_s),
            };
            roads.walk.push(link(row.a, row.b, &walk.0, &walk.1));
            roads.walk.push(link(row.b, row.a, &walk.0, &walk.1));
            let mut forth = link(row.a, row.b, &bus.0, &bus.1);
            let mut back = link(row.b, row.a, &bus.0, &bus.1);
            // Nobody drives on footpaths or against the direction: closed long before the start.
            let driven = driven.get(row.line as usize).copied().unwrap_or(Driven::BothWays);
            forth.closes_s = if driven == Driven::Not { Some(-1e9) } else { forth.closes_s };
            back.closes_s = if driven == Driven::BothWays { back.closes_s } else { Some(-1e9) };
            roads.bus.push(forth);
            roads.bus.push(back);
            let mut afloat = [link(row.a, row.b, &boat.0, &boat.1), link(row.b, row.a, &boat.0, &boat.1)];
            if driven == Driven::Not {
                afloat.iter_mut().for_each(|link| link.closes_s = Some(-1e9));
            }
            roads.boat.extend(afloat);
            roads.closing.push(walk.0);
            roads.unordered_s.push(unordered.map(|closing| closing.at_s));
        }
        roads
    }

    /// Road links that never close to walkers.
    pub fn always_open(&self) -> Vec<bool> {
        self.closing.iter().map(Option::is_none).collect()
    }

    /// Road links open to walkers until `until_s` at least.
    pub fn open_until(&self, until_s: f64) -> Vec<bool> {
        self.closing.iter().map(|c| c.as_ref().is_none_or(|c| c.at_s >= until_s)).collect()
    }

    /// Closings as MATSim network change events; link ids are road@link+ and road@link-.
    pub fn change_events(&self, road: impl Fn(usize) -> String) -> String {
        let mut rows = Vec::new();
        for (edge, closing) in self.closing.iter().enumerate() {
            if let Some(closing) = closing {
                for side in ["+", "-"] {
                    rows.push((format!("{}@{edge}{side}", road(edge)), closing.at_s));
                }
            }
        }
        change_events_xml(rows.iter().map(|(id, at_s)| (id.as_str(), *at_s)))
    }
}

/// Places along a line, no farther apart than [`SAMPLE_M`].
fn samples(line: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut places: Vec<(f64, f64)> = line.first().copied().into_iter().collect();
    for pair in line.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let steps = (libm::hypot(to.0 - from.0, to.1 - from.1) / SAMPLE_M).ceil().max(1.0) as usize;
        places.extend((1..=steps).map(|k| {
            let f = k as f64 / steps as f64;
            (from.0 + (to.0 - from.0) * f, from.1 + (to.1 - from.1) * f)
        }));
    }
    places
}

fn link_water(places: &[(f64, f64)], water: &Inundation, counts: &dyn Fn(usize) -> bool) -> LinkWater {
    let mut cells: Vec<usize> =
        places.iter().filter_map(|p| water.grid.cell_at(p.0, p.1)).filter(|c| water.active[*c] && counts(*c)).collect();
    cells.dedup();
    let peak_m = cells.iter().map(|c| water.max_depth_m[*c]).filter(|d| d.is_finite()).fold(0.0, f64::max);
    let mut reaches: Vec<(f64, f64)> = water
        .crossing_s
        .iter()
        .filter(|(depth_m, _)| *depth_m <= peak_m)
        .filter_map(|(depth_m, first)| {
            let times = cells.iter().map(|c| f64::from(first[*c])).filter(|t| t.is_finite());
            Some((*depth_m, times.min_by(f64::total_cmp)?))
        })
        .collect();
    reaches.sort_by(|a, b| a.0.total_cmp(&b.0));
    let class = cells.iter().map(|c| water.max_hazard[*c]).max().unwrap_or(0);
    // The class is timed by the first water on the link: early and safe.
    let hazard = (class > 0).then(|| (class, reaches.first().map_or(0.0, |r| r.1)));
    LinkWater { timed_m: water.crossing_s.iter().map(|c| c.0).collect(), reaches, peak_m, hazard }
}

/// First time an object gets its colour, else its first threshold, else from the start.
fn first_s(object: &ObjectImpact) -> f64 {
    let deciding = object.threshold.and_then(|t| object.crossings.iter().find(|c| (c.threshold - t).abs() < 1e-6));
    let first = || object.crossings.iter().filter_map(|c| c.at_s).min_by(f64::total_cmp);
    deciding.and_then(|c| c.at_s).or_else(first).unwrap_or(0.0)
}

/// Cells of waterlogging points and underpasses that get yellow or worse, with the time: they are closed then, whoever could still wade there.
fn closed_cells(water: &Inundation, impact: &Impact) -> BTreeMap<usize, (f64, String)> {
    let mut cells: BTreeMap<usize, (f64, String)> = BTreeMap::new();
    for object in &impact.objects {
        let closes = matches!(object.layer, Layer::WaterloggingPoints | Layer::Underpasses);
        if !closes || object.colour < RiskColour::Yellow {
            continue;
        }
        if let Some(cell) = water.grid.cell_at(object.x_m, object.y_m) {
            let row = cells.entry(cell).or_insert((f64::INFINITY, String::new()));
            if first_s(object) < row.0 {
                *row = (first_s(object), object.object_id.clone());
            }
        }
    }
    cells
}

/// Slopes at orange or red, found by the cells near them.
struct Slopes<'a> {
    near: BTreeMap<usize, Vec<&'a ObjectImpact>>,
}

impl<'a> Slopes<'a> {
    fn new(water: &Inundation, impact: &'a Impact) -> Self {
        let mut near: BTreeMap<usize, Vec<&ObjectImpact>> = BTreeMap::new();
        let reach = (SLOPE_CLEARANCE_M / water.grid.cell_m).ceil() as i64;
        for slope in impact.objects.iter().filter(|o| o.layer == Layer::Slopes && o.colour >= RiskColour::Orange) {
            for east in -reach..=reach {
                for north in -reach..=reach {
                    let x = slope.x_m + east as f64 * water.grid.cell_m;
                    let y = slope.y_m + north as f64 * water.grid.cell_m;
                    if let Some(cell) = water.grid.cell_at(x, y) {
                        near.entry(cell).or_default().push(slope);
                    }
                }
            }
        }
        Self { near }
    }

    fn above<'s>(&'s self, places: &'s [(f64, f64)], water: &'s Inundation) -> impl Iterator<Item = Closing> + 's {
        places.iter().flat_map(move |&(x, y)| {
            let slopes = water.grid.cell_at(x, y).and_then(|c| self.near.get(&c));
            slopes.into_iter().flatten().filter_map(move |slope| {
                let far = libm::hypot(slope.x_m - x, slope.y_m - y) > SLOPE_CLEARANCE_M;
                (!far).then(|| Closing { at_s: first_s(slope), cause: Cause::Slope(slope.object_id.clone()) })
            })
        })
    }
}
