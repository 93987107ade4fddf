//! Tasks of the repository, run as `cargo xtask …`.

mod xihu;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Tasks of the repository.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Regenerates the constructed district in gis-data/xihu and the rain of its two scenarios; the same bytes every time.
    Xihu {
        /// folder of the district
        #[arg(long, default_value = "gis-data/xihu")]
        out: PathBuf,
        /// folder of the scenarios
        #[arg(long, default_value = "scenarios")]
        scenarios: PathBuf,
    },
    /// Runs both storms of the district through the solver and prints which of the 18 points flood.
    XihuTrial,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Xihu { out, scenarios } => {
            let model = xihu::Model::build();
            model.check()?;
            model.write(&out, &scenarios)
        }
        Task::XihuTrial => xihu::trial(&xihu::Model::build()),
    }
}
