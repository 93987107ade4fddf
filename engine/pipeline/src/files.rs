//! Input files: where they are, what they are called in products, and their digests.

use dayu_base::{Finding, Text, sha256_hex};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// A file or folder with the name it has in products: its path from the scenario, with `/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// where it is
    pub path: PathBuf,
    /// how products name it
    pub name: String,
}

impl Located {
    /// The scenario file: SCENARIO is a folder or a TOML file.
    pub fn scenario(given: &Path) -> Self {
        let path = if given.is_dir() { given.join("scenario.toml") } else { given.to_path_buf() };
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Self { path, name }
    }
    /// A path written in this file, which is relative to the file's folder.
    pub fn beside(&self, written: &str) -> Self {
        let folder = self.path.parent().map(Path::to_path_buf).unwrap_or_default();
        let name_folder = match self.name.rsplit_once('/') {
            Some((folder, _)) => folder.to_string(),
            None => String::new(),
        };
        Self::join(&folder, &name_folder, written)
    }
    /// A path below this folder.
    pub fn inside(&self, written: &str) -> Self {
        Self::join(&self.path, &self.name, written)
    }
    fn join(folder: &Path, name_folder: &str, written: &str) -> Self {
        let written = written.trim_end_matches('/');
        if Path::new(written).is_absolute() {
            let name = Path::new(written).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            return Self { path: PathBuf::from(written), name };
        }
        let mut parts: Vec<&str> = name_folder.split('/').filter(|p| !p.is_empty() && *p != ".").collect();
        for part in written.split('/').filter(|p| !p.is_empty() && *p != ".") {
            if part == ".." && parts.last().is_some_and(|p| *p != "..") {
                parts.pop();
            } else {
                parts.push(part);
            }
        }
        Self { path: folder.join(written), name: parts.join("/") }
    }
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// layer or role
    pub layer: String,
    /// bytes
    pub bytes: u64,
    /// SHA-256
    pub sha256: String,
}

/// Every file that was read, by name.
#[derive(Debug, Default)]
pub struct InputFiles {
    read: Mutex<BTreeMap<String, ReadFile>>,
    plain_rasters: AtomicBool,
}

impl InputFiles {
    /// Reads a file whole and notes its digest.
    ///
    /// # Errors
    /// `RUN-010` when it is missing or cannot be read.
    pub fn read(&self, layer: &str, file: &Located) -> Result<Vec<u8>, Finding> {
        let bytes = std::fs::read(&file.path).map_err(|e| unreadable(&file.name, &e))?;
        let entry = ReadFile { layer: layer.into(), bytes: bytes.len() as u64, sha256: sha256_hex(&bytes) };
        self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner).insert(file.name.clone(), entry);
        Ok(bytes)
    }
    /// Reads UTF-8 text and notes its digest.
    ///
    /// # Errors
    /// As [`Self::read`]; `RUN-011` when it is not UTF-8.
    pub fn read_text(&self, layer: &str, file: &Located) -> Result<String, Finding> {
        String::from_utf8(self.read(layer, file)?).map_err(|e| {
            Finding::error(
                "RUN-011",
                Text::new("文件不是 UTF-8 编码", "the file is not UTF-8"),
                Text::new("用 UTF-8 另存后重试", "save it as UTF-8 and try again"),
            )
            .in_file(&file.name)
            .at(format!("第{}字节 byte {}", e.utf8_error().valid_up_to(), e.utf8_error().valid_up_to()))
        })
    }
    /// Notes a file that a library reads by itself.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn note(&self, layer: &str, file: &Located) -> Result<(), Finding> {
        self.read(layer, file).map(|_| ())
    }
    /// Rasters that say no CRS stand in the dataset's: the plain grids of verification cases. For a district nothing is guessed.
    pub fn take_plain_rasters(&self) {
        self.plain_rasters.store(true, Ordering::Relaxed);
    }
    /// As [`Self::take_plain_rasters`] said.
    pub fn takes_plain_rasters(&self) -> bool {
        self.plain_rasters.load(Ordering::Relaxed)
    }
    /// What was read so far, by name.
    pub fn list(&self) -> BTreeMap<String, ReadFile> {
        self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

pub(crate) fn unreadable(name: &str, e: &std::io::Error) -> Finding {
    let (zh, en) = match e.kind() {
        std::io::ErrorKind::NotFound => ("文件不存在".to_string(), "the file does not exist".to_string()),
        std::io::ErrorKind::PermissionDenied => ("没有读取权限".to_string(), "no permission to read it".to_string()),
        _ => (format!("无法读取：{e}"), format!("cannot be read: {e}")),
    };
    Finding::error(
        "RUN-010",
        Text::new(zh, en),
        Text::new(
            "核对路径与权限；路径从写明它的文件算起",
            "check path and permission; paths start at the file that names them",
        ),
    )
    .in_file(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_paths_from_the_scenario() {
        let scenario = Located { path: "/d/scenarios/a/scenario.toml".into(), name: "scenario.toml".into() };
        let data = scenario.beside("../../gis-data/x/");
        assert_eq!(data.name, "../../gis-data/x");
        let file = data.inside("dataset.toml").beside("dem.tif");
        assert_eq!(file.name, "../../gis-data/x/dem.tif");
        assert_eq!(file.path, PathBuf::from("/d/scenarios/a/../../gis-data/x/dem.tif"));
        assert_eq!(scenario.beside(".").inside("dem.asc").name, "dem.asc");
    }
}
