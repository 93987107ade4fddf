//! Typhoons: profiles, rain, legs of tracks, wind radii.

use super::Given;
use crate::source::{Folder, Wrong, need};
use crate::table::Table;
use dayu_base::Instant;
use dayu_storm::typhoon::{
    Agency, Track, WindModel, convert_wind, holland_1980_b, holland_1980_gradient_m_s, holland_1980_pressure_hpa,
    holland_2010_surface_m_s, rcliper, read_ibtracs_csv, read_jma_best_track,
};
use std::fmt::Write;

const KNOT_M_S: f64 = 0.514_444;

pub(super) fn gradient_wind(table: &Table, coriolis: &[f64]) -> Result<Vec<f64>, Wrong> {
    let column = |name: &str| table.numbers(name);
    let (r, rmw, b, drop) = (column("r_km")?, column("rmw_km")?, column("B")?, column("dp_hPa")?);
    Ok((0..r.len()).map(|k| holland_1980_gradient_m_s(r[k], rmw[k], b[k], drop[k], coriolis[k])).collect())
}

pub(super) fn pressure(table: &Table) -> Result<Vec<f64>, Wrong> {
    let column = |name: &str| table.numbers(name);
    let (r, rmw, b, drop, centre) =
        (column("r_km")?, column("rmw_km")?, column("B")?, column("dp_hPa")?, column("pc_hPa")?);
    Ok((0..r.len()).map(|k| holland_1980_pressure_hpa(r[k], rmw[k], b[k], centre[k], drop[k])).collect())
}

pub(super) fn shape(table: &Table) -> Result<Vec<f64>, Wrong> {
    let (v, drop) = (table.numbers("v_ms")?, table.numbers("dp_hPa")?);
    Ok(v.iter().zip(&drop).map(|(v, d)| holland_1980_b(*v, *d)).collect())
}

pub(super) fn surface_wind(table: &Table) -> Result<Vec<f64>, Wrong> {
    let column = |name: &str| table.numbers(name);
    let (r, rmw, largest, b, x) =
        (column("r_km")?, column("rmw_km")?, column("vmax_ms")?, column("b")?, column("x_climada")?);
    Ok((0..r.len()).map(|k| holland_2010_surface_m_s(r[k], rmw[k], largest[k], b[k], x[k])).collect())
}

pub(super) fn rain(table: &Table) -> Result<Vec<f64>, Wrong> {
    let (v, r) = (table.numbers("vmax_ms")?, table.numbers("r_km")?);
    Ok(v.iter().zip(&r).map(|(v, r)| rcliper(*v).mm_h(*r)).collect())
}

pub(super) fn ibtracs_legs(
    case: &dyn Folder,
    given: &Given,
    pick: impl Fn((f64, f64)) -> f64,
) -> Result<Vec<f64>, Wrong> {
    let table = given.table(case, "track")?;
    let column = |name: &str| table.words(name);
    let (id, time, lat, lon, p, kn) = (
        column("ibtracs_id")?,
        column("time_utc")?,
        column("lat")?,
        column("lon")?,
        column("p_central_hPa")?,
        column("vmax_kn")?,
    );
    // The sample has headings of its own: brought into those of an extract of IBTrACS.
    let mut text = String::from("track_id,time,lon,lat,wind,slp\n");
    for k in 0..id.len() {
        let at = hour(time[k].trim_end_matches(".0"))?;
        let _ = writeln!(text, "{},{} {}:00:00,{},{},{},{}", id[k], at.0, at.1, lon[k], lat[k], kn[k], p[k]);
    }
    let (track, _) = read_ibtracs_csv(&text, None, Agency::Usa).map_err(|f| Wrong::new(f.message.to_string()))?;
    Ok(track.legs().into_iter().map(pick).collect())
}

/// `yyyymmddhh` as date and hour.
fn hour(text: &str) -> Result<(String, &str), Wrong> {
    let part = |a: usize, b: usize| text.get(a..b).ok_or_else(|| Wrong::new(format!("no time: {text}")));
    Ok((format!("{}-{}-{}", part(0, 4)?, part(4, 6)?, part(6, 8)?), part(8, 10)?))
}

/// The tracks of the case as the reader of the agency's format gives them: the table is written back into its columns.
fn jma_tracks(case: &dyn Folder, given: &Given) -> Result<Vec<Track>, Wrong> {
    let table = given.table(case, "track")?;
    let ids = table.words("jma_id")?;
    let (names, times, grades) = (table.words("name")?, table.words("time_utc")?, table.words("grade")?);
    let (lat, lon) = (table.numbers("lat")?, table.numbers("lon")?);
    let whole = ["p_central_hPa", "vmax_10min_kn", "r50_long_nm", "r50_short_nm", "r30_long_nm", "r30_short_nm"]
        .map(|c| table.known_numbers(c));
    let [p, kn, a50, b50, a30, b30] = whole;
    let (p, kn, a50, b50, a30, b30) = (p?, kn?, a50?, b50?, a30?, b30?);
    let number = |v: Option<f64>| v.map_or(0, |v| v as u32);
    let mut tracks = Vec::new();
    let mut first = 0;
    while first < ids.len() {
        let last = (first..ids.len()).take_while(|k| ids[*k] == ids[first]).count() + first;
        let id = ids[first];
        let mut text = format!("66666 {id} {:03} 0001 {id} 0 6 {} 20220101\n", last - first, names[first]);
        for k in first..last {
            let time = times[k].get(2..).ok_or_else(|| Wrong::new(format!("no time: {}", times[k])))?;
            let _ = writeln!(
                text,
                "{time} 002 {} {:.0} {:.0} {} {:03} 9{:04} {:04} 9{:04} {:04}",
                grades[k],
                lat[k] * 10.0,
                lon[k] * 10.0,
                number(p[k]),
                number(kn[k]),
                number(a50[k]),
                number(b50[k]),
                number(a30[k]),
                number(b30[k]),
            );
        }
        let (track, _) = read_jma_best_track(&text, Some(id)).map_err(|f| Wrong::new(f.message.to_string()))?;
        tracks.push(track);
        first = last;
    }
    Ok(tracks)
}

pub(super) fn jma_legs(case: &dyn Folder, given: &Given, pick: impl Fn((f64, f64)) -> f64) -> Result<Vec<f64>, Wrong> {
    Ok(jma_tracks(case, given)?.iter().flat_map(Track::legs).map(pick).collect())
}

/// Modelled radius of a wind, km, for a model that knows pressure and largest wind alone. The usual radius of gales was fitted to the
/// first, third … storm of the case: their rows have no value here, the others judge it.
pub(super) fn jma_radius(case: &dyn Folder, table: &Table, given: &Given, knots: f64) -> Result<Vec<f64>, Wrong> {
    let mut tracks = jma_tracks(case, given)?;
    tracks.iter_mut().flat_map(|t| &mut t.fixes).for_each(|f| f.radii.clear());
    let judged: Vec<&Track> = tracks.iter().skip(1).step_by(2).collect();
    need(!judged.is_empty(), || "one storm cannot judge itself".into())?;
    let wind = convert_wind(knots * KNOT_M_S, 600.0, 120.0);
    let (names, times) = (table.words("name")?, table.words("time_utc")?);
    names
        .iter()
        .zip(times)
        .map(|(name, time)| {
            let (date, hours) = hour(time)?;
            let at: Instant =
                format!("{date}T{hours}:00:00Z").parse().map_err(|_| Wrong::new(format!("no time: {time}")))?;
            let of = |t: &&&Track| t.name.eq_ignore_ascii_case(name) && t.begins() <= at && at <= t.ends();
            let centre = judged.iter().find(of).and_then(|t| WindModel::default().centre(t, at.as_second() as f64));
            Ok(centre.and_then(|c| c.radius_of_km(wind)).unwrap_or(f64::NAN))
        })
        .collect()
}
