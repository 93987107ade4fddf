//! Policies on top of an assignment: shelters that are not safe, beds kept free, beds for care, people who go to relatives.
//!
//! They change who asks for a bed and which beds there are. What they take out stays on record with its reason.

use crate::instance::EvacInstance;
use crate::order::id_order;
use crate::rows::{BAD_COORDINATES, DemandRow, some_ids};
use crate::sheet::quoted;
use crate::{AssignmentOutcome, AssignmentProblem, NO_CAPACITY, NO_REACHABLE_SHELTER};
use dayu_base::{Finding, Text};
use std::fmt::Write;

/// What people need who take a care place, and what care places offer.
pub const CARE: &str = "care";
/// End of the id under which, within a problem, the care places of a shelter stand as a shelter of their own.
const CARE_PLACES: &str = "#care";
/// Reason of a shelter that a hazard reaches too likely.
pub const HAZARD_TOO_LIKELY: &str = "hazard_too_likely";
/// Reason of a shelter of which it is not known how likely a hazard reaches it, where a limit is set.
pub const HAZARD_UNKNOWN: &str = "hazard_unknown";
/// Reason of [`crate::Unplaced`]: shelters are within reach, but none offers what the people need.
pub const NO_SUITABLE_SHELTER: &str = "no_suitable_shelter";

/// Beds that are assigned together: a shelter, or its care places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// row of the shelter
    pub row: usize,
    /// its id, for care places with [`CARE_PLACES`]
    pub id: String,
    /// beds that may be used
    pub beds: u64,
    /// words
    pub offers: String,
    /// why it gets no one
    pub reason: Option<String>,
}

/// A share of a count, rounded up or down. Shares count in millionths, so that 7 % of 100 is 7 and not a little more.
fn of_share(all: u64, share: f64, up: bool) -> u64 {
    const WHOLE: u128 = 1_000_000;
    // The cast cannot lose anything: shares are 0 … 1.
    let part = u128::from(all) * u128::from((share * WHOLE as f64).round() as u64);
    let part = if up { part.div_ceil(WHOLE) } else { part / WHOLE };
    u64::try_from(part).map_or(all, |part| part.min(all))
}

impl EvacInstance {
    /// Why a shelter gets no one.
    fn excluded(&self, at: usize) -> Option<String> {
        let row = &self.shelters[at];
        let hazard = match (self.header.policies.max_hazard_probability, row.hazard_probability) {
            (Some(_), None) => Some(HAZARD_UNKNOWN),
            (Some(most), Some(chance)) if chance > most => Some(HAZARD_TOO_LIKELY),
            _ => None,
        };
        row.excluded
            .clone()
            .or_else(|| hazard.map(str::to_owned))
            .or_else(|| (row.capacity == 0).then(|| NO_CAPACITY.to_owned()))
    }

    /// The shelters in the order of the file, then the care places of those that tell them apart. Beds kept free are taken off.
    pub fn sites(&self) -> Vec<Site> {
        let mut sites = Vec::with_capacity(self.shelters.len());
        let mut of_care = Vec::new();
        for (row, shelter) in self.shelters.iter().enumerate() {
            let reason = self.excluded(row);
            let beds = |all: u64| if reason.is_some() { 0 } else { self.without_reserve(row, all) };
            let care = shelter.care_places.unwrap_or(0);
            let offers: Vec<&str> =
                crate::words(&shelter.offers).filter(|w| shelter.care_places.is_none() || *w != CARE).collect();
            if care > 0 {
                of_care.push(Site {
                    row,
                    id: self.care_id(&shelter.id),
                    beds: beds(care),
                    offers: format!("{} {CARE}", offers.join(" ")),
                    reason: reason.clone(),
                });
            }
            sites.push(Site {
                row,
                id: shelter.id.clone(),
                beds: beds(shelter.capacity - care),
                offers: offers.join(" "),
                reason,
            });
        }
        sites.append(&mut of_care);
        sites
    }

    /// Id of the care places of a shelter: with [`CARE_PLACES`], repeated where another shelter has that id.
    fn care_id(&self, shelter: &str) -> String {
        let mut id = format!("{shelter}{CARE_PLACES}");
        while self.shelters.iter().any(|row| row.id == id) {
            id.push_str(CARE_PLACES);
        }
        id
    }

    /// The shelter whose care places a site is.
    pub(crate) fn house_of_care(&self, site: &Site) -> Option<String> {
        let house = &self.shelters[site.row].id;
        (*house != site.id).then(|| house.clone())
    }

    /// Beds of a shelter that may be used of `all`: without the share kept free, which is rounded up, for what is promised to stay free
    /// stays free.
    pub(crate) fn without_reserve(&self, row: usize, all: u64) -> u64 {
        let share = self.shelters[row].reserve_share.or(self.header.policies.reserve_share).unwrap_or(0.0);
        all - of_share(all, share, true)
    }

    /// People of a point who go to relatives: as stated, else the share of the header, rounded down.
    pub(crate) fn with_relatives(&self, row: &DemandRow) -> u64 {
        let share = self.header.policies.relatives_share.unwrap_or(0.0);
        row.relatives.unwrap_or_else(|| of_share(row.people, share, false)).min(row.people)
    }

    /// (demand row, people) of those who go to relatives.
    pub fn relatives(&self) -> Vec<(usize, u64)> {
        let all = self.demand.iter().enumerate().map(|(at, row)| (at, self.with_relatives(row)));
        all.filter(|(_, people)| *people > 0).collect()
    }

    /// Tells people without any trip why: the row cannot be measured, or no shelter within reach suits. Returns what to say of them.
    pub fn name_reasons(&self, outcome: &mut AssignmentOutcome) -> Option<Finding> {
        let (mut people, mut ids) = (0, Vec::new());
        let sites = self.sites();
        let stranded = outcome.unplaced.iter().any(|rest| rest.reason == NO_REACHABLE_SHELTER);
        // Trips before needs bar some of them.
        let trips = if stranded { self.trips(&sites).ok() } else { None };
        let suitability = if stranded { self.suitability(&sites).ok() } else { None };
        let most_m = self.header.rules.max_cost.unwrap_or(u64::MAX);
        let mut row_of = Vec::new();
        for rest in outcome.unplaced.iter_mut().filter(|rest| rest.reason == NO_REACHABLE_SHELTER) {
            let row = &self.demand[rest.demand as usize];
            people += rest.people;
            ids.push(row.id.as_str());
            if !self.has_place(row) {
                rest.reason = BAD_COORDINATES.to_owned();
            } else if let (Some(trips), Some(suitability)) = (&trips, &suitability) {
                // Needs are the reason only where a shelter with beds is within reach and none that suits is, open or not.
                trips.row(rest.demand, &mut row_of);
                row_of.retain(|trip| u64::from(trip.1) <= most_m);
                let suits = row_of.iter().any(|trip| suitability.suits(rest.demand, trip.0));
                if !suits && row_of.iter().any(|trip| sites[trip.0 as usize].beds > 0) {
                    rest.reason = NO_SUITABLE_SHELTER.to_owned();
                }
            }
        }
        (people > 0).then(|| {
            Finding::warning(
                "EVA-069",
                Text::new(
                    format!("{} 处 {people} 人没有任何可去的场所，原因见 unplaced.csv。", ids.len()),
                    format!(
                        "{people} people of {} places have no shelter to go to at all; unplaced.csv says why.",
                        ids.len()
                    ),
                ),
                Text::new("就近增设场所，或由专人接送。", "Open a shelter near them, or fetch them."),
            )
            .in_file(format!("{}.demand.csv", self.name))
            .at(some_ids(ids.into_iter()))
        })
    }

    /// A warning where people have no bed though shelters that suit them, beyond the `k` nearest, have free ones.
    pub fn beds_beyond_k(&self, problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> Option<Finding> {
        let k = self.header.rules.k;
        if k == 0 || outcome.unplaced.is_empty() {
            return None;
        }
        let mut free: Vec<u64> = problem.shelters.iter().map(|site| site.capacity).collect();
        for step in &outcome.moves {
            free[step.shelter as usize] = free[step.shelter as usize].saturating_sub(step.people);
        }
        let sites = self.sites();
        let (trips, suitability) = (self.trips(&sites).ok()?, self.suitability(&sites).ok()?);
        let most_m = self.header.rules.max_cost.unwrap_or(u64::MAX);
        let (mut people, mut ids, mut row) = (0, Vec::new(), Vec::new());
        for rest in &outcome.unplaced {
            trips.row(rest.demand, &mut row);
            let could = row.iter().any(|trip| {
                let open = u64::from(trip.1) <= most_m && free[trip.0 as usize] > 0;
                open && suitability.suits(rest.demand, trip.0)
            });
            if could {
                people += rest.people;
                ids.push(self.demand[rest.demand as usize].id.as_str());
            }
        }
        (people > 0).then(|| {
            Finding::warning(
                "EVA-140",
                Text::new(
                    format!("{} 处 {people} 人没有床位，而最近 {k} 个场所之外仍有适宜的空床。", ids.len()),
                    format!(
                        "{people} people of {} places have no bed while shelters beyond the {k} nearest have free ones that suit.",
                        ids.len()
                    ),
                ),
                Text::new("加大 k，或设 k = 0（不限）。", "Raise k, or set k = 0 (all)."),
            )
            .in_file(format!("{}.json", self.name))
            .at(some_ids(ids.into_iter()))
            .field("k")
        })
    }

    /// `shelters.csv`: shelter,capacity,usable,assigned,reason,places. Every shelter once; its care places, if it tells them apart, in a row
    /// of their own with the word `care` in `places`.
    pub fn shelters_csv(&self, problem: &AssignmentProblem, outcome: &AssignmentOutcome) -> String {
        let mut assigned = vec![0_u64; problem.shelters.len()];
        for step in &outcome.moves {
            assigned[step.shelter as usize] += step.people;
        }
        let house = |site: &Site| self.shelters[site.row].id.as_str();
        let mut rows: Vec<_> = self.sites().into_iter().zip(assigned).collect();
        rows.sort_by(|a, b| id_order(house(&a.0), house(&b.0)).then_with(|| a.0.id.len().cmp(&b.0.id.len())));
        let mut text = String::from("shelter,capacity,usable,assigned,reason,places\n");
        for (site, assigned) in rows {
            let shelter = &self.shelters[site.row];
            let care = shelter.care_places.unwrap_or(0);
            let (capacity, places) = if site.id == shelter.id { (shelter.capacity - care, "") } else { (care, CARE) };
            let (id, reason) = (quoted(&shelter.id), site.reason.unwrap_or_default());
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{id},{capacity},{},{assigned},{},{places}", site.beds, quoted(&reason));
        }
        text
    }

    /// `relatives.csv`: id,people of those who go to relatives (投亲靠友) and take no bed, in the order of ids. `None` where nobody does.
    pub fn relatives_csv(&self) -> Option<String> {
        let mut rows: Vec<(&str, u64)> =
            self.relatives().into_iter().map(|(at, people)| (self.demand[at].id.as_str(), people)).collect();
        rows.sort_by(|a, b| id_order(a.0, b.0));
        let text = rows.iter().fold(String::from("id,people\n"), |mut text, (id, people)| {
            let _ = writeln!(text, "{},{people}", quoted(id));
            text
        });
        (!rows.is_empty()).then_some(text)
    }

    /// What people must know of policies: shelters left out and why, needs that nobody offers, groups that may be split.
    ///
    /// # Errors
    /// As [`EvacInstance::problem`].
    pub fn policy_findings(&self) -> Result<Vec<Finding>, Finding> {
        let (demand_file, shelters_file) = (format!("{}.demand.csv", self.name), format!("{}.shelters.csv", self.name));
        let sites = self.sites();
        let mut findings = Vec::new();
        let of = |reason: &str| {
            let found = sites[..self.shelters.len()].iter().filter(|site| site.reason.as_deref() == Some(reason));
            (some_ids(found.clone().map(|site| site.id.as_str())), found.count())
        };
        let (ids, count) = of(HAZARD_UNKNOWN);
        if count > 0 {
            findings.push(
                Finding::error(
                    "EVA-064",
                    Text::new(
                        format!("{count} 个场所未给出受灾概率，而已设上限：未安排人员。"),
                        format!("The chance of a hazard is not known for {count} shelters while a limit is set: they get no one."),
                    ),
                    Text::new("补上 hazard_probability，或去掉上限。", "Give hazard_probability, or drop the limit."),
                )
                .in_file(&shelters_file)
                .at(ids)
                .field("hazard_probability"),
            );
        }
        let (ids, count) = of(HAZARD_TOO_LIKELY);
        if count > 0 {
            findings.push(
                Finding::warning(
                    "EVA-065",
                    Text::new(
                        format!("{count} 个场所的受灾概率超过上限，不予启用。"),
                        format!("{count} shelters are too likely reached by a hazard and get no one."),
                    ),
                    Text::new("核对概率与上限；准备其他场所。", "Check chances and limit; prepare other shelters."),
                )
                .in_file(&shelters_file)
                .at(ids)
                .field("hazard_probability"),
            );
        }
        let suitability = self.suitability(&sites)?;
        for word in suitability.offered_nowhere() {
            findings.push(
                Finding::warning(
                    "EVA-066",
                    Text::new(
                        format!("没有场所提供“{word}”：需要它的人无处可去。"),
                        format!("No shelter offers \"{word}\": people who need it have nowhere to go."),
                    ),
                    Text::new("核对 needs 与 offers 的用词。", "Check the words of needs and offers."),
                )
                .in_file(&demand_file)
                .field("needs"),
            );
        }
        let unknown = self.demand.iter().filter(|row| row.people > 0 && row.vulnerable.is_none());
        let (ids, count) = (some_ids(unknown.clone().map(|row| row.id.as_str())), unknown.count());
        if self.header.rules.vulnerable_first && count > 0 {
            findings.push(
                Finding::warning(
                    "EVA-085",
                    Text::new(
                        format!("{count} 处未填脆弱人数：优先安置脆弱人员时，那里没有人得到优先。"),
                        format!(
                            "How many are vulnerable is not known of {count} places: where the vulnerable come first, nobody there does."
                        ),
                    ),
                    Text::new("补上 vulnerable；确无则填 0。", "Give vulnerable; 0 where there are none."),
                )
                .in_file(&demand_file)
                .at(ids)
                .field("vulnerable"),
            );
        }
        if self.header.rules.split && self.demand.iter().any(|row| row.party.is_some()) {
            findings.push(
                Finding::warning(
                    "EVA-067",
                    Text::new(
                        "允许拆分时，party 一列不起作用：家庭、村组可能被分开。",
                        "While points may be split, the column party has no effect: families and groups may be parted.",
                    ),
                    Text::new("使用 split = false。", "Use split = false."),
                )
                .in_file(&demand_file)
                .field("party"),
            );
        }
        Ok(findings)
    }
}
