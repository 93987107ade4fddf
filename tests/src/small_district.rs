//! A small constructed district, written file by file: 1.2 km × 1.2 km in cells of 20 m on a slope that falls to the west, with a
//! bowl that fills with water, two towns of two grids, roads, shelters, slopes, people and (fictitious) responsible persons.
//!
//! Everything in it is constructed. Tests spoil one file of it and look at what the program says.

use std::fmt::Write;
use std::path::{Path, PathBuf};

/// South-west corner, m, EPSG:4549.
pub const CORNER: (f64, f64) = (510_000.0, 3_345_000.0);
/// Cells on a side.
pub const CELLS: usize = 60;
/// Cell, m.
pub const CELL_M: f64 = 20.0;
/// Middle of the bowl, m from the corner.
pub const BOWL: (f64, f64) = (500.0, 600.0);
/// Names and telephone numbers of the protected register; none may ever be printed.
pub const PERSONS: [(&str, &str, &str); 4] = [
    ("P-1", "欧阳演示甲", "000-7301-0001"),
    ("P-2", "司徒演示乙", "000-7301-0002"),
    ("P-3", "上官演示丙", "000-7301-0003"),
    ("P-4", "诸葛演示丁", "000-7301-0004"),
];

/// The district in a temporary folder: `data/` (dataset) and `scenarios/storm/`.
pub struct SmallDistrict {
    folder: tempfile::TempDir,
}

impl Default for SmallDistrict {
    fn default() -> Self {
        Self::new()
    }
}

impl SmallDistrict {
    /// Writes the district.
    pub fn new() -> Self {
        let district = Self { folder: crate::temporary() };
        for sub in ["data/protected", "scenarios/storm"] {
            std::fs::create_dir_all(district.folder.path().join(sub)).unwrap();
        }
        let put = |name: &str, text: String| district.put(name, text.as_bytes());
        put("data/dataset.toml", dataset());
        put("data/dem.asc", elevation());
        put("data/outline.geojson", outlines(&[("D", rectangle(0.0, 0.0, 1200.0, 1200.0))]));
        put("data/regions.csv", regions());
        put("data/regions.geojson", region_outlines());
        put("data/roads.geojson", roads());
        for (name, text) in tables() {
            put(&format!("data/{name}.csv"), text);
        }
        put("data/protected/contacts.csv", contacts());
        put("data/protected/households.csv", households());
        let plan = std::fs::read(crate::repository().join("gis-data/xihu/plan.toml")).unwrap();
        district.put("data/plan.toml", &plan);
        put("scenarios/storm/scenario.toml", scenario());
        put("scenarios/storm/rain.csv", "time_s,mm_h\n0,20\n1800,90\n5400,0\n".into());
        district
    }
    /// Its folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }
    /// A path below its folder.
    pub fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
    /// A path below its folder, as an argument.
    pub fn argument(&self, name: &str) -> String {
        self.at(name).to_str().unwrap().to_string()
    }
    /// The scenario, as an argument.
    pub fn scenario(&self) -> String {
        self.argument("scenarios/storm")
    }
    /// Writes a file.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.at(name), bytes).unwrap();
    }
    /// Text of a file.
    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap()
    }
    /// Replaces a text that must stand in the file.
    pub fn replace(&self, name: &str, old: &str, new: &str) {
        let text = self.text(name);
        assert!(text.contains(old), "'{old}' does not stand in {name}");
        self.put(name, text.replace(old, new).as_bytes());
    }
    /// Adds lines to a file.
    pub fn append(&self, name: &str, lines: &str) {
        self.put(name, (self.text(name) + lines).as_bytes());
    }
}

fn dataset() -> String {
    let mut text = String::from(
        r#"format = 1
id = "small"
name = { zh = "测试小区（构造）", en = "Small test district (constructed)" }
crs = "EPSG:4549"
vertical_datum = "1985国家高程基准"
plan = "plan.toml"
origin = "synthetic"

[[source]]
layer = "terrain"
title = "测试用构造数据"
licence = "CC0-1.0"
origin = "synthetic"
data_time = 2021-07-01T08:00:00+08:00

[terrain]
elevation = "dem.asc"
crs = "EPSG:4549"
roughness = 0.04
outline = "outline.geojson"

[layers.regions]
path = "regions.csv"
outlines = "regions.geojson"

[layers.roads]
path = "roads.geojson"

[layers.households]
path = "protected/households.csv"

[layers.contacts]
path = "protected/contacts.csv"

[layers.responsibility]
path = "responsibility.csv"
"#,
    );
    for (name, _) in tables() {
        if name != "responsibility" {
            writeln!(text, "\n[layers.{name}]\npath = \"{name}.csv\"\ncrs = \"EPSG:4549\"").unwrap();
        }
    }
    text
}

fn scenario() -> String {
    r#"format = 1
id = "small-storm"
title = { zh = "测试暴雨", en = "Test storm" }
kind = "replay"
dataset = "../../data"
start = 2021-07-30T14:00:00+08:00
duration_s = 7200

[grid]
cell_m = 20.0

[[rain]]
kind = "uniform"
series = "rain.csv"

[losses]
drain_capacity_mm_h = 10.0

[[boundary]]
kind = "free"
id = "west"
where = { edge = "west" }

[output]
interval_s = 600
snapshots_s = [3600]
"#
    .into()
}

/// Bed, m: falls 4 ‰ to the west, with a bowl 1.6 m deep.
fn elevation() -> String {
    let mut text = format!(
        "ncols {CELLS}\nnrows {CELLS}\nxllcorner {}\nyllcorner {}\ncellsize {CELL_M}\nNODATA_value -9999\n",
        CORNER.0, CORNER.1
    );
    for row in 0..CELLS {
        let y = (CELLS - 1 - row) as f64 * CELL_M + CELL_M / 2.0;
        let values: Vec<String> = (0..CELLS)
            .map(|column| {
                let x = column as f64 * CELL_M + CELL_M / 2.0;
                let from_middle = ((x - BOWL.0).powi(2) + (y - BOWL.1).powi(2)).sqrt();
                format!("{:.3}", 10.0 + 0.004 * x - (1.6 * (1.0 - from_middle / 160.0)).max(0.0))
            })
            .collect();
        writeln!(text, "{}", values.join(" ")).unwrap();
    }
    text
}

fn rectangle(x0: f64, y0: f64, x1: f64, y1: f64) -> String {
    let at = |x: f64, y: f64| format!("[{},{}]", CORNER.0 + x, CORNER.1 + y);
    format!("[[{},{},{},{},{}]]", at(x0, y0), at(x1, y0), at(x1, y1), at(x0, y1), at(x0, y0))
}

fn outlines(areas: &[(&str, String)]) -> String {
    let features: Vec<String> = areas
        .iter()
        .map(|(code, ring)| {
            format!(
                r#"{{"type":"Feature","properties":{{"code":"{code}"}},"geometry":{{"type":"Polygon","coordinates":{ring}}}}}"#
            )
        })
        .collect();
    collection(&features)
}

fn collection(features: &[String]) -> String {
    format!(
        r#"{{"type":"FeatureCollection","crs":{{"type":"name","properties":{{"name":"urn:ogc:def:crs:EPSG::4549"}}}},"features":[{}]}}"#,
        features.join(",\n")
    )
}

fn regions() -> String {
    "code,parent,level,name,population\nD,,district,测试小区,1200\nT1,D,town,南镇,600\nT2,D,town,北镇,600\n\
     G11,T1,grid,南镇一格,300\nG12,T1,grid,南镇二格,300\nG21,T2,grid,北镇一格,300\nG22,T2,grid,北镇二格,300\n"
        .into()
}

fn region_outlines() -> String {
    outlines(&[
        ("D", rectangle(0.0, 0.0, 1200.0, 1200.0)),
        ("T1", rectangle(0.0, 0.0, 1200.0, 600.0)),
        ("T2", rectangle(0.0, 600.0, 1200.0, 1200.0)),
        ("G11", rectangle(0.0, 0.0, 600.0, 600.0)),
        ("G12", rectangle(600.0, 0.0, 1200.0, 600.0)),
        ("G21", rectangle(0.0, 600.0, 600.0, 1200.0)),
        ("G22", rectangle(600.0, 600.0, 1200.0, 1200.0)),
    ])
}

/// A street every 200 m in both directions, cut at the crossings.
fn roads() -> String {
    let mut features = Vec::new();
    let mut add = |from: (f64, f64), to: (f64, f64)| {
        let k = features.len() + 1;
        features.push(format!(
            r#"{{"type":"Feature","properties":{{"id":"DL-{k:03}","name":"测试路{k:03}","class":"residential"}},"geometry":{{"type":"LineString","coordinates":[[{},{}],[{},{}]]}}}}"#,
            CORNER.0 + from.0, CORNER.1 + from.1, CORNER.0 + to.0, CORNER.1 + to.1
        ));
    };
    for line in 0..6 {
        let across = 100.0 + 200.0 * f64::from(line);
        for step in 0..5 {
            let (a, b) = (100.0 + 200.0 * f64::from(step), 300.0 + 200.0 * f64::from(step));
            add((a, across), (b, across));
            add((across, a), (across, b));
        }
    }
    collection(&features)
}

/// `id,name,x,y,` of an object at metres from the corner.
pub fn placed(id: &str, name: &str, x: f64, y: f64) -> String {
    format!("{id},{name},{},{}", CORNER.0 + x, CORNER.1 + y)
}

fn tables() -> Vec<(&'static str, String)> {
    let (bx, by) = BOWL;
    let table = |heads: &str, rows: &[(&str, &str, f64, f64, &str)]| {
        let mut text = format!("id,name,x,y,{heads}\n");
        for (id, name, x, y, rest) in rows {
            writeln!(text, "{},{rest}", placed(id, name, *x, *y)).unwrap();
        }
        text
    };
    vec![
        (
            "waterlogging_points",
            table(
                "warn_depth_m,close_depth_m,crew,equipment,closure_executor",
                &[
                    ("JS-1", "碗底路口", bx, by, "0.15,0.27,南镇值守组（构造）,移动泵1台（构造）,交警（构造）"),
                    ("JS-2", "坡上路口", 900.0, 900.0, "0.15,0.27,北镇值守组（构造）,移动泵1台（构造）,交警（构造）"),
                ],
            ),
        ),
        (
            "underpasses",
            table(
                "warn_depth_m,close_depth_m,closure_executor",
                &[("XC-1", "碗边下穿通道", 500.0, 640.0, "0.15,0.25,交警（构造）")],
            ),
        ),
        (
            "metro_entrances",
            table("station,sill_height_m,barrier", &[("DT-1", "测试站A口", 540.0, 600.0, "测试站,0.30,false")]),
        ),
        (
            "shelters",
            table(
                "grade,standardised,capacity_people,usable_area_m2,state",
                &[
                    ("BN-1", "南坡小学", 900.0, 300.0, "乡级,true,120,400,standby"),
                    ("BN-2", "北坡中学", 900.0, 860.0, "县级,true,200,900,standby"),
                    ("BN-3", "碗底礼堂", 510.0, 590.0, "村级,false,500,600,standby"),
                ],
            ),
        ),
        (
            "population",
            table(
                "people,vulnerable,households",
                &[
                    ("RK-1", "碗底居住片区", 480.0, 580.0, "150,12,50"),
                    ("RK-2", "碗边居住片区", 520.0, 640.0, "90,6,30"),
                    ("RK-3", "南坡居住片区", 950.0, 250.0, "400,20,140"),
                    ("RK-4", "北坡居住片区", 950.0, 950.0, "500,25,170"),
                ],
            ),
        ),
        (
            "slopes",
            table(
                "site,class,people_below,households_below,monitored,past_failure",
                &[("BP-1", "东侧边坡", 1100.0, 500.0, "边坡,1,9,3,false,true")],
            ),
        ),
        ("old_houses", table("grade,people,vulnerable", &[("WF-1", "南镇危房", 700.0, 300.0, "D,4,2")])),
        (
            "work_sheds",
            table(
                "people,in_water",
                &[("GP-1", "河边工地", 300.0, 900.0, "40,true"), ("GP-2", "坡上工地", 1000.0, 700.0, "25,false")],
            ),
        ),
        ("institutions", table("site,people,vulnerable", &[("DW-1", "碗边敬老院", 530.0, 560.0, "care_home,30,30")])),
        ("pumps", table("capacity_m3_s,state,power", &[("BZ-1", "碗底泵站", bx, by - 20.0, "0.2,running,grid")])),
        ("responsibility", responsibility()),
    ]
}

fn responsibility() -> String {
    let mut text = String::from("scope,role,level,person_id,post,substitute_id\n");
    for (scope, level, person) in [("D", "区", "P-1"), ("T1", "镇街", "P-2"), ("T2", "镇街", "P-3")] {
        for role in ["行政责任人", "巡查责任人", "预警责任人", "转移责任人", "抢险责任人"] {
            writeln!(text, "{scope},{role},{level},{person},{scope}{role}岗,P-1").unwrap();
        }
    }
    text
}

fn contacts() -> String {
    let mut text = String::from("person_id,name,phone,unit\n");
    for (id, name, phone) in PERSONS {
        writeln!(text, "{id},{name},{phone},测试单位").unwrap();
    }
    text
}

fn households() -> String {
    "household_id,region,block_id,object_id,category,people,vulnerable,need,helper_id,head_id\n\
     HU-1,G12,RK-3,WF-1,T3,4,2,孕婴,P-2,P-4\nHU-2,G11,RK-1,,T7,2,2,独居老人,P-2,P-4\n"
        .into()
}
