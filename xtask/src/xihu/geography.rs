//! The schematic geography of the district. **Nothing here is surveyed or traced**: positions are laid by hand from what any
//! general description of Hangzhou says (lake in the east, hills round it, wetland and plain in the north, river in the south),
//! coordinates are longitude and latitude to about a kilometre, and every product marks them 示意.

use super::geodesy::gauss_krueger;
use super::geometry::{Point, rounded};

/// Crests with name, height above the 1985 datum (m) and half-width of the flank (m). Named summits carry the height that is
/// commonly printed for them; the others are constructed.
pub const RIDGES: &[(&[(f64, f64, f64)], f64)] = &[
    // 北高峰 314 m, 天竺山 412 m, 五云山 344 m
    (
        &[(120.119, 30.2560, 90.0), (120.110, 30.2500, 215.0), (120.103, 30.2430, 314.0), (120.095, 30.2340, 262.0)],
        900.0,
    ),
    (
        &[(120.095, 30.2340, 262.0), (120.089, 30.2230, 318.0), (120.086, 30.2120, 412.0), (120.096, 30.2000, 318.0)],
        1050.0,
    ),
    (
        &[(120.096, 30.2000, 318.0), (120.103, 30.1900, 344.0), (120.112, 30.1830, 160.0), (120.117, 30.1800, 60.0)],
        800.0,
    ),
    // south of the lake: 南高峰 257 m, 玉皇山 239 m
    (
        &[
            (120.091, 30.2220, 300.0),
            (120.112, 30.2180, 262.0),
            (120.124, 30.2200, 257.0),
            (120.136, 30.2180, 160.0),
            (120.146, 30.2130, 239.0),
        ],
        700.0,
    ),
    // north shore of the lake: 宝石山 78 m, 葛岭 125 m
    (&[(120.124, 30.2600, 60.0), (120.133, 30.2620, 125.0), (120.143, 30.2640, 78.0)], 330.0),
    // west
    (
        &[
            (120.056, 30.2270, 120.0),
            (120.048, 30.2160, 230.0),
            (120.038, 30.2020, 300.0),
            (120.030, 30.1850, 420.0),
            (120.035, 30.1700, 495.0),
        ],
        850.0,
    ),
    (&[(120.035, 30.1700, 495.0), (120.042, 30.1580, 250.0), (120.037, 30.1400, 150.0)], 700.0),
    (
        &[(120.086, 30.2120, 412.0), (120.070, 30.2060, 250.0), (120.053, 30.2020, 270.0), (120.038, 30.2020, 300.0)],
        800.0,
    ),
    (&[(120.077, 30.2030, 240.0), (120.080, 30.1900, 190.0), (120.085, 30.1790, 120.0)], 760.0),
    (&[(120.066, 30.2030, 250.0), (120.061, 30.1890, 200.0), (120.058, 30.1790, 130.0)], 700.0),
    (&[(120.072, 30.1150, 85.0), (120.077, 30.1130, 60.0)], 320.0),
];

/// A canal or stream: id, name, name origin, level (m), half-width (m), line.
pub struct Canal {
    /// object id
    pub id: &'static str,
    /// name
    pub name: &'static str,
    /// whether the name is real
    pub name_origin: &'static str,
    /// held level, m
    pub level_m: f64,
    /// half of the width, m
    pub half_m: f64,
    /// longitude, latitude
    pub line: &'static [(f64, f64)],
}

const fn canal(id: &'static str, name: &'static str, real: bool, level_m: f64, line: &'static [(f64, f64)]) -> Canal {
    Canal { id, name, name_origin: if real { "名称真实" } else { "名称构造" }, level_m, half_m: 26.0, line }
}

/// Held level of the northern canals, m (constructed).
pub const NORTH_M: f64 = 3.0;
/// Held level of the southern canals, m (constructed).
pub const SOUTH_M: f64 = 4.2;
/// West Lake, normal level, m (7.2 m is the published one).
pub const LAKE_M: f64 = 7.2;
/// The river reach, m (constructed).
pub const RIVER_M: f64 = 4.8;

/// Canals. Names come from the fact tables where marked real; all positions are constructed.
pub const CANALS: &[Canal] = &[
    canal(
        "XH-HD-03",
        "示意河道N1（北部东西向）",
        false,
        NORTH_M,
        &[(120.044, 30.296), (120.070, 30.302), (120.100, 30.299), (120.140, 30.295)],
    ),
    canal(
        "XH-HD-04",
        "示意河道N2（山前截洪河）",
        false,
        NORTH_M,
        &[
            (120.045, 30.253),
            (120.058, 30.2585),
            (120.074, 30.2600),
            (120.088, 30.2615),
            (120.104, 30.2635),
            (120.116, 30.2665),
            (120.130, 30.2685),
            (120.146, 30.2760),
            (120.1455, 30.2830),
        ],
    ),
    canal(
        "XH-HD-05",
        "示意河道N3（南北向）",
        false,
        NORTH_M,
        &[(120.088, 30.2615), (120.0865, 30.282), (120.083, 30.300), (120.082, 30.325), (120.085, 30.345)],
    ),
    canal(
        "XH-HD-06",
        "示意河道N4（南北向）",
        false,
        NORTH_M,
        &[(120.116, 30.2665), (120.1125, 30.284), (120.114, 30.298), (120.110, 30.318), (120.104, 30.343)],
    ),
    canal(
        "XH-HD-07",
        "示意河道N5（东西向）",
        false,
        NORTH_M,
        &[(120.050, 30.320), (120.082, 30.325), (120.110, 30.318)],
    ),
    canal(
        "XH-HD-08",
        "示意河道N6（西部南北向）",
        false,
        NORTH_M,
        &[(120.058, 30.2585), (120.054, 30.280), (120.060, 30.300), (120.062, 30.322), (120.065, 30.347)],
    ),
    canal(
        "XH-HD-09",
        "示意河道N7（留下山谷）",
        false,
        NORTH_M,
        &[(120.058, 30.2585), (120.0535, 30.246), (120.0545, 30.238)],
    ),
    canal(
        "XH-HD-10",
        "示意河道S1（上泗山前）",
        false,
        SOUTH_M,
        &[(120.066, 30.1630), (120.056, 30.150), (120.053, 30.130), (120.056, 30.106), (120.088, 30.100)],
    ),
    canal(
        "XH-HD-11",
        "象山浦",
        true,
        SOUTH_M,
        &[(120.056, 30.150), (120.075, 30.1480), (120.095, 30.1455), (120.108, 30.1470)],
    ),
    canal("XH-HD-12", "新淀山浦", true, SOUTH_M, &[(120.053, 30.130), (120.090, 30.127), (120.114, 30.126)]),
    canal(
        "XH-HD-13",
        "示意河道S2（上泗南北向）",
        false,
        SOUTH_M,
        &[(120.098, 30.1650), (120.0945, 30.1455), (120.090, 30.127), (120.088, 30.100)],
    ),
    canal(
        "XH-HD-14",
        "进龙河",
        true,
        SOUTH_M,
        &[(120.098, 30.1650), (120.112, 30.1690), (120.1235, 30.1820), (120.132, 30.1920)],
    ),
];

/// Outline of the district, schematic.
const OUTLINE: &[(f64, f64)] = &[
    (120.161, 30.229),
    (120.153, 30.206),
    (120.150, 30.193),
    (120.134, 30.172),
    (120.124, 30.150),
    (120.128, 30.126),
    (120.140, 30.108),
    (120.128, 30.088),
    (120.095, 30.081),
    (120.060, 30.083),
    (120.032, 30.098),
    (120.036, 30.125),
    (120.026, 30.150),
    (120.021, 30.178),
    (120.029, 30.205),
    (120.024, 30.232),
    (120.034, 30.256),
    (120.037, 30.285),
    (120.045, 30.312),
    (120.040, 30.335),
    (120.062, 30.350),
    (120.095, 30.347),
    (120.119, 30.337),
    (120.123, 30.312),
    (120.141, 30.299),
    (120.148, 30.284),
    (120.162, 30.273),
    (120.167, 30.250),
];
const LAKE: &[(f64, f64)] = &[
    (120.1335, 30.2555),
    (120.1450, 30.2590),
    (120.1560, 30.2550),
    (120.1575, 30.2410),
    (120.1500, 30.2300),
    (120.1400, 30.2290),
    (120.1330, 30.2350),
    (120.1300, 30.2455),
];
const RIVER: &[(f64, f64)] = &[
    (120.1525, 30.1985),
    (120.1500, 30.1930),
    (120.1340, 30.1720),
    (120.1240, 30.1500),
    (120.1280, 30.1260),
    (120.1400, 30.1080),
    (120.1280, 30.0880),
    (120.0950, 30.0810),
    (120.0600, 30.0830),
    (120.0320, 30.0930),
];
/// Wetland lakes: id, name, level, centre, half axes (m).
pub const PONDS: &[(&str, &str, f64, (f64, f64), f64, f64)] = &[
    ("XH-HD-15", "西溪湿地水面1（示意）", NORTH_M, (120.0640, 30.2690), 330.0, 210.0),
    ("XH-HD-16", "西溪湿地水面2（示意）", NORTH_M, (120.0720, 30.2740), 300.0, 240.0),
    ("XH-HD-17", "西溪湿地水面3（示意）", NORTH_M, (120.0630, 30.2790), 260.0, 260.0),
    ("XH-HD-18", "西溪湿地水面4（示意）", NORTH_M, (120.0720, 30.2665), 250.0, 160.0),
    ("XH-HD-19", "铜鉴湖（位置示意）", SOUTH_M, (120.0610, 30.1225), 560.0, 330.0),
];
/// Centre and radius (m) of the wetland that stays unbuilt.
pub const WETLAND: ((f64, f64), f64) = ((120.0670, 30.2725), 1500.0);

fn plane(list: &[(f64, f64)]) -> Vec<Point> {
    list.iter().map(|&(lon, lat)| gauss_krueger(lon, lat)).collect()
}

/// A body of water whose level is held in the scenarios.
pub struct Water {
    /// object id
    pub id: String,
    /// file stem of the stage polygon
    pub stem: String,
    /// name
    pub name: String,
    /// 名称真实 | 名称构造
    pub name_origin: String,
    /// river | lake | canal | wetland
    pub kind: &'static str,
    /// held level, m
    pub level_m: f64,
    /// centre line and half-width, or a ring with half-width 0
    pub line: Vec<Point>,
    /// m
    pub half_m: f64,
}

impl Water {
    /// Distance to the bank, negative in the water, m.
    pub fn distance(&self, p: Point) -> f64 {
        if self.half_m > 0.0 {
            super::geometry::to_line(p, &self.line) - self.half_m
        } else {
            super::geometry::to_ring(p, &self.line)
        }
    }
}

/// The shapes in EPSG:4549, m.
pub struct Geography {
    /// outline ring
    pub outline: Vec<Point>,
    /// waters: 0 = river, 1 = lake, then canals and ponds
    pub waters: Vec<Water>,
    /// ridge vertices (x, y, height) and flank half-width
    pub ridges: Vec<(Vec<(f64, f64, f64)>, f64)>,
}

impl Geography {
    /// Lays everything out.
    pub fn new() -> Self {
        let real = "名称真实".to_string();
        let mut waters = vec![
            Water {
                id: "XH-HD-01".into(),
                stem: "river".into(),
                name: "钱塘江（示意河段）".into(),
                name_origin: real.clone(),
                kind: "river",
                level_m: RIVER_M,
                line: plane(RIVER),
                half_m: 430.0,
            },
            Water {
                id: "XH-HD-02".into(),
                stem: "westlake".into(),
                name: "西湖（示意湖面）".into(),
                name_origin: real.clone(),
                kind: "lake",
                level_m: LAKE_M,
                line: rounded(&plane(LAKE), 2),
                half_m: 0.0,
            },
        ];
        for c in CANALS {
            waters.push(Water {
                id: c.id.into(),
                stem: c.id.to_lowercase(),
                name: c.name.into(),
                name_origin: c.name_origin.into(),
                kind: "canal",
                level_m: c.level_m,
                line: plane(c.line),
                half_m: c.half_m,
            });
        }
        for &(id, name, level_m, (lon, lat), a, b) in PONDS {
            let (x, y) = gauss_krueger(lon, lat);
            let line = (0..24)
                .map(|k| {
                    let t = f64::from(k) * std::f64::consts::PI / 12.0;
                    (x + a * libm::cos(t), y + b * libm::sin(t))
                })
                .collect();
            waters.push(Water {
                id: id.into(),
                stem: id.to_lowercase(),
                name: name.into(),
                name_origin: real.clone(),
                kind: "wetland",
                level_m,
                line,
                half_m: 0.0,
            });
        }
        let ridges = RIDGES
            .iter()
            .map(|(line, w)| {
                let l = line
                    .iter()
                    .map(|&(lon, lat, h)| {
                        let (x, y) = gauss_krueger(lon, lat);
                        (x, y, h)
                    })
                    .collect();
                (l, *w)
            })
            .collect();
        Self { outline: rounded(&plane(OUTLINE), 2), waters, ridges }
    }
}
