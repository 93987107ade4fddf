//! `dayu data …`: tools for data beside a run.

use crate::show;
use clap::{Args, Subcommand};
use dayu_pipeline::{Failure, PairOptions, ScoreOptions, rain_pairs, score_pairs};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct Data {
    #[command(subcommand)]
    pub what: What,
}

#[derive(Debug, Subcommand)]
pub enum What {
    /// 预报检验：POD、FAR、CSI、Brier、CRPS、可靠性、峰现误差，与持续性预报并列 / forecast scores beside persistence
    Scores(ScorePairs),
    /// 情景预报的雨量（含各成员）与雨量站实测配对，供 scores 检验 / pairs of a scenario's rain and what stations measured, for scores
    Pairs(MakePairs),
}

#[derive(Debug, Args)]
pub struct MakePairs {
    /// 情景文件夹或文件；须有 as_of 之后的时段 / scenario; part of it lies after as_of
    pub scenario: PathBuf,
    /// 雨量站 CSV：id,x,y 或 id,lon,lat / rain stations
    #[arg(long, value_name = "FILE")]
    pub stations: PathBuf,
    /// 实测雨强 CSV 或 Parquet：time_s（或 time）,<id>…，mm/h，空 = 未知 / measured rates by station, empty = unknown
    #[arg(long, value_name = "FILE")]
    pub observed: PathBuf,
    /// 时窗长度，小时 / length of the windows, h
    #[arg(long, value_name = "HOURS", default_value_t = 1.0)]
    pub window_h: f64,
    /// 输出文件夹；已存在且不为空时拒绝 / output folder; refused when it exists and is not empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
}

#[derive(Debug, Args)]
pub struct ScorePairs {
    /// 样本对 CSV 或 Parquet / pairs: event,place,quantity,valid_unix_s,lead_s,observed,forecast,persistence,member_1…
    pub pairs: PathBuf,
    /// 事件阈值，与样本同单位 / value from which the event occurs, in the unit of the pairs
    #[arg(long, value_name = "VALUE", allow_negative_numbers = true)]
    pub threshold: f64,
    /// 输出文件夹；已存在且不为空时拒绝 / output folder; refused when it exists and is not empty
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 覆盖已有的输出文件夹 / replace an existing output folder
    #[arg(long)]
    pub overwrite: bool,
    /// 自助法的种子 / seed of the bootstrap
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
    /// 自助法的次数 / resamples of the bootstrap
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(0..=100_000))]
    pub resamples: u32,
}

/// Level of the intervals.
const LEVEL: f64 = 0.9;

pub fn data(a: &Data, json: bool) -> Result<ExitCode, Failure> {
    match &a.what {
        What::Scores(s) => scores(s, json),
        What::Pairs(p) => pairs(p, json),
    }
}

fn pairs(p: &MakePairs, json: bool) -> Result<ExitCode, Failure> {
    let options = PairOptions { window_h: p.window_h, overwrite: p.overwrite };
    let report = rain_pairs(&p.scenario, &p.stations, &p.observed, &p.out, &options)?;
    show::findings(&report.findings);
    if json {
        println!("{}", serde_json::to_string_pretty(&report.summary).unwrap_or_default());
    } else {
        let s = &report.summary;
        println!(
            "{} · {} 站 places · {} 对 pairs · {} 成员 members",
            s["quantity"], s["places"], s["pairs"], s["members"]
        );
        println!("{}", p.out.display());
    }
    Ok(show::done(&report.findings))
}

fn scores(s: &ScorePairs, json: bool) -> Result<ExitCode, Failure> {
    let options = ScoreOptions {
        threshold: s.threshold,
        seed: s.seed,
        resamples: s.resamples,
        level: LEVEL,
        overwrite: s.overwrite,
    };
    let report = score_pairs(&s.pairs, &s.out, &options)?;
    show::findings(&report.findings);
    if json {
        println!("{}", serde_json::to_string_pretty(&report.summary).unwrap_or_default());
    } else {
        for lead in report.summary["leads"].as_array().into_iter().flatten() {
            println!(
                "{} 提前 lead {} s · n {} 对 pairs / {} 场 events{}",
                lead["quantity"].as_str().unwrap_or_default(),
                lead["lead_s"],
                lead["pairs"],
                lead["events"],
                if lead["too_few"] == true { " · 样本太少 too few" } else { "" }
            );
            println!("  {:<20} {:<28} persistence", "", "forecast");
            let score = |method: &str, name: &str| interval(&lead["scores"][method][name]);
            for name in lead["scores"]["forecast"].as_object().into_iter().flat_map(|o| o.keys()) {
                println!("  {name:<20} {:<28} {}", score("forecast", name), score("persistence", name));
            }
        }
        println!("{}", s.out.display());
    }
    Ok(show::done(&report.findings))
}

/// `0.512 [0.301, 0.690]`; `—` when it is not defined.
fn interval(score: &Value) -> String {
    let Some(value) = score["value"].as_f64() else { return "—".into() };
    match (score["interval"][0].as_f64(), score["interval"][1].as_f64()) {
        (Some(a), Some(b)) => format!("{value:.4} [{a:.4}, {b:.4}]"),
        _ => format!("{value:.4}"),
    }
}
