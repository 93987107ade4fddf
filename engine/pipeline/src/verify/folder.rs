//! Folders on disk for the judge.

use dayu_gis::{LOCAL_METRES, ReadRaster, read_raster};
use dayu_terrain::Raster;
use dayu_verification::{Folder, Wrong};
use std::path::{Path, PathBuf};

/// One folder.
#[derive(Debug)]
pub(super) struct DiskFolder(PathBuf);

impl DiskFolder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_path_buf())
    }
    pub fn path(&self) -> &Path {
        &self.0
    }
    /// A text file without byte order mark.
    pub fn read(&self, name: &str) -> Result<String, Wrong> {
        let text = std::fs::read_to_string(self.0.join(name)).map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => Wrong::new(format!("missing {name}")),
            _ => Wrong::new(format!("{name}: {e}")),
        })?;
        Ok(text.strip_prefix('\u{feff}').map(String::from).unwrap_or(text))
    }
}

impl Folder for DiskFolder {
    fn text(&self, name: &str) -> Result<String, Wrong> {
        self.read(name)
    }
    fn raster(&self, name: &str) -> Result<Raster<f64>, Wrong> {
        // Coordinates as they stand: answer and output are in the case's own system, whatever it is called.
        read_raster(&self.0.join(name), &ReadRaster::new(LOCAL_METRES, name))
            .map(|(raster, _)| raster)
            .map_err(|f| Wrong::new(format!("{name}: {}", f.message)))
    }
}
