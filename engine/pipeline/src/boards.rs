//! Tables beside the evacuation plan of a level: shelters by hour, load of links, the list of those who move, and (protected) the
//! households among them.

use crate::carriers::{trip_basis, walk_basis};
use crate::inputs::Inputs;
use crate::movement::{Movement, STEP_S, WALKERS_PER_MIN};
use crate::walking::Walking;
use dayu_assets::RegionLevel;
use dayu_base::Instant;
use dayu_package::{Annex, Cell, HouseholdFacts, ShelterHours, carrier_name, household_note};
use dayu_plan::{LevelPlan, OrderTime, Ride, TransferRow};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Spreadsheet users get a byte order mark.
const BOM: &str = "\u{feff}";
/// Rows of the load table cover this long, s.
const LOAD_S: u32 = 300;

fn quoted(field: &str) -> String {
    if field.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", field.replace('"', "\"\""))
    } else {
        field.to_owned()
    }
}

fn line(text: &mut String, fields: &[String]) {
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", fields.iter().map(|f| quoted(f)).collect::<Vec<_>>().join(","));
}

fn instant(inputs: &Inputs, s: f64) -> Option<Instant> {
    let span = jiff::SignedDuration::try_from_secs_f64(s.round()).ok()?;
    inputs.start.checked_add(span).ok()
}

/// RFC 3339 of a time of the run; empty = unknown or none.
fn when(inputs: &Inputs, s: Option<f64>) -> String {
    let at = s.filter(|s| s.is_finite()).and_then(|s| instant(inputs, s));
    at.map_or_else(String::new, |at| inputs.district.zone.rfc3339(at))
}

/// Day and clock of a time of the run, for people.
fn short(inputs: &Inputs, s: f64) -> String {
    instant(inputs, s).map_or_else(|| "未知".to_owned(), |at| inputs.district.zone.short(at))
}

/// Who has arrived where by the end of each hour after the order, on foot and carried; by shelter id. Empty when nobody moves.
pub(crate) fn shelter_hours(movement: Option<&Movement>, plan: &LevelPlan) -> Vec<ShelterHours> {
    let order_s = plan.first_order().unwrap_or_default().at_s;
    let mut planned: BTreeMap<&str, u64> = BTreeMap::new();
    // (shelter, hour of arrival from 1, people)
    let mut arrivals: Vec<(&str, usize, u64)> = Vec::new();
    if let Some(movement) = movement {
        // Those whose way closes before they are through are planned, and never arrive.
        for (id, people) in &movement.going {
            *planned.entry(id).or_default() += people;
        }
        for arrival in &movement.plan.arrivals {
            let id = movement.shelters[arrival.shelter as usize].as_str();
            arrivals.push((id, (arrival.step.div_ceil(3600 / STEP_S) as usize).max(1), arrival.people));
        }
    }
    for ride in plan.transfers.iter().flat_map(|row| &row.rides) {
        *planned.entry(&ride.shelter_id).or_default() += ride.people;
        let hour = ((ride.arrives_s - order_s) / 3600.0).ceil().max(1.0) as usize;
        arrivals.push((&ride.shelter_id, hour, ride.people));
    }
    let hours = arrivals.iter().map(|(_, hour, _)| *hour).max().unwrap_or(1);
    let of = |(id, planned): (&str, u64)| {
        let here: Vec<(usize, u64)> = arrivals.iter().filter(|a| a.0 == id).map(|a| (a.1, a.2)).collect();
        let by = |hour: usize| here.iter().filter(|a| a.0 <= hour).map(|a| a.1).sum();
        ShelterHours { shelter_id: id.to_owned(), planned, arrived: (1..=hours).map(by).collect() }
    };
    planned.into_iter().map(of).collect()
}

/// `shelter_board.csv`: per shelter and hour after the order how many are planned, have arrived, and how many beds stay free. `None` when
/// nobody moves.
pub(crate) fn shelter_board(
    inputs: &Inputs,
    walking: &Walking,
    movement: Option<&Movement>,
    plan: &LevelPlan,
) -> Option<String> {
    let mut beds: BTreeMap<&str, u64> = BTreeMap::new();
    for (index, site) in (0..).zip(&walking.shelters) {
        *beds.entry(walking.shelter_id(index)).or_default() += site.capacity;
    }
    let hours = shelter_hours(movement, plan);
    let mut text = format!("{BOM}shelter_id,name,hours_after_order,until,planned,arrived,free,basis\n");
    let basis = format!("{}；{}", walk_basis(walking.roads.walk_m_s).zh, trip_basis().zh);
    for of in &hours {
        let id = of.shelter_id.as_str();
        let name = inputs.district.registry.by_id(id).map_or(id, |a| &a.name);
        for (hour, arrived) in (1_u32..).zip(&of.arrived) {
            // Without an opening there is no clock to put it on.
            let first_s = plan.first_order().and_then(OrderTime::known_s);
            let until = when(inputs, first_s.map(|s| s + f64::from(hour) * 3600.0));
            let free = beds.get(id).map_or_else(String::new, |beds| beds.saturating_sub(*arrived).to_string());
            let fields = [
                id.to_owned(),
                name.to_owned(),
                hour.to_string(),
                until,
                of.planned.to_string(),
                arrived.to_string(),
                free,
                basis.clone(),
            ];
            line(&mut text, &fields);
        }
    }
    (!hours.is_empty()).then_some(text)
}

/// `link_load.csv`: people entering a road link in each five minutes in which somebody does, against what it takes (assumed).
pub(crate) fn link_load(inputs: &Inputs, walking: &Walking, movement: &Movement) -> String {
    let mut load: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for entry in &movement.plan.entries {
        if let Some(edge) = movement.edge[entry.link as usize] {
            *load.entry((edge, entry.step / (LOAD_S / STEP_S))).or_default() += entry.people;
        }
    }
    let mut text = format!("{BOM}road_id,link,minutes_after_order,from,people,capacity,basis\n");
    let basis = walk_basis(walking.roads.walk_m_s).zh;
    for ((edge, slot), people) in load {
        let from_s = f64::from(slot * LOAD_S);
        let from = when(inputs, Some(movement.order_s + from_s).filter(|_| movement.opened));
        // Both directions of a path together can carry twice one direction's share.
        let capacity = 2 * WALKERS_PER_MIN * u64::from(LOAD_S) / 60;
        let minutes = slot * LOAD_S / 60;
        let road = walking.road_id(edge as usize).to_owned();
        let (edge, minutes, people, capacity) =
            (edge.to_string(), minutes.to_string(), people.to_string(), capacity.to_string());
        line(&mut text, &[road, edge, minutes, from, people, capacity, basis.clone()]);
    }
    text
}

/// Times of [last departure, last order]; empty = unknown or none.
fn leave(inputs: &Inputs, row: &TransferRow) -> [String; 2] {
    let departure = row.departure.as_ref();
    let at = |s: Option<f64>| when(inputs, s);
    [at(departure.and_then(|d| d.leave_by().at_s())), at(departure.and_then(|d| d.order_by_s()))]
}

fn named(inputs: &Inputs, region: Option<&str>, level: RegionLevel) -> String {
    let chain = region.map(|code| inputs.district.registry.ancestors(code)).unwrap_or_default();
    chain.iter().find(|r| r.level == level).map(|r| r.name.clone()).unwrap_or_default()
}

/// An annex as a file for spreadsheets: Chinese headings, times in RFC 3339, empty = unknown.
pub(crate) fn annex_csv(annex: &Annex) -> String {
    let mut text = BOM.to_owned();
    line(&mut text, &annex.columns.iter().map(|c| c.title.zh.clone()).collect::<Vec<_>>());
    for row in &annex.rows {
        let fields = row.iter().map(|cell| match cell {
            Cell::Empty => String::new(),
            Cell::Text(words) => words.clone(),
            Cell::Integer(n) => n.to_string(),
            Cell::Real(v) => v.to_string(),
        });
        line(&mut text, &fields.collect::<Vec<_>>());
    }
    text
}

/// `protected/households.csv`: registered households of the objects that are moved, with the note each is to be given. Keys only; names and
/// numbers stay in the register of contacts.
/// `walk_m_s`: pace that walks are counted with; `None` = no roads.
pub(crate) fn household_notes(inputs: &Inputs, plan: &LevelPlan, walk_m_s: Option<f64>) -> Option<String> {
    let name = |id: &str| inputs.district.registry.by_id(id).map_or_else(|| id.to_owned(), |a| a.name.clone());
    let clock = |s: f64| short(inputs, s);
    let facts = HouseholdFacts { walk_m_s, name: &name, clock: &clock };
    let mut of_object: BTreeMap<&str, Vec<&TransferRow>> = BTreeMap::new();
    for row in &plan.transfers {
        of_object.entry(&row.object_id).or_default().push(row);
    }
    let mut rows = Vec::new();
    for home in &inputs.district.households {
        let places = [home.object_id.as_deref(), home.block_id.as_deref()];
        let found = places.into_iter().flatten().find_map(|id| of_object.get(id));
        // Where an object moves under two categories, the household goes with its own.
        let Some(row) = found.and_then(|r| r.iter().find(|r| r.category == home.category).or(r.first())) else {
            continue;
        };
        let [leave_by, order_by] = leave(inputs, row);
        let note = household_note(row, &facts);
        rows.push(vec![
            named(inputs, Some(&home.region), RegionLevel::Town),
            named(inputs, Some(&home.region), RegionLevel::Village),
            home.household_id.clone(),
            home.people.to_string(),
            home.vulnerable.to_string(),
            home.need.clone(),
            home.helper_id.clone().unwrap_or_default(),
            row.id.clone(),
            order_by,
            leave_by,
            note,
        ]);
    }
    if rows.is_empty() {
        return None;
    }
    rows.sort();
    let mut text = format!(
        "{BOM}镇街,村社,户编号,人数,特殊人员(人),需要,帮扶责任人编号,转移事项,下令不迟于,最晚安全撤离时刻,告知\n"
    );
    for row in rows {
        line(&mut text, &row);
    }
    Some(text)
}

/// `tours.csv`: every trip of every vehicle and team, by carrier and time. `None` when nobody is carried.
pub(crate) fn tours(inputs: &Inputs, plan: &LevelPlan) -> Option<String> {
    let mut rides: Vec<(&TransferRow, &Ride)> =
        plan.transfers.iter().flat_map(|row| row.rides.iter().map(move |ride| (row, ride))).collect();
    if rides.is_empty() {
        return None;
    }
    // Vehicle 10 after vehicle 9.
    let key = |ride: &Ride| {
        let number = ride.carrier.rsplit('#').next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0);
        (ride.force_id.clone(), number, ride.trip)
    };
    rides.sort_by_key(|(_, ride)| key(ride));
    let mut text = format!(
        "{BOM}carrier,force_id,force,means,origin,trip,transfer_id,object,shelter_id,shelter,people,led,sets_out,pickup,leaves,arrives,vehicle,basis\n"
    );
    let basis = trip_basis().zh;
    let name = |id: &str| inputs.district.registry.by_id(id).map_or_else(|| id.to_owned(), |a| a.name.clone());
    for (row, ride) in rides {
        line(
            &mut text,
            &[
                ride.carrier.clone(),
                ride.force_id.clone(),
                name(&ride.force_id),
                ride.means.clone(),
                ride.origin.id().to_owned(),
                ride.trip.to_string(),
                row.id.clone(),
                name(&row.object_id),
                ride.shelter_id.clone(),
                name(&ride.shelter_id),
                ride.people.to_string(),
                ride.led.to_string(),
                when(inputs, Some(ride.starts_s)),
                when(inputs, Some(ride.pickup_s)),
                when(inputs, Some(ride.leaves_s)),
                when(inputs, Some(ride.arrives_s)),
                carrier_name(&name(&ride.force_id), ride),
                basis.clone(),
            ],
        );
    }
    Some(text)
}
