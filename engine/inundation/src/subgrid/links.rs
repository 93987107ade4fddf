//! Links between parts: through the sides of cells, over ridges inside a cell, and through the grid's edge.

use crate::place::EdgeFace;
use crate::subgrid::ground::{FREE, Ground, NO_PART};
use crate::subgrid::section::{Lane, Sections, Table};
use dayu_terrain::Axis;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Direction of a link. A link inside a cell has no neighbours in line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    X,
    Y,
    Inside,
}

/// One boundary on the outer faces of one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Edge {
    pub boundary: usize,
    pub part: usize,
    pub link: usize,
    /// +1 when positive flow enters, −1 when it leaves
    pub inward: f64,
    /// the part's widest link on the other side; the link that never flows when there is none
    pub opposite: usize,
    /// fall of the bed outwards, mean over the faces
    pub slope: f64,
    /// faces of the boundary on this part
    pub faces: usize,
    /// on the south or north side
    pub along_y: bool,
}

/// All links; inner ones first, then those of edges. One more place holds what never flows.
pub(crate) struct Links {
    pub sections: Sections,
    /// inner links
    pub inner: usize,
    /// part behind (west, south) of each inner link
    pub behind: Vec<u32>,
    /// part ahead
    pub ahead: Vec<u32>,
    way: Vec<Way>,
    /// 1 ÷ distance the level falls over, 1/m
    pub per_length: Vec<f32>,
    /// widest links in line: behind, ahead, and four across
    pub around: Vec<[u32; 6]>,
    pub edges: Vec<Edge>,
    /// first entry of each part in `of_part`
    pub start: Vec<u32>,
    /// links of each part: number × 2, + 1 when the part lies behind it (positive flow leaves)
    pub of_part: Vec<u32>,
    /// west, east, south and north links of all parts of a cell's sides: (coarse face, link), X then Y
    pub through: Vec<(Axis, usize, usize)>,
}

type Key = (u32, u32, Way);

impl Links {
    pub fn new(ground: &Ground, bed_m: &[f64], roughness: &[f64], edges: &[EdgeFace]) -> Self {
        let rows: Vec<Vec<(Key, Table)>> =
            (0..ground.cells.ny).into_par_iter().map(|j| row_links(ground, j, bed_m, roughness)).collect();
        let mut links = Self {
            sections: Sections::default(),
            inner: 0,
            behind: Vec::new(),
            ahead: Vec::new(),
            way: Vec::new(),
            per_length: Vec::new(),
            around: Vec::new(),
            edges: Vec::new(),
            start: Vec::new(),
            of_part: Vec::new(),
            through: Vec::new(),
        };
        let mut ways = Vec::new();
        for ((a, b, way), table) in rows.into_iter().flatten() {
            let link = ways.len();
            let cell = ground.cell_of[b as usize] as usize;
            match way {
                Way::X => links.through.push((Axis::X, cell + cell / ground.cells.nx, link)),
                Way::Y => links.through.push((Axis::Y, cell, link)),
                Way::Inside => {}
            }
            // Parts of one cell lie half a cell apart.
            let length = ground.cells.cell_m * if way == Way::Inside { 0.5 } else { 1.0 };
            links.per_length.push((1.0 / length) as f32);
            links.behind.push(a);
            links.ahead.push(b);
            links.sections.push(table);
            ways.push(way);
        }
        links.inner = ways.len();
        links.add_edges(ground, bed_m, roughness, edges);
        links.through.sort_unstable();
        links.name_neighbours(ground, &ways);
        ways.extend(links.edges.iter().map(|e| if e.along_y { Way::Y } else { Way::X }));
        links.way = ways;
        links
    }

    /// 0 = the link's flow goes east, 1 = north, `None` = within a cell.
    pub fn along(&self, link: usize) -> Option<usize> {
        match self.way.get(link) {
            Some(Way::X) => Some(0),
            Some(Way::Y) => Some(1),
            _ => None,
        }
    }

    /// The place of the link that never flows.
    pub fn none(&self) -> usize {
        self.inner + self.edges.len()
    }

    fn add_edges(&mut self, ground: &Ground, bed_m: &[f64], roughness: &[f64], faces: &[EdgeFace]) {
        let mut groups: BTreeMap<(u32, bool, bool, usize), Vec<&EdgeFace>> = BTreeMap::new();
        for face in faces {
            let part = ground.part_of[face.cell];
            groups.entry((part, face.axis == Axis::Y, face.inward > 0.0, face.boundary)).or_default().push(face);
        }
        for ((part, along_y, _, boundary), faces) in groups {
            let lanes: Vec<Lane> =
                faces.iter().map(|f| Lane { sill_m: bed_m[f.cell], n: roughness[f.cell] }).collect();
            let fall = |f: &&EdgeFace| {
                f.inner.map_or(0.0, |inner| (bed_m[inner] - bed_m[f.cell]) / ground.pixels.cell_m)
            };
            self.edges.push(Edge {
                boundary,
                part: part as usize,
                link: self.inner + self.edges.len(),
                inward: faces[0].inward,
                opposite: 0,
                slope: faces.iter().map(fall).sum::<f64>() / faces.len() as f64,
                faces: faces.len(),
                along_y,
            });
            self.sections.push(Table::new(&lanes, ground.pixels.cell_m));
        }
    }

    fn name_neighbours(&mut self, ground: &Ground, ways: &[Way]) {
        let none = self.none() as u32;
        // Per part the widest link on its west, east, south and north side.
        let mut side = vec![[none; 4]; ground.parts()];
        let mut of_part: Vec<(u32, u32)> = Vec::with_capacity(2 * none as usize);
        let mut offer = |part: u32, place: usize, link: u32, width: &[f32]| {
            let slot = &mut side[part as usize][place];
            if *slot == none || width[link as usize] > width[*slot as usize] {
                *slot = link;
            }
        };
        let width = &self.sections.width_m;
        for (link, way) in (0_u32..).zip(ways) {
            let (a, b) = (self.behind[link as usize], self.ahead[link as usize]);
            of_part.extend([(a, link * 2 + 1), (b, link * 2)]);
            match way {
                Way::X => {
                    offer(a, 1, link, width);
                    offer(b, 0, link, width);
                }
                Way::Y => {
                    offer(a, 3, link, width);
                    offer(b, 2, link, width);
                }
                Way::Inside => {}
            }
        }
        for edge in &self.edges {
            let first = edge.inward > 0.0;
            let place = usize::from(!first) + if edge.along_y { 2 } else { 0 };
            let link = edge.link as u32;
            of_part.push((edge.part as u32, link * 2 + u32::from(!first)));
            offer(edge.part as u32, place, link, width);
        }
        for k in 0..self.edges.len() {
            let edge = self.edges[k];
            let of = side[edge.part];
            let place = of.iter().position(|&l| l == edge.link as u32);
            self.edges[k].opposite = place.map_or(none, |p| of[p ^ 1]) as usize;
        }
        self.around = (0..self.inner)
            .map(|l| {
                let (a, b) = (side[self.behind[l] as usize], side[self.ahead[l] as usize]);
                match ways[l] {
                    Way::X => [a[0], b[1], a[2], a[3], b[2], b[3]],
                    Way::Y => [a[2], b[3], a[0], a[1], b[0], b[1]],
                    Way::Inside => [none; 6],
                }
            })
            .collect();
        of_part.sort_unstable();
        self.start = vec![0; ground.parts() + 1];
        of_part.iter().for_each(|(part, _)| self.start[*part as usize + 1] += 1);
        for part in 0..ground.parts() {
            self.start[part + 1] += self.start[part];
        }
        self.of_part = of_part.into_iter().map(|(_, l)| l).collect();
    }

    /// Links of a part.
    pub fn of(&self, part: usize) -> &[u32] {
        &self.of_part[self.start[part] as usize..self.start[part + 1] as usize]
    }

    /// Bytes of links and tables.
    pub fn bytes(&self) -> usize {
        self.sections.bytes() + self.inner * (12 + 24) + self.of_part.len() * 4 + self.start.len() * 4
    }
}

/// Links west and south of a row of cells, and inside its cells, in order.
fn row_links(ground: &Ground, j: usize, bed_m: &[f64], roughness: &[f64]) -> Vec<(Key, Table)> {
    let (nx, side) = (ground.pixels.nx, ground.side);
    let rows = j * side..((j + 1) * side).min(ground.pixels.ny);
    let mut lanes: Vec<(Key, Lane)> = Vec::new();
    let mut lane = |p: usize, q: usize, through: bool, way: Way| {
        let (a, b) = (ground.part_of[p], ground.part_of[q]);
        if a == b || a == NO_PART || b == NO_PART {
            return;
        }
        if ground.held[a as usize] != FREE && ground.held[b as usize] != FREE {
            return;
        }
        let key = if through { (a, b, way) } else { (a.min(b), a.max(b), Way::Inside) };
        let n = 0.5 * (roughness[p] + roughness[q]);
        lanes.push((key, Lane { sill_m: bed_m[p].max(bed_m[q]), n }));
    };
    for y in rows {
        for x in 0..nx {
            let pixel = y * nx + x;
            if x > 0 {
                lane(pixel - 1, pixel, x % side == 0, Way::X);
            }
            if y > 0 {
                lane(pixel - nx, pixel, y % side == 0, Way::Y);
            }
        }
    }
    lanes.sort_by_key(|(key, _)| *key);
    let mut own = Vec::new();
    lanes
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| {
            own.clear();
            own.extend(group.iter().map(|(_, lane)| *lane));
            (group[0].0, Table::new(&own, ground.pixels.cell_m))
        })
        .collect()
}
