use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// 大禹：防汛防台指挥辅助决策 / flood and typhoon command decision support
///
/// 退出码 exit codes: 0 完成 done · 1 失败或输入被拒 failed or refused · 2 用法错误 wrong use · 3 完成，但有错误级发现 done with errors found
#[derive(Debug, Parser)]
#[command(name = "dayu", version, arg_required_else_help = true)]
pub struct Arguments {
    /// 机器可读的 JSON 写到标准输出；进度写到标准错误 / JSON for machines on standard output, progress on standard error
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 主任务：从情景到各响应级别的一张图、一张单、一张表 / the main job: scenario in, packages of all levels out
    Run(Run),
    /// 只做水力推演 / hydraulics alone
    Simulate(Simulate),
    /// 只做安置分配 / shelter assignment alone
    ///
    /// 问题文件旁的表（UTF-8 CSV，列序任意；读不了的行点名后略去，其余照算，退出码 3）：
    ///
    /// NAME.demand.csv：id,people［,x,y,vulnerable,needs,party,relatives］— needs 为所需条件（以分号分隔的词，如 care;access;pets;women），party 为须在一起的家庭或村组（split = false 时），relatives 为投亲靠友人数
    ///
    /// NAME.shelters.csv：id,capacity［,x,y,kind,offers,care_places,reserve_share,hazard_probability,excluded］
    ///
    /// NAME.arcs.csv：demand,shelter,cost（米）；NAME.done.csv：demand,shelter,people（已执行，--from 时不再变动）；NAME.members.csv：member,shelter,capacity（各成员下的床位，另出一份对全体成员稳妥的方案 robust_plan.csv）
    ///
    /// 文件头的键：policy split vulnerable_first max_cost k max_hazard_probability（0–1，超过者不启用）reserve_share（0–1，每处预留）relatives_share（0–1，未填 relatives 时的投亲比例）
    ///
    /// Tables beside the problem; rows that cannot be used are named and left out (exit 3). Columns in brackets are optional; the header keys are those above.
    Evacuate(Evacuate),
    /// 建议响应级别及理由 / recommended level with reasons
    Assess(Assess),
    /// 重做一个级别的图单表 / one package of a run again
    Package(Package),
    /// 检查数据集、情景、预案或成果包 / validate a dataset, scenario, plan or package
    Check(Check),
    /// 核验：算例全部计算、判定并编成报告 / run and judge the verification cases, and print the book
    Verify(Verify),
    /// 写成其他模型（SFINCS、LISFLOOD-FP）的输入 / the same case as input of another model
    Export(Export),
    /// 数据工具：预报检验 / tools for data: forecast scores
    Data(crate::data::Data),
    /// gRPC 服务 / gRPC service
    Serve(Serve),
}

#[derive(Debug, Args)]
pub struct Threads {
    /// 线程数；默认全部核心，结果与线程数无关 / threads; default: all cores; results do not depend on it
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub threads: Option<u16>,
}

#[derive(Debug, Args)]
pub struct Output {
    /// 输出文件夹；已存在且不为空时拒绝 / output folder; refused when it exists and is not empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Deadline {
    /// 时限，如 30s、2min；据此选用能按时算完的最细格网，先出筛查级、粗网格答案（计算中在 OUT.ladder/，完成后在
    /// OUT/ladder/）；默认不限，按情景格网 / the answer must be there by then: chooses the finest cells that finish; earlier answers stand in
    /// OUT.ladder/ meanwhile and in OUT/ladder/ at the end; default: none, cells as the scenario says
    #[arg(long = "deadline", value_name = "TIME", value_parser = seconds)]
    pub seconds: Option<f64>,
}

/// `30s`, `2min`, `1h` or a number of seconds; 1 s to a day.
fn seconds(text: &str) -> Result<f64, String> {
    let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[number.len()..] {
        "" | "s" => 1.0,
        "min" | "m" => 60.0,
        "h" => 3600.0,
        unit => return Err(format!("未知单位 unknown unit '{unit}': s | min | h")),
    };
    let value = number.trim().parse::<f64>().map_err(|_| format!("不是时长 no length of time: '{text}'"))? * factor;
    if (1.0..=86_400.0).contains(&value) { Ok(value) } else { Err("应为 1 秒至 1 天 use 1 s to 1 day".into()) }
}

#[derive(Debug, Args)]
pub struct Run {
    /// 情景：文件夹或 TOML 文件 / scenario: folder or TOML file
    pub scenario: PathBuf,
    #[command(flatten)]
    pub output: Output,
    /// 级别，逗号分隔：attention,IV,III,II,I；默认预案的全部级别 / levels; default: all levels of the plan
    #[arg(long, value_delimiter = ',', value_name = "LEVEL")]
    pub levels: Vec<String>,
    /// 较早一次 dayu run 的输出：安置去向尽量不变，差别写入 evacuation/LEVEL/changes.csv；默认不沿用 / output of an earlier run whose orders are
    /// kept as far as can be; default: none
    #[arg(long, value_name = "RUN_DIR")]
    pub from: Option<PathBuf>,
    /// 已执行的转移（CSV：demand,shelter,people）：不再变动；默认没有 / moves carried out (demand,shelter,people), not changed; default: none
    #[arg(long, value_name = "FILE", requires = "from")]
    pub moved: Option<PathBuf>,
    #[command(flatten)]
    pub deadline: Deadline,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Debug, Args)]
pub struct Simulate {
    /// 情景：文件夹或 TOML 文件 / scenario: folder or TOML file
    pub scenario: PathBuf,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub deadline: Deadline,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Debug, Args)]
pub struct Evacuate {
    /// 问题文件 NAME.json，旁边有 NAME.demand.csv 等 / problem NAME.json with NAME.demand.csv and so on beside it
    #[arg(required_unless_present = "verify")]
    pub problem: Option<PathBuf>,
    /// 输出文件夹；已存在且不为空时拒绝 / output folder; refused when it exists and is not empty
    #[arg(long, value_name = "DIR", required_unless_present = "verify")]
    pub out: Option<PathBuf>,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
    /// 只核验这个输出文件夹中的答案；同时给出问题文件（重新安排的答案再给 --from），否则只能核对答案自身是否一致
    /// / check the answer in this folder; give the problem as well (and --from for a plan made again), else it is held against itself only
    #[arg(long, value_name = "DIR", conflicts_with_all = ["out", "overwrite", "policy", "split", "vulnerable_first", "max_cost", "k", "within"])]
    pub verify: Option<PathBuf>,
    /// 目标：sum（未安置最少，再总路程最短）| longest（再最长路程最短）；默认取问题文件 / objective; default: the problem's
    #[arg(long)]
    pub policy: Option<String>,
    /// 是否允许拆分：true | false；默认取问题文件 / may a demand be split; default: the problem's
    #[arg(long, value_name = "BOOL")]
    pub split: Option<bool>,
    /// 脆弱人群优先；默认取问题文件 / vulnerable first; default: the problem's
    #[arg(long, value_name = "BOOL")]
    pub vulnerable_first: Option<bool>,
    /// 单程上限，米；默认不限 / longest trip, metres; default: none
    #[arg(long, value_name = "M")]
    pub max_cost: Option<u64>,
    /// 每处只考虑最近 k 个场所；0 为全部；默认取问题文件 / k nearest shelters, 0 = all; default: the problem's
    #[arg(long, value_name = "K")]
    pub k: Option<u32>,
    /// 以这个文件夹中的旧方案为准，尽量少改（NAME.done.csv 中已执行的不动）；另出 changes.csv
    /// / keep as many orders of the answer in this folder as can be; writes changes.csv as well
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// 少改时总路程最多比新的最优值长多少（0–1）；默认 0.01（本程序的默认，标记 D）
    /// / how much longer than the new optimum all trips may then be; default 0.01, a default of this program (mark D)
    #[arg(long, value_name = "SHARE", requires = "from")]
    pub within: Option<f64>,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Debug, Args)]
pub struct Assess {
    /// 情景：文件夹或 TOML 文件 / scenario: folder or TOML file
    pub scenario: PathBuf,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Debug, Args)]
pub struct Package {
    /// `dayu run` 的输出文件夹 / output folder of `dayu run`
    pub run_dir: PathBuf,
    /// 级别：attention | IV | III | II | I / level
    #[arg(long)]
    pub level: String,
    #[command(flatten)]
    pub output: Output,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Debug, Args)]
pub struct Check {
    /// 数据集文件夹、情景、预案文件或成果包文件夹 / dataset folder, scenario, plan file or package folder
    pub path: PathBuf,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// 算例文件夹，或单个算例；默认仓库的 tests/cases / folder of cases, or one case; default: the repository's tests/cases
    pub cases: Option<PathBuf>,
    /// 输出文件夹；已存在且不为空时拒绝；默认 out/verify / output folder; refused when it exists and is not empty
    #[arg(long, default_value = "out/verify", value_name = "DIR")]
    pub out: PathBuf,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
    /// 简版：只算以秒计的算例 / only the cases that take seconds
    #[arg(long)]
    pub short: bool,
    /// 只算这些算例，可多个 / only these cases
    #[arg(long = "case", value_name = "NAME", num_args = 1..)]
    pub only: Vec<String>,
    #[command(flatten)]
    pub threads: Threads,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub enum ExportTo {
    Sfincs,
    Lisflood,
}

#[derive(Debug, Args)]
pub struct Export {
    /// 目标模型 / the other model
    #[arg(long, value_name = "MODEL")]
    pub to: ExportTo,
    /// 情景：文件夹或 TOML 文件 / scenario: folder or TOML file
    pub scenario: PathBuf,
    /// 输出文件夹；已存在且不为空时拒绝 / output folder; refused when it exists and is not empty
    #[arg(value_name = "DIR")]
    pub out: PathBuf,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// 监听地址；默认仅本机；端口 0 由系统选择 / address; default: loopback only; port 0 = chosen by the system
    #[arg(long, default_value = "127.0.0.1:50070", value_name = "ADDR:PORT")]
    pub listen: std::net::SocketAddr,
    /// 数据集文件夹，可多个；默认 gis-data 下全部 / dataset folders; default: all under gis-data
    #[arg(long, value_name = "DIR")]
    pub dataset: Vec<PathBuf>,
    /// 情景文件夹的上级；默认 scenarios / folder that holds the scenarios
    #[arg(long, default_value = "scenarios", value_name = "DIR")]
    pub scenarios: PathBuf,
    /// 运行成果存放处；默认 out/serve / where runs are kept
    #[arg(long, default_value = "out/serve", value_name = "DIR")]
    pub store: PathBuf,
    #[command(flatten)]
    pub threads: Threads,
}
