//! Vehicles and helpers of a level: people whom the assignment on foot leaves without a place are fetched by bus to shelters with beds, people
//! who need care are led or driven to the shelter they have; whom the water keeps from both is fetched by boat.

use crate::carriers::{
    ASSISTED_LOAD_S, ASSISTED_UNLOAD_S, BOAT_ASSISTED_LOAD_S, BOAT_ASSISTED_UNLOAD_S, BOAT_LOAD_S, BOAT_UNLOAD_S,
    BUS_LOAD_S, BUS_UNLOAD_S, ESCORT_LOAD_S, MUSTER_S, Means, Team,
};
use crate::departing::{Departing, place_of};
use crate::walking::{Assigned, MAX_SNAP_M, Walking};
use dayu_base::{Finding, Text};
use dayu_evacuation::{
    CARE, Carrier, Mode, Order, Outward, Pace, Place, Suitability, TimedLink, TourShelter, TourStop, Weather,
    plan_tours, words,
};
use dayu_package::PARTED;
use dayu_plan::{DemandPlace, EvacAnswer, Ride};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

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
    /// orders of those whom the trips get a bed, with the means
    pub orders: Vec<(Order, &'static str)>,
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
pub(crate) struct Stop {
    pub place: usize,
    pub people: u64,
    /// site of their bed, when they have one
    pub bed: Option<u32>,
    /// they have it by the assignment on foot; else an earlier trip was ordered to it
    pub led: bool,
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

/// Plans the trips of a level and takes the people fetched out of those without a place. `told`: whom an earlier run told a vehicle and a
/// shelter; they and their beds take no part in the assignment on foot. `night`: whether it is dark at a time, s.
pub(crate) fn carry(
    walking: &Walking,
    departing: &Departing<'_>,
    places: &[DemandPlace],
    assigned: &Assigned,
    told: Vec<Stop>,
    duration_s: f64,
    night: &dyn Fn(f64) -> bool,
) -> Result<Carried, Finding> {
    let plan = &assigned.plan;
    let mut fetched: Vec<Stop> = Vec::new();
    let mut led: Vec<Stop> = Vec::new();
    for (place, row) in assigned.answer.rows.iter().enumerate() {
        let waiting = told.iter().filter(|stop| stop.place == place).fold(0, |sum, stop| sum + stop.people);
        let people = row.unplaced.iter().fold(0_u64, |sum, (people, _)| sum.saturating_add(*people));
        let people = people.saturating_sub(waiting);
        if people > 0 {
            fetched.push(Stop { place, people, bed: None, led: false });
        }
    }
    for step in &plan.outcome.moves {
        let place = step.demand as usize;
        if words(&places[place].needs).any(|word| word == CARE) {
            led.push(Stop { place, people: step.people, bed: Some(step.shelter), led: true });
        }
    }
    let mut carried = Carried::default();
    if fetched.is_empty() && led.is_empty() && told.is_empty() {
        return Ok(carried);
    }
    if walking.teams.is_empty() {
        fetched.extend(told);
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
    let mut party = Party {
        walking,
        departing,
        places,
        assigned,
        order_s,
        until_s,
        night,
        rides: Vec::new(),
        orders: Vec::new(),
        parted: BTreeSet::new(),
        busy: BTreeMap::new(),
    };
    // Orders given before come first: they are not taken back for others.
    let told_by_boat = party.tours(Means::Bus, told, &mut beds)?;
    let mut released = party.tours(Means::Boat, told_by_boat, &mut beds)?;
    for stop in &mut released {
        if let Some(site) = stop.bed.take() {
            beds[site as usize] += stop.people;
        }
    }
    let not_led = party.tours(Means::Escort, small, &mut beds)?;
    let by_bus: Vec<Stop> = released.into_iter().chain(fetched).chain(large).chain(not_led).collect();
    let by_boat = party.tours(Means::Bus, by_bus, &mut beds)?;
    let left = party.tours(Means::Boat, by_boat, &mut beds)?;
    for place in &party.parted {
        let rides = party.rides.iter().filter(|(at, ride)| at == place && !ride.led).map(|(_, ride)| ride);
        carried.findings.extend(parted_words(&places[*place], rides));
    }
    (carried.rides, carried.orders) = (party.rides, party.orders);
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
    night: &'a dyn Fn(f64) -> bool,
    rides: Vec<(usize, Ride)>,
    orders: Vec<(Order, &'static str)>,
    /// places that should stay together and were split
    parted: BTreeSet<usize>,
    /// vehicles and teams that have driven for other stops, by id
    busy: BTreeMap<String, Busy>,
}

/// Where a vehicle or team ended its last trip.
#[derive(Clone, Copy, Default)]
struct Busy {
    site: u32,
    free_s: f64,
    trips: u32,
}

impl Party<'_> {
    /// Of the people at a stop, those who are helped in and out: all who need care, else as many as need help at that place.
    fn assisted(&self, stop: &Stop) -> u64 {
        let place = &self.places[stop.place];
        let care = words(&place.needs).any(|word| word == CARE);
        if care { stop.people } else { place.vulnerable.min(stop.people) }
    }

    /// Trips of one means; returns whom it leaves.
    fn tours(&mut self, means: Means, stops: Vec<Stop>, beds: &mut [u64]) -> Result<Vec<Stop>, Finding> {
        let walking = self.walking;
        let teams: Vec<&Team> = walking.teams.iter().filter(|team| team.means == means).collect();
        if teams.is_empty() || stops.is_empty() {
            return Ok(stops);
        }
        let weather = Weather { night: (self.night)(self.order_s), heavy_rain: true };
        let pace = |pace| Mode::walk(pace, weather).speed_m_s;
        let roads = &walking.roads;
        let (links, speed_to, speed_with): (&[TimedLink], f64, f64) = match means {
            Means::Bus => (&roads.bus, roads.bus_m_s, roads.bus_m_s),
            Means::Boat => (&roads.boat, roads.boat_m_s, roads.boat_m_s),
            Means::Escort => (&roads.walk, pace(Pace::Healthy), pace(Pace::Assisted)),
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
        // Vehicles stop on the road: what lies between road and door is walked.
        let ends = first_team as usize;
        let mut off_m: Vec<f64> = vec![0.0; ends];
        if means != Means::Escort {
            for (spot, off_m) in spots[..ends].iter_mut().zip(&mut off_m) {
                *off_m = spot.as_mut().map_or(0.0, |spot| std::mem::take(&mut spot.off_m));
            }
        }
        let paces: Vec<f64> = (stops.iter())
            .map(|stop| if self.assisted(stop) > 0 { pace(Pace::Assisted) } else { pace(Pace::Slow) })
            .collect();
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
            let arrives_s = if may(from, to) { to_shelter.ride(speed_with, from, spot(to), at_s) } else { None };
            Some(arrives_s? + off_m[spot(to) as usize] / paces[(from - first_stop) as usize])
        };
        let tour_stops: Vec<TourStop> = (first_stop..)
            .zip(&stops)
            .map(|(place, stop)| TourStop {
                place,
                people: stop.people,
                // A vehicle sets out for an order when it is given, not when the first of all was.
                ordered_s: self.places[stop.place].order.at_s,
                ready_s: self.places[stop.place].order.at_s + walking.prepare_s(&self.places[stop.place].object_id),
                until_s: self.departing.by_bus(&self.places[stop.place]).filter(|_| means == Means::Bus),
                assisted: self.assisted(stop),
                approach_s: off_m[place as usize] / paces[(place - first_stop) as usize],
                together: stop.bed.is_none() && self.places[stop.place].whole,
            })
            .collect();
        let (load_s, unload_s) = match means {
            Means::Bus => (BUS_LOAD_S, BUS_UNLOAD_S),
            Means::Boat => (BOAT_LOAD_S, BOAT_UNLOAD_S),
            Means::Escort => (ESCORT_LOAD_S, 0.0),
        };
        let (assisted_load_s, assisted_unload_s) = match means {
            Means::Bus => (ASSISTED_LOAD_S, ASSISTED_UNLOAD_S),
            Means::Boat => (BOAT_ASSISTED_LOAD_S, BOAT_ASSISTED_UNLOAD_S),
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
                assisted_load_s,
                assisted_unload_s,
            })
            .map(|carrier| match self.busy.get(&carrier.id) {
                Some(busy) => Carrier { place: busy.site, free_s: busy.free_s, ..carrier },
                None => carrier,
            })
            .collect();
        let planned = plan_tours(&tour_stops, &carriers, &shelters, &empty, &loaded)?;
        self.parted.extend(planned.parted.iter().map(|stop| stops[*stop as usize].place));
        for tour in planned.tours {
            let (stop, team) = (&stops[tour.stop as usize], teams[tour.carrier as usize]);
            let site = spot(shelters[tour.shelter as usize].place) as usize;
            if stop.bed.is_none() {
                beds[site] -= tour.people;
            }
            let busy = self.busy.entry(team.id.clone()).or_default();
            *busy = Busy { site: site as u32, free_s: tour.free_s, trips: busy.trips + 1 };
            let trip = busy.trips;
            if !stop.led {
                let (demand, shelter) = (&plan.problem.demand[stop.place].id, plan.problem.house(site as u32));
                let order = Order { demand: demand.clone(), shelter: shelter.to_owned(), people: tour.people };
                self.orders.push((order, means.id()));
            }
            self.rides.push((
                stop.place,
                Ride {
                    carrier: team.id.clone(),
                    force_id: team.force_id.clone(),
                    means: means.id().to_owned(),
                    origin: team.origin,
                    trip,
                    shelter_id: walking.shelter_id(plan.shelter_of[site]).to_owned(),
                    people: tour.people,
                    led: stop.led,
                    starts_s: tour.starts_s,
                    pickup_s: tour.pickup_s,
                    leaves_s: tour.leaves_s,
                    arrives_s: tour.arrives_s,
                },
            ));
        }
        let left = planned.left.into_iter().map(|(stop, people, _)| {
            let Stop { place, bed, led, .. } = stops[stop as usize];
            Stop { place, people, bed, led }
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

/// People who should stay together and whom no single shelter could take in time: to where the trips bring them.
fn parted_words<'a>(place: &DemandPlace, rides: impl Iterator<Item = &'a Ride>) -> Option<Finding> {
    let mut parts: BTreeMap<&str, u64> = BTreeMap::new();
    for ride in rides {
        *parts.entry(&ride.shelter_id).or_default() += ride.people;
    }
    (parts.len() > 1).then(|| {
        let people: u64 = parts.values().sum();
        let named = |open: &str, close: &str| {
            parts.iter().map(|(id, people)| format!("{id}{open}{people}{close}")).collect::<Vec<_>>()
        };
        Finding::warning(
            PARTED,
            Text::new(
                format!(
                    "{people} 人应整体安置，但没有一处床位足够的适宜场所能在断路前全部送到，只能分送 {} 处：{}",
                    parts.len(),
                    named(" ", " 人").join("、")
                ),
                format!(
                    "{people} people should stay together, but no single suitable shelter with beds for all can be reached in time; they are split between {} shelters: {}",
                    parts.len(),
                    named(" (", ")").join(", ")
                ),
            ),
            Text::new(
                "另备能容下全部人员的场所，或由指挥长同意分送并指定陪护人员",
                "prepare a shelter that holds all of them, or have the split approved and name who goes with each part",
            ),
        )
        .at(format!("{}/{}", place.level.id(), place.transfer_id))
    })
}

fn not_all(left: &[Stop], places: &[DemandPlace]) -> Option<Finding> {
    let (led, fetched): (Vec<&Stop>, Vec<&Stop>) = left.iter().partition(|stop| stop.led);
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
