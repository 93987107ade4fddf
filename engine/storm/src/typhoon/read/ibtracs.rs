//! IBTrACS v04 CSV (Knapp et al. 2010), the full table or an extract with the columns track_id, time, lon, lat, wind, slp.

use super::{KNOT_M_S, NAUTICAL_MILE_KM, bad_row, not_found, same_name};
use crate::typhoon::track::{Agency, Fix, RawFix, Track, WindRadii};
use dayu_base::{Finding, Instant, Text};

/// Reads one storm with the winds of one agency (columns `CMA_…`, `TOKYO_…`, `USA_…`; an extract's `wind`, `slp`). `storm` is its SID, a
/// number, or a name; `None` when the file holds one storm.
///
/// Winds are in knots and averaged as the agency does; radii (`USA_R34_NE` …, `USA_RMW`) in nautical miles. Times are UTC. The line of
/// units under the headings is skipped. Fixes without a position are left out.
///
/// # Errors
/// `TRK-024` a missing column, `TRK-021` storm not in the file, `TRK-022` a row that cannot be read, else as for any track.
pub fn read_ibtracs_csv(text: &str, storm: Option<&str>, agency: Agency) -> Result<(Track, Vec<Finding>), Finding> {
    let mut lines = text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty());
    let head: Vec<String> =
        lines.next().map(|(_, l)| split(l)).unwrap_or_default().iter().map(|c| c.trim().to_ascii_lowercase()).collect();
    let column = |names: &[&str]| names.iter().find_map(|n| head.iter().position(|c| c == n));
    let need = |names: &[&str]| {
        column(names).ok_or_else(|| {
            let wanted = names.join(" | ");
            Finding::error(
                "TRK-024",
                Text::new(format!("缺少列 {wanted}"), format!("the column {wanted} is missing")),
                Text::new("使用 IBTrACS v04 的 CSV", "use the CSV of IBTrACS v04"),
            )
            .at(super::row(1))
            .field(wanted)
        })
    };
    let prefix = match agency {
        Agency::Cma => "cma",
        Agency::Jma => "tokyo",
        Agency::Usa => "usa",
    };
    let of = |what: &str| format!("{prefix}_{what}");
    let (sid, time) = (need(&["sid", "track_id"])?, need(&["iso_time", "time"])?);
    let (lon, lat) = (need(&[&of("lon"), "lon"])?, need(&[&of("lat"), "lat"])?);
    let (wind, pressure) = (column(&[&of("wind"), "wind"]), column(&[&of("pres"), "slp"]));
    let (name, number) = (column(&["name"]), column(&["cma_number", "number"]));
    let rmw = column(&[&of("rmw")]);
    let quadrants: Vec<(f64, [Option<usize>; 4])> = [(64.0, "r64"), (50.0, "r50"), (34.0, "r34")]
        .into_iter()
        .map(|(kn, r)| (kn, ["ne", "se", "sw", "nw"].map(|q| column(&[&format!("{prefix}_{r}_{q}")]))))
        .collect();

    let mut storms: Vec<(String, String, Vec<RawFix>)> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for (k, line) in lines {
        let cells = split(line);
        let cell = |c: usize| cells.get(c).map_or("", |v| v.trim());
        let value = |c: Option<usize>| c.and_then(|c| cell(c).parse::<f64>().ok()).filter(|v| v.is_finite());
        if cell(sid).is_empty() {
            // The line of units.
            continue;
        }
        let title = format!("{} {}", cell(sid), name.map_or("", &cell));
        if known.last() != Some(&title) {
            known.push(title);
        }
        let wanted = storm.is_none_or(|s| {
            s == cell(sid) || number.is_some_and(|c| cell(c) == s) || name.is_some_and(|c| same_name(cell(c), s))
        });
        if !wanted {
            continue;
        }
        let (Some(lon_deg), Some(lat_deg)) = (value(Some(lon)), value(Some(lat))) else { continue };
        let at: Instant = format!("{}Z", cell(time).replacen(' ', "T", 1).trim_end_matches('Z'))
            .parse()
            .map_err(|_| bad_row(k + 1, "time", cell(time)))?;
        let radii = quadrants
            .iter()
            .filter_map(|(kn, q)| {
                let km = q.map(|c| value(c).unwrap_or(0.0) * NAUTICAL_MILE_KM);
                km.iter().any(|r| *r > 0.0).then_some(WindRadii { wind_m_s: kn * KNOT_M_S, quadrants_km: km })
            })
            .collect();
        let fix = Fix {
            at,
            lon_deg,
            lat_deg,
            pressure_hpa: value(pressure),
            wind_m_s: value(wind).map(|kn| kn * KNOT_M_S),
            rmw_km: value(rmw).filter(|r| *r > 0.0).map(|nm| nm * NAUTICAL_MILE_KM),
            radii,
            forecast: false,
        };
        let id = cell(sid).to_string();
        match storms.last_mut().filter(|(last, ..)| *last == id) {
            Some((_, _, rows)) => rows.push(RawFix { row: k + 1, fix }),
            None => {
                storms.push((
                    id,
                    name.map_or(String::new(), |c| cell(c).to_string()),
                    vec![RawFix { row: k + 1, fix }],
                ));
            }
        }
    }
    if storms.len() != 1 {
        return Err(not_found(storm, &known));
    }
    let (id, name, raw) = storms.remove(0);
    Track::checked(id, name, agency, raw)
}

/// Cells of a line; a quoted cell may hold commas.
fn split(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn full_table_and_extract() {
        let full = "SID,SEASON,NUMBER,NAME,ISO_TIME,LAT,LON,CMA_LAT,CMA_LON,CMA_WIND,CMA_PRES,USA_WIND,USA_RMW,USA_R34_NE,USA_R34_SE,USA_R34_SW,USA_R34_NW\n\
            ,Year,,,,degrees_north,degrees_east,degrees_north,degrees_east,kts,mb,kts,nmile,nmile,nmile,nmile,nmile\n\
            2021196N14137,2021,53,IN-FA,2021-07-24 00:00:00,25.0,124.0,25.1,124.2,74,965,85,25,200,180,120,100\n\
            2021196N14137,2021,53,IN-FA,2021-07-24 06:00:00,25.6,123.9,25.7,124.0,,,80,,,,,\n";
        let (t, _) = read_ibtracs_csv(full, Some("In-Fa"), Agency::Usa).unwrap();
        assert!((t.fixes[0].wind_m_s.unwrap() - 85.0 * KNOT_M_S).abs() < 1e-12);
        assert_eq!(t.fixes[0].radii[0].quadrants_km[1], 180.0 * NAUTICAL_MILE_KM);
        assert_eq!(t.fixes[0].lat_deg, 25.0, "the agency's own position only where it has one");
        let (t, _) = read_ibtracs_csv(full, None, Agency::Cma).unwrap();
        assert_eq!((t.fixes[0].lat_deg, t.fixes[1].wind_m_s), (25.1, None));
        let extract = "track_id,name,time,lon,lat,wind,slp\nA,X,2013-09-29 06:00:00,235.0,10.3,,1000\nA,X,2013-09-29 12:00:00,234.2,10.4,35,1002\n";
        let (t, found) = read_ibtracs_csv(extract, None, Agency::Jma).unwrap();
        assert!((t.fixes[0].lon_deg + 125.0).abs() < 1e-9);
        assert_eq!(found[0].code, "TRK-006");
        assert_eq!(read_ibtracs_csv("a,b\n", None, Agency::Cma).unwrap_err().code, "TRK-024");
    }
}
