//! A made-up district with a storm, for the example and the tests of the map: no place that exists.

#![allow(clippy::unwrap_used, clippy::expect_used, dead_code, missing_docs)]

use dayu_assets::{Asset, Details, Layer, Region, RegionLevel};
use dayu_base::{Instant, Mark, Origin, Realm, ResponseLevel, RiskColour, Text, Zone};
use dayu_impact::{Crossing, Impact, ObjectImpact, Quantity, RainSummary, RegionImpact, WindowMaximum};
use dayu_package::{
    Header, ListProduct, MapInput, Package, PlanLine, RiskItem, RouteLine, SourceLine, TableProduct, compose_map,
};
use dayu_plan::{LevelPlan, TransferRow, TransferTotals};
use dayu_terrain::{GridSpec, Raster};
use geo::{Coord, LineString, MultiPolygon, Polygon};

const X0: f64 = 502_000.0;
const Y0: f64 = 3_340_000.0;
const SIZE: f64 = 20_000.0;

fn text(zh: &str) -> Text {
    Text::new(zh, zh)
}

fn polygon(points: &[(f64, f64)]) -> MultiPolygon<f64> {
    let ring: Vec<Coord<f64>> = points.iter().map(|(x, y)| Coord { x: X0 + x, y: Y0 + y }).collect();
    MultiPolygon(vec![Polygon::new(LineString(ring), vec![])])
}

/// A cheap repeatable number between 0 and 1.
fn noise(k: usize) -> f64 {
    let mut x = (k as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x ^= x >> 29;
    x = x.wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x ^= x >> 32;
    (x % 10_000) as f64 / 10_000.0
}

fn outline() -> MultiPolygon<f64> {
    polygon(&[
        (2500.0, 1500.0),
        (9000.0, 600.0),
        (16500.0, 1800.0),
        (19300.0, 7000.0),
        (18700.0, 14500.0),
        (14000.0, 19200.0),
        (7500.0, 18300.0),
        (1500.0, 15000.0),
        (700.0, 7000.0),
    ])
}

fn lake() -> MultiPolygon<f64> {
    polygon(&[
        (12500.0, 9000.0),
        (14000.0, 8500.0),
        (15800.0, 9300.0),
        (16200.0, 11300.0),
        (15000.0, 12700.0),
        (13200.0, 12200.0),
        (12300.0, 10600.0),
    ])
}

fn ground() -> (Raster<f64>, Raster<f64>, Raster<u8>) {
    use geo::Contains;
    let grid = GridSpec { x0_m: X0, y0_m: Y0, cell_m: 40.0, nx: 500, ny: 500 };
    let (outline, lake) = (outline(), lake());
    let mut z = Vec::new();
    let mut d = Vec::new();
    for c in 0..grid.len() {
        let (x, y) = grid.centre(c);
        let (u, v) = ((x - X0) / SIZE, (y - Y0) / SIZE);
        let hill = |cx: f64, cy: f64, h: f64, w: f64| h * (-((u - cx).powi(2) + (v - cy).powi(2)) / (w * w)).exp();
        let mut height = 6.0
            + hill(0.2, 0.55, 260.0, 0.14)
            + hill(0.32, 0.72, 190.0, 0.1)
            + hill(0.12, 0.3, 150.0, 0.09)
            + hill(0.45, 0.45, 120.0, 0.08);
        height *= 1.0 + 0.25 * (u * 55.0).sin() * (v * 47.0).cos();
        height += 1.2 * (u * 19.0 + v * 7.0).sin() + (v * 23.0).cos();
        let point = geo::Point::new(x, y);
        if !outline.contains(&point) {
            z.push(f64::NAN);
            d.push(f64::NAN);
            continue;
        }
        let wet = lake.contains(&point);
        let stream = ((u - 0.5 - 0.12 * (v * 9.0).sin()).abs() < 0.012) as u8 as f64 * 1.6;
        let pool = (1.6 - (height - 3.6) * 0.5).clamp(0.0, 2.4)
            * (0.4 + 0.6 * (u * 31.0).sin().abs() * (v * 29.0).cos().abs());
        z.push(height);
        d.push(if wet { 3.0 } else { (pool + stream - 0.35).max(0.0) });
    }
    let hazard = d.iter().map(|&d: &f64| if d.is_nan() { 255 } else { (d * 2.0) as u8 }).collect();
    (Raster { grid, values: z }, Raster { grid, values: d }, Raster { grid, values: hazard })
}

fn asset(id: String, layer: Layer, name: String, x: f64, y: f64, details: Details) -> Asset {
    Asset {
        id,
        layer,
        name,
        x_m: X0 + x,
        y_m: Y0 + y,
        geometry: None,
        region: Some("t1".into()),
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        details,
    }
}

fn impact(a: &Asset, colour: RiskColour, quantity: Quantity, peak: Option<f64>, people: Option<u64>) -> ObjectImpact {
    ObjectImpact {
        object_id: a.id.clone(),
        layer: a.layer,
        name: a.name.clone(),
        region: a.region.clone(),
        x_m: a.x_m,
        y_m: a.y_m,
        origin: a.origin,
        colour,
        quantity,
        peak,
        peak_at_s: peak.map(|_| 39_600.0),
        threshold: Some(0.15),
        class: peak.map(|_| "W3".into()),
        hazard: peak.map(|_| 2),
        duration_s: peak.map(|_| 7200.0),
        crossings: vec![Crossing { threshold: 0.15, at_s: peak.map(|_| 36_000.0), until_s: None }],
        people,
        vulnerable: people.map(|p| p / 10),
        screening: true,
        note: Text::default(),
    }
}

const COLOURS: [RiskColour; 6] =
    [RiskColour::Red, RiskColour::Orange, RiskColour::Yellow, RiskColour::Blue, RiskColour::Low, RiskColour::Unknown];

/// The package of one level. `sly` is put into a name, to see that it stays text.
pub fn package(level: ResponseLevel, sly: &str) -> Package {
    let (elevation_m, max_depth_m, max_hazard) = ground();
    let other = || Details::Other { site: None, amount: None };
    let mut assets = Vec::new();
    let mut objects = Vec::new();
    let streets = ["莲塘路", "云栖北街", "竹坞桥下", "古渡新村", "长堤东口", "石桥弄", "采荷广场", "桃源地铁站前"];
    for k in 0..18 {
        let (x, y) = (5500.0 + 12_000.0 * noise(k), 3500.0 + 12_500.0 * noise(k + 100));
        let name = format!("{}{}", streets[k % 8], if k < 8 { String::new() } else { format!("{}号", k * 7) });
        let a = asset(format!("wp-{k:03}"), Layer::WaterloggingPoints, name, x, y, other());
        let colour = COLOURS[[0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4, 5, 5][k]];
        let peak = (colour != RiskColour::Unknown).then_some(0.9 - 0.045 * k as f64);
        objects.push(impact(&a, colour, Quantity::Depth, peak, Some(30 + 11 * k as u64)));
        assets.push(a);
    }
    for k in 0..60 {
        let (x, y) = (2500.0 + 7500.0 * noise(k + 300), 5000.0 + 10_500.0 * noise(k + 400));
        let a = asset(format!("sl-{k:03}"), Layer::Slopes, format!("{}号边坡", k + 1), x, y, other());
        let colour = COLOURS[[1, 2, 3, 4, 4, 4, 4, 4, 5, 4][k % 10].max(if k > 20 { 2 } else { 0 })];
        objects.push(impact(&a, colour, Quantity::RainRatio, Some(1.3 - 0.02 * k as f64), Some(8)));
        assets.push(a);
    }
    for k in 0..12 {
        let (x, y) = (6000.0 + 11_000.0 * noise(k + 500), 3000.0 + 14_000.0 * noise(k + 600));
        let a = asset(format!("up-{k:03}"), Layer::Underpasses, format!("铁路下穿{}", k + 1), x, y, other());
        objects.push(impact(&a, COLOURS[k % 5], Quantity::Depth, Some(0.2 + 0.03 * k as f64), None));
        assets.push(a);
        let a = asset(
            format!("me-{k:03}"),
            Layer::MetroEntrances,
            format!("桃源站{sly}{}口", k + 1),
            x + 700.0,
            y + 500.0,
            other(),
        );
        objects.push(impact(&a, COLOURS[(k + 3) % 6], Quantity::Depth, Some(0.1), None));
        assets.push(a);
        let drain = Details::Drain { capacity_m3_s: Some(4.0), state: None, power: None };
        assets.push(asset(format!("pu-{k:03}"), Layer::Pumps, format!("{}号泵站", k + 1), x - 600.0, y + 900.0, drain));
    }
    for k in 0..90 {
        let (x, y) = (3000.0 + 15_000.0 * noise(k + 700), 2500.0 + 15_000.0 * noise(k + 800));
        let details = Details::Shelter {
            grade: Some("村级".into()),
            standardised: Some(k % 6 == 0),
            capacity_people: Some(120),
            usable_area_m2: None,
            state: None,
            video_id: None,
            offers: None,
            care_places: None,
            reserve_share: None,
        };
        let a = asset(format!("sh-{k:03}"), Layer::Shelters, format!("第{}避灾安置点", k + 1), x, y, details);
        objects.push(impact(
            &a,
            if k == 4 { RiskColour::Orange } else { RiskColour::Low },
            Quantity::Depth,
            Some(0.0),
            None,
        ));
        assets.push(a);
    }
    for k in 0..26 {
        let horizontal = k % 2 == 0;
        let at = 1200.0 + 1400.0 * (k / 2) as f64;
        let line: Vec<Coord<f64>> = (0..40)
            .map(|s| {
                let along = 1500.0 + 430.0 * f64::from(s);
                let across = at + 260.0 * (f64::from(s) * 0.3 + k as f64).sin();
                let (x, y) = if horizontal { (along, across) } else { (across, along) };
                Coord { x: X0 + x, y: Y0 + y }
            })
            .collect();
        let class = if k % 6 < 2 { "primary" } else { "residential" };
        let details = Details::Road { class: Some(class.into()), bridge: None, tunnel: None, one_way: None };
        for (part, piece) in line.chunks(8).enumerate() {
            let mut a = asset(format!("rd-{k:02}-{part}"), Layer::Roads, format!("第{k}路"), 0.0, 0.0, details.clone());
            a.geometry = Some(geo::Geometry::LineString(LineString(piece.to_vec())));
            if (k + part) % 17 == 3 {
                objects.push(impact(&a, COLOURS[part % 3], Quantity::Depth, Some(0.4), None));
            }
            assets.push(a);
        }
    }
    objects.sort_by(|a, b| a.object_id.cmp(&b.object_id));

    let mut regions = vec![Region {
        code: "d".into(),
        parent: None,
        level: RegionLevel::District,
        name: "示例区".into(),
        population: Some(800_000),
        outline: Some(outline()),
    }];
    let mut region_impacts = Vec::new();
    for (k, name) in ["北山街道", "云栖镇", "古荡街道", "文新街道", "留泉街道", "转溪镇"].iter().enumerate()
    {
        let (cx, cy) = (1800.0 + 5600.0 * (k % 3) as f64, 2500.0 + 7600.0 * (k / 3) as f64);
        let code = format!("t{}", k + 1);
        let square = |x: f64, y: f64, w: f64, h: f64| polygon(&[(x, y), (x + w, y), (x + w, y + h), (x, y + h)]);
        regions.push(Region {
            code: code.clone(),
            parent: Some("d".into()),
            level: RegionLevel::Town,
            name: (*name).into(),
            population: None,
            outline: Some(square(cx, cy, 5500.0, 7500.0)),
        });
        for g in 0..20 {
            let grid = format!("{code}-{g:02}");
            regions.push(Region {
                code: grid.clone(),
                parent: Some(code.clone()),
                level: RegionLevel::Grid,
                name: format!("{name}第{g}网格"),
                population: Some(900),
                outline: Some(square(cx + 1375.0 * (g % 4) as f64, cy + 1500.0 * (g / 4) as f64, 1375.0, 1500.0)),
            });
            region_impacts.push(RegionImpact {
                code: grid,
                colour: COLOURS[(noise(k * 40 + g) * 9.0) as usize % 9 % 6],
                flooded_m2: 12_000.0,
                covered_m2: 2_000_000.0,
                peak_m: Some(0.6),
                peak_at_s: None,
                class: Some("W4".into()),
                hazard: Some(2),
                duration_s: None,
                crossings: vec![],
                affected: 140,
                affected_vulnerable: 11,
                blocks_unknown: 0,
                blocks: 3,
                points_flooded: 1,
                points_unknown: 0,
            });
        }
    }
    let transfer = |k: usize, object_id: &str, shelter: String| TransferRow {
        id: format!("tr-{k:02}"),
        category: "T3".into(),
        object_id: object_id.into(),
        region: None,
        people: 40 + k as u64,
        vulnerable: 6,
        to_house: 30,
        shelters: vec![(shelter, 28)],
        longest_m: Some(900),
        rides: Vec::new(),
        unplaced: vec![(2, "无床位".into())],
        departure: None,
        order: dayu_plan::OrderTime { at_s: 0.0, assumed: false },
        through_s: None,
        deadline_s: Some(30_000.0),
        deadline_note: Text::default(),
        clause: String::new(),
        mark: Mark::Default,
        colour: RiskColour::Orange,
    };
    let transfers: Vec<TransferRow> =
        (0..12).map(|k| transfer(k, &format!("sl-{k:03}"), format!("sh-{:03}", k * 5 % 90))).collect();
    let find = |id: &str| assets.iter().find(|a| a.id == id).unwrap();
    let routes: Vec<RouteLine> = transfers
        .iter()
        .map(|t| {
            let (a, b) = (find(&t.object_id), find(&t.shelters[0].0));
            RouteLine {
                transfer_id: t.id.clone(),
                shelter_id: b.id.clone(),
                people: 28,
                length_m: 900.0,
                line: LineString::from(vec![(a.x_m, a.y_m), (b.x_m, a.y_m), (b.x_m, b.y_m)]),
            }
        })
        .collect();
    let totals = TransferTotals { affected: 48_213, to_move: 2_346, to_house: 1_508, unplaced: 37 };
    let plan = LevelPlan {
        level,
        opening_s: Some(0.0),
        measures: vec![],
        closures: vec![],
        transfers,
        reports: vec![],
        totals,
        unplaced: vec![],
    };
    let window = |h: f64, areal: f64, point: f64| WindowMaximum {
        window_h: h,
        areal_mm: Some(areal),
        point_mm: Some(point),
        at_s: None,
        observed_point_mm: None,
    };
    let impact_of_all = Impact {
        storm: None,
        chances: None,
        fans: std::collections::BTreeMap::new(),
        objects,
        regions: region_impacts,
        rain: RainSummary {
            windows: vec![window(1.0, 41.2, 63.5), window(3.0, 88.0, 121.4), window(24.0, 236.0, 331.0)],
            total_mm: 236.0,
            peak_at_s: None,
        },
        affected: totals.affected,
    };
    let zone = Zone::named("Asia/Shanghai").unwrap();
    let at = |s: &str| s.parse::<Instant>().unwrap();
    let (start, end) = (at("2021-07-24T16:00:00Z"), at("2021-07-25T16:00:00Z"));
    let (water, outline) = (lake(), outline());
    let map = compose_map(&MapInput {
        assets: &assets,
        regions: &regions,
        impact: &impact_of_all,
        plan: &plan,
        routes: &routes,
        track: &[],
        storm: None,
        members: None,
        elevation_m: &elevation_m,
        max_depth_m: &max_depth_m,
        max_hazard: &max_hazard,
        water: Some(&water),
        outline: Some(&outline),
        derived: &[],
        origin: Origin::Synthetic,
        start,
        zone: &zone,
    });
    Package {
        header: header(level, totals, zone, start, end),
        map,
        list: list(&impact_of_all),
        table: TableProduct { columns: vec![], rows: vec![] },
        evacuation: None,
    }
}

fn header(level: ResponseLevel, totals: TransferTotals, zone: Zone, start: Instant, end: Instant) -> Header {
    let source = |layer: &str, title: &str| SourceLine {
        layer: layer.into(),
        title: title.into(),
        licence: "CC BY 4.0".into(),
        origin: Origin::Synthetic,
    };
    Header {
        run_id: "0123456789abcdef0123456789abcdef".into(),
        level,
        recommended: text("建议：防汛Ⅱ级、防台风Ⅱ级；突发地质灾害Ⅲ级（资料不足，不排除Ⅱ级）"),
        kind: "replay".into(),
        realm: Realm::Replay,
        origin: Origin::Mixed,
        district: text("虚构市示例区"),
        scenario_id: "toy".into(),
        scenario_title: text("台风“示例”过程复盘（最强24小时）"),
        scenario_sha256: String::new(),
        dataset_id: "toy".into(),
        dataset_sha256: String::new(),
        crs: "EPSG:4549".into(),
        vertical_datum: "1985国家高程基准".into(),
        zone,
        as_of: end,
        start,
        end,
        data_time: Some(end),
        plan: PlanLine {
            id: "demo".into(),
            name: "防汛防台应急预案（示范）".into(),
            doc_number: "示范，无文号".into(),
            effective_from: "2021-06-01".into(),
            sha256: String::new(),
            marks: vec![Mark::Recalled, Mark::Default],
            authority: "示例区防指".into(),
            demonstration: true,
        },
        version: "0.1.0".into(),
        sources: vec![
            source("terrain", "构造地形 10 m"),
            source("roads", "构造路网"),
            source("shelters", "构造避灾安置场所"),
        ],
        inputs: vec![],
        notes: vec![
            text("地形、路网、对象位置为构造，仅名称与总量有出处。"),
            text("水深取自 40 m 网格，宽于街道，为筛查级：用于确定先看哪里，不代表路面实测水深。"),
            text("排水能力为假定值（全区统一折减），标“假定”。"),
            text("边坡风险按雨量阈值比估算，未做稳定计算。"),
            text("人口按网格均布，受影响、应转移、需集中安置为三个不同口径。"),
        ],
        findings: vec![],
        totals,
        objects: 180,
        cell_m: 40.0,
        quality: None,
    }
}

fn list(impact: &Impact) -> ListProduct {
    let mut worst: Vec<&ObjectImpact> =
        impact.objects.iter().filter(|o| o.colour >= RiskColour::Yellow && o.layer != Layer::Roads).collect();
    worst.sort_by(|a, b| (b.colour, b.people, &a.object_id).cmp(&(a.colour, a.people, &b.object_id)));
    ListProduct {
        sheet: "管控指令单".into(),
        number: String::new(),
        issued: String::new(),
        title: Text::default(),
        basis: Text::default(),
        issuer: String::new(),
        addressees: vec![],
        situation: vec![],
        judgement: vec![],
        reasons: vec![],
        risks: worst
            .iter()
            .take(14)
            .map(|o| RiskItem {
                object_id: o.object_id.clone(),
                name: o.name.clone(),
                kind: o.layer.zh().into(),
                town: "古荡街道".into(),
                colour: o.colour,
                expectation: text(&match o.quantity {
                    Quantity::Depth => format!("最深 {:.2} m（筛查级）", o.peak.unwrap_or(0.0)),
                    _ => format!("雨量达阈值 {:.0}%", o.peak.unwrap_or(0.0) * 100.0),
                }),
                when: "07-25 10:00".into(),
                people: o.people,
            })
            .collect(),
        more_risks: 9,
        actions: vec![],
        transfers: vec![],
        unplaced: vec![],
        closures: vec![],
        feedback: vec![],
        unknowns: vec![],
        notes: vec![],
        messages: vec![],
    }
}
