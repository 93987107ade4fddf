use dayu_base::{Finding, Text};

/// Why a value is doubted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DoubtKind {
    /// more than can fall: taken as unknown
    Range,
    /// a jump no rain makes, up and down again: taken as unknown
    Rate,
    /// the same value not 0 for so long: taken as unknown
    Stuck,
    /// far above all neighbours of the same time: kept, flagged
    NeighboursHigh,
    /// dry while the neighbours have heavy rain: kept, flagged
    NeighboursLow,
}

/// Rows of one station that are doubted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubt {
    /// station, as numbered
    pub station: usize,
    /// first row
    pub row: usize,
    /// number of rows
    pub rows: usize,
    /// value of the first row, mm/h
    pub rate_mm_h: f64,
    /// why
    pub kind: DoubtKind,
}

/// Limits of the checks: defaults of this program (mark D), wide enough for the records of the Chinese coast.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QualityLimits {
    /// mm in an hour; the Chinese mainland's record is 201.9 mm (Zhengzhou, 20 July 2021)
    pub hour_mm: f64,
    /// mm in a minute; the world's record is 38 mm (Guadeloupe, 1970)
    pub minute_mm: f64,
    /// a value so many times the larger of the rows before and after, and above `jump_mm_h`, is a spike
    pub jump_factor: f64,
    /// mm/h
    pub jump_mm_h: f64,
    /// a value that stays the same, not 0, so long is stuck, s
    pub stuck_s: f64,
    /// neighbours within, m
    pub neighbour_m: f64,
    /// a sum over an hour so many times the largest neighbour's, and above `neighbour_mm`, is flagged; and the other way round
    pub neighbour_factor: f64,
    /// mm
    pub neighbour_mm: f64,
}

impl Default for QualityLimits {
    fn default() -> Self {
        Self {
            hour_mm: 250.0,
            minute_mm: 40.0,
            jump_factor: 20.0,
            jump_mm_h: 100.0,
            stuck_s: 4.0 * 3600.0,
            neighbour_m: 15_000.0,
            neighbour_factor: 10.0,
            neighbour_mm: 30.0,
        }
    }
}

impl QualityLimits {
    /// Largest possible mean rate over a row, mm/h: the minute's record for a minute, the hour's limit from an hour on, and between
    /// them with the square root of the duration, as the envelope of the world's records (Jennings 1950).
    fn most_mm_h(&self, step_s: f64) -> f64 {
        let minutes = (step_s / 60.0).max(1.0);
        if minutes >= 60.0 {
            return self.hour_mm;
        }
        // depth = minute · t^k with k such that 60 min give the hour's limit.
        let k = libm::log(self.hour_mm / self.minute_mm) / libm::log(60.0);
        self.minute_mm * libm::pow(minutes, k) * 60.0 / minutes
    }
}

/// Checks the series of stations that share their times: range, rate of change, stuck values, neighbours. Values that cannot be rain
/// become unknown (NaN) in `rate_mm_h`; values that are only unlike their neighbours are kept and named. Returns what was doubted.
pub fn check_quality(
    places: &[(f64, f64)],
    time_s: &[f64],
    rate_mm_h: &mut [Vec<f64>],
    limits: &QualityLimits,
) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let step = |row: usize| match (time_s.get(row), time_s.get(row + 1)) {
        (Some(a), Some(b)) => b - a,
        _ if row > 0 => time_s[row] - time_s[row - 1],
        _ => 3600.0,
    };
    for (station, rates) in rate_mm_h.iter_mut().enumerate() {
        let mut unknown = Vec::new();
        for (row, &v) in rates.iter().enumerate() {
            let neighbour = |k: Option<usize>| k.and_then(|k| rates.get(k)).copied().filter(|v| !v.is_nan());
            let (before, after) = (neighbour(row.checked_sub(1)), neighbour(Some(row + 1)));
            let kind = if v > limits.most_mm_h(step(row)) {
                DoubtKind::Range
            } else if let (Some(b), Some(a)) = (before, after)
                && v > limits.jump_mm_h
                && v > limits.jump_factor * b.max(a)
            {
                DoubtKind::Rate
            } else {
                continue;
            };
            unknown.push(row);
            doubts.push(Doubt { station, row, rows: 1, rate_mm_h: v, kind });
        }
        unknown.into_iter().for_each(|row| rates[row] = f64::NAN);
        let mut row = 0;
        while row < rates.len() {
            let same = rates[row..].iter().take_while(|v| **v == rates[row]).count().max(1);
            let lasted: f64 = (row..row + same).map(step).sum();
            // Two equal rows may be chance however long they are; the value held by the last row has no end.
            let judged = same >= 3 && rates[row] > 0.0 && lasted >= limits.stuck_s;
            if judged {
                doubts.push(Doubt { station, row, rows: same, rate_mm_h: rates[row], kind: DoubtKind::Stuck });
                rates[row..row + same].fill(f64::NAN);
            }
            row += same;
        }
    }
    neighbours(places, time_s, rate_mm_h, limits, &mut doubts);
    doubts.sort_by_key(|d| (d.station, d.row, d.kind));
    doubts
}

/// Compares the rain of each clock window of an hour (or one row, if longer) with the stations around.
fn neighbours(
    places: &[(f64, f64)],
    time_s: &[f64],
    rate_mm_h: &[Vec<f64>],
    limits: &QualityLimits,
    doubts: &mut Vec<Doubt>,
) {
    let mut from = 0;
    while from + 1 < time_s.len() {
        let mut until = from + 1;
        while until + 1 < time_s.len() && time_s[until] - time_s[from] < 3600.0 - 1e-6 {
            until += 1;
        }
        let sum = |k: usize| -> Option<f64> {
            let mut mm = 0.0;
            for row in from..until {
                let v = *rate_mm_h.get(k)?.get(row)?;
                if v.is_nan() {
                    return None;
                }
                mm += v * (time_s[row + 1] - time_s[row]) / 3600.0;
            }
            Some(mm)
        };
        let sums: Vec<Option<f64>> = (0..places.len()).map(sum).collect();
        for (k, own) in sums.iter().enumerate() {
            let Some(own) = own else { continue };
            let around: Vec<f64> = places
                .iter()
                .enumerate()
                .filter(|(j, q)| {
                    let (dx, dy) = (q.0 - places[k].0, q.1 - places[k].1);
                    *j != k && dx * dx + dy * dy <= limits.neighbour_m * limits.neighbour_m
                })
                .filter_map(|(j, _)| sums[j])
                .collect();
            // One neighbour alone cannot say which of the two is wrong.
            if around.len() < 2 {
                continue;
            }
            let (least, largest) = around.iter().fold((f64::INFINITY, 0.0_f64), |a, v| (a.0.min(*v), a.1.max(*v)));
            let kind = if *own > limits.neighbour_mm && *own > limits.neighbour_factor * largest {
                DoubtKind::NeighboursHigh
            } else if least > limits.neighbour_mm && *own * limits.neighbour_factor < least {
                DoubtKind::NeighboursLow
            } else {
                continue;
            };
            doubts.push(Doubt { station: k, row: from, rows: until - from, rate_mm_h: rate_mm_h[k][from], kind });
        }
        from = until;
    }
}

/// The doubts as findings, one per station and reason: `SCN-230` range, `SCN-231` rate, `SCN-232` stuck (each taken as unknown),
/// `SCN-233` unlike the neighbours (kept).
pub fn doubt_findings(ids: &[String], time_s: &[f64], doubts: &[Doubt]) -> Vec<Finding> {
    let kinds =
        [DoubtKind::Range, DoubtKind::Rate, DoubtKind::Stuck, DoubtKind::NeighboursHigh, DoubtKind::NeighboursLow];
    let mut findings = Vec::new();
    for (station, id) in ids.iter().enumerate() {
        for kind in kinds {
            let of: Vec<&Doubt> = doubts.iter().filter(|d| d.station == station && d.kind == kind).collect();
            let Some(first) = of.first() else { continue };
            let rows: usize = of.iter().map(|d| d.rows).sum();
            let at = time_s.get(first.row).copied().unwrap_or(f64::NAN);
            let (code, zh, en) = match kind {
                DoubtKind::Range => {
                    ("SCN-230", "超出可能的最大雨强，按缺测处理", "above what can fall; taken as unknown")
                }
                DoubtKind::Rate => ("SCN-231", "孤立突跳，按缺测处理", "an isolated jump; taken as unknown"),
                DoubtKind::Stuck => (
                    "SCN-232",
                    "长时间不变，疑似卡滞，按缺测处理",
                    "does not change for hours, as if stuck; taken as unknown",
                ),
                DoubtKind::NeighboursHigh => {
                    ("SCN-233", "远大于周边各站，保留并存疑", "far above all neighbours; kept and doubted")
                }
                DoubtKind::NeighboursLow => (
                    "SCN-233",
                    "周边各站大雨而本站几乎无雨，保留并存疑",
                    "almost dry while the neighbours have heavy rain; kept and doubted",
                ),
            };
            findings.push(
                Finding::warning(
                    code,
                    Text::new(
                        format!("雨量站“{id}”有 {rows} 行{zh}（首个在第 {at:.0} 秒，{:.1} mm/h）", first.rate_mm_h),
                        format!(
                            "rain station '{id}': {rows} rows {en} (first at {at:.0} s, {:.1} mm/h)",
                            first.rate_mm_h
                        ),
                    ),
                    Text::new(
                        "核对该站仪器与传输；确认无误后再用",
                        "check the instrument and its transmission before use",
                    ),
                )
                .field(id.clone()),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACES: [(f64, f64); 4] = [(0.0, 0.0), (5000.0, 0.0), (0.0, 5000.0), (5000.0, 5000.0)];

    fn hours(n: u32) -> Vec<f64> {
        (0..n).map(|k| f64::from(k) * 3600.0).collect()
    }

    #[test]
    fn impossible_isolated_and_stuck_values_become_unknown() {
        let mut rates = vec![
            vec![1.0, 300.0, 2.0, 3.0, 0.0, 0.0, 0.0],
            vec![1.0, 4.0, 120.0, 3.0, 0.0, 0.0, 0.0],
            vec![1.0, 7.5, 7.5, 7.5, 7.5, 7.5, 0.0],
            vec![1.0, 3.0, 2.0, 3.0, 0.0, 0.0, 0.0],
        ];
        let doubts = check_quality(&PLACES, &hours(7), &mut rates, &QualityLimits::default());
        let found: Vec<(usize, usize, usize, DoubtKind)> =
            doubts.iter().map(|d| (d.station, d.row, d.rows, d.kind)).collect();
        assert_eq!(found, [(0, 1, 1, DoubtKind::Range), (1, 2, 1, DoubtKind::Rate), (2, 1, 5, DoubtKind::Stuck)]);
        assert!(rates[0][1].is_nan() && rates[1][2].is_nan() && rates[2][1..6].iter().all(|v| v.is_nan()));
        assert_eq!(rates[3], [1.0, 3.0, 2.0, 3.0, 0.0, 0.0, 0.0]);
        let ids = ["A", "B", "C", "D"].map(String::from);
        let codes: Vec<String> = doubt_findings(&ids, &hours(7), &doubts).into_iter().map(|f| f.code).collect();
        assert_eq!(codes, ["SCN-230", "SCN-231", "SCN-232"]);
    }

    #[test]
    fn a_station_unlike_its_neighbours_is_kept_and_named() {
        let mut rates = vec![vec![60.0, 0.0], vec![2.0, 0.0], vec![3.0, 0.0], vec![1.0, 0.0]];
        let before = rates.clone();
        let doubts = check_quality(&PLACES, &hours(2), &mut rates, &QualityLimits::default());
        assert_eq!(doubts.iter().map(|d| (d.station, d.kind)).collect::<Vec<_>>(), [(0, DoubtKind::NeighboursHigh)]);
        assert_eq!(rates, before);
        let mut dry = vec![vec![0.5, 0.0], vec![42.0, 0.0], vec![63.0, 0.0], vec![51.0, 0.0]];
        let doubts = check_quality(&PLACES, &hours(2), &mut dry, &QualityLimits::default());
        assert_eq!(doubts.iter().map(|d| (d.station, d.kind)).collect::<Vec<_>>(), [(0, DoubtKind::NeighboursLow)]);
    }

    #[test]
    fn records_pass_and_short_steps_may_be_fiercer() {
        let limits = QualityLimits::default();
        // Zhengzhou 2021: 201.9 mm in an hour. A fierce minute of 4 mm is 240 mm/h.
        let mut hour = vec![vec![80.0, 201.9, 60.0, 0.0]];
        assert!(check_quality(&PLACES[..1], &hours(4), &mut hour, &limits).is_empty());
        let minutes: Vec<f64> = (0..5).map(|k| f64::from(k) * 60.0).collect();
        let mut minute = vec![vec![200.0, 240.0, 300.0, 180.0, 0.0]];
        assert!(check_quality(&PLACES[..1], &minutes, &mut minute, &limits).is_empty());
        assert!((limits.most_mm_h(60.0) - 2400.0).abs() < 1e-9 && (limits.most_mm_h(3600.0) - 250.0).abs() < 1e-9);
    }
}
