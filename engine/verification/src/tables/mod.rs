//! Cases without a run: `tables.toml` names tables of published or exact answers and the functions of the program that must meet
//! them, and back-tests of warnings against reported events.

mod backtest;
mod infiltration;
mod law;
mod slope;
mod typhoon;

use crate::book::Picture;
use crate::judge::Line;
use crate::norm::{Fold, same};
use crate::picture::HALF;
use crate::plot::chart::{Chart, Manner, Panel, Series};
use crate::plot::{ANSWER, RUNS};
use crate::source::{Folder, Wrong, need};
use crate::table::Table;
use backtest::BackTest;
use dayu_base::{Finding, Text};
use law::Law;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Groups of rows that one picture shows; more would hide each other.
const MOST_GROUPS: usize = 6;

/// All of `tables.toml`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TableChecks {
    table: Vec<TableCheck>,
    backtest: Vec<BackTest>,
}

/// A column of a table that a function must meet.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableCheck {
    /// name in the report
    name: String,
    /// table of the case
    file: String,
    /// what is evaluated
    law: Law,
    /// column with the answer
    column: String,
    /// how a row's error is measured
    #[serde(default)]
    error: Error,
    /// how rows become one number
    #[serde(default = "largest")]
    fold: Fold,
    /// limit; absent = for information
    tol: Option<f64>,
    /// abscissa of the picture; absent = number of the row, no picture when `picture = false`
    x: Option<String>,
    /// columns whose rows are drawn as one line each
    #[serde(default)]
    by: Vec<String>,
    #[serde(default = "yes")]
    picture: bool,
    /// only rows with this value in this column
    rows: Option<(String, f64)>,
    /// what the table leaves to the text of the case
    #[serde(default)]
    given: Given,
}

/// Constants of a case that its tables do not repeat.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Given {
    /// numbers by name
    pub number: BTreeMap<String, f64>,
    /// further files by name
    pub file: BTreeMap<String, String>,
}

impl Given {
    pub fn number(&self, name: &str) -> Result<f64, Wrong> {
        self.number.get(name).copied().ok_or_else(|| Wrong::new(format!("tables.toml: given.number.{name} is missing")))
    }
    pub fn table(&self, case: &dyn Folder, name: &str) -> Result<Table, Wrong> {
        let file =
            self.file.get(name).ok_or_else(|| Wrong::new(format!("tables.toml: given.file.{name} is missing")))?;
        Table::parse(file, &case.text(file)?)
    }
}

/// Error of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Error {
    /// |found − expected| ÷ |expected|; where that is 0, |found|
    #[default]
    Relative,
    /// |found − expected|
    Absolute,
    /// |mean of found ÷ expected − 1| over rows where both are known and positive: one number whatever `fold` says
    MeanBias,
}

fn largest() -> Fold {
    Fold::Max
}
fn yes() -> bool {
    true
}

/// Reads `tables.toml`.
///
/// # Errors
/// `VER-021` with the key that is wrong.
pub fn parse_tables(file: &str, text: &str) -> Result<TableChecks, Finding> {
    toml::from_str(text).map_err(|e| {
        Finding::error(
            "VER-021",
            Text::new(
                format!("核验表清单有误：{}", e.message()),
                format!("the list of tables is wrong: {}", e.message()),
            ),
            Text::new("按所示位置改正 tables.toml", "mend tables.toml at the place named"),
        )
        .in_file(file)
    })
}

/// Verdicts and pictures of the tables and back-tests of a case.
pub fn judge_tables(case: &dyn Folder, checks: &TableChecks) -> (Vec<Line>, Vec<Picture>) {
    let (mut lines, mut pictures) = (Vec::new(), Vec::new());
    for check in &checks.table {
        match evaluate(case, check) {
            Ok(rows) => {
                lines.push(match rows.error(check) {
                    Ok(value) => Line::held(check.law.id(), &check.name, value, check.tol),
                    Err(why) => failed(check, &why),
                });
                pictures.extend(check.picture.then(|| rows.picture(check)));
            }
            Err(why) => lines.push(failed(check, &why)),
        }
    }
    for test in &checks.backtest {
        let (found, drawn) = test.judge(case);
        lines.extend(found);
        pictures.extend(drawn);
    }
    (lines, pictures)
}

fn failed(check: &TableCheck, why: &Wrong) -> Line {
    Line::without(check.law.id(), &check.name, check.tol, crate::judge::Verdict::Fail, &why.0)
}

/// Rows of a table with what the program says.
struct Rows {
    x: Vec<f64>,
    group: Vec<String>,
    expected: Vec<Option<f64>>,
    found: Vec<f64>,
}

fn evaluate(case: &dyn Folder, check: &TableCheck) -> Result<Rows, Wrong> {
    let mut table = Table::parse(&check.file, &case.text(&check.file)?)?;
    if let Some((column, value)) = &check.rows {
        let keep = table.known_numbers(column)?;
        let mut keep = keep.iter().map(|v| v.is_some_and(|v| same(v, *value)));
        table.rows.retain(|_| keep.next().unwrap_or(false));
    }
    need(!table.rows.is_empty(), || format!("{}: no rows", check.file))?;
    let found = check.law.evaluate(case, &table, &check.given)?;
    need(found.len() == table.rows.len(), || {
        format!("{}: {} rows, {} answers", check.file, table.rows.len(), found.len())
    })?;
    let x = match &check.x {
        Some(column) => table.numbers(column)?,
        None => (0..found.len()).map(|k| k as f64).collect(),
    };
    let keys: Vec<Vec<&str>> = check.by.iter().map(|c| table.words(c)).collect::<Result<_, _>>()?;
    let label = |k: usize| {
        let parts: Vec<String> = check.by.iter().zip(&keys).map(|(c, v)| format!("{c} {}", v[k])).collect();
        parts.join(", ")
    };
    let group = (0..found.len()).map(label).collect();
    Ok(Rows { x, group, expected: table.known_numbers(&check.column)?, found })
}

impl Rows {
    fn error(&self, check: &TableCheck) -> Result<f64, Wrong> {
        let pairs = self.expected.iter().zip(&self.found).filter_map(|(e, f)| e.map(|e| (e, *f)));
        if check.error == Error::MeanBias {
            let ratios: Vec<f64> = pairs.filter(|(e, f)| *e > 0.0 && f.is_finite()).map(|(e, f)| f / e).collect();
            need(!ratios.is_empty(), || "nothing to compare".into())?;
            return Ok((ratios.iter().sum::<f64>() / ratios.len() as f64 - 1.0).abs());
        }
        let errors: Vec<f64> =
            pairs.map(|(e, f)| if check.error == Error::Relative && e != 0.0 { (f - e) / e } else { f - e }).collect();
        check.fold.of(&errors)
    }

    /// Answer as circles, the program as a line; of two values per row where the rows have no order, one against the other.
    fn picture(&self, check: &TableCheck) -> Picture {
        let mut groups: Vec<&String> = Vec::new();
        for g in &self.group {
            if !groups.contains(&g) {
                groups.push(g);
            }
        }
        let shown = groups.len().min(MOST_GROUPS);
        let mut series = Vec::new();
        for (k, group) in groups.iter().take(shown).enumerate() {
            let mut rows: Vec<usize> = (0..self.found.len()).filter(|r| self.group[*r] == **group).collect();
            rows.sort_by(|a, b| self.x[*a].total_cmp(&self.x[*b]).then(a.cmp(b)));
            let line =
                rows.iter().filter(|r| self.found[**r].is_finite()).map(|r| (self.x[*r], self.found[*r])).collect();
            let circles = rows.iter().filter_map(|r| Some((self.x[*r], self.expected[*r]?))).collect();
            let label = if group.is_empty() { "dayu".to_string() } else { format!("dayu {group}") };
            let colour = RUNS[k % RUNS.len()];
            series.push(Series { label, colour: colour.into(), manner: Manner::Line, points: line });
            series.push(Series {
                label: "答案 answer".into(),
                colour: ANSWER.into(),
                manner: Manner::Circles,
                points: circles,
            });
        }
        let left_out = groups.len() - shown;
        let more = if left_out > 0 {
            (format!("另有 {left_out} 组未画，同样核验。"), format!(" {left_out} more groups are judged, not drawn."))
        } else {
            (String::new(), String::new())
        };
        let chart = Chart {
            width: HALF,
            x_label: check.x.clone().unwrap_or_else(|| "行 row".into()),
            panels: vec![Panel { y_label: check.column.clone(), height: 190.0, series, zero: false }],
            names: Vec::new(),
            powers: false,
        };
        Picture {
            title: Text::new(check.name.clone(), check.name.clone()),
            caption: Text::new(
                format!("{}：圆圈为公布或精确的答案，线为程序。{}", check.file, more.0),
                format!("{}: circles are the answer, the line is the program.{}", check.file, more.1),
            ),
            wide: false,
            svg: chart.svg(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Verdict;
    use dayu_terrain::Raster;

    struct Memory(&'static str);
    impl Folder for Memory {
        fn text(&self, _: &str) -> Result<String, Wrong> {
            Ok(self.0.into())
        }
        fn raster(&self, name: &str) -> Result<Raster<f64>, Wrong> {
            Err(Wrong::new(name))
        }
    }

    const CHECK: &str = "[[table]]\nname = \"I_relative\"\nfile = \"a.csv\"\nlaw = \"intensity-duration\"\ncolumn = \"I_mmh\"\ntol = 1e-6\nx = \"D_h\"\nby = [\"threshold\"]\n";

    #[test]
    fn a_table_passes_when_met_and_fails_when_not() {
        let checks = parse_tables("tables.toml", CHECK).unwrap();
        let met = Memory("threshold,D_h,I_mmh\nCaine1980,1,14.82\nGuzzetti2008_all,1,2.2\n");
        let (lines, pictures) = judge_tables(&met, &checks);
        assert_eq!((lines.len(), lines[0].verdict, lines[0].value), (1, Verdict::Pass, Some(0.0)));
        assert!(pictures[0].svg.contains("<svg") && pictures[0].svg.contains("Caine1980"));
        let missed = Memory("threshold,D_h,I_mmh\nCaine1980,1,14.9\n");
        assert_eq!(judge_tables(&missed, &checks).0[0].verdict, Verdict::Fail);
        let odd = Memory("threshold,D_h,I_mmh\nNobody,1,14.9\n");
        let (lines, _) = judge_tables(&odd, &checks);
        assert!(lines[0].verdict == Verdict::Fail && lines[0].why.contains("Nobody"), "{:?}", lines[0]);
    }

    #[test]
    fn an_unknown_law_or_key_is_refused() {
        for text in [CHECK.replace("intensity-duration", "intensity"), CHECK.replace("tol", "tolerance")] {
            assert_eq!(parse_tables("tables.toml", &text).unwrap_err().code, "VER-021");
        }
    }
}
