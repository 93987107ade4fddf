//! Gridded rain: files of fields, their times and unit, and their correction by gauges.

use super::named;
use super::rain::{Gauges, RainRead, RainRequest, column_error, placed, read_gauges};
use crate::files::Located;
use dayu_base::{Finding, Text};
use dayu_gis::{Frames, Placement, ReadFrames, read_frames};
use dayu_scenario::RainSpec;
use dayu_storm::gauge::{MergeMethod, MergeReport, merge};
use dayu_storm::{Filling, GridRain, RainFrame, RainUnit, StepSeries, rate_rows};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Values of all fields of one entry, at most: 800 MB.
const MOST_VALUES: usize = 100_000_000;

/// Reads the fields of an entry and corrects them by gauges when asked.
pub(super) fn read_grid(
    ask: &RainRequest<'_>,
    entry: &RainSpec,
    place: &str,
    read: &mut RainRead,
) -> Result<GridRain, Finding> {
    let files = fields(ask.scenario, entry)?;
    let times = match &entry.times {
        Some(path) => Some(read_times(ask, &ask.scenario.beside(path), &files)?),
        None => None,
    };
    let gauges = match &entry.merge {
        Some(_) => Some(read_gauges(ask, entry, read)?),
        None => None,
    };
    let points: Vec<(f64, f64)> = gauges.iter().flat_map(|g| &g.stations).map(|(_, x, y)| (*x, *y)).collect();
    let request = ReadFrames {
        target_crs: ask.crs,
        source_crs: entry.crs.as_deref(),
        variable: entry.variable.as_deref(),
        grid: ask.grid,
        points: &points,
    };
    let mut placement: Option<Placement> = None;
    let mut unit: Option<RainUnit> = None;
    let mut frames: Vec<RainFrame> = Vec::new();
    let mut seen = BTreeSet::new();
    let mut held = 0_usize;
    for file in &files {
        ask.files.note("rain", file)?;
        let Frames { frames: fields, unit: own, placement: at, no_instants, findings } =
            read_frames(&file.path, &request, placement.as_ref()).map_err(|f| named(file, f))?;
        // A fault of the product stands in every file of a series: said once, for the first.
        read.findings.extend(findings.into_iter().filter(|f| seen.insert(f.code.clone())).map(|f| named(file, f)));
        let settled = RainUnit::settle(own.as_deref(), entry.unit.as_deref()).map_err(|f| named(file, f))?;
        if unit.is_some_and(|u| u != settled) {
            return Err(named(file, units_differ()));
        }
        unit = Some(settled);
        let told = times.as_ref().and_then(|t| t.get(&file.name));
        if let Some(&(from_s, until_s)) = told {
            let [field] = <[dayu_gis::Frame; 1]>::try_from(fields).map_err(|_| named(file, many_fields()))?;
            held += field.values.len();
            frames.push(RainFrame {
                name: file.name.clone(),
                stamp_s: from_s,
                stamp_is_begin: true,
                length_s: until_s.map(|u| u - from_s),
                values: field.values,
            });
        } else {
            for field in fields {
                let stamp =
                    field.stamp_unix_s.ok_or_else(|| named(file, no_instants.clone().unwrap_or_else(no_time)))?;
                held += field.values.len();
                frames.push(RainFrame {
                    name: file.name.clone(),
                    stamp_s: stamp - ask.start.as_millisecond() as f64 / 1000.0,
                    stamp_is_begin: field.stamp_is_begin,
                    length_s: field.length_s,
                    values: field.values,
                });
            }
        }
        if held > MOST_VALUES {
            return Err(named(file, too_many()));
        }
        placement.get_or_insert(at);
    }
    let (Some(placement), Some(unit)) = (placement, unit) else { return Err(no_file(ask.scenario, entry)) };
    let (time_s, rate_mm_h, found) = rate_rows(frames, unit).map_err(|f| placed(f, ask.scenario, place))?;
    read.findings.extend(found.into_iter().map(|f| placed(f, ask.scenario, place)));
    let mut field = GridRain { grid: ask.grid, pixel_of_cell: placement.pixel_of_cell.clone(), time_s, rate_mm_h };
    let middles = centres(&field, &placement, &points);
    let filling = field.fill(entry.fill_within_m, entry.fill_gap_s, &middles);
    if !filling.is_none() {
        let said = filled(&filling, entry);
        read.notes.push(said.message.clone());
        read.findings.push(placed(said, ask.scenario, place));
    }
    let last = field.rate_mm_h.iter().rposition(|row| row.iter().any(|v| !v.is_nan()));
    if let Some(end) = last.and_then(|k| field.time_s.get(k + 1).or(field.time_s.get(k))) {
        read.until_s = Some(read.until_s.map_or(*end, |u| u.max(*end)));
    }
    if let Some(gauges) = gauges {
        let pixels: Vec<Option<usize>> =
            placement.pixel_of_point.iter().map(|p| (*p != dayu_gis::NO_PIXEL).then_some(*p as usize)).collect();
        correct(ask, entry, place, &mut field, gauges, (&pixels, &middles), read);
    }
    read.findings.extend(field.spikes().map(|f| f.in_file(&ask.scenario.name).field(place)));
    Ok(field)
}

/// Corrects a field by the gauges of its entry, and says how.
fn correct(
    ask: &RainRequest<'_>,
    entry: &RainSpec,
    place: &str,
    field: &mut GridRain,
    gauges: Gauges,
    (pixels, centres): (&[Option<usize>], &[(f64, f64)]),
    read: &mut RainRead,
) -> MergeReport {
    let method = match entry.merge.as_deref() {
        Some("kriging-external-drift") => MergeMethod::ExternalDrift,
        Some("conditional") => MergeMethod::Conditional,
        _ => MergeMethod::MeanFieldBias,
    };
    // Rows are as fine as the faster of both, so that a cloudburst of five minutes is not averaged over half an hour. A radar that is
    // corrected by factor or drift keeps its own rows where it knows anything: those are taken over an hour and over its rows.
    let pixels_a_row = field.rate_mm_h.first().map_or(0, Vec::len);
    if (field.time_s.len() + gauges.time_s.len()) * pixels_a_row <= MOST_VALUES {
        field.add_rows_at(&gauges.time_s, method != MergeMethod::Conditional && entry.kind != "typhoon");
    }
    let list: Vec<(f64, f64, StepSeries)> = gauges
        .stations
        .iter()
        .zip(gauges.rate_mm_h)
        .map(|((_, x, y), value)| (*x, *y, StepSeries { time_s: gauges.time_s.clone(), value }))
        .collect();
    let report = merge(field, method, &list, pixels, centres);
    let made = entry.kind == "typhoon";
    read.findings.push(placed(merged(method, &report, made), ask.scenario, place));
    report
}

/// A field that was made from a typhoon's track, corrected by the gauges of its entry. `centres` are the centres of its pixels.
/// Where no gauge reports the climatology alone is left, and that is said.
pub(crate) fn hold_to_gauges(
    ask: &RainRequest<'_>,
    entry: &RainSpec,
    place: &str,
    mut field: GridRain,
    centres: &[(f64, f64)],
    read: &mut RainRead,
) -> Result<GridRain, Finding> {
    let gauges = read_gauges(ask, entry, read)?;
    let pixel = |(_, x, y): &(String, f64, f64)| field.grid.cell_at(*x, *y).map(|c| field.pixel_of_cell[c] as usize);
    let pixels: Vec<Option<usize>> = gauges.stations.iter().map(pixel).collect();
    let report = correct(ask, entry, place, &mut field, gauges, (&pixels, centres), read);
    if report.untouched_rows > 0 {
        read.findings.push(climatology(ask.scenario, entry));
    }
    Ok(field)
}

/// That rain of an entry is the climatology of a track and nothing measured.
pub(crate) fn climatology(scenario: &Located, entry: &RainSpec) -> Finding {
    Finding::warning(
        "TRK-032",
        Text::new(
            "雨量由台风路径按 R-CLIPER 气候廓线估算：真实台风雨可差一倍以上",
            "rain is estimated from the track by the R-CLIPER climatology: real rain may differ by a factor of two or more",
        ),
        Text::new("有实测或预报雨量时请改用", "use observed or forecast rain where there is any"),
    )
    .in_file(scenario.beside(entry.track.as_deref().unwrap_or_default()).name)
}

/// How holes were filled (`SCN-301`): said on every product.
fn filled(filling: &Filling, entry: &RainSpec) -> Finding {
    let (within_m, gap_s) = (entry.fill_within_m.unwrap_or(0.0), entry.fill_gap_s.unwrap_or(0.0));
    let (mut zh, mut en) = (Vec::new(), Vec::new());
    if filling.near_s > 0.0 {
        zh.push(format!(
            "{:.0} 秒内至多 {:.1}% 的单元取最近已知像元（限 {within_m:.0} m，最远 {:.0} m）",
            filling.near_s,
            100.0 * filling.share,
            filling.farthest_m
        ));
        en.push(format!(
            "for {:.0} s up to {:.1} % of the cells take the nearest known pixel (limit {within_m:.0} m, farthest {:.0} m)",
            filling.near_s,
            100.0 * filling.share,
            filling.farthest_m
        ));
    }
    if filling.held_s > 0.0 {
        zh.push(format!("缺场 {:.0} 秒沿用前一场（每段不超过 {gap_s:.0} 秒）", filling.held_s));
        en.push(format!(
            "over {:.0} s without a field the one before holds (gaps of {gap_s:.0} s at most)",
            filling.held_s
        ));
    }
    Finding::warning(
        "SCN-301",
        Text::new(
            format!("格网雨量的空洞已填补，非实测：{}", zh.join("；")),
            format!("holes of the gridded rain were filled, not measured: {}", en.join("; ")),
        ),
        Text::new("有完整雨量场时请替换", "replace them when whole fields are at hand"),
    )
}

/// Centre of the cells of each pixel; of a pixel that holds only a station, the station.
fn centres(field: &GridRain, placement: &Placement, points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let pixels = field.rate_mm_h.first().map_or(0, Vec::len);
    let mut sums = vec![(0.0, 0.0, 0_usize); pixels];
    for (cell, pixel) in field.pixel_of_cell.iter().enumerate() {
        if let Some(s) = sums.get_mut(*pixel as usize) {
            let (x, y) = field.grid.centre(cell);
            (s.0, s.1, s.2) = (s.0 + x, s.1 + y, s.2 + 1);
        }
    }
    for (pixel, (x, y)) in placement.pixel_of_point.iter().zip(points) {
        if let Some(s) = sums.get_mut(*pixel as usize)
            && s.2 == 0
        {
            *s = (*x, *y, 1);
        }
    }
    sums.into_iter().map(|(x, y, n)| (x / n.max(1) as f64, y / n.max(1) as f64)).collect()
}

fn merged(method: MergeMethod, report: &MergeReport, made: bool) -> Finding {
    let (zh, en) = match method {
        MergeMethod::MeanFieldBias => ("整场偏差", "mean-field bias"),
        MergeMethod::ExternalDrift => ("带外部漂移的克里金", "kriging with external drift"),
        MergeMethod::Conditional => ("条件融合", "conditional"),
    };
    let (field, field_en) = if made {
        ("台风廓线雨（构造背景）", "typhoon profile (constructed background)")
    } else {
        ("雷达", "radar")
    };
    let factors = report.factors.map_or_else(String::new, |(a, b)| format!(" ×{a:.2}–{b:.2}"));
    let message = Text::new(
        format!(
            "{field}–雨量站融合（{zh}）：区内外 {} 站落在雨量场内，{} 个时段按此订正，{} 个时段改用整场偏差{factors}，{} 个时段场缺测、只用雨量站，{} 个时段场有空洞、空洞处只用雨量站，{} 个时段未订正，{} 个时段仍未知",
            report.gauges,
            report.merged_rows,
            report.fallback_rows,
            report.gauge_rows,
            report.filled_rows,
            report.untouched_rows,
            report.unknown_rows
        ),
        format!(
            "{field_en}–gauge merging ({en}): {} gauges in the field, {} rows corrected, {} rows by the mean-field factor instead{factors}, {} rows without a field by the gauges alone, {} rows with holes in it that the gauges alone fill, {} left as they were, {} still unknown",
            report.gauges,
            report.merged_rows,
            report.fallback_rows,
            report.gauge_rows,
            report.filled_rows,
            report.untouched_rows,
            report.unknown_rows
        ),
    );
    if report.merged_rows == 0 {
        Finding::warning("RUN-057", message, Text::new("增加雨量站，或去掉 merge", "add gauges, or remove merge"))
    } else if made && report.untouched_rows > 0 {
        Finding::warning(
            "RUN-057",
            message,
            Text::new("补报这些时段的站点雨量", "supply the gauges' rain of the rows that were left"),
        )
    } else {
        Finding::info("RUN-057", message, Text::default())
    }
}

/// The files of an entry: one, or all that match `*` in the last part of the path, by name.
fn fields(scenario: &Located, entry: &RainSpec) -> Result<Vec<Located>, Finding> {
    let written = entry.path.as_deref().unwrap_or_default();
    let (folder, pattern) = written.rsplit_once('/').unwrap_or((".", written));
    if !pattern.contains('*') {
        return Ok(vec![scenario.beside(written)]);
    }
    let folder = scenario.beside(folder);
    let mut names: Vec<String> = std::fs::read_dir(&folder.path)
        .map_err(|_| no_file(scenario, entry))?
        .filter_map(|e| e.ok()?.file_name().into_string().ok())
        .filter(|name| matches(pattern, name))
        .collect();
    names.sort();
    if names.is_empty() {
        return Err(no_file(scenario, entry));
    }
    Ok(names.iter().map(|n| folder.inside(n)).collect())
}

/// That the files of an entry, and their times, are there to be read.
///
/// # Errors
/// `RUN-010`, `RUN-058`.
pub(crate) fn gridded_files(scenario: &Located, entry: &RainSpec) -> Result<(), Finding> {
    let times = entry.times.iter().map(|path| scenario.beside(path));
    for file in fields(scenario, entry)?.into_iter().chain(times) {
        std::fs::File::open(&file.path).map_err(|e| crate::files::unreadable(&file.name, &e))?;
    }
    Ok(())
}

/// `*` stands for any run of characters.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name
            .strip_prefix(head)
            .is_some_and(|tail| (0..=tail.len()).any(|k| tail.is_char_boundary(k) && matches(rest, &tail[k..]))),
    }
}

/// `path,time_s[,until_s]`: from when each file's field holds, and until when. Every file must be named.
fn read_times(
    ask: &RainRequest<'_>,
    file: &Located,
    fields: &[Located],
) -> Result<BTreeMap<String, (f64, Option<f64>)>, Finding> {
    ask.files.note("rain", file)?;
    let (table, _) = dayu_table::read_table(&file.path).map_err(|f| named(file, f))?;
    let need = |name: &str| {
        table
            .column(name)
            .ok_or_else(|| column_error(file, &format!("缺少 {name} 列"), &format!("the column {name} is missing")))
    };
    let (path, time_s, until_s) = (need("path")?, need("time_s")?, table.column("until_s"));
    let base = |text: &str| Path::new(text).file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let mut told = BTreeMap::new();
    for row in 0..table.rows.len() {
        let at = |f: Finding| f.at(table.place(row));
        let name = base(table.cell(row, path).unwrap_or_default());
        let field = fields.iter().find(|f| base(&f.name) == name).ok_or_else(|| {
            at(column_error(
                file,
                &format!("“{name}”不在 path 所列文件中"),
                &format!("'{name}' is not among the files of path"),
            )
            .field("path"))
        })?;
        let from = table
            .number(row, time_s)
            .map_err(|f| named(file, f))?
            .ok_or_else(|| at(column_error(file, "时间为空", "the time is empty").field("time_s")))?;
        let until = match until_s {
            Some(c) => table.number(row, c).map_err(|f| named(file, f))?,
            None => None,
        };
        if until.is_some_and(|u| u <= from) {
            return Err(
                at(column_error(file, "until_s 不晚于 time_s", "until_s is not after time_s").field("until_s")),
            );
        }
        if told.insert(field.name.clone(), (from, until)).is_some() {
            return Err(at(
                column_error(file, &format!("“{name}”重复"), &format!("'{name}' is repeated")).field("path")
            ));
        }
    }
    if let Some(missing) = fields.iter().find(|f| !told.contains_key(&f.name)) {
        return Err(column_error(
            file,
            &format!("没有“{}”的时间", missing.name),
            &format!("no time for '{}'", missing.name),
        )
        .field("path"));
    }
    Ok(told)
}

fn no_file(scenario: &Located, entry: &RainSpec) -> Finding {
    let path = entry.path.as_deref().unwrap_or_default();
    Finding::error(
        "RUN-058",
        Text::new(format!("没有与“{path}”相符的雨量文件"), format!("no rain file matches '{path}'")),
        Text::new("核对 path；* 只用于最后一段", "check path; * stands in its last part only"),
    )
    .in_file(&scenario.name)
    .field("path")
}

fn no_time() -> Finding {
    Finding::error(
        "RUN-059",
        Text::new("文件没有写明时刻", "the file does not tell its time"),
        Text::new(
            "用 times 给出 CSV：path,time_s,until_s（自情景起始的秒数）；不按文件名或无时区的时间猜测",
            "give a CSV by times: path,time_s,until_s (seconds from the start); neither names nor times without a zone are guessed at",
        ),
    )
    .field("times")
}

fn many_fields() -> Finding {
    Finding::error(
        "RUN-059",
        Text::new(
            "文件含多个场，times 只能为每个文件给一个时刻",
            "the file has several fields; times can give one instant per file",
        ),
        Text::new(
            "拆成每个时刻一个文件，或用带时间轴的 NetCDF / GRIB2",
            "split it into one file per instant, or use NetCDF / GRIB2 with a time axis",
        ),
    )
    .field("times")
}

fn units_differ() -> Finding {
    Finding::error(
        "SCN-242",
        Text::new("该文件的雨量单位与前面的文件不同", "the unit of this file differs from the files before"),
        Text::new("同一序列使用同一产品", "use one product in a series"),
    )
    .field("unit")
}

fn too_many() -> Finding {
    Finding::error(
        "RUN-058",
        Text::new("雨量场过多，超出内存上限", "the rain fields are too many for memory"),
        Text::new("缩短时段，或缩小 grid.extent", "use a shorter period or a smaller grid.extent"),
    )
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn stars_match_runs() {
        assert!(
            matches("*.tif", "a.tif") && matches("qpe_*_10min.nc", "qpe_2020_10min.nc") && matches("a*b*c", "aXbYbc")
        );
        assert!(!matches("*.tif", "a.tiff") && !matches("a*b", "b") && matches("雨*", "雨量.nc"));
    }
}
