//! What the members of an ensemble say of objects.

use dayu_base::{Origin, Text};
pub use dayu_storm::members::{Probability, probability};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Depths whose chance is told at every object, m: affected, and water in dwellings.
pub const CHANCE_DEPTHS_M: [f64; 2] = [0.15, 0.30];

/// Chances over the members of a run: how many members, made how, computed on what grid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Chances {
    /// members, the unchanged one included
    pub members: u32,
    /// how they were made, and that they are constructed when they are
    pub method: Text,
    /// drawn members are constructed; others are what their source is
    pub origin: Origin,
    /// side of the members' cells, m
    pub cell_m: f64,
    /// by object; one that lies on no computed cell, or is doubtful, is absent
    pub objects: BTreeMap<String, ObjectChance>,
    /// objects that the same rain floods on the run's cells and not on the members', or the reverse: their shares would contradict the
    /// run's depth and are withheld
    #[serde(default)]
    pub doubtful: BTreeSet<String>,
    /// by shelter, water and slopes together; empty where slopes were not asked in the members
    #[serde(default)]
    pub shelters: BTreeMap<String, ShelterChance>,
    /// a shelter with a larger share takes nobody (the plan's, else a default)
    #[serde(default)]
    pub shelter_limit: f64,
}

/// In how many members a hazard reaches a shelter: water of 0.15 m, or the run-out of a slope at orange or red.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShelterChance {
    /// of either
    pub hazard: Probability,
    /// members with water
    pub water_hits: u32,
    /// members with a slope
    pub slope_hits: u32,
    /// that slope; of several the one that comes down in most members
    pub slope: Option<String>,
}

impl ShelterChance {
    /// `4/20 个成员受淹、2/20 个成员滑坡可及`.
    pub fn words(&self) -> Text {
        let n = self.hazard.members;
        let (mut zh, mut en) = (Vec::new(), Vec::new());
        if self.water_hits > 0 {
            zh.push(format!("{}/{n} 个成员受淹", self.water_hits));
            en.push(format!("flooded in {}/{n} members", self.water_hits));
        }
        if self.slope_hits > 0 {
            zh.push(format!("{}/{n} 个成员在边坡滑动范围内", self.slope_hits));
            en.push(format!("in the run-out of a slope in {}/{n} members", self.slope_hits));
        }
        Text::new(zh.join("、"), en.join(", "))
    }
}

/// An object's chances.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ObjectChance {
    /// of reaching each of [`CHANCE_DEPTHS_M`]
    pub reached: [Probability; 2],
    /// the object's own depths at 10, 50 and 90 % of the members, m
    pub depths_m: [f64; 3],
}

impl Chances {
    /// The chances of an object; `None` = unknown, or withheld.
    pub fn of(&self, id: &str) -> Option<&ObjectChance> {
        self.objects.get(id).filter(|_| !self.doubtful.contains(id))
    }
    /// Whether the members' cells judge an object as the run does; `None` = it is on no computed cell.
    pub fn agrees(&self, id: &str) -> Option<bool> {
        if self.doubtful.contains(id) { Some(false) } else { self.objects.get(id).map(|_| true) }
    }

    /// In how many members a hazard reaches a shelter; `None` = unknown.
    pub fn shelter(&self, id: &str) -> Option<ShelterChance> {
        let of_water = || {
            let hazard = self.of(id)?.reached[0];
            Some(ShelterChance { hazard, water_hits: hazard.hits, slope_hits: 0, slope: None })
        };
        self.shelters.get(id).cloned().or_else(of_water)
    }
}

impl ObjectChance {
    /// Members in which the object is affected, in words: `14/20`.
    pub fn counted(&self) -> String {
        format!("{}/{}", self.reached[0].hits, self.reached[0].members)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_doubtful_object_tells_no_share() {
        let share = probability([Some(true), Some(false)]).unwrap();
        let one = ObjectChance { reached: [share, share], depths_m: [0.0, 0.1, 0.2] };
        let objects = ["a", "b"].map(|id| (id.to_string(), one)).into();
        let mut chances = Chances {
            members: 2,
            method: Text::new("构造", "constructed"),
            origin: Origin::Synthetic,
            cell_m: 100.0,
            objects,
            doubtful: BTreeSet::new(),
            shelters: BTreeMap::new(),
            shelter_limit: 0.1,
        };
        assert_eq!((chances.of("b").is_some(), chances.agrees("b"), chances.agrees("c")), (true, Some(true), None));
        chances.doubtful.insert("b".into());
        assert_eq!((chances.of("b").is_some(), chances.agrees("b")), (false, Some(false)));
    }
}
