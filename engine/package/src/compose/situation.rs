use super::input::Context;
use super::leaving::unplaced_note;
use super::signals::signal_lines;
use super::wording::{age_zh, mm, names_zh};
use dayu_assets::Layer;
use dayu_base::{RiskColour, Text};
use dayu_impact::ObjectImpact;

/// Water on the ground from this depth on counts as ponding: common urban design limit, m (conventions §2.2).
const PONDING_M: f64 = 0.15;

/// 一、当前情况: rain by windows, observed apart from the rest; what is under water now; the three counts.
pub(super) fn situation(cx: &Context<'_>) -> Vec<Text> {
    let mut lines = vec![time_line(cx)];
    lines.extend(rain_lines(cx));
    lines.extend(signal_lines(cx));
    lines.extend(storm_line(cx));
    lines.extend(ponding_line(cx));
    lines.push(colour_line(cx));
    lines.push(people_line(cx));
    lines
}

fn time_line(cx: &Context<'_>) -> Text {
    let h = cx.input.header;
    let data = h.data_time.map_or_else(|| "未知".into(), |t| h.zone.short(t));
    let age_s = h.data_time.map(|t| h.as_of.duration_since(t).as_secs_f64());
    let age = match age_s {
        Some(a) if a < 0.0 => "含预报".to_string(),
        other => format!("时效{}", age_zh(other)),
    };
    Text::new(
        format!(
            "研判时段 {} 至 {}；资料截至 {}，最新数据时间 {data}（{age}）。",
            h.zone.short(h.start),
            h.zone.short(h.end),
            h.zone.short(h.as_of)
        ),
        format!(
            "Period {} to {}; known by {}.",
            h.zone.rfc3339(h.start),
            h.zone.rfc3339(h.end),
            h.zone.rfc3339(h.as_of)
        ),
    )
}

/// What comes after `as_of` is a forecast in a forecast, a design or drill value otherwise.
fn later_word(kind: &str) -> &'static str {
    match kind {
        "forecast" => "预报",
        "design" => "设计",
        "drill" => "演练设定",
        _ => "全过程",
    }
}

fn rain_lines(cx: &Context<'_>) -> Vec<Text> {
    let rain = &cx.input.impact.rain;
    let hours = |h: f64| if h.fract() == 0.0 { format!("{h:.0}") } else { format!("{h:.1}") };
    if rain.windows.is_empty() {
        return vec![Text::new("雨情：未知（情景未给出降雨）。", "Rain: unknown.")];
    }
    let observed: Vec<String> = rain
        .windows
        .iter()
        .filter(|w| w.observed_point_mm.is_some())
        .map(|w| format!("{}h {}", hours(w.window_h), mm(w.observed_point_mm)))
        .collect();
    let whole: Vec<String> = rain
        .windows
        .iter()
        .map(|w| {
            format!(
                "{}h 点最大 {}、面平均 {}（止于 {}）",
                hours(w.window_h),
                mm(w.point_mm),
                mm(w.areal_mm),
                cx.short(w.at_s)
            )
        })
        .collect();
    let mut lines = Vec::new();
    let (seen_as, seen_as_en) = if cx.rain_is_constructed() {
        ("实况时段（构造），非实测", "constructed, not measured")
    } else {
        ("实测", "observed")
    };
    let seen = if observed.is_empty() { "未知".to_string() } else { observed.join("，") };
    lines.push(Text::new(
        format!("雨情（{seen_as}，截至 {}）：最大点雨量 {seen}。", cx.input.header.zone.short(cx.input.header.as_of)),
        format!("Rain {seen_as_en}, largest at any place by window: {}.", observed.join(", ")),
    ));
    // A replay whose whole period is observed says each number once, with its time.
    lines.push(Text::new(
        format!(
            "雨情（{}{}）：{}；累计面雨量 {}，最强 1 小时止于 {}。",
            later_word(&cx.input.header.kind),
            if cx.rain_is_constructed() { "，构造" } else { "" },
            whole.join("；"),
            mm(Some(rain.total_mm)),
            cx.short(rain.peak_at_s)
        ),
        format!("Rain of the whole period: total {:.1} mm over the district.", rain.total_mm),
    ));
    lines
}

/// Nearest approach and wind; none without a track (the unknowns then name the rules that stay open).
fn storm_line(cx: &Context<'_>) -> Option<Text> {
    let storm = cx.input.impact.storm.as_ref()?;
    let source = if storm.has_forecast { "含预报" } else { "事后或实况路径，不含预报" };
    let nearest = if storm.nearest_km.is_finite() {
        format!(
            "中心于 {} 距本区最近 {:.0} km，{}",
            cx.short(Some(storm.nearest_at_s)),
            storm.nearest_km,
            storm.class.map_or("未达热带低压或强度未知".to_string(), |c| format!(
                "为{}（近中心最大 {:.0} m/s）",
                c.zh(),
                storm.largest_m_s.unwrap_or(f64::NAN)
            ))
        )
    } else {
        "情景时段内没有路径，距离未知".to_string()
    };
    let wind = storm.strongest.as_ref().map_or("区内风力未知".to_string(), |w| {
        let at = |grade: u8| match (storm.first_arrival(grade), storm.complete()) {
            (Some(t), _) => format!("{grade}级 {} 起", cx.short(Some(t))),
            (None, true) => format!("{grade}级不达"),
            (None, false) => format!("{grade}级未知"),
        };
        format!(
            "区内最大平均风 {:.1} m/s（{} 级，{} 10 m，模型估算），阵风约 {:.0} m/s；{}",
            w.peak_m_s,
            w.grade,
            if storm.ground_m > dayu_storm::typhoon::OPEN_LAND_ROUGHNESS_M { "内陆地面" } else { "开阔地" },
            w.gust_m_s,
            [6, 7, 10, 12].map(at).join("，")
        )
    });
    let ashore = storm.landfalls.as_ref().map_or(String::new(), |list| match list.is_empty() {
        true => "；路径在所给陆地上没有登陆".to_string(),
        false => {
            let one = |l: &dayu_impact::Landfall| {
                let wind = l.largest_m_s.map_or("强度未知".to_string(), |v| format!("近中心 {v:.0} m/s"));
                format!("{}（{:.2}°E {:.2}°N，{wind}）", cx.short(Some(l.at_s)), l.lon_deg, l.lat_deg)
            };
            format!("；登陆 {}", list.iter().map(one).collect::<Vec<_>>().join("、"))
        }
    });
    Some(Text::new(
        format!("台风 {} {}（{}；{source}）：{nearest}{ashore}；{wind}。", storm.number, storm.name, storm.agency.zh),
        format!("Typhoon {} {}: nearest {:.0} km.", storm.number, storm.name, storm.nearest_km),
    ))
}

/// Seconds at which the ponding depth is first reached; a peak below it never reaches it.
pub(super) fn ponding_since(o: &ObjectImpact) -> Option<f64> {
    o.crossings.iter().filter(|c| (c.threshold - PONDING_M).abs() < 1.0e-9).find_map(|c| c.at_s)
}

fn ponding_line(cx: &Context<'_>) -> Option<Text> {
    let points: Vec<&ObjectImpact> =
        cx.input.impact.objects.iter().filter(|o| o.layer == Layer::WaterloggingPoints).collect();
    if points.is_empty() {
        return Some(Text::new("积水点：未知（数据集没有积水点）。", "Waterlogging points: no data."));
    }
    let mut wet: Vec<&&ObjectImpact> = points.iter().filter(|o| o.peak.is_some_and(|p| p >= PONDING_M)).collect();
    wet.sort_by(|a, b| {
        b.peak.unwrap_or(0.0).total_cmp(&a.peak.unwrap_or(0.0)).then_with(|| a.object_id.cmp(&b.object_id))
    });
    let by_now = wet.iter().filter(|o| ponding_since(o).is_some_and(|s| s <= cx.as_of_s())).count();
    let unknown = points.iter().filter(|o| o.peak.is_none()).count();
    let names: Vec<String> = wet.iter().map(|o| format!("{} {:.2} m", o.name, o.peak.unwrap_or(0.0))).collect();
    let names = if names.is_empty() { String::new() } else { format!("：{}", names_zh(&names, 6)) };
    let unknown_zh = if unknown > 0 { format!("；{unknown} 处未知") } else { String::new() };
    Some(Text::new(
        format!(
            "积水（模拟）：登记积水点 {} 处，预计 {} 处达到 {PONDING_M:.2} m（截至 {} 已达 {by_now} 处）{names}{unknown_zh}。",
            points.len(),
            wet.len(),
            cx.input.header.zone.short(cx.input.header.as_of)
        ),
        format!(
            "{} of {} waterlogging points reach {PONDING_M} m ({by_now} by now), {unknown} unknown.",
            wet.len(),
            points.len()
        ),
    ))
}

fn colour_line(cx: &Context<'_>) -> Text {
    let mut parts = Vec::new();
    for layer in Layer::ALL.into_iter().filter(|l| !matches!(l, Layer::Population | Layer::Roads)) {
        let of = |c: RiskColour| cx.input.impact.objects.iter().filter(|o| o.layer == layer && o.colour == c).count();
        let known: Vec<String> = [RiskColour::Red, RiskColour::Orange, RiskColour::Yellow, RiskColour::Blue]
            .into_iter()
            .map(|c| (c, of(c)))
            .filter(|(_, n)| *n > 0)
            .map(|(c, n)| format!("{}{n}", c.zh()))
            .collect();
        let unknown = of(RiskColour::Unknown);
        let unknown = (unknown > 0).then(|| format!("未知{unknown}"));
        let all: Vec<String> = known.into_iter().chain(unknown).collect();
        if !all.is_empty() {
            parts.push(format!("{} {}", layer.zh(), all.join(" ")));
        }
    }
    if parts.is_empty() {
        return Text::new("风险对象：没有蓝色及以上或未知的对象。", "No object is blue or worse, or unknown.");
    }
    Text::new(format!("风险对象（红橙黄蓝，处）：{}。", parts.join("；")), "Objects by colour; see the table.")
}

fn people_line(cx: &Context<'_>) -> Text {
    let t = cx.input.header.totals;
    let impact = cx.input.impact;
    let unknown = impact.unknown_blocks();
    let affected = match (impact.has_population(), unknown) {
        (false, _) => "受影响人口未知（没有人口资料）".to_string(),
        (true, 0) => format!("受影响 {} 人（居住处积水≥{PONDING_M:.2} m）", t.affected),
        (true, n) => format!("受影响至少 {} 人（居住处积水≥{PONDING_M:.2} m；另有 {n} 个人口块未知）", t.affected),
    };
    let note = unplaced_note(cx);
    Text::new(
        format!(
            "人口：{affected}；本级应转移 {} 人，其中需集中安置 {} 人，未落实去处 {} 人{}。",
            t.to_move, t.to_house, t.unplaced, note.zh
        ),
        format!(
            "Affected {}; to be moved {}, to be housed {}, without a place {}{}.",
            t.affected, t.to_move, t.to_house, t.unplaced, note.en
        ),
    )
}
