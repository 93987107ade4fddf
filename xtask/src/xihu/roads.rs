//! The road graph: main roads along way points, a jittered mesh of minor roads, bridges and tunnels, one connected component.

use super::cover::{BUILT, FIELD, GREEN};
use super::geodesy::gauss_krueger;
use super::geography::Geography;
use super::geometry::{Point, distance, tenth, to_ring};
use super::places::MAIN_ROADS;
use super::random::Random;
use super::relief::{ORIGIN, Relief, SIZE, pixel};

/// One stretch of road between two nodes.
pub struct Road {
    /// object id
    pub id: String,
    /// name
    pub name: String,
    /// OpenStreetMap class
    pub class: &'static str,
    /// over water
    pub bridge: bool,
    /// in a tunnel
    pub tunnel: bool,
    /// whether the name is real
    pub name_origin: &'static str,
    /// ends
    pub line: [Point; 2],
    from: usize,
    to: usize,
}

const STEP: f64 = 230.0;

/// What lies under a straight stretch.
struct Under {
    canal: bool,
    barred: bool,
    hill: f64,
    outside: bool,
}

fn under(relief: &Relief, geography: &Geography, a: Point, b: Point) -> Under {
    let n = (distance(a, b) / 8.0).ceil().max(1.0);
    let mut u = Under { canal: false, barred: false, hill: 0.0, outside: false };
    for s in 0..=n as usize {
        let t = s as f64 / n;
        let Some(k) = pixel((a.0 + (b.0 - a.0) * t, a.1 + (b.1 - a.1) * t)) else {
            u.outside = true;
            continue;
        };
        u.outside |= !relief.inside[k];
        u.hill = u.hill.max(relief.hill[k]);
        if relief.water[k] >= 0 {
            let kind = geography.waters[relief.water[k] as usize].kind;
            u.canal |= kind == "canal" || kind == "wetland";
            u.barred |= kind == "river" || kind == "lake";
        }
    }
    u
}

struct Builder<'a> {
    relief: &'a Relief,
    geography: &'a Geography,
    nodes: Vec<Point>,
    /// nodes that other roads may join
    open: Vec<bool>,
    roads: Vec<Road>,
}

impl Builder<'_> {
    fn node(&mut self, p: Point, snap: f64, open: bool) -> usize {
        let p = (tenth(p.0), tenth(p.1));
        let near = (0..self.nodes.len())
            .filter(|&i| self.open[i])
            .map(|i| (distance(self.nodes[i], p), i))
            .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        match near {
            Some((d, i)) if d <= snap => i,
            _ => {
                self.nodes.push(p);
                self.open.push(open);
                self.nodes.len() - 1
            }
        }
    }
    fn join(
        &mut self,
        from: usize,
        to: usize,
        name: &str,
        class: &'static str,
        tunnel: bool,
        bridge: bool,
        real: bool,
    ) {
        let twin = self.roads.iter().any(|r| (r.from == from && r.to == to) || (r.from == to && r.to == from));
        if from == to || twin {
            return;
        }
        self.roads.push(Road {
            id: String::new(),
            name: name.into(),
            class,
            bridge,
            tunnel,
            name_origin: if real { "名称真实" } else { "名称构造" },
            line: [self.nodes[from], self.nodes[to]],
            from,
            to,
        });
    }
    fn mains(&mut self) {
        for &(name, real, class, tunnel, way) in MAIN_ROADS {
            let way: Vec<Point> = way.iter().map(|&(lon, lat)| gauss_krueger(lon, lat)).collect();
            let mut points = vec![way[0]];
            for w in way.windows(2) {
                let n = (distance(w[0], w[1]) / 150.0).round().max(1.0);
                for s in 1..=n as usize {
                    let t = s as f64 / n;
                    points.push((w[0].0 + (w[1].0 - w[0].0) * t, w[0].1 + (w[1].1 - w[0].1) * t));
                }
            }
            let last = points.len() - 1;
            let mut before: Option<usize> = None;
            for (i, p) in points.into_iter().enumerate() {
                let Some(k) = pixel(p) else { continue };
                let in_water = relief_bars(self.relief, self.geography, k);
                if !tunnel && (in_water || !self.relief.inside[k]) {
                    before = None;
                    continue;
                }
                if !tunnel && self.relief.water[k] >= 0 && i != last {
                    continue; // no node in a canal: the stretch passes over it
                }
                let end = !tunnel || i == 0 || i == last;
                let at = self.node(p, if end { 75.0 } else { 0.0 }, end);
                if let Some(b) = before {
                    let u = under(self.relief, self.geography, self.nodes[b], self.nodes[at]);
                    if tunnel || !u.barred {
                        self.join(b, at, name, class, tunnel, !tunnel && u.canal, real);
                    }
                }
                before = Some(at);
            }
        }
    }
    fn mesh(&mut self, cover: &[u8]) {
        let mut random = Random::named("roads");
        let columns = (SIZE.0 as f64 * 10.0 / STEP) as usize;
        let rows = (SIZE.1 as f64 * 10.0 / STEP) as usize;
        let main_nodes = self.nodes.len();
        let mut at: Vec<Option<usize>> = Vec::with_capacity(columns * rows);
        for j in 0..rows {
            for i in 0..columns {
                let p = (
                    ORIGIN.0 + (i as f64 + 0.5) * STEP + random.between(-38.0, 38.0),
                    ORIGIN.1 + (j as f64 + 0.5) * STEP + random.between(-38.0, 38.0),
                );
                let fits = pixel(p).is_some_and(|k| {
                    self.relief.inside[k]
                        && self.relief.water[k] < 0
                        && self.relief.hill[k] < 18.0
                        && matches!(cover[k], BUILT | FIELD | GREEN | super::cover::WET)
                        && to_ring(p, &self.geography.outline) < -25.0
                });
                let near = (0..main_nodes)
                    .filter(|&m| self.open[m])
                    .map(|m| (distance(self.nodes[m], p), m))
                    .min_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
                at.push(match (fits, near) {
                    (false, _) => None,
                    (true, Some((d, m))) if d < 125.0 => Some(m),
                    _ => {
                        self.nodes.push((tenth(p.0), tenth(p.1)));
                        self.open.push(true);
                        Some(self.nodes.len() - 1)
                    }
                });
            }
        }
        for j in 0..rows {
            for i in 0..columns {
                for (di, dj) in [(1usize, 0usize), (0, 1)] {
                    if i + di >= columns || j + dj >= rows {
                        continue;
                    }
                    let (Some(a), Some(b)) = (at[j * columns + i], at[(j + dj) * columns + i + di]) else { continue };
                    let dice = random.unit();
                    let u = under(self.relief, self.geography, self.nodes[a], self.nodes[b]);
                    let (line, kind) = if di == 1 { (j, "横") } else { (i, "纵") };
                    let broad = line % 4 == 0;
                    if u.barred || u.outside || u.hill > 26.0 || (u.canal && dice > if broad { 0.8 } else { 0.3 }) {
                        continue;
                    }
                    let class = if broad { "tertiary" } else { "residential" };
                    self.join(a, b, &format!("示意{kind}路{line:03}"), class, false, u.canal, false);
                }
            }
        }
    }
    fn components(&self) -> Vec<usize> {
        let mut label: Vec<usize> = (0..self.nodes.len()).collect();
        fn root(label: &mut [usize], mut i: usize) -> usize {
            while label[i] != i {
                label[i] = label[label[i]];
                i = label[i];
            }
            i
        }
        for r in &self.roads {
            let (a, b) = (root(&mut label, r.from), root(&mut label, r.to));
            label[a.max(b)] = a.min(b);
        }
        (0..self.nodes.len()).map(|i| root(&mut label, i)).collect()
    }
    /// Ties every piece to the largest one by the shortest dry or bridged stretch; pieces that are too far away are dropped.
    fn connect(&mut self) {
        for _ in 0..400 {
            let label = self.components();
            let mut size = vec![0usize; self.nodes.len()];
            for r in &self.roads {
                size[label[r.from]] += 1;
            }
            let Some(main) = (0..size.len()).max_by_key(|&i| (size[i], usize::MAX - i)) else { return };
            let Some(piece) = (0..size.len()).find(|&i| i != main && size[i] > 0) else { return };
            let mut best: Option<(f64, usize, usize)> = None;
            for a in (0..self.nodes.len()).filter(|&a| label[a] == piece && self.open[a]) {
                for b in (0..self.nodes.len()).filter(|&b| label[b] == main && self.open[b]) {
                    let d = distance(self.nodes[a], self.nodes[b]);
                    if d < 1400.0 && best.is_none_or(|x| d < x.0) {
                        let u = under(self.relief, self.geography, self.nodes[a], self.nodes[b]);
                        if !u.barred && !u.outside {
                            best = Some((d, a, b));
                        }
                    }
                }
            }
            if let Some((_, a, b)) = best {
                let u = under(self.relief, self.geography, self.nodes[a], self.nodes[b]);
                self.join(a, b, "示意连接路", "tertiary", false, u.canal, false);
            } else {
                self.roads.retain(|r| label[r.from] != piece);
            }
        }
    }
}

fn relief_bars(relief: &Relief, geography: &Geography, k: usize) -> bool {
    relief.water[k] >= 0 && matches!(geography.waters[relief.water[k] as usize].kind, "river" | "lake")
}

/// Builds the graph.
pub fn build(relief: &Relief, geography: &Geography, cover: &[u8]) -> Vec<Road> {
    let mut b = Builder { relief, geography, nodes: Vec::new(), open: Vec::new(), roads: Vec::new() };
    b.mains();
    b.mesh(cover);
    b.connect();
    for (i, r) in b.roads.iter_mut().enumerate() {
        r.id = format!("XH-DL-{:05}", i + 1);
    }
    b.roads
}

/// Half-width of the carriageway by class, m.
pub fn half_width(class: &str) -> f64 {
    match class {
        "trunk" | "primary" => 13.0,
        "secondary" => 10.0,
        "tertiary" => 7.0,
        _ => 5.0,
    }
}
