//! Population blocks: where the residents of every 网格 live.

use super::geometry::{Point, distance, tenth};
use super::random::Random;
use super::regions::{Region, cell_centre, share};

/// Residents of the district that the blocks add up to. The 2020 census is commonly quoted as about 1.11 million; taken as an
/// assumption, not as a citation.
pub const RESIDENTS: u64 = 1_110_000;

/// One block.
pub struct Block {
    /// object id
    pub id: String,
    /// place
    pub at: Point,
    /// residents
    pub people: u64,
    /// of them needing help
    pub vulnerable: u64,
    /// households
    pub households: u64,
    /// code of the 网格
    pub region: String,
}

/// Places about 3 000 blocks and fills the tree's counts.
pub fn settle(regions: &mut [Region], residents: &[f64], wet: impl Fn(Point) -> bool) -> Vec<Block> {
    let mut random = Random::named("population");
    let grids: Vec<usize> = (0..regions.len()).filter(|&i| regions[i].level == "grid").collect();
    let weight: Vec<f64> =
        grids.iter().map(|&g| regions[g].cells.iter().map(|&c| residents[c as usize]).sum::<f64>() + 1.0).collect();
    let people = share(RESIDENTS as usize, &weight, 60);
    let mut blocks = Vec::new();
    for (n, &g) in grids.iter().enumerate() {
        let wanted = 3 + usize::from(people[n] > 900) + usize::from(people[n] > 1500) + usize::from(people[n] > 2400);
        let mut cells: Vec<(u64, u32)> =
            regions[g].cells.iter().filter(|&&c| residents[c as usize] > 0.0).map(|&c| (random.word(), c)).collect();
        // The best-built cells first, in random order among equals, and not too near each other.
        cells.sort_by(|a, b| residents[b.1 as usize].total_cmp(&residents[a.1 as usize]).then(a.0.cmp(&b.0)));
        // Few live where hill water runs or in a dip: such cells come last.
        cells.sort_by_key(|c| wet(cell_centre(c.1 as usize)));
        if cells.is_empty() {
            cells = regions[g].cells.iter().map(|&c| (0, c)).collect();
        }
        let keep = (cells.len() / 2).max(wanted).min(cells.len());
        let mut pool: Vec<(u64, u32)> = cells[..keep].to_vec();
        pool.sort_unstable();
        let mut chosen: Vec<u32> = Vec::new();
        for gap in [160.0, 100.0, 45.0, 0.0] {
            for &(_, c) in &pool {
                if chosen.len() == wanted {
                    break;
                }
                let p = cell_centre(c as usize);
                if chosen.iter().all(|&o| distance(p, cell_centre(o as usize)) > gap) {
                    chosen.push(c);
                }
            }
        }
        let parts: Vec<f64> =
            chosen.iter().map(|&c| (residents[c as usize] + 1.0) * random.between(0.6, 1.4)).collect();
        let split = share(people[n], &parts, 10);
        for (&c, &count) in chosen.iter().zip(&split) {
            let p = cell_centre(c as usize);
            let count = count as u64;
            let households = ((count as f64) / random.between(2.35, 2.85)).round().max(1.0) as u64;
            let vulnerable = (count as f64 * random.between(0.05, 0.11)).round() as u64;
            blocks.push(Block {
                id: format!("XH-RK-{:04}", blocks.len() + 1),
                at: (tenth(p.0 + random.between(-9.0, 9.0)), tenth(p.1 + random.between(-9.0, 9.0))),
                people: count,
                vulnerable,
                households,
                region: regions[g].code.clone(),
            });
            regions[g].people += count;
            regions[g].households += households;
        }
    }
    for i in (1..regions.len()).rev() {
        let (p, h, parent) = (regions[i].people, regions[i].households, regions[i].parent.clone());
        if let Some(up) = regions.iter().position(|r| r.code == parent) {
            regions[up].people += p;
            regions[up].households += h;
        }
    }
    blocks
}
