use super::sphere::{distance_km, normal_longitude};
use dayu_base::{Finding, Instant, Text};
use serde::{Deserialize, Serialize};

/// Who analysed a track. Decides over what time its winds are means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Agency {
    /// 中国气象局: 2-min means
    Cma,
    /// RSMC Tokyo, Japan Meteorological Agency: 10-min means
    Jma,
    /// Joint Typhoon Warning Center and the other agencies of the United States: 1-min means
    Usa,
}

impl Agency {
    /// Averaging time of its maximum winds, s.
    pub fn averaging_s(self) -> f64 {
        match self {
            Self::Cma => 120.0,
            Self::Jma => 600.0,
            Self::Usa => 60.0,
        }
    }
    /// Name on products.
    pub fn text(self) -> Text {
        match self {
            Self::Cma => Text::new("中国气象局（2分钟平均风）", "CMA (2-min mean wind)"),
            Self::Jma => Text::new("日本气象厅（10分钟平均风）", "JMA (10-min mean wind)"),
            Self::Usa => Text::new("美国（1分钟平均风）", "USA (1-min mean wind)"),
        }
    }
}

/// Classes of GB/T 19201-2006 by the 2-min mean wind near the centre (mark R), ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TropicalClass {
    /// 热带低压, from 10.8 m/s
    TD,
    /// 热带风暴, from 17.2 m/s
    TS,
    /// 强热带风暴, from 24.5 m/s
    STS,
    /// 台风, from 32.7 m/s
    TY,
    /// 强台风, from 41.5 m/s
    STY,
    /// 超强台风, from 51.0 m/s
    SuperTY,
}

impl TropicalClass {
    /// Class of a 2-min mean maximum wind, m/s; `None` below 10.8 m/s.
    pub fn of(wind_2min_m_s: f64) -> Option<Self> {
        let steps = [
            (51.0, Self::SuperTY),
            (41.5, Self::STY),
            (32.7, Self::TY),
            (24.5, Self::STS),
            (17.2, Self::TS),
            (10.8, Self::TD),
        ];
        steps.into_iter().find(|(from, _)| wind_2min_m_s >= *from).map(|(_, class)| class)
    }
    /// Chinese name.
    pub fn zh(self) -> &'static str {
        match self {
            Self::TD => "热带低压",
            Self::TS => "热带风暴",
            Self::STS => "强热带风暴",
            Self::TY => "台风",
            Self::STY => "强台风",
            Self::SuperTY => "超强台风",
        }
    }
}

/// How far a wind reaches in each quadrant.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindRadii {
    /// wind, m/s, averaged as the track's winds
    pub wind_m_s: f64,
    /// km: north-east, south-east, south-west, north-west
    pub quadrants_km: [f64; 4],
}

impl WindRadii {
    /// Radius in a direction (degrees clockwise from north), km: the quadrants' values hold at 45°, 135°, 225° and 315°, between them
    /// the value turns over as a cosine, so that no edge is drawn that nobody analysed.
    pub fn towards_km(&self, direction_deg: f64) -> f64 {
        let turned = (direction_deg - 45.0).rem_euclid(360.0) / 90.0;
        let k = (turned as usize).min(3);
        let share = (1.0 - libm::cos((turned - k as f64) * core::f64::consts::PI)) / 2.0;
        self.quadrants_km[k] * (1.0 - share) + self.quadrants_km[(k + 1) % 4] * share
    }
    /// Mean over the quadrants, km.
    pub fn mean_km(&self) -> f64 {
        self.quadrants_km.iter().sum::<f64>() / 4.0
    }
}

/// One position of a storm's centre. What is `None` is unknown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    /// when
    pub at: Instant,
    /// degrees east, −180…180
    pub lon_deg: f64,
    /// degrees north
    pub lat_deg: f64,
    /// pressure at the centre, hPa
    pub pressure_hpa: Option<f64>,
    /// largest mean wind near the centre, m/s, averaged as the track says
    pub wind_m_s: Option<f64>,
    /// radius of the largest wind, km
    pub rmw_km: Option<f64>,
    /// wind radii, strongest wind first; empty when not analysed
    pub radii: Vec<WindRadii>,
    /// true when it was a forecast
    pub forecast: bool,
}

impl Fix {
    /// Longitude, latitude.
    pub fn place(&self) -> (f64, f64) {
        (self.lon_deg, self.lat_deg)
    }
}

/// A storm's way: at least two fixes, strictly rising in time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Track {
    /// number, e.g. `2106`
    pub storm: String,
    /// name, e.g. `In-fa`
    pub name: String,
    /// who analysed it
    pub agency: Agency,
    /// the fixes
    pub fixes: Vec<Fix>,
}

/// A fix as it was read, with its place in the file, before anything was checked.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawFix {
    pub row: usize,
    pub fix: Fix,
}

/// Faster than this a centre does not move; the fastest on record make some 110 km/h (D).
const FASTEST_KM_H: f64 = 150.0;
/// Longer gaps than this between fixes are not bridged without a word, h (D).
const LONGEST_GAP_H: f64 = 24.0;

impl Track {
    /// Checks what was read and makes a track of it.
    ///
    /// # Errors
    /// `TRK-001` fewer than two fixes, `TRK-002` times that do not rise, `TRK-003` a position that is none (fill value).
    pub(crate) fn checked(
        storm: String,
        name: String,
        agency: Agency,
        raw: Vec<RawFix>,
    ) -> Result<(Self, Vec<Finding>), Finding> {
        let row = |n: usize| format!("第{n}行 row {n}");
        let mut findings = Vec::new();
        if raw.len() < 2 {
            return Err(Finding::error(
                "TRK-001",
                Text::new(
                    format!("台风“{storm}”只有 {} 个定位，不能算出移动", raw.len()),
                    format!("storm '{storm}' has {} fix(es): no motion can be computed", raw.len()),
                ),
                Text::new(
                    "补充至少两个时刻的定位，或核对台风编号",
                    "supply at least two fixes, or check the number of the storm",
                ),
            )
            .field("track"));
        }
        let mut fixes: Vec<Fix> = Vec::with_capacity(raw.len());
        let (mut turned, mut odd) = (None, Vec::new());
        for RawFix { row: n, mut fix } in raw {
            if !((-180.0..=360.0).contains(&fix.lon_deg) && fix.lat_deg.abs() <= 90.0)
                || (fix.lon_deg == 0.0 && fix.lat_deg == 0.0)
            {
                return Err(Finding::error(
                    "TRK-003",
                    Text::new(
                        format!("定位 ({}, {}) 不是有效经纬度（缺测填充值？）", fix.lon_deg, fix.lat_deg),
                        format!("({}, {}) is no valid position (a fill value?)", fix.lon_deg, fix.lat_deg),
                    ),
                    Text::new("删除该行或补正经纬度", "drop the row or mend the position"),
                )
                .at(row(n))
                .field("lon, lat"));
            }
            if fix.lon_deg > 180.0 {
                turned.get_or_insert(n);
                fix.lon_deg = normal_longitude(fix.lon_deg);
            }
            let mut keep = |value: &mut Option<f64>, low: f64, high: f64, field: &'static str| {
                if value.is_some_and(|v| !(low..=high).contains(&v)) {
                    odd.push((n, field, value.take().unwrap_or(f64::NAN)));
                }
            };
            keep(&mut fix.pressure_hpa, 850.0, 1040.0, "pressure");
            keep(&mut fix.wind_m_s, 1.0, 110.0, "wind");
            keep(&mut fix.rmw_km, 1.0, 500.0, "rmw");
            fix.radii.retain(|r| r.quadrants_km.iter().all(|q| (0.0..=1500.0).contains(q)) && r.mean_km() > 0.0);
            fix.radii.sort_by(|a, b| b.wind_m_s.total_cmp(&a.wind_m_s));
            if let Some(last) = fixes.last() {
                let hours = fix.at.duration_since(last.at).as_secs_f64() / 3600.0;
                if hours <= 0.0 {
                    return Err(Finding::error(
                        "TRK-002",
                        Text::new(
                            format!("定位时刻没有递增：{} 之后是 {}", last.at, fix.at),
                            format!("the times of the fixes do not rise: {} follows {}", fix.at, last.at),
                        ),
                        Text::new("按时间排序，删去重复时刻", "sort by time and drop repeated instants"),
                    )
                    .at(row(n))
                    .field("time"));
                }
                let speed = distance_km(last.place(), fix.place()) / hours;
                if speed > FASTEST_KM_H {
                    findings.push(
                        Finding::warning(
                            "TRK-004",
                            Text::new(
                                format!("移动速度 {speed:.0} km/h 不合理，经纬度可能有误"),
                                format!("a speed of {speed:.0} km/h is not plausible; a position may be wrong"),
                            ),
                            Text::new(
                                "核对该行与上一行的经纬度",
                                "check the position of this row and of the one before",
                            ),
                        )
                        .at(row(n))
                        .field("lon, lat"),
                    );
                }
                if hours > LONGEST_GAP_H {
                    findings.push(
                        Finding::warning(
                            "TRK-005",
                            Text::new(
                                format!("两个定位相隔 {hours:.0} 小时，其间位置为内插"),
                                format!("{hours:.0} h between two fixes: positions between them are interpolated"),
                            ),
                            Text::new("补充其间的定位", "supply the fixes between"),
                        )
                        .at(row(n))
                        .field("time"),
                    );
                }
            }
            fixes.push(fix);
        }
        if let Some(n) = turned {
            findings.push(
                Finding::info(
                    "TRK-006",
                    Text::new("经度为 0–360°，已换算为 −180–180°", "longitudes run 0–360; taken as −180–180"),
                    Text::default(),
                )
                .at(row(n))
                .field("lon"),
            );
        }
        if let Some((n, field, value)) = odd.first() {
            findings.push(
                Finding::warning(
                    "TRK-007",
                    Text::new(
                        format!("{} 个数值超出可能范围（首个为 {value}），按未知处理", odd.len()),
                        format!("{} value(s) out of any range (the first is {value}): taken as unknown", odd.len()),
                    ),
                    Text::new("缺测请留空", "leave unknown values empty"),
                )
                .at(row(*n))
                .field(*field),
            );
        }
        if fixes.iter().all(|f| f.pressure_hpa.is_none() && f.wind_m_s.is_none()) {
            findings.push(
                Finding::warning(
                    "TRK-008",
                    Text::new(
                        "各定位均无风速和气压：风雨不能计算",
                        "no fix has wind or pressure: wind and rain cannot be computed",
                    ),
                    Text::new("补充近中心最大风速或中心气压", "supply the largest wind or the central pressure"),
                )
                .field("wind, pressure"),
            );
        }
        Ok((Self { storm, name, agency, fixes }, findings))
    }

    /// First instant of the track.
    pub fn begins(&self) -> Instant {
        self.fixes.first().map_or(Instant::UNIX_EPOCH, |f| f.at)
    }
    /// Last instant of the track.
    pub fn ends(&self) -> Instant {
        self.fixes.last().map_or(Instant::UNIX_EPOCH, |f| f.at)
    }
    /// True when any part of it was a forecast.
    pub fn has_forecast(&self) -> bool {
        self.fixes.iter().any(|f| f.forecast)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn fix(at: &str, lon_deg: f64, lat_deg: f64) -> Fix {
        Fix {
            at: at.parse().unwrap(),
            lon_deg,
            lat_deg,
            pressure_hpa: Some(980.0),
            wind_m_s: Some(30.0),
            rmw_km: None,
            radii: vec![],
            forecast: false,
        }
    }
    fn track(fixes: Vec<Fix>) -> Result<(Track, Vec<Finding>), Finding> {
        let raw = fixes.into_iter().enumerate().map(|(k, fix)| RawFix { row: k + 2, fix }).collect();
        Track::checked("1".into(), String::new(), Agency::Cma, raw)
    }

    #[test]
    fn bad_tracks_are_refused_with_their_row() {
        let a = || fix("2021-07-25T00:00:00Z", 122.0, 30.0);
        assert_eq!(track(vec![a()]).unwrap_err().code, "TRK-001");
        let back = track(vec![a(), fix("2021-07-24T18:00:00Z", 121.0, 30.0)]).unwrap_err();
        assert_eq!((back.code.as_str(), back.place.as_str()), ("TRK-002", "第3行 row 3"));
        let filled = track(vec![a(), fix("2021-07-25T06:00:00Z", -32768.0, 9.969_21e36)]).unwrap_err();
        assert_eq!(filled.code, "TRK-003");
    }

    #[test]
    fn doubts_are_flagged_and_unknown_stays_unknown() {
        let mut b = fix("2021-07-25T06:00:00Z", 240.0, 31.0);
        b.pressure_hpa = Some(-32768.0);
        b.wind_m_s = Some(9.969_21e36);
        let (t, found) = track(vec![fix("2021-07-25T00:00:00Z", 122.0, 30.0), b]).unwrap();
        assert_eq!(t.fixes[1].lon_deg, -120.0);
        assert_eq!((t.fixes[1].pressure_hpa, t.fixes[1].wind_m_s), (None, None));
        let codes: Vec<&str> = found.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["TRK-004", "TRK-006", "TRK-007"]);
    }

    #[test]
    fn quadrants_hold_at_their_middle_and_turn_over_smoothly() {
        let r = WindRadii { wind_m_s: 13.9, quadrants_km: [350.0, 400.0, 200.0, 200.0] };
        for (direction, km) in
            [(45.0, 350.0), (135.0, 400.0), (225.0, 200.0), (270.0, 200.0), (90.0, 375.0), (405.0, 350.0)]
        {
            assert!((r.towards_km(direction) - km).abs() < 1e-9, "{direction}");
        }
    }

    #[test]
    fn classes_follow_the_wind() {
        assert_eq!(TropicalClass::of(38.0), Some(TropicalClass::TY));
        assert_eq!(TropicalClass::of(10.0), None);
        assert!(TropicalClass::STY > TropicalClass::TY);
    }
}
