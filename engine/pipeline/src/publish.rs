//! Output folders appear whole or not at all: everything is written beside, then renamed.

use crate::Failure;
use dayu_base::{Finding, Text};
use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder being written. Dropped without [`Self::publish`], it disappears.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    partial: PathBuf,
    overwrite: bool,
    published: bool,
    /// top folders of the target that were shown early
    early: BTreeSet<PathBuf>,
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
        Ok(Self { target: target.to_path_buf(), partial, overwrite, published: false, early: BTreeSet::new() })
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
    /// Puts a copy of a finished folder of the draft under its final name before the whole is published: an answer that is there is
    /// shown. It appears whole, and the published folder replaces it with the same.
    ///
    /// # Errors
    /// `RUN-021`.
    pub fn show_early(&mut self, name: &str) -> Result<(), Finding> {
        let (from, to) = (self.partial.join(name), self.target.join(name));
        let show = || -> std::io::Result<()> {
            let aside = self.beside("early");
            copy_folder(&from, &aside)?;
            if let Some(above) = to.parent() {
                std::fs::create_dir_all(above)?;
            }
            if to.exists() {
                std::fs::remove_dir_all(&to)?;
            }
            std::fs::rename(&aside, &to)
        };
        show().map_err(|e| write_failed(&to, &e))?;
        let top = Path::new(name).components().next().map_or_else(|| name.into(), |c| PathBuf::from(c.as_os_str()));
        self.early.insert(top);
        Ok(())
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
                for shown in &self.early {
                    std::fs::remove_dir_all(self.target.join(shown))?;
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

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &place)?;
        } else {
            std::fs::copy(entry.path(), &place)?;
        }
    }
    Ok(())
}

/// Only what this program wrote may be replaced: never a folder of inputs or of somebody's files.
fn is_ours(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_file();
    // A run that ended before its last answer leaves the earlier ones.
    let ladder = has("ladder/1/summary.json");
    (has("summary.json") || has("manifest.json") || ladder) && !has("scenario.toml") && !has("dataset.toml")
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
    fn early_answers_are_there_before_the_whole_and_stay_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let mut draft = Draft::begin(&target, false).unwrap();
        draft.write("ladder/1/summary.json", b"1").unwrap();
        draft.show_early("ladder/1").unwrap();
        assert_eq!(std::fs::read(target.join("ladder/1/summary.json")).unwrap(), b"1");
        draft.write("summary.json", b"2").unwrap();
        draft.publish().unwrap();
        assert!(target.join("ladder/1/summary.json").exists() && target.join("summary.json").exists());
        // A run that ends early leaves what it had shown, and may be run again over it.
        let other = folder.path().join("other");
        let mut draft = Draft::begin(&other, false).unwrap();
        draft.write("ladder/1/summary.json", b"1").unwrap();
        draft.show_early("ladder/1").unwrap();
        drop(draft);
        assert!(other.join("ladder/1/summary.json").exists());
        let draft = Draft::begin(&other, true).unwrap();
        draft.write("summary.json", b"2").unwrap();
        draft.publish().unwrap();
        assert!(!other.join("ladder").exists());
    }

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
