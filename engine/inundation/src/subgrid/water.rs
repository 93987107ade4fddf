//! Water of the parts and the second half of a step: what parts can give, and their new volume and level.

use crate::infiltration::{Soil, SoilBand};
use crate::saved::Tape;
use crate::simulate::MM_H;
use crate::subgrid::activity::{Activity, BLOCK, BLOCKS, Forcing};
use crate::subgrid::ground::{FREE, Ground};
use crate::subgrid::links::Links;
use crate::subgrid::section::Piece;
use crate::subgrid::track::{Moment, Track};
use rayon::prelude::*;

/// A part gives at most this share of its water: the rest covers the rounding of the sums, so that no volume gets below 0.
const GIVEN_SHARE: f64 = 1.0 - 1e-14;

/// Parts (links) that one thread takes at a time, fixed: sums and maxima are made per chunk in order, so no number of threads changes
/// a bit.
pub(crate) const CHUNK: usize = 4096;

/// What changes during a run. Volumes are 64-bit; what a link gives one part it takes from the other, so water is neither made nor lost.
pub(crate) struct Water {
    /// m³
    pub volume_m3: Vec<f64>,
    /// m
    pub level_m: Vec<f64>,
    /// 1 ÷ wet area, 1/m²: the rise of a part per volume
    pub rise_per_m3: Vec<f32>,
    /// how the water stands on the pixels
    pool: Vec<Pool>,
    /// discharge a step wants, m³/s; inner links, edges, and the link that never flows
    pub wanted_m3_s: Vec<f64>,
    /// discharge the parts could give, m³/s
    pub flow_m3_s: Vec<f64>,
    /// piece of the table on which each inner link stands
    pub piece: Vec<Piece>,
    /// mean velocity of links, m/s, signed
    pub speed_m_s: Vec<f32>,
    /// mean discharge of each part per width of a cell, east and north, m²/s
    pub unit_m2_s: Vec<[f32; 2]>,
    /// what links bring a part, net, m³/s; of the last step until the next is made
    net_m3_s: Vec<f64>,
    /// share of the wanted outflow each part can give
    share: Vec<f64>,
    /// rain on each part, m³/s
    pub rain_m3_s: Vec<f64>,
    /// rain per area of each part, m/s
    pub rain_m_s: Vec<f64>,
    pub losses: Losses,
    /// which blocks have anything to do
    pub activity: Activity,
}

/// Rates at which parts lose water, m/s over their area; empty = none. Water is lost where it stands; on dry pixels at most the rain
/// that falls on them.
///
/// Infiltration that remembers has one memory a part, that of its wettest pixels: what the law takes of the mean depth there is taken
/// from the wet pixels, and from the rain of the dry ones as far as it falls.
#[derive(Default)]
pub(crate) struct Losses {
    pub infiltration_m_s: Vec<f64>,
    pub drain_m_s: Vec<f64>,
    /// per part; `None` = nothing, or a constant rate
    pub soil: Option<Soil>,
}

/// Mean over the pixels of each part.
pub(crate) fn means_of_parts(ground: &Ground, values: &[f64]) -> Vec<f64> {
    let mean = |p: usize| {
        let own = &ground.pixel_of[ground.start[p] as usize..ground.start[p + 1] as usize];
        own.iter().map(|&x| values[x as usize]).sum::<f64>() / own.len() as f64
    };
    (0..ground.parts()).map(mean).collect()
}

impl Losses {
    /// Mean rate over the pixels of each part.
    pub fn of_parts(ground: &Ground, rate_mm_h: &[f64]) -> Vec<f64> {
        if rate_mm_h.is_empty() {
            return Vec::new();
        }
        means_of_parts(ground, rate_mm_h).iter().map(|r| r * MM_H).collect()
    }
}

/// What a chunk of parts lost in a step, m³.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lost {
    pub infiltrated_m3: f64,
    pub drained_m3: f64,
    /// parts that were looked at
    pub updates: u64,
}

impl Lost {
    fn add(&mut self, other: &Self) {
        self.infiltrated_m3 += other.infiltrated_m3;
        self.drained_m3 += other.drained_m3;
        self.updates += other.updates;
    }
    /// All the rain on a dry block.
    fn rain_taken(&mut self, forcing: &Forcing, dt_s: f64) {
        self.infiltrated_m3 += forcing.infiltrated_m3_s * dt_s;
        self.drained_m3 += forcing.drained_m3_s * dt_s;
    }
}

impl Water {
    /// `activity` are the marks of these parts and links.
    pub fn new(ground: &Ground, links: &Links, bed_m: &[f64], initial_depth_m: &[f64], activity: Activity) -> Self {
        let parts = ground.parts();
        let places = links.none() + 1;
        let mut water = Self {
            volume_m3: vec![0.0; parts],
            level_m: ground.floor_m.clone(),
            rise_per_m3: vec![0.0; parts],
            pool: (0..parts).map(|p| Pool::new(ground.rises(p))).collect(),
            wanted_m3_s: vec![0.0; places],
            flow_m3_s: vec![0.0; places],
            piece: vec![Piece::default(); links.inner.len()],
            speed_m_s: vec![0.0; places],
            unit_m2_s: vec![[0.0; 2]; parts],
            net_m3_s: vec![0.0; parts],
            share: vec![1.0; parts],
            rain_m3_s: vec![0.0; parts],
            rain_m_s: vec![0.0; parts],
            losses: Losses::default(),
            activity,
        };
        for part in 0..parts {
            water.volume_m3[part] = initial_volume(ground, part, bed_m, initial_depth_m);
            water.relevel(ground, part);
        }
        water
    }

    /// What the next step depends on. Pieces of tables are looked up anew.
    pub fn tape(&mut self, ground: &Ground, tape: &mut Tape) {
        for values in [&mut self.volume_m3, &mut self.level_m, &mut self.flow_m3_s] {
            tape.slice(values);
        }
        tape.slice(&mut self.rise_per_m3);
        tape.slice(&mut self.speed_m_s);
        for unit in &mut self.unit_m2_s {
            unit.iter_mut().for_each(|q| tape.value(q));
        }
        for (part, pool) in self.pool.iter_mut().enumerate() {
            tape.value(&mut pool.below_m);
            tape.value(&mut pool.wet);
            pool.settle(ground.rises(part));
        }
        let mut soils = u64::from(self.losses.soil.is_some());
        let own = soils;
        tape.value(&mut soils);
        if soils != own {
            return tape.fail();
        }
        if let Some(soil) = &mut self.losses.soil {
            soil.tape(tape);
        }
    }

    /// Every number finite, no volume below 0.
    pub fn is_sound(&self) -> bool {
        self.volume_m3.iter().all(|v| v.is_finite() && *v >= 0.0)
            && self.level_m.iter().chain(&self.flow_m3_s).all(|v| v.is_finite())
    }

    /// Level of a part from its volume.
    pub fn relevel(&mut self, ground: &Ground, part: usize) {
        let area = ground.pixel_area_m2();
        let over = self.pool[part].fill(ground.rises(part), self.volume_m3[part] / area);
        self.rise_per_m3[part] = (self.pool[part].per_wet / area) as f32;
        self.level_m[part] = ground.floor_m[part] + over;
    }

    /// Sets a part to a level.
    pub fn set_level(&mut self, ground: &Ground, part: usize, level_m: f64) {
        self.volume_m3[part] = ground.volume_m3(part, level_m);
        self.relevel(ground, part);
        if level_m > ground.floor_m[part] {
            self.level_m[part] = level_m;
        }
        // Whatever flows, the level stays.
        self.rise_per_m3[part] = 0.0;
    }

    /// Takes new rain (m³/s on each part): what it is per area, and where ground and drains take all of it.
    pub fn set_rain(&mut self, ground: &Ground) {
        let area = |part: usize| ground.rises(part).len() as f64 * ground.pixel_area_m2();
        for (part, rain) in self.rain_m3_s.iter().enumerate() {
            self.rain_m_s[part] = rain / area(part);
        }
        let Losses { infiltration_m_s, drain_m_s, soil } = &self.losses;
        let rate = |rates: &[f64], part: usize| rates.get(part).copied().unwrap_or(0.0);
        for (block, forcing) in self.activity.forcing.iter_mut().enumerate() {
            *forcing = Forcing { is_taken: soil.is_none(), ..Forcing::default() };
            for part in block * BLOCK..((block + 1) * BLOCK).min(ground.parts()) {
                if ground.held[part] != FREE {
                    continue;
                }
                let rain = self.rain_m_s[part];
                let infiltrated = rate(infiltration_m_s, part).min(rain);
                let drained = rate(drain_m_s, part).min(rain - infiltrated);
                forcing.is_taken &= infiltrated + drained >= rain;
                forcing.infiltrated_m3_s += infiltrated * area(part);
                forcing.drained_m3_s += drained * area(part);
            }
        }
        self.activity.look_again();
    }

    pub fn stored_m3(&self) -> f64 {
        let mut total = crate::balance::Total::default();
        self.volume_m3.chunks(CHUNK).for_each(|c| total.add(c.iter().sum()));
        total.value()
    }

    /// Velocity of a part (east, north), m/s: mean discharge of its sides over its mean section, but not above the fastest link there.
    pub fn velocity(&self, ground: &Ground, links: &Links, part: usize) -> (f64, f64) {
        let volume = self.volume_m3[part];
        let depth = self.level_m[part] - ground.floor_m[part];
        if volume <= 0.0 || depth <= crate::cell::FILM_M {
            return (0.0, 0.0);
        }
        let (mut sum, mut bound) = ([0.0; 2], [0.0_f64; 2]);
        for &end in links.of(part) {
            if end.way() < 2 {
                sum[end.way()] += self.flow_m3_s[end.link()];
                bound[end.way()] = bound[end.way()].max(f64::from(self.speed_m_s[end.link()].abs()));
            }
        }
        let per_section = 0.5 * ground.cells.cell_m / volume;
        let part = |k: usize| (sum[k] * per_section).clamp(-bound[k], bound[k]);
        (part(0), part(1))
    }
}

/// Water that stands level on rising pixels: how many are wet, the sum of their rises, and the heights between which that holds.
#[derive(Clone, Copy, Debug)]
struct Pool {
    below_m: f64,
    /// 1 ÷ wet pixels
    per_wet: f64,
    from_m: f32,
    to_m: f32,
    wet: u32,
}

impl Pool {
    fn new(rises: &[f32]) -> Self {
        let to_m = rises.get(1).copied().unwrap_or(f32::INFINITY);
        Self { below_m: 0.0, per_wet: 1.0, from_m: f32::NEG_INFINITY, to_m, wet: 1 }
    }

    /// Height of the water above the floor when `volume` (m of pixel) stands in the pool; moves on from where it stood.
    #[inline(always)]
    fn fill(&mut self, rises: &[f32], volume: f64) -> f64 {
        let over = (volume + self.below_m) * self.per_wet;
        let over = if over <= f64::from(self.to_m) && over >= f64::from(self.from_m) {
            over
        } else {
            self.shift(rises, volume)
        };
        if volume > 0.0 { over } else { 0.0 }
    }

    #[inline(never)]
    fn shift(&mut self, rises: &[f32], volume: f64) -> f64 {
        let mut wet = self.wet as usize;
        let mut over = (volume + self.below_m) / wet as f64;
        while wet < rises.len() && over > f64::from(rises[wet]) {
            self.below_m += f64::from(rises[wet]);
            wet += 1;
            over = (volume + self.below_m) / wet as f64;
        }
        while wet > 1 && over < f64::from(rises[wet - 1]) {
            wet -= 1;
            self.below_m -= f64::from(rises[wet]);
            over = (volume + self.below_m) / wet as f64;
        }
        self.wet = wet as u32;
        self.settle(rises);
        over
    }

    /// What follows from the number of wet pixels.
    fn settle(&mut self, rises: &[f32]) {
        let wet = (self.wet as usize).clamp(1, rises.len().max(1));
        self.wet = wet as u32;
        self.per_wet = 1.0 / wet as f64;
        self.from_m = if wet > 1 { rises[wet - 1] } else { f32::NEG_INFINITY };
        self.to_m = rises.get(wet).copied().unwrap_or(f32::INFINITY);
    }
}

/// Water at the start: the sum over the pixels; a level surface keeps its level to the last digit.
fn initial_volume(ground: &Ground, part: usize, bed_m: &[f64], depth_m: &[f64]) -> f64 {
    if depth_m.is_empty() {
        return 0.0;
    }
    let entries = ground.start[part] as usize..ground.start[part + 1] as usize;
    let pixel = |e: usize| ground.pixel_of[e] as usize;
    let depth = |e: usize| depth_m[pixel(e)];
    let wet = entries.clone().filter(|&e| depth(e) > 0.0);
    let levels = wet.map(|e| bed_m[pixel(e)] + depth(e));
    let (low, high) = levels.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), l| (a.min(l), b.max(l)));
    // The tables round beds to 32 bits: what is level up to that is level.
    if high - low < 1e-5 && entries.clone().all(|e| depth(e) > 0.0 || bed_m[pixel(e)] >= high - 1e-5) {
        return ground.volume_m3(part, high);
    }
    entries.map(depth).sum::<f64>() * ground.pixel_area_m2()
}

/// Applies the wanted flows: shares, then volumes and levels. Returns what was lost.
pub(crate) fn new_levels(
    ground: &Ground,
    links: &Links,
    water: &mut Water,
    track: &mut Track,
    moment: Moment,
    dt_s: f64,
) -> Lost {
    gather(ground, links, water, dt_s);
    cut(ground, links, water);
    std::mem::swap(&mut water.flow_m3_s, &mut water.wanted_m3_s);

    let Losses { infiltration_m_s, drain_m_s, soil } = &mut water.losses;
    let step = Filling {
        ground,
        net_m3_s: &water.net_m3_s,
        rain_m3_s: &water.rain_m3_s,
        rain_m_s: &water.rain_m_s,
        infiltration_m_s,
        drain_m_s,
        forcing: &water.activity.forcing,
        has_held: &water.activity.has_held,
        moment,
        dt_s,
    };
    let chunks = ground.parts().div_ceil(CHUNK);
    let mut soils = soil.as_mut().map(|soil| soil.bands(CHUNK, chunks)).into_iter().flatten();
    let parts = water
        .volume_m3
        .chunks_mut(CHUNK)
        .zip(water.level_m.chunks_mut(CHUNK))
        .zip(water.rise_per_m3.chunks_mut(CHUNK))
        .zip(water.pool.chunks_mut(CHUNK))
        .zip(water.activity.moved.chunks_mut(BLOCKS).zip(water.activity.empty.chunks_mut(BLOCKS)))
        .zip(water.activity.touched.chunks(BLOCKS))
        .zip(track.chunks());
    let mut work: Vec<(OwnChunk, crate::subgrid::track::Part)> = parts
        .map(|((((((volume, level), rise), pool), (moved, empty)), touched), track)| {
            (OwnChunk { volume, level, rise, pool, moved, empty, touched, soil: soils.next() }, track)
        })
        .collect();
    let lost: Vec<Lost> = if work.len() == 1 {
        work.iter_mut().enumerate().map(|(c, (own, track))| step.chunk(c, own, track)).collect()
    } else {
        work.par_iter_mut().enumerate().map(|(c, (own, track))| step.chunk(c, own, track)).collect()
    };
    drop(work);
    water.activity.settle();
    lost.iter().fold(Lost::default(), |mut sum, lost| {
        sum.add(lost);
        sum
    })
}

/// What the second half of a step sees.
struct Filling<'a> {
    ground: &'a Ground,
    net_m3_s: &'a [f64],
    rain_m3_s: &'a [f64],
    rain_m_s: &'a [f64],
    infiltration_m_s: &'a [f64],
    drain_m_s: &'a [f64],
    forcing: &'a [Forcing],
    has_held: &'a [bool],
    moment: Moment,
    dt_s: f64,
}

impl Filling<'_> {
    fn chunk(&self, c: usize, own: &mut OwnChunk, track: &mut crate::subgrid::track::Part) -> Lost {
        let mut lost = Lost::default();
        for block in 0..own.touched.len() {
            let (number, from) = (c * BLOCKS + block, block * BLOCK);
            let to = (from + BLOCK).min(own.volume.len());
            let forcing = &self.forcing[number];
            if own.empty[block] && !own.touched[block] && forcing.is_taken {
                own.moved[block] = false;
                lost.rain_taken(forcing, self.dt_s);
                continue;
            }
            let first = c * CHUNK;
            let is_free = |k: usize| self.ground.held[first + k] == FREE;
            // Dry ground that nothing reaches: told by the state alone, so that the marks change no bit.
            own.empty[block] =
                (from..to).all(|k| !is_free(k) || (own.volume[k] == 0.0 && self.net_m3_s[first + k] == 0.0));
            own.moved[block] = false;
            if own.empty[block] && forcing.is_taken {
                lost.rain_taken(forcing, self.dt_s);
                if self.has_held[number] {
                    for k in (from..to).filter(|&k| !is_free(k)) {
                        track.remember(k, own.level[k] - self.ground.floor_m[first + k], self.moment);
                    }
                }
                continue;
            }
            for k in from..to {
                self.part(first + k, k, block, own, &mut lost);
                track.remember(k, own.level[k] - self.ground.floor_m[first + k], self.moment);
            }
            lost.updates += (to - from) as u64;
        }
        lost
    }

    /// New volume and level of one part, `k` in its chunk.
    #[inline(always)]
    fn part(&self, part: usize, k: usize, block: usize, own: &mut OwnChunk, lost: &mut Lost) {
        let (ground, dt_s) = (self.ground, self.dt_s);
        if ground.held[part] != FREE {
            return;
        }
        let area = ground.pixel_area_m2();
        let mut v = own.volume[k] + (self.net_m3_s[part] + self.rain_m3_s[part]) * dt_s;
        let has_losses = !self.infiltration_m_s.is_empty() || !self.drain_m_s.is_empty() || own.soil.is_some();
        if has_losses && v > 0.0 {
            let pixels = ground.rises(part).len() as f64 * area;
            let wet = f64::from(own.pool[k].wet) * area;
            let rain_m_s = self.rain_m_s[part];
            if let Some(soil) = &mut own.soil {
                // Rain falls on all pixels alike, what else there is stands on the wet ones.
                let rain_m = rain_m_s * dt_s;
                let water_m = rain_m + (v - rain_m * pixels).max(0.0) / wet;
                let mut deep = [0.0];
                soil.take(k, &[water_m], &[rain_m_s], self.moment.time_s, dt_s, &mut deep);
                let on_dry = deep[0].min(rain_m) * (pixels - wet);
                let taken = (deep[0] * wet + on_dry).min(v).max(0.0);
                v -= taken;
                lost.infiltrated_m3 += taken;
            }
            let take = |rates: &[f64], v: &mut f64| {
                let Some(&rate) = rates.get(part) else { return 0.0 };
                let on_dry = rate.min(rain_m_s) * (pixels - wet);
                let taken = ((rate * wet + on_dry) * dt_s).min(*v).max(0.0);
                *v -= taken;
                taken
            };
            lost.infiltrated_m3 += take(self.infiltration_m_s, &mut v);
            lost.drained_m3 += take(self.drain_m_s, &mut v);
        }
        if v == own.volume[k] {
            // Dry, or at rest to the last bit.
            return;
        }
        own.volume[k] = v;
        let per_area = 1.0 / area;
        let over = own.pool[k].fill(ground.rises(part), v * per_area);
        own.rise[k] = (own.pool[k].per_wet * per_area) as f32;
        own.level[k] = ground.floor_m[part] + over;
        own.moved[block] = true;
    }
}

/// Net flow, flow per width and share of every part.
fn gather(ground: &Ground, links: &Links, water: &mut Water, dt_s: f64) {
    let Water { wanted_m3_s, volume_m3, net_m3_s, share, unit_m2_s, activity, .. } = water;
    let (wanted, volume, held) = (wanted_m3_s.as_slice(), volume_m3.as_slice(), &ground.held);
    let per_width = 0.5 / ground.cells.cell_m;
    let (touch, touched, short) = activity.of_parts();
    let work =
        |c: usize, net: &mut [f64], share: &mut [f64], unit: &mut [[f32; 2]], marks: (&mut [bool], &mut [bool])| {
            for block in 0..marks.0.len() {
                marks.1[block] = false;
                marks.0[block] = touch.is_touched(c * BLOCKS + block);
                if !marks.0[block] {
                    continue;
                }
                for k in block * BLOCK..((block + 1) * BLOCK).min(net.len()) {
                    let part = c * CHUNK + k;
                    let (mut sum, mut size, mut east, mut north) = (0.0, 0.0, 0.0, 0.0);
                    for end in links.of(part) {
                        let q = wanted[end.link()];
                        sum += end.brings(q);
                        size += q.abs();
                        east += if end.way() == 0 { q } else { 0.0 };
                        north += if end.way() == 1 { q } else { 0.0 };
                    }
                    net[k] = sum;
                    unit[k] = [(east * per_width) as f32, (north * per_width) as f32];
                    // What leaves is half of what moves less what stays.
                    let out = 0.5 * (size - sum) * dt_s;
                    let given = volume[part] * GIVEN_SHARE;
                    // Held parts give without end.
                    share[k] = if out > given && held[part] == FREE { given / out } else { 1.0 };
                    marks.1[block] |= share[k] < 1.0;
                }
            }
        };
    if net_m3_s.len() <= CHUNK {
        return work(0, net_m3_s, share, unit_m2_s, (touched, short));
    }
    let chunks = net_m3_s
        .par_chunks_mut(CHUNK)
        .zip(share.par_chunks_mut(CHUNK))
        .zip(unit_m2_s.par_chunks_mut(CHUNK))
        .zip(touched.par_chunks_mut(BLOCKS).zip(short.par_chunks_mut(BLOCKS)));
    chunks.enumerate().for_each(|(c, (((net, share), unit), marks))| work(c, net, share, unit, marks));
}

/// Cuts the outflow of parts that cannot give it all, one after the other.
fn cut(ground: &Ground, links: &Links, water: &mut Water) {
    for block in 0..water.activity.short.len() {
        if !water.activity.short[block] {
            continue;
        }
        for part in block * BLOCK..((block + 1) * BLOCK).min(ground.parts()) {
            let share = water.share[part];
            if share == 1.0 {
                continue;
            }
            for end in links.of(part) {
                let q = water.wanted_m3_s[end.link()];
                if end.brings(q) < 0.0 {
                    let less = q * (1.0 - share);
                    water.wanted_m3_s[end.link()] = q - less;
                    water.net_m3_s[part] -= end.brings(less);
                    if let Some(link) = links.inner.get(end.link()) {
                        let other = if link.behind as usize == part { link.ahead } else { link.behind };
                        water.net_m3_s[other as usize] += end.brings(less);
                    }
                }
            }
        }
    }
}

struct OwnChunk<'a> {
    volume: &'a mut [f64],
    level: &'a mut [f64],
    rise: &'a mut [f32],
    pool: &'a mut [Pool],
    moved: &'a mut [bool],
    empty: &'a mut [bool],
    touched: &'a [bool],
    soil: Option<SoilBand<'a>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_gives_its_volume_and_the_volume_its_level() {
        let rises = [0.0_f32, 0.25, 0.25, 1.0, 8.0];
        let mut pool = Pool::new(&rises);
        let volume = |over: f64| rises.iter().map(|r| (over - f64::from(*r)).max(0.0)).sum::<f64>();
        let mut before = 0.0;
        // Up, beyond the highest pixel, and down again in larger strides.
        for k in (1..4000).chain((1..4000).rev().step_by(37)) {
            let over = 0.003 * f64::from(k);
            let found = pool.fill(&rises, volume(over));
            assert!((found - over).abs() < 1e-12 * over.max(1.0), "{over} {found}");
            before = found;
        }
        assert!(before < 0.2);
        assert_eq!(pool.fill(&rises, 0.0), 0.0);
        // Above the highest pixel the level rises by volume over the whole area.
        let (a, b) = (pool.fill(&rises, 100.0), pool.fill(&rises, 105.0));
        assert!((b - a - 1.0).abs() < 1e-12);
    }
}
