//! Hand-made grids with answers that can be told by looking.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use dayu_assets::{Asset, Details, Layer, Region, RegionLevel, Registry};
use dayu_base::{Origin, RiskColour};
use dayu_impact::{
    AssessInput, Crossing, Impact, ObjectImpact, Quantity, Thresholds, assess_impact, thresholds_to_track,
};
use dayu_inundation::{Inundation, RunStats, Volumes};
use dayu_slopes::SlopeState;
use dayu_terrain::GridSpec;
use geo::{Geometry, MultiPolygon, Rect, coord, line_string};

/// 5 × 2 cells of 10 m; south row depths 0, 0.10, 0.20, 0.40, 1.20; north row: masked, 0, 0.16, 0.60 wet from the start, 3.00.
fn water() -> Inundation {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 5, ny: 2 };
    let depth = vec![0.0, 0.10, 0.20, 0.40, 1.20, f64::NAN, 0.0, 0.16, 0.60, 3.0];
    let active: Vec<bool> = depth.iter().map(|d| !d.is_nan()).collect();
    // Water comes at 1000 s per metre of threshold, later by 10 s per cell, and is gone 5000 s later.
    let row = |threshold: f64, add: f64| -> Vec<f64> {
        depth
            .iter()
            .enumerate()
            .map(|(c, &d)| match () {
                () if d.is_nan() || d < threshold => f64::NAN,
                () if c == 8 && add == 0.0 => 0.0,
                () => 1000.0 * threshold + 10.0 * c as f64 + add,
            })
            .collect()
    };
    let times = |threshold: f64, add: f64| -> Vec<f32> { row(threshold, add).iter().map(|t| *t as f32).collect() };
    let thresholds = Thresholds::default().depths_m();
    let n = grid.len();
    Inundation {
        attribution: Vec::new(),
        sources: Vec::new(),
        further: dayu_inundation::Further::default(),
        grid,
        active,
        arrival_s: row(0.15, 0.0),
        duration_s: depth
            .iter()
            .map(|&d| {
                if d.is_nan() {
                    f64::NAN
                } else if d >= 0.15 {
                    5000.0
                } else {
                    0.0
                }
            })
            .collect(),
        max_speed_m_s: vec![0.0; n],
        max_hazard: vec![0, 1, 1, 2, 3, 0, 0, 1, 3, 5],
        crossing_s: thresholds.iter().map(|&t| (t, times(t, 0.0))).collect(),
        leaving_s: thresholds.iter().map(|&t| (t, times(t, 5000.0))).collect(),
        peak_time_s: (0..n).map(|c| if depth[c].is_nan() { f64::NAN } else { 3000.0 + c as f64 }).collect(),
        max_depth_m: depth,
        snapshots: vec![],
        gauges: vec![],
        flows: vec![],
        balance: vec![],
        sinks: vec![],
        volumes: Volumes::default(),
        relative_volume_error: 0.0,
        stats: RunStats::default(),
        findings: vec![],
    }
}

/// An object at the centre of a cell.
fn at(id: &str, layer: Layer, cell: usize, details: Details) -> Asset {
    let (x_m, y_m) = water().grid.centre(cell);
    Asset {
        id: id.into(),
        layer,
        name: id.into(),
        x_m,
        y_m,
        geometry: None,
        region: None,
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        details,
    }
}

fn point(close_depth_m: Option<f64>) -> Details {
    Details::WaterloggingPoint {
        site: None,
        warn_depth_m: None,
        close_depth_m,
        historic_max_depth_m: None,
        historic_event: None,
        plan_document: None,
        crew: None,
        equipment: None,
        closure_executor: None,
        detour: None,
    }
}

fn block(people: Option<u64>) -> Details {
    Details::Population { people, vulnerable: people.map(|p| p / 10), households: None }
}

fn shelter() -> Details {
    Details::Shelter {
        grade: None,
        standardised: None,
        capacity_people: Some(100),
        usable_area_m2: None,
        state: None,
        video_id: None,
        offers: None,
        care_places: None,
        reserve_share: None,
    }
}

fn road(bridge: Option<bool>, tunnel: Option<bool>) -> Details {
    Details::Road { class: None, bridge, tunnel, one_way: None }
}

fn metro(sill_height_m: Option<f64>) -> Details {
    Details::MetroEntrance { station: None, sill_height_m, barrier: None }
}

fn assess(assets: Vec<Asset>) -> Impact {
    let (registry, water) = (Registry::new(assets, vec![], vec![]), water());
    assess_impact(&AssessInput::new(&registry, &water))
}

fn one(asset: Asset) -> ObjectImpact {
    assess(vec![asset]).objects.remove(0)
}

#[test]
fn a_point_reads_its_cell() {
    let o = one(at("W", Layer::WaterloggingPoints, 3, point(None)));
    assert_eq!((o.peak, o.peak_at_s, o.quantity), (Some(0.40), Some(3003.0), Quantity::Depth));
    assert_eq!(
        (o.class.as_deref(), o.colour, o.hazard, o.duration_s),
        (Some("W3"), RiskColour::Orange, Some(2), Some(5000.0))
    );
    assert_eq!(o.threshold, Some(0.27));
    assert!(!o.screening && o.note.zh.is_empty(), "{}", o.note);
    let of = |t: f64| *o.crossings.iter().find(|c| c.threshold == t).unwrap();
    assert_eq!(of(0.15), Crossing { threshold: 0.15, at_s: Some(180.0), until_s: Some(5180.0) });
    assert_eq!(of(0.50), Crossing { threshold: 0.50, at_s: None, until_s: None });
    assert!(o.crossings.windows(2).all(|w| w[0].threshold < w[1].threshold));
}

#[test]
fn classes_and_colours_of_a_point_by_depth() {
    let expected = [
        ("W0", RiskColour::Low),
        ("W1", RiskColour::Blue),
        ("W2", RiskColour::Yellow),
        ("W3", RiskColour::Orange),
        ("W5", RiskColour::Red),
    ];
    for (cell, (class, colour)) in expected.into_iter().enumerate() {
        let o = one(at("W", Layer::WaterloggingPoints, cell, point(None)));
        assert_eq!((o.class.as_deref(), o.colour), (Some(class), colour), "cell {cell}");
    }
    let own = one(at("W", Layer::WaterloggingPoints, 2, point(Some(0.18))));
    assert_eq!((own.colour, own.threshold), (RiskColour::Orange, Some(0.18)), "its own closure depth");
    let c = own.crossings.iter().find(|c| c.threshold == 0.18).unwrap();
    assert_eq!(c.at_s, Some(170.0), "0.18 m was not timed: the time of 0.15 m, early");
    assert!(own.note.zh.contains("较低阈值"));
}

#[test]
fn outside_and_masked_are_unknown() {
    let mut outside = at("A", Layer::Shelters, 0, shelter());
    outside.x_m = -1.0;
    for o in [one(outside), one(at("B", Layer::Shelters, 5, shelter()))] {
        assert_eq!((o.colour, o.quantity, o.peak, o.class), (RiskColour::Unknown, Quantity::Unknown, None, None));
        assert!(o.crossings.is_empty() && o.note.zh.contains("未知"));
    }
}

#[test]
fn shelters_turn_orange_at_fifteen_centimetres() {
    let colours: Vec<_> = [0, 1, 2, 3].map(|c| one(at("S", Layer::Shelters, c, shelter())).colour).to_vec();
    assert_eq!(colours, [RiskColour::Low, RiskColour::Yellow, RiskColour::Orange, RiskColour::Red]);
}

#[test]
fn metro_entrances_by_their_sill() {
    let colour = |cell, sill| one(at("M", Layer::MetroEntrances, cell, metro(sill))).colour;
    assert_eq!(colour(3, Some(0.40)), RiskColour::Red, "0.40 m over a sill of 0.40 m");
    assert_eq!(colour(3, Some(0.45)), RiskColour::Orange, "within 0.10 m of the sill");
    assert_eq!(colour(2, Some(0.40)), RiskColour::Yellow, "half the sill");
    assert_eq!(colour(1, Some(0.45)), RiskColour::Blue);
    assert_eq!(colour(2, None), RiskColour::Orange, "sill unknown: strict");
    assert!(one(at("M", Layer::MetroEntrances, 2, metro(None))).note.zh.contains("门槛高度未知"));
    assert_eq!(colour(1, Some(-0.5)), RiskColour::Red, "a sunken entrance takes any water");
}

#[test]
fn the_frail_are_judged_more_strictly() {
    let house = |grade: &str| Details::OldHouse {
        grade: Some(grade.into()),
        people: Some(4),
        vulnerable: Some(1),
        needs: None,
    };
    assert_eq!(one(at("H", Layer::OldHouses, 2, house("C"))).colour, RiskColour::Yellow);
    assert_eq!(one(at("H", Layer::OldHouses, 2, house("D级"))).colour, RiskColour::Orange);
    let care = |vulnerable| Details::Institution { site: None, people: Some(80), vulnerable, needs: None };
    assert_eq!(one(at("I", Layer::Institutions, 2, care(Some(0)))).colour, RiskColour::Yellow);
    let o = one(at("I", Layer::Institutions, 2, care(Some(60))));
    assert_eq!((o.colour, o.people, o.vulnerable), (RiskColour::Orange, Some(80), Some(60)));
}

fn line(id: &str, x0: f64, x1: f64, y: f64, details: Details) -> Asset {
    let mut a = at(id, Layer::Roads, 0, details);
    a.geometry = Some(Geometry::LineString(line_string![(x: x0, y: y), (x: x1, y: y)]));
    a
}

#[test]
fn a_road_takes_its_worst_cell() {
    let o = one(line("R", 5.0, 45.0, 5.0, road(None, None)));
    assert_eq!((o.peak, o.peak_at_s, o.colour, o.hazard), (Some(1.20), Some(3004.0), RiskColour::Red, Some(3)));
    let c = o.crossings.iter().find(|c| c.threshold == 0.15).unwrap();
    assert_eq!((c.at_s, c.until_s), (Some(170.0), Some(5190.0)), "first cell to reach it, last to leave it");
    let part = one(line("R", -50.0, 15.0, 5.0, road(None, None)));
    assert_eq!(part.peak, Some(0.10));
    assert!(part.note.zh.contains("部分位于计算范围外"));
    let slanted = {
        let mut a = at("R", Layer::Roads, 0, road(None, None));
        a.geometry = Some(Geometry::LineString(line_string![(x: 12.0, y: 9.0), (x: 48.0, y: 11.0)]));
        one(a)
    };
    assert_eq!(slanted.peak, Some(3.0), "crosses into the north row");
}

#[test]
fn bridges_stay_dry_and_tunnels_flood_at_their_portals() {
    let bridge = one(line("B", 5.0, 45.0, 5.0, road(Some(true), None)));
    assert_eq!((bridge.colour, bridge.peak, bridge.class.as_deref()), (RiskColour::Low, Some(0.0), Some("W0")));
    assert!(bridge.note.zh.contains("桥梁") && bridge.note.zh.contains("1.20"));
    assert!(bridge.crossings.iter().all(|c| c.at_s.is_none()));
    let tunnel = one(line("T", 15.0, 35.0, 5.0, road(None, Some(true))));
    assert_eq!(tunnel.peak, Some(0.40));
    let tunnel = one(line("T", 5.0, 15.0, 5.0, road(None, Some(true))));
    assert_eq!(tunnel.peak, Some(0.10));
    assert!(tunnel.note.zh.contains("隧道"));
}

#[test]
fn wide_cells_are_screening_only() {
    let (registry, water) =
        (Registry::new(vec![at("W", Layer::WaterloggingPoints, 3, point(None))], vec![], vec![]), water());
    let mut input = AssessInput::new(&registry, &water);
    assert!(!assess_impact(&input).objects[0].screening);
    input.street_width_m = 9.0;
    assert!(assess_impact(&input).objects[0].screening);
}

#[test]
fn durations_of_another_depth_are_not_passed_on() {
    let (registry, water) =
        (Registry::new(vec![at("W", Layer::WaterloggingPoints, 3, point(None))], vec![], vec![]), water());
    let mut input = AssessInput::new(&registry, &water);
    input.arrival_depth_m = 0.05;
    let o = assess_impact(&input).objects.remove(0);
    assert_eq!(o.duration_s, None);
    assert!(o.note.zh.contains("持续时间"));
}

#[test]
fn slopes_follow_the_rain() {
    let slope = |id: &str| {
        let details = Details::Slope {
            site: None,
            class: Some(1),
            people_below: Some(12),
            households_below: None,
            monitored: None,
            past_failure: None,
            slope_deg: None,
            height_m: None,
            soil: None,
            soil_depth_m: None,
        };
        at(id, Layer::Slopes, 0, details)
    };
    let (registry, water) = (Registry::new(vec![slope("L1"), slope("L2")], vec![], vec![]), water());
    let mut input = AssessInput::new(&registry, &water);
    let state = SlopeState {
        colour: RiskColour::Orange,
        window_h: 3.0,
        rain_mm: 110.0,
        threshold_mm: 95.0,
        ratio: 110.0 / 95.0,
        warn_at_s: Some(3600.0),
        act_at_s: Some(7200.0),
        complete: true,
        at_least: RiskColour::Orange,
    };
    input.slope_states.insert("L1".into(), state.into());
    let impact = assess_impact(&input);
    let (known, unknown) = (&impact.objects[0], &impact.objects[1]);
    assert_eq!((known.colour, known.quantity, known.threshold), (RiskColour::Orange, Quantity::RainRatio, Some(1.0)));
    assert_eq!(known.crossings.iter().map(|c| c.at_s).collect::<Vec<_>>(), [Some(3600.0), Some(7200.0)]);
    assert_eq!((known.people, known.screening), (Some(12), false));
    assert_eq!((unknown.colour, unknown.peak), (RiskColour::Unknown, None));
}

fn square(code: &str, parent: Option<&str>, level: RegionLevel, low: (f64, f64), high: (f64, f64)) -> Region {
    let rect = Rect::new(coord! {x: low.0, y: low.1}, coord! {x: high.0, y: high.1});
    let outline = Some(MultiPolygon::new(vec![rect.to_polygon()]));
    Region { code: code.into(), parent: parent.map(Into::into), level, name: code.into(), population: None, outline }
}

fn with_region(mut asset: Asset, region: &str) -> Asset {
    asset.region = Some(region.into());
    asset
}

#[test]
fn regions_sum_their_subtrees() {
    let regions = vec![
        square("D", None, RegionLevel::District, (0.0, 0.0), (50.0, 20.0)),
        square("G1", Some("D"), RegionLevel::Grid, (0.0, 0.0), (30.0, 20.0)),
        square("G2", Some("D"), RegionLevel::Grid, (30.0, 0.0), (50.0, 20.0)),
        square("G3", Some("D"), RegionLevel::Grid, (900.0, 0.0), (950.0, 20.0)),
    ];
    let assets = vec![
        with_region(at("P1", Layer::Population, 2, block(Some(100))), "G1"),
        with_region(at("P2", Layer::Population, 1, block(Some(1000))), "G1"),
        with_region(at("P3", Layer::Population, 4, block(Some(50))), "G2"),
        with_region(at("P4", Layer::Population, 5, block(Some(7))), "G1"),
        with_region(at("P5", Layer::Population, 3, block(None)), "G2"),
        with_region(at("W1", Layer::WaterloggingPoints, 2, point(None)), "G1"),
        with_region(at("W2", Layer::WaterloggingPoints, 1, point(None)), "G1"),
        with_region(at("W3", Layer::WaterloggingPoints, 5, point(None)), "G1"),
    ];
    let (registry, water) = (Registry::new(assets, regions, vec![]), water());
    let impact = assess_impact(&AssessInput::new(&registry, &water));
    assert_eq!(impact.affected, 150, "only those at or above 0.15 m, unknown apart");
    assert_eq!(impact.unknown_blocks(), 2);
    assert!(impact.has_population());
    assert_eq!(impact.object("W1").unwrap().people, Some(100), "the block in the same cell");

    let (d, g1, g2) = (impact.region("D").unwrap(), impact.region("G1").unwrap(), impact.region("G2").unwrap());
    assert_eq!((g1.flooded_m2, g1.covered_m2, g1.affected, g1.affected_vulnerable), (200.0, 500.0, 100, 10));
    assert_eq!((g1.points_flooded, g1.points_unknown, g1.blocks, g1.blocks_unknown), (1, 1, 3, 1));
    assert_eq!(
        (g1.peak_m, g1.class.as_deref(), g1.hazard, g1.colour),
        (Some(0.20), Some("W2"), Some(1), RiskColour::Yellow)
    );
    let first = |r: &dayu_impact::RegionImpact, t: f64| r.crossings.iter().find(|c| c.threshold == t).unwrap().at_s;
    assert_eq!(first(g1, 0.15), Some(170.0));
    assert_eq!(first(g1, 0.27), None);
    // The cell of 0.60 m was under water from the start: a lake, not a flood.
    assert_eq!((g2.flooded_m2, g2.covered_m2, g2.peak_m), (300.0, 300.0, Some(3.0)));
    assert_eq!((d.flooded_m2, d.affected, d.points_flooded, d.colour), (500.0, 150, 1, RiskColour::Red));
    let nothing = impact.region("G3").unwrap();
    assert_eq!((nothing.covered_m2, nothing.peak_m, nothing.colour), (0.0, None, RiskColour::Unknown));
    assert!(nothing.crossings.is_empty());
    assert!(impact.regions.windows(2).all(|w| w[0].code < w[1].code));
}

#[test]
fn layers_without_a_rule_are_not_judged_and_ids_are_sorted() {
    let other = Details::Other { site: None, amount: None };
    let impact = assess(vec![
        at("Z", Layer::Shelters, 0, shelter()),
        at("S", Layer::Stores, 0, other.clone()),
        at("G", Layer::Gauges, 0, other),
        at("A", Layer::Outfalls, 9, Details::Drain { capacity_m3_s: None, state: None, power: None }),
    ]);
    assert_eq!(impact.objects.iter().map(|o| o.object_id.as_str()).collect::<Vec<_>>(), ["A", "Z"]);
    assert_eq!(impact.objects[0].colour, RiskColour::Blue, "an outfall stands in water by nature");
    assert!(!impact.has_population());
}

#[test]
fn water_from_the_start_is_said() {
    let o = one(at("W", Layer::WaterloggingPoints, 8, point(None)));
    assert_eq!(o.colour, RiskColour::Red);
    assert!(o.note.zh.contains("起算时即有水"));
}

#[test]
fn thresholds_to_time_hold_every_step_of_the_objects() {
    let t = Thresholds::default();
    let registry = Registry::new(
        vec![
            at("W", Layer::WaterloggingPoints, 0, point(Some(0.22))),
            at("M", Layer::MetroEntrances, 0, metro(Some(0.40))),
        ],
        vec![],
        vec![],
    );
    let track = thresholds_to_track(&registry, &t);
    for depth in [0.05, 0.15, 0.20, 0.22, 0.27, 0.30, 0.40, 0.50, 1.0, 2.0] {
        assert!(track.contains(&depth), "{depth} in {track:?}");
    }
    assert!(track.windows(2).all(|w| w[0] < w[1]));
    let many: Vec<Asset> = (0..500)
        .map(|k| at(&format!("M{k:03}"), Layer::MetroEntrances, 0, metro(Some(0.3 + f64::from(k) * 0.001))))
        .collect();
    assert!(thresholds_to_track(&Registry::new(many, vec![], vec![]), &t).len() < 40, "memory stays bounded");
}

#[test]
fn the_same_answer_with_one_thread_and_four() {
    let assets: Vec<Asset> =
        (0..200).map(|k| at(&format!("P{k:03}"), Layer::Population, k % 10, block(Some(k as u64)))).collect();
    let (registry, water) = (
        Registry::new(assets, vec![square("D", None, RegionLevel::District, (0.0, 0.0), (50.0, 20.0))], vec![]),
        water(),
    );
    let with = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| assess_impact(&AssessInput::new(&registry, &water)))
    };
    assert_eq!(with(1), with(4));
}
