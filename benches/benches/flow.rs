//! Speed of the flow kernel where every cell is wet, on one thread and on two and on ten times as many cells, against the memory
//! bandwidth measured in the same run.
#![allow(clippy::print_stdout)]

use dayu_base::Finding;
use dayu_benches::{Draws, Spread, cpu_s, machine_line, triad_bytes_per_s};
use dayu_inundation::{
    Boundary, BoundaryKind, FaceSet, FlowProblem, Infiltration, RunStats, Scheme, Series, Solver, simulate,
};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::GridSpec;
use std::error::Error;
use std::time::Instant;

const REPEATS: usize = 3;

/// Bytes a cell moves in a step by the count of the published comparisons: level, depth, two discharges and their writing, then
/// depth, two discharges, maximum and the writing of depth and maximum, 4 bytes each in two passes.
const BYTES_A_CELL_STEP: f64 = 48.0;

/// The triad's bytes are counted with the lines fetched before they are written (32 an element); STREAM, and the roof, count 24.
const STREAM_SHARE: f64 = 24.0 / 32.0;

/// A town on hills: waves of ground falling to the east, streets every 60 m, blocks between them raised by 8 m with gaps. 720 mm/h for
/// three minutes on dry ground: after the first steps every cell carries water, and all faces are computed at any depth.
fn problem(nx: usize, ny: usize, duration_s: f64) -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 5.0, nx, ny };
    let mut draws = Draws(7);
    let bed = |cell: usize| {
        let (i, j) = (cell % nx, cell / nx);
        let (x, y) = (i as f64 * 5.0, j as f64 * 5.0);
        let hills = 6.0 * (x / 410.0).sin() * (y / 530.0).cos() + 1.5 * (x / 97.0).cos() * (y / 71.0).sin();
        let is_block = i % 12 >= 3 && j % 12 >= 3 && (i / 12 + 2 * (j / 12)) % 5 != 0;
        30.0 - 0.002 * (x % 5000.0) + hills + if is_block { 8.0 } else { 0.0 } + draws.between(0.0, 0.05)
    };
    let n = grid.len();
    FlowProblem {
        grid,
        bed_m: (0..n).map(bed).collect(),
        roughness: vec![0.035; n],
        infiltration: Infiltration::None,
        drain_mm_h: vec![],
        rain: RainField { sources: vec![RainSource::Uniform(StepSeries { time_s: vec![0.0], value: vec![720.0] })] },
        roofs: vec![],
        boundaries: vec![Boundary {
            id: None,
            kind: BoundaryKind::Stage(Series::constant(20.0)),
            place: FaceSet::Edge { side: "east".into(), from: 2135.0, to: 2335.0 },
        }],
        initial_depth_m: vec![],
        initial_velocity_m_s: None,
        sinks: vec![],
        crests: vec![],
        links: vec![],
        gauges: vec![],
        sections: vec![],
        duration_s,
        interval_s: duration_s,
        snapshots_s: vec![],
        arrival_depth_m: 0.15,
        thresholds_m: vec![],
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
    }
}

/// Active cells × steps per second of wall time and of processor time.
struct Rates {
    wall: Spread,
    cpu: Spread,
    stats: RunStats,
}

fn rates(pool: &rayon::ThreadPool, problem: &FlowProblem, repeats: usize) -> Result<Rates, Finding> {
    let (mut wall, mut cpu, mut stats) = (Vec::new(), Vec::new(), RunStats::default());
    for _ in 0..repeats {
        let (clock, before) = (Instant::now(), cpu_s());
        let result = pool.install(|| simulate(problem, &|_| true))?;
        let (elapsed, after) = (clock.elapsed().as_secs_f64(), cpu_s());
        stats = result.stats;
        let work = stats.active_cells as f64 * stats.steps as f64;
        wall.push(work / elapsed);
        cpu.push(before.zip(after).map_or(f64::NAN, |(a, b)| work / (b - a)));
    }
    Ok(Rates { wall: Spread::of(wall), cpu: Spread::of(cpu), stats })
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("flow kernel · {}", machine_line());
    println!("all cells wet, 5 m, 720 mm/h for 180 s; whole calls of `simulate`; least / median / most of {REPEATS}");
    let million = problem(1000, 1000, 180.0);
    let mut one_thread = None;
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        let stream = STREAM_SHARE * pool.install(|| triad_bytes_per_s(768 << 20, 8));
        let roof = stream / BYTES_A_CELL_STEP;
        let rates = rates(&pool, &million, REPEATS).map_err(|finding| finding.to_string())?;
        println!(
            "threads {threads}: triad {:.1} GB/s (24 bytes an element), roof at 48 bytes {:.0} Mcell/s",
            stream / 1e9,
            roof / 1e6
        );
        println!(
            "  1 M cells: {:.1} Mcell/s ({:.1} a CPU-second, {} steps), median {:.0} % of the roof",
            rates.wall.times(1e-6),
            rates.cpu.times(1e-6),
            rates.stats.steps,
            100.0 * rates.wall.middle / roof,
        );
        if let Some(one) = one_thread {
            println!("  {:.2} times one thread", rates.wall.middle / one);
        } else {
            one_thread = Some(rates.wall.middle);
        }
    }
    drop(million);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let ten = rates(&pool, &problem(4000, 2500, 60.0), 1).map_err(|finding| finding.to_string())?;
    let growth = one_thread.map_or(f64::NAN, |one| one / ten.wall.middle);
    println!(
        "threads 1, 10 M cells: {:.1} Mcell/s ({:.1} a CPU-second, {} steps): a cell-step costs {growth:.2} times as much as of 1 M",
        ten.wall.times(1e-6),
        ten.cpu.times(1e-6),
        ten.stats.steps,
    );
    Ok(())
}
