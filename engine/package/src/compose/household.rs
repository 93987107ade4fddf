//! What a household is told: how it leaves, when, and where it goes. For the protected register alone.

use dayu_plan::{DepartBy, DepartureMargin, Ride, TransferRow};
use std::collections::BTreeMap;

/// What a note needs beyond its row.
pub struct HouseholdFacts<'a> {
    /// pace that walks are counted with, m/s; `None` = no roads
    pub walk_m_s: Option<f64>,
    /// name of an object, shelter or force
    pub name: &'a dyn Fn(&str) -> String,
    /// clock of a time of the run, s from start
    pub clock: &'a dyn Fn(f64) -> String,
}

/// Vehicle or team of a trip: 车队05·1号车.
pub fn carrier_name(force: &str, ride: &Ride) -> String {
    let number = ride.carrier.rsplit('#').next().unwrap_or_default();
    let unit = match ride.means.as_str() {
        "bus" => "号车",
        "boat" => "号艇",
        _ => "组",
    };
    format!("{force}·{number}{unit}")
}

/// 告知 of the households of a transfer row. Nobody who is fetched is told to walk; whoever has no way left is told to go upstairs and wait.
/// Where the people of a row go different ways, the village decides who takes which.
pub fn household_note(row: &TransferRow, facts: &HouseholdFacts<'_>) -> String {
    // An order that is only assumed is no earlier than one that is known: a way that is cut by then is cut.
    let gone = DepartureMargin::of(row.departure.as_ref(), Some(row.order.at_s)) == DepartureMargin::Gone;
    let mut ways: Vec<String> = fetched(row, facts, gone);
    let on_foot = on_foot(row);
    if !on_foot.is_empty() {
        let to: Vec<String> = on_foot.iter().map(|(id, n)| format!("{}（{n} 人）", (facts.name)(id))).collect();
        ways.push(if gone {
            format!("无安全通路或已过时刻：就近上楼避险，等待救援，不要自行涉水离开；救出后去向 {}", to.join("或"))
        } else {
            format!("步行至 {}，{}", to.join("或"), times_on_foot(row, facts))
        });
    }
    let relatives = row.people.saturating_sub(row.to_house);
    if relatives > 0 {
        ways.push(if gone {
            format!("投亲靠友 {relatives} 人：就近上楼避险，等待救援，救出后前往")
        } else {
            format!("投亲靠友 {relatives} 人，{}", times_with_relatives(row, facts))
        });
    }
    let unplaced: u64 = row.unplaced.iter().map(|(people, _)| people).sum();
    if unplaced > 0 {
        let until = if gone { "就近上楼避险，等待救援" } else { "等候通知" };
        ways.push(format!("{unplaced} 人安置去向未落实，{until}"));
    }
    let road = match row.departure.as_ref().map(|d| d.leave_by()) {
        None => "道路未知",
        Some(DepartBy::Never) => "步行无安全通路",
        Some(DepartBy::Always) => "步行道路推演期内畅通",
        Some(DepartBy::At(_)) if gone => "步行道路已过最晚时刻",
        Some(DepartBy::At(_)) => "步行道路将断",
    };
    let choices = on_foot.len().max(1) - 1 + ways.len();
    let said = match ways.as_slice() {
        [] => "听从通知".to_owned(),
        [way] if choices == 1 => way.clone(),
        [way] => format!("{way}；每户去哪一处由村（社区）确定并告知"),
        several => {
            let numbered: Vec<String> = (1..).zip(several).map(|(n, way)| format!("（{n}）{way}")).collect();
            format!("分路转移，每户走哪一路、去哪一处由村（社区）确定并告知：{}", numbered.join("；"))
        }
    };
    format!("请携带证件、药品；{said}；{road}")
}

/// (shelter, persons) of those who walk there on their own.
fn on_foot(row: &TransferRow) -> Vec<(&str, u64)> {
    let carried = |id: &str| row.rides.iter().filter(|r| r.shelter_id == id).map(|r| r.people).sum::<u64>();
    let alone = row.shelters.iter().map(|(id, people)| (id.as_str(), people.saturating_sub(carried(id))));
    alone.filter(|(_, people)| *people > 0).collect()
}

/// One line for each shelter and means that fetches people.
fn fetched(row: &TransferRow, facts: &HouseholdFacts<'_>, gone: bool) -> Vec<String> {
    let mut groups: BTreeMap<(&str, &str), Vec<&Ride>> = BTreeMap::new();
    for ride in &row.rides {
        groups.entry((&ride.shelter_id, &ride.means)).or_default().push(ride);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.iter_mut().for_each(|(_, rides)| rides.sort_by(|a, b| a.pickup_s.total_cmp(&b.pickup_s)));
    groups.sort_by(|a, b| a.1[0].pickup_s.total_cmp(&b.1[0].pickup_s).then_with(|| a.0.cmp(&b.0)));
    let line = |((shelter, means), rides): ((&str, &str), Vec<&Ride>)| {
        let people: u64 = rides.iter().map(|r| r.people).sum();
        let wait = if gone { "先就近上楼避险，等待接运" } else { "在家（或指定地点）等候" };
        let first = rides[0];
        let last = rides[rides.len() - 1];
        let when = match rides.len() {
            1 => format!("{} 前后", (facts.clock)(first.pickup_s)),
            n => format!("{} 至 {} 之间分 {n} 趟", (facts.clock)(first.pickup_s), (facts.clock)(last.pickup_s)),
        };
        let by = carrier_name(&(facts.name)(&first.force_id), first);
        let more = if rides.len() > 1 { "等" } else { "" };
        let does = if means == "escort" { "上门护送至" } else { "接往" };
        format!("{wait}，{when}由 {by}{more} {does} {}（{people} 人）", (facts.name)(shelter))
    };
    groups.into_iter().map(line).collect()
}

/// Two times closer than this are one, s.
const SAME_S: f64 = 1.0;

/// The deadline by which people must have arrived; a deadline that was brought forward to the closing of roads is one of leaving.
fn arrive_by_s(row: &TransferRow) -> Option<f64> {
    let leave_by_s = row.departure.as_ref().and_then(|d| d.leave_by().at_s());
    let brought_forward =
        |due: f64| leave_by_s.is_some_and(|by| (due - by.max(row.order.at_s).max(0.0)).abs() < SAME_S);
    // A deadline that lies at the order or before it reads 立即: nobody can have arrived by then.
    row.deadline_s.filter(|due| !brought_forward(*due) && *due > row.order.at_s)
}

/// When those on foot must set out, and apart from it until when they must have arrived.
fn times_on_foot(row: &TransferRow, facts: &HouseholdFacts<'_>) -> String {
    let arrive_by_s = arrive_by_s(row);
    let walk_s = row.longest_m.zip(facts.walk_m_s).map(|(metres, pace)| metres as f64 / pace);
    let in_time_s = arrive_by_s.zip(walk_s).map(|(due, walk)| due - walk);
    words(row, facts, in_time_s, arrive_by_s)
}

/// Nobody knows how far relatives live: they leave before roads close, and the deadline stands for itself.
fn times_with_relatives(row: &TransferRow, facts: &HouseholdFacts<'_>) -> String {
    words(row, facts, None, arrive_by_s(row))
}

fn words(row: &TransferRow, facts: &HouseholdFacts<'_>, in_time_s: Option<f64>, arrive_by_s: Option<f64>) -> String {
    let leave_by_s = row.departure.as_ref().and_then(|d| d.leave_by().at_s());
    let set_out_s = [leave_by_s, in_time_s].into_iter().flatten().min_by(f64::total_cmp);
    let at_once = set_out_s.is_some_and(|s| s <= row.order.at_s);
    let set_out = match set_out_s {
        Some(_) if at_once => "接到通知立即出发".to_owned(),
        Some(s) => format!("最迟 {} 出发", (facts.clock)(s)),
        None => "出发时限未知，听从通知".to_owned(),
    };
    let arrive = arrive_by_s.map_or_else(String::new, |s| format!("，到达时限 {}", (facts.clock)(s)));
    set_out + &arrive
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use dayu_base::{Mark, Origin, RiskColour, Text};
    use dayu_plan::{LastDeparture, OrderTime};

    fn leaving(by: DepartBy) -> LastDeparture {
        LastDeparture {
            assigned: Some(by),
            any: by,
            prepare_s: 2400.0,
            decided_by: None,
            won: Vec::new(),
            members: 1,
            holds_90: None,
            holds_50: None,
            decided_by_90: None,
        }
    }

    fn row(shelters: &[(&str, u64)], by: DepartBy) -> TransferRow {
        let housed: u64 = shelters.iter().map(|s| s.1).sum();
        TransferRow {
            id: "T3:W".into(),
            category: "T3".into(),
            object_id: "W".into(),
            region: None,
            people: housed,
            vulnerable: 0,
            to_house: housed,
            shelters: shelters.iter().map(|(id, n)| ((*id).to_owned(), *n)).collect(),
            longest_m: Some(1280),
            rides: Vec::new(),
            unplaced: Vec::new(),
            departure: Some(leaving(by)),
            order: OrderTime { at_s: 0.0, assumed: false },
            through_s: None,
            deadline_s: Some(36_000.0),
            deadline_note: Text::new("", ""),
            clause: String::new(),
            mark: Mark::Default,
            colour: RiskColour::Red,
        }
    }

    fn ride(shelter: &str, people: u64, pickup_s: f64) -> Ride {
        Ride {
            carrier: "F05#1".into(),
            force_id: "F05".into(),
            means: "bus".into(),
            origin: Origin::Synthetic,
            trip: 1,
            shelter_id: shelter.into(),
            people,
            led: false,
            starts_s: 0.0,
            pickup_s,
            leaves_s: pickup_s + 60.0,
            arrives_s: pickup_s + 600.0,
        }
    }

    fn told(row: &TransferRow) -> String {
        let name = |id: &str| if id == "F05" { "车队05".to_owned() } else { format!("场所{id}") };
        let clock = |s: f64| format!("{s:.0}s");
        household_note(row, &HouseholdFacts { walk_m_s: Some(0.64), name: &name, clock: &clock })
    }

    #[test]
    fn who_walks_sets_out_a_walk_before_the_deadline_and_before_the_road_closes() {
        // 1280 m at 0.64 m/s are 2000 s.
        let note = told(&row(&[("A", 5)], DepartBy::Always));
        assert!(note.contains("步行至 场所A（5 人），最迟 34000s 出发，到达时限 36000s"), "{note}");
        let note = told(&row(&[("A", 5)], DepartBy::At(9000.0)));
        assert!(note.contains("最迟 9000s 出发，到达时限 36000s"), "{note}");
        // A deadline that was only brought forward to the closing road is none of arrival.
        let note = told(&TransferRow { deadline_s: Some(9000.0), ..row(&[("A", 5)], DepartBy::At(9000.0)) });
        assert!(note.contains("最迟 9000s 出发；") && !note.contains("到达时限"), "{note}");
        let note = told(&TransferRow { deadline_s: Some(1500.0), ..row(&[("A", 5)], DepartBy::Always) });
        assert!(note.contains("接到通知立即出发，到达时限 1500s"), "{note}");
        let note = told(&TransferRow { deadline_s: None, ..row(&[("A", 5)], DepartBy::Always) });
        assert!(note.contains("出发时限未知"), "{note}");
    }

    #[test]
    fn who_is_fetched_waits_and_is_never_sent_on_foot() {
        let fetched = TransferRow { rides: vec![ride("B", 5, 7200.0)], ..row(&[("B", 5)], DepartBy::Always) };
        let note = told(&fetched);
        assert!(note.contains("在家（或指定地点）等候，7200s 前后由 车队05·1号车 接往 场所B（5 人）"), "{note}");
        assert!(!note.contains("步行至") && !note.contains("最迟") && !note.contains("确定并告知"), "{note}");
    }

    #[test]
    fn who_has_no_way_left_goes_upstairs_and_waits_for_rescue() {
        for by in [DepartBy::Never, DepartBy::At(2000.0)] {
            let note = told(&row(&[("A", 5)], by));
            assert!(note.contains("就近上楼避险，等待救援") && !note.contains("最迟"), "{note}");
            assert!(!note.contains("出发") && !note.contains("步行至"), "{note}");
        }
        let fetched = TransferRow { rides: vec![ride("B", 5, 7200.0)], ..row(&[("B", 5)], DepartBy::Never) };
        let note = told(&fetched);
        assert!(note.contains("先就近上楼避险，等待接运，7200s 前后由 车队05·1号车"), "{note}");
    }

    #[test]
    fn where_people_part_the_village_decides_and_all_ways_are_named() {
        let mut parted = row(&[("A", 12), ("B", 20), ("C", 3)], DepartBy::Always);
        parted.rides = vec![ride("B", 11, 8000.0), ride("B", 9, 7200.0)];
        parted.people += 8;
        parted.to_house += 2;
        parted.unplaced = vec![(2, "shelters_full".into())];
        let note = told(&parted);
        assert!(note.contains("由村（社区）确定并告知"), "{note}");
        assert!(
            note.contains(
                "（1）在家（或指定地点）等候，7200s 至 8000s 之间分 2 趟由 车队05·1号车等 接往 场所B（20 人）"
            ),
            "{note}"
        );
        assert!(note.contains("（2）步行至 场所A（12 人）或场所C（3 人），最迟"), "{note}");
        assert!(note.contains("（3）投亲靠友 6 人") && note.contains("（4）2 人安置去向未落实，等候通知"), "{note}");
        // Two shelters on foot are a choice, too.
        let note = told(&row(&[("A", 3), ("C", 3)], DepartBy::Always));
        assert!(note.contains("每户去哪一处由村（社区）确定并告知"), "{note}");
    }
}
