//! Output folders appear whole or not at all: everything is written beside, then renamed.

use crate::Failure;
use dayu_base::{Finding, Text};
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder being written. Dropped without [`Self::publish`], it disappears.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    partial: PathBuf,
    overwrite: bool,
    published: bool,
}

impl Draft {
    /// Begins a folder that will become `target`.
    ///
    /// # Errors
    /// `RUN-020` (wrong use) when the target exists and is not empty and `overwrite` is false; `RUN-021` when it cannot be written.
    pub fn begin(target: &Path, overwrite: bool) -> Result<Self, Failure> {
        let shown = target.display().to_string();
        if target.exists() && !target.is_dir() {
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-020",
                    Text::new("输出位置是一个文件", "the output place is a file"),
                    Text::new("换一个文件夹", "name another folder"),
                )
                .in_file(shown),
            ));
        }
        let filled = std::fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_some());
        if filled && !overwrite {
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-020",
                    Text::new("输出文件夹已存在且不为空", "the output folder exists and is not empty"),
                    Text::new("换一个文件夹，或加 --overwrite", "name another folder, or add --overwrite"),
                )
                .in_file(shown),
            ));
        }
        if filled && !is_ours(target) {
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-022",
                    Text::new(
                        "文件夹里不是本程序的成果（没有 summary.json 或 manifest.json），拒绝覆盖",
                        "the folder holds no output of this program (no summary.json or manifest.json) and is not replaced",
                    ),
                    Text::new("换一个文件夹，或自行清空它", "name another folder, or empty it yourself"),
                )
                .in_file(shown),
            ));
        }
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "out".into());
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let partial = parent.join(format!(".{name}.partial-{}", std::process::id()));
        let make = || -> std::io::Result<()> {
            std::fs::create_dir_all(parent)?;
            if partial.exists() {
                std::fs::remove_dir_all(&partial)?;
            }
            std::fs::create_dir(&partial)
        };
        make().map_err(|e| write_failed(target, &e))?;
        Ok(Self { target: target.to_path_buf(), partial, overwrite, published: false })
    }
    /// Where to write now.
    pub fn path(&self) -> &Path {
        &self.partial
    }
    /// Writes one file below the folder, to the disk.
    ///
    /// # Errors
    /// `RUN-021`, for instance on a full disk.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Finding> {
        let path = self.partial.join(name);
        let write = || -> std::io::Result<()> {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)?;
            }
            let mut file = std::fs::File::create(&path)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|e| write_failed(&self.target.join(name), &e))
    }
    /// A name beside the draft that no other run uses.
    fn beside(&self, what: &str) -> PathBuf {
        let mut name = self.partial.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
        name.push(format!("-{what}"));
        self.partial.with_file_name(name)
    }
    /// Makes a folder below the draft the whole draft.
    ///
    /// # Errors
    /// `RUN-021`.
    pub fn lift(&self, name: &str) -> Result<(), Finding> {
        let up = || -> std::io::Result<()> {
            let aside = self.beside("lift");
            std::fs::rename(self.partial.join(name), &aside)?;
            std::fs::remove_dir_all(&self.partial)?;
            std::fs::rename(&aside, &self.partial)
        };
        up().map_err(|e| write_failed(&self.target, &e))
    }
    /// Makes the folder appear under its name.
    ///
    /// # Errors
    /// `RUN-021` when the rename fails; the earlier folder is then still in place.
    pub fn publish(mut self) -> Result<(), Finding> {
        let rename = || -> std::io::Result<()> {
            if self.target.exists() {
                if self.overwrite {
                    let old = self.beside("old");
                    std::fs::rename(&self.target, &old)?;
                    if let Err(e) = std::fs::rename(&self.partial, &self.target) {
                        std::fs::rename(&old, &self.target)?;
                        return Err(e);
                    }
                    return std::fs::remove_dir_all(&old);
                }
                std::fs::remove_dir(&self.target)?;
            }
            std::fs::rename(&self.partial, &self.target)
        };
        rename().map_err(|e| write_failed(&self.target, &e))?;
        self.published = true;
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            // Nothing half-written may stay; a failure to clean up must not hide the first error.
            let _ = std::fs::remove_dir_all(&self.partial);
        }
    }
}

/// Only what this program wrote may be replaced: never a folder of inputs or of somebody's files.
fn is_ours(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    (has("summary.json") || has("manifest.json")) && !has("scenario.toml") && !has("dataset.toml")
}

/// A write that failed, with place and mend.
pub fn write_failed(path: &Path, e: &std::io::Error) -> Finding {
    let full = e.kind() == std::io::ErrorKind::StorageFull;
    let (zh, en) = if full {
        ("磁盘已满，未写成".to_string(), "the disk is full, nothing was published".to_string())
    } else {
        (format!("无法写入：{e}"), format!("cannot be written: {e}"))
    };
    Finding::error(
        "RUN-021",
        Text::new(zh, en),
        Text::new("腾出空间或换一个可写的文件夹后重试", "free space or name a writable folder, then try again"),
    )
    .in_file(path.display().to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_draft_appears_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let draft = Draft::begin(&target, false).unwrap();
        draft.write("a/b.txt", b"x").unwrap();
        assert!(!target.exists());
        drop(draft);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let draft = Draft::begin(&target, false).unwrap();
        draft.write("a/b.txt", b"x").unwrap();
        draft.publish().unwrap();
        assert_eq!(std::fs::read(target.join("a/b.txt")).unwrap(), b"x");
        let refused = Draft::begin(&target, false).unwrap_err();
        assert_eq!(refused.exit_code(), 2);
        assert_eq!(Draft::begin(&target, true).unwrap_err().exit_code(), 2, "a folder that is not ours");
        std::fs::write(target.join("summary.json"), "{}").unwrap();
        let draft = Draft::begin(&target, true).unwrap();
        draft.write("c.txt", b"y").unwrap();
        draft.publish().unwrap();
        assert!(target.join("c.txt").exists() && !target.join("a").exists());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
