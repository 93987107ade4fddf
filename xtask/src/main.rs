//! Tasks of the repository, run as `cargo xtask …`.

mod large;
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
    /// Writes a constructed area of many 5 m cells, to measure the memory of a run; see benches/README.md.
    Large {
        /// folder
        #[arg(long)]
        out: PathBuf,
        /// cells from west to east
        #[arg(long, default_value_t = 4000)]
        columns: usize,
        /// cells from south to north
        #[arg(long, default_value_t = 3000)]
        rows: usize,
        /// points that are watched; 0: no times of further depths are kept
        #[arg(long, default_value_t = 500)]
        points: usize,
        /// length of the run, s
        #[arg(long, default_value_t = 300)]
        duration: u32,
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
        Task::Large { out, columns, rows, points, duration } => large::write(&out, columns, rows, points, duration),
        Task::XihuTrial => xihu::trial(&xihu::Model::build()),
    }
}
