use dayu_base::{Finding, Mark, Text};
use serde::Deserialize;

/// Litres per second and hectare in one millimetre per minute, as the published tables round it (exactly 166.67).
const Q_PER_MM_MIN: f64 = 167.0;

/// One city's rainstorm intensity formula (暴雨强度公式).
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RainFormula {
    /// identifier, as scenarios name it
    pub id: String,
    /// name on products
    pub name: Text,
    /// where it applies
    pub applies: String,
    /// V read in the named document, R recalled: never shown as official
    pub mark: Mark,
    /// document
    pub source: String,
    form: Form,
    /// durations the document covers, min; `None` = not stated
    pub t_range_min: Option<[f64; 2]>,
    #[serde(default)]
    single: Vec<[f64; 4]>,
    #[serde(default)]
    interval: Vec<Interval>,
    k: Option<f64>,
    c: Option<f64>,
    b: Option<f64>,
    n: Option<f64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Form {
    ByPeriod,
    Lg,
}

/// `X(P) = x1 + x2·ln(P − x3)` for A, b and n between two return periods.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Interval {
    p: [f64; 2],
    a: [f64; 3],
    b: [f64; 3],
    n: [f64; 3],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FormulaFile {
    formula: Vec<RainFormula>,
}

/// Mean intensity of a duration for one return period: `i = a / (t + b)^n`, i in mm/min, t in min.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntensityCurve {
    /// mm/min · min^n
    pub a: f64,
    /// min
    pub b: f64,
    /// exponent
    pub n: f64,
}

impl IntensityCurve {
    /// Rain of a duration, mm; 0 for none.
    pub fn depth_mm(&self, t_min: f64) -> f64 {
        if t_min <= 0.0 { 0.0 } else { self.a * t_min / libm::pow(t_min + self.b, self.n) }
    }
    /// Beyond this duration the formula would lose rain again (only for n > 1), min.
    pub fn longest_min(&self) -> f64 {
        if self.n > 1.0 { self.b / (self.n - 1.0) } else { f64::INFINITY }
    }
}

/// Every formula shipped.
///
/// # Errors
/// `SCN-220` when the shipped list does not parse: a defect of the program.
pub fn rain_formulas() -> Result<Vec<RainFormula>, Finding> {
    toml::from_str::<FormulaFile>(include_str!("rainstorm-formulas.toml")).map(|f| f.formula).map_err(|e| {
        Finding::error(
            "SCN-220",
            Text::new(
                format!("内置暴雨强度公式表无法解析：{e}"),
                format!("the shipped list of rain formulas does not parse: {e}"),
            ),
            Text::new("这是程序缺陷，请报告", "this is a defect of the program: report it"),
        )
    })
}

/// The formula with that identifier.
///
/// # Errors
/// `SCN-221` when there is none, with the list.
pub fn rain_formula(id: &str) -> Result<RainFormula, Finding> {
    let all = rain_formulas()?;
    let list = all.iter().map(|f| f.id.as_str()).collect::<Vec<_>>().join(", ");
    all.iter().find(|f| f.id == id).cloned().ok_or_else(|| {
        Finding::error(
            "SCN-221",
            Text::new(format!("没有暴雨强度公式“{id}”"), format!("there is no rain formula '{id}'")),
            Text::new(format!("可用公式：{list}"), format!("formulas: {list}")),
        )
        .field("formula")
    })
}

impl RainFormula {
    /// Return periods the formula covers, years.
    pub fn period_range_a(&self) -> [f64; 2] {
        match self.form {
            Form::ByPeriod => {
                let of = |pick: fn(f64, f64) -> f64, from: f64| self.single.iter().map(|s| s[0]).fold(from, pick);
                [of(f64::min, f64::INFINITY), of(f64::max, f64::NEG_INFINITY)]
            }
            // The documents give these formulas for 1 (some 0.25) to 100 years.
            Form::Lg => [1.0, 100.0],
        }
    }

    /// The curve of a return period: the row of a listed one, else the interval formula.
    ///
    /// # Errors
    /// `SCN-222` when the return period lies outside the formula.
    pub fn curve(&self, return_period_a: f64) -> Result<IntensityCurve, Finding> {
        let [least, most] = self.period_range_a();
        if !(return_period_a >= least && return_period_a <= most) {
            return Err(Finding::error(
                "SCN-222",
                Text::new(
                    format!("重现期 {return_period_a} 年超出公式“{}”的 {least}–{most} 年", self.name.zh),
                    format!("a return period of {return_period_a} a is outside the {least}–{most} a of '{}'", self.id),
                ),
                Text::new(
                    "改用公式范围内的重现期；不外推",
                    "use a return period of the formula; nothing is extrapolated",
                ),
            )
            .field("return_period_a"));
        }
        match self.form {
            Form::ByPeriod => Ok(self.by_period(return_period_a)),
            Form::Lg => {
                let (k, c) = (self.k.unwrap_or(f64::NAN), self.c.unwrap_or(f64::NAN));
                let q = k * (1.0 + c * libm::log10(return_period_a));
                Ok(IntensityCurve { a: q / Q_PER_MM_MIN, b: self.b.unwrap_or(f64::NAN), n: self.n.unwrap_or(f64::NAN) })
            }
        }
    }

    fn by_period(&self, p: f64) -> IntensityCurve {
        if let Some([_, a, b, n]) = self.single.iter().find(|s| (s[0] - p).abs() < 1e-9) {
            return IntensityCurve { a: a / Q_PER_MM_MIN, b: *b, n: *n };
        }
        let at = |x: [f64; 3]| x[0] + x[1] * libm::log(p - x[2]);
        self.interval.iter().find(|i| p >= i.p[0] && p <= i.p[1]).map_or(
            IntensityCurve { a: f64::NAN, b: f64::NAN, n: f64::NAN },
            |i| IntensityCurve { a: at(i.a), b: at(i.b), n: at(i.n) },
        )
    }

    /// What every product that uses the formula must say: a recalled one is unverified (`SCN-223`), a duration outside the
    /// document's range is an extrapolation (`SCN-224`).
    pub fn doubts(&self, longest_min: f64, shortest_min: f64) -> Vec<Finding> {
        let mut doubts = Vec::new();
        if self.mark.is_unofficial() {
            doubts.push(
                Finding::warning(
                    "SCN-223",
                    Text::new(
                        format!("暴雨强度公式“{}”未经核实（{}）：{}", self.name.zh, self.mark.zh(), self.source),
                        format!("the rain formula '{}' is unverified (recalled, no official text read)", self.id),
                    ),
                    Text::new(
                        "使用前请与当地现行标准核对，不得作为官方设计雨引用",
                        "check it against the local standard in force; do not quote it as official",
                    ),
                )
                .field("formula"),
            );
        }
        if let Some([from, until]) = self.t_range_min
            && (longest_min > until + 1e-9 || shortest_min < from - 1e-9)
        {
            doubts.push(
                Finding::warning(
                    "SCN-224",
                    Text::new(
                        format!("公式“{}”适用历时 {from}–{until} min，本处用到 {shortest_min:.0}–{longest_min:.0} min，属外推", self.name.zh),
                        format!("'{}' covers {from}–{until} min; used from {shortest_min:.0} to {longest_min:.0} min: extrapolated", self.id),
                    ),
                    Text::new("缩短历时，或改用长历时设计雨型", "shorten the duration, or use a long-duration design storm"),
                )
                .field("duration_s"),
            );
        }
        doubts
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn depth(id: &str, p: f64, t: f64) -> f64 {
        rain_formula(id).unwrap().curve(p).unwrap().depth_mm(t)
    }

    /// Check values printed with the formulas of the 2024 edition: `[P, t, mm]`.
    #[test]
    fn shenzhen_check_values_to_a_hundredth() {
        let checks: [(&str, &[[f64; 3]]); 4] = [
            (
                "shenzhen-central-2024",
                &[
                    [2.0, 5.0, 12.475],
                    [2.0, 60.0, 59.067],
                    [10.0, 30.0, 58.706],
                    [100.0, 60.0, 110.095],
                    [100.0, 180.0, 190.929],
                ],
            ),
            (
                "shenzhen-west-2024",
                &[[2.0, 5.0, 11.426], [5.0, 30.0, 55.182], [20.0, 60.0, 99.719], [100.0, 180.0, 220.739]],
            ),
            ("shenzhen-east-2024", &[[5.0, 30.0, 50.807], [100.0, 120.0, 176.409]]),
            ("shenzhen-shenshan-2024", &[[5.0, 30.0, 50.423], [20.0, 120.0, 136.770]]),
        ];
        assert_eq!(checks.iter().map(|(_, c)| c.len()).sum::<usize>(), 13);
        for (id, rows) in checks {
            for [p, t, mm] in rows {
                let found = depth(id, *p, *t);
                assert!((found - mm).abs() <= 0.01, "{id} P={p} t={t}: {found} against {mm}");
            }
        }
    }

    #[test]
    fn the_interval_formula_joins_the_single_rows() {
        for formula in rain_formulas().unwrap().iter().filter(|f| f.mark == Mark::Read) {
            for p in [4.0, 7.0, 15.0, 40.0, 70.0] {
                for t in [5.0, 30.0, 60.0, 180.0] {
                    let at = |p: f64| formula.curve(p).unwrap().depth_mm(t);
                    let near: Vec<f64> = formula.single.iter().map(|s| s[0]).collect();
                    let below = near.iter().copied().filter(|s| *s < p).fold(0.0, f64::max);
                    let above = near.iter().copied().filter(|s| *s > p).fold(f64::INFINITY, f64::min);
                    // The two sets of coefficients are fitted apart: they agree within a few per cent.
                    assert!(at(p) > 0.97 * at(below) && at(p) < 1.03 * at(above), "{} P={p} t={t}", formula.id);
                }
            }
        }
    }

    #[test]
    fn unknown_formula_and_period_are_refused() {
        assert_eq!(rain_formula("atlantis").unwrap_err().code, "SCN-221");
        let f = rain_formula("shenzhen-central-2024").unwrap();
        for p in [0.5, 101.0, f64::NAN, -3.0] {
            assert_eq!(f.curve(p).unwrap_err().code, "SCN-222", "{p}");
        }
    }

    #[test]
    fn recalled_formulas_say_so() {
        for f in rain_formulas().unwrap() {
            let said = f.doubts(60.0, 5.0).iter().any(|d| d.code == "SCN-223");
            assert_eq!(said, f.mark.is_unofficial(), "{}", f.id);
            assert!(!f.curve(5.0).unwrap().depth_mm(60.0).is_nan());
        }
        let f = rain_formula("shenzhen-central-2024").unwrap();
        assert_eq!(f.doubts(1440.0, 5.0)[0].code, "SCN-224");
    }
}
