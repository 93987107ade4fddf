//! The latest safe departure in words.

use super::input::Context;
use dayu_plan::{DepartBy, LastDeparture};

/// Why the time is what it is, by when the order must be given, and what would win time.
pub(super) fn leave_note(cx: &Context<'_>, departure: &LastDeparture) -> String {
    let mut parts = Vec::new();
    let minutes = (departure.prepare_s / 60.0).round();
    match departure.leave_by() {
        DepartBy::Always => return "推演期内有路保持畅通，不设最晚时刻（单次推演，无概率）".into(),
        DepartBy::Never => parts.push("推演期内无安全通路，须救援或就近上楼避险".to_string()),
        DepartBy::At(_) => {
            if let Some(road) = &departure.decided_by {
                parts.push(format!("道路“{}”受阻后断路", cx.name_of(road)));
            }
            parts.push(format!("下令不迟于 {}（准备 {minutes:.0} 分）", cx.short(departure.order_by_s())));
            if departure.assigned.is_some_and(|assigned| assigned.seconds() < departure.any.seconds()) {
                parts.push(match departure.any {
                    DepartBy::At(s) => format!("改去其他场所可延至 {}", cx.short(Some(s))),
                    _ => "改去其他场所则全程有路".into(),
                });
            }
        }
    }
    for won in &departure.won {
        let what = match (won.means.as_str(), &won.id) {
            ("shelter", Some(id)) => format!("启用“{}”", cx.name_of(id)),
            ("road", Some(id)) => format!("守住道路“{}”", cx.name_of(id)),
            _ => "派车接运".to_string(),
        };
        parts.push(match won.until {
            DepartBy::At(s) => format!("{what}可延至 {}", cx.short(Some(s))),
            _ => format!("{what}则全程有路"),
        });
    }
    parts.push(match (departure.members, departure.holds_90, departure.holds_50) {
        (n, Some(p90), Some(p50)) if n > 1 => {
            format!("{n} 个成员：九成把握 {}，五成把握 {}", cx.short(p90.at_s()), cx.short(p50.at_s()))
        }
        _ => "单次推演，无概率".into(),
    });
    parts.join("；")
}
