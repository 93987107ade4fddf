//! Who moves: 转移汇总 by 镇街 and 村社, 转移人员清单 by object.

use super::{column, count, sums, words};
use crate::compose::input::{Context, Place};
use crate::{Annex, Cell, ColumnKind};
use dayu_base::Text;
use dayu_plan::{DepartBy, DepartureMargin, TransferRow, margin_s, unplaced_reason};
use std::collections::{BTreeMap, BTreeSet};

const ROLE: &str = "转移责任人";

fn unplaced(row: &TransferRow) -> u64 {
    row.unplaced.iter().map(|u| u.0).sum()
}

fn place<'a>(cx: &Context<'a>, row: &'a TransferRow) -> Place {
    cx.place(&row.object_id, row.region.as_deref())
}

fn posts<'a>(cx: &Context<'a>, row: &'a TransferRow) -> String {
    cx.posts_of(&cx.scopes(&row.object_id, row.region.as_deref()), ROLE).unwrap_or_else(|| "缺责任人".into())
}

fn time(cx: &Context<'_>, s: Option<f64>) -> Cell {
    cx.rfc3339(s).map_or(Cell::Empty, Cell::Text)
}

fn leave_by_s(row: &TransferRow) -> Option<f64> {
    row.departure.as_ref()?.leave_by().at_s()
}

fn order_by_s(row: &TransferRow) -> Option<f64> {
    row.departure.as_ref()?.order_by_s()
}

fn margin(row: &TransferRow) -> DepartureMargin {
    DepartureMargin::of(row.departure.as_ref(), row.order.known_s())
}

/// 道路 in a word.
fn road_words(row: &TransferRow) -> &'static str {
    match row.departure.as_ref().map(|d| d.leave_by()) {
        None => "未知",
        Some(DepartBy::Never) => "无安全通路",
        Some(DepartBy::Always) => "推演期内有路",
        Some(DepartBy::At(_)) => "道路将断",
    }
}

/// 镇街转移汇总, the same by whole towns.
pub(super) fn by_town(cx: &Context<'_>) -> Annex {
    let mut annex = summed(cx, |place| (place.town, String::new()));
    annex.id = "transfer_towns".into();
    annex.title = Text::new("镇街转移汇总", "transfers by town");
    let village = 1;
    annex.columns.remove(village);
    for row in annex.rows.iter_mut().chain([&mut annex.sums]) {
        row.remove(village);
    }
    annex
}

/// 村社转移汇总: one row per 镇街 and 村社.
pub(super) fn by_village(cx: &Context<'_>) -> Annex {
    summed(cx, |place| (place.town, place.village))
}

fn summed(cx: &Context<'_>, of: impl Fn(Place) -> (String, String)) -> Annex {
    let mut villages: BTreeMap<(String, String), Vec<&TransferRow>> = BTreeMap::new();
    for row in &cx.input.plan.transfers {
        villages.entry(of(place(cx, row))).or_default().push(row);
    }
    let rows = villages.into_iter().map(|((town, village), of)| {
        let sum = |f: &dyn Fn(&TransferRow) -> u64| count(of.iter().map(|r| f(r)).sum());
        let first =
            |f: fn(&TransferRow) -> Option<f64>| time(cx, of.iter().filter_map(|r| f(r)).min_by(f64::total_cmp));
        let named: BTreeSet<String> = of.iter().flat_map(|r| &r.shelters).map(|(id, _)| cx.name_of(id)).collect();
        let duty: BTreeSet<String> = of.iter().map(|r| posts(cx, r)).collect();
        vec![
            words(town),
            if village.is_empty() { words("村社未定") } else { words(village) },
            count(of.len() as u64),
            sum(&|r| r.people),
            sum(&|r| r.vulnerable),
            sum(&|r| r.to_house),
            sum(&|r| r.people - r.to_house.min(r.people)),
            sum(&unplaced),
            sum(&|r| if margin(r) == DepartureMargin::Gone { r.people } else { 0 }),
            first(order_by_s),
            first(leave_by_s),
            first(|r| r.deadline_s),
            words(named.into_iter().collect::<Vec<_>>().join("、")),
            words(duty.into_iter().collect::<Vec<_>>().join("；")),
        ]
    });
    use ColumnKind::{Integer, Text as Words, Time};
    let mut annex = Annex {
        id: "transfer_villages".into(),
        title: Text::new("村社转移汇总", "transfers by village"),
        notes: vec![Text::new(
            "投亲靠友为应转移减需集中安置；时刻取各事项中最早的；空格为未知或不适用。",
            "Times are the earliest of the rows; empty = unknown or not applicable.",
        )],
        columns: vec![
            column("town", "镇街", "town", Words, 12.0),
            column("village", "村社", "village", Words, 14.0),
            column("rows", "事项(处)", "rows", Integer, 8.0),
            column("to_move", "应转移(人)", "to move", Integer, 9.0),
            column("vulnerable", "其中特殊人员(人)", "vulnerable", Integer, 9.0),
            column("to_house", "需集中安置(人)", "to house", Integer, 9.0),
            column("relatives", "投亲靠友(人)", "to relatives", Integer, 9.0),
            column("unplaced", "未落实(人)", "without a place", Integer, 9.0),
            column("gone", "无路或已过时刻(人)", "no way left", Integer, 10.0),
            column("order_by", "下令不迟于", "order by", Time, 12.0),
            column("leave_by", "最晚安全撤离时刻", "leave by", Time, 12.0),
            column("deadline", "完成时限", "deadline", Time, 12.0),
            column("shelters", "安置去向", "shelters", Words, 44.0),
            column("duty", "转移责任人(岗位)", "post in charge", Words, 24.0),
        ],
        rows: rows.collect(),
        sums: Vec::new(),
    };
    annex.sums = sums(&annex, &["rows", "to_move", "vulnerable", "to_house", "relatives", "unplaced", "gone"]);
    annex
}

/// 转移人员清单: one row per transfer row.
pub(super) fn by_object(cx: &Context<'_>) -> Annex {
    let mut rows: Vec<(String, String, &TransferRow)> = (cx.input.plan.transfers.iter())
        .map(|row| {
            let place = place(cx, row);
            (place.town, place.village, row)
        })
        .collect();
    rows.sort_by(|a, b| (&a.0, &a.1, &a.2.object_id, &a.2.id).cmp(&(&b.0, &b.1, &b.2.object_id, &b.2.id)));
    let rows = rows.into_iter().map(|(town, village, row)| {
        let shelters: Vec<String> = row.shelters.iter().map(|(id, n)| format!("{} {n}人", cx.name_of(id))).collect();
        let reasons: Vec<String> =
            row.unplaced.iter().map(|(n, why)| format!("{n}人：{}", unplaced_reason(why).zh)).collect();
        let minutes = row.departure.as_ref().and_then(|d| margin_s(d, row.order.known_s())).map(|s| s / 60.0);
        vec![
            words(town),
            words(village),
            words(row.object_id.as_str()),
            words(cx.name_of(&row.object_id)),
            words(row.category.as_str()),
            count(row.people),
            count(row.vulnerable),
            count(row.to_house),
            words(shelters.join("；")),
            row.longest_m.map_or(Cell::Empty, count),
            time(cx, order_by_s(row)),
            time(cx, leave_by_s(row)),
            words(road_words(row)),
            minutes.map_or(Cell::Empty, |m| Cell::Integer(m.floor() as i64)),
            words(margin(row).zh()),
            time(cx, row.deadline_s),
            count(unplaced(row)),
            words(reasons.join("；")),
            words(posts(cx, row)),
        ]
    });
    use ColumnKind::{Integer, Text as Words, Time};
    let mut annex = Annex {
        id: "transfer_list".into(),
        title: Text::new("转移人员清单", "people to be moved"),
        notes: vec![Text::new(
            "只列人数与岗位；逐户名单与联系方式见受控名册。时间余量：自本级启动至最晚下令时刻。",
            "Counts and posts only; households and telephones are in the protected registers.",
        )],
        columns: vec![
            column("town", "镇街", "town", Words, 12.0),
            column("village", "村社", "village", Words, 14.0),
            column("object_id", "对象编号", "object", Words, 11.0),
            column("name", "对象名称", "name", Words, 22.0),
            column("category", "转移类别", "category", Words, 7.0),
            column("to_move", "应转移(人)", "to move", Integer, 8.0),
            column("vulnerable", "其中特殊人员(人)", "vulnerable", Integer, 9.0),
            column("to_house", "需集中安置(人)", "to house", Integer, 9.0),
            column("shelters", "安置去向", "shelters", Words, 30.0),
            column("distance_m", "最远步行(m)", "longest walk", Integer, 8.0),
            column("order_by", "下令不迟于", "order by", Time, 12.0),
            column("leave_by", "最晚安全撤离时刻", "leave by", Time, 12.0),
            column("road", "道路", "road", Words, 12.0),
            column("margin_min", "时间余量(分)", "margin, min", Integer, 8.0),
            column("margin", "余量等级", "margin", Words, 14.0),
            column("deadline", "完成时限", "deadline", Time, 12.0),
            column("unplaced", "未落实(人)", "without a place", Integer, 8.0),
            column("unplaced_reason", "未落实原因", "reason", Words, 22.0),
            column("duty", "转移责任人(岗位)", "post in charge", Words, 22.0),
        ],
        rows: rows.collect(),
        sums: Vec::new(),
    };
    annex.sums = sums(&annex, &["to_move", "vulnerable", "to_house", "unplaced"]);
    annex
}
