//! Round trips: buses, boats, and escorts of people who cannot walk alone.
//!
//! A carrier (bus, boat, team of helpers) goes empty from where it is to a stop, loads, goes loaded to a shelter with beds, unloads, and
//! is free there. The stop that is cut off first is served first, by the carrier that brings its people in soonest. How long a way takes
//! and when it closes is asked of the caller, empty and loaded apart: an escort runs to the house and walks back slowly.

use dayu_base::{Finding, Text};

/// People waiting at one place.
#[derive(Clone, Debug, PartialEq)]
pub struct TourStop {
    /// place, in the caller's numbers
    pub place: u32,
    /// persons to be fetched
    pub people: u64,
    /// ready from, s
    pub ready_s: f64,
    /// cut off from, s; `None` = not in the run
    pub until_s: Option<f64>,
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
}

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
        let times = [carrier.free_s, carrier.load_s, carrier.unload_s];
        if carrier.seats == 0 || times.iter().any(|t| !t.is_finite()) || carrier.load_s < 0.0 || carrier.unload_s < 0.0
        {
            return Err(Finding::error(
                "EVA-056",
                Text::new("运力座位为 0 或时间无效。", "A carrier has no seats or an invalid time."),
                Text::new("改正座位数与时间，或去掉该运力。", "Correct seats and times, or leave it out."),
            )
            .at(carrier.id.clone()));
        }
    }
    let mut plan = TourPlan::default();
    let mut beds: Vec<u64> = shelters.iter().map(|s| s.beds).collect();
    let mut state: Vec<(u32, f64)> = carriers.iter().map(|c| (c.place, c.free_s)).collect();
    let mut order: Vec<usize> = (0..stops.len()).filter(|s| stops[*s].people > 0).collect();
    let until = |s: usize| stops[s].until_s.unwrap_or(f64::INFINITY);
    order.sort_by(|&a, &b| {
        until(a).total_cmp(&until(b)).then(stops[a].ready_s.total_cmp(&stops[b].ready_s)).then(a.cmp(&b))
    });
    for stop in order {
        let mut people = stops[stop].people;
        while people > 0 {
            let free: u64 = beds.iter().fold(0, |sum, b| sum.saturating_add(*b));
            let trip = best_trip(stop, people, stops, carriers, shelters, &beds, &state, empty, loaded);
            let Some(tour) = trip else {
                let reason = if carriers.is_empty() {
                    "no_carrier"
                } else if free == 0 {
                    crate::assignment::SHELTERS_FULL
                } else {
                    crate::access::ROAD_CLOSED
                };
                plan.left.push((stop as u32, people, reason));
                break;
            };
            people -= tour.people;
            beds[tour.shelter as usize] -= tour.people;
            state[tour.carrier as usize] = (shelters[tour.shelter as usize].place, tour.free_s);
            plan.tours.push(tour);
        }
    }
    Ok(plan)
}

/// The trip to a stop that ends soonest; of equal ones that with most people, then the lowest carrier and shelter.
#[allow(clippy::too_many_arguments)]
fn best_trip(
    stop: usize,
    people: u64,
    stops: &[TourStop],
    carriers: &[Carrier],
    shelters: &[TourShelter],
    beds: &[u64],
    state: &[(u32, f64)],
    empty: &Ride<'_>,
    loaded: &Ride<'_>,
) -> Option<Tour> {
    let row = &stops[stop];
    // Nobody is asked to wait at the stop before people are ready; the way there may close meanwhile, so a carrier goes at once.
    let mut ready: Vec<(f64, usize)> = (state.iter().enumerate())
        .filter_map(|(index, &(at, free_s))| Some((empty(at, row.place, free_s)?.max(row.ready_s), index)))
        .collect();
    ready.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut best: Option<Tour> = None;
    for (pickup_s, index) in ready {
        // Who comes later than the best has arrived cannot be better.
        if best.as_ref().is_some_and(|best| pickup_s > best.arrives_s) {
            break;
        }
        let (carrier, free_s) = (&carriers[index], state[index].1);
        for (site, shelter) in shelters.iter().enumerate().filter(|(s, _)| beds[*s] > 0) {
            let fits = people.min(carrier.seats).min(beds[site]);
            let leaves_s = pickup_s + carrier.load_s * fits as f64;
            if row.until_s.is_some_and(|until| leaves_s > until) {
                continue;
            }
            let Some(arrives_s) = loaded(row.place, shelter.place, leaves_s) else { continue };
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
                    starts_s: free_s,
                    pickup_s,
                    leaves_s,
                    arrives_s,
                    free_s: arrives_s + carrier.unload_s * fits as f64,
                });
            }
        }
    }
    best
}
