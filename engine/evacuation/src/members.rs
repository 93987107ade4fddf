//! Beds of the shelters in each of many members: floods, landslides or closures as each would have them.

use crate::houses::Houses;
use crate::order::id_order;
use crate::policies::CARE;
use crate::rows::{note_unread, so, some_ids};
use crate::sheet::Sheet;
use crate::{EvacInstance, Order};
use dayu_base::{Finding, Text};
use std::collections::{BTreeMap, BTreeSet};

/// Beds of the shelters in each member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// ids, in their order
    pub ids: Vec<String>,
    /// per member, per site of the problem: beds for people still to come
    pub beds: Vec<Vec<u64>>,
    /// per member, people who have arrived at shelters that have no bed for them there
    pub arrived_without_bed: Vec<u64>,
}

impl EvacInstance {
    /// Reads NAME.members.csv: member,shelter,capacity, where the capacity is what the whole house keeps in that member. Of it the reserve
    /// stays free, care places come first, and people of `done` lie in their beds already. A shelter that a member does not name keeps its
    /// beds; no member has more than the problem. A capacity that cannot be read is none.
    ///
    /// # Errors
    /// `EVA-015` a table without these columns, `EVA-074` no member.
    pub fn members(&self, text: &str, done: &[Order], findings: &mut Vec<Finding>) -> Result<Members, Finding> {
        let file = format!("{}.members.csv", self.name);
        let sheet = Sheet::read_rows(&file, text, &["member", "shelter", "capacity"], &[], findings)?;
        note_unread(&file, &sheet.unread, findings);
        let houses: BTreeMap<&str, usize> = self.shelters.iter().map(|s| s.id.as_str()).zip(0..).collect();
        let mut kept: BTreeMap<&str, BTreeMap<usize, u64>> = BTreeMap::new();
        for (line, row) in &sheet.rows {
            let (member, shelter) = (Sheet::text(row, 0), Sheet::text(row, 1));
            if member.is_empty() {
                let finding = sheet.value(*line, 0, member, "为空", "is empty");
                findings.push(so(finding, "该行未采用。", "The row was left out."));
                continue;
            }
            let of_member = kept.entry(member).or_default();
            // A member in which nothing changes has a row without a shelter.
            if shelter.is_empty() {
                continue;
            }
            let Some(&house) = houses.get(shelter) else {
                findings.push(sheet.value(*line, 1, shelter, "不是已有的编号", "is no known id"));
                continue;
            };
            let capacity = sheet.count(*line, row, 2).unwrap_or_else(|finding| {
                findings.push(so(finding, "按没有床位计。", "It is taken to have no bed."));
                0
            });
            let beds = of_member.entry(house).or_insert(capacity);
            *beds = (*beds).min(capacity);
        }
        // What a broken row says of a member is lost: the member would be told better than it is.
        let at = text.trim_start_matches('\u{feff}').lines().next().unwrap_or("");
        let at = at.split(',').position(|head| head.trim().trim_matches('"') == "member").unwrap_or(0);
        let broken: BTreeSet<&str> =
            sheet.broken.iter().filter_map(|(_, fields)| fields.get(at)).map(|id| id.trim()).collect();
        if !broken.is_empty() {
            kept.retain(|member, _| !broken.contains(member));
            findings.push(lost(&file, &broken));
        }
        if kept.is_empty() {
            return Err(none(&file));
        }
        let mut kept: Vec<_> = kept.into_iter().collect();
        kept.sort_by(|a, b| id_order(a.0, b.0));
        let arrived = self.arrived(done);
        let mut members = Members { ids: Vec::new(), beds: Vec::new(), arrived_without_bed: Vec::new() };
        for (id, houses) in kept {
            let beds = self.beds_in(&houses);
            members.ids.push(id.to_owned());
            let without = beds.iter().zip(&arrived).map(|(beds, there)| there.saturating_sub(*beds));
            let without = without.fold(0, u64::saturating_add);
            members.arrived_without_bed.push(without);
            members.beds.push(beds.iter().zip(&arrived).map(|(beds, there)| beds.saturating_sub(*there)).collect());
        }
        Ok(members)
    }

    /// People who have arrived, per site.
    fn arrived(&self, done: &[Order]) -> Vec<u64> {
        let sites = self.sites();
        let care_of: Vec<Option<String>> = sites.iter().map(|site| self.house_of_care(site)).collect();
        let houses = Houses::of(sites.iter().map(|site| site.id.as_str()).zip(care_of.iter().map(Option::as_deref)));
        let care = |needs: &str| crate::words(needs).any(|word| word == CARE);
        let needs: BTreeMap<&str, bool> = self.demand.iter().map(|row| (row.id.as_str(), care(&row.needs))).collect();
        let mut arrived = vec![0_u64; sites.len()];
        for order in done {
            let care = needs.get(order.demand.as_str()).copied().unwrap_or(false);
            if let Some(at) = houses.site(&order.shelter, care) {
                arrived[at as usize] = arrived[at as usize].saturating_add(order.people);
            }
        }
        arrived
    }

    /// Beds per site where some houses keep fewer: (shelter row, beds of the whole house).
    fn beds_in(&self, houses: &BTreeMap<usize, u64>) -> Vec<u64> {
        let sites = self.sites();
        let mut beds: Vec<u64> = sites.iter().map(|site| site.beds).collect();
        for (&row, &capacity) in houses {
            let capacity = capacity.min(self.shelters[row].capacity);
            let mut left = self.without_reserve(row, capacity);
            // Who needs care has nowhere else to go: their places come first.
            let care = (self.shelters.len()..sites.len()).find(|at| sites[*at].row == row);
            for at in care.into_iter().chain([row]) {
                beds[at] = beds[at].min(left);
                left -= beds[at];
            }
        }
        beds
    }
}

fn lost(file: &str, members: &BTreeSet<&str>) -> Finding {
    Finding::error(
        "EVA-086",
        Text::new(
            format!("{} 个成员有读不了的行，未参与：否则其情形会显得比实际好。", members.len()),
            format!(
                "{} members have rows that cannot be read and were left out: they would look better than they are.",
                members.len()
            ),
        ),
        Text::new("改正这些行后重新计算。", "Correct these rows and compute again."),
    )
    .in_file(file)
    .at(some_ids(members.iter().copied()))
}

fn none(file: &str) -> Finding {
    Finding::error(
        "EVA-074",
        Text::new("成员表中没有可用的成员。", "The table of members has no member that can be used."),
        Text::new("每个成员至少一行：member,shelter,capacity。", "Give each member a row: member,shelter,capacity."),
    )
    .in_file(file)
}
