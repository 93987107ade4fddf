//! Output folders appear whole or not at all: everything is written beside, then renamed. Early answers stand in a folder of their own
//! beside (`NAME.ladder`): until the whole is there, what stood under the name stays untouched.

use crate::Failure;
use dayu_base::{Finding, Text};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

/// A folder being written. Dropped without [`Self::publish`], it disappears.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    partial: PathBuf,
    overwrite: bool,
    /// the draft stays when this is dropped
    kept: bool,
    /// what lay in the target before
    before: BTreeSet<OsString>,
    /// where early answers are shown; `None` = none was promised
    early: Option<PathBuf>,
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
        let before = names_in(target);
        let filled = !before.is_empty();
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
        Ok(Self { target: target.to_path_buf(), partial, overwrite, kept: false, before, early: None })
    }
    /// Promises early answers in `NAME.ladder` beside the target: they outlive a run that fails.
    ///
    /// # Errors
    /// `RUN-020`, `RUN-022` (wrong use) when that folder holds something that may not be replaced; `RUN-021`.
    pub fn promise_early(&mut self) -> Result<(), Failure> {
        let place = beside_target(&self.target, "ladder");
        let shown = place.display().to_string();
        let held = names_in(&place);
        if place.exists() && !place.is_dir() || held.iter().any(|n| !place.join(n).join("summary.json").is_file()) {
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-022",
                    Text::new(
                        "时限模式的先期答案应放在这里，但它不是本程序的成果，拒绝覆盖",
                        "early answers of a deadline belong here, but it is no output of this program and is not replaced",
                    ),
                    Text::new("移走它，或换一个输出文件夹", "move it away, or name another output folder"),
                )
                .in_file(shown),
            ));
        }
        if !held.is_empty() && !self.overwrite {
            return Err(Failure::Usage(
                Finding::error(
                    "RUN-020",
                    Text::new(
                        "上次未完成的时限运行留下了先期答案",
                        "an earlier run by a deadline that did not end left its early answers",
                    ),
                    Text::new("换一个文件夹，或加 --overwrite", "name another folder, or add --overwrite"),
                )
                .in_file(shown),
            ));
        }
        if place.exists() {
            std::fs::remove_dir_all(&place).map_err(|e| write_failed(&place, &e))?;
        }
        self.early = Some(place);
        Ok(())
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
    /// Shows a copy of a finished folder of the draft in the promised place, under the last part of its name. It appears whole; when
    /// the draft is published, which holds the same, the place is emptied.
    ///
    /// # Errors
    /// `RUN-021`.
    pub fn show_early(&self, name: &str) -> Result<(), Finding> {
        let Some(early) = &self.early else { return Ok(()) };
        let last = Path::new(name).file_name().unwrap_or_default();
        let (from, to) = (self.partial.join(name), early.join(last));
        let show = || -> std::io::Result<()> {
            let aside = self.beside("early");
            copy_folder(&from, &aside)?;
            std::fs::create_dir_all(early)?;
            std::fs::rename(&aside, &to)
        };
        show().map_err(|e| write_failed(&to, &e))
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
    /// Makes the folder appear under its name. What came into the target while the run went on (a project file of a map program) is
    /// carried over; early answers leave their own place, since they are part of the whole.
    ///
    /// # Errors
    /// `RUN-021` when it cannot be put there: what stood under the name stands there still, and the finished answer stays where the
    /// finding says.
    pub fn publish(mut self) -> Result<(), Finding> {
        // From here on the answer is finished: whatever happens, it is not thrown away.
        self.kept = true;
        let old = self.beside("old");
        let rename = || -> std::io::Result<()> {
            if !self.target.exists() {
                return std::fs::rename(&self.partial, &self.target);
            }
            if !self.target.is_dir() {
                return Err(std::io::ErrorKind::NotADirectory.into());
            }
            std::fs::rename(&self.target, &old)?;
            if let Err(e) = std::fs::rename(&self.partial, &self.target) {
                std::fs::rename(&old, &self.target)?;
                return Err(e);
            }
            Ok(())
        };
        rename().map_err(|e| self.stands_aside(&e))?;
        for name in names_in(&old).difference(&self.before) {
            let place = self.target.join(name);
            if !place.exists() {
                std::fs::rename(old.join(name), &place).map_err(|e| write_failed(&place, &e))?;
            }
        }
        // The answer stands; what is superseded and cannot be removed must not hide that.
        let _ = std::fs::remove_dir_all(&old);
        let _ = self.early.as_ref().map(std::fs::remove_dir_all);
        Ok(())
    }
    /// The finished answer could not be put under its name.
    fn stands_aside(&self, e: &std::io::Error) -> Finding {
        let mut finding = write_failed(&self.target, e);
        let place = self.partial.display();
        finding.mend = Text::new(
            format!("完整结果已保留在“{place}”：把它改名到所要的位置"),
            format!("the finished answer is kept in '{place}': rename it to where it belongs"),
        );
        finding
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.kept {
            // Nothing half-written may stay; a failure to clean up must not hide the first error.
            let _ = std::fs::remove_dir_all(&self.partial);
        }
    }
}

/// Names in a folder; none when it is not there.
fn names_in(folder: &Path) -> BTreeSet<OsString> {
    std::fs::read_dir(folder).map(|all| all.filter_map(|e| Some(e.ok()?.file_name())).collect()).unwrap_or_default()
}

/// `NAME.what` beside a target called NAME.
fn beside_target(target: &Path, what: &str) -> PathBuf {
    let mut name = target.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_else(|| "out".into());
    name.push(format!(".{what}"));
    target.with_file_name(name)
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
    fn early_answers_stand_beside_and_outlive_a_run_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        let (target, ladder) = (folder.path().join("out"), folder.path().join("out.ladder"));
        let begin = |overwrite| {
            let mut draft = Draft::begin(&target, overwrite).unwrap();
            draft.promise_early().unwrap();
            draft.write("ladder/1/summary.json", b"1").unwrap();
            draft.show_early("ladder/1").unwrap();
            draft
        };
        let draft = begin(false);
        assert!(!target.exists() && ladder.join("1/summary.json").is_file());
        draft.write("summary.json", b"old").unwrap();
        draft.publish().unwrap();
        assert!(target.join("ladder/1/summary.json").is_file() && !ladder.exists());
        // A run that fails over an earlier answer leaves that answer as it was, all of it, and its own early ones beside.
        drop(begin(true));
        assert_eq!(std::fs::read(target.join("summary.json")).unwrap(), b"old");
        assert!(ladder.join("1/summary.json").is_file());
        // Those are not replaced unasked, and nobody's own files ever.
        let mut draft = Draft::begin(&folder.path().join("out"), true).unwrap();
        draft.overwrite = false;
        assert_eq!(draft.promise_early().unwrap_err().exit_code(), 2);
        std::fs::write(ladder.join("notes.txt"), b"mine").unwrap();
        draft.overwrite = true;
        assert_eq!(draft.promise_early().unwrap_err().exit_code(), 2);
        assert!(ladder.join("notes.txt").is_file());
    }

    #[test]
    fn a_file_that_came_meanwhile_neither_stops_nor_is_lost() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        std::fs::create_dir(&target).unwrap();
        let draft = Draft::begin(&target, false).unwrap();
        draft.write("summary.json", b"1").unwrap();
        std::fs::write(target.join("view.qgz"), b"mine").unwrap();
        draft.publish().unwrap();
        assert_eq!(std::fs::read(target.join("summary.json")).unwrap(), b"1");
        assert_eq!(std::fs::read(target.join("view.qgz")).unwrap(), b"mine");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_finished_answer_that_finds_no_place_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out/deep");
        let draft = Draft::begin(&target, false).unwrap();
        draft.write("summary.json", b"1").unwrap();
        // What holds the target is gone, so that no rename can succeed: the draft is moved away and named.
        let partial = draft.path().to_path_buf();
        std::fs::write(&target, b"a file in its place").unwrap();
        let finding = draft.publish().unwrap_err();
        assert!(finding.mend.en.contains(&partial.display().to_string()), "{finding}");
        assert_eq!(std::fs::read(partial.join("summary.json")).unwrap(), b"1");
        assert_eq!(std::fs::read(&target).unwrap(), b"a file in its place");
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
