use crate::attribution::Tracer;
use crate::doubts::doubts;
use crate::exchange::Exchange;
use crate::mesh::Mesh;
use crate::place::resolve;
use crate::record::Record;
use crate::run::Run;
use crate::saved::{SavedState, start_reading};
use crate::soundness::check;
use crate::start::start_moving;
use crate::state::State;
use crate::unit::Unit;
use crate::vectors::Vectors;
use crate::{FlowProblem, Inundation};
use dayu_base::{Finding, Text};

/// A step shorter than this means that the numbers have gone wrong.
pub(crate) const SHORTEST_STEP_S: f64 = 1e-6;

/// Steps between two calls of `progress`.
pub(crate) const STEPS_A_CALL: u64 = 16;

/// mm/h → m/s
pub(crate) const MM_H: f64 = 1e-3 / 3600.0;

/// Depth that the unit has room for at the least, m: most districts hold nothing deeper, and a coarser unit is taken on the way.
const USUAL_DEPTH_M: f64 = 0.5;

/// Moves the water of a problem to its end by local inertial flow on a staggered grid, from a saved state on (`None`: from the start),
/// saving the state at times of its own (`save_s`, s).
///
/// Depths are whole numbers of a small unit (10⁻⁹ to 10⁻⁷ m, by the depth that occurs),
/// discharges 32-bit: a face gives one cell exactly what it takes from the other, so that no water is made or lost however long
/// the run. Order within a step: inflows inside, rated outflows, pumps and outfalls, flow between cells, rain, infiltration, assumed
/// drains; each takes at most what is there. A cell whose outflow would exceed its water gives every outward face the same share, so
/// depths stay ≥ 0 and nothing is clipped. Neither the number of threads nor the width of the processor's vectors changes a bit.
///
/// # Errors
/// As [`crate::simulate_from`].
///
/// # References
/// Bates, Horritt & Fewtrell (2010) J. Hydrol. 387:33; de Almeida, Bates, Freer & Souvignet (2012) Water Resour. Res. 48:W05528;
/// de Almeida & Bates (2013) Water Resour. Res. 49:4833.
pub(crate) fn simulate_from(
    problem: &FlowProblem,
    from: Option<&[u8]>,
    save_s: &[f64],
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<(Inundation, Vec<SavedState>), Finding> {
    let mut save_s = save_s.to_vec();
    save_s.sort_by(f64::total_cmp);
    save_s.dedup();
    let (run, findings) = prepare(problem, Vectors::best())?;
    let run = match from {
        Some(bytes) => run.resume(start_reading(problem, bytes)?)?,
        None => run,
    };
    run.complete(&save_s, progress, findings)
}

/// A whole run on the calling thread; see [`crate::simulate_alone`].
pub(crate) fn simulate_alone(
    problem: &FlowProblem,
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<Inundation, Finding> {
    let (run, findings) = prepare(problem, Vectors::best())?;
    run.alone().complete(&[], progress, findings).map(|(inundation, _)| inundation)
}

/// A whole run with the instructions named.
#[cfg(test)]
pub(crate) fn simulate_with(
    problem: &FlowProblem,
    vectors: Vectors,
    progress: &(dyn Fn(f64) -> bool + Sync),
) -> Result<Inundation, Finding> {
    let (run, findings) = prepare(problem, vectors)?;
    run.complete(&[], progress, findings).map(|(inundation, _)| inundation)
}

/// A run before its first step, and what must be said of its input.
pub(crate) fn prepare(problem: &FlowProblem, vectors: Vectors) -> Result<(Run<'_>, Vec<Finding>), Finding> {
    check(problem)?;
    let mut findings = problem.rain.soundness(problem.duration_s, &problem.grid, &problem.bed_m)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    let places = resolve(problem, &active)?;
    findings.extend(doubts(problem, &places, &active));
    let mut held = active;
    held.fill(false);
    places.held.iter().for_each(|h| held[h.cell] = true);
    let deepest = problem.initial_depth_m.iter().copied().fold(USUAL_DEPTH_M, f64::max);
    let unit = Unit::for_depth(deepest.max(Exchange::deepest_stage_m(problem, &places)));
    let mesh = Mesh::new(problem, &held, unit);
    drop(held);
    let tracer = Tracer::new(problem, &mesh, &places);
    let mut exchange = Exchange::new(problem, &mesh, places);
    let record = Record::new(problem);
    let mut state = State::new(&mesh, &problem.bed_m, &problem.initial_depth_m);
    start_moving(problem, &mesh, &mut state);
    exchange.start_flow(0.0);
    Ok((Run::new(problem, vectors, mesh, state, exchange, tracer, record), findings))
}

fn unusable(code: &str, zh: String, en: String) -> Finding {
    Finding::error(
        code,
        Text::new(
            format!("{zh}。本次结果不可用，未予输出"),
            format!("{en}. The run is unusable and nothing of it is given out"),
        ),
        Text::new("检查该处地形、糙率与边界；或减小 cfl", "check terrain, roughness and boundaries; or lower cfl"),
    )
}

pub(crate) fn collapsed(time_s: f64, dt_s: f64, wave_m_s: f64) -> Finding {
    unusable(
        "SIM-201",
        format!("第 {time_s:.1} 秒时间步缩至 {dt_s:.1e} 秒（波速 {wave_m_s:.1} 米/秒）"),
        format!("at {time_s:.1} s the step collapsed to {dt_s:.1e} s (wave {wave_m_s:.1} m/s)"),
    )
}

pub(crate) fn not_finite(time_s: f64) -> Finding {
    unusable("SIM-203", format!("第 {time_s:.1} 秒出现非有限数"), format!("at {time_s:.1} s a value is not finite"))
}

pub(crate) fn ends_before(time_s: f64, duration_s: f64) -> Finding {
    Finding::error(
        "SIM-122",
        Text::new(
            format!("热启动状态在第 {time_s:.1} 秒，不早于计算结束的第 {duration_s:.1} 秒"),
            format!("the saved state stands at {time_s:.1} s, not before the end of the run at {duration_s:.1} s"),
        ),
        Text::new("延长 duration_s，或用更早的状态", "lengthen duration_s, or use an earlier state"),
    )
    .field("state.load")
}

pub(crate) fn out_of_range(time_s: f64) -> Finding {
    unusable(
        "SIM-205",
        format!("第 {time_s:.1} 秒有单元的水深在一步内增至数倍，超出计数范围"),
        format!(
            "at {time_s:.1} s the depth of a cell grew to several times itself in one step, out of the range of its count"
        ),
    )
}

pub(crate) fn water_lost(relative: f64) -> Finding {
    unusable(
        "SIM-204",
        format!("水量误差 {relative:.2e} 超过 1e-6"),
        format!("the volume error {relative:.2e} is above 1e-6"),
    )
}

pub(crate) fn stopped(time_s: f64) -> Finding {
    Finding::error(
        "SIM-202",
        Text::new(
            format!("计算在第 {time_s:.0} 秒被取消，没有结果"),
            format!("the run was stopped at {time_s:.0} s; there is no result"),
        ),
        Text::new("需要结果时重新运行", "run again when a result is needed"),
    )
}
