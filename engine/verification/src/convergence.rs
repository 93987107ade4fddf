//! Measured orders of convergence.

use crate::book_file::ConvergenceSpec;
use crate::judge::{Line, Verdict, observed_order};
use serde::Serialize;

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

#[cfg(test)]
mod tests {
    use super::*;

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
