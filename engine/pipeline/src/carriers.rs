//! Vehicles and teams of helpers that can fetch people, from the register of forces.

use crate::inputs::Inputs;
use crate::movement::WALKERS_PER_MIN;
use crate::walking::Walking;
use dayu_assets::{Asset, Details, Layer};
use dayu_base::{Finding, Origin, Text};
use dayu_evacuation::{Mode, Preparation};

/// How people are carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Means {
    Bus,
    /// boats on trailers: on the road where it is dry, afloat where a bus is stopped
    Boat,
    /// helpers who run there and lead people back at their pace
    Escort,
}

impl Means {
    pub fn id(self) -> &'static str {
        match self {
            Self::Bus => "bus",
            Self::Boat => "boat",
            Self::Escort => "escort",
        }
    }
}

/// One vehicle or team.
#[derive(Clone, Debug)]
pub(crate) struct Team {
    /// id of the force and its number
    pub id: String,
    pub force_id: String,
    pub means: Means,
    pub origin: Origin,
    pub seats: u64,
    pub x_m: f64,
    pub y_m: f64,
}

/// More units of one force than this are a slip.
const MOST_UNITS: u64 = 500;

/// All vehicles and teams of the register, in the order of ids. A row that cannot be used is named.
pub(crate) fn teams(inputs: &Inputs, findings: &mut Vec<Finding>) -> Vec<Team> {
    let mut teams = Vec::new();
    let mut forces: Vec<&Asset> = inputs.district.registry.layer(Layer::Forces).collect();
    forces.sort_by(|a, b| a.id.cmp(&b.id));
    for force in forces {
        let Details::Force { carrier: Some(carrier), units, seats, .. } = &force.details else { continue };
        let means = match carrier.trim() {
            "bus" | "客车" | "大巴" => Means::Bus,
            "boat" | "冲锋舟" | "船" => Means::Boat,
            "escort" | "护送" => Means::Escort,
            other => {
                findings.push(unusable(
                    &force.id,
                    "carrier",
                    &format!("“{other}”不能用于推演内的接运（可用 bus、boat、escort）"),
                    &format!("'{other}' cannot fetch people in a run (bus, boat and escort can)"),
                ));
                continue;
            }
        };
        match (units, seats) {
            (Some(units @ 1..=MOST_UNITS), Some(seats @ 1..)) => teams.extend((1..=*units).map(|number| Team {
                id: format!("{}#{number}", force.id),
                force_id: force.id.clone(),
                means,
                origin: force.origin,
                seats: *seats,
                x_m: force.x_m,
                y_m: force.y_m,
            })),
            _ => findings.push(unusable(
                &force.id,
                "units,seats",
                "辆（组）数或每次可运人数未知、为 0 或过大，不参与接运",
                "how many there are or how many each takes is unknown, 0 or too large; it fetches nobody",
            )),
        }
    }
    teams
}

fn unusable(id: &str, field: &str, zh: &str, en: &str) -> Finding {
    Finding::warning(
        "RUN-164",
        Text::new(format!("队伍“{id}”：{zh}"), format!("force '{id}': {en}")),
        Text::new("改正 carrier、units、seats 三列", "correct the columns carrier, units, seats"),
    )
    .in_file("forces")
    .at(id)
    .field(field)
}

/// From the order until a vehicle or team sets out, s (D).
pub(crate) const MUSTER_S: f64 = 1200.0;
/// Boarding and leaving a bus per person with luggage, s (D; 2–5 s without luggage: TCQSM, recalled).
pub(crate) const BUS_LOAD_S: f64 = 6.0;
pub(crate) const BUS_UNLOAD_S: f64 = 3.0;
/// The same for one whom two helpers bring aboard and off, s (D).
pub(crate) const ASSISTED_LOAD_S: f64 = 60.0;
pub(crate) const ASSISTED_UNLOAD_S: f64 = 30.0;
/// Launching, boarding and landing a boat per person, s (D).
pub(crate) const BOAT_LOAD_S: f64 = 60.0;
pub(crate) const BOAT_UNLOAD_S: f64 = 30.0;
/// The same for one whom two helpers bring aboard and off, s (D).
pub(crate) const BOAT_ASSISTED_LOAD_S: f64 = 120.0;
pub(crate) const BOAT_ASSISTED_UNLOAD_S: f64 = 60.0;
/// Helping one person out of the house, s (D).
pub(crate) const ESCORT_LOAD_S: f64 = 300.0;

/// Values behind walks that no authority gave, in words.
pub(crate) fn walk_basis(walk_m_s: f64) -> Text {
    let (home, institution) = (Preparation::Household.seconds() / 60.0, Preparation::Institution.seconds() / 60.0);
    Text::new(
        format!(
            "系统默认：步行 {walk_m_s:.2} m/s，准备住户 {home:.0} 分、单位 {institution:.0} 分，每段路每分钟 {WALKERS_PER_MIN} 人"
        ),
        format!(
            "defaults: walking {walk_m_s:.2} m/s, households ready after {home:.0} min, institutions after {institution:.0} min, {WALKERS_PER_MIN} people a minute on a link"
        ),
    )
}

/// Values behind trips that no authority gave, in words.
pub(crate) fn trip_basis() -> Text {
    let (muster, bus, boat) = (MUSTER_S / 60.0, 3.6 * Mode::bus().speed_m_s, 3.6 * Mode::boat().speed_m_s);
    let escort = ESCORT_LOAD_S / 60.0;
    Text::new(
        format!(
            "系统默认：集结 {muster:.0} 分，车 {bus:.0} km/h、艇 {boat:.0} km/h，上车 {BUS_LOAD_S:.0} 秒/人、须协助者 {ASSISTED_LOAD_S:.0} 秒/人，上船 {BOAT_LOAD_S:.0} 秒/人、须协助者 {BOAT_ASSISTED_LOAD_S:.0} 秒/人，护送 {escort:.0} 分/人，门至车另计步行"
        ),
        format!(
            "defaults: muster {muster:.0} min, buses {bus:.0} km/h, boats {boat:.0} km/h, {BUS_LOAD_S:.0} s to board ({ASSISTED_LOAD_S:.0} s with help), boats {BOAT_LOAD_S:.0} s ({BOAT_ASSISTED_LOAD_S:.0} s with help), escorts {escort:.0} min each, the walk to the vehicle apart"
        ),
    )
}

/// What the times of an evacuation rest on, for list and table.
pub(crate) fn evacuation_basis(walking: &Walking) -> Text {
    let (walk, trip) = (walk_basis(walking.roads.walk_m_s), trip_basis());
    Text::new(
        format!(
            "疏散时刻所依据的数值——步行与人员：{}；车辆船艇：{}；均不是任何机关的规定，实际以现场为准。",
            walk.zh, trip.zh
        ),
        format!("Evacuation times rest on {}; {}. No authority gave these values.", walk.en, trip.en),
    )
}

/// From dusk to dawn by the local clock, h (D).
const NIGHT_FROM_H: i8 = 18;
const NIGHT_UNTIL_H: i8 = 6;

/// Whether it is dark at a time of the run, s. A time that is no time is taken as dark, the slower of both.
pub(crate) fn is_night(inputs: &Inputs, at_s: f64) -> bool {
    let span = jiff::SignedDuration::try_from_secs_f64(at_s.round()).ok();
    let at = span.and_then(|span| inputs.start.checked_add(span).ok());
    at.is_none_or(|at| !(NIGHT_UNTIL_H..NIGHT_FROM_H).contains(&inputs.district.zone.hour(at)))
}
