//! Best track of RSMC Tokyo (`bst_all.txt`), fixed columns, with wind radii along two axes.

use super::{KNOT_M_S, NAUTICAL_MILE_KM, bad_row, count_differs, not_found, same_name, utc};
use crate::typhoon::track::{Agency, Fix, RawFix, Track, WindRadii};
use dayu_base::Finding;

/// Reads one storm. `storm` is its international number (`1509`) or its name; `None` when the file holds one storm.
///
/// Winds are 10-min means, given in knots (0 = below 35 kn, not given → unknown); radii of 50 and 30 kn winds in nautical miles. A
/// longest radius with its direction and a shortest one opposite become four quadrants: mean ± half their difference by the cosine of
/// the angle. Times are UTC.
///
/// # Errors
/// `TRK-021` storm not in the file, `TRK-022` a row that cannot be read, else as for any track.
pub fn read_jma_best_track(text: &str, storm: Option<&str>) -> Result<(Track, Vec<Finding>), Finding> {
    struct Storm<'a> {
        row: usize,
        number: &'a str,
        lines: Option<usize>,
        name: String,
        rows: Vec<(usize, &'a str)>,
    }
    let mut storms: Vec<Storm<'_>> = Vec::new();
    for (k, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if line.starts_with("66666") {
            let p: Vec<&str> = line.split_whitespace().collect();
            let number = p.get(1).copied().ok_or_else(|| bad_row(k + 1, "header", line))?;
            let dated = p.last().is_some_and(|d| d.len() == 8 && d.bytes().all(|b| b.is_ascii_digit()));
            let name = p.get(7..p.len() - usize::from(dated)).unwrap_or_default().join(" ");
            let lines = p.get(2).and_then(|n| n.parse().ok());
            storms.push(Storm { row: k + 1, number, lines, name, rows: Vec::new() });
        } else if let Some(s) = storms.last_mut() {
            s.rows.push((k + 1, line));
        } else {
            return Err(bad_row(k + 1, "header", line));
        }
    }
    let known: Vec<String> = storms.iter().map(|s| format!("{} {}", s.number, s.name)).collect();
    let mut found: Vec<_> =
        storms.into_iter().filter(|s| storm.is_none_or(|w| s.number == w || same_name(&s.name, w))).collect();
    if found.len() != 1 {
        return Err(not_found(storm, &known));
    }
    let s = found.remove(0);
    let raw =
        s.rows.iter().map(|(n, line)| Ok(RawFix { row: *n, fix: fix(*n, line)? })).collect::<Result<_, Finding>>()?;
    let (track, mut findings) = Track::checked(s.number.to_string(), s.name, Agency::Jma, raw)?;
    if let Some(lines) = s.lines.filter(|l| *l != s.rows.len()) {
        findings.push(count_differs(s.row, lines, s.rows.len()));
    }
    Ok((track, findings))
}

fn fix(n: usize, line: &str) -> Result<Fix, Finding> {
    // The landfall mark stands in the last column and belongs to no field.
    let p: Vec<&str> = line.split_whitespace().filter(|w| *w != "#").collect();
    let number = |k: usize, field: &str| -> Result<f64, Finding> {
        let text = p.get(k).copied().unwrap_or_default();
        text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| bad_row(n, field, text))
    };
    let t = p.first().copied().unwrap_or_default();
    let part = |a: usize, b: usize| t.get(a..b).unwrap_or_default();
    let year =
        part(0, 2).parse::<u32>().map_or(String::new(), |y| format!("{}", if y >= 51 { 1900 + y } else { 2000 + y }));
    let at = utc(&year, part(2, 4), part(4, 6), part(6, 8)).filter(|_| t.len() == 8);
    let knots = p.get(6).and_then(|k| k.parse::<f64>().ok()).filter(|k| *k > 0.0);
    let mut radii = Vec::new();
    for (k, wind_kn) in [(7, 50.0), (9, 30.0)] {
        if let (Some(long), Some(short)) = (p.get(k), p.get(k + 1)) {
            radii
                .extend(axes(long, short).map(|quadrants_km| WindRadii { wind_m_s: wind_kn * KNOT_M_S, quadrants_km }));
        }
    }
    Ok(Fix {
        at: at.ok_or_else(|| bad_row(n, "time", t))?,
        lat_deg: number(3, "latitude")? / 10.0,
        lon_deg: number(4, "longitude")? / 10.0,
        pressure_hpa: Some(number(5, "pressure")?),
        wind_m_s: knots.map(|k| k * KNOT_M_S),
        rmw_km: None,
        radii,
        forecast: false,
    })
}

/// `90120` and `0120`: direction 1 NE … 8 N (9 = all alike, 0 = none), longest radius; shortest radius. Quadrants in km.
fn axes(long: &str, short: &str) -> Option<[f64; 4]> {
    let direction: u32 = long.get(0..1)?.parse().ok()?;
    let longest: f64 = long.get(1..)?.parse().ok()?;
    let shortest: f64 = short.parse().ok()?;
    if longest <= 0.0 {
        return None;
    }
    let (mean, half) = ((longest + shortest) / 2.0, (longest - shortest) / 2.0);
    let axis_deg = f64::from(direction) * 45.0;
    Some([45.0, 135.0, 225.0, 315.0].map(|quadrant: f64| {
        let lean = if (1..=8).contains(&direction) { libm::cos((quadrant - axis_deg).to_radians()) } else { 0.0 };
        (mean + half * lean) * NAUTICAL_MILE_KM
    }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = "66666 1509  003 0009 1509 0 6             CHAN-HOM              20150819\n\
        15063006 002 2 086 1604 1004     000\n\
        15063012 002 3 103 1604  998     035     00000 0000 90120 0120\n\
        15063018 002 4 106 1592  985     050     90060 0060 30180 0120             #\n";

    #[test]
    fn radii_along_axes_become_quadrants() {
        let (t, found) = read_jma_best_track(TEXT, Some("chan hom")).unwrap();
        assert!(found.is_empty(), "{found:?}");
        assert_eq!((t.agency, t.fixes.len()), (Agency::Jma, 3));
        assert_eq!(t.fixes[0].wind_m_s, None, "below 35 kn is not told");
        assert_eq!(t.fixes[1].radii.len(), 1);
        assert_eq!(t.fixes[1].radii[0].quadrants_km, [120.0 * 1.852; 4]);
        let r = &t.fixes[2].radii;
        assert_eq!((r.len(), r[0].wind_m_s), (2, 50.0 * KNOT_M_S));
        // longest 180 nm to the SE: quadrant SE has it, NW the shortest, the others the mean
        let nm = r[1].quadrants_km.map(|q| (q / 1.852 * 1e6).round() / 1e6);
        assert_eq!(nm, [150.0, 180.0, 150.0, 120.0]);
    }
}
