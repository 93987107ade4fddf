//! Orders of an earlier run, level by level, and what of them has been carried out.

use crate::Failure;
use crate::files::{InputFiles, Located};
use crate::vehicle_orders::{Before, VehicleChanges};
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
    ) -> Result<BTreeMap<ResponseLevel, Before>, Failure> {
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
            let mut read = |path: PathBuf, part: &str| {
                if path.exists() { orders(files, *level, part, path, findings) } else { Ok(Vec::new()) }
            };
            let before = read(path, "plan")?;
            // Runs before this file was written had nobody's vehicle on record.
            let carried = read(folder.join(level.id()).join("carried.csv"), "carried")?;
            let keep = Keep { before, done: done.clone(), within: WITHIN_DEFAULT };
            keeps.insert(*level, Before { keep, carried });
        }
        Ok(keeps)
    }
}

fn orders(
    files: &InputFiles,
    level: ResponseLevel,
    part: &str,
    path: PathBuf,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Order>, Failure> {
    // Not its path: the same orders make the same run wherever they lie.
    let file = Located { path, name: format!("earlier/{}/{part}.csv", level.id()) };
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

/// How far the earlier orders of a level were kept, those to people fetched by vehicles among them.
pub(crate) fn kept_words_with(level: ResponseLevel, kept: &Kept, vehicles: &VehicleChanges) -> Finding {
    let mut told = kept_words(level, kept);
    if vehicles.ordered > 0 {
        let (ordered, kept, changed) = (vehicles.ordered, vehicles.kept, vehicles.ordered - vehicles.kept);
        told.message.zh.push_str(&format!(
            "。车辆船艇接运另计：{ordered} 人已有去向命令，{kept} 人场所不变（床位先于步行者保留），{changed} 人改变（changes.csv 中 carried_ 各行）；车次时刻以新的 tours.csv 为准"
        ));
        told.message.en.push_str(&format!(
            ". Fetched by vehicles, counted apart: {ordered} people were ordered, {kept} keep their shelter (their beds are kept before those of walkers), {changed} change (rows carried_ of changes.csv); the times of trips are those of the new tours.csv"
        ));
    }
    told
}

/// How far the earlier orders on foot of a level were kept.
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
