use crate::{Condition, HousingRules};
use dayu_assets::Layer;
use dayu_base::{HazardChain, Mark, ResponseLevel, RiskColour, Text};
use serde::{Deserialize, Deserializer, Serialize};

/// A response plan as data (`plan.toml`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanFile {
    /// whose plan, from when, which levels
    pub plan: PlanHead,
    /// launch rules
    #[serde(default)]
    pub rule: Vec<Rule>,
    /// mandated measures
    #[serde(default)]
    pub action: Vec<Action>,
    /// closures
    #[serde(default)]
    pub closure: Vec<ClosureRule>,
    /// who is moved from which level on
    #[serde(default)]
    pub transfer: Vec<TransferRule>,
    /// reporting duties
    #[serde(default)]
    pub report: Vec<ReportRule>,
    /// how people are housed
    #[serde(default)]
    pub housing: HousingRules,
}

/// Head of a plan file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanHead {
    /// machine name
    pub id: String,
    /// name; a demonstration says 示范 in it
    pub name: String,
    /// authority
    pub authority: String,
    /// document number, or that there is none
    pub doc_number: String,
    /// first day in force; absent = not known
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_from: Option<toml::value::Datetime>,
    /// where it was read; empty for a demonstration
    #[serde(default)]
    pub source_url: String,
    /// levels the plan uses, ascending
    pub levels: Vec<ResponseLevel>,
    /// true = 示范预案, printed on every product
    #[serde(default)]
    pub demonstration: bool,
    /// share of people moved who stay with relatives (投亲靠友), 0–1
    #[serde(default)]
    pub relatives_share: f64,
    /// categories in the order in which a person who fits several is counted
    #[serde(default)]
    pub precedence: Vec<String>,
    /// first full hour of daylight, local time
    #[serde(default = "dawn")]
    pub dawn_hour: i8,
    /// hour at which dusk is assumed, local time
    #[serde(default = "dusk")]
    pub dusk_hour: i8,
    /// what a reader must know
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub note: Vec<Text>,
    /// parts of the real plan that could not be read and are left out
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<Text>,
    /// mark of the head's numbers
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

fn dawn() -> i8 {
    6
}
fn dusk() -> i8 {
    18
}

impl PlanHead {
    /// `2024-06-01`, or 未知.
    pub fn effective_text(&self) -> String {
        self.effective_from.map_or_else(|| "未知".into(), |d| d.to_string())
    }
}

/// A launch rule: it holds when any of its conditions holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// level it opens
    pub level: ResponseLevel,
    /// chain: flood (also written rain) | typhoon | geohazard
    #[serde(deserialize_with = "chain")]
    pub hazard: HazardChain,
    /// true = starts by itself; false = after consultation
    #[serde(default)]
    pub auto: bool,
    /// conditions
    pub any: Vec<Condition>,
    /// remark
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// its mark
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

/// Which objects of a layer are meant; every part that is given must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selector {
    /// layer
    pub layer: Layer,
    /// at least this colour
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_colour: Option<RiskColour>,
    /// at most this colour: what a stronger measure does not take; unknown objects stay in
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_colour: Option<RiskColour>,
    /// computed depth reaches this, m
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth_m: Option<f64>,
    /// grade (危旧房 C | D, shelter grade) is one of these
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grade: Vec<String>,
    /// kind of site is one of these
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub site: Vec<String>,
    /// recorded state is one of these
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub state: Vec<String>,
    /// work sheds in or beside water
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_water: Option<bool>,
}

/// Something that sets a deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Before {
    /// 立即: when the level opens
    AtOnce,
    /// 雨峰: the end of the most intense hour
    RainPeak,
    /// the first threshold of the object (selector's depth, if it names one)
    Threshold,
    /// the next dusk after the level opens
    Dusk,
    /// mean wind Beaufort 8 arrives
    #[serde(rename = "wind_8")]
    Wind8,
    /// mean wind Beaufort 10 arrives
    #[serde(rename = "wind_10")]
    Wind10,
    /// the institution's own plan says
    OwnPlan,
    /// a warning of another authority (水利) says
    Warning,
}

/// A mandated measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// level from which it applies
    pub level: ResponseLevel,
    /// level at which something stronger replaces it
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<ResponseLevel>,
    /// department or post that owns it
    pub department: String,
    /// imperative
    pub text: Text,
    /// one measure per object of this selection; absent = a duty for the whole district
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_object: Option<Selector>,
    /// finish within so many minutes of the level's opening
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline_min: Option<f64>,
    /// finish before the earliest of these
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<Before>,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// its mark
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

/// A closure rule: the object's own closure depth (一点一方案, sill) counts unless `always` is set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClosureRule {
    /// level from which it applies
    pub level: ResponseLevel,
    /// layers
    pub layers: Vec<Layer>,
    /// closure depth where the object names none, m
    pub depth_m: f64,
    /// true = this depth also where the object names a deeper one
    #[serde(default)]
    pub always: bool,
    /// close so many minutes before the depth is reached
    pub lead_min: f64,
    /// who closes, where the object names nobody
    pub executor: String,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// its mark
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

/// Who is moved from which level on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferRule {
    /// earliest level
    pub level: ResponseLevel,
    /// T1 … T11
    pub category: String,
    /// category in words
    pub title: Text,
    /// places whose people are moved; absent = no register holds them (their number stays unknown)
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Selector>,
    /// T7: vulnerable people of the places of these categories, `earlier` levels before the category itself
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vulnerable_of: Vec<String>,
    /// how many levels earlier (with `vulnerable_of`)
    #[serde(default)]
    pub earlier: usize,
    /// complete before the earliest of these
    pub complete_before: Vec<Before>,
    /// must be complete in daylight when the deadline falls into the night
    #[serde(default)]
    pub daylight: bool,
    /// share staying with relatives, instead of the plan's
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relatives_share: Option<f64>,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// its mark
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

/// A reporting duty, periodic or after an event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRule {
    /// level from which it applies
    pub level_at_least: ResponseLevel,
    /// every so many minutes
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every_min: Option<u32>,
    /// report even if nothing happened
    #[serde(default)]
    pub zero_report: bool,
    /// after which event
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// by telephone within, min
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_min: Option<u32>,
    /// in writing within, min
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_min: Option<u32>,
    /// in words
    pub text: Text,
    /// plan clause
    #[serde(default)]
    pub clause: String,
    /// its mark
    #[serde(deserialize_with = "mark")]
    pub mark: Mark,
}

/// Transfer categories of the default table.
pub const CATEGORIES: [&str; 11] = ["T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T10", "T11"];

fn chain<'de, D: Deserializer<'de>>(d: D) -> Result<HazardChain, D::Error> {
    let s = String::deserialize(d)?;
    match s.as_str() {
        "flood" | "rain" => Ok(HazardChain::Flood),
        "typhoon" => Ok(HazardChain::Typhoon),
        "geohazard" => Ok(HazardChain::Geohazard),
        _ => Err(serde::de::Error::unknown_variant(&s, &["flood", "rain", "typhoon", "geohazard"])),
    }
}

fn mark<'de, D: Deserializer<'de>>(d: D) -> Result<Mark, D::Error> {
    let s = String::deserialize(d)?;
    Mark::try_from(s.clone()).map_err(|_| serde::de::Error::unknown_variant(&s, &["V", "R", "D", "S:nnn"]))
}

impl PlanFile {
    /// Marks used anywhere in the plan, each once, sorted.
    pub fn marks(&self) -> Vec<Mark> {
        let mut all: Vec<Mark> = std::iter::once(&self.plan.mark)
            .chain(self.rule.iter().map(|i| &i.mark))
            .chain(self.action.iter().map(|i| &i.mark))
            .chain(self.closure.iter().map(|i| &i.mark))
            .chain(self.transfer.iter().map(|i| &i.mark))
            .chain(self.report.iter().map(|i| &i.mark))
            .chain(Some(&self.housing.mark).filter(|_| self.housing != HousingRules::default()))
            .cloned()
            .collect();
        all.sort();
        all.dedup();
        all
    }
    /// The level so many steps below `level` among the plan's own, or its lowest.
    pub fn earlier_level(&self, level: ResponseLevel, steps: usize) -> ResponseLevel {
        let mut below: Vec<ResponseLevel> = self.plan.levels.iter().copied().filter(|l| *l < level).collect();
        below.sort();
        match below.len() {
            0 => level,
            n => below[n.saturating_sub(steps.max(1)).min(n - 1)],
        }
    }
    /// Position of a category in the order of counting; unnamed ones come last.
    pub fn precedence_of(&self, category: &str) -> usize {
        self.plan.precedence.iter().position(|c| c == category).unwrap_or(usize::MAX)
    }
    /// Title of a category in this plan.
    pub fn category_title(&self, category: &str) -> Text {
        let found = self.transfer.iter().find(|t| t.category == category);
        found.map_or_else(|| Text::new(category, category), |t| t.title.clone())
    }
}
