use crate::{LastDeparture, OrderTime, PlanFile, Ride, SignalKind, TyphoonClass, WaterState};
use dayu_assets::{Asset, Household};
use dayu_base::{Finding, Instant, ResponseLevel, RiskColour, Zone};
use dayu_impact::Impact;

/// One issued warning signal (a row of `signals.csv`).
#[derive(Clone, Debug, PartialEq)]
pub struct Signal {
    /// when it was issued, s from start (may be negative)
    pub at_s: f64,
    /// for which area, as issued
    pub area: String,
    /// which signal
    pub kind: SignalKind,
    /// its colour
    pub colour: RiskColour,
    /// issued by the authority; a colour that was only derived from rain never fulfils a rule, it leaves it open
    pub official: bool,
}

/// A warning colour derived from rain or wind: proposed to the person who decides, never official.
#[derive(Clone, Debug, PartialEq)]
pub struct DerivedSignal {
    /// 镇街 (or district)
    pub area: String,
    /// which signal
    pub kind: SignalKind,
    /// colour; `Unknown` = part of the rain or wind is unknown and what is known reaches no colour
    pub colour: RiskColour,
    /// window of the threshold, h
    pub window_h: f64,
    /// largest rain of that window, mm; of a typhoon signal the largest mean wind (2 min, open land), m/s
    pub value: f64,
    /// first time the threshold is reached, s from start; `None` for `Unknown`
    pub reached_s: Option<f64>,
    /// from when it would be due, s from start
    pub due_s: Option<f64>,
}

/// State of one river station or reservoir.
#[derive(Clone, Debug, PartialEq)]
pub struct StationState {
    /// station
    pub id: String,
    /// highest state reached
    pub state: WaterState,
    /// when, s from start
    pub at_s: f64,
}

/// What is known of a typhoon. A part that is `None` is unknown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TyphoonState {
    /// class at the nearest approach
    pub class: Option<TyphoonClass>,
    /// least distance of the centre, km
    pub distance_km: Option<f64>,
    /// hours until landfall or severe influence, from `as_of`
    pub influence_in_h: Option<f64>,
    /// none comes within this time from `as_of`, h, as far as was computed
    pub no_influence_within_h: Option<f64>,
    /// mean wind expected in the district, Beaufort
    pub wind: Option<u8>,
    /// time of this information, s from start
    pub at_s: Option<f64>,
}

/// Whether there is a typhoon at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum TyphoonFact {
    /// nobody told
    #[default]
    Unknown,
    /// it is known that there is none
    Absent,
    /// there is one
    Present(TyphoonState),
}

/// What was reported from outside the model. `None` = nothing was told: conditions that need it stay open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// river stations
    pub rivers: Option<Vec<StationState>>,
    /// reservoirs
    pub reservoirs: Option<Vec<StationState>>,
    /// typhoon
    pub typhoon: TyphoonFact,
    /// lower areas and the levels they opened, with the time
    pub lower_levels: Option<Vec<(String, ResponseLevel, f64)>>,
    /// reported disasters: (event key, s from start)
    pub disasters: Option<Vec<(String, f64)>>,
}

/// A question about rolling rain over the whole run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RainQuery {
    /// window, h
    pub window_h: f64,
    /// threshold, mm
    pub mm: f64,
    /// district mean instead of the wettest place
    pub areal: bool,
}

/// People of one transfer row who need a place.
#[derive(Clone, Debug, PartialEq)]
pub struct DemandPlace {
    /// transfer row
    pub transfer_id: String,
    /// level being planned
    pub level: ResponseLevel,
    /// endangering object
    pub object_id: String,
    /// code of its 网格
    pub region: Option<String>,
    /// m, dataset CRS
    pub x_m: f64,
    /// m, dataset CRS
    pub y_m: f64,
    /// persons to be housed
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// persons of the same row who go to relatives (投亲靠友) and take no bed
    pub relatives: u64,
    /// what a shelter must offer to them: words separated by `;`
    pub needs: String,
    /// they go to one shelter together
    pub whole: bool,
    /// to be under a roof by, s from start
    pub deadline_s: Option<f64>,
    /// when the order can be given
    pub order: OrderTime,
}

/// Where the people of one transfer row go.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Housed {
    /// (shelter id, persons, metres each)
    pub shelters: Vec<(String, u64, u64)>,
    /// of the persons in `shelters`, those who went there before this plan
    pub moved: u64,
    /// round trips of vehicles and helpers; their people are not among those of `shelters` unless they are led there
    pub rides: Vec<Ride>,
    /// (persons, machine reason: `no_reachable_shelter` | `shelters_full` | `no_open_shelter` | …)
    pub unplaced: Vec<(u64, String)>,
    /// those who walk are there by, s from start; `None` = nobody walks
    pub through_s: Option<f64>,
    /// until when they can leave; `None` = not computed
    pub departure: Option<LastDeparture>,
}

/// The answer of the assignment, in the order of the places asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EvacAnswer {
    /// one per place
    pub rows: Vec<Housed>,
    /// what must be said about it
    pub findings: Vec<Finding>,
}

/// Everything a decision is made from. Pure: callbacks must be functions of their arguments.
pub struct DecideInput<'a> {
    /// plan
    pub plan: &'a PlanFile,
    /// its file name, for findings
    pub plan_file: &'a str,
    /// who and what is hit
    pub impact: &'a Impact,
    /// registers of the district, any order
    pub assets: Vec<&'a Asset>,
    /// registered households (protected; only counts leave)
    pub households: &'a [Household],
    /// warning signals; `None` = no list was given, which is not "none issued"
    pub signals: Option<&'a [Signal]>,
    /// colours the rain calls for; they fulfil no rule, they leave it open
    pub derived: &'a [DerivedSignal],
    /// reported facts
    pub facts: &'a Facts,
    /// first time the rolling rain reaches a threshold, s from start; without it only the maxima in `impact.rain` are used
    pub rain_reached: Option<&'a dyn Fn(RainQuery) -> Option<f64>>,
    /// start of the scenario
    pub start: Instant,
    /// zone of local hours
    pub zone: &'a Zone,
    /// what is known by then is observed, s from start
    pub as_of_s: f64,
    /// length of the scenario, s
    pub duration_s: f64,
    /// time of the newest rain used, s from start; `None` = unknown
    pub data_time_s: Option<f64>,
    /// assignment of people to shelters
    pub assign: &'a dyn Fn(&[DemandPlace]) -> EvacAnswer,
}

impl DecideInput<'_> {
    /// Local hour of day at `at_s`, 0–23; `None` beyond the calendar.
    pub fn local_hour(&self, at_s: f64) -> Option<i8> {
        let seconds = jiff::SignedDuration::try_from_secs_f64(at_s).ok()?;
        Some(self.zone.hour(self.start.checked_add(seconds).ok()?))
    }
}
