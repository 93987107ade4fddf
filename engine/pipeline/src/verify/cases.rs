//! Which cases and scenarios are run.

use super::VerifyOptions;
use super::folder::DiskFolder;
use crate::Failure;
use dayu_base::{Finding, Text};
use dayu_verification::{BookFile, CaseChecks, OrderCheck, RunChecks, TableChecks, parse_checks, parse_tables};
use std::path::{Path, PathBuf};

/// Where a repository keeps its cases.
const SHIPPED: &str = "tests/cases";

/// One case to run.
pub(super) struct Case {
    pub name: String,
    pub folder: PathBuf,
    pub book: BookFile,
    pub runs: Vec<RunChecks>,
    pub orders: Vec<OrderCheck>,
    pub tables: TableChecks,
}

/// The cases that the options ask for, by name.
pub(super) fn find_cases(options: &VerifyOptions) -> Result<Vec<Case>, Failure> {
    let root = match &options.cases {
        Some(given) => given.clone(),
        None => shipped()?,
    };
    let mut folders: Vec<PathBuf> = if is_case(&root) {
        vec![root.clone()]
    } else {
        let entries = std::fs::read_dir(&root).map_err(|e| nothing(&root, &e.to_string()))?;
        entries.filter_map(|e| e.ok().map(|e| e.path())).filter(|p| is_case(p)).collect()
    };
    folders.sort();
    let name = |p: &PathBuf| {
        let whole = p.canonicalize().unwrap_or_else(|_| p.clone());
        whole.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default()
    };
    if let Some(unknown) = options.only.iter().find(|n| !folders.iter().any(|f| name(f) == **n)) {
        let known: Vec<String> = folders.iter().map(name).collect();
        return Err(Failure::Usage(
            Finding::error(
                "VER-004",
                Text::new(format!("没有算例“{unknown}”"), format!("there is no case '{unknown}'")),
                Text::new(format!("现有：{}", known.join("、")), format!("there are: {}", known.join(", "))),
            )
            .in_file(root.display().to_string())
            .field("--case"),
        ));
    }
    let mut cases = Vec::new();
    for folder in folders {
        let name = name(&folder);
        if options.only.is_empty() || options.only.contains(&name) {
            let case = read_case(name, folder, options.short)?;
            if !(options.short && options.only.is_empty() && !case.book.short) {
                cases.push(case);
            }
        }
    }
    if cases.is_empty() {
        return Err(nothing(&root, "no folder with check.toml or tables.toml"));
    }
    Ok(cases)
}

fn is_case(folder: &Path) -> bool {
    folder.join("check.toml").is_file() || folder.join("tables.toml").is_file()
}

/// `tests/cases` in this folder or the nearest one above.
fn shipped() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|e| nothing(Path::new("."), &e.to_string()))?;
    here.ancestors()
        .map(|p| p.join(SHIPPED))
        .find(|p| p.is_dir())
        .ok_or_else(|| nothing(Path::new(SHIPPED), "not found"))
}

fn nothing(root: &Path, why: &str) -> Failure {
    Failure::Usage(
        Finding::error(
            "VER-003",
            Text::new(format!("这里没有算例（{why}）"), format!("there are no cases here ({why})")),
            Text::new(
                "给出算例文件夹（其中各子文件夹含 check.toml 或 tables.toml），或在仓库内运行",
                "name the folder of cases (each with check.toml or tables.toml), or run inside the repository",
            ),
        )
        .in_file(root.display().to_string()),
    )
}

fn read_case(name: String, folder: PathBuf, short: bool) -> Result<Case, Failure> {
    let disk = DiskFolder::new(&folder);
    let shown = |file: &str| folder.join(file).display().to_string();
    let unreadable = |file: &str, why: &str| {
        Finding::error(
            "VER-005",
            Text::new(format!("无法读取：{why}"), format!("cannot be read: {why}")),
            Text::new("核对文件与权限", "check the file and its permissions"),
        )
        .in_file(shown(file))
    };
    let given = |file: &str| -> Result<Option<String>, Finding> {
        let there = folder.join(file).is_file();
        there.then(|| disk.read(file).map_err(|w| unreadable(file, &w.0))).transpose()
    };
    let checks = match given("check.toml")? {
        Some(text) => parse_checks(&shown("check.toml"), &text)?,
        None => CaseChecks::default(),
    };
    let tables = match given("tables.toml")? {
        Some(text) => parse_tables(&shown("tables.toml"), &text)?,
        None => TableChecks::default(),
    };
    let book = if folder.join("book.toml").is_file() {
        let text = disk.read("book.toml").map_err(|w| unreadable("book.toml", &w.0))?;
        BookFile::parse(&shown("book.toml"), &text)?
    } else {
        BookFile::default()
    };
    let runs: Vec<RunChecks> =
        checks.runs.into_iter().filter(|r| !(short && book.long_runs.iter().any(|l| l == r.stem()))).collect();
    let kept = |stem: &String| runs.iter().any(|r| r.stem() == stem);
    let orders = checks.orders.into_iter().filter(|o| !short || (kept(&o.coarse) && kept(&o.fine))).collect();
    Ok(Case { name, folder, book, runs, orders, tables })
}
