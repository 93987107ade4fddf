//! First half of a step: the discharge every link wants.

use crate::cell::{GRAVITY, NEIGHBOUR_SHARE, inverse_cube_root, kept, root};
use crate::subgrid::activity::{BLOCK, BLOCKS, LinkMarks, after};
use crate::subgrid::links::{Link, Links, Way};
use crate::subgrid::section::Piece;
use crate::subgrid::water::{CHUNK, Water};
use crate::subgrid::wave::Waves;
use pulp::Arch;
use rayon::prelude::*;

/// Water lower than this over a sill does not flow, m.
const LEAST_M: f32 = 1e-7;

/// Links computed together: their intermediate values stay in the innermost cache.
const LANES: usize = 64;

/// Squared steps up to this share of a link's stable step change nothing (two-dimensional bound of the scheme, `1 − 2·share`).
const STIFF: f32 = (1.0 - 2.0 * NEIGHBOUR_SHARE) as f32;

/// The discharge of a uniform flow grows with this power of the depth.
const KINEMATIC: f32 = 5.0 / 3.0;

/// Working space of a batch of flowing links.
struct Batch {
    /// place in the chunk
    place: [u32; LANES],
    height: [f32; LANES],
    /// level ahead less level behind, m
    climb: [f64; LANES],
    depth: [f32; LANES],
    friction: [f32; LANES],
    across: [f32; LANES],
    size: [f32; LANES],
    root: [f32; LANES],
    area: [f32; LANES],
    momentum: [f64; LANES],
    kept: [f32; LANES],
    /// square of the gravity wave that dictates the step, m²/s²
    wave: [f32; LANES],
    n: usize,
}

impl Batch {
    fn new() -> Self {
        let zero = [0.0_f32; LANES];
        Self {
            place: [0; LANES],
            height: zero,
            climb: [0.0; LANES],
            depth: zero,
            friction: zero,
            across: zero,
            size: zero,
            root: zero,
            area: [1.0; LANES],
            momentum: [0.0; LANES],
            kept: zero,
            wave: zero,
            n: 0,
        }
    }
}

/// Writes the wanted discharge and velocity of all inner links; returns their gravity waves.
///
/// Local inertial momentum of the whole link (Bates, Horritt & Fewtrell 2010, eq. 11, with area A and conveyance K of its lanes as in
/// van Ormondt et al. 2025, Geosci. Model Dev. 18:843): `dQ/dt = −g A dη/dx − g A Q|Q| ÷ K²`, friction at the new discharge as in the
/// plain scheme. Where a step is longer than the pools on both sides can follow (a small pool at the foot of a slope), both terms are
/// divided by the excess: the discharge then takes several steps to come into balance, and the balance itself is unchanged.
pub(crate) fn wanted_flows(links: &Links, water: &mut Water, dt_s: f64) -> Waves {
    let inner = links.inner.len();
    let Water { wanted_m3_s, speed_m_s, level_m, rise_per_m3, flow_m3_s, unit_m2_s, piece, activity, .. } = water;
    let (marks, dry_steps) = activity.of_links();
    let seen = Seen { links, level: level_m, rise: rise_per_m3, flow: flow_m3_s, unit: unit_m2_s, marks, dt_s };
    let (wanted, speed) = (&mut wanted_m3_s[..inner], &mut speed_m_s[..inner]);
    if inner <= CHUNK {
        return Arch::new().dispatch(Chunk(&seen, 0, Own { wanted, speed, piece, dry_steps }));
    }
    let chunks = wanted
        .par_chunks_mut(CHUNK)
        .zip(speed.par_chunks_mut(CHUNK))
        .zip(piece.par_chunks_mut(CHUNK))
        .zip(dry_steps.par_chunks_mut(BLOCKS));
    let waves = chunks.enumerate().map(|(c, (((wanted, speed), piece), dry_steps))| {
        Arch::new().dispatch(Chunk(&seen, c * CHUNK, Own { wanted, speed, piece, dry_steps }))
    });
    waves.reduce(Waves::none, |a, b| a.and(&b))
}

/// Links of one chunk.
struct Own<'a> {
    wanted: &'a mut [f64],
    speed: &'a mut [f32],
    piece: &'a mut [Piece],
    dry_steps: &'a mut [u8],
}

/// What links see at the start of a step.
struct Seen<'a> {
    links: &'a Links,
    level: &'a [f64],
    rise: &'a [f32],
    flow: &'a [f64],
    unit: &'a [[f32; 2]],
    marks: LinkMarks<'a>,
    dt_s: f64,
}

/// [`Seen::chunk`] as the dispatcher wants it: made once for every set of instructions; all give the same bits.
struct Chunk<'a, 'b>(&'a Seen<'b>, usize, Own<'a>);

impl pulp::WithSimd for Chunk<'_, '_> {
    type Output = Waves;
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> Waves {
        self.0.chunk(self.1, self.2)
    }
}

impl Seen<'_> {
    #[inline(always)]
    fn chunk(&self, first: usize, mut own: Own) -> Waves {
        let mut batch = Batch::new();
        let mut waves = Waves::none();
        let n = own.wanted.len();
        let links = &self.links.inner[first..first + n];
        for block in 0..own.dry_steps.len() {
            let before = own.dry_steps[block];
            if !self.marks.may_flow(first / BLOCK + block, before) {
                continue;
            }
            let mut wet = 0;
            for k in block * BLOCK..((block + 1) * BLOCK).min(n) {
                let link = &links[k];
                let (ea, eb) = (self.level[link.behind as usize], self.level[link.ahead as usize]);
                let height = (if ea > eb { ea } else { eb } - link.sill_m) as f32;
                if height > LEAST_M {
                    if !own.piece[k].holds(height) {
                        own.piece[k] = self.links.sections[first + k].piece(height);
                    }
                    let at = batch.n;
                    (batch.place[at], batch.height[at], batch.climb[at]) = (k as u32, height, eb - ea);
                    batch.n += 1;
                    wet += 1;
                    if batch.n == LANES {
                        self.batch(&mut batch, first, links, &mut own, &mut waves);
                    }
                } else {
                    (own.wanted[k], own.speed[k]) = (0.0, 0.0);
                }
            }
            own.dry_steps[block] = after(before, wet);
        }
        self.batch(&mut batch, first, links, &mut own, &mut waves);
        waves
    }

    #[inline(always)]
    fn batch(&self, s: &mut Batch, first: usize, links: &[Link], own: &mut Own, waves: &mut Waves) {
        let n = s.n.min(LANES);
        let (dt, g_dt) = (self.dt_s as f32, (GRAVITY * self.dt_s) as f32);
        let flow = &self.flow[first..first + links.len()];
        for k in 0..n {
            let place = s.place[k] as usize;
            let link = &links[place];
            let (a, b) = (link.behind as usize, link.ahead as usize);
            let at = own.piece[place].at(s.height[k]);
            // The depth that conveys passes that of the water where smooth lanes lie beside rough ones; waves know the water only.
            let deep = if at.depth_m < s.height[k] { at.depth_m } else { s.height[k] };
            let q = flow[place];
            let beside = |l: u32| {
                let other = self.flow[l as usize];
                if other == 0.0 { 0.0 } else { other - q }
            };
            let cross = usize::from(link.way == Way::X);
            let across = 0.5 * (self.unit[a][cross] + self.unit[b][cross]);
            let (rise_a, rise_b) = (self.rise[a], self.rise[b]);
            let g_dt_dx = g_dt * link.per_length;
            // How many times longer the step is than the pools on both sides can follow: by the water that the force moves in the step,
            // and by the discharge that changes with the depth upstream.
            let stiff = g_dt_dx * at.area_m2 * dt * (rise_a + rise_b) * (1.0 / STIFF);
            let kinematic = KINEMATIC * dt * (q.abs() as f32) * if q > 0.0 { rise_a } else { rise_b };
            let mut excess = if stiff > 1.0 { stiff } else { 1.0 };
            if kinematic > excess * deep {
                excess = kinematic / deep;
            }
            let force = g_dt_dx * at.area_m2;
            let relief = 1.0 / excess;
            let kept_q = q + f64::from(link.share) * (beside(link.in_line[0]) + beside(link.in_line[1]));
            s.momentum[k] = kept_q - f64::from(force * relief) * s.climb[k];
            s.size[k] = s.momentum[k].abs() as f32;
            s.across[k] = across * link.width_m;
            s.area[k] = at.area_m2;
            s.depth[k] = at.depth_m;
            s.wave[k] = GRAVITY as f32 * deep * link.dictates;
            s.friction[k] = dt * link.drag * relief / at.area_m2;
        }
        for k in 0..n {
            let y = inverse_cube_root(if s.depth[k] > LEAST_M { s.depth[k] } else { LEAST_M });
            s.friction[k] *= (y * y) * (y * y);
        }
        for k in 0..n {
            s.root[k] = root(s.friction[k], s.size[k]);
        }
        for k in 0..n {
            s.kept[k] = kept(s.friction[k], s.root[k], s.size[k], s.across[k], 1.0);
        }
        for k in 0..n {
            let q = s.momentum[k] * f64::from(s.kept[k]);
            let place = s.place[k] as usize;
            let speed = q as f32 / s.area[k];
            (own.wanted[place], own.speed[place]) = (q, speed);
            // Only gravity waves between free parts dictate the step. Kinematic waves and links at held parts, whatever their size,
            // are kept in bounds by the excess of their own link.
            waves.add(s.wave[k]);
        }
        s.n = 0;
    }
}
