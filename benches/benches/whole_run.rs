//! The main job as a user starts it: one process a run, nothing kept from the run before, all packages written. Wall time,
//! processor time and the most memory held, beside the limits of the product.
#![allow(clippy::print_stdout)]

use dayu_benches::{Spread, cpu_s_of_children, machine_line};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// Limits for a district on 2 cores, all packages: s and GiB.
const LIMIT_S: f64 = 120.0;
const LIMIT_GIB: f64 = 2.0;
const SCENARIOS: [&str; 3] = ["xihu-infa-2021", "xihu-rainstorm-20210730", "porto-alegre-2024-05"];
const STAGES: [&str; 6] = ["load", "build", "simulate", "assess", "decide", "compose"];
const USAGE: &str = "DAYU_BENCH_REPEATS must be a whole number above 0";

/// One run.
struct Run {
    wall_s: f64,
    cpu_s: f64,
    peak_gib: f64,
    stages_s: Vec<f64>,
    cells: u64,
    steps: u64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let repeats: usize = match std::env::var("DAYU_BENCH_REPEATS") {
        Ok(text) => text.parse().ok().filter(|n| *n > 0).ok_or(USAGE)?,
        Err(_) => 3,
    };
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = program()?;
    println!("whole runs · {}", machine_line());
    println!("limits on 2 cores: {LIMIT_S} s, {LIMIT_GIB} GiB; least / median / most of {repeats}");
    let mut all_met = true;
    for scenario in SCENARIOS {
        let path = here.join("../scenarios").join(scenario);
        for threads in [2, 1] {
            let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("whole-{scenario}-{threads}"));
            let runs: Vec<Run> = (0..repeats).map(|_| run(&program, &path, &out, threads)).collect::<Result<_, _>>()?;
            let spread = |figure: fn(&Run) -> f64| Spread::of(runs.iter().map(figure).collect());
            let (wall, peak) = (spread(|r| r.wall_s), spread(|r| r.peak_gib));
            let met = wall.most <= LIMIT_S && peak.most <= LIMIT_GIB;
            all_met &= met || threads == 1;
            println!("{scenario}, threads {threads}{}", if met { "" } else { ": LIMIT NOT MET" });
            println!("  wall {wall:.1} s · CPU {:.1} s · peak {peak:.2} GiB", spread(|r| r.cpu_s));
            if let Some(first) = runs.first() {
                println!("  {} active cells, {} steps", first.cells, first.steps);
            }
            let stage = |k: usize| format!("{} {:.2}", STAGES[k], median(&runs, k));
            println!("  stages, median s: {}", (0..STAGES.len()).map(stage).collect::<Vec<_>>().join(" · "));
        }
    }
    if all_met { Ok(()) } else { Err("a limit was not met".into()) }
}

fn median(runs: &[Run], stage: usize) -> f64 {
    Spread::of(runs.iter().map(|r| r.stages_s.get(stage).copied().unwrap_or(f64::NAN)).collect()).middle
}

/// The program built beside this one: target/release/deps/whole_run-… → target/release/dayu.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let built = own.ancestors().nth(2).map(|folder| folder.join("dayu")).filter(|path| path.is_file());
    Ok(built.ok_or("dayu is not built: `make bench` builds it first")?)
}

fn run(program: &Path, scenario: &Path, out: &Path, threads: u32) -> Result<Run, Box<dyn Error>> {
    if out.exists() {
        std::fs::remove_dir_all(out)?;
    }
    let log = out.with_extension("log");
    let before = cpu_s_of_children();
    let clock = Instant::now();
    let child = Command::new(program)
        .arg("run")
        .arg(scenario)
        .arg("--out")
        .arg(out)
        .args(["--threads", &threads.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(std::fs::File::create(&log)?)
        .spawn()?;
    let (status, peak_gib) = watch(child)?;
    let wall_s = clock.elapsed().as_secs_f64();
    if !status.success() {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        return Err(format!("dayu run {} ended with {status}\n{said}", scenario.display()).into());
    }
    let cpu_s = before.zip(cpu_s_of_children()).map_or(f64::NAN, |(a, b)| b - a);
    let summary: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("summary.json"))?)?;
    let stages_s = STAGES.iter().map(|stage| summary["wall_s"][stage].as_f64().unwrap_or(f64::NAN)).collect();
    let count = |field: &str| summary["simulation"][field].as_u64().unwrap_or(0);
    let run = Run { wall_s, cpu_s, peak_gib, stages_s, cells: count("active_cells"), steps: count("steps") };
    std::fs::remove_dir_all(out)?;
    Ok(run)
}

/// Waits for a process; the most memory it held, GiB. The kernel keeps that mark for the life of the process and it never falls,
/// so reading it every few milliseconds misses nothing but what is first used in the last of them.
fn watch(mut child: Child) -> Result<(ExitStatus, f64), Box<dyn Error>> {
    let path = format!("/proc/{}/status", child.id());
    let mut peak_gib = f64::NAN;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, peak_gib));
        }
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(kib) = mark.and_then(|mark| mark.split_whitespace().next()?.parse::<f64>().ok()) {
            peak_gib = peak_gib.max(kib / 1024.0 / 1024.0);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}
