//! Places on the schematic map: towns, waterlogging points, main roads. Positions are constructed; names say where they come from.

/// The eleven 镇街: code suffix, name, schematic centre, weight of density (people per built-up cell, relative), built-up share.
pub const TOWNS: &[(&str, &str, (f64, f64), f64, f64)] = &[
    ("001", "北山街道", (120.140, 30.2655), 2.0, 0.95),
    ("002", "西溪街道", (120.137, 30.2790), 4.2, 0.98),
    ("003", "灵隐街道", (120.120, 30.2360), 1.0, 0.55),
    ("004", "翠苑街道", (120.126, 30.2870), 4.2, 0.98),
    ("005", "文新街道", (120.098, 30.2890), 3.8, 0.96),
    ("006", "古荡街道", (120.106, 30.2740), 3.8, 0.96),
    ("007", "转塘街道", (120.085, 30.1680), 1.6, 0.62),
    ("008", "留下街道", (120.058, 30.2350), 1.8, 0.70),
    ("009", "蒋村街道", (120.068, 30.2880), 2.6, 0.85),
    ("010", "三墩镇", (120.085, 30.3200), 2.6, 0.86),
    ("011", "双浦镇", (120.085, 30.1150), 0.8, 0.34),
];

/// What feeds a waterlogging point.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Feed {
    /// a hollow in the hills above it: floods when the hills run off
    Hills,
    /// only its own bowl: floods when the rain beats the drains
    Rain,
    /// hardly a bowl: a point on the list that neither storm floods
    Shallow,
}

/// A waterlogging point: id, name, whether the name is real, source of the name, schematic place, feed, for hills the head of its
/// hollow, and the event on record.
pub struct PointSite {
    /// object id
    pub id: &'static str,
    /// name
    pub name: &'static str,
    /// row of the fact table that names it; empty for constructed names
    pub fact: &'static str,
    /// longitude, latitude (schematic)
    pub at: (f64, f64),
    /// what feeds it
    pub feed: Feed,
    /// head of the hollow
    pub head: Option<(f64, f64)>,
    /// deepest on record, m
    pub historic_m: Option<f64>,
    /// road | compound
    pub site: &'static str,
}

const fn rain(
    id: &'static str,
    name: &'static str,
    fact: &'static str,
    at: (f64, f64),
    historic_m: Option<f64>,
    site: &'static str,
) -> PointSite {
    PointSite { id, name, fact, at, feed: Feed::Rain, head: None, historic_m, site }
}
const fn shallow(id: &'static str, name: &'static str, fact: &'static str, at: (f64, f64)) -> PointSite {
    PointSite { id, name, fact, at, feed: Feed::Shallow, head: None, historic_m: None, site: "road" }
}
const fn hills(
    id: &'static str,
    name: &'static str,
    fact: &'static str,
    at: (f64, f64),
    head: (f64, f64),
) -> PointSite {
    PointSite { id, name, fact, at, feed: Feed::Hills, head: Some(head), historic_m: None, site: "road" }
}

/// The 18 积水点. All names stand in public reports on past waterlogging (`fact`; sources in the dataset's README); positions are constructed.
pub const POINTS: &[PointSite] = &[
    hills(
        "XH-JS-01",
        "之江路与紫之隧道交叉口",
        "台风烟花 2021-07-25/26；2021-07-30 短时强降水",
        (120.1150, 30.1765),
        (120.1080, 30.1880),
    ),
    hills("XH-JS-02", "灵龙路", "台风烟花 2021-07-25/26", (120.0695, 30.1830), (120.0715, 30.2000)),
    hills("XH-JS-03", "转塘片区道路", "台风烟花 2021-07-25/26", (120.0910, 30.1850), (120.0895, 30.1985)),
    rain("XH-JS-04", "天目山路紫金港路口以西200米", "2021-07-30 短时强降水", (120.0825, 30.2680), None, "road"),
    rain("XH-JS-05", "西溪紫荆花西口150米", "2021-07-30 短时强降水", (120.0960, 30.2710), None, "road"),
    rain("XH-JS-06", "留和路", "2021-07-30 短时强降水", (120.0480, 30.2450), None, "road"),
    rain("XH-JS-07", "翠苑四区", "2021-07-30 短时强降水", (120.1220, 30.2810), None, "compound"),
    rain("XH-JS-08", "天目山路", "2020-06-25 暴雨", (120.1080, 30.2690), None, "road"),
    rain("XH-JS-09", "留下", "2020-06-25 暴雨", (120.0500, 30.2620), None, "road"),
    rain("XH-JS-10", "莲花街264号", "2011-06-18 暴雨（水深40厘米）", (120.1040, 30.2800), Some(0.40), "road"),
    rain("XH-JS-11", "灵隐路金沙港路口", "2011-06-18 暴雨（山水汇入）", (120.1288, 30.2563), None, "road"),
    rain("XH-JS-12", "小和山留和路", "2008-06-18 暴雨", (120.0440, 30.2385), None, "road"),
    shallow("XH-JS-13", "天目山路古墩路口", "台风菲特 2013-10-07", (120.0940, 30.2880)),
    shallow("XH-JS-14", "萍水路丰潭路至莫干山路段", "台风菲特 2013-10-07", (120.0940, 30.3100)),
    rain("XH-JS-15", "天目山路花坞路口", "台风菲特 2013-10-07", (120.0680, 30.2900), None, "road"),
    rain("XH-JS-16", "之江路碧波路段", "台风菲特 2013-10-07", (120.0840, 30.1560), None, "road"),
    shallow("XH-JS-17", "象山路", "2012年市政重点监控易积水点", (120.0740, 30.1380)),
    rain("XH-JS-18", "翠苑一区", "台风菲特 2013-10", (120.1280, 30.2760), None, "compound"),
];

/// Main roads: name, whether the name is in the fact tables, class, tunnel, schematic way points.
pub const MAIN_ROADS: &[(&str, bool, &str, bool, &[(f64, f64)])] = &[
    (
        "天目山路",
        true,
        "primary",
        false,
        &[
            (120.043, 30.2560),
            (120.060, 30.2640),
            (120.0825, 30.2680),
            (120.108, 30.2690),
            (120.135, 30.2720),
            (120.156, 30.2745),
        ],
    ),
    (
        "紫金港路",
        true,
        "primary",
        false,
        &[(120.0845, 30.2660), (120.0845, 30.2850), (120.0860, 30.3050), (120.0860, 30.3400)],
    ),
    (
        "留和路",
        true,
        "secondary",
        false,
        &[(120.050, 30.2620), (120.0480, 30.2450), (120.0440, 30.2385), (120.049, 30.2290)],
    ),
    (
        "灵隐路",
        true,
        "secondary",
        false,
        &[(120.108, 30.2360), (120.118, 30.2420), (120.127, 30.2500), (120.130, 30.2570)],
    ),
    ("莲花街", true, "secondary", false, &[(120.096, 30.2780), (120.104, 30.2800), (120.111, 30.2810)]),
    (
        "之江路",
        true,
        "primary",
        false,
        &[
            (120.144, 30.2060),
            (120.135, 30.1890),
            (120.1150, 30.1765),
            (120.110, 30.1600),
            (120.112, 30.1400),
            (120.120, 30.1180),
            (120.112, 30.0960),
        ],
    ),
    (
        "灵龙路",
        true,
        "secondary",
        false,
        &[(120.0560, 30.1700), (120.0695, 30.1830), (120.0790, 30.1735), (120.0890, 30.1720)],
    ),
    ("紫之隧道", true, "trunk", true, &[(120.0840, 30.2640), (120.0930, 30.2150), (120.1160, 30.1765)]),
    (
        "示意主路01（文新—三墩）",
        false,
        "primary",
        false,
        &[(120.099, 30.2720), (120.098, 30.2900), (120.096, 30.3150), (120.094, 30.3400)],
    ),
    (
        "示意主路02（北部横向）",
        false,
        "primary",
        false,
        &[(120.048, 30.2920), (120.075, 30.2960), (120.105, 30.2930), (120.136, 30.2900)],
    ),
    (
        "示意主路03（转塘—双浦）",
        false,
        "primary",
        false,
        &[(120.1000, 30.1660), (120.0850, 30.1560), (120.0780, 30.1350), (120.0780, 30.1200), (120.0750, 30.0960)],
    ),
    (
        "示意主路04（留下—转塘山间）",
        false,
        "primary",
        false,
        &[
            (120.050, 30.2290),
            (120.066, 30.2130),
            (120.0685, 30.1900),
            (120.0695, 30.1830),
            (120.0730, 30.1690),
            (120.0850, 30.1560),
        ],
    ),
    (
        "示意主路05（环湖）",
        false,
        "secondary",
        false,
        &[
            (120.130, 30.2570),
            (120.1275, 30.2440),
            (120.131, 30.2320),
            (120.140, 30.2255),
            (120.152, 30.2255),
            (120.1605, 30.2400),
            (120.1590, 30.2570),
            (120.146, 30.2625),
        ],
    ),
    (
        "示意主路06（湖南—之江）",
        false,
        "secondary",
        false,
        &[(120.140, 30.2255), (120.1420, 30.2060), (120.135, 30.1890)],
    ),
    (
        "示意主路07（三墩横向）",
        false,
        "secondary",
        false,
        &[(120.050, 30.3130), (120.080, 30.3180), (120.116, 30.3120)],
    ),
    (
        "示意主路08（蒋村纵向）",
        false,
        "secondary",
        false,
        &[(120.068, 30.2830), (120.070, 30.3100), (120.072, 30.3420)],
    ),
];
