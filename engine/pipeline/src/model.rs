//! Inputs → the flow problem: grid, bed, parameters, rain, boundaries, sinks.

use crate::Failure;
use crate::estimate::refuse_beyond_memory;
use crate::files::Located;
use crate::inputs::Inputs;
use crate::load::{
    self, FieldKey, RainRequest, read_area, read_elevation, read_infiltration, read_initial_velocity, read_landcover,
    read_rating, read_series_of,
};
use crate::quality::Quality;
use crate::{crest, link};
use dayu_assets::{Details, Layer};
use dayu_base::{Finding, Text};
use dayu_inundation::{
    Boundary, BoundaryKind, Connectivity, FaceSet, FlowProblem, GaugePoint, Scheme, Section, Sink, Solver, lead_roofs,
};
use dayu_scenario::{BoundarySpec, FieldSource, GridKeys, ScenarioSpec, Where};
use dayu_storm::design::{rain_formula, recurrence_findings, window_recurrences};
use dayu_storm::{RainField, RainSource};
use dayu_terrain::{GridSpec, Raster, cells_in_circle, cells_in_polygon, cells_on_line};
use geo::{Coord, LineString};

/// Pumps and outfalls draw once there is water to draw, m.
const SINK_START_DEPTH_M: f64 = 0.02;

/// A model ready to run.
pub(crate) struct Model {
    pub problem: FlowProblem,
    /// the terrain as it was read, for the map's relief
    pub relief: Option<Raster<f64>>,
    pub findings: Vec<Finding>,
    /// end of the last known row of rain, s from start; `None` = no series
    pub rain_until_s: Option<f64>,
    /// what every product must say of the rain
    pub rain_notes: Vec<Text>,
    /// flags of measured rain stations; `None` = none was checked
    pub rain_quality: Option<Vec<crate::load::RainFlag>>,
    /// saved state to go on from
    pub state: Option<Vec<u8>>,
    /// when to save, s
    pub save_s: Vec<f64>,
    /// drains are an assumed capacity: printed on every product
    pub assumed_drains: bool,
    /// how good the answer is, in deadline mode
    pub quality: Option<Quality>,
    /// side of the members' cells, m; `None` = no members
    pub members_cell_m: Option<f64>,
}

impl Model {
    /// How good the answer is where products must say so: chosen by a deadline, or a screening by its equations.
    pub fn mark(&self) -> Option<Quality> {
        let screening = matches!(self.problem.solver.scheme, Scheme::FillSpill { .. });
        if screening { Some(Quality::Screening) } else { self.quality }
    }
}

/// Builds the flow problem of a scenario.
pub(crate) fn build_model(inputs: &Inputs) -> Result<Model, Failure> {
    let spec = &inputs.scenario;
    let (files, scenario_file, dataset_file) = (&inputs.files, &inputs.scenario_file, &inputs.district.file);
    let crs = inputs.district.spec.crs.as_str();
    let terrain = inputs.district.spec.terrain.as_ref().ok_or_else(|| {
        Finding::error(
            "RUN-070",
            Text::new("数据集没有地形", "the dataset has no terrain"),
            Text::new("在 dataset.toml 写 [terrain] elevation", "write [terrain] elevation in dataset.toml"),
        )
        .in_file(&dataset_file.name)
        .field("terrain")
    })?;
    let keys = spec.grid.clone().unwrap_or_default();
    let elevation = read_elevation(files, dataset_file, scenario_file, terrain, crs, &keys)?;
    let mut findings = elevation.findings;
    let grid = elevation.grid;
    refuse_beyond_memory(inputs, &grid, scheme(spec))?;
    let mut bed_m = elevation.bed_m;
    holds_the_district(inputs, &grid)?;
    mask(inputs, &keys, &grid, &mut bed_m, &mut findings)?;
    let roofs = block_buildings(inputs, &grid, &mut bed_m, &mut findings)?;

    let landcover = match read_landcover(files, dataset_file, terrain, crs)? {
        Some((cover, found)) => {
            findings.extend(found);
            Some(cover)
        }
        None => None,
    };
    let field = |key: &str, file: &Located, source: &FieldSource| {
        load::field_values(files, &FieldKey { key, file }, source, &grid, crs, landcover.as_ref())
    };
    let roughness = match &terrain.roughness {
        Some(source) => field("terrain.roughness", dataset_file, source)?,
        // The contract's default: a rough mean of urban ground.
        None => vec![0.035; grid.len()],
    };
    let infiltration = read_infiltration(files, scenario_file, spec, &grid, crs, landcover.as_ref())?;
    let drain = spec.losses.as_ref().and_then(|l| l.drain_capacity_mm_h.as_ref());
    let drain_mm_h = match drain {
        Some(source) => field("losses.drain_capacity_mm_h", scenario_file, source)?,
        None => Vec::new(),
    };
    let assumed_drains = drain_mm_h.iter().any(|d| *d > 0.0);
    let ask = RainRequest {
        files,
        scenario: scenario_file,
        crs,
        grid,
        start: inputs.start,
        zone: &inputs.district.zone,
        origin: inputs.district.spec.origin,
        is_benchmark: spec.kind == dayu_scenario::ScenarioKind::Benchmark,
    };
    let mut rain = load::read_rain(&ask, &spec.rain)?;
    for (k, entry) in spec.rain.iter().enumerate().filter(|(_, r)| r.kind == "typhoon" && !r.follows_track()) {
        let (field, centres, found) = crate::typhoon_rain::typhoon_field(inputs, entry, &grid, &bed_m)?;
        findings.extend(found);
        let field = load::hold_to_gauges(&ask, entry, &format!("rain[{k}]"), field, &centres, &mut rain)?;
        rain.field.sources.push(RainSource::Grid(field));
    }
    findings.append(&mut rain.findings);
    // Rain that follows a track stands last: members make it again along their own.
    for entry in spec.rain.iter().filter(|r| r.follows_track()) {
        let (source, found) = crate::typhoon_rain::typhoon_rain(inputs, entry, &grid, &bed_m)?;
        rain.field.sources.push(source);
        rain.until_s = Some(rain.until_s.unwrap_or(0.0).max(spec.duration_s));
        findings.extend(found);
    }
    findings.extend(rarity(inputs, &rain.field, &grid)?);
    let initial_depth_m = initial_depth(inputs, &grid, &bed_m, crs)?;
    let boundaries = boundaries(inputs, &grid, crs, &mut findings)?;
    let sinks = sinks(inputs, &grid, &bed_m, &mut findings);
    let gauges = gauges(inputs, &grid)?;
    let crests = crest::crests(inputs, &grid, &bed_m, &mut findings)?;
    let links = link::links(inputs, &grid, &bed_m, &mut findings)?;
    let attribution = crate::attribution::attribution(inputs, &grid, &bed_m, &mut findings)?;
    let (solver, registry) = (&spec.solver, &inputs.district.registry);
    let problem = FlowProblem {
        grid,
        bed_m,
        roughness,
        infiltration,
        drain_mm_h,
        rain: rain.field,
        roofs,
        boundaries,
        initial_depth_m,
        initial_velocity_m_s: read_initial_velocity(files, scenario_file, spec, &grid, crs)?,
        sinks,
        crests,
        links,
        gauges,
        sections: spec
            .section
            .iter()
            .map(|s| Section { id: s.id.clone(), line: s.line.iter().map(|p| (p[0], p[1])).collect() })
            .collect(),
        duration_s: spec.duration_s,
        interval_s: spec.output.interval_s,
        snapshots_s: spec.output.snapshots_s.clone(),
        arrival_depth_m: spec.output.arrival_depth_m,
        thresholds_m: crate::results::timed_depths(&spec.output, registry),
        attribution,
        wanted: crate::results::wanted(&spec.output),
        solver: Solver {
            scheme: scheme(spec),
            cfl: solver.cfl,
            max_dt_s: solver.max_dt_s,
            dry_depth_m: solver.dry_depth_m,
        },
    };
    let state = match spec.state.as_ref().and_then(|s| s.load.as_ref()) {
        Some(path) => Some(files.read("state", &scenario_file.beside(path))?),
        None => None,
    };
    let save_s = spec.state.as_ref().map(|s| s.save_s.clone()).unwrap_or_default();
    Ok(Model {
        problem,
        relief: elevation.pixels,
        findings,
        rain_until_s: rain.until_s,
        rain_notes: rain.notes,
        rain_quality: rain.quality,
        state,
        save_s,
        assumed_drains,
        quality: None,
        members_cell_m: None,
    })
}

/// The equations a scenario asks for. A screening has no cells wider than its pixels.
fn scheme(spec: &ScenarioSpec) -> Scheme {
    let side = spec.grid.as_ref().map_or(1, GridKeys::pixels_a_side);
    match (spec.solver.scheme.as_str(), side) {
        ("fill-spill", _) => Scheme::FillSpill {
            connectivity: if spec.solver.connectivity == Some(4) { Connectivity::Four } else { Connectivity::Eight },
        },
        ("dynamic", _) => Scheme::Dynamic,
        (_, 1) => Scheme::Inertial,
        (_, side) => Scheme::InertialSubgrid { side },
    }
}

/// Windows for which the rarity of the rain is told, min.
const RARITY_WINDOWS_MIN: [f64; 6] = [10.0, 30.0, 60.0, 90.0, 120.0, 180.0];

/// How rare the rain of the scenario is by the district's formula, and whether it lies beyond the design standard.
fn rarity(inputs: &Inputs, rain: &RainField, grid: &GridSpec) -> Result<Vec<Finding>, Finding> {
    let dataset = &inputs.district.file;
    let Some(design) = &inputs.district.spec.design_rain else { return Ok(Vec::new()) };
    let formula = rain_formula(&design.formula).map_err(|f| f.in_file(&dataset.name).field("design_rain.formula"))?;
    if rain.sources.is_empty() {
        return Ok(Vec::new());
    }
    let hours = RARITY_WINDOWS_MIN.map(|m| m / 60.0);
    let maxima = rain.point_maxima(grid, &hours, 0.0, inputs.scenario.duration_s);
    let rarities = window_recurrences(&formula, &maxima, design.return_period_a);
    Ok(recurrence_findings(&formula, &rarities, design.return_period_a)
        .into_iter()
        .map(|f| f.in_file(&inputs.scenario_file.name))
        .collect())
}

/// A terrain that holds not one object of the registers stands in another CRS, or is another district's: every depth would be
/// unknown, and the products would look complete.
fn holds_the_district(inputs: &Inputs, grid: &GridSpec) -> Result<(), Finding> {
    let assets = inputs.district.registry.assets();
    if assets.is_empty() || assets.iter().any(|a| grid.cell_at(a.x_m, a.y_m).is_some()) {
        return Ok(());
    }
    let dataset = &inputs.district.file;
    let file = match inputs.district.spec.terrain.as_ref().map(|t| &t.elevation) {
        Some(FieldSource::Path(path)) => dataset.beside(path).name,
        _ => dataset.name.clone(),
    };
    let [west, south, east, north] = grid.extent();
    Err(Finding::error(
        "RUN-077",
        Text::new(
            "登记对象无一落在计算范围内：地形与登记对象的坐标系或区域不符",
            "no object of the registers lies in the computed area: terrain and registers differ in CRS or place",
        ),
        Text::new(
            "核对地形与各图层的 crs、grid.extent",
            "check the crs of the terrain and of the layers, and grid.extent",
        ),
    )
    .in_file(file)
    .at(format!("x {west:.0}–{east:.0}, y {south:.0}–{north:.0}"))
    .field("terrain.crs"))
}

fn mask(
    inputs: &Inputs,
    keys: &GridKeys,
    grid: &GridSpec,
    bed_m: &mut [f64],
    findings: &mut Vec<Finding>,
) -> Result<(), Finding> {
    let Some(path) = &keys.mask else { return Ok(()) };
    let file = inputs.scenario_file.beside(path);
    let (area, found) = read_area(&inputs.files, "mask", &file, &inputs.district.spec.crs)?;
    findings.extend(found);
    let mut inside = vec![false; grid.len()];
    for cell in cells_in_polygon(grid, &area.polygons) {
        inside[cell] = true;
    }
    if !inside.iter().zip(bed_m.iter()).any(|(i, z)| *i && !z.is_nan()) {
        return Err(Finding::error(
            "RUN-071",
            Text::new("掩膜没有覆盖任何有地形的单元", "the mask covers no cell with terrain"),
            Text::new("核对掩膜的坐标系与范围", "check the mask's CRS and extent"),
        )
        .in_file(&file.name)
        .field("grid.mask"));
    }
    for (z, i) in bed_m.iter_mut().zip(inside) {
        if !i {
            *z = f64::NAN;
        }
    }
    Ok(())
}

/// Buildings: cells with centre inside become walls (`block`), whose rain runs off into the street, or stand higher (`raise`).
/// Returns blocked cells with the cell that takes their rain.
fn block_buildings(
    inputs: &Inputs,
    grid: &GridSpec,
    bed_m: &mut [f64],
    findings: &mut Vec<Finding>,
) -> Result<Vec<(usize, usize)>, Finding> {
    let Some(terrain) = &inputs.district.spec.terrain else { return Ok(Vec::new()) };
    let Some(path) = &terrain.buildings else { return Ok(Vec::new()) };
    let dataset = &inputs.district.file;
    let (area, found) = read_area(&inputs.files, "buildings", &dataset.beside(path), &inputs.district.spec.crs)?;
    findings.extend(found);
    let cells = cells_in_polygon(grid, &area.polygons);
    match terrain.treatment.as_deref().unwrap_or("block") {
        "block" => {
            let roofs: Vec<usize> = cells.into_iter().filter(|c| !bed_m[*c].is_nan()).collect();
            roofs.iter().for_each(|c| bed_m[*c] = f64::NAN);
            let open: Vec<bool> = bed_m.iter().map(|z| !z.is_nan()).collect();
            return Ok(lead_roofs(grid.nx, &open, &roofs));
        }
        "raise" => {
            let raise = terrain.raise_m.filter(|r| r.is_finite()).ok_or_else(|| {
                Finding::error(
                    "RUN-072",
                    Text::new("treatment = \"raise\" 需要 raise_m", "treatment = \"raise\" needs raise_m"),
                    Text::new("给出抬高值（米）", "give the rise in metres"),
                )
                .in_file(&dataset.name)
                .field("terrain.raise_m")
            })?;
            cells.into_iter().for_each(|c| bed_m[c] += raise);
        }
        other => {
            return Err(Finding::error(
                "SCN-010",
                Text::new(
                    format!("本版本尚不能计算：建筑处理“{other}”"),
                    format!("not computed by this version: treatment '{other}'"),
                ),
                Text::new("改用 block 或 raise", "use block or raise"),
            )
            .in_file(&dataset.name)
            .field("terrain.treatment"));
        }
    }
    Ok(Vec::new())
}

fn initial_depth(inputs: &Inputs, grid: &GridSpec, bed_m: &[f64], crs: &str) -> Result<Vec<f64>, Finding> {
    let Some(initial) = &inputs.scenario.initial else { return Ok(Vec::new()) };
    let (files, file) = (&inputs.files, &inputs.scenario_file);
    let above = |level: f64, bed: f64| if bed.is_nan() { 0.0 } else { (level - bed).max(0.0) };
    if let Some(depth) = &initial.depth {
        let values = load::field_values(files, &FieldKey { key: "initial.depth", file }, depth, grid, crs, None)?;
        return unknown_cells(values, bed_m, grid, file, "initial.depth");
    }
    if let Some(path) = &initial.level {
        let source = FieldSource::Path(path.clone());

        let values = load::level_values(files, &FieldKey { key: "initial.level", file }, &source, grid, crs)?;
        let values = unknown_cells(values, bed_m, grid, file, "initial.level")?;
        return Ok(values.iter().zip(bed_m).map(|(l, z)| above(*l, *z)).collect());
    }
    Ok(initial.level_m.map(|level| bed_m.iter().map(|z| above(level, *z)).collect()).unwrap_or_default())
}

/// An active cell without an initial value is refused; a wall needs none.
fn unknown_cells(
    mut values: Vec<f64>,
    bed_m: &[f64],
    grid: &GridSpec,
    file: &Located,
    key: &str,
) -> Result<Vec<f64>, Finding> {
    for (cell, (v, z)) in values.iter_mut().zip(bed_m).enumerate() {
        if v.is_nan() {
            if !z.is_nan() {
                let (x, y) = grid.centre(cell);
                return Err(Finding::error(
                    "RUN-073",
                    Text::new("初始状态在有地形处没有值", "the initial state has no value where there is terrain"),
                    Text::new("补全栅格", "complete the raster"),
                )
                .in_file(&file.name)
                .at(format!("x={x:.1} y={y:.1}"))
                .field(key));
            }
            *v = 0.0;
        }
    }
    Ok(values)
}

fn boundaries(
    inputs: &Inputs,
    grid: &GridSpec,
    crs: &str,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Boundary>, Finding> {
    let mut list = Vec::new();
    for (k, b) in inputs.scenario.boundary.iter().enumerate() {
        let kind = match b.kind.as_str() {
            "inflow" => BoundaryKind::Inflow(read_series_of(&inputs.files, &inputs.scenario_file, b, inputs.start)?),
            "stage" => BoundaryKind::Stage(read_series_of(&inputs.files, &inputs.scenario_file, b, inputs.start)?),
            "rating" => BoundaryKind::Rating(read_rating(&inputs.files, &inputs.scenario_file, b)?),
            "free" => BoundaryKind::Free,
            "normal" => BoundaryKind::Normal(b.slope),
            _ => BoundaryKind::Wall,
        };
        let place = place(inputs, grid, crs, &b.place, findings)?;
        if matches!(&place, FaceSet::Cells(cells) if cells.is_empty()) {
            return Err(outside(inputs, k, b));
        }
        list.push(Boundary { id: b.id.clone(), kind, place });
    }
    Ok(list)
}

fn outside(inputs: &Inputs, k: usize, b: &BoundarySpec) -> Finding {
    let name = b.id.clone().unwrap_or_else(|| format!("boundary[{k}]"));
    Finding::error(
        "RUN-074",
        Text::new(format!("边界“{name}”在计算网格之外"), format!("the boundary '{name}' lies outside the grid")),
        Text::new("核对 where 的坐标与 grid.extent", "check the coordinates of where against grid.extent"),
    )
    .in_file(&inputs.scenario_file.name)
    .field(format!("boundary[{k}].where"))
}

fn place(
    inputs: &Inputs,
    grid: &GridSpec,
    crs: &str,
    w: &Where,
    findings: &mut Vec<Finding>,
) -> Result<FaceSet, Finding> {
    if let Some(side) = &w.edge {
        return Ok(FaceSet::Edge {
            side: side.clone(),
            from: w.from.unwrap_or(f64::NEG_INFINITY),
            to: w.to.unwrap_or(f64::INFINITY),
        });
    }
    let mut cells = Vec::new();
    if let Some([x, y]) = w.point {
        cells.extend(grid.cell_at(x, y));
    } else if let Some([x, y, radius]) = w.circle {
        cells = cells_in_circle(grid, Coord { x, y }, radius);
    } else if let Some(line) = &w.line {
        cells = cells_on_line(grid, &LineString::from(line.iter().map(|p| (p[0], p[1])).collect::<Vec<_>>()));
    } else if let Some(path) = &w.path {
        let (area, found) = read_area(&inputs.files, "boundary", &inputs.scenario_file.beside(path), crs)?;
        findings.extend(found);
        cells = cells_in_polygon(grid, &area.polygons);
        for line in &area.lines {
            cells.extend(cells_on_line(grid, line));
        }
        cells.extend(area.points.iter().filter_map(|(x, y)| grid.cell_at(*x, *y)));
    }
    cells.sort_unstable();
    cells.dedup();
    Ok(FaceSet::Cells(cells))
}

/// Pumps and outfalls take water off the surface; one that is out of order or of unknown capacity takes none, and says so.
fn sinks(inputs: &Inputs, grid: &GridSpec, bed_m: &[f64], findings: &mut Vec<Finding>) -> Vec<Sink> {
    let mut sinks = Vec::new();
    let registry = &inputs.district.registry;
    for layer in [Layer::Pumps, Layer::Outfalls] {
        for asset in registry.layer(layer) {
            let Details::Drain { capacity_m3_s, state, .. } = &asset.details else { continue };
            let out_of_order =
                state.as_deref().is_some_and(|s| ["fault", "off", "closed", "故障", "停用", "关闭"].contains(&s));
            let cell = grid.cell_at(asset.x_m, asset.y_m).filter(|c| !bed_m[*c].is_nan());
            let mut skipped = |zh: &str, en: &str| {
                findings.push(
                    Finding::warning(
                        "RUN-075",
                        Text::new(
                            format!("{}“{}”{zh}，推演中不排水", layer.zh(), asset.name),
                            format!("{} '{}' {en}; it takes no water in this run", layer.id(), asset.id),
                        ),
                        Text::new("核对台账", "check the register"),
                    )
                    .at(&asset.id),
                );
            };
            match (capacity_m3_s, cell) {
                _ if out_of_order => skipped("停用或故障", "is out of order"),
                (None, _) => skipped("排水能力未知", "has no known capacity"),
                (Some(_), None) => skipped("不在计算范围内", "lies outside the computed area"),
                (Some(capacity), Some(cell)) => sinks.push(Sink {
                    id: asset.id.clone(),
                    cells: vec![cell],
                    capacity_m3_s: *capacity,
                    start_depth_m: SINK_START_DEPTH_M,
                }),
            }
        }
    }
    sinks
}

fn gauges(inputs: &Inputs, grid: &GridSpec) -> Result<Vec<GaugePoint>, Finding> {
    inputs
        .scenario
        .gauge
        .iter()
        .map(|g| {
            grid.cell_at(g.x, g.y).map(|cell| GaugePoint { id: g.id.clone(), cell }).ok_or_else(|| {
                Finding::error(
                    "RUN-076",
                    Text::new(
                        format!("测点“{}”在计算网格之外", g.id),
                        format!("the gauge '{}' lies outside the grid", g.id),
                    ),
                    Text::new("核对 x、y 与 grid.extent", "check x, y against grid.extent"),
                )
                .in_file(&inputs.scenario_file.name)
                .field("gauge")
            })
        })
        .collect()
}
