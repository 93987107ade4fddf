use super::input::{Context, NO_TOWN};
use super::leaving::unplaced_note;
use super::wording::{fitted, length, merged_zh, realm_prefix};
use crate::ListProduct;
use dayu_base::{Origin, RiskColour};
use std::collections::BTreeMap;

/// Longest 叫应 script, characters: one SMS, read aloud in under 20 s.
const SCRIPT: usize = 70;
/// Longest broadcast text, characters.
const BROADCAST: usize = 700;
/// Longest text for one town: three SMS.
const TOWN: usize = 210;

/// SMS and call texts: a 叫应 script per kind of addressee, one broadcast text, one text per town. Whole clauses are left out
/// when a text is full; no number is ever cut. Drills and replays say so first.
pub(super) fn messages(cx: &Context<'_>, list: &ListProduct) -> Vec<(String, String)> {
    let mut all = scripts(cx);
    all.push(("全区广播".into(), broadcast(cx, list)));
    all.extend(towns(cx));
    all
}

fn head(cx: &Context<'_>) -> String {
    let h = cx.input.header;
    let mark = mark(cx);
    format!("{}{mark}{}{}：", realm_prefix(h.realm), h.zone.short(h.as_of), cx.input.plan.level.zh())
}

/// An answer of less than the scenario's quality says so in every text that goes out.
fn mark(cx: &Context<'_>) -> String {
    let lesser = cx.input.header.quality.as_ref().filter(|(id, _)| id != "fine");
    lesser.map(|(_, words)| format!("【{}】", words.zh)).unwrap_or_default()
}

/// One script per kind of person called, only when there is something for that kind to do.
fn scripts(cx: &Context<'_>) -> Vec<(String, String)> {
    let plan = cx.input.plan;
    let t = plan.totals;
    let mut all = Vec::new();
    let mut say = |to: &str, parts: &[String]| {
        let mut whole = vec![head(cx)];
        whole.extend_from_slice(parts);
        all.push((format!("叫应·{to}"), fitted(&whole, SCRIPT)));
    };
    let earliest = |times: Vec<f64>| times.into_iter().min_by(f64::total_cmp);
    let move_by = earliest(plan.transfers.iter().filter_map(|t| t.deadline_s).collect());
    let close_by = earliest(plan.closures.iter().filter_map(|c| c.close_by_s).collect());
    let by = |s: Option<f64>| match s {
        None => "时限见表".to_string(),
        s if cx.is_overdue(s) => "立即".to_string(),
        s if cx.is_looked_back(s) => format!("（当时应）最早{}前", cx.short(s)),
        s => format!("最早{}前", cx.short(s)),
    };
    say(
        "镇街主要负责人",
        &[
            "请到岗带班，".into(),
            format!("应转{}人、封控{}处，", t.to_move, plan.closures.len()),
            format!("转移{}完成；", by(move_by)),
            "收到请回复。".into(),
        ],
    );
    if t.to_move > 0 {
        say(
            "转移责任人",
            &[
                "请按清单逐户转移，".into(),
                format!("{}到位，", by(move_by)),
                "特殊人员优先，".into(),
                "未落实即报，".into(),
                "收到请回复。".into(),
            ],
        );
    }
    if !plan.closures.is_empty() {
        say(
            "封控执行单位",
            &[
                format!("请到{}处封控点值守，", plan.closures.len()),
                format!("{}封闭，", by(close_by)),
                "人车不得进入，".into(),
                "收到请回复。".into(),
            ],
        );
    }
    if t.to_house > 0 {
        say(
            "避灾安置场所管理员",
            &[
                "请按表立即开放场所，".into(),
                format!("全区需安置{}人，", t.to_house),
                "人数见表，".into(),
                "到一人登记一人，".into(),
                "收到请回复。".into(),
            ],
        );
    }
    say(
        "村社和网格责任人",
        &["请巡查责任片，".into(), "见险即报、可先转移，".into(), "按时零报告，".into(), "收到请回复。".into()],
    );
    all
}

/// One page read over the loudspeaker, at most 700 characters. Counts only, no person.
fn broadcast(cx: &Context<'_>, list: &ListProduct) -> String {
    let h = cx.input.header;
    let t = cx.input.plan.totals;
    let mut parts = vec![
        format!("{}{}", realm_prefix(h.realm), mark(cx)),
        format!("{}{}，{}发布{}。", h.district.zh, h.zone.zh(h.as_of), list.issuer, list.sheet),
        format!("本单按{}编制。", cx.input.plan.level.zh()),
    ];
    let worst: Vec<String> = list
        .risks
        .iter()
        .filter(|r| r.colour >= RiskColour::Orange)
        .take(5)
        .map(|r| format!("{}（{}，{}）", r.name, r.colour.zh(), r.expectation.zh))
        .collect();
    if !worst.is_empty() {
        parts.push(format!("重点风险：{}。", worst.join("；")));
    }
    if t.to_move > 0 {
        let note = unplaced_note(cx).zh;
        parts.push(format!(
            "应转移 {} 人，需集中安置 {} 人，尚有 {} 人未落实去处{note}。",
            t.to_move, t.to_house, t.unplaced
        ));
    }
    let looked_back = h.as_of >= h.end;
    for line in &list.transfers {
        let then = if looked_back { "（当时应）" } else { " " };
        parts.push(format!("{} {} 人，最早时限{then}{}；", line.title.zh, line.to_move, line.deadline));
    }
    let closed: Vec<String> = cx.input.plan.closures.iter().map(|c| cx.name_of(&c.object_id)).collect();
    // Closures, advice, the emergency numbers and what the text is are never left out: the rest gives way.
    let mut tail = Vec::new();
    if !closed.is_empty() {
        tail.push(format!("封控：{}。", merged_zh(&closed, 8)));
    }
    tail.push("请远离积水、河道、边坡和地下空间，听从镇街和村社安排，先转移人员，转移后未经通知不得返回。".into());
    tail.push("遇险请拨打 119、110。".into());
    tail.push(if h.realm == dayu_base::Realm::Live {
        "以正式签发文本为准。".into()
    } else {
        format!("本文为{}材料，不对外发布。", h.realm.zh())
    });
    let tail = tail.concat();
    fitted(&parts, BROADCAST.saturating_sub(length(&tail))) + &tail
}

#[derive(Default)]
struct Town {
    closures: Vec<String>,
    to_move: u64,
    to_house: u64,
    unplaced: u64,
    /// constructed vehicles fetch some of its people
    constructed: bool,
    measures: u64,
    by_s: Option<f64>,
}

/// Each town hears only its own numbers.
fn towns(cx: &Context<'_>) -> Vec<(String, String)> {
    let plan = cx.input.plan;
    let mut by: BTreeMap<String, Town> = BTreeMap::new();
    for c in &plan.closures {
        let town = by.entry(cx.place(&c.object_id, None).town).or_default();
        town.closures.push(cx.name_of(&c.object_id));
    }
    for t in &plan.transfers {
        let town = by.entry(cx.place(&t.object_id, t.region.as_deref()).town).or_default();
        town.to_move += t.people;
        town.to_house += t.to_house;
        town.unplaced += t.unplaced.iter().map(|u| u.0).sum::<u64>();
        town.constructed |= t.rides.iter().any(|ride| !ride.led && ride.origin != Origin::Real);
        town.by_s = [town.by_s, t.deadline_s].into_iter().flatten().min_by(f64::total_cmp);
    }
    for id in plan.measures.iter().filter_map(|m| m.object_id.as_deref()) {
        by.entry(cx.place(id, None).town).or_default().measures += 1;
    }
    let text = |(name, t): (String, Town)| {
        let mut parts = vec![head(cx), format!("{name}：")];
        if t.to_move > 0 {
            parts.push(format!(
                "应转移 {} 人（集中安置 {}、未落实 {}{}），最早时限{}{}；",
                t.to_move,
                t.to_house,
                t.unplaced,
                if t.constructed { "，已计构造运力" } else { "" },
                if cx.is_looked_back(t.by_s) { "（当时应）" } else { " " },
                cx.due(t.by_s)
            ));
        }
        if !t.closures.is_empty() {
            parts.push(format!("封控 {}；", merged_zh(&t.closures, 4)));
        }
        if t.measures > 0 {
            parts.push(format!("定点措施 {} 项；", t.measures));
        }
        parts.push("明细见《管控一张表》本镇街页，收到请签收，完成逐行反馈。".into());
        (name.clone(), fitted(&parts, TOWN))
    };
    by.into_iter().filter(|(name, _)| name != NO_TOWN).map(text).collect()
}
