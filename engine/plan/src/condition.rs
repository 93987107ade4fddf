use dayu_assets::Layer;
use dayu_base::{ResponseLevel, RiskColour, Text};
use serde::{Deserialize, Serialize};

/// What an official warning signal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignalKind {
    /// 暴雨预警信号
    Rain,
    /// 台风预警信号
    Typhoon,
    /// 地质灾害气象风险预警
    Geohazard,
}

impl SignalKind {
    /// The kind with that name in `signals.csv` and plan files.
    pub fn from_id(id: &str) -> Option<Self> {
        match id {
            "rain" => Some(Self::Rain),
            "typhoon" => Some(Self::Typhoon),
            "geohazard" => Some(Self::Geohazard),
            _ => None,
        }
    }
    /// Name on products.
    pub fn text(self) -> Text {
        match self {
            Self::Rain => Text::new("暴雨预警信号", "rainstorm signal"),
            Self::Typhoon => Text::new("台风预警信号", "typhoon signal"),
            Self::Geohazard => Text::new("地质灾害气象风险预警", "geohazard warning"),
        }
    }
}

/// Whether a rain condition asks for the district mean or for the wettest place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// 面雨量, district mean
    Areal,
    /// 点雨量, largest at any place
    #[default]
    Point,
}

/// Which part of the time axis, cut at `as_of`, a condition may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 已出现
    Observed,
    /// 预报
    Forecast,
    /// 预报或已出现
    #[default]
    ForecastOrObserved,
}

impl Basis {
    /// True when time `at_s` (s from start) may be used, given `as_of_s`.
    pub fn admits(self, at_s: f64, as_of_s: f64) -> bool {
        match self {
            Self::Observed => at_s <= as_of_s,
            Self::Forecast => at_s > as_of_s,
            Self::ForecastOrObserved => true,
        }
    }
    pub(crate) fn zh(self) -> &'static str {
        match self {
            Self::Observed => "已出现",
            Self::Forecast => "预报",
            Self::ForecastOrObserved => "预报或已出现",
        }
    }
    pub(crate) fn en(self) -> &'static str {
        match self {
            Self::Observed => "observed",
            Self::Forecast => "forecast",
            Self::ForecastOrObserved => "forecast or observed",
        }
    }
}

/// State of a river station or a reservoir, ascending (设防 < 警戒 < 保证 < 特急; 汛限 < 设计 < 校核).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaterState {
    /// below every mark
    Normal,
    /// 设防水位
    Fortify,
    /// 汛限水位
    FloodLimit,
    /// 警戒水位
    Warning,
    /// 保证水位
    Guaranteed,
    /// 设计水位
    Design,
    /// 校核水位
    Check,
    /// 特别紧急状态（西安预案用语）
    VeryUrgent,
}

impl WaterState {
    /// Name on products.
    pub fn text(self) -> Text {
        match self {
            Self::Normal => Text::new("正常", "normal"),
            Self::Fortify => Text::new("设防水位", "fortification stage"),
            Self::FloodLimit => Text::new("汛限水位", "flood-limit level"),
            Self::Warning => Text::new("警戒水位", "warning stage"),
            Self::Guaranteed => Text::new("保证水位", "guaranteed stage"),
            Self::Design => Text::new("设计水位", "design level"),
            Self::Check => Text::new("校核水位", "check level"),
            Self::VeryUrgent => Text::new("特别紧急状态流量", "very urgent state"),
        }
    }
}

/// Typhoon classes of GB/T 19201-2006, ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TyphoonClass {
    /// 热带低压
    TD,
    /// 热带风暴
    TS,
    /// 强热带风暴
    STS,
    /// 台风
    TY,
    /// 强台风
    STY,
    /// 超强台风
    SuperTY,
}

impl TyphoonClass {
    /// Name on products.
    pub fn text(self) -> Text {
        match self {
            Self::TD => Text::new("热带低压", "tropical depression"),
            Self::TS => Text::new("热带风暴", "tropical storm"),
            Self::STS => Text::new("强热带风暴", "severe tropical storm"),
            Self::TY => Text::new("台风", "typhoon"),
            Self::STY => Text::new("强台风", "severe typhoon"),
            Self::SuperTY => Text::new("超强台风", "super typhoon"),
        }
    }
}

fn waterlogging_points() -> Layer {
    Layer::WaterloggingPoints
}

/// One launch condition. Every kind has been seen in a real plan (shared vocabulary of the plan schema).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// an official signal of at least this colour was issued by `as_of`
    Signal {
        /// which signal
        signal: SignalKind,
        /// lowest colour that counts
        colour_at_least: RiskColour,
    },
    /// so many signals of this colour or above, issued at different instants within a sliding window
    SignalCount {
        /// which signal
        signal: SignalKind,
        /// lowest colour that counts
        colour: RiskColour,
        /// how many issues
        count: u32,
        /// length of the window, h
        within_h: f64,
    },
    /// rolling rain of a window
    Rain {
        /// window, h
        window_h: f64,
        /// threshold, mm
        mm: f64,
        /// district mean or wettest place
        #[serde(default)]
        place: Place,
        /// observed, forecast or either
        #[serde(default)]
        basis: Basis,
    },
    /// class of the hourly rain, with its lower limit
    HourlyRainClass {
        /// name of the class in the plan, e.g. 中雨
        class: String,
        /// lower limit, mm/h
        mm_h: f64,
        /// observed, forecast or either
        #[serde(default)]
        basis: Basis,
    },
    /// computed depth at so many objects for so long
    Ponding {
        /// layer of the objects
        #[serde(default = "waterlogging_points")]
        layer: Layer,
        /// depth, m
        depth_m: f64,
        /// at least this long, min
        #[serde(default)]
        duration_min: f64,
        /// at least so many objects
        points: u32,
        /// observed, forecast or either
        #[serde(default)]
        basis: Basis,
    },
    /// river stations at or above a state
    River {
        /// how many stations
        stations: u32,
        /// state
        state: WaterState,
    },
    /// reservoirs at or above a state
    Reservoir {
        /// how many reservoirs
        reservoirs: u32,
        /// state
        state: WaterState,
    },
    /// a typhoon; every part that is given must hold
    Typhoon {
        /// class now or expected at the nearest approach
        #[serde(default, skip_serializing_if = "Option::is_none")]
        class_at_least: Option<TyphoonClass>,
        /// centre within, km
        #[serde(default, skip_serializing_if = "Option::is_none")]
        within_km: Option<f64>,
        /// landfall or severe influence expected within, h
        #[serde(default, skip_serializing_if = "Option::is_none")]
        influence_within_h: Option<f64>,
        /// mean wind expected in the district, Beaufort
        #[serde(default, skip_serializing_if = "Option::is_none")]
        wind_at_least: Option<u8>,
    },
    /// official geohazard risk warning (a geohazard signal)
    GeohazardWarning {
        /// lowest colour that counts
        colour_at_least: RiskColour,
    },
    /// computed colour of so many slopes
    Slope {
        /// lowest colour that counts
        colour_at_least: RiskColour,
        /// at least so many slopes
        count: u32,
    },
    /// so many lower areas already at a level
    LowerLevelCount {
        /// level
        level_at_least: ResponseLevel,
        /// how many areas
        count: u32,
    },
    /// a reported disaster or danger
    Disaster {
        /// key under which it is reported
        event: String,
        /// how many
        #[serde(default = "one")]
        count: u32,
        /// in words
        text: Text,
    },
    /// only people can judge it
    Manual {
        /// what they judge
        text: Text,
    },
}

fn one() -> u32 {
    1
}

impl Condition {
    /// Names of the kinds, as in plan files.
    pub const KINDS: [&'static str; 13] = [
        "signal",
        "signal_count",
        "rain",
        "hourly_rain_class",
        "ponding",
        "river",
        "reservoir",
        "typhoon",
        "geohazard_warning",
        "slope",
        "lower_level_count",
        "disaster",
        "manual",
    ];
}
