//! Orders of an earlier run, level by level, and what of them has been carried out.

use crate::Failure;
use crate::files::{InputFiles, Located};
use dayu_base::{Finding, ResponseLevel, Text};
use dayu_evacuation::{Keep, Kept, Order, WITHIN_DEFAULT, read_orders};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What a run keeps to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EarlierRun {
    /// output folder of the earlier run
    pub run: PathBuf,
    /// demand,shelter,people of the orders carried out; `None` = none was
    pub moved: Option<PathBuf>,
}

impl EarlierRun {
    /// Reads the orders of every level that the earlier run had people to house at.
    pub(crate) fn read(
        &self,
        files: &InputFiles,
        levels: &[ResponseLevel],
        findings: &mut Vec<Finding>,
    ) -> Result<BTreeMap<ResponseLevel, Keep>, Failure> {
        let folder = self.run.join("evacuation");
        if !folder.is_dir() {
            return Err(no_run(&self.run).into());
        }
        let done = match &self.moved {
            Some(path) => {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let file = Located { path: path.clone(), name: format!("moved/{name}") };
                read_orders(&file.name, &files.read_text("moved", &file)?, findings)?
            }
            None => Vec::new(),
        };
        let mut keeps = BTreeMap::new();
        for level in levels {
            let path = crate::replanning::orders_file(&folder.join(level.id()));
            let before = if path.exists() { orders(files, *level, path, findings)? } else { Vec::new() };
            keeps.insert(*level, Keep { before, done: done.clone(), within: WITHIN_DEFAULT });
        }
        Ok(keeps)
    }
}

fn orders(
    files: &InputFiles,
    level: ResponseLevel,
    path: PathBuf,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Order>, Failure> {
    // Not its path: the same orders make the same run wherever they lie.
    let file = Located { path, name: format!("earlier/{}/plan.csv", level.id()) };
    Ok(read_orders(&file.name, &files.read_text("earlier_orders", &file)?, findings)?)
}

fn no_run(run: &Path) -> Finding {
    Finding::error(
        "RUN-165",
        Text::new(
            "不是 dayu run 的输出：没有 evacuation 文件夹",
            "this is no output of dayu run: it has no folder evacuation",
        ),
        Text::new("--from 给出较早一次 dayu run 的输出文件夹", "--from names the output folder of an earlier dayu run"),
    )
    .in_file(run.display().to_string())
    .field("--from")
}

/// How far the earlier orders of a level were kept.
pub(crate) fn kept_words(level: ResponseLevel, kept: &Kept) -> Finding {
    let r = &kept.replan;
    let changed = r.ordered - r.kept;
    Finding::info(
        "RUN-166",
        Text::new(
            format!(
                "与较早一次相比：{} 人已有去向命令，{} 人不变（最多可不变 {} 人），{changed} 人改变；逐条见 evacuation/{}/changes.csv。按最少改动安排时不另行脆弱者优先",
                r.ordered, r.kept, r.kept_at_most, level.id()
            ),
            format!(
                "against the earlier run: {} people were ordered, {} keep their shelter ({} at most could), {changed} change; see evacuation/{}/changes.csv. Least-change plans do not put the vulnerable first",
                r.ordered, r.kept, r.kept_at_most, level.id()
            ),
        ),
        Text::new(
            "只对有变化的下达改令；比新的最优总路程最多长 1%（系统默认）",
            "order anew only what changes; all trips are at most 1 % longer than in the new optimum (default)",
        ),
    )
    .at(level.id())
}
