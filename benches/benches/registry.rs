//! The registry with 100 000 objects: building, and each query by R-tree against a walk through all objects, in the same run and
//! with the same answers.
#![allow(clippy::print_stdout)]

use criterion::{BatchSize, Criterion, Throughput};
use dayu_assets::{Asset, Details, Layer, Registry, Relation};
use dayu_base::Origin;
use dayu_benches::{Draws, machine_line};
use geo::{
    BoundingRect, Distance, Euclidean, Geometry, Intersects, LineString, MultiPolygon, Point, Rect, coord, line_string,
};
use std::cell::Cell;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

const OBJECTS: usize = 100_000;
/// Side of the square district, m: about the size of a large one.
const SIDE_M: f64 = 20_000.0;
const NEAREST: usize = 10;
const RADIUS_M: f64 = 200.0;
const BOX_M: f64 = 500.0;
/// Places asked, in turn.
const PLACES: usize = 4096;

/// Of a hundred objects 20 are roads (lines of about 60 m), 79 or 80 points; one in 500 is a shelter.
fn assets() -> Vec<Asset> {
    let mut draws = Draws(2024);
    let object = |k: usize| {
        let (x_m, y_m) = (draws.between(0.0, SIDE_M), draws.between(0.0, SIDE_M));
        let (layer, geometry) = if k % 500 == 7 {
            (Layer::Shelters, None)
        } else if k.is_multiple_of(5) {
            let mut offset = || draws.between(-30.0, 30.0);
            let (a, b) = ((x_m + offset(), y_m + offset()), (x_m + offset(), y_m + offset()));
            let line = line_string![(x: a.0, y: a.1), (x: x_m, y: y_m), (x: b.0, y: b.1)];
            (Layer::Roads, Some(Geometry::LineString(line)))
        } else {
            (Layer::Population, None)
        };
        Asset {
            id: format!("A{k:06}"),
            layer,
            name: format!("n{k}"),
            x_m,
            y_m,
            geometry,
            region: None,
            origin: Origin::Synthetic,
            name_origin: None,
            position_origin: None,
            data_time: None,
            details: Details::Other { site: None, amount: None },
        }
    };
    (0..OBJECTS).map(object).collect()
}

fn distance_m(asset: &Asset, x_m: f64, y_m: f64) -> f64 {
    match &asset.geometry {
        Some(geometry) => Euclidean.distance(&Geometry::Point(Point::new(x_m, y_m)), geometry),
        None => (asset.x_m - x_m).hypot(asset.y_m - y_m),
    }
}

/// The same questions, answered by walking through all objects. Answers are ids in order.
struct Walk<'a>(&'a [Asset]);

impl<'a> Walk<'a> {
    fn nearest(&self, (x_m, y_m): (f64, f64), layer: Option<Layer>) -> Vec<&'a str> {
        let kept = self.0.iter().filter(|a| layer.is_none_or(|l| a.layer == l));
        let mut far: Vec<(f64, &str)> = kept.map(|a| (distance_m(a, x_m, y_m), a.id.as_str())).collect();
        let order = |a: &(f64, &str), b: &(f64, &str)| a.0.total_cmp(&b.0).then(a.1.cmp(b.1));
        if far.len() > NEAREST {
            far.select_nth_unstable_by(NEAREST, order);
            far.truncate(NEAREST);
        }
        far.sort_by(order);
        far.into_iter().map(|(_, id)| id).collect()
    }

    fn radius(&self, (x_m, y_m): (f64, f64)) -> Vec<&'a str> {
        let near = self.0.iter().map(|a| (distance_m(a, x_m, y_m), a.id.as_str())).filter(|(d, _)| *d <= RADIUS_M);
        let mut near: Vec<(f64, &str)> = near.collect();
        near.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(b.1)));
        near.into_iter().map(|(_, id)| id).collect()
    }

    fn area(&self, area: &MultiPolygon<f64>, rect: Rect<f64>) -> Vec<&'a str> {
        let point = |a: &Asset| Point::new(a.x_m, a.y_m);
        let inside = |a: &&Asset| match &a.geometry {
            None => rect.intersects(&point(a)) && area.intersects(&point(a)),
            Some(geometry) => {
                geometry.bounding_rect().is_some_and(|r| r.intersects(&rect)) && geometry.intersects(area)
            }
        };
        self.0.iter().filter(inside).map(|a| a.id.as_str()).collect()
    }

    fn in_box(&self, rect: Rect<f64>) -> Vec<&'a str> {
        let inside = |a: &&Asset| match &a.geometry {
            None => rect.intersects(&Point::new(a.x_m, a.y_m)),
            Some(geometry) => geometry.intersects(&rect),
        };
        self.0.iter().filter(inside).map(|a| a.id.as_str()).collect()
    }
}

fn box_at((x, y): (f64, f64)) -> Rect<f64> {
    let half = BOX_M / 2.0;
    Rect::new(coord! {x: x - half, y: y - half}, coord! {x: x + half, y: y + half})
}

/// A ragged ring of 40 corners about 400 m across, as the outline of a 网格 is.
fn outline_at((x, y): (f64, f64)) -> MultiPolygon<f64> {
    let corner = |k: u32| {
        let (angle, reach) =
            (f64::from(k) * std::f64::consts::TAU / 40.0, if k.is_multiple_of(2) { 200.0 } else { 160.0 });
        (x + reach * angle.cos(), y + reach * angle.sin())
    };
    let ring: LineString<f64> = (0..=40).map(|k| corner(k % 40)).collect::<Vec<_>>().into();
    MultiPolygon::new(vec![geo::Polygon::new(ring, vec![])])
}

/// Mean seconds a call over all samples of criterion, which also prints its own estimate with its interval.
fn measured(criterion: &mut Criterion, name: &str, places: &[(f64, f64)], call: impl Fn((f64, f64))) -> f64 {
    let (elapsed, calls, next) = (Cell::new(Duration::ZERO), Cell::new(0_u64), Cell::new(0));
    criterion.bench_function(name, |bencher| {
        bencher.iter_custom(|iterations| {
            let clock = Instant::now();
            for _ in 0..iterations {
                call(places[next.get() % places.len()]);
                next.set(next.get() + 1);
            }
            let time = clock.elapsed();
            elapsed.set(elapsed.get() + time);
            calls.set(calls.get() + iterations);
            time
        });
    });
    elapsed.get().as_secs_f64() / calls.get() as f64
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("registry of {OBJECTS} objects · {}", machine_line());
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let mut criterion_of_walks = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(100))
        .measurement_time(Duration::from_secs(1))
        .configure_from_args();

    let all = assets();
    let mut group = criterion.benchmark_group("build");
    group.throughput(Throughput::Elements(OBJECTS as u64)).measurement_time(Duration::from_secs(6));
    group.bench_function("registry with its R-tree (limit 0.2 s)", |bencher| {
        bencher.iter_batched(|| all.clone(), |all| Registry::new(all, vec![], vec![]), BatchSize::PerIteration);
    });
    group.finish();

    let registry = Registry::new(all.clone(), vec![], vec![]);
    let walk = Walk(registry.assets());
    let mut draws = Draws(7);
    let places: Vec<(f64, f64)> =
        (0..PLACES).map(|_| (draws.between(0.0, SIDE_M), draws.between(0.0, SIDE_M))).collect();
    let shelters = Some(Layer::Shelters);
    let by_tree = |what: &str, place: (f64, f64)| -> Vec<&str> {
        let (low, high) = (box_at(place).min(), box_at(place).max());
        match what {
            "nearest" => {
                registry.nearest(place.0, place.1, NEAREST, None).iter().map(|n| n.asset.id.as_str()).collect()
            }
            "shelters" => {
                registry.nearest(place.0, place.1, NEAREST, shelters).iter().map(|n| n.asset.id.as_str()).collect()
            }
            "radius" => {
                registry.within_radius(place.0, place.1, RADIUS_M, None).iter().map(|n| n.asset.id.as_str()).collect()
            }
            "box" => registry.in_box(low.x_y(), high.x_y(), None).iter().map(|a| a.id.as_str()).collect(),
            _ => {
                let found = registry.in_polygon(&outline_at(place), Relation::Intersects, None);
                found.iter().map(|a| a.id.as_str()).collect()
            }
        }
    };
    let by_walk = |what: &str, place: (f64, f64)| -> Vec<&str> {
        match what {
            "nearest" => walk.nearest(place, None),
            "shelters" => walk.nearest(place, shelters),
            "radius" => walk.radius(place),
            "box" => walk.in_box(box_at(place)),
            _ => {
                let area = outline_at(place);
                let rect = area.bounding_rect().unwrap_or_else(|| box_at(place));
                walk.area(&area, rect)
            }
        }
    };
    let questions = [
        ("nearest", "nearest 10 of all layers (limit 20 µs)"),
        ("shelters", "nearest 10 of 200 shelters"),
        ("radius", "within 200 m"),
        ("box", "box of 500 m"),
        ("outline", "outline of 40 corners, 400 m across"),
    ];
    let mut lines = Vec::new();
    for (what, name) in questions {
        let mut found = 0;
        for &place in places.iter().take(200) {
            let answer = by_tree(what, place);
            found += answer.len();
            if answer != by_walk(what, place) {
                return Err(format!("{name}: the R-tree and the walk through all objects differ at {place:?}").into());
            }
        }
        let tree = measured(&mut criterion, name, &places, |place| {
            black_box(by_tree(what, black_box(place)));
        });
        let walk = measured(&mut criterion_of_walks, &format!("{name}, walk through all"), &places, |place| {
            black_box(by_walk(what, black_box(place)));
        });
        lines.push(format!(
            "  {name}: {:.2} µs, {:.1} found; walk through all {:.0} µs, {:.0} times as long",
            tree * 1e6,
            found as f64 / 200.0,
            walk * 1e6,
            walk / tree
        ));
    }
    println!("mean a call; both gave the same answers at 200 places");
    lines.iter().for_each(|line| println!("{line}"));
    Ok(())
}
