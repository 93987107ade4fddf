//! A small made-up district at one level, as the composers meet it: enough rows to look like a night's work. Every name is
//! that of a street or a town; every number is invented.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use dayu_assets::{Asset, Details, Layer, Region, RegionLevel, Registry, Responsibility};
use dayu_base::{Finding, HazardChain, Instant, Mark, Origin, Realm, ResponseLevel, RiskColour, Text, Zone};
use dayu_impact::{
    Chances, Crossing, Impact, ObjectChance, ObjectImpact, Quantity, RainSummary, RegionImpact, WindowMaximum,
    probability,
};
use dayu_package::{
    ComposeInput, EvacuationFacts, Header, InputLine, MapInput, Package, PlanLine, PlanProof, ShelterHours, SourceLine,
    compose_evacuation, compose_list, compose_map, compose_table, controlled_objects,
};
use dayu_plan::{
    Closure, Decision, DepartBy, LastDeparture, LevelPlan, Measure, Recommendation, ReportDuty, RuleTrace, TransferRow,
    TransferTotals, UnplacedPeople,
};
use dayu_terrain::{GridSpec, Raster};

pub struct World {
    pub header: Header,
    pub registry: Registry,
    pub impact: Impact,
    pub plan: LevelPlan,
    pub decision: Decision,
}

const TOWNS: [&str; 6] = ["北山街道", "古荡街道", "留下街道", "蒋村街道", "转塘街道", "双浦镇"];
const POINTS: [&str; 18] = [
    "天目山路古荡段",
    "古墩路文一路口",
    "文三路学院路口",
    "留和路小和山段",
    "转塘直街",
    "梅灵北路",
    "之江路珊瑚沙段",
    "双浦大道下杨段",
    "黄龙路环城西路口",
    "曙光路浙大路口",
    "西溪路老东岳段",
    "紫金港路文新段",
    "石祥西路下穿",
    "五常大道蒋村段",
    "灵溪南路",
    "杨梅岭村口",
    "袁浦路",
    "周浦西路",
];

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn regions() -> Vec<Region> {
    let region = |code: String, parent: Option<&str>, level, name: &str| Region {
        code,
        parent: parent.map(Into::into),
        level,
        name: name.into(),
        population: Some(9000),
        outline: None,
    };
    let mut all = vec![region("330106".into(), None, RegionLevel::District, "西湖区")];
    for (k, town) in TOWNS.iter().enumerate() {
        let code = format!("33010600{k}");
        all.push(region(code.clone(), Some("330106"), RegionLevel::Town, town));
        all.push(region(
            format!("{code}-v1"),
            Some(&code),
            RegionLevel::Village,
            &format!("{}一社", town.trim_end_matches(['街', '道', '镇'])),
        ));
        all.push(region(
            format!("{code}-g1"),
            Some(&format!("{code}-v1")),
            RegionLevel::Grid,
            &format!("{town}一网格"),
        ));
    }
    all
}

fn asset(id: String, layer: Layer, name: String, k: usize, details: Details) -> Asset {
    Asset {
        id,
        layer,
        name,
        x_m: 510_000.0 + 310.0 * k as f64,
        y_m: 3_350_000.0 + 170.0 * (k * 7 % 23) as f64,
        geometry: None,
        region: Some(format!("33010600{}-g1", k % 6)),
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: Some(at("2021-06-01T00:00:00+08:00")),
        details,
    }
}

fn impact_of(
    a: &Asset,
    colour: RiskColour,
    quantity: Quantity,
    peak: Option<f64>,
    people: Option<u64>,
) -> ObjectImpact {
    let k = a.id.bytes().last().map_or(0, |b| u32::from(b % 10));
    let depth = quantity == Quantity::Depth;
    let steps: &[f64] = if depth { &[0.15, 0.30, 0.60] } else { &[1.0] };
    let reach = |t: f64| peak.filter(|p| *p >= t).map(|_| 9000.0 + 1200.0 * f64::from(k) + 6000.0 * t);
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
        peak_at_s: peak.map(|_| 30_600.0 + 600.0 * f64::from(k)),
        threshold: peak.map(|p| steps.iter().copied().filter(|t| *t <= p).fold(steps[0], f64::max)),
        class: peak.filter(|_| depth).map(|p| format!("W{}", (p / 0.15).floor().min(6.0))),
        hazard: peak.filter(|_| depth).map(|p| 1 + (p / 0.3) as u8),
        duration_s: peak.filter(|p| depth && *p >= 0.15).map(|p| 5400.0 + 9000.0 * p),
        crossings: steps
            .iter()
            .map(|&t| Crossing { threshold: t, at_s: reach(t), until_s: reach(t).map(|s| s + 7200.0) })
            .collect(),
        people,
        vulnerable: people.map(|p| p / 9),
        screening: depth,
        note: if peak.is_none() {
            Text::new("站点无传感器，格网被建筑覆盖", "no sensor, cell blocked")
        } else {
            Text::default()
        },
    }
}

fn colour_of(depth: f64) -> RiskColour {
    match depth {
        d if d >= 0.6 => RiskColour::Red,
        d if d >= 0.3 => RiskColour::Orange,
        d if d >= 0.15 => RiskColour::Yellow,
        d if d >= 0.05 => RiskColour::Blue,
        _ => RiskColour::Low,
    }
}

fn header(level: ResponseLevel, realm: Realm) -> Header {
    let input = |layer: &str, path: &str| InputLine {
        layer: layer.into(),
        path: path.into(),
        bytes: 1234,
        sha256: "ab".repeat(32),
        data_time: Some(at("2021-07-25T20:00:00+08:00")),
        origin: Origin::Synthetic,
    };
    let source = |layer: &str, title: &str, licence: &str, origin| SourceLine {
        layer: layer.into(),
        title: title.into(),
        licence: licence.into(),
        origin,
    };
    Header {
        run_id: "5f".repeat(32),
        level,
        recommended: Text::new("建议：防汛Ⅱ级、突发地质灾害Ⅲ级", "flood Level II, geohazard Level III"),
        kind: "replay".into(),
        realm,
        origin: Origin::Mixed,
        district: Text::new("杭州市西湖区", "Xihu, Hangzhou"),
        scenario_id: "toy".into(),
        scenario_title: Text::new("台风“烟花”影响过程（样例）", "Typhoon In-Fa (sample)"),
        scenario_sha256: "0a".repeat(32),
        dataset_id: "toy".into(),
        dataset_sha256: "0b".repeat(32),
        crs: "EPSG:4549".into(),
        vertical_datum: "1985国家高程基准".into(),
        zone: Zone::named("Asia/Shanghai").unwrap(),
        as_of: at("2021-07-25T12:00:00+08:00"),
        start: at("2021-07-25T08:00:00+08:00"),
        end: at("2021-07-26T08:00:00+08:00"),
        data_time: Some(at("2021-07-25T11:35:00+08:00")),
        plan: PlanLine {
            id: "demo".into(),
            name: "区级防汛防台应急预案（示范）".into(),
            doc_number: "示范，无文号".into(),
            effective_from: "2021-01-01".into(),
            sha256: "0c".repeat(32),
            marks: vec![Mark::Read, Mark::Default, Mark::Recalled],
            authority: "示范".into(),
            demonstration: true,
        },
        version: "0.1.0".into(),
        sources: vec![
            source("terrain", "示意地形（构造）", "CC0-1.0", Origin::Synthetic),
            source("rain", "公开报道的累计与最大雨量，逐时过程为构造", "事实数据", Origin::Mixed),
        ],
        inputs: vec![input("terrain", "dem.tif"), input("rain", "rain.csv")],
        notes: vec![
            Text::new(
                "地形、排水和台账为构造数据（示意），不代表真实现状。",
                "Terrain, drains and registers are constructed.",
            ),
            Text::new("排水能力按 36 mm/h 假定，未接入真实管网。", "Drain capacity is assumed."),
        ],
        findings: vec![Finding::warning(
            "GIS-031",
            Text::new("图层 gauges 有 2 个站缺测 3 小时", "two gauges miss three hours"),
            Text::new("核对站点", "check the stations"),
        )],
        totals: TransferTotals::default(),
        objects: 0,
        cell_m: 40.0,
        quality: None,
    }
}

impl World {
    pub fn new(level: ResponseLevel, realm: Realm) -> Self {
        let mut assets: Vec<Asset> = Vec::new();
        let mut objects: Vec<ObjectImpact> = Vec::new();
        let depths =
            [0.62, 0.45, 0.33, 0.08, 0.71, 0.17, 0.02, 0.28, 0.51, 0.12, 0.38, 0.0, 0.95, 0.22, 0.06, 0.31, 0.48, 0.16];
        for (k, name) in POINTS.iter().enumerate() {
            let details = Details::Other { site: None, amount: None };
            let a = asset(format!("wp-{:02}", k + 1), Layer::WaterloggingPoints, (*name).into(), k, details);
            let (peak, colour) =
                if k == 11 { (None, RiskColour::Unknown) } else { (Some(depths[k]), colour_of(depths[k])) };
            let quantity = if k == 11 { Quantity::Unknown } else { Quantity::Depth };
            objects.push(impact_of(&a, colour, quantity, peak, None));
            assets.push(a);
        }
        let mut danger: Vec<(String, &str, u64, u64)> = Vec::new();
        for k in 0..8 {
            let slope = asset(
                format!("sl-{k:02}"),
                Layer::Slopes,
                format!("{}边坡{}号", TOWNS[k % 6], k + 1),
                k + 20,
                Details::Other { site: None, amount: None },
            );
            let ratio = 0.7 + 0.09 * k as f64;
            let colour = if ratio >= 1.2 {
                RiskColour::Orange
            } else if ratio >= 1.0 {
                RiskColour::Yellow
            } else {
                RiskColour::Blue
            };
            objects.push(impact_of(&slope, colour, Quantity::RainRatio, Some(ratio), Some(6 + 5 * k as u64)));
            danger.push((slope.id.clone(), "T4", 6 + 5 * k as u64, k as u64));
            assets.push(slope);
            let house = asset(
                format!("oh-{k:02}"),
                Layer::OldHouses,
                format!("{}危旧房{}号", TOWNS[k % 6], k + 1),
                k + 31,
                Details::Other { site: None, amount: None },
            );
            objects.push(impact_of(
                &house,
                RiskColour::Yellow,
                Quantity::Depth,
                Some(0.2 + 0.01 * k as f64),
                Some(4 + k as u64),
            ));
            danger.push((house.id.clone(), "T3", 4 + k as u64, 1));
            assets.push(house);
            let shed = asset(
                format!("ws-{k:02}"),
                Layer::WorkSheds,
                format!("{}工地工棚{}号", TOWNS[k % 6], k + 1),
                k + 42,
                Details::Other { site: None, amount: None },
            );
            objects.push(impact_of(&shed, RiskColour::Blue, Quantity::Depth, Some(0.06), Some(60 + 10 * k as u64)));
            danger.push((shed.id.clone(), "T2", 60 + 10 * k as u64, 0));
            assets.push(shed);
        }
        for k in 0..6 {
            let a = asset(
                format!("sh-{k:02}"),
                Layer::Shelters,
                format!("{}文化中心避灾安置场所", TOWNS[k]),
                k,
                Details::Shelter {
                    grade: None,
                    standardised: None,
                    // Of the last one nothing is known.
                    capacity_people: (k < 5).then_some(900),
                    usable_area_m2: None,
                    state: None,
                    video_id: None,
                    offers: None,
                    care_places: None,
                    reserve_share: None,
                },
            );
            objects.push(impact_of(&a, RiskColour::Low, Quantity::Depth, Some(0.0), None));
            assets.push(a);
        }
        let block = asset(
            "pb-00".into(),
            Layer::Population,
            "古荡居住块".into(),
            50,
            Details::Other { site: None, amount: None },
        );
        objects.push(impact_of(&block, RiskColour::Yellow, Quantity::Depth, Some(0.2), Some(2310)));
        assets.push(block);
        objects.sort_by(|a, b| a.object_id.cmp(&b.object_id));
        let impact = Impact {
            objects,
            regions: region_impacts(),
            rain: rain(),
            storm: None,
            chances: chances(),
            fans: std::collections::BTreeMap::new(),
            affected: 2310,
        };
        let plan = level_plan(level, &impact, &danger);
        let decision = Decision { recommendations: recommendations(), levels: vec![plan.clone()] };
        let mut header = header(level, realm);
        header.totals = plan.totals;
        header.objects = controlled_objects(&plan, &impact).len() as u64;
        Self { header, registry: Registry::new(assets, regions(), duties()), impact, plan, decision }
    }

    pub fn input(&self) -> ComposeInput<'_> {
        ComposeInput {
            header: &self.header,
            registry: &self.registry,
            impact: &self.impact,
            plan: &self.plan,
            decision: &self.decision,
            signals: None,
            derived: &[],
        }
    }

    /// Everybody walks: half have arrived after an hour, all but three after two.
    pub fn evacuation(&self) -> EvacuationFacts {
        let mut planned: std::collections::BTreeMap<&str, u64> = std::collections::BTreeMap::new();
        for (id, people) in self.plan.transfers.iter().flat_map(|t| &t.shelters) {
            *planned.entry(id).or_default() += people;
        }
        let hours = planned.into_iter().enumerate().map(|(k, (id, planned))| ShelterHours {
            shelter_id: id.into(),
            planned,
            arrived: vec![planned / 2, planned.saturating_sub(if k == 0 { 3 } else { 0 })],
        });
        EvacuationFacts {
            proof: Some(PlanProof {
                people: self.plan.totals.to_house,
                unplaced: self.plan.totals.unplaced,
                vulnerable_first: true,
                person_metres: 1_234_567,
                gap: 0,
                gap_relative: 0.0,
            }),
            hours: hours.collect(),
        }
    }

    pub fn package(&self) -> Package {
        let grid = GridSpec { x0_m: 509_000.0, y0_m: 3_349_000.0, cell_m: 500.0, nx: 40, ny: 20 };
        let (ground, hazard) = (Raster::filled(grid, 5.0), Raster::filled(grid, 0u8));
        let map = compose_map(&MapInput {
            assets: self.registry.assets(),
            regions: self.registry.regions().all(),
            impact: &self.impact,
            plan: &self.plan,
            routes: &[],
            track: &[],
            storm: None,
            members: None,
            elevation_m: &ground,
            max_depth_m: &ground,
            max_hazard: &hazard,
            water: None,
            outline: None,
            derived: &[],
            origin: Origin::Synthetic,
            start: self.header.start,
            zone: &self.header.zone,
        });
        Package {
            header: self.header.clone(),
            map,
            list: compose_list(self.input()),
            table: compose_table(self.input()),
            evacuation: compose_evacuation(self.input(), &self.evacuation()),
        }
    }
}

fn duties() -> Vec<Responsibility> {
    let mut all = Vec::new();
    for (k, town) in TOWNS.iter().enumerate() {
        for role in ["行政责任人", "部门责任人", "巡查责任人", "转移责任人"] {
            all.push(Responsibility {
                scope: format!("33010600{k}"),
                role: role.into(),
                level: "镇街".into(),
                person_id: format!("p-{k}-{role}"),
                post: format!("{town}{}", role.replace("责任人", "负责人")),
                substitute_id: None,
            });
        }
    }
    all
}

fn region_impacts() -> Vec<RegionImpact> {
    let town = |k: usize, colour, flooded_m2: f64, affected, points_flooded| RegionImpact {
        code: format!("33010600{k}"),
        colour,
        flooded_m2,
        covered_m2: 2.0e7,
        peak_m: Some(0.8),
        peak_at_s: Some(34_000.0),
        class: Some("W4".into()),
        hazard: Some(3),
        duration_s: Some(9000.0),
        crossings: vec![],
        affected,
        affected_vulnerable: affected / 9,
        blocks: 12,
        blocks_unknown: u32::from(k == 3),
        points_flooded,
        points_unknown: 0,
    };
    vec![
        town(0, RiskColour::Red, 1.31e6, 840, 3),
        town(1, RiskColour::Orange, 0.42e6, 310, 2),
        town(2, RiskColour::Orange, 0.66e6, 290, 2),
        town(3, RiskColour::Yellow, 0.21e6, 120, 1),
        town(4, RiskColour::Red, 2.05e6, 560, 3),
        town(5, RiskColour::Yellow, 3.4e6, 190, 2),
    ]
}

fn rain() -> RainSummary {
    let window = |h: f64, point: f64| WindowMaximum {
        window_h: h,
        areal_mm: Some(point * 0.8),
        point_mm: Some(point),
        at_s: Some(34_200.0),
        observed_point_mm: (h <= 4.0).then_some(point * 0.55),
    };
    RainSummary {
        windows: vec![window(1.0, 42.5), window(3.0, 88.0), window(6.0, 131.2), window(24.0, 236.4)],
        total_mm: 189.1,
        peak_at_s: Some(34_200.0),
    }
}

/// Every kind in turn: not known, a way that stays open, one that closes after so many hours, none.
fn departure(k: usize) -> Option<LastDeparture> {
    let any = match k % 5 {
        0 => return None,
        1 => DepartBy::Always,
        2 => DepartBy::Never,
        more => DepartBy::At(3600.0 * (more as f64 - 2.0) * 2.0),
    };
    let closes = matches!(any, DepartBy::At(_));
    Some(LastDeparture {
        assigned: None,
        any,
        prepare_s: 1800.0,
        decided_by: closes.then(|| "rd-01".into()),
        won: Vec::new(),
        members: 1,
        holds_90: None,
        holds_50: None,
        decided_by_90: None,
    })
}

fn level_plan(level: ResponseLevel, impact: &Impact, danger: &[(String, &str, u64, u64)]) -> LevelPlan {
    let text = |s: &str| Text::new(s, s);
    let duty = |id: &str, owner: &str, action: &str, s: Option<f64>, note: &str, mark: Mark| Measure {
        id: id.into(),
        object_id: None,
        owner: owner.into(),
        action: text(action),
        clause: format!("示范预案 4.{}", id.len()),
        mark,
        start_s: None,
        deadline_s: s,
        deadline_note: text(note),
    };
    let mut measures = vec![
        duty("m-cmd", "区防指", "指挥到岗，联合值守，视频连线镇街", Some(16_200.0), "启动后 30 分钟", Mark::Default),
        duty(
            "m-police",
            "公安交警",
            "下穿通道和积水路段封控，上游 500 米分流",
            Some(18_000.0),
            "积水达到封控水深前",
            Mark::Read,
        ),
        duty("m-house", "住建局", "在建工地全面停工，人员撤出", None, "立即", Mark::Recalled),
        duty("m-wind", "城管局", "加固或拆除户外广告牌", None, "风力到达时刻不能计算", Mark::Default),
    ];
    let flooded: Vec<&ObjectImpact> = impact
        .objects
        .iter()
        .filter(|o| o.layer == Layer::WaterloggingPoints && o.colour >= RiskColour::Yellow)
        .collect();
    for o in &flooded {
        measures.push(Measure {
            id: format!("m-crew-{}", o.object_id),
            object_id: Some(o.object_id.clone()),
            owner: "城管排水".into(),
            action: text("抢险队伍和移动泵车到点值守（一点一方案）"),
            clause: "示范预案 4.3(2)".into(),
            mark: Mark::Seed("000".into()),
            start_s: Some(14_400.0),
            deadline_s: o.crossings[0].at_s,
            deadline_note: text("首达 0.15 m 前"),
        });
    }
    let mut closures: Vec<Closure> = flooded
        .iter()
        .filter(|o| o.peak >= Some(0.3))
        .map(|o| Closure {
            object_id: o.object_id.clone(),
            close_by_s: o.crossings[1].at_s.map(|s| s - 1800.0),
            reopen_s: (o.peak < Some(0.5)).then_some(60_000.0),
            close_depth_m: 0.3,
            peak_m: o.peak,
            executor: if o.object_id.ends_with('3') { String::new() } else { "属地交警中队".into() },
            mark: Mark::Default,
        })
        .collect();
    closures.sort_by(|a, b| a.close_by_s.unwrap_or(0.0).total_cmp(&b.close_by_s.unwrap_or(0.0)));
    let mut transfers: Vec<TransferRow> = Vec::new();
    for (k, (object, category, people, vulnerable)) in danger.iter().enumerate() {
        let to_house = people * 7 / 10;
        let unplaced = if object == "ws-07" { 18 } else { 0 };
        transfers.push(TransferRow {
            id: format!("{category}-{object}"),
            category: (*category).into(),
            object_id: object.clone(),
            region: None,
            people: *people,
            vulnerable: *vulnerable,
            to_house,
            shelters: if to_house > unplaced {
                vec![(format!("sh-{:02}", k % 6), to_house - unplaced)]
            } else {
                vec![]
            },
            longest_m: Some(640 + 37 * k as u64),
            rides: Vec::new(),
            unplaced: if unplaced > 0 { vec![(unplaced, "shelters_full".into())] } else { vec![] },
            departure: departure(k),
            order: dayu_plan::OrderTime { at_s: 0.0, assumed: false },
            through_s: None,
            deadline_s: (*category != "T2").then_some(30_600.0),
            deadline_note: if *category == "T2" {
                text("风力达10级前；风力到达时刻不能计算")
            } else {
                text("雨峰前、天黑前")
            },
            clause: "示范预案 5.1".into(),
            mark: Mark::Default,
            colour: impact.objects.iter().find(|o| &o.object_id == object).unwrap().colour,
        });
    }
    transfers.sort_by(|a, b| (&a.category, &a.object_id).cmp(&(&b.category, &b.object_id)));
    let unplaced = vec![UnplacedPeople {
        transfer_id: "T2-ws-07".into(),
        people: 18,
        reason: Text::new("步行 5 km 内可用床位已满", "shelters within 5 km are full"),
    }];
    let totals = TransferTotals {
        affected: impact.affected,
        to_move: transfers.iter().map(|t| t.people).sum(),
        to_house: transfers.iter().map(|t| t.to_house).sum(),
        unplaced: 18,
    };
    let reports = vec![ReportDuty {
        every_min: Some(60),
        zero_report: true,
        text: text("雨情、水情、险情、灾情、转移和封控情况。"),
        clause: "西安市防汛应急预案（2024）".into(),
        mark: Mark::Read,
    }];
    LevelPlan { level, opening_s: Some(0.0), measures, closures, transfers, reports, totals, unplaced }
}

fn recommendations() -> Vec<Recommendation> {
    let trace =
        |level, chain, clause: &str, condition: &str, value: Option<&str>, threshold: &str, held, mark| RuleTrace {
            level,
            chain,
            clause: clause.into(),
            condition: Text::new(condition, condition),
            value: value.map(Into::into),
            threshold: threshold.into(),
            basis: if value.is_some() { "forecast" } else { "unknown" }.into(),
            data_age_s: value.map(|_| 1500.0),
            held,
            mark,
            first_held_s: (held == Some(true)).then_some(27_000.0),
        };
    use HazardChain::{Flood, Geohazard};
    use ResponseLevel::{I, II, III};
    vec![
        Recommendation {
            chain: Flood,
            level: Some(II),
            cannot_exclude: Some(I),
            trace: vec![
                trace(I, Flood, "示范预案 3.1(1)", "3小时雨量", Some("88.0 mm"), "120 mm", Some(false), Mark::Read),
                trace(I, Flood, "示范预案 3.1(2)", "主要河道达到保证水位", None, "保证水位", None, Mark::Recalled),
                trace(II, Flood, "示范预案 3.2(1)", "3小时雨量", Some("88.0 mm"), "80 mm", Some(true), Mark::Default),
            ],
        },
        Recommendation {
            chain: Geohazard,
            level: Some(III),
            cannot_exclude: None,
            trace: vec![trace(
                III,
                Geohazard,
                "示范预案 3.6(1)",
                "地灾点雨量达阈值的处数",
                Some("5 处"),
                "3 处",
                Some(true),
                Mark::Default,
            )],
        },
    ]
}

/// Twenty members, four of which flood the first waterlogging point, eight the second, and so on.
fn chances() -> Option<Chances> {
    let share = |hits: u32| probability((0..20).map(|k| Some(k < hits)));
    let one = |hits: u32| Some(ObjectChance { reached: [share(hits)?, share(hits / 2)?], depths_m: [0.0, 0.1, 0.4] });
    let objects = (1..5).filter_map(|k| Some((format!("wp-{k:02}"), one(k * 4)?))).collect();
    Some(Chances {
        members: 20,
        method: Text::new("雨量比例（构造）", "rain scaling (constructed)"),
        cell_m: 100.0,
        origin: Origin::Synthetic,
        objects,
        doubtful: ["wp-05".to_string()].into(),
        shelters: std::collections::BTreeMap::new(),
        shelter_limit: 0.1,
    })
}
