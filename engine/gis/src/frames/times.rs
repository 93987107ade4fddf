//! Instants and intervals as files write them.

use dayu_base::{Finding, Instant, Text};

/// When a field holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct FrameTimes {
    pub stamp_unix_s: Option<f64>,
    pub stamp_is_begin: bool,
    pub length_s: Option<f64>,
}

/// Calendars of CF in which days are days; the others belong to climate models and have no instants.
const CALENDARS: [&str; 4] = ["", "standard", "gregorian", "proleptic_gregorian"];

/// Why an axis of time with these CF attributes gives no instants: its calendar (`GIS-070`) or its unit (`GIS-071`).
pub(crate) fn no_instants(units: &str, calendar: &str) -> Option<Finding> {
    if !CALENDARS.contains(&calendar.trim().to_lowercase().as_str()) {
        return Some(
            Finding::error(
                "GIS-070",
                Text::new(
                    format!("时间轴采用“{calendar}”历法（气候模式用），不对应真实时刻"),
                    format!("the time axis uses the calendar '{calendar}' of climate models, which names no real instants"),
                ),
                Text::new(
                    "换用真实历法（standard、gregorian）的数据；单个场可用 times 给出时刻",
                    "use data with a real calendar (standard, gregorian); for single fields give their instants by times",
                ),
            )
            .field("times"),
        );
    }
    cf_epoch(units).is_none().then(|| {
        Finding::error(
            "GIS-071",
            Text::new(
                format!("时间轴的单位“{units}”不能换算为时刻"),
                format!("the unit '{units}' of the time axis gives no instants"),
            ),
            Text::new(
                "应为 seconds、minutes、hours 或 days since 年-月-日 时:分:秒（月、年长短不一，不接受）；单个场可用 times",
                "use seconds, minutes, hours or days since Y-M-D h:m:s (months and years have no fixed length); for single fields use times",
            ),
        )
        .field("times")
    })
}

/// Zero and unit (s) of CF times: `hours since 2001-12-31T23:00:00Z`. Without a zone CF means UTC.
pub(crate) fn cf_epoch(text: &str) -> Option<(f64, f64)> {
    let (unit, since) = text.split_once(" since ")?;
    let unit_s = match unit.trim().to_lowercase().as_str() {
        "second" | "seconds" | "sec" | "secs" | "s" => 1.0,
        "minute" | "minutes" | "min" | "mins" => 60.0,
        "hour" | "hours" | "hr" | "hrs" | "h" => 3600.0,
        "day" | "days" | "d" => 86_400.0,
        _ => return None,
    };
    let since = since.trim().trim_end_matches("UTC").trim_end();
    let (date, rest) = match since.find(['T', ' ']) {
        Some(at) => (&since[..at], since[at + 1..].trim()),
        None => (since, ""),
    };
    let parts: Vec<i32> = date.split('-').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [year, month, day] = parts[..] else { return None };
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = (rest[..zone_at].trim(), rest[zone_at..].trim());
    let clock = match clock.split(':').count() {
        _ if clock.is_empty() => "00:00:00".to_string(),
        1 => format!("{clock:0>2}:00:00"),
        2 => format!("{clock}:00"),
        _ => clock.to_string(),
    };
    let clock = if clock.find(':') == Some(1) { format!("0{clock}") } else { clock };
    let zone = if zone.is_empty() { "Z" } else { zone };
    let at: Instant = format!("{year:04}-{month:02}-{day:02}T{clock}{zone}").parse().ok()?;
    Some((at.as_millisecond() as f64 / 1000.0, unit_s))
}

/// Length in CF `cell_methods`: `time: sum (interval: 1 hr)`, s.
pub(crate) fn cf_interval(cell_methods: &str) -> Option<f64> {
    let text = cell_methods.split_once("interval:")?.1;
    let mut words = text.trim_start().split([' ', ')']);
    let (number, unit) = (words.next()?.parse::<f64>().ok()?, words.next()?);
    let unit_s = match unit.to_lowercase().trim_end_matches('s') {
        "second" | "sec" => 1.0,
        "minute" | "min" => 60.0,
        "hour" | "hr" | "h" => 3600.0,
        "day" | "d" => 86_400.0,
        _ => return None,
    };
    (number > 0.0).then_some(number * unit_s)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn epochs_of_real_files() {
        let at = |text: &str| text.parse::<Instant>().unwrap().as_second() as f64;
        for (text, zero, unit) in [
            ("Hour since 2001-12-31T23:00:00Z", "2001-12-31T23:00:00Z", 3600.0),
            ("hours since 1900-01-01 00:00:00.0", "1900-01-01T00:00:00Z", 3600.0),
            ("days since 1970-1-1", "1970-01-01T00:00:00Z", 86_400.0),
            ("seconds since 1970-01-01 00:00:00 UTC", "1970-01-01T00:00:00Z", 1.0),
            ("minutes since 2021-07-25 08:00 +08:00", "2021-07-25T00:00:00Z", 60.0),
            ("minutes since 2021-07-25 8:00", "2021-07-25T08:00:00Z", 60.0),
        ] {
            assert_eq!(cf_epoch(text), Some((at(zero), unit)), "{text}");
        }
        for text in ["", "hours", "fortnights since 1970-01-01", "hours since yesterday", "months since 2000-01-01"] {
            assert_eq!(cf_epoch(text), None, "{text}");
        }
    }

    #[test]
    fn calendars_of_climate_models_and_months_are_named() {
        let hours = "hours since 1900-01-01 00:00:00.0";
        let code = |u: &str, c: &str| no_instants(u, c).map(|f| f.code);
        for calendar in ["", "standard", "Gregorian", "proleptic_gregorian"] {
            assert_eq!(code(hours, calendar), None, "{calendar}");
        }
        for calendar in ["360_day", "noleap", "365_day", "all_leap", "julian"] {
            assert_eq!(code(hours, calendar).as_deref(), Some("GIS-070"), "{calendar}");
        }
        assert_eq!(code("months since 2000-01-01", "").as_deref(), Some("GIS-071"));
    }

    #[test]
    fn intervals_of_cell_methods() {
        assert_eq!(cf_interval("time: sum (interval: 1 hr)"), Some(3600.0));
        assert_eq!(cf_interval("time: sum (interval: 10 minutes comment: x)"), Some(600.0));
        assert_eq!(cf_interval("time: sum"), None);
    }
}
