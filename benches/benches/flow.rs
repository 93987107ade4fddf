//! Speed of the flow kernel: 500 × 500 cells, all wet, on one thread and on two, against the memory bandwidth measured in the same run.
#![allow(clippy::print_stdout)]

use dayu_base::Finding;
use dayu_benches::{Spread, cpu_s, machine_line, triad_bytes_per_s};
use dayu_inundation::{FlowProblem, Infiltration, RunStats, Scheme, Solver, simulate};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::GridSpec;
use std::error::Error;
use std::time::Instant;

const SIDE: usize = 500;
const REPEATS: usize = 5;

/// Bytes that a cell moves in a step with rain, infiltration and drains, each field passing once through the processor in each
/// half of the step (both halves are longer than the cache). Counted from the fields of the crate `inundation`; 8 bytes each,
/// 4 where 32-bit:
/// - momentum reads level, sill x/y, side way x/y (4), drag x/y (4), discharge x/y: 56;
///   writes wanted discharge x/y, face speed x/y (4): 24, and fetches those lines first: 24;
/// - depth reads depth, free g (4), wanted discharge x/y, face speed x/y (4), bed, rain, infiltration, drain, deepest and fastest
///   so far: 84; writes new depth, level, discharge x/y: 32, and fetches those lines first: 32.
///
/// Not counted: cells whose maximum grows write it (8–16), cells above a threshold touch the times kept for it (16–32 each).
const BYTES_A_CELL_STEP: f64 = 56.0 + 2.0 * 24.0 + 84.0 + 2.0 * 32.0;

/// Bytes held per cell with `thresholds` depths besides the arrival depth: 8 fields of state, 2 face speeds (4), bed, 2 sills,
/// 2 side ways (4), 2 drags (4), free g (4), active (1), 2 losses, 4 records, hazard (1), two times per threshold and arrival.
fn bytes_held(thresholds: usize) -> usize {
    64 + 8 + 8 + 16 + 8 + 8 + 4 + 1 + 16 + 32 + 1 + 16 * (thresholds + 1)
}

/// Hills and hollows of a few metres under 5 cm of water and 40 mm/h of rain. `recorded` as in a district's run: time of arrival
/// and four more thresholds are kept, which the hollows pass. Otherwise no threshold is ever reached.
fn problem(recorded: bool) -> FlowProblem {
    let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 40.0, nx: SIDE, ny: SIDE };
    let bed = |cell: usize| {
        let (i, j) = ((cell % SIDE) as f64, (cell / SIDE) as f64);
        20.0 + 5.0 * (i / 23.0).sin() * (j / 31.0).cos() + 0.01 * i
    };
    let n = grid.len();
    FlowProblem {
        grid,
        bed_m: (0..n).map(bed).collect(),
        roughness: vec![0.035; n],
        infiltration: Infiltration::Constant { rate_mm_h: vec![2.0; n] },
        drain_mm_h: vec![10.0; n],
        rain: RainField { sources: vec![RainSource::Uniform(StepSeries { time_s: vec![0.0], value: vec![40.0] })] },
        roofs: vec![],
        boundaries: vec![],
        initial_depth_m: vec![0.05; n],
        initial_velocity_m_s: None,
        sinks: vec![],
        gauges: vec![],
        sections: vec![],
        duration_s: 3600.0,
        interval_s: 600.0,
        snapshots_s: vec![],
        arrival_depth_m: if recorded { 0.15 } else { 1000.0 },
        thresholds_m: if recorded { vec![0.15, 0.3, 0.5, 1.0] } else { vec![] },
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: 60.0, dry_depth_m: 0.001 },
    }
}

/// Cell-steps per second of wall time and of processor time.
struct Rates {
    wall: Spread,
    cpu: Spread,
    stats: RunStats,
}

fn rates(pool: &rayon::ThreadPool, problem: &FlowProblem) -> Result<Rates, Finding> {
    let (mut wall, mut cpu, mut stats) = (Vec::new(), Vec::new(), RunStats::default());
    for _ in 0..REPEATS {
        let (clock, before) = (Instant::now(), cpu_s());
        let result = pool.install(|| simulate(problem, &|_| true))?;
        let (elapsed, after) = (clock.elapsed().as_secs_f64(), cpu_s());
        stats = result.stats;
        wall.push(stats.cell_updates as f64 / elapsed);
        cpu.push(before.zip(after).map_or(f64::NAN, |(a, b)| stats.cell_updates as f64 / (b - a)));
    }
    Ok(Rates { wall: Spread::of(wall), cpu: Spread::of(cpu), stats })
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("flow kernel · {}", machine_line());
    println!("{SIDE} × {SIDE} cells all wet, rain, infiltration and drains; least / median / most of {REPEATS}");
    println!("bytes a cell-step: {BYTES_A_CELL_STEP}; bytes held a cell: {} with 4 thresholds", bytes_held(4));
    let held = SIDE * SIDE * bytes_held(0);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        // As much memory as the kernel holds, which a large cache may keep in part; and much more, which none keeps.
        let (same, far) = pool.install(|| (triad_bytes_per_s(held, 40), triad_bytes_per_s(768 << 20, 8)));
        let (roof, roof_far) = (same / BYTES_A_CELL_STEP, far / BYTES_A_CELL_STEP);
        println!("threads {threads}");
        println!(
            "  memory triad: {:.1} GB/s over {:.0} MiB, {:.1} GB/s over 768 MiB",
            same / 1e9,
            mib(held),
            far / 1e9
        );
        println!("  roof at {BYTES_A_CELL_STEP} bytes: {:.0} and {:.0} Mcell/s", roof / 1e6, roof_far / 1e6);
        for (name, recorded) in [("no threshold reached", false), ("thresholds recorded ", true)] {
            let rates = rates(&pool, &problem(recorded)).map_err(|finding| finding.to_string())?;
            let steps = rates.stats.steps;
            println!(
                "  {name}: {:.1} Mcell/s ({:.1} a CPU-second, {steps} steps), median {:.0} % of the roof, {:.0} % of that over 768 MiB",
                rates.wall.times(1e-6),
                rates.cpu.times(1e-6),
                100.0 * rates.wall.middle / roof,
                100.0 * rates.wall.middle / roof_far,
            );
        }
    }
    Ok(())
}

fn mib(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
