use crate::LastDeparture;
use dayu_base::{HazardChain, Mark, Origin, ResponseLevel, RiskColour, Text};
use serde::{Deserialize, Serialize};

/// One condition of one rule, evaluated: what was asked, what was found, how old it is, whether it held.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RuleTrace {
    /// level the rule would open
    pub level: ResponseLevel,
    /// chain
    pub chain: HazardChain,
    /// plan and clause, e.g. 示范预案 §2.3(1)
    pub clause: String,
    /// the condition in words
    pub condition: Text,
    /// the value found, with unit; `None` = unknown (never "not met")
    pub value: Option<String>,
    /// the threshold, with unit
    pub threshold: String,
    /// observed | forecast | unknown
    pub basis: String,
    /// age of the data at `as_of`, s; `None` = unknown
    pub data_age_s: Option<f64>,
    /// `Some(true)` held, `Some(false)` did not, `None` = cannot be judged
    pub held: Option<bool>,
    /// where the rule comes from
    pub mark: Mark,
    /// when it first held, s from start
    pub first_held_s: Option<f64>,
}

/// The level the rules propose for one chain; a named human decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// chain
    pub chain: HazardChain,
    /// highest level with a rule that held; `None` = no response proposed
    pub level: Option<ResponseLevel>,
    /// levels that could not be excluded because data are unknown
    pub cannot_exclude: Option<ResponseLevel>,
    /// every condition of every rule of the chain, highest level first
    pub trace: Vec<RuleTrace>,
}

/// A mandated measure at a level: a row of list and table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measure {
    /// stable id within the level
    pub id: String,
    /// object it acts on; `None` = district-wide duty of a department
    pub object_id: Option<String>,
    /// department or post that owns it
    pub owner: String,
    /// imperative text
    pub action: Text,
    /// plan clause
    pub clause: String,
    /// mark of that clause
    pub mark: Mark,
    /// start by, s from start; `None` = 立即 or unknown (see `deadline_note`)
    pub start_s: Option<f64>,
    /// finish by, s from start; `None` = 未知
    pub deadline_s: Option<f64>,
    /// why the deadline is what it is, or why it is unknown
    pub deadline_note: Text,
}

/// A road, underpass, point or metro entrance to be closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Closure {
    /// object
    pub object_id: String,
    /// close by (s from start): the depth reaches the closure depth then, less the lead the plan demands
    pub close_by_s: Option<f64>,
    /// expected reopening, s from start; `None` = unknown or beyond the run
    pub reopen_s: Option<f64>,
    /// depth that closes it, m
    pub close_depth_m: f64,
    /// deepest expected, m
    pub peak_m: Option<f64>,
    /// who closes it
    pub executor: String,
    /// mark of the rule
    pub mark: Mark,
}

/// One trip of a vehicle or a team of helpers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ride {
    /// vehicle or team: id of the force and its number
    pub carrier: String,
    /// force it belongs to
    pub force_id: String,
    /// bus | boat | escort
    pub means: String,
    /// its origin is constructed or not: as the register says
    pub origin: Origin,
    /// number of this trip of the carrier, from 1
    pub trip: u32,
    /// shelter
    pub shelter_id: String,
    /// persons
    pub people: u64,
    /// true = they have their bed by the assignment and are led there; false = the trip gets them one
    pub led: bool,
    /// sets out empty, s from start
    pub starts_s: f64,
    /// at the people's place, s from start
    pub pickup_s: f64,
    /// leaves with them, s from start
    pub leaves_s: f64,
    /// at the shelter, s from start
    pub arrives_s: f64,
}

/// When a row's order can be given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct OrderTime {
    /// s from start; not before the start nor, while the period runs, before what is known
    pub at_s: f64,
    /// true = no level that asks for it opens in the run: the time is taken so that something can be computed
    pub assumed: bool,
}

impl Default for OrderTime {
    fn default() -> Self {
        Self { at_s: 0.0, assumed: true }
    }
}

impl OrderTime {
    /// The time, when a level opens by then.
    pub fn known_s(self) -> Option<f64> {
        (!self.assumed).then_some(self.at_s)
    }
}

/// People of one object or block to be moved under one category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferRow {
    /// unique in the level
    pub id: String,
    /// T1 … T11
    pub category: String,
    /// object that endangers them (house, slope, shed, institution, population block)
    pub object_id: String,
    /// code of its 网格
    pub region: Option<String>,
    /// to be moved 应转移, persons
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// to be housed 集中安置 (the rest goes to relatives 投亲靠友 by the plan's share)
    pub to_house: u64,
    /// shelter id → persons
    pub shelters: Vec<(String, u64)>,
    /// walking distance of the longest of these trips, m
    pub longest_m: Option<u64>,
    /// trips of vehicles and helpers for these people
    #[serde(default)]
    pub rides: Vec<Ride>,
    /// persons without a place, with the reason
    pub unplaced: Vec<(u64, String)>,
    /// last safe departure by the roads; `None` = no roads, or nobody to be housed
    #[serde(default)]
    pub departure: Option<LastDeparture>,
    /// when its order can be given: by the first level that asks for it
    #[serde(default)]
    pub order: OrderTime,
    /// all who have a place are there by, s from start; `None` = not computed
    #[serde(default)]
    pub through_s: Option<f64>,
    /// finish by, s from start; `None` = 未知
    pub deadline_s: Option<f64>,
    /// why, or why unknown
    pub deadline_note: Text,
    /// plan clause
    pub clause: String,
    /// its mark
    pub mark: Mark,
    /// colour of the endangering object
    pub colour: RiskColour,
}

/// Reporting duty.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportDuty {
    /// every so many minutes
    pub every_min: Option<u32>,
    /// report even if nothing happened
    pub zero_report: bool,
    /// words
    pub text: Text,
    /// clause
    pub clause: String,
    /// mark
    pub mark: Mark,
}

/// Three named counts that never mix, and those left without a place. A person is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferTotals {
    /// 受影响人口
    pub affected: u64,
    /// 应转移
    pub to_move: u64,
    /// 需集中安置
    pub to_house: u64,
    /// 未落实安置
    pub unplaced: u64,
}

/// People without a place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnplacedPeople {
    /// transfer row
    pub transfer_id: String,
    /// persons
    pub people: u64,
    /// reason in words
    pub reason: Text,
}

/// What one level would mandate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LevelPlan {
    /// the level
    pub level: ResponseLevel,
    /// when it opens, s from start; `None` = its conditions are not met in the run
    #[serde(default)]
    pub opening_s: Option<f64>,
    /// measures, district-wide first, then by object
    pub measures: Vec<Measure>,
    /// closures by time
    pub closures: Vec<Closure>,
    /// transfers by (category precedence, object)
    pub transfers: Vec<TransferRow>,
    /// reporting
    pub reports: Vec<ReportDuty>,
    /// counts
    pub totals: TransferTotals,
    /// people without a place
    pub unplaced: Vec<UnplacedPeople>,
}

impl LevelPlan {
    /// The first order to people who need a place; `None` = nobody does. Assumed only when all are.
    pub fn first_order(&self) -> Option<OrderTime> {
        let orders = || self.transfers.iter().filter(|row| row.to_house > 0).map(|row| row.order);
        let first = |a: &OrderTime, b: &OrderTime| a.at_s.total_cmp(&b.at_s);
        orders().min_by(first).map(|order| OrderTime { assumed: orders().all(|o| o.assumed), ..order })
    }
}

/// The recommendation and what every level of the plan would mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// one per chain of the plan
    pub recommendations: Vec<Recommendation>,
    /// one per level the plan uses, ascending
    pub levels: Vec<LevelPlan>,
}
