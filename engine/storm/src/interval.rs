use crate::RainUnit;
use dayu_base::{Finding, Text};

/// Two instants closer than this are the same, s.
const SAME_S: f64 = 1.0;

/// One field of a gridded series as its file tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct RainFrame {
    /// file, for findings
    pub name: String,
    /// instant the file stamps it with, s from start; for a depth the end of what it sums
    pub stamp_s: f64,
    /// the stamp is the begin of the interval, not its end
    pub stamp_is_begin: bool,
    /// length of the interval, s; `None` = the file does not say
    pub length_s: Option<f64>,
    /// values in the file's unit, one per pixel; NaN = unknown
    pub values: Vec<f64>,
}

/// Rows of mm/h and what had to be assumed: times, rates per row and pixel, findings.
pub type RateRows = (Vec<f64>, Vec<Vec<f64>>, Vec<Finding>);

/// Turns frames into rows of mm/h that hold until the next, gaps and the time after the last frame as rows of unknown.
///
/// A frame without a length lasts as long as its neighbours are apart. Depths that all sum from one common begin (forecasts since
/// their reference time) are differenced.
///
/// # Errors
/// `SCN-243` no frame, `SCN-244` two frames of one instant, `SCN-245` a depth of unknown length, `SCN-246` overlapping frames,
/// `SCN-247` a running total that falls.
pub fn rate_rows(mut frames: Vec<RainFrame>, unit: RainUnit) -> Result<RateRows, Finding> {
    let mut findings = Vec::new();
    if frames.is_empty() {
        return Err(Finding::error(
            "SCN-243",
            Text::new("没有一个雨量场", "there is no rain field"),
            Text::new("核对 path 与 variable", "check path and variable"),
        ));
    }
    frames.sort_by(|a, b| a.stamp_s.total_cmp(&b.stamp_s).then_with(|| a.name.cmp(&b.name)));
    if let Some(w) = frames.windows(2).find(|w| w[1].stamp_s - w[0].stamp_s < SAME_S) {
        return Err(Finding::error(
            "SCN-244",
            Text::new(
                format!("“{}”与“{}”是同一时刻（第 {:.0} 秒）", w[0].name, w[1].name, w[0].stamp_s),
                format!("'{}' and '{}' stand for the same instant ({:.0} s)", w[0].name, w[1].name, w[0].stamp_s),
            ),
            Text::new("每个时刻只保留一个场", "keep one field per instant"),
        )
        .in_file(&w[1].name));
    }
    let assumed = frames.iter().filter(|f| f.length_s.is_none()).count();
    if assumed > 0 {
        assume_lengths(&mut frames, unit)?;
        findings.push(Finding::info(
            "SCN-248",
            Text::new(
                format!("{assumed} 个雨量场未写明时段长度，按相邻时刻的间隔处理（雨强自其时刻起，累计量止于其时刻）"),
                format!("{assumed} rain fields state no interval; the spacing of their instants is used (rates from, sums up to their instant)"),
            ),
            Text::new("若不符，请用 times 给出 time_s 与 until_s", "if that is wrong, give time_s and until_s by times"),
        ));
    }
    let mut spans: Vec<(f64, f64)> = frames.iter().map(span).collect();
    if matches!(unit, RainUnit::Depth(_))
        && frames.len() > 1
        && spans.windows(2).all(|w| (w[0].0 - w[1].0).abs() < SAME_S)
    {
        difference(&mut frames, &mut spans)?;
    }
    let (mut time_s, mut rows) = (Vec::new(), Vec::new());
    let pixels = frames[0].values.len();
    for (k, (frame, &(from, until))) in frames.iter().zip(&spans).enumerate() {
        if k > 0 {
            let end = spans[k - 1].1;
            if from < end - SAME_S {
                return Err(Finding::error(
                    "SCN-246",
                    Text::new(
                        format!("雨量场时段重叠：“{}”自第 {from:.0} 秒起，前一个到第 {end:.0} 秒", frame.name),
                        format!(
                            "rain fields overlap: '{}' begins at {from:.0} s, the one before ends at {end:.0} s",
                            frame.name
                        ),
                    ),
                    Text::new("只保留一种累计时段的产品", "keep one product of one accumulation length"),
                )
                .in_file(&frame.name));
            }
            if from > end + SAME_S {
                time_s.push(end);
                rows.push(vec![f64::NAN; pixels]);
            }
        }
        let factor = match unit {
            RainUnit::Rate(mm_h) => mm_h,
            RainUnit::Depth(mm) => mm * 3600.0 / (until - from),
        };
        // A begin a moment before the end of the frame before is that end.
        time_s.push(time_s.last().map_or(from, |last: &f64| from.max(*last + 1e-6)));
        rows.push(frame.values.iter().map(|v| v * factor).collect());
    }
    if let Some((_, end)) = spans.last()
        && end.is_finite()
    {
        time_s.push(*end);
        rows.push(vec![f64::NAN; pixels]);
    }
    Ok((time_s, rows, findings))
}

fn span(frame: &RainFrame) -> (f64, f64) {
    let length = frame.length_s.unwrap_or(f64::INFINITY);
    if frame.stamp_is_begin { (frame.stamp_s, frame.stamp_s + length) } else { (frame.stamp_s - length, frame.stamp_s) }
}

fn assume_lengths(frames: &mut [RainFrame], unit: RainUnit) -> Result<(), Finding> {
    let stamps: Vec<f64> = frames.iter().map(|f| f.stamp_s).collect();
    let n = stamps.len();
    for (k, frame) in frames.iter_mut().enumerate().filter(|(_, f)| f.length_s.is_none()) {
        if matches!(unit, RainUnit::Rate(_)) {
            frame.stamp_is_begin = true;
        } else if n == 1 {
            return Err(Finding::error(
                "SCN-245",
                Text::new("累计雨量没有时段长度，无法换算为雨强", "a rain sum of unknown length cannot become a rate"),
                Text::new("用 times 给出 path,time_s,until_s", "give path,time_s,until_s by times"),
            )
            .in_file(&frame.name)
            .field("times"));
        }
        frame.length_s = match (frame.stamp_is_begin, n) {
            // One field of intensity holds to the end, as a row of a series does.
            (_, 1) => Some(f64::INFINITY),
            (true, _) if k + 1 < n => Some(stamps[k + 1] - stamps[k]),
            (true, _) => Some(stamps[n - 1] - stamps[n - 2]),
            (false, _) if k > 0 => Some(stamps[k] - stamps[k - 1]),
            (false, _) => Some(stamps[1] - stamps[0]),
        };
    }
    Ok(())
}

/// Running totals → sums of the intervals between.
fn difference(frames: &mut [RainFrame], spans: &mut [(f64, f64)]) -> Result<(), Finding> {
    // A tenth of a millimetre is the packing of the products; more is a fault.
    const PACKING: f64 = 0.1;
    for k in (1..frames.len()).rev() {
        let (head, tail) = frames.split_at_mut(k);
        let (before, now) = (&head[k - 1], &mut tail[0]);
        for (v, b) in now.values.iter_mut().zip(&before.values) {
            let difference = *v - b;
            if difference < -PACKING {
                return Err(Finding::error(
                    "SCN-247",
                    Text::new(
                        format!("累计雨量由“{}”到“{}”减少了 {:.1}", before.name, now.name, -difference),
                        format!(
                            "the running total falls by {:.1} from '{}' to '{}'",
                            -difference, before.name, now.name
                        ),
                    ),
                    Text::new("核对各场是否同一起报时次", "check that all fields belong to one forecast"),
                )
                .in_file(&now.name));
            }
            *v = difference.max(0.0);
        }
        spans[k].0 = spans[k - 1].1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn frame(stamp_s: f64, length_s: Option<f64>, value: f64) -> RainFrame {
        RainFrame {
            name: format!("f{stamp_s}"),
            stamp_s,
            stamp_is_begin: false,
            length_s,
            values: vec![value, f64::NAN],
        }
    }

    #[test]
    fn hourly_sums_become_rates_and_gaps_stay_unknown() {
        let frames = vec![
            frame(7200.0, Some(3600.0), 20.0),
            frame(3600.0, Some(3600.0), 10.0),
            frame(14_400.0, Some(3600.0), 5.0),
        ];
        let (times, rows, found) = rate_rows(frames, RainUnit::Depth(1.0)).unwrap();
        assert_eq!(times, [0.0, 3600.0, 7200.0, 10_800.0, 14_400.0]);
        assert_eq!((rows[0][0], rows[1][0], rows[3][0]), (10.0, 20.0, 5.0));
        assert!(rows[2][0].is_nan() && rows[4][0].is_nan() && rows[0][1].is_nan() && found.is_empty());
    }

    #[test]
    fn ten_minute_sums_of_unknown_length_use_their_spacing() {
        let frames = (1..=3).map(|k| frame(f64::from(k) * 600.0, None, 2.0)).collect();
        let (times, rows, found) = rate_rows(frames, RainUnit::Depth(1.0)).unwrap();
        assert_eq!(times, [0.0, 600.0, 1200.0, 1800.0]);
        assert!((rows[0][0] - 12.0).abs() < 1e-12);
        assert_eq!(found[0].code, "SCN-248");
    }

    #[test]
    fn intensities_hold_from_their_instant() {
        let (times, rows, _) =
            rate_rows(vec![frame(0.0, None, 3.0), frame(600.0, None, 4.0)], RainUnit::Rate(1.0)).unwrap();
        assert_eq!(times, [0.0, 600.0, 1200.0]);
        assert_eq!((rows[0][0], rows[1][0]), (3.0, 4.0));
        let (times, _, _) = rate_rows(vec![frame(0.0, None, 3.0)], RainUnit::Rate(1.0)).unwrap();
        assert_eq!(times, [0.0]);
    }

    #[test]
    fn running_totals_are_differenced_and_must_not_fall() {
        let total = |k: f64, mm: f64| frame(k * 3600.0, Some(k * 3600.0), mm);
        let (times, rows, _) =
            rate_rows(vec![total(1.0, 5.0), total(2.0, 15.0), total(3.0, 15.0)], RainUnit::Depth(1.0)).unwrap();
        assert_eq!(times, [0.0, 3600.0, 7200.0, 10_800.0]);
        assert_eq!([rows[0][0], rows[1][0], rows[2][0]], [5.0, 10.0, 0.0]);
        assert_eq!(
            rate_rows(vec![total(1.0, 5.0), total(2.0, 3.0)], RainUnit::Depth(1.0)).unwrap_err().code,
            "SCN-247"
        );
    }

    #[test]
    fn impossible_series_are_refused() {
        let code = |f: Vec<RainFrame>| rate_rows(f, RainUnit::Depth(1.0)).unwrap_err().code;
        assert_eq!(code(vec![]), "SCN-243");
        assert_eq!(code(vec![frame(0.0, Some(60.0), 1.0), frame(0.0, Some(60.0), 2.0)]), "SCN-244");
        assert_eq!(code(vec![frame(0.0, None, 1.0)]), "SCN-245");
        assert_eq!(code(vec![frame(3600.0, Some(3600.0), 1.0), frame(5400.0, Some(3600.0), 1.0)]), "SCN-246");
    }
}
