use super::actions::{closure_lines, group_measures, transfer_lines, unplaced_by_reason};
use super::input::{ComposeInput, Context};
use super::judgement::{judge, reasons, unknowns};
use super::leaving::{leaving_lines, parted_lines, rides_line, shut_shelters};
use super::messages::messages;
use super::risks::rank;
use super::situation::situation;
use super::wording::{district_initial, sheet_kind};
use crate::ListProduct;
use dayu_base::{Mark, Realm, ResponseLevel, Text};

/// 研判一张单 of one level: what was seen, what is judged, who must do what by when, who is moved, what is closed, what is
/// not known. Every number is read from the input; nothing is estimated here.
pub fn compose_list(input: ComposeInput<'_>) -> ListProduct {
    let cx = Context::new(input);
    let header = input.header;
    let (sheet, sheet_en) = sheet_kind(input.plan.level);
    let level = input.plan.level;
    let (risks, more_risks) = rank(&cx);
    let mut list = ListProduct {
        sheet: sheet.into(),
        number: number(&cx),
        issued: header.zone.zh(header.as_of),
        title: Text::new(
            format!("{}防汛防台{}{sheet}", header.district.zh, level.zh()),
            format!("{}: {} {sheet_en}", header.district.en, level.en()),
        ),
        basis: basis(&cx),
        issuer: issuer(&cx),
        addressees: addressees(&cx),
        situation: situation(&cx),
        judgement: judge(&cx)
            .into_iter()
            .chain(shut_shelters(&cx))
            .chain(leaving_lines(&cx))
            .chain(rides_line(&cx))
            .chain(parted_lines(&cx))
            .collect(),
        reasons: reasons(&cx),
        risks,
        more_risks,
        actions: group_measures(&cx),
        transfers: transfer_lines(&cx),
        unplaced: unplaced_by_reason(&cx),
        closures: closure_lines(&cx),
        feedback: feedback(&cx),
        unknowns: unknowns(&cx),
        notes: notes(&cx),
        messages: Vec::new(),
    };
    list.messages = messages(&cx, &list);
    list
}

/// `西防指〔复盘〕Ⅱ-01号`, live `西防指〔2026〕Ⅱ-01号`. A draft's serial number is 01: the office gives the final one on signing.
fn number(cx: &Context<'_>) -> String {
    let header = cx.input.header;
    let year = match header.realm {
        Realm::Live => header.zone.year(header.as_of).to_string(),
        Realm::Drill | Realm::Replay => header.realm.zh().into(),
    };
    let step = match cx.input.plan.level {
        ResponseLevel::Attention => "关注",
        other => other.zh().trim_end_matches('级'),
    };
    format!("{}防指〔{year}〕{step}-01号", district_initial(&header.district.zh))
}

/// The district's headquarters. The plan's authority is not taken: a district may apply the plan of a city or a demonstration.
fn issuer(cx: &Context<'_>) -> String {
    format!("{}防汛防台抗旱指挥部", cx.input.header.district.zh)
}

/// 主送: the towns that have rows at this level, then the departments that own measures, each once, in order of first appearance.
fn addressees(cx: &Context<'_>) -> Vec<String> {
    let plan = cx.input.plan;
    let closures = plan.closures.iter().map(|c| cx.place(&c.object_id, None).town);
    let transfers = plan.transfers.iter().map(|t| cx.place(&t.object_id, t.region.as_deref()).town);
    let measures = plan.measures.iter().filter_map(|m| m.object_id.as_deref()).map(|id| cx.place(id, None).town);
    let mut towns: Vec<String> =
        closures.chain(transfers).chain(measures).filter(|t| t != super::input::NO_TOWN).collect();
    towns.sort();
    towns.dedup();
    let mut all: Vec<String> = if towns.is_empty() { vec!["各镇街".into()] } else { towns };
    for m in &plan.measures {
        if !m.owner.is_empty() && !all.contains(&m.owner) && !m.owner.contains("镇街") {
            all.push(m.owner.clone());
        }
    }
    all
}

fn basis(cx: &Context<'_>) -> Text {
    let h = cx.input.header;
    let plan = &h.plan;
    let document = if plan.doc_number.is_empty() { "无文号".to_string() } else { plan.doc_number.clone() };
    let official =
        if plan.demonstration { "该预案为示范文本，不是任何机关的正式预案。" } else { "" };
    let official_en = if plan.demonstration { " The plan is a demonstration text of no authority." } else { "" };
    Text::new(
        format!(
            "依据《{}》（{document}，{}起施行）及截至{}的资料，就“{}”编制本单，供会商和签发使用。本单按{}编制；系统建议：{}。\
             是否启动、调整响应由指挥长决定。{official}",
            plan.name,
            plan.effective_from,
            h.zone.zh(h.as_of),
            h.scenario_title.zh.trim_matches(['“', '”']),
            cx.input.plan.level.zh(),
            h.recommended.zh.trim_start_matches("建议：")
        ),
        format!(
            "Composed for {} under plan {} from what is known by {}; the program proposes: {}. The commander decides.{official_en}",
            cx.input.plan.level.en(),
            plan.id,
            h.zone.rfc3339(h.as_of),
            h.recommended.en
        ),
    )
}

fn feedback(cx: &Context<'_>) -> Vec<Text> {
    let mut lines: Vec<Text> = Vec::new();
    for r in &cx.input.plan.reports {
        let every = r.every_min.map(|m| {
            if m % 60 == 0 {
                format!("每 {} 小时报告一次", m / 60)
            } else {
                format!("每 {m} 分钟报告一次")
            }
        });
        let zero = if r.zero_report { "，无情况也要报告（零报告）" } else { "" };
        let zh_head = every.map(|e| format!("{e}{zero}。")).unwrap_or_default();
        let en_head =
            r.every_min.map(|m| format!("Every {m} min{}. ", if r.zero_report { ", zero reports too" } else { "" }));
        let tail = if r.mark.is_unofficial() {
            format!("（{}，{}）", r.clause, r.mark.zh())
        } else {
            format!("（{}）", r.clause)
        };
        lines.push(Text::new(
            format!("{zh_head}{}{tail}", r.text.zh),
            format!("{}{}", en_head.unwrap_or_default(), r.text.en),
        ));
    }
    if lines.is_empty() {
        lines.push(Text::new("本级预案未规定报告间隔：未知。", "The plan states no reporting interval at this level."));
    }
    lines.push(Text::new(
        "收到本单的单位和责任人即时签收并叫应确认；完成后在《管控一张表》逐行反馈时间和现场照片，经核实后销号，未销号事项不因响应等级调整而中止。",
        "Confirm receipt at once; feed back each row of the table with time and photograph; a row closes only when verified.",
    ));
    lines
}

/// What must be printed: the header's own notes, then the marks of the rules used.
fn notes(cx: &Context<'_>) -> Vec<Text> {
    let h = cx.input.header;
    let mut notes = h.notes.clone();
    let mut say = |zh: &str, en: &str| {
        if !notes.iter().any(|n| n.zh == zh) {
            notes.push(Text::new(zh, en));
        }
    };
    if h.realm != Realm::Live {
        let zh = format!("本单为{}材料，不得作为实战指令下发或对外发布。", h.realm.zh());
        say(&zh, "Not a live order; not for release.");
    }
    say(&format!("资料性质：{}。", h.origin.zh()), &format!("Data: {}.", h.origin.id()));
    let plan = cx.input.plan;
    let marks = plan.measures.iter().map(|m| &m.mark).chain(plan.transfers.iter().map(|t| &t.mark));
    let marks: Vec<&Mark> =
        marks.chain(plan.closures.iter().map(|c| &c.mark)).chain(plan.reports.iter().map(|r| &r.mark)).collect();
    if marks.contains(&&Mark::Recalled) {
        say(
            "标“待核原文”的条款系据一般专业知识编入，使用前须与正式预案原文核对。",
            "Clauses marked R are recalled and must be checked.",
        );
    }
    if marks.contains(&&Mark::Default) {
        say(
            "标“系统默认”的条款是系统缺省值，不是任何机关的规定。",
            "Clauses marked D are defaults of the program, no rule of any authority.",
        );
    }
    if cx.input.impact.objects.iter().any(|o| o.screening) {
        let zh = format!(
            "标“筛查级”的水深取自 {:.0} m 计算格网，宽于街道，只用于排序和预置，处置以现场实测为准。",
            h.cell_m
        );
        say(&zh, "Depths marked screening come from cells wider than a street.");
    }
    say(
        "受影响、应转移、需集中安置是三个不同口径，互不相加；应转移人员每人只计一次。",
        "Affected, to be moved and to be housed are different counts; a person is counted once.",
    );
    notes
}
