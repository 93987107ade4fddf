#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use super::*;
use crate::FeatureShape;
use dayu_assets::{Details, Layer, RegionLevel};
use dayu_base::ResponseLevel;
use dayu_impact::{Crossing, Quantity, RainSummary, WindowMaximum};
use dayu_plan::{TransferRow, TransferTotals};
use dayu_terrain::GridSpec;

fn point(id: &str, layer: Layer, x_m: f64, details: Details) -> Asset {
    Asset {
        id: id.into(),
        layer,
        name: format!("{}{id}", layer.zh()),
        x_m,
        y_m: 50.0,
        geometry: None,
        region: Some("g1".into()),
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        details,
    }
}

fn hit(id: &str, layer: Layer, colour: RiskColour, peak: Option<f64>) -> ObjectImpact {
    ObjectImpact {
        object_id: id.into(),
        layer,
        name: id.into(),
        region: Some("g1".into()),
        x_m: 0.0,
        y_m: 50.0,
        origin: Origin::Synthetic,
        colour,
        quantity: if peak.is_some() { Quantity::Depth } else { Quantity::Unknown },
        peak,
        peak_at_s: Some(3600.0),
        threshold: Some(0.15),
        class: peak.map(|_| "W3".into()),
        hazard: None,
        duration_s: None,
        crossings: vec![Crossing { threshold: 0.15, at_s: Some(1800.0), until_s: None }],
        people: None,
        vulnerable: None,
        screening: true,
        note: Text::default(),
    }
}

fn shelter(id: &str) -> Asset {
    let details = Details::Shelter {
        grade: None,
        standardised: Some(true),
        capacity_people: Some(300),
        usable_area_m2: None,
        state: None,
        video_id: None,
        offers: None,
        care_places: None,
        reserve_share: None,
    };
    point(id, Layer::Shelters, 80.0, details)
}

struct World {
    assets: Vec<Asset>,
    regions: Vec<Region>,
    impact: Impact,
    plan: LevelPlan,
    ground: Raster<f64>,
    hazard: Raster<u8>,
    zone: Zone,
}

impl World {
    fn new(level: ResponseLevel) -> Self {
        let other = || Details::Other { site: None, amount: None };
        let region = |code: &str, parent: Option<&str>, level| Region {
            code: code.into(),
            parent: parent.map(Into::into),
            level,
            name: format!("名{code}"),
            population: None,
            outline: None,
        };
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 10, ny: 10 };
        let transfer = TransferRow {
            id: "T3-1".into(),
            category: "T3".into(),
            object_id: "wp-2".into(),
            region: None,
            people: 40,
            vulnerable: 3,
            to_house: 30,
            shelters: vec![("sh-1".into(), 25)],
            longest_m: None,
            rides: Vec::new(),
            unplaced: vec![(5, "无床位".into())],
            departure: None,
            order: dayu_plan::OrderTime { at_s: 0.0, assumed: false },
            through_s: None,
            deadline_s: Some(7200.0),
            deadline_note: Text::default(),
            clause: String::new(),
            mark: dayu_base::Mark::Default,
            colour: RiskColour::Red,
        };
        Self {
            assets: vec![
                point("wp-2", Layer::WaterloggingPoints, 10.0, other()),
                point("wp-1", Layer::WaterloggingPoints, 20.0, other()),
                point("wp-3", Layer::WaterloggingPoints, f64::NAN, other()),
                point("me-1", Layer::MetroEntrances, 30.0, other()),
                shelter("sh-1"),
                shelter("sh-2"),
            ],
            regions: vec![
                region("d", None, RegionLevel::District),
                region("t", Some("d"), RegionLevel::Town),
                region("g1", Some("t"), RegionLevel::Grid),
            ],
            impact: Impact {
                storm: None,
                chances: None,
                fans: std::collections::BTreeMap::new(),
                objects: vec![
                    hit("me-1", Layer::MetroEntrances, RiskColour::Orange, Some(0.3)),
                    hit("wp-1", Layer::WaterloggingPoints, RiskColour::Unknown, None),
                    hit("wp-2", Layer::WaterloggingPoints, RiskColour::Red, Some(0.456)),
                ],
                regions: vec![],
                rain: RainSummary {
                    windows: vec![WindowMaximum {
                        window_h: 1.0,
                        areal_mm: None,
                        point_mm: Some(95.3),
                        at_s: None,
                        observed_point_mm: None,
                    }],
                    total_mm: 120.0,
                    peak_at_s: None,
                },
                affected: 0,
            },
            plan: LevelPlan {
                level,
                opening_s: Some(3600.0),
                measures: vec![],
                closures: vec![],
                transfers: vec![transfer],
                reports: vec![],
                totals: TransferTotals::default(),
                unplaced: vec![],
            },
            ground: Raster::filled(grid, 1.0),
            hazard: Raster::filled(grid, 0),
            zone: Zone::named("Asia/Shanghai").unwrap(),
        }
    }

    fn compose(&self) -> MapProduct {
        compose_map(&MapInput {
            assets: &self.assets,
            regions: &self.regions,
            impact: &self.impact,
            plan: &self.plan,
            routes: &[],
            track: &[],
            storm: None,
            members: None,
            elevation_m: &self.ground,
            max_depth_m: &self.ground,
            max_hazard: &self.hazard,
            water: None,
            outline: None,
            derived: &[],
            origin: Origin::Mixed,
            start: "2021-07-24T16:00:00Z".parse().unwrap(),
            zone: &self.zone,
        })
    }
}

fn field<'a>(layer: &'a MapLayer, object_id: &str, key: &str) -> &'a Value {
    let at = layer.columns.iter().position(|c| c.0 == key).unwrap();
    &layer.features.iter().find(|f| f.object_id == object_id).unwrap().fields[at]
}

fn layer<'a>(map: &'a MapProduct, id: &str) -> &'a MapLayer {
    map.layers.iter().find(|l| l.id == id).unwrap()
}

#[test]
fn every_feature_has_as_many_fields_as_its_layer_has_columns() {
    for level in ResponseLevel::ALL {
        for layer in World::new(level).compose().layers {
            assert!(layer.columns.iter().any(|c| c.0 == "origin"), "{}", layer.id);
            assert!(layer.features.windows(2).all(|w| w[0].object_id <= w[1].object_id));
            for feature in &layer.features {
                assert_eq!(feature.fields.len(), layer.columns.len(), "{} {}", layer.id, feature.object_id);
            }
        }
    }
}

#[test]
fn unknown_stays_null_and_a_point_without_place_is_not_drawn() {
    let map = World::new(ResponseLevel::II).compose();
    let points = layer(&map, "waterlogging_points");
    assert_eq!(points.features.len(), 2);
    assert_eq!(field(points, "wp-1", "peak_depth_m"), &Value::Null);
    assert_eq!(field(points, "wp-2", "peak_depth_m"), &Value::from(0.46));
    assert_eq!(field(points, "wp-2", "first_at"), "07-25 00:30");
    assert_eq!(field(points, "wp-2", "town"), "名t");
    assert_eq!(field(points, "wp-2", "quality"), "筛查级");
}

#[test]
fn people_are_counted_and_shelters_show_what_they_take() {
    let map = World::new(ResponseLevel::III).compose();
    let transfers = layer(&map, "transfers");
    assert_eq!(field(transfers, "wp-2", "to_move"), 40);
    assert_eq!(field(transfers, "wp-2", "unplaced"), 5);
    assert_eq!(field(transfers, "wp-2", "deadline"), "07-25 02:00");
    // Nobody asked the roads: that is not enough time.
    assert_eq!(field(transfers, "wp-2", "margin"), "余量未知");
    assert_eq!(field(transfers, "wp-2", "margin_min"), &Value::Null);
    let shelters = layer(&map, "shelters");
    assert_eq!(field(shelters, "sh-1", "assigned_people"), 25);
    assert_eq!(field(shelters, "sh-2", "use"), "备用");
}

#[test]
fn the_level_says_what_is_drawn() {
    let visible = |level, id: &str| layer(&World::new(level).compose(), id).visible;
    assert!(visible(ResponseLevel::Attention, "waterlogging_points"));
    assert!(!visible(ResponseLevel::IV, "shelters"));
    assert!(visible(ResponseLevel::III, "shelters"));
    assert!(!visible(ResponseLevel::III, "metro_entrances"));
    assert!(visible(ResponseLevel::II, "metro_entrances"));
}

#[test]
fn labels_name_the_worst_of_what_is_visible() {
    let labels = |level| -> Vec<String> {
        World::new(level).compose().layers.iter().flat_map(|l| &l.features).filter_map(|f| f.label.clone()).collect()
    };
    assert_eq!(labels(ResponseLevel::IV), ["积水点wp-2 0.46 m"]);
    assert_eq!(labels(ResponseLevel::II), ["避灾安置场所sh-1 安置25人", "地铁口me-1 0.30 m", "积水点wp-2 0.46 m"]);
}

#[test]
fn rain_that_is_not_known_is_said_to_be_unknown() {
    let facts = World::new(ResponseLevel::II).compose().facts;
    assert_eq!(facts[0].title.zh, "最大1小时雨量");
    assert_eq!(facts[0].value, "点 95.3 mm · 面 未知");
}

#[test]
fn a_region_tree_tied_in_a_loop_ends() {
    let mut world = World::new(ResponseLevel::II);
    for region in &mut world.regions {
        region.level = RegionLevel::Grid;
        region.parent = Some(region.code.clone());
    }
    assert_eq!(field(layer(&world.compose(), "waterlogging_points"), "wp-2", "town"), &Value::Null);
}

#[test]
fn a_line_is_drawn_as_a_line() {
    let mut world = World::new(ResponseLevel::III);
    let mut road =
        point("rd-1", Layer::Roads, 0.0, Details::Road { class: None, bridge: None, tunnel: None, one_way: None });
    road.geometry = Some(geo::Geometry::LineString(geo::LineString::from(vec![(0.0, 0.0), (9.0, 9.0)])));
    world.assets.push(road);
    world.impact.objects.push(hit("rd-1", Layer::Roads, RiskColour::Yellow, Some(0.3)));
    let map = world.compose();
    assert!(matches!(layer(&map, "roads_flooded").features[0].shape, FeatureShape::Lines(_)));
    assert!(map.layers.iter().all(|l| l.id != "roads"));
}
