//! CMA best track (`CHyyyyBST.txt`), format of tcdata.typhoon.org.cn; cite Ying et al. (2014) and Lu et al. (2021).

use super::{bad_row, count_differs, not_found, same_name, utc};
use crate::typhoon::track::{Agency, Fix, RawFix, Track};
use dayu_base::Finding;

struct Header<'a> {
    row: usize,
    number: &'a str,
    cma_number: &'a str,
    name: String,
    lines: usize,
}

impl Header<'_> {
    /// International number; files before 2017 have 0000 there and the number in the fifth field.
    fn id(&self) -> &str {
        if self.number == "0000" { self.cma_number } else { self.number }
    }
}

fn header(n: usize, line: &str) -> Result<Header<'_>, Finding> {
    let parts: Vec<&str> = line.split_whitespace().collect();
    let (Some(number), Some(lines), Some(cma_number)) = (parts.get(1), parts.get(2), parts.get(4)) else {
        return Err(bad_row(n, "header", line));
    };
    let lines = lines.parse().map_err(|_| bad_row(n, "header", line))?;
    // The name stands between the interval and the date of making; it may be absent or have spaces.
    let last = parts.last().is_some_and(|p| p.len() == 8 && p.bytes().all(|b| b.is_ascii_digit()));
    let until = if last { parts.len() - 1 } else { parts.len() };
    let name = parts.get(7..until).unwrap_or_default().join(" ");
    Ok(Header { row: n, number, cma_number, name, lines })
}

/// Reads one storm. `storm` is its international or CMA number (`2106`) or its name; `None` when the file holds one storm.
///
/// Winds are 2-min means, m/s; 0 means unknown. Times are UTC.
///
/// # Errors
/// `TRK-021` storm not in the file, `TRK-022` a row that cannot be read, else as for any track.
pub fn read_cma_best_track(text: &str, storm: Option<&str>) -> Result<(Track, Vec<Finding>), Finding> {
    let mut storms: Vec<(Header<'_>, Vec<(usize, &str)>)> = Vec::new();
    for (k, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        if line.trim_start().starts_with("66666") {
            storms.push((header(k + 1, line)?, Vec::new()));
        } else if let Some((_, rows)) = storms.last_mut() {
            rows.push((k + 1, line));
        } else {
            return Err(bad_row(k + 1, "header", line));
        }
    }
    let known: Vec<String> = storms.iter().map(|(h, _)| format!("{} {}", h.id(), h.name)).collect();
    let wanted = |h: &Header<'_>| match storm {
        Some(s) => h.id() == s || h.cma_number == s || same_name(&h.name, s),
        None => true,
    };
    let mut found: Vec<_> = storms.into_iter().filter(|(h, _)| wanted(h)).collect();
    if found.len() != 1 {
        return Err(not_found(storm, &known));
    }
    let (h, rows) = found.remove(0);
    let mut raw = Vec::with_capacity(rows.len());
    for (n, line) in &rows {
        raw.push(RawFix { row: *n, fix: fix(*n, line)? });
    }
    let (track, mut findings) = Track::checked(h.id().to_string(), h.name.clone(), Agency::Cma, raw)?;
    if rows.len() != h.lines {
        findings.push(count_differs(h.row, h.lines, rows.len()));
    }
    Ok((track, findings))
}

fn fix(n: usize, line: &str) -> Result<Fix, Finding> {
    let p: Vec<&str> = line.split_whitespace().collect();
    let number = |k: usize, field: &str| -> Result<f64, Finding> {
        let text = p.get(k).copied().unwrap_or_default();
        text.parse::<f64>().ok().filter(|v| v.is_finite()).ok_or_else(|| bad_row(n, field, text))
    };
    let t = p.first().copied().unwrap_or_default();
    let part = |a: usize, b: usize| t.get(a..b).unwrap_or_default();
    let at = utc(part(0, 4), part(4, 6), part(6, 8), part(8, 10)).filter(|_| t.len() == 10);
    Ok(Fix {
        at: at.ok_or_else(|| bad_row(n, "time", t))?,
        lat_deg: number(2, "latitude")? / 10.0,
        lon_deg: number(3, "longitude")? / 10.0,
        pressure_hpa: Some(number(4, "pressure")?),
        wind_m_s: Some(number(5, "wind")?).filter(|v| *v != 0.0),
        rmw_km: None,
        radii: Vec::new(),
        forecast: false,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const OLD: &str = "66666 0000   02 0012 1211 0 6 Haikui                             20130407\n\
        2012080112 1 224 1465 1004      15\n2012080118 1 224 1459 1002       0\n";

    #[test]
    fn old_headers_have_their_number_in_the_fifth_field() {
        for storm in [None, Some("1211"), Some("HAIKUI")] {
            let (t, found) = read_cma_best_track(OLD, storm).unwrap();
            assert_eq!((t.storm.as_str(), t.name.as_str(), found.len()), ("1211", "Haikui", 0));
            assert_eq!((t.fixes[0].lon_deg, t.fixes[0].lat_deg, t.fixes[0].wind_m_s), (146.5, 22.4, Some(15.0)));
            assert_eq!(t.fixes[1].wind_m_s, None, "0 is unknown");
            assert_eq!(t.fixes[1].at.to_string(), "2012-08-01T18:00:00Z");
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_row() {
        let two = format!("{OLD}{}", OLD.replace("1211", "1212"));
        assert_eq!(read_cma_best_track(&two, None).unwrap_err().code, "TRK-021");
        assert_eq!(read_cma_best_track(OLD, Some("9999")).unwrap_err().code, "TRK-021");
        let bad = OLD.replace("2012080118", "2012083299");
        let f = read_cma_best_track(&bad, None).unwrap_err();
        assert_eq!((f.code.as_str(), f.place.as_str(), f.field.as_str()), ("TRK-022", "第3行 row 3", "time"));
        let cut = OLD.replace("   02 ", "   40 ");
        assert_eq!(read_cma_best_track(&cut, None).unwrap().1[0].code, "TRK-023");
        assert_eq!(read_cma_best_track("2012080118 1 2\n", None).unwrap_err().code, "TRK-022");
    }
}
