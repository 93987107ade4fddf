//! Links between parts: through the sides of cells, over ridges inside a cell, and through the grid's edge.

use crate::cell::NEIGHBOUR_SHARE;
use crate::place::EdgeFace;
use crate::subgrid::ground::{FREE, Ground, NO_PART};
use crate::subgrid::section::{Lane, Section};
use crate::subgrid::weir::{Crests, Weir};
use dayu_terrain::Axis;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Share of the discharges in line in the momentum of a link (de Almeida et al. 2012, eq. 27: (1 − θ) ÷ 2, θ = 0.98) where the links differ
/// in form: there the levelling of their discharges is a brake that grows with the number of steps. Links alike have the plain scheme's.
const UNLIKE_SHARE: f32 = 0.01;

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

/// What an inner link needs in every step.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Link {
    /// lowest lane, m
    pub sill_m: f64,
    /// part behind (west, south)
    pub behind: u32,
    /// part ahead
    pub ahead: u32,
    /// widest links in line, behind and ahead
    pub in_line: [u32; 2],
    /// 1 ÷ distance the level falls over, 1/m
    pub per_length: f32,
    /// width of all lanes, m
    pub width_m: f32,
    /// g n², m^(1/3)
    pub drag: f32,
    /// share of the discharges in line in the momentum, (1 − θ) ÷ 2
    pub share: f32,
    /// 1 between free parts; 0 where a held part takes any wave: the link does not dictate the step
    pub dictates: f32,
    pub way: Way,
}

/// All links; inner ones first, then those of edges. One more place holds what never flows.
pub(crate) struct Links {
    /// tables of inner links and edges
    pub sections: Vec<Section>,
    pub inner: Vec<Link>,
    pub edges: Vec<Edge>,
    /// first entry of each part in `of_part`
    start: Vec<u32>,
    of_part: Vec<Ending>,
    /// links through the sides of cells: axis, coarse face, link
    pub through: Vec<(Axis, usize, usize)>,
    /// links over crests
    pub weirs: Vec<Weir>,
}

/// End of a link at a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ending(u32);

impl Ending {
    fn new(link: usize, way: Way, leaves: bool) -> Self {
        Self(link as u32 * 8 + way as u32 * 2 + u32::from(leaves))
    }
    #[inline(always)]
    pub fn link(self) -> usize {
        (self.0 / 8) as usize
    }
    /// 0 = x, 1 = y, 2 = inside the cell
    #[inline(always)]
    pub fn way(self) -> usize {
        (self.0 / 2 % 4) as usize
    }
    /// What a flow of the link brings the part: the flow, or its opposite where positive flow leaves.
    #[inline(always)]
    pub fn brings(self, q: f64) -> f64 {
        f64::from_bits(q.to_bits() ^ (u64::from(self.0 & 1) << 63))
    }
}

type Key = (u32, u32, Way);

impl Links {
    pub fn new(ground: &Ground, bed_m: &[f64], roughness: &[f64], edges: &[EdgeFace], crests: &Crests) -> Self {
        let rows: Vec<Vec<(Key, Section, Option<Weir>)>> =
            (0..ground.cells.ny).into_par_iter().map(|j| row_links(ground, j, bed_m, roughness, crests)).collect();
        let mut links = Self {
            sections: Vec::new(),
            inner: Vec::new(),
            edges: Vec::new(),
            start: Vec::new(),
            of_part: Vec::new(),
            through: Vec::new(),
            weirs: Vec::new(),
        };
        for ((behind, ahead, way), section, weir) in rows.into_iter().flatten() {
            let cell = ground.cell_of[ahead as usize] as usize;
            match way {
                Way::X => links.through.push((Axis::X, cell + cell / ground.cells.nx, links.inner.len())),
                Way::Y => links.through.push((Axis::Y, cell, links.inner.len())),
                Way::Inside => {}
            }
            // Parts of one cell lie half a cell apart.
            let length = ground.cells.cell_m * if way == Way::Inside { 0.5 } else { 1.0 };
            links.inner.push(Link {
                sill_m: section.sill_m,
                behind,
                ahead,
                in_line: [0; 2],
                per_length: (1.0 / length) as f32,
                width_m: section.width_m,
                drag: section.drag,
                share: 0.0,
                dictates: if [behind, ahead].iter().all(|&p| ground.held[p as usize] == FREE) { 1.0 } else { 0.0 },
                way,
            });
            links.weirs.extend(weir.map(|weir| Weir { link: links.sections.len(), ..weir }));
            links.sections.push(section);
        }
        links.add_edges(ground, bed_m, roughness, edges);
        links.through.sort_unstable();
        links.name_neighbours(ground);
        links
    }

    /// The place of the link that never flows.
    pub fn none(&self) -> usize {
        self.inner.len() + self.edges.len()
    }

    fn add_edges(&mut self, ground: &Ground, bed_m: &[f64], roughness: &[f64], faces: &[EdgeFace]) {
        let mut groups: BTreeMap<(u32, bool, bool, usize), Vec<&EdgeFace>> = BTreeMap::new();
        for face in faces {
            let part = ground.part_of[face.cell];
            groups.entry((part, face.axis == Axis::Y, face.inward > 0.0, face.boundary)).or_default().push(face);
        }
        for ((part, along_y, _, boundary), faces) in groups {
            let lanes: Vec<Lane> = faces.iter().map(|f| Lane { sill_m: bed_m[f.cell], n: roughness[f.cell] }).collect();
            let fall =
                |f: &&EdgeFace| f.inner.map_or(0.0, |inner| (bed_m[inner] - bed_m[f.cell]) / ground.pixels.cell_m);
            self.edges.push(Edge {
                boundary,
                part: part as usize,
                link: self.inner.len() + self.edges.len(),
                inward: faces[0].inward,
                opposite: 0,
                slope: faces.iter().map(fall).sum::<f64>() / faces.len() as f64,
                faces: faces.len(),
                along_y,
            });
            self.sections.push(Section::new(&lanes, ground.pixels.cell_m));
        }
    }

    fn name_neighbours(&mut self, ground: &Ground) {
        let none = self.none() as u32;
        // Per part the widest link on its west, east, south and north side.
        let mut side = vec![[none; 4]; ground.parts()];
        let mut of_part: Vec<(u32, Ending)> = Vec::with_capacity(2 * none as usize);
        let sections = &self.sections;
        let mut offer = |part: u32, place: usize, link: usize| {
            let slot = &mut side[part as usize][place];
            if *slot == none || sections[link].width_m > sections[*slot as usize].width_m {
                *slot = link as u32;
            }
        };
        for (number, link) in self.inner.iter().enumerate() {
            of_part.push((link.behind, Ending::new(number, link.way, true)));
            of_part.push((link.ahead, Ending::new(number, link.way, false)));
            if link.way != Way::Inside {
                let first = link.way as usize * 2;
                offer(link.behind, first + 1, number);
                offer(link.ahead, first, number);
            }
        }
        for edge in &self.edges {
            let (way, leaves) = (if edge.along_y { Way::Y } else { Way::X }, edge.inward < 0.0);
            of_part.push((edge.part as u32, Ending::new(edge.link, way, leaves)));
            offer(edge.part as u32, way as usize * 2 + usize::from(leaves), edge.link);
        }
        for edge in &mut self.edges {
            let place = usize::from(edge.along_y) * 2 + usize::from(edge.inward < 0.0);
            edge.opposite = side[edge.part][place ^ 1] as usize;
        }
        for (link, own) in self.inner.iter_mut().zip(sections) {
            let first = link.way as usize * 2;
            link.in_line = match link.way {
                Way::Inside => [none; 2],
                _ => [side[link.behind as usize][first], side[link.ahead as usize][first + 1]],
            };
            let alike = |other: u32| {
                let Some(other) = sections.get(other as usize) else { return true };
                own.is_level() && other.is_level() && other.width_m == link.width_m
            };
            link.share = if link.in_line.into_iter().all(alike) { NEIGHBOUR_SHARE as f32 } else { UNLIKE_SHARE };
        }
        of_part.sort_unstable();
        self.start = vec![0; ground.parts() + 1];
        of_part.iter().for_each(|(part, _)| self.start[*part as usize + 1] += 1);
        for part in 0..ground.parts() {
            self.start[part + 1] += self.start[part];
        }
        self.of_part = of_part.into_iter().map(|(_, l)| l).collect();
    }

    /// Links of a part.
    #[inline(always)]
    pub fn of(&self, part: usize) -> &[Ending] {
        &self.of_part[self.start[part] as usize..self.start[part + 1] as usize]
    }

    /// Bytes of links and tables.
    pub fn bytes(&self) -> usize {
        size_of_val(self.sections.as_slice())
            + size_of_val(self.inner.as_slice())
            + size_of_val(self.of_part.as_slice())
            + size_of_val(self.start.as_slice())
    }
}

/// Links west and south of a row of cells, and inside its cells, in order.
fn row_links(
    ground: &Ground,
    j: usize,
    bed_m: &[f64],
    roughness: &[f64],
    crests: &Crests,
) -> Vec<(Key, Section, Option<Weir>)> {
    let (nx, side) = (ground.pixels.nx, ground.side);
    let rows = j * side..((j + 1) * side).min(ground.pixels.ny);
    let mut lanes: Vec<(Key, Lane, bool)> = Vec::new();
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
        let (bed, crest) = (bed_m[p].max(bed_m[q]), crests.between(p, q));
        lanes.push((key, Lane { sill_m: bed.max(crest), n }, crest > bed));
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
    lanes.sort_by_key(|(key, ..)| *key);
    let mut own = Vec::new();
    lanes
        .chunk_by(|a, b| a.0 == b.0)
        .map(|group| {
            own.clear();
            own.extend(group.iter().map(|(_, lane, _)| *lane));
            let sills = |crested: bool| group.iter().filter(|l| l.2 == crested).map(|l| l.1.sill_m).collect();
            let is_weir = group.iter().any(|l| l.2);
            let weir = is_weir.then(|| Weir { link: 0, crests_m: sills(true), open_m: sills(false) });
            (group[0].0, Section::new(&own, ground.pixels.cell_m), weir)
        })
        .collect()
}
