//! What GDAL complains about, caught on the thread that caused it and turned into findings.

use dayu_base::{Finding, Text};
use gdal::config::set_error_handler;
use gdal::errors::CplErrType;
use std::cell::RefCell;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

/// One message of GDAL.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    /// An error, not merely a warning.
    pub failure: bool,
    /// GDAL's own words.
    pub text: String,
}

thread_local! {
    static HEARD: RefCell<Vec<Complaint>> = const { RefCell::new(Vec::new()) };
}
static HANDLER: Once = Once::new();
static WRITING: Mutex<()> = Mutex::new(());

/// A broken file can produce one message per row; the first ones tell what is wrong.
const KEPT: usize = 32;

/// Runs `work` and returns what GDAL said meanwhile on this thread. Nothing goes to standard error.
///
/// GDAL reports some failures only here (a truncated strip, a vector file that ends early, a full disk when a file is
/// closed), so callers must look at the complaints even when `work` succeeded.
pub(crate) fn listen<T>(work: impl FnOnce() -> T) -> (T, Vec<Complaint>) {
    HANDLER.call_once(|| {
        set_error_handler(|kind, _, text| {
            let failure = matches!(kind, CplErrType::Failure | CplErrType::Fatal);
            if failure || matches!(kind, CplErrType::Warning) {
                // try_with: the thread may be ending; a lost message is then the lesser evil.
                let _ = HEARD.try_with(|heard| {
                    if let Ok(mut heard) = heard.try_borrow_mut()
                        && heard.len() < KEPT
                    {
                        heard.push(Complaint { failure, text: text.to_string() });
                    }
                });
            }
        });
    });
    let outer = HEARD.with(|heard| std::mem::take(&mut *heard.borrow_mut()));
    let result = work();
    let complaints = HEARD.with(|heard| std::mem::replace(&mut *heard.borrow_mut(), outer));
    (result, complaints)
}

/// The first failure among the complaints.
pub(crate) fn first_failure(complaints: &[Complaint]) -> Option<&str> {
    complaints.iter().find(|c| c.failure).map(|c| c.text.as_str())
}

/// Held while a GeoPackage is written: its date is a library setting and SQLite's temporary state is shared.
pub(crate) fn writing() -> MutexGuard<'static, ()> {
    WRITING.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A path as findings show it.
pub(crate) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// Refuses what is missing, unreadable, no file or empty, before GDAL sees it: GDAL would take some names for web
/// addresses or sub-datasets, and words these cases badly.
pub(crate) fn readable_file(path: &Path) -> Result<(), Finding> {
    let refuse = |code: &str, message: Text, mend: Text| Err(Finding::error(code, message, mend).in_file(shown(path)));
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return refuse(
                "GIS-001",
                Text::new("文件不存在", "the file does not exist"),
                Text::new(
                    "请检查路径与文件名（区分大小写），或补交该文件",
                    "check path and name (case matters), or supply the file",
                ),
            );
        }
        Err(e) => {
            return refuse(
                "GIS-003",
                Text::new(format!("文件无法读取：{e}"), format!("the file cannot be read: {e}")),
                Text::new("请检查文件与目录的读取权限", "check the permissions of file and folder"),
            );
        }
    };
    if !meta.is_file() {
        return refuse(
            "GIS-003",
            Text::new("路径不是文件", "the path is not a file"),
            Text::new("请填写文件路径，而不是目录", "name a file, not a folder"),
        );
    }
    if meta.len() == 0 {
        return refuse(
            "GIS-002",
            Text::new("文件为空（0 字节）", "the file is empty (0 bytes)"),
            Text::new("请重新导出或重新传输该文件", "export or transfer the file again"),
        );
    }
    if let Err(e) = std::fs::File::open(path) {
        return refuse(
            "GIS-003",
            Text::new(format!("文件无法打开：{e}"), format!("the file cannot be opened: {e}")),
            Text::new("请检查文件与目录的读取权限", "check the permissions of file and folder"),
        );
    }
    Ok(())
}

/// GDAL does not know the format, or the file is damaged in its header.
pub(crate) fn cannot_open(path: &Path, reason: &str) -> Finding {
    Finding::error(
        "GIS-003",
        Text::new(format!("GDAL 无法打开该文件：{reason}"), format!("GDAL cannot open the file: {reason}")),
        Text::new(
            "文件可能损坏、被截断或格式不受支持；请重新传输，或转换为 GeoTIFF / GeoPackage",
            "the file may be damaged, truncated or of an unknown format; transfer it again or convert it to GeoTIFF / GeoPackage",
        ),
    )
    .in_file(shown(path))
}

/// The file opens, but its content cannot be read to the end.
pub(crate) fn cannot_read(path: &Path, place: &str, reason: &str) -> Finding {
    Finding::error(
        "GIS-004",
        Text::new(
            format!("文件内容不完整或已损坏，读取失败：{reason}"),
            format!("the content is incomplete or damaged, reading failed: {reason}"),
        ),
        Text::new(
            "请重新传输该文件并核对大小或校验值；不使用残缺数据",
            "transfer the file again and compare size or checksum; damaged data are not used",
        ),
    )
    .in_file(shown(path))
    .at(place)
}

/// Writing failed; nothing is left under the final name.
pub(crate) fn cannot_write(path: &Path, reason: &str) -> Finding {
    Finding::error(
        "GIS-030",
        Text::new(format!("写入失败：{reason}"), format!("writing failed: {reason}")),
        Text::new(
            "请检查磁盘剩余空间与目录权限后重做；未留下不完整的成果文件",
            "check free disk space and folder permissions, then repeat; no incomplete file was left",
        ),
    )
    .in_file(shown(path))
}
