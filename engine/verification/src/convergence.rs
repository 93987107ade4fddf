//! Measured orders of convergence.

use crate::book::CaseReport;
use crate::book_file::ConvergenceSpec;
use crate::judge::{Line, Verdict, observed_order};
use serde::Serialize;
use std::fmt::Write;

/// One resolution.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resolution {
    /// the run
    pub run: String,
    /// cell, m
    pub cell_m: f64,
    /// error; `None` = not computed
    pub error: Option<f64>,
    /// order between this and the coarser one before; `None` = unknown
    pub order: Option<f64>,
}

/// Errors on cells of several sizes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Convergence {
    /// the comparison
    pub check: String,
    /// coarse to fine
    pub resolutions: Vec<Resolution>,
    /// why something is missing
    pub why: String,
}

/// Orders from lines already judged.
pub fn measured(spec: &ConvergenceSpec, lines: &[Line]) -> Convergence {
    let mut list: Vec<Resolution> = Vec::new();
    let mut why = String::new();
    for (run, cell_m) in spec.runs.iter().zip(&spec.cells_m) {
        let line = lines.iter().find(|l| l.run == *run && l.name == spec.check);
        match line {
            Some(l) if l.verdict == Verdict::NotComputed => why.clone_from(&l.why),
            Some(l) if l.value.is_none() => why.clone_from(&l.why),
            None => why = format!("no '{}' in run '{run}'", spec.check),
            Some(_) => {}
        }
        let error = line.and_then(|l| l.value);
        let before = list.last().and_then(|r: &Resolution| r.error.map(|e| (e, r.cell_m)));
        let order = match (before, error) {
            (Some((coarse, size)), Some(fine)) if coarse > 0.0 && fine > 0.0 => {
                Some(observed_order(coarse, fine, size / cell_m))
            }
            _ => None,
        };
        list.push(Resolution { run: run.clone(), cell_m: *cell_m, error, order });
    }
    Convergence { check: spec.check.clone(), resolutions: list, why }
}

/// All measured orders as one Markdown table, cases in the order of the book: docs/convergence.md holds it word for word.
pub fn convergence_table(cases: &[CaseReport]) -> String {
    let mut table = String::from(
        "| 算例 case | 方程 equations | 误差 error | 单元 cells m | 误差值 errors | 阶 order |\n| --- | --- | --- | --- | --- | --- |\n",
    );
    for (case, c) in cases.iter().flat_map(|case| case.convergence.iter().map(move |c| (case, c))) {
        let scheme = c.resolutions.first().and_then(|r| case.runs.iter().find(|run| run.stem == r.run));
        let all =
            |figure: &dyn Fn(&Resolution) -> String| c.resolutions.iter().map(figure).collect::<Vec<_>>().join(" / ");
        let orders = c.resolutions.iter().skip(1).map(|r| r.order.map_or("—".into(), |o| format!("{o:.2}")));
        let _ = writeln!(
            table,
            "| `{}` | {} | `{}` | {} | {} | {} |",
            case.name,
            scheme.map_or("—", |run| run.scheme.as_str()),
            c.check,
            all(&|r| r.cell_m.to_string()),
            all(&|r| r.error.map_or("—".into(), |e| if e < 0.1 { format!("{e:.2e}") } else { format!("{e:.3}") })),
            orders.collect::<Vec<_>>().join(" / "),
        );
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::RunReport;
    use crate::readme::Readme;
    use dayu_base::Text;

    #[test]
    fn the_table_leaves_out_what_was_not_measured() {
        let resolution = |run: &str, cell_m: f64, error: Option<f64>, order: Option<f64>| Resolution {
            run: run.into(),
            cell_m,
            error,
            order,
        };
        let run = RunReport {
            stem: "a".into(),
            title: Text::default(),
            scheme: "dynamic".into(),
            cell_m: Some(10.0),
            facts: None,
            why: Text::default(),
        };
        let case = CaseReport {
            name: "c".into(),
            title: Text::default(),
            purpose: Text::default(),
            kind: Text::default(),
            readme: Readme::default(),
            runs: vec![run],
            lines: Vec::new(),
            peers: Vec::new(),
            convergence: vec![Convergence {
                check: "e_m".into(),
                resolutions: vec![
                    resolution("a", 10.0, Some(0.0123), None),
                    resolution("b", 5.0, Some(4.1e-5), Some(2.043)),
                    resolution("d", 2.5, None, None),
                ],
                why: String::new(),
            }],
            pictures: Vec::new(),
        };
        let table = convergence_table(&[case]);
        assert_eq!(table.lines().count(), 3);
        let last = "| `c` | dynamic | `e_m` | 10 / 5 / 2.5 | 1.23e-2 / 4.10e-5 / — | 2.04 / — |";
        assert_eq!(table.lines().last(), Some(last));
    }

    #[test]
    fn halved_errors_are_first_order() {
        let spec = ConvergenceSpec {
            check: "e".into(),
            runs: vec!["a".into(), "b".into(), "c".into()],
            cells_m: vec![20.0, 10.0, 5.0],
        };
        let line = |run: &str, value: Option<f64>| Line {
            run: run.into(),
            name: "e".into(),
            value,
            tolerance: None,
            verdict: if value.is_some() { Verdict::Info } else { Verdict::NotComputed },
            why: if value.is_some() { String::new() } else { "refused".into() },
        };
        let c = measured(&spec, &[line("a", Some(4.0)), line("b", Some(2.0)), line("c", None)]);
        assert_eq!(c.resolutions[1].order, Some(1.0));
        assert_eq!((c.resolutions[2].error, c.resolutions[2].order, c.why.as_str()), (None, None, "refused"));
    }
}
