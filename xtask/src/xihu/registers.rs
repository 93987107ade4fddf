//! The registers of places that get wet and of what takes water away.

use super::geometry::{Point, tenth};
use super::places::{Feed, POINTS};
use super::random::Random;
use super::sheet::{Sheet, t, xy};
use super::sites::{District, Object};

/// When the constructed records are said to be true: before both storms.
pub const DATA_TIME: &str = "2021-07-20T08:00:00+08:00";
const COMMON: &str = "id,name,x,y,region,origin,data_time";
const MARKS: &str = "name_origin,position_origin";

/// Sheets and the objects in them.
#[derive(Default)]
pub struct Registers {
    /// tables
    pub sheets: Vec<Sheet>,
    /// every object with an id
    pub objects: Vec<Object>,
}

/// Collects one layer.
pub struct Layer {
    sheet: Sheet,
    layer: &'static str,
    objects: Vec<Object>,
    /// places taken so far
    pub taken: Vec<Point>,
}

impl Layer {
    /// A layer with its own columns.
    pub fn new(layer: &'static str, path: &'static str, columns: &str) -> Self {
        Self {
            sheet: Sheet::new(path, &format!("{COMMON},{columns},{MARKS}")),
            layer,
            objects: Vec::new(),
            taken: Vec::new(),
        }
    }
    /// Adds an object; `people` = (people, vulnerable, households) where registered.
    pub fn add(
        &mut self,
        d: &District<'_>,
        id: String,
        name: &str,
        at: Point,
        own: Vec<String>,
        people: (u64, u64, u64),
        real_name: bool,
    ) {
        let region = d.grid(at).map(|g| g.code.clone()).unwrap_or_default();
        let mut row =
            vec![id.clone(), name.into(), xy(at.0), xy(at.1), region.clone(), "synthetic".into(), DATA_TIME.into()];
        row.extend(own);
        row.push(if real_name { "名称真实" } else { "名称构造" }.into());
        row.push("位置构造".into());
        self.sheet.push(row);
        self.objects.push(Object {
            id,
            layer: self.layer,
            region,
            people: people.0,
            vulnerable: people.1,
            households: people.2,
        });
        self.taken.push(at);
    }
    /// Hands the layer over.
    pub fn done(self, into: &mut Registers) {
        into.sheets.push(self.sheet);
        into.objects.extend(self.objects);
    }
}

/// The town's short name at a place.
pub fn town(d: &District<'_>, at: Point) -> &'static str {
    d.grid(at).map_or("西湖区", |g| super::places::TOWNS[g.town].1)
}

fn points(d: &District<'_>, into: &mut Registers) {
    let mut l = Layer::new(
        "waterlogging_points",
        "waterlogging_points.csv",
        "site,warn_depth_m,close_depth_m,historic_max_depth_m,historic_event,plan_document,crew,equipment,closure_executor,detour,feed",
    );
    for (i, s) in POINTS.iter().enumerate() {
        let at = (tenth(d.relief.points[i].0), tenth(d.relief.points[i].1));
        let place = town(d, at);
        let own = vec![
            t(s.site),
            t("0.15"),
            t("0.27"),
            s.historic_m.map(|v| format!("{v:.2}")).unwrap_or_default(),
            t(s.fact),
            format!("一点一方案〔示意〕{:02}号", i + 1),
            format!("{place}排水值守组{}人（构造）", 4 + i % 3 * 2),
            format!("移动泵{}台、警示牌{}块、沙袋{}只（构造）", 1 + i % 2, 4 + i % 4, 60 + i % 5 * 20),
            t(if s.site == "road" { "交警（构造）" } else { "社区与物业（构造）" }),
            format!("经相邻平行道路绕行，由{place}现场引导（构造）"),
            t(if s.feed == Feed::Hills { "山水汇入（构造）" } else { "路面积水（构造）" }),
        ];
        l.add(d, s.id.into(), s.name, at, own, (0, 0, 0), !s.fact.is_empty());
    }
    l.done(into);

    let mut l = Layer::new("underpasses", "underpasses.csv", "warn_depth_m,close_depth_m,closure_executor");
    for (i, &at) in d.relief.underpasses.iter().enumerate() {
        let own = vec![t("0.15"), t("0.25"), t("交警（构造）")];
        l.add(
            d,
            format!("XH-XC-{:02}", i + 1),
            &format!("示意下穿通道{:02}", i + 1),
            (tenth(at.0), tenth(at.1)),
            own,
            (0, 0, 0),
            false,
        );
    }
    l.done(into);
}

fn underground(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("underground");
    let plain = |d: &District<'_>, p: Point| d.hill(p) < 1.0 && d.bank(p) > 90.0 && d.class(p) == super::cover::BUILT;
    let mut l = Layer::new("metro_entrances", "metro_entrances.csv", "station,sill_height_m,barrier");
    let mut stations: Vec<Point> = Vec::new();
    for s in 0..15 {
        let Some(at) = d.near_people(&mut random, 900.0, &stations, 60.0, |d, p| {
            plain(d, p) && d.dip(p) > 110.0 && d.edge(p) > 120.0
        }) else {
            break;
        };
        stations.push(at);
        for (e, (dx, dy)) in [(62.0, 38.0), (-62.0, 38.0), (-62.0, -38.0), (62.0, -38.0)].into_iter().enumerate() {
            let p = (tenth(at.0 + dx), tenth(at.1 + dy));
            let sill = 0.15 + 0.15 * (random.whole(0, 3) as f64);
            let letter = ["A", "B", "C", "D"][e];
            let own = vec![format!("示意站{:02}", s + 1), format!("{sill:.2}"), t(random.chance(0.85))];
            l.add(
                d,
                format!("XH-DT-{:02}{letter}", s + 1),
                &format!("示意站{:02}{letter}口", s + 1),
                p,
                own,
                (0, 0, 0),
                false,
            );
        }
    }
    l.done(into);

    let mut l = Layer::new("underground_spaces", "underground_spaces.csv", "sill_height_m,people");
    for i in 0..30 {
        let low = i % 6 == 5;
        let Some(at) = d.near_people(&mut random, 250.0, &l.taken.clone(), 120.0, |d, p| {
            plain(d, p) && if low { d.dip(p) < 150.0 } else { d.dip(p) > 160.0 }
        }) else {
            break;
        };
        let kind = ["地下车库", "地下商业", "地下通道"][i % 3];
        let own = vec![format!("{:.2}", 0.10 + 0.05 * random.whole(0, 5) as f64), t(random.whole(20, 900))];
        l.add(d, format!("XH-DX-{:02}", i + 1), &format!("示意{kind}{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
}

fn works(d: &District<'_>, into: &mut Registers) {
    let mut random = Random::named("works");
    let beside = |d: &District<'_>, p: Point| (55.0..100.0).contains(&d.bank(p)) && d.hill(p) < 2.0;
    let mut l = Layer::new("pumps", "pumps.csv", "capacity_m3_s,state,power,river");
    for i in 0..25 {
        let Some(at) = d.near_people(&mut random, 350.0, &l.taken.clone(), 400.0, beside) else { break };
        let own = vec![
            format!("{:.1}", [0.3, 0.5, 0.8, 1.2, 2.0][random.whole(0, 4) as usize]),
            t(if i % 12 == 11 { "fault" } else { "running" }),
            t(if i % 3 == 0 { "grid+diesel" } else { "grid" }),
            t("内河（示意）"),
        ];
        l.add(d, format!("XH-BZ-{:02}", i + 1), &format!("示意泵站{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);

    let mut l = Layer::new("gates", "gates.csv", "state,river");
    for i in 0..15 {
        let Some(at) = d.anywhere(&mut random, 900.0, &l.taken.clone(), |d, p| {
            (20.0..60.0).contains(&d.bank(p)) && d.hill(p) < 2.0
        }) else {
            break;
        };
        let (name, real) = if i == 0 {
            ("龙心闸（一闸控两河）".to_string(), true)
        } else {
            (format!("示意水闸{:02}", i + 1), false)
        };
        let river = if i == 0 { "象山浦、新淀山浦" } else { "示意河道" };
        l.add(
            d,
            format!("XH-SZ-{:02}", i + 1),
            &name,
            at,
            vec![t(if i % 4 == 3 { "shut" } else { "open" }), t(river)],
            (0, 0, 0),
            real,
        );
    }
    l.done(into);

    let mut l = Layer::new("outfalls", "outfalls.csv", "capacity_m3_s,state,power,river");
    for i in 0..60 {
        let Some(at) = d.near_people(&mut random, 260.0, &l.taken.clone(), 400.0, |d, p| {
            (42.0..75.0).contains(&d.bank(p)) && d.hill(p) < 2.0
        }) else {
            break;
        };
        let own = vec![
            format!("{:.2}", [0.15, 0.25, 0.4][random.whole(0, 2) as usize]),
            t("running"),
            t("gravity"),
            t("示意河道"),
        ];
        l.add(d, format!("XH-PK-{:02}", i + 1), &format!("示意排口{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);

    let mut l = Layer::new("mobile_pumps", "mobile_pumps.csv", "capacity_m3_s,state,power");
    for i in 0..8 {
        let Some(at) = d.near_people(&mut random, 1500.0, &l.taken.clone(), 100.0, |d, p| {
            d.dip(p) > 260.0 && d.bank(p) > 120.0 && d.hill(p) < 1.0
        }) else {
            break;
        };
        let own = vec![format!("{:.2}", if i < 3 { 0.83 } else { 0.28 }), t("standby"), t("diesel")];
        l.add(d, format!("XH-BC-{:02}", i + 1), &format!("示意移动泵车{:02}", i + 1), at, own, (0, 0, 0), false);
    }
    l.done(into);
}

/// Rain stations of the scenarios and other gauges: id, name, longitude, latitude, site, name is real.
pub const GAUGES: &[(&str, &str, (f64, f64), &str, bool)] = &[
    ("XH-YL-01", "杭州站（58457，位置示意）", (120.1630, 30.2450), "雨量站", true),
    ("XH-YL-02", "西湖街道北高峰（位置示意）", (120.1030, 30.2430), "雨量站", true),
    ("XH-YL-03", "示意雨量站留下", (120.0560, 30.2450), "雨量站", false),
    ("XH-YL-04", "示意雨量站古荡", (120.1060, 30.2750), "雨量站", false),
    ("XH-YL-05", "示意雨量站三墩", (120.0850, 30.3220), "雨量站", false),
    ("XH-YL-06", "示意雨量站蒋村", (120.0680, 30.2880), "雨量站", false),
    ("XH-YL-07", "示意雨量站转塘", (120.0800, 30.1680), "雨量站", false),
    ("XH-YL-08", "示意雨量站双浦", (120.0850, 30.1150), "雨量站", false),
    ("XH-SW-01", "示意水位站西湖", (120.1320, 30.2480), "水位站", false),
    ("XH-SW-02", "示意水位站北部河网", (120.0840, 30.2990), "水位站", false),
    ("XH-SW-03", "示意水位站上泗河网", (120.0930, 30.1480), "水位站", false),
    ("XH-SW-04", "示意水位站留下山谷", (120.0545, 30.2480), "水位站", false),
    ("XH-SW-05", "示意水位站铜鉴湖", (120.0640, 30.1240), "水位站", false),
    ("XH-SW-06", "示意水位站进龙河", (120.1235, 30.1825), "水位站", false),
    ("XH-CW-01", "示意潮位站钱塘江", (120.1190, 30.1400), "潮位站", false),
    ("XH-BC-S1", "示意边坡监测01", (120.0900, 30.1800), "边坡监测", false),
    ("XH-BC-S2", "示意边坡监测02", (120.0500, 30.2200), "边坡监测", false),
    ("XH-BC-S3", "示意边坡监测03", (120.1180, 30.2280), "边坡监测", false),
    ("XH-BC-S4", "示意边坡监测04", (120.0620, 30.1840), "边坡监测", false),
    ("XH-BC-S5", "示意边坡监测05", (120.1100, 30.2520), "边坡监测", false),
];

fn gauges(d: &District<'_>, into: &mut Registers) {
    let mut l = Layer::new("gauges", "gauges.csv", "site,amount");
    for &(id, name, (lon, lat), site, real) in GAUGES {
        let p = super::geodesy::gauss_krueger(lon, lat);
        l.add(d, id.into(), name, (tenth(p.0), tenth(p.1)), vec![t(site), t("1 座")], (0, 0, 0), real);
    }
    l.done(into);
}

/// Builds the first half of the registers.
pub fn build(d: &District<'_>, into: &mut Registers) {
    points(d, into);
    underground(d, into);
    works(d, into);
    gauges(d, into);
}
