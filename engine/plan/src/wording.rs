use crate::{Condition, Place, SignalKind};
use dayu_base::Text;

/// Trims zeros: 3, 0.15, 16.7.
pub(crate) fn number(v: f64) -> String {
    let s = format!("{v:.2}");
    s.trim_end_matches('0').trim_end_matches('.').to_string()
}

impl Condition {
    /// The condition in words.
    pub fn words(&self) -> Text {
        match self {
            Self::Signal { signal, colour_at_least: c } => {
                let s = signal.text();
                Text::new(format!("{}达{}色及以上", s.zh, c.zh()), format!("{} {} or above", s.en, c.id()))
            }
            Self::GeohazardWarning { colour_at_least: c } => {
                let s = SignalKind::Geohazard.text();
                Text::new(format!("{}达{}色及以上", s.zh, c.zh()), format!("{} {} or above", s.en, c.id()))
            }
            Self::SignalCount { signal, colour, count, within_h } => {
                let (s, h) = (signal.text(), number(*within_h));
                Text::new(
                    format!("{h}小时内发布{count}次{}色及以上{}", colour.zh(), s.zh),
                    format!("{count} {}s {} or above within {h} h", s.en, colour.id()),
                )
            }
            Self::Rain { window_h, place, basis, .. } => {
                let (h, areal) = (number(*window_h), *place == Place::Areal);
                Text::new(
                    format!("{h}小时{}雨量（{}）", if areal { "面" } else { "最大点" }, basis.zh()),
                    format!("{h} h rain, {} ({})", if areal { "district mean" } else { "wettest place" }, basis.en()),
                )
            }
            Self::HourlyRainClass { class, basis, .. } => Text::new(
                format!("小时雨强达“{class}”（{}）", basis.zh()),
                format!("hourly rain class '{class}' ({})", basis.en()),
            ),
            Self::Ponding { layer, depth_m, duration_min, points, .. } => {
                let (cm, min) = (number(depth_m * 100.0), number(*duration_min));
                let lasting = if *duration_min > 0.0 {
                    (format!("、持续{min}分钟"), format!(" for {min} min"))
                } else {
                    Default::default()
                };
                Text::new(
                    format!("{points}处及以上{}积水达{cm}厘米{}（模型计算）", layer.zh(), lasting.0),
                    format!("{points} or more {} at {cm} cm{} (computed)", layer.id(), lasting.1),
                )
            }
            Self::River { stations, state } => {
                let s = state.text();
                Text::new(
                    format!("{stations}个及以上河道站达{}", s.zh),
                    format!("{stations} or more river stations at {}", s.en),
                )
            }
            Self::Reservoir { reservoirs, state } => {
                let s = state.text();
                Text::new(
                    format!("{reservoirs}座及以上水库达{}", s.zh),
                    format!("{reservoirs} or more reservoirs at {}", s.en),
                )
            }
            Self::Typhoon { class_at_least, within_km, influence_within_h, wind_at_least } => {
                let (mut zh, mut en) = (Vec::new(), Vec::new());
                if let Some(c) = class_at_least {
                    zh.push(format!("强度达{}及以上", c.text().zh));
                    en.push(format!("{} or stronger", c.text().en));
                }
                if let Some(km) = within_km {
                    zh.push(format!("中心距本地{}公里内", number(*km)));
                    en.push(format!("centre within {} km", number(*km)));
                }
                if let Some(h) = influence_within_h {
                    zh.push(format!("预计{}小时内登陆或严重影响", number(*h)));
                    en.push(format!("landfall or severe influence within {} h", number(*h)));
                }
                if let Some(w) = wind_at_least {
                    zh.push(format!("本地平均风力达{w}级"));
                    en.push(format!("mean wind Beaufort {w} in the district"));
                }
                Text::new(format!("台风{}", zh.join("、")), format!("typhoon: {}", en.join(", ")))
            }
            Self::Slope { colour_at_least: c, count } => Text::new(
                format!("{count}处及以上边坡/地灾点达{}色（滚动雨量推算）", c.zh()),
                format!("{count} or more slopes at {} or above (from rolling rain)", c.id()),
            ),
            Self::LowerLevelCount { level_at_least: l, count } => Text::new(
                format!("{count}个及以上下级已启动{}及以上", l.zh()),
                format!("{count} or more areas at {} or above", l.en()),
            ),
            Self::Disaster { text, .. } | Self::Manual { text } => text.clone(),
        }
    }

    /// The threshold, with unit.
    pub fn threshold(&self) -> String {
        match self {
            Self::Signal { colour_at_least: c, .. } | Self::GeohazardWarning { colour_at_least: c } => {
                format!("{}色", c.zh())
            }
            Self::SignalCount { count, within_h, .. } => format!("{count} 次/{} h", number(*within_h)),
            Self::Rain { mm, .. } => format!("{} mm", number(*mm)),
            Self::HourlyRainClass { mm_h, .. } => format!("{} mm/h", number(*mm_h)),
            Self::Ponding { points, depth_m, .. } => format!("{points} 处 ≥ {} m", number(*depth_m)),
            Self::River { stations, .. } => format!("{stations} 站"),
            Self::Reservoir { reservoirs, .. } => format!("{reservoirs} 座"),
            Self::Typhoon { .. } => "各项均满足".into(),
            Self::Slope { count, .. } => format!("{count} 处"),
            Self::LowerLevelCount { count, .. } => format!("{count} 个"),
            Self::Disaster { count, .. } => format!("{count} 起"),
            Self::Manual { .. } => "会商决定".into(),
        }
    }
}
