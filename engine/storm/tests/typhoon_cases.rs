//! Published and exact answers for typhoon tracks, wind and rain (tests/cases/ty_*).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use dayu_storm::typhoon::*;
use std::collections::BTreeMap;
use std::path::PathBuf;

type Row = BTreeMap<String, String>;

fn table(path: &str) -> Vec<Row> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(path);
    let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let mut lines = text.lines();
    let head: Vec<String> = lines.next().unwrap().split(',').map(str::to_string).collect();
    lines.map(|l| head.iter().cloned().zip(l.split(',').map(str::to_string)).collect()).collect()
}

fn n(row: &Row, key: &str) -> f64 {
    row[key].parse().unwrap_or(f64::NAN)
}

#[test]
fn holland_1980_wind_and_pressure() {
    for r in table("ty_holland_profiles/expected_holland1980_climada.csv") {
        let at = |f: f64| holland_1980_gradient_m_s(n(&r, "r_km"), n(&r, "rmw_km"), n(&r, "B"), n(&r, "dp_hPa"), f);
        assert!((at(n(&r, "coriolis_f")) - n(&r, "v_climada_ms")).abs() <= 0.006);
        assert!((at(0.0) - n(&r, "v_climada_cyclostrophic_ms")).abs() <= 0.006);
    }
    for r in table("ty_holland_profiles/expected_profiles.csv") {
        let (radius, rmw, b) = (n(&r, "r_km"), n(&r, "rmw_km"), n(&r, "B"));
        let f = coriolis_1_s(n(&r, "lat_deg"));
        let v = holland_1980_gradient_m_s(radius, rmw, b, n(&r, "dp_hPa"), f);
        assert!((v - n(&r, "v_gradient_ms")).abs() <= 1e-6, "{r:?} {v}");
        let p = holland_1980_pressure_hpa(radius, rmw, b, n(&r, "pc_hPa"), n(&r, "dp_hPa"));
        assert!((p - n(&r, "p_hPa")).abs() <= 6e-5, "{r:?} {p}");
    }
    // The rows of another density belong to another definition of B.
    for r in table("ty_holland_profiles/expected_B_climada.csv").iter().filter(|r| n(r, "rho") == AIR_DENSITY_KG_M3) {
        assert!((holland_1980_b(n(r, "v_ms"), n(r, "dp_hPa")) - n(r, "B_climada")).abs() < 1e-6);
    }
}

#[test]
fn holland_2010_surface_wind() {
    for r in table("ty_holland_profiles/expected_holland2010_climada.csv") {
        let (radius, rmw) = (n(&r, "r_km"), n(&r, "rmw_km"));
        let v = holland_2010_surface_m_s(radius, rmw, n(&r, "vmax_ms"), n(&r, "b"), n(&r, "x_climada"));
        assert!((v - n(&r, "v_climada_ms")).abs() <= 1.1e-5, "{r:?} {v}");
    }
}

#[test]
fn rcliper_rain() {
    for r in table("ty_rcliper_rain/expected.csv") {
        let q = rcliper(n(&r, "vmax_ms"));
        let found = [q.mm_h(n(&r, "r_km")), q.centre_mm_h, q.largest_mm_h, q.largest_km, q.folding_km];
        for (found, key) in found.into_iter().zip(["rain_mmh", "T0_mmh", "Tm_mmh", "rm_km", "re_km"]) {
            assert!((found / n(&r, key) - 1.0).abs() <= 1e-5, "{key} {r:?} {found}");
        }
    }
}

#[test]
fn ibtracs_legs() {
    // The sample has its own headings: brought into those of an IBTrACS extract.
    let mut text = String::from("track_id,time,lon,lat,wind,slp\n");
    for r in table("ty_ibtracs_sample_track/track.csv") {
        let t = r["time_utc"].trim_end_matches(".0");
        let time = format!("{}-{}-{} {}:00:00", &t[..4], &t[4..6], &t[6..8], &t[8..10]);
        let (id, kn, p) = (&r["ibtracs_id"], &r["vmax_kn"], &r["p_central_hPa"]);
        text += &format!("{id},{time},{},{},{kn},{p}\n", r["lon"], r["lat"]);
    }
    let (track, _) = read_ibtracs_csv(&text, None, Agency::Usa).unwrap();
    let expected = table("ty_ibtracs_sample_track/expected.csv");
    assert_eq!(track.legs().len(), expected.len());
    for ((km, speed), r) in track.legs().into_iter().zip(&expected) {
        // Expected values carry six digits.
        assert!((km / n(r, "great_circle_km_R6371") - 1.0).abs() < 6e-6, "{r:?} {km}");
        assert!((speed / n(r, "translation_ms_6h") - 1.0).abs() < 6e-6, "{r:?} {speed}");
    }
}

/// Tracks of the case as the JMA reader gives them: the table written back into the agency's columns.
fn jma_tracks() -> Vec<Track> {
    let mut storms: Vec<(String, Vec<Row>)> = Vec::new();
    for r in table("ty_jma_tracks_china/tracks.csv") {
        match storms.last_mut().filter(|s| s.0 == r["jma_id"]) {
            Some(s) => s.1.push(r),
            None => storms.push((r["jma_id"].clone(), vec![r])),
        }
    }
    let line = |r: &Row| {
        let whole = |key: &str| r[key].trim().parse::<f64>().map_or(0, |v| v as u32);
        let tenths = |key: &str| format!("{:.0}", n(r, key) * 10.0);
        format!(
            "{} 002 {} {} {} {} {:03} 9{:04} {:04} 9{:04} {:04}\n",
            &r["time_utc"][2..],
            r["grade"],
            tenths("lat"),
            tenths("lon"),
            whole("p_central_hPa"),
            whole("vmax_10min_kn"),
            whole("r50_long_nm"),
            whole("r50_short_nm"),
            whole("r30_long_nm"),
            whole("r30_short_nm"),
        )
    };
    let read = |(id, rows): &(String, Vec<Row>)| {
        let head = format!("66666 {id} {:03} 0001 {id} 0 6 {} 20220101\n", rows.len(), rows[0]["name"]);
        let text: String = std::iter::once(head).chain(rows.iter().map(line)).collect();
        read_jma_best_track(&text, Some(id)).unwrap().0
    };
    storms.iter().map(read).collect()
}

#[test]
fn jma_motion() {
    let legs: Vec<(f64, f64)> = jma_tracks().iter().flat_map(Track::legs).collect();
    let expected = table("ty_jma_tracks_china/expected_motion.csv");
    assert_eq!(legs.len(), expected.len());
    for ((km, speed), r) in legs.into_iter().zip(&expected) {
        for (found, key) in [(km, "km_R6371"), (speed, "speed_ms")] {
            assert!((found - n(r, key)).abs() <= 6e-6 * n(r, key).max(1e-3), "{key} {r:?} {found}");
        }
    }
}

/// The wind radii that JMA analysed against those of the model that knows pressure and largest wind only. Parametric models are
/// rarely better than 20–40 %; gated on a mean bias within 40 % as the case asks. The usual radius of gales was fitted to every second
/// storm; the others are judged here.
#[test]
fn modelled_wind_radii_have_a_small_mean_bias() {
    let expected = table("ty_jma_tracks_china/expected_wind_radii.csv");
    let mut tracks = jma_tracks();
    let tested: Vec<String> = tracks.iter().skip(1).step_by(2).map(|t| t.name.to_uppercase()).collect();
    for t in &mut tracks {
        t.fixes.iter_mut().for_each(|f| f.radii.clear());
    }
    for (key, knots) in [("r30_mean_km", 30.0), ("r50_mean_km", 50.0)] {
        let mut ratios = Vec::new();
        let mut nowhere = 0;
        for r in expected.iter().filter(|r| n(r, key) > 0.0 && tested.contains(&r["name"])) {
            let t = &r["time_utc"];
            let at = format!("{}-{}-{}T{}:00:00Z", &t[..4], &t[4..6], &t[6..8], &t[8..10]);
            let at: dayu_base::Instant = at.parse().unwrap();
            let of = |x: &&Track| x.name.eq_ignore_ascii_case(&r["name"]) && x.begins() <= at && at <= x.ends();
            let track = tracks.iter().find(of).unwrap();
            let centre = WindModel::default().centre(track, at.as_second() as f64).unwrap();
            match centre.radius_of_km(convert_wind(knots * 0.514_444, 600.0, 120.0)) {
                Some(km) => ratios.push(km / n(r, key)),
                None => nowhere += 1,
            }
        }
        ratios.sort_by(f64::total_cmp);
        let count = ratios.len();
        let mean = ratios.iter().sum::<f64>() / count as f64;
        let (q1, q3) = (ratios[count / 4], ratios[count * 3 / 4]);
        println!("{key}: n {count}, mean ratio {mean:.2}, quartiles {q1:.2}–{q3:.2}, nowhere reached {nowhere}");
        assert!((0.6..=1.4).contains(&mean), "{key}: {mean}");
    }
}

#[test]
fn analysed_radii_are_met() {
    let tracks = jma_tracks();
    let strong = |f: &&Fix| f.radii.len() == 2 && f.wind_m_s.is_some_and(|v| v > 40.0);
    let track = tracks.iter().find(|t| t.fixes.iter().any(|f| strong(&f))).unwrap();
    let fix = track.fixes.iter().find(strong).unwrap();
    let centre = WindModel::default().centre(track, fix.at.as_second() as f64).unwrap();
    // The outer radius (30 kn) sets the fall of the wind.
    let km = centre.radius_of_km(convert_wind(30.0 * 0.514_444, 600.0, 120.0)).unwrap();
    assert!((km / fix.radii[1].mean_km() - 1.0).abs() < 0.02, "{km} {:?}", fix.radii[1]);
}
