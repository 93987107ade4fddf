//! The constructed district 西湖区 (adcode 330106): everything in `gis-data/xihu` that is generated, from one fixed seed.

mod cover;
mod duties;
mod exposed;
mod geodesy;
mod geography;
mod geometry;
mod output;
mod people;
mod places;
mod random;
mod regions;
mod registers;
mod relief;
mod roads;
mod sheet;
mod sites;
mod storms;
mod trial;

pub use trial::run as trial;

use anyhow::{Result, ensure};
use geo::Area;
use std::path::Path;

/// Everything built in memory.
pub struct Model {
    /// shapes
    pub geography: geography::Geography,
    /// surface
    pub relief: relief::Relief,
    /// classes
    pub cover: Vec<u8>,
    /// tree
    pub regions: Vec<regions::Region>,
    /// population
    pub blocks: Vec<people::Block>,
    /// roads
    pub roads: Vec<roads::Road>,
    /// registers
    pub registers: registers::Registers,
    /// responsibility, contacts, households
    pub duties: Vec<sheet::Sheet>,
}

impl Model {
    /// Builds the district.
    pub fn build() -> Self {
        let geography = geography::Geography::new();
        let relief = relief::Relief::build(&geography);
        eprintln!("terrain built");
        let mut cover = cover::classify(&relief);
        let roads = roads::build(&relief, &geography, &cover);
        for r in roads.iter().filter(|r| !r.tunnel) {
            cover::burn(&mut cover, &r.line, roads::half_width(r.class));
        }
        eprintln!("{} stretches of road", roads.len());
        let residents = regions::weights(&relief, &cover);
        let mut regions = regions::build(&geography, &relief, &cover, &residents);
        let blocks = people::settle(&mut regions, &residents, |p| {
            let dip = relief.points.iter().chain(&relief.underpasses).any(|&d| geometry::distance(d, p) < 75.0);
            let k = relief::pixel(p);
            dip || k.is_some_and(|k| relief.upstream[k] > 150)
        });
        let mut registers = registers::Registers::default();
        let district = sites::District::new(&geography, &relief, &cover, &regions, &blocks);
        registers::build(&district, &mut registers);
        exposed::build(&district, &mut registers);
        let duties = duties::build(&regions, &blocks, &registers.objects);
        Self { geography, relief, cover, regions, blocks, roads, registers, duties }
    }

    /// Says what was built and refuses what the task forbids.
    ///
    /// # Errors
    /// A count that is not the one the district reports.
    pub fn check(&self) -> Result<()> {
        let count = |level: &str| self.regions.iter().filter(|r| r.level == level).count();
        ensure!(count("town") == 11 && count("zone") == 40 && count("village") == 206 && count("grid") == 691, "tree");
        let layer = |l: &str| self.registers.objects.iter().filter(|o| o.layer == l).count();
        ensure!(layer("waterlogging_points") == 18 && layer("shelters") == 200, "registers");
        let people: u64 = self.blocks.iter().map(|b| b.people).sum();
        ensure!(people == people::RESIDENTS && self.regions[0].people == people, "population {people}");
        let coded: u64 = self.registers.objects.iter().map(|o| o.people).sum::<u64>() + exposed::CODED_IN_BLOCKS;
        ensure!(coded == exposed::CODED, "safety codes {coded}");
        let mut ids: Vec<&str> = self.registers.objects.iter().map(|o| o.id.as_str()).collect();
        ids.extend(self.blocks.iter().map(|b| b.id.as_str()));
        ids.extend(self.roads.iter().map(|r| r.id.as_str()));
        ids.extend(self.geography.waters.iter().map(|w| w.id.as_str()));
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        ensure!(ids.len() == n, "ids are not unique");
        let inside: usize = self.regions.iter().filter(|r| r.level == "grid").map(|r| r.cells.len()).sum();
        ensure!(inside == self.regions[0].cells.len(), "grids hold {inside} cells of {}", self.regions[0].cells.len());
        for o in &self.registers.objects {
            ensure!(!o.region.is_empty(), "{} lies in no grid", o.id);
        }
        for s in &self.registers.sheets {
            eprintln!("{:32} {}", s.path, s.rows.len());
        }
        eprintln!(
            "area {:.1} km², {} blocks, {} objects",
            self.regions[0].shape.unsigned_area() / 1e6,
            self.blocks.len(),
            n
        );
        Ok(())
    }

    /// Writes `gis-data/xihu` and the rain of both scenarios.
    ///
    /// # Errors
    /// What the disk or the geodata library refuses.
    pub fn write(&self, data: &Path, scenarios: &Path) -> Result<()> {
        std::fs::create_dir_all(data)?;
        output::rasters(data, &self.relief, &self.cover)?;
        std::fs::write(data.join("landcover.csv"), cover::TABLE)?;
        output::waters(data, &self.geography)?;
        output::regions(data, &self.regions)?;
        output::roads(data, &self.roads)?;
        output::population(data, &self.blocks)?;
        output::sheets(data, &self.registers.sheets)?;
        output::sheets(data, &self.duties)?;
        for (id, hours, shares) in [
            ("xihu-infa-2021", &storms::INFA_MM[..], &storms::INFA_SHARE),
            ("xihu-rainstorm-20210730", &storms::BURST_MM[..], &storms::BURST_SHARE),
        ] {
            let dir = scenarios.join(id);
            std::fs::create_dir_all(&dir)?;
            let (stations, series) = storms::tables(hours, shares);
            std::fs::write(dir.join("rain_stations.csv"), stations)?;
            std::fs::write(dir.join("rain.csv"), series)?;
        }
        Ok(())
    }
}
