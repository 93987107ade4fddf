//! Round trips: buses, boats, and escorts of people who cannot walk alone.
//!
//! A carrier (bus, boat, team of helpers) goes empty from where it is to a stop, loads, goes loaded to a shelter with beds, unloads, and
//! is free there. The stop that is cut off first is served first, by the carrier that brings its people in soonest. People who must stay
//! together go to one shelter if any has beds for all of them; those beds are kept for them. How long a way takes and when it closes is
//! asked of the caller, empty and loaded apart: an escort runs to the house and walks back slowly.

use dayu_base::{Finding, Text};

/// People waiting at one place.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TourStop {
    /// place, in the caller's numbers
    pub place: u32,
    /// persons to be fetched
    pub people: u64,
    /// of them, those who are helped in and out; they go first
    pub assisted: u64,
    /// nobody sets out for them before, s
    pub ordered_s: f64,
    /// ready from, s
    pub ready_s: f64,
    /// from the door to the vehicle, s
    pub approach_s: f64,
    /// cut off from, s; `None` = not in the run
    pub until_s: Option<f64>,
    /// all to one shelter if any can take them
    pub together: bool,
}

/// Who or what carries.
#[derive(Clone, Debug, PartialEq)]
pub struct Carrier {
    /// vehicle or team
    pub id: String,
    /// depot, in the caller's numbers
    pub place: u32,
    /// persons at a time (an escort: those one team can lead)
    pub seats: u64,
    /// free from, s
    pub free_s: f64,
    /// loading per person, s
    pub load_s: f64,
    /// unloading per person, s
    pub unload_s: f64,
    /// loading per person who is helped, s
    pub assisted_load_s: f64,
    /// unloading per person who is helped, s
    pub assisted_unload_s: f64,
}

impl Carrier {
    fn loading_s(&self, people: u64, assisted: u64) -> f64 {
        self.assisted_load_s * assisted as f64 + self.load_s * (people - assisted) as f64
    }

    /// How many of a queue, those who are helped first, are aboard within a time.
    fn loaded_within(&self, span_s: f64, assisted: u64) -> u64 {
        let count = |span_s: f64, each_s: f64| if each_s > 0.0 { (span_s / each_s) as u64 } else { u64::MAX };
        if span_s < 0.0 {
            return 0;
        }
        let helped = count(span_s, self.assisted_load_s);
        if helped < assisted {
            return helped;
        }
        assisted.saturating_add(count(span_s - self.assisted_load_s * assisted as f64, self.load_s))
    }

    fn unloading_s(&self, people: u64, assisted: u64) -> f64 {
        self.assisted_unload_s * assisted as f64 + self.unload_s * (people - assisted) as f64
    }
}

/// Beds a tour may end at.
#[derive(Clone, Debug, PartialEq)]
pub struct TourShelter {
    /// place, in the caller's numbers
    pub place: u32,
    /// free beds
    pub beds: u64,
}

/// One round trip.
#[derive(Clone, Debug, PartialEq)]
pub struct Tour {
    /// index of the carrier
    pub carrier: u32,
    /// index of the stop
    pub stop: u32,
    /// index of the shelter
    pub shelter: u32,
    /// persons
    pub people: u64,
    /// of them helped in and out
    pub assisted: u64,
    /// sets out empty, s
    pub starts_s: f64,
    /// at the stop, s
    pub pickup_s: f64,
    /// leaves the stop, s
    pub leaves_s: f64,
    /// at the shelter, s
    pub arrives_s: f64,
    /// free again there, s
    pub free_s: f64,
}

/// Tours in the order of their planning, and who is left.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TourPlan {
    /// round trips
    pub tours: Vec<Tour>,
    /// (index of the stop, persons, machine reason `no_carrier` | `shelters_full` | `road_closed`)
    pub left: Vec<(u32, u64, &'static str)>,
    /// stops that should stay together and that no single shelter could take in time
    pub parted: Vec<u32>,
}

/// Shelters tried for people who stay together, the one reached soonest first.
const SITES_TRIED: usize = 8;

/// Arrival, s, of one who leaves the first place at a time, s, for the second; `None` = the way is closed.
pub type Ride<'a> = dyn Fn(u32, u32, f64) -> Option<f64> + 'a;

/// Plans round trips until everybody is fetched or nothing more can be reached in time.
///
/// # Errors
/// `EVA-056` for a carrier without seats or a time that is no number: people would wait for ever.
pub fn plan_tours(
    stops: &[TourStop],
    carriers: &[Carrier],
    shelters: &[TourShelter],
    empty: &Ride<'_>,
    loaded: &Ride<'_>,
) -> Result<TourPlan, Finding> {
    for carrier in carriers {
        let spans = [carrier.load_s, carrier.unload_s, carrier.assisted_load_s, carrier.assisted_unload_s];
        if carrier.seats == 0 || !carrier.free_s.is_finite() || spans.iter().any(|t| !t.is_finite() || *t < 0.0) {
            return Err(Finding::error(
                "EVA-056",
                Text::new("运力座位为 0 或时间无效。", "A carrier has no seats or an invalid time."),
                Text::new("改正座位数与时间，或去掉该运力。", "Correct seats and times, or leave it out."),
            )
            .at(carrier.id.clone()));
        }
    }
    let mut order: Vec<usize> = (0..stops.len()).filter(|s| stops[*s].people > 0).collect();
    let until = |s: usize| stops[s].until_s.unwrap_or(f64::INFINITY);
    order.sort_by(|&a, &b| {
        until(a).total_cmp(&until(b)).then(stops[a].ready_s.total_cmp(&stops[b].ready_s)).then(a.cmp(&b))
    });
    let mut planner = Planner {
        stops,
        carriers,
        shelters,
        empty,
        loaded,
        beds: shelters.iter().map(|s| s.beds).collect(),
        held: vec![0; shelters.len()],
        state: carriers.iter().map(|c| (c.place, c.free_s)).collect(),
        tours: Vec::new(),
    };
    // Beds for all of them at once are kept from those who come earlier and could go anywhere.
    let mut hold: Vec<Option<usize>> = vec![None; stops.len()];
    for &stop in order.iter().filter(|stop| stops[**stop].together) {
        hold[stop] = planner.with_room(stop).first().copied();
        if let Some(site) = hold[stop] {
            planner.held[site] += stops[stop].people;
        }
    }
    let mut left: Vec<(u32, u64, &'static str)> = Vec::new();
    let mut parted = Vec::new();
    let mut freed = false;
    for stop in order {
        let mut people = stops[stop].people;
        if stops[stop].together {
            if let Some(site) = hold[stop] {
                planner.held[site] -= people;
            }
            let sites = planner.with_room(stop);
            if sites.into_iter().take(SITES_TRIED).any(|site| planner.all_to(stop, site)) {
                people = 0;
            } else {
                parted.push(stop as u32);
                freed |= hold[stop].is_some();
            }
        }
        people = planner.fetch(stop, people);
        if people > 0 {
            left.push((stop as u32, people, planner.reason()));
        }
    }
    // Beds kept for people who could not be brought there together are free for others again.
    if freed {
        for (stop, people, reason) in &mut left {
            *people = planner.fetch(*stop as usize, *people);
            *reason = planner.reason();
        }
        left.retain(|(_, people, _)| *people > 0);
    }
    Ok(TourPlan { tours: planner.tours, left, parted })
}

/// Beds and carriers in the course of planning.
struct Planner<'a> {
    stops: &'a [TourStop],
    carriers: &'a [Carrier],
    shelters: &'a [TourShelter],
    empty: &'a Ride<'a>,
    loaded: &'a Ride<'a>,
    /// free beds
    beds: Vec<u64>,
    /// of them kept for people who stay together
    held: Vec<u64>,
    /// (place, free from) of each carrier
    state: Vec<(u32, f64)>,
    tours: Vec<Tour>,
}

impl Planner<'_> {
    /// Why people are left at a stop now.
    fn reason(&self) -> &'static str {
        if self.carriers.is_empty() {
            "no_carrier"
        } else if self.beds.iter().zip(&self.held).all(|(beds, held)| beds == held) {
            crate::assignment::SHELTERS_FULL
        } else {
            crate::access::ROAD_CLOSED
        }
    }

    /// Sites with beds for all people of a stop, the one reached soonest first.
    fn with_room(&self, stop: usize) -> Vec<usize> {
        let row = &self.stops[stop];
        let mut sites: Vec<(f64, usize)> = (0..self.shelters.len())
            .filter(|site| self.beds[*site] - self.held[*site] >= row.people)
            .filter_map(|site| Some(((self.loaded)(row.place, self.shelters[site].place, row.ready_s)?, site)))
            .collect();
        sites.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        sites.into_iter().map(|(_, site)| site).collect()
    }

    /// Brings all people of a stop to one site, or nobody.
    fn all_to(&mut self, stop: usize, site: usize) -> bool {
        let before = (self.beds.clone(), self.state.clone(), self.tours.len());
        let mut people = self.stops[stop].people;
        while people > 0 {
            let Some(tour) = self.best_trip(stop, people, site..site + 1) else {
                (self.beds, self.state) = (before.0, before.1);
                self.tours.truncate(before.2);
                return false;
            };
            people -= tour.people;
            self.go(tour);
        }
        true
    }

    /// Fetches as many of the `people` left at a stop as can be; returns those still left.
    fn fetch(&mut self, stop: usize, mut people: u64) -> u64 {
        while people > 0 {
            let Some(tour) = self.best_trip(stop, people, 0..self.shelters.len()) else { break };
            people -= tour.people;
            self.go(tour);
        }
        people
    }

    fn go(&mut self, tour: Tour) {
        self.beds[tour.shelter as usize] -= tour.people;
        self.state[tour.carrier as usize] = (self.shelters[tour.shelter as usize].place, tour.free_s);
        self.tours.push(tour);
    }

    /// The trip to a stop that ends soonest; of equal ones that with most people, then the lowest carrier and shelter.
    fn best_trip(&self, stop: usize, people: u64, sites: std::ops::Range<usize>) -> Option<Tour> {
        let row = &self.stops[stop];
        let assisted = row.assisted.min(row.people).saturating_sub(row.people - people);
        // Nobody is asked to wait at the stop before people are ready; the way there may close meanwhile, so a carrier goes at once.
        let mut ready: Vec<(f64, usize)> = (self.state.iter().enumerate())
            .filter_map(|(index, &(at, free_s))| {
                Some(((self.empty)(at, row.place, free_s.max(row.ordered_s))?.max(row.ready_s), index))
            })
            .collect();
        ready.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let mut best: Option<Tour> = None;
        for (pickup_s, index) in ready {
            // Who comes later than the best has arrived cannot be better.
            if best.as_ref().is_some_and(|best| pickup_s > best.arrives_s) {
                break;
            }
            let (carrier, starts_s) = (&self.carriers[index], self.state[index].1.max(row.ordered_s));
            for site in sites.clone().filter(|site| self.beds[*site] > self.held[*site]) {
                let boards_s = pickup_s + row.approach_s;
                let in_time = row.until_s.map_or(u64::MAX, |until| carrier.loaded_within(until - boards_s, assisted));
                let mut fits = people.min(carrier.seats).min(self.beds[site] - self.held[site]).min(in_time);
                // Whoever boards keeps the others waiting: where a full load comes too late for the road, half of it may not.
                let trip = loop {
                    let helped = assisted.min(fits);
                    let leaves_s = boards_s + carrier.loading_s(fits, helped);
                    let open = fits > 0 && row.until_s.is_none_or(|until| leaves_s <= until);
                    let there = if open { (self.loaded)(row.place, self.shelters[site].place, leaves_s) } else { None };
                    match there {
                        Some(arrives_s) => break Some((helped, leaves_s, arrives_s)),
                        None if fits <= 1 => break None,
                        None => fits /= 2,
                    }
                };
                let Some((helped, leaves_s, arrives_s)) = trip else { continue };
                let better = |best: &Tour| {
                    let key = |tour: (f64, u64, usize, usize)| (std::cmp::Reverse(tour.1), tour.2, tour.3);
                    let (old, new) = (
                        (best.arrives_s, best.people, best.carrier as usize, best.shelter as usize),
                        (arrives_s, fits, index, site),
                    );
                    arrives_s.total_cmp(&best.arrives_s).then(key(new).cmp(&key(old))).is_lt()
                };
                if best.as_ref().is_none_or(better) {
                    best = Some(Tour {
                        carrier: index as u32,
                        stop: stop as u32,
                        shelter: site as u32,
                        people: fits,
                        assisted: helped,
                        starts_s,
                        pickup_s,
                        leaves_s,
                        arrives_s,
                        free_s: arrives_s + carrier.unloading_s(fits, helped),
                    });
                }
            }
        }
        best
    }
}
