//! The typhoon's picture: track, wind circles, nearest approach, and a cone where there is a forecast.

use super::sheet::header;
use crate::typesetting::Sheet;
use dayu_package::{Package, StormMap, StormPoint};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

const TEMPLATE: &str = include_str!("../../templates/storm.typ");
/// Drawing, mm.
const WIDTH_MM: f64 = 218.0;
const HEIGHT_MM: f64 = 178.0;
/// Kilometres of a degree of latitude.
const KM_PER_DEGREE: f64 = 111.195;
/// Distances from the district that are drawn, km.
const RINGS_KM: [f64; 6] = [50.0, 100.0, 200.0, 300.0, 500.0, 800.0];

/// Equirectangular, true at the middle latitude.
struct Plane {
    west: f64,
    north: f64,
    mm_per_degree: f64,
    stretch: f64,
}

impl Plane {
    fn around(storm: &StormMap) -> Self {
        let mut low = (f64::INFINITY, f64::INFINITY);
        let mut high = (f64::NEG_INFINITY, f64::NEG_INFINITY);
        let mut add = |(x, y): (f64, f64)| {
            low = (low.0.min(x), low.1.min(y));
            high = (high.0.max(x), high.1.max(y));
        };
        storm.points.iter().for_each(|p| add(p.place));
        add(storm.nearest_place);
        storm.district.0.iter().flat_map(|p| p.exterior().0.iter()).for_each(|c| add((c.x, c.y)));
        // A storm that stands still beside the district still needs room for its circles.
        let (mx, my) = ((low.0 + high.0) / 2.0, (low.1 + high.1) / 2.0);
        let stretch = libm::cos(my.to_radians()).max(0.2);
        let width = ((high.0 - low.0) * stretch).max(3.0) * 1.25;
        let height = (high.1 - low.1).max(3.0) * 1.25;
        let mm_per_degree = (WIDTH_MM / width).min(HEIGHT_MM / height);
        Self {
            west: mx - WIDTH_MM / mm_per_degree / stretch / 2.0,
            north: my + HEIGHT_MM / mm_per_degree / 2.0,
            mm_per_degree,
            stretch,
        }
    }
    fn at(&self, (lon, lat): (f64, f64)) -> (f64, f64) {
        ((lon - self.west) * self.stretch * self.mm_per_degree, (self.north - lat) * self.mm_per_degree)
    }
    fn km(&self, km: f64) -> f64 {
        km / KM_PER_DEGREE * self.mm_per_degree
    }
    fn holds(&self, (x, y): (f64, f64)) -> bool {
        (0.0..=WIDTH_MM).contains(&x) && (0.0..=HEIGHT_MM).contains(&y)
    }
}

/// Colour of a centre by its wind: the classes of GB/T 19201.
fn class_rgb(wind_m_s: Option<f64>) -> &'static str {
    match wind_m_s {
        None => "#9aa2a8",
        Some(v) if v >= 51.0 => "#7b1fa2",
        Some(v) if v >= 41.5 => "#c2185b",
        Some(v) if v >= 32.7 => "#d32f2f",
        Some(v) if v >= 24.5 => "#ef6c00",
        Some(v) if v >= 17.2 => "#f2b705",
        Some(_) => "#2f80c9",
    }
}

fn circle_rgb(grade: u8) -> &'static str {
    match grade {
        12.. => "#d32f2f",
        10..12 => "#ef6c00",
        _ => "#f2b705",
    }
}

fn line(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut path = String::new();
    for (k, (x, y)) in points.enumerate() {
        let _ = write!(path, "{}{x:.2} {y:.2}", if k == 0 { "M" } else { "L" });
    }
    path
}

/// The picture of a package's typhoon; `None` when it has none.
pub fn sheet(pkg: &Package) -> Option<Sheet<'static>> {
    let storm = pkg.map.storm.as_ref()?;
    let plane = Plane::around(storm);
    let zone = &pkg.header.zone;
    let (svg, mut texts) = drawing(storm, &plane);
    texts.extend(labels(storm, &plane, |t| zone.short(t)));
    let impact = pkg.map.facts.iter().filter(|f| f.title.zh.contains("风"));
    let mut data = header(pkg);
    let small = format!(
        "路径：{}。风圈为模型估算（Holland 2010 风廓线，2 分钟平均、海面），非实测。底图不含海岸线与境界。示意图，未经地图审核。{}",
        storm.agency,
        if storm.has_forecast {
            "虚线与扇形为预报，扇形为同时效平均路径误差（待核）。"
        } else {
            "路径不含预报，故不画不确定范围；事后最佳路径不是当时所知。"
        }
    );
    let mut legend = vec![json!({ "fill": "#a3121f", "stroke": "#7a0d17", "words": "本区" })];
    for c in &storm.circles {
        legend.push(json!({ "fill": format!("{}40", circle_rgb(c.grade)), "stroke": circle_rgb(c.grade), "words": format!("{} 级风圈（最近时刻）", c.grade) }));
    }
    for (wind, words) in [
        (10.8, "热带低压及以下"),
        (17.2, "热带风暴"),
        (24.5, "强热带风暴"),
        (32.7, "台风"),
        (41.5, "强台风"),
        (51.0, "超强台风"),
    ] {
        let rgb = class_rgb(Some(wind));
        legend.push(json!({ "fill": rgb, "stroke": rgb, "words": words }));
    }
    let extra = json!({
        "title": storm.title,
        "w": WIDTH_MM,
        "h": HEIGHT_MM,
        "texts": texts,
        "legend": legend,
        "small": small,
        "facts": impact.map(|f| json!([f.title.zh, f.value])).collect::<Vec<_>>(),
    });
    if let (Some(data), Some(extra)) = (data.as_object_mut(), extra.as_object()) {
        data.extend(extra.clone());
    }
    let files = BTreeMap::from([
        ("data.json".to_string(), data.to_string().into_bytes()),
        ("storm.svg".to_string(), svg.into_bytes()),
    ]);
    Some(Sheet {
        template: TEMPLATE,
        files,
        instant: pkg.header.as_of,
        ident: format!("{}/{}/typhoon", pkg.header.run_id, pkg.header.level.id()),
    })
}

fn text(x: f64, y: f64, words: String, size: f64, rgb: &str, bold: bool) -> Value {
    json!({ "x": x, "y": y, "text": words, "size": size, "rgb": rgb, "bold": bold })
}

fn drawing(storm: &StormMap, plane: &Plane) -> (String, Vec<Value>) {
    let mut s = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH_MM} {HEIGHT_MM}\"><rect width=\"{WIDTH_MM}\" height=\"{HEIGHT_MM}\" fill=\"#f4f7f9\"/>"
    );
    let mut texts = Vec::new();
    let degrees = WIDTH_MM / plane.mm_per_degree;
    let step = if degrees > 12.0 { 2.0 } else { 1.0 };
    let mut lon = (plane.west / step).ceil() * step;
    while plane.at((lon, 0.0)).0 < WIDTH_MM {
        let x = plane.at((lon, 0.0)).0;
        let _ = write!(s, "<path d=\"M{x:.2} 0V{HEIGHT_MM}\" stroke=\"#cfd8de\" stroke-width=\"0.25\"/>");
        texts.push(text(x + 0.6, HEIGHT_MM - 4.5, format!("{lon:.0}°E"), 7.0, "#6b757c", false));
        lon += step;
    }
    let mut lat = (plane.north / step).floor() * step;
    while plane.at((0.0, lat)).1 < HEIGHT_MM {
        let y = plane.at((0.0, lat)).1;
        let _ = write!(s, "<path d=\"M0 {y:.2}H{WIDTH_MM}\" stroke=\"#cfd8de\" stroke-width=\"0.25\"/>");
        texts.push(text(0.8, y + 0.4, format!("{lat:.0}°N"), 7.0, "#6b757c", false));
        lat -= step;
    }
    cone(&mut s, storm, plane);
    for c in &storm.circles {
        let rgb = circle_rgb(c.grade);
        let path = line(c.ring.iter().map(|p| plane.at(*p)));
        let _ = write!(
            s,
            "<path d=\"{path}Z\" fill=\"{rgb}\" fill-opacity=\"0.16\" stroke=\"{rgb}\" stroke-width=\"0.5\"/>"
        );
    }
    let middle = middle(storm);
    let (mx, my) = plane.at(middle);
    for km in RINGS_KM {
        let r = plane.km(km);
        if r > 8.0 && r < WIDTH_MM {
            let _ = write!(
                s,
                "<circle cx=\"{mx:.2}\" cy=\"{my:.2}\" r=\"{r:.2}\" fill=\"none\" stroke=\"#8a949b\" stroke-width=\"0.25\" stroke-dasharray=\"1.5 1.2\"/>"
            );
            let at = (mx - 5.0, my + r - 3.6);
            if plane.holds(at) {
                texts.push(text(at.0, at.1, format!("{km:.0} km"), 7.0, "#5d666d", false));
            }
        }
    }
    for part in &storm.district.0 {
        let path = line(part.exterior().0.iter().map(|c| plane.at((c.x, c.y))));
        let _ = write!(
            s,
            "<path d=\"{path}Z\" fill=\"#a3121f\" fill-opacity=\"0.75\" stroke=\"#7a0d17\" stroke-width=\"0.3\"/>"
        );
    }
    let last = storm.points.iter().rposition(|p| !p.forecast).unwrap_or(0);
    let way = |points: &[StormPoint]| line(points.iter().map(|p| plane.at(p.place)));
    let _ = write!(
        s,
        "<path d=\"{}\" fill=\"none\" stroke=\"#33404a\" stroke-width=\"0.7\"/>",
        way(&storm.points[..=last.min(storm.points.len().saturating_sub(1))])
    );
    if last + 1 < storm.points.len() {
        let _ = write!(
            s,
            "<path d=\"{}\" fill=\"none\" stroke=\"#33404a\" stroke-width=\"0.7\" stroke-dasharray=\"2 1.4\"/>",
            way(&storm.points[last..])
        );
    }
    let (nx, ny) = plane.at(storm.nearest_place);
    let _ = write!(
        s,
        "<path d=\"M{mx:.2} {my:.2}L{nx:.2} {ny:.2}\" stroke=\"#a3121f\" stroke-width=\"0.5\" stroke-dasharray=\"1 0.8\"/>"
    );
    for p in &storm.points {
        let (x, y) = plane.at(p.place);
        let (fill, edge) =
            if p.forecast { ("#ffffff", class_rgb(p.wind_m_s)) } else { (class_rgb(p.wind_m_s), "#1d2327") };
        let _ = write!(
            s,
            "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"1.3\" fill=\"{fill}\" stroke=\"{edge}\" stroke-width=\"0.3\"/>"
        );
    }
    let _ = write!(
        s,
        "<circle cx=\"{nx:.2}\" cy=\"{ny:.2}\" r=\"2.1\" fill=\"none\" stroke=\"#a3121f\" stroke-width=\"0.7\"/></svg>"
    );
    (s, texts)
}

/// Circles of the mean error of each forecast, joined.
fn cone(s: &mut String, storm: &StormMap, plane: &Plane) {
    let forecast: Vec<(f64, f64, f64)> = storm
        .points
        .iter()
        .filter_map(|p| {
            let (x, y) = plane.at(p.place);
            Some((x, y, plane.km(p.error_km?)))
        })
        .collect();
    for (x, y, r) in &forecast {
        let _ = write!(s, "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{r:.2}\" fill=\"#5b7fa6\" fill-opacity=\"0.18\"/>");
    }
    for w in forecast.windows(2) {
        let ((x0, y0, r0), (x1, y1, r1)) = (w[0], w[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = (dx * dx + dy * dy).sqrt().max(1e-9);
        let (ux, uy) = (-dy / length, dx / length);
        let corners = [
            (x0 + ux * r0, y0 + uy * r0),
            (x1 + ux * r1, y1 + uy * r1),
            (x1 - ux * r1, y1 - uy * r1),
            (x0 - ux * r0, y0 - uy * r0),
        ];
        let _ = write!(s, "<path d=\"{}Z\" fill=\"#5b7fa6\" fill-opacity=\"0.18\"/>", line(corners.into_iter()));
    }
}

fn middle(storm: &StormMap) -> (f64, f64) {
    use geo::BoundingRect;
    storm.district.bounding_rect().map_or(storm.nearest_place, |r| (r.center().x, r.center().y))
}

/// Size of the label of the nearest approach, mm.
const NEAREST_MM: (f64, f64) = (42.0, 5.0);

/// Upper left corner of the label of the nearest approach: the first place round it where neither the track nor its points run under
/// the words; the place with least of the track under it if there is none.
fn clear_place(nearest: (f64, f64), way: &[(f64, f64)], holds: impl Fn((f64, f64)) -> bool) -> (f64, f64) {
    let (x, y) = nearest;
    let (wide, high) = NEAREST_MM;
    let places = [
        (x - wide - 3.0, y - 7.5),
        (x + 3.5, y - 7.5),
        (x + 3.5, y + 2.5),
        (x - wide - 3.0, y + 2.5),
        (x - wide / 2.0, y - 12.0),
        (x - wide / 2.0, y + 7.0),
        (x + 6.0, y + 12.0),
        (x - wide - 6.0, y + 12.0),
        (x + 6.0, y - 18.0),
        (x - wide - 6.0, y - 18.0),
    ];
    // The track in steps shorter than a letter.
    let under = |at: &(f64, f64)| {
        let covers = |(px, py): (f64, f64)| {
            at.0 - 1.5 < px && px < at.0 + wide + 1.5 && at.1 - 1.5 < py && py < at.1 + high + 1.5
        };
        let on_way = way.windows(2).flat_map(|w| {
            let ((x0, y0), (x1, y1)) = (w[0], w[1]);
            (0..=100).map(move |k| f64::from(k) / 100.0).map(move |f| (x0 + (x1 - x0) * f, y0 + (y1 - y0) * f))
        });
        on_way.chain(way.iter().copied()).filter(|p| covers(*p)).count()
    };
    let inside = |at: &&(f64, f64)| holds(**at) && holds((at.0 + wide, at.1 + high));
    places.iter().filter(inside).min_by_key(|at| under(at)).copied().unwrap_or(places[0])
}

/// Times along the track, no two closer than they can be read.
fn labels(storm: &StormMap, plane: &Plane, print: impl Fn(dayu_base::Instant) -> String) -> Vec<Value> {
    let mut texts = Vec::new();
    let mut taken: Vec<(f64, f64)> = vec![plane.at(storm.nearest_place)];
    let (nx, ny) = taken[0];
    let words = format!("{} 最近 {:.0} km", print(storm.nearest_at), storm.nearest_km);
    // Before the label, so that no time of the track is set over it.
    let way: Vec<(f64, f64)> = storm.points.iter().map(|p| plane.at(p.place)).collect();
    let beside = clear_place((nx, ny), &way, |at| plane.holds(at));
    taken.push(beside);
    texts.push(text(beside.0, beside.1, words, 9.0, "#a3121f", true));
    for p in &storm.points {
        let (x, y) = plane.at(p.place);
        let near = |(a, b): &(f64, f64)| (a - x).abs() < 34.0 && (b - y).abs() < 5.0;
        if taken.iter().any(near) || !plane.holds((x, y)) {
            continue;
        }
        taken.push((x, y));
        let wind = p.wind_m_s.map_or("风速未知".to_string(), |v| format!("{v:.0} m/s"));
        let state = if p.forecast { "（预报）" } else { "" };
        texts.push(text(x + 2.2, y - 3.6, format!("{} {wind}{state}", print(p.time)), 7.5, "#1d2327", false));
    }
    texts
}
