//! Reading a package back: opening verifies it.

use crate::Failure;
use dayu_base::{Finding, Text, sha256_hex};
use serde::Deserialize;
use std::path::Path;

/// The parts of `manifest.json` that a reader needs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Manifest {
    /// SHA-256 of the `sha256  path\n` lines
    pub package_id: String,
    /// run
    pub run_id: String,
    /// level
    pub level: String,
    /// everything but the manifest
    pub files: Vec<ManifestFile>,
}

/// One file of a package.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct ManifestFile {
    /// relative path
    pub path: String,
    /// size
    pub bytes: u64,
    /// digest
    pub sha256: String,
    /// media type
    pub media_type: String,
}

/// Reads the manifest of a package folder and verifies that every file is there, whole and unchanged, and that none was added.
///
/// # Errors
/// `PKG-100` unreadable manifest, `PKG-101` a file missing or changed, `PKG-102` a file too many, `PKG-103` a wrong package id.
pub fn read_manifest(folder: &Path) -> Result<Manifest, Failure> {
    let path = folder.join("manifest.json");
    let shown = path.display().to_string();
    let mend = || Text::new("重新生成成果包；不要手工改动其中文件", "make the package again; do not edit its files");
    let text = std::fs::read_to_string(&path).map_err(|e| {
        Finding::error("PKG-100", Text::new(format!("无法读取：{e}"), format!("cannot be read: {e}")), mend())
            .in_file(&shown)
    })?;
    let manifest: Manifest = serde_json::from_str(&text).map_err(|e| {
        Finding::error("PKG-100", Text::new(format!("不是清单文件：{e}"), format!("is no manifest: {e}")), mend())
            .in_file(&shown)
    })?;
    let mut wrong = Vec::new();
    let mut lines = String::new();
    for file in &manifest.files {
        let read = std::fs::read(folder.join(&file.path));
        let same = read.is_ok_and(|b| b.len() as u64 == file.bytes && sha256_hex(&b) == file.sha256);
        if !same {
            let text = Text::new("文件缺失或已被改动", "the file is missing or was changed");
            wrong.push(Finding::error("PKG-101", text, mend()).in_file(&shown).at(&file.path));
        }
        lines.push_str(&format!("{}  {}\n", file.sha256, file.path));
    }
    if sha256_hex(lines.as_bytes()) != manifest.package_id {
        let text = Text::new("成果包编号与文件不符", "the package id does not fit its files");
        wrong.push(Finding::error("PKG-103", text, mend()).in_file(&shown).field("package_id"));
    }
    let known = |name: &str| name == "manifest.json" || manifest.files.iter().any(|f| f.path == name);
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !known(&name) {
            let text = Text::new("成果包里多出一个文件", "the package holds a file too many");
            wrong.push(Finding::error("PKG-102", text, mend()).in_file(&shown).at(name));
        }
    }
    if wrong.is_empty() { Ok(manifest) } else { Err(Failure::Refused(wrong)) }
}
