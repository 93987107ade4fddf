use dayu_base::{Instant, Origin};
use serde::{Deserialize, Serialize};

/// The layers of a dataset that hold objects (names as in `dataset.toml`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// 积水点
    WaterloggingPoints,
    /// 下穿
    Underpasses,
    /// 地下空间
    UndergroundSpaces,
    /// 地铁口
    MetroEntrances,
    /// 泵站
    Pumps,
    /// 闸
    Gates,
    /// 排口
    Outfalls,
    /// 移动泵车
    MobilePumps,
    /// 河道
    Rivers,
    /// 测站
    Gauges,
    /// 边坡/地灾点
    Slopes,
    /// 危旧房
    OldHouses,
    /// 工棚
    WorkSheds,
    /// 塔吊
    Cranes,
    /// 船舶
    Vessels,
    /// 学校、医院、养老、景区等单位
    Institutions,
    /// 避灾安置场所
    Shelters,
    /// 道路
    Roads,
    /// 人口
    Population,
    /// 队伍
    Forces,
    /// 物资
    Stores,
}

impl Layer {
    /// All layers, in the order of products.
    pub const ALL: [Self; 21] = [
        Self::WaterloggingPoints,
        Self::Underpasses,
        Self::UndergroundSpaces,
        Self::MetroEntrances,
        Self::Pumps,
        Self::Gates,
        Self::Outfalls,
        Self::MobilePumps,
        Self::Rivers,
        Self::Gauges,
        Self::Slopes,
        Self::OldHouses,
        Self::WorkSheds,
        Self::Cranes,
        Self::Vessels,
        Self::Institutions,
        Self::Shelters,
        Self::Roads,
        Self::Population,
        Self::Forces,
        Self::Stores,
    ];
    /// Name in `dataset.toml`, files and tables.
    pub fn id(self) -> &'static str {
        match self {
            Self::WaterloggingPoints => "waterlogging_points",
            Self::Underpasses => "underpasses",
            Self::UndergroundSpaces => "underground_spaces",
            Self::MetroEntrances => "metro_entrances",
            Self::Pumps => "pumps",
            Self::Gates => "gates",
            Self::Outfalls => "outfalls",
            Self::MobilePumps => "mobile_pumps",
            Self::Rivers => "rivers",
            Self::Gauges => "gauges",
            Self::Slopes => "slopes",
            Self::OldHouses => "old_houses",
            Self::WorkSheds => "work_sheds",
            Self::Cranes => "cranes",
            Self::Vessels => "vessels",
            Self::Institutions => "institutions",
            Self::Shelters => "shelters",
            Self::Roads => "roads",
            Self::Population => "population",
            Self::Forces => "forces",
            Self::Stores => "stores",
        }
    }
    /// The layer with that name.
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.id() == id)
    }
    /// Chinese name on products.
    pub fn zh(self) -> &'static str {
        match self {
            Self::WaterloggingPoints => "积水点",
            Self::Underpasses => "下穿通道",
            Self::UndergroundSpaces => "地下空间",
            Self::MetroEntrances => "地铁口",
            Self::Pumps => "泵站",
            Self::Gates => "水闸",
            Self::Outfalls => "排口",
            Self::MobilePumps => "移动泵车",
            Self::Rivers => "河道",
            Self::Gauges => "测站",
            Self::Slopes => "边坡/地灾点",
            Self::OldHouses => "危旧房",
            Self::WorkSheds => "工棚",
            Self::Cranes => "塔吊",
            Self::Vessels => "船舶",
            Self::Institutions => "重点单位",
            Self::Shelters => "避灾安置场所",
            Self::Roads => "道路",
            Self::Population => "人口",
            Self::Forces => "队伍",
            Self::Stores => "物资",
        }
    }
}

/// What is known of an object beyond its name and place. `None` is unknown, never zero. CSV columns and vector fields carry
/// the same names as the fields here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Details {
    /// 积水点 with its 一点一方案
    WaterloggingPoint {
        /// road | underpass | compound | …
        site: Option<String>,
        /// alarm depth 预警, m
        warn_depth_m: Option<f64>,
        /// closure depth 封控, m
        close_depth_m: Option<f64>,
        /// deepest on record, m
        historic_max_depth_m: Option<f64>,
        /// date or event of that record
        historic_event: Option<String>,
        /// number of the 一点一方案
        plan_document: Option<String>,
        /// crew, equipment, who closes, detour, from the 一点一方案
        crew: Option<String>,
        /// equipment placed there
        equipment: Option<String>,
        /// who closes the road
        closure_executor: Option<String>,
        /// detour
        detour: Option<String>,
    },
    /// 下穿通道
    Underpass {
        /// alarm depth, m
        warn_depth_m: Option<f64>,
        /// closure depth, m
        close_depth_m: Option<f64>,
        /// who closes it
        closure_executor: Option<String>,
    },
    /// 地下空间
    UndergroundSpace {
        /// height of the entrance sill above the ground, m
        sill_height_m: Option<f64>,
        /// people inside at most
        people: Option<u64>,
    },
    /// 地铁口
    MetroEntrance {
        /// station
        station: Option<String>,
        /// height of the sill above the ground, m
        sill_height_m: Option<f64>,
        /// flood board at hand
        barrier: Option<bool>,
    },
    /// 泵站, 排口, 移动泵车: takes water off the surface
    Drain {
        /// rated flow, m³/s
        capacity_m3_s: Option<f64>,
        /// running | standby | fault
        state: Option<String>,
        /// grid | grid+diesel | …
        power: Option<String>,
    },
    /// 水闸
    Gate {
        /// open | shut
        state: Option<String>,
        /// river
        river: Option<String>,
    },
    /// 边坡/地灾点
    Slope {
        /// cut slope 边坡 | geohazard point 地灾点
        site: Option<String>,
        /// class 1–3 (一二三级)
        class: Option<u8>,
        /// people under it
        people_below: Option<u64>,
        /// households under it
        households_below: Option<u64>,
        /// has instruments
        monitored: Option<bool>,
        /// failed before
        past_failure: Option<bool>,
        /// angle, degrees
        slope_deg: Option<f64>,
        /// height from toe to crest, m
        height_m: Option<f64>,
        /// residual 残积土 | colluvium 坡积土 | silty_clay 粉质黏土 | fill 填土 | weathered_rock 强风化岩
        soil: Option<String>,
        /// depth to firm ground, m
        soil_depth_m: Option<f64>,
    },
    /// 危旧房
    OldHouse {
        /// C | D
        grade: Option<String>,
        /// residents
        people: Option<u64>,
        /// of them needing help
        vulnerable: Option<u64>,
        /// what a shelter must offer to them (护理 care, 无障碍 access, 动物 pets, women, men …), words separated by `;`
        needs: Option<String>,
    },
    /// 工棚
    WorkShed {
        /// workers sleeping there
        people: Option<u64>,
        /// in or beside water (涉水在建)
        in_water: Option<bool>,
        /// what a shelter must offer to them, words separated by `;`
        needs: Option<String>,
    },
    /// 重点单位
    Institution {
        /// school | hospital | care_home | scenic | …
        site: Option<String>,
        /// people
        people: Option<u64>,
        /// of them needing help
        vulnerable: Option<u64>,
        /// what a shelter must offer to them, words separated by `;`
        needs: Option<String>,
    },
    /// 避灾安置场所
    Shelter {
        /// 县级 | 乡级 | 村级 (or Ⅰ, Ⅱ, Ⅲ, 社区, 临时)
        grade: Option<String>,
        /// 规范化
        standardised: Option<bool>,
        /// beds
        capacity_people: Option<u64>,
        /// usable area, m²
        usable_area_m2: Option<f64>,
        /// open | standby | closed
        state: Option<String>,
        /// video
        video_id: Option<String>,
        /// what it offers (care, access, institution, pets, women, men …), words separated by `;`; `None` = not registered
        offers: Option<String>,
        /// of its beds, those kept for people who need care; `None` = not told apart
        care_places: Option<u64>,
        /// share of its beds kept free, 0 … 1; `None` = as the plan says
        reserve_share: Option<f64>,
    },
    /// 道路 (a line)
    Road {
        /// OpenStreetMap class or the like
        class: Option<String>,
        /// carried by a bridge
        bridge: Option<bool>,
        /// in a tunnel
        tunnel: Option<bool>,
        /// cars one way only
        one_way: Option<bool>,
    },
    /// 人口 (a block's centre or a cell)
    Population {
        /// residents
        people: Option<u64>,
        /// of them needing help
        vulnerable: Option<u64>,
        /// households
        households: Option<u64>,
    },
    /// 测站; the stages are levels in the dataset's vertical datum
    Gauge {
        /// rain | level | tide | slope, or in words
        site: Option<String>,
        /// number and unit, or a remark
        amount: Option<String>,
        /// 设防水位, m
        fortify_level_m: Option<f64>,
        /// 警戒水位, m
        warning_level_m: Option<f64>,
        /// 保证水位, m
        guaranteed_level_m: Option<f64>,
    },
    /// 队伍, with the vehicles or teams it can send to fetch people
    Force {
        /// kind of team
        site: Option<String>,
        /// size with its unit
        amount: Option<String>,
        /// how it carries people: bus | escort (helpers who lead those who cannot walk alone); `None` = it carries nobody
        carrier: Option<String>,
        /// vehicles or teams
        units: Option<u64>,
        /// persons that one of them takes at a time
        seats: Option<u64>,
    },
    /// 河道, 物资: shown and queried; no rule of their own yet
    Other {
        /// kind of station, team, store
        site: Option<String>,
        /// size, number or capacity with its unit
        amount: Option<String>,
    },
}

/// One object of a register.
#[derive(Clone, Debug, PartialEq)]
pub struct Asset {
    /// unique over all layers
    pub id: String,
    /// its layer
    pub layer: Layer,
    /// name as people know it
    pub name: String,
    /// representative point, m, dataset CRS
    pub x_m: f64,
    /// representative point, m, dataset CRS
    pub y_m: f64,
    /// line or polygon, when it is no point (m, dataset CRS)
    pub geometry: Option<geo::Geometry<f64>>,
    /// code of the smallest region (网格) that holds it
    pub region: Option<String>,
    /// real or constructed
    pub origin: Origin,
    /// what is real of the name, in the register's words (名称真实, 名称构造); `None` = as `origin` says
    pub name_origin: Option<String>,
    /// what is real of the place, in the register's words (位置真实, 位置构造); `None` = as `origin` says
    pub position_origin: Option<String>,
    /// when the record was last true
    pub data_time: Option<Instant>,
    /// the rest
    pub details: Details,
}

impl Asset {
    /// Where the record comes from, as products print it: the record's origin, then what differs for name and place, such as
    /// `构造数据（非真实）；名称真实，位置构造`.
    pub fn origin_zh(&self) -> String {
        match self.origins_of_parts() {
            parts if parts.is_empty() => self.origin.zh().to_string(),
            parts => format!("{}；{parts}", self.origin.zh()),
        }
    }

    /// What the register says of name and place, `名称真实，位置构造`; empty when it says nothing.
    pub fn origins_of_parts(&self) -> String {
        let parts = [&self.name_origin, &self.position_origin].into_iter().filter_map(Option::as_deref);
        parts.collect::<Vec<_>>().join("，")
    }
}
