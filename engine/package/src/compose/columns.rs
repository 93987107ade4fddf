use crate::{Column, ColumnKind};
use dayu_base::Text;

/// `object_id` of duties that concern the whole district and no object; not counted among controlled objects.
pub const DISTRICT_ID: &str = "DISTRICT";

use ColumnKind::{Integer, Real, Text as Words, Time};

/// (key, 中文, English, kind, width). Groups follow the domain's §6: object, risk now, responsibility, measure, people, state.
const COLUMNS: [(&str, &str, &str, ColumnKind, f64); 71] = [
    ("object_id", "对象编号", "object", Words, 10.0),
    ("row_id", "事项编号", "row", Words, 16.0),
    ("item", "事项类别", "item", Words, 6.0),
    ("type", "对象类型", "type", Words, 10.0),
    ("name", "对象名称", "name", Words, 18.0),
    ("town", "镇街", "town", Words, 10.0),
    ("village", "村社", "village", Words, 12.0),
    ("grid", "网格", "grid", Words, 14.0),
    ("x_m", "X(m)", "x", Real(1), 11.0),
    ("y_m", "Y(m)", "y", Real(1), 11.0),
    ("colour", "风险颜色", "colour", Words, 6.0),
    ("indicator", "指标", "indicator", Words, 12.0),
    ("value", "峰值", "value", Real(2), 6.0),
    ("unit", "单位", "unit", Words, 7.0),
    ("threshold", "阈值", "threshold", Real(2), 6.0),
    ("ratio", "峰值/阈值", "ratio", Real(2), 9.0),
    ("peak_time", "峰值时间", "peak time", Time, 11.0),
    ("threshold_time", "首达阈值时间", "threshold reached", Time, 11.0),
    ("minutes_to_threshold", "距阈值(分,负=已过)", "minutes to threshold", Integer, 12.0),
    ("duration_min", "≥0.15m持续(分)", "minutes at or above 0.15 m", Integer, 11.0),
    ("hazard", "危险等级", "class", Words, 10.0),
    ("slope_tier", "边坡依据", "slope judged by", Words, 10.0),
    ("wind_grade", "最大平均风(级)", "strongest wind, Beaufort", Integer, 8.0),
    ("gust_m_s", "阵风(m/s)", "gust", Real(1), 8.0),
    ("wind_7_time", "7级风到达", "wind Beaufort 7", Time, 11.0),
    ("wind_10_time", "10级风到达", "wind Beaufort 10", Time, 11.0),
    ("wind_12_time", "12级风到达", "wind Beaufort 12", Time, 11.0),
    ("members", "集合成员数", "members", Integer, 8.0),
    ("chance_015", "达0.15m的成员比例", "share of members at 0.15 m", Real(2), 10.0),
    ("chance_015_low", "比例90%区间下限", "lower limit of the 90 % interval", Real(2), 9.0),
    ("chance_015_high", "比例90%区间上限", "upper limit of the 90 % interval", Real(2), 9.0),
    ("chance_030", "达0.30m的成员比例", "share of members at 0.30 m", Real(2), 10.0),
    ("depth_10_m", "成员10%水深(m)", "depth at 10 % of members", Real(2), 9.0),
    ("depth_50_m", "成员50%水深(m)", "depth at 50 % of members", Real(2), 9.0),
    ("depth_90_m", "成员90%水深(m)", "depth at 90 % of members", Real(2), 9.0),
    ("members_cell_m", "成员格网(m)", "members' cells, m", Real(0), 9.0),
    ("members_agree", "成员格网与本次推演", "members' cells against the run", Words, 12.0),
    ("data_time", "数据时间", "data time", Time, 12.0),
    ("data_age_min", "数据时效(分)", "data age, min", Integer, 10.0),
    ("quality", "可信程度", "quality", Words, 9.0),
    ("data_origin", "数据来源", "origin", Words, 12.0),
    ("duty_administrative", "行政责任人(岗位)", "administrative duty", Words, 14.0),
    ("duty_department", "部门责任人(岗位)", "department duty", Words, 14.0),
    ("duty_patrol", "巡查责任人(岗位)", "patrol duty", Words, 14.0),
    ("duty_warning", "预警责任人(岗位)", "warning duty", Words, 14.0),
    ("duty_transfer", "转移责任人(岗位)", "transfer duty", Words, 14.0),
    ("duty_rescue", "抢险责任人(岗位)", "rescue duty", Words, 14.0),
    ("contacts", "姓名电话", "contacts", Words, 14.0),
    ("action", "管控措施", "action", Words, 30.0),
    ("level", "响应等级", "level", Words, 9.0),
    ("clause", "预案条款", "clause", Words, 18.0),
    ("mark", "条款来源", "mark", Words, 9.0),
    ("owner", "责任单位", "owner", Words, 13.0),
    ("start", "开始时间", "start", Time, 12.0),
    ("deadline", "完成时限", "deadline", Time, 11.0),
    ("deadline_note", "时限说明", "deadline note", Words, 20.0),
    ("category", "转移类别", "category", Words, 9.0),
    ("category_title", "应转移对象", "category in words", Words, 16.0),
    ("to_move", "应转移(人)", "to be moved", Integer, 8.0),
    ("vulnerable", "其中特殊人员(人)", "of them vulnerable", Integer, 8.0),
    ("to_house", "需集中安置(人)", "to be housed", Integer, 8.0),
    ("shelters", "安置去向", "shelters", Words, 20.0),
    ("rides", "车辆与护送", "transport and escorts", Words, 24.0),
    ("shelter_ids", "安置场所编号", "shelter ids", Words, 18.0),
    ("distance_m", "最远步行(m)", "longest walk", Integer, 10.0),
    ("leave_by", "最晚安全撤离时刻", "latest safe departure", Time, 11.0),
    ("leave_by_90", "九成成员可行的最晚时刻", "latest departure in 90 % of members", Time, 11.0),
    ("leave_note", "撤离时刻说明", "about the latest safe departure", Words, 24.0),
    ("unplaced", "未落实(人)", "without a place", Integer, 8.0),
    ("unplaced_reason", "未落实原因", "reason", Words, 16.0),
    ("state", "状态", "state", Words, 8.0),
];

/// The columns of 管控一张表, `object_id` first.
pub fn table_columns() -> Vec<Column> {
    let column = |&(key, zh, en, kind, width): &(&str, &str, &str, ColumnKind, f64)| Column {
        key: key.into(),
        title: Text::new(zh, en),
        kind,
        width,
    };
    COLUMNS.iter().map(column).collect()
}

/// Position of a key; `None` for a key that is no column.
pub(super) fn column_index(key: &str) -> Option<usize> {
    COLUMNS.iter().position(|c| c.0 == key)
}

/// Number of columns.
pub(super) const COLUMN_COUNT: usize = COLUMNS.len();
