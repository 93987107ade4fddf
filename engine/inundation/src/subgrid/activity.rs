//! Which blocks of parts and links have anything to do in a step. The rest is not touched: where it is dry and the ground and the drains
//! take all the rain that falls, a step costs nothing.
//!
//! What is left out would change no bit: a link flows only where one of its parts stands above its sill, so a block of links that stood
//! dry stays so until a level beside it moves; a block of parts without water stays so until a link beside it flows or more rain falls
//! than is taken. The marks here only save looking again, so they are no part of a saved state.

use crate::subgrid::ground::{FREE, Ground};
use crate::subgrid::links::Links;
use crate::subgrid::water::CHUNK;

/// Neighbouring parts, or links, that are looked at together.
pub(crate) const BLOCK: usize = 64;

/// Blocks of a chunk.
pub(crate) const BLOCKS: usize = CHUNK / BLOCK;

/// A block of links is left out when both of its buffers of discharges hold zeros.
const BOTH: u8 = 2;

/// For each block of one kind the blocks of the other that touch it.
struct Touching {
    start: Vec<u32>,
    block: Vec<u32>,
}

impl Touching {
    fn new(mut pairs: Vec<(u32, u32)>, blocks: usize) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut start = vec![0; blocks + 1];
        pairs.iter().for_each(|(own, _)| start[*own as usize + 1] += 1);
        for k in 0..blocks {
            start[k + 1] += start[k];
        }
        Self { start, block: pairs.into_iter().map(|(_, other)| other).collect() }
    }
    #[inline(always)]
    fn of(&self, block: usize) -> &[u32] {
        &self.block[self.start[block] as usize..self.start[block + 1] as usize]
    }
}

/// What the rain does to a block of parts without water.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Forcing {
    /// all of it is taken on the spot
    pub is_taken: bool,
    /// by the ground, m³/s
    pub infiltrated_m3_s: f64,
    /// by the drains, m³/s
    pub drained_m3_s: f64,
}

/// Marks of the blocks.
pub(crate) struct Activity {
    parts_at_links: Touching,
    links_at_parts: Touching,
    /// per block of parts: boundaries, pumps or links of the problem change it at any time
    restless: Vec<bool>,
    /// per block of parts: some are held
    pub has_held: Vec<bool>,
    /// per block of parts: a level moved in the last step
    pub moved: Vec<bool>,
    /// per block of parts: known to hold no water in free parts
    pub empty: Vec<bool>,
    /// per block of parts: a link brought or took water in this step, or may have
    pub touched: Vec<bool>,
    /// per block of parts: one of them cannot give all that links want
    pub short: Vec<bool>,
    /// per block of parts
    pub forcing: Vec<Forcing>,
    /// per block of links: steps since one of them stood in water, at most [`BOTH`]
    pub dry_steps: Vec<u8>,
    /// held parts set to another level since the last step
    disturbed: Vec<usize>,
}

impl Activity {
    /// `restless` names the parts that boundaries at their faces, pumps and links of the problem change.
    pub fn new(ground: &Ground, links: &Links, restless: impl Iterator<Item = usize>) -> Self {
        let (parts, inner) = (ground.parts().div_ceil(BLOCK), links.inner.len().div_ceil(BLOCK));
        let ends = links
            .inner
            .iter()
            .enumerate()
            .flat_map(|(k, link)| [link.behind, link.ahead].map(|part| ((k / BLOCK) as u32, part / BLOCK as u32)));
        let pairs: Vec<(u32, u32)> = ends.collect();
        let turned = pairs.iter().map(|&(link, part)| (part, link)).collect();
        let mut activity = Self {
            parts_at_links: Touching::new(pairs, inner),
            links_at_parts: Touching::new(turned, parts),
            restless: vec![false; parts],
            has_held: vec![false; parts],
            moved: vec![true; parts],
            empty: vec![false; parts],
            touched: vec![true; parts],
            short: vec![false; parts],
            forcing: vec![Forcing::default(); parts],
            dry_steps: vec![0; inner],
            disturbed: Vec::new(),
        };
        restless.for_each(|part| activity.restless[part / BLOCK] = true);
        for part in (0..ground.parts()).filter(|&p| ground.held[p] != FREE) {
            activity.has_held[part / BLOCK] = true;
        }
        activity
    }

    /// What the links look at, and the marks they write.
    pub fn of_links(&mut self) -> (LinkMarks<'_>, &mut [u8]) {
        let marks = LinkMarks { at: &self.parts_at_links, moved: &self.moved, restless: &self.restless };
        (marks, &mut self.dry_steps)
    }

    /// What tells whether parts are touched; the marks of those that are, and of those that cannot give enough.
    pub fn of_parts(&mut self) -> (PartMarks<'_>, &mut [bool], &mut [bool]) {
        let marks = PartMarks { at: &self.links_at_parts, dry_steps: &self.dry_steps, restless: &self.restless };
        (marks, &mut self.touched, &mut self.short)
    }

    /// Other rain: no block of parts is left out before it was looked at.
    pub fn look_again(&mut self) {
        self.empty.fill(false);
    }

    /// A held part was set to another level.
    pub fn disturb(&mut self, part: usize) {
        self.disturbed.push(part / BLOCK);
        self.empty[part / BLOCK] = false;
    }

    /// After a step: what was disturbed has moved.
    pub fn settle(&mut self) {
        for block in self.disturbed.drain(..) {
            self.moved[block] = true;
        }
    }
}

/// What tells whether links may flow.
pub(crate) struct LinkMarks<'a> {
    at: &'a Touching,
    moved: &'a [bool],
    restless: &'a [bool],
}

impl LinkMarks<'_> {
    /// Whether links of a block may flow in the step to come.
    #[inline(always)]
    pub fn may_flow(&self, block: usize, dry_steps: u8) -> bool {
        dry_steps < BOTH || self.at.of(block).iter().any(|&b| self.moved[b as usize] || self.restless[b as usize])
    }
}

/// What tells whether the links of a block of parts brought or took water in this step, or may have.
pub(crate) struct PartMarks<'a> {
    at: &'a Touching,
    dry_steps: &'a [u8],
    restless: &'a [bool],
}

impl PartMarks<'_> {
    #[inline(always)]
    pub fn is_touched(&self, block: usize) -> bool {
        self.restless[block] || self.at.of(block).iter().any(|&l| self.dry_steps[l as usize] < BOTH)
    }
}

/// The mark of a block of links after a step in which `wet` of them stood in water.
#[inline(always)]
pub(crate) fn after(dry_steps: u8, wet: usize) -> u8 {
    if wet > 0 { 0 } else { (dry_steps + 1).min(BOTH) }
}
