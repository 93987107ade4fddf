//! Rain entries of a scenario: uniform, gauges, design storms, fields.

use super::named;
use super::rain_grid::read_grid;
use super::rain_quality::{RainFlag, flags};
use crate::files::{InputFiles, Located};
use dayu_base::{Finding, Instant, Mark, Origin, Text, Zone};
use dayu_gis::Transformer;
use dayu_scenario::RainSpec;
use dayu_storm::design::{
    RainFormula, alternating_block, areal_reduction_leclerc_schaake, chicago, design_soundness, rain_formula,
    scale_profile, total_mm,
};
use dayu_storm::gauge::{LEAST_STATIONS, QualityLimits, Spread, check_quality, doubt_findings, fit_variogram};
use dayu_storm::{RainField, RainSource, StepSeries};
use dayu_terrain::GridSpec;

/// Peak position of a design storm when the scenario gives none (D; customary in the Chinese practice of 0.3–0.5).
const PEAK_RATIO: f64 = 0.4;
/// Step of a design storm when the scenario gives none, s.
const DESIGN_STEP_S: f64 = 300.0;
/// Rain stations farther than this from the grid are probably misplaced, m (D).
const FAR_M: f64 = 150_000.0;

/// More than this never fell in any minute, mm/h: 38 mm in one (Guadeloupe, 1970). Beyond it stands a fill value or another unit.
const MOST_MM_H: f64 = 2400.0;

/// What the rain entries are read for.
pub(crate) struct RainRequest<'a> {
    pub files: &'a InputFiles,
    pub scenario: &'a Located,
    pub crs: &'a str,
    pub grid: GridSpec,
    pub start: Instant,
    pub zone: &'a Zone,
    /// origin of entries that state none
    pub origin: Origin,
    /// a case for the solver may pour what never fell
    pub is_benchmark: bool,
}

/// The rain of a scenario.
#[derive(Default)]
pub(crate) struct RainRead {
    pub field: RainField,
    /// end of the last known row, s from start; `None` = no series
    pub until_s: Option<f64>,
    /// what every product must say
    pub notes: Vec<Text>,
    /// flags of measured stations; `None` = none was checked
    pub quality: Option<Vec<RainFlag>>,
    pub findings: Vec<Finding>,
}

/// Reads every entry.
pub(crate) fn read_rain(ask: &RainRequest<'_>, entries: &[RainSpec]) -> Result<RainRead, Finding> {
    let mut read = RainRead::default();
    // Rain of a typhoon is made from its track, by the caller.
    for (k, entry) in entries.iter().enumerate().filter(|(_, e)| e.kind != "typhoon") {
        let place = format!("rain[{k}]");
        let source = match entry.kind.as_str() {
            "gauges" => {
                let gauges = read_gauges(ask, entry, &mut read)?;
                let spread = spread(entry, &gauges, ask.grid, &place, &mut read.findings);
                RainSource::Gauges {
                    stations: gauges.stations,
                    time_s: gauges.time_s,
                    rate_mm_h: gauges.rate_mm_h,
                    spread,
                }
            }
            "grid" => RainSource::Grid(read_grid(ask, entry, &place, &mut read)?),
            "chicago" | "alternating-block" | "profile" => {
                RainSource::Uniform(design(ask, entry, &mut read).map_err(|f| placed(f, ask.scenario, &place))?)
            }
            _ => match entry.mm_h {
                Some(rate) => RainSource::Uniform(StepSeries { time_s: vec![0.0], value: vec![rate] }),
                None => RainSource::Uniform(uniform(ask, entry, &mut read)?),
            },
        };
        read.findings.extend(source.begins_late(&place).map(|f| placed(f, ask.scenario, &place)));
        read.field.sources.push(source);
    }
    Ok(read)
}

/// A finding about an entry of the scenario, unless it already names a file.
pub(super) fn placed(mut finding: Finding, scenario: &Located, place: &str) -> Finding {
    if finding.file.is_empty() {
        finding.file.clone_from(&scenario.name);
    }
    if finding.place.is_empty() {
        finding.place = place.into();
    }
    finding
}

/// A series file: CSV or Parquet with `time_s`, or a SWMM rain file (`.dat`).
fn read_series(
    ask: &RainRequest<'_>,
    entry: &RainSpec,
    read: &mut RainRead,
) -> Result<(Located, dayu_table::Series), Finding> {
    let file = ask.scenario.beside(entry.series.as_deref().unwrap_or_default());
    ask.files.note("rain", &file)?;
    let swmm = file.path.extension().is_some_and(|e| e.eq_ignore_ascii_case("dat"));
    let (series, found) = if swmm {
        dayu_table::read_swmm_rain(&file.path, ask.start, ask.zone, entry.unit.as_deref())
    } else {
        dayu_table::read_series(&file.path, "time_s", Some(ask.start))
    }
    .map_err(|f| named(&file, f))?;
    read.findings.extend(found.into_iter().map(|f| named(&file, f)));
    dayu_table::check_non_negative(&series, &file.name, &Text::new("雨强", "rain")).map_err(|f| named(&file, f))?;
    read.until_s = known_until(&series).into_iter().chain(read.until_s).max_by(f64::total_cmp);
    Ok((file, series))
}

fn uniform(ask: &RainRequest<'_>, entry: &RainSpec, read: &mut RainRead) -> Result<StepSeries, Finding> {
    let (file, series) = read_series(ask, entry, read)?;
    let Some((_, value)) = series.columns.first().filter(|_| series.columns.len() == 1) else {
        return Err(column_error(&file, "应有 time_s 与 mm_h 两列", "needs the columns time_s and mm_h"));
    };
    if !ask.is_benchmark {
        possible(&file, &series)?;
    }
    Ok(StepSeries { time_s: series.time_s, value: value.clone() })
}

/// Refuses a rate that never fell: a fill value would drown the district. Measured stations are checked instead, and lose the value alone.
fn possible(file: &Located, series: &dayu_table::Series) -> Result<(), Finding> {
    for (name, values) in &series.columns {
        if let Some(row) = values.iter().position(|v| *v > MOST_MM_H) {
            return Err(Finding::error(
                "RUN-170",
                Text::new(
                    format!("雨强 {} mm/h 超过世界纪录（{MOST_MM_H} mm/h）：缺测填充值，或单位不是 mm/h", values[row]),
                    format!(
                        "{} mm/h is beyond any record ({MOST_MM_H} mm/h): a fill value, or another unit",
                        values[row]
                    ),
                ),
                Text::new("缺测请留空；核对单位", "leave missing values empty; check the unit"),
            )
            .in_file(&file.name)
            .at(series.place(row))
            .field(name.as_str()));
        }
    }
    Ok(())
}

/// Stations with their series, checked.
pub(super) struct Gauges {
    pub stations: Vec<(String, f64, f64)>,
    pub time_s: Vec<f64>,
    pub rate_mm_h: Vec<Vec<f64>>,
}

/// Reads stations and series of an entry. Measured rain is checked; a constructed course is what it is.
pub(super) fn read_gauges(ask: &RainRequest<'_>, entry: &RainSpec, read: &mut RainRead) -> Result<Gauges, Finding> {
    let (file, series) = read_series(ask, entry, read)?;
    let stations_file = ask.scenario.beside(entry.stations.as_deref().unwrap_or_default());
    let stations = read_stations(ask, &stations_file, &mut read.findings)?;
    let mut gauges = Gauges { stations: Vec::new(), time_s: series.time_s.clone(), rate_mm_h: Vec::new() };
    for (id, x, y) in stations {
        match series.column(&id) {
            Some(values) => {
                gauges.stations.push((id, x, y));
                gauges.rate_mm_h.push(values.to_vec());
            }
            None => read.findings.push(
                Finding::warning(
                    "RUN-051",
                    Text::new(
                        format!("站点“{id}”没有雨量序列，未采用"),
                        format!("station '{id}' has no series and was left out"),
                    ),
                    Text::new("在序列文件中增加该列", "add its column to the series"),
                )
                .in_file(&file.name)
                .field(id.clone()),
            ),
        }
    }
    for (name, _) in &series.columns {
        if !gauges.stations.iter().any(|(id, ..)| id == name) {
            read.findings.push(
                Finding::warning(
                    "RUN-052",
                    Text::new(
                        format!("序列列“{name}”没有对应站点，未采用"),
                        format!("column '{name}' has no station and was left out"),
                    ),
                    Text::new("在站点文件中增加该站", "add the station to the stations file"),
                )
                .in_file(&file.name)
                .field(name.clone()),
            );
        }
    }
    if gauges.stations.is_empty() {
        return Err(column_error(&file, "没有一列与站点编号相符", "no column matches a station id"));
    }
    if entry.origin.unwrap_or(ask.origin) != Origin::Real {
        possible(&file, &series)?;
    } else {
        let places: Vec<(f64, f64)> = gauges.stations.iter().map(|(_, x, y)| (*x, *y)).collect();
        let ids: Vec<String> = gauges.stations.iter().map(|s| s.0.clone()).collect();
        let doubts = check_quality(&places, &gauges.time_s, &mut gauges.rate_mm_h, &QualityLimits::default());
        read.quality.get_or_insert_default().extend(flags(&ids, &gauges.time_s, &doubts));
        read.findings.extend(doubt_findings(&ids, &gauges.time_s, &doubts).into_iter().map(|f| f.in_file(&file.name)));
    }
    Ok(gauges)
}

/// How the stations reach the cells; kriging with what was fitted, or why not.
fn spread(entry: &RainSpec, gauges: &Gauges, grid: GridSpec, place: &str, findings: &mut Vec<Finding>) -> Spread {
    match entry.interpolation.as_deref() {
        Some("nearest") => return Spread::Nearest,
        Some("kriging") => {}
        _ => return Spread::Idw,
    }
    let places: Vec<(f64, f64)> = gauges.stations.iter().map(|(_, x, y)| (*x, *y)).collect();
    let Some(variogram) = fit_variogram(&places, &gauges.rate_mm_h) else {
        findings.push(
            Finding::warning(
                "RUN-055",
                Text::new(
                    format!("克里金不可用（需至少 {LEAST_STATIONS} 站且雨量有空间结构，现有 {} 站）：改用反距离权重", places.len()),
                    format!("no kriging ({LEAST_STATIONS} stations and a spatial structure are needed; {} stations): inverse distances are used", places.len()),
                ),
                Text::new("增加雨量站，或写 interpolation = \"idw\"", "add stations, or write interpolation = \"idw\""),
            )
            .at(place),
        );
        return Spread::Idw;
    };
    let spread = Spread::kriging(variogram, &gauges.stations, &gauges.rate_mm_h);
    let Spread::Kriging(rows) = &spread else { return spread };
    let [x0, y0, x1, y1] = grid.extent();
    let (x, y) = (0.5 * (x0 + x1), 0.5 * (y0 + y1));
    // The wettest row tells what the method is worth when it matters.
    let wettest = rows.iter().flatten().map(|k| (k.at(x, y), k)).max_by(|a, b| a.0.total_cmp(&b.0));
    let error = wettest.and_then(|(v, k)| k.standard_error(x, y).map(|e| (v, e)));
    let words = error.map_or((String::new(), String::new()), |(v, e)| {
        (
            format!("；区中心最强时段 {v:.1} ± {e:.1} mm/h（标准误）"),
            format!("; strongest row at the centre {v:.1} ± {e:.1} mm/h (standard error)"),
        )
    });
    findings.push(
        Finding::info(
            "RUN-056",
            Text::new(
                format!("普通克里金：球状模型，变程 {:.0} m，块金比 {:.2}（加权最小二乘，Cressie 权重）{}", variogram.range_m, variogram.nugget / variogram.sill(), words.0),
                format!("ordinary kriging: spherical, range {:.0} m, nugget ratio {:.2} (weighted least squares, Cressie weights){}", variogram.range_m, variogram.nugget / variogram.sill(), words.1),
            ),
            Text::default(),
        )
        .at(place),
    );
    spread
}

/// A design storm over the whole district, from second 0.
fn design(ask: &RainRequest<'_>, entry: &RainSpec, read: &mut RainRead) -> Result<StepSeries, Finding> {
    let formula = rain_formula(entry.formula.as_deref().unwrap_or_default())?;
    let period_a = entry.return_period_a.unwrap_or(f64::NAN);
    let curve = formula.curve(period_a)?;
    let duration_s = entry.duration_s.unwrap_or(f64::NAN);
    let step_s = entry.step_s.unwrap_or(DESIGN_STEP_S.min(duration_s));
    let ratio = entry.peak_ratio.unwrap_or(PEAK_RATIO);
    design_soundness(&curve, duration_s, step_s, ratio)?;
    let mut series = match entry.kind.as_str() {
        "chicago" => chicago(&curve, duration_s, ratio, step_s),
        "alternating-block" => alternating_block(&curve, duration_s, ratio, step_s),
        _ => {
            let until_s = read.until_s;
            let profile = uniform(ask, entry, read)?;
            // The profile gives a shape, no data of a time.
            read.until_s = until_s;
            scale_profile(&profile, total_mm(&curve, duration_s))?
        }
    };
    let factor = match (entry.areal_factor, entry.area_km2) {
        (Some(factor), _) => factor,
        (None, Some(area)) => {
            read.findings.push(Finding::warning(
                "SCN-227",
                Text::new(
                    format!("点面折减按 Leclerc 与 Schaake (1972) 公式（美国资料，凭记忆录入，面积 {area} km²），未经当地核实"),
                    format!("areal reduction after Leclerc & Schaake (1972) for {area} km²: recalled, fitted to the United States, unverified here"),
                ),
                Text::new("请按当地水文手册写 areal_factor", "give areal_factor from the local handbook"),
            )
            .in_file(&ask.scenario.name)
            .field("area_km2"));
            areal_reduction_leclerc_schaake(duration_s, area)
        }
        (None, None) => 1.0,
    };
    series.value.iter_mut().for_each(|v| *v *= factor);
    let shortest_min = if entry.kind == "profile" { duration_s / 60.0 } else { step_s / 60.0 };
    let doubts = formula.doubts(duration_s / 60.0, shortest_min);
    if formula.mark.is_unofficial() {
        read.notes.push(unverified(&formula));
    }
    read.findings.extend(doubts.into_iter().map(|f| f.in_file(&ask.scenario.name)));
    let total = total_mm(&curve, duration_s) * factor;
    read.findings.push(
        Finding::info(
            "SCN-228",
            Text::new(
                format!(
                    "设计雨：{}，重现期 {period_a} 年，历时 {:.0} min，总量 {total:.1} mm（公式来源 {}）",
                    formula.name.zh,
                    duration_s / 60.0,
                    formula.mark.zh()
                ),
                format!(
                    "design rain: {}, {period_a} a, {:.0} min, {total:.1} mm in all",
                    formula.name.en,
                    duration_s / 60.0
                ),
            ),
            Text::default(),
        )
        .in_file(&ask.scenario.name),
    );
    Ok(series)
}

fn unverified(formula: &RainFormula) -> Text {
    let mark = String::from(Mark::Recalled);
    Text::new(
        format!("设计雨公式“{}”为凭记忆录入（{mark}），未经核实，不得作为官方设计雨", formula.name.zh),
        format!("the design rain formula '{}' is recalled ({mark}) and unverified: not official", formula.name.en),
    )
}

/// End of the last row in which any column is known: a row holds as long as the one before it did.
fn known_until(series: &dayu_table::Series) -> Option<f64> {
    let last = (0..series.time_s.len()).rev().find(|k| series.columns.iter().any(|(_, v)| v[*k].is_finite()))?;
    let held = if last > 0 { series.time_s[last] - series.time_s[last - 1] } else { 0.0 };
    Some(series.time_s[last] + held)
}

pub(super) fn read_stations(
    ask: &RainRequest<'_>,
    file: &Located,
    findings: &mut Vec<Finding>,
) -> Result<Vec<(String, f64, f64)>, Finding> {
    ask.files.note("rain", file)?;
    let (table, _) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let column = |name: &str| table.columns.iter().position(|c| c == name);
    let id = column("id")
        .or_else(|| column("station_id"))
        .ok_or_else(|| column_error(file, "缺少 id 列", "the column id is missing"))?;
    let (cx, cy, from) = match (column("x").zip(column("y")), column("lon").zip(column("lat"))) {
        (Some((x, y)), _) => (x, y, ask.crs),
        (None, Some((lon, lat))) => (lon, lat, "EPSG:4490"),
        _ => return Err(column_error(file, "缺少 x,y 或 lon,lat 列", "the columns x,y or lon,lat are missing")),
    };
    let transform = Transformer::new(from, ask.crs).map_err(|f| named(file, f))?;
    let mut stations = Vec::new();
    for (k, row) in table.rows.iter().enumerate() {
        let place = || format!("第{}行 row {}", k + 2, k + 2);
        let number = |c: usize| {
            row.get(c).and_then(|v| v.as_deref()).and_then(|v| v.trim().parse::<f64>().ok()).filter(|v| v.is_finite())
        };
        let name = row.get(id).cloned().flatten();
        let (Some(name), Some(x), Some(y)) = (name, number(cx), number(cy)) else {
            return Err(column_error(
                file,
                "站点编号或坐标缺失、无效",
                "a station's id or coordinates are missing or not valid",
            )
            .at(place()));
        };
        if x == 0.0 && y == 0.0 {
            return Err(column_error(file, "站点坐标为 (0, 0)", "a station lies at (0, 0)").at(place()));
        }
        if stations.iter().any(|(known, ..): &(String, f64, f64)| *known == name) {
            return Err(column_error(file, "站点编号重复", "a station's id is repeated").at(place()).field("id"));
        }
        let (x, y) = transform.point(x, y).map_err(|f| named(file, f))?;
        let [x0, y0, x1, y1] = ask.grid.extent();
        let (dx, dy) = ((x0 - x).max(x - x1).max(0.0), (y0 - y).max(y - y1).max(0.0));
        if (dx * dx + dy * dy).sqrt() > FAR_M {
            findings.push(
                Finding::warning(
                    "RUN-054",
                    Text::new(
                        format!("雨量站“{name}”距计算范围 {:.0} km", (dx * dx + dy * dy).sqrt() / 1000.0),
                        format!(
                            "rain station '{name}' lies {:.0} km from the grid",
                            (dx * dx + dy * dy).sqrt() / 1000.0
                        ),
                    ),
                    Text::new(
                        "核对坐标与坐标系，经纬度是否颠倒",
                        "check its coordinates and CRS, and swapped longitude and latitude",
                    ),
                )
                .in_file(&file.name)
                .at(place()),
            );
        }
        stations.push((name, x, y));
    }
    Ok(stations)
}

pub(super) fn column_error(file: &Located, zh: &str, en: &str) -> Finding {
    Finding::error("RUN-050", Text::new(zh, en), Text::new("按说明补全列", "complete the columns as documented"))
        .in_file(&file.name)
}
