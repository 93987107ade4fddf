use super::columns::{COLUMN_COUNT, DISTRICT_ID, column_index, table_columns};
use super::input::{ComposeInput, Context, Place, WHOLE_DISTRICT};
use super::leaving::{leave_note, rides_note};
use super::objects::is_watched;
use super::wording::{category_title, first_crossing_s};
use crate::{Cell, Row, TableProduct};
use dayu_assets::{Layer, expected_roles};
use dayu_base::{Mark, RiskColour};
use dayu_impact::{ObjectImpact, Quantity};
use dayu_plan::{Closure, DepartBy, Measure, TransferRow};
use std::collections::BTreeSet;

/// State of a row that nobody has been given yet.
const NOT_ISSUED: &str = "待下达";
/// State of a row that is watched only.
const WATCHED: &str = "监视";
const NO_DUTY: &str = "缺责任人";
/// The members' cells contradict the run at an object.
const MEMBERS_DOUBTFUL: &str = "成员格网不可信，不给比例";

/// (column, role of the register)
const ROLES: [(&str, &str); 6] = [
    ("duty_administrative", "行政责任人"),
    ("duty_department", "部门责任人"),
    ("duty_patrol", "巡查责任人"),
    ("duty_warning", "预警责任人"),
    ("duty_transfer", "转移责任人"),
    ("duty_rescue", "抢险责任人"),
];

/// 管控一张表: one row per object × measure, per closure and per transfer row; objects at risk without a measure are watched.
/// Rows are sorted by (town, −colour, object, row); duties of the whole district come first.
pub fn compose_table(input: ComposeInput<'_>) -> TableProduct {
    let cx = Context::new(input);
    let mut rows: Vec<Row> = input.plan.measures.iter().map(|m| measure_row(&cx, m)).collect();
    rows.extend(input.plan.closures.iter().map(|c| closure_row(&cx, c)));
    rows.extend(input.plan.transfers.iter().map(|t| transfer_row(&cx, t)));
    let with_rows: BTreeSet<String> = rows.iter().map(|r| r.object_id.clone()).collect();
    let watched = input.impact.objects.iter().filter(|o| is_watched(o) && !with_rows.contains(&o.object_id));
    rows.extend(watched.map(|o| watch_row(&cx, o)));
    rows.sort_by(|a, b| order(a).cmp(&order(b)));
    TableProduct { columns: table_columns(), rows }
}

fn order(row: &Row) -> (bool, &str, std::cmp::Reverse<RiskColour>, &str, &str) {
    let id = match row.cells.get(1) {
        Some(Cell::Text(id)) => id.as_str(),
        _ => "",
    };
    (row.town != WHOLE_DISTRICT, &row.town, std::cmp::Reverse(row.colour), &row.object_id, id)
}

/// Cells under their keys; a key that is no column is a programming error that the tests catch.
struct Cells(Vec<Cell>);

impl Cells {
    fn put(&mut self, key: &str, cell: Cell) {
        debug_assert!(column_index(key).is_some(), "{key}");
        if let Some(slot) = column_index(key).and_then(|i| self.0.get_mut(i)) {
            *slot = cell;
        }
    }
    fn words(&mut self, key: &str, words: impl Into<String>) {
        let words = words.into();
        self.put(key, if words.is_empty() { Cell::Empty } else { Cell::Text(words) });
    }
    fn count(&mut self, key: &str, n: u64) {
        self.put(key, i64::try_from(n).map_or(Cell::Empty, Cell::Integer));
    }
    fn real(&mut self, key: &str, v: Option<f64>) {
        self.put(key, v.filter(|v| v.is_finite()).map_or(Cell::Empty, Cell::Real));
    }
    fn minutes(&mut self, key: &str, s: Option<f64>) {
        self.put(key, s.filter(|s| s.is_finite()).map_or(Cell::Empty, |s| Cell::Integer((s / 60.0).round() as i64)));
    }
    fn time(&mut self, key: &str, rfc3339: Option<String>) {
        self.put(key, rfc3339.map_or(Cell::Empty, Cell::Text));
    }
}

/// The cells every row shares: object, risk now, responsibility.
fn common(cx: &Context<'_>, object_id: &str, row_id: &str, item: &str, place: &Place) -> Cells {
    let mut c = Cells(vec![Cell::Empty; COLUMN_COUNT]);
    c.words("object_id", object_id);
    c.words("row_id", row_id);
    c.words("item", item);
    c.words("type", place.kind.as_str());
    c.words("name", place.name.as_str());
    c.words("town", place.town.as_str());
    c.words("village", place.village.as_str());
    c.words("grid", place.grid.as_str());
    c.real("x_m", place.xy.map(|p| p.0));
    c.real("y_m", place.xy.map(|p| p.1));
    c.words("colour", place.colour.unwrap_or(RiskColour::Unknown).zh());
    c.words("level", cx.input.plan.level.zh());
    if let Some(o) = cx.impact_of(object_id) {
        risk(cx, o, &mut c);
    }
    if let Some(asset) = cx.input.registry.by_id(object_id) {
        c.words("data_origin", asset.origin_zh());
    }
    duties(cx, object_id, &mut c);
    c
}

fn risk(cx: &Context<'_>, o: &ObjectImpact, c: &mut Cells) {
    let (indicator, unit) = match o.quantity {
        Quantity::Depth => ("模拟积水深", "m"),
        Quantity::RainRatio => ("雨量/阈值", "倍"),
        Quantity::FailureProbability => ("失稳概率", ""),
        Quantity::InstrumentRatio => ("监测值/黄色限值", "倍"),
        Quantity::Wind => ("平均风速", "m/s"),
        Quantity::Unknown => ("未知", ""),
    };
    c.words("indicator", indicator);
    c.words("unit", unit);
    c.real("value", o.peak);
    c.real("threshold", o.threshold);
    c.real("ratio", o.peak.zip(o.threshold).filter(|(_, t)| *t > 0.0).map(|(p, t)| p / t));
    c.time("peak_time", cx.rfc3339(o.peak_at_s));
    let crossing = first_crossing_s(o);
    c.time("threshold_time", cx.rfc3339(crossing));
    c.minutes("minutes_to_threshold", crossing.map(|s| s - cx.as_of_s()));
    c.minutes("duration_min", o.duration_s);
    let hazard = o.hazard.map(|h| if h == 0 { "干".to_string() } else { format!("H{h}") });
    c.words("hazard", [o.class.clone(), hazard].into_iter().flatten().collect::<Vec<_>>().join("/"));
    let tier = match (o.layer, o.quantity) {
        (Layer::Slopes, Quantity::RainRatio) => "雨量阈值",
        (Layer::Slopes, Quantity::FailureProbability) => "无限边坡模型",
        (Layer::Slopes, Quantity::InstrumentRatio) => "仪器监测",
        _ => "",
    };
    c.words("slope_tier", tier);
    if let Some(wind) = cx.input.impact.storm.as_ref().and_then(|s| s.winds.get(&o.object_id)) {
        c.count("wind_grade", u64::from(wind.grade));
        c.real("gust_m_s", Some(wind.gust_m_s));
        for (key, grade) in [("wind_7_time", 7), ("wind_10_time", 10), ("wind_12_time", 12)] {
            c.time(key, cx.rfc3339(wind.arrival(grade)));
        }
    }
    if let Some(chance) = cx.input.impact.chances.as_ref().and_then(|m| m.of(&o.object_id)) {
        c.count("members", u64::from(chance.reached[0].members));
        c.real("chance_015", Some(chance.reached[0].share));
        c.real("chance_015_low", Some(chance.reached[0].interval.0));
        c.real("chance_015_high", Some(chance.reached[0].interval.1));
        c.real("chance_030", Some(chance.reached[1].share));
        for (key, depth) in ["depth_10_m", "depth_50_m", "depth_90_m"].into_iter().zip(chance.depths_m) {
            c.real(key, Some(depth));
        }
    }
    if let Some((chances, agrees)) = cx.input.impact.chances.as_ref().and_then(|m| Some((m, m.agrees(&o.object_id)?))) {
        c.real("members_cell_m", Some(chances.cell_m));
        c.words("members_agree", if agrees { "一致" } else { MEMBERS_DOUBTFUL });
    }
    let header = cx.input.header;
    c.time("data_time", header.data_time.map(|t| header.zone.rfc3339(t)));
    // Data newer than `as_of` are forecasts: they have no age.
    let age_s = header.data_time.map(|t| header.as_of.duration_since(t).as_secs_f64()).filter(|s| *s >= 0.0);
    c.minutes("data_age_min", age_s);
    let quality = match (o.quantity, o.screening) {
        (Quantity::Unknown, _) if o.note.zh.is_empty() => "无数据".to_string(),
        (Quantity::Unknown, _) => format!("无数据：{}", o.note.zh),
        (_, true) => "筛查级".to_string(),
        (_, false) => "模拟".to_string(),
    };
    c.words("quality", quality);
    c.words("data_origin", o.origin.zh());
}

/// Posts by role: the object's own, else those of its smallest region that has the role. A role the object must have and nobody
/// holds is 缺责任人. Names and phones stay in the protected contacts.
fn duties(cx: &Context<'_>, object_id: &str, c: &mut Cells) {
    let registry = cx.input.registry;
    let scopes = cx.scopes(object_id, None);
    let layer = registry.by_id(object_id).map(|a| a.layer).or_else(|| cx.impact_of(object_id).map(|o| o.layer));
    let expected = layer.map(expected_roles).unwrap_or_default();
    let mut held = false;
    for (key, role) in ROLES {
        let nearest = cx.posts_of(&scopes, role);
        held |= nearest.is_some();
        let missing = if expected.contains(&role) { NO_DUTY } else { "" };
        c.words(key, nearest.unwrap_or_else(|| missing.to_string()));
    }
    c.words("contacts", if held { "见受控通讯录" } else { NO_DUTY });
}

fn clause(c: &mut Cells, clause: &str, mark: &Mark) {
    c.words("clause", clause);
    c.words("mark", mark.zh());
}

fn finish(mut c: Cells, object_id: &str, place: Place, colour: RiskColour, state: &str) -> Row {
    c.words("state", state);
    Row { object_id: object_id.into(), town: place.town, colour, state: state.into(), cells: c.0 }
}

fn measure_row(cx: &Context<'_>, m: &Measure) -> Row {
    let (id, place) = match &m.object_id {
        Some(id) => (id.as_str(), cx.place(id, None)),
        None => {
            let name = cx.input.header.district.zh.clone();
            (DISTRICT_ID, Place { name, kind: WHOLE_DISTRICT.into(), town: WHOLE_DISTRICT.into(), ..Place::default() })
        }
    };
    let district_wide = m.object_id.is_none();
    let mut c = common(cx, id, &m.id, "措施", &place);
    if district_wide {
        // A duty of a department has no object: neither colour nor chain of posts.
        for key in ["colour", "contacts"].into_iter().chain(ROLES.map(|r| r.0)) {
            c.put(key, Cell::Empty);
        }
    }
    c.words("action", m.action.zh.as_str());
    c.words("owner", m.owner.as_str());
    clause(&mut c, &m.clause, &m.mark);
    c.time("start", cx.rfc3339(m.start_s));
    c.time("deadline", cx.rfc3339(m.deadline_s));
    c.words("deadline_note", note_of(cx, m.deadline_s, &m.deadline_note.zh));
    let colour = place.colour.unwrap_or(RiskColour::Unknown);
    finish(c, id, place, colour, NOT_ISSUED)
}

fn closure_row(cx: &Context<'_>, k: &Closure) -> Row {
    let place = cx.place(&k.object_id, None);
    let mut c = common(cx, &k.object_id, &format!("closure:{}", k.object_id), "封控", &place);
    let peak = k.peak_m.filter(|p| p.is_finite()).map_or_else(|| "未知".into(), |p| format!("{p:.2} m"));
    let falls = cx.falls_below(k.reopen_s);
    c.words("action", format!("封闭并值守：达 {:.2} m 封控；预计最深 {peak}；{falls}", k.close_depth_m));
    c.words("owner", if k.executor.is_empty() { NO_DUTY } else { k.executor.as_str() });
    clause(&mut c, "封控水深", &k.mark);
    c.time("deadline", cx.rfc3339(k.close_by_s));
    c.words("deadline_note", note_of(cx, k.close_by_s, "积水达到封控水深前（已扣除预案提前量）"));
    let colour = place.colour.unwrap_or(RiskColour::Unknown);
    finish(c, &k.object_id, place, colour, NOT_ISSUED)
}

fn transfer_row(cx: &Context<'_>, t: &TransferRow) -> Row {
    let mut place = cx.place(&t.object_id, t.region.as_deref());
    place.colour = Some(t.colour);
    let mut c = common(cx, &t.object_id, &t.id, "转移", &place);
    let title = category_title(&t.category).zh;
    c.words("action", format!("转移{title}{}人，落实到户到人", t.people));
    c.words("category", t.category.as_str());
    c.words("category_title", title);
    c.count("to_move", t.people);
    c.count("vulnerable", t.vulnerable);
    c.count("to_house", t.to_house);
    let mut shelters: Vec<String> = t.shelters.iter().map(|(id, n)| format!("{} {n}人", cx.name_of(id))).collect();
    if t.people > t.to_house {
        shelters.push(format!("投亲靠友 {}人（按预案比例）", t.people - t.to_house));
    }
    c.words("shelters", shelters.join("；"));
    c.words("rides", rides_note(cx, &t.rides));
    c.words("shelter_ids", t.shelters.iter().map(|(id, n)| format!("{id}:{n}")).collect::<Vec<_>>().join(";"));
    t.longest_m.into_iter().for_each(|m| c.count("distance_m", m));
    if let Some(departure) = &t.departure {
        c.time("leave_by", cx.rfc3339(departure.leave_by().at_s()));
        let by_90 = departure.holds_90.filter(|by| by.seconds() <= departure.in_the_run().seconds());
        c.time("leave_by_90", cx.rfc3339(by_90.and_then(DepartBy::at_s)));
        c.words("leave_note", leave_note(cx, t, departure));
    }
    c.count("unplaced", t.unplaced.iter().map(|u| u.0).sum());
    // The plan words the reasons; the row itself may hold the machine's.
    let worded = cx.input.plan.unplaced.iter().filter(|u| u.transfer_id == t.id);
    let mut reasons: Vec<String> = worded.map(|u| format!("{}人：{}", u.people, u.reason.zh)).collect();
    if reasons.is_empty() {
        reasons = t.unplaced.iter().map(|(n, why)| format!("{n}人：{why}")).collect();
    }
    c.words("unplaced_reason", reasons.join("；"));
    c.words("owner", format!("{}（转移责任人）", place.town));
    clause(&mut c, &t.clause, &t.mark);
    c.time("deadline", cx.rfc3339(t.deadline_s));
    c.words("deadline_note", note_of(cx, t.deadline_s, &t.deadline_note.zh));
    finish(c, &t.object_id, place, t.colour, NOT_ISSUED)
}

fn watch_row(cx: &Context<'_>, o: &ObjectImpact) -> Row {
    let place = cx.place(&o.object_id, None);
    let mut c = common(cx, &o.object_id, &format!("watch:{}", o.object_id), "监视", &place);
    c.words("action", "监视：本级预案未列对应措施，由责任人巡查并报告变化");
    c.words("mark", Mark::Default.zh());
    finish(c, &o.object_id, place, o.colour, WATCHED)
}

/// A deadline that is not known says so, with the reason when there is one; one that has passed says so first.
fn note_of(cx: &Context<'_>, deadline_s: Option<f64>, note: &str) -> String {
    match (deadline_s, note.is_empty()) {
        (s, _) if cx.is_overdue(s) => format!("时限已过，立即办理；{note}"),
        (Some(_), _) => note.to_string(),
        (None, true) => "时限未知".into(),
        (None, false) if note.contains("未知") || note.contains("立即") => note.to_string(),
        (None, false) => format!("时限未知：{note}"),
    }
}
