//! The latest safe departure in words.

use super::household::carrier_name;
use super::input::Context;
use dayu_assets::Layer;
use dayu_base::{Finding, Origin, Text};
use dayu_plan::{DepartBy, LastDeparture, Ride, TransferRow, shelter_danger};

/// Rows that the list names one by one; the table holds all.
const NAMED: usize = 8;

/// 最晚安全撤离 in the list: who can only leave until when, the earliest first, and what would win time.
pub(super) fn leaving_lines(cx: &Context<'_>) -> Vec<Text> {
    let mut rows: Vec<(f64, &TransferRow, &LastDeparture)> = (cx.input.plan.transfers.iter())
        .filter_map(|t| {
            let departure = t.departure.as_ref()?;
            let by = departure.leave_by();
            (by != DepartBy::Always).then(|| (by.seconds(), t, departure))
        })
        .collect();
    if rows.is_empty() {
        return Vec::new();
    }
    rows.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    let people = rows.iter().fold(0_u64, |sum, row| sum.saturating_add(row.1.people));
    let mut lines = vec![Text::new(
        format!("最晚安全撤离：{} 处 {people} 人的出路将断或可能断（按单次推演与各成员），从早到晚：", rows.len()),
        format!(
            "Latest safe departures: the ways of {} places ({people} people) close or may close; the earliest first:",
            rows.len()
        ),
    )];
    for (_, row, departure) in rows.iter().take(NAMED) {
        let name = cx.name_of(&row.object_id);
        let by = match departure.leave_by() {
            DepartBy::At(s) => cx.due(Some(s)),
            DepartBy::Always => "全程有路".into(),
            DepartBy::Never if departure.by_members().is_some() => "一成以上成员中无安全通路".into(),
            DepartBy::Never => "无安全通路".into(),
        };
        let note = leave_note(cx, row, departure);
        lines.push(Text::new(
            format!("{name}（{}人）：{by}；{note}", row.people),
            format!("{name} ({} people): {by}; {note}", row.people),
        ));
    }
    if rows.len() > NAMED {
        let more = rows.len() - NAMED;
        lines.push(Text::new(format!("另有 {more} 处，见管控一张表。"), format!("{more} more stand in the table.")));
    }
    lines
}

/// Shelters that must stay shut, with the reason: water, slopes, members.
pub(super) fn shut_shelters(cx: &Context<'_>) -> Option<Text> {
    let mut shut: Vec<(String, Text)> = Vec::new();
    for asset in cx.input.registry.layer(Layer::Shelters) {
        let danger = shelter_danger(asset.x_m, asset.y_m, cx.impact_of(&asset.id), cx.input.impact);
        shut.extend(danger.map(|why| (asset.name.clone(), why)));
    }
    let words = |pick: fn(&Text) -> &String, open: &str, close: &str, apart: &str| {
        let named = shut.iter().take(NAMED).map(|(name, why)| format!("{name}{open}{}{close}", pick(why)));
        named.collect::<Vec<_>>().join(apart)
    };
    let n = shut.len();
    let (more, more_en) = if n > NAMED { ("等", " and others") } else { ("", "") };
    (n > 0).then(|| {
        Text::new(
            format!("不启用的避灾安置场所 {n} 处：{}{more}。", words(|t| &t.zh, "（", "）", "、")),
            format!("{n} shelters stay shut: {}{more_en}.", words(|t| &t.en, " (", ")", ", ")),
        )
    })
}

/// Why the time is what it is, by when the order must be given, and what would win time.
pub(super) fn leave_note(cx: &Context<'_>, row: &TransferRow, departure: &LastDeparture) -> String {
    let mut parts = Vec::new();
    let minutes = (departure.prepare_s / 60.0).round();
    let words = |until: DepartBy| match until {
        DepartBy::At(_) => cx.short(until.at_s()),
        DepartBy::Always => "全程有路".into(),
        DepartBy::Never => "无安全通路".into(),
    };
    let (in_the_run, members) = (departure.in_the_run(), departure.members);
    let by_members = departure.by_members();
    let road = |id: &Option<String>| id.as_ref().map(|road| format!("道路“{}”先断", cx.name_of(road)));
    if let Some(by) = by_members {
        let road = road(&departure.decided_by_90).map_or_else(String::new, |road| format!("，{road}"));
        parts.push(format!(
            "取九成成员可行的时刻 {}（{members} 个成员{road}）；本次推演 {}",
            words(by),
            words(in_the_run)
        ));
    } else {
        match in_the_run {
            DepartBy::Always => parts.push("推演期内有路保持畅通，不设最晚时刻".to_string()),
            DepartBy::Never => {}
            DepartBy::At(_) => parts.extend(road(&departure.decided_by)),
        }
        if departure.assigned.is_some_and(|assigned| assigned.seconds() < departure.any.seconds()) {
            parts.push(match departure.any {
                DepartBy::At(s) => format!("改去其他场所可延至 {}", cx.short(Some(s))),
                _ => "改去其他场所则全程有路".into(),
            });
        }
    }
    let rescue = "须救援或就近上楼避险";
    match departure.order_by_s() {
        Some(by_s) if by_s < row.order.at_s => {
            let order = cx.short(Some(row.order.at_s));
            parts.push(format!(
                "应在 {} 前下令（准备 {minutes:.0} 分），早于可下令时刻 {order}：{rescue}",
                cx.short(Some(by_s))
            ));
        }
        Some(by_s) => parts.push(format!("下令不迟于 {}（准备 {minutes:.0} 分）", cx.short(Some(by_s)))),
        None if departure.leave_by() == DepartBy::Never => parts.push(rescue.into()),
        None => {}
    }
    for won in &departure.won {
        let what = match (won.means.as_str(), &won.id) {
            ("shelter", Some(id)) => format!("启用“{}”", cx.name_of(id)),
            ("road", Some(id)) => format!("封控点“{}”所在道路放行转移", cx.name_of(id)),
            ("boat", _) => "派船艇接运".to_string(),
            _ => "派车接运".to_string(),
        };
        parts.push(match won.until {
            DepartBy::At(s) => format!("{what}可延至 {}", cx.short(Some(s))),
            _ => format!("{what}则全程有路"),
        });
    }
    parts.push(match (departure.holds_90, departure.holds_50) {
        (Some(_), Some(p50)) if by_members.is_some() => format!("五成把握 {}", words(p50)),
        // Wider cells see less of a narrow road: a later time of the members is no confidence.
        (Some(p90), _) if p90.seconds() > in_the_run.seconds() => {
            format!("{members} 个成员（格网较粗）未显示更早断路，不作放宽依据")
        }
        (Some(p90), Some(p50)) if members > 1 => {
            format!("{members} 个成员：九成把握 {}，五成把握 {}", words(p90), words(p50))
        }
        _ => "单次推演，无概率".into(),
    });
    parts.join("；")
}

/// Trips named one by one in a cell; `tours.csv` holds all.
const TRIPS: usize = 4;

/// Which vehicle or team fetches these people when, and takes them where.
pub(super) fn rides_note(cx: &Context<'_>, rides: &[Ride]) -> String {
    let mut parts: Vec<String> = (rides.iter().take(TRIPS))
        .map(|ride| {
            let does = if ride.means == "escort" { "护送" } else { "接" };
            let (pickup, arrives) = (cx.short(Some(ride.pickup_s)), cx.short(Some(ride.arrives_s)));
            let constructed = if ride.origin == Origin::Real { "" } else { "，构造运力" };
            format!(
                "{} {pickup} {does} {} 人，{arrives} 到 {}{constructed}",
                carrier_name(&cx.name_of(&ride.force_id), ride),
                ride.people,
                cx.name_of(&ride.shelter_id)
            )
        })
        .collect();
    if rides.len() > TRIPS {
        let people = rides.iter().skip(TRIPS).fold(0_u64, |sum, ride| sum.saturating_add(ride.people));
        parts.push(format!("另有 {} 趟 {people} 人，见 tours.csv", rides.len() - TRIPS));
    }
    parts.join("；")
}

/// How many trips carry how many people at this level.
pub(super) fn rides_line(cx: &Context<'_>) -> Option<Text> {
    let rides = || cx.input.plan.transfers.iter().flat_map(|t| &t.rides);
    let people = |means: &str| rides().filter(|r| r.means == means).fold(0_u64, |sum, r| sum.saturating_add(r.people));
    let trips = rides().count();
    (trips > 0).then(|| {
        let (bus, boat, escort) = (people("bus"), people("boat"), people("escort"));
        let last = cx.short(rides().map(|r| r.arrives_s).max_by(f64::total_cmp));
        let (made, made_en) = if rides().all(|r| r.origin == Origin::Real) {
            ("", "")
        } else {
            ("（运力为构造数据）", " (constructed vehicles and teams)")
        };
        Text::new(
            format!("车辆与护送{made}：共 {trips} 趟，车辆接运 {bus} 人、船艇接运 {boat} 人、护送 {escort} 人，最后一趟 {last} 到达；逐趟见管控一张表“车辆与护送”栏和 tours.csv。"),
            format!("Transport{made_en}: {trips} trips, {bus} people by bus, {boat} by boat, {escort} led; the last arrives {last}; every trip stands in the table and in tours.csv."),
        )
    })
}

/// Code of the finding that people who should stay together are split between shelters; its place is level/transfer.
pub const PARTED: &str = "RUN-240";

/// Places that should stay together and that the trips had to split, with where each part goes.
pub(super) fn parted_lines(cx: &Context<'_>) -> Vec<Text> {
    let told = cx.input.header.findings.iter().filter(|f| f.code == PARTED);
    let level = cx.input.plan.level.id();
    let of_level = |f: &Finding| Some(f.place.strip_prefix(level)?.strip_prefix('/')?.to_owned());
    let rows = told.filter_map(of_level).filter_map(|id| cx.input.plan.transfers.iter().find(|t| t.id == id));
    let line = |row: &TransferRow| {
        let to: Vec<String> = row.shelters.iter().map(|(id, n)| format!("{} {n} 人", cx.name_of(id))).collect();
        let name = cx.name_of(&row.object_id);
        Text::new(
            format!(
                "整体安置未能做到：{name}（{}）须分送 {} 处——{}；没有一处床位足够的适宜场所能在断路前全部送到，请指挥长定夺并逐处指定陪护人员。",
                row.id,
                to.len(),
                to.join("、")
            ),
            format!("{name} ({}) should stay together but is split between {} shelters.", row.id, to.len()),
        )
    };
    rows.map(line).collect()
}

/// People whom the trips of vehicles and boats get a bed, and whether any of these is constructed.
pub(super) fn fetched(cx: &Context<'_>) -> (u64, bool) {
    let rides = || cx.input.plan.transfers.iter().flat_map(|t| &t.rides).filter(|ride| !ride.led);
    (rides().fold(0, |sum, ride| sum.saturating_add(ride.people)), rides().any(|ride| ride.origin != Origin::Real))
}

/// Said beside a count of people without a place that rests on trips; empty where it does not.
pub(super) fn unplaced_note(cx: &Context<'_>) -> Text {
    match fetched(cx) {
        (0, _) => Text::new("", ""),
        (people, true) => Text::new(
            format!("（已计构造运力接运 {people} 人）"),
            format!(" (after {people} fetched by constructed vehicles)"),
        ),
        (people, false) => {
            Text::new(format!("（已计车船接运 {people} 人）"), format!(" (after {people} fetched by vehicles)"))
        }
    }
}
