//! What a flow problem must fulfil before it runs. Bad input is named, never repaired.

use crate::{BoundaryKind, FlowProblem};
use dayu_base::{Finding, Text};

fn refuse(code: &str, field: &str, message: (String, String), mend: (&str, &str)) -> Finding {
    Finding::error(code, Text::new(message.0, message.1), Text::new(mend.0, mend.1)).field(field)
}

/// Place of a cell for messages: column, row and centre.
fn place(problem: &FlowProblem, cell: usize) -> String {
    let (x, y) = problem.grid.centre(cell);
    format!("cell ({}, {}) x={x:.1} y={y:.1}", cell % problem.grid.nx, cell / problem.grid.nx)
}

/// Refuses what cannot be computed.
///
/// # Errors
/// `SIM-101` cell size or grid, `SIM-102` no active cell, `SIM-103` unlike lengths, `SIM-104` roughness, `SIM-105` initial depth,
/// `SIM-106` duration, `SIM-107` output interval, `SIM-108` solver settings, `SIM-111` series, `SIM-118` infiltration or drain rate,
/// `SIM-119` infinite bed, `SIM-120` sink, `SIM-150`, `SIM-151` link, `SIM-190` results asked for, `SIM-192` attribution.
pub(crate) fn check(problem: &FlowProblem) -> Result<(), Finding> {
    check_grid(problem)?;
    check_fields(problem)?;
    let active: Vec<bool> = problem.bed_m.iter().map(|z| !z.is_nan()).collect();
    problem.infiltration.check(&active, &|cell| place(problem, cell))?;
    check_times(problem)?;
    crate::wanted::check_wanted(problem)?;
    crate::attribution::check_attribution(problem)?;
    crate::link::check_links(problem)?;
    let solver = &problem.solver;
    let positive = |x: f64| x.is_finite() && x > 0.0;
    if !(positive(solver.cfl)
        && solver.cfl <= 1.0
        && positive(solver.max_dt_s)
        && solver.dry_depth_m.is_finite()
        && solver.dry_depth_m >= 0.0)
    {
        return Err(refuse(
            "SIM-108",
            "solver",
            (
                format!(
                    "求解参数不可用：cfl = {}，max_dt_s = {}，dry_depth_m = {}",
                    solver.cfl, solver.max_dt_s, solver.dry_depth_m
                ),
                format!(
                    "unusable solver settings: cfl = {}, max_dt_s = {}, dry_depth_m = {}",
                    solver.cfl, solver.max_dt_s, solver.dry_depth_m
                ),
            ),
            ("取 0 < cfl ≤ 1、max_dt_s > 0、dry_depth_m ≥ 0", "use 0 < cfl ≤ 1, max_dt_s > 0, dry_depth_m ≥ 0"),
        ));
    }
    for (number, boundary) in problem.boundaries.iter().enumerate() {
        let sound = match &boundary.kind {
            BoundaryKind::Inflow(series) | BoundaryKind::Stage(series) | BoundaryKind::Rating(series) => {
                series.is_sound()
            }
            BoundaryKind::Normal(Some(slope)) => slope.is_finite(),
            _ => true,
        };
        if !sound {
            return Err(refuse(
                "SIM-111",
                "series",
                (
                    "边界序列为空、含非有限数或时刻未递增".into(),
                    "the boundary's series is empty, not finite or its times do not rise".into(),
                ),
                ("补正序列；时刻须严格递增", "mend the series; its times must rise strictly"),
            )
            .at(format!("boundary[{number}]")));
        }
    }
    let active = |cell: &usize| problem.bed_m.get(*cell).is_some_and(|z| !z.is_nan());
    if let Some((roof, _)) = problem.roofs.iter().find(|(r, s)| *r >= problem.grid.len() || active(r) || !active(s)) {
        return Err(refuse(
            "SIM-125",
            "roofs",
            (
                format!("屋面单元 {roof} 不是墙，或其雨水所去不是可计算单元"),
                format!("roof cell {roof} is no wall, or its rain leads to no active cell"),
            ),
            ("屋面应为阻水单元，雨水应引至街道单元", "roofs are blocked cells whose rain leads to open ones"),
        ));
    }
    for sink in &problem.sinks {
        if !(sink.capacity_m3_s.is_finite() && sink.capacity_m3_s >= 0.0 && sink.start_depth_m.is_finite()) {
            return Err(refuse(
                "SIM-120",
                "capacity_m3_s",
                (
                    format!("泵站或排口能力为 {}，必须是非负数", sink.capacity_m3_s),
                    format!("the capacity of a pump or outfall is {}; it must not be negative", sink.capacity_m3_s),
                ),
                ("改正设计流量", "mend the rated flow"),
            )
            .at(sink.id.clone()));
        }
    }
    Ok(())
}

fn check_grid(problem: &FlowProblem) -> Result<(), Finding> {
    let grid = &problem.grid;
    if !(grid.cell_m.is_finite() && grid.cell_m > 0.0)
        || grid.is_empty()
        || !(grid.x0_m.is_finite() && grid.y0_m.is_finite())
    {
        return Err(refuse(
            "SIM-101",
            "grid",
            (
                format!("网格不可用：单元 {} 米，{} × {}", grid.cell_m, grid.nx, grid.ny),
                format!("unusable grid: cells of {} m, {} × {}", grid.cell_m, grid.nx, grid.ny),
            ),
            ("cell_m 取正数，范围取非空", "use a positive cell_m and an extent that is not empty"),
        ));
    }
    let fields = [
        ("bed_m", problem.bed_m.len(), false),
        ("roughness", problem.roughness.len(), false),
        ("drain_mm_h", problem.drain_mm_h.len(), true),
        ("initial_depth_m", problem.initial_depth_m.len(), true),
        ("initial_velocity_m_s", problem.initial_velocity_m_s.as_ref().map_or(0, |v| v.0.len()), true),
        ("initial_velocity_m_s", problem.initial_velocity_m_s.as_ref().map_or(0, |v| v.1.len()), true),
    ];
    for (name, length, may_be_empty) in fields {
        if length != grid.len() && !(may_be_empty && length == 0) {
            return Err(refuse(
                "SIM-103",
                name,
                (
                    format!("场的长度为 {length}，网格为 {} 个单元", grid.len()),
                    format!("the field has {length} values, the grid {} cells", grid.len()),
                ),
                ("使各场与网格一致", "give every field one value per cell"),
            ));
        }
    }
    if problem.bed_m.iter().all(|z| z.is_nan()) {
        return Err(refuse(
            "SIM-102",
            "bed_m",
            (
                "没有可计算的单元：范围内全部为无数据、掩膜外或建筑".into(),
                "no active cell: all is nodata, masked or blocked".into(),
            ),
            ("检查高程的无数据值、坐标系与计算范围", "check the nodata value and CRS of the elevation, and the extent"),
        ));
    }
    Ok(())
}

fn check_fields(problem: &FlowProblem) -> Result<(), Finding> {
    for (cell, z) in problem.bed_m.iter().enumerate().filter(|(_, z)| !z.is_nan()) {
        let at = |finding: Finding| Err(finding.at(place(problem, cell)));
        if z.is_infinite() {
            return at(refuse(
                "SIM-119",
                "bed_m",
                ("高程为无穷".into(), "the bed is infinite".into()),
                ("改正高程或声明为无数据", "mend the elevation or declare it nodata"),
            ));
        }
        let n = problem.roughness[cell];
        if !(n.is_finite() && n >= 0.0) {
            return at(refuse(
                "SIM-104",
                "roughness",
                (format!("糙率为 {n}，必须是非负数"), format!("Manning n is {n}; it must not be negative")),
                ("改正糙率；0 表示无摩阻", "mend the roughness; 0 means no friction"),
            ));
        }
        if let Some(h) = problem.initial_depth_m.get(cell).filter(|h| !(h.is_finite() && **h >= 0.0)) {
            return at(refuse(
                "SIM-105",
                "initial_depth_m",
                (format!("初始水深为 {h}，必须是非负数"), format!("the initial depth is {h}; it must not be negative")),
                ("改正初始水深或初始水位", "mend the initial depth or level"),
            ));
        }
        if let Some(rate) = problem.drain_mm_h.get(cell).filter(|r| !(r.is_finite() && **r >= 0.0)) {
            return at(refuse(
                "SIM-118",
                "drain_mm_h",
                (format!("取值为 {rate}，必须是非负数"), format!("the rate is {rate}; it must not be negative")),
                ("改正排水能力", "mend the drain capacity"),
            ));
        }
        if let Some((u, v)) = &problem.initial_velocity_m_s
            && !(u[cell].is_finite() && v[cell].is_finite())
        {
            return at(refuse(
                "SIM-123",
                "initial_velocity_m_s",
                ("初始流速缺失或不是有限数".into(), "the initial velocity is missing or not finite".into()),
                ("补全初始流速栅格", "complete the rasters of the initial velocity"),
            ));
        }
    }
    Ok(())
}

fn check_times(problem: &FlowProblem) -> Result<(), Finding> {
    if !(problem.duration_s.is_finite() && problem.duration_s > 0.0) {
        return Err(refuse(
            "SIM-106",
            "duration_s",
            (
                format!("时长为 {} 秒，必须大于 0", problem.duration_s),
                format!("the duration is {} s; it must be above 0", problem.duration_s),
            ),
            ("改正 duration_s", "mend duration_s"),
        ));
    }
    let thresholds_sound =
        problem.thresholds_m.iter().chain([&problem.arrival_depth_m]).all(|t| t.is_finite() && *t > 0.0);
    let snapshots_sound = problem.snapshots_s.iter().all(|t| t.is_finite() && *t >= 0.0 && *t <= problem.duration_s);
    if !(problem.interval_s.is_finite() && problem.interval_s > 0.0 && thresholds_sound && snapshots_sound) {
        return Err(refuse(
            "SIM-107",
            "output",
            (
                "输出设置不可用：间隔与水深阈值须大于 0，快照须在时长之内".into(),
                "unusable output settings: interval and depth thresholds must be above 0, snapshots within the duration".into(),
            ),
            ("改正 interval_s、arrival_depth_m 或 snapshots_s", "mend interval_s, arrival_depth_m or snapshots_s"),
        ));
    }
    Ok(())
}
