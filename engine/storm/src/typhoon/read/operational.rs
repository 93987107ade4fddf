//! Operational fixes of China as JSON (structure of the Wenzhou typhoon net): `[{tfbh, name, points: [{time, lng, lat, speed, pressure,
//! radius7_quad {ne, se, sw, nw}, …, forecast}], land}]`. Times carry no offset; winds are 2-min means.

use super::{bad_row, not_found, same_name};
use crate::typhoon::track::{Agency, Fix, RawFix, Track, WindRadii};
use dayu_base::{Finding, Instant, Text, Zone};
use serde_json::Value;

/// What an operational file holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Operational {
    /// analysed fixes
    pub track: Track,
    /// forecasts by issue time and centre, in file order; each starts after its issue
    pub forecasts: Vec<(Instant, String, Vec<Fix>)>,
}

impl Operational {
    /// The analysed track with the newest forecast (of China where several centres forecast) behind it.
    pub fn with_forecast(self) -> Track {
        let mut track = self.track;
        let last = track.ends();
        let newest = self.forecasts.iter().map(|f| f.0).max();
        let of_china = |f: &&(Instant, String, Vec<Fix>)| f.1.contains("中国");
        let issued = || self.forecasts.iter().filter(|f| Some(f.0) == newest);
        if let Some((_, _, fixes)) = issued().find(of_china).or_else(|| issued().next()) {
            track.fixes.extend(fixes.iter().filter(|f| f.at > last).cloned());
        }
        track
    }
}

/// Lower limits of Beaufort 7, 10 and 12, m/s.
const CIRCLES: [(&str, f64); 3] = [("radius12_quad", 32.7), ("radius10_quad", 24.5), ("radius7_quad", 13.9)];

/// Reads one storm. `zone` is the zone of its times; without it a time that has no offset is refused.
///
/// # Errors
/// `TRK-025` no JSON or not of this structure, `TRK-026` times without zone, `TRK-021` storm not in the file, else as for any track.
pub fn read_cma_operational(
    text: &str,
    storm: Option<&str>,
    zone: Option<&Zone>,
) -> Result<(Operational, Vec<Finding>), Finding> {
    let wrong = |what: &str| {
        Finding::error(
            "TRK-025",
            Text::new(format!("不是实时台风路径 JSON：{what}"), format!("is no operational track: {what}")),
            Text::new("给出含 tfbh、points 的 JSON", "supply JSON with tfbh and points"),
        )
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let json: Value = serde_json::from_str(text).map_err(|e| wrong(&e.to_string()))?;
    let storms: Vec<&Value> = match &json {
        Value::Array(list) => list.iter().collect(),
        one => vec![one],
    };
    let word = |v: &Value, key: &str| v[key].as_str().unwrap_or_default().to_string();
    let known: Vec<String> = storms.iter().map(|s| format!("{} {}", word(s, "tfbh"), word(s, "ename"))).collect();
    let wanted = |s: &&Value| {
        storm.is_none_or(|w| {
            let number = word(s, "tfbh");
            number == w || number.get(2..) == Some(w) || same_name(&word(s, "ename"), w) || word(s, "name") == w
        })
    };
    let mut found: Vec<&Value> = storms.into_iter().filter(wanted).collect();
    let [one] = found.as_mut_slice() else { return Err(not_found(storm, &known)) };
    let points = one["points"].as_array().ok_or_else(|| wrong("points"))?;
    let mut raw = Vec::new();
    let mut forecasts = Vec::new();
    for (k, p) in points.iter().enumerate() {
        let fix = point(p, k + 1, zone, false)?;
        for centre in p["forecast"].as_array().into_iter().flatten() {
            let name =
                ["sets", "tm", "name"].iter().map(|key| word(centre, key)).find(|w| !w.is_empty()).unwrap_or_default();
            let list = ["points", "forecastpoints"].iter().find_map(|key| centre[*key].as_array());
            let fixes = list
                .into_iter()
                .flatten()
                .map(|f| point(f, k + 1, zone, true))
                .collect::<Result<Vec<Fix>, Finding>>()?;
            let mut later: Vec<Fix> = fixes.into_iter().filter(|f| f.at > fix.at).collect();
            later.sort_by_key(|f| f.at);
            later.dedup_by_key(|f| f.at);
            if !later.is_empty() {
                forecasts.push((fix.at, name, later));
            }
        }
        raw.push(RawFix { row: k + 1, fix });
    }
    let number = word(one, "tfbh");
    let number = number.get(2..).map_or(number.clone(), str::to_string);
    let (track, findings) = Track::checked(number, word(one, "ename"), Agency::Cma, raw)?;
    Ok((Operational { track, forecasts }, findings))
}

fn point(p: &Value, n: usize, zone: Option<&Zone>, forecast: bool) -> Result<Fix, Finding> {
    let number = |key: &str| match &p[key] {
        Value::Number(v) => v.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    };
    let text = p["time"].as_str().unwrap_or_default();
    let at = match (text.parse::<Instant>(), zone) {
        (Ok(at), _) => at,
        (Err(_), Some(zone)) => zone.civil(text).ok_or_else(|| bad_row(n, "time", text))?,
        (Err(_), None) => {
            return Err(Finding::error(
                "TRK-026",
                Text::new(format!("时刻“{text}”没有时区"), format!("the time '{text}' carries no offset")),
                Text::new(
                    "写明时区（中国实时路径为北京时间 +08:00）",
                    "state its zone (operational fixes of China are +08:00)",
                ),
            )
            .at(super::row(n))
            .field("time"));
        }
    };
    let place = |keys: [&str; 2]| keys.into_iter().find_map(number);
    let radii = CIRCLES
        .iter()
        .filter_map(|(key, wind_m_s)| {
            let q = ["ne", "se", "sw", "nw"].map(|k| p[*key][k].as_f64().unwrap_or(0.0));
            q.iter().any(|r| *r > 0.0).then_some(WindRadii { wind_m_s: *wind_m_s, quadrants_km: q })
        })
        .collect();
    Ok(Fix {
        at,
        lon_deg: place(["lng", "lon"]).ok_or_else(|| bad_row(n, "lng", &p["lng"].to_string()))?,
        lat_deg: place(["lat", "latitude"]).ok_or_else(|| bad_row(n, "lat", &p["lat"].to_string()))?,
        pressure_hpa: number("pressure").filter(|v| *v > 0.0),
        wind_m_s: number("speed").filter(|v| *v > 0.0),
        rmw_km: None,
        radii,
        forecast,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const TEXT: &str = r#"[{"tfbh":"202106","name":"烟花","ename":"In-Fa","points":[
        {"time":"2021-07-25T08:00:00","lng":122.6,"lat":29.9,"speed":38,"pressure":965,"radius7_quad":{"ne":350,"se":400,"sw":200,"nw":200},"forecast":null},
        {"time":"2021-07-25T11:00:00","lng":122.4,"lat":30.0,"speed":38,"pressure":965,"radius7_quad":{"ne":0,"se":0,"sw":0,"nw":0},
         "forecast":[{"sets":"日本","points":[{"time":"2021-07-26T11:00:00","lng":120.9,"lat":30.9,"speed":25,"pressure":980}]},
                     {"sets":"中国","points":[{"time":"2021-07-25T11:00:00","lng":122.4,"lat":30.0,"speed":38,"pressure":965},
                                              {"time":"2021-07-26T11:00:00","lng":"121.0","lat":"30.8","speed":"23","pressure":"982"}]}]}]}]"#;

    #[test]
    fn forecasts_follow_the_analysis_and_are_told_apart() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let (read, found) = read_cma_operational(TEXT, Some("2106"), Some(&zone)).unwrap();
        assert!(found.is_empty());
        assert_eq!((read.track.fixes.len(), read.forecasts.len()), (2, 2));
        assert_eq!(read.track.fixes[0].at.to_string(), "2021-07-25T00:00:00Z");
        assert_eq!(read.track.fixes[0].radii[0].quadrants_km, [350.0, 400.0, 200.0, 200.0]);
        assert!(read.track.fixes[1].radii.is_empty(), "zero is not analysed");
        let track = read.with_forecast();
        let last = track.fixes.last().unwrap();
        assert!(last.forecast && (last.lon_deg, last.wind_m_s) == (121.0, Some(23.0)) && track.has_forecast());
    }

    #[test]
    fn a_time_without_zone_is_refused() {
        let f = read_cma_operational(TEXT, None, None).unwrap_err();
        assert_eq!((f.code.as_str(), f.place.as_str()), ("TRK-026", "第1行 row 1"));
        assert_eq!(read_cma_operational("{", None, None).unwrap_err().code, "TRK-025");
        assert_eq!(read_cma_operational("[]", None, None).unwrap_err().code, "TRK-021");
    }
}
