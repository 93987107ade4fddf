//! A back-test that can be made with open data alone: landslides reported in Typhoon Soudelor (2015), rain by the R-CLIPER climatology along
//! the track of RSMC Tokyo, warned of by rain thresholds; against the same places at all other times of the track. Five places are too
//! few to judge a method: the test holds the scores, it does not claim skill.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use dayu_base::{Instant, RiskColour};
use dayu_slopes::{SlopeThresholds, assess_slope};
use dayu_storm::StepSeries;
use dayu_storm::typhoon::{Track, WindModel, convert_wind, distance_km, rcliper, read_jma_best_track};
use std::path::PathBuf;

fn lines(path: &str) -> Vec<String> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases").join(path);
    std::fs::read_to_string(file).unwrap().trim_start_matches('\u{feff}').lines().map(str::to_string).collect()
}

fn soudelor() -> Track {
    let rows: Vec<Vec<String>> = lines("ty_jma_tracks_china/tracks.csv")
        .iter()
        .skip(1)
        .map(|l| l.split(',').map(str::to_string).collect::<Vec<_>>())
        .filter(|r| r[1] == "SOUDELOR")
        .collect();
    let mut text = format!("66666 1513 {:3} 0013 1513 0 6 SOUDELOR 20150911\n", rows.len());
    for r in &rows {
        let tenths = |k: usize| format!("{:.0}", r[k].parse::<f64>().unwrap() * 10.0);
        let knots = r[7].parse::<f64>().map_or(0.0, |v| v);
        text += &format!("{} 002 {} {} {} {} {knots:03.0}\n", &r[2][2..], r[3], tenths(4), tenths(5), r[6]);
    }
    read_jma_best_track(&text, None).unwrap().0
}

/// Cells of a line; a quoted cell may hold commas.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            _ => cells.last_mut().unwrap().push(c),
        }
    }
    cells
}

/// Hourly rain at a place from an instant on, 72 h; none outside the track.
fn rain(track: &Track, place: (f64, f64), from_s: f64) -> StepSeries {
    let rate = |k: usize| {
        let centre = WindModel::default().centre(track, from_s + k as f64 * 3600.0 + 1800.0)?;
        Some(rcliper(convert_wind(centre.largest_2min_m_s, 120.0, 60.0)).mm_h(distance_km(centre.place, place)))
    };
    StepSeries {
        time_s: (0..72).map(|k| k as f64 * 3600.0).collect(),
        value: (0..72).map(|k| rate(k).unwrap_or(0.0)).collect(),
    }
}

#[test]
fn soudelor_2015() {
    let track = soudelor();
    let thresholds = SlopeThresholds::default();
    let warned = |place, from_s| {
        assess_slope(&rain(&track, place, from_s), None, false, &thresholds, 0.0, 72.0 * 3600.0).colour
            >= RiskColour::Yellow
    };
    let (mut hits, mut misses, mut alarms, mut quiet) = (0, 0, 0, 0);
    for line in lines("slope_landslide_inventory_china/events.csv").iter().skip(1) {
        let c = cells(line);
        let near = ["1_km", "5_km", "10_km", "1km", "5km", "10km"].iter().any(|r| c[10] == format!("Known_within_{r}"));
        if c[8] != "Soudelor" || !near {
            continue;
        }
        let date: Vec<u32> = c[1].split('/').map(|p| p.parse().unwrap()).collect();
        let day = format!("{}-{:02}-{:02}T00:00:00+08:00", date[2], date[0], date[1]);
        // News days are uncertain by one: the three days around it are one chance to warn.
        let from_s = day.parse::<Instant>().unwrap().as_second() as f64 - 86_400.0;
        let place: (f64, f64) = (c[13].parse().unwrap(), c[12].parse().unwrap());
        if warned(place, from_s) {
            hits += 1
        } else {
            misses += 1
        }
        // Every other stretch of three days within the track's life.
        for k in -5i32..=5 {
            let other = from_s + f64::from(k) * 259_200.0;
            if k != 0
                && other >= track.begins().as_second() as f64
                && other + 259_200.0 <= track.ends().as_second() as f64
            {
                if warned(place, other) { alarms += 1 } else { quiet += 1 }
            }
        }
    }
    println!(
        "Soudelor: {hits} hits, {misses} misses, {alarms} false alarms in {} other stretches of three days",
        alarms + quiet
    );
    assert_eq!(hits + misses, 5, "events known within 10 km");
    // R-CLIPER knows no mountains: it warns of none of the five, and raises no false alarm either. Written down so that a change shows.
    assert_eq!((hits, alarms), (0, 0));
}
