//! `check.toml`: what is compared with which tolerance. Unknown metrics and arguments are refused by name.

use crate::metric::Metric;
use dayu_base::{Finding, Text};
use serde::Deserialize;

/// A limit, perhaps by the precision of the state.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Tolerance {
    /// the same for every precision
    Number(f64),
    /// by precision of the state
    ByPrecision {
        /// 64-bit state
        f64: f64,
        /// 32-bit state
        f32: f64,
    },
}

impl Tolerance {
    /// The limit for `"f64"` or `"f32"`.
    pub fn at(self, precision: &str) -> f64 {
        match self {
            Self::Number(v) => v,
            Self::ByPrecision { f64, f32 } => {
                if precision == "f32" {
                    f32
                } else {
                    f64
                }
            }
        }
    }
}

/// One comparison: a value that must not exceed its tolerance, or, without tolerance, only informs.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// name in the report, with its unit at the end
    pub name: String,
    /// what is measured
    pub metric: Metric,
    /// limit; `None` = for information
    pub tol: Option<Tolerance>,
}

/// One scenario and its comparisons.
#[derive(Clone, Debug, PartialEq)]
pub struct RunChecks {
    /// scenario file
    pub scenario: String,
    /// limit of the relative residual of the water balance
    pub mass: Tolerance,
    /// comparisons
    pub checks: Vec<Check>,
}

impl RunChecks {
    /// Name of the run: the scenario file without `.toml`.
    pub fn stem(&self) -> &str {
        self.scenario.strip_suffix(".toml").unwrap_or(&self.scenario)
    }
}

/// Two runs of which the finer must have the smaller error, at least by this order.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCheck {
    /// the comparison in both runs
    pub name: String,
    /// run on larger cells
    pub coarse: String,
    /// run on smaller cells
    pub fine: String,
    /// ratio of the cell sizes
    pub ratio: f64,
    /// least order
    pub least: f64,
}

/// All of `check.toml`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaseChecks {
    /// runs in order
    pub runs: Vec<RunChecks>,
    /// orders that are judged
    pub orders: Vec<OrderCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    run: Vec<RawRun>,
    #[serde(default)]
    order: Vec<OrderCheck>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRun {
    scenario: String,
    mass: Option<Tolerance>,
    #[serde(default)]
    check: Vec<toml::Table>,
}

/// Default limit of the balance's residual.
const MASS: Tolerance = Tolerance::ByPrecision { f64: 1e-9, f32: 1e-6 };

/// Reads `check.toml`.
///
/// # Errors
/// `VER-001` with the key that is wrong.
pub fn parse_checks(file: &str, text: &str) -> Result<CaseChecks, Finding> {
    let wrong = |words: String, place: String| {
        Finding::error(
            "VER-001",
            Text::new(format!("核验清单有误：{words}"), format!("the list of checks is wrong: {words}")),
            Text::new("按所示位置改正 check.toml", "mend check.toml at the place named"),
        )
        .in_file(file)
        .at(place)
    };
    let raw: File = toml::from_str(text).map_err(|e| wrong(e.message().to_string(), String::new()))?;
    let mut runs = Vec::new();
    for run in raw.run {
        let mut checks = Vec::new();
        for table in run.check {
            let name = table.get("name").and_then(toml::Value::as_str).unwrap_or_default().to_string();
            let place = format!("{} {name}", run.scenario);
            checks.push(check(table, name).map_err(|words| wrong(words, place))?);
        }
        runs.push(RunChecks { scenario: run.scenario, mass: run.mass.unwrap_or(MASS), checks });
    }
    Ok(CaseChecks { runs, orders: raw.order })
}

fn check(mut table: toml::Table, name: String) -> Result<Check, String> {
    if name.is_empty() {
        return Err("a check has no name".into());
    }
    table.remove("name");
    let tol = match table.remove("tol") {
        None => None,
        Some(value) => Some(value.try_into::<Tolerance>().map_err(|e| e.message().to_string())?),
    };
    let metric = Metric::parse(table)?;
    Ok(Check { name, metric, tol })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tolerances_follow_the_precision() {
        let c = parse_checks(
            "check.toml",
            "[[run]]\nscenario = \"a.toml\"\nmass = 1e-6\ncheck = [ { name = \"v\", metric = \"volume\", column = \"stored_m3\", value = \"start\", tol = { f64 = 1e-12, f32 = 1e-6 } } ]\n",
        )
        .unwrap();
        let check = &c.runs[0].checks[0];
        assert_eq!((check.tol.unwrap().at("f64"), check.tol.unwrap().at("f32")), (1e-12, 1e-6));
        assert_eq!(c.runs[0].stem(), "a");
        assert_eq!(c.runs[0].mass.at("f32"), 1e-6);
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        for (inside, word) in [
            ("name = \"v\", metric = \"vlume\"", "vlume"),
            ("name = \"v\", metric = \"max\", raster = \"max_depth\", colour = 1", "colour"),
            ("metric = \"max\"", "no name"),
            ("name = \"v\", metric = \"max\", raster = \"max_depth\", tol = \"x\"", "did not match"),
        ] {
            let text = format!("[[run]]\nscenario = \"a.toml\"\ncheck = [ {{ {inside} }} ]\n");
            let e = parse_checks("check.toml", &text).unwrap_err();
            assert_eq!(e.code, "VER-001");
            assert!(e.message.en.contains(word), "{}", e.message.en);
        }
    }
}
