use super::input::Context;
use super::objects::is_watched;
use super::risks::worst_first;
use super::wording::{age_zh, expectation, first_crossing_s, mark_tail, names_zh};
use dayu_assets::{Layer, RegionLevel};
use dayu_base::{Finding, ResponseLevel, RiskColour, Severity, Text};
use dayu_impact::{ObjectImpact, Quantity};
use dayu_plan::{Recommendation, RuleTrace};

/// Lines of one kind printed before the rest is only counted.
const SHOWN: usize = 6;

/// 二、预测与研判: the next hours, the areas, the worst, and what would change the judgement.
pub(super) fn judge(cx: &Context<'_>) -> Vec<Text> {
    let mut lines = vec![next_hours(cx)];
    lines.extend(areas(cx));
    lines.extend(worst(cx));
    lines.extend(chances(cx));
    lines.push(what_would_change(cx));
    lines
}

fn watched<'a>(cx: &Context<'a>) -> Vec<&'a ObjectImpact> {
    cx.input.impact.objects.iter().filter(|o| is_watched(o)).collect()
}

fn next_hours(cx: &Context<'_>) -> Text {
    let now = cx.as_of_s();
    let objects = watched(cx);
    let within = |h: f64| {
        objects.iter().filter(|o| first_crossing_s(o).is_some_and(|s| s > now && s <= now + h * 3600.0)).count()
    };
    let reached = objects.iter().filter(|o| first_crossing_s(o).is_some_and(|s| s <= now)).count();
    if cx.input.header.as_of >= cx.input.header.end {
        return Text::new(
            format!(
                "研判时段已结束：蓝色及以上对象 {} 处，均按全过程最不利值列出；表中时限为当时应当完成的时刻。",
                objects.len()
            ),
            format!("The period is over: {} objects blue or worse, at their worst.", objects.len()),
        );
    }
    let steps = [1.0, 3.0, 6.0, 24.0].map(|h| format!("未来 {h:.0} h {} 处", within(h))).join("，");
    Text::new(
        format!("达到阈值的对象：已达 {reached} 处；将新达阈值：{steps}（逐档累计）。"),
        format!(
            "At threshold now {reached}; new within 1/3/6/24 h: {}/{}/{}/{}.",
            within(1.0),
            within(3.0),
            within(6.0),
            within(24.0)
        ),
    )
}

fn areas(cx: &Context<'_>) -> Option<Text> {
    let mut towns: Vec<_> = cx
        .input
        .impact
        .regions
        .iter()
        .filter_map(|r| cx.input.registry.regions().get(&r.code).map(|region| (region, r)))
        .filter(|(region, r)| region.level == RegionLevel::Town && r.colour >= RiskColour::Blue)
        .collect();
    if towns.is_empty() {
        return None;
    }
    towns.sort_by(|a, b| {
        let key = b.1.colour.cmp(&a.1.colour).then(b.1.affected.cmp(&a.1.affected));
        key.then(b.1.flooded_m2.total_cmp(&a.1.flooded_m2)).then_with(|| a.0.code.cmp(&b.0.code))
    });
    let line = |(region, r): &(&dayu_assets::Region, &dayu_impact::RegionImpact)| {
        let water = if r.covered_m2 > 0.0 { format!("{:.2} km²", r.flooded_m2 / 1.0e6) } else { "未知".into() };
        let affected = match (r.blocks, r.blocks_unknown) {
            (0, _) => "受影响人数未知".to_string(),
            (_, 0) => format!("受影响 {} 人", r.affected),
            _ => format!("受影响至少 {} 人", r.affected),
        };
        format!("{}（{}）积水 {water}、积水点 {} 处、{affected}", region.name, r.colour.zh(), r.points_flooded)
    };
    let shown: Vec<String> = towns.iter().take(SHOWN).map(line).collect();
    let rest = if towns.len() > SHOWN {
        format!("；另有 {} 个镇街为蓝色及以上", towns.len() - SHOWN)
    } else {
        String::new()
    };
    Some(Text::new(format!("分区：{}{rest}。", shown.join("；")), format!("{} towns are blue or worse.", towns.len())))
}

/// The deepest water, then the slopes furthest above their threshold.
fn worst(cx: &Context<'_>) -> Option<Text> {
    let objects = watched(cx);
    let of = |quantity: Quantity| {
        let mut known: Vec<&ObjectImpact> =
            objects.iter().copied().filter(|o| o.quantity == quantity && o.peak.is_some_and(f64::is_finite)).collect();
        known.sort_by(|a, b| b.peak.unwrap_or(0.0).total_cmp(&a.peak.unwrap_or(0.0)).then_with(|| worst_first(a, b)));
        known
    };
    let one = |o: &ObjectImpact| {
        let peak = o.peak_at_s.map(|s| format!("，峰值 {}", cx.short(Some(s)))).unwrap_or_default();
        format!("{}（{}）{}{peak}", o.name, o.colour.zh(), expectation(o).zh)
    };
    let deep = of(Quantity::Depth).into_iter().take(3).map(one);
    let slopes = [Quantity::InstrumentRatio, Quantity::FailureProbability, Quantity::RainRatio];
    let steep = slopes.into_iter().flat_map(&of).take(2).map(one);
    let lines: Vec<String> = deep.chain(steep).collect();
    (!lines.is_empty()).then(|| Text::new(format!("最不利：{}。", lines.join("；")), "Worst objects; see the list."))
}

/// What the members say: objects by how many of them flood them. A share of so few members is no forecast probability.
fn chances(cx: &Context<'_>) -> Option<Text> {
    let chances = cx.input.impact.chances.as_ref()?;
    let count = |least: f64, most: f64| {
        let shares = cx.input.impact.objects.iter().filter_map(|o| chances.of(&o.object_id));
        shares.filter(|c| (least..most).contains(&c.reached[0].share)).count()
    };
    let (all, most, some) = (count(0.9, f64::INFINITY), count(0.5, 0.9), count(0.1, 0.5));
    let n = chances.members;
    Some(Text::new(
        format!(
            "集合（{n} 个成员，{}，{:.0} m 格网）：九成以上成员达 0.15 m 的对象 {all} 处，五至九成 {most} 处，一至五成 {some} 处；成员比例不是业务预报概率。",
            chances.method.zh, chances.cell_m
        ),
        format!(
            "{n} members ({}, cells of {:.0} m): {all} objects reach 0.15 m in nine tenths or more, {most} in half or more, {some} in a tenth or more; shares of members are no forecast probabilities.",
            chances.method.en, chances.cell_m
        ),
    ))
}

/// What would raise the proposal: conditions of higher levels that did not hold or cannot be judged.
fn what_would_change(cx: &Context<'_>) -> Text {
    let mut raise: Vec<String> = Vec::new();
    let mut unknown: Vec<String> = Vec::new();
    for r in &cx.input.decision.recommendations {
        for t in r.trace.iter().filter(|t| Some(t.level) > r.level).rev() {
            match t.held {
                Some(false) => raise.push(format!(
                    "{}{}：{}（现 {}，阈值 {}）",
                    r.chain.zh(),
                    t.level.zh(),
                    t.condition.zh,
                    t.value.as_deref().unwrap_or("未知"),
                    t.threshold
                )),
                None => unknown.push(format!("{}{}：{}", r.chain.zh(), t.level.zh(), t.condition.zh)),
                Some(true) => {}
            }
        }
    }
    let mut zh = String::from("可能改变研判的情况：");
    let clauses = [(raise, "达到下列任一条件即应提级会商——"), (unknown, "下列条件因缺资料不能判断、不能排除——")];
    let mut any = false;
    for (lines, head) in clauses {
        if !lines.is_empty() {
            any = true;
            let rest = if lines.len() > SHOWN {
                format!("；另 {} 条见规则轨迹", lines.len() - SHOWN)
            } else {
                String::new()
            };
            zh.push_str(&format!("{head}{}{rest}。", lines.iter().take(SHOWN).cloned().collect::<Vec<_>>().join("；")));
        }
    }
    if !any {
        zh.push_str("预案中没有更高等级的条件。");
    }
    zh.push_str("现场实测与模拟不一致时，以现场为准并即时报告。");
    Text::new(zh, "Conditions of higher levels that did not hold, or cannot be judged, would change the judgement.")
}

/// One line per chain, then one per decisive rule with clause, value, threshold, data age and mark.
pub(super) fn reasons(cx: &Context<'_>) -> Vec<Text> {
    let mut lines = Vec::new();
    for r in &cx.input.decision.recommendations {
        lines.push(proposal(r));
        let decisive: Vec<&RuleTrace> =
            r.trace.iter().filter(|t| t.held == Some(true) && Some(t.level) == r.level).collect();
        lines.extend(decisive.iter().take(SHOWN).map(|t| trace_line(cx, t)));
        if decisive.len() > SHOWN {
            let n = decisive.len() - SHOWN;
            lines.push(Text::new(format!("另有 {n} 条同级条件成立。"), format!("{n} more conditions held.")));
        }
    }
    let proposed = cx.input.decision.recommendations.iter().filter_map(|r| r.level).max();
    let level = cx.input.plan.level;
    let (zh, en) = match proposed {
        Some(p) if p == level => ("本单等级与系统建议一致。", "This sheet is of the proposed level."),
        Some(p) if p > level => {
            ("本单等级低于系统建议，仅供比较；采用须由指挥长说明理由。", "This sheet is below the proposed level.")
        }
        _ => {
            ("本单等级高于系统建议，供提级会商比较；启动条件未由规则满足。", "This sheet is above the proposed level.")
        }
    };
    lines.push(Text::new(zh, en));
    lines
}

fn proposal(r: &Recommendation) -> Text {
    let level = |l: Option<ResponseLevel>| l.map_or(("不启动响应", "no response"), |l| (l.zh(), l.en()));
    let doubt = r.cannot_exclude.filter(|c| Some(*c) > r.level);
    let doubt_zh = doubt.map(|d| format!("（因资料缺失，不能排除{}）", d.zh())).unwrap_or_default();
    let doubt_en = doubt.map(|d| format!(" ({} cannot be excluded)", d.en())).unwrap_or_default();
    Text::new(
        format!("{}：建议{}{doubt_zh}。", r.chain.zh(), level(r.level).0),
        format!("{}: {}{doubt_en}.", r.chain.en(), level(r.level).1),
    )
}

/// Constructed rain is no measurement: everything computed from it says so.
fn basis_zh(basis: &str, constructed: bool) -> &str {
    match basis {
        "observed" if constructed => "实况（构造）",
        "forecast" if constructed => "预报（构造）",
        "observed" => "实测",
        "forecast" => "预报",
        "unknown" => "未知",
        other => other,
    }
}

fn trace_line(cx: &Context<'_>, t: &RuleTrace) -> Text {
    let since = t.first_held_s.map(|s| format!("，{} 起成立", cx.short(Some(s)))).unwrap_or_default();
    let value = t.value.as_deref().unwrap_or("未知");
    Text::new(
        format!(
            "{}：{}；{}值 {value}，阈值 {}{since}；数据时效{}〔{}〕。",
            t.clause,
            t.condition.zh,
            basis_zh(&t.basis, cx.rain_is_constructed()),
            t.threshold,
            age_zh(t.data_age_s),
            t.mark.zh()
        ),
        format!("{}: {}; {value} against {}.", t.clause, t.condition.en, t.threshold),
    )
}

/// What is not known: objects without a value, conditions that cannot be judged, deadlines and duties that are missing, and
/// what the loading left out.
pub(super) fn unknowns(cx: &Context<'_>) -> Vec<Text> {
    let mut lines = Vec::new();
    for layer in Layer::ALL {
        let names: Vec<String> = cx
            .input
            .impact
            .objects
            .iter()
            .filter(|o| o.layer == layer && o.quantity == Quantity::Unknown)
            .map(|o| o.name.clone())
            .collect();
        if !names.is_empty() {
            lines.push(Text::new(
                format!("未知：{} {} 处的风险不能计算（{}）。", layer.zh(), names.len(), names_zh(&names, 3)),
                format!("Unknown: {} of layer {}.", names.len(), layer.id()),
            ));
        }
    }
    for t in cx.input.decision.recommendations.iter().flat_map(|r| &r.trace).filter(|t| t.held.is_none()).take(SHOWN) {
        lines.push(Text::new(
            format!("未知：{}“{}”缺资料，不能判断{}。", t.clause, t.condition.zh, mark_tail(&t.mark)),
            format!("Unknown: {} cannot be judged.", t.clause),
        ));
    }
    let plan = cx.input.plan;
    let no_time = plan.transfers.iter().filter(|t| t.deadline_s.is_none()).count()
        + plan.closures.iter().filter(|c| c.close_by_s.is_none()).count()
        + plan.measures.iter().filter(|m| m.deadline_s.is_none()).count();
    if no_time > 0 {
        lines.push(Text::new(
            format!("未知：{no_time} 项的完成时限，原因见《管控一张表》“时限说明”。"),
            format!("Unknown: {no_time} deadlines."),
        ));
    }
    let people = cx.input.impact.objects.iter().filter(|o| is_watched(o) && o.people.is_none()).count();
    if people > 0 {
        lines.push(Text::new(
            format!("未知：{people} 处风险对象的受威胁人数。"),
            format!("Unknown: people at {people} objects."),
        ));
    }
    let serious: Vec<&Finding> = cx.input.header.findings.iter().filter(|f| f.severity >= Severity::Warning).collect();
    for f in serious.iter().take(SHOWN) {
        lines
            .push(Text::new(format!("资料问题 {}：{}", f.code, f.message.zh), format!("{}: {}", f.code, f.message.en)));
    }
    if serious.len() > SHOWN {
        let n = serious.len() - SHOWN;
        lines.push(Text::new(
            format!("另有 {n} 条资料问题见 manifest.json。"),
            format!("{n} more findings in manifest.json."),
        ));
    }
    if lines.is_empty() {
        lines.push(Text::new("未发现影响本级研判的缺项。", "Nothing known to be missing."));
    }
    lines
}
