//! What the members of an ensemble say of objects.

use dayu_base::{Origin, Text};
pub use dayu_storm::members::{Probability, probability};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

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
    /// by object; one that lies on no computed cell is absent
    pub objects: BTreeMap<String, ObjectChance>,
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
    /// The chances of an object; `None` = unknown.
    pub fn of(&self, id: &str) -> Option<&ObjectChance> {
        self.objects.get(id)
    }
}

impl ObjectChance {
    /// Members in which the object is affected, in words: `14/20`.
    pub fn counted(&self) -> String {
        format!("{}/{}", self.reached[0].hits, self.reached[0].members)
    }
}
