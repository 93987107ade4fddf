use crate::scene::Spot;
use crate::{DecideInput, DemandPlace, Housed, TransferRow, TransferTotals, UnplacedPeople};
use dayu_assets::Details;
use dayu_base::{Finding, ResponseLevel, Text};
use std::collections::BTreeMap;

/// Machine reason used when an answer does not cover its people.
const UNANSWERED: &str = "assignment_missing";

/// Asks the assignment for places and writes its answer into the rows. An answer that does not add up is not used: its
/// people are listed as unplaced and `PLN-024` says so.
pub(crate) fn house(
    input: &DecideInput<'_>,
    level: ResponseLevel,
    opening_s: Option<f64>,
    spots: &[Spot<'_>],
    rows: &mut [TransferRow],
    findings: &mut Vec<Finding>,
) -> Vec<UnplacedPeople> {
    let place: BTreeMap<&str, &Spot<'_>> = spots.iter().map(|s| (s.asset.id.as_str(), s)).collect();
    let asked: Vec<usize> = (0..rows.len()).filter(|k| rows[*k].to_house > 0).collect();
    let demand: Vec<DemandPlace> = asked
        .iter()
        .map(|k| {
            let r = &rows[*k];
            let spot = place.get(r.object_id.as_str());
            let (x_m, y_m) = spot.map_or((f64::NAN, f64::NAN), |s| (s.asset.x_m, s.asset.y_m));
            DemandPlace {
                transfer_id: r.id.clone(),
                level,
                object_id: r.object_id.clone(),
                region: r.region.clone(),
                x_m,
                y_m,
                people: r.to_house,
                vulnerable: r.vulnerable.min(r.to_house),
                relatives: r.people - r.to_house,
                needs: needs(r, spot.copied()),
                whole: spot.is_some_and(|s| input.plan.housing.keep_together.contains(&s.asset.layer)),
                deadline_s: r.deadline_s,
                opening_s,
            }
        })
        .collect();
    if demand.is_empty() {
        return Vec::new();
    }
    let mut answer = (input.assign)(&demand);
    findings.append(&mut answer.findings);
    answer.rows.resize(demand.len(), Housed::default());
    let mut unplaced = Vec::new();
    for (k, housed) in asked.into_iter().zip(answer.rows) {
        let row = &mut rows[k];
        let fetched = || housed.rides.iter().filter(|ride| !ride.led);
        let on_foot = housed.shelters.iter().map(|s| s.1);
        let covered = sum(on_foot.chain(fetched().map(|r| r.people)).chain(housed.unplaced.iter().map(|u| u.0)));
        if covered == row.to_house {
            row.longest_m = housed.shelters.iter().map(|s| s.2).max();
            let mut by_shelter: BTreeMap<String, u64> = BTreeMap::new();
            for ride in fetched() {
                let people = by_shelter.entry(ride.shelter_id.clone()).or_default();
                *people = people.saturating_add(ride.people);
            }
            row.shelters = housed.shelters.into_iter().filter(|s| s.1 > 0).map(|(id, n, _)| (id, n)).collect();
            // One row a shelter, whether people walk there or are driven.
            for (id, n) in &mut row.shelters {
                *n = n.saturating_add(by_shelter.remove(id).unwrap_or(0));
            }
            row.shelters.extend(by_shelter);
            row.rides = housed.rides;
            row.unplaced = housed.unplaced.into_iter().filter(|u| u.0 > 0).collect();
        } else {
            row.unplaced = vec![(row.to_house, UNANSWERED.to_string())];
            findings.push(
                Finding::error(
                    "PLN-024",
                    Text::new(
                        format!("安置分配对不上：需 {} 人，答复 {covered} 人，全部列为未落实", row.to_house),
                        format!(
                            "the assignment covers {covered} of {} people; all are listed as unplaced",
                            row.to_house
                        ),
                    ),
                    Text::new("报告此问题，并人工安排安置", "report this and arrange places by hand"),
                )
                .at(format!("{}/{}", level.id(), row.id)),
            );
        }
        row.departure = housed.departure;
        bring_forward(row, opening_s);
        unplaced.extend(row.unplaced.iter().map(|(people, reason)| UnplacedPeople {
            transfer_id: row.id.clone(),
            people: *people,
            reason: unplaced_reason(reason),
        }));
    }
    unplaced
}

/// Kinds of institution whose people need care places (D).
const CARE_SITES: [&str; 8] =
    ["care_home", "nursing_home", "hospital", "welfare_home", "养老机构", "养老院", "医院", "福利院"];

/// What a shelter must offer: as registered; care for the people of hospitals and care homes that register nothing, step-free access for
/// rows of people who all need help (both D).
fn needs(row: &TransferRow, spot: Option<&Spot<'_>>) -> String {
    let mut words: Vec<String> = Vec::new();
    match spot.map(|s| &s.asset.details) {
        Some(Details::Institution { needs: None, site: Some(site), .. }) if CARE_SITES.contains(&site.as_str()) => {
            words.push("care".into());
        }
        Some(
            Details::Institution { needs: Some(needs), .. }
            | Details::OldHouse { needs: Some(needs), .. }
            | Details::WorkShed { needs: Some(needs), .. },
        ) => words.push(needs.clone()),
        _ => {}
    }
    if row.people > 0 && row.vulnerable == row.people && words.is_empty() {
        words.push("access".into());
    }
    words.join(";")
}

/// Who can only leave until a road closes must have left by then, whatever later time the plan's clauses allow; never before the level opens.
fn bring_forward(row: &mut TransferRow, opening_s: Option<f64>) {
    let Some(leave_s) = row.departure.as_ref().and_then(|d| d.leave_by().at_s()) else { return };
    if row.deadline_s.is_some_and(|due| due <= leave_s) {
        return;
    }
    let due_s = opening_s.map_or(leave_s, |opened| leave_s.max(opened)).max(0.0);
    if row.deadline_s.is_none_or(|due| due_s < due) {
        row.deadline_s = Some(due_s);
        row.deadline_note.zh.push_str("；道路将断，提前至最晚安全撤离时刻");
        row.deadline_note.en.push_str("; brought forward to the latest safe departure: the roads close");
    }
    if opening_s.is_some_and(|opened| leave_s < opened) {
        row.deadline_note.zh.push_str("；启动时已过最晚安全撤离时刻，须救援或就近上楼避险");
        row.deadline_note
            .en
            .push_str("; the latest safe departure lies before the opening: rescue, or shelter upstairs");
    }
}

/// A machine reason in words; an unknown one is shown as it is.
pub fn unplaced_reason(reason: &str) -> Text {
    match reason {
        "no_reachable_shelter" => Text::new("没有路通往任何安全的安置点", "no way leads to any safe shelter"),
        "shelters_full" => Text::new("可到达的安置点床位已满", "the shelters within reach are full"),
        "no_room_for_all_together" => Text::new(
            "整体安置、不拆分：可到达的安置点中没有一处的剩余床位容得下全部人员",
            "kept together: no shelter within reach has beds left for all of them",
        ),
        "no_open_shelter" => Text::new("没有开放且安全的安置点", "no shelter is open and safe"),
        "too_far_from_road" => Text::new("离道路过远，步行路线无法确定", "too far from any road to plan a walk"),
        "road_closed" => Text::new("出入道路受淹，无法步行转移", "the roads from there go under water"),
        "no_suitable_shelter" => Text::new(
            "步行范围内有场所，但没有一处具备所需条件（护理、无障碍等）",
            "shelters are within reach, but none offers what they need (care, access …)",
        ),
        "beyond_max_walk" => Text::new(
            "可用安置点超出步行距离上限，需车辆转运",
            "usable shelters lie beyond the walking limit: transport is needed",
        ),
        "no_capacity" | "unknown_capacity" => {
            Text::new("安置点没有可用床位或容量未知", "the shelters have no beds or their capacity is unknown")
        }
        UNANSWERED => Text::new("未得到安置分配结果", "the assignment gave no answer"),
        other => Text::new(other, other),
    }
}

/// Sums of the rows; a person stands in one row.
pub(crate) fn totals(affected: u64, rows: &[TransferRow]) -> TransferTotals {
    TransferTotals {
        affected,
        to_move: sum(rows.iter().map(|r| r.people)),
        to_house: sum(rows.iter().map(|r| r.to_house)),
        unplaced: sum(rows.iter().flat_map(|r| &r.unplaced).map(|u| u.0)),
    }
}

/// Absurd registers (near 2⁶⁴ people) stay at the largest number instead of wrapping to a small one.
fn sum(people: impl Iterator<Item = u64>) -> u64 {
    people.fold(0, u64::saturating_add)
}
