use dayu_base::{Mark, Realm, ResponseLevel, Text};
use dayu_impact::{ObjectImpact, Quantity};
use dayu_storm::typhoon::beaufort;

/// 风险提示单 | 预警响应单 | 管控指令单: the three sheets of the Zhejiang “1833” scheme, by level (domain: one map, one list, one table §5).
pub(super) fn sheet_kind(level: ResponseLevel) -> (&'static str, &'static str) {
    match level {
        ResponseLevel::Attention => ("风险提示单", "risk-alert sheet"),
        ResponseLevel::IV => ("预警响应单", "warning-response sheet"),
        ResponseLevel::III | ResponseLevel::II | ResponseLevel::I => ("管控指令单", "control-order sheet"),
    }
}

/// Words of the transfer categories T1 … T11 (domain: response levels §7.1). An unknown code names itself.
pub(super) fn category_title(code: &str) -> Text {
    let (zh, en) = match code {
        "T1" => ("海上船只、养殖和海岛旅游人员", "people on vessels, fish farms and islands"),
        "T2" => ("工棚、临时建筑人员", "people in site sheds and temporary structures"),
        "T3" => ("C、D级危旧房住户", "residents of class C and D houses"),
        "T4" => ("地质灾害点、危险边坡影响人员", "people under geohazard points and slopes"),
        "T5" => ("小流域山洪危险区人员", "people in flash-flood danger areas"),
        "T6" => ("低洼易涝、地下室、城中村底层住户", "residents of low-lying homes and basements"),
        "T7" => ("独居老人、残疾、慢病、孕婴等特殊人员", "people with special needs"),
        "T8" => ("养老机构、医院、学校人员", "people in institutions"),
        "T9" => ("景区、营地、农家乐游客", "visitors of scenic areas and camps"),
        "T10" => ("堤外、行洪区、坝下游人员", "people outside dykes and below dams"),
        "T11" => ("涉水在建工程人员", "workers of construction in water"),
        other => return Text::new(format!("类别{other}"), format!("category {other}")),
    };
    Text::new(zh, en)
}

/// `【演练】`, `【复盘】` or nothing: the first characters of every message.
pub(super) fn realm_prefix(realm: Realm) -> &'static str {
    match realm {
        Realm::Live => "",
        Realm::Drill => "【演练】",
        Realm::Replay => "【复盘】",
    }
}

/// `西` of `杭州市西湖区`: the short name in a document number. Falls back to the first character.
pub(super) fn district_initial(district: &str) -> String {
    let body = district.trim_end_matches(['区', '县']);
    let tail = match body.rfind('市') {
        Some(i) if i + '市'.len_utf8() < body.len() => &body[i + '市'.len_utf8()..],
        _ => body,
    };
    tail.chars().next().map(String::from).unwrap_or_default()
}

/// Millimetres with one decimal, or 未知.
pub(super) fn mm(v: Option<f64>) -> String {
    v.filter(|v| v.is_finite()).map_or_else(|| "未知".into(), |v| format!("{v:.1} mm"))
}

/// An age in the words of a duty room: 12分钟, 3小时, 2天; 未知 for `None`.
pub(super) fn age_zh(age_s: Option<f64>) -> String {
    match age_s.filter(|a| a.is_finite() && *a >= 0.0) {
        None => "未知".into(),
        Some(a) if a < 5400.0 => format!("{:.0}分钟", a / 60.0),
        Some(a) if a < 172_800.0 => format!("{:.1}小时", a / 3600.0),
        Some(a) => format!("{:.0}天", a / 86400.0),
    }
}

/// `【待核原文】`-like tail of a clause that must not be taken for official; empty for what was read.
pub(super) fn mark_tail(mark: &Mark) -> String {
    if mark.is_unofficial() { format!("〔{}〕", mark.zh()) } else { String::new() }
}

/// What is expected at an object: 最深 0.62 m（筛查级）; 雨量达阈值的 1.30 倍; 未知 with its reason.
pub(super) fn expectation(o: &ObjectImpact) -> Text {
    let screening = if o.screening { ("（筛查级）", " (screening)") } else { ("", "") };
    match (o.quantity, o.peak) {
        (Quantity::Depth, Some(d)) if d.is_finite() => {
            let lasting = o.duration_s.filter(|s| *s >= 60.0);
            let zh = lasting.map(|s| format!("，≥0.15 m 持续{}", age_zh(Some(s)))).unwrap_or_default();
            let en = lasting.map(|s| format!(", {:.1} h at or above 0.15 m", s / 3600.0)).unwrap_or_default();
            Text::new(format!("最深 {d:.2} m{}{zh}", screening.0), format!("deepest {d:.2} m{}{en}", screening.1))
        }
        (Quantity::RainRatio, Some(r)) if r.is_finite() => Text::new(
            format!("雨量达阈值的 {r:.2} 倍{}", screening.0),
            format!("rain {r:.2} times its threshold{}", screening.1),
        ),
        (Quantity::FailureProbability, Some(p)) if p.is_finite() => Text::new(
            format!("失稳概率 {:.0}%（无限边坡模型）", p * 100.0),
            format!("{:.0} % probability of failure (infinite slope)", p * 100.0),
        ),
        (Quantity::InstrumentRatio, Some(r)) if r.is_finite() => {
            Text::new(format!("监测值为黄色限值的 {r:.1} 倍"), format!("instrument at {r:.1} of its yellow limit"))
        }
        (Quantity::Wind, Some(v)) if v.is_finite() => Text::new(
            format!("平均风 {v:.1} m/s（{} 级，模型估算）", beaufort(v)),
            format!("mean wind {v:.1} m/s (Beaufort {}, modelled)", beaufort(v)),
        ),
        _ if o.note.zh.is_empty() => Text::new("未知（无可用数据）", "unknown (no data)"),
        _ => Text::new(format!("未知（{}）", o.note.zh), format!("unknown ({})", o.note.en)),
    }
}

/// Time of the first threshold that gave the object its colour, s from start: the decisive threshold's crossing, else the
/// earliest crossing of any.
pub(super) fn first_crossing_s(o: &ObjectImpact) -> Option<f64> {
    let decisive = o.threshold.and_then(|t| o.crossings.iter().find(|c| c.threshold == t)).and_then(|c| c.at_s);
    decisive.or_else(|| o.crossings.iter().filter_map(|c| c.at_s).min_by(f64::total_cmp))
}

/// The names, shortened: up to `shown`, then 等 n 处.
pub(super) fn names_zh(names: &[String], shown: usize) -> String {
    let head = names.iter().take(shown).cloned().collect::<Vec<_>>().join("、");
    if names.len() > shown { format!("{head}等 {} 处", names.len()) } else { head }
}

/// The names with repeated ones (the stretches of one road) said once: 之江路（3段）、灵龙路. Up to `shown`, then 等 n 处.
pub(super) fn merged_zh(names: &[String], shown: usize) -> String {
    let mut counted: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match counted.iter_mut().find(|(n, _)| n == name) {
            Some((_, count)) => *count += 1,
            None => counted.push((name, 1)),
        }
    }
    let said = |(name, n): &(&str, usize)| if *n > 1 { format!("{name}等{n}段") } else { name.to_string() };
    let head = counted.iter().take(shown).map(said).collect::<Vec<_>>().join("、");
    if counted.len() > shown { format!("{head}等 {} 处", names.len()) } else { head }
}

/// Characters as a telephone counts them.
pub(super) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Joins whole clauses in order while they fit; a clause that does not fit is left out whole, so that no number is cut.
pub(super) fn fitted(parts: &[String], limit: usize) -> String {
    let mut text = String::new();
    for part in parts {
        if length(&text) + length(part) <= limit {
            text.push_str(part);
        }
    }
    text
}
