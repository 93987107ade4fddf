use super::input::Context;
use super::wording::names_zh;
use dayu_base::{RiskColour, Text};
use dayu_plan::{DerivedSignal, SignalKind};

/// Warning signals: the official ones as issued by `as_of`, and apart from them what rain and wind call for, by 镇街.
pub(super) fn signal_lines(cx: &Context<'_>) -> Vec<Text> {
    let mut lines = vec![official(cx)];
    lines.extend([SignalKind::Rain, SignalKind::Typhoon].into_iter().filter_map(|kind| derived(cx, kind)));
    lines
}

fn official(cx: &Context<'_>) -> Text {
    let Some(list) = cx.input.signals else {
        return Text::new(
            "预警信号（官方发布）：未录入，不等于未发布。",
            "Official signals: none entered, which is not none issued.",
        );
    };
    let mut issued: Vec<_> = list.iter().filter(|s| s.official && s.at_s <= cx.as_of_s()).collect();
    issued.sort_by(|a, b| b.at_s.total_cmp(&a.at_s).then_with(|| a.area.cmp(&b.area)));
    if issued.is_empty() {
        return Text::new("预警信号（官方发布）：截至目前没有。", "Official signals: none so far.");
    }
    let name = |s: &&dayu_plan::Signal| {
        format!("{} {}{}色（{}）", cx.short(Some(s.at_s)), s.kind.text().zh, s.colour.zh(), s.area)
    };
    let names: Vec<String> = issued.iter().map(name).collect();
    let english: Vec<String> =
        issued.iter().map(|s| format!("{} {} ({})", s.kind.text().en, s.colour.id(), s.area)).collect();
    Text::new(
        format!("预警信号（官方发布）：{}。", names_zh(&names, 6)),
        format!("Official signals: {}.", english.join("; ")),
    )
}

fn derived(cx: &Context<'_>, kind: SignalKind) -> Option<Text> {
    let of = || cx.input.derived.iter().filter(|d| d.kind == kind);
    let coloured: Vec<&DerivedSignal> = of().filter(|d| d.colour > RiskColour::Low).collect();
    let unknown = of().filter(|d| d.colour == RiskColour::Unknown).count();
    of().next()?;
    let (by_zh, by_en, known_zh) = match kind {
        SignalKind::Typhoon => ("风力模型", "the modelled wind", "路径"),
        _ => ("雨量", "the rain", "雨量"),
    };
    let unknown_zh =
        if unknown > 0 { format!("；{unknown} 个镇街{known_zh}不全，未知") } else { String::new() };
    if coloured.is_empty() {
        return Some(Text::new(
            format!("预警信号（按{by_zh}推算，非官方发布）：各镇街均未达到蓝色标准{unknown_zh}。"),
            format!("Signals proposed from {by_en} (not official): no town reaches blue; {unknown} unknown."),
        ));
    }
    let value = |d: &DerivedSignal| match kind {
        SignalKind::Typhoon => (format!("最大平均风 {:.1} m/s", d.value), format!("mean wind {:.1} m/s", d.value)),
        _ => (format!("{:.0}h {:.1} mm", d.window_h, d.value), format!("{:.0} h {:.1} mm", d.window_h, d.value)),
    };
    let name = |d: &&DerivedSignal| {
        let title = d.kind.text().zh;
        format!("{} {title}{}色（{}，{} 达到）", d.area, d.colour.zh(), value(d).0, cx.short(d.reached_s))
    };
    let names: Vec<String> = coloured.iter().map(name).collect();
    let english: Vec<String> =
        coloured.iter().map(|d| format!("{} {} ({})", d.area, d.colour.id(), value(d).1)).collect();
    Some(Text::new(
        format!("预警信号（按{by_zh}推算，供研判，非官方发布）：{}{unknown_zh}。", names_zh(&names, 12)),
        format!("Signals proposed from {by_en} (not official): {}; {unknown} unknown.", english.join("; ")),
    ))
}
