//! Vehicles and teams of helpers that can fetch people, from the register of forces.

use crate::inputs::Inputs;
use dayu_assets::{Asset, Details, Layer};
use dayu_base::{Finding, Origin, Text};

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
