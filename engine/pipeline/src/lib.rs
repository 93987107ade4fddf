//! Scenario → packages: reads, builds, simulates, assesses, decides, composes and writes. The command line, the service and the
//! tests all call the functions of this crate.

mod attribution;
mod boards;
mod carriers;
mod carrying;
mod check;
mod composing;
mod crest;
mod deadline;
mod departing;
mod earlier_run;
mod ensemble;
mod estimate;
mod evacuate;
mod evacuation_files;
mod export;
mod failure;
mod fans;
mod files;
mod heading;
mod headlines;
mod inputs;
mod link;
mod load;
mod manifest;
mod member_ways;
mod model;
mod movement;
mod pairs;
mod progress;
mod publish;
mod quality;
mod regrid;
mod replanning;
mod results;
mod road_problem;
mod robust;
mod run;
mod scores;
mod sheltering;
mod simulation;
mod situation;
mod summary;
mod timed_roads;
mod typhoon;
mod typhoon_land;
mod typhoon_rain;
mod unknown_rain;
mod vehicle_orders;
mod verify;
mod walking;
mod wind_signals;

pub use check::{CheckReport, check};
pub use earlier_run::EarlierRun;
pub use evacuate::{EvacuateOptions, EvacuationReport, evacuate, verify_evacuation};
pub use export::{ExportModel, ExportReport, export};
pub use failure::Failure;
pub use inputs::scenario_identity;
pub use load::{District, load_district};
pub use manifest::{Manifest, ManifestFile, read_manifest};
pub use pairs::{PairOptions, PairReport, rain_pairs};
pub use progress::{Progress, Stage};
pub use quality::Quality;
pub use run::{RunOptions, RunReport, assess_scenario, package_again, run};
pub use scores::{ScoreOptions, ScoreReport, score_pairs};
pub use simulation::{SimulateOptions, SimulationReport, simulate_scenario};
pub use summary::{LevelSummary, MembersSummary, RunSummary, SimulationSummary, WallTimes};
pub use verify::{VerifyOptions, VerifyReport, verify};

pub use dayu_verification::Line;

use dayu_base::{Finding, Text};

/// A rayon pool of that many threads; default: all cores. Results do not depend on it.
pub(crate) fn pool(threads: Option<usize>) -> Result<rayon::ThreadPool, Failure> {
    rayon::ThreadPoolBuilder::new().num_threads(threads.unwrap_or(0)).build().map_err(|e| {
        Finding::error(
            "RUN-002",
            Text::new(format!("无法启动线程：{e}"), format!("threads cannot be started: {e}")),
            Text::new("减少 --threads", "use fewer --threads"),
        )
        .into()
    })
}

/// Indented JSON with a line feed at the end.
pub(crate) fn pretty(value: &serde_json::Value) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}
