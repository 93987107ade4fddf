//! Vehicles and helpers of a level: people whom the assignment on foot leaves without a place are fetched by bus to shelters with beds, people
//! who need care are led or driven to the shelter they have; whom the water keeps from both is fetched by boat.

use crate::carriers::{Means, Team};
use crate::departing::{Departing, place_of};
use crate::walking::{Assigned, MAX_SNAP_M, Walking};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    CARE, Carrier, Mode, Outward, Pace, Place, Suitability, TimedLink, TourShelter, TourStop, Weather, plan_tours,
    words,
};
use dayu_plan::{DemandPlace, EvacAnswer, Ride};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// From the order until a vehicle or team sets out, s (D).
const MUSTER_S: f64 = 1200.0;
/// Boarding and leaving a bus per person with luggage, s (D; 2–5 s without luggage: TCQSM, recalled).
const BUS_LOAD_S: f64 = 6.0;
const BUS_UNLOAD_S: f64 = 3.0;
/// Launching, boarding and landing a boat per person, s (D).
const BOAT_LOAD_S: f64 = 60.0;
const BOAT_UNLOAD_S: f64 = 30.0;
/// Helping one person out of the house, s (D).
const ESCORT_LOAD_S: f64 = 300.0;
/// Larger groups who need care are driven, smaller ones led (D).
const LED_AT_MOST: u64 = 20;
/// Ways are searched anew for each such span, s: a ride within it is taken as slow, and its roads as closing, as at its end.
const SPAN_S: f64 = 300.0;
/// Beyond the run nothing is known of roads; no ride is planned longer after the order than the run or this, s.
const LEAST_HORIZON_S: f64 = 6.0 * 3600.0;

/// Trips of a level.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// (place asked about, trip)
    pub rides: Vec<(usize, Ride)>,
    pub findings: Vec<Finding>,
}

impl Carried {
    /// Writes the trips into the answer: who is fetched is no longer without a place.
    pub fn into_answer(self, answer: &mut EvacAnswer) {
        for (place, ride) in self.rides {
            let row = &mut answer.rows[place];
            let mut people = if ride.led { 0 } else { ride.people };
            for (left, _) in &mut row.unplaced {
                let taken = people.min(*left);
                *left -= taken;
                people -= taken;
            }
            row.unplaced.retain(|(left, _)| *left > 0);
            row.rides.push(ride);
        }
        answer.findings.extend(self.findings);
    }
}

/// People to be fetched from one place.
struct Stop {
    place: usize,
    people: u64,
    /// site of their bed, when they have one
    bed: Option<u32>,
}

/// Where tours begin, stop and end: sites, then stops, then teams.
struct Map<'a> {
    places: Vec<Option<Place>>,
    outward: Outward<'a>,
    /// arrivals from (place, end of the span): tenths of seconds after leaving, [`NO_WAY`]
    known: RefCell<BTreeMap<(u32, i64), Vec<u32>>>,
    until_s: f64,
}

const NO_WAY: u32 = u32::MAX;

impl Map<'_> {
    /// Arrival of one who leaves `from` for `to` at `at_s`. Roads close for good and grow slower only: a way that holds at the end of the
    /// span holds at its beginning, and takes no longer.
    fn ride(&self, speed_m_s: f64, from: u32, to: u32, at_s: f64) -> Option<f64> {
        let origin = self.places[from as usize]?;
        let span = (at_s / SPAN_S).ceil() as i64;
        let mut known = self.known.borrow_mut();
        let row = known.entry((from, span)).or_insert_with(|| {
            let leaves_s = span as f64 * SPAN_S;
            let arrivals = self.outward.from(&origin, leaves_s, speed_m_s);
            let tenths = |place: &Option<Place>| {
                let after_s = place.as_ref().and_then(|place| arrivals.at(place))? - leaves_s;
                Some((after_s * 10.0).ceil().clamp(0.0, 1e9) as u32)
            };
            self.places.iter().map(|place| tenths(place).unwrap_or(NO_WAY)).collect()
        });
        let tenths = row[to as usize];
        let arrives_s = at_s + f64::from(tenths) / 10.0;
        (tenths != NO_WAY && arrives_s <= self.until_s).then_some(arrives_s)
    }
}

/// Plans the trips of a level and takes the people fetched out of those without a place.
pub(crate) fn carry(
    walking: &Walking,
    departing: &Departing<'_>,
    places: &[DemandPlace],
    assigned: &Assigned,
    duration_s: f64,
) -> Result<Carried, Finding> {
    let plan = &assigned.plan;
    let mut fetched: Vec<Stop> = Vec::new();
    let mut led: Vec<Stop> = Vec::new();
    for (place, row) in assigned.answer.rows.iter().enumerate() {
        let people = row.unplaced.iter().fold(0_u64, |sum, (people, _)| sum.saturating_add(*people));
        if people > 0 {
            fetched.push(Stop { place, people, bed: None });
        }
    }
    for step in &plan.outcome.moves {
        let place = step.demand as usize;
        if words(&places[place].needs).any(|word| word == CARE) {
            led.push(Stop { place, people: step.people, bed: Some(step.shelter) });
        }
    }
    let mut carried = Carried::default();
    if fetched.is_empty() && led.is_empty() {
        return Ok(carried);
    }
    if walking.teams.is_empty() {
        carried.findings.extend(no_register(&fetched, &led));
        return Ok(carried);
    }
    let order_s = places.iter().map(|p| p.order.at_s).min_by(f64::total_cmp).unwrap_or(0.0);
    let until_s = order_s + (duration_s - order_s).max(LEAST_HORIZON_S);
    let mut beds: Vec<u64> = plan.problem.shelters.iter().map(|site| site.capacity).collect();
    for step in &plan.outcome.moves {
        beds[step.shelter as usize] -= step.people;
    }
    let (small, large): (Vec<Stop>, Vec<Stop>) = led.into_iter().partition(|stop| stop.people <= LED_AT_MOST);
    let mut party = Party { walking, departing, places, assigned, order_s, until_s, rides: Vec::new() };
    let not_led = party.tours(Means::Escort, small, &mut beds)?;
    let by_bus: Vec<Stop> = fetched.into_iter().chain(large).chain(not_led).collect();
    let by_boat = party.tours(Means::Bus, by_bus, &mut beds)?;
    let left = party.tours(Means::Boat, by_boat, &mut beds)?;
    carried.rides = party.rides;
    carried.findings.extend(not_all(&left, places));
    Ok(carried)
}

/// What all trips of a level share.
struct Party<'a> {
    walking: &'a Walking,
    departing: &'a Departing<'a>,
    places: &'a [DemandPlace],
    assigned: &'a Assigned,
    order_s: f64,
    until_s: f64,
    rides: Vec<(usize, Ride)>,
}

impl Party<'_> {
    /// Trips of one means; returns whom it leaves.
    fn tours(&mut self, means: Means, stops: Vec<Stop>, beds: &mut [u64]) -> Result<Vec<Stop>, Finding> {
        let walking = self.walking;
        let teams: Vec<&Team> = walking.teams.iter().filter(|team| team.means == means).collect();
        if teams.is_empty() || stops.is_empty() {
            return Ok(stops);
        }
        let roads = &walking.roads;
        let (links, speed_to, speed_with): (&[TimedLink], f64, f64) = match means {
            Means::Bus => (&roads.bus, roads.bus_m_s, roads.bus_m_s),
            Means::Boat => (&roads.boat, roads.boat_m_s, roads.boat_m_s),
            Means::Escort => {
                let rain = Weather { night: false, heavy_rain: true };
                let pace = |pace| Mode::walk(pace, rain).speed_m_s;
                (&roads.walk, pace(Pace::Healthy), pace(Pace::Assisted))
            }
        };
        let open = |edge: usize| links[2 * edge].closes_s.is_none_or(|s| s > 0.0);
        let snap = |x: f64, y: f64| walking.graph.snap((x, y), MAX_SNAP_M, open).map(|access| place_of(&access));
        let plan = &self.assigned.plan;
        let sites = plan.problem.shelters.len() as u32;
        let at_site = |site: usize| {
            let shelter = &walking.shelters[plan.shelter_of[site] as usize];
            snap(shelter.x, shelter.y)
        };
        let first_stop = sites;
        let first_team = sites + stops.len() as u32;
        let mut spots: Vec<Option<Place>> = (0..sites as usize).map(at_site).collect();
        spots.extend(stops.iter().map(|stop| snap(self.places[stop.place].x_m, self.places[stop.place].y_m)));
        spots.extend(teams.iter().map(|team| snap(team.x_m, team.y_m)));
        let map = |until_s: f64| Map {
            places: spots.clone(),
            outward: Outward::of(links, walking.graph.node_count()),
            known: RefCell::default(),
            until_s,
        };
        // Two memories: helpers run to the house and lead people back at another speed.
        let (to_stop, to_shelter) = (map(self.until_s), map(self.until_s));
        // Free beds, then the beds that people to be led have already.
        let mut shelters: Vec<TourShelter> =
            (0..sites).zip(beds.iter()).map(|(place, beds)| TourShelter { place, beds: *beds }).collect();
        let own_bed: Vec<Option<usize>> = (stops.iter())
            .map(|stop| {
                let place = stop.bed?;
                shelters.push(TourShelter { place, beds: stop.people });
                Some(shelters.len() - 1)
            })
            .collect();
        // A site may stand twice: as free beds and as the bed of somebody. Numbers beyond the spots tell them apart.
        let codes: Vec<u32> = (0..shelters.len() as u32)
            .map(|k| if k < sites { k } else { first_team + teams.len() as u32 + k - sites })
            .collect();
        let code_place: BTreeMap<u32, u32> = codes.iter().copied().zip(shelters.iter().map(|s| s.place)).collect();
        shelters.iter_mut().zip(&codes).for_each(|(shelter, code)| shelter.place = *code);
        let spot = |code: u32| code_place.get(&code).copied().unwrap_or(code);
        let suits = self.suitability(&stops)?;
        let may = |stop: u32, code: u32| {
            let k = (stop - first_stop) as usize;
            match own_bed[k] {
                Some(own) => codes[own] == code,
                None => code < sites && suits.suits(k as u32, code),
            }
        };
        let empty = |from: u32, to: u32, at_s: f64| to_stop.ride(speed_to, spot(from), to, at_s);
        let loaded = |from: u32, to: u32, at_s: f64| {
            if may(from, to) { to_shelter.ride(speed_with, from, spot(to), at_s) } else { None }
        };
        let tour_stops: Vec<TourStop> = (first_stop..)
            .zip(&stops)
            .map(|(place, stop)| TourStop {
                place,
                people: stop.people,
                ready_s: self.places[stop.place].order.at_s + walking.prepare_s(&self.places[stop.place].object_id),
                until_s: self.departing.by_bus(&self.places[stop.place]).filter(|_| means == Means::Bus),
            })
            .collect();
        let (load_s, unload_s) = match means {
            Means::Bus => (BUS_LOAD_S, BUS_UNLOAD_S),
            Means::Boat => (BOAT_LOAD_S, BOAT_UNLOAD_S),
            Means::Escort => (ESCORT_LOAD_S, 0.0),
        };
        let carriers: Vec<Carrier> = (first_team..)
            .zip(&teams)
            .map(|(place, team)| Carrier {
                id: team.id.clone(),
                place,
                seats: team.seats,
                free_s: self.order_s + MUSTER_S,
                load_s,
                unload_s,
            })
            .collect();
        let planned = plan_tours(&tour_stops, &carriers, &shelters, &empty, &loaded)?;
        let mut trips: BTreeMap<u32, u32> = BTreeMap::new();
        for tour in planned.tours {
            let (stop, team) = (&stops[tour.stop as usize], teams[tour.carrier as usize]);
            let site = spot(shelters[tour.shelter as usize].place) as usize;
            if stop.bed.is_none() {
                beds[site] -= tour.people;
            }
            let trip = trips.entry(tour.carrier).or_default();
            *trip += 1;
            self.rides.push((
                stop.place,
                Ride {
                    carrier: team.id.clone(),
                    force_id: team.force_id.clone(),
                    means: means.id().to_owned(),
                    origin: team.origin,
                    trip: *trip,
                    shelter_id: walking.shelter_id(plan.shelter_of[site]).to_owned(),
                    people: tour.people,
                    led: stop.bed.is_some(),
                    starts_s: tour.starts_s,
                    pickup_s: tour.pickup_s,
                    leaves_s: tour.leaves_s,
                    arrives_s: tour.arrives_s,
                },
            ));
        }
        let left = planned.left.into_iter().map(|(stop, people, _)| {
            let Stop { place, bed, .. } = stops[stop as usize];
            Stop { place, people, bed }
        });
        Ok(left.collect())
    }

    /// Which site suits which stop.
    fn suitability(&self, stops: &[Stop]) -> Result<Suitability, Finding> {
        let instance = &self.assigned.plan.instance;
        let needs: Vec<&str> = stops.iter().map(|stop| instance.demand[stop.place].needs.as_str()).collect();
        let sites = instance.sites();
        let offers: Vec<&str> = sites.iter().map(|site| site.offers.as_str()).collect();
        Suitability::of(&needs, &offers)
    }
}

fn people_of(stops: &[Stop]) -> u64 {
    stops.iter().fold(0, |sum, stop| sum.saturating_add(stop.people))
}

fn no_register(fetched: &[Stop], led: &[Stop]) -> Option<Finding> {
    let (fetched, led) = (people_of(fetched), people_of(led));
    Some(
        Finding::info(
            "RUN-162",
            Text::new(
                format!("没有可用的运力台账：{fetched} 人未能步行安置、{led} 人需要护送，车辆与护送未作安排"),
                format!("no vehicles or teams are registered: {fetched} people have no place on foot and {led} need an escort; none was planned"),
            ),
            Text::new(
                "在队伍台账填写 carrier（bus、boat、escort）、units、seats",
                "fill carrier (bus, boat, escort), units and seats in the register of forces",
            ),
        )
        .in_file("forces"),
    )
}

fn not_all(left: &[Stop], places: &[DemandPlace]) -> Option<Finding> {
    let (led, fetched): (Vec<&Stop>, Vec<&Stop>) = left.iter().partition(|stop| stop.bed.is_some());
    let sum = |stops: &[&Stop]| stops.iter().fold(0_u64, |sum, stop| sum.saturating_add(stop.people));
    let (led, fetched) = (sum(&led), sum(&fetched));
    (led + fetched > 0).then(|| {
        Finding::warning(
            "RUN-163",
            Text::new(
                format!("运力不足、床位不足或道路将断：{fetched} 人仍未落实去处，{led} 名需护理者无人护送"),
                format!("vehicles, beds or open roads do not suffice: {fetched} people still have no place, {led} who need care have no escort"),
            ),
            Text::new("增派车辆与护送人员，或提前下令", "send more vehicles and helpers, or order earlier"),
        )
        .at(places.first().map_or("", |p| p.level.id()))
    })
}
