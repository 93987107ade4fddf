use serde::{Deserialize, Serialize};

/// One duty: a person (by id) answers for an object or a region.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Responsibility {
    /// object id or region code
    pub scope: String,
    /// 行政责任人 | 部门责任人 | 巡查责任人 | 预警责任人 | 转移责任人 | 抢险责任人 | 网格员 | 帮扶责任人
    pub role: String,
    /// 区 | 镇街 | 战区 | 村社 | 网格 | 户
    pub level: String,
    /// key into the protected contacts
    pub person_id: String,
    /// post shown on products (no name), e.g. 转塘街道防汛分管领导
    pub post: String,
    /// substitute, if any
    pub substitute_id: Option<String>,
}

/// Protected: who a person id is. Never logged, never in public products.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// key
    pub person_id: String,
    /// name
    pub name: String,
    /// telephone
    pub phone: String,
    /// unit
    pub unit: String,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Contact({})", self.person_id)
    }
}

/// Protected: one registered household that a plan may move.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Household {
    /// pseudonymous key
    pub household_id: String,
    /// code of its 网格
    pub region: String,
    /// population block it is counted in
    pub block_id: Option<String>,
    /// house, slope or other object that endangers it
    pub object_id: Option<String>,
    /// T3, T4, T6, T7 …: the category it is registered under
    pub category: String,
    /// persons
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// 独居老人 | 残疾 | 慢病 | 孕婴 | 留守 | …; empty = none
    pub need: String,
    /// helper (帮扶责任人), key into contacts
    pub helper_id: Option<String>,
    /// head of household, key into contacts
    pub head_id: Option<String>,
}

impl std::fmt::Debug for Household {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Household({})", self.household_id)
    }
}
