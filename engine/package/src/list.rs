use dayu_base::{Mark, RiskColour, Text};
use serde::{Deserialize, Serialize};

/// One judged risk, named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskItem {
    /// object
    pub object_id: String,
    /// name
    pub name: String,
    /// kind (积水点, 边坡 …)
    pub kind: String,
    /// town or subdistrict
    pub town: String,
    /// colour
    pub colour: RiskColour,
    /// what is expected, e.g. 最深 0.62 m（筛查级）
    pub expectation: Text,
    /// time of the first threshold, printed; 未知 when unknown
    pub when: String,
    /// people, `None` = unknown
    pub people: Option<u64>,
}

/// One thing somebody must do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActionItem {
    /// number
    pub number: u32,
    /// who
    pub owner: String,
    /// what
    pub action: Text,
    /// by when, printed; 立即 | 未知 | time
    pub deadline: String,
    /// why that deadline
    pub deadline_note: Text,
    /// clause
    pub clause: String,
    /// mark
    pub mark: Mark,
    /// objects it covers; empty = whole district
    pub object_ids: Vec<String>,
    /// the same in words, shortened: 天目山路、古墩路等 18 处; 全区
    pub places: String,
}

/// Transfer by category.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TransferLine {
    /// T1 … T11
    pub category: String,
    /// category in words
    pub title: Text,
    /// rows of the table
    pub rows: u64,
    /// persons 应转移
    pub to_move: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// persons 集中安置
    pub to_house: u64,
    /// persons without a place
    pub unplaced: u64,
    /// earliest deadline, printed
    pub deadline: String,
}

/// 研判一张单. `list.json` is this structure with the header's identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListProduct {
    /// 风险提示单 | 预警响应单 | 管控指令单
    pub sheet: String,
    /// e.g. 西防指〔复盘〕Ⅱ-01号
    pub number: String,
    /// date and hour of issue (= `as_of`), printed
    pub issued: String,
    /// title line
    pub title: Text,
    /// opening paragraph: what this sheet rests on, who decides
    pub basis: Text,
    /// issuer
    pub issuer: String,
    /// 主送
    pub addressees: Vec<String>,
    /// 一、当前情况 paragraphs
    pub situation: Vec<Text>,
    /// 二、预测与研判 paragraphs (with what would change the judgement)
    pub judgement: Vec<Text>,
    /// level proposal with reasons, one line per decisive rule
    pub reasons: Vec<Text>,
    /// 三、重点风险
    pub risks: Vec<RiskItem>,
    /// risks beyond those listed (they stand in the table)
    pub more_risks: u64,
    /// 四、工作要求
    pub actions: Vec<ActionItem>,
    /// 五、人员转移
    pub transfers: Vec<TransferLine>,
    /// people without a place, by reason
    pub unplaced: Vec<(u64, Text)>,
    /// 六、封控 lines
    pub closures: Vec<Text>,
    /// 七、反馈要求
    pub feedback: Vec<Text>,
    /// what is not known
    pub unknowns: Vec<Text>,
    /// assumptions, limits and marks that must be printed
    pub notes: Vec<Text>,
    /// SMS texts: (to whom, text)
    pub messages: Vec<(String, String)>,
}
