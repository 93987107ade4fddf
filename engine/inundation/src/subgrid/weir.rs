//! Walls, dykes, kerbs and lines of sandbags between pixels: links let over them what a broad-crested weir lets over.

use crate::FlowProblem;
use crate::crest::weir_m2_s;
use crate::subgrid::links::Links;
use crate::subgrid::water::Water;
use dayu_terrain::Axis;

/// Crests on faces of pixels, found by the pixels on both sides; of two on a face the higher.
#[derive(Default)]
pub(crate) struct Crests {
    /// pixel behind (west, south), pixel ahead, level of the crest (m), rising
    faces: Vec<(u32, u32, f64)>,
}

impl Crests {
    pub fn new(problem: &FlowProblem) -> Self {
        let nx = problem.grid.nx;
        let mut faces = Vec::new();
        for crest in &problem.crests {
            let (ahead, is_inner, step) = match crest.axis {
                Axis::X => {
                    let (row, column) = (crest.face / (nx + 1), crest.face % (nx + 1));
                    (row * nx + column, column > 0 && column < nx, 1)
                }
                Axis::Y => (crest.face, crest.face >= nx, nx),
            };
            let behind = ahead.wrapping_sub(step);
            let (Some(a), Some(b)) = (problem.bed_m.get(behind), problem.bed_m.get(ahead)) else { continue };
            // Not a number is no bed: a wall stands there already.
            if is_inner && !a.is_nan() && !b.is_nan() && crest.level_m > a.max(*b) {
                faces.push((behind as u32, ahead as u32, crest.level_m));
            }
        }
        faces.sort_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)).then(b.2.total_cmp(&a.2)));
        faces.dedup_by_key(|f| (f.0, f.1));
        Self { faces }
    }

    /// Level of the crest between two neighbouring pixels, m; −∞ without one.
    pub fn between(&self, p: usize, q: usize) -> f64 {
        if self.faces.is_empty() {
            return f64::NEG_INFINITY;
        }
        let key = (p.min(q) as u32, p.max(q) as u32);
        let found = self.faces.binary_search_by(|f| (f.0, f.1).cmp(&key));
        found.map_or(f64::NEG_INFINITY, |k| self.faces[k].2)
    }
}

/// A link some of whose lanes pass over crests.
pub(crate) struct Weir {
    pub link: usize,
    /// levels of the crests, m
    pub crests_m: Vec<f64>,
    /// sills of the other lanes, m
    pub open_m: Vec<f64>,
}

/// Cuts what links want to what their crests let over. Lanes without a crest keep their share of the flow, by area.
pub(crate) fn limit_weirs(weirs: &[Weir], links: &Links, water: &mut Water, lane_m: f64) {
    for weir in weirs {
        let link = &links.inner[weir.link];
        let (behind, ahead) = (water.level_m[link.behind as usize], water.level_m[link.ahead as usize]);
        let (up, down) = (behind.max(ahead), behind.min(ahead));
        let over = |sill: f64| (up - sill).max(0.0);
        let open: f64 = weir.open_m.iter().map(|s| over(*s)).sum();
        let crested: f64 = weir.crests_m.iter().map(|s| over(*s)).sum();
        let most: f64 = weir.crests_m.iter().map(|s| weir_m2_s(over(*s), (down - s).max(0.0))).sum::<f64>() * lane_m;
        let q = water.wanted_m3_s[weir.link];
        if open + crested <= 0.0 {
            continue;
        }
        let through = q * (open / (open + crested));
        let against_fall = q * (behind - ahead) <= 0.0;
        let above = if against_fall { 0.0 } else { (q - through).clamp(-most, most) };
        let allowed = through + above;
        if allowed != q {
            let share = (allowed / q) as f32;
            water.wanted_m3_s[weir.link] = allowed;
            water.speed_m_s[weir.link] *= share;
        }
    }
}
