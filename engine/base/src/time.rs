use serde::{Deserialize, Serialize};

/// A point in time, UTC inside; written as RFC 3339 with offset.
pub type Instant = jiff::Timestamp;

/// A time zone of products, from the built-in database (no system file is read).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// Looks an IANA name up, such as `Asia/Shanghai`.
    ///
    /// # Errors
    /// The name, when the database does not know it.
    pub fn named(name: &str) -> Result<Self, String> {
        jiff::tz::TimeZone::get(name).map(Self).map_err(|_| name.to_string())
    }
    /// Coordinated Universal Time.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }
    /// `2021-07-25T08:00:00+08:00`
    pub fn rfc3339(&self, at: Instant) -> String {
        at.to_zoned(self.0.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
    /// `07-25 08:00`, for tables.
    pub fn short(&self, at: Instant) -> String {
        at.to_zoned(self.0.clone()).strftime("%m-%d %H:%M").to_string()
    }
    /// `2021年7月25日8时00分`, for documents.
    pub fn zh(&self, at: Instant) -> String {
        let z = at.to_zoned(self.0.clone());
        format!("{}年{}月{}日{}时{:02}分", z.year(), z.month(), z.day(), z.hour(), z.minute())
    }
    /// Midnight of a date `2021-07-25` in this zone; `None` when the text is no date.
    pub fn midnight(&self, date: &str) -> Option<Instant> {
        let date: jiff::civil::Date = date.parse().ok()?;
        date.to_zoned(self.0.clone()).ok().map(|z| z.timestamp())
    }
    /// A wall-clock time `2021-07-25T08:00:00` or `2021-07-25 08:00` of this zone; `None` when the text is no such time or the clock skips it.
    pub fn civil(&self, text: &str) -> Option<Instant> {
        let at: jiff::civil::DateTime = text.trim().parse().ok()?;
        self.0.to_ambiguous_zoned(at).unambiguous().ok().map(|z| z.timestamp())
    }
    /// Hour of day 0–23 in this zone.
    pub fn hour(&self, at: Instant) -> i8 {
        at.to_zoned(self.0.clone()).hour()
    }
    /// Calendar year in this zone.
    pub fn year(&self, at: Instant) -> i16 {
        at.to_zoned(self.0.clone()).year()
    }
}

impl Serialize for Zone {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0.iana_name().unwrap_or("UTC"))
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        Self::named(&name).map_err(|n| serde::de::Error::custom(format!("未知时区“{n}” / unknown time zone '{n}'")))
    }
}
