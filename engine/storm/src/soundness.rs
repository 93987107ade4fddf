use crate::gaps::holes_finding;
use crate::{GridRain, RainField, RainSource};
use dayu_base::{Finding, Text};
use dayu_terrain::GridSpec;

impl RainField {
    /// Looks the entries over before a run. Returns what a person must know: the intervals, within 0 and `duration_s`, in which
    /// an entry is unknown (`SCN-207`, severity error: the simulated rain is then a lower bound), holes of a field over the cells that are
    /// computed (`SCN-300`, the same). `bed_m` belongs to `grid`; NaN = a wall, which needs no rain.
    ///
    /// # Errors
    /// `SCN-201` unlike lengths, `SCN-202` times not rising, `SCN-203` a negative or infinite rate, `SCN-204` no station,
    /// `SCN-205` a station without finite coordinates.
    pub fn soundness(&self, duration_s: f64, grid: &GridSpec, bed_m: &[f64]) -> Result<Vec<Finding>, Finding> {
        let mut findings = Vec::new();
        for (number, source) in self.sources.iter().enumerate() {
            check(source).map_err(|f| f.at(format!("rain[{number}]")))?;
            let times = source.times_s();
            findings.extend(holds_on(source, number, duration_s));
            if let RainSource::Grid(field) = source {
                let computed = |cell: usize| bed_m.get(cell).is_some_and(|z| !z.is_nan());
                findings.extend(field.holes(grid, computed, duration_s).map(|h| holes_finding(&h, number, duration_s)));
            }
            for (row, &from) in times.iter().enumerate() {
                let until = times.get(row + 1).copied().unwrap_or(f64::INFINITY).min(duration_s);
                if until > from.max(0.0) && source.is_unknown(row) {
                    findings.push(unknown(number, from.max(0.0), until));
                }
            }
        }
        Ok(findings)
    }
}

fn columns(source: &RainSource) -> Vec<(&str, &[f64])> {
    match source {
        RainSource::Uniform(series) => vec![("mm_h", &series.value)],
        RainSource::Gauges { stations, rate_mm_h, .. } => {
            stations.iter().zip(rate_mm_h).map(|((id, _, _), rates)| (id.as_str(), rates.as_slice())).collect()
        }
        RainSource::Grid(_) => Vec::new(),
    }
}

impl RainSource {
    /// True when a row tells nothing at all.
    pub(crate) fn is_unknown(&self, row: usize) -> bool {
        if let Self::Grid(field) = self {
            return field.rate_mm_h.get(row).is_none_or(|r| r.iter().all(|v| v.is_nan()));
        }
        columns(self).iter().all(|(_, rates)| rates.get(row).is_none_or(|r| r.is_nan()))
    }
}

fn check(source: &RainSource) -> Result<(), Finding> {
    let times = source.times_s();
    if let RainSource::Gauges { stations, rate_mm_h, .. } = source {
        if stations.is_empty() {
            return Err(Finding::error(
                "SCN-204",
                Text::new("雨量站清单为空", "the list of rain stations is empty"),
                Text::new("补充雨量站，或改用 kind = \"uniform\"", "add stations or use kind = \"uniform\""),
            ));
        }
        if stations.len() != rate_mm_h.len() {
            return Err(unlike(stations.len(), rate_mm_h.len()));
        }
        if let Some((id, ..)) = stations.iter().find(|(_, x, y)| !(x.is_finite() && y.is_finite())) {
            return Err(Finding::error(
                "SCN-205",
                Text::new(
                    format!("雨量站“{id}”坐标不是有限数"),
                    format!("rain station '{id}' has no finite coordinates"),
                ),
                Text::new("补正坐标", "mend the coordinates"),
            ));
        }
    }
    if times.iter().any(|t| !t.is_finite()) || times.windows(2).any(|w| w[0] >= w[1]) {
        return Err(Finding::error(
            "SCN-202",
            Text::new("降雨时刻未严格递增", "the times of the rain do not rise strictly"),
            Text::new("按 time_s 排序并去掉重复行", "sort by time_s and drop repeated rows"),
        )
        .field("time_s"));
    }
    if let RainSource::Grid(field) = source {
        return check_field(field);
    }
    for (id, rates) in columns(source) {
        if rates.len() != times.len() {
            return Err(unlike(times.len(), rates.len()));
        }
        if let Some(row) = rates.iter().position(|r| *r < 0.0 || r.is_infinite()) {
            return Err(Finding::error(
                "SCN-203",
                Text::new(
                    format!("第 {} 行雨强为 {}，不得为负或无穷", row + 1, rates[row]),
                    format!("row {} has a rate of {}; it must not be negative or infinite", row + 1, rates[row]),
                ),
                Text::new("改正该值；缺测请留空", "mend the value; leave it empty where unknown"),
            )
            .field(id));
        }
    }
    Ok(())
}

fn check_field(field: &GridRain) -> Result<(), Finding> {
    if field.pixel_of_cell.len() != field.grid.len() {
        return Err(unlike(field.grid.len(), field.pixel_of_cell.len()));
    }
    if field.rate_mm_h.len() != field.time_s.len() {
        return Err(unlike(field.time_s.len(), field.rate_mm_h.len()));
    }
    let pixels = field.rate_mm_h.first().map_or(0, Vec::len);
    for (row, rates) in field.rate_mm_h.iter().enumerate() {
        if rates.len() != pixels {
            return Err(unlike(pixels, rates.len()));
        }
        if let Some(rate) = rates.iter().find(|r| **r < 0.0 || r.is_infinite()) {
            return Err(Finding::error(
                "SCN-203",
                Text::new(
                    format!("第 {} 个雨量场有 {rate}，不得为负或无穷", row + 1),
                    format!("field {} holds {rate}; it must not be negative or infinite", row + 1),
                ),
                Text::new("改正该场；缺测请用无数据值", "mend the field; use no data where unknown"),
            ));
        }
    }
    Ok(())
}

/// A series that ends before the run while it still rains: its last row holds on (`SCN-208`). Said when that is for longer than
/// three times the usual row; one row alone is a constant and meant so.
fn holds_on(source: &RainSource, number: usize, duration_s: f64) -> Option<Finding> {
    let times = source.times_s();
    if matches!(source, RainSource::Grid(_)) || times.len() < 2 {
        return None;
    }
    let last = *times.last()?;
    let mut steps: Vec<f64> = times.windows(2).map(|w| w[1] - w[0]).collect();
    steps.sort_by(f64::total_cmp);
    let usual = steps[steps.len() / 2];
    let rate =
        columns(source).iter().filter_map(|(_, r)| r.last()).copied().filter(|v| !v.is_nan()).fold(0.0, f64::max);
    (rate > 0.0 && duration_s - last > 3.0 * usual).then(|| {
        Finding::warning(
            "SCN-208",
            Text::new(
                format!("降雨序列止于第 {last:.0} 秒，早于推演结束（{duration_s:.0} 秒），末行 {rate:.1} mm/h 被延续到结束"),
                format!("the rain ends at {last:.0} s, before the run ({duration_s:.0} s): its last row of {rate:.1} mm/h holds to the end"),
            ),
            Text::new("雨停请加一行 0；未知请加一行空值", "add a row of 0 where the rain ends, or an empty one where it is unknown"),
        )
        .at(format!("rain[{number}]"))
    })
}

fn unlike(expected: usize, found: usize) -> Finding {
    Finding::error(
        "SCN-201",
        Text::new(
            format!("降雨序列长度不一致：应为 {expected}，实为 {found}"),
            format!("rain series of unlike length: {expected} expected, {found} found"),
        ),
        Text::new("使每列行数一致", "give every column the same rows"),
    )
}

fn unknown(number: usize, from_s: f64, until_s: f64) -> Finding {
    Finding::error(
        "SCN-207",
        Text::new(
            format!("第 {from_s:.0}–{until_s:.0} 秒雨量全部缺测：该时段按无雨计算，积水结果只是下限"),
            format!("the rain is unknown from {from_s:.0} s to {until_s:.0} s: computed without rain there, so depths are lower bounds"),
        ),
        Text::new("补报该时段雨量，或改用雷达/预报雨量", "supply the rain of that time, or use radar or forecast rain"),
    )
    .at(format!("rain[{number}]"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{RainField, RainSource, StepSeries};
    use dayu_terrain::GridSpec;

    const GRID: GridSpec = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 1.0, nx: 1, ny: 1 };

    fn check(time_s: Vec<f64>, value: Vec<f64>) -> Result<usize, String> {
        let field = RainField { sources: vec![RainSource::Uniform(StepSeries { time_s, value })] };
        field.soundness(3600.0, &GRID, &[0.0]).map(|f| f.len()).map_err(|f| f.code)
    }

    #[test]
    fn bad_series_are_refused_and_gaps_named() {
        assert_eq!(check(vec![0.0, 1800.0], vec![1.0, 2.0]), Ok(0));
        assert_eq!(check(vec![0.0], vec![1.0, 2.0]), Err("SCN-201".into()));
        assert_eq!(check(vec![0.0, 0.0], vec![1.0, 2.0]), Err("SCN-202".into()));
        assert_eq!(check(vec![0.0, 600.0], vec![1.0, -2.0]), Err("SCN-203".into()));
        assert_eq!(check(vec![0.0, 600.0], vec![1.0, f64::INFINITY]), Err("SCN-203".into()));
        assert_eq!(check(vec![0.0, 1800.0], vec![f64::NAN, 1.0]), Ok(1));
        assert_eq!(check(vec![0.0, 3600.0], vec![1.0, f64::NAN]), Ok(0), "unknown after the end");
    }

    #[test]
    fn rain_that_ends_before_the_run_is_named() {
        assert_eq!(check(vec![0.0, 300.0], vec![1.0, 2.0]), Ok(1), "2 mm/h hold for 3300 s");
        assert_eq!(check(vec![0.0, 300.0], vec![1.0, 0.0]), Ok(0));
        assert_eq!(check(vec![0.0], vec![5.0]), Ok(0), "a constant");
    }

    #[test]
    fn one_reporting_station_is_enough() {
        let gauges = |rate_mm_h: Vec<Vec<f64>>| RainField {
            sources: vec![RainSource::Gauges {
                stations: vec![("A".into(), 0.0, 0.0), ("B".into(), 1.0, 0.0)],
                time_s: vec![0.0],
                rate_mm_h,
                spread: crate::gauge::Spread::Idw,
            }],
        };
        assert!(gauges(vec![vec![f64::NAN], vec![3.0]]).soundness(60.0, &GRID, &[0.0]).unwrap().is_empty());
        assert_eq!(
            gauges(vec![vec![f64::NAN], vec![f64::NAN]]).soundness(60.0, &GRID, &[0.0]).unwrap()[0].code,
            "SCN-207"
        );
        assert_eq!(gauges(vec![vec![1.0]]).soundness(60.0, &GRID, &[0.0]).unwrap_err().code, "SCN-201");
    }
}
