use super::draw::Member;
use crate::gauge::Spread;
use crate::typhoon::Track;
use crate::typhoon::sphere_destination;
use crate::{RainField, RainSource};
use dayu_base::Instant;

/// The rain of a member: every entry times its factor, later by its delay, moved by its displacement (uniform rain has no place).
/// Unknown stays unknown.
pub fn member_rain(rain: &RainField, member: &Member) -> RainField {
    let mut rain = rain.clone();
    let scale = |rates: &mut Vec<f64>| rates.iter_mut().for_each(|r| *r *= member.rain_factor);
    let delay = |times: &mut Vec<f64>| times.iter_mut().for_each(|t| *t += member.delay_s);
    for source in &mut rain.sources {
        match source {
            RainSource::Uniform(series) => {
                scale(&mut series.value);
                delay(&mut series.time_s);
            }
            RainSource::Gauges { stations, time_s, rate_mm_h, spread } => {
                rate_mm_h.iter_mut().for_each(scale);
                delay(time_s);
                for (_, x, y) in stations {
                    *x += member.moved_m.0;
                    *y += member.moved_m.1;
                }
                if let Spread::Kriging(rows) = spread {
                    for row in rows.iter_mut().flatten() {
                        *row = row.scaled_and_moved(member.rain_factor, member.moved_m);
                    }
                }
            }
            RainSource::Grid(field) => {
                field.rate_mm_h.iter_mut().for_each(scale);
                delay(&mut field.time_s);
                field.move_by(member.moved_m);
            }
        }
    }
    rain
}

/// Rain of a run between its start and `until_s`, and none before or after: what a member shifts is the run's own rain, whole.
pub fn within_run(rain: &RainField, until_s: f64) -> RainField {
    let mut rain = rain.clone();
    for source in &mut rain.sources {
        match source {
            RainSource::Uniform(series) => {
                let kept = Kept::of(&mut series.time_s, until_s);
                kept.cut(&mut series.value, 0.0);
            }
            RainSource::Gauges { time_s, rate_mm_h, spread, .. } => {
                let kept = Kept::of(time_s, until_s);
                rate_mm_h.iter_mut().for_each(|rates| kept.cut(rates, 0.0));
                if let Spread::Kriging(rows) = spread {
                    // Without a solution the row is spread by distances: zero everywhere.
                    kept.cut(rows, None);
                }
            }
            RainSource::Grid(field) => {
                let pixels = field.rate_mm_h.first().map_or(0, Vec::len);
                let kept = Kept::of(&mut field.time_s, until_s);
                kept.cut(&mut field.rate_mm_h, vec![0.0; pixels]);
            }
        }
    }
    rain
}

/// Rows that hold at any time between 0 and the end.
struct Kept(std::ops::Range<usize>);

impl Kept {
    /// Cuts the times: the first row that holds begins at 0 or later, and one more stands at the end.
    fn of(time_s: &mut Vec<f64>, until_s: f64) -> Self {
        let first = time_s.partition_point(|t| *t <= 0.0).saturating_sub(1);
        let last = time_s.partition_point(|t| *t < until_s).max(first);
        *time_s = time_s[first..last].iter().map(|t| t.max(0.0)).chain([until_s]).collect();
        Self(first..last)
    }
    fn cut<T: Clone>(&self, rows: &mut Vec<T>, after: T) {
        let from = self.0.start.min(rows.len());
        let mut kept = rows[from..self.0.end.min(rows.len())].to_vec();
        kept.push(after);
        *rows = kept;
    }
}

/// Seconds by which a member must begin before, and end after, a run of `duration_s`, so that no rain of the run is lost by the delay.
/// Zero where the rain stays within the run all the same. Unknown rain counts as rain.
pub fn member_margin_s(rain: &RainField, delay_s: f64, duration_s: f64) -> (f64, f64) {
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for source in &rain.sources {
        let times = source.times_s();
        for (row, from) in times.iter().enumerate() {
            let until = times.get(row + 1).copied().unwrap_or(f64::INFINITY).min(duration_s);
            let from = from.max(0.0);
            if until > from && source.rains(row) {
                (first, last) = (first.min(from), last.max(until));
            }
        }
    }
    if first > last {
        return (0.0, 0.0);
    }
    ((-(first + delay_s)).max(0.0), (last + delay_s - duration_s).max(0.0))
}

/// Mean error of official track forecasts of China by lead time (h, km), years about 2018–2021: 24 h 75, 48 h 130, 72 h 190, 96 h 260,
/// 120 h 360 km (mark R: recalled, of the order given in the yearly evaluations of CMA).
const TRACK_ERROR_KM: [(f64, f64); 6] =
    [(0.0, 0.0), (24.0, 75.0), (48.0, 130.0), (72.0, 190.0), (96.0, 260.0), (120.0, 360.0)];
/// Mean absolute error of the largest wind (h, m/s): 24 h 3.9, 48 h 5.1, 72 h 5.8 (mark R, the same evaluations).
const WIND_ERROR_M_S: [(f64, f64); 4] = [(0.0, 0.0), (24.0, 3.9), (48.0, 5.1), (72.0, 5.8)];
/// A distance with two normal parts of deviation σ has the mean σ·√(π/2) (Rayleigh).
const MEAN_OF_DEVIATION: f64 = 1.253_314_137;
/// The mean absolute value of a normal number of deviation σ is σ·√(2/π).
const ABSOLUTE_OF_DEVIATION: f64 = 0.797_884_561;

/// Linear in a table; beyond its end the last rise goes on.
fn at(table: &[(f64, f64)], x: f64) -> f64 {
    let k = table.partition_point(|p| p.0 <= x).clamp(1, table.len() - 1);
    let ((x0, y0), (x1, y1)) = (table[k - 1], table[k]);
    y0 + (y1 - y0) * (x - x0).max(0.0) / (x1 - x0)
}

/// Mean error of a position forecast with a lead time, km: what a cone of uncertainty shows (marks as above).
pub fn mean_track_error_km(lead_h: f64) -> f64 {
    at(&TRACK_ERROR_KM, lead_h)
}

/// The track of a member: fixes after `issued` are moved along and across the way and made stronger or weaker by the member's deviates
/// times the error of their lead time, so that a member strays to one side and does not wander. What was known by `issued` stays. The
/// pressure follows the wind in proportion of its drop (∝ v²) below 1010 hPa; analysed radii go with the wind.
///
/// Marks of the errors: R. Deviates along the way are the error of speed.
pub fn member_track(track: &Track, member: &Member, issued: Instant) -> Track {
    let (along, across, intensity) = member.track;
    let mut changed = track.clone();
    if member.track == (0.0, 0.0, 0.0) {
        return changed;
    }
    for (k, fix) in changed.fixes.iter_mut().enumerate() {
        let lead_h = fix.at.duration_since(issued).as_secs_f64() / 3600.0;
        if lead_h <= 0.0 {
            continue;
        }
        let deviation_km = at(&TRACK_ERROR_KM, lead_h) / MEAN_OF_DEVIATION;
        let before = &track.fixes[k.saturating_sub(1)];
        let after = &track.fixes[(k + 1).min(track.fixes.len() - 1)];
        let heading = crate::typhoon::bearing_deg(before.place(), after.place());
        let moved = sphere_destination(fix.place(), heading, along * deviation_km);
        (fix.lon_deg, fix.lat_deg) = sphere_destination(moved, heading + 90.0, across * deviation_km);
        if let Some(wind) = fix.wind_m_s {
            let added = intensity * at(&WIND_ERROR_M_S, lead_h) / ABSOLUTE_OF_DEVIATION;
            let new = (wind + added).max(5.0);
            fix.wind_m_s = Some(new);
            fix.pressure_hpa = fix.pressure_hpa.map(|p| 1010.0 - (1010.0 - p) * (new / wind) * (new / wind));
            for radii in &mut fix.radii {
                radii.quadrants_km.iter_mut().for_each(|q| *q *= new / wind);
            }
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::members::{Method, draw_members};

    const UNCHANGED: Member =
        Member { number: 0, rain_factor: 1.0, delay_s: 0.0, moved_m: (0.0, 0.0), track: (0.0, 0.0, 0.0) };
    use crate::typhoon::{distance_km, read_cma_best_track};

    const TEXT: &str = "66666 2106   05 0008 2106 0 3 In-fa 20220410\n\
        2021072400 4 240 1240  965      38\n2021072412 4 252 1238  960      38\n\
        2021072500 4 270 1235  965      38\n2021072512 3 301 1219  972      30\n2021072612 2 310 1204  980      23\n";

    #[test]
    fn errors_grow_with_lead_time_and_the_past_stays() {
        let (track, _) = read_cma_best_track(TEXT, None).unwrap();
        let issued = "2021-07-24T12:00:00Z".parse().unwrap();
        let mut mean = [0.0; 5];
        let members = draw_members(3, 400, Method::Track);
        for m in &members[1..] {
            let t = member_track(&track, m, issued);
            for k in 0..5 {
                mean[k] += distance_km(t.fixes[k].place(), track.fixes[k].place()) / 399.0;
            }
        }
        assert_eq!(mean[..2], [0.0, 0.0]);
        assert!((mean[3] / 75.0 - 1.0).abs() < 0.1 && (mean[4] / 130.0 - 1.0).abs() < 0.1, "{mean:?}");
        assert!(mean[2] < mean[3]);
        assert_eq!(member_track(&track, &members[0], issued), track);
    }

    #[test]
    fn a_delay_loses_no_rain_and_adds_none() {
        use crate::GridRain;
        use crate::rolling::CumulativeRain;
        use dayu_terrain::GridSpec;
        let (duration_s, hours) = (7200.0, [0.0, 3600.0, 7200.0, 10_800.0]);
        let series = crate::StepSeries { time_s: hours.to_vec(), value: vec![10.0, 40.0, 70.0, 0.0] };
        let grid = GridSpec { x0_m: 0.0, y0_m: 0.0, cell_m: 10.0, nx: 2, ny: 1 };
        let field = GridRain {
            grid,
            pixel_of_cell: vec![0, 1],
            time_s: vec![-600.0, 600.0, 1200.0],
            rate_mm_h: vec![vec![6.0; 2], vec![12.0; 2], vec![0.0; 2]],
        };
        let stations = vec![("A".to_string(), 1.0, 1.0)];
        let gauges = RainSource::Gauges {
            stations,
            time_s: hours.to_vec(),
            rate_mm_h: vec![series.value.clone()],
            spread: Spread::Idw,
        };
        for source in [RainSource::Uniform(series), RainSource::Grid(field), gauges] {
            let rain = RainField { sources: vec![source] };
            let mm = |r: &RainField, until| CumulativeRain::new(&r.series_at(5.0, 5.0)).window_mm(until, until);
            let whole = mm(&rain, duration_s);
            assert!(whole > 0.0);
            for delay_s in [-13_500.0, -1800.0, 0.0, 900.0, 13_500.0] {
                let (before, after) = member_margin_s(&rain, delay_s, duration_s);
                let member = Member { number: 1, delay_s: delay_s + before, ..UNCHANGED };
                let member = member_rain(&within_run(&rain, duration_s), &member);
                let told = mm(&member, before + duration_s + after);
                assert!((told - whole).abs() < 1e-9, "{delay_s}: {told} of {whole}");
            }
            assert_eq!(member_margin_s(&rain, 0.0, duration_s), (0.0, 0.0));
        }
        // A storm that stays within the run all the same costs no second more.
        let series = crate::StepSeries { time_s: vec![0.0, 1800.0, 3600.0], value: vec![0.0, 10.0, 0.0] };
        let short = RainField { sources: vec![RainSource::Uniform(series)] };
        assert_eq!(member_margin_s(&short, 1800.0, 7200.0), (0.0, 0.0));
        assert_eq!(member_margin_s(&short, -2400.0, 7200.0), (600.0, 0.0));
    }

    #[test]
    fn rain_is_scaled_delayed_and_unknown_stays_unknown() {
        let series = crate::StepSeries { time_s: vec![0.0, 600.0], value: vec![10.0, f64::NAN] };
        let rain = RainField { sources: vec![RainSource::Uniform(series)] };
        let member =
            Member { number: 1, rain_factor: 1.5, delay_s: 300.0, moved_m: (1.0, 2.0), track: (0.0, 0.0, 0.0) };
        let changed = member_rain(&rain, &member);
        let RainSource::Uniform(s) = &changed.sources[0] else { panic!() };
        assert_eq!((s.time_s.as_slice(), s.value[0]), ([300.0, 900.0].as_slice(), 15.0));
        assert!(s.value[1].is_nan());
    }
}
