use serde::{Deserialize, Serialize};

/// Where a rule or a number comes from. Products show it; R and D are never presented as official.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Mark {
    /// V: read in the named document
    Read,
    /// S:nnn: stated in a seed document
    Seed(String),
    /// R: recalled professional knowledge, to be checked against the official text
    Recalled,
    /// D: a default of this program, no rule of any authority
    Default,
}

impl Mark {
    /// 已核 / 据工作总结 / 待核 / 系统默认
    pub fn zh(&self) -> &'static str {
        match self {
            Self::Read => "已读原文",
            Self::Seed(_) => "公开总结",
            Self::Recalled => "待核原文",
            Self::Default => "系统默认",
        }
    }
    /// True for marks that must not be shown as official.
    pub fn is_unofficial(&self) -> bool {
        matches!(self, Self::Recalled | Self::Default)
    }
}

impl From<Mark> for String {
    fn from(m: Mark) -> Self {
        match m {
            Mark::Read => "V".into(),
            Mark::Seed(n) => format!("S:{n}"),
            Mark::Recalled => "R".into(),
            Mark::Default => "D".into(),
        }
    }
}

impl TryFrom<String> for Mark {
    type Error = String;
    fn try_from(s: String) -> Result<Self, String> {
        match s.as_str() {
            "V" => Ok(Self::Read),
            "R" => Ok(Self::Recalled),
            "D" => Ok(Self::Default),
            _ => match s.strip_prefix("S:") {
                Some(n) => Ok(Self::Seed(n.into())),
                None => Err(format!(
                    "未知来源标记“{s}”，应为 V | S:nnn | R | D / unknown mark '{s}', use V | S:nnn | R | D"
                )),
            },
        }
    }
}

/// Real, synthetic (constructed) or mixed: told apart on every product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// 真实数据
    Real,
    /// 构造数据
    Synthetic,
    /// 真实与构造混合
    #[default]
    Mixed,
}

impl Origin {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Synthetic => "synthetic",
            Self::Mixed => "mixed",
        }
    }
    /// The origin with that machine name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Real, Self::Synthetic, Self::Mixed].into_iter().find(|o| o.id() == id)
    }
    /// 真实 / 构造 / 混合(含构造)
    pub fn zh(self) -> &'static str {
        match self {
            Self::Real => "真实数据",
            Self::Synthetic => "构造数据（非真实）",
            Self::Mixed => "真实与构造混合",
        }
    }
}

/// 实战 | 演练 | 复盘: every record and product belongs to one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Realm {
    /// 实战
    Live,
    /// 演练
    Drill,
    /// 复盘
    Replay,
}

impl Realm {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Drill => "drill",
            Self::Replay => "replay",
        }
    }
    /// Chinese word printed on products.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Live => "实战",
            Self::Drill => "演练",
            Self::Replay => "复盘",
        }
    }
}
