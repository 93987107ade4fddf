use crate::RiskColour;
use serde::{Deserialize, Serialize};

/// Emergency response levels, ordered: 关注 < Ⅳ < Ⅲ < Ⅱ < Ⅰ. "No response" is `Option::None`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ResponseLevel {
    /// 关注级 (the step before Ⅳ in Shenzhen and Xi'an)
    #[serde(rename = "attention")]
    Attention,
    /// Ⅳ级
    IV,
    /// Ⅲ级
    III,
    /// Ⅱ级
    II,
    /// Ⅰ级
    I,
}

impl ResponseLevel {
    /// All levels from the lowest to the highest.
    pub const ALL: [Self; 5] = [Self::Attention, Self::IV, Self::III, Self::II, Self::I];

    /// The identifier of files and folders: `attention` | `IV` | `III` | `II` | `I`.
    pub fn id(self) -> &'static str {
        match self {
            Self::Attention => "attention",
            Self::IV => "IV",
            Self::III => "III",
            Self::II => "II",
            Self::I => "I",
        }
    }
    /// The level with that identifier.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.id() == id)
    }
    /// 关注级, Ⅳ级 … Ⅰ级.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Attention => "关注级",
            Self::IV => "Ⅳ级",
            Self::III => "Ⅲ级",
            Self::II => "Ⅱ级",
            Self::I => "Ⅰ级",
        }
    }
    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Attention => "Attention",
            Self::IV => "Level IV",
            Self::III => "Level III",
            Self::II => "Level II",
            Self::I => "Level I",
        }
    }
    /// The customary colour of the level (关注 has none of its own: grey-blue is drawn).
    pub fn colour(self) -> RiskColour {
        match self {
            Self::Attention => RiskColour::Low,
            Self::IV => RiskColour::Blue,
            Self::III => RiskColour::Yellow,
            Self::II => RiskColour::Orange,
            Self::I => RiskColour::Red,
        }
    }
}

/// A response is keyed by (authority, area, hazard chain); the chains open and close independently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HazardChain {
    /// 防汛
    Flood,
    /// 防台风
    Typhoon,
    /// 突发地质灾害
    Geohazard,
}

impl HazardChain {
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Flood => "防汛",
            Self::Typhoon => "防台风",
            Self::Geohazard => "突发地质灾害",
        }
    }
    /// English name.
    pub fn en(self) -> &'static str {
        match self {
            Self::Flood => "flood",
            Self::Typhoon => "typhoon",
            Self::Geohazard => "geohazard",
        }
    }
}
