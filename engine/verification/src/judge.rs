//! Verdicts: every metric of every run, and the orders between runs.

use crate::basics::basics;
use crate::check::{OrderCheck, RunChecks, Tolerance};
use crate::measure::measure;
use crate::run::Run;
use crate::source::Wrong;
use serde::Serialize;

/// What became of a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// within its tolerance
    Pass,
    /// beyond it, or the output is absent or wrong
    Fail,
    /// no tolerance: for information
    Info,
    /// the program refuses this scenario by name: nothing is known, nothing is passed
    NotComputed,
}

impl Verdict {
    /// As printed on a line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::Info => "info",
            Self::NotComputed => "not-computed",
        }
    }
    /// Chinese.
    pub fn zh(self) -> &'static str {
        match self {
            Self::Pass => "通过",
            Self::Fail => "未通过",
            Self::Info => "仅供参考",
            Self::NotComputed => "未能计算",
        }
    }
}

/// One comparison with its verdict.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// the run, or `order`
    pub run: String,
    /// the comparison
    pub name: String,
    /// its value; `None` = there is none
    pub value: Option<f64>,
    /// its tolerance; `None` = for information
    pub tolerance: Option<f64>,
    /// the verdict
    pub verdict: Verdict,
    /// why there is no value
    pub why: String,
}

impl Line {
    /// A value held against a limit; NaN fails.
    pub(crate) fn held(run: &str, name: &str, value: f64, limit: Option<f64>) -> Self {
        let verdict = match limit {
            None => Verdict::Info,
            Some(limit) if value <= limit => Verdict::Pass,
            Some(_) => Verdict::Fail,
        };
        Self { run: run.into(), name: name.into(), value: Some(value), tolerance: limit, verdict, why: String::new() }
    }
    pub(crate) fn without(run: &str, name: &str, limit: Option<f64>, verdict: Verdict, why: impl Into<String>) -> Self {
        Self { run: run.into(), name: name.into(), value: None, tolerance: limit, verdict, why: why.into() }
    }
}

/// `RUN METRIC VALUE TOLERANCE VERDICT [why]` in columns, as check_case.py prints it.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let number = |v: Option<f64>| v.map_or_else(|| "-".to_string(), general);
        let (value, limit) = (number(self.value), number(self.tolerance));
        write!(f, "{:<28} {:<34} {value:<14} {limit:<12} {}", self.run, self.name, self.verdict.word())?;
        if !self.why.is_empty() {
            write!(f, "  {}", self.why)?;
        }
        Ok(())
    }
}

/// Six significant digits without trailing zeros, with an exponent below 1e-4 and from 1e6 on (C's `%.6g`).
pub fn general(v: f64) -> String {
    if !v.is_finite() || v == 0.0 {
        return if v.is_nan() { "nan".into() } else { format!("{v}") };
    }
    let scientific = format!("{v:.5e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let power: i32 = exponent.parse().unwrap_or(0);
    let trimmed = |text: &str| {
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text.to_string() }
    };
    if (-4..6).contains(&power) {
        trimmed(&format!("{v:.*}", (5 - power) as usize))
    } else {
        let sign = if power < 0 { '-' } else { '+' };
        format!("{}e{sign}{:02}", trimmed(mantissa), power.abs())
    }
}

/// Judges a run; `run` is the words why its outputs cannot be judged at all.
pub fn judge_run(spec: &RunChecks, run: Result<&Run<'_>, &Wrong>) -> Vec<Line> {
    let stem = spec.stem();
    let failed = |why: &Wrong| vec![Line::without(stem, "outputs", None, Verdict::Fail, &why.0)];
    let run = match run {
        Ok(run) => run,
        Err(why) => return failed(why),
    };
    let precision = run.summary.precision.as_str();
    let mut lines: Vec<Line> = match basics(run, spec) {
        Ok(list) => list.into_iter().map(|(n, v, t)| Line::held(stem, n, v, Some(t.at(precision)))).collect(),
        Err(why) => return failed(&why),
    };
    for check in &spec.checks {
        let limit = check.tol.map(|t: Tolerance| t.at(precision));
        lines.push(match measure(run, &check.metric) {
            Ok(value) => Line::held(stem, &check.name, value, limit),
            Err(why) if limit.is_none() => Line::without(stem, &check.name, None, Verdict::Info, why.0),
            Err(why) => Line::without(stem, &check.name, limit, Verdict::Fail, why.0),
        });
    }
    lines
}

/// The lines of a run that the program refuses by name.
pub fn not_computed(spec: &RunChecks, why: &str) -> Vec<Line> {
    let limit = |t: Tolerance| t.at("f64");
    let line = |name: &str, tol: Option<f64>| Line::without(spec.stem(), name, tol, Verdict::NotComputed, why);
    let mut lines = vec![line("balance_residual", Some(limit(spec.mass)))];
    lines.extend(spec.checks.iter().map(|c| line(&c.name, c.tol.map(limit))));
    lines
}

/// The shortfall of a measured order below the least order, from lines already judged.
pub fn judge_order(order: &OrderCheck, lines: &[Line]) -> Line {
    let name = format!("{} shortfall of {}", order.name, order.least);
    let find = |run: &str| lines.iter().find(|l| l.run == run && l.name == order.name);
    let pair = [find(&order.coarse), find(&order.fine)];
    if pair.iter().flatten().any(|l| l.verdict == Verdict::NotComputed) {
        return Line::without("order", &name, Some(0.0), Verdict::NotComputed, "a run was not computed");
    }
    match pair.map(|l| l.and_then(|l| l.value)) {
        [Some(coarse), Some(fine)] => {
            let measured = observed_order(coarse, fine, order.ratio);
            Line::held("order", &name, (order.least - measured).max(0.0), Some(0.0))
        }
        _ => Line::without("order", &name, Some(0.0), Verdict::Fail, "a run is missing"),
    }
}

/// Order of convergence of two errors whose cells differ by `ratio`; +∞ when the finer error is 0.
pub fn observed_order(coarse: f64, fine: f64, ratio: f64) -> f64 {
    if coarse > 0.0 && fine > 0.0 {
        libm::log(coarse / fine) / libm::log(ratio)
    } else if fine == 0.0 {
        f64::INFINITY
    } else {
        f64::NEG_INFINITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_and_nan_fails() {
        assert_eq!(Line::held("r", "n", 1.0, Some(1.0)).verdict, Verdict::Pass);
        assert_eq!(Line::held("r", "n", 1.1, Some(1.0)).verdict, Verdict::Fail);
        assert_eq!(Line::held("r", "n", f64::NAN, Some(1.0)).verdict, Verdict::Fail);
        assert_eq!(Line::held("r", "n", 1.1, None).verdict, Verdict::Info);
    }

    #[test]
    fn numbers_as_c_prints_them() {
        let cases = [
            (0.0, "0"),
            (1e-6, "1e-06"),
            (0.0001, "0.0001"),
            (1234567.0, "1.23457e+06"),
            (140.0, "140"),
            (0.0123456789, "0.0123457"),
            (999999.5, "1e+06"),
        ];
        for (v, text) in cases {
            assert_eq!(general(v), text);
        }
        let line = Line::held("scenario", "e", 0.5, Some(1.0)).to_string();
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["scenario", "e", "0.5", "1", "pass"]);
    }

    #[test]
    fn orders_come_from_two_runs() {
        let order = OrderCheck { name: "e".into(), coarse: "c".into(), fine: "f".into(), ratio: 2.0, least: 0.65 };
        let line = |run: &str, v: f64| Line::held(run, "e", v, None);
        assert_eq!(judge_order(&order, &[line("c", 4.0), line("f", 2.0)]).verdict, Verdict::Pass);
        let short = judge_order(&order, &[line("c", 4.0), line("f", 3.9)]);
        assert_eq!(short.verdict, Verdict::Fail);
        assert!(short.value.unwrap() > 0.6);
        assert_eq!(judge_order(&order, &[line("c", 4.0)]).verdict, Verdict::Fail);
        let refused = Line::without("f", "e", None, Verdict::NotComputed, "no");
        assert_eq!(judge_order(&order, &[line("c", 4.0), refused]).verdict, Verdict::NotComputed);
        assert_eq!(observed_order(8.0, 2.0, 2.0), 2.0);
    }
}
