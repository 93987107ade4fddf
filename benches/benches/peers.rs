//! A peer's program and dayu on one case, written for the peer by `dayu export`, in one run: wall time, processor time, ratios.
//! The programs are not part of this repository; their paths come from the caller:
//! `DAYU_PEER_SFINCS=/path/sfincs`, `DAYU_PEER_LISFLOOD=/path/lisflood`. `DAYU_PEER_SCENARIO` names another scenario.
#![allow(clippy::print_stdout)]

use dayu_benches::{Spread, cpu_s_of_children, machine_line};
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

const THREADS: [u32; 2] = [1, 2];
const USAGE: &str = "name a peer: DAYU_PEER_SFINCS=/path/sfincs and/or DAYU_PEER_LISFLOOD=/path/lisflood; \
    DAYU_BENCH_REPEATS, a whole number above 0, and DAYU_PEER_SCENARIO may be given";

/// Wall and processor time, s.
#[derive(Clone, Copy)]
struct Cost {
    wall_s: f64,
    cpu_s: f64,
}

fn main() -> Result<(), Box<dyn Error>> {
    let repeats: usize = match std::env::var("DAYU_BENCH_REPEATS") {
        Ok(text) => text.parse().ok().filter(|n| *n > 0).ok_or(USAGE)?,
        Err(_) => 3,
    };
    let peers: Vec<(&str, PathBuf)> = [("sfincs", "DAYU_PEER_SFINCS"), ("lisflood", "DAYU_PEER_LISFLOOD")]
        .into_iter()
        .filter_map(|(peer, key)| std::env::var_os(key).map(|path| (peer, PathBuf::from(path))))
        .collect();
    if peers.is_empty() {
        println!("{USAGE}");
        return Ok(());
    }
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/urban_400/scenario.toml");
    let scenario = std::env::var_os("DAYU_PEER_SCENARIO").map_or(default, PathBuf::from);
    let (dayu, room) = (program()?, Path::new(env!("CARGO_TARGET_TMPDIR")).join("peers"));
    println!("peers · {}", machine_line());
    println!("case {}; least / median / most of {repeats}; ratio = peer ÷ dayu, of medians", scenario.display());
    for threads in THREADS {
        let ours = costs(repeats, || simulate(&dayu, &scenario, &room, threads))?;
        println!("threads {threads}");
        line("dayu", &ours, None);
        for (peer, path) in &peers {
            let case = room.join(peer);
            export(&dayu, peer, &scenario, &case)?;
            let theirs = costs(repeats, || run_peer(peer, path, &case, threads))?;
            line(peer, &theirs, Some(&ours));
        }
    }
    std::fs::remove_dir_all(&room)?;
    Ok(())
}

fn costs(repeats: usize, once: impl Fn() -> Result<Cost, Box<dyn Error>>) -> Result<Vec<Cost>, Box<dyn Error>> {
    (0..repeats).map(|_| once()).collect()
}

fn line(name: &str, list: &[Cost], beside: Option<&[Cost]>) {
    let spread = |list: &[Cost], figure: fn(&Cost) -> f64| Spread::of(list.iter().map(figure).collect());
    let (wall, cpu) = (spread(list, |c| c.wall_s), spread(list, |c| c.cpu_s));
    let ratio = beside.map(|ours| {
        let (w, c) = (spread(ours, |c| c.wall_s), spread(ours, |c| c.cpu_s));
        format!(" · ratio {:.1} wall, {:.1} CPU", wall.middle / w.middle, cpu.middle / c.middle)
    });
    println!("  {name:<9} wall {wall:.2} s · CPU {cpu:.2} s{}", ratio.unwrap_or_default());
}

/// The program built beside this one: target/release/deps/peers-… → target/release/dayu.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let built = own.ancestors().nth(2).map(|folder| folder.join("dayu")).filter(|path| path.is_file());
    Ok(built.ok_or("dayu is not built: `make bench` builds it first")?)
}

fn timed(command: &mut Command, log: &Path, accepted: &[i32]) -> Result<Cost, Box<dyn Error>> {
    let before = cpu_s_of_children();
    let clock = Instant::now();
    let file = std::fs::File::create(log)?;
    let status = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).status()?;
    let wall_s = clock.elapsed().as_secs_f64();
    if !status.code().is_some_and(|code| accepted.contains(&code)) {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        return Err(format!("{command:?} ended with {status}\n{said}").into());
    }
    Ok(Cost { wall_s, cpu_s: before.zip(cpu_s_of_children()).map_or(f64::NAN, |(a, b)| b - a) })
}

fn simulate(dayu: &Path, scenario: &Path, room: &Path, threads: u32) -> Result<Cost, Box<dyn Error>> {
    std::fs::create_dir_all(room)?;
    let out = room.join("dayu");
    if out.exists() {
        std::fs::remove_dir_all(&out)?;
    }
    let mut command = Command::new(dayu);
    command.arg("simulate").arg(scenario).arg("--out").arg(&out).args(["--threads", &threads.to_string()]);
    timed(&mut command, &room.join("dayu.log"), &[0])
}

/// The case in the peer's files; what the peer cannot take (exit 3) is on the screen, for it belongs to the comparison.
fn export(dayu: &Path, peer: &str, scenario: &Path, case: &Path) -> Result<(), Box<dyn Error>> {
    let ended = Command::new(dayu)
        .args(["export", "--to", peer])
        .arg(scenario)
        .arg(case)
        .arg("--overwrite")
        .stdout(Stdio::null())
        .status()?;
    if matches!(ended.code(), Some(0 | 3)) { Ok(()) } else { Err(format!("dayu export ended with {ended}").into()) }
}

fn run_peer(peer: &str, path: &Path, case: &Path, threads: u32) -> Result<Cost, Box<dyn Error>> {
    let mut command = Command::new(path);
    command.current_dir(case).env("OMP_NUM_THREADS", threads.to_string());
    if peer == "lisflood" {
        command.arg("case.par");
    }
    timed(&mut command, &case.with_extension("log"), &[0])
}
