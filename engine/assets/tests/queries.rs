//! Every query of the registry equals brute force over all objects.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

use dayu_assets::{Asset, Details, Layer, Region, RegionLevel, Registry, Relation};
use dayu_base::Origin;
use geo::{
    Distance, Euclidean, Geometry, Intersects, LineString, MultiPolygon, Point, Polygon, Rect, Relate, coord,
    line_string,
};
use proptest::prelude::*;

fn asset(id: usize, layer: Layer, x_m: f64, y_m: f64, geometry: Option<Geometry<f64>>, region: Option<&str>) -> Asset {
    Asset {
        id: format!("A{id:05}"),
        layer,
        name: format!("n{id}"),
        x_m,
        y_m,
        geometry,
        region: region.map(Into::into),
        origin: Origin::Synthetic,
        name_origin: None,
        position_origin: None,
        data_time: None,
        details: Details::Other { site: None, amount: None },
    }
}

const LAYERS: [Layer; 3] = [Layer::Gauges, Layer::Roads, Layer::Institutions];

/// Points, lines and polygons on a coarse lattice, so that equal distances and shared sides really occur.
fn assets() -> impl Strategy<Value = Vec<Asset>> {
    let one = (0..3usize, -20..20i32, -20..20i32, -6..6i32, 1..6i32, 0..4usize);
    prop::collection::vec(one, 0..120).prop_map(|rows| {
        let mut all = Vec::new();
        for (k, (kind, x, y, dx, dy, region)) in rows.into_iter().enumerate() {
            let (x, y, dx, dy) = (f64::from(x), f64::from(y), f64::from(dx), f64::from(dy));
            let geometry = match kind {
                0 => None,
                1 => Some(Geometry::LineString(line_string![(x: x, y: y), (x: x + dx, y: y + dy), (x: x + dy, y: y)])),
                _ => {
                    let ring: LineString<f64> = vec![(x, y), (x + dy, y), (x + dy, y + dy), (x, y)].into();
                    Some(Geometry::Polygon(Polygon::new(ring, vec![])))
                }
            };
            let region = [None, Some("T1"), Some("G1"), Some("G2")][region];
            // Ids descend, so that the registry really has to sort.
            all.push(asset(10_000 - k, LAYERS[kind], x, y, geometry, region));
        }
        all
    })
}

fn region(code: &str, parent: Option<&str>, level: RegionLevel) -> Region {
    Region {
        code: code.into(),
        parent: parent.map(Into::into),
        level,
        name: code.into(),
        population: None,
        outline: None,
    }
}

fn registry(assets: &[Asset]) -> Registry {
    let regions = vec![
        region("D", None, RegionLevel::District),
        region("T1", Some("D"), RegionLevel::Town),
        region("T2", Some("D"), RegionLevel::Town),
        region("G1", Some("T1"), RegionLevel::Grid),
        region("G2", Some("T2"), RegionLevel::Grid),
    ];
    Registry::new(assets.to_vec(), regions, vec![])
}

fn shape(a: &Asset) -> Geometry<f64> {
    a.geometry.clone().unwrap_or(Geometry::Point(Point::new(a.x_m, a.y_m)))
}

fn distance(a: &Asset, x: f64, y: f64) -> f64 {
    match &a.geometry {
        Some(g) => Euclidean.distance(&Geometry::Point(Point::new(x, y)), g),
        None => ((a.x_m - x).powi(2) + (a.y_m - y).powi(2)).sqrt(),
    }
}

fn chosen(all: &[Asset], layer: Option<Layer>) -> Vec<&Asset> {
    let mut list: Vec<&Asset> = all.iter().filter(|a| layer.is_none_or(|l| a.layer == l)).collect();
    list.sort_by(|a, b| a.id.cmp(&b.id));
    list
}

fn ids(list: &[&Asset]) -> Vec<String> {
    list.iter().map(|a| a.id.clone()).collect()
}

fn layers() -> impl Strategy<Value = Option<Layer>> {
    prop_oneof![
        Just(None),
        Just(Some(LAYERS[0])),
        Just(Some(LAYERS[1])),
        Just(Some(LAYERS[2])),
        Just(Some(Layer::Pumps))
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn box_equals_brute_force(all in assets(), layer in layers(), x in -25..25i32, y in -25..25i32, w in 0..20i32, h in 0..20i32) {
        let (x, y, w, h) = (f64::from(x), f64::from(y), f64::from(w), f64::from(h));
        let rect = Rect::new(coord! {x: x, y: y}, coord! {x: x + w, y: y + h});
        let expected: Vec<&Asset> = chosen(&all, layer).into_iter().filter(|a| shape(a).intersects(&rect)).collect();
        prop_assert_eq!(ids(&registry(&all).in_box((x, y), (x + w, y + h), layer)), ids(&expected));
    }

    #[test]
    fn radius_equals_brute_force(all in assets(), layer in layers(), x in -25..25i32, y in -25..25i32, r in 0..30i32) {
        let (x, y, r) = (f64::from(x), f64::from(y), f64::from(r));
        let mut expected: Vec<(f64, String)> =
            chosen(&all, layer).into_iter().map(|a| (distance(a, x, y), a.id.clone())).filter(|(d, _)| *d <= r).collect();
        expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let reg = registry(&all);
        let found: Vec<_> = reg.within_radius(x, y, r, layer).iter().map(|n| (n.distance_m, n.asset.id.clone())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn nearest_equals_brute_force(all in assets(), layer in layers(), x in -25..25i32, y in -25..25i32, k in 0..12usize) {
        let (x, y) = (f64::from(x) + 0.25, f64::from(y));
        let mut expected: Vec<(f64, String)> =
            chosen(&all, layer).into_iter().map(|a| (distance(a, x, y), a.id.clone())).collect();
        expected.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        expected.truncate(k);
        let reg = registry(&all);
        let found: Vec<_> = reg.nearest(x, y, k, layer).iter().map(|n| (n.distance_m, n.asset.id.clone())).collect();
        prop_assert_eq!(found, expected);
    }

    #[test]
    fn polygon_equals_brute_force(all in assets(), layer in layers(), x in -20..10i32, y in -20..10i32, s in 1..25i32) {
        let (x, y, s) = (f64::from(x), f64::from(y), f64::from(s));
        let ring: LineString<f64> = vec![(x, y), (x + s, y), (x + s / 2.0, y + s), (x, y)].into();
        let area = MultiPolygon::new(vec![Polygon::new(ring, vec![])]);
        let reg = registry(&all);
        let touching: Vec<&Asset> = chosen(&all, layer).into_iter().filter(|a| shape(a).intersects(&area)).collect();
        prop_assert_eq!(ids(&reg.in_polygon(&area, Relation::Intersects, layer)), ids(&touching));
        let inside: Vec<&Asset> =
            chosen(&all, layer).into_iter().filter(|a| area.relate(&shape(a)).is_covers()).collect();
        prop_assert_eq!(ids(&reg.in_polygon(&area, Relation::Contains, layer)), ids(&inside));
    }

    #[test]
    fn route_equals_brute_force(all in assets(), layer in layers(), d in 0..12i32,
                                turns in prop::collection::vec((-20..20i32, -20..20i32), 2..6)) {
        let d = f64::from(d);
        let route = LineString::from(turns.iter().map(|&(x, y)| (f64::from(x), f64::from(y))).collect::<Vec<_>>());
        let reg = registry(&all);
        let found = reg.along_route(&route, d, layer);
        let expected: Vec<&Asset> = chosen(&all, layer)
            .into_iter()
            .filter(|a| Euclidean.distance(&Geometry::LineString(route.clone()), &shape(a)) <= d + 1e-9)
            .collect();
        let mut got: Vec<String> = found.iter().map(|b| b.asset.id.clone()).collect();
        prop_assert!(found.windows(2).all(|w| w[0].chainage_m <= w[1].chainage_m));
        got.sort();
        // On the very limit the two ways of computing may differ by rounding; nowhere else.
        for id in ids(&expected).iter().filter(|id| !got.contains(id)) {
            let away = Euclidean.distance(&Geometry::LineString(route.clone()), &shape(reg.by_id(id).unwrap()));
            prop_assert!((away - d).abs() < 1e-9, "{} at {}", id, away);
        }
        for b in &found {
            let away = Euclidean.distance(&Geometry::LineString(route.clone()), &shape(b.asset));
            prop_assert!((away - b.distance_m).abs() < 1e-9);
            // The place named by the chainage really lies that far from the object.
            let (mut left, mut place) = (b.chainage_m, route.0[0]);
            for s in route.lines() {
                let length = s.dx().hypot(s.dy());
                let t = if length > 0.0 { (left / length).min(1.0) } else { 0.0 };
                place = coord! {x: s.start.x + t * s.dx(), y: s.start.y + t * s.dy()};
                left -= length;
                if left <= 0.0 { break; }
            }
            prop_assert!((distance(b.asset, place.x, place.y) - b.distance_m).abs() < 1e-6);
        }
    }

    #[test]
    fn region_and_id_equal_brute_force(all in assets(), layer in layers()) {
        let reg = registry(&all);
        for (code, below) in [("D", &["T1", "G1", "G2"][..]), ("T1", &["T1", "G1"]), ("T2", &["G2"]), ("?", &[])] {
            let expected: Vec<&Asset> = chosen(&all, layer)
                .into_iter()
                .filter(|a| a.region.as_deref().is_some_and(|r| below.contains(&r)))
                .collect();
            prop_assert_eq!(ids(&reg.in_region(code, layer)), ids(&expected));
        }
        for a in &all {
            prop_assert_eq!(reg.by_id(&a.id), Some(a));
        }
    }
}

#[test]
fn along_a_route_in_the_order_of_passing() {
    let bar = Geometry::LineString(line_string![(x: 60.0, y: -5.0), (x: 60.0, y: 5.0)]);
    let all = vec![
        asset(1, Layer::Gauges, 90.0, 3.0, None, None),
        asset(2, Layer::Gauges, 10.0, -4.0, None, None),
        asset(3, Layer::Roads, 60.0, 0.0, Some(bar), None),
        asset(4, Layer::Gauges, 50.0, 30.0, None, None),
    ];
    let reg = registry(&all);
    let route = line_string![(x: 0.0, y: 0.0), (x: 100.0, y: 0.0)];
    let found: Vec<_> =
        reg.along_route(&route, 5.0, None).iter().map(|b| (b.asset.id.clone(), b.chainage_m, b.distance_m)).collect();
    assert_eq!(found, [("A00002".into(), 10.0, 4.0), ("A00003".into(), 60.0, 0.0), ("A00001".into(), 90.0, 3.0)]);
}

#[test]
fn a_rare_layer_and_odd_questions() {
    let mut all: Vec<Asset> = (0..400)
        .map(|k| asset(k, Layer::Gauges, f64::from(k as u32 % 20), f64::from(k as u32 / 20), None, None))
        .collect();
    all.push(asset(900, Layer::Pumps, 500.0, 500.0, None, None));
    all.push(asset(901, Layer::Gauges, f64::NAN, 0.0, None, None));
    let reg = registry(&all);
    assert_eq!(reg.nearest(0.0, 0.0, 3, Some(Layer::Pumps)).len(), 1);
    assert_eq!(reg.nearest(0.0, 0.0, 3, Some(Layer::Stores)).len(), 0);
    assert_eq!(reg.nearest(f64::NAN, 0.0, 3, None).len(), 0);
    assert_eq!(reg.nearest(0.0, 0.0, 1000, None).len(), 401, "a place that is not a number is never near");
    assert!(reg.in_box((5.0, 5.0), (1.0, 1.0), None).is_empty());
    assert!(reg.within_radius(0.0, 0.0, -1.0, None).is_empty());
    assert!(reg.by_id("A00901").is_some());
}

#[test]
fn a_hundred_thousand_objects_load_and_answer() {
    // A generous limit that still catches a quadratic slip; the figures proper are measured in benches/.
    let mut all = Vec::new();
    let mut seed = 1u64;
    let mut next = move || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 11) as f64 / (1u64 << 53) as f64 * 30_000.0
    };
    for k in 0..100_000 {
        let (x, y) = (next(), next());
        all.push(asset(k, LAYERS[k % 3], x, y, None, None));
    }
    let reg = registry(&all);
    assert_eq!(reg.assets().len(), 100_000);
    for _ in 0..1000 {
        assert_eq!(reg.nearest(next(), next(), 10, None).len(), 10);
    }
}
