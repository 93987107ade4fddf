use crate::scene::Spot;
use crate::{DecideInput, DemandPlace, DepartBy, Housed, TransferRow, TransferTotals, UnplacedPeople};
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
                order: r.order,
            }
        })
        .collect();
    if demand.is_empty() {
        return Vec::new();
    }
    let mut answer = (input.assign)(&demand);
    findings.append(&mut answer.findings);
    answer.rows.resize(demand.len(), Housed::default());
    let (mut unplaced, mut late) = (Vec::new(), Vec::new());
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
            let arrivals = housed.rides.iter().map(|ride| ride.arrives_s);
            row.through_s = arrivals.chain(housed.through_s).max_by(f64::total_cmp);
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
        bring_forward(row);
        late.extend(arrives_late(row));
        unplaced.extend(row.unplaced.iter().map(|(people, reason)| UnplacedPeople {
            transfer_id: row.id.clone(),
            people: *people,
            reason: unplaced_reason(reason),
        }));
    }
    findings.extend(all_late(level, &late));
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

/// Who can only leave until a road closes must have left by then, whatever later time the plan's clauses allow; never before the order.
fn bring_forward(row: &mut TransferRow) {
    let Some(departure) = &row.departure else { return };
    let (order_s, leave) = (row.order.at_s, departure.leave_by());
    let order_by_s = departure.order_by_s();
    if let Some(leave_s) = leave.at_s().filter(|s| row.deadline_s.is_none_or(|due| *s < due)) {
        let due_s = leave_s.max(order_s).max(0.0);
        if row.deadline_s.is_none_or(|due| due_s < due) {
            row.deadline_s = Some(due_s);
            row.deadline_note.zh.push_str("；道路将断，提前至最晚安全撤离时刻");
            row.deadline_note.en.push_str("; brought forward to the latest safe departure: the roads close");
        }
    }
    let (zh, en) = if leave == DepartBy::Never {
        ("；无安全通路，须救援或就近上楼避险", "; no safe way: rescue, or shelter upstairs")
    } else if leave.at_s().is_some_and(|s| s < order_s) {
        (
            "；下令时已过最晚安全撤离时刻，须救援或就近上楼避险",
            "; the latest safe departure lies before the order: rescue, or shelter upstairs",
        )
    } else if order_by_s.is_some_and(|s| s < order_s) {
        (
            "；下令时已不够准备时间，须立即协助离开，来不及的就近上楼避险",
            "; too late to get ready after the order: help them leave at once, or shelter upstairs",
        )
    } else {
        return;
    };
    row.deadline_note.zh.push_str(zh);
    row.deadline_note.en.push_str(en);
}

/// A tolerance of the clock, s.
const PROMPT_S: f64 = 60.0;

/// How late a row is against its own deadline by preparation, ways and trips, s, with its people; said in its note.
fn arrives_late(row: &mut TransferRow) -> Option<(f64, u64)> {
    // A deadline at the order itself reads 立即: nobody is late against it.
    let late_s = (row.through_s? - row.deadline_s.filter(|due| *due > row.order.at_s)?).max(0.0);
    if late_s <= PROMPT_S {
        return None;
    }
    let minutes = (late_s / 60.0).ceil();
    row.deadline_note.zh.push_str(&format!("；按准备、路程和车次推算，全部到达晚 {minutes:.0} 分"));
    row.deadline_note.en.push_str(&format!("; by preparation, ways and trips the last arrive {minutes:.0} min late"));
    Some((late_s, row.shelters.iter().fold(0, |sum, s| sum.saturating_add(s.1))))
}

fn all_late(level: ResponseLevel, late: &[(f64, u64)]) -> Option<Finding> {
    let longest_s = late.iter().map(|row| row.0).max_by(f64::total_cmp)?;
    let (rows, people, minutes) = (late.len(), sum(late.iter().map(|row| row.1)), (longest_s / 60.0).ceil());
    Some(
        Finding::warning(
            "PLN-040",
            Text::new(
                format!("{rows} 项转移（{people} 人）推算的到达时刻晚于各自时限，最多晚 {minutes:.0} 分"),
                format!("{rows} transfers ({people} people) arrive later than their deadlines by the computation, {minutes:.0} min at most"),
            ),
            Text::new("提前下令、增派车辆，或先安排这些人", "order earlier, send more vehicles, or move these people first"),
        )
        .at(level.id()),
    )
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
