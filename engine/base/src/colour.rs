use serde::{Deserialize, Serialize};

/// 红橙黄蓝 risk colours, with 低风险 below and 未知 apart. Never drawn alone: a word or a pattern stands beside.
///
/// The order is of concern: `Unknown` sorts lowest but is never "safe".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RiskColour {
    /// 未知: no data; drawn grey with the reason
    Unknown,
    /// 低风险: below every threshold
    Low,
    /// 蓝
    Blue,
    /// 黄
    Yellow,
    /// 橙
    Orange,
    /// 红
    Red,
}

impl RiskColour {
    /// Machine name.
    pub fn id(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Low => "low",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Orange => "orange",
            Self::Red => "red",
        }
    }
    /// The colour with that machine name.
    pub fn from_id(id: &str) -> Option<Self> {
        [Self::Unknown, Self::Low, Self::Blue, Self::Yellow, Self::Orange, Self::Red].into_iter().find(|c| c.id() == id)
    }
    /// 未知, 低, 蓝, 黄, 橙, 红.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Unknown => "未知",
            Self::Low => "低",
            Self::Blue => "蓝",
            Self::Yellow => "黄",
            Self::Orange => "橙",
            Self::Red => "红",
        }
    }
    /// sRGB used on every product (fill); chosen to stay apart in grey print as well.
    pub fn rgb(self) -> [u8; 3] {
        match self {
            Self::Unknown => [0x9a, 0x9a, 0x9a],
            Self::Low => [0x6f, 0x9a, 0x8d],
            Self::Blue => [0x2f, 0x6f, 0xd0],
            Self::Yellow => [0xf2, 0xc4, 0x1b],
            Self::Orange => [0xee, 0x7b, 0x1e],
            Self::Red => [0xc8, 0x1e, 0x2b],
        }
    }
}
