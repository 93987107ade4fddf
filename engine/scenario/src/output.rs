//! `[output]`: rows, rasters, and what is kept only when it is asked for.

use crate::ScenarioSpec;
use crate::validate::unknown_value;
use dayu_base::{Finding, Text};
use serde::Deserialize;

/// Rasters of a run, one file each. `max_dv`: greatest depth × speed; `max_hr`: greatest hazard rating of Defra; `ebb`: when the water
/// fell below a depth for good; `peak_time`: when it was deepest.
const RASTERS: [&str; 9] =
    ["max_depth", "arrival", "duration", "max_speed", "max_hazard", "max_dv", "max_hr", "ebb", "peak_time"];

/// Rasters that hold one file for each further depth.
const OF_DEPTHS: [&str; 3] = ["arrival", "duration", "ebb"];

/// Land on which debris floats.
const DEBRIS: [&str; 4] = ["pasture", "woodland", "urban", "conservative"];

/// Further depths of one run at most: each costs 8 to 12 bytes a cell.
const MOST_DEPTHS: usize = 16;

/// Debris factor of the hazard rating: kind of land, or a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum DebrisKey {
    /// one number, 0–10
    Number(f64),
    /// pasture | woodland | urban | conservative
    Land(String),
}

/// `[output]`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutputSpec {
    /// s
    pub interval_s: f64,
    /// max_depth, arrival, duration, max_speed, max_hazard, max_dv, max_hr, ebb, peak_time
    pub rasters: Vec<String>,
    /// of arrival, duration and ebb
    pub arrival_depth_m: f64,
    /// further depths of arrival, duration and ebb: `arrival_0.3m.tif` …
    pub arrival_depths_m: Vec<f64>,
    /// debris of `max_hr`; default `conservative`
    pub debris: Option<DebrisKey>,
    /// s
    pub snapshots_s: Vec<f64>,
    /// depth | level | u | v
    pub snapshot_rasters: Vec<String>,
    /// float32 | float64
    pub dtype: String,
}

impl Default for OutputSpec {
    fn default() -> Self {
        Self {
            interval_s: 300.0,
            rasters: ["max_depth", "arrival", "duration", "max_speed", "max_hazard"].map(String::from).to_vec(),
            arrival_depth_m: 0.15,
            arrival_depths_m: Vec::new(),
            debris: None,
            snapshots_s: Vec::new(),
            snapshot_rasters: vec!["depth".into()],
            dtype: "float32".into(),
        }
    }
}

impl OutputSpec {
    /// Is the raster asked for?
    pub fn has(&self, raster: &str) -> bool {
        self.rasters.iter().any(|r| r == raster)
    }
}

/// Refuses unknown names, depths out of range, and keys that no raster uses.
pub(crate) fn check_output(file: &str, spec: &ScenarioSpec, found: &mut Vec<Finding>) {
    let o = &spec.output;
    for (key, value, valid) in o
        .rasters
        .iter()
        .map(|v| ("output.rasters", v, &RASTERS[..]))
        .chain(o.snapshot_rasters.iter().map(|v| ("output.snapshot_rasters", v, &["depth", "level", "u", "v"][..])))
        .chain(std::iter::once(("output.dtype", &o.dtype, &["float32", "float64"][..])))
    {
        if !valid.contains(&value.as_str()) {
            found.push(unknown_value(file, key, value, valid));
        }
    }
    let mut refuse = |code: &str, key: &str, zh: String, en: String, mend: (&str, &str)| {
        found.push(Finding::error(code, Text::new(zh, en), Text::new(mend.0, mend.1)).in_file(file).field(key));
    };
    let depths = [
        ("output.arrival_depth_m", std::slice::from_ref(&o.arrival_depth_m)),
        ("output.arrival_depths_m", &o.arrival_depths_m),
    ];
    for (key, depth) in depths.iter().flat_map(|(key, all)| all.iter().map(|d| (*key, *d))) {
        if !(depth.is_finite() && depth > 0.0 && depth <= 100.0) {
            refuse(
                "SCN-011",
                key,
                format!("{key} = {depth} 不在允许范围"),
                format!("{key} = {depth} is out of range"),
                ("应大于 0 且不大于 100（米）", "use more than 0, at most 100 (metres)"),
            );
        }
    }
    let key = "output.arrival_depths_m";
    if o.arrival_depths_m.len() > MOST_DEPTHS {
        let n = o.arrival_depths_m.len();
        refuse(
            "SCN-011",
            key,
            format!("{key} 有 {n} 个水深，最多 {MOST_DEPTHS} 个"),
            format!("{key} holds {n} depths; {MOST_DEPTHS} at most"),
            ("减少水深个数", "give fewer depths"),
        );
    }
    let twice = |d: &f64| *d == o.arrival_depth_m || o.arrival_depths_m.iter().filter(|e| *e == d).count() > 1;
    if let Some(depth) = o.arrival_depths_m.iter().find(|d| twice(d)) {
        refuse(
            "SCN-250",
            key,
            format!("水深 {depth} 米给了两次（arrival_depth_m 自动计入）"),
            format!("the depth {depth} m is given twice (arrival_depth_m is always among them)"),
            ("每个水深只写一次", "give each depth once"),
        );
    }
    if !o.arrival_depths_m.is_empty() && !OF_DEPTHS.iter().any(|r| o.has(r)) {
        refuse(
            "SCN-014",
            key,
            format!("“{key}”在这里不起作用：rasters 中没有 arrival、duration 或 ebb"),
            format!("'{key}' has no effect here: rasters has none of arrival, duration, ebb"),
            ("在 rasters 中加上其中之一，或去掉该键", "add one of them to rasters, or remove the key"),
        );
    }
    match &o.debris {
        Some(_) if !o.has("max_hr") => refuse(
            "SCN-014",
            "output.debris",
            "“output.debris”在这里不起作用：rasters 中没有 max_hr".into(),
            "'output.debris' has no effect here: rasters has no max_hr".into(),
            ("在 rasters 中加上 max_hr，或去掉该键", "add max_hr to rasters, or remove the key"),
        ),
        Some(DebrisKey::Number(factor)) if !(0.0..=10.0).contains(factor) => refuse(
            "SCN-011",
            "output.debris",
            format!("output.debris = {factor} 不在允许范围"),
            format!("output.debris = {factor} is out of range"),
            ("应在 0–10 之间", "use 0–10"),
        ),
        Some(DebrisKey::Land(land)) if !DEBRIS.contains(&land.as_str()) => {
            found.push(unknown_value(file, "output.debris", land, &DEBRIS));
        }
        _ => {}
    }
}
