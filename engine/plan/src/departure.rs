use serde::{Deserialize, Serialize};

/// Until when people can set out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DepartBy {
    /// no safe way, not even at the start of the run
    Never,
    /// a way stays open throughout the run
    Always,
    /// leave by this time, s from start
    At(f64),
}

impl DepartBy {
    /// As a number: −∞ never, +∞ always.
    pub fn seconds(self) -> f64 {
        match self {
            Self::Never => f64::NEG_INFINITY,
            Self::Always => f64::INFINITY,
            Self::At(s) => s,
        }
    }
    /// The time, when there is one.
    pub fn at_s(self) -> Option<f64> {
        if let Self::At(s) = self { Some(s) } else { None }
    }
}

/// What would give people more time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeWon {
    /// `shelter` to open | `road` to guard | `bus` to send
    pub means: String,
    /// id of the shelter or road; `None` for a bus
    pub id: Option<String>,
    /// until when one could leave then
    pub until: DepartBy,
}

/// 最晚安全撤离时刻 of the people of one transfer row, by the roads that close in the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastDeparture {
    /// to the shelters they are sent to (the earliest of these); `None` = they are sent to none
    pub assigned: Option<DepartBy>,
    /// to any safe open shelter
    pub any: DepartBy,
    /// from the order to the first step, s
    pub prepare_s: f64,
    /// road whose closing decides `any`
    pub decided_by: Option<String>,
    /// what would win time, most first
    pub won: Vec<TimeWon>,
    /// members of the ensemble behind these times; with one there is no probability
    pub members: u32,
    /// leaving by then works in 90 % of the members; `None` with one member
    pub holds_90: Option<DepartBy>,
    /// … in 50 %
    pub holds_50: Option<DepartBy>,
    /// road whose closing decides `holds_90`
    #[serde(default)]
    pub decided_by_90: Option<String>,
}

impl LastDeparture {
    /// Last time to set out in the run itself: for where they are sent, else for any safe shelter.
    pub fn in_the_run(&self) -> DepartBy {
        self.assigned.unwrap_or(self.any)
    }
    /// The time that holds in 90 % of the members, where it lies before that of the run: the one to act on.
    pub fn by_members(&self) -> Option<DepartBy> {
        self.holds_90.filter(|by| by.seconds() < self.in_the_run().seconds())
    }
    /// Last time to set out: in the run and in 90 % of the members. Members on wider cells never make it later.
    pub fn leave_by(&self) -> DepartBy {
        self.by_members().unwrap_or_else(|| self.in_the_run())
    }
    /// Last time to give the order, s from start; `None` = no way or no limit.
    pub fn order_by_s(&self) -> Option<f64> {
        self.leave_by().at_s().map(|s| s - self.prepare_s)
    }
}
