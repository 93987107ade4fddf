//! Speed of the flow kernel where every cell is wet, on one thread and on two and on ten times as many cells, against the memory
//! bandwidth measured in the same run.
#![allow(clippy::print_stdout)]

use dayu_benches::{Draws, Spread, cpu_s, machine_line, triad_bytes_per_s};
use dayu_inundation::{
    Attribution, Boundary, BoundaryKind, Connectivity, FaceSet, FlowProblem, GaugePoint, Infiltration, RunStats,
    Scheme, Series, Solver, simulate, simulate_alone,
};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::GridSpec;
use rayon::prelude::*;
use std::error::Error;
use std::sync::Mutex;
use std::time::Instant;

const REPEATS: usize = 3;

/// Duration, and the time from which steps are counted: then every cell carries water. The window of the published comparisons.
const DURATION_S: f64 = 180.0;
const WINDOW_FROM_S: f64 = 30.0;

/// So that the window has steps enough to measure, s.
const LONGEST_STEP_S: f64 = 1.0;

/// Calls of `progress` come every so many steps, as `simulate` promises; the harness checks it against the steps of the run.
const STEPS_A_CALL: usize = 16;

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
        attribution: None,
        wanted: dayu_inundation::Wanted::default(),
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
        solver: Solver { scheme: Scheme::Inertial, cfl: 0.7, max_dt_s: LONGEST_STEP_S, dry_depth_m: 0.001 },
    }
}

/// Active cells × steps per second of wall time and of processor time.
struct Rates {
    /// of the steps after [`WINDOW_FROM_S`]
    window: Spread,
    /// the same per CPU-second
    cpu: Spread,
    /// of the whole call, with set-up and results
    whole: Spread,
    stats: RunStats,
}

fn rates(pool: &rayon::ThreadPool, problem: &FlowProblem, repeats: usize) -> Result<Rates, Box<dyn Error>> {
    let (mut window, mut cpu, mut whole, mut stats) = (Vec::new(), Vec::new(), Vec::new(), RunStats::default());
    for _ in 0..repeats {
        // When the first call in the window came and the last, with the calls between them.
        let seen: Mutex<Vec<(Instant, f64)>> = Mutex::new(Vec::new());
        let progress = |share: f64| {
            if (WINDOW_FROM_S / DURATION_S..1.0).contains(&share)
                && let Ok(mut seen) = seen.lock()
            {
                seen.push((Instant::now(), cpu_s().unwrap_or(f64::NAN)));
            }
            true
        };
        let clock = Instant::now();
        let result = pool.install(|| simulate(problem, &progress)).map_err(|finding| finding.to_string())?;
        let elapsed = clock.elapsed().as_secs_f64();
        stats = result.stats;
        let cells = stats.active_cells as f64;
        whole.push(cells * stats.steps as f64 / elapsed);
        let seen = seen.into_inner().map_err(|_| "the clock was lost")?;
        let calls = seen.len().saturating_sub(1);
        if calls < 4 || calls * STEPS_A_CALL > stats.steps as usize {
            return Err(format!("{calls} calls of progress in {} steps: nothing to measure", stats.steps).into());
        }
        let work = cells * (calls * STEPS_A_CALL) as f64;
        let ((first, cpu_first), (last, cpu_last)) = (seen[0], seen[calls]);
        window.push(work / (last - first).as_secs_f64());
        cpu.push(work / (cpu_last - cpu_first));
    }
    Ok(Rates { window: Spread::of(window), cpu: Spread::of(cpu), whole: Spread::of(whole), stats })
}

/// Active cells × steps per second of `members` of a problem that run side by side, a thread each, and of one run on all threads: whole
/// calls, set-up and results included.
fn members_against_one(
    pool: &rayon::ThreadPool,
    problem: &FlowProblem,
    members: usize,
) -> Result<(f64, f64), Box<dyn Error>> {
    let work = |stats: &RunStats| stats.active_cells as f64 * stats.steps as f64;
    let clock = Instant::now();
    let one = pool.install(|| simulate(problem, &|_| true)).map_err(|finding| finding.to_string())?;
    let one = work(&one.stats) / clock.elapsed().as_secs_f64();
    let clock = Instant::now();
    let done: Result<Vec<f64>, _> = pool.install(|| {
        let member = |_| simulate_alone(problem, &|_| true).map(|run| work(&run.stats));
        (0..members).into_par_iter().with_max_len(1).map(member).collect()
    });
    let done: f64 = done.map_err(|finding| finding.to_string())?.iter().sum();
    Ok((done / clock.elapsed().as_secs_f64(), one))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("flow kernel · {}", machine_line());
    println!(
        "all cells wet, 5 m, 720 mm/h, steps from {WINDOW_FROM_S:.0} s to {DURATION_S:.0} s; least / median / most of {REPEATS}"
    );
    let million = problem(1000, 1000, DURATION_S);
    let mut medians = Vec::new();
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build()?;
        // Before and after: where the bandwidth changes under the measurement, the higher roof holds.
        let before = pool.install(|| triad_bytes_per_s(768 << 20, 8));
        let rates = rates(&pool, &million, REPEATS)?;
        let after = pool.install(|| triad_bytes_per_s(768 << 20, 8));
        let roof = STREAM_SHARE * before.max(after) / BYTES_A_CELL_STEP;
        println!(
            "threads {threads}: triad {:.1} and {:.1} GB/s (24 bytes an element), roof at 48 bytes {:.0} Mcell/s",
            STREAM_SHARE * before / 1e9,
            STREAM_SHARE * after / 1e9,
            roof / 1e6
        );
        println!(
            "  1 M cells: {:.1} Mcell/s ({:.1} a CPU-second; whole call of {} steps {:.1}), median {:.0} % of the roof",
            rates.window.times(1e-6),
            rates.cpu.times(1e-6),
            rates.stats.steps,
            rates.whole.times(1e-6),
            100.0 * rates.window.middle / roof,
        );
        medians.push(rates.window.middle);
    }
    let one_thread = medians[0];
    println!("  2 threads are {:.2} times one", medians[1] / one_thread);
    drop(million);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    for (nx, ny) in [(375, 500), (1000, 1000)] {
        let problem = problem(nx, ny, DURATION_S);
        let mut ratios = Vec::new();
        let (mut members, mut one) = (Vec::new(), Vec::new());
        for _ in 0..REPEATS {
            let (side_by_side, alone) = members_against_one(&pool, &problem, 4)?;
            ratios.push(side_by_side / alone);
            members.push(side_by_side);
            one.push(alone);
        }
        println!(
            "threads 2, 4 members of {} cells side by side: {:.1} Mcell/s, one run {:.1}: {:.2} times (at least 1.3)",
            nx * ny,
            Spread::of(members).times(1e-6),
            Spread::of(one).times(1e-6),
            Spread::of(ratios)
        );
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let ten = rates(&pool, &problem(4000, 2500, DURATION_S), 1)?;
    println!(
        "threads 1, 10 M cells: {:.1} Mcell/s ({:.1} a CPU-second, {} steps): a cell-step costs {:.2} times as much as of 1 M (at most 1.5)",
        ten.window.times(1e-6),
        ten.cpu.times(1e-6),
        ten.stats.steps,
        one_thread / ten.window.middle,
    );
    drop(ten);
    attribution()?;
    let mut screening = problem(1000, 1000, DURATION_S);
    screening.solver.scheme = Scheme::FillSpill { connectivity: Connectivity::Eight };
    let clock = Instant::now();
    pool.install(|| simulate(&screening, &|_| true)).map_err(|finding| finding.to_string())?;
    println!("threads 1, fill-spill-merge of 1 M cells: {:.2} s (at most 1)", clock.elapsed().as_secs_f64());
    Ok(())
}

/// What it costs to tell whence the water came: CPU time of a run with sources against that of the same run without.
fn attribution() -> Result<(), Box<dyn Error>> {
    const CELLS: usize = 600;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut problem = problem(CELLS, CELLS, DURATION_S);
    problem.gauges = vec![GaugePoint { id: "G".into(), cell: CELLS * CELLS / 2 }];
    for regions in [4, 8, 16] {
        let mut ratios = Vec::new();
        for _ in 0..REPEATS {
            let mut seconds = [0.0; 2];
            for (asked, second) in [false, true].into_iter().zip(&mut seconds) {
                problem.attribution = asked.then(|| Attribution {
                    regions: (0..regions).map(|k| format!("r{k}")).collect(),
                    region_of: (0..CELLS * CELLS).map(|c| (c / CELLS * regions / CELLS) as u16).collect(),
                    boundaries: vec![],
                });
                let before = cpu_s().ok_or("the system tells no CPU time")?;
                pool.install(|| simulate(&problem, &|_| true)).map_err(|finding| finding.to_string())?;
                *second = cpu_s().ok_or("the system tells no CPU time")? - before;
            }
            ratios.push(seconds[1] / seconds[0]);
        }
        println!(
            "threads 1, attribution to {regions} regions on {} cells: {:.2} times the CPU time without (at most 1.3)",
            CELLS * CELLS,
            Spread::of(ratios)
        );
    }
    Ok(())
}
